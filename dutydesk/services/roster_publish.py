"""Carrying a proposal out: the rows, the version, the rounds, the log line; and telling whom it concerns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from peewee import fn

from dutydesk.domain import clock
from dutydesk.domain.log import LogKind, moment_value
from dutydesk.domain.overlay import ChangeKind
from dutydesk.domain.words import N_
from dutydesk.services import log, notices, planning, roster_rows, roster_write
from dutydesk.services.core import Actor, create, record
from dutydesk.services.roster_changes import name_of
from dutydesk.services.roster_propose import Drawn
from dutydesk.services.roster_views import DiffLine, SlotView, VersionLine
from dutydesk.services.shift_views import facts
from dutydesk.storage.chain import canonical
from dutydesk.storage.models.base import Row
from dutydesk.storage.models.roster import RosterChange, RosterVersion
from dutydesk.storage.models.shift import DutyShift

SUBJECT = "roster"


def carry_out(who: Actor, drawn: Drawn, note: str, problems: int) -> VersionLine:
    """Write a proposal inside the caller's transaction, and tell everyone concerned."""
    now, view = clock.now(), drawn.view
    fresh_days = {day.day for day in view.days if not day.published}
    rows: list[Row] = []
    kept = roster_write.keep(drawn.planned, lambda _row: True) if drawn.planned else roster_write.Kept()
    rows += kept.rows
    for shift in drawn.gone:
        rows += roster_write.take_back(shift)
    version = create(
        RosterVersion,
        number=(RosterVersion.select(fn.MAX(RosterVersion.number)).scalar() or 0) + 1,
        from_day=view.first.isoformat(),
        to_day=view.last.isoformat(),
        published_by=who.person_id or None,
        published_at=now,
        note=note,
        summary=canonical(_summary(drawn, problems) | {"taken": _taken(drawn)}),
    )
    span = {"number": version.number, "from": version.from_day, "to": version.to_day}
    record(who, "roster.published", version, *rows, values=span | _summary(drawn, problems) | {"note": note})
    planning.make_rounds(kept.fresh, now)
    written = {each.key for each in drawn.planned}
    mine = [slot for slot in view.slots if (slot.day.isoformat(), slot.kind) in written]
    _tell_everyone(who, version, mine, drawn.diff, [slot for slot in mine if slot.day in fresh_days])
    log.add(
        who,
        LogKind.ROSTER,
        N_("Roster {first} to {last} published, version {number}."),
        {"first": {"day": version.from_day}, "last": {"day": version.to_day}, "number": version.number},
    )
    return roster_rows.versions(RosterVersion.id == version.id)[0]


def _summary(drawn: Drawn, problems: int) -> dict[str, int]:
    slots = drawn.view.slots
    return {
        "slots": len(slots),
        "changed": len(drawn.diff),
        "empty": sum(any(place.person_id is None for place in slot.places) for slot in slots),
        "gaps": len(drawn.view.gaps),
        "problems": problems,
    }


def _taken(drawn: Drawn) -> list[list[Any]]:
    """Return what was taken from whom (day, shift, begin, end, people), so that calendars can be told it is off."""
    ends: dict[tuple[Any, Any], Any] = {(row.day, row.kind): row.ends_at for row in drawn.gone}
    ends |= {(slot.day.isoformat(), slot.kind): slot.ends_at for slot in drawn.view.slots}
    keys = [(line.day.isoformat(), line.kind, line) for line in drawn.diff if line.out]
    return [[day, kind, line.starts_at, ends.get((day, kind), 0), sorted(line.out)] for day, kind, line in keys]


def _tell_everyone(
    who: Actor, version: RosterVersion, slots: Iterable[SlotView], diff: Iterable[DiffLine], fresh: Iterable[SlotView]
) -> None:
    """Tell each person whose duties changed, and each who has duties on days that were never published."""
    first: dict[int, SlotView] = {}
    count: Counter[int] = Counter()
    for slot in slots:
        for person in {place.person_id or 0 for place in slot.people}:
            first.setdefault(person, slot)
            count[person] += 1
    lines = list(diff)
    into = Counter(person for line in lines for person in line.into)
    out = Counter(person for line in lines for person in line.out)
    told = set(into) | set(out) | {place.person_id or 0 for slot in fresh for place in slot.people}
    for person in sorted(told):
        values = {
            "first": {"day": version.from_day},
            "last": {"day": version.to_day},
            "n": count[person],
            "into": into[person],
            "out": out[person],
        }
        message = N_("Roster {first} to {last} published: you have no duties in it, {out} taken from you.")
        if person in first:
            message = N_(
                "Roster {first} to {last} published: {n} duties are yours, {into} new, {out} taken from you; "
                "the next is {shift} {begin}."
            )
            values |= {"shift": first[person].title, "begin": moment_value(first[person].starts_at)}
        notices.tell(who, [person], message, values, subject=SUBJECT, subject_id=version.id)


# Changes by hand

_ON = N_("Roster changed: you are on the {shift} shift {begin} to {end}. {reason}")
_OFF = N_("Roster changed: you are no longer on the {shift} shift {begin} to {end}. {reason}")
_LINES = {
    ChangeKind.REPLACE: N_("Roster changed: {into} instead of {out} on the {shift} shift {begin} to {end}: {reason}"),
    ChangeKind.ADD: N_("Roster changed: {into} added to the {shift} shift {begin} to {end}: {reason}"),
    ChangeKind.REMOVE: N_("Roster changed: {out} taken off the {shift} shift {begin} to {end}: {reason}"),
}
_BACK = N_("Change {change} of the {shift} shift {begin} to {end} withdrawn: {reason}")


def tell_change(who: Actor, change_id: int) -> None:
    """Tell the people of a change that was made by hand, and write it into the log."""
    row = RosterChange.get_by_id(change_id)
    values = _about(row)
    notices.tell(who, [row.person_in_id], _ON, values, subject=SUBJECT, subject_id=row.id)
    notices.tell(who, [row.person_out_id], _OFF, values, subject=SUBJECT, subject_id=row.id)
    names = {"into": name_of(row.person_in_id), "out": name_of(row.person_out_id)}
    message = _LINES[ChangeKind(row.kind)]
    log.add(who, LogKind.ROSTER, message, values | {name: v for name, v in names.items() if f"{{{name}}}" in message})


def tell_withdrawn(who: Actor, row: RosterChange, reason: str) -> None:
    """Tell the people of a change that it is withdrawn, and write it into the log."""
    values = _about(row) | {"change": row.id, "reason": reason}
    people = [row.person_in_id, row.person_out_id]
    notices.tell(who, people, _BACK, values, subject=SUBJECT, subject_id=row.id)
    log.add(who, LogKind.ROSTER, _BACK, values)


def _about(row: RosterChange) -> dict[str, object]:
    shift = DutyShift.get_or_none((DutyShift.day == row.day) & (DutyShift.kind == row.shift_kind))
    begin = row.from_at or (shift.starts_at if shift else 0)
    end = row.to_at or (shift.ends_at if shift else 0)
    return {
        "shift": facts().title(row.shift_kind),
        "begin": moment_value(begin),
        "end": moment_value(end),
        "reason": row.reason,
    }
