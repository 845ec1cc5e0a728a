"""What the steps of a leave share: finding it, its covers, its changes of the roster, and who is told what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dutydesk.domain import clock
from dutydesk.domain.errors import Invalid, Refused
from dutydesk.domain.leave import STANDING, CoverStatus, LeaveStatus, Span, minus
from dutydesk.domain.log import Said, moment_value
from dutydesk.domain.people import Role
from dutydesk.domain.walltime import local_day
from dutydesk.domain.words import N_, Label, Word
from dutydesk.services import notices
from dutydesk.services.core import Actor, change, get, record
from dutydesk.services.covers import name_of
from dutydesk.services.leave_views import CoverLine, DutyLine
from dutydesk.services.settings import desk_zone
from dutydesk.services.shift_views import facts
from dutydesk.storage.models.base import Row
from dutydesk.storage.models.leave import Leave, LeaveCover
from dutydesk.storage.models.people import Person
from dutydesk.storage.models.shift import DutyShift


@dataclass(frozen=True)
class NewCover:
    """Whom to ask for which shift; `from_at` and `to_at` (epoch seconds) bound a part of it, None leaves it whole."""

    shift_id: int
    person_id: int
    from_at: int | None = None
    to_at: int | None = None


@dataclass(frozen=True)
class NewLeave:
    """A leave that somebody asks for; instants are epoch seconds, the end exclusive.

    `person_id` is set by a supervisor who asks in somebody's name, such as of one who is ill and telephones.
    """

    kind: str
    starts_at: int
    ends_at: int
    reason: str
    covers: tuple[NewCover, ...] = ()
    person_id: int | None = None


def next_number(table: type[Leave], prefix: str) -> str:
    """Return the next number of the local day: LV-261122-1, LV-261122-2, …"""
    start = f"{prefix}-{local_day(clock.now(), desk_zone()):%y%m%d}-"
    taken = table.select(table.number).where(table.number.startswith(start)).tuples()
    return f"{start}{max((int(number[len(start) :]) for (number,) in taken), default=0) + 1}"


def leave_of(leave_id: int) -> Leave:
    """Return a leave by its id."""
    return get(Leave, leave_id, N_("Leave request"))


_DECIDED = {
    LeaveStatus.APPROVED: N_("{name} has approved {number} already."),
    LeaveStatus.REFUSED: N_("{name} has refused {number} already."),
    LeaveStatus.WITHDRAWN: N_("Leave {number} was withdrawn."),
    LeaveStatus.CANCELLED: N_("Leave {number} was cancelled."),
}


def undecided(leave_id: int) -> Leave:
    """Return a leave that nobody has decided yet; raise Refused with what was decided."""
    row = leave_of(leave_id)
    if row.status != LeaveStatus.ASKED.value:
        raise Refused(_DECIDED[LeaveStatus(row.status)], number=row.number, name=name_of(row.decided_by_id))
    return row


def may_arrange(who: Actor, row: Leave) -> None:
    """Refuse whoever is neither the person on leave nor a supervisor."""
    if who.person_id != row.person_id and who.role is not Role.SUPERVISOR:
        raise Refused(
            N_("Leave {number} is of {name}; only he or a supervisor changes it."),
            number=row.number,
            name=name_of(row.person_id),
        )


def naming(row: Leave) -> dict[str, object]:
    """Return number and name for a sentence about a leave."""
    return {"number": row.number, "name": name_of(row.person_id)}


def touch(row: Leave, version: int | None = None, **values: object) -> Leave:
    """Compare-and-set a leave, also where only its covers changed: whoever decides has seen all of it."""
    return change(Leave, row.id, row.version if version is None else version, **values)


def set_cover(cover_id: int, version: int, status: CoverStatus, reason: str = "") -> LeaveCover:
    """Compare-and-set what became of a cover."""
    return change(LeaveCover, cover_id, version, status=status.value, reason=reason, answered_at=clock.now())


def drop(row: Leave, covers: Iterable[CoverLine], who: Actor, message: str) -> list[Row]:
    """Drop covers that still count, and tell their substitutes with `message`; returns the rows, to be recorded."""
    dropped: list[Row] = []
    for cover in covers:
        if cover.status in STANDING:
            dropped.append(set_cover(cover.id, cover.version, CoverStatus.DROPPED))
            tell_cover(who, [cover.person_id], message, row, cover.shift_id, cover.span)
    return dropped


def refuse_cover(name: Label, trouble: Said, field: str | None = None) -> Invalid:
    """Return the refusal of a cover that cannot be."""
    return Invalid(N_("{name} {trouble}."), field=field, name=name, trouble=Word(trouble.message))


def duty_named(duties: Iterable[DutyLine], shift_id: int) -> DutyLine:
    """Return the duty of a shift; raise Invalid where the leave does not touch it."""
    for duty in duties:
        if duty.shift_id == shift_id:
            return duty
    raise Invalid(N_("The leave does not touch that shift."), field="shift_id")


# Telling


def supervisors(*, without: int | None = None) -> list[int]:
    """Return the ids of the supervisors at the desk, without one of them."""
    rows = Person.select(Person.id).where((Person.role == Role.SUPERVISOR.value) & Person.active)
    return [person for (person,) in rows.order_by(Person.id).tuples() if person != without]


def span_values(begin: int, end: int) -> dict[str, object]:
    """Return a stretch of time as values of a sentence."""
    return {"begin": moment_value(begin), "end": moment_value(end)}


def tell(who: Actor, people: Iterable[int | None], message: str, row: Leave, **values: object) -> None:
    """Tell people something about a leave."""
    told = {**naming(row), **span_values(row.starts_at, row.ends_at), **values}
    notices.tell(who, people, message, told, subject="leave", subject_id=row.id)


def tell_cover(
    who: Actor, people: Iterable[int | None], message: str, row: Leave, shift_id: int, span: Span, **values: object
) -> None:
    """Tell people something about one cover of a leave; the sentence may name the substitute as {substitute}."""
    shift = get(DutyShift, shift_id, N_("Shift"))
    told = {"shift": facts().title(shift.kind), "day": {"day": shift.day}, **span_values(*span), **values}
    notices.tell(who, people, message, {**naming(row), **told}, subject="leave", subject_id=row.id)


def tell_when_ready(who: Actor, row: Leave, duties: Sequence[DutyLine]) -> None:
    """Tell the supervisors when every shift is covered: only their decision is missing."""
    agreed = [
        [cover.span for cover in duty.covers if cover.status is CoverStatus.AGREED] for duty in duties if not duty.fixed
    ]
    spans = [duty.spans for duty in duties if not duty.fixed]
    open_ = any(minus(part, taken) for parts, taken in zip(spans, agreed, strict=True) for part in parts)
    if row.status == LeaveStatus.ASKED.value and not open_:
        tell(who, deciders(row), N_("{number} of {name}: every shift is covered, it waits for your decision."), row)


def deciders(row: Leave) -> list[int]:
    """Return who may decide a leave: the other supervisors, or the only one where there is no other."""
    return supervisors(without=row.person_id) or supervisors()


def recorded(who: Actor, action: str, row: Leave, rows: Iterable[Row] = (), **values: object) -> None:
    """Add the audit entry of a step."""
    record(who, action, row, *rows, values={"number": row.number, **values})
