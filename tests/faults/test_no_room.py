"""A full disk, and one that may only be read: said in a sentence, nothing half saved, and the same save goes through
once when there is room.

`RLIMIT_FSIZE` lets no file grow beyond a size, for root as well; where mount namespaces work, a small file system of
its own is really full.
"""

from __future__ import annotations

import asyncio
import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from dutydesk.domain.errors import DeskError, StorageTrouble
from dutydesk.services import drafts, incidents, log, people
from dutydesk.services.core import Actor
from dutydesk.storage import engine, migrate
from dutydesk.storage.engine import db
from tests.faults.damage import copy_of, holds, lines, rows
from tests.faults.forked import Forked
from tests.faults.sitting import Sitting
from tests.terminal.harness import ROOT, Terminal
from tests.terminal.test_wrong_use import no_room, refused, run, says, without_rights


@contextmanager
def files_up_to(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond a size in bytes, and no signal tell of it."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def open_at(path: Path) -> None:
    engine.connect(str(path))


def write_on(who: Actor) -> None:
    """Write line after line."""
    for number in range(100):
        log.write(who, f"line {number} " + "x" * 900)


# At whatever byte the room ends


@pytest.mark.parametrize("more", [*range(0, 40_000, 4_100), 33, 4_137, 12_345])
def test_wherever_the_room_ends_a_save_is_whole_or_not_there(desk_file: Path, more: int) -> None:
    """The WAL may grow so far and no further: within a frame, between two, in the last one of a transaction."""

    def fill(say: Callable[[str], None]) -> None:
        engine.connect(str(desk_file))
        who = people.identify("eng-a")
        log.write(who, "before")
        wal = Path(f"{desk_file}-wal")
        size = wal.stat().st_size if wal.exists() else Path(f"{desk_file}-journal").stat().st_size
        with files_up_to(size + more):
            for number in range(30):
                try:
                    title = f"incident {number} " + "x" * 150
                    incidents.open_incident(who, incidents.NewIncident(title=title))
                except StorageTrouble as error:
                    say(f"refused {error}")
                    break
                say("confirmed")
        title = "when there was room again"
        incidents.open_incident(who, incidents.NewIncident(title=title))
        say("again")

    child = Forked(fill)
    child.wait()
    assert child.ended_well
    *confirmed, said, again = child.said
    assert set(confirmed) <= {"confirmed"}
    assert said.startswith("refused ")
    assert "nothing was saved" in said
    assert again == "again"
    assert rows(desk_file, "select count(*) from incident") == [(len(confirmed) + 1,)]
    assert holds(desk_file)


def test_a_desk_that_may_have_no_more_pages(desk_file: Path) -> None:
    """The file itself is full: SQLite's own limit on pages. Then it may grow, and the same line is written once."""
    open_at(desk_file)
    who = people.identify("eng-a")
    db.execute_sql("pragma max_page_count = 1")
    with pytest.raises(StorageTrouble, match="The disk is full: nothing was saved"):
        write_on(who)
    written = len(lines(desk_file))
    db.execute_sql("pragma max_page_count = 1000000")
    log.write(who, "when there was room again")
    assert lines(desk_file)[written:] == ["when there was room again"]
    assert holds(desk_file)


def test_no_room_for_what_sqlite_keeps_beside_the_file(desk_file: Path) -> None:
    """Neither a WAL nor its index can be made: reading and writing are refused in a sentence, then all goes on."""
    for words in (("now",), ("log", "x"), ("verify",)):
        answer = run(
            *("--lang", "en", "--db", str(desk_file), "--login", "eng-a", *words),
            before=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)),
        )
        assert "Traceback" not in answer.stderr
        assert answer.returncode == (2 if answer.stderr else 0)
        assert answer.stderr.count("\n") <= 1
    assert run("--lang", "en", "--db", str(desk_file), "--login", "eng-a", "log", "y").returncode == 0
    assert lines(desk_file) == ["y"]


