"""The register of temporary measures: opened, extended, edited, closed; in force, and in every handover, until closed.

Each step writes a log line and an audit entry. Source: DOMAIN 4, 8.3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import peewee

from dutydesk.domain import clock
from dutydesk.domain.errors import Invalid, NotFound, Refused
from dutydesk.domain.log import LogKind, moment_value
from dutydesk.domain.measures import (
    DETAIL_LIMIT,
    NOTE_LIMIT,
    TITLE_LIMIT,
    MeasureKind,
    check_times,
    is_overdue,
    kind_of,
)
from dutydesk.domain.text import optional, required
from dutydesk.domain.walltime import local_day
from dutydesk.domain.words import N_, Label
from dutydesk.services import handover_duty, log
from dutydesk.services.core import Actor, change, create, get, reads, record, writes
from dutydesk.services.settings import desk_zone
from dutydesk.services.shift_views import row_at
from dutydesk.storage.models.incidents import Incident
from dutydesk.storage.models.measures import Measure
from dutydesk.storage.models.people import Person


@dataclass(frozen=True)
class MeasureLine:
    """A measure as lists show it; `carried` counts the sealed handovers it has gone through."""

    id: int
    number: str
    kind: MeasureKind
    title: str
    since: int
    until: int | None
    owner: Label
    carried: int
    overdue: bool
    incident_id: int | None
    incident_number: str
    closed_at: int | None
    version: int


@dataclass(frozen=True)
class MeasureView:
    """One measure, whole."""

    line: MeasureLine
    detail: str
    owner_id: int
    closed_by: Label | None
    closing_note: str


@dataclass(frozen=True)
class NewMeasure:
    """What is put down about a measure; `since` is now by default, `owner_id` the one who writes."""

    title: str
    kind: MeasureKind | str = MeasureKind.OTHER
    detail: str = ""
    since: int | None = None
    until: int | None = None
    owner_id: int | None = None
    incident_id: int | None = None


# Steps


@writes()
def open_measure(who: Actor, new: NewMeasure) -> MeasureView:
    """Put a measure down; it is in force from `since` until somebody closes it. Instants are epoch seconds."""
    now = clock.now()
    since = now if new.since is None else new.since
    check_times(since, new.until, now)
    _check_incident(new.incident_id)
    row = create(
        Measure,
        number=_number(since),
        kind=kind_of(new.kind).value,
        title=required(new.title, "title", limit=TITLE_LIMIT),
        detail=optional(new.detail, "detail", limit=DETAIL_LIMIT),
        since=since,
        until=new.until,
        owner=_owner(who, new.owner_id),
        shift=row_at(now),
        incident_id=new.incident_id,
    )
    record(who, "measure.opened", row, values={"number": row.number, "kind": row.kind, "title": row.title})
    if row.until is None:
        _tell(who, N_("Measure {number} in force ({kind}): {title}"), row)
    else:
        _tell(who, N_("Measure {number} in force until {until} ({kind}): {title}"), row, until=moment_value(row.until))
    return _view(row.id)


@writes()
def close_measure(who: Actor, measure_id: int, note: str, *, version: int | None = None) -> MeasureView:
    """Close a measure: what it stood in for is back as usual; `note` says how that was made sure of."""
    row = _in_force(measure_id)
    note = required(note, "note", limit=NOTE_LIMIT)
    row = change(
        Measure,
        row.id,
        row.version if version is None else version,
        closed_at=clock.now(),
        closed_by=who.person_id or None,
        closing_note=note,
    )
    record(who, "measure.closed", row, values={"number": row.number, "note": note})
    _tell(who, N_("Measure {number} closed: {title} – {note}"), row, note=note)
    return _view(row.id)


@writes()
def extend(who: Actor, measure_id: int, until: int | None, reason: str, *, version: int | None = None) -> MeasureView:
    """Set another end, or with None take the end away; the reason is kept in the log."""
    row = _in_force(measure_id)
    reason = required(reason, "reason", limit=NOTE_LIMIT)
    if until is not None and until <= clock.now():
        raise Invalid(N_("The new end must lie ahead; close the measure when it is over."), field="until")
    if until == row.until:
        raise Invalid(N_("That is the end it has already."), field="until")
    before = row.until
    row = change(Measure, row.id, row.version if version is None else version, until=until)
    record(who, "measure.extended", row, values={"before": before, "until": until, "reason": reason})
    if until is None:
        _tell(who, N_("Measure {number} now without an end: {title} – {reason}"), row, reason=reason)
    else:
        _tell(
            who,
            N_("Measure {number} extended to {until}: {title} – {reason}"),
            row,
            until=moment_value(until),
            reason=reason,
        )
    return _view(row.id)


@writes()
def edit(who: Actor, measure_id: int, new: NewMeasure, *, version: int) -> MeasureView:
    """Change what is written about a measure in force; raises Conflict when somebody changed it meanwhile."""
    row = _in_force(measure_id)
    since = row.since if new.since is None else new.since
    check_times(since, new.until, clock.now())
    _check_incident(new.incident_id)
    values: dict[str, Any] = {
        "kind": kind_of(new.kind).value,
        "title": required(new.title, "title", limit=TITLE_LIMIT),
        "detail": optional(new.detail, "detail", limit=DETAIL_LIMIT),
        "since": since,
        "until": new.until,
        "owner_id": _owner(who, new.owner_id),
        "incident_id": new.incident_id,
    }
    changed = {name: [getattr(row, name), value] for name, value in values.items() if getattr(row, name) != value}
    stored = {"owner" if name == "owner_id" else name: value for name, value in values.items()}
    row = change(Measure, row.id, version, **stored)
    record(who, "measure.edited", row, values={"changed": changed})
    if changed:
        _tell(who, N_("Measure {number} changed: {title}"), row)
    return _view(row.id)


def _in_force(measure_id: int) -> Measure:
    row = get(Measure, measure_id, N_("Measure"))
    if row.closed_at is not None:
        raise Refused(N_("Measure {number} is closed already."), number=row.number)
    return row


def _check_incident(incident_id: int | None) -> None:
    if incident_id is not None and not Incident.select().where(Incident.id == incident_id).exists():
        raise NotFound(N_("Incident {id} is not there."), id=incident_id, field="incident_id")


def _owner(who: Actor, owner_id: int | None) -> int:
    wanted = owner_id or who.person_id
    row = Person.get_or_none((Person.id == wanted) & Person.active)
    if row is None:
        raise Invalid(N_("Name somebody of the desk who looks after it."), field="owner_id")
    return int(row.id)


def _number(since: int) -> str:
    """Return the next number of the local day: TM-261122-1, TM-261122-2, …"""
    day = local_day(since, desk_zone())
    start = f"TM-{day:%y%m%d}-"
    taken = Measure.select(Measure.number).where(Measure.number.startswith(start)).tuples()
    return f"{start}{max((int(number[len(start) :]) for (number,) in taken), default=0) + 1}"


def _tell(who: Actor, message: str, row: Measure, **values: object) -> None:
    told = {"number": row.number, "title": row.title, "kind": MeasureKind(row.kind), **values}
    log.add(who, LogKind.MEASURE, message, told, incident_id=row.incident_id)


# Reading


def _select() -> peewee.ModelSelect:
    return (
        Measure.select(Measure, Person, Incident.number.alias("incident_number"))
        .join(Person, on=(Measure.owner == Person.id))
        .switch(Measure)
        .join(Incident, peewee.JOIN.LEFT_OUTER, on=(Incident.id == Measure.incident_id), attr="incident")
    )


def _lines(query: peewee.ModelSelect) -> list[MeasureLine]:
    rows = list(query)
    carried = handover_duty.carried("measure", [row.id for row in rows])
    now = clock.now()
    return [_line(row, carried.get(row.id, 0), now) for row in rows]


def _line(row: Measure, carried: int, now: int) -> MeasureLine:
    incident = getattr(row, "incident", None)
    return MeasureLine(
        id=row.id,
        number=row.number,
        kind=MeasureKind(row.kind),
        title=row.title,
        since=row.since,
        until=row.until,
        owner=Label(row.owner.name, row.owner.name_en),
        carried=carried,
        overdue=row.closed_at is None and is_overdue(row.until, now),
        incident_id=row.incident_id,
        incident_number=getattr(incident, "incident_number", None) or "",
        closed_at=row.closed_at,
        version=row.version,
    )


@reads()
def in_force(who: Actor) -> list[MeasureLine]:  # noqa: ARG001
    """Return the measures in force: those past their end first, then by the end, those without one by their start."""
    lines = _lines(_select().where(Measure.closed_at.is_null()))
    return sorted(lines, key=lambda line: (line.until is None, line.until or line.since, line.id))


@reads()
def closed(who: Actor, *, limit: int = 50, before: tuple[int, int] | None = None) -> list[MeasureLine]:  # noqa: ARG001
    """Return closed measures, the last one closed first; `before` is (closed_at, id) to go on from."""
    query = _select().where(Measure.closed_at.is_null(False))
    if before is not None:
        at, measure_id = before
        query = query.where(
            (Measure.closed_at <= at) & ((Measure.closed_at < at) | (Measure.id < measure_id)),
        )
    return _lines(query.order_by(Measure.closed_at.desc(), Measure.id.desc()).limit(limit))


@reads()
def view(who: Actor, measure_id: int) -> MeasureView:  # noqa: ARG001
    """Return one measure."""
    return _view(measure_id)


@reads()
def by_number(who: Actor, number: str) -> MeasureView:  # noqa: ARG001
    """Return a measure by its number or its id."""
    row = Measure.get_or_none(Measure.number == number.strip().upper())
    if row is None and number.isdecimal() and len(number) < 16:
        row = Measure.get_or_none(Measure.id == int(number))
    if row is None:
        raise NotFound(N_("There is no measure {number}."), number=number)
    return _view(row.id)


def _view(measure_id: int) -> MeasureView:
    rows = list(_select().where(Measure.id == measure_id))
    if not rows:
        raise NotFound(N_("There is no measure {number}."), number=measure_id)
    row = rows[0]
    closer = row.closed_by
    return MeasureView(
        line=_line(row, handover_duty.carried("measure", [row.id]).get(row.id, 0), clock.now()),
        detail=row.detail,
        owner_id=row.owner_id,
        closed_by=Label(closer.name, closer.name_en) if closer is not None else None,
        closing_note=row.closing_note,
    )
