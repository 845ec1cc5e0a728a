"""Leave: asked ahead with a reason, covers asked and answered, decided by a supervisor; the roster follows.

A leave that nobody has decided is withdrawn by the one who asked; an approved one is cancelled, and its covers fall
away. Source: REQUIREMENTS C10, DOMAIN 8.7. The decision is in `leave_decide`, what the roster asks in `leave_follow`.
"""

from __future__ import annotations

from dutydesk.domain import clock
from dutydesk.domain.errors import Invalid, Refused
from dutydesk.domain.leave import (
    REASON_LIMIT,
    CoverStatus,
    LeaveStatus,
    Span,
    check_part,
    check_span,
    common,
    kind_of,
)
from dutydesk.domain.people import Role
from dutydesk.domain.text import optional, required
from dutydesk.domain.words import N_
from dutydesk.services import covers, planning
from dutydesk.services.absences import away
from dutydesk.services.core import ENGINEERS, Actor, create, get, reads, writes
from dutydesk.services.covers import Candidate, Fields
from dutydesk.services.leave_decide import approve, cancel, fill, refuse
from dutydesk.services.leave_steps import (
    NewCover,
    NewLeave,
    deciders,
    drop,
    duty_named,
    leave_of,
    may_arrange,
    next_number,
    recorded,
    refuse_cover,
    set_cover,
    tell,
    tell_cover,
    tell_when_ready,
    touch,
    undecided,
)
from dutydesk.services.leave_views import (
    CoverLine,
    DutyLine,
    LeaveLine,
    LeaveView,
    by_number,
    duties_of,
    judge_cover,
    lines,
    opening_of,
    view,
    view_of,
)
from dutydesk.services.shift_views import facts
from dutydesk.services.swap_views import SwapDuty
from dutydesk.storage.models.base import Row
from dutydesk.storage.models.leave import Leave, LeaveCover
from dutydesk.storage.models.people import Person

__all__ = [
    "CoverLine",
    "DutyLine",
    "LeaveLine",
    "LeaveView",
    "NewCover",
    "NewLeave",
    "answer",
    "approve",
    "ask",
    "away",
    "by_number",
    "cancel",
    "candidates",
    "cover",
    "drop_cover",
    "lines",
    "opening",
    "refuse",
    "touched",
    "view",
    "withdraw",
]


@reads()
def opening(who: Actor) -> int:  # noqa: ARG001
    """Return when the desk's day begins, in seconds after midnight: a leave by days runs from there to there."""
    return opening_of(planning.adopted())


@reads()
def touched(who: Actor, starts_at: int, ends_at: int, person_id: int | None = None) -> list[SwapDuty]:
    """Return the duties that a leave between two instants would touch."""
    titles = facts()
    found = covers.duties_between(starts_at, ends_at, [person_id or who.person_id])
    return [
        SwapDuty(duty.shift_id, duty.day, duty.kind, titles.title(duty.kind), duty.from_at, duty.to_at)
        for duty in found
    ]


@writes(ENGINEERS)
def ask(who: Actor, new: NewLeave) -> LeaveView:
    """Ask for leave, with the substitutes one has in mind; covers can be asked for later as well.

    Raises Invalid for a time that has passed or in which the person has another leave.
    """
    now = clock.now()
    person = _person(who, new.person_id)
    starts_at = check_span(new.starts_at, new.ends_at, now)
    _check_free(person, (starts_at, new.ends_at))
    row = create(
        Leave,
        number=next_number(Leave, "LV"),
        person=person,
        kind=kind_of(new.kind).value,
        starts_at=starts_at,
        ends_at=new.ends_at,
        reason=required(new.reason, "reason", limit=REASON_LIMIT),
        asked_at=now,
    )
    recorded(who, "leave.asked", row, kind=row.kind, **{"from": row.starts_at, "to": row.ends_at}, reason=row.reason)
    for each in new.covers:
        row = _ask_cover(who, row, each)
    tell(who, deciders(row), N_("{name} asks for leave {begin} – {end}: {number}."), row)
    if person != who.person_id:
        tell(who, [person], N_("Leave {begin} – {end} was asked for in your name: {number}."), row)
    return view_of(who, row.id)


