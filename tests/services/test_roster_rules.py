"""Planning under the desk's rules: whole turns, another policy from a day on, calendars, leave, the time it takes."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from dutydesk.domain.calendar import DayKind, UnknownYear
from dutydesk.domain.errors import Invalid, Refused
from dutydesk.domain.log import Said
from dutydesk.locale.lines import said
from dutydesk.services import core, handover, handover_duty, people, planning, policy, roster, settings, shift
from dutydesk.services import desk as desks
from dutydesk.services.core import SYSTEM, Actor
from dutydesk.services.roster_views import Check
from dutydesk.storage import chain, engine, migrate
from dutydesk.storage.models.leave import Leave
from dutydesk.storage.models.rounds import Round
from dutydesk.storage.models.shift import DutyShift
from tests.services.conftest import PIN, Clock, make_desk, moment

TOMORROW = date(2026, 11, 23)


def _publish(chief: Actor, first: date, last: date, note: str = "known") -> roster.VersionLine:
    return roster.publish(chief, PIN, first, last, note, roster.propose(chief, first, last).token)


def _weekly(chief: Actor, effective: date) -> policy.PolicyLine:
    text, source = desks.policy_text("weekly-team")
    return policy.adopt(chief, text, source, effective)


def test_another_policy_rules_from_its_day_on(chief: Actor, eng_a: Actor) -> None:
    with pytest.raises(Refused, match="tomorrow at the earliest"):
        _weekly(chief, date(2026, 11, 22))
    line = _weekly(chief, date(2026, 12, 7))
    assert not line.in_force
    view = roster.view(eng_a, date(2026, 12, 5), date(2026, 12, 8))
    assert [(slot.day.day, slot.kind) for slot in view.slots] == [
        (5, "day"), (5, "night"), (6, "day"), (6, "night"), (7, "duty"), (8, "duty"),
    ]  # fmt: skip
    assert [gap.ends_at - gap.starts_at for gap in view.gaps] == [1800]
    assert [len(slot.people) for slot in view.slots] == [1, 1, 1, 1, 2, 2]
    assert view.slots[-1].title.en == "Duty"
    assert [each.name for each in policy.versions(eng_a)] == ["weekly-team", "twelve-hour"]
    assert not Round.select().join(DutyShift).where(DutyShift.ends_at == 0).exists()
    assert chain.verify().broken is None


def test_published_days_stay_until_they_are_published_again(chief: Actor, eng_a: Actor) -> None:
    week = date(2026, 12, 7), date(2026, 12, 13)
    _publish(chief, *week)
    before = roster.view(eng_a, *week).slots
    _weekly(chief, date(2026, 12, 7))
    assert roster.view(eng_a, *week).slots == before
    proposal = roster.propose(chief, *week)
    assert len([line for line in proposal.diff if not line.after]) == 14
    roster.publish(chief, PIN, *week, "the new policy", proposal.token)
    view = roster.view(eng_a, *week)
    assert [slot.kind for slot in view.slots] == ["duty"] * 7
    assert roster.propose(chief, *week).diff == ()
    first = DutyShift.get((DutyShift.day == "2026-12-07") & (DutyShift.kind == "duty"))
    assert handover_duty.before(first).kind == "night"
    assert chain.verify().broken is None


def test_the_names_of_a_policy_follow_it_into_force(chief: Actor, eng_a: Actor, now: Clock) -> None:
    _weekly(chief, TOMORROW)
    assert settings.get(chief, "policy") == "twelve-hour"
    now.to("2026-11-23 09:00")
    planning.extend(chief)
    assert settings.get(chief, "policy") == "weekly-team"
    night = shift.at(eng_a, moment("2026-11-22 21:00"))
    assert night is not None
    assert night.title.en == "Night"


def test_no_turn_is_cut_in_half(chief: Actor) -> None:
    _weekly(chief, TOMORROW)
    proposal = roster.propose(chief, TOMORROW, date(2026, 12, 2))
    assert proposal.view.last == date(2026, 12, 6)
    version = roster.publish(chief, PIN, TOMORROW, date(2026, 12, 2), "known", proposal.token)
    assert (version.first, version.last) == (TOMORROW, date(2026, 12, 6))


def test_an_unknown_year_is_an_error_until_it_is_imported(tmp_path: Path, now: Clock) -> None:
    make_desk(tmp_path / "cycle.sqlite", "split-cycle")
    engine.connect(str(tmp_path / "cycle.sqlite"))
    chief = people.identify("chief")
    with pytest.raises(UnknownYear, match="does not hold 2027 yet"):
        roster.propose(chief, date(2027, 1, 1), date(2027, 1, 31))
    with pytest.raises(UnknownYear, match="does not hold 2027 yet"):
        roster.propose(chief, date(2026, 12, 1), date(2027, 1, 31))
    assert roster.propose(chief, date(2026, 12, 1), date(2026, 12, 31)).view.last == date(2026, 12, 31)
    wrong = {
        'name = "de"\n[years.2027]\noff = [2027-01-01]': "is the calendar “de”",
        'name = "cn"\n[years.2027]\noff = [2026-01-01]': "is not in 2027",
        'name = "cn"\n[years.2027]\nof = [2027-01-01]': "of",
        'name = "cn"\n[years.2027]\noff = []': "not one day off",
        "name = ": "line 1",
    }
    for text, sentence in wrong.items():
        with pytest.raises(Invalid, match=sentence):
            planning.import_calendar(chief, text, "2027.toml")
    text = 'name = "cn"\n[years.2027]\nstatutory = [2027-01-01]\noff = [2027-01-04]\nworkdays = [2027-01-09]'
    assert planning.import_calendar(chief, text, "2027.toml") == [planning.CalendarYear(2027, 1, 1, 1)]
    proposal = roster.propose(chief, date(2027, 1, 1), date(2027, 1, 31))
    kinds = {day.day.day: day.kind for day in proposal.view.days}
    assert [kinds[day] for day in (1, 2, 4, 5, 9)] == [
        DayKind.STATUTORY, DayKind.WEEKEND, DayKind.BRIDGE, DayKind.WORKDAY, DayKind.MAKEUP,
    ]  # fmt: skip
    assert not [line for line in proposal.check if line.kind is Check.CALENDAR]
    named = """name = "cn"
