"""Rounds on the console: the day's list, the sheet with one key an answer, backups. REQUIREMENTS C3, C6, C7."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dutydesk.domain.backups import Copy
from dutydesk.domain.rounds import Found
from dutydesk.services import backups, drafts, people, rounds
from dutydesk.services.core import Actor
from dutydesk.storage import chain, engine
from dutydesk.storage.models.backups import BackupCheck, RestoreTest
from dutydesk.storage.models.incidents import Incident
from dutydesk.storage.models.rounds import Round, RoundAnswer
from dutydesk.ui.app import DeskApp
from dutydesk.ui.places import PLACES
from dutydesk.ui.screens.round_sheet import RoundSheetScreen
from tests.ui.conftest import LANGUAGES, SIZES, START, Seen

HOUR = 3600
NORMAL = {"ups1-load": 61, "ups1-battery": 96, "temperature": 22.4, "humidity": 50, "noise": 60, "gas": 4.2}
CHOICES = {"door": "locked", "ac": "cooling", "fire": "normal"}


class RoundsApp(DeskApp):
    """The console that begins at the rounds."""

    places = tuple(place for place in PLACES if place.name == "rounds")


def _app(path: Path, lang: str = "en", login: str = "eng-a") -> RoundsApp:
    return RoundsApp(str(path), login=login, lang=lang)


def keys(text: str) -> list[str]:
    """Return a text as the keys that type it."""
    names = {" ": "space", ".": "full_stop", "-": "minus", ",": "comma", ":": "colon"}
    return [names.get(char, char) for char in text]


def stored(path: Path, read: Callable[[], Any]) -> Any:
    """Read the desk beside the running console."""
    engine.connect(str(path))
    try:
        return read()
    finally:
        engine.disconnect()


def walk(path: Path, code: str, *, leave: tuple[str, ...] = (), login: str = "eng-a") -> int:
    """Answer a round of the day as normal below the console; returns its id."""
    engine.connect(str(path))
    who = people.identify(login)
    line = next(each for each in rounds.due_list(who) if each.code == code)
    for each in rounds.sheet(who, line.id).items:
        point = each.point
        if point.code in leave or point.condition or not point.in_service:
            continue
        if point.code in NORMAL:
            rounds.answer(who, line.id, point.id, number=NORMAL[point.code])
        elif point.code in CHOICES:
            rounds.answer(who, line.id, point.id, text=CHOICES[point.code])
        else:
            rounds.answer(who, line.id, point.id, Found.OK)
    engine.disconnect()
    return line.id


async def open_sheet(seen: Seen, code: str = "room-a") -> RoundSheetScreen:
    """Open the round of a checklist from the list and return its sheet."""
    await seen.until(lambda: getattr(seen.app.shown, "lines", ()))
    screen: Any = seen.app.shown
    await seen.until(lambda: screen.records.rows)
    line = next(each for each in screen.lines if each.code == code)
    screen.records.move_to((line.due_at, line.id))
    await seen.press("enter")
    await seen.until(lambda: isinstance(seen.app.shown, RoundSheetScreen) and seen.app.shown.walk is not None)
    sheet = seen.app.shown
    assert isinstance(sheet, RoundSheetScreen)
    return sheet


def go(seen: Seen, sheet: RoundSheetScreen, code: str) -> None:
    """Put the cursor on an item."""
    assert sheet.walk is not None
    sheet.walk.cursor = code
    sheet.view.moved()


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("size", SIZES)
async def test_the_day_with_windows_and_backups(
    desk_file: Path, at: Callable[[int], None], look: Callable[..., Seen], size: tuple[int, int], lang: str
) -> None:
    app = _app(desk_file, lang)
    async with app.run_test(size=size) as pilot:
        seen = look(pilot)
        chinese = lang == "zh"
        await seen.shows("A 机房巡检" if chinese else "Machine room A", "PACS")
        assert ("逾期 32 分钟" if chinese else "32 min late") in seen.text
        assert ("还有 28 分钟" if chinese else "in 28 min") in seen.text
        assert ("0/6 正常" if chinese else "0 of 6 good") in seen.text
        assert all(len(line) <= size[0] for line in seen.lines)


async def test_the_cursor_begins_at_the_next_thing_to_do(
    desk_file: Path, at: Callable[[int], None], look: Callable[..., Seen]
) -> None:
    app = _app(desk_file)
    async with app.run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("1h32 late")
        assert any(line.startswith("▸ 13:00") for line in seen.lines)


async def test_other_days_with_left_and_right(
    desk_file: Path, at: Callable[[int], None], look: Callable[..., Seen]
) -> None:
    app = _app(desk_file)
    async with app.run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("Today")
        await seen.press("left")
        await seen.shows("21 Nov", "No round is planned on this day.")
        await seen.press("right", "right")
        await seen.shows("23 Nov", "13 rounds")
        await seen.press("t")
        await seen.shows("Today")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("size", SIZES)
async def test_a_round_from_the_keyboard(
    desk_file: Path, at: Callable[[int], None], look: Callable[..., Seen], size: tuple[int, int], lang: str
) -> None:
    app = _app(desk_file, lang)
    async with app.run_test(size=size) as pilot:
        seen = look(pilot)
        sheet = await open_sheet(seen)
        walked = sheet.walk
        assert walked is not None
        assert walked.cursor == "door"
        await seen.press("1", "o", "o")
        assert walked.cursor == "ups1-load"
        await seen.press("8", "3")
        assert ("83  % ▲ 预警" if lang == "zh" else "83  % ▲ warning") in seen.text
        await seen.press("enter", *keys("two servers moved"), "enter")
        assert walked.cursor == "ups1-battery"
        await seen.shows("two servers moved")
        await seen.press("9", "6", "enter", "o", "o", "o", "o", "1")
        await seen.press(*keys("22.4"), "enter", *keys("50"), "enter", "o", "o", *keys("60"), "enter")
        await seen.press("1", *keys("4.2"), "enter", "o")
        await seen.shows("18/18" if lang == "zh" else "18 of 18")
        await seen.press("f")
        await seen.shows("完成，1 项异常" if lang == "zh" else "Machine room A finished, 1 abnormal.")
        await seen.shows("14:32 完成，1 项异常" if lang == "zh" else "finished 14:32, 1 abnormal")

    def check() -> None:
        row = Round.get(Round.status == "finished")
        answers = RoundAnswer.select().where(RoundAnswer.round == row.id)
        assert answers.count() == 19, "the note is a row of its own"
        assert answers.where(RoundAnswer.note == "two servers moved").get().number == 83
        assert chain.verify().broken is None

    stored(desk_file, check)


async def test_what_is_missing_is_said_and_shown(
    desk_file: Path, at: Callable[[int], None], look: Callable[..., Seen]
) -> None:
    walk(desk_file, "room-a", leave=("dust",))
    app = _app(desk_file)
    async with app.run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        sheet = await open_sheet(seen)
        go(seen, sheet, "door")
        await seen.press("f")
        await seen.shows("Still to answer: Dust and tidiness.")
        assert sheet.walk is not None
        assert sheet.walk.cursor == "dust"
        await seen.press("x", "escape")
        await seen.shows("A note is needed")
        await seen.press("f")
        await seen.shows("These need a note: Dust and tidiness.")
        await seen.press("e", *keys("fluff"), "enter")
        await seen.until(lambda: "fluff" in seen.text)
        await seen.press("f")
        await seen.shows("Machine room A finished, 1 abnormal.")


async def test_minus_skips_with_a_reason_or_begins_a_reading_below_zero(
    desk_file: Path, at: Callable[[int], None], look: Callable[..., Seen]
) -> None:
    app = _app(desk_file)
    async with app.run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        sheet = await open_sheet(seen)
        assert sheet.walk is not None
        go(seen, sheet, "temperature")
        await seen.press("minus", "3")
        assert "-3  °C ✗ critical" in seen.text
        await seen.press("escape")
        await seen.press("minus", "enter")
        await seen.shows("Skipping needs a reason.")
        await seen.press(*keys("sensor away"), "enter")
        await seen.shows("Reason: sensor away", "skipped")
        assert sheet.walk.cursor == "humidity"


async def test_a_wrong_reading_stays_to_be_corrected(
    desk_file: Path, at: Callable[[int], None], look: Callable[..., Seen]
) -> None:
    app = _app(desk_file)
    async with app.run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        sheet = await open_sheet(seen)
        assert sheet.walk is not None
        go(seen, sheet, "temperature")
        await seen.press(*keys("22,4"), "enter")
        await seen.shows("22.4")
        assert sheet.walk.entry is not None
        await seen.press("backspace", "backspace", *keys(".4"), "enter")
        await seen.until(lambda: sheet.walk.answers["temperature"].number == 22.4)  # type: ignore[union-attr]


async def test_an_answer_is_given_again_and_both_are_kept(
    desk_file: Path, at: Callable[[int], None], look: Callable[..., Seen]
) -> None:
    app = _app(desk_file)
    async with app.run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        sheet = await open_sheet(seen)
        go(seen, sheet, "temperature")
        await seen.press(*keys("24.2"), "enter", "u")
        assert sheet.walk is not None
        assert sheet.walk.cursor == "temperature"
        assert sheet.walk.entry is not None
        assert sheet.walk.entry.text == "24.2"
        await seen.press("ctrl+u", *keys("22.4"), "enter")
        await seen.until(lambda: not sheet.walk._underway)  # type: ignore[union-attr]
    numbers = stored(desk_file, lambda: [row.number for row in RoundAnswer.select().order_by(RoundAnswer.id)])
    assert numbers == [24.2, 22.4]


async def test_choices_by_letter_and_conditional_items(
    desk_file: Path, at: Callable[[int], None], look: Callable[..., Seen]
) -> None:
    app = _app(desk_file)
    async with app.run_test(size=(120, 40)) as pilot:
        seen = look(pilot)
        sheet = await open_sheet(seen)
        assert sheet.walk is not None
        go(seen, sheet, "ac")
        assert "Air conditioning alarm code" not in seen.text
        await seen.press("c")
        await seen.shows("✓ Air conditioning AC-1")
        assert sheet.walk.answers["ac"].text == "cooling"
        go(seen, sheet, "fire")
        await seen.press("正", "常")
        assert "fire" not in sheet.walk.answers, "the characters of an input method answer nothing"
        await seen.press("f")
        await seen.shows("Still to answer")
        assert "fire" not in sheet.walk.answers, "a letter that is a command answers nothing"
        go(seen, sheet, "ac")
        await seen.press("3", *keys("AL07"), "enter")
        await seen.shows("Air conditioning alarm code", "Note: AL07")
        assert sheet.walk.cursor == "ac-alarm"
        await seen.press("enter", *keys("AL07 on the panel"), "enter")
        await seen.shows("AL07 on the panel")
        assert sheet.walk.progress().total == 19


async def test_what_is_typed_is_offered_after_a_crash(
    desk_file: Path, at: Callable[[int], None], look: Callable[..., Seen]
) -> None:
    app = _app(desk_file)
    async with app.run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        sheet = await open_sheet(seen)
        go(seen, sheet, "ups1-load")
        await seen.press("8", "3", "enter", *keys("two servers mo"))
        await draft_is(seen, sheet, "two servers mo", 1.0)
    again = _app(desk_file)
    async with again.run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        sheet = await open_sheet(seen)
        await seen.shows("What you were typing at 14:32 is here again.", "Note: two servers mo")
        await seen.press(*keys("ved"), "enter")
        await seen.until(lambda: not sheet.walk._underway)  # type: ignore[union-attr]
        await draft_is(seen, sheet, "", 2.0)
    note = stored(desk_file, lambda: RoundAnswer.select().order_by(RoundAnswer.id.desc()).get().note)
    assert note == "two servers moved"


async def draft_text(seen: Seen, sheet: RoundSheetScreen) -> str:
    """Return what is kept of the sheet's typing, as text."""
    found = await seen.app.desk.ask(drafts.find, f"round-{sheet.round_id}")
    return str(found.data) if found else ""


