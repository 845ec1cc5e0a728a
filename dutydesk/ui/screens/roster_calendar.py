"""The month as a calendar: six weeks of seven days, a cursor on a day, as many lines a day as the terminal has."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip

from dutydesk.domain.words import N_
from dutydesk.locale import _, times
from dutydesk.ui import marks
from dutydesk.ui.widgets.paint import Cell, LineWidget, cut_cells, fit

WEEKS = 6
"""Weeks shown for every month, so that nothing moves from one month to the next."""
WEEK_CELLS = 3
"""Cells at the left for the number of the week."""
HEAD_LINES = 1

Drawn = Sequence[Sequence[Cell]]
"""A day as lines of cells."""
DrawDay = Callable[[date, int, int], Drawn]
"""Draw a day in so many cells and lines."""


def grid(month: date) -> tuple[date, date]:
    """Return the first and the last day of the six weeks that show the month of `month`."""
    first = month.replace(day=1)
    first -= timedelta(days=first.weekday())
    return first, first + timedelta(days=7 * WEEKS - 1)


def month_after(day: date, months: int) -> date:
    """Return the same day so many months on, or the last day of a month that is shorter."""
    number = day.year * 12 + day.month - 1 + months
    year, month = divmod(number, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


class MonthCalendar(LineWidget, can_focus=True):
    """The days of a month; arrows go by days and weeks, pages by months."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(-1)", N_("Day before"), show=False, id="calendar.left"),
        Binding("right", "move(1)", N_("Day after"), show=False, id="calendar.right"),
        Binding("up,k", "move(-7)", N_("Week before"), show=False, id="calendar.up"),
        Binding("down,j", "move(7)", N_("Week after"), show=False, id="calendar.down"),
        Binding("pageup", "turn(-1)", N_("Month before"), show=False, id="calendar.page_up"),
        Binding("pagedown", "turn(1)", N_("Month after"), show=False, id="calendar.page_down"),
        Binding("home", "edge(0)", N_("First of the month"), show=False, id="calendar.first"),
        Binding("end", "edge(1)", N_("Last of the month"), show=False, id="calendar.last"),
        Binding("enter", "choose", N_("Open"), show=False, id="calendar.select"),
    ]

    @dataclass
    class Moved(Message):
        """The cursor came to another day."""

        calendar: MonthCalendar
        day: date

        @property
        def control(self) -> MonthCalendar:
            """The calendar, for `@on(MonthCalendar.Moved, "#id")`."""
            return self.calendar

    @dataclass
    class Chosen(Message):
        """Enter or a double click on a day."""

        calendar: MonthCalendar
        day: date

        @property
        def control(self) -> MonthCalendar:
            """The calendar, for `@on(MonthCalendar.Chosen, "#id")`."""
            return self.calendar

    def __init__(self, draw_day: DrawDay, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._draw_day = draw_day
        self.day = date(2026, 1, 1)
        self.today = date(2026, 1, 1)
        self.bounds: tuple[date, date] | None = None

    def show(self, day: date, today: date) -> None:
        """Stand on `day` and draw everything anew; `today` is marked."""
        self.day, self.today = day, today
        self.repaint()

    # Moving

    def action_move(self, days: int) -> None:
        """Go some days on or back."""
        self._go(self.day + timedelta(days=days))

    def action_turn(self, months: int) -> None:
        """Go some months on or back."""
        if 1900 < self.day.year + months // 12 < 9990:
            self._go(month_after(self.day, months))

    def action_edge(self, last: int) -> None:
        """Go to the first or the last day of the month."""
        days = monthrange(self.day.year, self.day.month)[1]
        self._go(self.day.replace(day=days if last else 1))

    def _go(self, day: date) -> None:
        if self.bounds is not None:
            day = min(max(day, self.bounds[0]), self.bounds[1])
        if day != self.day:
            self.day = day
            self.post_message(self.Moved(self, day))
            self.repaint()

    def action_choose(self) -> None:
        """Open the day under the cursor."""
        self.post_message(self.Chosen(self, self.day))

    def on_click(self, event: events.Click) -> None:
        """Go to the day that was clicked; twice opens it."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        column, week = (offset.x - WEEK_CELLS) // self.day_cells, (offset.y - HEAD_LINES) // self.day_lines
        if 0 <= column < 7 and 0 <= week < WEEKS and offset.x >= WEEK_CELLS and offset.y >= HEAD_LINES:
            event.stop()
            self._go(grid(self.day)[0] + timedelta(days=7 * week + column))
            if event.chain == 2:
                self.action_choose()

    # Drawing

    @property
    def day_cells(self) -> int:
        """How wide a day is, with the cell for the cursor's mark."""
        return max(4, (self.size.width - WEEK_CELLS) // 7)

    @property
    def day_lines(self) -> int:
        """How many lines a day has."""
        return max(1, (self.size.height - HEAD_LINES) // WEEKS)

    def draw(self, width: int, height: int) -> list[Strip]:
        """Return the weekdays, then the weeks."""
        first = grid(self.day)[0]
        lines = [self._weekdays(width)]
        for week in range(WEEKS):
            lines += self._draw_week(first + timedelta(days=7 * week), width)
        blank = Strip.blank(width, self.named())
        return [*lines, *[blank] * (height - len(lines))][:height]

    def _weekdays(self, width: int) -> Strip:
        cells: list[tuple[str, str]] = [(" " * WEEK_CELLS, "")]
        cells += [(fit(f" {_(name)}", self.day_cells), "muted") for name in times.WEEKDAYS]
        return self.strip(cells, width)

    def _draw_week(self, monday: date, width: int) -> list[Strip]:
        days = [monday + timedelta(days=step) for step in range(7)]
        drawn = {day: self._draw_day(day, self.day_cells - 1, self.day_lines) for day in days}
        strips = []
        for line in range(self.day_lines):
            number = f"{monday.isocalendar().week:>2} " if line == 0 else " " * WEEK_CELLS
            segments = [Segment(number, self.named("muted"))]
            for day in days:
                segments += self._draw_line(drawn, day, line)
            strips.append(Strip(Segment.simplify(segments)).adjust_cell_length(width, self.named()))
        return strips

    def _draw_line(self, drawn: Mapping[date, Drawn], day: date, line: int) -> list[Segment]:
        """Return one line of one day with the cell before it; the day under the cursor has a mark and a ground."""
        room = self.day_cells - 1
        lines = drawn[day]
        cells, used = cut_cells(lines[line] if line < len(lines) else (), room)
        here = day == self.day
        mark = marks.CURSOR if here and line == 0 else " "
        under = ("cursor",) if here and self.has_focus else ()
        shown = [(mark, "accent"), *cells, (" " * (room - used), "")]
        return [Segment(text, self.named(*under, *([style] if style else []))) for text, style in shown]
