"""The rotation engine: who is on each slot, and why. Pure, deterministic, no clock. Source: DOMAIN 2, DESIGN 6.

A plan is always computed from the start of the rules, so that a plan made in two halves equals the plan made whole and
the phase never depends on the day it is made. For every shift of a day the rotations with the highest priority count;
of equal ones everybody is on. A slot hidden by a higher priority uses up no turn.

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

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from dutydesk.domain import walltime
from dutydesk.domain.calendar import WorkCalendar
from dutydesk.domain.errors import Invalid
from dutydesk.domain.ledger import Ledger
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
from dutydesk.domain.seats import Frame, Seats, Turning
from dutydesk.domain.turns import Line, TurnCounter, hour_pieces
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
]


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
    if last < first:
        raise Invalid(N_("The last day {last} is before the first day {first}."), last=last, first=first)
    engine = _Engine(policy, people, calendar, list(away))
    slots = engine.run(first, last, history, since)
    opening = min(shift.window.start for shift in policy.shifts.values())
    zone = policy.tz
    span = walltime.at(first, opening, zone), walltime.at(last + timedelta(days=1), opening, zone)
    return Plan(
        first=first,
        last=last,
        slots=tuple(slots),
        gaps=gaps_between(*span, [(slot.starts_at, slot.ends_at) for slot in slots]),
        shortage=tuple(engine.shortages(first, last)),
        unknown=_unknown(policy, people),
    )


def _unknown(policy: Policy, people: Sequence[Member]) -> tuple[str, ...]:
    """Return the logins that the policy names and the desk does not know."""
    known = {member.login for member in people}
    named = {
        who
        for rule in policy.rotations
        for order in rule.orders.values()
        for entry in order.entries
        for who in entry
        if who != EVERYBODY and not who.startswith(POST)
    }
    return tuple(sorted(named - known))


class _Engine:
    def __init__(self, policy: Policy, people: Sequence[Member], calendar: WorkCalendar, away: list[Away]) -> None:
        self.policy = policy
        self.zone: ZoneInfo = policy.tz
        self.calendar = calendar
        self.members = {member.login: member for member in people}
        self.away = away
        self.ledger = Ledger(policy.rest, away)
        self.turning = [self._turning(rule) for rule in policy.rotations]

    def _turning(self, rule: RotationRule) -> Turning:
        share = len(rule.shifts) if rule.share_shifts and rule.every is Every.SLOT else 0
        people = list(self.members.values())
        lines = {post: Line(order.people(people), share) for post, order in rule.orders.items()}
        return Turning(rule, TurnCounter(rule), lines)

    def run(self, first: date, last: date, history: Sequence[Worked], since: date | None = None) -> list[Slot]:
        """Work through the days from the start of the rules and return the slots from `first` on."""
        slots: list[Slot] = []
        day = min(min(rule.start for rule in self.policy.rotations), first)
        while day <= last:
            if day == since:
                self.ledger = Ledger(self.policy.rest, self.away)
            if day == first and history:
                self.ledger = Ledger(self.policy.rest, self.away, (duty for duty in history if duty.day < first))
            for frame, turnings in self._frames(day):
                slot = self._fill(frame, turnings)
                if day >= first and slot:
                    slots.append(slot)
            day += timedelta(days=1)
        return sorted(slots, key=lambda slot: (slot.starts_at, slot.ends_at, slot.kind))

    def _frames(self, day: date) -> list[tuple[Frame, list[Turning]]]:
        """Return the slots of a day in order of time, each with the rotations that count for it."""
        active = [
            turning
            for turning in self.turning
            if turning.rule.start <= day and turning.rule.mask.matches(day, self.calendar)
        ]
        frames: list[tuple[Frame, list[Turning]]] = []
        for shift in self.policy.shifts.values():
            covering = [turning for turning in active if shift.key in turning.rule.shifts]
            if not covering:
                continue
            top = max(turning.rule.priority for turning in covering)
            chosen = [turning for turning in covering if turning.rule.priority == top]
            frames.extend(self._cut(day, shift.key, chosen))
        return sorted(frames, key=lambda item: (item[0].start, item[0].end))

    def _cut(self, day: date, kind: str, turnings: list[Turning]) -> list[tuple[Frame, list[Turning]]]:
        """Return one frame for the shift, or its pieces for rotations that turn by the hour."""
        shift = self.policy.shifts[kind]
        whole = [turning for turning in turnings if turning.rule.every is not Every.HOUR]
        frames = []
        if whole:
            frames.append((Frame(day, kind, shift.window.start, shift.window.end, shift.night), whole))
        for turning in turnings:
            if turning.rule.every is Every.HOUR:
                pieces = hour_pieces(turning.rule, day, shift.window.start, shift.window.end)
                frames += [
                    (Frame(day, kind, start, end, shift.night, part), [turning])
                    for part, (start, end) in enumerate(pieces)
                ]
        return frames

    def _fill(self, frame: Frame, turnings: list[Turning]) -> Slot | None:
        """Return the slot with its people; None when the clocks go forward over all of it."""
        starts_at = walltime.at(frame.day, frame.start, self.zone)
        ends_at = walltime.at(frame.day, frame.end, self.zone)
        assigned: list[Assigned] = []
        missing: list[Missing] = []
        for turning in turnings:
            turn = turning.counter.turn(frame.day, frame.start)
            if ends_at <= starts_at:
                continue
            seats = Seats(self.ledger, self.members, turning, frame, starts_at, ends_at, turn)
            seats.fill()
            assigned += seats.assigned
            missing += seats.missing
        if ends_at <= starts_at:
            return None
        return Slot(frame.day, frame.kind, starts_at, ends_at, tuple(assigned), tuple(missing), frame.part)

    def shortages(self, first: date, last: date) -> list[Shortage]:
        """Return each month between the two days that the people cannot cover at the cap, in numbers."""
        found: list[Shortage] = []
        month = first.replace(day=1)
        while month <= last:
            after = (month + timedelta(days=32)).replace(day=1)
            for turning in self.turning:
                if turning.rule.cap_per_month is not None:
                    found += self._shortage(turning, month, after)
            month = after
        return found

    def _shortage(self, turning: Turning, month: date, after: date) -> list[Shortage]:
        rule, cap = turning.rule, turning.rule.cap_per_month or 1
        days = [month + timedelta(days=step) for step in range((after - month).days)]
        slots = sum(
            len(hour_pieces(rule, day, self.policy.shifts[key].window.start, self.policy.shifts[key].window.end))
            if rule.every is Every.HOUR
            else 1
            for day in days
            if rule.start <= day and rule.mask.matches(day, self.calendar)
            for key in rule.shifts
        )
        found = []
        for post, line in turning.lines.items():
            duties = slots * (rule.need[post] if rule.by_post else rule.together)
            present = sum(
                any(self.members[login].at_desk(day) for login in entry for day in (days[0], days[-1]))
                for entry in line.entries
            )
            if duties > present * cap:
                needed = -(-duties // cap)
                found.append(Shortage(f"{month:%Y-%m}", rule.name, post, duties, cap, needed, present))
        return found
