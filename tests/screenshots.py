"""Draw every screen, in both languages and sizes: `python -m tests.screenshots [NAME …] [--out FOLDER] [--png]`.

The demonstration desk at a held clock, driven by keys as a person drives it; the same program draws the same files.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from unittest import mock
from zoneinfo import ZoneInfo

from textual.pilot import Pilot

from dutydesk import locale
from dutydesk.demo import LOGIN, make
from dutydesk.domain import clock
from dutydesk.storage import engine
from dutydesk.ui import arrival
from dutydesk.ui.app import DeskApp
from tests import svg
from tests.terminal.harness import ROOT

NOW = int(datetime(2026, 11, 24, 14, 32, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp())
"""Tuesday 24 November 2026, 14:32 at the desk: the day shift."""
END = NOW + 5 * 3600 + 8 * 60
"""19:40: the shift is handed over."""
SMALL, LARGE = (80, 24), (120, 40)
STILL = 0.3
"""Seconds without a change after which a screen is drawn."""

Look = Callable[["Sitting"], Awaitable[None]]


@dataclass
class Sitting:
    """One console that is driven from screen to screen; `wanted` limits what is drawn."""

    pilot: Pilot[Any]
    lang: str
    folder: Path
    wanted: frozenset[str]
    drawn: list[Path] = field(default_factory=list)

    @property
    def app(self) -> DeskApp:
        """Return the app."""
        return self.pilot.app  # type: ignore[return-value]

    async def keys(self, *keys: str) -> None:
        """Press keys, one after the other, and wait until the screen stands still."""
        for key in keys:
            await self.pilot.press(*key if len(key) > 1 and not key.isascii() else (key,))
            await self._until(lambda: self.app.keys_quiet)
        await self.still()

    async def types(self, text: str) -> None:
        """Type a text."""
        await self.pilot.press(*("space" if letter == " " else letter for letter in text))
        await self.still()

    async def still(self) -> None:
        """Wait until nothing has changed for a moment."""
        seen, since = self.text(), time.monotonic()
        end = since + 20
        while time.monotonic() - since < STILL or self.app.busy:
            await asyncio.sleep(0.03)
            now = self.text()
            if now != seen:
                seen, since = now, time.monotonic()
            if time.monotonic() > end:
                raise RuntimeError(f"the screen does not come to rest:\n{now}")

    async def _until(self, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + 10
        while not condition():
            if time.monotonic() > end:
                raise RuntimeError(f"waited in vain; the screen:\n{self.text()}")
            await asyncio.sleep(0.02)

    def text(self) -> str:
        """Return what stands on the screen."""
        return "\n".join(strip.text for strip in self._strips())

    def _strips(self) -> list[Any]:
        return list(self.app.screen._compositor.render_strips())

    async def shows(self, text: str) -> None:
        """Wait until a text stands on the screen."""
        await self._until(lambda: text in self.text())
        await self.still()

    async def draw(self, name: str) -> None:
        """Write the screen as it stands to NAME-LANG-WIDTHxHEIGHT.svg."""
        await self.still()
        width, height = self.app.size
        path = self.folder / f"{name}-{self.lang}-{width}x{height}.svg"
        if self.wanted and name not in self.wanted:
            return
        ground = self.app.theme_variables["background"]
        ink = self.app.theme_variables["foreground"]
        if not ground.startswith("#"):
            ground, ink = "#14181c", "#d6dade"
        title = f"Duty Desk: {name}, {self.lang}, {width}×{height}"
        path.write_text(svg.draw(self._strips(), width, title=title, ink=ink, ground=ground), encoding="utf-8")
        self.drawn.append(path)


# What is looked at, in the order in which one console is led through it


async def arriving(at: Sitting) -> None:
    """The live shift: first with what changed since, then as it is all day."""
    await at.draw("since")
    await at.keys("x")
    await at.draw("shift")


async def palette_and_help(at: Sitting) -> None:
    """Go to anything; all keys."""
    await at.keys(":")
    await at.draw("palette")
    await at.keys("escape", "?")
    await at.draw("help")
    await at.keys("escape")


async def rounds(at: Sitting) -> None:
    """The rounds of the day, one of them walked half way, and the board of backups."""
    await at.keys("2")
    await at.draw("rounds")
    await at.keys("enter")
    await at.draw("round")
    await at.keys("escape", "b")
    await at.draw("backups")
    await at.keys("escape")


async def incidents(at: Sitting) -> None:
    """The list, one incident, and the form half filled."""
    await at.keys("3")
    await at.draw("incidents")
    await at.keys("enter")
    await at.draw("incident")
    await at.keys("escape", "n")
    await at.types({"en": "Ward 5: no network at two desks", "zh": "五病区两台电脑无法上网"}[at.lang])
    await at.draw("incident-form")
    await at.keys("ctrl+d")


async def log(at: Sitting) -> None:
    """The log and the register of measures."""
    await at.keys("4")
    await at.draw("log")
    await at.keys("m")
    await at.draw("measures")
    await at.keys("escape")


async def charts(at: Sitting) -> None:
    """Every chart."""
    await at.keys("8")
    for name, key in (("charts", "d"), ("heat", "h"), ("category", "c"), ("speed", "f"), ("people", "p")):
        await at.keys(key)
        await at.draw(name if name == "charts" else f"charts-{name}")


async def sealed(at: Sitting) -> None:
    """Earlier handovers, and the sheet of the newest sealed one."""
    await at.keys("5", "h")
    await at.draw("handovers")
    await at.keys("enter")
    await at.draw("sheet")
    await at.keys("escape", "escape")


async def wizard(at: Sitting) -> None:
    """The six steps of the one who goes."""
    await at.keys("5")
    await at.draw("handover-state")
    for name in ("handover", "handover-measures", "handover-things", "handover-notes", "handover-sign"):
        await at.keys(">")
        await at.draw(name)


TOUR: tuple[Look, ...] = (arriving, palette_and_help, rounds, incidents, log, charts, sealed, wizard)


async def sign_in(at: Sitting) -> None:
    """Nobody is known yet."""
    await at.draw("signin")


# Running it


def make_desk(path: Path, lang: str) -> None:
    """Make the demonstration desk as it stands at NOW, its records in `lang`."""
    with clock.frozen(NOW):
        make.fill(path, make.Spec(seed=1, lang=lang))
    engine.disconnect()


async def sit(
    path: Path,
    size: tuple[int, int],
    looks: Iterable[Look],
    at: Sitting,
    login: str | None = LOGIN,
    theme: str = "dark",
) -> None:
    """Open a console on the desk and look around."""
    app = DeskApp(str(path), login, at.lang, theme)
    async with app.run_test(size=size) as pilot:
        at.pilot = pilot
        await at.still()
        for look in looks:
            await look(at)


def draw_all(
    folder: Path, wanted: frozenset[str], sizes: Iterable[tuple[int, int]], langs: Iterable[str]
) -> list[Path]:
    """Draw the screens named in `wanted` (all of them when it is empty) into `folder`."""
    drawn: list[Path] = []
    here = arrival.Console("ops-console", "pts/1", "screenshots")
    with tempfile.TemporaryDirectory() as scratch, mock.patch.object(arrival.Console, "here", return_value=here):
        for lang in langs:
            desk = Path(scratch) / f"{lang}.sqlite"
            make_desk(desk, lang)
            for size in sizes:
                sitting = Sitting(None, lang, folder, wanted)  # type: ignore[arg-type]
                asyncio.run(_sittings(desk, size, sitting))
                drawn += sitting.drawn
    return drawn


async def _sittings(desk: Path, size: tuple[int, int], at: Sitting) -> None:
    copy = Path(shutil.copy(desk, desk.with_name("copy.sqlite")))
    locale.use(at.lang)
    with clock.frozen(NOW):
        await sit(copy, size, TOUR, at)
        await sit(copy, size, (sign_in,), at, login=None)


def main() -> int:
    """Draw from the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.screenshots", description="Draw every screen.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these screens")
    parser.add_argument("--out", type=Path, default=ROOT / "screenshots")
    parser.add_argument("--size", choices=("80x24", "120x40"), help="only this size")
    parser.add_argument("--lang", choices=("en", "zh"), help="only this language")
    parser.add_argument("--png", action="store_true", help="write PNG files beside them, with rsvg-convert")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    sizes = [size for size in (SMALL, LARGE) if given.size in (None, f"{size[0]}x{size[1]}")]
    langs = [given.lang] if given.lang else ["en", "zh"]
    drawn = draw_all(given.out, frozenset(given.names), sizes, langs)
    if given.png:
        for path in drawn:
            subprocess.run(["rsvg-convert", str(path), "-o", str(path.with_suffix(".png"))], check=True)
    print(f"{len(drawn)} screens, {sum(path.stat().st_size for path in drawn) / 1e6:.1f} MB in {given.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
