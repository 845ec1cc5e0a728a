"""A plan before it is published: its check, the difference to what stands, the days themselves; then the signature."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from operator import itemgetter
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult

from dutydesk.domain.errors import DeskError
from dutydesk.domain.shift import Facts
from dutydesk.domain.words import N_, Label, Named
from dutydesk.locale import _, pick, sentence, word
from dutydesk.locale.lines import said
from dutydesk.services import roster, shift_views
from dutydesk.services.roster_views import CheckLine, DayView, DiffLine, Proposal, Severity
from dutydesk.ui import marks
from dutydesk.ui.actions import roster_plan as actions
from dutydesk.ui.actions.roster_plan import Overtaken, Planned
from dutydesk.ui.commands import Command
from dutydesk.ui.screens import roster_words as words
from dutydesk.ui.screens.base import DeskScreen
from dutydesk.ui.screens.roster_calendar import MonthCalendar
from dutydesk.ui.screens.roster_cells import DayCells
from dutydesk.ui.screens.roster_sections import Around, day_sections
from dutydesk.ui.widgets.lines import Lines
from dutydesk.ui.widgets.paint import Cell
from dutydesk.ui.widgets.records import Column, Listed, RecordList
from dutydesk.ui.widgets.steps import Head, StepsHead

Row = tuple[int, Any]
"""A line of a list with its place."""
_SEVERITY = {Severity.PROBLEM: ("LATE", "error"), Severity.WARNING: ("P1", "warning"), Severity.FACT: ("DONE", "muted")}
_ORDER = (Severity.PROBLEM, Severity.WARNING, Severity.FACT)


class Page(Named):
    """What of the plan is shown."""

    CHECK = "check", N_("Check")
    DIFF = "diff", N_("What changes")
    MONTH = "month", N_("The days")


def _mark(row: Row) -> Cell:
    name, style = _SEVERITY[row[1].severity]
    return getattr(marks, name), style


def _lines(row: Row, cells: int) -> list[str]:
    from dutydesk.domain.text import wrap

    line: CheckLine = row[1]
    text = said(line.message)
    return wrap(f"{words.short_day(line.day)}  {text}" if line.day else text, cells) or [""]


def _names(labels: Sequence[Label], new: bool) -> str:
    if not labels:
        return marks.DASH if new else f"{marks.LATE} {_('nobody on')}"
    return _(", ").join(pick(label) for label in labels)


class RosterPlanScreen(DeskScreen):
    """Check, what changes, the days; `p` publishes."""

    CSS_PATH = "roster_plan.tcss"
    AUTO_FOCUS: ClassVar[str | None] = "#check"
    VERTICAL_BREAKPOINTS = [(0, "-usual"), (31, "-tall"), (38, "-taller"), (46, "-tallest")]
    place: ClassVar[str] = "roster"
    subjects: ClassVar[frozenset[str]] = frozenset({"roster", "shift", "leave", "swap", "person", "policy", "calendar"})
    commands: ClassVar[list[Command]] = [
        Command("plan.publish", "p", N_("Publish"), "publish", N_("Publish the plan with your PIN."), True, opens=True),
        Command(
            "plan.next",
            "greater_than_sign,right",
            N_("Next page"),
            "page(1)",
            N_("Check, what changes, the days."),
            True,
        ),
        Command("plan.back", "less_than_sign,left", N_("Page before"), "page(-1)"),
        Command("plan.open", "enter", N_("Its day"), "open", N_("Go to the day of this line."), True),
        Command("plan.again", "r", N_("Plan again"), "again", N_("Plan the same days again."), True),
    ]

    def __init__(self, planned: Planned, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.planned = planned
        self.page = Page.CHECK
        self.day = planned.first
        self.known = Facts()
        self._stale_plan = False
        self._fresh = True
        self._cells: DayCells | None = None

    def compose_body(self) -> ComposeResult:
        """Yield the head and the three pages."""
        yield StepsHead(id="head")
        yield RecordList(
            (
                Column("mark", "", 1, value=_mark),
                Column("text", N_("Check"), None, value=lambda row: _lines(row, self._room)[0], style=self._tone),
            ),
            key=itemgetter(0),
            section=lambda row: word(row[1].kind),
            note=self._rest,
            header=False,
            id="check",
        )
        yield RecordList(
            (
                Column("day", N_("Date"), 11, value=lambda row: words.short_day(row[1].day)),
                Column("shift", N_("Slot"), 8, value=lambda row: pick(row[1].title)),
                Column("before", N_("Stands now"), None, value=lambda row: _names(row[1].before, row[1].new)),
                Column("arrow", "", 2, value=lambda _row: (marks.ARROW, "muted")),
                Column("after", N_("Planned"), None, value=lambda row: (_names(row[1].after, False), "strong")),
            ),
            key=itemgetter(0),
            empty=N_("Nothing changes: the plan is what stands."),
            id="diff",
        )
        yield MonthCalendar(self._draw_day, id="month")
        yield Lines(id="day")

    @property
    def proposal(self) -> Proposal:
        """What publishing would do."""
        return self.planned.proposal

    @property
    def _room(self) -> int:
        return max(20, self.app.size.width - 8)

    @staticmethod
    def _tone(row: Row) -> str:
        return "" if row[1].severity is not Severity.FACT else "muted"

    def _rest(self, row: Row) -> list[Cell | None] | None:
        rest: list[Cell | None] = [(f"   {line}", self._tone(row)) for line in _lines(row, self._room)[1:]]
        return rest or None

    # --- showing ----------------------------------------------------------------------------------------------------

    async def load(self) -> None:
        """Show the plan; when the roster changed since it was made, say so."""
        self.known = await self.desk_app.desk.raw(shift_views.facts)
        if not self._fresh:
            self._stale_plan = not await self._stands()
        self._fresh = False
        await self._show()

    async def _stands(self) -> bool:
        """Whether planning the same days now would say the same: not everything that is written changes a plan."""
        try:
            now = await self.desk_app.desk.ask(roster.propose, self.planned.first, self.planned.last)
        except DeskError:
            return False
        return bool(now.token == self.planned.proposal.token)

    async def _show(self) -> None:
        for page in Page:
            self.set_class(page is self.page, f"-{page.value}")
        checked = sorted(self.proposal.check, key=lambda line: _ORDER.index(line.severity))
        kinds = list(dict.fromkeys(line.kind for line in checked))
        checked.sort(key=lambda line: kinds.index(line.kind))
        check, diff = self.query_one("#check", RecordList), self.query_one("#diff", RecordList)
        check.source = Listed(list(enumerate(checked)), key=itemgetter(0))
        diff.source = Listed(list(enumerate(self.proposal.diff)), key=itemgetter(0))
        await check.reload()
        await diff.reload()
        differs = [(line.day, line.kind) for line in self.proposal.diff if not line.new]
        self._cells = DayCells(self.proposal.view, 0, differs)
        calendar = self.query_one("#month", MonthCalendar)
        calendar.bounds = (self.planned.first, self.planned.last)
        calendar.show(self.day, words.today())
        self._show_day()
        self._show_head()

    def _draw_day(self, day: date, cells: int, lines: int) -> Any:
        return self._cells.draw(day, self.day, cells, lines) if self._cells else ()

    def _show_day(self) -> None:
        view = self.proposal.view
        day: DayView | None = next((day for day in view.days if day.day == self.day), None)
        self.query_one("#day", Lines).show(day_sections(view, day, Around(self.known)))

    def _show_head(self) -> None:
        problems = len(self.proposal.problems)
        steps = [(word(page), problems if page is Page.CHECK else 0) for page in Page]
        title = _("Plan for {days}", days=words.span_words(self.planned.first, self.planned.last))
        status = (_("not published"), "warning")
        if self._stale_plan:
            status = (f"{marks.LATE} {_('the roster has changed since: r plans again')}", "error")
        head = Head(title, status, steps, list(Page).index(self.page), actions.what_happens(self.proposal))
        self.query_one("#head", StepsHead).show(head)
        shown = _("{mark} differs from what stands now", mark=words.CHANGED) if self.page is Page.MONTH else ""
        self.hint(shown)

    def relabel(self) -> None:
        """Say everything in the language spoken now."""
        self._show_day()
        self._show_head()

    # --- moving -----------------------------------------------------------------------------------------------------

    def _turn_to(self, page: Page) -> None:
        self.page = page
        for each in Page:
            self.set_class(each is page, f"-{each.value}")
        self._show_head()
        self.set_focus(self.query_one(f"#{page.value}"))

    def action_page(self, by: int) -> None:
        """Show the next page or the one before."""
        pages = list(Page)
        self._turn_to(pages[(pages.index(self.page) + by) % len(pages)])

    @on(MonthCalendar.Moved)
    def _moved(self, event: MonthCalendar.Moved) -> None:
        self.day = event.day
        self._show_day()

    @on(RecordList.Selected)
    def _selected(self) -> None:
        self.action_open()

    @property
    def row(self) -> Row | None:
        """The line under the cursor of the check or the differences."""
        if self.page is Page.MONTH:
            return None
        row: Row | None = self.query_one(f"#{self.page.value}", RecordList).row
        return row

    def action_open(self) -> None:
        """Go from a line of the check, or a difference, to its day."""
        if self.row is None:
            return
        line: CheckLine | DiffLine = self.row[1]
        if line.day is None:
            self.say(_("This line is about all the days."), "warning")
            return
        self.day = min(max(line.day, self.planned.first), self.planned.last)
        self.query_one("#month", MonthCalendar).show(self.day, words.today())
        self._show_day()
        self._turn_to(Page.MONTH)

    async def action_back(self) -> None:
        """From another page to the check, then to the roster."""
        if self.page is not Page.CHECK:
            self._turn_to(Page.CHECK)
        else:
            await self.desk_app.action_back()

    # --- doing ------------------------------------------------------------------------------------------------------

    async def action_again(self) -> None:
        """Plan the same days again."""
        first, last = self.planned.first, self.planned.last
        self.planned = Planned(first, last, await self.desk_app.desk.ask(roster.propose, first, last))
        self._stale_plan = False
        await self._show()

    async def action_publish(self) -> None:
        """Publish, then go back to the roster."""
        done = await actions.publish(self.desk_app, self.planned)
        if isinstance(done, Overtaken):
            await self.action_again()
            self._turn_to(Page.DIFF)
            self.say(sentence(done.conflict), "warning")
        elif done is not None:
            from dutydesk.ui.actions.roster import show_day

            self.dismiss()
            await show_day(self.desk_app, done.first)
            days = words.span_words(done.first, done.last)
            self.desk_app.say(_("{days} published as version {n}.", days=days, n=done.number), "done")

    def copy_text(self) -> str | None:
        """Return the line under the cursor."""
        row = self.row
        if row is None:
            return None
        if isinstance(row[1], CheckLine):
            return _lines(row, 10_000)[0]
        line: DiffLine = row[1]
        return (
            f"{words.short_day(line.day)} {pick(line.title)}: "
            f"{_names(line.before, line.new)} {marks.ARROW} {_names(line.after, False)}"
        )
