"""The demonstration desk: a past that holds, the same for the same seed, and a present to work in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import peewee
import pytest

from dutydesk.__main__ import main
from dutydesk.demo import LOGIN, PIN, make
from dutydesk.domain import clock, walltime
from dutydesk.domain.errors import StorageTrouble
from dutydesk.domain.leave import LeaveStatus, SwapStatus
from dutydesk.domain.rounds import RoundState
from dutydesk.services import (
    allowance,
    callouts,
    correction_views,
    handover,
    incidents,
    leave,
    measures,
    notices,
    people,
    roster,
    rounds,
    shift,
    shift_rows,
    swaps,
)
from dutydesk.services.core import Actor
from dutydesk.storage import chain, engine
from dutydesk.storage.models.rounds import Round
from tests.services.conftest import START, ZONE, moment

HAN = re.compile("[\u4e00-\u9fff]")
MOMENTS = ("2026-11-22 14:32", "2026-11-23 08:02", "2026-11-23 19:57", "2026-11-24 00:41", "2027-06-03 10:20")


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    """Leave no desk open."""
    yield
    engine.disconnect()


def made(path: Path, at: int = START, **spec: Any) -> Path:
    """Make a demonstration desk as it would be at an instant."""
    with clock.frozen(at):
        make.fill(path, make.Spec(**spec))
    return path


def contents(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table, the search index included."""
    engine.disconnect()
    connection = peewee.sqlite3.connect(str(path))  # type: ignore[attr-defined]
    names = connection.execute("select name from sqlite_master where type = 'table' order by name").fetchall()
    shadows = (
        "search_text_data",
        "search_text_idx",
        "search_text_docsize",
        "search_text_config",
        "search_text_content",
    )
    found = {
        name: connection.execute(f"select rowid, * from {name} order by rowid").fetchall()
        for (name,) in names
        if name not in shadows
    }
    connection.close()
    return found


def check_same(one: dict[str, list[tuple[Any, ...]]], other: dict[str, list[tuple[Any, ...]]]) -> None:
    """Compare table by table; the first row that differs is shown."""
    assert one.keys() == other.keys()
    for name, rows in one.items():
        assert len(rows) == len(other[name]), name
        for row, twin in zip(rows, other[name], strict=True):
            assert row == twin, name


def test_the_journal_leaves_the_rows_that_the_services_leave(tmp_path: Path) -> None:
    quick = contents(made(tmp_path / "quick.sqlite", days=4, live=0))
    slow = contents(made(tmp_path / "slow.sqlite", days=4, live=10**9))
    assert len(quick["audit_entry"]) > 1000
    check_same(quick, slow)


@pytest.mark.soak
def test_over_forty_days_too(tmp_path: Path) -> None:
    """An emergency relief, returned handovers, reopened and merged incidents, failed backups are among them."""
    quick = contents(made(tmp_path / "quick.sqlite", days=40, live=0))
    slow = contents(made(tmp_path / "slow.sqlite", days=40, live=10**9))
    check_same(quick, slow)


def test_the_same_seed_gives_the_same_desk(tmp_path: Path) -> None:
    check_same(contents(made(tmp_path / "a.sqlite", days=2)), contents(made(tmp_path / "b.sqlite", days=2)))


def test_another_seed_gives_another_past(tmp_path: Path) -> None:
    one = contents(made(tmp_path / "a.sqlite", days=2))
    other = contents(made(tmp_path / "b.sqlite", days=2, seed=2))
    assert one["incident"] != other["incident"]
    assert one["round_answer"] != other["round_answer"]


@pytest.mark.parametrize("text", MOMENTS)
def test_the_present_is_worth_a_look_at_any_time_of_day(tmp_path: Path, text: str) -> None:
    at = moment(text)
    path = made(tmp_path / "demo.sqlite", at, days=4)
    assert path.exists()
    with clock.frozen(at):
        who = people.identify(LOGIN)
        check_shift(at)
        lines = incidents.open_lines(who)
        top = shift.top(who)
        assert top.p1 == 1
        assert top.overdue_rounds >= 1
        assert any(line.acknowledged_at for line in lines if line.priority.value == "P1")
        assert sum(line.priority.value == "P3" for line in lines) >= 2
        assert [line.at for line in shift_rows.reports_due() if line.at > at]
        assert shift_rows.follow_ups(at + 3600)
        assert len(measures.in_force(who)) == 2
        assert any(line.state in (RoundState.LATE, RoundState.MISSED) for line in rounds.due_list(who))
        check_office(who)
        assert shift.since(who) is not None
        assert chain.verify().broken is None


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(40))
def test_no_seed_and_no_hour_trips_it(tmp_path: Path, seed: int) -> None:
    at = START + seed * 7 * 3600 + seed * 431
    made(tmp_path / "demo.sqlite", at, days=3 + seed % 5, seed=seed)
    assert chain.verify().broken is None
    with clock.frozen(at):
        check_shift(at)


def check_shift(at: int) -> None:
    """The engineer is on duty, signed in, and has taken over."""
    who = people.identify(LOGIN)
    running = shift.current(who)
    assert running is not None
    me = next(person for person in running.assigned if person.login == LOGIN)
    assert me.signed_in
    assert me.signed_at is not None
    assert me.signed_at <= at
    handover.gate(who)
    earlier = shift.previous_of(who, running.id)
    assert earlier is not None
    newest = handover.lines(who, limit=1)[0]
    assert (newest.from_shift.id, newest.status.value) == (earlier.id, "sealed")


