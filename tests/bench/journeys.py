"""The screens behind the numbered ones, and how a person reaches them: each measured from key to settled screen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.bench.recorder import Recorder, Settled

ESCAPE, LEFT, ENTER = "\x1b", "\x1b[D", "\r"
SUPERVISOR = "chief"
SEARCH = "SW1\r"
"""Fills a page of either desk: a search that finds less paints less, which would be measured instead."""
LONG = 0.4
"""Quiet after a search: it begins when typing rests."""


class Journey(NamedTuple):
    """A screen: the keys that lead to it from the live shift, and the one that opens it."""

    name: str
    way: tuple[str, ...]
    key: str
    quiet: float = 0.2


JOURNEYS = (
    Journey("shift", ("4",), "1"),
    Journey("rounds", (), "2"),
    Journey("one round's sheet", ("2", LEFT, LEFT), ENTER),
    Journey("incidents", (), "3"),
    Journey("incidents, a search", ("3", "/"), SEARCH, LONG),
    Journey("log", (), "4"),
    Journey("log, a search", ("4", "/"), SEARCH, LONG),
    Journey("handover", (), "5"),
    Journey("earlier handovers", ("5",), "h"),
    Journey("roster", (), "6"),
    Journey("leave and swaps", ("6",), "r"),
    Journey("charts", (), "8"),
    Journey("office", (), "9"),
    Journey("attendance of a month", ("9",), "a"),
    Journey("duty pay of a month", ("9",), "p"),
    Journey("fairness", ("9",), "f"),
)
YEAR_OF_CHARTS = Journey("charts of 365 days", ("8", "r", "r", "r", "e"), "r")
"""From wherever the range stands: to the longest, one back, and the longest again."""


@contextmanager
def opened(desk: Path, home: Path, login: str = SUPERVISOR) -> Iterator[Recorder]:
    """Open the console of a desk and wait for its first paint."""
    words = ("-m", "dutydesk", "--db", str(desk), "--login", login, "--lang", "en")
    with Recorder.python(*words, home=home) as recorder:
        recorder.await_paint()
        if recorder.process.poll() is not None or "1 Shift" not in recorder.text():
            raise RuntimeError(f"the console did not open:\n{recorder.text()}")
        yield recorder


def go(recorder: Recorder, journey: Journey) -> Settled:
    """Go from wherever the console is to a screen; returns what the last key took."""
    for _ in range(4):
        recorder.press(ESCAPE, first=0.15)
    recorder.press("1", quiet=0.1, first=0.5)
    for key in journey.way:
        recorder.press(key, quiet=0.15, first=1.0)
    return recorder.press(journey.key, quiet=journey.quiet)
