"""Telling people outside the console: their channels, and each notice on its way through one."""

from __future__ import annotations

from peewee import CharField, IntegerField, TextField

from dutydesk.storage.models.base import Instant, Row, reference
from dutydesk.storage.models.people import Person
from dutydesk.storage.models.roster import Notice


class Channel(Row):
    """An address of a person. It is a secret: not bound to the chain, and wiped when it is taken away."""

    bound = False
    person = reference(Person, backref="channels")
    kind = CharField()
    address = TextField()
    made_at = Instant()
    removed_at = Instant(null=True)


class Delivery(Row):
    """One notice through one channel: never two rows, so never told twice.

    `claim` names the deliverer that has it until `until_at`; a waiting one is due at `until_at`.
    """

    bound = False
    notice = reference(Notice)
    channel = reference(Channel)
    status = CharField()
    trouble = CharField(default="")
    tries = IntegerField(default=0)
    claim = CharField(default="")
    until_at = Instant()
    ended_at = Instant(null=True)

    class Meta:
        indexes = ((("notice", "channel"), True), (("status", "until_at"), False))
