"""Copies of an SQLite desk: made while people work, looked into, and put in a desk's place."""

from __future__ import annotations

import errno
import fcntl
import itertools
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from dutydesk.domain.errors import Refused, StorageTrouble
from dutydesk.domain.words import N_
from dutydesk.storage import engine
from dutydesk.storage.engine import db, trouble

BESIDE = ("-wal", "-shm", "-journal")
"""Endings of the files that SQLite keeps beside a database."""


class Inside(NamedTuple):
    """What a copy holds: its size in bytes, its schema, and the head of its chain (sequence number, digest)."""

    size: int
    schema: int
    seq: int
    head: str


@contextmanager
def whole(target: Path) -> Iterator[Path]:
    """Yield an empty file to write into; it gets the name `target` when all of it is on the disk, and only if that is
    free. Whatever happens before, nothing has that name."""
    part = Path(f"{target}.part")
    part.unlink(missing_ok=True)
    try:
        _make_empty(part)
        yield part
        _to_disk(part)
        _name(part, target)
    finally:
        part.unlink(missing_ok=True)
    _folder_to_disk(target.parent)


def _name(part: Path, target: Path) -> None:
    try:
        os.link(part, target)
    except FileExistsError:
        raise
    except OSError:  # a file system without links, as network shares and memory sticks are
        if target.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target)) from None
        part.rename(target)


def copy_open(part: Path) -> None:
    """Copy the open desk into an empty file, as it stands at this instant; others go on working."""
    db.execute_sql("vacuum into ?", (str(part),))
    forget_consoles(part)


def forget_consoles(part: Path) -> None:
    """Take the consoles that are open on a desk out of a copy of it: nobody has one open there."""
    driver = engine.peewee.sqlite3  # type: ignore[attr-defined]
    with closing(driver.connect(str(part))) as copy, suppress(driver.OperationalError):  # an older schema has none
        copy.execute("delete from presence")
        copy.commit()


def copy_file(source: Path, target: Path) -> None:
    """Copy a database that may be in use, or lie on a medium that cannot be written, into a new file."""
    _make_empty(target)
    with _reading(source) as old, closing(engine.peewee.sqlite3.connect(str(target))) as new:  # type: ignore[attr-defined]
        old.backup(new)
        new.execute("pragma journal_mode = delete")
    _to_disk(target)


def look_into(path: Path) -> Inside:
    """Check every page of a copy and say what it holds; raise StorageTrouble when it is damaged or no desk."""
    with _reading(path) as copy:
        wrong = " ".join(copy.execute("pragma integrity_check(1)").fetchone()[0].split())
        if wrong != "ok":
            raise StorageTrouble(
                N_("The copy {path} is damaged: {detail}"), path=str(path), detail=" ".join(wrong.split())
            )
        schema = copy.execute("select max(number) from schema_version").fetchone()[0] or 0
        newest = copy.execute("select seq, digest from audit_entry order by seq desc limit 1").fetchone()
    seq, head = newest or (0, "")
    return Inside(path.stat().st_size, schema, seq, head)


def put_in_place(part: Path, target: Path, kept: Path) -> None:
    """Let `part` take the place of the desk at `target`, which stays as `kept`, with what SQLite keeps beside it.

    Whenever this is cut short there is one whole desk at `target`, the old or the new one: all of the old one is in
    its file before anything is moved, and nobody writes there until the new one is in its place.
    """
    with _held_still(target):
        if target.exists():
            os.link(target, kept)
        for ending in BESIDE:
            beside = Path(f"{target}{ending}")
            if beside.exists():
                _keep_beside(beside, Path(f"{kept}{ending}"))
        os.replace(part, target)
        _folder_to_disk(target.parent)


def _keep_beside(beside: Path, kept: Path) -> None:
    """Move a file away that belongs to the desk that was; an empty one is nothing to keep."""
    if beside.name.endswith("-shm") or not beside.stat().st_size:
        beside.unlink()
    else:
        beside.rename(kept)


@contextmanager
def _held_still(target: Path) -> Iterator[None]:
    """Bring all of a desk into its one file and let nobody write there; one that cannot be read is left as it is."""
    driver = engine.peewee.sqlite3  # type: ignore[attr-defined]
    if not target.exists():
        yield
        return
    with closing(driver.connect(str(target), timeout=engine.BUSY_SECONDS, isolation_level=None)) as old:
        try:
            _hold_still(old, Path(f"{target}-wal"))
        except driver.OperationalError as error:
            if "locked" in str(error):
                raise trouble(error) from error
        except driver.DatabaseError:
            pass
        yield


def _hold_still(old: Any, wal: Path) -> None:
    """Take the right to write when nothing is left in the WAL; somebody may write in between a few times."""
    for _turn in range(5):
        busy = old.execute("pragma wal_checkpoint(truncate)").fetchone()[0]
        old.execute("begin immediate")
        if not busy and not (wal.exists() and wal.stat().st_size):
            return
        old.execute("rollback")
    raise engine.peewee.sqlite3.OperationalError("database is locked")  # type: ignore[attr-defined]


def settle(path: Path) -> None:
    """Bring all of a closed database into its one file, and the file onto the disk."""
    with closing(engine.peewee.sqlite3.connect(str(path))) as database:  # type: ignore[attr-defined]
        database.execute("pragma journal_mode = delete").fetchall()
    _to_disk(path)


@contextmanager
def _reading(path: Path) -> Iterator[Any]:
    """Open a database for reading alone; troubles of the file become sentences."""
    driver = engine.peewee.sqlite3  # type: ignore[attr-defined]
    name = quoted(path)
    try:
        connection = driver.connect(f"file:{name}?mode=ro", uri=True)
        try:
            connection.execute("select count(*) from sqlite_master").fetchall()
        except driver.OperationalError:
            connection.close()
            connection = driver.connect(f"file:{name}?mode=ro&immutable=1", uri=True)
        with closing(connection):
            yield connection
    except driver.DatabaseError as error:
        raise trouble(error) from error


def quoted(path: Path) -> str:
    """Return a path as it stands in the address of a SQLite file."""
    return str(path.resolve()).replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def free_name(target: Path, at: datetime) -> Path:
    """Return a name with a time, beside a desk, to keep it under; what a restore cut short left there goes away."""
    desk = engine.identity(target)
    for other in target.parent.glob(f"{target.name}.replaced-*"):
        if desk is not None and engine.identity(other) == desk:
            other.unlink()
    stem = f"{target}.replaced-{at:%Y%m%d-%H%M%S}"
    names = (Path(stem if number == 1 else f"{stem}-{number}") for number in itertools.count(1))
    return next(name for name in names if not name.exists())


@contextmanager
def turn(folder: Path) -> Iterator[None]:
    """Hold the right to restore a desk in a folder; the system takes it back from a process that dies."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
                raise
            sentence = N_("Somebody else is restoring a desk in {path} at this moment; wait until that is done.")
            raise Refused(sentence, path=str(folder)) from None
        yield
    finally:
        os.close(handle)


def _make_empty(path: Path) -> None:
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def _to_disk(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
    _folder_to_disk(path.parent)


def _folder_to_disk(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
