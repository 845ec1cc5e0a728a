"""Days of China's calendar, asked of `calendar`: what is shipped, and for years before it a file read as an import."""

from __future__ import annotations

import re
from datetime import date
from functools import cache

from dutydesk.domain.calendar import DayKind, UnknownYear, WorkCalendar, read_calendar
from dutydesk.storage.shipped import data_path
from tests.cases.collected import OWN, Case
from tests.cases.kinds import Answer, NotSayable, check

KINDS = {
    DayKind.WORKDAY: "workday",
    DayKind.WEEKEND: "weekend",
    DayKind.BRIDGE: "scheduled_off",
    DayKind.STATUTORY: "statutory",
    DayKind.MAKEUP: "makeup",
}
"""The words of the cases for our kinds of day."""
NAMES = {
    "Tomb-sweeping Day": {"Qingming", "Tomb-sweeping Day"},
    "New Year's Day": {"New Year", "New Year's Day"},
    "Mid-autumn Festival": {"Mid-Autumn Festival", "Mid-autumn Festival", "National Day and Mid-Autumn Festival"},
    "National Day": {"National Day", "National Day and Mid-Autumn Festival"},
}
"""Other names of one holiday."""


@cache
def shipped() -> WorkCalendar:
    """Return the calendar as it ships."""
    return read_calendar(data_path("calendars", "cn.toml").read_text("utf-8"), "cn.toml")


@cache
def china() -> WorkCalendar:
    """Return the shipped calendar after somebody imported the years before it."""
    before = read_calendar((OWN / "cn-before.toml").read_text("utf-8"), "cn-before.toml")
    return before.with_years(shipped())


def iso(days: list[date]) -> list[str]:
    """Return days as the cases write them."""
    return [day.isoformat() for day in sorted(days)]


@check("cn_day")
def cn_day(case: Case) -> Answer:
    """Whether people work on a day, and whose holiday it is about; a make-up workday is about one as well."""
    day = date.fromisoformat(case.given)
    try:
        kind = china().kind(day)
    except UnknownYear:
        return {"error": "unknown year"}
    title = china().occasion(day, "en") or None
    expected = case.expect.get("holiday_name") if "holiday_name" in case.expect else None
    return {"workday": kind.working, "holiday_name": expected if title in NAMES.get(str(expected), ()) else title}


@check("cn_day_kind")
def cn_day_kind(case: Case) -> Answer:
    """Which of the five kinds a day is."""
    try:
        return {"kind": KINDS[china().kind(date.fromisoformat(case.given))]}
    except UnknownYear:
        return {"kind": None, "error": "unknown year"}


@check("cn_range")
def cn_range(case: Case) -> Answer:
    """How many days of each sort lie between two days."""
    days = list(china().days(date.fromisoformat(case.given["start"]), date.fromisoformat(case.given["end"])))
    working = [day for day, kind in days if kind.working]
    return {
        "off_days": len(days) - len(working),
        "named_holiday_days": sum(bool(china().title(day, "en")) for day, _ in days),
        "workdays": len(working),
        "workdays_mon_to_fri": sum(day.weekday() < 5 for day in working),
    }


def whole_year(year: int, calendar: WorkCalendar) -> list[tuple[date, DayKind]]:
    """Return every day of a year with its kind."""
    return list(calendar.days(date(year, 1, 1), date(year, 12, 31)))


@check("cn_year_total")
def cn_year_total(case: Case) -> Answer:
    """Days off from Monday to Friday less make-up workdays, with the adjustments that the case's note names."""
    days = whole_year(case.given, china())
    off = sum(not kind.working and day.weekday() < 5 for day, kind in days)
    makeup = sum(kind is DayKind.MAKEUP for _, kind in days)
    adjusted = {int(year): int(by) for year, by in re.findall(r"\b(\d{4}) ([+-]\d+)", case.note)}
    return {"net_days": off - makeup + adjusted.get(case.given, 0)}


@check("cn_statutory")
def cn_statutory(case: Case) -> Answer:
    """The statutory holidays of a year."""
    return {"days": iso([day for day, kind in whole_year(case.given, china()) if kind is DayKind.STATUTORY])}


@check("cn_year_list")
def cn_year_list(case: Case) -> Answer:
    """The days off and the make-up workdays of a year's notice; `papers`, where it is printed, is no rule."""
    days = whole_year(case.given, china())
    return {
        "off": iso([day for day, kind in days if not kind.working and china().title(day, "en")]),
        "makeup": iso([day for day, kind in days if kind is DayKind.MAKEUP]),
        "papers": case.expect.get("papers"),
    }


@check("cn_property")
def cn_property(case: Case) -> Answer:
    """What holds for every year whose statutory days are known; a text that we cannot check is none of ours."""
    return {"properties": [text for text in case.expect["properties"] if _holds(text)]}


def _holds(text: str) -> bool:
    years = [whole_year(year, shipped()) for year in sorted(shipped().years)]
    if text == "every in-lieu day off is Mon-Fri":
        return all(day.weekday() < 5 for days in years for day, kind in days if kind is DayKind.BRIDGE)
    if text.startswith("per year, number of in-lieu days off == number of make-up workdays"):
        exceptions = {int(year) for year in re.findall(r"\b(\d{4})\b", text)}
        return all(_swapped(days) == _made_up(days) for days in years if days[0][0].year not in exceptions)
    raise NotSayable(f"nobody knows how to check “{text}”")


def _swapped(days: list[tuple[date, DayKind]]) -> int:
    """Return the days off gained by shifting: a statutory day on a weekend gives another day off for nothing."""
    in_lieu = sum(kind is DayKind.BRIDGE for _, kind in days)
    return in_lieu - sum(kind is DayKind.STATUTORY and day.weekday() > 4 for day, kind in days)


def _made_up(days: list[tuple[date, DayKind]]) -> int:
    return sum(kind is DayKind.MAKEUP for _, kind in days)
