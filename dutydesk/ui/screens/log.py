"""The shift log (key 4): every line, newest first; searched, narrowed, written, corrected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.timer import Timer
from textual.widgets import Static

from dutydesk.domain.text import clean, cut
from dutydesk.domain.words import N_
from dutydesk.locale import _, pick, times, word
from dutydesk.locale.lines import line_text
from dutydesk.services import log
from dutydesk.services.log import LogFilters, LogLine
from dutydesk.ui import marks
from dutydesk.ui.commands import Command
from dutydesk.ui.screens.base import DeskScreen
from dutydesk.ui.screens.log_rows import WIDE, columns, day_title, full, person, remark, whole_history
from dutydesk.ui.widgets.entry import EntryLine
from dutydesk.ui.widgets.prose import Prose
from dutydesk.ui.widgets.records import Paged, RecordList

SEARCH_SECONDS = 0.12
"""How long typing must rest before the search is asked."""
QUERY_LIMIT = 100


class LogScreen(DeskScreen):
    """The log of the desk; what is narrowed stays so until esc."""

    CSS_PATH = "log.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]
    place: ClassVar[str] = "log"
    subjects: ClassVar[frozenset[str]] = frozenset({"log"})
    commands: ClassVar[list[Command]] = [
        Command(
            "log.correct",
            "c",
            N_("Correct"),
            "correct",
            N_("Correct this line; the old text stays readable."),
            why_not="why_not_correct",
            opens=True,
        ),
        Command("log.filter", "f", N_("Filter"), "filter", N_("Narrow by kind, person, shift or days."), opens=True),
        Command("log.goto", "t", N_("Go to time"), "goto_time", N_("Go to a day or a time."), opens=True),
        Command("log.incident", "i", N_("Incident"), "incident", N_("Open the incident of this line."), opens=True),
        Command("log.measures", "m", N_("Measures"), "measures", N_("The register of temporary measures."), opens=True),
    ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters = LogFilters()
        self._person = ""
        self._shift = ""
        self._soon: Timer | None = None

    def compose_body(self) -> ComposeResult:
        """Yield the list, one line in full, and the line to search with."""
        yield RecordList(
            columns(), self._source(), empty=self.empty_words, section=day_title, note=remark, id="lines", ident=_origin
        )
        yield Prose("", id="detail", markup=False)
        yield EntryLine(limit=QUERY_LIMIT, id="find")

    @property
    def records(self) -> RecordList:
        """The list."""
        return self.query_one("#lines", RecordList)

    @property
    def entry(self) -> EntryLine:
        """The line to search with."""
        return self.query_one(EntryLine)

    @property
    def line(self) -> LogLine | None:
        """The line under the cursor."""
        line: LogLine | None = self.records.row
        return line

    def _source(self) -> Paged:
        filters = self.filters

        async def page(key: Any, limit: int, back: bool) -> Sequence[LogLine]:
            return await self.desk_app.desk.ask(log.page, filters, key, limit, back=back)

        return Paged(page)

    async def load(self) -> None:
        """Read the lines around the cursor again."""
        await self.records.reload()
        self._show_line(self.line)
        self._show_filters()

    def empty_words(self) -> str:
        """Say what an empty list means."""
        if self.filters.text:
            return _("No line holds “{text}”. esc shows all lines.", text=cut(self.filters.text, 40))
        if self.narrowed:
            return _("No such line. esc shows all lines.")
        return _("The log is empty. l writes the first line.")

    @on(RecordList.Highlighted, "#lines")
    def _moved(self, event: RecordList.Highlighted) -> None:
        self._show_line(event.row)

    def _show_line(self, line: LogLine | None) -> None:
        self.query_one("#detail", Static).update(full(line) if line else "", layout=False)

    # --- narrowing --------------------------------------------------------------------------------------------------

    @property
    def narrowed(self) -> bool:
        """Whether only some of the lines are shown."""
        return self.filters != LogFilters()

    async def narrow(self, filters: LogFilters, *, person: str = "", shift: str = "") -> None:
        """Show the lines that `filters` let through; the cursor stays on its line when that is still shown."""
        key = self.records.key
        self.filters, self._person, self._shift = filters, person, shift
        await self.records.show(self._source(), None if filters.text else key)
        self._show_line(self.line)
        self._show_filters()

    def _show_filters(self) -> None:
        filters = self.filters
        said = [_("Holding “{text}”", text=cut(filters.text, 30))] if filters.text else []
        said += [word(filters.kind)] if filters.kind else []
        said += [each for each in (self._person, self._shift) if each]
        if filters.since is not None or filters.until is not None:
            first = times.day(filters.since) if filters.since is not None else ""
            last = times.day(filters.until - 1) if filters.until is not None else ""
            said.append(f"{first}{marks.DASH}{last}" if first != last else first)
        self.hint(_("Only: {filters} {dot} esc shows all", filters=_(", ").join(said), dot=marks.DOT) if said else "")

    def action_find(self) -> None:
        """Search while typing."""
        self.entry.open(_("Find"), self.filters.text)

    def on_entry_line_typed(self, event: EntryLine.Typed) -> None:
        """Search as soon as typing rests."""
        if self._soon is not None:
            self._soon.stop()
        self._soon = self.set_timer(SEARCH_SECONDS, lambda: self._search(event.text))

    def _search(self, text: str) -> None:
        text = clean(text)
        if text != self.filters.text:
            self.desk_app.do(
                lambda: self.narrow(replace(self.filters, text=text), person=self._person, shift=self._shift)
            )

    async def _hold(self, text: str) -> None:
        await self.narrow(replace(self.filters, text=text), person=self._person, shift=self._shift)

    def on_entry_line_entered(self, event: EntryLine.Entered) -> None:
        """Search at once and go to the list."""
        if self._soon is not None:
            self._soon.stop()
        self._search(event.text)
        self._close_entry()

    def _close_entry(self) -> None:
        self.entry.close()
        self.records.focus()

    async def action_back(self) -> None:
        """Leave the search, then what narrows the list, then as everywhere."""
        if self.entry.is_open:
            if self._soon is not None:
                self._soon.stop()
            self._close_entry()
            if self.filters.text:
                await self._hold("")
        elif self.narrowed:
            await self.narrow(LogFilters())
        else:
            await self.desk_app.action_back()

    async def action_filter(self) -> None:
        """Ask what to narrow the list to."""
        from dutydesk.ui.screens.log_filter import ask_filter

        chosen = await ask_filter(self.desk_app, self.filters)
        if chosen is not None:
            await self.narrow(chosen.filters, person=pick(chosen.person) if chosen.person else "", shift=chosen.shift)

    async def action_goto_time(self) -> None:
        """Ask for a day or a time and go to the last line before it."""
        from dutydesk.ui.screens.log_filter import ask_time

        at = await ask_time(self.desk_app)
        if at is None:
            return
        found = await self.desk_app.desk.ask(log.page, self.filters, (at, 2**62), 1)
        if found:
            await self.records.goto(found[0].key)
        else:
            self.records.action_last()
            self.say(_("Nothing was written before that; this is the first line."), "warning")

    # --- one line ---------------------------------------------------------------------------------------------------

    async def action_write_line(self) -> None:
        """Write a line and go to it."""
        from dutydesk.ui.actions.log import write_line

        await self._go_to(await write_line(self.desk_app))

    def why_not_correct(self) -> str | None:
        """Say why the line under the cursor cannot be corrected here."""
        if self.line is None:
            return _("There is no line to correct.")
        if self.line.message:
            return _("The program wrote this line; what it tells is corrected where it happened.")
        return self.desk_app.why_not_write()

    async def action_correct(self) -> None:
        """Correct the line under the cursor."""
        from dutydesk.ui.actions.log import correct_line

        if self.line is not None:
            await self._go_to(await correct_line(self.desk_app, self.line))

    async def _go_to(self, line: LogLine | None) -> None:
        if line is None:
            return
        await self.loaded()
        await self.records.reload()
        if not self.records.move_to(line.key):
            await self.records.goto(line.key)

    @on(RecordList.Selected, "#lines")
    def _open(self) -> None:
        self.desk_app.do(self._details, opens=True)

    async def _details(self) -> None:
        """Show the line in full with everything that stood before it."""
        if self.line is not None:
            history = await self.desk_app.desk.ask(log.history, self.line.id)
            await self.desk_app.show_text(_("Log line"), whole_history(history))

    async def action_incident(self) -> None:
        """Open the incident of the line."""
        line = self.line
        if line is None or line.incident_id is None:
            self.say(_("This line belongs to no incident."), "warning")
            return
        from dutydesk.ui.actions.incidents import show_incident

        await show_incident(self.desk_app, line.incident_id)

    async def action_measures(self) -> None:
        """Show the register of temporary measures."""
        from dutydesk.ui.actions.measures import show_measures

        await show_measures(self.desk_app)

    def copy_text(self) -> str | None:
        """Return the line as it would be quoted."""
        line = self.line
        if line is None:
            return None
        more = f" {marks.ARROW} {line.incident_number}" if line.incident_number else ""
        return f"{times.stamp(line.event_at)} {person(line)} [{word(line.kind)}] {line_text(line)}{more}"

    def footer_commands(self) -> list[Command]:
        """Return the keys that fit the log."""
        known = {command.id: command for command in self.all_commands}
        return [known[name] for name in ("desk.log", "desk.find", "log.correct", "log.filter")]


def _origin(line: LogLine) -> int:
    return line.corrects or line.id
