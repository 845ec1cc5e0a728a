"""Rules that change with an effective date: the old plan up to that instant, then the new one (DOMAIN 2.5–2.7)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dutydesk.domain.calendar import WorkCalendar, read_calendar
from dutydesk.domain.errors import Invalid
from dutydesk.domain.policy import Policy, read_policy
from dutydesk.domain.rotation import Away, Flag, Member, Plan, Worked, plan, plan_versions
from dutydesk.storage.shipped import data_path

SHANGHAI = ZoneInfo("Asia/Shanghai")
CHINA = read_calendar(data_path("calendars", "cn.toml").read_text("utf-8"), "cn.toml")
EVERY = WorkCalendar("plain", {}, every_year=True)
ALWAYS = date.min


def preset(name: str) -> Policy:
    return read_policy(data_path("policies", f"{name}.toml").read_text("utf-8"), name)


def rules(
    body: str, *, start: str = "20:00", end: str = "08:00", name: str = "turns", since: str = "2026-01-01"
) -> Policy:
    return read_policy(
        f'name = "x"\nzone = "Asia/Shanghai"\ncalendar = "cn"\n[shifts.duty]\nfrom = "{start}"\nto = "{end}"\n'
        f'[[rotation]]\nname = "{name}"\nstart = {since}\n{body}'
    )


def staff(count: int) -> list[Member]:
    return [Member(f"p{at:02d}", (), at) for at in range(count)]


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).timestamp())


def names(made: Plan) -> list[str]:
    return [" ".join(slot.logins) for slot in made.slots]


def test_the_old_plan_holds_until_the_effective_day_and_is_cut_exactly_there() -> None:
    """Restated from BlueKing: a changed rule with a later effective time keeps the old plan until then."""
    old, new = (
        rules('order = "all"'),
        rules('order = "all"', start="06:00", end="18:00", name="early", since="2026-03-03"),
    )
    span = date(2026, 3, 1), date(2026, 3, 4)
    made = plan_versions([(ALWAYS, old), (date(2026, 3, 3), new)], staff(3), EVERY, *span)
    alone = plan(old, staff(3), EVERY, *span)
    assert made.slots[0] == alone.slots[0]
    assert made.slots[1].logins == alone.slots[1].logins
    assert made.slots[1].ends_at == at("2026-03-03T06:00") == made.slots[2].starts_at, "cut where the new one begins"
    assert [slot.logins for slot in made.slots[2:]] == [("p00",), ("p01",)]
    half = plan_versions([(ALWAYS, old), (date(2026, 3, 3), new)], staff(3), EVERY, span[0], date(2026, 3, 2))
    assert half.slots == made.slots[:2], "also when the plan ends before"
    later = rules('order = "all"', start="09:00", end="18:00", name="late")
    kept = plan_versions([(ALWAYS, old), (date(2026, 3, 3), later)], staff(3), EVERY, *span)
    assert kept.slots[1] == alone.slots[1], "nothing to cut, and the hour between is a gap"
    assert (at("2026-03-03T08:00"), at("2026-03-03T09:00")) in {(gap.starts_at, gap.ends_at) for gap in kept.gaps}


def test_a_shift_that_is_not_used_on_the_day_cuts_nothing() -> None:
    new = read_policy(
        'name = "x"\nzone = "Asia/Shanghai"\ncalendar = "cn"\n[shifts.duty]\nfrom = "20:00"\nto = "08:00"\n'
        '[shifts.feast]\nfrom = "06:00"\nto = "06:00"\n[[rotation]]\nname = "turns"\nshifts = ["duty"]\n'
        'start = 2026-01-01\norder = "all"'
    )
    versions = [(ALWAYS, rules('order = "all"')), (date(2026, 3, 3), new)]
    span = date(2026, 3, 1), date(2026, 3, 4)
    assert plan_versions(versions, staff(3), EVERY, *span).slots == plan(versions[0][1], staff(3), EVERY, *span).slots


@pytest.mark.parametrize("change", ["cap_per_month = 9", "priority = 3", 'title = "Nights"'])
def test_a_rotation_that_goes_on_keeps_its_turns(change: str) -> None:
    """2.6: what changes beside the order moves nobody."""
    old, new = rules('order = "all"'), rules(f'order = "all"\n{change}')
    span = date(2026, 2, 27), date(2026, 3, 20)
    leave = [Away("p01", at("2026-02-28T00:00"), at("2026-03-04T00:00"))]
    made = plan_versions([(ALWAYS, old), (date(2026, 3, 3), new)], staff(5), EVERY, *span, away=leave)
    assert names(made) == names(plan(old, staff(5), EVERY, *span, away=leave))
    assert [slot.assigned[0].why.turn for slot in made.slots] == list(range(58, 58 + len(made.slots)))


def test_reordering_holds_from_its_day_and_nobody_is_forgotten() -> None:
    old, new = rules('order = ["a", "b", "c", "d"]'), rules('order = ["d", "c", "b", "a"]')
    people = [Member(login) for login in "abcd"]
    made = plan_versions([(ALWAYS, old), (date(2026, 1, 7), new)], people, EVERY, date(2026, 1, 1), date(2026, 1, 14))
    assert "".join(names(made)) == "abcdab" + "dc" + "dcbadc"


def test_a_new_person_in_the_order_joins_at_their_place() -> None:
    old, new = rules('order = ["a", "b", "c"]'), rules('order = ["a", "b", "new", "c"]')
    people = [Member(login) for login in ("a", "b", "c", "new")]
    made = plan_versions([(ALWAYS, old), (date(2026, 1, 3), new)], people, EVERY, date(2026, 1, 1), date(2026, 1, 8))
    assert names(made) == ["a", "b", "new", "c", "a", "b", "new", "c"]


def test_a_rotation_with_another_start_has_the_phase_of_that_start() -> None:
    """2.5: anchored at the rule's start, never at the day of the change."""
    old = rules('order = "all"')
    new = rules('order = "all"\nevery = "week"', since="2026-01-05", name="weeks")
    made = plan_versions(
        [(ALWAYS, old), (date(2026, 1, 20), new)], staff(4), EVERY, date(2026, 1, 18), date(2026, 1, 26)
    )
    alone = plan(new, staff(4), EVERY, date(2026, 1, 20), date(2026, 1, 26))
    assert names(made)[2:] == names(alone) == ["p02"] * 6 + ["p03"]
    assert [slot.assigned[0].why.turn for slot in made.slots[2:]] == [3] * 6 + [4]


