"""The score of a roster: what would have to move, by whole turns, and whether every place is filled."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dutydesk import locale
from dutydesk.domain import rotation
from dutydesk.domain.calendar import DayKind, read_calendar
from dutydesk.domain.fairness import Evenness, Measured, Place, Quality, Sharer, loads, of_slots, quality, sharers
from dutydesk.domain.policy import read_policy
from dutydesk.domain.rules import Member
from dutydesk.locale import fairness as words
from dutydesk.storage.shipped import data_path

PEOPLE = [Sharer(login) for login in "abcd"]


def day(login: str, count: int = 1, **more: object) -> list[Place]:
    return [Place(login, 720, DayKind.WORKDAY, **more) for _ in range(count)]  # type: ignore[arg-type]


def of(found: Quality, measured: Measured) -> float:
    return next(each.value for each in found.measures if each.measured is measured)


def test_five_kinds_of_day_are_counted_apart() -> None:
    places = [Place("a", 600, kind, night=kind is DayKind.MAKEUP) for kind in DayKind]
    load = loads([*places, Place("a", 300, DayKind.WORKDAY, share=0.5), Place("", 600, DayKind.WORKDAY)])["a"]
    assert (load.duties, load.minutes, load.nights, load.weekends, load.statutory) == (5.5, 3300, 1, 2, 1)
    assert load.kinds[DayKind.WORKDAY] == 1.5


def test_loads_within_one_turn_are_even() -> None:
    found = quality([*day("a", 3), *day("b", 3), *day("c", 2), *day("d", 2)], PEOPLE)
    assert found.score == 100
    assert not found.uneven


def test_what_lies_outside_whole_turns_would_have_to_move() -> None:
    found = quality([*day("a", 4), *day("b", 4), *day("c", 2)], PEOPLE)
    hours = found.measures[0]
    assert [person.over / 720 for person in hours.people] == [1, 1, 0, -2]
    assert hours.moved == 2 * 720
    assert of(found, Measured.HOURS) == pytest.approx(0.8)
    assert found.fairness == pytest.approx(0.4 * 0.8 + 0.6)
    assert found.score == 92
    assert [person.login for person in found.uneven] == ["d", "a", "b"]


def test_a_percentage_is_the_same_wherever_it_is_shown() -> None:
    shown = [Evenness(Measured.NIGHTS, 30, moved, ()) for moved in (0, 0.01, 1, 30)]
    assert [each.percent for each in shown] == [100, 99, 97, 0]
    locale.use("en")
    even = Quality(30, 30, tuple(Evenness(measured, 30, 1, ()) for measured in Measured))
    assert "× 0.97" in words.formula(even)
    assert " 97 %" in words.evenness(even.measures[0])


def test_an_empty_place_lowers_the_score() -> None:
    found = quality([*day("a"), *day("b"), *day("c"), *day("")], PEOPLE)
    assert (found.filled, found.places, found.coverage) == (3, 4, 0.75)
    assert found.score == 75


def test_a_week_is_one_turn() -> None:
    places = [place for login in "ab" for place in day(login, 7, turn=("team", login))]
    assert quality(places, PEOPLE).score == 100
    assert quality([*places, *day("a", 7, turn=("team", "a2"))], PEOPLE).score < 90


def test_each_post_is_shared_among_those_who_hold_it() -> None:
    people = [Sharer("a", frozenset({"net"})), Sharer("b", frozenset({"sys"})), Sharer("c", frozenset({"sys"}))]
    places = [*day("a", 4, post="net"), *day("b", 2, post="sys"), *day("c", 2, post="sys")]
    assert quality(places, people).score == 100
    assert quality(places, [Sharer(each.login) for each in people]).score < 100


def test_who_came_late_to_the_desk_owes_less() -> None:
    places = [*day("a", 6), *day("b", 2)]
    assert quality(places, [Sharer("a", days=30), Sharer("b", days=10)]).score == 100
    assert quality(places, [Sharer("a", days=30), Sharer("b", days=30)]).score == 90


@given(st.lists(st.sampled_from("abcd"), max_size=60))
def test_the_score_stays_between_its_bounds(turns: list[str]) -> None:
    found = quality([place for login in turns for place in day(login)], PEOPLE)
    assert 0 <= found.score <= 100
    counts = [turns.count(login) for login in "abcd"]
    assert (found.score == 100) == (max(counts) - min(counts) <= 1)


def test_a_planned_year_of_the_twelve_hour_desk_is_even() -> None:
    policy = read_policy(data_path("policies", "twelve-hour.toml").read_text(encoding="utf-8"))
    calendar = read_calendar(data_path("calendars", "cn.toml").read_text(encoding="utf-8"))
    members = [Member(f"p{number:02d}", order=number) for number in range(21)]
    first, last = date(2026, 1, 1), date(2026, 12, 31)
    plan = rotation.plan(policy, members, calendar, first, last)
    found = quality(of_slots(plan.slots, calendar, {"night"}), sharers(policy, members, first, last))
    assert found.places == 730
    assert of(found, Measured.HOURS) > 0.95
    assert found.measures[1].total == 365
