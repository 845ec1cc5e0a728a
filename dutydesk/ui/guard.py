"""The last door before the terminal: no control character, no bidi control leaves it, whatever a record holds, and
no character that the terminal cannot show.

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
from dutydesk.ui import marks
from dutydesk.ui.characters import Characters, shown


def harmless(text: str) -> str:
    """Return `text` without what steers a terminal or joins characters, as wide as it was measured."""
    return set_cell_size(UNSAFE.sub(_blank, text), cell_len(text))


def _blank(match: re.Match[str]) -> str:
    return " " * cell_len(match[0])


class LineGuard(LineFilter):
    """Let no character through that steers a terminal or that it lacks; all stays as wide as it was measured."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments of one line, harmless and of the same width."""
        del background
        return [segment if segment.control else _guarded(segment, marks.characters()) for segment in segments]


def _guarded(segment: Segment, characters: Characters) -> Segment:
    text = harmless(segment.text) if UNSAFE.search(segment.text) else segment.text
    text = shown(text, characters)
    return segment if text is segment.text else Segment(text, segment.style)
