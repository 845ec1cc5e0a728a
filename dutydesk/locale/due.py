"""What comes next, in the words of the desk: what it is, and how near."""

from __future__ import annotations

from dutydesk.domain.due import ASKED_OF_ME, Due, DueKind, Level
from dutydesk.domain.words import N_
from dutydesk.locale import _, pick, times


def due_text(line: Due) -> str:
    """Return what is to be done: the name of a round, or a sentence about an incident, measure or handover."""
    title = pick(line.title)
    if line.kind is DueKind.FOLLOW_UP:
        return _("Follow up: {title}", title=title)
    if line.kind is DueKind.REPORT:
        return _("Legal report: {title}", title=title)
    if line.kind is DueKind.ACKNOWLEDGE:
        return _("Acknowledge: {title}", title=title)
    if line.kind is DueKind.MEASURE:
        return _("Ends: {title}", title=title)
    if line.kind is DueKind.HANDOVER:
        if line.started:
            return _("Handover to be accepted: {shift}", shift=title)
        return _("Handover: {shift}", shift=title)
    if line.kind is DueKind.COUNTERSIGN:
        return _("Countersign: {number}", number=line.number)
    if line.kind is DueKind.COPY:
        return _("Backup not good: {name}", name=title)
    if line.kind in _ASKED:
        return _(_ASKED[line.kind], name=title)
    return title


_ASKED = {
    DueKind.COVER: N_("Cover for {name}?"),
    DueKind.SWAP: N_("Swap with {name}?"),
    DueKind.LEAVE: N_("Leave of {name}?"),
    DueKind.DECIDE_SWAP: N_("Swap of {name}?"),
    DueKind.OPEN: N_("Leave lacks a cover"),
    DueKind.CORRECTION: N_("Correct {name}?"),
}


def due_when(line: Due, now: int) -> str:
    """Return how near it is: `late 32 min`, `now`, `in 2h28`, `missed`, `for 3h10`."""
    if line.kind is DueKind.COPY or line.kind in ASKED_OF_ME:
        return _("for {time}", time=times.span(now - line.at))
    if line.missed:
        return _("missed")
    if line.level(now) is Level.LATE:
        return _("late {time}", time=times.span(now - line.at))
    if line.level(now) is Level.NOW:
        return _("now")
    return _("in {time}", time=times.span(line.at - now))
