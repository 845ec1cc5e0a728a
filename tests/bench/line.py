"""What each screen and key sends down a slow line: bytes at 80×24, as a terminal at the end of an SSH line has it.

At 9,600 bit/s about 1,000 bytes pass in a second. `ssh -C` is told beside it: one deflate stream over the whole
session, flushed with every burst, as OpenSSH does it.
"""

from __future__ import annotations

import subprocess
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dutydesk.ui.places import PLACES
from tests.bench import desks
from tests.bench.recorder import Recorder, Settled
from tests.bench.report import Measured, middle
from tests.terminal.harness import ROOT

SIZE = (80, 24)
SSH = {"SSH_CONNECTION": "10.0.0.9 5022 10.0.0.1 22"}
COLOURS: dict[str, dict[str, str]] = {
    "16 colours": {"TERM": "linux", "COLORTERM": ""},
    "256 colours": {"TERM": "xterm-256color", "COLORTERM": ""},
    "true colour": {"TERM": "xterm-256color", "COLORTERM": "truecolor"},
}
"""Terminals by the colours they have."""
DOWN, PAGE_DOWN, ESCAPE = "\x1b[B", "\x1b[6~", "\x1b"
LETTERS = "core switch in room B does not answer"
FIRST_PAINT, SCREEN, FORM, PAGE = 5500.0, 4800.0, 2700.0, 2200.0
LIST_KEY, EDGE_KEY, LETTER, NEWS = 600.0, 600.0, 120.0, 400.0
"""Budgets in bytes, of which 1,000 are a second, for the most colours; fewer colours take fewer."""


class Packed:
    """Counts what a burst is after `ssh -C`: the stream remembers what went before."""

    def __init__(self) -> None:
        self._deflate = zlib.compressobj(6)
        self._chunk = 0

    def rest_of(self, recorder: Recorder) -> int:
        """Return how many bytes all that came since the last call are on the wire."""
        data = b"".join(data for _at, data in recorder.chunks[self._chunk :])
        self._chunk = len(recorder.chunks)
        return len(self._deflate.compress(data)) + len(self._deflate.flush(zlib.Z_SYNC_FLUSH))


class Session:
    """A console whose bursts are counted plain and packed."""

    def __init__(self, recorder: Recorder, colours: str) -> None:
        self.recorder, self.colours = recorder, colours
        self.packed = Packed()
        self.first = self.packed.rest_of(recorder)

    def press(self, keys: str, quiet: float = 0.25, first: float = 2.0) -> tuple[int, int]:
        """Type keys; return the bytes they cost, plain and packed."""
        self.packed.rest_of(self.recorder)
        settled: Settled = self.recorder.press(keys, quiet, first)
        return settled.bytes, self.packed.rest_of(self.recorder)

    def row(self, what: str, sizes: list[tuple[int, int]], budget: float, detail: str = "") -> Measured:
        """Return a value: the median of what was counted."""
        plain, packed = middle(size for size, _ in sizes), middle(size for _, size in sizes)
        told = f"with ssh -C {packed:.0f}" + (f"; {detail}" if detail else "")
        return Measured(f"{what}, {self.colours}", plain, "B", budget, told, tuple(float(size) for size, _ in sizes))


@contextmanager
def opened(desk: Path, home: Path, colours: str) -> Iterator[Session]:
    """Open the console as over SSH, in a terminal with so many colours."""
    words = ("-m", "dutydesk", "--db", str(desk), "--login", desks.LOGIN)
    with Recorder.python(*words, home=home, size=SIZE, env=SSH | COLOURS[colours]) as recorder:
        recorder.await_paint()
        if recorder.process.poll() is not None or "1 " not in recorder.text():
            raise RuntimeError(f"the console did not open:\n{recorder.text()}")
        yield Session(recorder, colours)


def measure(desk: Path, home: Path) -> list[Measured]:
    """Count every screen and the common keys, at each number of colours."""
    rows: list[Measured] = []
    for colours in COLOURS:
        with opened(desk, home, colours) as session:
            begun = session.recorder.size_since(0)
            rows.append(session.row("bytes of the first paint", [(begun, session.first)], FIRST_PAINT))
            rows.extend(_screens(session))
            rows.extend(_keys(session))
            rows.append(_news(session, desk))
    return rows


def _screens(session: Session) -> Iterator[Measured]:
    """Go through the numbered screens twice."""
    for what, budget in (("first visit", SCREEN), ("second visit", SCREEN)):
        sizes = {place.name: session.press(place.key, 0.6) for place in (*PLACES[1:], PLACES[0])}
        largest = max(sizes, key=lambda name: sizes[name][0])
        each = ", ".join(f"{name} {size}" for name, (size, _) in sizes.items())
        yield session.row(f"bytes of a screen, {what}, the largest", [sizes[largest]], budget, f"{largest}; {each}")


def _keys(session: Session) -> Iterator[Measured]:
    """Move in a list, turn a page, open a form and type into it."""
    session.press("3")
    session.press("A")
    yield session.row("bytes of a key in a list", [session.press(DOWN, 0.1) for _ in range(8)], LIST_KEY)
    session.press(DOWN * 24, 0.4)
    yield session.row("bytes of a key at the list's edge", [session.press(DOWN, 0.1) for _ in range(8)], EDGE_KEY)
    yield session.row("bytes of a page down", [session.press(PAGE_DOWN) for _ in range(4)], PAGE)
    session.press("1")
    yield session.row("bytes of opening a form", [session.press("n", 0.4)], FORM)
    yield session.row("bytes of a letter in a form", [session.press(letter, 0.1) for letter in LETTERS], LETTER)
    session.press("\x04")
    session.press(ESCAPE, 0.4)


def _news(session: Session, desk: Path) -> Measured:
    """Let another process write a log line while the live shift is shown."""
    sizes = []
    session.press("1", first=0.4)
    for turn in range(3):
        session.packed.rest_of(session.recorder)
        had = len(session.recorder.chunks)
        words = [sys.executable, "-m", "tests.bench.writer", str(desk), "eng-b", f"vendor called again, {turn}"]
        subprocess.run(words, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        session.recorder.read(3)
        session.recorder.settle(0.6)
        sizes.append((session.recorder.size_since(had), session.packed.rest_of(session.recorder)))
    return session.row("bytes of news on the live shift", sizes, NEWS)
