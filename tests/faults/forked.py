"""A piece of work in a forked process that can be killed at any moment: what it said before counts as confirmed."""

from __future__ import annotations

import os
import select
import signal
import time
import traceback
from collections.abc import Callable
from typing import Any

Say = Callable[[str], None]


class Forked:
    """`work(say)` in a child of this process; each `say` is one line, read here even when the child is dead.

    A fork of a warm process costs milliseconds, a Python that starts and imports costs half a second. Only the child
    started here is ever signalled.
    """

    def __init__(self, work: Callable[[Say], Any]) -> None:
        self._lines, child_end = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            self._run(work, child_end)
        os.close(child_end)
        self._read = b""
        self.code: int | None = None

    def _run(self, work: Callable[[Say], Any], out: int) -> None:
        """Do the work and leave without the tests' own endings."""
        code = 1
        try:
            os.close(self._lines)
            work(lambda text: os.write(out, f"{text}\n".encode()) and None)
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)

    def wait_for_lines(self, count: int, timeout: float = 30) -> None:
        """Wait until the child has said so many lines, or has ended."""
        end = time.monotonic() + timeout
        while self._read.count(b"\n") < count and self._take(end):
            pass

    def _take(self, end: float) -> bool:
        left = max(0.0, end - time.monotonic())
        if not select.select([self._lines], [], [], left)[0]:
            return False
        data = os.read(self._lines, 65536)
        self._read += data
        return bool(data)

    def kill_after(self, seconds: float) -> None:
        """Kill the child when so much time has passed, unless it has ended; then wait for it."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and self._take(end):
            pass
        self.kill()

    def kill(self) -> None:
        """Kill the child where it stands, and read what it had said."""
        if self.code is None:
            os.kill(self.pid, signal.SIGKILL)
            self.wait()

    def wait(self) -> None:
        """Read all that the child says until it has ended."""
        while self._take(time.monotonic() + 60):
            pass
        if self.code is None:
            self.code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
            os.close(self._lines)

    @property
    def said(self) -> list[str]:
        """Return the lines that were said completely."""
        return self._read.decode().split("\n")[:-1]

    @property
    def ended_well(self) -> bool:
        """Whether the work came to its end by itself."""
        return self.code == 0
