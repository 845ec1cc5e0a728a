"""Terminal manners: signals, dropped lines, sizes, silence, and refusing where no console can be."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.services.conftest import START
from tests.terminal.harness import ROOT, Terminal

Open = Callable[..., Terminal]
BACK = b"\x1b[?1049l"
"""What brings the person's own screen back."""


def drafts_of(desk: Path) -> str:
    """Return what is kept of unfinished forms."""
    with sqlite3.connect(desk) as db:
        return " ".join(row[0] for row in db.execute("select data from draft"))


def gone(pid: int) -> bool:
    """Return whether a process has ended (and is perhaps not yet waited for)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


def typed_into_a_form(opened: Terminal, text: str) -> None:
    """Open the incident form and type at once: the form takes what was typed before it was there."""
    opened.write(f"n{text}")
    opened.wait_for(text)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_signals_restore_the_terminal_and_keep_the_draft(
    console: Open, desk_file: Path, number: int, code: int
) -> None:
    """The person's screen comes back, the cursor too, and what was typed a moment ago is kept."""
    opened = console()
    typed_into_a_form(opened, "Core switch SW1")
    opened.signal(number)
    assert opened.wait() == code
    assert BACK in opened.raw
    assert b"\x1b[?25h" in opened.raw.rpartition(BACK)[0][-400:] + opened.raw.rpartition(BACK)[2]
    assert "Core switch SW1" in drafts_of(desk_file)


@pytest.mark.parametrize("ignored", [False, True])
def test_a_dropped_line_ends_the_program(console: Open, desk_file: Path, ignored: bool) -> None:
    """The line drops: the program ends with the draft kept, also where SIGHUP came in ignored (nohup and the like)."""
    before = signal.getsignal(signal.SIGHUP)
    if ignored:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        opened = console()
    finally:
        signal.signal(signal.SIGHUP, before)
    typed_into_a_form(opened, "Core switch SW2")
    opened.hang_up()
    assert opened.wait(5) == 129
    assert "Core switch SW2" in drafts_of(desk_file)
    with sqlite3.connect(desk_file) as db:
        assert db.execute("select count(*) from presence").fetchone() == (0,)


@pytest.mark.parametrize("first", [signal.SIGHUP, signal.SIGTERM])
def test_told_to_go_on_while_it_ends_it_ends(console: Open, first: int) -> None:
    """A line that is hung up sends SIGCONT behind SIGHUP; a terminal that is taken again then is never given back."""
    opened = console()
    opened.signal(first)
    for _each in range(200):
        if opened.process.poll() is not None:
            break
        opened.signal(signal.SIGCONT)
        time.sleep(0.005)
    assert opened.wait(5) == 128 + first


def test_told_to_go_on_without_a_stop_it_goes_on(console: Open) -> None:
    """Nothing is begun twice: the same threads, and keys in their order."""
    opened = console()
    threads = len(os.listdir(f"/proc/{opened.pid}/task"))
    opened.signal(signal.SIGSTOP)
    opened.signal(signal.SIGCONT)
    opened.signal(signal.SIGCONT)
    typed_into_a_form(opened, "Core switch SW3")
    assert len(os.listdir(f"/proc/{opened.pid}/task")) == threads


def test_control_c_asks(console: Open) -> None:
    """ctrl+c asks; no goes on, yes leaves with 0."""
    opened = console()
    opened.write("\x03")
    opened.wait_for("Leave the console?")
    opened.write("n")
    opened.wait_for(lambda text: "Leave the console?" not in text)
    opened.write("\x03")
    opened.wait_for("Leave the console?")
    opened.write("y")
    assert opened.wait() == 0
    assert BACK in opened.raw


def test_too_small_and_back(console: Open) -> None:
    """Small sizes say so and lose nothing; keys go nowhere meanwhile."""
    opened = console()
    typed_into_a_form(opened, "Ward 5 printer")
    opened.resize(40, 10)
    opened.wait_for("Too small: 80×24 needed, now 40×10.")
    opened.write("zzz")
    for size in ((12, 3), (1, 1), (200, 5)):
        opened.resize(*size)
        opened.wait_until_quiet(0.1)
    opened.resize(120, 40)
    text = opened.wait_for("Ward 5 printer")
    assert "zzz" not in text
    opened.write("!")
    opened.wait_for("Ward 5 printer!")


@pytest.mark.parametrize("seconds", [0.0, 2.5])
def test_started_too_small(console: Open, seconds: float) -> None:
    """A console that starts in a small window waits for a larger one, soon or late, or leaves with q."""
    opened = console(size=(40, 10), wait=False)
    opened.wait_for("Too small: 80×24 needed, now 40×10.")
    time.sleep(seconds)
    opened.resize(80, 24)
    opened.wait_for("1 Shift")
    opened.resize(60, 24)
    opened.wait_for("Too small")
    opened.write("q")
    assert opened.wait() == 0


def test_drawn_once_at_start(console: Open) -> None:
    """The frame is sent once: nothing is laid out and painted twice on a slow line."""
    opened = console()
    opened.wait_until_quiet(0.5)
    assert opened.raw.count(b"5 Handover") == 1


def beats(desk: Path) -> int:
    """Return when a console last gave a sign of life."""
    with sqlite3.connect(desk) as db:
        return int(db.execute("select max(beat_at) from presence").fetchone()[0])


