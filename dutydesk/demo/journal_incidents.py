"""Incidents for the journal: recorded, acknowledged, worked on, resolved, closed. See `by_journal`."""

from __future__ import annotations

import json
from typing import Any

from dutydesk.demo.journal import Journal, Kept
from dutydesk.demo.journal_log import LogPages
from dutydesk.demo.known import Known
from dutydesk.domain import clock, walltime
from dutydesk.domain.incidents import Happened, Kind, Mode, Source, Status, number
from dutydesk.domain.log import LogKind
from dutydesk.domain.priority import Priority
from dutydesk.domain.words import Label
from dutydesk.services.core import Actor
from dutydesk.services.incident_new import EXTERNAL_FOLLOW_UP, NewIncident, texts_of
from dutydesk.storage.models.incidents import Dispatch, Incident, IncidentEvent


class IncidentPages(LogPages):
    """Incidents and their timelines."""

    known: Known
    journal: Journal

    def open_incident(self, who: Actor, new: NewIncident) -> int:
        """Record an incident; returns its id."""
        now, rules = clock.now(), self.known.rules
        opened_at = now if new.opened_at is None else new.opened_at
        follow_up_at = new.follow_up_at
        if follow_up_at is None and new.source is Source.EXTERNAL:
            follow_up_at = now + EXTERNAL_FOLLOW_UP
        shift = self.known.shift_at(now)
        row = self.journal.create(
            Incident,
            **texts_of(new),
            equipment=new.equipment_id,
            answer=new.answer_id,
            owner=new.owner_id,
            number=self._next_number(now),
            priority=rules.priority(new.impact, new.urgency).value,
            status=Status.OPEN.value,
            shift=shift.id if shift else None,
            reporter=who.person_id,
            opened_at=opened_at,
            entered_at=now,
            follow_up_at=follow_up_at,
            report_due_at=rules.report_due(new.kind, new.security_grade, opened_at),
        )
        data = {"priority": row["priority"], "source": row["source"]}
        event = self._event(who, row, Happened.OPENED, row["detail"], opened_at, data)
        values = {"number": row["number"], "title": row["title"], **data}
        self.journal.record(who, "incident.opened", row, event, values=values)
        self._index_incident(row)
        if _matters(row):
            self._tell_log(
                who, row, "{number} opened, {priority}: {title}", event_at=opened_at, priority=row["priority"]
            )
        return row.id

    def _next_number(self, now: int) -> str:
        day = f"{walltime.local(now, self.known.zone):%y%m%d}"
        begin = number(day, 0)[:-1]
        self._numbers = getattr(self, "_numbers", {})
        if day not in self._numbers:
            self._numbers = {day: _stored_today(begin)}
        self._numbers[day] += 1
        return number(day, self._numbers[day])

    def acknowledge(self, who: Actor, incident_id: int) -> None:
        """Say that somebody takes care."""
        row = self.journal.get(Incident, incident_id)
        values = _taken(who, row, clock.now())
        self._step(who, row, Happened.ACKNOWLEDGED, values=values | {"status": Status.ACKNOWLEDGED.value})

    def start(self, who: Actor, incident_id: int, mode: Mode) -> None:
        """Begin to work on it."""
        row = self.journal.get(Incident, incident_id)
        values = _taken(who, row, clock.now()) | {"status": Status.IN_PROGRESS.value}
        self._step(who, row, Happened.STARTED, data={"mode": mode.value}, values=values)

    def note(self, who: Actor, incident_id: int, text: str) -> None:
        """Add a note."""
        row = self.journal.get(Incident, incident_id)
        event = self._event(who, row, Happened.NOTE, text, clock.now(), None)
        said = {"number": row["number"], "text": text}
        self.journal.record(who, "incident.note", event, subject_id=row.id, values=said)
        row.data.setdefault("_notes", _stored_notes(row)).append(text)
        self._index_incident(row)

    def dispatch(self, who: Actor, incident_id: int, name: str, task: str) -> int:
        """Send somebody from outside on site; returns the id of the dispatch."""
        row, now = self.journal.get(Incident, incident_id), clock.now()
        mode = Mode.ON_SITE
        sent = self.journal.create(Dispatch, incident=row.id, mode=mode.value, person=None, who=name, sent_at=now)
        label = {"zh": name, "en": name}
        values = _taken(who, row, now) | {"status": Status.IN_PROGRESS.value}
        data = {"mode": mode.value, "who": label, "dispatch": sent.id}
        self._step(who, row, Happened.DISPATCHED, sent, text=task, data=data, values=values)
        if _matters(row):
            self._tell_log(who, row, "{number}: {who} sent, {mode}", event_at=now, who_=Label(name, name), mode=mode)
        return sent.id

    def arrived(self, who: Actor, incident_id: int, dispatch_id: int) -> None:
        """Record that he arrived."""
        sent = self.journal.get(Dispatch, dispatch_id)
        self.journal.change(sent, arrived_at=clock.now())
        self._on_the_way(who, incident_id, sent, Happened.ARRIVED, "")

    def done(self, who: Actor, incident_id: int, dispatch_id: int, result: str) -> None:
        """Record that he is done."""
        sent = self.journal.get(Dispatch, dispatch_id)
        self.journal.change(sent, done_at=clock.now(), result=result)
        self._on_the_way(who, incident_id, sent, Happened.DONE, result)

    def _on_the_way(self, who: Actor, incident_id: int, sent: Kept, kind: Happened, text: str) -> None:
        row = self.journal.get(Incident, incident_id)
        label = {"zh": sent["who"], "en": sent["who"]}
        data = {"mode": sent["mode"], "who": label, "dispatch": sent.id}
        event = self._event(who, row, kind, text, clock.now(), data)
        values = {"number": row["number"], **data}
        self.journal.record(who, f"incident.{kind.value}", sent, event, subject_id=row.id, values=values)

    def resolve(self, who: Actor, incident_id: int, solution: str) -> None:
        """Say what solved it."""
        row, now = self.journal.get(Incident, incident_id), clock.now()
        values = _taken(who, row, now) | {
            "status": Status.RESOLVED.value,
            "resolved_at": now,
            "solution": solution,
        }
        self._step(who, row, Happened.RESOLVED, text=solution, values=values)
        self._index_incident(row)
        if _matters(row):
            self._tell_log(who, row, "{number} resolved: {title}", event_at=now)

    def close(self, who: Actor, incident_id: int, answer: str) -> None:
        """Close it."""
        row = self.journal.get(Incident, incident_id)
        values = {"status": Status.CLOSED.value, "closed_at": clock.now(), "follow_up_at": None}
        self._step(who, row, Happened.CLOSED, text=answer, values=values)

    def _step(
        self,
        who: Actor,
        row: Kept,
        kind: Happened,
        *more: Kept,
        text: str = "",
        data: dict[str, Any] | None = None,
        values: dict[str, Any],
    ) -> None:
        self.journal.change(row, **values)
        event = self._event(who, row, kind, text, clock.now(), data)
        what = {"number": row["number"], **(data or {})} | ({"text": text} if text else {})
        self.journal.record(who, f"incident.{kind.value}", row, event, *more, values=what)

    def _event(self, who: Actor, row: Kept, kind: Happened, text: str, at: int, data: Any) -> Kept:
        return self.journal.create(
            IncidentEvent,
            incident=row.id,
            person=who.person_id or None,
            kind=kind.value,
            text=text,
            at=at,
            entered_at=clock.now(),
            data=json.dumps(data or {}, ensure_ascii=False, sort_keys=True),
        )

    def _tell_log(self, who: Actor, row: Kept, message: str, *, event_at: int, **more: Any) -> None:
        more = {"who" if name == "who_" else name: value for name, value in more.items()}
        said = {"number": row["number"], "title": row["title"], **more}
        self.add_line(who, LogKind.INCIDENT, message, said, incident_id=row.id, event_at=event_at)

    def _index_incident(self, row: Kept) -> None:
        names = ("number", "title", "detail", "location", "caller", "solution")
        notes = row.data.get("_notes") or _stored_notes(row)
        self.journal.index("incident", row.id, "\n".join([*(row[name] for name in names), *notes]))


def _matters(row: Kept) -> bool:
    return Priority(row["priority"]).urgent or row["kind"] == Kind.SECURITY.value


def _taken(who: Actor, row: Kept, now: int) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if row["acknowledged_at"] is None:
        values["acknowledged_at"] = max(now, row["opened_at"])
    if row["owner"] is None:
        values["owner"] = who.person_id
    return values


def _stored_notes(row: Kept) -> list[str]:
    if row.fresh:
        return []
    rows = IncidentEvent.select(IncidentEvent.text).where(
        (IncidentEvent.incident == row.id) & (IncidentEvent.kind == Happened.NOTE.value)
    )
    return [text for (text,) in rows.tuples()]


def _stored_today(begin: str) -> int:
    rows = Incident.select(Incident.number).where(Incident.number.startswith(begin)).tuples()
    return max((int(text[len(begin) :]) for (text,) in rows), default=0)
