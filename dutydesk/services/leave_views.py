"""Leaves as screens and commands read them: the duties they touch, who covers what, and what stands in the way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from peewee import JOIN, ModelSelect

from dutydesk.domain import clock
from dutydesk.domain.errors import NotFound
from dutydesk.domain.leave import STANDING, CoverStatus, LeaveKind, LeaveStatus, Span, days_of, minus
from dutydesk.domain.log import Said
from dutydesk.domain.people import Role
from dutydesk.domain.policy import Policy
from dutydesk.domain.words import N_, Label
from dutydesk.services.absences import active_changes
from dutydesk.services.core import Actor, reads
from dutydesk.services.covers import Duty, Fields, duties_between, post_on
from dutydesk.services.shift_views import facts
from dutydesk.storage.models.attendance import Attendance
from dutydesk.storage.models.leave import Leave, LeaveCover
from dutydesk.storage.models.people import Person
from dutydesk.storage.models.roster import RosterChange
from dutydesk.storage.models.shift import DutyShift

OLD_SHOWN = 200
"""Decided leaves of the past that are listed, the last ones."""


@dataclass(frozen=True)
class CoverLine:
    """Somebody asked to take a stretch of a shift; instants are epoch seconds.

    `trouble` says why he cannot do it as things stand now, `concerns` what speaks against him though he could.
    """

    id: int
    shift_id: int
    person_id: int
    label: Label
    from_at: int
    to_at: int
    status: CoverStatus
    reason: str
    asked_at: int
    answered_at: int | None
    version: int
    trouble: Said | None = None
    concerns: tuple[Said, ...] = ()

    @property
    def span(self) -> Span:
        """Return its bounds."""
        return self.from_at, self.to_at


@dataclass(frozen=True)
class DutyLine:
    """A shift that a leave touches: the stretches in which the person is away, its covers, and what is still open.

    A shift that is `fixed` is over or signed for: the roster no longer changes it, it stays with the person.
    """

    shift_id: int
    day: str
    kind: str
    title: Label
    starts_at: int
    ends_at: int
    post: str
    spans: tuple[Span, ...]
    covers: tuple[CoverLine, ...]
    open: tuple[Span, ...]
    fixed: bool

    @property
    def from_at(self) -> int:
        """Return when the absence begins."""
        return self.spans[0][0]

    @property
    def to_at(self) -> int:
        """Return when the absence ends."""
        return self.spans[-1][1]

    @property
    def whole(self) -> bool:
        """Whether the person is away for all of the shift."""
        return (self.from_at, self.to_at) == (self.starts_at, self.ends_at)

    @property
    def standing(self) -> tuple[CoverLine, ...]:
        """Return the covers that count."""
        return tuple(cover for cover in self.covers if cover.status in STANDING)


@dataclass(frozen=True)
class LeaveLine:
    """A leave as lists show it; instants are epoch seconds, `days` first and last day of one that lasts whole days.

    `duties` counts the shifts it touches, `covered` those whose substitutes have agreed to all of it, `waiting` the
    substitutes who have not answered, `open` the shifts with a stretch that nobody is asked for. Until it is decided
    `fixed` counts the shifts that are over or signed for, which need no substitute, apart from `duties`.
    """

    id: int
    number: str
    person_id: int
    person: Label
    kind: LeaveKind
    starts_at: int
    ends_at: int
    days: tuple[date, date] | None
    reason: str
    status: LeaveStatus
    asked_at: int
    decided_by: Label | None
    decided_at: int | None
    decision: str
    version: int
    duties: int = 0
    covered: int = 0
    waiting: int = 0
    open: int = 0
    fixed: int = 0
    asks: tuple[int, ...] = field(default=())

    @property
    def undecided(self) -> bool:
        """Whether a supervisor has still to decide."""
        return self.status is LeaveStatus.ASKED


@dataclass(frozen=True)
class LeaveView:
    """One leave, whole."""

    line: LeaveLine
    duties: tuple[DutyLine, ...]


def opening_of(policy: Policy) -> int:
    """Return when the desk's day begins, in seconds after midnight."""
    return min(shift.window.start for shift in policy.shifts.values())


# Duties and covers


