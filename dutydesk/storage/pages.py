"""Where a damaged database stops being readable: the table and the row, for whoever has to know what is lost."""

from __future__ import annotations

from dutydesk.storage.engine import ERRORS
from dutydesk.storage.models import BOUND
from dutydesk.storage.models.audit import AuditBinding, AuditEntry
from dutydesk.storage.models.base import Row

BATCH = 1000


def first_unreadable() -> tuple[str, int] | None:
    """Return the table and the key of the first row of the record that cannot be read, or None."""
    tables: list[type[Row]] = [AuditEntry, AuditBinding, *BOUND]
    for table in tables:
        key = _unreadable_in(table)
        if key is not None:
            return table._meta.table_name, key  # type: ignore[attr-defined]
    return None


def _unreadable_in(table: type[Row]) -> int | None:
    """Read in large steps, and row by row where a step fails."""
    key = table._meta.primary_key  # type: ignore[attr-defined]
    after, step = -1, BATCH
    while True:
        try:
            rows = list(table.select().where(key > after).order_by(key).limit(step).tuples())
        except ERRORS:
            if step == 1:
                return _next_key(table, after)
            step = 1
            continue
        if not rows:
            return None
        after = rows[-1][0]


def _next_key(table: type[Row], after: int) -> int:
    key = table._meta.primary_key  # type: ignore[attr-defined]
    try:
        rows = list(table.select(key).where(key > after).order_by(key).limit(1).tuples())
    except ERRORS:
        rows = []
    return rows[0][0] if rows else after + 1
