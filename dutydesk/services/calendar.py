"""The desk's working calendar: kinds and names of days, years imported from files. Source: DOMAIN 3."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache

from dutydesk.domain.calendar import DayKind, WorkCalendar, calendar_of, read_calendar
from dutydesk.domain.errors import Invalid
from dutydesk.domain.words import N_, Label
from dutydesk.services import settings
from dutydesk.services.core import SUPERVISORS, Actor, writes
from dutydesk.storage import models
from dutydesk.storage.shipped import data_path


def working_calendar(name: str) -> WorkCalendar:
    """Return the desk's calendar: the shipped one with the years that are stored here.

    Names of holidays stay in both languages where a stored year is the shipped one, or has a name that is shipped.
    """
    rows = models.CalendarDay.select(models.CalendarDay.day, models.CalendarDay.kind, models.CalendarDay.name).where(
        models.CalendarDay.country == name
    )
    stored = calendar_of(name, [(date.fromisoformat(day), DayKind(kind), title) for day, kind, title in rows.tuples()])
    shipped = _shipped(name)
    if shipped is None:
        return stored
    same = {year for year, days in stored.years.items() if shipped.years.get(year) == days}
    titles = {day: words for day, words in shipped.titles.items() if day.year in same}
    merged = shipped.with_years(stored)
    known = {words.text("zh"): words for words in shipped.titles.values()}
    named = {day: known.get(words.text("zh"), words) for day, words in merged.titles.items()}
    return replace(merged, titles={**named, **titles})


@dataclass(frozen=True)
class CalendarYear:
    """An imported year: how many days of each kind differ from what their weekday says."""

    year: int
    statutory: int
    bridge: int
    makeup: int


@writes(SUPERVISORS)
def import_calendar(who: Actor, text: str, source: str) -> list[CalendarYear]:
    """Import the announced days of one or more years from a calendar file; a year that is there already is replaced.

    `source` names the file in errors. What is published stays; kinds of days are the new ones everywhere at once.
    """
    from dutydesk.services import desk

    calendar, name = read_calendar(text, source), settings.all_settings()["calendar"]
    if calendar.name != name:
        raise Invalid(
            N_("{where} is the calendar “{name}”; this desk's is “{calendar}”."),
            where=source,
            name=calendar.name,
            calendar=name,
        )
    if bare := sorted(year for year, days in calendar.years.items() if not days):
        raise Invalid(N_("{where}: {year} has not one day off or make-up workday."), where=source, year=bare[0])
    desk.keep_calendar(who, calendar)
    return [
        CalendarYear(year, *(list(days.values()).count(kind) for kind in _SPECIAL))
        for year, days in sorted(calendar.years.items())
    ]


_SPECIAL = (DayKind.STATUTORY, DayKind.BRIDGE, DayKind.MAKEUP)


@lru_cache(4)
def _shipped(name: str) -> WorkCalendar | None:
    path = data_path("calendars", f"{name}.toml")
    return read_calendar(path.read_text(encoding="utf-8"), path.name) if path.is_file() else None


def day_kinds(first: date, last: date) -> dict[date, tuple[DayKind | None, Label]]:
    """Return kind and holiday name of each day, both included; the kind is None in a year that is not known."""
    calendar = working_calendar(settings.all_settings()["calendar"])
    found: dict[date, tuple[DayKind | None, Label]] = {}
    day = first
    while day <= last:
        kind = calendar.kind(day) if calendar.knows(day.year) else None
        found[day] = kind, Label(calendar.title(day, "zh"), calendar.title(day, "en"))
        day += timedelta(days=1)
    return found
