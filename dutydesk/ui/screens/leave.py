"""One leave: what is asked, the shifts it touches, who covers each, and what stands in the way."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult

from dutydesk.domain.leave import STANDING, CoverStatus, LeaveStatus
from dutydesk.domain.people import Role
from dutydesk.domain.words import N_
from dutydesk.locale import _, pick
from dutydesk.locale.leave import duty_words, leave_when
from dutydesk.services import leave
from dutydesk.services.leave import LeaveView
from dutydesk.ui.actions import leave as actions
from dutydesk.ui.actions import leave_decide as deciding
from dutydesk.ui.commands import Command
from dutydesk.ui.screens.base import DeskScreen
from dutydesk.ui.screens.leave_rows import Place, Request, sections
from dutydesk.ui.screens.leaves import ANSWERING, why_not_decide, why_not_take_back
from dutydesk.ui.widgets.lines import Lines


class LeaveScreen(DeskScreen):
    """A leave with its shifts and covers."""

    CSS_PATH = "leave.tcss"
    place: ClassVar[str] = "roster"
    subjects: ClassVar[frozenset[str]] = frozenset({"leave", "roster", "shift", "swap"})
    commands: ClassVar[list[Command]] = [
        Command(
            "leave.cover",
            "c",
            N_("Cover"),
            "cover",
            N_("Choose who covers this shift, the best first."),
            why_not="why_not_cover",
            opens=True,
        ),
        Command(
            "leave.part",
            "h",
            N_("Part"),
            "part",
            N_("Choose who covers a part of this shift."),
            why_not="why_not_cover",
            opens=True,
        ),
        Command(
            "leave.drop", "d", N_("Ask no longer"), "drop", N_("Ask this substitute no longer."), why_not="why_not_drop"
        ),
        *ANSWERING,
    ]

    def __init__(self, leave_id: int, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.leave_id = leave_id
        self.view: LeaveView | None = None

    def compose_body(self) -> ComposeResult:
        """Yield the leave as rows."""
        yield Lines(id="leave")

    @property
    def rows(self) -> Lines:
        """The rows."""
        return self.query_one("#leave", Lines)

    @property
    def row(self) -> Place | None:
        """What the row under the cursor is about."""
        row = self.rows.row
        return row.value if row is not None else None

    async def load(self) -> None:
        """Read the leave again."""
        self.view = await self.desk_app.desk.ask(leave.view, self.leave_id)
        self._show()

    def _show(self) -> None:
        if self.view is not None:
            self.rows.show(sections(self.view))

    def relabel(self) -> None:
        """Say everything in the language spoken now."""
        self._show()

    def on_minute(self) -> None:
        """A shift may have begun."""
        self.request_reload()

    @on(Lines.Highlighted)
    def _moved(self) -> None:
        self.update_frame()

    @on(Lines.Chosen)
    def _chosen(self, event: Lines.Chosen) -> None:
        event.stop()
        known = {command.id: command for command in self.all_commands}
        names = ["leave.agree"] if self.asks_me else ["leave.cover"]
        self.desk_app.run_command(known[names[0]], self)

    # --- who may what -----------------------------------------------------------------------------------------------

    @property
    def me(self) -> int:
        """Who looks."""
        return self.desk_app.who.person_id if self.desk_app.who else 0

    @property
    def role(self) -> Role:
        """As what he looks."""
        return self.desk_app.who.role if self.desk_app.who else Role.READER

    @property
    def asks_me(self) -> bool:
        """Whether the person who looks is asked to cover and has not answered."""
        return bool(self.view and self.view.line.asks) or self._asked_late()

    def _asked_late(self) -> bool:
        """Whether he is asked to fill a place of a leave that is approved already."""
        return self.view is not None and any(
            cover.person_id == self.me and cover.status is CoverStatus.ASKED
            for duty in self.view.duties
            for cover in duty.covers
        )

    def _mine(self) -> bool:
        """Whether a cover of the person who looks counts."""
        return self.view is not None and any(
            cover.person_id == self.me for duty in self.view.duties for cover in duty.standing
        )

    def why_not_cover(self) -> str | None:
        """Say why no cover can be chosen here."""
        if self.view is None or self.row is None:
            return _("There is no shift here.")
        line = self.view.line
        if self.me != line.person_id and self.role is not Role.SUPERVISOR:
            return _("Only {name} or a supervisor chooses who covers.", name=pick(line.person))
        if self.row.duty.fixed:
            return _("This shift is over or signed for; who helps there signs in as an extra.")
        if line.undecided:
            return None
        if line.status is LeaveStatus.APPROVED and self.role is Role.SUPERVISOR and self.row.duty.open:
            return None
        return _("{number} is decided already.", number=line.number)

    def why_not_drop(self) -> str | None:
        """Say why there is no cover to drop here."""
        refused = self.why_not_cover()
        if refused:
            return refused
        cover = self.row.cover if self.row else None
        if cover is None or cover.status not in STANDING or self.view is None or not self.view.line.undecided:
            return _("There is no cover here that is still asked for.")
        return None

    def why_not_answer(self) -> str | None:
        """Say why there is nothing to answer here."""
        if self.view is None:
            return _("There is no request here.")
        if self.asks_me or (self._mine() and self.view.line.undecided):
            return None
        return _("{number} asks nothing of you.", number=self.view.line.number)

    def why_not_decide(self) -> str | None:
        """Say why nothing can be decided here."""
        if self.view is None:
            return _("There is no request here.")
        return why_not_decide(self.role, Request(self.view.line, None))

    def why_not_take_back(self) -> str | None:
        """Say why it cannot be taken back."""
        if self.view is None:
            return _("There is no request here.")
        return why_not_take_back(self.me, self.role, Request(self.view.line, None))

    # --- doing ------------------------------------------------------------------------------------------------------

    async def action_cover(self) -> None:
        """Choose who covers the shift, or the stretch, under the cursor."""
        if self.view is None or self.row is None:
            return
        duty, cover = self.row.duty, self.row.cover
        span = self.row.open or (cover.span if cover else None) or (duty.open or duty.spans)[0]
        await actions.choose_cover(self.desk_app, self.view, duty, span)
        self.request_reload()

    async def action_part(self) -> None:
        """Choose who covers a part of the shift under the cursor."""
        if self.view is not None and self.row is not None:
            await actions.ask_part(self.desk_app, self.view, self.row.duty)
            self.request_reload()

    async def action_drop(self) -> None:
        """Ask the substitute under the cursor no longer."""
        if self.row is not None and self.row.cover is not None:
            await actions.drop_cover(self.desk_app, self.row.cover.id)
            self.request_reload()

    async def action_agree(self) -> None:
        """Agree to cover."""
        await self._step(deciding.answer, True)

    async def action_decline(self) -> None:
        """Say that one does not cover."""
        await self._step(deciding.answer, False)

    async def action_approve(self) -> None:
        """Approve the leave."""
        await self._step(deciding.approve)

    async def action_refuse(self) -> None:
        """Refuse the leave."""
        await self._step(deciding.refuse)

    async def action_take_back(self) -> None:
        """Withdraw or cancel the leave."""
        await self._step(deciding.take_back)

    async def _step(self, step: Any, *args: Any) -> None:
        if self.view is not None:
            await step(self.desk_app, self.view, *args)
            self.request_reload()

    def copy_text(self) -> str | None:
        """Return the leave, or the shift under the cursor, as it would be quoted."""
        if self.view is None:
            return None
        line = self.view.line
        named = f"{line.number} {pick(line.person)} {leave_when(line)}"
        return f"{named} {duty_words(self.row.duty)}" if self.row else named

    def footer_commands(self) -> list[Command]:
        """Return the keys that fit the person and the row."""
        known = {command.id: command for command in self.all_commands}
        names: list[str] = []
        if self.why_not_answer() is None:
            names += ["leave.agree", "leave.decline"]
        if self.why_not_decide() is None:
            names += ["leave.approve", "leave.refuse"]
        if self.why_not_cover() is None:
            names += ["leave.cover", "leave.part"]
        if self.why_not_take_back() is None:
            names.append("leave.take_back")
        return [known[name] for name in names]
