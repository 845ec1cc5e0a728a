"""Working calendars: which kind each day is. Source: DOMAIN 3.

A calendar is data. A year that nobody announced is an error, never a guess.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from dutydesk.domain.errors import DeskError, Invalid
from dutydesk.domain.tables import Table, Words, read_toml
from dutydesk.domain.words import N_, Named

WEEKDAY_KEYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class DayKind(Named):
    """The five kinds of day that rotation, fairness and allowance tell apart."""

    WORKDAY = "workday", N_("workday")
    WEEKEND = "weekend", N_("weekend")
    BRIDGE = "bridge", N_("day off in lieu")
    STATUTORY = "statutory", N_("statutory holiday")
    MAKEUP = "makeup", N_("make-up workday")

    @property
    def working(self) -> bool:
        """Whether people work on such a day: a make-up workday is one."""
        return self in (DayKind.WORKDAY, DayKind.MAKEUP)


class UnknownYear(DeskError):
    """The calendar of a year is not there yet."""


@dataclass(frozen=True)
class WorkCalendar:
    """Kinds of days for the years it knows.

    `years` holds for each known year its special days; every other day follows `weekend` (weekday numbers, Monday 0).
    `every_year` makes all years known, for a plain calendar without announced holidays.
    """

    name: str
    years: Mapping[int, Mapping[date, DayKind]]
    weekend: frozenset[int] = frozenset({5, 6})
    every_year: bool = False
    titles: Mapping[date, Words] = field(default_factory=dict)

    def kind(self, day: date) -> DayKind:
        """Return the kind of `day`; raise UnknownYear when its year is not in the calendar."""
        special = self._year(day.year).get(day)
        if special:
            return special
        return DayKind.WEEKEND if day.weekday() in self.weekend else DayKind.WORKDAY

    def working(self, day: date) -> bool:
        """Whether `day` is a workday or a make-up workday."""
        return self.kind(day).working

    def knows(self, year: int) -> bool:
        """Whether the days of `year` are known."""
        return self.every_year or year in self.years

    def title(self, day: date, lang: str) -> str:
        """Return the holiday's name in `lang` ("zh" or "en"), empty on other days."""
        return "" if self._is_makeup(day) else self.occasion(day, lang)

    def occasion(self, day: date, lang: str) -> str:
        """Return the name of the holiday that makes `day` special: its own, or the one that it makes up for."""
        words = self.titles.get(day)
        return words.text(lang) if words else ""

    def _is_makeup(self, day: date) -> bool:
        return self.years.get(day.year, {}).get(day) is DayKind.MAKEUP

    def last_day(self) -> date | None:
        """Return the last day that is known, None when every year is."""
        if self.every_year:
            return None
        year = max(self.years, default=1)
        return date(year, 12, 31)

    def days(self, first: date, last: date) -> Iterator[tuple[date, DayKind]]:
        """Yield each day from `first` to `last`, both included, with its kind."""
        day = first
        while day <= last:
            yield day, self.kind(day)
            day += timedelta(days=1)

    def count(self, first: date, last: date) -> dict[DayKind, int]:
        """Return how many days of each kind lie between `first` and `last`, both included."""
        counts = dict.fromkeys(DayKind, 0)
        for _, kind in self.days(first, last):
            counts[kind] += 1
        return counts

    def with_years(self, other: WorkCalendar) -> WorkCalendar:
        """Return this calendar with the years of `other` added or replaced: an imported year."""
        replaced = set(other.years)
        titles = {day: words for day, words in self.titles.items() if day.year not in replaced}
        return WorkCalendar(
            self.name,
            {**self.years, **other.years},
            self.weekend,
            self.every_year or other.every_year,
            {**titles, **other.titles},
        )

    def _year(self, year: int) -> Mapping[date, DayKind]:
        if year in self.years:
            return self.years[year]
        if self.every_year:
            return {}
        raise UnknownYear(
            N_("The calendar “{name}” does not hold {year} yet. Import that year from a file."),
            name=self.name,
            year=year,
        )


def calendar_of(name: str, days: Iterable[tuple[date, DayKind, str]], *, every_year: bool = False) -> WorkCalendar:
    """Return a calendar from stored special days (day, kind, holiday name); a year with any of them is known."""
    years: dict[int, dict[date, DayKind]] = {}
    titles: dict[date, Words] = {}
    for day, kind, title in days:
        years.setdefault(day.year, {})[day] = kind
        if title:
            titles[day] = Words(title, title)
    return WorkCalendar(name, years, every_year=every_year, titles=titles)


