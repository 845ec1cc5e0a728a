"""Moving about: numbered screens, back, palette, help, leaving; and how screens load again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dutydesk.services import drafts
from dutydesk.services import log as logs
from dutydesk.ui import arrival, console
from dutydesk.ui.commands import ANYWHERE
from dutydesk.ui.theme import NAMES
from tests.ui.base_screens import BaseApp, FirstScreen, SecondScreen, top_state
from tests.ui.conftest import LANGUAGES, SIZES, START

pytestmark = pytest.mark.usefixtures("at")


@pytest.fixture(autouse=True)
def _top(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "read_top", lambda who: top_state(START))
    monkeypatch.setattr(arrival, "first_look", lambda who: (top_state(START), None))


@pytest.fixture
async def seen(desk_file: Path, look: Callable[..., Any], request: Any) -> Any:
    """Return the console of Eng. A in English, nothing focused."""
    lang = getattr(request, "param", "en")
    async with BaseApp(str(desk_file), "eng-a", lang).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("loads")
        yield seen


async def test_numbers_and_back(seen: Any) -> None:
    """A number shows its screen, which is kept; esc leaves what lies on it."""
    first = seen.app.shown
    await seen.press("4")
    await seen.shows("second body")
    second = seen.app.shown
    await seen.app.push_screen(SecondScreen())
    await seen.until(lambda: len(seen.app.screen_stack) == 2)
    await seen.press("escape")
    assert seen.app.shown is second
    await seen.app.push_screen(SecondScreen())
    await seen.press("1")
    assert seen.app.shown is first
    assert seen.app.screen_stack == [first]
    await seen.press("escape", "4")
    assert seen.app.shown is second


async def test_numbers_without_a_screen_do_nothing(seen: Any) -> None:
    """6, 7 and 9 belong to screens that are not there."""
    await seen.press("6", "7", "9", "5")
    assert isinstance(seen.app.shown, FirstScreen)


async def test_a_change_loads_what_is_shown_and_marks_the_rest(seen: Any) -> None:
    """A log line loads the shown screen again; the hidden one loads when it is shown; other subjects leave both."""
    first = seen.app.shown
    await seen.press("4")
    second = seen.app.shown
    await second.loaded()
    await seen.until(lambda: seen.app.desk._feed is not None)  # its first look tells what was written since the start
    loads = first.loads, second.loads
    await seen.app.desk.ask(logs.write, "Vendor called.")
    await seen.until(lambda: second.loads > loads[1])
    assert first.loads == loads[0]
    await seen.press("1")
    await seen.until(lambda: first.loads == loads[0] + 1)
    await seen.press("4", "1")
    await first.loaded()
    assert first.loads == loads[0] + 1


async def test_many_requests_are_one_load(seen: Any) -> None:
    """However often a reload is asked for while one runs, one more follows."""
    first = seen.app.shown
    gate = asyncio.Event()
    plain = first.load

    async def slow() -> None:
        await gate.wait()
        await plain()

    first.load = slow
    loads = first.loads
    for _ in range(20):
        first.request_reload()
        await asyncio.sleep(0)
    gate.set()
    await first.loaded()
    assert first.loads - loads <= 2


async def test_a_slow_command_lets_keys_through(seen: Any) -> None:
    """Keys wait 0.4 s for a command at most."""
    await seen.pilot.press("w", "a")
    await seen.until(lambda: seen.app.shown.done == ["ok"])
    seen.app.shown.release.set()
    await seen.until(lambda: seen.app.shown.done == ["ok", "slow"])


@pytest.mark.parametrize("seen", LANGUAGES, indirect=True)
async def test_palette(seen: Any) -> None:
    """Any screen and command by name, in either language; greyed ones say why; enter goes there."""
    await seen.press("colon")
    await seen.shows("Go to" if seen.app.lang == "en" else "前往")
    await seen.press(*"never")
    await seen.shows("Not while it rains.")
    await seen.press(*["backspace"] * 5, *"log", "enter")
    await seen.shows("second body")
    await seen.press("ctrl+p", *"zzz")
    await seen.shows("Nothing of that name." if seen.app.lang == "en" else "没有匹配的内容。")
    await seen.press("escape")
    assert len(seen.app.screen_stack) == 1


async def test_palette_finds_incidents(seen: Any) -> None:
    """Any word of an incident finds it, one Chinese character too, and enter shows it."""
    from dutydesk.services import incidents

    opened = await seen.app.desk.ask(incidents.open_incident, incidents.NewIncident("核心交换机 SW1 宕机"))
    await seen.press("colon", "宕")
    await seen.shows(f"{opened.number} 核心交换机 SW1 宕机")
    await seen.press("enter")
    await seen.until(lambda: len(seen.app.screen_stack) == 2)
    await seen.shows("核心交换机 SW1 宕机")
    await seen.press("escape")
    await seen.until(lambda: len(seen.app.screen_stack) == 1)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", LANGUAGES)
async def test_help_names_every_command(desk_file: Path, look: Callable[..., Any], size: Any, lang: str) -> None:
    """The sheet is made from the commands, says why one is greyed, and switches its language."""
    async with BaseApp(str(desk_file), "eng-a", lang).run_test(size=size) as pilot:
        seen = look(pilot)
        await seen.shows("loads")
        await seen.press("question_mark")
        await seen.shows("Refuse in a sentence.", "Not while it rains.")
        sheet = str(pilot.app.screen.text)
        for command in ANYWHERE:
            assert command.hidden or seen.app.shown.keys_of(command) in sheet
        await seen.press("f2")
        await seen.shows("任何位置" if lang == "en" else "Anywhere")
        await seen.press("escape")
        assert len(pilot.app.screen_stack) == 1


async def test_quit(seen: Any) -> None:
    """q leaves at once when nothing is unfinished."""
    await seen.pilot.press("q")
    await seen.until(lambda: seen.app._exit)


async def test_quit_asks_when_a_draft_is_open(seen: Any) -> None:
    """With an unfinished form q asks first, and no stays."""
    await seen.app.desk.ask(drafts.keep, "incident", {"title": "Core"})
    await seen.press("q")
    await seen.shows("One form is not finished.")
    await seen.press("n")
    await seen.until(lambda: len(seen.app.screen_stack) == 1)
    await seen.press("q")
    await seen.pilot.press("y")
    await seen.until(lambda: seen.app._exit)


async def test_control_c_asks_once(seen: Any) -> None:
    """ctrl+c asks, from a field too; asking twice shows one question."""
    seen.app.screen.query_one("#field").focus()
    await seen.press("ctrl+c", "ctrl+c")
    await seen.shows("Leave the console?")
    assert len(seen.app.screen_stack) == 2
    await seen.press("escape")
    await seen.until(lambda: len(seen.app.screen_stack) == 1)
    assert not seen.app._exit


async def test_themes(seen: Any) -> None:
    """f3 goes through the four of them and comes back."""
    names = []
    for _ in NAMES:
        await seen.press("f3")
        names.append(seen.app.theme)
    assert names == [*NAMES[1:], NAMES[0]]


async def test_readers_may_not_write(desk_file: Path, look: Callable[..., Any]) -> None:
    """The keys that write are greyed for a reader and say why."""
    async with BaseApp(str(desk_file), "reader", "en").run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("loads")
        for key in ("n", "l", "s"):
            await seen.press(key)
            await seen.shows("Readers may look, not write.")
