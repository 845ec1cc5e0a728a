"""Leave and covers: bounds as people type them, stretches of time, and who should be asked first."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dutydesk.domain import leave
from dutydesk.domain.errors import Invalid
from dutydesk.domain.leave import Fitness, rank
from dutydesk.domain.words import Label
from dutydesk.locale.lines import said

ZONE = ZoneInfo("Asia/Shanghai")
OPENING = 8 * 3600


def moment(text: str, zone: ZoneInfo = ZONE) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp())


NOW = moment("2026-11-22 14:32")


@pytest.mark.parametrize(
    ("text", "last", "expected"),
    [
        ("12-01", False, "2026-12-01 08:00"),
        ("12-03", True, "2026-12-04 08:00"),
        ("tomorrow", False, "2026-11-23 08:00"),
        ("周五", True, "2026-11-28 08:00"),
        ("today", False, "2026-11-22 14:32"),
        ("today", True, "2026-11-23 08:00"),
        ("12-01 14:00", True, "2026-12-01 14:00"),
        ("2027-01-02", False, "2027-01-02 08:00"),
        ("01-02", False, "2027-01-02 08:00"),
        ("11-20", False, "2026-11-20 08:00"),
        ("2027-11-20", False, "2027-11-20 08:00"),
    ],
)
def test_a_day_alone_is_the_duty_day(text: str, last: bool, expected: str) -> None:
    assert leave.boundary(text, opening=OPENING, last=last, now=NOW, zone=ZONE) == moment(expected)


def test_days_end_right_when_the_clocks_change() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    now = moment("2026-10-20 12:00", berlin)
    first = leave.boundary("10-24", opening=OPENING, last=False, now=now, zone=berlin)
    last = leave.boundary("10-24", opening=OPENING, last=True, now=now, zone=berlin)
    assert last - first == 25 * 3600
    assert leave.days_of(first, last, OPENING, berlin) == (date(2026, 10, 24), date(2026, 10, 24))
    assert leave.days_of(first, last - 3600, OPENING, berlin) is None


@pytest.mark.parametrize(
    ("starts", "ends", "field"),
    [
        ("2026-11-24 08:00", "2026-11-24 08:00", "ends_at"),
        ("2026-11-20 08:00", "2026-11-21 08:00", "ends_at"),
        ("2026-11-20 08:00", "2026-11-25 08:00", "starts_at"),
        ("2026-11-24 08:00", "2027-11-30 08:00", "ends_at"),
    ],
)
def test_leave_lies_ahead_and_has_a_length(starts: str, ends: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        leave.check_span(moment(starts), moment(ends), NOW)
    assert refused.value.field == field


def test_a_leave_over_a_running_shift_begins_now() -> None:
    assert leave.check_span(NOW - 120, NOW + 3600, NOW) == NOW


spans = st.tuples(st.integers(0, 50), st.integers(1, 20)).map(lambda pair: (pair[0], pair[0] + pair[1]))


@given(spans, st.lists(spans, max_size=5))
def test_what_is_left_and_what_is_taken_make_the_whole(whole: tuple[int, int], taken: list[tuple[int, int]]) -> None:
    left = leave.minus(whole, taken)
    hours = {hour for begin, end in left for hour in range(begin, end)}
    covered = {hour for begin, end in taken for hour in range(begin, end)}
    assert hours == set(range(*whole)) - covered
    assert list(left) == sorted(left)


def fitness(**more: object) -> Fitness:
    usual = {
        "duties": 3,
        "hours": 36.0,
        "rest_before": 12 * 3600,
        "rest_after": 36 * 3600,
        "rest": 11,
        "holds_post": True,
        "holiday": date(2026, 10, 1),
        "order": 0,
    }
    return Fitness(**(usual | more))  # type: ignore[arg-type]


def test_load_then_rest_then_post_then_the_last_holiday() -> None:
    usual = fitness()
    assert rank(fitness(hours=24.0)) < rank(usual)
    assert rank(usual) < rank(fitness(hours=24.0, rest_before=3600))
    assert rank(usual) < rank(fitness(hours=24.0, holds_post=False))
    assert rank(fitness(holiday=date(2026, 5, 1))) < rank(usual)
    assert rank(fitness(holiday=None)) < rank(fitness(holiday=date(2026, 5, 1)))
    assert rank(usual) < rank(fitness(order=1))
    assert rank(fitness(rest_after=0, hours=12)) < rank(fitness(rest_after=0, hours=24))


def test_the_reasons_name_load_rest_post_and_holiday() -> None:
    post = Label("网络", "Network")
    told = [said(each) for each in leave.reasons(fitness(cap=3), post)]
    assert told == ["36 h this month (cap 3 reached)", "12 h rest", "holds Network", "holiday worked 1 Oct"]
    tired = fitness(rest_before=None, rest_after=5400, holds_post=False, holiday=None)
    assert [said(each) for each in leave.reasons(tired, post)] == [
        "36 h this month",
        "only 1.5 h rest",
        "lacks Network",
        "no holiday worked",
    ]
    assert len(leave.concerns(tired, post)) == 2
    assert leave.concerns(fitness(), post) == ()
