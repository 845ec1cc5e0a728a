"""Archives: what they hold, that every change of one shows, how they follow one another. Source: REQUIREMENTS C12."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dutydesk.__main__ import main
from dutydesk.domain import clock
from dutydesk.domain.errors import DeskError, NotFound, Refused
from dutydesk.services import archive, incidents, log, people
from dutydesk.services.archive import Period
from dutydesk.services.core import Actor
from dutydesk.services.incidents import NewIncident
from dutydesk.storage import archive_check, chain, engine
from dutydesk.storage.archive import WITHHELD, line_of
from dutydesk.storage.models.audit import AuditEntry
from tests.services.conftest import START, Clock, make_desk
from tests.services.test_operations import WRITER, drop_guards_and

Lines = list[dict[str, Any]]


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    """Leave no desk open."""
    yield
    engine.disconnect()


def run(*words: object) -> int:
    """Run a command in English, as an account that is nobody at the desk."""
    return main([*map(str, words), "--lang", "en"])


def read(path: Path) -> Lines:
    """Read an archive as anybody can: without this program."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def write(path: Path, lines: Lines) -> Path:
    """Write an archive as a forger would, with a seal that fits."""
    body = [line_of(line) for line in lines[:-1]]
    end = lines[-1] | {"digest": hashlib.sha256(b"".join(body)).hexdigest()}
    path.write_bytes(gzip.compress(b"".join([*body, line_of(end)])))
    return path


def entries(lines: Lines) -> Lines:
    return [line for line in lines if line["kind"] == "entry"]


