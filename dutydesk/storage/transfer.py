"""A whole desk from one database into another, whatever their engines: rows, search index, and the chain intact."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

from dutydesk.domain.errors import ConnectionLost, StorageTrouble
from dutydesk.domain.words import N_
from dutydesk.storage import chain, dialect, engine, migrate
from dutydesk.storage.engine import db
from dutydesk.storage.models import TABLES
from dutydesk.storage.models.base import Row
from dutydesk.storage.models.people import Presence

BATCH = 2000
LEFT = (Presence,)
"""Tables that stay behind: a console that is open here is not open there."""

Progress = Callable[[str, int], None]


@dataclass(frozen=True)
class Moved:
    """What was brought over: rows, and the chain's end (sequence number, digest)."""

    rows: int
    seq: int
    head: str


def bring(source: str, target: str, *, progress: Progress | None = None) -> Moved:
    """Bring the desk at `source`, as it is at this instant, into the empty database at `target`.

    Everything is one transaction on the target, and kept only when the chain holds there with the same head. Raises
    StorageTrouble when the target holds a desk or anything else already, or when the chain does not hold.
    """
    tell = progress or _silent
    _prepare(target)
    engine.connect(source)
    migrate.require_current()
    here, there = db.obj, engine.open_apart(target)
    try:
        with engine.snapshot(), there.atomic():
            rows = _all_rows(there, tell)
            wanted = chain.head()
            with _bound(there):
                _check(wanted, tell)
        return Moved(rows, *wanted)
    except engine.ERRORS as error:
        if engine.is_lost(error):
            raise ConnectionLost(
                N_("The connection broke while the desk was copied: nothing was copied. Copy it again.")
            ) from error
        raise
    finally:
        there.close()
        db.initialize(here)


def _batches(rows: Iterator[Any]) -> Iterator[list[Any]]:
    while batch := list(islice(rows, BATCH)):
        yield batch


def _silent(_table: str, _done: int) -> None:
    """Say nothing about the progress."""


def require_empty(target: str) -> None:
    """Open the database at `target`; raise StorageTrouble unless it can be reached and is empty.

    The tables that a copy left which broke off, with nothing in them, are as good as none.
    """
    engine.connect(target, create=True)
    if migrate.current() and _holds_something():
        raise StorageTrouble(N_("There is a desk at {target} already."), target=engine.masked(target))


def _prepare(target: str) -> None:
    """Make the tables of this program's schema in an empty database."""
    require_empty(target)
    migrate.migrate()
    engine.disconnect()


def _holds_something() -> bool:
    held = db.get_tables()
    names = [table._meta.table_name for table in TABLES]  # type: ignore[attr-defined]
    return any(db.execute_sql(f'select 1 from "{name}" limit 1').fetchall() for name in names if name in held)


@contextmanager
def _bound(other: Any) -> Iterator[None]:
    """Let the models speak to another database for a while."""
    here = db.obj
    db.initialize(other)
    try:
        yield
    finally:
        db.initialize(here)


def _check(wanted: tuple[int, str], tell: Progress) -> None:
    verdict = chain.verify(progress=chain.counted(tell))
    if verdict.broken is not None:
        raise StorageTrouble(
            N_("The chain is broken at {table}, row {row}: nothing was copied. `dutydesk verify` tells more."),
            table=verdict.broken.table,
            row=verdict.broken.key,
        )
    if (verdict.head_seq, verdict.head) != wanted:
        raise StorageTrouble(N_("The copy ends elsewhere than the desk: nothing was copied."))


def _all_rows(there: Any, tell: Progress) -> int:
    server = not _is_file(there)
    if server:
        there.execute_sql("alter table audit_entry disable trigger audit_entry_tell")
    count = sum(_rows_of(table, there, tell) for table in _in_order() if table not in LEFT)
    _search_index(there, tell)
    if server:
        there.execute_sql("alter table audit_entry enable trigger audit_entry_tell")
        for table in _in_order():
            _number_on(there, table)
    return count


def _is_file(database: Any) -> bool:
    return isinstance(database, engine.peewee.SqliteDatabase)


def _in_order() -> list[type[Row]]:
    """Return the tables, each after those that it points at."""
    ordered: list[type[Row]] = []

    def visit(table: type[Row]) -> None:
        if table in ordered:
            return
        for other in table._meta.refs.values():  # type: ignore[attr-defined]
            if other is not table:
                visit(other)
        ordered.append(table)

    for table in TABLES:
        visit(table)
    return ordered


def _rows_of(table: type[Row], there: Any, tell: Progress) -> int:
    meta = table._meta  # type: ignore[attr-defined]
    columns = [field.column_name for field in meta.sorted_fields]
    count = 0
    for page in _batches(_pages(table)):
        insert(there, meta.table_name, columns, page)
        count += len(page)
        tell(meta.table_name, count)
    return count


def _pages(table: type[Row]) -> Iterator[tuple[Any, ...]]:
    """Yield every row in the order of its key, as the models read it: truth values are such on both engines."""
    meta = table._meta  # type: ignore[attr-defined]
    key = meta.primary_key
    place = [field.name for field in meta.sorted_fields].index(key.name)
    query = table.select().order_by(key).limit(BATCH)
    page = list(query.tuples())
    while page:
        yield from page
        page = list(query.where(key > page[-1][place]).tuples())


def insert(there: Any, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Put rows into a table of either engine, as fast as it takes them."""
    names = ", ".join(f'"{column}"' for column in columns)
    with engine.peewee.__exception_wrapper__:  # type: ignore[attr-defined]
        if _is_file(there):
            places = ", ".join("?" * len(columns))
            there.connection().executemany(f'insert into "{table}" ({names}) values ({places})', rows)
            return
        with there.cursor() as cursor, cursor.copy(f'copy "{table}" ({names}) from stdin') as into:
            for row in rows:
                into.write_row(row)


def _number_on(there: Any, table: type[Row]) -> None:
    """Let the server's numbers go on behind the rows that brought their own."""
    meta = table._meta  # type: ignore[attr-defined]
    name, key = meta.table_name, meta.primary_key.column_name
    there.execute_sql(
        f"select setval(pg_get_serial_sequence('{name}', '{key}'), "
        f"(select coalesce(max({key}), 0) + 1 from {name}), false)"
    )


# The search index: SQLite keeps the text, PostgreSQL the words with their places.


def _search_index(there: Any, tell: Progress) -> None:
    spoken = _spoken(from_file=_is_file(db.obj), to_file=_is_file(there))
    count = 0
    for page in _batches(_bodies()):
        insert(there, "search_text", ["rowid", "body"], [(row, spoken(body)) for row, body in page])
        count += len(page)
        tell("search_text", count)


def _bodies() -> Iterator[tuple[int, str]]:
    after = -1
    sql = f"select rowid, body from search_text where rowid > {db.param} order by rowid limit {BATCH}"
    while page := db.execute_sql(sql, (after,)).fetchall():
        yield from page
        after = page[-1][0]


def _spoken(*, from_file: bool, to_file: bool) -> Callable[[str], str]:
    if from_file and not to_file:
        return dialect.vector
    return text_of if to_file and not from_file else str


_LEXEME = re.compile(r"'((?:[^']|'')*)':([0-9,A-D]+)")


def text_of(vector: str) -> str:
    """Return the words of a tsvector in their order: what FTS5 finds in them is what was found in the text."""
    places = [
        (int(place.rstrip("ABCD")), word) for word, listed in _LEXEME.findall(vector) for place in listed.split(",")
    ]
    return " ".join(word for _place, word in sorted(places))
