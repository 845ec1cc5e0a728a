"""Who carries how much, planned and worked, over any range, and the score with what it is made of."""

from __future__ import annotations

from datetime import date

import pytest

from dutydesk.domain.calendar import UnknownYear
from dutydesk.domain.errors import Invalid
from dutydesk.services import fairness, roster
from dutydesk.services.core import Actor
from dutydesk.storage.models.people import Person
from dutydesk.storage.models.shift import Assignment, DutyShift
from tests.services.conftest import Clock
from tests.services.test_allowance import signs

FIRST, LAST = date(2026, 11, 22), date(2026, 11, 29)


def test_planned_and_worked_stand_side_by_side(now: Clock, chief: Actor) -> None:
    signs("2026-11-22", "day", "eng-a", "2026-11-22 08:00", "2026-11-22 20:00")
    signs("2026-11-22", "night", "eng-b", "2026-11-22 20:30", "2026-11-23 08:00")
    now.to("2026-11-23 09:00")
    view = fairness.shared(chief, FIRST, LAST)
    rows = {row.login: row for row in view.rows}
    assert sum(row.planned.minutes for row in view.rows) == 8 * 24 * 60
    assert sum(row.planned.nights for row in view.rows) == 8
    assert sum(row.planned.weekends for row in view.rows) == 6
    assert rows["eng-b"].worked.minutes == 690  # type: ignore[union-attr]
    assert (rows["eng-a"].worked.weekends, rows["eng-a"].worked.nights) == (1, 0)  # type: ignore[union-attr]
    assert "chief" not in rows
    assert view.quality.places == view.quality.filled == 16
    assert view.quality.score == 100
    assert view.quality_worked is not None


def test_an_empty_place_and_a_load_on_one_show_in_the_score(now: Clock, chief: Actor) -> None:
    shifts = list(DutyShift.select().where(DutyShift.day.between(FIRST.isoformat(), LAST.isoformat())))
    ids = [shift.id for shift in shifts]
    Assignment.update(person=Person.get(Person.login == "eng-a")).where(Assignment.shift.in_(ids[:8])).execute()
    Assignment.update(person=None, flag="cap").where(Assignment.shift == ids[15]).execute()
    view = fairness.shared(chief, FIRST, LAST)
    assert (view.quality.filled, view.quality.places) == (15, 16)
    assert view.quality.score < 80
    assert "eng-a" in {person.login for person in view.quality.uneven}


def test_hours_of_others_are_for_the_supervisor(now: Clock, eng_a: Actor) -> None:
    signs("2026-11-22", "day", "eng-b", "2026-11-22 08:00")
    view = fairness.shared(eng_a, FIRST, LAST)
    assert {row.login for row in view.rows if row.worked is not None} == {"eng-a"}
    assert view.quality_worked is None


def test_a_range_is_checked(now: Clock, chief: Actor) -> None:
    with pytest.raises(UnknownYear, match="2027"):
        fairness.shared(chief, date(2026, 12, 20), date(2027, 1, 10))
    with pytest.raises(Invalid, match="ends after it begins"):
        fairness.shared(chief, LAST, FIRST)


def test_the_check_of_a_roster_tells_the_score(now: Clock, chief: Actor) -> None:
    lines = roster.check(chief, FIRST, LAST)
    score = next(line.message for line in lines if "Score" in line.message.message)
    assert (score.values["score"], score.values["places"], score.values["hours"]) == (100, 16, 100)
    even = next(line.message for line in lines if "Nights" in line.message.message)
    assert "for everybody" in even.message
    assert even.values["most"] == even.values["least"]
    view = roster.view(chief, FIRST, LAST)
    assert fairness.of_view(view) == fairness.shared(chief, FIRST, LAST).quality
