"""A form on the screen: its rows, the words around them, and the way from field to field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from dutydesk.domain import clock
from dutydesk.domain.errors import DeskError
from dutydesk.locale import _, sentence, times
from dutydesk.ui import marks
from dutydesk.ui.forms.asking import WIDE, Asking, KeyLine
from dutydesk.ui.forms.fields import Done, Edited, LineInput, MoreLine, TooMuch
from dutydesk.ui.forms.rows import FieldRow
from dutydesk.ui.forms.spec import Area, Field, FormSpec, Moment, Number, Pick, Said
from dutydesk.ui.forms.state import FormState
from dutydesk.ui.widgets.prose import Prose


@dataclass(frozen=True)
class Outcome:
    """How a form ended: saved with what the save returned, or left."""

    saved: bool
    result: Any = None


class FormSheet(Asking[Outcome]):
    """One open form, without saving and without drafts."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "step(1)", show=False),
        Binding("up", "step(-1)", show=False),
    ]

    def __init__(self, spec: FormSpec, initial: Mapping[str, Any] | None = None) -> None:
        super().__init__()
        self.spec = spec
        self.state = FormState(spec, initial or {})
        self.rows: dict[str, FieldRow] = {}
        self.unfolded = not spec.more
        self.saving = False
        self.leaving = False
        self.trouble: DeskError | None = None
        self.draft_trouble: DeskError | None = None
        self.restored: tuple[int, bool] | None = None

    # -- drawing -----------------------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        with Vertical(id="ask-panel"):
            yield Prose("", id="ask-note", markup=False)
            with VerticalScroll(id="ask-body", can_focus=False):
                for each in self.spec.fields:
                    yield self._row(each)
                if self.spec.more:
                    yield MoreLine()
                for each in self.spec.more:
                    row = self._row(each)
                    row.display = False
                    yield row
            yield KeyLine()

    def _row(self, each: Field) -> FieldRow:
        row = self.rows[each.name] = FieldRow(each, self.state.raws[each.name])
        return row

    async def on_mount(self) -> None:
        """Say all words and put the cursor into the first field."""
        self.relabel()
        self.focus_first()
        await self.opening()

    async def opening(self) -> None:
        """Do what else is done before the first paint."""

    def on_resize(self, event: events.Resize) -> None:
        """Give the fields what the frame leaves; fill the screen when they need more."""
        self.set_class(event.size.width >= WIDE, "-wide")
        self.call_after_refresh(self._fit)

    def _fit(self) -> None:
        """Give the body the lines that border, blank lines, note and keys leave."""
        note, keys = self.query_one("#ask-note"), self.query_one(KeyLine)
        taken = 4 + keys.outer_size.height + (note.outer_size.height if note.display else 0)
        self.query_one("#ask-body").styles.max_height = max(3, self.size.height - taken)

    def relabel(self) -> None:
        """Say everything in the language spoken; what is typed, the focus and the cursor stay."""
        self.query_one("#ask-panel").border_title = Content(f" {_(self.spec.title, **self.spec.words)} ")
        cells = max((row.label_cells for row in self.rows.values()), default=0)
        for row in self.rows.values():
            row.make_room(cells)
            row.relabel()
        for more in self.query(MoreLine):
            more.relabel()
        self.refresh_values()
        self.show_note()
        self.show_keys()

    def show_note(self) -> None:
        parts: list[tuple[str, str]] = []
        if self.trouble is not None:
            parts.append((f"{marks.ABNORMAL} {sentence(self.trouble)}", "$text-error"))
        if self.draft_trouble is not None:
            said = _("The draft cannot be kept: {trouble}", trouble=sentence(self.draft_trouble))
            parts.append((f"{marks.LATE} {said}", "$text-warning"))
        if self.restored is not None:
            parts.append((self._restored_words(), "$text-warning" if self.restored[1] else "$text-accent"))
        if self.spec.hint:
            parts.append((_(self.spec.hint, **self.spec.words), "$text-muted"))
        note = self.query_one("#ask-note", Static)
        note.display = bool(parts)
        note.update(Content("\n").join(Content.styled(*part) for part in parts))
        self.call_after_refresh(self._fit)

    def _restored_words(self) -> str:
        assert self.restored is not None
        at, overtaken = self.restored
        time = times.when(at, clock.now())
        if overtaken:
            return _("Draft from {time} restored; the record has changed since · ctrl+d discards", time=time)
        return _("Draft from {time} restored · ctrl+d discards", time=time)

    def show_keys(self) -> None:
        keys = self.query_one(KeyLine)
        if self.saving:
            keys.update(Content.styled(f"{_('Saving')}{marks.CUT}", "$accent"))
            return
        kept = self.spec.key is not None
        lone = len(self.rows) == 1 and not isinstance(self.spec.every[0], Area)
        shown = [(_("enter") if lone else "f10", _(self.spec.save_label), "save")]
        if len(self.rows) > 1:
            shown.append(("tab", _("Next"), "step(1)"))
        shown.append(("esc", _("Leave, draft kept") if kept else _("Leave"), "leave"))
        if kept:
            shown.append(("ctrl+d", _("Discard draft"), "discard"))
        keys.show(shown)

    # -- values ------------------------------------------------------------------------------------------------

    def refresh_values(self) -> None:
        """Show or hide rows and say what follows from the values."""
        values = self.state.peek()
        for name, row in self.rows.items():
            each = row.spec
            folded = not self.unfolded and self.state.folds(each, values)
            shown = not folded and self.state.visible(each, values)
            if row.display != shown:
                row.display = shown
            row.say(self._beside(each, values, name))
        for more in self.query(MoreLine):
            more.show([each.label for each in self.spec.every if self.state.folds(each, values)])

    def _beside(self, each: Field, values: Mapping[str, Any], name: str) -> Any:
        if each.live is not None:
            return each.live(values)
        if isinstance(each, Number):
            said = each.judge(values[name]) if each.judge else None
            text, tone = said if isinstance(said, Said) else (said or "", "")
            return Said(f"{each.unit}  {text}".strip(), tone)
        if isinstance(each, Moment) and values[name] is not None:
            return _understood(values[name])
        return None

    @on(Edited)
    def _edited(self, event: Edited) -> None:
        event.stop()
        if not self.state.type(event.name, event.raw):
            return
        row = self.rows[event.name]
        row.note("")
        if row.error is not None:
            looking = isinstance(self.state.fields[event.name], Pick) and event.raw.value is None
            row.refuse(None if looking else self.state.examine(event.name, leaving=True))
        self.refresh_values()
        self.typed(row)

    def typed(self, row: FieldRow) -> None:
        """Do what follows from a change by hand; a subclass keeps drafts and looks for hints."""

    @on(TooMuch)
    def _too_much(self, event: TooMuch) -> None:
        event.stop()
        self.rows[event.name].note(_("No more than {limit} characters fit here.", limit=event.limit))

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        """Check a field that is left."""
        row = self.row_of(event.widget)
        if row is None:
            return
        row.mark_here(False)
        if self.saving or self.leaving:
            return
        self._take_understood(row)
        if row.error is None:
            row.refuse(self.state.examine(row.spec.name, leaving=True))

    def _take_understood(self, row: FieldRow) -> None:
        """Write out the instant that was meant: `-20` would be another one later."""
        name = row.spec.name
        if isinstance(row.spec, Moment) and self.state.changed(name) and isinstance(row.control, LineInput):
            kept = row.spec.kept(self.state.raws[name])
            if isinstance(kept, int):
                row.show_raw(row.spec.raw(kept))

    def row_of(self, widget: Widget | None) -> FieldRow | None:
        """Return the row that a widget stands in."""
        if widget is None:
            return None
        return next((node for node in widget.ancestors_with_self if isinstance(node, FieldRow)), None)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Let no key act on a form whose fields are not there yet, or no more."""
        here = self.is_mounted and self.is_running and not self.answer.done()
        return super().check_action(action, parameters) if here else False

    # -- moving ------------------------------------------------------------------------------------------------

    def _visible_rows(self) -> list[FieldRow]:
        return [row for row in self.rows.values() if row.display and row.control is not None]

    def focus_first(self) -> None:
        """Focus the field that the form names, else the first required one that is empty, else the first."""
        rows = self._visible_rows()
        first = [row for row in rows if row.spec.name == self.spec.focus]
        empty = [row for row in rows if row.spec.required and row.spec.is_empty(self.state.raws[row.spec.name])]
        if rows:
            self.go_to((first or empty or rows)[0])

    def go_to(self, row: FieldRow) -> None:
        if row.control is not None:
            self.set_focus(row.control, scroll_visible=False)
            self.call_after_refresh(self._show_row, row)

    def _show_row(self, row: FieldRow) -> None:
        self.query_one("#ask-body", VerticalScroll).scroll_to_widget(row, animate=False)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Keep the field and what stands below it in sight."""
        row = self.row_of(event.widget)
        if row is not None:
            row.mark_here(True)
            self.call_after_refresh(self._show_row, row)

    def action_step(self, by: int) -> None:
        """Move to the field above or below."""
        self.focus_next() if by > 0 else self.focus_previous()

    @on(Done)
    def _done(self, event: Done) -> None:
        event.stop()
        rows = self._visible_rows()
        names = [row.spec.name for row in rows]
        place = names.index(event.name) if event.name in names else len(rows) - 1
        if place + 1 < len(rows):
            self.go_to(rows[place + 1])
        else:
            self.action_save()

    @on(MoreLine.Unfold)
    def unfold(self) -> None:
        """Show the folded fields and go to the first of them."""
        before = self._visible_rows()
        self.show_folded()
        rows = [row for row in self._visible_rows() if row not in before]
        if rows:
            self.go_to(rows[0])

    def show_folded(self) -> None:
        self.unfolded = True
        for more in self.query(MoreLine):
            more.display = False
        self.refresh_values()

    def show_errors(self) -> None:
        for name, row in self.rows.items():
            row.refuse(self.state.errors.get(name))
        self.show_note()

    def go_to_error(self) -> None:
        """Focus the first field with an error; unfold what hides it."""
        if not self.unfolded and any(self.state.folds(self.state.fields[name]) for name in self.state.errors):
            self.show_folded()
        for name, row in self.rows.items():
            if name in self.state.errors and row.control is not None:
                self.go_to(row)
                return

    def show_all(self) -> None:
        for name, row in self.rows.items():
            row.show_raw(self.state.raws[name])
        self.refresh_values()
        self.show_errors()

    def action_save(self) -> None:
        """Save; what enter on the last field does too."""
        raise NotImplementedError

    def end(self, outcome: Outcome) -> None:
        self.leaving = True
        self.finish(outcome)


def _understood(at: int) -> str:
    """Return an instant as it was understood: when, and how far from now."""
    now = clock.now()
    away = times.duration(abs(now - at))
    where = _("{time} · {duration} ago") if at <= now else _("{time} · in {duration}")
    if abs(now - at) < 60:
        return _("{time} · now", time=times.when(at, now))
    return where.format(time=times.when(at, now), duration=away)
