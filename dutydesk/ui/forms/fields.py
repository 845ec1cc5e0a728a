"""The widgets people type and choose in. Each shows a raw shape, says `Edited` when it changes, `Done` on enter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input

from dutydesk.domain import text as texts
from dutydesk.domain.words import Label, Named
from dutydesk.locale import _, language, pick, word
from dutydesk.ui import marks
from dutydesk.ui.forms.spec import LINE_CAP, Check, Choice, Field, Option, Pin

if TYPE_CHECKING:
    pass


Part = tuple[str, str]
"""The name of a tone, and text."""
Line = list[Part]


def tone(widget: Widget, name: str) -> Style:
    """Return the style of a tone: the dialog's own component classes `ask--NAME`, resolved once for all its widgets.

    A line to type into also stands on screens that are no dialog; there a tone is at most dim.
    """
    if f"ask--{name}" not in widget.screen._component_styles:
        return Style(dim=name == "muted")
    return widget.screen.get_component_rich_style(f"ask--{name}", partial=True)


class Edited(Message):
    """A field holds something else now."""

    def __init__(self, name: str, raw: Any) -> None:
        super().__init__()
        self.name = name
        self.raw = raw


class Done(Message):
    """Enter was pressed in a field: go on."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name


class TooMuch(Message):
    """A paste was cut, or a key refused, because the field is full at `limit` characters."""

    def __init__(self, name: str, limit: int) -> None:
        super().__init__()
        self.name = name
        self.limit = limit


def pasted(text: str, *, room: int, multiline: bool = False) -> tuple[str, bool]:
    """Return pasted text cleaned and cut to `room` characters, and whether something was cut off.

    Terminals send line ends as carriage returns. What is far too long is cut before it is cleaned: the
    cost stays that of the room, not of the clipboard.
    """
    ahead = text[: max(0, room) * 4 + 1000]
    # The bar keeps `clean` from stripping the blanks at both ends: they may stand between two words.
    cleaned = texts.clean(f"|{ahead}|", multiline=multiline)[1:-1]
    return cleaned[: max(0, room)], len(cleaned) > room or len(ahead) < len(text)


def shown(option: Option) -> str:
    """Return the label of an option in the language spoken; plain strings are data and shown as they are."""
    if isinstance(option.value, Named):
        return word(option.value)
    return pick(option.label) if isinstance(option.label, Label) else option.label


def said(option: Option) -> str:
    """Return the label of an option whose plain strings are catalogue messages."""
    return _(option.label) if isinstance(option.label, str) else pick(option.label)


