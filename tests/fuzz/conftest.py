"""A desk to bring files into: an SQLite file, copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from dutydesk.domain import clock
from dutydesk.services import people
from dutydesk.services.core import Actor
from dutydesk.storage import engine
from tests.services.conftest import START, make_desk


@pytest.fixture(scope="session")
def desk_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file that each test's desk is copied from."""
    path = tmp_path_factory.mktemp("desk") / "template.sqlite"
    make_desk(path)
    return path


@pytest.fixture
def chief(desk_template: Path, tmp_path: Path) -> Iterator[Actor]:
    """Open a fresh desk and return its supervisor."""
    engine.connect(str(shutil.copy(desk_template, tmp_path / "desk.sqlite")))
    with clock.frozen(START):
        yield people.identify("chief", host="console", terminal="pts/1", console="console-chief")
    engine.disconnect()
