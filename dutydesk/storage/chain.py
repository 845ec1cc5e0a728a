"""The audit chain: every write adds an entry, every entry is sealed with the one before it.

An entry's digest covers the previous digest, so nothing can be changed, left out or put in between without
breaking the chain from there on. The digests of the rows that a write made are part of its entry, so a row that
was changed behind the program's back no longer matches. Columns that are NULL are not part of a row's digest:
a migration may add a column without touching the past.
Source: REQUIREMENTS C12, DESIGN 2.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from dutydesk.domain.words import N_
from dutydesk.storage.engine import db
from dutydesk.storage.models import BOUND
from dutydesk.storage.models.audit import AuditBinding, AuditEntry
from dutydesk.storage.models.base import Row

GENESIS = "0" * 64
BATCH = 2000


@dataclass(frozen=True)
class Writer:
    """Who writes, and from where."""

    login: str
    host: str
    terminal: str


@dataclass(frozen=True)
class Broken:
    """The first thing that does not hold: where, and a sentence with its values."""

    table: str
    key: int
    sentence: str


@dataclass(frozen=True)
class Verdict:
    """What `verify` found: how much was checked, the head, and the first broken row if any."""

    entries: int
    rows: int
    head_seq: int
    head: str
    broken: Broken | None = None


def canonical(value: Any) -> str:
    """Return `value` as the one JSON text that digests are made from."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(text: str) -> str:
    """Return the SHA-256 of a text, as hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def row_digest(table: str, columns: Iterable[tuple[str, Any]]) -> str:
    """Return the digest of one row's content, whatever the engine that holds it."""
    content = {name: int(value) if isinstance(value, bool) else value for name, value in columns if value is not None}
    return digest(canonical([table, content]))


def digest_of(row: Row) -> str:
    """Return the digest of a row object that holds every column as it is stored."""
    meta = row._meta  # type: ignore[attr-defined]
    data = row.__data__
    return row_digest(meta.table_name, ((field.column_name, data.get(field.name)) for field in meta.sorted_fields))


def head() -> tuple[int, str]:
    """Return the sequence number and digest of the newest entry; (0, GENESIS) on an empty chain."""
    newest = list(
        AuditEntry.select(AuditEntry.seq, AuditEntry.digest).order_by(AuditEntry.seq.desc()).limit(1).tuples()
    )
    return newest[0] if newest else (0, GENESIS)


def holds(seq: int, digest: str) -> bool:
    """Whether the entry of this number and digest is in the chain."""
    return AuditEntry.select().where((AuditEntry.seq == seq) & (AuditEntry.digest == digest)).exists()


def _entry_digest(entry: dict[str, Any]) -> str:
    return digest(canonical([entry[name] for name in ENTRY_FIELDS]))


ENTRY_FIELDS = (
    "seq",
    "at",
    "login",
    "host",
    "terminal",
    "action",
    "subject",
    "subject_id",
    "values",
    "rows",
    "previous",
)


def append(
    writer: Writer,
    at: int,
    action: str,
    *,
    subject: str,
    subject_id: int | None,
    values: dict[str, Any] | None = None,
    rows: Iterable[Row] = (),
) -> tuple[int, str]:
    """Add one entry inside the caller's transaction and bind `rows` to it; returns its sequence number and digest."""
    seq, previous = head()
    bound = [[row._meta.table_name, row.get_id(), digest_of(row)] for row in rows]  # type: ignore[attr-defined]
    entry = sealed_entry(
        (seq, previous), writer, at, action, subject=subject, subject_id=subject_id, values=values, bound=bound
    )
    AuditEntry.insert(entry).execute()
    if bound:
        AuditBinding.insert_many(
            [(seq + 1, table, row_id, sealed) for table, row_id, sealed in bound],
            fields=[AuditBinding.seq, AuditBinding.table_name, AuditBinding.row_id, AuditBinding.digest],
        ).execute()
    return seq + 1, str(entry["digest"])


def sealed_entry(
    after: tuple[int, str],
    writer: Writer,
    at: int,
    action: str,
    *,
    subject: str,
    subject_id: int | None,
    values: dict[str, Any] | None,
    bound: list[list[Any]],
) -> dict[str, Any]:
    """Return the entry that follows the head `after` (sequence number, digest), with its own digest; nothing is kept.

    `bound` names the rows of the write: table, id and digest of each.
    """
    seq, previous = after
    entry: dict[str, Any] = {
        "seq": seq + 1,
        "at": at,
        "login": writer.login,
        "host": writer.host,
        "terminal": writer.terminal,
        "action": action,
        "subject": subject,
        "subject_id": subject_id,
        "values": canonical(values or {}),
        "rows": canonical(bound),
        "previous": previous,
    }
    entry["digest"] = _entry_digest(entry)
    return entry


