"""One field as a row: label, widget, words beside it; below it what is offered, the error, the help, what was found.

The row draws all words itself around the one widget it holds: a form of ten fields is twenty widgets, not sixty.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, cast

from rich.segment import Segment
from textual import events
from textual.app import ComposeResult
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from dutydesk.domain import text as texts
from dutydesk.domain.errors import DeskError
from dutydesk.locale import _, sentence
from dutydesk.ui import marks
from dutydesk.ui.forms.fields import Line, LineInput, OptionsLine, Part, tone
from dutydesk.ui.forms.spec import (
    LINE_CAP,
    Area,
    Check,
    Choice,
    Field,
    Hint,
    Moment,
    Number,
    Pick,
    Pin,
    Said,
    Spoken,
    Text,
)

LABEL_CELLS = 22
"""Widest label column; longer labels wrap."""
NUMBER_CELLS, MOMENT_CELLS, PIN_CELLS = 12, 24, 20


class Control(Protocol):
    """What a row asks of the widget it holds."""

    def show(self, raw: Any) -> None: ...
    def relabel(self) -> None: ...
    def lines_below(self, width: int) -> list[Line]: ...


def control(spec: Field, raw: Any) -> Widget | None:
    """Return the widget for a field, None for one that is only shown."""
    if isinstance(spec, Area):
        from dutydesk.ui.forms.area import AreaInput

        return AreaInput(spec, raw)
    if isinstance(spec, Pick):
        from dutydesk.ui.forms.picks import PickInput

        return PickInput(spec, raw)
    if isinstance(spec, Choice | Check):
        return OptionsLine(spec, raw)
    if isinstance(spec, Text):
        return LineInput(spec, raw, cap=max(spec.limit, LINE_CAP))
    if isinstance(spec, Pin | Number | Moment):
        return LineInput(spec, raw, cap=60)
    return None


def wrap(text: str, width: int) -> list[str]:
    """Return `text` in lines of at most `width` cells."""
    if texts.width(text) <= width and "\n" not in text:
        return [text]
    return texts.wrap(text, width)


class FieldRow(Widget):
    """A field on the form."""

    def __init__(self, spec: Field, raw: Any) -> None:
        super().__init__(classes=f"row -{type(spec).__name__.lower()}")
        self.spec = spec
        self.control = control(spec, raw)
        self.error: DeskError | None = None
        self.remark = ""
        self.found: Sequence[Hint] = ()
        self.here = False
        self.room = 0
        self._said = Said("")
        self._label: list[str] = []
        self._below: list[Line] = []

    def compose(self) -> ComposeResult:
        if self.control is not None:
            yield self.control

    @property
    def input(self) -> Control:
        """The widget as what the row asks of it."""
        return cast(Control, self.control)

    @property
    def width_taken(self) -> int:
        """Cells of a widget that leaves room for words beside it; 0 when it takes the whole line."""
        kinds = {Number: NUMBER_CELLS, Moment: MOMENT_CELLS}
        return next((cells for kind, cells in kinds.items() if isinstance(self.spec, kind)), 0)

    # -- what the form tells -----------------------------------------------------------------------------------

    def show_raw(self, raw: Any) -> None:
        """Put `raw` into the widget."""
        if self.control is not None:
            self.input.show(raw)

    def relabel(self) -> None:
        """Say everything in the language spoken."""
        if self.control is not None:
            self.input.relabel()
        self.lay_out()
        self.refresh()

    @property
    def label_cells(self) -> int:
        """Cells the label wants."""
        words = texts.width(_(self.spec.label))
        return min(words + 2 + 2 * self.spec.required, LABEL_CELLS) if words else 0

    def make_room(self, cells: int) -> None:
        """Give the label column `cells` cells."""
        self.room = cells
        self.lay_out()

    def mark_here(self, here: bool) -> None:
        """Mark the label of the field that has the focus."""
        if here != self.here:
            self.here = here
            self.refresh(Region(0, 0, self.room, max(1, len(self._label))))

    def say(self, spoken: Spoken) -> None:
        """Show words beside the widget, or below it when it takes the whole line."""
        said = spoken if isinstance(spoken, Said) else Said(spoken or "")
        if said == self._said:
            return
        self._said = said
        if isinstance(self.control, OptionsLine):
            self.control.say(*said)
        else:
            self.lay_out()
            self.refresh()

    def refuse(self, error: DeskError | None) -> None:
        """Show what is wrong, in words; None when nothing is."""
        if error is not self.error or error is not None:
            self.error = error
            self.lay_out()

    def note(self, remark: str) -> None:
        """Show a remark that is no error, such as a paste that was cut."""
        if remark != self.remark:
            self.remark = remark
            self.lay_out()

    def find(self, found: Sequence[Hint]) -> None:
        """Show what was found for what is typed."""
        if found != self.found:
            self.found = found
            self.lay_out()

    # -- drawing -----------------------------------------------------------------------------------------------

    def lay_out(self) -> None:
        """Work out the lines around the widget, and make room for them."""
        width = max(2, self.size.width - self.room)
        self._label = self._label_lines()
        below = self._lines_below(width)
        if below != self._below:
            self._below = below
            self.refresh()
        if self.control is None:
            return
        right = max(0, width - self.width_taken) if self.width_taken else 0
        margin = (0, right, max(len(below), len(self._label) - 1), self.room)
        if self.control.styles.margin != margin:
            self.control.styles.margin = margin
            self.call_after_refresh(self._stay_in_sight)

    def _stay_in_sight(self) -> None:
        if self.here and isinstance(self.parent, Widget):
            self.parent.scroll_to_widget(self, animate=False)

    def on_resize(self, event: events.Resize) -> None:
        """Wrap the words anew."""
        del event
        self.lay_out()

    def _label_lines(self) -> list[str]:
        label = _(self.spec.label)
        return wrap(f"{label} *" if self.spec.required else label, self.room - 1) if label else []

    def _lines_below(self, width: int) -> list[Line]:
        lines: list[Line] = []
        if self.control is not None:
            lines += self.input.lines_below(width)
        if self._said.text and not self.width_taken and not isinstance(self.control, OptionsLine | None):
            lines += self._wrapped(self._said.text, f"{self._said.tone or 'muted'}", width)
        if self.error is not None:
            lines += self._wrapped(f"{marks.ABNORMAL} {sentence(self.error)}", "error", width)
        if self.remark:
            lines += self._wrapped(self.remark, "warning", width)
        if self.spec.help:
            lines += self._wrapped(_(self.spec.help), "muted", width)
        return lines + self._hint_lines(width)

    @staticmethod
    def _wrapped(text: str, style: str, width: int) -> list[Line]:
        return [[(style, line)] for line in wrap(text, width)]

    def _hint_lines(self, width: int) -> list[Line]:
        readable = any(hint.body is not None for hint in self.found)
        lines: list[Line] = []
        for place, hint in enumerate(self.found):
            key = f"  {_('f4 reads')}" if readable and place == 0 else ""
            words = texts.cut(" ".join(hint.text.split()), max(4, width - texts.width(key) - 2), mark=marks.CUT)
            lines.append([("muted", f"{marks.DOT} {words}{key}")])
        return lines

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return the widget's height with the lines below it; a row without a widget is as high as its words."""
        if self.control is None:
            return max(1, len(self._label), 1 + len(self._below))
        return super().get_content_height(container, viewport, width)

    def render_line(self, y: int) -> Strip:
        width, base = self.size.width, self.rich_style
        bottom = self.control.styles.margin.bottom if self.control is not None else len(self._below)
        top = self.size.height - bottom
        label = self._label[y] if y < len(self._label) else ""
        parts: list[Part] = [("accent" if self.here else "muted", texts.fit(label, self.room))]
        if y >= top and y - top < len(self._below):
            parts += self._below[y - top]
        elif y == 0:
            parts += self._beside(width - self.room)
        segments = [Segment(text, base + tone(self, name)) for name, text in parts]
        return Strip(segments).adjust_cell_length(width, base)

    def _beside(self, width: int) -> Line:
        style = f"{self._said.tone or 'muted'}"
        if self.control is None:
            return [(style, texts.cut(self._said.text, width))]
        if not self.width_taken or not self._said.text:
            return []
        gap = self.width_taken + 2
        return [("plain", " " * gap), (style, texts.cut(self._said.text, width - gap))]

    def on_click(self, event: events.Click) -> None:
        """Take what was clicked below the widget, else go into the field."""
        if self.control is None:
            return
        place = event.y - (self.size.height - self.control.styles.margin.bottom)
        take = getattr(self.control, "take_line", None)
        if take is None or place < 0 or not take(place):
            self.control.focus()
