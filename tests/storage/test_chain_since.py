"""A check from one entry on: what it finds, what it leaves alone, and that it says so. Source: REQUIREMENTS C12."""

from __future__ import annotations

from pathlib import Path

import pytest

from dutydesk.domain.errors import Invalid, NotFound
from dutydesk.services import log, people, settings, verification
from dutydesk.storage import chain, chain_check
from dutydesk.storage.engine import db
from tests.storage.conftest import ask, columns_of, do, drop_guards, drop_indexes

FIRST = 700
"""Where the check of these tests begins; the desk has more than 900 entries."""


def broken_since(first: int = FIRST) -> tuple[str, int] | None:
    found = chain.verify(first=first).broken
    return None if found is None else (found.table, found.key)


def row_bound(table: str, *, before: int = 1 << 40, since: int = 0, newest: bool = False) -> int:
    """Return a row of a table whose newest entry lies between two."""
    order = "desc" if newest else ""
    found = ask(
        "select row_id from audit_binding where table_name = ? group by row_id "
        f"having max(seq) < ? and max(seq) >= ? order by row_id {order} limit 1",
        table,
        before,
        since,
    )
    assert found, table
    return int(found[0][0])


@pytest.mark.parametrize("first", [1, 2, FIRST])
def test_an_untouched_desk_holds_from_any_entry_on(first: int, past: Path) -> None:
    verdict = chain.verify(first=first)
    assert verdict.broken is None
    assert verdict.first == first
    assert verdict.entries == chain.head()[0] - first + 1
    assert (verdict.head_seq, verdict.head) == chain.head()


def test_every_row_written_since_is_looked_at_once(past: Path) -> None:
    wanted = ask("select count(*) from (select distinct table_name, row_id from audit_binding where seq >= ?) n", FIRST)
    assert chain.verify(first=FIRST).rows == wanted[0][0]


def test_the_newest_entry_alone(past: Path) -> None:
    seq, head = chain.head()
    verdict = chain.verify(first=seq)
    assert (verdict.entries, verdict.head, verdict.broken) == (1, head, None)
    assert broken_since(seq + 1) == ("audit_entry", seq + 1)


# What it finds


@pytest.mark.parametrize(
    ("sql", "place"),
    [
        ("update audit_entry set login = 'eng-b' where seq = 800", 800),
        ("update audit_entry set login = 'eng-b' where seq = 700", 700),
        ("delete from audit_entry where seq = 800", 801),
        ("delete from audit_entry where seq = 700", 701),
        ("update audit_entry set digest = 'f' || substr(digest, 2) where seq = 699", 700),
        ("update audit_binding set digest = 'f' || substr(digest, 2) where seq = 800", 800),
        ("delete from audit_binding where seq = 800", 800),
    ],
)
def test_entries_and_bindings_since_are_named(sql: str, place: int, past: Path) -> None:
    assert ask("select 1 from audit_binding where seq = 800")
    drop_guards()
    assert do(sql)
    assert broken_since() == ("audit_entry", place)


@pytest.mark.parametrize("table", ["log_entry", "round_answer", "incident_event", "attendance"])
@pytest.mark.parametrize("how", ["changed", "deleted"])
def test_rows_that_came_since_are_named(table: str, how: str, past: Path) -> None:
    drop_guards()
    key = row_bound(table, since=FIRST, newest=True)
    column = "text = text || '!'" if table == "log_entry" else "at = at + 1"
    do(f"update {table} set {column} where id = ?" if how == "changed" else f"delete from {table} where id = ?", key)
    assert broken_since() == (table, key)


def test_a_row_put_in_since_is_named(past: Path) -> None:
    drop_guards()
    drop_indexes("log_entry")
    others = ", ".join(f'"{column}"' for column in columns_of("log_entry") if column != "id")
    do(f"insert into log_entry ({others}) select {others} from log_entry order by id limit 1")
    assert broken_since() == ("log_entry", ask("select max(id) from log_entry")[0][0])


