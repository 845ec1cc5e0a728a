"""What can be done to a desk's file from outside, and how to look into it as somebody with sqlite3 could."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path
from typing import Any

from dutydesk.services import operations
from dutydesk.storage import chain, engine

sqlite3: Any = engine.peewee.sqlite3  # type: ignore[attr-defined]
PAGE = 4096


def rows(path: Path, statement: str) -> list[tuple[Any, ...]]:
    """Return what stands in a desk, its WAL included; nothing is written there."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as desk:
        found: list[tuple[Any, ...]] = desk.execute(statement).fetchall()
        return found


def change(path: Path, *statements: str) -> None:
    """Change a desk behind the program's back."""
    with closing(sqlite3.connect(path)) as desk:
        for statement in statements:
            desk.execute(statement)
        desk.commit()


def lines(path: Path) -> list[str]:
    """Return what people wrote into a desk's log, in order."""
    return [text for (text,) in rows(path, "select text from log_entry where kind = 'note' order by id")]


def copy_of(path: Path, name: str) -> Path:
    """Return a copy of a desk as `dutydesk backup` makes it."""
    engine.connect(str(path))
    copy = operations.backup(path.with_name(name)).path
    engine.disconnect()
    return copy


def plain_copy(path: Path, name: str) -> Path:
    """Return a copy of a desk nobody has open, as `cp` makes it."""
    engine.connect(str(path))
    engine.disconnect()
    return Path(shutil.copy(path, path.with_name(name)))


def holds(path: Path) -> bool:
    """Whether a desk is whole: every page, every entry of its chain, every row bound to it."""
    engine.connect(str(path))
    try:
        if [tuple(row) for row in engine.db.execute_sql("pragma integrity_check").fetchall()] != [("ok",)]:
            return False
        return chain.verify().broken is None
    finally:
        engine.disconnect()
