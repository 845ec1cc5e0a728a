"""A corrupt page: one sentence and never a traceback, `doctor` says what to do, `verify` names the row, `backup` makes
no bad copy, and restoring a good one mends it."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from dutydesk.domain import clock
from dutydesk.services import log, people
from dutydesk.storage import engine
from tests.cli.conftest import Answer, _own_home, run
from tests.faults.damage import PAGE, change, copy_of, holds, lines, rows, sqlite3
from tests.faults.forked import Forked
from tests.services.conftest import START, make_desk
from tests.terminal.harness import Terminal
from tests.terminal.test_wrong_use import says

__all__ = ["_own_home", "run"]
Run = Callable[..., Answer]
Damage = Callable[[Path], object]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a desk with a log of many pages."""
    path = tmp_path_factory.mktemp("damaged") / "written.sqlite"
    make_desk(path, lang="en")
    engine.connect(str(path))
    who = people.identify("eng-a")
    with clock.frozen(START):
        for number in range(60):
            log.write(who, f"line {number:02d} of the log, " + "x" * 200)
    engine.disconnect()
    path.chmod(0o600)
    return path


@pytest.fixture
def desk(written: Path, tmp_path: Path) -> Path:
    """Return a fresh copy of it."""
    return Path(shutil.copy(written, tmp_path / "desk.sqlite"))


def overwrite(path: Path, at: int, content: bytes) -> None:
    """Write bytes into a file in place."""
    with path.open("r+b") as file:
        file.seek(at)
        file.write(content)


def where(path: Path, text: str) -> int:
    """Return where a text lies in a file."""
    return path.read_bytes().index(text.encode())


