"""What a change of the roster means for leave and swaps, and who is reminded."""

from __future__ import annotations

from dutydesk.domain import clock
from dutydesk.domain.leave import OPEN_SWAP, CoverStatus, LeaveStatus, SwapStatus
from dutydesk.domain.log import Said
from dutydesk.domain.words import N_, Label
from dutydesk.services.core import SUPERVISORS, Actor, change, record, writes
from dutydesk.services.covers import Fields
from dutydesk.services.leave_due import WaitKind, waiting_for
from dutydesk.services.leave_steps import recorded, set_cover, tell_cover, touch
from dutydesk.services.leave_views import CoverLine, duties_of
from dutydesk.services.swap_views import tell as tell_swap
from dutydesk.services.swap_views import troubles
from dutydesk.storage.models.leave import Leave, LeaveCover, Swap
from dutydesk.storage.models.people import Person
from dutydesk.storage.models.roster import Notice

REMIND_AFTER = 86400
"""Seconds after which somebody who has not answered or decided is reminded, and again after as long."""


# When the roster changes


def roster_changed(who: Actor) -> None:
    """Look at what people have agreed to after the roster, or somebody's leave, changed; inside the caller's
    transaction.

    A cover that cannot be any more is dropped and the person on leave is told to ask somebody else; a swap that
    cannot be any more is withdrawn and both are told. Leave and swaps that are decided stand above the plan.
    """
    undecided = Leave.status == LeaveStatus.ASKED.value
    asked = LeaveCover.select(LeaveCover.leave).where(
        LeaveCover.status.in_([CoverStatus.ASKED.value, CoverStatus.AGREED.value])
    )
    ahead = Leave.select().where(undecided & Leave.id.in_(asked) & (Leave.ends_at > clock.now()))
    for row in ahead.order_by(Leave.id):
        _look_at_leave(who, row)
    open_swaps = Swap.select().where(Swap.status.in_([status.value for status in OPEN_SWAP]))
    for swap in open_swaps.order_by(Swap.id):
        _look_at_swap(who, swap)


def _look_at_leave(who: Actor, row: Leave) -> None:
    duties = duties_of(row, Fields(row.id))
    for duty in duties:
        for line in duty.standing:
            if line.trouble is not None:
                row = _drop(who, row, line, line.trouble)


def _drop(who: Actor, row: Leave, line: CoverLine, trouble: Said) -> Leave:
    dropped = set_cover(line.id, line.version, CoverStatus.DROPPED)
    row = touch(row)
    recorded(who, "leave.cover_dropped", row, [dropped], cover=line.id, because=trouble.message)
    values = {"substitute": line.label, "trouble": {"word": trouble.message}}
    message = N_("The roster has changed: {substitute} {trouble} ({shift} {day}, {number}). Ask somebody else.")
    tell_cover(who, [row.person_id, line.person_id], message, row, line.shift_id, line.span, **values)
    return row


def _look_at_swap(who: Actor, row: Swap) -> None:
    trouble = troubles(row).trouble
    if trouble is None:
        return
    name, said = trouble
    row = change(Swap, row.id, row.version, status=SwapStatus.WITHDRAWN.value, decided_at=clock.now())
    record(who, "swap.withdrawn", row, values={"number": row.number, "because": said.message})
    message = N_("The roster has changed: {person} {trouble}. Swap {number} of {shift} {day} was withdrawn.")
    values = {"person": Label(name.zh, name.en), "trouble": {"word": said.message}}
    tell_swap(who, [row.person_id, row.other_id], message, row, **values)


# Reminders

_REMINDERS = {
    WaitKind.COVER: N_("You have not answered yet whether you cover for {name} ({number})."),
    WaitKind.SWAP: N_("You have not answered yet whether you swap with {name} ({number})."),
    WaitKind.LEAVE: N_("Leave {number} of {name} still waits for your decision."),
    WaitKind.DECIDE_SWAP: N_("Swap {number} of {name} still waits for your decision."),
    WaitKind.OPEN: N_("Nobody covers a shift of your leave {number} yet; ask somebody."),
}


@writes(SUPERVISORS)
def remind(who: Actor) -> int:
    """Remind everybody for whom a leave or a swap has waited for a day, once a day; returns how many were told."""
    from dutydesk.services import notices

    now, told = clock.now(), 0
    for person in Person.select(Person.id, Person.role).where(Person.active).order_by(Person.id):
        for wait in waiting_for(person.id, person.role):
            if now < wait.since + REMIND_AFTER or now >= wait.ends_at:
                continue
            subject = "swap" if wait.kind in (WaitKind.SWAP, WaitKind.DECIDE_SWAP) else "leave"
            recent = Notice.select(Notice.id).where(
                (Notice.person == person.id)
                & (Notice.subject == subject)
                & (Notice.subject_id == wait.id)
                & (Notice.at > now - REMIND_AFTER)
            )
            if not recent.exists():
                values = {"name": wait.name, "number": wait.number}
                notices.tell(who, [person.id], _REMINDERS[wait.kind], values, subject=subject, subject_id=wait.id)
                told += 1
    if told:
        record(who, "leave.reminded", values={"people": told})
    return told
