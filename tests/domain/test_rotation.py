"""The rotation engine against plain recounts (DOMAIN 2; A2, B1, C1, C2)."""

from __future__ import annotations

import itertools
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dutydesk.domain.calendar import UnknownYear, WorkCalendar, read_calendar
from dutydesk.domain.policy import Policy, read_policy
from dutydesk.domain.rotation import Away, Flag, Member, Plan, Reason, Worked, plan
from dutydesk.storage.shipped import data_path

YEAR = (date(2026, 1, 1), date(2026, 12, 31))
SHANGHAI = ZoneInfo("Asia/Shanghai")
CHINA = read_calendar(data_path("calendars", "cn.toml").read_text("utf-8"), "cn.toml")
HEAD = 'name = "x"\nzone = "{zone}"\ncalendar = "cn"\n[shifts.duty]\nfrom = "{start}"\nto = "{end}"\n[[rotation]]\n'


@pytest.fixture(scope="module")
def china() -> WorkCalendar:
    return CHINA


def preset(name: str) -> Policy:
    return read_policy(data_path("policies", f"{name}.toml").read_text("utf-8"), name)


def rule(body: str, *, zone: str = "Asia/Shanghai", start: str = "00:00", end: str = "12:00") -> Policy:
    return read_policy(HEAD.format(zone=zone, start=start, end=end) + body)


def staff(count: int, *posts: str) -> list[Member]:
    return [Member(f"p{at:02d}", (posts[at % len(posts)],) if posts else (), at) for at in range(count)]


def by_day(made: Plan) -> dict[str, tuple[str, ...]]:
    return {slot.day.isoformat(): slot.logins for slot in made.slots}


def days_of_2026() -> list[date]:
    return [date(2026, 1, 1) + timedelta(days=step) for step in range(365)]


def test_split_cycle_without_a_system_administrator_says_so(china: WorkCalendar) -> None:
    made = plan(preset("split-cycle"), staff(4, "specialist", "network"), china, date(2026, 3, 1), date(2026, 3, 7))
    assert len(made.slots) == 7
    assert {(missing.post, missing.reason) for slot in made.slots for missing in slot.missing} == {
        ("system", Reason.NOBODY)
    }


def test_a_person_with_two_posts_is_on_once(china: WorkCalendar) -> None:
    people = [
        Member("a", ("specialist", "network"), 0),
        Member("b", ("network",), 1),
        Member("c", ("system", "specialist"), 2),
    ]
    made = plan(preset("split-cycle"), people, china, *YEAR)
    assert all(len(set(slot.logins)) == len(slot.logins) == 3 for slot in made.slots)


def test_the_calendar_is_asked_only_when_day_kinds_matter(china: WorkCalendar) -> None:
    there = (date(2027, 1, 1), date(2027, 1, 31))
    assert len(plan(preset("twelve-hour"), staff(8), china, *there).slots) == 62
    with pytest.raises(UnknownYear):
        plan(preset("split-cycle"), staff(9, "specialist", "network", "system"), china, *there)


# Turns (restated from the test suites of other products; DOMAIN 2.1, 2.2, 2.4, 2.5).

WORK = 'days = ["mon", "tue", "wed", "thu", "fri"]'
ENDS = 'days = ["sat", "sun"]'


