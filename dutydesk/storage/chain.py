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
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from dutydesk.storage.models.audit import AuditBinding, AuditEntry
from dutydesk.storage.models.base import Row

GENESIS = "0" * 64
Progress = Callable[[str, int, int], None]
"""Hears how far a check is: the table, how many of its rows are done, percent of the whole."""


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
    """What `verify` found: how much was checked, the head, and the first broken row if any.

    `first` is the entry that the check began with; those before it, and rows that only they wrote, were not looked at.
    """

    entries: int
    rows: int
    head_seq: int
    head: str
    broken: Broken | None = None
    first: int = 1


def counted(progress: Callable[[str, int], None] | None) -> Progress | None:
    """Return a listener for one that hears a table and a number only."""
    if progress is None:
        return None
    tell = progress
    return lambda table, done, _percent: tell(table, done)


_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def canonical(value: Any) -> str:
    """Return `value` as the one JSON text that digests are made from."""
    return _CANONICAL.encode(value)


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
    entry["digest"] = digest(canonical([entry[name] for name in ENTRY_FIELDS]))
    return entry


def verify(*, expect_head: str | None = None, first: int = 1, progress: Progress | None = None) -> Verdict:
    """Recompute the chain from the entry `first` on, and every row bound since; memory does not grow with the desk.

    `expect_head` is a digest printed on a sheet: it must be part of what is checked.
    """
    from dutydesk.storage import chain_check

    return chain_check.verify(expect_head=expect_head, first=first, progress=progress)
