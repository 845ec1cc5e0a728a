"""Who holds the duty: the shift that must be handed over next, and the gate before a shift's first action.

Duty stays with the outgoing person until acceptance. Source: DOMAIN 4.
"""

from __future__ import annotations

from dutydesk.domain import clock
from dutydesk.domain.errors import Refused
from dutydesk.domain.words import N_, Word
from dutydesk.services.core import Actor
from dutydesk.storage.models.attendance import Attendance
from dutydesk.storage.models.handover import Handover, HandoverItem
from dutydesk.storage.models.shift import Assignment, DutyShift

SEALED = "sealed"
"""`domain.handover.Status.SEALED` as it is stored; the first paint does without the rest of that module."""


def row_at(instant: int) -> DutyShift | None:
    return (
        DutyShift.select()
        .where((DutyShift.starts_at <= instant) & (DutyShift.ends_at > instant))
        .order_by(DutyShift.starts_at.desc())
        .first()
    )


def before(shift: DutyShift) -> DutyShift | None:
    return DutyShift.select().where(DutyShift.starts_at < shift.starts_at).order_by(DutyShift.starts_at.desc()).first()


def after(shift: DutyShift) -> DutyShift | None:
    return DutyShift.select().where(DutyShift.starts_at > shift.starts_at).order_by(DutyShift.starts_at).first()


def is_sealed(shift: DutyShift) -> bool:
    return Handover.select().where((Handover.from_shift == shift.id) & (Handover.status == SEALED)).exists()


def open_duty(instant: int) -> DutyShift | None:
    """Return the shift that is to be handed over next: the one before the present shift while it is not sealed, else
    the present one, else the one after it. Between two shifts it is the last one that ran."""
    current = row_at(instant)
    if current is None:
        current = DutyShift.select().where(DutyShift.starts_at <= instant).order_by(DutyShift.starts_at.desc()).first()
        if current is None:
            return None
    earlier = before(current)
    if earlier is not None and not is_sealed(earlier):
        return earlier
    return after(current) or current if is_sealed(current) else current


def signed_in(shift_id: int) -> set[int]:
    """Return the persons whose newest signature on the shift is a sign-in."""
    rows = Attendance.select(Attendance.person, Attendance.kind).where(Attendance.shift == shift_id)
    newest: dict[int, str] = dict(rows.order_by(Attendance.at, Attendance.id).tuples())
    return {person_id for person_id, kind in newest.items() if kind == "in"}


def on_shift(person_id: int, shift: DutyShift) -> bool:
    if person_id in signed_in(shift.id):
        return True
    planned = Assignment.select().where((Assignment.shift == shift.id) & (Assignment.person == person_id))
    return planned.exists()


def gate(who: Actor, shift_id: int | None = None) -> None:
    """Refuse the first action of a shift (starting a round, closing an incident) until the handover is accepted.

    The outgoing engineers, who hold the duty until then, and the program itself are let through. Without an earlier
    shift there is nothing to accept.
    """
    current = DutyShift.get_or_none(DutyShift.id == shift_id) if shift_id else row_at(clock.now())
    earlier = before(current) if current is not None else None
    if not who.person_id or current is None or earlier is None or is_sealed(earlier):
        return
    if who.person_id in signed_in(earlier.id):
        return
    raise Refused(
        N_("First accept the handover of the {shift} shift {day} (key 5): until then the duty is not yours."),
        shift=_kind_word(earlier.kind),
        day=earlier.day[5:],
    )


def _kind_word(kind: str) -> Word:
    from dutydesk.services import shift

    return Word(shift.kind_word(kind))


def carried(subject: str, subject_id: int) -> int:
    """Return through how many sealed handovers a record has been carried."""
    return (
        HandoverItem.select(HandoverItem.handover)
        .join(Handover)
        .where(
            (HandoverItem.subject == subject) & (HandoverItem.subject_id == subject_id) & (Handover.status == SEALED)
        )
        .distinct()
        .count()
    )
