"""Archives: a stretch of the audit chain with the content of the rows it bound, as one compressed file of JSON lines.

The format is described in docs/ARCHIVE.md, so that it can be read and checked without this program: one line says what
it is, one a person, one an entry of the chain in order, and the last one counts and seals all lines before it. A row
stands with its content under the entry that bound it; where it was changed since, the digest stands alone, and its
newest state under the last entry of the stretch that touched it. What nobody needs to read the records and what would
harm in the wrong hands (PIN hashes) is left out and named. Source: REQUIREMENTS A8, C12, DOMAIN 7.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import IO, Any

from peewee import ForeignKeyField, fn

from dutydesk.domain.errors import Refused
from dutydesk.domain.words import N_
from dutydesk.storage import chain, models
from dutydesk.storage.chain import canonical
from dutydesk.storage.models.audit import AuditBinding, AuditEntry
from dutydesk.storage.models.base import Row
from dutydesk.storage.models.people import Person

FORMAT, VERSION = "dutydesk-archive", 1
PAGE = 500
TRIES = 5
"""How often a row is read again that others are changing at this very moment."""
WITHHELD = {"person": ("pin_hash",)}
"""Columns that never leave the desk in an archive."""

Tell = Callable[[str, int], None]
Bound = tuple[str, int, str]
"""A row as an entry names it: table, id, digest."""


@dataclass(frozen=True)
class Stretch:
    """A part of the chain: its first and last entry, and the heads before and after it."""

    first: int
    last: int
    head_before: str
    head_after: str


@dataclass
class Counts:
    """What an archive holds; `superseded` rows stand without content, `withheld` ones with a part of it."""

    entries: int = 0
    rows: int = 0
    superseded: int = 0
    withheld: int = 0
    digest: str = ""


@dataclass(frozen=True)
class _State:
    """A row's content now, the newest entry that bound it with its digest, and the last of the stretch that did."""

    columns: tuple[tuple[str, Any], ...]
    seq: int
    digest: str
    last_here: int


@dataclass
class _Lines:
    """JSON lines on their way into the compressed file; `digest` covers what was written so far."""

    file: gzip.GzipFile
    digest: Any = field(default_factory=hashlib.sha256)

    def add(self, document: dict[str, Any]) -> None:
        line = line_of(document)
        self.digest.update(line)
        self.file.write(line)


def line_of(document: dict[str, Any]) -> bytes:
    """Return a document as its line: Chinese as it stands, half characters as escapes."""
    try:
        return (json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n").encode()
    except UnicodeEncodeError:
        return (json.dumps(document, separators=(",", ":")) + "\n").encode()


def stretch(since: int | None, until: int | None, after: int = 0) -> Stretch | None:
    """Return the entries from the instant `since` (or behind the entry `after`) to before `until`; None without any.

    A clock that jumped leaves no gap: the stretch goes from the first to the last entry that is meant.
    """
    query = AuditEntry.select(fn.MIN(AuditEntry.seq), fn.MAX(AuditEntry.seq)).where(AuditEntry.seq > after)
    if since is not None:
        query = query.where(AuditEntry.at >= since)
    if until is not None:
        query = query.where(AuditEntry.at < until)
    ((first, last),) = list(query.tuples())
    if first is None:
        return None
    return Stretch(first, last, _digest_of(first - 1), _digest_of(last))


def _digest_of(seq: int) -> str:
    return digest_at(seq) or chain.GENESIS


def digest_at(seq: int) -> str | None:
    """Return the digest of an entry of the open desk; that before the first is known, an entry not there is None."""
    if seq == 0:
        return chain.GENESIS
    found = list(AuditEntry.select(AuditEntry.digest).where(AuditEntry.seq == seq).tuples())
    return found[0][0] if found else None


# Writing


def write(raw: IO[bytes], header: dict[str, Any], part: Stretch, tell: Tell) -> Counts:
    """Write the archive of a stretch of the open desk; memory does not grow with it.

    Every entry and every row is checked on the way: raises Refused when the chain does not hold.
    """
    counts = Counts()
    names = dict(Person.select(Person.id, Person.name).tuples())
    logins = dict(Person.select(Person.login, Person.name).tuples())
    with gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0, compresslevel=6) as packed:
        lines = _Lines(packed)
        lines.add(header)
        for row in Person.select(Person.id, Person.login, Person.name, Person.name_en).order_by(Person.id).dicts():
            lines.add({"kind": "person", **row})
        previous = part.head_before
        for page in _pages(part):
            states = _states(page, part.last)
            for entry in page:
                previous = _checked(entry, previous)
                lines.add(_document(entry, logins.get(entry["login"], ""), states, names, counts))
            tell("audit_entry", counts.entries)
        if previous != part.head_after:
            raise _broken("audit_entry", part.last)
        counts.digest = lines.digest.hexdigest()
        lines.add(end_of(counts, part))
    return counts


def end_of(counts: Counts, part: Stretch) -> dict[str, Any]:
    """Return the last line."""
    return {
        "kind": "end",
        "entries": counts.entries,
        "rows": counts.rows,
        "superseded": counts.superseded,
        "withheld": counts.withheld,
        "last": part.last,
        "head_after": part.head_after,
        "digest": counts.digest,
    }


