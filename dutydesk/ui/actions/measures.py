"""Opening, extending, changing and closing temporary measures from anywhere."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from dutydesk.domain import clock
from dutydesk.domain.errors import Conflict
from dutydesk.domain.measures import DETAIL_LIMIT, NOTE_LIMIT, TITLE_LIMIT, MeasureKind
from dutydesk.domain.people import Role
from dutydesk.domain.words import N_, Label
from dutydesk.locale import _, times, word
from dutydesk.services import measures, people
from dutydesk.services.measures import MeasureView, NewMeasure
from dutydesk.ui.actions.log import incident_field
from dutydesk.ui.forms.spec import Area, Choice, Field, FormSpec, Moment, Option, Pick, Text

if TYPE_CHECKING:
    from dutydesk.ui.app import DeskApp
    from dutydesk.ui.screens.palette import Found


async def open_measure(app: DeskApp, prefill: Mapping[str, Any] | None = None) -> MeasureView | None:
    """Ask for a new measure and put it down; None when the person left.

    `prefill` may hold `title`, `kind`, `detail`, `since`, `until`, `owner`, and `incident_id` (an Option of id and
    words).
    """

    async def save(values: Mapping[str, Any]) -> MeasureView:
        return await app.desk.ask(measures.open_measure, _new(values))

    spec = FormSpec(
        "measure.new",
        N_("New temporary measure"),
        _main_fields(),
        more=_more_fields(app),
        hint=N_("It stays in every handover until somebody closes it."),
    )
    initial = {"owner": app.who.person_id if app.who else None} | dict(prefill or {})
    view: MeasureView | None = await app.ask_form(spec, initial, save)
    if view is not None:
        app.say(_("{number} is in force and in the next handover.", number=view.line.number), "done")
    return view


async def close_measure(app: DeskApp, measure_id: int) -> MeasureView | None:
    """Ask how a measure was taken back, and close it; None when the person left."""
    view = await app.desk.ask(measures.view, measure_id)

    async def save(values: Mapping[str, Any]) -> MeasureView:
        return await app.desk.ask(measures.close_measure, measure_id, values["note"])

    spec = FormSpec(
        f"measure.close:{measure_id}",
        N_("Close measure {number}"),
        [Text("note", N_("How is it back"), required=True, limit=NOTE_LIMIT)],
        hint=N_("{title}: what was set aside is back as usual, and somebody has seen it."),
        save_label=N_("Close measure"),
        words={"number": view.line.number, "title": view.line.title},
    )
    closed: MeasureView | None = await app.ask_form(spec, {}, save)
    if closed is not None:
        app.say(_("{number} is closed.", number=closed.line.number), "done")
    return closed


async def extend_measure(app: DeskApp, measure_id: int) -> MeasureView | None:
    """Ask for another end of a measure and why; None when the person left."""
    view = await app.desk.ask(measures.view, measure_id)

    async def save(values: Mapping[str, Any]) -> MeasureView:
        return await app.desk.ask(
            measures.extend, measure_id, values["until"], values["reason"], version=view.line.version
        )

    spec = FormSpec(
        f"measure.extend:{measure_id}",
        N_("Another end for measure {number}"),
        [
            Moment("until", N_("Ends"), required=True, ahead=True, help=N_("+2h, 18:00, tomorrow 9:00")),
            Text("reason", N_("Why"), required=True, limit=NOTE_LIMIT),
        ],
        hint=N_("{title}, ends now: {end}"),
        focus="until",
        words={"number": view.line.number, "title": view.line.title, "end": _end(view.line.until)},
    )
    later: MeasureView | None = await app.ask_form(spec, {}, save)
    if later is not None:
        app.say(_("{number} has another end.", number=later.line.number), "done")
    return later


def _end(until: int | None) -> str:
    return _("no end set") if until is None else times.when(until, clock.now())


async def edit_measure(app: DeskApp, measure_id: int) -> MeasureView | None:
    """Let a person change what is written about a measure; None when he left."""
    view = await app.desk.ask(measures.view, measure_id)
    line = view.line

    async def save(values: Mapping[str, Any]) -> MeasureView:
        try:
            return await app.desk.ask(measures.edit, measure_id, _new(values), version=values["version"])
        except Conflict as conflict:
            now = await app.desk.ask(measures.view, measure_id)
            raise Conflict(conflict.sentence, theirs=_values(now)) from conflict

    spec = FormSpec(
        f"measure.edit:{measure_id}",
        N_("Change measure {number}"),
        _main_fields(strict=False),
        more=_more_fields(app),
        words={"number": line.number},
    )
    initial = _values(view)
    if line.incident_id is not None:
        initial["incident_id"] = Option(line.incident_id, line.incident_number)
    changed: MeasureView | None = await app.ask_form(spec, initial, save)
    if changed is not None:
        app.say(_("{number} is changed.", number=line.number), "done")
    return changed


async def show_measures(app: DeskApp, measure_id: int | None = None) -> None:
    """Show the register of temporary measures, at one of them if it is named."""
    from dutydesk.ui.screens.measures import MeasuresScreen

    screen = app.shown
    if not isinstance(screen, MeasuresScreen):
        screen = MeasuresScreen()
        await app.push_screen(screen)
    await screen.loaded()
    if measure_id is not None:
        screen.records.move_to(measure_id)


async def find(app: DeskApp, words: str) -> list[Found]:
    """Find the register itself, and measures in force by number, title or kind, for the palette."""
    from dutydesk.ui.screens.palette import Found, matching

    found = [
        Found(_("Temporary measures"), "", partial(show_measures, app), opens=True, also="measures bypass register")
    ]
    for line in await app.desk.ask(measures.in_force):
        go = partial(show_measures, app, line.id)
        found.append(Found(f"{line.number} {line.title}", word(line.kind), go, opens=True, also=line.kind.label))
    return matching(found, words)


def _values(view: MeasureView) -> dict[str, Any]:
    line = view.line
    return {
        "title": line.title,
        "kind": line.kind,
        "detail": view.detail,
        "since": line.since,
        "until": line.until,
        "owner": view.owner_id,
        "incident_id": line.incident_id,
        "version": line.version,
    }


def _new(values: Mapping[str, Any]) -> NewMeasure:
    return NewMeasure(
        title=values["title"],
        kind=values["kind"],
        detail=values["detail"] or "",
        since=values["since"],
        until=values["until"],
        owner_id=values["owner"],
        incident_id=values["incident_id"],
    )


def _main_fields(*, strict: bool = True) -> list[Field]:
    return [
        Text("title", N_("What"), required=True, limit=TITLE_LIMIT, placeholder=N_("UPS-2 on bypass")),
        Choice("kind", N_("Kind"), MeasureKind, required=True),
        Moment(
            "until",
            N_("Ends"),
            ahead=True,
            strict=strict,
            help=N_("+2h, 18:00, tomorrow 9:00; empty: no end is set"),
        ),
    ]


def _more_fields(app: DeskApp) -> list[Field]:
    async def at_the_desk() -> list[tuple[int, Label]]:
        everyone = await app.desk.ask(people.everyone)
        return [(person.id, person.label) for person in everyone if person.role is not Role.READER]

    return [
        Moment("since", N_("Since"), help=N_("now, unless you write 14:20 or yesterday 22:10")),
        Pick("owner", N_("Looked after by"), at_the_desk),
        incident_field(app),
        Area("detail", N_("Details"), limit=DETAIL_LIMIT),
    ]