async def draft_is(seen: Seen, sheet: RoundSheetScreen, wanted: str, seconds: float) -> None:
    """Wait until the kept draft holds `wanted`, or is gone when `wanted` is empty."""
    end = time.monotonic() + seconds
    while True:
        kept = await draft_text(seen, sheet)
        if (wanted in kept) if wanted else not kept:
            return
        assert time.monotonic() < end, kept
        await seen.pilot.pause()


async def test_an_answer_of_another_console_appears_and_the_cursor_stays(
    desk_file: Path, at: Callable[[int], None], look: Callable[..., Seen]
) -> None:
    import subprocess
    import sys

    app = _app(desk_file)
    async with app.run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        sheet = await open_sheet(seen)
        assert sheet.walk is not None
        go(seen, sheet, "ups1-battery")
        await seen.press("9")
        code = (
            "import sys\n"
            "from dutydesk.domain import clock\n"
            "from dutydesk.services import people, rounds\n"
            "from dutydesk.storage import engine\n"
            f"clock.use(lambda: {START})\n"
            "engine.connect(sys.argv[1])\n"
            "who = people.identify('eng-b')\n"
            f"items = rounds.sheet(who, {sheet.round_id}).items\n"
            "load = next(i for i in items if i.point.code == 'ups1-load')\n"
            f"rounds.answer(who, {sheet.round_id}, load.point.id, number=77)\n"
        )
        subprocess.run([sys.executable, "-c", code, str(desk_file)], check=True, timeout=60)
        began = time.monotonic()
        await seen.shows("77 %", "Eng. B")
        assert time.monotonic() - began < 3.0
        assert sheet.walk.cursor == "ups1-battery"
        assert sheet.walk.entry is not None
        assert sheet.walk.entry.text == "9"


