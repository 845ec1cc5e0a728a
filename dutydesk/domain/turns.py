"""Counting turns, and the line of people who take them. Source: DOMAIN 2.

A turn counts what is really worked: days outside the mask use up no turn, a partial first period does, and the count
begins at the rule's start. People who join or leave never move whoever is on: the line remembers people, not numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

from dutydesk.domain.planned import Reason
from dutydesk.domain.rules import Every, RotationRule
from dutydesk.domain.walltime import DAY

HOUR = 3600


class TurnCounter:
    """Gives each worked slot of a rotation its turn number, from 1; slots must come in order of time."""

    def __init__(self, rule: RotationRule) -> None:
        self.rule = rule
        self.periods = 0
        self.key: object = None

    def turn(self, day: date, start: int) -> int:
        """Return the turn of the slot that starts `start` wall-clock seconds after the midnight of `day`."""
        key = self._key(day, start)
        if key is None or key != self.key:
            self.periods += 1
            self.key = key
        interval = 1 if self.rule.every is Every.HOUR else self.rule.interval
        return (self.periods - 1) // interval + 1

    def _key(self, day: date, start: int) -> object:
        rule = self.rule
        if rule.every is Every.SLOT:
            return None
        if rule.every is Every.HOUR:
            return hour_period(rule, day, start)
        duty_day = day if start >= rule.turn_at else day - timedelta(days=1)
        if rule.every is Every.WEEK:
            return duty_day - timedelta(days=(duty_day.weekday() - rule.week_starts) % 7)
        return (duty_day.year, duty_day.month) if rule.every is Every.MONTH else duty_day


def hour_period(rule: RotationRule, day: date, start: int) -> int:
    """Return the number of the hourly period, on the wall clock since the rule's start."""
    since = (day - rule.start).days * DAY + start - rule.turn_at
    return since // (rule.interval * HOUR)


def hour_pieces(rule: RotationRule, day: date, start: int, end: int) -> list[tuple[int, int]]:
    """Return a window cut where the hourly turns change, as (start, end) in wall-clock seconds after midnight."""
    pieces: list[tuple[int, int]] = []
    while start < end:
        next_turn = (hour_period(rule, day, start) + 1) * rule.interval * HOUR
        border = next_turn + rule.turn_at - (day - rule.start).days * DAY
        pieces.append((start, min(border, end)))
        start = border
    return pieces


Entry = tuple[str, ...]
Fits = Callable[[Entry], Reason | None]


@dataclass
class Taken:
    """Who takes a turn: entries with what was special about it, and the reasons for places nobody could take."""

    entries: list[tuple[Entry, str]] = field(default_factory=list)
    empty: list[Reason] = field(default_factory=list)


class Line:
    """The fixed order at work: everybody once a round, the skipped first when they are free again.

    With `share` (the number of shifts a day) every round after the first exchanges neighbours when the people would
    otherwise always meet the same shift; see `RotationRule.share_shifts`.
    """

    def __init__(self, entries: tuple[Entry, ...], share: int = 0) -> None:
        self.entries = entries
        self.share = share
        self.round = -1
        self.waiting: list[int] = []
        self.known: set[int] = set()
        self.latest = -1
        self.owed: list[int] = []

    def take(self, count: int, present: Callable[[Entry], bool], fits: Fits) -> Taken:
        """Return who takes the next turn of `count` places.

        `present` says whether an entry belongs to the desk now, `fits` why it cannot take the turn (None: it can). Who
        is skipped while another one takes the turn is owed one. Short rest yields only when somebody else is free.
        """
        before = (self.round, list(self.waiting), set(self.known), self.latest)
        taken = Taken()
        chosen = self._take_owed(count, present, fits, taken)
        skipped: list[tuple[int, Reason]] = []
        active = [index for index, entry in enumerate(self.entries) if present(entry)]
        for _ in range(len(active) * 2):
            if len(chosen) == count or len(chosen) + len(skipped) >= len(active):
                break
            index = self._next(active)
            if index in chosen:
                self.owed.append(index)
                continue
            reason = fits(self.entries[index])
            if reason is None:
                chosen.append(index)
                taken.entries.append((self.entries[index], self._special()))
            elif index not in [held for held, _ in skipped]:
                skipped.append((index, reason))
        self._take_tired(count, chosen, skipped, taken)
        if not chosen:
            self.round, self.waiting, self.known, self.latest = before
        else:
            self._remember(skipped)
        self._count_empty(count - len(chosen), skipped, taken)
        return taken

    def _take_owed(self, count: int, present: Callable[[Entry], bool], fits: Fits, taken: Taken) -> list[int]:
        self.owed = [index for index in self.owed if present(self.entries[index])]
        chosen: list[int] = []
        for index in list(self.owed):
            if len(chosen) < count and fits(self.entries[index]) is None:
                self.owed.remove(index)
                chosen.append(index)
                taken.entries.append((self.entries[index], "owed"))
        return chosen

    def _take_tired(self, count: int, chosen: list[int], skipped: list[tuple[int, Reason]], taken: Taken) -> None:
        """Take the ones with too short a rest after all when nobody else is there."""
        for held in list(skipped):
            if len(chosen) < count and held[1] is Reason.REST:
                skipped.remove(held)
                chosen.append(held[0])
                taken.entries.append((self.entries[held[0]], ""))

    def _remember(self, skipped: list[tuple[int, Reason]]) -> None:
        for index, reason in skipped:
            if reason is not Reason.GONE and index not in self.owed:
                self.owed.append(index)

    def _count_empty(self, places: int, skipped: list[tuple[int, Reason]], taken: Taken) -> None:
        for number in range(places):
            reason = skipped[number][1] if number < len(skipped) else Reason.NOBODY
            taken.empty.append(reason)

    def _next(self, active: list[int]) -> int:
        """Return the next entry of the round; the first of a new round after the last."""
        here = set(active)
        self.waiting = [index for index in self.waiting if index in here]
        for index in active:
            if index not in self.known:
                self.known.add(index)
                if self.round >= 0 and index > self.latest:
                    place = next((at for at, other in enumerate(self.waiting) if other > index), len(self.waiting))
                    self.waiting.insert(place, index)
        if not self.waiting:
            self.round += 1
            self.waiting = self._arranged(active)
            self.known = here
        self.latest = self.waiting.pop(0)
        return self.latest

    def _arranged(self, active: list[int]) -> list[int]:
        if not self._exchanges(len(active)):
            return list(active)
        by = self.round % self.share
        blocks = [active[at : at + self.share] for at in range(0, len(active), self.share)]
        return [index for block in blocks for index in block[by:] + block[:by]]

    def _exchanges(self, people: int) -> bool:
        return self.share > 1 and people % self.share == 0 and people >= 2 * self.share

    def _special(self) -> str:
        exchanged = self._exchanges(len(self.known)) and self.round % self.share
        return "shared" if exchanged else ""
