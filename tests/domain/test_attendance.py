"""On time, late, early, absent (C11)."""

from __future__ import annotations

import pytest

from dutydesk.domain.attendance import Arrival, AttendanceRule, Departure, judge, may_sign_in

RULE = AttendanceRule(late_grace=5, early_grace=5, sign_in_before=60, absent_after=120)
START, END = 1_000_000_200, 1_000_000_200 + 12 * 3600
AFTER = END + 24 * 3600


@pytest.mark.parametrize(
    ("seconds", "arrival", "late"),
    [
        (-1800, Arrival.ON_TIME, 0),
        (0, Arrival.ON_TIME, 0),
        (5 * 60 + 59, Arrival.ON_TIME, 0),
        (6 * 60, Arrival.LATE, 6),
        (12 * 60 + 30, Arrival.LATE, 12),
    ],
)
def test_coming(seconds: int, arrival: Arrival, late: int) -> None:
    found = judge(RULE, START, END, START + seconds, END, AFTER)
    assert (found.arrival, found.late_minutes) == (arrival, late)
    assert found.in_order == (arrival is Arrival.ON_TIME)


@pytest.mark.parametrize(
    ("seconds", "departure", "early"),
    [
        (600, Departure.ON_TIME, 0),
        (0, Departure.ON_TIME, 0),
        (-5 * 60, Departure.ON_TIME, 0),
        (-6 * 60, Departure.EARLY, 6),
        (-5 * 60 - 1, Departure.EARLY, 6),
    ],
)
def test_leaving(seconds: int, departure: Departure, early: int) -> None:
    found = judge(RULE, START, END, START, END + seconds, AFTER)
    assert (found.departure, found.early_minutes) == (departure, early)


@pytest.mark.parametrize(
    ("after_start", "arrival"),
    [
        (-1, Arrival.EXPECTED),
        (5 * 60 + 59, Arrival.EXPECTED),
        (6 * 60, Arrival.MISSING),
        (119 * 60, Arrival.MISSING),
        (120 * 60, Arrival.ABSENT),
    ],
)
def test_nobody_signed_in(after_start: int, arrival: Arrival) -> None:
    found = judge(RULE, START, END, None, None, START + after_start)
    assert (found.arrival, found.departure, found.worked_minutes) == (arrival, Departure.NONE, 0)


def test_nobody_signed_out() -> None:
    assert judge(RULE, START, END, START, None, END - 1).departure is Departure.OPEN
    assert judge(RULE, START, END, START, None, END + 3600).departure is Departure.OPEN
    late = judge(RULE, START, END, START, None, AFTER)
    assert (late.departure, late.worked_minutes) == (Departure.UNSIGNED, 12 * 60)


def test_worked_minutes_begin_with_the_shift() -> None:
    assert judge(RULE, START, END, START - 1800, END + 600, AFTER).worked_minutes == 12 * 60 + 10
    assert judge(RULE, START, END, START + 1800, END, AFTER).worked_minutes == 11 * 60 + 30


def test_when_one_may_sign_in() -> None:
    assert [may_sign_in(RULE, START, END, START + at) for at in (-3601, -3600, 0, 12 * 3600)] == [
        False,
        True,
        True,
        False,
    ]
