"""A terminal, and what a person sees of each of its cells: what is painted in parts is compared with a whole."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import pyte
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

ON_BLANKS = ("underscore", "strikethrough", "reverse", "blink")
"""Marks that are seen where there is no character."""


class Shown:
    """A terminal of some size; like the console's, it does not wrap lines."""

    def __init__(self, width: int, height: int) -> None:
        self.screen = pyte.Screen(width, height)
        self._stream = pyte.Stream(self.screen)
        self._stream.feed("\x1b[?7l")

    def feed(self, text: str) -> None:
        """Write to it."""
        self._stream.feed(text)

    def cells(self) -> list[list[tuple[Any, ...]]]:
        """Return character, colours and marks of each cell; of a blank only what can be seen."""
        columns, lines = self.screen.columns, self.screen.lines
        return [[_seen(self.screen.buffer[y][x]) for x in range(columns)] for y in range(lines)]


def _seen(cell: Any) -> tuple[Any, ...]:
    marks = tuple(mark for mark in ON_BLANKS if getattr(cell, mark))
    if cell.data == " ":
        return (" ", cell.fg, cell.bg, marks) if marks else (" ", cell.bg)
    return (cell.data, cell.fg, cell.bg, marks, cell.bold, cell.italics)


def whole(lines: Sequence[Strip]) -> Shown:
    """Return a terminal that the lines were written to as Textual does it, every piece with its colours."""
    console = Console(file=io.StringIO(), color_system="truecolor", force_terminal=True)
    shown = Shown(lines[0].cell_length, len(lines))
    for y, line in enumerate(lines):
        anew = Strip([Segment(text, _anew(style), control) for text, style, control in line], line.cell_length)
        shown.feed(f"\x1b[{y + 1};1H{anew.render(console)}")
    return shown


def _anew(style: Style | None) -> Style | None:
    """Return a style that was never rendered: Rich keeps the codes of the first terminal that a style was shown on."""
    if style is None:
        return None
    anew = style.copy()
    anew._ansi = None
    return anew
