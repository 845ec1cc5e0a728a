"""Triggers that refuse UPDATE, DELETE and replacement on append-only tables."""

from __future__ import annotations

from dutydesk.storage.engine import db
from dutydesk.storage.models import APPEND_ONLY


def create_triggers() -> None:
    """Guard every append-only table; existing guards stay."""
    for table in APPEND_ONLY:
        meta = table._meta  # type: ignore[attr-defined]
        guard(meta.table_name, meta.primary_key.column_name)


def guard(table: str, key: str) -> None:
    """Refuse to change, delete or replace rows of a table; `key` is its primary key. An existing guard stays."""
    refuse = f"select raise(abort, 'append-only: {table}')"
    for event in ("update", "delete"):
        db.execute_sql(f"create trigger if not exists {table}_no_{event} before {event} on {table} begin {refuse}; end")
    db.execute_sql(
        f"create trigger if not exists {table}_no_replace before insert on {table} "
        f"when exists (select 1 from {table} where {key} = new.{key}) begin {refuse}; end"
    )
