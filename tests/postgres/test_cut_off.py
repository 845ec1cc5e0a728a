"""Writers whose connection is cut, at random and exactly at the commit: each confirmed write is there exactly once.

They write as the console does: the call is made again once the connection is back, and one whose commit was cut off
only after the chain has told that it was not carried out. Source: DESIGN 2, REQUIREMENTS D2.
"""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from dutydesk.domain import clock
from dutydesk.domain.errors import ConnectionLost, Unsure
from dutydesk.services import core, incident_new, log, people, settings
from dutydesk.services.core import Actor
from dutydesk.storage import chain, engine
from dutydesk.storage.models.incidents import Incident
from dutydesk.storage.models.log import LogEntry
from dutydesk.storage.postgres import WRITE_LOCK
from dutydesk.ui.desk import Desk
from tests import load, server
from tests.postgres.proxy import Cut, Line, line
from tests.services.conftest import START, make_desk

SHORT, LONG = 2.0, 60.0
"""Seconds of writing while connections are cut."""
NUMBERS = itertools.count()


def as_the_console(target: str) -> load.Call:
    """Return how a console calls use cases: what it writes is written once, whatever the line does."""
    desk = Desk(target)
    return lambda function, args, kwargs: desk._carry_out((function, args, kwargs))


class Cutter:
    """Somebody who ends connections to a database at random, and once in the middle stops the server itself."""

    def __init__(self, on: server.Server, address: str, seconds: float) -> None:
        self._server, self._name = on, address.rpartition("/")[2]
        self._stop_at = time.monotonic() + seconds / 2
        self._admin: psycopg.Connection[Any] | None = None
        self._dice = random.Random(1)
        self.ended = self.stopped = 0

    def __call__(self) -> None:
        """Do it once more."""
        if not self.stopped and time.monotonic() > self._stop_at:
            self._server.stop("immediate")
            self._server.start(self._server.port)
            self._admin, self.stopped = None, 1
        if self._admin is None:
            self._admin = psycopg.connect(self._server.address("postgres"), autocommit=True)
        found = self._admin.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s order by random() limit %s",
            (self._name, self._dice.randint(1, 4)),
        ).fetchall()
        self.ended += len(found)
        time.sleep(self._dice.uniform(0.02, 0.2))


def written_while_cut(on: server.Server, address: str, seconds: float, writers: int) -> tuple[load.Report, Cutter]:
    with clock.frozen(START):
        load.prepare(address)
        cutter = Cutter(on, address, seconds)
        report = load.run(address, seconds=seconds, writers=writers, caller=as_the_console, meanwhile=cutter)
        load.check(address, report)
    return report, cutter


@pytest.fixture
def far_desk(own_server: server.Server) -> str:
    """Return a fresh desk on a server that may be stopped."""
    made = own_server.copy("template1", f"cut{next(NUMBERS)}")
    make_desk(made)
    return made


def test_twenty_writers_whose_connections_are_ended_at_random(own_server: server.Server, far_desk: str) -> None:
    report, cutter = written_while_cut(own_server, far_desk, SHORT, 20)
    assert cutter.ended > 10
    assert cutter.stopped
    assert len(report.confirmed) > 20
    assert not [sentence for told in report.told for sentence in told.refused]


@pytest.mark.soak
def test_for_a_minute(own_server: server.Server, far_desk: str, capsys: pytest.CaptureFixture[str]) -> None:
    report, cutter = written_while_cut(own_server, far_desk, LONG, 20)
    with capsys.disabled():
        print(f"\n{cutter.ended} connections ended, the server stopped once")
        print("\n".join(f"  {each}" for each in report.lines()))
    assert cutter.ended > 200
    assert not [sentence for told in report.told for sentence in told.refused]


# Exactly at the commit


@pytest.fixture
def laid(address: str) -> Iterator[Line]:
    """Open the fresh desk through a line that can be cut."""
    with line(address) as (laid, through), clock.frozen(START):
        engine.connect(through)
        yield laid
        engine.disconnect()


@pytest.fixture
def who(laid: Line) -> Actor:
    """Return Eng. A."""
    return people.identify("eng-a", host="console")


def lines(text: str) -> int:
    return int(LogEntry.select().where(LogEntry.text == text).count())


@contextmanager
def unsure() -> Iterator[list[Unsure]]:
    """Expect that a commit is cut off; the list holds what is known of it afterwards."""
    found: list[Unsure] = []
    with pytest.raises(Unsure) as caught:
        yield found
    found.append(caught.value)


