"""Days as people type them to look something up: `22`, `11-22`, `yesterday`, `Fri`, with a time or without."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from dutydesk.domain import moments, walltime
from dutydesk.domain.errors import Invalid
from dutydesk.domain.words import N_


def last_instant(text: str, *, now: int, zone: ZoneInfo, field: str | None = None) -> int:
    """Return the instant (epoch seconds, UTC) that a person writes; of a day alone, its last minute.

    A number alone is the last such day of a month, today included. Raises Invalid with examples.
    """
    text = text.strip()
    if text.isdecimal() and len(text) <= 2:
        text = _day_of_month(int(text), now, zone, field)
    for written in (text, f"{text} 23:59") if text else ():
        try:
            return moments.moment(written, now=now, zone=zone)
        except Invalid:
            continue
    raise Invalid(
        N_("“{text}” is no day. Write 11-22, 2026-11-22, yesterday or Fri, with a time if you like."),
        field=field,
        text=text[:40],
    )


def _day_of_month(number: int, now: int, zone: ZoneInfo, field: str | None) -> str:
    day = walltime.local_day(now, zone)
    for _step in range(62):
        if day.day == number:
            return day.isoformat()
        day -= timedelta(days=1)
    raise Invalid(N_("No month has a day {number}."), field=field, number=number)


def day_span(text: str, *, now: int, zone: ZoneInfo, field: str | None = None) -> tuple[int, int]:
    """Return the first instant of the day that a person writes, and of the day after."""
    day = walltime.local_day(last_instant(text, now=now, zone=zone, field=field), zone)
    return walltime.midnight(day, zone), walltime.midnight(day + timedelta(days=1), zone)
