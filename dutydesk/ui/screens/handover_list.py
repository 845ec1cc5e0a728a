"""Earlier handovers: a list, the sheet of each, and the supervisor's countersignature of an emergency relief."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult

from dutydesk.domain.words import N_, Label
from dutydesk.locale import _, pick, times, word
from dutydesk.locale import handover as words
from dutydesk.services import handover, settings
from dutydesk.services.handover import HandoverLine, HandoverView
from dutydesk.ui import marks
from dutydesk.ui.commands import Command
from dutydesk.ui.screens.base import DeskScreen
from dutydesk.ui.screens.handover_rows import TONES
from dutydesk.ui.widgets.records import Column, Paged, RecordList

FRAME = 12
"""Cells that the dialog with the sheet takes for its frame and its scroll bar."""


def _start(line: HandoverLine) -> int:
    return line.from_shift.starts_at


def _accepted(line: HandoverLine) -> str:
    return times.stamp(line.accepted_at) if line.accepted_at else ""


def _note(line: HandoverLine) -> tuple[str, str] | None:
    if not line.relief:
        return None
    if line.countersigned:
        return (_("Emergency relief, countersigned"), "muted")
    return (f"{marks.LATE} {_('Emergency relief, to be countersigned by the supervisor')}", "warning")


class HandoverListScreen(DeskScreen):
    """Every handover, newest first; enter opens the sheet."""

    place: ClassVar[str] = "handover"
    subjects: ClassVar[frozenset[str]] = frozenset({"handover"})
    commands: ClassVar[list[Command]] = [
        Command("handovers.sheet", "enter", N_("Sheet"), "sheet", N_("Read the sheet."), footer=True, opens=True),
        Command(
            "handovers.countersign",
            "c",
            N_("Countersign"),
            "countersign",
            N_("Countersign an emergency relief as the supervisor."),
            footer=True,
            why_not="why_not_countersign",
            opens=True,
        ),
    ]

    def compose_body(self) -> ComposeResult:
        """Yield the list."""
        yield RecordList(
            (
                Column("mark", "", 1, value=lambda line: (words.COLOUR_MARKS[line.state], TONES[line.state])),
                Column("number", N_("Number"), 20),
                Column("status", N_("Status"), None, value=lambda line: word(line.status)),
                Column("out", N_("Outgoing"), 10, value=lambda line: _name(line.prepared_by)),
                Column("in", N_("Incoming"), 10, value=lambda line: _name(line.accepted_by)),
                Column(
                    "at",
                    N_("Accepted"),
                    16,
                    value=lambda line: times.stamp(line.accepted_at) if line.accepted_at else "",
                ),
            ),
            Paged(self._page, key=_start),
            key=_start,
            note=_note,
            empty=N_("No handover yet. Key 5 prepares the first one."),
            id="handovers",
        )

    @property
    def records(self) -> RecordList:
        """The list."""
        return self.query_one(RecordList)

    async def _page(self, key: Any, limit: int, back: bool) -> Sequence[HandoverLine]:
        return await self.desk_app.desk.ask(handover.lines_page, key, limit, back)

    async def load(self) -> None:
        """Read the list again."""
        await self.records.reload()

    async def _sheet(self) -> tuple[HandoverView, str]:
        from dutydesk.integrations.handover_sheet import render

        view = await self.desk_app.desk.ask(handover.view, self.records.row.id)
        named = await self.desk_app.desk.raw(settings.all_settings)
        return view, render(view, pick(Label(named["name"], named["name_en"])), "text", cells=self.size.width - FRAME)

    @on(RecordList.Selected)
    def open_sheet(self) -> None:
        """Open the sheet of the row."""
        self.desk_app.do(self.action_sheet, opens=True)

    async def action_sheet(self) -> None:
        """Show the sheet as it is printed."""
        if self.records.row is not None:
            view, text = await self._sheet()
            await self.desk_app.show_text(view.line.number, text)

    def why_not_countersign(self) -> str | None:
        """Say why there is nothing to countersign here, or who may."""
        line = self.records.row
        if line is None or not line.relief or line.countersigned:
            return _("This handover needs no countersignature.")
        who = self.desk_app.who
        return None if who and who.role.value == "supervisor" else _("Only the supervisor countersigns.")

    async def action_countersign(self) -> None:
        """Countersign the relief under the cursor."""
        key = self.records.row.id

        async def sign(pin: str) -> None:
            await self.desk_app.desk.ask(handover.countersign, pin, key)

        if await self.desk_app.ask_pin(_("You countersign the emergency relief."), sign):
            self.request_reload()

    def copy_text(self) -> str | None:
        """Return the number of the row."""
        return self.records.row.number if self.records.row else None


def _name(label: Label | None) -> str:
    return pick(label) if label else ""
