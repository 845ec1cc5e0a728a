"""A round being walked at this console: the sheet, the answers still on their way, the cursor, and what is typed.

Nothing here draws or asks the desk; the sheet widget shows it, the screen writes for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from dutydesk.domain import backups, clock
from dutydesk.domain import rounds as rules
from dutydesk.domain.backups import Copy
from dutydesk.domain.errors import DeskError
from dutydesk.domain.limits import reading
from dutydesk.domain.rounds import Found, Progress, RoundState
from dutydesk.domain.words import Label
from dutydesk.services.backups import CopyView
from dutydesk.services.round_rows import AnswerView
from dutydesk.services.round_sheet import NOTE_LIMIT, TEXT_LIMIT, Sheet, SheetItem, SheetState

READING_LIMIT = 24
YES = frozenset({"y", "Y", "1", "是", "ｙ"})
NO = frozenset({"n", "N", "2", "0", "否", "ｎ"})


class EntryKind(Enum):
    """What is being typed on the sheet."""

    READING = "reading"
    TEXT = "text"
    NOTE = "note"
    SKIP = "skip"
    COPY = "copy"


LIMITS = {
    EntryKind.READING: READING_LIMIT,
    EntryKind.TEXT: TEXT_LIMIT,
    EntryKind.NOTE: NOTE_LIMIT,
    EntryKind.SKIP: NOTE_LIMIT,
    EntryKind.COPY: 30,
}


@dataclass
class Entry:
    """What is being typed for an item: one text, for a copy three of them (time, size, verified) one after another.

    `offered` is what the first text was filled in with.
    """

    code: str
    kind: EntryKind
    texts: list[str] = field(default_factory=lambda: [""])
    step: int = 0
    offered: str = ""

    @property
    def key(self) -> str:
        """The name it is kept under."""
        return f"{self.code}/{self.kind.value}"

    @property
    def text(self) -> str:
        """The text that is typed now."""
        return self.texts[self.step]


@dataclass(frozen=True)
class Underway:
    """An answer that is shown already and still being written."""

    ticket: int
    answer: AnswerView
    copy: CopyView | None


class Walk:
    """A round on this console."""

    def __init__(self, sheet: Sheet, person_id: int, person: Label) -> None:
        self.sheet = sheet
        self.state: SheetState = sheet.state
        self.person_id, self.person = person_id, person
        self.entry: Entry | None = None
        self.held: dict[str, list[str]] = {}
        self.last_answered: list[str] = []
        self._underway: dict[str, Underway] = {}
        self._tickets = 0
        self._answers: dict[str, AnswerView] | None = None
        self._rows: list[SheetItem] = []
        self._progress: Progress | None = None
        self._items = {each.point.code: each for each in sheet.items}
        self.cursor = ""
        self.to_open()

    # What there is

    @property
    def answers(self) -> Mapping[str, AnswerView]:
        """The newest answers by item code, those on their way included."""
        if self._answers is None:
            self._answers = {**self.state.answers, **{code: each.answer for code, each in self._underway.items()}}
            points = [each.point for each in self.sheet.items]
            asked = {point.code for point in rules.asked(points, self._answers)}
            self._rows = [
                each
                for each in self.sheet.items
                if each.point.code in asked or not (each.point.in_service or each.point.condition)
            ]
            self._progress = rules.progress(points, self._answers)
        return self._answers

    def _changed(self) -> None:
        self._answers = None

    @property
    def copies(self) -> Mapping[str, CopyView]:
        """The newest checks of copies by item code, those on their way included."""
        here = {code: each.copy for code, each in self._underway.items() if each.copy}
        return {**self.state.copies, **here}

    @property
    def open(self) -> bool:
        """Whether answers are taken."""
        return self.state.head.state.open

    @property
    def finished(self) -> bool:
        """Whether somebody has closed the round."""
        return self.state.head.state is RoundState.FINISHED

    def rows(self) -> list[SheetItem]:
        """Return the items that are shown: those that are asked, and what is out of service."""
        return self._rows if self.answers is not None else []

    def progress(self) -> Progress:
        """Return how far the round is, answers on their way included."""
        assert self.answers is not None
        assert self._progress is not None
        return self._progress

    @property
    def item(self) -> SheetItem | None:
        """The item under the cursor."""
        return self.item_of(self.cursor)

    def item_of(self, code: str) -> SheetItem | None:
        """Return the item with this code."""
        return self._items.get(code)

    # The cursor

    def move(self, by: int) -> None:
        """Go `by` rows down, or up below zero."""
        codes = [each.point.code for each in self.rows()]
        if codes:
            at = codes.index(self.cursor) if self.cursor in codes else 0
            self.cursor = codes[max(0, min(len(codes) - 1, at + by))]

    def to_open(self, *, after: str | None = None) -> bool:
        """Go to the next open item in walking order, from the start again at the end; False when none is open."""
        rows, answers = self.rows(), self.answers
        codes = [each.point.code for each in rows]
        start = codes.index(after) + 1 if after in codes else 0
        for each in (*rows[start:], *rows[:start]):
            if each.point.in_service and each.point.code not in answers:
                self.cursor = each.point.code
                return True
        if self.cursor not in codes:
            self.cursor = codes[0] if codes else ""
        return False

    def advance(self, code: str) -> None:
        """Go on after an answer: to the next open item, or one row down when all are answered."""
        if not self.to_open(after=code):
            self.cursor = code
            self.move(1)

    # Answers on their way

    def put(self, item: SheetItem, found: Found, copy: Copy | None = None, **values: Any) -> int:
        """Show an answer at once; returns the ticket under which it is being written."""
        code = item.point.code
        before = self.answers.get(code)
        self._tickets += 1
        now = clock.now()
        answer = AnswerView(
            id=0,
            round_id=self.state.head.id,
            item_id=item.point.id,
            code=code,
            found=found,
            number=values.get("number"),
            text=values.get("text"),
            note=values.get("note"),
            limits=item.point.limits,
            at=now,
            person_id=self.person_id,
            person=self.person,
            step=before.step if before else 0,
            changed=before is not None,
        )
        view = CopyView(found, copy, now) if copy else None
        self._underway[code] = Underway(self._tickets, answer, view)
        self._changed()
        self._remember(code)
        return self._tickets

    def put_note(self, code: str, note: str) -> int:
        """Show a note at once; returns the ticket under which it is being written."""
        self._tickets += 1
        underway = self._underway.get(code)
        answer = replace(self.answers[code], note=note)
        self._underway[code] = Underway(self._tickets, answer, underway.copy if underway else None)
        self._changed()
        return self._tickets

    def _remember(self, code: str) -> None:
        if code in self.last_answered:
            self.last_answered.remove(code)
        self.last_answered.append(code)

    def written(self, ticket: int, answer: AnswerView, copy: CopyView | None) -> None:
        """Take what was stored; a newer answer of the item that is still on its way stays in front."""
        answers = {**self.state.answers, answer.code: answer}
        copies = {**self.state.copies, answer.code: copy} if copy else self.state.copies
        self.state = replace(self.state, answers=answers, copies=copies)
        self._forget(answer.code, ticket)

    def failed(self, code: str, ticket: int) -> None:
        """Take back an answer that could not be written."""
        self._forget(code, ticket)

    def _forget(self, code: str, ticket: int) -> None:
        underway = self._underway.get(code)
        if underway and underway.ticket == ticket:
            del self._underway[code]
        self._changed()

    def take_sheet(self, sheet: Sheet) -> None:
        """Take the whole round anew: its items have changed."""
        self.sheet = sheet
        self._items = {each.point.code: each for each in sheet.items}
        self.take(sheet.state)

    def take(self, state: SheetState) -> None:
        """Take what was read anew; cursor and typing stay where they are."""
        self.state = state
        self._changed()
        codes = [each.point.code for each in self.rows()]
        if self.cursor not in codes:
            self.to_open()

    # Typing

    def begin(self, item: SheetItem, kind: EntryKind, text: str | None = None) -> Entry:
        """Open a text for an item: with `text`, else with what was typed and left before, else empty."""
        entry = Entry(item.point.code, kind)
        if kind is EntryKind.COPY:
            entry.texts = ["", "", ""]
        if text is not None:
            entry.texts[0] = entry.offered = text
        entry.texts = self.held.get(entry.key, entry.texts)
        self.entry, self.cursor = entry, item.point.code
        return entry

    def leave(self) -> None:
        """Close what is typed and keep it for the next time; a reading is given up."""
        entry = self.entry
        if entry is None:
            return
        if entry.kind is EntryKind.READING or not any(entry.texts):
            self.held.pop(entry.key, None)
        else:
            self.held[entry.key] = entry.texts
        self.entry = None

    def done(self) -> None:
        """Close what is typed: it has become an answer."""
        if self.entry is not None:
            self.held.pop(self.entry.key, None)
            self.entry = None

    def kept(self) -> dict[str, Any]:
        """Return what is typed and not written yet, as a draft."""
        texts = {**self.held}
        if self.entry is not None and any(self.entry.texts):
            texts[self.entry.key] = self.entry.texts
        if not texts:
            return {}
        entry = self.entry
        return {"texts": texts, "open": entry.key if entry else "", "step": entry.step if entry else 0}

    def restore(self, data: Mapping[str, Any]) -> bool:
        """Take up a draft; returns whether something that was being typed is open again."""
        self.held = {str(key): list(texts) for key, texts in dict(data.get("texts", {})).items()}
        code, _slash, kind = str(data.get("open", "")).rpartition("/")
        item = self.item_of(code)
        if item is None or not self.open or kind not in {each.value for each in EntryKind}:
            return False
        entry = self.begin(item, EntryKind(kind))
        entry.step = min(int(data.get("step", 0)), len(entry.texts) - 1)
        self.held.pop(entry.key, None)
        return True


# What is typed, read


def number_of(item: SheetItem, text: str) -> float:
    """Return the reading that is typed; Invalid with a sentence otherwise."""
    return reading(text, unit=item.point.unit, field="number")


def live(item: SheetItem, text: str) -> tuple[float, Found] | None:
    """Return the reading as far as it is typed and how it stands; None while it is no number."""
    try:
        number = number_of(item, text)
    except DeskError:
        return None
    return number, item.point.judge(None, number, None)


def growth_of(item: SheetItem, copy: Copy) -> float | None:
    """Return the change of a copy's size against the one before in percent."""
    return backups.growth(copy.size, item.job.previous_size) if item.job else None
