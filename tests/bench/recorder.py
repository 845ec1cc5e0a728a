"""A program in a pseudo-terminal whose bytes are recorded with the instant of each, and read only afterwards.

Nothing is parsed while a time is taken: on two cores a terminal emulator in Python would be what is measured.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import subprocess
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyte

from tests.terminal.harness import ROOT, _environment, _set_size, _without_unknown

SIZE = (120, 40)
QUIET = 0.05
"""Seconds without a byte after which a screen counts as settled; painting comes in bursts of a millisecond or two."""


@dataclass(frozen=True)
class Settled:
    """What a key caused: milliseconds until the last byte, and how many bytes there were."""

    ms: float
    bytes: int


class Recorder:
    """A child on its own terminal; a context manager. Instants are of `time.monotonic`, one clock for all processes."""

    def __init__(
        self, argv: Sequence[str], *, home: Path, size: tuple[int, int] = SIZE, env: Mapping[str, str] | None = None
    ) -> None:
        self.size = size
        self.chunks: list[tuple[float, bytes]] = []
        self._master, slave = pty.openpty()
        _set_size(slave, size)
        homes = {"HOME": str(home), "XDG_CONFIG_HOME": str(home), "XDG_STATE_HOME": str(home)}
        around = _environment(homes | dict(env or {}))
        around.pop("PYTHONDONTWRITEBYTECODE", None)
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            list(argv),
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=ROOT,
            env=around,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0) and None,
        )
        os.close(slave)

    @classmethod
    def python(
        cls, *args: str, home: Path, size: tuple[int, int] = SIZE, env: Mapping[str, str] | None = None
    ) -> Recorder:
        """Start this Python with `args`."""
        return cls([sys.executable, *args], home=home, size=size, env=env)

    def __enter__(self) -> Recorder:
        """Return the recorder."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the child."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                while self.process.poll() is None and self.read(0.5):
                    pass
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(5)
        os.close(self._master)

    def read(self, seconds: float) -> bool:
        """Wait at most `seconds` for bytes and keep them; False when none came."""
        if not select.select([self._master], [], [], max(0.0, seconds))[0]:
            return False
        try:
            data = os.read(self._master, 1 << 16)
        except OSError:
            return False
        if data:
            self.chunks.append((time.monotonic(), data))
        return bool(data)

    def settle(self, quiet: float = QUIET, timeout: float = 20) -> None:
        """Read until nothing has come for `quiet` seconds."""
        end = time.monotonic() + timeout
        while self.read(quiet) and time.monotonic() < end:
            pass

    def await_paint(self, quiet: float = 0.7) -> None:
        """Read until the first paint is complete: something has come, and then nothing for a while."""
        self.read(20)
        self.settle(quiet)

    def rest(self, seconds: float) -> int:
        """Read for `seconds` without touching a key; returns how many bytes came."""
        had, end = len(self.chunks), time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.read(left)
        return self.size_since(had)

    def press(self, keys: str | bytes, quiet: float = QUIET, first: float = 2.0) -> Settled:
        """Type `keys` and read until the screen has settled; a key that paints nothing within `first` seconds is 0."""
        self.settle(0.01)
        had, begin = len(self.chunks), time.monotonic()
        os.write(self._master, keys.encode() if isinstance(keys, str) else keys)
        if self.read(first):
            self.settle(quiet)
        last = self.chunks[-1][0] if len(self.chunks) > had else begin
        return Settled((last - begin) * 1000, self.size_since(had))

    def wait_for_text(self, wanted: str, timeout: float) -> float | None:
        """Read until the screen shows `wanted`; returns the instant of the bytes that showed it, None after `timeout`.

        Only cells that differ are written, so the bytes alone need not hold the text.
        """
        end = time.monotonic() + timeout
        screen = pyte.Screen(*self.size)
        stream = pyte.ByteStream(screen)
        fed = 0
        while True:
            for at, data in self.chunks[fed:]:
                stream.feed(_without_unknown(data))
                if wanted in _as_text(screen):
                    return at
            fed = len(self.chunks)
            if time.monotonic() > end:
                return None
            self.read(end - time.monotonic())

    def size_since(self, chunk: int) -> int:
        """Return how many bytes came from a chunk on."""
        return sum(len(data) for _at, data in self.chunks[chunk:])

    @property
    def rss(self) -> float:
        """Return the resident memory of the child in MB."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        return 0.0

    def text(self) -> str:
        """Return what stands on the screen after all that was written."""
        return self._replay()[-1][1]

    def painted_after(self) -> float:
        """Return the milliseconds from the start until the screen first stood as it stands now."""
        shown = self._replay()
        final = shown[-1][1]
        at = next(at for at, text in shown if text == final)
        return (at - self.started) * 1000

    def _replay(self) -> list[tuple[float, str]]:
        screen = pyte.Screen(*self.size)
        stream = pyte.ByteStream(screen)
        shown = [(self.started, "")]
        for at, data in self.chunks:
            stream.feed(_without_unknown(data))
            shown.append((at, _as_text(screen)))
        return shown


def _as_text(screen: pyte.Screen) -> str:
    """Return the cells line by line; `Screen.display` stumbles over half a wide character."""
    lines = ("".join(screen.buffer[y][x].data for x in range(screen.columns)) for y in range(screen.lines))
    return "\n".join(line.rstrip() for line in lines)
