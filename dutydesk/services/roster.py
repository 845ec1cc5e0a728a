"""The roster: shown, proposed, checked, published, changed by hand, explained.

Source: REQUIREMENTS A1, B1, C9, DOMAIN 2. The published roster is what stands in the shifts and their places. A
change stands above the rotation and holds through every later plan until it is withdrawn. What has passed never
changes, and neither does a shift that somebody has signed for.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from dutydesk.domain import clock
from dutydesk.domain.errors import Conflict, Invalid, Refused
from dutydesk.domain.overlay import ChangeKind, ChangeSource
from dutydesk.domain.text import optional, required
from dutydesk.domain.walltime import local_day
from dutydesk.domain.words import N_
from dutydesk.services import (
    roster_changes,
    roster_check,
    roster_propose,
    roster_publish,
    roster_rows,
    roster_why,
    settings,
)
from dutydesk.services.core import SUPERVISORS, Actor, get, reads, signs, writes
from dutydesk.services.roster_changes import apply_changes, withdraw_changes
from dutydesk.services.roster_propose import Drawn
from dutydesk.services.roster_views import (
    ChangeLine,
    Check,
    CheckLine,
    DayView,
    DiffLine,
    NewChange,
    PersonLine,
    PlaceView,
    Proposal,
    RosterView,
    Severity,
    SlotView,
    VersionLine,
    WhyLine,
)
from dutydesk.storage.models.roster import RosterChange

__all__ = [
    "ChangeKind",
    "ChangeLine",
    "ChangeSource",
    "Check",
    "CheckLine",
    "DayView",
    "DiffLine",
    "NewChange",
    "PersonLine",
    "PlaceView",
    "Proposal",
    "RosterView",
    "Severity",
    "SlotView",
    "VersionLine",
    "WhyLine",
    "apply_changes",
    "changes",
    "check",
    "duties",
    "edit",
    "propose",
    "publish",
    "versions",
    "view",
    "why",
    "withdraw",
    "withdraw_changes",
]

MOST_DAYS = 400
"""Days that are shown, planned or published at once."""
NOTE_LIMIT = 300


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
    return _view(first, last)


def _view(first: date, last: date) -> RosterView:
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
def propose(who: Actor, first: date, last: date) -> Proposal:  # noqa: ARG001
    """Plan the days `first` to `last` by rotation and changes, check it, and compare it with what is published.

    The last day moves on to the end of the turns it is in. Raises UnknownYear when a rotation asks for day kinds of a
    year that nobody imported.
    """
    return _proposal(_drawn(first, last))


def _drawn(first: date, last: date) -> Drawn:
    check_range(first, last)
    if last < local_day(clock.now(), settings.desk_zone()):
        raise Refused(N_("These days are over; what has passed never changes."), field="last")
    return roster_propose.draw(first, last)


def _proposal(drawn: Drawn) -> Proposal:
    return Proposal(drawn.view, tuple(roster_check.lines(drawn)), drawn.diff, drawn.token, drawn.kept)


@reads()
def check(who: Actor, first: date, last: date) -> list[CheckLine]:  # noqa: ARG001
    """Check what is published on the days `first` to `last`, as `propose` checks what it proposes."""
    check_range(first, last)
    return roster_check.of_view(_view(first, last))


@signs(SUPERVISORS)
def publish(who: Actor, pin: str, first: date, last: date, note: str, token: str) -> VersionLine:  # noqa: ARG001
    """Publish what `propose` showed; everyone concerned is told.

    Raises Conflict when people, leave, changes or the roster are others since, and Invalid when the check finds
    problems and no note says why it is published all the same.
    """
    note = optional(note, "note", limit=NOTE_LIMIT, multiline=False)
    drawn = _drawn(first, last)
    if drawn.token != token:
        raise Conflict(
            N_("The roster, its changes or the people are others since this was proposed. Look at it again."),
            theirs={"token": drawn.token},
        )
    problems = _proposal(drawn).problems
    if problems and not note:
        raise Invalid(N_("The check finds problems: say in a note why it is published all the same."), field="note")
    version = roster_publish.carry_out(who, drawn, note, len(problems))
    _agreements_follow(who)
    return version


@writes(SUPERVISORS)
def edit(who: Actor, shift_id: int, change: NewChange, *, reason: str) -> int:
    """Change one slot by hand; returns the id of the change. It holds through later plans until it is withdrawn."""
    new = replace(change, shift_id=shift_id, reason=required(reason, "reason", limit=roster_changes.REASON_LIMIT))
    roster_changes.refuse_away(new)
    made = apply_changes(who, [new], ChangeSource.HAND)[0]
    roster_publish.tell_change(who, made)
    _agreements_follow(who)
    return made


@writes(SUPERVISORS)
def withdraw(who: Actor, change_id: int, reason: str) -> None:
    """Take a change that was made by hand back: the slot is what it would be without it.

    One that came from leave or a swap is taken back there. Raises Refused when the shift is over or signed for.
    """
    row = get(RosterChange, change_id, N_("Change"))
    reason = required(reason, "reason", limit=roster_changes.REASON_LIMIT)
    if row.withdrawn_at is not None:
        raise Refused(N_("Change {change} is withdrawn already."), change=row.id)
    if row.source != ChangeSource.HAND.value:
        raise Refused(N_("Change {change} belongs to a leave or a swap; it is taken back there."), change=row.id)
    roster_changes.refuse_settled_day(row)
    roster_changes.withdraw_one(who, row, reason)
    roster_publish.tell_withdrawn(who, row, reason)
    _agreements_follow(who)


def _agreements_follow(who: Actor) -> None:
    """Look at the covers and swaps that are not decided yet: what the roster no longer allows is asked anew."""
    from dutydesk.services import leave_follow

    leave_follow.roster_changed(who)


@reads()
def changes(who: Actor, first: date, last: date, *, withdrawn: bool = False) -> list[ChangeLine]:  # noqa: ARG001
    """Return the changes of the days, in order of days; with `withdrawn` those taken back as well."""
    check_range(first, last)
    return roster_why.change_lines(first, last, withdrawn=withdrawn)


@reads()
def why(who: Actor, shift_id: int) -> list[WhyLine]:  # noqa: ARG001
    """Return why each place of a slot is as it is: rule, turn, change, approval, sign-in."""
    return roster_why.why(shift_id)