async def test_two_people_answer_one_item_and_both_are_told(
    desk_file: Path, at: Callable[[int], None], look: Callable[..., Seen]
) -> None:
    app = _app(desk_file)
    async with app.run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        sheet = await open_sheet(seen)
        go(seen, sheet, "ups1-battery")
        await seen.press("9", "1")
        other = await app.desk.raw(people.identify, "eng-b")
        item = sheet.walk.item_of("ups1-battery") if sheet.walk else None
        assert item is not None
        await app.desk.raw(rounds.answer, other, sheet.round_id, item.point.id, number=88)
        sheet.request_reload()
        await seen.shows("Eng. B has just answered 88 %. enter puts yours in its place, esc leaves it.")
        await seen.press("enter")
        await seen.shows("91 %", "Eng. B had answered 88 % at 14:32; both stay in the record.")
        await app.desk.raw(rounds.answer, other, sheet.round_id, item.point.id, number=77)
        sheet.request_reload()
        await seen.shows("Eng. B answered 77 % warning after you; both are kept.")
        await seen.press("x")
        await seen.until(lambda: "both are kept" not in seen.text)
    numbers = stored(desk_file, lambda: [row.number for row in RoundAnswer.select().order_by(RoundAnswer.id)])
    assert numbers[:2] == [88, 91]


