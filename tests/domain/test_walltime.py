"""Wall-clock windows in zones with and without summer time (DOMAIN 2.3, 2.10)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dutydesk.domain import walltime
from dutydesk.domain.errors import Invalid

BERLIN = ZoneInfo("Europe/Berlin")
SHANGHAI = ZoneInfo("Asia/Shanghai")
CHICAGO = ZoneInfo("America/Chicago")


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def test_a_shift_in_shanghai() -> None:
    start, end = walltime.shift_bounds(date(2026, 11, 22), "20:00", "08:00", SHANGHAI)
    assert (start, end) == (at("2026-11-22T20:00+08:00"), at("2026-11-23T08:00+08:00"))


def test_a_window_ending_at_its_start_lasts_a_day_and_24_00_is_an_end() -> None:
    start, end = walltime.shift_bounds(date(2026, 11, 22), "08:30", "08:30", SHANGHAI)
    assert end - start == 24 * 3600
    start, end = walltime.shift_bounds(date(2026, 11, 22), "16:00", "24:00", SHANGHAI)
    assert end == at("2026-11-23T00:00+08:00")
    assert str(walltime.window("16:00", "24:00")) == "16:00–24:00"


@pytest.mark.parametrize(
    ("day", "hours"),
    [("2026-03-28", 11), ("2026-03-29", 12), ("2026-10-24", 13), ("2026-10-25", 12)],
)
def test_night_hours_are_real_hours_when_the_clocks_change(day: str, hours: int) -> None:
    start, end = walltime.shift_bounds(date.fromisoformat(day), "20:00", "08:00", BERLIN)
    assert end - start == hours * 3600


@pytest.mark.parametrize(
    ("day", "window", "begin", "end"),
    [
        ("2021-03-28", ("00:30", "01:30"), "2021-03-28T00:30+01:00", "2021-03-28T01:30+01:00"),
        ("2021-03-28", ("01:30", "03:30"), "2021-03-28T01:30+01:00", "2021-03-28T03:30+02:00"),
        ("2021-10-31", ("03:30", "04:30"), "2021-10-31T03:30+01:00", "2021-10-31T04:30+01:00"),
        ("2021-10-31", ("02:30", "04:30"), "2021-10-31T02:30+02:00", "2021-10-31T04:30+01:00"),
    ],
)
def test_windows_around_the_change(day: str, window: tuple[str, str], begin: str, end: str) -> None:
    assert walltime.shift_bounds(date.fromisoformat(day), *window, BERLIN) == (at(begin), at(end))


def test_a_missing_time_moves_to_the_next_valid_instant() -> None:
    assert walltime.instant(datetime(2020, 3, 8, 2, 30), CHICAGO) == at("2020-03-08T03:00-05:00")
    assert walltime.instant(datetime(2026, 3, 29, 2, 0), BERLIN) == at("2026-03-29T03:00+02:00")


def test_an_ambiguous_time_is_the_first_one() -> None:
    assert walltime.instant(datetime(2025, 10, 26, 2, 30), BERLIN) == at("2025-10-26T00:30+00:00")


def test_a_day_has_23_24_or_25_hours() -> None:
    lengths = [
        end - start
        for start, end in (
            walltime.day_bounds(day, BERLIN) for day in (date(2026, 3, 29), date(2026, 5, 1), date(2026, 10, 25))
        )
    ]
    assert lengths == [23 * 3600, 24 * 3600, 25 * 3600]


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2035, 1, 1)).map(lambda moment: moment.replace(microsecond=0)),
    st.sampled_from(["Europe/Berlin", "America/Chicago", "Australia/Lord_Howe", "Asia/Shanghai", "Africa/Casablanca"]),
)
def test_instants_go_forward_and_come_back(moment: datetime, name: str) -> None:
    zone = ZoneInfo(name)
    here = walltime.instant(moment, zone)
    assert walltime.instant(moment + timedelta(minutes=1), zone) >= here
    back = datetime.fromtimestamp(here, zone).replace(tzinfo=None)
    assert back >= moment
    if back != moment:
        assert datetime.fromtimestamp(here - 1, zone).replace(tzinfo=None) < moment


@pytest.mark.parametrize("text", ["25:00", "24:01", "8", "8:5", "08:60", "", "eight", "-1:00"])
def test_what_is_not_a_time_of_day(text: str) -> None:
    with pytest.raises(Invalid):
        walltime.parse_time(text)


def test_24_00_is_never_a_start() -> None:
    with pytest.raises(Invalid):
        walltime.window("24:00", "17:41")


def test_an_end_beyond_midnight_when_it_is_allowed() -> None:
    night = walltime.window("09:00:03", "30:00:04", last="48:00")
    begin, end = night.bounds(date(2014, 9, 24), ZoneInfo("UTC"))
    assert datetime.fromtimestamp(end, UTC) == datetime(2014, 9, 25, 6, 0, 4, tzinfo=UTC)
    assert datetime.fromtimestamp(begin, UTC) == datetime(2014, 9, 24, 9, 0, 3, tzinfo=UTC)


def test_an_unknown_zone_is_a_sentence() -> None:
    for name in ("Mars/Base", "", "../etc/passwd"):
        with pytest.raises(Invalid, match="Asia/Shanghai"):
            walltime.zone_named(name)


def test_a_window_covers_after_midnight() -> None:
    night = walltime.window("20:00", "08:00")
    assert night.covers(3 * 3600)
    assert night.covers(20 * 3600)
    assert not night.covers(8 * 3600)
    assert night.overnight
