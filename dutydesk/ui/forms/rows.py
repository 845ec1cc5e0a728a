"""One field as a row: label, widget, words beside it, and below it the error, the help and what was found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from dutydesk.domain import text as texts
from dutydesk.domain.errors import DeskError
from dutydesk.locale import _, sentence
from dutydesk.ui import marks
from dutydesk.ui.forms.fields import LineInput, OptionsLine
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

TONES = {"success": "$text-success", "warning": "$text-warning", "error": "$text-error"}
LABEL_CELLS = 20
"""Widest label column; longer labels wrap."""


def control(spec: Field, raw: Any) -> Widget | None:
    """Return the widget for a field, None for one that is only shown."""
    if isinstance(spec, Area):
        from dutydesk.ui.forms.area import AreaInput

        return AreaInput(spec, raw)
    if isinstance(spec, Pick):
        from dutydesk.ui.forms.picks import PickField

        return PickField(spec, raw)
    if isinstance(spec, Choice | Check):
        return OptionsLine(spec, raw)
    if isinstance(spec, Text):
        return LineInput(spec, raw, cap=max(spec.limit, LINE_CAP))
    if isinstance(spec, Pin | Number | Moment):
        return LineInput(spec, raw, cap=60)
    return None


class FieldRow(Vertical):
    """A field on the form."""

    def __init__(self, spec: Field, raw: Any) -> None:
        super().__init__(classes=f"row -{type(spec).__name__.lower()}")
        self.spec = spec
        self.control = control(spec, raw)
        self.label = Static(self._label(), classes="label", markup=False)
        self.beside = Static("", classes="beside", markup=False)
        self.below = Static("", classes="below", markup=False)
        self.error: DeskError | None = None
        self.remark = ""
        self.found: Sequence[Hint] = ()
        self._said: Spoken = None
        self.label_room = LABEL_CELLS

    def compose(self) -> ComposeResult:
        with Horizontal(classes="line"):
            yield self.label
            if self.control is not None:
                yield self.control
            yield self.beside
        yield self.below

    def on_mount(self) -> None:
        self._show_below()

    @property
    def target(self) -> Widget | None:
        """The widget that takes the focus."""
        from dutydesk.ui.forms.picks import PickField

        return self.control.line if isinstance(self.control, PickField) else self.control

    def show_raw(self, raw: Any) -> None:
        """Put `raw` into the widget."""
        if self.control is not None:
            self.control.show(raw)  # type: ignore[attr-defined]

    def relabel(self) -> None:
        """Say everything in the language spoken."""
        self.label.update(self._label())
        if self.control is not None:
            self.control.relabel()  # type: ignore[attr-defined]
        self._show_below()

    def make_room(self, cells: int) -> None:
        """Give the label column `cells` cells."""
        self.label_room = cells
        self.label.display = cells > 0
        self.label.styles.width = cells
        self.below.styles.padding = (0, 0, 0, cells)

    @property
    def label_cells(self) -> int:
        """Cells the label wants."""
        words = texts.width(_(self.spec.label))
        return min(words + 2 + 2 * self.spec.required, LABEL_CELLS) if words else 0

    def _label(self) -> Content:
        star = (" *", "$text-muted") if self.spec.required else ""
        return Content.assemble(_(self.spec.label), star)

    # -- words beside and below --------------------------------------------------------------------------------

    def say(self, said: Spoken) -> None:
        """Show words beside the widget."""
        if said == self._said:
            return
        self._said = said
        text, tone = said if isinstance(said, Said) else (said or "", "")
        if isinstance(self.control, OptionsLine):
            self.control.say(text, tone)
            return
        self.beside.display = bool(text)
        self.beside.update(Content.styled(text, TONES.get(tone, "$text-muted")))

    def refuse(self, error: DeskError | None) -> None:
        """Show what is wrong, in words; None when nothing is."""
        if error is not self.error or error is not None:
            self.error = error
            self.set_class(error is not None, "-wrong")
            self._show_below()

    def note(self, remark: str) -> None:
        """Show a remark that is no error, such as a paste that was cut."""
        if remark != self.remark:
            self.remark = remark
            self._show_below()

    def find(self, found: Sequence[Hint]) -> None:
        """Show what was found for what is typed."""
        if found != self.found:
            self.found = found
            self._show_below()

    def _show_below(self) -> None:
        parts: list[tuple[str, str]] = []
        if self.error is not None:
            parts.append((f"{marks.ABNORMAL} {sentence(self.error)}", "$text-error"))
        if self.remark:
            parts.append((self.remark, "$text-warning"))
        if self.spec.help:
            parts.append((_(self.spec.help), "$text-muted"))
        for place, hint in enumerate(self.found):
            key = _("f4 reads") if place == 0 and any(each.body for each in self.found) else ""
            room = max(10, self.size.width - self.label_room - texts.width(key) - 6)
            parts.append((f"{marks.DOT} {texts.cut(hint.text, room)}  {key}", "$text-muted"))
        self.below.display = bool(parts)
        self.below.update(Content("\n").join(Content.styled(*part) for part in parts))
