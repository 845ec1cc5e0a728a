"""What the exports of the roster need, read at once: the month's views, and each duty with its place in the history.

A duty that somebody had and has no more is told as cancelled, so that a calendar that holds it drops it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from peewee import fn

from dutydesk.domain import clock
from dutydesk.domain.calendar import DayKind
from dutydesk.domain.errors import NotFound
from dutydesk.domain.shift import Facts
from dutydesk.domain.words import N_, Label
from dutydesk.services import roster, roster_rows, settings
from dutydesk.services.core import Actor, reads
from dutydesk.services.roster_views import PlaceView, RosterView, SlotView
from dutydesk.services.shift_views import facts
from dutydesk.storage.models.audit import AuditBinding, AuditEntry
from dutydesk.storage.models.roster import RosterChange, RosterVersion
from dutydesk.storage.models.shift import Assignment, DutyShift

_AT_ONCE = 500
"""Rows asked for in one query."""


@dataclass(frozen=True)
class Duty:
    """One stretch of one person on one shift, as a calendar holds it; instants are epoch seconds.

    `uid` is the same as long as the person is on that shift, however often the roster is published. `sequence` grows
    with every change of the shift and `changed_at` is when that was. `others` are on with him. `tentative` says
    that the day is not published yet.
    """

    uid: str
    sequence: int
    changed_at: int
    login: str
    label: Label
    day: date
    title: Label
    starts_at: int
    ends_at: int
    post: str = ""
    day_kind: DayKind | None = None
    whole: bool = True
    others: tuple[Label, ...] = ()
    cancelled: bool = False
    tentative: bool = False


@dataclass(frozen=True)
class Export:
    """The roster of some days, one view a month, ready to be written; `person` is who it is about, if one."""

    desk: Label
    zone: str
    facts: Facts
    first: date
    last: date
    views: tuple[RosterView, ...]
    duties: tuple[Duty, ...]
    person: Label | None = None
    login: str = ""


@reads()
def export(who: Actor, first: date, last: date, login: str = "") -> Export:
    """Return the roster of the days `first` to `last`, both included; with `login` the duties are that person's."""
    roster.check_range(first, last)
    person = roster_rows.people().get(login) if login else None
    if login and person is None:
        raise NotFound(N_("Nobody has the login {login}."), login=login, field="login")
    chosen = settings.all_settings()
    views = tuple(roster.view(who, begin, end) for begin, end in months(first, last))
    return Export(
        Label(chosen["name"], chosen["name_en"]),
        chosen["zone"],
        facts(),
        first,
        last,
        views,
        tuple(each for each in _duties(views) if not login or each.login == login),
        person.label if person else None,
        login,
    )


def months(first: date, last: date) -> Iterator[tuple[date, date]]:
    """Yield the months that the days `first` to `last` touch, cut to these days."""
    begin = first
    while begin <= last:
        after = (begin.replace(day=1) + timedelta(days=32)).replace(day=1)
        yield begin, min(last, after - timedelta(days=1))
        begin = after


def _duties(views: Sequence[RosterView]) -> list[Duty]:
    slots = [(slot, day.kind) for view in views for day in view.days for slot in day.slots if slot.shift_id is not None]
    gone = _Gone(views[0].first, views[-1].last)
    history = _history([*(slot.shift_id or 0 for slot, _kind in slots), *(slot.shift_id or 0 for slot in gone.slots)])
    desk = _desk_key()
    found: list[Duty] = []
    for slot, kind in slots:
        state = history.get(slot.shift_id or 0, (0, 0))
        on: dict[str, int] = {}
        for place in sorted(slot.people, key=lambda each: each.from_at):
            on[place.login] = number = on.get(place.login, 0) + 1
            found.append(_duty(slot, place, number, state, kind, desk))
        off = [each for each in gone.people(slot) if on.get(each.login, 0) < gone.pieces(slot, each)]
        found.extend(_cancelled(slot, each, on.get(each.login, 0) + 1, state, kind, desk) for each in off)
    for slot in gone.slots:
        state = history.get(slot.shift_id or 0, (0, 0))
        found.extend(_cancelled(slot, each, 1, state, None, desk) for each in gone.people(slot))
    now, open_days = clock.now(), {day.day for view in views for day in view.days if not day.published}
    marked = [replace(duty, tentative=duty.starts_at > now and duty.day in open_days) for duty in found]
    return sorted(marked, key=lambda duty: (duty.starts_at, duty.uid))


def _duty(
    slot: SlotView, place: PlaceView, number: int, state: tuple[int, int], kind: DayKind | None, desk: str
) -> Duty:
    return Duty(
        _uid(slot, place.login, number, desk),
        *state,
        place.login,
        place.label,
        slot.day,
        slot.title,
        place.from_at,
        place.to_at,
        place.post,
        kind,
        place.whole,
        tuple(dict.fromkeys(each.label for each in slot.people if each.login != place.login)),
    )


