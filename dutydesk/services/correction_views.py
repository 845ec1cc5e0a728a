"""Requests for corrections, and every signature of a duty with what became of it."""

from __future__ import annotations

from dataclasses import dataclass

import peewee

from dutydesk.domain.corrections import RequestStatus
from dutydesk.domain.errors import NotFound, Refused
from dutydesk.domain.people import Role
from dutydesk.domain.words import N_, Label, Word
from dutydesk.services.core import Actor, reads
from dutydesk.services.shift_views import facts
from dutydesk.storage.models.attendance import Attendance, CorrectionRequest
from dutydesk.storage.models.people import Person
from dutydesk.storage.models.shift import DutyShift

LIMIT = 200
"""How many requests are listed at most."""


@dataclass(frozen=True)
class RequestLine:
    """A request for a correction; instants are epoch seconds."""

    id: int
    person_id: int
    login: str
    label: Label
    shift_id: int
    day: str
    title: Label
    starts_at: int
    ends_at: int
    came_at: int | None
    left_at: int | None
    void: bool
    reason: str
    status: RequestStatus
    asked_at: int
    decided_by: Label | None
    decided_at: int | None
    decision: str
    version: int


@dataclass(frozen=True)
class SignatureLine:
    """One signature of a duty, whether it counts or not.

    `corrects` is the one it stands instead of, `corrected_by` the one that stands instead of it. `added`: it was
    missing and entered later; `void`: it says that the one it corrects never was.
    """

    id: int
    kind: str
    at: int
    entered_at: int
    host: str
    terminal: str
    reason: str
    approver: Label | None
    corrects: int | None
    corrected_by: int | None
    void: bool

    @property
    def standing(self) -> bool:
        """Whether it counts."""
        return self.corrected_by is None and not self.void

    @property
    def added(self) -> bool:
        """Whether it was missing and entered later."""
        return self.approver is not None and self.corrects is None


@reads()
def requests(who: Actor, *, open_only: bool = False) -> list[RequestLine]:
    """Return requests, those that wait first, the newest first; an engineer sees his own."""
    query = _select()
    if who.role is Role.ENGINEER:
        query = query.where(CorrectionRequest.person == who.person_id)
    if open_only:
        query = query.where(CorrectionRequest.status == RequestStatus.ASKED.value)
    waits = peewee.Case(None, [(CorrectionRequest.status == RequestStatus.ASKED.value, 0)], 1)
    order = (waits, CorrectionRequest.asked_at.desc(), CorrectionRequest.id.desc())
    names = facts()
    return [_line(row, names.title(row.shift.kind)) for row in query.order_by(*order).limit(LIMIT)]


@reads()
def waiting(who: Actor) -> int:
    """Return how many requests wait: all for a supervisor, his own for an engineer."""
    asked = CorrectionRequest.status == RequestStatus.ASKED.value
    if who.role is Role.ENGINEER:
        asked &= CorrectionRequest.person == who.person_id
    return CorrectionRequest.select().where(asked).count()


@reads()
def request(who: Actor, request_id: int) -> RequestLine:
    """Return one request; an engineer sees his own."""
    line = request_line(request_id)
    if who.role is Role.ENGINEER and line.person_id != who.person_id:
        raise Refused(N_("An engineer sees his own attendance; the supervisor sees everybody's."))
    return line


def request_line(request_id: int) -> RequestLine:
    """Return one request; raise NotFound."""
    rows = list(_select().where(CorrectionRequest.id == request_id))
    if not rows:
        raise NotFound(N_("{what} {key} is not there."), what=Word(N_("Correction request")), key=request_id)
    return _line(rows[0], facts().title(rows[0].shift.kind))


def _select() -> peewee.ModelSelect:
    return (
        CorrectionRequest.select(CorrectionRequest, Person, DutyShift)
        .join(Person, on=(CorrectionRequest.person == Person.id))
        .switch(CorrectionRequest)
        .join(DutyShift)
    )


def _line(row: CorrectionRequest, title: Label) -> RequestLine:
    decider = row.decided_by
    return RequestLine(
        id=row.id,
        person_id=row.person_id,
        login=row.person.login,
        label=Label(row.person.name, row.person.name_en),
        shift_id=row.shift_id,
        day=row.shift.day,
        title=title,
        starts_at=row.shift.starts_at,
        ends_at=row.shift.ends_at,
        came_at=row.came_at,
        left_at=row.left_at,
        void=row.void,
        reason=row.reason,
        status=RequestStatus(row.status),
        asked_at=row.asked_at,
        decided_by=Label(decider.name, decider.name_en) if decider is not None else None,
        decided_at=row.decided_at,
        decision=row.decision,
        version=row.version,
    )


@reads()
def signatures_of(who: Actor, shift_id: int, person_id: int) -> list[SignatureLine]:
    """Return every signature of a person on a shift as it was entered, corrected ones too; an engineer sees his own."""
    if who.role is Role.ENGINEER and person_id != who.person_id:
        raise Refused(N_("An engineer sees his own attendance; the supervisor sees everybody's."))
    approver = Person.alias()
    rows = list(
        Attendance.select(Attendance, approver)
        .join(approver, peewee.JOIN.LEFT_OUTER, on=(Attendance.approver == approver.id))
        .where((Attendance.shift == shift_id) & (Attendance.person == person_id))
        .order_by(Attendance.entered_at, Attendance.id)
    )
    corrected = {row.corrects_id: row.id for row in rows if row.corrects_id is not None}
    return [
        SignatureLine(
            id=row.id,
            kind=row.kind,
            at=row.at,
            entered_at=row.entered_at,
            host=row.host,
            terminal=row.terminal,
            reason=row.reason or "",
            approver=Label(row.approver.name, row.approver.name_en) if row.approver_id is not None else None,
            corrects=row.corrects_id,
            corrected_by=corrected.get(row.id),
            void=bool(row.void),
        )
        for row in rows
    ]
