"""Leave and swaps on screens: asked for, covered, answered and decided from the keyboard; what waits comes first."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from dutydesk.services import leave, people, swaps
from dutydesk.services.leave import LeaveView, NewCover, NewLeave
from dutydesk.services.swaps import NewSwap
from dutydesk.storage import engine
from dutydesk.ui.app import DeskApp
from dutydesk.ui.places import PLACES
from tests.services.conftest import make_desk
from tests.ui.conftest import PIN, SIZES, Seen

NIGHT_24, DAY_26, D_DAY_27 = 6, 9, 11
"""Shifts of Eng. A on 24 and 26 November, and one of Eng. D on the 27th."""


class RosterApp(DeskApp):
    """The console that begins at the roster."""

    places = tuple(place for place in PLACES if place.name == "roster")


class ShiftApp(DeskApp):
    """The console that begins at the shift."""

    places = tuple(place for place in PLACES if place.name in ("shift", "roster"))


def moment(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai")).timestamp())


@pytest.fixture(scope="session")
def leave_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A desk whose shifts are known by their ids."""
    path = tmp_path_factory.mktemp("leave") / "template.sqlite"
    make_desk(path, lang="en")
    return path


@pytest.fixture
def desk(leave_template: Path, tmp_path: Path, at: object) -> Path:
    path = tmp_path / "leave.sqlite"
    shutil.copy(leave_template, path)
    return path


def asked(path: Path, *covers: tuple[int, str], agreed: bool = False) -> LeaveView:
    """Let Eng. A ask for leave from 24 to 26 November, and the substitutes agree if they shall."""
    engine.connect(str(path))
    try:
        who = people.identify("eng-a")
        wanted = tuple(NewCover(shift, people.identify(login).person_id) for shift, login in covers)
        new = NewLeave("annual", moment("2026-11-24 08:00"), moment("2026-11-27 08:00"), "family", wanted)
        view = leave.ask(who, new)
        if agreed:
            for (_shift, login), duty in zip(covers, view.duties, strict=True):
                leave.answer(people.identify(login), duty.standing[0].id, True)
        return view
    finally:
        engine.disconnect()


def _app(path: Path, login: str, lang: str = "en") -> RosterApp:
    return RosterApp(str(path), login=login, lang=lang)


async def _list(seen: Seen, lang: str = "en") -> None:
    await seen.shows("6 排班" if lang == "zh" else "6 Roster")
    await seen.press("r")
    await seen.until(lambda: hasattr(seen.app.shown, "request"))
    await seen.app.shown.loaded()  # type: ignore[union-attr]


@pytest.mark.parametrize(("size", "lang"), [(SIZES[0], "zh"), (SIZES[1], "en")])
async def test_what_waits_for_me_comes_first(
    desk: Path, look: Callable[..., Seen], size: tuple[int, int], lang: str
) -> None:
    asked(desk, (NIGHT_24, "eng-d"), (DAY_26, "eng-c"))
    engine.connect(str(desk))
    other = NewLeave("sick", moment("2026-11-23 08:00"), moment("2026-11-24 08:00"), "fever")
    leave.ask(people.identify("eng-b"), other)
    engine.disconnect()
    async with _app(desk, "eng-d", lang).run_test(size=size) as pilot:
        seen = look(pilot)
        await _list(seen, lang)
        zh = lang == "zh"
        await seen.shows("LV-261122-1", "LV-261122-2", "等您处理" if zh else "Waits for you")
        order = [request.number for request in seen.app.shown.records.rows]  # type: ignore[union-attr]
        assert order == ["LV-261122-1", "LV-261122-2"]
        await seen.shows("按 o 同意代班" if zh else "o covers, x does not")
        await seen.shows("甲工" if zh else "Eng. A", "11-24 – 11-26" if zh else "24 Nov – 26 Nov")
        await seen.shows("o 同意" if zh else "o Agree")
        assert "family" in seen.text


