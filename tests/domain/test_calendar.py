"""The five day kinds and the Chinese calendar 2024-2026 (DOMAIN 3)."""

from __future__ import annotations

import tomllib
from datetime import date

import pytest

from dutydesk.domain.calendar import DayKind, UnknownYear, WorkCalendar, calendar_of, read_calendar
from dutydesk.domain.errors import Invalid
from dutydesk.storage.shipped import data_path


@pytest.fixture(scope="module")
def china() -> WorkCalendar:
    return read_calendar(data_path("calendars", "cn.toml").read_text("utf-8"), "cn.toml")


def days(*texts: str) -> list[date]:
    return [date.fromisoformat(text) for text in texts]


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        ("2026-06-18", DayKind.WORKDAY),
        ("2024-02-14", DayKind.BRIDGE),
        ("2024-02-18", DayKind.MAKEUP),
        ("2025-05-02", DayKind.STATUTORY),
        ("2024-05-02", DayKind.BRIDGE),
        ("2026-02-16", DayKind.STATUTORY),
        ("2026-02-15", DayKind.WEEKEND),
        ("2026-02-20", DayKind.BRIDGE),
        ("2026-02-28", DayKind.MAKEUP),
        ("2026-04-05", DayKind.STATUTORY),
        ("2026-04-06", DayKind.BRIDGE),
        ("2025-10-06", DayKind.STATUTORY),
        ("2026-11-22", DayKind.WEEKEND),
        ("2026-11-23", DayKind.WORKDAY),
    ],
)
def test_kinds(china: WorkCalendar, day: str, kind: DayKind) -> None:
    assert china.kind(date.fromisoformat(day)) is kind


def test_the_statutory_days_of_decree_795(china: WorkCalendar) -> None:
    found = [day for day, kind in china.days(date(2026, 1, 1), date(2026, 12, 31)) if kind is DayKind.STATUTORY]
    assert found == days(
        "2026-01-01", "2026-02-16", "2026-02-17", "2026-02-18", "2026-02-19", "2026-04-05", "2026-05-01", "2026-05-02",
        "2026-06-19", "2026-09-25", "2026-10-01", "2026-10-02", "2026-10-03",
    )  # fmt: skip
    assert china.count(date(2025, 1, 1), date(2025, 12, 31))[DayKind.STATUTORY] == 13
    assert china.count(date(2024, 1, 1), date(2024, 12, 31))[DayKind.STATUTORY] == 11


def test_the_make_up_workdays(china: WorkCalendar) -> None:
    makeup = {
        year: [day for day, kind in china.days(date(year, 1, 1), date(year, 12, 31)) if kind is DayKind.MAKEUP]
        for year in (2025, 2026)
    }
    assert makeup[2026] == days("2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10")
    assert makeup[2025] == days("2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11")


@pytest.mark.parametrize(("year", "net"), [(2024, 11), (2025, 13), (2026, 13)])
def test_days_off_on_weekdays_less_make_up_days_are_the_years_holidays(
    china: WorkCalendar, year: int, net: int
) -> None:
    weekdays_off = makeup = 0
    for day, kind in china.days(date(year, 1, 1), date(year, 12, 31)):
        weekdays_off += day.weekday() < 5 and not kind.working
        makeup += kind is DayKind.MAKEUP
        assert kind is not DayKind.BRIDGE or day.weekday() < 5
    assert weekdays_off - makeup == net


def test_every_day_of_a_known_year_has_one_kind(china: WorkCalendar) -> None:
    assert sum(china.count(date(2024, 1, 1), date(2024, 12, 31)).values()) == 366
    assert china.last_day() == date(2026, 12, 31)


def test_the_names_of_holidays(china: WorkCalendar) -> None:
    assert china.title(date(2026, 2, 17), "zh") == "春节"
    assert china.title(date(2026, 2, 17), "en") == "Spring Festival"
    assert china.title(date(2026, 3, 17), "en") == ""


def test_an_unknown_year_is_an_error_and_never_a_guess(china: WorkCalendar) -> None:
    for year in (2001, 2027):
        with pytest.raises(UnknownYear, match=f"{year}"):
            china.kind(date(year, 1, 1))
    assert not china.knows(2027)


def test_an_imported_year_is_added() -> None:
    plain = (
        'name = "x"\n[years.2027]\noff = [2027-01-02, 2027-01-04]\nstatutory = [2027-01-01]\nworkdays = [2027-01-09]'
    )
    both = calendar_of("cn", [(date(2026, 1, 1), DayKind.STATUTORY, "元旦")]).with_years(read_calendar(plain))
    assert both.kind(date(2026, 1, 1)) is DayKind.STATUTORY
    assert both.title(date(2026, 1, 1), "zh") == "元旦"
    kinds = [both.kind(date(2027, 1, day)) for day in (1, 2, 4, 5, 9, 10)]
    assert kinds == [
        DayKind.STATUTORY,
        DayKind.WEEKEND,
        DayKind.BRIDGE,
        DayKind.WORKDAY,
        DayKind.MAKEUP,
        DayKind.WEEKEND,
    ]


def test_a_plain_calendar_knows_every_year() -> None:
    weekdays = read_calendar(data_path("calendars", "weekdays.toml").read_text("utf-8"))
    assert weekdays.kind(date(2031, 6, 7)) is DayKind.WEEKEND
    assert weekdays.kind(date(2031, 6, 9)) is DayKind.WORKDAY
    assert weekdays.last_day() is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name = ", "line 1"),
        ('name = "x"\n\n[years.2027\n', "line 3"),
        ("[years.2027]\n", "name is missing"),
        ('name = "x"', "no year"),
        ('name = "x"\n[years.soon]', "soon"),
        ('name = "x"\n[years.2027]\nstatutory = [2026-01-01]', "2026-01-01"),
        ('name = "x"\n[years.2027]\nstatutory = [2027-01-01, 2027-01-01]', "twice"),
        ('name = "x"\n[years.2027]\nstatutory = ["1 Jan"]', "statutory"),
        ('name = "x"\n[years.2027]\nworkdays = [2027-01-04]', "2027-01-04"),
        ('name = "x"\n[years.2027]\noff = [2027-01-02]\nworkdays = [2027-01-02]', "2027-01-02"),
        ('name = "x"\n[years.2027]\nholiday = [2027-01-02]', "holiday"),
        ('name = "x"\nweekend = ["sab"]\n[years.2027]', "sab"),
        ('name = "x"\n[[years.2027.holidays]]\nfrom = 2027-01-02\nto = 2027-01-01', "before"),
    ],
)
def test_a_wrong_file_says_where(text: str, says: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_calendar(text, "2027.toml")
    assert says in str(refused.value)
    assert "2027.toml" in str(refused.value)


def test_the_shipped_file_is_plain_toml() -> None:
    data = tomllib.loads(data_path("calendars", "cn.toml").read_text("utf-8"))
    assert set(data["years"]) == {"2024", "2025", "2026"}
    assert all(year["source"].startswith("https://www.gov.cn/") for year in data["years"].values())