def _pages(part: Stretch) -> Iterator[list[dict[str, Any]]]:
    after = part.first - 1
    while after < part.last:
        wanted = (AuditEntry.seq > after) & (AuditEntry.seq <= part.last)
        page = list(AuditEntry.select().where(wanted).order_by(AuditEntry.seq).limit(PAGE).dicts())
        if not page:
            raise _broken("audit_entry", after + 1)
        yield page
        after = page[-1]["seq"]


def _checked(entry: dict[str, Any], previous: str) -> str:
    if entry["previous"] != previous or entry["digest"] != entry_digest(entry):
        raise _broken("audit_entry", entry["seq"])
    digest: str = entry["digest"]
    return digest


def _broken(table: str, key: int) -> Refused:
    return Refused(
        N_("The chain is broken at {table} {key}: no archive is made; `dutydesk verify` tells more."),
        table=table,
        key=key,
    )


def _document(
    entry: dict[str, Any],
    name: str,
    states: dict[tuple[str, int], _State],
    names: dict[int, str],
    counts: Counts,
) -> dict[str, Any]:
    at = datetime.fromtimestamp(entry["at"], UTC)
    bound: list[Bound] = [tuple(each) for each in json.loads(entry["rows"])]
    rows = [_row(each, entry["seq"], states, names, counts) for each in bound]
    counts.entries += 1
    return {
        "kind": "entry",
        "seq": entry["seq"],
        "at": entry["at"],
        "time": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "login": entry["login"],
        "name": name,
        **{key: entry[key] for key in ("host", "terminal", "action", "subject", "subject_id")},
        "values": json.loads(entry["values"]),
        "rows": rows,
        "previous": entry["previous"],
        "digest": entry["digest"],
    }


def _row(
    bound: Bound, seq: int, states: dict[tuple[str, int], _State], names: dict[int, str], counts: Counts
) -> dict[str, Any]:
    table, key, digest = bound
    counts.rows += 1
    found: dict[str, Any] = {"table": table, "id": key, "digest": digest}
    state = states[table, key]
    if state.digest == digest:
        return found | _content(table, state, names, counts)
    counts.superseded += 1
    if state.last_here == seq:
        found["now"] = {"bound_by": state.seq, "digest": state.digest, **_content(table, state, names, counts)}
    return found


def _content(table: str, state: _State, names: dict[int, str], counts: Counts) -> dict[str, Any]:
    hidden = [name for name, value in state.columns if value and name in WITHHELD.get(table, ())]
    kept = {name: value for name, value in state.columns if value is not None and name not in hidden}
    said = {name: names[value] for name, value in kept.items() if name in _people_of(table) and value in names}
    counts.withheld += bool(hidden)
    return {"content": kept} | ({"people": said} if said else {}) | ({"withheld": hidden} if hidden else {})


def entry_digest(entry: dict[str, Any]) -> str:
    """Return the digest of an entry from its fields."""
    return chain.digest(canonical([entry[name] for name in chain.ENTRY_FIELDS]))


# The rows as they are


def _states(page: list[dict[str, Any]], last: int) -> dict[tuple[str, int], _State]:
    """Return what the rows that a page of entries bound hold now."""
    wanted: dict[str, set[int]] = {}
    for entry in page:
        for table, key, _digest in json.loads(entry["rows"]):
            wanted.setdefault(table, set()).add(key)
    found: dict[tuple[str, int], _State] = {}
    for table, keys in wanted.items():
        ordered = sorted(keys)
        for at in range(0, len(ordered), PAGE):
            found.update(_settled(table, ordered[at : at + PAGE], last))
    return found


def _settled(table: str, keys: list[int], last: int) -> Iterator[tuple[tuple[str, int], _State]]:
    """Yield the rows as their newest entries bound them; one that is being changed meanwhile is read again."""
    left = set(keys)
    for _try in range(TRIES):
        for key, state in _read(table, sorted(left), last):
            if state.digest == chain.row_digest(table, state.columns):
                left.discard(key)
                yield (table, key), state
        if not left:
            return
    raise _broken(table, min(left))


def _read(table: str, keys: list[int], last: int) -> Iterator[tuple[int, _State]]:
    of = _tables()[table]
    meta = of._meta  # type: ignore[attr-defined]
    columns = [each.column_name for each in meta.sorted_fields]
    rows = {row[0]: row for row in of.select().where(meta.primary_key << keys).tuples()}
    here = (AuditBinding.table_name == table) & (AuditBinding.row_id << keys)
    per_row = AuditBinding.select(AuditBinding.row_id, fn.MAX(AuditBinding.seq)).group_by(AuditBinding.row_id)
    last_here = dict(per_row.where(here & (AuditBinding.seq <= last)).tuples())
    newest = AuditBinding.select(fn.MAX(AuditBinding.id)).where(here).group_by(AuditBinding.row_id)
    chosen = AuditBinding.select(AuditBinding.row_id, AuditBinding.seq, AuditBinding.digest)
    for key, seq, digest in list(chosen.where(AuditBinding.id << newest).tuples()):
        if key in rows:
            yield key, _State(tuple(zip(columns, rows[key], strict=True)), seq, digest, last_here[key])


@cache
def _tables() -> dict[str, type[Row]]:
    return {each._meta.table_name: each for each in models.BOUND}  # type: ignore[attr-defined]


@cache
def _people_of(table: str) -> frozenset[str]:
    """Return the columns of a table that point at people."""
    fields = _tables()[table]._meta.sorted_fields  # type: ignore[attr-defined]
    return frozenset(
        each.column_name for each in fields if isinstance(each, ForeignKeyField) and each.rel_model is Person
    )
