"""Every importer once through the program itself: one sentence, exit 2, no traceback, in bounded memory and time."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fuzz.spoilt import bomb
from tests.terminal.harness import ROOT

MOST_MEMORY = 600_000_000
"""Bytes of address space that a command gets; 300 MB of it are libraries."""
NOISE = bytes(range(256)) * 40

IMPORTERS: dict[str, list[str]] = {
    "policy": ["init", "--policy", "FILE"],
    "people": ["init", "--policy", "twelve-hour", "--people", "FILE"],
    "adopt": ["roster", "adopt", "FILE", "--from", "2030-01-01"],
    "calendar": ["roster", "import-calendar", "FILE"],
    "sheet": ["roster", "import", "FILE", "--month", "2026-11"],
    "rates": ["allowance", "rates", "FILE", "--from", "2030-01-01"],
    "key": ["people", "add", "eng-x", "X", "--ssh-key", "FILE"],
    "pin": ["people", "pin", "chief", "--pin-file", "FILE"],
    "restore": ["restore", "FILE", "--yes"],
    "config": ["now"],
}
FRESH = {"policy", "people"}
"""What makes a new desk."""


def limited() -> None:
    """Give the child no more memory than a file may cost."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))


Run = Callable[[str, bytes], subprocess.CompletedProcess[str]]


@pytest.fixture
def run(desk_template: Path, tmp_path: Path) -> Run:
    """Return how to let an importer read some bytes."""

    def call(importer: str, content: bytes) -> subprocess.CompletedProcess[str]:
        file, desk = tmp_path / "file", tmp_path / "desk.sqlite"
        file.write_bytes(content)
        desk.unlink(missing_ok=True)
        if importer not in FRESH:
            shutil.copy(desk_template, desk)
        words = [str(file) if word == "FILE" else word for word in IMPORTERS[importer]]
        env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": str(tmp_path)}
        if importer == "config":
            env["DUTYDESK_CONFIG"] = str(file)
        return subprocess.run(
            [sys.executable, "-m", "dutydesk", "--lang", "en", "--db", str(desk), "--login", "chief", *words],
            cwd=ROOT,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
            preexec_fn=limited,
        )

    return call


def check(answer: subprocess.CompletedProcess[str], said: str = "") -> None:
    """Check that the file was refused, in sentences."""
    assert answer.returncode == 2, answer
    assert "Traceback" not in answer.stderr
    assert "inside the program" not in answer.stderr
    assert "--help" not in answer.stderr
    assert answer.stderr.endswith((".\n", "]\n"))
    assert said in answer.stderr, answer.stderr


@pytest.mark.parametrize("importer", IMPORTERS)
def test_noise_is_one_sentence(run: Run, importer: str) -> None:
    answer = run(importer, NOISE)
    check(answer)
    assert answer.stderr.count("\n") == 1


SENTENCES = [
    ("policy", b"x = " + b"[" * 300_000, ", line 1: this is nested too deeply."),
    ("people", b"[[people]]\nlogin = 'a'\nname = 9\n", "[[people]] 1: name must be a text in quotation marks."),
    ("calendar", "# 值班\nname = '值班'\n".encode("gbk"), ", line 1: this is not UTF-8;"),
    ("adopt", b"#" * 50_000_000, " is larger than 500 kB."),
    ("rates", b"a" + b".a" * 20_000 + b" = 1", ", line 1: this is nested too deeply."),
    ("config", b"db = 1", ": db must be a text in quotation marks."),
    ("restore", b"", " is not a Duty Desk database."),
]


@pytest.mark.parametrize(("importer", "content", "said"), SENTENCES)
def test_the_sentence_says_where(run: Run, importer: str, content: bytes, said: str) -> None:
    check(run(importer, content), said)


@pytest.mark.parametrize("megabytes", [10, 100])
def test_a_workbook_that_is_a_bomb(run: Run, megabytes: int) -> None:
    """Half a megabyte that unpacks to hundreds: refused before it is unpacked, or after five thousand rows."""
    check(run("sheet", bomb(megabytes)))


@pytest.mark.parametrize(
    ("importer", "device"),
    [
        ("adopt", "/dev/zero"),
        ("sheet", "/dev/zero"),
        ("key", "/proc/self/mem"),
        ("adopt", "/"),
        ("key", "~nobody-here/x"),
    ],
)
def test_what_is_no_file(desk_template: Path, tmp_path: Path, importer: str, device: str) -> None:
    """A device without an end, a folder, somebody's home who does not exist: a sentence as well."""
    desk = Path(shutil.copy(desk_template, tmp_path / "desk.sqlite"))
    words = [device if word == "FILE" else word for word in IMPORTERS[importer]]
    answer = subprocess.run(
        [sys.executable, "-m", "dutydesk", "--lang", "en", "--db", str(desk), "--login", "chief", *words],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        preexec_fn=limited,
    )
    check(answer)
    assert answer.stderr.count("\n") == 1
