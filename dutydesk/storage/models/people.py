"""People, their PIN, and the consoles they sit at."""

from __future__ import annotations

from peewee import BooleanField, CharField, IntegerField, TextField

from dutydesk.storage.models.base import Instant, Row, reference


class Person(Row):
    """Somebody who may use the desk; `posts` is a JSON list, `ordinal` the place in the fixed order."""

    login = CharField(unique=True)
    name = CharField()
    name_en = CharField(default="")
    role = CharField()
    posts = TextField(default="[]")
    ordinal = IntegerField(default=0)
    pin_hash = CharField(default="")
    os_user = CharField(null=True, unique=True)
    ssh_key = TextField(null=True)
    active = BooleanField(default=True)
    made_at = Instant()
    version = IntegerField(default=1)


class PinTry(Row):
    """Wrong PINs since the last right one, and until when the next is refused."""

    bound = False
    person = reference(Person, unique=True)
    failures = IntegerField(default=0)
    locked_until = Instant(default=0)


class Preference(Row):
    """What a person likes: language, theme, when the desk was last seen."""

    bound = False
    person = reference(Person)
    key = CharField()
    value = TextField()

    class Meta:
        indexes = ((("person", "key"), True),)


class Presence(Row):
    """An open console and its last sign of life."""

    bound = False
    console = CharField(unique=True)
    person = reference(Person, null=True)
    host = CharField()
    terminal = CharField()
    opened_at = Instant()
    beat_at = Instant()
