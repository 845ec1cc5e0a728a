"""Frames: the slots of a day before anybody is on them, cut by time where a higher priority hides a lower one.

A temporary list stands above every rotation, a rotation of higher priority above one of lower priority, whichever
shifts they are about: what counts is the time. Of equal ones both count. What is hidden as a whole uses up no turn.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from dutydesk.domain.calendar import UnknownYear, WorkCalendar
from dutydesk.domain.policy import Policy
from dutydesk.domain.rules import Every
from dutydesk.domain.turns import hour_borders
from dutydesk.domain.walltime import DAY

Span = tuple[int, int]
"""Start and end in wall-clock seconds after the midnight of a day."""


@dataclass(frozen=True)
class Frame:
    """A slot before anybody is on it: start and end in wall-clock seconds after the midnight of `day`."""

    day: date
    kind: str
    start: int
    end: int
    night: bool
    part: int = 0


@dataclass(frozen=True)
class Cover:
    """A rotation, or a temporary list, that is about one shift of a day; `layer` is its number, `rank` its height."""

    layer: int
    kind: str
    start: int
    end: int
    rank: tuple[int, int]


class Grid:
    """The frames of each day under one policy.

    Layers are numbered: the rotations of the policy first, its temporary lists after them.
    """

    def __init__(self, policy: Policy, calendar: WorkCalendar) -> None:
        self.policy = policy
        self.calendar = calendar
        self.opening = min(shift.window.start for shift in policy.shifts.values())
        reach = max(shift.window.end for shift in policy.shifts.values())
        self.flat = len({rule.priority for rule in policy.rotations}) == 1 and not policy.temporary
        self.meets_tomorrow = reach > DAY + self.opening
        self.hourly = {at: rule for at, rule in enumerate(policy.rotations) if rule.every is Every.HOUR}
        self.near: dict[date, list[Cover]] = {}

    def frames(self, day: date) -> list[tuple[Frame, list[int]]]:
        """Return the frames that start on `day` in order of time, each with the layers that count for it."""
        covers = self._covers(day)
        if self.flat and not self.hourly:
            seen = [(cover, [(cover.start, cover.end)]) for cover in covers]
        else:
            higher = covers if self.flat else self._around(day, covers)
            seen = [(cover, self._visible(cover, higher)) for cover in covers]
        found: list[tuple[Frame, list[int]]] = []
        for kind, shift in self.policy.shifts.items():
            here = [(cover, spans) for cover, spans in seen if cover.kind == kind and spans]
            for part, (start, end) in enumerate(self._pieces(day, here)):
                layers = [cover.layer for cover, spans in here if any(a <= start and end <= b for a, b in spans)]
                found.append((Frame(day, kind, start, end, shift.night, part), layers))
        return sorted(found, key=lambda item: (item[0].start, item[0].end))

    def _covers(self, day: date) -> list[Cover]:
        if day in self.near:
            return self.near[day]
        covers: list[Cover] = []
        on = {key for key, shift in self.policy.shifts.items() if shift.days.matches(day, self.calendar)}
        for layer, rule in enumerate(self.policy.rotations):
            if rule.counts(day, self.calendar):
                for kind in dict.fromkeys(rule.shifts):
                    if kind in on:
                        window = self.policy.shifts[kind].window
                        covers.append(Cover(layer, kind, window.start, window.end, (0, rule.priority)))
        for number, listed in enumerate(self.policy.temporary):
            for kind in listed.days.get(day, ()):
                window = self.policy.shifts[kind].window
                layer = len(self.policy.rotations) + number
                covers.append(Cover(layer, kind, window.start, window.end, (1, number)))
        if len(self.near) > 3:
            del self.near[next(iter(self.near))]
        self.near[day] = covers
        return covers

    def _around(self, day: date, covers: list[Cover]) -> list[Cover]:
        """Return the covers of the day, and those of its neighbours that may reach into it, in its wall-clock time."""
        around = list(covers)
        yesterday, tomorrow = day - timedelta(days=1), day + timedelta(days=1)
        for other, shift in ((yesterday, -DAY), (tomorrow, DAY)):
            if other == tomorrow and not self.meets_tomorrow:
                continue
            try:
                near = self._covers(other)
            except UnknownYear:
                continue
            around += [Cover(each.layer, each.kind, each.start + shift, each.end + shift, each.rank) for each in near]
        return around

    def _visible(self, cover: Cover, others: Iterable[Cover]) -> list[Span]:
        spans = [(cover.start, cover.end)]
        for other in others:
            if other.rank > cover.rank:
                spans = [
                    (begin, end)
                    for low, high in spans
                    for begin, end in ((low, min(high, other.start)), (max(low, other.end), high))
                    if begin < end
                ]
        return spans

    def _pieces(self, day: date, seen: Sequence[tuple[Cover, list[Span]]]) -> list[Span]:
        """Return a shift cut wherever who counts for it changes, without the stretches that nobody counts for."""
        if len(seen) == 1 and len(seen[0][1]) == 1 and seen[0][0].layer not in self.hourly:
            return list(seen[0][1])
        borders = {border for _, spans in seen for span in spans for border in span}
        for cover, spans in seen:
            if rule := self.hourly.get(cover.layer):
                borders.update(border for low, high in spans for border in hour_borders(rule, day, low, high))
        ordered = sorted(borders)
        return [
            (start, end)
            for start, end in pairwise(ordered)
            if any(low <= start and end <= high for _, spans in seen for low, high in spans)
        ]
