"""Random keys, as somebody presses them who knows the footer: deep into forms, wizards and signatures, and out again.

One run is drawn from one seed: the same seed presses the same keys. What must hold after each is in `Monkey.check`.
"""

from __future__ import annotations

import contextlib
import json
import random
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.cells import cell_len
from textual import events
from textual.errors import NoWidget
from textual.keys import key_to_character

from dutydesk.domain import clock, text
from dutydesk.storage import engine
from dutydesk.ui.app import DeskApp
from dutydesk.ui.forms.asking import Asking
from dutydesk.ui.forms.keeping import KeptForm
from dutydesk.ui.screens.base import DeskScreen
from tests.hostile import BAD
from tests.ui.conftest import Seen
from tests.watchdog import Watchdog

PIN = "2580"
MOVING = [
    *("up", "down", "left", "right", "tab", "shift+tab", "enter", "enter", "escape", "pageup", "pagedown", "home"),
    *("end", "space", "backspace", "delete", "ctrl+u", "ctrl+w", "ctrl+a", "ctrl+e", "less_than_sign"),
    *("greater_than_sign", "f1", "f4", "f5", "f6", "f10", "ctrl+d", "ctrl+p", "plus", "minus", "full_stop", "comma"),
]
FORM_KEYS = ["tab", "tab", "tab", "enter", "down", "up", "shift+tab", "space", "f10", "f10", "escape", "f4", "ctrl+d"]
DIGITS = list("123456789")
LETTERS = list("abcdefghijklmnoprstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 /?:.,-+*#=!'\"[]{}()<>|\\~^$%&@;_é中值·“")
TYPED = [
    *("x", "Core switch SW1 down", "值班员巡检发现异常", "14:20", "-20", "+2h", "tomorrow 9:00", "2026-12-01", "12-05"),
    *("23.5", "-1", "999999999999", "1e5", "0", "eng-b", "chief", "[red]x[/]", "[/]", "{name} $error", "%s", "=1+1"),
    *("🙂", "ＡＢ", "'; drop table incident; --", "a" * 60, "室A", "2026-11", "8", "night", "PIN", "no"),
]
PASTED = ["x\ny\nz", "\x1b[2J\x1b]0;t\x07", "值班" * 300, "q" * 5000, "2580\n", "\u202egpj\u200b", "\r\n\r\n", "a\tb"]
SIZES = [(80, 24), (120, 40), (200, 60), (81, 25), (100, 24), (80, 50)]
SMALL = [(40, 10), (1, 1), (79, 24), (80, 23)]
TRAIL = 60
"""Moves that a failure tells."""
BACK = 14
"""Presses of esc from the deepest place to a numbered screen."""


