"""What every table shares."""

from __future__ import annotations

from typing import Any, ClassVar

import peewee

from dutydesk.storage.engine import db


class Row(peewee.Model):
    """A table of the desk.

    `bound` rows are part of the audit chain: each write binds the digest of the row. `append_only` rows may
    never be changed or deleted; triggers refuse it. Instants are epoch seconds in UTC.
    """

    bound: ClassVar[bool] = True
    append_only: ClassVar[bool] = False
    id: Any

    class Meta:
        database = db
        legacy_table_names = False


class Instant(peewee.BigIntegerField):
    """An instant: epoch seconds, UTC."""


def reference(table: Any, **options: Any) -> Any:
    """Return a foreign key that refuses the deletion of what it points at."""
    return peewee.ForeignKeyField(table, on_delete="RESTRICT", **options)
