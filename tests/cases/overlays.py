"""Substitutions, swaps, lists above the rotation and sign-ins: what stands above the plan, asked of `overlay`.

A person who is "removed" and one who is "added" in one entry are a replacement.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from dutydesk.domain import overlay, presence, walltime
from dutydesk.domain.attendance import Stay
from dutydesk.domain.overlay import Change, ChangeKind, ChangeSource
from dutydesk.domain.planned import gaps_between
from dutydesk.domain.presence import Stretch
from dutydesk.domain.rotation import Slot, plan
from tests.cases.collected import Case
from tests.cases.kinds import Answer, NotSayable, check
from tests.cases.policies import PLAIN, Shift, Turns, clock, lasting, members, policy, weekday_keys
from tests.cases.rotations import T0, days_after
from tests.cases.times import local_instant, local_text

Span = tuple[int, int]
Listing = tuple[str, int, int]
Rule = tuple[Shift, str, dict[str, Any]]
ABOVE = 1000
"""The priority of what stands above every rotation of a case."""
HOURS_EARLY = 6
"""Events of a case begin that long after midnight, so that one may begin before the beginning."""


def slots_of(
    zone: str,
    rules: Sequence[Rule],
    first: date,
    last: date,
    more: str = "",
    people: Iterable[str] = (),
) -> list[Slot]:
    """Return the plan of rules that each put one person on one shift."""
    rotations = [
        Turns(f"rule-{number}", [[login]], first, {"shifts": [shift.key], **keys})
        for number, (shift, login, keys) in enumerate(rules)
    ]
    logins = dict.fromkeys([*(login for _, login, _ in rules), *people])
    made = policy(zone, {shift.key: shift for shift, _, _ in rules}.values(), rotations, more)
    return list(plan(made, members(logins), PLAIN, first, last).slots)


def changes_for(slots: Sequence[Slot], out: str, into: str, span: Span, number: int = 1, **more: Any) -> list[Change]:
    """Return an entry of other systems as changes of our shifts: one for each shift that it touches.

    Somebody added is added once at any time, whatever shifts run beside each other.
    """
    kind = ChangeKind.REPLACE if out and into else ChangeKind.REMOVE if out else ChangeKind.ADD
    left = [span]
    found: list[Change] = []
    for slot in slots:
        parts = [(max(low, slot.starts_at), min(high, slot.ends_at)) for low, high in left]
        for low, high in [part for part in parts if part[0] < part[1]]:
            found.append(Change(number, slot.day, slot.key, kind, out, into, from_at=low, to_at=high, **more))
            if kind is ChangeKind.ADD:
                free = gaps_between(*span, [(change.from_at or 0, change.to_at or 0) for change in found])
                left = [(gap.starts_at, gap.ends_at) for gap in free]
    return found


def numbered(changes: Iterable[Change]) -> list[Change]:
    """Return changes with numbers of their own, in their order."""
    return [Change(**{**change.__dict__, "id": number}) for number, change in enumerate(changes, start=1)]


def on_at(slots: Iterable[Slot], at: int) -> list[str]:
    """Return who is on at an instant, parts of shifts regarded, by login."""
    return sorted(
        {held.login for slot in slots for held in slot.assigned if slot.span(held)[0] <= at < slot.span(held)[1]}
    )


def utc(moment: datetime) -> int:
    """Return a wall-clock time in UTC as epoch seconds."""
    return int(moment.replace(tzinfo=UTC).timestamp())


# Final shifts: rules, then lists and substitutions above them, then what really happened


@check("final_shifts")
def final_shifts(case: Case) -> Answer:
    """Who is on within a span, and whether a shift goes on after it."""
    given, zone = case.given, ZoneInfo(case.timezone)
    low, high = (local_instant(text, zone) for text in given["query"])
    first, last = days_after(walltime.local_day(low, zone), -1), days_after(walltime.local_day(high, zone), 1)
    rules = _rules(case)
    lists, above = _temporary(case, zone)
    people = [entry[key] for entry in given.get("overrides", ()) for key in ("add", "remove") if key in entry]
    slots = slots_of(case.timezone, [*rules, *lists], first, last, above, people)
    changes: list[Change] = []
    for entry in given.get("overrides", ()):
        span = local_instant(entry["from"], zone), local_instant(entry["to"], zone)
        changes += changes_for(slots, entry.get("remove", ""), entry.get("add", ""), span)
    shown = presence.stretches(overlay.apply(slots, numbered(changes)), *_happened(case, zone))
    return {"shifts": [_row(stretch, low, high, zone) for stretch in _within(shown, low, high)]}


def _rules(case: Case) -> list[Rule]:
    given = case.given
    rules = [*([given["rule"]] if "rule" in given else []), *given.get("rules", ())]
    found: list[Rule] = []
    for number, rule in enumerate(rules):
        begin, _, end = rule["window"].partition("-")
        days = {"days": weekday_keys(rule["weekdays"])}
        found.append((Shift(f"s{number}", begin, end), rule["user"], days))
    return found


def _temporary(case: Case, zone: ZoneInfo) -> tuple[list[Rule], str]:
    """Return a schedule above the rules as shifts of higher priority, and the list of who is on them or nobody."""
    entry = case.given.get("temporary_schedule")
    if entry is None:
        return [], ""
    begin, end = local_instant(entry["from"], zone), local_instant(entry["to"], zone)
    shifts = [(who, *(local_instant(text, zone) for text in span)) for who, *span in entry["shifts"]]
    found: list[Rule] = []
    lines = ["[[temporary]]", 'name = "list"', "[temporary.days]"]
    by_day: dict[date, list[str]] = {}
    for number, (low, high, on) in enumerate(pieces((begin, end), shifts)):
        day = walltime.local_day(low, zone)
        if walltime.local_day(high - 1, zone) != day:
            raise NotSayable("a list over midnight: ours name the shifts of a day")
        seconds = low - walltime.midnight(day, zone)
        shift = lasting(f"t{number}", seconds, (high - low) / 3600)
        found.append((shift, on[0] if on else "x", {"priority": ABOVE, "until": day}))
        by_day.setdefault(day, []).append(f"{shift.key} = [{', '.join(f'{chr(34)}{login}{chr(34)}' for login in on)}]")
    lines += [f"{day} = {{ {', '.join(entries)} }}" for day, entries in by_day.items()]
    return found, "\n".join(lines)


def pieces(span: Span, shifts: Sequence[Listing]) -> list[tuple[int, int, list[str]]]:
    """Return a span cut where shifts in it begin or end, with who is on each piece."""
    edges = sorted({*span, *(edge for _, *ends in shifts for edge in ends if span[0] < edge < span[1])})
    return [
        (low, high, [who for who, begin, end in shifts if begin <= low and high <= end])
        for low, high in pairwise(edges)
    ]


def _happened(case: Case, zone: ZoneInfo) -> tuple[Mapping[str, list[Stay]] | None, int | None]:
    if "history" not in case.given:
        return None, None
    now = local_instant(case.given["now"], zone)
    been: dict[str, list[Stay]] = {}
    for login, came, left in case.given["history"]:
        stay = Stay(local_instant(came, zone), local_instant(left, zone) if left else None)
        been.setdefault(login, []).append(stay)
    return been, now


def _within(shown: Iterable[Stretch], low: int, high: int) -> list[Stretch]:
    """Return the stretches that touch the span; a planned one begins with the span at the earliest."""
    cut = [
        Stretch(each.login, each.starts_at if each.signed else max(low, each.starts_at), each.ends_at)
        for each in shown
        if each.starts_at < high and each.ends_at > low
    ]
    return sorted(cut, key=lambda each: (each.starts_at, min(each.ends_at, high), each.login))


def _row(stretch: Stretch, low: int, high: int, zone: ZoneInfo) -> list[str]:
    end = min(stretch.ends_at, high)
    cut = "truncated" if stretch.ends_at > high else ""
    return [stretch.login, local_text(stretch.starts_at, zone), local_text(end, zone), cut]


@check("layered_final")
def layered_final(case: Case) -> Answer:
    """Shifts of several priorities and what stands above them: who is on when, and the gaps between."""
    given = case.given
    day = T0.date()
    midnight, after = utc(T0), utc(T0 + timedelta(days=1))
    rules: list[Rule] = []
    above = 0
    for key in ("daily_shifts_[user,priority,start_h,dur_h]", "overrides_[user,priority,start_h,dur_h]"):
        for user, priority, start, hours in given.get(key, ()):
            rules.append((lasting(f"s{len(rules)}", start * 3600, hours), user, {"priority": priority + above}))
        above += ABOVE
    slots = slots_of(case.timezone, rules, days_after(day, -1), days_after(day, 1))
    shown = presence.stretches(slots)
    rows: list[tuple[int, int, str]] = [
        (begin, end, each.login)
        for each in shown
        if (begin := max(each.starts_at, midnight)) < (end := min(each.ends_at, after))
    ]
    if not case.expect.get("gaps_not_listed"):
        gaps = gaps_between(midnight, after, [(begin, end) for begin, end, _ in rows])
        rows += [(gap.starts_at, gap.ends_at, "GAP") for gap in gaps]
    if "query" in given:
        at = _instant(given["query"], midnight)
        rows = [row for row in rows if row[0] <= at < row[1]]
    final = [[(begin - midnight) / 3600, (end - begin) / 3600, who] for begin, end, who in sorted(rows)]
    return {
        "final_[start_h,dur_h,user|GAP]": final,
        "gaps_not_listed": not any(row[2] == "GAP" for row in final),
    }


def _instant(text: str, midnight: int) -> int:
    found = re.fullmatch(r"instant (\d\d:\d\d(?::\d\d)?)", text)
    if not found:
        raise NotSayable(f"the query “{text}”")
    return midnight + walltime.parse_time(found[1])


# Substitutions


@check("override_map")
def override_map(case: Case) -> Answer:
    """Who is on when some are added, removed or replaced."""
    base = list(case.given["base_on_duty"])
    day, shift = T0.date(), Shift("duty", "00:00", "24:00")
    slots = slots_of("UTC", [(shift, login, {}) for login in base], day, day)
    changes: list[Change] = []
    for entry in case.given["overrides"]:
        span = utc(T0), utc(T0 + timedelta(days=1))
        changes += changes_for(slots, entry.get("remove", ""), entry.get("add", ""), span)
    return {"on_duty": on_at(overlay.apply(slots, numbered(changes)), utc(T0 + timedelta(hours=12)))}


@check("override_day")
def override_day(case: Case) -> Answer:
    """Who is on at times of a day before, during and after a substitution of some days."""
    zone, entry = ZoneInfo(case.timezone), case.given["override"]
    rules: list[Rule] = []
    for number, (user, window) in enumerate(case.given["rules"]):
        begin, _, end = window.partition("-")
        rules.append((Shift(f"s{number}", begin, end), user, {}))
    first = T0.date()
    low, high = days_after(first, entry["from_day"]), days_after(first, entry["to_day"])
    slots = slots_of(case.timezone, rules, first, days_after(high, 3))
    span = walltime.midnight(low, zone), walltime.midnight(high, zone)
    changes = changes_for(slots, entry.get("remove", ""), entry.get("add", ""), span)
    shown = overlay.apply(slots, numbered(changes))
    days = {"before": days_after(low, -1), "during": days_after(low, 1), "after": days_after(high, 1)}
    return {
        name: {
            time: on_at(shown, walltime.at(days[name], walltime.parse_time(time), zone)) for time in case.expect[name]
        }
        for name in case.expect
        if name in days
    }


@check("override")
def override(case: Case) -> Answer:
    """A substitute for a part of one or several duties: what is left of them, and what the substitute has."""
    events = [case.given["event"]] if "event" in case.given else list(case.given["events"])
    begin, end = case.given["override"]
    early = HOURS_EARLY * 3600
    rules: list[Rule] = [
        (lasting(f"s{number}", low + early, (high - low) / 3600), "owner", {})
        for number, (low, high) in enumerate(events)
    ]
    slots = slots_of("UTC", rules, T0.date(), T0.date())
    base = utc(T0) + early
    changes = numbered(changes_for(slots, "owner", "substitute", (base + begin, base + end)))
    held: dict[str, list[list[int]]] = {"owner": [], "substitute": []}
    for each in presence.stretches(overlay.apply(slots, changes)):
        held[each.login].append([each.starts_at - base, each.ends_at - base])
    stood_in = held["substitute"]
    return {"owner_pieces": held["owner"], "substitute": stood_in[0] if len(stood_in) == 1 else stood_in}


@check("override_conflict")
def override_conflict(case: Case) -> Answer:
    """The same substitution twice: the second one finds nothing to change, and a change that does so is refused."""
    if not case.given["two_concurrent_identical_add_overrides_for_same_person"]:
        raise NotSayable("no two substitutions")
    slots = slots_of("UTC", [(Shift("duty", "08:00", "20:00"), "regular", {})], T0.date(), T0.date())
    span = slots[0].starts_at + 3600, slots[0].starts_at + 7200
    first, second = numbered(changes_for(slots, "", "guest", span) * 2)
    useless = overlay.idle(slots, [first, second])
    return {"second": "rejected" if useless == (second,) else "accepted"}


# Swaps


@check("swap")
def swap(case: Case) -> Answer:
    """A swap of a part of a shift: nothing changes before it is taken, and nothing when it is not about a duty."""
    given = case.given
    found = re.fullmatch(r"(\d\d:\d\d)-(\d\d:\d\d) daily, owner (\w+)", given["shift"])
    if not found:
        raise NotSayable(f"the shift “{given['shift']}”")
    begin, end, owner = found.groups()
    slots = slots_of("UTC", [(Shift("duty", begin, end), owner, {})], T0.date(), days_after(T0.date(), 1))
    taker = given["taker"]
    if "requests" in given:
        refused = [text for text in given["requests"] if _applies(text, slots, taker)]
        return {"schedule": f"changed by {refused}" if refused else "unchanged"}
    span = [0, 0]
    for day in (0, 1):
        if f"swap_day{day}" in given:
            seconds = [walltime.parse_time(text) for text in given[f"swap_day{day}"]]
            span = [utc(T0) + day * 86_400 + second for second in seconds]
    taken = numbered(changes_for(slots, owner, taker, (span[0], span[1]), source=ChangeSource.SWAP))
    plain, swapped = _day_rows(slots), _day_rows(overlay.apply(slots, taken))
    asked = case.expect.get("untaken")
    untaken = asked if asked and _joined_rows(asked) == plain else plain
    return {"taken": swapped, "untaken_final": plain, "untaken": untaken}


def _applies(text: str, slots: Sequence[Slot], taker: str) -> bool:
    """Whether a request changes the plan: only one that stands, about somebody who is on, does."""
    if text == "by someone not on the roster":
        span = slots[0].starts_at, slots[-1].ends_at
        stranger = numbered(changes_for(slots, "stranger", taker, span, source=ChangeSource.SWAP))
        return overlay.apply(slots, stranger) != tuple(slots)
    if text == "entirely in the past":
        past = slots[0].starts_at - 7200, slots[0].starts_at - 3600
        return overlay.apply(slots, numbered(changes_for(slots, slots[0].logins[0], taker, past))) != tuple(slots)
    if text in ("deleted", "untaken and already started (past due)"):
        return overlay.apply(slots, []) != tuple(slots)
    raise NotSayable(f"the request “{text}”")


def _day_rows(slots: Iterable[Slot]) -> list[list[str]]:
    base = utc(T0)
    rows = []
    for each in presence.stretches(slots):
        day, start = divmod(each.starts_at - base, 86_400)
        rows.append([f"day{day}", f"{_hours(start)}-{_hours(start + each.ends_at - each.starts_at)}", each.login])
    return rows


def _hours(seconds: int) -> str:
    text = clock(seconds)
    return text[:2] if text.endswith(":00") and len(text) == 5 else text


def _joined_rows(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """Return rows without the mark of an open request: for us it changes nothing, so the pieces are one shift."""
    joined: list[list[str]] = []
    for day, span, who in rows:
        login, (begin, end) = who.removesuffix(" (requested)"), span.split("-")
        if joined and joined[-1][0] == day and joined[-1][2] == login and joined[-1][1].endswith(f"-{begin}"):
            joined[-1][1] = f"{joined[-1][1].split('-')[0]}-{end}"
        else:
            joined.append([day, span, login])
    return joined
