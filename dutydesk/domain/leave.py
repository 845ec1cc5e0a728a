"""Leave, covers and swaps: their states, their bounds, and who should cover first.

A leave by days is one of duty days: it runs from the hour at which the desk's day begins (the earliest start of a
shift) to the same hour of the day after the last one, so that a night belongs to the day it starts. A cover is about
a stretch of one shift, the whole of it or a part. Source: REQUIREMENTS C10, DOMAIN 2.8, 3, 8.7.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from dutydesk.domain import moments, walltime
from dutydesk.domain.errors import Invalid
from dutydesk.domain.log import Said
from dutydesk.domain.words import N_, Label, Named

REASON_LIMIT = 300
LONGEST = 366 * 86400
"""Seconds that one leave may last."""
JUST_PASSED = 300 * 86400
"""Seconds ahead from which a day without a year is taken as one that has passed."""
SLACK = 300
"""Seconds that a start may lie back: typing takes time."""
USUAL_REST = 11
"""Hours between two duties where the policy says nothing. Source: DOMAIN 3."""
HOUR = 3600
Span = tuple[int, int]


class LeaveKind(Named):
    """What a leave is for."""

    ANNUAL = "annual", N_("Annual leave")
    SICK = "sick", N_("Sick leave")
    PERSONAL = "personal", N_("Personal leave")
    LIEU = "lieu", N_("Time off in lieu")
    TRAINING = "training", N_("Training")
    TRAVEL = "travel", N_("Business trip")
    OTHER = "other", N_("Other")


class LeaveStatus(Named):
    """How far a leave is."""

    ASKED = "asked", N_("asked")
    APPROVED = "approved", N_("approved")
    REFUSED = "refused", N_("refused")
    WITHDRAWN = "withdrawn", N_("withdrawn")
    CANCELLED = "cancelled", N_("cancelled")


class CoverStatus(Named):
    """What the substitute has said; a dropped cover counts for nothing any more."""

    ASKED = "asked", N_("not answered yet")
    AGREED = "agreed", N_("agreed")
    DECLINED = "declined", N_("declined")
    DROPPED = "dropped", N_("dropped")


class SwapStatus(Named):
    """How far a swap is."""

    ASKED = "asked", N_("asked")
    AGREED = "agreed", N_("agreed")
    APPROVED = "approved", N_("approved")
    DECLINED = "declined", N_("declined")
    REFUSED = "refused", N_("refused")
    WITHDRAWN = "withdrawn", N_("withdrawn")


STANDING = frozenset({CoverStatus.ASKED, CoverStatus.AGREED})
"""Covers that count."""
OPEN_SWAP = frozenset({SwapStatus.ASKED, SwapStatus.AGREED})
"""Swaps that nobody has decided yet."""


def kind_of(kind: LeaveKind | str) -> LeaveKind:
    """Return the kind; raise Invalid for one that does not exist."""
    try:
        return LeaveKind(kind)
    except ValueError:
        raise Invalid(
            N_("There is no kind of leave “{kind}”; there are: {kinds}."),
            field="kind",
            kind=str(kind),
            kinds=", ".join(member.value for member in LeaveKind),
        ) from None


def check_span(starts_at: int, ends_at: int, now: int) -> int:
    """Return the start of a leave, now where it lies a moment back; refuse one that is over or has no length.

    What has passed is no leave any more: the attendance is corrected instead. Instants are epoch seconds.
    """
    if ends_at <= starts_at:
        raise Invalid(N_("It must end after it began."), field="ends_at")
    if ends_at <= now:
        raise Invalid(
            N_("That time has passed; ask for a correction of the attendance instead of leave."), field="ends_at"
        )
    if starts_at < now - SLACK:
        raise Invalid(
            N_("Leave begins now or later; what has passed is corrected in the attendance."),
            field="starts_at",
        )
    if ends_at - starts_at > LONGEST:
        raise Invalid(N_("One leave lasts a year at most."), field="ends_at")
    return max(starts_at, now)


def boundary(text: str, *, opening: int, last: bool, now: int, zone: ZoneInfo, field: str | None = None) -> int:
    """Read the first or the last moment of a leave as people type it; a day alone is the whole duty day.

    `opening` is when the desk's day begins, in seconds after midnight; `last` reads an end, which a day alone puts
    at the opening of the day after. A day without a year that has just passed is not one of the next year.
    Raises Invalid.
    """
    try:
        midnight = _ahead(f"{text.strip()} 00:00", now, zone, field)
    except Invalid:
        return _ahead(text, now, zone, field)
    day = walltime.local_day(midnight, zone) + timedelta(days=int(last))
    begin = walltime.at(day, opening, zone)
    return now if not last and begin <= now < walltime.at(day + timedelta(days=1), opening, zone) else begin


def _ahead(text: str, now: int, zone: ZoneInfo, field: str | None) -> int:
    at = moments.moment(text, now=now, zone=zone, ahead=True, field=field)
    return at if at - now < JUST_PASSED else moments.moment(text, now=now, zone=zone, field=field)


def days_of(starts_at: int, ends_at: int, opening: int, zone: ZoneInfo) -> tuple[date, date] | None:
    """Return first and last day of a leave that begins and ends at the opening of a day, None for any other."""
    first, after = walltime.local_day(starts_at, zone), walltime.local_day(ends_at, zone)
    whole = walltime.at(first, opening, zone) == starts_at and walltime.at(after, opening, zone) == ends_at
    return (first, after - timedelta(days=1)) if whole else None


# Stretches of time


def common(one: Span, other: Span) -> Span | None:
    """Return what two stretches share, None when they do not touch."""
    begin, end = max(one[0], other[0]), min(one[1], other[1])
    return (begin, end) if begin < end else None


def minus(span: Span, taken: Iterable[Span]) -> tuple[Span, ...]:
    """Return what is left of a stretch."""
    left = [span]
    for low, high in taken:
        pieces = [piece for begin, end in left for piece in ((begin, min(end, low)), (max(begin, high), end))]
        left = [(begin, end) for begin, end in dict.fromkeys(pieces) if begin < end]
    return tuple(sorted(left))


def check_part(part: Span, within: Span, now: int) -> Span:
    """Return the stretch that is to be covered, what has passed cut off; refuse one outside of the absence."""
    begin, end = max(part[0], now), part[1]
    if end <= begin:
        raise Invalid(N_("That part of the shift has passed or has no length."), field="from_at")
    if begin < within[0] or end > within[1]:
        raise Invalid(N_("The cover must lie within the shift and the leave."), field="from_at")
    return begin, end


# Who should cover


@dataclass(frozen=True)
class Fitness:
    """How somebody stands to a stretch of duty that he might take.

    `duties` and `hours` are those of the calendar month without the new one. `rest_before` and `rest_after` are the
    seconds to the duties beside it, None where there is none near; `rest` is what is wanted, in hours. `holiday` is
    the last holiday worked. `order` is the place in the desk's fixed order.
    """

    duties: int
    hours: float
    rest_before: int | None
    rest_after: int | None
    rest: int
    holds_post: bool
    holiday: date | None
    cap: int | None = None
    order: int = 0

    @property
    def rest_ok(self) -> bool:
        """Whether there is rest enough before and after."""
        return all(gap is None or gap >= self.rest * HOUR for gap in (self.rest_before, self.rest_after))

    @property
    def cap_ok(self) -> bool:
        """Whether the month's cap holds with this duty."""
        return self.cap is None or self.duties < self.cap

    @property
    def fits(self) -> bool:
        """Whether nothing speaks against it; whoever does not fit needs the supervisor's reason."""
        return self.rest_ok and self.holds_post

    @property
    def shortest(self) -> int | None:
        """Return the shorter of the two rests in seconds."""
        return min((gap for gap in (self.rest_before, self.rest_after) if gap is not None), default=None)