@pytest.mark.parametrize("lang", LANGUAGES)
async def test_an_incident_from_an_item_carries_value_and_limit(
    desk_file: Path, at: Callable[[int], None], look: Callable[..., Seen], lang: str
) -> None:
    app = _app(desk_file, lang)
    async with app.run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        sheet = await open_sheet(seen)
        go(seen, sheet, "ups1-load")
        await seen.press("8", "3", "enter", *keys("two servers moved"), "enter", "up", "i")
        title = "UPS-1 负载：83 % 预警（正常 ≤ 80）" if lang == "zh" else "UPS-1 load: 83 % warning (normal ≤ 80)"
        await seen.shows(title)
        await seen.press("f10")
        await seen.shows("→ INC-261122-1")
        assert seen.app.shown is sheet, "the person stays at the round"

    def check() -> None:
        incident = Incident.get()
        assert incident.source == "round"
        assert (incident.answer.number, incident.answer.note) == (83, "two servers moved")
        assert incident.equipment.code == "ups-1"
        assert "two servers moved" in incident.detail

    stored(desk_file, check)


async def test_a_write_that_fails_says_so_and_goes_back(
    desk_file: Path, at: Callable[[int], None], look: Callable[..., Seen], monkeypatch: pytest.MonkeyPatch
) -> None:
    from dutydesk.domain.errors import StorageTrouble

    app = _app(desk_file)
    async with app.run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        sheet = await open_sheet(seen)
        assert sheet.walk is not None
        go(seen, sheet, "ups1-battery")

        def refuse(*_args: object, **_more: object) -> None:
            raise StorageTrouble("The disk is full: nothing was saved. Free some space and save again.")

        monkeypatch.setattr(rounds, "answer", refuse)
        await seen.press("9", "6", "enter")
        await seen.until(lambda: any("Not saved: The disk is full" in note.message for note in app._notifications))
        assert sheet.walk.cursor == "ups1-battery"
        assert sheet.walk.entry is not None
        assert sheet.walk.entry.text == "96"
        monkeypatch.undo()
        await seen.press("enter")
        await seen.until(lambda: not sheet.walk._underway)  # type: ignore[union-attr]
        assert sheet.walk.state.answers["ups1-battery"].number == 96


async def test_what_was_typed_into_a_closed_round_is_said_again(
    desk_file: Path, at: Callable[[int], None], look: Callable[..., Seen]
) -> None:
    """Somebody else finishes the round while a reading is typed: the sentence keeps the reading."""
    app = _app(desk_file)
    async with app.run_test(size=(120, 40)) as pilot:
        seen = look(pilot)
        sheet = await open_sheet(seen)
        assert sheet.walk is not None
        go(seen, sheet, "ups1-battery")
        await seen.press("9", "6")
        other = await app.desk.raw(people.identify, "eng-b")
        await app.desk.raw(_finish_all, other, sheet.round_id)
        await seen.press("enter")
        await seen.shows("You typed: 96")  # refused, or the news of the end came first
        assert sheet.walk.entry is None


