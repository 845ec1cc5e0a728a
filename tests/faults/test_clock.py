"""The clock set back an hour and forward a day: under a console, in the middle of a shift, between two commands."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dutydesk.domain import clock
from dutydesk.domain.errors import Refused
from dutydesk.domain.rounds import Found
from dutydesk.services import doctor, incidents, log, operations, people, round_sheet
from dutydesk.services.core import Actor
from dutydesk.storage import chain, engine
from dutydesk.storage.engine import db
from dutydesk.storage.models.people import Presence
from dutydesk.ui.desk import WallClock
from tests.faults import scripted
from tests.faults.damage import lines, rows
from tests.hostile_fields import World
from tests.services.conftest import PIN, START, make_desk
from tests.terminal.harness import Terminal

HOUR, DAY = 3600, 86400


class Clocks:
    """The two clocks of a test: the one people read can be set, the other only passes."""

    def __init__(self) -> None:
        self.wall, self.steady = START, 1000

    def pass_seconds(self, seconds: int) -> None:
        """Let time pass: both move."""
        self.wall += seconds
        self.steady += seconds

    def set_by(self, seconds: int) -> None:
        """Set the clock that people read."""
        self.wall += seconds


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a desk of 22 November 2026."""
    path = tmp_path_factory.mktemp("clock") / "template.sqlite"
    make_desk(path, lang="en")
    return path


@pytest.fixture
def desk(template: Path, tmp_path: Path) -> Iterator[Path]:
    """Open a fresh desk."""
    path = Path(shutil.copy(template, tmp_path / "desk.sqlite"))
    engine.connect(str(path))
    yield path
    engine.disconnect()


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    """Set both clocks by hand."""
    both = Clocks()
    monkeypatch.setattr(clock, "_source", lambda: both.wall)
    monkeypatch.setattr(clock, "_steady", lambda: both.steady)
    return both


@pytest.fixture
def eng_a(desk: Path, clocks: Clocks) -> Actor:
    """Return Eng. A at a console."""
    return people.identify("eng-a", console="console-a")


class Stop(Exception):
    """Enough of the script."""


@pytest.mark.parametrize("jump", [-HOUR, DAY, -DAY])
@pytest.mark.parametrize("after", [1, 13])
def test_a_shift_goes_on_when_the_clock_jumps_in_the_middle(
    desk: Path, monkeypatch: pytest.MonkeyPatch, jump: int, after: int
) -> None:
    """Nothing crashes; what the rules then refuse is said in a sentence; the record keeps its order and holds."""
    monkeypatch.setattr(clock, "_source", clock._source)
    done: list[scripted.Confirmed] = []

    def say(line: str) -> None:
        done.append(scripted.Confirmed.from_line(line))
        if len(done) == after:
            script.jump(jump)
        if len(done) == after + 18:
            raise Stop

    script = scripted.Script(say)
    with pytest.raises((Stop, Refused)) as ended:
        script.go_on()
    if ended.type is Refused:
        assert jump > 0
        assert "First accept the handover of the" in str(ended.value)
    assert len(done) >= after
    assert scripted.missing(fact for each in done for fact in each.facts if fact[0] != "incident") == []
    assert [each.head[0] for each in done] == sorted(each.head[0] for each in done)
    assert chain.verify().broken is None
    spans = "select count(*) from incident where resolved_at < opened_at or closed_at < opened_at"
    assert db.execute_sql(spans).fetchall() == [(0,)]


def test_an_incident_is_solved_though_the_clock_went_back(eng_a: Actor, clocks: Clocks) -> None:
    """Now is before it began: it is solved no earlier than it began; a time that is typed is still checked."""
    incident = incidents.open_incident(eng_a, incidents.NewIncident(title="Core switch SW1 down"))
    clocks.set_by(-HOUR)
    with pytest.raises(Exception, match="before it began"):
        incidents.resolve(eng_a, incident.id, "line card replaced", at=START - 2 * HOUR)
    solved = incidents.resolve(eng_a, incident.id, "line card replaced")
    assert solved.resolved_at == incident.opened_at
    assert incidents.close(eng_a, incident.id).closed_at == incident.opened_at


