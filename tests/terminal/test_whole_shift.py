"""The main job in a real pseudo-terminal at 80×24: one shift from sign-in to handover, and the next one takes over.

Only keys are typed, and only what stands on the screen is waited for.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dutydesk import locale
from dutydesk.domain import clock
from dutydesk.domain.incidents import Status
from dutydesk.domain.rounds import CheckPoint, ItemKind
from dutydesk.locale import _, pick, word
from dutydesk.services import handover, incidents, people, round_sheet, rounds
from dutydesk.services.core import Actor
from dutydesk.storage import engine
from dutydesk.storage.models.shift import Assignment, DutyShift
from tests.services.conftest import PIN, START, make_desk, moment
from tests.terminal.harness import ROOT, Terminal

DAY = moment("2026-11-22 18:05")
NIGHT = moment("2026-11-22 21:35")


@pytest.fixture(params=["en", "zh"])
def lang(request: pytest.FixtureRequest) -> Iterator[str]:
    """Speak the language in the test as well, to know what to wait for."""
    locale.use(request.param)
    yield request.param
    locale.use("en")


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A new desk with Eng. A on the day shift and Eng. B on the night after it."""
    path = tmp_path / "desk.sqlite"
    make_desk(path)
    engine.connect(str(path))
    first, second = DutyShift.select().where(DutyShift.ends_at > START).order_by(DutyShift.starts_at).limit(2)
    for login, shift in (("eng-a", first), ("eng-b", second)):
        Assignment.update(person=people.identify(login).person_id).where(Assignment.shift == shift).execute()
    engine.disconnect()
    return path


Console = Callable[[str, int], Terminal]


@pytest.fixture
def console(desk: Path, lang: str, terminal: Callable[..., Terminal]) -> Console:
    """Return how a person opens the console at an instant."""

    def opened(login: str, at: int) -> Terminal:
        args = ("-m", "tests.terminal.clocked", str(at), "--db", str(desk), "--login", login, "--lang", lang)
        return terminal(*args)

    return opened


def asked(desk: Path, function: Callable[[Actor], object]) -> object:
    """Ask a service beside the running console, as a script would."""
    engine.connect(str(desk))
    try:
        with clock.frozen(DAY):
            return function(people.identify("eng-a"))
    finally:
        engine.disconnect()


def run(*args: str) -> subprocess.CompletedProcess[str]:
    """Run a subcommand of the program."""
    command = [sys.executable, "-m", "tests.terminal.clocked", str(NIGHT + 1200), *args]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def current_row(text: str) -> str:
    """Return the line of the list that the cursor stands on."""
    return next((line for line in text.splitlines() if "▸" in line), "")


def go_to(term: Terminal, text: str, key: str = "\x1b[B") -> None:
    """Press an arrow until the cursor's row holds a text; down, from the top of the list."""
    row = current_row(term.wait_for(lambda screen: bool(current_row(screen))))
    if key == "\x1b[B":
        term.write("\x1b[H")
        row = current_row(term.wait_until_quiet(0.5))
    for _turn in range(40):
        if text in row:
            return
        term.write(key)
        before = row
        row = current_row(term.wait_for(lambda screen: current_row(screen) not in ("", before)))  # noqa: B023
    raise AssertionError(f"{text!r} not reached:\n{term.text()}")


def sign_in(term: Terminal) -> None:
    """Sign in to the shift with the PIN."""
    term.wait_for(lambda text: "1 " + _("Shift") in text and "s " + _("Sign in") in text)
    term.write("s")
    term.wait_for(_("PIN"))
    term.write(f"{PIN}\r")
    term.wait_for(lambda text: "s " + _("Sign out") in text)


def walk(term: Terminal, desk: Path) -> None:
    """Walk the machine-room round: everything is well but the load of the UPS."""
    lines = asked(
        desk, lambda who: [line for line in rounds.due_list(who) if line.due_at == moment("2026-11-22 18:00")]
    )
    sheet = asked(desk, lambda who: round_sheet.sheet(who, lines[0].id))  # type: ignore[index]
    points = {pick(each.point.name): each.point for each in sheet.items}  # type: ignore[attr-defined]
    term.write("2")
    term.wait_for("18:00")
    go_to(term, "18:00")
    term.write("\r")
    term.wait_for(lambda text: "▓" in text or "░" in text)
    seen: set[str] = set()
    for _turn in range(len(points) + 2):
        row = current_row(term.wait_until_quiet(0.4))
        point = next(
            (point for name, point in points.items() if row.replace("▸", "").strip().startswith(name[:18])), None
        )
        if point is None or point.code in seen:
            break
        seen.add(point.code)
        if point.code == "ups1-load":
            term.write("95\r")
            term.wait_until_quiet(0.2)
            term.write("two servers moved to this feed\r")
        else:
            term.write(
                {ItemKind.CHECK: "o", ItemKind.CHOICE: "1", ItemKind.TEXT: "o"}.get(point.kind) or f"{good(point)}\r"
            )
    assert "ups1-load" in seen
    assert len(seen) >= 16


def good(point: CheckPoint) -> str:
    """Return a reading inside the limits."""
    return next(
        text for text in ("22", "50", "60", "90", "4.2", "1", "100") if point.limits.judge(float(text)).value == "ok"
    )


