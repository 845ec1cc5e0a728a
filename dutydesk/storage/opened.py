"""Whether the open desk is still the one that was opened: the same file, the same history, a schema we know.

A file that is moved away, deleted, restored or copied over leaves an open connection on something that nobody will
find again: everything written there is lost. So every write looks first, inside its transaction: at the file by its
device and inode (2 µs), at the schema number, and whether the chain still holds the entry that was its newest at the
last look. After the commit the file is looked at once more.

Copied over (`cp`), the inode stays. In WAL mode an open connection may not notice: what it holds in memory and in the
WAL hides the new file. Its time or size has changed then, as after every checkpoint. The first page of the file alone
tells the two apart, even when a checkpoint was cut short: SQLite's own count of schema changes, which a copy made with
`backup` does not share, and a count of ours, which writes make higher and an older copy has lower.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from dutydesk.domain import clock
from dutydesk.domain.errors import DeskError, DeskOutgrown, DeskReplaced, StorageTrouble
from dutydesk.domain.words import N_
from dutydesk.storage import engine, migrate
from dutydesk.storage.backup import quoted
from dutydesk.storage.engine import ERRORS, Identity, db, identity, trouble

BESIDE = ("-wal", "-shm")
COUNTED = 20
"""The count in the first page goes up with the first write of a connection and with every so many after it."""
ASK_SECONDS = 10.0
"""How often a console at rest asks a server whether its desk is still the one."""
REPLACED = N_("The desk's file was replaced while it was open: nothing was saved.")
GONE = N_("The desk's file is gone, moved or deleted while it was open: nothing was saved.")


class OnDisk(NamedTuple):
    """What stands in the first page of the file alone, without its WAL: SQLite's count of schema changes, and ours."""

    cookie: int
    writes: int


class Seen:
    """What is known of the open desk since the last look."""

    def __init__(self, database: Any, path: Path | None, file: Identity | None) -> None:
        self.database, self.path, self.file = database, path, file
        self.beside: dict[str, Identity] = {}
        self.stamp = (0, 0)
        self.on_disk: OnDisk | None = None
        self.head = (0, "")
        self.schema = self.writes = 0
        self.connection: object = None
        self.asked_at = 0.0


_seen: Seen | None = None


def seen() -> Seen:
    """Return what is known of the open desk."""
    global _seen
    if _seen is None or _seen.database is not db.obj:
        path = engine.sqlite_path(engine.url())
        _seen = Seen(db.obj, path, getattr(db.obj, "opened_as", None))
    return _seen


def require() -> None:
    """Raise DeskReplaced or DeskOutgrown unless the open desk is still the one: what a console does at rest.

    A server is asked after each new connection, and else every so many seconds only: it cannot be exchanged under one.
    """
    if not engine.on_postgres():
        require_in_transaction()
        return
    known, now, connection = seen(), time.monotonic(), db.connection()
    if connection is known.connection and now - known.asked_at < ASK_SECONDS:
        return
    _require_schema()
    _require_history(known)
    known.connection, known.asked_at = connection, now


def require_in_transaction() -> None:
    """Raise DeskReplaced or DeskOutgrown unless the open desk is still the one; call it first in one that writes.

    On a server every look is a way there and back while others wait to write: there the schema alone is looked at.
    """
    require_file()
    _require_schema()
    known = seen()
    if known.path is None:
        return
    if engine.journal_mode() == "wal":
        _look_inside(known)
    _require_history(known)


def require_file() -> None:
    """Raise DeskReplaced when another file, or none, stands where the open desk was."""
    known = seen()
    if known.path is None or known.file is None:
        return
    found = identity(known.path)
    if found != known.file:
        raise DeskReplaced(REPLACED if found else GONE)


def require_writable() -> None:
    """Raise StorageTrouble when the file system has become read-only, as one does by itself after a fault."""
    path = seen().path
    if path is not None and os.statvfs(path).f_flag & os.ST_RDONLY:
        raise StorageTrouble(N_("The disk may only be read now: nothing can be saved until it can be written again."))


