"""Two terminals on one desk: what is committed at one shows at the other within a second, and nothing is lost there.

The console in the pseudo-terminal is one, this process is the other. Source: REQUIREMENTS D5, DESIGN 2.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dutydesk.domain import clock
from dutydesk.domain.priority import Impact, Urgency
from dutydesk.domain.rounds import Found
from dutydesk.services import incidents, log, round_sheet, rounds
from dutydesk.services.incidents import NewIncident
from dutydesk.storage import chain, engine
from dutydesk.storage.models.log import LogEntry
from dutydesk.storage.models.rounds import RoundAnswer
from tests.hostile_fields import World
from tests.services.conftest import START, make_desk
from tests.terminal.harness import Terminal

WITHIN = 1.0
"""Seconds after a commit at one terminal in which the others show it. Source: DESIGN 7."""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a desk with Eng. A on the day shift and Eng. B on the night after it."""
    path = tmp_path_factory.mktemp("two") / "desk.sqlite"
    make_desk(path, lang="en")
    return path


@pytest.fixture
def here(template: Path, tmp_path: Path) -> Iterator[World]:
    """Open the desk in this process; its people work from here."""
    path = tmp_path / "desk.sqlite"
    path.write_bytes(template.read_bytes())
    engine.connect(str(path))
    ahead = START - time.time()
    clock.use(lambda: time.time() + ahead)
    yield World()
    clock.use(time.time)
    engine.disconnect()


Open = Callable[[str], Terminal]


@pytest.fixture
def there(here: World, terminal: Callable[..., Terminal]) -> Open:
    """Return how a person opens a console on the same desk."""

    def opened(login: str) -> Terminal:
        words = ["--db", engine.url(), "--login", login, "--lang", "en"]
        term = terminal("-m", "tests.terminal.clocked", str(START), *words)
        term.wait_for("1 Shift")
        term.wait_until_quiet(0.3)
        return term

    return opened


def seen_soon(term: Terminal, commit: Callable[[str], Any], times: int = 3) -> str:
    """Commit something up to three times; check that it shows within a second once, on a machine that is busy too."""
    took = []
    for turn in range(times):
        mark = f"news-{turn}"
        commit(mark)
        begin = time.monotonic()
        text = term.wait_for(mark, timeout=8)
        took.append(time.monotonic() - begin)
        if took[-1] <= WITHIN:
            return text
    raise AssertionError(f"shown only after {took} s")


def cursor_row(text: str) -> str:
    """Return the row under the cursor."""
    return next((line for line in text.splitlines() if "▸" in line), "")


def test_news_come_in_while_a_line_is_typed(here: World, there: Open) -> None:
    """On the live shift: log lines and incidents of others appear above the line that is being typed."""
    term = there("eng-b")
    term.write("l")
    term.wait_until_quiet(0.3)
    term.write("door of room A")
    term.wait_for("> door of room A")
    text = seen_soon(term, lambda mark: log.write(here.a, f"vendor called {mark}"))
    assert "> door of room A" in text
    text = seen_soon(term, lambda mark: here.incident(title=f"switch {mark}"))
    assert "> door of room A" in text
    term.write(" found open\r")
    term.wait_for("> l writes a line")
    assert [row.text for row in LogEntry.select().where(LogEntry.person == here.b.person_id)] == [
        "door of room A found open"
    ]


def test_news_show_behind_a_form(here: World, there: Open) -> None:
    """Behind a form only what has changed is painted; the form keeps its text, and all is there when it is left."""
    term = there("eng-b")
    term.write("nWard 5 printer")
    term.wait_for("Ward 5 printer")
    term.wait_until_quiet(0.5)
    before = len(term.raw)
    here.incident(title="Core switch SW1 down", impact=Impact.HIGH, urgency=Urgency.HIGH)
    begin = time.monotonic()
    term.wait_for("3 Incidents !1")
    assert time.monotonic() - begin < 4 * WITHIN
    assert "Ward 5 printer" in term.wait_until_quiet(0.5)
    assert len(term.raw) - before < 6000
    term.write("\x1b")
    term.wait_for("Core switch SW1 down")


