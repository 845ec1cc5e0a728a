"""Fatigue: what a run of duties does to a person, against limits that are data. Source: DOMAIN 3.

The policy's `[rest]` sets the limits of a desk; `data/fatigue/` ships the published guidance in the same terms. The
planner avoids short rest where somebody else is free; everything else it flags and a supervisor decides.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from dutydesk.domain import walltime
from dutydesk.domain.planned import Assigned, Flag, Note, Slot, Why, Worked
from dutydesk.domain.policy import Policy, read_rest
from dutydesk.domain.rules import Rest
from dutydesk.domain.tables import Words, read_toml
from dutydesk.domain.words import N_

HOUR = 3600
CLOCK_CHANGE = 1
"""Hours that a duty may be longer without a flag: the clocks went back during it."""

_CAP = N_("Duty {count} of the month; the cap is {cap}.")
_REST = N_("Only {hours} h of rest; the policy wants {least} h.")
_LONG = N_("{hours} h in one duty; the policy allows {most} h.")
_NIGHTS = N_("Night {count} in a row; the policy allows {most}.")
_DAYS = N_("Day {count} in a row; the policy allows {most}.")
_RECOVERY = N_("{free} free nights after {run} nights in a row; the policy wants {least}.")
_SENTENCES = frozenset({_CAP, _REST, _LONG, _NIGHTS, _DAYS, _RECOVERY})
TIRING = frozenset({Flag.OVER_CAP, Flag.SHORT_REST, Flag.LONG_SHIFT, Flag.NIGHTS, Flag.DAYS, Flag.RECOVERY})
"""The flags that are found here."""

Found = tuple[Flag, Note]


@dataclass(frozen=True)
class Guidance:
    """Published limits: a name for people, where they are from, and the limits themselves."""

    name: str
    title: Words
    source: str
    rest: Rest


def read_guidance(text: str, source: str = "guidance") -> Guidance:
    """Read a file of `data/fatigue/`; `source` names the file in errors."""
    table = read_toml(text, source)
    name = table.text("name")
    guidance = Guidance(name, table.words("title", name), table.text("source"), read_rest(table.table("rest")))
    table.done()
    return guidance


class Trail:
    """The duties of one person, in order of time: month counts, the last end, runs of days and of nights."""

    __slots__ = ("days", "hours", "last", "months", "night", "night_until", "nights", "total", "until")

    def __init__(self) -> None:
        self.months: dict[int, int] = defaultdict(int)
        self.total = 0
        self.until: int | None = None
        self.hours = 0.0
        self.last: Worked | None = None
        self.days = 0
        self.night: date | None = None
        self.nights = 0
        self.night_until = 0

    def month_count(self, day: date) -> int:
        """Return the duties in the calendar month of `day`."""
        return self.months.get(month_number(day), 0)

    def continues(self, duty: Worked) -> bool:
        """Whether `duty` is one more piece of the last duty."""
        last = self.last
        return last is not None and bool(duty.kind) and (last.day, last.kind) == (duty.day, duty.kind)

    def add(self, duty: Worked) -> None:
        """Count one duty, or one more piece of the last one."""
        hours = (duty.ends_at - duty.starts_at) / HOUR
        if self.continues(duty):
            self.hours += hours
        else:
            self.months[month_number(duty.day)] += 1
            self.total += 1
            self.hours = hours
        self.days = _run(self.last.day if self.last else None, self.days, duty.day)
        if duty.night:
            self.nights = _run(self.night, self.nights, duty.day)
            self.night, self.night_until = duty.day, duty.ends_at
        self.until = duty.ends_at if self.until is None else max(self.until, duty.ends_at)
        self.last = duty

    def rested(self, rest: Rest, starts_at: int) -> bool:
        """Whether the rest since the last duty is long enough."""
        return rest.hours_between is None or self.until is None or starts_at - self.until >= rest.hours_between * HOUR

    def warnings(self, duty: Worked, rest: Rest, zone: ZoneInfo, cap: int | None = None) -> list[Found]:
        """Return what a duty that is about to be added breaks, with the numbers."""
        found: list[Found] = []
        more = self.continues(duty)
        count = self.month_count(duty.day) + (not more)
        if cap is not None and count > cap:
            found.append((Flag.OVER_CAP, Note(_CAP, {"count": count, "cap": cap})))
        if self.until is not None and not more and not self.rested(rest, duty.starts_at):
            values = {"hours": max(0, duty.starts_at - self.until) // HOUR, "least": rest.hours_between}
            found.append((Flag.SHORT_REST, Note(_REST, values)))
        hours = (duty.ends_at - duty.starts_at) / HOUR + (self.hours if more else 0)
        if rest.hours_a_shift is not None and hours > rest.hours_a_shift + CLOCK_CHANGE:
            found.append((Flag.LONG_SHIFT, Note(_LONG, {"hours": round(hours), "most": rest.hours_a_shift})))
        return found + self._runs(duty, rest, zone)

    def _runs(self, duty: Worked, rest: Rest, zone: ZoneInfo) -> list[Found]:
        found: list[Found] = []
        nights = _run(self.night, self.nights, duty.day) if duty.night else 0
        if rest.nights_in_a_row is not None and nights > rest.nights_in_a_row:
            found.append((Flag.NIGHTS, Note(_NIGHTS, {"count": nights, "most": rest.nights_in_a_row})))
        days = _run(self.last.day if self.last else None, self.days, duty.day)
        if rest.days_in_a_row is not None and days > rest.days_in_a_row:
            found.append((Flag.DAYS, Note(_DAYS, {"count": days, "most": rest.days_in_a_row})))
        least = rest.full_nights_after_run
        if least is not None and self.nights >= rest.run_of_nights and nights <= 1 and self._after_nights():
            free = full_nights(self.night_until, duty.starts_at, rest, zone)
            if free < least:
                values = {"free": free, "run": self.nights, "least": least}
                found.append((Flag.RECOVERY, Note(_RECOVERY, values)))
        return found

    def _after_nights(self) -> bool:
        """Whether the last duty was the night that ended the run."""
        return self.last is not None and self.last.day == self.night and self.last.night


def month_number(day: date) -> int:
    """Return the calendar month of `day` as one number."""
    return day.year * 12 + day.month


def _run(last: date | None, length: int, day: date) -> int:
    """Return how long a run of days is with `day` in it."""
    if last is None:
        return 1
    step = (day - last).days
    return length if step == 0 else length + 1 if step == 1 else 1


def full_nights(from_at: int, to_at: int, rest: Rest, zone: ZoneInfo) -> int:
    """Return how many nights lie free between two instants: the whole stretch of sleep, on the wall clock."""
    if to_at <= from_at:
        return 0
    day, last = walltime.local_day(from_at, zone) - timedelta(days=1), walltime.local_day(to_at, zone)
    count = 0
    while day <= last:
        begin, end = rest.sleep.bounds(day, zone)
        count += from_at <= begin and end <= to_at
        day += timedelta(days=1)
    return count


@dataclass(frozen=True)
class Warning:
    """One thing to know about one person on one slot; `note` tells it with its numbers."""

    slot: Slot
    login: str
    flag: Flag
    note: Note


def marked(slots: Iterable[Slot], policy: Policy, history: Iterable[Worked] = ()) -> tuple[Slot, ...]:
    """Return the slots with the flags of fatigue and cap found anew, as after changes that were laid over a plan.

    `history` are the duties before the first slot. Whoever is on against a limit is flagged, with the numbers.
    """
    found: dict[int, list[Assigned]] = defaultdict(list)
    rows = sorted(slots, key=lambda slot: (slot.starts_at, slot.ends_at, slot.key))
    for at, held, warnings in _walk(rows, policy, history):
        flags = tuple(flag for flag in held.flags if flag not in TIRING) + tuple(flag for flag, _ in warnings)
        notes = tuple(note for note in held.why.notes if note.sentence not in _SENTENCES)
        why = Why(held.why.rule, held.why.turn, notes + tuple(note for _, note in warnings), held.why.change)
        found[at].append(replace(held, flags=flags, why=why))
    return tuple(replace(slot, assigned=tuple(found[at])) for at, slot in enumerate(rows))


def warnings(slots: Iterable[Slot], policy: Policy, history: Iterable[Worked] = ()) -> tuple[Warning, ...]:
    """Return what breaks the policy's limits of fatigue and its caps, in order of time; `history` as in `marked`."""
    rows = sorted(slots, key=lambda slot: (slot.starts_at, slot.ends_at, slot.key))
    return tuple(
        Warning(rows[at], held.login, flag, note)
        for at, held, found in _walk(rows, policy, history)
        for flag, note in found
    )


