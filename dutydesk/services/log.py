"""The shift log: lines that people write and the program adds, corrections that keep what stood, pages by key.

Lines are append-only. A correction is a line of its own that points at the one it corrects; lists show the newest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dutydesk.domain import clock
from dutydesk.domain.errors import Conflict, Invalid, NotFound
from dutydesk.domain.log import REASON_LIMIT, LogKind, Said, check_event, is_late, kind_of, line_of, plain
from dutydesk.domain.people import Role
from dutydesk.domain.shift import kind_word
from dutydesk.domain.text import required
from dutydesk.domain.words import N_
from dutydesk.services.core import Actor, create, reads, record, writes
from dutydesk.services.handover_duty import on_shift, open_duty
from dutydesk.services.log_views import (
    Key,
    LogFilters,
    LogLine,
    entry,
    get,
    history,
    line_of_id,
    page,
    tail,
    writers,
)
from dutydesk.services.shift_views import row_at
from dutydesk.storage import dated_search
from dutydesk.storage.chain import canonical
from dutydesk.storage.models.desk import Setting
from dutydesk.storage.models.handover import Handover
from dutydesk.storage.models.incidents import Incident
from dutydesk.storage.models.log import LogEntry
from dutydesk.storage.models.shift import DutyShift

__all__ = [
    "Key",
    "LogFilters",
    "LogLine",
    "add",
    "correct",
    "get",
    "history",
    "page",
    "tail",
    "warning",
    "write",
    "writers",
]

_OPEN = ("draft", "returned")


@dataclass(frozen=True)
class _Place:
    """Where an event belongs: its shift, whether it comes late, and what the writer should know."""

    shift: DutyShift | None
    late: bool
    warning: Said | None = None


@writes()
def write(
    who: Actor,
    text: str,
    *,
    kind: LogKind | str = LogKind.NOTE,
    event_at: int | None = None,
    incident_id: int | None = None,
) -> LogLine:
    """Write a line; `event_at` (epoch seconds) is when it happened, now by default.

    Raises Invalid for an empty or too long text, a kind that only the program writes or a time ahead. A line for
    another shift is taken, marked late when that shift is handed over, and comes back with a warning.
    """
    now = clock.now()
    text, chosen = line_of(text), kind_of(kind)
    at = now if event_at is None else event_at
    check_event(at, now)
    if incident_id is not None and not Incident.select().where(Incident.id == incident_id).exists():
        raise NotFound(N_("Incident {id} is not there."), id=incident_id, field="incident_id")
    place = _place(who, at, now)
    row = create(
        LogEntry,
        shift=place.shift,
        person=who.person_id or None,
        kind=chosen.value,
        text=text,
        event_at=at,
        entered_at=now,
        incident_id=incident_id,
        late=place.late,
    )
    record(who, "log.written", row, values={"kind": chosen.value, "event_at": at, "late": place.late})
    _index(row)
    return line_of_id(row.id, place.warning)


def add(
    who: Actor,
    kind: LogKind,
    message: str,
    values: Mapping[str, object] | None = None,
    *,
    incident_id: int | None = None,
    event_at: int | None = None,
    shift_id: int | None = None,
) -> int:
    """Add a line of the program inside the caller's transaction; returns its id.

    `message` is a catalogue message (N_), `values` fill its places: plain values, members of closed sets, Labels, and
    `domain.log.moment_value(epoch)` for times. Every reader sees it in his own language; the stored text is in the
    desk's.
    """
    from dutydesk.locale.lines import render

    now = clock.now()
    at = now if event_at is None else event_at
    wire = plain(values or {})
    shift = DutyShift.get_or_none(DutyShift.id == shift_id) if shift_id else _place(who, at, now).shift
    row = create(
        LogEntry,
        shift=shift,
        person=who.person_id or None,
        kind=LogKind(kind).value,
        text=render(message, wire, lang=_desk_language(), base=at),
        message=message,
        message_values=canonical(wire),
        event_at=at,
        entered_at=now,
        incident_id=incident_id,
    )
    record(who, "log.added", row, values={"kind": row.kind, "event_at": at})
    every = (row.text, render(message, wire, lang="en", base=at), render(message, wire, lang="zh", base=at))
    _index(row, " ".join(dict.fromkeys(every)))
    return int(row.id)


@writes()
def correct(
    who: Actor,
    line_id: int,
    text: str,
    reason: str,
    *,
    kind: LogKind | str | None = None,
    event_at: int | None = None,
) -> LogLine:
    """Correct a line by a new one that points at it; what stood stays readable. Source: DESIGN 2.

    Event time, kind and incident stay unless given. Raises Conflict when the line has been corrected meanwhile, and
    Invalid for a line that the program wrote or a correction that changes nothing.
    """
    now = clock.now()
    old = entry(line_id)
    if old.message:
        raise Invalid(N_("The program wrote this line; what it tells is corrected where it happened."))
    newer = LogEntry.get_or_none(LogEntry.corrects == old.id)
    if newer is not None:
        raise Conflict(N_("This line was corrected meanwhile."), theirs=_theirs(newer))
    text, reason = line_of(text), required(reason, "reason", limit=REASON_LIMIT)
    chosen = LogKind(old.kind) if kind is None or kind == old.kind else kind_of(kind)
    at = old.event_at if event_at is None else event_at
    if at != old.event_at:
        check_event(at, now)
    if (text, chosen.value, at) == (old.text, old.kind, old.event_at):
        raise Invalid(N_("Nothing is different from what stands there."), field="text")
    place = _place(who, at, now)
    moved = at != old.event_at
    row = create(
        LogEntry,
        shift=place.shift if moved else old.shift_id,
        person=who.person_id or None,
        kind=chosen.value,
        text=text,
        event_at=at,
        entered_at=now,
        incident_id=old.incident_id,
        late=place.late or old.late,
        corrects=old.id,
        reason=reason,
    )
    record(who, "log.corrected", row, values={"corrects": old.id, "reason": reason, "event_at": at})
    dated_search.drop("log", old.id)
    _index(row)
    return line_of_id(row.id, place.warning)


def _theirs(row: LogEntry) -> dict[str, object]:
    return {"id": row.id, "text": row.text, "kind": row.kind, "event_at": row.event_at}


def _index(row: LogEntry, text: str | None = None) -> None:
    marks = [f"kind{row.kind}", *([f"person{row.person_id}"] if row.person_id else [])]
    dated_search.index("log", row.id, text or row.text, at=row.event_at, marks=marks)


def _desk_language() -> str:
    rows = list(Setting.select(Setting.value).where(Setting.key == "lang").tuples())
    return rows[0][0] if rows else "zh"


# The shift a line belongs to


@reads()
def warning(who: Actor, event_at: int | None = None) -> Said | None:
    """Return what somebody should know before he writes about an event at `event_at`; None when all is usual."""
    now = clock.now()
    return _place(who, now if event_at is None else event_at, now).warning


def _place(who: Actor, at: int, now: int) -> _Place:
    current = row_at(now)
    shift = current if current is not None and current.starts_at <= at < current.ends_at else row_at(at)
    duty = open_duty(now)
    if is_late(at, open_from=duty.starts_at if duty else None, cut_off=_cut_off(duty)):
        return _Place(shift, True, _about(shift, _LATE) if shift else Said(_NO_SHIFT))
    if shift is None:
        return _Place(None, False)
    if current is not None and shift.id != current.id:
        return _Place(shift, False, _about(shift, _OTHER))
    stranger = who.person_id and who.role is Role.ENGINEER and not on_shift(who.person_id, shift)
    return _Place(shift, False, _about(shift, _NOT_ON) if stranger else None)


def _cut_off(duty: DutyShift | None) -> int | None:
    """Return the instant at which the handover of `duty` was frozen, None while it is open."""
    frozen = Handover.get_or_none(Handover.from_shift == duty.id) if duty is not None else None
    return frozen.cut_off if frozen is not None and frozen.status not in _OPEN else None


_LATE = N_("This belongs to the {kind} shift {day}, handed over; it goes into the next handover as a late entry.")
_NO_SHIFT = N_("No shift covers that time; it goes into the next handover as a late entry.")
_OTHER = N_("This belongs to the {kind} shift {day}, still open; it goes into its handover.")
_NOT_ON = N_("You are not on the {kind} shift {day}; the line is kept under your name.")


def _about(shift: DutyShift, message: str) -> Said:
    return Said(message, {"kind": {"word": kind_word(shift.kind), "inside": True}, "day": {"day": shift.day}})
