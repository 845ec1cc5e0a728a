"""Copies of the desk that a timer makes: named by the time, the newest kept, each noted in the chain."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from dutydesk.__main__ import main
from dutydesk.domain.errors import Invalid
from dutydesk.services import operations
from dutydesk.services.core import Actor
from dutydesk.storage import engine, migrate
from dutydesk.storage.backup import look_into, whole
from dutydesk.storage.engine import db
from dutydesk.storage.models.audit import AuditEntry
from tests.services.conftest import Clock

pytestmark = pytest.mark.files


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    """Leave no desk open."""
    yield
    engine.disconnect()


def run(*words: object) -> int:
    """Run a command in English, as an account that is nobody at the desk."""
    return main([*map(str, words), "--lang", "en"])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "copies"
    path.mkdir()
    return path


def test_the_newest_are_kept_and_nothing_else_is_touched(
    desk: Path, folder: Path, now: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "desk-before-the-move.sqlite").write_text("mine")
    (folder / "other-20200101-000000.sqlite").write_text("another desk's")
    for _night in range(4):
        assert run("backup", "--into", folder, "--keep", "2", "--db", desk) == 0
        now.pass_minutes(24 * 60)
    assert sorted(path.name for path in folder.iterdir()) == [
        "desk-20261124-143200.sqlite",
        "desk-20261125-143200.sqlite",
        "desk-before-the-move.sqlite",
        "other-20200101-000000.sqlite",
    ]
    assert "Removed: desk-20261123-143200.sqlite" in capsys.readouterr().out


def test_a_clock_that_went_back_does_not_cost_the_new_copy(desk: Path, folder: Path, now: Clock) -> None:
    (folder / "desk-20991231-000000.sqlite").write_text("from the future")
    made = operations.backup_into(folder, "desk", keep=1)
    assert [path.name for path in folder.iterdir()] == [made.path.name]


def test_what_a_copy_that_was_cut_off_left_is_cleared_a_day_later(desk: Path, folder: Path, now: Clock) -> None:
    old, fresh = folder / "desk-20261101-030000.sqlite.part", folder / "desk-20261122-143100.sqlite.part"
    old.write_text("half")
    fresh.write_text("half, another one is being made")
    os.utime(old, (0, 0))
    operations.backup_into(folder, "desk", keep=5)
    assert not old.exists()
    assert fresh.exists()


def test_the_desk_notes_its_copies(desk: Path, folder: Path, chief: Actor, now: Clock) -> None:
    assert run("backup", "--into", folder, "--db", desk) == 0
    copy = next(folder.iterdir())
    engine.connect(str(desk))
    newest = AuditEntry.select().order_by(AuditEntry.seq.desc()).first()
    assert (newest.action, newest.login) == ("backup.made", "system")
    inside = look_into(copy)
    assert json.loads(newest.values) == {
        "file": copy.name, "size": inside.size, "seq": inside.seq, "head": inside.head, "removed": [],
    }  # fmt: skip
    engine.disconnect()
    assert run("backup", folder / "by-hand.sqlite", "--db", desk, "--login", "chief") == 0
    engine.connect(str(desk))
    assert AuditEntry.select().order_by(AuditEntry.seq.desc()).first().login == "chief"


def test_a_desk_of_an_older_schema_is_copied_but_does_not_note_it(
    desk: Path, folder: Path, now: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    db.execute_sql(f"delete from schema_version where number = {migrate.newest()}")
    count = AuditEntry.select().count()
    engine.disconnect()
    assert run("backup", folder / "before.sqlite", "--db", desk) == 0
    assert "did not note it" in capsys.readouterr().err
    engine.connect(str(desk))
    assert AuditEntry.select().count() == count


@pytest.mark.parametrize("words", [[], ["a", "--into", "."], ["a", "--keep", "3"], ["--into", ".", "--keep", "0"],
                                   ["--into", "nowhere"]])  # fmt: skip
def test_wrong_use_is_one_sentence(
    desk: Path, words: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    assert run("backup", *words, "--db", desk) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert not list(folder.iterdir())


def test_on_a_file_system_without_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*args: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    with whole(tmp_path / "a") as part:
        part.write_text("whole")
    assert (tmp_path / "a").read_text() == "whole"
    with pytest.raises(FileExistsError), whole(tmp_path / "a") as part:
        part.write_text("another")
    assert (tmp_path / "a").read_text() == "whole"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_keep_is_at_least_one(desk: Path, folder: Path) -> None:
    with pytest.raises(Invalid):
        operations.backup_into(folder, "desk", keep=0)
