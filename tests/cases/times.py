"""Times and lengths of time, windows of a day and of a zone, asked of `walltime` and `relative`."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dutydesk.domain import relative, walltime
from dutydesk.domain.errors import Invalid
from tests.cases.collected import Case
from tests.cases.kinds import Answer, check

HOUR = 3600


def read_window(text: str) -> walltime.Window:
    """Return a window written as `22:00-06:00`; hours above 24 are on the next day."""
    start, _, end = text.partition("-")
    return walltime.window(start, end, last="48:00")


@check("day_window")
def day_window(case: Case) -> Answer:
    """Where the window of a day begins and ends on the wall clock."""
    begin, end = _bounds(case, ZoneInfo(case.timezone))
    return {"begin": begin.replace(tzinfo=None).isoformat(), "end": end.replace(tzinfo=None).isoformat()}


@check("dst_window")
def dst_window(case: Case) -> Answer:
    """The same in a zone that changes its clocks, with the hours that really pass."""
    begin, end = _bounds(case, walltime.zone_named(case.given["zone"]))
    hours = (end.timestamp() - begin.timestamp()) / HOUR
    return {"begin": begin.isoformat(), "end": end.isoformat(), "elapsed_hours": hours}


def _bounds(case: Case, zone: ZoneInfo) -> tuple[datetime, datetime]:
    window = read_window(case.given["window"])
    first, last = window.bounds(date.fromisoformat(case.given["day"]), zone)
    return walltime.local(first, zone), walltime.local(last, zone)


@check("time_range_parse")
def time_range_parse(case: Case) -> Answer:
    """A stretch of one day in minutes; one that ends before it begins belongs to two days and is none."""
    try:
        window = walltime.window(case.given["start"], case.given["end"])
    except Invalid:
        return {"minutes": None, "error": True}
    if window.overnight:
        return {"minutes": None, "error": True}
    return {"minutes": [window.start // 60, window.end // 60], "error": False}


@check("wall_to_utc")
def wall_to_utc(case: Case) -> Answer:
    """What instant a time on the wall is."""
    zone = walltime.zone_named(case.given["zone"])
    at = walltime.instant(datetime.fromisoformat(case.given["wall"]), zone)
    moment = datetime.fromtimestamp(at, UTC).replace(tzinfo=None)
    return {"utc": moment.isoformat(timespec="seconds" if moment.second else "minutes")}


@check("relative_time")
def relative_time(case: Case) -> Answer:
    """A length of time in seconds."""
    try:
        length = relative.amount(case.given)
    except Invalid:
        return {"seconds": None, "error": True}
    return {"seconds": length.seconds + length.days * walltime.DAY, "error": bool(length.months)}


@check("relative_time_period")
def relative_time_period(case: Case) -> Answer:
    """A length of time on the calendar."""
    length = relative.amount(case.given)
    return {"years_months_days": [*divmod(length.months, 12), length.days]}


@check("month_back")
def month_back(case: Case) -> Answer:
    """How many days lie between a day and the day so much before it."""
    zone = ZoneInfo(case.timezone)
    end = date.fromisoformat(case.given["end"])
    before = relative.before(walltime.midnight(end, zone), relative.amount(case.given["amount"]), zone)
    return {"days": (end - walltime.local_day(before, zone)) // timedelta(days=1)}


def local_instant(text: str, zone: ZoneInfo) -> int:
    """Return the instant of `2017-06-01T00:00` in a zone, or of a time that names its own offset."""
    moment = datetime.fromisoformat(text)
    return walltime.instant(moment, zone) if moment.tzinfo is None else int(moment.timestamp())


def local_text(at: int, zone: ZoneInfo) -> str:
    """Return an instant as the case files write local times: `2017-06-01T00:00`."""
    return walltime.local(at, zone).strftime("%Y-%m-%dT%H:%M")


def with_offset(at: int, zone: ZoneInfo) -> str:
    """Return an instant as `2020-10-30T01:30-05:00`."""
    return walltime.local(at, zone).isoformat(timespec="minutes")


def values(found: Any) -> list[Any]:
    """Return a list of what may be one value, several, or none."""
    return found if isinstance(found, list) else [] if found is None else [found]
