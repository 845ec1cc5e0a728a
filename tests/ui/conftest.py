"""The console through Pilot: a desk file, a frozen clock, and helpers that wait on conditions."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import textual._wait
import textual.screen
from textual.pilot import Pilot

from dutydesk import locale
from dutydesk.domain import clock
from dutydesk.services import desk as desks
from dutydesk.storage import engine, migrate
from dutydesk.ui import fetch, marks
from dutydesk.ui.app import DeskApp
from tests import settled, templates
from tests import watchdog as watchdogs

SIZES = [(80, 24), (120, 40)]
LANGUAGES = ["en", "zh"]
PIN = "2580"
textual._wait.SLEEP_GRANULARITY = 0.002
textual._wait.SLEEP_IDLE = 0.0005
"""Pilot sleeps twice a key and once a pause until the process is idle: two milliseconds instead of its twenty."""
textual.screen.UPDATE_PERIOD = 0.005
"""Paint as soon after a key as the console does (`terminal.PAINTS_A_SECOND`)."""
START = int(datetime(2026, 11, 22, 14, 32, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp())
"""Sunday 22 November 2026, 14:32 at the desk: the day shift."""


@pytest.fixture(autouse=True)
def _plain_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Speak English with Unicode marks at the start, own keys from nowhere, and leave it so."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    locale.use("en")
    marks.use_ascii(False)
    yield
    locale.use("en")
    marks.use_ascii(False)


@pytest.fixture(scope="session", autouse=True)
def _all_imported() -> None:
    """Import every screen: what its first import costs depends on which test of a process comes first.

    A console imports what any key may open while it rests (`ui.fetch`); a screen's own module takes some 25 ms, once.
    """
    for package in (fetch.FORMS, "dutydesk.ui.actions", "dutydesk.ui.screens"):
        for name in fetch.modules_of(package):
            import_module(name)


@pytest.fixture(autouse=True)
def watchdog() -> Iterator[watchdogs.Watchdog]:
    """Fail a test in which one callback kept the event loop from the next key for too long."""
    with watchdogs.watching() as dog:
        yield dog
    assert not dog.stalls, dog.told()


@pytest.fixture(scope="session")
def desk_template() -> Path:
    """Return the desk that each test's desk is copied from: everybody's PIN is 2580."""
    return templates.made_once("desk-ui", _make_desk)


def _make_desk(path: Path) -> None:
    engine.connect(str(path), create=True)
    migrate.migrate()
    with clock.frozen(START):
        settled.init(desks.InitSpec("twelve-hour", people=desks.demo_people(PIN)))
    engine.disconnect()


@pytest.fixture
def desk_file(desk_template: Path, tmp_path: Path) -> Path:
    """Return a fresh desk (twelve-hour policy); the app opens it on its own thread."""
    path = tmp_path / "desk.sqlite"
    shutil.copy(desk_template, path)
    return path


@pytest.fixture
def at() -> Iterator[Callable[[int], None]]:
    """Freeze the clock at 2026-11-22 14:32; call it with an instant to move it."""
    with clock.frozen(START) as move:
        yield move


@dataclass
class Seen:
    """What stands on the screen, and how to wait for it."""

    pilot: Pilot[Any]

    @property
    def app(self) -> DeskApp:
        """Return the app."""
        return self.pilot.app  # type: ignore[return-value]

    @property
    def lines(self) -> list[str]:
        """Return the screen's lines as text."""
        return screen_lines(self.app)

    @property
    def text(self) -> str:
        """Return the whole screen as text."""
        return "\n".join(self.lines)

    async def until(self, condition: Callable[[], Any], seconds: float = 8.0) -> None:
        """Wait until `condition` holds; the screen's text is in the failure."""
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                pytest.fail(f"not within {seconds} s; the screen:\n{self.text}")
            await self.pilot.pause()
            await asyncio.sleep(0.01)

    async def shows(self, *texts: str) -> None:
        """Wait until every text stands on the screen."""
        await self.until(lambda: all(text in self.text for text in texts))

    async def press(self, *keys: str) -> None:
        """Press keys and wait until they have been worked on."""
        await self.pilot.press(*keys)
        await self.pilot.pause()
        await self.until(lambda: self.app.keys_quiet)


def screen_lines(app: Any) -> list[str]:
    """Return what the compositor draws now, line by line."""
    strips = app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip).rstrip() for strip in strips]


@pytest.fixture
def look() -> Callable[[Pilot[Any]], Seen]:
    """Return how to look at a running console."""
    return Seen
