"""`dutydesk copy`, and backup, restore, init, demo and doctor of a desk on a server. Source: DESIGN 2, 5."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dutydesk.domain import clock
from dutydesk.services import log, people
from dutydesk.storage import chain, engine
from tests import server
from tests.cli.conftest import Run
from tests.hostile_fields import KEY
from tests.services.conftest import server_template

__all__ = ["server_template"]


def write(target: str, text: str) -> None:
    engine.connect(target)
    log.write(people.identify("eng-a"), text)
    engine.disconnect()


def head(target: str) -> tuple[int, str]:
    engine.connect(target)
    assert chain.verify().broken is None
    found = chain.head()
    engine.disconnect()
    return found


@pytest.fixture
def empty() -> str:
    """Return the address of an empty database."""
    return server.fresh()


def test_a_desk_goes_to_a_server_and_back(run: Run, desk_file: Path, empty: str, tmp_path: Path) -> None:
    write(str(desk_file), "机房 A 温度偏高")
    there = run("copy", desk_file, empty)
    assert there.code == 0
    assert "the chain holds" in there.out
    assert head(empty) == head(str(desk_file))
    write(empty, "written on the server")
    back = tmp_path / "back.sqlite"
    assert run("copy", empty, back).code == 0
    assert {path.name for path in tmp_path.iterdir() if path.name.startswith("back")} == {"back.sqlite"}
    assert head(str(back)) == head(empty)
    engine.connect(str(back))
    texts = [line.text for line in log.tail(people.identify("eng-a"))]
    assert texts[:2] == ["written on the server", "机房 A 温度偏高"]


def test_a_copy_takes_the_place_of_nothing(run: Run, desk_file: Path, empty: str, tmp_path: Path) -> None:
    assert run("copy", desk_file, empty).code == 0
    precious = tmp_path / "precious.sqlite"
    precious.write_text("precious")
    for words, sentence in (
        ((desk_file, empty), "There is a desk at"),
        ((desk_file, precious), "never overwrites a file"),
        ((desk_file, desk_file), "not copied onto itself"),
        ((desk_file, tmp_path / "no" / "x.sqlite"), "There is no folder"),
        ((desk_file, tmp_path / "copy-\udcff.sqlite"), "must be text in UTF-8"),
        ((tmp_path / "none.sqlite", server.fresh()), "There is no desk at"),
        ((desk_file, "postgresql://me:secret@127.0.0.1:1/desk"), "No connection to the database"),
    ):
        refused = run("copy", *words)
        assert (refused.code, sentence in refused.err) == (2, True), refused.err
        assert "secret" not in refused.err
    assert precious.read_text() == "precious"


def test_a_desk_with_open_consoles_is_not_moved(run: Run, desk_file: Path, empty: str) -> None:
    engine.connect(str(desk_file))
    people.beat(people.identify("eng-a", host="h", terminal="t", console="c"))
    engine.disconnect()
    refused = run("copy", desk_file, empty)
    assert refused.code == 2
    assert "Consoles are open on this desk: eng-a" in refused.err


def test_a_broken_chain_is_not_copied(run: Run, desk_file: Path, empty: str) -> None:
    engine.connect(str(desk_file))
    engine.db.execute_sql("update person set role = 'supervisor' where login = 'eng-b'")
    engine.disconnect()
    refused = run("copy", desk_file, empty)
    assert refused.code == 2
    assert "The chain is broken at person" in refused.err
    engine.connect(empty)
    assert engine.db.execute_sql("select count(*) from person").fetchall() == [(0,)]


def test_a_desk_on_a_server_is_backed_up_while_people_work(run: Run, server_template: str, tmp_path: Path) -> None:
    with server.copied(server_template) as address:
        engine.connect(address)
        people.beat(people.identify("eng-a", host="h", terminal="t", console="c"))
        engine.disconnect()
        copy = tmp_path / "backup.sqlite"
        before = head(address)
        made = run("backup", copy, "--db", address)
        assert (made.code, made.err) == (0, "")
        assert head(str(copy)) == before
        assert head(address)[0] == before[0] + 1, "the desk notes its copy"
        assert copy.stat().st_mode & 0o077 == 0
        assert run("backup", copy, "--db", address).code == 2
        refused = run("restore", copy, "--db", address)
        assert refused.code == 2
        assert "restored into an empty database" in refused.err


def test_a_server_can_hold_a_new_desk_and_the_demonstration(run: Run) -> None:
    new, shown = server.fresh(), server.fresh()
    assert run("init", "--policy", "twelve-hour", "--db", new, "--login", "chief", "--supervisor", "Chief").code == 0
    assert run("people", "add", "eng-x", "Eng. X", "--db", new, "--login", "chief").code == 0
    again = run("init", "--policy", "twelve-hour", "--db", new, "--login", "chief", "--supervisor", "Chief")
    assert again.code == 2
    with clock.frozen(clock.now()):
        made = run("demo", "--days", "2", "--no-console", "--db", shown)
    assert made.code == 0, made.err
    assert run("verify", "--db", shown).code == 0
    incidents = json.loads(run("incident", "list", "--json", "--db", shown, "--login", "eng-a").out)
    assert incidents


def test_keys_never_hold_the_password_of_the_database(run: Run, empty: str, tmp_path: Path) -> None:
    with_password = empty.replace("desk@", "desk:hidden@")
    made = run("init", "--policy", "twelve-hour", "--db", with_password, "--login", "chief", "--supervisor", "Chief")
    assert "hidden" not in made.out
    key = tmp_path / "key.pub"
    key.write_text(f"{KEY} eng-x")
    words = ("people", "add", "eng-x", "Eng. X", "--ssh-key", key, "--db", with_password, "--login", "chief")
    assert run(*words).code == 0
    printed = run("ssh-keys", "--db", with_password)
    assert "--login eng-x" in printed.out
    assert "hidden" not in printed.out


def test_the_doctor_looks_at_the_server(run: Run, server_template: str) -> None:
    with server.copied(server_template) as address:
        told = json.loads(run("doctor", "--json", "--db", address).out)
        found = {check["check"]: check for check in told["checks"]}
        assert found["desk"]["found"].startswith("PostgreSQL ")
        for key in ("link", "schema", "guards", "news"):
            assert found[key]["well"], found[key]
        assert not found["durable"]["well"]  # the tests' server does not sync, and the doctor sees it
        engine.connect(address)
        engine.db.execute_sql("alter table log_entry disable trigger log_entry_no_update")
        engine.disconnect()
        told = json.loads(run("doctor", "--json", "--db", address).out)
        guards = next(check for check in told["checks"] if check["check"] == "guards")
        assert not guards["well"]
        assert "log_entry" in guards["found"]
