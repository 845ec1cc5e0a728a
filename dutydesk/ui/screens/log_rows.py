"""How the lines of the log read: columns, day titles, remarks below a line, and one line in full."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from dutydesk.domain import clock
from dutydesk.domain.log import WRITABLE
from dutydesk.domain.words import N_
from dutydesk.locale import _, pick, times, word
from dutydesk.locale.lines import line_text
from dutydesk.services.log import LogLine
from dutydesk.ui import marks
from dutydesk.ui.widgets.paint import Cell
from dutydesk.ui.widgets.records import Column

WIDE = 110
"""Cells of a terminal from which a line is shown in full beside the list instead of below it."""


def columns() -> tuple[Column, ...]:
    """Return the columns: when, who, what about, what, and on wide terminals the incident."""
    return (
        Column("time", N_("Time"), 5, value=lambda line: times.hhmm(line.event_at)),
        Column("person", N_("Person"), 8, value=person),
        Column("kind", N_("Kind"), 10, value=lambda line: (word(line.kind), "muted")),
        Column("text", N_("What"), None, value=line_text, style=_told_by),
        Column("incident", N_("Incident"), 13, from_width=140, value=lambda line: (line.incident_number, "accent")),
    )


def person(line: LogLine) -> str:
    """Return who wrote a line; the program itself is a dash."""
    return pick(line.person) if line.person else marks.DASH


def _told_by(line: LogLine) -> str:
    return "" if line.kind in WRITABLE else "muted"


def day_title(line: LogLine) -> str:
    """Return the title above the lines of a day."""
    at, now = line.event_at, clock.now()
    if times.date(at) == times.date(now):
        return _("Today, {weekday} {day}", weekday=times.weekday(at), day=times.day(at))
    if times.local(at).year == times.local(now).year:
        return f"{times.weekday(at)} {times.day(at)}"
    return f"{times.weekday(at)} {times.date(at)}"


def remark(line: LogLine) -> Cell | None:
    """Return what must be said below a line: that it came late, that it was corrected."""
    if line.late:
        said = _("late entry, written {when}", when=times.when(line.entered_at, clock.now()))
        if line.corrected:
            said = _("late entry, corrected: {reason}", reason=line.reason)
        return f"{marks.LATE} {said}", "warning"
    if line.corrected:
        return _("corrected: {reason}", reason=line.reason), "muted"
    return None


def full(line: LogLine) -> Content:
    """Return one line in full: when, who and what about, the whole text, and what belongs to it."""
    now = clock.now()
    head = [times.when(line.event_at, now), person(line), word(line.kind)]
    parts = [
        Content.styled(f" {marks.DOT} ".join(head), "bold"),
        Content(line_text(line)),
        *(Content.styled(fact, "$text-muted") for fact in facts(line)),
    ]
    return Content("\n").join(parts)


def facts(line: LogLine) -> Sequence[str]:
    """Return what belongs to a line beside its text."""
    now = clock.now()
    found = []
    if line.incident_number:
        found.append(f"{marks.ARROW} {line.incident_number}")
    if line.corrected:
        found.append(_("Corrected {when}: {reason}", when=times.when(line.entered_at, now), reason=line.reason))
    elif abs(line.entered_at - line.event_at) >= 60:
        found.append(_("Written {when}", when=times.when(line.entered_at, now)))
    if line.late:
        found.append(f"{marks.LATE} {_('Late entry: its shift was handed over already.')}")
    return found


def whole_history(lines: Sequence[LogLine]) -> Content:
    """Return a line with everything that stood before it, the newest text first."""
    parts = [full(lines[0])]
    for line in lines[1:]:
        before = _("Before, written {when}", when=times.stamp(line.entered_at))
        parts += [Content(""), Content.styled(before, "$text-muted"), full(line)]
    return Content("\n").join(parts)
