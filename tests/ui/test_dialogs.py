"""The small dialogs, how they are awaited, and what happens when they are asked in the wrong place."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest

from dutydesk import locale
from dutydesk.domain.errors import Refused
from dutydesk.domain.words import Named
from dutydesk.ui.forms.asking import Asking
from dutydesk.ui.forms.questions import Confirm, Reading
from dutydesk.ui.forms.screen import FormScreen
from tests.ui.conftest import LANGUAGES, SIZES
from tests.ui.formdesk import Ground, form_app, screen_text, until


class Way(Named):
    REMOTE = "remote", "Remote"
    SITE = "site", "On site"


def asking(app):
    return isinstance(app.screen, Asking)


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        ("y", True),
        ("n", False),
        ("escape", False),
        ("enter", False),
        ("left enter", True),
        ("left right enter", False),
        ("tab q z enter", False),
    ],
)
async def test_confirm(keys, answer):
    async with form_app() as (app, pilot):
        app.ask_now(lambda: app.confirm("Close [red]INC-1[/]?", "Close it"))
        await until(pilot, lambda: asking(app) and "Close [red]INC-1[/]?" in screen_text(app))
        assert "Close it" in screen_text(app)
        await pilot.press(*keys.split())
        await until(pilot, lambda: app.answers == [answer])


async def test_confirm_may_lean_to_yes():
    async with form_app() as (app, pilot):
        app.ask_now(lambda: app.confirm("Go on?", default=True))
        await until(pilot, lambda: asking(app))
        await pilot.press("enter")
        await until(pilot, lambda: app.answers == [True])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", LANGUAGES)
async def test_every_dialog_fits_and_speaks(size, lang):
    locale.use(lang)
    long = "很长的一句话，说明将要发生什么。" * 20
    words = {"en": ["esc Leave", "enter OK", "Close"], "zh": ["esc 离开", "回车 确定", "关闭"]}[lang]
    async with form_app(size) as (app, pilot):
        for question, word in (
            (lambda: app.ask_pin(long), words[0]),
            (lambda: app.ask_line("Title", hint=long), words[1]),
            (lambda: app.show_text("Title", long * 10), words[2]),
            (lambda: app.confirm(long), "▸ n"),
            (lambda: app.choose("Title", Way), words[0]),
        ):
            app.ask_now(question)
            await until(pilot, lambda word=word: asking(app) and word in screen_text(app))
            panel = app.screen.query_one("#ask-panel").region
            assert panel.x >= 0
            assert panel.right <= size[0]
            assert panel.bottom <= size[1]
            while asking(app):
                await pilot.press("escape")
        assert app.answers == [None, None, None, False, None]


async def test_ask_line_wants_something_and_esc_is_none():
    async with form_app() as (app, pilot):
        app.ask_now(lambda: app.ask_line("Reason"))
        await until(pilot, lambda: asking(app) and app.focused)
        await pilot.press("enter")
        await until(pilot, lambda: "✗ This must not be empty." in screen_text(app))
        await pilot.press(*" a b ", "enter")
        await until(pilot, lambda: app.answers == ["a b"])
        app.ask_now(lambda: app.ask_line("Reason", required=False, initial="old"))
        await until(pilot, lambda: asking(app) and app.focused)
        await pilot.press("x", "enter")
        await until(pilot, lambda: app.answers[1:] == ["oldx"])
        app.ask_now(lambda: app.ask_line("Reason", required=False))
        await until(pilot, lambda: asking(app) and app.focused)
        await pilot.press("enter")
        await until(pilot, lambda: app.answers[2:] == [""])


async def test_ask_pin_masks_checks_and_lets_one_try_again():
    async def check(pin):
        if pin != "2580":
            raise Refused("Wrong PIN; {n} tries left.", n=4)

    async with form_app() as (app, pilot):
        app.ask_now(lambda: app.ask_pin("Signs the handover.", check))
        await until(pilot, lambda: asking(app) and app.focused)
        assert "Signs the handover." in screen_text(app)
        await pilot.press(*"1111")
        assert "••••" in screen_text(app)
        await pilot.press("enter")
        await until(pilot, lambda: "✗ Wrong PIN; 4 tries left." in screen_text(app))
        assert "•" not in screen_text(app)
        await pilot.press(*"2580", "enter")
        await until(pilot, lambda: app.answers == ["2580"])
        assert app.desk.writes == []


async def test_a_pin_cannot_be_copied():
    async with form_app() as (app, pilot):
        app.ask_now(lambda: app.ask_pin("Signs."))
        await until(pilot, lambda: asking(app) and app.focused)
        await pilot.press(*"2580", "shift+home", "ctrl+x")
        app.focused.select_all()
        await pilot.press("ctrl+x")
        assert app.clipboard == ""
        assert app.focused.value == "2580"


async def test_choose_by_arrows_and_by_typing():
    options = [(number, f"Room {number}") for number in range(1, 40)]
    async with form_app() as (app, pilot):
        app.ask_now(lambda: app.choose("Where?", options))
        await until(pilot, lambda: asking(app) and "▸ Room 1" in screen_text(app))
        await pilot.press("enter")
        await until(pilot, lambda: app.answers == [1])
        app.ask_now(lambda: app.choose("Where?", options))
        await until(pilot, lambda: asking(app) and app.focused)
        await pilot.press("down", "down", "enter")
        await until(pilot, lambda: app.answers == [1, 3])
        app.ask_now(lambda: app.choose("Where?", options))
        await until(pilot, lambda: asking(app) and app.focused)
        await pilot.press("3", "7", "enter")
        await until(pilot, lambda: app.answers == [1, 3, 37])


async def test_choose_from_a_closed_set():
    async with form_app() as (app, pilot):
        app.ask_now(lambda: app.choose("How?", Way))
        await until(pilot, lambda: asking(app) and app.focused)
        await pilot.press(*"on", "enter")
        await until(pilot, lambda: app.answers == [Way.SITE])


async def test_show_text_scrolls_copies_and_closes():
    async with form_app() as (app, pilot):
        app.ask_now(lambda: app.show_text("Sheet", "\n".join(f"row {n} [@click=app.quit]x[/]" for n in range(90))))
        await until(pilot, lambda: isinstance(app.screen, Reading))
        assert "row 0 [@click=app.quit]x[/]" in screen_text(app)
        await pilot.press("pagedown")
        await until(pilot, lambda: "row 0 " not in screen_text(app))
        await pilot.press("end")
        await until(pilot, lambda: "row 89 " in screen_text(app))
        await pilot.press("home")
        await until(pilot, lambda: "row 0 " in screen_text(app))
        await pilot.press("y")
        assert app.clipboard.count("\n") == 89
        await pilot.press("escape")
        await until(pilot, lambda: app.answers == [None])


# -- awaiting --------------------------------------------------------------------------------------------------------


async def test_asking_in_a_message_handler_is_refused_before_anything_is_shown():
    caught = []

    class Wrong(Ground):
        async def key_w(self):
            try:
                await self.desk_app.confirm("Really?")
            except RuntimeError as error:
                caught.append(str(error))

    async with form_app() as (app, pilot):
        await app.push_screen(Wrong())
        await pilot.press("w")
        await until(pilot, lambda: caught)
        assert "@work" in caught[0]
        assert not asking(app)


async def test_asking_on_the_apps_own_task_is_refused():
    async with form_app() as (app, pilot):
        caught = []

        async def wrong():
            try:
                await app.ask_line("Title")
            except RuntimeError as error:
                caught.append(str(error))

        app.call_later(wrong)
        await until(pilot, lambda: caught)
        assert not asking(app)


async def test_who_gives_up_waiting_takes_the_dialog_with_him():
    async with form_app() as (app, pilot):
        task = asyncio.create_task(app.confirm("Really?"))
        await until(pilot, lambda: asking(app))
        task.cancel()
        await until(pilot, lambda: not asking(app))


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited")  # what had not begun by then
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("turns", [0, 1, 2, 3, 5, 20])
async def test_the_console_may_close_while_a_dialog_opens(turns):
    async with form_app() as (app, pilot):
        await pilot.pause()
        app.ask_now(lambda: app.confirm("Really?"))
        for _turn in range(turns):
            await asyncio.sleep(0)
        app.exit()
    assert app._exception is None


async def test_a_dialog_that_is_removed_answers_none():
    async with form_app() as (app, pilot):
        app.ask_now(lambda: app.choose("Where?", [(1, "x")]))
        await until(pilot, lambda: asking(app))
        await app.goto("ground")
        await until(pilot, lambda: app.answers == [None])


async def test_a_dialog_under_another_may_end_first():
    async with form_app() as (app, pilot):
        app.ask_now(lambda: app.ask_line("Below"))
        await until(pilot, lambda: isinstance(app.screen, FormScreen))
        below = app.screen
        app.ask_now(lambda: app.confirm("Above?"))
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        below.action_leave()
        await until(pilot, lambda: sorted(map(str, app.answers)) == ["False", "None"])
        assert isinstance(app.screen, Ground)


async def test_keys_typed_while_a_dialog_opens_go_into_it():
    """`l` and a line written in one read: every letter arrives, none is a command."""
    async with form_app() as (app, pilot):
        app.ask_now(lambda: app.ask_line("Log"))
        for key in "quit 1 [x]":
            await pilot.press("space" if key == " " else key)
        await pilot.press("enter")
        await until(pilot, lambda: app.answers == ["quit 1 [x]"])


def imported(module: str) -> list[str]:
    """Return what a fresh interpreter has imported after `module`."""
    code = f"import sys, {module}; print(*sys.modules)"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()


def test_forms_are_imported_when_the_first_one_opens():
    loaded = imported("dutydesk.ui.app")
    assert not [name for name in loaded if name.startswith("dutydesk.ui.forms")]


def test_an_area_is_what_imports_the_text_area():
    assert "textual.widgets._text_area" not in imported("dutydesk.ui.forms.screen")
