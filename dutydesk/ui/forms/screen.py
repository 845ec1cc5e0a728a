"""The form screen: a FormSpec drawn, kept, and saved, with what is found while typing. Nothing typed is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from dutydesk.domain.errors import Conflict, DeskError
from dutydesk.locale import _, sentence
from dutydesk.ui.forms.keeping import KeptForm
from dutydesk.ui.forms.rows import FieldRow
from dutydesk.ui.forms.sheet import Outcome
from dutydesk.ui.forms.spec import FormSpec, Hint, Pick, Pin

Save = Callable[[dict[str, Any]], Awaitable[Any]]
WATCH_SECONDS = 0.25
"""Without a key for this long, a field's `watch` is asked."""


class FormScreen(KeptForm):
    """One open form; `save` gets the values by field name and every key of `initial` that is no field."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f10", "save", show=False, priority=True),
        Binding("f4", "read", show=False),
    ]

    def __init__(self, spec: FormSpec, initial: Mapping[str, Any] | None = None, save: Save | None = None) -> None:
        super().__init__(spec, initial)
        self.save_values = save
        self._before: Widget | None = None
        self._watching: dict[str, asyncio.TimerHandle] = {}

    async def opening(self) -> None:
        """Look for hints on what the form was opened with."""
        await super().opening()
        for row in self.rows.values():
            if row.spec.watch is not None and not row.spec.is_empty(self.state.raws[row.spec.name]):
                self.watch_soon(row)

    def on_unmount(self) -> None:
        """Ask no more."""
        for timer in self._watching.values():
            timer.cancel()

    def typed(self, row: FieldRow) -> None:
        super().typed(row)
        if row.spec.watch is not None:
            self.watch_soon(row)

    # -- saving ------------------------------------------------------------------------------------------------

    def action_save(self) -> None:
        """Check everything and save; once at a time."""
        if self.saving:
            return
        self._settle(self.row_of(self.focused))
        values = self.state.collect()
        self.trouble = None
        self.show_errors()
        if values is None:
            self.go_to_error()
            return
        self._busy(True)
        self.work(lambda: self._save(values))

    def _settle(self, row: FieldRow | None) -> None:
        """Let a Pick take what was typed into it, as if it were left."""
        control = row.control if row is not None else None
        if row is not None and isinstance(row.spec, Pick):
            control.settle()  # type: ignore[union-attr]
            self.state.type(row.spec.name, control.raw)  # type: ignore[union-attr]

    def _busy(self, saving: bool) -> None:
        self.saving = saving
        if saving:
            self._before = self.focused
            self.set_focus(None)
        elif self._before is not None:
            self.set_focus(self._before, scroll_visible=False)
        self.show_keys()

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
        self.end(Outcome(True, True if result is None else result))

    def _refused(self, error: DeskError) -> None:
        self._busy(False)
        if not self.is_attached:
            raise error
        if error.field in self.rows:
            self._forget_secret(self.rows[error.field])
            self.state.errors[error.field] = error
            self.rows[error.field].refuse(error)
            self.go_to_error()
        else:
            self.trouble = error
            self.show_note()

    def _forget_secret(self, row: FieldRow) -> None:
        """Empty a PIN that was refused: the next try begins anew."""
        if isinstance(row.spec, Pin):
            self.state.raws[row.spec.name] = row.spec.blank
            row.show_raw(row.spec.blank)

    async def _meet(self, conflict: Conflict) -> None:
        """Two people changed one record: show both texts and let the person choose."""
        from dutydesk.ui.forms.conflict import Meeting, choose_between

        theirs = self._labelled(conflict.theirs)
        contests = self.state.contests(theirs)
        chosen = await choose_between(self.app, sentence(conflict), contests)
        if chosen is Meeting.THEIRS:
            if self.keeper is not None:
                await self.keeper.drop()
            self.end(Outcome(False))
            return
        self.state.merge(theirs)
        self.trouble = conflict if chosen is Meeting.EDIT else None
        self.show_all()
        if chosen is Meeting.MINE:
            self.action_save()

    def _labelled(self, theirs: Mapping[str, Any]) -> dict[str, Any]:
        """Put the label to what stands there now, where only a list that was loaded knows it."""
        from dutydesk.ui.forms.picks import PickInput

        named = dict(theirs)
        for box in self.query(PickInput):
            value = named.get(box.pick.name)
            if value is not None and not box.pick.all():
                named[box.pick.name] = next((option for option in box.options if option.value == value), value)
        return named

    # -- what is found while typing ----------------------------------------------------------------------------

    def watch_soon(self, row: FieldRow) -> None:
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
        row = self.row_of(self.focused)
        found = [hint for hint in row.found if hint.body] if row is not None else []
        if not found:
            found = [hint for each in self.rows.values() for hint in each.found if hint.body]
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
