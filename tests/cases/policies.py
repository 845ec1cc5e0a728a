"""Policies for cases: rules written as TOML and read like a department's own file, so that the reader is asked too."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from dutydesk.domain.calendar import WEEKDAY_KEYS, WorkCalendar, read_calendar
from dutydesk.domain.policy import Policy, read_policy
from dutydesk.domain.rotation import Member
from tests.cases.kinds import NotSayable

DAY = 86_400
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
PLAIN = read_calendar('name = "plain"\nevery_year = true\n', "plain")
"""A calendar without holidays."""


@dataclass(frozen=True)
class Shift:
    """A shift of the day, `start` and `end` as `20:00`; `days` confines it to weekdays."""

    key: str
    start: str
    end: str
    days: tuple[str, ...] = ()


@dataclass(frozen=True)
class Turns:
    """One rotation: its order of groups, and the keys that a policy file writes for it."""

    name: str
    order: Sequence[Sequence[str]]
    start: date
    keys: dict[str, Any] = field(default_factory=dict)


def policy(zone: str, shifts: Iterable[Shift], rotations: Iterable[Turns], more: str = "") -> Policy:
    """Return the policy that the rules make, read from its TOML text."""
    lines = ['name = "case"', f"zone = {json.dumps(zone)}", 'calendar = "plain"']
    for shift in shifts:
        lines += [f"[shifts.{shift.key}]", f'from = "{shift.start}"', f'to = "{shift.end}"']
        lines += [f"days = {json.dumps(shift.days)}"] if shift.days else []
    for turns in rotations:
        order = json.dumps([list(group) for group in turns.order])
        lines += ["[[rotation]]", f"name = {json.dumps(turns.name)}", f"order = {order}"]
        lines += [
            f"start = {turns.start.isoformat()}",
            *(f"{key} = {toml(value)}" for key, value in turns.keys.items()),
        ]
    return read_policy("\n".join([*lines, more, ""]), "case")


def toml(value: Any) -> str:
    """Return a value as TOML: a date as it is, everything else as JSON writes it."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {toml(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(toml, value))}]"
    return json.dumps(value)


def members(logins: Iterable[str], posts: tuple[str, ...] = ()) -> list[Member]:
    """Return the people in the order given."""
    return [Member(login, posts, place) for place, login in enumerate(dict.fromkeys(logins))]


def weekday_keys(words: Any) -> list[str]:
    """Return weekdays as a policy writes them, from `MO` or 1 (Monday) to 7; `ALL` or nothing is every day."""
    if words is None or words == "ALL" or words == []:
        return list(WEEKDAY_KEYS)
    return [WEEKDAY_KEYS[WEEKDAYS.index(word) if isinstance(word, str) else (word - 1) % 7] for word in words]


def weekday_span(text: str) -> list[str]:
    """Return the weekdays of `MO-FR`, `Mon-Thu`, `SA` as a policy writes them; the span may run over Sunday."""
    first, _, last = text.partition("-")
    begin, end = (WEEKDAYS.index(word[:2].upper()) for word in (first, last or first))
    return [WEEKDAY_KEYS[(begin + step) % 7] for step in range((end - begin) % 7 + 1)]


def listed(days: Iterable[date]) -> WorkCalendar:
    """Return a plain list of days as a calendar: a rotation with `days = ["statutory"]` works on these days."""
    by_year: dict[int, list[str]] = {}
    for day in days:
        by_year.setdefault(day.year, []).append(day.isoformat())
    years = "".join(f"[years.{year}]\nstatutory = [{', '.join(found)}]\n" for year, found in by_year.items())
    return read_calendar(f'name = "listed"\nevery_year = true\n{years}', "listed")


def clock(seconds: float) -> str:
    """Return seconds after midnight as a policy writes a time of day; the end of the day is `24:00`."""
    whole = round(seconds)
    whole = whole if whole == DAY else whole % DAY
    return f"{whole // 3600:02d}:{whole % 3600 // 60:02d}" + (f":{whole % 60:02d}" if whole % 60 else "")


def whole_day(at: datetime) -> Shift:
    """Return the shift that covers all hours and turns at a time of day."""
    time = clock(at.hour * 3600 + at.minute * 60 + at.second)
    return Shift("duty", time, "24:00" if time == "00:00" else time)


def lasting(key: str, start: float, hours: float, days: tuple[str, ...] = ()) -> Shift:
    """Return a shift that starts so many seconds after midnight and lasts so many hours, a day at most."""
    if not 0 < hours <= 24:
        raise NotSayable(f"a shift of {hours} h: ours last a day at most")
    end = clock(start + hours * 3600)
    return Shift(key, clock(start), "24:00" if end == "00:00" else end, days)


