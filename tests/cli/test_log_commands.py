"""`dutydesk log` and `dutydesk measure`: what they print, what they refuse, what scripts read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dutydesk import locale
from dutydesk.__main__ import main
from dutydesk.domain import clock
from dutydesk.storage import engine
from tests.services.conftest import START, make_desk


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the desk that each test copies."""
    path = tmp_path_factory.mktemp("cli") / "desk.sqlite"
    make_desk(path)
    return path


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Run]:
    """Return how to run a command as eng-c; gives exit code, stdout and stderr."""
    path = tmp_path / "desk.sqlite"
    path.write_bytes(template.read_bytes())
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path))

    def call(*words: str, login: str = "eng-c", lang: str = "en") -> tuple[int, str, str]:
        try:
            code = main(["--db", str(path), "--login", login, "--lang", lang, *words])
        except SystemExit as left:
            code = int(left.code or 0)
        out = capsys.readouterr()
        return code, out.out, out.err

    with clock.frozen(START):
        yield call
    engine.disconnect()
    locale.use("en")


def test_a_line_is_written_and_listed(run: Run) -> None:
    assert run("log", "SW1 unreachable")[:2] == (0, "Written into the log at 2026-11-22 14:32.\n")
    assert run("log", "--at", "-20", "--kind", "request", "打印机", "卡纸")[0] == 0
    code, out, _err = run("log", "list")
    assert code == 0
    assert out.splitlines()[1:] == [
        "2026-11-22 14:32  Eng. C  Note               SW1 unreachable",
        "2026-11-22 14:12  Eng. C  Request            打印机 卡纸",
    ]
    assert run("log", "list", lang="zh")[1].splitlines()[2].split()[2:4] == ["丙工", "请求"]


def test_scripts_read_stable_keys_and_utc(run: Run) -> None:
    run("log", "SW1 unreachable", "--at", "14:20")
    code, out, _err = run("log", "list", "--json")
    assert code == 0
    assert json.loads(out) == [
        {
            "id": 1,
            "event_at": "2026-11-22T06:20:00Z",
            "entered_at": "2026-11-22T06:32:00Z",
            "kind": "note",
            "text": "SW1 unreachable",
            "person": {"zh": "丙工", "en": "Eng. C"},
            "shift": {"day": "2026-11-22", "kind": "day"},
            "late": False,
            "incident": None,
            "corrects": None,
            "reason": None,
        }
    ]


def test_the_list_is_narrowed(run: Run) -> None:
    for text, kind, at in (
        ("空调滤网", "note", "11-20 10:00"),
        ("UPS visit", "visitor", "11-21 10:00"),
        ("x", "note", "-1"),
    ):
        run("log", text, "--kind", kind, "--at", at)

    def texts(*words: str) -> list[str]:
        return [line["text"] for line in json.loads(run("log", "list", "--json", *words)[1])]

    assert texts("--search", "滤") == ["空调滤网"]
    assert texts("--from", "11-21", "--to", "11-21") == ["UPS visit"]
    assert texts("--to", "yesterday") == ["UPS visit", "空调滤网"]
    assert texts("--kind", "visitor") == ["UPS visit"]
    assert texts("--limit", "1") == ["x"]
    assert texts("--limit", "0") == ["x", "UPS visit", "空调滤网"]
    assert texts("--person", "eng-a") == []
    assert run("log", "list", "--search", "zzz")[1] == "No such line.\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("log", "   "), "A line needs some text."),
        (("log", "x", "--at", "tomorrow 9:00"), "The log holds what has happened; this time lies ahead."),
        (("log", "x", "--at", "soon"), "“soon” is not a time."),
        (("log", "x", "--kind", "handover"), "There is no kind of line “handover”"),
        (("log", "x", "--search", "y"), "--search goes with `dutydesk log list`."),
        (("log", "list", "--at", "14:00"), "--at goes with a line to write"),
        (("log", "list", "--from", "nonsense"), "“nonsense” is no day."),
        (("log", "list", "--person", "nobody"), "Nobody has the login nobody."),
        (("log", "x", "--incident", "9"), "9"),
        (("measure", "close", "TM-9", "x"), "There is no measure TM-9."),
        (("measure", "open", "x", "--kind", "other", "--until=-2h"), "The end must lie ahead."),
    ],
)
def test_what_is_refused_is_one_sentence_and_exit_2(run: Run, words: tuple[str, ...], said: str) -> None:
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert said in err
    assert len(err.splitlines()) == 1


def test_what_the_writer_should_know_goes_to_stderr(run: Run) -> None:
    told = [run("log", "x", login=login)[2] for login in ("eng-a", "eng-b", "eng-c", "eng-d")]
    assert "" in told
    assert "You are not on the day shift 22 Nov; the line is kept under your name.\n" in told


def test_readers_and_strangers_write_nothing(run: Run) -> None:
    assert run("log", "x", login="reader")[0] == 2
    code, _out, err = run("log", "x", login="nobody")
    assert code == 2
    assert "Nobody has the login nobody." in err


def test_a_measure_from_open_to_close(run: Run) -> None:
    code, out, _err = run("measure", "open", "UPS-2", "on", "bypass", "--kind", "bypass", "--until", "+2h")
    assert (code, out) == (0, "TM-261122-1 is in force and in the next handover.\n")
    assert run("measure", "list")[1].splitlines()[1].split() == (
        ["TM-261122-1", "Bypass", "2026-11-22", "14:32", "until", "16:32", "Eng.", "C", "UPS-2", "on", "bypass"]
    )
    assert run("measure", "extend", "tm-261122-1", "--until", "none", "--reason", "part late")[0] == 0
    assert json.loads(run("measure", "list", "--json")[1])[0]["until"] is None
    assert run("measure", "close", "TM-261122-1", "battery", "replaced")[1] == "TM-261122-1 is closed.\n"
    assert run("measure", "list")[1] == "No temporary measure is in force.\n"
    shown = json.loads(run("measure", "show", "1", "--json")[1])
    assert (shown["closed_at"], shown["closing_note"]) == ("2026-11-22T06:32:00Z", "battery replaced")
    assert "How it is back: battery replaced" in run("measure", "show", "1")[1]
    told = [line["text"] for line in json.loads(run("log", "list", "--json")[1])]
    assert told[0] == "Measure TM-261122-1 closed: UPS-2 on bypass – battery replaced"


def test_no_command_of_these_imports_textual(run: Run) -> None:
    import subprocess
    import sys

    code = (
        "import sys; from dutydesk.__main__ import main\n"
        "try: main(['log', '--help'])\n"
        "except SystemExit: pass\n"
        "import dutydesk.cli.measures, dutydesk.services.log, dutydesk.services.measures\n"
        "assert 'textual' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
