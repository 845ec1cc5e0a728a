"""Attendance: what was planned against when people signed in and out. Source: REQUIREMENTS C11."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from dutydesk.domain.words import N_, Named

MINUTE = 60


class AttendanceRule(NamedTuple):
    """Minutes around the planned shift. Source: REQUIREMENTS C11."""

    late_grace: int = 5
    early_grace: int = 5
    sign_in_before: int = 60
    absent_after: int = 120


class Arrival(Named):
    """How somebody came to a shift."""

    EXPECTED = "expected", N_("expected")
    ON_TIME = "on-time", N_("on time")
    LATE = "late", N_("late")
    MISSING = "missing", N_("not signed in")
    ABSENT = "absent", N_("absent")
    COVERED = "covered", N_("covered")


class Departure(Named):
    """How somebody left a shift."""

    OPEN = "open", N_("on duty")
    ON_TIME = "on-time", N_("on time")
    EARLY = "early", N_("left early")
    UNSIGNED = "unsigned", N_("not signed out")
    NONE = "none", N_("was not there")


class Attendance(NamedTuple):
    """One person on one shift; minutes are whole minutes from the planned time, counted only beyond the grace."""

    arrival: Arrival
    departure: Departure
    late_minutes: int = 0
    early_minutes: int = 0
    worked_minutes: int = 0

    @property
    def in_order(self) -> bool:
        """Whether nothing is to be said about it."""
        return self.arrival in (Arrival.EXPECTED, Arrival.ON_TIME, Arrival.COVERED) and self.departure in (
            Departure.OPEN,
            Departure.ON_TIME,
            Departure.NONE,
        )

    def unbound(self, *, early: bool = False) -> Attendance:
        """Return how somebody is judged who was not bound to the start, and with `early` not to the end either."""
        left_early = early and self.departure is Departure.EARLY
        departure = Departure.ON_TIME if left_early else self.departure
        return self._replace(
            arrival=Arrival.ON_TIME,
            departure=departure,
            late_minutes=0,
            early_minutes=0 if left_early else self.early_minutes,
        )


COVERED = Attendance(Arrival.COVERED, Departure.NONE)
"""A duty that somebody else took over as a whole."""


class Stay(NamedTuple):
    """From a sign-in to the sign-out after it, None while there is none; epoch seconds."""

    came_at: int
    left_at: int | None = None

    def touches(self, starts_at: int, ends_at: int) -> bool:
        """Whether the stay shares time with the span; one that has not ended goes on."""
        return self.came_at < ends_at and (self.left_at is None or self.left_at > starts_at)

    def seconds(self, starts_at: int, ends_at: int) -> int:
        """Return the seconds of the span that the stay covers."""
        until = ends_at if self.left_at is None else min(self.left_at, ends_at)
        return max(0, until - max(self.came_at, starts_at))


def stays(signs: Iterable[tuple[str, int]]) -> tuple[Stay, ...]:
    """Return the stays of one person on one shift from his signatures ("in" or "out", instant) in order of time."""
    found: list[Stay] = []
    for kind, at in signs:
        is_open = bool(found) and found[-1].left_at is None
        if kind == "in" and not is_open:
            found.append(Stay(at))
        elif kind == "out" and is_open:
            found[-1] = Stay(found[-1].came_at, at)
    return tuple(found)


def judge_stays(
    rule: AttendanceRule, starts_at: int, ends_at: int, been: Sequence[Stay], now: int, *, cut: bool = False
) -> Attendance:
    """Compare a planned span with the stays of one person: the first arrival, the last departure, time away left out.

    Stays that share no time with the span do not count; with `cut` neither does time after it, where another part of
    the shift, or somebody else, goes on.
    """
    mine = [stay for stay in been if stay.touches(starts_at, ends_at)]
    if not mine:
        return judge(rule, starts_at, ends_at, None, None, now)
    judged = judge(rule, starts_at, ends_at, mine[0].came_at, mine[-1].left_at, now)
    latest = max((stay.left_at or 0 for stay in mine), default=0)
    until = min(now, ends_at) if cut or mine[-1].left_at is None else max(latest, min(now, ends_at))
    return judged._replace(worked_minutes=sum(stay.seconds(starts_at, until) for stay in mine) // MINUTE)


def together(these: Iterable[Stay], those: Iterable[Stay], now: int) -> int:
    """Return for how many whole minutes somebody of both was there at once, up to `now`."""
    pieces = sorted(
        (max(one.came_at, other.came_at), min(_end(one, now), _end(other, now))) for one in these for other in those
    )
    seconds, reached = 0, 0
    for begin, end in pieces:
        seconds += max(0, end - max(begin, reached))
        reached = max(reached, end) if end > begin else reached
    return seconds // MINUTE


def _end(stay: Stay, now: int) -> int:
    return now if stay.left_at is None else stay.left_at


def judge(
    rule: AttendanceRule,
    starts_at: int,
    ends_at: int,
    signed_in: int | None,
    signed_out: int | None,
    now: int,
) -> Attendance:
    """Compare a planned shift with its signatures; all instants are epoch seconds.

    Up to `late_grace` minutes after the start is on time, after that the full minutes since the start count; likewise
    before the end. Who has not signed in is expected before the start and within the grace, then not signed in, and
    absent `absent_after` minutes after the start or when the shift is over. Who has not signed out within the grace of
    leaving after the end is not signed out, and worked until the end.
    """
    if signed_in is None:
        return Attendance(_arrival_without(rule, starts_at, ends_at, now), Departure.NONE)
    late = max(0, (signed_in - starts_at) // MINUTE)
    arrival = Arrival.LATE if late > rule.late_grace else Arrival.ON_TIME
    late = late if arrival is Arrival.LATE else 0
    departure, early = _departure(rule, ends_at, signed_out, now)
    until = signed_out if signed_out is not None else min(now, ends_at)
    worked = max(0, until - max(signed_in, starts_at)) // MINUTE
    return Attendance(arrival, departure, late, early, worked)


def _arrival_without(rule: AttendanceRule, starts_at: int, ends_at: int, now: int) -> Arrival:
    if now >= min(ends_at, starts_at + rule.absent_after * MINUTE):
        return Arrival.ABSENT
    return Arrival.MISSING if now >= starts_at + (rule.late_grace + 1) * MINUTE else Arrival.EXPECTED


def _departure(rule: AttendanceRule, ends_at: int, signed_out: int | None, now: int) -> tuple[Departure, int]:
    if signed_out is None:
        overdue = now >= ends_at + rule.absent_after * MINUTE
        return (Departure.UNSIGNED if overdue else Departure.OPEN), 0
    early = max(0, (ends_at - signed_out + MINUTE - 1) // MINUTE)
    if early > rule.early_grace:
        return Departure.EARLY, early
    return Departure.ON_TIME, 0


def may_sign_in(rule: AttendanceRule, starts_at: int, ends_at: int, now: int) -> bool:
    """Whether a person planned on the shift may sign in now: from `sign_in_before` minutes before the start."""
    return starts_at - rule.sign_in_before * MINUTE <= now < ends_at
