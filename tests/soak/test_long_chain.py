"""A long chain is verified in bounded memory, on each engine. Source: DESIGN 2.

`make soak` has two million entries, `make test` some thousands: memory does not grow from the shorter to the longer.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from dutydesk.storage import engine
from tests import server
from tests.bench import entries
from tests.services.conftest import ENGINES
from tests.terminal.harness import ROOT

BEGIN = 1_700_000_000
SHORTER, LONGER, LONGEST = 4_000, 22_000, 2_000_000
GROWTH, MOST = 20, 90
"""Megabytes: what a chain five times as long may take more (SQLite's cache of 16 fills up; the added entries
alone would take 40), and what the longest may take in all."""
VERIFY = """
import sys, time
from dutydesk.services import operations
from dutydesk.storage import engine
engine.connect(sys.argv[1])
began = time.perf_counter()
shares = []
verdict = operations.verify(since=sys.argv[2] or None, progress=lambda table, done, percent: shares.append(percent))
took = time.perf_counter() - began
assert verdict.broken is None, verdict.broken
assert shares == sorted(shares) and shares[-1] <= 100
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1]
print(verdict.entries, verdict.rows, len(set(shares)), took, int(peak) / 1024)
"""


@dataclass(frozen=True)
class Verified:
    """What a process told that verified a desk: seconds, peak memory in megabytes, different percents it heard."""

    entries: int
    rows: int
    percents: int
    seconds: float
    peak: float


def verified(target: str, since: str = "") -> Verified:
    done = subprocess.run(
        [sys.executable, "-c", VERIFY, target, since], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    entries_, rows, percents, seconds, peak = done.stdout.split()
    return Verified(int(entries_), int(rows), int(percents), float(seconds), float(peak))


@pytest.fixture(params=ENGINES)
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return where a desk may be made, on each engine."""
    yield str(tmp_path / "desk.sqlite") if request.param == "sqlite" else server.fresh()
    engine.disconnect()


def lengthen(target: str, count: int) -> None:
    engine.connect(target)
    entries.lengthen(count, begin=BEGIN)
    engine.disconnect()


def test_memory_does_not_grow_with_the_chain(target: str) -> None:
    entries.make(target, SHORTER, begin=BEGIN)
    shorter = verified(target)
    lengthen(target, LONGER)
    longer = verified(target)
    assert (shorter.entries, longer.entries) == (SHORTER, LONGER)
    assert longer.rows > LONGER
    assert longer.peak - shorter.peak < GROWTH
    assert longer.percents > 20
    newest = [verified(target, since=str(LONGER - 999)) for _each in range(3)]
    assert {(each.entries, each.rows) for each in newest} == {(1000, 1000)}
    assert (
        min(each.seconds for each in newest) < longer.seconds / 2
    )  # with others at work beside; more in the long form


def timed(make: Callable[[], object]) -> float:
    began = time.monotonic()
    make()
    return time.monotonic() - began


@pytest.mark.soak
def test_two_million_entries(target: str, capsys: pytest.CaptureFixture[str]) -> None:
    made = timed(lambda: entries.make(target, LONGEST, begin=BEGIN))
    whole = verified(target)
    newest = verified(target, since=str(LONGEST - 20_000))
    with capsys.disabled():
        print(f"\n{engine.masked(target).partition(':')[0][-10:]}: {LONGEST:,} entries made in {made:.0f} s")
        print(f"  all of it in {whole.seconds:.0f} s, {whole.peak:.0f} MB at most")
        print(f"  the newest 20,001 in {newest.seconds:.1f} s, {newest.peak:.0f} MB at most")
    assert whole.entries == LONGEST
    assert whole.peak < MOST
    assert newest.entries == 20_001
    assert newest.seconds < whole.seconds / 10
