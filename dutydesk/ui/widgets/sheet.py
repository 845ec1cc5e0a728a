"""The sheet of a round: a row an item, grouped by place, typed into where it stands. Drawn line by line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Offset
from textual.strip import Strip

from dutydesk.domain import clock
from dutydesk.domain.checklists import ChecklistKind
from dutydesk.domain.rounds import Found, ItemKind
from dutydesk.domain.words import N_
from dutydesk.locale import _, pick, times
from dutydesk.locale import rounds as words
from dutydesk.services.round_sheet import SheetItem
from dutydesk.ui import marks
from dutydesk.ui.widgets import sheet_cells as said
from dutydesk.ui.widgets.inplace import Inplace
from dutydesk.ui.widgets.paint import Cell, LineWidget, cells_width, cut_cells, fit
from dutydesk.ui.widgets.walk import LIMITS, Entry, EntryKind, Walk, live

HEAD_LINES = 2
BELOW = 2
"""Lines kept in view below the row under the cursor."""

ENTRY_WORDS = {
    EntryKind.NOTE: N_("Note: "),
    EntryKind.SKIP: N_("Why skipped: "),
}
COPY_WORDS = (N_("Copy of"), N_("Size"), N_("Verified (y/n)"))


@dataclass(frozen=True)
class _Line:
    """One line below the head: a place, an item's row, or something under it."""

    kind: str
    code: str = ""
    title: str = ""


