"""Incidents, their append-only timeline, and who was sent."""

from __future__ import annotations

from typing import Any

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
    entered_at = Instant(index=True)
    acknowledged_at = Instant(null=True)
    resolved_at = Instant(null=True, index=True)
    closed_at = Instant(null=True, index=True)
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


UNRESOLVED = Incident.resolved_at.is_null() & Incident.closed_at.is_null()
"""What is open, acknowledged or in progress, in the words of the partial indexes."""
TO_CLOSE = Incident.resolved_at.is_null(False) & Incident.closed_at.is_null()
TO_REPORT = Incident.report_due_at.is_null(False) & Incident.reported_at.is_null()
TO_FOLLOW = Incident.follow_up_at.is_null(False) & Incident.closed_at.is_null()


def _partial(name: str, where: Any, *fields: Any) -> None:
    """Index the few rows of `where`: what is open stays as quick on a ten-year desk as on a new one."""
    Incident.add_index(Incident.index(*fields, name=f"incident_{name}", where=where))


_partial("unresolved", UNRESOLVED, Incident.priority, Incident.opened_at, Incident.id)
_partial("unresolved_owner", UNRESOLVED, Incident.owner, Incident.priority, Incident.opened_at, Incident.id)
_partial("unresolved_kind", UNRESOLVED, Incident.kind, Incident.priority, Incident.opened_at, Incident.id)
_partial("to_close", TO_CLOSE, Incident.priority, Incident.opened_at, Incident.id)
_partial("to_report", TO_REPORT, Incident.report_due_at)
_partial("to_follow", TO_FOLLOW, Incident.follow_up_at)


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