def _finish_all(who: Actor, number: int) -> None:
    for item in rounds.sheet(who, number).items:
        if item.point.in_service and item.point.code not in rounds.state(who, number).answers:
            rounds.skip(who, number, item.point.id, "no time")
    rounds.finish(who, number)


async def test_a_closed_round_can_be_read_only(
    desk_file: Path, at: Callable[[int], None], look: Callable[..., Seen]
) -> None:
    number = walk(desk_file, "room-a")
    engine.connect(str(desk_file))
    rounds.finish(people.identify("eng-a"), number)
    engine.disconnect()
    app = _app(desk_file)
    async with app.run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await open_sheet(seen)
        await seen.shows("finished 14:32", "esc Back")
        await seen.press("x")
        await seen.shows("This round is finished; its answers stand.")
        await seen.press("end")
        await seen.shows("How it was walked", "17 answers within 3 seconds of the one before")
        await seen.press("escape")
        await seen.shows("finished 14:32")


async def test_a_round_too_early_or_a_reader_starts_nothing(
    desk_file: Path, at: Callable[[int], None], look: Callable[..., Seen]
) -> None:
    app = _app(desk_file)
    async with app.run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("in 3h28")
        await seen.press("down", "down", "down", "enter")
        await seen.shows("This round is due at 18:00; it may be started from 17:30 on.")
    app = _app(desk_file, login="reader")
    async with app.run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await open_sheet(seen)
        await seen.press("x")
        await seen.shows("Readers may look, not write.")
    assert stored(desk_file, lambda: Round.select().where(Round.status != "due").count()) == 0


async def test_a_thing_goes_out_of_service_and_back(
    desk_file: Path, at: Callable[[int], None], look: Callable[..., Seen]
) -> None:
    app = _app(desk_file)
    async with app.run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        sheet = await open_sheet(seen)
        assert sheet.walk is not None
        go(seen, sheet, "ups1-load")
        await seen.press("t")
        await seen.shows("Take UPS-1 out of service")
        await seen.press(*keys("battery change"), "enter")
        await seen.shows("0 of 16")
        await seen.press("x")
        await seen.shows("This is out of service; t takes it back.")
        await seen.press("t", *keys("done"), "enter")
        await seen.shows("0 of 18")


async def test_esc_pauses_and_enter_goes_on(
    desk_file: Path, at: Callable[[int], None], look: Callable[..., Seen]
) -> None:
    app = _app(desk_file)
    async with app.run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        sheet = await open_sheet(seen)
        await seen.press("1", "escape")
        await seen.shows("paused 1 of 18, 32 min late")
        await open_sheet(seen)
        assert sheet.walk is not None
        await seen.shows("1 of 18", "Closed and locked")


async def test_a_missed_round_asks_for_its_reason(
    desk_file: Path, at: Callable[[int], None], look: Callable[..., Seen]
) -> None:
    at(START + 2 * HOUR)
    app = _app(desk_file)
    async with app.run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("missed, nobody has said why")
        await seen.press("up", "up", "enter")
        await seen.shows("Why was Machine room")
        await seen.press(*keys("alone with a P1"), "enter")
        await seen.shows("missed: alone with a P1")


async def test_the_sheet_of_a_missed_round_takes_the_reason(
    desk_file: Path, at: Callable[[int], None], look: Callable[..., Seen]
) -> None:
    app = _app(desk_file)
    async with app.run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("1h32 late")
        line = next(each for each in app.shown.lines if each.code == "room-b")
        at(START + 4 * HOUR)
        await app.push_screen(RoundSheetScreen(line.id))
        await seen.shows("missed", "e Why missed")
        await seen.press("o")
        await seen.shows("This round was missed; e says why.")
        await seen.press("e")
        await seen.shows("Why was Machine room B missed?")
        await seen.press(*keys("alone"), "enter")
        await seen.shows("missed: alone")


async def test_an_input_method_writes_at_once(
    desk_file: Path, at: Callable[[int], None], look: Callable[..., Seen]
) -> None:
    app = _app(desk_file, "zh")
    async with app.run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        sheet = await open_sheet(seen)
        go(seen, sheet, "visitors")
        await seen.press("厂", "家", "二", "人", "enter")
        await seen.shows("厂家二人")


