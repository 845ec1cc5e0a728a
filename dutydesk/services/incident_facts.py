"""What is known about an incident changes: priority, owner, next step, texts, class and grade, reports made."""

from __future__ import annotations

from typing import Any

from dutydesk.domain import clock
from dutydesk.domain.deadlines import EventClass, Grade
from dutydesk.domain.errors import Invalid
from dutydesk.domain.incidents import Happened, Report, Step, next_report
from dutydesk.domain.log import check_happened
from dutydesk.domain.priority import Impact, Urgency
from dutydesk.domain.text import optional, required
from dutydesk.domain.words import N_
from dutydesk.services import incident_rules
from dutydesk.services.core import ENGINEERS, Actor, writes
from dutydesk.services.incident_new import NewIncident, references_of, texts_of
from dutydesk.services.incident_steps import (
    STEP_LIMIT,
    TEXT_LIMIT,
    at_step,
    index,
    take_step,
    tell_log,
    whom,
)
from dutydesk.services.incident_views import IncidentView, view_of

_KEEP: Any = object()
"""Stands for "leave it as it is" where None means "nothing"."""


@writes(ENGINEERS)
def change_priority(
    who: Actor, incident_id: int, impact: Impact, urgency: Urgency, reason: str, *, version: int | None = None
) -> IncidentView:
    """Judge impact and urgency anew, with the reason; the priority follows."""
    row, seen = at_step(who, incident_id, Step.PRIORITY)
    reason = required(reason, "reason", limit=STEP_LIMIT)
    priority = incident_rules.current().priority(impact, urgency)
    if (impact, urgency) == (seen.impact, seen.urgency):
        raise Invalid(N_("Impact and urgency are the same as before."), field="impact")
    data = {
        "from": row.priority,
        "to": priority.value,
        "impact": impact.value,
        "urgency": urgency.value,
    }
    values = {"impact": impact.value, "urgency": urgency.value, "priority": priority.value}
    row = take_step(who, row, version, Happened.PRIORITY, text=reason, data=data, values=values)
    if seen.priority.urgent or priority.urgent:
        said = {"old": data["from"], "priority": priority.value, "reason": reason}
        tell_log(who, row, N_("{number} from {old} to {priority}: {reason}"), more=said)
    return view_of(row)


@writes(ENGINEERS)
def plan(
    who: Actor,
    incident_id: int,
    *,
    owner_id: int | None = _KEEP,
    next_step: str = _KEEP,
    follow_up_at: int | None = _KEEP,
    version: int | None = None,
) -> IncidentView:
    """Say who has it, what comes next, and when it is followed up; what is not named stays as it is."""
    row, _seen = at_step(who, incident_id, Step.ASSIGN)
    if owner_id is not _KEEP and owner_id != row.owner_id:
        name = {"who": whom(owner_id, "") if owner_id else None}
        row, version = take_step(who, row, version, Happened.OWNER, data=name, values={"owner": owner_id}), None
    if next_step is not _KEEP:
        text = optional(next_step, "next_step", limit=STEP_LIMIT, multiline=False)
        if text != row.next_step:
            row, version = take_step(who, row, version, Happened.NEXT_STEP, text=text, values={"next_step": text}), None
    if follow_up_at is not _KEEP and follow_up_at != row.follow_up_at:
        row = take_step(
            who, row, version, Happened.FOLLOW_UP, data={"until": follow_up_at}, values={"follow_up_at": follow_up_at}
        )
    return view_of(row)


_EDITED = ("title", "detail", "category", "caller", "contact", "location", "equipment")


@writes(ENGINEERS)
def edit(who: Actor, incident_id: int, new: NewIncident, *, version: int) -> IncidentView:
    """Correct what was written; the timeline keeps what stood there before.

    Of `new` the texts, the category and the equipment are taken. Raises Conflict against an older `version`.
    """
    row, _seen = at_step(who, incident_id, Step.EDIT)
    wanted = texts_of(new) | references_of(new)
    was = {name: row.equipment_id if name == "equipment" else getattr(row, name) for name in _EDITED}
    values = {name: wanted[name] for name in _EDITED if wanted[name] != was[name]}
    if not values:
        return view_of(row)
    data: dict[str, Any] = {"was": {name: was[name] for name in values}}
    if "equipment" in values and row.equipment is not None:
        data["equipment"] = {"zh": row.equipment.name, "en": row.equipment.name_en}
    row = take_step(who, row, version, Happened.EDITED, data=data, values=values)
    index(row)
    return view_of(row)


@writes(ENGINEERS)
def classify(
    who: Actor, incident_id: int, security_class: EventClass, security_grade: Grade, *, version: int | None = None
) -> IncidentView:
    """Give a security event its class and grade; the legal clock runs from when it began. Source: DOMAIN 7."""
    row, seen = at_step(who, incident_id, Step.CLASSIFY)
    due = incident_rules.current().report_due(seen.kind, security_grade, row.opened_at)
    data = {"class": security_class.value, "grade": security_grade.value}
    values: dict[str, Any] = {"security_class": data["class"], "security_grade": data["grade"], "report_due_at": due}
    return view_of(take_step(who, row, version, Happened.CLASSIFIED, data=data, values=values))


@writes(ENGINEERS)
def report(who: Actor, incident_id: int, text: str, *, at: int | None = None) -> IncidentView:
    """Record that the report to the office in charge was made: the first, which stops the clock, or the closing one.

    `text` says what was reported, to whom and how; without it no clock stops. `at` says when.
    """
    row, seen = at_step(who, incident_id, Step.REPORT)
    now = clock.now()
    at = now if at is None else at
    check_happened(at, now, "at")
    text = required(text, "text", limit=TEXT_LIMIT, multiline=True)
    which = next_report(seen.facts)
    values: dict[str, Any] = {"reported_at": at} if which is Report.FIRST else {}
    row = take_step(who, row, None, Happened.REPORTED, text=text, at=at, data={"report": which.value}, values=values)
    message = N_("{number}: first report made") if which is Report.FIRST else N_("{number}: closing report made")
    tell_log(who, row, message, event_at=at)
    return view_of(row)
