"""Handing over: who holds the duty, the steps from draft to seal, and the gate before a shift's first action.

Duty stays with the outgoing person until acceptance. Source: DOMAIN 4.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from dutydesk.domain import clock
from dutydesk.domain.errors import Invalid, Refused
from dutydesk.domain.handover import (
    SYSTEM_COLOURS,
    Block,
    Colour,
    Item,
    Note,
    Status,
    Step,
    SystemState,
    Written,
    check_complete,
    check_step,
    worst,
)
from dutydesk.domain.text import optional, required
from dutydesk.domain.words import N_, Label
from dutydesk.services.core import (
    ENGINEERS,
    SUPERVISORS,
    Actor,
    change,
    create,
    get,
    reads,
    record,
    signs,
    writes,
)
from dutydesk.storage import chain
from dutydesk.storage.models.attendance import Attendance
from dutydesk.storage.models.handover import Handover, HandoverAnswer, HandoverItem, HandoverSheet, Thing
from dutydesk.storage.models.people import Person
from dutydesk.storage.models.shift import Assignment, DutyShift

WORDS_LIMIT = 500
NEXT_STEP_LIMIT = 300


@dataclass(frozen=True)
class ShiftRef:
    """A shift as a handover names it."""

    id: int
    day: str
    kind: str
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
    """A line of a prepared handover with what the receiver said to it."""

    id: int
    item: Item
    words: str = ""
    answered_by: Label | None = None
    answered_at: int | None = None


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


@dataclass(frozen=True)
class Draft:
    """What the wizard shows to the outgoing: the shift handed over and the lines as they stand now."""

    line: HandoverLine
    items: tuple[Item, ...]
    suggested: Colour


# ------------------------------------------------------------------------------------------------ who holds the duty


def _row_at(instant: int) -> DutyShift | None:
    return (
        DutyShift.select()
        .where((DutyShift.starts_at <= instant) & (DutyShift.ends_at > instant))
        .order_by(DutyShift.starts_at.desc())
        .first()
    )


def _before(shift: DutyShift) -> DutyShift | None:
    return DutyShift.select().where(DutyShift.starts_at < shift.starts_at).order_by(DutyShift.starts_at.desc()).first()


def _after(shift: DutyShift) -> DutyShift | None:
    return DutyShift.select().where(DutyShift.starts_at > shift.starts_at).order_by(DutyShift.starts_at).first()


def _sealed(shift: DutyShift) -> bool:
    return (
        Handover.select().where((Handover.from_shift == shift.id) & (Handover.status == Status.SEALED.value)).exists()
    )


def open_duty(instant: int) -> DutyShift | None:
    """Return the shift that is to be handed over next: the one before the present shift while it is not sealed,
    else the present one. Between two shifts it is the last one that ran."""
    current = _row_at(instant)
    if current is None:
        return DutyShift.select().where(DutyShift.starts_at <= instant).order_by(DutyShift.starts_at.desc()).first()
    earlier = _before(current)
    return earlier if earlier is not None and not _sealed(earlier) else current


def signed_in(shift_id: int) -> set[int]:
    """Return the persons whose newest signature on the shift is a sign-in."""
    newest: dict[int, str] = {}
    rows = Attendance.select(Attendance.person, Attendance.kind).where(Attendance.shift == shift_id)
    for person_id, kind in rows.order_by(Attendance.at, Attendance.id).tuples():
        newest[person_id] = kind
    return {person_id for person_id, kind in newest.items() if kind == "in"}


def _on_shift(person_id: int, shift: DutyShift) -> bool:
    if person_id in signed_in(shift.id):
        return True
    planned = Assignment.select().where((Assignment.shift == shift.id) & (Assignment.person == person_id))
    return planned.exists()


def gate(who: Actor, shift_id: int | None = None) -> None:
    """Refuse the first action of a shift (starting a round, closing an incident) until the handover is accepted.

    The outgoing engineers, who hold the duty until then, and the program itself are let through. Without an earlier
    shift there is nothing to accept.
    """
    current = DutyShift.get_or_none(DutyShift.id == shift_id) if shift_id else _row_at(clock.now())
    earlier = _before(current) if current is not None else None
    if not who.person_id or current is None or earlier is None or _sealed(earlier):
        return
    if who.person_id in signed_in(earlier.id):
        return
    raise Refused(
        N_("First accept the handover of the {shift} shift {day} (key 5): until then the duty is not yours."),
        shift=Label(*_kind_words(earlier.kind)),
        day=earlier.day[5:],
    )


def _kind_words(kind: str) -> tuple[str, str]:
    from dutydesk.services import shift

    return shift.kind_label(kind)


def carried(subject: str, subject_id: int) -> int:
    """Return through how many sealed handovers a record has been carried."""
    return (
        HandoverItem.select(HandoverItem.handover)
        .join(Handover)
        .where(
            (HandoverItem.subject == subject)
            & (HandoverItem.subject_id == subject_id)
            & (Handover.status == Status.SEALED.value)
        )
        .distinct()
        .count()
    )


# ------------------------------------------------------------------------------------------------------------ reading


def _ref(shift: DutyShift) -> ShiftRef:
    return ShiftRef(shift.id, shift.day, shift.kind, shift.starts_at, shift.ends_at)


def _label(person: Person | None) -> Label | None:
    return Label(person.name, person.name_en) if person is not None else None


def _line(row: Handover) -> HandoverLine:
    return HandoverLine(
        id=row.id,
        number=row.number,
        status=Status(row.status),
        from_shift=_ref(row.from_shift),
        to_shift=_ref(row.to_shift),
        state=Colour(row.state),
        prepared_by=_label(row.prepared_by),
        prepared_at=row.prepared_at,
        accepted_by=_label(row.accepted_by),
        accepted_at=row.accepted_at,
        return_reason=row.return_reason,
        relief=row.relief,
        countersigned=row.countersigned_at is not None,
        version=row.version,
        revision=row.revision,
    )


def _unwritten(shift: DutyShift) -> HandoverLine:
    following = _after(shift)
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


def _line_for(shift: DutyShift) -> HandoverLine:
    row = Handover.get_or_none(Handover.from_shift == shift.id)
    return _line(row) if row is not None else _unwritten(shift)


@reads()
def pending(who: Actor) -> HandoverLine | None:  # noqa: ARG001
    """Return the handover that is next to be done, prepared or not; None on a desk without shifts."""
    shift = open_duty(clock.now())
    return _line_for(shift) if shift is not None else None


@reads()
def lines(who: Actor, *, before: int | None = None, limit: int = 50) -> list[HandoverLine]:  # noqa: ARG001
    """Return handovers by the start of their shift, newest first; `before` is the start (epoch) to go on from."""
    query = Handover.select(Handover, DutyShift).join(DutyShift, on=(Handover.from_shift == DutyShift.id))
    if before is not None:
        query = query.where(DutyShift.starts_at < before)
    return [_line(row) for row in query.order_by(DutyShift.starts_at.desc()).limit(limit)]


@reads()
def draft(who: Actor, written: Written | None = None) -> Draft | None:  # noqa: ARG001
    """Return what the wizard shows now: everything filled in by itself, with what has been written so far."""
    shift = open_duty(clock.now())
    if shift is None:
        return None
    items = _with_written(_filled(shift), written or Written())
    return Draft(_line_for(shift), tuple(items), worst(item.colour for item in items))


@reads()
def view(who: Actor, handover_id: int) -> HandoverView:  # noqa: ARG001
    """Return one prepared or sealed handover with the receiver's words."""
    return _view(get(Handover, handover_id, N_("Handover")))


