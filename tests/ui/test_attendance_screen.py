"""The office and its attendance: months, duties, requests, call-outs, all from the keyboard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dutydesk.services import attendance_records, corrections, people
from dutydesk.storage import engine
from dutydesk.storage.models.shift import DutyShift
from dutydesk.ui.app import DeskApp
from dutydesk.ui.places import PLACES
from tests.ui.conftest import PIN, SIZES, START, Seen

HOUR = 3600


class OfficeApp(DeskApp):
    """The console that begins at the office."""

    places = tuple(place for place in PLACES if place.name in ("office", "incidents"))[::-1]


@pytest.fixture
def desk(desk_file: Path, at: Callable[[int], None]) -> Path:
    """Let the day shift go by: Eng. A was there, signed nothing, and asks to have it put right."""
    engine.connect(str(desk_file))
    shift = DutyShift.get(DutyShift.starts_at <= START, DutyShift.ends_at > START)
    login = next(each.login for each in attendance_records.of_shifts([shift]))
    at(shift.ends_at + 2 * HOUR)
    corrections.ask(
        people.identify(login), shift.id, "console was down", came_at=shift.starts_at - 300, left_at=shift.ends_at + 600
    )
    engine.disconnect()
    return desk_file


def _app(path: Path, lang: str = "en", login: str = "chief") -> OfficeApp:
    return OfficeApp(str(path), login=login, lang=lang)


def _login(path: Path) -> str:
    engine.connect(str(path))
    shift = DutyShift.get(DutyShift.starts_at <= START, DutyShift.ends_at > START)
    login = next(each.login for each in attendance_records.of_shifts([shift]))
    engine.disconnect()
    return login


@pytest.mark.parametrize(("size", "lang"), [(SIZES[0], "zh"), (SIZES[1], "en")])
async def test_from_the_office_to_a_duty_and_back(
    desk: Path, look: Callable[..., Seen], size: tuple[int, int], lang: str
) -> None:
    zh = lang == "zh"
    async with _app(desk, lang).run_test(size=size) as pilot:
        seen = look(pilot)
        await seen.shows("科务" if zh else "Office", "1 项申请待处理" if zh else "1 request waits")
        await seen.press("enter")
        await seen.shows("2026-11 考勤" if zh else "Attendance 2026-11")
        await seen.until(lambda: len(seen.app.shown.records.rows) == 4)  # type: ignore[union-attr]
        await seen.shows("✗", "▲1", "缺勤" if zh else "absent")
        row = next(place for place, each in enumerate(seen.app.shown.records.rows) if each.waiting)  # type: ignore[union-attr]
        await seen.press(*["down"] * row, "enter")
        await seen.shows("08:00–20:00", "没有签到记录。" if zh else "Nobody signed.")
        assert all(len(line) <= size[0] for line in seen.lines)
        await seen.press("escape", "escape")
        await seen.until(lambda: len(seen.app.screen_stack) == 1)


async def test_the_supervisor_approves_with_his_pin(desk: Path, look: Callable[..., Seen]) -> None:
    async with _app(desk).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("1 request waits")
        await seen.press("a", "a")
        await seen.shows("Requests are on another list; r shows them.")
        await seen.press("r")
        await seen.shows("came 07:55, left 20:10", "console was down")
        await seen.press("a")
        await seen.shows("Your PIN approves")
        await seen.press(*"0000", "enter")
        await seen.shows("PIN is wrong")
        await seen.press("end", *["backspace"] * 4, *PIN, "enter")
        await seen.shows("approved")
        await seen.press("m")
        await seen.until(lambda: seen.app.shown.sheet.total.on_time == 1)  # type: ignore[union-attr]


async def test_the_supervisor_puts_right_and_takes_back(desk: Path, look: Callable[..., Seen]) -> None:
    async with _app(desk).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("1 request waits")
        await seen.press("a")
        await seen.until(lambda: len(seen.app.shown.records.rows) == 4)  # type: ignore[union-attr]
        row = next(place for place, each in enumerate(seen.app.shown.records.rows) if each.waiting)  # type: ignore[union-attr]
        await seen.press(*["down"] * row, "enter")
        await seen.shows("Nobody signed.")
        await seen.press("c")
        await seen.shows("Planned 08:00–20:00, signed: nothing")
        await seen.press(*"22:00", "tab", "tab", *"log", "tab", *PIN, "f10")
        await seen.shows("This time does not belong to the shift.")
        await seen.press("end", *["backspace"] * 5, *"8:12", "f10")
        await seen.shows("is put right.", "late 12 min", "added: in")
        await seen.press("v")
        await seen.shows("It never was.")
        await seen.press(*"no", "tab", *PIN, "f10")
        await seen.shows("The signature is taken back.", "absent", "taken back: in")


async def test_an_engineer_asks_and_sees_his_own_only(
    desk_file: Path, at: Callable[[int], None], look: Callable[..., Seen]
) -> None:
    login = _login(desk_file)
    at(START + 8 * HOUR)
    async with _app(desk_file, login=login).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("Attendance")
        await seen.press("a")
        await seen.until(lambda: len(seen.app.shown.records.rows) == 1)  # type: ignore[union-attr]
        await seen.press("enter")
        await seen.shows("Nobody signed.")
        await seen.press("v")
        await seen.shows("Only the supervisor takes a signature back; c asks for it.")
        await seen.press("c", *"8:00", "tab", "tab", *"x", "f10")
        await seen.shows("The supervisor is asked")
        await seen.press("escape", "r")
        await seen.shows("came 08:00")
        await seen.press("a")
        await seen.shows("The supervisor decides this.")
        await seen.press("w")
        await seen.shows("Your request is withdrawn.")


async def test_a_call_out_from_the_keyboard(
    desk_file: Path, at: Callable[[int], None], look: Callable[..., Seen]
) -> None:
    async with _app(desk_file).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("Attendance")
        await seen.press("a", "e")
        await seen.shows("No call-out in this month. o puts one down.")
        await seen.press("o")
        await seen.shows("New call-out")
        names = [row.label.en for row in seen.app.screen_stack[-2].sheet.people]  # type: ignore[attr-defined]
        await seen.press(*names[-1], "enter", *"12:00", "tab", "tab", "tab", "tab", *"VPN", "f10")
        await seen.until(lambda: "is put down" in seen.text or "on duty then" in seen.text)
        if "on duty then" in seen.text:
            pytest.fail(seen.text)
        await seen.shows("called 12:00")
        await seen.press("d", *"12:20", "tab", *"13:05", "f10")
        await seen.shows("12:00–13:05", "1h05")
        await seen.press("d")
        await seen.shows("This call-out is over")
        await seen.press("v", *"no", "tab", *PIN, "f10")
        await seen.shows("taken back")
