"""Policies from TOML, the shipped ones and wrong ones (DESIGN 6)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from dutydesk.domain.calendar import WorkCalendar
from dutydesk.domain.errors import Invalid
from dutydesk.domain.policy import PRESETS, Policy, read_policy
from dutydesk.domain.priority import Impact, Priority, Urgency
from dutydesk.domain.rules import EVERY_DAY, OFF_DAYS, WORKDAYS, Every, Member, Order, OverCap
from dutydesk.storage.shipped import data_path

HEAD = 'name = "x"\nzone = "Asia/Shanghai"\n[shifts.day]\nfrom = "08:00"\nto = "20:00"\n'
TURN = '[[rotation]]\nstart = 2026-01-01\norder = "all"\n'


def preset(name: str) -> Policy:
    return read_policy(data_path("policies", f"{name}.toml").read_text("utf-8"), f"{name}.toml")


def test_the_presets_are_read_and_named() -> None:
    assert [preset(name).name for name in PRESETS] == list(PRESETS)
    assert all(preset(name).title.text("zh") != preset(name).title.text("en") for name in PRESETS)


def test_the_twelve_hour_desk() -> None:
    policy = preset("twelve-hour")
    assert {key: str(shift.window) for key, shift in policy.shifts.items()} == {
        "day": "08:00–20:00",
        "night": "20:00–08:00",
    }
    assert [shift.night for shift in policy.shifts.values()] == [False, True]
    rule = policy.rotations[0]
    assert (rule.every, rule.cap_per_month, rule.over_cap) == (Every.SLOT, 3, OverCap.ASSIGN)
    assert policy.shifts["night"].title.text("zh") == "夜班"
    assert policy.acknowledge[Priority.P1] == 5
    assert policy.handover.prepare == 30


def test_the_split_cycle_has_two_counters_and_three_posts() -> None:
    policy = preset("split-cycle")
    workdays, others = policy.rotations
    assert (workdays.mask, workdays.every) == (WORKDAYS, Every.WEEK)
    assert (others.mask, others.every) == (OFF_DAYS, Every.MONTH)
    assert all(dict(rule.need) == {"specialist": 1, "network": 1, "system": 1} for rule in policy.rotations)
    assert policy.posts["network"].text("zh") == "网络管理员"


def test_the_design_example_reads() -> None:
    policy = read_policy(
        HEAD
        + """
