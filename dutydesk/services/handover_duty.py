"""Who holds the duty: the shift that must be handed over next, and the gate before a shift's first action.

Duty stays with the outgoing person until acceptance. Source: DOMAIN 4.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from peewee import fn

from dutydesk.domain import clock
from dutydesk.domain.errors import Refused
from dutydesk.domain.words import N_
from dutydesk.services.core import Actor
from dutydesk.services.shift_views import facts, row_after, row_at, signatures
from dutydesk.storage.models.handover import Handover, HandoverItem
from dutydesk.storage.models.shift import Assignment, DutyShift

SEALED = "sealed"
"""`domain.handover.Status.SEALED` as it is stored; the first paint does without the rest of that module."""


def before(shift: DutyShift) -> DutyShift | None:
    """Return the shift that began before this one."""
    earlier = (DutyShift.starts_at < shift.starts_at) & (DutyShift.starts_at > 0)
    return DutyShift.select().where(earlier).order_by(DutyShift.starts_at.desc()).first()


def after(shift: DutyShift) -> DutyShift | None:
    """Return the shift that begins after this one."""
    return DutyShift.select().where(DutyShift.starts_at > shift.starts_at).order_by(DutyShift.starts_at).first()


def planned(shift: DutyShift) -> set[int]:
    """Return the persons who are planned on the shift."""
    rows = Assignment.select(Assignment.person).where((Assignment.shift == shift.id) & Assignment.person.is_null(False))
    return {row[0] for row in rows.tuples()}


def planned_at(shift: DutyShift, instant: int) -> set[int]:
    """Return the persons whose part of the shift `instant` (epoch seconds) is in."""
    part = (fn.COALESCE(Assignment.from_at, shift.starts_at) <= instant) & (
        fn.COALESCE(Assignment.to_at, shift.ends_at) > instant
    )
    rows = Assignment.select(Assignment.person).where(
        (Assignment.shift == shift.id) & Assignment.person.is_null(False) & part
    )
    return {row[0] for row in rows.tuples()}


class Around(NamedTuple):
    """The shifts around an instant: which runs, which comes next, and the one that is to be handed over next.

    `status` is that of the handover that `owed` has, empty while nobody has prepared one.
    """

    running: DutyShift | None
    coming: DutyShift | None
    owed: DutyShift | None
    status: str


def around(instant: int) -> Around:
    """Return the shifts around an instant (epoch seconds).

    To be handed over next is the shift before the present one while it is not sealed, else the present one, else the
    one after it. Between two shifts the present one is the last that ran.
    """
    begun = list(DutyShift.select().where(DutyShift.starts_at <= instant).order_by(DutyShift.starts_at.desc()).limit(2))
    coming = row_after(instant)
    if not begun:
        return Around(None, coming, None, "")
    current = begun[0]
    earlier = begun[1] if len(begun) > 1 and 0 < begun[1].starts_at < current.starts_at else None
    if len(begun) > 1 and begun[1].starts_at == current.starts_at:
        earlier = before(current)
    ids = [shift.id for shift in (earlier, current, coming) if shift is not None]
    rows = Handover.select(Handover.from_shift, Handover.status).where(Handover.from_shift.in_(ids))
    status = dict(rows.tuples())
    owed = current
    if earlier is not None and status.get(earlier.id) != SEALED and not _goes_on(earlier, current):
        owed = earlier
    elif status.get(current.id) == SEALED:
        owed = coming or current
    return Around(current if current.ends_at > instant else None, coming, owed, status.get(owed.id, ""))


def must_be_accepted(earlier: DutyShift | None, current: DutyShift) -> bool:
    """Return whether the handover from `earlier` to `current` is still owed.

    Nobody hands over to himself: when the same people end the one and begin the other (a team that is on for a
    week), the duty simply goes on.
    """
    return earlier is not None and not is_sealed(earlier) and not _goes_on(earlier, current)


def _goes_on(earlier: DutyShift, current: DutyShift) -> bool:
    same = planned_at(earlier, earlier.ends_at - 1)
    return bool(same) and same == planned_at(current, current.starts_at)


def is_sealed(shift: DutyShift) -> bool:
    """Return whether the handover of this shift is sealed."""
    return Handover.select().where((Handover.from_shift == shift.id) & (Handover.status == SEALED)).exists()


def open_duty(instant: int) -> DutyShift | None:
    """Return the shift that is to be handed over next, as `around` tells it."""
    return around(instant).owed


def signed_in(shift_id: int) -> set[int]:
    """Return the persons whose newest signature on the shift is a sign-in."""
    return {person for (_shift, person), sign in signatures([shift_id]).items() if sign.kind == "in"}


def on_shift(person_id: int, shift: DutyShift) -> bool:
    """Return whether the person is signed in to the shift or planned on it."""
    return person_id in signed_in(shift.id) or person_id in planned(shift)


def gate(who: Actor, shift_id: int | None = None) -> None:
    """Refuse the first action of a shift (starting a round, closing an incident) until the handover is accepted.

    The outgoing engineers, who hold the duty until then, and the program itself are let through. Without an earlier
    shift there is nothing to accept.
    """
    current = DutyShift.get_or_none(DutyShift.id == shift_id) if shift_id else row_at(clock.now())
    earlier = before(current) if current is not None else None
    if not who.person_id or current is None or earlier is None or not must_be_accepted(earlier, current):
        return
    if who.person_id in signed_in(earlier.id):
        return
    raise Refused(
        N_("First accept the handover of the {shift} shift {day} (key 5): until then the duty is not yours."),
        shift=facts().title(earlier.kind),
        day=earlier.day[5:],
    )


def carried(subject: str, ids: Iterable[int]) -> dict[int, int]:
    """Return through how many sealed handovers each record went; a record that went through none is left out.

    Only what was sealed counts: a line of a revision that was given back is no handover.
    """
    wanted = list(ids)
    if not wanted:
        return {}
    rows = (
        HandoverItem.select(HandoverItem.subject_id, fn.COUNT(HandoverItem.handover.distinct()))
        .join(Handover)
        .where(
            (HandoverItem.subject == subject)
            & HandoverItem.subject_id.in_(wanted)
            & (HandoverItem.revision == Handover.revision)
            & (Handover.status == SEALED)
        )
        .group_by(HandoverItem.subject_id)
    )
    return dict(rows.tuples())
