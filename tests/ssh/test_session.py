"""Sessions over SSH: who one is, what is left when the line is cut, and two people at once."""

from __future__ import annotations

import json
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dutydesk.services import people
from dutydesk.storage import engine
from tests.ssh.conftest import Sessions, printed
from tests.ssh.server import Client, Server
from tests.terminal.harness import Terminal

WITHIN = 1.0
"""Seconds after a commit at one terminal in which the others show it. Source: DESIGN 7."""
ENDS_WITHIN = 5.0


def rows(desk: Path, query: str) -> list[Any]:
    """Return rows of the desk's file, first column only."""
    with sqlite3.connect(desk, timeout=10) as db:
        return [row[0] for row in db.execute(query)]


def until(condition: Callable[[], Any], seconds: float, what: str) -> float:
    """Wait until a condition holds; return how long it took."""
    begin = time.monotonic()
    while not condition():
        assert time.monotonic() - begin < seconds, what
        time.sleep(0.02)
    return time.monotonic() - begin


def write_line(term: Terminal, text: str) -> None:
    """Write a line into the shift log."""
    term.write("l")
    term.wait_until_quiet(0.2)
    term.write(text)
    term.wait_for(f"> {text}")
    term.write("\r")
    term.wait_for("> l writes a line")


def test_the_console_opens_as_the_person_of_the_key(session: Sessions, server: Server, desk_file: Path) -> None:
    """The printed line as it is: what is written is on record as that person's, from the client's address."""
    term = session(login="eng-b")
    write_line(term, "door of room A found open")
    term.write("q")
    assert term.wait() == 0
    kept = rows(
        desk_file, "select login || ' ' || host || ' ' || terminal from audit_entry where action = 'log.written'"
    )
    assert [line.rpartition("/")[0] for line in kept] == ["eng-b 127.0.0.1 /dev/pts"]
    until(lambda: not server.processes(), ENDS_WITHIN, "a process of the session is left")


def test_who_is_disabled_or_has_lost_the_key_is_out(
    session: Sessions, server: Server, program: Path, desk_file: Path
) -> None:
    """Disabled: the old line still opens nothing. Key taken away: authorized_keys written anew knows it no more."""
    engine.connect(str(desk_file))
    chief = people.identify("chief")
    people.disable(chief, "eng-a")
    people.set_key(chief, "eng-b", None)
    engine.disconnect()
    term = session(wait=False)
    assert term.wait() == 2
    assert "eng-a may no longer use this desk." in term.text()
    lines = printed(program, desk_file)
    assert [line.partition("--login ")[2].partition('"')[0] for line in lines.splitlines()] == ["chief"]
    server.authorize(lines)
    term = session(login="eng-b", wait=False)
    assert term.wait() == 255
    assert "Permission denied (publickey)" in term.text()


def typed(term: Terminal, text: str) -> None:
    """Type into a new incident, and let the second pass within which it must be kept."""
    term.write("n")
    term.wait_for("New incident")
    term.write(text)
    term.wait_for(text.split()[-1])
    time.sleep(1.0)


def test_a_line_that_is_cut_loses_nothing(session: Sessions, server: Server, desk_file: Path) -> None:
    """The client is killed without warning: the console ends, gives its presence back, and the draft is offered."""
    term = session()
    (console,) = server.consoles()
    typed(term, "core switch SW1 交换机 does not answer")
    assert len(rows(desk_file, "select console from presence")) == 1
    term.kill9()
    until(lambda: console not in server.consoles(), ENDS_WITHIN, "the console goes on without a line")
    assert rows(desk_file, "select console from presence") == []
    assert "core switch SW1 交换机 does not answer" in "".join(rows(desk_file, "select data from draft"))
    again = session()
    again.write("n")
    text = again.wait_for("does not answer").replace("  ", " ")
    assert "core switch SW1 交换机 does not answer" in text
    assert "Draft from" in text


@pytest.fixture
def alert_server(tmp_path: Path, program: Path, desk_file: Path) -> Iterator[Server]:
    """Start an sshd that asks its clients every second whether they live, as it should be, but in seconds."""
    with Server(tmp_path / "alert", "ClientAliveInterval 1", "ClientAliveCountMax 2") as server:
        server.authorize(printed(program, desk_file))
        yield server


def test_a_client_that_falls_silent_is_noticed(
    alert_server: Server, keys: dict[str, Path], desk_file: Path, tmp_path: Path
) -> None:
    """The line is a black hole: nothing ends it but sshd's own question, which the console at rest does not drown."""
    term = Client(alert_server, keys["eng-a"], alert_server.port).open(env={"HOME": str(tmp_path)})
    try:
        (console,) = alert_server.consoles()
        typed(term, "ward 5 is without network")
        term.signal(signal.SIGSTOP)
        took = until(lambda: not alert_server.consoles(), 12, "sshd does not notice")
        assert took > 1, "it was something else that ended it"
        until(lambda: not Path(f"/proc/{console}").exists(), ENDS_WITHIN, "the console goes on")
        assert rows(desk_file, "select console from presence") == []
        assert json.loads(rows(desk_file, "select data from draft")[0])["title"] == "ward 5 is without network"
        assert "Timeout, client not responding" in alert_server.told()
    finally:
        term.signal(signal.SIGCONT)
        term.close()


def test_two_people_see_each_others_lines(session: Sessions) -> None:
    """Within a second, once of three times on a machine that is busy."""
    one, two = session(login="eng-a"), session(login="eng-b")
    for here, there, name in ((one, two, "first"), (two, one, "second")):
        took = []
        for turn in range(3):
            text = f"{name} line {turn}"
            write_line(here, text)
            took.append(until(lambda text=text, there=there: text in there.text(), 8, f"{text} is not seen"))
            if took[-1] <= WITHIN:
                break
        assert took[-1] <= WITHIN, took


def test_a_new_size_of_the_terminal_arrives(session: Sessions) -> None:
    term = session()
    term.resize(132, 43)
    term.wait_for(lambda text: max(map(len, text.splitlines())) > 120)
    assert len(term.text().rstrip().splitlines()) == 43


def test_two_sessions_over_one_connection(session: Sessions, server: Server, tmp_path: Path) -> None:
    """A shared connection opens as many consoles as one likes, each by the forced command."""
    line = ("-S", str(tmp_path / "line"))
    first = session("-M", *line)
    second = session(*line)
    assert len(server.consoles()) == 2
    for term in (second, first):
        term.write("q")
        assert term.wait() == 0
