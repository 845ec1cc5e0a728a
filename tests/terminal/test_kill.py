"""kill -9 in the middle of typing: started again, what was typed until a second before is offered."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from dutydesk import locale
from dutydesk.services import people
from dutydesk.storage import engine
from dutydesk.storage.models.shift import Assignment, DutyShift
from tests.services.conftest import START, make_desk
from tests.terminal.harness import Terminal


@pytest.fixture
def console(tmp_path: Path, terminal: Callable[..., Terminal]) -> Callable[[], Terminal]:
    """Return how Eng. A, who is on the day shift, opens the console."""
    path = tmp_path / "desk.sqlite"
    make_desk(path)
    engine.connect(str(path))
    shift = DutyShift.select().where(DutyShift.ends_at > START).order_by(DutyShift.starts_at).first()
    Assignment.update(person=people.identify("eng-a").person_id).where(Assignment.shift == shift).execute()
    engine.disconnect()
    locale.use("en")
    args = ("-m", "tests.terminal.clocked", str(START), "--db", str(path), "--login", "eng-a", "--lang", "en")
    return lambda: terminal(*args)


def one_second() -> None:
    """Let the second pass within which a draft must be on disk: the one thing here that is about time itself."""
    time.sleep(1.0)


def test_in_the_incident_form(console: Callable[[], Terminal]) -> None:
    term = console()
    term.wait_for("1 Shift")
    term.write("n")
    term.wait_for("New incident")
    term.write("core switch SW1 交换机 down")
    term.wait_for("交换机 down")
    one_second()
    term.kill9()
    term = console()
    term.wait_for("1 Shift")
    term.write("n")
    text = term.wait_for("core switch SW1")
    assert "交换机 down" in text.replace("  ", " ")


def test_in_the_handover_wizard(console: Callable[[], Terminal]) -> None:
    term = console()
    term.wait_for("1 Shift")
    term.write("5")
    term.wait_for("Being prepared")
    term.write(">>>>")
    term.wait_for("Planned work")
    term.write("\r")
    term.wait_until_quiet(0.4)
    term.write("UPS maintenance at 23:00")
    term.wait_for("UPS maintenance at 23:00")
    one_second()
    term.kill9()
    term = console()
    term.wait_for("1 Shift")
    term.write("5")
    term.wait_for("UPS maintenance at 23:00")


def test_in_a_reading_and_in_the_log_line(console: Callable[[], Terminal]) -> None:
    term = console()
    term.wait_for("1 Shift")
    term.write("l")
    term.wait_until_quiet(0.4)
    term.write("door of room A found open")
    term.wait_for("door of room A found open")
    one_second()
    term.kill9()
    term = console()
    term.wait_for("1 Shift")
    term.write("l")
    term.wait_for("door of room A found open")
