"""The register of temporary measures: what is set aside now, who looks after it, and what was taken back lately."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from operator import attrgetter
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.widgets import Static

from dutydesk.domain.errors import NotFound
from dutydesk.domain.text import cut
from dutydesk.domain.words import N_
from dutydesk.locale import _, ngettext, pick, word
from dutydesk.services import measures
from dutydesk.services.measures import MeasureLine, MeasureView
from dutydesk.ui.actions import measures as actions
from dutydesk.ui.commands import Command
from dutydesk.ui.screens.base import DeskScreen
from dutydesk.ui.screens.log_rows import WIDE
from dutydesk.ui.screens.measure_rows import columns, end_words, full, group
from dutydesk.ui.widgets.entry import EntryLine
from dutydesk.ui.widgets.prose import Prose
from dutydesk.ui.widgets.records import Listed, RecordList

CLOSED_SHOWN = 100
"""Closed measures that are listed, the last ones."""
QUERY_LIMIT = 60

_key = attrgetter("id")


class MeasuresScreen(DeskScreen):
    """What is in force, past its end first, and below it what was closed."""

    CSS_PATH = "log.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]
    place: ClassVar[str] = "log"
    subjects: ClassVar[frozenset[str]] = frozenset({"measure", "handover"})
    commands: ClassVar[list[Command]] = [
        Command(
            "measure.add",
            "a",
            N_("Add"),
            "add",
            N_("Put down a temporary measure."),
            why_not="why_not_write",
            opens=True,
        ),
        Command(
            "measure.close",
            "c",
            N_("Close measure"),
            "close",
            N_("Close this measure: it is back as usual."),
            why_not="why_not_change",
            opens=True,
        ),
        Command(
            "measure.extend",
            "e",
            N_("Extend"),
            "extend",
            N_("Set another end for this measure."),
            why_not="why_not_change",
            opens=True,
        ),
        Command(
            "measure.change",
            "u",
            N_("Edit"),
            "change",
            N_("Change what is written about this measure."),
            why_not="why_not_change",
            opens=True,
        ),
        Command("measure.incident", "i", N_("Incident"), "incident", N_("Open its incident."), opens=True),
    ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.words = ""
        self._lines: list[MeasureLine] = []
        self._asked: int | None = None

    def compose_body(self) -> ComposeResult:
        """Yield the register, one measure in full, and the line to search with."""
        yield RecordList(columns(), key=_key, section=group, empty=self.empty_words, id="measures")
        yield Prose("", id="detail", markup=False)
        yield EntryLine(limit=QUERY_LIMIT, id="find")

    @property
    def records(self) -> RecordList:
        """The list."""
        return self.query_one("#measures", RecordList)

    @property
    def entry(self) -> EntryLine:
        """The line to search with."""
        return self.query_one(EntryLine)

    @property
    def line(self) -> MeasureLine | None:
        """The measure under the cursor."""
        line: MeasureLine | None = self.records.row
        return line

    async def load(self) -> None:
        """Read the register again."""
        desk = self.desk_app.desk
        in_force = await desk.ask(measures.in_force)
        self._lines = [*in_force, *await desk.ask(measures.closed, limit=CLOSED_SHOWN)]
        await self._show()
        overdue = sum(line.overdue for line in in_force)
        said = [ngettext("{n} in force", "{n} in force", len(in_force))]
        said += [ngettext("{n} past its end", "{n} past their end", overdue)] if overdue else []
        self.hint(_(", ").join(said) if in_force else "")

    async def _show(self) -> None:
        wanted = self.words.casefold().split()
        rows = [line for line in self._lines if all(each in _text(line) for each in wanted)]
        self.records.source = Listed(rows, key=_key)
        await self.records.reload()
        self._moved_to(self.line)

    def empty_words(self) -> str:
        """Say what an empty register means."""
        if self.words:
            return _("No measure holds “{text}”. esc shows all.", text=cut(self.words, 40))
        return _("No temporary measure is in force. a puts one down.")

    def on_minute(self) -> None:
        """An end may have passed."""
        self.request_reload()

    @on(RecordList.Highlighted, "#measures")
    def _moved(self, event: RecordList.Highlighted) -> None:
        self._moved_to(event.row)

    def _moved_to(self, line: MeasureLine | None) -> None:
        self._asked = line.id if line else None
        if line is None:
            self.query_one("#detail", Static).update("", layout=False)
        else:
            self.desk_app.desk.run(measures.view, line.id, done=self._show_measure)

    def _show_measure(self, view: MeasureView) -> None:
        if view.line.id == self._asked:
            for detail in self.query("#detail").results(Static):  # none when the screen was left meanwhile
                detail.update(full(view), layout=False)

    # --- searching --------------------------------------------------------------------------------------------------

    def action_find(self) -> None:
        """Narrow the register while typing."""
        self.entry.open(_("Find"), self.words)

    async def on_entry_line_typed(self, event: EntryLine.Typed) -> None:
        """Narrow to what is typed."""
        self.words = event.text
        await self._show()

    def on_entry_line_entered(self) -> None:
        """Go to the list."""
        self.entry.close()
        self.records.focus()

    async def action_back(self) -> None:
        """Leave the search, then the register."""
        if self.entry.is_open or self.words:
            self.words = ""
            self.on_entry_line_entered()
            await self._show()
        else:
            await self.desk_app.action_back()

    # --- steps ------------------------------------------------------------------------------------------------------

    def why_not_change(self) -> str | None:
        """Say why the measure under the cursor cannot be changed."""
        if self.line is None:
            return _("There is no measure here.")
        if self.line.closed_at is not None:
            return _("Measure {number} is closed already.", number=self.line.number)
        return self.desk_app.why_not_write()

    async def action_add(self) -> None:
        """Put down a measure and go to it."""
        view = await actions.open_measure(self.desk_app)
        if view is not None:
            self.request_reload()
            await self.loaded()
            self.records.move_to(view.line.id)

    async def action_close(self) -> None:
        """Close the measure under the cursor."""
        await self._step(actions.close_measure)

    async def action_extend(self) -> None:
        """Set another end."""
        await self._step(actions.extend_measure)

    async def action_change(self) -> None:
        """Change what is written."""
        await self._step(actions.edit_measure)

    async def _step(self, step: Callable[[Any, int], Awaitable[MeasureView | None]]) -> None:
        if self.line is not None and await step(self.desk_app, self.line.id) is not None:
            self.request_reload()

    @on(RecordList.Selected, "#measures")
    def _open(self, event: RecordList.Selected) -> None:
        self.desk_app.do(partial(self._details, event.row.id), opens=True)

    async def _details(self, measure_id: int) -> None:
        view = await self.desk_app.desk.ask(measures.view, measure_id)
        await self.desk_app.show_text(view.line.number, full(view))

    async def action_incident(self) -> None:
        """Open the incident of the measure under the cursor."""
        if self.line is None or self.line.incident_id is None:
            raise NotFound(N_("This measure belongs to no incident."))
        from dutydesk.ui.actions.incidents import show_incident

        await show_incident(self.desk_app, self.line.incident_id)

    def copy_text(self) -> str | None:
        """Return the measure as it would be quoted."""
        line = self.line
        if line is None:
            return None
        return f"{line.number} [{word(line.kind)}] {line.title} ({end_words(line)}, {pick(line.owner)})"

    def footer_commands(self) -> list[Command]:
        """Return the keys of the register."""
        known = {command.id: command for command in self.all_commands}
        return [known[name] for name in ("measure.add", "measure.close", "measure.extend", "measure.change")]


def _text(line: MeasureLine) -> str:
    words = (line.number, line.title, word(line.kind), line.owner.zh, line.owner.en, line.incident_number)
    return " ".join(words).casefold()
