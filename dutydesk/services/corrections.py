"""Putting attendance right: an engineer asks, the supervisor decides with his PIN, or corrects by himself.

What was signed stays; a correction is a new record that names its reason and approver. Nobody decides about his own
attendance while there is another supervisor. Source: REQUIREMENTS C12.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from dutydesk.domain import clock
from dutydesk.domain.attendance import Stay, judge_stays, stays
from dutydesk.domain.corrections import (
    REASON_LIMIT,
    RequestStatus,
    Standing,
    Step,
    Truth,
    after,
    check_truth,
    steps,
    void_steps,
)
from dutydesk.domain.errors import Invalid, Refused
from dutydesk.domain.log import LogKind, moment_value
from dutydesk.domain.people import Role
from dutydesk.domain.text import optional, required
from dutydesk.domain.words import N_, Label
from dutydesk.services import log, notices
from dutydesk.services.attendance_records import Book
from dutydesk.services.core import (
    ENGINEERS,
    SUPERVISORS,
    Actor,
    change,
    create,
    get,
    reads,
    record,
    signs,
    writes,
)
from dutydesk.services.correction_views import RequestLine, request_line
from dutydesk.services.shift_views import EXTRA, WITHDRAWN, facts, standing_signs
from dutydesk.storage.models.attendance import Attendance, CorrectionRequest
from dutydesk.storage.models.people import Person
from dutydesk.storage.models.shift import Assignment, DutyShift

SUBJECT = "correction"


@dataclass(frozen=True)
class Corrected:
    """What a correction wrote: the new signatures, and how the duty reads now."""

    shift_id: int
    person_id: int
    signatures: tuple[int, ...]


# Asking


@writes(ENGINEERS)
def ask(
    who: Actor,
    shift_id: int,
    reason: str,
    *,
    came_at: int | None = None,
    left_at: int | None = None,
    void: bool = False,
) -> RequestLine:
    """Ask to have one's own attendance on a shift put right; the supervisors are told.

    `came_at` and `left_at` (epoch seconds) are when one really came and left, `void` that one was never there.
    Raises Invalid where the times cannot be, Refused while another request for the shift waits.
    """
    shift = get(DutyShift, shift_id, N_("Shift"))
    truth = Truth(came_at, left_at, void)
    reason = required(reason, "reason", limit=REASON_LIMIT)
    _check(shift, who.person_id, truth)
    waiting = (CorrectionRequest.shift == shift.id) & (CorrectionRequest.person == who.person_id)
    if CorrectionRequest.select().where(waiting & (CorrectionRequest.status == RequestStatus.ASKED.value)).exists():
        raise Refused(N_("Your request for this shift waits already; withdraw it first."))
    row = create(
        CorrectionRequest,
        shift=shift.id,
        person=who.person_id,
        came_at=came_at,
        left_at=left_at,
        void=void,
        reason=reason,
        asked_at=clock.now(),
    )
    values = {"shift": shift.id, "came_at": came_at, "left_at": left_at, "void": void, "reason": reason}
    record(who, "correction.asked", row, values=values)
    told = {**_shift_words(shift), "name": Label(who.name, who.name_en), "reason": reason}
    message = N_("{name} asks to have the attendance of the {kind} shift {day} put right: {reason}")
    notices.tell(who, _supervisors(), message, told, subject=SUBJECT, subject_id=row.id)
    return request_line(row.id)


@writes(ENGINEERS)
def withdraw(who: Actor, request_id: int) -> RequestLine:
    """Take one's own request back while nobody has decided."""
    row = _asked(request_id)
    if row.person_id != who.person_id:
        raise Refused(N_("Only who asked takes a request back."))
    row = change(CorrectionRequest, row.id, row.version, status=RequestStatus.WITHDRAWN.value)
    record(who, "correction.withdrawn", row, values={"shift": row.shift_id})
    return request_line(row.id)


# Deciding


@signs(SUPERVISORS)
def approve(who: Actor, pin: str, request_id: int, note: str = "", *, version: int | None = None) -> RequestLine:  # noqa: ARG001
    """Approve a request with the PIN: what really happened becomes new signatures; who asked is told."""
    row = _asked(request_id)
    _not_his_own(who, row.person_id)
    note = optional(note, "note", limit=REASON_LIMIT, multiline=False)
    shift = get(DutyShift, row.shift_id, N_("Shift"))
    truth = Truth(row.came_at, row.left_at, row.void)
    row = _decide(who, row, RequestStatus.APPROVED, note, version)
    _write(who, shift, row.person_id, _check(shift, row.person_id, truth), row.reason, request=row.id)
    message = N_("{name} approved your correction of the {kind} shift {day}.")
    _tell_asker(who, row, shift, message)
    return request_line(row.id)


