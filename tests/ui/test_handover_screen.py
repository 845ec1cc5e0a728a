"""Key 5: the outgoing prepares and signs, the incoming reads back and accepts; what is typed survives."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dutydesk.domain.measures import MeasureKind
from dutydesk.domain.priority import Impact, Urgency
from dutydesk.services import attendance, drafts, handover, incidents, measures, people
from dutydesk.storage import engine
from dutydesk.storage.models.shift import Assignment, DutyShift
from dutydesk.ui.app import DeskApp
from tests.ui.conftest import LANGUAGES, PIN, SIZES, START, Seen

HOSTILE = "[red]x[/] [@click=app.quit]y \x1b[2J\u202e 交接"


@pytest.fixture
def ready(desk_file: Path, at: Callable[[int], None]) -> Path:
    """Eng. A on the day shift and signed in, Eng. B planned for the night; a P1 and a measure are open."""
    engine.connect(str(desk_file))
    a, b = people.identify("eng-a"), people.identify("eng-b")
    day = DutyShift.select().where(DutyShift.starts_at <= START, DutyShift.ends_at > START).get()
    night = DutyShift.select().where(DutyShift.starts_at >= day.ends_at).order_by(DutyShift.starts_at).first()
    Assignment.update(person=a.person_id).where(Assignment.shift == day).execute()
    Assignment.update(person=b.person_id).where(Assignment.shift == night).execute()
    attendance.sign_in(a, PIN)
    new = incidents.NewIncident(title="Core switch SW1 down", impact=Impact.HIGH, urgency=Urgency.HIGH)
    incidents.open_incident(a, new)
    measures.open_measure(a, measures.NewMeasure(kind=MeasureKind.BYPASS, title="UPS-2 on bypass"))
    engine.disconnect()
    return desk_file


async def arrive(seen: Seen) -> Any:
    await seen.until(lambda: seen.app.shown is not None)
    await seen.press("5")
    await seen.until(lambda: getattr(seen.app.shown, "standing", None) is not None)
    return seen.app.shown


async def prepare(seen: Seen, screen: Any) -> None:
    await seen.press(">", "enter", *"call vendor", "enter", ">", ">")
    for _thing in range(6):
        await seen.press("o")
    await seen.press(">", ">")
    await seen.pilot.press("p")
    await seen.until(lambda: seen.app.screen is not screen)
    await seen.pilot.press("y")
    await seen.until(lambda: "***" not in seen.text and len(seen.app.screen_stack) > 1)
    await seen.until(lambda: type(seen.app.screen).__name__ == "FormScreen")
    await seen.pilot.press(*PIN, "enter")
    await seen.until(lambda: screen.standing.view is not None)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", LANGUAGES)
async def test_from_the_wizard_to_the_seal(
    ready: Path, at: Callable[[int], None], look: Callable[..., Seen], size: tuple[int, int], lang: str
) -> None:
    app = DeskApp(str(ready), login="eng-a", lang=lang)
    async with app.run_test(size=size) as pilot:
        seen = look(pilot)
        screen = await arrive(seen)
        await seen.press(">")
        await seen.shows("Core switch SW1 down")
        await seen.press("<")
        await prepare(seen, screen)
    at(START + 5 * 3600 + 20 * 60)
    app = DeskApp(str(ready), login="eng-b", lang=lang)
    async with app.run_test(size=size) as pilot:
        seen = look(pilot)
        screen = await arrive(seen)
        await seen.shows("call vendor")
        assert len(screen.standing.view.unanswered) == 2
        await seen.press("enter", *"SW1, vendor is called", "enter")
        await seen.press("enter", *"UPS-2 stays on bypass", "enter")
        assert not screen.standing.view.unanswered
        await app.desk.ask(attendance.sign_in, PIN)
        await pilot.press("a")
        await seen.until(lambda: app.screen is not screen)
        await pilot.press(*PIN, "enter")
        await seen.until(lambda: screen.standing.line.from_shift.kind == "night")
        assert all(len(line) <= size[0] for line in seen.lines)
        line = (await app.desk.ask(handover.lines))[0]
        assert line.status.value == "sealed"
        await seen.press("h")
        await seen.shows(line.number)


async def test_on_the_last_step_the_keys_are_called_what_they_say(
    ready: Path, at: Callable[[int], None], look: Callable[..., Seen]
) -> None:
    app = DeskApp(str(ready), login="eng-a", lang="en")
    async with app.run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await arrive(seen)
        await seen.shows("o As expected  w Watch  x Unstable")
        await seen.press(">", ">", ">", ">", ">")
        await seen.shows("o Green  w Yellow  x Red")


async def test_what_is_typed_is_kept_and_offered_again(
    ready: Path, at: Callable[[int], None], look: Callable[..., Seen]
) -> None:
    app = DeskApp(str(ready), login="eng-a", lang="en")
    async with app.run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        screen = await arrive(seen)
        await seen.press(">", "enter", *"ask DBA")
        await seen.until(lambda: not screen.part.keeper.pending)
        kept = await app.desk.ask(drafts.find, f"handover-{screen.part.shift_id}")
        assert kept is not None
        assert "ask DBA" in kept.data["typing"].values()
    app = DeskApp(str(ready), login="eng-a", lang="en")
    async with app.run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await arrive(seen)
        await seen.shows("Half written: ask DBA", "Your draft from")
        await seen.press("enter", *" too", "enter")
        await seen.shows("Next step: ask DBA too")
        assert "Half written" not in seen.text


async def test_nobody_signs_for_a_line_that_is_half_written(
    ready: Path, at: Callable[[int], None], look: Callable[..., Seen]
) -> None:
    """Esc leaves the line as it was; what was typed waits beside it, for a count and an optional note as well."""
    app = DeskApp(str(ready), login="eng-a", lang="en")
    async with app.run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        screen = await arrive(seen)
        await seen.press(">", "enter", *"call vendor", "enter", "home", "enter", *" and", "escape")
        await seen.shows("Half written: call vendor and")
        assert "call vendor" in screen.part.written.steps.values()
        await seen.press("enter", *["backspace"] * 4, "escape")
        await seen.shows("Next step: call vendor")
        await seen.press(">", ">", "home", "enter", "1", "escape")
        await seen.shows("Half written: 1")
        assert not screen.part.written.counts
        for _thing in range(6):
            await seen.press("o")
        await seen.press(">", "enter", *"maintenance", "escape")
        await seen.shows("Half written: maintenance")
        await seen.press("p")
        await seen.shows("1 line is still missing; enter goes there.", "Half written: maintenance")
        await seen.press("enter", "enter")
        assert screen.entry.text == "maintenance"
        await seen.shows("enter Take it  esc Leave it")
        await seen.press("ctrl+u", "escape")
        assert not screen.part.missing()
        assert not screen.part.written.notes


async def test_words_that_were_not_entered_are_no_answer(
    ready: Path, at: Callable[[int], None], look: Callable[..., Seen]
) -> None:
    """The incoming begins at the top, and his half written words are marked as none."""
    app = DeskApp(str(ready), login="eng-a", lang="en")
    async with app.run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        screen = await arrive(seen)
        await prepare(seen, screen)
    app = DeskApp(str(ready), login="eng-b", lang="en")
    async with app.run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        screen = await arrive(seen)
        await seen.shows("State", "Other systems stable")
        await seen.press("enter", *"SW1", "escape")
        await seen.shows("Half written: SW1 (enter goes on)")
        assert len(screen.standing.view.unanswered) == 2
        await seen.press("enter", *" is down", "enter")
        await seen.shows("Eng. B: SW1 is down")
        assert "Half written" not in seen.text


async def test_a_hint_goes_away_when_the_line_is_corrected(
    ready: Path, at: Callable[[int], None], look: Callable[..., Seen]
) -> None:
    app = DeskApp(str(ready), login="eng-a", lang="en")
    async with app.run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await arrive(seen)
        await seen.press(">", ">", ">", "enter", *"two", "enter")
        await seen.shows("Type a number from 0 to 9999.")
        await seen.press("backspace")
        assert "Type a number" not in seen.text


async def test_signing_waits_for_what_is_missing(
    ready: Path, at: Callable[[int], None], look: Callable[..., Seen]
) -> None:
    app = DeskApp(str(ready), login="eng-a", lang="en")
    async with app.run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        screen = await arrive(seen)
        await seen.press("p")
        await seen.shows("7 lines are still missing")
        assert app.screen is screen
        await seen.shows("Still missing")
        assert screen.records.key.startswith("actions/")
        await seen.press("x")
        await seen.shows("Overall state: Red")
        await seen.press("enter")
        await seen.shows("Next step: required")


async def test_a_short_count_asks_where_and_can_be_corrected(
    ready: Path, at: Callable[[int], None], look: Callable[..., Seen]
) -> None:
    app = DeskApp(str(ready), login="eng-a", lang="en")
    async with app.run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        screen = await arrive(seen)
        await seen.press(">", ">", ">", "enter")
        await seen.shows("Counted")
        await seen.press("1", "enter")
        await seen.shows("1 of 2", "Where is it?")
        await seen.press(*"room B", "enter")
        await seen.shows("Where is it? room B")
        await seen.press("home", "enter", "0", "enter")
        await seen.shows("0 of 2")
        assert screen.entry.text == "room B"
        await seen.press("escape", "home", "enter", "enter")
        assert screen.entry.text == "room B"
        await seen.press("escape", "home", "o")
        await seen.shows("2 of 2")
        assert screen.records.row.item.values["counted"] is None


async def test_what_came_back_goes_on_where_it_was(
    ready: Path, at: Callable[[int], None], look: Callable[..., Seen]
) -> None:
    app = DeskApp(str(ready), login="eng-a", lang="en")
    async with app.run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        screen = await arrive(seen)
        await seen.press(">", ">", ">", ">", "enter", *"visitors at 9", "enter", "<", "<", "<", "<")
        await prepare(seen, screen)
        other = await app.desk.raw(people.identify, "eng-b")
        await app.desk.raw(handover.give_back, other, screen.standing.line.id, "Which visitors?")
        await seen.shows("Returned: Which visitors?")
        await seen.press(">", ">", ">", ">")
        await seen.shows("visitors at 9")
        await seen.press("p")
        await seen.until(lambda: app.screen is not screen)
        await seen.shows("Sign the handover now?")


async def test_nobody_takes_over_before_the_time(
    ready: Path, at: Callable[[int], None], look: Callable[..., Seen]
) -> None:
    """No PIN is asked for what would be refused."""
    app = DeskApp(str(ready), login="eng-a", lang="en")
    async with app.run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        screen = await arrive(seen)
        await seen.press("e")
        await seen.shows("Somebody of the incoming shift takes over")
        await prepare(seen, screen)
    app = DeskApp(str(ready), login="eng-b", lang="en")
    async with app.run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        screen = await arrive(seen)
        await seen.press("a")
        await seen.shows("Signing in to the incoming shift (key s) is possible from 19:00.")
        at(START + 5 * 3600 + 20 * 60)
        await seen.press("a")
        await seen.shows("Sign in to the incoming shift first (key s), then accept.")
        await seen.press("e")
        await seen.shows("Sign in to the incoming shift first (key s), then take over.")
        await app.desk.ask(attendance.sign_in, PIN)
        await seen.press("a")
        await seen.shows("2 red or yellow items are not read back yet.")
        assert app.screen is screen


async def test_hostile_text_is_text(ready: Path, at: Callable[[int], None], look: Callable[..., Seen]) -> None:
    app = DeskApp(str(ready), login="eng-a", lang="en")
    async with app.run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        screen = await arrive(seen)
        await seen.press(">", "enter")
        screen.entry.query_one("LineInput").value = HOSTILE
        await seen.until(lambda: not screen.part.keeper.pending)
        await seen.press("enter")
        await seen.shows("[red]x[/] [@click=app.quit]y", "交接")
        assert "\x1b" not in seen.text


async def test_somebody_else_sees_and_may_not_prepare(
    ready: Path, at: Callable[[int], None], look: Callable[..., Seen]
) -> None:
    app = DeskApp(str(ready), login="eng-c", lang="en")
    async with app.run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await arrive(seen)
        await seen.shows("Core switch SW1 down", "has not prepared it yet")
        await seen.press("p")
        await seen.shows("Only somebody of the outgoing shift")
