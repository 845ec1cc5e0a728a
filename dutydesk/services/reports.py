"""A month of incidents and of rounds: the numbers, and each of them as a line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from peewee import JOIN

from dutydesk.domain import clock, spans, walltime
from dutydesk.domain.incidents import Category, Kind, Status
from dutydesk.domain.rounds import RoundState
from dutydesk.domain.words import Label
from dutydesk.services import settings, stats
from dutydesk.services.core import Actor, reads
from dutydesk.services.round_lines import RoundLine, lines_of, rounds_and_checklists
from dutydesk.services.stats import Stats
from dutydesk.storage.models.incidents import Incident
from dutydesk.storage.models.people import Person
from dutydesk.storage.models.rounds import Round


@dataclass(frozen=True)
class IncidentOf:
    """One incident of the month; instants are epoch seconds."""

    number: str
    opened_at: int
    kind: Kind
    category: Category | None
    priority: str
    title: str
    status: Status
    owner: Label | None
    acknowledged_at: int | None
    resolved_at: int | None


@dataclass(frozen=True)
class IncidentMonth:
    """The incidents that began in a month; drills and merged ones are not counted."""

    month: str
    numbers: Stats
    lines: tuple[IncidentOf, ...]


@dataclass(frozen=True)
class Walked:
    """How the rounds of one checklist went; `silent` were missed and nobody has said why."""

    checklist: Label
    code: str
    planned: int = 0
    ahead: int = 0
    finished: int = 0
    late: int = 0
    missed: int = 0
    silent: int = 0
    abnormal: int = 0
    skipped: int = 0


@dataclass(frozen=True)
class RoundMonth:
    """The rounds that fell due in a month, by checklist and one by one."""

    month: str
    first: date
    last: date
    checklists: tuple[Walked, ...]
    total: Walked
    lines: tuple[RoundLine, ...]


@reads()
def incidents(who: Actor, month: str) -> IncidentMonth:
    """Return the incidents that began in a month such as `2026-11`."""
    first, last = spans.month(month)
    begin, end = _instants(first, last)
    columns = (
        Incident.number,
        Incident.opened_at,
        Incident.kind,
        Incident.category,
        Incident.priority,
        Incident.title,
        Incident.status,
        Incident.acknowledged_at,
        Incident.resolved_at,
        Person.name,
        Person.name_en,
    )
    counted = Incident.merged_into.is_null() & ~Incident.drill
    query = (
        Incident.select(*columns)
        .join(Person, JOIN.LEFT_OUTER, on=(Incident.owner == Person.id))
        .where((Incident.opened_at >= begin) & (Incident.opened_at < end) & counted)
        .order_by(Incident.opened_at, Incident.id)
    )
    lines = tuple(_incident(row) for row in query.tuples())
    return IncidentMonth(f"{first:%Y-%m}", stats.between(who, first, last), lines)


def _incident(row: tuple[Any, ...]) -> IncidentOf:
    number, opened_at, kind, category, priority, title, status, acknowledged_at, resolved_at, name, name_en = row
    return IncidentOf(
        number,
        opened_at,
        Kind(kind),
        Category(category) if category else None,
        priority,
        title,
        Status(status),
        Label(name, name_en) if name is not None else None,
        acknowledged_at,
        resolved_at,
    )


@reads()
def rounds(who: Actor, month: str) -> RoundMonth:  # noqa: ARG001
    """Return the rounds that fell due in a month such as `2026-11`."""
    first, last = spans.month(month)
    begin, end = _instants(first, last)
    rows = rounds_and_checklists().where((Round.due_at >= begin) & (Round.due_at < end))
    lines = tuple(lines_of(list(rows.order_by(Round.due_at, Round.id)), clock.now()))
    by_code: dict[str, list[RoundLine]] = {}
    for line in lines:
        by_code.setdefault(line.code, []).append(line)
    walked = tuple(_walked(code, found[0].checklist, found) for code, found in by_code.items())
    total = _walked("", Label(""), list(lines))
    return RoundMonth(f"{first:%Y-%m}", first, last, walked, total, lines)


def _walked(code: str, checklist: Label, lines: list[RoundLine]) -> Walked:
    return Walked(
        checklist,
        code,
        planned=len(lines),
        ahead=sum(line.state is RoundState.AHEAD for line in lines),
        finished=sum(line.state is RoundState.FINISHED for line in lines),
        late=sum(line.late and line.state is RoundState.FINISHED for line in lines),
        missed=sum(line.state is RoundState.MISSED for line in lines),
        silent=sum(line.unexplained for line in lines),
        abnormal=sum(line.abnormal for line in lines),
        skipped=sum(line.skipped for line in lines),
    )


def _instants(first: date, last: date) -> tuple[int, int]:
    zone = settings.desk_zone()
    return walltime.midnight(first, zone), walltime.midnight(last + timedelta(days=1), zone)