def _require_schema() -> None:
    known = seen()
    try:
        number = db.execute_sql("select max(number) from schema_version").fetchall()[0][0] or 0
    except ERRORS as error:
        if "schema_version" in str(error):  # a desk that is being made
            return
        raise
    if number == known.schema:
        return
    if number > migrate.newest():
        raise DeskOutgrown(
            N_("A newer program has brought this desk to schema {have}, this one knows {want}: nothing was saved."),
            have=number,
            want=migrate.newest(),
        )
    known.schema, known.on_disk = number, None


def _require_history(known: Seen) -> None:
    """Compare the newest entry of the last look with what the chain holds there now; whatever the engine."""
    if not known.schema:
        return
    seq, digest = known.head
    newest = _newest()
    there = newest if newest[0] == seq or not seq else _entry(f"where seq = {seq}")
    if there[1] != digest and seq:
        raise DeskReplaced(REPLACED)
    known.head = newest


def holds(head: tuple[int, str]) -> bool:
    """Whether the chain of the open desk has this entry: sequence number and digest."""
    return not head[0] or _entry(f"where seq = {head[0]}") == head


def _newest() -> tuple[int, str]:
    return _entry("order by seq desc limit 1")


def _entry(which: str) -> tuple[int, str]:
    rows = db.execute_sql(f"select seq, digest from audit_entry {which}").fetchall()
    return (rows[0][0], rows[0][1]) if rows else (0, "")


# The file alone


def _look_inside(known: Seen) -> None:
    assert known.path is not None
    try:
        found = os.stat(known.path)
    except OSError:
        raise DeskReplaced(GONE) from None
    stamp = (found.st_mtime_ns, found.st_size)
    if stamp == known.stamp and known.on_disk is not None:
        return
    for name in BESIDE:
        if (beside := identity(Path(f"{known.path}{name}"))) is not None:
            known.beside[name] = beside
    now = on_disk(known.path)
    if now is None:  # nothing to tell them apart by; what is damaged is said where it is read
        return
    if known.on_disk is not None and not _follows(known.on_disk, now):
        raise DeskReplaced(REPLACED)
    known.stamp, known.on_disk = stamp, now


def _follows(before: OnDisk, now: OnDisk) -> bool:
    """Whether a checkpoint may have made the one from the other: it may also bring a change of the schema."""
    if now.cookie != before.cookie and now.cookie != _pragma("schema_version"):
        return False
    return now.writes >= before.writes


def _pragma(name: str) -> int:
    value: int = db.execute_sql(f"pragma {name}").fetchall()[0][0]
    return value


def on_disk(path: Path) -> OnDisk | None:
    """Read the first page of a desk's file as it lies on the disk; None when that cannot be read."""
    driver = engine.peewee.sqlite3  # type: ignore[attr-defined]
    try:
        with closing(driver.connect(f"file:{quoted(path)}?mode=ro&immutable=1", uri=True)) as file:
            cookie, writes = (
                file.execute(f"pragma {name}").fetchone()[0] for name in ("schema_version", "user_version")
            )
    except driver.DatabaseError:
        return None
    return OnDisk(cookie, writes)


def _count() -> None:
    """Make the count in the first page higher now and then; call it inside a transaction that writes."""
    known = seen()
    if known.path is not None and known.writes % COUNTED == 0:
        db.execute_sql(f"pragma user_version = {_pragma('user_version') % (1 << 30) + 1}")
    known.writes += 1


# When it is not


def keep_replaced() -> Path | None:
    """Copy what the connection still holds of a desk whose file was moved or deleted; returns the copy.

    The connection is the last that knows what was confirmed. None when the file was overwritten, so that nothing can
    be read any more. A whole desk that somebody else kept already (a restore, another console) is not copied again.
    Raises StorageTrouble or OSError when there is no room for the copy.
    """
    known = seen()
    if known.path is None or known.file is None or identity(known.path) == known.file:
        return None
    try:
        mine = _newest()
        return _kept_already(known, mine) or _copy_aside(known.path, mine)
    except ERRORS as error:
        if "malformed" in str(error):
            return None
        raise trouble(error) from error