@signs(SUPERVISORS)
def refuse(who: Actor, pin: str, request_id: int, note: str, *, version: int | None = None) -> RequestLine:  # noqa: ARG001
    """Refuse a request with the PIN and a reason; who asked is told."""
    row = _asked(request_id)
    _not_his_own(who, row.person_id)
    note = required(note, "note", limit=REASON_LIMIT)
    shift = get(DutyShift, row.shift_id, N_("Shift"))
    row = _decide(who, row, RequestStatus.REFUSED, note, version)
    message = N_("{name} refused your correction of the {kind} shift {day}: {reason}")
    _tell_asker(who, row, shift, message, reason=note)
    return request_line(row.id)


def _asked(request_id: int) -> CorrectionRequest:
    row = get(CorrectionRequest, request_id, N_("Correction request"))
    if row.status != RequestStatus.ASKED.value:
        raise Refused(N_("This request is {status} already."), status=RequestStatus(row.status))
    return row


def _decide(
    who: Actor, row: CorrectionRequest, status: RequestStatus, note: str, version: int | None
) -> CorrectionRequest:
    row = change(
        CorrectionRequest,
        row.id,
        row.version if version is None else version,
        status=status.value,
        decided_by=who.person_id,
        decided_at=clock.now(),
        decision=note,
    )
    record(who, f"correction.{status.value}", row, values={"shift": row.shift_id, "note": note})
    return row


@reads()
def may_decide(who: Actor, person_id: int) -> bool:
    """Whether this person may put somebody's attendance right himself: a supervisor, nobody his own."""
    return who.role is Role.SUPERVISOR and not (
        person_id == who.person_id and bool(_supervisors(besides=who.person_id))
    )


def _not_his_own(who: Actor, person_id: int) -> None:
    if who.person_id == person_id and _supervisors(besides=who.person_id):
        raise Refused(N_("Nobody decides about his own attendance; ask another supervisor."))


def _supervisors(besides: int = 0) -> list[int]:
    active = (Person.role == Role.SUPERVISOR.value) & Person.active & (Person.id != besides)
    return [row_id for (row_id,) in Person.select(Person.id).where(active).order_by(Person.id).tuples()]


def _tell_asker(who: Actor, row: CorrectionRequest, shift: DutyShift, message: str, **values: object) -> None:
    told = {**_shift_words(shift), "name": Label(who.name, who.name_en), **values}
    notices.tell(who, [row.person_id], message, told, subject=SUBJECT, subject_id=row.id)


# Correcting


@signs(SUPERVISORS)
def correct(
    who: Actor,
    pin: str,  # noqa: ARG001
    shift_id: int,
    person_id: int,
    reason: str,
    *,
    came_at: int | None = None,
    left_at: int | None = None,
) -> Corrected:
    """Put somebody's attendance on a shift right, with the PIN and a reason; he is told."""
    _not_his_own(who, person_id)
    shift = get(DutyShift, shift_id, N_("Shift"))
    get(Person, person_id, N_("Person"))
    reason = required(reason, "reason", limit=REASON_LIMIT)
    taken = _check(shift, person_id, Truth(came_at, left_at))
    rows = _write(who, shift, person_id, taken, reason)
    _tell_person(
        who, shift, person_id, N_("{name} put your attendance on the {kind} shift {day} right: {reason}"), reason
    )
    return Corrected(shift.id, person_id, tuple(row.id for row in rows))


@signs(SUPERVISORS)
def void(who: Actor, pin: str, signature_id: int, reason: str) -> Corrected:  # noqa: ARG001
    """Take a signature back that never was, with the PIN and a reason; the sign-out of a sign-in goes with it."""
    old = get(Attendance, signature_id, N_("Signature"))
    _not_his_own(who, old.person_id)
    reason = required(reason, "reason", limit=REASON_LIMIT)
    shift = get(DutyShift, old.shift_id, N_("Shift"))
    taken = void_steps(_standing(shift.id, old.person_id), old.id)
    rows = _write(who, shift, old.person_id, taken, reason)
    told = N_("{name} took a signature of yours on the {kind} shift {day} back: {reason}")
    _tell_person(who, shift, old.person_id, told, reason)
    return Corrected(shift.id, old.person_id, tuple(row.id for row in rows))


