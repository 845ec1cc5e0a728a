"""Rounds: which are due, late or missed, and their life from start to finish. What is answered is in `round_sheet`."""

from __future__ import annotations

import json
from datetime import date

from peewee import fn

from dutydesk.domain import clock, walltime
from dutydesk.domain import rounds as rules
from dutydesk.domain.checklists import ChecklistKind
from dutydesk.domain.errors import Conflict, Refused
from dutydesk.domain.log import LogKind, moment_value
from dutydesk.domain.rounds import RoundStatus
from dutydesk.domain.text import required
from dutydesk.domain.words import N_, Label
from dutydesk.services import core
from dutydesk.services.core import SUPERVISORS, SYSTEM, Actor, reads, record, writes
from dutydesk.services.round_lines import (
    RoundLine,
    begin,
    line_of,
    lines_of,
    names,
    rounds_and_checklists,
    row_of,
)
from dutydesk.services.round_rows import (
    answers_of,
    hhmm,
    newest,
    points_of,
)
from dutydesk.services.round_sheet import Sheet, SheetItem, SheetState, Written, add_note, answer, sheet, skip, state
from dutydesk.services.settings import desk_zone
from dutydesk.storage.models.base import Row
from dutydesk.storage.models.desk import Policy
from dutydesk.storage.models.rounds import Checklist, Equipment, Round, RoundPlan
from dutydesk.storage.models.shift import DutyShift

REASON_LIMIT = 1000
DAY = 86_400
LEFT_OVER_DAYS = 3
"""For how long a missed round without a reason stays on the list of the day."""

__all__ = [
    "RoundLine",
    "Sheet",
    "SheetItem",
    "SheetState",
    "Written",
    "add_note",
    "answer",
    "answers_of",
    "day_list",
    "due_list",
    "explain_missed",
    "finish",
    "import_shipped",
    "make_rounds",
    "pause",
    "resume",
    "set_in_service",
    "sheet",
    "skip",
    "start",
    "state",
]


# Setting up


@writes(SUPERVISORS)
def import_shipped(who: Actor) -> dict[str, int]:
    """Bring in the rooms, equipment, checklists and plans that ship with the product; safe to call again."""
    from dutydesk.services import checklists

    rooms, equipment = checklists.shipped_rooms()
    rows: list[Row] = checklists.bring_rooms(rooms, equipment)
    specs = list(checklists.shipped_checklists())
    for spec in specs:
        rows += checklists.bring_checklist(spec)
    if rows:
        record(who, "checklist.imported", *rows, values={"rows": len(rows)}, subject_id=None)
    return {"rooms": len(rooms), "equipment": len(equipment), "checklists": len(specs)}


def make_rounds(shift: DutyShift, who: Actor = SYSTEM, *, past: bool = False) -> list[int]:
    """Make the rounds that fall due in a shift, inside the caller's transaction; returns the ids of new ones.

    A round that would be missed already, or late before the desk was made, is left out unless `past`: nobody was
    asked to walk it.
    """
    zone, now = desk_zone(), clock.now()
    known = set(
        Round.select(Round.checklist, Round.due_at)
        .where((Round.due_at >= shift.starts_at) & (Round.due_at < shift.ends_at))
        .tuples()
    )
    made: list[Row] = []
    desk_made_at = Policy.select(fn.MIN(Policy.made_at)).scalar() or 0
    plans = RoundPlan.select(RoundPlan, Checklist).join(Checklist).where(RoundPlan.active & Checklist.active)
    for plan in plans:
        for due_at in rules.due_times(json.loads(plan.times), shift.starts_at, shift.ends_at, zone):
            late_at, missed_at = due_at + plan.late_after * 60, due_at + plan.missed_after * 60
            over = missed_at <= now or late_at <= desk_made_at
            if (plan.checklist_id, due_at) in known or (over and not past):
                continue
            known.add((plan.checklist_id, due_at))
            made.append(
                core.create(
                    Round,
                    checklist=plan.checklist_id,
                    shift=shift.id,
                    due_at=due_at,
                    late_at=late_at,
                    missed_at=missed_at,
                )
            )
    if made:
        record(who, "round.planned", *made, values={"shift": shift.id, "rounds": len(made)}, subject_id=None)
    return [row.id for row in made]


@writes()
def set_in_service(who: Actor, equipment_id: int, in_service: bool, reason: str) -> None:
    """Take a thing out of service, or back into it; rounds leave out what is out of service, its history stays."""
    from dutydesk.services import log

    thing = core.get(Equipment, equipment_id, N_("Equipment"))
    if thing.in_service == in_service:
        return
    reason = required(reason, "reason", limit=REASON_LIMIT)
    thing = core.change(Equipment, equipment_id, thing.version, in_service=in_service)
    record(who, "equipment.service", thing, values={"in_service": in_service, "reason": reason})
    message = N_("{name} is back in service: {reason}") if in_service else N_("{name} is out of service: {reason}")
    log.add(who, LogKind.ROUND, message, {"name": Label(thing.name, thing.name_en), "reason": reason})


# Lists