class LineInput(Input):
    """One line of text that never blinks, never selects by itself, and takes a paste of any size."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "done", show=False)]

    def __init__(self, spec: Field, raw: str, *, cap: int = LINE_CAP) -> None:
        super().__init__(
            raw, compact=True, select_on_focus=False, password=isinstance(spec, Pin), max_length=cap, classes="control"
        )
        self.cursor_blink = False
        self.spec = spec
        self.relabel()

    def relabel(self) -> None:
        """Say the placeholder in the language spoken."""
        self.placeholder = _(getattr(self.spec, "placeholder", ""))

    def lines_below(self, width: int) -> list[Line]:
        """Return what the row draws below this line: nothing."""
        del width
        return []

    def show(self, raw: str) -> None:
        """Hold `raw`, cursor at its end."""
        self.value = raw
        self.cursor_position = len(raw)

    def render_line(self, y: int) -> Strip:
        """Draw the text, and a muted rule where nothing stands yet: fields below each other stay apart."""
        strip, width = super().render_line(y), self.size.width
        held = texts.width(self.value) - round(self.scroll_x) if self.value else texts.width(self.placeholder)
        used = min(max(held, 0) + 1, width)
        if y or used >= width:
            return strip
        rule = Segment(" " * (width - used), self.rich_style + tone(self, "muted") + Style(underline=True))
        return Strip([*strip.crop(0, used), rule], width)

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.changed(event.value)

    def changed(self, text: str) -> None:
        """Say that the line holds something else."""
        self.post_message(Edited(self.spec.name, text))

    def action_done(self) -> None:
        """Go on to the next field."""
        self.post_message(Done(self.spec.name))

    def restricted(self) -> None:
        self.post_message(TooMuch(self.spec.name, self.max_length or 0))

    def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        self._put(event.text)

    def action_paste(self) -> None:
        """Paste what was copied inside the program."""
        self._put(self.app.clipboard)

    def _put(self, text: str) -> None:
        start, end = sorted(self.selection)
        line, cut = pasted(text.strip("\r\n"), room=(self.max_length or LINE_CAP) - len(self.value) + end - start)
        if line:
            self.replace(line, start, end)
        if cut:
            self.call_later(self.restricted)

    def action_copy(self) -> None:
        """Copy the selection, never a secret."""
        if self.password:
            raise SkipAction
        super().action_copy()

    def action_cut(self) -> None:
        """Cut the selection, never a secret."""
        if self.password:
            raise SkipAction
        super().action_cut()


class OptionsLine(Widget, can_focus=True):
    """All options in sight; left and right, the first letter or the digit choose one. Wraps when it must."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(-1)", show=False),
        Binding("right", "move(1)", show=False),
        Binding("home", "take(0)", show=False),
        Binding("end", "take(-1)", show=False),
        Binding("backspace,delete", "clear", show=False),
        Binding("enter", "done", show=False),
    ]

    def __init__(self, spec: Choice | Check, raw: int | None) -> None:
        super().__init__(classes="control")
        self.spec = spec
        self.options = spec.all()
        self.chosen = raw
        self.words = ("", "")

    def relabel(self) -> None:
        """Say the options in the language spoken."""
        self.refresh(layout=True)

    def lines_below(self, width: int) -> list[Line]:
        """Return what the row draws below this line: nothing."""
        del width
        return []

    def show(self, raw: int | None) -> None:
        """Mark the option at place `raw`."""
        self.chosen = raw
        self.refresh()

    def say(self, text: str, tone: str = "") -> None:
        """Show words behind the options."""
        self.words = (text, tone)
        self.refresh(layout=True)

    def labels(self) -> list[str]:
        """Return the words of the options."""
        return [said(option) for option in self.options]

    def _choose(self, place: int | None) -> None:
        if place != self.chosen:
            self.chosen = place
            self.refresh()
            self.post_message(Edited(self.spec.name, place))

    def action_move(self, by: int) -> None:
        """Choose the neighbour; from nothing, the first or the last."""
        if self.chosen is None:
            self._choose(0 if by > 0 else len(self.options) - 1)
        else:
            self._choose(min(max(self.chosen + by, 0), len(self.options) - 1))

    def action_take(self, place: int) -> None:
        """Choose the option at `place`; negative counts from the end."""
        self._choose(place % len(self.options))

    def action_clear(self) -> None:
        """Choose nothing, where that is allowed."""
        if not self.spec.required:
            self._choose(None)

    def action_done(self) -> None:
        """Go on to the next field."""
        self.post_message(Done(self.spec.name))

    def on_key(self, event: events.Key) -> None:
        """A digit or a first letter chooses; every other printable key is swallowed, it was meant as text."""
        if not event.is_printable or event.character is None:
            return
        event.stop()
        event.prevent_default()
        if event.character == " ":
            self._choose(0 if self.chosen is None else (self.chosen + 1) % len(self.options))
        elif event.character.isdecimal():
            place = int(event.character) - 1
            if 0 <= place < len(self.options):
                self._choose(place)
        else:
            self._choose_by_letter(event.character.casefold())

    def _choose_by_letter(self, letter: str) -> None:
        found = [place for place, starts in enumerate(self._starts()) if letter in starts]
        if found:
            after = [place for place in found if self.chosen is not None and place > self.chosen]
            self._choose(after[0] if after and self.chosen in found else found[0])

    def _starts(self) -> list[set[str]]:
        """Return the letters that choose each option: of its word, and in Chinese of its English word too."""
        every = []
        for option, label in zip(self.options, self.labels(), strict=True):
            starts = {label[:1].casefold()}
            if language() != "en":
                starts.add(str(option.label)[:1].casefold())
            every.append(starts)
        return every

    def on_click(self, event: events.Click) -> None:
        """Choose what was clicked."""
        self.focus()
        for place, (x, y, cells) in enumerate(self._places(self.size.width)):
            if y == event.y and x <= event.x < x + cells and place < len(self.options):
                self._choose(place)

    # -- drawing -----------------------------------------------------------------------------------------------

    def _parts(self) -> list[Line]:
        """Return what is drawn in order, each a list of (style name, text): the options, then what is said."""
        parts = []
        for place, label in enumerate(self.labels()):
            chosen = place == self.chosen
            style = "chosen" if chosen else "muted"
            key = [("muted", f"{place + 1} ")] if place < 9 else []
            parts.append([*key, (style, f"{marks.ON if chosen else marks.OFF} {label}")])
        text, tone_name = self.words
        return [*parts, [(tone_name or "muted", f" {text}")]] if text else parts

    def _places(self, width: int) -> list[tuple[int, int, int]]:
        """Return x, y and cells of each part in a field `width` cells wide."""
        places, x, y = [], 0, 0
        for part in self._parts():
            cells = sum(texts.width(text) for _style, text in part)
            if x and x + cells > width:
                x, y = 0, y + 1
            places.append((x, y, cells))
            x += cells + 2
        return places

    def get_content_width(self, container: Size, viewport: Size) -> int:  # noqa: ARG002
        return sum(cells + 2 for _x, _y, cells in self._places(10_000))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        places = self._places(width)
        return places[-1][1] + 1 if places else 1

    def render_line(self, y: int) -> Strip:
        base = self.rich_style
        segments, at = [], 0
        for (x, row, cells), part in zip(self._places(self.size.width), self._parts(), strict=True):
            if row == y:
                segments.append(Segment(" " * (x - at), base))
                segments += [Segment(text, self._style(name)) for name, text in part]
                at = x + cells
        return Strip(segments).adjust_cell_length(self.size.width, base)

    def _style(self, name: str) -> Style:
        style = self.rich_style + tone(self, name)
        return style + Style(reverse=True) if name == "chosen" and self.has_focus else style


class MoreLine(Widget, can_focus=True):
    """The line under which the seldom used fields are folded."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter,space,right", "unfold", show=False)]

    class Unfold(Message):
        """Show the folded fields."""

    def __init__(self) -> None:
        super().__init__(classes="more")
        self.labels: list[str] = []

    def show(self, labels: list[str]) -> None:
        """Name the fields that are folded now."""
        if labels != self.labels:
            self.labels = labels
            self.refresh()

    def relabel(self) -> None:
        """Say the line in the language spoken."""
        self.refresh()

    def render_line(self, y: int) -> Strip:
        base, width = self.rich_style, self.size.width
        if y:
            return Strip.blank(width, base)
        more = f"{_('More')} {marks.CURSOR}"
        inside = texts.cut(_(", ").join(_(label) for label in self.labels), max(0, width - texts.width(more) - 2))
        style = base + Style(reverse=True) if self.has_focus else base
        drawn = Strip([Segment(more, style), Segment(f"  {inside}", base + Style(dim=True))])
        return drawn.adjust_cell_length(width, base)

    def action_unfold(self) -> None:
        """Show the folded fields."""
        self.post_message(self.Unfold())

    def on_click(self) -> None:
        self.action_unfold()
