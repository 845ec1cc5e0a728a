"""Incidents (key 3): what burns, most urgent first; narrowed with one key, found by any word, opened with enter."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.style import Style
from textual.timer import Timer
from textual.widgets import Static

from dutydesk.domain import clock
from dutydesk.domain.incidents import Facts, Step, View, why_not
from dutydesk.domain.text import clean, cut
from dutydesk.domain.words import N_
from dutydesk.locale import _, ngettext, pick, times, word
from dutydesk.locale.incidents import not_acknowledged, running
from dutydesk.services import incidents
from dutydesk.services.incidents import IncidentLine, IncidentView
from dutydesk.ui import marks
from dutydesk.ui.actions import incidents as steps
from dutydesk.ui.commands import Command
from dutydesk.ui.screens import incident_words as words
from dutydesk.ui.screens.base import DeskScreen
from dutydesk.ui.widgets.entry import EntryLine
from dutydesk.ui.widgets.paint import Cell
from dutydesk.ui.widgets.prose import Prose
from dutydesk.ui.widgets.records import Column, Listed, Paged, PageSource, RecordList

WIDE = 110
"""Cells of a terminal from which the incident under the cursor is shown beside the list."""
BESIDE = 42
SEARCH_SECONDS = 0.15
"""How long typing must rest before the search is asked."""
QUERY_LIMIT = 100
LOOK_SECONDS = 0.08
"""How long the cursor must rest before the incident under it is shown beside the list."""
SHOWN_EVENTS = 6

KEYS: dict[View, str] = {
    View.OPEN: "O",
    View.MINE: "M",
    View.URGENT: "P",
    View.REQUESTS: "R",
    View.SECURITY: "S",
    View.RESOLVED: "C",
    View.ALL: "A",
}
EMPTY: dict[View, str] = {
    View.OPEN: N_("No open incidents. n opens one."),
    View.MINE: N_("Nothing open is yours. O shows all that is open."),
    View.URGENT: N_("No open P1 or P2. O shows all that is open."),
    View.REQUESTS: N_("No open requests. O shows all that is open."),
    View.SECURITY: N_("No open security events. O shows all that is open."),
    View.RESOLVED: N_("Nothing waits to be closed."),
    View.ALL: N_("No incident was ever recorded. n opens one."),
}
STEPS = {
    "incidents.acknowledge": Step.ACKNOWLEDGE,
    "incidents.start": Step.START,
    "incidents.resolve": Step.RESOLVE,
    "incidents.close": Step.CLOSE,
}


def columns() -> tuple[Column, ...]:
    """Return the columns; the number stands without its `INC-`, which every row would repeat."""
    return (
        Column("priority", "", 4, value=words.rank),
        Column("number", N_("Number"), 10, value=lambda line: (line.number.removeprefix("INC-"), "muted")),
        Column("title", N_("What"), None),
        Column("owner", N_("Owner"), 8, from_width=WIDE, value=_owner),
        Column("status", N_("Status"), 12, value=_status),
        Column("running", N_("Time"), 7, right=True, value=lambda line: running(line, clock.now())),
    )


def _owner(line: IncidentLine) -> Cell:
    return pick(line.owner) if line.owner else (marks.DASH, "muted")


def _status(line: IncidentLine) -> Cell:
    return word(line.status), {"open": "warning", "resolved": "success", "progress": ""}.get(line.status, "muted")


def remark(line: IncidentLine) -> Cell | None:
    """Return what must be said below a row: nobody acknowledged it, a legal report is due, a follow-up is due."""
    now = clock.now()
    said, urgent = [], False
    late = not_acknowledged(line, now)
    if late:
        said.append(f"{marks.LATE} {late}")
        urgent = True
    if line.report_due_at is not None and line.reported_at is None:
        left = line.report_due_at - now
        said.append(_report_due(left))
        urgent = urgent or left < words.SOON
    if line.follow_up_at is not None and line.follow_up_at <= now:
        said.append(f"{marks.LATE} {_('follow up since {time}', time=times.when(line.follow_up_at, now))}")
    return ("   ".join(said), "error" if urgent else "warning") if said else None


def _report_due(left: int) -> str:
    if left < 0:
        return f"{marks.LATE} {_('legal report late {time}', time=times.span(-left))}"
    return f"{marks.ON} {_('legal report within {time}', time=times.span(left))}"


class IncidentsScreen(DeskScreen):
    """The list of incidents."""

    CSS_PATH = "incidents.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]
    place: ClassVar[str] = "incidents"
    subjects: ClassVar[frozenset[str]] = frozenset({"incident"})
    commands: ClassVar[list[Command]] = [
        Command("incidents.acknowledge", "a", N_("Acknowledge"), "acknowledge", N_("Say that somebody takes care.")),
        Command("incidents.start", "b", N_("Begin"), "start", N_("Begin to work on it yourself.")),
        Command("incidents.resolve", "r", N_("Resolve"), "resolve", N_("Write down what solved it."), opens=True),
        Command("incidents.close", "c", N_("Close"), "close", N_("Close it; a caller is told first."), opens=True),
        *(Command(f"incidents.{view}", key, view.label, f"view({view.value!r})") for view, key in KEYS.items()),
        Command("incidents.next", "right", N_("Next filter"), "turn(1)", hidden=True),
        Command("incidents.previous", "left", N_("Previous filter"), "turn(-1)", hidden=True),
    ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.view = View.OPEN
        self.text = ""
        self.counts: Mapping[View, int] = {}
        self.seen: IncidentView | None = None
        self._soon: Timer | None = None
        self._look: Timer | None = None
        self._reading = False

    def compose_body(self) -> ComposeResult:
        """Yield the filters, the list, the incident under the cursor, and the line to search with."""
        yield Static("", id="filters", markup=False)
        yield RecordList(
            columns(), self._source(), empty=self.empty_words, note=remark, ident=lambda line: line.id, id="list"
        )
        with Vertical(id="beside"):
            yield Prose("", id="preview", markup=False)
        yield EntryLine(limit=QUERY_LIMIT, id="find")

    @property
    def records(self) -> RecordList:
        """The list."""
        return self.query_one("#list", RecordList)

    @property
    def entry(self) -> EntryLine:
        """The line to search with."""
        return self.query_one(EntryLine)

    @property
    def line(self) -> IncidentLine | None:
        """The incident under the cursor."""
        line: IncidentLine | None = self.records.row
        return line

    def _source(self) -> Paged:
        view = self.view

        async def page(key: Any, limit: int, back: bool) -> Sequence[IncidentLine]:
            return await self.desk_app.desk.ask(incidents.page, view, key, limit, back=back)

        return Paged(page)

    # --- showing --------------------------------------------------------------------------------------------------

    async def load(self) -> None:
        """Read the counts, the rows around the cursor, and the incident under it again."""
        self.counts = await self.desk_app.desk.ask(incidents.counts_by_view)
        if self.text:
            key = self.records.key
            await self.records.show(await self._found(), key)
        else:
            await self.records.reload()
        self._show_filters()
        self._read_preview()

    async def _found(self) -> PageSource:
        found = await self.desk_app.desk.ask(incidents.find, self.text)
        return Listed(found)

    def empty_words(self) -> str:
        """Say what an empty list means."""
        if self.text:
            return _("No incident holds “{text}”. esc shows the list.", text=cut(self.text, 40))
        return _(EMPTY[self.view])

    def _show_filters(self) -> None:
        for counted in (set(View), {View.OPEN, View.MINE, View.URGENT}, set[View]()):
            line = self._filters(counted)
            if line.cell_length <= self.size.width:
                break
        self.query_one("#filters", Static).update(line, layout=False)
        self.hint(self._hint())

    def _filters(self, counted: Collection[View]) -> Content:
        """Return the line of filters; those in `counted` say how many incidents they show."""
        parts: list[Any] = []
        for view, key in KEYS.items():
            here = view is self.view and not self.text
            count = self.counts.get(view, 0) if view in counted else 0
            said = f"{word(view)} {count}" if count else word(view)
            link = Style() if here else Style.from_meta({"@click": f"screen.view({view.value!r})"})
            parts.append((f" {key} ", "bold $accent" if here else "$text-muted"))
            parts.append(Content.styled(f"{said} ", "bold" if here else "").stylize(link))
        return Content.assemble(*parts)

    def _hint(self) -> str:
        if not self.text:
            return ""
        rows = len(self.records.rows)
        return ngettext(
            "{n} incident holds “{text}” {dot} esc shows the list",
            "{n} incidents hold “{text}” {dot} esc shows the list",
            rows,
            text=cut(self.text, 30),
            dot=marks.DOT,
        )

    @on(RecordList.Highlighted, "#list")
    def _moved(self) -> None:
        """Read the incident under the cursor when moving rests: a held key is never slowed down by it."""
        if self._look is not None:
            self._look.stop()
        self._look = self.set_timer(LOOK_SECONDS, self._read_preview)
        self.update_frame()

    def _read_preview(self) -> None:
        """Read the incident under the cursor, one at a time: moving on never waits for it."""
        line = self.line
        if line is None:
            self.seen = None
            self._show_preview()
        elif self.size.width >= WIDE and not self._reading:
            self._reading = True
            self.desk_app.desk.run(incidents.view, line.id, done=self._previewed, failed=self._not_previewed)

    def _previewed(self, seen: IncidentView) -> None:
        self._reading = False
        if not self.is_attached:
            return
        self.seen = seen
        line = self.line
        if line is not None and line.id != seen.id:
            self._read_preview()
        else:
            self._show_preview()

    def _not_previewed(self, _error: object) -> None:
        self._reading = False

    def _show_preview(self) -> None:
        preview = self.query_one("#preview", Static)
        seen, now = self.seen, clock.now()
        if seen is None:
            preview.update("", layout=False)
            return
        cells = BESIDE - 3
        lines = [words.head(seen, now), *words.legal(seen, now), Content(""), *words.facts(seen, now)]
        lines += words.sent(seen, now)
        entries = words.timeline(seen.events[-SHOWN_EVENTS:], now, cells)
        lines += [Content(""), words.rule(_("Timeline"), cells, str(len(seen.events))), entries]
        preview.update(Content("\n").join(lines), layout=False)

    def on_resize(self) -> None:
        """Show the incident beside the list where there is room now."""
        self.call_after_refresh(self._read_preview)
        self.call_after_refresh(self._show_filters)

    def on_minute(self) -> None:
        """Count on."""
        self.records.redraw()
        self._show_preview()

    def relabel(self) -> None:
        """Say filters and counts in the language spoken."""
        self._show_filters()

    # --- narrowing ------------------------------------------------------------------------------------------------

    async def action_view(self, view: str) -> None:
        """Show the incidents of a view, from the start."""
        self.view, self.text = View(view), ""
        await self.records.show(self._source())
        self._show_filters()

    async def action_turn(self, by: int) -> None:
        """Show the next view, or the one before."""
        views = list(KEYS)
        await self.action_view(views[(views.index(self.view) + by) % len(views)].value)

    def action_find(self) -> None:
        """Search while typing."""
        self.entry.open(_("Find"), self.text)

    def on_entry_line_typed(self, event: EntryLine.Typed) -> None:
        """Search as soon as typing rests."""
        self._rest()
        self._soon = self.set_timer(SEARCH_SECONDS, lambda: self._search(event.text))

    def _rest(self) -> None:
        if self._soon is not None:
            self._soon.stop()
            self._soon = None

    def _search(self, text: str) -> None:
        if clean(text) != self.text:
            self.desk_app.do(lambda: self._hold(clean(text)))

    async def _hold(self, text: str) -> None:
        self.text = text
        await self.records.show(await self._found() if text else self._source())
        self._show_filters()

    def on_entry_line_entered(self, event: EntryLine.Entered) -> None:
        """Search at once and go to the list."""
        self._rest()
        self._search(event.text)
        self._close_entry()

    def _close_entry(self) -> None:
        self.entry.close()
        self.records.focus()

    async def action_back(self) -> None:
        """Leave the search, then the filter, then as everywhere."""
        if self.entry.is_open:
            self._rest()
            self._close_entry()
            if self.text:
                await self._hold("")
        elif self.text:
            await self._hold("")
        elif self.view is not View.OPEN:
            await self.action_view(View.OPEN.value)
        else:
            await self.desk_app.action_back()

    # --- one incident ---------------------------------------------------------------------------------------------

    @on(RecordList.Selected, "#list")
    def _open(self, event: RecordList.Selected) -> None:
        self.desk_app.do(lambda: steps.show_incident(self.desk_app, event.row.id), opens=True)

    def why_not(self, command: Command) -> str | None:
        """Say why a step cannot be taken with the incident under the cursor."""
        step = STEPS.get(command.id)
        if step is None:
            return super().why_not(command)
        line = self.line
        if line is None:
            return _("No incident is selected.")
        due, reported = line.report_due_at is not None, line.reported_at is not None
        sentence = why_not(step, Facts(line.status, line.kind, reportable=due, reported=reported))
        return self.desk_app.why_not_write() or (_(sentence) if sentence else None)

    async def action_acknowledge(self) -> None:
        """Acknowledge the incident under the cursor."""
        if self.line is not None:
            await steps.acknowledge(self.desk_app, self.line.id)

    async def action_start(self) -> None:
        """Begin to work on it."""
        if self.line is not None:
            await steps.start(self.desk_app, self.line.id)

    async def action_resolve(self) -> None:
        """Write down what solved it."""
        await self._step(steps.resolve)

    async def action_close(self) -> None:
        """Close it."""
        await self._step(steps.close)

    async def _step(self, step: Any) -> None:
        if self.line is not None:
            await step(self.desk_app, await self.desk_app.desk.ask(incidents.view, self.line.id))

    def copy_text(self) -> str | None:
        """Return the incident under the cursor as it would be quoted."""
        line = self.line
        if line is None:
            return None
        parts = [line.number, line.priority.value, line.title, word(line.status), running(line, clock.now())]
        return f" {marks.DOT} ".join(parts)

    def footer_commands(self) -> list[Command]:
        """Return the keys that fit the incident under the cursor."""
        known = {command.id: command for command in self.all_commands}
        fitting = [name for name in STEPS if self.why_not(known[name]) is None][:2]
        return [known[name] for name in ("desk.incident", *fitting, "desk.find")]
