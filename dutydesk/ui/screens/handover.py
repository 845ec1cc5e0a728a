"""Handing over (key 5): the wizard for the outgoing, the read-back for the incoming.

One list and one line to type into serve both; what they show and do stands in `Preparing` and `Reading`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult

from dutydesk.domain import clock
from dutydesk.domain.handover import Colour, Status, Written
from dutydesk.domain.words import N_
from dutydesk.locale import _, ngettext, pick, times, word
from dutydesk.locale import handover as words
from dutydesk.services import handover
from dutydesk.services.handover import ShiftRef, Standing
from dutydesk.ui import marks
from dutydesk.ui.commands import Command
from dutydesk.ui.screens import handover_taking as taking
from dutydesk.ui.screens.base import DeskScreen
from dutydesk.ui.screens.handover_preparing import Preparing
from dutydesk.ui.screens.handover_reading import Reading
from dutydesk.ui.screens.handover_rows import Row, WizardStep, columns
from dutydesk.ui.widgets.entry import EntryLine
from dutydesk.ui.widgets.frame import FooterKey
from dutydesk.ui.widgets.records import Listed, RecordList
from dutydesk.ui.widgets.steps import Head, StepsHead

EARLY = 3600
"""Seconds before the end of the shift from which a handover is signed without a question."""


SIGN_WORDS = {"handover.ok": Colour.GREEN, "handover.watch": Colour.YELLOW, "handover.unstable": Colour.RED}
"""What the keys of a system's state say of the desk as a whole."""