def verify(*, expect_head: str | None = None, progress: Callable[[str, int], None] | None = None) -> Verdict:
    """Recompute the whole chain and every bound row; memory does not grow with the desk.

    `expect_head` is a digest printed on a sheet: it must be part of the chain. `progress` hears the table and
    how many of its rows are done.
    """
    tell = progress or _silent
    entries, seq, newest, broken, met = _verify_entries(expect_head, tell)
    rows = 0
    if broken is None and expect_head and not met:
        broken = Broken(
            "audit_entry", seq, N_("The printed head {head} is not in this chain: history was cut off or replaced.")
        )
    if broken is None:
        for table in BOUND:
            checked, broken = _verify_table(table, tell)
            rows += checked
            if broken:
                break
    return Verdict(entries, rows, seq, newest, broken)


def _silent(_table: str, _done: int) -> None:
    """Say nothing about the progress."""


def _entries() -> Iterator[dict[str, Any]]:
    after = 0
    while True:
        page = list(AuditEntry.select().where(AuditEntry.seq > after).order_by(AuditEntry.seq).limit(BATCH).dicts())
        yield from page
        if len(page) < BATCH:
            return
        after = page[-1]["seq"]


def _verify_entries(
    expect_head: str | None, tell: Callable[[str, int], None]
) -> tuple[int, int, str, Broken | None, bool]:
    count, seq, previous, met = 0, 0, GENESIS, False
    bindings = _merge_bindings()
    for entry in _entries():
        fault = _entry_fault(entry, seq, previous) or _binding_fault(entry, bindings)
        if fault:
            return count, seq, previous, Broken("audit_entry", entry["seq"], fault), met
        seq, previous = entry["seq"], entry["digest"]
        met = met or (expect_head is not None and previous.startswith(expect_head))
        count += 1
        if count % BATCH == 0:
            tell("audit_entry", count)
    extra = next(bindings, None)
    broken = Broken("audit_binding", extra[0], N_("Binding without an entry.")) if extra else None
    return count, seq, previous, broken, met


def _entry_fault(entry: dict[str, Any], seq: int, previous: str) -> str | None:
    if entry["seq"] != seq + 1:
        return N_("Entries are missing before this one.")
    if entry["previous"] != previous:
        return N_("It does not follow from the entry before it.")
    if entry["digest"] != _entry_digest(entry):
        return N_("Its content was changed.")
    return None


def _merge_bindings() -> Iterator[tuple[int, list[list[Any]]]]:
    """Yield (seq, [[table, row, digest], …]) in the order of entries."""
    after, seq = 0, 0
    held: list[list[Any]] = []
    while True:
        page = list(
            AuditBinding.select(
                AuditBinding.id, AuditBinding.seq, AuditBinding.table_name, AuditBinding.row_id, AuditBinding.digest
            )
            .where(AuditBinding.id > after)
            .order_by(AuditBinding.id)
            .limit(BATCH)
            .tuples()
        )
        for _, of, table, row_id, sealed in page:
            if of != seq:
                if held:
                    yield seq, held
                seq, held = of, []
            held.append([table, row_id, sealed])
        if len(page) < BATCH:
            break
        after = page[-1][0]
    if held:
        yield seq, held


def _binding_fault(entry: dict[str, Any], bindings: Iterator[tuple[int, list[list[Any]]]]) -> str | None:
    named = json.loads(entry["rows"])
    if not named:
        return None
    found = next(bindings, (0, []))
    if found != (entry["seq"], named):
        return N_("The rows bound to it were changed.")
    return None


def _verify_table(table: type[Row], tell: Callable[[str, int], None]) -> tuple[int, Broken | None]:
    meta = table._meta  # type: ignore[attr-defined]
    name = meta.table_name
    columns = [field.column_name for field in meta.sorted_fields]
    bound = _latest_bindings(name)
    expected = next(bound, None)
    count = 0
    for row in _rows(table):
        if expected is not None and expected[0] < row[0]:
            return count, Broken(name, expected[0], N_("The row is missing."))
        if expected is None or expected[0] != row[0]:
            return count, Broken(name, row[0], N_("The row was put in beside the chain."))
        if expected[1] != row_digest(name, zip(columns, row, strict=True)):
            return count, Broken(name, row[0], N_("The row was changed."))
        expected = next(bound, None)
        count += 1
        if count % BATCH == 0:
            tell(name, count)
    if expected is not None:
        return count, Broken(name, expected[0], N_("The row is missing."))
    return count, None


def _rows(table: type[Row]) -> Iterator[tuple[Any, ...]]:
    key = table._meta.primary_key  # type: ignore[attr-defined]
    after = -1
    while True:
        page = list(table.select().where(key > after).order_by(key).limit(BATCH).tuples())
        yield from page
        if len(page) < BATCH:
            return
        after = page[-1][0]


def _latest_bindings(table: str) -> Iterator[tuple[int, str]]:
    """Yield (row, newest digest) of a table in the order of rows."""
    after = -1
    while True:
        page = list(
            db.execute_sql(
                "select b.row_id, b.digest from audit_binding b join ("
                "select row_id, max(seq) as seq from audit_binding where table_name = ? and row_id > ? "
                "group by row_id order by row_id limit ?) n on n.row_id = b.row_id and n.seq = b.seq "
                "where b.table_name = ? order by b.row_id, b.id".replace("?", db.param),
                (table, after, BATCH, table),
            ).fetchall()
        )
        newest: dict[int, str] = dict(page)
        yield from newest.items()
        if len(newest) < BATCH:
            return
        after = max(newest)
