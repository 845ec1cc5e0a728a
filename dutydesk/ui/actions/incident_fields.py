"""The fields of the incident forms: what is asked, what is said beside it while it is typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dutydesk.domain import clock
from dutydesk.domain.deadlines import ClockKind, EventClass, Grade
from dutydesk.domain.incidents import Category, Kind, Source
from dutydesk.domain.people import Role
from dutydesk.domain.priority import Impact, Priority, Urgency
from dutydesk.domain.words import N_
from dutydesk.locale import _, word
from dutydesk.locale.incidents import FIELDS, clock_text
from dutydesk.services import incidents, people
from dutydesk.services.incidents import NewIncident, Rules
from dutydesk.ui import marks
from dutydesk.ui.forms.spec import Area, Choice, Field, Hint, Moment, Option, Pick, Said, Shown, Text, Values

if TYPE_CHECKING:
    from dutydesk.ui.app import DeskApp

FACT_LIMIT = 120
STEP_LIMIT = 300
IMPACTS = (
    (Impact.HIGH, N_("High"), N_("many people or a key system")),
    (Impact.MEDIUM, N_("Medium"), N_("a department or a service")),
    (Impact.LOW, N_("Low"), N_("one person or one device")),
)
URGENCIES = (
    (Urgency.HIGH, N_("High"), N_("work has stopped")),
    (Urgency.MEDIUM, N_("Medium"), N_("work is slowed down")),
    (Urgency.LOW, N_("Low"), N_("it can wait")),
)
TONES = {Priority.P1: "error", Priority.P2: "warning"}


def judgement(rules: Rules) -> list[Field]:
    """Return impact, urgency, and the priority that follows from them with its reason."""
    return [
        _judged("impact", N_("Impact"), IMPACTS, Impact.MEDIUM),
        _judged("urgency", N_("Urgency"), URGENCIES, Urgency.MEDIUM),
        Shown("priority", N_("Priority"), live=lambda values: _priority(rules, values)),
    ]


def _judged(name: str, label: str, options: Sequence[tuple[Any, str, str]], default: Any) -> Field:
    meanings = {value: meaning for value, _short, meaning in options}

    def means(values: Values) -> str:
        return _(meanings[values[name]]) if values[name] in meanings else ""

    shown = [(value, short) for value, short, _meaning in options]
    return Choice(name, label, shown, required=True, default=default, live=means)


def _priority(rules: Rules, values: Values) -> Said | None:
    impact, urgency = values["impact"], values["urgency"]
    if impact is None or urgency is None:
        return None
    priority = rules.priority(impact, urgency)
    short = {value: _(label).lower() for value, label, _meaning in (*IMPACTS, *URGENCIES)}
    reason = _("impact {impact}, urgency {urgency}", impact=short[impact], urgency=short[urgency])
    return Said(f"{marks.priority(priority.rank)} {word(priority)}  {marks.DOT}  {reason}", TONES.get(priority, ""))


def title_field(app: DeskApp, *, but: int | None = None) -> Field:
    """Return the title; earlier incidents like it and their solutions stand below while it is typed."""

    async def alike(values: Values) -> Sequence[Hint]:
        found = await app.desk.ask(incidents.similar, values["title"] or "", but=but)
        return [Hint(_("{number} {title}", number=one.number, title=one.title), one.solution) for one in found]

    return Text(
        "title", FIELDS["title"], required=True, watch=alike, placeholder=N_("Core switch down, floor 3 offline")
    )


def security_fields(rules: Rules) -> list[Field]:
    """Return class and grade of a security event, with the clock that its grade starts."""

    def legal(values: Values) -> Said | None:
        grade, now = values["security_grade"], clock.now()
        if grade is None:
            return Said(_("without a grade no clock runs"))
        began = values.get("opened_at") or now
        first = [each for each in rules.clocks(Kind.SECURITY, grade, began) if each.kind is ClockKind.FIRST_REPORT]
        return Said(clock_text(first[0], now), "warning") if first else Said(_("need not be reported"))

    def shown(values: Values) -> bool:
        return values.get("kind", Kind.SECURITY) is Kind.SECURITY

    return [
        Pick("security_class", N_("Class"), EventClass, shown_when=shown),
        Choice("security_grade", N_("Grade"), _grades(), shown_when=shown, live=legal),
    ]


def _grades() -> list[Option]:
    return [Option(grade, grade.label) for grade in Grade]


def when_field(name: str = "at", label: str = N_("When")) -> Field:
    """Return an instant that has passed, now when nothing is written."""
    return Moment(name, label, help=N_("now, unless you write 14:20, -20 or yesterday 22:10"))


def fact_fields(app: DeskApp) -> list[Field]:
    """Return who called, where it is, which equipment and what it is about."""
    return [
        Text("caller", FIELDS["caller"], limit=FACT_LIMIT),
        Text("contact", FIELDS["contact"], limit=FACT_LIMIT, placeholder=N_("telephone, room")),
        Text("location", FIELDS["location"], limit=FACT_LIMIT),
        equipment_field(app),
        Pick("category", FIELDS["category"], Category),
        Area("detail", FIELDS["detail"]),
    ]


def caller_fields(app: DeskApp) -> tuple[list[Field], list[Field]]:
    """Return who asks and how to reach him, in sight for a request and folded for all else; and the other facts."""
    caller, contact, *others = fact_fields(app)
    seldom = [replace(each, fold_when=_not_asked) for each in (source_field(), caller, contact)]
    return seldom, others


def _not_asked(values: Values) -> bool:
    return values["kind"] is not Kind.REQUEST


def equipment_field(app: DeskApp) -> Field:
    """Return the equipment to choose from, with its room."""

    async def options() -> list[Option]:
        from dutydesk.locale import pick

        return [Option(each.id, each.name, pick(each.room)) for each in await app.desk.ask(incidents.equipment)]

    return Pick("equipment", FIELDS["equipment"], options)


def people_field(app: DeskApp, name: str, label: str, *, free: bool = False, required: bool = False) -> Field:
    """Return the people who can take it, oneself first; with `free` anybody's name may be written."""
    return Pick(name, label, lambda: takers(app), free=free, required=required)


