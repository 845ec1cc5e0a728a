"""Incidents from anywhere: record a new one, go to one, and every step with one that asks something first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dutydesk.domain import clock
from dutydesk.domain.incidents import Mode, Report, answer_needed, next_report
from dutydesk.domain.words import N_
from dutydesk.locale import _, pick, word
from dutydesk.services import incidents
from dutydesk.services.incident_views import DispatchView
from dutydesk.services.incidents import IncidentView
from dutydesk.ui.actions.incident_fields import (
    STEP_LIMIT,
    caller_fields,
    fact_fields,
    incident_of,
    judgement,
    kind_field,
    people_field,
    plan_fields,
    security_fields,
    title_field,
    when_field,
)
from dutydesk.ui.forms.spec import Area, Choice, FormSpec, Option, Pick, Text

if TYPE_CHECKING:
    from dutydesk.ui.app import DeskApp

DRAFT = "incident.new"


async def new_incident(app: DeskApp, prefill: Mapping[str, Any] | None = None) -> IncidentView | None:
    """Ask for a new incident and record it; None when the person left (the draft is kept).

    `prefill` fills fields by name (`title`, `detail`, `kind`, `impact`, `urgency`, `source`, `location`, `caller`,
    `contact`, `category`, `next_step`, `opened_at`; `equipment` and `owner` as an id or Option) and carries
    `answer_id`, the answer of a round that it comes from. Without it, the new incident is shown afterwards; with it
    the person stays where he was.
    """
    rules = await app.desk.ask(incidents.rules)

    async def save(values: dict[str, Any]) -> IncidentView:
        return await app.desk.ask(incidents.open_incident, incident_of(values))

    asking, facts = caller_fields(app)
    spec = FormSpec(
        DRAFT if prefill is None else f"{DRAFT}:{prefill.get('answer_id') or prefill.get('title', '')[:60]}",
        N_("New incident"),
        [title_field(app), *judgement(rules), kind_field(), *security_fields(rules), *asking],
        more=[when_field("opened_at", N_("Began")), *facts, *plan_fields(app)],
        save_label=N_("Record"),
    )
    seen: IncidentView | None = await app.ask_form(spec, prefill or {}, save)
    if seen is not None:
        app.say(_("{number} recorded, {priority}.", number=seen.number, priority=word(seen.priority)), "done")
        if prefill is None:
            await show_incident(app, seen.id)
    return seen


async def show_incident(app: DeskApp, incident_id: int) -> None:
    """Show one incident; esc leads back here."""
    from dutydesk.ui.screens.incident import IncidentScreen

    if isinstance(app.screen, IncidentScreen):
        await app.screen.turn_to(incident_id)
        return
    await app.push_screen(IncidentScreen(incident_id))


# Steps without a question


async def acknowledge(app: DeskApp, incident_id: int) -> None:
    """Acknowledge an incident."""
    seen = await app.desk.ask(incidents.acknowledge, incident_id)
    app.say(_("{number} acknowledged.", number=seen.number), "done")


async def start(app: DeskApp, incident_id: int) -> None:
    """Begin to work on an incident oneself."""
    seen = await app.desk.ask(incidents.start, incident_id)
    app.say(_("{number}: you work on it.", number=seen.number), "done")


# Steps that ask something first


def _form(seen: IncidentView, step: str, title: str, fields: list[Any], *, label: str, **more: Any) -> FormSpec:
    words = {"number": seen.number}
    return FormSpec(f"incident.{step}:{seen.id}", title, fields, save_label=label, words=words, **more)


async def note(app: DeskApp, seen: IncidentView) -> None:
    """Ask for a note of several lines, and when it was."""

    async def save(values: dict[str, Any]) -> IncidentView:
        return await app.desk.ask(incidents.note, seen.id, values["text"], at=values["at"])

    fields = [Area("text", N_("Note"), required=True, lines=6), when_field()]
    if await app.ask_form(_form(seen, "note", N_("Note to {number}"), fields, label=N_("Note")), None, save):
        app.say(_("Noted."), "done")


async def dispatch(app: DeskApp, seen: IncidentView) -> None:
    """Ask whom to send and how."""

    async def save(values: dict[str, Any]) -> IncidentView:
        whom = values["who"]
        named = {"person_id": whom} if isinstance(whom, int) else {"name": whom}
        return await app.desk.ask(
            incidents.dispatch, seen.id, values["mode"], sent_at=values["at"], text=values["text"], **named
        )

    fields = [
        Choice("mode", N_("How"), [(mode, mode.label) for mode in Mode], required=True, default=Mode.ON_SITE),
        people_field(app, "who", N_("Who"), free=True, required=True),
        Text("text", N_("Task"), limit=STEP_LIMIT),
        when_field(),
    ]
    spec = _form(seen, "dispatch", N_("Send somebody to {number}"), fields, label=N_("Send"))
    after = await app.ask_form(spec, None, save)
    if after is not None:
        app.say(_("{who} sent.", who=pick(after.dispatches[-1].name)), "done")


async def arrived(app: DeskApp, seen: IncidentView) -> None:
    """Record the arrival of the next one under way, or ask what somebody did who has arrived."""
    waiting = [sent for sent in seen.under_way if sent.mode is Mode.ON_SITE and sent.arrived_at is None]
    there = [sent for sent in seen.under_way if sent not in waiting]
    if waiting:
        await _arrival(app, seen, waiting[0])
        return
    sent = there[0]

    async def save(values: dict[str, Any]) -> IncidentView:
        return await app.desk.ask(incidents.done, seen.id, sent.id, values["result"], at=values["at"])

    fields = [Area("result", N_("Result"), required=True), when_field()]
    spec = _form(seen, f"done.{sent.id}", N_("What {who} did"), fields, label=N_("Done"))
    spec = FormSpec(spec.key, spec.title, spec.fields, save_label=spec.save_label, words={"who": pick(sent.name)})
    if await app.ask_form(spec, None, save):
        app.say(_("{who} done.", who=pick(sent.name)), "done")


async def _arrival(app: DeskApp, seen: IncidentView, sent: DispatchView) -> None:
    """Ask when somebody arrived; enter says now."""

    async def save(values: dict[str, Any]) -> IncidentView:
        return await app.desk.ask(incidents.arrived, seen.id, sent.id, at=values["at"])

    name = pick(sent.name)
    spec = _form(seen, f"arrived.{sent.id}", N_("{who} has arrived"), [when_field()], label=N_("Arrived"))
    spec = FormSpec(spec.key, spec.title, spec.fields, save_label=spec.save_label, words={"who": name})
    if await app.ask_form(spec, None, save):
        app.say(_("{who} arrived.", who=name), "done")


async def change_priority(app: DeskApp, seen: IncidentView) -> None:
    """Ask for impact and urgency, and why they are judged anew."""
    rules = await app.desk.ask(incidents.rules)

    async def save(values: dict[str, Any]) -> IncidentView:
        return await app.desk.ask(
            incidents.change_priority,
            seen.id,
            values["impact"],
            values["urgency"],
            values["reason"],
            version=values["version"],
        )

    fields = [*judgement(rules), Text("reason", N_("Why"), required=True, limit=STEP_LIMIT)]
    initial = {"impact": seen.impact, "urgency": seen.urgency, "version": seen.version}
    spec = _form(seen, "priority", N_("Priority of {number}"), fields, label=N_("Save"), focus="impact")
    after = await app.ask_form(spec, initial, save)
    if after is not None:
        app.say(_("{number} is {priority} now.", number=after.number, priority=word(after.priority)), "done")


async def plan(app: DeskApp, seen: IncidentView) -> None:
    """Ask who has it, what comes next, when it is followed up."""

    async def save(values: dict[str, Any]) -> IncidentView:
        return await app.desk.ask(
            incidents.plan,
            seen.id,
            owner_id=values["owner"],
            next_step=values["next_step"],
            follow_up_at=values["follow_up_at"],
            version=values["version"],
        )

    owner = Option(seen.owner_id, seen.owner) if seen.owner_id and seen.owner else None
    initial = {
        "owner": owner,
        "next_step": seen.next_step,
        "follow_up_at": seen.follow_up_at,
        "version": seen.version,
    }
    spec = _form(seen, "plan", N_("Owner and next step of {number}"), plan_fields(app), label=N_("Save"))
    if await app.ask_form(spec, initial, save):
        app.say(_("Saved."), "done")


async def edit(app: DeskApp, seen: IncidentView) -> None:
    """Ask for the right texts; the timeline keeps what stood there."""

    async def save(values: dict[str, Any]) -> IncidentView:
        return await app.desk.ask(incidents.edit, seen.id, incident_of(values), version=values["version"])

    place = Option(seen.equipment_id, seen.equipment) if seen.equipment_id and seen.equipment else None
    initial = {
        "title": seen.title,
        "detail": seen.detail,
        "category": seen.category,
        "caller": seen.caller,
        "contact": seen.contact,
        "location": seen.location,
        "equipment": place,
        "version": seen.version,
    }
    fields = [title_field(app, but=seen.id), *fact_fields(app)]
    if await app.ask_form(_form(seen, "edit", N_("Correct {number}"), fields, label=N_("Save")), initial, save):
        app.say(_("Saved; the timeline keeps what stood there."), "done")


async def classify(app: DeskApp, seen: IncidentView) -> None:
    """Ask for class and grade of a security event."""
    rules = await app.desk.ask(incidents.rules)

    async def save(values: dict[str, Any]) -> IncidentView:
        return await app.desk.ask(
            incidents.classify,
            seen.id,
            values["security_class"],
            values["security_grade"],
            version=values["version"],
        )

    class_field, grade_field = security_fields(rules)
    fields = [_required(class_field), _required(grade_field)]
    initial = {
        "security_class": seen.security_class,
        "security_grade": seen.security_grade,
        "opened_at": seen.opened_at,
        "version": seen.version,
    }
    spec = _form(seen, "classify", N_("Class and grade of {number}"), fields, label=N_("Save"))
    if await app.ask_form(spec, initial, save):
        app.say(_("Saved."), "done")


def _required(field: Any) -> Any:
    from dataclasses import replace

    return replace(field, required=True)


async def report(app: DeskApp, seen: IncidentView) -> None:
    """Record a report to the office in charge; the first one is filled with what is known.

    Who took it must be said: a text that nobody has sent stops no legal clock.
    """
    from dutydesk.locale.incidents import draft_report

    which = next_report(seen.facts)
    unit = pick(app.top.desk) if app.top else ""

    async def save(values: dict[str, Any]) -> IncidentView:
        text = f"{values['text']}\n{_('Reported to: {who}', who=values['to'])}"
        return await app.desk.ask(incidents.report, seen.id, text, at=values["at"])

    how = N_("Which office, who took it, by phone or in writing")
    to = Text("to", N_("Reported to"), required=True, placeholder=how)
    fields = [Area("text", N_("Report text"), required=True, lines=10), to, when_field()]
    title = N_("First report of {number}") if which is Report.FIRST else N_("Closing report of {number}")
    spec = _form(seen, f"report.{which}", title, fields, label=N_("Report made"))
    initial = {"text": draft_report(seen, unit, clock.now())} if which is Report.FIRST else {}
    if await app.ask_form(spec, initial, save):
        app.say(_("The report is on record."), "done")


async def resolve(app: DeskApp, seen: IncidentView) -> None:
    """Ask for the solution."""

    async def save(values: dict[str, Any]) -> IncidentView:
        return await app.desk.ask(
            incidents.resolve, seen.id, values["solution"], at=values["at"], version=values["version"]
        )

    fields = [Area("solution", N_("Solution"), required=True, lines=5), when_field()]
    spec = _form(seen, "resolve", N_("{number}: what solved it"), fields, label=N_("Resolve"))
    after = await app.ask_form(spec, {"solution": seen.solution, "version": seen.version}, save)
    if after is not None:
        app.say(_("{number} resolved.", number=after.number), "done")


async def close(app: DeskApp, seen: IncidentView) -> None:
    """Close; a request and an external user's matter ask first what the caller was told."""

    async def save(values: dict[str, Any]) -> IncidentView:
        return await app.desk.ask(incidents.close, seen.id, values["told"], version=values["version"])

    if answer_needed(seen.kind, seen.source):
        fields = [Area("told", N_("The caller was told"), required=True)]
        spec = _form(seen, "close", N_("Close {number}"), fields, label=N_("Close"))
        after = await app.ask_form(spec, {"version": seen.version}, save)
    else:
        after = await app.desk.ask(incidents.close, seen.id, version=seen.version)
    if after is not None:
        app.say(_("{number} closed; o reopens it.", number=seen.number), "done")