async def test_asked_with_covers_from_the_keyboard(desk: Path, look: Callable[..., Seen]) -> None:
    async with _app(desk, "eng-a").run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await _list(seen)
        await seen.shows("Nobody has asked for leave or a swap.")
        await seen.press("a", *"11-24", "tab", *"11-26")
        await seen.shows("Touches 24 Nov Tue Night, 26 Nov Thu Day")
        await seen.press("tab", *"me", "f10")
        await seen.shows("Who covers 24 Nov Tue Night?", "▸ Eng. D", "12 h rest", "▲ 48 h this month")
        await seen.press("enter")
        await seen.shows("Who covers 26 Nov Thu Day?", "▸ Eng. C")
        await seen.press(*"Nob", "enter")
        await seen.shows("0 of 2 covered, 1 not answered, 1 open", "○ Eng. D – not answered yet")
        await seen.shows("nobody asked: c chooses")
        seen.app.shown.rows.move_to(("duty", DAY_26))  # type: ignore[union-attr]
        await seen.press("h")
        await seen.shows("Cover a part of 26 Nov Thu Day")
        await seen.press("tab", "ctrl+u", *"14:00", "f10")
        await seen.shows("Who covers 26 Nov Thu Day 08:00–14:00?")
        await seen.press("enter")
        await seen.shows("Eng. C 08:00–14:00 – not answered yet", "14:00–20:00 nobody asked: c chooses")
        await seen.press("h")
        await seen.shows("2026-11-26 14:00", "2026-11-26 20:00")


async def test_who_has_declined_comes_last_and_a_one_sided_swap_says_so(desk: Path, look: Callable[..., Seen]) -> None:
    view = asked(desk, (NIGHT_24, "eng-d"))
    engine.connect(str(desk))
    leave.answer(people.identify("eng-d"), view.duties[0].standing[0].id, False, reason="ill")
    engine.disconnect()
    async with _app(desk, "eng-a").run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await _list(seen)
        await seen.press("c", "enter")
        await seen.shows("Who takes 24 Nov Tue Night?")
        await seen.press("enter", "enter")
        await seen.shows("takes 24 Nov Tue Night, nothing in return.")
        await seen.press("escape", "enter")
        await seen.shows("declined: ill")
        await seen.press("c")
        await seen.shows("Who covers 24 Nov Tue Night?", "Eng. D  ✗ declined,")
        assert "▸ Eng. D" not in seen.text


async def test_agreed_and_declined(desk: Path, look: Callable[..., Seen]) -> None:
    asked(desk, (NIGHT_24, "eng-d"), (DAY_26, "eng-c"))
    async with _app(desk, "eng-d").run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await _list(seen)
        await seen.press("o")
        await seen.shows("You cover for Eng. A; the supervisor decides.", "Waits for others")
        await seen.press("p")
        await seen.shows("Only a supervisor decides.")
        await seen.press("w")
        await seen.shows("Only who asked, or a supervisor, takes it back.")
        await seen.press("enter")
        await seen.shows("✓ Eng. D – agreed")
        await seen.press("x", *"ill", "f10")
        await seen.shows("✗ Eng. D – declined: ill", "You do not cover for Eng. A.")
        await seen.press("x")
        await seen.shows("LV-261122-1 asks nothing of you.")


async def test_approved_with_the_pin(desk: Path, look: Callable[..., Seen]) -> None:
    asked(desk, (NIGHT_24, "eng-d"), (DAY_26, "eng-c"), agreed=True)
    async with _app(desk, "chief").run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await _list(seen)
        await seen.shows("p approves, r refuses")
        await seen.press("p")
        await seen.shows("Approve LV-261122-1", "24 Nov Tue Night: Eng. D")
        await seen.press(*"1111", "enter")
        await seen.shows("PIN is wrong")
        await seen.press(*["backspace"] * 4, *PIN, "enter")
        await seen.shows("LV-261122-1 is approved; the roster follows.", "Approved, ahead")
        await seen.press("w", *"off", "f10")
        await seen.shows("LV-261122-1 is cancelled; the roster follows.", "Decided and past")


async def test_what_changed_while_the_supervisor_looked_is_said(desk: Path, look: Callable[..., Seen]) -> None:
    view = asked(desk, (NIGHT_24, "eng-d"), (DAY_26, "eng-c"), agreed=True)
    async with _app(desk, "chief").run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await _list(seen)
        await seen.press("enter")
        await seen.shows("p Approve")
        await seen.press("p")
        await seen.shows("Approve LV-261122-1")
        cover = view.duties[0].standing[0].id
        await seen.app.desk.raw(leave.answer, people.identify("eng-d"), cover, False, "ill")
        await seen.press(*PIN, "enter")
        await seen.shows("LV-261122-1 has changed while you looked at it")
        await seen.press("escape")
        await seen.shows("✗ Eng. D – declined: ill")


