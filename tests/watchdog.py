"""A watchdog for the event loop: what keeps it from the next key for longer than a person notices.

A stall is one callback in which the loop's own thread spent more than `LIMIT` of processor time. Wall time is noted
beside it and decides nothing: on a machine that others use too, a thread waits for its turn without being to blame.
A core that two threads share does less in a second of processor
time as well, so a callback is measured against what a fixed piece of work costs at that moment (`pace`).
What the garbage collector took is not counted: it looks through everything a test process has ever imported, while the
console freezes what its start has made (`ui.app._collect_again`).
"""

from __future__ import annotations

import asyncio
import gc
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

LIMIT = 0.05
"""Seconds of processor time that one callback may take. Source: REQUIREMENTS and DESIGN 7, a key settles in 20 ms."""
TESTS = str(Path(__file__).parent)
LOOK_EVERY = 0.015
"""Seconds between two looks at a callback that is still running; what it is at is in the report."""


def pace() -> float:
    """Return the processor time that a fixed piece of work takes now: more when others use the same core."""
    begun = time.thread_time()
    for number in range(12_000):
        _ = {number: str(number)}
    return time.thread_time() - begun


USUAL_PACE = min(pace() for _ in range(12))
"""What it takes when nobody is in the way."""


@dataclass(frozen=True)
class Stall:
    """One callback that took too long: its seconds, what it was, and where it was seen."""

    cpu: float
    wall: float
    what: str
    seen: tuple[str, ...]

    def __str__(self) -> str:
        """Return the stall as a person reads it."""
        seen = "\n".join(self.seen) or "  (not seen at work: shorter than it takes to look)"
        return f"{self.cpu * 1000:.0f} ms of processor time ({self.wall * 1000:.0f} ms passed) in {self.what}\n{seen}"


@dataclass
class Watchdog:
    """Watches the loop of the thread it is made in; `stalls` is what it has found."""

    limit: float = LIMIT
    stalls: list[Stall] = field(default_factory=list)
    _thread: int = field(default_factory=threading.get_ident)
    _since: float | None = None
    _seen: list[str] = field(default_factory=list)
    _collected: float = 0.0
    _collecting: float = 0.0

    def run(self, handle: asyncio.Handle, call: Callable[[asyncio.Handle], None]) -> None:
        """Run a callback of the loop and measure it."""
        if threading.get_ident() != self._thread or self._since is not None or _is_a_test(handle):
            call(handle)
            return
        self._collected, wall = 0.0, time.monotonic()
        self._since = begun = time.thread_time()
        try:
            call(handle)
        finally:
            spent = time.thread_time() - begun - self._collected
            self._since = None
            if spent > self.limit:
                self._note(handle, spent, time.monotonic() - wall)
            self._seen.clear()

    def _note(self, handle: asyncio.Handle, spent: float, wall: float) -> None:
        """Keep a callback that was too slow even for how slow the processor is at this moment."""
        fair = spent * min(1.0, USUAL_PACE / pace())
        if fair > self.limit:
            self.stalls.append(Stall(fair, wall, _named(handle), tuple(self._seen[-3:])))

    def look(self) -> None:
        """Note what the callback is at that has run for a while; called on another thread."""
        since = self._since
        if since is None or time.clock_gettime(time.pthread_getcpuclockid(self._thread)) - since < self.limit / 2:
            return
        frame = sys._current_frames().get(self._thread)
        if frame is not None and self._since == since:
            self._seen.append(_where(frame))

    def collector(self, phase: str, _info: dict[str, int]) -> None:
        """Note how long the garbage collector was at work on the loop's thread."""
        if threading.get_ident() != self._thread:
            return
        if phase == "start":
            self._collecting = time.thread_time()
        else:
            self._collected += time.thread_time() - self._collecting

    def told(self) -> str:
        """Return every stall in words."""
        return "\n\n".join(map(str, self.stalls))


def _task(handle: asyncio.Handle) -> asyncio.Task[Any] | None:
    owner = getattr(handle._callback, "__self__", None)
    return owner if isinstance(owner, asyncio.Task) else None


def _is_a_test(handle: asyncio.Handle) -> bool:
    """Whether it is a test's own coroutine that goes on: it opens desks and looks at screens on the loop's thread."""
    task = _task(handle)
    code = getattr(task.get_coro(), "cr_code", None) if task else None
    return code is not None and code.co_filename.startswith(TESTS)


def _named(handle: asyncio.Handle) -> str:
    return repr(_task(handle) or handle)


def _where(frame: FrameType) -> str:
    """Return the innermost calls of the loop's thread; what leads there is the same for all."""
    return "".join(traceback.format_stack(frame, limit=None)[-14:]).rstrip()


@contextmanager
def watching(limit: float = LIMIT) -> Iterator[Watchdog]:
    """Watch every loop of this thread meanwhile."""
    dog = Watchdog(limit)
    usual = asyncio.Handle._run
    over = threading.Event()

    def keep_looking() -> None:
        while not over.wait(LOOK_EVERY):
            dog.look()

    looker = threading.Thread(target=keep_looking, name="watchdog", daemon=True)
    asyncio.Handle._run = lambda handle: dog.run(handle, usual)  # type: ignore[method-assign,assignment]
    gc.callbacks.append(dog.collector)
    looker.start()
    try:
        yield dog
    finally:
        over.set()
        asyncio.Handle._run = usual  # type: ignore[method-assign]
        gc.callbacks.remove(dog.collector)
        looker.join()
