"""The head of a wizard: its title and status, its steps with what is missing in each, and what the step is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.strip import Strip

from dutydesk.ui import marks
from dutydesk.ui.widgets.paint import LineWidget, cells_width, cut_cells


@dataclass(frozen=True)
class Head:
    """What the three lines say; `steps` are (word, missing count), `at` the present one or -1 for no steps."""

    title: str = ""
    status: tuple[str, str] = ("", "")
    steps: Sequence[tuple[str, int]] = ()
    at: int = -1
    about: str = ""
    count: str = ""


class StepsHead(LineWidget):
    """Three lines above the list of a wizard."""

    DEFAULT_CSS = "StepsHead { height: 3; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.head = Head()

    def show(self, head: Head) -> None:
        """Say something else."""
        if head != self.head:
            self.head = head
            self.repaint()

    def draw(self, width: int, height: int) -> list[Strip]:
        """Return the three lines."""
        head = self.head
        lines = [
            self._spread([(f" {head.title}", "strong")], [head.status], width),
            self._steps(width),
            self._spread([(f" {head.about}", "muted")], [(head.count, "muted")], width),
        ]
        return [line if index < height else Strip.blank(width) for index, line in enumerate(lines)][:height]

    def _spread(self, left: list[tuple[str, str]], right: list[tuple[str, str]], width: int) -> Strip:
        right, used = cut_cells(right, width - 2)
        left, taken = cut_cells(left, width - used - 2)
        return self.strip([*left, (" " * (width - used - taken - 1), ""), *right, (" ", "")], width)

    def _steps(self, width: int) -> Strip:
        cells: list[tuple[str, str]] = [(" ", "")]
        for number, (name, missing) in enumerate(self.head.steps):
            here = number == self.head.at
            style = "cursor" if here else "muted"
            cells.append((f" {name} ", style))
            if missing:
                cells.append((f"{marks.LATE}{missing} ", "warning"))
            cells.append((" ", ""))
        fitted, _used = cut_cells(cells, width)
        assert cells_width(fitted) <= width
        return self.strip(fitted, width)
