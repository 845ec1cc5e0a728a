"""The audit chain and every row bound to it, recomputed: all of it, or from one entry on.

Everything is read a page at a time and in the order of its key, so that memory does not grow with the desk. A check
from one entry on looks at the entries since, at the rows that came since, and at the older ones written since.
Source: REQUIREMENTS C12, DESIGN 2.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from dutydesk.domain.words import N_
from dutydesk.storage.chain import GENESIS, Broken, Progress, Verdict, canonical, digest, row_digest
from dutydesk.storage.engine import db
from dutydesk.storage.models import BOUND
from dutydesk.storage.models.audit import AuditEntry
from dutydesk.storage.models.base import Row

BATCH = 500
"""Rows of a page: an entry of a whole published month is large."""
_ENTRY = ", ".join(field.column_name for field in AuditEntry._meta.sorted_fields)  # type: ignore[attr-defined]
_PLACE = {"seq": 0, "previous": 10, "digest": 11, "rows": 9}
"""Where these stand among the columns of an entry; its digest is made from all but the last."""

_MISSING = N_("The row is missing.")
_CHANGED = N_("The row was changed.")


@dataclass(frozen=True)
class Since:
    """Where a check begins: with an entry's number, the beginning of an entry's digest, or an instant."""

    seq: int | None = None
    digest: str = ""
    at: int | None = None


def find(since: Since) -> int | None:
    """Return the number of the entry that `since` means, the first one at or after an instant; None without one."""
    value: object = f"{since.digest}%"
    sql = "digest like ? order by seq desc limit 1"
    if since.seq is not None:
        sql, value = "seq = ?", since.seq
    elif since.at is not None:
        sql, value = "at >= ? order by seq limit 1", since.at
    found = _rows(f"select seq from audit_entry where {sql}", (value,))
    return int(found[0][0]) if found else None


def verify(*, expect_head: str | None = None, first: int = 1, progress: Progress | None = None) -> Verdict:
    """Recompute the chain from the entry `first` on, and every row bound since; see `chain.verify`."""
    parts = [_Part(table, _floor(table, first)) for table in BOUND]
    tell = _Telling(progress, first, parts)
    entries, seq, newest, broken, met = _verify_entries(expect_head, first, tell)
    if broken is None and expect_head and not met:
        broken = Broken("audit_entry", seq, _NOT_IN_CHAIN if first == 1 else _NOT_SINCE)
    rows = 0
    if broken is None:
        for part in parts:
            checked, broken = _verify_part(part, tell)
            rows += checked
            if broken:
                break
    if broken is None and first > 1:
        checked, broken = _verify_older(first, {part.name: part for part in parts})
        rows += checked
    return Verdict(entries, rows, seq, newest, broken, first)


_NOT_IN_CHAIN = N_("The printed head {head} is not in this chain: history was cut off or replaced.")
_NOT_SINCE = N_("The printed head {head} is not among the entries from {first} on.")


def _rows(sql: str, values: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = db.execute_sql(sql.replace("?", db.param), tuple(values)).fetchall()
    return found


def _walk(select: str, key: str, where: str = "", *, after: int | None = None) -> Iterator[tuple[Any, ...]]:
    """Yield rows in the order of a key, their first column: all of them, or those behind `after`."""
    while True:
        behind = [each for each in (where, "" if after is None else f"{key} > {after}") if each]
        condition = f" where {' and '.join(behind)}" if behind else ""
        page = _rows(f"{select}{condition} order by {key} limit {BATCH}")
        yield from page
        if len(page) < BATCH:
            return
        after = page[-1][0]


class _Part:
    """A table and the part of it that is walked: rows behind `floor`, all of them with None."""

    def __init__(self, table: type[Row], floor: int | None) -> None:
        meta = table._meta  # type: ignore[attr-defined]
        self.name: str = meta.table_name
        self.floor = floor
        self.key: str = meta.primary_key.column_name
        self.columns = [field.column_name for field in meta.sorted_fields]
        self.select = f'select {", ".join(f"{chr(34)}{column}{chr(34)}" for column in self.columns)} from "{self.name}"'

    def seal(self, row: Sequence[Any]) -> str:
        """Return the digest of a row, or an empty text when it holds what no row of ours can hold."""
        try:
            return row_digest(self.name, zip(self.columns, row, strict=True))
        except (TypeError, ValueError):
            return ""


class _Telling:
    """Turns what is done into percent; numbers of entries and rows stand for how many there are."""

    def __init__(self, progress: Progress | None, first: int, parts: Sequence[_Part]) -> None:
        self._progress = progress
        self._before = 0
        self._sizes: dict[str, tuple[int, int]] = {}
        if progress is None:
            return
        self._sizes["audit_entry"] = self._size("audit_entry", "seq", first - 1)
        for part in parts:
            self._sizes[part.name] = self._size(part.name, part.key, part.floor or 0)
        self._all = max(1, sum(size for _floor, size in self._sizes.values()))

    @staticmethod
    def _size(table: str, key: str, floor: int) -> tuple[int, int]:
        return floor, max(0, (_rows(f'select max({key}) from "{table}"')[0][0] or 0) - floor)

    def at(self, table: str, done: int, key: int) -> None:
        """Say that `done` rows of a table are checked, the last of them `key`."""
        if self._progress is not None and done % BATCH == 0:
            floor, size = self._sizes[table]
            share = min(max(0, key - floor), size)
            self._progress(table, done, 100 * (self._before + share) // self._all)

    def end(self, table: str) -> None:
        """Say that a table is done."""
        if self._progress is not None:
            self._before += self._sizes[table][1]


# Entries


def _verify_entries(expect_head: str | None, first: int, tell: _Telling) -> tuple[int, int, str, Broken | None, bool]:
    count, seq, met = 0, first - 1, False
    previous = _digest_before(first)
    bindings = _bindings(first)
    for entry in _walk(f"select {_ENTRY} from audit_entry", "seq", after=None if first == 1 else first - 1):
        fault = _entry_fault(entry, seq, previous) or _binding_fault(entry, bindings)
        if fault:
            return count, seq, previous, Broken("audit_entry", entry[0], fault), met
        seq, previous = entry[_PLACE["seq"]], entry[_PLACE["digest"]]
        met = met or (expect_head is not None and previous.startswith(expect_head))
        count += 1
        tell.at("audit_entry", count, seq)
    tell.end("audit_entry")
    extra = next(bindings, None)
    broken = Broken("audit_binding", extra[0], N_("Binding without an entry.")) if extra else None
    if broken is None and first > 1 and not count:
        broken = Broken("audit_entry", first, N_("The entry is missing."))
    return count, seq, previous, broken, met


def _digest_before(first: int) -> str:
    """Return the digest that the entry `first` follows, as it stands there."""
    found = _rows("select digest from audit_entry where seq = ?", (first - 1,)) if first > 1 else []
    return str(found[0][0]) if found else GENESIS


def _entry_fault(entry: Sequence[Any], seq: int, previous: str) -> str | None:
    if entry[_PLACE["seq"]] != seq + 1:
        return N_("Entries are missing before this one.")
    if entry[_PLACE["previous"]] != previous:
        return N_("It does not follow from the entry before it.")
    try:
        sealed = digest(canonical(entry[:-1]))
    except (TypeError, ValueError):
        sealed = ""
    if entry[_PLACE["digest"]] != sealed:
        return N_("Its content was changed.")
    return None


def _bindings(first: int) -> Iterator[tuple[int, list[list[Any]]]]:
    """Yield (seq, [[table, row, digest], …]) of the entries from `first` on, in their order."""
    seq, held = 0, list[list[Any]]()
    for _key, of, table, row_id, sealed in _bound_since(first):
        if of != seq:
            if held:
                yield seq, held
            seq, held = of, []
        held.append([table, row_id, sealed])
    if held:
        yield seq, held


def _bound_since(first: int) -> Iterator[tuple[Any, ...]]:
    select = "select id, seq, table_name, row_id, digest from audit_binding"
    if first == 1:
        yield from _walk(select, "id")
        return
    begin = _rows("select id from audit_binding where seq >= ? order by id limit 1", (first,))
    if begin:
        yield from _walk(select, "id", f"seq >= {first}", after=begin[0][0] - 1)


def _binding_fault(entry: Sequence[Any], bindings: Iterator[tuple[int, list[list[Any]]]]) -> str | None:
    named = entry[_PLACE["rows"]]
    if named == "[]":
        return None
    seq, bound = next(bindings, (0, []))
    if seq != entry[_PLACE["seq"]] or canonical(bound) != named:
        return N_("The rows bound to it were changed.")
    return None


# Rows


def _floor(table: type[Row], first: int) -> int | None:
    """Return the newest row of a table that was there before the entry `first`."""
    if first == 1:
        return None
    found = _rows(
        "select row_id from audit_binding where table_name = ? and seq < ? order by row_id desc limit 1",
        (table._meta.table_name, first),  # type: ignore[attr-defined]
    )
    return int(found[0][0]) if found else None


def _verify_part(part: _Part, tell: _Telling) -> tuple[int, Broken | None]:
    bound = _newest_bindings(part)
    expected = next(bound, None)
    count = 0
    for row in _walk(part.select, part.key, after=part.floor):
        if expected is not None and expected[0] < row[0]:
            return count, Broken(part.name, expected[0], _MISSING)
        if expected is None or expected[0] != row[0]:
            return count, Broken(part.name, row[0], N_("The row was put in beside the chain."))
        if expected[1] != part.seal(row):
            return count, Broken(part.name, row[0], _CHANGED)
        expected = next(bound, None)
        count += 1
        tell.at(part.name, count, row[0])
    tell.end(part.name)
    if expected is not None:
        return count, Broken(part.name, expected[0], _MISSING)
    return count, None


def _newest_bindings(part: _Part) -> Iterator[tuple[int, str]]:
    """Yield (row, newest digest) of a table in the order of rows, those behind the part's floor."""
    held: tuple[int, str] | None = None
    for row_id, _seq, _key, sealed in _bindings_of(part):
        if held is not None and held[0] != row_id:
            yield held
        held = row_id, sealed
    if held is not None:
        yield held


