"""The roster (key 6): who is on when, as a month, a week, or one person's duties; planned and changed from here."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal

from dutydesk.domain import clock
from dutydesk.domain.people import Role
from dutydesk.domain.shift import Facts
from dutydesk.domain.words import N_, Label, Named
from dutydesk.locale import _, pick
from dutydesk.services import planning, roster, shift_views
from dutydesk.services.roster_views import DayView, PersonLine, PlaceView, RosterView, SlotView
from dutydesk.ui.actions import roster as actions
from dutydesk.ui.commands import Command
from dutydesk.ui.screens import roster_sections as sections
from dutydesk.ui.screens import roster_words as words
from dutydesk.ui.screens.base import DeskScreen
from dutydesk.ui.screens.roster_calendar import MonthCalendar, grid, month_after
from dutydesk.ui.screens.roster_head import RosterHead
from dutydesk.ui.screens.roster_sections import At
from dutydesk.ui.widgets.lines import Lines

WIDE = 110
MONTHS_AHEAD = 2
"""Months after the one in view that a person's duties show as well."""


class Mode(Named):
    """How the roster is shown."""

    MONTH = "month", N_("Month")
    WEEK = "week", N_("Week")
    DUTIES = "duties", N_("My duties")


class Slots(Lines, inherit_bindings=False):
    """Rows of the roster: pages are months here, as in the calendar."""

    BINDINGS = [binding for binding in Lines.BINDINGS if "page" not in binding.key]  # type: ignore[union-attr]


