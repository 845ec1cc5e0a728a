"""Screens to try the console's base with: a list, a field, and commands of every sort."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.widgets import Input, Static

from dutydesk.domain.errors import Refused
from dutydesk.domain.words import Label
from dutydesk.locale import _
from dutydesk.ui.app import DeskApp
from dutydesk.ui.commands import Command
from dutydesk.ui.places import Place
from dutydesk.ui.screens.base import DeskScreen
from dutydesk.ui.topstate import OnDuty, TopState


class FirstScreen(DeskScreen):
    """A text that says how often it was loaded, and a field."""

    place = "shift"
    AUTO_FOCUS = ""
    subjects = frozenset({"log"})
    commands: ClassVar[list[Command]] = [
        Command("first.refuse", "r", "Refuse", "refuse", "Refuse in a sentence.", footer=True),
        Command("first.grey", "g", "Grey", "grey", "Never possible.", footer=True, why_not="why_not_grey"),
        Command("first.argument", "a", "Argument", "argument('ok')", "Take an argument.", footer=True),
        Command("first.slow", "w", "Wait", "slow", "Take a while.", footer=True),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.loads = 0
        self.done: list[str] = []
        self.release = asyncio.Event()

    def compose_body(self) -> ComposeResult:
        """Draw a text and a field."""
        yield Static("", id="said", markup=False)
        field = Input(id="field")
        field.cursor_blink = False
        yield field

    async def load(self) -> None:
        """Count, and say something in the language spoken."""
        self.loads += 1
        self.query_one("#said", Static).update(f"{_('Fri')} loads")

    def copy_text(self) -> str:
        """Copy two lines."""
        return "INC-1122-3\nCore switch down"

    def why_not_grey(self) -> str:
        """Say why not."""
        return "Not while it rains."

    def action_grey(self) -> None:
        """Never reached."""
        self.done.append("grey")

    def action_argument(self, word: str) -> None:
        """Remember the argument."""
        self.done.append(word)

    async def action_refuse(self) -> None:
        """Be refused."""
        raise Refused("Night shift {day} is already handed over.", day="22 Nov")

    async def action_slow(self) -> None:
        """Wait until the test lets go."""
        await self.release.wait()
        self.done.append("slow")


class SecondScreen(DeskScreen):
    """Another numbered screen."""

    place = "log"
    subjects = frozenset({"log"})

    def __init__(self) -> None:
        super().__init__()
        self.loads = 0

    def compose_body(self) -> ComposeResult:
        """Draw a text."""
        yield Static("second body", markup=False)

    async def load(self) -> None:
        """Count."""
        self.loads += 1


class TestPlace(Place):
    """A place whose screen is in this module."""

    __test__ = False
    screens: ClassVar[dict[str, Callable[[], DeskScreen]]] = {"shift": FirstScreen, "log": SecondScreen}

    def make(self) -> DeskScreen:
        """Return a new screen."""
        return self.screens[self.name]()


class BaseApp(DeskApp):
    """The console with two screens of its own."""

    places = (TestPlace("1", "shift", "Shift"), TestPlace("4", "log", "Log"))


def top_state(now: int, **values: Any) -> TopState:
    """Return a day shift with Eng. A signed in and Eng. B missing, 5h28 left."""
    return TopState(
        **{
            "desk": Label("信息科 Duty Desk", "Duty Desk"),
            "shift": Label("白班", "Day"),
            "starts_at": now - (6 * 60 + 32) * 60,
            "ends_at": now + (5 * 60 + 28) * 60,
            "people": (OnDuty(Label("甲工", "Eng. A"), True), OnDuty(Label("乙工", "Eng. B"), False)),
            **values,
        }
    )
