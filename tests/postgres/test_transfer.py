"""A whole desk from a file to a server and back: every row, the chain, what search finds; or nothing at all."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from dutydesk.domain.errors import ConnectionLost, DeskError, StorageTrouble
from dutydesk.services import copying, log, people
from dutydesk.storage import chain, dated_search, engine, search
from dutydesk.storage.models import TABLES
from dutydesk.storage.models.log import LogEntry
from dutydesk.storage.models.people import Presence
from tests import server
from tests.services.conftest import START
from tests.storage.conftest import ask, drop_guards

QUERIES = (
    "机",
    "交换",
    "交换机",
    "核心交换机",
    "switch",
    "sw",
    "Switch SW1",
    "UPS 温度",
    "INC",
    "é",
    "nothing-of-it",
    "？！",
)
_fork = multiprocessing.get_context("fork")


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    """Leave no desk open."""
    yield
    engine.disconnect()


@pytest.fixture
def past_file(past_template: Path, tmp_path: Path) -> Path:
    """Return a file with a row in every append-only table."""
    path = tmp_path / "past.sqlite"
    shutil.copy(past_template, path)
    return path


def rows(target: str) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table; truth values as numbers, as a file holds them."""
    engine.connect(target)
    found = {}
    for table in TABLES:
        meta = table._meta  # type: ignore[attr-defined]
        columns = ", ".join(f'"{field.column_name}"' for field in meta.sorted_fields)
        held = ask(f'select {columns} from "{meta.table_name}" order by "{meta.primary_key.column_name}"')
        found[meta.table_name] = [tuple(int(v) if isinstance(v, bool) else v for v in row) for row in held]
    engine.disconnect()
    return found


def found(target: str) -> dict[str, list[Any]]:
    """Return what search finds in a desk, in its order; a span of time that is walked has none within."""
    engine.connect(target)
    told: dict[str, list[Any]] = {}
    for query in QUERIES:
        told[query] = [search.find(query, "incident", limit=20), search.find(query, "log", limit=20)]
        for newest_first in (True, False):
            walked = dated_search.walk(query, "log", first=0, last=1 << 33, newest_first=newest_first)
            told[query].append([sorted(page) for page in walked if page])
    engine.disconnect()
    return told


def test_every_row_and_every_search_on_the_way_there_and_back(past_file: Path, tmp_path: Path) -> None:
    there, back = server.fresh(), tmp_path / "back.sqlite"
    moved = copying.copy_desk(str(past_file), there)
    again = copying.copy_desk(there, str(back))
    assert moved == again
    wanted = rows(str(past_file))
    assert sum(map(len, wanted.values())) - len(wanted["presence"]) == moved.rows
    wanted["presence"] = []
    assert rows(there) == wanted
    assert rows(str(back)) == wanted
    looked_for = found(str(past_file))
    assert sum(bool(any(each)) for each in looked_for.values()) > 5, "the queries find something"
    assert found(there) == looked_for
    assert found(str(back)) == looked_for
    for target in (there, str(back)):
        engine.connect(target)
        assert chain.verify().broken is None
        assert chain.head() == (moved.seq, moved.head)


@pytest.mark.parametrize("way", ["there", "back"])
def test_numbers_go_on_behind(way: str, past_file: Path, tmp_path: Path) -> None:
    there = server.fresh()
    copying.copy_desk(str(past_file), there)
    target = there if way == "there" else str(tmp_path / "back.sqlite")
    if way == "back":
        copying.copy_desk(there, target)
    engine.connect(target)
    newest, seq = ask("select max(id) from log_entry")[0][0], chain.head()[0]
    line = log.write(people.identify("eng-a"), "the first line here")
    assert line.id == newest + 1
    assert chain.head()[0] == seq + 1
    assert search.find("first line here", "log") == [line.id]
    assert chain.verify().broken is None


