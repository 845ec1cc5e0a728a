"""The published roster as it is stored: read as views of days and slots, in a handful of queries whatever the range."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from peewee import JOIN

from dutydesk.domain.calendar import DayKind
from dutydesk.domain.planned import Gap, Reason, gaps_between
from dutydesk.domain.shift import Facts
from dutydesk.domain.words import Label
from dutydesk.services import planning
from dutydesk.services.roster_views import DayView, PersonLine, PlaceView, RosterView, SlotView, VersionLine
from dutydesk.services.shift_views import WITHDRAWN, facts
from dutydesk.storage.models.people import Person
from dutydesk.storage.models.roster import RosterVersion
from dutydesk.storage.models.shift import Assignment, DutyShift

GONE = "gone"
"""Flag of somebody who is planned and not at the desk any more."""


@dataclass(frozen=True)
class Known:
    """A person of the desk, as slots name him."""

    id: int
    login: str
    label: Label
    posts: tuple[str, ...]
    active: bool
    turns: bool


def people() -> dict[str, Known]:
    """Return everybody the desk has ever known by login, in the desk's fixed order."""
    rows = Person.select(
        Person.id, Person.login, Person.name, Person.name_en, Person.posts, Person.active, Person.role
    ).order_by(Person.ordinal, Person.id)
    return {
        row[1]: Known(row[0], row[1], Label(row[2], row[3]), tuple(json.loads(row[4])), row[5], row[6] == "engineer")
        for row in rows.tuples()
    }


def published(first: date, last: date, known: Facts | None = None) -> list[SlotView]:
    """Return the slots that start on the days `first` to `last`, in order of time."""
    known = known or facts()
    nights = planning.night_kinds()
    within = DutyShift.day.between(first.isoformat(), last.isoformat())
    shifts = list(
        DutyShift.select(DutyShift.id, DutyShift.day, DutyShift.kind, DutyShift.starts_at, DutyShift.ends_at)
        .where(within & (DutyShift.ends_at > DutyShift.starts_at))
        .order_by(DutyShift.starts_at, DutyShift.ends_at, DutyShift.kind)
        .tuples()
    )
    rows = _places(within)
    return [
        SlotView(
            shift_id,
            date.fromisoformat(day),
            kind,
            known.title(kind),
            starts_at,
            ends_at,
            nights(kind, starts_at, ends_at),
            tuple(_place(row, starts_at, ends_at) for row in rows.get(shift_id, ())),
        )
        for shift_id, day, kind, starts_at, ends_at in shifts
    ]


def _places(within: Any) -> dict[int, list[tuple[Any, ...]]]:
    query = (
        Assignment.select(
            Assignment.shift,
            Assignment.person,
            Assignment.post,
            Assignment.flag,
            Assignment.why,
            Assignment.from_at,
            Assignment.to_at,
            Person.login,
            Person.name,
            Person.name_en,
            Person.active,
        )
        .join(DutyShift)
        .switch(Assignment)
        .join(Person, JOIN.LEFT_OUTER)
        .where(within & (Assignment.flag != WITHDRAWN))
        .order_by(Assignment.id)
    )
    found: dict[int, list[tuple[Any, ...]]] = {}
    for row in query.tuples():
        found.setdefault(row[0], []).append(row)
    return found


def _place(row: tuple[Any, ...], starts_at: int, ends_at: int) -> PlaceView:
    _shift, person_id, post, flag, why, from_at, to_at, login, name, name_en, active = row
    flags = tuple(flag.split())
    if person_id is None:
        reason = Reason(flag) if flag in set(Reason) else None
        label, flags = Label(""), ()
    else:
        reason, label = None, Label(name, name_en)
        flags = flags if active else (*flags, GONE)
    return PlaceView(
        person_id,
        login or "",
        label,
        post,
        starts_at if from_at is None else from_at,
        ends_at if to_at is None else to_at,
        flags,
        reason,
        why,
        json.loads(why).get("change") if '"change"' in why else None,
        from_at is None and to_at is None,
    )


