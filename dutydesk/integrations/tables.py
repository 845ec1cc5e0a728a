"""Any table as csv or xlsx. What somebody wrote stays text in a spreadsheet, whatever it begins with."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from dutydesk.domain.text import clean, width
from dutydesk.integrations.files import package

Value = str | int | float | Decimal | date | None
_LIVE = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for the begin of a formula; the wide ones become plain when a Chinese Excel reads a csv."""
_LONGEST = 32_000
"""Characters that a cell of a spreadsheet holds, with some room."""
WIDEST = 60
"""Cells that a column takes at most; longer texts wrap."""


@dataclass(frozen=True)
class Column:
    """A column: `key` names it for scripts and stays, `title` is what people read, `form` an Excel number format."""

    key: str
    title: str
    form: str = ""
    right: bool = False


@dataclass(frozen=True)
class Table:
    """A table in words: `rows` are as long as `columns`; `totals` stand below, `notes` below them."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    totals: tuple[Value, ...] = ()
    notes: tuple[str, ...] = ()


def harmless(value: Value) -> Value:
    """Return a value as a csv may hold it: text that would be a formula gets an apostrophe before it."""
    if not isinstance(value, str):
        return value
    text = clean(value, multiline=True)
    return f"'{text}" if value.startswith(_LIVE) or text.startswith(_LIVE) else text


def as_typed(text: str) -> str:
    """Return what stood there before `harmless`."""
    return text[1:] if text.startswith("'") and text[1:].startswith(_LIVE) else text


def to_csv(rows: Iterable[Sequence[Value]], *, mark: bool = True) -> bytes:
    """Return rows as csv in UTF-8; with `mark` it begins with the mark by which Excel knows that."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for row in rows:
        writer.writerow(["" if value is None else harmless(value) for value in row])
    return out.getvalue().encode("utf-8-sig" if mark else "utf-8", "replace")


def table_csv(table: Table, *, mark: bool = True) -> bytes:
    """Return a table as csv: its head and its rows; totals and notes are for people and stay out."""
    return to_csv([tuple(column.title for column in table.columns), *table.rows], mark=mark)


def workbook() -> Any:
    """Return a workbook without sheets."""
    book = package("openpyxl", "excel").Workbook()
    book.remove(book.active)
    return book


def set_cell(cell: Any, value: Value, form: str = "") -> None:
    """Write a value into a cell; text is never taken for a formula, nor when somebody edits the cell later."""
    if isinstance(value, str):
        text = clean(value, multiline=True)[:_LONGEST]
        cell.value = text or None
        if text:
            cell.data_type = "s"
            cell.quotePrefix = text.startswith(_LIVE)
    else:
        cell.value = value
    if form:
        cell.number_format = form


def add_sheet(book: Any, title: str) -> Any:
    """Add a sheet; characters that a sheet's name cannot hold become a dash, and the name is cut to 31."""
    name = "".join("-" if char in "[]:*?/\\" else char for char in clean(title)).strip("'")[:31]
    return book.create_sheet(name or "1")


def save(book: Any) -> bytes:
    """Return a workbook as the bytes of a file."""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def table_xlsx(table: Table) -> bytes:
    """Return a table as a workbook of one sheet."""
    return tables_xlsx([table])


def tables_xlsx(tables: Iterable[Table]) -> bytes:
    """Return tables as a workbook, each on a sheet of its own."""
    book = workbook()
    for table in tables:
        fill_sheet(add_sheet(book, table.title), table)
    return save(book)


def fill_sheet(sheet: Any, table: Table) -> None:
    """Write a table into a sheet: a bold frozen head that repeats on every page, totals and notes below."""
    styles = package("openpyxl.styles", "excel")
    set_cell(sheet.cell(1, 1), table.title)
    sheet.cell(1, 1).font = styles.Font(bold=True, size=14)
    rows = [tuple(column.title for column in table.columns), *table.rows, *([table.totals] if table.totals else ())]
    line = styles.Side(style="thin", color="999999")
    for number, row in enumerate(rows, 2):
        strong = number == 2 or (bool(table.totals) and number == len(rows) + 1)
        for place, (value, column) in enumerate(zip(row, table.columns, strict=True), 1):
            cell = sheet.cell(number, place)
            set_cell(cell, value, column.form if number > 2 else "")
            cell.border = styles.Border(line, line, line, line)
            cell.font = styles.Font(bold=strong)
            across = "right" if column.right else None
            cell.alignment = styles.Alignment(vertical="top", wrap_text=True, horizontal=across)
    for number, note in enumerate(table.notes, len(rows) + 3):
        set_cell(sheet.cell(number, 1), note)
    for place, cells in enumerate(zip(*rows, strict=True), 1):
        letter = sheet.cell(1, place).column_letter
        sheet.column_dimensions[letter].width = min(WIDEST, max(width(str(each or "")) for each in cells) + 3)
    sheet.freeze_panes = "A3"
    on_paper(sheet, "2:2", landscape=len(table.columns) > 5)


def on_paper(sheet: Any, rows: str, *, columns: str = "", landscape: bool = True) -> None:
    """Set a sheet up for A4: one page wide, with the titles that repeat on every page and page numbers."""
    sheet.page_setup.orientation = "landscape" if landscape else "portrait"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = package("openpyxl.worksheet.properties", "excel").PageSetupProperties(
        fitToPage=True
    )
    sheet.print_title_rows = rows
    if columns:
        sheet.print_title_cols = columns
    sheet.oddFooter.center.text = "&P / &N"
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.page_margins.top = sheet.page_margins.bottom = 0.5
    sheet.print_options.horizontalCentered = True
