"""Incidents in the words of the desk: running times, clocks, the entries of a timeline; for screens and scripts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dutydesk.domain.deadlines import ClockKind, EventClass, Grade, LegalClock
from dutydesk.domain.incidents import Category, Happened, Mode, Report, Source
from dutydesk.domain.words import N_, Label
from dutydesk.locale import _, language, pick, times, word

if TYPE_CHECKING:
    from dutydesk.services.incidents import EventView, IncidentLine, IncidentView

FIELDS = {
    "title": N_("What happened"),
    "detail": N_("Details"),
    "category": N_("Category"),
    "caller": N_("Caller"),
    "contact": N_("Contact"),
    "location": N_("Place"),
    "equipment": N_("Equipment"),
}
"""The texts of an incident that can be corrected, and what they are called."""


def running(incident: IncidentLine | IncidentView, now: int) -> str:
    """Return how long it has run, or ran: `0h12`."""
    end = incident.ended_at
    return times.duration((now if end is None else end) - incident.opened_at)


def not_acknowledged(incident: IncidentLine | IncidentView, now: int) -> str:
    """Return `not acknowledged 12 min` once the time-out has passed, else nothing."""
    if incident.acknowledge_by is None or now < incident.acknowledge_by:
        return ""
    return _("not acknowledged {time}", time=times.span(now - incident.entered_at))


def clock_text(clock: LegalClock, now: int) -> str:
    """Return what the law wants and how near it is: `Report to the provincial cyberspace office within 2h14`."""
    to = clock.to.text(language())
    left = clock.left(now)
    if clock.kind is ClockKind.POLICE:
        return _("Report to the {to} at once", to=to)
    if clock.kind is ClockKind.CLOSING_REPORT:
        if left is None:
            return _("Closing report to the {to}: after it is handled", to=to)
        return _("Closing report to the {to} until {time}", to=to, time=times.when(clock.due_at or now, now))
    if left is not None and left < 0:
        return _("Report to the {to} is late {time}", to=to, time=times.span(-left))
    return _("Report to the {to} within {time}", to=to, time=times.span(left or 0))


def _name(value: Any) -> str:
    return pick(Label(value["zh"], value["en"])) if isinstance(value, Mapping) else ""


def event_title(event: EventView, now: int) -> str:
    """Return what an entry of the timeline says, without the text that a person wrote."""
    data, kind = event.data, event.kind
    if kind is Happened.OPENED:
        return _("Opened, {priority}, {source}", priority=data["priority"], source=word(Source(data["source"])))
    if kind is Happened.STARTED:
        return _("Work started: {mode}", mode=word(Mode(data["mode"])))
    if kind is Happened.DISPATCHED:
        return _("{who} sent: {mode}", who=_name(data["who"]), mode=word(Mode(data["mode"])))
    if kind is Happened.ARRIVED:
        return _("{who} arrived", who=_name(data["who"]))
    if kind is Happened.DONE:
        return _("{who} done", who=_name(data["who"]))
    if kind is Happened.PRIORITY:
        if data["from"] == data["to"]:
            return _("Judged anew, {priority} as before", priority=data["to"])
        return _("Priority {old}, now {new}", old=data["from"], new=data["to"])
    if kind is Happened.OWNER:
        return _("Owner: {who}", who=_name(data["who"]) or _("nobody"))
    if kind in (Happened.MERGED, Happened.ABSORBED):
        return _("Merged into {number}", number=data["into"]) if kind is Happened.MERGED else _absorbed(data)
    return _other_title(event, now)


def _absorbed(data: Mapping[str, Any]) -> str:
    return _("{number} merged into this one", number=data["from"])


def _other_title(event: EventView, now: int) -> str:
    data, kind = event.data, event.kind
    if kind is Happened.FOLLOW_UP:
        until = data["until"]
        return _("Follow-up {time}", time=times.when(until, now)) if until else _("No follow-up any more")
    if kind is Happened.CLASSIFIED:
        kinds = {"kind": word(EventClass(data["class"])), "grade": word(Grade(data["grade"]))}
        return _("Classified: {kind}, {grade}", **kinds)
    if kind is Happened.REPORTED:
        return _("First report made") if data["report"] == Report.FIRST.value else _("Closing report made")
    if kind is Happened.EDITED:
        names = [_(FIELDS[name]) for name in data["was"] if name in FIELDS]
        return _("Changed: {fields}", fields=_(", ").join(names))
    return word(kind)


def event_text(event: EventView) -> str:
    """Return the text below an entry: what a person wrote, or what stood there before a correction."""
    if event.kind is Happened.EDITED:
        was = {name: _was(event.data, name) for name in event.data["was"] if name in FIELDS}
        if len(was) == 1:
            return "".join(_("before: {text}", text=text) for text in was.values())
        return "\n".join(_("{name} before: {text}", name=_(FIELDS[name]), text=text) for name, text in was.items())
    return event.text


def _was(data: Mapping[str, Any], name: str) -> str:
    """Return what stood in a field before it was corrected, as people read it."""
    value = data["was"][name]
    if name == "category" and value:
        return word(Category(value))
    if name == "equipment" and value:
        return _name(data["equipment"]) if "equipment" in data else str(value)
    return str(value) if value else _("(empty)")


def draft_report(incident: IncidentView, unit: str, now: int) -> str:
    """Return a first report filled with what is known; the person completes it. Source: DOMAIN 7."""
    grade, event_class = incident.security_grade, incident.security_class
    place = incident.location or (pick(incident.equipment) if incident.equipment else "")
    lines = [
        _("Unit: {unit}", unit=unit),
        _("System: {system}", system=pick(incident.equipment) if incident.equipment else ""),
        _("Time: {time}", time=times.stamp(incident.opened_at)),
        _("Place: {place}", place=place),
        _("Type: {kind}", kind=word(event_class) if event_class else ""),
        _("Grade: {grade}", grade=word(grade) if grade else ""),
        _("What happened: {text}", text=incident.title),
        _("Impact: {text}", text=incident.detail),
        _("Measures: {text}", text=incident.solution or incident.next_step),
        _("Reported by: {who}, {time}", who=pick(incident.reporter), time=times.stamp(now)),
    ]
    return "\n".join(lines)
