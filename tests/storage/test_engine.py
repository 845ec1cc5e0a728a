"""Wrong files, missing rights, a full disk, a lock: one sentence each, and nothing is lost."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import peewee
import pytest

from dutydesk.domain.errors import StorageTrouble
from dutydesk.services import log
from dutydesk.services.core import Actor
from dutydesk.storage import chain, engine, migrate
from dutydesk.storage.engine import db
from dutydesk.storage.models.log import LogEntry

pytestmark = pytest.mark.files


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    """Leave no desk open."""
    yield
    engine.disconnect()


def refused(target: Path | str) -> str:
    with pytest.raises(StorageTrouble) as caught:
        open_desk(str(target))
    return str(caught.value)


def open_desk(target: str) -> None:
    """Open a desk as every command does."""
    engine.connect(target)
    migrate.require_current()


def test_a_missing_desk(tmp_path: Path) -> None:
    assert "There is no desk at" in refused(tmp_path / "none.sqlite")
    assert not (tmp_path / "none.sqlite").exists()


def test_a_folder(tmp_path: Path) -> None:
    assert "is a folder" in refused(tmp_path)


def test_an_empty_file(tmp_path: Path) -> None:
    empty = tmp_path / "empty.sqlite"
    empty.touch()
    assert "is empty" in refused(empty)


@pytest.mark.parametrize(
    "content", [b"hello, this is a letter\n" * 40, b"\x00" * 4096, b"SQLite format 4\x00" + b"x" * 99]
)
def test_not_a_database(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "letter.sqlite"
    path.write_bytes(content)
    assert "is not a Duty Desk database" in refused(path)
    assert path.read_bytes() == content


def test_a_database_of_somebody_else(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite"
    other = peewee.sqlite3.connect(str(path))
    other.execute("create table songs (title text)")
    other.close()
    assert "is not a Duty Desk database" in refused(path)


def test_a_cut_off_database(desk: Path, tmp_path: Path) -> None:
    engine.disconnect()
    broken = tmp_path / "broken.sqlite"
    broken.write_bytes(desk.read_bytes()[:5000])
    assert refused(broken)


def test_another_engine(tmp_path: Path) -> None:
    assert "neither a file nor" in refused("mysql://here/there")


@pytest.mark.parametrize("missing", [os.R_OK, os.W_OK])
def test_no_right_to_read_or_write(desk: Path, monkeypatch: pytest.MonkeyPatch, missing: int) -> None:
    engine.disconnect()
    monkeypatch.setattr(os, "access", lambda path, mode: mode != missing)
    assert "this account" in refused(desk)


def as_another_account(path: Path) -> str:
    """Return what opening a desk says to an account that does not own it."""
    answer, question = os.pipe()
    child = os.fork()
    if child == 0:
        os.setuid(65534)
        try:
            engine.connect(str(path))
            said = "opened"
        except StorageTrouble as error:
            said = str(error)
        os.write(question, said.encode())
        os._exit(0)
    os.close(question)
    os.waitpid(child, 0)
    with os.fdopen(answer) as file:
        return file.read()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another account")
@pytest.mark.parametrize(("file", "folder"), [(0o444, 0o777), (0o666, 0o755), (0o600, 0o777)])
def test_a_desk_that_another_account_may_not_write(desk: Path, file: int, folder: int) -> None:
    engine.disconnect()
    with TemporaryDirectory(dir="/tmp") as name:
        path = Path(name) / "desk.sqlite"
        shutil.copy(desk, path)
        path.chmod(file)
        Path(name).chmod(folder)
        assert "by this account" in as_another_account(path)


# Full, locked, damaged


def write_until_refused(who: Actor) -> tuple[int, str]:
    """Write lines until one is refused; returns how many were taken, and the sentence."""
    for count in range(2000):
        try:
            log.write(who, f"line {count} " + "x" * 900)
        except StorageTrouble as error:
            return count, str(error)
    raise AssertionError("the disk never was full")


def check_nothing_lost(taken: int) -> None:
    assert LogEntry.select().where(LogEntry.kind == "note").count() == taken
    assert chain.verify().broken is None
    assert db.execute_sql("pragma integrity_check").fetchone()[0] == "ok"


def test_a_full_disk_keeps_what_was_saved(eng_a: Actor) -> None:
    pages = db.execute_sql("pragma page_count").fetchone()[0]
    db.execute_sql(f"pragma max_page_count = {pages + 12}")
    taken, sentence = write_until_refused(eng_a)
    assert "The disk is full: nothing was saved" in sentence
    check_nothing_lost(taken)
    db.execute_sql(f"pragma max_page_count = {pages + 4000}")
    log.write(eng_a, "there is room again")
    check_nothing_lost(taken + 1)


def test_a_full_file_system_keeps_what_was_saved(desk: Path, small_disk: Path, now: object) -> None:
    from dutydesk.services import people

    engine.disconnect()
    path = small_disk / "desk.sqlite"
    shutil.copy(desk, path)
    engine.connect(str(path))
    who = people.identify("eng-a")
    filler = small_disk / "filler"
    free = shutil.disk_usage(small_disk).free
    filler.write_bytes(b"\0" * max(0, free - 300_000))
    taken, sentence = write_until_refused(who)
    assert "nothing was saved" in sentence
    filler.unlink()
    check_nothing_lost(taken)
    log.write(who, "there is room again")
    check_nothing_lost(taken + 1)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a file system of six megabytes, where that is allowed."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=6m", "none", str(folder)]
    try:
        mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        pytest.skip("no file system may be mounted here")
    yield folder
    engine.disconnect()
    subprocess.run(["umount", str(folder)], check=True)


def test_somebody_who_writes_for_too_long(eng_a: Actor, desk: Path) -> None:
    db.execute_sql("pragma busy_timeout = 120")
    other = peewee.sqlite3.connect(str(desk), isolation_level=None)
    other.execute("begin immediate")
    with pytest.raises(StorageTrouble, match="Somebody else is writing"):
        log.write(eng_a, "waits")
    other.execute("rollback")
    other.close()
    log.write(eng_a, "goes on")
    check_nothing_lost(1)


def test_a_damaged_page_is_a_sentence(past: Path) -> None:
    engine.disconnect()
    size = past.stat().st_size
    with past.open("r+b") as file:
        for page in range(20, size // 4096 - 1, 3):
            file.seek(page * 4096)
            file.write(b"\xff" * 4096)
    with pytest.raises(StorageTrouble, match="The database is damaged"):
        read_all(past)


def read_all(path: Path) -> None:
    """Open a desk and read all of it."""
    engine.connect(str(path))
    try:
        chain.verify()
    except peewee.DatabaseError as error:
        raise engine.trouble(error) from error


def test_the_settings_of_the_engine(desk: Path) -> None:
    assert db.execute_sql("pragma synchronous").fetchone()[0] == 2
    assert db.execute_sql("pragma foreign_keys").fetchone()[0] == 1
    mode = db.execute_sql("pragma journal_mode").fetchone()[0]
    assert mode == ("wal" if engine.sqlite_version() >= engine.SAFE_WAL else "persist")


@pytest.mark.parametrize(("version", "mode"), [((3, 40, 1), "persist"), ((3, 51, 2), "persist"), ((3, 51, 3), "wal")])
def test_wal_only_where_it_is_safe(monkeypatch: pytest.MonkeyPatch, version: tuple[int, ...], mode: str) -> None:
    monkeypatch.setattr(engine, "sqlite_version", lambda: version)
    assert engine.journal_mode() == mode


def test_a_new_desk_is_nobody_elses(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "desk.sqlite"
    engine.connect(str(path), create=True)
    assert path.stat().st_mode & 0o777 == 0o600
