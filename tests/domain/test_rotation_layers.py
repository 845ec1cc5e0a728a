"""Rotations above rotations, temporary lists, parts of shifts, days and months in the rules (DOMAIN 2.8, 2.9)."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from dutydesk.domain.calendar import WorkCalendar, read_calendar
from dutydesk.domain.errors import Invalid
from dutydesk.domain.policy import Policy, read_policy
from dutydesk.domain.rotation import Away, Flag, Member, Plan, Reason, plan
from dutydesk.storage.shipped import data_path

SHANGHAI = ZoneInfo("Asia/Shanghai")
CHINA = read_calendar(data_path("calendars", "cn.toml").read_text("utf-8"), "cn.toml")
EVERY = WorkCalendar("plain", {}, every_year=True)


def policy(text: str, zone: str = "Asia/Shanghai") -> Policy:
    return read_policy(f'name = "x"\nzone = "{zone}"\ncalendar = "cn"\n{text}')


def shift(key: str, start: str, end: str, more: str = "") -> str:
    return f'[shifts.{key}]\nfrom = "{start}"\nto = "{end}"\n{more}\n'


def rule(name: str, shifts: str, order: str, more: str = "", start: str = "2026-01-01") -> str:
    return f'[[rotation]]\nname = "{name}"\nshifts = {shifts}\norder = {order}\nstart = {start}\n{more}\n'


def staff(count: int) -> list[Member]:
    return [Member(f"p{at:02d}", (), at) for at in range(count)]


def day(text: str) -> date:
    return date.fromisoformat(text)


def hours(made: Plan) -> list[tuple[str, str, str, tuple[str, ...]]]:
    """Return each slot as its key, start and end on the clock of Shanghai, and who is on."""

    def clock(at: int) -> str:
        return f"{datetime.fromtimestamp(at, SHANGHAI):%d %H:%M}"

    return [(slot.key, clock(slot.starts_at), clock(slot.ends_at), slot.logins) for slot in made.slots]


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).timestamp())


def test_a_higher_priority_cuts_other_shifts_by_time() -> None:
    """Restated from Grafana OnCall: what counts is the time, whichever shift it is about."""
    made = plan(
        policy(
            shift("duty", "08:00", "20:00")
            + shift("noon", "12:00", "14:00")
            + rule("base", '["duty"]', '["a", "b"]')
            + rule("lunch", '["noon"]', '["c"]', "priority = 2")
        ),
        [Member("a"), Member("b"), Member("c")],
        EVERY,
        day("2026-03-02"),
        day("2026-03-03"),
    )
    assert hours(made) == [
        ("duty", "02 08:00", "02 12:00", ("a",)),
        ("noon", "02 12:00", "02 14:00", ("c",)),
        ("duty.2", "02 14:00", "02 20:00", ("a",)),
        ("duty", "03 08:00", "03 12:00", ("b",)),
        ("noon", "03 12:00", "03 14:00", ("c",)),
        ("duty.2", "03 14:00", "03 20:00", ("b",)),
    ]
    assert [slot.assigned[0].why.turn for slot in made.slots if slot.kind == "duty"] == [61, 61, 62, 62]
    assert not made.flagged(Flag.SHORT_REST)


def test_the_day_of_a_feast_hides_day_and_night_and_the_night_before_keeps_its_hours() -> None:
    text = (
        shift("day", "08:00", "20:00")
        + shift("night", "20:00", "08:00")
        + shift("feast", "06:00", "06:00")
        + rule("turns", '["day", "night"]', '["a", "b", "c"]')
        + rule("feast", '["feast"]', '["x", "y"]', 'priority = 1\ndays = ["statutory"]')
    )
    people = [Member(login) for login in "abcxy"]
    made = plan(policy(text), people, CHINA, day("2026-06-18"), day("2026-06-20"))
    assert hours(made) == [
        ("day", "18 08:00", "18 20:00", made.slots[0].logins),
        ("night", "18 20:00", "19 06:00", made.slots[1].logins),
        ("feast", "19 06:00", "20 06:00", made.slots[2].logins),
        ("night", "20 06:00", "20 08:00", made.slots[3].logins),
        ("day", "20 08:00", "20 20:00", made.slots[4].logins),
        ("night", "20 20:00", "21 08:00", made.slots[5].logins),
    ]
    assert set(made.slots[2].logins) <= {"x", "y"}
    assert not made.gaps
    turns = [slot.assigned[0].why.turn for slot in made.slots if slot.kind != "feast"]
    assert turns == list(range(turns[0], turns[0] + 5)), "the hidden day shift uses up no turn"


def test_equal_priorities_on_shifts_that_overlap_are_both_on() -> None:
    made = plan(
        policy(
            shift("all", "00:00", "00:00")
            + shift("office", "09:00", "21:00")
            + rule("one", '["all"]', '"u1"')
            + rule("two", '["office"]', '"u2"')
        ),
        [Member("u1"), Member("u2")],
        EVERY,
        day("2026-03-02"),
        day("2026-03-02"),
    )
    assert [slot.logins for slot in made.on_duty(at("2026-03-02T09:00"))] == [("u1",), ("u2",)]
    assert [slot.logins for slot in made.on_duty(at("2026-03-02T21:00"))] == [("u1",)]


def test_whole_and_hourly_turns_on_one_shift_share_its_pieces() -> None:
    made = plan(
        policy(
            shift("duty", "08:00", "20:00")
            + rule("lead", '["duty"]', '["l", "m"]', "cap_per_month = 1")
            + rule("desk", '["duty"]', '["a", "b"]', 'every = "hour"\ninterval = 6\nturn_at = "08:00"')
        ),
        [Member(login) for login in "lmab"],
        EVERY,
        day("2026-01-01"),
        day("2026-01-02"),
    )
    assert [(slot.key, slot.logins) for slot in made.slots] == [
        ("duty", ("l", "a")),
        ("duty.2", ("l", "b")),
        ("duty", ("m", "a")),
        ("duty.2", ("m", "b")),
    ]
    assert not made.incomplete, "two pieces of one shift are one duty for the cap"


FEAST = """
[[temporary]]
name = "spring-festival"
title = { en = "Spring Festival", zh = "春节值班表" }
[temporary.days]
2026-02-17 = { day = "x", night = ["y", "z"] }
2026-02-18 = { day = [] }
"""
TWO = (
    shift("day", "08:00", "20:00")
    + shift("night", "20:00", "08:00")
    + rule("turns", '["day", "night"]', '["a", "b", "c"]', "start_here = 1").replace("start_here = 1\n", "")
)


def test_a_temporary_list_stands_above_every_rotation_and_uses_up_no_turn() -> None:
    people = [Member(login) for login in "abcxyz"]
    plain = plan(policy(TWO), people, CHINA, day("2026-02-16"), day("2026-02-20"))
    made = plan(policy(TWO + FEAST), people, CHINA, day("2026-02-16"), day("2026-02-20"))
    assert [slot.logins for slot in made.slots[2:5]] == [("x",), ("y", "z"), ()]
    assert [(each.reason, each.rule) for each in made.slots[4].missing] == [(Reason.NOBODY, "spring-festival")]
    by_turns = [slot.logins for slot in (*made.slots[:2], *made.slots[5:])]
    assert by_turns == [slot.logins for slot in plain.slots[: len(by_turns)]]
    why = made.slots[2].assigned[0].why
    assert (why.rule, why.turn, str(why.notes[0])) == ("spring-festival", 0, "On the temporary list “spring-festival”.")
    assert not made.gaps


def test_a_list_cuts_what_it_hides_and_says_who_cannot_come() -> None:
    text = (
        shift("day", "08:00", "20:00")
        + shift("extra", "18:00", "22:00")
        + rule("turns", '["day"]', '["a", "b", "c"]', "cap_per_month = 10")
        + '[[temporary]]\nname = "visit"\n[temporary.days]\n2026-01-02 = { extra = ["a", "gone", "c"] }\n'
        + "[rest]\nhours_between = 11"
    )
    leave = Away("c", at("2026-01-02T20:00"), at("2026-01-02T21:00"))
    people = [Member(login) for login in "abc"]
    made = plan(policy(text), people, CHINA, day("2026-01-02"), day("2026-01-03"), away=[leave])
    assert hours(made) == [
        ("day", "02 08:00", "02 18:00", ("b",)),
        ("extra", "02 18:00", "02 22:00", ("a",)),
        ("day", "03 08:00", "03 20:00", ("c",)),
    ]
    absent = [(each.reason, each.login) for each in made.slots[1].missing]
    assert absent == [(Reason.GONE, "gone"), (Reason.AWAY, "c")]
    assert made.unknown == ("gone",)


@pytest.mark.parametrize(
    ("lists", "said"),
    [
        ('[[temporary]]\nname = "x"', "there is no day in it"),
        ('[[temporary]]\n[temporary.days]\n2026-02-17 = { late = "x" }', "there is no shift “late”"),
        ('[[temporary]]\n[temporary.days]\n2026-02-17 = { day = { boss = "x" } }', "there is no post “boss”"),
        ('[[temporary]]\n[temporary.days]\n2026-02-17 = { day = ["x", "x"] }', "“x” stands there twice"),
        ("[[temporary]]\n[temporary.days]\n2026-02-17 = { day = 3 }", "day must be a text or a list of texts"),
        ('[[temporary]]\n[temporary.days]\nsoon = { day = "x" }', "soon must be a date"),
        (FEAST + FEAST, "two lists are named “spring-festival”"),
    ],
)
def test_a_wrong_list_says_what_is_wrong(lists: str, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        policy(TWO + lists)


def test_a_shift_may_be_confined_to_days_and_one_line_counts_over_all() -> None:
    """Weeknights from 17:00, weekends around the clock, one line of people."""
    text = (
        shift("night", "17:00", "08:00", 'days = ["mon", "tue", "wed", "thu", "fri"]')
        + shift("whole", "08:00", "08:00", 'days = ["sat", "sun"]')
        + rule("turns", '["night", "whole"]', '"all"', start="2026-03-02")
    )
    made = plan(policy(text), staff(4), EVERY, day("2026-03-02"), day("2026-03-09"))
    assert [(slot.kind, slot.logins[0]) for slot in made.slots] == [
        *[("night", f"p{turn % 4:02d}") for turn in range(5)],
        *[("whole", f"p{turn % 4:02d}") for turn in (5, 6)],
        ("night", "p03"),
    ]


@pytest.mark.parametrize(
    ("more", "start", "last", "expected"),
    [
        ('every = "week"\nweek_starts = ["mon", "sat"]', "2023-10-23", "2023-11-05", [5, 2, 5, 2]),
        ('every = "week"\nweek_starts = "thu"', "2023-11-08", "2023-11-21", [1, 7, 6]),
        ('every = "month"\nmonth_starts = [1, 16]', "2023-12-01", "2024-02-15", [15, 16, 15, 16, 15]),
        ('every = "month"\nmonth_starts = 31', "2024-01-15", "2024-03-30", [16, 29, 31]),
        ('every = "day"\nmonth_days = [1, -1]', "2024-02-01", "2024-03-31", [1, 1, 1, 1]),
        ('every = "month"\nmonth_days = [-2, -1]\nmonths = [2, 4]', "2024-01-01", "2024-12-31", [2, 2]),
        ('every = "week"\nuntil = 2024-01-10', "2024-01-01", "2024-02-01", [7, 3]),
    ],
)
def test_where_turns_begin_and_which_days_count(more: str, start: str, last: str, expected: list[int]) -> None:
    rules = policy(shift("duty", "08:00", "08:00") + rule("r", '["duty"]', '"all"', more, start))
    made = plan(rules, staff(9), EVERY, day(start), day(last))
    counts = Counter(slot.assigned[0].why.turn for slot in made.slots)
    assert [counts[turn] for turn in sorted(counts)] == expected
    assert [slot.logins[0] for slot in made.slots] == [f"p{slot.assigned[0].why.turn - 1:02d}" for slot in made.slots]


def test_an_hour_between_slots_is_a_gap_also_before_the_first_shift() -> None:
    text = (
        shift("early", "00:00", "06:00", 'days = ["sat"]')
        + shift("late", "22:00", "04:00")
        + rule("r", '["early", "late"]', '"all"')
    )
    made = plan(policy(text), staff(2), EVERY, day("2026-03-02"), day("2026-03-03"))
    assert [(gap.ends_at - gap.starts_at) // 3600 for gap in made.gaps] == [18, 18]
    assert made.gaps[0].starts_at == at("2026-03-02T04:00"), "the night before still covers the first hours"
    for one, two in pairwise(sorted([(gap.starts_at, gap.ends_at) for gap in made.gaps])):
        assert one[1] <= two[0]


def test_a_place_that_nobody_could_take_is_given_out_when_somebody_is_back() -> None:
    text = shift("duty", "08:00", "20:00") + rule("r", '["duty"]', '"all"', 'every = "week"\ntogether = 2')
    leave = Away("p01", at("2026-01-05T00:00"), at("2026-01-07T00:00"))
    made = plan(policy(text), staff(2), CHINA, day("2026-01-05"), day("2026-01-08"), away=[leave])
    assert [len(slot.assigned) for slot in made.slots] == [1, 1, 2, 2]
    assert {each.reason for slot in made.slots for each in slot.missing} == {Reason.AWAY}


def test_who_is_passed_over_stands_in_the_explanation() -> None:
    text = shift("duty", "08:00", "20:00") + rule("r", '["duty"]', '"all"', 'every = "day"')
    leave = Away("p01", at("2026-01-02T00:00"), at("2026-01-03T00:00"))
    made = plan(policy(text), staff(3), CHINA, day("2026-01-02"), day("2026-01-03"), away=[leave])
    assert [str(note) for note in made.slots[0].assigned[0].why.notes] == [
        "Turn 2: next in the fixed order.",
        "p01 is away and is owed the turn.",
    ]
    assert made.slots[1].logins == ("p01",)
    assert str(made.slots[1].assigned[0].why.notes[0]) == "Turn 3: owed from a turn that was skipped."
