"""The console on the terminals there are: usable, or refused with one sentence."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.terminal.harness import Terminal

Open = Callable[..., Terminal]
SAFE = {"LANG": "", "LC_ALL": "", "LC_CTYPE": ""}
"""No locale at all: what is left over SSH when the client sends none."""


def drawn(opened: Terminal) -> bytes:
    """Return what was sent to be shown, without the sequences that place and colour it."""
    return re.sub(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_=>78])", b"", bytes(opened.raw))


def works(opened: Terminal) -> None:
    """Write a line into the log, walk to another screen, leave: everything a person needs works."""
    opened.write("lfan of rack 3 hums\r")
    opened.wait_for("fan of rack 3 hums")
    opened.write("4")
    opened.wait_for(lambda text: text.count("fan of rack 3 hums") == 1)
    opened.write("q")
    assert opened.wait() == 0


@pytest.mark.parametrize(
    "env",
    [
        {"TERM": "xterm-256color"},
        {"TERM": "screen"},
        {"TERM": "tmux-256color", **SAFE},
        {"TERM": "xterm", **SAFE, "LANG": "C"},
        {"TERM": "xterm", **SAFE, "LC_ALL": "POSIX"},
        {"TERM": "xterm-256color", "NO_COLOR": "1"},
    ],
    ids=lambda env: "-".join(filter(None, env.values())),
)
def test_terminals_of_today(console: Open, env: dict[str, str]) -> None:
    """Drawn in Unicode, whatever the locale leaves open."""
    opened = console(env=env)
    assert "───" in opened.text()
    if "NO_COLOR" in env:
        colours = re.findall(rb"[34]8;2;(\d+);(\d+);(\d+)", bytes(opened.raw))
        assert all(max(map(int, each)) - min(map(int, each)) <= 1 for each in colours)
    works(opened)


@pytest.mark.parametrize("term", ["vt100", "vt220", "linux", "unknown", ""])
def test_terminals_of_old(console: Open, term: str) -> None:
    """Not a byte beyond ASCII in English, sixteen colours at most, and all of it works."""
    opened = console(env={"TERM": term, **SAFE})
    assert "---" in opened.text()
    works(opened)
    assert drawn(opened).isascii()
    assert b"38;2;" not in opened.raw


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_console_of_the_machine_speaks_english(console: Open, lang: str) -> None:
    """Its font has no Chinese; the desk says why it speaks English."""
    opened = console(lang=lang, env={"TERM": "linux"}, wait=False, size=(100, 30))
    opened.wait_for("1 Shift")
    if lang == "zh":
        opened.wait_for("This terminal shows no Chinese")
    opened.write("q")
    opened.wait()
    assert drawn(opened).isascii()


def test_a_terminal_in_gbk(console: Open, desk_file: Path) -> None:
    """Chinese goes out and comes in as GBK; what GBK lacks is a question mark; the desk holds what was typed."""
    opened = console(lang="zh", env={"TERM": "xterm", **SAFE, "LANG": "zh_CN.GBK"}, wait=False)
    wait_for_bytes(opened, "值班".encode("gbk"))
    opened.wait_until_quiet(0.3)
    opened.write(b"l" + "三号机柜风扇".encode("gbk") + b"\r")
    wait_for_bytes(opened, "三号机柜风扇".encode("gbk"))
    opened.write("q")
    assert opened.wait() == 0
    assert drawn(opened).decode("gbk")
    assert "值班".encode() not in opened.raw
    import sqlite3

    with sqlite3.connect(desk_file) as desk:
        rows = desk.execute("select text from log_entry where kind = 'note'").fetchall()
    assert rows == [("三号机柜风扇",)]


def wait_for_bytes(opened: Terminal, wanted: bytes) -> None:
    """Wait until some bytes have been sent."""
    end = time.monotonic() + 15
    while wanted not in opened.raw:
        assert time.monotonic() < end, bytes(opened.raw[-500:])
        time.sleep(0.01)


def test_bytes_of_another_encoding_end_nothing(console: Open) -> None:
    """What a terminal sends that is no UTF-8 is passed over: half a character, alt with the eighth bit, Latin-1."""
    opened = console()
    opened.write(b"l\xe9caf\xe9 \xff\xfe\xc3(\x80 \xf8")
    opened.wait_for("caf")
    opened.write(b" ok\r")
    opened.wait_for(lambda text: "ok" in text and "> caf" not in text)
    opened.write("q")
    assert opened.wait() == 0


def test_a_terminal_that_cannot_place_text_is_refused(console: Open) -> None:
    opened = console(env={"TERM": "dumb"}, wait=False, size=(120, 24))
    assert opened.wait() == 2
    assert opened.text().strip() == (
        "TERM=dumb says that this terminal cannot place text; set TERM to what it is: xterm-256color."
    )
    assert b"\x1b[" not in opened.raw


def test_what_was_asked_for_comes_first(console: Open, tmp_path: Path) -> None:
    """The option before the environment, the environment before the config file, all before the terminal."""
    (tmp_path / "config.toml").write_text('ascii = "drawing"\n')
    config = {"DUTYDESK_CONFIG": str(tmp_path / "config.toml")}
    for words, env, plain in [
        (["--ascii", "off"], {"TERM": "linux"}, False),
        (["--ascii", "drawing"], {"DUTYDESK_ASCII": "off"}, True),
        ([], {"DUTYDESK_ASCII": "off", **config}, False),
        ([], config, True),
    ]:
        opened = console(*words, env=env)
        assert ("───" not in opened.text()) is plain, (words, env)
        opened.close()


def test_inside_tmux(desk_file: Path, tmp_path: Path) -> None:
    """In a private tmux: drawn, typed into, resized, and left as it was found."""
    tmux = shutil.which("tmux")
    if tmux is None:
        pytest.skip("there is no tmux here")
    with Terminal(
        [tmux, "-L", f"dutydesk-{tmp_path.name}", "-f", "/dev/null", "new-session", "-x", "100", "-y", "30"],
        size=(100, 30),
        env={"SHELL": "/bin/sh", "HOME": str(tmp_path), "PS1": "$ "},
    ) as opened:
        try:
            opened.wait_until_quiet(0.3)
            import sys

            opened.write(f"{sys.executable} -m dutydesk --db {desk_file} --login eng-a --lang zh\r")
            opened.wait_for("1 值班")
            opened.write("l三号机柜风扇\r")
            opened.wait_for("三号机柜风扇")
            opened.resize(90, 26)
            opened.wait_for(lambda text: len([line for line in text.splitlines() if line.strip()]) > 8)
            opened.write("q")
            opened.wait_for(lambda text: "1 值班" not in text and "--lang zh" in text)
        finally:
            subprocess.run([tmux, "-L", f"dutydesk-{tmp_path.name}", "kill-server"], check=False, capture_output=True)
