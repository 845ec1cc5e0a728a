"""The rotation engine: who is on each slot, and why. Pure, deterministic, no clock. Source: DOMAIN 2, DESIGN 6.

A plan is always computed from the start of the rules, so that a plan made in two halves equals the plan made whole and
the phase never depends on the day it is made. What counts at an hour is a temporary list before a rotation, and a
rotation of higher priority before one of lower priority; of equal ones everybody is on. A shift that is hidden in
part is cut by time, a shift that is hidden as a whole uses up no turn.

Rules change with an effective date: `plan_versions` keeps the old plan up to the opening of that day and cuts it
exactly there. A rotation of the same name and start goes on where it was; every other one has the phase of its own
start.

Cap. `cap_per_month` counts a person's duties by the calendar month of the day the slot starts. With
`over_cap = "flag"` whoever has reached the cap is skipped and owed the turn, and when nobody is left the place stays
empty with the reason "cap reached". With `over_cap = "assign"` (the shipped twelve-hour policy) turns go on in the
fixed order, because a desk of eight could otherwise staff only 24 of 60 duties; every duty over the cap carries a flag.
Either way `Plan.shortage` tells for each month how many people the cap needs and how many there are.
Source: REQUIREMENTS A2.

Rest. Whoever has not had `hours_between` is skipped at the start of a turn while somebody else is free, and owed the
turn; when nobody else is free the duty is assigned with a flag. Long shifts and runs of nights or days are flagged.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from dutydesk.domain import walltime
from dutydesk.domain.calendar import UnknownYear, WorkCalendar
from dutydesk.domain.errors import Invalid
from dutydesk.domain.frames import Frame, Grid
from dutydesk.domain.ledger import Ledger
from dutydesk.domain.line import Crew, Line
from dutydesk.domain.planned import (
    Assigned,
    Away,
    Flag,
    Gap,
    Missing,
    Plan,
    Reason,
    Shortage,
    Slot,
    Worked,
    gaps_between,
)
from dutydesk.domain.policy import Policy
from dutydesk.domain.rules import EVERYBODY, POST, Every, Member, RotationRule
from dutydesk.domain.seats import ListSeats, Seats, Turning, TurnSeats
from dutydesk.domain.turns import TurnCounter
from dutydesk.domain.words import N_

__all__ = [
    "Assigned",
    "Away",
    "Flag",
    "Gap",
    "Member",
    "Missing",
    "Plan",
    "Reason",
    "Shortage",
    "Slot",
    "Worked",
    "plan",
    "plan_versions",
]
ONE_DAY = timedelta(days=1)


def plan(
    policy: Policy,
    people: Sequence[Member],
    calendar: WorkCalendar,
    first: date,
    last: date,
    history: Sequence[Worked] = (),
    away: Iterable[Away] = (),
    since: date | None = None,
) -> Plan:
    """Plan the slots that start on the days `first` to `last`, both included.

    `history` are duties already done or published before `first`: when given, caps and rest count them instead of
    what the rules alone would have planned; turns never depend on them. `since` is the day from which on duties were
    done at all: those that the rules alone would have planned before it count for nothing. Raises UnknownYear when a
    rotation asks for day kinds of a year that the calendar does not hold, Invalid when `last` lies before `first`.
    """
    return plan_versions([(date.min, policy)], people, calendar, first, last, history, away, since)


def plan_versions(
    versions: Iterable[tuple[date, Policy]],
    people: Sequence[Member],
    calendar: WorkCalendar,
    first: date,
    last: date,
    history: Sequence[Worked] = (),
    away: Iterable[Away] = (),
    since: date | None = None,
) -> Plan:
    """Plan as `plan` does under policies that came into force one after the other, each with its effective day.

    A version rules the slots that start on its effective day and later. What the version before left running is cut
    at the instant its successor's first shift begins. Before the first version nothing is planned. Of two versions
    with the same day the later in `versions` counts. Raises Invalid where there is no version, else as `plan`.
    """
    if last < first:
        raise Invalid(N_("The last day {last} is before the first day {first}."), last=last, first=first)
    ordered = [each for _, each in sorted({day: (day, policy) for day, policy in versions}.items())]
    if not ordered:
        raise Invalid(N_("There is no duty policy to plan with."))
    stretches = [
        Stretch(policy, day, following[0] if following else None, following[1] if following else None)
        for (day, policy), following in zip(ordered, [*ordered[1:], None], strict=True)
    ]
    crews = _Crews(people)
    engine = _Engine(stretches, crews, calendar, list(away))
    slots, covered = engine.run(first, last, history, since)
    span = engine.stretch_of(first).opening(first), engine.stretch_of(last + ONE_DAY).opening(last + ONE_DAY)
    in_force = [stretch for stretch in stretches if stretch.meets(first, last)]
    return Plan(
        first=first,
        last=last,
        slots=tuple(slots),
        gaps=gaps_between(*span, covered),
        shortage=tuple(short for each in in_force for short in engine.shortages(each, first, last)),
        unknown=tuple(sorted({login for each in in_force for login in _unknown(each.policy, crews)})),
    )


def _unknown(policy: Policy, crews: _Crews) -> set[str]:
    """Return the logins that the policy names and the desk does not know."""
    named = {
        who
        for rule in policy.rotations
        for order in rule.orders.values()
        for entry in order.entries
        for who in entry
        if who != EVERYBODY and not who.startswith(POST)
    }
    named |= {
        login
        for listed in policy.temporary
        for shifts in listed.days.values()
        for people in shifts.values()
        for login, _ in people
    }
    return named - set(crews.members)


@dataclass(frozen=True)
class Stretch:
    """A policy and the days it is in force: from `begins` until the day before `ends`, when `after` follows."""

    policy: Policy
    begins: date
    ends: date | None
    after: Policy | None

    def opening(self, day: date) -> int:
        """Return the instant at which duty begins on `day` under this policy: its earliest shift."""
        return walltime.at(day, min(shift.window.start for shift in self.policy.shifts.values()), self.policy.tz)

    def cut(self, calendar: WorkCalendar) -> int | None:
        """Return the instant at which the policy that follows cuts this one: when its first shift begins."""
        if self.after is None or self.ends is None:
            return None
        try:
            frames = Grid(self.after, calendar).frames(self.ends)
        except UnknownYear:
            return None
        return walltime.at(self.ends, frames[0][0].start, self.after.tz) if frames else None

    def meets(self, first: date, last: date) -> bool:
        """Whether the policy is in force on any day from `first` to `last`."""
        return self.begins <= last and (self.ends is None or first < self.ends)


class _Crews:
    """Who belongs to the desk on each day."""

    def __init__(self, people: Sequence[Member]) -> None:
        self.members = {member.login: member for member in people}
        starts = {member.since for member in people if member.since is not None}
        ends = {member.until + ONE_DAY for member in people if member.until is not None}
        self.turns = sorted(starts | ends)
        self.kept: dict[int, Crew] = {}

    def on(self, day: date) -> Crew:
        """Return who belongs to the desk on `day`: the same object as long as nobody comes or goes."""
        at = bisect_right(self.turns, day)
        if at not in self.kept:
            self.kept[at] = frozenset(login for login, member in self.members.items() if member.at_desk(day))
        return self.kept[at]


class _Engine:
    def __init__(
        self, stretches: Sequence[Stretch], crews: _Crews, calendar: WorkCalendar, away: Sequence[Away]
    ) -> None:
        self.stretches = stretches
        self.crews = crews
        self.calendar = calendar
        self.away = away
        self._begin(stretches[0], [])

    def stretch_of(self, day: date) -> Stretch:
        """Return what is in force on `day`; before the first version its own shifts set the hours."""
        return next((each for each in reversed(self.stretches) if each.begins <= day), self.stretches[0])

    def _begin(self, stretch: Stretch, before: Sequence[Turning]) -> None:
        """Put a policy in force: rotations that go on keep their turns, others have the phase of their own start."""
        policy = stretch.policy
        self.stretch, self.cut = stretch, stretch.cut(self.calendar)
        self.grid = Grid(policy, self.calendar)
        if not before:
            self.ledger = Ledger(policy.rest, policy.tz, self.away)
        self.ledger.rest, self.ledger.zone = policy.rest, policy.tz
        ghosts = self._ghosts(stretch, before)
        known = {turning.rule.name: turning for turning in before}
        self.turning = [
            self._following(known[rule.name], rule)
            if rule.name in known and known[rule.name].rule.start == rule.start
            else ghosts.get(rule.name) or self._fresh(rule)
            for rule in policy.rotations
        ]

    def _ghosts(self, stretch: Stretch, before: Sequence[Turning]) -> dict[str, Turning]:
        """Return the rotations that began on paper before their policy came into force, as far as they have come."""
        starts = {turning.rule.name: turning.rule.start for turning in before}
        fresh = [
            rule
            for rule in stretch.policy.rotations
            if rule.start < stretch.begins and starts.get(rule.name) != rule.start
        ]
        if not fresh or stretch.begins == date.min:
            return {}
        paper = _Engine([Stretch(stretch.policy, date.min, None, None)], self.crews, self.calendar, self.away)
        start = min(rule.start for rule in stretch.policy.rotations)
        for _ in paper.days(start, stretch.begins - ONE_DAY):
            pass
        return {turning.rule.name: turning for turning in paper.turning}

    def _line(self, rule: RotationRule, post: str) -> Line:
        share = len(rule.shifts) if rule.share_shifts and rule.every is Every.SLOT else 0
        return Line(rule.orders[post].people(self.crews.members.values()), share)

    def _fresh(self, rule: RotationRule) -> Turning:
        return Turning(rule, TurnCounter(rule), {post: self._line(rule, post) for post in rule.orders})

    def _following(self, before: Turning, rule: RotationRule) -> Turning:
        """Return a rotation that goes on under a new version; a changed one begins its next turn."""
        if before.rule == rule:
            return before
        lines = {}
        for post in rule.orders:
            line = self._line(rule, post)
            lines[post] = before.lines[post].following(line.entries, line.share) if post in before.lines else line
        return Turning(rule, TurnCounter(rule, before.counter.latest), lines)

    def run(
        self, first: date, last: date, history: Sequence[Worked], since: date | None
    ) -> tuple[list[Slot], list[tuple[int, int]]]:
        """Return the slots that start from `first` to `last`, and the hours covered, with those of the day before."""
        begin = min(rule.start for stretch in self.stretches for rule in stretch.policy.rotations)
        slots: list[Slot] = []
        covered: list[tuple[int, int]] = []
        for day, made in self.days(min(begin, first - ONE_DAY), last, first, history, since):
            if day >= first:
                slots += made
            if day >= first - ONE_DAY:
                covered += [(slot.starts_at, slot.ends_at) for slot in made]
        return sorted(slots, key=lambda slot: (slot.starts_at, slot.ends_at, slot.kind, slot.part)), covered

    def days(
        self,
        begin: date,
        last: date,
        first: date | None = None,
        history: Sequence[Worked] = (),
        since: date | None = None,
    ) -> Iterator[tuple[date, list[Slot]]]:
        """Work through the days in order and give the slots of each."""
        waiting = list(self.stretches[1:])
        if self.stretch.begins > begin:
            begin = self.stretch.begins
        day = begin
        while day <= last:
            if waiting and day >= waiting[0].begins:
                if self.cut is not None:
                    self.ledger.end_by(self.cut)
                self._begin(waiting.pop(0), self.turning)
            if day == since:
                self.ledger.restart()
            if history and first is not None and day >= first:
                self.ledger.restart(duty for duty in history if duty.day < first)
                history = ()
            yield day, [slot for frame, layers in self.grid.frames(day) if (slot := self._fill(frame, layers))]
            day += ONE_DAY

    def _fill(self, frame: Frame, layers: Sequence[int]) -> Slot | None:
        """Return the slot with its people; None when the clocks go forward over all of it."""
        policy = self.stretch.policy
        starts_at = walltime.at(frame.day, frame.start, policy.tz)
        ends_at = walltime.at(frame.day, frame.end, policy.tz)
        if self.cut is not None:
            ends_at = min(ends_at, self.cut)
        assigned: list[Assigned] = []
        missing: list[Missing] = []
        crew = self.crews.on(frame.day)
        for layer in layers:
            seats: Seats
            if layer >= len(self.turning):
                seats = ListSeats(self.ledger, self.crews.members, crew, frame, (starts_at, ends_at))
                if starts_at < ends_at:
                    seats.fill(policy.temporary[layer - len(self.turning)])
            else:
                turning = self.turning[layer]
                turn = turning.counter.turn(frame.day, frame.start, frame.kind)
                seats = TurnSeats(self.ledger, self.crews.members, crew, frame, (starts_at, ends_at))
                if starts_at < ends_at:
                    seats.fill(turning, turn)
            assigned += seats.assigned
            missing += seats.missing
        if ends_at <= starts_at:
            return None
        return Slot(frame.day, frame.kind, starts_at, ends_at, tuple(assigned), tuple(missing), frame.part)

    def shortages(self, stretch: Stretch, first: date, last: date) -> list[Shortage]:
        """Return each month between the two days that the people cannot cover at the cap, in numbers."""
        capped = [at for at, rule in enumerate(stretch.policy.rotations) if rule.cap_per_month is not None]
        found: list[Shortage] = []
        month = first.replace(day=1)
        while capped and month <= last:
            after = (month + timedelta(days=32)).replace(day=1)
            days = [month + timedelta(days=step) for step in range((after - month).days)]
            found += self._month_shortages(stretch, capped, [day for day in days if stretch.meets(day, day)])
            month = after
        return found

    def _month_shortages(self, stretch: Stretch, capped: Sequence[int], days: Sequence[date]) -> list[Shortage]:
        grid = Grid(stretch.policy, self.calendar)
        slots: dict[int, set[tuple[date, str, int]]] = defaultdict(set)
        for day in days:
            for frame, layers in grid.frames(day):
                for layer in layers:
                    slots[layer].add((day, frame.kind, frame.part if layer in grid.hourly else 0))
        found = []
        for layer in capped:
            rule = stretch.policy.rotations[layer]
            cap = rule.cap_per_month or 1
            for post in rule.orders:
                duties = len(slots[layer]) * (rule.need[post] if rule.by_post else rule.together)
                line = self._line(rule, post)
                present = (
                    sum(
                        any(login in self.crews.on(day) for login in entry for day in (days[0], days[-1]))
                        for entry in line.entries
                    )
                    if days
                    else 0
                )
                if duties > present * cap:
                    month, needed = f"{days[0]:%Y-%m}", -(-duties // cap)
                    found.append(Shortage(month, rule.name, post, duties, cap, needed, present))
        return found