def _person(who: Actor, person_id: int | None) -> int:
    if person_id is None or person_id == who.person_id:
        return who.person_id
    if who.role is not Role.SUPERVISOR:
        raise Refused(N_("Only a supervisor asks for leave in somebody else's name."))
    return int(get(Person, person_id, N_("Person")).id)


def _check_free(person: int, span: Span, apart: int = 0) -> None:
    living = Leave.status.in_([LeaveStatus.ASKED.value, LeaveStatus.APPROVED.value])
    meeting = (Leave.starts_at < span[1]) & (Leave.ends_at > span[0])
    other = Leave.get_or_none(living & meeting & (Leave.person == person) & (Leave.id != apart))
    if other is not None:
        raise Invalid(N_("There is leave {number} in that time already."), field="starts_at", number=other.number)


# Covers


@reads()
def candidates(
    who: Actor, leave_id: int, shift_id: int, from_at: int | None = None, to_at: int | None = None
) -> list[Candidate]:
    """Return who could cover a shift of a leave, or the part of it between two instants, the first to ask first."""
    row = leave_of(leave_id)
    duty = duty_named(view_of(who, leave_id).duties, shift_id)
    begin = max(duty.from_at if from_at is None else from_at, clock.now())
    span = (begin, max(begin, duty.to_at if to_at is None else to_at))
    return covers.ranked(Fields(row.id).of(span), span, duty.post, {row.person_id})


@writes(ENGINEERS)
def cover(who: Actor, leave_id: int, new: NewCover, *, version: int | None = None) -> LeaveView:
    """Ask somebody to cover a shift of a leave, or a part of it; covers of the same stretch asked before are dropped.

    A supervisor may do so for an approved leave whose place is empty; it then takes effect when the substitute agrees.
    Raises Invalid when that person cannot be there.
    """
    row = leave_of(leave_id)
    may_arrange(who, row)
    if row.status != LeaveStatus.APPROVED.value or who.role is not Role.SUPERVISOR:
        row = undecided(leave_id)
    if version is not None:
        row = touch(row, version)
    row = _ask_cover(who, row, new)
    return view_of(who, row.id)


def _ask_cover(who: Actor, row: Leave, new: NewCover) -> Leave:
    now, fields = clock.now(), Fields(row.id)
    duty = duty_named(duties_of(row, fields), new.shift_id)
    name = covers.name_of(new.person_id)
    if duty.fixed:
        raise Refused(
            N_("The {shift} shift is over or signed for; who helps there signs in as an extra."), shift=duty.title
        )
    wanted = (
        duty.from_at if new.from_at is None else new.from_at,
        duty.to_at if new.to_at is None else new.to_at,
    )
    span = check_part(wanted, (duty.from_at, duty.to_at), now)
    if new.person_id == row.person_id:
        raise Invalid(N_("Nobody covers for himself."), field="person_id")
    trouble = fields.of(span).obstacle(new.person_id, span)
    if trouble is not None:
        raise refuse_cover(name, trouble, "person_id")
    meeting = [each for each in duty.standing if common(each.span, span)]
    if row.status == LeaveStatus.APPROVED.value and any(each.status is CoverStatus.AGREED for each in meeting):
        raise Refused(N_("That stretch is covered already; edit the roster to put somebody else there."))
    dropped = drop(row, meeting, who, N_("You are no longer asked to cover {shift} {day} for {name} ({number})."))
    made = create(
        LeaveCover,
        leave=row.id,
        shift=new.shift_id,
        from_at=span[0],
        to_at=span[1],
        substitute=new.person_id,
        asked_at=now,
    )
    row = touch(row)
    values = {"shift": new.shift_id, "substitute": name.en or name.zh, "from": span[0], "to": span[1]}
    recorded(who, "leave.cover_asked", row, [made, *dropped], **values)
    asked = N_("{name} is on leave and asks you to cover {shift} {day}, {begin} – {end} ({number}).")
    tell_cover(who, [new.person_id], asked, row, new.shift_id, span)
    return row


