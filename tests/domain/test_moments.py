"""What people type as a time."""

from __future__ import annotations

import contextlib
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dutydesk.domain.errors import Invalid
from dutydesk.domain.moments import moment

ZONE = ZoneInfo("Asia/Shanghai")
NOW = int(datetime(2026, 11, 22, 14, 32, tzinfo=ZONE).timestamp())  # a Sunday


def read(text: str, *, ahead: bool = False, now: int = NOW) -> str:
    found = datetime.fromtimestamp(moment(text, now=now, zone=ZONE, ahead=ahead), ZONE)
    return f"{found:%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("14:30", "2026-11-22 14:30"),
        ("1430", "2026-11-22 14:30"),
        ("１４：３０", "2026-11-22 14:30"),
        ("15:20", "2026-11-22 15:20"),
        ("15:40", "2026-11-21 15:40"),
        ("23:50", "2026-11-21 23:50"),
        ("-20", "2026-11-22 14:12"),
        ("－２０", "2026-11-22 14:12"),
        ("−20m", "2026-11-22 14:12"),
        ("-2h", "2026-11-22 12:32"),
        ("-1.5h", "2026-11-22 13:02"),
        ("20 min ago", "2026-11-22 14:12"),
        ("20分钟前", "2026-11-22 14:12"),
        ("2小时前", "2026-11-22 12:32"),
        ("半小时前", "2026-11-22 14:02"),
        ("yesterday 22:10", "2026-11-21 22:10"),
        ("Yesterday  22:10", "2026-11-21 22:10"),
        ("昨天 22:10", "2026-11-21 22:10"),
        ("昨 22:10", "2026-11-21 22:10"),
        ("昨22：10", "2026-11-21 22:10"),
        ("昨天22点10分", "2026-11-21 22:10"),
        ("今天 9:05", "2026-11-22 09:05"),
        ("fri 22:10", "2026-11-20 22:10"),
        ("周五 22:10", "2026-11-20 22:10"),
        ("sun 10:00", "2026-11-22 10:00"),
        ("sun 22:10", "2026-11-15 22:10"),
        ("11-21 22:10", "2026-11-21 22:10"),
        ("11/21 22:10", "2026-11-21 22:10"),
        ("11月21日 22:10", "2026-11-21 22:10"),
        ("12-30 10:00", "2025-12-30 10:00"),
        ("02-29 10:00", "2024-02-29 10:00"),
        ("2026-11-21 22:10", "2026-11-21 22:10"),
        ("2026-11-21T22:10", "2026-11-21 22:10"),
        ("now", "2026-11-22 14:32"),
        ("现在", "2026-11-22 14:32"),
    ],
)
def test_something_that_happened(text: str, expected: str) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+2h", "2026-11-22 16:32"),
        ("+30", "2026-11-22 15:02"),
        ("+3d", "2026-11-25 14:32"),
        ("in 2 h", "2026-11-22 16:32"),
        ("2小时后", "2026-11-22 16:32"),
        ("16:00", "2026-11-22 16:00"),
        ("9:00", "2026-11-23 09:00"),
        ("tomorrow 9:00", "2026-11-23 09:00"),
        ("明天 9:00", "2026-11-23 09:00"),
        ("tomorrow", "2026-11-23 09:00"),
        ("后天", "2026-11-24 09:00"),
        ("fri 10:00", "2026-11-27 10:00"),
        ("sun", "2026-11-29 09:00"),
        ("11-25", "2026-11-25 09:00"),
        ("01-05", "2027-01-05 09:00"),
        ("2026-11-25 17:00", "2026-11-25 17:00"),
    ],
)
def test_something_planned(text: str, expected: str) -> None:
    assert read(text, ahead=True) == expected


def test_just_after_midnight_an_evening_time_is_yesterday() -> None:
    midnight = int(datetime(2026, 11, 23, 0, 10, tzinfo=ZONE).timestamp())
    assert read("23:50", now=midnight) == "2026-11-22 23:50"
    assert read("0:40", now=midnight) == "2026-11-23 00:40"


@pytest.mark.parametrize(
    "text",
    ["", " ", "25:00", "12:60", "abc", "2026-02-30 10:00", "13-01 10:00", "yesterday", "11-21", "[red]", "- 5 x"],
)
def test_what_cannot_be_read_gets_an_example(text: str) -> None:
    with pytest.raises(Invalid, match="yesterday 22:10") as refused:
        moment(text, now=NOW, zone=ZONE, field="at")
    assert refused.value.field == "at"


def test_a_date_alone_that_has_passed_is_refused_ahead() -> None:
    with pytest.raises(Invalid, match="tomorrow"):
        moment("today", now=NOW, zone=ZONE, ahead=True)


@given(st.text(max_size=30), st.booleans())
def test_nothing_typed_breaks_it(text: str, ahead: bool) -> None:
    with contextlib.suppress(Invalid):
        assert isinstance(moment(text, now=NOW, zone=ZONE, ahead=ahead), int)
