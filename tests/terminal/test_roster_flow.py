"""The roster in a real pseudo-terminal at 80×24: planned and published, leave asked for, covered and approved.

Only keys are typed, and only what stands on the screen is waited for. Source: REQUIREMENTS C9, C10.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from dutydesk.domain import clock
from dutydesk.services import people, roster
from dutydesk.services.roster_views import SlotView
from dutydesk.storage import engine
from dutydesk.storage.models.audit import AuditEntry
from tests.services.conftest import PIN, START, make_desk
from tests.terminal.harness import ROOT, Terminal
from tests.terminal.test_whole_shift import go_to

F10 = "\x1b[21~"
WANTED = (
    "roster.published",
    "leave.asked",
    "leave.cover_asked",
    "leave.cover_agreed",
    "roster.changed",
    "leave.approved",
)
"""What the audit tells of the whole story, in its order."""


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A desk that speaks English."""
    path = tmp_path / "desk.sqlite"
    make_desk(path, lang="en")
    return path


Console = Callable[[str], Terminal]


@pytest.fixture
def console(desk: Path, terminal: Callable[..., Terminal]) -> Console:
    """Return how a person opens the console on 22 November 2026."""

    def opened(login: str) -> Terminal:
        args = ("-m", "tests.terminal.clocked", str(START), "--db", str(desk), "--login", login, "--lang", "en")
        term = terminal(*args)
        term.wait_for(lambda text: "1 Shift" in text and "Keys" in text)
        term.wait_until_quiet(0.3)
        return term

    return opened


def run(desk: Path, *args: str) -> str:
    """Run a command on the desk and return what it prints."""
    command = [sys.executable, "-m", "tests.terminal.clocked", str(START), "--db", str(desk), "--lang", "en", *args]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def duty_of(desk: Path, login: str) -> SlotView:
    """Return the second duty of a person in December, with neighbours on both sides."""
    engine.connect(str(desk))
    try:
        with clock.frozen(START):
            who = people.identify(login)
            return roster.duties(who, who.person_id, date(2026, 12, 1), date(2026, 12, 31))[1]
    finally:
        engine.disconnect()


def story(desk: Path) -> list[tuple[str, str]]:
    """Return what the audit says about the roster and leave: who did what."""
    engine.connect(str(desk))
    try:
        rows = AuditEntry.select(AuditEntry.login, AuditEntry.action).order_by(AuditEntry.seq).tuples()
        return [(login, action) for login, action in rows if action in WANTED]
    finally:
        engine.disconnect()


def exported(desk: Path, folder: Path, day: str, login: str) -> None:
    """Check that the exports of a day tell who is on now: the substitute, and nobody in the absent one's calendar."""
    for person, on in ((login, True), ("eng-a", False)):
        files = {}
        for kind in ("csv", "ics"):
            path = folder / f"{person}.{kind}"
            run(desk, "export", "roster", "--format", kind, "--person", person, "--from", day, "--to", day, str(path))
            files[kind] = path.read_text(encoding="utf-8")
        assert (day in files["csv"]) is on, files["csv"]
        assert ("STATUS:CANCELLED" in files["ics"]) is not on, files["ics"]
        assert day.replace("-", "") in files["ics"]


def publish(term: Terminal) -> None:
    """Plan next month, look at the check, and publish it with the PIN."""
    term.write("6")
    term.wait_for("p Plan")
    term.write("p")
    term.wait_for(lambda text: "Plan the roster" in text and "2026-12" in text)
    term.write(F10)
    text = term.wait_for("p Publish")
    assert "62 duties at 3 a person need" in text
    term.write("p")
    term.wait_for("Your PIN")
    term.wait_until_quiet(0.3)
    term.write(f"{PIN}\r")
    term.wait_for(lambda text: "Your PIN" not in text and "6 Roster" in text)


def ask(term: Terminal, day: date) -> str:
    """Go to a day of one's own, ask for leave, and take the first substitute; returns how he is called."""
    term.write("6")
    term.wait_for("a Ask for leave")
    term.write("g")
    term.wait_for("Go to day")
    term.wait_until_quiet(0.2)
    term.write(f"{day:%m-%d}\r")
    term.wait_for(lambda text: f"{day:%B %Y}" in text and "Go to day" not in text)
    term.wait_until_quiet(0.3)
    term.write("a")
    term.wait_for(lambda text: "Then you choose who" in text and f"{day:%Y-%m-%d}" in text)
    term.wait_until_quiet(0.3)
    term.write("a wedding in the family")
    term.wait_for("a wedding in the family")
    term.write(F10)
    text = term.wait_for(lambda text: "Who covers" in text and "▸ Eng" in text and "h rest" in text)
    name = next(line for line in text.splitlines() if "▸ Eng" in line).partition("▸ ")[2][:6]
    term.write("\r")
    term.wait_for(f"{name} – not answered yet")
    return name


def agree(term: Terminal) -> None:
    """Find the question under what to do next, and agree."""
    term.wait_for("Cover for Eng. A?")
    go_to(term, "Cover for")
    term.write("\r")
    term.wait_for("o Agree")
    term.write("o")
    term.wait_for(lambda text: "✓" in text and "waits for the decision" in text)


def approve(term: Terminal) -> None:
    """Find the leave under what to do next, and approve it with the PIN."""
    term.wait_for("Leave of Eng. A?")
    go_to(term, "Leave of")
    term.write("\r")
    term.wait_for("p Approve")
    term.write("p")
    term.wait_for("Your PIN")
    term.wait_until_quiet(0.3)
    term.write(f"{PIN}\r")
    term.wait_for("is approved; the roster follows.")


def test_plan_publish_leave_agree_approve(console: Console, desk: Path, tmp_path: Path) -> None:
    chief = console("chief")
    publish(chief)
    duty = duty_of(desk, "eng-a")
    at = f"{duty.day:%Y-%m-%d} {'21:00' if duty.night else '10:00'}"
    assert "Eng. A" in run(desk, "now", "--at", at)

    name = ask(console("eng-a"), duty.day)
    login = name.replace(". ", "-").lower()
    agree(console(login))
    chief.write("1")
    approve(chief)

    told = run(desk, "now", "--at", at)
    assert name in told
    assert "Eng. A" not in told.splitlines()[0]
    assert "LV-261122-1" in told or "on leave" in told
    exported(desk, tmp_path, f"{duty.day}", login)
    said = story(desk)
    assert [action for _who, action in said] == list(WANTED)
    assert [who for who, _action in said] == ["chief", "eng-a", "eng-a", login, "chief", "chief"]
    run(desk, "verify")
