"""Swaps: two people exchange duties, or one takes a duty of the other; both agree, then a supervisor where he must.

Whether a supervisor must approve is the policy's (`[roster] swap_needs_approval`, true by default). Nobody approves a
swap of his own while there is another supervisor. Source: REQUIREMENTS C10, DOMAIN 2.8.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from dutydesk.domain import clock
from dutydesk.domain.errors import Invalid, Refused
from dutydesk.domain.leave import OPEN_SWAP, REASON_LIMIT, SwapStatus
from dutydesk.domain.overlay import ChangeKind, ChangeSource
from dutydesk.domain.people import Role
from dutydesk.domain.text import optional, required
from dutydesk.domain.words import N_, Word
from dutydesk.services import planning, roster_changes
from dutydesk.services.core import ENGINEERS, SUPERVISORS, Actor, change, create, get, record, signs, writes
from dutydesk.services.covers import name_of
from dutydesk.services.leave_follow import roster_changed
from dutydesk.services.leave_steps import next_number, supervisors
from dutydesk.services.roster_views import NewChange
from dutydesk.services.swap_views import SwapLine, by_number, line_of, lines, tell, troubles, view
from dutydesk.storage.models.leave import Swap
from dutydesk.storage.models.people import Person
from dutydesk.storage.models.shift import DutyShift

__all__ = ["NewSwap", "SwapLine", "answer", "approve", "ask", "by_number", "lines", "refuse", "view", "withdraw"]


@dataclass(frozen=True)
class NewSwap:
    """A swap to ask for: `mine` goes to `other_id`, who gives `theirs`, or nothing when it is None. Ids of shifts."""

    mine: int
    other_id: int
    theirs: int | None = None
    reason: str = ""


@writes(ENGINEERS)
def ask(who: Actor, new: NewSwap) -> SwapLine:
    """Ask somebody to exchange duties; raises Refused where one of the two cannot be on the other's duty."""
    get(DutyShift, new.mine, N_("Shift"))
    if new.theirs is not None:
        get(DutyShift, new.theirs, N_("Shift"))
    if new.other_id == who.person_id:
        raise Invalid(N_("Nobody swaps with himself."), field="other_id")
    get(Person, new.other_id, N_("Person"))
    if new.mine == new.theirs:
        raise Invalid(N_("That is one and the same shift."), field="theirs")
    _check_other(new)
    row = create(
        Swap,
        number=next_number(Swap, "SW"),
        person=who.person_id,
        other=new.other_id,
        mine=new.mine,
        theirs=new.theirs,
        reason=optional(new.reason, "reason", limit=REASON_LIMIT, multiline=False),
        asked_at=clock.now(),
    )
    _check_able(row)
    _record(who, "swap.asked", row, mine=row.mine_id, theirs=row.theirs_id, reason=row.reason)
    message = N_("{name} asks you to take {shift} {day} ({number}).")
    if row.theirs_id is not None:
        message = N_("{name} asks you to swap: you take {shift} {day}, he takes {shift2} {day2} ({number}).")
    tell(who, [row.other_id], message, row)
    return line_of(row, who)


def _check_other(new: NewSwap) -> None:
    """Refuse a second swap about the same duty."""
    shifts = [shift for shift in (new.mine, new.theirs) if shift is not None]
    living = Swap.status.in_([status.value for status in OPEN_SWAP])
    other = Swap.get_or_none(living & (Swap.mine.in_(shifts) | Swap.theirs.in_(shifts)))
    if other is not None:
        raise Refused(N_("Swap {number} is about that shift already."), number=other.number)


def _check_able(row: Swap) -> None:
    trouble = troubles(row).trouble
    if trouble is not None:
        name, said = trouble
        raise Refused(N_("{name} {trouble}."), name=name, trouble=Word(said.message))


_DECIDED = {
    SwapStatus.APPROVED: N_("Swap {number} is approved already."),
    SwapStatus.DECLINED: N_("{other} has declined swap {number}."),
    SwapStatus.REFUSED: N_("Swap {number} was refused."),
    SwapStatus.WITHDRAWN: N_("Swap {number} was withdrawn."),
    SwapStatus.AGREED: N_("{other} has agreed to swap {number} already."),
    SwapStatus.ASKED: N_("{other} has not answered about swap {number} yet."),
}


def _in_state(swap_id: int, *wanted: SwapStatus) -> Swap:
    """Return a swap in one of these states; raise Refused with the state it is in."""
    row = get(Swap, swap_id, N_("Swap"))
    if SwapStatus(row.status) not in wanted:
        raise Refused(_DECIDED[SwapStatus(row.status)], number=row.number, other=name_of(row.other_id))
    return row


@writes(ENGINEERS)
def answer(who: Actor, swap_id: int, agrees: bool, reason: str = "", *, version: int | None = None) -> SwapLine:
    """Say as the one who is asked whether one swaps. Where the policy asks no supervisor, it takes effect at once."""
    row = get(Swap, swap_id, N_("Swap"))
    if row.other_id != who.person_id:
        raise Refused(N_("Somebody else is asked about this swap; only he answers."))
    row = _in_state(swap_id, SwapStatus.ASKED) if agrees else _in_state(swap_id, *OPEN_SWAP)
    said = optional(reason, "reason", limit=REASON_LIMIT, multiline=False)
    if agrees:
        _check_able(row)
    now = clock.now()
    if not agrees:
        row = _changed(row, version, status=SwapStatus.DECLINED.value, decision=said, decided_at=now)
        _record(who, "swap.declined", row, reason=said)
        tell(who, [row.person_id], N_("{other} does not swap {shift} {day} with you ({number})."), row)
        return line_of(row, who)
    row = _changed(row, version, status=SwapStatus.AGREED.value, agreed_at=now)
    _record(who, "swap.agreed", row, reason=said)
    tell(who, [row.person_id], N_("{other} agrees to swap {shift} {day} ({number})."), row)
    if planning.adopted().swap_needs_approval:
        waits = N_("{name} and {other} want to swap {shift} {day}: {number} waits for your decision.")
        tell(who, _deciders(row), waits, row)
        return line_of(row, who)
    return _settle(who, row, None, "")