def read_calendar(text: str, source: str = "calendar") -> WorkCalendar:
    """Read a calendar file.

    Each `[years.2026]` holds notices as they are announced (`[[years.2026.holidays]]` with `title`, `from`, `to`,
    `statutory`, `workdays`), plain lists (`off`, `statutory`, `workdays`), or both. A day off that is neither
    statutory nor a weekend day is a day off in lieu. Errors name the line or the key; `source` names the file.
    """
    table = read_toml(text, source)
    name = table.text("name")
    weekend = frozenset(_weekday(table, "weekend", word) for word in table.texts("weekend", ("sat", "sun")))
    every_year = table.yes("every_year", False)
    years = table.table("years", where=f"{source}, [years]")
    table.text("title", " ")
    table.done()
    read: dict[int, dict[date, DayKind]] = {}
    titles: dict[date, Words] = {}
    for key in years.data:
        year = _year_number(years, key)
        read[year] = _read_year(years.table(key, where=f"{source}, [years.{key}]"), year, weekend, titles)
    if not read and not every_year:
        raise Invalid(N_("{where}: there is no year in it."), where=source)
    return WorkCalendar(name, read, weekend, every_year, titles)


def _year_number(years: Table, key: str) -> int:
    if not (key.isdecimal() and 1900 <= int(key) <= 9998):
        raise Invalid(N_("{where}: “{key}” is not a year."), where=years.where, key=key)
    return int(key)


def _weekday(table: Table, key: str, word: str) -> int:
    if word not in WEEKDAY_KEYS:
        raise Invalid(
            N_("{where}: {key} is “{value}” and must be one of {choices}."),
            where=table.where,
            key=key,
            value=word,
            choices=", ".join(WEEKDAY_KEYS),
        )
    return WEEKDAY_KEYS.index(word)


def _read_year(table: Table, year: int, weekend: frozenset[int], titles: dict[date, Words]) -> dict[date, DayKind]:
    off: set[date] = _days(table, "off", year)
    statutory = _days(table, "statutory", year)
    makeup = _days(table, "workdays", year)
    for notice in table.tables("holidays"):
        words = notice.words("title", "")
        days = _span(notice, year) | _days(notice, "statutory", year)
        statutory |= _days(notice, "statutory", year)
        worked = _days(notice, "workdays", year)
        off |= days
        makeup |= worked
        titles.update({day: words for day in days | worked if words.text("en")})
        notice.done()
    table.texts("source")
    table.done()
    if both := sorted((off | statutory) & makeup):
        raise Invalid(N_("{where}: {day} is both off and a workday."), where=table.where, day=both[0].isoformat())
    if odd := sorted(day for day in makeup if day.weekday() not in weekend):
        raise Invalid(
            N_("{where}: {day} is no weekend day and needs no make-up work."), where=table.where, day=odd[0].isoformat()
        )
    kinds = {day: DayKind.BRIDGE for day in off if day.weekday() not in weekend}
    kinds.update(dict.fromkeys(statutory, DayKind.STATUTORY))
    kinds.update(dict.fromkeys(makeup, DayKind.MAKEUP))
    return dict(sorted(kinds.items()))


def _span(notice: Table, year: int) -> set[date]:
    if not notice.has("from") and not notice.has("to"):
        return set()
    first, last = notice.day("from"), notice.day("to")
    _in_year(notice, "from", first, year)
    _in_year(notice, "to", last, year)
    if last < first:
        raise Invalid(N_("{where}: “to” is before “from”."), where=notice.where)
    return {first + timedelta(days=step) for step in range((last - first).days + 1)}


def _days(table: Table, key: str, year: int) -> set[date]:
    days = {table.as_day(key, value) for value in table.items(key)}
    for day in days:
        _in_year(table, key, day, year)
    if len(days) != len(table.items(key)):
        raise Invalid(N_("{where}: a day stands twice in {key}."), where=table.where, key=key)
    return days


def _in_year(table: Table, key: str, day: date, year: int) -> None:
    if day.year != year:
        raise Invalid(
            N_("{where}: {day} in {key} is not in {year}; write it under its own year."),
            where=table.where,
            key=key,
            day=day.isoformat(),
            year=year,
        )
