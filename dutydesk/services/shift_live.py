"""The Shift screen in one call: what comes next, what burns, what is in force, what was written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from dutydesk.domain import clock
from dutydesk.domain.due import Due, DueKind, Level, in_order
from dutydesk.domain.people import Role
from dutydesk.domain.shift import Facts
from dutydesk.domain.walltime import DAY
from dutydesk.domain.words import Label
from dutydesk.services import handover_duty, leave_due, settings, shift_rows
from dutydesk.services.core import Actor, reads
from dutydesk.services.shift_rows import IncidentRow, LogRow, MeasureRow
from dutydesk.services.shift_views import AssignedView, ShiftView, views
from dutydesk.storage import drafts
from dutydesk.storage.models.handover import Handover
from dutydesk.storage.models.shift import DutyShift

if TYPE_CHECKING:
    from dutydesk.services.since import Since

__all__ = ["Due", "DueKind", "Level", "LiveShift", "Owed", "live"]

LOG_LINE = "log-line"
"""Form key of the line that is being typed at the bottom of the Shift screen."""
MOST_INCIDENTS = 30
DRAFT = "draft"
"""Status of a handover that nobody has prepared yet."""
TO_ACCEPT = ("prepared", "read")
"""Status of one that the outgoing people have signed: the incoming read it back and accept it."""
HORIZON = 12 * 3600
"""How far ahead things are listed when no shift runs, in seconds."""


class Owed(NamedTuple):
    """The handover that is to be done next: of which shift, how far it is, who still holds its duty."""

    shift: ShiftView
    status: str
    previous: bool

    @property
    def holders(self) -> tuple[AssignedView, ...]:
        """Return the people of that shift who are signed in."""
        return tuple(person for person in self.shift.assigned if person.signed_in)


class LiveShift(NamedTuple):
    """Everything the Shift screen shows; instants are epoch seconds.

    `open`, `p1` and `p2` count all open incidents, `incidents` are the most urgent of them. `planned` says whether the
    desk has any shift at all, `draft` is the log line that somebody was typing, `known` what the
    policy in force says all the time.
    """

    now: int
    shift: ShiftView | None
    next: ShiftView | None
    planned: bool
    owed: Owed | None
    due: tuple[Due, ...]
    incidents: tuple[IncidentRow, ...]
    open: int
    p1: int
    p2: int
    measures: tuple[MeasureRow, ...]
    log: tuple[LogRow, ...]
    since: Since | None
    draft: str
    known: Facts

    @property
    def anybody_on(self) -> bool:
        """Whether anybody is signed in: on the running shift, or still on the one before it."""
        return bool((self.shift and self.shift.anybody_on) or (self.owed and self.owed.holders))


class Standing(NamedTuple):
    """What the top line and the live shift both stand on: settings, shifts around now, and open incidents by priority.

    `owed` is the shift to be handed over next, and `status` that of its handover, empty while there is none.
    """

    now: int
    chosen: Mapping[str, str]
    known: Facts
    running: ShiftView | None
    coming: ShiftView | None
    owed: ShiftView | None
    status: str
    counts: Mapping[str, int]


def standing() -> Standing:
    """Return what stands now, in eight small queries."""
    now, chosen = clock.now(), settings.all_settings()
    known = Facts.from_json(chosen.get("policy_facts", ""))
    near = handover_duty.around(now)
    rows = {row.id: row for row in near[:3] if row is not None}
    shown = {view.id: view for view in views(rows.values(), known, now)}
    running, coming, owed = (shown[row.id] if row is not None else None for row in near[:3])
    return Standing(now, chosen, known, running, coming, owed, near.status, shift_rows.open_counts())


@reads()
def live(who: Actor, *, log_lines: int = 20, with_since: bool = True, stands: Standing | None = None) -> LiveShift:
    """Return the live shift: one call, some twenty-five small queries; `stands` is what was asked just before."""
    now, _chosen, known, running, coming, last, status, counts = stands or standing()
    owed = Owed(last, status or DRAFT, last.ends_at <= now) if last and status != handover_duty.SEALED else None
    until = running.ends_at if running is not None else now + HORIZON
    incidents = shift_rows.open_incidents(MOST_INCIDENTS, known.acknowledge)
    measures = shift_rows.measures_in_force()
    draft = drafts.newest(who.person_id, LOG_LINE)
    due = [*_rounds(now, until), *_incidents(incidents, until), *_measures(measures, until), *_handover(owed, until)]
    due += [Due(DueKind.COPY, job, name, at, at) for job, name, at in shift_rows.bad_copies()]
    if who.role is Role.SUPERVISOR:
        due += [*_countersign(), *_corrections(who)]
    due += _asked_of(who)
    return LiveShift(
        now=now,
        shift=running,
        next=coming,
        planned=running is not None or coming is not None or DutyShift.select(DutyShift.id).exists(),
        owed=owed,
        due=tuple(in_order(due, now)),
        incidents=tuple(incidents),
        open=sum(counts.values()),
        p1=counts.get("P1", 0),
        p2=counts.get("P2", 0),
        measures=tuple(measures),
        log=tuple(shift_rows.log_tail(log_lines)) if log_lines else (),
        since=_since(who) if with_since else None,
        draft=str(draft[1].get("text", "")) if draft else "",
        known=known,
    )


def _since(who: Actor) -> Since | None:
    from dutydesk.services.since import since  # `dutydesk now` does without it

    return since(who)


def _rounds(now: int, until: int) -> list[Due]:
    return [
        Due(
            DueKind.BACKUP if row.kind == "backup" else DueKind.ROUND,
            row.id,
            row.checklist,
            row.due_at,
            row.late_at,
            started=row.status != "due",
            missed=row.status == "due" and now >= row.missed_at,
        )
        for row in shift_rows.rounds_to_walk(now, until)
    ]


def _incidents(rows: Sequence[IncidentRow], until: int) -> list[Due]:
    due = [
        Due(DueKind.ACKNOWLEDGE, row.id, Label(row.title), row.acknowledge_by, row.acknowledge_by, row.number)
        for row in rows
        if row.acknowledge_by is not None
    ]
    timed = [(DueKind.REPORT, row) for row in shift_rows.reports_due()]
    timed += [(DueKind.FOLLOW_UP, row) for row in shift_rows.follow_ups(until)]
    return due + [Due(kind, row.id, Label(row.title), row.at, row.at, row.number) for kind, row in timed]


def _measures(rows: Sequence[MeasureRow], until: int) -> list[Due]:
    return [
        Due(DueKind.MEASURE, row.id, Label(row.title), row.until, row.until, row.number)
        for row in rows
        if row.until is not None and row.until <= until
    ]


def _countersign() -> list[Due]:
    """Return the emergency reliefs that wait for a supervisor; after a day they are late."""
    rows = Handover.select(Handover.id, Handover.number, Handover.accepted_at).where(
        Handover.relief & Handover.countersigned_at.is_null() & Handover.accepted_at.is_null(False)
    )
    return [
        Due(DueKind.COUNTERSIGN, row.id, Label(row.number), row.accepted_at, row.accepted_at + DAY, row.number)
        for row in rows.order_by(Handover.accepted_at)
    ]


def _corrections(who: Actor) -> list[Due]:
    """Return the requests to put attendance right that wait for a supervisor; after two days they are late."""
    asked = shift_rows.corrections_asked(who.person_id)
    return [Due(DueKind.CORRECTION, row_id, name, at, at + 2 * DAY) for row_id, name, at in asked]


def _asked_of(who: Actor) -> list[Due]:
    """Return what leave and swaps ask of the person; late after a day, and a day before the shift begins."""
    return [
        Due(
            DueKind(wait.kind.value),
            wait.id,
            wait.name,
            wait.since,
            max(wait.since, min(wait.since + DAY, wait.starts_at - DAY)),
            wait.number,
        )
        for wait in leave_due.waiting_for(who.person_id, who.role.value)
    ]


def _handover(owed: Owed | None, until: int) -> list[Due]:
    """Return the handover at the end of the shift, or the one that is owed since the shift before ended."""
    if owed is None or owed.shift.ends_at > until:
        return []
    at = owed.shift.ends_at
    return [Due(DueKind.HANDOVER, None, owed.shift.title, at, at, started=owed.status in TO_ACCEPT)]
