"""What rounds share below the use cases: items and answers read in a few queries, whatever the number of rounds."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from peewee import JOIN

from dutydesk.domain.limits import Limits, parse_limits
from dutydesk.domain.rounds import CheckPoint, Found, ItemKind, Option, parse_condition
from dutydesk.domain.walltime import local
from dutydesk.domain.words import Label
from dutydesk.services import settings
from dutydesk.storage.models.people import Person
from dutydesk.storage.models.rounds import CheckItem, Equipment, Round, RoundAnswer


@dataclass(frozen=True)
class AnswerView:
    """The newest answer of an item in a round, with the limits it was judged by.

    `text` is a text, or the code of a choice; `note` also holds the reason of a skipped item. `changed` says that an
    earlier answer stands behind it.
    """

    id: int
    round_id: int
    item_id: int
    code: str
    found: Found
    number: float | None
    text: str | None
    note: str | None
    limits: Limits
    at: int
    person_id: int
    person: Label
    step: int
    changed: bool
    default_kept: bool = False


def hhmm(at: int) -> str:
    """Return an instant as the desk's wall time, for the values of a sentence."""
    return f"{local(at, settings.desk_zone()):%H:%M}"


def point_of(item: CheckItem) -> CheckPoint:
    """Return a stored item as the rules know it; its equipment is read unless it was joined."""
    thing = item.equipment
    return CheckPoint(
        id=item.id,
        code=item.code,
        place=Label(item.place, item.place_en),
        name=Label(item.name, item.name_en),
        kind=ItemKind(item.kind),
        unit=item.unit,
        limits=parse_limits(item.warning, item.critical),
        options=tuple(_option(each) for each in json.loads(item.choices)),
        required=item.required,
        condition=parse_condition(item.condition),
        hint=Label(item.hint, item.hint_en),
        equipment=Label(thing.name, thing.name_en) if thing else None,
        equipment_id=thing.id if thing else None,
        in_service=thing.in_service if thing else True,
        job=item.job,
    )


def _option(data: dict[str, str]) -> Option:
    return Option(data["code"], Label(data["name"], data.get("name_en", "")), Found(data.get("verdict", "ok")))


def items_of(checklist_id: int, at: int) -> list[CheckItem]:
    """Return the items that a round asked, or asks, at the instant `at`, in walking order."""
    return list(
        CheckItem.select(CheckItem, Equipment)
        .join(Equipment, JOIN.LEFT_OUTER)
        .where(CheckItem.checklist == checklist_id)
        .where(CheckItem.made_at.is_null() | (CheckItem.made_at <= at))
        .where(CheckItem.retired_at.is_null() | (CheckItem.retired_at > at))
        .order_by(CheckItem.ordinal, CheckItem.id)
    )


def points_of(row: Round, now: int) -> list[CheckPoint]:
    """Return what a round asks: for a finished one what it asked then."""
    return [point_of(item) for item in items_of(row.checklist_id, asked_at(row, now))]


def asked_at(row: Round, now: int) -> int:
    """Return the instant whose items a round asks; a clock that was set back does not hide any."""
    instants: tuple[int | None, ...] = (row.finished_at or now, row.started_at)
    return max(at for at in instants if at is not None)


def points_of_each(rows: Iterable[Round], now: int) -> dict[int, list[CheckPoint]]:
    """Return what each round asks by round id; rounds of one checklist that ask the same are read once."""
    read: dict[int, list[CheckItem]] = {}
    made: dict[int, CheckPoint] = {}
    found: dict[int, list[CheckPoint]] = {}
    for row in rows:
        if row.checklist_id not in read:
            read[row.checklist_id] = list(
                CheckItem.select(CheckItem, Equipment)
                .join(Equipment, JOIN.LEFT_OUTER)
                .where(CheckItem.checklist == row.checklist_id)
                .order_by(CheckItem.ordinal, CheckItem.id)
            )
        at = asked_at(row, now)
        there = [
            item
            for item in read[row.checklist_id]
            if (item.made_at is None or item.made_at <= at) and (item.retired_at is None or item.retired_at > at)
        ]
        for item in there:
            if item.id not in made:
                made[item.id] = point_of(item)
        found[row.id] = [made[item.id] for item in there]
    return found


_COLUMNS = (
    RoundAnswer.id,
    RoundAnswer.round,
    RoundAnswer.item,
    CheckItem.code,
    RoundAnswer.verdict,
    RoundAnswer.number,
    RoundAnswer.text,
    RoundAnswer.note,
    RoundAnswer.warning,
    RoundAnswer.critical,
    RoundAnswer.at,
    RoundAnswer.person,
    Person.name,
    Person.name_en,
    RoundAnswer.step,
    RoundAnswer.corrects,
    RoundAnswer.default_kept,
)


def answers_of(round_ids: Sequence[int]) -> dict[int, list[AnswerView]]:
    """Return every answer of these rounds in the order they were written, by round id."""
    found: dict[int, list[AnswerView]] = {round_id: [] for round_id in round_ids}
    if not found:
        return found
    rows = (
        RoundAnswer.select(*_COLUMNS)
        .join(CheckItem)
        .switch(RoundAnswer)
        .join(Person)
        .where(RoundAnswer.round.in_(list(round_ids)))
        .order_by(RoundAnswer.id)
        .tuples()
    )
    for row in rows:
        view = _answer(row)
        found[view.round_id].append(view)
    return found


def answer_view(answer_id: int) -> AnswerView:
    """Return one answer as it is stored."""
    rows = RoundAnswer.select(*_COLUMNS).join(CheckItem).switch(RoundAnswer).join(Person)
    return _answer(rows.where(RoundAnswer.id == answer_id).tuples().first())


def _answer(row: tuple) -> AnswerView:  # type: ignore[type-arg]
    answer_id, round_id, item_id, code, verdict, number, text, note, warning, critical, at, person, *rest = row
    name, name_en, step, corrects, default_kept = rest
    return AnswerView(
        id=answer_id,
        round_id=round_id,
        item_id=item_id,
        code=code,
        found=Found(verdict),
        number=number,
        text=text,
        note=note,
        limits=parse_limits(warning, critical),
        at=at,
        person_id=person,
        person=Label(name, name_en),
        step=step,
        changed=corrects is not None,
        default_kept=bool(default_kept),
    )


def newest(answers: Iterable[AnswerView]) -> dict[str, AnswerView]:
    """Return the answer that counts of each item, by item code."""
    return {answer.code: answer for answer in answers}
