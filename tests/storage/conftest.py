"""Desks for the storage tests: a fresh one, and one with three days of everything, copied for each test."""

from __future__ import annotations

import functools
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dutydesk.demo import make
from dutydesk.domain import clock
from dutydesk.services import backups, core, people
from dutydesk.storage import engine, transfer
from dutydesk.storage.models.allowance import AllowanceMonth, RateTable
from dutydesk.storage.models.attendance import CallOut
from dutydesk.storage.models.backups import BackupJob
from dutydesk.storage.models.base import Row
from dutydesk.storage.models.roster import RosterVersion
from tests import server, templates
from tests.services import conftest as services_conftest
from tests.services.conftest import (
    ENGINES,
    START,
    desk,
    desk_engine,
    desk_template,
    eng_a,
    now,
    server_desk,
    server_template,
)

__all__ = [
    "desk",
    "desk_engine",
    "desk_template",
    "eng_a",
    "now",
    "server_desk",
    "server_template",
]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Ask both engines what is asked of a fresh desk or of one with a past; `files` marks what is about a file."""
    services_conftest.pytest_generate_tests(metafunc)
    if "past" in metafunc.fixturenames and "desk" not in metafunc.fixturenames:
        files = metafunc.definition.get_closest_marker("files")
        metafunc.parametrize("desk_engine", ENGINES[:1] if files else ENGINES, scope="session", indirect=True)


@pytest.fixture(scope="session")
def past_template() -> Path:
    """Return a desk file with rows in every append-only table."""
    return templates.made_once("desk-past", _make_past)


def _make_past(path: Path) -> None:
    with clock.frozen(START):
        make.fill(path, make.Spec(days=3, live=0))
        job = BackupJob.get(BackupJob.code == "his-db")
        who = people.identify("eng-a")
        backups.restore_test(who, job.id, at=START - 3600, minutes=60, worked=True)
        with engine.db.atomic():
            for row in _rows_without_a_past(who.person_id):
                core.record(who, "test.made", row)
    engine.disconnect()


def _rows_without_a_past(person: int) -> list[Row]:
    """Return a row of each append-only table that the demo desk leaves empty."""
    return [
        core.create(RosterVersion, number=1000, from_day="2026-11-22", to_day="2026-11-30", published_at=START),
        core.create(CallOut, person=person, called_at=START, entered_at=START, entered_by=person),
        core.create(RateTable, name="rates", text="x = 1", effective_from="2026-01-01", made_at=START),
        core.create(
            AllowanceMonth,
            month="2026-10",
            frozen_by=person,
            frozen_at=START,
            rates="x = 1",
            content="{}",
            digest="0",
        ),
    ]


@pytest.fixture(scope="session")
def server_past(past_template: Path) -> str:
    """Return the address of the desk with three days of everything, brought over to the server."""
    return _brought_over(past_template)


@functools.cache
def _brought_over(past: Path) -> str:
    address = server.database("past")
    transfer.bring(str(past), address)
    engine.disconnect()
    return address


@pytest.fixture
def past(request: pytest.FixtureRequest, desk_engine: str, tmp_path: Path) -> Iterator[Path | str]:
    """Open the desk with three days of everything, a test's own, and return its file or its address on the server.

    On the server one transaction around the test is taken back at its end.
    """
    if desk_engine == "sqlite":
        path = tmp_path / "past.sqlite"
        shutil.copy(request.getfixturevalue("past_template"), path)
        engine.connect(str(path))
        yield path
    else:
        address = request.getfixturevalue("server_past")
        engine.connect(address)
        with engine.db.atomic() as whole:
            yield address
            whole.rollback(begin=False)
            engine.db.begin()
    engine.disconnect()


def ask(sql: str, *values: object) -> list[tuple[Any, ...]]:
    """Return the rows that the open desk answers; `?` stands for a value."""
    rows: list[tuple[Any, ...]] = engine.db.execute_sql(sql.replace("?", engine.db.param), values).fetchall()
    return rows


def do(sql: str, *values: object) -> int:
    """Give the open desk an order behind the program's back; returns how many rows it meant."""
    rows: int = engine.db.execute_sql(sql.replace("?", engine.db.param), values).rowcount
    return rows


def drop_guards() -> None:
    """Take every trigger and reference away, as somebody who owns the database could."""
    if engine.on_postgres():
        do("set local session_replication_role = replica")
        for name, table in ask("select tgname, tgrelid::regclass::text from pg_trigger where not tgisinternal"):
            do(f"drop trigger {name} on {table}")
    else:
        do("pragma foreign_keys = off")
        for (name,) in ask("select name from sqlite_master where type = 'trigger'"):
            do(f"drop trigger {name}")


def drop_indexes(table: str) -> None:
    """Take the indexes of a table away, those of its key stay."""
    if engine.on_postgres():
        found = ask("select indexname from pg_indexes where tablename = ? and indexname not like '%%_pkey'", table)
    else:
        found = ask("select name from sqlite_master where type = 'index' and tbl_name = ? and sql is not null", table)
    for (name,) in found:
        do(f"drop index {name}")


def columns_of(table: str) -> list[str]:
    """Return the columns of a table in the order they stand there."""
    return [info.name for info in engine.db.get_columns(table)]
