"""Desks for the storage tests: a fresh one, and one with three days of everything, copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from dutydesk.demo import make
from dutydesk.domain import clock
from dutydesk.services import backups, people
from dutydesk.storage import engine
from dutydesk.storage.models.backups import BackupJob
from tests.services.conftest import START, desk, desk_template, eng_a, now

__all__ = ["desk", "desk_template", "eng_a", "now"]


@pytest.fixture(scope="session")
def past_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a desk file with rows in every append-only table."""
    path = tmp_path_factory.mktemp("past") / "past.sqlite"
    with clock.frozen(START):
        make.fill(path, make.Spec(days=3, live=0))
        job = BackupJob.get(BackupJob.code == "his-db")
        backups.restore_test(people.identify("eng-a"), job.id, at=START - 3600, minutes=60, worked=True)
    engine.disconnect()
    return path


@pytest.fixture
def past(past_template: Path, tmp_path: Path) -> Iterator[Path]:
    """Open a copy of the desk with three days of everything, and return its file."""
    path = tmp_path / "past.sqlite"
    shutil.copy(past_template, path)
    engine.connect(str(path))
    yield path
    engine.disconnect()
