"""Writing into the shift log from anywhere, and correcting what stands there."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dutydesk.domain.log import REASON_LIMIT, TEXT_LIMIT, WRITABLE, LogKind
from dutydesk.domain.words import N_
from dutydesk.locale import _, times
from dutydesk.locale.lines import said
from dutydesk.services import log
from dutydesk.services.log import LogLine
from dutydesk.services.shift_live import LOG_LINE
from dutydesk.ui.forms.spec import Choice, Field, FormSpec, Moment, Option, Pick, Text, Values

if TYPE_CHECKING:
    from dutydesk.ui.app import DeskApp


async def write_line(app: DeskApp, *, incident: Option | None = None, text: str = "") -> LogLine | None:
    """Ask for a line and write it; two keys from anywhere: the text, then enter. None when the person left.

    `incident` is the incident it belongs to, as (id, number and title).
    """

    async def save(values: Mapping[str, Any]) -> LogLine:
        return await app.desk.ask(
            log.write,
            values["text"],
            kind=values["kind"] or LogKind.NOTE,
            event_at=values["event_at"],
            incident_id=values["incident_id"],
        )

    spec = FormSpec(
        LOG_LINE,
        N_("A line for the log"),
        [Text("text", N_("What"), required=True, limit=TEXT_LIMIT, placeholder=N_("What happened, what was done"))],
        more=[_kind(), _event_time(app), incident_field(app)],
    )
    line: LogLine | None = await app.ask_form(spec, {"text": text, "kind": LogKind.NOTE, "incident_id": incident}, save)
    if line is not None:
        tell(app, line, _("Written into the log at {time}.", time=times.hhmm(line.event_at)))
    return line


async def correct_line(app: DeskApp, line: LogLine) -> LogLine | None:
    """Ask for the right text of a line and why; what stood stays readable. None when the person left."""

    async def save(values: Mapping[str, Any]) -> LogLine:
        return await app.desk.ask(
            log.correct, line.id, values["text"], values["reason"], kind=values["kind"], event_at=values["event_at"]
        )

    spec = FormSpec(
        f"log.correct:{line.id}",
        N_("Correct a line of the log"),
        [
            Text("text", N_("What"), required=True, limit=TEXT_LIMIT),
            Text("reason", N_("Why corrected"), required=True, limit=REASON_LIMIT),
        ],
        more=[_kind(line.kind), _event_time(app)],
        hint=N_("A new line takes its place; the old one stays readable below it."),
        save_label=N_("Correct"),
        focus="text",
    )
    initial = {"text": line.text, "kind": line.kind, "event_at": line.event_at}
    newer: LogLine | None = await app.ask_form(spec, initial, save)
    if newer is not None:
        tell(app, newer, _("Corrected; the old text stays readable."))
    return newer


def tell(app: DeskApp, line: LogLine, done: str) -> None:
    """Say what a write made, or what the writer should know about it."""
    if line.warning is not None:
        app.say(said(line.warning), "warning")
    else:
        app.say(done, "done")


def _kind(present: LogKind = LogKind.NOTE) -> Field:
    kinds = WRITABLE if present in WRITABLE else (present, *WRITABLE)
    return Choice("kind", N_("Kind"), [(kind, kind.label) for kind in kinds], required=True)


def _event_time(app: DeskApp) -> Field:
    async def belongs(values: Values) -> Sequence[str]:
        at = values["event_at"]
        told = await app.desk.ask(log.warning, at) if at is not None else None
        return re.split("(?<=[;；]) ?", said(told)) if told is not None else []

    return Moment("event_at", N_("When"), help=N_("now, unless you write 14:20, -20 or yesterday 22:10"), watch=belongs)


def incident_field(app: DeskApp) -> Field:
    """Return the field for the incident that something belongs to: open ones first, any is found by its words."""

    async def search(words: str) -> list[Option]:
        from dutydesk.services import incidents

        asked = words.strip()
        lines = await (app.desk.ask(incidents.find, asked) if asked else app.desk.ask(incidents.open_lines))
        return [Option(line.id, f"{line.number} {line.title}") for line in lines]

    return Pick("incident_id", N_("Incident"), search=search)
