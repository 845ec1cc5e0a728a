"""Open and close the desk's database; every setting of SQLite is made here, those of PostgreSQL in `postgres`.

SQLite: full synchronisation, foreign keys on, writes in BEGIN IMMEDIATE, WAL only where the SQLite in use is
safe with several processes (3.51.3 and later), else a persistent rollback journal.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from dutydesk.domain.errors import ConnectionLost, StorageTrouble
from dutydesk.domain.words import N_
from dutydesk.storage.driver import load_peewee

SAFE_WAL = (3, 51, 3)
BUSY_SECONDS = 5
_HEADER = b"SQLite format 3\x00"

load_peewee()
import peewee  # noqa: E402

from dutydesk.storage import turns  # noqa: E402

_DRIVER: type[Exception] = peewee.sqlite3.DatabaseError  # type: ignore[attr-defined]
Error = type[Exception]
ERRORS: tuple[Error, Error, Error] = (peewee.DatabaseError, _DRIVER, UnicodeError)
"""What the database refuses with: peewee puts it into its own words when a statement begins, not when rows come in.
Text that is no text comes from a damaged page, even in the driver's own message; or it was to be written."""

db: Any = peewee.DatabaseProxy()
"""The desk's database; models are bound to it, `connect` gives it an engine."""

_url = ""
_password: str | None = None


def url() -> str:
    """Return what the desk was opened with."""
    return _url


def use_password(password: str | None) -> None:
    """Use a password for addresses that hold none."""
    global _password
    _password = password


def on_postgres() -> bool:
    """Whether the open desk is a PostgreSQL database."""
    return db.obj is not None and not isinstance(db.obj, peewee.SqliteDatabase)


def masked(target: str) -> str:
    """Return a target as it may be shown: an address without its password."""
    if "://" not in target:
        return target
    from dutydesk.storage import postgres

    return postgres.masked(target)


def sqlite_path(target: str) -> Path | None:
    """Return the file of a SQLite target (a path or sqlite:///path), or None for another engine."""
    path = Path(target.removeprefix("sqlite:///"))
    if "://" in target and not target.startswith("sqlite:///"):
        return None
    try:
        return path.expanduser()
    except RuntimeError:  # somebody without a home on this machine
        return path


Identity = tuple[int, int]
"""A file whatever it is called: its device and inode."""


