"""Counting incidents for the charts: by day, week or month, by weekday and hour, in the desk's zone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from dutydesk.domain.words import N_, Named

RANGES = (7, 30, 90, 365)
"""The ranges that are offered, in days up to and including today."""
SLICE = 900
"""Seconds of the slices that the database counts: every zone's offset is a multiple of a quarter of an hour, so that
no slice straddles a local hour."""


class Step(Named):
    """How wide one bar is."""

    DAY = "day", N_("by day")
    WEEK = "week", N_("by week")
    MONTH = "month", N_("by month")


@dataclass(frozen=True)
class Bar:
    """One bar: the first day it covers, and the counts by priority."""

    start: date
    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        """All priorities together."""
        return sum(self.counts.values())


def step_for(days: int) -> Step:
    """Return the width of a bar that keeps a range readable: a day up to 31 days, a week up to 120, else a month."""
    if days <= 31:
        return Step.DAY
    return Step.WEEK if days <= 120 else Step.MONTH


def first_day(today: date, days: int) -> date:
    """Return the first day of a range of `days` that ends today."""
    return today - timedelta(days=days - 1)


def bar_start(day: date, step: Step) -> date:
    """Return the day on which the bar of `day` starts; weeks start on Monday."""
    if step is Step.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if step is Step.MONTH else day


def bars(slices: Iterable[tuple[int, str, int]], first: date, last: date, zone: ZoneInfo) -> list[Bar]:
    """Return one bar a day, week or month from `first` to `last`, empty ones too.

    `slices` are (slice number, priority, count); a slice number is epoch seconds divided by `SLICE`.
    """
    step = step_for((last - first).days + 1)
    counted: dict[date, dict[str, int]] = {}
    day = first
    while day <= last:
        counted.setdefault(bar_start(day, step), {})
        day += timedelta(days=1)
    for number, priority, count in slices:
        start = bar_start(datetime.fromtimestamp(number * SLICE, zone).date(), step)
        if start in counted:
            counted[start][priority] = counted[start].get(priority, 0) + count
    return [Bar(start, counts) for start, counts in counted.items()]


def heat(slices: Iterable[tuple[int, str, int]], zone: ZoneInfo) -> list[list[int]]:
    """Return counts by weekday (Monday first) and hour of the day."""
    grid = [[0] * 24 for _ in range(7)]
    for number, _priority, count in slices:
        moment = datetime.fromtimestamp(number * SLICE, zone)
        grid[moment.weekday()][moment.hour] += count
    return grid
