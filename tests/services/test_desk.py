"""Making a desk."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from dutydesk.domain.calendar import DayKind, read_calendar
from dutydesk.domain.errors import DeskError, Invalid, Refused
from dutydesk.services import attendance, people, planning, rounds, settings, shift
from dutydesk.services import desk as desks
from dutydesk.services.core import SYSTEM, Actor
from dutydesk.storage import chain, engine, migrate
from dutydesk.storage.models.shift import DutyShift
from tests.services.conftest import PIN, Clock, make_desk


def test_a_new_desk_holds_policy_people_and_shifts(desk: Path, eng_a: Actor) -> None:
    found = settings.all_settings()
    assert (found["policy"], found["zone"], found["calendar"]) == ("twelve-hour", "Asia/Shanghai", "cn")
    assert {person.login for person in people.everyone(eng_a)} == {
        "chief",
        "eng-a",
        "eng-b",
        "eng-c",
        "eng-d",
        "reader",
    }
    assert DutyShift.select().count() >= 70
    assert chain.verify().broken is None


def test_a_desk_is_made_once(desk: Path, chief: Actor) -> None:
    with pytest.raises(Refused):
        desks.init(chief, desks.InitSpec("twelve-hour"))


@pytest.mark.parametrize(("policy", "people_on"), [("twelve-hour", 1), ("weekly-team", 2), ("split-cycle", 3)])
def test_the_presets_plan_whole_shifts(tmp_path: Path, policy: str, people_on: int) -> None:
    make_desk(tmp_path / "desk", policy)
    engine.connect(str(tmp_path / "desk"))
    kinds = {"twelve-hour": {"day", "night"}, "weekly-team": {"duty"}, "split-cycle": {"duty"}}[policy]
    assert {row.kind for row in DutyShift.select()} == kinds
    for row in DutyShift.select():
        planned = [assignment.person_id for assignment in row.assignments]
        assert len(planned) == people_on
        assert None not in planned
    rows = list(DutyShift.select().order_by(DutyShift.starts_at))
    assert all(before.ends_at == after.starts_at for before, after in pairwise(rows))
    assert chain.verify().broken is None
    engine.disconnect()


@pytest.mark.parametrize(
    ("spec", "field"),
    [
        (desks.InitSpec("four-hour"), "policy"),
        (desks.InitSpec("twelve-hour", zone="Mars/Base"), "zone"),
        (desks.InitSpec("twelve-hour", lang="fr"), "lang"),
    ],
)
def test_what_cannot_be_made_leaves_nothing(tmp_path: Path, now: Clock, spec: desks.InitSpec, field: str) -> None:
    engine.connect(str(tmp_path / "desk"), create=True)
    migrate.migrate()
    with pytest.raises(DeskError) as refused:
        desks.init(SYSTEM, spec)
    assert refused.value.field == field
    assert not desks.is_made()
    assert (DutyShift.select().count(), chain.head()[0]) == (0, 0)
    engine.disconnect()


def test_a_desk_made_at_night_has_the_shift_that_runs(tmp_path: Path, now: Clock) -> None:
    now.to("2026-11-23 03:00")
    engine.connect(str(tmp_path / "desk"), create=True)
    migrate.migrate()
    desks.init(SYSTEM, desks.InitSpec("twelve-hour", people=desks.demo_people(PIN)))
    running = shift.row_at(now.to("2026-11-23 03:00"))
    assert running is not None
    assert (running.day, running.kind) == ("2026-11-22", "night")
    engine.disconnect()


@pytest.mark.parametrize(
    ("policy", "places"),
    [("twelve-hour", [""]), ("weekly-team", ["", ""]), ("split-cycle", ["specialist", "network", "system"])],
)
def test_people_added_one_by_one_have_the_shift_that_runs(
    tmp_path: Path, now: Clock, policy: str, places: list[str]
) -> None:
    """Nobody is late for a shift that began before the desk knew him, nor has he worked since the policy's start."""
    now.to("2026-11-22 22:16")
    engine.connect(str(tmp_path / "desk"), create=True)
    migrate.migrate()
    desks.init(SYSTEM, desks.InitSpec(policy))
    posts = ["specialist", "network", "system"] * 2
    for login, post in zip("abcdef", posts, strict=True):
        people.add(SYSTEM, login, login, "engineer", posts=(post,) if policy == "split-cycle" else (), pin=PIN)
        planning.extend(SYSTEM)
    now.to("2026-11-22 23:10")
    running = shift.current(SYSTEM)
    assert running is not None
    assert [person.post for person in running.assigned] == places
    assert {person.state.value for person in running.assigned} == {"expected"}
    assert not any("over" in person.flag or "row" in person.why for person in running.assigned)
    first = people.identify(running.assigned[0].login)
    due = [line for line in rounds.due_list(first) if line.due_at < now.to("2026-11-22 23:10")]
    assert [line.code for line in due] == ["room-a", "ups-room"], "the round of 21:00 was late before the desk was made"
    assert attendance.sign_in(first, PIN).late == 0
    planning.extend(SYSTEM)
    assert shift.current(SYSTEM).assigned[0].signed_in  # type: ignore[union-attr]
    assert chain.verify().broken is None
    engine.disconnect()


def test_a_post_that_the_policy_does_not_know_is_refused(tmp_path: Path, now: Clock) -> None:
    make_desk(tmp_path / "desk", "split-cycle")
    engine.connect(str(tmp_path / "desk"))
    with pytest.raises(Invalid, match="there are: network, specialist, system"):
        people.add(SYSTEM, "x", "x", "engineer", posts=("cook",))
    engine.disconnect()


def test_a_calendar_can_be_imported_again(desk: Path, chief: Actor) -> None:
    calendar = planning.working_calendar("cn")
    desks.keep_calendar(chief, calendar)
    assert planning.working_calendar("cn").years == calendar.years
    text = 'name = "cn"\n[years.2026]\nstatutory = [2026-01-01]\nworkdays = [2026-02-14]\n'
    desks.keep_calendar(chief, read_calendar(text))
    again = planning.working_calendar("cn")
    assert again.kind(date(2026, 2, 14)) is DayKind.MAKEUP
    assert again.kind(date(2026, 2, 17)) is DayKind.WORKDAY
    assert chain.verify().broken is None


def test_people_from_a_file(tmp_path: Path) -> None:
    read = desks.read_people('[[people]]\nlogin = "a"\nname = "甲"\nposts = ["network"]\npin = "4711"\n')
    assert read == (desks.NewPerson("a", "甲", posts=("network",), pin="4711"),)
    for text in ("", '[[people]]\nlogin = "a"\n', '[[people]]\nlogin = "a"\nname = "x"\nrole = "king"\n'):
        with pytest.raises(Invalid):
            desks.read_people(text)
