"""What a frozen month would come to if it were worked out again, and the tables of rates."""

from __future__ import annotations

from operator import attrgetter
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult

from dutydesk.domain.people import Role
from dutydesk.domain.rates import read_rates
from dutydesk.domain.words import N_
from dutydesk.locale import _, pick
from dutydesk.locale import allowance as words
from dutydesk.services import allowance
from dutydesk.services.allowance import Difference, RatesLine
from dutydesk.ui.actions import allowance as actions
from dutydesk.ui.commands import Command
from dutydesk.ui.screens.allowance_rows import Change, ChangeColumns, changes, rates_columns
from dutydesk.ui.screens.base import DeskScreen
from dutydesk.ui.widgets.paint import Cell
from dutydesk.ui.widgets.prose import Prose
from dutydesk.ui.widgets.records import Listed, RecordList
from dutydesk.ui.widgets.steps import Head, StepsHead


class PayChangeScreen(DeskScreen):
    """Person by person the lines that differ, and the step that makes a new revision of them."""

    CSS_PATH: ClassVar[Any] = "allowance.tcss"
    AUTO_FOCUS: ClassVar[str | None] = "#changes"
    place: ClassVar[str] = "office"
    subjects: ClassVar[frozenset[str]] = frozenset({"allowance", "attendance", "callout", "correction", "roster"})
    commands: ClassVar[list[Command]] = [
        Command(
            "paychange.freeze",
            "f",
            N_("New revision"),
            "freeze",
            N_("Freeze the month anew, with the reason; the old revision stays."),
            footer=True,
            why_not="why_not_freeze",
            opens=True,
        ),
        Command(
            "paychange.rates",
            "w",
            N_("Other rates"),
            "fresh",
            N_("With the rates frozen with the month, or with those set since."),
            footer=True,
        ),
    ]

    def __init__(self, month: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.month = month
        self.fresh = False
        self.found: Difference | None = None

    def compose_body(self) -> ComposeResult:
        """Yield the head, what is compared, and the lines."""
        yield StepsHead(id="head")
        yield Prose("", id="told", markup=False)
        yield RecordList(
            (), key=attrgetter("key"), section=self._section, note=self._note, empty=self.nothing, id="changes"
        )

    def _section(self, change: Change) -> str:
        return ChangeColumns(self.found).section(change) if self.found else ""

    def _note(self, change: Change) -> list[Cell | None] | None:
        return ChangeColumns(self.found).note(change) if self.found else None

    def nothing(self) -> str:
        """Say that nothing differs."""
        return _("Nothing differs from what is frozen; {month} stays as it is.", month=self.month) if self.found else ""

    @property
    def records(self) -> RecordList:
        """The lines that differ."""
        return self.query_one("#changes", RecordList)

    async def load(self) -> None:
        """Work the month out again."""
        found: Difference = await self.desk_app.desk.ask(allowance.difference, self.month, fresh=self.fresh)
        self.found = found
        by = f"{words.signed(found.after - found.before, found.decimals)} {found.currency}"
        head = _("Duty pay {month}: difference to revision {n}", month=self.month, n=found.frozen.revision)
        self.query_one(StepsHead).show(Head(head, (by, "accent")))
        values = {name: words.money(getattr(found, name), found.decimals) for name in ("before", "after")}
        told = _("{before} becomes {after}, by the rates of then; w takes those set since.", **values)
        if found.fresh:
            told = _("{before} becomes {after}, by the rates set since; w takes those of then.", **values)
        self.query_one("#told", Prose).update(told)
        self.records.columns = ChangeColumns(found).columns()
        await self.records.show(Listed(changes(found), key=attrgetter("key")))

    async def action_fresh(self) -> None:
        """Take the other rates."""
        self.fresh = not self.fresh
        self.request_reload()
        await self.loaded()

    def why_not_freeze(self) -> str | None:
        """Say why there is no new revision to make."""
        who = self.desk_app.who
        if who is None or who.role is not Role.SUPERVISOR:
            return _("Only the supervisor freezes a month.")
        return self.nothing() or None if self.found is None or not self.found.people else None

    async def action_freeze(self) -> None:
        """Freeze the month anew and go back to it."""
        if self.found is not None and (made := await actions.freeze_anew(self.desk_app, self.found)) is not None:
            await self.desk_app.action_back()
            actions.say_frozen(self.desk_app, made)


class RatesScreen(DeskScreen):
    """Every table of rates, the newest first; enter reads one, a puts another in force."""

    CSS_PATH: ClassVar[Any] = "allowance.tcss"
    AUTO_FOCUS: ClassVar[str | None] = "#rates"
    place: ClassVar[str] = "office"
    subjects: ClassVar[frozenset[str]] = frozenset({"allowance"})
    commands: ClassVar[list[Command]] = [
        Command("rates.read", "enter", N_("Read"), "read", N_("Read the rules of this table."), footer=True),
        Command(
            "rates.add",
            "a",
            N_("New rates"),
            "add",
            N_("Change a copy of this table and put it in force from a day on."),
            footer=True,
            why_not="why_not_add",
            opens=True,
        ),
    ]

    def compose_body(self) -> ComposeResult:
        """Yield the list."""
        yield StepsHead(id="head")
        yield RecordList(
            rates_columns(),
            key=attrgetter("id"),
            empty=N_("This desk has no rates yet. a puts some in force."),
            id="rates",
        )

    @property
    def line(self) -> RatesLine | None:
        """The table under the cursor."""
        line: RatesLine | None = self.query_one(RecordList).row
        return line

    async def load(self) -> None:
        """Read the tables again."""
        self.query_one(StepsHead).show(Head(_("Rates of duty pay")))
        records = self.query_one(RecordList)
        records.source = Listed(await self.desk_app.desk.ask(allowance.rates), key=attrgetter("id"))
        await records.reload()

    @on(RecordList.Selected)
    def _selected(self) -> None:
        self.desk_app.do(self.action_read, opens=True)

    async def action_read(self) -> None:
        """Show the rules of the table in the order in which they are asked."""
        if self.line is not None:
            rules = words.rates_text(read_rates(self.line.text, self.line.name))
            await self.desk_app.show_text(pick(self.line.title), rules)

    def why_not_add(self) -> str | None:
        """Say who sets rates."""
        who = self.desk_app.who
        return None if who and who.role is Role.SUPERVISOR else _("Only the supervisor sets the rates.")

    async def action_add(self) -> None:
        """Write new rates, beginning with a copy of the table under the cursor."""
        if await actions.set_rates(self.desk_app, self.line) is not None:
            self.request_reload()
