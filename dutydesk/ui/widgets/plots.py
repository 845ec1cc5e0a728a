"""Charts as data, and the arithmetic that turns numbers into cells of a terminal."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from rich.cells import cell_len

from dutydesk.ui.widgets.paint import flat

SERIES_STYLES = ("error", "warning", "accent", "muted", "success", "plain")
"""The styles that series take in order when they name none."""

HEAT_LEVELS = 8
"""Steps of a heat map above zero."""

FILLS = "█▓▒░■#"
PLAIN_FILLS = "#=+:o-"
HEAT_FILLS = " ░▒▓█"
PLAIN_HEAT_FILLS = " .:+#"
DOTS = "●○▲△■□"
PLAIN_DOTS = "*o^x+#"

Numbers = Sequence[float | None]


Series = Mapping[str, Numbers] | Sequence[tuple[str, Numbers]]
Pairs = tuple[tuple[str, tuple[float | None, ...]], ...]


def _pairs(series: Series, count: int) -> Pairs:
    items = series.items() if isinstance(series, Mapping) else series
    pairs = tuple((flat(name), tuple(values)) for name, values in items)
    for name, values in pairs:
        if len(values) != count:
            raise ValueError(f"series {name!r} has {len(values)} values for {count} labels")
    return pairs


def _labels(labels: Iterable[str]) -> tuple[str, ...]:
    return tuple(flat(label).strip() for label in labels)


@dataclass(frozen=True)
class StackedBars:
    """Vertical bars of several series on top of each other, the first series at the bottom."""

    labels: Sequence[str]
    series: Series
    title: str = ""
    styles: Sequence[str] = SERIES_STYLES

    def __post_init__(self) -> None:
        object.__setattr__(self, "labels", _labels(self.labels))
        object.__setattr__(self, "series", _pairs(self.series, len(self.labels)))
        object.__setattr__(self, "styles", tuple(self.styles))

    @property
    def pairs(self) -> Pairs:
        """The series by name, with one value a label."""
        return cast(Pairs, self.series)


@dataclass(frozen=True)
class Bars:
    """One bar a label; lying bars carry their number at the end."""

    labels: Sequence[str]
    values: Sequence[float]
    title: str = ""
    horizontal: bool = False
    style: str = "accent"

    def __post_init__(self) -> None:
        object.__setattr__(self, "labels", _labels(self.labels))
        object.__setattr__(self, "values", tuple(self.values))


@dataclass(frozen=True)
class HeatMap:
    """Rows of counts as a grid of shades, with the number in each cell where it fits."""

    rows: Sequence[Sequence[int]]
    row_labels: Sequence[str]
    column_labels: Sequence[str]
    title: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "rows", tuple(tuple(row) for row in self.rows))
        object.__setattr__(self, "row_labels", _labels(self.row_labels))
        object.__setattr__(self, "column_labels", _labels(self.column_labels))


@dataclass(frozen=True)
class Trend:
    """Lines over time; None in a series is a gap."""

    labels: Sequence[str]
    series: Series
    title: str = ""
    styles: Sequence[str] = ("accent", "warning", "error", "success", "muted", "plain")

    def __post_init__(self) -> None:
        object.__setattr__(self, "labels", _labels(self.labels))
        object.__setattr__(self, "series", _pairs(self.series, len(self.labels)))
        object.__setattr__(self, "styles", tuple(self.styles))

    @property
    def pairs(self) -> Pairs:
        """The series by name, with one value a label."""
        return cast(Pairs, self.series)


Spec = StackedBars | Bars | HeatMap | Trend


@dataclass(frozen=True)
class Look:
    """What the terminal can show: ASCII only, and shades of colour or none."""

    ascii: bool = False
    shades: bool = True

    @property
    def fills(self) -> str:
        """The characters that fill bars, one a series: told apart without colour."""
        return PLAIN_FILLS if self.ascii else FILLS

    @property
    def dots(self) -> str:
        """The characters that mark the points of lines, one a series."""
        return PLAIN_DOTS if self.ascii else DOTS

    def heat(self, level: int) -> str:
        """Return the character that fills a heat cell of `level`."""
        fills = PLAIN_HEAT_FILLS if self.ascii else HEAT_FILLS
        if self.shades and not self.ascii:
            return "█" if level else " "
        return fills[math.ceil(level * (len(fills) - 1) / HEAT_LEVELS)]


def has_data(spec: Spec) -> bool:
    """Return whether there is anything to draw."""
    if isinstance(spec, HeatMap):
        return any(any(row) for row in spec.rows)
    if isinstance(spec, Bars):
        return any(spec.values)
    if isinstance(spec, Trend):
        return any(value is not None for _name, values in spec.pairs for value in values)
    return any(any(values) for _name, values in spec.pairs)


def stretch(maximum: float, cells: int) -> tuple[float, float]:
    """Return the value of one cell and the step between ticks for values up to `maximum` on `cells` cells.

    Whole numbers that fit get a whole number of cells each, so that equal steps look equal.
    """
    top = max(maximum, 1e-9)
    rough = top / max(1, min(5, cells // 3))
    power = 10 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * (1 - 1e-9))
    if float(maximum).is_integer() and maximum >= 1:
        step = max(1.0, step)
        scale = max(4, int(maximum))
        if scale <= cells:
            return 1 / (cells // scale), step
    return top / cells, step


def in_cells(value: float, unit: float) -> int:
    """Return how many cells show `value`; what is not zero shows at least one."""
    return max(1, round(value / unit)) if value > 0 else 0


def shares(values: Sequence[float], unit: float, cells: int) -> list[int]:
    """Return the cells of each part of a stack: the whole is right, and no part that is not zero vanishes."""
    total = min(cells, max(in_cells(sum(values), unit), sum(value > 0 for value in values)))
    exact = [value / unit for value in values]
    taken = [max(1, math.floor(part)) if part > 0 else 0 for part in exact]
    while sum(taken) < total:
        place = max((i for i, part in enumerate(exact) if part > 0), key=lambda i: exact[i] - taken[i])
        taken[place] += 1
    while sum(taken) > total and max(taken) > 1:
        place = max((i for i, part in enumerate(taken) if part > 1), key=lambda i: taken[i] - exact[i])
        taken[place] -= 1
    return taken


def number(value: float) -> str:
    """Return a number as it is written on an axis."""
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.1f}"


def spread(labels: Sequence[str], slot: float, first: float) -> list[tuple[int, str]]:
    """Return the labels that fit under slots of `slot` cells, evenly thinned out, with the cell of their middle."""
    widest = max((cell_len(label) for label in labels), default=0)
    every = max(1, math.ceil((widest + 1) / slot))
    return [(int(first + place * slot), labels[place]) for place in range(0, len(labels), every)]


def heat_peak(spec: HeatMap) -> float:
    """Return the largest count of a heat map."""
    return max(max(row, default=0) for row in spec.rows)


def heat_level(value: float, maximum: float) -> int:
    """Return the step of a count between 1 and HEAT_LEVELS; 0 for none."""
    return max(1, math.ceil(value * HEAT_LEVELS / maximum)) if value > 0 else 0
