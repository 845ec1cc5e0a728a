"""Many consoles of one desk: every one shows every write within a second, at rest they cost nothing, memory is flat.

`make soak` has twenty consoles for ten minutes on each engine; `make test` a few of them for a short while.
"""

from __future__ import annotations

import contextlib
import os
import re
import resource
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from dutydesk.services import desk as desks
from dutydesk.storage import engine, migrate
from tests import server, settled
from tests.terminal.harness import ROOT, Terminal

PIN = "2580"
TICK = os.sysconf("SC_CLK_TCK")
WRITER = """
import sys, time
from dutydesk.services import log, people
from dutydesk.storage import engine
engine.connect(sys.argv[1])
who = people.identify("eng-b")
pause = float(sys.argv[2])
for number in range(int(sys.argv[3])):
    begin = time.monotonic()
    log.write(who, f"written {number:05}")
    print(number, time.monotonic(), flush=True)
    time.sleep(max(0.0, pause - (time.monotonic() - begin)))
"""


@dataclass(frozen=True)
class Load:
    """How many consoles, how many writes and how far apart (seconds), how long at rest before, and what is allowed.

    `late` is the time (seconds) that 99 of 100 writes are shown within, `idle` the part of a core at rest.
    """

    consoles: int
    writes: int
    pause: float
    rest: float
    late: float
    idle: float


LONG = Load(consoles=20, writes=540, pause=1.0, rest=60, late=1.0, idle=0.01)
SHORT = Load(consoles=4, writes=8, pause=0.5, rest=4, late=3.0, idle=0.03)


class Watching(Terminal):
    """A console that notes when it first shows each write."""

    def __init__(self, *args: object, **options: object) -> None:
        self.seen: dict[int, float] = {}
        super().__init__(*args, **options)  # type: ignore[arg-type]

    def _read(self) -> None:
        while (fd := self._master) >= 0:
            try:
                data = os.read(fd, 65536) if select.select([fd], [], [], 0.2)[0] else None
            except (OSError, ValueError):
                return
            if data == b"":
                return
            if data:
                with self._lock:
                    self.raw += data
                    with contextlib.suppress(Exception):
                        self._stream.feed(data)
                self._note()

    def _note(self) -> None:
        now = time.monotonic()
        for found in re.findall(r"written (\d{5})", self.text()):
            self.seen.setdefault(int(found), now)

    @property
    def spent(self) -> float:
        """Return the processor time of the console so far, in seconds."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    @property
    def memory(self) -> int:
        """Return what the console holds in memory, in bytes."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * resource.getpagesize()


def _make(target: str) -> str:
    engine.connect(target, create=True)
    migrate.migrate()
    settled.init(desks.InitSpec("twelve-hour", people=desks.demo_people(PIN)))
    engine.disconnect()
    return target


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """Return how to make a desk of today on an engine."""

    def make(name: str) -> str:
        return _make(str(tmp_path_factory.mktemp("desk") / "desk.sqlite") if name == "sqlite" else server.fresh())

    return make


@pytest.fixture
def consoles(tmp_path: Path) -> Iterator[Callable[[str, int], list[Watching]]]:
    """Return how to open consoles on a desk; they are closed at the end."""
    opened: list[Watching] = []

    def start(target: str, count: int) -> list[Watching]:
        for _each in range(count):
            words = ("-m", "dutydesk", "--db", target, "--login", "eng-a", "--lang", "en")
            opened.append(Watching.python(*words, env={"HOME": str(tmp_path)}))  # type: ignore[arg-type]
        for each in opened:
            each.wait_for("1 Shift", 60)
        for each in opened:
            each.wait_until_quiet(1.0, 60)
        return opened

    yield start
    for each in opened:
        each.close()


def _idle(consoles: list[Watching], seconds: float) -> list[float]:
    """Return the part of a core that each console takes while nothing happens."""
    time.sleep(2.5)  # the start's last work is done two seconds after it
    before, begin = [each.spent for each in consoles], time.monotonic()
    time.sleep(seconds)
    took = time.monotonic() - begin
    return [(each.spent - was) / took for each, was in zip(consoles, before, strict=True)]


def _written(target: str, load: Load) -> dict[int, float]:
    """Let another process write, and return when each write was committed."""
    words = [sys.executable, "-c", WRITER, target, str(load.pause), str(load.writes)]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=True)
    return {int(number): float(at) for number, at in (line.split() for line in done.stdout.splitlines())}


def _held(target: str, load: Load, consoles: Callable[[str, int], list[Watching]]) -> str:
    opened = consoles(target, load.consoles)
    idle = _idle(opened, load.rest)
    warm = max(1, load.writes // 10)
    _written(target, Load(load.consoles, warm, load.pause, 0, 0, 0))
    for each in opened:
        each.seen.clear()
    memory = [each.memory for each in opened]
    committed = _written(target, load)
    end = time.monotonic() + 5
    last = max(committed)
    while time.monotonic() < end and not all(last in each.seen for each in opened):
        time.sleep(0.05)
    missing = [(at, number) for at, each in enumerate(opened) for number in committed if number not in each.seen]
    assert not missing, f"console and write: {missing[:5]}"
    late = sorted(each.seen[number] - at for each in opened for number, at in committed.items())
    grown = [each.memory - was for each, was in zip(opened, memory, strict=True)]
    p99 = late[int(len(late) * 0.99)]
    told = (
        f"{load.consoles} consoles, {len(committed)} writes: shown after {late[len(late) // 2]:.2f} s (median), "
        f"{p99:.2f} s (p99), {late[-1]:.2f} s (the latest); at rest {max(idle) * 100:.2f} % of a core at the most; "
        f"memory grew {max(grown) / 1e6:.1f} MB at the most"
    )
    assert p99 <= load.late, told
    assert max(idle) <= load.idle, told
    assert max(grown) <= 4_000_000, told
    return told


@pytest.mark.parametrize("name", ["sqlite", "postgres"])
def test_a_few_consoles_for_a_short_while(
    name: str, made: Callable[[str], str], consoles: Callable[[str, int], list[Watching]]
) -> None:
    _held(made(name), SHORT, consoles)


@pytest.mark.soak
@pytest.mark.parametrize("name", ["sqlite", "postgres"])
def test_twenty_consoles_for_ten_minutes(
    name: str,
    made: Callable[[str], str],
    consoles: Callable[[str, int], list[Watching]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = _held(made(name), LONG, consoles)
    with capsys.disabled():
        print(f"\n{name}: {told}")
