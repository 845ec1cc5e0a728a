"""Append-only tables: raw SQL is refused, whatever it tries. Source: REQUIREMENTS C12, DESIGN 2."""

from __future__ import annotations

from pathlib import Path

import peewee
import pytest

from dutydesk.storage.engine import db, trouble
from dutydesk.storage.models import APPEND_ONLY
from dutydesk.storage.models.base import Row

pytestmark = pytest.mark.files
TABLES = pytest.mark.parametrize("table", APPEND_ONLY, ids=lambda table: table._meta.table_name)


def parts(table: type[Row]) -> tuple[str, str, str, list[object]]:
    """Return name, key column, a text or number column to change, and the first row of a table."""
    meta = table._meta  # type: ignore[attr-defined]
    key = meta.primary_key.column_name
    other = next(field.column_name for field in meta.sorted_fields if field.column_name != key)
    row = db.execute_sql(f"select * from {meta.table_name} order by {key} limit 1").fetchone()
    assert row, f"{meta.table_name} has no rows to try"
    return meta.table_name, key, other, list(row)


@TABLES
def test_every_way_to_change_a_row_is_refused(table: type[Row], past: Path) -> None:
    name, key, column, row = parts(table)
    columns = [info[1] for info in db.execute_sql(f"pragma table_info({name})").fetchall()]
    row_key = row[columns.index(key)]
    places = ", ".join("?" * len(row))
    attempts = [
        (f'update {name} set "{column}" = "{column}"', ()),
        (f"delete from {name} where {key} = ?", (row_key,)),
        (f"insert or replace into {name} values ({places})", row),
        (f"replace into {name} values ({places})", row),
        (
            f'insert into {name} values ({places}) on conflict ({key}) do update set "{column}" = excluded."{column}"',
            row,
        ),
        (f"update or replace {name} set {key} = ? where {key} = ?", (row_key, row_key)),
    ]
    before = db.execute_sql(f"select * from {name} order by {key}").fetchall()
    for sql, values in attempts:
        with pytest.raises(peewee.DatabaseError, match="append-only"):
            db.execute_sql(sql, values)
    assert db.execute_sql(f"select * from {name} order by {key}").fetchall() == before


@TABLES
def test_truncating_by_a_delete_without_where_is_refused(table: type[Row], past: Path) -> None:
    name = table._meta.table_name  # type: ignore[attr-defined]
    with pytest.raises(peewee.DatabaseError, match="append-only"):
        db.execute_sql(f"delete from {name}")


def test_people_read_a_sentence(past: Path) -> None:
    with pytest.raises(peewee.DatabaseError) as caught:
        db.execute_sql("delete from log_entry")
    assert trouble(caught.value).sentence == "This record may only be added to, never changed."
