"""Choosing one of many: a line to type in, and below it what still fits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import ClassVar, cast

from rich.segment import Segment
from textual import events, on
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.strip import Strip
from textual.widget import Widget

from dutydesk.domain import text as texts
from dutydesk.domain.errors import DeskError
from dutydesk.locale import _, sentence
from dutydesk.ui.forms.fields import Done, Edited, LineInput, shown
from dutydesk.ui.forms.spec import Option, Options, Pick, Picked

Loader = Callable[[], Awaitable[Options]]
PAGE = 6
"""Options that page up and page down move by."""
PAUSE = 0.15
"""Seconds without a key before a search is asked."""


def narrow(options: Iterable[Option], typed: str) -> list[Option]:
    """Return the options that hold every typed word, those that start with the text first."""
    words = typed.casefold().split()
    if not words:
        return list(options)
    found: list[tuple[int, int, Option]] = []
    for place, option in enumerate(options):
        label = shown(option).casefold()
        whole = f"{label} {option.note.casefold()}"
        if all(each in whole for each in words):
            rank = 0 if label.startswith(words[0]) else 1 if f" {words[0]}" in whole else 2
            found.append((rank, place, option))
    return [option for _rank, _place, option in sorted(found, key=lambda each: each[:2])]


class PickInput(LineInput):
    """The line of a Pick; its keys go to the list while that is open."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "list(1)", show=False),
        Binding("up", "list(-1)", show=False),
        Binding("pagedown", f"list({PAGE})", show=False),
        Binding("pageup", f"list({-PAGE})", show=False),
        Binding("escape", "close", show=False),
    ]

    @property
    def field(self) -> PickField:
        """The Pick around this line."""
        assert isinstance(self.parent, PickField)
        return self.parent

    def changed(self, text: str) -> None:
        self.field.typed(text)

    def action_list(self, by: int) -> None:
        """Move in the open list, else leave the key to the form."""
        if not self.field.move(by):
            raise SkipAction

    def action_close(self) -> None:
        """Close the list, else leave the key to the form."""
        if not self.field.close():
            raise SkipAction

    async def action_done(self) -> None:  # type: ignore[override]
        await self.field.enter()


