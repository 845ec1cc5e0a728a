"""Leave and swaps: what waits for the person who looks first, then what waits for others, what is ahead and past."""

from __future__ import annotations

from functools import partial
from operator import attrgetter
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.widgets import Static

from dutydesk.domain.errors import NotFound
from dutydesk.domain.leave import LeaveStatus, SwapStatus
from dutydesk.domain.people import Role
from dutydesk.domain.words import N_
from dutydesk.locale import _, ngettext, pick
from dutydesk.locale.leave import leave_state, leave_when, swap_state, swap_words
from dutydesk.services import leave, leave_due, swaps
from dutydesk.services.leave_due import WaitKind
from dutydesk.services.swaps import SwapLine
from dutydesk.ui.actions import leave as actions
from dutydesk.ui.actions import leave_decide as deciding
from dutydesk.ui.actions import swaps as swap_actions
from dutydesk.ui.commands import Command
from dutydesk.ui.screens.base import DeskScreen
from dutydesk.ui.screens.leave_rows import Key, Request, columns, full, note, requests, section
from dutydesk.ui.widgets.prose import Prose
from dutydesk.ui.widgets.records import Listed, RecordList

_key = attrgetter("key")

ANSWERING: list[Command] = [
    Command("leave.agree", "o", N_("Agree"), "agree", N_("Say that you cover or swap."), why_not="why_not_answer"),
    Command(
        "leave.decline",
        "x",
        N_("Decline"),
        "decline",
        N_("Say that you do not cover or swap."),
        why_not="why_not_answer",
        opens=True,
    ),
    Command(
        "leave.approve",
        "p",
        N_("Approve"),
        "approve",
        N_("Approve with your PIN; the roster follows."),
        why_not="why_not_decide",
        opens=True,
    ),
    Command(
        "leave.refuse",
        "r",
        N_("Refuse"),
        "refuse",
        N_("Refuse with your PIN and a reason."),
        why_not="why_not_decide",
        opens=True,
    ),
    Command(
        "leave.take_back",
        "w",
        N_("Withdraw"),
        "take_back",
        N_("Withdraw it, or cancel it when it is approved."),
        why_not="why_not_take_back",
        opens=True,
    ),
]
"""What is done with a request, in the list and on the leave itself."""


