"""Only the cells that changed go to the terminal.

Textual 8.2.8 keeps track of the cells to paint, but writes each line from the left edge of the widget up to them: one
digit of a clock costs the whole line. Over a slow line that is what a key costs too.
"""

from __future__ import annotations

from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.control import Control
from textual._compositor import ChopsUpdate
from textual.strip import Strip


def whole(strip: Strip, first: int, last: int) -> tuple[int, int]:
    """Return the span with the wide characters at its ends taken in: half of one would be painted as a blank."""
    text, at = strip.text, 0
    begin, end = first, last
    if text.isascii():
        return begin, end
    for character in text:
        beyond = at + cell_len(character)
        if at < first < beyond:
            begin = at
        if at < last < beyond:
            end = beyond
        if beyond >= last:
            break
        at = beyond
    return begin, end


class ExactUpdate(ChopsUpdate):
    """A partial update that is cut to its spans at both ends."""

    def render_segments(self, console: Console) -> str:
        """Return what is written to the terminal: every span at its place."""
        written: list[str] = []
        for y, begin, end in self.spans:
            for chop_end, (x, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
                left, right = max(begin, x), min(end, chop_end)
                if strip is not None and left < right:
                    first, last = whole(strip, left - x, right - x)
                    written.append(Control.move_to(x + first, y).segment.text)
                    written.append(strip.crop(first, last).render(console))
        return "".join(written)


def exact(update: Any) -> Any:
    """Return a partial update as an exact one, anything else as it is."""
    if type(update) is ChopsUpdate:
        return ExactUpdate(update.chops, update.spans, update.chop_ends)
    return update
