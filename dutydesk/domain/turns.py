"""Counting turns: which turn a slot belongs to, and when the next one begins. Source: DOMAIN 2.

A turn counts what is really worked: days outside the mask use up no turn, a partial first period does, and the count
begins at the rule's start.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from dutydesk.domain import walltime
from dutydesk.domain.rules import Every, RotationRule
from dutydesk.domain.walltime import DAY

HOUR = 3600
REMEMBERED = 8
"""Periods that may run beside each other, as where shifts overlap."""


class TurnCounter:
    """Gives each worked slot of a rotation its turn number; slots must come in order of time.

    Turns are counted from `after` + 1, for a rotation that goes on under changed rules.
    """

    def __init__(self, rule: RotationRule, after: int = 0) -> None:
        self.rule = rule
        self.after = after
        self.periods = 0
        self.known: dict[object, int] = {}

    @property
    def latest(self) -> int:
        """Return the highest turn given so far."""
        interval = 1 if self.rule.every is Every.HOUR else self.rule.interval
        return self.after + (self.periods - 1) // interval + 1

    def turn(self, day: date, start: int, kind: str = "") -> int:
        """Return the turn of the slot of `kind` that starts `start` wall-clock seconds after the midnight of `day`."""
        key = period_key(self.rule, day, start, kind)
        period = self.known.get(key)
        if period is None:
            self.periods += 1
            period = self.known[key] = self.periods
            if len(self.known) > REMEMBERED:
                del self.known[next(iter(self.known))]
        interval = 1 if self.rule.every is Every.HOUR else self.rule.interval
        return self.after + (period - 1) // interval + 1


def period_key(rule: RotationRule, day: date, start: int, kind: str) -> object:
    """Return what the slots of one period have in common."""
    if rule.every is Every.SLOT:
        return day, kind
    if rule.every is Every.HOUR:
        return hour_period(rule, day, start)
    return period_start(rule, day if start >= rule.turn_at else day - timedelta(days=1))


def period_start(rule: RotationRule, day: date) -> date:
    """Return the first day of the period of days, weeks or months that `day` lies in."""
    if rule.every is Every.WEEK:
        return day - timedelta(days=min((day.weekday() - begin) % 7 for begin in rule.week_starts))
    if rule.every is Every.MONTH:
        begun = [start for start in _month_starts(rule, day) if start <= day]
        return max(begun) if begun else max(_month_starts(rule, day.replace(day=1) - timedelta(days=1)))
    return day


def _month_starts(rule: RotationRule, day: date) -> list[date]:
    last = monthrange(day.year, day.month)[1]
    return [day.replace(day=min(start, last)) for start in rule.month_starts]


def hour_period(rule: RotationRule, day: date, start: int) -> int:
    """Return the number of the hourly period, on the wall clock since the rule's start."""
    since = (day - rule.start).days * DAY + start - rule.turn_at
    return since // (rule.interval * HOUR)


def hour_borders(rule: RotationRule, day: date, start: int, end: int) -> Iterator[int]:
    """Yield where hourly turns change within a window, in wall-clock seconds after the midnight of `day`."""
    border = (hour_period(rule, day, start) + 1) * rule.interval * HOUR + rule.turn_at - (day - rule.start).days * DAY
    while border < end:
        yield border
        border += rule.interval * HOUR


def handoffs(rule: RotationRule, zone: ZoneInfo, from_at: int, to_at: int) -> tuple[int, ...]:
    """Return the instants from `from_at` to `to_at`, both included, at which turns change, every day counted.

    The wall clock of `zone` rules: an ambiguous time is the first one, a missing one the next valid instant, and two
    that fall together are one. The pattern reaches back before the rule's start. A rotation by the shift changes
    with its shifts and has none here.
    """
    first = walltime.local_day(from_at, zone) - timedelta(days=1)
    last = walltime.local_day(to_at, zone) + timedelta(days=1)
    if rule.every is Every.SLOT:
        return ()
    walls = _hourly(rule, first, last) if rule.every is Every.HOUR else _daily(rule, first, last)
    instants = {walltime.at(day, seconds, zone) for day, seconds in walls}
    return tuple(sorted(instant for instant in instants if from_at <= instant <= to_at))


def _hourly(rule: RotationRule, first: date, last: date) -> Iterator[tuple[date, int]]:
    end = ((last - first).days + 1) * DAY
    yield from ((first, border) for border in hour_borders(rule, first, -1, end))


def _daily(rule: RotationRule, first: date, last: date) -> Iterator[tuple[date, int]]:
    """Yield the first day of each turn: every `interval`-th period, counted from the one of the rule's start."""
    begin = period_start(rule, rule.start)
    day, number, step = begin, 0, _later if first > begin else _earlier
    while (day < first) if step is _later else (day > first):
        day, number = step(rule, day), number + (1 if step is _later else -1)
    while day <= last:
        if number % rule.interval == 0:
            yield day, rule.turn_at
        day, number = _later(rule, day), number + 1


def _later(rule: RotationRule, begin: date) -> date:
    day = begin + timedelta(days=1)
    while period_start(rule, day) != day:
        day += timedelta(days=1)
    return day


def _earlier(rule: RotationRule, begin: date) -> date:
    return period_start(rule, begin - timedelta(days=1))
