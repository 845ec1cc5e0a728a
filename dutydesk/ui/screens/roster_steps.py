"""What one does at the roster: the keys, who may, and the forms they open. The screen itself is in `roster`."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from dutydesk.domain import clock
from dutydesk.domain.people import Role
from dutydesk.domain.shift import Facts
from dutydesk.domain.words import N_, Label, Named
from dutydesk.locale import _, pick
from dutydesk.services.absences import Absence
from dutydesk.services.roster_views import ChangeLine, DayView, PlaceView, RosterView, SlotView
from dutydesk.ui.actions import roster as actions
from dutydesk.ui.commands import Command
from dutydesk.ui.screens import roster_words as words
from dutydesk.ui.screens.base import DeskScreen
from dutydesk.ui.screens.roster_sections import At
from dutydesk.ui.widgets.lines import Lines


class Mode(Named):
    """How the roster is shown."""

    MONTH = "month", N_("Month")
    WEEK = "week", N_("Week")
    DUTIES = "duties", N_("My duties")


class RosterSteps(DeskScreen):
    """The roster around one day, as far as it is acted on."""

    commands: ClassVar[list[Command]] = [
        Command("roster.month", "m", N_("Month"), "show_as('month')", N_("Show the month as a calendar.")),
        Command("roster.week", "w", N_("Week"), "show_as('week')", N_("Show the week with hours and posts.")),
        Command("roster.duties", "d", N_("My duties"), "show_as('duties')", N_("Show my own duties.")),
        Command(
            "roster.person", "o", N_("Somebody’s duties"), "person", N_("Show those of somebody else."), opens=True
        ),
        Command("roster.today", "t", N_("Today"), "today", N_("Go to today.")),
        Command("roster.goto", "g", N_("Go to day"), "ask_day", N_("Go to a day or a month."), opens=True),
        Command("roster.why", "b", N_("Why"), "why", N_("Say why each one of this day is on."), opens=True),
        Command(
            "roster.plan",
            "p",
            N_("Plan"),
            "plan",
            N_("Plan days ahead, check them, and publish."),
            why_not="why_not_plan",
            opens=True,
        ),
        Command(
            "roster.edit",
            "e",
            N_("Change duty"),
            "edit",
            N_("Change who is on a shift, with a reason."),
            why_not="why_not_edit",
            opens=True,
        ),
        Command(
            "roster.withdraw",
            "x",
            N_("Take back"),
            "withdraw",
            N_("Take a change of this day back."),
            why_not="why_not_edit",
            opens=True,
        ),
        Command(
            "roster.leave",
            "a",
            N_("Ask for leave"),
            "ask_leave",
            N_("Ask for leave, and for who covers your shifts."),
            why_not="why_not_write",
            opens=True,
        ),
        Command(
            "roster.swap",
            "c",
            N_("Swap"),
            "ask_swap",
            N_("Exchange a duty with somebody."),
            why_not="why_not_write",
            opens=True,
        ),
        Command(
            "roster.requests", "r", N_("Leave and swaps"), "requests", N_("Who asked for what, and what waits for you.")
        ),
        Command("roster.history", "h", N_("History"), "history", N_("What was published, and when."), opens=True),
        Command("roster.export", "f", N_("Export"), "export", N_("Write the roster into a file."), opens=True),
        Command("roster.notices", "i", N_("Notices"), "notices", N_("What you were told."), opens=True),
        Command("roster.before", "left", N_("Before"), "step(-1)", hidden=True),
        Command("roster.after", "right", N_("After"), "step(1)", hidden=True),
        Command("roster.page_before", "pageup", N_("Month before"), "turn(-1)", hidden=True),
        Command("roster.page_after", "pagedown", N_("Month after"), "turn(1)", hidden=True),
    ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.mode = Mode.MONTH
        self.day = date(2026, 1, 1)
        self.person: tuple[int, Label] | None = None
        self.view: RosterView | None = None
        self.known = Facts()
        self.changes: dict[int, ChangeLine] = {}
        self.absences: list[Absence] = []
        self.waiting = 0

    # --- what is pointed at -----------------------------------------------------------------------------------------

    @property
    def day_rows(self) -> Lines:
        """The places of the day."""
        return self.query_one("#day", Lines)

    @property
    def me(self) -> int:
        """Who looks."""
        return self.desk_app.who.person_id if self.desk_app.who else 0

    @property
    def day_view(self) -> DayView | None:
        """The day under the cursor as it was read."""
        return next((day for day in self.view.days if day.day == self.day), None) if self.view else None

    @property
    def selected(self) -> SlotView | None:
        """The slot that is pointed at: by the cursor in a list, or the only one of the day."""
        focused = self.focused
        if isinstance(focused, Lines) and focused.row is not None:
            slot: SlotView = focused.row.value
            return slot
        day = self.day_view
        return day.slots[0] if day is not None and len(day.slots) == 1 else None

    @property
    def selected_place(self) -> PlaceView | None:
        """The place that is pointed at in the day's list."""
        row = self.day_rows.row if self.day_rows.has_focus else None
        if row is None or not row.value.places:
            return None
        at: At = row.key  # type: ignore[assignment]
        place: PlaceView = row.value.places[at.place]
        return place

    # --- doing ------------------------------------------------------------------------------------------------------

    def _not_supervisor(self, sentence: str) -> str | None:
        who = self.desk_app.who
        return None if who is not None and who.role is Role.SUPERVISOR else sentence

    def why_not_plan(self) -> str | None:
        """Say why this person does not plan."""
        return self._not_supervisor(_("Only the supervisor plans and publishes the roster."))

    def why_not_edit(self) -> str | None:
        """Say why nothing can be changed here."""
        refused = self._not_supervisor(_("Only the supervisor changes the roster. a asks for leave, c for a swap."))
        if refused:
            return refused
        day = self.day_view
        if day is None or not day.slots:
            return _("Nothing is planned on this day yet. p plans.")
        if all(slot.ends_at <= clock.now() for slot in day.slots):
            return _("What has passed never changes.")
        return None

    async def action_why(self) -> None:
        """Say why each one of the slot, or of the day, is on."""
        slots = [self.selected] if self.selected else list(self.day_view.slots if self.day_view else ())
        await actions.show_why(self.desk_app, self.day, slots, self.known)

    async def action_plan(self) -> None:
        """Plan days ahead."""
        await actions.plan(self.desk_app, self.day)

    async def action_edit(self) -> None:
        """Change one slot."""
        slot = self.selected or await actions.choose_slot(self.desk_app, self.day_view)
        if slot is not None:
            await actions.edit_slot(self.desk_app, slot, self.selected_place, self.known)

    async def action_withdraw(self) -> None:
        """Take a change of the day back."""
        await actions.withdraw(self.desk_app, self.day, self.selected)

    @property
    def mine(self) -> SlotView | None:
        """The slot that is pointed at, when it is a duty of the one who looks and lies ahead."""
        slot = self.selected
        if slot is None:
            day = self.day_view
            own = [each for each in (day.slots if day else ()) if self._is_mine(each)]
            slot = own[0] if len(own) == 1 else None
        return slot if slot is not None and self._is_mine(slot) and slot.ends_at > clock.now() else None

    def _is_mine(self, slot: SlotView) -> bool:
        return any(place.person_id == self.me for place in slot.people)

    async def action_ask_leave(self) -> None:
        """Ask for leave; from the duty pointed at, when it is one's own."""
        from dutydesk.ui.actions.leave import ask_leave

        slot = self.mine
        await ask_leave(self.desk_app, {"starts_at": slot.starts_at, "ends_at": slot.ends_at} if slot else None)

    async def action_ask_swap(self) -> None:
        """Ask for a swap; of the duty pointed at, when it is one's own."""
        from dutydesk.ui.actions.swaps import ask_swap

        await ask_swap(self.desk_app, self.mine)

    async def action_requests(self) -> None:
        """Show leaves and swaps."""
        from dutydesk.ui.actions.leave import show_leaves

        await show_leaves(self.desk_app)

    async def action_history(self) -> None:
        """Show the publications."""
        await actions.show_versions(self.desk_app)

    async def action_export(self) -> None:
        """Write the roster into a file."""
        from dutydesk.ui.actions.roster_export import export_roster

        whose = self.person[0] if self.person else self.me
        await export_roster(self.desk_app, self.day, whose if self.mode is Mode.DUTIES else None)

    async def action_notices(self) -> None:
        """Show what one was told."""
        from dutydesk.ui.actions.notices import show_notices

        await show_notices(self.desk_app)

    def copy_text(self) -> str | None:
        """Return the slot, or the day, as one would write it in a message."""
        slots = [self.selected] if self.selected else list(self.day_view.slots if self.day_view else ())
        said = [f"{pick(slot.title)} {words.hours(slot)} {words.people_words(slot)}" for slot in slots]
        return _("{name}: {value}", name=words.long_day(self.day), value="; ".join(said)) if said else None

    def footer_commands(self) -> list[Command]:
        """Return the keys that fit the person."""
        known = {command.id: command for command in self.all_commands}
        plans = self.why_not_plan() is None
        names = (
            ["roster.plan", "roster.edit", "roster.requests"]
            if plans
            else ["roster.duties", "roster.leave", "roster.swap"]
        )
        if not plans and self.mode is Mode.DUTIES:
            names[0] = "roster.month"
        return [known[name] for name in (*names, "roster.week" if self.mode is not Mode.WEEK else "roster.month")]
