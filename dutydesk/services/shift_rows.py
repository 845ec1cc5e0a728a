"""What the Shift screen and the top line read of other subjects: few columns, plain tuples, nothing else imported.

The first paint waits for these queries and for their imports, so the subjects' own services, which know how to write,
stay out of it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from peewee import JOIN, SQL, fn

from dutydesk.domain.words import Label
from dutydesk.services import handover_duty
from dutydesk.storage.models.attendance import CorrectionRequest
from dutydesk.storage.models.backups import BackupCheck, BackupJob
from dutydesk.storage.models.incidents import TO_FOLLOW, TO_REPORT, UNRESOLVED, Incident
from dutydesk.storage.models.log import LogEntry
from dutydesk.storage.models.measures import Measure
from dutydesk.storage.models.people import Person
from dutydesk.storage.models.rounds import Checklist, Round, RoundPlan

LEFT_OVER = 3 * 86400
"""For how long a missed round without a reason stays, in seconds."""
_DAY = 86400
_NOT_GOOD = ("abnormal", "critical")
_NEITHER_DONE = ("due", "started", "paused")


class IncidentRow(NamedTuple):
    """An open incident; `acknowledge_by` is until when it must be acknowledged, None when it is."""

    id: int
    number: str
    priority: str
    title: str
    status: str
    opened_at: int
    owner: Label | None
    acknowledge_by: int | None


class TimedRow(NamedTuple):
    """An incident with an instant that belongs to it: a report or a follow-up that is due."""

    id: int
    number: str
    title: str
    at: int


class MeasureRow(NamedTuple):
    """A temporary measure in force; `carried` counts the sealed handovers it has gone through."""

    id: int
    number: str
    title: str
    since: int
    until: int | None
    owner: Label
    carried: int


class LogRow(NamedTuple):
    """A log line; one of the program has a message with values instead of its text."""

    id: int
    event_at: int
    person: Label | None
    kind: str
    text: str
    message: str | None
    values: Mapping[str, Any]
    incident_id: int | None
    incident_number: str
    late: bool
    corrected: bool


class RoundRow(NamedTuple):
    """A round that is not finished."""

    id: int
    due_at: int
    late_at: int
    missed_at: int
    status: str
    kind: str
    checklist: Label


def open_incidents(limit: int, acknowledge: Mapping[str, int]) -> list[IncidentRow]:
    """Return the most urgent open incidents; `acknowledge` holds minutes by priority."""
    rows = (
        Incident.select(
            Incident.id,
            Incident.number,
            Incident.priority,
            Incident.title,
            Incident.status,
            Incident.opened_at,
            Incident.entered_at,
            Incident.acknowledged_at,
            Person.name,
            Person.name_en,
        )
        .join(Person, JOIN.LEFT_OUTER, on=(Incident.owner == Person.id))
        .where(UNRESOLVED)
        .order_by(Incident.priority, Incident.opened_at, Incident.id)
        .limit(limit)
        .tuples()
    )
    return [
        IncidentRow._make(
            (
                *row[:6],
                Label(row[8], row[9]) if row[8] is not None else None,
                row[6] + 60 * acknowledge[row[2]] if row[7] is None and row[2] in acknowledge else None,
            )
        )
        for row in rows
    ]


def open_counts() -> dict[str, int]:
    """Return how many incidents are open by priority."""
    rows = Incident.select(Incident.priority, fn.COUNT(Incident.id)).where(UNRESOLVED).group_by(Incident.priority)
    return dict(rows.tuples())


def reports_due() -> list[TimedRow]:
    """Return the security events whose report to the authorities is still to be made."""
    columns = (Incident.id, Incident.number, Incident.title, Incident.report_due_at)
    return [TimedRow(*row) for row in Incident.select(*columns).where(TO_REPORT).order_by(columns[-1]).tuples()]


def follow_ups(until: int) -> list[TimedRow]:
    """Return the incidents that somebody must follow up before `until` (epoch seconds)."""
    columns = (Incident.id, Incident.number, Incident.title, Incident.follow_up_at)
    query = Incident.select(*columns).where(TO_FOLLOW & (Incident.follow_up_at < until)).order_by(columns[-1])
    return [TimedRow(*row) for row in query.tuples()]


def measures_in_force() -> list[MeasureRow]:
    """Return the measures in force, those with the nearest end first, those without one by their start."""
    rows = list(
        Measure.select(
            Measure.id, Measure.number, Measure.title, Measure.since, Measure.until, Person.name, Person.name_en
        )
        .join(Person, on=(Measure.owner == Person.id))
        .where(Measure.closed_at.is_null())
        .tuples()
    )
    carried = handover_duty.carried("measure", [row[0] for row in rows])
    found = [MeasureRow._make((*row[:5], Label(row[5], row[6]), carried.get(row[0], 0))) for row in rows]
    return sorted(found, key=lambda row: (row.until is None, row.until or row.since, row.id))


def log_tail(limit: int) -> list[LogRow]:
    """Return the newest lines that no other line corrects, newest first."""
    newer = LogEntry.alias()
    standing = ~fn.EXISTS(newer.select(SQL("1")).where(newer.corrects == LogEntry.id))
    rows = (
        LogEntry.select(
            LogEntry.id,
            LogEntry.event_at,
            Person.name,
            Person.name_en,
            LogEntry.kind,
            LogEntry.text,
            LogEntry.message,
            LogEntry.message_values,
            LogEntry.incident_id,
            Incident.number,
            LogEntry.late,
            LogEntry.corrects,
        )
        .join(Person, JOIN.LEFT_OUTER, on=(LogEntry.person == Person.id))
        .join(Incident, JOIN.LEFT_OUTER, on=(LogEntry.incident_id == Incident.id))
        .where(standing)
        .order_by(LogEntry.event_at.desc(), LogEntry.id.desc())
        .limit(limit)
        .tuples()
    )
    return [
        LogRow(
            id=row[0],
            event_at=row[1],
            person=Label(row[2], row[3]) if row[2] is not None else None,
            kind=row[4],
            text=row[5],
            message=row[6],
            values=json.loads(row[7]) if row[7] else {},
            incident_id=row[8],
            incident_number=row[9] or "",
            late=row[10],
            corrected=row[11] is not None,
        )
        for row in rows
    ]


def corrections_asked(besides: int) -> list[tuple[int, Label, int]]:
    """Return the requests to put attendance right that wait: id, who asks, since when; not those of `besides`."""
    asked = (CorrectionRequest.status == "asked") & (CorrectionRequest.person != besides)
    columns = (CorrectionRequest.id, Person.name, Person.name_en, CorrectionRequest.asked_at)
    rows = CorrectionRequest.select(*columns).join(Person, on=(CorrectionRequest.person == Person.id)).where(asked)
    return [(row[0], Label(row[1], row[2]), row[3]) for row in rows.order_by(CorrectionRequest.asked_at).tuples()]


def rounds_to_walk(now: int, until: int) -> list[RoundRow]:
    """Return the rounds to walk before `until`, and those of the last days that were left over."""
    rows = (
        Round.select(
            Round.id,
            Round.due_at,
            Round.late_at,
            Round.missed_at,
            Round.status,
            Checklist.kind,
            Checklist.name,
            Checklist.name_en,
        )
        .join(Checklist)
        .where((Round.due_at < until) & (Round.due_at > now - LEFT_OVER) & Round.status.in_(_NEITHER_DONE))
        .order_by(Round.due_at, Round.id)
        .tuples()
    )
    return [RoundRow._make((*row[:6], Label(row[6], row[7]))) for row in rows]


def bad_copies() -> list[tuple[int, Label, int]]:
    """Return the backup jobs whose newest check found no good copy: id, name, and since when."""
    newer = BackupCheck.alias()
    newest = ~fn.EXISTS(newer.select(SQL("1")).where((newer.job == BackupCheck.job) & (newer.id > BackupCheck.id)))
    rows = (
        BackupCheck.select(BackupJob.id, BackupJob.name, BackupJob.name_en, BackupCheck.at)
        .join(BackupJob)
        .where(newest & BackupCheck.verdict.in_(_NOT_GOOD) & BackupJob.active)
        .order_by(BackupCheck.at)
        .tuples()
    )
    return [(job, Label(name, name_en), at) for job, name, name_en, at in rows]


def rounds_overdue(now: int) -> int:
    """Return how many rounds of the last day should be finished by now and are not, or were missed without a reason."""
    count: int = (
        Round.select()
        .where(
            (Round.due_at > now - _DAY)
            & (Round.due_at <= now)
            & (Round.late_at <= now)
            & Round.status.in_(_NEITHER_DONE)
        )
        .count()
    )
    return count


def rounds_end_before(instant: int) -> bool:
    """Return whether rounds are walked on this desk and none of them falls due from `instant` on."""
    walked: bool = RoundPlan.select(RoundPlan.id).where(RoundPlan.active).exists()
    return walked and not Round.select(Round.id).where(Round.due_at >= instant).exists()