def _kept_already(known: Seen, mine: tuple[int, str]) -> Path | None:
    assert known.path is not None
    for other in sorted(known.path.parent.glob(f"{known.path.name}.replaced-*")):
        whole = identity(other) == known.file or other.name.endswith(_ending(mine))
        if whole and _head_on_disk(other) == mine:
            return other
    return None


def _head_on_disk(path: Path) -> tuple[int, str] | None:
    """Return the newest entry of a desk's file that nobody writes to."""
    driver = engine.peewee.sqlite3  # type: ignore[attr-defined]
    try:
        with closing(driver.connect(f"file:{quoted(path)}?mode=ro&immutable=1", uri=True)) as file:
            newest = file.execute("select seq, digest from audit_entry order by seq desc limit 1").fetchone()
    except driver.DatabaseError:
        return None
    return tuple(newest) if newest else None


def _ending(head: tuple[int, str]) -> str:
    """Name a copy by its head: two consoles that lose the same desk make one copy."""
    return f"-{head[1][:8]}"


def _copy_aside(path: Path, head: tuple[int, str]) -> Path:
    from datetime import datetime

    from dutydesk.domain.walltime import zone_named  # the first paint does without it

    rows = db.execute_sql("select value from setting where key = 'zone'").fetchall()
    at = datetime.fromtimestamp(clock.now(), zone_named(rows[0][0]) if rows else None)
    target = Path(f"{path}.replaced-{at:%Y%m%d-%H%M%S}{_ending(head)}")
    part = Path(f"{path}.keeping-{os.getpid()}")
    part.unlink(missing_ok=True)
    try:
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        db.execute_sql("vacuum into ?", (str(part),))
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)
    return target


def let_go() -> None:
    """Close the connection to a desk that was replaced, without a trace of it in the file that stands there now.

    SQLite would find the WAL that belonged to the old file and read it into the new one; and closing the last
    connection would write it there.
    """
    known = seen()
    if known.path is None:
        engine.disconnect()
        return
    stale = [
        Path(f"{known.path}{name}")
        for name, was in known.beside.items()
        if identity(Path(f"{known.path}{name}")) == was
    ]
    if identity(known.path) == known.file:
        for path in stale:
            if path.name.endswith("-wal"):
                os.truncate(path, 0)
    with suppress(*ERRORS):
        engine.disconnect()
    for path in stale:
        path.unlink(missing_ok=True)


def close() -> None:
    """Close the open desk; one that was replaced is kept first where that is possible, and let go of."""
    if db.obj is None or db.is_closed():
        return
    try:
        require()
    except DeskReplaced:
        with suppress(OSError, DeskError, *ERRORS):
            keep_replaced()
        let_go()
    except (OSError, DeskError, *ERRORS):
        engine.disconnect()
    else:
        engine.disconnect()


def require_whole() -> None:
    """Raise StorageTrouble unless every page of the open desk can be read; only a file is looked through."""
    if engine.sqlite_path(engine.url()) is None:
        return
    wrong = str(db.execute_sql("pragma quick_check(1)").fetchall()[0][0])
    if wrong != "ok":
        raise StorageTrouble(N_("The database is damaged. Restore a backup; `dutydesk doctor` tells more."))


@contextmanager
def guarded() -> Iterator[None]:
    """Hold a write together: look before it, inside its transaction, and at the file after its commit."""
    outermost = db.transaction_depth() == 0
    with db.atomic():
        if outermost:
            require_in_transaction()
            _count()
        yield
    known = seen()
    if outermost and known.path is not None:
        require_file()
        known.head = _newest()
