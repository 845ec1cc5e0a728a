"""Recording an incident: a number of its own, the priority that follows, the legal clock that starts.

Source: REQUIREMENTS A3-A5, B3-B5; DOMAIN 6.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dutydesk.domain import clock, walltime
from dutydesk.domain.deadlines import EventClass, Grade
from dutydesk.domain.errors import NotFound
from dutydesk.domain.incidents import Category, Happened, Kind, Source, Status, number
from dutydesk.domain.log import check_happened
from dutydesk.domain.priority import Impact, Urgency
from dutydesk.domain.text import optional, required
from dutydesk.domain.words import N_, Word
from dutydesk.services import incident_rules
from dutydesk.services.core import ENGINEERS, Actor, create, record, writes
from dutydesk.services.incident_rules import Rules
from dutydesk.services.incident_steps import (
    FACT_LIMIT,
    STEP_LIMIT,
    TEXT_LIMIT,
    add_event,
    index,
    matters,
    tell_log,
)
from dutydesk.services.incident_views import IncidentView, view_of
from dutydesk.services.shift_views import row_at
from dutydesk.storage.models.incidents import Incident
from dutydesk.storage.models.people import Person
from dutydesk.storage.models.rounds import Equipment, RoundAnswer

TITLE_LIMIT = 200
EXTERNAL_FOLLOW_UP = 86_400
"""Seconds after which an external user is asked again when nobody said otherwise. Source: REQUIREMENTS B4."""


@dataclass(frozen=True)
class NewIncident:
    """What is known when an incident is recorded; `opened_at` (epoch seconds) is when it began, None for now."""

    title: str
    kind: Kind = Kind.FAULT
    impact: Impact = Impact.MEDIUM
    urgency: Urgency = Urgency.MEDIUM
    source: Source = Source.STAFF
    detail: str = ""
    category: Category | None = None
    opened_at: int | None = None
    caller: str = ""
    contact: str = ""
    location: str = ""
    equipment_id: int | None = None
    answer_id: int | None = None
    owner_id: int | None = None
    next_step: str = ""
    follow_up_at: int | None = None
    security_class: EventClass | None = None
    security_grade: Grade | None = None


@writes(ENGINEERS)
def open_incident(who: Actor, new: NewIncident) -> IncidentView:
    """Record an incident; never refused by an open handover. Its priority follows from impact and urgency."""
    now, desk_rules = clock.now(), incident_rules.current()
    opened_at = now if new.opened_at is None else new.opened_at
    check_happened(opened_at, now, "opened_at")
    values = texts_of(new) | references_of(new)
    follow_up_at = new.follow_up_at
    if follow_up_at is None and new.source is Source.EXTERNAL:
        follow_up_at = now + EXTERNAL_FOLLOW_UP
    due = desk_rules.report_due(new.kind, new.security_grade, opened_at)
    row = create(
        Incident,
        number=_next_number(now, desk_rules),
        **values,
        priority=desk_rules.priority(new.impact, new.urgency).value,
        status=Status.OPEN.value,
        shift=_shift_id(now),
        reporter=who.person_id,
        opened_at=opened_at,
        entered_at=now,
        follow_up_at=follow_up_at,
        report_due_at=due,
    )
    data = {"priority": row.priority, "source": row.source}
    event = add_event(who, row, Happened.OPENED, text=row.detail, at=opened_at, data=data)
    record(who, "incident.opened", row, event, values={"number": row.number, "title": row.title, **data})
    index(row)
    if matters(row):
        tell_log(
            who, row, N_("{number} opened, {priority}: {title}"), event_at=opened_at, more={"priority": row.priority}
        )
    return view_of(row)


def texts_of(new: NewIncident) -> dict[str, Any]:
    """Return the columns that people write or choose, cleaned."""
    security = new.kind is Kind.SECURITY
    return {
        "kind": new.kind.value,
        "source": new.source.value,
        "impact": new.impact.value,
        "urgency": new.urgency.value,
        "title": required(new.title, "title", limit=TITLE_LIMIT),
        "detail": optional(new.detail, "detail", limit=TEXT_LIMIT),
        "category": new.category.value if new.category else "",
        "caller": optional(new.caller, "caller", limit=FACT_LIMIT, multiline=False),
        "contact": optional(new.contact, "contact", limit=FACT_LIMIT, multiline=False),
        "location": optional(new.location, "location", limit=FACT_LIMIT, multiline=False),
        "next_step": optional(new.next_step, "next_step", limit=STEP_LIMIT, multiline=False),
        "security_class": new.security_class.value if security and new.security_class else "",
        "security_grade": new.security_grade.value if security and new.security_grade else "",
    }


def references_of(new: NewIncident) -> dict[str, int | None]:
    """Return the rows that it points at; an unknown one is refused with its field."""
    found = (
        ("equipment", Equipment, new.equipment_id, N_("Equipment")),
        ("answer", RoundAnswer, new.answer_id, N_("Answer")),
        ("owner", Person, new.owner_id, N_("Person")),
    )
    for field, table, key, what in found:
        if key is not None and not table.select().where(table.id == key).exists():
            raise NotFound(N_("{what} {key} is not there."), what=Word(what), key=key, field=field)
    return {"equipment": new.equipment_id, "answer": new.answer_id, "owner": new.owner_id}


def _next_number(now: int, desk_rules: Rules) -> str:
    day = f"{walltime.local(now, desk_rules.zone):%y%m%d}"
    begin = number(day, 0)[:-1]
    rows = Incident.select(Incident.number).where((Incident.number > begin) & (Incident.number < begin[:-1] + "."))
    last = max((int(text[len(begin) :]) for (text,) in list(rows.tuples())), default=0)
    return number(day, last + 1)


def _shift_id(now: int) -> int | None:
    shift = row_at(now)
    return shift.id if shift else None
