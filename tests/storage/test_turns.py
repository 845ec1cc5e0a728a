"""Writers of a file come in turn, in the order they asked: nobody starves, and nobody holds the line up for ever."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import peewee
import pytest

from dutydesk.services import people
from dutydesk.storage import engine, turns
from dutydesk.storage.engine import db
from dutydesk.storage.models.people import Preference

pytestmark = pytest.mark.files
_fork = multiprocessing.get_context("fork")


@contextmanager
def taken(desk: Path) -> Iterator[None]:
    """Hold the desk as a writer that takes its time, in a process of its own, until the block ends."""
    begun, enough = _fork.Event(), _fork.Event()
    holder = _fork.Process(target=_hold, args=(str(desk), begun, enough), daemon=True)
    holder.start()
    assert begun.wait(10)
    yield
    enough.set()
    holder.join(10)


def _hold(desk: str, begun: Any, enough: Any) -> None:
    other = peewee.sqlite3.connect(desk, isolation_level=None)  # type: ignore[attr-defined]
    other.execute("begin immediate")
    begun.set()
    enough.wait(10)
    other.execute("rollback")
    other.close()


def drawn(desk: Path) -> int:
    """Return the last number that somebody in the line drew."""
    with open(f"{desk}.lock", "rb") as file:
        return int.from_bytes(file.read(8), "little")


def wait_until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end
        time.sleep(0.002)


def come(desk: Path, name: str) -> Any:
    """Let somebody come who wants to write his name down; returns his process once he stands in the line."""
    before = drawn(desk)
    process = _fork.Process(target=_write_down, args=(str(desk), name), daemon=True)
    process.start()
    wait_until(lambda: drawn(desk) > before)
    return process


def _write_down(desk: str, name: str) -> None:
    engine.connect(desk)
    with db.atomic():
        Preference.insert(person=people.identify("eng-a").person_id, key=name, value=name).execute()
    engine.disconnect()


def written() -> list[str]:
    return [key for (key,) in Preference.select(Preference.key).order_by(Preference.id).tuples()]


@pytest.fixture
def closed(desk: Path) -> Path:
    """Return the desk's file, which nobody in this process has open; the line was used before."""
    with turns.Line(str(desk)).place():
        engine.disconnect()
    return desk


def test_first_come_first_served(closed: Path) -> None:
    names = [f"guest-{number}" for number in range(8)]
    with taken(closed):
        waiting = [come(closed, name) for name in names]
    for process in waiting:
        process.join(10)
    engine.connect(str(closed))
    assert written() == names


def test_somebody_who_dies_in_the_line_holds_nobody_up(closed: Path) -> None:
    with taken(closed):
        first, second = come(closed, "first"), come(closed, "second")
        os.kill(first.pid, signal.SIGKILL)
        first.join(10)
    second.join(10)
    engine.connect(str(closed))
    assert written() == ["second"]


def test_a_line_that_does_not_move_is_left(closed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "LINE_SECONDS", 0.1)
    with taken(closed):
        stopped = come(closed, "stopped")
        os.kill(stopped.pid, signal.SIGSTOP)
        behind = come(closed, "behind")
    behind.join(10)
    os.kill(stopped.pid, signal.SIGCONT)
    assert behind.exitcode == 0
    stopped.join(10)
    engine.connect(str(closed))
    assert written() == ["behind", "stopped"]


def test_who_comes_alone_draws_no_number(closed: Path) -> None:
    before = drawn(closed)
    _write_down(str(closed), "alone")
    assert drawn(closed) == before


def test_without_the_file_of_the_line_one_writes_all_the_same(closed: Path) -> None:
    lock = Path(f"{closed}.lock")
    lock.unlink()
    lock.mkdir()
    with taken(closed):
        process = _fork.Process(target=_write_down, args=(str(closed), "without"), daemon=True)
        process.start()
    process.join(10)
    engine.connect(str(closed))
    assert written() == ["without"]


def test_a_long_line_of_numbers_begins_anew(closed: Path) -> None:
    Path(f"{closed}.lock").write_bytes(b"\xff" * 20)
    with taken(closed):
        process = _fork.Process(target=_write_down, args=(str(closed), "anew"), daemon=True)
        process.start()
        wait_until(lambda: drawn(closed) == 1 << 48)
    process.join(10)
    engine.connect(str(closed))
    assert written() == ["anew"]


def test_no_file_stays_open(closed: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    for _time in range(3):
        engine.connect(str(closed))
        with db.atomic():
            pass
        engine.disconnect()
    assert len(os.listdir("/proc/self/fd")) == before
