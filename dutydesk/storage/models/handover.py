"""Handovers: the working record, what was frozen, what the receiver said, and the sealed sheet."""

from __future__ import annotations

from peewee import BooleanField, CharField, IntegerField, TextField

from dutydesk.storage.models.base import Instant, Row, reference
from dutydesk.storage.models.people import Person
from dutydesk.storage.models.shift import DutyShift


class Thing(Row):
    """Something that is counted at every handover: keys, phones, tokens, documents."""

    code = CharField(unique=True)
    name = CharField()
    name_en = CharField(default="")
    expected = IntegerField(default=1)
    ordinal = IntegerField(default=0)
    active = BooleanField(default=True)
    version = IntegerField(default=1)


class Handover(Row):
    """One handover between two shifts; `revision` counts how often it was prepared.

    `status` is draft, prepared, read, returned, accepted or sealed.
    """

    number = CharField(unique=True)
    from_shift = reference(DutyShift, unique=True, backref="handed_over")
    to_shift = reference(DutyShift, backref="taken_over")
    status = CharField(default="draft")
    revision = IntegerField(default=0)
    state = CharField(default="green")
    cut_off = Instant(null=True)
    prepared_by = reference(Person, null=True)
    prepared_at = Instant(null=True)
    returned_by = reference(Person, null=True)
    returned_at = Instant(null=True)
    return_reason = TextField(default="")
    accepted_by = reference(Person, null=True)
    accepted_at = Instant(null=True)
    sealed_at = Instant(null=True)
    relief = BooleanField(default=False)
    relief_reason = TextField(default="")
    countersigned_by = reference(Person, null=True)
    countersigned_at = Instant(null=True)
    version = IntegerField(default=1)


class HandoverItem(Row):
    """One frozen line of a prepared handover; `data` is JSON, `colour` red, yellow or green."""

    append_only = True
    handover = reference(Handover, backref="items")
    revision = IntegerField()
    ordinal = IntegerField()
    block = CharField()
    colour = CharField()
    subject = CharField(default="")
    subject_id = IntegerField(null=True)
    title = TextField()
    next_step = TextField(default="")
    since = Instant(null=True)
    deadline = Instant(null=True)
    carried = IntegerField(default=0)
    answer_required = BooleanField(default=False)
    data = TextField(default="{}")

    class Meta:
        indexes = ((("subject", "subject_id"), False), (("handover", "revision", "ordinal"), False))


class HandoverAnswer(Row):
    """The receiver's own words to one item."""

    append_only = True
    handover = reference(Handover, backref="answers")
    revision = IntegerField()
    item = reference(HandoverItem, backref="answers")
    person = reference(Person)
    at = Instant()
    words = TextField()


class HandoverSheet(Row):
    """The sealed sheet: its whole content as JSON, its digest, and the chain's head when it was sealed."""

    append_only = True
    handover = reference(Handover, unique=True, backref="sheets")
    sealed_at = Instant()
    content = TextField()
    digest = CharField()
    chain_head = CharField()
    chain_seq = IntegerField()
