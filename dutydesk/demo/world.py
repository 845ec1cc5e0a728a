"""The demonstration's world: its clock, who holds the duty, and what happens next."""

from __future__ import annotations

import heapq
import random
import tomllib
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any

from dutydesk.demo.known import Known
from dutydesk.demo.writer import Writer
from dutydesk.domain import walltime
from dutydesk.services import people
from dutydesk.services.core import Actor
from dutydesk.storage.shipped import data_path

MINUTE, HOUR, DAY = 60, 3600, 86_400
CHUNK = DAY
"""Seconds of the past that are stored in one transaction."""


@cache
def material(name: str) -> dict[str, Any]:
    """Return one file of the demonstration's texts."""
    return tomllib.loads(data_path("demo", f"{name}.toml").read_text(encoding="utf-8"))


class World:
    """A past under way, from `begin` to `now` (epoch seconds). The same seed gives the same past."""

    def __init__(
        self, known: Known, writer: Writer, move: Callable[[int], None], *, begin: int, now: int, seed: int
    ) -> None:
        self.known, self.writer, self.move = known, writer, move
        self.begin, self.now, self.seed = begin, now, seed
        self.holder = ""
        self.explained: set[int] = set()
        self._order = 0
        self._heap: list[tuple[int, int, Callable[..., None], tuple[Any, ...]]] = []
        self._actors: dict[str, Actor] = {}

    def rng(self, *topic: object) -> random.Random:
        """Return the chance that belongs to a topic: what else happens does not change it."""
        return random.Random("|".join(map(str, (self.seed, *topic))))

    def text(self, pair: dict[str, str]) -> str:
        """Return a text in the language of the desk."""
        return pair[self.known.lang]

    def local(self, instant: int) -> datetime:
        """Return an instant as wall time at the desk."""
        return walltime.local(instant, self.known.zone)

    def who(self, login: str = "") -> Actor:
        """Return a person at his console; who holds the duty when nobody is named."""
        login = login or self.holder
        if login not in self._actors:
            desk = sorted(self.known.people).index(login)
            self._actors[login] = people.identify(
                login, host="ops-console", terminal=f"pts/{desk}", console=f"demo-{login}"
            )
        return self._actors[login]

    def at(self, instant: int, act: Callable[..., None], *args: Any) -> None:
        """Let something happen at an instant; what lies after the present never does."""
        if instant <= self.now:
            self._order += 1
            heapq.heappush(self._heap, (instant, self._order, act, args))

    def run(self, until: int) -> None:
        """Let everything happen until an instant, inside the caller's transaction."""
        while self._heap and self._heap[0][0] <= until:
            instant, _order, act, args = heapq.heappop(self._heap)
            self.move(instant)
            act(*args)
        self.writer.settle()
