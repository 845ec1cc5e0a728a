"""How writers of a desk's file take turns: first come, first served.

SQLite's own waiting looks again ever more rarely, up to ten times a second, so that whoever comes last is served first:
of twenty writers without a pause, some gave up after five seconds while others had written a hundred times. Here a
writer that finds the desk taken draws a number and holds a lock on the byte of that number in the file beside the desk;
it is his turn when nobody holds a lower one. The system gives the locks of a dead process back, and a line that does
not move (somebody in it was stopped) is left after a while.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import peewee

FIRST_BYTE = 1 << 32
"""Where the numbers begin; the last number drawn stands at the beginning of the file."""
NEAR = 3
"""Writers in front of somebody who looks often."""
LOOK, LOOK_FROM_AFAR = 0.0015, 0.008
"""Seconds between two looks."""
LINE_SECONDS = 2.5
"""Seconds after which a line that does not move is left."""


class Line:
    """The line in front of a desk's file. Nothing is lost when it cannot be used: writers look again and again then."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._file: int | None = None

    def close(self) -> None:
        """Leave it for good."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def is_empty(self, up_to: int | None = None) -> bool:
        """Whether nobody waits, or nobody with a number below `up_to`."""
        file = self._opened()
        length = 0 if up_to is None else up_to
        if file is None or (up_to is not None and up_to <= 0):
            return True
        try:
            fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB, length, FIRST_BYTE)
        except OSError:
            return False
        fcntl.lockf(file, fcntl.LOCK_UN, length, FIRST_BYTE)
        return True

    @contextmanager
    def place(self) -> Iterator[int]:
        """Stand in the line; yields the number that was drawn."""
        file = self._opened()
        if file is None:
            yield 0
            return
        number = self._draw(file)
        try:
            yield number
        finally:
            with suppress(OSError):
                fcntl.lockf(file, fcntl.LOCK_UN, 1, FIRST_BYTE + number)

    def _draw(self, file: int) -> int:
        number = int.from_bytes(os.pread(file, 8, 0), "little") % (1 << 48)
        while True:
            number += 1
            try:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, FIRST_BYTE + number)
            except OSError:
                continue
            os.pwrite(file, number.to_bytes(8, "little"), 0)
            return number

    def _opened(self) -> int | None:
        if self._file is None:
            with suppress(OSError):
                self._file = os.open(f"{self._path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        return self._file


class File(peewee.SqliteDatabase):
    """A desk's file; those who want to write wait their turn in `begin`, as long as its `busy_timeout` says."""

    def __init__(self, path: str, **settings: Any) -> None:
        super().__init__(path, **settings)
        self._line = Line(path)

    def begin(self, lock_type: Any = None) -> None:
        """Begin a transaction of a writer. Raises peewee.OperationalError when the desk stays taken for too long."""
        connection = self.connection()
        patience = connection.execute("pragma busy_timeout").fetchone()[0]
        connection.execute("pragma busy_timeout = 0")
        try:
            if not (self._line.is_empty() and self._try_to_begin(lock_type)):
                self._wait_and_begin(time.monotonic(), patience / 1000, lock_type)
        finally:
            connection.execute(f"pragma busy_timeout = {patience}")

    def _wait_and_begin(self, since: float, patience: float, lock_type: Any) -> None:
        with self._line.place() as number:
            end, leave = since + patience, since + min(LINE_SECONDS, patience / 2)
            while time.monotonic() < leave and not self._line.is_empty(number):
                time.sleep(LOOK if self._line.is_empty(number - NEAR) else LOOK_FROM_AFAR)
            while not self._try_to_begin(lock_type, last=time.monotonic() >= end):
                time.sleep(LOOK)

    def _try_to_begin(self, lock_type: Any, *, last: bool = False) -> bool:
        """Begin if nobody is writing; returns whether it did. Raises what the database refuses otherwise."""
        try:
            super().begin(lock_type)
        except peewee.OperationalError as error:
            if last or "locked" not in str(error):
                raise
            return False
        return True

    def _close(self, conn: Any) -> None:
        super()._close(conn)
        self._line.close()
