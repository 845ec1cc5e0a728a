"""The form screen through Pilot: keys, layout, values, errors, saving."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest

from dutydesk import locale
from dutydesk.domain import clock
from dutydesk.domain.errors import Conflict, Invalid, StorageTrouble
from dutydesk.domain.words import Named
from dutydesk.ui import marks
from dutydesk.ui.forms.picks import narrow
from dutydesk.ui.forms.screen import FormScreen
from dutydesk.ui.forms.spec import (
    Area,
    Check,
    Choice,
    FormSpec,
    Hint,
    Moment,
    Number,
    Option,
    Pick,
    Picked,
    Pin,
    Said,
    Shown,
    Text,
)
from tests.ui.conftest import LANGUAGES, SIZES, START
from tests.ui.formdesk import FormApp, Ground, form_app, screen_text, until


class Level(Named):
    HIGH = "high", "High"
    MEDIUM = "medium", "Medium"
    LOW = "low", "Low"


LEVELS = list(Level)


def priority(values: Any) -> Said | None:
    if values["impact"] is None or values["urgency"] is None:
        return None
    level = 1 + LEVELS.index(values["impact"]) + LEVELS.index(values["urgency"])
    return Said(f"P{min(level, 4)}", "error" if level == 1 else "")


def judge(value: float | None) -> Said | str:
    if value is None:
        return "warn ≤80"
    return Said("over 80", "warning") if value > 80 else Said("ok", "success")


async def people() -> list[Option]:
    return [Option(number, f"Eng. {letter}", "network") for number, letter in enumerate("ABCDEFGHIJ", 1)]


async def similar(values: Any) -> list[Hint | str]:
    return [Hint(f"like {values['title']}", "how [red] it was solved"), "a plain line"] if values["title"] else []


INCIDENT = FormSpec(
    "incident",
    "New incident",
    [
        Text("title", "What happened", required=True, watch=similar),
        Choice("impact", "Impact", Level, required=True),
        Choice("urgency", "Urgency", Level, required=True),
        Shown("priority", "Priority", live=priority),
        Text("grade", "Grade", shown_when=lambda values: values["impact"] is Level.HIGH),
        Moment("opened_at", "When", default=clock.now),
        Pick("owner", "Owner", people),
        Number("load", "Load", unit="%", judge=judge),
        Area("detail", "Details"),
    ],
    more=[Check("told", "Supervisor told"), Text("place", "Place", help="Room and rack", limit=20)],
)


def form(app: FormApp) -> FormScreen:
    assert isinstance(app.screen, FormScreen)
    return app.screen


async def opened(
    app: FormApp, pilot: Any, spec: FormSpec = INCIDENT, initial: Any = None, save: Any = None
) -> FormScreen:
    app.ask_now(lambda: app.ask_form(spec, initial, save))
    await until(pilot, lambda: isinstance(app.screen, FormScreen) and app.screen.focused)
    return form(app)


def here(app: FormApp) -> str:
    """Return the name of the field that has the focus."""
    row = form(app).row_of(app.focused)
    return row.spec.name if row else type(app.focused).__name__


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", LANGUAGES)
async def test_a_form_is_filled_by_keys_alone_and_saved(size, lang, at):
    locale.use(lang)
    saved = []

    async def save(values):
        saved.append(values)
        return "INC-1122-1"

    async with form_app(size) as (app, pilot):
        screen = await opened(app, pilot, save=save)
        assert here(app) == "title"
        await pilot.press(*"SW1 down", "enter", "h", "enter", "2")
        await until(pilot, lambda: "P2" in screen_text(app))
        await pilot.press("enter", *"III", "enter", "ctrl+u", *"-20", "enter")
        await until(pilot, lambda: screen.state.raws["opened_at"] == "2026-11-22 14:12")
        assert here(app) == "owner"
        await pilot.press(*"eng. c", "enter", *"85")
        await until(pilot, lambda: "over 80" in screen_text(app))
        await pilot.press("tab", *"one", "enter", *"two", "tab")
        assert here(app) == "MoreLine"
        await pilot.press("enter")
        await until(pilot, lambda: here(app) == "told")
        await pilot.press("y", "enter", *"A1", "enter")
        await until(pilot, lambda: app.answers)
        assert app.answers == ["INC-1122-1"]
        assert saved == [
            {
                "title": "SW1 down",
                "impact": Level.HIGH,
                "urgency": Level.MEDIUM,
                "priority": None,
                "grade": "III",
                "opened_at": START - 20 * 60,
                "owner": 3,
                "load": 85.0,
                "detail": "one\ntwo",
                "told": True,
                "place": "A1",
            }
        ]
        assert not isinstance(app.screen, FormScreen)


@pytest.mark.parametrize("size", SIZES)
async def test_everything_stays_inside_the_terminal(size):
    async with form_app(size) as (app, pilot):
        screen = await opened(app, pilot, initial={"title": "x" * 300, "detail": "line\n" * 40})
        screen.unfold()
        await pilot.pause()
        assert screen.query_one("#ask-panel").region.bottom <= size[1]
        assert screen.query_one("#ask-panel").region.right <= size[0]
        assert "f10 Save" in screen_text(app)
        for _ in range(14):
            await pilot.press("tab")
            await pilot.pause()
            target = app.focused
            assert target is not None
            assert target.region.overlaps(screen.query_one("#ask-body").region), here(app)


async def test_up_and_down_move_between_lines_and_inside_text():
    async with form_app() as (app, pilot):
        await opened(app, pilot, FormSpec("f", "F", [Text("a", "A"), Area("b", "B"), Text("c", "C")]))
        await pilot.press("down")
        assert here(app) == "b"
        await pilot.press(*"x", "enter", *"y", "up")
        assert here(app) == "b"
        await pilot.press("home", "up")
        assert here(app) == "a"
        await pilot.press("down", "down", "down", "end", "down")
        assert here(app) == "c"
        await pilot.press("shift+tab")
        assert here(app) == "b"


async def test_letters_in_fields_are_letters_and_nothing_else_happens():
    async with form_app() as (app, pilot):
        screen = await opened(app, pilot)
        await pilot.press(*"nlsq?:/1")
        assert screen.state.raws["title"] == "nlsq?:/1"
        await pilot.press("tab", "q", "n", "z")
        assert form(app) is screen
        assert screen.state.raws["impact"] is None


async def test_options_are_chosen_by_letter_digit_and_arrows():
    spec = FormSpec(
        None, "F", [Choice("k", "K", [("a", "Alpha"), ("b", "Beta"), ("c", "Alarm")]), Choice("r", "R", Level)]
    )
    async with form_app() as (app, pilot):
        screen = await opened(app, pilot, spec)
        seen = []
        for key in ("right", "right", "left", "a", "a", "2", "9", "end", "right", "home", "space", "backspace"):
            await pilot.press(key)
            seen.append(screen.state.raws["k"])
        assert seen == [0, 1, 0, 2, 0, 1, 1, 2, 2, 0, 1, None]


async def test_in_chinese_the_english_letter_still_chooses():
    locale.use("zh")
    async with form_app() as (app, pilot):
        screen = await opened(app, pilot, FormSpec(None, "F", [Check("told", "Told")]))
        await pilot.press("y")
        assert screen.state.collect() == {"told": True}
        assert "● 是" in screen_text(app)
        assert "○ 否" in screen_text(app)


async def test_errors_stand_under_their_field_in_words():
    async with form_app() as (app, pilot):
        await opened(app, pilot)
        await pilot.press("tab", "f10")
        await until(pilot, lambda: "✗ This must not be empty." in screen_text(app))
        assert screen_text(app).count("✗ Choose one.") == 2
        assert here(app) == "title"
        lines = screen_text(app).splitlines()
        assert "What happened" in lines[next(i for i, line in enumerate(lines) if "✗ This" in line) - 1]
        await pilot.press("x")
        await until(pilot, lambda: "✗ This must" not in screen_text(app))


async def test_a_field_is_checked_when_it_is_left():
    spec = FormSpec(None, "F", [Number("n", "N"), Moment("m", "M"), Text("t", "T", limit=3), Text("z", "Z")])
    async with form_app() as (app, pilot):
        await opened(app, pilot, spec)
        await pilot.press(*"abc", "tab", *"soonish", "tab", *"1234", "tab")
        await until(pilot, lambda: "✗ “abc” is not a number." in screen_text(app))
        await until(pilot, lambda: "✗ “soonish” is not a time" in screen_text(app))
        await until(pilot, lambda: "✗ Too long: 4 characters, 3 at most." in screen_text(app))


async def test_a_check_sees_the_whole_form():
    def after(value, values):
        if value < values["start"]:
            raise Invalid("It ends before it starts.", field="end")

    spec = FormSpec(None, "F", [Number("start", "Start"), Number("end", "End", check=after)])
    async with form_app() as (app, pilot):
        await opened(app, pilot, spec)
        await pilot.press("5", "enter", "3", "enter")
        await until(pilot, lambda: "✗ It ends before it starts." in screen_text(app))
        await pilot.press("backspace", "7", "enter")
        await until(pilot, lambda: app.answers == [{"start": 5.0, "end": 7.0}])


async def test_what_the_service_refuses_stands_under_the_field_even_a_folded_one():
    async def save(values):
        raise Invalid("No such room: {place}.", field="place", place=values["place"])

    async with form_app() as (app, pilot):
        screen = await opened(app, pilot, initial={"title": "t", "impact": "low", "urgency": "low"}, save=save)
        await pilot.press("f10")
        await until(pilot, lambda: "✗ No such room: ." in screen_text(app))
        await until(pilot, lambda: here(app) == "place")
        assert screen.unfolded
        assert not screen.saving


async def test_storage_trouble_loses_nothing_and_can_be_tried_again():
    tries = []

    async def save(values):
        tries.append(values["title"])
        if len(tries) == 1:
            raise StorageTrouble("The disk is full.")

    async with form_app() as (app, pilot):
        screen = await opened(app, pilot, initial={"impact": "low", "urgency": "low"}, save=save)
        await pilot.press(*"SW1", "f10")
        await until(pilot, lambda: "✗ The disk is full." in screen_text(app))
        assert screen.state.raws["title"] == "SW1"
        assert here(app) == "title"
        await pilot.press("2", "f10")
        await until(pilot, lambda: app.answers == [True])
        assert tries == ["SW1", "SW12"]


async def test_no_double_save_and_a_busy_mark():
    saves, going = [], asyncio.Event()

    async def save(values):
        saves.append(values)
        await going.wait()
        return 1

    async with form_app() as (app, pilot):
        screen = await opened(app, pilot, FormSpec("f", "F", [Text("a", "A")]), save=save)
        await pilot.press("x")
        screen.action_save()
        screen.action_save()
        await until(pilot, lambda: "Saving…" in screen_text(app))
        screen.action_leave()
        screen.action_discard()
        assert form(app) is screen
        going.set()
        await until(pilot, lambda: app.answers == [1])
        assert len(saves) == 1


async def test_a_defect_in_a_save_leaves_the_form_standing(monkeypatch):
    defects = []

    async def save(_values):
        raise ZeroDivisionError

    async with form_app() as (app, pilot):
        monkeypatch.setattr(app, "unexpected", defects.append)
        screen = await opened(app, pilot, FormSpec("f", "F", [Text("a", "A")]), save=save)
        await pilot.press("x", "f10")
        await until(pilot, lambda: defects)
        assert form(app) is screen
        assert not screen.saving
        assert here(app) == "a"


async def test_similar_cases_show_below_and_f4_reads_them():
    async with form_app() as (app, pilot):
        await opened(app, pilot)
        await pilot.press(*"SW1")
        await until(pilot, lambda: "· like SW1" in screen_text(app) and "f4 reads" in screen_text(app))
        assert "· a plain line" in screen_text(app)
        await pilot.press("f4")
        await until(pilot, lambda: "how [red] it was solved" in screen_text(app))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, FormScreen))
        assert here(app) == "title"


async def test_a_field_that_does_not_apply_is_hidden_and_none():
    async with form_app() as (app, pilot):
        screen = await opened(app, pilot)
        assert "Grade" not in screen_text(app)
        await pilot.press("x", "tab", "1")
        await until(pilot, lambda: "Grade" in screen_text(app))
        await pilot.press("tab", "3", "tab", *"II", "shift+tab", "shift+tab", "3")
        await until(pilot, lambda: "Grade" not in screen_text(app))
        assert screen.state.raws["grade"] == "II"
        values = screen.state.collect()
        assert values is not None
        assert values["grade"] is None


async def test_the_language_switches_under_ones_hands(monkeypatch):
    async with form_app() as (app, pilot):
        monkeypatch.setattr(app, "remember", lambda *_: None)
        screen = await opened(app, pilot)
        await pilot.press(*"SW1 down", "left", "left")
        focused, cursor = app.focused, app.focused.cursor_position
        await pilot.press("f2")
        await until(pilot, lambda: "f10 保存" in screen_text(app))
        assert app.focused is focused
        assert focused.cursor_position == cursor == 6
        assert screen.state.raws["title"] == "SW1 down"
        await pilot.press("f2")
        await until(pilot, lambda: "f10 Save" in screen_text(app))


# -- picking ---------------------------------------------------------------------------------------------------------

PICK = FormSpec(None, "F", [Pick("owner", "Owner", people), Text("after", "After")])


async def test_a_pick_narrows_and_takes_the_marked_one():
    async with form_app() as (app, pilot):
        screen = await opened(app, pilot, PICK)
        await until(pilot, lambda: "Eng. A" in screen_text(app) and "… 4 more" in screen_text(app))
        await pilot.press(*"eng", "down", "down", "enter")
        await until(pilot, lambda: here(app) == "after")
        assert screen.state.value(screen.state.fields["owner"]) == 3
        assert "Eng. B" not in screen_text(app)


def test_the_option_that_is_named_so_comes_first():
    options = [Option(1, "Eng. D", "a night"), Option(2, "Eng. AB"), Option(3, "Eng. A")]
    assert [option.value for option in narrow(options, "eng. a")] == [3, 2, 1]


async def test_a_refused_pick_says_nothing_while_a_name_is_looked_for():
    spec = FormSpec(None, "F", [Pick("owner", "Owner", people, required=True), Text("after", "After")])
    async with form_app() as (app, pilot):
        screen = await opened(app, pilot, spec)
        await until(pilot, lambda: "Eng. A" in screen_text(app))
        await pilot.press("f10")
        await until(pilot, lambda: "✗ Choose one from the list." in screen_text(app))
        await pilot.press(*"eng. d")
        await until(pilot, lambda: "eng. d" in screen_text(app) and "✗" not in screen_text(app))
        await pilot.press("tab")
        await until(pilot, lambda: screen.state.raws["owner"] == (4, "Eng. D"))


async def test_enter_on_an_optional_pick_takes_nothing_unasked():
    async with form_app() as (app, pilot):
        await opened(app, pilot, PICK)
        await until(pilot, lambda: "Eng. A" in screen_text(app))
        await pilot.press("enter", "f10")
        await until(pilot, lambda: app.answers == [{"owner": None, "after": ""}])


async def test_leaving_a_pick_takes_what_can_only_be_meant_and_refuses_the_rest():
    async with form_app() as (app, pilot):
        screen = await opened(app, pilot, PICK)
        await until(pilot, lambda: "Eng. A" in screen_text(app))
        await pilot.press(*"g. d", "tab")
        await until(pilot, lambda: screen.state.raws["owner"] == (4, "Eng. D"))
        await pilot.press("shift+tab", "backspace", *"zz", "tab")
        await until(pilot, lambda: "✗ Nothing in the list is called “Eng. zz”." in screen_text(app))
        await pilot.press("shift+tab", "ctrl+u", "tab")
        await until(pilot, lambda: "✗" not in screen_text(app))


async def test_esc_closes_the_list_first():
    async with form_app() as (app, pilot):
        await opened(app, pilot, PICK)
        await until(pilot, lambda: "Eng. A" in screen_text(app))
        await pilot.press("escape")
        await until(pilot, lambda: "Eng. A" not in screen_text(app))
        assert isinstance(app.screen, FormScreen)
        await pilot.press("escape")
        await until(pilot, lambda: app.answers == [None])


async def test_a_pick_asks_the_desk_while_typing():
    asked = []

    async def search(text):
        asked.append(text)
        return [(text.upper(), f"Found {text}")] if text else []

    spec = FormSpec(None, "F", [Pick("it", "It", search=search), Text("b", "B")])
    async with form_app() as (app, pilot):
        screen = await opened(app, pilot, spec)
        await pilot.press(*"ups", "enter")
        await until(pilot, lambda: here(app) == "b")
        assert screen.state.value(screen.state.fields["it"]) == "UPS"
        assert asked[-1] == "ups"


async def test_a_free_pick_keeps_what_is_in_no_list():
    spec = FormSpec(None, "F", [Pick("vendor", "Vendor", [("a", "Acme east")], free=True), Text("b", "B")])
    async with form_app() as (app, pilot):
        await opened(app, pilot, spec)
        await pilot.press(*"acme", "enter", "f10")
        await until(pilot, lambda: app.answers == [{"vendor": "acme", "b": ""}])


async def test_an_opened_pick_shows_the_label_of_its_value():
    async with form_app() as (app, pilot):
        screen = await opened(app, pilot, PICK, {"owner": 2})
        await until(pilot, lambda: "Eng. B" in screen_text(app))
        assert screen.state.collect() == {"owner": 2, "after": ""}
        assert not screen.state.dirty


async def test_trouble_while_the_options_are_asked_for_is_said():
    async def broken():
        raise StorageTrouble("The desk does not answer.")

    async with form_app() as (app, pilot):
        await opened(app, pilot, FormSpec(None, "F", [Pick("it", "It", broken)]))
        await until(pilot, lambda: "The desk does not answer." in screen_text(app))


# -- two people, one record ------------------------------------------------------------------------------------------

EDIT = FormSpec("incident:5", "Incident", [Text("title", "Title"), Choice("impact", "Impact", Level), Area("d", "D")])
MINE = {"title": "SW1", "impact": Level.LOW, "d": "", "version": 3}
THEIRS = {"title": "SW1 and SW2", "impact": Level.HIGH, "d": "vendor called", "version": 4}


class Record:
    """A record that somebody else changed once."""

    def __init__(self) -> None:
        self.saved: list[dict[str, Any]] = []

    async def save(self, values: dict[str, Any]) -> str:
        if values["version"] == 3:
            raise Conflict("{name} changed this at 14:31.", theirs=dict(THEIRS), name="Eng. B")
        self.saved.append(values)
        return "saved"


async def conflict(app: FormApp, pilot: Any) -> Record:
    record = Record()
    await opened(app, pilot, EDIT, MINE, record.save)
    await pilot.press("end", *" down", "f10")
    await until(pilot, lambda: "Eng. B changed this at 14:31." in screen_text(app))
    return record


async def test_both_texts_stand_side_by_side_and_mine_can_be_kept():
    async with form_app() as (app, pilot):
        record = await conflict(app, pilot)
        line = next(line for line in screen_text(app).splitlines() if "SW1 and SW2" in line)
        assert "SW1 down" in line
        assert "Impact" not in screen_text(app).split("What stands there now")[1].split("Save mine")[0]
        await pilot.press("m")
        await until(pilot, lambda: app.answers == ["saved"])
        assert record.saved == [{**THEIRS, "title": "SW1 down"}]
        assert app.desk.drafts == {}


async def test_theirs_can_be_taken():
    async with form_app() as (app, pilot):
        record = await conflict(app, pilot)
        await pilot.press("t")
        await until(pilot, lambda: app.answers == [None])
        assert record.saved == []
        assert app.desk.drafts == {}


async def test_one_can_go_on_editing_on_the_new_version():
    async with form_app() as (app, pilot):
        record = await conflict(app, pilot)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, FormScreen) and "vendor called" in screen_text(app))
        await until(pilot, lambda: "Eng. B changed this" in screen_text(app) and here(app) == "title")
        await pilot.press("!", "f10")
        await until(pilot, lambda: app.answers == ["saved"])
        assert record.saved[0]["title"] == "SW1 down!"


async def test_a_pin_that_is_refused_is_emptied():
    async def save(values):
        if values["pin"] != "2580":
            raise Invalid("Wrong PIN.", field="pin")

    async with form_app() as (app, pilot):
        screen = await opened(app, pilot, FormSpec(None, "F", [Pin("pin", "PIN", required=True)]), save=save)
        await pilot.press(*"1111")
        assert "1111" not in screen_text(app)
        await pilot.press("enter")
        await until(pilot, lambda: "✗ Wrong PIN." in screen_text(app))
        assert screen.state.raws["pin"] == ""
        await pilot.press(*"2580", "enter")
        await until(pilot, lambda: app.answers == [True])


# -- looks, and whatever keys may come -------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", ["dark", "light", "contrast", "ansi"])
async def test_every_theme_and_ascii_marks(theme):
    marks.use_ascii(True)
    async with form_app(theme=theme) as (app, pilot):
        await opened(app, pilot, initial={"impact": "low"})
        await pilot.press("f10")
        await until(pilot, lambda: "x This must not be empty." in screen_text(app))
        assert "* Low" in screen_text(app)
        assert "o High" in screen_text(app)
        assert "More >" in screen_text(app)
        assert "+-" in screen_text(app)


async def test_a_click_does_what_the_key_does():
    async with form_app() as (app, pilot):
        screen = await opened(app, pilot)
        options = next(row for row in screen.rows.values() if row.spec.name == "impact").control
        x, y, _cells = options._places(options.size.width)[1]
        await pilot.click(options, offset=(x + 3, y))
        await until(pilot, lambda: screen.state.raws["impact"] == 1 and app.focused is options)
        owner = screen.rows["owner"]
        await pilot.click(owner, offset=(1, 0))
        await until(pilot, lambda: "Eng. B" in screen_text(app))
        await pilot.click(owner, offset=(owner.room + 3, 2))
        await until(pilot, lambda: screen.state.raws["owner"] == (2, "Eng. B"))
        await pilot.click("#ask-keys", offset=(2, 0))
        await until(pilot, lambda: "✗ This must not be empty." in screen_text(app))


KEYS = [
    *"abz19 [/é机",
    *["tab", "shift+tab", "enter", "up", "down", "left", "right", "home", "end", "backspace", "delete"],
    *["ctrl+u", "ctrl+w", "pageup", "pagedown", "f2", "f4", "f10", "space", "escape", "ctrl+d", "shift+left"],
]


@pytest.mark.parametrize("seed", range(2))
async def test_any_keys_in_any_order_keep_the_form_whole(seed, monkeypatch):
    """Whatever is pressed, the widgets show what the form holds, and the draft is what was typed."""
    keys = random.Random(seed)

    async def save(_values):
        raise StorageTrouble("Not now.")

    async with form_app() as (app, pilot):
        monkeypatch.setattr(app, "remember", lambda *_: None)
        for _ in range(160):
            if not isinstance(app.screen, FormScreen) and isinstance(app.screen, Ground):
                await opened(app, pilot, save=save)
            await pilot.press(keys.choice(KEYS))
        await until(pilot, lambda: app.keys_quiet)
        while not isinstance(app.screen, FormScreen | Ground):
            await pilot.press("escape")
        if isinstance(app.screen, Ground):
            await opened(app, pilot, save=save)
        screen = form(app)
        for name, row in screen.rows.items():
            shown = getattr(row.control, "chosen", getattr(row.control, "text", getattr(row.control, "value", None)))
            raw = screen.state.raws[name]
            assert row.control is None or shown == (raw.text if isinstance(raw, Picked) else raw), name
        await until(pilot, lambda: not screen.keeper.pending)
        draft = app.desk.drafts.get("incident")
        assert (draft.data if draft else {}) == screen.state.kept()


async def test_what_is_typed_into_a_long_text_goes_behind_it():
    spec = FormSpec(None, "F", [Area("t", "T", lines=3)])
    async with form_app() as (app, pilot):
        app.ask_now(lambda: app.ask_form(spec, {"t": "one\ntwo"}))
        await until(pilot, lambda: isinstance(app.screen, FormScreen) and app.screen.focused)
        await pilot.press(*"!", "f10")
        await until(pilot, lambda: app.answers)
        assert app.answers == [{"t": "one\ntwo!"}]
