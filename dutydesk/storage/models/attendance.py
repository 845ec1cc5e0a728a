"""Sign-in and sign-out and call-outs, append-only; requests to put attendance right."""

from __future__ import annotations

from peewee import BigIntegerField, BooleanField, CharField, IntegerField, TextField

from dutydesk.storage.models.base import Instant, Row, reference
from dutydesk.storage.models.people import Person
from dutydesk.storage.models.shift import DutyShift


class Attendance(Row):
    """One signature: `in` or `out`; a correction points at the record it corrects, `void` says that it never was."""

    append_only = True
    shift = reference(DutyShift, backref="attendance")
    person = reference(Person, backref="attendance")
    kind = CharField()
    at = Instant()
    entered_at = Instant()
    late_minutes = IntegerField(default=0)
    early_minutes = IntegerField(default=0)
    host = CharField(default="")
    terminal = CharField(default="")
    corrects = reference("self", null=True, unique=True)
    reason = TextField(null=True)
    approver = reference(Person, null=True)
    void = BooleanField(null=True)


class CorrectionRequest(Row):
    """Somebody asks to have his attendance on a shift put right; `status` is asked, approved, refused or withdrawn.

    `came_at` and `left_at` say when he really came and left, None where what stands is right; `void` that he was never
    there.
    """

    shift = reference(DutyShift, backref="correction_requests")
    person = reference(Person, backref="correction_requests")
    came_at = Instant(null=True)
    left_at = Instant(null=True)
    void = BooleanField(default=False)
    reason = TextField()
    status = CharField(default="asked")
    asked_at = Instant()
    decided_by = reference(Person, null=True)
    decided_at = Instant(null=True)
    decision = TextField(default="")
    version = IntegerField(default=1)

    class Meta:
        indexes = ((("status", "asked_at"), False),)


class CallOut(Row):
    """Somebody called in outside his shift: when called, arrived and left; a correction points at what it corrects."""

    append_only = True
    person = reference(Person, backref="call_outs")
    shift = reference(DutyShift, null=True)
    called_at = Instant(index=True)
    arrived_at = Instant(null=True)
    left_at = Instant(null=True)
    on_site = BooleanField(default=True)
    incident_id = BigIntegerField(null=True)
    entered_at = Instant()
    entered_by = reference(Person)
    cancelled = BooleanField(default=False)
    corrects = reference("self", null=True, unique=True)
    reason = TextField(default="")
    approver = reference(Person, null=True)
