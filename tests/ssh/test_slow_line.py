"""80×24 at 200 ms there and back and 9,600 bit/s: slow, and usable; no key is lost and none overtakes another.

What each screen and key sends is counted by `make bench`; here a person works down such a line, as OpenSSH sends it.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import pytest

from tests.ssh.conftest import PIN, Sessions
from tests.ssh.server import Server
from tests.ssh.slowline import SlowLine
from tests.terminal.harness import Terminal

ECHO, SWITCH, FORM = 1.0, 4.0, 6.0
"""Seconds until a typed letter stands on the screen, another screen is complete, a form is open (medians; the worst of
screens and forms). Half of a second of every one is the way there and back and what SSH adds to a packet."""
QUIET = 0.7
"""Seconds of silence after which a screen is complete: more than there and back."""
SENTENCE = "SW1 交换机 restarted by itself, ward 5 & 6 are offline"


@pytest.fixture
def line(server: Server) -> Iterator[SlowLine]:
    """Put a slow line before the server."""
    with SlowLine(server.port) as slow:
        yield slow


def timed(term: Terminal, keys: str, wanted: Callable[[str], bool] | str) -> float:
    """Type keys; return the seconds until what is wanted stands on the screen."""
    begin = time.monotonic()
    term.write(keys)
    term.wait_for(wanted, timeout=30)
    return time.monotonic() - begin


def complete(term: Terminal, key: str, sign: str) -> float:
    """Go to another screen; return the seconds until it is complete: its sign is there, nothing comes any more."""
    begin = latest = time.monotonic()
    before = size = len(term.raw)
    term.write(key)
    while size == before or time.monotonic() - latest < QUIET:
        assert time.monotonic() - begin < 30, term.text()
        time.sleep(0.01)
        seen = sign in term.text()
        if len(term.raw) != size or not seen:
            size, latest = len(term.raw), time.monotonic()
    return latest - begin


def echoes(term: Terminal, text: str, before: str) -> list[float]:
    """Type a text, each letter when the one before it is seen; return the seconds of each."""
    took = []
    shown = before
    for letter in text:
        shown += letter
        wanted = shown.rstrip()
        took.append(timed(term, letter, lambda seen, wanted=wanted: wanted in seen))
    return took


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "ssh -C"])
def test_a_shift_begins_down_a_slow_line(session: Sessions, line: SlowLine, desk_file: Path, packed: bool) -> None:
    begin = time.monotonic()
    term = session(*(("-C",) if packed else ()), port=line.port)
    opened = time.monotonic() - begin
    switches = [
        complete(term, key, sign)
        for key, sign in (("3", "No open inc"), ("6", "Sun"), ("3", "No open inc"), ("1", "To do"))
    ]
    signing = timed(term, "s", lambda text: "You are not planned" in text or "PIN" in text)
    if "not planned" in term.text():
        signing = timed(term, "y", "PIN")
    timed(term, f"{PIN}\r", "signed in")
    asked = timed(term, "l", lambda text: "> l writes a line" not in text and ">" in text.splitlines()[-3])
    letters = echoes(term, "ward 5", "> ")
    term.write(SENTENCE + "\r")
    timed(term, "", lambda text: SENTENCE[-8:] in text and "> l writes" in text)
    form = complete(term, "n", "New incident")
    term.write("core switch\x7f\x7f\x7f\x7f\x7f\x7frouter SW1 交换机")
    timed(term, "", "core router SW1")
    term.write("\x1b[21~")
    timed(term, "", lambda text: "New incident" not in text)
    with sqlite3.connect(desk_file) as db:
        assert [row[0] for row in db.execute("select text from log_entry where text like 'ward 5%'")] == [
            f"ward 5{SENTENCE}"
        ]
        assert [row[0] for row in db.execute("select title from incident")] == ["core router SW1 交换机"]
    told = (
        f"opened {opened:.1f} s; screens {', '.join(f'{each:.1f}' for each in switches)}; "
        f"PIN asked {signing:.1f}; line asked {asked:.1f}; letters {median(letters):.2f}, worst {max(letters):.2f}; "
        f"form {form:.1f}; {line.sent['down']} bytes down, {line.sent['up']} up"
    )
    print(told)
    assert median(letters) < ECHO, told
    assert max(switches) < SWITCH, told
    assert max(form, signing) < FORM, told
