"""A form that keeps what is typed: drafts found, written, discarded, and leaving without losing anything."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from textual.actions import SkipAction
from textual.binding import Binding, BindingType

from dutydesk.domain.errors import DeskError
from dutydesk.locale import _
from dutydesk.ui.forms.rows import FieldRow
from dutydesk.ui.forms.sheet import FormSheet, Outcome
from dutydesk.ui.forms.spec import FormSpec

if TYPE_CHECKING:
    from dutydesk.ui.forms.drafts import DraftKeeper

DRAFT_SECONDS = 0.25
"""How long the first paint waits for the draft."""


class KeptForm(FormSheet):
    """An open form with a draft, when its spec has a key and somebody is signed in. Source: REQUIREMENTS D4."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+d", "discard", show=False, priority=True),
        Binding("escape", "leave", show=False),
    ]

    def __init__(self, spec: FormSpec, initial: Mapping[str, Any] | None = None) -> None:
        super().__init__(spec, initial)
        self.keeper: DraftKeeper | None = None
        self._finding: asyncio.Task[None] | None = None

    async def opening(self) -> None:
        """Look for a draft; a quick desk answers before the first paint."""
        if self.spec.key is None or self.app.desk.who is None:
            return
        from dutydesk.ui.forms.drafts import DraftKeeper

        self.keeper = DraftKeeper(self.app.desk, self.spec.key, self.state.kept, self.draft_said, apart=True)
        self._finding = asyncio.create_task(self.find_draft())
        await asyncio.wait({self._finding}, timeout=DRAFT_SECONDS)

    def on_unmount(self) -> None:
        """Whatever ends the form, what was typed goes to the desk thread."""
        if self.keeper is not None:
            self.keeper.close()

    def typed(self, row: FieldRow) -> None:
        super().typed(row)
        if self.keeper is not None and row.spec.kept_in_drafts:
            self.keeper.touch()

    async def find_draft(self) -> None:
        assert self.keeper is not None
        try:
            draft = await self.keeper.find()
        except DeskError as error:
            self.draft_said(error)
            return
        if draft is None or not self.state.restore(draft.data):
            return
        self.restored = (draft.updated_at, self.state.overtaken(draft.data))
        if any(self.state.changed(each.name) and self.state.folds(each) for each in self.spec.every):
            self.show_folded()
        self.show_all()
        if not self.state.touched:
            self.focus_first()
        else:
            self.keeper.touch()

    def draft_said(self, error: DeskError | None) -> None:
        self.draft_trouble = error
        self.show_note()

    def action_leave(self) -> None:
        """Leave; what was typed is kept and offered again."""
        if self.saving or self.leaving:
            return
        if self.draft_trouble is not None and self.state.dirty:
            self.work(self._leave_without)
            return
        keeping = self.keeper is not None and self.state.dirty
        if self.keeper is not None:
            self.keeper.flush()
        self.end(Outcome(False))
        if keeping:
            self.app.say(_("Kept as a draft; it is offered when you open this again."))

    async def _leave_without(self) -> None:
        """Ask before something is lost that could not be kept."""
        if await self.app.confirm(_("The draft could not be kept. Leave and lose it?"), _("Leave"), _("Stay")):
            self.end(Outcome(False))

    async def keep_draft(self) -> None:
        """Hand what is typed to the desk thread; the app calls it before it closes."""
        if self.keeper is not None:
            self.keeper.flush()

    def action_discard(self) -> None:
        """Ask, then forget what was typed."""
        if self.spec.key is None:
            raise SkipAction
        if self.saving or self.leaving:
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
            self.draft_said(error)
            return
        self.state.reset()
        self.restored = self.trouble = None
        self.show_all()
        self.focus_first()