def test_silent_at_rest(terminal: Open, desk_file: Path) -> None:
    """Ten seconds over a form with a sign of life every second: not a byte, no cursor blinks; then the minute."""
    words = ["--db", str(desk_file), "--login", "eng-a", "--lang", "en"]
    opened = terminal("-m", "tests.terminal.hurried", "beat=1", f"at={START + 40}", "--", *words)
    opened.wait_for("14:32")
    typed_into_a_form(opened, "Core switch")
    opened.wait_until_quiet(1)
    written, alive = len(opened.raw), beats(desk_file)
    time.sleep(10)
    assert len(opened.raw) == written
    assert beats(desk_file) >= alive + 8
    opened.wait_for("14:33")
    opened.wait_until_quiet(1)
    assert len(opened.raw) - written < 4000


def test_nothing_is_animated() -> None:
    """What Textual reads at its import says so before it is imported."""
    script = "from dutydesk.ui.terminal import prepare; prepare(); from textual import constants as c; print(c.%s)"
    argv = [sys.executable, "-c", script % "TEXTUAL_ANIMATIONS"]
    said = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=True)
    assert said.stdout == "none\n"


@pytest.mark.parametrize("way", ["q", "\x03y", signal.SIGTERM, signal.SIGHUP], ids=["q", "ctrl+c", "TERM", "HUP"])
def test_the_terminal_is_left_as_it_was_found(console: Open, way: str | int) -> None:
    """Its own screen, its cursor, its modes, its line discipline; no mouse, no bracketed paste, no new keys."""
    opened = console()
    if isinstance(way, int):
        opened.signal(way)
    else:
        for key in way:
            opened.write(key)
            opened.wait_until_quiet(0.2)
    opened.wait()
    for mode in (1000, 1003, 1006, 1015, 1049, 2004):
        on, off = opened.raw.rfind(b"\x1b[?%dh" % mode), opened.raw.rfind(b"\x1b[?%dl" % mode)
        assert on < off or on < 0, mode
    assert opened.raw.rfind(b"\x1b[?25h") > opened.raw.rfind(b"\x1b[?25l")
    assert opened.raw.rfind(b"\x1b[<u") >= opened.raw.rfind(b"\x1b[>1u")
    assert opened.settings() == fresh_settings()


def fresh_settings() -> list[object]:
    """Return the settings of a terminal that nobody has used."""
    master, slave = os.openpty()
    try:
        return list(termios.tcgetattr(slave))
    finally:
        os.close(master)
        os.close(slave)


def test_quiet_line_under_ssh(console: Open) -> None:
    """Under SSH no mouse is asked for; without it, it is."""
    assert b"\x1b[?1003h" not in console(env={"SSH_CONNECTION": "10.0.0.9 5022 10.0.0.1 22"}).raw
    assert b"\x1b[?1003h" in console().raw


def test_utf8_whatever_the_locale_says(console: Open) -> None:
    """The screen goes out as UTF-8 even where Python would encode otherwise."""
    opened = console(lang="zh", env={"PYTHONIOENCODING": "gbk"})
    assert "值班".encode() in opened.raw


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"login": "nobody"}, "Nobody has the login nobody."),
        ({"db": Path("/nonexistent/desk.sqlite")}, "There is no desk at /nonexistent/desk.sqlite"),
        ({"env": {"SSH_ORIGINAL_COMMAND": "scp -t /tmp"}}, "This login opens the console only"),
    ],
)
def test_cannot_start(console: Open, options: dict, words: str) -> None:
    """One sentence, exit 2, and the person's screen was never taken."""
    opened = console(wait=False, **options)
    assert opened.wait() == 2
    assert words in opened.text().replace("\n", "")
    assert "Traceback" not in opened.text()
    assert b"\x1b[?1049h" not in opened.raw


@pytest.mark.parametrize("redirected", ["stdin", "stderr", "all"])
def test_no_terminal(desk_file: Path, redirected: str, tmp_path: Path) -> None:
    """Without a terminal on both ends: a sentence and exit 2, where others hang for ever."""
    master, slave = os.openpty()
    streams = {"stdin": slave, "stdout": slave, "stderr": slave}
    for name in streams if redirected == "all" else (redirected,):
        streams[name] = subprocess.DEVNULL if name == "stdin" else subprocess.PIPE
    argv = [sys.executable, "-m", "dutydesk", "--db", str(desk_file), "--login", "eng-a", "--lang", "en"]
    env = {**os.environ, "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    process = subprocess.run(argv, **streams, timeout=20, env=env, cwd=ROOT, check=False)
    os.close(slave)
    said = process.stderr or (os.read(master, 4096) if redirected == "stdin" else b"")
    os.close(master)
    assert process.returncode == 2
    assert b"The console needs a terminal" in said


def test_control_l_draws_over_what_another_program_wrote(console: Open) -> None:
    """A `wall` of another program stays where nothing changes; ctrl+l draws everything again, a new size too."""
    opened = console()
    for repair in (lambda: opened.write("\x0c"), lambda: opened.resize(80, 24), lambda: opened.resize(81, 25)):
        opened.scribble("\x1b[10;1H\x1b[1J\x1b[5;1HThe system is going down for reboot NOW!")
        assert "going down" in opened.text()
        assert "1 Shift" not in opened.text()
        repair()
        opened.wait_for(lambda text: "going down" not in text and "1 Shift" in text and "To do next" in text)
