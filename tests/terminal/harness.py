"""A program in a real pseudo-terminal, with a screen to read and keys to type."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyte

ROOT = Path(__file__).resolve().parents[2]
Wanted = str | Callable[[str], Any]


class Terminal:
    """A child process on its own terminal; use it as a context manager, or `close` it.

    `write` sends bytes at once, `wait_for` waits for a text or a condition on the screen's text, and fails with the
    screen in the message. Only the process started here is ever signalled.
    """

    def __init__(
        self,
        argv: Sequence[str],
        *,
        size: tuple[int, int] = (80, 24),
        env: dict[str, str] | None = None,
        cwd: Path | None = None,
    ) -> None:
        self.screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self.screen)
        self.raw = bytearray()
        self._lock = threading.Lock()
        self._master, slave = pty.openpty()
        _set_size(slave, size)
        self.process = subprocess.Popen(
            list(argv),
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=cwd or ROOT,
            env=_environment(env),
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0) and None,
        )
        os.close(slave)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Terminal:
        """Return the terminal."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    @classmethod
    def python(cls, *args: str, **options: Any) -> Terminal:
        """Start this Python with `args`, `-m dutydesk …` for one."""
        return cls([sys.executable, *args], **options)

    @property
    def pid(self) -> int:
        """Return the process id of the child."""
        return self.process.pid

    def write(self, data: bytes | str) -> None:
        """Type: everything arrives in one read of the child."""
        os.write(self._master, data.encode() if isinstance(data, str) else data)

    def scribble(self, text: str) -> None:
        """Write on the screen without the child, as another program does that has the terminal open."""
        with self._lock:
            self._stream.feed(text.encode())

    def lines(self) -> list[str]:
        """Return the screen's lines without trailing blanks."""
        with self._lock:
            rows = (self.screen.buffer[y] for y in range(self.screen.lines))
            # The cell behind a wide character is empty; pyte's own `display` stumbles over one left alone.
            return ["".join(row[x].data for x in range(self.screen.columns)).rstrip() for row in rows]

    def text(self) -> str:
        """Return the screen's text."""
        return "\n".join(self.lines())

    def wait_for(self, wanted: Wanted, timeout: float = 15) -> str:
        """Wait until the text stands on the screen, or the condition holds for the screen's text; return that text."""
        end = time.monotonic() + timeout
        holds = (lambda text: wanted in text) if isinstance(wanted, str) else wanted
        while True:
            text = self.text()
            if holds(text):
                return text
            if time.monotonic() > end or (self.process.poll() is not None and not self._reader.is_alive()):
                raise AssertionError(f"{wanted!r} not seen; exit {self.process.poll()}; the screen:\n{text}")
            time.sleep(0.01)

    def wait_until_quiet(self, seconds: float = 0.25, timeout: float = 15) -> str:
        """Wait until nothing has been written for `seconds`; return the screen's text."""
        end = time.monotonic() + timeout
        seen, since = len(self.raw), time.monotonic()
        while time.monotonic() < end and time.monotonic() - since < seconds:
            if len(self.raw) != seen:
                seen, since = len(self.raw), time.monotonic()
            time.sleep(0.01)
        return self.text()

    def resize(self, width: int, height: int) -> None:
        """Give the terminal another size."""
        with self._lock:
            self.screen.resize(height, width)
        _set_size(self._master, (width, height))
        self.process.send_signal(signal.SIGWINCH)

    def settings(self) -> list[object]:
        """Return the settings of the terminal: echo, line discipline, control characters."""
        return list(termios.tcgetattr(self._master))

    def signal(self, number: int) -> None:
        """Send a signal to the child."""
        self.process.send_signal(number)

    def kill9(self) -> None:
        """Kill the child without warning."""
        self.process.kill()
        self.process.wait(10)

    def hang_up(self) -> None:
        """Close the line: what a dropped SSH connection does."""
        fd, self._master = self._master, -1
        if fd >= 0:
            os.close(fd)

    def wait(self, timeout: float = 15) -> int:
        """Wait until the child has ended and its output is read; return its exit code."""
        code = self.process.wait(timeout)
        self._reader.join(2)
        return code

    def close(self) -> None:
        """End the child if it still runs."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.kill9()
        self.hang_up()

    def _read(self) -> None:
        while (fd := self._master) >= 0:
            try:
                if not select.select([fd], [], [], 0.2)[0]:
                    continue
                data = os.read(fd, 65536)
            except (OSError, ValueError):
                return
            if not data:
                return
            self._answer(data)
            with self._lock:
                self.raw += data
                with contextlib.suppress(Exception):
                    self._stream.feed(_without_unknown(data))

    def _answer(self, data: bytes) -> None:
        """Answer nothing: a plain terminal that knows no modern queries."""


def _without_unknown(data: bytes) -> bytes:
    """Drop the private sequences that pyte would print: kitty keys (`CSI > … u`) and mode queries (`CSI ? … $ p`)."""
    import re

    return re.sub(rb"\x1b\[[>=<?][0-9;]*(?:u|\$p)", b"", data)


def _set_size(fd: int, size: tuple[int, int]) -> None:
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))


def _environment(extra: dict[str, str] | None) -> dict[str, str]:
    env = {key: value for key, value in os.environ.items() if not key.startswith(("SSH_", "DUTYDESK_", "TEXTUAL"))}
    for name in ("COLUMNS", "LINES", "NO_COLOR", "PYTHONDONTWRITEBYTECODE"):
        env.pop(name, None)
    env |= {"TERM": "xterm-256color", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "PYTHONPATH": str(ROOT)}
    return env | (extra or {})
