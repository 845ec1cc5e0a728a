"""The migrated schema is the one that the models describe: a change of a model needs a migration."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dutydesk.storage import engine, migrate
from dutydesk.storage.engine import db
from dutydesk.storage.models import APPEND_ONLY, TABLES
from dutydesk.storage.triggers import create_triggers


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    """Leave no desk open."""
    yield
    engine.disconnect()


def affinity(declared: str) -> str:
    """Return how SQLite stores a declared type; a truth value is stored as a number."""
    declared = declared.upper()
    if "INT" in declared or declared == "BOOLEAN":
        return "whole number"
    if "CHAR" in declared or "TEXT" in declared:
        return "text"
    return "number" if "REAL" in declared or "DOUB" in declared else declared


def plain(sql: str) -> str:
    """Return a piece of SQL without quotes, brackets and case."""
    return re.sub(r"[\"()\s]+", " ", sql).strip().lower()


def query(sql: str) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = db.execute_sql(sql).fetchall()
    return rows


def indexes(table: str) -> set[tuple[Any, ...]]:
    found = set()
    for _number, name, unique, _origin, partial in query(f"pragma index_list({table})"):
        sql = query(f"select sql from sqlite_master where type = 'index' and name = '{name}'")[0][0] or ""
        where = plain(sql.lower().partition(" where ")[2]) if partial else ""
        columns = tuple(column for _place, _id, column in query(f"pragma index_info({name})"))
        found.add((name, bool(unique), columns, where))
    return found


def shape() -> dict[str, Any]:
    """Return the open database's tables, indexes, references and guards."""
    found: dict[str, Any] = {}
    for (table,) in query("select name from sqlite_master where type = 'table' and name not like 'search_text%'"):
        found[table] = {
            "columns": {
                name: (affinity(kind), bool(required), bool(key))
                for _place, name, kind, required, _default, key in query(f"pragma table_info({table})")
            },
            "references": {
                (column, other, deleting)
                for _id, _seq, other, column, _to, _upd, deleting, _m in query(f"pragma foreign_key_list({table})")
            },
            "indexes": indexes(table),
        }
    found["guards"] = {plain(sql) for (sql,) in query("select sql from sqlite_master where type = 'trigger'")}
    return found


def test_the_migrated_schema_is_that_of_the_models(tmp_path: Path) -> None:
    engine.connect(str(tmp_path / "models.sqlite"), create=True)
    db.create_tables(TABLES, safe=False)
    create_triggers()
    wanted = shape()
    engine.connect(str(tmp_path / "migrated.sqlite"), create=True)
    migrate.migrate()
    found = shape()
    assert found.pop("schema_version")["columns"] == {"number": ("whole number", False, True)}
    assert found.keys() == wanted.keys()
    for name, part in wanted.items():
        assert found[name] == part, name


def test_the_full_text_index_is_there(tmp_path: Path) -> None:
    engine.connect(str(tmp_path / "migrated.sqlite"), create=True)
    migrate.migrate()
    made = query("select sql from sqlite_master where name = 'search_text'")[0][0]
    assert "fts5" in made
    assert "unicode61" in made


def test_a_desk_begins_with_empty_tables_and_every_guard(tmp_path: Path) -> None:
    engine.connect(str(tmp_path / "migrated.sqlite"), create=True)
    migrate.migrate()
    assert all(not query(f"select 1 from {table._meta.table_name} limit 1") for table in TABLES)
    assert query("select count(*) from sqlite_master where type = 'trigger'")[0][0] == 3 * len(APPEND_ONLY)


def test_later_steps_never_use_the_models() -> None:
    for number, name in migrate.known():
        source = (Path(migrate.folder.__path__[0]) / f"{name}.py").read_text(encoding="utf-8")
        assert "storage.models" not in source, number