@reads()
def due_list(who: Actor, now: int | None = None) -> list[RoundLine]:  # noqa: ARG001
    """Return the rounds of today and of the present shift by time, and before them what is left over.

    Left over are rounds that somebody started and did not finish, and missed ones without a reason from the last days.
    """
    now = clock.now() if now is None else now
    low, high = walltime.day_bounds(walltime.local_day(now, desk_zone()), desk_zone())
    for shift in DutyShift.select().where((DutyShift.starts_at <= now) & (DutyShift.ends_at > now)):
        low, high = min(low, shift.starts_at), max(high, shift.ends_at)
    running = (RoundStatus.STARTED.value, RoundStatus.PAUSED.value)
    left = (Round.due_at < low) & Round.status.in_(running)
    missed = (
        (Round.due_at < low)
        & (Round.due_at >= low - LEFT_OVER_DAYS * DAY)
        & (Round.status == RoundStatus.DUE.value)
        & (Round.missed_at <= now)
    )
    rows = [
        *rounds_and_checklists().where(left),
        *rounds_and_checklists().where(missed),
        *rounds_and_checklists().where((Round.due_at >= low) & (Round.due_at < high)),
    ]
    return lines_of(sorted(rows, key=lambda row: (row.due_at, row.id)), now)


@reads()
def day_list(who: Actor, day: date) -> list[RoundLine]:  # noqa: ARG001
    """Return the rounds that fell due on a local day, by time."""
    low, high = walltime.day_bounds(day, desk_zone())
    rows = list(
        rounds_and_checklists().where((Round.due_at >= low) & (Round.due_at < high)).order_by(Round.due_at, Round.id)
    )
    return lines_of(rows, clock.now())


# The life of a round


@writes()
def start(who: Actor, round_id: int) -> RoundLine:
    """Start a round, or go on with a paused one; the handover of the shift before must be accepted first.

    Raises Refused when it is too early, missed or finished already. A round that somebody else has started is joined.
    """
    row = row_of(round_id)
    return line_of(begin(who, row), clock.now())


@writes()
def pause(who: Actor, round_id: int) -> RoundLine:
    """Leave a round for later; what is answered stays, and the next answer goes on with it.

    A round without an answer is put back as if nobody had opened it.
    """
    row = row_of(round_id)
    if row.status == RoundStatus.STARTED.value and not answers_of([row.id])[row.id]:
        row = core.change(Round, row.id, row.version, status=RoundStatus.DUE.value, started_at=None, started_by=None)
        record(who, "round.put_back", row)
    elif row.status == RoundStatus.STARTED.value:
        row = core.change(Round, row.id, row.version, status=RoundStatus.PAUSED.value)
        record(who, "round.paused", row)
    return line_of(row, clock.now())


@writes()
def resume(who: Actor, round_id: int) -> RoundLine:
    """Go on with a paused round."""
    return line_of(begin(who, row_of(round_id)), clock.now())


@writes()
def finish(who: Actor, round_id: int) -> RoundLine:
    """Close a round; the log gets a line.

    Refused, with the items by name, while a required one is open or an abnormal one has no note.
    """
    row, now = row_of(round_id), clock.now()
    if row.status not in (RoundStatus.STARTED.value, RoundStatus.PAUSED.value):
        if row.status == RoundStatus.FINISHED.value:
            raise Refused(N_("This round is finished; it was closed at {time}."), time=hhmm(row.finished_at or now))
        raise Refused(N_("This round is not started yet."))
    done = rules.progress(points_of(row, now), newest(answers_of([row.id])[row.id]))
    if done.missing:
        raise Refused(N_("Still to answer: {items}."), items=names(done.missing))
    if done.without_note:
        raise Refused(N_("These need a note: {items}."), items=names(done.without_note))
    row = core.change(
        Round,
        row.id,
        row.version,
        status=RoundStatus.FINISHED.value,
        finished_at=max(now, row.started_at or now),
        finished_by=who.person_id or None,
    )
    values = {"abnormal": done.abnormal, "skipped": done.skipped, "answered": done.answered, "late": now >= row.late_at}
    record(who, "round.finished", row, values=values)
    _log_finish(who, row, done)
    return line_of(row, now)


def _log_finish(who: Actor, row: Round, done: rules.Progress) -> None:
    from dutydesk.services import log

    message = N_("Round “{name}” finished, all normal")
    if done.abnormal and done.skipped:
        message = N_("Round “{name}” finished: {abnormal} abnormal, {skipped} skipped")
    elif done.abnormal:
        message = N_("Round “{name}” finished: {abnormal} abnormal")
    elif done.skipped:
        message = N_("Round “{name}” finished: {skipped} skipped, the rest normal")
    name = Label(row.checklist.name, row.checklist.name_en)
    kind = LogKind.BACKUP if row.checklist.kind == ChecklistKind.BACKUP.value else LogKind.ROUND
    log.add(who, kind, message, {"name": name, "abnormal": done.abnormal, "skipped": done.skipped})


@writes()
def explain_missed(who: Actor, round_id: int, reason: str) -> RoundLine:
    """Say why a round was missed, or why one that was begun will not be finished any more; goes into the log."""
    row, now = row_of(round_id), clock.now()
    if row.status == RoundStatus.FINISHED.value:
        raise Refused(N_("This round is finished; it was closed at {time}."), time=hhmm(row.finished_at or now))
    if row.status == RoundStatus.MISSED.value:
        raise Conflict(N_("Somebody has given the reason already: {reason}"), reason=row.reason)
    if now < row.missed_at:
        raise Refused(N_("This round can still be walked until {time}."), time=hhmm(row.missed_at))
    reason = required(reason, "reason", limit=REASON_LIMIT)
    row = core.change(Round, row.id, row.version, status=RoundStatus.MISSED.value, reason=reason)
    record(who, "round.missed", row, values={"reason": reason})
    from dutydesk.services import log

    log.add(
        who,
        LogKind.ROUND,
        N_("Round “{name}” of {at} missed: {reason}"),
        {"name": Label(row.checklist.name, row.checklist.name_en), "at": moment_value(row.due_at), "reason": reason},
    )
    return line_of(row, now)
