"""Restore in the middle of work: two at once, a console that slept through it, killed at any moment."""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from dutydesk.domain import clock
from dutydesk.domain.errors import Refused
from dutydesk.services import log, operations, people
from dutydesk.storage import engine
from tests.faults.damage import copy_of, holds, lines, rows
from tests.faults.forked import Forked
from tests.terminal.harness import Terminal
from tests.terminal.test_wrong_use import run, says


@pytest.fixture
def older(desk_file: Path) -> Path:
    """Return a backup of the desk, which has gained a line since."""
    copy = copy_of(desk_file, "older.sqlite")
    add_line(desk_file, "since the backup")
    return copy


def add_line(path: Path, text: str) -> None:
    """Write a line into a desk's log, as a command does."""
    engine.connect(str(path))
    log.write(people.identify("eng-a"), text)
    engine.disconnect()


def restore(source: Path, target: Path) -> Path | None:
    """Restore without a question, as `dutydesk restore --yes` does."""
    candidate = operations.check_copy(source, target)
    try:
        return operations.replace(candidate)
    finally:
        operations.discard(candidate)


def kept(path: Path) -> list[Path]:
    """Return the desks that were kept beside a desk."""
    return [each for each in path.parent.glob(f"{path.name}.replaced-*") if each.name[-4:] not in ("-wal", "-shm")]


def test_two_restores_at_once(older: Path, desk_file: Path) -> None:
    """The second one is told to wait; the first one is not disturbed."""
    candidate = operations.check_copy(older, desk_file)
    with pytest.raises(Refused, match="Somebody else is restoring a desk"):
        operations.check_copy(older, desk_file)
    answer = run("--lang", "en", "--db", str(desk_file), "restore", str(older), "--yes")
    assert answer.returncode == 2
    assert answer.stderr.count("\n") == 1
    operations.replace(candidate)
    operations.discard(candidate)
    assert lines(desk_file) == []
    assert restore(kept(desk_file)[0], desk_file) is not None
    assert lines(desk_file) == ["since the backup"]
    assert len(kept(desk_file)) == 2


def test_two_restores_within_a_second_keep_both(older: Path, desk_file: Path) -> None:
    with clock.frozen(1_800_000_000):
        first = restore(older, desk_file)
        second = restore(older, desk_file)
    assert first is not None
    assert second is not None
    assert (lines(first), lines(second)) == (["since the backup"], [])


def test_somebody_in_the_middle_of_a_write_is_waited_for(
    older: Path, desk_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A write under way is never cut off: it is waited for, and then restoring is refused."""
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.2)
    from tests.faults.damage import sqlite3

    other = sqlite3.connect(desk_file, isolation_level=None)
    other.execute("begin immediate")
    try:
        with pytest.raises(Exception, match="Somebody else is writing for too long"):
            restore(older, desk_file)
    finally:
        other.execute("rollback")
        other.close()
    assert lines(desk_file) == ["since the backup"]
    assert kept(desk_file) == []


def test_a_console_that_slept_through_a_restore_notices(
    console: Callable[..., Terminal], desk_file: Path, older: Path
) -> None:
    """Open: refused. Stopped for ten minutes its lease is over, and the desk restored; going on, it must not write
    into the file that is no longer the desk."""
    term = console(size=(200, 30))
    term.write("lconfirmed\r")
    term.wait_for(lambda _text: "confirmed" in lines(desk_file))
    answer = run("--lang", "en", "--db", str(desk_file), "restore", str(older), "--yes")
    assert "Consoles are open on this desk: eng-a." in answer.stderr
    term.write("ltyped")
    term.wait_for("> typed")
    term.wait_until_quiet(0.8)
    term.signal(signal.SIGSTOP)
    with clock.frozen(int(time.time()) + 600):
        whole = restore(older, desk_file)
    assert whole is not None
    assert lines(whole) == ["since the backup", "confirmed"]
    term.signal(signal.SIGCONT)
    term.wait_for(says("is kept as "))
    assert kept(desk_file) == [whole]
    term.wait_for("> typed")
    for _turn in range(3):
        term.write("\r")
        term.wait_until_quiet(0.4)
        if lines(desk_file):
            break
    assert lines(desk_file) == ["typed"]
    assert lines(whole) == ["since the backup", "confirmed"]
    term.close()
    assert holds(desk_file)
    assert holds(whole)


def killed_restore(older: Path, desk: Path, after: float) -> bool:
    """Restore in another process and kill it after some seconds; returns whether it came to its end."""
    child = Forked(lambda _say: restore(older, desk))
    child.kill_after(after)
    return child.ended_well


@pytest.mark.parametrize("rounds", [12, pytest.param(200, marks=pytest.mark.soak)])
def test_killed_in_the_middle_of_a_restore_there_is_one_whole_desk(
    tmp_path: Path, desk_file: Path, rounds: int
) -> None:
    """Always: the old desk or the new one, whole; the old one is never lost; and the next restore goes through."""
    dice = random.Random(20261122)
    older = copy_of(desk_file, "older.sqlite")
    add_line(desk_file, "since the backup")
    begin = time.monotonic()
    assert killed_restore(older, Path(shutil.copy(desk_file, tmp_path / "timed.sqlite")), 60)
    lasts = time.monotonic() - begin
    outcomes: set[tuple[str, ...]] = set()
    for turn in range(rounds):
        desk = Path(shutil.copy(desk_file, tmp_path / f"turn-{turn}.sqlite"))
        add_line(desk, "in the WAL")
        killed_restore(older, desk, dice.uniform(0, lasts))
        now = tuple(lines(desk))
        outcomes.add(now)
        assert now in ((), ("since the backup", "in the WAL"))
        assert holds(desk)
        if not now:
            assert lines(kept(desk)[0]) == ["since the backup", "in the WAL"]
            assert holds(kept(desk)[0])
        else:
            restore(older, desk)
            assert lines(desk) == []
            assert [lines(each) for each in kept(desk)] == [["since the backup", "in the WAL"]]
        for path in tmp_path.glob(f"turn-{turn}.sqlite*"):
            path.unlink()


def test_every_step_of_the_replacement_may_be_the_last(
    older: Path, desk_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut off before each call that changes the folder, one after another: the moments a random kill seldom meets."""
    reached = 0
    for step in range(40):
        desk = Path(shutil.copy(desk_file, tmp_path / f"step-{step}.sqlite"))
        add_line(desk, "in the WAL")
        child = Forked(lambda _say, desk=desk, step=step: cut_off_at(step, older, desk))  # type: ignore[misc]
        child.wait()
        if child.ended_well:
            break
        reached += 1
        assert lines(desk) in ([], ["since the backup", "in the WAL"])
        assert holds(desk)
        restore(older, desk)
        assert lines(desk) == []
        assert ["since the backup", "in the WAL"] in [lines(each) for each in kept(desk)]
    assert 3 <= reached < 39
    assert rows(desk_file, "select count(*) from log_entry where kind = 'note'") == [(1,)]


def cut_off_at(step: int, older: Path, desk: Path) -> None:
    """Restore, and die in place of the folder change with this number."""
    candidate = operations.check_copy(older, desk)
    left = step

    def mortal(name: str) -> None:
        real = getattr(os, name)

        def call(*args: object, **kwargs: object) -> object:
            nonlocal left
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1
            return real(*args, **kwargs)

        setattr(os, name, call)

    for name in ("link", "rename", "replace", "unlink"):
        mortal(name)
    operations.replace(candidate)
