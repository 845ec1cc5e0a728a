"""Commands run in this process on a copy of the test desk, with a configuration of their own."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from dutydesk import locale
from dutydesk.__main__ import main
from dutydesk.domain import clock
from dutydesk.storage import engine
from tests.services.conftest import START, make_desk


@dataclass
class Answer:
    """What a command did: exit code, what it printed, what it complained about."""

    code: int
    out: str
    err: str


Run = Callable[..., Answer]


@pytest.fixture(scope="session")
def desk_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file that each test's desk is copied from; the desk speaks English."""
    path = tmp_path_factory.mktemp("desk") / "template.sqlite"
    make_desk(path, lang="en")
    return path


@pytest.fixture
def desk_file(desk_template: Path, tmp_path: Path) -> Path:
    """Return a desk file with the twelve-hour policy; the clock stands at 2026-11-22 14:32."""
    path = tmp_path / "desk.sqlite"
    shutil.copy(desk_template, path)
    return path


@pytest.fixture(autouse=True)
def _own_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    for name in ("DUTYDESK_DB", "DUTYDESK_CONFIG", "LC_ALL", "LC_MESSAGES", "LANG", "SSH_ORIGINAL_COMMAND"):
        monkeypatch.delenv(name, raising=False)
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    engine.disconnect()
    engine.db.obj = None  # a command begins without a desk, whatever another test has opened before
    with clock.frozen(START):
        yield
    locale.use("en")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Return how to run a command line; argparse's own exits are answers too."""

    def call(*words: object) -> Answer:
        try:
            code = main([str(word) for word in words])
        except SystemExit as stop:
            code = int(stop.code or 0)
        printed = capsys.readouterr()
        return Answer(code, printed.out, printed.err)

    return call