@pytest.mark.parametrize(
    ("body", "start", "expected"),
    [
        ('every = "day"\ndays = ["fri"]', "2024-08-01", {"2024-08-02": 0, "2024-08-09": 1, "2024-08-16": 2}),
        (f'every = "day"\ninterval = 2\n{WORK}', "2024-08-05", {"2024-08-06": 0, "2024-08-07": 1, "2024-08-12": 2}),
        (f'every = "month"\n{WORK}', "2024-08-26", {"2024-08-30": 0, "2024-09-02": 1, "2024-09-06": 1}),
        (f'every = "week"\n{WORK}', "2024-08-08", {"2024-08-09": 0, "2024-08-12": 1, "2024-08-19": 2}),
        (f'every = "day"\n{ENDS}', "2024-08-01", {"2024-08-03": 0, "2024-08-04": 1, "2024-08-10": 2, "2024-08-17": 4}),
        (f'every = "week"\n{ENDS}', "2024-08-01", {"2024-08-04": 0, "2024-08-10": 1, "2024-08-18": 2}),
        (f'every = "month"\n{ENDS}', "2024-08-29", {"2024-08-31": 0, "2024-09-01": 1, "2024-09-15": 1}),
        ('every = "day"\ninterval = 7', "2024-09-30", {"2024-10-06": 0, "2024-10-07": 1, "2024-10-14": 2}),
    ],
)
def test_turns_count_what_is_worked(china: WorkCalendar, body: str, start: str, expected: dict[str, int]) -> None:
    first = date.fromisoformat(start)
    policy = rule(f'start = {start}\norder = "all"\n{body}')
    found = by_day(plan(policy, staff(10), china, first, first + timedelta(days=21)))
    assert {day: found[day] for day in expected} == {day: (f"p{turn:02d}",) for day, turn in expected.items()}


def test_the_phase_is_anchored_at_the_start_of_the_rule(china: WorkCalendar) -> None:
    policy = rule('start = 2024-02-22\norder = "all"\nevery = "day"')
    one_day = date(2024, 6, 23)
    assert plan(policy, staff(4), china, one_day, one_day).slots[0].logins == ("p02",)


def test_hourly_turns_cut_the_shift(china: WorkCalendar) -> None:
    policy = rule('start = 2026-01-01\norder = "all"\nevery = "hour"\ninterval = 8', start="00:00", end="00:00")
    made = plan(policy, staff(4), china, date(2026, 1, 1), date(2026, 1, 2))
    assert [slot.logins[0] for slot in made.slots] == ["p00", "p01", "p02", "p03", "p00", "p01"]
    assert [slot.part for slot in made.slots] == [0, 1, 2, 0, 1, 2]
    assert all(slot.ends_at - slot.starts_at == 8 * 3600 for slot in made.slots)
    assert not made.gaps


def test_people_on_together_and_the_wrap_of_pairs(china: WorkCalendar) -> None:
    policy = rule('start = 2023-10-23\norder = "all"\nevery = "week"\ntogether = 2')
    made = plan(policy, staff(5), china, date(2023, 10, 23), date(2023, 11, 19))
    weeks = list(dict.fromkeys(slot.logins for slot in made.slots))
    assert weeks == [("p00", "p01"), ("p02", "p03"), ("p04", "p00"), ("p01", "p02")]


def test_fixed_groups_and_needed_posts(china: WorkCalendar) -> None:
    people = [Member("a", ("network",)), Member("b", ("network", "system")), Member("c", ("system",))]
    policy = rule('start = 2026-01-01\norder = [["a", "b"], ["c"]]\nevery = "day"\nneed = { network = 1, system = 1 }')
    first, second = plan(policy, people, china, date(2026, 1, 1), date(2026, 1, 2)).slots
    assert [(held.login, held.post) for held in first.assigned] == [("a", "network"), ("b", "system")]
    assert first.missing == ()
    assert [(missing.post, missing.reason) for missing in second.missing] == [("network", Reason.NO_POST)]


def test_the_higher_priority_hides_and_uses_up_the_turn_alone(china: WorkCalendar) -> None:
    policy = rule(
        'name = "daily"\nstart = 2026-02-13\norder = ["p00", "p01"]\nevery = "day"\n'
        '[[rotation]]\nname = "feast"\nstart = 2026-02-13\norder = ["p02", "p03"]\nevery = "day"\npriority = 1\n'
        'days = ["statutory"]'
    )
    made = plan(policy, staff(4), china, date(2026, 2, 15), date(2026, 2, 20))
    assert [slot.logins[0] for slot in made.slots] == ["p00", "p02", "p03", "p02", "p03", "p01"]


