"""Times as people at the desk read them, in the desk's zone: `14:31`, `Fri 08:00`, `2h14`."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from dutydesk.domain.words import N_
from dutydesk.locale import _, language

_zone: ZoneInfo = ZoneInfo("Asia/Shanghai")
WEEKDAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))


def use_zone(name: str) -> None:
    """Show times in the zone `name` (IANA) from now on."""
    global _zone
    _zone = ZoneInfo(name)


def zone() -> ZoneInfo:
    """Return the desk's zone."""
    return _zone


def local(at: int) -> datetime:
    """Return the instant `at` (epoch seconds) as an aware local datetime."""
    return datetime.fromtimestamp(at, _zone)


def hhmm(at: int) -> str:
    """Return `14:31`."""
    return f"{local(at):%H:%M}"


def day(at: int) -> str:
    """Return the date without a year: `22 Nov` or `11-22`."""
    return _short(local(at), language())


def day_of(iso_day: str, lang: str | None = None) -> str:
    """Return a date such as `2026-11-22` without its year, `22 Nov` or `11-22`, in `lang` or the language spoken."""
    return _short(datetime.fromisoformat(iso_day), lang or language())


def _short(moment: datetime, lang: str) -> str:
    return f"{moment:%m-%d}" if lang == "zh" else f"{moment.day} {moment:%b}"


def date(at: int) -> str:
    """Return the full date: `2026-11-22`."""
    return f"{local(at):%Y-%m-%d}"


def stamp(at: int) -> str:
    """Return date and time: `2026-11-22 14:31`."""
    return f"{local(at):%Y-%m-%d %H:%M}"


def weekday(at: int) -> str:
    """Return the short weekday in the language spoken: `Fri`, `周五`."""
    return _(WEEKDAYS[local(at).weekday()])


def when(at: int, now: int) -> str:
    """Return an instant relative to `now`: today `14:31`, within six days `Fri 08:00`, else `22 Nov 08:00`."""
    moment, today = local(at).date(), local(now).date()
    if moment == today:
        return hhmm(at)
    if abs((today - moment).days) < 7:
        return f"{weekday(at)} {hhmm(at)}"
    if moment.year == today.year:
        return f"{day(at)} {hhmm(at)}"
    return stamp(at)


def duration(seconds: int) -> str:
    """Return `0h12`, `2h14`, or `3d 4h` from two days on."""
    minutes = max(0, seconds) // 60
    if minutes >= 48 * 60:
        return f"{minutes // 1440}d {minutes % 1440 // 60}h"
    return f"{minutes // 60}h{minutes % 60:02d}"


def span(seconds: int) -> str:
    """Return a length of time in words: `32 min` below an hour, `2h14` or `3d 4h` beyond."""
    minutes = max(0, seconds) // 60
    return _("{n} min", n=minutes) if minutes < 60 else duration(seconds)


def iso(at: int | None) -> str | None:
    """Return UTC ISO 8601 for scripts: `2026-11-22T06:31:00Z`."""
    return None if at is None else f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}"
