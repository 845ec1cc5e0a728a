"""Text that wants to be more than text: in every field, as label, as choice, as draft; and far too much of it."""

from __future__ import annotations

import time

import pytest
from rich.cells import cell_len
from textual import events

from dutydesk.services.drafts import Draft
from dutydesk.ui.forms.fields import pasted
from dutydesk.ui.forms.screen import FormScreen
from dutydesk.ui.forms.spec import Area, Choice, FormSpec, Hint, Moment, Number, Pick, Pin, Text
from tests.ui.conftest import START
from tests.ui.formdesk import form_app, screen_text, until

HOSTILE = [
    "[red]x[/red]",
    "[/]",
    "[@click=app.quit]x[/]",
    "\x1b[2Jx\x1b]0;t\x07",
    "\x9b2Jx",
    "\u202ex\u2066",
    "a\u200bb\x00c",
    "👩‍👩‍👧 ⚠️ 👍🏽",
    "𠮷野家",
    "   ",
    "a\tb\r\nc\nd",
    "e\u0301\u0323",
    "\udc80",
    "$text $error {name} %s \\",
]
KINDS = [
    Text("f", "Field"),
    Area("f", "Field"),
    Pick("f", "Field", [(1, "Eng. A")], free=True),
    Number("f", "Field"),
    Moment("f", "Field"),
    Pin("f", "Field"),
]


def harmless(app) -> bool:
    text = screen_text(app)
    return not any(bad in text for bad in ("\x1b", "\x9b", "\u202e", "\u2066", "\x00", "\udc80", "\x07"))


async def opened(app, pilot, spec, initial=None, save=None) -> FormScreen:
    app.ask_now(lambda: app.ask_form(spec, initial, save))
    await until(pilot, lambda: isinstance(app.screen, FormScreen) and app.screen.focused)
    return app.screen


@pytest.mark.parametrize("field", KINDS, ids=lambda field: type(field).__name__)
async def test_hostile_text_pasted_into_a_field_is_text(field):
    spec = FormSpec("f", "Form", [field, Text("end", "END")])
    for text in HOSTILE:
        async with form_app() as (app, pilot):
            screen = await opened(app, pilot, spec)
            app.focused.post_message(events.Paste(text))
            await pilot.press("tab")
            await pilot.pause()
            assert app.is_running
            assert harmless(app)
            assert "END" in screen_text(app)
            assert {cell_len(line) for line in screen_text(app).splitlines() if line.endswith("│")} == {78}
            screen.action_save()
            await pilot.pause()
            assert app.is_running


async def test_what_is_shown_as_text_is_the_text():
    async with form_app() as (app, pilot):
        await opened(app, pilot, FormSpec("f", "Form", [Text("f", "Field"), Area("a", "Area")]))
        app.focused.post_message(events.Paste("[@click=app.quit]x[/] [red]"))
        await until(pilot, lambda: "[@click=app.quit]x[/] [red]" in screen_text(app))
        await pilot.press("tab")
        app.focused.post_message(events.Paste("one [b]\r\ntwo \x1b[31mred"))
        await until(pilot, lambda: "one [b]" in screen_text(app) and "two red" in screen_text(app))


async def test_hostile_labels_hints_options_titles_and_errors():
    from dutydesk.domain.errors import Invalid, StorageTrouble

    errors = [Invalid("No [red]{x}", field="f", x="[/]"), StorageTrouble("Not [@click=app.quit]{x}", x="[/b]")]

    async def save(_values):
        raise errors.pop(0)

    async def watch(_values):
        return [Hint("found [/] [red]", "body"), "plain [/]"]

    spec = FormSpec(
        "f",
        "Title [/] [red]",
        [
            Text("f", "Label [/]", help="help [/]", watch=watch, placeholder="place [/]", live=lambda _: "live [/]"),
            Choice("c", "C [/]", [("a", "A [/]"), ("b", "B [red]")]),
            Pick("p", "P [/]", [(1, "Eng. [/]")]),
            Area("d", "D", placeholder="area [/]"),
        ],
        more=[Text("m", "More [/]")],
        hint="hint [/]",
    )
    async with form_app() as (app, pilot):
        await opened(app, pilot, spec, save=save)
        for text in ("Title [/] [red]", "Label [/]", "help [/]", "place [/]", "A [/]", "hint [/]", "More [/]"):
            assert text in screen_text(app), text
        assert "live [/]" in screen_text(app)
        await pilot.press("x")
        await until(pilot, lambda: "found [/] [red]" in screen_text(app))
        await pilot.press("f10")
        await until(pilot, lambda: "✗ No [red][/]" in screen_text(app))
        await pilot.press("f10")
        await until(pilot, lambda: "✗ Not [@click=app.quit][/b]" in screen_text(app))


async def test_a_hostile_draft_is_text_or_nothing():
    async with form_app() as (app, pilot):
        data = {"f": "[/]\x1b[2J", "n": ["x"], "p": {"a": 1}, "c": "gone", "w": [1], "t": None}
        app.desk.drafts["f"] = Draft("f", data, START)
        fields = [Text("f", "F"), Number("n", "N"), Pick("p", "P", [(1, "A")]), Moment("w", "W"), Area("t", "T")]
        screen = await opened(app, pilot, FormSpec("f", "Form", [*fields, Choice("c", "C", [("a", "A")])]))
        await until(pilot, lambda: "restored" in screen_text(app))
        assert harmless(app)
        assert screen.state.collect() is not None


@pytest.mark.parametrize(
    ("field", "most"), [(Text("f", "Field"), 1_000), (Area("f", "Field"), 21_000)], ids=["Text", "Area"]
)
async def test_a_paste_of_100_kb_is_cut_with_a_sentence_and_does_not_stall(field, most):
    async with form_app() as (app, pilot):
        screen = await opened(app, pilot, FormSpec("f", "Form", [field]))
        begin = time.process_time()
        app.focused.post_message(events.Paste("机房 [red] \x1b[2J abc\n" * 6_000))
        await until(pilot, lambda: f"No more than {most} characters fit here." in screen_text(app))
        assert time.process_time() - begin < 4.0
        assert len(screen.state.raws["f"]) == most
        assert harmless(app)
        await pilot.press("f10")
        await until(pilot, lambda: "✗ Too long" in screen_text(app))


def test_pasting_cleans_in_the_time_of_the_room():
    begin = time.process_time()
    text, cut = pasted("x\x1b[31m" * 5_000_000, room=200)
    assert cut
    assert text == "x" * 200
    assert time.process_time() - begin < 4.0


def test_pasting_keeps_blanks_between_words():
    assert pasted(" b\nc ", room=100) == (" b c ", False)
    assert pasted("a\r\nb", room=100, multiline=True) == ("a\nb", False)
    assert pasted("abc", room=0) == ("", True)


async def test_typing_into_a_full_line_says_so():
    async with form_app() as (app, pilot):
        screen = await opened(app, pilot, FormSpec("f", "Form", [Number("f", "Field")]))
        app.focused.post_message(events.Paste("1" * 60))
        await pilot.press("2")
        await until(pilot, lambda: "No more than 60 characters fit here." in screen_text(app))
        assert len(screen.state.raws["f"]) == 60
