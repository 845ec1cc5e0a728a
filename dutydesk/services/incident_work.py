"""Working on an incident: acknowledged, begun, noted; who was sent, arrived, did what. Source: REQUIREMENTS A7, C4."""

from __future__ import annotations

from dutydesk.domain import clock
from dutydesk.domain.errors import Invalid, Refused
from dutydesk.domain.incidents import Happened, Mode, Status, Step
from dutydesk.domain.log import check_happened
from dutydesk.domain.text import clean, optional, required
from dutydesk.domain.words import N_, Label
from dutydesk.services.core import ENGINEERS, Actor, change, create, get, record, writes
from dutydesk.services.incident_steps import (
    STEP_LIMIT,
    TEXT_LIMIT,
    add_event,
    at_step,
    index,
    matters,
    take_step,
    taken,
    tell_log,
    whom,
)
from dutydesk.services.incident_views import IncidentView, view_of
from dutydesk.storage.models.incidents import Dispatch, Incident
from dutydesk.storage.models.people import Person


@writes(ENGINEERS)
def acknowledge(who: Actor, incident_id: int, *, version: int | None = None) -> IncidentView:
    """Say that somebody takes care; the owner is who acknowledges, when there is none."""
    row, _seen = at_step(who, incident_id, Step.ACKNOWLEDGE)
    values = taken(who, row, clock.now())
    row = take_step(who, row, version, Happened.ACKNOWLEDGED, values=values | {"status": Status.ACKNOWLEDGED.value})
    return view_of(row)


@writes(ENGINEERS)
def start(who: Actor, incident_id: int, *, mode: Mode = Mode.REMOTE, version: int | None = None) -> IncidentView:
    """Begin to work on it oneself."""
    row, _seen = at_step(who, incident_id, Step.START)
    values = taken(who, row, clock.now())
    data = {"mode": mode.value}
    row = take_step(
        who, row, version, Happened.STARTED, data=data, values=values | {"status": Status.IN_PROGRESS.value}
    )
    return view_of(row)


@writes(ENGINEERS)
def note(who: Actor, incident_id: int, text: str, *, at: int | None = None) -> IncidentView:
    """Add a note to the timeline; `at` is when it happened, None for now."""
    row, _seen = at_step(who, incident_id, Step.NOTE)
    text = required(text, "text", limit=TEXT_LIMIT, multiline=True)
    if at is not None:
        check_happened(at, clock.now(), "at")
    event = add_event(who, row, Happened.NOTE, text=text, at=at)
    record(who, "incident.note", event, subject_id=row.id, values={"number": row.number, "text": text})
    index(row)
    return view_of(row)


@writes(ENGINEERS)
def dispatch(
    who: Actor,
    incident_id: int,
    mode: Mode,
    *,
    person_id: int | None = None,
    name: str = "",
    sent_at: int | None = None,
    text: str = "",
    version: int | None = None,
) -> IncidentView:
    """Send a person of the desk, or a technician from outside by `name`; `text` is the task. Source: A7.

    A `name` that is the login or the name of somebody of the desk means that person.
    """
    row, _seen = at_step(who, incident_id, Step.DISPATCH)
    now = clock.now()
    sent_at = now if sent_at is None else sent_at
    check_happened(sent_at, now, "sent_at")
    person_id = person_id or _named(name)
    label = whom(person_id, name)
    task = optional(text, "text", limit=STEP_LIMIT, multiline=False)
    sent = create(Dispatch, incident=row.id, mode=mode.value, person=person_id, who=label["zh"], sent_at=sent_at)
    values = taken(who, row, now) | {"status": Status.IN_PROGRESS.value}
    data = {"mode": mode.value, "who": label, "dispatch": sent.id}
    row = take_step(who, row, version, Happened.DISPATCHED, sent, text=task, at=sent_at, data=data, values=values)
    if matters(row):
        tell_log(
            who, row, N_("{number}: {who} sent, {mode}"), event_at=sent_at, more={"who": Label(**label), "mode": mode}
        )
    return view_of(row)


def _named(name: str) -> int | None:
    plain = clean(name)
    rows = Person.select(Person.id).where(
        Person.active & ((Person.login == plain) | (Person.name == plain) | (Person.name_en == plain))
    )
    found = list(rows.limit(2).tuples()) if plain else []
    return found[0][0] if len(found) == 1 else None


@writes(ENGINEERS)
def arrived(who: Actor, incident_id: int, dispatch_id: int, *, at: int | None = None) -> IncidentView:
    """Record that somebody who was sent has arrived."""
    row, sent, at = _under_way(who, incident_id, dispatch_id, at)
    if sent.arrived_at is not None:
        raise Refused(N_("The arrival is on record already."))
    sent = change(Dispatch, sent.id, sent.version, arrived_at=at)
    _on_the_way(who, row, sent, Happened.ARRIVED, at)
    return view_of(row)


@writes(ENGINEERS)
def done(who: Actor, incident_id: int, dispatch_id: int, result: str, *, at: int | None = None) -> IncidentView:
    """Record that somebody who was sent is done, and the result."""
    row, sent, at = _under_way(who, incident_id, dispatch_id, at)
    result = required(result, "result", limit=TEXT_LIMIT, multiline=True)
    sent = change(Dispatch, sent.id, sent.version, done_at=at, result=result)
    _on_the_way(who, row, sent, Happened.DONE, at, result)
    return view_of(row)


def _under_way(who: Actor, incident_id: int, dispatch_id: int, at: int | None) -> tuple[Incident, Dispatch, int]:
    row, _seen = at_step(who, incident_id, Step.ARRIVE)
    sent = get(Dispatch, dispatch_id, N_("Dispatch"))
    if sent.incident_id != row.id or sent.done_at is not None:
        raise Refused(N_("Nobody is under way; d sends somebody."))
    now, earliest = clock.now(), sent.arrived_at or sent.sent_at
    if at is None:
        return row, sent, max(now, earliest)
    check_happened(at, now, "at")
    if at < earliest:
        raise Invalid(N_("That is before the person was sent or arrived."), field="at")
    return row, sent, at


def _on_the_way(who: Actor, row: Incident, sent: Dispatch, kind: Happened, at: int, text: str = "") -> None:
    label = {"zh": sent.who, "en": sent.who}
    if sent.person_id is not None:
        label["en"] = sent.person.name_en
    data = {"mode": sent.mode, "who": label, "dispatch": sent.id}
    event = add_event(who, row, kind, text=text, at=at, data=data)
    record(who, f"incident.{kind.value}", sent, event, subject_id=row.id, values={"number": row.number, **data})
