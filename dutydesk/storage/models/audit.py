"""The audit chain: who did what, each entry sealed with the one before it."""

from __future__ import annotations

from peewee import BigIntegerField, CharField, TextField

from dutydesk.storage.models.base import Instant, Row


class AuditEntry(Row):
    """One write: its place in the chain, who and where, what changed, and both digests."""

    bound = False
    append_only = True
    seq = BigIntegerField(primary_key=True)
    at = Instant()
    login = CharField()
    host = CharField()
    terminal = CharField()
    action = CharField()
    subject = CharField()
    subject_id = BigIntegerField(null=True)
    values = TextField(column_name="changed")
    rows = TextField(column_name="bound_rows")
    previous = CharField()
    digest = CharField()

    class Meta:
        indexes = ((("subject", "subject_id"), False),)


class AuditBinding(Row):
    """The digest that a row had when the entry `seq` was written."""

    bound = False
    append_only = True
    seq = BigIntegerField()
    table_name = CharField()
    row_id = BigIntegerField()
    digest = CharField()

    class Meta:
        indexes = ((("table_name", "row_id", "seq"), False),)
