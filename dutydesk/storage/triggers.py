"""Triggers that refuse UPDATE, DELETE and replacement on append-only tables, and the one that tells of news."""

from __future__ import annotations

from dutydesk.storage import engine
from dutydesk.storage.engine import db
from dutydesk.storage.models import APPEND_ONLY

_REFUSE = """\
create or replace function dutydesk_append_only() returns trigger language plpgsql as $$
begin
    raise exception using message = 'append-only: ' || tg_table_name;
end $$"""

_TELL = """\
create or replace function dutydesk_tell() returns trigger language plpgsql as $$
begin
    perform pg_notify('{channel}', new.seq::text);
    return null;
end $$"""


def create_triggers() -> None:
    """Guard every append-only table; existing guards stay."""
    for table in APPEND_ONLY:
        meta = table._meta  # type: ignore[attr-defined]
        guard(meta.table_name, meta.primary_key.column_name)


def guard(table: str, key: str) -> None:
    """Refuse to change, delete or replace rows of a table; `key` is its primary key. An existing guard stays."""
    if engine.on_postgres():
        _guard_on_server(table)
        return
    refuse = f"select raise(abort, 'append-only: {table}')"
    for event in ("update", "delete"):
        db.execute_sql(f"create trigger if not exists {table}_no_{event} before {event} on {table} begin {refuse}; end")
    db.execute_sql(
        f"create trigger if not exists {table}_no_replace before insert on {table} "
        f"when exists (select 1 from {table} where {key} = new.{key}) begin {refuse}; end"
    )


def _guard_on_server(table: str) -> None:
    """PostgreSQL replaces by UPDATE, which is refused, and empties by TRUNCATE, which is refused too.

    The guards stand in replication as well (`enable always`), where ordinary triggers do not.
    """
    db.execute_sql(_REFUSE)
    for event, each in (("update", "row"), ("delete", "row"), ("truncate", "statement")):
        name = f"{table}_no_{event}"
        db.execute_sql(
            f"create or replace trigger {name} before {event} on {table} "
            f"for each {each} execute function dutydesk_append_only()"
        )
        db.execute_sql(f"alter table {table} enable always trigger {name}")


def announce() -> None:
    """Let every new audit entry wake the consoles that listen; SQLite tells by itself."""
    if not engine.on_postgres():
        return
    from dutydesk.storage.postgres import CHANNEL

    db.execute_sql(_TELL.format(channel=CHANNEL))
    db.execute_sql(
        "create or replace trigger audit_entry_tell after insert on audit_entry "
        "for each row execute function dutydesk_tell()"
    )
