"""Incidents for the palette: found by number, title and everything written about them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from dutydesk.locale import word
from dutydesk.services import incidents

if TYPE_CHECKING:
    from dutydesk.ui.app import DeskApp
    from dutydesk.ui.screens.palette import Found

MOST = 20


async def find(app: DeskApp, words: str) -> list[Found]:
    """Return the newest incidents that hold every word."""
    from dutydesk.ui.actions.incidents import show_incident
    from dutydesk.ui.screens.palette import Found

    lines = await app.desk.ask(incidents.find, words, MOST)
    return [
        Found(f"{line.number} {line.title}", word(line.status), partial(show_incident, app, line.id), opens=True)
        for line in lines
    ]
