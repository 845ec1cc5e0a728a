"""What the exports of the roster need, read at once: the month's views, and each duty with its place in the history.

A duty that somebody had and has no more is told as cancelled, so that a calendar that holds it drops it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from peewee import fn

from dutydesk.domain.calendar import DayKind
from dutydesk.domain.errors import NotFound
from dutydesk.domain.shift import Facts
from dutydesk.domain.words import N_, Label
from dutydesk.services import roster, roster_rows, settings
from dutydesk.services.core import Actor, reads
from dutydesk.services.roster_views import RosterView, SlotView
from dutydesk.services.shift_views import facts
from dutydesk.storage.models.audit import AuditBinding, AuditEntry
from dutydesk.storage.models.roster import RosterChange
from dutydesk.storage.models.shift import Assignment

_AT_ONCE = 500
"""Rows asked for in one query."""


@dataclass(frozen=True)
class Duty:
    """One stretch of one person on one shift, as a calendar holds it; instants are epoch seconds.

    `uid` is the same as long as the person is on that shift, however often the roster is published. `sequence` grows
    with every change of the shift and `changed_at` is when that was. `others` are on with him.
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


def _duties(views: Iterable[RosterView]) -> list[Duty]:
    slots = [(slot, day.kind) for view in views for day in view.days for slot in day.slots if slot.shift_id is not None]
    history = _history([slot.shift_id for slot, _kind in slots if slot.shift_id is not None])
    left = _left([slot for slot, _kind in slots])
    desk = _desk_key()
    found: list[Duty] = []
    for slot, kind in slots:
        sequence, changed_at = history.get(slot.shift_id or 0, (0, 0))
        parts: dict[str, int] = {}
        for place in sorted(slot.people, key=lambda each: each.from_at):
            parts[place.login] = number = parts.get(place.login, 0) + 1
            found.append(
                Duty(
                    _uid(slot, place.login, number, desk),
                    sequence,
                    changed_at,
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
            )
        gone = [each for each in left.get((slot.day, slot.kind), ()) if each.login not in parts]
        found.extend(_cancelled(slot, each, sequence, changed_at, kind, desk) for each in gone)
    return found


def _cancelled(
    slot: SlotView, person: roster_rows.Known, sequence: int, changed_at: int, kind: DayKind | None, desk: str
) -> Duty:
    return Duty(
        _uid(slot, person.login, 1, desk),
        sequence,
        changed_at,
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


def _left(slots: list[SlotView]) -> dict[tuple[date, str], list[roster_rows.Known]]:
    """Return by day and shift who was taken off it by a change."""
    if not slots:
        return {}
    days = RosterChange.day.between(slots[0].day.isoformat(), slots[-1].day.isoformat())
    rows = RosterChange.select(
        RosterChange.day, RosterChange.shift_kind, RosterChange.person_out, RosterChange.person_in
    ).where(days)
    people = {person.id: person for person in roster_rows.people().values()}
    found: dict[tuple[date, str], list[roster_rows.Known]] = {}
    for day, kind, *both in rows.order_by(RosterChange.id).tuples():
        listed = found.setdefault((date.fromisoformat(day), kind), [])
        listed.extend(people[each] for each in both if each in people and people[each] not in listed)
    return found
