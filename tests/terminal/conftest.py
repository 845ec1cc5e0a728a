"""The pseudo-terminal as a fixture: what a test starts is ended with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.terminal.harness import Terminal


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    """Return a function that starts Python with arguments in a terminal of its own home."""
    started: list[Terminal] = []

    def start(*args: str, env: dict[str, str] | None = None, **options: Any) -> Terminal:
        home = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "config")}
        started.append(Terminal.python(*args, env=home | (env or {}), **options))
        return started[-1]

    yield start
    for each in started:
        each.close()
