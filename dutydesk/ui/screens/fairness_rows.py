"""What the fairness page draws, its table, and the ranges it goes through."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import date

from dutydesk.domain.calendar import DayKind
from dutydesk.domain.fairness import Load, Measured, Quality
from dutydesk.domain.words import N_, Named
from dutydesk.locale import _, pick
from dutydesk.locale import fairness as words
from dutydesk.services.fairness import FairnessView, FairRow
from dutydesk.ui import marks
from dutydesk.ui.widgets.chart import Bars
from dutydesk.ui.widgets.paint import Cell
from dutydesk.ui.widgets.records import Column


class Length(Named):
    """How long a range is."""

    MONTH = "month", N_("a month")
    QUARTER = "quarter", N_("a quarter")
    HALF = "half", N_("half a year")
    YEAR = "year", N_("a year")

    @property
    def months(self) -> int:
        """How many months it has."""
        return {Length.MONTH: 1, Length.QUARTER: 3, Length.HALF: 6, Length.YEAR: 12}[self]


class Side(Named):
    """Whether what was planned is drawn or what was worked."""

    PLANNED = "planned", N_("as planned")
    WORKED = "worked", N_("as worked")


def span_at(day: date, length: Length, steps: int = 0) -> tuple[date, date]:
    """Return first and last day of the calendar month, quarter, half or year that holds `day`, `steps` further on."""
    month = day.year * 12 + (day.month - 1) // length.months * length.months + steps * length.months
    first = date(month // 12, month % 12 + 1, 1)
    end = month + length.months - 1
    year, number = end // 12, end % 12 + 1
    return first, date(year, number, monthrange(year, number)[1])


def load_of(row: FairRow, side: Side) -> Load | None:
    """Return what a person carries on one side; None where it may not be seen."""
    return row.planned if side is Side.PLANNED else row.worked


def chart(view: FairnessView, measured: Measured, side: Side) -> Bars:
    """Return the bars of one measure, a person a bar."""
    shown = [(row, load) for row in view.rows if (load := load_of(row, side)) is not None]
    divide = 60 if measured is Measured.HOURS else 1
    values = [round(load.of(measured) / divide, 1) for _row, load in shown]
    return Bars([pick(row.label) for row, _load in shown], values, horizontal=True)


def columns(side: Side, measured: Measured) -> tuple[Column, ...]:
    """Return the columns of the table; the measure in the picture is marked."""

    def cell(take: Callable[[Load], str], one: Measured | None = None) -> Callable[[FairRow], Cell]:
        def value(row: FairRow) -> Cell:
            load = load_of(row, side)
            if load is None:
                return (marks.DASH, "muted")
            return (take(load), "accent" if one is measured else "")

        return value

    def kind(wanted: DayKind) -> Callable[[FairRow], Cell]:
        return cell(lambda load: words.count(load.kinds.get(wanted, 0)))

    return (
        Column("name", N_("Name"), None, value=lambda row: pick(row.label)),
        Column(
            "duties", N_("Duties"), 6, right=True, from_width=100, value=cell(lambda load: words.count(load.duties))
        ),
        Column("hours", N_("Hours"), 5, right=True, value=cell(_hours, Measured.HOURS)),
        Column(
            "nights", N_("Nights"), 6, right=True, value=cell(lambda load: words.count(load.nights), Measured.NIGHTS)
        ),
        Column(
            "weekends",
            N_("Wkends"),
            6,
            right=True,
            value=cell(lambda load: words.count(load.weekends), Measured.WEEKENDS),
        ),
        Column(
            "statutory",
            N_("Stat."),
            5,
            right=True,
            value=cell(lambda load: words.count(load.statutory), Measured.STATUTORY),
        ),
        Column("makeup", N_("Make-up"), 7, right=True, from_width=140, value=kind(DayKind.MAKEUP)),
    )


def _hours(load: Load) -> str:
    return words.amount(Measured.HOURS, load.minutes) if load.minutes else ""


def told(view: FairnessView, quality: Quality, most: int) -> list[str]:
    """Return the score in words: its formula with the numbers, each measure, and who is farthest from his share."""
    labels = {row.login: row.label for row in view.rows}
    lines = [words.formula(quality)]
    lines += [words.evenness(each) for each in quality.measures if each.moved]
    uneven = [words.uneven(each, labels[each.login]) for each in quality.uneven if each.login in labels]
    if not uneven:
        return [*lines, _("Nobody is more than a turn away from his fair share.")]
    lines += [f"{marks.LATE} {sentence}" for sentence in uneven[:most]]
    if len(uneven) > most:
        lines[-1] += f" · {_('{n} more', n=len(uneven) - most)}"
    return lines
