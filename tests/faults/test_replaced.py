"""The desk's file replaced under a running console: moved over, deleted, restored, copied over.

Nothing that was confirmed is lost, nothing is written where nobody will find it, what is typed is saved once.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dutydesk.domain import clock
from dutydesk.domain.errors import DeskError, DeskReplaced
from dutydesk.services import drafts, log, people
from dutydesk.services.core import Actor
from dutydesk.storage import engine
from tests.faults.damage import change, copy_of, holds, lines, plain_copy
from tests.faults.sitting import Sitting
from tests.terminal.harness import Terminal
from tests.terminal.test_wrong_use import says


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look ten times as often as a console does."""
    monkeypatch.setattr("dutydesk.ui.desk.POLL_SECONDS", 0.05)


@pytest.fixture
async def sitting(desk_file: Path) -> AsyncIterator[Sitting]:
    """Return Eng. A at the desk, with one confirmed line."""
    here = Sitting(desk_file)
    await here.sit_down()
    await here.write("confirmed")
    yield here
    await here.desk.close()


@pytest.fixture
def older(desk_file: Path) -> Path:
    """Return a backup of the desk from before."""
    return copy_of(desk_file, "older.sqlite")


def moved_over(path: Path, older: Path) -> None:
    os.replace(older, path)


def deleted_and_put_there(path: Path, older: Path) -> None:
    path.unlink()
    shutil.copy(older, path)


def moved_away_and_put_there(path: Path, older: Path) -> None:
    path.rename(path.with_name("moved-away.sqlite"))
    shutil.copy(older, path)


def copied_over(path: Path, older: Path) -> None:
    shutil.copyfile(older, path)


Replace = Callable[[Path, Path], None]
WAYS = [moved_over, deleted_and_put_there, moved_away_and_put_there, copied_over]


@pytest.mark.parametrize("replace", WAYS)
async def test_a_save_after_the_file_was_replaced_is_refused_and_then_goes_through_once(
    older: Path, sitting: Sitting, replace: Replace
) -> None:
    """The save itself notices, at the very next moment."""
    sitting.look_away()
    replace(sitting.path, older)
    with pytest.raises(DeskReplaced, match="was replaced while it was open: nothing was saved"):
        await sitting.write("typed")
    back = await sitting.until_back()
    assert back.who is not None
    assert not back.goes_on
    with pytest.raises(DeskReplaced, match="look whether this belongs here"):
        await sitting.write("typed")
    await sitting.write("typed")
    await sitting.desk.close()
    assert lines(sitting.path) == ["typed"]
    assert holds(sitting.path)


@pytest.mark.parametrize("replace", WAYS[:3])
async def test_what_was_confirmed_in_the_file_that_is_gone_is_kept(
    older: Path, sitting: Sitting, replace: Replace
) -> None:
    """Also what stood in the WAL alone: the console holds the last connection that knows it."""
    replace(sitting.path, older)
    kept = (await sitting.until_back()).kept
    assert kept is not None
    assert lines(kept) == ["confirmed"]
    assert holds(kept)
    assert kept.stat().st_mode & 0o777 == 0o600
    assert not list(kept.parent.glob("*.keeping-*"))


@pytest.mark.parametrize("replace", WAYS)
async def test_it_is_noticed_without_a_key_and_drafts_go_on(older: Path, sitting: Sitting, replace: Replace) -> None:
    replace(sitting.path, older)
    await sitting.until_back()
    assert sitting.said[0].startswith("The desk's file was replaced")
    await sitting.desk.ask(drafts.keep, "incident.new", {"title": "UPS"})
    assert (await sitting.desk.ask(drafts.find, "incident.new")).data == {"title": "UPS"}  # type: ignore[union-attr]
    await sitting.save_again("typed")
    assert lines(sitting.path) == ["typed"]


