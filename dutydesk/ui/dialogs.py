"""Asking people: forms, PINs, lines, yes or no, one of many, and texts to read. The app inherits `AsksPeople`.

Every method is awaited and returns when the person is done. It must be awaited in a task of its own, never straight
in a message handler, an action or `on_mount`: those run on the message loop that has to bring the keys of the dialog.
An action that a `Command` starts already is such a task; elsewhere decorate the method with Textual's `@work`:

    @work
    async def action_acknowledge(self) -> None:
        if await self.app.confirm(_("Close {number}?", number=number), _("Close")):
            await self.desk.ask(incidents.close, incident_id, version=version)

Called in the wrong place they raise RuntimeError before anything is shown.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from textual._context import active_message_pump

from dutydesk.domain.errors import Invalid, Refused
from dutydesk.domain.words import N_

if TYPE_CHECKING:
    from textual.content import Content

    from dutydesk.domain.words import Named
    from dutydesk.ui.forms.asking import Asking
    from dutydesk.ui.forms.spec import Field, FormSpec, Option
    from dutydesk.ui.gate import KeyGate as _Base
else:
    _Base = object

T = TypeVar("T")


class AsksPeople(_Base):
    """Mixin for the app. The screens are imported when the first of them is shown."""

    _own_task: asyncio.Task[Any] | None = None

    async def on_load(self) -> None:
        """Remember the task that runs the app's messages: it must never wait for a person."""
        self._own_task = asyncio.current_task()

    async def ask_screen(self, screen: Asking[T]) -> T | None:
        """Show a dialog and return its answer; None when it was left or removed."""
        task = asyncio.current_task()
        pump = active_message_pump.get(None)
        if task is self._own_task or (pump is not None and pump._task is task):
            screen.answer.cancel()
            raise RuntimeError("a dialog is awaited in a message handler; decorate the method with @work")
        self.push_screen(screen)
        try:
            return await asyncio.shield(screen.answer)
        except asyncio.CancelledError:
            if screen.is_attached and self.front is screen:
                screen.finish(None)
            raise

    async def ask_form(
        self,
        spec: FormSpec,
        initial: Mapping[str, Any] | None = None,
        save: Callable[[dict[str, Any]], Awaitable[Any]] | None = None,
    ) -> Any:
        """Show a form; return what `save` returned (True for None), or None when the person left.

        `save` gets the values by field name, and every key of `initial` that is no field. A DeskError it raises is
        shown in the form, under its `.field` if it has one, and the form stays. Without `save` the values are returned.
        """
        from dutydesk.ui.forms.screen import FormScreen

        outcome = await self.ask_screen(FormScreen(spec, initial, save))
        return outcome.result if outcome is not None and outcome.saved else None

    async def ask_pin(self, purpose: str, check: Callable[[str], Awaitable[Any]] | None = None) -> str | None:
        """Ask for the PIN; `purpose` is a translated sentence that says what it signs. None when the person left.

        `check` may verify it while the dialog is open: the DeskError it raises is shown and another try is possible.
        """
        from dutydesk.ui.forms.spec import Pin

        async def save(values: dict[str, Any]) -> str:
            if check is not None:
                try:
                    await check(values["pin"])
                except (Invalid, Refused) as error:
                    error.field = "pin"
                    raise
            return str(values["pin"])

        answer: str | None = await self._ask_one(Pin("pin", "", required=True), N_("PIN"), purpose, save=save)
        return answer

    async def ask_line(
        self,
        title: str,
        *,
        required: bool = True,
        initial: str = "",
        limit: int = 200,
        hint: str = "",
        key: str | None = None,
    ) -> str | None:
        """Ask for one line of text under a translated `title`; with `key` a draft of it is kept."""
        from dutydesk.ui.forms.spec import Text

        field = Text("text", "", required=required, limit=limit)
        answer: str | None = await self._ask_one(field, title, hint, initial={"text": initial}, key=key)
        return answer

    async def choose(
        self, title: str, options: Sequence[Option | tuple[Any, str]] | type[Named], *, hint: str = ""
    ) -> Any:
        """Let the person choose one of `options` (value, label); return its value, or None when he left."""
        from dutydesk.ui.forms.spec import Pick

        field = Pick("text", "", options, required=True, rows=12, mark_first=True)
        return await self._ask_one(field, title, hint, save_label=N_("Take"))

    async def confirm(self, sentence: str, yes: str = "", no: str = "", *, default: bool = False) -> bool:
        """Ask a yes-or-no question that says what will happen; `default` is what enter answers. Leaving is no."""
        from dutydesk.ui.forms.questions import Confirm

        answer = await self.ask_screen(Confirm(sentence, yes, no, default=default))
        return bool(answer)

    async def show_text(self, title: str, text: str | Content) -> None:
        """Show a text to read, with scrolling, until the person closes it."""
        from dutydesk.ui.forms.questions import Reading

        await self.ask_screen(Reading(title, text))

    async def _ask_one(
        self,
        field: Field,
        title: str,
        hint: str,
        *,
        initial: Mapping[str, Any] | None = None,
        save: Callable[[dict[str, Any]], Awaitable[Any]] | None = None,
        key: str | None = None,
        save_label: str = N_("OK"),
    ) -> Any:
        from dutydesk.ui.forms.spec import FormSpec

        spec = FormSpec(key, title, [field], hint=hint, save_label=save_label)
        answer = await self.ask_form(spec, initial, save)
        return answer[field.name] if isinstance(answer, dict) else answer
