"""Charts drawn by plotext, as lines of text with style names.

Everything is laid out in whole cells before plotext draws it: its limits run from the first cell of the canvas to the
last, so a bar of seven cells is seven cells at any size. Colours are named here and chosen by the widget, so that one
drawing serves every theme.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from rich.cells import cell_len

from dutydesk.ui.widgets.paint import fit
from dutydesk.ui.widgets.plots import (
    Bars,
    HeatMap,
    Look,
    Spec,
    StackedBars,
    Trend,
    heat_level,
    heat_peak,
    in_cells,
    number,
    shares,
    spread,
    stretch,
)

LABEL_CELLS = 16
"""The longest category label beside a bar; longer ones are cut."""

BAR_CELLS = 8
"""The widest a vertical bar gets."""

CANVAS_ROWS = 3
"""Fewer rows than this say nothing."""

Row = tuple[tuple[str, str], ...]

_one_at_a_time = threading.Lock()
_PLAIN_LINES = str.maketrans("─│└┌┐┘├┤┬┴┼", "-|+++++++++")
_ESCAPE = re.compile(r"\x1b\[([\d;]*)m")


class _Sheet:
    """One figure of plotext whose canvas is `width` x `height` cells, with an axis below and one at the left."""

    def __init__(self, width: int, height: int, look: Look) -> None:
        import plotext

        self.plotext = plotext
        self.look = look
        self._size = width, height
        self._styles: list[str] = []
        self._ticks: dict[str, list[tuple[int, str]]] = {"x": [], "y": []}
        own = type(plotext.terminal)().limit(False, False)
        self.figure = type(plotext.figure)(own)
        self.figure.canvas("default")
        self.figure.axes(False)
        for axis, side, cells in (("x", "lower", width), ("y", "left", height)):
            self.figure.axes(True, axis=axis, side=side, pixel=self.pixel("muted"))
            self.figure.ruler(axis, side).pixel(self.pixel("muted"))
            self.figure.ruler(axis, side).lim(0, max(1, cells - 1))

    def pixel(self, style: str) -> Any:
        """Return a colour that stands for a style name until the drawing is read."""
        if style not in self._styles:
            self._styles.append(style)
        return self.plotext.pixel((1, 0, self._styles.index(style)))

    def box(self, x: tuple[int, int], y: tuple[int, int], char: str, style: str) -> None:
        """Fill whole cells, both ends included; y counts from the bottom."""
        marker = self.plotext.marker(char, pixel=self.pixel(style))
        self.figure.draw(self.figure.rectangle(x, y, marker=marker))

    def text(self, x: int, y: int, words: str, style: str) -> None:
        """Write words from a cell on to the right."""
        label = self.plotext.colorize(words).fill(self.pixel(style))
        self.figure.draw(self.figure.text(x, y, label))

    def ticks(self, axis: str, places: Sequence[tuple[int, str]]) -> None:
        """Label cells of an axis."""
        self._ticks[axis] = [(at, label) for at, label in places if label.strip()]

    def read(self) -> list[Row]:
        """Build the figure and return its lines as runs of text with their style names."""
        for axis, side in (("x", "lower"), ("y", "left")):
            places = [at for at, _label in self._ticks[axis]]
            self.figure.ruler(axis, side).ticks(places, labels=[label for _at, label in self._ticks[axis]])
        width, height = self._size
        left = max((cell_len(label) for _at, label in self._ticks["y"]), default=0)
        # plotext takes the room of labels and axes from the size, and the rest must be exactly the canvas meant here.
        self.figure.plot_size(left + 1 + width, height + 1 + bool(self._ticks["x"]))
        return [self._runs(line) for line in self.figure.build().string().rstrip("\n").split("\n")]

    def _runs(self, line: str) -> Row:
        runs: list[tuple[str, str]] = []
        style, at = "", 0
        for match in [*_ESCAPE.finditer(line), None]:
            words = line[at : match.start() if match else len(line)]
            if words:
                runs.append((words.translate(_PLAIN_LINES) if self.look.ascii else words, style))
            if match:
                style, at = self._style(match[1], style), match.end()
        return tuple(runs)

    def _style(self, code: str, before: str) -> str:
        if code.startswith("38;2;1;0;"):
            return self._styles[int(code[9:])]
        return "" if code in ("", "0") else before


def _scale_labels(unit: float, step: float, cells: int) -> list[tuple[int, str]]:
    """Return the cell and the number of each tick of a value axis."""
    count = int(cells * unit / step + 1e-9)
    return [(max(0, round(tick * step / unit) - 1), number(tick * step)) for tick in range(1, count + 1)]


def _stacked(spec: StackedBars, width: int, height: int, look: Look) -> list[Row] | None:
    rows, count = height - 2, len(spec.labels)
    totals = [sum(values[place] or 0 for _name, values in spec.pairs) for place in range(count)]
    unit, step = stretch(max(totals), max(1, rows))
    scale = _scale_labels(unit, step, rows)
    left = max((len(label) for _at, label in scale), default=1)
    slot = min(BAR_CELLS + 1, (width - left - 1) // max(1, count))
    if rows < CANVAS_ROWS or slot < 1:
        return None
    thick = slot - 1 if slot > 1 else 1
    sheet = _Sheet(slot * count, rows, look)
    for place in range(count):
        bottom = 0
        values = [values[place] or 0 for _name, values in spec.pairs]
        for index, cells in enumerate(shares(values, unit, rows)):
            if cells:
                style = spec.styles[index % len(spec.styles)]
                x = (place * slot, place * slot + thick - 1)
                sheet.box(x, (bottom, bottom + cells - 1), look.fills[index % len(look.fills)], style)
            bottom += cells
    sheet.ticks("y", scale)
    sheet.ticks("x", spread(spec.labels, slot, (thick - 1) / 2))
    return sheet.read()


def _lying(spec: Bars, width: int, height: int, look: Look) -> list[Row] | None:
    count = len(spec.labels)
    slot = min(3, height // max(1, count))
    left = min(LABEL_CELLS, max((cell_len(label) for label in spec.labels), default=0), width // 3)
    numbers = [number(value) for value in spec.values]
    room = width - left - 1
    longest = room - 1 - max((len(text) for text in numbers), default=0)
    if slot < 1 or longest < 8:
        return None
    unit, _step = stretch(max(spec.values), longest)
    thick = 1 if slot < 3 else 2
    sheet = _Sheet(room, count * slot, look)
    middles: list[tuple[int, str]] = []
    for place, value in enumerate(spec.values):
        top = (count - place) * slot - 1
        cells = in_cells(value, unit)
        if cells:
            sheet.box((0, cells - 1), (top - thick + 1, top), look.fills[0], spec.style)
        sheet.text(cells + (1 if cells else 0), top, numbers[place], "plain")
        middles.append((top, fit(spec.labels[place], left, right=True)))
    sheet.ticks("y", middles)
    return sheet.read()[: count * slot]


def _heat(spec: HeatMap, width: int, height: int, look: Look) -> list[Row] | None:
    count, columns = len(spec.rows), max((len(row) for row in spec.rows), default=0)
    left = max((cell_len(label) for label in spec.row_labels), default=0)
    across, down = (width - left - 1) // max(1, columns), min(3, (height - 2) // max(1, count))
    if across < 1 or down < 1:
        return None
    most = heat_peak(spec)
    sheet = _Sheet(across * columns, down * count, look)
    written = look.shades and not look.ascii and across > len(number(most))
    middles: list[tuple[int, str]] = []
    for place, row in enumerate(spec.rows):
        top = (count - place) * down - 1
        middles.append((top - (down - 1) // 2, spec.row_labels[place]))
        for column, value in enumerate(row):
            level = heat_level(value, most)
            x = (column * across, column * across + across - 1)
            if level:
                sheet.box(x, (top - down + 1, top), look.heat(level), f"heat-{level}")
            words = "·" if not level and not look.ascii else "." if not level else number(value) if written else ""
            if words:
                start = x[0] + (across - len(words) + 1) // 2
                sheet.text(start, top - (down - 1) // 2, words, f"on-heat-{level}")
    sheet.ticks("y", middles)
    sheet.ticks("x", spread(spec.column_labels, across, (across - 1) / 2))
    return sheet.read()


def _trend(spec: Trend, width: int, height: int, look: Look) -> list[Row] | None:
    rows, count = height - 2, len(spec.labels)
    top = max([value for _name, values in spec.pairs for value in values if value is not None])
    _unit, step = stretch(top, max(1, rows))
    unit = max(top, step) / max(1, rows - 1)
    scale = [(round(tick * step / unit), number(tick * step)) for tick in range(int(top / step + 1e-9) + 1)]
    room = width - max(len(label) for _at, label in scale) - 1
    if rows < CANVAS_ROWS or room < 8:
        return None
    sheet = _Sheet(room, rows, look)
    slot = (room - 1) / max(1, count - 1)
    for index, (_name, values) in enumerate(spec.pairs):
        style, dot = spec.styles[index % len(spec.styles)], look.dots[index % len(look.dots)]
        points = [(place, place * slot, value / unit) for place, value in enumerate(values) if value is not None]
        _draw_line(sheet, points, dot, style, slot)
    sheet.ticks("y", scale)
    sheet.ticks("x", spread(spec.labels, slot, 0))
    return sheet.read()


def _draw_line(sheet: _Sheet, points: Sequence[tuple[int, float, float]], dot: str, style: str, slot: float) -> None:
    """Draw one line, broken at the gaps, with a mark on each point, or on the last where they stand too close."""
    if not points:
        return
    plotext, figure = sheet.plotext, sheet.figure
    marker = plotext.marker("." if sheet.look.ascii else "braille", pixel=sheet.pixel(style))
    line = figure.signal([x for _place, x, _y in points], [y for _place, _x, y in points], marker=marker).lines(True)
    for at in range(1, len(points)):
        if points[at][0] != points[at - 1][0] + 1:
            line.line(at, False)
    figure.draw(line)
    marked = points if slot >= 4 else points[-1:]
    mark = plotext.marker(dot, pixel=sheet.pixel(style))
    figure.draw(figure.signal([round(x) for _place, x, _y in marked], [round(y) for *_x, y in marked], marker=mark))


@lru_cache(maxsize=32)
def build(spec: Spec, width: int, height: int, look: Look) -> tuple[Row, ...] | None:
    """Draw `spec` on `width` x `height` cells; None when the space is too small to be truthful.

    Slow the first time (plotext is imported) and some ten milliseconds then: call it in a worker.
    """
    with _one_at_a_time:
        if isinstance(spec, HeatMap):
            rows = _heat(spec, width, height, look)
        elif isinstance(spec, Trend):
            rows = _trend(spec, width, height, look)
        elif isinstance(spec, StackedBars):
            rows = _stacked(spec, width, height, look)
        elif spec.horizontal:
            rows = _lying(spec, width, height, look)
        else:
            one = StackedBars(spec.labels, [("", spec.values)], styles=(spec.style,))
            rows = _stacked(one, width, height, look)
    return None if rows is None else tuple(rows)
