"""Ending an incident: resolved with its solution, closed, reopened, merged. Source: REQUIREMENTS A4, A14, B4."""

from __future__ import annotations

from dutydesk.domain import clock
from dutydesk.domain.errors import Invalid
from dutydesk.domain.incidents import Happened, Status, Step, answer_needed
from dutydesk.domain.log import check_happened
from dutydesk.domain.text import optional, required
from dutydesk.domain.words import N_
from dutydesk.services.core import ENGINEERS, Actor, get, record, writes
from dutydesk.services.handover_duty import gate
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
)
from dutydesk.services.incident_views import IncidentView, row_by_number, view_of
from dutydesk.storage.models.incidents import Incident


@writes(ENGINEERS)
def resolve(
    who: Actor, incident_id: int, solution: str, *, at: int | None = None, version: int | None = None
) -> IncidentView:
    """Say what solved it; `at` is when it was solved, None for now. Source: A14."""
    row, _seen = at_step(who, incident_id, Step.RESOLVE)
    solution = required(solution, "solution", limit=TEXT_LIMIT, multiline=True)
    at = _solved_at(row, at)
    values = taken(who, row, at) | {"status": Status.RESOLVED.value, "resolved_at": at, "solution": solution}
    row = take_step(who, row, version, Happened.RESOLVED, text=solution, at=at, values=values)
    index(row)
    if matters(row):
        tell_log(who, row, N_("{number} resolved: {title}"), event_at=at)
    return view_of(row)


def _solved_at(row: Incident, at: int | None) -> int:
    """Return when it was solved: the time given, or now, which a clock that was set back puts before it began."""
    now = clock.now()
    if at is None:
        return max(now, int(row.opened_at))
    check_happened(at, now, "at")
    if at < row.opened_at:
        raise Invalid(N_("That is before it began."), field="at")
    return at


@writes(ENGINEERS)
def close(who: Actor, incident_id: int, told: str = "", *, version: int | None = None) -> IncidentView:
    """Close what is resolved; a request and an external user's matter ask what the caller was told. Source: A4, B4."""
    row, seen = at_step(who, incident_id, Step.CLOSE)
    gate(who)
    told = optional(told, "told", limit=TEXT_LIMIT)
    if answer_needed(seen.kind, seen.source) and not told:
        raise Invalid(N_("Say what the caller was told."), field="told")
    closed_at = max(clock.now(), row.resolved_at or row.opened_at)
    values = {"status": Status.CLOSED.value, "closed_at": closed_at, "follow_up_at": None}
    return view_of(take_step(who, row, version, Happened.CLOSED, text=told, values=values))


@writes(ENGINEERS)
def reopen(who: Actor, incident_id: int, reason: str, *, version: int | None = None) -> IncidentView:
    """Take up again what was resolved or closed; the solution stays on record."""
    row, _seen = at_step(who, incident_id, Step.REOPEN)
    reason = required(reason, "reason", limit=STEP_LIMIT)
    values = {
        "status": Status.ACKNOWLEDGED.value,
        "resolved_at": None,
        "closed_at": None,
        "reopened": row.reopened + 1,
    }
    row = take_step(who, row, version, Happened.REOPENED, text=reason, values=values)
    tell_log(who, row, N_("{number} reopened: {reason}"), more={"reason": reason})
    return view_of(row)


@writes(ENGINEERS)
def merge(who: Actor, incident_id: int, into: int | str, *, version: int | None = None) -> IncidentView:
    """Go on with another incident instead, named by id or number; both timelines say so. Returns the other one."""
    row, _seen = at_step(who, incident_id, Step.MERGE)
    other = row_by_number(into, "into") if isinstance(into, str) else get(Incident, into, N_("Incident"))
    if other.id == row.id:
        raise Invalid(N_("An incident cannot be merged into itself."), field="into")
    if other.status == Status.MERGED.value:
        raise Invalid(N_("{number} was merged itself; name the one that goes on."), number=other.number, field="into")
    data = {"into": other.number, "into_id": other.id}
    values = {"status": Status.MERGED.value, "merged_into": other.id, "closed_at": clock.now(), "follow_up_at": None}
    row = take_step(who, row, version, Happened.MERGED, data=data, values=values)
    taken = add_event(who, other, Happened.ABSORBED, text=row.title, data={"from": row.number, "from_id": row.id})
    record(who, "incident.absorbed", taken, subject_id=other.id, values={"number": other.number, "from": row.number})
    if matters(row):
        tell_log(who, row, N_("{number} merged into {into}"), more={"into": other.number})
    return view_of(other)
