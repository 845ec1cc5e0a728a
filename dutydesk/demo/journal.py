"""Rows and audit entries kept in memory and stored in one go: the same rows that one write after another would leave.

A demonstration desk holds some fifty thousand of them; `executemany` stores them forty times faster.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from peewee import BooleanField

from dutydesk.domain import clock
from dutydesk.services.core import Actor
from dutydesk.storage import chain, search
from dutydesk.storage.engine import db
from dutydesk.storage.models import TABLES
from dutydesk.storage.models.audit import AuditBinding, AuditEntry
from dutydesk.storage.models.base import Row


@dataclass
class Kept:
    """A row in memory: its values by field name; `fresh` until it is stored for the first time."""

    shape: Shape
    data: dict[str, Any]
    fresh: bool = True

    @property
    def id(self) -> int:
        """Return the primary key."""
        key: int = self.data["id"]
        return key

    def __getitem__(self, name: str) -> Any:
        return self.data[name]

    @property
    def digest(self) -> str:
        """Return the digest of the content as the chain takes it."""
        return chain.row_digest(self.shape.name, ((column, self.data[name]) for name, column in self.shape.columns))


@dataclass
class Shape:
    """A table as the journal needs it: columns by field name, defaults, the next free key, and what is to be stored."""

    model: type[Row]
    name: str
    columns: tuple[tuple[str, str], ...]
    booleans: frozenset[str]
    defaults: dict[str, Any]
    next_id: int
    fresh: list[Kept] = field(default_factory=list)
    changed: dict[int, Kept] = field(default_factory=dict)
    held: dict[int, Kept] = field(default_factory=dict)

    @classmethod
    def of(cls, model: type[Row]) -> Shape:
        """Return the shape of a table as it stands in the open desk."""
        meta = model._meta  # type: ignore[attr-defined]
        columns = tuple((each.name, each.column_name) for each in meta.sorted_fields)
        booleans = frozenset(each.name for each in meta.sorted_fields if isinstance(each, BooleanField))
        defaults = {each.name: each.default for each in meta.sorted_fields}
        highest = db.execute_sql(f"select max(id) from {meta.table_name}").fetchall()[0][0] or 0
        return cls(model, meta.table_name, columns, booleans, defaults, highest + 1)

    def stored(self, row_id: int) -> dict[str, Any]:
        """Return a row as it is stored, by field name."""
        names = ", ".join(f'"{column}"' for _name, column in self.columns)
        row = db.execute_sql(f"select {names} from {self.name} where id = ?", (row_id,)).fetchall()[0]
        found = {name: value for (name, _column), value in zip(self.columns, row, strict=True)}
        return found | {name: bool(found[name]) for name in self.booleans if found[name] is not None}


class Journal:
    """Writes that wait in memory. Whoever reads the desk, or writes to it in another way, calls `flush` first."""

    def __init__(self) -> None:
        self._shapes: dict[type[Row], Shape] = {}
        self._entries: list[dict[str, Any]] = []
        self._bindings: list[tuple[Any, ...]] = []
        self._texts: dict[tuple[str, int], str] = {}
        self.head = chain.head()

    def _shape(self, model: type[Row]) -> Shape:
        if model not in self._shapes:
            self._shapes[model] = Shape.of(model)
        return self._shapes[model]

    def create(self, model: type[Row], **values: Any) -> Kept:
        """Add a row with its key and defaults filled in."""
        shape = self._shape(model)
        row = Kept(shape, {**shape.defaults, **values, "id": shape.next_id})
        shape.next_id += 1
        shape.fresh.append(row)
        shape.held[row.id] = row
        return row

    def get(self, model: type[Row], row_id: int) -> Kept:
        """Return a row, from memory or as it is stored."""
        shape = self._shape(model)
        if row_id not in shape.held:
            shape.held[row_id] = Kept(shape, shape.stored(row_id), fresh=False)
        return shape.held[row_id]

    def change(self, row: Kept, **values: Any) -> Kept:
        """Change a row that has a version."""
        row.data.update(values)
        row.data["version"] += 1
        if not row.fresh:
            row.shape.changed[row.id] = row
        return row

    def record(
        self,
        who: Actor,
        action: str,
        *rows: Kept,
        values: dict[str, Any] | None = None,
        subject: str = "",
        subject_id: int | None = None,
    ) -> None:
        """Add the audit entry of a write, as `core.record` does."""
        bound = [[row.shape.name, row.id, row.digest] for row in rows]
        entry = chain.sealed_entry(
            self.head,
            chain.Writer(who.login, who.host, who.terminal),
            clock.now(),
            action,
            subject=subject or action.partition(".")[0],
            subject_id=subject_id if subject_id is not None or not rows else rows[0].id,
            values=values,
            bound=bound,
        )
        self.head = entry["seq"], entry["digest"]
        self._entries.append(entry)
        self._bindings += [(entry["seq"], *each) for each in bound]

    def index(self, subject: str, subject_id: int, text: str) -> None:
        """Make `text` the searchable text of a record; the last one counts."""
        self._texts[subject, subject_id] = text

    def flush(self) -> None:
        """Store everything that waits, inside the caller's transaction."""
        for model in TABLES:
            shape = self._shapes.get(model)
            if shape is not None:
                _store(shape)
        self._store_chain()
        for (subject, subject_id), text in self._texts.items():
            self._store_text(subject, subject_id, text)
        self._texts.clear()

    def forget(self) -> None:
        """Flush, and know nothing any more: somebody else writes to the desk next."""
        self.flush()
        self._shapes.clear()

    def resume(self) -> None:
        """Go on after somebody else wrote to the desk."""
        self._shapes.clear()
        self.head = chain.head()

    def _store_chain(self) -> None:
        columns = [field.column_name for field in AuditEntry._meta.sorted_fields]
        names = [field.name for field in AuditEntry._meta.sorted_fields]
        _insert(AuditEntry, columns, [[entry[name] for name in names] for entry in self._entries])
        _insert(AuditBinding, ["seq", "table_name", "row_id", "digest"], self._bindings)
        self._entries.clear()
        self._bindings.clear()

    @staticmethod
    def _store_text(subject: str, subject_id: int, text: str) -> None:
        found = db.execute_sql("select id from search_doc where subject = ? and subject_id = ?", (subject, subject_id))
        known = found.fetchall()
        if known:
            db.execute_sql("delete from search_text where rowid = ?", known[0])
            doc = known[0][0]
        else:
            doc = db.execute_sql(
                "insert into search_doc (subject, subject_id) values (?, ?)", (subject, subject_id)
            ).lastrowid
        db.execute_sql("insert into search_text (rowid, body) values (?, ?)", (doc, search.body(subject, text)))


def _store(shape: Shape) -> None:
    columns = [column for _name, column in shape.columns]
    _insert(shape.model, columns, [_values(row) for row in shape.fresh])
    if shape.changed:
        changes = ", ".join(f'"{column}" = ?' for column in columns[1:])
        rows = [[*_values(row)[1:], row.id] for row in shape.changed.values()]
        db.connection().executemany(f"update {shape.name} set {changes} where id = ?", rows)
    for row in shape.fresh:
        row.fresh = False
    shape.fresh.clear()
    shape.changed.clear()


def _values(row: Kept) -> list[Any]:
    booleans = row.shape.booleans
    data = row.data
    return [
        int(data[name]) if name in booleans and data[name] is not None else data[name]
        for name, _column in row.shape.columns
    ]


def _insert(model: type[Row], columns: list[str], rows: list[Any]) -> None:
    if rows:
        names = ", ".join(f'"{column}"' for column in columns)
        places = ", ".join("?" * len(columns))
        table = model._meta.table_name  # type: ignore[attr-defined]
        db.connection().executemany(f"insert into {table} ({names}) values ({places})", rows)