def test_from_days_to_weeks_the_next_in_line_begins() -> None:
    old, new = rules('order = "all"\nevery = "day"'), rules('order = "all"\nevery = "week"')
    made = plan_versions([(ALWAYS, old), (date(2026, 1, 5), new)], staff(6), EVERY, date(2026, 1, 1), date(2026, 1, 18))
    assert names(made) == ["p00", "p01", "p02", "p03", *["p04"] * 7, *["p05"] * 7]
    assert made.slots[4].assigned[0].why.turn == 5


def test_from_one_preset_to_another() -> None:
    posts = ("specialist", "network", "system")
    people = [Member(f"p{at:02d}", (posts[at % 3],), at) for at in range(9)]
    versions = [(date(2026, 1, 1), preset("twelve-hour")), (date(2026, 7, 1), preset("split-cycle"))]
    made = plan_versions(versions, people, CHINA, date(2026, 1, 1), date(2026, 12, 31))
    assert not made.gaps
    assert not made.incomplete
    assert len(made.slots) == 181 * 2 + 184
    second = plan(preset("split-cycle"), people, CHINA, date(2026, 7, 1), date(2026, 12, 31))
    assert [slot.logins for slot in made.slots[362:]] == [slot.logins for slot in second.slots]
    assert {short.month for short in made.shortage} == {f"2026-{month:02d}" for month in range(1, 7)}


