"""Handovers as screens and sheets read them: plain values of what is stored."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from peewee import JOIN

from dutydesk.domain import clock
from dutydesk.domain.errors import Invalid
from dutydesk.domain.handover import Block, Colour, Item, Status, SystemState, Written, worst
from dutydesk.domain.shift import Facts
from dutydesk.domain.words import N_, Label
from dutydesk.services.core import Actor, get, reads
from dutydesk.services.handover_duty import after, open_duty
from dutydesk.services.shift_views import facts
from dutydesk.storage.models.handover import Handover, HandoverAnswer, HandoverItem, HandoverSheet
from dutydesk.storage.models.people import Person
from dutydesk.storage.models.shift import DutyShift


@dataclass(frozen=True)
class ShiftRef:
    """A shift as a handover names it; `title` is the name of its kind in the policy."""

    id: int
    day: str
    kind: str
    title: Label
    starts_at: int
    ends_at: int


@dataclass(frozen=True)
class HandoverLine:
    """A handover as lists show it; `number` is empty until it is first prepared."""

    id: int | None
    number: str
    status: Status
    from_shift: ShiftRef
    to_shift: ShiftRef | None
    state: Colour
    prepared_by: Label | None
    prepared_at: int | None
    accepted_by: Label | None
    accepted_at: int | None
    return_reason: str
    relief: bool
    countersigned: bool
    version: int
    revision: int


@dataclass(frozen=True)
class FrozenItem:
    """A line of a prepared handover with what the receiver said to it.

    `before` is what was said to the same line before the handover was returned; it is offered, not taken.
    """

    id: int
    item: Item
    words: str = ""
    answered_by: Label | None = None
    answered_at: int | None = None
    before: str = ""


@dataclass(frozen=True)
class HandoverView:
    """One handover, whole: its line, its items, and the seal when there is one."""

    line: HandoverLine
    items: tuple[FrozenItem, ...]
    cut_off: int | None = None
    relief_reason: str = ""
    countersigned_by: Label | None = None
    countersigned_at: int | None = None
    digest: str = ""
    chain_head: str = ""
    chain_seq: int = 0

    @property
    def unanswered(self) -> list[FrozenItem]:
        """The red and yellow items that nobody has read back yet."""
        return [frozen for frozen in self.items if frozen.item.answer_required and not frozen.words]


def _ref(shift: DutyShift) -> ShiftRef:
    return _named((shift.id, shift.day, shift.kind, shift.starts_at, shift.ends_at), facts())


def label_of(person: Person | None) -> Label | None:
    return Label(person.name, person.name_en) if person is not None else None


def _unwritten(shift: DutyShift) -> HandoverLine:
    following = after(shift)
    return HandoverLine(
        None,
        "",
        Status.DRAFT,
        _ref(shift),
        _ref(following) if following else None,
        Colour.GREEN,
        None,
        None,
        None,
        None,
        "",
        False,
        False,
        0,
        0,
    )


def line_for(shift: DutyShift) -> HandoverLine:
    rows = _read(Handover.from_shift == shift.id)
    return rows[0] if rows else _unwritten(shift)


@reads()
def pending(who: Actor) -> HandoverLine | None:  # noqa: ARG001
    """Return the handover that is next to be done, prepared or not; None on a desk without shifts."""
    shift = open_duty(clock.now())
    return line_for(shift) if shift is not None else None


@reads()
def lines(who: Actor, *, limit: int = 50) -> list[HandoverLine]:
    """Return the newest handovers, by the start of their shift."""
    return lines_page(who, None, limit, False)


@reads()
def lines_page(who: Actor, key: int | None, limit: int, back: bool) -> list[HandoverLine]:  # noqa: ARG001
    """Return a page of handovers, newest first: those after the one whose shift starts at `key`, or before it."""
    start = DutyShift.starts_at
    after_key = (start > key if back else start < key) if key is not None else None
    rows = _read(after_key, order=start if back else start.desc(), limit=limit)
    return rows[::-1] if back else rows


def _read(where: Any = None, *, order: Any = None, limit: int | None = None) -> list[HandoverLine]:
    """Return lines by their columns: a page of whole rows would be five records for each line."""
    taking, giver, taker = DutyShift.alias(), Person.alias(), Person.alias()
    shifts = [(each.id, each.day, each.kind, each.starts_at, each.ends_at) for each in (DutyShift, taking)]
    query = (
        Handover.select(
            *(Handover.id, Handover.number, Handover.status, Handover.state, Handover.prepared_at),
            *(Handover.accepted_at, Handover.return_reason, Handover.relief, Handover.countersigned_at),
            *(Handover.version, Handover.revision, *shifts[0], *shifts[1]),
            *(giver.name, giver.name_en, taker.name, taker.name_en),
        )
        .join(DutyShift, on=Handover.from_shift)
        .join_from(Handover, taking, on=Handover.to_shift)
        .join_from(Handover, giver, JOIN.LEFT_OUTER, on=Handover.prepared_by)
        .join_from(Handover, taker, JOIN.LEFT_OUTER, on=Handover.accepted_by)
    )
    if where is not None:
        query = query.where(where)
    if order is not None:
        query = query.order_by(order)
    known = facts()
    return [_line(row, known) for row in query.limit(limit).tuples()]


def _named(row: tuple[Any, ...], known: Facts) -> ShiftRef:
    shift_id, day, kind, starts_at, ends_at = row
    return ShiftRef(shift_id, day, kind, known.title(kind), starts_at, ends_at)


def _line(row: tuple[Any, ...], known: Facts) -> HandoverLine:
    number, status, state, prepared_at, accepted_at, return_reason, relief, countersigned_at = row[1:9]
    return HandoverLine(
        id=row[0],
        number=number,
        status=Status(status),
        from_shift=_named(row[11:16], known),
        to_shift=_named(row[16:21], known),
        state=Colour(state),
        prepared_by=Label(row[21], row[22]) if row[21] is not None else None,
        prepared_at=prepared_at,
        accepted_by=Label(row[23], row[24]) if row[23] is not None else None,
        accepted_at=accepted_at,
        return_reason=return_reason,
        relief=relief,
        countersigned=countersigned_at is not None,
        version=row[9],
        revision=row[10],
    )


@reads()
def view(who: Actor, handover_id: int) -> HandoverView:  # noqa: ARG001
    """Return one prepared or sealed handover with the receiver's words."""
    return view_of(get(Handover, handover_id, N_("Handover")))