def check_office(who: Actor) -> None:
    """Leave, swaps and the roster: something is decided, something waits for the supervisor, something for `who`."""
    chief = people.identify("chief")
    asked = {line.status: line for line in leave.lines(chief)}
    assert asked.keys() == {LeaveStatus.APPROVED, LeaveStatus.ASKED}
    waiting = [line for line in leave.lines(chief) if line.undecided]
    assert [line.covered for line in waiting if not line.waiting] == [1]
    assert any(line.asks for line in leave.lines(who))
    states = [line.status for line in swaps.lines(chief)]
    assert sorted(states) == [SwapStatus.APPROVED, SwapStatus.ASKED]
    assert any(line.other_id == who.person_id for line in swaps.lines(who) if line.undecided)
    assert notices.unseen(who) >= 2
    today = walltime.local_day(clock.now(), ZONE)
    changes = {line.source.value for line in roster.changes(chief, today, today + timedelta(days=35))}
    assert changes == {"leave", "swap", "hand"}
    assert roster.versions(chief)[0].last >= today


def test_forty_days_leave_call_outs_corrections_and_pay(tmp_path: Path) -> None:
    """The office has its past: months published and frozen, a correction that changes one of them, call-outs."""
    made(tmp_path / "demo.sqlite", days=40)
    with clock.frozen(START):
        chief = people.identify("chief")
        today = walltime.local_day(START, ZONE)
        assert len(roster.versions(chief)) >= 2
        assert allowance.difference(chief, "2026-10").people
        found = callouts.listed(chief, today - timedelta(days=40), today)
        assert len(found) >= 3
        assert not any(line.open for line in found)
        requests = {line.status.value for line in correction_views.requests(chief)}
        assert requests == {"approved", "asked"}
        walked = [row.status for row in Round.select(Round.status).where(Round.missed_at < START - 86400)]
        assert walked.count("finished") > 0.9 * len(walked)
        assert chain.verify().broken is None


def test_everybody_signs_with_the_same_pin(tmp_path: Path) -> None:
    made(tmp_path / "demo.sqlite", days=1)
    with clock.frozen(START):
        assert len(people.everyone(people.identify("chief"))) == 8
        for login in ("chief", "eng-a", "eng-f"):
            assert people.enter(login, PIN).login == login


def test_two_weeks_hold_and_have_a_pattern(tmp_path: Path) -> None:
    rows = contents(made(tmp_path / "demo.sqlite", days=14))
    engine.connect(str(tmp_path / "demo.sqlite"))
    assert chain.verify().broken is None
    columns = [info[1] for info in engine.db.execute_sql("pragma table_info(incident)").fetchall()]
    opened = [datetime.fromtimestamp(row[1 + columns.index("opened_at")], ZONE) for row in rows["incident"]]
    working = [at for at in opened if at.weekday() < 5 and 8 <= at.hour < 18]
    assert len(opened) > 30
    assert len(working) > len(opened) / 2
    small = [row for row in rows["incident"] if row[1 + columns.index("priority")] in ("P3", "P4")]
    assert len(small) > len(opened) * 0.75
    verdicts = [row[1:] for row in rows["round_answer"]]
    assert 0 < sum("warning" in row or "abnormal" in row for row in verdicts) < len(verdicts) / 20
    assert len(rows["handover_sheet"]) >= 28


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_texts_are_in_the_language_of_the_desk(tmp_path: Path, lang: str) -> None:
    made(tmp_path / "demo.sqlite", days=5, lang=lang)
    texts = [
        text
        for sql in (
            "select title from incident",
            "select detail from incident where detail != ''",
            "select text from log_entry",
            "select title from measure",
            "select words from handover_answer",
            "select note from round_answer where note is not null",
            "select next_step from incident where next_step != ''",
            "select reason from leave",
            "select reason from swap",
            "select reason from call_out",
            "select note from roster_version",
        )
        for (text,) in engine.db.execute_sql(sql).fetchall()
    ]
    chinese = [text for text in texts if HAN.search(text)]
    assert len(texts) > 100
    assert (len(chinese) > len(texts) * 0.98) if lang == "zh" else not chinese


def test_a_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "precious.sqlite"
    path.write_text("mine")
    with pytest.raises(StorageTrouble, match="never overwrites"):
        make.fill(path, make.Spec(days=1))
    assert path.read_text() == "mine"


# The command


def test_the_command_makes_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "demo.sqlite"
    asked = ["demo", "--days", "1", "--db", str(path), "--no-console", "--lang", "en"]
    assert main(asked) == 0
    assert PIN in capsys.readouterr().out
    assert main(["verify", "--db", str(path)]) == 0
    assert main(asked) == 2
    assert "never overwrites" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--no-console"], "Name a file with --db"),
        (["--days", "0", "--no-console", "--db", "x"], "between 1 and"),
        (["--days", "5000", "--no-console", "--db", "x"], "between 1 and"),
        ([], "needs a terminal"),
        (["--no-console", "--db", "postgresql://127.0.0.1:1/desk"], "No connection to the database"),
        (["--no-console", "--db", "mysql://here/desk"], "neither a file nor a PostgreSQL address"),
    ],
)
def test_wrong_use_is_a_sentence(
    words: list[str], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["demo", "--lang", "en", *words]) == 2
    assert sentence in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
