"""Shifts ahead: from the policy in force, the calendar and the people, by rotation."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from peewee import fn

from dutydesk.domain import clock, rotation, walltime
from dutydesk.domain.calendar import DayKind, UnknownYear, WorkCalendar, calendar_of, read_calendar
from dutydesk.domain.errors import Refused
from dutydesk.domain.people import Role
from dutydesk.domain.planned import Assigned, Missing, Plan, Slot
from dutydesk.domain.policy import Policy, read_policy
from dutydesk.domain.rules import NIGHT_HOUR, Member
from dutydesk.domain.walltime import local_day
from dutydesk.domain.words import N_, Label
from dutydesk.services import settings
from dutydesk.services.core import SUPERVISORS, Actor, create, record, writes
from dutydesk.services.shift_views import WITHDRAWN
from dutydesk.storage import models
from dutydesk.storage.models.base import Row
from dutydesk.storage.models.people import Person
from dutydesk.storage.models.shift import Assignment, DutyShift
from dutydesk.storage.shipped import data_path

AHEAD = 35
"""Days that are planned ahead."""


def adopted() -> Policy:
    """Return the policy in force in the desk's zone; raise Refused on a desk without one.

    Turns begin on the day a rotation names, or on the day the policy was adopted where that is earlier.
    """
    rows = list(
        models.Policy.select(models.Policy.name, models.Policy.text, models.Policy.effective_from)
        .order_by(models.Policy.effective_from.desc(), models.Policy.id.desc())
        .limit(1)
        .tuples()
    )
    if not rows:
        raise Refused(N_("This desk has no duty policy yet. `dutydesk init` gives it one."))
    name, text, since = rows[0]
    policy = _read(text, name).in_zone(settings.all_settings()["zone"])
    begin = date.fromisoformat(since)
    return policy.starting(begin) if begin < min(rule.start for rule in policy.rotations) else policy


@lru_cache(16)
def _read(text: str, name: str) -> Policy:
    return read_policy(text, name)


def night_kinds() -> Callable[[str, int, int], bool]:
    """Return the test whether a slot (kind, start, end) is a night: the policy says so, else it is on at three."""
    known: dict[str, bool] = {}
    for text, name in models.Policy.select(models.Policy.text, models.Policy.name).order_by(models.Policy.id).tuples():
        known.update({key: shift.night for key, shift in _read(text, name).shifts.items()})
    zone = settings.desk_zone()

    def night(kind: str, starts_at: int, ends_at: int) -> bool:
        key = kind.partition(".")[0]
        if key in known:
            return known[key]
        three = walltime.at(local_day(ends_at - 1, zone), NIGHT_HOUR, zone)
        return starts_at <= three < ends_at

    return night


def working_calendar(name: str) -> WorkCalendar:
    """Return the desk's calendar: the shipped one with the years that are stored here.

    Names of holidays stay in both languages where a stored year is the shipped one.
    """
    rows = models.CalendarDay.select(models.CalendarDay.day, models.CalendarDay.kind, models.CalendarDay.name).where(
        models.CalendarDay.country == name
    )
    stored = calendar_of(name, [(date.fromisoformat(day), DayKind(kind), title) for day, kind, title in rows.tuples()])
    shipped = _shipped(name)
    if shipped is None:
        return stored
    same = {year for year, days in stored.years.items() if shipped.years.get(year) == days}
    titles = {day: words for day, words in shipped.titles.items() if day.year in same}
    merged = shipped.with_years(stored)
    return replace(merged, titles={**merged.titles, **titles})


@lru_cache(4)
def _shipped(name: str) -> WorkCalendar | None:
    path = data_path("calendars", f"{name}.toml")
    return read_calendar(path.read_text(encoding="utf-8"), path.name) if path.is_file() else None


def day_kinds(first: date, last: date) -> dict[date, tuple[DayKind | None, Label]]:
    """Return kind and holiday name of each day, both included; the kind is None in a year that is not known."""
    calendar = working_calendar(settings.all_settings()["calendar"])
    found: dict[date, tuple[DayKind | None, Label]] = {}
    day = first
    while day <= last:
        kind = calendar.kind(day) if calendar.knows(day.year) else None
        words = calendar.titles.get(day)
        found[day] = kind, Label(words.text("zh"), words.text("en")) if words else Label("")
        day += timedelta(days=1)
    return found


def members(zone: ZoneInfo) -> tuple[Member, ...]:
    """Return the engineers who take turns, in the desk's fixed order, with the days they joined and left.

    Whoever was there on the day the desk was made has no first day; the last day of somebody disabled stands in
    the audit chain, so that who leaves moves nobody's turn that has passed.
    """
    begin = _made()
    rows = (
        Person.select(Person.id, Person.login, Person.posts, Person.made_at, Person.active)
        .where(Person.role == Role.ENGINEER.value)
        .order_by(Person.ordinal, Person.id)
        .tuples()
    )
    found: list[Member] = []
    for order, (person_id, login, posts, made_at, active) in enumerate(rows):
        joined = local_day(made_at, zone)
        left = None if active else _left(person_id, zone)
        found.append(Member(login, tuple(json.loads(posts)), order, joined if joined > begin else None, left))
    return tuple(found)


def _made() -> date:
    """Return the day on which the desk was made, or the earlier one from which on it was planned."""
    return date.fromisoformat(models.Policy.select(fn.MIN(models.Policy.effective_from)).scalar())


def _left(person_id: int, zone: ZoneInfo) -> date:
    entry = models.AuditEntry
    at = (
        entry.select(entry.at)
        .where((entry.subject == "person") & (entry.subject_id == person_id) & (entry.action == "person.disabled"))
        .order_by(entry.seq.desc())
        .limit(1)
        .scalar()
    )
    return local_day(at or 0, zone)


@writes(SUPERVISORS)
def extend(who: Actor, days: int = AHEAD, *, start: date | None = None) -> int:
    """Plan the shifts from `start` (else the one running now) to `days` ahead; returns how many shifts are new.

    Called again it changes nothing, unless people or policy changed: then shifts that have not begun follow, and
    what has begun or was signed for stays as it is. Rounds of new shifts are made with them.
    """
    now = clock.now()
    zone = settings.desk_zone()
    today = local_day(now, zone)
    first = start or today - timedelta(days=1)
    slots = plan(first, today + timedelta(days=days)).slots
    if start is None:
        slots = tuple(slot for slot in slots if slot.ends_at > now)
    return _keep(who, slots, now, past=start is not None and start < today)


def plan(first: date, last: date) -> Plan:
    """Return the plan for the shifts that start on the days from `first` to `last`, both included.

    Where the working calendar ends, and the policy needs it, the plan ends.
    """
    policy = adopted()
    calendar, people = working_calendar(policy.calendar), members(policy.tz)
    since = _made()
    try:
        return rotation.plan(policy, people, calendar, first, last, since=since)
    except UnknownYear:
        known = calendar.last_day()
        if known is None or known < first:
            raise
        return rotation.plan(policy, people, calendar, first, known, since=since)


def _key(slot: Slot) -> tuple[str, str]:
    """Return day and kind as they are stored; a later piece of an hourly turn has its number with its kind."""
    return slot.day.isoformat(), f"{slot.kind}.{slot.part + 1}" if slot.part else slot.kind


def _keep(who: Actor, slots: Sequence[Slot], now: int, past: bool) -> int:
    from dutydesk.services import rounds

    ids = dict(Person.select(Person.login, Person.id).tuples())
    known = _known(slots)
    rows: list[Row] = []
    fresh: list[DutyShift] = []
    for slot in slots:
        day, kind = _key(slot)
        row = known.get((day, kind))
        if row is None:
            row = create(DutyShift, day=day, kind=kind, starts_at=slot.starts_at, ends_at=slot.ends_at)
            fresh.append(row)
            rows.append(row)
            rows.extend(create(Assignment, shift=row.id, **values) for values in _places(slot, ids))
        elif row.starts_at > now or (row.ends_at > now and _nobodys(row)):
            rows.extend(_follow(row, _places(slot, ids)))
    if rows:
        span = {"from": slots[0].day.isoformat(), "to": slots[-1].day.isoformat(), "new": len(fresh)}
        record(who, "shift.planned", *rows, values=span)
    for row in fresh:
        rounds.make_rounds(row, past=past)
    return len(fresh)


def _known(slots: Sequence[Slot]) -> dict[tuple[str, str], DutyShift]:
    if not slots:
        return {}
    first, last = slots[0].day.isoformat(), slots[-1].day.isoformat()
    rows = DutyShift.select().where((DutyShift.day >= first) & (DutyShift.day <= last))
    return {(row.day, row.kind): row for row in rows}


def _nobodys(shift: DutyShift) -> bool:
    """Whether nobody could know that the shift is his: all on it were added after it had begun, as on a new desk."""
    known = (Assignment.shift == shift.id) & (Person.made_at <= shift.starts_at)
    return not Assignment.select(Assignment.id).join(Person).where(known).exists()


def _places(slot: Slot, ids: dict[str, int]) -> list[dict[str, Any]]:
    """Return the assignments of a slot as they are stored: people first, then the places that stayed empty."""
    places = [_filled(assigned, ids) for assigned in slot.assigned]
    return places + [_empty(missing) for missing in slot.missing]


def _filled(assigned: Assigned, ids: dict[str, int]) -> dict[str, Any]:
    return {
        "person": ids[assigned.login],
        "post": assigned.post,
        "flag": " ".join(flag.value for flag in assigned.flags),
        "why": json.dumps(assigned.why.data(), ensure_ascii=False, sort_keys=True),
    }


def _empty(missing: Missing) -> dict[str, Any]:
    why = {"rule": missing.rule, "reason": missing.reason.value}
    return {
        "person": None,
        "post": missing.post,
        "flag": missing.reason.value,
        "why": json.dumps(why, ensure_ascii=False, sort_keys=True),
    }


def _follow(shift: DutyShift, wanted: list[dict[str, Any]]) -> list[Row]:
    """Bring a shift that has not begun to the plan; returns the rows that changed."""
    if models.Attendance.select(models.Attendance.id).where(models.Attendance.shift == shift.id).exists():
        return []
    changed: list[Row] = []
    rows = list(Assignment.select().where(Assignment.shift == shift.id).order_by(Assignment.id))
    for place, values in enumerate(wanted):
        if place >= len(rows):
            changed.append(create(Assignment, shift=shift.id, **values))
        elif any(rows[place].__data__[name] != value for name, value in values.items()):
            changed.append(_change(rows[place], values))
    for row in rows[len(wanted) :]:
        if row.flag != WITHDRAWN:
            changed.append(_change(row, {"person": None, "flag": WITHDRAWN}))
    return changed


def _change(row: Assignment, values: dict[str, Any]) -> Assignment:
    Assignment.update(version=Assignment.version + 1, **values).where(Assignment.id == row.id).execute()
    return Assignment.get_by_id(row.id)
