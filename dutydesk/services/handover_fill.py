"""The handover fills itself: every block from the records of the shift.

Open incidents, unfinished and missed rounds and temporary measures come in by force; nobody can leave them out.
Source: DOMAIN 4, table of blocks.
"""

from __future__ import annotations

from typing import Any

from peewee import JOIN, fn

from dutydesk.domain.handover import Block, Colour, Item, SystemState, incident_colour
from dutydesk.domain.rounds import ItemKind
from dutydesk.domain.words import N_
from dutydesk.services import handover_duty
from dutydesk.services.handover_duty import after, signed_in
from dutydesk.services.round_rows import point_of
from dutydesk.services.shift_views import EXTRA, signatures
from dutydesk.storage.models.backups import BackupCheck, BackupJob
from dutydesk.storage.models.handover import Thing
from dutydesk.storage.models.incidents import Incident
from dutydesk.storage.models.log import LogEntry
from dutydesk.storage.models.measures import Measure
from dutydesk.storage.models.people import Person
from dutydesk.storage.models.rounds import CheckItem, Checklist, Equipment, Round, RoundAnswer
from dutydesk.storage.models.shift import Assignment, DutyShift

LOG_KINDS = ("change", "visitor", "security", "project", "assistance")
LISTED = 30
"""Log lines of one handover that are listed; more are counted."""


def fill(shift: DutyShift, begin: int, now: int) -> list[Item]:
    """Return every line of the handover of `shift`, for what happened from `begin` to `now` (epoch seconds)."""
    incidents = _open_incidents()
    return [
        *_systems(incidents, begin, now),
        *_summary(begin, now),
        *_actions(incidents, now),
        *_rounds(begin, now),
        *_measures(now),
        *_things(),
        *_people(shift),
    ]


def _name(row: Any) -> dict[str, str]:
    return {"zh": row.name, "en": row.name_en}


def _owner(person: Person | None) -> dict[str, dict[str, str]]:
    return {"owner": _name(person)} if person is not None else {}


# Systems -------------------------------------------------------------------------------------------------------------


def _open_incidents() -> list[Incident]:
    owner = Person.alias()
    return list(
        Incident.select(Incident, Equipment, owner)
        .join(Equipment, JOIN.LEFT_OUTER)
        .switch(Incident)
        .join(owner, JOIN.LEFT_OUTER, on=(Incident.owner == owner.id), attr="owner")
        .where(Incident.resolved_at.is_null() & Incident.closed_at.is_null() & Incident.merged_into.is_null())
        .where(~Incident.drill)
        .order_by(Incident.priority, Incident.opened_at)
    )


def _systems(incidents: list[Incident], begin: int, now: int) -> list[Item]:
    states: dict[int, tuple[Equipment, SystemState, str]] = {}
    for incident in incidents:  # the most urgent first
        if incident.equipment_id is None or incident.kind == "request":
            continue
        state = SystemState.UNSTABLE if incident.priority in ("P1", "P2") else SystemState.WATCH
        states.setdefault(incident.equipment_id, (incident.equipment, state, incident.number))
    lines = [
        Item(
            block=Block.STATE,
            colour=Colour.RED if state is SystemState.UNSTABLE else Colour.YELLOW,
            key=f"equipment:{key}",
            message=N_("{name}"),
            values={"name": _name(equipment), "state": state.value, "covered": number},
            subject="equipment",
            subject_id=key,
        )
        for key, (equipment, state, number) in states.items()
    ]
    lines += _abnormal_answers({incident.answer_id for incident in incidents}, begin, now)
    stable = Equipment.select().where(Equipment.in_service).count() - len(states)
    lines.append(
        Item(
            Block.STATE,
            Colour.GREEN,
            "stable",
            message=N_("Other systems stable: {count}"),
            values={"count": stable},
        )
    )
    return lines


def _abnormal_answers(with_incident: set[int | None], begin: int, now: int) -> list[Item]:
    """Return the check points whose newest answer is not good and that no open incident covers."""
    newest = (
        RoundAnswer.select(fn.MAX(RoundAnswer.id))
        .where((RoundAnswer.at >= begin) & (RoundAnswer.at <= now))
        .group_by(RoundAnswer.item)
    )
    rows = (
        RoundAnswer.select(RoundAnswer, CheckItem)
        .join(CheckItem)
        .where(RoundAnswer.id.in_(newest) & RoundAnswer.verdict.in_(("warning", "critical", "abnormal")))
        .where(CheckItem.kind != ItemKind.BACKUP.value)
        .order_by(RoundAnswer.id)
    )
    opened_from = RoundAnswer.select(RoundAnswer.round, RoundAnswer.item).where(
        RoundAnswer.id.in_([key for key in with_incident if key is not None])
    )
    covered = set(opened_from.tuples())
    return [
        Item(
            block=Block.STATE,
            colour=Colour.RED if answer.verdict == "critical" else Colour.YELLOW,
            key=f"answer:{answer.item_id}",
            title=answer.note or "",
            message=N_("{name} {value}") if _reading(answer) else N_("{name}"),
            values={
                "name": _name(answer.item),
                "value": _reading(answer),
                "state": (SystemState.UNSTABLE if answer.verdict == "critical" else SystemState.WATCH).value,
            },
            subject="round",
            subject_id=answer.round_id,
            since=answer.at,
            answer_required=True,
        )
        for answer in rows
        if (answer.round_id, answer.item_id) not in covered
    ]