def _deciders(row: Swap) -> list[int]:
    """Return who may decide: the supervisors who are no party to it, or all where there is no other."""
    both = {row.person_id, row.other_id}
    return [person for person in supervisors() if person not in both] or supervisors()


def _changed(row: Swap, version: int | None, **values: object) -> Swap:
    return change(Swap, row.id, row.version if version is None else version, **values)


@signs(SUPERVISORS)
def approve(who: Actor, pin: str, swap_id: int, *, reason: str = "", version: int | None = None) -> SwapLine:  # noqa: ARG001
    """Approve a swap that both agreed on, with the PIN; the roster follows at once.

    Raises Refused when one of the two can no longer do it, Invalid at `reason` where somebody lacks rest or the post.
    """
    row = _in_state(swap_id, SwapStatus.AGREED)
    own = _check_own(who, row)
    _check_able(row)
    said = optional(reason, "reason", limit=REASON_LIMIT, multiline=False)
    if not said and troubles(row).concerns:
        raise Invalid(
            N_("One of them has too little rest or lacks the post: approving it needs a reason."), field="reason"
        )
    if not said and own:
        raise Invalid(N_("You decide about yourself, nobody else can: that needs a reason."), field="reason")
    return _settle(who, row, version, said)


def _check_own(who: Actor, row: Swap) -> bool:
    if who.person_id not in (row.person_id, row.other_id):
        return False
    others = [person for person in supervisors() if person not in (row.person_id, row.other_id)]
    if others:
        raise Refused(
            N_("Nobody decides about his own swap while there is another supervisor; ask {name}."),
            name=name_of(others[0]),
        )
    return True


def _settle(who: Actor, row: Swap, version: int | None, reason: str) -> SwapLine:
    """Let the roster follow a swap inside the caller's transaction."""
    row = _changed(
        row,
        version,
        status=SwapStatus.APPROVED.value,
        decided_by=who.person_id,
        decided_at=clock.now(),
        decision=reason,
    )
    known = troubles(row)
    wanted = [
        NewChange(ChangeKind.REPLACE, row.person_id, row.other_id, row.mine_id, post=known.post, reason=row.number)
    ]
    if row.theirs_id is not None:
        back = NewChange(ChangeKind.REPLACE, row.other_id, row.person_id, row.theirs_id, post=known.post2)
        wanted.append(replace(back, reason=row.number))
    made = roster_changes.apply_changes(who, wanted, ChangeSource.SWAP, row.id)
    _record(who, "swap.approved", row, reason=reason, changes=list(made))
    message = N_("The roster follows swap {number}: {other} is on {shift} {day}.")
    if row.theirs_id is not None:
        message = N_("The roster follows swap {number}: {other} is on {shift} {day}, {name} on {shift2} {day2}.")
    tell(who, [row.person_id, row.other_id], message, row)
    roster_changed(who)
    return line_of(row, who)


def _give(row: Swap, out: int, into: int, shift_id: int, post: str) -> NewChange:
    return NewChange(ChangeKind.REPLACE, out, into, shift_id, post=post, reason=row.number)


@signs(SUPERVISORS)
def refuse(who: Actor, pin: str, swap_id: int, reason: str, *, version: int | None = None) -> SwapLine:  # noqa: ARG001
    """Refuse a swap with the PIN and a reason; both are told."""
    row = _in_state(swap_id, *OPEN_SWAP)
    _check_own(who, row)
    reason = required(reason, "reason", limit=REASON_LIMIT)
    row = _changed(
        row,
        version,
        status=SwapStatus.REFUSED.value,
        decided_by=who.person_id,
        decided_at=clock.now(),
        decision=reason,
    )
    _record(who, "swap.refused", row, reason=reason)
    tell(who, [row.person_id, row.other_id], N_("Swap {number} is refused: {reason}"), row, reason=reason)
    return line_of(row, who)


@writes(ENGINEERS)
def withdraw(who: Actor, swap_id: int, reason: str = "", *, version: int | None = None) -> SwapLine:
    """Take back a swap that nobody has decided; a supervisor takes back an approved one, and the roster follows."""
    row = get(Swap, swap_id, N_("Swap"))
    supervisor = who.role is Role.SUPERVISOR
    if row.person_id != who.person_id and not supervisor:
        raise Refused(N_("Only who asked for swap {number}, or a supervisor, withdraws it."), number=row.number)
    allowed = (*OPEN_SWAP, SwapStatus.APPROVED) if supervisor else tuple(OPEN_SWAP)
    row = _in_state(swap_id, *allowed)
    approved = row.status == SwapStatus.APPROVED.value
    said = (
        required(reason, "reason", limit=REASON_LIMIT) if approved else optional(reason, "reason", limit=REASON_LIMIT)
    )
    row = _changed(row, version, status=SwapStatus.WITHDRAWN.value, decision=said, decided_at=clock.now())
    taken = roster_changes.withdraw_changes(who, ChangeSource.SWAP, row.id, said) if approved else []
    _record(who, "swap.withdrawn", row, reason=said, changes=list(taken))
    tell(who, [row.person_id, row.other_id], N_("Swap {number} of {shift} {day} was withdrawn."), row)
    if approved:
        roster_changed(who)
    return line_of(row, who)


def _record(who: Actor, action: str, row: Swap, **values: object) -> None:
    record(who, action, row, values={"number": row.number, **values})
