"""The ground of the console: its state, its screens, how a command runs, and how it says something."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import events
from textual.app import App, ScreenStackError
from textual.binding import BindingType
from textual.css.query import NoMatches
from textual.screen import Screen

from dutydesk import locale
from dutydesk.domain.errors import ConnectionLost, DeskError
from dutydesk.domain.text import clean, cut, width
from dutydesk.locale import _, sentence
from dutydesk.ui import keymap
from dutydesk.ui.arrival import over_ssh, read_top
from dutydesk.ui.commands import ANYWHERE, Command, bindings
from dutydesk.ui.desk import Desk
from dutydesk.ui.dialogs import AsksPeople
from dutydesk.ui.gate import KeyGate
from dutydesk.ui.guard import LineGuard
from dutydesk.ui.painting import PaintsCells
from dutydesk.ui.places import PLACES, Place
from dutydesk.ui.rules import KeptRules
from dutydesk.ui.screens.base import DeskScreen
from dutydesk.ui.toosmall import LeastSize
from dutydesk.ui.widgets.frame import Kind, StatusLine, TopState

if TYPE_CHECKING:
    from dutydesk.services.core import Actor
    from dutydesk.services.shift_live import LiveShift
    from dutydesk.ui.app import DeskApp

MESSAGE_SECONDS = 10.0
NOTICE_CELLS = 300
"""What a notice shows at most: it must not hide the screen that it is about."""


class ConsoleApp(LeastSize, PaintsCells, AsksPeople, KeyGate, App[int], inherit_bindings=False):
    """What every part of the console stands on."""

    TITLE = "Duty Desk"
    CSS_PATH = Path(__file__).with_name("desk.tcss")
    ENABLE_COMMAND_PALETTE = False
    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = []
    places: tuple[Place, ...] = PLACES

    def __init__(self, desk: Desk, lang: str | None, theme: str | None) -> None:
        super().__init__()
        self.stylesheet = KeptRules(variables=self.stylesheet._variables)
        self.desk = desk
        self.asked_lang, self.asked_theme = lang, theme
        self.top: TopState | None = None
        self.first_live: LiveShift | None = None
        self.busy = False
        self.asking_quit = False
        self.farewell = ""
        self._numbered: dict[str, DeskScreen] = {}
        self._silence: Any = None
        if lang:
            locale.use(lang)
        self.lang = locale.language()
        self.animation_level = "none"
        self.set_class(over_ssh(), "-far", update=False)
        self._disable_tooltips = True
        self._filters.append(LineGuard())
        self.own_keys, self.key_troubles = keymap.read()
        goto = [Command(f"go.{place.name}", place.key, place.title, f"goto({place.name!r})") for place in self.places]
        self.anywhere: tuple[Command, ...] = (*ANYWHERE, *goto)
        for binding in bindings(self.anywhere, self.keys_for(self.anywhere)):
            for each in binding.make_bindings([binding]):
                self._bindings.key_to_bindings.setdefault(each.key, []).append(each)

    @property
    def me(self) -> DeskApp:
        """Return this app as the whole that it is a layer of."""
        return cast("DeskApp", self)

    @property
    def who(self) -> Actor | None:
        """Return the person at this console."""
        return self.desk.who

    async def refresh_top(self) -> None:
        """Read the top line again and draw it where it differs."""
        if self.who is None or self.leaving:
            return
        try:
            self.top = await self.desk.ask(read_top)
        except ConnectionLost:
            pass  # the top line says so
        except DeskError as error:
            self.refuse(error)
        if self.shown:
            self.shown.update_frame()

    @property
    def leaving(self) -> bool:
        """Return whether the console is about to close."""
        return self._exit or self._closing

    async def leave(self, code: int = 0) -> None:
        """Keep what is typed, then exit with `code`."""
        for screen in reversed(self.screen_stack):
            keep = getattr(screen, "keep_draft", None)
            if keep:
                try:
                    answer = keep()
                    if inspect.isawaitable(answer):
                        await asyncio.wait_for(answer, 2)
                except (TimeoutError, DeskError):
                    continue
        self.exit(return_code=code)

    # --- screens --------------------------------------------------------------------------------------------------

    @property
    def shown(self) -> DeskScreen | None:
        """Return the desk screen in view: the front one, or the one behind a dialog."""
        stack = self._screen_stack if self._screen_stacks.get(self._current_mode) else []
        return next((screen for screen in reversed(stack) if isinstance(screen, DeskScreen)), None)

    def every_screen(self) -> Iterator[Screen[Any]]:
        """Yield the screens on the stack, then the numbered ones that wait."""
        stack = self._screen_stacks.get(self._current_mode, [])
        yield from reversed(stack)
        yield from (screen for screen in self._numbered.values() if screen not in stack)

    def get_default_screen(self) -> Screen[Any]:
        """Begin on the first numbered screen; no empty screen is made before it."""
        screen = self._screen(self.places[0].name)
        for path in screen.css_path:
            self.stylesheet.read(path)
        screen._push_result_callback(self, None)
        return screen

    def _screen(self, name: str) -> DeskScreen:
        if name not in self._numbered:
            place = next(place for place in self.places if place.name == name)
            screen = self._numbered[name] = place.make()
            self.install_screen(screen, name)
        return self._numbered[name]

    async def goto(self, name: str) -> None:
        """Show a numbered screen; what lies on the present one is left as with esc."""
        screen = self._screen(name)
        while len(self.screen_stack) > 1:
            self.screen.dismiss()
        if screen is not self.screen:
            await self.switch_screen(screen)
        await screen.loaded()

    async def action_goto(self, name: str) -> None:
        """Show a numbered screen."""
        await self.goto(name)

    # --- commands -------------------------------------------------------------------------------------------------

    def keys_for(self, commands: Iterable[Command]) -> keymap.Keys:
        """Return the user's own keys for commands that are shown together; what conflicts is said once."""
        if not self.own_keys:
            return {}
        keys, wrong = keymap.resolve(commands, self.own_keys)
        new = [trouble for trouble in wrong if trouble not in self.key_troubles]
        self.key_troubles.extend(new)
        if new and self.is_running:
            self.call_after_refresh(self.say, new[0], "warning")
        return keys

    def action_command(self, command_id: str) -> None:
        """Run a command that works anywhere, on behalf of the screen in view."""
        command = next(each for each in self.anywhere if each.id == command_id)
        self.run_command(command, self.shown)

    def run_command(self, command: Command, screen: DeskScreen | None) -> None:
        """Run a command, or say why not. One that takes time runs beside the screen; typed keys wait a moment."""
        self.clear_message()
        if screen is not None:
            reason = screen.why_not(command)
            if reason:
                self.say(reason, "warning")
                return
            call = screen.action_method(command.action)
        else:
            call = getattr(self, f"action_{command.action}")
        self.do(call, opens=command.opens)

    def do(self, call: Callable[[], Any], *, opens: bool = False) -> None:
        """Do something for the person: refusals are shown, a coroutine runs beside the screen."""
        try:
            answer = call()
        except DeskError as error:
            self.refuse(error)
        else:
            if inspect.iscoroutine(answer):
                self.keys_wait_for(self._work(answer), opens=opens)

    async def _work(self, work: Any) -> None:
        async def guarded() -> None:
            """Turn what goes wrong into a sentence."""
            try:
                await work
            except DeskError as error:
                self.refuse(error)
            except Exception as error:
                self.unexpected(error)

        worker = self.run_worker(guarded(), exit_on_error=False)
        await asyncio.wait({worker._task} if worker._task else set())

    # --- saying ---------------------------------------------------------------------------------------------------

    def say(self, text: str, kind: Kind = "plain") -> None:
        """Show one sentence: in the status line, or as a notice when a dialog is in front or it is too long."""
        if self.leaving:
            return
        text = clean(text)
        if isinstance(self.screen, DeskScreen) and width(text) + 2 <= self.size.width:
            lines = self.screen.query(StatusLine)
            if lines:
                lines.first().show_message(text, kind)
                self._silence = self._silence or self.set_timer(MESSAGE_SECONDS, self.clear_message)
                self._silence.reset()
                return
        severity: Any = {"warning": "warning", "error": "error"}.get(kind, "information")
        self.notify(cut(text, NOTICE_CELLS), severity=severity, markup=False)

    def clear_message(self) -> None:
        """Take the last message off the status line."""
        if self._silence:
            self._silence.stop()
            self._silence = None
        if self.shown:
            for status in self.shown.query(StatusLine):
                status.clear()

    def refuse(self, error: DeskError) -> None:
        """Show why something was refused."""
        self.say(sentence(error), "error")

    def unexpected(self, error: BaseException) -> None:
        """A defect: note it in a file, say so, and stay alive; tests see it raised."""
        if not isinstance(error, Exception):
            raise error
        if self.is_headless:
            self._handle_exception(error)
            return
        from dutydesk.ui.terminal import note_defect

        self.say(_("Something went wrong inside the program; it is noted in {path}.", path=note_defect(error)), "error")

    def _handle_exception(self, error: Exception) -> None:
        """Stop with a defect; a screen that comes up while the console closes finds nothing of itself, and is none."""
        if not (self.leaving and isinstance(error, (NoMatches, ScreenStackError))):
            super()._handle_exception(error)

    def _troubled(self, error: BaseException) -> None:
        if isinstance(error, DeskError):
            self.refuse(error)
        else:
            self.unexpected(error)

    def panic(self, *renderables: Any) -> None:
        """The input thread panics when the line drops; that is not worth a traceback while the console closes."""
        if not self.leaving:
            super().panic(*renderables)

    def _fatal_error(self) -> None:
        """A defect stops the console: note it for whoever mends it; the person reads one sentence."""
        if self.is_headless or "debug" in self.features:
            super()._fatal_error()
            return
        from dutydesk.ui.terminal import defect_words, note_defect

        error = getattr(self._exception, "error", None) or self._exception
        if error is not None and not self.farewell:
            self.farewell = defect_words(note_defect(error))
        self._close_messages_no_wait()

    async def on_event(self, event: events.Event) -> None:
        """Ignore whether the terminal has the focus: restyling everything for it costs bytes and says nothing."""
        if not isinstance(event, (events.AppFocus, events.AppBlur)):
            await super().on_event(event)
