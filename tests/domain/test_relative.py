"""Lengths of time in a search (facts restated from Olog's own tests)."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from dutydesk.domain.errors import Invalid
from dutydesk.domain.relative import Amount, amount, before

UTC = ZoneInfo("UTC")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("now", Amount()),
        ("3 days", Amount(seconds=259200)),
        ("1.5 hour", Amount(seconds=5400)),
        ("6.5 minutes", Amount(seconds=390)),
        ("1.5 days", Amount(seconds=129600)),
        ("2h 30m", Amount(seconds=9000)),
        ("10 secs", Amount(seconds=10)),
        ("1 month 1 weeks 3 days 20 mins 10 sec", Amount(months=1, days=10)),
        ("1 mo", Amount(months=1)),
        ("1.5 weeks", Amount(days=11)),
        ("1.5 years", Amount(months=18)),
        ("3天", Amount(seconds=259200)),
        ("２周", Amount(days=14)),
        ("1个月", Amount(months=1)),
    ],
)
def test_amounts(text: str, expected: Amount) -> None:
    assert amount(text) == expected


@pytest.mark.parametrize("text", ["", "soon", "3", "3 parsecs", "-3 days", "3 days x", "5 ms"])
def test_what_is_no_amount(text: str) -> None:
    with pytest.raises(Invalid, match="2 weeks"):
        amount(text)


@pytest.mark.parametrize(("end", "days"), [("2011-02-01", 31), ("2012-03-01", 29), ("2011-03-01", 28)])
def test_a_month_back_has_the_days_of_the_calendar(end: str, days: int) -> None:
    at = int(datetime.fromisoformat(end).replace(tzinfo=UTC).timestamp())
    assert at - before(at, amount("1 month"), UTC) == days * 86400


def test_a_week_back_keeps_the_wall_clock() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    at = int(datetime(2026, 4, 1, 9, 0, tzinfo=berlin).timestamp())
    assert before(at, amount("1 week"), berlin) == int(datetime(2026, 3, 25, 9, 0, tzinfo=berlin).timestamp())
    end_of_march = int(datetime(2026, 3, 31, 9, 0, tzinfo=berlin).timestamp())
    assert before(end_of_march, amount("1 month"), berlin) == int(datetime(2026, 2, 28, 9, tzinfo=berlin).timestamp())
