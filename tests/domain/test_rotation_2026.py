"""The three shipped policies over 2026 against a recount in plain arithmetic, and the odd days of clocks and calendars.

The recount knows nothing of the engine: the days off are written out from the announcement of the State Council.
"""

from __future__ import annotations

import time
from collections import Counter
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from dutydesk.domain.calendar import DayKind, WorkCalendar, read_calendar
from dutydesk.domain.policy import Policy, read_policy
from dutydesk.domain.rotation import Flag, Member, plan
from dutydesk.storage.shipped import data_path

YEAR = (date(2026, 1, 1), date(2026, 12, 31))
CHINA = read_calendar(data_path("calendars", "cn.toml").read_text("utf-8"), "cn.toml")
BERLIN = ZoneInfo("Europe/Berlin")
STATUTORY = {
    "01-01",
    "02-16",
    "02-17",
    "02-18",
    "02-19",
    "04-05",
    "05-01",
    "05-02",
    "06-19",
    "09-25",
    "10-01",
    "10-02",
    "10-03",
}
IN_LIEU = {"01-02", "02-20", "02-23", "04-06", "05-04", "05-05", "10-05", "10-06", "10-07"}
MAKEUP = {"01-04", "02-14", "02-28", "05-09", "09-20", "10-10"}


@pytest.fixture(scope="module")
def china() -> WorkCalendar:
    return CHINA


def preset(name: str) -> Policy:
    return read_policy(data_path("policies", f"{name}.toml").read_text("utf-8"), name)


def staff(count: int, *posts: str) -> list[Member]:
    return [Member(f"p{at:02d}", (posts[at % len(posts)],) if posts else (), at) for at in range(count)]


def days_of_2026() -> list[date]:
    return [date(2026, 1, 1) + timedelta(days=step) for step in range(365)]


def kind_of(day: date) -> DayKind:
    """Return the kind of a day of 2026, from the lists above and the weekday alone."""
    key = f"{day:%m-%d}"
    if key in STATUTORY:
        return DayKind.STATUTORY
    if key in MAKEUP:
        return DayKind.MAKEUP
    if day.weekday() >= 5:
        return DayKind.WEEKEND
    return DayKind.BRIDGE if key in IN_LIEU else DayKind.WORKDAY


@pytest.mark.parametrize("people", [5, 8, 9, 20, 21])
def test_twelve_hour_2026(china: WorkCalendar, people: int) -> None:
    """A1, A2: two shifts a day, in fixed order; neighbours exchange every other round when the order is even."""
    order = [member.login for member in staff(people)]
    made = plan(preset("twelve-hour"), staff(people), china, *YEAR)
    expected = []
    for number in range(730):
        turn, place = divmod(number, people)
        if people % 2 == 0 and turn % 2:
            place += 1 if place % 2 == 0 else -1
        expected.append(order[place])
    assert [slot.logins for slot in made.slots] == [(login,) for login in expected]
    assert [slot.kind for slot in made.slots] == ["day", "night"] * 365
    assert not made.gaps
    assert not made.incomplete
    loads = made.duties()
    assert max(loads.values()) - min(loads.values()) <= 1
    nights = Counter(slot.logins[0] for slot in made.slots if slot.kind == "night")
    assert max(nights.values()) - min(nights.values()) <= 2