[shifts.night]
from = "20:00"
to = "08:00"
[[rotation]]
shifts = ["day", "night"]
order = ["login-a", "login-b", ["login-c", "login-d"]]
every = "slot"
interval = 1
days = "all"
start = 2026-01-01
turn_at = "08:00"
week_starts = "mon"
cap_per_month = 3
need = { network = 1, system = 1 }
priority = 0
[rest]
hours_between = 11
nights_in_a_row = 3
"""
    )
    rule = policy.rotations[0]
    assert rule.orders[""].entries == (("login-a",), ("login-b",), ("login-c", "login-d"))
    assert (rule.mask, rule.turn_at, rule.over_cap) == (EVERY_DAY, 8 * 3600, OverCap.FLAG)
    assert policy.rest.hours_between == 11


def test_days_of_the_month_months_and_where_turns_begin() -> None:
    policy = read_policy(
        HEAD.replace("[shifts.day]", '[shifts.day]\ndays = ["sat", "statutory"]')
        + TURN
        + 'month_days = [1, -1]\nmonths = 2\nweek_starts = ["sat", "mon"]\nmonth_starts = [16, 1]\nuntil = 2028-12-31'
    )
    rule = policy.rotations[0]
    days = [date(2024, 1, 1) + timedelta(days=step) for step in range(5 * 366)]
    plain = WorkCalendar("plain", {}, every_year=True)
    assert [f"{day:%y-%m-%d}" for day in days if rule.mask.matches(day, plain)][:4] == [
        "24-02-01",
        "24-02-29",
        "25-02-01",
        "25-02-28",
    ]
    assert (rule.week_starts, rule.month_starts, rule.until) == ((0, 5), (1, 16), date(2028, 12, 31))
    assert policy.shifts["day"].days.weekdays == {5}
    assert not rule.counts(date(2029, 2, 1), plain)


def test_an_order_finds_its_people_whatever_the_rows_order() -> None:
    members = [Member("c", ("network",), 3), Member("a", ("system",), 1), Member("b", ("network", "system"), 2)]
    assert Order((("all",),)).people(members) == (("a",), ("b",), ("c",))
    assert Order((("post:network",),)).people(reversed(members)) == (("b",), ("c",))
    assert Order((("c",), ("all",))).people(members) == (("c",), ("a",), ("b",))
    assert Order((("a", "gone"), ("b",))).people(members) == (("a",), ("b",))


def test_a_policy_has_its_own_posts_and_matrix() -> None:
    policy = read_policy(
        HEAD
        + TURN
        + 'order = { dba = ["x", "y"] }\nneed = { dba = 1 }\n'.replace("order", "#order")
        + '[posts]\ndba = { en = "DBA", zh = "数据库管理员" }\n[priority]\nLH = "P2"\n'
    )
    assert policy.posts["dba"].text("zh") == "数据库管理员"
    assert policy.matrix[Impact.LOW, Urgency.HIGH] is Priority.P2


def test_starting_and_zone() -> None:
    policy = preset("split-cycle").starting(date(2026, 11, 2)).in_zone("Europe/Berlin")
    assert {rule.start for rule in policy.rotations} == {date(2026, 11, 2)}
    assert policy.tz.key == "Europe/Berlin"
    with pytest.raises(Invalid):
        policy.in_zone("Nowhere/Town")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name = [", "line 1"),
        (TURN, "name is missing"),
        ('name = "x"\nzone = "Asia/Shanghai"\n' + TURN, "[shifts.NAME]"),
        (HEAD, "[[rotation]]"),
        (HEAD.replace("20:00", "8 pm") + TURN, "8 pm"),
        (HEAD.replace("Asia/Shanghai", "Asia/Nowhere") + TURN, "Asia/Nowhere"),
        (HEAD + TURN + 'every = "fortnight"', "slot, hour, day, week, month"),
        (HEAD + TURN + 'days = ["mon", "feast"]', "feast"),
        (HEAD + TURN + "interval = 0", "at least 1"),
        (HEAD + TURN + 'interval = "two"', "a whole number"),
        (HEAD + TURN + 'shifts = ["noon"]', "noon"),
        (HEAD + TURN + "need = { cook = 1 }", "cook"),
        (HEAD + TURN + "cap = 3", "cap"),
        (HEAD + TURN.replace('"all"', '["a", "a"]'), "twice"),
        (HEAD + TURN.replace('"all"', "7"), "order"),
        (HEAD + TURN.replace('"all"', '[["a", "all"]]'), "by login"),
        (HEAD + TURN.replace('"all"', '{ network = "all" }'), "order and in need"),
        (HEAD + TURN.replace("2026-01-01", '"soon"'), "a date such as 2026-01-01"),
        (HEAD + TURN + '[[rotation]]\nstart = 2026-01-01\norder = "all"\nname = "rotation-1"', "rotation-1"),
        (HEAD + TURN + "[attendance]\nlate_grace_minutes = -5", "late_grace_minutes"),
        (HEAD + TURN + '[priority]\nHH = "P7"', "HH"),
        (HEAD + TURN + "[resst]\nhours_between = 1", "resst"),
        (HEAD + TURN + 'week_starts = ["mon", "day"]', "week_starts is “day”"),
        (HEAD + TURN + "month_starts = [0]", "month_starts must be whole numbers from 1 to 31"),
        (HEAD + TURN + "month_days = [1, -32]", "month_days must be whole numbers from -31 to 31"),
        (HEAD + TURN + "months = 13", "months must be whole numbers from 1 to 12"),
        (HEAD + TURN + "until = 2025-12-31", "until is before start"),
        (HEAD + 'days = ["never"]\n' + TURN, "[shifts.day]: days is “never”"),
        (HEAD + TURN + "[rest]\nfull_nights_after_run = 0", "full_nights_after_run must be at least 1"),
        (HEAD + TURN + '[rest]\nsleep_from = "23:00"', "sleep_to is missing"),
    ],
)
def test_a_wrong_policy_says_where_and_what(text: str, says: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_policy(text, "ours.toml")
    assert says in str(refused.value)
