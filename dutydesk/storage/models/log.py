"""The shift log: append-only."""

from __future__ import annotations

from peewee import BigIntegerField, BooleanField, CharField, TextField

from dutydesk.storage.models.base import Instant, Row, reference
from dutydesk.storage.models.people import Person
from dutydesk.storage.models.shift import DutyShift


class LogEntry(Row):
    """One line: when it happened, when it was written, by whom; a correction points at the line it corrects.

    A line that the program wrote holds its catalogue message and the values (JSON) as well, so that everybody reads
    it in his own language; `text` is what is searched. A line has one correction at most: the next one corrects
    that one.
    """

    append_only = True
    shift = reference(DutyShift, null=True, backref="log", index=False)
    person = reference(Person, null=True, index=False)
    kind = CharField()
    text = TextField()
    message = TextField(null=True)
    message_values = TextField(null=True)
    event_at = Instant(index=True)
    entered_at = Instant(index=True)
    incident_id = BigIntegerField(null=True, index=True)
    late = BooleanField(default=False)
    corrects = reference("self", null=True, unique=True)
    reason = TextField(null=True)

    class Meta:
        indexes = (
            (("kind", "event_at"), False),
            (("person", "event_at"), False),
            (("shift", "event_at"), False),
        )
