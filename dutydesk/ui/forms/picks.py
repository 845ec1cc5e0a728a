"""Choosing one of many: a line to type in; its row draws what still fits below it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, ClassVar, cast

from textual.actions import SkipAction
from textual.binding import Binding, BindingType

from dutydesk.domain import text as texts
from dutydesk.domain.errors import DeskError
from dutydesk.locale import _, sentence
from dutydesk.ui import marks
from dutydesk.ui.forms.fields import Done, Edited, Line, LineInput, shown
from dutydesk.ui.forms.spec import Option, Options, Pick, Picked

if TYPE_CHECKING:
    from dutydesk.ui.forms.rows import FieldRow

Loader = Callable[[], Awaitable[Options]]
PAGE = 6
"""Options that page up and page down move by."""
PAUSE = 0.15
"""Seconds without a key before a search is asked."""


def narrow(options: Iterable[Option], typed: str) -> list[Option]:
    """Return the options that hold every typed word: those named so first, then those that start with it."""
    words = typed.casefold().split()
    name = " ".join(words)
    if not words:
        return list(options)
    found: list[tuple[int, int, Option]] = []
    for place, option in enumerate(options):
        label = shown(option).casefold()
        whole = f"{label} {option.note.casefold()}"
        if all(each in whole for each in words):
            begins = 1 if label.startswith(name) else 2 if label.startswith(words[0]) else 3
            rank = 0 if label == name else begins if begins < 3 else 3 if f" {words[0]}" in whole else 4
            found.append((rank, place, option))
    return [option for _rank, _place, option in sorted(found, key=lambda each: each[:2])]


class PickInput(LineInput):
    """The line of a Pick: what is typed, what was taken, what fits. Its keys go to the list while that is open."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "list(1)", show=False),
        Binding("up", "list(-1)", show=False),
        Binding("pagedown", f"list({PAGE})", show=False),
        Binding("pageup", f"list({-PAGE})", show=False),
        Binding("escape", "close", show=False),
    ]

    def __init__(self, spec: Pick, raw: Picked) -> None:
        self.pick = spec
        self.taken = raw.value
        super().__init__(spec, raw.text)
        self.options: list[Option] = spec.all()
        self.matches: list[Option] = []
        self.at: int | None = None
        self.top = 0
        self.open = False
        self.trouble = ""
        self._quiet: str | None = raw.text
        self._pending: asyncio.Task[None] | None = None

    def on_mount(self) -> None:
        """Ask for the options, when they are to be asked for."""
        if callable(self.pick.options) and not isinstance(self.pick.options, type):
            self._pending = asyncio.create_task(self._load())
        elif self.taken is not None and not self.value:
            self._label_taken()

    def on_unmount(self) -> None:
        """Stop asking."""
        if self._pending is not None:
            self._pending.cancel()

    def relabel(self) -> None:
        super().relabel()
        if self.is_attached and self.taken is not None and self.pick.all():
            self._label_taken()

    def show(self, raw: Picked) -> None:  # type: ignore[override]
        """Hold `raw`, list closed."""
        self.taken = raw.value
        text = raw.text
        if raw.value is not None and not text:
            text = next((shown(option) for option in self.options if option.value == raw.value), "")
        self._set_text(text)
        self.close()

    @property
    def raw(self) -> Picked:
        """What is held now."""
        return Picked(self.taken, self.value)

    # -- typing and moving -------------------------------------------------------------------------------------

    def changed(self, text: str) -> None:
        """Narrow to what was typed; it is no longer what was taken before."""
        quiet, self._quiet = self._quiet, None
        if text == quiet:
            return
        self.taken = None
        self.post_message(Edited(self.spec.name, self.raw))
        self._offer()

    def action_list(self, by: int) -> None:
        """Move the mark in the open list; leave the key to the form when it is closed, or left upwards."""
        if not self.open or not self.matches or (by < 0 and self.at is None):
            raise SkipAction
        self.at = (0 if by > 0 else None) if self.at is None else self.at + by
        if self.at is not None:
            self.at = min(max(self.at, 0), len(self.matches) - 1)
        self._redraw()

    def action_close(self) -> None:
        """Close the list, else leave the key to the form; a dialog that is nothing but a list goes with it."""
        lone = len(getattr(self.screen, "rows", ())) == 1
        if lone or not (self.open and (self.matches or self._words)):
            raise SkipAction
        self.close()

    async def action_done(self) -> None:  # type: ignore[override]
        """Take the marked option, if any, and go on."""
        if self._pending is not None and not self._pending.done():
            await asyncio.wait([self._pending], timeout=2)
        if self.open and self.at is not None and self.at < len(self.matches):
            self.take(self.matches[self.at])
        self.post_message(Done(self.spec.name))

    def close(self) -> None:
        """Close the list."""
        self.open, self.at, self.top = False, None, 0
        self._redraw()

    def take(self, option: Option) -> None:
        """Take an option as the value."""
        self.taken = option.value
        self._set_text(shown(option))
        self.close()
        self.post_message(Edited(self.spec.name, self.raw))

    def take_line(self, place: int) -> bool:
        """Take the option that is drawn `place` lines below; return whether there is one."""
        if not self.open or not 0 <= place < min(self.pick.rows, len(self.matches) - self.top):
            return False
        # On its own message loop: Textual stops a message at the parent when the parent's handler sent it.
        self.call_later(self.take, self.matches[self.top + place])
        self.focus()
        return True

    def on_focus(self) -> None:
        """Open the list when nothing is taken yet."""
        if self.taken is None:
            self._offer()

    def on_blur(self) -> None:
        """Take what can only be meant, and close."""
        self.settle()
        self.close()

    def settle(self) -> None:
        """Take the option whose label is what stands in the line, or the only one that fits."""
        text = self.value.strip().casefold()
        if self.taken is not None or not text:
            return
        same = [option for option in (self.matches or self.options) if shown(option).casefold() == text]
        if len(same) == 1:
            self.take(same[0])
        elif len(self.matches) == 1 and not self.pick.free:
            self.take(self.matches[0])

    # -- asking ------------------------------------------------------------------------------------------------

    def _offer(self) -> None:
        if self.pick.search is None:
            self._found(narrow(self.options, self.value))
            return
        if self._pending is not None:
            self._pending.cancel()
        self.matches = []
        self._pending = asyncio.create_task(self._search(self.value))

    async def _load(self) -> None:
        try:
            loaded = await cast(Loader, self.pick.options)()
        except DeskError as error:
            self.trouble = sentence(error)
            self._found([])
            return
        self.options = self.pick.all(loaded)
        if self.taken is not None and not self.value:
            self._label_taken()
        if self.has_focus and self.taken is None:
            self._offer()

    async def _search(self, text: str) -> None:
        assert self.pick.search is not None
        await asyncio.sleep(PAUSE)
        try:
            found = self.pick.all(await self.pick.search(texts.clean(text)))
            self.trouble = ""
        except DeskError as error:
            found, self.trouble = [], sentence(error)
        if text == self.value and self.has_focus:
            self._found(found)

    # -- showing -----------------------------------------------------------------------------------------------

    def _found(self, matches: list[Option]) -> None:
        """Open the list. The first option is marked when enter would mean it: not before anything is typed."""
        self.matches, self.open, self.top = matches, True, 0
        typed = self.value.strip()
        same = bool(matches) and shown(matches[0]).casefold() == typed.casefold()
        meant = same or not self.pick.free if typed else self.pick.mark_first
        self.at = 0 if matches and meant else None
        self._redraw()

    @property
    def _words(self) -> str:
        """What stands in place of an empty list."""
        nothing = self.value.strip() and not self.pick.free
        return self.trouble or (_("Nothing found.") if nothing else "")

    def _redraw(self) -> None:
        if self.is_attached:
            cast("FieldRow", self.parent).lay_out()

    def lines_below(self, width: int) -> list[Line]:
        """Return the open list in lines, the marked option among them."""
        if not self.open:
            return []
        if not self.matches:
            return [[("muted", texts.cut(f"  {self._words}", width))]] if self._words else []
        rows, here = self.pick.rows, self.at or 0
        self.top = min(max(self.top, here - rows + 1), here, max(0, len(self.matches) - rows))
        return [self._line(place, width) for place in range(self.top, min(self.top + rows, len(self.matches)))]

    def _line(self, place: int, width: int) -> Line:
        option, here = self.matches[place], place == self.at
        below = len(self.matches) - self.top - self.pick.rows
        more = f"{marks.CUT} {_('{n} more', n=below)}" if below > 0 and place == self.top + self.pick.rows - 1 else ""
        room = max(4, width - 2 - texts.width(more) - bool(more))
        label = texts.cut(shown(option), room, mark=marks.CUT)
        note = texts.cut(f"  {option.note}" if option.note else "", max(0, room - texts.width(label)), mark=marks.CUT)
        gap = " " * (width - 2 - texts.width(label) - texts.width(note) - texts.width(more))
        mark = f"{marks.CURSOR} " if here else "  "
        return [("accent", mark), ("accent" if here else "plain", label), ("muted", f"{note}{gap}{more}")]

    def _set_text(self, text: str) -> None:
        if text != self.value:
            self._quiet = text
            LineInput.show(self, text)

    def _label_taken(self) -> None:
        label = next((shown(option) for option in self.options if option.value == self.taken), None)
        if label is not None:
            self._set_text(label)