def identity(path: Path) -> Identity | None:
    """Return which file stands at a path now, or None."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def sqlite_version() -> tuple[int, ...]:
    """Return the version of the SQLite library that peewee uses."""
    version: tuple[int, ...] = peewee.sqlite3.sqlite_version_info  # type: ignore[attr-defined]
    return version


def journal_mode() -> str:
    """Return the journal that is safe under several processes with this SQLite."""
    return "wal" if sqlite_version() >= SAFE_WAL else "persist"


def connect(target: str, *, create: bool = False) -> Any:
    """Open the desk at `target` (a path, sqlite:///path or postgresql://…) and bind the models to it.

    Raises StorageTrouble with a sentence when the file is missing (unless `create`), is not a desk or may not be
    written, ConnectionLost when the server cannot be reached.
    """
    global _url
    path = sqlite_path(target)
    if path is not None:
        _check_file(path, create)
    disconnect()
    _url = target
    return _open_server(target) if path is None else _open_file(path, create)


def _open_file(path: Path, create: bool) -> Any:
    database = _file_database(path)
    database.opened_as = identity(path)
    db.initialize(database)
    try:
        database.connect()
        _choose_journal(database, create)
    except ERRORS as error:
        raise trouble(error) from error
    return database


def _file_database(path: Path) -> Any:
    return turns.File(
        str(path),
        pragmas={
            "synchronous": "full",
            "foreign_keys": 1,
            "cache_size": -16000,
            "temp_store": "memory",
            "journal_size_limit": 16 << 20,
        },
        timeout=BUSY_SECONDS,
        lock_type="IMMEDIATE",
    )


def _open_server(target: str) -> Any:
    database = _server_database(target)
    db.initialize(database)
    return database


def _server_database(target: str) -> Any:
    from dutydesk.storage import postgres

    if not postgres.is_address(target):
        raise StorageTrouble(
            N_("{target} is neither a file nor a PostgreSQL address (postgresql://…)."), target=postgres.masked(target)
        )
    try:
        return postgres.open_database(target, _password)
    except ERRORS as error:
        raise trouble(error) from error


def open_apart(target: str) -> Any:
    """Open a second database beside the desk, without binding the models to it; the caller closes it."""
    path = sqlite_path(target)
    if path is None:
        return _server_database(target)
    database = _file_database(path)
    database.connect()
    return database


def reconnect() -> None:
    """Open the desk's connection anew after it broke. Raises StorageTrouble when that is not possible now."""
    if not on_postgres():
        return
    with suppress(*ERRORS):
        db.close()
    try:
        db.connect(reuse_if_open=True)
    except ERRORS as error:
        raise trouble(error) from error


@contextmanager
def snapshot() -> Iterator[None]:
    """See the desk as it is at this instant, whatever others write meanwhile."""
    if on_postgres():
        db.begin_reading()
    else:
        db.execute_sql("begin")
    try:
        yield
    finally:
        with suppress(*ERRORS):
            db.execute_sql("rollback")


def _choose_journal(database: Any, create: bool) -> None:
    """Set the journal of a desk; the file of another program that was named by mistake stays as it is."""
    names = {name for (name,) in database.execute_sql("select name from sqlite_master where type = 'table'").fetchall()}
    if "schema_version" in names or (create and not names):
        database.pragma("journal_mode", journal_mode(), permanent=True)


def disconnect() -> None:
    """Close the desk if it is open; a connection that broke is forgotten."""
    if db.obj is not None and not db.is_closed():
        with suppress(*ERRORS):
            db.close()


def _check_file(path: Path, create: bool) -> None:
    if not path.exists():
        if not create:
            raise StorageTrouble(
                N_("There is no desk at {path}. `dutydesk init` makes one, `dutydesk demo` shows one."), path=str(path)
            )
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        return
    if path.is_dir():
        raise StorageTrouble(N_("{path} is a folder, not a desk."), path=str(path))
    if not path.is_file():
        raise StorageTrouble(N_("{path} is not a Duty Desk database."), path=str(path))
    if not os.access(path, os.R_OK):
        raise StorageTrouble(N_("{path} may not be read by this account."), path=str(path))
    if not os.access(path, os.W_OK) or not os.access(path.parent, os.W_OK):
        raise StorageTrouble(
            N_("{path} or its folder may not be written by this account; nothing can be saved."), path=str(path)
        )
    with path.open("rb") as file:
        head = file.read(16)
    if head and head != _HEADER:
        raise StorageTrouble(N_("{path} is not a Duty Desk database."), path=str(path))


_TROUBLES = (
    ("disk is full", N_("The disk is full: nothing was saved. Free some space and save again.")),
    ("disk i/o error", N_("The disk does not answer properly: nothing was saved.")),
    ("readonly", N_("The database may not be written: nothing was saved.")),
    ("locked", N_("Somebody else is writing for too long: nothing was saved. Try again.")),
    ("not a database", N_("The file is not a Duty Desk database.")),
    ("codec can't encode", N_("There is a character in it that cannot be stored: nothing was saved.")),
    ("codec can't decode", N_("The database is damaged. Restore a backup; `dutydesk doctor` tells more.")),
    ("malformed", N_("The database is damaged. Restore a backup; `dutydesk doctor` tells more.")),
    ("append-only", N_("This record may only be added to, never changed.")),
    ("no such table", N_("The file is not a Duty Desk database.")),
    ("unable to open", N_("The database cannot be opened.")),
)


LEAST_ROOM = 64 << 10
"""Bytes free below which an input or output error is one of room: SQLite says so when its WAL index cannot grow."""


def _no_room() -> bool:
    path = sqlite_path(str(getattr(db.obj, "database", "") or ""))
    try:
        found = os.statvfs(path.parent) if path is not None else None
    except OSError:
        return False
    return found is not None and found.f_bavail * found.f_frsize < LEAST_ROOM


_AFTERMATH = ("cannot rollback", "no such savepoint")


def is_lost(error: BaseException) -> bool:
    """Whether an error of the database means that its connection is gone."""
    return isinstance(trouble(error), ConnectionLost)


def _of_server(error: BaseException) -> bool:
    """Whether an error came from a server, though the open desk is a file: while a desk is copied there are two."""
    return type(getattr(error, "orig", error)).__module__.startswith("psycopg")


def trouble(error: BaseException) -> StorageTrouble:
    """Turn an error of the database into a sentence; the original text stays in the values.

    On a full disk SQLite takes the transaction back by itself; the failed rollback after it hides the reason, which
    is the error before.
    """
    reason: BaseException = error
    while any(after in str(reason) for after in _AFTERMATH) and reason.__context__ is not None:
        reason = reason.__context__
    if on_postgres() or sqlite_path(_url) is None or _of_server(error) or _of_server(reason):
        from dutydesk.storage import postgres

        lost = next((found for found in (error, reason) if postgres.is_lost(found)), None)
        known = postgres.trouble(lost or reason)
        if known is not None:
            return known
    text = str(reason)
    if "disk i/o error" in text.lower() and _no_room():
        text = f"disk is full: {text}"
    for part, sentence in _TROUBLES:
        if part in text.lower():
            return StorageTrouble(sentence, detail=text)
    return StorageTrouble(N_("The database refused: {detail}"), detail=text)
