"""`roster` on the command line: planned, checked, published, changed, explained; and what `now` says then."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.services.conftest import PIN


@pytest.fixture
def pin_file(tmp_path: Path) -> Path:
    """Return a file with the PIN of everybody."""
    path = tmp_path / "pin"
    path.write_text(f"{PIN}\n", encoding="utf-8")
    return path


def test_a_month_is_planned_published_and_shown(run: Run, desk_file: Path, pin_file: Path) -> None:
    desk = ("--db", desk_file, "--login", "chief")
    plan = run(*desk, "roster", "plan", "--month", "2026-12")
    assert plan.code == 0, plan.err
    assert plan.out.splitlines()[:2] == [
        "2026-12-01 to 2026-12-31",
        "  Coverage: 62 slots, 744 h: 62 places filled, 0 empty, 0 gaps.",
    ]
    assert run("--db", desk_file, "--login", "eng-a", "roster", "plan", "--month", "2026-12").code == 2
    wrong = run(*desk, "roster", "publish", "--month", "2026-13", "--pin-file", pin_file)
    assert (wrong.code, wrong.err.strip()) == (2, "“2026-13” is no month; write 2026-11.")
    done = run(*desk, "roster", "publish", "--pin-file", pin_file)
    assert "2026-12-01 to 2026-12-31 is published, version 1: 62 shifts" in done.out
    assert "2026-12-01–2026-12-31  2026-11-22 14:32  Chief" in run(*desk, "roster", "versions").out
    again = run(*desk, "roster", "plan", "--month", "2026-12", "--json")
    assert json.loads(again.out)["changes"] == []
    shown = json.loads(run(*desk, "roster", "show", "--month", "2026-12", "--person", "eng-a", "--json").out)
    assert len(shown) == 15
    assert {slot["published"] for slot in shown} == {True}
    assert shown[0]["people"][0]["login"] == "eng-a"
    table = run(*desk, "roster", "show", "--from", "2026-12-31", "--to", "2026-12-31", "--lang", "zh").out
    assert table.splitlines()[1].split() == ["2026-12-31", "周四", "工作日", "白班", "08:00–20:00", "丙工"]
    assert run(*desk, "roster", "check", "--month", "2026-12").code == 0
    assert run(*desk, "roster", "show", "--from", "2030-01-01").out == (
        "Nothing is planned from 2030-01-01 to 2030-01-14.\n"
    )


def test_one_shift_is_changed_explained_and_put_back(run: Run, desk_file: Path) -> None:
    desk = ("--db", desk_file, "--login", "chief")
    assert "--out" in run(*desk, "roster", "edit", "11-24", "day", "--reason", "x").err
    assert "no shift “noon”" in run(*desk, "roster", "edit", "11-24", "noon", "--in", "eng-a", "--reason", "x").err
    part = ("--begin", "12:00", "--end", "16:00", "--reason", "exam")
    made = run(*desk, "roster", "edit", "11-24", "day", "--out", "eng-b", "--in", "eng-c", *part)
    people = "Eng. B 08:00–12:00, Eng. C 12:00–16:00, Eng. B 16:00–20:00"
    assert made.out == f"Change 1: 2026-11-24 Day 08:00–20:00: {people}\n", made.err
    assert people in run(*desk, "roster", "show").out
    now = run(*desk, "now", "--at", "2026-11-24 13:00").out.splitlines()
    assert [line.strip() for line in now[1:]] == [
        "Eng. C  eng-c  12:00–16:00  expected",
        "Change 1: in the place of Eng. B, by hand.",
        "Reason: exam",
        "Only 4 h of rest; the policy wants 11 h.",
        "Change 1 made by Chief, 11-22 14:32.",
    ]
    why = json.loads(run(*desk, "roster", "why", "11-24", "day", "--json").out)
    assert [line["change"] for line in why[0]["why"]] == [None, 1, None]
    assert "Eng. B  Eng. C" in run(*desk, "roster", "changes").out
    night = ("--begin", "02:00", "--reason", "ill")
    late = run(*desk, "roster", "edit", "11-24", "night", "--out", "eng-a", *night, "--json")
    assert [place["from"] for place in json.loads(late.out)["people"]] == [
        "2026-11-24T12:00:00Z",
        "2026-11-24T18:00:00Z",
    ]
    check = run(*desk, "roster", "check", "--month", "2026-11")
    assert check.code == 1
    chinese = run(*desk, "roster", "check", "--month", "2026-11", "--lang", "zh").out
    assert "! 空缺：" in chinese
    assert ": " not in chinese
    assert "! Empty slot: Night 24 Nov: nobody from 11-25 02:00 to 11-25 08:00, taken off by a change." in check.out
    assert run(*desk, "roster", "withdraw", "99", "--reason", "x", "--lang", "zh").err == "没有这个变更：99。\n"
    wrong = run(*desk, "roster", "withdraw", "x", "--reason", "x", "--lang", "zh")
    assert "参数 编号：“x”不是整数；" in wrong.err
    assert run(*desk, "roster", "why", "11-24", "夜班").out == run(*desk, "roster", "why", "11-24", "night").out
    assert run(*desk, "roster", "why", "11-24", "Night").code == 0
    assert run(*desk, "roster", "withdraw", "1", "--reason", "no exam").out == "Change 1 is withdrawn.\n"
    assert run(*desk, "roster", "withdraw", "1", "--reason", "again").err == "Change 1 is withdrawn already.\n"
    assert "Eng. C 12:00" not in run(*desk, "roster", "show").out
    assert run(*desk, "verify").code == 0


def test_a_calendar_and_a_policy_come_from_files(run: Run, desk_file: Path, tmp_path: Path) -> None:
    desk = ("--db", desk_file, "--login", "chief")
    year = tmp_path / "2027.toml"
    year.write_text('name = "cn"\n[years.2027]\nstatutory = [2027-01-01]\noff = [2027-01-04]\n', encoding="utf-8")
    assert run(*desk, "roster", "import-calendar", year).out == (
        "2027: 1 statutory holidays, 1 days off in lieu, 0 make-up workdays.\n"
    )
    assert run(*desk, "roster", "import-calendar", tmp_path / "none.toml").code == 2
    year.write_text('name = "cn"\n[years.2027]\noff = [2027-02-30]\n', encoding="utf-8")
    assert "2027.toml" in run(*desk, "roster", "import-calendar", year).err
    adopted = run(*desk, "roster", "adopt", "weekly-team", "--from", "2026-12-07")
    assert adopted.out == "weekly-team is the duty policy from 2026-12-07 on; publish those days again.\n"
    assert "Duty" in run(*desk, "roster", "show", "--from", "2026-12-07", "--to", "2026-12-07").out
    assert "tomorrow at the earliest" in run(*desk, "roster", "adopt", "weekly-team", "--from", "11-22").err
