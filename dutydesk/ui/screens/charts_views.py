"""What each chart draws, and the same numbers as rows of a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dutydesk.domain.incidents import Category, Speed
from dutydesk.domain.priority import Priority
from dutydesk.domain.stats import Bar, Step, step_for
from dutydesk.domain.words import N_, Named
from dutydesk.locale import _, pick, times, word
from dutydesk.services.stats import Counted, Stats
from dutydesk.ui.widgets.chart import Bars, HeatMap, StackedBars
from dutydesk.ui.widgets.plots import Spec
from dutydesk.ui.widgets.records import Column

PRIORITIES = tuple(priority.value for priority in Priority)
STYLES = ("error", "warning", "accent", "muted")
"""P1 red, P2 yellow, P3 the quiet accent, P4 muted; the fill of the bars tells them apart without colour."""


class ChartKind(Named):
    """A chart of the screen."""

    DAYS = "days", N_("By day")
    HEAT = "heat", N_("Weekday × hour")
    CATEGORY = "category", N_("By category")
    SPEED = "speed", N_("How fast")
    PEOPLE = "people", N_("By person and shift")


@dataclass(frozen=True)
class Numbers:
    """One row of the table: a name, and cells that stand under the columns."""

    key: str
    name: str
    cells: tuple[str, ...]
    section: str = ""


def columns(kind: ChartKind) -> tuple[Column, ...]:
    """Return the columns of the table beside a chart."""
    if kind is ChartKind.SPEED:
        heads: Sequence[tuple[str, int]] = ((N_("All"), 4), (N_("MTTA"), 6), (N_("MTTR"), 6), (N_("No ack"), 6))
    elif kind is ChartKind.HEAT:
        heads = ((N_("All"), 5), (N_("Busiest"), 10))
    else:
        heads = ((N_("All"), 4), *((name, 3) for name in PRIORITIES))
    cells = (_cell(place, head, size) for place, (head, size) in enumerate(heads))
    return (Column("name", "", None), *cells)


def _cell(place: int, head: str, size: int) -> Column:
    return Column(f"cell{place}", head, size, right=True, value=lambda row: row.cells[place])


def specs(kind: ChartKind, stats: Stats) -> tuple[Spec, Spec | None]:
    """Return what the chart draws, and for two charts the second one."""
    if kind is ChartKind.DAYS:
        return _stacked([bar_name(bar, stats) for bar in stats.bars], [bar.counts for bar in stats.bars]), None
    if kind is ChartKind.HEAT:
        hours = [f"{hour:02d}" for hour in range(24)]
        return HeatMap(stats.heat, [_(day) for day in times.WEEKDAYS], hours), None
    if kind is ChartKind.CATEGORY:
        return Bars(
            [category(each) for each in stats.categories], [each.total for each in stats.categories], horizontal=True
        ), None
    if kind is ChartKind.PEOPLE:
        return _stacked([person(each) for each in stats.people], [each.counts for each in stats.people]), None
    return _speed(stats)


def _stacked(labels: list[str], counts: Sequence[Mapping[str, int]]) -> StackedBars:
    series = {name: [each.get(name, 0) for each in counts] for name in PRIORITIES}
    return StackedBars(labels, series, styles=STYLES)


def _speed(stats: Stats) -> tuple[Spec, Spec]:
    names = [name for name in PRIORITIES if name in stats.speed]
    acknowledged = [round((stats.speed[name].mtta or 0) / 60, 1) for name in names]
    resolved = [round((stats.speed[name].mttr or 0) / 3600, 1) for name in names]
    return (
        Bars(names, acknowledged, _("MTTA: minutes to acknowledge"), horizontal=True),
        Bars(names, resolved, _("MTTR: hours to resolve"), horizontal=True),
    )


def rows(kind: ChartKind, stats: Stats) -> list[Numbers]:
    """Return the numbers that the chart draws."""
    if kind is ChartKind.DAYS:
        return [_counts(f"{bar.start}", bar_name(bar, stats), bar.counts) for bar in reversed(stats.bars)]
    if kind is ChartKind.HEAT:
        return _heat_rows(stats)
    if kind is ChartKind.CATEGORY:
        return [_counts(each.name, category(each), each.counts) for each in stats.categories]
    if kind is ChartKind.PEOPLE:
        people = [_counts(f"p{each.name}", person(each), each.counts, _("By owner")) for each in stats.people]
        return people + [_counts(f"s{each.name}", shift(each), each.counts, _("By shift")) for each in stats.shifts]
    return [_speed_row(name, stats.speed[name]) for name in PRIORITIES if name in stats.speed]


def _counts(key: str, name: str, counts: Mapping[str, int], section: str = "") -> Numbers:
    found = [counts.get(each, 0) for each in PRIORITIES]
    return Numbers(key, name, (str(sum(found)), *(str(each) if each else "" for each in found)), section)


def _heat_rows(stats: Stats) -> list[Numbers]:
    listed = []
    for day, hours in zip(times.WEEKDAYS, stats.heat, strict=True):
        peak = max(range(24), key=hours.__getitem__)
        busiest = f"{peak:02d}:00 ({hours[peak]})" if hours[peak] else ""
        listed.append(Numbers(day, _(day), (str(sum(hours)), busiest)))
    return listed


def _speed_row(name: str, speed: Speed) -> Numbers:
    mtta = times.duration(round(speed.mtta)) if speed.mtta is not None else "–"
    mttr = times.duration(round(speed.mttr)) if speed.mttr is not None else "–"
    return Numbers(name, name, (str(speed.incidents), mtta, mttr, str(speed.unacknowledged)))


def bar_name(bar: Bar, stats: Stats) -> str:
    """Return how a bar is called: a day or week by its date, a month by its number."""
    step = step_for((stats.last - stats.first).days + 1)
    if step is Step.MONTH:
        return f"{bar.start:%Y-%m}"
    return times.day_of(bar.start.isoformat())


def category(each: Counted) -> str:
    """Return the word for a category."""
    return word(Category(each.name)) if each.name in {member.value for member in Category} else _("Not given")


def person(each: Counted) -> str:
    """Return a person's name."""
    return pick(each.label) if each.label else _("Nobody")


def shift(each: Counted) -> str:
    """Return the name of a kind of shift."""
    return pick(each.label) if each.label else _("Not given")
