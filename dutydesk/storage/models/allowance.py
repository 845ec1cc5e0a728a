"""Duty pay: rate tables with the day they are in force from, and the months that were frozen."""

from __future__ import annotations

from peewee import CharField, IntegerField, TextField

from dutydesk.storage.models.base import Instant, Row, reference
from dutydesk.storage.models.people import Person


class RateTable(Row):
    """A version of the rates, as TOML, in force from a day on."""

    append_only = True
    name = CharField()
    text = TextField()
    effective_from = CharField()
    made_at = Instant()
    made_by = reference(Person, null=True)


class AllowanceMonth(Row):
    """A month that was frozen: its rates and its whole sheet as JSON; a later revision names its reason."""

    append_only = True
    month = CharField()
    revision = IntegerField(default=1)
    frozen_by = reference(Person)
    frozen_at = Instant()
    rates = TextField()
    content = TextField()
    digest = CharField()
    reason = TextField(default="")

    class Meta:
        indexes = ((("month", "revision"), True),)
