"""A time zone as VTIMEZONE: every change of the offset that a range of days needs. Source: RFC 5545, 3.6.5.

A rule is written where the changes follow one (Europe: the last Sunday), the bare instants where they do not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dutydesk.integrations.files import package

_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_STEP = timedelta(days=7)


@dataclass(frozen=True)
class Observance:
    """One offset of a zone: what it was before, what it is, its name, since when, and whether clocks are ahead.

    `starts` are local times in the offset before, as VTIMEZONE wants them. `ahead` is daylight time as readers take it:
    the larger offset, also where the law calls the winter the exception (Ireland, Morocco).
    """

    before: timedelta
    offset: timedelta
    name: str
    starts: tuple[datetime, ...]
    ahead: bool

    def rule(self) -> dict[str, Any] | None:
        """Return the yearly rule that `starts` follow (month, weekday, place in the month), or None."""
        first = self.starts[0]
        if len(self.starts) < 2 or any(
            (at.month, at.weekday(), at.time()) != (first.month, first.weekday(), first.time()) for at in self.starts
        ):
            return None
        if [at.year for at in self.starts] != list(range(first.year, first.year + len(self.starts))):
            return None
        places = {(at.day - 1) // 7 + 1 for at in self.starts}
        last = all((at + _STEP).month != at.month for at in self.starts)
        if len(places) > 1 and not last:
            return None
        place = -1 if last else places.pop()
        return {"freq": "yearly", "bymonth": first.month, "byday": f"{place}{_DAYS[first.weekday()]}"}


def observances(zone: ZoneInfo, first: datetime, last: datetime) -> list[Observance]:
    """Return the offsets of `zone` from the year before `first` to the year after `last`, the oldest first."""
    begin, end = datetime(first.year - 1, 1, 1, tzinfo=UTC), datetime(last.year + 2, 1, 1, tzinfo=UTC)
    local = begin.astimezone(zone)
    offset = _offset(local)
    found = {(offset, offset, local.tzname() or ""): [(begin + offset).replace(tzinfo=None)]}
    for at, before in _changes(zone, begin, end):
        local = at.astimezone(zone)
        key = (before, _offset(local), local.tzname() or "")
        found.setdefault(key, []).append((at + before).replace(tzinfo=None))
    least = min(offset for _before, offset, _name in found)
    return [Observance(*key, tuple(starts), key[1] > least) for key, starts in found.items()]


def _offset(local: datetime) -> timedelta:
    return local.utcoffset() or timedelta()


def _changes(zone: ZoneInfo, begin: datetime, end: datetime) -> Iterator[tuple[datetime, timedelta]]:
    """Yield every instant at which the offset or its name changes, with the offset before."""

    def state(at: datetime) -> tuple[timedelta, str | None]:
        local = at.astimezone(zone)
        return _offset(local), local.tzname()

    at = begin
    while at < end:
        low, high = at, at + _STEP
        if state(low) != state(high):
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) // 2
                low, high = (middle, high) if state(middle) == state(low) else (low, middle)
            yield high.replace(microsecond=0), state(at)[0]
        at += _STEP


def timezone(zone: ZoneInfo, first: datetime, last: datetime) -> Any:
    """Return the VTIMEZONE component of `zone` for events between `first` and `last`."""
    ical = package("icalendar", "calendar")
    component = ical.Timezone()
    component.add("tzid", zone.key)
    for each in observances(zone, first, last):
        part = ical.TimezoneDaylight() if each.ahead else ical.TimezoneStandard()
        part.add("dtstart", each.starts[0])
        part.add("tzoffsetfrom", each.before)
        part.add("tzoffsetto", each.offset)
        part.add("tzname", each.name)
        _repeat(part, each, each.starts)
        component.add_component(part)
    return component


def _repeat(part: Any, each: Observance, starts: Sequence[datetime]) -> None:
    rule = each.rule()
    if rule is not None:
        part.add("rrule", rule)
    elif len(starts) > 1:
        part.add("rdate", list(starts[1:]))
