"""The texts of leave, swaps, corrections and call-outs, as people write them; `hostile_fields` has all the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dutydesk.domain import clock
from dutydesk.domain.callouts import Called
from dutydesk.services import attendance, callouts, corrections, covers, leave, leave_decide, swaps
from dutydesk.services.core import Actor
from dutydesk.services.leave import LeaveView, NewCover, NewLeave
from dutydesk.services.swaps import NewSwap
from dutydesk.storage.models.attendance import CorrectionRequest
from dutydesk.storage.models.leave import Leave, Swap
from dutydesk.storage.models.shift import Assignment, DutyShift
from tests.services.conftest import PIN, moment

if TYPE_CHECKING:
    from tests.hostile_fields import World

NOBODYS = "2026-12-29 12:00", "2026-12-29 18:00"
"""Hours ahead in which no shift is planned yet."""


def _free(world: World) -> None:
    """Let nothing that was asked before stand in the way."""
    for row in list(Leave.select().where(Leave.status.in_(["asked", "approved"]))):
        if row.status == "asked":
            leave.withdraw(world.a, row.id)
        else:
            leave_decide.cancel(world.a, row.id, "over")
    for row in list(Swap.select().where(Swap.status.in_(["asked", "agreed"]))):
        swaps.withdraw(world.a, row.id)
    for row in list(CorrectionRequest.select().where(CorrectionRequest.status == "asked")):
        corrections.withdraw(world.actor("eng-d"), row.id)
    world.count += 1


def _leave(world: World, reason: str = "family") -> LeaveView:
    _free(world)
    return leave.ask(world.a, NewLeave("annual", moment(NOBODYS[0]), moment(NOBODYS[1]), reason))


def _duties(world: World) -> list[DutyShift]:
    """Return the shifts of Eng. A ahead that no swap has taken."""
    swapped = Swap.select(Swap.mine).where(Swap.status == "approved")
    rows = DutyShift.select().join(Assignment).where(Assignment.person == world.a.person_id)
    return list(rows.where(DutyShift.starts_at > clock.now() + 86400).where(DutyShift.id.not_in(swapped)))


def _answer(world: World, reason: str) -> object:
    _free(world)
    shift = _duties(world)[-1]
    view = leave.ask(world.a, NewLeave("annual", shift.starts_at, shift.ends_at, "family"))
    able = leave.candidates(world.a, view.line.id, shift.id)[0].person
    view = leave.cover(world.a, view.line.id, NewCover(shift.id, able.id))
    return leave.answer(world.actor(able.login), view.duties[0].standing[0].id, False, reason)


def _approved(world: World, reason: str) -> LeaveView:
    return leave_decide.approve(world.chief, PIN, _leave(world).line.id, reason=reason)


def _swap(world: World, reason: str = "family") -> tuple[int, Actor]:
    """Ask the first one who can to take a shift; returns the swap and who is asked."""
    _free(world)
    shift = _duties(world)[0]
    able = covers.propose(world.a, shift.id)[0].person
    return swaps.ask(world.a, NewSwap(shift.id, able.id, None, reason)).id, world.actor(able.login)


def _declined(world: World, reason: str) -> object:
    swap, other = _swap(world)
    return swaps.answer(other, swap, False, reason)


def _swapped(world: World, reason: str) -> object:
    swap, other = _swap(world)
    swaps.answer(other, swap, True)
    return swaps.approve(world.chief, PIN, swap, reason=reason)


def _day() -> int:
    return int(DutyShift.get((DutyShift.starts_at <= clock.now()) & (DutyShift.ends_at > clock.now())).id)


def _came_at(world: World) -> int:
    world.minute += 1
    return moment("2026-11-22 08:00") + 60 * world.minute


def _asked(world: World, reason: str = "the terminal hung") -> int:
    _free(world)
    return corrections.ask(_guest(world, "eng-d"), _day(), reason, came_at=_came_at(world)).id


def _corrected(world: World, reason: str) -> object:
    _free(world)
    return corrections.correct(
        world.chief, PIN, _day(), _guest(world, "eng-d").person_id, reason, came_at=_came_at(world)
    )


def _guest(world: World, login: str) -> Actor:
    """Return somebody who helps on the shift as an extra."""
    guest = world.actor(login)
    if guest.person_id not in attendance.signed_in(_day()):
        world.signed = attendance.sign_in(guest, PIN, shift_id=_day(), extra=True).id
    return guest


def _void(world: World, reason: str) -> object:
    _guest(world, "eng-c")
    return corrections.void(world.chief, PIN, world.signed, reason)


def _called(world: World, reason: str = "switch down") -> tuple[int, Called]:
    world.count += 1
    at = clock.now() - 30 * 3600 + 120 * world.count
    called = Called(at, at + 30, at + 60)
    return callouts.put_down(world.a, world.b.person_id, called, reason).id, called


def _put_right(world: World, reason: str) -> object:
    known, called = _called(world)
    return callouts.correct(
        world.chief, PIN, known, Called(called.called_at, called.arrived_at, called.called_at + 90), reason
    )


OFFICE = {
    "callouts.cancel.reason": (
        "call_out.reason",
        lambda world, text: callouts.cancel(world.chief, PIN, _called(world)[0], text),
        False,
    ),
    "callouts.correct.reason": ("call_out.reason", _put_right, False),
    "callouts.put_down.reason": ("call_out.reason", _called, False),
    "corrections.approve.note": (
        "correction_request.decision",
        lambda world, text: corrections.approve(world.chief, PIN, _asked(world), text),
        True,
    ),
    "corrections.ask.reason": ("correction_request.reason", _asked, False),
    "corrections.correct.reason": ("attendance.reason", _corrected, False),
    "corrections.refuse.note": (
        "correction_request.decision",
        lambda world, text: corrections.refuse(world.chief, PIN, _asked(world), text),
        False,
    ),
    "corrections.void.reason": ("attendance.reason", _void, False),
    "leave.answer.reason": ("leave_cover.reason", _answer, True),
    "leave.ask.new.reason": ("leave.reason", _leave, False),
    "leave.withdraw.reason": (
        "leave.decision",
        lambda world, text: leave.withdraw(world.a, _leave(world).line.id, text),
        True,
    ),
    "leave_decide.approve.reason": ("leave.decision", _approved, True),
    "leave_decide.cancel.reason": (
        "audit_entry.changed",
        lambda world, text: leave_decide.cancel(world.a, _approved(world, "").line.id, text),
        False,
    ),
    "leave_decide.refuse.reason": (
        "leave.decision",
        lambda world, text: leave_decide.refuse(world.chief, PIN, _leave(world).line.id, text),
        False,
    ),
    "swaps.answer.reason": ("swap.decision", _declined, True),
    "swaps.approve.reason": ("swap.decision", _swapped, True),
    "swaps.ask.new.reason": ("swap.reason", _swap, True),
    "swaps.refuse.reason": (
        "swap.decision",
        lambda world, text: swaps.refuse(world.chief, PIN, _swap(world)[0], text),
        False,
    ),
    "swaps.withdraw.reason": (
        "swap.decision",
        lambda world, text: swaps.withdraw(world.a, _swap(world)[0], text),
        True,
    ),
}
"""Where each text is kept, how it is written, and whether it may be left out."""
NOT_FREE = {
    "callouts.cancel.pin",
    "callouts.correct.pin",
    "channels.set_addresses.addresses",
    "channels.set_addresses.login",
    "channels.test.login",
    "corrections.approve.pin",
    "corrections.correct.pin",
    "corrections.refuse.pin",
    "corrections.void.pin",
    "delivery.begin.deliverer",
    "delivery.begin.job.lang",
    "delivery.begin.job.login",
    "delivery.claim.deliverer",
    "delivery.finish.deliverer",
    "delivery.finish.job.lang",
    "delivery.finish.job.login",
    "leave.ask.new.kind",
    "leave_decide.approve.pin",
    "leave_decide.refuse.pin",
    "operations.note_copy.copied.removed",
    "roster_import.take.grid.name",
    "roster_import.take.grid.others",
    "roster_import.take.grid.rows",
    "roster_import.take.source",
    "swaps.approve.pin",
    "swaps.refuse.pin",
}
"""Texts that are compared or looked up; those of a file are tested where files are read."""
