"""The pseudo-terminal as a fixture: what a test starts is ended with it; and a desk for the console to open."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dutydesk.services import desk as desks
from dutydesk.storage import engine, migrate
from tests import settled, templates
from tests.terminal.harness import Terminal

PIN = "2580"


@pytest.fixture(scope="session")
def desk_template() -> Path:
    """Return a desk of today: the fictional staff, everybody's PIN 2580."""
    return templates.made_once("desk-terminal", _make_desk)


def _make_desk(path: Path) -> None:
    engine.connect(str(path), create=True)
    migrate.migrate()
    settled.init(desks.InitSpec("twelve-hour", people=desks.demo_people(PIN)))
    engine.disconnect()


@pytest.fixture
def desk_file(desk_template: Path, tmp_path: Path) -> Path:
    """Return a fresh desk."""
    path = tmp_path / "desk.sqlite"
    shutil.copy(desk_template, path)
    return path


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


@pytest.fixture
def console(terminal: Callable[..., Terminal], desk_file: Path) -> Callable[..., Terminal]:
    """Return a function that opens the console of the desk as Eng. A, in English unless told, and waits for it."""

    def start(
        *args: str, login: str = "eng-a", lang: str = "en", wait: bool = True, db: Path = desk_file, **options: Any
    ) -> Terminal:
        who = ["--login", login] if login else []
        opened = terminal("-m", "dutydesk", "--db", str(db), *who, "--lang", lang, *args, **options)
        if wait:
            opened.wait_for("1 值班" if lang == "zh" else "1 Shift")
            opened.wait_until_quiet(0.2)
        return opened

    return start
