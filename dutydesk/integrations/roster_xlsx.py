"""The roster as a workbook: a sheet a month, people down and days across, and the same as a list.

The colour of a column is the kind of its day, which stands in its head as a word too. A4, landscape, one page wide.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from dutydesk.domain.calendar import DayKind
from dutydesk.domain.text import width
from dutydesk.integrations import tables
from dutydesk.integrations.files import package
from dutydesk.integrations.roster_csv import roster_table
from dutydesk.integrations.roster_month import Month, empty_word, kind_words, month
from dutydesk.locale import _, language, times, word
from dutydesk.services.roster_export import Export

COLOURS = {
    DayKind.WORKDAY: "FFFFFF",
    DayKind.WEEKEND: "DDEBF7",
    DayKind.BRIDGE: "FFF2CC",
    DayKind.STATUTORY: "F8CBAD",
    DayKind.MAKEUP: "E2EFDA",
}
"""Fills that stay apart on a grey printer: none, light, lighter, dark, lightest."""
_HEAD, _FIRST_ROW, _FIRST_DAY = 3, 6, 3
"""Rows 3 to 5 are the head, people begin in row 6, days in column C."""


class _Pen:
    """Writes cells of a month sheet with borders and fills."""

    def __init__(self, sheet: Any) -> None:
        self.sheet = sheet
        self.styles = package("openpyxl.styles", "excel")
        side = self.styles.Side(style="thin", color="808080")
        self.border = self.styles.Border(side, side, side, side)

    def write(self, row: int, column: int, value: tables.Value, **look: Any) -> Any:
        """Write one bordered cell; `kind` fills it, `bold`, `turn`, `across`, `form`, `plain` style it."""
        cell = self.sheet.cell(row, column)
        tables.set_cell(cell, value, look.get("form", ""))
        if not look.get("plain"):
            cell.border = self.border
        if look.get("bold") or look.get("size"):
            cell.font = self.styles.Font(bold=look.get("bold", False), size=look.get("size", 11))
        cell.alignment = self.styles.Alignment(
            horizontal=look.get("across", "center"),
            vertical="center",
            text_rotation=look.get("turn", 0),
            wrap_text=look.get("wrap", False),
        )
        kind = look.get("kind")
        if kind and kind is not DayKind.WORKDAY:
            self.fill(cell, kind)
        return cell

    def fill(self, cell: Any, kind: DayKind) -> None:
        """Colour a cell by a kind of day."""
        cell.fill = self.styles.PatternFill("solid", start_color=COLOURS[kind])


def roster_workbook(export: Export) -> bytes:
    """Return the roster as a workbook: a sheet for each month and one with the list."""
    book = tables.workbook()
    for view in export.views:
        words = month(export, view)
        _draw(tables.add_sheet(book, words.name), words)
    tables.fill_sheet(tables.add_sheet(book, _("List")), roster_table(export))
    return tables.save(book)


def _draw(sheet: Any, words: Month) -> None:
    pen = _Pen(sheet)
    wide = 2 + len(words.days) + len(words.totals)
    for row, text, size in ((1, words.title, 16), (2, words.subtitle, 10)):
        pen.write(row, 1, text, plain=True, bold=row == 1, size=size)
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=wide)
    _head(pen, words)
    below = _people(pen, words)
    _foot(pen, words, below + 1, wide)
    _measure(sheet, words)
    sheet.freeze_panes = sheet.cell(_FIRST_ROW, _FIRST_DAY)
    tables.on_paper(sheet, f"{_HEAD}:{_FIRST_ROW - 1}", columns="A:B")


def _head(pen: _Pen, words: Month) -> None:
    turn = 255 if language() == "zh" else 90
    for column, text in ((1, _("No.")), (2, _("Name"))):
        pen.write(_HEAD, column, text, bold=True)
        for row in (_HEAD + 1, _HEAD + 2):
            pen.write(row, column, None)
        pen.sheet.merge_cells(start_row=_HEAD, start_column=column, end_row=_HEAD + 2, end_column=column)
    for column, day in enumerate(words.days, _FIRST_DAY):
        pen.write(_HEAD, column, datetime(day.day.year, day.day.month, day.day.day), form="d", bold=True, kind=day.kind)
        weekday = _(times.WEEKDAYS[day.day.weekday()])
        pen.write(_HEAD + 1, column, weekday.removeprefix("周"), kind=day.kind)
        pen.write(_HEAD + 2, column, word(day.kind) if day.kind else "", turn=turn, kind=day.kind, size=9)
    for column, text in enumerate(words.totals, _FIRST_DAY + len(words.days)):
        pen.write(_HEAD, column, text, bold=True, turn=turn)
        for row in (_HEAD + 1, _HEAD + 2):
            pen.write(row, column, None)
        pen.sheet.merge_cells(start_row=_HEAD, start_column=column, end_row=_HEAD + 2, end_column=column)


def _people(pen: _Pen, words: Month) -> int:
    """Write the people and what nobody has; returns the row behind them."""
    row = _FIRST_ROW
    for number, person in enumerate(words.rows, 1):
        pen.write(row, 1, number)
        pen.write(row, 2, person.name, across="left")
        _days(pen, row, words, person.cells)
        for column, total in enumerate(person.totals, _FIRST_DAY + len(words.days)):
            pen.write(row, column, total)
        row += 1
    if words.empty:
        pen.write(row, 1, None)
        pen.write(row, 2, empty_word(), bold=True, across="left")
        _days(pen, row, words, words.empty, bold=True)
        for column in range(_FIRST_DAY + len(words.days), _FIRST_DAY + len(words.days) + len(words.totals)):
            pen.write(row, column, None)
        row += 1
    return row


def _days(pen: _Pen, row: int, words: Month, cells: tuple[str, ...], *, bold: bool = False) -> None:
    for column, (day, text) in enumerate(zip(words.days, cells, strict=True), _FIRST_DAY):
        pen.write(row, column, text, kind=day.kind, bold=bold, wrap=True)


def _foot(pen: _Pen, words: Month, row: int, wide: int) -> None:
    for line in _lines(words):
        pen.write(row, 2, line, plain=True, across="left", wrap=True)
        pen.sheet.merge_cells(start_row=row, start_column=2, end_row=row, end_column=wide)
        row += 1
    column = 2
    for kind, text in kind_words():
        pen.write(row, column, text, across="left" if column == 2 else "center", kind=kind, size=9)
        across = 1 if column == 2 else 4
        for more in range(column + 1, column + across):
            pen.write(row, more, None, kind=kind)
        pen.sheet.merge_cells(start_row=row, start_column=column, end_row=row, end_column=column + across - 1)
        column += across
    signs = _("Made by: {line}      Approved by: {line}      Date: {line}", line="_" * 16)
    pen.write(row + 2, 2, signs, plain=True, across="left")
    pen.sheet.merge_cells(start_row=row + 2, start_column=2, end_row=row + 2, end_column=wide)


def _lines(words: Month) -> Iterator[str]:
    meanings = [_("{letter} = {meaning}", letter=letter, meaning=meaning) for letter, meaning in words.letters]
    if meanings:
        yield _("Shifts: {list}", list=_("; ").join(meanings))
    yield from words.notes


def _measure(sheet: Any, words: Month) -> None:
    letters = [sheet.cell(_HEAD, column).column_letter for column in range(1, 3 + len(words.days) + len(words.totals))]
    cells = [cell for person in words.rows for cell in person.cells]
    widest = max((width(cell) for cell in (*cells, *words.empty)), default=1)
    least = 3.6 if language() == "zh" else 4.6
    for number, letter in enumerate(letters):
        sheet.column_dimensions[letter].width = (
            5.2 if number >= 2 + len(words.days) else min(9, max(least, widest + 1.6))
        )
    sheet.column_dimensions["A"].width = 4.5
    sheet.column_dimensions["B"].width = min(24, max([10, *(width(person.name) + 2 for person in words.rows)]))
    sheet.row_dimensions[1].height = 26
    longest = max((width(word(day.kind)) for day in words.days if day.kind), default=4)
    sheet.row_dimensions[_HEAD + 2].height = 7.2 * longest if language() == "zh" else 5.4 * longest
    for row in range(_FIRST_ROW, _FIRST_ROW + len(words.rows) + 1):
        sheet.row_dimensions[row].height = 18
