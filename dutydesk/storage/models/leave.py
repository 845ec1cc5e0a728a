"""Leave with its covers, and swaps of duties between two people."""

from __future__ import annotations

from peewee import CharField, IntegerField, TextField

from dutydesk.storage.models.base import Instant, Row, reference
from dutydesk.storage.models.people import Person
from dutydesk.storage.models.shift import DutyShift


class Leave(Row):
    """A leave that somebody asked for; `status` is asked, approved, refused, withdrawn or cancelled."""

    number = CharField(unique=True)
    person = reference(Person, backref="leaves")
    kind = CharField()
    starts_at = Instant(index=True)
    ends_at = Instant(index=True)
    reason = TextField()
    status = CharField(default="asked")
    asked_at = Instant()
    decided_by = reference(Person, null=True)
    decided_at = Instant(null=True)
    decision = TextField(default="")
    version = IntegerField(default=1)

    class Meta:
        indexes = ((("status", "starts_at"), False),)


class LeaveCover(Row):
    """Who takes one shift, or a part of it, of somebody on leave; `status` is asked, agreed, declined or dropped."""

    leave = reference(Leave, backref="covers")
    shift = reference(DutyShift, backref="covers")
    from_at = Instant(null=True)
    to_at = Instant(null=True)
    substitute = reference(Person, null=True, backref="covering")
    status = CharField(default="asked")
    reason = TextField(default="")
    asked_at = Instant()
    answered_at = Instant(null=True)
    version = IntegerField(default=1)


class Swap(Row):
    """Two people exchange duties; `theirs` is empty when one takes a duty of the other for nothing in return.

    `status` is asked, agreed, approved, declined, refused or withdrawn.
    """

    number = CharField(unique=True)
    person = reference(Person, backref="swaps_asked")
    other = reference(Person, backref="swaps_offered")
    mine = reference(DutyShift, backref="swaps_mine")
    theirs = reference(DutyShift, null=True, backref="swaps_theirs")
    reason = TextField(default="")
    status = CharField(default="asked")
    asked_at = Instant()
    agreed_at = Instant(null=True)
    decided_by = reference(Person, null=True)
    decided_at = Instant(null=True)
    decision = TextField(default="")
    version = IntegerField(default=1)