def _reading(answer: RoundAnswer) -> str | dict[str, str]:
    if answer.number is not None:
        return f"{answer.number:g} {answer.item.unit}".strip()
    chosen = point_of(answer.item).option(answer.text)
    return {"zh": chosen.label.zh, "en": chosen.label.en} if chosen else answer.text or ""


# Summary -------------------------------------------------------------------------------------------------------------


def _summary(begin: int, now: int) -> list[Item]:
    inside = (begin, now)
    opened = Incident.select().where(Incident.entered_at.between(*inside)).count()
    resolved = Incident.select().where(Incident.resolved_at.between(*inside)).count()
    finished = Round.select().where(Round.finished_at.between(*inside)).count()
    later = RoundAnswer.alias()
    abnormal = (
        RoundAnswer.select()
        .where(RoundAnswer.at.between(*inside) & RoundAnswer.verdict.in_(("warning", "critical", "abnormal")))
        .where(~fn.EXISTS(later.select(later.id).where(later.corrects == RoundAnswer.id)))
        .count()
    )
    lines = [
        _told("incidents", N_("Incidents: {opened} opened, {resolved} resolved"), opened=opened, resolved=resolved),
        _told(
            "rounds",
            N_("Rounds: {finished} finished, {abnormal} abnormal answers"),
            finished=finished,
            abnormal=abnormal,
        ),
    ]
    return lines + _backups(begin, now) + _log_lines(begin, now) + _late_entries(begin, now)


def _told(key: str, message: str, **values: Any) -> Item:
    return Item(Block.SUMMARY, Colour.GREEN, f"summary:{key}", message=message, values=values)


def _backups(begin: int, now: int) -> list[Item]:
    newest = (
        BackupCheck.select(fn.MAX(BackupCheck.id)).where(BackupCheck.at.between(begin, now)).group_by(BackupCheck.job)
    )
    found = BackupCheck.select(BackupCheck, BackupJob).join(BackupJob).where(BackupCheck.id.in_(newest))
    checks = list(found.order_by(BackupCheck.id))
    bad = [check for check in checks if check.verdict != "ok"]
    lines = [
        _told(
            "backups",
            N_("Backups: {good} checked and good, {bad} not good, {unchecked} not checked"),
            good=len(checks) - len(bad),
            bad=len(bad),
            unchecked=BackupJob.select().where(BackupJob.active).count() - len(checks),
        )
    ]
    for check in bad:
        lines.append(
            Item(
                block=Block.SUMMARY,
                colour=Colour.YELLOW,
                key=f"job:{check.job_id}",
                title=check.note or "",
                message=N_("Backup not good: {name}"),
                values={"name": _name(check.job)},
                subject="backup_job",
                subject_id=check.job_id,
                since=check.at,
                answer_required=True,
            )
        )
    return lines


def _corrected() -> Any:
    return LogEntry.select(LogEntry.corrects).where(LogEntry.corrects.is_null(False))


def _log_lines(begin: int, now: int) -> list[Item]:
    rows = (
        LogEntry.select(LogEntry, Person)
        .join(Person, JOIN.LEFT_OUTER)
        .where(LogEntry.entered_at.between(begin, now) & ~LogEntry.late)
        .where(LogEntry.id.not_in(_corrected()))
        .order_by(LogEntry.event_at.desc())
    )
    told = [row for row in rows if row.kind in LOG_KINDS]  # in the query, SQLite would walk these kinds of all years
    return [
        Item(
            Block.SUMMARY,
            Colour.GREEN,
            f"log:{row.id}",
            row.text,
            values={"kind": row.kind, **_owner(row.person)},
            subject="log",
            subject_id=row.id,
            since=row.event_at,
        )
        for row in reversed(told[:LISTED])
    ]


def _late_entries(begin: int, now: int) -> list[Item]:
    rows = (
        LogEntry.select(LogEntry, Person)
        .join(Person, JOIN.LEFT_OUTER)
        .where(LogEntry.entered_at.between(begin, now) & LogEntry.late)
        .where(LogEntry.id.not_in(_corrected()))
        .order_by(LogEntry.event_at)
        .limit(LISTED)
    )
    return [
        Item(
            Block.SUMMARY,
            Colour.YELLOW,
            f"late:{row.id}",
            row.text,
            N_("Late entry"),
            _owner(row.person),
            subject="log",
            subject_id=row.id,
            since=row.event_at,
            answer_required=True,
        )
        for row in rows
    ]


