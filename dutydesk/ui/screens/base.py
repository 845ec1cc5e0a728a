"""What every screen of the desk is: a frame around a body, one way to load, one way to run a command."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import actions, events
from textual.app import ComposeResult
from textual.containers import Container
from textual.geometry import Size
from textual.message import Message
from textual.reactive import Reactive
from textual.screen import Screen
from textual.widget import Widget

from dutydesk.domain.errors import DeskError
from dutydesk.ui.commands import ANYWHERE, Command, bindings, shown_key
from dutydesk.ui.widgets.frame import Footer, FooterKey, FrameLine, Kind, ScreensLine, StatusLine, TopLine

if TYPE_CHECKING:
    from dutydesk.ui.app import DeskApp

FIRST_LOAD_SECONDS = 0.25
"""How long a new screen waits for its first data before it is painted without."""
ROUNDS = 40
"""Turns of the loop that a paint waits at most for what a key, or a new size, has set in motion."""
FOOTER_KEYS = 5
MESSAGE_SECONDS = 10.0


class RecordsChanged(Message, bubble=False):
    """Somebody, here or at another terminal, changed records."""

    def __init__(self, changes: frozenset[tuple[str, int | None]]) -> None:
        super().__init__()
        self.changes = changes

    def touches(self, subject: str, key: int | None = None) -> bool:
        """Return whether a record of `subject` changed: the one with `key`, or any."""
        return any(name == subject and key in (None, other) for name, other in self.changes)


class DeskScreen(Screen[Any]):
    """A screen in the frame.

    A subclass gives `compose_body`, `load`, its `commands`, the `place` it belongs to (the numbered screen that is
    marked) and the `subjects` whose changes make it load again.
    """

    CSS_PATH: ClassVar[Any] = None
    AUTO_FOCUS: ClassVar[str | None] = "#body *"
    commands: ClassVar[list[Command]] = []
    place: ClassVar[str] = ""
    subjects: ClassVar[frozenset[str]] = frozenset()
    # Textual paints the whole screen when the focus moves; the two widgets concerned paint themselves.
    focused: Reactive[Widget | None] = Reactive(None, repaint=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.all_commands: tuple[Command, ...] = tuple(self._collect_commands())
        keymap = self.desk_app.keys_for(self.all_commands)
        self.keymap = keymap
        for binding in bindings(self.all_commands, keymap):
            for key in binding.make_bindings([binding]):
                self._bindings.key_to_bindings.setdefault(key.key, []).append(key)
        self._composed_body = False
        self._unpainted = self._paint_waits = False
        self._wanted = False
        self._stale = True
        self._words_stale = self.missed_minutes = False
        self._loading: asyncio.Task[None] | None = None
        self._take_breakpoints()

    def _take_breakpoints(self) -> None:
        """Know the size before the first layout; Textual says it after the first paint only and lays out again."""
        width, height = self.app.size
        for dimension, breakpoints in ((width, self.HORIZONTAL_BREAKPOINTS), (height, self.VERTICAL_BREAKPOINTS)):
            self.add_class(*self._get_breakpoint_classes(dimension, breakpoints or []), update=False)

    # --- what a subclass gives -----------------------------------------------------------------------------------

    def compose_body(self) -> ComposeResult:
        """Yield the widgets between the frame's lines."""
        yield from ()

    async def load(self) -> None:
        """Ask the services and fill the widgets; keep cursor and selection."""

    def relabel(self) -> None:
        """Say everything in the language spoken now; texts made in `load` are made again afterwards by themselves."""

    def on_minute(self) -> None:
        """Called when the clock's minute has changed; override where running times are shown."""

    def copy_text(self) -> str | None:
        """Return what `y` copies: the selected record as text, or None when nothing is selected."""
        return None

    def title_of(self, command: Command) -> str:
        """Return the word for a command in footer, help and palette; override where it depends on the moment."""
        return self.desk_app.title_of(command)

    # --- frame ----------------------------------------------------------------------------------------------------

    @property
    def desk_app(self) -> DeskApp:
        """Return the app as what it is."""
        return cast("DeskApp", self.app)

    def compose(self) -> ComposeResult:
        """Draw the frame around the body."""
        yield TopLine()
        yield ScreensLine()
        with Container(id="body"):
            yield from self.compose_body()
        yield StatusLine()
        yield Footer()

    def update_frame(self) -> None:
        """Draw the lines of the frame whose content has changed."""
        if self.is_mounted:
            for child in self.children:
                if isinstance(child, FrameLine):
                    child.update_line()

    def say(self, text: str, kind: Kind = "plain") -> None:
        """Show a message in the status line, or as a notice when it is too long for it."""
        self.desk_app.say(text, kind)

    def hint(self, text: str) -> None:
        """Show a muted line whenever there is no message: counts, the filter in force."""
        self.query_one(StatusLine).show_hint(text)

    def footer_keys(self) -> Iterator[FooterKey]:
        """Yield the keys for the footer: the screen's own first, then those that work anywhere, help last."""
        own = [command for command in self.footer_commands() if command.id != "desk.help"]
        for command in own[: FOOTER_KEYS - 1]:
            yield FooterKey(self.key_of(command), self.title_of(command), self.why_not(command) is not None)
        yield FooterKey(self.key_of(_help()), self.title_of(_help()))

    def footer_commands(self) -> Iterable[Command]:
        """Return the commands worth a place in the footer now, best first; override where it depends on the moment."""
        return [command for command in self.all_commands if command.footer]

    def key_of(self, command: Command) -> str:
        """Return the key of a command as it is shown, the user's own where there is one."""
        return shown_key(self.keymap.get(command.id, command.keys)[0])

    def keys_of(self, command: Command) -> str:
        """Return all keys of a command as they are shown."""
        return " ".join(shown_key(key) for key in self.keymap.get(command.id, command.keys))

    # --- commands -------------------------------------------------------------------------------------------------

    @classmethod
    def _collect_commands(cls) -> Iterator[Command]:
        seen: set[str] = set()
        for each in (*cls.commands, *ANYWHERE):
            if each.id not in seen:
                seen.add(each.id)
                yield each

    def why_not(self, command: Command) -> str | None:
        """Return the sentence why a command cannot be used now, or None."""
        if not command.why_not:
            return None
        asked = getattr(self, command.why_not, None) or getattr(self.desk_app, command.why_not)
        answer: str | None = asked()
        return answer

    def action_command(self, command_id: str) -> None:
        """Run a command by its id: where a key, the palette or the help leads to."""
        command = next(each for each in self.all_commands if each.id == command_id)
        self.desk_app.run_command(command, self)

    def action_method(self, action: str) -> Any:
        """Return the bound call for an action of this screen or of the app: `answer('ok')`."""
        _namespace, name, parameters = actions.parse(action)
        method = getattr(self, f"action_{name}", None) or getattr(self.desk_app, f"action_{name}")
        return lambda: method(*parameters)

    # --- loading --------------------------------------------------------------------------------------------------

    @property
    def is_shown(self) -> bool:
        """Return whether this is the screen in view, below a dialog perhaps."""
        return self.desk_app.shown is self

    async def on_mount(self) -> None:
        """Load before the first paint, as long as that is quick."""
        self._composed_body = True
        self.request_reload()
        if self._loading:
            await asyncio.wait({self._loading}, timeout=FIRST_LOAD_SECONDS)

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        """Catch up with what changed while another screen was in front."""
        if self.stack_updates == 0:
            self._come_up(event)
            return
        self.update_frame()
        if self._words_stale:
            self.speak()
        elif self._stale and self.is_mounted:
            self.request_reload()
        elif self.missed_minutes:
            self.on_minute()
        self.missed_minutes = False

    def _come_up(self, event: events.ScreenResume) -> None:
        """Do what Textual does when a screen comes up for the first time, but lay out and paint once, not twice."""
        event.prevent_default()
        self._update_auto_focus()
        self.call_later(self._lay_out_first)

    def _lay_out_first(self) -> None:
        self.stack_updates += 1
        self._unpainted = True
        self._refresh_layout(self.app.size)
        self._unpainted = False
        self.refresh()
        self._on_timer_update()

    @property
    def _is_front(self) -> bool:
        """Whether this screen is in front; while the console closes there may be none, and a paint may still be due."""
        return self.desk_app.front is self

    def _on_timer_update(self) -> None:
        """Paint when all that a key, or a new size, has set in motion is done.

        A line that follows the cursor of a list hears of it by a message: it would be painted a tick (17 ms) later.
        """
        if not self._paint_waits:
            self._paint_waits = True
            self._paint_soon(ROUNDS)

    def _paint_soon(self, rounds: int) -> None:
        at_rest = all(node._message_queue.empty() for node in (self, *self.walk_children()))
        if rounds and not at_rest:
            asyncio.get_running_loop().call_soon(self._paint_soon, rounds - 1)
            return
        self._paint_waits = False
        if self.is_running and self.desk_app.front is not None:
            self._paint()

    def _paint(self) -> None:
        if not self._is_front:
            self._repaint_required = False  # the dialog in front has painted all of it, and coming back paints it again
        self._unpainted = self._layout_required and self._repaint_required
        super()._on_timer_update()
        self._unpainted = False

    def _compositor_refresh(self) -> None:
        """Leave out the paint of a layout that another paint of everything follows at once.

        Behind a dialog only what has changed is painted; Textual would paint everything at the next event as well.
        """
        if self._unpainted:
            self._unpainted = False
        elif self._is_front:
            super()._compositor_refresh()
        elif self in self.app._background_screens and self._compositor._dirty_regions:
            self.app.screen.refresh(*self._compositor._dirty_regions)
            self._compositor._dirty_regions.clear()
            self._dirty_widgets.clear()

    def _screen_resized(self, size: Size) -> None:
        """Lay out anew for a size that it is not laid out for; `size` of a screen is what the terminal has already."""
        if size != self._size:
            super()._screen_resized(size)

    def on_records_changed(self, changed: RecordsChanged) -> None:
        """Load again when a subject of this screen changed."""
        if any(changed.touches(subject) for subject in self.subjects):
            self.request_reload()

    def request_reload(self) -> None:
        """Load soon: several requests at once are one, and a screen that is not shown waits until it is."""
        if self.desk_app.who is None or not self.is_shown or not self._composed_body:
            self._stale = True
            return
        self._wanted = True
        if self._loading is None or self._loading.done():
            self._loading = asyncio.create_task(self._load())

    async def loaded(self) -> None:
        """Wait until no load is under way."""
        while self._loading and not self._loading.done():
            await asyncio.wait({self._loading})

    async def _load(self) -> None:
        while self._wanted and self._is_alive:
            self._wanted = self._stale = False
            try:
                await self.load()
            except DeskError as error:
                self.desk_app.refuse(error)
            except Exception as error:
                if self._is_alive:
                    self.desk_app.unexpected(error)
            if self._is_alive:
                self.update_frame()

    @property
    def _is_alive(self) -> bool:
        return self.is_attached and self.is_running and not self.desk_app.leaving

    def speak(self) -> None:
        """Say everything in the language spoken now, and nothing else changes."""
        if not self.is_shown:
            self._words_stale = True
            return
        self._words_stale = False
        self.relabel()
        for node in self.walk_children():
            relabel = getattr(node, "relabel", None)
            if relabel:
                relabel()
        self.update_frame()
        self.request_reload()


def _help() -> Command:
    return next(command for command in ANYWHERE if command.id == "desk.help")
