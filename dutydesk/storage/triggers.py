"""Triggers that refuse UPDATE, DELETE and replacement on append-only tables."""

from __future__ import annotations

from dutydesk.storage.engine import db
from dutydesk.storage.models import APPEND_ONLY


def create_triggers() -> None:
    """Guard every append-only table; existing guards stay."""
    for table in APPEND_ONLY:
        meta = table._meta  # type: ignore[attr-defined]
        name, key = meta.table_name, meta.primary_key.column_name
        refuse = f"select raise(abort, 'append-only: {name}')"
        for event in ("update", "delete"):
            db.execute_sql(
                f"create trigger if not exists {name}_no_{event} before {event} on {name} begin {refuse}; end"
            )
        db.execute_sql(
            f"create trigger if not exists {name}_no_replace before insert on {name} "
            f"when exists (select 1 from {name} where {key} = new.{key}) begin {refuse}; end"
        )