@reads()
def by_number(who: Actor, number: str) -> HandoverView:  # noqa: ARG001
    """Return a handover by its number or its id."""
    row = Handover.get_or_none(Handover.number == number)
    if row is None and number.isdigit():
        row = Handover.get_or_none(Handover.id == int(number))
    if row is None:
        raise Invalid(N_("There is no handover {number}."), number=number)
    return _view(row)


def _view(row: Handover) -> HandoverView:
    sheet = HandoverSheet.get_or_none(HandoverSheet.handover == row.id)
    return HandoverView(
        line=_line(row),
        items=tuple(_frozen(row)),
        cut_off=row.cut_off,
        relief_reason=row.relief_reason,
        countersigned_by=_label(row.countersigned_by),
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
    frozen = []
    for line in rows:
        answer = answers.get(line.id)
        frozen.append(
            FrozenItem(
                line.id,
                _thawed(line),
                answer.words if answer else "",
                _label(answer.person) if answer else None,
                answer.at if answer else None,
            )
        )
    return frozen


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
        owner=line.owner,
        next_step=line.next_step,
        since=line.since,
        deadline=line.deadline,
        carried=line.carried,
        answer_required=line.answer_required,
    )


# ------------------------------------------------------------------------------------------------------------- filling


def _filled(shift: DutyShift) -> list[Item]:
    from dutydesk.services.handover_fill import fill

    earlier = _before(shift)
    sealed = Handover.get_or_none(Handover.from_shift == earlier.id) if earlier is not None else None
    begin = sealed.cut_off if sealed is not None and sealed.cut_off else shift.starts_at
    return fill(shift, begin, clock.now())