@pytest.mark.parametrize("people", [8, 20, 21])
def test_twelve_hour_says_how_many_people_the_cap_needs(china: WorkCalendar, people: int) -> None:
    """A2: the generator says so in numbers, flags each duty over the cap, and leaves no shift empty."""
    made = plan(preset("twelve-hour"), staff(people), china, *YEAR)
    expected = {}
    for month in range(1, 13):
        duties = 2 * sum(day.month == month for day in days_of_2026())
        if duties > people * 3:
            expected[f"2026-{month:02d}"] = (duties, -(-duties // 3), people)
    assert {short.month: (short.duties, short.needed, short.present) for short in made.shortage} == expected
    seen: Counter[tuple[str, int]] = Counter()
    for slot in made.slots:
        for assigned in slot.assigned:
            seen[assigned.login, slot.day.month] += 1
            assert (Flag.OVER_CAP in assigned.flags) == (seen[assigned.login, slot.day.month] > 3)
    assert not made.empty


def test_weekly_team_2026(china: WorkCalendar) -> None:
    """B1: one team each day, for a week from Monday; the first days of January are a partial week."""
    people = staff(7)
    made = plan(preset("weekly-team"), people, china, *YEAR)
    for slot in made.slots:
        week = (slot.day - date(2025, 12, 29)).days // 7
        expected = tuple(people[(2 * week + seat) % 7].login for seat in (0, 1))
        assert slot.logins == expected
        assert slot.assigned[0].why.turn == week + 1
    assert len(made.slots) == 365
    assert not made.gaps
    assert not made.incomplete


def test_split_cycle_2026(china: WorkCalendar) -> None:
    """C1, C2: one of each post; workdays by the week, other days by the month, each with its own counter."""
    posts = ("specialist", "network", "system")
    people = staff(9, *posts)
    made = plan(preset("split-cycle"), people, china, *YEAR)
    off = {
        date.fromisoformat(f"2026-{day}")
        for day in ("01-01", "01-02", "02-23", "04-06", "05-01", "05-04", "05-05", "06-19", "09-25")
    }
    off |= {date(2026, 2, day) for day in range(16, 21)} | {date(2026, 10, day) for day in range(1, 8)}
    makeup = {date.fromisoformat(f"2026-{day}") for day in ("01-04", "02-14", "02-28", "05-09", "09-20", "10-10")}
    weeks: list[date] = []
    for slot in made.slots:
        works = slot.day in makeup or (slot.day.weekday() < 5 and slot.day not in off)
        if works:
            monday = slot.day - timedelta(days=slot.day.weekday())
            weeks += [monday] if monday not in weeks else []
            turn = weeks.index(monday)
        else:
            turn = slot.day.month - 1
        assert [(assigned.post, assigned.login) for assigned in slot.assigned] == [
            (post, people[at + 3 * (turn % 3)].login) for at, post in enumerate(posts)
        ]
        assert {assigned.why.rule for assigned in slot.assigned} == {"workdays" if works else "non-workdays"}
        assert {assigned.why.turn for assigned in slot.assigned} == {turn + 1}
    assert date(2026, 2, 16) not in weeks, "the week inside Spring Festival uses up no turn"
    assert len(made.slots) == 365
    assert not made.gaps
    assert not made.incomplete


@pytest.mark.parametrize(
    ("name", "people", "a_day"), [("twelve-hour", 8, 2), ("weekly-team", 7, 2), ("split-cycle", 9, 3)]
)
def test_how_many_duties_on_days_of_each_kind(name: str, people: int, a_day: int) -> None:
    """B10, C9: every duty of the year by kind of day.

    104 weekend days less 3 statutory ones and 6 worked; 261 weekdays less 10 statutory ones and 9 in lieu.
    """
    made = plan(preset(name), staff(people, "specialist", "network", "system"), CHINA, *YEAR)
    kinds = Counter(kind_of(day) for day in days_of_2026())
    assert kinds == {
        DayKind.WORKDAY: 242,
        DayKind.WEEKEND: 95,
        DayKind.STATUTORY: 13,
        DayKind.BRIDGE: 9,
        DayKind.MAKEUP: 6,
    }
    duties = Counter((login, CHINA.kind(slot.day)) for slot in made.slots for login in slot.logins)
    for kind, days in kinds.items():
        assert sum(count for (_, each), count in duties.items() if each is kind) == days * a_day
    assert {login for login, _ in duties} == {f"p{at:02d}" for at in range(people)}
    assert sum(duties.values()) == 365 * a_day


def test_the_cap_of_the_twelve_hour_desk_in_words() -> None:
    """A2: eight people are too few for January; the plan says how many it needs and how many there are."""
    made = plan(preset("twelve-hour"), staff(8), CHINA, date(2026, 1, 1), date(2026, 1, 31))
    (short,) = made.shortage
    assert (short.duties, short.cap, short.needed, short.present) == (62, 3, 21, 8)
    over = len(made.flagged(Flag.OVER_CAP))
    assert over == 62 - 8 * 3
    enough = plan(preset("twelve-hour"), staff(21), CHINA, date(2026, 1, 1), date(2026, 1, 31))
    assert not enough.shortage
    assert not enough.flagged(Flag.OVER_CAP)


def test_two_shifts_cover_every_real_hour_in_berlin(china: WorkCalendar) -> None:
    policy = preset("twelve-hour").in_zone("Europe/Berlin")
    made = plan(policy, staff(9), china, *YEAR)
    assert not made.gaps
    assert sum(slot.ends_at - slot.starts_at for slot in made.slots) == 365 * 24 * 3600
    assert all(one.ends_at == two.starts_at for one, two in zip(made.slots, made.slots[1:], strict=False))
    assert not made.flagged(Flag.LONG_SHIFT), "the hour of a clock change is no fault of the plan"


@pytest.mark.parametrize("name", ["twelve-hour", "weekly-team", "split-cycle"])
@pytest.mark.parametrize(("day", "length"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25)])
def test_the_days_of_both_clock_changes_in_berlin(name: str, day: date, length: int) -> None:
    """2.10: hours worked are real hours, and each hour of the day is covered once."""
    people = staff(9, "specialist", "network", "system")
    made = plan(preset(name).in_zone("Europe/Berlin"), people, CHINA, day - timedelta(days=1), day + timedelta(days=1))
    assert not made.gaps
    assert all(one.ends_at == two.starts_at for one, two in pairwise(made.slots))
    begin = int(datetime(day.year, day.month, day.day, tzinfo=BERLIN).timestamp())
    following = day + timedelta(days=1)
    end = int(datetime(following.year, following.month, following.day, tzinfo=BERLIN).timestamp())
    assert (end - begin) // 3600 == length
    worked = sum(
        min(slot.ends_at, end) - max(slot.starts_at, begin)
        for slot in made.slots
        if slot.ends_at > begin and slot.starts_at < end
    )
    assert worked == length * 3600
    clocks = {f"{datetime.fromtimestamp(slot.starts_at, BERLIN):%H:%M}" for slot in made.slots}
    assert clocks <= {"08:00", "20:00", "08:30"}


def test_the_leap_day_counts_as_a_day() -> None:
    policy = preset("twelve-hour").starting(date(2024, 1, 1))
    made = plan(policy, staff(5), CHINA, date(2024, 2, 28), date(2024, 3, 1))
    first = 2 * 58
    assert [slot.logins[0] for slot in made.slots] == [f"p{(first + at) % 5:02d}" for at in range(6)]
    assert [slot.day.isoformat() for slot in made.slots[2:4]] == ["2024-02-29"] * 2


def test_over_the_end_of_the_year_and_week_53() -> None:
    """The week from Monday 28 December 2026 is week 53 and one turn, into January."""
    assert date(2026, 12, 31).isocalendar().week == 53
    made = plan(preset("weekly-team"), staff(6), CHINA, date(2026, 12, 27), date(2027, 1, 4))
    turns = [slot.assigned[0].why.turn for slot in made.slots]
    assert turns == [52, *[53] * 7, 54]
    assert [slot.logins for slot in made.slots[1:8]] == [("p02", "p03")] * 7


def test_two_hundred_people_and_four_rotations_in_a_year() -> None:
    """A year is planned in less than two seconds of work."""
    rotations = "".join(
        f'[[rotation]]\nname = "r{number}"\norder = {order}\nevery = "{every}"\nstart = 2026-01-01\ncap_per_month = 3\n'
        f"together = {together}\n{need}"
        for number, (every, order, need, together) in enumerate(
            [
                ("slot", '"all"', "", 2),
                (
                    "day",
                    '{ network = "post:network", system = "post:system" }',
                    "need = { network = 1, system = 1 }\n",
                    1,
                ),
                ("week", '"all"', "", 1),
                ("month", '"all"', "", 1),
            ]
        )
    )
    policy = read_policy(
        'name = "big"\nzone = "Asia/Shanghai"\ncalendar = "cn"\n[shifts.day]\nfrom = "08:00"\nto = "20:00"\n'
        f'[shifts.night]\nfrom = "20:00"\nto = "08:00"\n{rotations}[rest]\nhours_between = 11\nnights_in_a_row = 3\n'
    )
    begin = time.process_time()
    made = plan(policy, staff(200, "network", "system"), CHINA, *YEAR)
    assert time.process_time() - begin < 2
    assert len(made.slots) == 730
    assert sum(len(slot.assigned) + len(slot.missing) for slot in made.slots) == 730 * 6
