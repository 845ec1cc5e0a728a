"""Only the cells that changed go to the terminal.

Textual 8.2.8 keeps track of the cells to paint, but writes each line from the left edge of the widget up to them: one
digit of a clock costs the whole line. Over a slow line that is what a key costs too.
"""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.control import Control
from textual._compositor import ChopsUpdate


class ExactUpdate(ChopsUpdate):
    """A partial update that is cut to its spans at both ends."""

    def render_segments(self, console: Console) -> str:
        """Return what is written to the terminal: every span at its place."""
        written: list[str] = []
        for y, begin, end in self.spans:
            for chop_end, (x, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
                left, right = max(begin, x), min(end, chop_end)
                if strip is not None and left < right:
                    written.append(Control.move_to(left, y).segment.text)
                    written.append(strip.crop(left - x, right - x).render(console))
        return "".join(written)


def exact(update: Any) -> Any:
    """Return a partial update as an exact one, anything else as it is."""
    if type(update) is ChopsUpdate:
        return ExactUpdate(update.chops, update.spans, update.chop_ends)
    return update
