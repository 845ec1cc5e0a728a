"""One line to type into at the foot of a screen: a label, an input, hidden while nothing is written."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Static

from dutydesk.domain.text import cut
from dutydesk.ui.forms.fields import Done, Edited, LineInput
from dutydesk.ui.forms.spec import Text

LABEL_CELLS = 34


class EntryLine(Horizontal):
    """A labelled line; `Typed` at every change, `Entered` on enter. The screen opens and closes it."""

    DEFAULT_CSS = """
    EntryLine { height: 1; display: none; background: $surface; }
    EntryLine.-open { display: block; }
    EntryLine > Static { width: auto; padding: 0 1; color: $accent; text-style: bold; }
    EntryLine > LineInput { width: 1fr; }
    """

    class Typed(Message):
        """The line holds another text."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Entered(Message):
        """Enter was pressed."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, *, limit: int, id: str | None = None) -> None:
        super().__init__(id=id)
        self._limit = limit

    def compose(self) -> ComposeResult:
        yield Static("", markup=False)
        yield LineInput(Text("entry", "", limit=self._limit), "", cap=self._limit)

    @property
    def is_open(self) -> bool:
        """Return whether somebody writes into it."""
        return self.has_class("-open")

    @property
    def text(self) -> str:
        """Return what stands in it."""
        return self.query_one(LineInput).value

    def open(self, label: str, text: str) -> None:
        """Show the line with `text` in it, under a translated `label`, and take the keys."""
        self.query_one(Static).update(cut(label, LABEL_CELLS))
        line = self.query_one(LineInput)
        with line.prevent(LineInput.Changed):
            line.show(text)
        self.add_class("-open")
        line.focus()

    def close(self) -> None:
        """Hide the line."""
        self.remove_class("-open")

    def on_edited(self, event: Edited) -> None:
        """Pass a change on."""
        event.stop()
        if self.is_open:
            self.post_message(self.Typed(str(event.raw)))

    def on_done(self, event: Done) -> None:
        """Pass enter on."""
        event.stop()
        self.post_message(self.Entered(self.text))