class RosterScreen(DeskScreen):
    """The roster around one day: that day stands below whatever is shown."""

    CSS_PATH = "roster.tcss"
    AUTO_FOCUS: ClassVar[str | None] = "#month"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-usual"), (31, "-tall"), (38, "-taller"), (46, "-tallest")]
    place: ClassVar[str] = "roster"
    subjects: ClassVar[frozenset[str]] = frozenset(
        {"roster", "shift", "leave", "swap", "person", "policy", "calendar", "setting"}
    )
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
        Command("roster.history", "h", N_("History"), "history", N_("What was published, and when."), opens=True),
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
        self._cells: words.DayCells | None = None
        self._whose = 0
        self._listed: tuple[int, date] | None = None

    def compose_body(self) -> ComposeResult:
        """Yield the head, the calendar or list, and the day below."""
        yield RosterHead(id="head")
        yield MonthCalendar(self._draw_day, id="month")
        yield Slots(id="list")
        with Horizontal(id="below"):
            yield Slots(id="day")
            yield Lines(id="load")

    # --- what is where ----------------------------------------------------------------------------------------------

    @property
    def calendar(self) -> MonthCalendar:
        """The month."""
        return self.query_one("#month", MonthCalendar)

    @property
    def rows(self) -> Lines:
        """The week, or somebody's duties."""
        return self.query_one("#list", Lines)

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

    # --- showing ----------------------------------------------------------------------------------------------------

    def _span(self) -> tuple[date, date]:
        if self.mode is Mode.WEEK:
            monday = self.day - timedelta(days=self.day.weekday())
            return monday, monday + timedelta(days=6)
        if self.mode is Mode.DUTIES:
            return self._months()[0], month_after(self._months()[-1], 1) - timedelta(days=1)
        return grid(self.day)

    def _months(self) -> list[date]:
        first = self.day.replace(day=1)
        return [month_after(first, step) for step in range(MONTHS_AHEAD + 1)]

    async def load(self) -> None:
        """Read the days in view, and nothing else."""
        if self._whose != self.me:
            self._whose, self.day, self.person = self.me, words.today(), None
        desk = self.desk_app.desk
        self.known = await desk.raw(shift_views.facts)
        first, last = self._span()
        if self.mode is Mode.DUTIES:
            await self._load_duties(first, last)
            first = last = self.day
        else:
            self._listed = None
        view = await desk.ask(roster.view, first, last)
        if self.mode is not Mode.DUTIES and (first, last) != self._span():
            self.request_reload()
            return
        self.view = view
        self._show()

    async def _load_duties(self, first: date, last: date) -> None:
        desk = self.desk_app.desk
        person_id = self.person[0] if self.person else self.me
        slots = await desk.ask(roster.duties, person_id, first, last)
        kinds = await desk.raw(planning.day_kinds, first, last)
        self.rows.show(sections.duty_sections(slots, kinds, person_id, self._months(), clock.now(), self.known))
        shown = person_id, first
        if slots and shown != self._listed:
            at = next((slot for slot in slots if slot.day >= self.day and slot.ends_at > clock.now()), slots[-1])
            self.rows.move_to(At(at.day, at.kind))
            self.day = at.day if at.day in kinds and at.day >= self.day else self.day
        self._listed = shown

    def _show(self) -> None:
        view = self.view
        if view is None:
            return
        self.set_class(self.mode is not Mode.MONTH, "-list")
        if self.mode is Mode.MONTH:
            self._cells = words.DayCells(view, self.me)
            self.calendar.show(self.day, words.today())
            self.query_one("#load", Lines).show([sections.load_section(view, self.day, self.me)])
        elif self.mode is Mode.WEEK:
            self.rows.show(sections.week_sections(view, self.known, self.me, words.today()))
            self._stand_on_day()
        self._show_day()
        self._show_head()

    def _draw_day(self, day: date, cells: int, lines: int) -> Any:
        return self._cells.draw(day, self.day, cells, lines) if self._cells else ()

    def _show_day(self) -> None:
        if self.view is not None:
            published = self.view.version is not None
            self.day_rows.show(
                sections.day_sections(self.view, self.day_view, self.known, self.me, published=published)
            )

    def _show_head(self) -> None:
        assert self.view is not None
        title = words.month_title(self.day)
        if self.mode is Mode.WEEK:
            number = self.day.isocalendar().week
            title = _("{month}, week {n}", month=title, n=number)
        modes = [pick(self.person[1]) if self.person and mode is Mode.DUTIES else _(mode.label) for mode in Mode]
        status = words.state_of(self.view, self.day if self.mode is Mode.MONTH else None)
        self.query_one("#head", RosterHead).show(title, modes, list(Mode).index(self.mode), status)
        self.hint(words.legend(self.view, self.calendar.day_lines - 1 if self.mode is Mode.MONTH else 0))

    def relabel(self) -> None:
        """Say everything in the language spoken now."""
        self._show()

    def on_minute(self) -> None:
        """At midnight another day is today."""
        if self.mode is Mode.DUTIES or self.calendar.today != words.today():
            self.request_reload()

    # --- moving -----------------------------------------------------------------------------------------------------

    def go_to(self, day: date) -> None:
        """Show a day, wherever it lies."""
        before, self.day = self._span(), day
        if self.mode is Mode.MONTH:
            self.calendar.show(day, words.today())
        if self._span() != before or self.mode is Mode.DUTIES:
            self.request_reload()
        else:
            self._show()

    @on(MonthCalendar.Moved)
    def _moved(self, event: MonthCalendar.Moved) -> None:
        before, self.day = self._span(), event.day
        if self._span() == before:
            self._show_day()
        else:
            self.request_reload()

    @on(Lines.Highlighted, "#list")
    def _at_row(self, event: Lines.Highlighted) -> None:
        if event.row is None or self.mode is Mode.MONTH or not self.rows.has_focus:
            return
        at: At = event.row.key  # type: ignore[assignment]
        if at.day != self.day:
            self.day = at.day
            if self.mode is Mode.DUTIES:
                self._read_day()
            else:
                self._show_day()

    def _read_day(self) -> None:
        def show(view: RosterView) -> None:
            if self.mode is Mode.DUTIES and view.first == self.day:
                self.view = view
                self._show_day()

        self.desk_app.desk.run(roster.view, self.day, self.day, done=show)

    def _stand_on_day(self) -> None:
        key = self.rows.key
        if not isinstance(key, At) or key.day != self.day:
            day = self.day_view
            if day is not None and day.slots:
                self.rows.move_to(At(day.day, day.slots[0].kind))

    def action_step(self, by: int) -> None:
        """Go one day on or back; in the week and the duties the whole page."""
        if self.mode is Mode.WEEK:
            self.go_to(self.day + timedelta(days=7 * by))
        elif self.mode is Mode.DUTIES:
            self.action_turn(by)
        else:
            self.go_to(self.day + timedelta(days=by))

    def action_turn(self, by: int) -> None:
        """Go one month on or back."""
        self.go_to(month_after(self.day, by))

    def action_today(self) -> None:
        """Go to today."""
        self.go_to(words.today())

    async def action_ask_day(self) -> None:
        """Go to a day that is typed."""
        day = await actions.ask_day(self.desk_app)
        if day is not None:
            self.go_to(day)

    def action_show_as(self, mode: str) -> None:
        """Show the month, the week or one's own duties."""
        self.person = None
        self._take(Mode(mode))

    async def action_person(self) -> None:
        """Show somebody's duties."""
        person = await actions.choose_person(self.desk_app)
        if person is not None:
            self.person = person if person[0] != self.me else None
            self._take(Mode.DUTIES)

    def _take(self, mode: Mode) -> None:
        self.mode = mode
        self.set_class(mode is not Mode.MONTH, "-list")
        self.set_focus(self.calendar if mode is Mode.MONTH else self.rows)
        self.request_reload()

    @on(MonthCalendar.Chosen)
    def _chosen(self) -> None:
        self.desk_app.do(self.action_why, opens=True)

    @on(Lines.Chosen)
    def _chosen_row(self, event: Lines.Chosen) -> None:
        event.stop()
        self.desk_app.do(self.action_why, opens=True)

    async def action_back(self) -> None:
        """From the day to the calendar, from another view to the month."""
        if self.day_rows.has_focus:
            self.set_focus(self.calendar if self.mode is Mode.MONTH else self.rows)
        elif self.mode is not Mode.MONTH:
            self.action_show_as("month")
        else:
            await self.desk_app.action_back()

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

    async def action_history(self) -> None:
        """Show the publications."""
        await actions.show_versions(self.desk_app)

    async def action_notices(self) -> None:
        """Show what one was told."""
        from dutydesk.ui.actions.notices import show_notices

        await show_notices(self.desk_app)

    def copy_text(self) -> str | None:
        """Return the slot, or the day, as one would write it in a message."""
        slots = [self.selected] if self.selected else list(self.day_view.slots if self.day_view else ())
        said = [f"{pick(slot.title)} {words.hours(slot)} {words.people_words(slot)}" for slot in slots]
        return f"{words.long_day(self.day)}: {'; '.join(said)}" if said else None

    def footer_commands(self) -> list[Command]:
        """Return the keys that fit the person."""
        known = {command.id: command for command in self.all_commands}
        plans = self.why_not_plan() is None
        names = ["roster.plan", "roster.edit"] if plans else ["roster.duties", "roster.why"]
        names += ["roster.week" if self.mode is not Mode.WEEK else "roster.month", "roster.today"]
        return [known[name] for name in names if name in known]

    def people(self) -> tuple[PersonLine, ...]:
        """Return who takes turns, with what each carries in the days shown."""
        return self.view.people if self.view else ()
