"""One person's duty pay of a month, line by line: what happened, the rule that pays it, how the amount came about."""

from __future__ import annotations

from operator import attrgetter
from typing import Any, ClassVar

from textual.app import ComposeResult

from dutydesk.domain.allowance import PayLine, PersonPay
from dutydesk.domain.words import N_
from dutydesk.locale import _, ngettext, pick
from dutydesk.locale import allowance as words
from dutydesk.services import allowance
from dutydesk.services.allowance import MonthSheet
from dutydesk.ui import marks
from dutydesk.ui.commands import Command
from dutydesk.ui.screens.allowance_rows import LineColumns, day
from dutydesk.ui.screens.base import DeskScreen
from dutydesk.ui.widgets.paint import Cell
from dutydesk.ui.widgets.records import Listed, RecordList
from dutydesk.ui.widgets.steps import Head, StepsHead

_key = attrgetter("key")


class PersonPayScreen(DeskScreen):
    """The lines behind one person's amount."""

    CSS_PATH: ClassVar[Any] = "allowance.tcss"
    AUTO_FOCUS: ClassVar[str | None] = "#paid"
    place: ClassVar[str] = "office"
    subjects: ClassVar[frozenset[str]] = frozenset({"allowance", "attendance", "callout", "correction", "roster"})
    commands: ClassVar[list[Command]] = [
        Command("pay.next", "right", N_("Next person"), "person(1)", footer=True),
        Command("pay.previous", "left", N_("Person before"), "person(-1)", footer=True),
    ]

    def __init__(self, month: str, login: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.month, self.login = month, login
        self.sheet: MonthSheet | None = None
        self._words = LineColumns(2, {})

    def compose_body(self) -> ComposeResult:
        """Yield the head and the lines."""
        yield StepsHead(id="head")
        yield RecordList(self._words.columns(), key=_key, note=self._note, empty=self.nothing, id="paid")

    def _note(self, line: PayLine) -> list[Cell | None]:
        return self._words.note(line)

    def nothing(self) -> str:
        """Say that there is nothing."""
        return _("There is nothing of this person in {month}.", month=self.month) if self.sheet else ""

    @property
    def records(self) -> RecordList:
        """The lines."""
        return self.query_one("#paid", RecordList)

    @property
    def person(self) -> PersonPay | None:
        """The person whose lines are shown."""
        people = self.sheet.content.people if self.sheet else ()
        return next((person for person in people if person.login == self.login), None)

    async def load(self) -> None:
        """Read the month again."""
        self.sheet = await self.desk_app.desk.ask(allowance.sheet, self.month)
        await self._show()

    async def _show(self) -> None:
        sheet, person = self.sheet, self.person
        if sheet is None:
            return
        content = sheet.content
        self._words = LineColumns(content.decimals, sheet.titles)
        self.records.columns = self._words.columns()
        amount = f"{words.money(person.amount if person else 0, content.decimals)} {content.currency}"
        name = _("{name}, {month}", name=pick(person.label) if person else self.login, month=self.month)
        self.query_one(StepsHead).show(Head(name, (amount.strip(), "accent")))
        await self.records.show(Listed(person.lines if person else (), key=_key))
        lines = len(person.lines) if person else 0
        known = ngettext("{n} line", "{n} lines", lines)
        doubtful = person.doubtful if person else 0
        look = f" {marks.DOT} {_('Lines to look into: {n}.', n=doubtful)}" if doubtful else ""
        self.hint(known + look)

    async def action_person(self, by: int) -> None:
        """Go to the next person of the sheet, or the one before."""
        logins = [person.login for person in self.sheet.content.people] if self.sheet else []
        if self.login in logins:
            self.login = logins[(logins.index(self.login) + by) % len(logins)]
            await self._show()

    def copy_text(self) -> str | None:
        """Return the line under the cursor."""
        line: PayLine | None = self.records.row
        if line is None or self.sheet is None:
            return None
        decimals = self.sheet.content.decimals
        parts = (day(line.day), words.rule(line), words.how(line, decimals), words.money(line.amount, decimals))
        return "\t".join(parts)
