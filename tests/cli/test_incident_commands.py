"""`dutydesk incident`: from the record to the close on the command line, and what scripts read."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Do = Callable[..., Any]


@pytest.fixture
def do(run: Callable[..., Any], desk_file: Path) -> Do:
    """Return how to run `dutydesk incident …` as Eng. A."""

    def call(*words: object, login: str = "eng-a", lang: str = "en") -> Any:
        return run("--db", desk_file, "--login", login, "--lang", lang, "incident", *words)

    return call


def test_from_open_to_closed(do: Do) -> None:
    opened = do("open", "Core", "switch", "down", "--impact", "high", "--urgency", "high", "--source", "monitor")
    assert (opened.code, opened.out) == (0, "INC-261122-1  P1  open  Core switch down\n")
    assert do("ack", "261122-1").out == "INC-261122-1  P1  acknowledged  Core switch down\n"
    assert do("note", "inc-261122-1", "Vendor", "called", "--at", "-5").code == 0
    assert do("dispatch", "261122-1", "eng-b", "--task", "Look at the uplink").code == 0
    assert do("dispatch", "261122-1", "eng-b", "--arrived").code == 0
    assert do("dispatch", "261122-1", "eng-b", "--done", "SFP replaced").code == 0
    assert do("resolve", "261122-1", "SFP", "replaced").out.split()[2] == "resolved"
    assert do("close", "261122-1").out.split()[2] == "closed"
    shown = do("show", "261122-1").out
    for text in ("Vendor called", "Eng. B sent: On site", "Eng. B arrived", "Eng. B done", "Solution: SFP replaced"):
        assert text in shown
    assert do("list").out == "No such incident.\n"
    assert "Core switch down" in do("list", "--show", "all").out


def test_what_is_refused_is_one_sentence_and_exit_2(do: Do) -> None:
    do("open", "Printer")
    for words, sentence in (
        (("close", "261122-1"), "It is not resolved yet; r resolves it."),
        (("ack", "261122-9"), "There is no incident 261122-9."),
        (("resolve", "261122-1", " "), "This must not be empty."),
        (("dispatch", "261122-1", "eng-b", "--arrived"), "eng-b is not under way to INC-261122-1."),
        (("open", "x", "--grade", "V"), "There is no V; there are: I, II, III, IV."),
        (("open", "x", "--equipment", "nothing"), "There is no equipment nothing."),
        (("merge", "261122-1", "261122-1"), "An incident cannot be merged into itself."),
    ):
        answer = do(*words)
        assert (answer.code, answer.err) == (2, f"{sentence}\n")
    assert do("ack", "261122-1", login="reader").code == 2
    assert do("open", "x", "--impact", "huge").code == 2


def test_a_request_is_closed_with_its_answer(do: Do) -> None:
    do("open", "New account", "--kind", "request", "--caller", "Finance 8123")
    do("resolve", "261122-1", "Account made")
    assert do("close", "261122-1").err == "Say what the caller was told.\n"
    assert do("close", "261122-1", "--told", "by phone").code == 0


def test_scripts_read_stable_keys_and_utc(do: Do) -> None:
    do("open", "Ransomware", "--kind", "security", "--class", "malware", "--grade", "iii", "--urgency", "high")
    [line] = json.loads(do("list", "--json").out)
    assert line["number"] == "INC-261122-1"
    assert line["opened_at"] == "2026-11-22T06:32:00Z"
    assert line["report_due_at"] == "2026-11-22T10:32:00Z"
    assert line["acknowledge_by"] == "2026-11-22T06:47:00Z"
    assert (line["priority"], line["status"], line["kind"]) == ("P2", "open", "security")
    shown = json.loads(do("show", "261122-1", "--json").out)
    assert shown["security_class"] == "malware"
    assert shown["events"][0]["kind"] == "opened"
    assert shown["events"][0]["said"] == "Opened, P2, Staff"
    assert "key" not in line


def test_in_chinese(do: Do) -> None:
    do("open", "三楼核心交换机掉线", "--impact", "high", "--urgency", "high", lang="zh")
    assert "待确认" in do("list", lang="zh").out
    assert "登记，P1，院内人员" in do("show", "261122-1", lang="zh").out
    found = do("list", "--search", "交换机", lang="zh").out
    assert "三楼核心交换机掉线" in found
    assert do("list", "--search", "打印机", lang="zh").out == "没有符合条件的事件。\n"


def test_hostile_text_prints_as_text(do: Do) -> None:
    do("open", "[red]x\x1b[2J\x9b31m\u202e", "--detail", "a\nb")
    printed = do("show", "261122-1").out + do("list").out
    assert "[red]x" in printed
    for steering in ("\x1b", "\x9b", "\u202e"):
        assert steering not in printed


def test_reopen_and_merge(do: Do) -> None:
    do("open", "First")
    do("open", "Second")
    do("resolve", "261122-1", "done")
    assert do("reopen", "261122-1", "--reason", "again").code == 0
    merged = do("merge", "261122-2", "261122-1")
    assert (merged.code, merged.err) == (0, "261122-2 merged into INC-261122-1.\n")
    assert "INC-261122-2 merged into this one" in do("show", "261122-1").out


def test_the_command_never_imports_textual() -> None:
    code = "import sys, dutydesk.cli.incidents, dutydesk.locale.incidents; sys.exit('textual' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
