"""When turns change: restated from GoAlert's tests of rotations, over clock changes and before the start."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from dutydesk.domain.policy import read_policy
from dutydesk.domain.rules import RotationRule
from dutydesk.domain.turns import handoffs


def rotation(body: str) -> RotationRule:
    return read_policy(
        'name = "x"\nzone = "UTC"\n[shifts.duty]\nfrom = "00:00"\nto = "24:00"\n[[rotation]]\norder = "all"\n' + body
    ).rotations[0]


@pytest.mark.parametrize(
    ("body", "zone", "between", "expected"),
    [
        (
            'every = "day"\nstart = 2020-03-06\nturn_at = "02:30"',
            "America/Chicago",
            ("2020-03-07T01:00-06:00", "2020-03-10T01:00-05:00"),
            ["2020-03-07T02:30-06:00", "2020-03-08T03:00-05:00", "2020-03-09T02:30-05:00"],
        ),
        (
            'every = "hour"\nstart = 2020-03-06\nturn_at = "02:00"',
            "America/Chicago",
            ("2020-03-08T01:00-06:00", "2020-03-08T04:00-05:00"),
            ["2020-03-08T01:00-06:00", "2020-03-08T03:00-05:00", "2020-03-08T04:00-05:00"],
        ),
        (
            'every = "hour"\ninterval = 24\nstart = 2020-10-30\nturn_at = "01:30"',
            "America/Chicago",
            ("2020-10-29T00:00-05:00", "2020-11-02T01:00-06:00"),
            [f"2020-{day}T01:30-05:00" for day in ("10-29", "10-30", "10-31", "11-01")],
        ),
        (
            'every = "hour"\ninterval = 10\nstart = 2020-06-01\nturn_at = "03:00"',
            "UTC",
            ("2020-05-30T21:00+00:00", "2020-05-31T08:00+00:00"),
            ["2020-05-30T21:00+00:00", "2020-05-31T07:00+00:00"],
        ),
        (
            'every = "month"\nmonth_starts = 10\nstart = 2020-01-10',
            "UTC",
            ("2019-11-01T00:00+00:00", "2020-02-10T00:00+00:00"),
            [f"{month}-10T00:00+00:00" for month in ("2019-11", "2019-12", "2020-01", "2020-02")],
        ),
        (
            'every = "week"\ninterval = 2\nstart = 2026-12-21\nturn_at = "08:00"',
            "Europe/Berlin",
            ("2026-11-30T00:00+01:00", "2027-01-31T00:00+01:00"),
            [f"{day}T08:00+01:00" for day in ("2026-12-07", "2026-12-21", "2027-01-04", "2027-01-18")],
        ),
        (
            'every = "day"\ninterval = 3\nstart = 2024-02-27',
            "Australia/Lord_Howe",
            ("2024-02-24T00:00+11:00", "2024-03-05T00:00+11:00"),
            [f"2024-{day}T00:00+11:00" for day in ("02-24", "02-27", "03-01", "03-04")],
        ),
        ('every = "slot"\nstart = 2026-01-01', "UTC", ("2026-01-01T00:00+00:00", "2026-01-03T00:00+00:00"), []),
    ],
)
def test_handoffs(body: str, zone: str, between: tuple[str, str], expected: list[str]) -> None:
    first, last = (int(datetime.fromisoformat(text).timestamp()) for text in between)
    found = handoffs(rotation(body), ZoneInfo(zone), first, last)
    assert [datetime.fromtimestamp(at, ZoneInfo(zone)).isoformat(timespec="minutes") for at in found] == expected
