"""Desks that something is done to, and the console on them in a pseudo-terminal."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dutydesk.storage import engine
from tests.terminal.conftest import console, desk_file, desk_template, terminal

__all__ = ["console", "desk_file", "desk_template", "terminal"]


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    """Leave no desk open."""
    yield
    engine.disconnect()
