"""A desk with years of records, written in a minute or two: what the budgets for big desks are measured on.

    python -m tests.bench.bulk FILE [--incidents N] [--answers N] [--log-lines N] [--days N] [--entries N]
                                    [--copy-to ADDRESS]

Rows go in by executemany, a thousand to an entry of the audit chain, so that `dutydesk verify` holds on it; with
`--entries` log lines follow that have an entry each, as the console writes them. `--copy-to` brings the desk into
another database, as `dutydesk copy` does.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

from dutydesk.domain import clock
from dutydesk.services import desk as desks
from dutydesk.services.core import SYSTEM
from dutydesk.storage import chain, dated_search, engine, migrate, models, search, triggers
from dutydesk.storage.models.base import Row

DAY = 86_400
BATCH = 1000
PIN = "2580"
BINDING = ("seq", "table_name", "row_id", "digest")
STILL_OPEN = 60
"""Incidents that are open at the end of it all."""

TITLES = (
    ("网络", "network", "核心交换机 SW{n} 端口告警", "Core switch SW{n}: port alarm"),
    ("服务器", "server", "虚拟机 VM{n} 无响应", "Virtual machine VM{n} does not answer"),
    ("存储", "storage", "备份作业 {n} 超时", "Backup job {n} ran out of time"),
    ("数据库", "database", "数据库表空间 {n} 将满", "Table space {n} nearly full"),
    ("应用", "application", "业务系统模块 {n} 报错", "Ward system module {n} reports errors"),
    ("终端", "terminal", "{n} 号楼打印机卡纸", "Printer in building {n} jams"),
    ("机房", "facility", "机房 {n} 温度偏高", "Room {n} is too warm"),
    ("账号", "account", "员工 {n} 申请重置密码", "Staff {n}: password to be set anew"),
)
PRIORITIES = (
    ("P1", "H", "H"),
    ("P2", "H", "M"),
    ("P3", "M", "M"),
    ("P3", "L", "H"),
    ("P4", "L", "L"),
    ("P4", "M", "L"),
)
WEIGHTS = (1, 4, 25, 20, 30, 20)


@dataclass(frozen=True)
class Size:
    """How much there is, spread over `days`; `entries` are log lines with an audit entry each."""

    incidents: int = 400_000
    answers: int = 0
    log_lines: int = 0
    days: int = 3650
    entries: int = 0


TEN_YEARS = Size(400_000, 2_000_000, 1_000_000)
"""The ten-year desk of DESIGN 7."""


class Loader:
    """Rows of one table on their way into the desk; `flush` writes what is left and binds it to the chain."""

    def __init__(self, table: type[Row], at: int) -> None:
        meta: Any = table._meta  # type: ignore[attr-defined]
        self.table, self.at = table, at
        self.columns = [field.column_name for field in meta.sorted_fields]
        self.defaults = [field.default for field in meta.sorted_fields]
        self.next_id = (engine.db.execute_sql(f"select max(id) from {meta.table_name}").fetchone()[0] or 0) + 1
        self.insert = _insert_sql(meta.table_name, self.columns)
        self._rows: list[list[Any]] = []

    def add(self, **values: Any) -> int:
        """Take one row, by column name; returns its id."""
        row = self.row(values)
        self._rows.append(row)
        if len(self._rows) == BATCH:
            self.flush()
        return int(row[self.columns.index("id")])

    def row(self, values: dict[str, Any]) -> list[Any]:
        """Return the next row, complete and numbered, without taking it."""
        values["id"] = self.next_id
        self.next_id += 1
        return [values.get(name, default) for name, default in zip(self.columns, self.defaults, strict=True)]

    def flush(self) -> None:
        """Write what is waiting."""
        rows, self._rows = self._rows, []
        if not rows:
            return
        connection = engine.db.connection().cursor()
        connection.executemany(self.insert, rows)
        if self.table.bound:
            name = self.table._meta.table_name  # type: ignore[attr-defined]
            sealed = [[name, row[0], chain.row_digest(name, zip(self.columns, row, strict=True))] for row in rows]
            _bind(connection, self.at, name, sealed)


def _insert_sql(table: str, columns: Sequence[str]) -> str:
    places = ", ".join([engine.db.param] * len(columns))
    named = ", ".join(f'"{column}"' for column in columns)
    return f"insert into {table} ({named}) values ({places})"


def _bind(connection: Any, at: int, name: str, sealed: list[list[Any]]) -> None:
    """Add the audit entry that all of `sealed` (table, row, digest) belongs to."""
    seq, previous = chain.head()
    content = (seq + 1, at, "bulk", "bench", "", f"{name}.loaded", name, None, "{}", chain.canonical(sealed), previous)
    entry = dict(zip(chain.ENTRY_FIELDS, content, strict=True))
    models.AuditEntry.insert({**entry, "digest": chain.digest(chain.canonical(list(content)))}).execute()
    connection.executemany(_insert_sql("audit_binding", BINDING), [(seq + 1, *each) for each in sealed])


@contextmanager
def _without_indexes() -> Iterator[None]:
    """Drop the indexes and guards while rows go in, and make them again afterwards."""
    execute = engine.db.execute_sql
    kept = execute("select name, sql from sqlite_master where type = 'index' and sql is not null").fetchall()
    for (name,) in execute("select name from sqlite_master where type = 'trigger'").fetchall():
        execute(f'drop trigger "{name}"')
    for name, _sql in kept:
        execute(f'drop index "{name}"')
    yield
    for _name, sql in kept:
        execute(sql)
    triggers.create_triggers()


class Searchable:
    """Texts on their way into the search index."""

    def __init__(self) -> None:
        self._next = (engine.db.execute_sql("select max(id) from search_doc").fetchone()[0] or 0) + 1
        self._docs: list[tuple[int, str, int]] = []
        self._bodies: list[tuple[int, str]] = []

    def add(self, subject: str, subject_id: int, text: str) -> None:
        """Take one text, as `search.index` does."""
        self._docs.append((self._next, subject, subject_id))
        self._bodies.append((self._next, search.body(subject, text)))
        self._next += 1
        if len(self._docs) == 20 * BATCH:
            self.flush()

    def flush(self) -> None:
        """Write what is waiting."""
        cursor = engine.db.connection().cursor()
        cursor.executemany(_insert_sql("search_doc", ("id", "subject", "subject_id")), self._docs)
        cursor.executemany(_insert_sql("search_text", ("rowid", "body")), self._bodies)
        self._docs, self._bodies = [], []


def make(path: Path, size: Size, *, seed: int = 1, tell: Callable[[str], None] = print) -> None:
    """Make a desk at `path` (twelve-hour policy, the shipped staff and room) and fill it with `size`."""
    began, now = time.monotonic(), clock.now()
    engine.connect(str(path), create=True)
    try:
        migrate.migrate()
        desks.init(SYSTEM, desks.InitSpec("twelve-hour", people=desks.demo_people(PIN)))
        engine.db.execute_sql("pragma foreign_keys = off")
        engine.db.execute_sql("pragma synchronous = off")
        engine.db.execute_sql("pragma cache_size = -200000")
        dice = random.Random(seed)
        begin = now - size.days * DAY
        with engine.db.atomic(), _without_indexes():
            found = Searchable()
            with mock.patch.object(search, "index", found.add):
                _incidents(dice, size.incidents, begin, now)
                _log_lines(dice, size.log_lines, begin, now)
                _answers(dice, size.answers, begin, now)
                _duties(begin, now)
                _entries(dice, size.entries, begin, now)
            found.flush()
        engine.db.execute_sql("analyze")
        engine.db.execute_sql("pragma wal_checkpoint(truncate)")
    finally:
        engine.disconnect()
    tell(f"{path}: {path.stat().st_size / 1e6:.0f} MB in {time.monotonic() - began:.0f} s")


def _people() -> list[int]:
    return [row.id for row in models.Person.select().where(models.Person.role == "engineer")]


def _incidents(dice: random.Random, count: int, begin: int, now: int) -> None:
    incidents, events = Loader(models.Incident, now), Loader(models.IncidentEvent, now)
    people, day, today = _people(), "", 0
    for place in range(count):
        at = begin + (now - 600 - begin) * place // max(1, count - 1)
        local = datetime.fromtimestamp(at, UTC).strftime("%y%m%d")
        day, today = local, today + 1 if local == day else 1
        values = _incident(dice, at, f"INC-{day}-{today}", people, still_open=count - place <= STILL_OPEN)
        key = incidents.add(**values)
        search.index("incident", key, "\n".join([values["number"], values["title"], values["solution"]]))
        who, data = values["reporter_id"], f'{{"priority": "{values["priority"]}", "source": "staff"}}'
        events.add(incident_id=key, person_id=who, kind="opened", text="", at=at, entered_at=at, data=data)
        if values["resolved_at"]:
            moment = values["resolved_at"]
            events.add(
                incident_id=key, person_id=who, kind="resolved", text="", at=moment, entered_at=moment, data="{}"
            )
    incidents.flush()
    events.flush()


def _incident(dice: random.Random, at: int, number: str, people: list[int], *, still_open: bool) -> dict[str, Any]:
    place, category, chinese, english = dice.choice(TITLES)
    priority, impact, urgency = dice.choices(PRIORITIES, WEIGHTS)[0]
    ended = None if still_open else at + dice.randrange(300, 6 * 3600)
    return {
        "number": number,
        "kind": "request" if category == "account" else "fault",
        "source": "staff",
        "title": dice.choice((chinese, english)).format(n=dice.randrange(1, 400)),
        "category": category,
        "impact": impact,
        "urgency": urgency,
        "priority": priority,
        "status": "open" if still_open else "closed",
        "location": f"{place} {dice.randrange(1, 30)}",
        "reporter_id": dice.choice(people),
        "owner_id": dice.choice(people),
        "opened_at": at,
        "entered_at": at,
        "acknowledged_at": None if still_open else at + dice.randrange(30, 1200),
        "resolved_at": ended,
        "closed_at": None if ended is None else ended + 600,
        "solution": "" if still_open else f"重启服务 {dice.randrange(1000)}，恢复正常",
    }


def _log_lines(dice: random.Random, count: int, begin: int, now: int) -> None:
    lines, people = Loader(models.LogEntry, now), _people()
    for place in range(count):
        at = begin + (now - 900 - begin) * place // max(1, count - 1)
        who, kind = dice.choice(people), dice.choice(("note", "change", "visitor", "request"))
        _place, _category, chinese, english = dice.choice(TITLES)
        text = dice.choice((chinese, english)).format(n=dice.randrange(1, 400))
        key = lines.add(person_id=who, kind=kind, text=text, event_at=at, entered_at=at)
        dated_search.index("log", key, text, at=at, marks=[f"kind{kind}", f"person{who}"])
    lines.flush()


def _entries(dice: random.Random, count: int, begin: int, now: int) -> None:
    """Write log lines one by one: a row, a binding and an audit entry for each."""
    lines, people = Loader(models.LogEntry, now), _people()
    seq, previous = chain.head()
    fields: Any = models.AuditEntry._meta.fields  # type: ignore[attr-defined]
    audit = _insert_sql("audit_entry", [fields[name].column_name for name in (*chain.ENTRY_FIELDS, "digest")])
    for first in range(0, count, 20 * BATCH):
        rows, entries, bound = [], [], []
        for place in range(first, min(count, first + 20 * BATCH)):
            at, who = begin + (now - 900 - begin) * place // count, dice.choice(people)
            values = {"person_id": who, "kind": "note", "text": f"第 {place} 行", "event_at": at, "entered_at": at}
            row = lines.row(values)
            digest = chain.row_digest("log_entry", zip(lines.columns, row, strict=True))
            sealed = chain.canonical([["log_entry", row[0], digest]])
            seq += 1
            content = [seq, at, "bulk", "bench", "", "log.write", "log", row[0], "{}", sealed, previous]
            previous = chain.digest(chain.canonical(content))
            rows.append(row)
            entries.append([*content, previous])
            bound.append((seq, "log_entry", row[0], digest))
        cursor = engine.db.connection().cursor()
        cursor.executemany(lines.insert, rows)
        cursor.executemany(audit, entries)
        cursor.executemany(_insert_sql("audit_binding", BINDING), bound)


def _answers(dice: random.Random, count: int, begin: int, now: int) -> None:
    rounds, answers, people = Loader(models.Round, now), Loader(models.RoundAnswer, now), _people()
    lists = [
        (checklist.id, list(checklist.items.where(models.CheckItem.active)))
        for checklist in models.Checklist.select().where(models.Checklist.kind == "equipment")
    ]
    walks = -(-count // max(1, sum(len(items) for _key, items in lists)))
    for walk in range(walks if count else 0):
        due = begin + (now - DAY - begin) * walk // walks
        for checklist, items in lists:
            who = dice.choice(people)
            key = rounds.add(
                checklist_id=checklist,
                due_at=due,
                late_at=due + 1800,
                missed_at=due + 3600,
                status="finished",
                started_at=due,
                started_by_id=who,
                finished_at=due + 30 * len(items),
                finished_by_id=who,
            )
            for step, item in enumerate(items):
                number = round(dice.gauss(50, 8), 1) if item.kind == "number" else None
                at = due + 30 * step
                answers.add(
                    round_id=key, item_id=item.id, person_id=who, at=at, verdict="ok", number=number, gap=30, step=step
                )
    rounds.flush()
    answers.flush()


def _duties(begin: int, now: int) -> None:
    """Shifts of twelve hours with the one on, his signatures, and a publication a month."""
    shifts, places, signs = (Loader(table, now) for table in (models.DutyShift, models.Assignment, models.Attendance))
    versions, handovers = Loader(models.RosterVersion, now), Loader(models.Handover, now)
    people, number, last_one = _people(), 0, None
    first = min(date.fromisoformat(row.day) for row in models.DutyShift.select(models.DutyShift.day))
    day = (datetime.fromtimestamp(begin, UTC)).date()
    while day < first:
        if day.day == 1:
            number += 1
            last = (day + timedelta(days=31)).replace(day=1) - timedelta(days=1)
            versions.add(
                number=number, from_day=f"{day}", to_day=f"{last}", published_at=begin, note="", summary='{"slots":60}'
            )
        midnight = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
        for kind, start in (("day", midnight), ("night", midnight + DAY // 2)):
            who, end = people[(start // (DAY // 2)) % len(people)], start + DAY // 2
            key = shifts.add(day=f"{day}", kind=kind, starts_at=start, ends_at=end)
            why = '{"notes": [["Turn {turn}: next in the fixed order.", {"turn": 1}]], "rule": "turns", "turn": 1}'
            places.add(shift_id=key, person_id=who, flag="over-cap", why=why)
            for sign, at in (("in", start - 600), ("out", end + 300)):
                signs.add(shift_id=key, person_id=who, kind=sign, at=at, entered_at=at)
            if last_one is not None:
                handovers.add(**_sealed(last_one, (key, who), f"HO-{day:%y%m%d}-{kind[0].upper()}", start))
            last_one = (key, who)
        day += timedelta(days=1)
    for loader in (shifts, places, signs, versions, handovers):
        loader.flush()


def _sealed(before: tuple[int, int], after: tuple[int, int], number: str, at: int) -> dict[str, Any]:
    """Return a handover from one (shift, person) to the next, taken over at `at`."""
    (from_shift, giver), (to_shift, taker) = before, after
    return {
        "number": number,
        "from_shift_id": from_shift,
        "to_shift_id": to_shift,
        "status": "sealed",
        "revision": 1,
        "cut_off": at - 900,
        "prepared_by_id": giver,
        "prepared_at": at - 900,
        "accepted_by_id": taker,
        "accepted_at": at,
        "sealed_at": at,
        "version": 4,
    }


def main() -> int:
    """Make a desk from the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.bulk", description="Make a desk with years of records."
    )
    parser.add_argument("file", type=Path)
    parser.add_argument("--incidents", type=int, default=400_000)
    parser.add_argument("--answers", type=int, default=0)
    parser.add_argument("--log-lines", type=int, default=0)
    parser.add_argument("--days", type=int, default=3650)
    parser.add_argument("--entries", type=int, default=0, help="log lines with an audit entry each")
    parser.add_argument("--copy-to", metavar="ADDRESS", help="bring the desk into this database as well")
    given = parser.parse_args()
    if given.file.exists():
        print(f"{given.file} exists already", file=sys.stderr)
        return 2
    make(given.file, Size(given.incidents, given.answers, given.log_lines, given.days, given.entries))
    if given.copy_to:
        from dutydesk.storage import transfer

        print(transfer.bring(str(given.file), given.copy_to))
    return 0


if __name__ == "__main__":
    sys.exit(main())
