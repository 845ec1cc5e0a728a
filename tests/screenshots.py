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
from dutydesk.demo import LOGIN, PIN, make
from dutydesk.domain import clock
from dutydesk.domain.handover import Block, Written
from dutydesk.services import attendance, handover, people
from dutydesk.storage import engine
from dutydesk.storage.models.shift import Assignment, DutyShift
from dutydesk.ui import arrival, marks
from dutydesk.ui.app import DeskApp
from dutydesk.ui.theme import NAMES
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
            await self.pilot.press(key)
            await self._until(lambda: self.app.keys_quiet)
        await self.still()

    async def on(self, screen: str, *keys: str) -> None:
        """Press keys that lead to a screen, and make sure that they did."""
        await self.keys(*keys)
        shown = type(self.app.screen).__name__
        if shown != screen:
            raise RuntimeError(f"{keys} led to {shown}, not to {screen}:\n{self.text()}")

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
    """The rounds of the day, one of them walked half way with an abnormal reading, and the board of backups."""
    await at.on("RoundsScreen", "2")
    await at.draw("rounds")
    await at.on("RoundSheetScreen", "enter")
    await at.keys("1", "o", "o", "8", "3", "enter")
    await at.types({"en": "two servers moved to this feed yesterday", "zh": "昨日两台服务器改接本路"}[at.lang])
    await at.keys("enter", "9", "6")
    await at.draw("round")
    await at.keys("enter")
    await at.on("RoundsScreen", "escape")
    await at.on("BackupsScreen", "b")
    await at.draw("backups")
    await at.on("RoundsScreen", "escape")


async def incidents(at: Sitting) -> None:
    """The list, one incident, and the form half filled."""
    await at.on("IncidentsScreen", "3")
    await at.draw("incidents")
    await at.on("IncidentScreen", "enter")
    await at.draw("incident")
    await at.on("IncidentsScreen", "escape")
    await at.on("FormScreen", "n")
    await at.types({"en": "Nurses' station, floor 6: no network", "zh": "六楼护士站网络中断"}[at.lang])
    await at.draw("incident-form")
    await at.on("IncidentsScreen", "ctrl+d", "y", "escape")


async def log(at: Sitting) -> None:
    """The log and the register of measures."""
    await at.on("LogScreen", "4")
    await at.draw("log")
    await at.on("MeasuresScreen", "m")
    await at.draw("measures")
    await at.on("LogScreen", "escape")


async def roster(at: Sitting) -> None:
    """The month, the week, one's own duties."""
    await at.on("RosterScreen", "6")
    await at.draw("roster")
    await at.keys("w")
    await at.draw("roster-week")
    await at.keys("d")
    await at.draw("roster-duties")
    await at.keys("m")
    await at.on("LeavesScreen", "r")
    await at.draw("leave")
    await at.on("RosterScreen", "escape")


async def planning(at: Sitting) -> None:
    """The month after the last one that is published: its check, what changes, the days."""
    await at.on("RosterScreen", "6")
    await at.on("FormScreen", "p")
    await at.on("RosterPlanScreen", "enter")
    await at.draw("roster-plan")
    await at.keys("greater_than_sign")
    await at.draw("roster-diff")


async def office(at: Sitting) -> None:
    """Duty pay: the month that was frozen, one person's lines, what a correction changed; fairness."""
    await at.on("OfficeScreen", "9")
    await at.draw("office")
    await at.on("AttendanceScreen", "a")
    await at.draw("attendance")
    await at.on("OfficeScreen", "escape")
    await at.on("AllowanceScreen", "p", "left")
    await at.draw("allowance")
    await at.on("PersonPayScreen", "enter")
    await at.draw("allowance-lines")
    await at.on("PayChangeScreen", "escape", "d")
    await at.draw("allowance-difference")
    await at.on("OfficeScreen", "escape", "escape")
    await at.on("FairnessScreen", "f", "r", "m", "m")
    await at.draw("fairness")


async def charts(at: Sitting) -> None:
    """Every chart."""
    await at.on("ChartsScreen", "8")
    for name, key in (("charts", "d"), ("heat", "h"), ("category", "c"), ("speed", "f"), ("people", "p")):
        await at.keys(key)
        await at.draw(name if name == "charts" else f"charts-{name}")


async def sealed(at: Sitting) -> None:
    """Earlier handovers, and the sheet of the newest sealed one."""
    await at.on("HandoverScreen", "5")
    await at.on("HandoverListScreen", "h")
    await at.draw("handovers")
    await at.on("Reading", "enter")
    await at.draw("sheet")
    await at.on("HandoverScreen", "escape", "escape")


async def wizard(at: Sitting) -> None:
    """The six steps of the one who goes."""
    await at.on("HandoverScreen", "5")
    await at.draw("handover-state")
    for name in ("handover", "handover-measures", "handover-things", "handover-notes", "handover-sign"):
        await at.keys("greater_than_sign")
        await at.draw(name)


async def sign_in(at: Sitting) -> None:
    """Nobody is known yet."""
    await at.draw("signin")


async def reading_back(at: Sitting) -> None:
    """The one who comes says every red and yellow item in his own words."""
    await at.on("HandoverScreen", "5")
    await at.keys("enter")
    await at.types({"en": "bypass stays until the vendor is done", "zh": "厂家处理完之前保持旁路"}[at.lang])
    await at.keys("enter")
    await at.draw("readback")


async def only_shift(at: Sitting) -> None:
    """The live shift in other colours."""
    await at.draw(f"shift-{at.app.theme}")


async def in_ascii(at: Sitting) -> None:
    """The live shift and a form on a terminal that draws lines and marks in ASCII."""
    await at.draw("shift-ascii")
    await at.on("FormScreen", "n")
    await at.draw("form-ascii")


TOUR: tuple[Look, ...] = (arriving, palette_and_help, rounds, incidents, log, roster, charts, sealed, wizard)


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
    with clock.frozen(NOW) as move:
        await sit(copy, size, TOUR, at)
        await sit(copy, size, (planning,), at, login="chief")
        await sit(copy, size, (office,), at, login="chief")
        await sit(copy, size, (sign_in,), at, login=None)
        for theme in NAMES[1:]:
            await sit(copy, size, (only_shift,), at, theme=theme)
        marks.use_ascii(True)
        await sit(copy, size, (in_ascii,), at)
        marks.use_ascii(False)
        move(END)
        await sit(copy, size, (reading_back,), at, login=hand_over(copy))


def hand_over(path: Path) -> str:
    """Sign the handover of the shift, everything filled in, and let the next one sign in; returns his login."""
    engine.connect(str(path))
    out = people.identify(LOGIN)
    standing = handover.standing(out)
    assert standing is not None
    assert standing.draft is not None
    items = standing.draft.items
    step = locale._("Follow up: {what}", what=locale._("Next step"))
    written = Written(
        steps={item.key: step for item in items if item.step_required and not item.next_step},
        counts={item.key: item.values["expected"] for item in items if item.block is Block.THINGS},
    )
    handover.prepare(out, PIN, written)
    following = DutyShift.get(DutyShift.starts_at > clock.now())
    login = Assignment.get(Assignment.shift == following).person.login
    attendance.sign_in(people.identify(login), PIN)
    engine.disconnect()
    return str(login)


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