async def takers(app: DeskApp) -> list[Option]:
    """Return everybody but the readers, oneself first, then in the fixed order."""
    known = [each for each in await app.desk.ask(people.everyone) if each.role is not Role.READER]
    own = app.who.person_id if app.who else None
    known.sort(key=lambda each: each.id != own)
    return [Option(each.id, each.label, each.login) for each in known]


def plan_fields(app: DeskApp) -> list[Field]:
    """Return who has it, what comes next, and when it is followed up."""
    return [
        people_field(app, "owner", N_("Owner")),
        Text("next_step", N_("Next step"), limit=STEP_LIMIT),
        Moment("follow_up_at", N_("Follow up"), ahead=True),
    ]


def source_field() -> Field:
    """Return where the desk knows it from."""
    return Choice("source", N_("Source"), [(source, source.label) for source in Source], default=Source.STAFF)


def kind_field() -> Field:
    """Return what it is."""
    return Choice("kind", N_("Kind"), [(kind, kind.label) for kind in Kind], required=True, default=Kind.FAULT)


def incident_of(values: Mapping[str, Any]) -> NewIncident:
    """Return what the form asked for as the service takes it."""
    return NewIncident(
        title=values["title"] or "",
        kind=values.get("kind") or Kind.FAULT,
        impact=values.get("impact") or Impact.MEDIUM,
        urgency=values.get("urgency") or Urgency.MEDIUM,
        source=values.get("source") or Source.STAFF,
        detail=values.get("detail") or "",
        category=values.get("category"),
        opened_at=values.get("opened_at"),
        caller=values.get("caller") or "",
        contact=values.get("contact") or "",
        location=values.get("location") or "",
        equipment_id=values.get("equipment"),
        answer_id=values.get("answer_id"),
        owner_id=values.get("owner"),
        next_step=values.get("next_step") or "",
        follow_up_at=values.get("follow_up_at"),
        security_class=values.get("security_class"),
        security_grade=values.get("security_grade"),
    )
