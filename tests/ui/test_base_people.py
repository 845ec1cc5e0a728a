"""Who is at the console: the sign-in dialog, somebody else, what a person likes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dutydesk.services import people
from dutydesk.ui import arrival, console
from tests.ui.base_screens import BaseApp, top_state
from tests.ui.conftest import LANGUAGES, PIN, SIZES, START

pytestmark = pytest.mark.usefixtures("at")


@pytest.fixture(autouse=True)
def _nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "read_top", lambda who: top_state(START))
    monkeypatch.setattr(arrival, "first_look", lambda who: (top_state(START), None))
    monkeypatch.setattr(arrival, "account", lambda: "root")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", LANGUAGES)
async def test_sign_in(desk_file: Path, look: Callable[..., Any], size: Any, lang: str) -> None:
    """Nobody is known: login and PIN are asked, a wrong PIN is said under its field, the right one opens the desk."""
    question, wrong = {
        "en": ("Who is at this console?", "Login or PIN is wrong."),
        "zh": ("谁在使用本终端？", "登录名或口令不正确。"),
    }[lang]
    async with BaseApp(str(desk_file), None, lang).run_test(size=size) as pilot:
        seen = look(pilot)
        await seen.shows(question)
        assert "loads" not in seen.text
        await seen.press(*"eng-b", "enter", *"0000", "enter")
        await seen.shows(wrong)
        await seen.press(*["backspace"] * 4, *PIN, "f10")
        await seen.until(lambda: seen.app.who is not None)
        await seen.shows("loads")
        assert seen.app.who.login == "eng-b"
        assert seen.lines[1].endswith("Eng. B" if lang == "en" else "乙工")


async def test_wrong_pins_wait(desk_file: Path, look: Callable[..., Any]) -> None:
    """After five wrong PINs the sentence says how long to wait, and the right one waits too."""
    async with BaseApp(str(desk_file), None, "en").run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("Who is at this console?")
        await seen.press(*"eng-b", "enter")
        for _ in range(5):
            await seen.press(*"9999", "enter")
            await seen.until(lambda: seen.app.keys_quiet)
            await seen.press(*["backspace"] * 4)
        await seen.press(*"9999", "enter")
        await seen.shows("wait 30 seconds")
        await seen.press(*["backspace"] * 4, *PIN, "enter")
        await seen.shows("wait 30 seconds")
        assert seen.app.who is None


async def test_leaving_the_first_question_leaves_the_console(desk_file: Path, look: Callable[..., Any]) -> None:
    """esc at the first question closes the program."""
    app = BaseApp(str(desk_file), None, "en")
    async with app.run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("Who is at this console?")
        await pilot.press("escape")
        await seen.until(lambda: app._exit)
    assert app.return_code == 0


async def test_a_slow_desk_shows_the_frame_first(
    desk_file: Path, look: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A desk that takes long to open is waited for behind the frame; then everything is there."""
    let_go = threading.Event()
    real = arrival.arrive

    def slowly(*args: Any, **words: Any) -> Any:
        let_go.wait(10)
        return real(*args, **words)

    monkeypatch.setattr("dutydesk.ui.app.arrive", slowly)
    async with BaseApp(str(desk_file), "eng-a", "en").run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("1 Shift")
        assert "loads" not in seen.text
        await seen.press("n")
        await seen.shows("Sign in at this console first.")
        let_go.set()
        await seen.shows("Fri loads", "5h28 left", "Eng. A")


async def test_somebody_else_takes_the_console(desk_file: Path, look: Callable[..., Any]) -> None:
    """f4 asks for another person; he gets his own language and colours, and keeps them."""
    async with BaseApp(str(desk_file), "eng-a").run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("loads")
        assert seen.app.lang == "zh"
        await seen.press("f2", "f3", "f4")
        await seen.shows("Somebody else at this console")
        await seen.press(*"eng-b", "enter", *PIN, "enter")
        await seen.until(lambda: seen.app.who.login == "eng-b")
        await seen.until(lambda: len(seen.app.screen_stack) == 1)
        likes = await seen.app.desk.raw(people.preferences, await seen.app.desk.raw(people.identify, "eng-a"))
        assert (likes["lang"], likes["theme"]) == ("en", "light")
    async with BaseApp(str(desk_file), "eng-a").run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("Fri loads")
        assert (seen.app.lang, seen.app.theme) == ("en", "light")
    async with BaseApp(str(desk_file), "eng-a", "zh", "contrast").run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("周五 loads")
        assert seen.app.theme == "contrast"