def incident_from_the_load(term: Terminal) -> None:
    """Go back to the load and open an incident that carries value and limit."""
    go_to(term, "95", "\x1b[A")
    term.write("i")
    text = term.wait_for(_("New incident"))
    assert "95" in text
    term.write("\x1b[21~")
    term.wait_for(lambda text: "INC-261122-1" in text and _("New incident") not in text)


def finish(term: Terminal) -> None:
    """Finish the round."""
    term.write("f")
    term.wait_for(lambda text: "18:00" in current_row(text) and "✓" in current_row(text))


def work(term: Terminal) -> None:
    """Acknowledge, note and resolve the incident."""
    term.write("3")
    term.wait_for(lambda text: "261122-1" in current_row(text))
    term.write("\r")
    term.wait_for(_("Timeline"))
    term.write("a")
    term.wait_for(word(Status.ACKNOWLEDGED))
    term.write("m")
    term.wait_until_quiet(0.4)
    term.write("called the vendor")
    term.wait_for("called the vendor")
    term.write("\r")
    term.wait_for(lambda text: text.count("called the vendor") == 1 and _("Note") in text)
    term.write("r")
    term.wait_until_quiet(0.5)
    term.write("moved one server back to UPS-2")
    term.wait_for("moved one server back")
    term.write("\x1b[21~")
    term.wait_for(word(Status.RESOLVED))


def write_log(term: Terminal) -> None:
    """Write a line into the shift log."""
    term.write("1")
    term.wait_for("> ")
    term.write("l")
    term.wait_until_quiet(0.2)
    term.write("visitor left room A")
    term.wait_for("visitor left room A")
    term.write("\r")
    term.wait_until_quiet(0.3)
    term.write("\x1b")
    term.wait_until_quiet(0.3)


def hand_over(term: Terminal) -> None:
    """Prepare the handover: reasons for missed rounds, things counted, signature."""
    term.write("5")
    term.wait_for(_("Being prepared"))
    term.write(">")
    for _turn in range(12):
        text = term.wait_until_quiet(0.15)
        if not any(_("{label}: required", label=_(label)) in text for label in ("Next step", "Reason")):
            break
        term.write("\r")
        term.wait_until_quiet(0.15)
        term.write("nobody was here before\r")
    term.write(">>")
    for _thing in range(6):
        term.wait_until_quiet(0.1)
        term.write("o")
    term.write(">>")
    term.wait_for(_("Everything is there. p signs with your PIN and freezes the handover."))
    term.write("p")
    term.wait_for(_("This shift goes on for {left}. Sign the handover now?").split("{")[0].strip())
    term.write("y")
    term.wait_for(_("You sign the handover; everything is frozen as it stands now.")[:30])
    term.write(f"{PIN}\r")
    term.wait_for(_("Prepared, waiting for the incoming"))


def take_over(term: Terminal, desk: Path) -> str:
    """Read back every item, accept, and see the new shift."""
    sign_in(term)
    term.write("2")
    term.wait_for("22:00")
    go_to(term, "22:00")
    term.write("\r")
    held = _("First accept the handover of the {shift} shift {day} (key 5): until then the duty is not yours.")
    term.wait_for(held.split("{")[0].strip())
    term.write("5")
    term.wait_for(_("Prepared, waiting for the incoming"))
    for _turn in range(14):
        text = term.wait_until_quiet(0.15)
        if _("Read back, waiting for acceptance") in text:
            break
        term.write("\r")
        term.wait_until_quiet(0.15)
        term.write("understood, I go on with it\r")
    term.write("a")
    term.wait_for("HO-261122-day")
    term.write(f"{PIN}\r")
    term.wait_for(lambda text: _("Being prepared") in text)
    pending = asked(desk, lambda who: handover.lines(who)[0])
    assert pending.status.value == "sealed"  # type: ignore[attr-defined]
    return str(pending.number)  # type: ignore[attr-defined]


def test_one_shift_from_sign_in_to_handover(console: Console, desk: Path, lang: str) -> None:
    term = console("eng-a", DAY)
    sign_in(term)
    walk(term, desk)
    incident_from_the_load(term)
    finish(term)
    work(term)
    write_log(term)
    hand_over(term)
    term.write("q")
    assert term.wait() == 0
    seen = asked(desk, lambda who: incidents.by_number(who, "INC-261122-1"))
    assert seen.status.value == "resolved"  # type: ignore[attr-defined]

    term = console("eng-b", NIGHT)
    number = take_over(term, desk)
    term.write("2")
    term.wait_for("22:00")
    term.write("\r")
    term.wait_for(lambda text: "▓" in text or "░" in text)
    term.write("\x1b")
    term.wait_until_quiet(0.2)
    term.write("q")
    assert term.wait() == 0

    verified = run("--db", str(desk), "verify")
    assert verified.returncode == 0, verified.stderr
    head = asked(desk, lambda who: handover.by_number(who, number).chain_head)
    sheet = run("--db", str(desk), "--login", "eng-b", "--lang", lang, "handover", "sheet", number)
    assert sheet.returncode == 0, sheet.stderr
    assert str(head) in sheet.stdout
    assert "understood, I go on with it" in sheet.stdout
    printed = run("--db", str(desk), "verify", "--head", str(head)[:12])
    assert printed.returncode == 0
    assert run("--db", str(desk), "verify", "--head", "f" * 12).returncode == 1
