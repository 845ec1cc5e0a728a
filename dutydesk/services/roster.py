"""The roster: shown, proposed, checked, published, changed by hand, explained.

Source: REQUIREMENTS A1, B1, C9, DOMAIN 2. The published roster is what stands in the shifts and their places. A
change stands above the rotation and holds through every later plan until it is withdrawn. What has passed never
changes, and neither does a shift that somebody has signed for.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from dutydesk.domain.errors import Invalid
from dutydesk.domain.overlay import ChangeSource
from dutydesk.domain.words import N_
from dutydesk.services import roster_rows
from dutydesk.services.core import SUPERVISORS, Actor, reads, signs, writes
from dutydesk.services.roster_views import (
    ChangeLine,
    CheckLine,
    DayView,
    DiffLine,
    NewChange,
    PersonLine,
    PlaceView,
    Proposal,
    RosterView,
    SlotView,
    VersionLine,
    WhyLine,
)

__all__ = [
    "ChangeLine",
    "CheckLine",
    "DayView",
    "DiffLine",
    "NewChange",
    "PersonLine",
    "PlaceView",
    "Proposal",
    "RosterView",
    "SlotView",
    "VersionLine",
    "WhyLine",
]

MOST_DAYS = 400
"""Days that are shown, planned or published at once."""


def check_range(first: date, last: date, most: int = MOST_DAYS) -> None:
    """Refuse a range of days that runs backwards or is longer than a year and a month."""
    if last < first:
        raise Invalid(N_("The last day {last} is before the first day {first}."), field="last", last=last, first=first)
    if (last - first).days >= most:
        raise Invalid(N_("At most {days} days at once."), field="last", days=most)


@reads()
def view(who: Actor, first: date, last: date) -> RosterView:  # noqa: ARG001
    """Return the published roster of the days `first` to `last`, both included."""
    check_range(first, last)
    slots = roster_rows.published(first, last)
    before = roster_rows.published(first - timedelta(days=1), first - timedelta(days=1))
    return roster_rows.roster(first, last, slots, covered=max((slot.ends_at for slot in before), default=0))


@reads()
def duties(who: Actor, person_id: int, first: date, last: date) -> list[SlotView]:  # noqa: ARG001
    """Return the slots that one person is planned on, in order of time."""
    check_range(first, last)
    return [
        slot
        for slot in roster_rows.published(first, last)
        if any(place.person_id == person_id for place in slot.places)
    ]


@reads()
def versions(who: Actor, limit: int = 50) -> list[VersionLine]:  # noqa: ARG001
    """Return the newest publications, the newest first."""
    return roster_rows.versions(limit=limit)[::-1]


@reads(SUPERVISORS)
def propose(who: Actor, first: date, last: date) -> Proposal:
    """Plan the days `first` to `last` by rotation and changes, check it, and compare it with what is published."""
    raise NotImplementedError


@signs(SUPERVISORS)
def publish(who: Actor, pin: str, first: date, last: date, note: str, token: str) -> VersionLine:
    """Publish what `propose` showed; raises Conflict when people, changes or the roster are others since."""
    raise NotImplementedError


@writes(SUPERVISORS)
def edit(who: Actor, shift_id: int, change: NewChange, *, reason: str) -> int:
    """Change one slot by hand; returns the id of the change. It holds through later plans until it is withdrawn."""
    raise NotImplementedError


@writes(SUPERVISORS)
def withdraw(who: Actor, change_id: int, reason: str) -> None:
    """Take a change back: the slot is what it would be without it."""
    raise NotImplementedError


@reads()
def changes(who: Actor, first: date, last: date, *, withdrawn: bool = False) -> list[ChangeLine]:
    """Return the changes of the days, in order of days; with `withdrawn` those taken back as well."""
    raise NotImplementedError


@reads()
def why(who: Actor, shift_id: int) -> list[WhyLine]:
    """Return why each place of a slot is as it is: rule, turn, change, approval, sign-in."""
    raise NotImplementedError


def apply_changes(
    who: Actor, changes: Sequence[NewChange], source: ChangeSource | str, source_id: int | None = None
) -> list[int]:
    """Make changes inside the caller's transaction, as leave and swaps do; returns their ids."""
    raise NotImplementedError


def withdraw_changes(who: Actor, source: ChangeSource | str, source_id: int, reason: str = "") -> list[int]:
    """Take back, inside the caller's transaction, the changes of one leave or swap; returns their ids.

    Shifts that have begun or are signed for keep what they have.
    """
    raise NotImplementedError
