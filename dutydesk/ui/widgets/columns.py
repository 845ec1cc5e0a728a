"""Columns of a list as data: what a cell says, how wide it is, and from which terminal width it is shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from dutydesk.locale import _
from dutydesk.ui.widgets.paint import Cell, cells_width, fit, split

MARK_CELLS = 2
"""The cells before the first column, which hold the mark of the selected row."""

GAP = 2
"""The cells between two columns."""

NARROWEST = 6
"""The cells a flexible column keeps when the terminal is too small for all."""


@dataclass(frozen=True)
class Column:
    """One column of a list.

    `title` is an English sentence, translated where it is shown. `width` is in cells; None shares what is left.
    The column is shown on terminals at least `from_width` cells wide. `value(row)` gives the cell; without it the
    attribute `key` of the row is shown. `style(row)` names the style of the cell. One that `lends` is right-aligned and
    leaves the cells it does not need in a row to the column before it.
    """

    key: str
    title: str
    width: int | None
    right: bool = False
    from_width: int = 0
    style: Callable[[Any], str | None] | None = None
    value: Callable[[Any], Cell] | None = None
    lends: bool = False

    def cell(self, row: Any) -> tuple[str, str]:
        """Return what this column says about `row`: text and style name."""
        found = self.value(row) if self.value else getattr(row, self.key)
        text, style = split(found) if isinstance(found, (str, tuple)) else ("" if found is None else str(found), "")
        return text, style or (self.style(row) if self.style else None) or ""


Layout = Sequence[tuple[Column, int]]


def lay_out(columns: Sequence[Column], width: int, terminal: int) -> Layout:
    """Return the columns shown on a terminal and their widths within `width` cells; rows play no part in it."""
    shown = [column for column in columns if column.from_width <= terminal]
    flexible = sum(column.width is None for column in shown)
    room = width - MARK_CELLS - GAP * max(0, len(shown) - 1) - sum(column.width or 0 for column in shown)
    layout: list[tuple[Column, int]] = []
    for column in shown:
        cells = column.width
        if cells is None:
            cells = max(NARROWEST, room // flexible)
            room, flexible = room - cells, flexible - 1
        layout.append((column, cells))
    return layout


def title_cells(layout: Layout) -> list[tuple[str, str]]:
    """Return the line of column titles."""
    titles = [fit(_(column.title), width, right=column.right) for column, width in layout]
    return [(" " * MARK_CELLS + (" " * GAP).join(titles), "")]


def row_cells(layout: Layout, row: Any) -> list[tuple[str, str]]:
    """Return the cells of a row, each exactly as wide as its column, without the mark."""
    said = [(column, width, *column.cell(row)) for column, width in layout]
    cells: list[tuple[str, str]] = []
    lent = 0
    for place, (column, width, text, style) in enumerate(said):
        if place:
            cells.append((" " * GAP, ""))
        room, lent = width - lent, 0
        if place + 1 < len(said) and said[place + 1][0].lends:
            lent = _lent(text, room, said[place + 1])
        cells.append((fit(text, room + lent, right=column.right), style))
    return cells


def _lent(text: str, room: int, lender: tuple[Column, int, str, str]) -> int:
    """Return how many cells of the column behind it a text that is too long for its own takes."""
    _column, width, said, _style = lender
    return max(0, min(cells_width([text]) - room, width - cells_width([said])))