def _with_written(items: list[Item], written: Written) -> list[Item]:
    done = [_one_written(item, written) for item in items]
    for ordinal, (note, text) in enumerate(written.notes.items()):
        text = optional(text, f"notes.{note}", limit=2000)
        if text:
            done.append(Item(Block.NOTES, Colour.GREEN, f"note:{note}:{ordinal}", text, Note(note).label))
    order = list(Block)
    return sorted(done, key=lambda item: order.index(item.block))


def _one_written(item: Item, written: Written) -> Item:
    if item.key in written.steps:
        step = optional(written.steps[item.key], item.key, limit=NEXT_STEP_LIMIT, multiline=False)
        item = replace(item, next_step=step)
    if item.key in written.systems:
        state = SystemState(written.systems[item.key])
        colour = SYSTEM_COLOURS[state]
        needs = item.answer_required or (colour is not Colour.GREEN and not item.values.get("covered"))
        item = replace(
            item,
            colour=colour,
            values={**item.values, "state": state.value},
            answer_required=needs and colour is not Colour.GREEN,
        )
    if item.key in written.counts:
        counted = written.counts[item.key]
        short = counted != item.values["expected"]
        item = replace(
            item,
            values={**item.values, "counted": counted},
            colour=Colour.YELLOW if short else Colour.GREEN,
            answer_required=short,
            step_required=short,
        )
    return item


# -------------------------------------------------------------------------------------------------------------- steps


def _row_for(shift: DutyShift) -> Handover:
    row = Handover.get_or_none(Handover.from_shift == shift.id)
    if row is not None:
        return row
    following = _after(shift)
    if following is None:
        raise Refused(N_("No shift is planned after this one; ask the supervisor to plan it."))
    number = f"HO-{shift.day[2:].replace('-', '')}-{shift.kind}"
    return create(Handover, number=number, from_shift=shift, to_shift=following)


@signs(ENGINEERS)
def prepare(who: Actor, pin: str, written: Written) -> HandoverView:  # noqa: ARG001
    """Sign the handover as the outgoing engineer: the lines are frozen as they stand at this instant.

    Refused while a red or yellow item has no next step, a thing is not counted, or for somebody who was not on the
    shift.
    """
    shift = open_duty(clock.now())
    if shift is None:
        raise Refused(N_("There is no shift to hand over."))
    if not _on_shift(who.person_id, shift):
        raise Refused(N_("Only somebody of the outgoing shift prepares its handover."))
    row = _row_for(shift)
    check_step(Status(row.status), Step.PREPARE)
    items = _with_written(_filled(shift), written)
    check_complete(items)
    return _freeze(who, row, items, written.state)


