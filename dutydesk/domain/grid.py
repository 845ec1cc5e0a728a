"""A sheet that somebody made elsewhere: rows of cells with their addresses, and what its days and words mean."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time

from dutydesk.domain import spans
from dutydesk.domain.errors import Invalid
from dutydesk.domain.roster_words import folded

Cell = str | int | float | date | time | None
"""What a cell holds; a `datetime` is a date as well."""
_SHORT = re.compile(r"(\d{1,2})[-/.月](\d{1,2})日?")
_NUMBER = re.compile(r"(\d{1,2})[日号]?")
_MONTH = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})(?!\d)")
_NAMES = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_NAMED = re.compile(rf"({'|'.join(_NAMES)})\s*(\d{{4}})")


@dataclass(frozen=True)
class Grid:
    """One sheet: its rows, its name ("" for a csv) and the other sheets of the file, which are not read."""

    rows: tuple[tuple[Cell, ...], ...]
    name: str = ""
    others: tuple[str, ...] = ()

    def cells(self, row: int) -> Iterator[tuple[int, Cell]]:
        """Yield the cells of a row that hold something, with their columns."""
        for column, value in enumerate(self.rows[row]):
            if value is not None and value != "":
                yield column, value

    def text(self, row: int, column: int) -> str:
        """Return what a cell says, without spaces around it; empty outside the sheet."""
        if column >= len(self.rows[row]):
            return ""
        value = self.rows[row][column]
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return "" if value is None else str(value).strip()


def address(row: int, column: int) -> str:
    """Return the address of a cell as spreadsheets write it: `B7` for row 6, column 1 (both counted from 0)."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"


def whole_day(value: Cell) -> date | None:
    """Return the date that a cell names with its year, else None."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        try:
            return spans.day(value.strip().partition(" ")[0])
        except Invalid:
            return None
    return None


def day_in(value: Cell, month: date | None) -> date | None:
    """Return the date that a cell names; a day alone (`22`, `22日`, `11-22`) is one of the `month`."""
    whole = whole_day(value)
    if whole is not None or month is None or isinstance(value, (date, time)) or value is None:
        return whole
    text = folded(str(int(value)) if isinstance(value, float) and value.is_integer() else str(value))
    try:
        if found := _SHORT.fullmatch(text):
            return date(month.year, int(found[1]), int(found[2]))
        if found := _NUMBER.fullmatch(text):
            return month.replace(day=int(found[1]))
    except ValueError:
        return None
    return None


def named_month(text: str) -> date | None:
    """Return the first day of the month that a title names (`2026年11月`, `2026-11`, `November 2026`), else None."""
    if found := _MONTH.search(text):
        year, month = int(found[1]), int(found[2])
    elif found := _NAMED.search(text.casefold()):
        year, month = int(found[2]), _NAMES.index(found[1]) + 1
    else:
        return None
    return date(year, month, 1) if 1 <= month <= 12 and year > 1900 else None