class SheetView(LineWidget, can_focus=True):
    """Shows a `Walk`.

    `keys` hears every key first and returns whether it was taken, `pasted` hears pasted text, `told` that the cursor
    stands on another item; moving is done here.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "step(-1)", N_("Up"), show=False, id="list.up"),
        Binding("down", "step(1)", N_("Down"), show=False, id="list.down"),
        Binding("pageup", "page(-1)", N_("Page up"), show=False, id="list.page_up"),
        Binding("pagedown", "page(1)", N_("Page down"), show=False, id="list.page_down"),
        Binding("home", "step(-10000)", N_("First"), show=False, id="list.first"),
        Binding("end", "step(10000)", N_("Last"), show=False, id="list.last"),
        Binding("tab", "next_open", N_("Next open item"), show=False, id="sheet.next_open"),
    ]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.walk: Walk | None = None
        self.line = Inplace()
        self.keys: Callable[[events.Key], bool] = lambda _event: False
        self.pasted: Callable[[str], None] = lambda _text: None
        self.told: Callable[[], None] = lambda: None
        self.facts: tuple[str, ...] = ()
        self._top = 0
        self._caret: tuple[int, int] | None = None
        self._drawn: dict[_Line, tuple[tuple[object, ...], Strip]] = {}

    # What it shows

    def show(self, walk: Walk) -> None:
        """Show this round from now on."""
        self.walk = walk
        self._drawn.clear()
        self.take_entry()

    def take_entry(self) -> None:
        """Show what is being typed now, or that nothing is."""
        entry = self.walk.entry if self.walk else None
        if entry is not None:
            self.line = Inplace(entry.text, LIMITS[entry.kind])
        else:
            self._caret = None
        self.repaint()

    @property
    def typing(self) -> bool:
        """Whether keys go into a text."""
        return self.walk is not None and self.walk.entry is not None

    # Keys

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """While something is typed, characters are text."""
        del key
        return self.typing and character is not None and character.isprintable()

    def on_key(self, event: events.Key) -> None:
        """Offer the key to the screen before any command hears it."""
        if self.keys(event):
            event.stop()
            event.prevent_default()

    def on_paste(self, event: events.Paste) -> None:
        """Offer pasted text to the screen; outside of a text it means nothing."""
        event.stop()
        self.pasted(event.text)

    def on_click(self, event: events.Click) -> None:
        """Go to the row that is clicked."""
        offset = event.get_content_offset(self)
        if offset is None or self.walk is None or self.typing:
            return
        lines = self._lines()
        place = offset.y - HEAD_LINES + self._top
        if offset.y >= HEAD_LINES and place < len(lines) and lines[place].code:
            self.walk.cursor = lines[place].code
            self.moved()

    def action_step(self, by: int) -> None:
        """Go up or down by items."""
        if self.walk is not None and not self.typing:
            self.walk.move(by)
            self.moved()

    def action_page(self, by: int) -> None:
        """Go a screen up or down."""
        self.action_step(by * max(1, self.size.height - HEAD_LINES - BELOW))

    def action_next_open(self) -> None:
        """Go to the next item that is not answered."""
        if self.walk is not None and not self.typing:
            self.walk.to_open(after=self.walk.cursor)
            self.moved()

    def moved(self) -> None:
        """Show the cursor where it is and tell the screen, in one paint."""
        self.repaint()
        self.told()

    # Lines

    def _lines(self) -> list[_Line]:
        walk = self.walk
        if walk is None:
            return []
        lines: list[_Line] = []
        place = None
        answers = walk.answers
        for item in walk.rows():
            code = item.point.code
            if item.point.place != place:
                place = item.point.place
                lines.append(_Line("place", title=pick(place)))
            lines.append(_Line("item", code))
            answer = answers.get(code)
            entry = walk.entry if walk.entry and walk.entry.code == code else None
            if entry is not None and entry.kind in (EntryKind.NOTE, EntryKind.SKIP, EntryKind.COPY):
                lines.append(_Line("entry", code))
            elif answer is not None and (answer.note or answer.found.abnormal or code in walk.state.incidents):
                lines.append(_Line("note", code))
        if self.facts:
            lines.append(_Line("place", title=_("How it was walked")))
            lines += [_Line("fact", title=fact) for fact in self.facts]
        return lines

    def draw(self, width: int, height: int) -> list[Strip]:
        """Return the head, the column titles and the lines in view."""
        self._caret = None
        if self.walk is None:
            return [Strip.blank(width, self.named())] * height
        lines = self._lines()
        room = max(1, height - HEAD_LINES)
        self._scroll(lines, room)
        strips = [self._head(self.walk, width), self._titles(self.walk, width)]
        strips += [
            self._draw_line(line, width, y + HEAD_LINES) for y, line in enumerate(lines[self._top : self._top + room])
        ]
        self._place_caret()
        blank = Strip.blank(width, self.named())
        return [*strips, *[blank] * (height - len(strips))][:height]

    def _scroll(self, lines: list[_Line], room: int) -> None:
        """Keep the row under the cursor, what stands below it and the place above it in view, with a look ahead."""
        walk = self.walk
        own = [y for y, line in enumerate(lines) if walk and line.code == walk.cursor]
        if own:
            first = own[0] - 1 if own[0] and lines[own[0] - 1].kind == "place" else own[0]
            ends = all(line.kind != "item" for line in lines[own[0] + 1 :])
            last = len(lines) - 1 if ends else min(own[-1] + BELOW, len(lines) - 1)
            self._top = min(max(self._top, last - room + 1), first)
        self._top = max(0, min(self._top, len(lines) - room))

    def _place_caret(self) -> None:
        """Put the terminal's own cursor at the caret: input methods open their window there."""
        if self._caret is not None and self.has_focus:
            self.app.cursor_position = Offset(self.region.x + self._caret[0], self.region.y + self._caret[1])

    # Rows

    def _head(self, walk: Walk, width: int) -> Strip:
        cells = said.head_cells(walk.state.head, walk.progress(), width)
        return self.strip(cut_cells(cells, width)[0], width)

    def _titles(self, walk: Walk, width: int) -> Strip:
        backup = walk.state.head.kind is ChecklistKind.BACKUP
        return self.strip([(said.title_line(width, backup=backup), "muted")], width)

    def styles_changed(self) -> None:
        """Draw every line anew."""
        self._drawn.clear()

    def relabel(self) -> None:
        """Say every line in the language spoken now."""
        self._drawn.clear()
        self.repaint()

    def _draw_line(self, line: _Line, width: int, y: int) -> Strip:
        """Return a line, as it was drawn before where nothing that it says has changed."""
        walk = self.walk
        assert walk is not None
        entry, code = walk.entry, line.code
        if entry is not None and entry.code == code and line.kind != "note":
            self._drawn.pop(line, None)
            return self._make_line(line, width, y)
        here = code == walk.cursor and self.has_focus
        state = walk.state
        depends = (width, here, walk.answers.get(code), walk.copies.get(code), state.incidents.get(code), walk.open)
        known = self._drawn.get(line)
        if known is not None and all(a is b or a == b for a, b in zip(known[0], depends, strict=True)):
            return known[1]
        strip = self._make_line(line, width, y)
        self._drawn[line] = (depends, strip)
        return strip

    def _make_line(self, line: _Line, width: int, y: int) -> Strip:
        if line.kind == "place":
            title, used = cut_cells([" ", (line.title, "title"), " "], width)
            return self.strip([*title, (marks.RULE * max(0, width - used - 1), "muted")], width)
        if line.kind == "fact":
            return self.strip(cut_cells([" " * said.LEAD, (line.title, "")], width)[0], width, "muted")
        walk = self.walk
        assert walk is not None
        item = walk.item_of(line.code)
        assert item is not None
        here = line.code == walk.cursor and self.has_focus
        under = ("cursor",) if here and line.kind == "item" else ()
        if line.kind == "entry" and walk.entry is not None:
            return self._entry_line(item, walk.entry, width, y)
        if line.kind == "note":
            return self._note_line(item, width)
        return self.strip(self._item_cells(item, width, y, here), width, *under)

    def _item_cells(self, item: SheetItem, width: int, y: int, here: bool) -> list[tuple[str, str]]:
        walk = self.walk
        assert walk is not None
        point, columns = item.point, said.widths(width)
        answer = walk.answers.get(point.code)
        mark, style = said.mark_of(
            answer.found if answer else None,
            note_missing=bool(answer and answer.found.abnormal and not answer.note),
        )
        lead: list[tuple[str, str]] = [(f" {marks.CURSOR if here else ' '} ", "accent"), (f"{mark} ", style)]
        name_style = "muted" if not point.in_service else ""
        lead.append((fit(pick(point.name), columns.name) + " ", name_style))
        middle, used = self._middle(item, columns, y, here)
        tail = ""
        if answer is not None:
            tail = f"{fit(pick(answer.person), columns.person)} " if columns.person else ""
            tail += times.hhmm(answer.at)
        space = " " * max(0, columns.middle - used + 1)
        return [*lead, *middle, (space, ""), (tail, "muted")]

    def _middle(self, item: SheetItem, columns: said.Widths, y: int, here: bool) -> tuple[list[tuple[str, str]], int]:
        """Return the cells from the answer to the trend, and how many cells they take."""
        walk = self.walk
        assert walk is not None
        point = item.point
        if not point.in_service:
            return cut_cells([(_("out of service"), "muted")], columns.middle)
        entry = walk.entry if walk.entry and walk.entry.code == point.code else None
        answer = walk.answers.get(point.code)
        if entry is not None and entry.kind is EntryKind.TEXT:
            return self._typed_cells(columns.middle, said.LEAD + columns.name + 1, y)
        if point.kind in (ItemKind.CHOICE, ItemKind.TEXT) and (here or answer is not None):
            return self._wide_answer(item, columns, here)
        if point.kind is ItemKind.BACKUP and answer is not None:
            copy = walk.copies.get(point.code)
            before = item.job.previous_size if item.job else None
            told = words.copy_words(answer.found, copy.copy if copy else None, before, clock.now())
            return cut_cells([(told, said.STYLES[answer.found])], columns.middle)
        return self._narrow_answer(item, columns, y, here)

    def _wide_answer(self, item: SheetItem, columns: said.Widths, here: bool) -> tuple[list[tuple[str, str]], int]:
        walk = self.walk
        assert walk is not None
        answer = walk.answers.get(item.point.code)
        if answer is None:
            return cut_cells(said.open_words(item.point, here=here, closed=not walk.open), columns.middle)
        told = words.value_words(item.point, answer.found, answer.number, answer.text)
        return cut_cells([(told, said.STYLES[answer.found])], columns.middle)

    def _narrow_answer(
        self, item: SheetItem, columns: said.Widths, y: int, here: bool
    ) -> tuple[list[tuple[str, str]], int]:
        """Return answer, limits, last value and trend, each in its column."""
        walk = self.walk
        assert walk is not None
        point = item.point
        answer = walk.answers.get(point.code)
        number = answer.number if answer else None
        entry = walk.entry if walk.entry and walk.entry.code == point.code else None
        if entry is not None and entry.kind is EntryKind.READING:
            value, used = self._reading_cells(item, columns.value, said.LEAD + columns.name + 1, y)
            judged = live(item, self.line.text)
            number = judged[0] if judged else None
        elif answer is not None:
            told = words.value_words(point, answer.found, answer.number, answer.text)
            value, used = cut_cells([(told, said.STYLES[answer.found])], columns.value)
        else:
            value, used = cut_cells(said.open_words(point, here=here, closed=not walk.open), columns.value)
        normal = words.normal_words(point.limits, wide=bool(columns.person))
        if item.job is not None:
            normal = _("{n} h", n=item.job.rpo_hours)
        rest = (
            f"{' ' * (columns.value - used)} {fit(normal, columns.normal)} {fit(said.last_words(item), columns.last)} "
        )
        trend = fit(said.trend_of(item, number, columns.trend), columns.trend)
        return [*value, (rest, "muted"), (trend, "muted")], columns.middle

    # What is typed

    def _typed_cells(self, cells: int, x: int, y: int) -> tuple[list[tuple[str, str]], int]:
        """Return the text being typed with its caret, in at most `cells` cells; remember where the caret is."""
        before, under, after = self.line.view(cells)
        self._caret = (x + cells_width([before]), y)
        typed = [(before, "strong"), (under, "caret"), (after, "strong")]
        return typed, cells_width(typed)

    def _reading_cells(self, item: SheetItem, cells: int, x: int, y: int) -> tuple[list[tuple[str, str]], int]:
        """Return the reading being typed, its unit, and how it stands so far; the unit gives way to the verdict."""
        unit, word, style = f" {item.point.unit}".rstrip(), "", "muted"
        judged = live(item, self.line.text)
        if judged is not None:
            mark, style = said.mark_of(judged[1])
            word = f" {mark} {_(words.WORDS[judged[1]])}"
        needed = max(3, cells_width([self.line.text]) + 1)
        if needed + cells_width([unit, word]) > cells:
            unit = ""
        typed, used = self._typed_cells(max(4, cells - cells_width([unit, word])), x, y)
        tail, tail_used = cut_cells([(unit, style), (word, style)], cells - used)
        return [*typed, *tail], used + tail_used

    def _entry_line(self, item: SheetItem, entry: Entry, width: int, y: int) -> Strip:
        indent = " " * (said.LEAD + 1)
        if entry.kind is EntryKind.COPY:
            return self.strip(self._copy_cells(entry, width, y), width)
        label = _(ENTRY_WORDS[entry.kind])
        if entry.kind is EntryKind.SKIP and item.point.kind is ItemKind.NUMBER and not self.line.text:
            label = _("Why skipped (or type a reading below zero): ")
        lead, used = cut_cells([indent, (label, "warning")], width - 10)
        typed, _used = self._typed_cells(width - used - 1, used, y)
        return self.strip([*lead, *typed], width)

    def _copy_cells(self, entry: Entry, width: int, y: int) -> list[tuple[str, str]]:
        cells: list[tuple[str, str]] = [(" " * (said.LEAD + 1), "")]
        room = max(6, (width - 40) // 2)
        for step, label in enumerate(COPY_WORDS):
            here = step == entry.step
            cells.append((f"{_(label)} ", "accent" if here else "muted"))
            if here:
                x = cells_width(cells)
                typed, _used = self._typed_cells(min(room, 18), x, y)
                cells += typed
            else:
                text = entry.texts[step]
                cells.append((text or "____", "" if text else "muted"))
            cells.append(("  ", ""))
        return cut_cells(cells, width)[0]

    def _note_line(self, item: SheetItem, width: int) -> Strip:
        walk = self.walk
        assert walk is not None
        answer = walk.answers[item.point.code]
        incident = walk.state.incidents.get(item.point.code)
        right: list[Cell] = [(f"{marks.ARROW} {incident[1]} ", "accent")] if incident else []
        indent = " " * (said.LEAD + 1)
        if answer.note:
            label = _("Reason: ") if answer.found is Found.SKIPPED else _("Note: ")
            left: list[Cell] = [indent, (label, "muted"), answer.note]
        elif answer.found.abnormal:
            left = [indent, (_("A note is needed: e writes it."), "warning")]
        else:
            left = [indent]
        room = width - cells_width(right)
        cells, used = cut_cells(left, room - 1)
        return self.strip([*cells, (" " * (room - used), ""), *cut_cells(right, width)[0]], width)

    def named(self, *names: str) -> Style:
        """Return the style of these names; `caret` is the cell under the caret."""
        if "caret" not in names:
            return super().named(*names)
        return super().named(*(name for name in names if name != "caret")) + Style(reverse=True)
