"""The duty pay of a month (office): by person, with the rule that made each amount, frozen by the supervisor."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from operator import attrgetter
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Container

from dutydesk.domain import clock
from dutydesk.domain.allowance import PersonPay
from dutydesk.domain.errors import DeskError
from dutydesk.domain.people import Role
from dutydesk.domain.words import N_
from dutydesk.locale import _, pick, sentence, times
from dutydesk.locale import allowance as words
from dutydesk.locale.lines import said
from dutydesk.services import allowance
from dutydesk.services.allowance import MonthSheet
from dutydesk.ui import marks
from dutydesk.ui.actions import allowance as actions
from dutydesk.ui.commands import Command
from dutydesk.ui.screens.allowance_rows import WIDE, counted, day, people_columns, rates_names, title, total
from dutydesk.ui.screens.base import DeskScreen
from dutydesk.ui.widgets.lines import LineRow, Lines, Section
from dutydesk.ui.widgets.prose import Prose
from dutydesk.ui.widgets.records import Listed, RecordList
from dutydesk.ui.widgets.steps import Head, StepsHead

LOOKED_BACK = 10
"""Until this day of a month the month before is shown first: it is the one to settle."""

_key = attrgetter("login")


class AllowanceScreen(DeskScreen):
    """One month, a row a person; an engineer sees his own."""

    CSS_PATH: ClassVar[Any] = "allowance.tcss"
    AUTO_FOCUS: ClassVar[str | None] = "#people"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]
    place: ClassVar[str] = "office"
    subjects: ClassVar[frozenset[str]] = frozenset(
        {"allowance", "attendance", "callout", "correction", "roster", "shift", "calendar"}
    )
    commands: ClassVar[list[Command]] = [
        Command("allowance.lines", "enter", N_("Lines"), "lines", N_("Every amount and its rule."), footer=True),
        Command(
            "allowance.freeze",
            "f",
            N_("Freeze"),
            "freeze",
            N_("Freeze the month with its rates; it is never rewritten."),
            footer=True,
            why_not="why_not_freeze",
            opens=True,
        ),
        Command(
            "allowance.difference",
            "d",
            N_("Difference"),
            "difference",
            N_("Work a frozen month out again and show what differs."),
            footer=True,
            why_not="why_not_difference",
            opens=True,
        ),
        Command("allowance.rates", "r", N_("Rates"), "rates", N_("The rates, and new ones."), footer=True, opens=True),
        Command("allowance.before", "left", N_("Month before"), "month(-1)"),
        Command("allowance.after", "right", N_("Month after"), "month(1)"),
    ]

    def __init__(self, month: str = "", login: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.month = month or _first_month()
        self._login = login
        self.sheet: MonthSheet | None = None

    def compose_body(self) -> ComposeResult:
        """Yield the head, what is to be known, the people, and beside them the lines of one."""
        yield StepsHead(id="head")
        yield Prose("", id="told", classes="-none", markup=False)
        with Container(id="sheet"):
            yield RecordList(people_columns(2), key=_key, empty=self.nothing, id="people")
            yield Lines(id="lines")

    def nothing(self) -> str:
        """Say what an empty sheet means."""
        if self.sheet is None:
            return ""
        if self.sheet.own:
            return _("You had no duty and no call-out in {month}. Left and right go to other months.", month=self.month)
        return _("No duty is over in {month}. Left and right go to other months.", month=self.month)

    @property
    def records(self) -> RecordList:
        """The list of people."""
        return self.query_one("#people", RecordList)

    @property
    def person(self) -> PersonPay | None:
        """The person under the cursor."""
        found: PersonPay | None = self.records.row
        return found

    async def load(self) -> None:
        """Work the month out again, or read it where it is frozen."""
        asked = self.month
        try:
            sheet = await self.desk_app.desk.ask(allowance.sheet, asked)
        except DeskError as error:
            if asked == self.month:
                await self._show_trouble(sentence(error))
            return
        if asked == self.month:
            self.sheet = sheet
            await self._show(sheet)

    async def _show_trouble(self, why: str) -> None:
        self.sheet = None
        self.query_one(StepsHead).show(Head(_("Duty pay {month}", month=self.month)))
        self._tell([why])
        await self.records.show(Listed((), key=_key))
        self.query_one("#lines", Lines).show(())

    async def _show(self, sheet: MonthSheet) -> None:
        self.query_one(StepsHead).show(Head(title(sheet), (total(sheet), "accent")))
        self._tell([said(warning) for warning in sheet.warnings])
        self.records.columns = people_columns(sheet.content.decimals)
        await self.records.show(Listed(sheet.content.people, key=_key))
        if self._login:
            self.records.move_to(self._login)
            self._login = ""
        self._show_lines()
        self.hint(f"{counted(len(sheet.content.people))} {marks.DOT} {rates_names(sheet)}" if sheet.rates else "")

    def _tell(self, sentences: list[str]) -> None:
        told = self.query_one("#told", Prose)
        told.set_class(not sentences, "-none")
        told.update("\n".join(f"{marks.LATE} {each}" for each in sentences))

    @on(RecordList.Highlighted, "#people")
    def _moved(self) -> None:
        self._show_lines()

    def _show_lines(self) -> None:
        person, sheet = self.person, self.sheet
        if person is None or sheet is None:
            self.query_one("#lines", Lines).show(())
            return
        rows: list[LineRow] = []
        for line in person.lines:
            name = words.what(line, sheet.titles.get(line.kind))
            amount = words.money(line.amount, sheet.content.decimals)
            style = "warning" if line.doubtful else "muted"
            rows.append(LineRow([day(line.day), f"  {name}  ", (words.rule(line), style)], [amount]))
        count = words.money(person.amount, sheet.content.decimals)
        self.query_one("#lines", Lines).show([Section(pick(person.label), rows, (count, "accent"))])

    # --- steps ------------------------------------------------------------------------------------------------------

    async def action_month(self, by: int) -> None:
        """Go to another month."""
        first = date.fromisoformat(f"{self.month}-01")
        self.month = f"{(first + timedelta(days=31 if by > 0 else -1)):%Y-%m}"
        self.request_reload()
        await self.loaded()

    @on(RecordList.Selected, "#people")
    def _selected(self) -> None:
        self.desk_app.do(self.action_lines, opens=True)

    async def action_lines(self) -> None:
        """Show every line of the person under the cursor."""
        from dutydesk.ui.screens.allowance_lines import PersonPayScreen

        if self.person is not None:
            await self.desk_app.push_screen(PersonPayScreen(self.month, self.person.login))

    def why_not_freeze(self) -> str | None:
        """Say why the month cannot be frozen."""
        who, sheet = self.desk_app.who, self.sheet
        if who is None or who.role is not Role.SUPERVISOR:
            return _("Only the supervisor freezes a month.")
        if sheet is None or not sheet.content.people:
            return _("Nothing has happened in {month} that is paid for.", month=self.month)
        if sheet.frozen is not None and not sheet.changed:
            return _("Nothing differs from what is frozen; {month} stays as it is.", month=self.month)
        return None

    def why_not_difference(self) -> str | None:
        """Say why there is nothing to compare with."""
        if self.sheet is None or self.sheet.frozen is None:
            return _("The duty pay of {month} is not frozen yet.", month=self.month)
        return None

    async def action_freeze(self) -> None:
        """Freeze the month; one that was frozen shows first what differs."""
        if self.sheet is None:
            return
        if self.sheet.frozen is not None:
            await self.action_difference()
        elif (made := await actions.freeze(self.desk_app, self.sheet)) is not None:
            self.request_reload()
            actions.say_frozen(self.desk_app, made)

    async def action_difference(self) -> None:
        """Show what a recalculation changes."""
        await actions.show_difference(self.desk_app, self.month)

    async def action_rates(self) -> None:
        """Show the rates."""
        await actions.show_rates(self.desk_app)

    def copy_text(self) -> str | None:
        """Return the sheet as tab-separated text."""
        if self.sheet is None:
            return None
        money = partial(words.money, decimals=self.sheet.content.decimals)
        people = self.sheet.content.people
        return "\n".join(f"{pick(each.label)}\t{each.duties}\t{each.calls}\t{money(each.amount)}" for each in people)


def _first_month() -> str:
    today = times.local(clock.now()).date()
    return f"{(today - timedelta(days=LOOKED_BACK)):%Y-%m}"