def table_page(path: Path) -> None:
    """Overwrite the page that holds line 30 of the log."""
    overwrite(path, where(path, "line 30 of") // PAGE * PAGE, os.urandom(PAGE))


def index_page(path: Path) -> None:
    """Overwrite the root page of an index of the log."""
    page = rows(path, "select max(rootpage) from sqlite_master where type = 'index' and tbl_name = 'log_entry'")[0][0]
    overwrite(path, (page - 1) * PAGE, b"\xff" * PAGE)


def schema_page(path: Path) -> None:
    """Overwrite the end of the first page, where the names of tables begin."""
    overwrite(path, PAGE - 1000, b"\xff" * 1000)


def chain_page(path: Path) -> None:
    """Overwrite the root page of the audit chain."""
    page = rows(path, "select rootpage from sqlite_master where name = 'audit_entry'")[0][0]
    overwrite(path, (page - 1) * PAGE, b"\x00" * PAGE)


def first_bytes(path: Path) -> None:
    overwrite(path, 0, b"garbage " * 10)


def header(path: Path) -> None:
    overwrite(path, 20, b"\xff" * 60)


def truncated(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def cut_off_in_a_page(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1000)


DAMAGES: list[Damage] = [
    table_page,
    index_page,
    schema_page,
    chain_page,
    first_bytes,
    header,
    truncated,
    cut_off_in_a_page,
]
COMMANDS = [
    ("now",),
    ("log", "list"),
    ("--login", "eng-a", "log", "x"),
    ("--login", "eng-a", "incident", "open", "x"),
    ("verify",),
    ("doctor",),
    ("incident", "list"),
    ("roster", "show"),
    ("migrate",),
]


@pytest.mark.parametrize("damage", DAMAGES)
def test_every_command_says_one_sentence(run: Run, desk: Path, tmp_path: Path, damage: Damage) -> None:
    """Answers what can still be answered; otherwise one sentence and 2. The doctor sees it and says what to do."""
    copy = copy_of(desk, "good.sqlite")
    damage(desk)
    for words in COMMANDS:
        answer = run("--db", desk, "--lang", "en", *words)
        assert "Traceback" not in answer.out + answer.err
        assert "noted in" not in answer.err, words
        assert answer.err.count("\n") <= 1, (words, answer.err)
        assert (answer.code == 2) == bool(answer.err), (words, answer)
    assert run("--db", desk, "--lang", "en", "doctor").code == 1
    assert "restore" in run("--db", desk, "--lang", "en", "doctor").out
    made = run("--db", desk, "--lang", "en", "backup", tmp_path / "copy.sqlite")
    assert made.code == 2
    assert not list(tmp_path.glob("copy.sqlite*"))
    mended = run("--db", desk, "--lang", "en", "restore", copy, "--yes")
    assert mended.code == 0, mended.err
    assert holds(desk)
    assert len(lines(desk)) == 60


def test_verify_names_the_row_that_cannot_be_read(run: Run, desk: Path) -> None:
    """The first one on the damaged page: its lines before are readable."""
    page = where(desk, "line 30 of") // PAGE
    table_page(desk)
    answer = run("--db", desk, "--lang", "en", "verify")
    assert answer.code == 1
    assert "It cannot be read: the file is damaged there. Restore a backup." in answer.out
    named = int(answer.out.split("log_entry, row ")[1].split(":")[0])
    last_read = rows(desk, f"select text from log_entry where id = {named - 1}")
    assert last_read == [(f"line {named - 2:02d} of the log, " + "x" * 200,)]
    assert page > 0
    assert run("--db", desk, "--lang", "zh", "verify").code == 1


def test_a_changed_byte_is_no_copy_either(run: Run, desk: Path, tmp_path: Path) -> None:
    """Every page is well, and yet the content is not what was sealed."""
    overwrite(desk, where(desk, "line 30 of"), b"line 99")
    answer = run("--db", desk, "--lang", "en", "backup", tmp_path / "copy.sqlite")
    assert answer.code == 2
    assert "The chain of the desk is broken at log_entry 31; no copy was made." in answer.err
    assert not list(tmp_path.glob("copy.sqlite*"))
    answer = run("--db", desk, "--lang", "en", "verify")
    assert "log_entry, row 31: The row was changed." in answer.out


@pytest.mark.parametrize("rounds", [8, pytest.param(400, marks=pytest.mark.soak)])
def test_any_page_of_the_file(run: Run, desk: Path, written: Path, rounds: int) -> None:
    """Random bytes in a random page: each command answers or says one sentence, and nothing is called whole that is
    not."""
    dice = random.Random(20261122 + rounds)
    pages = written.stat().st_size // PAGE
    for _turn in range(rounds):
        shutil.copy(written, desk)
        at = dice.randrange(pages) * PAGE + dice.randrange(PAGE // 2)
        overwrite(desk, at, dice.randbytes(dice.choice((8, 100, PAGE // 2))))
        for words in (("now",), ("log", "list"), ("verify",), ("doctor",)):
            answer = run("--db", desk, "--lang", "en", *words)
            assert "noted in" not in answer.err, (at, words)
            assert answer.err.count("\n") <= 1, (at, answer.err)
        for path in desk.parent.glob("desk.sqlite-*"):
            path.unlink()


def killed_writer(path: Path) -> None:
    """Leave a WAL behind: somebody writes lines and is killed."""

    def write_lines(say: Callable[[str], None]) -> None:
        engine.connect(str(path))
        who = people.identify("eng-a")
        for number in range(1000):
            log.write(who, f"after {number}")
            say(str(number))

    child = Forked(write_lines)
    child.wait_for_lines(5)
    child.kill()


@pytest.mark.parametrize("part", [0.0, 0.5, 0.9])
def test_a_wal_with_garbage(run: Run, desk: Path, part: float) -> None:
    """What stands in front of the garbage is there, the rest is not, and what is there is whole."""
    killed_writer(desk)
    wal = Path(f"{desk}-wal")
    if not wal.exists():
        pytest.skip("this SQLite keeps no WAL here")
    whole = len(lines(Path(shutil.copytree(desk.parent, desk.parent / "whole") / desk.name)))
    overwrite(wal, int(wal.stat().st_size * part) + 10, os.urandom(5000))
    Path(f"{desk}-shm").unlink(missing_ok=True)
    assert run("--db", desk, "--lang", "en", "now").code == 0
    assert run("--db", desk, "--lang", "en", "verify").code == 0
    assert 60 <= len(lines(desk)) < whole
    assert holds(desk)


def test_the_console_on_a_damaged_desk(console: Callable[..., Terminal], desk: Path) -> None:
    """Says the sentence where the damage is met, and goes on with what can be read."""
    table_page(desk)
    term = console(db=desk, size=(120, 30))
    term.wait_for(says("The database is damaged. Restore a backup; `dutydesk doctor` tells more."))
    term.write("3")
    term.wait_for("No open incidents")
    term.write("q")
    assert term.wait() == 0
    assert "Traceback" not in term.text()


def test_damage_under_a_running_console(console: Callable[..., Terminal], desk: Path) -> None:
    """The page goes bad while the console is open: said when it is read, the form keeps its text."""
    term = console(db=desk, size=(120, 30))
    with sqlite3.connect(desk) as other:
        other.execute("pragma wal_checkpoint(truncate)").fetchall()
    other.close()
    table_page(desk)
    change_by_other(desk)
    term.write("4")
    term.wait_for(says("The database is damaged."))
    term.write("q")
    assert term.wait() == 0
    assert "Traceback" not in term.text()


def change_by_other(path: Path) -> None:
    """Write something beside the damage, so that the console reads anew."""
    change(path, "insert into preference (person_id, key, value) values (1, 'x', 'y')")
