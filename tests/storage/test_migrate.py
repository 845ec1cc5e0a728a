"""Migrations: one process runs them, the desk is copied first, a newer desk is refused. Source: DESIGN 2."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import peewee
import pytest

from dutydesk.domain.errors import StorageTrouble
from dutydesk.storage import chain, engine, migrate
from dutydesk.storage.engine import db
from dutydesk.storage.models import TABLES

NEXT = migrate.newest() + 1
pytestmark = pytest.mark.files

GOOD = """
from dutydesk.storage.engine import db

def up():
    db.execute_sql("alter table room add column floor text")
"""
BAD = f"""{GOOD.rstrip()}
    raise RuntimeError("no")
"""

RUN = """
import sys
from dutydesk.storage import engine, migrate
if len(sys.argv) > 2:
    migrate.folder.__path__.append(sys.argv[2])
engine.connect(sys.argv[1], create=True)
print(migrate.migrate())
"""


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


def together(path: Path, *more: str) -> list[str]:
    """Migrate from four processes at once; returns what each says."""
    started = [
        subprocess.Popen(
            [sys.executable, "-c", RUN, str(path), *more], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    said = []
    for process in started:
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
        said.append(out.strip())
    return sorted(said)


def test_several_processes_at_once_make_a_new_desk_together(tmp_path: Path) -> None:
    path = tmp_path / "new.sqlite"
    everything = str([number for number, _name in migrate.known()])
    assert together(path) == sorted([everything, "[]", "[]", "[]"])
    engine.connect(str(path))
    migrate.require_current()


def test_several_processes_at_once_bring_a_desk_up_to_date(desk: Path, steps: Path) -> None:
    engine.disconnect()
    (steps / f"m{NEXT:04d}_floor.py").write_text(GOOD)
    assert together(desk, str(steps)) == sorted([f"[{NEXT}]", "[]", "[]", "[]"])


def test_an_older_desk_is_refused_then_copied_and_migrated(desk: Path, steps: Path) -> None:
    (steps / f"m{NEXT:04d}_floor.py").write_text(GOOD)
    with pytest.raises(StorageTrouble, match="run `dutydesk migrate`"):
        migrate.require_current()
    assert migrate.migrate() == [NEXT]
    migrate.require_current()
    assert "floor" in [info[1] for info in db.execute_sql("pragma table_info(room)").fetchall()]
    kept = Path(f"{desk}.before-{NEXT}")
    old = peewee.sqlite3.connect(str(kept))
    assert old.execute("select max(number) from schema_version").fetchone() == (NEXT - 1,)
    assert old.execute("pragma integrity_check").fetchone() == ("ok",)
    assert "floor" not in [info[1] for info in old.execute("pragma table_info(room)").fetchall()]
    old.close()
    assert chain.verify().broken is None
    assert migrate.migrate() == []


def test_a_step_that_fails_changes_nothing(desk: Path, steps: Path) -> None:
    (steps / f"m{NEXT:04d}_floor.py").write_text(BAD)
    with pytest.raises(RuntimeError):
        migrate.migrate()
    assert migrate.current() == NEXT - 1
    assert "floor" not in [info[1] for info in db.execute_sql("pragma table_info(room)").fetchall()]
    (steps / f"m{NEXT:04d}_floor.py").write_text(GOOD)
    del sys.modules[f"{migrate.folder.__name__}.m{NEXT:04d}_floor"]
    assert migrate.migrate() == [NEXT]


def test_a_newer_desk_is_refused(desk: Path) -> None:
    db.execute_sql(f"insert into schema_version (number) values ({NEXT + 5})")
    for refused in (migrate.require_current, migrate.migrate):
        with pytest.raises(StorageTrouble, match="update the program"):
            refused()
    assert not list(desk.parent.glob("*.before-*"))


def test_an_empty_desk_is_refused_until_it_is_made(tmp_path: Path) -> None:
    engine.connect(str(tmp_path / "new.sqlite"), create=True)
    with pytest.raises(StorageTrouble, match="is empty"):
        migrate.require_current()


def test_a_database_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite"
    other = peewee.sqlite3.connect(str(path))
    other.execute("create table songs (title text)")
    other.commit()
    other.close()
    engine.connect(str(path))
    with pytest.raises(StorageTrouble, match="not a Duty Desk database"):
        migrate.migrate()
    assert db.get_tables() == ["songs"]


def test_every_table_is_made(desk: Path) -> None:
    assert {table._meta.table_name for table in TABLES} <= set(db.get_tables())
