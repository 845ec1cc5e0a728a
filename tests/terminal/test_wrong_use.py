"""Wrong use through the program itself: one clear sentence, exit 2 or a dialog, nothing lost. Source: issue 2."""

from __future__ import annotations

import os
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.terminal.harness import ROOT, Terminal

Open = Callable[..., Terminal]


def run(
    *words: str, env: dict[str, str] | None = None, less: bool = False, before: Callable[[], None] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the program without a terminal; with `less` file modes hold for it, `before` runs first in the child."""
    surroundings = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": "/nonexistent"} | (env or {})
    argv = [sys.executable, "-m", "dutydesk", *words]
    return subprocess.run(
        without_rights(*argv) if less else argv,
        cwd=ROOT,
        env=surroundings,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        preexec_fn=before,
    )


def refused(answer: subprocess.CompletedProcess[str], sentence: str) -> None:
    """Check that a command said one sentence on stderr and nothing else, and exits with 2."""
    assert answer.stderr.count("\n") == 1, answer.stderr
    assert sentence in answer.stderr
    assert answer.stderr == answer.stderr.strip() + "\n"
    assert answer.stdout == ""
    assert answer.returncode == 2


def sql(path: Path, statement: str) -> None:
    """Change a database as somebody with sqlite3 could."""
    with sqlite3.connect(path) as database:
        database.execute(statement)
    database.close()


@pytest.fixture
def wrong(tmp_path: Path, desk_file: Path) -> dict[str, Path]:
    """Return files that are no desk for this program, by what is wrong with them."""
    paths = {name: tmp_path / f"{name}.sqlite" for name in ("missing", "folder", "empty", "letter", "songs", "newer")}
    paths["folder"].mkdir()
    paths["empty"].touch()
    paths["letter"].write_text("Dear colleagues,\n" * 300)
    sql(paths["songs"], "create table songs (title text)")
    shutil.copy(desk_file, paths["newer"])
    sql(paths["newer"], "insert into schema_version (number) values (9999)")
    return paths | {"socket": Path("/dev/null")}


WRONG_FILES = [
    ("missing", "There is no desk at "),
    ("folder", " is a folder, not a desk."),
    ("empty", "This desk is empty. `dutydesk init` fills it."),
    ("letter", " is not a Duty Desk database."),
    ("songs", "The file is not a Duty Desk database."),
    ("newer", "This desk has schema 9999, this program knows "),
    ("socket", "/dev/null is not a Duty Desk database."),
]


@pytest.mark.parametrize(("what", "sentence"), WRONG_FILES)
def test_what_is_no_desk_is_refused_and_left_as_it_is(wrong: dict[str, Path], what: str, sentence: str) -> None:
    path = wrong[what]
    before = path.read_bytes() if path.is_file() else None
    refused(run("--lang", "en", "--db", str(path), "now"), sentence)
    refused(run("--lang", "en", "--db", str(path), "--login", "eng-a", "log", "x"), sentence)
    assert (path.read_bytes() if path.is_file() else None) == before
    assert what != "missing" or not path.exists()


@pytest.mark.parametrize(("what", "sentence"), WRONG_FILES[2:6:3])
def test_the_console_says_the_same_before_it_takes_the_screen(
    console: Open, wrong: dict[str, Path], what: str, sentence: str
) -> None:
    opened = console(db=wrong[what], wait=False, size=(200, 24))
    assert opened.wait() == 2
    assert sentence.strip() in opened.text()
    assert "Traceback" not in opened.text()
    assert b"\x1b[?1049h" not in opened.raw


def test_an_older_desk_says_how_to_bring_it_up_to_date(desk_file: Path) -> None:
    newer = "import sys; from dutydesk.storage import migrate; migrate.newest = lambda: 9999\n"
    script = f"{newer}from dutydesk.__main__ import main; sys.exit(main(['--lang', 'en', '--db', sys.argv[1], 'now']))"
    answer = subprocess.run(
        [sys.executable, "-c", script, str(desk_file)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    refused(answer, "this program needs 9999: run `dutydesk migrate`.")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--login", "nobody", "now"], "Nobody has the login nobody."),
        (["--login", "reader", "log", "x"], "Reader may not do this; ask the supervisor."),
        (["--lang", "fr", "now"], "argument --lang: invalid choice: 'fr' (choose from 'zh', 'en')"),
        (["--login", "eng-a", "log", "x", "--at", "soon"], "“soon” is not a time. Write 14:30, "),
        (["now", "--at", "\x1b[2J\x1b]0;x\x07later"], "“later” is not a time. "),
        (["frobnicate"], "invalid choice: 'frobnicate'"),
        (["now", "\x1b[2J"], "unrecognized arguments"),
        (["roster", "show", "--x"], "unrecognized arguments: --x; `dutydesk roster show --help` shows what it takes."),
        (["incident", "list", "--limit", "9" * 30], f"argument --limit: “{'9' * 30}” is not a whole number; "),
        (["measure", "show", "9" * 30], "There is no measure 999"),
        (["--login", "eng-a", "log", "\x1b[2J \u200b"], "A line needs some text."),
        (["--login", "eng-a", "log", "x" * 100_000], "Too long: 100000 characters, 1000 at most."),
        ([], "The console needs a terminal; under SSH use `ssh -t`."),
    ],
)
def test_wrong_words_are_one_sentence(desk_file: Path, words: list[str], sentence: str) -> None:
    refused(run("--lang", "en", "--db", str(desk_file), *words), sentence)


def test_the_sentence_is_in_the_language_asked_for(wrong: dict[str, Path], desk_file: Path) -> None:
    refused(run("--lang", "zh", "--db", str(wrong["letter"]), "now"), "不是值班台数据库")
    refused(run("--lang", "zh", "--db", str(desk_file), "now", "x"), "无法识别的参数：x；")


def test_another_address_is_refused() -> None:
    refused(run("--lang", "en", "--db", "mysql://me:secret@db/desk", "now"), "mysql://me@db/desk is neither a file nor")


def test_a_server_that_does_not_answer_is_one_sentence() -> None:
    for words in (["now"], ["verify"], ["log", "x"]):
        answer = run("--lang", "en", "--db", "postgresql://me:secret@127.0.0.1:1/desk", *words)
        refused(answer, "No connection to the database")
        assert "secret" not in answer.stderr


def test_a_command_over_ssh_is_refused(desk_file: Path) -> None:
    answer = run("--lang", "en", "--db", str(desk_file), env={"SSH_ORIGINAL_COMMAND": "scp -t /"})
    refused(answer, "This login opens the console only: commands and file copies are refused.")


def test_commands_do_with_a_dumb_terminal_and_a_narrow_encoding(desk_file: Path) -> None:
    """TERM=dumb, an encoding without Chinese, a closed stdout: a command does its work and ends as always."""
    for env in ({"TERM": "dumb"}, {"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"}):
        answer = run("--lang", "zh", "--db", str(desk_file), "now", env=env)
        assert (answer.returncode, answer.stderr) == (0, ""), env
    closed = subprocess.run(
        f"{sys.executable} -m dutydesk --lang en --db {desk_file} now >&-", shell=True, cwd=ROOT, capture_output=True
    )
    assert (closed.returncode, closed.stderr) == (0, b"")


def test_a_full_disk_under_the_output_is_a_sentence(desk_file: Path) -> None:
    with open("/dev/full", "w") as full:
        argv = [sys.executable, "-m", "dutydesk", "--lang", "en", "--db", str(desk_file), "now"]
        answer = subprocess.run(argv, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert answer.stderr.splitlines()[0] == "The system refused: No space left on device"
    assert "Traceback" not in answer.stderr
    assert answer.returncode == 2


# No right to read or write


def without_rights(*argv: str) -> list[str]:
    """Return a command that file modes hold for, also where this account is root."""
    if os.geteuid() != 0:
        return list(argv)
    if shutil.which("setpriv") is None:
        pytest.skip("root cannot give up its rights here")
    less = "-dac_override,-dac_read_search"
    return ["setpriv", f"--bounding-set={less}", f"--inh-caps={less}", *argv]


@pytest.fixture
def guarded(desk_file: Path) -> Iterator[Path]:
    """Return a desk that may not be written."""
    desk_file.chmod(0o444)
    yield desk_file
    desk_file.parent.chmod(0o755)


@pytest.mark.parametrize(("mode", "folder"), [(0o444, 0o755), (0o644, 0o555), (0o000, 0o755)])
def test_no_right_to_read_or_write_is_a_sentence(guarded: Path, mode: int, folder: int) -> None:
    guarded.chmod(mode)
    guarded.parent.chmod(folder)
    refused(run("--lang", "en", "--db", str(guarded), "--login", "eng-a", "log", "x", less=True), " by this account")


def test_no_right_to_make_a_desk_is_a_sentence(guarded: Path) -> None:
    guarded.parent.chmod(0o555)
    target = guarded.with_name("new.sqlite")
    answer = run("--lang", "en", "--db", str(target), "init", "--policy", "twelve-hour", less=True)
    refused(answer, "Permission denied")
    assert not target.exists()


def test_the_console_without_the_right_to_write(guarded: Path) -> None:
    words = ["--lang", "en", "--db", str(guarded), "--login", "eng-a"]
    with Terminal(without_rights(sys.executable, "-m", "dutydesk", *words), size=(200, 24)) as opened:
        assert opened.wait() == 2
        assert "may not be written by this account; nothing can be saved." in opened.text()
        assert b"\x1b[?1049h" not in opened.raw


# Who one is


def test_wrong_pins_are_answered_in_the_dialog_and_slowed_down(console: Open, desk_file: Path) -> None:
    """An unknown login and a wrong PIN are the same sentence; after five it waits, the right one included."""
    opened = console(login="", wait=False)
    opened.wait_for("Who is at this console?")
    opened.write("somebody\r2580\r")
    opened.wait_for("Login or PIN is wrong.")
    opened.write("\x1b[Z" + "\x15" + "eng-a\r")
    for left in range(4, -1, -1):
        opened.wait_until_quiet(0.15)
        opened.write("1111\r")
        said = "Login or PIN is wrong." if left else "Wrong PIN, 5 in a row: wait 30 seconds."
        opened.wait_for(lambda _text, left=left: failures(desk_file) == 5 - left)
        opened.wait_for(said)
    opened.write("2580\r")
    opened.wait_for("Too many wrong PINs: wait ")
    assert "1 Shift" in opened.text()
    assert failures(desk_file) == 5
    with sqlite3.connect(desk_file) as desk:
        tries = desk.execute("select count(*) from audit_entry where action = 'person.wrong_pin'").fetchone()
    assert tries == (5,)


def failures(path: Path) -> int:
    """Return the wrong PINs in a row on record."""
    with sqlite3.connect(path) as desk:
        rows = desk.execute("select max(failures) from pin_try").fetchone()
    return int(rows[0] or 0)


# A save that fails


@pytest.mark.parametrize("words", [("log", "x"), ("incident", "open", "x")])
def test_a_command_on_a_full_disk_is_one_sentence(desk_file: Path, words: tuple[str, ...]) -> None:
    answer = run(
        *("--lang", "en", "--db", str(desk_file), "--login", "eng-a", *words),
        before=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)),
    )
    refused(answer, "nothing was saved.")
    assert run("--db", str(desk_file), "verify").returncode == 0


@pytest.mark.parametrize("words", [("init", "--policy", "twelve-hour"), ("demo", "--days", "1", "--no-console")])
def test_nothing_stays_of_a_desk_that_found_no_room(tmp_path: Path, words: tuple[str, ...]) -> None:
    target = tmp_path / "new.sqlite"
    answer = run(
        *("--lang", "en", "--db", str(target), *words),
        before=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)),
    )
    refused(answer, "nothing was saved.")
    assert list(tmp_path.glob("new.sqlite*")) == []


def test_a_locked_desk_is_one_sentence_after_the_wait(desk_file: Path) -> None:
    with locked(desk_file):
        words = ["--lang", "en", "--db", str(desk_file), "--login", "eng-a", "log", "x"]
        argv = [sys.executable, "-m", "tests.terminal.hurried", "busy=0.3", "--", *words]
        answer = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
    refused(answer, "Somebody else is writing for too long: nothing was saved. Try again.")


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Let somebody else write and not come to an end."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("begin immediate")
    try:
        yield
    finally:
        other.execute("rollback")
        other.close()


@contextmanager
def no_room(pid: int) -> Iterator[None]:
    """Let no file of a process grow, as on a full disk."""
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


@contextmanager
def in_trouble(kind: str, opened: Terminal, path: Path) -> Iterator[str]:
    """Let saving fail in one of the ways it can; yields what the person then reads."""
    if kind == "locked":
        with locked(path):
            yield "Somebody else is writing for too long"
    else:
        with no_room(opened.pid):
            yield "nothing was saved"


def says(sentence: str) -> Callable[[str], bool]:
    """Return whether a sentence stands on a screen, also where it is wrapped in a dialog."""
    return lambda text: sentence in " ".join(" ".join(_inside(line) for line in text.splitlines()).split())


def _inside(line: str) -> str:
    """Return what a line says between the borders of a dialog, or all of it."""
    return line.split("│")[1] if line.count("│") > 1 else line


def rows(path: Path, statement: str) -> list[tuple[object, ...]]:
    """Return what stands in the desk."""
    with sqlite3.connect(path) as desk:
        return desk.execute(statement).fetchall()


@pytest.fixture
def hurried(terminal: Open, desk_file: Path) -> Terminal:
    """Open the console so that it waits for a lock only for a moment."""
    waits = ["busy=0.2", "draft=0.3", "--"]
    words = ["--db", str(desk_file), "--login", "eng-a", "--lang", "en"]
    opened = terminal("-m", "tests.terminal.hurried", *waits, *words)
    opened.wait_for("1 Shift")
    opened.wait_until_quiet(0.3)
    return opened


@pytest.mark.parametrize("kind", ["locked", "no room"])
def test_a_form_that_cannot_be_saved_stays_and_is_saved_later(hurried: Terminal, desk_file: Path, kind: str) -> None:
    hurried.write("nWard 5 printer")
    hurried.wait_for("Ward 5 printer")
    with in_trouble(kind, hurried, desk_file) as sentence:
        hurried.write("\x1b[21~")
        hurried.wait_for(says(sentence))
        assert "Ward 5 printer" in hurried.text()
        hurried.write(" jams")
        hurried.wait_for("Ward 5 printer jams")
    hurried.write("\x1b[21~")
    hurried.wait_for("Opened, P3")
    assert rows(desk_file, "select title from incident") == [("Ward 5 printer jams",)]
    assert rows(desk_file, "select count(*) from draft") == [(0,)]
    assert run("--db", str(desk_file), "verify").returncode == 0


@pytest.mark.parametrize("kind", ["locked", "no room"])
def test_a_log_line_that_cannot_be_written_stays_and_is_written_once(
    hurried: Terminal, desk_file: Path, kind: str
) -> None:
    hurried.write("l")
    hurried.wait_for(">")
    hurried.write("door of room A found open")
    hurried.wait_for("found open")
    with in_trouble(kind, hurried, desk_file) as sentence:
        hurried.write("\r")
        hurried.wait_for(says(sentence))
        assert "> door of room A found open" in hurried.text()
    hurried.write("\r")
    hurried.wait_for("> l writes a line")
    assert rows(desk_file, "select text from log_entry where kind = 'note'") == [("door of room A found open",)]


@pytest.mark.parametrize("kind", ["locked", "no room"])
def test_a_draft_that_could_not_be_kept_is_kept_later(hurried: Terminal, desk_file: Path, kind: str) -> None:
    """The person is told, types on, and is on disk as soon as that works again, without a key."""
    hurried.write("n")
    hurried.wait_for("New incident")
    with in_trouble(kind, hurried, desk_file) as sentence:
        hurried.write("UPS-2 hums")
        hurried.wait_for(says(sentence))
        assert "UPS-2 hums" in hurried.text()
    hurried.wait_for(lambda text: "cannot be kept" not in text)
    hurried.wait_for(lambda _text: "UPS-2 hums" in str(rows(desk_file, "select data from draft")))


def test_a_desk_made_read_only_under_the_console_loses_nothing(desk_file: Path) -> None:
    """Whether the system still lets an open file be written or not: what was typed is saved, at once or afterwards."""
    words = ["--db", str(desk_file), "--login", "eng-a", "--lang", "en"]
    with Terminal(without_rights(sys.executable, "-m", "dutydesk", *words)) as opened:
        opened.wait_for("1 Shift")
        opened.write("nFan of rack 3")
        opened.wait_for("Fan of rack 3")
        desk_file.chmod(0o444)
        opened.write("\x1b[21~")
        said = opened.wait_for(lambda text: "Opened, P3" in text or says("nothing was saved")(text))
        desk_file.chmod(0o644)
        if "Opened, P3" not in said:
            opened.write("\x1b[21~")
            opened.wait_for("Opened, P3")
    assert rows(desk_file, "select title from incident") == [("Fan of rack 3",)]
