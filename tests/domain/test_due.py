"""What comes next: how near a thing is, and in which order things want attention."""

from __future__ import annotations

from dutydesk.domain.due import Due, DueKind, Level, in_order
from dutydesk.domain.words import Label

NOW = 1_000_000_020


def due(kind: DueKind, minutes: int, *, late_after: int = 0, missed: bool = False, key: int = 1) -> Due:
    at = NOW + minutes * 60
    return Due(kind, key, Label("x"), at, at + late_after * 60, missed=missed)


def test_how_near_it_is() -> None:
    levels = [due(DueKind.ROUND, minutes, late_after=30).level(NOW) for minutes in (-31, -30, -29, 0, 1, 60, 61)]
    assert levels == [Level.LATE, Level.LATE, Level.NOW, Level.NOW, Level.SOON, Level.SOON, Level.LATER]


def test_late_things_come_first_then_missed_ones_then_what_is_coming() -> None:
    coming = due(DueKind.ROUND, 20, late_after=30)
    missed = due(DueKind.ROUND, -300, late_after=30, missed=True)
    late = due(DueKind.ACKNOWLEDGE, -7)
    later = due(DueKind.HANDOVER, 300)
    assert in_order([later, missed, coming, late], NOW) == [late, missed, coming, later]


def test_of_the_same_minute_the_law_comes_first() -> None:
    kinds = [DueKind.HANDOVER, DueKind.MEASURE, DueKind.ROUND, DueKind.REPORT]
    assert [line.kind for line in in_order([due(kind, -5) for kind in kinds], NOW)] == [
        DueKind.REPORT,
        DueKind.ROUND,
        DueKind.MEASURE,
        DueKind.HANDOVER,
    ]
