"""Migrations on a server: one process runs them, a step that fails is taken back whole, the schema is the models'."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dutydesk.domain.errors import StorageTrouble
from dutydesk.storage import chain, engine, migrate
from dutydesk.storage.engine import db
from dutydesk.storage.models import APPEND_ONLY, TABLES
from dutydesk.storage.triggers import announce, create_triggers
from tests import server
from tests.storage.conftest import ask
from tests.storage.test_migrate import BAD, GOOD, NEXT, RUN
from tests.terminal.harness import ROOT

COLUMNS = """\
select column_name, data_type, is_nullable, is_identity, collation_name
from information_schema.columns where table_schema = 'public' and table_name = ?"""
REFERENCES = """\
select a.attname, c.confrelid::regclass::text, c.confdeltype::text from pg_constraint c
join pg_attribute a on a.attrelid = c.conrelid and a.attnum = any(c.conkey)
where c.contype = 'f' and c.conrelid = cast(? as regclass)"""
INDEXES = """\
select i.relname, x.indisunique, pg_get_indexdef(x.indexrelid) from pg_index x join pg_class i on i.oid = x.indexrelid
where x.indrelid = cast(? as regclass) and not x.indisprimary"""
GUARDS = """\
select tgrelid::regclass::text, tgname, tgenabled::text, pg_get_triggerdef(oid)
from pg_trigger where not tgisinternal"""


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    """Leave no desk open."""
    yield
    engine.disconnect()


@pytest.fixture
def steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return a folder whose migration modules are known too."""
    folder = tmp_path / "steps"
    folder.mkdir()
    monkeypatch.setattr(migrate.folder, "__path__", [*migrate.folder.__path__, str(folder)])
    yield folder
    for name in [name for name in sys.modules if name.startswith(f"{migrate.folder.__name__}.m{NEXT:04d}")]:
        del sys.modules[name]


def together(target: str, *more: str) -> list[str]:
    """Migrate from four processes at once; returns what each says."""
    words = [sys.executable, "-c", RUN, target, *more]
    started = [
        subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(4)
    ]
    said = []
    for process in started:
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
        said.append(out.strip())
    return sorted(said)


def columns(table: str) -> list[str]:
    return [column.name for column in db.get_columns(table)]


def test_several_processes_at_once_make_a_new_desk_together() -> None:
    target = server.fresh()
    everything = str([number for number, _name in migrate.known()])
    assert together(target) == sorted([everything, "[]", "[]", "[]"])
    engine.connect(target)
    migrate.require_current()
    assert ask("select number from schema_version order by number") == [(number,) for number, _name in migrate.known()]


def test_several_processes_at_once_bring_a_desk_up_to_date(address: str, steps: Path) -> None:
    (steps / f"m{NEXT:04d}_floor.py").write_text(GOOD)
    assert together(address, str(steps)) == sorted([f"[{NEXT}]", "[]", "[]", "[]"])
    engine.connect(address)
    assert "floor" in columns("room")
    assert chain.verify().broken is None


def test_a_step_that_fails_changes_nothing_and_locks_nobody_out(opened: str, steps: Path) -> None:
    (steps / f"m{NEXT:04d}_floor.py").write_text(BAD)
    with pytest.raises(RuntimeError):
        migrate.migrate()
    assert migrate.current() == NEXT - 1
    assert "floor" not in columns("room")
    assert ask("show lock_timeout") == [("5s",)], "the session is as it was"
    (steps / f"m{NEXT:04d}_floor.py").write_text(GOOD)
    del sys.modules[f"{migrate.folder.__name__}.m{NEXT:04d}_floor"]
    assert migrate.migrate() == [NEXT]


def test_a_newer_desk_is_refused(opened: str) -> None:
    db.execute_sql(f"insert into schema_version (number) values ({NEXT + 5})")
    for refused in (migrate.require_current, migrate.migrate):
        with pytest.raises(StorageTrouble, match="update the program"):
            refused()


def test_a_database_of_somebody_else_is_left_alone() -> None:
    engine.connect(server.fresh())
    db.execute_sql("create table songs (title text)")
    with pytest.raises(StorageTrouble, match="a desk wants a database of its own"):
        migrate.migrate()
    assert db.get_tables() == ["songs"]


# The schema


def kind(declared: str) -> str:
    """Return how a value of a declared type is kept: whole numbers of any size are whole numbers."""
    if declared in ("integer", "bigint", "smallint"):
        return "whole number"
    return "text" if declared in ("text", "character varying") else declared


def shape() -> dict[str, Any]:
    """Return the open database's tables, indexes, references and guards."""
    found: dict[str, Any] = {}
    for table in db.get_tables():
        found[table] = {
            "columns": {name: (kind(type_), nullable) for name, type_, nullable, _id, _order in ask(COLUMNS, table)},
            "references": set(ask(REFERENCES, table)),
            "indexes": {(name, unique, _plain(sql)) for name, unique, sql in ask(INDEXES, table)},
        }
    found["guards"] = set(ask(GUARDS))
    return found


def _plain(sql: str) -> str:
    return sql.partition(" USING ")[2].replace(' COLLATE "C"', "").replace('"', "")


def test_the_migrated_schema_is_that_of_the_models() -> None:
    engine.connect(server.fresh())
    db.create_tables(TABLES, safe=False)
    create_triggers()
    announce()
    wanted = shape()
    engine.connect(server.fresh())
    migrate.migrate()
    found = shape()
    assert found.pop("schema_version")["columns"] == {"number": ("whole number", "NO")}
    assert found.pop("search_text")["columns"] == {"rowid": ("whole number", "NO"), "body": ("tsvector", "NO")}
    assert found.keys() == wanted.keys()
    for name, part in wanted.items():
        assert found[name] == part, name


def test_numbers_come_from_the_database_and_words_are_ordered_by_their_bytes(opened: str) -> None:
    for table in TABLES:
        meta = table._meta  # type: ignore[attr-defined]
        held = {name: (identity, order) for name, _type, _null, identity, order in ask(COLUMNS, meta.table_name)}
        assert held[meta.primary_key.column_name][0] == "YES", meta.table_name
    assert ask("select 'a' collate \"C\" < 'B' collate \"C\"") == [(False,)]
    short = [column for column in ask(COLUMNS, "person") if column[0] == "login"]
    assert short[0][4] == "C"


def test_a_desk_begins_with_every_guard_on(opened: str) -> None:
    guards = ask(GUARDS)
    always = [(table, name) for table, name, enabled, _sql in guards if enabled == "A"]
    assert len(always) == 3 * len(APPEND_ONLY)
    assert [name for _table, name, enabled, _sql in guards if enabled != "A"] == ["audit_entry_tell"]
