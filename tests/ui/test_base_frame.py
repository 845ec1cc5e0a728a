"""The frame: what its four lines say, at both sizes and in both languages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from textual.widgets import Input

from dutydesk.domain import clock
from dutydesk.domain.words import Label
from dutydesk.ui import arrival, console, marks
from dutydesk.ui.topstate import OnDuty
from tests.ui.base_screens import BaseApp, top_state
from tests.ui.conftest import START

pytestmark = pytest.mark.usefixtures("at")


@pytest.fixture(autouse=True)
def top(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Give every console this top line; change the values and ask for a refresh."""
    values: dict[str, Any] = {}
    monkeypatch.setattr(console, "read_top", lambda who: top_state(START, **values))
    monkeypatch.setattr(arrival, "first_look", lambda who: (top_state(START, **values), None))
    return values


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_lines_in_english(desk_file: Path, look: Callable[..., Any], top: dict[str, Any], size: Any) -> None:
    """Desk, shift, hours, time left, people, clock; screens with badges; footer."""
    top.update(p1=1, p2=1, overdue_rounds=1)
    async with BaseApp(str(desk_file), "eng-a", "en").run_test(size=size) as pilot:
        seen = look(pilot)
        await seen.shows("Fri loads")
        first, second, *_rest, last = seen.lines
        assert first.startswith(" Duty Desk   Day 08:00–20:00   5h28 left")
        assert "● Eng. A  ○ Eng. B" in first
        assert first.endswith("14:32")
        assert second.startswith(" 1 Shift  4 Log")
        assert second.endswith("Eng. A")
        assert last == " r Refuse  g Grey  a Argument  w Wait  ? Keys"
        assert ("! P1 1   P2 1   ▲ 1 round late" in first) is (size[0] == 120)


async def test_a_resized_terminal_is_drawn_anew_at_once(desk_file: Path, look: Callable[..., Any]) -> None:
    """No key and no minute is waited for."""
    async with BaseApp(str(desk_file), "eng-a", "en").run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("Fri loads")
        for size in ((120, 40), (90, 30)):
            await pilot.resize_terminal(*size)
            await seen.until(lambda: cell_len(seen.lines[0]) == size[0] - 1 and seen.lines[0].endswith("14:32"))  # noqa: B023
            assert len(seen.lines) == size[1]
            assert seen.lines[-1].endswith("? Keys")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_lines_in_chinese(desk_file: Path, look: Callable[..., Any], size: Any) -> None:
    """Chinese names, and every line as wide as the terminal in cells."""
    async with BaseApp(str(desk_file), "eng-a", "zh").run_test(size=size) as pilot:
        seen = look(pilot)
        await seen.shows("周五 loads")
        strips = pilot.app.screen._compositor.render_strips()
        assert {cell_len("".join(segment.text for segment in strip)) for strip in strips} == {size[0]}
        assert seen.lines[0].startswith(" 信息科 Duty Desk   白班 08:00–20:00   剩 5h28    ● 甲工  ○ 乙工")
        assert seen.lines[1].endswith("甲工")


async def test_long_names_are_cut_at_a_character(
    desk_file: Path, look: Callable[..., Any], top: dict[str, Any]
) -> None:
    """The clock stays where it is whatever the line has to say."""
    top["people"] = tuple(OnDuty(Label("欧阳" * 6), False) for _ in range(4))
    async with BaseApp(str(desk_file), "eng-a", "zh").run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("loads")
        assert seen.lines[0].endswith("14:32")
        assert "…" in seen.lines[0]
        assert cell_len(seen.lines[0]) == 79


async def test_shift_over_and_nobody(desk_file: Path, look: Callable[..., Any], top: dict[str, Any]) -> None:
    """A shift that was not handed over runs on, in words."""
    top.update(ends_at=clock.now() - 600, people=())
    async with BaseApp(str(desk_file), "eng-a", "en").run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("0h10 over", "▲ nobody planned")


async def test_the_minute_and_nothing_else(
    desk_file: Path, look: Callable[..., Any], at: Callable[[int], None]
) -> None:
    """A line is drawn again only when it says something else."""
    async with BaseApp(str(desk_file), "eng-a", "en").run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("14:32", "Fri loads")
        drawn: list[str] = []
        screen = seen.app.shown
        await screen.loaded()
        for child in screen.children:
            parts = getattr(child, "parts", None)
            if parts:
                child.parts = lambda cells, parts=parts, child=child: (
                    drawn.append(type(child).__name__),
                    parts(cells),
                )[1]
        screen.update_frame()
        await pilot.pause()
        assert drawn == []
        at(clock.now() + 60)
        await seen.app._minute()
        await seen.shows("14:33", "5h27 left")
        assert drawn == ["TopLine"]


async def test_status_line_says_why_and_forgets(desk_file: Path, look: Callable[..., Any]) -> None:
    """A greyed key says why in the status line; the next key takes it away; an argument reaches its action."""
    async with BaseApp(str(desk_file), "eng-a", "en").run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("loads")
        await seen.press("g")
        await seen.shows("Not while it rains.")
        await seen.press("r")
        await seen.shows("Night shift 22 Nov is already handed over.")
        await seen.press("a")
        assert seen.app.shown.done == ["ok"]
        assert seen.lines[-2] == ""
        await seen.press("y")
        await seen.shows("Copied: INC-1122-3 Core switch down")
        assert pilot.app.clipboard == "INC-1122-3\nCore switch down"


async def test_a_letter_in_a_field_is_a_letter(desk_file: Path, look: Callable[..., Any]) -> None:
    """No command runs while a field has the focus; f2 and f3 do, and nothing typed is lost."""
    async with BaseApp(str(desk_file), "eng-a", "en").run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("loads")
        pilot.app.screen.query_one(Input).focus()
        await seen.press("q", "4", "n", "question_mark", "colon", "f2", "f3", "g")
        assert pilot.app.screen.query_one(Input).value == "q4n?:g"
        await seen.shows("周五 loads", "1 值班")
        assert (seen.app.lang, seen.app.theme) == ("zh", "light")


async def test_ascii(desk_file: Path, look: Callable[..., Any], top: dict[str, Any]) -> None:
    """Marks have an ASCII form."""
    marks.use_ascii(True)
    top.update(overdue_rounds=1)
    async with BaseApp(str(desk_file), "eng-a", "en").run_test(size=(120, 40)) as pilot:
        seen = look(pilot)
        await seen.shows("08:00-20:00", "* Eng. A  o Eng. B", "^ 1 round late")
        assert seen.lines[0].isascii()


async def test_a_paint_that_comes_late_finds_no_screen(desk_file: Path, look: Callable[..., Any]) -> None:
    """The paint timer may run once more after the last screen has gone."""
    async with BaseApp(str(desk_file), "eng-a", "en").run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("Fri loads")
        screen, stack = seen.app.shown, seen.app._screen_stack
        kept = stack[:]
        stack.clear()
        try:
            screen._on_timer_update()
        finally:
            stack.extend(kept)
