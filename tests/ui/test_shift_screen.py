"""The live shift: what comes next, who is on, signing in and out, the line at the bottom, what changed since."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual._compositor import ChopsUpdate, LayoutUpdate

from dutydesk.domain.people import Role
from dutydesk.domain.priority import Impact, Urgency
from dutydesk.domain.text import width
from dutydesk.services import attendance, drafts, incidents, log, measures, people, shift
from dutydesk.services import desk as desks
from dutydesk.services.core import SYSTEM, Actor
from dutydesk.storage import engine, migrate
from dutydesk.ui.app import DeskApp
from dutydesk.ui.screens.shift import ShiftScreen
from dutydesk.ui.widgets.entry import EntryLine
from dutydesk.ui.widgets.lines import Lines
from tests.ui.conftest import LANGUAGES, PIN, SIZES, START, Seen

HOUR = 3600
Look = Callable[..., Seen]
LIVE = shift.live
Move = Callable[[int], None]


def _on(path: Path, *work: Callable[[], object]) -> None:
    engine.connect(str(path))
    for each in work:
        each()
    engine.disconnect()


def _who(login: str) -> Actor:
    return people.identify(login)


@pytest.fixture
def busy(desk_file: Path, at: Move) -> Path:
    """A day shift in the middle: Eng. C is on, three incidents, two measures, some log; seen by Eng. C at 08:00."""
    engine.connect(str(desk_file))
    c, a = _who("eng-c"), _who("eng-a")
    at(START - 6 * HOUR - 32 * 60)
    attendance.sign_in(c, PIN)
    shift.seen(c)
    new = incidents.NewIncident
    at(START - 5 * HOUR)
    incidents.open_incident(a, new("New account, Finance", impact=Impact.LOW, urgency=Urgency.LOW))
    measures.open_measure(a, measures.NewMeasure("UPS-2 on bypass"))
    measures.open_measure(c, measures.NewMeasure("Alarm muted: TEMP-B", until=START + 4 * HOUR))
    at(START - 12 * 60)
    burning = incidents.open_incident(a, new("Core switch SW1 down", impact=Impact.HIGH, urgency=Urgency.HIGH))
    log.write(a, "SW1 unreachable, floor 3 without network", incident_id=burning.id)
    at(START)
    engine.disconnect()
    return desk_file


def _app(path: Path, login: str = "eng-c", lang: str = "en") -> DeskApp:
    return DeskApp(str(path), login, lang)


WORDS = {
    "en": ("To do next", "Open incidents", "Temporary measures", "Next shift", "Log", "in 28 min", "l writes a line"),
    "zh": ("下一步", "未结事件", "临时措施", "下一班", "日志", "还有 28 分钟", "按 l 写日志"),
}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("size", SIZES)
async def test_the_whole_shift_at_a_glance(busy: Path, look: Look, size: tuple[int, int], lang: str) -> None:
    async with _app(busy, lang=lang).run_test(size=size) as pilot:
        seen = look(pilot)
        await seen.shows(*WORDS[lang], "Core switch SW1 down", "UPS-2 on bypass", "SW1 unreachable")
        assert all(width(line) <= size[0] for line in seen.lines)
        assert any("! P1 Core switch" in line for line in seen.lines)
        name = {"en": "● Eng. C", "zh": "● 丙工"}[lang]
        assert name in seen.lines[0]


async def test_it_is_there_with_the_first_paint(busy: Path, look: Look) -> None:
    app = _app(busy)
    async with app.run_test(size=(80, 24)) as pilot:
        assert isinstance(app.screen, ShiftScreen)
        assert "Core switch SW1 down" in look(pilot).text


async def test_the_first_thing_to_do_is_the_brightest(busy: Path, look: Look) -> None:
    async with _app(busy).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("To do next")
        panel = seen.app.screen.query_one("#next", Lines)
        rows = [row for row in panel._choices if row.key is not None]
        assert [style for _, style in rows[0].left if style == "strong"] == ["strong"]
        assert all("strong" not in [cell[1] for cell in row.left if not isinstance(cell, str)] for row in rows[1:])
        assert any("▲" in line and "late" in line for line in seen.lines)


async def test_nobody_is_signed_in_and_s_signs_in(desk_file: Path, at: Move, look: Look) -> None:
    async with _app(desk_file).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("Late 6h32. s signs you in.", "▲ Eng. C 392 min")
        await seen.press("s")
        await seen.shows("Your PIN signs you in to the Day shift, 392 minutes late.")
        await seen.press(*"1111", "enter")
        await seen.shows("The PIN is wrong.")
        await seen.press(*"2580", "enter")
        await seen.shows("● Eng. C", "Signed in to the Day shift.", "signed in, 392 minutes late.")
        assert "s signs you in" not in seen.text


async def test_somebody_not_planned_is_asked_first(busy: Path, look: Look) -> None:
    async with _app(busy, "eng-b").run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("Core switch")
        await seen.press("s")
        await seen.shows("You are not planned on the Day shift.")
        await seen.press("escape")
        assert "Eng. B" not in seen.lines[0]
        await seen.press("s")
        await seen.shows("You are not planned on the Day shift.")
        await seen.press("y")
        await seen.shows("Your PIN signs you in")
        await seen.press(*PIN, "enter")
        await seen.shows("● Eng. C  ● Eng. B", "signed in as an extra.")


async def test_leaving_the_duty_alone_asks_for_a_reason(busy: Path, look: Look) -> None:
    async with _app(busy).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("Core switch")
        await seen.press("s")
        await seen.shows("Leave before the handover is accepted")
        await seen.press(*"ill", "enter", *PIN, "enter")
        await seen.shows("Signed out of the Day shift.", "before the handover was accepted: ill")
        assert "○ Eng. C" in seen.lines[0]


async def test_a_line_is_written_at_the_bottom(busy: Path, look: Look) -> None:
    async with _app(busy).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("Core switch")
        await seen.press("l", *"vendor called")
        await seen.shows("enter Write it  esc Leave it")
        await seen.press("enter")
        await seen.shows("n Incident")
        await seen.shows("14:32 Eng. C  vendor called", "Written into the log at 14:32.", "l writes a line")
        await seen.press("down")
        assert isinstance(seen.app.focused, Lines)


async def test_the_first_paint_is_whole_and_asked_for_once(
    busy: Path, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What comes with the arrival is shown, and painted once: nothing is asked, or drawn, a second time."""
    asked: list[str] = []
    painted: list[bool] = []

    def counting(who: Actor, **words: Any) -> shift.LiveShift:
        asked.append(who.login)
        return LIVE(who, **words)

    class Painted(DeskApp):
        def _display(self, screen: Any, renderable: Any) -> None:
            if isinstance(renderable, (LayoutUpdate, ChopsUpdate)):
                painted.append(isinstance(screen, ShiftScreen) and screen.live is not None)
            super()._display(screen, renderable)

    monkeypatch.setattr(shift, "live", counting)
    async with Painted(str(busy), "eng-c", "en").run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("Core switch")
        assert painted[:1] == [True]
        assert asked == ["eng-c"]


