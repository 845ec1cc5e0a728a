"""A supervisor decides about leave, and the roster follows; an approved leave is cancelled.

Nobody decides about his own leave while there is another supervisor at the desk; where there is none, he does so with
a reason, and the audit says that he decided about himself. An empty place, and a substitute with too little rest or
without the post, need a reason as well. Source: REQUIREMENTS C10, DOMAIN 3.
"""

from __future__ import annotations

from collections.abc import Sequence

from dutydesk.domain import clock
from dutydesk.domain.errors import Invalid, Refused
from dutydesk.domain.leave import REASON_LIMIT, CoverStatus, LeaveStatus, Span, minus
from dutydesk.domain.overlay import ChangeKind, ChangeSource
from dutydesk.domain.text import optional, required
from dutydesk.domain.words import N_, Word
from dutydesk.services import roster_changes
from dutydesk.services.core import ENGINEERS, SUPERVISORS, Actor, signs, writes
from dutydesk.services.covers import Fields, name_of
from dutydesk.services.leave_follow import roster_changed
from dutydesk.services.leave_steps import (
    deciders,
    drop,
    leave_of,
    may_arrange,
    recorded,
    set_cover,
    supervisors,
    tell,
    tell_cover,
    touch,
    undecided,
)
from dutydesk.services.leave_views import CoverLine, DutyLine, LeaveView, duties_of, view_of
from dutydesk.services.roster_views import NewChange
from dutydesk.storage.models.leave import Leave

_OWN = N_("Nobody decides about his own leave while there is another supervisor; ask {name}.")


@signs(SUPERVISORS)
def approve(who: Actor, pin: str, leave_id: int, *, reason: str = "", version: int | None = None) -> LeaveView:  # noqa: ARG001
    """Approve a leave with the PIN: the substitutes who agreed take the shifts, other places stay empty and flagged.

    Raises Refused when it is decided already or a substitute is no longer free, Invalid at `reason` where one is
    needed, and Conflict when the leave or a cover changed since `version`.
    """
    row = undecided(leave_id)
    own = _check_own(who, row)
    now = clock.now()
    if row.ends_at <= now:
        raise Refused(N_("The time of leave {number} has passed; refuse it."), number=row.number)
    reason = optional(reason, "reason", limit=REASON_LIMIT, multiline=False)
    duties = [duty for duty in duties_of(row, Fields(row.id)) if not duty.fixed]
    row = touch(
        row, version, status=LeaveStatus.APPROVED.value, decided_by=who.person_id, decided_at=now, decision=reason
    )
    _check_covers(duties)
    if not reason and (why := _needs_reason(duties, own)):
        raise Invalid(why, field="reason")
    waiting = [line for duty in duties for line in duty.standing if line.status is CoverStatus.ASKED]
    unanswered = N_("Leave {number} of {name} was decided without your answer; you do not cover {shift} {day}.")
    dropped = drop(row, waiting, who, unanswered)
    wanted = [new for duty in duties for new in _changes(duty, row)]
    made = roster_changes.apply_changes(who, wanted, ChangeSource.LEAVE, row.id) if wanted else []
    recorded(who, "leave.approved", row, dropped, reason=reason, own=own, changes=list(made))
    _tell_approved(who, row, duties)
    roster_changed(who)
    return view_of(who, row.id)


def _check_own(who: Actor, row: Leave) -> bool:
    """Return whether somebody decides about himself; refuse it while another supervisor could."""
    if row.person_id != who.person_id:
        return False
    others = supervisors(without=who.person_id)
    if others:
        raise Refused(_OWN, name=name_of(others[0]))
    return True


def _check_covers(duties: Sequence[DutyLine]) -> None:
    """Refuse a leave with a substitute who has agreed and cannot keep his word: somebody else must be asked."""
    for duty in duties:
        for line in duty.standing:
            if line.status is CoverStatus.AGREED and line.trouble is not None:
                raise Refused(
                    N_("{shift} {day}: {name} {trouble}. Ask somebody else first."),
                    shift=duty.title,
                    day=duty.day,
                    name=line.label,
                    trouble=Word(line.trouble.message),
                )


def _needs_reason(duties: Sequence[DutyLine], own: bool) -> str:
    """Return the sentence that asks for a reason, "" where nothing speaks against the leave."""
    agreed = [line for duty in duties for line in duty.standing if line.status is CoverStatus.AGREED]
    if any(_empty(duty) for duty in duties):
        return N_("A place would stay empty: approving it needs a reason.")
    if any(line.concerns for line in agreed):
        return N_("A substitute has too little rest or lacks the post: approving it needs a reason.")
    return N_("You decide about yourself, nobody else can: that needs a reason.") if own else ""


def _empty(duty: DutyLine) -> list[Span]:
    """Return the stretches of a duty that nobody has agreed to cover."""
    agreed = [line.span for line in duty.standing if line.status is CoverStatus.AGREED]
    return [left for part in duty.spans for left in minus(part, agreed)]


