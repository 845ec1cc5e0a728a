"""One person's duties of a month, each with its signatures; from here they are put right."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from functools import partial
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.widgets import Static

from dutydesk.domain import clock
from dutydesk.domain.words import N_, Label
from dutydesk.locale import _, pick
from dutydesk.locale import attendance as words
from dutydesk.services import attendance, attendance_month, correction_views
from dutydesk.services.attendance import DutyRecord, MonthSheet
from dutydesk.services.correction_views import SignatureLine
from dutydesk.ui.actions import corrections
from dutydesk.ui.commands import Command
from dutydesk.ui.screens.attendance_rows import duty_columns, duty_detail
from dutydesk.ui.screens.base import DeskScreen
from dutydesk.ui.widgets.prose import Prose
from dutydesk.ui.widgets.records import Listed, RecordList
from dutydesk.ui.widgets.steps import Head, StepsHead


def _key(duty: DutyRecord) -> tuple[int, int]:
    return duty.starts_at, duty.shift_id


class DutiesScreen(DeskScreen):
    """What a person's month is made of."""

    CSS_PATH = "attendance.tcss"
    AUTO_FOCUS: ClassVar[str | None] = "#list"
    place: ClassVar[str] = "office"
    subjects: ClassVar[frozenset[str]] = frozenset({"attendance", "correction", "shift", "roster"})
    commands: ClassVar[list[Command]] = [
        Command(
            "duty.right",
            "c",
            N_("Put right"),
            "put_right",
            N_("Put this duty right, or ask the supervisor to."),
            footer=True,
            why_not="why_not_right",
            opens=True,
        ),
        Command(
            "duty.void",
            "v",
            N_("Void"),
            "take_back",
            N_("Take back a signature that never was."),
            footer=True,
            why_not="why_not_right",
            opens=True,
        ),
        Command("duty.open", "enter", N_("Signatures"), "open", N_("Show every signature of this duty."), opens=True),
        Command("desk.back", "escape", N_("Back"), "back", N_("Go back one step."), footer=True),
    ]

    def __init__(self, person_id: int, label: Label, sheet: MonthSheet) -> None:
        super().__init__()
        self.person_id, self.label = person_id, label
        self.month, self.first, self.last = sheet.month, sheet.first, sheet.last
        self._asked: DutyRecord | None = None

    def compose_body(self) -> ComposeResult:
        """Yield the head, the duties, and the one under the cursor in full."""
        yield StepsHead(id="head")
        yield RecordList(duty_columns(), key=_key, empty=N_("No duty in this month."), id="list")
        yield Prose("", id="detail", markup=False)

    @property
    def records(self) -> RecordList:
        """The list."""
        return self.query_one("#list", RecordList)

    @property
    def duty(self) -> DutyRecord | None:
        """The duty under the cursor."""
        duty: DutyRecord | None = self.records.row
        return duty

    async def load(self) -> None:
        """Read the duties again."""
        first: date = self.first
        found = await self.desk_app.desk.ask(attendance.records, first, self.last, self.person_id)
        self.records.source = Listed(found, key=_key)
        await self.records.reload()
        total = attendance_month.total(attendance_month.counted(duty) for duty in found)
        title = _("Attendance of {name}, {month}", name=pick(self.label), month=self.month)
        status = (words.summary(total), "muted" if total.in_order else "warning")
        self.query_one(StepsHead).show(Head(title, status))
        self._moved_to(self.duty)

    def on_minute(self) -> None:
        """Somebody may be late by now."""
        self.request_reload()

    @on(RecordList.Highlighted, "#list")
    def _moved(self, event: RecordList.Highlighted) -> None:
        self._moved_to(event.row)

    def _moved_to(self, duty: DutyRecord | None) -> None:
        self._asked = duty
        if duty is None:
            self._put("")
            return
        done = partial(self._show_duty, duty)
        self.desk_app.desk.run(correction_views.signatures_of, duty.shift_id, duty.person_id, done=done)

    def _show_duty(self, duty: DutyRecord, lines: list[SignatureLine]) -> None:
        if duty is self._asked:
            self._put(duty_detail(duty, lines))

    def _put(self, shown: Any) -> None:
        for detail in self.query("#detail").results(Static):  # none when the screen was left meanwhile
            detail.update(shown, layout=False)

    @on(RecordList.Selected, "#list")
    def _selected(self) -> None:
        self.desk_app.do(self.action_open, opens=True)

    async def action_open(self) -> None:
        """Show every signature of the duty under the cursor."""
        duty = self.duty
        if duty is not None:
            lines = await self.desk_app.desk.ask(correction_views.signatures_of, duty.shift_id, duty.person_id)
            await self.desk_app.show_text(_("Signatures"), duty_detail(duty, lines))

    def why_not_right(self) -> str | None:
        """Say why there is nothing to put right."""
        if self.duty is None:
            return _("There is no duty here.")
        if not self.duty.stays and clock.now() < self.duty.starts_at:
            return _("This duty has not begun yet.")
        return self.desk_app.why_not_write()

    async def action_put_right(self) -> None:
        """Put the duty under the cursor right, or ask for it."""
        await self._step(corrections.put_right)

    async def action_take_back(self) -> None:
        """Take a signature of the duty under the cursor back."""
        await self._step(corrections.take_back)

    async def _step(self, step: Callable[[Any, DutyRecord], Awaitable[bool]]) -> None:
        if self.duty is not None and await step(self.desk_app, self.duty):
            self.request_reload()

    def copy_text(self) -> str | None:
        """Return the duty as it would be quoted."""
        return duty_detail(self.duty, ()).plain.split("\n")[0] if self.duty is not None else None
