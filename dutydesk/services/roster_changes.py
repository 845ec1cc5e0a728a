"""Changes above the rotation: made by hand, by leave or by swap, and withdrawn; the shifts follow at once.

A change of a shift that is not published yet waits for its plan. Source: DOMAIN 2.8, REQUIREMENTS A1, C10.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from dutydesk.domain import clock
from dutydesk.domain.errors import Invalid, NotFound, Refused
from dutydesk.domain.overlay import ChangeKind, ChangeSource
from dutydesk.domain.people import Role
from dutydesk.domain.text import required
from dutydesk.domain.words import N_, Label
from dutydesk.services import planning, roster_write
from dutydesk.services.core import Actor, change, create, get, record
from dutydesk.services.roster_views import NewChange
from dutydesk.services.shift_views import WITHDRAWN, facts
from dutydesk.storage.models.base import Row
from dutydesk.storage.models.people import Person
from dutydesk.storage.models.roster import RosterChange
from dutydesk.storage.models.shift import Assignment, DutyShift

REASON_LIMIT = 300


def apply_changes(
    who: Actor, changes: Sequence[NewChange], source: ChangeSource | str, source_id: int | None = None
) -> list[int]:
    """Make changes inside the caller's transaction, as leave and swaps do; returns their ids.

    Nobody is told: who calls says it in his own words. Raises Refused for a shift that is over or signed for, for
    somebody who is not on it, and for a person who would be on two shifts at once.
    """
    made: list[RosterChange] = []
    shifts: dict[int, DutyShift] = {}
    for new in changes:
        shift = _shift(new)
        _check(new, shift, clock.now())
        row = _create(who, new, shift, ChangeSource(source), source_id)
        made.append(row)
        if shift is not None:
            shifts[shift.id] = shift
            _follow(who, shift, "roster.changed", row)
        else:
            record(who, "roster.changed", row, values=_told(row))
    for new in changes:
        _check_once(new.person_in, shifts.values())
    return [row.id for row in made]


def withdraw_changes(who: Actor, source: ChangeSource | str, source_id: int, reason: str = "") -> list[int]:
    """Take back, inside the caller's transaction, the changes of one leave or swap; returns their ids.

    Shifts that have begun or are signed for keep what they have.
    """
    rows = RosterChange.select().where(
        (RosterChange.source == ChangeSource(source).value)
        & (RosterChange.source_id == source_id)
        & RosterChange.withdrawn_at.is_null()
    )
    now = clock.now()
    return [
        row.id
        for row in list(rows.order_by(RosterChange.id.desc()))
        if (shift := _stored(row)) is None or not settled(shift, now)
        if withdraw_one(who, row, reason)
    ]


def withdraw_one(who: Actor, row: RosterChange, reason: str) -> bool:
    """Withdraw one change; its shift, if it is stored and open, becomes what it is without it."""
    taken = change(RosterChange, row.id, row.version, withdrawn_by=who.person_id or None, withdrawn_at=clock.now())
    shift = _stored(taken)
    if shift is not None:
        _follow(who, shift, "roster.withdrawn", taken, reason=reason)
    else:
        record(who, "roster.withdrawn", taken, values=_told(taken) | {"reason": reason})
    return True


def refuse_away(new: NewChange) -> None:
    """Refuse to put somebody on a stored shift who is on leave during it."""
    shift = _shift(new)
    if shift is None or new.person_in is None:
        return
    login = {person_id: login for login, person_id in roster_write.logins().items()}.get(new.person_in)
    day = date.fromisoformat(shift.day)
    begin, end = new.from_at or shift.starts_at, new.to_at or shift.ends_at
    for leave in planning.away(day, day):
        if leave.login == login and leave.starts_at < end and begin < leave.ends_at:
            raise Refused(N_("{name} is on leave then."), field="person_in", name=name_of(new.person_in))


def settled(shift: DutyShift, now: int) -> bool:
    """Whether nothing of the shift may change any more: it is over, or somebody has signed for it."""
    return shift.ends_at <= now or roster_write.signed(shift.id)


def refuse_settled_day(row: RosterChange) -> None:
    """Refuse to touch a change whose shift has passed or is signed for."""
    shift = _stored(row)
    if shift is not None:
        refuse_settled(shift, clock.now())


def refuse_settled(shift: DutyShift, now: int) -> None:
    """Refuse to touch what has passed, and what somebody has signed for."""
    title, day = facts().title(shift.kind), shift.day[5:]
    if shift.ends_at <= now:
        raise Refused(N_("The {shift} shift {day} is over; what has passed never changes."), shift=title, day=day)
    if roster_write.signed(shift.id):
        raise Refused(
            N_("Somebody has signed for the {shift} shift {day} already; who helps there signs in as an extra."),
            shift=title,
            day=day,
        )


def on_shift(shift_id: int) -> dict[int, list[tuple[int | None, int | None]]]:
    """Return who is planned on a shift, each with the parts he is on for."""
    rows = Assignment.select(Assignment.person, Assignment.from_at, Assignment.to_at).where(
        (Assignment.shift == shift_id) & Assignment.person.is_null(False) & (Assignment.flag != WITHDRAWN)
    )
    found: dict[int, list[tuple[int | None, int | None]]] = {}
    for person, from_at, to_at in rows.order_by(Assignment.id).tuples():
        found.setdefault(person, []).append((from_at, to_at))
    return found


def _shift(new: NewChange) -> DutyShift | None:
    """Return the stored shift that a change is about; None while its day is not planned."""
    if new.shift_id is not None:
        return get(DutyShift, new.shift_id, N_("Shift"))
    if new.day is None or not new.shift_kind:
        raise Invalid(N_("Name the day and the shift."), field="day")
    if new.shift_kind.partition(".")[0] not in facts().titles:
        raise NotFound(N_("There is no shift “{shift}” on {day}."), field="day", shift=new.shift_kind, day=new.day)
    row: DutyShift | None = DutyShift.get_or_none(
        (DutyShift.day == new.day.isoformat()) & (DutyShift.kind == new.shift_kind) & (DutyShift.ends_at > 0)
    )
    return row


def _stored(row: RosterChange) -> DutyShift | None:
    found: DutyShift | None = DutyShift.get_or_none(
        (DutyShift.day == row.day) & (DutyShift.kind == row.shift_kind) & (DutyShift.ends_at > 0)
    )
    return found


def _check(new: NewChange, shift: DutyShift | None, now: int) -> None:
    kind = ChangeKind(new.kind)
    _check_people(kind, new)
    if shift is None:
        return
    refuse_settled(shift, now)
    _check_part(new, shift, now)
    on = on_shift(shift.id)
    title, day = facts().title(shift.kind), shift.day[5:]
    if kind is not ChangeKind.ADD and new.person_out not in on:
        raise Refused(
            N_("{name} is not on the {shift} shift {day}."),
            field="person_out",
            name=name_of(new.person_out),
            shift=title,
            day=day,
        )
    if kind is not ChangeKind.REMOVE and (None, None) in on.get(new.person_in or 0, ()):
        raise Refused(
            N_("{name} is on the {shift} shift {day} already."),
            field="person_in",
            name=name_of(new.person_in),
            shift=title,
            day=day,
        )


def _check_people(kind: ChangeKind, new: NewChange) -> None:
    if (kind is not ChangeKind.ADD) != (new.person_out is not None):
        raise Invalid(N_("Say who is to come off."), field="person_out")
    if (kind is not ChangeKind.REMOVE) != (new.person_in is not None):
        raise Invalid(N_("Say who is to come on."), field="person_in")
    known = facts().posts
    if new.post and new.post not in known:
        raise Invalid(
            N_("There is no post “{post}” in the duty policy; there are: {posts}."),
            field="post",
            post=new.post,
            posts=", ".join(known),
        )
    if new.person_in is None:
        return
    person = Person.get_or_none(Person.id == new.person_in)
    if person is None:
        raise NotFound(N_("Person {id} is not there."), field="person_in", id=new.person_in)
    if not person.active or person.role == Role.READER.value:
        raise Refused(
            N_("{name} takes no duties at this desk."), field="person_in", name=Label(person.name, person.name_en)
        )
    if new.person_in == new.person_out:
        raise Invalid(N_("Somebody cannot stand in for himself."), field="person_in")


def _check_part(new: NewChange, shift: DutyShift, now: int) -> None:
    begin = shift.starts_at if new.from_at is None else new.from_at
    end = shift.ends_at if new.to_at is None else new.to_at
    if not shift.starts_at <= begin < end <= shift.ends_at:
        raise Invalid(N_("The part must lie within the shift and end after it begins."), field="from_at")
    if new.from_at is not None and end <= now:
        raise Refused(N_("That part of the shift is over; what has passed never changes."), field="from_at")


def _check_once(person_id: int | None, shifts: Iterable[DutyShift]) -> None:
    """Refuse a person who would be on two of the desk's shifts at once."""
    if person_id is None:
        return
    for shift in shifts:
        mine = _spans(person_id, shift.starts_at, shift.ends_at)
        for at, (begin, end, row) in enumerate(mine):
            clash = next((other for other in mine[at + 1 :] if other[0] < end and begin < other[1]), None)
            if clash is not None:
                raise Refused(
                    N_("{name} is on the {shift} shift {day} at that time."),
                    field="person_in",
                    name=name_of(person_id),
                    shift=facts().title(clash[2].kind if clash[2].id != shift.id else row.kind),
                    day=shift.day[5:],
                )


