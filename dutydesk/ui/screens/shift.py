"""The live shift (key 1): what must I do next?"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.geometry import Size

from dutydesk.domain import clock
from dutydesk.domain.errors import DeskError
from dutydesk.domain.words import N_
from dutydesk.locale import _
from dutydesk.services import shift
from dutydesk.services.shift_live import LOG_LINE, LiveShift
from dutydesk.services.since import Since
from dutydesk.ui.arrival import LOG_LINES
from dutydesk.ui.commands import Command
from dutydesk.ui.screens.base import DeskScreen
from dutydesk.ui.screens.shift_panels import Target, burning_sections, log_section, next_sections
from dutydesk.ui.widgets.frame import MUTED, FooterKey, FrameLine, Part, line
from dutydesk.ui.widgets.lines import LineRow, Lines

if TYPE_CHECKING:
    from dutydesk.services.core import Actor
    from dutydesk.ui.forms.drafts import DraftKeeper
    from dutydesk.ui.widgets.entry import EntryLine

TALL = 32
SEEN_SECONDS = 600
"""How often an open Shift screen notes that its person is here."""
PLAN_SECONDS = 3.0
"""How long after arriving the plan is looked at."""


def _remind(planner: Actor) -> int:
    """Remind those for whom a leave or a swap has waited for a day."""
    from dutydesk.services import leave_follow

    return leave_follow.remind(planner)


class PromptLine(FrameLine):
    """The foot of the log while nobody writes: what was being typed, or that `l` writes."""

    def __init__(self) -> None:
        super().__init__()
        self.id = "line"
        self.draft = ""

    def says(self) -> object:
        """Return what the line depends on."""
        return self.draft, self.desk_app.lang

    def parts(self, cells: int) -> list[Part]:
        """Return the prompt."""
        if self.draft:
            draft = [(" > ", "bold $accent"), (self.draft, ""), (f"  {_('l goes on with it')}", MUTED)]
            return line(draft, [], cells)
        return line([(f" > {_('l writes a line')}", MUTED)], [], cells)


class ShiftScreen(DeskScreen):
    """Who is on, what is due, what burns, what is in force, and the log with a line to write."""

    CSS_PATH = "shift.tcss"
    AUTO_FOCUS: ClassVar[str | None] = None
    VERTICAL_BREAKPOINTS = [(0, "-usual"), (TALL, "-tall")]
    place: ClassVar[str] = "shift"
    subjects: ClassVar[frozenset[str]] = frozenset(
        {"shift", "attendance", "incident", "measure", "round", "log", "handover", "person", "setting"}
        | {"roster", "leave", "swap", "correction"}
    )
    commands: ClassVar[list[Command]] = [
        Command(
            "shift.seen",
            "x",
            N_("Seen"),
            "seen",
            N_("Take away what changed since you were last here."),
            why_not="why_not_seen",
        ),
        Command(
            "shift.measures", "m", N_("Measures"), "measures", N_("The register of temporary measures."), opens=True
        ),
        Command("shift.left", "left", N_("Left panel"), "panel('next')", hidden=True),
        Command("shift.right", "right", N_("Right panel"), "panel('burns')", hidden=True),
    ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.live: LiveShift | None = None
        self.since: Since | None = None
        self._whose = 0
        self._seen_at = 0
        self._told = 0
        self._keeper: DraftKeeper | None = None

    def compose_body(self) -> ComposeResult:
        """Yield the panels, the log and its foot; the line to type into is made when it is first used."""
        with Container(id="panels"):
            yield Lines(id="next")
            yield Lines(id="burns")
        yield Lines(id="log")
        yield PromptLine()

    # --- showing ------------------------------------------------------------------------------------------------

    async def load(self) -> None:
        """Ask for the live shift and show it; what changed since he was here is asked once for each person."""
        who = self.desk_app.who
        if who is None:
            return
        fresh = who.person_id != self._whose
        live, self.desk_app.first_live = self.desk_app.first_live, None
        if live is None or not fresh:
            live = await self.desk_app.desk.ask(shift.live, log_lines=LOG_LINES, with_since=fresh)
        self.live = live
        if fresh:
            self._whose, self.since = who.person_id, live.since
            self._begin_anew(live.draft)
            if live.since is None:
                self._note_seen()
            self.set_timer(PLAN_SECONDS, self._plan_ahead)
        self._show()
        if self.focused is None:
            self._focus_first()

    def _plan_ahead(self) -> None:
        if self.is_attached and self.desk_app.who is not None and not self.desk_app.leaving:
            self.run_worker(self._plan(), exit_on_error=False)

    async def _plan(self) -> None:
        """Let the program plan on where few weeks are planned, and remind people; nobody waits for it."""
        from dutydesk.services.people import system_actor

        who = self.desk_app.who
        planner = system_actor(who.host, who.terminal) if who else system_actor()
        try:
            await self.desk_app.desk.raw(shift.keep_ahead, planner)
            await self.desk_app.desk.raw(_remind, planner)
        except DeskError as error:
            self.desk_app.refuse(error)

    def _focus_first(self) -> None:
        for name in ("next", "burns", "log"):
            panel = self.query_one(f"#{name}", Lines)
            if panel.focusable:
                panel.focus()
                return

    def _show(self) -> None:
        live, now = self.live, clock.now()
        if live is None or not self.query(PromptLine):
            return
        upper, lower = self.query_one("#next", Lines), self.query_one("#log", Lines)
        size = upper.size or self._guess()
        self._told = self._notices()
        upper.show(next_sections(live, self.since, self._whose, now, size, self._told))
        self.query_one("#burns", Lines).show(burning_sections(live, now, size.height))
        lower.show([log_section(live, now, max(1, (lower.size.height or self._log_height()) - 1))])
        self.query_one(PromptLine).update_line()

    def update_frame(self) -> None:
        """Draw the frame, and the notices where their number has changed."""
        super().update_frame()
        if self.is_mounted and self.live is not None and self._notices() != self._told:
            self._show()

    def _notices(self) -> int:
        """Return how many notices this person has not seen."""
        return self.desk_app.top.notices if self.desk_app.top else 0

    def _guess(self) -> Size:
        """Return the size that a panel will have, before it is laid out."""
        return Size(self.app.size.width // 2, max(3, self.app.size.height - 5 - self._log_height()))

    def _log_height(self) -> int:
        """Return the height of the log as the style sheet has it."""
        return 14 if self.app.size.height >= TALL else 6

    def on_minute(self) -> None:
        """Let the running times run, and see who has become late."""
        self.request_reload()
        if self.since is None and clock.now() - self._seen_at >= SEEN_SECONDS:
            self._note_seen()

    def on_resize(self) -> None:
        """Fit the rows to the new height."""
        self.call_after_refresh(self._show)

    def relabel(self) -> None:
        """Say everything in the language spoken now."""
        self._show()

    # --- since you were last here ---------------------------------------------------------------------------------

    def why_not_seen(self) -> str | None:
        """Say that there is nothing to take away."""
        return None if self.since is not None else _("Nothing is shown that changed since you were last here.")

    def action_seen(self) -> None:
        """Take away what changed since this person was last here."""
        self.since = None
        self._note_seen()
        self._show()
        self.update_frame()

    def on_screen_suspend(self) -> None:
        """Another screen comes in front; a dialog does not count."""
        self.app.call_later(self._looked_away)

    def _looked_away(self) -> None:
        """Looking away means having seen it."""
        if self.desk_app.who is not None and self.live is not None and not self.is_shown:
            self.action_seen()

    def _note_seen(self) -> None:
        self._seen_at = clock.now()
        self.desk_app.desk.run(shift.seen)

    # --- opening --------------------------------------------------------------------------------------------------

    @on(Lines.Chosen)
    def _open(self, event: Lines.Chosen) -> None:
        event.stop()
        target: Target = event.row.value
        self.desk_app.do(lambda: self._go(target), opens=True)

    async def _go(self, target: Target) -> None:
        from dutydesk.ui.actions.shift import open_target

        await open_target(self.desk_app, target)

    def action_panel(self, name: str) -> None:
        """Go to the panel on the left or on the right."""
        panel = self.query_one(f"#{name}", Lines)
        if panel.focusable:
            panel.focus()

    @property
    def row(self) -> LineRow | None:
        """The row under the cursor of the panel in use."""
        return self.focused.row if isinstance(self.focused, Lines) else None

    def copy_text(self) -> str | None:
        """Return the selected row as one line of text."""
        row = self.row
        if row is None:
            return None
        cells = [*row.left, "  ", *row.right]
        return "".join(cell if isinstance(cell, str) else cell[0] for cell in cells).strip()

    def footer_commands(self) -> list[Command]:
        """Return the keys that fit the moment."""
        known = {command.id: command for command in self.all_commands}
        names = ["desk.incident", "desk.log", "desk.sign"]
        if self.since is not None:
            names.insert(0, "shift.seen")
        return [known[name] for name in names]

    def footer_keys(self) -> Iterator[FooterKey]:
        """Yield the keys of the moment; while the line is open those that end it."""
        entry = self.entry
        if entry is not None and entry.is_open:
            yield FooterKey(_("enter"), _("Write it"))
            yield FooterKey("esc", _("Leave it"))
        else:
            yield from super().footer_keys()

    # --- the line at the bottom -----------------------------------------------------------------------------------

    async def action_measures(self) -> None:
        """Show the register of temporary measures."""
        from dutydesk.ui.actions.measures import show_measures

        await show_measures(self.desk_app)

    @property
    def entry(self) -> EntryLine | None:
        """The line to type into, once it has been used."""
        found = self.query("EntryLine")
        return cast("EntryLine", found.first()) if found else None

    async def action_write_line(self) -> None:
        """Write a line into the log: go on with what was being typed."""
        from dutydesk.domain.log import TEXT_LIMIT
        from dutydesk.ui.forms.drafts import DraftKeeper
        from dutydesk.ui.widgets.entry import EntryLine

        entry = self.entry
        if entry is None:
            entry = EntryLine(limit=TEXT_LIMIT)
            await self.query_one("#body").mount(entry)
        prompt = self.query_one(PromptLine)
        self._keeper = DraftKeeper(self.desk_app.desk, LOG_LINE, self._typed, self._draft_trouble, apart=True)
        self._keeper.stored = bool(prompt.draft)
        self.run_worker(self._own(self._keeper, prompt.draft))
        prompt.display = False
        entry.open(">", prompt.draft)
        self.update_frame()

    async def _own(self, keeper: DraftKeeper, offered: str) -> None:
        """Go on with the draft that was offered; one with another text is being typed at another console."""
        with contextlib.suppress(DeskError):
            await keeper.find(lambda data: bool(offered) and str(data.get("text", "")).strip() == offered.strip())

    def _typed(self) -> dict[str, Any]:
        text = self.entry.text if self.entry else ""
        return {"text": text} if text.strip() else {}

    def _draft_trouble(self, error: Any) -> None:
        if error is not None:
            self.desk_app.refuse(error)

    def on_entry_line_typed(self) -> None:
        """Keep what is typed within a second."""
        if self._keeper is not None:
            self._keeper.touch()

    def on_entry_line_entered(self) -> None:
        """Write the line; what cannot be written stays in the line."""
        self.desk_app.do(self._write)

    async def _write(self) -> None:
        entry = self.entry
        if entry is None or not entry.is_open:
            return
        if entry.text.strip():
            from dutydesk.locale import times
            from dutydesk.services import log
            from dutydesk.ui.actions.log import tell

            written = await self.desk_app.desk.ask(log.write, entry.text)
            tell(self.desk_app, written, _("Written into the log at {time}.", time=times.hhmm(written.event_at)))
        await self._forget()
        self._close_entry("")

    async def _forget(self) -> None:
        if self._keeper is not None:
            try:
                await self._keeper.drop()
            except DeskError as error:
                self.desk_app.refuse(error)
            self._keeper.close()
            self._keeper = None

    def _begin_anew(self, draft: str) -> None:
        """Show the draft of the person who is here now; what another one was typing is kept as his."""
        self._keeper = None
        if self.entry is not None and self.entry.is_open:
            self._close_entry(draft)
        self.query_one(PromptLine).draft = draft

    def _close_entry(self, draft: str) -> None:
        entry, prompt = self.entry, self.query_one(PromptLine)
        if entry is not None:
            entry.close()
        prompt.draft = draft
        prompt.display = True
        prompt.update_line()
        self._focus_first()
        self.update_frame()

    async def action_back(self) -> None:
        """Leave the line; what is typed stays as a draft."""
        entry = self.entry
        if entry is not None and entry.is_open:
            text = entry.text.strip()
            await self.keep_draft()
            self._close_entry(text)
        else:
            await self.desk_app.action_back()

    async def keep_draft(self) -> None:
        """Hand what is typed to the desk now."""
        if self._keeper is not None:
            self._keeper.close()
            self._keeper = None
