"""What every step with an incident has in common: allowed or not, the timeline, the record, the shift's log."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dutydesk.domain import clock
from dutydesk.domain.incidents import Happened, Kind, Step, check_step
from dutydesk.domain.log import LogKind
from dutydesk.domain.priority import Priority
from dutydesk.domain.text import required
from dutydesk.domain.words import N_
from dutydesk.services.core import Actor, change, create, get, record
from dutydesk.services.incident_views import IncidentView, view_of
from dutydesk.storage import search
from dutydesk.storage.models.base import Row
from dutydesk.storage.models.incidents import Incident, IncidentEvent
from dutydesk.storage.models.people import Person

FACT_LIMIT = 120
STEP_LIMIT = 300
"""Characters of a next step or a reason, as in the handover."""
TEXT_LIMIT = 20_000


def at_step(who: Actor, incident_id: int, step: Step) -> tuple[Incident, IncidentView]:  # noqa: ARG001
    """Return the incident when the step may be taken now."""
    row = get(Incident, incident_id, N_("Incident"))
    seen = view_of(row)
    check_step(step, seen.facts)
    return row, seen


def add_event(
    who: Actor, row: Incident, kind: Happened, *, text: str = "", at: int | None = None, data: Any = None
) -> IncidentEvent:
    """Add an entry to the timeline: when it happened, and what belongs to its kind. The caller records it."""
    now = clock.now()
    return create(
        IncidentEvent,
        incident=row.id,
        person=who.person_id or None,
        kind=kind.value,
        text=text,
        at=now if at is None else at,
        entered_at=now,
        data=json.dumps(data or {}, ensure_ascii=False, sort_keys=True),
    )


def take_step(
    who: Actor,
    row: Incident,
    version: int | None,
    kind: Happened,
    *more: Row,
    text: str = "",
    at: int | None = None,
    data: dict[str, Any] | None = None,
    values: Mapping[str, Any] | None = None,
) -> Incident:
    """Change the incident, add the entry to its timeline, record both and the rows in `more`."""
    changed = change(Incident, row.id, row.version if version is None else version, **(values or {}))
    event = add_event(who, row, kind, text=text, at=at, data=data)
    what = {"number": row.number, **(data or {})} | ({"text": text} if text else {})
    record(who, f"incident.{kind.value}", changed, event, *more, values=what)
    return changed


def taken(who: Actor, row: Incident, now: int) -> dict[str, Any]:
    """Return what working on an incident says by itself: it is acknowledged, and has an owner."""
    values: dict[str, Any] = {}
    if row.acknowledged_at is None:
        values["acknowledged_at"] = max(now, row.opened_at)
    if row.owner_id is None and who.person_id:
        values["owner"] = who.person_id
    return values


def index(row: Incident) -> None:
    """Make it found by number, title, details, solution, and what was noted."""
    notes = IncidentEvent.select(IncidentEvent.text).where(
        (IncidentEvent.incident == row.id) & (IncidentEvent.kind == Happened.NOTE.value)
    )
    texts = [row.number, row.title, row.detail, row.location, row.caller, row.solution]
    search.index(
        "incident", row.id, "\n".join([*texts, *(text for (text,) in list(notes.order_by(IncidentEvent.id).tuples()))])
    )


def matters(row: Incident) -> bool:
    """Whether somebody who reads the shift's log must see it there."""
    return Priority(row.priority).urgent or row.kind == Kind.SECURITY.value


def tell_log(
    who: Actor, row: Incident, message: str, *, event_at: int | None = None, more: Mapping[str, Any] | None = None
) -> None:
    """Write a line of the program's into the shift's log; `more` fills the places beside number and title."""
    from dutydesk.services import log

    said = {"number": row.number, "title": row.title, **(more or {})}
    log.add(who, LogKind.INCIDENT, message, said, incident_id=row.id, event_at=event_at)


def whom(person_id: int | None, name: str) -> dict[str, str]:
    """Return the name of a person of the desk, else the `name` of somebody from outside; that one is required."""
    if person_id is None:
        plain = required(name, "who", limit=FACT_LIMIT)
        return {"zh": plain, "en": plain}
    person = get(Person, person_id, N_("Person"))
    return {"zh": person.name, "en": person.name_en}
