"""What a person was told: shown from anywhere, and where each notice leads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dutydesk.services.notices import NoticeLine

if TYPE_CHECKING:
    from dutydesk.ui.app import DeskApp


async def show_notices(app: DeskApp) -> None:
    """Show what this person was told, the newest first."""
    from dutydesk.ui.screens.notices import NoticesScreen

    if not isinstance(app.shown, NoticesScreen):
        await app.push_screen(NoticesScreen())


async def open_notice(app: DeskApp, line: NoticeLine) -> bool:
    """Go where a notice points to: the days of the roster, a leave, a swap; False when it points nowhere."""
    if line.subject in ("leave", "swap"):
        from dutydesk.ui.actions.leave import open_subject

        await open_subject(app, line.subject, line.subject_id)
        return True
    day = day_of(line)
    if day is None:
        return False
    from dutydesk.ui.actions.roster import show_day

    await show_day(app, day)
    return True


def day_of(line: NoticeLine) -> Any:
    """Return the first day that a notice names, or None."""
    from datetime import date

    for value in line.said.values.values():
        if isinstance(value, dict) and "day" in value:
            return date.fromisoformat(value["day"])
    return None