class LeavesScreen(DeskScreen):
    """Every leave and swap; enter opens a leave with its shifts."""

    CSS_PATH = "leave.tcss"
    place: ClassVar[str] = "roster"
    subjects: ClassVar[frozenset[str]] = frozenset({"leave", "swap", "roster", "shift"})
    commands: ClassVar[list[Command]] = [
        Command(
            "leave.ask",
            "a",
            N_("Ask for leave"),
            "ask",
            N_("Ask for leave, with who covers."),
            why_not="why_not_write",
            opens=True,
        ),
        Command(
            "leave.swap",
            "c",
            N_("Swap"),
            "swap",
            N_("Ask somebody to take a duty, or to exchange one."),
            why_not="why_not_write",
            opens=True,
        ),
        *ANSWERING,
    ]

    def compose_body(self) -> ComposeResult:
        """Yield the list, and one request in full."""
        yield RecordList(
            columns(),
            key=_key,
            section=section,
            note=note,
            empty=N_("Nobody has asked for leave or a swap. a asks for leave, c for a swap."),
            id="requests",
        )
        yield Prose("", id="detail", markup=False)

    @property
    def records(self) -> RecordList:
        """The list."""
        return self.query_one(RecordList)

    @property
    def request(self) -> Request | None:
        """The request under the cursor."""
        found: Request | None = self.records.row
        return found

    async def load(self) -> None:
        """Read the list again."""
        desk, who = self.desk_app.desk, self.desk_app.who
        leaves, exchanged = await desk.ask(leave.lines), await desk.ask(swaps.lines)
        waits = await desk.raw(leave_due.waiting_for, who.person_id, who.role.value) if who else []
        rows = requests(leaves, exchanged, waits)
        self.records.source = Listed(rows, key=_key)
        await self.records.reload()
        self._show(self.request)
        waiting = sum(row.wait is not None for row in rows)
        self.hint(ngettext("{n} waits for you", "{n} wait for you", waiting) if waiting else "")

    @on(RecordList.Highlighted)
    def _moved(self, event: RecordList.Highlighted) -> None:
        self._show(event.row)
        self.update_frame()

    def _show(self, request: Request | None) -> None:
        self.query_one("#detail", Static).update(full(request) if request else "", layout=False)

    @on(RecordList.Selected)
    def _open(self, event: RecordList.Selected) -> None:
        subject, row_id = event.row.key
        if subject == "leave":
            self.desk_app.do(partial(actions.show_leave, self.desk_app, row_id), opens=True)
        else:
            self.desk_app.do(partial(self.desk_app.show_text, event.row.number, full(event.row)), opens=True)

    # --- asking -----------------------------------------------------------------------------------------------------

    async def action_ask(self) -> None:
        """Ask for leave."""
        await actions.ask_leave(self.desk_app)

    async def action_swap(self) -> None:
        """Ask for a swap and go to it."""
        line = await swap_actions.ask_swap(self.desk_app)
        if line is not None:
            await self._stand_on(("swap", line.id))

    async def _stand_on(self, key: Key) -> None:
        self.request_reload()
        await self.loaded()
        await self.records.goto(key)

    # --- answering and deciding -------------------------------------------------------------------------------------

    def why_not_answer(self) -> str | None:
        """Say why there is nothing to answer here."""
        request, me = self.request, self.desk_app.who.person_id if self.desk_app.who else 0
        if request is None:
            return _("There is no request here.")
        if request.wait in (WaitKind.COVER, WaitKind.SWAP):
            return None
        if isinstance(request.line, SwapLine) and request.line.other_id == me and request.line.undecided:
            return None
        return _("{number} asks nothing of you.", number=request.number)

    def why_not_decide(self) -> str | None:
        """Say why nothing can be decided here."""
        who, request = self.desk_app.who, self.request
        if request is None:
            return _("There is no request here.")
        return why_not_decide(who.role if who else None, request)

    def why_not_take_back(self) -> str | None:
        """Say why there is nothing to take back here."""
        who, request = self.desk_app.who, self.request
        if request is None or who is None:
            return _("There is no request here.")
        return why_not_take_back(who.person_id, who.role, request)

    async def action_agree(self) -> None:
        """Agree to what is asked."""
        await self._answer(True)

    async def action_decline(self) -> None:
        """Decline what is asked."""
        await self._answer(False)

    async def _answer(self, agrees: bool) -> None:
        request = self.request
        if request is None:
            return
        if isinstance(request.line, SwapLine):
            await swap_actions.answer(self.desk_app, request.line, agrees)
        else:
            view = await self.desk_app.desk.ask(leave.view, request.line.id)
            await deciding.answer(self.desk_app, view, agrees)
        self.request_reload()

    async def action_approve(self) -> None:
        """Approve the request under the cursor."""
        await self._decide(deciding.approve, swap_actions.approve)

    async def action_refuse(self) -> None:
        """Refuse the request under the cursor."""
        await self._decide(deciding.refuse, swap_actions.refuse)

    async def action_take_back(self) -> None:
        """Take the request under the cursor back."""
        await self._decide(deciding.take_back, swap_actions.take_back)

    async def _decide(self, of_leave: Any, of_swap: Any) -> None:
        request = self.request
        if request is None:
            raise NotFound(N_("There is no request here."))
        if isinstance(request.line, SwapLine):
            await of_swap(self.desk_app, request.line)
        else:
            await of_leave(self.desk_app, await self.desk_app.desk.ask(leave.view, request.line.id))
        self.request_reload()

    def copy_text(self) -> str | None:
        """Return the request as it would be quoted."""
        request = self.request
        if request is None:
            return None
        line = request.line
        if isinstance(line, SwapLine):
            return f"{line.number} {swap_words(line)} ({swap_state(line)})"
        return f"{line.number} {pick(line.person)} {leave_when(line)} ({leave_state(line)})"

    def footer_commands(self) -> list[Command]:
        """Return the keys that fit the request under the cursor."""
        known = {command.id: command for command in self.all_commands}
        names = ["leave.ask", "leave.swap"]
        wait = self.request.wait if self.request else None
        if wait in (WaitKind.COVER, WaitKind.SWAP):
            names = ["leave.agree", "leave.decline", *names]
        elif wait in (WaitKind.LEAVE, WaitKind.DECIDE_SWAP):
            names = ["leave.approve", "leave.refuse", *names]
        elif self.why_not_take_back() is None:
            names.append("leave.take_back")
        return [known[name] for name in names]


def why_not_decide(role: Role | None, request: Request) -> str | None:
    """Say why a request cannot be decided by somebody of that role."""
    if role is not Role.SUPERVISOR:
        return _("Only a supervisor decides.")
    line = request.line
    if not line.undecided:
        return _("{number} is decided already.", number=line.number)
    if isinstance(line, SwapLine) and line.status is SwapStatus.ASKED:
        return _("{name} has not answered yet.", name=pick(line.other))
    return None


def why_not_take_back(me: int, role: Role, request: Request) -> str | None:
    """Say why somebody cannot take a request back."""
    line = request.line
    if me != line.person_id and role is not Role.SUPERVISOR:
        return _("Only who asked, or a supervisor, takes it back.")
    approved = line.status in (LeaveStatus.APPROVED, SwapStatus.APPROVED)
    if isinstance(line, SwapLine) and approved and role is not Role.SUPERVISOR:
        return _("A supervisor takes an approved swap back.")
    return None if line.undecided or approved else _("{number} is decided already.", number=line.number)
