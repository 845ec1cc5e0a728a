"""Incidents, their append-only timeline, and who was sent."""

from __future__ import annotations

from peewee import BigIntegerField, BooleanField, CharField, IntegerField, TextField

from dutydesk.storage.models.base import Instant, Row, reference
from dutydesk.storage.models.people import Person
from dutydesk.storage.models.rounds import Equipment, RoundAnswer
from dutydesk.storage.models.shift import DutyShift


class Incident(Row):
    """What stands about an incident now; how it came to be so is in its events.

    `opened_at` is when it began (event time), `entered_at` when it was written down. `reopened` counts how
    often it came back.
    """

    number = CharField(unique=True)
    kind = CharField()
    source = CharField()
    title = CharField()
    detail = TextField(default="")
    category = CharField(default="")
    impact = CharField()
    urgency = CharField()
    priority = CharField()
    status = CharField()
    caller = CharField(default="")
    contact = CharField(default="")
    location = CharField(default="")
    equipment = reference(Equipment, null=True)
    shift = reference(DutyShift, null=True)
    answer = reference(RoundAnswer, null=True)
    reporter = reference(Person, backref="reported")
    owner = reference(Person, null=True, backref="owned")
    opened_at = Instant(index=True)
    entered_at = Instant()
    acknowledged_at = Instant(null=True)
    resolved_at = Instant(null=True)
    closed_at = Instant(null=True)
    follow_up_at = Instant(null=True)
    next_step = TextField(default="")
    solution = TextField(default="")
    security_class = CharField(default="")
    security_grade = CharField(default="")
    report_due_at = Instant(null=True)
    reported_at = Instant(null=True)
    merged_into = BigIntegerField(null=True)
    reopened = IntegerField(default=0)
    drill = BooleanField(default=False)
    version = IntegerField(default=1)

    class Meta:
        indexes = (
            (("status", "priority", "opened_at"), False),
            (("opened_at", "priority", "resolved_at", "acknowledged_at"), False),
        )


class IncidentEvent(Row):
    """One entry of the timeline; `data` is JSON with the values that belong to its kind."""

    append_only = True
    incident = reference(Incident, backref="events")
    person = reference(Person, null=True)
    kind = CharField()
    text = TextField(default="")
    at = Instant()
    entered_at = Instant()
    data = TextField(default="{}")


class Dispatch(Row):
    """Somebody sent to an incident: how (remote, phone, on site), when sent, arrived and done, and the result."""

    incident = reference(Incident, backref="dispatches")
    mode = CharField()
    person = reference(Person, null=True)
    who = CharField(default="")
    sent_at = Instant()
    arrived_at = Instant(null=True)
    done_at = Instant(null=True)
    result = TextField(default="")
    version = IntegerField(default=1)
