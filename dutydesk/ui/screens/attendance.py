"""Attendance (office, a): the month by person, requests for corrections, call-outs; one list at a time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Sequence
from datetime import timedelta
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from dutydesk.domain.corrections import RequestStatus
from dutydesk.domain.people import Role
from dutydesk.domain.words import N_, Named
from dutydesk.locale import _, word
from dutydesk.locale import attendance as words
from dutydesk.services import attendance, attendance_month, callouts, correction_views
from dutydesk.services.attendance import MonthSheet, PersonMonth
from dutydesk.services.callouts import CallOutLine
from dutydesk.services.correction_views import RequestLine
from dutydesk.ui.actions import callouts as calls
from dutydesk.ui.actions import corrections
from dutydesk.ui.commands import Command
from dutydesk.ui.screens import attendance_rows as rows
from dutydesk.ui.screens.base import DeskScreen
from dutydesk.ui.widgets.prose import Prose
from dutydesk.ui.widgets.records import Column, Listed, RecordList
from dutydesk.ui.widgets.steps import Head, StepsHead

Row = PersonMonth | RequestLine | CallOutLine


class Tab(Named):
    """The lists of the screen."""

    MONTH = "month", N_("By person")
    REQUESTS = "requests", N_("Corrections")
    CALLS = "calls", N_("Call-outs")


TABS = tuple(Tab)
_COLUMNS: dict[Tab, Callable[[], tuple[Column, ...]]] = {
    Tab.MONTH: rows.month_columns,
    Tab.REQUESTS: rows.request_columns,
    Tab.CALLS: rows.call_columns,
}
_FOOTERS = {
    Tab.MONTH: ("attendance.open", "attendance.next", "attendance.before", "attendance.call"),
    Tab.REQUESTS: ("attendance.approve", "attendance.refuse", "attendance.withdraw", "attendance.next"),
    Tab.CALLS: ("attendance.call", "attendance.done", "attendance.correct", "attendance.cancel"),
}


def _key(row: Row) -> Hashable:
    return type(row).__name__, row.person_id if isinstance(row, PersonMonth) else row.id


def _group(row: Row) -> str:
    return rows.request_group(row) if isinstance(row, RequestLine) else ""


def _detail(row: Row) -> Content:
    if isinstance(row, PersonMonth):
        return rows.month_detail(row)
    return rows.request_detail(row) if isinstance(row, RequestLine) else rows.call_detail(row)


class AttendanceScreen(DeskScreen):
    """Who came when, month by month, and what waits to be put right."""

    CSS_PATH = "attendance.tcss"
    AUTO_FOCUS: ClassVar[str | None] = "#list"
    place: ClassVar[str] = "office"
    subjects: ClassVar[frozenset[str]] = frozenset({"attendance", "correction", "callout", "shift", "roster"})
    commands: ClassVar[list[Command]] = [
        Command("attendance.open", "enter", N_("Duties"), "open", N_("Show this person’s duties of the month.")),
        Command("attendance.next", "right,tab", N_("Next list"), "turn(1)", N_("By person, corrections, call-outs.")),
        Command("attendance.previous", "left,shift+tab", N_("Previous list"), "turn(-1)", hidden=True),
        Command("attendance.month", "m", N_("By person"), "take('month')", N_("Show the month by person.")),
        Command(
            "attendance.requests", "r", N_("Corrections"), "take('requests')", N_("Show what waits to be decided.")
        ),
        Command("attendance.calls", "e", N_("Call-outs"), "take('calls')", N_("Show the call-outs of the month.")),
        Command("attendance.before", "b", N_("Month before"), "step(-1)", N_("Go one month back.")),
        Command("attendance.after", "f", N_("Month after"), "step(1)", N_("Go one month on.")),
        Command(
            "attendance.approve",
            "a",
            N_("Approve"),
            "approve",
            N_("Approve this request, with your PIN."),
            why_not="why_not_decide",
            opens=True,
        ),
        Command(
            "attendance.refuse",
            "x",
            N_("Refuse"),
            "refuse",
            N_("Refuse this request, with a reason."),
            why_not="why_not_decide",
            opens=True,
        ),
        Command(
            "attendance.withdraw",
            "w",
            N_("Withdraw"),
            "withdraw",
            N_("Take your own request back."),
            why_not="why_not_withdraw",
        ),
        Command(
            "attendance.call",
            "o",
            N_("New call-out"),
            "call",
            N_("Put down that somebody was called in."),
            why_not="why_not_write",
            opens=True,
        ),
        Command(
            "attendance.done",
            "d",
            N_("Fill in"),
            "done",
            N_("Fill in when the person arrived and left."),
            why_not="why_not_fill_in",
            opens=True,
        ),
        Command(
            "attendance.correct",
            "c",
            N_("Put right"),
            "correct",
            N_("Put this call-out right, with your PIN."),
            why_not="why_not_correct",
            opens=True,
        ),
        Command(
            "attendance.cancel",
            "v",
            N_("Void"),
            "cancel",
            N_("Take back a call-out that never was."),
            why_not="why_not_correct",
            opens=True,
        ),
    ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tab = Tab.MONTH
        self.month = ""
        self.sheet: MonthSheet | None = None
        self._rows: dict[Tab, Sequence[Row]] = {}

    def compose_body(self) -> ComposeResult:
        """Yield the head, the list and what is under the cursor in full."""
        yield StepsHead(id="head")
        yield RecordList(rows.month_columns(), key=_key, section=_group, empty=self.empty_words, id="list")
        yield Prose("", id="detail", markup=False)

    @property
    def records(self) -> RecordList:
        """The list."""
        return self.query_one("#list", RecordList)

    @property
    def row(self) -> Row | None:
        """What is under the cursor."""
        row: Row | None = self.records.row
        return row

    async def load(self) -> None:
        """Read the month, the requests and the call-outs again."""
        ask = self.desk_app.desk.ask
        if not self.month:
            self.month = await self.desk_app.desk.raw(attendance_month.this_month)
        self.sheet = await ask(attendance.month, self.month)
        first, last = self.sheet.first, self.sheet.last
        self._rows = {
            Tab.MONTH: self.sheet.people,
            Tab.REQUESTS: await ask(correction_views.requests),
            Tab.CALLS: await ask(callouts.listed, first, last),
        }
        await self._show()

    async def _show(self, *, fresh: bool = False) -> None:
        source = Listed(self._rows.get(self.tab, ()), key=_key)
        self.records.columns = _COLUMNS[self.tab]()
        if fresh:
            await self.records.show(source)
        else:
            self.records.source = source
            await self.records.reload()
        self._show_head()
        self._show_detail(self.row)
        self.update_frame()

    def _show_head(self) -> None:
        if self.sheet is None:
            return
        requests = self._rows.get(Tab.REQUESTS, ())
        waiting = sum(isinstance(row, RequestLine) and row.status is RequestStatus.ASKED for row in requests)
        steps = [(word(tab), waiting if tab is Tab.REQUESTS else 0) for tab in TABS]
        title = _("Attendance {month}", month=self.sheet.month)
        status = (words.summary(self.sheet.total), "muted" if self.sheet.total.in_order else "warning")
        self.query_one(StepsHead).show(Head(title, status, steps, TABS.index(self.tab)))

    @on(RecordList.Highlighted, "#list")
    def _moved(self, event: RecordList.Highlighted) -> None:
        self._show_detail(event.row)
        self.update_frame()

    def _show_detail(self, row: Row | None) -> None:
        for detail in self.query("#detail").results(Static):
            detail.update("" if row is None else _detail(row), layout=False)

    def empty_words(self) -> str:
        """Say what an empty list means."""
        if self.tab is Tab.REQUESTS:
            return _("No request waits. c on one of your duties asks for a correction.")
        if self.tab is Tab.CALLS:
            return _("No call-out in this month. o puts one down.")
        return _("No duty in this month.")

    def on_minute(self) -> None:
        """Somebody may be late by now."""
        self.request_reload()

    def footer_commands(self) -> list[Command]:
        """Return the keys of the list in view."""
        known = {command.id: command for command in self.all_commands}
        return [known[name] for name in _FOOTERS[self.tab]]

    # --- lists and months -------------------------------------------------------------------------------------------

    async def action_turn(self, by: int) -> None:
        """Show the next list, or the one before."""
        await self.action_take(TABS[(TABS.index(self.tab) + by) % len(TABS)])

    async def action_take(self, tab: str) -> None:
        """Show one of the lists."""
        self.tab = Tab(tab)
        await self._show(fresh=True)

    def go_to(self, row_id: int) -> None:
        """Put the cursor on a request or call-out of the list in view."""
        row = next((row for row in self._rows[self.tab] if not isinstance(row, PersonMonth) and row.id == row_id), None)
        if row is not None:
            self.records.move_to(_key(row))

    def action_step(self, by: int) -> None:
        """Go to the month before or after."""
        if self.sheet is None:
            return
        day = self.sheet.first - timedelta(days=1) if by < 0 else self.sheet.last + timedelta(days=1)
        self.month = f"{day:%Y-%m}"
        self.request_reload()

    @on(RecordList.Selected, "#list")
    def _selected(self) -> None:
        self.desk_app.do(self.action_open, opens=True)

    async def action_open(self) -> None:
        """Show a person's duties; fill in a call-out; decide a request."""
        row = self.row
        if isinstance(row, PersonMonth) and self.sheet is not None:
            from dutydesk.ui.screens.attendance_duties import DutiesScreen

            await self.desk_app.push_screen(DutiesScreen(row.person_id, row.label, self.sheet))
        elif row is not None:
            await self.desk_app.show_text(word(self.tab), _detail(row))

    # --- what may be done -------------------------------------------------------------------------------------------

    def why_not_decide(self) -> str | None:
        """Say why the row under the cursor cannot be decided."""
        row = self.row
        if not isinstance(row, RequestLine):
            return _("Requests are on another list; r shows them.")
        if row.status is not RequestStatus.ASKED:
            return _("This request is {status} already.", status=word(row.status))
        return self._why_not_supervisor()

    def why_not_withdraw(self) -> str | None:
        """Say why the request under the cursor cannot be withdrawn."""
        row, who = self.row, self.desk_app.who
        if not isinstance(row, RequestLine):
            return _("Requests are on another list; r shows them.")
        if row.status is not RequestStatus.ASKED:
            return _("This request is {status} already.", status=word(row.status))
        return None if who is not None and row.person_id == who.person_id else _("Only who asked takes a request back.")

    def why_not_fill_in(self) -> str | None:
        """Say why the call-out under the cursor cannot be filled in."""
        row = self.row
        if not isinstance(row, CallOutLine):
            return _("Call-outs are on another list; e shows them.")
        if not row.open:
            return _("This call-out is over; the supervisor puts it right.")
        return self.desk_app.why_not_write()

    def why_not_correct(self) -> str | None:
        """Say why the call-out under the cursor cannot be put right."""
        row = self.row
        if not isinstance(row, CallOutLine):
            return _("Call-outs are on another list; e shows them.")
        return _("This call-out was taken back.") if row.cancelled else self._why_not_supervisor()

    def _why_not_supervisor(self) -> str | None:
        who = self.desk_app.who
        supervisor = who is not None and who.role is Role.SUPERVISOR
        return None if supervisor else _("The supervisor decides this.")

    async def action_approve(self) -> None:
        """Approve the request under the cursor."""
        await self._decide(corrections.approve)

    async def action_refuse(self) -> None:
        """Refuse the request under the cursor."""
        await self._decide(corrections.refuse)

    async def action_withdraw(self) -> None:
        """Take the request under the cursor back."""
        await self._decide(corrections.withdraw)

    async def _decide(self, step: Callable[[Any, RequestLine], Awaitable[bool]]) -> None:
        if isinstance(self.row, RequestLine) and await step(self.desk_app, self.row):
            self.request_reload()

    async def action_call(self) -> None:
        """Put a call-out down and go to it."""
        line = await calls.put_down(self.desk_app)
        if line is not None:
            self.tab = Tab.CALLS
            self.request_reload()
            await self.loaded()
            await self._show(fresh=True)
            self.records.move_to(_key(line))

    async def action_done(self) -> None:
        """Fill the call-out under the cursor in."""
        await self._step(calls.complete)

    async def action_correct(self) -> None:
        """Put the call-out under the cursor right."""
        await self._step(calls.correct)

    async def action_cancel(self) -> None:
        """Take the call-out under the cursor back."""
        await self._step(calls.cancel)

    async def _step(self, step: Callable[[Any, CallOutLine], Awaitable[CallOutLine | None]]) -> None:
        if not isinstance(self.row, CallOutLine):
            return
        line = await step(self.desk_app, self.row)
        if line is not None:
            self.request_reload()
            await self.loaded()
            self.records.move_to(_key(line))

    def copy_text(self) -> str | None:
        """Return what is under the cursor as it would be quoted."""
        return _detail(self.row).plain if self.row is not None else None
