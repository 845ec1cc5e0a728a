"""Shifts ahead: from the policy in force, the calendar and the people, by rotation."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from peewee import fn

from dutydesk.domain import clock, fatigue, overlay, rotation, walltime
from dutydesk.domain.calendar import UnknownYear
from dutydesk.domain.errors import Refused
from dutydesk.domain.overlay import Change
from dutydesk.domain.people import Role
from dutydesk.domain.planned import Away, Plan, Slot, Worked
from dutydesk.domain.policy import Policy, read_policy
from dutydesk.domain.rules import NIGHT_HOUR, Member
from dutydesk.domain.walltime import local_day
from dutydesk.domain.words import N_
from dutydesk.services import roster_write, settings
from dutydesk.services.calendar import CalendarYear, day_kinds, import_calendar, working_calendar
from dutydesk.services.core import SUPERVISORS, Actor, record, writes
from dutydesk.services.roster_write import Planned
from dutydesk.storage import models
from dutydesk.storage.models.people import Person
from dutydesk.storage.models.shift import Assignment, DutyShift

__all__ = [
    "AHEAD",
    "CalendarYear",
    "NightTest",
    "Outlook",
    "adopted",
    "away",
    "day_kinds",
    "extend",
    "history",
    "import_calendar",
    "in_force",
    "make_rounds",
    "marked",
    "members",
    "night_kinds",
    "outlook",
    "plan",
    "policies",
    "published_until",
    "working_calendar",
]

AHEAD = 35
"""Days that are planned ahead, and for which rounds are made."""
BEFORE = 45
"""Days before a plan whose duties count for rest and runs of nights."""


def adopted(day: date | None = None) -> Policy:
    """Return the policy in force on `day`, today by default, in the desk's zone; raise Refused on a desk without one.

    Before the first policy came into force it is that one.
    """
    found = policies()
    on = day or local_day(clock.now(), found[0][1].tz)
    return next((policy for effective, policy in reversed(found) if effective <= on), found[0][1])


def policies() -> list[tuple[date, Policy]]:
    """Return the policies of the desk with the day each comes into force, in that order; raise Refused without any.

    Turns begin on the day a rotation names, or on the day the policy came into force where that is earlier.
    """
    rows = models.Policy.select(models.Policy.effective_from, models.Policy.text, models.Policy.name)
    stored = list(rows.order_by(models.Policy.effective_from, models.Policy.id).tuples())
    if not stored:
        raise Refused(N_("This desk has no duty policy yet. `dutydesk init` gives it one."))
    zone = settings.all_settings()["zone"]
    in_order = {date.fromisoformat(since): _read(text, name).in_zone(zone) for since, text, name in stored}
    return [(begin, _from(policy, begin)) for begin, policy in in_order.items()]


def _from(policy: Policy, begin: date) -> Policy:
    return policy.starting(begin) if begin < min(rule.start for rule in policy.rotations) else policy


@lru_cache(16)
def _read(text: str, name: str) -> Policy:
    return read_policy(text, name)


NightTest = Callable[[str, int, int], bool]
"""Whether a slot (kind, start, end) is a night."""


def night_kinds() -> NightTest:
    """Return the test whether a slot (kind, start, end) is a night: the policy says so, else it is on at three."""
    known: dict[str, bool] = {}
    for text, name in models.Policy.select(models.Policy.text, models.Policy.name).order_by(models.Policy.id).tuples():
        known.update({key: shift.night for key, shift in _read(text, name).shifts.items()})
    zone = settings.desk_zone()

    def night(kind: str, starts_at: int, ends_at: int) -> bool:
        key = kind.partition(".")[0]
        if key in known:
            return known[key]
        three = walltime.at(local_day(ends_at - 1, zone), NIGHT_HOUR, zone)
        return starts_at <= three < ends_at

    return night


def members(zone: ZoneInfo) -> tuple[Member, ...]:
    """Return the engineers who take turns, in the desk's fixed order, with the days they joined and left.

    Whoever was there on the day the desk was made has no first day; the last day of somebody disabled stands in
    the audit chain, so that who leaves moves nobody's turn that has passed.
    """
    begin = _made()
    rows = (
        Person.select(Person.id, Person.login, Person.posts, Person.made_at, Person.active)
        .where(Person.role == Role.ENGINEER.value)
        .order_by(Person.ordinal, Person.id)
        .tuples()
    )
    found: list[Member] = []
    for order, (person_id, login, posts, made_at, active) in enumerate(rows):
        joined = local_day(made_at, zone)
        left = None if active else _left(person_id, zone)
        found.append(Member(login, tuple(json.loads(posts)), order, joined if joined > begin else None, left))
    return tuple(found)


def _made() -> date:
    """Return the day on which the desk was made, or the earlier one from which on it was planned."""
    return date.fromisoformat(models.Policy.select(fn.MIN(models.Policy.effective_from)).scalar())


def _left(person_id: int, zone: ZoneInfo) -> date:
    entry = models.AuditEntry
    at = (
        entry.select(entry.at)
        .where((entry.subject == "person") & (entry.subject_id == person_id) & (entry.action == "person.disabled"))
        .order_by(entry.seq.desc())
        .limit(1)
        .scalar()
    )
    return local_day(at or 0, zone)


@writes(SUPERVISORS)
def extend(who: Actor, days: int = AHEAD, *, start: date | None = None) -> int:
    """Plan the shifts from `start` (else the one running now) to `days` ahead; returns how many shifts are new.

    Called again it changes nothing, unless people or policy changed: then shifts that nobody has published and that
    have not begun follow, and what has begun or was signed for stays as it is. Rounds come with the shifts ahead.
    """
    from dutydesk.services import policy

    now = clock.now()
    zone = settings.desk_zone()
    today = local_day(now, zone)
    first = start or today - timedelta(days=1)
    fixed = published_until()
    settled = _settled_days(first, fixed)
    planned = tuple(
        each
        for each in outlook(first, today + timedelta(days=days)).planned
        if (start is not None or each.slot.ends_at > now) and each.key[0] not in settled
    )

    def may_follow(row: DutyShift) -> bool:
        return row.starts_at > now or (row.ends_at > now and _nobodys(row)) or not row.ends_at

    kept = roster_write.keep(planned, may_follow) if planned else roster_write.Kept()
    kept.rows += [row for shift in _unwanted(planned, now, fixed) for row in roster_write.take_back(shift)]
    if kept.rows:
        span = {"from": planned[0].key[0], "to": planned[-1].key[0], "new": len(kept.fresh)}
        record(who, "shift.planned", *kept.rows, values=span)
    make_rounds(kept.fresh, now, past=start is not None and start < today)
    policy.refresh_facts(who)
    return len(kept.fresh)


def _unwanted(planned: Sequence[Planned], now: int, fixed: str) -> list[DutyShift]:
    """Return the stored shifts that nobody published, nobody signed for, and no rule wants any more."""
    if not planned:
        return []
    keys = {each.key for each in planned}
    stored = roster_write.Stored.between(planned[0].key[0], planned[-1].key[0])
    return [
        row
        for key, row in stored.shifts.items()
        if key not in keys and key[0] > fixed and row.starts_at > now and row.id not in stored.signed
    ]


def make_rounds(fresh: Sequence[DutyShift], now: int, *, past: bool = False) -> None:
    """Make the rounds of new shifts, and of those published long ago that are near by now."""
    from dutydesk.services import rounds

    reach = now + AHEAD * walltime.DAY
    near = {row.id: row for row in fresh if row.starts_at < reach}
    with_rounds = models.Round.select(models.Round.shift).where(models.Round.shift == DutyShift.id)
    waiting = DutyShift.select().where(
        (DutyShift.starts_at > now) & (DutyShift.starts_at < reach) & ~fn.EXISTS(with_rounds)
    )
    near.update({row.id: row for row in waiting})
    for row in sorted(near.values(), key=lambda row: (row.starts_at, row.id)):
        rounds.make_rounds(row, past=past)


def published_until() -> str:
    """Return the last day (ISO) that was ever published; "" on a desk whose supervisor never published."""
    return models.RosterVersion.select(fn.MAX(models.RosterVersion.to_day)).scalar() or ""


def _settled_days(first: date, fixed: str) -> set[str]:
    """Return the days up to the last one published that are planned, or published without any shift."""
    spans = list(models.RosterVersion.select(models.RosterVersion.from_day, models.RosterVersion.to_day).tuples())
    stored = DutyShift.select(DutyShift.day).where(
        (DutyShift.day.between(first.isoformat(), fixed)) & (DutyShift.ends_at > 0)
    )
    found = {row[0] for row in stored.distinct().tuples()}
    day = first
    while day.isoformat() <= fixed:
        if any(begin <= day.isoformat() <= end for begin, end in spans):
            found.add(day.isoformat())
        day += timedelta(days=1)
    return found


@dataclass(frozen=True)
class Outlook:
    """What the rotation says for some days, and the slots with the changes above them.

    `idle` are changes that find nothing to change.
    """

    plan: Plan
    planned: tuple[Planned, ...]
    idle: tuple[Change, ...] = ()


def outlook(first: date, last: date) -> Outlook:
    """Plan the days from `first` to `last`, both included: rotation, then the changes that stand."""
    bare = plan(first, last)
    names = {person_id: login for login, person_id in roster_write.logins().items()}
    changes = [roster_write.change_of(row, names) for row in roster_write.standing(first, last)]
    above = overlay.apply(bare.slots, changes)
    if above != bare.slots:
        above = _marked(above, first, last)
    by_key = {(slot.day, slot.key): slot for slot in above}
    planned = tuple(Planned(by_key[base.day, base.key], base) for base in bare.slots)
    return Outlook(bare, planned, overlay.idle(bare.slots, changes) if changes else ())


def _marked(slots: Sequence[Slot], first: date, last: date) -> tuple[Slot, ...]:
    """Return slots with flags found anew, each by the policy of its day."""
    before, found = history(first), []
    for begin, end, policy in in_force(first, last):
        found += [slot for slot in fatigue.marked(slots, policy, before) if begin <= slot.day <= end]
    return tuple(found)


def in_force(first: date, last: date) -> list[tuple[date, date, Policy]]:
    """Return the policies that rule any of the days, each with its first and last day among them."""
    found = policies()
    ends = [begin - timedelta(days=1) for begin, _policy in found[1:]] + [date.max]
    begins = [date.min, *(begin for begin, _policy in found[1:])]
    spans = zip(begins, ends, (policy for _begin, policy in found), strict=True)
    return [
        (max(begin, first), min(end, last), policy) for begin, end, policy in spans if begin <= last and first <= end
    ]


def plan(first: date, last: date) -> Plan:
    """Return what the rotation says for the shifts that start on the days from `first` to `last`, both included.

    Where the working calendar ends, and the policy needs it, the plan ends.
    """
    versions = policies()
    zone = versions[0][1].tz
    versions[0] = (date.min, versions[0][1])
    calendar, people = working_calendar(settings.all_settings()["calendar"]), members(zone)
    since, before = _made(), history(first)
    gone = away(min(since, first), last)  # who was away is owed the turn, however long ago it was
    try:
        return rotation.plan_versions(versions, people, calendar, first, last, before, gone, since=since)
    except UnknownYear:
        known = calendar.last_day()
        if known is None or known < first:
            raise
        return rotation.plan_versions(versions, people, calendar, first, known, before, gone, since=since)


def history(first: date) -> list[Worked]:
    """Return the duties before `first` that caps and rest count: those of its month, and of the weeks before."""
    begin = min(first.replace(day=1), first - timedelta(days=BEFORE))
    nights = night_kinds()
    rows = (
        Assignment.select(
            Person.login,
            DutyShift.day,
            DutyShift.kind,
            DutyShift.starts_at,
            DutyShift.ends_at,
            Assignment.from_at,
            Assignment.to_at,
            Assignment.why,
        )
        .join(Person)
        .switch(Assignment)
        .join(DutyShift)
        .where((DutyShift.day >= begin.isoformat()) & (DutyShift.day < first.isoformat()) & (DutyShift.ends_at > 0))
        .order_by(DutyShift.starts_at, Assignment.id)
        .tuples()
    )
    return [
        Worked(
            login,
            date.fromisoformat(day),
            start if from_at is None else from_at,
            end if to_at is None else to_at,
            nights(kind, start, end),
            _duty_kind(kind, why),
        )
        for login, day, kind, start, end, from_at, to_at, why in rows
    ]


def marked(slot: Slot) -> Slot:
    """Return a stored slot with its flags of fatigue and cap found anew against the duties before it."""
    before = [duty for duty in history(slot.day + timedelta(days=1)) if duty.ends_at <= slot.starts_at]
    return fatigue.marked([slot], adopted(slot.day), before)[0]


def _duty_kind(kind: str, why_text: str) -> str:
    why = json.loads(why_text)
    return fatigue.duty_kind(kind.partition(".")[0], str(why.get("rule", "")), int(why.get("turn", 0)))


def away(first: date, last: date) -> list[Away]:
    """Return who is on leave between the two days, both included, and on the day after."""
    from dutydesk.services import leave

    zone = settings.desk_zone()
    return leave.away(walltime.midnight(first, zone), walltime.midnight(last + timedelta(days=2), zone))


def _nobodys(shift: DutyShift) -> bool:
    """Whether nobody could know that the shift is his: all on it were added after it had begun, as on a new desk."""
    known = (Assignment.shift == shift.id) & (Person.made_at <= shift.starts_at)
    return not Assignment.select(Assignment.id).join(Person).where(known).exists()