async def test_a_desk_that_only_goes_on_elsewhere_takes_the_save_at_once(sitting: Sitting) -> None:
    """A copy that holds all that was confirmed, put there by hand: nothing to think about."""
    copy = sitting.path.with_name("same.sqlite")
    with engine_of(sitting.path) as whole:
        whole.execute("vacuum into ?", (str(copy),))
    os.replace(copy, sitting.path)
    assert (await sitting.until_back()).goes_on
    await sitting.write("typed")
    assert lines(sitting.path) == ["confirmed", "typed"]


def engine_of(path: Path) -> Any:
    """Open a desk as another program would."""
    from contextlib import closing

    from tests.faults.damage import sqlite3

    return closing(sqlite3.connect(path))


async def test_a_deleted_file_is_said_and_never_made_anew(older: Path, sitting: Sitting) -> None:
    """Nobody makes an empty desk in its place; what was confirmed is kept; a desk put there later is opened."""
    sitting.look_away()
    sitting.path.unlink()
    with pytest.raises(DeskReplaced, match="is gone, moved or deleted"):
        await sitting.write("typed")
    for _turn in range(3):
        with pytest.raises(DeskError, match="is gone"):
            await sitting.desk.ask(drafts.keep, "incident.new", {"title": "UPS"})
    assert not sitting.path.exists()
    kept = next(sitting.path.parent.glob("desk.sqlite.replaced-*"))
    assert lines(kept) == ["confirmed"]
    stamp = kept.name.removeprefix("desk.sqlite.replaced-")[:15]
    named = datetime.strptime(stamp, "%Y%m%d-%H%M%S").replace(tzinfo=ZoneInfo("Asia/Shanghai"))
    assert abs(named.timestamp() - time.time()) < 300, kept.name  # by the desk's clock, wherever the host is
    os.replace(kept, sitting.path)
    assert (await sitting.until_back()).goes_on
    await sitting.write("typed")
    assert lines(sitting.path) == ["confirmed", "typed"]
    assert holds(sitting.path)


def test_two_consoles_lose_one_desk_and_keep_one_copy(console: Callable[..., Terminal], desk_file: Path) -> None:
    """On the screen: what happened, what it is called, and the line that was typed is written into the new desk."""
    older = copy_of(desk_file, "older.sqlite")
    first, second = console(size=(200, 30)), console(login="eng-b", size=(200, 30))
    first.write("lconfirmed\r")
    first.wait_for(lambda _text: lines(desk_file) == ["confirmed"])
    first.write("ltyped")
    first.wait_for("> typed")
    os.replace(older, desk_file)
    for term in (first, second):
        term.wait_for(says("was replaced while this console was open; this is the desk that stands there now."))
        term.wait_for(says("What was there is kept as "))
    kept = list(desk_file.parent.glob("desk.sqlite.replaced-*"))
    assert len(kept) == 1
    assert lines(kept[0]) == ["confirmed"]
    assert "> typed" in first.text()
    first.write("\r")
    first.wait_for(says("look whether this belongs here"))
    first.wait_until_quiet(0.3)
    assert lines(desk_file) == []
    first.write("\r")
    first.wait_for(lambda _text: lines(desk_file) == ["typed"])
    second.wait_for("typed")


async def test_somebody_who_is_not_at_the_new_desk_signs_in_again(older: Path, sitting: Sitting) -> None:
    change(older, "update person set active = 0 where login = 'eng-a'")
    os.replace(older, sitting.path)
    assert (await sitting.until_back()).who is None
    with pytest.raises(DeskError, match="Sign in at this console first"):
        await sitting.write("typed")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda path: path.write_text("Dear colleagues,\n" * 300), "is not a Duty Desk database"),
        (lambda path: change(path, "insert into schema_version (number) values (9999)"), "has schema 9999"),
        (lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]), "damaged"),
    ],
)
async def test_what_cannot_be_opened_in_its_place_is_said_until_it_can(
    desk_file: Path, older: Path, sitting: Sitting, spoil: Callable[[Path], object], said: str
) -> None:
    good = Path(shutil.copy(older, older.with_name("good.sqlite")))
    spoil(older)
    os.replace(older, sitting.path)
    end = time.monotonic() + 10
    while not any(said in each for each in sitting.said):
        assert time.monotonic() < end, sitting.said
        await asyncio.sleep(0.02)
    with pytest.raises(DeskError, match="cannot be opened"):
        await sitting.write("typed")
    os.replace(good, sitting.path)
    await sitting.until_back()
    await sitting.save_again("typed")
    assert lines(sitting.path) == ["typed"]


