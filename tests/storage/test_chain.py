"""The audit chain names the first row that was changed behind the program's back. Source: REQUIREMENTS C12."""

from __future__ import annotations

from pathlib import Path

import pytest

from dutydesk.services import log, people
from dutydesk.storage import chain
from dutydesk.storage.engine import db
from dutydesk.storage.models import APPEND_ONLY, BOUND
from dutydesk.storage.models.audit import AuditBinding, AuditEntry
from dutydesk.storage.models.base import Row

CHANGED = {
    "attendance": "at",
    "log_entry": "text",
    "round_answer": "at",
    "backup_check": "at",
    "restore_test": "minutes",
    "incident_event": "at",
    "handover_item": "title",
    "handover_answer": "words",
    "handover_sheet": "content",
    "roster_version": "note",
    "call_out": "reason",
    "rate_table": "text",
    "allowance_month": "content",
}
"""A column of each append-only table, for somebody who would rather have it otherwise."""
RECORDS = [table for table in APPEND_ONLY if table not in (AuditEntry, AuditBinding)]
NAMED = pytest.mark.parametrize("table", RECORDS, ids=lambda table: table._meta.table_name)


def drop_guards() -> None:
    """Take every trigger away, as somebody with the file and sqlite3 could."""
    for (name,) in db.execute_sql("select name from sqlite_master where type = 'trigger'").fetchall():
        db.execute_sql(f"drop trigger {name}")
    db.execute_sql("pragma foreign_keys = off")


def broken_at() -> tuple[str, int]:
    found = chain.verify().broken
    assert found is not None
    return found.table, found.key


def some_row(name: str) -> int:
    """Return a row from the middle of a table."""
    keys = [key for (key,) in db.execute_sql(f"select id from {name} order by id").fetchall()]
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
    changed = CHANGED[name]
    db.execute_sql(f"update {name} set {changed} = {changed} || '1' where id = ?", (key,))
    assert broken_at() == (name, key)


@NAMED
def test_a_deleted_row_is_named(table: type[Row], past: Path) -> None:
    name = table._meta.table_name  # type: ignore[attr-defined]
    drop_guards()
    key = some_row(name)
    db.execute_sql(f"delete from {name} where id = ?", (key,))
    assert broken_at() == (name, key)


@NAMED
def test_a_row_put_in_is_named(table: type[Row], past: Path) -> None:
    name = table._meta.table_name  # type: ignore[attr-defined]
    drop_guards()
    columns = [info[1] for info in db.execute_sql(f"pragma table_info({name})").fetchall() if info[1] != "id"]
    listed = ", ".join(f'"{column}"' for column in columns)
    made = db.execute_sql(f"select name from sqlite_master where type = 'index' and tbl_name = '{name}'").fetchall()
    for (index,) in made:
        if not index.startswith("sqlite_"):
            db.execute_sql(f"drop index {index}")
    db.execute_sql(f"insert into {name} ({listed}) select {listed} from {name} limit 1")
    key = db.execute_sql(f"select max(id) from {name}").fetchone()[0]
    assert broken_at() == (name, key)


@pytest.mark.parametrize(
    ("name", "sql"),
    [
        ("person", "update person set role = 'supervisor' where login = 'eng-b'"),
        ("incident", "update incident set resolved_at = opened_at where id = 2"),
        ("round", "update round set finished_at = finished_at - 600, version = 9 where id = 3"),
        ("assignment", "update assignment set flag = 'forged' where id = 4"),
        ("handover", "update handover set relief = 1 where id = 1"),
        ("setting", "update setting set value = 'critical-infrastructure' where id = 1"),
    ],
)
def test_rows_that_people_edit_are_bound_too(name: str, sql: str, past: Path) -> None:
    assert db.execute_sql(sql).rowcount == 1
    assert broken_at()[0] == name


def test_a_null_column_that_a_migration_adds_changes_nothing(past: Path) -> None:
    columns = [("text", "a"), ("added", None)]
    assert chain.row_digest("log_entry", columns) == chain.row_digest("log_entry", columns[:1])


# The chain itself


def test_a_changed_entry_is_named(past: Path) -> None:
    drop_guards()
    db.execute_sql("update audit_entry set login = 'eng-b' where seq = 500")
    assert broken_at() == ("audit_entry", 500)


def test_an_entry_with_a_new_digest_of_its_own_breaks_the_next(past: Path) -> None:
    drop_guards()
    entry = next(iter(AuditEntry.select().where(AuditEntry.seq == 500).dicts()))
    entry["at"] += 60
    forged = chain.digest(chain.canonical([entry[name] for name in chain.ENTRY_FIELDS]))
    db.execute_sql("update audit_entry set at = ?, digest = ? where seq = 500", (entry["at"], forged))
    assert broken_at() == ("audit_entry", 501)


def test_a_removed_entry_is_named(past: Path) -> None:
    drop_guards()
    db.execute_sql("delete from audit_entry where seq = 700")
    assert broken_at() == ("audit_entry", 701)


def test_entries_that_change_places_are_named(past: Path) -> None:
    drop_guards()
    db.execute_sql("update audit_entry set seq = -1 where seq = 600")
    db.execute_sql("update audit_entry set seq = 600 where seq = 601")
    db.execute_sql("update audit_entry set seq = 601 where seq = -1")
    assert broken_at() == ("audit_entry", 600)


def test_an_entry_put_in_at_the_end_is_named(past: Path) -> None:
    drop_guards()
    db.execute_sql(
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
    assert db.execute_sql("select count(*) from audit_binding where seq = 500").fetchone()[0]
    db.execute_sql(sql)
    assert broken_at() == ("audit_entry", 500)


def test_a_binding_without_an_entry_is_found(past: Path) -> None:
    db.execute_sql("insert into audit_binding (seq, table_name, row_id, digest) values (99999, 'log_entry', 1, 'x')")
    assert broken_at()[0] in ("audit_binding", "audit_entry")


def test_the_printed_head_is_looked_for(past: Path) -> None:
    printed = chain.head()[1]
    who = people.identify("eng-a")
    log.write(who, "later")
    assert chain.verify(expect_head=printed).broken is None
    assert chain.verify(expect_head=printed[:12]).broken is None


def test_a_chain_cut_off_at_its_end_contradicts_the_paper(past: Path) -> None:
    printed = chain.head()[1]
    drop_guards()
    first = int(db.execute_sql("select max(seq) - 1 from audit_entry").fetchone()[0])
    for table, key in db.execute_sql("select table_name, row_id from audit_binding where seq > ?", (first,)).fetchall():
        db.execute_sql(f"delete from {table} where id = ?", (key,))
    db.execute_sql("delete from audit_binding where seq > ?", (first,))
    db.execute_sql("delete from audit_entry where seq > ?", (first,))
    assert chain.verify().broken is None
    found = chain.verify(expect_head=printed).broken
    assert found is not None
    assert found.table == "audit_entry"


def test_progress_is_told_while_a_long_chain_is_checked(past: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain, "BATCH", 100)
    told: list[tuple[str, int]] = []
    assert chain.verify(progress=lambda table, done: told.append((table, done))).broken is None
    assert ("audit_entry", 100) in told
    assert any(table == "round_answer" for table, _done in told)
