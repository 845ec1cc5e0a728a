"""Days as people type them."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from dutydesk.domain.days import day_span, last_instant
from dutydesk.domain.errors import Invalid

ZONE = ZoneInfo("Asia/Shanghai")
NOW = int(datetime(2026, 11, 22, 14, 32, tzinfo=ZONE).timestamp())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("14:20", "2026-11-22 14:20"),
        ("yesterday", "2026-11-21 23:59"),
        ("昨天", "2026-11-21 23:59"),
        ("昨天 8:00", "2026-11-21 08:00"),
        ("Fri", "2026-11-20 23:59"),
        ("11-20", "2026-11-20 23:59"),
        ("2025-11-20", "2025-11-20 23:59"),
        ("22", "2026-11-22 23:59"),
        ("23", "2026-10-23 23:59"),
        ("31", "2026-10-31 23:59"),
        ("-20", "2026-11-22 14:12"),
    ],
)
def test_a_day_alone_means_its_last_minute(text: str, expected: str) -> None:
    at = last_instant(text, now=NOW, zone=ZONE)
    assert f"{datetime.fromtimestamp(at, ZONE):%Y-%m-%d %H:%M}" == expected


@pytest.mark.parametrize("text", ["", "nonsense", "32", "0", "13-40", "x" * 200])
def test_what_is_no_day_is_refused_with_examples(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        last_instant(text, now=NOW, zone=ZONE, field="at")
    assert refused.value.field == "at"


def test_a_span_is_the_whole_local_day() -> None:
    first, after = day_span("yesterday 13:00", now=NOW, zone=ZONE)
    assert f"{datetime.fromtimestamp(first, ZONE):%Y-%m-%d %H:%M}" == "2026-11-21 00:00"
    assert after - first == 86_400
