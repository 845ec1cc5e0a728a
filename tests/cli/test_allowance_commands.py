"""`dutydesk allowance …`: rates from a file, freezing, what differs; exit codes and JSON."""

from __future__ import annotations

import json
from pathlib import Path

from dutydesk.domain import clock
from dutydesk.services import allowance, people
from dutydesk.storage import engine
from tests.cli.conftest import Run
from tests.services.conftest import PIN, moment
from tests.services.test_allowance import CHECKED, planned_on, signs


def _worked(path: Path, day: str) -> None:
    engine.connect(str(path))
    signs(day, "day", planned_on(day, "day"), f"{day} 08:00", f"{day} 20:00")
    engine.disconnect()


def _pin(folder: Path) -> Path:
    path = folder / "pin"
    path.write_text(PIN, encoding="utf-8")
    path.chmod(0o600)
    return path


def test_rates_come_from_a_file_and_mistakes_name_their_line(run: Run, desk_file: Path, tmp_path: Path) -> None:
    file = tmp_path / "ours.toml"
    file.write_text(CHECKED.replace("[[rule]]", "[[rule", 1), encoding="utf-8")
    usual = ("--db", desk_file, "--login", "chief")
    answer = run("allowance", "rates", file, "--from", "2026-12-01", *usual)
    assert (answer.code, answer.err) == (2, "ours.toml, line 3: this is not TOML.\n")
    file.write_text(CHECKED, encoding="utf-8")
    assert run("allowance", "rates", file, *usual).err == "Say from which day on: --from 2026-12-01.\n"
    assert (
        "supervisor"
        in run("allowance", "rates", file, "--from", "2026-12-01", "--db", desk_file, "--login", "eng-a").err
    )
    assert run("allowance", "rates", file, "--from", "2026-12-01", *usual).code == 0
    listed = json.loads(run("allowance", "rates", "--json", *usual).out)
    assert [(line["since"], line["example"]) for line in listed] == [("2026-12-01", False), ("2026-10-01", True)]
    assert run("allowance", "rates", "--print", *usual).out.startswith("# EXAMPLE ONLY")
    assert "简称" in run("allowance", "rates", "--lang", "zh", *usual).out


def test_a_month_is_frozen_and_what_differs_is_told(run: Run, desk_file: Path, tmp_path: Path) -> None:
    _worked(desk_file, "2026-11-22")
    usual = ("--db", desk_file, "--login", "chief")
    pin = ("--pin-file", _pin(tmp_path))
    early = run("allowance", "freeze", "2026-11", *usual, *pin)
    assert (early.code, early.err) == (2, "Nothing has happened in 2026-11 that is paid for.\n")
    with clock.frozen(moment("2026-12-02 09:00")):
        assert run("allowance", "freeze", "2026-11", *usual, *pin).out == "2026-11 is frozen, revision 1.\n"
        same = run("allowance", "difference", "2026-11", *usual)
        assert (same.code, same.out) == (0, "Nothing differs from what is frozen; 2026-11 stays as it is.\n")
        _worked(desk_file, "2026-11-23")
        differs = run("allowance", "difference", "2026-11", *usual)
        assert differs.code == 1
        assert "170.00" in differs.out
        chinese = run("allowance", "difference", "2026-11", "--lang", "zh", *usual).out
        assert chinese.splitlines()[0].split() == ["姓名", "日期", "内容", "定稿", "重算", "差异", "原因"]
        plain = json.loads(run("allowance", "difference", "2026-11", "--json", *usual).out)
        assert (plain["before"], plain["after"], len(plain["people"])) == (12000, 17000, 1)
        why = run("allowance", "freeze", "2026-11", *usual, *pin)
        assert (why.code, why.err) == (2, "--reason: This must not be empty.\n")
        again = run("allowance", "freeze", "2026-11", "--reason", "forgotten", "--json", *usual, *pin)
        assert json.loads(again.out)["revision"] == 2
        listed = json.loads(run("allowance", "revisions", "2026-11", "--json", *usual).out)
        assert [(line["revision"], line["amount"], line["reason"]) for line in listed] == [
            (2, 17000, "forgotten"),
            (1, 12000, ""),
        ]
    engine.connect(str(desk_file))
    with clock.frozen(moment("2026-12-03 09:00")):
        assert allowance.sheet(people.identify("chief"), "2026-11").content.amount == 17000
    engine.disconnect()
