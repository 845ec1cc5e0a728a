"""Nights and hours that are paid, and how evenly duties are shared, asked of `allowance`, `rates` and `fairness`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import combinations
from typing import Any
from zoneinfo import ZoneInfo

from dutydesk.domain import fairness, leave, walltime
from dutydesk.domain.allowance import Content, Duty, content
from dutydesk.domain.calendar import DayKind, WorkCalendar
from dutydesk.domain.planned import gaps_between
from dutydesk.domain.rates import RatesFrom, read_rates
from dutydesk.domain.rotation import Away, plan
from dutydesk.domain.words import Label
from tests.cases.collected import Case
from tests.cases.kinds import Answer, NotSayable, check
from tests.cases.policies import PLAIN, Shift, Turns, lasting, listed, members, policy, toml, weekday_span
from tests.cases.rotations import T0, days_after
from tests.cases.times import local_instant

WHO = "somebody"
LAST_MINUTE = walltime.DAY - 60
HOUR = 3600


def sheet(
    duties: Iterable[Duty], rules: Sequence[Mapping[str, Any]], once: Sequence[Mapping[str, Any]] = ()
) -> Content:
    """Return what the duties of one person are paid by rules in this order, one-off rules first."""
    lines = ['name = "case"', 'currency = "XXX"']
    for key, found in (("once", once), ("rule", rules)):
        for rule in found:
            lines += [f"[[{key}]]", *(f"{name} = {toml(value)}" for name, value in rule.items())]
    tables = [RatesFrom(date(2000, 1, 1), read_rates("\n".join(lines)))]
    return content(duties, [], tables, [(WHO, Label(WHO))])


def duty(number: int, day: date, span: tuple[int, int], worked: tuple[int, int], kind: DayKind, night: bool) -> Duty:
    """Return a duty of one person as it happened: the shift, and from when to when he was there."""
    minutes = max(0, worked[1] - worked[0]) // 60
    whole = minutes == (span[1] - span[0]) // 60
    return Duty(
        WHO, number, day, "duty", kind, *span, *span, night=night, worked=minutes, came=minutes > 0, in_order=whole
    )


@check("duty_nights")
def duty_nights(case: Case) -> Answer:
    """Nights by the weekday they begin on, and their pay: who is there in the last minute of a day has the night."""
    given, zone = case.given, walltime.zone_named(case.given["zone"])
    rates = given["rates"]
    rules, names = [], []
    for name, _ in rates.each():
        found = re.fullmatch(r"(\w{3}-\w{3}) nights", given[name])
        if not found:
            raise NotSayable(f"the nights “{given[name]}”")
        names.append(name)
        rules.append({"name": name, "night": True, "days": weekday_span(found[1]), "per_shift": f"{rates[name]}"})
    duties: list[Duty] = []
    for period in given["periods"]:
        begin, end = (local_instant(text, zone) for text in period)
        day, last = (walltime.local_day(at, zone) for at in (begin, end))
        while day <= last:
            span = walltime.at(day, LAST_MINUTE, zone), walltime.at(day, walltime.DAY, zone)
            there = max(begin, span[0]), min(end, span[1])
            duties.append(duty(len(duties), day, span, there, DayKind.WORKDAY, True))
            day = days_after(day, 1)
    made = sheet(duties, rules)
    lines = [line for person in made.people for line in person.lines if line.minutes]
    counts = {name: sum(line.rule == name for line in lines) for name in names}
    return {**counts, "pay": made.amount / 100}


@check("hours_conserved")
def hours_conserved(case: Case) -> Answer:
    """Hours shared out to ordered rules: none is lost, none counts twice, the first rule that covers wins."""
    given, zone = case.given, walltime.zone_named(case.given["zone"])
    spans = [tuple(local_instant(text, zone) for text in shift) for shift in given["shifts"]]
    days = [walltime.local_day(begin, zone) for begin, _ in spans]
    calendar = listed([days[len(days) // 2]])
    once, rules = _categories(list(given["categories_in_order"]), days[0])
    duties = [
        duty(number, day, (begin, end), (begin, end), calendar.kind(day), False)
        for number, (day, (begin, end)) in enumerate(zip(days, spans, strict=True))
    ]
    made = sheet(duties, rules, once)
    lines = made.people[0].lines
    hours = sum(line.minutes for line in lines) / 60
    names = [rule["name"] for rule in (*once, *rules)]
    first = all(line.rule == _expected(line.day, names, days[0], calendar) for line in lines)
    kept = first and len(lines) == len(spans) and made.amount == round(hours * 100)
    text = "splitting shifts into pay categories must neither lose nor double-count an hour; earlier categories win"
    return {"total_hours": hours, "property": text if kept else "broken"}


def _categories(names: list[str], special: date) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return one-off rules and ordered rules for the categories: all pay 1 an hour, so that pay counts hours."""
    kinds = {"statutory holiday": ["statutory"], "weekend": ["weekend"], "after hours": ["all"]}
    if names[0] != "company day" or any(name not in kinds for name in names[1:]):
        raise NotSayable(f"the categories {names}")
    once = [{"name": names[0], "days": [special], "per_hour": "1.00"}]
    return once, [{"name": name, "days": kinds[name], "per_hour": "1.00"} for name in names[1:]]


