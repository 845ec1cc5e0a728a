"""Somebody at a console without a screen: the desk thread, its watch, and what the console would say."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from pathlib import Path

from dutydesk.domain.errors import DeskReplaced
from dutydesk.services import log
from dutydesk.services.reopening import Reopened
from dutydesk.ui.arrival import Console, arrive
from dutydesk.ui.desk import Desk

HERE = Console("console", "pts/1", "one")


class Sitting:
    """Eng. A at a console without a screen: what is asked, and what the console would say."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.desk = Desk(str(path))
        self.away = False
        self.said: list[str] = []
        self.back: list[Reopened] = []

    async def sit_down(self) -> None:
        """Open the desk and watch it."""
        opening = partial(arrive, login="eng-a", console=HERE)
        arrival = await asyncio.wrap_future(self.desk.begin(opening))
        self.desk.attach()
        self.desk.who = arrival.who
        self.desk.on_error = lambda error: self.said.append(str(error))
        self.desk.on_reopened = self.back.append
        self.desk.watch()
        await self.polled()

    async def polled(self) -> None:
        """Let the console look at the desk once."""
        await asyncio.gather(self.desk.raw(self.desk._poll), return_exceptions=True)

    def look_away(self) -> None:
        """Look at the desk no more by oneself: what comes next notices first."""
        assert self.desk._watcher is not None
        self.desk._watcher.cancel()
        self.away = True

    async def write(self, text: str) -> None:
        """Write a line into the log; it is confirmed when this returns."""
        await self.desk.ask(log.write, text)

    async def until_back(self) -> Reopened:
        """Wait until another desk is open."""
        end = time.monotonic() + 10
        while not self.back:
            assert time.monotonic() < end, self.said
            if self.away:
                await self.polled()
            await asyncio.sleep(0.02)
        return self.back[-1]

    async def save_again(self, text: str) -> None:
        """Save as a person does: once more after each refusal, three times at most."""
        for _turn in range(3):
            try:
                return await self.write(text)
            except DeskReplaced as error:
                self.said.append(str(error))
        raise AssertionError(self.said)