def test_an_older_row_that_was_written_since_must_be_as_it_was_written_last(past: Path) -> None:
    who = people.identify("chief")
    first = chain.head()[0] + 1
    settings.put(who, "lang", "en")
    key = ask("select id from setting where key = 'lang'")[0][0]
    assert chain.verify(first=first).rows == 1
    do("update setting set value = 'zh' where id = ?", key)
    assert broken_since(first) == ("setting", key)
    do("delete from setting where id = ?", key)
    assert broken_since(first) == ("setting", key)


def test_many_older_rows_in_pages(past: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain_check, "BATCH", 3)
    assert broken_since() is None
    drop_guards()
    key = row_bound("round", since=FIRST)
    do("update round set late_at = late_at + 1 where id = ?", key)
    assert broken_since() == ("round", key)


# What it leaves alone


def test_what_nobody_has_written_since_is_not_looked_at(past: Path) -> None:
    drop_guards()
    do("update log_entry set text = 'otherwise' where id = ?", row_bound("log_entry", before=FIRST))
    do("update audit_entry set login = 'eng-b' where seq = 300")
    do("delete from audit_binding where seq = 301")
    assert broken_since() is None
    assert chain.verify().broken is not None


def test_it_works_in_proportion(past: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages, and so rows, are read for what came since."""
    read = 0
    execute = db.execute_sql

    def counted(sql: str, *args: object) -> object:
        nonlocal read
        read += "limit 50" in sql
        return execute(sql, *args)

    monkeypatch.setattr(chain_check, "BATCH", 50)
    monkeypatch.setattr(
        chain_check, "db", type("Counted", (), {"execute_sql": staticmethod(counted), "param": db.param})
    )
    chain.verify()
    whole, read = read, 0
    chain.verify(first=chain.head()[0] - 90)
    tables = 2 * len(chain_check.BOUND)
    assert read - tables < (whole - tables) / 4


# Where it begins


def test_a_beginning_is_a_number_a_head_or_a_day(past: Path) -> None:
    digest = ask("select digest from audit_entry where seq = 640")[0][0]
    newest = chain.head()[0]
    assert verification.beginning(" 640 ") == 640
    assert verification.beginning(digest) == verification.beginning(digest[:12].upper()) == 640
    day = verification.beginning("2026-11-21")
    before, after = (ask("select at from audit_entry where seq = ?", each)[0][0] for each in (day - 1, day))
    assert before < 1_795_190_400 <= after, "midnight of 21 November 2026 in Shanghai"
    assert 1 < day < newest


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("99999", "There is no entry 99999; the newest is"),
        ("0", "There is no entry 0"),
        ("9" * 40, "is not in this chain"),
        ("9" * 70, "There is no entry"),
        ("f" * 64, "is not in this chain"),
        ("2031-01-01", "No entry was made on 2031-01-01 or later"),
    ],
)
def test_a_beginning_that_is_not_there(text: str, sentence: str, past: Path) -> None:
    with pytest.raises(NotFound) as caught:
        verification.beginning(text)
    assert sentence in str(caught.value)
    assert "Nothing was checked" in str(caught.value)


@pytest.mark.parametrize("text", ["", "rubbish", "abc", "-5", "2026-13-45", "１２", "%", "\x00", "\udc80", "x" * 5000])
def test_what_is_no_beginning(text: str, past: Path) -> None:
    with pytest.raises(Invalid, match="neither the number of an entry"):
        verification.beginning(text)


def test_the_printed_head_must_be_among_what_is_checked(past: Path) -> None:
    older = ask("select digest from audit_entry where seq = 650")[0][0]
    newer = ask("select digest from audit_entry where seq = 750")[0][0]
    assert chain.verify(first=FIRST, expect_head=newer).broken is None
    found = chain.verify(first=FIRST, expect_head=older).broken
    assert found is not None
    assert "not among the entries from" in found.sentence


def test_lines_written_later_are_part_of_it(past: Path) -> None:
    first = chain.head()[0] + 1
    who = people.identify("eng-a")
    lines = [log.write(who, f"line {number}").id for number in range(3)]
    verdict = chain.verify(first=first)
    assert (verdict.entries, verdict.rows, verdict.broken) == (3, 3, None)
    drop_guards()
    do("update log_entry set text = 'another' where id = ?", lines[1])
    assert broken_since(first) == ("log_entry", lines[1])
