"""Duty shifts and who is planned on them."""

from __future__ import annotations

from peewee import CharField, IntegerField, TextField

from dutydesk.storage.models.base import Instant, Row, reference
from dutydesk.storage.models.people import Person


class DutyShift(Row):
    """One shift: the day it starts on, its kind in the policy, start inclusive, end exclusive.

    `base` is JSON: its places as the rotation alone has them, where changes stand above it. A shift that a later plan
    took back has no hours: both instants are 0.
    """

    day = CharField()
    kind = CharField()
    starts_at = Instant(index=True)
    ends_at = Instant(index=True)
    base = TextField(null=True)

    class Meta:
        indexes = ((("day", "kind"), True),)


class Assignment(Row):
    """A person planned on a shift, or an empty slot with its reason; `why` is JSON.

    `from_at` and `to_at` are set where the person is on for a part of the shift only.
    """

    shift = reference(DutyShift, backref="assignments")
    person = reference(Person, null=True, backref="assignments")
    post = CharField(default="")
    flag = CharField(default="")
    why = TextField(default="{}")
    from_at = Instant(null=True)
    to_at = Instant(null=True)
    version = IntegerField(default=1)