class PickList(Widget):
    """What still fits, the marked one between its neighbours."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"pick--at", "pick--note"}

    def __init__(self, rows: int) -> None:
        super().__init__(classes="picklist")
        self.rows = rows
        self.options: list[Option] = []
        self.at: int | None = None
        self.words = ""
        self.top = 0

    def update(self, options: list[Option], at: int | None, words: str) -> None:
        """Show `options` with the one at `at` marked, or `words` when there is none."""
        self.options, self.at, self.words = options, at, words
        here = at or 0
        self.top = min(max(self.top, here - self.rows + 1), here, max(0, len(options) - self.rows))
        height = min(len(options), self.rows) or int(bool(words))
        self.display = bool(height)
        if height:
            self.styles.height = height
        self.refresh()

    def render_line(self, y: int) -> Strip:
        width, base = self.size.width, self.rich_style
        muted = base + self.get_component_rich_style("pick--note", partial=True)
        if not self.options:
            return Strip([Segment(texts.fit(f"  {self.words}", width), muted)])
        place = self.top + y
        if place >= len(self.options):
            return Strip.blank(width, base)
        option = self.options[place]
        style = base + self.get_component_rich_style("pick--at", partial=True) if place == self.at else base
        label = texts.cut(shown(option), width - 3)
        more = self._more(y)
        room = width - 2 - texts.width(label) - texts.width(more)
        note = texts.fit(f"  {option.note}" if option.note else "", max(0, room))
        mark = "▸ " if place == self.at else "  "
        return Strip([Segment(mark, style), Segment(label, style), Segment(note + more, muted)]).adjust_cell_length(
            width, base
        )

    def _more(self, y: int) -> str:
        """Return how many are out of sight below, on the last row."""
        below = len(self.options) - self.top - self.rows
        return _("… {n} more", n=below) if y == self.rows - 1 and below > 0 else ""

    def on_click(self, event: events.Click) -> None:
        """Take what was clicked."""
        if isinstance(self.parent, PickField) and self.top + event.y < len(self.options):
            self.parent.take(self.options[self.top + event.y])


class PickField(Vertical):
    """A Pick as a whole: what is typed, what was taken, what fits."""

    def __init__(self, spec: Pick, raw: Picked) -> None:
        super().__init__(classes="control pick")
        self.spec = spec
        self.value = raw.value
        self.options: list[Option] = spec.all()
        self.matches: list[Option] = []
        self.at: int | None = None
        self.open = False
        self.trouble = ""
        self.line = PickInput(spec, raw.text)
        self.list = PickList(spec.rows)
        self.list.display = False
        self._quiet: str | None = raw.text
        self._pending: asyncio.Task[None] | None = None

    def compose(self) -> ComposeResult:
        yield self.line
        yield self.list

    def on_mount(self) -> None:
        """Ask for the options, when they are to be asked for."""
        if callable(self.spec.options) and not isinstance(self.spec.options, type):
            self._pending = asyncio.create_task(self._load())
        elif self.value is not None and not self.line.value:
            self._label_value()

    def on_unmount(self) -> None:
        if self._pending is not None:
            self._pending.cancel()

    def relabel(self) -> None:
        """Say what is translated in the language spoken; what a person typed stays."""
        self.line.relabel()
        if self.value is not None and self.spec.all():
            self._label_value()
        self._refresh_list()

    def show(self, raw: Picked) -> None:
        """Hold `raw`, list closed."""
        self.value = raw.value
        self._set_text(raw.text)
        if raw.value is not None and not raw.text:
            self._label_value()
        self.close()

    @property
    def raw(self) -> Picked:
        """What is held now."""
        return Picked(self.value, self.line.value)

    # -- typing and moving -------------------------------------------------------------------------------------

    def typed(self, text: str) -> None:
        """Narrow to what was typed; it is no longer what was taken before."""
        if text == self._quiet:
            self._quiet = None
            return
        self._quiet = None
        self.value = None
        self.post_message(Edited(self.spec.name, self.raw))
        if self.spec.search is not None:
            self._search_soon()
        else:
            self._found(narrow(self.options, text))

    def move(self, by: int) -> bool:
        """Move the mark by `by` rows; return False when the list is closed or left upwards."""
        if not self.open or not self.matches or (by < 0 and self.at is None):
            return False
        self.at = (0 if by > 0 else None) if self.at is None else self.at + by
        if self.at is not None:
            self.at = min(max(self.at, 0), len(self.matches) - 1)
        self._refresh_list()
        return True

    def close(self) -> bool:
        """Close the list; return whether it was open."""
        was, self.open, self.at = self.open and self.list.display, False, None
        self._refresh_list()
        return was

    def take(self, option: Option) -> None:
        """Take an option as the value."""
        self.value = option.value
        self._set_text(shown(option))
        self.close()
        self.post_message(Edited(self.spec.name, self.raw))

    async def enter(self) -> None:
        """Take the marked option, if any, and go on."""
        if self._pending is not None and not self._pending.done():
            await asyncio.wait([self._pending], timeout=2)
        if self.open and self.at is not None and self.at < len(self.matches):
            self.take(self.matches[self.at])
        self.post_message(Done(self.spec.name))

    def on_descendant_focus(self) -> None:
        """Open the list when nothing is taken yet."""
        if self.value is None:
            if self.spec.search is not None:
                self._search_soon()
            else:
                self._found(narrow(self.options, self.line.value))

    def on_descendant_blur(self) -> None:
        """Take what can only be meant, and close."""
        self.settle()
        self.close()

    def settle(self) -> None:
        """Take the option whose label is what stands in the line, or the only one that fits."""
        text = self.line.value.strip().casefold()
        if self.value is not None or not text:
            return
        same = [option for option in (self.matches or self.options) if shown(option).casefold() == text]
        if len(same) == 1:
            self.take(same[0])
        elif len(self.matches) == 1 and not self.spec.free:
            self.take(self.matches[0])

    # -- asking ------------------------------------------------------------------------------------------------

    async def _load(self) -> None:
        try:
            loaded = await cast(Loader, self.spec.options)()
        except DeskError as error:
            self.trouble = sentence(error)
            self._found([])
            return
        self.options = self.spec.all(loaded)
        if self.value is not None and not self.line.value:
            self._label_value()
        if self.line.has_focus and self.value is None:
            self._found(narrow(self.options, self.line.value))

    def _search_soon(self) -> None:
        if self._pending is not None:
            self._pending.cancel()
        self.matches = []
        self._pending = asyncio.create_task(self._search(self.line.value))

    async def _search(self, text: str) -> None:
        assert self.spec.search is not None
        await asyncio.sleep(PAUSE)
        try:
            found = self.spec.all(await self.spec.search(texts.clean(text)))
        except DeskError as error:
            self.trouble = sentence(error)
            self._found([])
            return
        self.trouble = ""
        if text == self.line.value and self.line.has_focus:
            self._found(found)

    # -- showing -----------------------------------------------------------------------------------------------

    def _found(self, matches: list[Option]) -> None:
        """Open the list. The first option is marked when enter would mean it: not before anything is typed."""
        self.matches = matches
        self.open = True
        typed = self.line.value.strip()
        same = bool(matches) and shown(matches[0]).casefold() == typed.casefold()
        meant = same or not self.spec.free if typed else self.spec.mark_first
        self.at = 0 if matches and meant else None
        nothing = "" if self.spec.free or not typed else _("Nothing found.")
        self._refresh_list(nothing)

    def _refresh_list(self, nothing: str = "") -> None:
        words = self.trouble or nothing
        self.list.update(self.matches if self.open else [], self.at, words if self.open else "")

    def _set_text(self, text: str) -> None:
        if text != self.line.value:
            self._quiet = text
            self.line.show(text)

    def _label_value(self) -> None:
        label = next((shown(option) for option in self.options if option.value == self.value), None)
        if label is not None:
            self._set_text(label)

    @on(events.Click)
    def _focus_line(self) -> None:
        self.line.focus()
