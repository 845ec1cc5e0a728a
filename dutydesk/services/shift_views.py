"""Shifts as screens and commands read them: who is planned, who has signed, who is late."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from peewee import JOIN

from dutydesk.domain import clock
from dutydesk.domain.attendance import judge
from dutydesk.domain.shift import DutyState, Facts, minutes_over, state_of
from dutydesk.domain.words import Label
from dutydesk.services import settings
from dutydesk.storage.models.attendance import Attendance
from dutydesk.storage.models.people import Person
from dutydesk.storage.models.shift import Assignment, DutyShift

EXTRA = "extra"
"""Flag of somebody who signed in without being planned."""
WITHDRAWN = "withdrawn"
"""Flag of an assignment that a new plan took back; the row stays for its history."""


@dataclass(frozen=True)
class AssignedView:
    """A person on a shift, or an empty place (`person_id` None, the reason in `flag`).

    `late_minutes` counts what was recorded at sign-in, or how long a missing person is late by now.
    `added_late` is somebody whom the desk has known only since the shift had begun: he is never late for it.
    """

    person_id: int | None
    login: str
    label: Label
    post: str
    flag: str
    state: DutyState
    signed_at: int | None = None
    left_at: int | None = None
    late_minutes: int = 0
    early_minutes: int = 0
    why: str = "{}"
    added_late: bool = False

    @property
    def extra(self) -> bool:
        """Whether the person signed in without being planned."""
        return EXTRA in self.flag.split()

    @property
    def name(self) -> Label:
        """Return the name, as the top line calls it."""
        return self.label

    @property
    def signed_in(self) -> bool:
        """Whether the person is signed in now."""
        return self.state is DutyState.ON

    @property
    def missing_minutes(self) -> int:
        """Return for how many minutes the person has been missing; 0 for one who is here, expected, or has left."""
        return self.late_minutes if self.state in (DutyState.MISSING, DutyState.ABSENT) else 0


@dataclass(frozen=True)
class ShiftView:
    """One shift with its people; instants are epoch seconds, the end exclusive."""

    id: int
    day: str
    kind: str
    title: Label
    starts_at: int
    ends_at: int
    assigned: tuple[AssignedView, ...]

    @property
    def anybody_on(self) -> bool:
        """Whether anybody is signed in."""
        return any(person.signed_in for person in self.assigned)


@dataclass(frozen=True)
class Signature:
    """Where a person's signatures on one shift stand: the newest, the first sign-in, minutes late and early."""

    kind: str
    at: int
    first_in: int | None
    late: int
    early: int


def facts() -> Facts:
    """Return what of the policy in force is needed all the time, without reading TOML."""
    return Facts.from_json(settings.all_settings().get("policy_facts", ""))


def row_at(instant: int) -> DutyShift | None:
    """Return the shift that runs at `instant` (of several the one that began last), or None."""
    row: DutyShift | None = (
        DutyShift.select().where(DutyShift.starts_at <= instant).order_by(DutyShift.starts_at.desc()).limit(1).first()
    )
    return row if row is not None and row.ends_at > instant else None


def row_after(instant: int) -> DutyShift | None:
    """Return the first shift that begins after `instant`, or None."""
    row: DutyShift | None = (
        DutyShift.select().where(DutyShift.starts_at > instant).order_by(DutyShift.starts_at).limit(1).first()
    )
    return row


def signatures(shift_ids: Iterable[int], until: int | None = None) -> dict[tuple[int, int], Signature]:
    """Return how each (shift, person) stands by the signatures that count, up to the instant `until`.

    A corrected signature does not count.
    """
    wanted = Attendance.shift.in_(list(shift_ids))
    if until is not None:
        wanted &= Attendance.at <= until
    rows = list(
        Attendance.select(
            Attendance.id,
            Attendance.shift,
            Attendance.person,
            Attendance.kind,
            Attendance.at,
            Attendance.late_minutes,
            Attendance.early_minutes,
            Attendance.corrects,
        )
        .where(wanted)
        .order_by(Attendance.at, Attendance.id)
        .tuples()
    )
    corrected = {row[7] for row in rows if row[7] is not None}
    found: dict[tuple[int, int], Signature] = {}
    for row_id, shift_id, person_id, kind, at, late, early, _corrects in rows:
        if row_id in corrected:
            continue
        before = found.get((shift_id, person_id))
        first = before.first_in if before and before.first_in is not None else (at if kind == "in" else None)
        found[shift_id, person_id] = Signature(
            kind, at, first, max(late, before.late if before else 0), early if kind == "out" else 0
        )
    return found


def views(rows: Iterable[DutyShift], known: Facts | None = None, now: int | None = None) -> list[ShiftView]:
    """Return shifts with their people as they stood at `now`, in two queries however many they are."""
    shifts = list(rows)
    if not shifts:
        return []
    known, now = known or facts(), clock.now() if now is None else now
    ids = [shift.id for shift in shifts]
    signed = signatures(ids, now)
    people: dict[int, list[AssignedView]] = {shift_id: [] for shift_id in ids}
    by_id = {shift.id: shift for shift in shifts}
    for row in _assignments(ids):
        people[row[0]].append(_assigned(row, by_id[row[0]], signed, known, now))
    return [
        ShiftView(
            shift.id,
            shift.day,
            shift.kind,
            known.title(shift.kind),
            shift.starts_at,
            shift.ends_at,
            tuple(people[shift.id]),
        )
        for shift in shifts
    ]


_Row = tuple[int, int | None, str, str, str, str | None, str | None, str | None, int | None]


def _assignments(ids: list[int]) -> list[_Row]:
    rows: list[_Row] = list(
        Assignment.select(
            Assignment.shift,
            Assignment.person,
            Assignment.post,
            Assignment.flag,
            Assignment.why,
            Person.login,
            Person.name,
            Person.name_en,
            Person.made_at,
        )
        .join(Person, JOIN.LEFT_OUTER)
        .where(Assignment.shift.in_(ids) & (Assignment.flag != WITHDRAWN))
        .order_by(Assignment.id)
        .tuples()
    )
    return rows


def _assigned(
    row: _Row, shift: DutyShift, signed: dict[tuple[int, int], Signature], known: Facts, now: int
) -> AssignedView:
    shift_id, person_id, post, flag, why, login, name, name_en, made_at = row
    if person_id is None:
        return AssignedView(None, "", Label(""), post, flag, DutyState.EMPTY, why=why)
    sign = signed.get((shift_id, person_id))
    left_at = sign.at if sign and sign.kind == "out" else None
    added_late = made_at is not None and made_at > shift.starts_at
    begin = shift.ends_at if added_late else shift.starts_at
    judged = judge(known.attendance, begin, shift.ends_at, sign.first_in if sign else None, left_at, now)
    state = state_of(judged, sign.kind if sign else None)
    return AssignedView(
        person_id,
        login or "",
        Label(name or "", name_en or ""),
        post,
        flag,
        state,
        signed_at=sign.first_in if sign else None,
        left_at=left_at,
        late_minutes=0 if added_late else _late(state, sign, shift, now),
        early_minutes=sign.early if sign else 0,
        why=why,
        added_late=added_late,
    )


def _late(state: DutyState, sign: Signature | None, shift: DutyShift, now: int) -> int:
    if sign is not None:
        return sign.late
    gone = state in (DutyState.MISSING, DutyState.ABSENT)
    return minutes_over(shift.starts_at, shift.ends_at, now) if gone else 0
