"""Small dialogs: a yes or no, and a text to read."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.style import Style

from dutydesk.locale import _
from dutydesk.ui import marks
from dutydesk.ui.commands import shown_key
from dutydesk.ui.forms.asking import WIDE, Asking, KeyLine
from dutydesk.ui.widgets.prose import Prose


class Confirm(Asking[bool]):
    """A sentence and two answers. `y` and `n` answer at once; enter takes the marked one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", show=False),
        Binding("n,escape", "answer(False)", show=False),
        Binding("left,up,shift+tab", "mark(True)", show=False),
        Binding("right,down,tab", "mark(False)", show=False),
        Binding("enter", "take", show=False),
    ]

    def __init__(self, sentence: str, yes: str, no: str, *, default: bool = False) -> None:
        super().__init__()
        self.sentence = sentence
        self.words = {True: yes, False: no}
        self.marked = default

    def compose(self) -> ComposeResult:
        with Vertical(id="ask-panel"):
            yield Prose(Content(self.sentence), id="ask-note", markup=False)
            yield KeyLine()

    def on_mount(self) -> None:
        """Show the answers."""
        self.relabel()

    def relabel(self) -> None:
        """Show the answers with the marked one."""
        parts: list[Content] = []
        for answer, key in ((True, "y"), (False, "n")):
            word = self.words[answer] or (_("Yes") if answer else _("No"))
            here = answer is self.marked
            link = Style.from_meta({"@click": f"screen.answer({answer})"})
            words = f" {marks.CURSOR if here else ' '} {key}  {word} "
            parts.append(Content.styled(words, "reverse" if here else "").stylize(link))
        self.query_one(KeyLine).update(Content("   ").join(parts))

    def action_answer(self, answer: bool) -> None:
        """Answer."""
        self.finish(answer)

    def action_mark(self, answer: bool) -> None:
        """Move the mark."""
        self.marked = answer
        self.relabel()

    def action_take(self) -> None:
        """Answer with the marked one."""
        self.finish(self.marked)


class Reading(Asking[None]):
    """A text to read, with scrolling; `y` copies it, esc closes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "close", show=False),
        Binding("down,j", "scroll(1)", show=False),
        Binding("up,k", "scroll(-1)", show=False),
        Binding("pagedown,space", "page(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("home", "edge(-1)", show=False),
        Binding("end", "edge(1)", show=False),
        Binding("y", "copy", show=False),
    ]

    def __init__(self, title: str, text: str | Content) -> None:
        super().__init__()
        self.heading = title
        self.text = text

    def compose(self) -> ComposeResult:
        with Vertical(id="ask-panel", classes="-reading"):
            with VerticalScroll(id="ask-body", can_focus=False):
                text = self.text if isinstance(self.text, Content) else Content(self.text)
                yield Prose(text, id="ask-sheet", markup=False)
            yield KeyLine()

    def on_mount(self) -> None:
        """Show the title and the keys."""
        self.relabel()

    def relabel(self) -> None:
        """Say the keys in the language spoken."""
        panel = self.query_one("#ask-panel")
        panel.border_title = Content(f" {self.heading} ")
        keys = [(f"{shown_key('up')}{shown_key('down')}", _("Scroll"), "page(1)"), ("y", _("Copy"), "copy")]
        self.query_one(KeyLine).show([*keys, ("esc", _("Close"), "close")])

    def on_resize(self, event: events.Resize) -> None:
        """Leave room for the frame."""
        self.set_class(event.size.width >= WIDE, "-wide")
        self.query_one("#ask-body").styles.max_height = max(3, event.size.height - 5)

    @property
    def body(self) -> VerticalScroll:
        """The part that scrolls."""
        return self.query_one("#ask-body", VerticalScroll)

    def action_scroll(self, by: int) -> None:
        """Move by lines."""
        self.body.scroll_relative(y=by, animate=False)

    def action_page(self, by: int) -> None:
        """Move by pages."""
        self.body.scroll_relative(y=by * max(1, self.body.size.height - 1), animate=False)

    def action_edge(self, by: int) -> None:
        """Go to the first or last line."""
        self.body.scroll_home(animate=False) if by < 0 else self.body.scroll_end(animate=False)

    def action_copy(self) -> None:
        """Copy the text to the clipboard of the person's terminal."""
        self.app.copy_to_clipboard(str(self.text))
        self.app.say(_("Copied."), "done")

    def action_close(self) -> None:
        """Close."""
        self.finish(None)