async def test_a_backup_is_checked_in_three_steps(
    desk_file: Path, at: Callable[[int], None], look: Callable[..., Seen]
) -> None:
    app = _app(desk_file)
    async with app.run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        sheet = await open_sheet(seen, "backups")
        await seen.press("o")
        await seen.shows("Copy of 01:30")
        await seen.press("enter", *keys("412"), "enter")
        await seen.press("enter")
        await seen.shows("01:30 412 GB verified")
        await seen.press("x", *keys("repository locked"), "enter")
        await seen.shows("failed or missing", "Note: repository locked")
        await seen.until(lambda: not sheet.walk._underway)  # type: ignore[union-attr]

    def check() -> None:
        first = BackupCheck.select().order_by(BackupCheck.id).get()
        assert (first.size, first.verified, first.verdict) == (412 * 10**9, True, "ok")
        assert BackupCheck.select().order_by(BackupCheck.id.desc()).get().note == "repository locked"

    stored(desk_file, check)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("size", SIZES)
async def test_the_board_of_backups(
    desk_file: Path, at: Callable[[int], None], look: Callable[..., Seen], size: tuple[int, int], lang: str
) -> None:
    engine.connect(str(desk_file))
    who = people.identify("eng-a")
    job = backups.board(who)[0]
    backups.check(who, job.id, Copy(job.expected_at, 412 * 10**9, True))
    engine.disconnect()
    app = _app(desk_file, lang)
    async with app.run_test(size=size) as pilot:
        seen = look(pilot)
        await seen.shows("PACS")
        await seen.press("b")
        await seen.shows("412 GB", "3211–", "pg_dump")
        assert ("没有做过恢复测试" if lang == "zh" else "No restore was ever tested") in seen.text
        assert all(len(line) <= size[0] for line in seen.lines)
        await seen.press("r", *keys("34"), "tab", "1", "f10")
        await seen.shows("34 分钟" if lang == "zh" else "34 min", "32110")
        await seen.press("escape")
        await seen.shows("A 机房巡检" if lang == "zh" else "Machine room A")
    assert stored(desk_file, lambda: RestoreTest.get().minutes) == 34


async def test_the_language_changes_and_what_is_typed_stays(
    desk_file: Path, at: Callable[[int], None], look: Callable[..., Seen]
) -> None:
    app = _app(desk_file)
    async with app.run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        sheet = await open_sheet(seen)
        go(seen, sheet, "ups1-load")
        await seen.press("8", "3", "f2")
        await seen.shows("A 机房巡检", "预警")
        assert sheet.walk is not None
        assert sheet.walk.entry is not None
        assert sheet.walk.entry.text == "83"


async def test_hostile_notes_show_as_text(
    desk_file: Path, at: Callable[[int], None], look: Callable[..., Seen]
) -> None:
    app = _app(desk_file)
    async with app.run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        sheet = await open_sheet(seen)
        go(seen, sheet, "dust")
        await seen.press("x")
        sheet.take_paste("[red][@click=app.quit]x[/]\x1b[2J\u202eabc\nsecond line 😀")
        await seen.press("enter")
        await seen.shows("[red][@click=app.quit]x[/]")
        assert "\x1b" not in seen.text
        sheet.take_paste("outside of a text it means nothing")
        await seen.until(lambda: not sheet.walk._underway)  # type: ignore[union-attr]


async def test_small_terminals_do_not_break_the_sheet(
    desk_file: Path, at: Callable[[int], None], look: Callable[..., Seen]
) -> None:
    app = _app(desk_file)
    async with app.run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        sheet = await open_sheet(seen)
        await seen.press("1")
        for size in ((40, 10), (62, 16), (200, 60), (80, 24)):
            await pilot.resize_terminal(*size)
            await seen.until(lambda: seen.app.keys_quiet)
        await seen.shows("1 of 18")
        assert sheet.is_attached


async def test_a_key_on_the_sheet_settles_quickly(
    desk_file: Path, at: Callable[[int], None], look: Callable[..., Seen]
) -> None:
    app = _app(desk_file)
    async with app.run_test(size=(120, 40)) as pilot:
        seen = look(pilot)
        sheet = await open_sheet(seen)
        took = []
        for _ in range(40):
            began = time.perf_counter()
            sheet.view.action_step(1 if sheet.walk and sheet.walk.cursor != "cameras" else -17)
            sheet.view.render_line(5)
            took.append(time.perf_counter() - began)
        assert statistics.median(took) < 0.02
