"""Backups: when a copy is expected, how old it may be, and the 3-2-1-1-0 rule. Source: DOMAIN 5, REQUIREMENTS C7."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from dutydesk.domain import walltime
from dutydesk.domain.errors import Invalid
from dutydesk.domain.limits import Limits
from dutydesk.domain.rounds import Found, found_of
from dutydesk.domain.words import N_, Named

HOUR = 3600
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")
_SIZE = re.compile(r"(\d+(?:\.\d*)?|\.\d+)\s*([kmgtp]?)i?b?", re.IGNORECASE)


@dataclass(frozen=True)
class Schedule:
    """Wall times (seconds after midnight) at which a good copy is expected, on `days` (0 Monday) or on all."""

    times: tuple[int, ...] = ()
    days: frozenset[int] = frozenset()

    def last(self, now: int, zone: ZoneInfo) -> int | None:
        """Return the newest expected instant that is not after `now`; None without a schedule."""
        if not self.times:
            return None
        today = walltime.local_day(now, zone)
        for back in range(8):
            day = today - timedelta(days=back)
            if self.days and day.weekday() not in self.days:
                continue
            past = [at for at in (walltime.at(day, second, zone) for second in self.times) if at <= now]
            if past:
                return max(past)
        return None


@lru_cache(maxsize=256)
def parse_schedule(text: str) -> Schedule:
    """Read `01:30`, `00:00 12:00`, `sun 04:00`, `mon,thu 02:00`; empty text is no schedule."""
    words = text.lower().split()
    days: frozenset[int] = frozenset()
    if words and words[0][:1].isalpha():
        named = words.pop(0).split(",")
        if not set(named) <= set(DAYS) or not words:
            raise Invalid(N_("“{text}” is not a schedule. Write 01:30, 00:00 12:00 or sun 04:00."), text=text)
        days = frozenset(DAYS.index(name) for name in named)
    return Schedule(tuple(sorted(walltime.parse_time(word, last="23:59") for word in words)), days)


def size_of(text: str, *, field: str | None = None) -> int:
    """Return bytes from `120`, `1.5 TB`, `800MB`; a number alone means GB."""
    plain = text.strip().replace(",", "")
    found = _SIZE.fullmatch(plain)
    if not found:
        raise Invalid(N_("“{text}” is not a size. Write 120 (GB), 1.5 TB or 800 MB."), field=field, text=text.strip())
    power = "kmgtp".index(found[2].lower()) + 1 if found[2] else (0 if plain[-1:] in "bB" else 3)
    size = float(found[1]) * 1000**power
    if size < 1:
        raise Invalid(N_("A copy with nothing in it is none: record it as not good."), field=field)
    if size > 1e18:
        raise Invalid(N_("This number is too large."), field=field)
    return int(size)


def show_size(size: int) -> str:
    """Return bytes as people read them: `412 GB`, `1.85 TB`."""
    value, unit = float(size), 0
    while value >= 999.5 and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    digits = 0 if unit == 0 or value >= 100 else 1 if value >= 10 else 2
    number = f"{value:.{digits}f}"
    return f"{number.rstrip('0').rstrip('.') if '.' in number else number} {_UNITS[unit]}"


def growth(size: int | None, previous: int | None) -> float | None:
    """Return the change of size against the previous copy in percent; None when one of them is unknown or empty."""
    return None if size is None or not previous else (size - previous) * 100 / previous


@dataclass(frozen=True)
class Copy:
    """What a person found out about a job's last good copy: its time, size in bytes, and whether it was verified."""

    last_good_at: int | None
    size: int | None = None
    verified: bool = False


def judge(copy: Copy, *, now: int, rpo_hours: int, previous_size: int | None, limits: Limits) -> Found:
    """Grade a copy that was found: too old is critical, a size out of limits as they say, not verified a warning."""
    if copy.last_good_at is None or now - copy.last_good_at > rpo_hours * HOUR:
        return Found.CRITICAL
    change = growth(copy.size, previous_size)
    found = Found.OK if change is None else found_of(limits.judge(change))
    return Found.WARNING if found is Found.OK and not copy.verified else found


class JobState(Named):
    """How a job stands on the board."""

    GOOD = "good", N_("Good")
    UNVERIFIED = "unverified", N_("Not verified")
    ODD = "odd", N_("Check it")
    OLD = "old", N_("Too old")
    FAILED = "failed", N_("Failed")
    NEVER = "never", N_("Never checked")


@dataclass(frozen=True)
class Evidence:
    """What is known of a job: its plan and its newest check and restore test (None when there was none)."""

    copies: int
    media: int
    offsite: bool
    immutable: bool
    rpo_hours: int
    restore_test_days: int
    found: Found | None = None
    last_good_at: int | None = None
    verified: bool = False
    tested_at: int | None = None
    test_worked: bool = False

    def state(self, now: int) -> JobState:
        """Return how the job stands: the worst thing that is true of it."""
        if self.found is None:
            return JobState.NEVER
        if self.found is Found.ABNORMAL:
            return JobState.FAILED
        if self.last_good_at is None or now - self.last_good_at > self.rpo_hours * HOUR:
            return JobState.OLD
        if not self.verified:
            return JobState.UNVERIFIED
        return JobState.GOOD if self.found is Found.OK else JobState.ODD

    def test_overdue(self, now: int) -> bool:
        """Whether the last restore test is too old, failed, or was never made."""
        return self.tested_at is None or not self.test_worked or now - self.tested_at > self.restore_test_days * 86400

    def rule(self, now: int) -> Rule:
        """Return which parts of 3-2-1-1-0 hold."""
        zero = self.state(now) is JobState.GOOD and self.tested_at is not None and self.test_worked
        return Rule(self.copies >= 3, self.media >= 2, self.offsite, self.immutable, zero)


@dataclass(frozen=True)
class Rule:
    """3 copies, 2 media, 1 off site, 1 immutable, 0 errors: verified now and restored at the last test."""

    copies: bool
    media: bool
    offsite: bool
    immutable: bool
    no_errors: bool

    @property
    def parts(self) -> tuple[tuple[str, bool], ...]:
        """Return the digits of the rule in order, each with whether it holds."""
        holds = (self.copies, self.media, self.offsite, self.immutable, self.no_errors)
        return tuple(zip("32110", holds, strict=True))

    @property
    def holds(self) -> bool:
        """Whether all of it holds."""
        return all(good for _, good in self.parts)