def _spans(person_id: int, first: int, last: int) -> list[tuple[int, int, DutyShift]]:
    rows = (
        Assignment.select(Assignment, DutyShift)
        .join(DutyShift)
        .where(
            (Assignment.person == person_id)
            & (Assignment.flag != WITHDRAWN)
            & (DutyShift.starts_at < last)
            & (DutyShift.ends_at > first)
        )
        .order_by(DutyShift.starts_at, Assignment.id)
    )
    return [
        (row.shift.starts_at if row.from_at is None else row.from_at, row.to_at or row.shift.ends_at, row.shift)
        for row in rows
    ]


def name_of(person_id: int | None) -> Label:
    """Return a person's name in both languages; empty for nobody."""
    rows = list(Person.select(Person.name, Person.name_en).where(Person.id == person_id).tuples())
    return Label(*rows[0]) if rows else Label("")


def _create(
    who: Actor, new: NewChange, shift: DutyShift | None, source: ChangeSource, source_id: int | None
) -> RosterChange:
    if shift is not None:
        new = replace(new, day=date.fromisoformat(shift.day), shift_kind=shift.kind)
        new = replace(
            new,
            from_at=None if new.from_at == shift.starts_at else new.from_at,
            to_at=None if new.to_at == shift.ends_at else new.to_at,
        )
    assert new.day is not None
    return create(
        RosterChange,
        day=new.day.isoformat(),
        shift_kind=new.shift_kind,
        kind=ChangeKind(new.kind).value,
        person_out=new.person_out,
        person_in=new.person_in,
        post=new.post,
        from_at=new.from_at,
        to_at=new.to_at,
        source=source.value,
        source_id=source_id,
        reason=required(new.reason, "reason", limit=REASON_LIMIT) if source is ChangeSource.HAND else new.reason,
        made_by=who.person_id or None,
        made_at=clock.now(),
    )


def _follow(who: Actor, shift: DutyShift, action: str, row: RosterChange, **more: object) -> None:
    """Bring a stored shift to what it is under its changes, and record it with the change."""
    ids = roster_write.logins()
    names = {person_id: login for login, person_id in ids.items()}
    day = date.fromisoformat(shift.day)
    standing = [each for each in roster_write.standing(day, day) if each.shift_kind == shift.kind]
    fresh = DutyShift.get_by_id(shift.id)
    planned = roster_write.under_changes(fresh, [roster_write.change_of(each, names) for each in standing], names)
    if planned.slot != planned.base:
        planned = replace(planned, slot=planning.marked(planned.slot))
    rows: list[Row] = [] if settled(fresh, clock.now()) else roster_write.follow(fresh, planned, ids)
    record(who, action, row, *rows, values=_told(row) | more)


def _told(row: RosterChange) -> dict[str, object]:
    """Return what the audit says about a change."""
    values = {
        "change": row.id,
        "day": row.day,
        "shift": row.shift_kind,
        "kind": row.kind,
        "out": row.person_out_id,
        "in": row.person_in_id,
        "source": row.source,
        "source_id": row.source_id,
        "reason": row.reason,
    }
    return {name: value for name, value in values.items() if value not in (None, "")}
