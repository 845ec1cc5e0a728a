"""The register of temporary measures: bypass, silenced alarm, disabled job, lent key."""

from __future__ import annotations

from peewee import BigIntegerField, CharField, IntegerField, TextField

from dutydesk.storage.models.base import Instant, Row, reference
from dutydesk.storage.models.people import Person
from dutydesk.storage.models.shift import DutyShift


class Measure(Row):
    """A temporary measure; in force until `closed_at`, and in every handover until then."""

    number = CharField(unique=True)
    kind = CharField()
    title = CharField()
    detail = TextField(default="")
    since = Instant()
    until = Instant(null=True)
    owner = reference(Person, backref="measures")
    shift = reference(DutyShift, null=True)
    incident_id = BigIntegerField(null=True)
    closed_at = Instant(null=True, index=True)
    closed_by = reference(Person, null=True)
    closing_note = TextField(default="")
    version = IntegerField(default=1)
