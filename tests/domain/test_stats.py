"""Bars and heat cells are counted in the desk's zone."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from dutydesk.domain.stats import SLICE, Step, bars, first_day, heat, step_for

SHANGHAI = ZoneInfo("Asia/Shanghai")


def number(text: str, zone: ZoneInfo = SHANGHAI) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()) // SLICE


def test_a_day_is_a_local_day() -> None:
    slices = [(number("2026-11-22 00:00"), "P1", 2), (number("2026-11-21 23:45"), "P3", 1)]
    counted = bars(slices, date(2026, 11, 21), date(2026, 11, 22), SHANGHAI)
    assert [(bar.start, dict(bar.counts)) for bar in counted] == [
        (date(2026, 11, 21), {"P3": 1}),
        (date(2026, 11, 22), {"P1": 2}),
    ]


@pytest.mark.parametrize(
    ("days", "step", "count"), [(7, Step.DAY, 7), (30, Step.DAY, 30), (90, Step.WEEK, 13), (365, Step.MONTH, 13)]
)
def test_every_bar_is_there_even_when_empty(days: int, step: Step, count: int) -> None:
    today = date(2026, 11, 22)
    assert step_for(days) is step
    assert len(bars([], first_day(today, days), today, SHANGHAI)) in (count, count + 1)


def test_the_heat_map_knows_weekday_and_hour() -> None:
    grid = heat([(number("2026-11-22 14:45"), "P2", 3)], SHANGHAI)
    assert grid[6][14] == 3
    assert sum(map(sum, grid)) == 3


def test_a_quarter_hour_zone_counts_into_the_right_hour() -> None:
    nepal = ZoneInfo("Asia/Kathmandu")
    at = datetime(2026, 11, 22, 9, 15, tzinfo=UTC)
    grid = heat([(int(at.timestamp()) // SLICE, "P1", 1)], nepal)
    assert grid[6][15] == 1
