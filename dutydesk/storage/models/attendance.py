"""Sign-in and sign-out: append-only."""

from __future__ import annotations

from peewee import CharField, IntegerField, TextField

from dutydesk.storage.models.base import Instant, Row, reference
from dutydesk.storage.models.people import Person
from dutydesk.storage.models.shift import DutyShift


class Attendance(Row):
    """One signature: `in` or `out`; a correction points at the record it corrects."""

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
    corrects = reference("self", null=True)
    reason = TextField(null=True)
    approver = reference(Person, null=True)
