"""Days as people type them where the roster is meant: `12-24`, `2027-01`, `2027`, `today`."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta

from dutydesk.domain.errors import Invalid
from dutydesk.domain.text import clean, cut
from dutydesk.domain.words import N_

_NEAR = {"today": 0, "今天": 0, "tomorrow": 1, "明天": 1, "yesterday": -1, "昨天": -1}
_FULL = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_MONTH = re.compile(r"(\d{4})[-/.年](\d{1,2})月?")
_SHORT = re.compile(r"(\d{1,2})[-/.月](\d{1,2})日?")
_YEAR = re.compile(r"(\d{4})年?")


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", clean(text)).casefold().replace(" ", "")


def read_day(text: str, field: str, today: date) -> date:
    """Return the day meant: a month or a year is its first day, a day without a year the nearest one."""
    plain = _plain(text)
    if plain in _NEAR:
        return today + timedelta(days=_NEAR[plain])
    try:
        if found := _FULL.fullmatch(plain):
            return date(*(int(part) for part in found.groups()))
        if found := _SHORT.fullmatch(plain):
            return _nearest(int(found[1]), int(found[2]), today)
        if found := _MONTH.fullmatch(plain):
            return date(int(found[1]), int(found[2]), 1)
        if found := _YEAR.fullmatch(plain):
            return date(int(found[1]), 1, 1)
    except ValueError:
        pass
    raise Invalid(N_("“{text}” is not a day. Write 2027-01-15 or 01-15."), field=field, text=cut(clean(text), 30))


def _nearest(month: int, day: int, today: date) -> date:
    days = []
    for year in (today.year - 1, today.year, today.year + 1):
        try:
            days.append(date(year, month, day))
        except ValueError:
            continue
    if not days:
        raise ValueError(day)
    return min(days, key=lambda each: abs((each - today).days))


def read_month(text: str, field: str, today: date) -> date:
    """Return the first day of the month meant by `2027-01` or `1`, the next such month."""
    plain = _plain(text)
    if found := _MONTH.fullmatch(plain):
        year, month = int(found[1]), int(found[2])
    elif plain.rstrip("月").isdecimal() and 1 <= int(plain.rstrip("月")) <= 12:
        month = int(plain.rstrip("月"))
        year = today.year + (month < today.month)
    else:
        year, month = 0, 0
    if not (1 <= month <= 12 and 1900 < year < 9990):
        raise Invalid(N_("“{text}” is not a month. Write 2027-01."), field=field, text=cut(clean(text), 30))
    return date(year, month, 1)


def read_year(text: str, field: str) -> date:
    """Return the first day of the year meant by `2027`."""
    found = _YEAR.fullmatch(_plain(text))
    if not found or not 1900 < int(found[1]) < 9990:
        raise Invalid(N_("“{text}” is not a year. Write 2027."), field=field, text=cut(clean(text), 30))
    return date(int(found[1]), 1, 1)