@pytest.fixture(scope="session")
def archived_once(desk_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an archive for tests that need no desk: made once, copied for each."""
    folder = tmp_path_factory.mktemp("archived")
    shutil.copy(desk_template, folder / "desk.sqlite")
    engine.connect(str(folder / "desk.sqlite"))
    with clock.frozen(START):
        log.write(people.identify("eng-a"), "门禁 checked")
        archive.make(people.identify("chief"), folder / "a.jsonl.gz", Period())
    engine.disconnect()
    return folder / "a.jsonl.gz"


@pytest.fixture
def archived(archived_once: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(archived_once, tmp_path / "archived.jsonl.gz"))


@pytest.fixture
def worked(eng_a: Actor, chief: Actor, now: Clock) -> Callable[[Path], archive.Made]:
    """Return how to archive a desk with an incident that was opened, then changed a day later."""
    number = incidents.open_incident(eng_a, NewIncident(title="核心交换机 down")).id
    log.write(eng_a, "门禁 checked")
    now.to("2026-11-23 09:00")
    incidents.acknowledge(eng_a, number)
    return lambda path: archive.make(chief, path, Period())


# What it holds


def test_it_holds_every_entry_with_what_was_written(worked: Callable[[Path], archive.Made], tmp_path: Path) -> None:
    made = worked(tmp_path / "a.jsonl.gz")
    lines = read(made.path)
    assert [line["kind"] for line in (lines[0], lines[1], lines[-1])] == ["archive", "person", "end"]
    assert lines[0]["desk"]["zone"] == "Asia/Shanghai"
    assert [entry["seq"] for entry in entries(lines)] == list(range(1, made.part.last + 1))
    line = next(entry for entry in entries(lines) if entry["action"] == "log.written" and "门禁" in str(entry))
    assert (line["login"], line["name"]) == ("eng-a", "甲工")
    held = line["rows"][0]
    assert held["content"]["text"] == "门禁 checked"
    assert held["people"]["person_id"] == "甲工"
    assert made.path.stat().st_mode & 0o777 == 0o600
    assert archive.check(made.path).fault is None


def test_a_row_that_changed_since_stands_as_it_is_now(
    worked: Callable[[Path], archive.Made], chief: Actor, tmp_path: Path
) -> None:
    """Of the incident's first state only the digest is left; the archive of the first day shows its newest state."""
    made = archive.make(chief, tmp_path / "first.jsonl.gz", Period(until=START + 3600))
    opened = next(entry for entry in entries(read(made.path)) if entry["action"] == "incident.opened")
    row = next(row for row in opened["rows"] if row["table"] == "incident")
    assert "content" not in row
    assert row["now"]["content"]["title"] == "核心交换机 down"
    assert row["now"]["bound_by"] > made.part.last
    assert row["now"]["digest"] != row["digest"]
    assert archive.check(made.path).fault is None


def test_the_desk_says_that_it_was_made_and_loses_nothing(
    worked: Callable[[Path], archive.Made], tmp_path: Path
) -> None:
    before = AuditEntry.select().count()
    made = worked(tmp_path / "a.jsonl.gz")
    assert AuditEntry.select().count() == before + 1
    newest = AuditEntry.select().order_by(AuditEntry.seq.desc()).first()
    assert newest.action == "archive.made"
    told = json.loads(newest.values)
    assert (told["file"], told["last"], told["head"]) == ("a.jsonl.gz", before, made.part.head_after)
    assert told["digest"] == read(made.path)[-1]["digest"]
    assert chain.verify().broken is None


def test_no_secret_leaves_the_desk(worked: Callable[[Path], archive.Made], tmp_path: Path) -> None:
    made = worked(tmp_path / "a.jsonl.gz")
    with gzip.open(made.path) as file:
        assert b"argon2" not in file.read()
    withheld = [row for entry in entries(read(made.path)) for row in entry["rows"] if "withheld" in row]
    assert withheld
    assert {tuple(row["withheld"]) for row in withheld} == {WITHHELD["person"]}
    assert made.counts.withheld == archive.check(made.path).counts.withheld >= len(withheld)


def test_one_archive_begins_where_the_others_end(
    worked: Callable[[Path], archive.Made], chief: Actor, tmp_path: Path
) -> None:
    first = archive.make(chief, tmp_path / "a.jsonl.gz", Period(until=START + 3600))
    second = worked(tmp_path / "b.jsonl.gz")
    assert (first.part.first, second.part.first) == (1, first.part.last + 1)
    assert second.part.head_before == first.part.head_after
    checked = [archive.check(made.path) for made in (first, second)]
    assert archive.continues(*checked)
    assert not archive.continues(*reversed(checked))


def test_a_period_in_between_leaves_no_hole(
    worked: Callable[[Path], archive.Made], chief: Actor, tmp_path: Path
) -> None:
    """After an archive of the second day alone, the next one still begins with the first record."""
    archive.make(chief, tmp_path / "day2.jsonl.gz", Period(since=START + 3600))
    assert archive.covered() == 0
    assert worked(tmp_path / "rest.jsonl.gz").part.first == 1
    third = worked(tmp_path / "third.jsonl.gz")
    assert third.part.first > 1
    assert archive.make(chief, tmp_path / "all.jsonl.gz", Period(all=True)).part.first == 1


def test_nothing_to_archive_makes_no_file(chief: Actor, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="not archived yet"):
        archive.make(chief, tmp_path / "a.jsonl.gz", Period(since=START + 10**7))
    assert not list(tmp_path.glob("a.jsonl*"))


@pytest.mark.files
def test_a_broken_chain_is_not_archived(worked: Callable[[Path], archive.Made], tmp_path: Path) -> None:
    drop_guards_and("update log_entry set text = 'nothing happened' where text like '门禁%'")
    with pytest.raises(Refused, match="broken at log_entry"):
        worked(tmp_path / "a.jsonl.gz")
    assert not list(tmp_path.glob("a.jsonl*"))


@pytest.mark.files
def test_who_may_make_one(eng_a: Actor, desk: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Refused, match="may not do this"):
        archive.make(eng_a, tmp_path / "a.jsonl.gz", Period())
    assert run("archive", tmp_path / "a.jsonl.gz", "--db", desk, "--login", "eng-a") == 2
    assert run("archive", tmp_path / "b.jsonl.gz", "--db", desk) == 0, "the account that owns the desk, as a timer"
    engine.connect(str(desk))
    assert AuditEntry.select().order_by(AuditEntry.seq.desc()).first().login == "system"


@pytest.mark.files
def test_another_account_must_name_a_person(
    eng_a: Actor, desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: desk.stat().st_uid + 4711)
    assert run("archive", tmp_path / "a.jsonl.gz", "--db", desk) == 2
    assert "only the account that owns" in capsys.readouterr().err
    assert run("archive", tmp_path / "a.jsonl.gz", "--db", desk, "--login", "chief") == 0


@pytest.mark.files
def test_while_others_write(eng_a: Actor, desk: Path, tmp_path: Path) -> None:
    engine.disconnect()
    busy = WRITER.replace("import sys", "import sys, time").replace("count += 1", "count += 1; time.sleep(0.02)")
    writer = subprocess.Popen([sys.executable, "-c", busy, str(desk)], stdout=subprocess.PIPE, text=True)
    try:
        assert writer.stdout is not None
        assert [writer.stdout.readline().strip() for _ in range(2)] == ["ready", "writing"]
        engine.connect(str(desk))
        for number in range(3):
            made = archive.make(people.identify("chief"), tmp_path / f"{number}.jsonl.gz", Period())
            assert archive.check(made.path).fault is None
        assert writer.poll() is None
    finally:
        writer.kill()
        writer.wait()
    checked = [archive.check(tmp_path / f"{number}.jsonl.gz") for number in range(3)]
    assert archive.continues(checked[0], checked[1])
    assert archive.continues(checked[1], checked[2])


# The file


@pytest.mark.files
def test_it_overwrites_nothing(chief: Actor, desk: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    precious = tmp_path / "a.jsonl.gz"
    precious.write_text("mine")
    assert run("archive", precious, "--db", desk) == 2
    assert "never overwrites" in capsys.readouterr().err
    assert precious.read_text() == "mine"
    assert run("archive", tmp_path / "no" / "a.jsonl.gz", "--db", desk) == 2
    assert "There is no folder" in capsys.readouterr().err


@pytest.mark.files
def test_one_that_does_not_fit_leaves_nothing(desk: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, before[1]))
    try:
        assert run("archive", tmp_path / "a.jsonl.gz", "--db", desk) == 2
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, old)
    assert "cannot be written: File too large" in capsys.readouterr().err
    assert not list(tmp_path.glob("a.jsonl*"))
    engine.connect(str(desk))
    assert chain.verify().broken is None


