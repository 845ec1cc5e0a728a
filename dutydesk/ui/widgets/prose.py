"""Text in sentences, wrapped between Chinese characters as well as at spaces."""

from __future__ import annotations

from textual.content import Content
from textual.css.styles import RulesMap
from textual.strip import Strip
from textual.style import Style
from textual.visual import RenderOptions, Visual
from textual.widgets import Static

from dutydesk.domain.text import breaks


def flowing(content: Content, cells: int) -> list[Content]:
    """Return `content` in lines of at most `cells`, with its styles; see `domain.text.breaks`."""
    return [
        line[begin:end]
        for line in content.split("\n", allow_blank=True) or [Content("")]
        for begin, end in breaks(line.plain, cells)
    ]


class Flow(Visual):
    """Content that is wrapped by `flowing`: Textual itself takes a run of Chinese characters for one word."""

    def __init__(self, content: Content) -> None:
        self.content = content
        self._wrapped: tuple[int, Content, int] | None = None

    def _at(self, width: int) -> tuple[Content, int]:
        if self._wrapped is None or self._wrapped[0] != width:
            lines = flowing(self.content, width)
            self._wrapped = (width, Content("\n").join(lines), len(lines))
        return self._wrapped[1:]

    def render_strips(self, width: int, height: int | None, style: Style, options: RenderOptions) -> list[Strip]:
        """Draw the lines."""
        return self._at(width)[0].render_strips(width, height, style, options) if width else []

    def get_optimal_width(self, rules: RulesMap, container_width: int) -> int:
        """Return the width of the longest line."""
        return self.content.get_optimal_width(rules, container_width)

    def get_minimal_width(self, rules: RulesMap) -> int:  # noqa: ARG002
        """Return the width of one wide character: everything else may be divided."""
        return 2

    def get_height(self, rules: RulesMap, width: int) -> int:  # noqa: ARG002
        """Return how many lines there are at `width`."""
        return self._at(width)[1]


class Prose(Static):
    """A `Static` for sentences."""

    def render(self) -> Visual:
        """Return the content, wrapped when its width is known."""
        shown = self.visual
        return Flow(shown) if isinstance(shown, Content) else shown