def test_equal_priority_puts_both_on(china: WorkCalendar) -> None:
    policy = rule(
        'name = "one"\nstart = 2026-01-01\norder = "p00"\n[[rotation]]\nname = "two"\nstart = 2026-01-01\norder = "p01"'
    )
    made = plan(policy, staff(2), china, date(2026, 1, 1), date(2026, 1, 1))
    assert made.slots[0].logins == ("p00", "p01")


def test_a_gap_is_not_an_empty_slot(china: WorkCalendar) -> None:
    policy = rule('start = 2026-01-01\norder = ["nobody"]', start="08:00", end="20:00")
    made = plan(policy, staff(2), china, date(2026, 1, 1), date(2026, 1, 1))
    assert made.unknown == ("nobody",)
    assert [missing.reason for missing in made.empty[0].missing] == [Reason.NOBODY]
    gap = made.gaps[0]
    assert datetime.fromtimestamp(gap.starts_at, SHANGHAI).hour == 20
    assert gap.ends_at - gap.starts_at == 12 * 3600


# Caps, rest, absence, people who come and go.


def test_over_the_cap_the_slot_stays_empty_and_says_so(china: WorkCalendar) -> None:
    """A2: with over_cap = "flag" the place is empty, flagged `cap reached`; next month goes on where it stopped."""
    policy = rule('start = 2026-01-01\norder = "all"\ncap_per_month = 3')
    made = plan(policy, staff(4), china, date(2026, 1, 1), date(2026, 2, 2))
    assert made.duties() == {"p00": 4, "p01": 4, "p02": 3, "p03": 3}
    empty = made.empty
    assert [slot.day.day for slot in empty] == list(range(13, 32))
    assert {missing.reason for slot in empty for missing in slot.missing} == {Reason.CAP}
    assert by_day(made)["2026-02-01"] == ("p00",)
    short = made.shortage[0]
    assert (short.month, short.needed, short.present) == ("2026-01", 11, 4)


def test_who_is_skipped_is_owed_the_turn(china: WorkCalendar) -> None:
    policy = rule('start = 2026-01-01\norder = "all"\nevery = "day"')
    leave = Away("p01", _at("2026-01-02T00:00"), _at("2026-01-04T00:00"))
    made = plan(policy, staff(4), china, date(2026, 1, 1), date(2026, 1, 8), away=[leave])
    assert [slot.logins[0] for slot in made.slots] == ["p00", "p02", "p03", "p01", "p00", "p01", "p02", "p03"]
    assert "owed" in str(made.slots[3].assigned[0].why.notes[0])


def test_in_the_middle_of_a_turn_somebody_stands_in(china: WorkCalendar) -> None:
    policy = rule('start = 2026-01-05\norder = "all"\nevery = "week"')
    leave = Away("p00", _at("2026-01-07T00:00"), _at("2026-01-08T00:00"))
    made = plan(policy, staff(3), china, date(2026, 1, 5), date(2026, 1, 11), away=[leave])
    assert [slot.logins[0] for slot in made.slots] == ["p00", "p00", "p01", "p00", "p00", "p00", "p00"]
    stand_in = made.slots[2].assigned[0]
    assert stand_in.flags == (Flag.STAND_IN,)
    assert "p00" in str(stand_in.why.notes[0])


def test_short_rest_is_avoided_or_flagged(china: WorkCalendar) -> None:
    body = 'start = 2026-01-01\norder = {order}\nevery = "slot"\n[rest]\nhours_between = 13'
    long_day = {"start": "08:00", "end": "20:00"}
    alone = plan(rule(body.format(order='"p00"'), **long_day), staff(1), china, date(2026, 1, 1), date(2026, 1, 3))
    assert [assigned.flags for slot in alone.slots for assigned in slot.assigned] == [
        (),
        (Flag.SHORT_REST,),
        (Flag.SHORT_REST,),
    ]
    worked = Worked("p00", date(2025, 12, 31), _at("2025-12-31T20:00"), _at("2026-01-01T08:00"), night=True)
    policy = rule(body.format(order='"all"'), **long_day)
    made = plan(policy, staff(3), china, date(2026, 1, 1), date(2026, 1, 3), history=[worked])
    assert [slot.logins[0] for slot in made.slots] == ["p01", "p00", "p02"]


