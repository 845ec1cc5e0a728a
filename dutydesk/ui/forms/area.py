"""Several lines of text; imported when the first form with an Area opens."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import TextArea

from dutydesk.locale import _
from dutydesk.ui.forms.fields import Edited, Line, TooMuch, pasted
from dutydesk.ui.forms.spec import Area

MOST_LINES = 8
"""Lines a text grows to, unless its field asks for more from the start; then it scrolls."""


class AreaInput(TextArea):
    """Text of several lines: enter makes a line, tab goes on, up and down leave it at its very ends."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "step(-1)", show=False),
        Binding("down", "step(1)", show=False),
    ]

    def __init__(self, spec: Area, raw: str) -> None:
        super().__init__(
            raw, soft_wrap=True, tab_behavior="focus", compact=True, highlight_cursor_line=False, classes="control area"
        )
        self.cursor_blink = False
        self.match_cursor_bracket = False
        self.spec = spec
        self.cap = spec.limit + 1_000
        self.styles.min_height = spec.lines
        self.styles.max_height = max(MOST_LINES, spec.lines)
        self._entered = False
        self.relabel()

    def relabel(self) -> None:
        """Say the placeholder in the language spoken."""
        self.placeholder = Content(_(self.spec.placeholder))

    def lines_below(self, width: int) -> list[Line]:
        """Return what the row draws below this field: nothing."""
        del width
        return []

    def show(self, raw: str) -> None:
        """Hold `raw`, cursor at its end."""
        self.load_text(raw)
        self.move_cursor(self.document.end)

    def on_focus(self) -> None:
        """Go on behind what stands there; until then its beginning is in view."""
        if not self._entered:
            self._entered = True
            self.move_cursor(self.document.end)

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        event.stop()
        self.post_message(Edited(self.spec.name, self.text))

    def action_step(self, by: int) -> None:
        """Move a line; at the very end of the text leave the key to the form."""
        if (by < 0 and self.cursor_at_start_of_text) or (by > 0 and self.cursor_at_end_of_text):
            raise SkipAction
        self.action_cursor_up() if by < 0 else self.action_cursor_down()

    async def _on_key(self, event: events.Key) -> None:
        if (event.is_printable or event.key == "enter") and len(self.text) >= self.cap and not self.selected_text:
            event.prevent_default()
            event.stop()
            self.post_message(TooMuch(self.spec.name, self.cap))

    async def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        self._put(event.text)

    def action_paste(self) -> None:
        """Paste what was copied inside the program."""
        self._put(self.app.clipboard)

    def _put(self, text: str) -> None:
        room = self.cap - len(self.text) + len(self.selected_text)
        words, cut = pasted(text, room=room, multiline=True)
        if words:
            result = self._replace_via_keyboard(words, *self.selection)
            if result:
                self.move_cursor(result.end_location)
        if cut:
            self.call_later(self.post_message, TooMuch(self.spec.name, self.cap))