class HandoverScreen(DeskScreen):
    """The handover that is next, as it stands for the person at this console."""

    place: ClassVar[str] = "handover"
    subjects: ClassVar[frozenset[str]] = frozenset(
        {"handover", "incident", "round", "measure", "log", "attendance", "backup", "thing", "shift"}
    )
    commands: ClassVar[list[Command]] = [
        Command("handover.write", "enter", N_("Write"), "write", N_("Write next step, reason or count."), opens=True),
        Command("handover.forward", "greater_than_sign,right", N_("Forward"), "step(1)", why_not="why_not_prepare"),
        Command("handover.backward", "less_than_sign,left", N_("Backward"), "step(-1)", why_not="why_not_prepare"),
        Command("handover.ok", "o", N_("As expected"), "mark('o')", why_not="why_not_prepare"),
        Command("handover.watch", "w", N_("Watch"), "mark('w')", why_not="why_not_prepare"),
        Command("handover.unstable", "x", N_("Unstable"), "mark('x')", why_not="why_not_prepare"),
        Command("handover.sign", "p", N_("Sign"), "sign", why_not="why_not_prepare", opens=True),
        Command("handover.accept", "a", N_("Accept"), "accept", why_not="why_not_accept", opens=True),
        Command("handover.return", "r", N_("Return"), "give_back", why_not="why_not_accept", opens=True),
        Command("handover.relief", "e", N_("Emergency relief"), "relieve", why_not="why_not_relieve", opens=True),
        Command("handover.measures", "m", N_("Measures"), "measures", N_("The register of temporary measures.")),
        Command("handover.sealed", "h", N_("Earlier handovers"), "sealed", N_("Sealed handovers and their sheets.")),
    ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.standing: Standing | None = None
        self.part: Preparing | Reading | None = None
        self._edited: Row | None = None
        self._shown: tuple[Any, ...] = ()

    def compose_body(self) -> ComposeResult:
        """Yield the head, the list and the line to type into."""
        yield StepsHead(id="head")
        yield RecordList(
            columns(facts=True),
            empty=self.empty_words,
            section=lambda row: row.section,
            note=lambda row: row.note,
            header=False,
            id="lines",
        )
        yield EntryLine(limit=handover.WORDS_LIMIT, id="entry")

    @property
    def records(self) -> RecordList:
        """The list of the present step."""
        return self.query_one("#lines", RecordList)

    @property
    def entry(self) -> EntryLine:
        """The line to type into."""
        return self.query_one(EntryLine)

    def title_of(self, command: Command) -> str:
        """Return the word for a command; on the last step the keys of a state set the overall colour."""
        if isinstance(self.part, Preparing) and self.part.step is WizardStep.SIGN and command.id in SIGN_WORDS:
            return word(SIGN_WORDS[command.id])
        return super().title_of(command)

    # --- loading ----------------------------------------------------------------------------------------------------

    async def load(self) -> None:
        """Read the handover that is next; what is typed stays as it is."""
        written = self.part.written if isinstance(self.part, Preparing) else None
        standing = await self._ask_standing(written)
        self.standing = standing
        if standing is None:
            self.part = None
        elif standing.draft is not None and standing.part == "outgoing":
            await self._prepare(standing)
        else:
            await self._read(standing)
        await self.show_rows()

    async def _ask_standing(self, written: Written | None) -> Standing | None:
        return await self.desk_app.desk.ask(handover.standing, written)

    async def _prepare(self, standing: Standing) -> None:
        if not isinstance(self.part, Preparing) or self.part.shift_id != standing.line.from_shift.id:
            self._leave_part()
            self.part = Preparing(self, standing)
            if await self.part.restore():
                standing = await self._ask_standing(self.part.written) or standing
        self.part.take(standing)

    async def _read(self, standing: Standing) -> None:
        key = (standing.line.id, standing.line.revision)
        if not isinstance(self.part, Reading) or self.part.key != key:
            self._leave_part()
            self.part = Reading(self, standing)
            await self.part.restore()
        self.part.take(standing)

    def _leave_part(self) -> None:
        if self.part is not None:
            self.part.close()
        self._stop_editing()

    async def show_rows(self) -> None:
        """Show the rows of the present step; the cursor stays on its row."""
        rows = self.part.rows() if self.part is not None else []
        place = self.part.place if self.part is not None else ()
        if place != self._shown:
            self._shown = place
            self.records.columns = columns(any(row.facts for row in rows))
            await self.records.show(Listed(rows, key=lambda row: row.key))
            first = self.part.first(rows) if self.part is not None else None
            if first is not None:
                self.records.move_to(first.key)
        else:
            self.records.source = Listed(rows, key=lambda row: row.key)
            await self.records.reload()
        self._show_head(rows)
        self.update_frame()

    def _show_head(self, rows: list[Row]) -> None:
        line = self.standing.line if self.standing else None
        if line is None or self.part is None:
            self.query_one(StepsHead).show(Head(_("Handover")))
            return
        arrow = f" {marks.ARROW} {self._shift(line.to_shift)}" if line.to_shift else ""
        title = f"{_('Handover')}  {self._shift(line.from_shift)}{arrow}"
        tone = {Status.RETURNED: "error", Status.DRAFT: "warning"}.get(line.status, "accent")
        steps, at, about = self.part.head()
        count = ngettext("{n} line", "{n} lines", len(rows)) if rows else ""
        self.query_one(StepsHead).show(Head(title, (word(line.status), tone), steps, at, about, count))

    def _shift(self, shift: ShiftRef) -> str:
        return f"{pick(shift.title)} {times.day_of(shift.day)}"

    def empty_words(self) -> str:
        """Say what an empty list means."""
        if self.standing is None:
            return _("No shifts are planned on this desk yet.")
        return _("Nothing here. > goes on to the next step.")

    def relabel(self) -> None:
        """Say everything in the other language; the line being written stays."""
        self._shown = ()

    def on_minute(self) -> None:
        """Running facts change with the minute."""
        self.request_reload()

    # --- typing -----------------------------------------------------------------------------------------------------

    @on(RecordList.Selected, "#lines")
    async def action_write(self) -> None:
        """Open the line to type into for this row, or go to the step that misses something."""
        row: Row | None = self.records.row
        if row is None:
            return
        if isinstance(self.part, Preparing) and await self.part.jump(row):
            return
        if not row.editable:
            self._say_row(row)
            return
        self._write(row)

    def _write(self, row: Row) -> None:
        self._edited = row
        self.entry.open(row.label, self.part.typed(row) if self.part else row.text)
        self.update_frame()

    def _say_row(self, row: Row) -> None:
        item = row.item
        if item is not None:
            facts = words.facts(item, clock.now())
            self.say(" · ".join([words.title(item), *facts]))

    def on_entry_line_typed(self, event: EntryLine.Typed) -> None:
        """Keep what is typed, within a second."""
        if self.part is not None and self._edited is not None:
            self.desk_app.clear_message()
            self.part.type(self._edited, event.text)

    async def on_entry_line_entered(self, event: EntryLine.Entered) -> None:
        """Take the line and go on to the next row that needs one."""
        part, row = self.part, self._edited
        if part is None or row is None or not await part.enter(row, event.text):
            return
        self._stop_editing()
        await self.reread()
        rows: list[Row] = list(self.records.rows)
        asked = part.asked_next(row, rows) if isinstance(part, Preparing) else None
        if asked is not None:
            self._write(asked)
        else:
            self._go_on(row, rows)

    def _go_on(self, row: Row, rows: list[Row]) -> None:
        following = self.part.following(row, rows) if self.part is not None else None
        if following is not None:
            self.records.move_to(following.key)

    def _stop_editing(self) -> None:
        self._edited = None
        if self.entry.is_open:
            self.entry.close()
            self.records.focus()
            self.update_frame()

    async def reread(self) -> None:
        """Read again at once."""
        self.request_reload()
        await self.loaded()

    async def action_back(self) -> None:
        """Leave the line to type into, keeping the text; then as everywhere."""
        if self.entry.is_open:
            self._stop_editing()
            await self.reread()
        else:
            await self.desk_app.action_back()

    async def keep_draft(self) -> None:
        """Write what is typed before the console closes."""
        if self.part is not None:
            self.part.keeper.flush()

    def copy_text(self) -> str | None:
        """Return the line under the cursor with its facts."""
        row = self.records.row
        if row is None or row.item is None:
            return None
        step = [row.item.next_step] if row.item.next_step else []
        return " · ".join([words.title(row.item), *words.facts(row.item, clock.now()), *step])

    # --- commands ---------------------------------------------------------------------------------------------------

    def footer_commands(self) -> list[Command]:
        """Return the keys for the part this person has now."""
        wanted = self.part.footer() if self.part is not None else ("handover.sealed",)
        known = {command.id: command for command in self.all_commands}
        return [known[name] for name in wanted]

    def footer_keys(self) -> Iterator[FooterKey]:
        """Yield the keys of the moment; while the line is open those that end it."""
        if self.entry.is_open:
            yield FooterKey(_("enter"), _("Take it"))
            yield FooterKey("esc", _("Leave it"))
        else:
            yield from super().footer_keys()

    def why_not_prepare(self) -> str | None:
        """Say why the wizard's keys do nothing for this person now."""
        if isinstance(self.part, Preparing):
            return None
        if self.standing is None:
            return _("No shifts are planned on this desk yet.")
        if self.standing.draft is not None:
            return _("Only somebody of the outgoing shift prepares its handover.")
        return _("This handover is prepared and frozen; it waits for the incoming engineer.")

    def why_not_accept(self) -> str | None:
        """Say why there is nothing to accept or return."""
        if self.standing is None or self.standing.view is None:
            return _("The outgoing engineer has not prepared this handover yet.")
        if self.standing.part == "outgoing":
            return _("You prepared this handover; somebody else reads it back and accepts it.")
        return self.desk_app.why_not_write()

    def why_not_relieve(self) -> str | None:
        """Say why an emergency relief is not possible."""
        if self.standing is None:
            return _("No shifts are planned on this desk yet.")
        if self.standing.part == "outgoing":
            return _("Somebody of the incoming shift takes over in an emergency; you hand over.")
        return self.desk_app.why_not_write()

    async def action_step(self, by: int) -> None:
        """Go to another step of the wizard."""
        if isinstance(self.part, Preparing):
            self.part.go(by)
            await self.show_rows()

    async def action_mark(self, key: str) -> None:
        """Mark the row under the cursor: o as it should be, w watch, x unstable."""
        if isinstance(self.part, Preparing) and self.records.row is not None:
            row: Row = self.records.row
            if self.part.mark(row, key):
                await self.reread()
                if self.part.step is WizardStep.THINGS:
                    self._go_on(row, list(self.records.rows))
            else:
                self.say(_("This line has no state to set."), "warning")

    async def action_sign(self) -> None:
        """Sign the handover as the outgoing engineer."""
        if not isinstance(self.part, Preparing) or self.standing is None:
            return
        missing = len(self.part.missing())
        if missing:
            await self.part.show_missing()
            said = ngettext(
                "{n} line is still missing; enter goes there.",
                "{n} lines are still missing; enter goes there.",
                missing,
            )
            self.say(said, "warning")
            return
        left = self.standing.line.from_shift.ends_at - clock.now()
        early = _("This shift goes on for {left}. Sign the handover now?", left=times.duration(left))
        if left > EARLY and not await self.desk_app.confirm(early, _("Sign")):
            return
        part = self.part

        async def sign(pin: str) -> None:
            await self.desk_app.desk.ask(handover.prepare, pin, part.written)

        purpose = _("You sign the handover; everything is frozen as it stands now.")
        if await self.desk_app.ask_pin(purpose, sign):
            await part.keeper.drop()
            await self.reread()
            self.say(_("Prepared and frozen. The incoming engineer reads it back and accepts."), "done")

    async def action_accept(self) -> None:
        """Accept the handover as the incoming engineer."""
        await taking.accept(self)

    async def action_give_back(self) -> None:
        """Return the handover to the outgoing engineer with a reason."""
        await taking.give_back(self)

    async def action_relieve(self) -> None:
        """Take over without the other party, with a reason; the supervisor countersigns."""
        await taking.relieve(self)

    async def action_measures(self) -> None:
        """Show the register of temporary measures."""
        from dutydesk.ui.screens.measures import MeasuresScreen

        await self.app.push_screen(MeasuresScreen())

    async def action_sealed(self) -> None:
        """Show earlier handovers."""
        from dutydesk.ui.screens.handover_list import HandoverListScreen

        await self.app.push_screen(HandoverListScreen())

    def waiting_for(self) -> str:
        """Say who is awaited when this person only looks on."""
        line = self.standing.line if self.standing else None
        if line is None:
            return ""
        if line.status in (Status.DRAFT, Status.RETURNED):
            return _("The outgoing shift has not prepared it yet; e takes over in an emergency.")
        by = pick(line.prepared_by) if line.prepared_by else ""
        when = times.when(line.prepared_at or 0, clock.now())
        return _("Frozen {when} by {name}.", when=when, name=by)