def test_news_do_not_move_the_cursor(here: World, there: Open) -> None:
    """In the list of incidents the cursor stays on its incident, whatever comes in above it; so in the log."""
    for number in range(4):
        here.incident(title=f"printer {number} jams")
    term = there("eng-b")
    term.write("3")
    term.wait_for("printer 0 jams")
    term.write("\x1b[B\x1b[B")
    before = cursor_row(term.wait_until_quiet(0.3))
    after = cursor_row(seen_soon(term, lambda mark: here.incident(title=f"switch {mark}")))
    assert after.split()[:4] == before.split()[:4] != []
    term.write("4")
    term.wait_for("switch news-0")
    log.write(here.a, "first line")
    term.wait_for("first line")
    term.write("\x1b[A")
    before = cursor_row(term.wait_until_quiet(0.3))
    after = cursor_row(seen_soon(term, lambda mark: log.write(here.a, f"visitor {mark}")))
    assert after[:40] == before[:40] != ""


def test_a_handover_prepared_at_one_stands_at_the_other(here: World, there: Open) -> None:
    here.incident(title="Core switch SW1 down")
    term = there("eng-b")
    term.write("5")
    term.wait_for("has not prepared it yet")
    here.prepared()
    begin = time.monotonic()
    term.wait_for("Prepared, waiting for the incoming")
    assert time.monotonic() - begin <= 4 * WITHIN
    term.write("\r")
    term.wait_until_quiet(0.3)
    term.write("I go on with it")
    urgent = {"impact": Impact.HIGH, "urgency": Urgency.HIGH}
    here.incident(**urgent)
    before = term.wait_for("3 Incidents !")
    here.incident(**urgent)
    assert "I go on with it" in term.wait_for(lambda text: text.splitlines()[1] != before.splitlines()[1])


def test_two_people_edit_one_incident(here: World, there: Open) -> None:
    """Both texts stand side by side, the person chooses, and the timeline keeps what stood there."""
    incident = here.incident(title="Printer")
    term = there("eng-b")
    term.write("3")
    term.wait_for("Printer")
    term.write("\r")
    term.wait_for("Timeline")
    term.write("e")
    term.wait_for("Correct INC-")
    term.write(" of ward 5")
    term.wait_for("Printer of ward 5")
    incidents.edit(here.a, incident.id, NewIncident(title="Printer of ward 6"), version=incident.version)
    term.write("\x1b[21~")
    text = term.wait_for("Changed by somebody else meanwhile")
    assert "Printer of ward 6" in text
    assert "Printer of ward 5" in text
    assert incidents.view(here.a, incident.id).title == "Printer of ward 6"
    term.write("m")
    term.wait_for(lambda text: "Changed by somebody" not in text and "Correct INC-" not in text)
    seen = incidents.view(here.a, incident.id)
    assert seen.title == "Printer of ward 5"
    assert [event.data["was"]["title"] for event in seen.events if event.kind.value == "edited"] == [
        "Printer",
        "Printer of ward 6",
    ]
    assert chain.verify().broken is None


def first_word(row: str) -> str:
    """Return the first word of a row, behind its marks."""
    return next((word for word in row.split() if word.isalpha()), "")


def test_two_people_answer_one_round(here: World, there: Open) -> None:
    """What the other answers shows on the sheet; the text being typed stays, both answers are on record."""
    round_id, _item = here.round()
    term = there("eng-b")
    term.write("2")
    term.wait_for("14:22")
    term.write("\x1b[H")
    while "14:22" not in cursor_row(term.wait_until_quiet(0.2)):
        term.write("\x1b[B")
    term.write("\r")
    term.wait_for("░")
    row = cursor_row(term.wait_until_quiet(0.3))
    first = rounds.sheet(here.a, round_id).items[0].point
    term.write("x")
    term.wait_until_quiet(0.3)
    term.write("lamp of server 3 is red")
    term.wait_for("lamp of server 3 is red")
    other = next(each for each in rounds.sheet(here.a, round_id).items[1:] if each.point.kind.value == "check")
    text = seen_soon(
        term, lambda mark: round_sheet.answer(here.a, round_id, other.point.id, Found.ABNORMAL, note=mark), times=3
    )
    assert "lamp of server 3 is red" in text
    assert first_word(cursor_row(text)) == first_word(row) != ""
    round_sheet.answer(here.a, round_id, first.id, Found.ABNORMAL, note="bent")
    term.wait_until_quiet(0.8)
    term.write("\r")
    term.wait_for(
        lambda _text: "lamp of server 3 is red" in [row.note for row in RoundAnswer.select(RoundAnswer.note).objects()]
    )
    people = {row.person_id for row in RoundAnswer.select().where(RoundAnswer.item == first.id)}
    assert people == {here.a.person_id, here.b.person_id}
    assert chain.verify().broken is None
