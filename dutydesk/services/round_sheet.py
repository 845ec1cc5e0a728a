"""The sheet of a round: what is asked with previous values and trend, and the answers, each a row of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dutydesk.domain import clock
from dutydesk.domain import rounds as rules
from dutydesk.domain.backups import Copy
from dutydesk.domain.errors import Invalid, NotFound, Refused
from dutydesk.domain.rounds import CheckPoint, Found, ItemKind, Pace, RoundStatus, Stroke
from dutydesk.domain.text import clean, required, within
from dutydesk.domain.words import N_
from dutydesk.services import core
from dutydesk.services.backups import CopyView, JobFacts, add_check, copies_of, facts_of
from dutydesk.services.core import Actor, reads, record, writes
from dutydesk.services.round_lines import RoundLine, begin, line_of, row_of
from dutydesk.services.round_rows import (
    AnswerView,
    answer_view,
    answers_of,
    asked_at,
    items_of,
    newest,
    point_of,
)
from dutydesk.storage.models.incidents import Incident
from dutydesk.storage.models.rounds import CheckItem, Round, RoundAnswer

SUBJECT = "sheet"
"""What the change feed calls an answer, with the id of its round: lists of rounds need not hear each one."""
NOTE_LIMIT = 2000
TEXT_LIMIT = 500
TREND_VALUES = 12
_READ_BACK = 3 * TREND_VALUES
"""Rows read for a trend: enough to find twelve rounds although some items were answered more than once."""


@dataclass(frozen=True)
class Previous:
    """What an item was answered in the last round before this one."""

    found: Found
    number: float | None
    text: str | None
    at: int


@dataclass(frozen=True)
class SheetItem:
    """An item on the sheet: what it asks, its last answer, and its last readings, oldest first.

    `job` is there for a backup item.
    """

    point: CheckPoint
    previous: Previous | None
    trend: tuple[float, ...]
    job: JobFacts | None = None


@dataclass(frozen=True)
class SheetState:
    """What changes while a round is walked: its head, the newest answers by item code, copies and incidents by code.

    `clock_behind` is by how many seconds the earliest answer lies before the round's start.
    """

    head: RoundLine
    answers: Mapping[str, AnswerView]
    copies: Mapping[str, CopyView]
    incidents: Mapping[str, tuple[int, str]]
    clock_behind: int


@dataclass(frozen=True)
class Sheet:
    """A whole round; `pace` is how it was walked, for a finished one."""

    items: tuple[SheetItem, ...]
    state: SheetState
    pace: Pace | None


@dataclass(frozen=True)
class Written:
    """An answer as it was stored; `clock_behind` in seconds says that a clock is wrong, here or elsewhere.

    `replaced` is the answer of somebody else that this one took the place of; it stays in the record.
    """

    answer: AnswerView
    copy: CopyView | None
    clock_behind: int
    replaced: AnswerView | None = None


@reads()
def sheet(who: Actor, round_id: int) -> Sheet:  # noqa: ARG001
    """Return a round with everything its sheet shows."""
    row, now = row_of(round_id), clock.now()
    stored = items_of(row.checklist_id, asked_at(row, now))
    history = _same_items(row.checklist_id)
    items = []
    for item in stored:
        point = point_of(item)
        previous, trend = _history(history[item.code], row)
        items.append(SheetItem(point, previous, trend, facts_of(point.job, row, now) if point.job else None))
    answers = answers_of([row.id])[row.id]
    pace = None
    if row.status == RoundStatus.FINISHED.value:
        pace = rules.pace(_strokes(answers, stored))
    return Sheet(tuple(items), _state(row, answers, now), pace)


@reads()
def state(who: Actor, round_id: int) -> SheetState:  # noqa: ARG001
    """Return what may have changed on a sheet that is shown already."""
    row = row_of(round_id)
    return _state(row, answers_of([row.id])[row.id], clock.now())


def _state(row: Round, answers: Sequence[AnswerView], now: int) -> SheetState:
    return SheetState(
        head=line_of(row, now),
        answers=newest(answers),
        copies=copies_of(row.id),
        incidents=_incidents(row.id),
        clock_behind=rules.clock_behind(row.started_at, [answer.at for answer in answers]),
    )


def _same_items(checklist_id: int) -> dict[str, list[int]]:
    """Return the ids an item has had by its code, newest first: a changed item keeps its history."""
    ids: dict[str, list[int]] = {}
    rows = CheckItem.select(CheckItem.code, CheckItem.id).where(CheckItem.checklist == checklist_id)
    for code, item_id in rows.order_by(CheckItem.id.desc()).tuples():
        ids.setdefault(code, []).append(item_id)
    return ids


def _history(item_ids: Sequence[int], row: Round) -> tuple[Previous | None, tuple[float, ...]]:
    before = row.started_at or row.due_at
    past: dict[int, Previous] = {}
    for item_id in item_ids:
        rows = (
            RoundAnswer.select(
                RoundAnswer.round, RoundAnswer.verdict, RoundAnswer.number, RoundAnswer.text, RoundAnswer.at
            )
            .where((RoundAnswer.item == item_id) & (RoundAnswer.at <= before) & (RoundAnswer.round != row.id))
            .order_by(RoundAnswer.at.desc(), RoundAnswer.id.desc())
            .limit(_READ_BACK)
            .tuples()
        )
        for round_id, verdict, number, text, at in rows:
            past.setdefault(round_id, Previous(Found(verdict), number, text, at))
        if len(past) >= TREND_VALUES:
            break
    given = [each for each in past.values() if each.found is not Found.SKIPPED]
    numbers = [each.number for each in given[:TREND_VALUES] if each.number is not None]
    return (given[0] if given else None), tuple(reversed(numbers))


def _incidents(round_id: int) -> dict[str, tuple[int, str]]:
    """Return the newest incident opened from each item of a round: its id and number by item code."""
    rows = (
        Incident.select(CheckItem.code, Incident.id, Incident.number)
        .join(RoundAnswer, on=(Incident.answer == RoundAnswer.id))
        .join(CheckItem, on=(RoundAnswer.item == CheckItem.id))
        .where(RoundAnswer.round == round_id)
        .order_by(Incident.id)
        .tuples()
    )
    return {code: (incident_id, number) for code, incident_id, number in rows}


def _strokes(answers: Sequence[AnswerView], items: Sequence[CheckItem]) -> list[Stroke]:
    ordinals = {item.code: place for place, item in enumerate(items)}
    last: dict[str, AnswerView] = {}
    strokes = []
    for answer in answers:
        before = last.get(answer.code)
        repeats = before is not None and _says(before) == _says(answer)
        strokes.append(Stroke(answer.person_id, answer.at, ordinals.get(answer.code, 0), answer.default_kept, repeats))
        last[answer.code] = answer
    return strokes


def _says(answer: AnswerView) -> tuple[object, ...]:
    return answer.found, answer.number, answer.text


# Answering


@writes()
def answer(
    who: Actor,
    round_id: int,
    item_id: int,
    found: Found | None = None,
    *,
    number: float | None = None,
    text: str | None = None,
    note: str | None = None,
    copy: Copy | None = None,
    default_kept: bool | None = None,
) -> Written:
    """Answer an item: a new row each time, the newest counts. Answering starts the round, or goes on with it.

    A check takes `found`, a reading `number`, a choice the code of its option as `text`, a text item `text` (or
    `found` OK for nothing to note), a backup item `copy` (in bytes and epoch seconds). `found` ABNORMAL is always
    possible. An abnormal answer without a `note` is taken; the round cannot be finished before it has one.
    """
    row, item = _to_answer(who, round_id, item_id)
    point, now = point_of(item), clock.now()
    text = within(clean(text or ""), "text", limit=TEXT_LIMIT) or None
    if point.kind is ItemKind.BACKUP and found is not Found.ABNORMAL:
        if copy is None:
            raise Invalid(N_("Say when the last good copy was made, or x when there is none."))
        facts = facts_of(point.job, row, now)
        found = facts.judge(copy, now, point.limits)
        number = None if copy.size is None else float(copy.size)
    else:
        if point.kind is ItemKind.TEXT and found is None and text:
            found = Found.OK
        found = point.judge(found, number, text)
    stored = _store(who, row, item, found, number=number, text=text, note=_note(note), default_kept=default_kept)
    view = add_check(who, point.job, stored, copy) if point.job else None
    return _written(row, stored, view)


@writes()
def skip(who: Actor, round_id: int, item_id: int, reason: str) -> Written:
    """Leave an item out of this round; it needs a reason."""
    reason = required(reason, "note", limit=NOTE_LIMIT)
    row, item = _to_answer(who, round_id, item_id)
    return _written(row, _store(who, row, item, Found.SKIPPED, note=reason), None)


@writes()
def add_note(who: Actor, round_id: int, item_id: int, note: str) -> Written:
    """Put a note to the newest answer of an item, or another in its place: a new row with the same answer."""
    row, item = _to_answer(who, round_id, item_id)
    before = newest(answers_of([row.id])[row.id]).get(item.code)
    if before is None:
        raise Refused(N_("This item is not answered yet."))
    stored = _store(
        who,
        row,
        item,
        before.found,
        number=before.number,
        text=before.text,
        note=required(note, "note", limit=NOTE_LIMIT),
        default_kept=before.default_kept or None,
    )
    view = None
    if item.job and before.found is not Found.SKIPPED:
        old = copies_of(row.id).get(item.code)
        view = add_check(who, item.job, stored, old.copy if old else None)
    return _written(row, stored, view)


def _note(note: str | None) -> str | None:
    return within(clean(note or "", multiline=True), "note", limit=NOTE_LIMIT) or None


def _to_answer(who: Actor, round_id: int, item_id: int) -> tuple[Round, CheckItem]:
    row = begin(who, row_of(round_id))
    item: CheckItem = core.get(CheckItem, item_id, N_("Check point"))
    if item.checklist_id != row.checklist_id:
        raise NotFound(N_("This round has no such item."))
    if item.equipment is not None and not item.equipment.in_service:
        raise Refused(N_("This is out of service; nothing is asked about it."))
    return row, item


def _store(
    who: Actor,
    row: Round,
    item: CheckItem,
    found: Found,
    *,
    number: float | None = None,
    text: str | None = None,
    note: str | None = None,
    default_kept: bool | None = None,
) -> RoundAnswer:
    earlier = list(
        RoundAnswer.select(RoundAnswer.id, RoundAnswer.at, RoundAnswer.step, CheckItem.code)
        .join(CheckItem)
        .where(RoundAnswer.round == row.id)
        .order_by(RoundAnswer.id)
        .tuples()
    )
    now = clock.now()
    last_at = earlier[-1][1] if earlier else row.started_at
    stored = core.create(
        RoundAnswer,
        round=row.id,
        item=item.id,
        person=who.person_id,
        at=now,
        verdict=found.value,
        number=None if number is None else float(number),
        text=text,
        note=note,
        warning=item.warning or None,
        critical=item.critical or None,
        gap=None if last_at is None else now - last_at,
        step=max((step for _, _, step, _ in earlier), default=0) + 1,
        default_kept=default_kept,
        corrects=next((key for key, _, _, code in reversed(earlier) if code == item.code), None),
    )
    values = {"item": item.code, "found": found.value, "number": number, "text": text, "note": note}
    record(
        who,
        "round.answered",
        stored,
        values={key: value for key, value in values.items() if value is not None},
        subject=SUBJECT,
        subject_id=row.id,
    )
    return stored


def _written(row: Round, stored: RoundAnswer, copy: CopyView | None) -> Written:
    before = answer_view(stored.corrects_id) if stored.corrects_id else None
    replaced = before if before is not None and before.person_id != stored.person_id else None
    return Written(answer_view(stored.id), copy, rules.clock_behind(row.started_at, [stored.at]), replaced)