def _freeze(who: Actor, row: Handover, items: list[Item], state: Colour | None) -> HandoverView:
    now = clock.now()
    overall = worst([item.colour for item in items])
    row = change(
        Handover,
        row.id,
        row.version,
        status=Status.PREPARED.value,
        revision=row.revision + 1,
        state=(state or overall).value,
        cut_off=now,
        prepared_by=who.person_id or None,
        prepared_at=now,
    )
    frozen = [_freeze_item(row, ordinal, item) for ordinal, item in enumerate(items)]
    record(who, "handover.prepared", row, *frozen, values={"number": row.number, "items": len(frozen)})
    _log(who, N_("Handover {number} prepared."), row)
    return _view(row)


def _freeze_item(row: Handover, ordinal: int, item: Item) -> HandoverItem:
    data = {"key": item.key, "message": item.message, "values": dict(item.values)}
    return create(
        HandoverItem,
        handover=row,
        revision=row.revision,
        ordinal=ordinal,
        block=item.block.value,
        colour=item.colour.value,
        subject=item.subject,
        subject_id=item.subject_id,
        title=item.title,
        owner=item.owner,
        next_step=item.next_step,
        since=item.since,
        deadline=item.deadline,
        carried=item.carried,
        answer_required=item.answer_required,
        data=chain.canonical(data),
    )


def _log(who: Actor, message: str, row: Handover) -> None:
    from dutydesk.domain.log import LogKind
    from dutydesk.services import log

    log.add(who, LogKind.HANDOVER, message, {"number": row.number})


def _check_receiver(who: Actor, row: Handover) -> None:
    if row.prepared_by_id == who.person_id:
        raise Refused(N_("You prepared this handover; somebody else reads it back and accepts it."))


@writes(ENGINEERS)
def read_back(who: Actor, handover_id: int, item_id: int, words: str) -> HandoverView:
    """Answer one item in the receiver's own words; a later answer to the same item counts instead."""
    row = get(Handover, handover_id, N_("Handover"))
    check_step(Status(row.status), Step.READ_BACK)
    _check_receiver(who, row)
    item = get(HandoverItem, item_id, N_("Item"))
    if item.handover_id != row.id or item.revision != row.revision:
        raise Refused(N_("This handover was prepared anew; read it again."))
    words = required(words, "words", limit=WORDS_LIMIT)
    answer = create(
        HandoverAnswer,
        handover=row,
        revision=row.revision,
        item=item,
        person=who.person_id,
        at=clock.now(),
        words=words,
    )
    rows = [answer]
    if not _view(row).unanswered and row.status == Status.PREPARED.value:
        row = change(Handover, row.id, row.version, status=Status.READ.value)
        rows.append(row)
    record(who, "handover.read_back", *rows, subject_id=row.id, values={"item": item.id, "words": words})
    return _view(row)


@signs(ENGINEERS)
def accept(who: Actor, pin: str, handover_id: int) -> HandoverView:  # noqa: ARG001
    """Accept as the incoming engineer, signed in on the new shift; the sheet is sealed with the chain's head."""
    row = get(Handover, handover_id, N_("Handover"))
    check_step(Status(row.status), Step.ACCEPT)
    _check_receiver(who, row)
    if who.person_id not in signed_in(row.to_shift_id):
        raise Refused(N_("Sign in to the incoming shift first (key s), then accept."))
    open_items = _view(row).unanswered
    if open_items:
        raise Refused(N_("{count} red or yellow items are not read back yet."), count=len(open_items))
    return _seal(who, row)


def _seal(who: Actor, row: Handover, **values: Any) -> HandoverView:
    now = clock.now()
    row = change(
        Handover,
        row.id,
        row.version,
        status=Status.SEALED.value,
        accepted_by=who.person_id,
        accepted_at=now,
        sealed_at=now,
        **values,
    )
    record(who, "handover.accepted", row, values={"number": row.number})
    seq, head = chain.head()
    content = chain.canonical(_content(row))
    sheet = create(
        HandoverSheet,
        handover=row,
        sealed_at=now,
        content=content,
        digest=chain.digest(content),
        chain_head=head,
        chain_seq=seq,
    )
    record(who, "handover.sealed", sheet, subject_id=row.id, values={"digest": sheet.digest, "chain_head": head})
    _log(who, N_("Handover {number} accepted and sealed."), row)
    return _view(row)


