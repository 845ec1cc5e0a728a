"""Call-outs: who was called in outside his shift, when he came and left; the pay counts them.

An engineer puts one down, from an incident too, and fills in arrival and end as they happen. What was put down is never
changed: filling in, correcting and cancelling are new records; a correction has a reason and a supervisor's PIN.
Source: REQUIREMENTS B8, C12.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import peewee
from peewee import SQL, fn

from dutydesk.domain import clock
from dutydesk.domain.callouts import REASON_LIMIT, Called, check, only_completes
from dutydesk.domain.errors import Invalid, NotFound, Refused
from dutydesk.domain.log import LogKind, moment_value
from dutydesk.domain.people import Role
from dutydesk.domain.text import optional, required
from dutydesk.domain.walltime import midnight
from dutydesk.domain.words import N_, Label
from dutydesk.services import log, notices
from dutydesk.services.attendance_records import whose
from dutydesk.services.core import ENGINEERS, SUPERVISORS, Actor, create, get, reads, record, signs, writes
from dutydesk.services.settings import desk_zone
from dutydesk.services.shift_views import EXTRA, WITHDRAWN, row_at
from dutydesk.storage.models.attendance import CallOut
from dutydesk.storage.models.incidents import Incident
from dutydesk.storage.models.people import Person
from dutydesk.storage.models.shift import Assignment, DutyShift


@dataclass(frozen=True)
class CallOutLine:
    """A call-out as it stands; instants are epoch seconds.

    `reason` is why somebody was called, `correction` why it was put right or taken back, by `approver`.
    """

    id: int
    person_id: int
    login: str
    label: Label
    called: Called
    incident_id: int | None
    incident_number: str
    reason: str
    entered_at: int
    entered_by: Label
    approver: Label | None
    correction: str
    cancelled: bool

    @property
    def minutes(self) -> int:
        """How many whole minutes it took, up to now while it lasts."""
        done = self.called.minutes()
        return max(0, clock.now() - self.called.called_at) // 60 if done is None else done

    @property
    def open(self) -> bool:
        """Whether it still lasts."""
        return self.called.left_at is None and not self.cancelled

    @property
    def corrected(self) -> bool:
        """Whether a supervisor put it right."""
        return self.approver is not None


# Putting down


@writes(ENGINEERS)
def put_down(
    who: Actor, person_id: int, called: Called, reason: str = "", *, incident_id: int | None = None
) -> CallOutLine:
    """Put down that somebody was called in; anybody on the desk may, the one called in is told.

    Refused while he was on duty then, or had another call-out at that time.
    """
    person = _engineer(person_id)
    reason = _reason(reason, incident_id)
    _check(person.id, called)
    row = _create(who, person.id, called, incident_id, reason)
    record(who, "callout.put_down", row, values=_values(row))
    message = N_("{name} was called in at {called}: {reason}")
    if not called.on_site:
        message = N_("{name} was asked for help from afar at {called}: {reason}")
    _log(who, message, person, row)
    told = {"name": Label(who.name, who.name_en), "called": moment_value(called.called_at)}
    notices.tell(
        who,
        [person.id],
        N_("{name} put down a call-out of yours at {called}."),
        told,
        subject="callout",
        subject_id=row.id,
    )
    return line(row.id)


@writes(ENGINEERS)
def complete(who: Actor, callout_id: int, *, arrived_at: int | None = None, left_at: int | None = None) -> CallOutLine:
    """Fill in when somebody who was called in arrived and left; what stands already is not changed."""
    old = _standing(callout_id)
    before = _called(old)
    called = replace(before, arrived_at=arrived_at or before.arrived_at, left_at=left_at or before.left_at)
    if called == before:
        raise Invalid(N_("Say when the person arrived or left."), field="left_at")
    if not only_completes(before, called):
        raise Refused(N_("What was put down is corrected by the supervisor."))
    _check(old.person_id, called, besides=old.id)
    row = _create(who, old.person_id, called, old.incident_id, _first(old).reason, corrects=old)
    record(who, "callout.completed", row, values=_values(row))
    if called.left_at is not None:
        _log(who, N_("{name}, called in at {called}, is done at {left}."), Person.get_by_id(old.person_id), row)
    return line(row.id)


# Correcting


@signs(SUPERVISORS)
def correct(who: Actor, pin: str, callout_id: int, called: Called, reason: str) -> CallOutLine:  # noqa: ARG001
    """Put a call-out right, with the PIN and a reason; the one called in is told."""
    old = _may_correct(who, callout_id)
    reason = required(reason, "reason", limit=REASON_LIMIT)
    if called == _called(old):
        raise Invalid(N_("Nothing is different from what stands there."))
    _check(old.person_id, called, besides=old.id)
    row = _create(who, old.person_id, called, old.incident_id, reason, corrects=old, approver=who.person_id)
    record(who, "callout.corrected", row, values=_values(row))
    _log(who, N_("The call-out of {name} at {called} was put right: {reason}"), Person.get_by_id(old.person_id), row)
    _tell(who, row, N_("{name} put your call-out at {called} right: {reason}"))
    return line(row.id)


@signs(SUPERVISORS)
def cancel(who: Actor, pin: str, callout_id: int, reason: str) -> CallOutLine:  # noqa: ARG001
    """Take a call-out back that never was, with the PIN and a reason; the one called in is told."""
    old = _may_correct(who, callout_id)
    reason = required(reason, "reason", limit=REASON_LIMIT)
    row = _create(
        who, old.person_id, _called(old), old.incident_id, reason, corrects=old, approver=who.person_id, cancelled=True
    )
    record(who, "callout.cancelled", row, values=_values(row))
    _log(who, N_("The call-out of {name} at {called} was taken back: {reason}"), Person.get_by_id(old.person_id), row)
    _tell(who, row, N_("{name} took your call-out at {called} back: {reason}"))
    return line(row.id)


def _may_correct(who: Actor, callout_id: int) -> CallOut:
    old = _standing(callout_id)
    others = (Person.role == Role.SUPERVISOR.value) & Person.active & (Person.id != who.person_id)
    if old.person_id == who.person_id and Person.select().where(others).exists():
        raise Refused(N_("Nobody decides about his own attendance; ask another supervisor."))
    return old


def _standing(callout_id: int) -> CallOut:
    row = get(CallOut, callout_id, N_("Call-out"))
    if CallOut.select().where(CallOut.corrects == row.id).exists():
        raise Refused(N_("This call-out was changed meanwhile; look at it again."))
    if row.cancelled:
        raise Refused(N_("This call-out was taken back."))
    return row


def _engineer(person_id: int) -> Person:
    row = get(Person, person_id, N_("Person"))
    if row.role == Role.READER.value or not row.active:
        raise Invalid(N_("Name somebody of the desk who was called in."), field="person_id")
    return row


def _reason(reason: str, incident_id: int | None) -> str:
    if incident_id is None:
        return required(reason, "reason", limit=REASON_LIMIT)
    if not Incident.select().where(Incident.id == incident_id).exists():
        raise NotFound(N_("Incident {id} is not there."), id=incident_id, field="incident_id")
    return optional(reason, "reason", limit=REASON_LIMIT) or _title(incident_id)


def _title(incident_id: int) -> str:
    row = Incident.get_by_id(incident_id)
    return str(row.title)[:REASON_LIMIT]


def _check(person_id: int, called: Called, besides: int | None = None) -> None:
    now = clock.now()
    check(called, now)
    if _on_duty(person_id, called.called_at):
        raise Refused(N_("The person was on duty then; a call-out is for somebody off duty."), field="called_at")
    others = _select().where((CallOut.person == person_id) & ~CallOut.cancelled)
    near = others.where((CallOut.called_at < (called.left_at or now) + 1) & (CallOut.id != (besides or 0)))
    for row in near.where(CallOut.called_at > called.called_at - 4 * 86400):
        if _called(row).overlaps(called, now):
            raise Refused(N_("There is another call-out of the same person at that time."), field="called_at")


def _on_duty(person_id: int, at: int) -> bool:
    """Whether the person was planned on a shift, or his part of it, at an instant."""
    begin = fn.COALESCE(Assignment.from_at, DutyShift.starts_at)
    end = fn.COALESCE(Assignment.to_at, DutyShift.ends_at)
    planned = (
        Assignment.select(SQL("1")).join(DutyShift).where((Assignment.person == person_id) & (begin <= at) & (end > at))
    )
    return bool(planned.where(Assignment.flag.not_in([WITHDRAWN, EXTRA])).exists())


def _create(
    who: Actor,
    person_id: int,
    called: Called,
    incident_id: int | None,
    reason: str,
    *,
    corrects: CallOut | None = None,
    approver: int | None = None,
    cancelled: bool = False,
) -> CallOut:
    return create(
        CallOut,
        person=person_id,
        shift=row_at(called.called_at),
        called_at=called.called_at,
        arrived_at=called.arrived_at,
        left_at=called.left_at,
        on_site=called.on_site,
        incident_id=incident_id,
        entered_at=clock.now(),
        entered_by=who.person_id,
        cancelled=cancelled,
        corrects=corrects.id if corrects else None,
        reason=reason,
        approver=approver,
    )


def _values(row: CallOut) -> dict[str, Any]:
    names = ("called_at", "arrived_at", "left_at", "on_site", "incident_id", "reason", "cancelled")
    return {"person": row.person_id, "corrects": row.corrects_id, **{name: getattr(row, name) for name in names}}


def _log(who: Actor, message: str, person: Person, row: CallOut) -> None:
    values: dict[str, object] = {
        "name": Label(person.name, person.name_en),
        "called": moment_value(row.called_at),
        "reason": row.reason,
    }
    if row.left_at is not None:
        values["left"] = moment_value(row.left_at)
    used = {key: value for key, value in values.items() if f"{{{key}}}" in message}
    log.add(who, LogKind.ATTENDANCE, message, used, incident_id=row.incident_id)


def _tell(who: Actor, row: CallOut, message: str) -> None:
    told = {"name": Label(who.name, who.name_en), "called": moment_value(row.called_at), "reason": row.reason}
    notices.tell(who, [row.person_id], message, told, subject="callout", subject_id=row.id)


# Reading


@reads()
def listed(who: Actor, first: date, last: date, person_id: int | None = None) -> list[CallOutLine]:
    """Return the call-outs of the days from `first` to `last`, both included; an engineer sees his own."""
    return between(first, last, whose(who, person_id), cancelled=True)


@reads()
def of_incident(who: Actor, incident_id: int) -> list[CallOutLine]:  # noqa: ARG001
    """Return who was called in for an incident."""
    return _lines(_select().where((CallOut.incident_id == incident_id) & ~CallOut.cancelled))


@reads()
def view(who: Actor, callout_id: int) -> CallOutLine:
    """Return one call-out; an engineer sees his own and those he put down."""
    found = line(callout_id)
    entered_by = _first(get(CallOut, callout_id, N_("Call-out"))).entered_by_id
    if who.role is Role.ENGINEER and who.person_id not in (found.person_id, entered_by):
        raise Refused(N_("An engineer sees his own attendance; the supervisor sees everybody's."))
    return found


def between(first: date, last: date, person_id: int | None = None, *, cancelled: bool = False) -> list[CallOutLine]:
    """Return the call-outs that count of a range of local days, by the day of the call; `cancelled`: those as well."""
    zone = desk_zone()
    begin, end = midnight(first, zone), midnight(last + timedelta(days=1), zone)
    query = _select().where((CallOut.called_at >= begin) & (CallOut.called_at < end))
    if person_id is not None:
        query = query.where(CallOut.person == person_id)
    return _lines(query if cancelled else query.where(~CallOut.cancelled))


def line(callout_id: int) -> CallOutLine:
    """Return one call-out as it was put down; raise NotFound."""
    return _line(get(CallOut, callout_id, N_("Call-out")))


def _select() -> peewee.ModelSelect:
    """Return the query of call-outs that no other stands instead of."""
    newer = CallOut.alias()
    return CallOut.select().where(~fn.EXISTS(newer.select(SQL("1")).where(newer.corrects == CallOut.id)))


def _lines(query: peewee.ModelSelect) -> list[CallOutLine]:
    rows: Sequence[CallOut] = list(query.order_by(CallOut.called_at, CallOut.id))
    return [_line(row) for row in rows]


def _line(row: CallOut) -> CallOutLine:
    incident = Incident.get_or_none(Incident.id == row.incident_id) if row.incident_id else None
    return CallOutLine(
        id=row.id,
        person_id=row.person_id,
        login=row.person.login,
        label=_name(row.person),
        called=_called(row),
        incident_id=row.incident_id,
        incident_number=incident.number if incident else "",
        reason=_first(row).reason,
        entered_at=row.entered_at,
        entered_by=_name(row.entered_by),
        approver=_name(row.approver) if row.approver_id else None,
        correction=row.reason if row.approver_id else "",
        cancelled=row.cancelled,
    )


def _first(row: CallOut) -> CallOut:
    """Return the record that an engineer put down first."""
    while row.corrects_id is not None:
        row = row.corrects
    return row


def _called(row: CallOut) -> Called:
    return Called(row.called_at, row.arrived_at, row.left_at, row.on_site)


def _name(person: Person) -> Label:
    return Label(person.name, person.name_en)
