"""What really happened: every duty of a range with its person, its own bounds, and how it was kept.

Attendance, duty pay and fairness count from here. The rule for minutes of grace is that of the policy in force on the
day of the duty, so that a later policy does not rewrite the past. Source: REQUIREMENTS C11, B8; DOMAIN 3.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from dutydesk.domain import clock
from dutydesk.domain.attendance import COVERED, Attendance, AttendanceRule, Stay, judge_stays, together
from dutydesk.domain.calendar import DayKind, UnknownYear, WorkCalendar
from dutydesk.domain.errors import NotFound, Refused
from dutydesk.domain.people import Role
from dutydesk.domain.policy import Policy, read_policy
from dutydesk.domain.shift import Facts
from dutydesk.domain.words import N_, Label
from dutydesk.services.core import Actor, reads
from dutydesk.services.shift_views import EXTRA, WITHDRAWN, Signature, facts, signatures
from dutydesk.storage import models
from dutydesk.storage.models.people import Person
from dutydesk.storage.models.roster import RosterChange
from dutydesk.storage.models.shift import Assignment, DutyShift

NIGHT = "night"
"""A shift kind that is a night where no policy says so."""


@dataclass(frozen=True)
class DutyRecord:
    """One duty, or one part of a shift, of one person; instants are epoch seconds, the end exclusive.

    `starts_at` and `ends_at` are its own bounds, by which `judged` measures. `extra`: he was not planned there.
    `covers` is whom he stood in for. `covered_by` is who stood in for him: for a part, and then this is what stayed
    his; or for all of it, and then `judged` says covered and he had no duty. `overlap_minutes` is how long he and the
    people of the next shift were there together. `corrected`: a signature was added or corrected.
    `day_kind` is None where the calendar does not know the year.
    """

    person_id: int
    login: str
    label: Label
    shift_id: int
    day: date
    kind: str
    title: Label
    day_kind: DayKind | None
    starts_at: int
    ends_at: int
    night: bool
    post: str
    extra: bool
    covers: Label | None
    covered_by: Label | None
    judged: Attendance
    overlap_minutes: int = 0
    corrected: bool = False
    stays: tuple[Stay, ...] = ()
    part: bool = False

    @property
    def covered(self) -> bool:
        """Whether somebody else took all of it over."""
        return self.judged is COVERED

    @property
    def planned_minutes(self) -> int:
        """How long the duty was planned: nothing for an extra, or where somebody else took it over."""
        return 0 if self.extra or self.covered else (self.ends_at - self.starts_at) // 60


@reads()
def records(who: Actor, first: date, last: date, person_id: int | None = None) -> list[DutyRecord]:
    """Return the duties of the days from `first` to `last`, both included; an engineer sees his own."""
    return duty_records(first, last, whose(who, person_id))


def whose(who: Actor, person_id: int | None) -> int | None:
    """Return whose attendance this person may see when he asks for that of `person_id` (None: everybody's)."""
    if who.role is not Role.ENGINEER:
        return person_id
    if person_id not in (None, who.person_id):
        raise Refused(N_("An engineer sees his own attendance; the supervisor sees everybody's."))
    return who.person_id


def duty_records(first: date, last: date, person_id: int | None = None) -> list[DutyRecord]:
    """Return the duties of a range in order of time, those ahead as well (they are expected)."""
    inside = (DutyShift.day >= first.isoformat()) & (DutyShift.day <= last.isoformat())
    return of_shifts(list(DutyShift.select().where(inside).order_by(DutyShift.starts_at, DutyShift.id)), person_id)


def of_shifts(shifts: list[DutyShift], person_id: int | None = None) -> list[DutyRecord]:
    """Return the duties on some shifts, in their order; with `person_id` of one person."""
    if not shifts:
        return []
    book = Book()
    follows = _next_shifts(shifts)
    ids = {shift.id for shift in shifts} | set(follows.values())
    signed: dict[int, dict[int, Signature]] = {shift_id: {} for shift_id in ids}
    for (shift_id, person), sign in signatures(ids, book.now).items():
        signed[shift_id][person] = sign
    places = _places([shift.id for shift in shifts])
    changes = _changes(place.change for row in places.values() for place in row)
    people = {
        row.id: row for row in Person.select(Person.id, Person.login, Person.name, Person.name_en, Person.made_at)
    }
    found: list[DutyRecord] = []
    for shift in shifts:
        after = signed.get(follows.get(shift.id, 0), {})
        sheet = _Sheet(shift, book, people, signed[shift.id], after, changes)
        found += sheet.records(places.get(shift.id, []))
    return found if person_id is None else [record for record in found if record.person_id == person_id]


# The rules of the day


@lru_cache(maxsize=32)
def _read(text: str, name: str) -> Policy:
    return read_policy(text, name)


class Book:
    """What the policy and the calendar said on a day; read once for a whole range."""

    def __init__(self) -> None:
        self.now = clock.now()
        self.facts: Facts = facts()
        rows = models.Policy.select(models.Policy.effective_from, models.Policy.text, models.Policy.name)
        self._policies = sorted((date.fromisoformat(since), text, name) for since, text, name in rows.tuples())
        self._calendars: dict[str, WorkCalendar | None] = {}

    def policy(self, day: date) -> Policy | None:
        """Return the policy in force on a day; before the first one that one, None on a desk without any."""
        before = [row for row in self._policies if row[0] <= day] or self._policies[:1]
        return _read(before[-1][1], before[-1][2]) if before else None

    def rule(self, day: date) -> AttendanceRule:
        """Return the minutes of grace in force on a day."""
        policy = self.policy(day)
        return policy.attendance if policy else self.facts.attendance

    def is_night(self, day: date, kind: str) -> bool:
        """Whether a shift kind was a night on a day."""
        policy, plain = self.policy(day), kind.partition(".")[0]
        shift = policy.shifts.get(plain) if policy else None
        return shift.night if shift else plain == NIGHT

    def day_kind(self, day: date) -> DayKind | None:
        """Return which kind a day was, None where the calendar does not know its year."""
        policy = self.policy(day)
        name = policy.calendar if policy else ""
        if name not in self._calendars:
            from dutydesk.services import planning

            self._calendars[name] = planning.working_calendar(name) if name else None
        calendar = self._calendars[name]
        try:
            return calendar.kind(day) if calendar else None
        except UnknownYear:
            return None


# The people of a shift


class _Place(NamedTuple):
    person_id: int
    post: str
    flag: str
    from_at: int | None
    to_at: int | None
    change: int | None

    @property
    def extra(self) -> bool:
        return EXTRA in self.flag.split()


def _places(shift_ids: list[int]) -> dict[int, list[_Place]]:
    """Return by shift who is on it, each part of his apart."""
    rows = (
        Assignment.select(
            Assignment.shift,
            Assignment.person,
            Assignment.post,
            Assignment.flag,
            Assignment.from_at,
            Assignment.to_at,
            Assignment.why,
        )
        .where(Assignment.shift.in_(shift_ids) & (Assignment.flag != WITHDRAWN) & Assignment.person.is_null(False))
        .order_by(Assignment.shift, Assignment.id)
    )
    found: dict[int, list[_Place]] = {}
    for shift_id, person_id, post, flag, from_at, to_at, why in rows.tuples():
        change = json.loads(why or "{}").get("change")
        found.setdefault(shift_id, []).append(_Place(person_id, post, flag, from_at, to_at, change))
    return found


class _Change(NamedTuple):
    person_out: int | None
    person_in: int | None
    source: str


def _changes(ids: Iterable[int | None]) -> dict[int, _Change]:
    wanted = [each for each in ids if each is not None]
    if not wanted:
        return {}
    columns = (RosterChange.id, RosterChange.person_out, RosterChange.person_in, RosterChange.source)
    rows = RosterChange.select(*columns).where(RosterChange.id.in_(wanted)).tuples()
    return {row_id: _Change(*rest) for row_id, *rest in rows}


def _next_shifts(shifts: list[DutyShift]) -> dict[int, int]:
    """Return by shift the id of the one that begins when it ends, or soonest after."""
    begin, end = min(shift.ends_at for shift in shifts), max(shift.ends_at for shift in shifts)
    rows = DutyShift.select(DutyShift.starts_at, DutyShift.id).where(
        (DutyShift.starts_at >= begin) & (DutyShift.starts_at <= end)
    )
    at = dict(rows.order_by(DutyShift.id.desc()).tuples())
    return {shift.id: at[shift.ends_at] for shift in shifts if shift.ends_at in at}


class _Sheet:
    """One shift, ready to be told person by person."""

    def __init__(
        self,
        shift: DutyShift,
        book: Book,
        people: Mapping[int, Person],
        signed: Mapping[int, Signature],
        following: Mapping[int, Signature],
        changes: Mapping[int, _Change],
    ) -> None:
        self.shift, self.book, self.people, self.changes = shift, book, people, changes
        self.day = date.fromisoformat(shift.day)
        self.signed = signed
        self.next = [(person, stay) for person, sign in following.items() for stay in sign.stays]

    def records(self, places: list[_Place]) -> list[DutyRecord]:
        """Return the duties: those planned, those who came besides, those whom somebody stood in for."""
        known = {place.person_id for place in places}
        came = [_Place(person, "", EXTRA, None, None, None) for person in self.signed if person not in known]
        covers = self._covers(places)
        found = [self._record(place, covers) for place in (*places, *came) if self._counts(place)]
        away = {out: held for out, held in covers.items() if out not in known}
        return found + [self._taken_over(out, held) for out, held in away.items() if out in self.people]

    def _counts(self, place: _Place) -> bool:
        """Whether it was a duty: an extra came, and somebody added after its beginning came as well."""
        unbound = place.extra or self._added_late(place)
        return not unbound or place.person_id in self.signed

    def _added_late(self, place: _Place) -> bool:
        return self.people[place.person_id].made_at > (place.from_at or self.shift.starts_at)

    def _covers(self, places: list[_Place]) -> dict[int, list[_Place]]:
        """Return by the person who is away who are on instead of him; a swap moves the duty and is no cover."""
        found: dict[int, list[_Place]] = {}
        for place in places:
            change = self.changes.get(place.change or 0)
            if change and change.person_out and change.person_in == place.person_id and change.source != "swap":
                found.setdefault(change.person_out, []).append(place)
        return found

    def _record(self, place: _Place, covers: Mapping[int, list[_Place]]) -> DutyRecord:
        begin, end = place.from_at or self.shift.starts_at, place.to_at or self.shift.ends_at
        sign = self.signed.get(place.person_id)
        stays = sign.stays if sign else ()
        rule = self.book.rule(self.day)
        judged = judge_stays(rule, begin, end, stays, self.book.now, cut=end < self.shift.ends_at)
        if place.extra or self._added_late(place):
            judged = judged.unbound(early=place.extra)
        instead_of = next((out for out, held in covers.items() if any(other is place for other in held)), None)
        return self._line(
            place,
            (begin, end),
            judged,
            covers=instead_of,
            covered_by=[other.person_id for other in covers.get(place.person_id, ())],
            stays=stays,
            corrected=bool(sign and sign.corrected),
        )

    def _taken_over(self, out: int, held: Sequence[_Place]) -> DutyRecord:
        """Return the duty that somebody would have had."""
        mine = held[0]._replace(person_id=out, flag="", from_at=None, to_at=None)
        span = (self.shift.starts_at, self.shift.ends_at)
        return self._line(mine, span, COVERED, covered_by=[place.person_id for place in held])

    def _line(
        self,
        place: _Place,
        span: tuple[int, int],
        judged: Attendance,
        *,
        covers: int | None = None,
        covered_by: Sequence[int] = (),
        stays: tuple[Stay, ...] = (),
        corrected: bool = False,
    ) -> DutyRecord:
        row = self.people[place.person_id]
        others = [stay for person, stay in self.next if person != place.person_id]
        return DutyRecord(
            person_id=place.person_id,
            login=row.login,
            label=Label(row.name, row.name_en),
            shift_id=self.shift.id,
            day=self.day,
            kind=self.shift.kind,
            title=self.book.facts.title(self.shift.kind),
            day_kind=self.book.day_kind(self.day),
            starts_at=span[0],
            ends_at=span[1],
            night=self.book.is_night(self.day, self.shift.kind),
            post=place.post,
            extra=place.extra,
            covers=self._name(covers),
            covered_by=self._names(covered_by),
            judged=judged,
            overlap_minutes=together(stays, others, self.book.now) if others else 0,
            corrected=corrected,
            stays=stays,
            part=place.from_at is not None or place.to_at is not None,
        )

    def _name(self, person_id: int | None) -> Label | None:
        row = self.people.get(person_id or 0)
        return Label(row.name, row.name_en) if row is not None else None

    def _names(self, people: Iterable[int]) -> Label | None:
        found = [name for name in map(self._name, people) if name is not None]
        if len(found) < 2:
            return found[0] if found else None
        return Label("、".join(name.zh for name in found), ", ".join(name.en or name.zh for name in found))


def shift_of(day: date, kind: str) -> DutyShift:
    """Return the shift of a day by its kind, or by what it is called; raise NotFound with the kinds of that day."""
    rows = list(DutyShift.select().where(DutyShift.day == day.isoformat()).order_by(DutyShift.starts_at))
    names = facts()
    wanted = kind.strip().casefold()
    for row in rows:
        title = names.title(row.kind)
        if wanted in {row.kind, title.zh.casefold(), title.en.casefold()}:
            return row
    raise NotFound(
        N_("There is no {kind} shift on {day}; there are: {kinds}."),
        kind=kind,
        day=day.isoformat(),
        kinds=", ".join(row.kind for row in rows) or "–",
    )


def person_of(login: str) -> int:
    """Return the id of the person with a login; raise NotFound."""
    rows = list(Person.select(Person.id).where(Person.login == login.strip()).tuples())
    if not rows:
        raise NotFound(N_("Nobody has the login {login}."), login=login, field="login")
    return int(rows[0][0])
