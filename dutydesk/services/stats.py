"""The numbers behind the charts: one read for a range of days. Drills and merged incidents are not counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from peewee import JOIN, Case, fn

from dutydesk.domain import clock, walltime
from dutydesk.domain.incidents import Speed
from dutydesk.domain.stats import SLICE, Bar, bars, first_day, heat
from dutydesk.domain.words import Label
from dutydesk.services import settings
from dutydesk.services.core import Actor, reads
from dutydesk.services.shift_views import facts
from dutydesk.storage.models.incidents import Incident
from dutydesk.storage.models.people import Person
from dutydesk.storage.models.shift import DutyShift


@dataclass(frozen=True)
class Counted:
    """How many incidents of one group, by priority."""

    name: Any
    label: Label | None
    counts: dict[str, int]

    @property
    def total(self) -> int:
        """All priorities together."""
        return sum(self.counts.values())


@dataclass(frozen=True)
class Stats:
    """Everything the charts show of a range; `before` counts the same number of days before it.

    It is 0 when the desk has kept records for less than most of those days: no record is not the same as no incident.
    """

    first: date
    last: date
    total: int
    before: int
    bars: tuple[Bar, ...]
    heat: tuple[tuple[int, ...], ...]
    categories: tuple[Counted, ...]
    people: tuple[Counted, ...]
    shifts: tuple[Counted, ...]
    speed: dict[str, Speed]


@reads()
def incidents(who: Actor, days: int) -> Stats:  # noqa: ARG001
    """Return the numbers of the last `days` days, today included, by the time the incidents began."""
    today = walltime.local_day(clock.now(), settings.desk_zone())
    return _of_days(first_day(today, days), today)


@reads()
def between(who: Actor, first: date, last: date) -> Stats:  # noqa: ARG001
    """Return the numbers of the days `first` to `last`, both included, by the time the incidents began."""
    return _of_days(first, last)


def _of_days(first: date, last: date) -> Stats:
    zone = settings.desk_zone()
    start, end = walltime.midnight(first, zone), walltime.midnight(last + timedelta(days=1), zone)
    inside = _inside(start, end)
    slices = _slices(inside)
    return Stats(
        first=first,
        last=last,
        total=sum(count for _number, _priority, count in slices),
        before=_before(walltime.midnight(first - (last - first + timedelta(days=1)), zone), start),
        bars=tuple(bars(slices, first, last, zone)),
        heat=tuple(tuple(row) for row in heat(slices, zone)),
        categories=_counted(Incident.select(Incident.category, Incident.priority, fn.COUNT(Incident.id)), inside),
        people=_by_person(inside),
        shifts=_by_shift(inside),
        speed=_speed(inside),
    )


def _before(begin: int, end: int) -> int:
    earliest = Incident.select(fn.MIN(Incident.opened_at)).scalar()
    if earliest is None or earliest >= begin + (end - begin) // 4:
        return 0
    return int(Incident.select().where(_inside(begin, end)).count())


def _inside(start: int, end: int) -> Any:
    opened = (Incident.opened_at >= start) & (Incident.opened_at < end)
    return opened & Incident.merged_into.is_null() & ~Incident.drill


def _slices(inside: Any) -> list[tuple[int, str, int]]:
    number = Incident.opened_at / SLICE
    query = Incident.select(number, Incident.priority, fn.COUNT(Incident.id)).where(inside)
    return list(query.group_by(number, Incident.priority).tuples())


def _counted(query: Any, inside: Any) -> tuple[Counted, ...]:
    """Return the groups of a query of (name, priority, count), most first."""
    groups: dict[str, dict[str, int]] = {}
    for name, priority, count in query.where(inside).group_by(*query._returning[:2]).tuples():
        groups.setdefault(name or "", {})[priority] = count
    listed = [Counted(name, None, counts) for name, counts in groups.items()]
    return tuple(sorted(listed, key=lambda group: (-group.total, group.name)))


def _by_person(inside: Any) -> tuple[Counted, ...]:
    groups = _counted(Incident.select(Incident.owner, Incident.priority, fn.COUNT(Incident.id)), inside)
    names = {row.id: Label(row.name, row.name_en) for row in Person.select(Person.id, Person.name, Person.name_en)}
    return tuple(Counted(str(group.name), names.get(group.name), group.counts) for group in groups)


def _by_shift(inside: Any) -> tuple[Counted, ...]:
    query = Incident.select(DutyShift.kind, Incident.priority, fn.COUNT(Incident.id)).join(
        DutyShift, JOIN.LEFT_OUTER, on=(Incident.shift == DutyShift.id)
    )
    names = facts()
    groups = _counted(query, inside)
    return tuple(Counted(each.name, names.title(each.name) if each.name else None, each.counts) for each in groups)


def _speed(inside: Any) -> dict[str, Speed]:
    """Return the means by priority; an instant before the opening counts as zero. Source: DOMAIN 6."""

    def after(instant: Any) -> Any:
        return Case(None, [(instant < Incident.opened_at, 0)], instant - Incident.opened_at)

    def known(instant: Any) -> Any:
        return fn.AVG(Case(None, [(instant.is_null(False), after(instant))]))

    rows = (
        Incident.select(
            Incident.priority,
            fn.COUNT(Incident.id),
            fn.COUNT(Incident.acknowledged_at),
            fn.COUNT(Incident.resolved_at),
            known(Incident.acknowledged_at),
            known(Incident.resolved_at),
        )
        .where(inside)
        .group_by(Incident.priority)
        .order_by(Incident.priority)
        .tuples()
    )
    return {
        priority: Speed(count, acked, resolved, _float(mtta), _float(mttr))
        for priority, count, acked, resolved, mtta, mttr in rows
    }


def _float(value: Any) -> float | None:
    return None if value is None else float(value)
