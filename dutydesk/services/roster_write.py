"""From planned slots to the rows of the published roster and back; a shift that has begun or is signed for stays.

Where changes stand above a shift, `DutyShift.base` keeps its places as the rotation alone has them, so that a change
can be taken back however many stand above one another.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from dutydesk.domain import overlay
from dutydesk.domain.overlay import Change, ChangeKind, ChangeSource
from dutydesk.domain.planned import Assigned, Flag, Missing, Reason, Slot, Why
from dutydesk.services.core import create
from dutydesk.services.shift_views import EXTRA, WITHDRAWN
from dutydesk.storage.models.attendance import Attendance
from dutydesk.storage.models.base import Row
from dutydesk.storage.models.people import Person
from dutydesk.storage.models.roster import RosterChange
from dutydesk.storage.models.rounds import Round
from dutydesk.storage.models.shift import Assignment, DutyShift

Places = list[dict[str, Any]]
"""The places of a slot as they are stored: people first, then the places that stayed empty."""


@dataclass(frozen=True)
class Planned:
    """A slot as it is to stand, and as the rotation alone has it."""

    slot: Slot
    base: Slot

    @property
    def key(self) -> tuple[str, str]:
        """Return day and kind as they are stored."""
        return self.slot.day.isoformat(), self.slot.key


@dataclass
class Kept:
    """What writing did: shifts that are new, every row that is new or another."""

    fresh: list[DutyShift] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)


# From slots to rows


def logins() -> dict[str, int]:
    """Return the ids of everybody the desk has ever known by login."""
    return dict(Person.select(Person.login, Person.id).tuples())


def places(slot: Slot, ids: dict[str, int]) -> Places:
    """Return the places of a slot as they are stored."""
    return [_filled(each, ids) for each in slot.assigned] + [_empty(each) for each in slot.missing]


def _filled(assigned: Assigned, ids: dict[str, int]) -> dict[str, Any]:
    return {
        "person": ids[assigned.login],
        "post": assigned.post,
        "flag": " ".join(flag.value for flag in assigned.flags),
        "why": json.dumps(assigned.why.data(), ensure_ascii=False, sort_keys=True),
        "from_at": assigned.from_at,
        "to_at": assigned.to_at,
    }


def _empty(missing: Missing) -> dict[str, Any]:
    return {
        "person": None,
        "post": missing.post,
        "flag": missing.reason.value,
        "why": why_empty(missing),
        "from_at": missing.from_at,
        "to_at": missing.to_at,
    }


def keep(planned: Sequence[Planned], may_follow: Callable[[DutyShift], bool]) -> Kept:
    """Write slots inside the caller's transaction, which records the rows: new ones, and those that may follow.

    A shift that somebody has signed for never changes, whatever `may_follow` says.
    """
    ids, kept = logins(), Kept()
    stored = Stored.between(min(each.key[0] for each in planned), max(each.key[0] for each in planned))
    for each in planned:
        row = stored.shifts.get(each.key)
        if row is None:
            row = _new(each, ids)
            kept.fresh.append(row)
            kept.rows.append(row)
            kept.rows.extend(create(Assignment, shift=row.id, **values) for values in places(each.slot, ids))
        elif row.id not in stored.signed and may_follow(row):
            kept.rows.extend(follow(row, each, ids, stored.rows.get(row.id, [])))
    return kept


def why_empty(missing: Missing) -> str:
    """Return why a place stayed empty, as it is stored: the rotation, the reason, and whose turn it is."""
    why = {"rule": missing.rule, "reason": missing.reason.value}
    if missing.login:
        why["login"] = missing.login
    return json.dumps(why, ensure_ascii=False, sort_keys=True)


@dataclass(frozen=True)
class Stored:
    """The shifts of some days by day and kind, their places by shift, and which of them are signed for."""

    shifts: dict[tuple[str, str], DutyShift]
    rows: dict[int, list[Assignment]]
    signed: frozenset[int]

    @classmethod
    def between(cls, first: str, last: str) -> Stored:
        """Read what stands on the days `first` to `last` (ISO), both included, in three queries."""
        within = DutyShift.day.between(first, last)
        shifts = {(row.day, row.kind): row for row in DutyShift.select().where(within)}
        rows: dict[int, list[Assignment]] = {}
        for row in Assignment.select().join(DutyShift).where(within).order_by(Assignment.id):
            rows.setdefault(row.shift_id, []).append(row)
        signs = Attendance.select(Attendance.shift).join(DutyShift).where(within).distinct().tuples()
        return cls(shifts, rows, frozenset(row[0] for row in signs))


def _new(planned: Planned, ids: dict[str, int]) -> DutyShift:
    day, kind = planned.key
    slot = planned.slot
    base = _base_text(planned, ids)
    return create(DutyShift, day=day, kind=kind, starts_at=slot.starts_at, ends_at=slot.ends_at, base=base)


def signed(shift_id: int) -> bool:
    """Whether anybody has signed for the shift."""
    return bool(Attendance.select(Attendance.id).where(Attendance.shift == shift_id).exists())


def follow(
    shift: DutyShift, planned: Planned, ids: dict[str, int], rows: Sequence[Assignment] | None = None
) -> list[Row]:
    """Bring a stored shift, its places being `rows` when they are read already, to a slot; returns what changed."""
    slot = planned.slot
    changed: list[Row] = []
    values = {"starts_at": slot.starts_at, "ends_at": slot.ends_at, "base": _base_text(planned, ids)}
    if any(shift.__data__[name] != value for name, value in values.items()):
        DutyShift.update(**values).where(DutyShift.id == shift.id).execute()
        changed.append(DutyShift.get_by_id(shift.id))
    wanted = places(slot, ids)
    if rows is None:
        rows = list(Assignment.select().where(Assignment.shift == shift.id).order_by(Assignment.id))
    for place, place_values in enumerate(wanted):
        if place >= len(rows):
            changed.append(create(Assignment, shift=shift.id, **place_values))
        elif any(rows[place].__data__[name] != value for name, value in place_values.items()):
            changed.append(_change(rows[place], place_values))
    changed += [_withdrawn(row) for row in rows[len(wanted) :] if row.flag != WITHDRAWN]
    return changed


def _change(row: Assignment, values: dict[str, Any]) -> Assignment:
    Assignment.update(version=Assignment.version + 1, **values).where(Assignment.id == row.id).execute()
    return Assignment.get_by_id(row.id)


def _withdrawn(row: Assignment) -> Assignment:
    return _change(row, {"person": None, "flag": WITHDRAWN, "from_at": None, "to_at": None})


def take_back(shift: DutyShift) -> list[Row]:
    """Take a shift back that no plan wants any more; its rounds go to the shift that runs when they are due."""
    held = list(Assignment.select().where(Assignment.shift == shift.id).order_by(Assignment.id))
    rows: list[Row] = [_withdrawn(row) for row in held if row.flag != WITHDRAWN]
    DutyShift.update(starts_at=0, ends_at=0, base=None).where(DutyShift.id == shift.id).execute()
    rows.append(DutyShift.get_by_id(shift.id))
    for due in Round.select().where(Round.shift == shift.id).order_by(Round.due_at, Round.id):
        running = (
            DutyShift.select(DutyShift.id)
            .where((DutyShift.starts_at <= due.due_at) & (DutyShift.ends_at > due.due_at))
            .scalar()
        )
        if running is not None:
            Round.update(shift=running).where(Round.id == due.id).execute()
            rows.append(Round.get_by_id(due.id))
    return rows


# From rows to slots


def _base_text(planned: Planned, ids: dict[str, int]) -> str | None:
    if planned.base == planned.slot:
        return None
    return json.dumps(places(planned.base, ids), ensure_ascii=False, sort_keys=True)


def stored_places(shift_id: int) -> Places:
    """Return the places of a shift as they stand, without those taken back and without who came unplanned."""
    columns = (
        Assignment.person,
        Assignment.post,
        Assignment.flag,
        Assignment.why,
        Assignment.from_at,
        Assignment.to_at,
    )
    rows = Assignment.select(*columns).where(Assignment.shift == shift_id).order_by(Assignment.id).tuples()
    names = ("person", "post", "flag", "why", "from_at", "to_at")
    kept = (dict(zip(names, row, strict=True)) for row in rows)
    return [row for row in kept if row["flag"] != WITHDRAWN and EXTRA not in row["flag"].split()]


def slot_of(shift: DutyShift, held: Places, names: dict[int, str]) -> Slot:
    """Return a stored shift as a slot of the rotation; `names` are logins by id."""
    kind, _dot, part = shift.kind.partition(".")
    return Slot(
        date.fromisoformat(shift.day),
        kind,
        shift.starts_at,
        shift.ends_at,
        tuple(_assigned(place, names) for place in held if place["person"] is not None),
        tuple(_missing(place) for place in held if place["person"] is None),
        int(part) - 1 if part else 0,
    )


def _assigned(place: dict[str, Any], names: dict[int, str]) -> Assigned:
    flags = tuple(Flag(flag) for flag in place["flag"].split() if flag in set(Flag))
    why = Why.of(json.loads(place["why"]))
    return Assigned(names[place["person"]], place["post"], why, flags, place["from_at"], place["to_at"])


def _missing(place: dict[str, Any]) -> Missing:
    reason = Reason(place["flag"]) if place["flag"] in set(Reason) else Reason.NOBODY
    why = json.loads(place["why"])
    rule, login = str(why.get("rule", "")), str(why.get("login", ""))
    return Missing(place["post"], reason, rule, place["from_at"], place["to_at"], login)


def base_of(shift: DutyShift, names: dict[int, str]) -> Slot:
    """Return a stored shift as the rotation alone has it."""
    return slot_of(shift, json.loads(shift.base) if shift.base else stored_places(shift.id), names)


def under_changes(shift: DutyShift, changes: Iterable[Change], names: dict[int, str]) -> Planned:
    """Return a stored shift with exactly these changes above it."""
    base = base_of(shift, names)
    return Planned(overlay.apply([base], changes)[0], base)


def change_of(row: RosterChange, names: dict[int, str]) -> Change:
    """Return a stored change as the rules know it."""
    return Change(
        row.id,
        date.fromisoformat(row.day),
        row.shift_kind,
        ChangeKind(row.kind),
        names.get(row.person_out_id, ""),
        names.get(row.person_in_id, ""),
        row.post,
        row.from_at,
        row.to_at,
        ChangeSource(row.source),
        row.reason,
        row.source_id,
    )


def standing(first: date, last: date) -> list[RosterChange]:
    """Return the changes of some days that are not withdrawn, in the order they were made."""
    within = RosterChange.day.between(first.isoformat(), last.isoformat())
    return list(RosterChange.select().where(within & RosterChange.withdrawn_at.is_null()).order_by(RosterChange.id))
