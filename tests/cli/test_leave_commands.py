"""`leave` and `swap` on the command line: from asking to the roster, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.services.conftest import PIN


@pytest.fixture
def pin_file(tmp_path: Path) -> Path:
    path = tmp_path / "pin"
    path.write_text(f"{PIN}\n", encoding="utf-8")
    return path


def test_leave_from_asking_to_now(run: Run, desk_file: Path, pin_file: Path) -> None:
    desk = ("--db", desk_file)
    asked = run(*desk, "--login", "eng-a", "leave", "ask", "11-24", "11-24", "--reason", "home", "--cover", "best")
    assert asked.code == 0, asked.err
    assert asked.out.splitlines()[:5] == [
        "LV-261122-1 is asked for.",
        "Number: LV-261122-1",
        "Who: Eng. A",
        "Kind: Annual leave",
        "When: 24 Nov",
    ]
    assert "24 Nov Tue Night\n  Eng. D – not answered yet" in asked.out
    early = run(*desk, "--login", "chief", "leave", "approve", "LV-261122-1", "--pin-file", pin_file)
    assert early.code == 2
    assert "would stay empty" in early.err
    done = run(*desk, "--login", "eng-d", "leave", "answer", "LV-261122-1", "yes")
    assert done.out.startswith("You cover for Eng. A.")
    assert run(*desk, "--login", "eng-b", "leave", "answer", "LV-261122-1", "yes").code == 2
    listed = run(*desk, "leave", "list")
    assert "waits for the decision" in listed.out
    assert "1 of 1 covered" in listed.out
    approved = run(*desk, "--login", "chief", "leave", "approve", "lv-261122-1", "--pin-file", pin_file)
    assert approved.out.startswith("LV-261122-1 is approved; the roster follows.")
    assert "Eng. D" in run(*desk, "now", "--at", "2026-11-24 21:00").out
    plain = json.loads(run(*desk, "leave", "show", "1", "--json").out)
    assert (plain["status"], plain["shifts"], plain["covered"]) == ("approved", 1, 1)
    assert plain["starts_at"] == "2026-11-24T00:00:00Z"
    gone = run(*desk, "--login", "eng-a", "leave", "withdraw", "1", "--reason", "the trip is off")
    assert gone.out.startswith("LV-261122-1 is cancelled")
    assert "Eng. A" in run(*desk, "now", "--at", "2026-11-24 21:00").out
    assert run(*desk, "verify").code == 0


def test_who_could_cover_and_a_part(run: Run, desk_file: Path) -> None:
    desk = ("--db", desk_file, "--login", "eng-a")
    run(*desk, "leave", "ask", "11-24", "11-26", "--reason", "home", "--kind", "sick")
    shown = run(*desk, "leave", "cover", "1")
    rows = [line.split()[:6] for line in shown.out.splitlines()[1:]]
    assert rows[0] == ["24", "Nov", "Tue", "Night", "1", "eng-d"]
    assert "12 h rest" in shown.out
    part = run(*desk, "leave", "cover", "1", "11-24", "eng-d", "--from", "23:00", "--to", "02:00")
    assert part.code == 0, part.err
    assert "Eng. D 23:00–02:00 – not answered yet" in part.out
    assert "20:00–23:00 nobody asked" in part.out
    wrong = run(*desk, "leave", "cover", "1", "11-25", "eng-d")
    assert (wrong.code, wrong.err) == (2, "LV-261122-1 touches no shift “11-25”.\n")


def test_a_swap(run: Run, desk_file: Path, pin_file: Path) -> None:
    desk = ("--db", desk_file)
    asked = run(*desk, "--login", "eng-a", "swap", "ask", "11-24", "eng-d", "--for", "11-27", "--reason", "school")
    assert asked.code == 0, asked.err
    assert "Swap: Eng. D takes 24 Nov Tue Night, Eng. A takes 27 Nov Fri Day" in asked.out
    assert run(*desk, "--login", "eng-d", "swap", "answer", "1", "yes").code == 0
    assert "waits for the decision" in run(*desk, "swap", "list").out
    done = run(*desk, "--login", "chief", "swap", "approve", "1", "--pin-file", pin_file)
    assert done.code == 0, done.err
    assert "Eng. D" in run(*desk, "now", "--at", "2026-11-24 21:00").out
    assert json.loads(run(*desk, "swap", "list", "--json").out)[0]["status"] == "approved"
    wrong = run(*desk, "--login", "eng-a", "swap", "ask", "11-25", "eng-d")
    assert (wrong.code, wrong.err) == (2, "There is no duty of that person on “11-25”.\n")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("11-20", "11-21"), "That time has passed"),
        (("11-26", "11-24"), "It must end after it began."),
        (("someday", "11-24"), "is not a time"),
    ],
)
def test_times_that_cannot_be(run: Run, desk_file: Path, words: tuple[str, str], sentence: str) -> None:
    answer = run("--db", desk_file, "--login", "eng-a", "leave", "ask", *words, "--reason", "x")
    assert answer.code == 2
    assert sentence in answer.err


def test_nobody_known_may_not_ask(run: Run, desk_file: Path) -> None:
    assert run("--db", desk_file, "leave", "list").out == "Nobody has asked for leave.\n"
    assert run("--db", desk_file, "leave", "ask", "11-24", "11-24", "--reason", "x").code == 2
    assert run("--db", desk_file, "--login", "reader", "leave", "ask", "11-24", "11-24", "--reason", "x").code == 2
