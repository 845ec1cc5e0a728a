"""The last door before the terminal: no control character, no bidi control leaves it, whatever a record holds.

Text is cleaned where it enters (`domain.text`); this filter is for what came in another way: an older
database, a probe's output, a file name. Textual itself strips five control characters only.
"""

from __future__ import annotations

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from dutydesk.domain.text import CONTROL


def _blank(match: object) -> str:
    return " " * cell_len(match[0])  # type: ignore[index]


class LineGuard(LineFilter):
    """Replace each character that steers a terminal by the blanks it was measured as."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments of one line, harmless and of the same width."""
        del background
        search = CONTROL.search
        return [
            segment
            if segment.control or not search(segment.text)
            else Segment(CONTROL.sub(_blank, segment.text), segment.style, segment.control)
            for segment in segments
        ]
