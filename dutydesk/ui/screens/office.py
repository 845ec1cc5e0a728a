"""The office (key 9): pages about people and months; the supervisor sees everybody's, an engineer his own.

A page joins in by one line in `PAGES`; its screen is imported when it is opened.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, ClassVar, NamedTuple

from textual import on
from textual.app import ComposeResult

from dutydesk.domain.people import Role
from dutydesk.domain.words import N_
from dutydesk.locale import _
from dutydesk.ui.commands import Command
from dutydesk.ui.screens.base import DeskScreen
from dutydesk.ui.widgets.lines import LineRow, Lines, Section

ANYBODY = frozenset(Role)


class Page(NamedTuple):
    """One page of the office.

    `where` is `module:class` of its screen. `roles` may open it. `news` is `module:function` of an
    `async def (app) -> str` that says what waits there, shown beside it.
    """

    key: str
    name: str
    title: str
    told: str
    where: str
    roles: frozenset[Role] = ANYBODY
    news: str = ""

    def find(self, name: str) -> Any:
        """Import and return what `module:name` is called."""
        module, _colon, what = name.partition(":")
        return getattr(import_module(module), what)


PAGES: tuple[Page, ...] = (
    Page(
        "a",
        "attendance",
        N_("Attendance"),
        N_("Who came when; corrections and call-outs."),
        "dutydesk.ui.screens.attendance:AttendanceScreen",
        news="dutydesk.ui.actions.corrections:news",
    ),
    Page(
        "p",
        "allowance",
        N_("Duty pay"),
        N_("What each duty of a month pays and why; freezing it; rates."),
        "dutydesk.ui.screens.allowance:AllowanceScreen",
        news="dutydesk.ui.actions.allowance:news",
    ),
    Page(
        "f",
        "fairness",
        N_("Fairness"),
        N_("Hours, nights, weekends and holidays by person; the score."),
        "dutydesk.ui.screens.fairness:FairnessScreen",
    ),
)


class OfficeScreen(DeskScreen):
    """A menu of pages with what waits on each."""

    place: ClassVar[str] = "office"
    subjects: ClassVar[frozenset[str]] = frozenset({"attendance", "correction", "callout", "allowance"})
    commands: ClassVar[list[Command]] = [
        Command(f"office.{page.name}", page.key, page.title, f"page({page.name!r})", page.told, footer=True, opens=True)
        for page in PAGES
    ]

    def compose_body(self) -> ComposeResult:
        """Yield the menu."""
        yield Lines(id="pages")

    async def load(self) -> None:
        """Show the pages that this person may open."""
        rows = [await self._row(page) for page in self.pages()]
        self.query_one(Lines).show([Section(_("Office"), rows, len(rows))])

    def pages(self) -> list[Page]:
        """Return the pages that this person may open."""
        who = self.desk_app.who
        return [page for page in PAGES if who is not None and who.role in page.roles]

    async def _row(self, page: Page) -> LineRow:
        news = await page.find(page.news)(self.desk_app) if page.news else ""
        return LineRow(
            [(page.key, "accent"), f"  {_(page.title)}  ", (_(page.told), "muted")],
            [(news, "warning")] if news else (),
            key=page.name,
        )

    @on(Lines.Chosen, "#pages")
    def _chosen(self, event: Lines.Chosen) -> None:
        self.action_command(f"office.{event.row.key}")

    async def action_page(self, name: str) -> None:
        """Open a page."""
        page = next((page for page in self.pages() if page.name == name), None)
        if page is None:
            self.say(_("This page is the supervisor's."), "warning")
            return
        await self.desk_app.push_screen(page.find(page.where)())
