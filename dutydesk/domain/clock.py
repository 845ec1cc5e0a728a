"""The one source of "now", epoch seconds in UTC, and of seconds that pass whatever the clock is set to."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_source: Callable[[], float] = time.time
_steady: Callable[[], float] = time.monotonic


def now() -> int:
    """Return the current instant as epoch seconds, UTC."""
    return int(_source())


def steady() -> float:
    """Return seconds that only ever pass: a clock that is set back or forward does not move them.

    On Linux they stand still while the machine sleeps.
    """
    return _steady()


def use(source: Callable[[], float]) -> None:
    """Take the time from `source` (epoch seconds) from now on; tests and the demo maker do."""
    global _source
    _source = source


@contextmanager
def frozen(at: int) -> Iterator[Callable[[int], None]]:
    """Hold the clock at `at`; yields a function that moves it to another instant, as if that time had passed."""
    global _source, _steady
    before = _source, _steady
    held = [at]
    _source = _steady = lambda: held[0]
    try:
        yield lambda instant: held.__setitem__(0, instant)
    finally:
        _source, _steady = before
