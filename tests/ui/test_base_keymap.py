"""The user's own keys, the marks, and the last door for text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from textual.app import ComposeResult
from textual.widgets import Input, Static, TextArea

from dutydesk.ui import arrival, characters, commands, console, keymap, marks
from dutydesk.ui.commands import ANYWHERE
from dutydesk.ui.guard import LineGuard
from tests.ui.base_screens import BaseApp, FirstScreen, TestPlace, top_state
from tests.ui.conftest import START


@pytest.fixture(autouse=True)
def _top(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "read_top", lambda who: top_state(START))
    monkeypatch.setattr(arrival, "first_look", lambda who: (top_state(START), None))


@pytest.fixture
def keys_toml(tmp_path: Path) -> Callable[[str], Path]:
    """Return how to write the user's keys.toml."""

    def write(text: str) -> Path:
        path = tmp_path / "config" / "dutydesk" / "keys.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_no_file_means_no_change(tmp_path: Path) -> None:
    """Most people have none."""
    assert keymap.read(tmp_path / "none.toml") == ({}, [])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[keys", "keys.toml, line 1: this is not TOML. The usual keys"),
        ("keys = 3", "must be a table"),
        ('[keys]\n"desk.help" = 3', "desk.help needs a key"),
        ('[keys]\n"desk.help" = []', "desk.help needs a key"),
    ],
)
def test_what_is_not_understood_is_said(keys_toml: Callable[[str], Path], text: str, words: str) -> None:
    """One sentence, and the usual keys."""
    keys, wrong = keymap.read(keys_toml(text))
    assert keys == {}
    assert len(wrong) == 1
    assert words in wrong[0]


def test_a_taken_key_stays_with_its_command() -> None:
    """A key of another command is refused in a sentence; swapping two is allowed."""
    keys, wrong = keymap.resolve(ANYWHERE, {"desk.incident": ("l",)})
    assert keys == {"desk.incident": ("n",)}
    assert wrong == ["keys.toml: “l” for desk.incident is the key of desk.log."]
    keys, wrong = keymap.resolve(ANYWHERE, {"desk.incident": ("l",), "desk.log": ("n",)})
    assert (keys, wrong) == ({"desk.incident": ("l",), "desk.log": ("n",)}, [])


def test_two_own_keys_that_meet() -> None:
    """The first one in the registry gets it, the other keeps its own."""
    keys, wrong = keymap.resolve(ANYWHERE, {"desk.incident": ("f9",), "desk.log": ("f9",)})
    assert keys == {"desk.incident": ("f9",), "desk.log": ("l",)}
    assert wrong == ["keys.toml: “f9” for desk.log is the key of desk.incident."]


def test_every_command_has_its_own_key_and_id() -> None:
    """No key does two things anywhere."""
    keys = [key for command in ANYWHERE for key in command.keys]
    assert len(keys) == len(set(keys))
    assert len(ANYWHERE) == len({command.id for command in ANYWHERE})


async def test_own_keys_work_and_are_shown(
    desk_file: Path, look: Callable[..., Any], keys_toml: Callable[[str], Path], at: Any
) -> None:
    """Footer and help show them; the old key is free; the file's quarrel is said once."""
    keys_toml('[keys]\n"first.argument" = ["f9", "k"]\n"desk.quit" = "ctrl+x"\n"desk.log" = "n"\n')
    async with BaseApp(str(desk_file), "eng-a", "en").run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("F9 Argument", "“n” for desk.log is the key of desk.incident")
        await seen.press("k", "a", "q", "f9")
        assert seen.app.shown.done == ["ok", "ok"]
        assert not seen.app._exit
        await seen.press("question_mark")
        await seen.shows("F9 k")


@pytest.mark.parametrize(
    ("key", "shown"), [("question_mark", "?"), ("escape", "esc"), ("f10", "F10"), ("n", "n"), ("ctrl+p", "ctrl+p")]
)
def test_shown_keys(key: str, shown: str) -> None:
    """Keys are shown as they stand on the keyboard."""
    assert commands.shown_key(key) == shown


