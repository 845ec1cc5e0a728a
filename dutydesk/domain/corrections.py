"""Putting attendance right: which new signatures say what really happened. Source: REQUIREMENTS C12.

A signature is never changed. A correction is a new one that points at it, or that was missing; void says it never was.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from zoneinfo import ZoneInfo

from dutydesk.domain import moments, walltime
from dutydesk.domain.attendance import AttendanceRule
from dutydesk.domain.errors import Invalid, Refused
from dutydesk.domain.words import N_, Named

REASON_LIMIT = 300
EARLIEST = 4 * 3600
"""Seconds before a shift that a time of day is still taken to belong to its first day."""
LONGEST_OVER = 12 * 3600
"""Seconds after the end of a shift until which somebody may have left it."""


class RequestStatus(Named):
    """Where a request for a correction stands."""

    ASKED = "asked", N_("asked")
    APPROVED = "approved", N_("approved")
    REFUSED = "refused", N_("refused")
    WITHDRAWN = "withdrawn", N_("withdrawn")


class Standing(NamedTuple):
    """A signature that counts: "in" or "out", and when (epoch seconds)."""

    id: int
    kind: str
    at: int


@dataclass(frozen=True)
class Truth:
    """What really happened: when somebody came and left, None where what stands is right; `void`: never there."""

    came_at: int | None = None
    left_at: int | None = None
    void: bool = False


class Step(NamedTuple):
    """One new signature: what it corrects (None: it was missing), and what it says."""

    corrects: int | None
    kind: str
    at: int
    void: bool = False


def time_on_shift(text: str, day: date, starts_at: int, zone: ZoneInfo, now: int, *, field: str) -> int | None:
    """Read when somebody came or left: a time of day belongs to the shift, over midnight too; empty is None.

    Returns epoch seconds. Anything else is read as a moment (`2026-11-22 08:00`, `yesterday 8:00`).
    """
    text = unicodedata.normalize("NFKC", text).strip()
    if not text:
        return None
    try:
        seconds = walltime.parse_time(text, last="23:59")
    except Invalid:
        return moments.moment(text, now=now, zone=zone, field=field)
    at = walltime.at(day, seconds, zone)
    return at if at >= starts_at - EARLIEST else walltime.at(day, seconds + walltime.DAY, zone)


def check_truth(truth: Truth, rule: AttendanceRule, starts_at: int, ends_at: int, now: int) -> None:
    """Refuse times that cannot be: ahead, far from the shift, or leaving before coming."""
    for name, at in (("came_at", truth.came_at), ("left_at", truth.left_at)):
        if at is not None and at > now:
            raise Invalid(N_("This time lies ahead; a correction tells what has happened."), field=name)
    if truth.came_at is not None and not starts_at - rule.sign_in_before * 60 <= truth.came_at < ends_at:
        raise Invalid(N_("This time does not belong to the shift."), field="came_at")
    if truth.left_at is not None and not starts_at < truth.left_at <= ends_at + LONGEST_OVER:
        raise Invalid(N_("This time does not belong to the shift."), field="left_at")


def steps(standing: Sequence[Standing], truth: Truth) -> tuple[Step, ...]:
    """Return the new signatures that make the standing ones (in order of time) say what really happened.

    `came_at` puts the first sign-in right, `left_at` the last sign-out; what is missing is added. Raises Invalid when
    nothing would change or when the signatures would not follow one another.
    """
    if truth.void:
        found = [Step(sign.id, sign.kind, sign.at, void=True) for sign in standing]
        if not found:
            raise Invalid(N_("There is no signature to take back."))
        return tuple(found)
    first = next((sign for sign in standing if sign.kind == "in"), None)
    last = standing[-1] if standing and standing[-1].kind == "out" else None
    if first is None and truth.came_at is None:
        raise Invalid(N_("There is no sign-in; say as well when the person came."), field="came_at")
    wanted = ((first, "in", truth.came_at), (last, "out", truth.left_at))
    found = [
        Step(old.id if old else None, kind, at)
        for old, kind, at in wanted
        if at is not None and (old is None or old.at != at)
    ]
    if not found:
        raise Invalid(N_("Nothing is different from what stands there."))
    check_order(after(standing, found))
    return tuple(found)


def void_steps(standing: Sequence[Standing], sign_id: int) -> tuple[Step, ...]:
    """Return what takes one signature back: a sign-in with the sign-out that belongs to it, a sign-out alone."""
    places = {sign.id: place for place, sign in enumerate(standing)}
    if sign_id not in places:
        raise Refused(N_("This signature does not count any more; it was corrected or taken back."))
    place = places[sign_id]
    taken = [standing[place]]
    if taken[0].kind == "in":
        taken += [sign for sign in standing[place + 1 : place + 2] if sign.kind == "out"]
    found = tuple(Step(sign.id, sign.kind, sign.at, void=True) for sign in taken)
    check_order(after(standing, found))
    return found


def after(standing: Sequence[Standing], taken: Sequence[Step]) -> list[Standing]:
    """Return the signatures that count when the steps are taken, in order of time."""
    gone = {step.corrects for step in taken}
    left = [sign for sign in standing if sign.id not in gone]
    left += [Standing(0, step.kind, step.at) for step in taken if not step.void]
    return sorted(left, key=lambda sign: sign.at)


def check_order(signs: Sequence[Standing]) -> None:
    """Refuse signatures that do not follow one another: in, out, in, out, each later than the one before."""
    for place, sign in enumerate(signs):
        if place and sign.at <= signs[place - 1].at:
            raise Invalid(N_("Two signatures would fall on the same minute."), field="left_at")
        if sign.kind != ("out" if place % 2 else "in"):
            raise Invalid(
                N_("The signatures would not follow one another: coming, leaving, coming, leaving."), field="left_at"
            )
