"""What changed since somebody was last here. Source: DOMAIN 8.14."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, NamedTuple

from dutydesk.domain import clock
from dutydesk.services.core import ANYONE, Actor, reads, writes
from dutydesk.services.people import prefer
from dutydesk.storage.models.handover import Handover
from dutydesk.storage.models.incidents import Incident
from dutydesk.storage.models.log import LogEntry
from dutydesk.storage.models.measures import Measure
from dutydesk.storage.models.people import Preference
from dutydesk.storage.models.rounds import Round
from dutydesk.storage.models.shift import DutyShift

SEEN = "seen_at"
NAMED = 3
"""How many records of a kind are named."""
ENTERED_LATE = 86400
"""How much later than it happened a thing is written down at most, for the index on the event time, in seconds."""


class SinceKind(StrEnum):
    """What kind of change a line counts, the important ones first."""

    URGENT = "urgent"
    OPENED = "opened"
    RESOLVED = "resolved"
    MEASURES_OPENED = "measures_opened"
    MEASURES_CLOSED = "measures_closed"
    MISSED = "missed"
    HANDOVERS = "handovers"
    WRITTEN = "written"


class SinceLine(NamedTuple):
    """One kind of change: how many, and the important ones as (id, number, title), newest first."""

    kind: SinceKind
    many: int
    named: tuple[tuple[int, str, str], ...] = ()


class Since(NamedTuple):
    """What others changed since `at` (epoch seconds); kinds without a change are left out."""

    at: int
    lines: tuple[SinceLine, ...]


@reads()
def since(who: Actor) -> Since | None:
    """Return what others changed since this person last looked; None when he never has, or nothing changed."""
    rows = Preference.select(Preference.value).where((Preference.person == who.person_id) & (Preference.key == SEEN))
    found = list(rows.tuples())
    if not found:
        return None
    at = int(found[0][0])
    lines = (*_incidents(who, at), *_measures(who, at), *_rest(who, at))
    kept = tuple(line for line in lines if line.many)
    return Since(at, kept) if kept else None


@writes(ANYONE)
def seen(who: Actor) -> None:
    """Remember that this person has looked at the desk now."""
    prefer(who, SEEN, str(clock.now()))


def _named(rows: Any) -> tuple[tuple[int, str, str], ...]:
    return tuple(tuple(row) for row in rows.limit(NAMED).tuples())


def _incidents(who: Actor, at: int) -> list[SinceLine]:
    fresh = (Incident.opened_at > at - ENTERED_LATE) & (Incident.entered_at > at) & (Incident.reporter != who.person_id)
    columns = (Incident.id, Incident.number, Incident.title)
    urgent = Incident.select(*columns).where(fresh & Incident.priority.in_(("P1", "P2")))
    resolved = (Incident.resolved_at > at) & (Incident.owner.is_null() | (Incident.owner != who.person_id))
    pressing = urgent.count()
    return [
        SinceLine(SinceKind.URGENT, pressing, _named(urgent.order_by(Incident.opened_at.desc())) if pressing else ()),
        SinceLine(SinceKind.OPENED, Incident.select().where(fresh).count() - pressing),
        SinceLine(SinceKind.RESOLVED, Incident.select().where(resolved).count()),
    ]


def _measures(who: Actor, at: int) -> list[SinceLine]:
    columns = (Measure.id, Measure.number, Measure.title)
    opened = Measure.select(*columns).where((Measure.since > at) & (Measure.owner != who.person_id))
    closed = Measure.select(*columns).where((Measure.closed_at > at) & (Measure.closed_by != who.person_id))
    begun, ended = opened.count(), closed.count()
    return [
        SinceLine(SinceKind.MEASURES_OPENED, begun, _named(opened.order_by(Measure.since.desc())) if begun else ()),
        SinceLine(SinceKind.MEASURES_CLOSED, ended, _named(closed.order_by(Measure.closed_at.desc())) if ended else ()),
    ]


def _rest(who: Actor, at: int) -> list[SinceLine]:
    now = clock.now()
    missed = (Round.due_at > at) & (Round.missed_at <= now) & Round.status.in_(("due", "missed"))
    sealed = (
        (DutyShift.ends_at > at - ENTERED_LATE) & (Handover.sealed_at > at) & (Handover.accepted_by != who.person_id)
    )
    written = (
        (LogEntry.event_at > at - ENTERED_LATE)
        & (LogEntry.entered_at > at)
        & (LogEntry.person != who.person_id)
        & LogEntry.message.is_null()
    )
    handovers = Handover.select().join(DutyShift, on=(Handover.from_shift == DutyShift.id))
    return [
        SinceLine(SinceKind.MISSED, Round.select().where(missed).count()),
        SinceLine(SinceKind.HANDOVERS, handovers.where(sealed).count()),
        SinceLine(SinceKind.WRITTEN, LogEntry.select().where(written).count()),
    ]
