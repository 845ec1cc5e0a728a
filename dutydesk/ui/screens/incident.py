"""One incident: how it stands and every clock of it, who was sent, its timeline; one key a step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from dutydesk.domain import clock
from dutydesk.domain.errors import DeskError
from dutydesk.domain.incidents import Mode, Status, Step, why_not
from dutydesk.domain.words import N_
from dutydesk.locale import _
from dutydesk.services import incidents
from dutydesk.services.incidents import IncidentView, Similar
from dutydesk.ui.actions import incidents as steps
from dutydesk.ui.commands import Command
from dutydesk.ui.forms.spec import Option
from dutydesk.ui.screens import incident_words as words
from dutydesk.ui.screens.base import DeskScreen, RecordsChanged
from dutydesk.ui.widgets.entry import EntryLine
from dutydesk.ui.widgets.prose import Prose

if TYPE_CHECKING:
    from dutydesk.ui.forms.drafts import DraftKeeper

WIDE = 110
"""Cells of a terminal from which facts and similar incidents stand beside the timeline."""
BESIDE = 42
NOTE_LIMIT = 1000

STEPS: dict[str, Step] = {
    "incident.acknowledge": Step.ACKNOWLEDGE,
    "incident.start": Step.START,
    "incident.note": Step.NOTE,
    "incident.note_form": Step.NOTE,
    "incident.dispatch": Step.DISPATCH,
    "incident.arrived": Step.ARRIVE,
    "incident.resolve": Step.RESOLVE,
    "incident.close": Step.CLOSE,
    "incident.reopen": Step.REOPEN,
    "incident.merge": Step.MERGE,
    "incident.priority": Step.PRIORITY,
    "incident.plan": Step.ASSIGN,
    "incident.classify": Step.CLASSIFY,
    "incident.report": Step.REPORT,
    "incident.edit": Step.EDIT,
}
BEST: dict[Status, tuple[str, ...]] = {
    Status.OPEN: ("acknowledge", "note", "dispatch", "resolve"),
    Status.ACKNOWLEDGED: ("start", "note", "dispatch", "resolve"),
    Status.IN_PROGRESS: ("note", "dispatch", "resolve", "plan"),
    Status.RESOLVED: ("close", "reopen", "note"),
    Status.CLOSED: ("reopen", "note"),
    Status.MERGED: (),
}
"""The steps that fit a status best, for the footer."""


def _step(name: str, key: str, title: str, help: str) -> Command:
    return Command(f"incident.{name}", key, title, name, help, opens=name not in ("acknowledge", "start"))


class IncidentScreen(DeskScreen):
    """One incident, whole."""

    CSS_PATH = "incident.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]
    AUTO_FOCUS = "#timeline"
    place: ClassVar[str] = "incidents"
    subjects: ClassVar[frozenset[str]] = frozenset({"incident"})
    commands: ClassVar[list[Command]] = [
        _step("acknowledge", "a", N_("Acknowledge"), N_("Say that somebody takes care.")),
        _step("start", "b", N_("Begin"), N_("Begin to work on it yourself.")),
        _step("note", "m", N_("Note"), N_("Write a note of one line.")),
        _step("note_form", "M", N_("Long note"), N_("A note of several lines, or of an earlier time.")),
        _step("dispatch", "d", N_("Send"), N_("Send somebody: remote, by phone or on site.")),
        _step("arrived", "v", N_("Arrived"), N_("Who was sent has arrived, or is done.")),
        _step("resolve", "r", N_("Resolve"), N_("Write down what solved it.")),
        _step("close", "c", N_("Close"), N_("Close it; a caller is told first.")),
        _step("reopen", "o", N_("Reopen"), N_("Take it up again, with the reason.")),
        _step("plan", "w", N_("Owner, next step"), N_("Who has it, what comes next, when it is followed up.")),
        _step("priority", "p", N_("Priority"), N_("Judge impact and urgency anew.")),
        _step("edit", "e", N_("Correct"), N_("Correct title, details and facts.")),
        _step("merge", "g", N_("Merge"), N_("Go on with another incident instead.")),
        _step("classify", "k", N_("Grade"), N_("Class and grade of a security event.")),
        _step("report", "t", N_("Report made"), N_("The report to the office in charge was made.")),
        _step("call_in", "u", N_("Call in"), N_("Put down that somebody was called in for it."))._replace(
            why_not="why_not_write"
        ),
        _step("similar", "f", N_("Similar"), N_("Read how similar ones were solved.")),
    ]

    def __init__(self, incident_id: int) -> None:
        super().__init__()
        self.incident_id = incident_id
        self.seen: IncidentView | None = None
        self.found: Sequence[Similar] = ()
        self._found_for = ""
        self._keeper: DraftKeeper | None = None
        self._note = ""

    def compose_body(self) -> ComposeResult:
        """Yield head, timeline, what stands beside it, and the line for a note."""
        yield Prose("", id="head", markup=False)
        with Vertical(id="left"):
            yield Static("", id="rule", markup=False)
            with VerticalScroll(id="timeline"):
                yield Static("", id="entries", markup=False)
        with Vertical(id="beside"):
            yield Prose("", id="facts", markup=False)
        yield EntryLine(limit=NOTE_LIMIT, id="note")

    @property
    def entry(self) -> EntryLine:
        """The line for a note."""
        return self.query_one(EntryLine)

    @property
    def wide(self) -> bool:
        """Whether facts stand beside the timeline."""
        return self.size.width >= WIDE

    # --- showing --------------------------------------------------------------------------------------------------

    async def load(self) -> None:
        """Read and show the incident, then once a title what is like it."""
        seen = await self.desk_app.desk.ask(incidents.view, self.incident_id)
        fresh = self.seen is None or self.seen.id != seen.id or len(seen.events) != len(self.seen.events)
        self.seen = seen
        self.show(to_end=fresh)
        if seen.title != self._found_for:
            self._found_for = seen.title
            self.found = await self.desk_app.desk.ask(incidents.similar, seen.title, but=seen.id)
            self.show()

    def show(self, *, to_end: bool = False) -> None:
        """Draw what is known at the present size and minute; `to_end` shows the newest entry."""
        seen, now = self.seen, clock.now()
        if seen is None or not self.size:
            return
        wide, cells = self.wide, self.size.width - 2
        top = [words.head(seen, now), *words.legal(seen, now)]
        if not wide:
            top += [*words.facts(seen, now), *words.sent(seen, now)]
            top += [line for line in [words.alike_line(self.found, self._key("incident.similar"))] if line]
        self.query_one("#head", Static).update(Content("\n").join(top))
        self.query_one("#facts", Static).update(self._beside(seen, now) if wide else "")
        scroll = self.query_one("#timeline", VerticalScroll)
        room = cells - (BESIDE if wide else 0) - 1
        self.query_one("#rule", Static).update(words.rule(_("Timeline"), room, str(len(seen.events))))
        self.query_one("#entries", Static).update(words.timeline(seen.events, now, room))
        if to_end:
            self.call_after_refresh(scroll.scroll_end, animate=False)

    def _beside(self, seen: IncidentView, now: int) -> Content:
        lines = words.facts(seen, now)
        if seen.dispatches:
            lines += [Content(""), words.rule(_("Sent"), BESIDE - 3), *words.sent(seen, now)]
        if seen.solution:
            lines += [Content(""), words.rule(_("Solution"), BESIDE - 3), Content(seen.solution)]
        if self.found:
            title = words.rule(_("Solved before"), BESIDE - 3, self._key("incident.similar"))
            lines += [Content(""), title, *words.alike(self.found)]
        return Content("\n").join(lines)

    def _key(self, command_id: str) -> str:
        return self.key_of(next(command for command in self.all_commands if command.id == command_id))

    def on_resize(self, _event: events.Resize) -> None:
        """Wrap the timeline anew."""
        self.call_after_refresh(self.show, to_end=True)

    def on_minute(self) -> None:
        """Count on."""
        self.show()

    def relabel(self) -> None:
        """Say the line for a note in the language spoken."""
        if self.entry.is_open:
            self.entry.open(_("Note"), self.entry.text)

    def on_records_changed(self, changed: RecordsChanged) -> None:
        """Load again when this incident changed."""
        if changed.touches("incident", self.incident_id):
            self.request_reload()

    async def turn_to(self, incident_id: int) -> None:
        """Show another incident in the same place."""
        self._leave_note()
        self.incident_id = incident_id
        self.request_reload()
        await self.loaded()

    def copy_text(self) -> str | None:
        """Return the incident as it would be quoted."""
        return words.as_text(self.seen, clock.now()) if self.seen else None

    # --- what may be done -----------------------------------------------------------------------------------------

    def why_not(self, command: Command) -> str | None:
        """Say why a step cannot be taken now, in the words of the rule."""
        step = STEPS.get(command.id)
        if step is None:
            return super().why_not(command)
        if self.seen is None:
            return _("Still reading the incident.")
        sentence = why_not(step, self.seen.facts)
        return self.desk_app.why_not_write() or (_(sentence) if sentence else None)

    def title_of(self, command: Command) -> str:
        """Say whether the next one under way arrives or is done."""
        if command.id == "incident.arrived" and self.seen and self.seen.under_way:
            waiting = any(sent.mode is Mode.ON_SITE and sent.arrived_at is None for sent in self.seen.under_way)
            return _("Arrived") if waiting else _("Done")
        return super().title_of(command)

    def footer_commands(self) -> list[Command]:
        """Return the steps that fit the moment."""
        if self.seen is None:
            return []
        known = {command.id: command for command in self.all_commands}
        names = [f"incident.{name}" for name in BEST[self.seen.status]]
        if self.seen.under_way and self.seen.status is Status.IN_PROGRESS:
            names.insert(0, "incident.arrived")
        if why_not(Step.REPORT, self.seen.facts) is None:
            names.insert(0, "incident.report")
        return [known[name] for name in names]

    # --- steps ----------------------------------------------------------------------------------------------------

    async def action_acknowledge(self) -> None:
        """Acknowledge."""
        await steps.acknowledge(self.desk_app, self.incident_id)

    async def action_start(self) -> None:
        """Begin to work on it."""
        await steps.start(self.desk_app, self.incident_id)

    async def action_note_form(self) -> None:
        """Write a long note."""
        await self._step(steps.note)

    async def action_dispatch(self) -> None:
        """Send somebody."""
        await self._step(steps.dispatch)

    async def action_arrived(self) -> None:
        """Record that somebody arrived, or is done."""
        await self._step(steps.arrived)

    async def action_resolve(self) -> None:
        """Write down what solved it."""
        await self._step(steps.resolve)

    async def action_close(self) -> None:
        """Close it."""
        await self._step(steps.close)

    async def action_reopen(self) -> None:
        """Take it up again."""
        await self._step(steps.reopen)

    async def action_plan(self) -> None:
        """Owner, next step, follow-up."""
        await self._step(steps.plan)

    async def action_priority(self) -> None:
        """Judge it anew."""
        await self._step(steps.change_priority)

    async def action_edit(self) -> None:
        """Correct its texts."""
        await self._step(steps.edit)

    async def action_classify(self) -> None:
        """Give class and grade."""
        await self._step(steps.classify)

    async def action_report(self) -> None:
        """Record a report."""
        await self._step(steps.report)

    async def action_merge(self) -> None:
        """Go on with another incident."""
        if self.seen is not None:
            other = await steps.merge(self.desk_app, self.seen)
            if other is not None:
                await self.turn_to(other.id)

    async def _step(self, step: Any) -> None:
        await self.loaded()
        if self.seen is not None:
            await step(self.desk_app, self.seen)

    async def action_call_in(self) -> None:
        """Put down that somebody was called in for it."""
        from dutydesk.ui.actions import callouts

        if self.seen is not None:
            incident = Option(self.seen.id, f"{self.seen.number} {self.seen.title}")
            await callouts.put_down(self.desk_app, incident=incident)

    async def action_similar(self) -> None:
        """Read how similar ones were solved."""
        if not self.found:
            self.say(_("Nothing like it was solved before."), "warning")
            return
        await self.desk_app.show_text(_("Solved before"), Content("\n").join(words.alike(self.found, full=True)))

    async def action_write_line(self) -> None:
        """Write a line into the shift log that belongs to this incident."""
        from dutydesk.ui.actions.log import write_line

        seen = self.seen
        option = Option(seen.id, f"{seen.number} {seen.title}") if seen else None
        await write_line(self.desk_app, incident=option)

    # --- a note of one line ---------------------------------------------------------------------------------------

    async def action_note(self) -> None:
        """Open the line for a note, with what was typed before."""
        from dutydesk.ui.forms.drafts import DraftKeeper

        def kept() -> dict[str, Any]:
            return {"text": self._note} if self._note else {}

        key = f"incident.line:{self.incident_id}"
        self._keeper = DraftKeeper(self.desk_app.desk, key, kept, self._draft_said, apart=True)
        draft = await self._keeper.find()
        if self.is_attached:
            self._note = str(draft.data.get("text", "")) if draft else ""
            self.entry.open(_("Note"), self._note)

    def _draft_said(self, error: DeskError | None) -> None:
        if error is not None:
            self.desk_app.refuse(error)

    def on_entry_line_typed(self, event: EntryLine.Typed) -> None:
        """Keep what is typed."""
        self._note = event.text
        if self._keeper is not None:
            self._keeper.touch()

    def on_entry_line_entered(self, event: EntryLine.Entered) -> None:
        """Save the note; an empty one is none."""
        if event.text.strip():
            self.desk_app.do(lambda: self._save_note(event.text))
        else:
            self._leave_note()

    async def _save_note(self, text: str) -> None:
        await self.desk_app.desk.ask(incidents.note, self.incident_id, text)
        keeper = self._keeper
        self.entry.open(_("Note"), "")
        self._leave_note()
        if keeper is not None:
            await keeper.drop()
        self.say(_("Noted."), "done")

    def _leave_note(self) -> None:
        """Close the line; what stands in it stays as a draft."""
        if self._keeper is not None:
            self._keeper.flush()
            self._keeper = None
        if self.entry.is_open:
            self.entry.close()
            self.query_one("#timeline").focus()

    async def keep_draft(self) -> None:
        """Keep what is typed before the console closes."""
        if self._keeper is not None:
            self._keeper.flush()

    def on_unmount(self) -> None:
        """Whatever ends the screen, what was typed goes to the desk thread."""
        if self._keeper is not None:
            self._keeper.close()

    async def action_back(self) -> None:
        """Leave the line for a note, then the incident."""
        if self.entry.is_open:
            self._leave_note()
        else:
            await self.desk_app.action_back()
