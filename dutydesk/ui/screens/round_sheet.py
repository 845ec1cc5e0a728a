"""One inspection round as a sheet: a row an item, one key an answer. Source: SCREENS "A round", DOMAIN 5."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.timer import Timer

from dutydesk.domain import clock
from dutydesk.domain.errors import DeskError
from dutydesk.domain.people import Role
from dutydesk.domain.rounds import ItemKind, RoundState
from dutydesk.domain.words import N_, Label
from dutydesk.locale import _, pick, sentence, times
from dutydesk.locale.rounds import finished_words, pace_words, value_words
from dutydesk.services import rounds
from dutydesk.services.round_sheet import SheetItem
from dutydesk.ui.commands import Command
from dutydesk.ui.forms.drafts import DraftKeeper
from dutydesk.ui.screens.base import DeskScreen, RecordsChanged
from dutydesk.ui.screens.round_answering import Answering
from dutydesk.ui.widgets import sheet_cells as said
from dutydesk.ui.widgets.frame import FooterKey
from dutydesk.ui.widgets.sheet import SheetView
from dutydesk.ui.widgets.walk import Walk

REREAD_SECONDS = 0.2
"""How long answers must rest before the sheet is read again."""


class RoundSheetScreen(DeskScreen):
    """The sheet of one round. Answers are written in the background, in order; the cursor never waits for them."""

    place: ClassVar[str] = "rounds"
    subjects: ClassVar[frozenset[str]] = frozenset({"round", "sheet", "incident", "equipment", "checklist"})
    commands: ClassVar[list[Command]] = [
        Command(
            "round.ok", "o", N_("Ok"), "answer('ok')", N_("The item is as it should be."), why_not="why_not_answer"
        ),
        Command(
            "round.abnormal",
            "x",
            N_("Abnormal"),
            "answer('abnormal')",
            N_("The item is not as it should be; a note is asked at once."),
            why_not="why_not_answer",
        ),
        Command(
            "round.skip",
            "minus",
            N_("Skip"),
            "answer('skip')",
            N_("Leave the item out, with a reason."),
            why_not="why_not_answer",
        ),
        Command(
            "round.enter",
            "enter",
            N_("Write"),
            "answer('write')",
            N_("Write a reading, a text or a note."),
            why_not="why_not_answer",
        ),
        Command(
            "round.note",
            "e",
            N_("Add a note"),
            "answer('note')",
            N_("Add a note to an answer, or change it; on a missed round say why."),
            why_not="why_not_note",
        ),
        Command(
            "round.again",
            "u,backspace",
            N_("Again"),
            "answer('again')",
            N_("Go back to the last answer and give it again; the first one stays in the record."),
            why_not="why_not_answer",
        ),
        Command(
            "round.incident",
            "i",
            N_("Incident"),
            "incident",
            N_("Report an incident from this item, with value and limit."),
            why_not="why_not_write",
            opens=True,
        ),
        Command(
            "round.finish",
            "f",
            N_("Finish"),
            "finish",
            N_("Close the round; the log gets a line."),
            why_not="why_not_answer",
        ),
        Command(
            "round.service",
            "t",
            N_("Out of service"),
            "service",
            N_("Take the thing behind this item out of service, or back."),
            why_not="why_not_write",
            opens=True,
        ),
        Command("desk.back", "escape", N_("Pause"), "pause", N_("Leave the round for later; all answers stay.")),
    ]

    def __init__(self, round_id: int, *args: Any, **kwargs: Any) -> None:
        self.round_id = round_id
        self.walk: Walk | None = None
        self.answering: Answering | None = None
        self.keeper: DraftKeeper | None = None
        self._soon: Timer | None = None
        self._items_stale = False
        super().__init__(*args, **kwargs)

    def compose_body(self) -> ComposeResult:
        """Yield the sheet."""
        view = SheetView(id="sheet")
        view.keys, view.pasted, view.told = self.take_key, self.take_paste, self.show_moved
        yield view

    @property
    def view(self) -> SheetView:
        """The sheet."""
        return self.query_one(SheetView)

    # --- loading ----------------------------------------------------------------------------------------------------

    async def load(self) -> None:
        """Read the round; what is typed, on its way, and under the cursor stays."""
        desk, who = self.desk_app.desk, self.desk_app.who
        if who is None:
            return
        if self.walk is None:
            sheet = await desk.ask(rounds.sheet, self.round_id)
            self.walk = Walk(sheet, who.person_id, Label(who.name, who.name_en))
            self.answering = Answering(self, self.walk)
            await self._restore(self.walk)
            self.view.facts = pace_words(sheet.pace) if sheet.pace else ()
            self.view.show(self.walk)
        elif self._items_stale:
            self._items_stale = False
            self.walk.take_sheet(await desk.ask(rounds.sheet, self.round_id))
            self.view.relabel()
        else:
            state = await desk.ask(rounds.state, self.round_id)
            if self.answering is not None:
                self.answering.meet(state)
            self.walk.take(state)
            self.view.repaint()
        self._hint()

    async def _restore(self, walk: Walk) -> None:
        self.keeper = DraftKeeper(self.desk_app.desk, f"round-{self.round_id}", walk.kept, self._draft_trouble)
        if not walk.open:
            return
        found = await self.keeper.find()
        if found is not None and walk.restore(found.data):
            when = times.when(found.updated_at, clock.now())
            self.say(_("What you were typing at {when} is here again.", when=when))

    def _draft_trouble(self, error: DeskError | None) -> None:
        if error is not None:
            self.say(sentence(error), "error")

    def on_records_changed(self, changed: RecordsChanged) -> None:
        """Read again when answers come to a rest: one's own are shown already."""
        if changed.touches("sheet", self.round_id):
            self._soon = self._soon or self.set_timer(REREAD_SECONDS, self.request_reload)
            self._soon.reset()
        self._items_stale = self._items_stale or changed.touches("equipment") or changed.touches("checklist")
        if any(changed.touches(subject) for subject in self.subjects - {"sheet"}):
            self.request_reload()

    def relabel(self) -> None:
        """Say the hint in the language spoken now; the sheet does so itself."""
        self._hint()

    def on_minute(self) -> None:
        """Lateness may have begun."""
        self.request_reload()

    def on_unmount(self) -> None:
        """Keep what is typed."""
        if self.keeper is not None:
            self.keeper.close()

    async def keep_draft(self) -> None:
        """Write what is typed before the console closes."""
        if self.keeper is not None:
            self.keeper.flush()

    # --- frame ------------------------------------------------------------------------------------------------------

    def _hint(self) -> None:
        walk = self.walk
        if walk is None or walk.item is None:
            self.hint("")
        else:
            self.hint(said.hint_words(walk.item, walk.answers.get(walk.cursor), closed=not walk.open))

    def show_moved(self) -> None:
        """Say what belongs to the item under the cursor, and the keys that fit it."""
        self._hint()
        self.update_frame()

    def title_of(self, command: Command) -> str:
        """Return the word for a command; leaving a round that is closed pauses nothing."""
        if command.id == "desk.back" and (self.walk is None or not self.walk.open or self.why_not_answer()):
            return _("Back")
        if command.id == "round.note" and self.unexplained:
            return _("Why missed")
        return super().title_of(command)

    def footer_keys(self) -> Iterator[FooterKey]:
        """Yield the keys that fit the item under the cursor."""
        walk = self.walk
        if walk is None or self.why_not_answer():
            names = ("round.note",) if self.why_not_note() is None else ()
            yield from self._keys(*names, "round.incident", "desk.back", "desk.help")
            return
        if walk.entry is not None:
            yield FooterKey(_("enter"), _("Take it"))
            yield FooterKey("esc", _("Leave it"))
            return
        done = walk.progress()
        if done.can_finish and done.answered == done.total:
            yield from self._keys("round.finish")
        yield from self._item_keys(walk.item)
        yield from self._keys("round.skip", "round.incident")
        if done.can_finish and done.answered < done.total:
            yield from self._keys("round.finish")
        yield from self._keys("desk.back", "desk.help")

    def _item_keys(self, item: SheetItem | None) -> Iterator[FooterKey]:
        kind = item.point.kind if item else ItemKind.CHECK
        if kind is ItemKind.NUMBER:
            yield FooterKey("0-9", _("Reading"))
        elif kind is ItemKind.CHOICE and item is not None:
            yield FooterKey(f"1-{len(item.point.options)}", _("Choice"))
        elif kind is ItemKind.TEXT:
            yield FooterKey(_("enter"), _("Write"))
            yield FooterKey("o", _("None"))
            return
        else:
            yield from self._keys("round.ok")
        yield from self._keys("round.abnormal")

    def _keys(self, *names: str) -> Iterator[FooterKey]:
        known = {command.id: command for command in self.all_commands}
        for name in names:
            command = known[name]
            yield FooterKey(self.key_of(command), self.title_of(command), self.why_not(command) is not None)

    def why_not_answer(self) -> str | None:
        """Say why no answer is taken now, or None."""
        who = self.desk_app.who
        if who is not None and who.role is Role.READER:
            return _("Readers may look, not write.")
        if self.walk is None:
            return _("The round is still being read.")
        state = self.walk.state.head.state
        if state is RoundState.FINISHED:
            return _("This round is finished; its answers stand.")
        if state is RoundState.MISSED:
            known = self.walk.state.head.reason
            return _("The reason is given already.") if known else _("This round was missed; e says why.")
        return None

    @property
    def unexplained(self) -> bool:
        """Whether the round was missed and nobody has said why."""
        return self.walk is not None and self.walk.state.head.unexplained

    def why_not_note(self) -> str | None:
        """Say why there is nothing to note: a missed round takes its reason."""
        return self.desk_app.why_not_write() if self.unexplained else self.why_not_answer()

    def copy_text(self) -> str | None:
        """Return the item under the cursor with its answer."""
        walk = self.walk
        item = walk.item if walk else None
        if walk is None or item is None:
            return None
        answer = walk.answers.get(item.point.code)
        parts = [pick(walk.state.head.checklist), pick(item.point.place), pick(item.point.name)]
        if answer is not None:
            parts.append(value_words(item.point, answer.found, answer.number, answer.text))
            parts += [answer.note] if answer.note else []
        return " · ".join(parts)

    # --- keys ---------------------------------------------------------------------------------------------------------

    def take_key(self, event: events.Key) -> bool:
        """Offer a key to the item under the cursor, or to what is being typed."""
        return self.answering is not None and self.answering.take_key(event)

    def take_paste(self, text: str) -> None:
        """Offer pasted text to what is being typed."""
        if self.answering is not None:
            self.answering.take_paste(text)

    def is_command(self, key: str) -> bool:
        """Return whether a letter is a command here: it must not answer a choice by accident."""
        return any(key in self.keymap.get(each.id, each.keys) for each in self.all_commands)

    def touch(self) -> None:
        """Keep what is typed, within a second."""
        if self.keeper is not None:
            self.keeper.touch()

    def action_answer(self, how: str) -> None:
        """Do one of the answering keys: ok, abnormal, skip, write, note, again."""
        if how == "note" and self.unexplained:
            self.desk_app.do(self._explain, opens=True)
        elif self.answering is not None:
            getattr(self.answering, how)()

    # --- the round as a whole ----------------------------------------------------------------------------------------

    async def action_pause(self) -> None:
        """Leave the round for later, or a closed one at once."""
        if self.walk is not None and self.walk.state.head.state is RoundState.STARTED and self.why_not_answer() is None:
            await self.desk_app.desk.ask(rounds.pause, self.round_id)
        await self.desk_app.action_back()

    async def _explain(self) -> None:
        from dutydesk.ui.actions.rounds import explain_missed

        if self.walk is not None and await explain_missed(self.desk_app, self.walk.state.head):
            await self.desk_app.action_back()

    async def action_finish(self) -> None:
        """Close the round; what is missing is said and the cursor goes there."""
        walk = self.walk
        if walk is None:
            return
        done = walk.progress()
        missing = done.missing or done.without_note
        try:
            line = await self.desk_app.desk.ask(rounds.finish, self.round_id)
        except DeskError as error:
            self.say(sentence(error), "warning")
            if missing:
                walk.cursor = missing[0].code
                self.view.moved()
            return
        if self.keeper is not None:
            await self.keeper.drop()
        name = pick(line.checklist)
        await self.desk_app.action_back()
        self.desk_app.say(finished_words(name, line.abnormal), "done")

    async def action_incident(self) -> None:
        """Report an incident that carries item, value, limit, equipment and room."""
        item = self.walk.item if self.walk else None
        if item is None or self.walk is None:
            return
        known = self.walk.state.incidents.get(item.point.code)
        if known is not None and not await self.desk_app.confirm(
            _("{number} was opened from this item already. Report another one?", number=known[1]), _("Report")
        ):
            return
        from dutydesk.ui.actions.rounds import incident_from_item

        state = await self.desk_app.desk.ask(rounds.state, self.round_id)
        self.walk.take(state)
        await incident_from_item(self.desk_app, state.head, item, state.answers.get(item.point.code))
        self.request_reload()

    async def action_service(self) -> None:
        """Take the thing behind the item out of service, or back, with a reason."""
        item = self.walk.item if self.walk else None
        if item is None or item.point.equipment_id is None or item.point.equipment is None:
            self.say(_("No single thing stands behind this item."), "warning")
            return
        from dutydesk.ui.actions.rounds import change_service

        await change_service(self.desk_app, item)
