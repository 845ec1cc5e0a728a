"""Amounts of time as people search with them: `3 days`, `1.5 h`, `2 weeks`, `1 month`, `2周`.

Weeks, months and years are counted on the calendar of the desk's zone; days and shorter are real elapsed time.
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from dutydesk.domain import walltime
from dutydesk.domain.errors import Invalid
from dutydesk.domain.words import N_

_SECONDS = {"s": 1, "sec": 1, "秒": 1, "m": 60, "min": 60, "minute": 60, "分": 60, "分钟": 60, "h": 3600}
_SECONDS |= {
    "hr": 3600,
    "hour": 3600,
    "小时": 3600,
    "second": 1,
    "d": 86_400,
    "day": 86_400,
    "天": 86_400,
    "日": 86_400,
}
_WEEK = ("w", "week", "周", "星期")
_MONTH = ("mo", "month", "个月", "月")
_YEAR = ("y", "yr", "year", "年")
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]+|[\u4e00-\u9fff]+)")


@dataclass(frozen=True)
class Amount:
    """A length of time: calendar months and days, and seconds of elapsed time."""

    months: int = 0
    days: int = 0
    seconds: int = 0


def amount(text: str, *, field: str | None = None) -> Amount:
    """Read `now`, `3 days`, `1.5 h`, `2 weeks 3 days`, `1 month`; raise Invalid with examples otherwise.

    Hours and days alone are exact seconds (half a day is 12 hours). With a week, a month or a year in it the amount is
    one of calendar months and days: hours are dropped, part of a month becomes days (30.4 to the month), half a day
    counts as one.
    """
    plain = " ".join(unicodedata.normalize("NFKC", text).lower().split())
    if plain in ("now", "现在"):
        return Amount()
    parts = _PART.findall(plain)
    if not parts or _PART.sub("", plain).replace(",", "").replace(" ", ""):
        raise _bad(text, field)
    months = days = seconds = 0.0
    long = False
    for number, unit in parts:
        known = unit in _SECONDS or unit in (*_WEEK, *_MONTH, *_YEAR) or len(unit) < 3
        unit = unit if known else unit.removesuffix("s")
        value = float(number)
        if unit in _SECONDS:
            seconds += value * _SECONDS[unit]
        elif unit in _WEEK:
            days, long = days + value * 7, True
        elif unit in _MONTH:
            months, long = months + value, True
        elif unit in _YEAR:
            months, long = months + value * 12, True
        else:
            raise _bad(text, field)
    if not long:
        return Amount(seconds=round(seconds))
    days += seconds // walltime.DAY + (months % 1) * 365.25 / 12
    return Amount(months=int(months), days=int(days + 0.5))


def _bad(text: str, field: str | None) -> Invalid:
    return Invalid(
        N_("“{text}” is not a length of time. Write 3 days, 2 weeks or 12 h."), field=field, text=text.strip()
    )


def before(at: int, length: Amount, zone: ZoneInfo) -> int:
    """Return the instant `length` before `at` (epoch seconds); a day that the month does not have is its last one."""
    moment = walltime.local(at, zone).replace(tzinfo=None)
    if length.months:
        count = moment.year * 12 + moment.month - 1 - length.months
        year, month = divmod(count, 12)
        last = calendar.monthrange(year, month + 1)[1]
        moment = moment.replace(year=year, month=month + 1, day=min(moment.day, last))
    moment -= timedelta(days=length.days)
    if length.months or length.days:
        at = walltime.instant(moment, zone)
    return at - length.seconds
