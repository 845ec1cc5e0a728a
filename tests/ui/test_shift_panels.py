"""Rows of the live shift, each on its own."""

from __future__ import annotations

from collections.abc import Callable

from dutydesk.domain.shift import DutyState
from dutydesk.domain.words import Label
from dutydesk.services.shift_rows import MeasureRow
from dutydesk.services.shift_views import AssignedView, ShiftView
from dutydesk.ui import marks
from dutydesk.ui.screens.shift_panels import measure_row, relief_rows
from tests.ui.conftest import START

OWNER = Label("甲工", "Eng. A")


def test_a_measure_past_its_end_has_a_mark_and_says_so(at: Callable[[int], None]) -> None:
    """No state is told by colour alone."""
    at(START)
    running = measure_row(MeasureRow(1, "TM-1", "TEMP-B muted", START - 60, START + 3600, OWNER, 0), START)
    over = measure_row(MeasureRow(1, "TM-1", "TEMP-B muted", START - 7200, START - 3600, OWNER, 2), START)
    assert [str(cell[0]) for cell in (*running.right, *over.right)] == ["until 15:32", "was to end 13:32"]
    assert running.left[0] == "  "
    assert over.left[0] == (f"{marks.LATE} ", "error")


def test_who_takes_over_within_the_shift_stands_with_what_comes(at: Callable[[int], None]) -> None:
    at(START)
    noon = START + 3600
    first = AssignedView(1, "eng-a", OWNER, "", "", DutyState.ON, to_at=noon)
    second = AssignedView(2, "eng-b", Label("乙工", "Eng. B"), "", "", DutyState.EXPECTED, from_at=noon)
    shift = ShiftView(1, "2026-11-22", "day", Label("白班", "Day"), START - 3600, noon + 3600, (second, first))
    assert [[str(cell[0]) for cell in row.left[:2]] for row in relief_rows(shift, START)] == [["  ", "15:32 Day  "]]
    assert relief_rows(shift, START)[0].left[2] == "Eng. B"
    assert relief_rows(shift, noon) == []