def test_before_the_first_version_nothing_is_planned() -> None:
    versions = [(date(2026, 3, 3), rules('order = "all"'))]
    made = plan_versions(versions, staff(3), EVERY, date(2026, 3, 1), date(2026, 3, 4))
    assert [slot.day.day for slot in made.slots] == [3, 4]
    assert made.slots == plan(versions[0][1], staff(3), EVERY, date(2026, 3, 3), date(2026, 3, 4)).slots
    assert made.gaps[0].starts_at == at("2026-03-01T20:00")
    with pytest.raises(Invalid, match="no duty policy"):
        plan_versions([], staff(3), EVERY, date(2026, 3, 1), date(2026, 3, 4))


def test_rest_counts_over_the_change() -> None:
    old = rules('order = "p00"\n[rest]\nhours_between = 11')
    new = rules(
        'order = ["p00", "p01"]\n[rest]\nhours_between = 11', start="10:00", end="18:00", name="day", since="2026-03-03"
    )
    made = plan_versions([(ALWAYS, old), (date(2026, 3, 3), new)], staff(2), EVERY, date(2026, 3, 2), date(2026, 3, 4))
    assert names(made) == ["p00", "p01", "p00"]
    assert not made.flagged(Flag.SHORT_REST)


POLICIES = [
    rules('order = "all"\nevery = "slot"\ncap_per_month = 8'),
    rules('order = "all"\nevery = "week"\ntogether = 2\n[rest]\nhours_between = 13'),
    rules('order = "all"\nevery = "day"\ninterval = 2', start="06:00", end="06:00"),
    rules('order = "all"\ndays = "workdays"', start="08:00", end="17:00", name="office", since="2026-02-10"),
    preset("twelve-hour"),
]


@settings(max_examples=30, deadline=None)
@given(
    chosen=st.lists(st.sampled_from(POLICIES), min_size=1, max_size=3),
    steps=st.lists(st.integers(1, 25), min_size=3, max_size=3),
    cut=st.integers(0, 58),
    people=st.integers(1, 6),
)
def test_a_plan_over_changes_in_two_halves_equals_the_plan_made_whole(
    chosen: list[Policy], steps: list[int], cut: int, people: int
) -> None:
    first, last = date(2026, 2, 1), date(2026, 3, 31)
    days = [ALWAYS, first + timedelta(days=steps[0]), first + timedelta(days=steps[0] + steps[1])]
    versions = list(zip(days, chosen, strict=False))
    whole = plan_versions(versions, staff(people), CHINA, first, last)
    middle = first + timedelta(days=cut)
    early = plan_versions(versions, staff(people), CHINA, first, middle)
    late = plan_versions(versions[::-1], staff(people)[::-1], CHINA, min(middle + timedelta(days=1), last), last)
    assert early.slots == tuple(slot for slot in whole.slots if slot.day <= middle)
    assert late.slots == tuple(slot for slot in whole.slots if slot.day >= late.first)
    seen: dict[str, int] = {}
    for slot in whole.slots:
        for login in slot.logins:
            assert seen.get(login, 0) <= slot.starts_at
            seen[login] = slot.ends_at


def test_a_half_planned_on_what_was_published_equals_the_plan_made_whole() -> None:
    policy = rules('order = "all"\ncap_per_month = 5\n[rest]\nhours_between = 40')
    leave = [Away("p02", at("2026-01-10T00:00"), at("2026-01-14T00:00"))]
    whole = plan(policy, staff(5), CHINA, date(2026, 1, 1), date(2026, 2, 28), away=leave)
    published = [
        Worked(login, slot.day, slot.starts_at, slot.ends_at, True)
        for slot in whole.slots
        for login in slot.logins
        if slot.day < date(2026, 1, 20)
    ]
    half = plan(policy, staff(5), CHINA, date(2026, 1, 20), date(2026, 2, 28), history=published[::-1], away=leave)
    assert half.slots == tuple(slot for slot in whole.slots if slot.day >= half.first)
