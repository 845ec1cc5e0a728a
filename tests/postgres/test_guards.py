"""Append-only tables on a server: refused to everybody, the owner too, and in replication. Source: REQUIREMENTS C12."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import peewee
import pytest

from dutydesk.storage import engine
from dutydesk.storage.engine import db, trouble
from dutydesk.storage.models import APPEND_ONLY
from dutydesk.storage.models.base import Row
from tests.storage.conftest import ask, columns_of

TABLES = pytest.mark.parametrize("table", APPEND_ONLY, ids=lambda table: table._meta.table_name)
ROLES = pytest.mark.parametrize("replica", [False, True], ids=["owner", "replication"])


@pytest.fixture
def past(server_past: str) -> Iterator[str]:
    """Open the desk with a row in every append-only table; what is done to it is taken back."""
    engine.connect(server_past)
    with db.atomic() as whole:
        yield server_past
        whole.rollback(begin=False)
        db.begin()
    engine.disconnect()


def attempts(name: str, key: str, row: tuple[Any, ...]) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Yield every way to change, take away or replace the first row of a table."""
    columns = columns_of(name)
    other = next(column for column in columns if column != key)
    key_value = row[columns.index(key)]
    listed, places = ", ".join(f'"{column}"' for column in columns), ", ".join(["%s"] * len(columns))
    yield f'update {name} set "{other}" = "{other}"', ()
    yield f'update {name} set "{key}" = "{key}" where "{key}" = %s', (key_value,)
    yield f'update only {name} set "{other}" = "{other}" where ctid = (select min(ctid) from {name})', ()
    yield f'delete from {name} where "{key}" = %s', (key_value,)
    yield f"delete from {name}", ()
    yield f"truncate {name} restart identity cascade", ()
    yield (
        f"insert into {name} ({listed}) values ({places}) on conflict ({key}) "
        f'do update set "{other}" = excluded."{other}"',
        row,
    )
    yield f"with gone as (delete from {name} returning 1) select count(*) from gone", ()
    if _server_version() >= 150000:
        yield (
            f'merge into {name} t using (select 1) s on t."{key}" = {key_value} '
            f'when matched then update set "{other}" = t."{other}"',
            (),
        )


def _server_version() -> int:
    return int(ask("show server_version_num")[0][0])


@TABLES
@ROLES
def test_every_way_to_change_a_row_is_refused(table: type[Row], replica: bool, past: str) -> None:
    name, key = table._meta.table_name, table._meta.primary_key.column_name  # type: ignore[attr-defined]
    before = ask(f"select * from {name} order by {key}")
    assert before, f"{name} has no rows to try"
    if replica:
        db.execute_sql("set local session_replication_role = replica")
    for sql, values in attempts(name, key, before[0]):
        with pytest.raises(peewee.DatabaseError) as caught, db.savepoint():
            db.execute_sql(sql, values)
        assert trouble(caught.value).sentence == "This record may only be added to, never changed.", sql
    assert ask(f"select * from {name} order by {key}") == before


def test_a_taken_number_is_refused_by_the_key(past: str) -> None:
    """What SQLite has a guard for: a row in the place of another."""
    columns = ", ".join(f'"{column}"' for column in columns_of("log_entry"))
    with pytest.raises(peewee.IntegrityError), db.savepoint():
        db.execute_sql(f"insert into log_entry ({columns}) select {columns} from log_entry order by id limit 1")
    again = (
        f"insert into log_entry ({columns}) select {columns} from log_entry order by id limit 1 on conflict do nothing"
    )
    assert db.execute_sql(again).rowcount == 0


def test_who_gives_himself_another_function_of_that_name_changes_no_guard(past: str) -> None:
    """A guard calls the function it was made with, not the first one on the search path."""
    db.execute_sql("create schema forged")
    db.execute_sql(
        "create function forged.dutydesk_append_only() returns trigger language plpgsql as "
        "$$ begin return coalesce(new, old); end $$"
    )
    db.execute_sql("set local search_path = forged, public")
    with pytest.raises(peewee.DatabaseError, match="append-only"), db.savepoint():
        db.execute_sql("delete from log_entry")