def test_a_console_that_is_open_stays_behind(past_file: Path) -> None:
    engine.connect(str(past_file))
    Presence.insert(person=1, console="c", host="h", terminal="t", opened_at=START, beat_at=START).execute()
    engine.disconnect()
    there = server.fresh()
    copying.copy_desk(str(past_file), there)
    assert rows(there)["presence"] == []


# Nothing half done


def refused(source: str, target: str) -> DeskError:
    with pytest.raises(DeskError) as caught:
        copying.copy_desk(source, target)
    return caught.value


def test_a_desk_that_is_there_stays(past_file: Path, address: str) -> None:
    before = rows(address)
    error = refused(str(past_file), address)
    assert "There is a desk at" in str(error)
    assert rows(address) == before


def test_somebody_elses_tables_stay(past_file: Path) -> None:
    there = server.fresh()
    with psycopg.connect(there) as other:
        other.execute("create table songs (title text)")
    error = refused(str(past_file), there)
    assert "holds something else" in str(error)
    engine.connect(there)
    assert engine.db.get_tables() == ["songs"]


def test_a_broken_chain_is_not_brought_and_a_sound_one_can_be_later(past_template: Path, past_file: Path) -> None:
    engine.connect(str(past_file))
    drop_guards()
    LogEntry.update(text="otherwise").where(LogEntry.id == 5).execute()
    engine.disconnect()
    there = server.fresh()
    assert "The chain is broken at log_entry, row 5" in str(refused(str(past_file), there))
    assert not any(rows(there).values())
    copying.copy_desk(str(past_template), there)
    engine.connect(there)
    assert chain.verify().broken is None


def test_a_server_that_goes_away_in_the_middle(past_file: Path, own_server: server.Server) -> None:
    there = own_server.copy("template1", "vanishes")

    def stop(table: str, _done: int) -> None:
        if table == "round_answer" and own_server.running:
            own_server.stop()

    with pytest.raises(ConnectionLost) as caught:
        copying.copy_desk(str(past_file), there, progress=stop)
    assert "nothing was copied" in str(caught.value)
    own_server.start(own_server.port)
    assert not any(rows(there).values())
    moved = copying.copy_desk(str(past_file), there)
    engine.connect(there)
    assert chain.head() == (moved.seq, moved.head)


def killed_at(table: str) -> Callable[[str, int], None]:
    """Return a listener that ends the process like a power cut when a table is reached."""

    def listen(reached: str, _done: int) -> None:
        if reached == table:
            os.kill(os.getpid(), signal.SIGKILL)

    return listen


def killed_while_copying(source: str, target: str, table: str) -> None:
    process = _fork.Process(target=_copy_and_die, args=(source, target, table), daemon=True)
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL


def _copy_and_die(source: str, target: str, table: str) -> None:
    copying.copy_desk(source, target, progress=killed_at(table))


@pytest.mark.parametrize("table", ["audit_entry", "round_answer", "search_text"])
def test_killed_on_the_way_to_a_server(table: str, past_file: Path) -> None:
    there = server.fresh()
    killed_while_copying(str(past_file), there, table)
    assert not any(rows(there).values())
    copying.copy_desk(str(past_file), there)
    engine.connect(there)
    assert chain.verify().broken is None


@pytest.mark.parametrize("table", ["round_answer", "search_text"])
def test_killed_on_the_way_to_a_file(table: str, server_past: str, tmp_path: Path) -> None:
    target = tmp_path / "desk.sqlite"
    killed_while_copying(server_past, str(target), table)
    assert not target.exists()
    copying.copy_desk(server_past, str(target))
    engine.connect(str(target))
    assert chain.verify().broken is None
    engine.disconnect()
    assert [path.name for path in tmp_path.iterdir() if "part" in path.name] == []


def test_an_older_source_is_named(past_file: Path) -> None:
    engine.connect(str(past_file))
    engine.db.execute_sql("delete from schema_version where number > 1")
    engine.disconnect()
    with pytest.raises(StorageTrouble, match="run `dutydesk migrate`"):
        copying.copy_desk(str(past_file), server.fresh())
