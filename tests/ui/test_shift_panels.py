"""Rows of the live shift, each on its own."""

from __future__ import annotations

from collections.abc import Callable

from dutydesk.domain.words import Label
from dutydesk.services.shift_rows import MeasureRow
from dutydesk.ui import marks
from dutydesk.ui.screens.shift_panels import measure_row
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
