"""The month's duty pay on the screen: people, every line with its rule, freezing, what differs, rates."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dutydesk.services import allowance, people
from dutydesk.storage import engine
from dutydesk.ui.app import DeskApp
from dutydesk.ui.places import PLACES
from tests.services.conftest import moment
from tests.services.test_allowance import planned_on, signs
from tests.ui.conftest import LANGUAGES, PIN, SIZES, Seen


class OfficeApp(DeskApp):
    """The console that begins at the office."""

    places = tuple(place for place in PLACES if place.name == "office")


@pytest.fixture
def november(desk_file: Path, at: Callable[[int], None]) -> Path:
    """Return a desk on 2 December: a whole day shift and a late night were worked, all other duties were missed."""
    engine.connect(str(desk_file))
    signs("2026-11-22", "day", planned_on("2026-11-22", "day"), "2026-11-22 07:58", "2026-11-22 20:02")
    signs("2026-11-22", "night", planned_on("2026-11-22", "night"), "2026-11-22 20:30", "2026-11-23 08:00")
    engine.disconnect()
    at(moment("2026-12-02 09:00"))
    return desk_file


def _app(path: Path, lang: str = "en", login: str = "chief") -> OfficeApp:
    return OfficeApp(str(path), login=login, lang=lang)


@pytest.mark.parametrize(("size", "lang"), list(zip(SIZES, LANGUAGES, strict=True)))
async def test_a_month_and_every_line_of_a_person(
    november: Path, look: Callable[..., Seen], size: tuple[int, int], lang: str
) -> None:
    engine.connect(str(november))
    login = planned_on("2026-11-22", "night")
    engine.disconnect()
    async with _app(november, lang).run_test(size=size) as pilot:
        seen = look(pilot)
        await seen.shows({"en": "Duty pay", "zh": "值班津贴"}[lang])
        await seen.press("p")
        await seen.shows("292.50 CNY", "172.50", {"en": "The rates are an example", "zh": "当前为示例费率"}[lang])
        seen.app.shown.records.move_to(login)  # type: ignore[union-attr]
        await seen.press("enter")
        rule = {"en": "Night on a rest day", "zh": "休息日夜班"}[lang]
        how = {"en": "180.00 a shift × 690 of 720 min · came late", "zh": "每班 180.00 × 690/720 分钟 · 迟到"}[lang]
        await seen.shows(rule, how, {"en": "absent: nothing is paid", "zh": "缺勤不计发"}[lang])
        before = seen.lines[2]
        await seen.press("right")
        await seen.until(lambda: seen.lines[2] != before)
        await seen.press("escape", "left")
        await seen.shows("2026-10")


async def test_frozen_then_a_record_comes_late(november: Path, look: Callable[..., Seen]) -> None:
    async with _app(november).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("Duty pay")
        await seen.press("p")
        await seen.shows("292.50 CNY")
        await seen.press("d")
        await seen.shows("The duty pay of 2026-11 is not frozen yet.")
        await seen.press("f")
        await seen.shows("292.50 CNY for")
        await seen.press(*PIN, "enter")
        await seen.shows("2026-11 is frozen, revision 1.", "frozen by Chief")
        await seen.press("f")
        await seen.shows("Nothing differs from what is frozen")
        await seen.app.desk.raw(_late_record)
        seen.app.shown.request_reload()  # type: ignore[union-attr]
        await seen.shows("Worked out again it differs for people: 1.")
        await seen.press("f")
        await seen.shows("292.50 becomes 342.50", "+50.00", "absent: nothing is paid")
        await seen.press("f", *"a forgotten signature", "tab", *PIN, "enter")
        await seen.shows("2026-11 is frozen, revision 2.", "342.50 CNY", "revision 2")


def _late_record() -> None:
    signs("2026-11-23", "day", planned_on("2026-11-23", "day"), "2026-11-23 08:00", "2026-11-23 20:00")


async def test_the_supervisor_sets_rates_and_mistakes_are_told(november: Path, look: Callable[..., Seen]) -> None:
    async with _app(november).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("Duty pay", "2026-11 is not frozen")
        await seen.press("p", "r")
        await seen.shows("2026-10-01", "an example")
        await seen.press("enter")
        await seen.shows("6. Night on a rest day: 180.00 a shift", "Duty, weekend, day off in lieu, at night")
        await seen.press("escape", "a")
        await seen.shows("2027-01-01", "EXAMPLE ONLY")
        await seen.press("tab", *"oops", "f10")
        await seen.shows("least_minutes = 60oops", "the rates, line 118: this is not TOML.")
        await seen.press(*["backspace"] * 4, "f10")
        await seen.shows("The rates are in force from 2027-01-01.", "2027-01-01")


async def test_an_engineer_sees_his_own_and_freezes_nothing(november: Path, look: Callable[..., Seen]) -> None:
    engine.connect(str(november))
    login = planned_on("2026-11-22", "day")
    amount = allowance.sheet(people.identify(login), "2026-11").content.amount
    engine.disconnect()
    assert amount == 12000
    async with _app(november, login=login).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("Duty pay")
        await seen.press("p")
        await seen.shows("120.00 CNY", "1 person")
        await seen.press("f")
        await seen.shows("Only the supervisor freezes a month.")
        await seen.press("right", "right")
        await seen.shows("does not hold 2027")
