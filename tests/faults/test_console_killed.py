"""kill -9 at random moments of typing at the real console: what stood on the screen as saved is saved."""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.damage import holds, rows
from tests.terminal.harness import Terminal

SEED = 20261122
CLEAR = "\x15"
"""What takes away the draft of the one who was killed."""


class Typist:
    """Somebody who writes lines and reports incidents without end; what he saw confirmed is remembered.

    After `actions` of them his console is killed within `seconds`, whatever he is doing then.
    """

    def __init__(self, term: Terminal, turn: int, actions: int, seconds: float) -> None:
        self.term = term
        self.turn = turn
        self.lines: list[str] = []
        self.incidents: list[str] = []
        self._left = actions
        self.killer = threading.Timer(seconds, term.process.kill)

    def type_until_killed(self) -> None:
        """Type until the console is no longer there."""
        try:
            for number in range(200):
                self._line(f"visitor {self.turn}-{number} 来访")
                self._incident(f"printer {self.turn}-{number} jams")
        except (AssertionError, OSError):
            if not self.killer.is_alive() and self.term.process.poll() is None:
                raise
            assert self.term.process.wait(10) == -9

    def _line(self, text: str) -> None:
        self.term.write("1")
        self.term.wait_for("> l writes a line")
        self.term.write("l")
        self.term.wait_for("enter Write it")
        self.term.write(f"{CLEAR}{text}")
        self.term.wait_for(f"> {text}")
        self.term.write("\r")
        self.term.wait_for(lambda screen: "> l writes a line" in screen and text in screen)
        self._saw(self.lines, text)

    def _incident(self, title: str) -> None:
        self.term.write("n")
        self.term.wait_for("New incident")
        self.term.write(f"{CLEAR}{title}")
        self.term.wait_for(title)
        self.term.write("\x1b[21~")
        self.term.wait_for(lambda screen: "Opened, P3" in screen and "New incident" not in screen)
        self._saw(self.incidents, title)

    def _saw(self, confirmed: list[str], text: str) -> None:
        confirmed.append(text)
        self._left -= 1
        if self._left == 0:
            self.killer.start()


@pytest.fixture
def typists(console: Callable[..., Terminal]) -> Iterator[Callable[..., Typist]]:
    """Return how somebody types at a console of his own until it is killed."""
    begun: list[Typist] = []

    def typed(turn: int, actions: int, seconds: float) -> Typist:
        begun.append(Typist(console(size=(100, 30)), turn, actions, seconds))
        begun[-1].type_until_killed()
        return begun[-1]

    yield typed
    for typist in begun:
        typist.killer.cancel()


@pytest.mark.parametrize("kills", [3, pytest.param(30, marks=pytest.mark.soak)])
def test_killed_while_somebody_types(typists: Callable[..., Typist], desk_file: Path, kills: int) -> None:
    """All that was confirmed is there once, in its order; at most the one thing under way is there besides."""
    dice = random.Random(SEED + kills)
    lines: list[str] = []
    incidents: list[str] = []
    for turn in range(kills):
        typist = typists(turn, dice.randint(1, 3), dice.uniform(0.0, 0.6))
        lines += typist.lines
        incidents += typist.incidents
        assert holds(desk_file)
        written = [text for (text,) in rows(desk_file, "select text from log_entry where kind = 'note' order by id")]
        opened = [title for (title,) in rows(desk_file, "select title from incident order by id")]
        assert [text for text in written if text in lines] == lines
        assert [title for title in opened if title in incidents] == incidents
        under_way = [text for text in (*written, *opened) if text not in lines and text not in incidents]
        assert len(under_way) <= turn + 1
        assert all(re.fullmatch(r"(visitor|printer) \d+-\d+ (来访|jams)", text) for text in under_way)
        numbers = [number for (number,) in rows(desk_file, "select number from incident order by id")]
        assert [int(number.rpartition("-")[2]) for number in numbers] == list(range(1, len(numbers) + 1))
    assert len(lines) + len(incidents) >= kills
