"""The check of a roster, proposed or published: coverage, gaps, empty places, caps, rest, fatigue, people, fairness.

It looks at the slots as they stand, changes and all, and not at how they came about. Source: DOMAIN 2.9, 3, 8.8.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import islice

from dutydesk.domain import fatigue
from dutydesk.domain.calendar import UnknownYear
from dutydesk.domain.log import Said, moment_value, plain
from dutydesk.domain.planned import Assigned, Away, Flag, Shortage, Slot, Why
from dutydesk.domain.words import N_, Label
from dutydesk.services import planning, roster_rows
from dutydesk.services.roster_propose import Drawn
from dutydesk.services.roster_rows import GONE
from dutydesk.services.roster_views import Check, CheckLine, PersonLine, PlaceView, RosterView, Severity, SlotView
from dutydesk.services.shift_views import EXTRA, facts

MOST_LINES = 60
"""Lines of one sort that are listed one by one; of more only their number is said."""
UNEVEN = 2
"""By how much the loads of two people may differ before the check points at it."""
_RANK = {Severity.PROBLEM: 0, Severity.WARNING: 1, Severity.FACT: 2}


def lines(drawn: Drawn) -> list[CheckLine]:
    """Return the check of a proposal."""
    return _sorted([*_of_slots(drawn.view), *_of_rules(drawn.outlook)])


def of_view(view: RosterView) -> list[CheckLine]:
    """Return the check of what is published."""
    found = list(_of_slots(view))
    if view.slots:
        try:
            found += _of_rules(planning.outlook(view.first, max(slot.day for slot in view.slots)))
        except UnknownYear as error:
            message = Said(error.sentence, plain(error.values))
            found.append(CheckLine(Check.CALENDAR, Severity.PROBLEM, None, message))
    return _sorted(found)


def _sorted(found: Sequence[CheckLine]) -> list[CheckLine]:
    """Return the lines with coverage on top, then problems, warnings and facts, each by day."""
    return sorted(found, key=lambda line: (line.kind is not Check.COVERAGE, _RANK[line.severity], line.day or date.max))


def _of_slots(view: RosterView) -> Iterator[CheckLine]:
    yield _coverage(view)
    yield from _most(_gaps(view), N_("{n} more gaps."), Check.GAP)
    yield from _most(_empty(view), N_("{n} more places are empty."), Check.EMPTY)
    yield from _tired(view)
    yield from _most(_people(view), N_("{n} more such lines."), Check.PEOPLE)
    yield from _calendar(view)
    yield from _fairness(view.people)
    yield from _score(view)


def _of_rules(outlook: planning.Outlook) -> Iterator[CheckLine]:
    for short in outlook.plan.shortage:
        yield _shortage(short)
    for login in outlook.plan.unknown:
        message = Said(N_("The policy names {login}, whom this desk does not know."), {"login": login})
        yield CheckLine(Check.PEOPLE, Severity.PROBLEM, None, message)
    known = facts()
    for change in outlook.idle:
        values = {"change": change.id, "shift": known.title(change.shift_kind), "day": {"day": change.day.isoformat()}}
        message = Said(N_("Change {change} finds nothing to change on the {shift} shift {day}."), plain(values))
        yield CheckLine(Check.CHANGE, Severity.WARNING, change.day, message, change.shift_kind)


def _most(found: Iterator[CheckLine], rest: str, kind: Check) -> Iterator[CheckLine]:
    yield from islice(found, MOST_LINES)
    more = list(found)
    if more:
        yield CheckLine(kind, more[0].severity, None, Said(rest, {"n": len(more)}))


# Coverage


def _coverage(view: RosterView) -> CheckLine:
    places = [place for slot in view.slots for place in slot.places if EXTRA not in place.flags]
    empty = sum(place.person_id is None for place in places)
    covered = sum(slot.ends_at - slot.starts_at for slot in view.slots)
    values = {
        "slots": len(view.slots),
        "filled": len(places) - empty,
        "empty": empty,
        "hours": covered // 3600,
        "gaps": len(view.gaps),
    }
    message = N_("{slots} slots, {hours} h: {filled} places filled, {empty} empty, {gaps} gaps.")
    return CheckLine(Check.COVERAGE, Severity.FACT, None, Said(message, values))


def _gaps(view: RosterView) -> Iterator[CheckLine]:
    for gap in view.gaps:
        values = {"begin": moment_value(gap.starts_at), "end": moment_value(gap.ends_at)}
        day = next((slot.day for slot in reversed(view.slots) if slot.starts_at <= gap.starts_at), view.first)
        yield CheckLine(Check.GAP, Severity.PROBLEM, day, Said(N_("No rule covers {begin} to {end}."), values))


def _empty(view: RosterView) -> Iterator[CheckLine]:
    known = facts()
    for slot in view.slots:
        for place in slot.places:
            if place.person_id is not None:
                continue
            values = _slot_values(slot) | {"post": known.post(place.post), "reason": place.reason or Label("")}
            message = N_("{shift} {day}: nobody is on, {reason}.")
            if place.post:
                message = N_("{shift} {day}: nobody as {post}, {reason}.")
            if not place.whole:
                message = N_("{shift} {day}: nobody from {begin} to {end}, {reason}.")
                values |= {"begin": moment_value(place.from_at), "end": moment_value(place.to_at)}
            yield _about(Check.EMPTY, Severity.PROBLEM, slot, message, values)


def _slot_values(slot: SlotView) -> dict[str, object]:
    return {"shift": slot.title, "day": {"day": slot.day.isoformat()}}


def _about(
    kind: Check, severity: Severity, slot: SlotView, message: str, values: dict[str, object], login: str = ""
) -> CheckLine:
    used = plain({name: value for name, value in values.items() if f"{{{name}}}" in message})
    return CheckLine(kind, severity, slot.day, Said(message, used), slot.kind, login)


# Fatigue and caps


def _tired(view: RosterView) -> Iterator[CheckLine]:
    slots = {(slot.day, slot.kind): slot for slot in view.slots}
    names = {place.login: place.label for slot in view.slots for place in slot.people}
    over: dict[tuple[str, str], CheckLine] = {}
    for found in _warnings(view):
        slot, values = slots[found.slot.day, found.slot.key], {"name": names[found.login], **found.note.values}
        if found.flag is Flag.OVER_CAP:
            month = f"{slot.day:%Y-%m}"
            message = N_("{name}: {count} duties in {month}; the cap is {cap}.")
            line = _about(Check.CAP, Severity.WARNING, slot, message, values | {"month": month}, found.login)
            over[found.login, month] = line
            continue
        kind = Check.REST if found.flag is Flag.SHORT_REST else Check.FATIGUE
        values |= _slot_values(slot)
        yield _about(kind, Severity.WARNING, slot, _TIRED[found.flag], values, found.login)
    yield from over.values()


def _warnings(view: RosterView) -> Iterator[fatigue.Warning]:
    """Yield what breaks the limits of the policy that rules the day."""
    slots, before = [as_slot(slot) for slot in view.slots], planning.history(view.first)
    for begin, end, policy in planning.in_force(view.first, view.last):
        yield from (each for each in fatigue.warnings(slots, policy, before) if begin <= each.slot.day <= end)


_TIRED = {
    Flag.SHORT_REST: N_("{name}, {shift} {day}: only {hours} h of rest; the policy wants {least} h."),
    Flag.LONG_SHIFT: N_("{name}, {shift} {day}: {hours} h in one duty; the policy allows {most} h."),
    Flag.NIGHTS: N_("{name}, {shift} {day}: night {count} in a row; the policy allows {most}."),
    Flag.DAYS: N_("{name}, {shift} {day}: day {count} in a row; the policy allows {most}."),
    Flag.RECOVERY: N_("{name}, {shift} {day}: {free} free nights after {run} nights; the policy wants {least}."),
}


def _shortage(short: Shortage) -> CheckLine:
    known = facts()
    values = {
        "month": short.month,
        "duties": short.duties,
        "cap": short.cap,
        "needed": short.needed,
        "present": short.present,
        "post": known.post(short.post),
        "rule": known.rules.get(short.rule, Label(short.rule, short.rule)),
    }
    message = N_("{month}, {rule}: {duties} duties at {cap} a person need {needed} people; there are {present}.")
    if short.post:
        message = N_("{month}, {rule}: {duties} duties as {post} at {cap} a person need {needed}; there are {present}.")
    used = plain({name: value for name, value in values.items() if f"{{{name}}}" in message})
    return CheckLine(Check.SHORTAGE, Severity.WARNING, date.fromisoformat(f"{short.month}-01"), Said(message, used))


def as_slot(slot: SlotView) -> Slot:
    """Return a slot that is shown as a slot of the rotation; who came unplanned is not part of it."""
    kind, _dot, part = slot.kind.partition(".")
    assigned = tuple(_as_assigned(place) for place in slot.people if EXTRA not in place.flags)
    return Slot(slot.day, kind, slot.starts_at, slot.ends_at, assigned, (), int(part) - 1 if part else 0)


def _as_assigned(place: PlaceView) -> Assigned:
    why = Why.of(json.loads(place.why))
    begin, end = (None, None) if place.whole else (place.from_at, place.to_at)
    return Assigned(place.login, place.post, why, (), begin, end)


# People


def _people(view: RosterView) -> Iterator[CheckLine]:
    posts = {each.login: each.posts for each in roster_rows.people().values()}
    away: dict[str, list[Away]] = {}
    for leave in planning.away(view.first, view.last):
        away.setdefault(leave.login, []).append(leave)
    last: dict[str, tuple[int, SlotView]] = {}
    for slot in view.slots:
        for place in slot.people:
            yield from _person(slot, place, posts[place.login], away.get(place.login, ()))
            end, other = last.get(place.login, (0, slot))
            if end > place.from_at and other is not slot:
                message = N_("{name} is on two shifts at once: {shift} {day} and the one before.")
                values = _slot_values(slot) | {"name": place.label}
                yield _about(Check.PEOPLE, Severity.PROBLEM, slot, message, values, place.login)
            last[place.login] = max(end, place.to_at), slot


def _person(slot: SlotView, place: PlaceView, posts: tuple[str, ...], away: Iterable[Away]) -> Iterator[CheckLine]:
    values = _slot_values(slot) | {"name": place.label, "post": facts().post(place.post)}
    if GONE in place.flags:
        message = N_("{name} is planned on {shift} {day} and not at the desk any more.")
        yield _about(Check.PEOPLE, Severity.PROBLEM, slot, message, values, place.login)
    if place.post and place.post not in posts:
        message = N_("{name} stands for {post} on {shift} {day} and does not hold that post.")
        yield _about(Check.PEOPLE, Severity.WARNING, slot, message, values, place.login)
    if any(leave.starts_at < place.to_at and place.from_at < leave.ends_at for leave in away):
        message = N_("{name} is on leave and planned on {shift} {day}.")
        yield _about(Check.PEOPLE, Severity.PROBLEM, slot, message, values, place.login)


# Calendar and fairness


def _calendar(view: RosterView) -> Iterator[CheckLine]:
    for year in sorted({day.day.year for day in view.days if day.kind is None}):
        message = N_("The calendar of {year} is not known: days of {year} have no kind. Import that year from a file.")
        yield CheckLine(Check.CALENDAR, Severity.PROBLEM, date(year, 1, 1), Said(message, {"year": year}))


_FAIR = (
    ("duties", N_("Duties: {least} to {most} a person; the most has {name}.")),
    ("nights", N_("Nights: {least} to {most} a person; the most has {name}.")),
    ("weekends", N_("Weekend duties: {least} to {most} a person; the most has {name}.")),
    ("statutory", N_("Duties on statutory holidays: {least} to {most} a person; the most has {name}.")),
)
_SAME = {
    "duties": N_("Duties: {most} for everybody."),
    "nights": N_("Nights: {most} for everybody."),
    "weekends": N_("Weekend duties: {most} for everybody."),
    "statutory": N_("Duties on statutory holidays: {most} for everybody."),
}


def _fairness(people: Sequence[PersonLine]) -> Iterator[CheckLine]:
    on = [each for each in people if each.duties]
    for what, message in _FAIR if on else ():
        loads = {each.person_id: int(getattr(each, what)) for each in on}
        most = max(on, key=lambda each: loads[each.person_id])
        spread = loads[most.person_id] - min(loads.values())
        if loads[most.person_id]:
            values = {"least": min(loads.values()), "most": loads[most.person_id], "name": most.label}
            severity = Severity.WARNING if spread > UNEVEN else Severity.FACT
            told = message if spread else _SAME[what]
            yield CheckLine(Check.FAIRNESS, severity, None, Said(told, plain(values)), login=most.login)
    for each in people:
        if on and not each.duties:
            message = N_("{name} takes turns and has no duties here.")
            yield CheckLine(Check.FAIRNESS, Severity.FACT, None, Said(message, plain({"name": each.label})))


def _score(view: RosterView) -> Iterator[CheckLine]:
    from dutydesk.services import fairness

    found = fairness.of_view(view) if view.slots else None
    if found is None:
        return
    message = N_(
        "Score {score} of 100: places filled {filled} of {places}; hours {hours} %, nights {nights} %,"
        " weekends {weekends} %, statutory days {statutory} % even."
    )
    even = {each.measured.value: each.percent for each in found.measures}
    values = {"score": found.score, "filled": found.filled, "places": found.places, **even}
    yield CheckLine(Check.FAIRNESS, Severity.FACT, None, Said(message, values))
