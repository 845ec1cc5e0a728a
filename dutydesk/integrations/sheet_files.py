"""A csv or xlsx that somebody made elsewhere, read as a grid; whatever the file holds, the answer is a sentence."""

from __future__ import annotations

import csv
import io
import os
import warnings
import zipfile
from collections.abc import Sequence
from itertools import islice
from typing import Any

from dutydesk.domain.errors import Invalid, NotFound
from dutydesk.domain.grid import Cell, Grid
from dutydesk.domain.words import N_
from dutydesk.integrations.files import package
from dutydesk.integrations.tables import as_typed

MOST_BYTES, MOST_UNPACKED = 8_000_000, 16_000_000
"""Bytes of a file, and of all that is packed in a workbook: openpyxl reads some ten megabytes a second."""
MOST_ROWS, MOST_COLUMNS = 5_000, 500
_ZIP, _OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


def read(path: str, sheet: str = "") -> Grid:
    """Return one sheet of a file: the one named `sheet`, else the first. Raises DeskError when it is none."""
    try:
        with open(os.path.expanduser(path), "rb") as file:
            content = file.read(MOST_BYTES + 1)
    except (OSError, ValueError):
        raise NotFound(N_("{path} cannot be read."), path=path, field="file") from None
    if len(content) > MOST_BYTES:
        raise Invalid(N_("{path} is larger than {megabytes} MB."), path=path, megabytes=MOST_BYTES // 1_000_000)
    if content.startswith(_ZIP):
        return _excel(content, path, sheet)
    if content.startswith(_OLD_EXCEL):
        raise Invalid(N_("{path} is an old Excel file; save it as .xlsx or .csv."), path=path, field="file")
    return _csv(content, path)


def _excel(content: bytes, path: str, wanted: str) -> Grid:
    openpyxl = package("openpyxl", "excel")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            size = sum(each.file_size for each in packed.infolist())
        if size > MOST_UNPACKED:
            raise ValueError
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what openpyxl finds odd is no sentence for a person
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            names = [each.title for each in book.worksheets if each.sheet_state == "visible"]
            name = wanted or (names[0] if names else "")
            rows = _rows(book[name]) if name in names else None
    except Exception:  # a damaged workbook fails in any of a dozen ways
        raise Invalid(N_("{path} is no workbook that can be read."), path=path, field="file") from None
    _check_size(rows or [], path)
    if rows is None:
        raise NotFound(
            N_("{path} has no sheet “{sheet}”; there are: {list}."), path=path, sheet=wanted, list=", ".join(names)
        )
    return Grid(_trimmed(rows), name, tuple(each for each in names if each != name))


def _rows(sheet: Any) -> list[tuple[Cell, ...]]:
    sheet.reset_dimensions()
    found = sheet.iter_rows(max_row=MOST_ROWS + 1, max_col=MOST_COLUMNS + 1, values_only=True)
    return [tuple(_cell(value) for value in row[: _end(row)]) for row in found]


def _end(row: Sequence[Any]) -> int:
    """Return where the empty cells begin that openpyxl fills a row up with, and programs that write csv."""
    end = len(row)
    while end and (row[end - 1] is None or row[end - 1] == ""):
        end -= 1
    return end


def _check_size(rows: Sequence[Sequence[Any]], path: str) -> None:
    if len(rows) > MOST_ROWS:
        raise Invalid(N_("{path} has more than {rows} lines."), path=path, rows=MOST_ROWS)
    if any(_end(row) > MOST_COLUMNS for row in rows):
        raise Invalid(N_("{path} has more than {columns} columns."), path=path, columns=MOST_COLUMNS)


def _cell(value: Any) -> Cell:
    from datetime import date, time

    return value if value is None or isinstance(value, (str, int, float, date, time)) else str(value)


def _csv(content: bytes, path: str) -> Grid:
    text = _decoded(content)
    if text is None or "\0" in text or not text.strip():
        raise Invalid(N_("{path} is neither a csv nor an xlsx."), path=path, field="file")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        rows = list(islice(reader, MOST_ROWS + 1))
    except csv.Error:
        sentence = N_("{path}, line {line}: this is no csv; perhaps a quotation mark is missing.")
        raise Invalid(sentence, path=path, line=reader.line_num, field="file") from None
    _check_size(rows, path)
    return Grid(_trimmed([tuple(as_typed(value.strip()) for value in row[:MOST_COLUMNS]) for row in rows]))


def _decoded(content: bytes) -> str | None:
    """Read text as Excel in China writes it: UTF-8, UTF-16 with its mark, or GB 18030."""
    marked = next((name for mark, name in _MARKS.items() if content.startswith(mark)), None)
    for encoding in [marked] if marked else ["utf-8", "gb18030"]:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        controls = sum(char < " " and char not in "\t\r\n" for char in text)
        return None if controls else text
    return None


def _delimiter(text: str) -> str:
    first = next((line for line in text.splitlines() if any(mark in line for mark in ",;\t")), "")
    return max(",;\t", key=first.count)


def _trimmed(rows: list[tuple[Cell, ...]]) -> tuple[tuple[Cell, ...], ...]:
    """Drop the empty rows at the end."""
    end = len(rows)
    while end and not any(value not in (None, "") for value in rows[end - 1]):
        end -= 1
    return tuple(rows[:end])