def roster(first: date, last: date, slots: Iterable[SlotView], *, covered: int = 0) -> RosterView:
    """Return slots as a roster of days, with gaps, the newest publication, and what each person carries.

    Hours after the last slot that is planned are no gap: they are not planned yet. `covered` is an instant before
    which an earlier slot, begun the day before, still runs.
    """
    kinds = planning.day_kinds(first, last)
    by_day: dict[date, list[SlotView]] = {}
    every = list(slots)
    for slot in every:
        by_day.setdefault(slot.day, []).append(slot)
    versions = touching(first, last)
    days = []
    day = first
    while day <= last:
        kind, title = kinds[day]
        held = any(version.first <= day <= version.last for version in versions)
        days.append(DayView(day, kind, title, tuple(by_day.get(day, ())), held))
        day += timedelta(days=1)
    carried = tuple(carries(every, {day: kind for day, (kind, _title) in kinds.items()}))
    return RosterView(first, last, tuple(days), gaps(every, covered), versions[-1] if versions else None, carried)


def gaps(slots: list[SlotView], covered: int = 0) -> tuple[Gap, ...]:
    """Return the stretches between slots that no slot covers."""
    if not slots:
        return ()
    spans = [(slot.starts_at, slot.ends_at) for slot in slots]
    begin = min(start for start, _end in spans)
    if covered:
        spans.append((min(begin, covered), covered))
    return gaps_between(begin, max(end for _start, end in spans), spans)


def carries(slots: Iterable[SlotView], kinds: Mapping[date, DayKind | None]) -> list[PersonLine]:
    """Return what each person carries, in the desk's fixed order; who takes turns stands there even with nothing."""
    counts: dict[int, Counter[str]] = {}
    for slot in slots:
        kind = kinds.get(slot.day)
        for place in {place.person_id: place for place in slot.people}.values():
            line = counts.setdefault(place.person_id or 0, Counter())
            line["duties"] += 1
            line["nights"] += slot.night
            line["weekends"] += kind is DayKind.WEEKEND
            line["statutory"] += kind is DayKind.STATUTORY
        for place in slot.people:
            counts[place.person_id or 0]["seconds"] += place.to_at - place.from_at
    return [
        PersonLine(
            each.id,
            each.login,
            each.label,
            each.posts,
            line["duties"],
            line["nights"],
            line["weekends"],
            line["statutory"],
            line["seconds"] / 3600,
        )
        for each, line in ((each, counts.get(each.id, Counter())) for each in people().values())
        if each.id in counts or (each.active and each.turns)
    ]


def touching(first: date, last: date) -> list[VersionLine]:
    """Return the publications that hold any of the days, the oldest first."""
    within = (RosterVersion.from_day <= last.isoformat()) & (RosterVersion.to_day >= first.isoformat())
    return versions(within)


def versions(condition: Any = None, limit: int | None = None) -> list[VersionLine]:
    """Return publications, the oldest first; with `limit` the newest so many."""
    query = RosterVersion.select(
        RosterVersion.id,
        RosterVersion.number,
        RosterVersion.from_day,
        RosterVersion.to_day,
        RosterVersion.published_at,
        Person.name,
        Person.name_en,
        RosterVersion.note,
        RosterVersion.summary,
    ).join(Person, JOIN.LEFT_OUTER)
    if condition is not None:
        query = query.where(condition)
    query = query.order_by(RosterVersion.number.desc())
    rows = list((query.limit(limit) if limit else query).tuples())
    return [_version(row) for row in reversed(rows)]


def _version(row: tuple[Any, ...]) -> VersionLine:
    row_id, number, first, last, at, name, name_en, note, summary = row
    by = Label(name, name_en) if name is not None else None
    counts = {key: json.loads(summary).get(key, 0) for key in ("slots", "changed", "empty", "gaps")}
    return VersionLine(row_id, number, date.fromisoformat(first), date.fromisoformat(last), at, by, note, **counts)
