"""The screen behind a dialog, dimmed: drawn as Textual 8.2.8 draws it, at a quarter of what that costs.

Textual sends every segment of the whole screen through a console, one style at a time; on a large window each paint of
a dialog kept the next key waiting for 50 ms.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.renderables.background_screen import BackgroundScreen
from textual.strip import Strip

if TYPE_CHECKING:
    from textual.screen import Screen


@lru_cache(4096)
def dimmed(style: Style | None, tint: Color) -> Style | None:
    """Return a style as it looks behind a dialog."""
    return next(iter(BackgroundScreen.process_segments([Segment(" ", style)], tint))).style


def dimmed_lines(screen: Screen[Any], tint: Color) -> list[Strip]:
    """Return the lines of a screen as they look behind a dialog with a background of `tint`."""
    return [
        Strip([Segment(text, dimmed(style, tint)) for text, style, control in strip if not control], strip.cell_length)
        for strip in screen._compositor.render_strips()
    ]
