"""The one source of "now": epoch seconds in UTC."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_source: Callable[[], float] = time.time


def now() -> int:
    """Return the current instant as epoch seconds, UTC."""
    return int(_source())


def use(source: Callable[[], float]) -> None:
    """Take the time from `source` (epoch seconds) from now on; tests and the demo maker do."""
    global _source
    _source = source


@contextmanager
def frozen(at: int) -> Iterator[Callable[[int], None]]:
    """Hold the clock at `at`; yields a function that moves it to another instant."""
    global _source
    before = _source
    held = [at]
    _source = lambda: held[0]  # noqa: E731
    try:
        yield lambda instant: held.__setitem__(0, instant)
    finally:
        _source = before
