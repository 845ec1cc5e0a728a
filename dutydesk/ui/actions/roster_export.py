"""Writing the roster into a file from the console: which format, whose duties, which name; and saying where it is."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from dutydesk.domain.spans import whole_month
from dutydesk.domain.words import N_
from dutydesk.integrations import exports
from dutydesk.integrations.exports import Format
from dutydesk.locale import _
from dutydesk.services import people, roster_export
from dutydesk.storage.engine import sqlite_path
from dutydesk.ui.forms.spec import Choice, FormSpec, Option, Pick, Text

if TYPE_CHECKING:
    from dutydesk.ui.app import DeskApp

AHEAD = 365
"""Days that a calendar holds."""
EVERYBODY = "*"


async def export_roster(app: DeskApp, day: date, person_id: int | None) -> str | None:
    """Ask how the roster is to be written, the month of `day` or a year from its begin as a calendar, and write it.

    `person_id` is whose duties are in view, if one's are. Returns the path, None when the person at the console left.
    """
    first, last = whole_month(day)
    everyone = await app.desk.ask(people.everyone)
    mine = next((each.login for each in everyone if each.id == person_id), "")

    async def save(values: Mapping[str, Any]) -> str:
        form: Format = values["format"]
        until = first + timedelta(days=AHEAD) if form is Format.ICS else last
        login = "" if values["person"] in (None, EVERYBODY) else values["person"]
        export = await app.desk.ask(roster_export.export, first, until, login)
        content = await asyncio.to_thread(exports.render, export, form.value)
        place = exports.folder(sqlite_path(app.desk.target))
        return await asyncio.to_thread(exports.keep, content, place, values["file"], form.value)

    options = [Option(EVERYBODY, _("everybody")), *(Option(each.login, each.label) for each in everyone if each.active)]
    spec = FormSpec(
        None,
        N_("Export the roster of {month}"),
        [
            Choice("format", N_("Format"), Format, required=True),
            Pick("person", N_("Of whom"), options),
            Text("file", N_("File name"), required=True, limit=80),
        ],
        hint=N_("A calendar holds a year from this month on. The file is new; none is replaced."),
        save_label=N_("Write file"),
        words={"month": f"{first:%Y-%m}"},
    )
    name = "-".join(part for part in ("roster", f"{first:%Y-%m}", mine) if part)
    initial = {"format": Format.XLSX, "person": mine or EVERYBODY, "file": name}
    path: str | None = await app.ask_form(spec, initial, save)
    if path is not None:
        app.say(_("The roster is in {path}.", path=path), "done")
    return path
