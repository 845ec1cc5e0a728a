"""Answering a round from the keyboard: one key an answer, texts typed in place, writes in the background in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual import events

from dutydesk.domain import backups, clock, moments
from dutydesk.domain.backups import Copy
from dutydesk.domain.errors import DeskError
from dutydesk.domain.rounds import Found, ItemKind
from dutydesk.locale import _, pick, sentence, times
from dutydesk.locale.rounds import how_to_answer, value_words
from dutydesk.services import rounds
from dutydesk.services.round_rows import AnswerView
from dutydesk.services.round_sheet import SheetItem, SheetState, Written
from dutydesk.ui.screens.round_words import typed_time
from dutydesk.ui.widgets import sheet_cells as said
from dutydesk.ui.widgets.walk import NO, YES, Entry, EntryKind, Walk, number_of

if TYPE_CHECKING:
    from dutydesk.ui.screens.round_sheet import RoundSheetScreen

CLOCK_NOTICE = 60
"""Seconds by which an answer may lie before the round's start without a word."""


class Answering:
    """What the keys of a sheet do to its `Walk`; the screen shows it and knows who may answer."""

    def __init__(self, screen: RoundSheetScreen, walk: Walk) -> None:
        self.screen = screen
        self.walk = walk

    # Keys

    def take_key(self, event: events.Key) -> bool:
        """Take a key before the commands hear it: while typing, and for the answers of the item."""
        if self.walk.entry is not None:
            return self._type(self.walk.entry, event)
        character = event.character or ""
        if len(character) != 1 or not character.isprintable() or self.screen.why_not_answer() is not None:
            return False
        return self._answer_by(said.plain_character(character))

    def _answer_by(self, plain: str) -> bool:
        item = self.walk.item
        if item is None or not item.point.in_service:
            return plain.isdecimal()
        if item.point.kind is ItemKind.NUMBER and (plain.isdecimal() or plain == "."):
            self.begin(item, EntryKind.READING, plain)
            return True
        chooses = item.point.kind is ItemKind.CHOICE and not self.screen.is_command(plain)
        code = said.option_for(item.point, plain) if chooses else None
        if code is not None:
            self.answer(item, item.point.judge(None, None, code), text=code)
            return True
        if item.point.kind is ItemKind.TEXT and not plain.isascii():
            self.begin(item, EntryKind.TEXT)
            self.take_paste(plain)
            return True
        if plain.isdecimal():
            self.screen.say(how_to_answer(item.point), "warning")
            return True
        return False

    def take_paste(self, text: str) -> None:
        """Put pasted text where something is being typed; outside of a text it means nothing."""
        if self.walk.entry is not None:
            self.screen.view.line.insert(text)
            self._typed(self.walk.entry)

    def _type(self, entry: Entry, event: events.Key) -> bool:
        line = self.screen.view.line
        if event.key == "escape":
            self.walk.leave()
            self._closed()
        elif event.key in ("enter", "tab"):
            self._enter(entry)
        elif event.key in ("up", "shift+tab") and entry.kind is EntryKind.COPY:
            self._step(entry, -1)
        elif self._is_sign_of_reading(entry, event.character):
            item = self.walk.item_of(entry.code)
            self.walk.done()
            if item is not None:
                self.begin(item, EntryKind.READING, f"-{event.character}")
        elif line.key(event.key, event.character):
            self._typed(entry)
        else:
            return event.key in ("up", "down", "pageup", "pagedown", "shift+tab")
        return True

    def _is_sign_of_reading(self, entry: Entry, character: str | None) -> bool:
        """`-` is skip; a digit right behind it makes it the sign of a reading."""
        item = self.walk.item_of(entry.code)
        number = item is not None and item.point.kind is ItemKind.NUMBER
        digit = bool(character) and said.plain_character(character or "")[:1] in "0123456789."
        return entry.kind is EntryKind.SKIP and number and digit and not self.screen.view.line.text

    def meet(self, state: SheetState) -> None:
        """Say when somebody else has just answered what is being typed for, or was answered here; nothing is lost."""
        if not state.head.state.open:
            self._meet_closed()
            return
        self._meet_replaced(state)
        entry = self.walk.entry
        now = state.answers.get(entry.code) if entry else None
        before = self.walk.state.answers.get(entry.code) if entry else None
        if now is None or now.person_id == self.walk.person_id or (before is not None and before.id == now.id):
            return
        told = _("{name} has just answered {value}. enter puts yours in its place, esc leaves it.", **self._told(now))
        self.screen.say(told, "warning")

    def _meet_closed(self) -> None:
        """Somebody has closed the round: say again what was being typed, since it cannot be put there any more."""
        lost = _typed_text(self.walk.entry)
        if self.walk.entry is not None:
            self._done()
        if lost:
            self.screen.say(_("The round was closed meanwhile. You typed: {text}", text=lost), "warning")

    def _meet_replaced(self, state: SheetState) -> None:
        me = self.walk.person_id
        for code, mine in self.walk.state.answers.items():
            now = state.answers.get(code)
            if mine.person_id == me and now is not None and now.person_id != me and _given(now) != _given(mine):
                item = self.walk.item_of(code)
                told = _(
                    "{item}: {name} answered {value} after you; both are kept.",
                    item=pick(item.point.name) if item else code,
                    **self._told(now),
                )
                self.screen.say(told, "warning")

    def _told(self, answer: AnswerView) -> dict[str, str]:
        item = self.walk.item_of(answer.code)
        value = value_words(item.point, answer.found, answer.number, answer.text) if item else ""
        return {"name": pick(answer.person), "value": value, "time": times.hhmm(answer.at)}

    def begin(self, item: SheetItem, kind: EntryKind, text: str | None = None) -> None:
        """Open a text for an item, with `text` in it or what was typed and left before."""
        self.screen.desk_app.clear_message()
        self.walk.begin(item, kind, text)
        self.screen.view.take_entry()
        self.screen.touch()
        self.screen.update_frame()

    def _typed(self, entry: Entry) -> None:
        entry.texts[entry.step] = self.screen.view.line.text
        self.screen.view.repaint()
        self.screen.touch()

    def _step(self, entry: Entry, by: int) -> None:
        entry.step = max(0, min(len(entry.texts) - 1, entry.step + by))
        self.screen.view.take_entry()
        self.screen.touch()

    def _done(self) -> None:
        self.walk.done()
        self._closed()

    def _closed(self) -> None:
        self.screen.view.take_entry()
        self.screen.touch()
        self.screen.show_moved()

    # What is typed becomes an answer

    def _enter(self, entry: Entry) -> None:
        item = self.walk.item_of(entry.code)
        if item is None:
            return
        take = {
            EntryKind.READING: self._take_reading,
            EntryKind.TEXT: self._take_text,
            EntryKind.NOTE: self._take_note,
            EntryKind.SKIP: self._take_skip,
            EntryKind.COPY: self._take_copy,
        }[entry.kind]
        try:
            take(item, entry)
        except DeskError as error:
            self.screen.say(sentence(error), "warning")

    def _take_reading(self, item: SheetItem, entry: Entry) -> None:
        number = number_of(item, entry.text)
        self._done()
        self.answer(item, item.point.judge(None, number, None), number=number, typed=entry)

    def _take_text(self, item: SheetItem, entry: Entry) -> None:
        text = entry.text.strip()
        if not text:
            self.screen.say(_("Write something, or leave with esc and press o for none."), "warning")
            return
        self._done()
        self.answer(item, Found.OK, text=text, typed=entry)

    def _take_note(self, item: SheetItem, entry: Entry) -> None:
        note = entry.text.strip()
        self._done()
        if note:
            self.screen.desk_app.clear_message()
            ticket = self.walk.put_note(entry.code, note)
            self._write(item, ticket, rounds.add_note, note, typed=entry)
        else:
            self.screen.say(_("Before the round is finished this needs a note: e writes it."), "warning")
        self._go_on(entry.code)

    def _take_skip(self, item: SheetItem, entry: Entry) -> None:
        reason = entry.text.strip()
        if not reason:
            self.screen.say(_("Skipping needs a reason."), "warning")
            return
        self._done()
        self.screen.desk_app.clear_message()
        ticket = self.walk.put(item, Found.SKIPPED, note=reason)
        self._write(item, ticket, rounds.skip, reason, typed=entry)
        self._go_on(entry.code)

    def _take_copy(self, item: SheetItem, entry: Entry) -> None:
        at = moments.moment(entry.texts[0], now=clock.now(), zone=times.zone(), field="last_good_at")
        size = backups.size_of(entry.texts[1]) if entry.step and entry.texts[1].strip() else None
        if entry.step < 2:
            entry.texts[2] = entry.texts[2] or "y"
            self._step(entry, 1)
            return
        answer = entry.texts[2].strip()[:1]
        if answer not in YES | NO:
            self.screen.say(_("Was the copy verified? y or n."), "warning")
            return
        copy = Copy(at, size, answer in YES)
        assert item.job is not None
        kept = entry.texts[0] == entry.offered and size is None
        self._done()
        self.answer(item, item.job.judge(copy, clock.now(), item.point.limits), copy=copy, kept=kept, typed=entry)

    # Answers

    def ok(self) -> None:
        """Answer ok; a backup copy opens its line with the expected time."""
        item = self._item()
        if item is None:
            return
        kind = item.point.kind
        if kind is ItemKind.BACKUP:
            expected = item.job.expected_at if item.job else None
            self.begin(item, EntryKind.COPY, "" if expected is None else typed_time(expected))
        elif kind in (ItemKind.CHECK, ItemKind.TEXT):
            self.answer(item, Found.OK)
        else:
            self.screen.say(how_to_answer(item.point), "warning")

    def abnormal(self) -> None:
        """Answer abnormal and ask for the note at once."""
        item = self._item()
        if item is not None:
            self.answer(item, Found.ABNORMAL)

    def skip(self) -> None:
        """Ask why the item is left out."""
        item = self._item()
        if item is not None:
            self.begin(item, EntryKind.SKIP)

    def write(self) -> None:
        """Open what can be typed for the item: a reading, a text, or the note of an answer."""
        item = self._item()
        if item is None:
            return
        kind, answer = item.point.kind, self.walk.answers.get(item.point.code)
        if kind is ItemKind.NUMBER:
            self.begin(item, EntryKind.READING, "")
        elif kind is ItemKind.TEXT:
            self.begin(item, EntryKind.TEXT, answer.text if answer else None)
        elif kind is ItemKind.BACKUP:
            self.ok()
        elif answer is not None:
            self.begin(item, EntryKind.NOTE, answer.note)
        else:
            self.screen.say(how_to_answer(item.point), "warning")

    def note(self) -> None:
        """Write a note to the answer, or another in its place."""
        item = self._item()
        if item is None:
            return
        answer = self.walk.answers.get(item.point.code)
        if answer is None:
            self.screen.say(_("Answer the item first."), "warning")
        else:
            self.begin(item, EntryKind.NOTE, answer.note)

    def again(self) -> None:
        """Go back to the last answer given here; on an answered item begin its answer again."""
        walk = self.walk
        if walk.cursor not in walk.answers:
            before = [code for code in walk.last_answered if code in walk.answers]
            if not before:
                self.screen.say(_("Nothing was answered here yet."), "warning")
                return
            walk.cursor = before[-1]
            self.screen.view.moved()
        item = self._item()
        answer = walk.answers.get(walk.cursor)
        if item is None:
            return
        if item.point.kind is ItemKind.NUMBER and answer is not None and answer.number is not None:
            self.begin(item, EntryKind.READING, f"{answer.number:.12g}")
        else:
            how = how_to_answer(item.point)
            self.screen.say(_("Answer it again; the old answer stays in the record. {how}", how=how))

    def _item(self) -> SheetItem | None:
        item = self.walk.item
        if item is not None and not item.point.in_service:
            self.screen.say(_("This is out of service; t takes it back."), "warning")
            return None
        return item

    def answer(
        self,
        item: SheetItem,
        found: Found,
        *,
        number: float | None = None,
        text: str | None = None,
        copy: Copy | None = None,
        kept: bool | None = None,
        typed: Entry | None = None,
    ) -> None:
        """Show an answer at once, write it in the background, go on; an abnormal one asks for its note first."""
        self.screen.desk_app.clear_message()
        ticket = self.walk.put(item, found, copy, number=number, text=text)
        judged = number is not None or copy is not None or (item.point.kind is ItemKind.CHOICE and text is not None)
        self._write(
            item,
            ticket,
            rounds.answer,
            None if judged else found,
            number=number,
            text=text,
            copy=copy,
            default_kept=kept,
            typed=typed,
        )
        if found.abnormal:
            self.begin(item, EntryKind.NOTE)
        else:
            self._go_on(item.point.code)

    def _go_on(self, code: str) -> None:
        self.walk.advance(code)
        self.screen.view.moved()
        done = self.walk.progress()
        if done.answered == done.total and done.can_finish:
            self.screen.say(_("Everything is answered: f finishes the round."), "done")

    # Writing

    def _write(self, item: SheetItem, ticket: int, use_case: Any, *args: Any, typed: Entry | None, **more: Any) -> None:
        def done(written: Written) -> None:
            self.walk.written(ticket, written.answer, written.copy)
            self._stored(written)

        def failed(error: DeskError) -> None:
            self.walk.failed(item.point.code, ticket)
            self._not_stored(item, typed, error)

        desk = self.screen.desk_app.desk
        desk.run(use_case, self.screen.round_id, item.point.id, *args, done=done, failed=failed, **more)

    def _stored(self, written: Written) -> None:
        if not self.screen.is_attached:
            return
        self.screen.view.repaint()
        other = written.replaced
        if other is not None and _given(other) != _given(written.answer):
            told = _("{name} had answered {value} at {time}; both stay in the record.", **self._told(other))
            self.screen.say(told, "warning")
        if written.clock_behind > CLOCK_NOTICE:
            minutes = written.clock_behind // 60
            told = _("A clock is wrong: this answer is {n} min before the round's start.", n=minutes)
            self.screen.say(told, "warning")

    def _not_stored(self, item: SheetItem, typed: Entry | None, error: DeskError) -> None:
        """Say so, go back to the item, and open again what had been typed."""
        if not self.screen.is_attached:
            return
        lost = _typed_text(typed)
        if lost and not self.walk.open:
            told = _("Not saved: {why} You typed: {text}", why=sentence(error), text=lost)
        else:
            told = _("Not saved: {why}", why=sentence(error))
        self.screen.say(told, "error")
        self.walk.leave()
        self.walk.cursor = item.point.code
        if typed is not None and self.walk.open:
            self.walk.held.pop(typed.key, None)
            self.walk.entry = typed
        self.screen.view.take_entry()
        self.screen.touch()
        self.screen.view.moved()


def _typed_text(entry: Entry | None) -> str:
    return ", ".join(text for text in entry.texts if text) if entry is not None else ""


def _given(answer: AnswerView) -> tuple[object, ...]:
    return answer.found, answer.number, answer.text
