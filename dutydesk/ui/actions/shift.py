"""Opening what a row of the Shift screen stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dutydesk.ui.app import DeskApp
    from dutydesk.ui.screens.shift_panels import Target

_INCIDENT = ("incident", "acknowledge", "follow_up", "report")


async def open_target(app: DeskApp, target: Target) -> None:
    """Open the round sheet, incident, measure, handover or log line of a row."""
    if target.subject in _INCIDENT and target.id is not None:
        from dutydesk.ui.actions.incidents import show_incident

        await show_incident(app, target.id)
    elif target.subject in ("round", "backup") and target.id is not None:
        from dutydesk.ui.actions.rounds import open_round

        await open_round(app, target.id)
    elif target.subject == "measure":
        await _open_measure(app, target.id)
    elif target.subject == "handover":
        await app.goto("handover")
    elif target.subject == "copy":
        await _open_backups(app)
    elif target.subject in ("cover", "leave", "open", "swap", "decide_swap"):
        from dutydesk.ui.actions.leave import open_subject

        await open_subject(app, "swap" if "swap" in target.subject else "leave", target.id)
    elif target.subject == "correction":
        from dutydesk.ui.actions.corrections import show_attendance

        await show_attendance(app, "requests", target.id)
    elif target.subject == "countersign":
        await _open_handovers(app)
    elif target.subject == "notices":
        from dutydesk.ui.actions.notices import show_notices

        await show_notices(app)
    elif target.subject == "log":
        await _open_log(app, (target.at, target.id))


async def _open_measure(app: DeskApp, measure_id: int | None) -> None:
    from dutydesk.ui.screens.measures import MeasuresScreen

    screen = MeasuresScreen()
    await app.push_screen(screen)
    await screen.loaded()
    await screen.records.goto(measure_id)


async def _open_backups(app: DeskApp) -> None:
    from dutydesk.ui.screens.backups import BackupsScreen

    await app.push_screen(BackupsScreen())


async def _open_handovers(app: DeskApp) -> None:
    from dutydesk.ui.screens.handover_list import HandoverListScreen

    await app.push_screen(HandoverListScreen())


async def _open_log(app: DeskApp, key: tuple[int, Any]) -> None:
    await app.goto("log")
    screen: Any = app.shown
    await screen.records.goto(key)
