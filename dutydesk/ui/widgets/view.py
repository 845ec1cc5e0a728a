"""What a list shows of its window: the cursor, the first line in view, and how both move."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any

from dutydesk.ui.widgets.window import KeyOf, Line, Window

Missing = str | None
"""What must be read before a move can be done: "after", "before", "start", "end", or None when it is done."""


class View:
    """A cursor over a window of rows, seen through `height` lines.

    `window.key(row)` is the place of a row; `ident(row)` says which thing it is, when an edit can change its place.
    """

    def __init__(self, window: Window, ident: KeyOf | None = None) -> None:
        self.window = window
        self.cursor = -1
        self.top = 0
        self.height = 1
        self._ident = ident

    @property
    def row(self) -> Any:
        """The row under the cursor, or None."""
        return self.window.rows[self.cursor] if 0 <= self.cursor < len(self.window.rows) else None

    @property
    def key(self) -> Hashable | None:
        """The key of the row under the cursor, or None."""
        row = self.row
        return None if row is None else self.window.key(row)

    @property
    def lines(self) -> Sequence[Line]:
        """The lines in view."""
        return self.window.lines[self.top : self.top + self.height]

    @property
    def at_start(self) -> bool:
        """Whether the first row there is stands in view."""
        return self.top == 0 and not self.window.more_before

    def start_at(self, place: int) -> None:
        """Stand on row number `place` of the window, in the middle of the view where there is room."""
        self.cursor = place if place < len(self.window.rows) else -1
        self.top = max(0, self.window.line_of[place] - self.height // 2) if self.cursor > 0 else 0

    def keep(self, change: Callable[[], object]) -> None:
        """Change the window; the cursor stays on its row, and the row on its line of the screen."""
        rows, at = self.window.rows[:], self.cursor
        line = self.window.line_of[at] - self.top if 0 <= at < len(rows) else 0
        change()
        self.cursor = self._find(rows, at)
        if self.cursor >= 0:
            self.top = self.window.line_of[self.cursor] - line

    def _find(self, rows: Sequence[Any], at: int) -> int:
        """Return where `rows[at]` is now; when it is gone, its next follower that is left, else a predecessor."""
        now, place, key = self.window.rows, self.window.place, self.window.key
        if not now or not 0 <= at < len(rows):
            return 0 if now else -1
        if key(rows[at]) in place:
            return place[key(rows[at])]
        if self._ident:
            ident = self._ident(rows[at])
            for found, row in enumerate(now):
                if self._ident(row) == ident:
                    return found
        for row in (*rows[at + 1 :], *reversed(rows[:at])):
            if key(row) in place:
                return place[key(row)]
        return min(at, len(now) - 1)

    def follow(self) -> None:
        """Scroll as little as possible so that the cursor's row, its section title and its notes are in view."""
        lines = self.window.lines
        if self.cursor >= 0:
            first = last = self.window.line_of[self.cursor]
            if first and lines[first - 1].title:
                first -= 1
            while last + 1 < len(lines) and not lines[last + 1].title and lines[last + 1].row == self.cursor:
                last += 1
            self.top = min(max(self.top, last - self.height + 1), first)
        self._within()

    def _within(self) -> None:
        self.top = max(0, min(self.top, len(self.window.lines) - self.height))

    def move(self, rows: int, *, page: bool = False) -> Missing:
        """Go `rows` down, or up below zero; with `page` the view goes along."""
        window = self.window
        target = self.cursor + rows
        if target < 0 and window.more_before:
            return "before"
        if target >= len(window.rows) and window.more_after:
            return "after"
        target = max(0, min(target, len(window.rows) - 1)) if window.rows else -1
        if page and target >= 0:
            self.top += window.line_of[target] - window.line_of[self.cursor]
            self._within()
        self.cursor = target
        return None

    def first(self) -> Missing:
        """Go to the first row there is."""
        if self.window.more_before:
            return "start"
        self.cursor = min(0, len(self.window.rows) - 1)
        return None

    def last(self) -> Missing:
        """Go to the last row there is."""
        if self.window.more_after:
            return "end"
        self.cursor = len(self.window.rows) - 1
        return None

    def scroll(self, lines: int) -> None:
        """Move the view by lines; the cursor goes along only when it would leave the view."""
        self.top += lines
        self._within()
        rows = [line.row for line in self.lines if line.text is None]
        if rows:
            self.cursor = max(rows[0], min(self.cursor, rows[-1]))