[[years.2027.holidays]]
title = { en = "New Year's Day", zh = "元旦" }
from = 2027-01-01
to = 2027-01-01
statutory = [2027-01-01]
"""
    planning.import_calendar(chief, named, "2027.toml")
    known = planning.working_calendar("cn")
    assert [known.title(date(2027, 1, 1), lang) for lang in ("en", "zh")] == ["New Year", "元旦"]
    engine.disconnect()


def test_a_year_nobody_needs_is_told_and_planned(chief: Actor) -> None:
    proposal = roster.propose(chief, date(2026, 12, 28), date(2027, 1, 3))
    lines = [line for line in proposal.problems if line.kind is Check.CALENDAR]
    assert said(lines[0].message) == (
        "The calendar of 2027 is not known: days of 2027 have no kind. Import that year from a file."
    )
    assert len(proposal.view.slots) == 14


def test_a_year_published_ahead_gets_its_rounds_month_by_month(chief: Actor, now: Clock) -> None:
    _publish(chief, TOMORROW, date(2027, 5, 31))
    far = moment("2027-01-15 00:00")
    assert not Round.select().where(Round.due_at > far).exists()
    assert shift.keep_ahead(chief) == 0
    now.to("2026-12-20 09:00")
    shift.keep_ahead(chief)
    assert Round.select().where(Round.due_at > far).exists()


def test_opening_a_month_is_quick_and_asks_few_questions(chief: Actor) -> None:
    first, last = date(2026, 12, 1), date(2026, 12, 31)
    _publish(chief, first, last)
    roster.view(chief, first, last)
    asked: list[str] = []
    engine.db.query_hooks.append(lambda sql, *_rest: asked.append(sql))
    try:
        started = time.process_time()
        roster.view(chief, first, last)
        assert time.process_time() - started < 0.15
    finally:
        engine.db.query_hooks.pop()
    assert len(asked) < 20


def test_history_counts_for_rest_over_the_edge_of_a_proposal(chief: Actor) -> None:
    first = date(2026, 12, 1)
    whole = roster.propose(chief, first - timedelta(days=3), first + timedelta(days=3)).view
    halves = roster.propose(chief, first, first + timedelta(days=3)).view
    assert [slot.places for slot in whole.slots if slot.day >= first] == [slot.places for slot in halves.slots]


def test_who_ends_the_shift_hands_over_to_who_begins_the_next(chief: Actor, now: Clock) -> None:
    names = {login: people.identify(login).person_id for login in ("eng-b", "eng-c", "eng-d")}
    day, night = (
        DutyShift.get((DutyShift.day == "2026-11-24") & (DutyShift.kind == kind)) for kind in ("day", "night")
    )
    rest = roster.NewChange("replace", names["eng-b"], names["eng-c"], from_at=moment("2026-11-24 14:00"))
    roster.edit(chief, day.id, rest, reason="doctor")
    assert handover_duty.planned_at(day, day.starts_at) == {names["eng-b"]}
    assert handover_duty.planned_at(day, day.ends_at - 1) == {names["eng-c"]}
    now.to("2026-11-24 08:10")
    draft = handover.draft(chief)
    assert draft is not None
    people_lines = [said(Said(item.message, item.values)) for item in draft.items if item.key.startswith("person:")]
    assert people_lines == ["Outgoing, not signed in: Eng. C", "Incoming, not signed in yet: Eng. B"]
    begin = roster.NewChange("replace", _on(night), names["eng-c"], to_at=moment("2026-11-24 22:00"))
    roster.edit(chief, night.id, begin, reason="the train is late")
    assert not handover_duty.must_be_accepted(day, night)


def _on(shift_row: DutyShift) -> int:
    [person] = handover_duty.planned(shift_row)
    return person


def test_hours_are_real_where_clocks_change(tmp_path: Path, now: Clock) -> None:
    now.set(int(datetime(2026, 9, 1, 12, tzinfo=UTC).timestamp()))
    engine.connect(str(tmp_path / "berlin.sqlite"), create=True)
    migrate.migrate()
    spec = desks.InitSpec("twelve-hour", zone="Europe/Berlin", people=desks.demo_people(PIN), imports=False)
    desks.init(SYSTEM, spec)
    chief = people.identify("chief")
    hours = {}
    for first, last in ((date(2026, 10, 24), date(2026, 10, 25)), (date(2027, 3, 27), date(2027, 3, 28))):
        view = roster.propose(chief, first, last).view
        assert view.gaps == ()
        hours.update({(slot.day, slot.kind): (slot.ends_at - slot.starts_at) // 3600 for slot in view.slots})
    assert {key: length for key, length in hours.items() if length != 12} == {
        (date(2026, 10, 24), "night"): 13,
        (date(2027, 3, 27), "night"): 11,
    }
    year = roster.propose(chief, date(2027, 12, 27), date(2028, 3, 1)).view
    assert len(year.slots) == 66 * 2
    assert date(2028, 2, 29) in {slot.day for slot in year.slots}
    engine.disconnect()


def test_days_that_are_over_are_not_planned(chief: Actor) -> None:
    with pytest.raises(Refused, match="These days are over"):
        roster.propose(chief, date(2026, 11, 1), date(2026, 11, 21))


def test_who_is_on_leave_is_skipped_flagged_and_not_put_on(chief: Actor, eng_c: Actor) -> None:
    row = core.create(
        Leave,
        number="LV-1",
        person=eng_c.person_id,
        kind="annual",
        starts_at=moment("2026-12-05 00:00"),
        ends_at=moment("2026-12-12 00:00"),
        reason="home",
        status="approved",
        asked_at=moment("2026-11-22 14:00"),
    )
    core.record(chief, "leave.approved", row)
    week = date(2026, 12, 5), date(2026, 12, 11)
    checked = [line for line in roster.check(chief, *week) if line.login == "eng-c" and line.kind is Check.PEOPLE]
    assert said(checked[0].message).startswith("Eng. C is on leave and planned on ")
    proposal = roster.propose(chief, *week)
    assert "eng-c" not in {place.login for slot in proposal.view.slots for place in slot.places}
    assert not [line for line in proposal.problems if line.login == "eng-c"]
    _publish(chief, *week)
    day = DutyShift.get((DutyShift.day == "2026-12-06") & (DutyShift.kind == "day"))
    with pytest.raises(Refused, match=r"Eng\. C is on leave then"):
        roster.edit(chief, day.id, roster.NewChange("add", person_in=eng_c.person_id), reason="x")
