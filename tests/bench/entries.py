"""A desk with a long chain: one log line and one audit entry a write, on either engine, as fast as rows go in.

python -m tests.bench.entries DESK COUNT
"""

from __future__ import annotations

import sys
from itertools import islice

from dutydesk.services import desk as desks
from dutydesk.services.core import SYSTEM
from dutydesk.storage import chain, engine, migrate, transfer
from dutydesk.storage.models.audit import AuditBinding, AuditEntry
from dutydesk.storage.models.log import LogEntry

BATCH = 5000
EVERY = 20
"""Seconds between two writes."""
WRITER = chain.Writer("eng-a", "bench", "pts/1")
TEXTS = ("核心交换机 SW{n} 端口告警", "Ward system {n}: reports errors", "{n} 号楼打印机卡纸", "UPS {n}: 温度偏高")


def make(target: str, count: int, *, begin: int) -> None:
    """Make a desk at `target` whose chain has `count` entries, the lines' times going on from the instant `begin`."""
    engine.connect(target, create=True)
    try:
        migrate.migrate()
        desks.init(SYSTEM, desks.InitSpec("twelve-hour", people=desks.demo_people("2580"), imports=False))
        lengthen(count, begin=begin)
    finally:
        engine.disconnect()


def lengthen(count: int, *, begin: int) -> None:
    """Write lines until the open desk's chain has `count` entries."""
    seq, head = chain.head()
    first = _last(LogEntry) + 1
    binding = _last(AuditBinding) + 1
    names = [_columns(table) for table in (LogEntry, AuditEntry, AuditBinding)]
    fields = [field.name for field in AuditEntry._meta.sorted_fields]  # type: ignore[attr-defined]
    steps = iter(range(count - seq))
    while page := list(islice(steps, BATCH)):
        lines, entries, bindings = [], [], []
        for step in page:
            line = _line(first + step, begin + EVERY * step)
            sealed = chain.row_digest("log_entry", line.items())
            bound = [["log_entry", first + step, sealed]]
            at = begin + EVERY * step
            entry = chain.sealed_entry(
                (seq, head), WRITER, at, "log.written", subject="log", subject_id=first + step, values={}, bound=bound
            )
            seq, head = seq + 1, entry["digest"]
            lines.append(tuple(line.get(name) for name in names[0]))
            entries.append(tuple(entry[name] for name in fields))
            bindings.append((binding + step, seq, "log_entry", first + step, sealed))
        with engine.db.atomic():
            for table, columns, rows in zip(
                (LogEntry, AuditEntry, AuditBinding), names, (lines, entries, bindings), strict=True
            ):
                transfer.insert(engine.db.obj, table._meta.table_name, columns, rows)  # type: ignore[attr-defined]


def _line(key: int, at: int) -> dict[str, object]:
    text = TEXTS[key % len(TEXTS)].format(n=key % 97)
    return {"id": key, "kind": "note", "text": text, "event_at": at, "entered_at": at, "late": False}


def _columns(table: type) -> list[str]:
    return [field.column_name for field in table._meta.sorted_fields]  # type: ignore[attr-defined]


def _last(table: type) -> int:
    key = table._meta.primary_key.column_name  # type: ignore[attr-defined]
    name = table._meta.table_name  # type: ignore[attr-defined]
    found = engine.db.execute_sql(f"select max({key}) from {name}").fetchall()
    return int(found[0][0] or 0)


if __name__ == "__main__":
    make(sys.argv[1], int(sys.argv[2]), begin=1_600_000_000)
