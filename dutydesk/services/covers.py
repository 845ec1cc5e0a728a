"""Who could take a stretch of somebody's duty, in the order in which to ask, with the reasons shown.

Source: REQUIREMENTS C10, DOMAIN 8.7; the order itself is told in `domain.leave.rank`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from peewee import fn

from dutydesk.domain import clock
from dutydesk.domain.calendar import DayKind, UnknownYear
from dutydesk.domain.leave import (
    HOUR,
    USUAL_REST,
    CoverStatus,
    Fitness,
    LeaveStatus,
    Span,
    common,
    gaps_beside,
    rank,
    reasons,
)
from dutydesk.domain.leave import concerns as against
from dutydesk.domain.log import Said
from dutydesk.domain.people import Role
from dutydesk.domain.policy import Policy
from dutydesk.domain.walltime import local_day, midnight
from dutydesk.domain.words import N_, Label
from dutydesk.services import people, planning
from dutydesk.services.core import Actor, get, reads
from dutydesk.services.people import PersonView
from dutydesk.services.shift_views import WITHDRAWN, facts
from dutydesk.storage.models.leave import Leave, LeaveCover
from dutydesk.storage.models.people import Person
from dutydesk.storage.models.shift import Assignment, DutyShift

HOLIDAYS = frozenset({DayKind.STATUTORY, DayKind.BRIDGE})
"""Days whose duties are remembered as holidays worked."""
LOOK_BACK = 366
"""Days in which a holiday worked is looked for."""
NEAR = 2 * 86400
"""Seconds around a duty in which its neighbours are looked for."""


@dataclass(frozen=True)
class Candidate:
    """Somebody who could take the duty; `load` is the hours of his month without it.

    `reasons` say why he stands where he stands, `concerns` what speaks against him.
    """

    person: PersonView
    load: float
    duties: int
    rest_ok: bool
    post_ok: bool
    last_holiday: date | None
    reasons: tuple[Said, ...]
    concerns: tuple[Said, ...] = ()


@dataclass(frozen=True)
class Duty:
    """A stretch that somebody is on, of which shift."""

    shift_id: int
    person_id: int
    day: str
    kind: str
    post: str
    from_at: int
    to_at: int

    @property
    def span(self) -> Span:
        """Return its bounds."""
        return self.from_at, self.to_at


def duties_between(from_at: int, to_at: int, people_ids: Collection[int] | None = None) -> list[Duty]:
    """Return who is on between two instants, in order of time; extras who came unplanned count as well."""
    begins = fn.COALESCE(Assignment.from_at, DutyShift.starts_at)
    ends = fn.COALESCE(Assignment.to_at, DutyShift.ends_at)
    touching = (DutyShift.starts_at < to_at) & (DutyShift.ends_at > from_at) & (begins < to_at) & (ends > from_at)
    standing = Assignment.person.is_null(False) & (Assignment.flag != WITHDRAWN)
    if people_ids is not None:
        standing &= Assignment.person.in_(list(people_ids))
    columns = (DutyShift.id, Assignment.person, DutyShift.day, DutyShift.kind, Assignment.post, begins, ends)
    rows = Assignment.select(*columns).join(DutyShift).where(touching & standing)
    return [Duty(*row) for row in rows.order_by(DutyShift.starts_at, Assignment.id).tuples()]


def post_on(shift_id: int, person_id: int | None) -> str:
    """Return the post that somebody holds on a shift, "" for none."""
    rows = Assignment.select(Assignment.post).where(
        (Assignment.shift == shift_id) & (Assignment.person == person_id) & (Assignment.flag != WITHDRAWN)
    )
    return max((post for (post,) in list(rows.tuples())), default="")


class Field:
    """What is known around one month: everybody's duties, absences and promises; asked once for many questions.

    `apart` is the leave whose own covers are no promise to somebody else.
    """

    def __init__(self, policy: Policy, span: Span, *, apart: int | None = None) -> None:
        self.policy = policy
        self.apart = apart
        self.day = local_day(span[0], policy.tz)
        self.month = f"{self.day:%Y-%m}"
        first = self.day.replace(day=1)
        begin, end = midnight(first, policy.tz), midnight((first + timedelta(days=32)).replace(day=1), policy.tz)
        self.bounds = min(begin, span[0] - NEAR), max(end + NEAR, span[1] + NEAR)
        self.duties: dict[int, list[Duty]] = defaultdict(list)
        for duty in duties_between(*self.bounds):
            self.duties[duty.person_id].append(duty)

    @cached_property
    def staff(self) -> dict[int, PersonView]:
        """Return everybody who may be on duty, in the fixed order."""
        everyone = people.everyone(SILENT)
        return {person.id: person for person in everyone if person.role is not Role.READER}

    @cached_property
    def away(self) -> dict[int, list[Span]]:
        """Return when people are on approved leave."""
        rows = Leave.select(Leave.person, Leave.starts_at, Leave.ends_at).where(
            (Leave.status == LeaveStatus.APPROVED.value)
            & (Leave.starts_at < self.bounds[1])
            & (Leave.ends_at > self.bounds[0])
        )
        found: dict[int, list[Span]] = defaultdict(list)
        for person, begin, end in rows.tuples():
            found[person].append((begin, end))
        return found

    @cached_property
    def promised(self) -> dict[int, list[Span]]:
        """Return what people have agreed to cover in leaves that nobody has decided yet."""
        rows = (
            LeaveCover.select(LeaveCover.substitute, LeaveCover.from_at, LeaveCover.to_at, LeaveCover.leave)
            .join(Leave)
            .where((LeaveCover.status == CoverStatus.AGREED.value) & (Leave.status == LeaveStatus.ASKED.value))
        )
        found: dict[int, list[Span]] = defaultdict(list)
        for person, begin, end, leave in rows.tuples():
            if leave != self.apart:
                found[person].append((begin, end))
        return found

    @cached_property
    def holidays(self) -> Mapping[int, date]:
        """Return the last holiday that each person has worked before the day in question."""
        calendar = planning.working_calendar(self.policy.calendar)
        days = []
        for back in range(1, LOOK_BACK + 1):
            day = self.day - timedelta(days=back)
            try:
                if calendar.kind(day) in HOLIDAYS:
                    days.append(day.isoformat())
            except UnknownYear:
                break
        rows = (
            Assignment.select(Assignment.person, fn.MAX(DutyShift.day))
            .join(DutyShift)
            .where(DutyShift.day.in_(days) & Assignment.person.is_null(False) & (Assignment.flag != WITHDRAWN))
            .group_by(Assignment.person)
        )
        return {person: date.fromisoformat(day) for person, day in rows.tuples()} if days else {}

    def obstacle(self, person_id: int | None, span: Span, without: Collection[int] = ()) -> Said | None:
        """Return why somebody cannot be there at all: not at the desk, on duty, on leave, or promised to another.

        The shifts of `without` count as given away.
        """
        person = self.staff.get(person_id or 0)
        if person is None or not person.active:
            return Said(N_("is not at the desk any more"))
        if any(duty.shift_id not in without and common(duty.span, span) for duty in self.duties[person.id]):
            return Said(N_("is on duty at that time"))
        if any(common(away, span) for away in self.away.get(person.id, ())):
            return Said(N_("is on leave at that time"))
        if any(common(promise, span) for promise in self.promised.get(person.id, ())):
            return Said(N_("covers for somebody else at that time"))
        return None

    def fitness(self, person_id: int, span: Span, post: str, without: Collection[int] = ()) -> Fitness:
        """Return how somebody stands to a stretch: load, rest, post, last holiday worked."""
        person = self.staff[person_id]
        spans = [duty.span for duty in self.duties[person_id] if duty.shift_id not in without]
        here = [
            duty for duty in self.duties[person_id] if duty.day.startswith(self.month) and duty.shift_id not in without
        ]
        before, after = gaps_beside(span, spans)
        caps = [rule.cap_per_month for rule in self.policy.rotations if rule.cap_per_month is not None]
        return Fitness(
            duties=len({duty.shift_id for duty in here}),
            hours=sum(duty.to_at - duty.from_at for duty in here) / HOUR,
            rest_before=before,
            rest_after=after,
            rest=self.policy.rest.hours_between or USUAL_REST,
            holds_post=not post or post in person.posts,
            holiday=self.holidays.get(person_id),
            cap=min(caps, default=None),
            order=list(self.staff).index(person_id),
        )

    def concerns(self, person_id: int, span: Span, post: str, without: Collection[int] = ()) -> tuple[Said, ...]:
        """Return what speaks against somebody who could be there."""
        return against(self.fitness(person_id, span, post, without), label_of(post))


class Fields:
    """The fields of several stretches of time, one a month."""

    def __init__(self, apart: int | None = None, policy: Policy | None = None) -> None:
        self.apart = apart
        self._policy = policy
        self._known: list[Field] = []

    @property
    def policy(self) -> Policy:
        """Return the policy in force."""
        self._policy = self._policy or planning.adopted()
        return self._policy

    def of(self, span: Span) -> Field:
        """Return what is known around a stretch."""
        month = f"{local_day(span[0], self.policy.tz):%Y-%m}"
        for field in self._known:
            if field.month == month and span[1] + NEAR <= field.bounds[1]:
                return field
        field = Field(self.policy, span, apart=self.apart)
        self._known.append(field)
        return field


SILENT = people.system_actor()


def label_of(post: str) -> Label | None:
    """Return the name of a post, None for none."""
    return facts().post(post) if post else None


def _candidate(
    field: Field, person: PersonView, span: Span, post: str, label: Label | None
) -> tuple[Fitness, Candidate]:
    fitness = field.fitness(person.id, span, post)
    return fitness, Candidate(
        person=person,
        load=fitness.hours,
        duties=fitness.duties,
        rest_ok=fitness.rest_ok,
        post_ok=fitness.holds_post,
        last_holiday=fitness.holiday,
        reasons=reasons(fitness, label),
        concerns=against(fitness, label),
    )


def ranked(field: Field, span: Span, post: str, never: Iterable[int]) -> list[Candidate]:
    """Return who could take a stretch, the first to be asked first."""
    apart, label = set(never), label_of(post)
    found = [
        _candidate(field, person, span, post, label)
        for person in field.staff.values()
        if person.role is Role.ENGINEER and person.id not in apart and field.obstacle(person.id, span) is None
    ]
    return [candidate for _fitness, candidate in sorted(found, key=lambda pair: rank(pair[0]))]


@reads()
def propose(
    who: Actor,
    shift_id: int,
    from_at: int | None = None,
    to_at: int | None = None,
    *,
    instead_of: int | None = None,
) -> list[Candidate]:
    """Return who could take a shift, or its part between two instants, from `instead_of` (by default who asks).

    Left out are those who cannot be there: on duty, on leave, or promised to somebody else at that time.
    """
    shift = get(DutyShift, shift_id, N_("Shift"))
    begin = max(shift.starts_at if from_at is None else from_at, clock.now())
    span = (begin, max(begin, shift.ends_at if to_at is None else to_at))
    out = instead_of or who.person_id
    return ranked(Fields().of(span), span, post_on(shift_id, out), {out})


def name_of(person_id: int | None) -> Label:
    """Return the name of a person; empty for nobody."""
    rows = list(Person.select(Person.name, Person.name_en).where(Person.id == person_id).tuples())
    return Label(*rows[0]) if rows else Label("")