# Actions -------------------------------------------------------------------------------------------------------------


def _actions(incidents: list[Incident], now: int) -> list[Item]:
    carried = handover_duty.carried("incident", [incident.id for incident in incidents])
    lines = []
    for incident in incidents:
        deadline = _deadline(incident)
        times = carried.get(incident.id, 0)
        colour = incident_colour(incident.priority, times, deadline is not None and deadline < now)
        needs = colour is not Colour.GREEN
        lines.append(
            Item(
                block=Block.ACTIONS,
                colour=colour,
                key=f"incident:{incident.id}",
                title=incident.title,
                values={
                    "number": incident.number,
                    "priority": incident.priority,
                    "status": incident.status,
                    **_owner(incident.owner if incident.owner_id else None),
                },
                subject="incident",
                subject_id=incident.id,
                next_step=incident.next_step,
                since=incident.opened_at,
                deadline=deadline,
                carried=times,
                step_required=needs,
                answer_required=needs,
            )
        )
    return lines


def _deadline(incident: Incident) -> int | None:
    report = incident.report_due_at if incident.reported_at is None else None
    return min((due for due in (report, incident.follow_up_at) if due is not None), default=None)


def _rounds(begin: int, now: int) -> list[Item]:
    rows = (
        Round.select(Round, Checklist)
        .join(Checklist)
        .where((Round.due_at >= begin - 86400) & (Round.due_at <= now) & Round.finished_at.is_null())
        .where(
            Round.status.in_(("started", "paused"))
            | ((Round.missed_at <= now) & (Round.missed_at > begin) & Round.status.in_(("due", "missed")))
        )
        .order_by(Round.due_at)
    )
    lines = []
    for row in rows:
        missed = row.status in ("due", "missed")
        lines.append(
            Item(
                block=Block.ACTIONS,
                colour=Colour.YELLOW,
                key=f"round:{row.id}",
                message=N_("Round missed: {name}") if missed else N_("Round not finished: {name}"),
                values={"name": _name(row.checklist), "missed": missed},
                subject="round",
                subject_id=row.id,
                next_step=row.reason or "",
                since=row.due_at,
                step_required=True,
                answer_required=True,
            )
        )
    return lines


# Situation, things, people -------------------------------------------------------------------------------------------


def _measures(now: int) -> list[Item]:
    rows = list(
        Measure.select(Measure, Person)
        .join(Person, on=(Measure.owner == Person.id))
        .where(Measure.closed_at.is_null())
        .order_by(Measure.since)
    )
    carried = handover_duty.carried("measure", [row.id for row in rows])
    return [
        Item(
            block=Block.MEASURES,
            colour=Colour.RED if row.until is not None and row.until < now else Colour.YELLOW,
            key=f"measure:{row.id}",
            title=row.title,
            values={"number": row.number, "kind": row.kind, "detail": row.detail, **_owner(row.owner)},
            subject="measure",
            subject_id=row.id,
            since=row.since,
            deadline=row.until,
            carried=carried.get(row.id, 0),
            answer_required=True,
        )
        for row in rows
    ]


def _things() -> list[Item]:
    return [
        Item(
            block=Block.THINGS,
            colour=Colour.GREEN,
            key=f"thing:{thing.code}",
            message=N_("{name}"),
            values={"name": _name(thing), "expected": thing.expected, "counted": None},
            subject="thing",
            subject_id=thing.id,
        )
        for thing in Thing.select().where(Thing.active).order_by(Thing.ordinal)
    ]


def _people(shift: DutyShift) -> list[Item]:
    lines = _on(shift, shift.ends_at - 1, N_("Outgoing: {name}"), N_("Outgoing, not signed in: {name}"))
    following = after(shift)
    if following is not None:
        begin = following.starts_at
        lines += _on(following, begin, N_("Incoming: {name}"), N_("Incoming, not signed in yet: {name}"))
    return lines


def _on(shift: DutyShift, instant: int, present: str, absent: str) -> list[Item]:
    """Return the people of a shift; who is on for a part of it that `instant` is not in, only while he is here."""
    here = signed_in(shift.id)
    elsewhen = handover_duty.planned(shift) - handover_duty.planned_at(shift, instant) - here
    planned = Assignment.select(Assignment.person).where((Assignment.shift == shift.id) & (Assignment.flag != EXTRA))
    attended = [person for _shift, person in signatures([shift.id])]
    people = Person.select().where(Person.id.in_(planned) | Person.id.in_(attended)).order_by(Person.ordinal)
    return [
        Item(
            block=Block.PEOPLE,
            colour=Colour.GREEN,
            key=f"person:{shift.id}:{person.id}",
            message=present if person.id in here else absent,
            values={"name": _name(person)},
            subject="person",
            subject_id=person.id,
        )
        for person in people
        if person.id not in elsewhen
    ]
