"""kill -9 at random moments of a scripted shift: every confirmed action is there, nothing is half there.

The script runs in a fork of this warm process, so that a round costs little, and says what it did only when the
service has returned. Killed, the desk is opened again and looked through; then the script goes on where it was.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from dutydesk.domain import clock
from dutydesk.storage import chain, engine
from dutydesk.storage.engine import db
from tests import server
from tests.faults import scripted
from tests.faults.forked import Forked
from tests.faults.scripted import HALF, Confirmed, Fact
from tests.services.conftest import make_desk, server_template

__all__ = ["server_template"]

MOST = 12
LONGEST = 0.1
"""A round is killed after so many actions at most, and so many seconds after that at most."""
SEED = 20261122


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the desk that the script begins on."""
    path = tmp_path_factory.mktemp("killed") / "template.sqlite"
    make_desk(path)
    return path


@pytest.fixture(params=["sqlite", "postgres"])
def kill_target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return the address of a fresh desk on each engine.

    Nothing is connected in this process when the test begins: what is forked must not share a connection.
    """
    if request.param == "sqlite":
        yield str(shutil.copy(request.getfixturevalue("template"), tmp_path / "desk.sqlite"))
        return
    with server.copied(request.getfixturevalue("server_template")) as made:
        engine.disconnect()
        yield made
        engine.disconnect()


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    """Leave the clock as it was found."""
    yield
    clock.use(__import__("time").time)


def kill_once(target: str, dice: random.Random) -> list[Confirmed]:
    """Let the script work on the desk and kill it at a random moment; returns what it had confirmed."""
    child = Forked(lambda say: scripted.work(target, say))
    child.wait_for_lines(dice.randint(1, MOST))
    child.kill_after(dice.uniform(0, LONGEST))
    assert child.code == -9, child.code
    return [Confirmed.from_line(line) for line in child.said]


def look_through(target: str, confirmed: list[Confirmed], facts: dict[tuple[str, int], Fact]) -> None:
    """Check the desk after a kill: it opens, is whole, and holds what was confirmed."""
    engine.connect(target)
    try:
        if engine.sqlite_path(target) is not None:
            assert db.execute_sql("pragma integrity_check").fetchall() == [("ok",)]
            assert db.execute_sql("pragma foreign_key_check").fetchall() == []
        verdict = chain.verify()
        assert verdict.broken is None
        assert scripted.missing(iter(facts.values())) == []
        _heads_stand(confirmed)
        for what, query in HALF.items():
            assert db.execute_sql(query).fetchall() == [], what
    finally:
        engine.disconnect()


def _heads_stand(confirmed: list[Confirmed]) -> None:
    """Every head that was confirmed is in the chain; after the newest there is at most the one action under way."""
    heads = dict(action.head for action in confirmed)
    wanted = ", ".join(map(str, heads))
    assert dict(db.execute_sql(f"select seq, digest from audit_entry where seq in ({wanted})").fetchall()) == heads
    after = db.execute_sql(f"select distinct at from audit_entry where seq > {max(heads)}").fetchall()
    assert len(after) <= 1, after


@pytest.mark.parametrize("kills", [12, pytest.param(100, marks=pytest.mark.soak)])
def test_killed_at_random_moments_nothing_confirmed_is_lost(kill_target: str, kills: int) -> None:
    dice = random.Random(SEED + kills)
    facts: dict[tuple[str, int], Fact] = {}
    done: set[str] = set()
    actions = 0
    for _turn in range(kills):
        confirmed = kill_once(kill_target, dice)
        for action in confirmed:
            facts.update(((table, key), (table, key, values)) for table, key, values in action.facts)
            done.add(action.action)
        actions += len(confirmed)
        look_through(kill_target, confirmed, facts)
    assert actions >= kills
    assert len(facts) >= actions // 2
    assert {"log", "open", "note", "resolve"} <= done
    if kills >= 100:
        assert {"sign in", "prepare", "read back", "accept", "start", "answer", "finish", "end of measure"} <= done


def test_a_lost_or_changed_row_would_be_noticed(kill_target: str) -> None:
    """The checks can fail: a confirmed row taken out, another changed, an event cut off."""
    child = Forked(lambda say: scripted.work(kill_target, say))
    child.wait_for_lines(6)
    child.kill()
    confirmed = [Confirmed.from_line(line) for line in child.said]
    facts = {(table, key): (table, key, values) for each in confirmed for table, key, values in each.facts}
    look_through(kill_target, confirmed, facts)
    engine.connect(kill_target)
    server.drop_trigger("log_entry_no_update", "log_entry")
    line = next(key for table, key in facts if table == "log_entry")
    db.execute_sql(f"update log_entry set text = 'another' where id = {line}")
    assert [key for _table, key, _values in scripted.missing(iter(facts.values()))] == [line]
    engine.disconnect()
    with pytest.raises(AssertionError):
        look_through(kill_target, confirmed, facts)
