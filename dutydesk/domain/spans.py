"""Days and months as people name them to a command: `2026-11-01`, `2026-11`, `2026年11月`."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta

from dutydesk.domain.errors import Invalid
from dutydesk.domain.words import N_

_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_MONTH = re.compile(r"(\d{4})[-/.年](\d{1,2})月?")
YEARS = range(1970, 9000)
"""Years that a desk can mean; beyond them calendars end."""


def day(text: str, *, field: str = "day") -> date:
    """Read a whole date; raise Invalid with an example."""
    found = _DAY.fullmatch(_plain(text))
    try:
        if found and int(found[1]) in YEARS:
            return date(*(int(part) for part in found.groups()))
    except ValueError:
        pass
    raise Invalid(N_("“{text}” is no day; write 2026-11-22."), field=field, text=text[:40])


def month(text: str, *, field: str = "month") -> tuple[date, date]:
    """Read a month as its first and last day; raise Invalid with an example."""
    found = _MONTH.fullmatch(_plain(text))
    try:
        if found and int(found[1]) in YEARS:
            return whole_month(date(int(found[1]), int(found[2]), 1))
    except ValueError:
        pass
    raise Invalid(N_("“{text}” is no month; write 2026-11."), field=field, text=text[:40])


def whole_month(inside: date) -> tuple[date, date]:
    """Return the first and the last day of the month that holds a day."""
    first = inside.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()
