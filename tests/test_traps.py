"""Traps of the stack underneath, each closed in one place. Those that have tests of their own are only named here.

Keys typed at once keep their order: `terminal/test_keys.py`. User text: `test_hostile*.py`. Signals: `test_manners.py`.
The journal by version: `storage/test_engine.py`. Migrations one at a time: `storage/test_migrate.py`. Heavy imports:
`test_house.py`. No terminal: `test_manners.py`. Charts and their numbers: `ui/test_chart.py`.
"""

from __future__ import annotations

import ast
import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import peewee
import pytest

from dutydesk.services import incidents, people
from dutydesk.services.incidents import NewIncident
from dutydesk.storage import chain, engine
from dutydesk.storage.models import TABLES
from tests.services.conftest import make_desk

PACKAGE = Path(__file__).resolve().parents[1] / "dutydesk"
SOURCES = [path for layer in ("storage", "services") for path in sorted((PACKAGE / layer).rglob("*.py"))]


# Several processes write at once


TOGETHER = """
import sys
from dutydesk.domain.errors import Conflict
from dutydesk.services import incidents, people
from dutydesk.services.incidents import NewIncident
from dutydesk.storage import engine

engine.connect(sys.argv[1])
who = people.identify(sys.argv[2])
for turn in range(25):
    incidents.open_incident(who, NewIncident(title=f"{who.login} {turn}"))
    while True:
        seen = incidents.view(who, 1)
        try:
            count = int(seen.next_step.split()[0]) + 1
            incidents.plan(who, 1, next_step=f"{count} by {who.login}", version=seen.version)
            break
        except Conflict:
            continue
engine.disconnect()
"""


def test_four_processes_write_at_once_and_nothing_is_lost(tmp_path: Path) -> None:
    """A write takes the lock when it begins and names the version it changes: no error, no update lost."""
    path = tmp_path / "desk.sqlite"
    make_desk(path)
    engine.connect(str(path))
    incidents.open_incident(people.identify("eng-a"), NewIncident(title="counter", next_step="0"))
    engine.disconnect()
    logins = ("eng-a", "eng-b", "eng-c", "eng-d")
    running = [
        subprocess.Popen(
            [sys.executable, "-c", TOGETHER, str(path), login], cwd=PACKAGE.parent, stderr=subprocess.PIPE, text=True
        )
        for login in logins
    ]
    said = [process.communicate(timeout=120)[1] for process in running]
    assert [process.returncode for process in running] == [0] * 4, said
    engine.connect(str(path))
    who = people.identify("eng-a")
    assert incidents.view(who, 1).next_step.startswith("100 by ")
    numbers = [number for (number,) in engine.db.execute_sql("select number from incident").fetchall()]
    assert len(numbers) == len(set(numbers)) == 101
    assert chain.verify().broken is None
    engine.disconnect()


# The SQLite in use, and drivers


@pytest.mark.skipif(importlib.util.find_spec("pysqlite3") is None, reason="no wheel of it for this machine")
def test_the_newer_sqlite_is_the_one_in_use(tmp_path: Path) -> None:
    """Where its wheel is installed, peewee works on it, and that is why the journal is WAL."""
    assert peewee.sqlite3.__name__.startswith("pysqlite3")  # type: ignore[attr-defined]
    assert engine.sqlite_version() >= engine.SAFE_WAL
    path = tmp_path / "desk.sqlite"
    make_desk(path)
    engine.connect(str(path))
    assert engine.db.execute_sql("pragma journal_mode").fetchone() == ("wal",)
    engine.disconnect()


def test_drivers_come_only_with_their_address(tmp_path: Path) -> None:
    """A driver that is installed costs nothing on a desk that is a file."""
    folder = tmp_path / "psycopg"
    folder.mkdir()
    (folder / "__init__.py").write_text("raise SystemExit('the driver was imported')")
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{PACKAGE.parent}"}
    only = "from dutydesk.storage import engine, models"
    for code, said in ((only, ""), (f"{only}; import psycopg", "the driver was imported")):
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
        )
        assert done.stderr.strip() == said


# What is easily written and wrong


def calls(node: ast.AST, *names: str) -> bool:
    """Return whether an expression calls a method of one of these names."""
    return any(
        isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute) and each.func.attr in names
        for each in ast.walk(node)
    )


def half_read(tree: ast.AST) -> Iterator[int]:
    """Yield the lines that may leave a query half read: its cursor holds the snapshot, and the feed stands still."""
    for node in ast.walk(tree):
        if isinstance(node, ast.For) and calls(node.iter, "select", "execute_sql") and not calls(node.iter, "fetchall"):
            whole = isinstance(node.iter, ast.Call) and getattr(node.iter.func, "id", "") in ("list", "sorted", "dict")
            leaves = any(isinstance(each, ast.Break | ast.Return) for part in node.body for each in ast.walk(part))
            if leaves and not whole:
                yield node.lineno
        elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Call):
            named = isinstance(node.value.func, ast.Attribute) and node.value.func.attr
            if named in ("select", "where", "order_by", "limit", "tuples", "dicts", "objects", "join"):
                yield node.lineno
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "next" and calls(node, "select", "tuples"):
            yield node.lineno


def remainders(tree: ast.AST) -> Iterator[int]:
    """Yield the lines that take the remainder of a column: peewee makes LIKE of it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
            for side in (node.left, node.right):
                if isinstance(side, ast.Attribute) and isinstance(side.value, ast.Name) and side.value.id[:1].isupper():
                    yield node.lineno


@pytest.mark.parametrize("trap", [half_read, remainders])
def test_no_query_falls_into_a_trap_of_peewee(trap: object) -> None:
    found = [f"{path.name}:{line}" for path in SOURCES for line in trap(ast.parse(path.read_text()))]  # type: ignore[operator]
    assert found == []


@pytest.mark.parametrize(
    ("source", "trap"),
    [
        ("for row in Person.select():\n    break", half_read),
        ("for row in Person.select().where(x).tuples():\n    return row", half_read),
        ("Person.select().where(x)[0]", half_read),
        ("next(iter(Person.select()))", half_read),
        ("Incident.opened_at % 24", remainders),
    ],
)
def test_the_traps_are_found(source: str, trap: object) -> None:
    assert list(trap(ast.parse(source))) == [1]  # type: ignore[operator]


def test_times_are_whole_numbers_and_json_is_text() -> None:
    wrong = (peewee.DateTimeField, peewee.DateField, peewee.TimeField, peewee.TimestampField)
    fields = [field for table in TABLES for field in table._meta.sorted_fields]
    assert not [field.name for field in fields if isinstance(field, wrong) or type(field).__name__ == "JSONField"]
    instants = [field for field in fields if field.name.endswith("_at") or field.name == "at"]
    assert len(instants) > 20
    assert {field.field_type for field in instants} == {"BIGINT"}


def test_no_list_measures_all_its_rows() -> None:
    """Textual's tables and lists make an object or a measurement of every row."""
    named = {"DataTable", "ListView", "ListItem"}
    found = [
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and named & {each.name for each in node.names}
    ]
    assert found == []


def test_what_is_installed_is_compiled() -> None:
    """Without compiled files a start takes four times as long: the script that installs compiles them."""
    script = (PACKAGE.parent / "tools" / "venv.sh").read_text()
    assert "-m compileall" in script
    assert "--no-compile" not in script
