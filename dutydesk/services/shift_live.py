"""The Shift screen in one call: what comes next, what burns, what is in force, what was written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dutydesk.domain import clock
from dutydesk.domain.due import Due, DueKind, Level, in_order
from dutydesk.domain.shift import DutyState, Facts
from dutydesk.domain.words import Label
from dutydesk.services import settings
from dutydesk.services.core import Actor, reads
from dutydesk.services.shift_views import AssignedView, ShiftView, row_after, row_at, views
from dutydesk.services.since import Since, since
from dutydesk.storage import drafts
from dutydesk.storage.models.rounds import Checklist, Round
from dutydesk.storage.models.shift import DutyShift

if TYPE_CHECKING:
    from dutydesk.services.incident_lists import IncidentLine
    from dutydesk.services.log_views import LogLine
    from dutydesk.services.measures import MeasureLine

__all__ = ["Due", "DueKind", "Level", "LiveShift", "Owed", "live"]

LOG_LINE = "log-line"
"""Form key of the line that is being typed at the bottom of the Shift screen."""
MOST_INCIDENTS = 30
HORIZON = 12 * 3600
"""How far ahead things are listed when no shift runs, in seconds."""
LEFT_OVER = 3 * 86400
"""For how long a missed round without a reason stays, in seconds."""


@dataclass(frozen=True)
class Owed:
    """The handover that is to be done next: of which shift, how far it is, who still holds its duty."""

    shift: ShiftView
    status: str
    previous: bool

    @property
    def holders(self) -> tuple[AssignedView, ...]:
        """Return the people of that shift who are signed in."""
        return tuple(person for person in self.shift.assigned if person.signed_in)


@dataclass(frozen=True)
class LiveShift:
    """Everything the Shift screen shows; instants are epoch seconds.

    `open`, `p1` and `p2` count all open incidents, `incidents` are the most urgent of them. `planned` says whether the
    desk has any shift at all, `draft` is the log line that somebody was typing.
    """

    now: int
    shift: ShiftView | None
    next: ShiftView | None
    planned: bool
    owed: Owed | None
    due: tuple[Due, ...]
    incidents: tuple[IncidentLine, ...]
    open: int
    p1: int
    p2: int
    measures: tuple[MeasureLine, ...]
    log: tuple[LogLine, ...]
    since: Since | None
    draft: str
    place: Label

    @property
    def anybody_on(self) -> bool:
        """Whether anybody is signed in: on the running shift, or still on the one before it."""
        return bool((self.shift and self.shift.anybody_on) or (self.owed and self.owed.holders))


@reads()
def live(who: Actor, *, log_lines: int = 20, with_since: bool = True) -> LiveShift:
    """Return the live shift: one call, some twenty small queries."""
    from dutydesk.services import incident_lists, log_views, measures

    now, chosen = clock.now(), settings.all_settings()
    known = Facts.from_json(chosen.get("policy_facts", ""))
    running, coming = row_at(now), row_after(now)
    owed_row, status = _owed_row(running, now)
    rows = {row.id: row for row in (running, coming, owed_row) if row is not None}
    shown = {view.id: view for view in views(rows.values(), known, now)}
    owed = Owed(shown[owed_row.id], status, running is None or owed_row.id != running.id) if owed_row else None
    until = running.ends_at if running is not None else now + HORIZON
    incidents = incident_lists.open_lines(who, MOST_INCIDENTS)
    in_force = measures.in_force(who)
    p1, p2, count = incident_lists.counts()
    draft = drafts.find(who.person_id, LOG_LINE)
    due = [
        *_rounds(now, until),
        *_incidents(who, incidents, until),
        *_measures(in_force, until),
        *_handover(owed, now),
    ]
    return LiveShift(
        now=now,
        shift=shown.get(running.id) if running is not None else None,
        next=shown.get(coming.id) if coming is not None else None,
        planned=running is not None or coming is not None or DutyShift.select(DutyShift.id).exists(),
        owed=owed,
        due=tuple(in_order(due)),
        incidents=tuple(incidents),
        open=count,
        p1=p1,
        p2=p2,
        measures=tuple(in_force),
        log=tuple(log_views.tail(who, None, log_lines)),
        since=since(who) if with_since else None,
        draft=str(draft[0].get("text", "")) if draft else "",
        place=known.place,
    )


def _owed_row(running: DutyShift | None, now: int) -> tuple[DutyShift | None, str]:
    from dutydesk.services import handover_duty
    from dutydesk.storage.models.handover import Handover

    row = handover_duty.open_duty(now)
    if row is None:
        return None, ""
    found = list(Handover.select(Handover.status).where(Handover.from_shift == row.id).tuples())
    status = found[0][0] if found else "draft"
    if running is not None and row.id == running.id:
        return row, status
    return (row, status) if status != "sealed" else (None, "")


def _rounds(now: int, until: int) -> list[Due]:
    """Return the rounds to walk until the end of the shift, and those of the last days that were left over."""
    rows = (
        Round.select(
            Round.id,
            Round.due_at,
            Round.late_at,
            Round.missed_at,
            Round.status,
            Checklist.kind,
            Checklist.name,
            Checklist.name_en,
        )
        .join(Checklist)
        .where(
            (Round.due_at < until) & (Round.due_at > now - LEFT_OVER) & Round.status.in_(("due", "started", "paused"))
        )
        .order_by(Round.due_at)
        .tuples()
    )
    return [
        Due(
            DueKind.BACKUP if kind == "backup" else DueKind.ROUND,
            round_id,
            Label(name, name_en),
            due_at,
            late_at,
            started=status != "due",
            missed=status == "due" and now >= missed_at,
        )
        for round_id, due_at, late_at, missed_at, status, kind, name, name_en in rows
    ]


def _incidents(who: Actor, lines: Sequence[IncidentLine], until: int) -> list[Due]:
    from dutydesk.services import incident_lists

    due = [
        Due(DueKind.ACKNOWLEDGE, line.id, Label(line.title), line.acknowledge_by, line.acknowledge_by, line.number)
        for line in lines
        if line.acknowledge_by is not None
    ]
    due += [
        Due(DueKind.REPORT, line.id, Label(line.title), at, at, line.number)
        for line, at in incident_lists.legal_due(who)
    ]
    due += [
        Due(DueKind.FOLLOW_UP, line.id, Label(line.title), line.follow_up_at, line.follow_up_at, line.number)
        for line in incident_lists.follow_ups(who, until)
        if line.follow_up_at is not None
    ]
    return due


def _measures(lines: Sequence[MeasureLine], until: int) -> list[Due]:
    return [
        Due(DueKind.MEASURE, line.id, Label(line.title), line.until, line.until, line.number)
        for line in lines
        if line.until is not None and line.until <= until
    ]


def _handover(owed: Owed | None, now: int) -> list[Due]:
    """Return the handover at the end of the shift, or the one that is owed since the shift before ended."""
    if owed is None:
        return []
    shift = owed.shift
    walked = owed.previous and not any(person.state is not DutyState.ABSENT for person in shift.assigned)
    if walked and now - shift.ends_at > LEFT_OVER:
        return []
    return [Due(DueKind.HANDOVER, None, shift.title, shift.ends_at, shift.ends_at, started=owed.status != "draft")]