def _cancelled(
    slot: SlotView, person: roster_rows.Known, number: int, state: tuple[int, int], kind: DayKind | None, desk: str
) -> Duty:
    return Duty(
        _uid(slot, person.login, number, desk),
        *state,
        person.login,
        person.label,
        slot.day,
        slot.title,
        slot.starts_at,
        slot.ends_at,
        day_kind=kind,
        others=tuple(dict.fromkeys(each.label for each in slot.people)),
        cancelled=True,
    )


def _uid(slot: SlotView, login: str, number: int, desk: str) -> str:
    piece = f"-{number}" if number > 1 else ""
    return f"{slot.day.isoformat()}-{slot.kind}-{login}{piece}@{desk}.dutydesk"


def _desk_key() -> str:
    """Return what tells this desk from every other for as long as it lives: how its audit chain begins."""
    first = AuditEntry.select(AuditEntry.digest).order_by(AuditEntry.seq).limit(1).scalar()
    return (first or "0")[:12]


def _history(shift_ids: list[int]) -> dict[int, tuple[int, int]]:
    """Return for each shift the audit entry that changed it or a place on it last: sequence number and instant."""
    owners = {("duty_shift", shift_id): shift_id for shift_id in shift_ids}
    for part in _pieces(shift_ids):
        rows = Assignment.select(Assignment.id, Assignment.shift).where(Assignment.shift.in_(part)).tuples()
        owners |= {("assignment", row_id): shift_id for row_id, shift_id in rows}
    newest: dict[int, int] = {}
    for table in ("duty_shift", "assignment"):
        for part in _pieces([row_id for name, row_id in owners if name == table]):
            query = AuditBinding.select(AuditBinding.row_id, fn.MAX(AuditBinding.seq)).where(
                (AuditBinding.table_name == table) & AuditBinding.row_id.in_(part)
            )
            for row_id, seq in query.group_by(AuditBinding.row_id).tuples():
                shift_id = owners[table, row_id]
                newest[shift_id] = max(seq, newest.get(shift_id, 0))
    instants: dict[int, int] = {}
    for part in _pieces(sorted(set(newest.values()))):
        instants |= dict(AuditEntry.select(AuditEntry.seq, AuditEntry.at).where(AuditEntry.seq.in_(part)).tuples())
    return {shift_id: (seq, instants[seq]) for shift_id, seq in newest.items()}


def _pieces(rows: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(rows), _AT_ONCE):
        yield rows[start : start + _AT_ONCE]


class _Gone:
    """Who was taken off which shift, by a change or by a publication, and the shifts that no plan wants any more."""

    def __init__(self, first: date, last: date) -> None:
        self._known = {person.id: person for person in roster_rows.people().values()}
        self._people: dict[tuple[str, str], dict[int, None]] = {}
        self._spans: dict[tuple[str, str], tuple[int, int]] = {}
        self._split: set[tuple[str, str, int]] = set()
        begin, end = first.isoformat(), last.isoformat()
        self._read_changes(begin, end)
        self._read_versions(begin, end)
        self.slots = self._taken_back(begin, end)

    def people(self, slot: SlotView) -> list[roster_rows.Known]:
        """Return everybody who was taken off a shift at some time."""
        listed = self._people.get((slot.day.isoformat(), slot.kind), {})
        return [self._known[person] for person in listed if person in self._known]

    def pieces(self, slot: SlotView, person: roster_rows.Known) -> int:
        """Return in how many pieces a calendar may hold somebody's duty: a cover in the middle leaves two."""
        return 2 if (slot.day.isoformat(), slot.kind, person.id) in self._split else 1

    def _read_changes(self, first: str, last: str) -> None:
        change = RosterChange
        columns = (change.day, change.shift_kind, change.from_at, change.to_at, change.person_out, change.person_in)
        rows = change.select(*columns).where(change.day.between(first, last)).order_by(change.id)
        for day, kind, from_at, to_at, *both in rows.tuples():
            self._people.setdefault((day, kind), {}).update(dict.fromkeys(each for each in both if each))
            if from_at is not None and to_at is not None and both[0]:
                self._split.add((day, kind, both[0]))

    def _read_versions(self, first: str, last: str) -> None:
        touching = (RosterVersion.from_day <= last) & (RosterVersion.to_day >= first)
        rows = RosterVersion.select(RosterVersion.summary).where(touching).order_by(RosterVersion.number)
        for (summary,) in rows.tuples():
            for day, kind, starts_at, ends_at, people in json.loads(summary).get("taken", []):
                self._people.setdefault((day, kind), {}).update(dict.fromkeys(people))
                self._spans[day, kind] = (starts_at, ends_at)

    def _taken_back(self, first: str, last: str) -> list[SlotView]:
        """Return the shifts that a publication took back, with the hours that they had."""
        titles, found = facts(), []
        rows = DutyShift.select(DutyShift.id, DutyShift.day, DutyShift.kind).where(
            DutyShift.day.between(first, last) & (DutyShift.ends_at == 0)
        )
        for shift_id, day, kind in rows.tuples():
            span = self._spans.get((day, kind))
            if span is not None:
                day_of = date.fromisoformat(day)
                found.append(SlotView(shift_id, day_of, kind, titles.title(kind), *span, night=False, places=()))
        return found
