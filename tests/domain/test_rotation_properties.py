"""What holds for every plan, whatever the rules, the people and the leave (issue of the roster; DOMAIN 2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from dutydesk.domain.calendar import read_calendar
from dutydesk.domain.policy import Policy, read_policy
from dutydesk.domain.rotation import Away, Flag, Member, Plan, plan
from dutydesk.storage.shipped import data_path

SHANGHAI = ZoneInfo("Asia/Shanghai")
CHINA = read_calendar(data_path("calendars", "cn.toml").read_text("utf-8"), "cn.toml")


def staff(count: int) -> list[Member]:
    return [Member(f"p{at:02d}", (), at) for at in range(count)]


def _at(local: str) -> int:
    return int(datetime.fromisoformat(local).replace(tzinfo=SHANGHAI).timestamp())


rules = st.fixed_dictionaries(
    {
        "every": st.sampled_from(["slot", "day", "week", "month"]),
        "interval": st.integers(1, 3),
        "together": st.integers(1, 3),
        "days": st.sampled_from(["all", "workdays", "non-workdays"]),
        "cap": st.sampled_from(["", "cap_per_month = 4", 'cap_per_month = 4\nover_cap = "assign"']),
        "rest": st.sampled_from(["", "[rest]\nhours_between = 11", "[rest]\nhours_between = 30\nnights_in_a_row = 2"]),
        "share": st.booleans(),
    }
)


def drawn_policy(drawn: dict[str, object]) -> Policy:
    return read_policy(
        'name = "x"\nzone = "Europe/Berlin"\ncalendar = "cn"\n[shifts.day]\nfrom = "08:00"\nto = "20:00"\n'
        '[shifts.night]\nfrom = "20:00"\nto = "08:00"\n[[rotation]]\nstart = 2026-01-01\norder = "all"\n'
        f'every = "{drawn["every"]}"\ninterval = {drawn["interval"]}\ntogether = {drawn["together"]}\n'
        f'days = "{drawn["days"]}"\nshare_shifts = {str(drawn["share"]).lower()}\n{drawn["cap"]}\n{drawn["rest"]}'
    )


@settings(max_examples=60, deadline=None)
@given(drawn=rules, people=st.integers(0, 7), cut=st.integers(0, 60), leave=st.integers(0, 60))
def test_what_holds_for_every_plan(drawn: dict[str, object], people: int, cut: int, leave: int) -> None:
    policy, members = drawn_policy(drawn), staff(people)
    first, last = date(2026, 2, 1), date(2026, 4, 2)
    off = first + timedelta(days=leave)
    away = [Away("p00", _at(f"{off}T00:00"), _at(f"{off}T00:00") + 3 * 86400)]
    whole = plan(policy, members, CHINA, first, last, away=away)
    middle = first + timedelta(days=cut)
    halves: Sequence[Plan] = [plan(policy, members, CHINA, first, middle, away=away)]
    if middle < last:
        halves = [*halves, plan(policy, members, CHINA, middle + timedelta(days=1), last, away=away)]
    assert sum((half.slots for half in halves), ()) == whole.slots, "made in two halves equals made whole"
    assert plan(policy, members[::-1], CHINA, first, last, away=away) == whole, "the order of rows does not matter"
    seats = int(str(drawn["together"]))
    busy: dict[str, int] = {}
    counts: Counter[tuple[str, int]] = Counter()
    for slot in whole.slots:
        assert len(slot.assigned) + len(slot.missing) == seats, "every place is filled or says why not"
        for assigned in slot.assigned:
            assert busy.get(assigned.login, 0) <= slot.starts_at, "nobody is on two shifts at once"
            rested = (slot.starts_at - busy.get(assigned.login, 0)) // 3600
            least = policy.rest.hours_between or 0
            if busy.get(assigned.login):
                assert (rested < least) == (Flag.SHORT_REST in assigned.flags)
            busy[assigned.login] = slot.ends_at
            counts[assigned.login, slot.day.month] += 1
            cap = policy.rotations[0].cap_per_month
            if cap and counts[assigned.login, slot.day.month] > cap:
                assert Flag.OVER_CAP in assigned.flags
            assert not (
                assigned.login == "p00" and slot.starts_at < away[0].ends_at and away[0].starts_at < slot.ends_at
            )
            assert assigned.why.notes
            assert assigned.why.of(assigned.why.data()) == assigned.why


@settings(max_examples=30, deadline=None)
@given(people=st.integers(1, 9), together=st.integers(1, 3), every=st.sampled_from(["slot", "day"]))
def test_loads_differ_by_one_turn_at_most(people: int, together: int, every: str) -> None:
    drawn = {"every": every, "interval": 1, "together": together, "days": "all", "cap": "", "rest": "", "share": False}
    made = plan(drawn_policy(drawn), staff(people), CHINA, date(2026, 1, 1), date(2026, 3, 1))
    loads = [made.duties()[member.login] for member in staff(people)]
    per_turn = 1 if every == "slot" else 2
    assert max(loads) - min(loads) <= per_turn


SHIFTS = {"early": (6, 14), "late": (12, 22), "night": (21, 30), "whole": (8, 32)}
layers = st.lists(
    st.fixed_dictionaries(
        {
            "shifts": st.lists(st.sampled_from(sorted(SHIFTS)), min_size=1, max_size=3, unique=True),
            "every": st.sampled_from(["slot", "hour", "day", "week"]),
            "interval": st.integers(2, 5),
            "days": st.sampled_from(["all", "workdays", "non-workdays"]),
            "priority": st.integers(0, 2),
            "cap": st.sampled_from(["", "cap_per_month = 5"]),
        }
    ),
    min_size=1,
    max_size=3,
)


def layered(drawn: list[dict[str, object]]) -> Policy:
    shifts = "".join(
        f'[shifts.{key}]\nfrom = "{begin:02d}:00"\nto = "{end % 24:02d}:00"\n' for key, (begin, end) in SHIFTS.items()
    )
    rotations = "".join(
        f'[[rotation]]\nname = "r{at}"\nshifts = {list(each["shifts"])}\norder = "all"\nevery = "{each["every"]}"\n'  # type: ignore[call-overload]
        f'interval = {each["interval"]}\ndays = "{each["days"]}"\npriority = {each["priority"]}\n'
        f"start = 2026-02-01\n{each['cap']}\n"
        for at, each in enumerate(drawn)
    )
    return read_policy(
        f'name = "x"\nzone = "Asia/Shanghai"\ncalendar = "cn"\n{shifts}{rotations}[rest]\nhours_between = 9'
    )


def expected_at(drawn: list[dict[str, object]], day: date, hour: int) -> set[tuple[str, str]]:
    """Return which rotation is about which shift at an hour of a day, found by looking at every one of them."""
    found: dict[tuple[str, str], int] = {}
    for at, each in enumerate(drawn):
        for key in each["shifts"]:  # type: ignore[attr-defined]
            begin, end = SHIFTS[key]
            for begun, clock in ((day, hour), (day - timedelta(days=1), hour + 24)):
                counts = each["days"] == "all" or CHINA.working(begun) == (each["days"] == "workdays")
                if begun >= date(2026, 2, 1) and counts and begin <= clock < end:
                    found[f"r{at}", key] = int(str(each["priority"]))
    return {name for name, priority in found.items() if priority == max(found.values())}


@settings(max_examples=40, deadline=None)
@given(drawn=layers, people=st.integers(0, 6), cut=st.integers(0, 20), leave=st.integers(0, 20))
def test_every_hour_has_the_rotations_of_the_highest_priority_or_is_a_gap(
    drawn: list[dict[str, object]], people: int, cut: int, leave: int
) -> None:
    policy, members = layered(drawn), staff(people)
    first, last = date(2026, 2, 5), date(2026, 2, 26)
    away = [
        Away(f"p0{who}", _at(f"{first}T00:00") + (leave + who) * 86400, _at(f"{first}T00:00") + (leave + 3) * 86400)
        for who in (0, 1)
    ]
    whole = plan(policy, members, CHINA, first, last, away=away)
    middle = first + timedelta(days=cut)
    early = plan(policy, members, CHINA, first, middle, away=away)
    late = plan(policy, members[::-1], CHINA, middle + timedelta(days=1), last, away=away[::-1])
    assert sorted(map(repr, early.slots + late.slots)) == sorted(map(repr, whole.slots)), "halves equal the whole"
    assert len({(slot.day, slot.key) for slot in whole.slots}) == len(whole.slots), "every slot has its own name"
    begin = _at("2026-02-05T06:00")
    for step in range(20 * 24):
        at = begin + step * 3600
        day, hour = first + timedelta(days=(step + 6) // 24), (step + 6) % 24
        slots = [slot for slot in whole.slots if slot.starts_at <= at < slot.ends_at]
        here = {
            (place.why.rule if hasattr(place, "why") else place.rule, slot.kind)
            for slot in slots
            for place in (*slot.assigned, *slot.missing)
        }
        if step >= 26:
            assert here == expected_at(drawn, day, hour)
            assert any(gap.starts_at <= at < gap.ends_at for gap in whole.gaps) != bool(slots)
        on = [login for slot in slots for login in slot.logins]
        assert len(on) == len(set(on)), "nobody is on two shifts at once"
        assert not any(leave.login in on and leave.starts_at <= at < leave.ends_at for leave in away)
