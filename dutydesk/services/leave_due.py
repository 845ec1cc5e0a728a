"""What leave and swaps ask of a person now: to answer, to decide, to find a cover. Few columns, for the first paint."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from peewee import JOIN, SQL, fn

from dutydesk.domain import clock
from dutydesk.domain.words import Label
from dutydesk.storage.models.attendance import Attendance
from dutydesk.storage.models.leave import Leave, LeaveCover, Swap
from dutydesk.storage.models.people import Person
from dutydesk.storage.models.shift import Assignment, DutyShift

_SUPERVISOR = "supervisor"
_STANDING = ("asked", "agreed")
_WITHDRAWN = "withdrawn"


class WaitKind(StrEnum):
    """What somebody is waited for."""

    COVER = "cover"
    SWAP = "swap"
    LEAVE = "leave"
    DECIDE_SWAP = "decide_swap"
    OPEN = "open"


class Wait(NamedTuple):
    """One thing that waits for a person: which leave or swap, of whom, since when, from when to when it is about."""

    kind: WaitKind
    id: int
    number: str
    name: Label
    since: int
    starts_at: int
    ends_at: int


def waiting_for(person_id: int, role: str) -> list[Wait]:
    """Return what waits for a person, what begins first first."""
    found = [*_covers(person_id), *_swaps(person_id), *_open(person_id)]
    if role == _SUPERVISOR:
        found += [*_leaves(person_id), *_swaps_to_decide(person_id)]
    return sorted(found, key=lambda wait: (wait.starts_at, wait.id))


def _covers(person_id: int) -> list[Wait]:
    rows = (
        LeaveCover.select(
            Leave.id,
            Leave.number,
            Person.name,
            Person.name_en,
            fn.MIN(LeaveCover.asked_at),
            fn.MIN(LeaveCover.from_at),
            fn.MAX(LeaveCover.to_at),
        )
        .join(Leave)
        .join(Person, on=(Leave.person == Person.id))
        .where(
            (LeaveCover.substitute == person_id)
            & (LeaveCover.status == "asked")
            & Leave.status.in_(("asked", "approved"))
            & (LeaveCover.to_at > clock.now())
        )
        .group_by(Leave.id, Leave.number, Person.name, Person.name_en)
    )
    return [_wait(WaitKind.COVER, row) for row in rows.tuples()]


def _wait(kind: WaitKind, row: tuple[int, str, str, str, int, int, int]) -> Wait:
    row_id, number, name, name_en, since, starts_at, ends_at = row
    return Wait(kind, row_id, number, Label(name, name_en), since, starts_at, ends_at)


def _swaps(person_id: int) -> list[Wait]:
    return _swap_rows(WaitKind.SWAP, (Swap.other == person_id) & (Swap.status == "asked"))


def _swaps_to_decide(person_id: int) -> list[Wait]:
    own = (Swap.person == person_id) | (Swap.other == person_id)
    mine = SQL("1 = 1") if _alone(person_id) else ~own
    return _swap_rows(WaitKind.DECIDE_SWAP, (Swap.status == "agreed") & mine)


def _swap_rows(kind: WaitKind, wanted: object) -> list[Wait]:
    since = fn.COALESCE(Swap.agreed_at, Swap.asked_at)
    columns = (Swap.id, Swap.number, Person.name, Person.name_en, since, DutyShift.starts_at, DutyShift.ends_at)
    rows = (
        Swap.select(*columns)
        .join(Person, on=(Swap.person == Person.id))
        .switch(Swap)
        .join(DutyShift, on=(Swap.mine == DutyShift.id))
        .where(wanted & (DutyShift.starts_at > clock.now()))  # type: ignore[operator]
    )
    return [_wait(kind, row) for row in rows.tuples()]


def _leaves(person_id: int) -> list[Wait]:
    """Return the leaves that this supervisor may decide and in which nobody has still to answer."""
    held = LeaveCover.alias()
    waiting = fn.EXISTS(
        held.select(SQL("1")).where((held.leave == Leave.id) & (held.status == "asked") & (held.to_at > clock.now()))
    )
    others = SQL("1 = 1") if _alone(person_id) else (Leave.person != person_id)
    answered = fn.COALESCE(fn.MAX(LeaveCover.answered_at), Leave.asked_at)
    rows = (
        Leave.select(Leave.id, Leave.number, Person.name, Person.name_en, answered, Leave.starts_at, Leave.ends_at)
        .join(Person, on=(Leave.person == Person.id))
        .switch(Leave)
        .join(LeaveCover, JOIN.LEFT_OUTER, on=(LeaveCover.leave == Leave.id))
        .where((Leave.status == "asked") & others & ~waiting)
        .group_by(Leave.id, Leave.number, Person.name, Person.name_en, Leave.asked_at, Leave.starts_at, Leave.ends_at)
    )
    return [_wait(WaitKind.LEAVE, row) for row in rows.tuples()]


def _alone(person_id: int) -> bool:
    """Whether there is no other supervisor."""
    others = (Person.role == _SUPERVISOR) & Person.active & (Person.id != person_id)
    return not Person.select(Person.id).where(others).exists()


def _open(person_id: int) -> list[Wait]:
    """Return the undecided leaves of a person in which nobody is asked to cover one of his shifts."""
    rows = Leave.select(Leave.id, Leave.number, Leave.asked_at, Leave.starts_at, Leave.ends_at).where(
        (Leave.person == person_id) & (Leave.status == "asked") & (Leave.ends_at > clock.now())
    )
    found = []
    for row_id, number, asked_at, starts_at, ends_at in rows.tuples():
        held = fn.EXISTS(
            LeaveCover.select(SQL("1")).where(
                (LeaveCover.leave == row_id) & (LeaveCover.shift == DutyShift.id) & LeaveCover.status.in_(_STANDING)
            )
        )
        signed = fn.EXISTS(Attendance.select(SQL("1")).where(Attendance.shift == DutyShift.id))
        mine = (Assignment.person == person_id) & (Assignment.flag != _WITHDRAWN)
        within = (DutyShift.starts_at < ends_at) & (DutyShift.ends_at > starts_at) & (DutyShift.ends_at > clock.now())
        wanted = within & ~held & ~signed
        first = DutyShift.select(fn.MIN(DutyShift.starts_at)).join(Assignment).where(mine & wanted).scalar()
        if first is not None:
            found.append(Wait(WaitKind.OPEN, row_id, number, Label(""), asked_at, first, ends_at))
    return found