@pytest.mark.parametrize(("cut", "there"), [(Cut.ANSWER, True), (Cut.QUESTION, False)])
def test_the_chain_tells_whether_a_commit_came_through(cut: Cut, there: bool, laid: Line, who: Actor) -> None:
    core.take_changes()
    seq = chain.head()[0]
    laid.plan = [cut]
    with unsure() as found:
        log.write(who, "seen")
    assert laid.cuts == 1
    engine.reconnect()
    assert core.came_through(found[0]) is there
    assert lines("seen") == there
    assert found[0].seq == seq + 1
    assert bool(core.take_changes()) is there, "other screens hear of what came through, and of nothing else"
    assert chain.verify().broken is None


@pytest.mark.parametrize("cut", [Cut.ANSWER, Cut.QUESTION])
@pytest.mark.parametrize(
    ("use_case", "argument", "count"),
    [
        (log.write, "seen", lambda: lines("seen")),
        (
            incident_new.open_incident,
            incident_new.NewIncident("seen"),
            lambda: Incident.select().where(Incident.title == "seen").count(),
        ),
    ],
)
def test_a_console_writes_once_whatever_the_cut(
    cut: Cut,
    use_case: Callable[..., Any],
    argument: object,
    count: Callable[[], int],
    laid: Line,
    who: Actor,
) -> None:
    call = as_the_console(engine.url())
    laid.plan = [cut]
    answer = call(use_case, (who, argument), {})
    assert laid.cuts == 1
    assert answer.id  # type: ignore[attr-defined]
    assert count() == 1
    assert chain.verify().broken is None


@pytest.mark.parametrize(
    "plan",
    [
        pytest.param([Cut.QUESTION, Cut.NOWHERE, Cut.QUESTION, Cut.NOWHERE, Cut.ANSWER], id="each time it writes"),
        pytest.param([Cut.QUESTION, Cut.QUESTION, Cut.ANSWER, Cut.ANSWER], id="when the chain is asked"),
        pytest.param([Cut.ANSWER, Cut.QUESTION, Cut.ANSWER], id="when the chain is asked about what is there"),
    ],
)
def test_cut_again_and_again_within_one_second(plan: list[Cut], laid: Line) -> None:
    """Each try to write leaves the very same entry: number, second and content."""
    chief = people.identify("chief")
    settings.put(chief, "name", "before")
    seq = chain.head()[0]
    laid.plan = list(plan)
    as_the_console(engine.url())(settings.put, (chief, "name", "seen"), {})
    assert laid.cuts == len(plan) - plan.count(Cut.NOWHERE)
    assert settings.all_settings()["name"] == "seen"
    assert chain.head()[0] == seq + 1, "written once"
    assert chain.verify().broken is None


def test_the_same_call_made_again_later_is_not_a_second_one(
    laid: Line, who: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line stays away for longer than the person waits; he asks for the same again when it is back."""
    monkeypatch.setattr("dutydesk.ui.desk.PATIENCE", 0.0)
    call = as_the_console(engine.url())
    laid.closed, laid.plan = True, [Cut.ANSWER]
    for _try in range(2):
        with pytest.raises(ConnectionLost):
            call(log.write, (who, "seen"), {})
    laid.closed = False
    call(log.write, (who, "seen"), {})
    assert lines("seen") == 1
    call(log.write, (who, "seen"), {})
    assert lines("seen") == 2, "meant a second time, it is written a second time"
    assert chain.verify().broken is None


def test_a_commit_that_is_still_under_way_is_waited_for(laid: Line, who: Actor, address: str) -> None:
    """The server carries the commit out while the console asks whether it did: the answer waits for its end."""
    laid.plan = [Cut.QUESTION]
    with unsure() as found:
        log.write(who, "seen")
    with psycopg.connect(address) as other:
        other.execute("select pg_advisory_xact_lock(%s)", (WRITE_LOCK,))
        engine.reconnect()
        engine.db.execute_sql("set lock_timeout = '200ms'")
        with pytest.raises(Exception, match="writing for too long"):
            core.came_through(found[0])
    assert core.came_through(found[0]) is False


def test_a_cut_in_the_middle_of_a_write_leaves_nothing(
    laid: Line, who: Actor, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(core, "RULES", dict(core.RULES))  # the use case made here is no one else's

    def write_twice(who: Actor) -> None:
        log.write(who, "seen")
        with psycopg.connect(address, autocommit=True) as admin:
            admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'dutydesk'")
        log.write(who, "seen")

    with pytest.raises(ConnectionLost) as caught:
        core.writes()(write_twice)(who)
    assert not isinstance(caught.value, Unsure)
    assert "nothing was saved" in str(caught.value)
    engine.reconnect()
    assert lines("seen") == 0