@pytest.mark.parametrize(
    ("env", "wanted"),
    [
        ({"LANG": "zh_CN.UTF-8", "TERM": "tmux-256color"}, False),
        ({"LANG": "zh_CN.GB18030"}, True),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "en_US.ISO-8859-1"}, True),
        ({"LANG": "C", "TERM": "xterm-256color"}, False),
        ({"TERM": "xterm"}, False),
        ({}, True),
        ({"TERM": "linux", "LANG": "C.UTF-8"}, True),
        ({"TERM": "linux", "LANG": "C.UTF-8", "DUTYDESK_ASCII": "0"}, False),
        ({"LANG": "C.UTF-8", "DUTYDESK_ASCII": "1"}, True),
    ],
)
def test_when_marks_are_ascii(env: dict[str, str], wanted: bool) -> None:
    """By the terminal and its encoding, and as `DUTYDESK_ASCII` says."""
    assert characters.of_terminal(env).plain is wanted


def test_every_mark_has_an_ascii_form() -> None:
    """In ASCII nothing else is drawn, trend and progress included."""
    marks.use_ascii(True)
    names = [name for name in vars(marks) if name.isupper() and not name.startswith("_")]
    assert all(getattr(marks, name).isascii() for name in names)
    assert marks.progress(7, 18, 18) == "#######" + "." * 11
    assert marks.spark([1, 2, 3]).isascii()
    marks.use_ascii(False)
    assert marks.LATE == "▲"
    assert marks.spark([61, 61, 70, 70, 83]) == "▁▁▃▃▇"
    assert marks.spark([5, 5]) == "▄▄"
    assert marks.spark([9, 9, 9, 1, 1, 1, 1, 1]) == "▄▄▄▄▄"
    assert marks.spark([]) == ""


HOSTILE = "A\x1b[2JB\x9b2JC\x1b]0;x\x07D\u202eE\u2066F\u200bG"


class HostileScreen(FirstScreen):
    """Shows what no cleaning has touched."""

    def compose_body(self) -> ComposeResult:
        """Draw it in every way text reaches the screen."""
        yield Static(HOSTILE, id="said", markup=False)
        yield Input(HOSTILE)
        yield TextArea(HOSTILE)
        boxed = Static("x", markup=False)
        boxed.styles.border = ("solid", "red")
        boxed.border_title = HOSTILE.replace("[", "(")
        yield boxed

    async def load(self) -> None:
        """Say it in the status line too."""
        self.hint(HOSTILE)


class HostileApp(BaseApp):
    """The console with the hostile screen."""

    class _Place(TestPlace):
        screens = {"shift": HostileScreen}

    places = (_Place("1", "shift", "Shift"),)


@pytest.mark.parametrize("guarded", [True, False])
async def test_nothing_steers_the_terminal(desk_file: Path, look: Callable[..., Any], at: Any, guarded: bool) -> None:
    """With the guard no control leaves the app and no line changes its width; without it, they do."""
    app = HostileApp(str(desk_file), "eng-a", "en")
    if not guarded:
        app._filters = [each for each in app._filters if not isinstance(each, LineGuard)]
    async with app.run_test(size=(80, 24)) as pilot:
        await look(pilot).until(lambda: pilot.app.shown.query_one("#said"))
        await pilot.pause()
        strips = pilot.app.screen._compositor.render_strips()
        sent = "".join(strip.render(pilot.app.console) for strip in strips)
        bad = [mark for mark in ("\x1b[2J", "\x9b", "\x1b]0;", "\u202e", "\u2066") if mark in sent]
        assert (bad == []) is guarded
        assert {cell_len("".join(segment.text for segment in strip)) for strip in strips} == {80}


@pytest.mark.parametrize(("key", "shown"), [("left", "left"), ("down", "down"), ("greater_than_sign", ">")])
def test_arrows_are_called_by_name_where_lines_are_ascii(key: str, shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """`<` and `>` are keys of their own."""
    monkeypatch.setattr(marks, "is_ascii", lambda: True)
    assert commands.shown_key(key) == shown