@pytest.mark.files
def test_into_a_folder_it_takes_the_time_for_a_name(chief: Actor, desk: Path, tmp_path: Path) -> None:
    assert run("archive", "--into", tmp_path, "--db", desk) == 0
    assert (tmp_path / "desk-20261122-143200.jsonl.gz").is_file()


@pytest.mark.files
@pytest.mark.parametrize(
    "words",
    [[], ["a", "b"], ["a", "--into", "."], ["--check"], ["--check", "a", "--all"], ["a", "--all", "--since", "11-01"],
     ["a", "--since", "2026-11-02", "--until", "2026-11-01"], ["a", "--since", "never"]],
)  # fmt: skip
def test_wrong_use_is_one_sentence(
    chief: Actor, desk: Path, words: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert run("archive", *words, "--db", desk) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.files
def test_a_name_that_is_no_text(chief: Actor, desk: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file may be named by any bytes; the desk keeps what of it is text."""
    assert run("archive", tmp_path / "archive-\udcff\x1b[2J.x", "--db", desk) == 0
    assert run("backup", tmp_path / "backup-\x1b[2J.x", "--db", desk) == 0
    assert capsys.readouterr().err == ""
    assert run("backup", tmp_path / "backup-\udcff", "--db", desk) == 2
    assert "must be text" in capsys.readouterr().err
    engine.connect(str(desk))
    named = [json.loads(row.values)["file"] for row in AuditEntry.select().order_by(AuditEntry.seq.desc()).limit(2)]
    assert named == ["backup-.x", "archive-.x"]


# The check


@pytest.fixture
def made(worked: Callable[[Path], archive.Made], tmp_path: Path) -> archive.Made:
    return worked(tmp_path / "a.jsonl.gz")


def change_text(lines: Lines) -> None:
    row = next(row for entry in entries(lines) for row in entry["rows"] if row.get("content", {}).get("text"))
    row["content"]["text"] = "nothing happened"


def change_value(lines: Lines) -> None:
    entries(lines)[5]["values"]["login"] = "somebody"


def leave_out(lines: Lines) -> None:
    lines.remove(entries(lines)[7])


def take_the_last(lines: Lines) -> None:
    lines.remove(entries(lines)[-1])


def name_another(lines: Lines) -> None:
    next(line for line in lines if line["kind"] == "person")["name"] = "somebody"
    lines[-1]["entries"] += 1


@pytest.mark.parametrize(
    ("forge", "says"),
    [
        (change_text, "The row was changed."),
        (change_value, "Its content was changed."),
        (leave_out, "Entries are missing before this one."),
        (take_the_last, "Entries are missing before this one."),
        (name_another, "The seal does not fit: a line was changed, added or left out."),
    ],
)
def test_every_change_shows(archived: Path, tmp_path: Path, forge: Callable[[Lines], None], says: str) -> None:
    lines = read(archived)
    forge(lines)
    checked = archive.check(write(tmp_path / "forged.jsonl.gz", lines))
    assert checked.fault is not None
    assert checked.fault.sentence == says


@pytest.mark.files
def test_a_forger_who_seals_anew_contradicts_the_desk(
    made: archive.Made, desk: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A name that was changed together with the seal holds in itself; the desk knows the digest of the true file."""
    lines = read(made.path)
    next(line for line in lines if line["kind"] == "person")["name"] = "somebody"
    forged = write(tmp_path / "forged.jsonl.gz", lines)
    assert archive.check(forged).fault is None
    assert run("archive", "--check", made.path, "--db", desk) == 0
    assert "records its making" in capsys.readouterr().out
    assert run("archive", "--check", forged, "--db", desk) == 0
    assert "knows of no archive with this digest" in capsys.readouterr().out


@pytest.mark.files
def test_the_archive_of_another_desk(made: archive.Made, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    engine.disconnect()
    other = tmp_path / "other.sqlite"
    make_desk(other, lang="en")
    assert run("archive", "--check", made.path, "--db", other) == 1
    assert "not part of this desk's chain" in capsys.readouterr().out


@pytest.mark.files
def test_no_desk_is_needed(
    made: archive.Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    engine.disconnect()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "nobody"))
    monkeypatch.delenv("DUTYDESK_DB", raising=False)
    assert run("archive", "--check", made.path) == 0
    assert "Not compared with a desk" in capsys.readouterr().out
    assert run("archive", "--check", made.path, "--json") == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["holds"], shown["archives"][0]["entries"]) == (True, made.counts.entries)


def test_the_documented_format_is_enough_to_check_one(archived: Path) -> None:
    """The program of docs/ARCHIVE.md holds what ours holds, and stumbles where ours does."""
    page = (Path(__file__).parents[2] / "docs" / "ARCHIVE.md").read_text(encoding="utf-8")
    program = page.split("```python\n")[1].split("```")[0]
    argv = [sys.executable, "-I", "-c", program, str(archived)]
    checked = archive.check(archived)
    said = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert said.stdout == f"holds: {checked.counts.entries} entries, head {checked.part.head_after}\n", said.stderr
    lines = read(archived)
    change_text(lines)
    write(archived, lines)
    assert subprocess.run(argv, capture_output=True, text=True, check=False).returncode == 1


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(bytes(content))


def append(path: Path) -> None:
    path.write_bytes(path.read_bytes() + gzip.compress(b'{"kind":"entry"}\n'))


@pytest.mark.parametrize("harm", [cut, flip, append])
def test_a_damaged_file_is_told(archived: Path, harm: Callable[[Path], None]) -> None:
    harm(archived)
    assert archive.check(archived).fault is not None


NEWER = (
    b'{"kind":"archive","format":"dutydesk-archive","version":99,"first":1,"last":2,"head_before":"","head_after":""}'
)
NO_ARCHIVES = {
    "empty": b"",
    "letter": b"a letter",
    "nothing packed": gzip.compress(b""),
    "a list": gzip.compress(b"[1]\n"),
    "no header": gzip.compress(b'{"kind":"entry"}\n'),
    "newer": gzip.compress(NEWER + b"\n"),
}


@pytest.mark.parametrize("name", NO_ARCHIVES)
def test_what_is_no_archive(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(NO_ARCHIVES[name])
    with pytest.raises(DeskError):
        archive.check(path)


@pytest.mark.parametrize("line", [b"null\n", b"[]\n", b'{"kind":7}\n', b'{"kind":"entry","rows":5}\n', b"{" * 5000])
def test_a_line_that_is_not_understood(archived: Path, line: bytes) -> None:
    with gzip.open(archived) as file:
        head = file.readline()
    archived.write_bytes(gzip.compress(head + line))
    fault = archive.check(archived).fault
    assert fault is not None
    assert fault.line == 2


def test_a_line_without_end_does_not_fill_the_memory(archived: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_check, "LONGEST", 100)
    with pytest.raises(DeskError):
        archive.check(archived)