def _tell_person(who: Actor, shift: DutyShift, person_id: int, message: str, reason: str) -> None:
    told = {**_shift_words(shift), "name": Label(who.name, who.name_en), "reason": reason}
    notices.tell(who, [person_id], message, told, subject="attendance", subject_id=shift.id)


def _standing(shift_id: int, person_id: int) -> list[Standing]:
    signed = standing_signs([shift_id])
    return [Standing(sign.id, sign.kind, sign.at) for sign in signed if sign.person_id == person_id]


def _check(shift: DutyShift, person_id: int, truth: Truth) -> tuple[Step, ...]:
    """Return the new signatures; raise Invalid where the times cannot be, or nothing would change."""
    if truth == Truth():
        raise Invalid(N_("Say when the person really came or left."), field="came_at")
    check_truth(truth, Book().rule(_day(shift)), shift.starts_at, shift.ends_at, clock.now())
    return steps(_standing(shift.id, person_id), truth)


def _write(
    who: Actor, shift: DutyShift, person_id: int, taken: Sequence[Step], reason: str, *, request: int | None = None
) -> list[Attendance]:
    """Write the new signatures with minutes late and early by the rule of the day, the audit entry and a log line."""
    now = clock.now()
    extra = _extra_place(shift, person_id, taken)
    late, early = _minutes(shift, person_id, taken, extra=extra is not None)
    rows = [
        create(
            Attendance,
            shift=shift.id,
            person=person_id,
            kind=step.kind,
            at=step.at,
            entered_at=now,
            late_minutes=late if step.kind == "in" and not step.void else 0,
            early_minutes=early if step.kind == "out" and not step.void else 0,
            host=who.host,
            terminal=who.terminal,
            corrects=step.corrects,
            reason=reason,
            approver=who.person_id,
            void=True if step.void else None,
        )
        for step in taken
    ]
    changes = [[step.kind, step.at, step.corrects, step.void] for step in taken]
    values = {"shift": shift.id, "person": person_id, "changes": changes, "reason": reason, "request": request}
    record(who, "attendance.corrected", *rows, *([extra] if extra else []), values=values)
    _log(who, shift, person_id, taken, reason)
    return rows


def _places(shift: DutyShift, person_id: int) -> list[Assignment]:
    mine = (Assignment.shift == shift.id) & (Assignment.person == person_id) & (Assignment.flag != WITHDRAWN)
    return list(Assignment.select().where(mine).order_by(Assignment.id))


def _extra_place(shift: DutyShift, person_id: int, taken: Sequence[Step]) -> Assignment | None:
    """Give a place to somebody who was there without being planned, as signing in does."""
    if all(step.void for step in taken) or _places(shift, person_id):
        return None
    return create(Assignment, shift=shift.id, person=person_id, flag=EXTRA)


def _minutes(shift: DutyShift, person_id: int, taken: Sequence[Step], *, extra: bool) -> tuple[int, int]:
    """Return minutes late and early of the duty as it stands after the steps."""
    places = _places(shift, person_id)
    if extra or not places or any(EXTRA in place.flag.split() for place in places):
        return 0, 0
    been: tuple[Stay, ...] = stays((sign.kind, sign.at) for sign in after(_standing(shift.id, person_id), taken))
    begin, end = places[0].from_at or shift.starts_at, places[-1].to_at or shift.ends_at
    judged = judge_stays(Book().rule(_day(shift)), begin, end, been, clock.now())
    return judged.late_minutes, judged.early_minutes


def _log(who: Actor, shift: DutyShift, person_id: int, taken: Sequence[Step], reason: str) -> None:
    row = Person.get_by_id(person_id)
    said: dict[str, object] = {**_shift_words(shift), "name": Label(row.name, row.name_en), "reason": reason}
    times = {step.kind: step.at for step in taken if not step.void}
    if not times:
        message = N_("A signature of {name} on the {kind} shift {day} was taken back: {reason}")
    elif len(times) == 2:
        message = N_("Attendance of {name} on the {kind} shift {day} put right, came {came}, left {left}: {reason}")
    elif "in" in times:
        message = N_("Attendance of {name} on the {kind} shift {day} put right, came {came}: {reason}")
    else:
        message = N_("Attendance of {name} on the {kind} shift {day} put right, left {left}: {reason}")
    for kind, name in (("in", "came"), ("out", "left")):
        if kind in times:
            said[name] = moment_value(times[kind])
    log.add(who, LogKind.ATTENDANCE, message, said)


def _day(shift: DutyShift) -> date:
    return date.fromisoformat(shift.day)


def _shift_words(shift: DutyShift) -> dict[str, object]:
    return {"kind": facts().title(shift.kind), "day": {"day": shift.day}}
