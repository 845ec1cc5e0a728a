"""The log's screen: lines by day, one in full, search, filters, writing and correcting from the keyboard."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from dutydesk.domain.log import LogKind
from dutydesk.domain.words import N_
from dutydesk.services import log, people
from dutydesk.storage import engine
from dutydesk.storage.engine import db
from dutydesk.storage.models.people import Person
from dutydesk.storage.models.shift import Assignment, DutyShift
from dutydesk.ui.app import DeskApp
from dutydesk.ui.places import PLACES
from tests.ui.conftest import LANGUAGES, SIZES, START, Seen

HOUR = 3600


class LogApp(DeskApp):
    """The console that begins at the log."""

    places = tuple(place for place in PLACES if place.name == "log")


@pytest.fixture
def written(desk_file: Path, at: Callable[[int], None]) -> Path:
    """Fill the log: three days, both languages, one correction, one line of the program."""
    engine.connect(str(desk_file))
    who = people.identify("eng-a")
    for hours, text, kind in (
        (50, "巡视机房，空调滤网已清洗", "note"),
        (30, "HIS slow at month end, DBA told", "request"),
        (20, "打印机卡纸，病区5", "request"),
        (2, "Visitor from the UPS vendor, left 13:10", "visitor"),
        (1, "SW1 unreachable, floor 3 without network", "note"),
    ):
        log.write(who, text, kind=kind, event_at=START - hours * HOUR)
    first = log.write(who, "Vendor called, part arrives 15:30", event_at=START - 600)
    log.correct(who, first.id, "Vendor called, part arrives 16:30", "misheard")
    with db.atomic():
        log.add(who, LogKind.MEASURE, N_("Measure"))
    engine.disconnect()
    return desk_file


def _app(path: Path, lang: str = "en", login: str = "eng-a") -> LogApp:
    return LogApp(str(path), login=login, lang=lang)


def _on_duty(path: Path) -> str:
    """Return the login of somebody planned on the present shift."""
    engine.connect(str(path))
    planned = Assignment.select(Person.login).join(Person).switch(Assignment).join(DutyShift)
    rows = list(planned.where((DutyShift.day == "2026-11-22") & (DutyShift.kind == "day")).tuples())
    engine.disconnect()
    login: str = rows[0][0]
    return login


ORDER = ("16:30", "SW1 unre", "Visitor from", "打印机", "HIS slow", "巡视机房")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("size", SIZES)
async def test_lines_by_day(written: Path, look: Callable[..., Seen], size: tuple[int, int], lang: str) -> None:
    async with _app(written, lang).run_test(size=size) as pilot:
        seen = look(pilot)
        await seen.shows("part arrives 16:30", "打印机卡纸，病区5")
        assert "part arrives 15:30" not in seen.text
        assert ("今天，周日 11-22" if lang == "zh" else "Today, Sun 22 Nov") in seen.text
        assert ("已更正：misheard" if lang == "zh" else "corrected: misheard") in seen.text
        assert ("▲ 补记，写于" if lang == "zh" else "▲ late entry, written") in seen.text
        order = [seen.text.index(text) for text in ORDER]
        assert order == sorted(order)
        await seen.press("f2")
        await seen.shows("Today, Sun 22 Nov" if lang == "zh" else "今天，周日 11-22")
        await seen.shows("Measure   " if lang == "zh" else "临时措施")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("size", SIZES)
async def test_two_keys_write_a_line(
    written: Path, look: Callable[..., Seen], size: tuple[int, int], lang: str
) -> None:
    async with _app(written, lang, login=_on_duty(written)).run_test(size=size) as pilot:
        seen = look(pilot)
        await seen.shows("16:30")
        await seen.press("l", *"UPS-1 [red]ok[/] ", "空", "调", "enter")
        await seen.shows("UPS-1 [red]ok[/] 空调", "已记入日志" if lang == "zh" else "Written into the log at 14:32.")
        line = (await seen.app.desk.ask(log.tail, limit=1))[0]
        assert (line.text, line.kind, line.event_at) == ("UPS-1 [red]ok[/] 空调", LogKind.NOTE, START)
        assert seen.app.shown.line.id == line.id  # type: ignore[union-attr]


async def test_kind_and_time_are_folded_below(written: Path, look: Callable[..., Seen]) -> None:
    async with _app(written).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("16:30")
        await seen.press("l", *"nurses trained", "tab", "enter", "a", "tab", *"-32")
        await seen.press("f10")
        await seen.until(lambda: seen.app.screen is seen.app.shown)
        line = next(line for line in await seen.app.desk.ask(log.page) if line.text == "nurses trained")
        assert (line.kind, line.event_at) == (LogKind.ASSISTANCE, START - 32 * 60)


async def test_an_empty_or_future_line_is_refused_under_its_field(written: Path, look: Callable[..., Seen]) -> None:
    async with _app(written).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("16:30")
        await seen.press("l", "space", "space", "enter")
        await seen.shows("This must not be empty.")
        await seen.press(*"x", "tab", "enter", "tab", *"tomorrow 9:00", "f10")
        await seen.shows("That is still to come.")


async def test_a_line_for_another_shift_says_so_while_it_is_typed(written: Path, look: Callable[..., Seen]) -> None:
    async with _app(written).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("16:30")
        await seen.press("l", "x", "tab", "enter", "tab", *"yesterday 22:10")
        await seen.shows("goes into the next handover as a late entry.")


async def test_a_draft_of_a_line_is_offered_again(written: Path, look: Callable[..., Seen]) -> None:
    async with _app(written).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("16:30")
        await seen.press("l", *"half a li", "escape", "l")
        await seen.shows("half a li", "Draft from 14:32 restored")


@pytest.mark.parametrize("lang", LANGUAGES)
async def test_a_correction_takes_the_place_and_keeps_the_old_text(
    written: Path, look: Callable[..., Seen], lang: str
) -> None:
    async with _app(written, lang).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("SW1 unre")
        await seen.press("down", "down", "c")
        await seen.shows("SW1 unreachable, floor 3 without network")
        await seen.press("home", "delete", "delete", "delete", *"SW2", "enter", *"wrong switch", "f10")
        await seen.until(lambda: seen.app.screen is seen.app.shown)
        await seen.shows("SW2 unreachable", "wrong switch")
        assert "SW1 unreachable" not in seen.text
        await seen.press("enter")
        await seen.shows("SW2 unreachable", "SW1 unreachable", "更正前" if lang == "zh" else "Before, written")
        await seen.press("escape")
        assert seen.app.screen is seen.app.shown


async def test_what_the_program_wrote_is_not_corrected(written: Path, look: Callable[..., Seen]) -> None:
    async with _app(written).run_test(size=(120, 40)) as pilot:
        seen = look(pilot)
        await seen.shows("16:30")
        await seen.press("home", "c")
        await seen.shows("The program wrote this line")


async def test_readers_look_and_do_not_write(written: Path, look: Callable[..., Seen]) -> None:
    async with _app(written, login="reader").run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("16:30")
        await seen.press("l")
        await seen.shows("Readers may look, not write.")
        await seen.press("down", "c")
        await seen.shows("Readers may look, not write.")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("size", SIZES)
async def test_search_while_typing(written: Path, look: Callable[..., Seen], size: tuple[int, int], lang: str) -> None:
    async with _app(written, lang).run_test(size=size) as pilot:
        seen = look(pilot)
        await seen.shows("16:30")
        await seen.press("slash", "机")
        await seen.until(lambda: "SW1" not in seen.text)
        await seen.shows("打印机卡纸", "巡视机房")
        await seen.press("房")
        await seen.until(lambda: "打印机" not in seen.text)
        await seen.shows("巡视机房")
        await seen.press("enter")
        assert seen.app.shown.line.text.startswith("巡视机房")  # type: ignore[union-attr]
        await seen.press("escape")
        await seen.shows("16:30", "打印机卡纸")


async def test_a_search_that_finds_nothing_says_how_to_go_on(written: Path, look: Callable[..., Seen]) -> None:
    async with _app(written).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("16:30")
        await seen.press("slash", *"zzz")
        await seen.shows("No line holds “zzz”. esc shows all lines.")
        await seen.press("escape")
        await seen.shows("16:30")


async def test_filters_by_kind_person_and_days(written: Path, look: Callable[..., Seen]) -> None:
    async with _app(written).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("16:30")
        await seen.press("f", *"req", "enter", "f10")
        await seen.shows("HIS slow", "打印机", "Only: Request")
        assert "SW1" not in seen.text
        await seen.press("f")
        await seen.press("tab", "tab", "tab", *"21", "f10")
        await seen.shows("Only: Request, 21 Nov")
        await seen.press("f", "tab", *"eng. b", "enter", "f10")
        await seen.shows("Only: Request, Eng. B, 21 Nov", "No such line. esc shows all lines.")
        await seen.press("escape")
        await seen.shows("16:30", "SW1")


async def test_going_to_a_day(written: Path, look: Callable[..., Seen]) -> None:
    async with _app(written).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("16:30")
        await seen.press("t", *"20", "enter")
        await seen.until(lambda: seen.app.shown.line.text.startswith("巡视机房"))  # type: ignore[union-attr]
        await seen.press("t", *"2020-01-01", "enter")
        await seen.shows("Nothing was written before that")
        await seen.press("t", *"nonsense", "enter")
        await seen.shows("“nonsense” is no day.")


async def test_another_terminal_sees_a_line_within_a_second(written: Path, look: Callable[..., Seen]) -> None:
    async with _app(written).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("16:30")
        await seen.press("down")
        await other_writes(written, "from the other console")
        await seen.shows("from the other console")
        assert seen.app.shown.line.text.startswith("Vendor called")  # type: ignore[union-attr]


async def other_writes(path: Path, text: str) -> None:
    """Write a line as another process would: over a connection of its own."""
    import subprocess
    import sys

    command = [sys.executable, "-m", "dutydesk", "--db", str(path), "--login", "eng-b", "log", text]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


async def test_copy_quotes_the_line(written: Path, look: Callable[..., Seen]) -> None:
    async with _app(written).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("16:30")
        await seen.press("down", "y")
        assert seen.app.clipboard == "2026-11-22 14:22 Eng. A [Note] Vendor called, part arrives 16:30"
