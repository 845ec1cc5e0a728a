"""Two versions of the program on one desk: the older one never writes into a schema it does not know.

The newer program is this one with one more migration: a real step with a column and a table of its own.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dutydesk.domain.errors import DeskOutgrown
from dutydesk.services import log, people
from dutydesk.storage import engine, migrate
from tests.faults.damage import holds, lines, rows
from tests.terminal.harness import ROOT, Terminal
from tests.terminal.test_wrong_use import run, says

NEXT = migrate.newest() + 1
STEP = """
from dutydesk.storage.engine import db

def up():
    db.execute_sql("create table rumour (id integer primary key, text text not null)")
    db.execute_sql("alter table draft add column kept_on text")
    db.execute_sql("insert into rumour (text) values ('from the newer program')")
"""
NEWER = """
import sys
from dutydesk.storage import migrate
migrate.folder.__path__.append(sys.argv[1])
from dutydesk.__main__ import main
sys.exit(main(sys.argv[2:]))
"""

SENTENCE = f"A newer program has brought this desk to schema {NEXT}, this one knows {NEXT - 1}: nothing was saved."


@pytest.fixture
def newer(tmp_path: Path, desk_file: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Return how a command of the newer program is run on the desk."""
    steps = tmp_path / "steps"
    steps.mkdir()
    (steps / f"m{NEXT:04d}_rumour.py").write_text(STEP)

    def call(*words: str) -> subprocess.CompletedProcess[str]:
        argv = [sys.executable, "-c", NEWER, str(steps), "--lang", "en", "--db", str(desk_file), *words]
        return subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)

    return call


Newer = Callable[..., subprocess.CompletedProcess[str]]


def test_a_console_of_the_older_program_stops_writing_when_the_desk_moves_on(
    console: Callable[..., Terminal], desk_file: Path, newer: Newer
) -> None:
    """It says so by itself, keeps what is typed on the screen and in the draft, and writes nothing any more."""
    term = console(size=(160, 30))
    term.write("nWard 5 printer")
    term.wait_for("Ward 5 printer")
    term.wait_for(lambda _text: "Ward 5 printer" in str(rows(desk_file, "select data from draft")))
    done = newer("migrate")
    assert f"The desk now has schema {NEXT}" in done.stdout
    term.wait_for("A newer program")
    before = rows(desk_file, "select count(*), max(seq) from audit_entry")
    term.write(" jams")
    term.wait_for(says(f"The draft cannot be kept: {SENTENCE}"))
    term.write("\x1b[21~")
    term.wait_for(lambda text: text.count("A newer program") >= 2)
    assert "Ward 5 printer jams" in term.text()
    assert rows(desk_file, "select count(*), max(seq) from audit_entry") == before
    assert rows(desk_file, "select count(*) from incident") == [(0,)]
    assert [data for (data,) in rows(desk_file, "select data from draft") if "Ward 5 printer" in data]
    term.close()
    listed = newer("--login", "eng-b", "log", "goes on with the newer program")
    assert listed.returncode == 0, listed.stderr
    assert lines(desk_file) == ["goes on with the newer program"]


def test_a_command_that_was_begun_before_is_refused_in_its_transaction(desk_file: Path, newer: Newer) -> None:
    """Opened with the schema it knows, asked to write after the step: one sentence, nothing written."""
    engine.connect(str(desk_file))
    who = people.identify("eng-a")
    log.write(who, "before")
    assert newer("migrate").returncode == 0
    with pytest.raises(DeskOutgrown) as refused:
        log.write(who, "after")
    assert str(refused.value) == SENTENCE
    with pytest.raises(DeskOutgrown):
        people.check_pin(who, "wrong")
    engine.disconnect()
    assert lines(desk_file) == ["before"]
    assert rows(desk_file, "select count(*) from pin_try") == [(0,)]


def test_the_older_program_does_not_begin_on_a_newer_desk(desk_file: Path, newer: Newer) -> None:
    assert newer("migrate").returncode == 0
    for words in (("now",), ("--login", "eng-a", "log", "x"), ("migrate",), ("verify",)):
        answer = run("--lang", "en", "--db", str(desk_file), *words)
        assert answer.returncode == 2
        assert answer.stderr == f"This desk has schema {NEXT}, this program knows {NEXT - 1}: update the program.\n"
    assert "update the program" in run("--lang", "en", "--db", str(desk_file), "doctor").stdout


def test_the_newer_program_does_not_begin_on_an_older_desk(desk_file: Path, newer: Newer) -> None:
    answer = newer("--login", "eng-a", "log", "x")
    assert answer.returncode == 2
    assert f"this program needs {NEXT}: run `dutydesk migrate`." in answer.stderr
    assert lines(desk_file) == []
    assert newer("migrate").returncode == 0
    assert newer("verify").returncode == 0
    kept = Path(f"{desk_file}.before-{NEXT}")
    assert holds(kept)


def test_a_newer_program_that_changes_no_table_is_noticed_too(desk_file: Path) -> None:
    engine.connect(str(desk_file))
    who = people.identify("eng-a")
    log.write(who, "before")
    from tests.faults.damage import change

    change(desk_file, f"insert into schema_version (number) values ({NEXT})")
    with pytest.raises(DeskOutgrown):
        log.write(who, "after")
