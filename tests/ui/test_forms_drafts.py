"""Drafts: kept within a second, offered again, dropped with the save; and nothing of a PIN in them."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from dutydesk import locale
from dutydesk.domain.errors import StorageTrouble
from dutydesk.services.drafts import Draft
from dutydesk.storage import engine
from dutydesk.ui.app import DeskApp
from dutydesk.ui.forms.drafts import LATEST_SECONDS, DraftKeeper
from dutydesk.ui.forms.screen import FormScreen
from dutydesk.ui.forms.spec import Area, Choice, FormSpec, Moment, Pick, Pin, Text
from tests.ui.conftest import LANGUAGES, START
from tests.ui.formdesk import FormApp, MemoryDesk, form_app, screen_text, until

SPEC = FormSpec(
    "incident",
    "Incident",
    [Text("title", "Title", required=True), Choice("kind", "Kind", [("f", "Fault"), ("r", "Request")])],
    more=[Area("detail", "Details"), Pin("pin", "PIN")],
)


async def opened(app: Any, pilot: Any, spec: FormSpec = SPEC, initial: Any = None, save: Any = None) -> FormScreen:
    app.ask_now(lambda: app.ask_form(spec, initial, save))
    await until(pilot, lambda: isinstance(app.screen, FormScreen) and app.screen.focused)
    return app.screen


def kept(app: FormApp, key: str = "incident") -> dict[str, Any] | None:
    draft = app.desk.drafts.get(key)
    return draft.data if draft else None


async def test_what_is_typed_is_kept_by_itself():
    async with form_app() as (app, pilot):
        await opened(app, pilot)
        await pilot.press(*"SW1 down")
        await until(pilot, lambda: kept(app) == {"title": "SW1 down"})
        await pilot.press("tab", "2")
        await until(pilot, lambda: kept(app) == {"title": "SW1 down", "kind": "r"})


async def test_it_is_written_while_somebody_types_on_and_on():
    desk, typed = MemoryDesk(), {"n": 0}
    keeper = DraftKeeper(desk, "k", lambda: dict(typed), lambda _: None)  # type: ignore[arg-type]
    loop = asyncio.get_running_loop()
    begin = loop.time()
    while not desk.writes:
        typed["n"] += 1
        keeper.touch()
        await asyncio.sleep(0.02)
        assert loop.time() - begin < 1.0
    assert loop.time() - begin >= LATEST_SECONDS - 0.05
    assert len(desk.writes) == 1


async def test_a_slow_disk_gets_one_write_at_a_time_and_the_last_state():
    class SlowDesk(MemoryDesk):
        waiting: list[Any] = []

        def run(self, function, *args, done=None, failed=None):
            self.writes.append(args[1])
            self.waiting.append(done)

    desk, typed = SlowDesk(), {"n": 0}
    keeper = DraftKeeper(desk, "k", lambda: dict(typed), lambda _: None)  # type: ignore[arg-type]
    for number in range(1, 40):
        typed["n"] = number
        keeper.touch()
        await asyncio.sleep(0.03)
    assert len(desk.writes) == 1
    desk.waiting.pop()(None)
    while len(desk.writes) < 2:
        await asyncio.sleep(0.01)
    assert desk.writes[-1] == {"n": 39}


@pytest.mark.parametrize("lang", LANGUAGES)
async def test_esc_keeps_the_draft_says_so_and_it_comes_back(lang, at):
    locale.use(lang)
    said = {"en": "Kept as a draft", "zh": "已留作草稿"}[lang]
    restored = {"en": "Draft from 14:32 restored · ctrl+d discards", "zh": "已恢复 14:32 的草稿 · ctrl+d 丢弃"}[lang]
    async with form_app() as (app, pilot):
        await opened(app, pilot)
        await pilot.press(*"SW1", "escape")
        await until(pilot, lambda: said in screen_text(app))
        assert app.answers == [None]
        assert kept(app) == {"title": "SW1"}
        at(START + 600)
        screen = await opened(app, pilot)
        await until(pilot, lambda: restored in screen_text(app))
        assert screen.state.raws["title"] == "SW1"
        await pilot.press("2")
        assert screen.state.raws["title"] == "SW12"


async def test_a_draft_of_a_folded_field_unfolds_it():
    async with form_app() as (app, pilot):
        app.desk.drafts["incident"] = Draft("incident", {"detail": "vendor called"}, START)
        screen = await opened(app, pilot)
        await until(pilot, lambda: "vendor called" in screen_text(app))
        assert screen.unfolded


async def test_nothing_typed_leaves_no_draft_and_no_words():
    async with form_app() as (app, pilot):
        await opened(app, pilot)
        await pilot.press("tab", "shift+tab", "escape")
        await until(pilot, lambda: app.answers == [None])
        assert app.desk.writes == []
        assert app.notices == []


async def test_what_is_typed_away_again_takes_the_draft_with_it():
    async with form_app() as (app, pilot):
        await opened(app, pilot)
        await pilot.press("x")
        await until(pilot, lambda: kept(app))
        await pilot.press("backspace")
        await until(pilot, lambda: kept(app) is None)


async def test_a_save_drops_the_draft_and_nothing_writes_it_again():
    async with form_app() as (app, pilot):
        await opened(app, pilot, save=lambda values: asyncio.sleep(0, 7))
        await pilot.press(*"SW1")
        await until(pilot, lambda: kept(app))
        await pilot.press("x", "f10")
        await until(pilot, lambda: app.answers == [7])
        assert kept(app) is None
        await asyncio.sleep(LATEST_SECONDS)
        assert kept(app) is None


async def test_ctrl_d_asks_then_discards():
    async with form_app() as (app, pilot):
        app.desk.drafts["incident"] = Draft("incident", {"title": "SW1"}, START)
        screen = await opened(app, pilot, initial={"kind": "f"})
        await until(pilot, lambda: "SW1" in screen_text(app))
        await pilot.press("ctrl+d")
        await until(pilot, lambda: "Discard what you have typed here?" in screen_text(app))
        await pilot.press("n")
        await until(pilot, lambda: app.screen is screen)
        assert kept(app) == {"title": "SW1"}
        await pilot.press("ctrl+d", "y")
        await until(pilot, lambda: app.screen is screen and kept(app) is None)
        assert screen.state.raws["title"] == ""
        assert screen.state.collect() is None
        await until(pilot, lambda: "restored" not in screen_text(app))
        await pilot.press("ctrl+d")
        assert "There is nothing to discard." in app.notices


async def test_a_pin_is_never_in_a_draft():
    async with form_app() as (app, pilot):
        screen = await opened(app, pilot)
        screen.unfold()
        await pilot.press("tab", *"2580")
        await pilot.press("shift+tab", *"detail")
        await until(pilot, lambda: kept(app) == {"detail": "detail"})
        assert "2580" not in json.dumps([data for _name, data in app.desk.writes])


async def test_a_draft_is_plain_json_and_its_times_are_instants(at):
    spec = FormSpec("m", "M", [Moment("when", "When"), Pick("who", "Who", [(1, "Eng. A")]), Area("d", "D")])
    async with form_app() as (app, pilot):
        await opened(app, pilot, spec)
        await pilot.press(*"-20", "tab", *"Eng", "down", "enter", *"a[b]")
        await until(pilot, lambda: (kept(app, "m") or {}).get("d") == "a[b]")
        data = json.loads(json.dumps(kept(app, "m")))
        assert data == {"when": START - 1200, "who": [1, "Eng. A"], "d": "a[b]"}
        at(START + 86_400)
        app.desk.drafts["m"] = Draft("m", data, START)
        await pilot.press("escape")
        await until(pilot, lambda: app.answers)
        screen = await opened(app, pilot, spec)
        await until(pilot, lambda: "restored" in screen_text(app))
        assert screen.state.collect() == {"when": START - 1200, "who": 1, "d": "a[b]"}


async def test_a_draft_of_an_older_version_says_that_the_record_changed():
    async with form_app() as (app, pilot):
        app.desk.drafts["incident"] = Draft("incident", {"title": "SW1", "@version": 3}, START)
        await opened(app, pilot, initial={"title": "SW1 and SW2", "version": 4})
        await until(pilot, lambda: "the record has changed since" in screen_text(app))


async def test_trouble_with_the_draft_is_said_and_tried_again(monkeypatch):
    monkeypatch.setattr("dutydesk.ui.forms.drafts.AGAIN_SECONDS", 0.05)
    async with form_app() as (app, pilot):
        await opened(app, pilot)
        app.desk.trouble = StorageTrouble("The disk is full.")
        await pilot.press(*"SW1")
        await until(pilot, lambda: "The draft cannot be kept: The disk is full." in screen_text(app))
        app.desk.trouble = None
        await until(pilot, lambda: kept(app) == {"title": "SW1"})
        await until(pilot, lambda: "cannot be kept" not in screen_text(app))


async def test_leaving_asks_when_the_draft_could_not_be_kept():
    async with form_app() as (app, pilot):
        screen = await opened(app, pilot)
        app.desk.trouble = StorageTrouble("The disk is full.")
        await pilot.press(*"SW1")
        await until(pilot, lambda: "cannot be kept" in screen_text(app))
        await pilot.press("escape")
        await until(pilot, lambda: "Leave and lose it?" in screen_text(app))
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is screen)
        await pilot.press("escape", "y")
        await until(pilot, lambda: app.answers == [None])


async def test_typing_before_the_draft_arrives_is_not_lost(monkeypatch):
    """A desk answers in the order it is asked: nothing is written before the draft was looked for."""
    monkeypatch.setattr("dutydesk.ui.forms.drafts.QUIET_SECONDS", 60)
    monkeypatch.setattr("dutydesk.ui.forms.drafts.LATEST_SECONDS", 60)
    async with form_app() as (app, pilot):
        app.desk.drafts["incident"] = Draft("incident", {"title": "SW1 down", "kind": "r"}, START)
        app.desk.open.clear()
        screen = await opened(app, pilot)
        await pilot.press(*"floor 3")
        await until(pilot, lambda: "floor 3" in screen_text(app))
        app.desk.open.set()
        await until(pilot, lambda: "restored" in screen_text(app))
        assert screen.state.raws == {"title": "SW1 down floor 3", "kind": 1, "detail": "", "pin": ""}


async def test_a_form_that_is_taken_away_keeps_its_draft_and_answers():
    async with form_app() as (app, pilot):
        await opened(app, pilot)
        await pilot.press(*"SW1")
        await app.goto("ground")
        await until(pilot, lambda: app.answers == [None])
        assert kept(app) == {"title": "SW1"}


async def test_nobody_signed_in_no_draft():
    async with form_app() as (app, pilot):
        app.desk.who = None
        await opened(app, pilot)
        await pilot.press(*"SW1", "escape")
        await until(pilot, lambda: app.answers == [None])
        assert app.desk.writes == []


# -- with the real desk ----------------------------------------------------------------------------------------------


class GroundApp(DeskApp):
    """The console with one plain screen."""

    places = FormApp.places


def stored(path: Any) -> dict[str, Any]:
    """Return the drafts in a desk file by form."""
    engine.connect(str(path))
    try:
        return {form: json.loads(data) for form, data in engine.db.execute_sql("SELECT form, data FROM draft")}
    finally:
        engine.disconnect()


async def test_two_consoles_of_one_person_keep_two_drafts(desk_file, at):
    """What he types into the same form at both is kept apart; each is offered again, the newest first."""
    first, second = (GroundApp(str(desk_file), login="eng-a") for _each in range(2))
    async with first.run_test(size=(80, 24)) as one:
        await _typed_and_left(first, one, "text of console one")
    at(START + 60)
    async with second.run_test(size=(80, 24)) as two:
        await until(two, lambda: second.who)
        keeper = DraftKeeper(
            second.desk, "incident", lambda: {"title": "text of console two"}, lambda _: None, apart=True
        )
        keeper.touch()
        keeper.close()
        await until(two, lambda: keeper.key != "incident")
    texts = {"incident": {"title": "text of console one"}, "incident~2": {"title": "text of console two"}}
    assert stored(desk_file) == texts
    third = GroundApp(str(desk_file), login="eng-a")
    async with third.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: third.who)
        for text in ("text of console two", "text of console one"):
            third.do(lambda: third.ask_form(SPEC), opens=True)
            await until(pilot, lambda: isinstance(third.screen, FormScreen) and third.screen.focused)
            await until(pilot, lambda text=text: text in screen_text(third))
            await third.screen.keeper.drop()
            third.screen.finish(None)
            await until(pilot, lambda: not isinstance(third.screen, FormScreen))
    assert stored(desk_file) == {}


async def _typed_and_left(app, pilot, text):
    await until(pilot, lambda: app.who)
    app.do(lambda: app.ask_form(SPEC), opens=True)
    await until(pilot, lambda: isinstance(app.screen, FormScreen) and app.screen.focused)
    await pilot.press(*("space" if letter == " " else letter for letter in text))
    await app.leave()


@pytest.mark.parametrize("how", ["leave", "exit"])
async def test_what_was_typed_last_is_in_the_file_when_the_console_closes(desk_file, at, how):
    app = GroundApp(str(desk_file), login="eng-a")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.who)
        app.do(lambda: app.ask_form(SPEC), opens=True)
        await until(pilot, lambda: isinstance(app.screen, FormScreen) and app.screen.focused)
        await pilot.press(*"机房A漏水 [red]")
        if how == "leave":
            await app.leave()
        else:
            app.exit()
    assert stored(desk_file) == {"incident": {"title": "机房A漏水 [red]"}}
