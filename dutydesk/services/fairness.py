"""How evenly duties are shared over any range: planned by the roster, worked by the signatures, and the score.

Everybody sees who is planned how often; hours that others really worked are for the supervisor. Source: issue 8.
"""

from __future__ import annotations

import json
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date
from typing import Any

from peewee import JOIN

from dutydesk.domain import fairness
from dutydesk.domain.errors import Invalid
from dutydesk.domain.fairness import Load, Place, Quality, Sharer
from dutydesk.domain.people import Role
from dutydesk.domain.words import N_, Label
from dutydesk.services import planning, settings
from dutydesk.services.allowance_facts import CAME, bounds, day_kind
from dutydesk.services.attendance_records import Book, DutyRecord, duty_records
from dutydesk.services.core import Actor, reads
from dutydesk.services.roster_views import RosterView
from dutydesk.services.shift_views import EXTRA, WITHDRAWN
from dutydesk.storage.models.people import Person
from dutydesk.storage.models.shift import Assignment, DutyShift

LONGEST = 1100
"""Days that are counted at once."""


@dataclass(frozen=True)
class FairRow:
    """What one person carries; `worked` is None where the asker may not see it."""

    person_id: int
    login: str
    label: Label
    planned: Load
    worked: Load | None


@dataclass(frozen=True)
class FairnessView:
    """The loads of a range, both days included, with the score of the plan and of what was worked.

    `quality_worked` is None while nothing has been worked in the range, and where it may not be seen.
    """

    first: date
    last: date
    rows: tuple[FairRow, ...]
    quality: Quality
    quality_worked: Quality | None


@reads()
def shared(who: Actor, first: date, last: date) -> FairnessView:
    """Return who carries how much from `first` to `last`; raise UnknownYear when the calendar does not hold a year."""
    if last < first or (last - first).days > LONGEST:
        raise Invalid(N_("A range ends after it begins and is three years at most."), field="to")
    book = Book()
    for year in range(first.year, last.year + 1):
        day_kind(book, date(year, 1, 1))
    takers = _takers(first, last)
    by_shift = _planned(book, first, last)
    planned = [place for _shift, place in by_shift]
    worked = _worked(book, first, last, {(shift, place.login): place.turn for shift, place in by_shift})
    mine = fairness.loads(planned), fairness.loads(worked)
    seen_all = who.role is not Role.ENGINEER
    rows = tuple(
        FairRow(
            person_id,
            login,
            label,
            mine[0].get(login, Load()),
            mine[1].get(login, Load()) if seen_all or person_id == who.person_id else None,
        )
        for person_id, login, label in _people()
        if login in mine[0] or login in mine[1] or any(taker.login == login for taker in takers)
    )
    done = fairness.quality(worked, takers) if worked and seen_all else None
    return FairnessView(first, last, rows, fairness.quality(planned, takers), done)


def of_view(view: RosterView) -> Quality | None:
    """Return the score of a roster as it is shown or proposed; None where the calendar does not know a day of it."""
    kinds = {day.day: day.kind for day in view.days}
    places: list[Place] = []
    for slot in view.slots:
        kind = kinds[slot.day]
        if kind is None:
            return None
        whole = max(1, slot.ends_at - slot.starts_at)
        for each in slot.places:
            seconds = each.to_at - each.from_at
            turn = _turn(each.why)
            places.append(Place(each.login, seconds // 60, kind, slot.night, each.post, turn, seconds / whole))
    return fairness.quality(places, _takers(view.first, view.last))


def _people() -> list[tuple[int, str, Label]]:
    rows = Person.select(Person.id, Person.login, Person.name, Person.name_en).order_by(Person.ordinal, Person.id)
    return [(row[0], row[1], Label(row[2], row[3])) for row in rows.tuples()]


def _takers(first: date, last: date) -> list[Sharer]:
    """Return who takes turns by the policy in force."""
    return fairness.sharers(planning.adopted(), planning.members(settings.desk_zone()), first, last)


def _planned(book: Book, first: date, last: date) -> list[tuple[int, Place]]:
    """Return the planned places with their shifts."""
    rows = (
        Assignment.select(
            DutyShift.id,
            DutyShift.day,
            DutyShift.kind,
            DutyShift.starts_at,
            DutyShift.ends_at,
            Person.login,
            Assignment.post,
            Assignment.flag,
            Assignment.why,
            Assignment.from_at,
            Assignment.to_at,
        )
        .join(DutyShift)
        .switch(Assignment)
        .join(Person, JOIN.LEFT_OUTER)
        .where((DutyShift.day >= first.isoformat()) & (DutyShift.day <= last.isoformat()))
        .where(Assignment.flag != WITHDRAWN)
        .order_by(DutyShift.starts_at, Assignment.id)
    )
    return [(row[0], _place(book, row)) for row in rows.tuples() if EXTRA not in row[7].split()]


def _place(book: Book, row: tuple[Any, ...]) -> Place:
    _shift, day_text, kind, starts_at, ends_at, login, post, _flag, why, from_at, to_at = row
    day = date.fromisoformat(day_text)
    seconds = (to_at or ends_at) - (from_at or starts_at)
    return Place(
        login or "",
        seconds // 60,
        day_kind(book, day),
        book.is_night(day, kind),
        post,
        _turn(why),
        seconds / max(1, ends_at - starts_at),
    )


def _turn(why: str) -> Hashable:
    """Return the turn of the rotation by which somebody is on, None where it was changed by hand."""
    said = json.loads(why or "{}")
    return (said.get("rule", ""), said["turn"]) if said.get("turn") and not said.get("change") else None


def _worked(book: Book, first: date, last: date, turns: dict[tuple[int, str], Hashable]) -> list[Place]:
    """Return the places that somebody really held, with the minutes that he was there."""
    records = [record for record in duty_records(first, last) if record.judged.arrival in CAME]
    lengths = {
        shift: max(1, end - begin) for shift, (begin, end) in bounds({each.shift_id for each in records}).items()
    }
    return [
        Place(
            record.login,
            record.judged.worked_minutes,
            day_kind(book, record.day),
            record.night,
            record.post,
            turns.get((record.shift_id, record.login)),
            _share(record, lengths[record.shift_id]),
        )
        for record in records
    ]


def _share(record: DutyRecord, length: int) -> float:
    """Return which part of the shift it was; of an extra's, the time that he was there."""
    seconds = record.judged.worked_minutes * 60 if record.extra else record.ends_at - record.starts_at
    return min(1.0, seconds / length)
