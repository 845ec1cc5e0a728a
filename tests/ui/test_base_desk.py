"""The desk thread: order, slow calls, refusals, what others change."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path
from typing import Any

import peewee
import pytest

from dutydesk.domain.errors import DeskError, Refused, StorageTrouble
from dutydesk.services import people, settings
from dutydesk.services.core import Actor
from dutydesk.ui.arrival import Arrival, Console, arrive
from dutydesk.ui.desk import Desk

HERE = Console("console", "pts/1", "one")
CHIEF = "chief"


@pytest.fixture
async def desk(desk_file: Path, at: Any) -> AsyncIterator[Desk]:
    """Return the desk with the supervisor at it."""
    desk = Desk(str(desk_file))
    arrival: Arrival = await asyncio.wrap_future(desk.begin(partial(_arrive, CHIEF)))
    desk.attach()
    desk.who = arrival.who
    yield desk
    await desk.close()


def _arrive(login: str, target: str) -> Arrival:
    return arrive(target, login=login, console=HERE)


def _where(who: Actor, n: int, seconds: float = 0) -> tuple[int, str]:
    time.sleep(seconds)
    return n, threading.current_thread().name


async def until(condition: Callable[[], Any], seconds: float = 5) -> None:
    """Wait for a condition."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "not in time"
        await asyncio.sleep(0.01)


async def test_answers_come_in_order_from_one_thread(desk: Desk) -> None:
    """Whatever each takes, answers come back in the order of the questions, and from one thread."""
    answers: list[tuple[int, str]] = []
    for n, seconds in enumerate((0.05, 0, 0.02, 0, 0)):
        desk.run(_where, n, seconds, done=answers.append)
    await desk.ask(_where, 9)
    assert [n for n, _name in answers] == [0, 1, 2, 3, 4]
    assert {name for _n, name in answers} == {"desk_0"}


async def test_slow_call_shows_busy_and_blocks_nobody(desk: Desk) -> None:
    """After 0.3 s the desk is busy; the loop goes on meanwhile; a quick call never shows."""
    busy: list[bool] = []
    desk.on_busy = busy.append
    await desk.ask(_where, 1)
    assert busy == []
    slow = asyncio.create_task(desk.ask(_where, 2, 0.5))
    lag = 0.0
    while not slow.done():
        begin = time.monotonic()
        await asyncio.sleep(0.01)
        lag = max(lag, time.monotonic() - begin)
    assert busy == [True, False]
    assert lag < 0.2


async def test_a_save_goes_on_when_nobody_waits(desk: Desk) -> None:
    """Who waits may be cancelled; the save is carried out."""
    task = asyncio.create_task(desk.ask(settings.put, "name", "值班台"))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert await desk.ask(settings.get, "name") == "值班台"


async def test_refusals_reach_who_asked(desk: Desk) -> None:
    """`ask` raises, `failed` gets it, and what nobody takes goes to `on_error`."""
    wrong: list[BaseException] = []
    desk.on_error = wrong.append
    failed: list[DeskError] = []
    with pytest.raises(DeskError):
        await desk.ask(people.disable, CHIEF)
    desk.run(people.disable, CHIEF, failed=failed.append)
    desk.run(people.disable, CHIEF)
    desk.run(_where, 1, done=lambda _answer: 1 / 0)
    await desk.ask(_where, 2)
    assert [error.sentence for error in failed] == ["You cannot disable yourself."]
    assert [type(error) for error in wrong] == [Refused, ZeroDivisionError]


async def test_without_a_person_nothing_is_asked(desk: Desk) -> None:
    """A use case needs somebody at the console."""
    desk.who = None
    wrong: list[BaseException] = []
    desk.on_error = wrong.append
    with pytest.raises(Refused):
        await desk.ask(settings.get, "name")
    desk.run(settings.get, "name")
    assert len(wrong) == 1


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (peewee.OperationalError("database or disk is full"), "The disk is full"),
        (peewee.OperationalError("attempt to write a readonly database"), "may not be written"),
        (OSError(5, "Input/output error"), "The system refused"),
    ],
)
async def test_trouble_becomes_a_sentence(desk: Desk, error: Exception, words: str) -> None:
    """What the disk does to us is said in words, and the desk goes on."""

    def fail(who: Actor) -> None:
        raise error

    with pytest.raises(StorageTrouble, match=words):
        await desk.ask(fail)
    assert await desk.ask(_where, 3) == (3, "desk_0")