def _walk(
    slots: Sequence[Slot], policy: Policy, history: Iterable[Worked]
) -> Iterator[tuple[int, Assigned, list[Found]]]:
    zone, trails = policy.tz, trails_of(history)
    caps = {rule.name: rule.cap_per_month for rule in policy.rotations}
    nights = {key for key, shift in policy.shifts.items() if shift.night}
    for at, slot in enumerate(slots):
        for held in slot.assigned:
            begin, end = slot.span(held)
            kind = duty_kind(slot.kind, held.why.rule, held.why.turn)
            duty = Worked(held.login, slot.day, begin, end, slot.kind in nights, kind)
            trail = trails[held.login]
            yield at, held, trail.warnings(duty, policy.rest, zone, caps.get(held.why.rule))
            trail.add(duty)


def trails_of(worked: Iterable[Worked]) -> dict[str, Trail]:
    """Return the trail of each person; whoever has none gets an empty one."""
    trails: dict[str, Trail] = defaultdict(Trail)
    for duty in sorted(worked, key=lambda duty: (duty.starts_at, duty.login)):
        trails[duty.login].add(duty)
    return trails


def duty_kind(kind: str, rule: str, turn: int) -> str:
    """Return what makes pieces of a shift one duty: the same shift, by the same turn of the same rotation."""
    return f"{kind}/{rule}/{turn}"