def _expected(day: date, names: list[str], special: date, calendar: WorkCalendar) -> str:
    kind = calendar.kind(day)
    covers = {
        "company day": day == special,
        "statutory holiday": kind is DayKind.STATUTORY,
        "weekend": kind is DayKind.WEEKEND,
        "after hours": True,
    }
    return next(name for name in names if covers[name])


# Fairness


@check("fairness")
def shared(case: Case) -> Answer:
    """Who should be next, or how even a roster is."""
    return _next(case) if "roster" in case.given else _even(case)


def _next(case: Case) -> Answer:
    """Return whom the ranking names first among those who are free: the least loaded, and nobody by force."""
    roster = list(case.given["roster"])
    new, busy = list(case.given.get("never_on_duty", ())), list(case.given.get("busy_in_range", ()))

    def fitness(login: int) -> leave.Fitness:
        worked = 0 if login in new else 12
        return leave.Fitness(bool(worked), worked, None, None, 11, True, None, order=roster.index(login))

    ranked = [str(login) for login in sorted(roster, key=lambda login: leave.rank(fitness(login)))]
    day = T0.date()
    rules = policy("UTC", [Shift("duty", "08:00", "20:00")], [Turns("turns", [[login] for login in ranked], day)])
    span = walltime.day_bounds(day, rules.tz)
    made = plan(rules, members(ranked), PLAIN, day, day, away=[Away(str(login), *span) for login in busy])
    on = made.slots[0].logins
    return {"next": type(roster[0])(on[0]) if on else None}


def _even(case: Case) -> Answer:
    """Return the score of the other project, worked out from our plan, its gaps and our loads.

    (coverage + balance) / 2, both in whole percent; balance is the mean over all pairs of the smaller by the larger
    hours, and 95 and more is 100. Our own score has another formula, which `fairness` tells.
    """
    given, start = case.given, T0.date()
    last = days_after(start, given.get("horizon_weeks", 52) * 7 - 1)
    people = [f"user-{number}" for number in range(1, given["people"] + 1)]
    shifts, rotations, groups = _layers(list(given["layers"]), start)
    made = plan(policy(case.timezone, shifts, rotations), members(people), PLAIN, start, last)
    loads = fairness.loads(fairness.of_slots(made.slots, PLAIN, ()))
    hours = {login: loads[login].minutes / 60 if login in loads else 0.0 for login in people}
    zone = ZoneInfo(case.timezone)
    whole = walltime.midnight(days_after(last, 1), zone) - walltime.midnight(start, zone)
    spans = [(slot.starts_at, slot.ends_at) for slot in made.slots if slot.assigned]
    begin = walltime.midnight(start, zone)
    missing = sum(gap.ends_at - gap.starts_at for gap in gaps_between(begin, begin + whole, spans))
    covered = round(100 * (1 - missing / whole))
    pairs = [min(one, other) / max(one, other) for one, other in combinations(hours.values(), 2) if one or other]
    balance = round(100 * sum(pairs) / len(pairs)) if pairs else 100
    balance = 100 if balance >= 95 else balance
    return {
        "total": round((covered + balance) / 2),
        "not_covered_pct": 100 - covered,
        "overloaded": _overloaded(hours, groups) if balance < 100 else [],
    }


def _layers(layers: list[Mapping[str, Any]], start: date) -> tuple[list[Shift], list[Turns], dict[str, list[str]]]:
    """Return layers as rotations by the day; a layer on the same days as one before it follows it on the clock."""
    shifts: list[Shift] = []
    rotations: list[Turns] = []
    groups: dict[str, list[str]] = {}
    used = dict.fromkeys(range(7), 0.0)
    for number, layer in enumerate(layers):
        days, hours = weekday_span(layer["days"]), layer["hours"]
        first, last = (int(text) for text in (layer["users"].split("-") * 2)[:2])
        groups[layer["users"]] = [f"user-{one}" for one in range(first, last + 1)]
        places = [("mon", "tue", "wed", "thu", "fri", "sat", "sun").index(day) for day in days]
        begin = max(used[place] for place in places)
        used.update(dict.fromkeys(places, begin + hours))
        shifts.append(lasting(f"s{number}", begin * HOUR, hours))
        keys = {"shifts": [f"s{number}"], "every": "day", "days": days}
        rotations.append(Turns(f"layer-{number}", [[login] for login in groups[layer["users"]]], start, keys))
    return shifts, rotations, groups


def _overloaded(hours: Mapping[str, float], groups: Mapping[str, list[str]]) -> list[list[str]]:
    """Return each group whose people carry more than the average, with how much more in percent."""
    average = sum(hours.values()) / len(hours)
    found = []
    for name, people in groups.items():
        over = {round(100 * (hours[login] / average - 1)) for login in people}
        found += [[f"users {name}", f"{more:+d}%"] for more in over if more > 0 and len(over) == 1]
    return found
