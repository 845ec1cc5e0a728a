"""What every dialog shares: one answer, also when the screen goes away by itself, and keys that come early."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from textual import events
from textual.content import Content
from textual.geometry import Region, Size
from textual.reactive import Reactive
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.style import Style
from textual.widget import Widget
from textual.widgets import Static

from dutydesk.ui import marks
from dutydesk.ui.forms.behind import dimmed_lines

if TYPE_CHECKING:
    from dutydesk.ui.app import DeskApp

T = TypeVar("T")
WIDE = 110
"""Cells from which a dialog is drawn wider."""
TONES = ("plain", "muted", "accent", "chosen", "success", "warning", "error")
"""What words in a dialog may look like; each is the component class `ask--NAME` of its screen."""


class Asking(ModalScreen[T | None], Generic[T]):
    """A dialog. `answer` is set exactly once: by `finish`, or to None when the screen is removed without one."""

    CSS_PATH = Path(__file__).with_name("form.tcss")
    AUTO_FOCUS = ""
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"ask--{name}" for name in TONES}
    app: DeskApp
    # Textual paints the whole screen when the focus moves; the two widgets concerned paint themselves.
    focused: Reactive[Widget | None] = Reactive(None, repaint=False)

    def __init__(self) -> None:
        super().__init__()
        self._behind: list[Strip] | None = None
        self._unpainted = self._looked = False
        self.answer: asyncio.Future[T | None] = asyncio.get_running_loop().create_future()
        wide = ["-wide"] if self.app.size.width >= WIDE else []
        self.add_class(*(["-ascii"] if marks.is_ascii() else []), *wide, update=False)

    # Textual styles, lays out and paints a screen that comes up twice over, all of it between two keys: a form of
    # twenty fields would keep the next key waiting for 80 ms.

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        """Lay out and paint once when coming up for the first time; its widgets have been made with their styles."""
        if self.stack_updates == 0:
            event.prevent_default()
            self.stack_updates += 1
            self.app.stylesheet.update_nodes([self])
            self.app._refresh_notifications()
            self.call_later(self._lay_out_first)

    def _lay_out_first(self) -> None:
        if self.is_attached and self._size != self.app.size:
            self.lay_out(self.app.size)

    def _screen_resized(self, size: Size) -> None:
        """Lay out anew for a size that it is not laid out for."""
        if size != self._size and self.stack_updates and self.is_attached:
            self.lay_out(size)

    def lay_out(self, size: Size) -> None:
        """Lay out, then draw what stands behind, then paint, each in a turn of the loop of its own.

        All of it at once would keep the next key waiting for 50 ms on a large window.
        """
        self._lay_out_unpainted(size)
        asyncio.get_running_loop().call_soon(self._look_behind)

    def _lay_out_unpainted(self, size: Size | None = None, *, scroll: bool = False) -> None:
        self._unpainted = True
        self._refresh_layout(size, scroll)
        self._unpainted = False

    def _look_behind(self) -> None:
        if not self.is_running:
            return
        if self._shows_behind:
            self._behind = self._lines_behind()
            self._looked = True
        self.refresh()
        asyncio.get_running_loop().call_soon(self._paint_now)

    def _paint_now(self) -> None:
        if self.is_running and self._is_front:
            self._on_timer_update()

    def _on_timer_update(self) -> None:
        """Paint; a layout, and what stands behind where all of it is to be painted, come in turns before.

        Textual would lay out, paint what that has moved, and paint everything, all at once.
        """
        if self._layout_required and self._is_front and not self.app._batch_count:
            self._lay_out_unpainted(scroll=self._scroll_required)
            self._layout_required = self._scroll_required = False
            self._dirty_widgets.clear()
            asyncio.get_running_loop().call_soon(self._paint_laid_out)
            return
        if self._repaint_required and not self._looked and self._shows_behind:
            self._update_timer.pause()
            asyncio.get_running_loop().call_soon(self._look_behind)
            return
        super()._on_timer_update()

    def _paint_laid_out(self) -> None:
        """Paint what a layout has moved, unless all of it is to be painted anyway."""
        if self.is_running and self._is_front:
            if not self._repaint_required:
                self._compositor_refresh()
            self._on_timer_update()

    @property
    def _is_front(self) -> bool:
        """Whether this dialog is in front; while the console closes there may be no screen at all."""
        return self.app.front is self

    @property
    def _shows_behind(self) -> bool:
        """Whether this dialog is in front and lets see what stands behind it."""
        return self._is_front and self.styles.background.a < 1

    def _lines_behind(self) -> list[Strip]:
        stack = self.app.screen_stack
        below = stack[stack.index(self) - 1] if self in stack[1:] else None
        return dimmed_lines(below, self.styles.background) if below is not None else []

    def _compositor_refresh(self) -> None:
        if not self._unpainted:
            super()._compositor_refresh()

    def finish(self, result: T | None) -> None:
        """Answer and close; a second call does nothing."""
        if not self.answer.done():
            self.answer.set_result(result)
            while self in self.app.screen_stack:
                top = self.app.screen
                top.finish(None) if top is not self and isinstance(top, Asking) else top.dismiss()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw what stands behind, as it is at this moment."""
        if not self._looked:
            self._behind = None
        self._looked = False
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """Draw one line of the screen behind, dimmed; colours of the terminal cannot be dimmed and hide it."""
        if self.styles.background.a >= 1:
            return super().render_line(y)
        if self._behind is None:
            self._behind = self._lines_behind()
        return self._behind[y] if y < len(self._behind) else Strip.blank(self.size.width, self.rich_style)

    def relabel(self) -> None:
        """Say everything in the language spoken now; the app calls it when the language is switched."""

    def on_unmount(self) -> None:
        """A screen that is removed has been left."""
        if not self.answer.done():
            self.answer.set_result(None)

    def _forward_event(self, event: events.Event) -> None:
        """Hand a key that came before the focus was set to the field that has it by now."""
        if isinstance(event, (events.Key, events.Paste)) and not event.is_forwarded and self.focused is None:
            event._set_forwarded()
            self.call_later(self._late_key, event)
            return
        super()._forward_event(event)

    def _late_key(self, event: events.Key | events.Paste) -> None:
        (self.focused or self).post_message(event)

    def work(self, call: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Do something that takes time: keys wait for it a moment, and what goes wrong is shown."""
        self.app.do(call)


class KeyLine(Static):
    """The keys of a dialog; a click does the same."""

    def __init__(self) -> None:
        super().__init__("", id="ask-keys", markup=False)
        self.auto_links = False

    def show(self, keys: Iterable[tuple[str, str, str]]) -> None:
        """Show keys, what they do in the language spoken, and the screen's action for a click."""
        parts: list[Content] = []
        for key, words, action in keys:
            link = Style.from_meta({"@click": f"screen.{action}"})
            parts.append(Content.assemble((f"{key} ", "bold $accent"), words).stylize(link))
        self.update(Content("   ").join(parts))