def duties_of(row: Leave, fields: Fields | None = None) -> tuple[DutyLine, ...]:
    """Return the shifts that a leave touches, in order of time."""
    known, now = facts(), clock.now()
    spans: dict[int, list[Span]] = defaultdict(list)
    for duty in duties_between(row.starts_at, row.ends_at, [row.person_id]):
        spans[duty.shift_id].append(_within(duty, row))
    on = {shift: tuple(parts) for shift, parts in spans.items()}
    posts: dict[int, str] = {}
    for shift_id, part, post in _changed(row):
        spans[shift_id].append(part)
        posts[shift_id] = post
    covers = _covers(row)
    for shift_id, held in covers.items():
        if shift_id not in spans:
            spans[shift_id] = [line.span for line in held]
    shifts = {shift.id: shift for shift in DutyShift.select().where(DutyShift.id.in_(list(spans)))} if spans else {}
    signed = _signed(list(shifts))
    fields = fields or Fields(row.id)
    found = []
    for shift in sorted(shifts.values(), key=lambda shift: (shift.starts_at, shift.id)):
        post = posts.get(shift.id) or post_on(shift.id, row.person_id)
        lines = covers.get(shift.id, [])
        if row.status == LeaveStatus.ASKED.value:
            lines = [_judged(line, on.get(shift.id, ()), post, fields, now) for line in lines]
        fixed = shift.ends_at <= now or shift.id in signed
        found.append(_duty_line(shift, known.title(shift.kind), post, _joined(spans[shift.id]), lines, fixed))
    return tuple(found)


def _duty_line(
    shift: DutyShift, title: Label, post: str, spans: tuple[Span, ...], covers: list[CoverLine], fixed: bool
) -> DutyLine:
    standing = [line.span for line in covers if line.status in STANDING]
    return DutyLine(
        shift_id=shift.id,
        day=shift.day,
        kind=shift.kind,
        title=title,
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        post=post,
        spans=spans,
        covers=tuple(covers),
        open=() if fixed else tuple(left for part in spans for left in minus(part, standing)),
        fixed=fixed,
    )


def _signed(shift_ids: list[int]) -> set[int]:
    """Return the shifts that somebody has signed for."""
    rows = Attendance.select(Attendance.shift).where(Attendance.shift.in_(shift_ids)).distinct().tuples()
    return {shift for (shift,) in rows} if shift_ids else set()


def _within(duty: Duty, row: Leave) -> Span:
    begin, end = int(row.starts_at), int(row.ends_at)
    return max(duty.from_at, begin), min(duty.to_at, end)


