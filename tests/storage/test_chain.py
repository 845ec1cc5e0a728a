"""The audit chain names the first row that was changed behind the program's back. Source: REQUIREMENTS C12."""

from __future__ import annotations

from pathlib import Path

import pytest

from dutydesk.services import log, people
from dutydesk.storage import chain, chain_check
from dutydesk.storage.models import APPEND_ONLY, BOUND
from dutydesk.storage.models.audit import AuditBinding, AuditEntry
from dutydesk.storage.models.base import Row
from tests.storage.conftest import ask, columns_of, do, drop_guards, drop_indexes

CHANGED = {
    "attendance": "at = at + 60",
    "log_entry": "text = text || '1'",
    "round_answer": "at = at - 60",
    "backup_check": "at = at + 60",
    "restore_test": "minutes = minutes + 1",
    "incident_event": "at = at - 60",
    "handover_item": "title = title || '1'",
    "handover_answer": "words = words || '1'",
    "handover_sheet": "content = content || ' '",
    "roster_version": "note = note || '1'",
    "call_out": "reason = reason || '1'",
    "rate_table": "text = text || '1'",
    "allowance_month": "content = content || ' '",
}
"""What somebody would rather have otherwise in each append-only table."""
RECORDS = [table for table in APPEND_ONLY if table not in (AuditEntry, AuditBinding)]
NAMED = pytest.mark.parametrize("table", RECORDS, ids=lambda table: table._meta.table_name)


def broken_at() -> tuple[str, int]:
    found = chain.verify().broken
    assert found is not None
    return found.table, found.key


