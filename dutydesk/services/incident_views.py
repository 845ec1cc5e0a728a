"""One incident as it stands: its facts, who was sent, its whole timeline."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from peewee import JOIN

from dutydesk.domain.deadlines import EventClass, Grade, LegalClock
from dutydesk.domain.errors import NotFound
from dutydesk.domain.incidents import Category, Facts, Happened, Kind, Mode, Report, Source, Status, acknowledge_by
from dutydesk.domain.priority import Impact, Priority, Urgency
from dutydesk.domain.text import clean
from dutydesk.domain.words import N_, Label
from dutydesk.services.core import Actor, get, reads
from dutydesk.services.incident_rules import acknowledge_limits, current
from dutydesk.storage.models.incidents import Dispatch, Incident, IncidentEvent
from dutydesk.storage.models.people import Person
from dutydesk.storage.models.rounds import Equipment, Room


@dataclass(frozen=True)
class EventView:
    """One entry of the timeline: what happened, who wrote it, when it was and when it was written down."""

    id: int
    kind: Happened
    person: Label | None
    text: str
    at: int
    entered_at: int
    data: Mapping[str, Any]


@dataclass(frozen=True)
class DispatchView:
    """Somebody sent: a person of the desk (`person_id`) or a technician from outside by name."""

    id: int
    mode: Mode
    name: Label
    person_id: int | None
    sent_at: int
    arrived_at: int | None
    done_at: int | None
    result: str
    version: int

    @property
    def under_way(self) -> bool:
        """Whether it is not done yet."""
        return self.done_at is None


@dataclass(frozen=True)
class IncidentView:
    """One incident, whole. Instants are epoch seconds; `acknowledge_by` is None once it is acknowledged."""

    id: int
    number: str
    kind: Kind
    source: Source
    title: str
    detail: str
    category: Category | None
    impact: Impact
    urgency: Urgency
    priority: Priority
    status: Status
    caller: str
    contact: str
    location: str
    equipment_id: int | None
    equipment: Label | None
    answer_id: int | None
    reporter: Label
    owner_id: int | None
    owner: Label | None
    opened_at: int
    entered_at: int
    acknowledged_at: int | None
    acknowledge_by: int | None
    resolved_at: int | None
    closed_at: int | None
    follow_up_at: int | None
    next_step: str
    solution: str
    security_class: EventClass | None
    security_grade: Grade | None
    report_due_at: int | None
    reported_at: int | None
    merged_into: int | None
    merged_number: str
    reopened: int
    version: int
    clocks: tuple[LegalClock, ...]
    dispatches: tuple[DispatchView, ...]
    events: tuple[EventView, ...]

    @property
    def ended_at(self) -> int | None:
        """When its running time ended; None while it runs."""
        return self.resolved_at if self.resolved_at is not None else self.closed_at

    @property
    def under_way(self) -> tuple[DispatchView, ...]:
        """Those who were sent and are not done, in the order they were sent."""
        return tuple(dispatch for dispatch in self.dispatches if dispatch.under_way)

    @property
    def facts(self) -> Facts:
        """What decides which steps are allowed now."""
        return Facts(
            status=self.status,
            kind=self.kind,
            reportable=self.report_due_at is not None,
            reported=self.reported_at is not None,
            finished=any(_is_closing(event) for event in self.events),
            under_way=len(self.under_way),
        )


def _is_closing(event: EventView) -> bool:
    return event.kind is Happened.REPORTED and event.data.get("report") == Report.CLOSING.value


@dataclass(frozen=True)
class EquipmentOption:
    """A piece of equipment to choose from, and the room it stands in."""

    id: int
    name: Label
    room: Label


def view_of(row: Incident) -> IncidentView:
    """Return everything about an incident that was read before."""
    grade = Grade(row.security_grade) if row.security_grade else None
    open_still = row.resolved_at is None and row.closed_at is None
    priority = Priority(row.priority)
    due = acknowledge_by(priority, row.entered_at, row.acknowledged_at, acknowledge_limits())
    names = _names({row.reporter_id, row.owner_id})
    return IncidentView(
        id=row.id,
        number=row.number,
        kind=Kind(row.kind),
        source=Source(row.source),
        title=row.title,
        detail=row.detail,
        category=Category(row.category) if row.category else None,
        impact=Impact(row.impact),
        urgency=Urgency(row.urgency),
        priority=priority,
        status=Status(row.status),
        caller=row.caller,
        contact=row.contact,
        location=row.location,
        equipment_id=row.equipment_id,
        equipment=_equipment_name(row.equipment_id),
        answer_id=row.answer_id,
        reporter=names[row.reporter_id],
        owner_id=row.owner_id,
        owner=names.get(row.owner_id),
        opened_at=row.opened_at,
        entered_at=row.entered_at,
        acknowledged_at=row.acknowledged_at,
        acknowledge_by=due if open_still else None,
        resolved_at=row.resolved_at,
        closed_at=row.closed_at,
        follow_up_at=row.follow_up_at,
        next_step=row.next_step,
        solution=row.solution,
        security_class=EventClass(row.security_class) if row.security_class else None,
        security_grade=grade,
        report_due_at=row.report_due_at,
        reported_at=row.reported_at,
        merged_into=row.merged_into,
        merged_number=_number_of(row.merged_into),
        reopened=row.reopened,
        version=row.version,
        clocks=current().clocks(Kind(row.kind), grade, row.opened_at, row.resolved_at) if grade else (),
        dispatches=_dispatches(row.id),
        events=_events(row.id),
    )


def _names(ids: set[int | None]) -> dict[int | None, Label]:
    rows = Person.select(Person.id, Person.name, Person.name_en).where(Person.id.in_([key for key in ids if key]))
    return {key: Label(name, name_en) for key, name, name_en in list(rows.tuples())}


def _equipment_name(equipment_id: int | None) -> Label | None:
    if equipment_id is None:
        return None
    rows = list(Equipment.select(Equipment.name, Equipment.name_en).where(Equipment.id == equipment_id).tuples())
    return Label(*rows[0]) if rows else None


def _number_of(incident_id: int | None) -> str:
    if incident_id is None:
        return ""
    rows = list(Incident.select(Incident.number).where(Incident.id == incident_id).tuples())
    return rows[0][0] if rows else ""


def _dispatches(incident_id: int) -> tuple[DispatchView, ...]:
    rows = (
        Dispatch.select(
            Dispatch.id,
            Dispatch.mode,
            Dispatch.who,
            Dispatch.person,
            Dispatch.sent_at,
            Dispatch.arrived_at,
            Dispatch.done_at,
            Dispatch.result,
            Dispatch.version,
            Person.name,
            Person.name_en,
        )
        .join(Person, JOIN.LEFT_OUTER)
        .where(Dispatch.incident == incident_id)
        .order_by(Dispatch.sent_at, Dispatch.id)
        .tuples()
    )
    return tuple(
        DispatchView(key, Mode(mode), Label(name, name_en) if name else Label(who, who), person, *rest)
        for key, mode, who, person, *rest, name, name_en in list(rows)
    )


def _events(incident_id: int) -> tuple[EventView, ...]:
    rows = (
        IncidentEvent.select(
            IncidentEvent.id,
            IncidentEvent.kind,
            IncidentEvent.text,
            IncidentEvent.at,
            IncidentEvent.entered_at,
            IncidentEvent.data,
            Person.name,
            Person.name_en,
        )
        .join(Person, JOIN.LEFT_OUTER)
        .where(IncidentEvent.incident == incident_id)
        .order_by(IncidentEvent.at, IncidentEvent.id)
        .tuples()
    )
    return tuple(
        EventView(key, Happened(kind), Label(name, name_en) if name else None, text, at, entered_at, json.loads(data))
        for key, kind, text, at, entered_at, data, name, name_en in list(rows)
    )


@reads()
def view(who: Actor, incident_id: int) -> IncidentView:  # noqa: ARG001
    """Return one incident, whole; NotFound when there is none."""
    return view_of(get(Incident, incident_id, N_("Incident")))


@reads()
def by_number(who: Actor, number: str) -> IncidentView:  # noqa: ARG001
    """Return an incident by its number, in any case and with or without `INC-`; NotFound when there is none."""
    return view_of(row_by_number(number))


def row_by_number(number: str, field: str | None = None) -> Incident:
    """Return the stored incident with a number, however it is written."""
    plain = clean(number).upper()
    wanted = plain if plain.startswith("INC-") else f"INC-{plain}"
    row = Incident.get_or_none(Incident.number == wanted)
    if row is None:
        raise NotFound(N_("There is no incident {number}."), number=plain, field=field)
    return row


@reads()
def equipment(who: Actor) -> list[EquipmentOption]:  # noqa: ARG001
    """Return the equipment in service, in the order of rooms and racks."""
    rows = (
        Equipment.select(Equipment.id, Equipment.name, Equipment.name_en, Room.name, Room.name_en)
        .join(Room)
        .where(Equipment.in_service)
        .order_by(Room.ordinal, Room.id, Equipment.rack, Equipment.code)
        .tuples()
    )
    return [EquipmentOption(key, Label(zh, en), Label(room, room_en)) for key, zh, en, room, room_en in list(rows)]


def equipment_id(code: str) -> int:
    """Return the id of the equipment with a code; NotFound when there is none. Within a use case only."""
    rows = list(Equipment.select(Equipment.id).where(Equipment.code == clean(code)).tuples())
    if not rows:
        raise NotFound(N_("There is no equipment {code}."), code=clean(code), field="equipment")
    found: int = rows[0][0]
    return found