def test_a_line_is_corrected_though_the_clock_went_back(eng_a: Actor, clocks: Clocks) -> None:
    line = log.write(eng_a, "visitor in room A")
    clocks.set_by(-HOUR)
    assert log.correct(eng_a, line.id, "visitor in room B", "room").event_at == line.event_at
    with pytest.raises(Exception, match="lies ahead"):
        log.write(eng_a, "x", event_at=START)


def test_lines_keep_the_order_in_which_they_were_written(eng_a: Actor, clocks: Clocks) -> None:
    first = log.write(eng_a, "first")
    clocks.set_by(-HOUR)
    second = log.write(eng_a, "second")
    assert second.id > first.id
    entries = db.execute_sql("select at from audit_entry where action = 'log.written' order by seq").fetchall()
    assert [at for (at,) in entries[-2:]] == [START, START - HOUR]
    assert chain.verify().broken is None


# PINs


def wrong_five_times(who: Actor) -> None:
    """Type five wrong PINs."""
    for _turn in range(5):
        with pytest.raises(Refused):
            people.check_pin(who, "0000")


@pytest.mark.parametrize("jump", [-HOUR, DAY, -DAY])
def test_a_wait_after_wrong_pins_is_as_long_as_it_was(eng_a: Actor, clocks: Clocks, jump: int) -> None:
    """30 seconds, neither a day nor none."""
    wrong_five_times(eng_a)
    clocks.set_by(jump)
    clocks.pass_seconds(10)
    with pytest.raises(Refused, match="wait 20 seconds"):
        people.check_pin(eng_a, PIN)
    clocks.pass_seconds(20)
    people.check_pin(eng_a, PIN)


