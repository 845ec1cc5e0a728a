"""A dialog over a screen: what stands behind it looks as Textual draws it, and a form that has ended takes no key."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from rich.segment import Segment
from textual.renderables.background_screen import BackgroundScreen

from dutydesk.ui.app import DeskApp
from dutydesk.ui.forms.behind import dimmed_lines
from dutydesk.ui.forms.screen import FormScreen
from tests.ui.conftest import Seen


@pytest.mark.parametrize("theme", ["dark", "light", "contrast"])
async def test_what_stands_behind_is_as_textual_draws_it(
    desk_file: Path, at: Callable[[int], None], look: Callable[..., Seen], theme: str
) -> None:
    app = DeskApp(str(desk_file), login="eng-a", lang="zh", theme=theme)
    async with app.run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.press("n")
        await seen.until(lambda: isinstance(app.screen, FormScreen))
        behind, tint = app.screen_stack[0], app.screen.styles.background
        usual = [list(BackgroundScreen.process_segments(strip, tint)) for strip in behind._compositor.render_strips()]
        assert [list(strip) for strip in dimmed_lines(behind, tint)] == usual
        assert any(segment != Segment(segment.text) for line in usual for segment in line)


async def test_a_form_that_has_ended_takes_no_key(
    desk_file: Path, at: Callable[[int], None], look: Callable[..., Seen]
) -> None:
    app = DeskApp(str(desk_file), login="eng-a", lang="en")
    async with app.run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.press("n")
        await seen.until(lambda: isinstance(app.screen, FormScreen))
        form = app.screen
        assert form.check_action("save", ()) is True
        await seen.press("escape")
        await seen.until(lambda: form.answer.done())
        assert form.check_action("save", ()) is False
