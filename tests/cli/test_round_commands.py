"""`dutydesk round list|show|backups`: tables, JSON and exit codes."""

from __future__ import annotations

import json
from pathlib import Path

from dutydesk.domain.backups import Copy
from dutydesk.services import backups, people, rounds
from dutydesk.storage import engine
from tests.cli.conftest import Run
from tests.services.conftest import START


def _walked(path: Path) -> int:
    """Answer two items of the 14:00 round, one of them over its limit; returns the round."""
    engine.connect(str(path))
    who = people.identify("eng-a")
    line = next(each for each in rounds.due_list(who) if each.code == "room-a")
    items = {each.point.code: each.point.id for each in rounds.sheet(who, line.id).items}
    rounds.answer(who, line.id, items["ups1-load"], number=83, note="two servers moved here")
    rounds.answer(who, line.id, items["door"], text="locked")
    backups.check(who, 1, Copy(START - 3600, 412 * 10**9, True))
    engine.disconnect()
    return line.id


def test_the_list_says_what_is_late(run: Run, desk_file: Path) -> None:
    answer = run("round", "list", "--db", desk_file)
    assert (answer.code, answer.err) == (1, "")
    assert "32 min late" in answer.out
    assert "in 28 min" in answer.out
    listed = json.loads(run("round", "list", "--db", desk_file, "--json").out)
    late = next(each for each in listed if each["state"] == "late")
    assert late["due_at"] == "2026-11-22T05:00:00Z"
    assert late["checklist"] == {"zh": "B 机房巡检", "en": "Machine room B"}


def test_another_day(run: Run, desk_file: Path) -> None:
    answer = run("round", "list", "--db", desk_file, "--day", "2026-11-24", "--lang", "zh")
    assert answer.code == 0
    assert "A 机房巡检" in answer.out
    wrong = run("round", "list", "--db", desk_file, "--day", "tomorrow")
    assert (wrong.code, wrong.out) == (2, "")
    assert "is not a day" in wrong.err


def test_one_round_with_its_answers(run: Run, desk_file: Path) -> None:
    number = _walked(desk_file)
    answer = run("round", "show", str(number), "--db", desk_file)
    assert answer.code == 0
    assert "83 % warning" in answer.out
    assert "two servers moved here" in answer.out
    assert "Closed and locked" in answer.out
    shown = json.loads(run("round", "show", str(number), "--db", desk_file, "--json").out)
    load = next(each for each in shown["items"] if each["code"] == "ups1-load")
    assert (load["answer"]["found"], load["answer"]["number"], load["warning"]) == ("warning", 83, "80")
    assert load["answer"]["at"] == "2026-11-22T06:32:00Z"
    assert shown["round"]["answered"] == 2
    missing = run("round", "show", "999999", "--db", desk_file)
    assert (missing.code, missing.out) == (2, "")
    assert "There is no round 999999" in missing.err


def test_the_backup_jobs(run: Run, desk_file: Path) -> None:
    _walked(desk_file)
    answer = run("round", "backups", "--db", desk_file)
    assert answer.code == 1
    assert "412 GB" in answer.out
    jobs = json.loads(run("round", "backups", "--db", desk_file, "--json").out)
    assert (jobs[0]["code"], jobs[0]["state"], jobs[0]["last_good_at"]) == ("his-db", "good", "2026-11-22T05:32:00Z")
