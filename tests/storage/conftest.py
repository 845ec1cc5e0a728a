"""Desks for the storage tests: a fresh one, and one with three days of everything, copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from dutydesk.demo import make
from dutydesk.domain import clock
from dutydesk.services import backups, core, people
from dutydesk.storage import engine
from dutydesk.storage.models.allowance import AllowanceMonth, RateTable
from dutydesk.storage.models.attendance import CallOut
from dutydesk.storage.models.backups import BackupJob
from dutydesk.storage.models.base import Row
from dutydesk.storage.models.roster import RosterVersion
from tests import templates
from tests.services.conftest import (
    START,
    desk,
    desk_engine,
    desk_template,
    eng_a,
    now,
    pytest_generate_tests,
    server_desk,
    server_template,
)

__all__ = [
    "desk",
    "desk_engine",
    "desk_template",
    "eng_a",
    "now",
    "pytest_generate_tests",
    "server_desk",
    "server_template",
]


@pytest.fixture(scope="session")
def past_template() -> Path:
    """Return a desk file with rows in every append-only table."""
    return templates.made_once("desk-past", _make_past)


def _make_past(path: Path) -> None:
    with clock.frozen(START):
        make.fill(path, make.Spec(days=3, live=0))
        job = BackupJob.get(BackupJob.code == "his-db")
        who = people.identify("eng-a")
        backups.restore_test(who, job.id, at=START - 3600, minutes=60, worked=True)
        with engine.db.atomic():
            for row in _rows_without_a_past(who.person_id):
                core.record(who, "test.made", row)
    engine.disconnect()


def _rows_without_a_past(person: int) -> list[Row]:
    """Return a row of each append-only table that the demo desk leaves empty."""
    return [
        core.create(RosterVersion, number=1000, from_day="2026-11-22", to_day="2026-11-30", published_at=START),
        core.create(CallOut, person=person, called_at=START, entered_at=START, entered_by=person),
        core.create(RateTable, name="rates", text="x = 1", effective_from="2026-01-01", made_at=START),
        core.create(
            AllowanceMonth,
            month="2026-10",
            frozen_by=person,
            frozen_at=START,
            rates="x = 1",
            content="{}",
            digest="0",
        ),
    ]


@pytest.fixture
def past(past_template: Path, tmp_path: Path) -> Iterator[Path]:
    """Open a copy of the desk with three days of everything, and return its file."""
    path = tmp_path / "past.sqlite"
    shutil.copy(past_template, path)
    engine.connect(str(path))
    yield path
    engine.disconnect()