def _changes(duty: DutyLine, row: Leave) -> list[NewChange]:
    """Return the changes of the roster that a leave means for one shift."""
    agreed = [line for line in duty.standing if line.status is CoverStatus.AGREED]
    made = [_change(duty, row, line.span, line.person_id) for line in agreed]
    return made + [_change(duty, row, span, None) for span in _empty(duty)]


def _change(duty: DutyLine, row: Leave, span: Span, substitute: int | None) -> NewChange:
    return NewChange(
        kind=ChangeKind.REPLACE if substitute else ChangeKind.REMOVE,
        person_out=row.person_id,
        person_in=substitute,
        shift_id=duty.shift_id,
        post=duty.post,
        from_at=span[0] if span[0] > duty.starts_at else None,
        to_at=span[1] if span[1] < duty.ends_at else None,
        reason=row.number,
    )


def _tell_approved(who: Actor, row: Leave, duties: Sequence[DutyLine]) -> None:
    tell(who, [row.person_id], N_("Your leave {begin} – {end} is approved ({number})."), row)
    for duty in duties:
        for line in duty.standing:
            if line.status is CoverStatus.AGREED:
                message = N_("You cover {shift} {day}, {begin} – {end}, for {name} ({number}).")
                tell_cover(who, [line.person_id], message, row, duty.shift_id, line.span)


def fill(who: Actor, row: Leave, line: CoverLine) -> None:
    """Put somebody who agreed after the decision on the place that stayed empty; inside the caller's transaction."""
    duty = next(duty for duty in duties_of(row) if duty.shift_id == line.shift_id)
    whole = _change(duty, row, line.span, line.person_id)
    added = NewChange(
        kind=ChangeKind.ADD,
        person_in=line.person_id,
        shift_id=duty.shift_id,
        post=duty.post,
        from_at=whole.from_at,
        to_at=whole.to_at,
        reason=row.number,
    )
    made = roster_changes.apply_changes(who, [added], ChangeSource.LEAVE, row.id)
    recorded(who, "leave.filled", row, changes=list(made))


@signs(SUPERVISORS)
def refuse(who: Actor, pin: str, leave_id: int, reason: str, *, version: int | None = None) -> LeaveView:  # noqa: ARG001
    """Refuse a leave with the PIN and a reason; everybody concerned is told."""
    row = undecided(leave_id)
    own = _check_own(who, row)
    reason = required(reason, "reason", limit=REASON_LIMIT)
    standing = [line for duty in duties_of(row) for line in duty.standing]
    dropped = drop(row, standing, who, N_("Leave {number} of {name} was refused; {shift} {day} stays his."))
    row = touch(
        row,
        version,
        status=LeaveStatus.REFUSED.value,
        decided_by=who.person_id,
        decided_at=clock.now(),
        decision=reason,
    )
    recorded(who, "leave.refused", row, dropped, reason=reason, own=own)
    told = N_("Your leave {begin} – {end} is refused ({number}): {reason}")
    tell(who, [row.person_id], told, row, reason=reason)
    return view_of(who, row.id)


@writes(ENGINEERS)
def cancel(who: Actor, leave_id: int, reason: str, *, version: int | None = None) -> LeaveView:
    """Cancel an approved leave: its covers fall away and the shifts that have not begun are the person's again.

    A leave that has begun ends now; what was covered until now stays as it was.
    """
    row = leave_of(leave_id)
    may_arrange(who, row)
    now = clock.now()
    if row.status != LeaveStatus.APPROVED.value:
        row = undecided(leave_id)
        raise Refused(N_("Nobody has decided about {number} yet; withdraw it."), number=row.number)
    if row.ends_at <= now:
        raise Refused(N_("Leave {number} is over."), number=row.number)
    reason = required(reason, "reason", limit=REASON_LIMIT)
    ahead = [duty for duty in duties_of(row) if not duty.fixed]
    begun = row.starts_at < now
    values = {"ends_at": now} if begun else {"status": LeaveStatus.CANCELLED.value}
    lines = [line for duty in ahead for line in duty.standing]
    dropped = [set_cover(line.id, line.version, CoverStatus.DROPPED) for line in lines]
    row = touch(row, version, **values)
    taken = roster_changes.withdraw_changes(who, ChangeSource.LEAVE, row.id, reason)
    recorded(who, "leave.cancelled", row, dropped, reason=reason, begun=begun, changes=list(taken))
    for line in lines:
        message = N_("{name} is back: you no longer cover {shift} {day}, {begin} – {end} ({number}).")
        tell_cover(who, [line.person_id], message, row, line.shift_id, line.span)
    tell(who, [*deciders(row), row.person_id], N_("{number} of {name} was cancelled: {reason}"), row, reason=reason)
    roster_changed(who)
    return view_of(who, row.id)
