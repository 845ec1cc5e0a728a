"""Widgets drawn line by line: named styles, cells cut to width, and only changed lines repainted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.style import Style as VisualStyle
from textual.widget import Widget

from dutydesk.domain import text as words
from dutydesk.ui import marks

Cell = str | tuple[str, str]
"""A piece of a line: its text, or (text, style): a name of `STYLES`, or the theme's own words such as `bold $error`."""

STYLES: dict[str, str] = {
    "plain": "",
    "muted": "$text-muted",
    "accent": "$accent",
    "warning": "$warning",
    "error": "$error",
    "success": "$success",
    "strong": "bold",
    "title": "bold",
    "cursor": "bold on $accent 25%",
}
"""The style names a cell may carry, and what each adds to the widget's own style."""


def flat(text: str) -> str:
    """Return `text` on one line, with a space for every character that would steer the terminal."""
    if text.isascii() and text.isprintable():
        return text
    return words.CONTROL.sub(" ", text.replace("\n", " ").replace("\t", " "))


def fit(text: str, cells: int, *, right: bool = False) -> str:
    """Cut or pad `text` to exactly `cells` terminal cells, as the terminal measures them."""
    if cells <= 0:
        return ""
    fitted = words.fit(words.cut(flat(text), cells, mark=marks.CUT), cells, right=right)
    return fitted if cell_len(fitted) == cells else set_cell_size(fitted, cells)


def split(cell: Cell) -> tuple[str, str]:
    """Return the text and the style name of a cell; "" stands for the style around it."""
    return (cell, "") if isinstance(cell, str) else cell


def cells_width(cells: Iterable[Cell]) -> int:
    """Return how many terminal cells a run of cells takes."""
    return sum(cell_len(flat(split(cell)[0])) for cell in cells)


def cut_cells(cells: Iterable[Cell], room: int) -> tuple[list[tuple[str, str]], int]:
    """Cut a run of cells to `room` terminal cells at a character; return it and the cells used."""
    taken: list[tuple[str, str]] = []
    used = 0
    for cell in cells:
        text, style = split(cell)
        text = flat(text)
        width = cell_len(text)
        if used + width > room:
            text = words.cut(text, room - used, mark=marks.CUT)
            width = cell_len(text)
            if width:
                taken.append((text, style))
                used += width
            break
        taken.append((text, style))
        used += width
    return taken, used


class LineWidget(Widget):
    """A widget whose content is a list of lines, drawn from `draw` and repainted only where it changed."""

    ALLOW_SELECT: ClassVar[bool] = False
    DEFAULT_CSS = "LineWidget { width: 1fr; height: 1fr; }"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._painted: list[Strip] = []
        self._painted_size = Size(-1, -1)
        self._stale = True
        self._named: dict[tuple[str, ...], Style] = {}

    def draw(self, width: int, height: int) -> list[Strip]:
        """Return the `height` lines the widget shows now, each `width` cells wide."""
        raise NotImplementedError

    def repaint(self) -> None:
        """Draw anew and send only the lines that differ from what is on the screen."""
        if not self.is_mounted or self._painted_size != self.size:
            self._stale = True
            if self.is_mounted:
                self.refresh()
            return
        before = self._painted
        self._redraw()
        if len(before) != len(self._painted):
            self.refresh()
            return
        pairs = enumerate(zip(before, self._painted, strict=True))
        changed = [Region(0, y, self.size.width, 1) for y, (old, new) in pairs if old != new]
        if changed:
            self.refresh(*changed)

    def render_line(self, y: int) -> Strip:
        """Return one line of what `draw` made last; draw first when the styles or the size changed."""
        if self._stale or self._painted_size != self.size:
            self._redraw()
        return self._painted[y] if y < len(self._painted) else Strip.blank(self.size.width, self.named())

    def _redraw(self) -> None:
        width, height = self.size
        self._stale = False
        self._painted_size = self.size
        self._painted = self.draw(width, height)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._named = {}
        self._stale = True
        self.styles_changed()
        if self.is_mounted:
            self.call_later(self.repaint)

    def styles_changed(self) -> None:
        """Forget what was drawn with the styles before; called when theme or state change them."""

    def on_focus(self) -> None:
        self.repaint()

    def on_blur(self) -> None:
        self.repaint()

    def named(self, *names: str) -> Style:
        """Return the terminal style of the named styles laid over each other, later ones on top."""
        style = self._named.get(names)
        if style is None:
            look = self.visual_style
            if "cursor" in names and (self.app.native_ansi_color or self.app.no_color):
                style = look.rich_style + Style(reverse=True, bold=True)
            else:
                style = sum((self.look(name) for name in names), look).rich_style
            self._named[names] = style
        return style

    def look(self, name: str) -> VisualStyle:
        """Return what a style adds in the theme that is shown; nothing for a name that is not known."""
        return self.app.stylesheet.parse_style(STYLES.get(name, name if "$" in name else ""))

    def strip(self, cells: Sequence[tuple[str, str]], width: int, *under: str) -> Strip:
        """Make one line of cells over the styles `under`, filled up to `width`; neighbours of one style are joined."""
        segments: list[Segment] = []
        used = 0
        run, run_style = "", self.named(*under)
        for text, name in cells:
            style = self.named(*under, name) if name else self.named(*under)
            used += cell_len(text)
            if style == run_style:
                run += text
                continue
            if run:
                segments.append(Segment(run, run_style))
            run, run_style = text, style
        if run:
            segments.append(Segment(run, run_style))
        if used < width:
            segments.append(Segment(" " * (width - used), self.named(*under)))
        line = Strip(Segment.simplify(segments))
        return line if line.cell_length == width else line.adjust_cell_length(width, self.named(*under))
