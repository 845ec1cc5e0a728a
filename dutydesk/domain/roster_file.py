"""A roster from a sheet: people down and days across, or a list of duties. Every fault names its cell.

What the sheet says is read here; whether the desk's roster can become so is for the service.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time

from dutydesk.domain.calendar import DayKind
from dutydesk.domain.errors import Invalid
from dutydesk.domain.grid import Cell, Grid, address, day_in, named_month, whole_day
from dutydesk.domain.roster_words import NOBODY, NOT_FILLED, PART, folded
from dutydesk.domain.words import N_

_HEADS = {
    "day": ("date", "day", "日期", "值班日期", "dutyday"),
    "shift": ("shift", "dutyshift", "班次", "班", "班别"),
    "login": ("login", "登录名", "账号", "工号"),
    "name": ("name", "person", "姓名", "人员", "值班人", "值班人员", "名字"),
    "post": ("post", "岗位"),
    "from": ("from", "begins", "start", "开始", "开始时间", "起"),
    "to": ("to", "finishes", "end", "ends", "结束", "结束时间", "止"),
}
_HEAD_OF = {word: key for key, words in _HEADS.items() for word in words}
_WEEKDAYS = (
    *("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
    *(f"{week}{day}" for week in ("", "周", "星期") for day in "一二三四五六日天"),
)
_DAY_KINDS = ("工作日", "周末", "调休放假", "法定节假日", "调休上班", "班", "休", "节", "调", "假")
_DECORATION = frozenset((*_WEEKDAYS, *_DAY_KINDS, *(folded(kind.label) for kind in DayKind)))
"""Words under a date or in a legend that say which day it is and not who is on."""
_SEPARATORS = re.compile(r"[\s,，、/+;；&|]+")
_HEAD_ROWS = 20
"""Rows among which the head of the sheet is looked for."""


@dataclass(frozen=True)
class Wanted:
    """One person on one shift as a sheet says it; `cell` is where.

    `begin` and `end` bound a part of the shift, as a whole moment or a time of day. `part` is a letter with the mark of
    a part: the part he has already.
    """

    cell: str
    day: date
    kind: str
    login: str
    post: str = ""
    begin: datetime | time | None = None
    end: datetime | time | None = None
    part: bool = False


@dataclass(frozen=True)
class Words:
    """What names in a sheet mean, by folded word: shift kinds, people's logins, posts.

    `only` is the kind of shift of a desk that has one: there a post in a cell says enough. `shown` is what may stand
    in a cell, as a sentence lists it.
    """

    shifts: Mapping[str, frozenset[str]]
    people: Mapping[str, frozenset[str]]
    posts: Mapping[str, frozenset[str]]
    only: str
    shown: str

    def knows(self, word: str) -> bool:
        """Whether a folded word may stand for a duty."""
        return word in self.shifts or (bool(self.only) and word in self.posts)


@dataclass
class Reading:
    """What a sheet says, and every fault found in it."""

    wanted: list[Wanted] = field(default_factory=list)
    faults: list[Invalid] = field(default_factory=list)

    def fault(self, sentence: str, cell: str, **values: object) -> None:
        """Note a fault; the sentence begins with `{cell}`."""
        self.faults.append(Invalid(sentence, field=None, cell=cell, **values))


def read(grid: Grid, words: Words, month: date | None = None) -> Reading:
    """Read a roster; `month` is the month of days that are written without one. Raises Invalid when it is no roster."""
    found = _list_head(grid)
    if found is not None:
        return _List(grid, words, found[1]).read(found[0])
    month = month or _month(grid)
    head = _matrix_head(grid, month)
    if head is None:
        raise Invalid(
            N_(
                "There is no roster in it: days stand across and names down, or each line has a date, a shift and a "
                "person. Days without a month need --month."
            )
        )
    return _Matrix(grid, words, *head).read()


def _month(grid: Grid) -> date | None:
    texts = [grid.name, *(str(value) for row in range(min(5, len(grid.rows))) for _at, value in grid.cells(row))]
    return next((found for text in texts if (found := named_month(text))), None)


# People down, days across


def _matrix_head(grid: Grid, month: date | None) -> tuple[int, dict[int, date]] | None:
    """Return the row of the days, and the day of each column."""
    for row in range(min(_HEAD_ROWS, len(grid.rows))):
        cells = [(column, value) for column, value in grid.cells(row) if column > 0]
        whole = {column: day for column, value in cells if (day := whole_day(value))}
        days = {column: day for column, value in cells if (day := day_in(value, month))}
        if whole or len(days) >= 3:
            return row, _one_each(days)
    return None


def _one_each(days: dict[int, date]) -> dict[int, date]:
    """Return the columns up to the first day that does not come after the one before: totals stand behind them."""
    kept: dict[int, date] = {}
    for column in sorted(days):
        if kept and days[column] <= max(kept.values()):
            break
        kept[column] = days[column]
    return kept


class _Matrix:
    def __init__(self, grid: Grid, words: Words, head: int, days: dict[int, date]) -> None:
        self.grid, self.words, self.head, self.days = grid, words, head, days
        self.names = self._name_column()
        self.reading = Reading()
        self.rows_of: dict[str, str] = {}

    def _name_column(self) -> int:
        left = range(min(self.days))
        named = [
            column for column in left if _HEAD_OF.get(folded(self.grid.text(self.head, column))) in ("name", "login")
        ]
        return named[0] if named else min(self.days) - 1

    def read(self) -> Reading:
        """Read every row below the head."""
        for row in range(self.head + 1, len(self.grid.rows)):
            cells = [(column, self.grid.text(row, column)) for column in self.days if self.grid.text(row, column)]
            name = self.grid.text(row, self.names)
            if self._is_for_people(name, [text for _column, text in cells]):
                self._row(row, name, cells)
        return self.reading

    def _is_for_people(self, name: str, cells: list[str]) -> bool:
        """Whether a row is somebody's: not a second head, not a legend, not the row of empty places."""
        if not cells or folded(name) in (folded(NOT_FILLED.zh), folded(NOT_FILLED.en)):
            return False
        return not all(folded(text) in _DECORATION and not self.words.knows(folded(text)) for text in cells)

    def _row(self, row: int, name: str, cells: list[tuple[int, str]]) -> None:
        where = address(row, self.names)
        login = _person(self.reading, self.words, where, name)
        if login in self.rows_of:
            self.reading.fault(
                N_("{cell}: “{name}” has a row already, {other}."), where, name=name, other=self.rows_of[login]
            )
            login = None
        if login:
            self.rows_of[login] = where
        for column, text in cells:
            cell = address(row, column)
            for kind, post, part in _shifts(self.reading, self.words, cell, text):
                if login:
                    self.reading.wanted.append(Wanted(cell, self.days[column], kind, login, post, part=part))


