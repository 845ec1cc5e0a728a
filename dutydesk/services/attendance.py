"""Signing in and out: a signature with the PIN, append-only, late and early computed against the plan.

Signing in goes to the shift that runs, or to the next one from `sign_in_before_minutes` of the policy on. Who is not
planned may help as an extra, which is recorded as such. Duty stays with the outgoing people until the handover is
accepted (DOMAIN 4): the last of them who signs out before that gives a reason, which is recorded.
Source: REQUIREMENTS C11, C12, B2.
"""

from __future__ import annotations

from dataclasses import dataclass

from dutydesk.domain import clock
from dutydesk.domain.attendance import judge, may_sign_in
from dutydesk.domain.errors import Refused
from dutydesk.domain.shift import DutyState, Facts
from dutydesk.domain.text import optional
from dutydesk.domain.walltime import local
from dutydesk.domain.words import N_, Label, Named
from dutydesk.services import handover_duty, settings
from dutydesk.services.attendance_month import Counts, MonthSheet, PersonMonth, month
from dutydesk.services.attendance_records import DutyRecord, duty_records, records
from dutydesk.services.core import ENGINEERS, Actor, create, get, reads, record, signs
from dutydesk.services.shift_views import (
    EXTRA,
    WITHDRAWN,
    AssignedView,
    ShiftView,
    facts,
    row_after,
    row_at,
    signatures,
    views,
)
from dutydesk.storage.models.attendance import Attendance
from dutydesk.storage.models.shift import Assignment, DutyShift

__all__ = [
    "REASON_LIMIT",
    "Counts",
    "DutyRecord",
    "MonthSheet",
    "Offer",
    "PersonMonth",
    "Sign",
    "Signed",
    "duty_records",
    "month",
    "offer",
    "records",
    "sign_in",
    "sign_out",
    "signed_in",
]

REASON_LIMIT = 300
BACK_DAYS = 7
"""How far back a shift is looked for that somebody has not signed out of."""


class Sign(Named):
    """What a signature says."""

    IN = "in", N_("signed in")
    OUT = "out", N_("signed out")


_NOT_HERE = (DutyState.EXPECTED, DutyState.MISSING, DutyState.ABSENT)


@dataclass(frozen=True)
class Offer:
    """What signing would do now: in or out of which shift.

    `extra`: the person is not planned there. `late` and `early` are minutes beyond the grace. `holds_duty`: nobody
    else of the shift is here and its handover is not accepted, so signing out needs a reason.
    """

    sign: Sign
    shift: ShiftView
    extra: bool = False
    late: int = 0
    early: int = 0
    holds_duty: bool = False


@dataclass(frozen=True)
class Signed:
    """A signature that was made."""

    id: int
    sign: Sign
    shift: ShiftView
    at: int
    late: int = 0
    early: int = 0
    extra: bool = False


def signed_in(shift_id: int) -> set[int]:
    """Return the ids of the people who are signed in on a shift."""
    return {person for (_, person), sign in signatures([shift_id]).items() if sign.kind == Sign.IN}


@reads()
def offer(who: Actor) -> Offer:
    """Return what signing would do for this person now; raise Refused when there is nothing to sign.

    First comes a shift he is planned on and not signed in to, then the one he is on (sign out), then helping as an
    extra on the running shift, or on the next one when none runs.
    """
    now, known = clock.now(), facts()
    running, coming = row_at(now), row_after(now)
    if coming is not None and not may_sign_in(known.attendance, coming.starts_at, coming.ends_at, now):
        coming = None
    for shift in views([row for row in (running, coming) if row is not None], known, now):
        mine = _mine(shift, who.person_id, now)
        if mine is not None and not mine.extra and mine.state in _NOT_HERE:
            return _offer_in(shift, who.person_id, known, now)
    on = _on_now(who.person_id, now)
    if on is not None:
        return _offer_out(views([on], known, now)[0], who.person_id, known, now)
    target = running or coming
    if target is None:
        raise _nothing_runs(now, known)
    return _offer_in(views([target], known, now)[0], who.person_id, known, now)


