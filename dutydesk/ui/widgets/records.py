"""A list of any length: rows are read by key as the cursor nears them, and only changed lines are repainted."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip

from dutydesk.domain.errors import DeskError
from dutydesk.domain.words import N_
from dutydesk.locale import _, ngettext, sentence
from dutydesk.ui import marks
from dutydesk.ui.widgets.columns import MARK_CELLS, Column, Layout, lay_out, row_cells, title_cells
from dutydesk.ui.widgets.paint import Cell, LineWidget, cut_cells, fit, split
from dutydesk.ui.widgets.view import Missing, View
from dutydesk.ui.widgets.window import KeyOf, Line, Listed, Page, Paged, PageSource, Span, Window

__all__ = ["Column", "Listed", "Page", "PageSource", "Paged", "RecordList", "Span"]

PAGE_ROWS = 200
"""Rows read at once."""

PAGES_KEPT = 3
"""Pages held in memory; farther rows are dropped and read again when needed."""

NEW_COUNTED = 99
"""Rows that arrived above are counted up to this number."""

WHEEL_LINES = 3

DRAWN_KEPT = 1000
"""Drawn rows held in memory."""

Step = Callable[[], Missing]
"""One thing the person asked for; returns what must be read before it can be done."""


class RecordList(LineWidget, can_focus=True):
    """A list with a cursor over a source that pages by key.

    Nothing is shown before `reload`, `show` or `goto` is awaited. Keys never wait for the database unless they
    outrun it, and then they are done in order. Source: SCREENS principle 6, DESIGN 7.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "cursor_up", N_("Up"), show=False, id="list.up"),
        Binding("down,j", "cursor_down", N_("Down"), show=False, id="list.down"),
        Binding("pageup", "page_up", N_("Page up"), show=False, id="list.page_up"),
        Binding("pagedown", "page_down", N_("Page down"), show=False, id="list.page_down"),
        Binding("home,g", "first", N_("First"), show=False, id="list.first"),
        Binding("end,G", "last", N_("Last"), show=False, id="list.last"),
        Binding("enter", "select", N_("Open"), show=False, id="list.select"),
    ]

    @dataclass
    class Highlighted(Message):
        """The cursor stands on another row, or its row changed; `row` is None in an empty list."""

        records: RecordList
        row: Any

        @property
        def control(self) -> RecordList:
            """The list, for `@on(RecordList.Highlighted, "#id")`."""
            return self.records

    @dataclass
    class Selected(Message):
        """Enter or a double click on a row."""

        records: RecordList
        row: Any

        @property
        def control(self) -> RecordList:
            """The list, for `@on(RecordList.Selected, "#id")`."""
            return self.records

    def __init__(
        self,
        columns: Sequence[Column],
        source: PageSource | None = None,
        *,
        empty: str | Callable[[], str] = "",
        key: KeyOf = attrgetter("key"),
        ident: KeyOf | None = None,
        section: Callable[[Any], str] | None = None,
        note: Callable[[Any], Cell | list[Cell | None] | None] | None = None,
        tone: Callable[[Any], str | None] | None = None,
        header: bool = True,
        limit: int = PAGE_ROWS,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        """Make a list.

        `empty` is the sentence of an empty list: a message translated when shown, or a function that returns the text.
        `key(row)` is its place in the order, `ident(row)` says which thing it is when an edit can change its place.
        `section`, `note`: see `Window`. `tone(row)` names the style of a whole row.
        """
        super().__init__(id=id, classes=classes)
        self.columns = columns
        self.source: PageSource = source or Listed(())
        self.empty = empty
        self._key, self._tone = key, tone
        self._header = header
        self._limit = limit
        self._window = Window(key, section, note)
        self._view = View(self._window, ident)
        self._loaded = False
        self._touched = False
        self._generation = 0
        self._steps: deque[Step] = deque()
        self._loading: set[str] = set()
        self._reloading = asyncio.Lock()
        self._first_seen: Hashable | None = None
        self._new = 0
        self._told: Any = None
        self._drawn: dict[tuple[Hashable, bool, bool], tuple[Any, Strip]] = {}

    # What the list holds

    @property
    def rows(self) -> Sequence[Any]:
        """The rows in memory: all of a short list, the neighbourhood of the cursor in a long one."""
        return tuple(self._window.rows)

    @property
    def row(self) -> Any:
        """The row under the cursor, or None."""
        return self._view.row

    @property
    def key(self) -> Hashable | None:
        """The key of the row under the cursor, or None."""
        return self._view.key

    async def reload(self) -> None:
        """Read the rows around the cursor again; the selected row stays selected and on its line."""
        async with self._reloading:
            await self._reload()

    async def show(self, source: PageSource, key: Hashable | None = None) -> None:
        """Show another source, such as another filter, from its start or at `key`."""
        self.source = source
        await self._open(key)

    async def goto(self, key: Hashable) -> None:
        """Put the cursor on the row with `key`, wherever it is; on its neighbour when it is gone."""
        if not self.move_to(key):
            await self._open(key)

    def move_to(self, key: Hashable) -> bool:
        """Put the cursor on a row in memory; return False when it is not there."""
        place = self._window.place.get(key)
        if place is None:
            return False
        self._touched = True
        self._view.cursor = place
        self._settle()
        return True

    def put(self, row: Any) -> bool:
        """Show `row` in the place of the one with its key, without reading; return False when it is not in memory."""
        if self._key(row) not in self._window.place:
            return False
        self._view.keep(lambda: self._window.put(row))
        self._settle()
        return True

    def redraw(self) -> None:
        """Ask every cell again what it says: the minute, the language or a setting changed."""
        self._drawn.clear()
        self.repaint()

    # Reading

    async def _reload(self) -> None:
        for _attempt in range(3):
            source, generation, key = self.source, self._generation, self.key
            follow = key is None or (self._view.cursor == 0 and not self._touched and self._view.at_start)
            span = await self._first_page(source) if follow else await source.around(key, self._reach)
            new = 0 if follow else await self._count_new(source, span)
            if source is not self.source:
                return
            if generation == self._generation and (self.key in (key, *map(self._key, span.rows))):
                break
        at_top = self._view.cursor <= 0 and self._view.at_start
        self._view.keep(lambda: self._window.replace(span.rows, span.more_before, span.more_after))
        if follow and (key is None or not self._touched):
            self._view.cursor = 0 if span.rows else -1
        if at_top:
            self._view.top = 0
        self._new = new
        self._became_current()

    async def _open(self, key: Hashable | None) -> None:
        source = self.source
        span = await self._first_page(source) if key is None else await source.around(key, self._reach)
        if source is not self.source:
            return
        self._window.replace(span.rows, span.more_before, span.more_after)
        self._view.start_at(self._window.place.get(key, 0))
        self._touched = key is not None
        self._new, self._first_seen = 0, None
        self._steps.clear()
        self._became_current()

    def _became_current(self) -> None:
        self._generation += 1
        self._loaded = True
        self._drawn.clear()
        self._drain()

    async def _first_page(self, source: PageSource) -> Span:
        page = await source.after(None, self._limit)
        return Span(page.rows, False, page.more)

    async def _count_new(self, source: PageSource, span: Span) -> int:
        if self._first_seen is None:
            return 0
        if not span.more_before:
            for place, row in enumerate(span.rows):
                if self._key(row) == self._first_seen:
                    return min(place, NEW_COUNTED)
        return len((await source.before(self._first_seen, NEW_COUNTED)).rows)

    def _load(self, what: str) -> None:
        if what not in self._loading:
            self._loading.add(what)
            self.run_worker(self._fetch(what), group="records")

    async def _fetch(self, what: str) -> None:
        source, generation, rows = self.source, self._generation, self._window.rows
        edge = self._key(rows[-1 if what == "after" else 0]) if rows and what in ("after", "before") else None
        try:
            back = what in ("before", "end")
            page = await (source.before(edge, self._limit) if back else source.after(edge, self._limit))
        except DeskError as error:
            self._steps.clear()
            self.app.notify(sentence(error), severity="error", markup=False)
            return
        finally:
            self._loading.discard(what)
        if source is self.source and generation == self._generation:
            self._take(what, page, edge)
        self._drain()

    def _take(self, what: str, page: Page, edge: Hashable | None) -> None:
        window = self._window
        if what in ("start", "end"):
            self._generation += 1
            window.replace(page.rows, what == "end" and page.more, what == "start" and page.more)
            self._drawn.clear()
            return
        back, keep = what == "before", max(self._limit * PAGES_KEPT, self._limit + 2 * self._reach)
        surplus = len(window.rows) + len(page.rows) - keep
        far = self._view.cursor >= len(window.rows) - surplus if back else self._view.cursor < surplus
        if window.rows and self._key(window.rows[0 if back else -1]) == edge and not (surplus > 0 and far):
            self._view.keep(lambda: window.extend(page, back=back, keep=keep))

    # Moving

    @property
    def _reach(self) -> int:
        """Rows that are kept ready on both sides of the cursor."""
        return max(self._limit // 2, 2 * self._view.height)

    def _ask(self, step: Step) -> None:
        self._touched = True
        self._steps.append(step)
        self._drain()

    def _drain(self) -> None:
        """Do what was asked for in order, as far as the rows in memory go."""
        while self._steps:
            missing = self._steps[0]()
            if missing:
                self._load(missing)
                break
            self._steps.popleft()
        self._settle()

    def _settle(self) -> None:
        """Show the cursor, say where it is, and read on before it comes near the end of the rows in memory."""
        window, view = self._window, self._view
        if self.size.height:  # before it is laid out, nothing is out of view
            view.height = max(1, self.size.height - self._header)
            view.follow()
        if view.at_start:
            self._first_seen = self._key(window.rows[0]) if window.rows else None
            self._new = 0
        self.repaint()
        row = view.row
        if self._loaded and row != self._told:
            self._told = row
            self.post_message(self.Highlighted(self, row))
        if window.more_after and len(window.rows) - view.cursor < self._reach:
            self._load("after")
        if window.more_before and view.cursor < self._reach:
            self._load("before")

    def _select(self) -> None:
        if self.row is not None:
            self._settle()
            self.post_message(self.Selected(self, self.row))

    def _first(self) -> Missing:
        missing = self._view.first()
        self._touched = missing is not None
        return missing

    def action_cursor_up(self) -> None:
        """Go one row up."""
        self._ask(lambda: self._view.move(-1))

    def action_cursor_down(self) -> None:
        """Go one row down."""
        self._ask(lambda: self._view.move(1))

    def action_page_up(self) -> None:
        """Go one screen up."""
        self._ask(lambda: self._view.move(-max(1, self._view.height - 1), page=True))

    def action_page_down(self) -> None:
        """Go one screen down."""
        self._ask(lambda: self._view.move(max(1, self._view.height - 1), page=True))

    def action_first(self) -> None:
        """Go to the first row there is."""
        self._ask(self._first)

    def action_last(self) -> None:
        """Go to the last row there is."""
        self._ask(self._view.last)

    def action_select(self) -> None:
        """Open the row under the cursor, after the moves asked for before."""
        self._ask(self._select)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self._ask(lambda: self._view.scroll(WHEEL_LINES))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self._ask(lambda: self._view.scroll(-WHEEL_LINES))

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        line = offset.y - self._header if offset else -1
        if not 0 <= line < len(self._view.lines) or self._view.lines[line].title:
            return
        event.stop()
        self.move_to(self._key(self._window.rows[self._view.lines[line].row]))
        if event.chain == 2:
            self.action_select()

    def on_resize(self) -> None:
        self._drawn.clear()
        self._settle()

    # Drawing

    def styles_changed(self) -> None:
        """Forget the rows drawn with other colours."""
        self._drawn.clear()

    def draw(self, width: int, height: int) -> list[Strip]:
        """Return the title line and the rows in view."""
        layout = lay_out(self.columns, width, self.app.size.width)
        strips = [self._draw_titles(layout, width)] if self._header else []
        lines = self._view.lines
        strips += [self._draw_line(line, layout, width) for line in lines]
        if not lines and self._loaded and len(strips) < height:
            words = self.empty() if callable(self.empty) else _(self.empty)
            strips.append(self.strip(cut_cells([" " * MARK_CELLS, words], width)[0], width, "muted"))
        blank = Strip.blank(width, self.named())
        return [*strips, *[blank] * (height - len(strips))][:height]

    def _draw_titles(self, layout: Layout, width: int) -> Strip:
        cells = title_cells(layout)
        arrow = "^" if marks.is_ascii() else "↑"
        note = ngettext("{n} new {arrow}", "{n} new {arrow}", self._new, arrow=arrow) if self._new else ""
        if not note:
            return self.strip(cut_cells(cells, width)[0], width, "muted")
        cells, used = cut_cells(cells, width - len(note) - 3)
        return self.strip([*cells, (fit(note, width - used, right=True), "accent")], width, "muted")

    def _draw_line(self, line: Line, layout: Layout, width: int) -> Strip:
        if line.title:
            return self.strip(cut_cells([" ", (line.text, "title")], width)[0], width)
        row = self._window.rows[line.row]
        if line.text is not None:
            indent = " " * (MARK_CELLS + 4)
            return self.strip(cut_cells([indent, split(line.text)], width)[0], width, "muted")
        here = line.row == self._view.cursor
        at = (self._key(row), here, self.has_focus)
        known = self._drawn.get(at)
        if known and known[0] is row:
            return known[1]
        tone = (self._tone(row) if self._tone else None) or "plain"
        mark = (f"{marks.CURSOR} ", "accent" if self.has_focus else "muted") if here else ("  ", "")
        under = (tone, "cursor") if here and self.has_focus else (tone,)
        strip = self.strip([mark, *row_cells(layout, row)], width, *under)
        if len(self._drawn) > DRAWN_KEPT:
            self._drawn.clear()
        self._drawn[at] = (row, strip)
        return strip
