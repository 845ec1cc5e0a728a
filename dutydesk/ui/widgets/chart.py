"""A chart: drawn by plotext in a worker, kept until the data or the size change, coloured by the theme."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from rich.style import Style
from textual.color import Color
from textual.strip import Strip

from dutydesk.domain.words import N_
from dutydesk.locale import _
from dutydesk.ui import marks
from dutydesk.ui.widgets.paint import LineWidget, cells_width, cut_cells
from dutydesk.ui.widgets.plots import (
    HEAT_LEVELS,
    Bars,
    HeatMap,
    Look,
    Spec,
    StackedBars,
    Trend,
    has_data,
    heat_peak,
    number,
)

__all__ = ["Bars", "Chart", "HeatMap", "StackedBars", "Trend"]

NOTHING = N_("Nothing to draw in this period.")
TOO_SMALL = N_("Too little room for this chart; the numbers are in the table.")
CANNOT = N_("This chart cannot be drawn here; the numbers are in the table.")

HEAT_START = 0.25
"""How much of the accent colour the lowest step of a heat map has."""

Job = tuple[Spec, int, int, Look]


class Chart(LineWidget):
    """Draws a spec; the words in it are translated already, the colours come from the theme at display time.

    `empty` is said when there is nothing to draw: a message translated when shown, or a function that returns text.
    """

    DEFAULT_CSS = """
    Chart { height: 1fr; min-height: 6; }
    """

    def __init__(
        self,
        spec: Spec | None = None,
        *,
        empty: str | Callable[[], str] = NOTHING,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.empty = empty
        self._spec = spec
        self._job: Job | None = None
        self._done: Job | None = None
        self._lines: tuple[tuple[tuple[str, str], ...], ...] | None = None
        self._failed = False

    def show(self, spec: Spec | None) -> None:
        """Draw `spec`; what is on the screen stays until the new picture is ready."""
        self._spec = spec
        self.repaint()

    @property
    def ready(self) -> bool:
        """Whether the picture on the screen is the one asked for."""
        return self._spec is None or not has_data(self._spec) or self._done == self._wanted()

    @property
    def _look(self) -> Look:
        return Look(marks.is_ascii(), not (self.app.native_ansi_color or self.app.no_color))

    def _wanted(self) -> Job | None:
        spec, (width, height) = self._spec, self.size
        if spec is None or not has_data(spec) or not self.size:
            return None
        return spec, width, height - len(self._heading(spec, width)), self._look

    def repaint(self) -> None:
        """Have the picture made when another one is wanted, and send the lines that differ."""
        job = self._wanted() if self.is_mounted else None
        if job != self._job:
            self._job = job
            if job is not None:
                self.run_worker(self._make(job), group="chart", exclusive=True)
        super().repaint()

    def on_resize(self) -> None:
        """Have the picture made for the new size."""
        self.repaint()

    async def _make(self, job: Job) -> None:
        lines, failed = None, False
        try:
            lines = await asyncio.to_thread(_build, job)
        except Exception as error:  # plotext has a native kernel: a chart that fails must not take the desk with it
            self.log.error(error)
            failed = True
        if job == self._job:
            self._done, self._lines, self._failed = job, lines, failed
            super().repaint()

    # Drawing

    def draw(self, width: int, height: int) -> list[Strip]:
        """Return the title with the legend, and the picture or the sentence that stands for it."""
        sentence = ""
        spec = self._spec
        heading: list[list[tuple[str, str]]] = []
        picture: list[list[tuple[str, str]]] = []
        if spec is None or not has_data(spec):
            sentence = (self.empty() if callable(self.empty) else _(self.empty)) if spec is not None else ""
            heading = [[(spec.title, "title")]] if spec and spec.title else []
        elif self._done is not None:
            heading = self._heading(self._done[0], width)
            picture = [list(line) for line in self._lines or ()]
            sentence = _(CANNOT) if self._failed else "" if self._lines is not None else _(TOO_SMALL)
        strips = [self.strip(cut_cells(line, width)[0], width) for line in (*heading, *picture)]
        if sentence:
            strips.append(self.strip(cut_cells([sentence], width)[0], width, "muted"))
        blank = Strip.blank(width, self.named())
        return [*strips, *[blank] * (height - len(strips))][:height]

    def _heading(self, spec: Spec, width: int) -> list[list[tuple[str, str]]]:
        """Return the title and the legend: on one line where they fit, else on two."""
        title, legend = [(spec.title, "title")] if spec.title else [], self._legend(spec)
        gap = width - cells_width(title) - cells_width(legend)
        if not title or not legend:
            return [title or legend] if title or legend else []
        return [[*title, (" " * gap, ""), *legend]] if gap >= 2 else [title, legend]

    def _legend(self, spec: Spec) -> list[tuple[str, str]]:
        look = self._look
        if isinstance(spec, HeatMap):
            steps = [(look.heat(level), f"heat-{level}") for level in range(1, HEAT_LEVELS + 1)]
            return [("0 ", "muted"), *steps, (f" {number(heat_peak(spec))}", "muted")]
        if isinstance(spec, Bars):
            return []
        signs = look.dots if isinstance(spec, Trend) else look.fills
        legend: list[tuple[str, str]] = []
        for index, (name, _values) in enumerate(spec.pairs):
            gap = "  " if legend else ""
            legend += [(gap + signs[index % len(signs)], spec.styles[index % len(spec.styles)]), (f" {name}", "")]
        return legend

    def named(self, *names: str) -> Style:
        """Return the style of `heat-N` and `on-heat-N` from the theme, and of all other names as usual."""
        heat = names[-1] if names and "heat-" in names[-1] else ""
        if not heat:
            return super().named(*names)
        if names not in self._named:
            level = int(heat.rpartition("-")[2])
            ground, written = self._heat_colour(level), heat.startswith("on-")
            if ground is None:
                self._named[names] = super().named("muted" if written and not level else "plain")
            elif written:
                ink = ground.get_contrast_text(1)
                self._named[names] = Style(color=(ground + ink).rich_color, bgcolor=ground.rich_color)
            else:
                self._named[names] = Style(color=ground.rich_color, bgcolor=self.background_colors[1].rich_color)
        return self._named[names]

    def _heat_colour(self, level: int) -> Color | None:
        """Return the colour of a step between the background and the accent; None where there are no shades."""
        if not level or not self._look.shades:
            return None
        accent = self.look("accent").foreground
        share = HEAT_START + (1 - HEAT_START) * (level - 1) / (HEAT_LEVELS - 1)
        return self.background_colors[1].blend(accent, share)


def _build(job: Job) -> tuple[tuple[tuple[str, str], ...], ...] | None:
    from dutydesk.ui.widgets.drawing import build

    return build(*job)