async def test_own_changes_are_heard_before_the_answer(desk: Desk) -> None:
    """Who saved sees his own change without waiting for the feed."""
    heard: list[Any] = []
    desk.on_changes = heard.append
    await desk.ask(settings.put, "name", "A")
    assert [{subject for subject, _key in changes} for changes in heard] == [{"setting"}]


async def test_other_terminals_are_heard_within_a_second(desk: Desk, desk_file: Path) -> None:
    """Another process commits; this console hears subject and id."""
    heard: list[Any] = []
    desk.on_changes = heard.append
    desk.watch()
    await until(lambda: desk._feed is not None)
    code = (
        "import sys; from dutydesk.storage import engine; engine.connect(sys.argv[1]);"
        "from dutydesk.services import people, settings;"
        "settings.put(people.identify('chief'), 'name', 'Other')"
    )
    import sys

    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, str(desk_file))
    assert await process.wait() == 0
    begin = time.monotonic()
    await until(lambda: heard)
    assert time.monotonic() - begin < 3.0
    assert {subject for changes in heard for subject, _key in changes} == {"setting"}


async def test_a_lost_database_is_said_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the database does not answer the feed says so once, goes on, and hears changes again afterwards."""
    wrong: list[BaseException] = []
    desk.on_error = wrong.append
    polls = 0

    def fail() -> Any:
        nonlocal polls
        polls += 1
        raise peewee.OperationalError("unable to open database file")

    monkeypatch.setattr("dutydesk.ui.desk.POLL_SECONDS", 0.01)
    monkeypatch.setattr(desk, "_poll", fail)
    desk.watch()
    await until(lambda: polls > 3)
    assert [getattr(error, "sentence", "") for error in wrong] == ["The database cannot be opened."]
    monkeypatch.undo()
    await until(lambda: desk._feed is not None)


async def test_a_living_console_is_present_and_a_closed_one_not(desk: Desk) -> None:
    """The heartbeat makes the person present; closing takes him away."""
    desk.watch()
    await until(lambda: desk._feed is not None)
    assert await desk.ask(people.present) == [CHIEF]
    await desk.close()
    again = Desk(desk.target)
    await asyncio.wrap_future(again.begin(partial(_arrive, "eng-a")))
    again.who = people_actor = await again.raw(people.identify, "eng-a")
    assert people_actor.login == "eng-a"
    assert await again.ask(people.present) == []
    await again.close()


@pytest.mark.parametrize(("login", "words"), [("nobody", "Nobody has the login nobody."), ("no pe", "Nobody")])
async def test_unknown_login(desk_file: Path, login: str, words: str) -> None:
    """A login that is not there is refused before anything is drawn."""
    desk = Desk(str(desk_file))
    with pytest.raises(DeskError, match=words):
        await asyncio.wrap_future(desk.begin(partial(_arrive, login)))
    await desk.close()


async def test_the_account_is_the_login(desk_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without `--login` the operating-system user counts; an unmapped one is nobody yet."""
    from dutydesk.ui import arrival

    monkeypatch.setattr(arrival, "account", lambda: "nobody-here")
    desk = Desk(str(desk_file))
    found = await asyncio.wrap_future(desk.begin(partial(arrive, login=None, console=HERE)))
    assert (found.who, found.top) == (None, None)
    from dutydesk.storage.models.people import Person

    await desk.raw(lambda: Person.update(os_user="duty-a").where(Person.login == "eng-a").execute())
    await desk.close()
    monkeypatch.setattr(arrival, "account", lambda: "duty-a")
    desk = Desk(str(desk_file))
    found = await asyncio.wrap_future(desk.begin(partial(arrive, login=None, console=HERE)))
    assert found.who is not None
    assert found.who.login == "eng-a"
    await desk.close()