def test_too_many_nights_in_a_row_are_flagged(china: WorkCalendar) -> None:
    policy = rule(
        'start = 2026-01-01\norder = "all"\nevery = "week"\n[rest]\nnights_in_a_row = 3', start="20:00", end="08:00"
    )
    made = plan(policy, staff(2), china, date(2026, 1, 5), date(2026, 1, 11))
    assert [Flag.NIGHTS in slot.assigned[0].flags for slot in made.slots] == [False] * 3 + [True] * 4


@pytest.mark.parametrize("leaver", [0, 3])
def test_removing_somebody_never_changes_who_is_on_now(china: WorkCalendar, leaver: int) -> None:
    policy = rule('start = 2026-01-01\norder = "all"\nevery = "day"')
    people = staff(4)
    people[leaver] = Member(f"p{leaver:02d}", (), leaver, until=date(2026, 1, 5))
    made = plan(policy, people, china, date(2026, 1, 5), date(2026, 1, 9))
    left = [at for at in range(4) if at != leaver]
    expected = ["p00"] + [f"p{at:02d}" for at in (1, 2, *([3] if leaver != 3 else []), *left)]
    assert [slot.logins[0] for slot in made.slots] == expected[:5]


def test_who_leaves_in_the_middle_of_a_week_is_followed_by_the_next(china: WorkCalendar) -> None:
    policy = rule('start = 2026-01-05\norder = "all"\nevery = "week"')
    people = [Member("a", order=1, until=date(2026, 1, 7)), Member("b", order=2), Member("c", order=3)]
    made = plan(policy, people, china, date(2026, 1, 5), date(2026, 1, 13))
    assert [slot.logins[0] for slot in made.slots] == ["a", "a", "a", "b", "b", "b", "b", "c", "c"]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sets(st.sampled_from(["specialist", "network", "system"]), min_size=1), min_size=1, max_size=6))
def test_a_split_cycle_seats_as_many_posts_as_people_allow(held: list[set[str]]) -> None:
    people = [Member(f"p{at}", tuple(sorted(posts)), at) for at, posts in enumerate(held)]
    made = plan(preset("split-cycle"), people, CHINA, date(2026, 1, 1), date(2026, 3, 31))
    most = max(
        sum(post is not None for post in chosen)
        for chosen in itertools.product(*[[None, *posts] for posts in held])
        if len({post for post in chosen if post}) == sum(post is not None for post in chosen)
    )
    for slot in made.slots:
        assert len(slot.assigned) == most
        assert len(set(slot.logins)) == most
        assert all(assigned.post in held[int(assigned.login[1:])] for assigned in slot.assigned)
        assert len(slot.missing) == 3 - most


def test_somebody_new_joins_at_their_place(china: WorkCalendar) -> None:
    policy = rule('start = 2026-01-01\norder = "all"\nevery = "day"')
    people = [Member("a", order=1), Member("b", order=3), Member("new", order=2, since=date(2026, 1, 3))]
    made = plan(policy, people, china, date(2026, 1, 1), date(2026, 1, 6))
    assert [slot.logins[0] for slot in made.slots] == ["a", "b", "a", "new", "b", "a"]


def _at(local: str, zone: ZoneInfo = SHANGHAI) -> int:
    return int(datetime.fromisoformat(local).replace(tzinfo=zone).timestamp())


@pytest.mark.parametrize(("first", "hours"), [("2026-03-28", [11, 12]), ("2026-10-24", [13, 12])])
def test_berlin_nights_have_their_real_hours(china: WorkCalendar, first: str, hours: list[int]) -> None:
    policy = rule('start = 2026-01-01\norder = "all"', zone="Europe/Berlin", start="20:00", end="08:00")
    day = date.fromisoformat(first)
    made = plan(policy, staff(3), china, day, day + timedelta(days=1))
    assert [(slot.ends_at - slot.starts_at) // 3600 for slot in made.slots] == hours
