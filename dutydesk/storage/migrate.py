"""Numbered migrations: run under a lock, after a copy of the SQLite file, never on a newer desk."""

from __future__ import annotations

import fcntl
import importlib
import pkgutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dutydesk.domain.errors import StorageTrouble
from dutydesk.domain.words import N_
from dutydesk.storage import engine
from dutydesk.storage import migrations as folder
from dutydesk.storage.engine import db


def known() -> list[tuple[int, str]]:
    """Return the migrations that this program has: number and module name, in order."""
    names = sorted(module.name for module in pkgutil.iter_modules(folder.__path__) if module.name[:1] == "m")
    return [(int(name[1:5]), name) for name in names]


def newest() -> int:
    """Return the schema number of this program."""
    return known()[-1][0]


def current() -> int:
    """Return the schema number of the open desk; 0 for an empty file."""
    if "schema_version" not in db.get_tables():
        if db.get_tables():
            if engine.on_postgres():
                raise StorageTrouble(N_("The database holds something else; a desk wants a database of its own."))
            raise StorageTrouble(N_("The file is not a Duty Desk database."))
        return 0
    rows = db.execute_sql("select max(number) from schema_version").fetchall()
    return rows[0][0] or 0


def require_current() -> None:
    """Refuse a desk that is older (say how to migrate), newer (say to update the program) or empty."""
    have, want = current(), newest()
    if have == want:
        return
    if have > want:
        raise StorageTrouble(
            N_("This desk has schema {have}, this program knows {want}: update the program."), have=have, want=want
        )
    if have == 0:
        raise StorageTrouble(N_("This desk is empty. `dutydesk init` fills it."))
    raise StorageTrouble(
        N_("This desk has schema {have}, this program needs {want}: run `dutydesk migrate`."), have=have, want=want
    )


@contextmanager
def _locked() -> Iterator[None]:
    path = engine.sqlite_path(engine.url())
    if path is None:
        with _locked_on_server():
            yield
        return
    with open(f"{path}.lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def _locked_on_server() -> Iterator[None]:
    from dutydesk.storage.postgres import MIGRATE_LOCK, SETTINGS

    db.execute_sql("set lock_timeout = 0")
    db.execute_sql(f"select pg_advisory_lock({MIGRATE_LOCK})")
    try:
        yield
    finally:
        db.execute_sql(f"select pg_advisory_unlock({MIGRATE_LOCK})")
        db.execute_sql("select set_config('lock_timeout', %s, false)", (SETTINGS["lock_timeout"],))


def migrate(*, copy_first: bool = True) -> list[int]:
    """Bring the open desk to this program's schema; returns the numbers that ran.

    An SQLite file that already holds a desk is copied beside itself first (`NAME.before-N`).
    """
    with _locked():
        have = current()
        if have > newest():
            require_current()
        todo = [(number, name) for number, name in known() if number > have]
        if todo and have and copy_first:
            _copy(have)
        for number, name in todo:
            module = importlib.import_module(f"{folder.__name__}.{name}")
            with db.atomic():
                module.up()
                db.execute_sql(f"insert into schema_version (number) values ({number})")
    return [number for number, _ in todo]


def _copy(have: int) -> None:
    path = engine.sqlite_path(engine.url())
    if path is None:
        return
    target = Path(f"{path}.before-{have + 1}")
    target.unlink(missing_ok=True)
    db.execute_sql("vacuum into ?", (str(target),))
