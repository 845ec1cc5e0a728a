"""What people type as a time in a form, read as an instant.

The zone and the present are parameters. Full-width digits, colons and signs read like plain ones.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from dutydesk.domain import walltime
from dutydesk.domain.errors import Invalid
from dutydesk.domain.words import N_

HOUR = 3600
DATE_ONLY = "09:00"
"""The time of day meant by a date alone when it lies ahead ("follow up on 11-25")."""

_DAYS = {
    "today": 0,
    "今天": 0,
    "今日": 0,
    "今": 0,
    "yesterday": -1,
    "昨天": -1,
    "昨日": -1,
    "昨": -1,
    "前天": -2,
    "tomorrow": 1,
    "明天": 1,
    "明日": 1,
    "明": 1,
    "后天": 2,
}
_WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            ("mon", "monday", "周一", "星期一"),
            ("tue", "tuesday", "周二", "星期二"),
            ("wed", "wednesday", "周三", "星期三"),
            ("thu", "thursday", "周四", "星期四"),
            ("fri", "friday", "周五", "星期五"),
            ("sat", "saturday", "周六", "星期六"),
            ("sun", "sunday", "周日", "周天", "星期日", "星期天"),
        )
    )
    for name in names
}
_UNITS = {
    "m": 60,
    "min": 60,
    "mins": 60,
    "minute": 60,
    "minutes": 60,
    "分": 60,
    "分钟": 60,
    "h": HOUR,
    "hour": HOUR,
    "hours": HOUR,
    "小时": HOUR,
    "时": HOUR,
    "d": 86_400,
    "day": 86_400,
    "days": 86_400,
    "天": 86_400,
    "日": 86_400,
    "w": 604_800,
    "week": 604_800,
    "weeks": 604_800,
    "周": 604_800,
}
_AMOUNT = rf"(\d+(?:\.\d+)?)\s*({'|'.join(sorted(_UNITS, key=len, reverse=True))})?"
_SIGNED = re.compile(rf"([+-])\s*{_AMOUNT}")
_AGO = re.compile(rf"{_AMOUNT}\s*(ago|前|以前|之前|later|后|以后|之后)")
_IN = re.compile(rf"in\s+{_AMOUNT}")
_CLOCK = r"(?:(\d{1,2}):(\d{2})(?::(\d{2}))?|(\d{1,2})点(?:(\d{1,2})分?)?|(\d{2})(\d{2}))"
_DATED = re.compile(rf"(?:(?:(\d{{4}})[-/.年])?(\d{{1,2}})[-/.月](\d{{1,2}})日?)(?:[t\s]*{_CLOCK})?")
_NAMED = re.compile(
    rf"({'|'.join(sorted([*_DAYS, *_WEEKDAYS], key=len, reverse=True))})(?:(?:\s+|(?<=[^a-z])){_CLOCK})?"
)
_ONLY_CLOCK = re.compile(_CLOCK)


def moment(text: str, *, now: int, zone: ZoneInfo, ahead: bool = False, field: str | None = None) -> int:
    """Return the instant (epoch seconds, UTC) that `text` names.

    Read are `now`, `14:30`, `1430`, `-20` (minutes), `-20m`, `-2h`, `+2h`, `20 min ago`, `yesterday 22:10`,
    `tomorrow 9:00`, `Fri 22:10`, `11-21 22:10`, `2026-11-21 22:10`, `11-25`, and the same in Chinese (`现在`,
    `昨天 22:10`, `20分钟前`, `11月21日 22:10`).

    Something that happened (`ahead` false): a time alone is today, or yesterday when today would be more than an hour
    ahead of `now`; a weekday is the last such day; a date without a year is this year, or last year when it would be
    more than a day ahead. Something planned (`ahead` true): a time alone is today, or tomorrow when it has passed; a
    weekday is the next such day after today; a date without a year is the next one, and without a time means 09:00.
    Raises Invalid with examples for anything else.
    """
    plain = " ".join(unicodedata.normalize("NFKC", text).lower().split())
    plain = re.sub("[\u2212\u2013\u2014]", "-", plain).replace("。", ".")
    try:
        found = _read(plain, now, zone, ahead)
        if found is not None and 0 <= found < 253_000_000_000:
            return found
    except (ValueError, OverflowError):
        pass
    raise _not_a_time(text, ahead, field)


def _not_a_time(text: str, ahead: bool, field: str | None) -> Invalid:
    shown = text.strip()
    if ahead:
        return Invalid(
            N_("“{text}” is not a time. Write +2h, 14:30, tomorrow 9:00, 11-25 or 2026-11-25 09:00."),
            field=field,
            text=shown,
        )
    return Invalid(
        N_("“{text}” is not a time. Write 14:30, -20 (minutes ago), yesterday 22:10, 11-21 22:10 or now."),
        field=field,
        text=shown,
    )


def _read(text: str, now: int, zone: ZoneInfo, ahead: bool) -> int | None:
    if text in ("now", "现在", "刚才", "此刻"):
        return now
    if (offset := _offset(text)) is not None:
        return now + offset
    if found := _ONLY_CLOCK.fullmatch(text):
        return _clock_alone(_seconds(found.groups()), now, zone, ahead)
    if found := _NAMED.fullmatch(text):
        return _named(found, now, zone, ahead)
    if found := _DATED.fullmatch(text):
        return _dated(found, now, zone, ahead)
    return None


def _offset(text: str) -> int | None:
    """Return the seconds of `-20`, `+2h`, `20 min ago`, `in 2 h`; minutes where no unit is written."""
    if found := _SIGNED.fullmatch(text):
        sign, number, unit = found.groups()
        return (-1 if sign == "-" else 1) * _amount(number, unit)
    if found := _AGO.fullmatch(text):
        number, unit, where = found.groups()
        return (-1 if "前" in where or where == "ago" else 1) * _amount(number, unit)
    if found := _IN.fullmatch(text):
        return _amount(*found.groups())
    if text in ("半小时前", "半个小时前"):
        return -HOUR // 2
    return None


def _amount(number: str, unit: str | None) -> int:
    return round(float(number) * _UNITS[unit or "m"])


def _seconds(groups: tuple[str | None, ...]) -> int:
    """Return seconds after midnight from the groups of the clock pattern; ValueError outside 00:00–23:59."""
    hour, minute, second, chinese_hour, chinese_minute, short_hour, short_minute = groups
    hours = int(hour or chinese_hour or short_hour or 0)
    minutes = int(minute or chinese_minute or short_minute or 0)
    seconds = int(second or 0)
    if hours > 23 or minutes > 59 or seconds > 59:
        raise ValueError(groups)
    return hours * HOUR + minutes * 60 + seconds


def _clock_alone(seconds: int, now: int, zone: ZoneInfo, ahead: bool) -> int:
    today = walltime.local_day(now, zone)
    at = walltime.at(today, seconds, zone)
    if ahead and at < now - 60:
        return walltime.at(today + timedelta(days=1), seconds, zone)
    if not ahead and at > now + HOUR:
        return walltime.at(today - timedelta(days=1), seconds, zone)
    return at


def _default_clock(ahead: bool, now: int, day: date, zone: ZoneInfo) -> int:
    """A date alone: 09:00 when it lies ahead, else midnight. Today ahead and past nine is refused."""
    if not ahead:
        raise ValueError("a time of day is needed")
    seconds = walltime.parse_time(DATE_ONLY)
    if walltime.at(day, seconds, zone) < now - 60:
        raise ValueError("has passed")
    return seconds


def _named(found: re.Match[str], now: int, zone: ZoneInfo, ahead: bool) -> int:
    name, *clock = found.groups()
    today = walltime.local_day(now, zone)
    if name in _DAYS:
        day = today + timedelta(days=_DAYS[name])
    else:
        steps = (_WEEKDAYS[name] - today.weekday()) % 7
        day = today + timedelta(days=(steps or 7) if ahead else steps - 7 if steps else 0)
    written = any(clock)
    seconds = _seconds(tuple(clock)) if written else _default_clock(ahead, now, day, zone)
    at = walltime.at(day, seconds, zone)
    if name in _WEEKDAYS and not ahead and at > now + HOUR:
        at = walltime.at(day - timedelta(days=7), seconds, zone)
    return at


def _dated(found: re.Match[str], now: int, zone: ZoneInfo, ahead: bool) -> int:
    year, month, number, *clock = found.groups()
    today = walltime.local_day(now, zone)
    written = any(clock)
    wanted = int(year) if year else today.year
    day = _day(wanted, int(month), int(number), step=0 if year else 1 if ahead else -1)
    if not year:
        if ahead and day < today:
            day = _day(wanted + 1, int(month), int(number), step=1)
        elif not ahead and day > today + timedelta(days=1):
            day = _day(wanted - 1, int(month), int(number), step=-1)
    seconds = _seconds(tuple(clock)) if written else _default_clock(ahead, now, day, zone)
    return walltime.at(day, seconds, zone)


def _day(year: int, month: int, number: int, *, step: int) -> date:
    """Return the day; 29 February without a year moves by `step` years to the nearest leap year."""
    if step and (month, number) == (2, 29):
        while not (year % 4 == 0 and (year % 100 or year % 400 == 0)):
            year += step
    return datetime(year, month, number).date()
