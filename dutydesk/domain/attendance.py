"""Attendance: what was planned against when people signed in and out. Source: REQUIREMENTS C11."""

from __future__ import annotations

from dataclasses import dataclass

from dutydesk.domain.words import N_, Named

MINUTE = 60


@dataclass(frozen=True)
class AttendanceRule:
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


class Departure(Named):
    """How somebody left a shift."""

    OPEN = "open", N_("on duty")
    ON_TIME = "on-time", N_("on time")
    EARLY = "early", N_("left early")
    UNSIGNED = "unsigned", N_("not signed out")
    NONE = "none", N_("was not there")


@dataclass(frozen=True)
class Attendance:
    """One person on one shift; minutes are whole minutes from the planned time, counted only beyond the grace."""

    arrival: Arrival
    departure: Departure
    late_minutes: int = 0
    early_minutes: int = 0
    worked_minutes: int = 0

    @property
    def in_order(self) -> bool:
        """Whether nothing is to be said about it."""
        return self.arrival in (Arrival.EXPECTED, Arrival.ON_TIME) and self.departure in (
            Departure.OPEN,
            Departure.ON_TIME,
            Departure.NONE,
        )


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
