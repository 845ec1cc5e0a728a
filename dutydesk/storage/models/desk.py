"""The desk itself: settings, policy, calendar; drafts and the search index."""

from __future__ import annotations

from peewee import BigIntegerField, CharField, IntegerField, TextField

from dutydesk.storage.models.base import Instant, Row, reference
from dutydesk.storage.models.people import Person


class Setting(Row):
    """One setting of the desk: name, zone, policy, language."""

    key = CharField(unique=True)
    value = TextField()
    version = IntegerField(default=1)


class Policy(Row):
    """A version of the duty policy, as TOML, in force from a day on."""

    name = CharField()
    text = TextField()
    effective_from = CharField()
    made_at = Instant()


class CalendarDay(Row):
    """A day whose kind differs from what its weekday says."""

    country = CharField()
    day = CharField()
    kind = CharField()
    name = CharField(default="")

    class Meta:
        indexes = ((("country", "day"), True),)


class Draft(Row):
    """What somebody was typing into a form: kept within a second, dropped when it is saved."""

    bound = False
    person = reference(Person)
    form = CharField()
    data = TextField()
    updated_at = Instant()

    class Meta:
        indexes = ((("person", "form"), True),)


class SearchDoc(Row):
    """What the full-text index points at."""

    bound = False
    subject = CharField()
    subject_id = BigIntegerField()

    class Meta:
        indexes = ((("subject", "subject_id"), True),)
