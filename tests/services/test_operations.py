"""Copy, restore, migrate, verify, doctor: what they do, what they refuse, what they say. Source: DESIGN 2, 5."""

from __future__ import annotations

import io
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import peewee
import pytest

from dutydesk.__main__ import main
from dutydesk.cli import common, verify
from dutydesk.cli.doctor import terminal
from dutydesk.domain.text import width
from dutydesk.services import archive, doctor, log, operations, people, settings
from dutydesk.services.core import Actor
from dutydesk.services.doctor_said import Finding
from dutydesk.storage import chain, chain_check, engine, migrate
from dutydesk.storage.engine import db
from dutydesk.storage.models.log import LogEntry
from dutydesk.storage.models.people import Person
from tests.services.conftest import Clock

pytestmark = pytest.mark.files

WRITER = """
import sys
from dutydesk.services import log, people
from dutydesk.storage import engine
engine.connect(sys.argv[1])
who = people.identify("eng-b")
print("ready", flush=True)
count = 0
while True:
    log.write(who, f"line {count}")
    count += 1
    if count == 20:
        print("writing", flush=True)
"""


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    """Leave no desk open."""
    yield
    engine.disconnect()


def run(*words: str) -> int:
    """Run a command in English, as an account that is nobody at the desk."""
    return main([*words, "--lang", "en"])


def lines(path: Path) -> int:
    """Return how many log lines a desk file holds."""
    connection = peewee.sqlite3.connect(str(path))  # type: ignore[attr-defined]
    count: int = connection.execute("select count(*) from log_entry").fetchone()[0]
    connection.close()
    return count


def drop_guards_and(sql: str) -> None:
    """Change the open desk behind the program's back."""
    for (name,) in db.execute_sql("select name from sqlite_master where type = 'trigger'").fetchall():
        db.execute_sql(f"drop trigger {name}")
    db.execute_sql(sql)


# Backup


def test_a_copy_is_whole_and_says_where_its_chain_ends(
    eng_a: Actor, desk: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log.write(eng_a, "before the copy")
    copy = tmp_path / "copy.sqlite"
    assert run("backup", str(copy), "--db", str(desk)) == 0
    engine.connect(str(copy))
    said = capsys.readouterr().out
    assert chain.head()[1] in said
    assert chain.verify().broken is None
    assert LogEntry.select().where(LogEntry.text == "before the copy").count() == 1
    assert copy.stat().st_mode & 0o777 == 0o600
    assert not list(tmp_path.glob("*.part"))


def test_a_copy_is_consistent_while_others_write(desk: Path, tmp_path: Path) -> None:
    engine.disconnect()
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(desk)], stdout=subprocess.PIPE, text=True)
    try:
        assert writer.stdout is not None
        assert [writer.stdout.readline().strip() for _ in range(2)] == ["ready", "writing"]
        for number in range(4):
            engine.connect(str(desk))
            copied = operations.backup(tmp_path / f"copy-{number}.sqlite")
            engine.connect(str(copied.path))
            verdict = chain.verify()
            assert verdict.broken is None
            assert (verdict.head_seq, verdict.head) == (copied.inside.seq, copied.inside.head)
        assert writer.poll() is None
    finally:
        writer.kill()
        writer.wait()