def test_a_wait_that_another_program_began_never_grows(
    eng_a: Actor, clocks: Clocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that has not seen the wrong PINs has only the clock: set back, it waits once more, not an hour."""
    wrong_five_times(eng_a)
    monkeypatch.setattr(people, "_waits", {})
    clocks.set_by(-HOUR)
    with pytest.raises(Refused, match="wait 30 seconds"):
        people.check_pin(eng_a, PIN)
    clocks.pass_seconds(29)
    with pytest.raises(Refused, match="wait 1 seconds"):
        people.check_pin(eng_a, PIN)
    clocks.pass_seconds(1)
    people.check_pin(eng_a, PIN)


# Consoles


def test_a_beat_from_before_the_clock_went_back_keeps_nobody_at_the_desk(eng_a: Actor, clocks: Clocks) -> None:
    people.beat(eng_a)
    clocks.set_by(-HOUR)
    assert people.present(eng_a) == []
    people.beat(eng_a)
    assert people.present(eng_a) == ["eng-a"]
    clocks.set_by(DAY)
    assert people.present(eng_a) == []
    people.beat(eng_a)
    assert people.present(eng_a) == ["eng-a"]
    assert Presence.select().count() == 1


def test_a_jump_is_told_from_time_that_passes(clocks: Clocks) -> None:
    wall = WallClock()
    clocks.pass_seconds(600)
    assert wall.jump() == 0
    clocks.set_by(-HOUR)
    assert wall.jump() == -HOUR
    assert wall.jump() == 0
    clocks.set_by(20)
    assert wall.jump() == 0
    clocks.set_by(20 + DAY)
    clocks.pass_seconds(5)
    assert wall.jump() == DAY + 40
    assert wall.jump() == 0


# What notices


def test_an_answer_before_the_start_of_its_round_is_noticed(desk: Path, clocks: Clocks) -> None:
    world = World()
    round_id, item = world.round()
    round_sheet.answer(world.a, round_id, item, Found.OK)
    clocks.set_by(-HOUR)
    other = next(
        each.point.id
        for each in round_sheet.sheet(world.a, round_id).items
        if each.point.kind.value == "check" and each.point.id != item
    )
    assert round_sheet.answer(world.a, round_id, other, Found.OK).clock_behind == HOUR
    assert round_sheet.sheet(world.a, round_id).state.clock_behind == HOUR


def test_the_doctor_notices(eng_a: Actor, desk: Path, clocks: Clocks) -> None:
    """While the clock is behind, and for a day after entries were written by a clock that was."""

    def clock_finding() -> doctor.Finding:
        return next(each for each in doctor.examine(str(desk)) if each.key == "clock")

    log.write(eng_a, "first")
    assert clock_finding().well
    clocks.set_by(-HOUR)
    log.write(eng_a, "second")
    found = clock_finding()
    assert not found.well
    assert found.advice is not None
    assert found.advice.values["minutes"] == 60
    clocks.set_by(HOUR + 60)
    log.write(eng_a, "third")
    assert not clock_finding().well
    clocks.pass_seconds(2 * DAY)
    log.write(eng_a, "fourth")
    assert clock_finding().well


# The console


def test_a_console_says_that_the_clock_jumped_and_goes_on(
    terminal: Callable[..., Terminal], desk_file: Path, tmp_path: Path
) -> None:
    """Back an hour with a form open, then forward a day: said once each, the draft stays, the save goes through."""
    ahead = tmp_path / "ahead"
    set_clock(ahead, 0)
    words = ["--db", str(desk_file), "--login", "eng-a", "--lang", "en"]
    term = terminal("-m", "tests.faults.jumping", str(ahead), *words, size=(120, 30))
    term.wait_for("1 Shift")
    term.write("lbefore\r")
    term.wait_for(lambda _text: lines(desk_file) == ["before"])
    set_clock(ahead, -HOUR)
    term.wait_for("The clock jumped back by 1h00: check it; entries keep their order.")
    term.wait_for(lambda _text: beat(desk_file) < time.time() - HOUR + 60)
    term.write("nWard 5 printer")
    term.wait_for("Ward 5 printer")
    set_clock(ahead, DAY)
    term.wait_for("The clock jumped forward by 25h00")
    term.wait_for(lambda _text: beat(desk_file) > time.time() + DAY - 60)
    assert "Ward 5 printer" in term.text()
    term.write("\x1b[21~")
    term.wait_for("Opened, P3")
    assert rows(desk_file, "select title from incident") == [("Ward 5 printer",)]
    assert rows(desk_file, "select count(*) from draft") == [(0,)]
    assert operations.consoles(desk_file) == []
    engine.connect(str(desk_file))
    assert chain.verify().broken is None


def set_clock(path: Path, ahead: int) -> None:
    """Set the clock of a running console; the file is never seen half written."""
    part = path.with_suffix(".part")
    part.write_text(str(ahead))
    os.replace(part, path)


def beat(path: Path) -> int:
    """Return the last sign of life of the one console; far ahead while it has given none."""
    found = rows(path, "select max(beat_at) from presence")[0][0]
    return 1 << 60 if found is None else int(found)


def test_commands_between_which_the_clock_jumps(desk_file: Path, tmp_path: Path) -> None:
    """Each command reads the clock anew; the second of two is written though it is earlier."""
    engine.connect(str(desk_file))
    who = people.identify("eng-a")
    log.write(who, "first")
    engine.disconnect()
    with clock.frozen(int(time.time()) - HOUR):
        engine.connect(str(desk_file))
        log.write(who, "second")
        engine.disconnect()
    with clock.frozen(int(time.time()) + DAY):
        engine.connect(str(desk_file))
        log.write(who, "third")
        engine.disconnect()
    assert lines(desk_file) == ["first", "second", "third"]
    engine.connect(str(desk_file))
    assert chain.verify().broken is None
