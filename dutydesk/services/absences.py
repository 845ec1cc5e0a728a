"""Who is away because of approved leave, as the rotation must know it."""

from __future__ import annotations

from typing import NamedTuple

from peewee import Expression

from dutydesk.domain.leave import LeaveStatus, minus
from dutydesk.domain.overlay import ChangeSource
from dutydesk.domain.planned import Away
from dutydesk.domain.words import Label
from dutydesk.services.core import Actor, reads
from dutydesk.storage.models.leave import Leave
from dutydesk.storage.models.people import Person
from dutydesk.storage.models.roster import RosterChange
from dutydesk.storage.models.shift import DutyShift


class Absence(NamedTuple):
    """Somebody on approved leave; instants are epoch seconds, the end exclusive."""

    person_id: int
    label: Label
    starts_at: int
    ends_at: int


@reads()
def absent(who: Actor, first_at: int, last_at: int) -> list[Absence]:  # noqa: ARG001
    """Return who is on approved leave at any time between two instants, covered or not, in order of time."""
    rows = (
        Leave.select(Leave.person, Person.name, Person.name_en, Leave.starts_at, Leave.ends_at)
        .join(Person, on=(Leave.person == Person.id))
        .where((Leave.status == LeaveStatus.APPROVED.value) & (Leave.starts_at < last_at) & (Leave.ends_at > first_at))
        .order_by(Leave.starts_at, Leave.id)
        .tuples()
    )
    return [Absence(person, Label(name, name_en), begin, end) for person, name, name_en, begin, end in rows]


def away(first_at: int, last_at: int) -> list[Away]:
    """Return who is away between two instants (epoch seconds) because of approved leave, for the rotation.

    The slots that a change of the roster has taken from the person already are left out: there the rotation goes on
    as if he were here, and the change puts his substitute in his place, so that nobody owes or is owed the turn twice.
    """
    rows = (
        Leave.select(Leave.id, Leave.starts_at, Leave.ends_at, Person.login)
        .join(Person, on=(Leave.person == Person.id))
        .where((Leave.status == LeaveStatus.APPROVED.value) & (Leave.starts_at < last_at) & (Leave.ends_at > first_at))
        .order_by(Leave.starts_at, Leave.id)
    )
    leaves = list(rows.tuples())
    changed = _changed_slots() if leaves else {}
    return [
        Away(login, begin, end)
        for leave_id, starts_at, ends_at, login in leaves
        for begin, end in minus((starts_at, ends_at), changed.get(leave_id, ()))
    ]


def _changed_slots() -> dict[int, list[tuple[int, int]]]:
    """Return by leave the slots that its changes in force are about."""
    change = RosterChange
    rows = (
        change.select(change.source_id, DutyShift.starts_at, DutyShift.ends_at)
        .join(DutyShift, on=((DutyShift.day == change.day) & (DutyShift.kind == change.shift_kind)))
        .where((change.source == ChangeSource.LEAVE.value) & change.withdrawn_at.is_null())
    )
    found: dict[int, list[tuple[int, int]]] = {}
    for leave_id, begin, end in rows.tuples():
        found.setdefault(leave_id, []).append((begin, end))
    return found


def active_changes(leave_id: int) -> Expression:
    """Return the condition for the roster changes of a leave that are in force."""
    change = RosterChange
    by_leave = (change.source == ChangeSource.LEAVE.value) & (change.source_id == leave_id)
    return by_leave & change.withdrawn_at.is_null()