async def reopen(app: DeskApp, seen: IncidentView) -> None:
    """Ask why it is taken up again."""

    async def save(values: dict[str, Any]) -> IncidentView:
        return await app.desk.ask(incidents.reopen, seen.id, values["reason"], version=values["version"])

    fields = [Text("reason", N_("Why"), required=True, limit=STEP_LIMIT)]
    spec = _form(seen, "reopen", N_("Reopen {number}"), fields, label=N_("Reopen"))
    if await app.ask_form(spec, {"version": seen.version}, save):
        app.say(_("{number} reopened.", number=seen.number), "done")


async def merge(app: DeskApp, seen: IncidentView) -> IncidentView | None:
    """Ask for the incident that goes on; return that one."""

    async def search(words: str) -> list[Option]:
        asked = words.strip()
        lines = await (app.desk.ask(incidents.find, asked, 50) if asked else app.desk.ask(incidents.open_lines))
        return [Option(line.id, f"{line.number} {line.title}") for line in lines if line.id != seen.id]

    async def save(values: dict[str, Any]) -> IncidentView:
        return await app.desk.ask(incidents.merge, seen.id, values["into"], version=values["version"])

    fields = [Pick("into", N_("Goes on as"), search=search, required=True)]
    spec = _form(seen, "merge", N_("Merge {number} into another"), fields, label=N_("Merge"))
    other: IncidentView | None = await app.ask_form(spec, {"version": seen.version}, save)
    if other is not None:
        said = _("{number} merged into {into}.", number=seen.number, into=other.number)
        app.say(said, "done")
    return other
