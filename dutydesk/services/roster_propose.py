"""A proposal: what the rotation and the changes say for some days, against what stands there now."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from peewee import fn

from dutydesk.domain import clock
from dutydesk.domain.planned import Assigned, Missing, Plan, Slot
from dutydesk.domain.policy import Policy
from dutydesk.domain.rules import Every
from dutydesk.domain.shift import Facts
from dutydesk.domain.words import Label
from dutydesk.services import planning, roster_rows, roster_write, settings
from dutydesk.services.roster_rows import GONE, Known
from dutydesk.services.roster_views import DiffLine, PlaceView, RosterView, SlotView
from dutydesk.services.roster_write import Planned, Stored, why_empty
from dutydesk.services.shift_views import EXTRA, facts
from dutydesk.storage.chain import canonical, digest
from dutydesk.storage.models.roster import RosterVersion
from dutydesk.storage.models.shift import DutyShift

LOOK = 35
"""Days beyond the last one that are looked at, so that no turn is cut in half."""


@dataclass(frozen=True)
class Drawn:
    """A proposal with what is needed to carry it out.

    `planned` are the slots to write, `gone` the stored shifts that no rule wants any more, `kept` how many slots have
    begun or are signed for.
    """

    view: RosterView
    outlook: planning.Outlook
    planned: tuple[Planned, ...]
    gone: tuple[DutyShift, ...]
    diff: tuple[DiffLine, ...]
    token: str
    kept: int


def draw(first: date, last: date) -> Drawn:
    """Draw the proposal for the days `first` to `last`; the last one moves on to the end of its turn."""
    now = clock.now()
    outlook = _whole_turns(first, last)
    if outlook.plan.last < last:  # the calendar ends before, and the rotation needs it: this says so
        planning.working_calendar(settings.all_settings()["calendar"]).kind(last)
    last = outlook.plan.last
    stored = Stored.between(first.isoformat(), last.isoformat())
    names = roster_rows.people()
    known = facts()
    keys = {each.key for each in outlook.planned}
    settled = {key for key, row in stored.shifts.items() if _settled(row, stored, now)}
    planned = tuple(each for each in outlook.planned if each.key not in settled and each.slot.ends_at > now)
    gone = tuple(row for key, row in stored.shifts.items() if key not in keys | settled and row.ends_at)
    before = {(slot.day.isoformat(), slot.kind): slot for slot in roster_rows.published(first, last, known)}
    nights = planning.night_kinds()
    ids = {key: row.id for key, row in stored.shifts.items()}
    after = {each.key: _shown(each.slot, ids.get(each.key), names, known, nights) for each in planned}
    taken_back = {(row.day, row.kind) for row in gone}
    stays = [slot for key, slot in before.items() if key not in after and key not in taken_back]
    slots = sorted([*stays, *after.values()], key=lambda slot: (slot.starts_at, slot.ends_at, slot.kind))
    diff = _difference(before, after, taken_back)
    return Drawn(
        roster_rows.roster(first, last, slots, covered=_running_into(first)),
        outlook,
        planned,
        gone,
        diff,
        _token(first, last, stored, settled, planned),
        len(settled),
    )


def _settled(row: DutyShift, stored: Stored, now: int) -> bool:
    """Whether a stored shift has begun or is signed for; one that a plan took back is neither."""
    return bool(row.ends_at) and (row.starts_at <= now or row.id in stored.signed)


def _running_into(first: date) -> int:
    """Return until when the slots of the day before still run."""
    before = roster_rows.published(first - timedelta(days=1), first - timedelta(days=1))
    return max((slot.ends_at for slot in before), default=0)


# Whole turns


def _whole_turns(first: date, last: date) -> planning.Outlook:
    """Plan the days, and on to the end of the turns that the last one is in. Source: DOMAIN 2.7."""
    if not _long_turns(planning.adopted(last)):
        return planning.outlook(first, last)
    wide = planning.outlook(first, last + timedelta(days=LOOK))
    by_day: dict[date, set[tuple[str, str, int]]] = {}
    for each in wide.planned:
        by_day.setdefault(each.slot.day, set()).update(_turns(each.base))
    end = min(last, wide.plan.last)
    held = by_day.get(end, set())
    reach = end
    for step in range(1, LOOK + 1):
        day = end + timedelta(days=step)
        if held & by_day.get(day, set()):
            reach = day
    return _until(wide, reach)


def _long_turns(policy: Policy) -> bool:
    return any(rule.every not in (Every.SLOT, Every.HOUR) or rule.interval > 1 for rule in policy.rotations)


def _turns(slot: Slot) -> set[tuple[str, str, int]]:
    return {(each.why.rule, each.post, each.why.turn) for each in slot.assigned if each.why.turn}


def _until(wide: planning.Outlook, last: date) -> planning.Outlook:
    plan: Plan = replace(
        wide.plan,
        last=last,
        slots=tuple(slot for slot in wide.plan.slots if slot.day <= last),
        shortage=tuple(each for each in wide.plan.shortage if each.month <= f"{last:%Y-%m}"),
    )
    return planning.Outlook(
        plan,
        tuple(each for each in wide.planned if each.slot.day <= last),
        tuple(change for change in wide.idle if change.day <= last),
    )


# Slots as they would stand


def _shown(
    slot: Slot, shift_id: int | None, names: Mapping[str, Known], known: Facts, nights: planning.NightTest
) -> SlotView:
    places = [_place(slot, each, names) for each in slot.assigned] + [_empty(slot, each) for each in slot.missing]
    night = nights(slot.key, slot.starts_at, slot.ends_at)
    title = known.title(slot.key)
    return SlotView(shift_id, slot.day, slot.key, title, slot.starts_at, slot.ends_at, night, tuple(places))


def _place(slot: Slot, assigned: Assigned, names: Mapping[str, Known]) -> PlaceView:
    person = names[assigned.login]
    begin, end = slot.span(assigned)
    flags = tuple(flag.value for flag in assigned.flags)
    return PlaceView(
        person.id,
        person.login,
        person.label,
        assigned.post,
        begin,
        end,
        flags if person.active else (*flags, GONE),
        None,
        json.dumps(assigned.why.data(), ensure_ascii=False, sort_keys=True),
        assigned.change,
        (begin, end) == (slot.starts_at, slot.ends_at),
    )


def _empty(slot: Slot, missing: Missing) -> PlaceView:
    begin, end = slot.span(missing)
    whole = (begin, end) == (slot.starts_at, slot.ends_at)
    return PlaceView(None, "", Label(""), missing.post, begin, end, (), missing.reason, why_empty(missing), None, whole)


# The difference

_Key = tuple[str, str]


def _difference(
    before: Mapping[_Key, SlotView], after: Mapping[_Key, SlotView], taken_back: set[_Key]
) -> tuple[DiffLine, ...]:
    lines = [_line(before.get(key), slot) for key, slot in after.items() if _held(before.get(key)) != _held(slot)] + [
        _line(before[key], None) for key in taken_back if key in before
    ]
    return tuple(sorted(lines, key=lambda line: (line.starts_at, line.kind)))


_Held = tuple[int | None, str, int, int]


def _held(slot: SlotView | None) -> list[_Held] | None:
    """Return what of a slot counts as a difference: who, for which post, from when to when."""
    if slot is None:
        return None
    return [
        (place.person_id, place.post, place.from_at, place.to_at) for place in slot.places if EXTRA not in place.flags
    ]


def _line(old: SlotView | None, new: SlotView | None) -> DiffLine:
    shown = new or old
    assert shown is not None
    was, will = _parts(old), _parts(new)
    return DiffLine(
        shown.day,
        shown.kind,
        shown.title,
        tuple(place.label for place in old.people) if old else (),
        tuple(place.label for place in new.people) if new else (),
        shown.starts_at,
        tuple(sorted({person for person, *_part in was - will})),
        tuple(sorted({person for person, *_part in will - was})),
        old is None,
    )


def _parts(slot: SlotView | None) -> set[tuple[int, str, int, int]]:
    held = _held(slot) or []
    return {(person, post, begin, end) for person, post, begin, end in held if person is not None}


def _token(first: date, last: date, stored: Stored, settled: set[_Key], planned: Sequence[Planned]) -> str:
    """Return what stands for all that a proposal was made from: what stands there, what is to stand there."""
    ids = roster_write.logins()
    state = [
        [row.id, row.starts_at, row.ends_at, [[each.id, each.version] for each in stored.rows.get(row.id, [])]]
        for key, row in sorted(stored.shifts.items(), key=lambda item: item[1].id)
        if key not in settled
    ]
    wanted = [[*each.key, roster_write.places(each.slot, ids)] for each in planned]
    number = RosterVersion.select(fn.MAX(RosterVersion.number)).scalar() or 0
    return digest(canonical([first.isoformat(), last.isoformat(), number, state, wanted]))[:32]
