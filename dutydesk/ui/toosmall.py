"""A terminal below 80×24 shows one sentence; the screens behind it never hear of it and stay as they were."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from textual import events
from textual.app import ScreenStackError
from textual.geometry import Size

from dutydesk.domain.text import cut
from dutydesk.locale import _
from dutydesk.ui import marks
from dutydesk.ui.characters import shown

if TYPE_CHECKING:
    from textual.app import App
    from textual.screen import Screen

    _Base = App[int]
else:
    _Base = object

LEAST = Size(80, 24)


class LeastSize(_Base):
    """Mixin for the app, before `App`: screens are laid out for 80×24 at least."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.real_size = LEAST

    @property
    def too_small(self) -> bool:
        """Return whether the terminal is smaller than the desk needs."""
        return self.real_size.width < LEAST.width or self.real_size.height < LEAST.height

    @property
    def size(self) -> Size:
        """Return the size to lay out for."""
        real = super().size
        return Size(max(real.width, LEAST.width), max(real.height, LEAST.height))

    async def on_event(self, event: events.Event) -> None:
        """Note the real size; pass on one that is large enough."""
        if isinstance(event, events.Resize):
            was_small, self.real_size = self.too_small, event.size
            if self.too_small:
                self._size = self._size or LEAST
                self._show_too_small()
                return
            if was_small:
                self._size = None
                await super().on_event(event)
                with suppress(ScreenStackError):
                    self.screen.refresh()  # what was painted meanwhile was not shown
                return
        await super().on_event(event)

    def takes_key(self, event: events.Key | events.Paste) -> bool:
        """Swallow keys that would go where nobody sees; q and ctrl+c leave, drafts are kept."""
        if not self.too_small:
            return True
        if isinstance(event, events.Key) and event.key in ("q", "ctrl+c"):
            self.run_worker(self.leave())  # type: ignore[attr-defined]
        return False

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        if not self.too_small:
            super()._display(screen, renderable)

    def _show_too_small(self) -> None:
        if self._driver is None or self.is_headless or not self._running:
            return
        width, height = self.real_size
        words = (
            _("Too small: {needed} needed, now {real}.", needed="80×24", real=f"{width}×{height}"),
            _("q quits; drafts are kept."),
        )
        told = [shown(text, marks.characters()) for text in words]
        lines = "".join(f"\x1b[{row};1H{cut(text, width)}" for row, text in enumerate(told, 1) if row <= height)
        self._driver.write(f"\x1b[0m\x1b[2J{lines}")
        self._driver.flush()