# A list


def _list_head(grid: Grid) -> tuple[int, dict[str, int]] | None:
    for row in range(min(_HEAD_ROWS, len(grid.rows))):
        columns: dict[str, int] = {}
        for column, value in grid.cells(row):
            key = _HEAD_OF.get(folded(str(value)))
            if key:
                columns.setdefault(key, column)
        if {"day", "shift"} <= set(columns) and columns.keys() & {"name", "login"}:
            return row, columns
    return None


class _List:
    def __init__(self, grid: Grid, words: Words, columns: dict[str, int]) -> None:
        self.grid, self.words, self.columns = grid, words, columns
        self.reading = Reading()

    def read(self, head: int) -> Reading:
        """Read every line below the head; a line without a person says nothing."""
        for row in range(head + 1, len(self.grid.rows)):
            if self._text(row, "login") or self._text(row, "name"):
                self._line(row)
        return self.reading

    def _text(self, row: int, key: str) -> str:
        return self.grid.text(row, self.columns[key]) if key in self.columns else ""

    def _where(self, row: int, key: str) -> str:
        return address(row, self.columns[key])

    def _line(self, row: int) -> None:
        before = len(self.reading.faults)
        login, day, kinds = self._who(row), self._day(row), self._kinds(row)
        begin, end = self._moment(row, "from"), self._moment(row, "to")
        post = self._post(row)
        if len(self.reading.faults) == before and login and day and kinds:
            key = "login" if self._text(row, "login") else "name"
            self.reading.wanted.append(Wanted(self._where(row, key), day, kinds[0][0], login, post, begin, end))

    def _who(self, row: int) -> str | None:
        login, name = self._text(row, "login"), self._text(row, "name")
        if not login:
            return _person(self.reading, self.words, self._where(row, "name"), name)
        found = _person(self.reading, self.words, self._where(row, "login"), login)
        if found and name and found not in self.words.people.get(folded(name), frozenset({""})):
            self.reading.fault(
                N_("{cell}: “{name}” is not the person with the login {login}."),
                self._where(row, "name"),
                name=name,
                login=login,
            )
        return found

    def _day(self, row: int) -> date | None:
        column = self.columns["day"]
        value = self.grid.rows[row][column] if column < len(self.grid.rows[row]) else None
        day = whole_day(value)
        if day is None:
            self.reading.fault(
                N_("{cell}: “{text}” is no day; write 2026-11-22."),
                self._where(row, "day"),
                text=self._text(row, "day"),
            )
        return day

    def _kinds(self, row: int) -> list[tuple[str, str, bool]]:
        text = self._text(row, "shift")
        where = self._where(row, "shift")
        kinds = list(_shifts(self.reading, self.words, where, text))
        if len(kinds) > 1 or not text:
            self.reading.fault(
                N_("{cell}: one shift stands in a line; write one of {list}."), where, list=self.words.shown
            )
        return kinds

    def _post(self, row: int) -> str:
        text = self._text(row, "post")
        found = self.words.posts.get(folded(text), frozenset())
        if text and len(found) != 1:
            self.reading.fault(N_("{cell}: there is no post “{text}”."), self._where(row, "post"), text=text)
        return next(iter(found)) if len(found) == 1 else ""

    def _moment(self, row: int, key: str) -> datetime | time | None:
        if not self._text(row, key):
            return None
        found = _moment(self.grid.rows[row][self.columns[key]])
        if found is None:
            self.reading.fault(
                N_("{cell}: “{text}” is no time; write 20:00 or 2026-11-22 20:00."),
                self._where(row, key),
                text=self._text(row, key),
            )
        return found


