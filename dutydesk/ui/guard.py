"""The last door before the terminal: no control character, no bidi control leaves it, whatever a record holds.

Text is cleaned where it enters (`domain.text`); this filter is for what came in another way: an older
database, a probe's output, a file name. Textual itself strips five control characters only.
"""

from __future__ import annotations

import re

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from dutydesk.domain.text import UNSAFE


def harmless(text: str) -> str:
    """Return `text` without what steers a terminal or joins characters, as wide as it was measured."""
    return set_cell_size(UNSAFE.sub(_blank, text), cell_len(text))


def _blank(match: re.Match[str]) -> str:
    return " " * cell_len(match[0])


class LineGuard(LineFilter):
    """Let no character through that steers a terminal; what stays is as wide as it was measured."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments of one line, harmless and of the same width."""
        del background
        search = UNSAFE.search
        return [
            segment
            if segment.control or not search(segment.text)
            else Segment(harmless(segment.text), segment.style, segment.control)
            for segment in segments
        ]