def some_row(name: str) -> int:
    """Return a row from the middle of a table."""
    keys = [key for (key,) in ask(f"select id from {name} order by id")]
    assert keys, name
    return keys[len(keys) // 2]


def test_an_untouched_desk_holds(past: Path) -> None:
    verdict = chain.verify()
    assert verdict.broken is None
    assert verdict.entries == AuditEntry.select().count() > 900
    assert verdict.rows == sum(table.select().count() for table in BOUND)
    assert (verdict.head_seq, verdict.head) == chain.head()


@NAMED
def test_a_changed_row_is_named(table: type[Row], past: Path) -> None:
    name = table._meta.table_name  # type: ignore[attr-defined]
    drop_guards()
    key = some_row(name)
    assert do(f"update {name} set {CHANGED[name]} where id = ?", key) == 1
    assert broken_at() == (name, key)


@NAMED
def test_a_deleted_row_is_named(table: type[Row], past: Path) -> None:
    name = table._meta.table_name  # type: ignore[attr-defined]
    drop_guards()
    key = some_row(name)
    do(f"delete from {name} where id = ?", key)
    assert broken_at() == (name, key)


@NAMED
def test_a_row_put_in_is_named(table: type[Row], past: Path) -> None:
    name = table._meta.table_name  # type: ignore[attr-defined]
    drop_guards()
    drop_indexes(name)
    _put_in(name)
    key = ask(f"select max(id) from {name}")[0][0]
    assert broken_at() == (name, key)


def _put_in(name: str, key: int | None = None) -> None:
    """Put a row in that looks like the first one, under a key of its own or the next."""
    others = [f'"{column}"' for column in columns_of(name) if column != "id"]
    into, listed = others, others
    if key is not None:
        into, listed = ["id", *others], [str(key), *others]
    do(f"insert into {name} ({', '.join(into)}) select {', '.join(listed)} from {name} order by id limit 1")


@pytest.mark.parametrize("key", [0, -7])
def test_a_row_put_in_before_the_first_is_named(key: int, past: Path) -> None:
    drop_guards()
    _put_in("log_entry", key)
    assert broken_at() == ("log_entry", key)


def test_an_entry_put_in_before_the_first_is_named(past: Path) -> None:
    drop_guards()
    do("update audit_entry set seq = -3 where seq = (select max(seq) from audit_entry)")
    assert broken_at() == ("audit_entry", -3)


@pytest.mark.parametrize(
    ("name", "sql"),
    [
        ("person", "update person set role = 'supervisor' where login = 'eng-b'"),
        ("incident", "update incident set resolved_at = opened_at where id = 2"),
        ("round", "update round set finished_at = finished_at - 600, version = 9 where id = 3"),
        ("assignment", "update assignment set flag = 'forged' where id = 4"),
        ("handover", "update handover set relief = not relief where id = 1"),
        ("setting", "update setting set value = 'critical-infrastructure' where id = 1"),
    ],
)
def test_rows_that_people_edit_are_bound_too(name: str, sql: str, past: Path) -> None:
    assert do(sql) == 1
    assert broken_at()[0] == name


def test_a_null_column_that_a_migration_adds_changes_nothing(past: Path) -> None:
    columns = [("text", "a"), ("added", None)]
    assert chain.row_digest("log_entry", columns) == chain.row_digest("log_entry", columns[:1])


# The chain itself


def test_a_changed_entry_is_named(past: Path) -> None:
    drop_guards()
    do("update audit_entry set login = 'eng-b' where seq = 500")
    assert broken_at() == ("audit_entry", 500)


def test_an_entry_with_a_new_digest_of_its_own_breaks_the_next(past: Path) -> None:
    drop_guards()
    entry = next(iter(AuditEntry.select().where(AuditEntry.seq == 500).dicts()))
    entry["at"] += 60
    forged = chain.digest(chain.canonical([entry[name] for name in chain.ENTRY_FIELDS]))
    do("update audit_entry set at = ?, digest = ? where seq = 500", entry["at"], forged)
    assert broken_at() == ("audit_entry", 501)


def test_a_removed_entry_is_named(past: Path) -> None:
    drop_guards()
    do("delete from audit_entry where seq = 700")
    assert broken_at() == ("audit_entry", 701)


def test_entries_that_change_places_are_named(past: Path) -> None:
    drop_guards()
    do("update audit_entry set seq = -1 where seq = 600")
    do("update audit_entry set seq = 600 where seq = 601")
    do("update audit_entry set seq = 601 where seq = -1")
    assert broken_at() == ("audit_entry", 600)


def test_an_entry_put_in_at_the_end_is_named(past: Path) -> None:
    drop_guards()
    do(
        "insert into audit_entry select seq + 1, at, login, host, terminal, action, subject, subject_id, changed,"
        " bound_rows, previous, digest from audit_entry order by seq desc limit 1"
    )
    assert broken_at() == ("audit_entry", chain.head()[0])


@pytest.mark.parametrize(
    "sql",
    [
        "delete from audit_binding where seq = 500",
        "update audit_binding set digest = 'f' || substr(digest, 2) where seq = 500",
        "update audit_binding set row_id = row_id + 1 where seq = 500",
        "update audit_binding set table_name = 'log_entry' where seq = 500",
    ],
)
def test_a_changed_binding_is_named_with_its_entry(sql: str, past: Path) -> None:
    drop_guards()
    assert ask("select count(*) from audit_binding where seq = 500")[0][0]
    do(sql)
    assert broken_at() == ("audit_entry", 500)


def test_a_binding_without_an_entry_is_found(past: Path) -> None:
    do("insert into audit_binding (seq, table_name, row_id, digest) values (99999, 'log_entry', 1, 'x')")
    assert broken_at()[0] in ("audit_binding", "audit_entry")


def test_the_printed_head_is_looked_for(past: Path) -> None:
    printed = chain.head()[1]
    who = people.identify("eng-a")
    log.write(who, "later")
    assert chain.verify(expect_head=printed).broken is None
    assert chain.verify(expect_head=printed[:12]).broken is None


def cut_off_after(seq: int) -> None:
    """Take the newest entries away, and all that they wrote."""
    for table, key in ask("select table_name, row_id from audit_binding where seq > ?", seq):
        do(f"delete from {table} where id = ?", key)
    do("delete from audit_binding where seq > ?", seq)
    do("delete from audit_entry where seq > ?", seq)


def test_a_chain_cut_off_at_its_end_contradicts_the_paper(past: Path) -> None:
    printed = chain.head()[1]
    drop_guards()
    cut_off_after(chain.head()[0] - 1)
    assert chain.verify().broken is None
    found = chain.verify(expect_head=printed).broken
    assert found is not None
    assert found.table == "audit_entry"


def test_progress_is_told_while_a_long_chain_is_checked(past: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain_check, "BATCH", 100)
    told: list[tuple[str, int, int]] = []
    assert chain.verify(progress=lambda *step: told.append(step)).broken is None
    assert ("audit_entry", 100) in [(table, done) for table, done, _percent in told]
    assert any(table == "round_answer" for table, _done, _percent in told)
    shares = [percent for _table, _done, percent in told]
    assert shares == sorted(shares)
    assert 0 <= shares[0] < 20
    assert 80 < shares[-1] <= 100


@pytest.mark.parametrize("size", [1, 2, 7])
def test_pages_of_any_size_see_the_same(size: int, past: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that ends within the bindings of one row goes on behind it."""
    drop_guards()
    whole = chain.verify()
    do("delete from audit_binding where seq > 60")
    do("delete from audit_entry where seq > 60")
    monkeypatch.setattr(chain_check, "BATCH", 500)
    wanted = chain.verify()
    monkeypatch.setattr(chain_check, "BATCH", size)
    assert whole.broken is None
    assert chain.verify() == wanted


@pytest.mark.parametrize("value", ["x'00ff'", "'twelve'"])
@pytest.mark.files
def test_what_no_column_of_ours_can_hold_is_named_too(value: str, past: Path) -> None:
    """SQLite takes anything into any column."""
    drop_guards()
    do(f"update log_entry set late = {value} where id = 5")
    assert broken_at() == ("log_entry", 5)
    do(f"update audit_entry set login = {value} where seq = 9")
    assert broken_at() == ("audit_entry", 9)