async def test_times_are_those_of_now_when_one_comes_back(
    busy: Path, look: Look, at: Move, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While another screen was in front the minutes went on, and nothing else happened."""
    monkeypatch.setattr("dutydesk.ui.screens.shift.PLAN_SECONDS", 600)
    async with _app(busy).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("Ends: Alarm muted", "in 4h00")
        await seen.press("9")
        await seen.until(lambda: "Since you were last" not in seen.text)
        seen.app.desk.on_jump = lambda by: None  # the minutes passed one by one, nobody set the clock
        at(START + 39 * 60)
        seen.app._numbered["shift"]._stale = False  # nor was anything written that this screen shows
        await seen.app._show_minute()
        await seen.press("1")
        await seen.until(lambda: "in 3h21" in seen.text, 5)


async def test_an_empty_line_writes_nothing(busy: Path, look: Look) -> None:
    async with _app(busy).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("Core switch")
        before = [line for line in seen.lines if "14:" in line]
        await seen.press("l", "space", "enter")
        await seen.shows("l writes a line")
        assert [line for line in seen.lines if "14:" in line] == before


async def test_what_is_typed_survives_leaving_and_a_new_console(busy: Path, look: Look) -> None:
    async with _app(busy).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("Core switch")
        await seen.press("l", *"half a li", "escape")
        await seen.shows("> half a li", "l goes on with it")
    async with _app(busy).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("> half a li")
        await seen.press("l", *"ne", "enter")
        await seen.shows("Eng. C  half a line", "l writes a line")
    _on(busy, lambda: _no_draft("eng-c"))


def _no_draft(login: str) -> None:
    assert drafts.find(_who(login), "log-line") is None


async def test_the_draft_is_on_disk_within_a_second(busy: Path, look: Look) -> None:
    async with _app(busy).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("Core switch")
        await seen.press("l", *"never lost")
        app = seen.app
        found: list[drafts.Draft] = []
        for _ in range(200):
            kept = await app.desk.ask(drafts.find, "log-line")
            if kept is not None and kept.data["text"] == "never lost":
                found.append(kept)
                break
            await pilot.pause(0.01)
        assert found
        assert seen.app.screen.query_one(EntryLine).is_open


async def test_a_line_typed_at_two_consoles_is_two_drafts(busy: Path, at: Move, look: Look) -> None:
    """What one types at another console stays his there; a line that was left goes on as the same draft."""

    async def kept(seen: Seen) -> dict[str, str]:
        rows = await seen.app.desk.ask(_line_drafts)
        return {form: json.loads(data)["text"] for form, data in rows}

    async def until_kept(seen: Seen, wanted: dict[str, str]) -> None:
        for _ in range(200):
            if await kept(seen) == wanted:
                return
            await seen.pilot.pause(0.01)
        assert await kept(seen) == wanted

    async with _app(busy).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("Core switch")
        await seen.press("l", *"here", "escape", "l", *" and")
        await until_kept(seen, {"log-line": "here and"})
        await seen.app.desk.ask(drafts.keep, "log-line", {"text": "there"})
        await seen.press(*" now")
        await until_kept(seen, {"log-line": "there", "log-line~2": "here and now"})
        await seen.press("enter")
        await seen.shows("Written into the log")
        await until_kept(seen, {"log-line": "there"})
        at(START + 60)
        await seen.press("l", "x")
        await until_kept(seen, {"log-line": "there", "log-line~2": "x"})
    async with _app(busy).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("> x  l goes on with it")


def _line_drafts(who: Actor) -> list[tuple[str, str]]:
    return list(engine.db.execute_sql("select form, data from draft where form like 'log-line%' order by form"))


async def test_since_you_were_last_here(busy: Path, look: Look) -> None:
    async with _app(busy).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("Since you were last here (08:00)", "UPS-2 on bypass", "1 incident opened", "x Seen")
        assert sum("Core switch SW1 down" in line for line in seen.lines) >= 2
        await seen.press("x")
        await seen.until(lambda: "Since you were" not in seen.text)
        await seen.press("x")
        await seen.shows("Nothing is shown that changed")
    async with _app(busy).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("Core switch")
        assert "Since you were" not in seen.text


async def test_looking_away_counts_as_having_seen(busy: Path, look: Look) -> None:
    async with _app(busy).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("Since you were last here")
        await seen.press("4")
        await seen.press("1")
        await seen.shows("To do next")
        assert "Since you were" not in seen.text


async def test_what_others_write_appears_and_the_cursor_stays(busy: Path, look: Look) -> None:
    app = _app(busy)
    async with app.run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("Core switch")
        await seen.press("down", "down")
        panel = app.screen.query_one("#next", Lines)
        here = panel.key
        other = await app.desk.raw(people.identify, "eng-a")
        new = incidents.NewIncident("Fire panel beeps", impact=Impact.HIGH, urgency=Urgency.MEDIUM)
        await app.desk.raw(incidents.open_incident, other, new)
        await seen.shows("Fire panel beeps")
        assert panel.key == here


async def test_enter_opens_what_the_row_stands_for(busy: Path, look: Look) -> None:
    app = _app(busy)
    async with app.run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("Core switch")
        panel = app.screen.query_one("#next", Lines)
        panel.action_last()
        await seen.until(lambda: panel.row is not None and panel.row.key.subject == "since_measure")
        await seen.press("enter")
        await seen.until(lambda: type(app.screen).__name__ == "MeasuresScreen")
        await seen.press("escape")
        await seen.until(lambda: isinstance(app.screen, ShiftScreen))
        app.screen.query_one("#log", Lines).focus()
        await seen.press("enter")
        await seen.until(lambda: type(app.screen).__name__ == "LogScreen")


async def test_enter_on_a_round_and_on_an_incident(busy: Path, look: Look) -> None:
    app = _app(busy)
    async with app.run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("Core switch")
        await seen.press("enter")
        await seen.until(lambda: type(app.screen).__name__ == "RoundSheetScreen")
        await seen.press("escape")
        await seen.until(lambda: isinstance(app.screen, ShiftScreen))
        await seen.press("right", "enter")
        await seen.until(lambda: type(app.screen).__name__ == "IncidentScreen")
        await seen.shows("Core switch SW1 down")


async def test_arrows_go_between_the_panels(busy: Path, look: Look) -> None:
    app = _app(busy)
    async with app.run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("Core switch")
        await seen.press("right")
        assert app.focused is app.screen.query_one("#burns", Lines)
        await seen.press("left")
        assert app.focused is app.screen.query_one("#next", Lines)


async def test_the_language_changes_at_once(busy: Path, look: Look) -> None:
    async with _app(busy).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("To do next")
        await seen.press("f2")
        await seen.shows("下一步", "未结事件", "按 l 写日志", "● 丙工")


async def test_a_desk_right_after_init_says_what_to_do(tmp_path: Path, at: Move, look: Look) -> None:
    path = tmp_path / "new.sqlite"
    engine.connect(str(path), create=True)
    migrate.migrate()
    boss = desks.NewPerson("boss", "科主管", Role.SUPERVISOR, "Chief", pin=PIN)
    desks.init(SYSTEM, desks.InitSpec("twelve-hour", people=(boss,)))
    engine.disconnect()
    async with _app(path, "boss").run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows(
            "Nobody is signed in. s signs you in.", "Nobody is planned.", "No open incidents. n opens one."
        )
        await seen.shows("None in force.", "The log is empty. l writes the first line.")


@pytest.mark.parametrize("size", [(80, 31), (100, 32), (200, 60)])
async def test_other_sizes_hold(busy: Path, look: Look, size: tuple[int, int]) -> None:
    async with _app(busy).run_test(size=size) as pilot:
        seen = look(pilot)
        await seen.shows("To do next", "Open incidents")
        assert all(width(line) <= size[0] for line in seen.lines)


HOSTILE = "[red]x[/red] [@click=app.quit]go[/] \x1b[2J\u202eabc"


async def test_hostile_text_is_shown_as_text(busy: Path, look: Look) -> None:
    _on(
        busy,
        lambda: log.write(_who("eng-a"), HOSTILE),
        lambda: measures.open_measure(_who("eng-a"), measures.NewMeasure(HOSTILE)),
        lambda: incidents.open_incident(
            _who("eng-a"), incidents.NewIncident(HOSTILE, impact=Impact.HIGH, urgency=Urgency.HIGH)
        ),
    )
    async with _app(busy).run_test(size=(120, 40)) as pilot:
        seen = look(pilot)
        await seen.shows("[red]x[/red] [@click=app.quit]go[/]")
        assert "\x1b" not in seen.text
        assert "\u202e" not in seen.text
