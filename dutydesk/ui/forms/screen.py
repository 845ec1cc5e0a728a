"""The form screen: draws a FormSpec, keeps its draft, saves it, and loses nothing that was typed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from dutydesk.domain import clock
from dutydesk.domain.errors import Conflict, DeskError
from dutydesk.locale import _, sentence, times
from dutydesk.ui import marks
from dutydesk.ui.forms.asking import Asking, KeyLine
from dutydesk.ui.forms.fields import Done, Edited, LineInput, MoreLine, TooMuch
from dutydesk.ui.forms.rows import FieldRow
from dutydesk.ui.forms.spec import Area, Field, FormSpec, Hint, Moment, Number, Pick, Pin, Said
from dutydesk.ui.forms.state import FormState

if TYPE_CHECKING:
    from dutydesk.ui.forms.drafts import DraftKeeper

Save = Callable[[dict[str, Any]], Awaitable[Any]]
WATCH_SECONDS = 0.25
"""Without a key for this long, a field's `watch` is asked."""
DRAFT_SECONDS = 0.25
"""How long the first paint waits for the draft."""
WIDE = 110


@dataclass(frozen=True)
class Outcome:
    """How a form ended: saved with what the save returned, or left."""

    saved: bool
    result: Any = None


class FormScreen(Asking[Outcome]):
    """One open form."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f10", "save", show=False, priority=True),
        Binding("ctrl+d", "discard", show=False, priority=True),
        Binding("f4", "read", show=False),
        Binding("escape", "leave", show=False),
        Binding("down", "step(1)", show=False),
        Binding("up", "step(-1)", show=False),
    ]

    def __init__(self, spec: FormSpec, initial: Mapping[str, Any] | None = None, save: Save | None = None) -> None:
        super().__init__()
        self.spec = spec
        self.state = FormState(spec, initial or {})
        self.save_values = save
        self.rows: dict[str, FieldRow] = {}
        self.saving = False
        self.unfolded = not spec.more
        self.trouble: DeskError | None = None
        self.draft_trouble: DeskError | None = None
        self.restored: tuple[int, bool] | None = None
        self.keeper: DraftKeeper | None = None
        self._watching: dict[str, asyncio.TimerHandle] = {}
        self._leaving = False

    # -- drawing -----------------------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        with Vertical(id="ask-panel"):
            yield Static("", id="ask-note", markup=False)
            with VerticalScroll(id="ask-body", can_focus=False):
                for each in self.spec.fields:
                    yield self._row(each)
                if self.spec.more:
                    yield MoreLine([each.label for each in self.spec.more])
                for each in self.spec.more:
                    row = self._row(each)
                    row.display = False
                    yield row
            yield KeyLine()

    def _row(self, each: Field) -> FieldRow:
        row = self.rows[each.name] = FieldRow(each, self.state.raws[each.name])
        return row

    async def on_mount(self) -> None:
        """Say all words, put the cursor into the first field, look for a draft before the first paint."""
        self.relabel()
        self._focus_first()
        if self.spec.key is not None and self.app.desk.who is not None:
            from dutydesk.ui.forms.drafts import DraftKeeper

            self.keeper = DraftKeeper(self.app.desk, self.spec.key, self.state.kept, self._draft_said)
            finding = asyncio.create_task(self._find_draft())
            await asyncio.wait({finding}, timeout=DRAFT_SECONDS)
        for row in self.rows.values():
            if row.spec.watch is not None and not row.spec.is_empty(self.state.raws[row.spec.name]):
                self._watch_soon(row)

    def on_unmount(self) -> None:
        """Whatever ends the form, what was typed goes to the desk thread."""
        for timer in self._watching.values():
            timer.cancel()
        if self.keeper is not None:
            self.keeper.close()

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
        self._refresh_values()
        self._show_note()
        self._show_keys()

    def _show_note(self) -> None:
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

    def _show_keys(self) -> None:
        keys = self.query_one(KeyLine)
        if self.saving:
            keys.update(Content.styled(_("Saving…"), "$accent"))
            return
        kept = self.spec.key is not None
        lone = len(self.rows) == 1 and not isinstance(self.spec.every[0], Area)
        shown = [("enter" if lone else "f10", _(self.spec.save_label), "save")]
        if len(self.rows) > 1:
            shown.append(("tab", _("Next"), "step(1)"))
        shown.append(("esc", _("Leave, draft kept") if kept else _("Leave"), "leave"))
        if kept:
            shown.append(("ctrl+d", _("Discard draft"), "discard"))
        keys.show(shown)

    # -- values ------------------------------------------------------------------------------------------------

    def _refresh_values(self) -> None:
        """Show or hide rows and say what follows from the values."""
        values = self.state.peek()
        for name, row in self.rows.items():
            each = row.spec
            folded = not self.unfolded and each in self.spec.more
            shown = not folded and self.state.visible(each, values)
            if row.display != shown:
                row.display = shown
            row.say(self._beside(each, values, name))

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
            row.refuse(self.state.examine(event.name, leaving=True))
        self._refresh_values()
        if self.keeper is not None and row.spec.kept_in_drafts:
            self.keeper.touch()
        if row.spec.watch is not None:
            self._watch_soon(row)

    @on(TooMuch)
    def _too_much(self, event: TooMuch) -> None:
        event.stop()
        self.rows[event.name].note(_("No more than {limit} characters fit here.", limit=event.limit))

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        """Check a field that is left."""
        row = self._row_of(event.widget)
        if row is None:
            return
        row.mark_here(False)
        if self.saving or self._leaving:
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

    def _row_of(self, widget: Widget | None) -> FieldRow | None:
        if widget is None:
            return None
        return next((node for node in widget.ancestors_with_self if isinstance(node, FieldRow)), None)

    # -- moving ------------------------------------------------------------------------------------------------

    def _visible_rows(self) -> list[FieldRow]:
        return [row for row in self.rows.values() if row.display and row.control is not None]

    def _focus_first(self) -> None:
        rows = self._visible_rows()
        first = [row for row in rows if row.spec.name == self.spec.focus]
        empty = [row for row in rows if row.spec.required and row.spec.is_empty(self.state.raws[row.spec.name])]
        if rows:
            self._focus((first or empty or rows)[0])

    def _focus(self, row: FieldRow) -> None:
        if row.control is not None:
            self.set_focus(row.control, scroll_visible=False)
            self.call_after_refresh(self._show_row, row)

    def _show_row(self, row: FieldRow) -> None:
        self.query_one("#ask-body", VerticalScroll).scroll_to_widget(row, animate=False)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Keep the field and what stands below it in sight."""
        row = self._row_of(event.widget)
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
            self._focus(rows[place + 1])
        else:
            self.action_save()

    @on(MoreLine.Unfold)
    def unfold(self) -> None:
        """Show the folded fields and go to the first of them."""
        self._unfold()
        rows = [row for row in self._visible_rows() if row.spec in self.spec.more]
        if rows:
            self._focus(rows[0])

    def _unfold(self) -> None:
        self.unfolded = True
        for more in self.query(MoreLine):
            more.display = False
        self._refresh_values()

    # -- saving ------------------------------------------------------------------------------------------------

    def action_save(self) -> None:
        """Check everything and save; once at a time."""
        if self.saving:
            return
        self._settle(self._row_of(self.focused))
        values = self.state.collect()
        self.trouble = None
        self._show_errors()
        if values is None:
            self._go_to_error()
            return
        self._busy(True)
        self.work(lambda: self._save(values))

    def _settle(self, row: FieldRow | None) -> None:
        """Let a Pick take what was typed into it, as if it were left."""
        control = row.control if row is not None else None
        if row is not None and isinstance(row.spec, Pick):
            control.settle()  # type: ignore[union-attr]
            self.state.type(row.spec.name, control.raw)  # type: ignore[union-attr]

    def _show_errors(self) -> None:
        for name, row in self.rows.items():
            row.refuse(self.state.errors.get(name))
        self._show_note()

    def _go_to_error(self) -> None:
        if not self.unfolded and any(each.name in self.state.errors for each in self.spec.more):
            self._unfold()
        for name, row in self.rows.items():
            if name in self.state.errors and row.control is not None:
                self._focus(row)
                return

    def _busy(self, saving: bool) -> None:
        self.saving = saving
        if saving:
            self._before = self.focused
            self.set_focus(None)
        elif self._before is not None:
            self.set_focus(self._before, scroll_visible=False)
        self._show_keys()

    async def _save(self, values: dict[str, Any]) -> None:
        try:
            result = await self.save_values(values) if self.save_values else values
        except Conflict as conflict:
            self._busy(False)
            await self._meet(conflict)
            return
        except DeskError as error:
            self._refused(error)
            return
        except BaseException:
            if self.is_attached:
                self._busy(False)
            raise
        await self._saved(result)

    async def _saved(self, result: Any) -> None:
        if self.keeper is not None:
            try:
                await self.keeper.drop()
            except DeskError as error:
                self.app.refuse(error)
        self._end(Outcome(True, True if result is None else result))

    def _refused(self, error: DeskError) -> None:
        self._busy(False)
        if not self.is_attached:
            raise error
        if error.field in self.rows:
            self._forget_secret(self.rows[error.field])
            self.state.errors[error.field] = error
            self.rows[error.field].refuse(error)
            self._go_to_error()
        else:
            self.trouble = error
            self._show_note()

    def _forget_secret(self, row: FieldRow) -> None:
        """Empty a PIN that was refused: the next try begins anew."""
        if isinstance(row.spec, Pin):
            self.state.raws[row.spec.name] = row.spec.blank
            row.show_raw(row.spec.blank)

    async def _meet(self, conflict: Conflict) -> None:
        """Two people changed one record: show both texts and let the person choose."""
        from dutydesk.ui.forms.conflict import Meeting, choose_between

        contests = self.state.contests(conflict.theirs)
        chosen = await choose_between(self.app, sentence(conflict), contests)
        if chosen is Meeting.THEIRS:
            if self.keeper is not None:
                await self.keeper.drop()
            self._end(Outcome(False))
            return
        self.state.merge(conflict.theirs)
        self.trouble = conflict if chosen is Meeting.EDIT else None
        self._show_all()
        if chosen is Meeting.MINE:
            self.action_save()

    def _end(self, outcome: Outcome) -> None:
        self._leaving = True
        self.finish(outcome)

    # -- drafts and leaving ------------------------------------------------------------------------------------

    async def _find_draft(self) -> None:
        assert self.keeper is not None
        try:
            draft = await self.keeper.find()
        except DeskError as error:
            self._draft_said(error)
            return
        if draft is None or not self.state.restore(draft.data):
            return
        self.restored = (draft.updated_at, self.state.overtaken(draft.data))
        if any(self.state.changed(each.name) for each in self.spec.more):
            self._unfold()
        self._show_all()
        if not self.state.touched:
            self._focus_first()
        else:
            self.keeper.touch()

    def _show_all(self) -> None:
        for name, row in self.rows.items():
            row.show_raw(self.state.raws[name])
        self._refresh_values()
        self._show_errors()

    def _draft_said(self, error: DeskError | None) -> None:
        self.draft_trouble = error
        self._show_note()

    def action_leave(self) -> None:
        """Leave; what was typed is kept and offered again."""
        if self.saving or self._leaving:
            return
        keeping = self.keeper is not None and self.state.dirty
        if self.keeper is not None:
            self.keeper.flush()
        self._end(Outcome(False))
        if keeping:
            self.app.say(_("Kept as a draft; it is offered when you open this again."))

    async def keep_draft(self) -> None:
        """Hand what is typed to the desk thread; the app calls it before it closes."""
        if self.keeper is not None:
            self.keeper.flush()

    def action_discard(self) -> None:
        """Ask, then forget what was typed."""
        if self.saving or self._leaving:
            return
        if not self.state.dirty:
            self.app.say(_("There is nothing to discard."))
            return
        self.work(self._discard)

    async def _discard(self) -> None:
        if not await self.app.confirm(_("Discard what you have typed here?"), _("Discard"), _("Keep it")):
            return
        try:
            if self.keeper is not None:
                await self.keeper.drop()
        except DeskError as error:
            self._draft_said(error)
            return
        self.state.reset()
        self.restored = self.trouble = None
        self._show_all()
        self._focus_first()

    # -- what is found while typing ----------------------------------------------------------------------------

    def _watch_soon(self, row: FieldRow) -> None:
        name = row.spec.name
        if name in self._watching:
            self._watching[name].cancel()
        self._watching[name] = asyncio.get_running_loop().call_later(WATCH_SECONDS, self._watch_now, row)

    def _watch_now(self, row: FieldRow) -> None:
        self._watching.pop(row.spec.name, None)
        self.run_worker(self._watch_field(row), exclusive=True, exit_on_error=False, group=f"watch-{row.spec.name}")

    async def _watch_field(self, row: FieldRow) -> None:
        assert row.spec.watch is not None
        try:
            found = await row.spec.watch(self.state.peek())
        except DeskError as error:
            found = [sentence(error)]
        except Exception as error:
            self.app.unexpected(error)
            return
        row.find([each if isinstance(each, Hint) else Hint(each) for each in found])

    def action_read(self) -> None:
        """Open what was found below the field."""
        row = self._row_of(self.focused)
        found = [hint for hint in row.found if hint.body is not None] if row is not None else []
        if not found:
            found = [hint for each in self.rows.values() for hint in each.found if hint.body is not None]
        if found:
            self.work(lambda: self._read(found))

    async def _read(self, found: list[Hint]) -> None:
        hint = found[0]
        if len(found) > 1:
            chosen = await self.app.choose(_("What was found"), [(each, each.text) for each in found])
            if chosen is None:
                return
            hint = chosen
        try:
            body = await hint.body() if callable(hint.body) else hint.body
        except DeskError as error:
            body = sentence(error)
        await self.app.show_text(hint.text, body or "")


def _understood(at: int) -> str:
    """Return an instant as it was understood: when, and how far from now."""
    now = clock.now()
    away = times.duration(abs(now - at))
    where = _("{time} · {duration} ago") if at <= now else _("{time} · in {duration}")
    if abs(now - at) < 60:
        return _("{time} · now", time=times.when(at, now))
    return where.format(time=times.when(at, now), duration=away)