async def test_a_checkpoint_of_somebody_else_is_no_replacement(sitting: Sitting) -> None:
    """The file changes under the console, and is the same desk."""
    with engine_of(sitting.path) as other:
        other.execute("insert into preference (person_id, key, value) values (1, 'x', 'y')")
        other.commit()
        other.execute("pragma wal_checkpoint(truncate)")
    await sitting.polled()
    await sitting.write("second")
    await sitting.polled()
    assert sitting.said == []
    assert lines(sitting.path) == ["confirmed", "second"]


async def test_a_plain_copy_put_back_is_noticed(desk_file: Path) -> None:
    """`cp desk copy`, work, `cp copy desk`: the same layout, an older history."""
    copy = plain_copy(desk_file, "plain.sqlite")
    here = Sitting(desk_file)
    await here.sit_down()
    await here.write("confirmed")
    with engine_of(desk_file) as other:
        other.execute("pragma wal_checkpoint(passive)").fetchall()
    await here.polled()
    here.look_away()
    copied_over(desk_file, copy)
    with pytest.raises(DeskReplaced):
        await here.write("typed")
    await here.until_back()
    await here.save_again("typed")
    await here.desk.close()
    assert lines(desk_file) == ["typed"]
    assert holds(desk_file)


@pytest.fixture
def at_command(desk_file: Path) -> Iterator[Actor]:
    """Open the desk as a command does."""
    engine.connect(str(desk_file))
    return people.identify("eng-a")


def test_a_command_writes_nothing_into_a_file_that_was_replaced(desk_file: Path, at_command: Actor) -> None:
    """Before its transaction, and within it: what went elsewhere is not called saved."""
    log.write(at_command, "first")
    copy = Path(shutil.copy(desk_file, desk_file.with_name("copy.sqlite")))
    os.replace(copy, desk_file)
    with pytest.raises(DeskReplaced):
        log.write(at_command, "second")


def test_a_file_replaced_between_look_and_commit_is_not_called_saved(
    desk_file: Path, at_command: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = Path(shutil.copy(desk_file, desk_file.with_name("copy.sqlite")))
    real = clock.now

    def slow() -> int:
        if copy.exists():
            os.replace(copy, desk_file)
        return real()

    monkeypatch.setattr(clock, "now", slow)
    with pytest.raises(DeskReplaced):
        log.write(at_command, "second")


def test_a_history_that_is_another_is_noticed_whatever_the_file(desk_file: Path, at_command: Actor) -> None:
    """What an engine without a file can notice: the newest entry that was seen is not there any more."""
    log.write(at_command, "first")
    log.write(at_command, "second")
    newest = engine.db.execute_sql("select max(seq) from audit_entry").fetchall()[0][0]
    for (name,) in engine.db.execute_sql("select name from sqlite_master where type = 'trigger'").fetchall():
        engine.db.execute_sql(f"drop trigger {name}")
    engine.db.execute_sql(f"delete from audit_binding where seq >= {newest - 1}")
    engine.db.execute_sql(f"delete from audit_entry where seq >= {newest - 1}")
    with pytest.raises(DeskReplaced):
        log.write(at_command, "third")


def test_looking_costs_little(desk_file: Path, at_command: Actor) -> None:
    """A look before a write is a small part of the write."""
    from dutydesk.storage import opened

    log.write(at_command, "first")
    opened.require()
    begin = time.perf_counter()
    for _turn in range(200):
        opened.require()
    assert (time.perf_counter() - begin) / 200 < 0.002
