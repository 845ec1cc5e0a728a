"""Handing over: the steps from draft to seal.

Everything fills itself from the records; the outgoing engineer adds next steps, counts and notes and signs, the
incoming answers every red and yellow item in his own words, accepts or returns. Source: DOMAIN 4.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from dutydesk.domain import clock
from dutydesk.domain.errors import Refused
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
from dutydesk.domain.words import N_
from dutydesk.services.core import ENGINEERS, SUPERVISORS, Actor, change, create, get, reads, record, signs, writes
from dutydesk.services.handover_duty import after, gate, on_shift, open_duty, signed_in
from dutydesk.services.handover_views import (
    FrozenItem,
    HandoverLine,
    HandoverView,
    ShiftRef,
    by_number,
    line_for,
    lines,
    lines_page,
    pending,
    view,
    view_of,
    written_before,
)
from dutydesk.storage import chain
from dutydesk.storage.models.handover import Handover, HandoverAnswer, HandoverItem, HandoverSheet, Thing
from dutydesk.storage.models.incidents import Incident
from dutydesk.storage.models.rounds import Round
from dutydesk.storage.models.shift import DutyShift

__all__ = [
    "Draft",
    "FrozenItem",
    "HandoverLine",
    "HandoverView",
    "ShiftRef",
    "Standing",
    "accept",
    "by_number",
    "countersign",
    "draft",
    "gate",
    "give_back",
    "import_things",
    "lines",
    "lines_page",
    "pending",
    "prepare",
    "read_back",
    "relieve",
    "signed_in",
    "standing",
    "view",
    "written_before",
]

WORDS_LIMIT = 500
NEXT_STEP_LIMIT = 300


@dataclass(frozen=True)
class Draft:
    """What the wizard shows to the outgoing: the shift handed over and the lines as they stand now."""

    line: HandoverLine
    items: tuple[Item, ...]
    suggested: Colour


@dataclass(frozen=True)
class Standing:
    """The handover that is next, as it stands for one person.

    `part` is `outgoing` for somebody of the shift that hands over, else `incoming`. `draft` is there while it is being
    prepared, `view` once it is frozen.
    """

    line: HandoverLine
    part: str
    draft: Draft | None = None
    view: HandoverView | None = None


@reads()
def standing(who: Actor, written: Written | None = None) -> Standing | None:
    """Return the handover that is next with everything to show of it; None on a desk without shifts."""
    shift = open_duty(clock.now())
    if shift is None:
        return None
    line = line_for(shift)
    if line.id is not None and line.status not in (Status.DRAFT, Status.RETURNED):
        row = get(Handover, line.id, N_("Handover"))
        part = "outgoing" if row.prepared_by_id == who.person_id else "incoming"
        return Standing(line, part, view=view_of(row))
    part = "outgoing" if on_shift(who.person_id, shift) else "incoming"
    return Standing(line, part, draft=draft(who, written))


@reads()
def draft(who: Actor, written: Written | None = None) -> Draft | None:  # noqa: ARG001
    """Return what the wizard shows now: everything filled in by itself, with what has been written so far."""
    shift = open_duty(clock.now())
    if shift is None:
        return None
    items = _with_written(_filled(shift), written or Written())
    return Draft(line_for(shift), tuple(items), worst(item.colour for item in items))


def _filled(shift: DutyShift) -> list[Item]:
    from dutydesk.services.handover_fill import fill

    last = (
        Handover.select(Handover.cut_off)
        .join(DutyShift, on=(Handover.from_shift == DutyShift.id))
        .where((Handover.status == Status.SEALED.value) & (DutyShift.starts_at < shift.starts_at))
        .order_by(DutyShift.starts_at.desc())
        .first()
    )
    begin = last.cut_off if last is not None and last.cut_off else shift.starts_at
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
        covered = item.values.get("covered") and state.value == item.values.get("state")
        needs = item.answer_required or not covered
        item = replace(
            item,
            colour=colour,
            values={**item.values, "state": state.value, "by_hand": True},
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


def _row_for(shift: DutyShift) -> Handover:
    row = Handover.get_or_none(Handover.from_shift == shift.id)
    if row is not None:
        return row
    following = after(shift)
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
    if not on_shift(who.person_id, shift):
        raise Refused(N_("Only somebody of the outgoing shift prepares its handover."))
    row = _row_for(shift)
    check_step(Status(row.status), Step.PREPARE)
    items = _with_written(_filled(shift), written)
    check_complete(items)
    frozen = _freeze(who, row, items, written.state)
    _log(who, N_("Handover {number} prepared."), row)
    return frozen


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
    kept = [kept for item in items if (kept := _keep_step(item)) is not None]
    record(who, "handover.prepared", row, *frozen, *kept, values={"number": row.number, "items": len(frozen)})
    return view_of(row)


def _keep_step(item: Item) -> Incident | Round | None:
    """Write a next step back to its incident, a reason to its missed round; returns the row when it changed."""
    if item.subject == "incident" and item.subject_id is not None:
        incident = get(Incident, item.subject_id, N_("Incident"))
        if item.next_step and incident.next_step != item.next_step:
            return change(Incident, incident.id, incident.version, next_step=item.next_step)
    if item.subject == "round" and item.values.get("missed") and item.subject_id is not None:
        missed = get(Round, item.subject_id, N_("Round"))
        if missed.reason != item.next_step:
            return change(Round, missed.id, missed.version, status="missed", reason=item.next_step)
    return None


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
    if not view_of(row).unanswered and row.status == Status.PREPARED.value:
        row = change(Handover, row.id, row.version, status=Status.READ.value)
        rows.append(row)
    record(who, "handover.read_back", *rows, subject_id=row.id, values={"item": item.id, "words": words})
    return view_of(row)


@signs(ENGINEERS)
def accept(who: Actor, pin: str, handover_id: int) -> HandoverView:  # noqa: ARG001
    """Accept as the incoming engineer, signed in on the new shift; the sheet is sealed with the chain's head."""
    row = get(Handover, handover_id, N_("Handover"))
    check_step(Status(row.status), Step.ACCEPT)
    _check_receiver(who, row)
    if who.person_id not in signed_in(row.to_shift_id):
        raise Refused(N_("Sign in to the incoming shift first (key s), then accept."))
    open_items = view_of(row).unanswered
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
    taken = N_("Handover {number} taken over alone and sealed.")
    _log(who, taken if row.relief else N_("Handover {number} accepted and sealed."), row)
    return view_of(row)


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
    return view_of(row)


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
        nobody = who._replace(person_id=0)
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
    return view_of(row)


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
