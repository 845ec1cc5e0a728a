"""The first line of the roster: which month, how it is shown, and how it stands."""

from __future__ import annotations

from collections.abc import Sequence

from textual.strip import Strip

from dutydesk.ui.widgets.paint import Cell, LineWidget, cells_width, cut_cells


class RosterHead(LineWidget):
    """A title, words of which one is chosen, and at the right what somebody should know."""

    DEFAULT_CSS = "RosterHead { height: 1; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._says: tuple[str, tuple[str, ...], int, tuple[Cell, ...]] = ("", (), 0, ())

    def show(self, title: str, words: Sequence[str], at: int, status: Sequence[Cell]) -> None:
        """Say something else; `at` is the place of the chosen word."""
        says = title, tuple(words), at, tuple(status)
        if says != self._says:
            self._says = says
            self.repaint()

    def draw(self, width: int, height: int) -> list[Strip]:
        """Return the line."""
        title, words, at, status = self._says
        left: list[Cell] = [(f" {title}", "strong"), "  "]
        for place, each in enumerate(words):
            left.append((f" {each} ", "cursor" if place == at else "muted"))
        right, used = cut_cells(status, max(0, width - cells_width(left) - 2))
        shown, taken = cut_cells(left, max(0, width - used - 2))
        line = self.strip([*shown, (" " * (width - used - taken - 1), ""), *right, (" ", "")], width)
        return [line, *[Strip.blank(width, self.named())] * (height - 1)][:height]
