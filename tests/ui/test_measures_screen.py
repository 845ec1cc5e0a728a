"""The register of temporary measures: its order and marks, and every step from the keyboard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dutydesk.services import log, measures, people
from dutydesk.services.measures import NewMeasure
from dutydesk.storage import engine
from dutydesk.ui.app import DeskApp
from dutydesk.ui.places import PLACES
from tests.ui.conftest import LANGUAGES, SIZES, START, Seen

HOUR = 3600


class LogApp(DeskApp):
    """The console that begins at the log."""

    places = tuple(place for place in PLACES if place.name == "log")


@pytest.fixture
def register(desk_file: Path, at: Callable[[int], None]) -> Path:
    """Put down four measures: one past its end, one with an end, one without, one closed."""
    engine.connect(str(desk_file))
    who = people.identify("eng-a")
    measures.open_measure(who, NewMeasure("UPS-2 on bypass", "bypass", "waits for the battery", until=START + 2 * HOUR))
    measures.open_measure(who, NewMeasure("TEMP-B muted", "silenced", since=START - 3 * HOUR, until=START - 600))
    measures.open_measure(who, NewMeasure("机房B钥匙借给维保", "lent"))
    done = measures.open_measure(who, NewMeasure("Backup job off", "disabled"))
    measures.close_measure(who, done.line.id, "runs again")
    engine.disconnect()
    return desk_file


def _app(path: Path, lang: str = "en", login: str = "eng-c") -> LogApp:
    return LogApp(str(path), login=login, lang=lang)


def _order(seen: Seen) -> list[str]:
    return [line.title for line in seen.app.shown.records.rows]  # type: ignore[union-attr]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("size", SIZES)
async def test_what_is_past_its_end_comes_first(
    register: Path, look: Callable[..., Seen], size: tuple[int, int], lang: str
) -> None:
    async with _app(register, lang).run_test(size=size) as pilot:
        seen = look(pilot)
        await seen.shows("TM-261122-1")
        await seen.press("m")
        await seen.shows("TEMP-B muted", "机房B钥匙借给维保", "Backup job off")
        assert _order(seen) == ["TEMP-B muted", "UPS-2 on bypass", "机房B钥匙借给维保", "Backup job off"]
        line = next(line for line in seen.lines if "TM-261122-2" in line)
        assert "▲" in line
        assert ("已超期，应于 14:22" if lang == "zh" else "over since 14:22") in line
        await seen.shows("3 项生效中、1 项已超期" if lang == "zh" else "3 in force, 1 past its end")
        await seen.press("down")
        await seen.shows("waits for the battery")
        await seen.press("escape")
        await seen.until(lambda: seen.app.shown.place == "log" and len(seen.app.screen_stack) == 1)


async def test_a_measure_is_put_down_extended_changed_and_closed(register: Path, look: Callable[..., Seen]) -> None:
    async with _app(register).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("TM-261122-1")
        await seen.press("m", "a", *"Firewall rule for vendor", "tab", "5", "tab", *"+3h", "f10")
        await seen.shows("TM-261122-5 is in force and in the next handover.", "until 17:32")
        assert seen.app.shown.line.title == "Firewall rule for vendor"  # type: ignore[union-attr]
        await seen.press("e", "tab", *"vendor comes late", "f10")
        await seen.shows("Firewall rule for vendor, ends now: 17:32", "This must not be empty.")
        await seen.press(*"tomorrow 9:00", "f10")
        await seen.shows("until Mon 09:00")
        await seen.press("u", "end", *" VPN", "f10")
        await seen.shows("Firewall rule for vendor VPN")
        await seen.press("c", *"rule removed", "enter")
        await seen.shows("TM-261122-5 is closed.")
        await seen.until(lambda: _order(seen)[3] == "Firewall rule for vendor VPN")
        lines = await seen.app.desk.ask(log.tail, limit=4)
        assert [line.kind.value for line in lines] == ["measure"] * 4
        seen.app.shown.records.move_to(5)  # type: ignore[union-attr]
        await seen.press("c")
        await seen.shows("Measure TM-261122-5 is closed already.")


async def test_two_people_change_one_measure(register: Path, look: Callable[..., Seen]) -> None:
    async with _app(register).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("TM-261122-1")
        await seen.press("m", "u", "end", *" (mine)")
        theirs = NewMeasure("TEMP-B muted by B", "silenced", since=START - 3 * HOUR, until=START - 600)
        await seen.app.desk.ask(measures.edit, 2, theirs, version=1)
        await seen.press("f10")
        await seen.shows("Somebody else changed this", "TEMP-B muted by B", "TEMP-B muted (mine)")


async def test_a_draft_of_a_measure_that_was_changed_meanwhile_meets_it(
    register: Path, look: Callable[..., Seen]
) -> None:
    async with _app(register).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("TM-261122-1")
        await seen.press("m", "u", "end", *" (mine)", "escape")
        await seen.shows("Kept as a draft")
        theirs = NewMeasure("TEMP-B muted by B", "silenced", since=START - 3 * HOUR, until=START - 600)
        await seen.app.desk.ask(measures.edit, 2, theirs, version=1)
        await seen.shows("TEMP-B muted by B")
        await seen.press("u")
        await seen.shows("the record has changed since", "TEMP-B muted (mine)")
        await seen.press("f10")
        await seen.shows("Somebody else changed this", "TEMP-B muted by B", "TEMP-B muted (mine)")
        await seen.press("m")
        await seen.shows("is changed.", "TEMP-B muted (mine)")


async def test_without_measures_it_says_what_to_do(desk_file: Path, at: object, look: Callable[..., Seen]) -> None:
    async with _app(desk_file).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("The log is empty. l writes the first line.")
        await seen.press("m")
        await seen.shows("No temporary measure is in force. a puts one down.")
        await seen.press("c")
        await seen.shows("There is no measure here.")


async def test_find_and_the_palette(register: Path, look: Callable[..., Seen]) -> None:
    async with _app(register).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("TM-261122-1")
        await seen.press("colon", *"ups-2")
        await seen.shows("TM-261122-1 UPS-2 on bypass")
        await seen.press("enter")
        await seen.until(lambda: getattr(seen.app.shown, "line", None) is not None and "UPS-2" in _order(seen)[1])
        assert seen.app.shown.line.title == "UPS-2 on bypass"  # type: ignore[union-attr]
        await seen.press("slash", "钥")
        await seen.until(lambda: _order(seen) == ["机房B钥匙借给维保"])
        await seen.press("escape")
        await seen.until(lambda: len(_order(seen)) == 4)


@pytest.mark.parametrize(
    "text",
    [
        "[red]x[/]",
        "[@click=app.quit]q[/]",
        "\x1b[2Jclear\x1b]0;t\x07",
        "a\u202eb\u200b",
        "长" * 120,
        "🔥" * 40,
        "x" * 120,
    ],
)
@pytest.mark.parametrize("size", SIZES)
async def test_hostile_titles_stay_text(
    desk_file: Path, at: object, look: Callable[..., Seen], text: str, size: tuple[int, int]
) -> None:
    engine.connect(str(desk_file))
    who = people.identify("eng-a")
    measures.open_measure(who, NewMeasure(text, "other", text))
    log.write(who, text)
    engine.disconnect()
    async with _app(desk_file).run_test(size=size) as pilot:
        seen = look(pilot)
        await seen.shows("Measure")
        for keys in (("enter", "escape"), ("down", "enter", "escape"), ("m",), ("enter", "escape"), ("u", "escape")):
            await seen.press(*keys)
        lines = seen.lines
        assert not any(mark in seen.text for mark in ("\x1b", "\x07", "\u202e", "\u200b"))
        assert "Keys" in lines[-1]
        if "[" in text and "\x1b" not in text:
            assert text[:6] in seen.text
