"""Call-outs from anywhere: put one down, fill it in, put it right, take it back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dutydesk.domain import clock
from dutydesk.domain.callouts import REASON_LIMIT, Called
from dutydesk.domain.people import Role
from dutydesk.domain.words import N_, Label
from dutydesk.locale import _, pick, times
from dutydesk.services import callouts, people
from dutydesk.services.callouts import CallOutLine
from dutydesk.ui.actions.log import incident_field
from dutydesk.ui.forms.signing import Signing
from dutydesk.ui.forms.spec import Choice, Field, FormSpec, Moment, Option, Pick, Pin, Text

if TYPE_CHECKING:
    from dutydesk.ui.app import DeskApp

HOW = [(True, N_("on site")), (False, N_("from afar"))]


def _times(*, called: bool = True) -> list[Field]:
    found: list[Field] = []
    if called:
        help_ = N_("now, unless you write 02:10 or yesterday 22:10")
        found = [Moment("called_at", N_("Called"), help=help_), Choice("on_site", N_("How"), HOW, required=True)]
    return [
        *found,
        Moment("arrived_at", N_("Arrived"), help=N_("empty: not yet, or from afar")),
        Moment("left_at", N_("Left"), help=N_("empty: not over yet")),
    ]


def _called(values: Mapping[str, Any]) -> Called:
    at = values["called_at"]
    return Called(clock.now() if at is None else at, values["arrived_at"], values["left_at"], values["on_site"])


async def put_down(app: DeskApp, *, incident: Option | None = None) -> CallOutLine | None:
    """Ask who was called in and when, and put it down; None when the person left.

    `incident` is the incident it is about, as (id, number and title); its title is the reason then.
    """

    async def engineers() -> list[tuple[int, Label]]:
        everyone = await app.desk.ask(people.everyone)
        return [(person.id, person.label) for person in everyone if person.role is not Role.READER and person.active]

    async def save(values: Mapping[str, Any]) -> CallOutLine:
        return await app.desk.ask(
            callouts.put_down, values["person_id"], _called(values), values["reason"], incident_id=values["incident_id"]
        )

    spec = FormSpec(
        "callout.new" if incident is None else f"callout.new:{incident.value}",
        N_("New call-out"),
        [
            Pick("person_id", N_("Who"), engineers, required=True),
            *_times(),
            Text("reason", N_("Why"), limit=REASON_LIMIT, help=N_("empty: the title of the incident")),
            incident_field(app),
        ],
        hint=N_("Somebody called in, or asked for help from afar, outside his shift. The pay counts it."),
    )
    line: CallOutLine | None = await app.ask_form(spec, {"on_site": True, "incident_id": incident}, save)
    if line is not None:
        app.say(_("The call-out of {name} is put down.", name=pick(line.label)), "done")
    return line


async def complete(app: DeskApp, line: CallOutLine) -> CallOutLine | None:
    """Ask when somebody who was called in arrived and left; None when the person left the form."""

    async def save(values: Mapping[str, Any]) -> CallOutLine:
        return await app.desk.ask(
            callouts.complete, line.id, arrived_at=values["arrived_at"], left_at=values["left_at"]
        )

    fields = _times(called=False)
    spec = FormSpec(
        f"callout.done:{line.id}",
        N_("Call-out of {name}, called {time}"),
        fields if line.called.on_site else fields[1:],
        words=_words(line),
        focus="left_at" if line.called.arrived_at or not line.called.on_site else "arrived_at",
    )
    initial = {"arrived_at": line.called.arrived_at, "left_at": line.called.left_at}
    done: CallOutLine | None = await app.ask_form(spec, initial, save)
    if done is not None:
        app.say(_("Filled in."), "done")
    return done


async def correct(app: DeskApp, line: CallOutLine) -> CallOutLine | None:
    """Let the supervisor put a call-out right; None when he left the form."""

    async def save(values: Mapping[str, Any]) -> CallOutLine:
        return await app.desk.ask(callouts.correct, values["pin"], line.id, _called(values), values["reason"])

    spec = FormSpec(
        f"callout.correct:{line.id}",
        N_("Put right: call-out of {name}, called {time}"),
        [
            *_times(),
            Text("reason", N_("Why corrected"), required=True, limit=REASON_LIMIT),
            Pin("pin", N_("Your PIN"), required=True),
        ],
        hint=N_("A new record takes its place; the old one stays."),
        save_label=N_("Put right"),
        words=_words(line),
        focus="called_at",
    )
    called = line.called
    initial = {
        "called_at": called.called_at,
        "on_site": called.on_site,
        "arrived_at": called.arrived_at,
        "left_at": called.left_at,
    }
    done: CallOutLine | None = await app.ask_form(spec, initial, save)
    if done is not None:
        app.say(_("The call-out of {name} is put right.", name=pick(line.label)), "done")
    return done


async def cancel(app: DeskApp, line: CallOutLine) -> CallOutLine | None:
    """Let the supervisor take back a call-out that never was; None when he left the form."""

    async def save(values: Mapping[str, Any]) -> CallOutLine:
        return await app.desk.ask(callouts.cancel, values["pin"], line.id, values["reason"])

    spec = FormSpec(
        f"callout.cancel:{line.id}",
        N_("Take back: call-out of {name}, called {time}"),
        Signing("reason", N_("Why"), REASON_LIMIT).fields,
        hint=N_("It never was, and counts no more; the record stays."),
        save_label=N_("Void"),
        words=_words(line),
    )
    done: CallOutLine | None = await app.ask_form(spec, save=save)
    if done is not None:
        app.say(_("The call-out of {name} is taken back.", name=pick(line.label)), "done")
    return done


def _words(line: CallOutLine) -> dict[str, object]:
    return {"name": pick(line.label), "time": times.when(line.called.called_at, clock.now())}
