"""Twenty writers at once on each engine, the chain verified meanwhile: no fork, no gap, no write lost, nobody starves.

`make soak` lets them write for more than a minute, `make test` for a moment. Source: DESIGN 2, REQUIREMENTS C12.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from dutydesk.domain import clock
from dutydesk.storage import engine
from tests import load, server
from tests.services.conftest import ENGINES, START, desk_template, server_template

__all__ = ["desk_template", "server_template"]

CONSOLES = 20
SHORT, LONG = 1.5, 75.0
"""Seconds of writing."""
PAUSES = [pytest.param(0.0, id="no-pause"), pytest.param(1.0, id="a-write-a-second")]
"""Seconds between two writes of one console, on average."""


@pytest.fixture(params=ENGINES)
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return a fresh desk on each engine; the clock stands at 2026-11-22 14:32."""
    with clock.frozen(START):
        if request.param == "sqlite":
            path = tmp_path / "desk.sqlite"
            shutil.copy(request.getfixturevalue("desk_template"), path)
            yield str(path)
        else:
            with server.copied(request.getfixturevalue("server_template")) as address:
                yield address
                engine.disconnect()
    engine.disconnect()


def loaded(target: str, *, seconds: float, think: float = 0.0) -> load.Report:
    load.prepare(target)
    report = load.run(target, seconds=seconds, writers=CONSOLES, think=think)
    load.check(target, report)
    return report


def test_twenty_writers_for_a_moment(target: str) -> None:
    report = loaded(target, seconds=SHORT)
    assert report.verified
    assert all(told.confirmed for told in report.told), "somebody never had a turn"
    assert not [sentence for told in report.told for sentence in told.refused]


@pytest.mark.soak
@pytest.mark.parametrize("think", PAUSES)
def test_twenty_writers_for_long(target: str, think: float, capsys: pytest.CaptureFixture[str]) -> None:
    report = loaded(target, seconds=LONG, think=think)
    with capsys.disabled():
        print(f"\n{engine.masked(target).partition(':')[0][-10:]}, {think:g} s between two writes of a console:")
        print("\n".join(f"  {line}" for line in report.lines()))
    writes = [len(told.confirmed) for told in report.told]
    assert not [sentence for told in report.told for sentence in told.refused]
    assert report.longest < engine.BUSY_SECONDS
    assert min(writes) > max(writes) / 4, "one had far more turns than another"