def _moment(value: Cell) -> datetime | time | None:
    if isinstance(value, (datetime, time)):
        return value.replace(tzinfo=None)
    text = str(value).strip().replace("/", "-").replace("：", ":")
    try:
        if len(text) > 8:
            return datetime.fromisoformat(text).replace(tzinfo=None)
        return time.fromisoformat(text.zfill(5) if text.count(":") == 1 else text)
    except ValueError:
        return None


# Names and shifts


def _person(reading: Reading, words: Words, cell: str, name: str) -> str | None:
    found = words.people.get(folded(name), frozenset())
    if len(found) == 1:
        return next(iter(found))
    if found:
        reading.fault(N_("{cell}: several people are called “{name}”; write the login."), cell, name=name)
    elif name:
        reading.fault(N_("{cell}: there is no person “{name}”."), cell, name=name)
    else:
        reading.fault(N_("{cell}: whose row is this? A name is missing."), cell)
    return None


def _shifts(reading: Reading, words: Words, cell: str, text: str) -> Iterator[tuple[str, str, bool]]:
    """Yield the shift kinds that a cell names, with the post if it names one, and whether it is a part of the shift."""
    for written in _tokens(text, words):
        part = written.endswith(PART)
        token = folded(written.removesuffix(PART))
        kinds = words.shifts.get(token, frozenset())
        posts = words.posts.get(token, frozenset()) if words.only and not kinds else frozenset()
        if len(kinds) + len(posts) > 1:
            reading.fault(N_("{cell}: “{text}” may be several shifts; write the whole word."), cell, text=written)
        elif kinds:
            yield next(iter(kinds)), "", part
        elif posts:
            yield words.only, next(iter(posts)), part
        elif token not in NOBODY:
            reading.fault(
                N_("{cell}: “{text}” is no shift here; write one of {list}."), cell, text=written, list=words.shown
            )


def _tokens(text: str, words: Words) -> Iterator[str]:
    """Yield the words of a cell; what is no word as a whole but letters side by side is taken letter by letter."""
    if words.knows(folded(text)) or folded(text) in NOBODY:
        yield text
        return
    for token in _SEPARATORS.split(text):
        plain = folded(token.removesuffix(PART))
        if not words.knows(plain) and len(plain) > 1 and all(words.knows(letter) for letter in plain):
            yield from plain
        elif token:
            yield token
