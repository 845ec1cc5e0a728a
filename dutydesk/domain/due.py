"""What must be done next: everything with a time, in one order."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from dutydesk.domain.words import Label

SOON = 3600
"""Seconds before its time from which a thing is soon."""


class DueKind(StrEnum):
    """Where a line of the list leads to."""

    ROUND = "round"
    BACKUP = "backup"
    FOLLOW_UP = "follow_up"
    REPORT = "report"
    ACKNOWLEDGE = "acknowledge"
    MEASURE = "measure"
    HANDOVER = "handover"
    COUNTERSIGN = "countersign"
    COPY = "copy"
    COVER = "cover"
    SWAP = "swap"
    LEAVE = "leave"
    DECIDE_SWAP = "decide_swap"
    OPEN = "open"
    CORRECTION = "correction"


class Level(StrEnum):
    """How near it is."""

    LATE = "late"
    NOW = "now"
    SOON = "soon"
    LATER = "later"


class Due(NamedTuple):
    """One line of what comes next.

    `at` is when it is due (epoch seconds); it counts as late from `late_at` on. `title` is what people wrote, or a
    name in both languages. `number` names the record where it has one. `done` of `total` tells how far a started
    round is, and `started` that a handover waits to be accepted; `missed` says that nobody walked it and nobody has
    said why.
    """

    kind: DueKind
    id: int | None
    title: Label
    at: int
    late_at: int
    number: str = ""
    done: int = 0
    total: int = 0
    started: bool = False
    missed: bool = False

    def level(self, now: int) -> Level:
        """Return how near it is at `now`."""
        if now >= self.late_at:
            return Level.LATE
        if now >= self.at:
            return Level.NOW
        return Level.SOON if self.at - now <= SOON else Level.LATER


ASKED_OF_ME = frozenset(
    {DueKind.COVER, DueKind.SWAP, DueKind.LEAVE, DueKind.DECIDE_SWAP, DueKind.OPEN, DueKind.CORRECTION}
)
"""Leave, swaps and corrections that wait for the person who looks; `at` is since when."""

_WEIGHT = {
    DueKind.REPORT: 0,
    DueKind.ACKNOWLEDGE: 1,
    DueKind.ROUND: 2,
    DueKind.BACKUP: 3,
    DueKind.COPY: 3,
    DueKind.FOLLOW_UP: 4,
    DueKind.MEASURE: 5,
    DueKind.HANDOVER: 6,
    DueKind.COUNTERSIGN: 7,
    DueKind.COVER: 8,
    DueKind.SWAP: 8,
    DueKind.LEAVE: 9,
    DueKind.DECIDE_SWAP: 9,
    DueKind.OPEN: 10,
    DueKind.CORRECTION: 9,
}


def in_order(lines: Iterable[Due], now: int) -> list[Due]:
    """Return the lines in the order they want attention: what is late, what was missed, what is coming, each by time.

    Of the same minute the ones with the law or an alarm behind them come first.
    """

    def place(line: Due) -> tuple[int, int, int, int]:
        group = 1 if line.missed else 0 if line.level(now) is Level.LATE else 2
        return group, line.at // 60, _WEIGHT[line.kind], line.id or 0

    return sorted(lines, key=place)