def _nothing_runs(now: int, known: Facts) -> Refused:
    later = row_after(now)
    if later is None:
        return Refused(N_("No shift is planned; ask the supervisor to plan."))
    opens = local(later.starts_at - known.attendance.sign_in_before * 60, settings.desk_zone())
    return Refused(N_("No shift runs now. Sign-in for the next one opens at {time}."), time=f"{opens:%m-%d %H:%M}")


def _mine(shift: ShiftView, person_id: int, now: int = 0) -> AssignedView | None:
    """Return the person's place on a shift: of several parts the one that is not over at `now`."""
    mine = [person for person in shift.assigned if person.person_id == person_id]
    ahead = (person for person in mine if person.to_at is None or person.to_at > now)
    return next(ahead, mine[-1] if mine else None)


def _bounds(shift: ShiftView, mine: AssignedView | None) -> tuple[int, int]:
    """Return from when until when the person is on: his part of the shift, or all of it."""
    if mine is None:
        return shift.starts_at, shift.ends_at
    return mine.from_at or shift.starts_at, mine.to_at or shift.ends_at


def _on_now(person_id: int, now: int) -> DutyShift | None:
    """Return the oldest shift of the last days that the person is signed in to."""
    recent = list(
        Attendance.select(Attendance.shift)
        .where((Attendance.person == person_id) & (Attendance.at > now - BACK_DAYS * 86400))
        .distinct()
        .tuples()
    )
    signed = signatures([row[0] for row in recent])
    on = [shift_id for (shift_id, person), sign in signed.items() if person == person_id and sign.kind == Sign.IN]
    return DutyShift.select().where(DutyShift.id.in_(on)).order_by(DutyShift.starts_at).first() if on else None


def _offer_in(shift: ShiftView, person_id: int, known: Facts, now: int) -> Offer:
    mine = _mine(shift, person_id, now)
    extra = mine is None or mine.extra
    first = mine is None or mine.signed_at is None
    judged = judge(known.attendance, *_bounds(shift, mine), now, None, now)
    late = judged.late_minutes if first and not extra and not (mine and mine.added_late) else 0
    return Offer(Sign.IN, shift, extra, late=late)


def _offer_out(shift: ShiftView, person_id: int, known: Facts, now: int) -> Offer:
    mine = next((each for each in shift.assigned if each.person_id == person_id and each.signed_in), None)
    extra = mine is not None and mine.extra
    begin, end = _bounds(shift, mine)
    judged = judge(known.attendance, begin, end, begin, now, now)
    early = 0 if extra else judged.early_minutes
    return Offer(Sign.OUT, shift, extra, early=early, holds_duty=_holds_duty(shift, person_id, now))


def _holds_duty(shift: ShiftView, person_id: int, now: int) -> bool:
    """Whether the duty would be left alone: the shift has begun, is not handed over, and nobody else of it is on."""
    if now < shift.starts_at or signed_in(shift.id) - {person_id}:
        return False
    return not handover_duty.is_sealed(get(DutyShift, shift.id, N_("Shift")))


@signs(ENGINEERS)
def sign_in(who: Actor, pin: str, *, shift_id: int | None = None, extra: bool = False) -> Signed:  # noqa: ARG001
    """Sign in with the PIN: to `shift_id`, else to what `offer` names.

    Somebody who is not planned is refused unless `extra` says that he knows. Raises Refused with the reason.
    """
    now, known = clock.now(), facts()
    chosen = _offer_for(who, shift_id, known, now)
    shift = chosen.shift
    if who.person_id in signed_in(shift.id):
        raise Refused(N_("You are signed in to the {shift} shift already."), shift=shift.title)
    if now >= shift.ends_at:
        raise Refused(N_("The {shift} shift is over; nobody signs in to it any more."), shift=shift.title)
    if chosen.extra and not extra:
        raise Refused(N_("You are not planned on the {shift} shift; sign in as an extra."), shift=shift.title)
    row = _sign(who, Sign.IN, shift, late=chosen.late)
    rows: list[Attendance | Assignment] = [row]
    if chosen.extra and not _has_place(shift.id, who.person_id):
        rows.append(create(Assignment, shift=shift.id, person=who.person_id, flag=EXTRA))
    values = {"shift": shift.id, "late": chosen.late, "extra": chosen.extra}
    record(who, "attendance.signed_in", *rows, values=values)
    _log_in(who, chosen)
    return Signed(row.id, Sign.IN, _fresh(shift), now, late=chosen.late, extra=chosen.extra)


