"""kill -9 while a copy or an archive is being written: nothing has its name, the next one is made.

Progress of the work is shown on a terminal, and only there.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dutydesk.services import archive
from dutydesk.storage.backup import look_into
from tests.terminal.harness import ROOT, Terminal

HALTED = """
import sys, time
from dutydesk.storage import archive, backup

def halt(*args):
    print("half", flush=True)
    time.sleep(60)

{where} = halt
from dutydesk.__main__ import main
sys.exit(main(sys.argv[1:]))
"""
MOMENTS = {
    "the last line of an archive": ("archive.end_of", "archive"),
    "an archive before it has its name": ("backup._name", "archive"),
    "a copy on its way to the disk": ("backup._to_disk", "backup"),
}


def run(*words: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "dutydesk", *words, "--lang", "en"]
    return subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("moment", MOMENTS)
def test_nothing_half_made_has_the_name(moment: str, desk_file: Path, tmp_path: Path) -> None:
    where, command = MOMENTS[moment]
    target = tmp_path / "made"
    words = [command, str(target), "--db", str(desk_file)]
    argv = [sys.executable, "-c", HALTED.format(where=where), *words]
    with subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, text=True) as halted:
        assert halted.stdout is not None
        assert halted.stdout.readline() == "half\n"
        halted.kill()
    assert not target.exists()
    made = run(*words)
    assert (made.returncode, made.stderr) == (0, "")
    assert target.is_file()
    assert not Path(f"{target}.part").exists()
    if command == "archive":
        assert archive.check(target).fault is None
    else:
        assert look_into(target).seq > 0


@pytest.mark.parametrize("command", ["archive", "backup"])
def test_a_place_that_cannot_be_written_is_one_sentence(command: str, desk_file: Path) -> None:
    refused = run(command, "/proc/made", "--db", str(desk_file))
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1
    assert "/proc/made cannot be written" in refused.stderr


def test_progress_is_shown_on_a_terminal(terminal: Callable[..., Terminal], desk_file: Path, tmp_path: Path) -> None:
    made = tmp_path / "made.jsonl.gz"
    term = terminal("-m", "dutydesk", "archive", str(made), "--db", str(desk_file), "--lang", "en")
    term.wait_for("head")
    assert b"Checking audit_entry" in bytes(term.raw)
    assert "Checking" not in term.text()
