"""`dutydesk export`, `report` and `roster import`: files, formats, stable keys, refusals in one sentence."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from dutydesk.integrations.pay_tables import _number
from tests.cli.conftest import Answer

Run = Callable[..., Answer]
KEYS = {
    "attendance": {"month", "people", "total", "duties"},
    "allowance": {"month", "frozen", "currency", "decimals", "people", "amount"},
    "fairness": {"first", "last", "quality", "quality_worked", "people"},
    "incidents": {"month", "total", "priorities", "categories", "incidents"},
    "rounds": {"month", "checklists", "total", "rounds"},
}


@pytest.mark.parametrize(("value", "shown"), [(7.02, "7"), (6.98, "7"), (5.5, "5.5"), (0, "0")])
def test_a_whole_number_of_duties_has_no_decimal(value: float, shown: str) -> None:
    assert str(_number(value)) == shown


def test_the_roster_goes_into_files_and_comes_back(run: Run, desk_file: Path, tmp_path: Path) -> None:
    for form in ("ics", "xlsx", "csv"):
        path = tmp_path / f"roster.{form}"
        said = run("--db", desk_file, "export", "roster", path)
        assert (said.code, said.err) == (0, "")
        assert str(path) in said.out
        again = run("--db", desk_file, "export", "roster", path)
        assert (again.code, again.out) == (2, "")
        assert "already there" in again.err
        assert run("--db", desk_file, "export", "roster", path, "--force").code == 0
    same = run("--db", desk_file, "--login", "chief", "roster", "import", tmp_path / "roster.xlsx")
    assert (same.code, same.out.splitlines()[0]) == (0, "Nothing differs: the roster is as the file says.")
    calendar = (tmp_path / "roster.ics").read_text()
    assert calendar.count("BEGIN:VEVENT") == calendar.count("STATUS:TENTATIVE") + 1 > 18, "nothing is published"
    printed = run("--db", desk_file, "export", "roster", "--format", "csv", "--person", "eng-a", "-")
    lines = printed.out.splitlines()
    assert lines[0].startswith("Date,Weekday,Kind of day,Duty shift")
    assert all(",eng-a," in line for line in lines[1:])


def test_import_shows_changes_and_names_every_fault(run: Run, desk_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text("Name,2026-11-25,2026-11-26\r\nEng. A,D,\r\nEng. B,,N\r\n", encoding="gb18030")
    command = ("--db", desk_file, "--login", "chief", "roster", "import", path)
    dry = run(*command, "--dry-run")
    assert dry.out.splitlines()[-2].endswith("would change; nothing was.")
    plain = json.loads(run(*command, "--dry-run", "--json").out)
    assert set(plain) == {"first", "last", "changed", "same", "untouched", "dry_run"}
    assert set(plain["changed"][0]) == {"day", "shift", "before", "after"}
    done = run(*command)
    assert (done.code, "changed." in done.out) == (0, True)
    assert run(*command).out.startswith("Nothing differs")
    path.write_text("Name,2026-11-25,2026-11-26\r\nx,D,\r\nEng. B,,?\r\n", encoding="utf-8")
    bad = run(*command)
    assert (bad.code, bad.out) == (2, "")
    assert bad.err.splitlines() == [
        "A2: there is no person “x”.",
        "C3: “?” is no shift here; write one of Day, Night.",
        "2 faults in the file; nothing was changed.",
    ]


@pytest.mark.parametrize("name", sorted(KEYS))
def test_reports_in_every_format(run: Run, desk_file: Path, tmp_path: Path, name: str) -> None:
    command = ("--db", desk_file, "--login", "chief", "report", name, "--month", "2026-11")
    shown = run(*command)
    assert (shown.code, shown.err) == (0, "")
    assert "2026-11" in shown.out.splitlines()[0]
    plain: dict[str, Any] = json.loads(run(*command, "--format", "json").out)
    assert set(plain) == KEYS[name]
    chinese = json.loads(run("--lang", "zh", *command, "--format", "json").out)
    assert chinese == plain
    assert len(run(*command, "--format", "csv").out.splitlines()) >= 1
    path = tmp_path / "report.xlsx"
    assert run(*command, path).code == 0
    assert openpyxl.load_workbook(path).sheetnames
    terminal = run(*command, "--format", "xlsx")
    assert (terminal.code, "needs a file" in terminal.err) == (2, True)


def test_wrong_words_are_refused_in_one_sentence(run: Run, desk_file: Path, tmp_path: Path) -> None:
    for words, sentence in (
        (("report", "incidents", "--month", "2026-13"), "is no month"),
        (("report", "fairness", "--month", "2026-11", "--from", "2026-11-01"), "not both"),
        (("export", "roster", tmp_path / "roster"), "Which format?"),
        (("export", "roster", "--person", "nobody", tmp_path / "a.csv"), "Nobody has the login nobody."),
        (
            ("export", "roster", "--from", "2026-11-09", "--to", "2026-11-01", tmp_path / "a.csv"),
            "before the first day",
        ),
        (("export", "roster", tmp_path / "none" / "a.csv"), "There is no folder"),
    ):
        answer = run("--db", desk_file, *words)
        assert (answer.code, answer.out, len(answer.err.splitlines())) == (2, "", 1)
        assert sentence in answer.err
    assert not list(tmp_path.glob("*.csv"))
