"""What keeps the start quick and small, in a form that does not depend on how busy the machine is.

The times themselves are measured by `make bench`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dutydesk.services import desk as desks
from dutydesk.services.core import SYSTEM
from dutydesk.storage import engine, migrate
from tests.bench.bulk import Size, make
from tests.bench.recorder import Recorder
from tests.terminal.harness import ROOT, Terminal

AFTER_PAINT = (
    "argon2",
    "arrow",
    "plotext",
    "babel",
    "psycopg",
    "psycopg2",
    "tomllib",
    "textual.widgets._text_area",
    "textual.widgets._data_table",
    "textual.widgets._markdown",
    "dutydesk.ui.forms",
    "dutydesk.ui.screens.rounds",
    "dutydesk.ui.screens.incidents",
    "dutydesk.ui.screens.log",
    "dutydesk.ui.screens.handover",
    "dutydesk.ui.screens.charts",
    "dutydesk.ui.screens.palette",
    "dutydesk.services.stats",
    "dutydesk.storage.chain",
    "dutydesk.services.planning",
    "dutydesk.domain.rotation",
    "dutydesk.demo",
)
"""What nothing needs before the live shift is painted."""
MEMORY = 2.0
"""Times the bare app; the budget is 1.5, and an import that does not belong costs half of the difference."""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a desk made just now."""
    path = tmp_path_factory.mktemp("desk") / "desk.sqlite"
    engine.connect(str(path), create=True)
    migrate.migrate()
    desks.init(SYSTEM, desks.InitSpec("twelve-hour", people=desks.demo_people()))
    engine.disconnect()
    return path


@pytest.fixture(scope="module")
def painted(desk: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return what a console has imported at its first paint."""
    told = tmp_path_factory.mktemp("told") / "console.json"
    args = ("-m", "tests.bench.probe", str(told), "--db", str(desk), "--login", "eng-a")
    with Terminal.python(*args, size=(120, 40), env={"HOME": str(told.parent)}) as terminal:
        assert terminal.wait(30) == 0, terminal.text()
    found: dict[str, Any] = json.loads(told.read_text())
    return found


def test_the_first_paint_imports_no_more_than_it_shows(painted: dict[str, Any]) -> None:
    imported = painted["modules"]
    early = [name for name in AFTER_PAINT if any(each == name or each.startswith(f"{name}.") for each in imported)]
    assert early == []


def test_the_console_is_small(painted: dict[str, Any], tmp_path: Path) -> None:
    with Recorder.python("-m", "tests.bench.bare", home=tmp_path) as bare:
        bare.await_paint(0.3)
        assert painted["memory"] / 1024 <= MEMORY * bare.rss


def test_now_imports_no_console(desk: Path, tmp_path: Path) -> None:
    told = tmp_path / "now.json"
    args = ("-m", "tests.bench.probe", str(told), "--db", str(desk), "--login", "eng-a", "now")
    subprocess.run([sys.executable, *args], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    imported = json.loads(told.read_text())["modules"]
    heavy = {"textual", "rich", "asyncio", "argon2", "arrow", "plotext", "platformdirs", "tomllib"}
    assert heavy.isdisjoint(imported)


def test_at_rest_nothing_is_written(desk: Path, tmp_path: Path) -> None:
    with Recorder.python("-m", "dutydesk", "--db", str(desk), "--login", "eng-a", home=tmp_path) as console:
        console.await_paint(1.0)
        console.rest(3)
        assert console.rest(4) < 600, "more than the clock's minute"


def test_the_generator_makes_a_desk_that_verifies(tmp_path: Path) -> None:
    path = tmp_path / "years.sqlite"
    make(path, Size(incidents=300, answers=200, log_lines=200, days=365, entries=300), tell=lambda _said: None)
    words = ["-m", "dutydesk", "--db", str(path), "verify"]
    subprocess.run([sys.executable, *words], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
