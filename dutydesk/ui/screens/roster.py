"""The roster (key 6): who is on when, as a month, a week, or one person's duties; planned and changed from here."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal

from dutydesk.domain import clock
from dutydesk.locale import _, ngettext, pick
from dutydesk.services import absences, leave_due, planning, roster, shift_views
from dutydesk.services.roster_views import RosterView
from dutydesk.ui import marks
from dutydesk.ui.actions import roster as actions
from dutydesk.ui.screens import roster_sections as sections
from dutydesk.ui.screens import roster_words as words
from dutydesk.ui.screens.roster_calendar import MonthCalendar, grid, month_after
from dutydesk.ui.screens.roster_cells import DayCells
from dutydesk.ui.screens.roster_head import RosterHead
from dutydesk.ui.screens.roster_sections import Around, At
from dutydesk.ui.screens.roster_steps import Mode, RosterSteps
from dutydesk.ui.widgets.lines import Lines

WIDE = 110
MONTHS_AHEAD = 2
"""Months after the one in view that a person's duties show as well."""


class Slots(Lines, inherit_bindings=False):
    """Rows of the roster: pages are months here, as in the calendar."""

    BINDINGS = [binding for binding in Lines.BINDINGS if "page" not in binding.key]  # type: ignore[union-attr]


class RosterScreen(RosterSteps):
    """The roster around one day: that day stands below whatever is shown."""

    CSS_PATH = "roster.tcss"
    AUTO_FOCUS: ClassVar[str | None] = "#month"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-usual"), (31, "-tall"), (38, "-taller"), (46, "-tallest")]
    place: ClassVar[str] = "roster"
    subjects: ClassVar[frozenset[str]] = frozenset(
        {"roster", "shift", "leave", "swap", "person", "policy", "calendar", "setting"}
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._cells: DayCells | None = None
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
        changed = any(place.change_id is not None for slot in view.slots for place in slot.places)
        found = await desk.ask(roster.changes, first, last) if changed else []
        self.changes = {change.id: change for change in found}
        span = words.begin_of(first), words.begin_of(last + timedelta(days=1))
        self.absences = await desk.ask(absences.absent, *span)
        if self.desk_app.who is not None:
            self.waiting = len(await desk.raw(leave_due.waiting_for, self.me, self.desk_app.who.role.value))
        self._show()

    async def _load_duties(self, first: date, last: date) -> None:
        desk = self.desk_app.desk
        person_id = self.person[0] if self.person else self.me
        slots = await desk.ask(roster.duties, person_id, first, last)
        kinds = await desk.raw(planning.day_kinds, first, last)
        held = await desk.raw(planning.published_until)
        until = date.fromisoformat(held) if held else None
        months = self._months()
        self.rows.show(sections.duty_sections(slots, kinds, person_id, months, clock.now(), self.known, until))
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
            self._cells = DayCells(view, self.me)
            self.calendar.show(self.day, words.today())
            self.query_one("#load", Lines).show([sections.load_section(view, self.day, self.me)])
        elif self.mode is Mode.WEEK:
            self.rows.show(sections.week_sections(view, self.known, self.me, words.today()))
            self._stand_on_day()
        self._show_day()
        self._show_head()
        self._stand_right()

    def _stand_right(self) -> None:
        """Put the focus on what is shown; a list can have it only when there is something in it."""
        wanted = self.calendar if self.mode is Mode.MONTH else self.rows
        if self.focused not in (wanted, self.day_rows):
            self.set_focus(wanted)

    def _draw_day(self, day: date, cells: int, lines: int) -> Any:
        return self._cells.draw(day, self.day, cells, lines) if self._cells else ()

    def _show_day(self) -> None:
        if self.view is not None:
            around = Around(self.known, self.me, self.changes, self.absences, self.view.version is not None)
            self.day_rows.show(sections.day_sections(self.view, self.day_view, around))

    def _show_head(self) -> None:
        assert self.view is not None
        title = words.month_title(self.day)
        if self.mode is Mode.WEEK:
            number = self.day.isocalendar().week
            title = _("{month}, week {n}", month=title, n=number)
        modes = [pick(self.person[1]) if self.person and mode is Mode.DUTIES else _(mode.label) for mode in Mode]
        status = words.state_of(self.view, self.day if self.mode is Mode.MONTH else None)
        if self.mode is Mode.DUTIES:
            status = []
        if self.waiting:
            said = ngettext("{n} request waits for you", "{n} requests wait for you", self.waiting)
            status = [(f"{marks.ON} {said}", "accent"), *(["  ", *status] if status else [])]
        self.query_one("#head", RosterHead).show(title, modes, list(Mode).index(self.mode), status)
        self.hint(words.legend(self.view, self.calendar.day_lines - 1 if self.mode is Mode.MONTH else 0))

    def relabel(self) -> None:
        """Say everything in the language spoken now."""
        self._show()

    def on_resize(self) -> None:
        """What the marks mean depends on the room there is."""
        if self.view is not None:
            self.call_after_refresh(self._show_head)

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
            if self.is_mounted and self.mode is Mode.DUTIES and view.first == self.day:
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
        self.set_focus(self.calendar if mode is Mode.MONTH else None)
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
