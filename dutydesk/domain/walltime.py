"""Wall-clock time and real instants: the desk's zone on one side, epoch seconds on the other.

An ambiguous local time is the first one; a missing one moves to the next valid instant. Source: DOMAIN 2.3, 2.10.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dutydesk.domain.errors import Invalid
from dutydesk.domain.words import N_

DAY = 86_400
"""Seconds on the wall clock from one midnight to the next."""

_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")


def zone_named(name: str) -> ZoneInfo:
    """Return the IANA zone `name`; raise Invalid when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError, TypeError):
        raise Invalid(
            N_("There is no time zone “{name}”. Write it as Asia/Shanghai."), field="zone", name=name
        ) from None


def instant(local: datetime, zone: ZoneInfo) -> int:
    """Return the epoch seconds of a naive local time: the first of two, the next valid one where it is missing."""
    first = local.replace(tzinfo=zone, fold=0)
    before, after = _offset(first), _offset(first.replace(fold=1))
    plain = int(local.replace(tzinfo=UTC, fold=0).timestamp())
    if after <= before:
        return plain - before
    return _transition(plain - after, plain - before, zone)


def _offset(moment: datetime) -> int:
    offset = moment.utcoffset()
    return int(offset.total_seconds()) if offset else 0


def _transition(low: int, high: int, zone: ZoneInfo) -> int:
    """Return the first instant in `low`..`high` that has the offset valid at `high`."""
    target = _offset(datetime.fromtimestamp(high, zone))
    while low < high:
        middle = (low + high) // 2
        if _offset(datetime.fromtimestamp(middle, zone)) == target:
            high = middle
        else:
            low = middle + 1
    return low


def local(at: int, zone: ZoneInfo) -> datetime:
    """Return the instant `at` (epoch seconds) as an aware local datetime."""
    return datetime.fromtimestamp(at, zone)


def local_day(at: int, zone: ZoneInfo) -> date:
    """Return the local calendar day of the instant `at` (epoch seconds)."""
    return local(at, zone).date()


@lru_cache(maxsize=8192)
def at(day: date, seconds: int, zone: ZoneInfo) -> int:
    """Return the instant `seconds` of wall-clock time after the midnight that starts `day`."""
    return instant(datetime.combine(day, time()) + timedelta(seconds=seconds), zone)


def midnight(day: date, zone: ZoneInfo) -> int:
    """Return the first instant of a local day."""
    return at(day, 0, zone)


def day_bounds(day: date, zone: ZoneInfo) -> tuple[int, int]:
    """Return the first instant of a local day and of the next one: 23, 24 or 25 hours apart."""
    return midnight(day, zone), midnight(day + timedelta(days=1), zone)


def parse_time(text: str, *, field: str | None = None, last: str = "24:00") -> int:
    """Return `08:30`, `8:30`, `24:00` or `08:30:15` as seconds after midnight; `last` is the latest allowed."""
    found = _TIME.fullmatch(text.strip()) if isinstance(text, str) else None
    if found:
        hours, minutes, seconds = int(found[1]), int(found[2]), int(found[3] or 0)
        total = hours * 3600 + minutes * 60 + seconds
        latest = int(last[:2]) * 3600 + int(last[3:5]) * 60
        if minutes < 60 and seconds < 60 and total <= latest:
            return total
    raise Invalid(N_("“{text}” is not a time of day. Write it as 08:30."), field=field, text=text)


def show_time(seconds: int) -> str:
    """Return seconds after midnight as `08:30`; a whole day after is `24:00`."""
    return f"{seconds // 3600:02d}:{seconds % 3600 // 60:02d}"


class Window(NamedTuple):
    """A stretch of the wall clock that belongs to the day it starts.

    `start` and `end` are seconds after that day's midnight, start inclusive, end exclusive; `end` is above `start`,
    and above 24 hours where the window ends on the next day.
    """

    start: int
    end: int

    def __str__(self) -> str:
        return f"{show_time(self.start)}–{show_time(self.end if self.end == DAY else self.end % DAY)}"

    @property
    def overnight(self) -> bool:
        """Whether the window reaches into the next day."""
        return self.end > DAY

    def bounds(self, day: date, zone: ZoneInfo) -> tuple[int, int]:
        """Return first instant and end (exclusive) of this window on `day`, as epoch seconds."""
        return at(day, self.start, zone), at(day, self.end, zone)

    def covers(self, seconds: int) -> bool:
        """Whether the wall-clock time `seconds` after midnight lies in the window, today or carried over midnight."""
        return self.start <= seconds < self.end or self.start <= seconds + DAY < self.end


def window(start: str, end: str, *, field: str | None = None, last: str = "24:00") -> Window:
    """Return the window between two times of day; an end at or before the start is on the next day.

    `24:00` is an end and never a start; `last` allows ends beyond it (`30:00` is 06:00 of the next day).
    """
    begin = parse_time(start, field=field, last="23:59")
    finish = parse_time(end, field=field, last=last)
    return Window(begin, finish if finish > begin else finish + DAY)


@lru_cache(maxsize=64)
def _window(start: str, end: str) -> Window:
    return window(start, end)


def shift_bounds(day: date, start: str, end: str, zone: ZoneInfo) -> tuple[int, int]:
    """Return (starts_at, ends_at) in epoch seconds of a shift on `day`, `start` and `end` written as `20:00`."""
    return _window(start, end).bounds(day, zone)
