"""Turns of crews and of several people at once, masks of days, and plans that end with a whole turn."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from dutydesk.domain import walltime
from dutydesk.domain.calendar import WEEKDAY_KEYS
from dutydesk.domain.policy import Policy
from dutydesk.domain.rotation import Plan, Slot, plan_versions
from dutydesk.domain.turns import handoffs
from tests.cases.collected import Case
from tests.cases.kinds import Answer, NotSayable, check
from tests.cases.policies import PLAIN, Shift, Turns, clock, members, policy, weekday_keys, weekday_span
from tests.cases.rotations import days_after, planned, turns_of
from tests.cases.times import local_text

ALL_DAY = Shift("duty", "00:00", "24:00")


def crews(count: int) -> list[str]:
    """Return names of crews; a crew is one entry of the order, whatever its size."""
    return [f"crew-{number}" for number in range(count)]


def complete(made: Plan, first: date, days: int) -> tuple[list[list[Slot]], list[list[Slot]]]:
    """Return the turns of the first `days` days, and those of them that end within these days."""
    end = days_after(first, days)
    within = [turn for turn in turns_of(made) if turn[0].day < end]
    return [[slot for slot in turn if slot.day < end] for turn in within], [
        turn for turn in within if turn[-1].day < end
    ]


def crew_numbers(turns: list[list[Slot]]) -> list[int]:
    """Return which crew each turn belongs to."""
    return [int(turn[0].logins[0].removeprefix("crew-")) for turn in turns]


@check("pair_rotation")
def pair_rotation(case: Case) -> Answer:
    """Several people a turn who follow each other in one order."""
    given = case.given
    keys = {"every": "day", "interval": given["days_per_turn"], "together": given["per_shift"]}
    return _pairs(case, keys)


@check("pair_rotation_classes")
def pair_rotation_classes(case: Case) -> Answer:
    """The same with a turn for each class of weekdays, such as workdays and the weekend."""
    classes = [weekday_keys(days) for days in case.given["classes"]]
    for days in classes:
        places = [WEEKDAY_KEYS.index(day) for day in days]
        if any((other - one) % 7 != 1 for one, other in pairwise(places)):
            raise NotSayable(f"the class {days}: its days do not follow each other")
    keys = {
        "every": "week",
        "week_starts": [days[0] for days in classes],
        "days": [day for days in classes for day in days],
        "together": case.given["per_shift"],
    }
    return _pairs(case, keys)


def _pairs(case: Case, keys: dict[str, Any]) -> Answer:
    start, people = date.fromisoformat(case.given["start"]), list(case.given["people"])
    turns = Turns("turns", [[login] for login in people], start, keys)
    last = days_after(start, case.given["days"] - 1)
    found = turns_of(planned(policy(case.timezone, [ALL_DAY], [turns]), people, start, last))
    return {"turns": len(found), "first": list(found[0][0].logins), "last": list(found[-1][0].logins)}


@check("who_on_day")
def who_on_day(case: Case) -> Answer:
    """Who is on a day long after the start: the phase is that of the start."""
    given = case.given
    start, day, people = date.fromisoformat(given["start"]), date.fromisoformat(given["day"]), list(given["people"])
    keys = {"every": "day", "interval": given["days_per_turn"]}
    turns = Turns("turns", [[login] for login in people], start, keys)
    (slot,) = planned(policy(case.timezone, [ALL_DAY], [turns]), people, day, day).slots
    return {"user": slot.logins[0]}


@check("slot_count")
def slot_count(case: Case) -> Answer:
    """How many shifts a rule has in a number of days, by weekdays or from a day until a day."""
    given = case.given
    start = date.fromisoformat(given["start"])
    span = [date.fromisoformat(text) for text in given.get("date_range") or ()]
    first = span[0] if span else start
    keys: dict[str, Any] = {"every": "day", "days": weekday_keys(given.get("weekdays"))}
    keys |= {"until": span[1]} if span else {}
    turns = Turns("turns", [["x"]], first, keys)
    made = planned(policy(case.timezone, [ALL_DAY], [turns]), ["x"], start, days_after(start, given["days"] - 1))
    return {"slots": len(made.slots)}


@check("crew_weeks")
def crew_weeks(case: Case) -> Answer:
    """Crews that change on a weekday; a partial first period takes a turn."""
    given = case.given
    keys = {
        "every": "week",
        "week_starts": weekday_keys([given["handoff_weekday"]]),
        "days": weekday_keys(given["weekdays"]),
    }
    begun, ended = _crew_turns(case, [ALL_DAY], keys)
    return {"crew_order": crew_numbers(begun), "slots_per_turn": [len(turn) for turn in ended]}


@check("crew_halfmonth")
def crew_halfmonth(case: Case) -> Answer:
    """Crews that change on days of the month."""
    halves = [list(half) for half in case.given["halves"]]
    if any(one[1] + 1 != other[0] for one, other in pairwise(halves)) or halves[0][0] != 1:
        raise NotSayable(f"parts of the month that do not follow each other: {halves}")
    keys = {"every": "month", "month_starts": [half[0] for half in halves]}
    begun, ended = _crew_turns(case, [ALL_DAY], keys)
    return {"crew_order": crew_numbers(begun), "days_per_turn": [len(turn) for turn in ended]}


@check("crew_range")
def crew_range(case: Case) -> Answer:
    """Crews that are on from a time of one weekday to a time of another, every week."""
    found = re.fullmatch(r"(\w{3}) (\d\d:\d\d) -> (\w{3}) (\d\d:\d\d)", case.given["range"])
    if not found:
        raise NotSayable(f"the range “{case.given['range']}”")
    days = weekday_span(f"{found[1]}-{found[3]}")
    shifts = [Shift("first", found[2], "24:00", (days[0],)), Shift("last", "00:00", found[4], (days[-1],))]
    shifts += [Shift("whole", "00:00", "24:00", tuple(days[1:-1]))] if days[1:-1] else []
    begun, _ended = _crew_turns(case, shifts, {"every": "week", "week_starts": [days[0]]})
    zone = ZoneInfo(case.timezone)
    return {
        "crew_order": crew_numbers(begun),
        "first_turn": [local_text(begun[0][0].starts_at, zone), local_text(begun[0][-1].ends_at, zone)],
        "second_turn_ends": local_text(begun[1][-1].ends_at, zone),
    }


def _crew_turns(case: Case, shifts: list[Shift], keys: dict[str, Any]) -> tuple[list[list[Slot]], list[list[Slot]]]:
    names = crews(case.given["crews"])
    start = datetime.fromisoformat(case.given["start"]).date()
    rules = policy(case.timezone, shifts, [Turns("turns", [[name] for name in names], start, keys)])
    made = planned(rules, names, start, days_after(start, case.given["days"] + 62))
    return complete(made, start, case.given["days"])


@check("plan_horizon")
def plan_horizon(case: Case) -> Answer:
    """A plan goes on to the next hand-off: no part of a turn is published."""
    given, names = case.given, crews(case.given["crews"])
    start = date.fromisoformat(given["start"])
    keys = {"every": "day", "interval": given["days_per_turn"]}
    rules = policy(case.timezone, [ALL_DAY], [Turns("turns", [[name] for name in names], start, keys)])
    zone = rules.tz
    asked = walltime.midnight(days_after(start, given["days"]), zone)
    (end, *_) = handoffs(rules.rotations[0], zone, asked, asked + 400 * walltime.DAY)
    made = planned(rules, names, start, days_after(walltime.local_day(end, zone), -1))
    found = turns_of(made)
    return {"turns": len(found), "last_turn_days": len(found[-1])}


# Masks


@check("month_day")
def month_day(case: Case) -> Answer:
    """A day of the month, counted from its end below 0; none where the month lacks it."""
    found = re.fullmatch(r"day (-?\d+)", case.given["spec"])
    if not found:
        raise NotSayable(f"the day “{case.given['spec']}”")
    first = date(case.given["year"], case.given["month"], 1)
    keys = {"month_days": [int(found[1])], "months": [first.month]}
    rules = policy(case.timezone, [ALL_DAY], [Turns("turns", [["x"]], first, keys)])
    made = planned(rules, ["x"], first, days_after(first, monthrange(first.year, first.month)[1] - 1))
    return {"date": made.slots[0].day.isoformat() if made.slots else None}


@check("time_interval")
def time_interval(case: Case) -> Answer:
    """Whether instants lie in times of day on days of the week, the month, months and years, in a zone."""
    asked = {text: datetime.fromisoformat(text) for name in case.expect for text in case.expect[name]}
    rules = _interval_rules(case, min(asked.values()))
    zone = rules.tz
    on = {}
    for text, moment in asked.items():
        at = int(moment.timestamp())
        day = walltime.local_day(at, zone)
        made = planned(rules, ["x"], days_after(day, -1), days_after(day, 1))
        on[text] = bool(made.on_duty(at))
    answer = {"contains": [text for text in asked if on[text]], "excludes": [text for text in asked if not on[text]]}
    return {name: [text for text in case.expect[name] if text in answer[name]] for name in case.expect}


def _interval_rules(case: Case, earliest: datetime) -> Policy:
    given = case.given
    times = [list(span) for span in given.get("times") or [[0, 1440]]]
    shifts = [Shift(f"t{number}", clock(begin * 60), clock(end * 60)) for number, (begin, end) in enumerate(times)]
    keys: dict[str, Any] = {}
    if given.get("weekdays"):
        numbers = {day for first, last in given["weekdays"] for day in range(first, last + 1)}
        keys["days"] = [WEEKDAY_KEYS[(day - 1) % 7] for day in sorted(numbers)]
    if given.get("days_of_month"):
        keys["month_days"] = sorted({day for span in given["days_of_month"] for day in _month_days(*span)})
    if given.get("months"):
        keys["months"] = sorted({month for first, last in given["months"] for month in range(first, last + 1)})
    years = [list(span) for span in given.get("years") or [[earliest.year - 1, earliest.year + 10]]]
    rotations = [
        Turns(f"y{first}", [["x"]], date(first, 1, 1), keys | {"until": date(last, 12, 31)}) for first, last in years
    ]
    return policy(given.get("zone", case.timezone), shifts, rotations)


def _month_days(first: int, last: int) -> range:
    """Return the days from `first` to `last`, both below 0 from the end; from a day to the last day of the month."""
    if first > 0 > last != -1:
        raise NotSayable(f"the days {first} to {last} of a month: they differ from month to month")
    return range(first, 32) if first > 0 > last else range(first, last + 1)


# Rules that change


@check("rule_change")
def rule_change(case: Case) -> Answer:
    """What holds when a rule changes; a text that we cannot check is none of ours."""
    return {"properties": [text for text in case.expect["properties"] if _holds(text)]}


def _holds(text: str) -> bool:
    start, change = date(2026, 1, 1), date(2026, 1, 20)
    old = policy("UTC", [ALL_DAY], [Turns("turns", [["a"], ["b"], ["c"]], start, {"every": "day", "interval": 2})])
    new = policy("UTC", [ALL_DAY], [Turns("turns", [["c"], ["a"]], change, {"every": "day"})])
    off = policy("UTC", [ALL_DAY], [Turns("turns", [["a"]], start, {"every": "day", "until": days_after(change, -1)})])
    alone = planned(old, list("abc"), start, date(2026, 2, 28))
    if text == "saving an identical rule changes nothing":
        return _versions((start, old), (change, old)).slots == alone.slots
    if text.startswith("a changed rule with a later effective time keeps the old plan until then and cuts it exactly"):
        both = _versions((start, old), (change, new))
        before = tuple(slot for slot in alone.slots if slot.day < change)
        after = planned(new, list("abc"), change, date(2026, 2, 28)).slots
        return tuple((slot.day, slot.logins) for slot in both.slots) == tuple(
            (slot.day, slot.logins) for slot in (*before, *after)
        )
    if text.startswith("disabling a rule deactivates its future plan but does not delete it"):
        ended = _versions((start, old), (change, off))
        kept = tuple(slot for slot in alone.slots if slot.day < change)
        return tuple(slot.logins for slot in ended.slots) == tuple(slot.logins for slot in kept)
    raise NotSayable(f"nobody knows how to check “{text}”")


def _versions(*versions: tuple[date, Policy]) -> Plan:
    return plan_versions(versions, members("abc"), PLAIN, versions[0][0], date(2026, 2, 28))