def _content(row: Handover) -> dict[str, Any]:
    rows = HandoverItem.select().where((HandoverItem.handover == row.id) & (HandoverItem.revision == row.revision))
    answers = HandoverAnswer.select().where(
        (HandoverAnswer.handover == row.id) & (HandoverAnswer.revision == row.revision)
    )
    return {
        "handover": dict(row.__data__),
        "items": [dict(item.__data__) for item in rows.order_by(HandoverItem.ordinal)],
        "answers": [dict(answer.__data__) for answer in answers.order_by(HandoverAnswer.id)],
    }


@writes(ENGINEERS)
def give_back(who: Actor, handover_id: int, reason: str) -> HandoverView:
    """Return a prepared handover to the outgoing engineer with a reason; he prepares it again."""
    row = get(Handover, handover_id, N_("Handover"))
    check_step(Status(row.status), Step.RETURN)
    _check_receiver(who, row)
    reason = required(reason, "reason", limit=WORDS_LIMIT)
    row = change(
        Handover,
        row.id,
        row.version,
        status=Status.RETURNED.value,
        return_reason=reason,
        returned_by=who.person_id,
        returned_at=clock.now(),
    )
    record(who, "handover.returned", row, values={"reason": reason})
    _log(who, N_("Handover {number} returned to the outgoing engineer."), row)
    return _view(row)


@signs(ENGINEERS)
def relieve(who: Actor, pin: str, reason: str) -> HandoverView:  # noqa: ARG001
    """Take over in an emergency without the other party: what the records hold is frozen, the reason is kept.

    The supervisor countersigns afterwards. Source: DOMAIN 4 (emergency relief).
    """
    shift = open_duty(clock.now())
    if shift is None:
        raise Refused(N_("There is no shift to hand over."))
    row = _row_for(shift)
    check_step(Status(row.status), Step.RELIEVE)
    if who.person_id not in signed_in(row.to_shift_id):
        raise Refused(N_("Sign in to the incoming shift first (key s), then take over."))
    reason = required(reason, "reason", limit=WORDS_LIMIT)
    if Status(row.status) in (Status.DRAFT, Status.RETURNED):
        nobody = replace(who, person_id=0)
        _freeze(nobody, row, _filled(shift), None)
        row = get(Handover, row.id, N_("Handover"))
    return _seal(who, row, relief=True, relief_reason=reason)


@signs(SUPERVISORS)
def countersign(who: Actor, pin: str, handover_id: int) -> HandoverView:  # noqa: ARG001
    """Countersign an emergency relief as the supervisor."""
    row = get(Handover, handover_id, N_("Handover"))
    if not row.relief:
        raise Refused(N_("This handover was accepted by both sides; there is nothing to countersign."))
    if row.countersigned_at is not None:
        raise Refused(N_("This relief is countersigned already."))
    row = change(Handover, row.id, row.version, countersigned_by=who.person_id, countersigned_at=clock.now())
    record(who, "handover.countersigned", row, values={"number": row.number})
    return _view(row)


# -------------------------------------------------------------------------------------------------------------- things


@writes(SUPERVISORS)
def import_things(who: Actor) -> int:
    """Import the shipped list of things that are counted at a handover; returns how many are new."""
    import tomllib

    from dutydesk.storage.shipped import data_path

    listed = tomllib.loads(data_path("checklists", "things.toml").read_text(encoding="utf-8"))["thing"]
    new = 0
    for ordinal, thing in enumerate(listed):
        if Thing.select().where(Thing.code == thing["code"]).exists():
            continue
        row = create(
            Thing,
            code=thing["code"],
            name=thing["name"],
            name_en=thing.get("name_en", ""),
            expected=thing["expected"],
            ordinal=ordinal,
        )
        record(who, "thing.added", row, values={"code": row.code, "expected": row.expected})
        new += 1
    return new