def _joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return stretches in order, those that touch made one."""
    joined: list[Span] = []
    for begin, end in sorted(spans):
        if joined and begin <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((begin, end))
    return tuple(joined)


def _changed(row: Leave) -> list[tuple[int, Span, str]]:
    """Return the stretches that the roster has taken from the person because of this leave, and the post there."""
    change = RosterChange
    rows = (
        change.select(DutyShift.id, DutyShift.starts_at, DutyShift.ends_at, change.from_at, change.to_at, change.post)
        .join(DutyShift, on=((DutyShift.day == change.day) & (DutyShift.kind == change.shift_kind)))
        .where(active_changes(row.id) & (change.person_out == row.person_id))
    )
    return [
        (shift, (begin if low is None else low, end if high is None else high), post)
        for shift, begin, end, low, high, post in rows.tuples()
    ]


def _covers(row: Leave) -> dict[int, list[CoverLine]]:
    rows = (
        LeaveCover.select(LeaveCover, Person, DutyShift)
        .join(Person)
        .switch(LeaveCover)
        .join(DutyShift)
        .where((LeaveCover.leave == row.id) & (LeaveCover.status != CoverStatus.DROPPED.value))
        .order_by(LeaveCover.from_at, LeaveCover.id)
    )
    found: dict[int, list[CoverLine]] = defaultdict(list)
    for each in rows:
        found[each.shift_id].append(
            CoverLine(
                id=each.id,
                shift_id=each.shift_id,
                person_id=each.substitute_id,
                label=Label(each.substitute.name, each.substitute.name_en),
                from_at=each.shift.starts_at if each.from_at is None else each.from_at,
                to_at=each.shift.ends_at if each.to_at is None else each.to_at,
                status=CoverStatus(each.status),
                reason=each.reason,
                asked_at=each.asked_at,
                answered_at=each.answered_at,
                version=each.version,
            )
        )
    return found


def _judged(cover: CoverLine, on: Sequence[Span], post: str, fields: Fields, now: int) -> CoverLine:
    """Return a cover with what stands in its way now."""
    if cover.status not in STANDING:
        return cover
    trouble, against = judge_cover(cover.person_id, cover.span, on, post, fields, now)
    return CoverLine(**{**cover.__dict__, "trouble": trouble, "concerns": against})


def judge_cover(
    person_id: int, span: Span, on: Sequence[Span], post: str, fields: Fields, now: int
) -> tuple[Said | None, tuple[Said, ...]]:
    """Return why somebody cannot take a stretch now, and what speaks against him.

    `on` is where the absent one is planned.
    """
    if span[1] <= now:
        return Said(N_("can no longer cover it: the shift is over")), ()
    if not any(begin <= span[0] and span[1] <= end for begin, end in _joined(on)):
        return Said(N_("would cover a duty that the roster has changed since")), ()
    near = fields.of(span)
    trouble = near.obstacle(person_id, span)
    return trouble, () if trouble else near.concerns(person_id, span, post)


# Leaves


def line_of(row: Leave, duties: Sequence[DutyLine], policy: Policy, who: Actor) -> LeaveLine:
    """Return a leave as lists show it; the reason is for the person, his substitutes and the supervisors."""
    covers = [cover for duty in duties for cover in duty.standing]
    asks = tuple(cover.id for cover in covers if cover.person_id == who.person_id and cover.status is CoverStatus.ASKED)
    knows = who.role is Role.SUPERVISOR or who.person_id in {row.person_id, *(cover.person_id for cover in covers)}
    decider = row.decided_by
    moved = [duty for duty in duties if not duty.fixed or row.status != LeaveStatus.ASKED.value]
    return LeaveLine(
        id=row.id,
        number=row.number,
        person_id=row.person_id,
        person=Label(row.person.name, row.person.name_en),
        kind=LeaveKind(row.kind),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        days=days_of(row.starts_at, row.ends_at, opening_of(policy), policy.tz),
        reason=row.reason if knows else "",
        status=LeaveStatus(row.status),
        asked_at=row.asked_at,
        decided_by=Label(decider.name, decider.name_en) if decider is not None else None,
        decided_at=row.decided_at,
        decision=row.decision,
        version=row.version,
        duties=len(moved),
        covered=sum(_is_covered(duty) for duty in moved),
        waiting=sum(cover.status is CoverStatus.ASKED for cover in covers),
        open=sum(bool(duty.open) for duty in duties),
        fixed=len(duties) - len(moved),
        asks=asks if row.status == LeaveStatus.ASKED.value else (),
    )


def _is_covered(duty: DutyLine) -> bool:
    agreed = [cover.span for cover in duty.covers if cover.status is CoverStatus.AGREED and cover.trouble is None]
    return not any(minus(part, agreed) for part in duty.spans)


def view_of(who: Actor, leave_id: int) -> LeaveView:
    """Return one leave."""
    rows = list(_select().where(Leave.id == leave_id))
    if not rows:
        raise NotFound(N_("There is no leave {number}."), number=leave_id)
    fields = Fields(leave_id)
    duties = duties_of(rows[0], fields)
    return LeaveView(line_of(rows[0], duties, fields.policy, who), duties)


def _select() -> ModelSelect:
    decider = Person.alias()
    return (
        Leave.select(Leave, Person, decider)
        .join(Person, on=(Leave.person == Person.id))
        .switch(Leave)
        .join(decider, JOIN.LEFT_OUTER, on=(Leave.decided_by == decider.id), attr="decided_by")
    )


@reads()
def view(who: Actor, leave_id: int) -> LeaveView:
    """Return one leave with its duties and covers."""
    return view_of(who, leave_id)


@reads()
def by_number(who: Actor, number: str) -> LeaveView:
    """Return a leave by its number or its id."""
    row = Leave.get_or_none(Leave.number == number.strip().upper())
    if row is None and number.isdecimal() and len(number) < 16:
        row = Leave.get_or_none(Leave.id == int(number))
    if row is None:
        raise NotFound(N_("There is no leave {number}."), number=number)
    return view_of(who, row.id)


@reads()
def lines(who: Actor, *, mine: bool = False) -> list[LeaveLine]:
    """Return leaves: those to decide by their start, approved ones that are not over, then the last ones of the past.

    With `mine` only those of this person.
    """
    own = (Leave.person == who.person_id) if mine else (Leave.id > 0)
    living = (Leave.status == LeaveStatus.ASKED.value) | (
        (Leave.status == LeaveStatus.APPROVED.value) & (Leave.ends_at > clock.now())
    )
    ahead = list(_select().where(own & living).order_by(Leave.status.desc(), Leave.starts_at, Leave.id))
    past = list(_select().where(own & ~living).order_by(Leave.starts_at.desc(), Leave.id.desc()).limit(OLD_SHOWN))
    if not ahead and not past:
        return []
    policy = Fields().policy
    found = [line_of(row, duties_of(row, Fields(row.id, policy)), policy, who) for row in ahead]
    return found + [line_of(row, (), policy, who) for row in past]