def continuous(unit: str, length: int, anchor: datetime, order: Sequence[Sequence[str]]) -> Turns:
    """Return turns without an end that follow each other every `length` hours, days, weeks or months from `anchor`."""
    if unit not in ("hour", "day", "week", "month"):
        raise NotSayable(f"turns by the {unit}")
    keys: dict[str, Any] = {"every": unit, "interval": length}
    keys["turn_at"] = clock(anchor.hour * 3600 + anchor.minute * 60 + anchor.second)
    if unit == "week":
        keys["week_starts"] = [WEEKDAY_KEYS[anchor.weekday()]]
    if unit == "month":
        keys["month_starts"] = [anchor.day]
    return Turns("turns", order, anchor.date(), keys)


def moved(anchor: datetime, unit: str, length: int, count: int) -> datetime:
    """Return the wall-clock time of the turn `count` turns after the one at `anchor`, or before it."""
    if unit != "month":
        step = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1)}[unit]
        return anchor + step * length * count
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + length * count, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return anchor.replace(year=year, month=month + 1, day=min(anchor.day, last))


def near(anchor: datetime, unit: str, length: int, at: datetime) -> datetime:
    """Return a turn of the same grid that begins shortly before `at`: the grid goes on in both directions."""
    hours = {"hour": 1, "day": 24, "week": 168, "month": 730}[unit] * length
    count = int((at - anchor).total_seconds() // 3600 // hours) - 2
    return moved(anchor, unit, length, count)


@dataclass(frozen=True)
class Recurring:
    """A rotation told as calendars tell events: every n-th day, week or month, on some days of it."""

    frequency: str
    interval: int
    weekdays: Any
    month_days: Any
    start: date
    week_starts: str = "MO"

    def keys(self, last: date) -> tuple[dict[str, Any], WorkCalendar]:
        """Return the keys of our rotation up to the day `last`, and the calendar that it works on.

        With days named, `n` days are n matched days a turn; every n-th week or month, and every n-th day without days
        named, is a list of days.
        """
        every = {"daily": "day", "weekly": "week", "monthly": "month"}.get(self.frequency)
        if every is None:
            raise NotSayable(f"the frequency {self.frequency}")
        keys: dict[str, Any] = {"every": every, "days": weekday_keys(self.weekdays)}
        if every == "week":
            keys["week_starts"] = weekday_keys([self.week_starts])
        if every == "day" and self.weekdays:
            return keys | {"interval": self.interval}, PLAIN
        if self.interval > 1:
            days = [day for day in self._days(last) if self._on(day)]
            return keys | {"days": ["statutory"]}, listed(days)
        if every == "week" and not self.weekdays:
            keys["days"] = [WEEKDAY_KEYS[self.start.weekday()]]
        if every == "month" and not self.weekdays:
            keys["month_days"] = list(self.month_days or [self.start.day])
        return keys, PLAIN

    def _days(self, last: date) -> list[date]:
        return [self.start + timedelta(days=step) for step in range((last - self.start).days + 1)]

    def _on(self, day: date) -> bool:
        """Whether the event is on that day: the period counts from the start, then the days named within it."""
        if self.frequency == "daily":
            return (day - self.start).days % self.interval == 0
        named = self.weekdays and WEEKDAY_KEYS[day.weekday()] in weekday_keys(self.weekdays)
        if self.frequency == "weekly":
            first = WEEKDAYS.index(self.week_starts)
            monday = [each - timedelta(days=(each.weekday() - first) % 7) for each in (day, self.start)]
            return (monday[0] - monday[1]).days // 7 % self.interval == 0 and bool(
                named if self.weekdays else day.weekday() == self.start.weekday()
            )
        months = (day.year - self.start.year) * 12 + day.month - self.start.month
        in_month = named if self.weekdays else day.day in (self.month_days or [self.start.day])
        return months % self.interval == 0 and bool(in_month)


LENGTHS = {"min": 60, "m": 60, "h": 3600, "d": DAY, "w": 7 * DAY}


def seconds_of(text: str) -> int:
    """Return `7d1h`, `3h50m`, `+1h`, `-90m`, `0` as seconds."""
    sign = -1 if text.startswith("-") else 1
    plain = text.lstrip("+-").replace(" ", "")
    parts = re.findall(r"(\d+(?:\.\d+)?)(min|[mhdw])", plain)
    if plain != "0" and "".join(number + unit for number, unit in parts) != plain:
        raise NotSayable(f"the length “{text}”")
    return sign * round(sum(float(number) * LENGTHS[unit] for number, unit in parts))