def rank(fitness: Fitness) -> tuple[bool, float, bool, bool, str, int]:
    """Return the place among the candidates, the first to be asked lowest.

    Whoever fits comes before whoever does not. Then the least loaded comes first, then who has rest and post, then who
    worked a holiday the longest ago; ties go to the fixed order. Source: REQUIREMENTS C10, DOMAIN 2.11, 8.7.
    """
    holiday = fitness.holiday.isoformat() if fitness.holiday else ""
    return (
        not fitness.fits,
        round(fitness.hours, 2),
        not fitness.rest_ok,
        not fitness.holds_post,
        holiday,
        fitness.order,
    )


def reasons(fitness: Fitness, post: Label | None) -> tuple[Said, ...]:
    """Return why somebody stands where he stands: load, rest, post, last holiday worked; each in a few words."""
    hours, holiday = f"{fitness.hours:.4g}", fitness.holiday
    said = [Said(N_("{hours} h this month"), {"hours": hours})]
    if not fitness.cap_ok:
        said = [Said(N_("{hours} h this month (cap {cap} reached)"), {"hours": hours, "cap": fitness.cap})]
    shortest = fitness.shortest
    if shortest is None:
        said.append(Said(N_("no duty near")))
    else:
        rest = N_("{hours} h rest") if fitness.rest_ok else N_("only {hours} h rest")
        said.append(Said(rest, {"hours": f"{shortest / HOUR:.3g}"}))
    if post is not None:
        holds = N_("holds {post}") if fitness.holds_post else N_("lacks {post}")
        said.append(Said(holds, {"post": {"zh": post.zh, "en": post.en}}))
    if holiday is not None:
        said.append(Said(N_("holiday worked {day}"), {"day": {"day": holiday.isoformat()}}))
    else:
        said.append(Said(N_("no holiday worked")))
    return tuple(said)


def concerns(fitness: Fitness, post: Label | None) -> tuple[Said, ...]:
    """Return what speaks against somebody, so that the supervisor must say why he approves it."""
    said: list[Said] = []
    if not fitness.rest_ok:
        values = {"hours": f"{(fitness.shortest or 0) / HOUR:.3g}", "wanted": fitness.rest}
        said.append(Said(N_("only {hours} h of rest, {wanted} h are wanted"), values))
    if not fitness.holds_post and post is not None:
        said.append(Said(N_("does not hold the post {post}"), {"post": {"zh": post.zh, "en": post.en}}))
    return tuple(said)


def gaps_beside(span: Span, duties: Sequence[Span]) -> tuple[int | None, int | None]:
    """Return the seconds between a stretch and the nearest duty before it and after it, None where there is none."""
    before = [span[0] - end for _begin, end in duties if end <= span[0]]
    after = [begin - span[1] for begin, _end in duties if begin >= span[1]]
    return min(before, default=None), min(after, default=None)