@writes(ENGINEERS)
def drop_cover(who: Actor, cover_id: int) -> LeaveView:
    """Ask a substitute no longer; the stretch is open again."""
    held = get(LeaveCover, cover_id, N_("Cover"))
    row = undecided(held.leave_id)
    may_arrange(who, row)
    line = _line(row, cover_id)
    dropped = drop(row, [line], who, N_("You are no longer asked to cover {shift} {day} for {name} ({number})."))
    row = touch(row)
    recorded(who, "leave.cover_dropped", row, dropped, cover=cover_id)
    return view_of(who, row.id)


def _line(row: Leave, cover_id: int) -> CoverLine:
    for duty in duties_of(row):
        for line in duty.covers:
            if line.id == cover_id:
                return line
    raise Refused(N_("That cover is no longer asked for."))


@writes(ENGINEERS)
def answer(who: Actor, cover_id: int, agrees: bool, reason: str = "", *, version: int | None = None) -> LeaveView:
    """Say as the substitute whether one covers; until the decision one may change one's mind.

    Raises Refused when somebody else was asked, when the leave is decided, or when one cannot be there.
    """
    held = get(LeaveCover, cover_id, N_("Cover"))
    row = leave_of(held.leave_id)
    if held.substitute_id != who.person_id:
        raise Refused(N_("Somebody else is asked to cover this; only he answers."))
    late = row.status == LeaveStatus.APPROVED.value and held.status == CoverStatus.ASKED.value
    row = row if late else undecided(row.id)
    line = _line(row, cover_id)
    if line.status is CoverStatus.DROPPED:
        raise Refused(N_("That cover is no longer asked for."))
    if agrees:
        _check_able(row, line)
    status = CoverStatus.AGREED if agrees else CoverStatus.DECLINED
    said = optional(reason, "reason", limit=REASON_LIMIT, multiline=False)
    kept = set_cover(line.id, line.version if version is None else version, status, said)
    rows: list[Row] = [kept]
    row = touch(row)
    action = "leave.cover_agreed" if agrees else "leave.cover_declined"
    recorded(who, action, row, rows, shift=line.shift_id, reason=said)
    message = N_("{substitute} covers {shift} {day} ({number}).")
    if not agrees:
        message = N_("{substitute} cannot cover {shift} {day}: {reason} ({number}). Ask somebody else.")
        if not said:
            message = N_("{substitute} cannot cover {shift} {day} ({number}). Ask somebody else.")
    more = {"reason": said} if said and not agrees else {}
    told = [row.person_id, *([row.decided_by_id] if late else [])]
    tell_cover(who, told, message, row, line.shift_id, line.span, substitute=line.label, **more)
    if late and agrees:
        fill(who, row, line)
    after = view_of(who, row.id)
    if agrees:
        tell_when_ready(who, row, after.duties)
    return after


def _check_able(row: Leave, line: CoverLine) -> None:
    """Refuse an agreement of somebody who cannot be there, or about a duty that is not there any more."""
    fields = Fields(row.id)
    duty = duty_named(duties_of(row, fields), line.shift_id)
    trouble, _against = judge_cover(line.person_id, line.span, duty.spans, duty.post, fields, clock.now())
    if trouble is not None:
        raise refuse_cover(line.label, trouble)


@writes(ENGINEERS)
def withdraw(who: Actor, leave_id: int, reason: str = "") -> LeaveView:
    """Take back a leave that nobody has decided; the substitutes are told."""
    row = undecided(leave_id)
    may_arrange(who, row)
    reason = optional(reason, "reason", limit=REASON_LIMIT, multiline=False)
    standing = [line for duty in duties_of(row) for line in duty.standing]
    dropped = drop(row, standing, who, N_("{name} has withdrawn the leave {number}; {shift} {day} stays his."))
    row = touch(row, status=LeaveStatus.WITHDRAWN.value, decided_at=clock.now(), decision=reason)
    recorded(who, "leave.withdrawn", row, dropped, reason=reason)
    tell(who, [*deciders(row), row.person_id], N_("{number} of {name} was withdrawn."), row)
    return view_of(who, row.id)
