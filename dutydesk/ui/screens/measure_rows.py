"""How temporary measures read: columns of the register, and one measure in full."""

from __future__ import annotations

from textual.content import Content

from dutydesk.domain import clock
from dutydesk.domain.words import N_
from dutydesk.locale import _, ngettext, pick, times, word
from dutydesk.services.measures import MeasureLine, MeasureView
from dutydesk.ui import marks
from dutydesk.ui.widgets.paint import Cell
from dutydesk.ui.widgets.records import Column


def _mark(line: MeasureLine) -> Cell:
    if line.closed_at is not None:
        return marks.DONE, "muted"
    return (marks.LATE, "error") if line.overdue else (marks.ON, "warning")


def _end(line: MeasureLine) -> Cell:
    now = clock.now()
    if line.closed_at is not None:
        return _("closed {when}", when=times.when(line.closed_at, now)), "muted"
    if line.until is None:
        return _("no end set"), "muted"
    if line.overdue:
        return _("over since {when}", when=times.when(line.until, now)), "error"
    return _("until {when}", when=times.when(line.until, now))


def _carried(line: MeasureLine) -> str:
    return ngettext("{n} shift", "{n} shifts", line.carried) if line.carried else ""


def columns() -> tuple[Column, ...]:
    """Return the columns: state, number, what, its end, through how many handovers, and more where there is room."""
    return (
        Column("mark", "", 1, value=_mark),
        Column("number", N_("Number"), 12),
        Column("title", N_("What"), None),
        Column("kind", N_("Kind"), 16, from_width=140, value=lambda line: word(line.kind)),
        Column("end", N_("Ends"), 22, value=_end),
        Column("carried", N_("Carried"), 9, value=_carried, right=True),
        Column("owner", N_("By"), 8, from_width=140, value=lambda line: pick(line.owner)),
    )


def group(line: MeasureLine) -> str:
    return _("In force") if line.closed_at is None else _("Closed lately")


def full(view: MeasureView) -> Content:
    """Return a measure in full."""
    line, now = view.line, clock.now()
    dot = f" {marks.DOT} "
    since = _("Since {when}, looked after by {name}", when=times.when(line.since, now), name=pick(line.owner))
    more = [f"{marks.ARROW} {line.incident_number}"] if line.incident_number else []
    more += [_through(line)] if line.carried else []
    facts = [dot.join([line.number, word(line.kind), end_words(line)]), dot.join([since, *more])]
    if view.closed_by is not None:
        facts.append(_("Closed by {name}: {note}", name=pick(view.closed_by), note=view.closing_note))
    parts = [
        Content.styled(line.title, "bold"),
        *(Content.styled(fact, "$text-muted") for fact in facts),
        *([Content(view.detail)] if view.detail else []),
    ]
    return Content("\n").join(parts)


def _through(line: MeasureLine) -> str:
    return ngettext("Carried through {n} handover", "Carried through {n} handovers", line.carried)


def end_words(line: MeasureLine) -> str:
    """Return the words about the end of a measure."""
    said = _end(line)
    return said if isinstance(said, str) else said[0]