def test_restore_without_room_leaves_the_desk_as_it_was(desk_file: Path) -> None:
    copy = copy_of(desk_file, "older.sqlite")
    open_at(desk_file)
    log.write(people.identify("eng-a"), "since the backup")
    engine.disconnect()
    answer = run(
        *("--lang", "en", "--db", str(desk_file), "restore", str(copy), "--yes"),
        before=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)),
    )
    assert answer.returncode == 2
    assert answer.stderr.count("\n") == 1
    assert lines(desk_file) == ["since the backup"]
    assert holds(desk_file)
    assert not list(desk_file.parent.glob("*.restoring*"))


def test_migrate_without_room_for_the_copy_changes_nothing(
    desk_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    following = migrate.newest() + 1
    steps = tmp_path / "steps"
    steps.mkdir()
    (steps / f"m{following:04d}_x.py").write_text(
        "from dutydesk.storage.engine import db\ndef up():\n    db.execute_sql('create table later (id integer)')\n"
    )
    monkeypatch.setattr(migrate.folder, "__path__", [*migrate.folder.__path__, str(steps)])
    open_at(desk_file)
    with files_up_to(100_000), pytest.raises(Exception, match=r"full|I/O"):
        migrate.migrate()
    assert migrate.current() == following - 1
    assert migrate.migrate() == [following]


# The console


def test_a_signature_that_finds_no_room_is_signed_later(console: Callable[..., Terminal], desk_file: Path) -> None:
    """Signing in to the shift: refused in a sentence, nobody is on record, and the next PIN signs once."""
    term = console(size=(120, 30))
    for room in (False, True):
        term.write("s")
        term.wait_for("Sign in as an")
        term.write("y")
        term.wait_for("PIN")
        if room:
            term.write("2580\r")
            term.wait_for("s Sign out")
            break
        with no_room(term.pid):
            term.write("2580\r")
            term.wait_for(says("nothing was saved"))
        assert rows(desk_file, "select count(*) from attendance") == [(0,)]
        term.write("\x1b")
        term.wait_for(lambda text: "PIN" not in text)
    assert rows(desk_file, "select count(*) from attendance") == [(1,)]
    assert run("--db", str(desk_file), "verify").returncode == 0


@pytest.fixture
async def sitting(desk_file: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Sitting]:
    """Return Eng. A at the desk, who looks often."""
    monkeypatch.setattr("dutydesk.ui.desk.POLL_SECONDS", 0.05)
    here = Sitting(desk_file)
    await here.sit_down()
    yield here
    await here.desk.close()


async def test_no_room_to_keep_a_desk_that_was_replaced(sitting: Sitting) -> None:
    """The connection that knows what was confirmed is not given up until there is room for it."""
    older = copy_of_beside(sitting.path)
    await sitting.write("confirmed")
    with files_up_to(100_000):
        os.replace(older, sitting.path)
        for _turn in range(3):
            with pytest.raises(DeskError, match=r"cannot be kept|was replaced"):
                await sitting.write("typed")
            await asyncio.sleep(0.1)
        assert sitting.back == []
        assert any("what it held cannot be kept" in said for said in sitting.said)
        assert not list(sitting.path.parent.glob("*.replaced-*"))
    kept = (await sitting.until_back()).kept
    assert kept is not None
    assert lines(kept) == ["confirmed"]
    assert not list(sitting.path.parent.glob("*.keeping-*"))


def copy_of_beside(path: Path) -> Path:
    """Return a copy of a desk that this process has open."""
    return Path(shutil.copy(path, path.with_name("older.sqlite")))


# Only to be read


async def test_a_database_that_may_only_be_read_is_said_and_goes_on(sitting: Sitting) -> None:
    """SQLite refuses as on a read-only disk; nothing is lost, and the same line is written once afterwards."""
    await sitting.write("before")
    await sitting.desk.raw(db.execute_sql, "pragma query_only = 1")
    for call in ((log.write, "typed"), (drafts.keep, "incident.new", {"title": "UPS"})):
        with pytest.raises(StorageTrouble, match="The database may not be written: nothing was saved"):
            await sitting.desk.ask(*call)  # type: ignore[arg-type]
    await sitting.desk.raw(db.execute_sql, "pragma query_only = 0")
    await sitting.write("typed")
    assert lines(sitting.path) == ["before", "typed"]


async def test_a_disk_that_became_read_only_is_said_without_a_key(
    sitting: Sitting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the system does by itself after a fault of the disk; said once, and again when it comes back later."""
    real = os.statvfs
    flags = {"f_flag": os.ST_RDONLY}
    monkeypatch.setattr(os, "statvfs", lambda path: SimpleNamespace(**flags))
    await said(sitting, 1)
    monkeypatch.setattr(os, "statvfs", real)
    await sitting.polled()
    await asyncio.sleep(0.2)
    monkeypatch.setattr(os, "statvfs", lambda path: SimpleNamespace(**flags))
    await said(sitting, 2)
    assert set(sitting.said) == {
        "The disk may only be read now: nothing can be saved until it can be written again.",
    }


async def said(sitting: Sitting, times: int) -> None:
    """Wait until the console has said something so many times."""
    for _turn in range(200):
        if len(sitting.said) == times:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(sitting.said)


@pytest.mark.parametrize(("file", "folder"), [(0o444, 0o755), (0o644, 0o555), (0o444, 0o555)])
def test_rights_taken_away_under_the_console_lose_nothing(desk_file: Path, file: int, folder: int) -> None:
    """Saved at once where the system lets an open file be written, else said, kept, and saved afterwards."""
    words = ["--db", str(desk_file), "--login", "eng-a", "--lang", "en"]
    with Terminal(without_rights(sys.executable, "-m", "dutydesk", *words), size=(120, 30)) as term:
        term.wait_for("1 Shift")
        term.write("nFan of rack 3")
        term.wait_for("Fan of rack 3")
        desk_file.chmod(file)
        desk_file.parent.chmod(folder)
        try:
            term.write("\x1b[21~")
            seen = term.wait_for(lambda text: "Opened, P3" in text or says("nothing was saved")(text))
            other = run("--lang", "en", "--db", str(desk_file), "--login", "eng-b", "log", "x", less=True)
            refused(other, "may not be written by this account; nothing can be saved.")
        finally:
            desk_file.parent.chmod(0o755)
            desk_file.chmod(0o644)
        if "Opened, P3" not in seen:
            term.write("\x1b[21~")
            term.wait_for("Opened, P3")
    assert rows(desk_file, "select title from incident") == [("Fan of rack 3",)]
    assert lines(desk_file) == []
    assert holds(desk_file)


# A file system that is really full

FULL = """
set -e
mount -t tmpfs -o size=4m none "$1"
cp "$2" "$1/desk.sqlite"
"$3" -m dutydesk --lang en --db "$1/desk.sqlite" --login eng-a log before
dd if=/dev/zero of="$1/filler" bs=4k 2>/dev/null || true
"$3" -m dutydesk --lang en --db "$1/desk.sqlite" --login eng-a log typed && echo SAVED || echo "EXIT $?"
rm "$1/filler"
"$3" -m dutydesk --lang en --db "$1/desk.sqlite" --login eng-a log again
"$3" -m dutydesk --lang en --db "$1/desk.sqlite" verify
cp "$1"/desk.sqlite* "$4"
"""


def test_on_a_file_system_that_is_really_full(desk_file: Path, tmp_path: Path) -> None:
    """In a mount namespace of its own, which goes with the process; where that is not allowed, the limits above stand
    for it."""
    unshare = shutil.which("unshare")
    if unshare is None or subprocess.run([unshare, "-m", "true"], capture_output=True, check=False).returncode:
        pytest.skip("no mount namespaces here")
    small, kept = tmp_path / "small", tmp_path / "kept"
    small.mkdir()
    kept.mkdir()
    argv = [unshare, "-m", "sh", "-c", FULL, "sh", str(small), str(desk_file), sys.executable, str(kept)]
    answer = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert answer.returncode == 0, answer.stderr
    assert "The disk is full: nothing was saved. Free some space and save again.\n" in answer.stderr
    assert "Traceback" not in answer.stderr
    assert "EXIT 2" in answer.stdout
    assert "The chain holds" in answer.stdout
    assert lines(kept / "desk.sqlite") == ["before", "again"]