@reads()
def by_number(who: Actor, number: str) -> HandoverView:  # noqa: ARG001
    """Return a handover by its number or its id."""
    row = Handover.get_or_none(Handover.number == number)
    if row is None and number.isdecimal() and len(number) < 16:
        row = Handover.get_or_none(Handover.id == int(number))
    if row is None:
        raise Invalid(N_("There is no handover {number}."), number=number)
    return view_of(row)


@reads()
def written_before(who: Actor, handover_id: int) -> Written:  # noqa: ARG001
    """Return what the outgoing engineer wrote into a handover that came back: he goes on from there."""
    row = get(Handover, handover_id, N_("Handover"))
    items = [frozen.item for frozen in _frozen(row)]
    overall = Colour(row.state)
    return Written(
        state=overall if overall is not worst(item.colour for item in items) else None,
        steps={item.key: item.next_step for item in items if item.next_step and item.subject in ("measure", "thing")},
        systems={item.key: SystemState(item.values["state"]) for item in items if item.values.get("by_hand")},
        counts={item.key: item.values["counted"] for item in items if item.values.get("counted") is not None},
        notes={item.key.split(":")[1]: item.title for item in items if item.block is Block.NOTES},
    )


def view_of(row: Handover) -> HandoverView:
    sheet = HandoverSheet.get_or_none(HandoverSheet.handover == row.id)
    return HandoverView(
        line=_read(Handover.id == row.id)[0],
        items=tuple(_frozen(row)),
        cut_off=row.cut_off,
        relief_reason=row.relief_reason,
        countersigned_by=label_of(row.countersigned_by),
        countersigned_at=row.countersigned_at,
        digest=sheet.digest if sheet else "",
        chain_head=sheet.chain_head if sheet else "",
        chain_seq=sheet.chain_seq if sheet else 0,
    )


def _frozen(row: Handover) -> list[FrozenItem]:
    answers = {
        answer.item_id: answer
        for answer in HandoverAnswer.select(HandoverAnswer, Person)
        .join(Person)
        .where((HandoverAnswer.handover == row.id) & (HandoverAnswer.revision == row.revision))
        .order_by(HandoverAnswer.id)
    }
    rows = (
        HandoverItem.select()
        .where((HandoverItem.handover == row.id) & (HandoverItem.revision == row.revision))
        .order_by(HandoverItem.ordinal)
    )
    before = _said_before(row)
    frozen = []
    for line in rows:
        answer = answers.get(line.id)
        frozen.append(
            FrozenItem(
                line.id,
                _thawed(line),
                answer.words if answer else "",
                label_of(answer.person) if answer else None,
                answer.at if answer else None,
                before.get((line.subject, line.subject_id, line.title, line.next_step), ""),
            )
        )
    return frozen


def _said_before(row: Handover) -> dict[tuple[str, int | None, str, str], str]:
    """Return what was said in earlier revisions, by what the line was about and said."""
    if row.revision < 2 or row.status == Status.SEALED.value:
        return {}
    answers = (
        HandoverAnswer.select(HandoverAnswer, HandoverItem)
        .join(HandoverItem)
        .where((HandoverAnswer.handover == row.id) & (HandoverAnswer.revision < row.revision))
        .order_by(HandoverAnswer.id)
    )
    items = ((answer.item, answer.words) for answer in answers)
    return {(item.subject, item.subject_id, item.title, item.next_step): words for item, words in items}


def _thawed(line: HandoverItem) -> Item:
    data = json.loads(line.data)
    return Item(
        block=Block(line.block),
        colour=Colour(line.colour),
        key=data["key"],
        title=line.title,
        message=data.get("message", ""),
        values=data.get("values", {}),
        subject=line.subject,
        subject_id=line.subject_id,
        next_step=line.next_step,
        since=line.since,
        deadline=line.deadline,
        carried=line.carried,
        answer_required=line.answer_required,
    )