async def test_an_empty_place_asks_for_a_reason_and_is_filled_later(desk: Path, look: Callable[..., Seen]) -> None:
    asked(desk, (NIGHT_24, "eng-d"))
    async with _app(desk, "chief").run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await _list(seen)
        await seen.press("enter")
        await seen.shows("nobody asked: c chooses")
        await seen.press("p")
        await seen.shows("2 shifts stay empty.")
        await seen.press("tab", *PIN, "f10")
        await seen.shows("This must not be empty.")
        await seen.press(*"so", "f10")
        await seen.shows("LV-261122-1 is approved; the roster follows.", "▲ place stays empty")
        seen.app.shown.rows.move_to(("duty", DAY_26))  # type: ignore[union-attr]
        await seen.press("c")
        await seen.shows("Who covers 26 Nov Thu Day?")
        await seen.press("enter")
        await seen.shows("Eng. C – not answered yet")


async def test_the_to_do_list_leads_to_the_leave(desk: Path, look: Callable[..., Seen]) -> None:
    view = asked(desk, (NIGHT_24, "eng-d"))
    async with ShiftApp(str(desk), login="eng-d", lang="en").run_test(size=(120, 40)) as pilot:
        seen = look(pilot)
        await seen.shows("Cover for Eng. A?")
        panel = seen.app.shown.query_one("#next")  # type: ignore[union-attr]
        key = next(row.key for row in panel._choices if getattr(row.key, "subject", "") == "cover")  # type: ignore[attr-defined]
        panel.move_to(key)  # type: ignore[attr-defined]
        panel.focus()
        await seen.press("enter")
        await seen.until(lambda: getattr(seen.app.shown, "leave_id", None) == view.line.id)
        await seen.press("o")
        await seen.shows("✓ Eng. D – agreed")
        await seen.press("escape")
        await seen.until(lambda: "Cover for Eng. A?" not in seen.text)


async def test_a_swap_from_the_keyboard(desk: Path, look: Callable[..., Seen]) -> None:
    async with _app(desk, "eng-a").run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await _list(seen)
        await seen.press("c")
        await seen.shows("Which of your duties", "▸ 24 Nov Tue Night")
        await seen.press("enter")
        await seen.shows("Who takes 24 Nov Tue Night?", "▸ Eng. D")
        await seen.press("enter")
        await seen.shows("Which duty do you take for it", "▸ Nothing")
        await seen.press(*"27", "enter")
        await seen.shows("Swap with Eng. D", "24 Nov Tue Night for 27 Nov Fri Day")
        await seen.press(*"x", "f10")
        await seen.shows("SW-261122-1", "Eng. D takes 24 Nov Tue Night")


async def test_a_swap_is_answered_and_approved(desk: Path, look: Callable[..., Seen]) -> None:
    engine.connect(str(desk))
    other = people.identify("eng-d")
    swaps.ask(people.identify("eng-a"), NewSwap(NIGHT_24, other.person_id, D_DAY_27))
    engine.disconnect()
    async with _app(desk, "eng-d").run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await _list(seen)
        await seen.shows("o swaps, x does not")
        await seen.press("o")
        await seen.shows("You agree to swap; the supervisor decides.")
    async with _app(desk, "chief").run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await _list(seen)
        await seen.press("p")
        await seen.shows("Approve SW-261122-1")
        await seen.press(*PIN, "enter")
        await seen.shows("SW-261122-1 is approved; the roster follows.")


async def test_hostile_reasons_stay_text(desk: Path, look: Callable[..., Seen]) -> None:
    engine.connect(str(desk))
    text = "[red]x[/] [@click=app.quit]q[/] \x1b[2Jclear\x1b]0;t\x07" + "长" * 200
    new = NewLeave("other", moment("2026-11-24 08:00"), moment("2026-11-25 08:00"), text)
    leave.ask(people.identify("eng-a"), new)
    engine.disconnect()
    async with _app(desk, "chief").run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await _list(seen)
        await seen.press("enter")
        await seen.shows("Reason:", "[red]x[/]")
        assert not any(mark in seen.text for mark in ("\x1b", "\x07"))
        assert "Keys" in seen.lines[-1]


async def test_found_by_the_palette(desk: Path, look: Callable[..., Seen]) -> None:
    asked(desk)
    async with _app(desk, "eng-b").run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("6 Roster")
        await seen.press("colon", *"lv-2")
        await seen.shows("LV-261122-1 Eng. A")
        await seen.press("enter")
        await seen.shows("Shifts and who covers them")
        await seen.press("c")
        await seen.shows("Only Eng. A or a supervisor chooses who covers.")
