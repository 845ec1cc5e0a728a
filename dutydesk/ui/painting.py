"""Paints go to the terminal by way of the canvas, so that only what differs is sent."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

from textual import events
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.app import ScreenStackError
from textual.driver import Driver
from textual.screen import Screen

from dutydesk.ui.canvas import Abilities, Canvas

if TYPE_CHECKING:
    from rich.console import Console
    from textual.app import App

    _Base = App[int]
else:
    _Base = object


class Written(CompositorUpdate):
    """A paint that is ready to be sent."""

    def __init__(self, text: str) -> None:
        self._text = text

    def render_segments(self, console: Console) -> str:
        """Return what is sent."""
        del console
        return self._text


class PaintsCells(_Base):
    """Mixin for the app, before `App`: what stands on the terminal already is not sent again."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._canvas: Canvas | None = None
        self._owed = False

    def redraw(self) -> None:
        """Send everything: another program may have written on the terminal."""
        if self._canvas is not None:
            self._canvas.forget()
        self.screen.refresh()

    def _set_pointer_shape(self, shape: str) -> None:
        """Say nothing of the shape of a mouse that was not asked for."""
        if self._driver is not None and self._driver._mouse:
            super()._set_pointer_shape(shape)

    def _display(self, screen: Screen[Any], renderable: Any) -> None:
        if not isinstance(renderable, (LayoutUpdate, ChopsUpdate)):
            super()._display(screen, renderable)
            return
        self._owed = self._owed or bool(self._batch_count)
        if self._is_sent and (text := self._to_write(renderable)) is not None:
            super()._display(screen, cast(Any, Written(text)))
        else:
            self.post_display_hook()

    def _end_batch(self) -> None:
        """Make up for a paint that fell into a batch: Textual drops it and takes what it would have shown for shown."""
        super()._end_batch()
        if self._owed and not self._batch_count:
            self._owed = False
            with suppress(ScreenStackError):
                self.screen.refresh()

    @property
    def _is_sent(self) -> bool:
        """Return whether Textual would send a paint now."""
        drives = self._driver is not None and not self.is_headless
        return self._running and not self._closed and drives and not self._batch_count

    def _to_write(self, update: LayoutUpdate | ChopsUpdate) -> str | None:
        """Return what a paint sends; None when the terminal shows all of it, and the cursor stands where it should."""
        if self._canvas is None:
            self._canvas = Canvas(Abilities.of_terminal(), self.console._color_system)
        before = self._previous_cursor_position
        try:
            text = self._canvas.paint(update, (before.x, before.y))
        except Exception as error:
            self._handle_exception(error)
            return None
        cursor = self.screen.outer_size.clamp_offset(self.cursor_position)
        return text if text or cursor != before else None

    async def on_event(self, event: events.Event) -> None:
        """Know nothing of a terminal that was given another size, or to another program for a while."""
        same = isinstance(event, events.Resize) and event.size == self._size
        if isinstance(event, events.Resize) and self._canvas is not None:
            self._canvas.forget()
        await super().on_event(event)
        if self._canvas is not None and (same or isinstance(event, Driver.SignalResume)):
            self.redraw()