@dataclass
class Monkey:
    """Presses keys on one console; `others` writes to the desk over a connection of its own."""

    seen: Seen
    dice: random.Random
    path: Path
    dog: Watchdog
    others: Callable[[Path, int], None]
    move_clock: Callable[[int], None]
    trail: deque[str] = field(default_factory=lambda: deque(maxlen=TRAIL))
    visited: set[str] = field(default_factory=set)

    @property
    def app(self) -> DeskApp:
        """Return the console."""
        return self.seen.app

    @property
    def over(self) -> bool:
        """Whether somebody left the console."""
        return self.app.leaving or not self.app.is_running

    async def run(self, count: int) -> int:
        """Make `count` moves, or fewer when one of them leaves the console; return how many."""
        for made in range(1, count + 1):
            await self._move()
            if self.over:
                return made
            self.check(whole=made % 4 == 0)
            if made % 60 == 0:
                await self.come_back()
                if self.over:
                    return made
        return count

    # Moves

    async def _move(self) -> None:
        roll = self.dice.random()
        if roll < 0.015:
            await self._resize()
        elif roll < 0.03:
            await self._key(self.dice.choice(["f2", "f3"]))
        elif roll < 0.045:
            self._tell("another terminal writes")
            self.others(self.path, self.dice.randrange(4))
        elif roll < 0.055:
            minutes = self.dice.choice([1, 7, 45, 180])
            self._tell(f"{minutes} minutes pass")
            self.move_clock(clock.now() + minutes * 60)
        elif roll < 0.085:
            await self._click()
        elif roll < 0.10:
            await self._paste(self.dice.choice(PASTED))
        elif roll < 0.13:
            await self._burst()
        else:
            await self._one()

    async def _one(self) -> None:
        """Press a key that fits the place, mostly."""
        front, roll = self.app.screen, self.dice.random()
        if isinstance(front, KeptForm) and roll < 0.85:
            await self._in_a_form(front)
        elif isinstance(front, Asking) and roll < 0.7:
            await self._key(self.dice.choice(["enter", "escape", "y", "n", "down", "up", "pagedown", "tab", "space"]))
        elif roll < 0.45 and isinstance(front, DeskScreen):
            keys = [key for command in front.all_commands for key in command.keys if key not in ("q", "ctrl+c")]
            await self._key(self.dice.choice(keys))
        elif roll < 0.6:
            await self._key(self.dice.choice(DIGITS))
        elif roll < 0.85:
            await self._key(self.dice.choice(MOVING))
        elif roll < 0.86:
            await self._key(self.dice.choice(["q", "ctrl+c"]))
        elif roll < 0.93:
            await self._type(self.dice.choice(TYPED))
        else:
            await self._key(self.dice.choice(LETTERS))

    async def _in_a_form(self, form: KeptForm) -> None:
        roll = self.dice.random()
        asks_pin = any(type(each).__name__ == "Pin" for each in form.spec.every)
        if asks_pin and roll < 0.35:
            await self._type(PIN if self.dice.random() < 0.9 else "1111")
            await self._key(self.dice.choice(["enter", "f10"]))
        elif roll < 0.4:
            await self._type(self.dice.choice(TYPED))
        else:
            await self._key(self.dice.choice(FORM_KEYS))

    async def _key(self, *keys: str) -> None:
        for key in keys:
            key = "space" if key == " " else key
            self._tell(key)
            drafted = self._drafted() if key == "escape" else None
            self.app.post_message(events.Key(key, key_to_character(key) or (key if len(key) == 1 else None)))
            await self.settle()
            if drafted is not None and not self.over:
                await self._draft_is_kept(drafted)

    async def _type(self, typed: str) -> None:
        self._tell(repr(typed))
        for letter in typed:
            self.app.post_message(events.Key("space" if letter == " " else letter, letter))
        await self.settle()

    async def _paste(self, pasted: str) -> None:
        self._tell(f"paste {pasted[:20]!r}")
        self.app.post_message(events.Paste(pasted))
        await self.settle()

    async def _burst(self) -> None:
        """Type faster than the console works."""
        keys = [self.dice.choice([*MOVING, *FORM_KEYS, *DIGITS]) for _ in range(self.dice.randint(2, 8))]
        self._tell(f"at once: {' '.join(keys)}")
        for key in keys:
            self.app.post_message(events.Key(key, key_to_character(key)))
        await self.settle()

    async def _click(self) -> None:
        width, height = self.app.size
        at = (self.dice.randrange(width), self.dice.randrange(height))
        self._tell(f"click {at}")
        if self.app.too_small:
            return
        with contextlib.suppress(NoWidget):  # Pilot looks it up itself, also before a new size is laid out
            await self.seen.pilot.click(offset=at, times=self.dice.choice([1, 1, 1, 2]))
        await self.settle()

    async def _resize(self) -> None:
        if self.dice.random() < 0.4:
            await self._size(self.dice.choice(SMALL))
            await self._key(self.dice.choice(["escape", "x", "3", "enter"]))
        await self._size(self.dice.choice(SIZES))

    async def _size(self, size: tuple[int, int]) -> None:
        self._tell(f"resize {size}")
        await self.seen.pilot.resize_terminal(*size)
        await self.settle()
        await self.seen.until(lambda: self.over or self.app.too_small or self._is_laid_out)

    @property
    def _is_laid_out(self) -> bool:
        """Whether the screen in front has the size of the terminal: Textual takes some milliseconds to tell it."""
        return self.app.screen._compositor.size == self.app.size

    def _tell(self, what: str) -> None:
        self.trail.append(what)

    async def settle(self) -> None:
        """Wait until what was pressed is worked on and shown."""
        if not self.over:
            await self.app._hop(self.app)
        await self.seen.until(lambda: self.over or self.app.keys_quiet, seconds=20)
        front = None if self.over else self.app.screen
        if isinstance(front, DeskScreen):
            await front.loaded()
        if not self.over:
            await self.app._hop(self.app.screen)
            self.visited.add(type(self.app.screen).__name__)

    # What must hold

    def check(self, *, whole: bool = True) -> None:
        """Check that the console lives, never stalled, and (`whole`) that what is drawn is harmless and in place."""
        where = f"{type(self.app.screen).__name__} after {' | '.join(self.trail)}"
        assert self.app._exception is None, where
        assert self.app.is_running, where
        assert not self.dog.stalls, f"{where}\n{self.dog.told()}"
        if not whole or self.app.too_small:
            return
        for strip in self.app.screen._compositor.render_strips():
            line = "".join(segment.text for segment in strip)
            assert not BAD.search(line), f"{line!r} on {where}"
            assert cell_len(line) == text.width(line) == self.app.size.width, f"{line!r} on {where}"

    async def come_back(self) -> None:
        """Press esc until a numbered screen is in front with nothing typed into it; a few times are enough."""
        if self.app.too_small:
            await self._size((80, 24))
        for _ in range(BACK):
            if self.over or self.at_rest:
                return
            await self._key("escape")
        raise AssertionError(f"esc leads nowhere from {self.app.screen!r} after {' | '.join(self.trail)}")

    @property
    def at_rest(self) -> bool:
        """Whether a numbered screen is in front."""
        return len(self.app.screen_stack) == 1 and self.app.screen in self.app._numbered.values()

    def _drafted(self) -> KeptForm | None:
        """Return the form in front, where a draft of it is kept."""
        form = self.app.screen
        if not isinstance(form, KeptForm) or form.keeper is None or form.draft_trouble or form.saving:
            return None
        return form

    async def _draft_is_kept(self, form: KeptForm) -> None:
        """Check that what was typed is in the desk, once its form is left."""
        kept = form.state.kept() if form.state.dirty else {}
        if form.is_attached or self.app.who is None or not kept or form.answer.result().saved:
            return
        end = time.monotonic() + 10
        while kept not in (held := await self.app.desk.raw(_drafts, form.spec.key)):
            assert time.monotonic() < end, f"{kept} is not among {held} after {' | '.join(self.trail)}"


def _drafts(form: str) -> list[dict[str, Any]]:
    """Return what is kept of a form, of anybody, also beside a draft that was not found yet when it was left.

    Asked over the console's own connection: a second SQLite library in one process would drop the locks of the first.
    """
    asked = "select data from draft where form = ? or form like ?".replace("?", engine.db.param)
    rows = engine.db.execute_sql(asked, (form, f"{form}~%"))
    return [json.loads(row[0]) for row in rows.fetchall()]
