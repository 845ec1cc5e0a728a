"""The shift log as lists read it: the newest text of each line, pages by key, search in the order of time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import peewee

from dutydesk.domain.errors import NotFound
from dutydesk.domain.log import LogKind, Said
from dutydesk.domain.words import N_, Label
from dutydesk.services.core import Actor, reads
from dutydesk.storage import dated_search
from dutydesk.storage.models.incidents import Incident
from dutydesk.storage.models.log import LogEntry
from dutydesk.storage.models.people import Person
from dutydesk.storage.models.shift import DutyShift

Key = tuple[int, int]
"""The place of a line in the log: event time (epoch seconds) and id."""


@dataclass(frozen=True)
class LogLine:
    """A line as lists show it: the newest text of its chain of corrections.

    A line of the program carries `message` and `values`; `dutydesk.locale.lines.line_text` says them in the reader's
    language. `first_id` is the line that was written first, `warning` what the writer should know (after a write).
    """

    id: int
    event_at: int
    entered_at: int
    kind: LogKind
    text: str
    message: str | None
    values: Mapping[str, Any]
    person_id: int | None
    person: Label | None
    shift_id: int | None
    shift_day: str
    shift_kind: str
    late: bool
    incident_id: int | None
    incident_number: str
    corrects: int | None
    reason: str
    warning: Said | None = None

    @property
    def key(self) -> Key:
        """The place of the line in the log."""
        return self.event_at, self.id

    @property
    def corrected(self) -> bool:
        """Whether an earlier text stands behind this one."""
        return self.corrects is not None


@dataclass(frozen=True)
class LogFilters:
    """Which lines a page shows; an instant bounds the event time, `until` is exclusive."""

    kind: LogKind | None = None
    person_id: int | None = None
    shift_id: int | None = None
    incident_id: int | None = None
    since: int | None = None
    until: int | None = None
    text: str = ""


def _columns() -> peewee.ModelSelect:
    return (
        LogEntry.select(
            LogEntry.id,
            LogEntry.event_at,
            LogEntry.entered_at,
            LogEntry.kind,
            LogEntry.text,
            LogEntry.message,
            LogEntry.message_values,
            LogEntry.person,
            Person.name,
            Person.name_en,
            LogEntry.shift,
            DutyShift.day,
            DutyShift.kind,
            LogEntry.late,
            LogEntry.incident_id,
            Incident.number,
            LogEntry.corrects,
            LogEntry.reason,
        )
        .join(Person, peewee.JOIN.LEFT_OUTER)
        .switch(LogEntry)
        .join(DutyShift, peewee.JOIN.LEFT_OUTER)
        .switch(LogEntry)
        .join(Incident, peewee.JOIN.LEFT_OUTER, on=(Incident.id == LogEntry.incident_id))
    )


def _line(values: tuple[Any, ...], told: Said | None = None) -> LogLine:
    row_id, event_at, entered_at, kind, text, message, held, person, name, name_en, *rest = values
    shift, day, shift_kind, late, incident, number, corrects, reason = rest
    return LogLine(
        id=row_id,
        event_at=event_at,
        entered_at=entered_at,
        kind=LogKind(kind),
        text=text,
        message=message,
        values=json.loads(held) if held else {},
        person_id=person,
        person=Label(name, name_en) if person else None,
        shift_id=shift,
        shift_day=day or "",
        shift_kind=shift_kind or "",
        late=late,
        incident_id=incident,
        incident_number=number or "",
        corrects=corrects,
        reason=reason or "",
        warning=told,
    )


def line_of_id(line_id: int, told: Said | None = None) -> LogLine:
    """Return a line as lists show it, with what its writer should know; raise NotFound when there is none."""
    found = list(_columns().where(LogEntry.id == line_id).tuples())
    if not found:
        raise NotFound(N_("Log line {id} is not there."), id=line_id)
    return _line(found[0], told)


def entry(line_id: int) -> LogEntry:
    """Return a line as it is stored; raise NotFound when there is none."""
    row = LogEntry.get_or_none(LogEntry.id == line_id)
    if row is None:
        raise NotFound(N_("Log line {id} is not there."), id=line_id)
    return row


def _standing() -> peewee.Expression:
    """The lines that no other line corrects."""
    newer = LogEntry.alias()
    return ~peewee.fn.EXISTS(newer.select(peewee.SQL("1")).where(newer.corrects == LogEntry.id))


def _wanted(filters: LogFilters) -> list[Any]:
    wanted: list[Any] = []
    if filters.kind is not None:
        wanted.append(LogEntry.kind == LogKind(filters.kind).value)
    for column, value in (
        (LogEntry.person, filters.person_id),
        (LogEntry.shift, filters.shift_id),
        (LogEntry.incident_id, filters.incident_id),
    ):
        if value is not None:
            wanted.append(column == value)
    if filters.since is not None:
        wanted.append(LogEntry.event_at >= filters.since)
    if filters.until is not None:
        wanted.append(LogEntry.event_at < filters.until)
    return wanted


@reads()
def page(
    who: Actor,  # noqa: ARG001
    filters: LogFilters | None = None,
    key: Key | None = None,
    limit: int = 50,
    *,
    back: bool = False,
) -> list[LogLine]:
    """Return at most `limit` lines, newest event first: those after `key` (older), or with `back` those before it.

    Without a key the newest, with `back` the oldest. A text finds lines that hold every part of it, one Chinese
    character is enough; one without a letter or digit finds nothing.
    """
    filters = filters or LogFilters()
    query = _columns().where(_standing(), *_wanted(filters), *_beyond(key, back))
    order = (LogEntry.event_at, LogEntry.id) if back else (LogEntry.event_at.desc(), LogEntry.id.desc())
    query = query.order_by(*order)
    if filters.text.strip():
        found: list[LogLine] = []
        for ids in _matching(filters, key, back):
            rows = query.where(LogEntry.id.in_(ids)).limit(limit - len(found)).tuples()
            found += [_line(row) for row in rows]
            if len(found) >= limit:
                break
    else:
        found = [_line(row) for row in query.limit(limit).tuples()]
    return found[::-1] if back else found


def _beyond(key: Key | None, back: bool) -> list[Any]:
    """The lines on the far side of a key, as a range of the index on the event time."""
    if key is None:
        return []
    at, line_id = key
    if back:
        return [LogEntry.event_at >= at, (LogEntry.event_at > at) | (LogEntry.id > line_id)]
    return [LogEntry.event_at <= at, (LogEntry.event_at < at) | (LogEntry.id < line_id)]


def _matching(filters: LogFilters, key: Key | None, back: bool) -> Iterator[list[int]]:
    """Yield ids that match the text, span after span in the order of the page."""
    first, last = _ends()
    first = max(first, filters.since if filters.since is not None else first, key[0] if key and back else first)
    last = min(last, filters.until if filters.until is not None else last, key[0] if key and not back else last)
    marks = []
    if filters.kind is not None:
        marks.append(f"kind{LogKind(filters.kind).value}")
    if filters.person_id is not None:
        marks.append(f"person{filters.person_id}")
    return dated_search.walk(filters.text, "log", first=first, last=last, newest_first=not back, marks=marks)


def _ends() -> Key:
    ends = [
        list(LogEntry.select(LogEntry.event_at).order_by(order).limit(1).tuples())
        for order in (LogEntry.event_at, LogEntry.event_at.desc())
    ]
    return (ends[0][0][0], ends[1][0][0]) if ends[0] else (0, -1)


@reads()
def tail(who: Actor, shift_id: int | None = None, limit: int = 20) -> list[LogLine]:  # noqa: ARG001
    """Return the newest lines, newest first, of all shifts or of one."""
    query = _columns().where(_standing(), *_wanted(LogFilters(shift_id=shift_id)))
    rows = query.order_by(LogEntry.event_at.desc(), LogEntry.id.desc()).limit(limit).tuples()
    return [_line(row) for row in rows]


@reads()
def get(who: Actor, line_id: int) -> LogLine:  # noqa: ARG001
    """Return one line as it was written, corrected or not."""
    return line_of_id(line_id)


@reads()
def history(who: Actor, line_id: int) -> list[LogLine]:  # noqa: ARG001
    """Return a line with everything that stood before it and all that corrected it, the newest text first."""
    newest = entry(line_id)
    while (later := LogEntry.get_or_none(LogEntry.corrects == newest.id)) is not None:
        newest = later
    lines = [line_of_id(newest.id)]
    while lines[-1].corrects is not None:
        lines.append(line_of_id(lines[-1].corrects))
    return lines


@reads()
def writers(who: Actor) -> list[tuple[int, Label]]:  # noqa: ARG001
    """Return the people a list of lines may be narrowed to, in the fixed order of the desk."""
    rows = Person.select(Person.id, Person.name, Person.name_en).order_by(Person.ordinal, Person.id).tuples()
    return [(row_id, Label(name, name_en)) for row_id, name, name_en in rows]
