"""Stays, their judgement, and what a correction may say; without a database."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from dutydesk.domain.attendance import Arrival, AttendanceRule, Departure, Stay, judge_stays, stays, together
from dutydesk.domain.callouts import Called, only_completes
from dutydesk.domain.corrections import Standing, Step, Truth, steps, time_on_shift, void_steps
from dutydesk.domain.errors import DeskError

HOUR = 3600
RULE = AttendanceRule()
SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")


def test_signatures_become_stays() -> None:
    signs = [("in", 0), ("in", 5), ("out", 10), ("out", 12), ("in", 20)]
    assert stays(signs) == (Stay(0, 10), Stay(20))


def test_a_part_counts_only_what_lies_in_it() -> None:
    been = (Stay(-600, 6 * HOUR + 120), Stay(9 * HOUR, 12 * HOUR))
    first = judge_stays(RULE, 0, 6 * HOUR, been, 13 * HOUR, cut=True)
    assert (first.arrival, first.departure, first.worked_minutes) == (Arrival.ON_TIME, Departure.ON_TIME, 360)
    second = judge_stays(RULE, 8 * HOUR, 12 * HOUR, been, 13 * HOUR)
    assert (second.late_minutes, second.worked_minutes) == (60, 180)
    gap = judge_stays(RULE, 6 * HOUR + 600, 8 * HOUR, been, 13 * HOUR)
    assert (gap.arrival, gap.worked_minutes) == (Arrival.ABSENT, 0)


def test_minutes_together_are_counted_once() -> None:
    assert together([Stay(0, 3600)], [Stay(1800), Stay(2400, 3000)], 7200) == 30
    assert together([Stay(0, 600)], [Stay(600, 1200)], 7200) == 0


def test_a_correction_stands_instead_or_is_added() -> None:
    signs = [Standing(1, "in", 100), Standing(2, "out", 900)]
    assert steps(signs, Truth(came_at=50)) == (Step(1, "in", 50),)
    assert steps(signs[:1], Truth(left_at=700)) == (Step(None, "out", 700),)
    assert steps([], Truth(10, 20)) == (Step(None, "in", 10), Step(None, "out", 20))
    assert steps(signs, Truth(void=True)) == (Step(1, "in", 100, True), Step(2, "out", 900, True))
    with pytest.raises(DeskError, match="follow one another"):
        steps(signs, Truth(came_at=950))


def test_a_sign_out_between_two_stays_is_not_taken_back_alone() -> None:
    signs = [Standing(1, "in", 1), Standing(2, "out", 2), Standing(3, "in", 3), Standing(4, "out", 4)]
    assert [step.corrects for step in void_steps(signs, 1)] == [1, 2]
    assert [step.corrects for step in void_steps(signs, 4)] == [4]
    with pytest.raises(DeskError, match="follow one another"):
        void_steps(signs, 2)


@pytest.mark.parametrize(
    ("text", "zone", "day", "hours"),
    [
        ("19:30", SHANGHAI, date(2026, 11, 22), -0.5),
        ("６：１０", SHANGHAI, date(2026, 11, 22), 10 + 1 / 6),
        ("7:00", BERLIN, date(2026, 10, 24), 12),
        ("7:00", BERLIN, date(2026, 3, 28), 10),
        ("2026-11-23 08:30", SHANGHAI, date(2026, 11, 22), 12.5),
    ],
)
def test_a_time_of_day_belongs_to_the_shift(text: str, zone: ZoneInfo, day: date, hours: float) -> None:
    from dutydesk.domain import walltime

    starts_at = walltime.at(day, 20 * HOUR, zone)
    assert time_on_shift(text, day, starts_at, zone, starts_at + 86400, field="came_at") == starts_at + hours * HOUR


def test_filling_in_is_no_correction() -> None:
    assert only_completes(Called(1), Called(1, 2, 3))
    assert only_completes(Called(1, 2), Called(1, 2, 3))
    assert not only_completes(Called(1, 2), Called(1, 3))
    assert not only_completes(Called(1), Called(0))