def _has_place(shift_id: int, person_id: int) -> bool:
    """Whether the person has a place on the shift, if only from a signature that was taken back."""
    mine = (Assignment.shift == shift_id) & (Assignment.person == person_id) & (Assignment.flag != WITHDRAWN)
    return bool(Assignment.select(Assignment.id).where(mine).exists())


def _offer_for(who: Actor, shift_id: int | None, known: Facts, now: int) -> Offer:
    if shift_id is not None:
        shift = views([get(DutyShift, shift_id, N_("Shift"))], known, now)[0]
        opens = shift.starts_at - known.attendance.sign_in_before * 60
        if now < opens:
            raise Refused(
                N_("Sign-in for the {shift} shift opens at {time}."),
                shift=shift.title,
                time=f"{local(opens, settings.desk_zone()):%m-%d %H:%M}",
            )
        return _offer_in(shift, who.person_id, known, now)
    chosen = offer(who)
    if chosen.sign is Sign.OUT:
        raise Refused(N_("You are signed in to the {shift} shift already."), shift=chosen.shift.title)
    return chosen


@signs(ENGINEERS)
def sign_out(who: Actor, pin: str, *, reason: str = "") -> Signed:  # noqa: ARG001
    """Sign out with the PIN of the shift one is on.

    Who would leave the duty alone, its handover not accepted, is refused until he gives a reason.
    """
    now, known = clock.now(), facts()
    row = _on_now(who.person_id, now)
    if row is None:
        raise Refused(N_("You are not signed in to any shift."))
    chosen = _offer_out(views([row], known, now)[0], who.person_id, known, now)
    reason = optional(reason, "reason", limit=REASON_LIMIT, multiline=False)
    if chosen.holds_duty and not reason:
        raise Refused(
            N_("The duty is still yours: the handover of the {shift} shift is not accepted. Give a reason to leave."),
            field="reason",
            shift=chosen.shift.title,
        )
    made = _sign(who, Sign.OUT, chosen.shift, early=chosen.early, reason=reason or None)
    values = {"shift": chosen.shift.id, "early": chosen.early, "before_handover": chosen.holds_duty, "reason": reason}
    record(who, "attendance.signed_out", made, values=values)
    _log_out(who, chosen, reason)
    return Signed(made.id, Sign.OUT, _fresh(chosen.shift), now, early=chosen.early, extra=chosen.extra)


def _sign(
    who: Actor, sign: Sign, shift: ShiftView, *, late: int = 0, early: int = 0, reason: str | None = None
) -> Attendance:
    now = clock.now()
    return create(
        Attendance,
        shift=shift.id,
        person=who.person_id,
        kind=sign.value,
        at=now,
        entered_at=now,
        late_minutes=late,
        early_minutes=early,
        host=who.host,
        terminal=who.terminal,
        reason=reason,
    )


def _fresh(shift: ShiftView) -> ShiftView:
    return views([get(DutyShift, shift.id, N_("Shift"))])[0]


def _log_in(who: Actor, chosen: Offer) -> None:
    sentence = N_("{name} signed in.")
    if chosen.extra:
        sentence = N_("{name} signed in as an extra.")
    elif chosen.late:
        sentence = N_("{name} signed in, {minutes} minutes late.")
    _log(who, sentence, chosen.shift, minutes=chosen.late)


def _log_out(who: Actor, chosen: Offer, reason: str) -> None:
    sentence = N_("{name} signed out.")
    if chosen.holds_duty:
        sentence = N_("{name} signed out before the handover was accepted: {reason}")
    elif chosen.early:
        sentence = N_("{name} signed out, {minutes} minutes early.")
    _log(who, sentence, chosen.shift, minutes=chosen.early, reason=reason)


def _log(who: Actor, sentence: str, shift: ShiftView, **values: object) -> None:
    from dutydesk.domain.log import LogKind
    from dutydesk.services import log

    name = Label(who.name, who.name_en)
    used = {key: value for key, value in values.items() if f"{{{key}}}" in sentence}
    log.add(who, LogKind.ATTENDANCE, sentence, {"name": name, **used}, shift_id=shift.id)
