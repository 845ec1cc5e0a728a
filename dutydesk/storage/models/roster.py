"""The roster: what was published, what was changed by hand, and what people were told."""

from __future__ import annotations

from peewee import CharField, IntegerField, TextField

from dutydesk.storage.models.base import Instant, Row, reference
from dutydesk.storage.models.people import Person


class RosterVersion(Row):
    """One publication: the days it is about, both included; `summary` is JSON with the counts and what changed."""

    append_only = True
    number = IntegerField(unique=True)
    from_day = CharField()
    to_day = CharField()
    published_by = reference(Person, null=True)
    published_at = Instant()
    note = TextField(default="")
    summary = TextField(default="{}")


class RosterChange(Row):
    """One change of one shift that stands above the rotation: it holds through every later plan until withdrawn.

    `kind` is replace, add or remove; `source` is hand, leave or swap with `source_id` the leave or swap. `from_at`
    and `to_at` bound a part of the shift. Source: DOMAIN 2.8.
    """

    day = CharField()
    shift_kind = CharField()
    kind = CharField()
    person_out = reference(Person, null=True, backref="changes_out")
    person_in = reference(Person, null=True, backref="changes_in")
    post = CharField(default="")
    from_at = Instant(null=True)
    to_at = Instant(null=True)
    source = CharField(default="hand")
    source_id = IntegerField(null=True)
    reason = TextField(default="")
    made_by = reference(Person, null=True)
    made_at = Instant()
    withdrawn_by = reference(Person, null=True)
    withdrawn_at = Instant(null=True)
    version = IntegerField(default=1)

    class Meta:
        indexes = ((("day", "shift_kind"), False), (("source", "source_id"), False))


class Notice(Row):
    """Something a person is told: a catalogue message with its values (JSON), until he has seen it."""

    bound = False
    person = reference(Person, backref="notices")
    at = Instant()
    message = TextField()
    message_values = TextField(default="{}")
    subject = CharField(default="")
    subject_id = IntegerField(null=True)
    seen_at = Instant(null=True)

    class Meta:
        indexes = ((("person", "seen_at", "at"), False),)
