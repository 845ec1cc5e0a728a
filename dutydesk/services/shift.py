"""The shift: which one runs, who is on it, what is next; and the whole of the Shift screen in one call."""

from __future__ import annotations

from typing import NamedTuple

from dutydesk.domain import clock
from dutydesk.domain.shift import DutyState, Facts, kind_word
from dutydesk.domain.walltime import DAY
from dutydesk.domain.words import N_, Label
from dutydesk.services import handover_duty, shift_rows
from dutydesk.services.core import SUPERVISORS, Actor, get, reads, writes
from dutydesk.services.shift_live import Due, DueKind, Level, LiveShift, Standing, live, standing
from dutydesk.services.shift_views import AssignedView, ShiftView, facts, row_at, signatures, views
from dutydesk.services.since import Since, SinceLine, seen, since
from dutydesk.storage.models.shift import DutyShift

__all__ = [
    "AssignedView",
    "Due",
    "DueKind",
    "DutyState",
    "Facts",
    "Level",
    "LiveShift",
    "ShiftView",
    "Since",
    "SinceLine",
    "TopLine",
    "arriving",
    "at",
    "between",
    "current",
    "facts",
    "kind_word",
    "live",
    "previous_of",
    "row_at",
    "seen",
    "signatures",
    "since",
    "top",
    "view",
]

ENOUGH = 28
"""Days ahead from which `keep_ahead` plans nothing."""


class TopLine(NamedTuple):
    """What the top line of every screen says; instants are epoch seconds."""

    desk: Label
    shift: Label | None
    starts_at: int
    ends_at: int
    people: tuple[AssignedView, ...]
    p1: int
    p2: int
    overdue_rounds: int
    signed_in: bool
    handover_due: bool


@reads()
def current(who: Actor) -> ShiftView | None:  # noqa: ARG001
    """Return the shift that runs now, or None."""
    return _view(row_at(clock.now()))


@reads()
def at(who: Actor, instant: int) -> ShiftView | None:  # noqa: ARG001
    """Return the shift that ran, or will run, at `instant` (epoch seconds)."""
    return _view(row_at(instant))


@reads()
def view(who: Actor, shift_id: int) -> ShiftView:  # noqa: ARG001
    """Return one shift."""
    return views([get(DutyShift, shift_id, N_("Shift"))])[0]


@reads()
def previous_of(who: Actor, shift_id: int) -> ShiftView | None:  # noqa: ARG001
    """Return the shift before this one, or None for the first."""
    return _view(handover_duty.before(get(DutyShift, shift_id, N_("Shift"))))


@reads()
def between(who: Actor, first: int, last: int) -> list[ShiftView]:  # noqa: ARG001
    """Return the shifts that touch the time from `first` to `last` (epoch seconds), in order."""
    touching = (DutyShift.starts_at < last) & (DutyShift.ends_at > first)
    return views(DutyShift.select().where(touching).order_by(DutyShift.starts_at, DutyShift.id))


def _view(row: DutyShift | None) -> ShiftView | None:
    return views([row])[0] if row is not None else None


def planned_until() -> int:
    """Return the end (epoch seconds) of the last planned shift; 0 when there is none."""
    return DutyShift.select(DutyShift.ends_at).order_by(DutyShift.starts_at.desc()).limit(1).scalar() or 0


@writes(SUPERVISORS)
def keep_ahead(who: Actor) -> int:
    """Plan further ahead where fewer than four weeks, or their rounds, are there; returns how many shifts are new."""
    reach = clock.now() + ENOUGH * DAY
    if planned_until() > reach and not shift_rows.rounds_end_before(reach - DAY):
        return 0
    from dutydesk.services import planning  # the first paint does without the rules of rotation

    return planning.extend(who)


@reads()
def top(who: Actor) -> TopLine:
    """Return the top line: the running shift, its people and who else is signed in, what burns.

    Others are those who still hold the duty of the shift before, and those who are early for the next.
    """
    return _top(who, standing())


@reads()
def arriving(who: Actor, *, log_lines: int = 20) -> tuple[TopLine, LiveShift]:
    """Return the top line and the live shift in one call: what somebody sees who has just opened a console."""
    stands = standing()
    return _top(who, stands), live(who, log_lines=log_lines, stands=stands)


def _top(who: Actor, stands: Standing) -> TopLine:
    now, chosen, known, running, coming, owed, _status, counts = stands
    early = now + known.attendance.sign_in_before * 60
    shown = {each.id: each for each in (owed, running, coming) if each is not None and each.starts_at <= early}
    people = [person for person in running.at(now) if person.state is not DutyState.EMPTY] if running else []
    others = [person for view in shown.values() if view is not running for person in view.assigned if person.signed_in]
    return TopLine(
        desk=Label(chosen["name"], chosen["name_en"]),
        shift=running.title if running else None,
        starts_at=running.starts_at if running else 0,
        ends_at=running.ends_at if running else 0,
        people=(*others, *people),
        p1=counts.get("P1", 0),
        p2=counts.get("P2", 0),
        overdue_rounds=shift_rows.rounds_overdue(now),
        signed_in=any(person.signed_in and person.person_id == who.person_id for person in (*others, *people)),
        handover_due=owed is not None and now >= owed.ends_at - known.handover_prepare * 60,
    )
