"""Swaps as screens and commands read them, and what stands in their way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dutydesk.domain import clock
from dutydesk.domain.errors import NotFound
from dutydesk.domain.leave import OPEN_SWAP, SwapStatus
from dutydesk.domain.log import Said
from dutydesk.domain.policy import Policy
from dutydesk.domain.words import N_, Label
from dutydesk.services import notices
from dutydesk.services.core import Actor, get, reads
from dutydesk.services.covers import Fields, name_of, post_on
from dutydesk.services.shift_views import WITHDRAWN, facts
from dutydesk.storage.models.attendance import Attendance
from dutydesk.storage.models.leave import Swap
from dutydesk.storage.models.shift import Assignment, DutyShift

OLD_SHOWN = 100
"""Decided swaps that are listed, the last ones."""


@dataclass(frozen=True)
class SwapDuty:
    """One duty of a swap."""

    shift_id: int
    day: str
    kind: str
    title: Label
    starts_at: int
    ends_at: int


@dataclass(frozen=True)
class SwapLine:
    """A swap: `mine` is the duty of the one who asks, `theirs` what he takes for it.

    `trouble` names who cannot do it as things stand, and why; `concerns` what speaks against one of the two.
    """

    id: int
    number: str
    person_id: int
    person: Label
    other_id: int
    other: Label
    mine: SwapDuty
    theirs: SwapDuty | None
    reason: str
    status: SwapStatus
    asked_at: int
    agreed_at: int | None
    decided_by: Label | None
    decided_at: int | None
    decision: str
    version: int
    trouble: tuple[Label, Said] | None = None
    concerns: tuple[tuple[Label, Said], ...] = ()

    @property
    def undecided(self) -> bool:
        """Whether it is still to be answered or decided."""
        return self.status in OPEN_SWAP


@dataclass(frozen=True)
class Troubles:
    """What stands in the way of a swap, and the posts that are exchanged with it."""

    trouble: tuple[Label, Said] | None
    concerns: tuple[tuple[Label, Said], ...]
    post: str
    post2: str


def troubles(row: Swap, policy: Policy | None = None) -> Troubles:
    """Return why a swap cannot be, what speaks against it, and the posts of its two duties."""
    given = [shift for shift in (row.mine_id, row.theirs_id) if shift is not None]
    fields = Fields(None, policy)
    pairs = [(row.person_id, row.other_id, row.mine_id)]
    if row.theirs_id is not None:
        pairs.append((row.other_id, row.person_id, row.theirs_id))
    posts: list[str] = []
    concerns: list[tuple[Label, Said]] = []
    trouble: tuple[Label, Said] | None = None
    for out, into, shift_id in pairs:
        shift = get(DutyShift, shift_id, N_("Shift"))
        post = post_on(shift_id, out)
        posts.append(post)
        span = (shift.starts_at, shift.ends_at)
        trouble = trouble or _not_his(shift, out)
        if trouble is None and (said := fields.of(span).obstacle(into, span, given)):
            trouble = name_of(into), said
        if trouble is None:
            concerns += [(name_of(into), said) for said in fields.of(span).concerns(into, span, post, given)]
    return Troubles(trouble, () if trouble else tuple(concerns), posts[0], posts[-1])


def _not_his(shift: DutyShift, person_id: int) -> tuple[Label, Said] | None:
    """Return why somebody has that duty not to give: it has begun, is signed for, or is not his, or not all of it."""
    signed = Attendance.select(Attendance.id).where(Attendance.shift == shift.id).exists()
    if shift.starts_at <= clock.now() or signed:
        return name_of(person_id), Said(N_("cannot give a duty that has begun or is signed for"))
    whole = Assignment.select(Assignment.id).where(
        (Assignment.shift == shift.id)
        & (Assignment.person == person_id)
        & (Assignment.flag != WITHDRAWN)
        & Assignment.from_at.is_null()
        & Assignment.to_at.is_null()
    )
    return (
        None if whole.exists() else (name_of(person_id), Said(N_("is not on all of that shift as the roster stands")))
    )


def line_of(row: Swap, who: Actor, policy: Policy | None = None) -> SwapLine:  # noqa: ARG001
    """Return a swap as lists show it."""
    status = SwapStatus(row.status)
    known = troubles(row, policy) if status in OPEN_SWAP else None
    return SwapLine(
        id=row.id,
        number=row.number,
        person_id=row.person_id,
        person=name_of(row.person_id),
        other_id=row.other_id,
        other=name_of(row.other_id),
        mine=_duty(row.mine_id),
        theirs=_duty(row.theirs_id) if row.theirs_id is not None else None,
        reason=row.reason,
        status=status,
        asked_at=row.asked_at,
        agreed_at=row.agreed_at,
        decided_by=name_of(row.decided_by_id) if row.decided_by_id is not None else None,
        decided_at=row.decided_at,
        decision=row.decision,
        version=row.version,
        trouble=known.trouble if known else None,
        concerns=known.concerns if known else (),
    )


def _duty(shift_id: int) -> SwapDuty:
    shift = get(DutyShift, shift_id, N_("Shift"))
    title = facts().title(shift.kind)
    return SwapDuty(shift.id, shift.day, shift.kind, title, shift.starts_at, shift.ends_at)


def tell(who: Actor, people: Iterable[int | None], message: str, row: Swap, **values: object) -> None:
    """Tell people something about a swap."""
    mine = _duty(row.mine_id)
    told: dict[str, object] = {
        "number": row.number,
        "name": name_of(row.person_id),
        "other": name_of(row.other_id),
        "shift": mine.title,
        "day": {"day": mine.day},
    }
    if row.theirs_id is not None:
        theirs = _duty(row.theirs_id)
        told |= {"shift2": theirs.title, "day2": {"day": theirs.day}}
    notices.tell(who, people, message, told | values, subject="swap", subject_id=row.id)


@reads()
def view(who: Actor, swap_id: int) -> SwapLine:
    """Return one swap."""
    return line_of(get(Swap, swap_id, N_("Swap")), who)


@reads()
def by_number(who: Actor, number: str) -> SwapLine:
    """Return a swap by its number or its id."""
    row = Swap.get_or_none(Swap.number == number.strip().upper())
    if row is None and number.isdecimal() and len(number) < 16:
        row = Swap.get_or_none(Swap.id == int(number))
    if row is None:
        raise NotFound(N_("There is no swap {number}."), number=number)
    return line_of(row, who)


@reads()
def lines(who: Actor, *, mine: bool = False) -> list[SwapLine]:
    """Return swaps: those still open, then the last ones decided; with `mine` only those of this person."""
    own = ((Swap.person == who.person_id) | (Swap.other == who.person_id)) if mine else (Swap.id > 0)
    living = Swap.status.in_([status.value for status in OPEN_SWAP])
    ahead = list(Swap.select().where(own & living).order_by(Swap.asked_at, Swap.id))
    past = list(Swap.select().where(own & ~living).order_by(Swap.asked_at.desc(), Swap.id.desc()).limit(OLD_SHOWN))
    policy = Fields().policy if ahead else None
    return [line_of(row, who, policy) for row in (*ahead, *past)]
