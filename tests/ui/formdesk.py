"""The console with the real dialogs over a desk in memory, for the tests of forms."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from textual.app import ComposeResult
from textual.pilot import Pilot
from textual.widgets import Static

from dutydesk import locale
from dutydesk.domain import clock
from dutydesk.domain.errors import DeskError
from dutydesk.domain.people import Role
from dutydesk.services.core import Actor
from dutydesk.services.drafts import Draft
from dutydesk.ui.anywhere import Anywhere
from dutydesk.ui.places import Place
from dutydesk.ui.screens.base import DeskScreen

DEADLINE = 8.0


class MemoryDesk:
    """Answers the draft functions from a dictionary; `trouble` is raised instead, `slow` holds answers back."""

    far, online = False, True

    def __init__(self) -> None:
        self.who: Actor | None = Actor(1, "demo", "Eng. Z", Role.ENGINEER)
        self.drafts: dict[str, Draft] = {}
        self.writes: list[tuple[str, Any]] = []
        self.trouble: DeskError | None = None
        self.open = asyncio.Event()
        self.open.set()

    async def ask(self, function: Any, *args: Any) -> Any:
        await self.open.wait()
        return self._call(function.__name__, *args)

    def run(self, function: Any, *args: Any, done: Any = None, failed: Any = None) -> None:
        loop = asyncio.get_running_loop()
        try:
            answer = self._call(function.__name__, *args)
        except DeskError as error:
            loop.call_soon(failed, error)
        else:
            if done:
                loop.call_soon(done, answer)

    def _call(self, name: str, form: str, data: Any = None, _mine: Any = ()) -> Any:
        if self.trouble is not None:
            raise self.trouble
        if name == "find":
            return self.drafts.get(form)
        name = "keep" if name == "keep_apart" else name
        if name in ("keep", "drop"):
            self.writes.append((name, data))
        if name == "keep":
            self.drafts[form] = Draft(form, data, clock.now())
            return form
        elif name == "drop":
            self.drafts.pop(form, None)
        return None


class Ground(DeskScreen):
    """A screen for dialogs to lie on."""

    place = "ground"

    def compose_body(self) -> ComposeResult:
        yield Static("GROUND")


class GroundPlace(Place):
    """The only numbered screen of the test console."""

    def make(self) -> DeskScreen:
        return Ground()


class FormApp(Anywhere):
    """Asks what a test gives it, as a command would, and keeps the answers."""

    places = (GroundPlace("1", "ground", "Ground"),)

    def __init__(self, theme: str = "dark") -> None:
        super().__init__(MemoryDesk(), None, theme)  # type: ignore[arg-type]
        self.take_theme_early(theme)
        self.answers: list[Any] = []
        self.notices: list[str] = []

    def say(self, text: str, kind: Any = "plain") -> None:
        self.notices.append(text)
        super().say(text, kind)

    def ask_now(self, question: Callable[[], Awaitable[Any]]) -> None:
        """Ask as an action of the console does."""

        async def work() -> None:
            self.answers.append(await question())

        self.do(work, opens=True)


@asynccontextmanager
async def form_app(size: tuple[int, int] = (80, 24), theme: str = "dark") -> AsyncIterator[tuple[FormApp, Pilot[Any]]]:
    """Yield the running console and its pilot."""
    app = FormApp(theme)
    app.speak(locale.language())
    async with app.run_test(size=size) as pilot:
        yield app, pilot


async def until(pilot: Pilot[Any], condition: Callable[[], Any]) -> Any:
    """Wait until `condition` holds; the screen's text is in the failure."""
    end = time.monotonic() + DEADLINE
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < end, f"waited in vain; the screen:\n{screen_text(pilot.app)}"
        await pilot.pause()
        await asyncio.sleep(0.005)


def screen_text(app: Any) -> str:
    """Return what stands on the screen."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)
