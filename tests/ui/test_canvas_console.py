"""The whole console painted through the canvas: at every step the terminal shows what the screen is, cell for cell."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual._compositor import ChopsUpdate, LayoutUpdate

from dutydesk.domain.priority import Impact, Urgency
from dutydesk.services import incidents, log, people
from dutydesk.services.incidents import NewIncident
from dutydesk.storage import engine
from dutydesk.ui.app import DeskApp
from dutydesk.ui.canvas import Abilities, Canvas
from tests.ui.conftest import Seen
from tests.ui.shown import Shown, whole

SIZE = (80, 24)
WALK = (
    *("2", "3", "down", "enter", "escape", "4", "pageup", "5", "6", "down", "7", "8", "9", "1"),
    *("question_mark", "escape", "colon", "u", "escape", "f3", "f2", "l", "a", "escape", "n"),
    *("s", "w", "left", "backspace", "交", "换", "机", "left", "a", "tab", "down", "f3", "escape"),
)


class Painted(DeskApp):
    """A console without a terminal whose paints go to one all the same."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.canvas, self.far_end, self.bytes = Canvas(Abilities(True, True, True)), Shown(*SIZE), 0

    def _display(self, screen: Any, renderable: Any) -> None:
        if isinstance(renderable, (LayoutUpdate, ChopsUpdate)) and not self._batch_count:
            text = self.canvas.paint(renderable)
            self.bytes += len(text.encode())
            self.far_end.feed(text)
        super()._display(screen, renderable)

    def differs(self) -> str:
        """Return the first line that does not show what the screen is; empty when all of it does."""
        strips = self.screen._compositor.render_strips()
        for y, (seen, wanted) in enumerate(zip(self.far_end.cells(), whole(strips).cells(), strict=True)):
            if seen != wanted:
                x = next(x for x, pair in enumerate(zip(seen, wanted, strict=True)) if pair[0] != pair[1])
                return f"line {y}, cell {x}: {seen[x]} instead of {wanted[x]}\n{strips[y].text}"
        return ""


async def test_every_step_shows_what_the_screen_is(desk_file: Path, at: Callable[[int], None]) -> None:
    engine.connect(str(desk_file))
    who = people.identify("eng-a")
    for title in ("核心交换机 SW1 无响应", "Printer of ward 5 jams", "机房 A 门禁故障", "UPS alarm"):
        incidents.open_incident(who, NewIncident(title, impact=Impact.HIGH, urgency=Urgency.MEDIUM))
        log.write(who, f"{title}: 已通知厂家")
    engine.disconnect()
    app = Painted(str(desk_file), "eng-a", "zh")
    async with app.run_test(size=SIZE) as pilot:
        seen = Seen(pilot)
        try:
            await seen.until(lambda: not app.differs(), 30)
        except BaseException:
            pytest.fail(f"at the start: {app.differs()}")
        for step, key in enumerate(WALK):
            await seen.press(key)
            try:
                await seen.until(lambda: not app.differs(), 15)
            except BaseException:
                pytest.fail(f"after {WALK[: step + 1]}: {app.differs()}")
    assert app.bytes < len(WALK) * SIZE[0] * SIZE[1]
