"""Open and close the desk's database; every engine setting is made here and nowhere else.

SQLite: full synchronisation, foreign keys on, writes in BEGIN IMMEDIATE, WAL only where the SQLite in use is
safe with several processes (3.51.3 and later), else a persistent rollback journal.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from dutydesk.domain.errors import StorageTrouble
from dutydesk.domain.words import N_
from dutydesk.storage.driver import load_peewee

SAFE_WAL = (3, 51, 3)
BUSY_SECONDS = 5
_HEADER = b"SQLite format 3\x00"

load_peewee(os.environ.get("DUTYDESK_DB", ""))
import peewee  # noqa: E402

db: Any = peewee.DatabaseProxy()
"""The desk's database; models are bound to it, `connect` gives it an engine."""

_url = ""


def url() -> str:
    """Return what the desk was opened with."""
    return _url


def sqlite_path(target: str) -> Path | None:
    """Return the file of a SQLite target (a path or sqlite:///path), or None for another engine."""
    path = Path(target.removeprefix("sqlite:///"))
    if "://" in target and not target.startswith("sqlite:///"):
        return None
    try:
        return path.expanduser()
    except RuntimeError:  # somebody without a home on this machine
        return path


def sqlite_version() -> tuple[int, ...]:
    """Return the version of the SQLite library that peewee uses."""
    version: tuple[int, ...] = peewee.sqlite3.sqlite_version_info  # type: ignore[attr-defined]
    return version


def journal_mode() -> str:
    """Return the journal that is safe under several processes with this SQLite."""
    return "wal" if sqlite_version() >= SAFE_WAL else "persist"


def connect(target: str, *, create: bool = False) -> Any:
    """Open the desk at `target` and bind the models to it.

    Raises StorageTrouble with a sentence when the file is missing (unless `create`), is not a desk or may not be
    written.
    """
    global _url
    path = sqlite_path(target)
    if path is None:
        raise StorageTrouble(N_("This version opens SQLite desks only; {target} is something else."), target=target)
    _check_file(path, create)
    disconnect()
    database = peewee.SqliteDatabase(
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
    db.initialize(database)
    try:
        database.connect()
        _choose_journal(database, create)
    except peewee.DatabaseError as error:
        raise trouble(error) from error
    _url = target
    return database


def _choose_journal(database: Any, create: bool) -> None:
    """Set the journal of a desk; the file of another program that was named by mistake stays as it is."""
    names = {name for (name,) in database.execute_sql("select name from sqlite_master where type = 'table'").fetchall()}
    if "schema_version" in names or (create and not names):
        database.pragma("journal_mode", journal_mode(), permanent=True)


def disconnect() -> None:
    """Close the desk if it is open."""
    if db.obj is not None and not db.is_closed():
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
    ("malformed", N_("The database is damaged. Restore a backup; `dutydesk doctor` tells more.")),
    ("append-only", N_("This record may only be added to, never changed.")),
    ("no such table", N_("The file is not a Duty Desk database.")),
    ("unable to open", N_("The database cannot be opened.")),
)


_AFTERMATH = ("cannot rollback", "no such savepoint")


def trouble(error: Exception) -> StorageTrouble:
    """Turn an error of the database into a sentence; the original text stays in the values.

    On a full disk SQLite takes the transaction back by itself; the failed rollback after it hides the reason, which
    is the error before.
    """
    reason: BaseException = error
    while any(after in str(reason) for after in _AFTERMATH) and reason.__context__ is not None:
        reason = reason.__context__
    text = str(reason)
    for part, sentence in _TROUBLES:
        if part in text.lower():
            return StorageTrouble(sentence, detail=text)
    return StorageTrouble(N_("The database refused: {detail}"), detail=text)
