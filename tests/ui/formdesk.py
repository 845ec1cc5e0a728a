"""A small app with the real dialogs and a desk in memory, for the tests of forms."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

from textual.app import App
from textual.binding import Binding

from dutydesk import locale
from dutydesk.domain import clock
from dutydesk.domain.errors import DeskError
from dutydesk.services.drafts import Draft
from dutydesk.ui.dialogs import AsksPeople
from dutydesk.ui.theme import THEMES

DEADLINE = 5.0


class MemoryDesk:
    """Answers the draft functions from a dictionary; `trouble` is raised instead, `gate` holds answers back."""

    def __init__(self) -> None:
        self.who: Any = SimpleNamespace(person_id=1)
        self.drafts: dict[str, Draft] = {}
        self.writes: list[tuple[str, Any]] = []
        self.trouble: DeskError | None = None
        self.gate = asyncio.Event()
        self.gate.set()
        self.closed = False

    async def ask(self, function: Any, *args: Any) -> Any:
        await self.gate.wait()
        return self._call(function.__name__, *args)

    def run(self, function: Any, *args: Any, done: Any = None, failed: Any = None) -> None:
        try:
            answer = self._call(function.__name__, *args)
        except DeskError as error:
            asyncio.get_running_loop().call_soon(failed, error)
        else:
            asyncio.get_running_loop().call_soon(done, answer)

    def _call(self, name: str, form: str, data: Any = None) -> Any:
        if self.trouble is not None:
            raise self.trouble
        if name == "find":
            return self.drafts.get(form)
        self.writes.append((name, data))
        if name == "keep":
            self.drafts[form] = Draft(form, data, clock.now())
        else:
            self.drafts.pop(form, None)
        return None


class FormApp(AsksPeople, App[int]):
    """Runs what a test gives it in a worker and keeps the answer."""

    ENABLE_COMMAND_PALETTE = False
    BINDINGS = [Binding("f2", "next_language", priority=True)]

    def __init__(self) -> None:
        super().__init__()
        self.desk = MemoryDesk()
        self.animation_level = "none"
        self._disable_tooltips = True
        self.said: list[str] = []
        self.answers: list[Any] = []

    def on_mount(self) -> None:
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = "dark"

    def say(self, text: str, kind: str = "plain") -> None:
        del kind
        self.said.append(text)

    def action_next_language(self) -> None:
        locale.use("en" if locale.language() == "zh" else "zh")
        for screen in self.screen_stack:
            if hasattr(screen, "relabel"):
                screen.relabel()

    def start(self, question: Callable[[], Awaitable[Any]]) -> None:
        """Ask in a worker, as actions do."""

        async def work() -> None:
            self.answers.append(await question())

        self.run_worker(work())


@asynccontextmanager
async def form_app(size: tuple[int, int] = (80, 24)):
    """Yield the running app and its pilot."""
    app = FormApp()
    async with app.run_test(size=size) as pilot:
        yield app, pilot


async def until(pilot: Any, condition: Callable[[], Any], what: str = "") -> Any:
    """Wait until `condition` holds."""
    end = asyncio.get_running_loop().time() + DEADLINE
    while True:
        found = condition()
        if found:
            return found
        assert asyncio.get_running_loop().time() < end, what or "waited in vain"
        await pilot.pause()
        await asyncio.sleep(0.01)


def screen_text(app: App[Any]) -> str:
    """Return what stands on the screen."""
    return "\n".join("".join(segment.text for segment in strip) for strip in app.screen._compositor.render_strips())