def _bindings_of(part: _Part) -> Iterator[tuple[Any, ...]]:
    """Yield the bindings of a table in the order of rows, then entries: that of its index."""
    behind, values = ("", []) if part.floor is None else (" and row_id > ?", [part.floor])
    while True:
        page = _rows(
            "select row_id, seq, id, digest from audit_binding "
            f"where table_name = ?{behind} order by row_id, seq, id limit {BATCH}",
            (part.name, *values),
        )
        yield from page
        if len(page) < BATCH:
            return
        behind, values = " and (row_id, seq, id) > (?, ?, ?)", list(page[-1][:3])


def _verify_older(first: int, parts: dict[str, _Part]) -> tuple[int, Broken | None]:
    """Check the rows that were there before the entry `first` and were written since."""
    count, waiting = 0, defaultdict[str, set[int]](set)
    for _key, _seq, table, row_id, _sealed in _bound_since(first):
        part = parts.get(table)
        if part is None or part.floor is None or row_id > part.floor:
            continue
        waiting[table].add(row_id)
        if len(waiting[table]) == BATCH:
            count += BATCH
            broken = _verify_some(part, waiting.pop(table))
            if broken:
                return count, broken
    for table, left in waiting.items():
        count += len(left)
        broken = _verify_some(parts[table], left)
        if broken:
            return count, broken
    return count, None


def _verify_some(part: _Part, keys: set[int]) -> Broken | None:
    listed = ", ".join(map(str, sorted(keys)))
    newest = dict(
        _rows(
            f"select r.{part.key}, (select digest from audit_binding b where b.table_name = ? "
            f"and b.row_id = r.{part.key} order by b.seq desc, b.id desc limit 1) "
            f'from "{part.name}" r where r.{part.key} in ({listed})',
            (part.name,),
        )
    )
    gone = sorted(keys - newest.keys())
    if gone:
        return Broken(part.name, gone[0], _MISSING)
    for row in _rows(f"{part.select} where {part.key} in ({listed}) order by {part.key}"):
        if newest[row[0]] != part.seal(row):
            return Broken(part.name, row[0], _CHANGED)
    return None
