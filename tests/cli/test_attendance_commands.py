"""`dutydesk attendance`: months, requests, corrections and call-outs on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dutydesk.domain import clock
from tests.services.conftest import moment

Do = Callable[..., Any]


@pytest.fixture
def do(run: Callable[..., Any], desk_file: Path, tmp_path: Path) -> Do:
    """Return how to run `dutydesk attendance …` as Eng. A, the morning after; `pin` adds the file with the PIN."""
    file = tmp_path / "pin"
    file.write_text("2580\n", encoding="utf-8")

    def call(*words: object, login: str = "eng-a", lang: str = "en", pin: bool = False) -> Any:
        signed = ("--pin-file", file) if pin else ()
        with clock.frozen(moment("2026-11-23 09:00")):
            return run("--db", desk_file, "--login", login, "--lang", lang, "attendance", *words, *signed)

    return call


def test_from_absent_to_put_right(do: Do) -> None:
    duty = do("list", "--from", "2026-11-22", "--to", "2026-11-22").out.splitlines()
    assert duty[0].split() == ["Date", "Duty", "Person", "Duty", "hours", "Came", "Left", "Worked", "State"]
    assert duty[1].split() == ["2026-11-22", "Day", "Eng.", "A", "08:00–20:00", "absent"]
    assert len(duty) == 2
    asked = do("ask", "2026-11-22", "day", "--came", "7:55", "--left", "20:10", "--reason", "console was down")
    assert (asked.code, asked.out) == (0, "Request 1 waits for the supervisor.\n")
    assert "came 07:55, left 20:10" in do("requests", login="chief").out
    assert do("approve", 1, pin=True).code == 2
    assert do("approve", 1, login="chief", pin=True).out == "Request 1 is approved.\n"
    shown = json.loads(do("list", "--from", "2026-11-22", "--to", "2026-11-22", "--json").out)[0]
    assert (shown["arrival"], shown["corrected"], shown["came_at"]) == ("on-time", True, "2026-11-21T23:55:00Z")
    lines = do("show", "eng-a", "2026-11-22", "day").out
    assert "added: in 2026-11-22 07:55" in lines
    assert "Chief, 2026-11-23 09:00: console was down" in lines
    assert do("requests", login="chief").out == "No request waits.\n"


def test_a_night_over_midnight_is_corrected_and_a_signature_taken_back(do: Do) -> None:
    words = ("correct", "eng-b", "2026-11-22", "night", "--came", "20:30", "--left", "6:00", "--reason", "door log")
    done = do(*words, login="chief", pin=True)
    assert "added: out 2026-11-23 06:00" in done.out
    found = json.loads(do("list", "--from", "2026-11-22", "--json", login="chief").out)
    night = next(each for each in found if each["login"] == "eng-b" and each["day"] == "2026-11-22")
    assert (night["late_minutes"], night["early_minutes"], night["worked_minutes"]) == (30, 120, 570)
    back = do("void", 1, "--reason", "wrong night", login="chief", pin=True)
    assert "taken back: in 2026-11-22 20:30" in back.out
    assert "does not count any more" in back.out
    month = json.loads(do("month", "2026-11", "--json", login="chief").out)
    b = next(each for each in month["people"] if each["login"] == "eng-b")
    assert (b["absent"], b["late"]) == (1, 0)
    assert do("month", "2026-11", login="chief").out.splitlines()[-1].startswith("Total")
    assert "合计" in do("month", "2026-11", login="chief", lang="zh").out


def test_a_call_out_from_the_first_call_to_its_correction(do: Do) -> None:
    made = do("callout", "add", "eng-c", "core", "switch", "down", "--called", "2026-11-23 01:00")
    assert "called 01:00" in made.out
    done = do("callout", "done", 1, "--arrived", "1:30", "--left", "3:00")
    assert "01:00–03:00" in done.out
    right = do("callout", "correct", 2, "--left", "3:30", "--reason", "door log", login="chief", pin=True)
    assert "2h30" in right.out
    listed = json.loads(do("callout", "list", "--json", login="chief").out)
    assert [(each["minutes"], each["correction"], each["reason"]) for each in listed] == [
        (150, "door log", "core switch down")
    ]
    assert do("callout", "cancel", 3, "--reason", "never came", login="chief", pin=True).code == 0
    assert "taken back" in do("callout", "list", login="eng-c").out


def test_what_is_refused_is_one_sentence_and_exit_2(do: Do) -> None:
    for words, sentence in (
        (("ask", "2026-11-22", "noon", "--came", "8:00", "--reason", "x"), "There is no noon shift on 2026-11-22"),
        (("ask", "2026-11-22", "day", "--reason", "x"), "Say when the person really came or left."),
        (("list", "--person", "eng-b"), "An engineer sees his own attendance"),
        (("list", "--month", "2026-11", "--from", "2026-11-22"), "Name a month, or days"),
        (("show", "eng-x", "2026-11-22", "day"), "Nobody has the login eng-x."),
        (("month", "soon"), "is no month"),
        (("withdraw", "7"), "Correction request 7 is not there."),
        (("callout", "done", "7", "--left", "1:00"), "Call-out 7 is not there."),
    ):
        answer = do(*words)
        assert answer.code == 2
        assert sentence in answer.err
        assert len(answer.err.splitlines()) == 1
