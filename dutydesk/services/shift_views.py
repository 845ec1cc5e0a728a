"""Shifts as screens and commands read them: who is planned, who has signed, who is late."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from peewee import JOIN

from dutydesk.domain import clock
from dutydesk.domain.attendance import Stay, judge_stays, stays
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


class AssignedView(NamedTuple):
    """A person on a shift, or an empty place (`person_id` None, the reason in `flag`).

    `late_minutes` counts what was recorded at sign-in, or how long a missing person is late by now.
    `added_late` is somebody whom the desk has known only since the shift had begun: he is never late for it.
    `from_at` and `to_at` (epoch seconds) bound the part of the shift he is on for, None at its start and end.
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
    from_at: int | None = None
    to_at: int | None = None

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


class ShiftView(NamedTuple):
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

    def at(self, instant: int) -> tuple[AssignedView, ...]:
        """Return whose part of the shift `instant` (epoch seconds) is in, empty places too, and who is signed in."""
        return tuple(
            place
            for place in self.assigned
            if place.signed_in or (place.from_at or self.starts_at) <= instant < (place.to_at or self.ends_at)
        )


class Signature(NamedTuple):
    """Where a person's signatures on one shift stand: the newest, the first sign-in, minutes late and early, his stays.

    `corrected`: one of them was corrected or added later.
    """

    kind: str
    at: int
    first_in: int | None
    late: int
    early: int
    stays: tuple[Stay, ...] = ()
    corrected: bool = False


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

    A corrected signature does not count, whenever it was corrected, nor does one that never was (void).
    """
    standing: dict[tuple[int, int], list[StandingSign]] = {}
    for row in standing_signs(list(shift_ids)):
        if until is None or row.at <= until:
            standing.setdefault((row.shift_id, row.person_id), []).append(row)
    return {key: _summary(rows) for key, rows in standing.items()}


class StandingSign(NamedTuple):
    """A signature that counts; `late` and `early` in minutes."""

    id: int
    shift_id: int
    person_id: int
    kind: str
    at: int
    late: int
    early: int
    corrects: int | None
    void: bool | None
    approver: int | None


def standing_signs(shift_ids: list[int]) -> list[StandingSign]:
    """Return the signatures of some shifts that count, in order of time."""
    columns = (Attendance.id, Attendance.shift, Attendance.person, Attendance.kind, Attendance.at)
    facts_of = (Attendance.late_minutes, Attendance.early_minutes, Attendance.corrects, Attendance.void)
    query = Attendance.select(*columns, *facts_of, Attendance.approver).where(Attendance.shift.in_(shift_ids))
    rows = [StandingSign(*row) for row in query.order_by(Attendance.at, Attendance.id).tuples()]
    corrected = {row.corrects for row in rows}
    return [row for row in rows if row.id not in corrected and not row.void]


def _summary(rows: list[StandingSign]) -> Signature:
    newest = rows[-1]
    return Signature(
        newest.kind,
        newest.at,
        next((row.at for row in rows if row.kind == "in"), None),
        max(row.late for row in rows),
        newest.early if newest.kind == "out" else 0,
        stays((row.kind, row.at) for row in rows),
        any(row.corrects is not None or row.approver is not None for row in rows),
    )


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
        if row.person_id is not None and EXTRA in row.flag.split() and (row.shift_id, row.person_id) not in signed:
            continue  # he came without being planned, and his signatures turned out never to have been
        people[row.shift_id].append(_assigned(row, by_id[row.shift_id], signed, known, now))
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


class _Place(NamedTuple):
    shift_id: int
    person_id: int | None
    post: str
    flag: str
    why: str
    from_at: int | None
    to_at: int | None
    login: str | None
    name: str | None
    name_en: str | None
    made_at: int | None


def _assignments(ids: list[int]) -> list[_Place]:
    columns = (Assignment.shift, Assignment.person, Assignment.post, Assignment.flag, Assignment.why)
    rows = (
        Assignment.select(
            *columns, Assignment.from_at, Assignment.to_at, Person.login, Person.name, Person.name_en, Person.made_at
        )
        .join(Person, JOIN.LEFT_OUTER)
        .where(Assignment.shift.in_(ids) & (Assignment.flag != WITHDRAWN))
        .order_by(Assignment.id)
        .tuples()
    )
    return [_Place(*row) for row in rows]


def _assigned(
    row: _Place, shift: DutyShift, signed: dict[tuple[int, int], Signature], known: Facts, now: int
) -> AssignedView:
    label = Label(row.name or "", row.name_en or "")
    if row.person_id is None:
        empty = AssignedView(None, "", Label(""), row.post, row.flag, DutyState.EMPTY, why=row.why)
        return empty._replace(from_at=row.from_at, to_at=row.to_at)
    begin, end = row.from_at or shift.starts_at, row.to_at or shift.ends_at
    sign = signed.get((row.shift_id, row.person_id))
    is_part = row.from_at is not None or row.to_at is not None
    if is_part and sign is not None:
        sign = _within(sign, begin, end)
    added_late = row.made_at is not None and row.made_at > begin
    judged = judge_stays(known.attendance, end if added_late else begin, end, sign.stays if sign else (), now)
    state = state_of(judged, sign.kind if sign else None)
    late = judged.late_minutes if is_part and sign else _late(state, sign, begin, end, now)
    return AssignedView(
        row.person_id,
        row.login or "",
        label,
        row.post,
        row.flag,
        state,
        signed_at=sign.first_in if sign else None,
        left_at=sign.at if sign and sign.kind == "out" else None,
        late_minutes=0 if added_late else late,
        early_minutes=(judged.early_minutes if is_part else sign.early) if sign else 0,
        why=row.why,
        added_late=added_late,
        from_at=row.from_at,
        to_at=row.to_at,
    )


def _within(sign: Signature, begin: int, end: int) -> Signature | None:
    """Return how somebody stands to a part of a shift: by the stays that share time with it, None without any."""
    mine = tuple(stay for stay in sign.stays if stay.touches(begin, end))
    if not mine:
        return None
    last = mine[-1]
    kind, at = ("in", last.came_at) if last.left_at is None else ("out", last.left_at)
    return sign._replace(kind=kind, at=at, first_in=mine[0].came_at, stays=mine)


def _late(state: DutyState, sign: Signature | None, begin: int, end: int, now: int) -> int:
    if sign is not None:
        return sign.late
    gone = state in (DutyState.MISSING, DutyState.ABSENT)
    return minutes_over(begin, end, now) if gone else 0