@pytest.mark.parametrize(
    ("target", "sentence"), [("copy.sqlite", "never overwrites"), ("no/folder/copy.sqlite", "There is no folder")]
)
def test_a_copy_overwrites_nothing(
    desk: Path, tmp_path: Path, target: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    precious = tmp_path / "copy.sqlite"
    precious.write_text("mine")
    assert run("backup", str(tmp_path / target), "--db", str(desk)) == 2
    assert sentence in capsys.readouterr().err
    assert precious.read_text() == "mine"


def test_a_copy_that_does_not_fit_leaves_nothing(desk: Path, tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        assert run("backup", str(tmp_path / "copy.sqlite"), "--db", str(desk)) == 2
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, old)
    assert not list(tmp_path.glob("copy*"))
    engine.connect(str(desk))
    assert chain.verify().broken is None


# Restore


@pytest.fixture
def copied(eng_a: Actor, desk: Path, tmp_path: Path) -> Path:
    """Return a copy of the desk, which has gained one line since."""
    copy = tmp_path / "copy.sqlite"
    operations.backup(copy)
    log.write(eng_a, "after the copy")
    engine.disconnect()
    return copy


def test_a_restored_desk_holds_what_the_copy_held(
    copied: Path, desk: Path, now: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("restore", str(copied), "--db", str(desk), "--yes") == 0
    said = capsys.readouterr().out
    assert lines(desk) == lines(copied)
    kept = next(desk.parent.glob("desk.sqlite.replaced-*"))
    assert str(kept) in said
    assert lines(kept) == lines(desk) + 1
    assert run("verify", "--db", str(desk)) == 0
    assert not list(desk.parent.glob("*.restoring*"))


def test_a_copy_makes_a_desk_where_none_is(copied: Path, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere" / "desk.sqlite"
    assert run("restore", str(copied), "--db", str(target)) == 0
    assert run("verify", "--db", str(target)) == 0
    assert target.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in target.parent.iterdir()] == ["desk.sqlite"]


def test_without_a_terminal_it_does_not_replace_unasked(
    copied: Path, desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = lines(desk)
    assert run("restore", str(copied), "--db", str(desk)) == 2
    assert "--yes replaces it" in capsys.readouterr().err
    assert lines(desk) == before
    assert not list(desk.parent.glob("*.restoring*"))


@pytest.mark.parametrize(("typed", "code"), [("y\n", 0), ("n\n", 1), ("\n", 1)])
def test_it_asks(
    copied: Path, desk: Path, typed: str, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(common, "on_terminal", lambda: True)
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
    before = lines(desk)
    assert run("restore", str(copied), "--db", str(desk)) == code
    assert "Replace the desk at" in capsys.readouterr().err
    assert lines(desk) == (before - 1 if code == 0 else before)
    assert not list(desk.parent.glob("*.restoring*"))


def test_a_copy_that_was_changed_is_refused(copied: Path, desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    engine.connect(str(copied))
    drop_guards_and("update person set role = 'supervisor' where login = 'eng-b'")
    engine.disconnect()
    before = lines(desk)
    assert run("restore", str(copied), "--db", str(desk), "--yes") == 2
    assert "broken at person" in capsys.readouterr().err
    assert lines(desk) == before


def damage(path: Path) -> None:
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size // 2 // 4096 * 4096)
        file.write(b"\xff" * 4096 * 8)


def test_what_cannot_be_a_desk_is_refused(
    copied: Path, desk: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("not a database " * 500)
    damaged = tmp_path / "damaged.sqlite"
    shutil.copy(copied, damaged)
    damage(damaged)
    newer = tmp_path / "newer.sqlite"
    shutil.copy(copied, newer)
    connection = peewee.sqlite3.connect(str(newer))  # type: ignore[attr-defined]
    connection.execute("insert into schema_version (number) values (999)")
    connection.commit()
    connection.close()
    before = desk.read_bytes()
    for source in (letter, damaged, newer, tmp_path / "missing.sqlite", tmp_path, desk):
        assert run("restore", str(source), "--db", str(desk), "--yes") == 2, source
        said = capsys.readouterr().err
        assert len(said.strip().splitlines()) == 1, said
        assert desk.read_bytes() == before
    assert not list(desk.parent.glob("*.restoring*"))
    assert not list(desk.parent.glob("*.replaced-*"))


def test_a_desk_at_which_somebody_sits_is_not_replaced(
    copied: Path, desk: Path, now: Clock, eng_a: Actor, capsys: pytest.CaptureFixture[str]
) -> None:
    engine.connect(str(desk))
    people.beat(eng_a)
    engine.disconnect()
    before = lines(desk)
    assert run("restore", str(copied), "--db", str(desk), "--yes") == 2
    assert "open on this desk: eng-a" in capsys.readouterr().err
    assert lines(desk) == before
    now.pass_minutes(10)
    assert run("restore", str(copied), "--db", str(desk), "--yes") == 0


def test_nobody_sits_at_a_copy(desk: Path, eng_a: Actor, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A copy made while consoles were open can be copied, restored, and restored over, at once."""
    people.beat(eng_a)
    engine.disconnect()
    copy, target = tmp_path / "copy.sqlite", tmp_path / "new" / "desk.sqlite"
    assert run("backup", str(copy), "--db", str(desk)) == 0
    assert run("copy", str(copy), str(tmp_path / "another.sqlite")) == 0
    for _each in range(2):
        assert run("restore", str(copy), "--db", str(target), "--yes") == 0
    shutil.copy(desk, old := tmp_path / "old.sqlite")  # of a program that left them in
    assert run("restore", str(old), "--db", str(target), "--yes") == 0
    assert operations.consoles(target) == []
    assert operations.consoles(desk) == ["eng-a"]
    assert capsys.readouterr().err == ""


def test_times_are_those_of_the_desk(
    copied: Path, desk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What restore asks, and the name that the old desk is kept under, whatever the zone of the machine."""
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        monkeypatch.setattr(common, "on_terminal", lambda: True)
        monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
        assert run("restore", str(copied), "--db", str(desk)) == 0
    finally:
        monkeypatch.delenv("TZ")
        time.tzset()
    assert "is of 2026-11-22 14:3" in capsys.readouterr().err
    assert [path.name for path in desk.parent.glob("desk.sqlite.replaced-20261122-14*")]


def test_a_copy_for_nobody_is_not_made(desk: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    engine.disconnect()
    assert run("backup", str(tmp_path / "copy.sqlite"), "--db", str(desk), "--login", "nobody") == 2
    assert "Nobody has the login nobody." in capsys.readouterr().err
    assert not (tmp_path / "copy.sqlite").exists()


def test_a_damaged_desk_can_be_replaced(copied: Path, desk: Path) -> None:
    desk.write_bytes(b"nothing that a program could read" * 300)
    assert run("restore", str(copied), "--db", str(desk), "--yes") == 0
    assert run("verify", "--db", str(desk)) == 0


def test_an_older_copy_is_brought_up_to_date(
    copied: Path, desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    following = migrate.newest() + 1
    steps = tmp_path / "steps"
    steps.mkdir()
    step = (
        "from dutydesk.storage.engine import db\n\ndef up():\n    db.execute_sql('create table later (id integer)')\n"
    )
    (steps / f"m{following:04d}_later.py").write_text(step)
    monkeypatch.setattr(migrate.folder, "__path__", [*migrate.folder.__path__, str(steps)])
    assert run("restore", str(copied), "--db", str(desk), "--yes") == 0
    engine.connect(str(desk))
    assert migrate.current() == following


# Migrate


def test_migrate_says_what_it_did(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    engine.disconnect()
    assert run("migrate", "--db", str(desk)) == 0
    assert "Nothing to do" in capsys.readouterr().out


def test_migrate_keeps_the_desk_as_it_was(
    desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    engine.disconnect()
    following = migrate.newest() + 1
    steps = tmp_path / "steps"
    steps.mkdir()
    (steps / f"m{following:04d}_nothing.py").write_text("def up():\n    pass\n")
    monkeypatch.setattr(migrate.folder, "__path__", [*migrate.folder.__path__, str(steps)])
    assert run("migrate", "--db", str(desk)) == 0
    said = capsys.readouterr().out
    assert f"schema {following}" in said
    assert str(desk.parent / f"desk.sqlite.before-{following}") in said


@pytest.mark.parametrize("command", [["migrate"], ["verify"], ["backup", "copy.sqlite"]])
def test_without_a_desk_there_is_one_sentence(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for target in (tmp_path / "none.sqlite", tmp_path):
        assert run(*command, "--db", str(target)) == 2
        assert len(capsys.readouterr().err.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


# Verify


def test_verify_says_that_it_holds(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    head = chain.head()[1]
    engine.disconnect()
    assert run("verify", "--db", str(desk)) == 0
    assert head in capsys.readouterr().out
    assert run("verify", "--db", str(desk), "--head", head.upper(), "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["holds"] is True
    assert found["head"] == head
    assert found["broken"] is None


def test_verify_names_the_row(eng_a: Actor, desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = log.write(eng_a, "23:10 seen")
    drop_guards_and("update log_entry set text = '22:10 seen'")
    engine.disconnect()
    assert run("verify", "--db", str(desk)) == 1
    assert f"log_entry, row {line.id}: The row was changed." in capsys.readouterr().out
    assert run("verify", "--db", str(desk), "--json") == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["holds"], found["broken"]["table"], found["broken"]["row"]) == (False, "log_entry", line.id)
    assert main(["verify", "--db", str(desk), "--lang", "zh"]) == 1
    assert "log_entry" in capsys.readouterr().out


def test_verify_looks_for_the_printed_head(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    engine.disconnect()
    assert run("verify", "--db", str(desk), "--head", "0123456789abcdef") == 1
    assert "The printed head 0123456789abcdef is not in this chain" in capsys.readouterr().out
    assert run("verify", "--db", str(desk), "--head", "rubbish") == 2
    assert "no head of a chain" in capsys.readouterr().err


def test_verify_since_says_what_it_left_alone(eng_a: Actor, desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    seq, head = chain.head()
    line = log.write(eng_a, "23:10 seen")
    engine.disconnect()
    assert run("verify", "--db", str(desk), "--since", head) == 0
    said = capsys.readouterr().out
    assert f"The chain holds from entry {seq} on: 2 entries" in said
    assert f"Not looked at: entries 1 to {seq - 1}, and rows that nobody has written since." in said
    assert run("verify", "--db", str(desk), "--since", str(seq + 1), "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["first"], found["entries_not_checked"], found["entries"], found["rows"]) == (seq + 1, seq, 1, 1)
    engine.connect(str(desk))
    drop_guards_and("update log_entry set text = '22:10 seen'")
    engine.disconnect()
    assert run("verify", "--db", str(desk), "--since", str(seq)) == 1
    said = capsys.readouterr().out
    assert f"log_entry, row {line.id}: The row was changed." in said
    assert "Not looked at" in said
    assert main(["verify", "--db", str(desk), "--since", str(seq), "--lang", "zh"]) == 1
    assert f"未核对：第 1 至 {seq - 1} 条记录" in capsys.readouterr().out
    assert run("verify", "--db", str(desk), "--since", str(seq + 1), "--head", head[:12]) == 2
    assert f"The head {head[:12]} belongs to entry {seq}, before entry {seq + 1}" in capsys.readouterr().err
    for since, sentence in (("f" * 12, "Nothing was checked"), ("2031-01-01", "Nothing was checked"), ("x", "neither")):
        assert run("verify", "--db", str(desk), "--since", since) == 2
        assert sentence in capsys.readouterr().err


def test_the_progress_is_one_line_with_percent(
    desk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.disconnect()
    monkeypatch.setattr(chain_check, "BATCH", 5)
    monkeypatch.setattr(verify, "SHOW_SECONDS", 0)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert run("verify", "--db", str(desk)) == 0
    shown = capsys.readouterr().err.split("\r\x1b[K")
    assert any(re.fullmatch(r"\d+% · checking audit_entry: \d+", text) for text in shown)
    assert shown[-1] == "", "the line is gone at the end"
    assert "\n" not in "".join(shown)


def test_verify_while_others_write(desk: Path) -> None:
    engine.disconnect()
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(desk)], stdout=subprocess.PIPE, text=True)
    try:
        assert writer.stdout is not None
        assert [writer.stdout.readline().strip() for _ in range(2)] == ["ready", "writing"]
        engine.connect(str(desk))
        for _ in range(5):
            assert operations.verify().broken is None
        assert writer.poll() is None
    finally:
        writer.kill()
        writer.wait()


# Doctor


@pytest.fixture
def cared_for(desk: Path, chief: Actor, tmp_path: Path) -> Path:
    """Return the desk after its copy and its archive were made."""
    operations.note_copy(chief, operations.backup(tmp_path / "copy.sqlite"))
    archive.make(chief, tmp_path / "archive.jsonl.gz", archive.Period())
    return desk


def findings(desk: Path) -> dict[str, Finding]:
    return {finding.key: finding for finding in doctor.examine(str(desk))}


CHECKS = {"desk", "disk", "permissions", "journal", "schema", "guards", "pages", "clock", "zone", "people"}
CARE = {"backup", "archive", "notices"}


def test_a_sound_desk(cared_for: Path, capsys: pytest.CaptureFixture[str]) -> None:
    desk = cared_for
    desk.chmod(0o600)
    found = findings(desk)
    assert set(found) == CHECKS | CARE
    assert all(finding.well for finding in found.values())
    assert run("doctor", "--db", str(desk), "--json") == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["well"] is True
    assert {"encoding", "locale", "schema"} <= {check["check"] for check in shown["checks"]}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_is_wrong_comes_with_what_to_do(
    cared_for: Path, now: Clock, lang: str, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = cared_for
    Person.update(pin_hash="").where(Person.login == "eng-c").execute()
    desk.chmod(0o644)
    now.pass_minutes(-300)
    found = findings(desk)
    wrong = {key for key, finding in found.items() if not finding.well}
    assert wrong == {"people", "permissions", "clock"}
    assert all(found[key].advice for key in wrong)
    assert main(["doctor", "--db", str(desk), "--lang", lang]) == 1
    said = capsys.readouterr().out
    assert "chmod 600" in said
    assert "dutydesk people pin eng-c" in said
    assert "{" not in said


@pytest.mark.parametrize("harmless", [False, True])
def test_a_guard_that_was_taken_away_is_noticed(cared_for: Path, harmless: bool) -> None:
    """Also when another trigger with its name stands there and refuses nothing."""
    engine.connect(str(cared_for))
    db.execute_sql("drop trigger log_entry_no_delete")
    if harmless:
        db.execute_sql("create trigger log_entry_no_delete before delete on log_entry begin select 1; end")
    engine.disconnect()
    guards = findings(cared_for)["guards"]
    assert (guards.well, guards.found.values) == (False, {"tables": "log_entry"})
    assert guards.advice is not None


def test_the_doctor_speaks_the_language_of_the_desk(
    desk: Path, chief: Actor, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.put(chief, "lang", "zh")
    engine.disconnect()
    main(["doctor", "--db", str(desk)])
    assert "数据库" in capsys.readouterr().out


def test_help_lines_up_by_cells(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--lang", "zh", "--help"])
    said = capsys.readouterr().out
    assert "选项：\n" in said
    options = [line for line in said.splitlines() if line.startswith("  --")]
    assert len({width(line[: line.rindex("  ") + 2]) for line in options}) == 1


def test_a_nearly_full_disk(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10**9, 10**9 - 10**6, 10**6))
    assert not findings(desk)["disk"].well


def test_a_damaged_desk(desk: Path) -> None:
    engine.disconnect()
    damage(desk)
    found = findings(desk)
    assert not all(finding.well for finding in found.values())


@pytest.mark.parametrize("content", [b"", b"a letter " * 1000])
def test_what_is_no_desk(tmp_path: Path, content: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "desk.sqlite"
    path.write_bytes(content)
    path.chmod(0o600)
    assert run("doctor", "--db", str(path)) == 1
    assert "Traceback" not in capsys.readouterr().err
    assert run("doctor", "--db", str(tmp_path / "none.sqlite")) == 1
    assert "There is no desk at" in capsys.readouterr().out


def test_the_terminal_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "isatty", lambda handle: True)
    monkeypatch.setattr(os, "get_terminal_size", lambda handle: os.terminal_size((60, 20)))
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("LC_ALL", "de_DE.ISO-8859-1")
    monkeypatch.delenv("COLORTERM", raising=False)
    found = {finding.key: finding for finding in terminal()}
    assert {key for key, finding in found.items() if not finding.well} >= {"terminal", "size", "locale"}
    monkeypatch.setattr(os, "get_terminal_size", lambda handle: os.terminal_size((120, 40)))
    monkeypatch.setenv("TERM", "xterm-256color")
    for name in ("zh_CN.UTF-8", "C", "POSIX", ""):  # C says nothing of a terminal, and is taken for UTF-8
        monkeypatch.setenv("LC_ALL", name)
        found = {finding.key: finding for finding in terminal()}
        assert all(found[key].well for key in ("terminal", "size", "colours", "locale")), name
