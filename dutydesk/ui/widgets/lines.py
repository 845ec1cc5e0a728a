"""A panel of a dashboard: sections with a title, a rule and a count, and rows of styled text to choose from."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, cast

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from dutydesk.domain.words import N_
from dutydesk.locale import ngettext
from dutydesk.ui import marks
from dutydesk.ui.widgets.paint import Cell, LineWidget, cells_width, cut_cells, split

LEFT_KEEPS = 12
"""Cells that the left part of a row keeps when the right part is long."""


@dataclass(frozen=True)
class LineRow:
    """One row: cells from the left, which are cut where the room ends, and cells at the right edge.

    A row with a `key` can be chosen (no two rows of a panel share a key); `value` travels with it. `style` lies
    under all its cells.
    """

    left: Sequence[Cell]
    right: Sequence[Cell] = ()
    key: Hashable | None = None
    value: Any = None
    style: str = ""


@dataclass(frozen=True)
class Section:
    """A title line with a rule and a count at its right edge, and rows; `empty` is shown when there are none.

    Without a title only the rows are shown. `most` limits the rows; the rest is said as a number.
    """

    title: str
    rows: Sequence[LineRow] = ()
    count: Cell | int = ""
    empty: str = ""
    most: int | None = None


@dataclass(frozen=True)
class _Title:
    section: Section


_Line = _Title | LineRow
_BLANK = LineRow(())


class Lines(LineWidget, can_focus=True):
    """Sections of rows, drawn as one widget; what did not change is not sent to the terminal again."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "cursor_up", N_("Up"), show=False, id="list.up"),
        Binding("down,j", "cursor_down", N_("Down"), show=False, id="list.down"),
        Binding("pageup", "page_up", N_("Page up"), show=False, id="list.page_up"),
        Binding("pagedown", "page_down", N_("Page down"), show=False, id="list.page_down"),
        Binding("home,g", "first", N_("First"), show=False, id="list.first"),
        Binding("end,G", "last", N_("Last"), show=False, id="list.last"),
        Binding("enter", "choose", N_("Open"), show=False, id="list.select"),
    ]

    @dataclass
    class Chosen(Message):
        """Enter or a double click on a row with a key."""

        lines: Lines
        row: LineRow

        @property
        def control(self) -> Lines:
            """The panel, for `@on(Lines.Chosen, "#id")`."""
            return self.lines

    @dataclass
    class Highlighted(Message):
        """The cursor came to another row; `row` is None when nothing can be chosen."""

        lines: Lines
        row: LineRow | None

        @property
        def control(self) -> Lines:
            """The panel, for `@on(Lines.Highlighted, "#id")`."""
            return self.lines

    def __init__(self, sections: Sequence[Section] = (), *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._sections: tuple[Section, ...] = ()
        self._tight: list[_Line] = []
        self._loose: list[_Line] = []
        self._key: Hashable | None = None
        self._top = 0
        self.show(sections)

    @property
    def row(self) -> LineRow | None:
        """The row under the cursor, or None."""
        return next((row for row in self._choices if row.key == self._key), None)

    @property
    def key(self) -> Hashable | None:
        """The key of the row under the cursor, or None."""
        return self._key

    @property
    def _choices(self) -> list[LineRow]:
        return [line for line in self._tight if isinstance(line, LineRow) and line.key is not None]

    def show(self, sections: Sequence[Section]) -> None:
        """Show these sections; the cursor stays on its key, or near where it was when the key is gone."""
        sections = tuple(sections)
        if sections == self._sections:
            return
        keys = [row.key for row in self._choices]
        at = keys.index(self._key) if self._key in keys else 0
        self._sections = sections
        height = len(self._loose)
        self._lay_out()
        now = [row.key for row in self._choices]
        if self._key not in now:
            self._go(now[min(at, len(now) - 1)] if now else None)
        if self.is_mounted and self.styles.height is not None and self.styles.height.is_auto:
            self.refresh(layout=height != len(self._loose), repaint=False)
        self.repaint()

    def move_to(self, key: Hashable) -> bool:
        """Put the cursor on the row with `key`; return False when it is not shown."""
        found = any(row.key == key for row in self._choices)
        if found:
            self._go(key)
            self.repaint()
        return found

    def _go(self, key: Hashable | None) -> None:
        if key != self._key:
            self._key = key
            if self.is_attached:
                self.post_message(self.Highlighted(self, self.row))

    def _lay_out(self) -> None:
        self._tight, self._loose = [], []
        for section in self._sections:
            lines: list[_Line] = [_Title(section)] if section.title else []
            rows = list(section.rows[: section.most])
            lines += rows or ([LineRow([section.empty], style="muted")] if section.empty else [])
            hidden = len(section.rows) - len(rows)
            if hidden:
                lines.append(LineRow([ngettext("{n} more", "{n} more", hidden)], style="muted"))
            self._loose += [*([_BLANK] if self._loose else []), *lines]
            self._tight += lines

    # Keys

    def _step(self, rows: int) -> None:
        keys = [row.key for row in self._choices]
        if keys:
            at = keys.index(self._key) if self._key in keys else 0
            self.move_to(keys[max(0, min(at + rows, len(keys) - 1))])

    def action_cursor_up(self) -> None:
        """Go to the row above that can be chosen."""
        self._step(-1)

    def action_cursor_down(self) -> None:
        """Go to the row below that can be chosen."""
        self._step(1)

    def action_page_up(self) -> None:
        """Go a screen up."""
        self._step(-max(1, self.size.height - 1))

    def action_page_down(self) -> None:
        """Go a screen down."""
        self._step(max(1, self.size.height - 1))

    def action_first(self) -> None:
        """Go to the first row that can be chosen."""
        self._step(-len(self._tight))

    def action_last(self) -> None:
        """Go to the last row that can be chosen."""
        self._step(len(self._tight))

    def action_choose(self) -> None:
        """Open the row under the cursor."""
        if self.row is not None:
            self.post_message(self.Chosen(self, self.row))

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        lines = self._fitting(self.size.height)[self._top :]
        if offset is None or not 0 <= offset.y < len(lines):
            return
        line = lines[offset.y]
        if isinstance(line, LineRow) and line.key is not None:
            event.stop()
            self.move_to(line.key)
            if event.chain == 2:
                self.action_choose()

    def allow_focus(self) -> bool:
        """Return whether there is anything to choose; a panel without choices is passed by."""
        return super().allow_focus() and bool(self._choices)

    # Drawing

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return the lines there are, for `height: auto`."""
        del container, viewport, width
        return len(self._loose)

    def _fitting(self, height: int) -> list[_Line]:
        """Return the lines, with a blank one between sections where all of them fit."""
        return self._loose if len(self._loose) <= height else self._tight

    def draw(self, width: int, height: int) -> list[Strip]:
        """Return the lines in view; the last one says how many more there are below."""
        lines = self._fitting(height)
        self._scroll(lines, height)
        strips = [self._draw_line(line, width) for line in lines[self._top : self._top + height]]
        if len(lines) > self._top + height:
            arrow = "v" if marks.is_ascii() else "↓"
            below = sum(isinstance(line, LineRow) for line in lines[self._top + height - 1 :])
            more = ngettext("{n} more {arrow}", "{n} more {arrow}", below, arrow=arrow)
            strips[-1] = self.strip(cut_cells([" ", more], width)[0], width, "muted")
        blank = Strip.blank(width, self.named())
        return [*strips, *[blank] * (height - len(strips))]

    def _scroll(self, lines: Sequence[_Line], height: int) -> None:
        """Keep the cursor's row in view, with the title above it, and above the line that says what is below."""
        places = [y for y, line in enumerate(lines) if isinstance(line, LineRow) and line.key is not None]
        at = next((y for y in places if cast(LineRow, lines[y]).key == self._key), 0)
        if not places or at == places[0]:
            first = 0
        else:
            first = at - 1 if isinstance(lines[at - 1], _Title) else at
        seen = height - 1 if at < len(lines) - 1 else height
        self._top = max(min(self._top, first), at - max(1, seen) + 1)
        self._top = max(0, min(self._top, len(lines) - height))

    def _draw_line(self, line: _Line, width: int) -> Strip:
        if isinstance(line, _Title):
            return self._draw_title(line.section, width)
        here = self.has_focus and line.key is not None and line.key == self._key
        under = [name for name in (line.style, "cursor" if here else "") if name]
        mark = (marks.CURSOR, "accent") if here else (" ", "")
        right, right_width = cut_cells(line.right, max(0, width - 2 - LEFT_KEEPS))
        left, left_width = cut_cells(line.left, width - 1 - right_width - (1 if right else 0))
        space = " " * (width - 1 - left_width - right_width)
        return self.strip([mark, *left, (space, ""), *right], width, *under)

    def _draw_title(self, section: Section, width: int) -> Strip:
        cell = str(section.count) if isinstance(section.count, int) else section.count
        count, style = split(cell)
        tail = [(f" {count}", style or "strong")] if count else []
        title, used = cut_cells([" ", (section.title, "title"), " "], max(0, width - cells_width(tail)))
        rule = (marks.RULE * max(0, width - used - cells_width(tail)), "muted")
        return self.strip([*title, rule, *tail], width)
