"""Who is on, and when turns change: cases about rotations, asked of `rotation.plan`."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dutydesk.domain import walltime
from dutydesk.domain.calendar import WorkCalendar
from dutydesk.domain.policy import Policy
from dutydesk.domain.rotation import Plan, Slot, plan
from tests.cases.collected import Case
from tests.cases.kinds import Answer, NotSayable, check
from tests.cases.policies import (
    PLAIN,
    WEEKDAYS,
    Recurring,
    Shift,
    Turns,
    continuous,
    lasting,
    members,
    policy,
    seconds_of,
    weekday_keys,
    weekday_span,
    whole_day,
)
from tests.cases.times import local_instant, local_text

T0 = datetime(2024, 1, 1)
"""The instant that cases call `t0` or `now`: a Monday, midnight."""
NAMES = dict(zip(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"), range(7), strict=True))


def days_after(day: date, count: int) -> date:
    """Return the day so many days later."""
    return day + timedelta(days=count)


def by_day(made: Plan) -> dict[str, list[str]]:
    """Return who is on each day that has somebody."""
    found: dict[str, list[str]] = {}
    for slot in made.slots:
        if slot.logins:
            found.setdefault(slot.day.isoformat(), []).extend(slot.logins)
    return found


@check("day_roster")
def day_roster(case: Case) -> Answer:
    """Who is on each day, by groups in order and a mask of days."""
    given = case.given
    if "rotation" in given:
        return _by_weekday(case)
    start = date.fromisoformat(given["start_date"])
    last = days_after(start, given["until_exclusive_days"] - 1)
    rule = Recurring(
        given["frequency"], given["interval"], given["weekdays"], None, start, given.get("week_starts", "MO")
    )
    keys, calendar = rule.keys(last)
    groups = given["groups_in_order"]
    begin, _, end = given["shift"].partition("-")
    made = plan(
        policy(case.timezone, [Shift("duty", begin, end)], [Turns("turns", groups, start, keys)]),
        members(login for group in groups for login in group),
        calendar,
        start,
        last,
    )
    on_duty = by_day(made)
    others = sorted(set(on_duty) - set(case.expect["on_duty_by_date"]))
    return {"on_duty_by_date": on_duty, "other_dates": others or "nobody"}


def _by_weekday(case: Case) -> Answer:
    """Who is on the days after the one that the case names, such as the Monday after a Friday."""
    given = case.given
    number, unit = given["rotation"].split()
    days, window = given["window"].split()
    begin, _, end = window.partition("-")
    (named,) = [name for name in NAMES if name in given]
    people = list(given["people"])
    first = people.index(given[named])
    start = days_after(T0.date(), NAMES[named])
    keys = {"every": unit.removesuffix("s"), "interval": int(number), "days": weekday_span(days)}
    turns = Turns("turns", [[login] for login in people[first:] + people[:first]], start, keys)
    made = plan(
        policy(case.timezone, [Shift("duty", begin, end)], [turns]), members(people), PLAIN, start, days_after(start, 6)
    )
    on_duty = by_day(made)
    asked = {name: days_after(start, (NAMES[name] - NAMES[named]) % 7).isoformat() for name in case.expect}
    return {name: one_or_all(on_duty.get(day, [])) for name, day in asked.items()}


def one_or_all(logins: list[str]) -> Any:
    """Return nobody as None, one person as the person, several as a list."""
    return logins if len(logins) > 1 else logins[0] if logins else None


# Who is on at instants counted from a beginning


def moment(text: str) -> datetime:
    """Return `t0+7d1h`, `now-3h50m`, `Monday 00:00`, `next Monday` or `2022-10-01T10:30Z` as a time in UTC."""
    found = re.fullmatch(r"(?:t0|now)\s*([+-].*)?", text)
    if found:
        return T0 + timedelta(seconds=seconds_of(found[1]) if found[1] else 0)
    name, _, time = text.removeprefix("next ").partition(" ")
    if name.lower() in NAMES:
        step = (NAMES[name.lower()] - T0.weekday()) % 7 or (7 if text.startswith("next ") else 0)
        return datetime.fromisoformat(f"{days_after(T0.date(), step)}T{time or '00:00'}")
    read = datetime.fromisoformat(text)
    return read.astimezone(UTC).replace(tzinfo=None) if read.tzinfo else read


def asked_instants(case: Case, base: datetime) -> dict[str, dict[str, datetime]]:
    """Return for every expectation the instants it asks about, under the keys it names them by."""
    found: dict[str, dict[str, datetime]] = {}
    for name, table in case.expect.each():
        if name == "at":
            found[name] = {key: moment(key) for key in table}
            continue
        written = re.fullmatch(r"at_offset_(minutes|hours|days|weeks)(?:\(\+(\d+) ?(min|h)\))?", name)
        if not written:
            raise NotSayable(f"the expectation “{name}”")
        unit, more, more_unit = written.groups()
        extra = timedelta(seconds=seconds_of(f"{more}{more_unit}")) if more else timedelta()
        found[name] = {key: base + timedelta(**{unit: float(key)}) + extra for key in table}
    return found


@check("who_at_offsets")
def who_at_offsets(case: Case) -> Answer:
    """Who is on at instants before and after a rotation begins."""
    given = case.given
    start = moment(given["anchor"] if "anchor" in given else given["start"])
    asked = asked_instants(case, T0 if "anchor" in given else start)
    instants = [at for table in asked.values() for at in table.values()]
    slots = (_continuing if "anchor" in given else _recurring)(case, start, min(instants), max(instants))
    return {
        name: {key: one_or_all(_on_at(slots, int(at.replace(tzinfo=UTC).timestamp()))) for key, at in table.items()}
        for name, table in asked.items()
    }


def _on_at(slots: list[Slot], at: int) -> list[str]:
    return [login for slot in slots if slot.starts_at <= at < slot.ends_at for login in slot.logins]


def _continuing(case: Case, anchor: datetime, first: datetime, last: datetime) -> list[Slot]:
    given = case.given
    order = [[login] for login in given["people"]]
    turns = continuous(given["unit"], given["length"], anchor, order)
    made = plan(
        policy("UTC", [whole_day(anchor)], [turns]),
        members(given["people"]),
        PLAIN,
        min(first.date(), anchor.date()),
        last.date(),
    )
    return list(made.slots)


def _recurring(case: Case, start: datetime, _first: datetime, last: datetime) -> list[Slot]:
    """Return the slots of an event that recurs: those that begin once the rotation is in force, and until its end."""
    given = case.given
    seconds = (start - datetime.combine(start.date(), datetime.min.time())).total_seconds()
    hours = given.get("shift_h", 24)
    until = last.date()
    if given["frequency"] == "hourly":
        keys, calendar, shifts = {"every": "slot"}, PLAIN, _hourly(seconds, hours, given.get("interval", 1))
    else:
        week_starts = given.get("week_starts") or given.get("week_start") or WEEKDAYS[start.weekday()]
        rule = Recurring(
            given["frequency"],
            given.get("interval", 1),
            given.get("weekdays"),
            given.get("month_days"),
            start.date(),
            week_starts if isinstance(week_starts, str) else WEEKDAYS[week_starts],
        )
        keys, calendar = rule.keys(until)
        shifts = [lasting("duty", seconds, hours)]
    order = [[login] if isinstance(login, str) else login for login in given["people"]]
    made = plan(
        policy("UTC", shifts, [Turns("turns", order, start.date(), keys)]),
        members(login for group in order for login in group),
        calendar,
        start.date(),
        until,
    )
    begins = moment(given["rotation_effective_from"]) if "rotation_effective_from" in given else start
    ends = moment(given["until"]) if "until" in given else datetime.max.replace(year=9000)
    low, high = (at.replace(tzinfo=UTC).timestamp() for at in (begins, ends))
    return [slot for slot in made.slots if low <= slot.starts_at <= high]


def _hourly(seconds: float, hours: float, interval: int) -> list[Shift]:
    """Return the shifts of a day that begin every `interval` hours, the first at the start of the rule."""
    if 24 % interval or seconds >= interval * 3600:
        raise NotSayable(f"a shift every {interval} h from {seconds / 3600:g} h: ours are the same each day")
    return [lasting(f"h{at}", seconds + at * 3600, hours) for at in range(0, 24, interval)]


@check("user_at")
def user_at(case: Case) -> Answer:
    """Whose turn it is at an instant, when it is known whose turn it was before."""
    given = case.given
    count = given["people_count"]
    people = [f"p{number}" for number in range(count)]
    anchor, before, at = (moment(text) for text in (given["anchor"], given["current_start"], case.expect["at"]))
    turns = continuous(given["unit"], given["length"], anchor, [[login] for login in people])
    made = plan(policy("UTC", [whole_day(anchor)], [turns]), members(people), PLAIN, anchor.date(), at.date())
    held = [_on_at(list(made.slots), int(each.replace(tzinfo=UTC).timestamp())) for each in (before, at)]
    places = [people.index(login) for (login,) in held]
    return {"at": case.expect["at"], "index": (given["current_index"] + places[1] - places[0]) % count}


@check("roster_change")
def roster_change(case: Case) -> Answer:
    """Who is on when somebody joins or leaves: the turn that is running stays with its holder."""
    given = case.given
    people = list(given["people"])
    start, today = T0.date(), days_after(T0.date(), given["active_index"])
    gone, joined = given.get("delete"), given.get("add")
    order = [*people, joined] if joined and joined not in people else people
    staff = [
        type(member)(
            member.login,
            order=member.order,
            since=today if member.login == joined else None,
            until=days_after(today, -1) if member.login == gone else None,
        )
        for member in members(order)
    ]
    turns = Turns("turns", [[login] for login in order], start, {"every": "day"})
    made = plan(policy("UTC", [Shift("duty", "00:00", "24:00")], [turns]), staff, PLAIN, start, today)
    (active,) = made.slots[-1].logins
    left = [login for login in order if login != gone]
    return {"active_index": left.index(active), "active_person": active}


# Windows of a week


def _window_plan(case: Case, first: date, last: date) -> Plan:
    begin, _, end = case.given["window"].partition("-")
    keys = {"days": weekday_keys(case.given["weekdays"])}
    made = policy(case.timezone, [Shift("duty", begin, end)], [Turns("turns", [["x"]], first, keys)])
    return plan(made, members(["x"]), PLAIN, first, last)


@check("window_active")
def window_active(case: Case) -> Answer:
    """Whether a window on some weekdays is on at an instant."""
    zone = ZoneInfo(case.timezone)
    asked = {text: local_instant(text, zone) for text in case.expect["active_at"]}
    first, last = (walltime.local_day(at, zone) for at in (min(asked.values()), max(asked.values())))
    made = _window_plan(case, days_after(first, -2), last)
    return {"active_at": {text: bool(made.on_duty(at)) for text, at in asked.items()}}


@check("window_bounds")
def window_bounds(case: Case) -> Answer:
    """When the stretch that runs, or the next one, begins and ends; windows that touch are one stretch."""
    zone = ZoneInfo(case.timezone)
    asked = {name: {text: local_instant(text, zone) for text in table} for name, table in case.expect.each()}
    instants = [at for table in asked.values() for at in table.values()]
    first, last = (walltime.local_day(at, zone) for at in (min(instants), max(instants)))
    first, last = days_after(first, -8), days_after(last, 15)
    made = _window_plan(case, first, last)
    spans = covered(made, zone)
    place = {"current_or_next_start": 0, "current_or_next_end": 1}
    return {
        name: {
            text: next((local_text(span[place[name]], zone) for span in spans if span[1] > at), None)
            for text, at in asked[name].items()
        }
        for name in asked
        if name in place
    }


def covered(made: Plan, zone: ZoneInfo) -> list[tuple[int, int]]:
    """Return the stretches that the rules cover: what lies between the gaps of the plan."""
    first, last = walltime.midnight(made.first, zone), walltime.midnight(days_after(made.last, 1), zone)
    borders = [first, *(edge for gap in made.gaps for edge in (gap.starts_at, gap.ends_at)), last]
    pairs = zip(borders[::2], borders[1::2], strict=True)
    return [(begin, end) for begin, end in pairs if begin < end]


@check("gap_flags")
def gap_flags(case: Case) -> Answer:
    """Hours that no rule covers against shifts that nobody may take."""
    for phrase in list(case.given):
        case.given.get(phrase)
    return {name: _flags(name) for name in case.expect}


def _flags(name: str) -> dict[str, bool]:
    """Return both flags for what a name says: `daily` or `every 2nd day`, with a person who may be on or not."""
    step = re.search(r"every (\d+)(?:st|nd|rd|th) day", name)
    if not step and "daily" not in name:
        raise NotSayable(f"the rule “{name}”")
    start = T0.date()
    rule = Recurring("daily", int(step[1]) if step else 1, None, None, start)
    keys, calendar = rule.keys(days_after(start, 13))
    keys |= {"need": {"specialist": 1}}
    made = policy("UTC", [Shift("duty", "00:00", "24:00")], [Turns("turns", [["x"]], start, keys)])
    staff = members(["x"], () if "ineligible" in name else ("specialist",))
    found = plan(made, staff, calendar, start, days_after(start, 13))
    return {"has_gaps": bool(found.gaps), "has_empty": bool(found.incomplete)}


# Whole plans


def turns_of(made: Plan) -> list[list[Slot]]:
    """Return the slots of each turn, in order of time."""
    groups: dict[int, list[Slot]] = {}
    for slot in made.slots:
        for assigned in slot.assigned[:1]:
            groups.setdefault(assigned.why.turn, []).append(slot)
    return [groups[turn] for turn in sorted(groups)]


def planned(rules: Policy, people: list[str], first: date, last: date, calendar: WorkCalendar = PLAIN) -> Plan:
    """Return a plan with these people in this order."""
    return plan(rules, members(people), calendar, first, last)
