"""The pieces of a duty policy as values: shifts, orders of turns, day masks, rotations, rest, grace minutes.

`policy` reads them from TOML, `rotation` plans with them. Source: DESIGN 6, DOMAIN 2.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from dutydesk.domain.calendar import DayKind, WorkCalendar
from dutydesk.domain.tables import Words
from dutydesk.domain.walltime import Window
from dutydesk.domain.words import N_, Named

EVERYBODY = "all"
POST = "post:"
ANY_POST = ""
NIGHT_HOUR = 3 * 3600
"""A shift that is on at three in the morning is a night shift, unless the policy says otherwise."""


SLEEP = Window(23 * 3600, 31 * 3600)
"""When a night's sleep is: from 23:00 to 07:00, unless the policy says otherwise."""


class Every(Named):
    """What a turn is counted in."""

    SLOT = "slot", N_("every shift")
    HOUR = "hour", N_("by the hour")
    DAY = "day", N_("by the day")
    WEEK = "week", N_("by the week")
    MONTH = "month", N_("by the month")


class OverCap(Named):
    """What happens when everybody has reached the cap of the month."""

    FLAG = "flag", N_("leave the slot empty and flag it")
    ASSIGN = "assign", N_("go on in the fixed order and flag each such duty")


@dataclass(frozen=True)
class Member:
    """A person who takes turns: posts held, and the place in the desk's fixed order.

    `since` and `until` are the first and the last day at the desk; None leaves a side open.
    """

    login: str
    posts: tuple[str, ...] = ()
    order: int = 0
    since: date | None = None
    until: date | None = None

    def at_desk(self, day: date) -> bool:
        """Whether the person belongs to the desk on `day`."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


@dataclass(frozen=True)
class Order:
    """The fixed order of turns: each entry one selector, or several logins that are on together."""

    entries: tuple[tuple[str, ...], ...]

    def people(self, members: Iterable[Member]) -> tuple[tuple[str, ...], ...]:
        """Return the order in logins; a person stands in it once, at the first place that names them."""
        ranked = sorted(members, key=lambda member: (member.order, member.login))
        known = {member.login for member in ranked}
        seen: set[str] = set()
        result: list[tuple[str, ...]] = []
        for entry in self.entries:
            for group in _expand(entry, ranked):
                fresh = tuple(login for login in group if login in known and login not in seen)
                seen.update(fresh)
                if fresh:
                    result.append(fresh)
        return tuple(result)


def _expand(entry: tuple[str, ...], ranked: Sequence[Member]) -> list[tuple[str, ...]]:
    if entry == (EVERYBODY,):
        return [(member.login,) for member in ranked]
    if len(entry) == 1 and entry[0].startswith(POST):
        post = entry[0].removeprefix(POST)
        return [(member.login,) for member in ranked if post in member.posts]
    return [entry]


@dataclass(frozen=True)
class DayMask:
    """Which days a rotation or a shift is about: all of them, or the named weekdays and day kinds.

    `month_days` and `months` narrow them to days of the month (below 0 from its end: -1 is the last one) and months.
    """

    weekdays: frozenset[int] = frozenset()
    kinds: frozenset[DayKind] = frozenset()
    all_days: bool = False
    month_days: frozenset[int] = frozenset()
    months: frozenset[int] = frozenset()

    def matches(self, day: date, calendar: WorkCalendar) -> bool:
        """Whether `day` counts; asks the calendar only when day kinds matter."""
        if self.months and day.month not in self.months:
            return False
        if self.month_days and day.day not in self.month_days and _from_end(day) not in self.month_days:
            return False
        if self.all_days or day.weekday() in self.weekdays:
            return True
        return bool(self.kinds) and calendar.kind(day) in self.kinds


def _from_end(day: date) -> int:
    return day.day - monthrange(day.year, day.month)[1] - 1


EVERY_DAY = DayMask(all_days=True)
WORKDAYS = DayMask(kinds=frozenset(kind for kind in DayKind if kind.working))
OFF_DAYS = DayMask(kinds=frozenset(kind for kind in DayKind if not kind.working))
MASKS = {"all": EVERY_DAY, "workdays": WORKDAYS, "non-workdays": OFF_DAYS}


@dataclass(frozen=True)
class ShiftKind:
    """A shift of the day, such as the night from 20:00 to 08:00; `days` confines it to some days."""

    key: str
    title: Words
    window: Window
    night: bool
    days: DayMask = EVERY_DAY

    def bounds(self, day: date, zone: ZoneInfo) -> tuple[int, int]:
        """Return (starts_at, ends_at) of this shift on `day`, epoch seconds."""
        return self.window.bounds(day, zone)


@dataclass(frozen=True)
class RotationRule:
    """One rotation of the policy; `orders` maps a post (or "") to its order of turns.

    `start` and `until` are its first and its last day. A weekly turn begins on each of the weekdays `week_starts`
    (Monday 0), a monthly one on each of the days `month_starts`; a day that a month lacks is its last one.
    """

    name: str
    title: Words
    shifts: tuple[str, ...]
    orders: Mapping[str, Order]
    start: date
    every: Every = Every.SLOT
    interval: int = 1
    together: int = 1
    mask: DayMask = EVERY_DAY
    turn_at: int = 0
    week_starts: tuple[int, ...] = (0,)
    cap_per_month: int | None = None
    over_cap: OverCap = OverCap.FLAG
    share_shifts: bool = False
    need: Mapping[str, int] = field(default_factory=dict)
    priority: int = 0
    until: date | None = None
    month_starts: tuple[int, ...] = (1,)

    def counts(self, day: date, calendar: WorkCalendar) -> bool:
        """Whether the rotation is about `day`."""
        return self.start <= day and (self.until is None or day <= self.until) and self.mask.matches(day, calendar)

    @property
    def by_post(self) -> bool:
        """Whether each needed post has turns of its own."""
        return ANY_POST not in self.orders


@dataclass(frozen=True)
class Rest:
    """Fatigue limits; None means the policy sets none. Source: DOMAIN 3.

    After a run of at least `run_of_nights` nights, `full_nights_after_run` nights must be free; a free night has no
    duty within `sleep`.
    """

    hours_between: int | None = None
    hours_a_shift: int | None = None
    nights_in_a_row: int | None = None
    days_in_a_row: int | None = None
    full_nights_after_run: int | None = None
    run_of_nights: int = 2
    sleep: Window = SLEEP


DUTY_ROOM = Words("Duty room", "值班室")


@dataclass(frozen=True)
class HandoverRule:
    """When the handover may be prepared (minutes before the end of the shift) and where it is done."""

    prepare: int = 30
    accept_within: int = 30
    place: Words = DUTY_ROOM
