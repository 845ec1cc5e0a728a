"""The roster: month, week and duties; planned, checked and published; one shift changed by hand; notices."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from dutydesk.domain.calendar import DayKind
from dutydesk.domain.errors import Invalid
from dutydesk.domain.planned import Gap, Reason
from dutydesk.domain.shift import Facts
from dutydesk.domain.text import width
from dutydesk.domain.words import Label
from dutydesk.services import people, roster
from dutydesk.services.core import Actor
from dutydesk.services.roster_views import DayView, PersonLine, PlaceView, RosterView, SlotView
from dutydesk.storage import engine
from dutydesk.ui.actions.roster_days import read_day, read_month, read_year
from dutydesk.ui.app import DeskApp
from dutydesk.ui.places import PLACES
from dutydesk.ui.screens.roster_calendar import grid, month_after
from dutydesk.ui.screens.roster_cells import DayCells
from dutydesk.ui.screens.roster_names import Names
from dutydesk.ui.screens.roster_sections import duty_sections
from dutydesk.ui.screens.roster_words import span_words
from tests.ui.conftest import LANGUAGES, PIN, SIZES, START, Seen

TODAY = date(2026, 11, 22)
Look = Callable[..., Seen]


class RosterApp(DeskApp):
    """The console that begins at the roster."""

    places = tuple(place for place in PLACES if place.name == "roster")


def _app(path: Path, login: str = "chief", lang: str = "en") -> RosterApp:
    return RosterApp(str(path), login=login, lang=lang)


def _day(seen: Seen) -> date:
    found: date = seen.app.shown.day  # type: ignore[union-attr]
    return found


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("size", SIZES)
async def test_the_month_fits(desk_file: Path, at: object, look: Look, size: tuple[int, int], lang: str) -> None:
    async with _app(desk_file, lang=lang).run_test(size=size) as pilot:
        seen = look(pilot)
        english = lang == "en"
        await seen.shows("November 2026" if english else "2026年11月", "22 today" if english else "22 今天")
        week = next(line for line in seen.lines if "23" in line and "29" in line)
        assert [int(word) for word in week.split() if word.isdecimal()] == [48, *range(23, 30)]
        below = seen.lines[seen.lines.index(week) + 1]
        if size[0] == 80:
            assert below.split()[0] == ("B/A" if english else "乙工/甲工")
            await seen.shows("Day / Night" if english else "白班 / 夜班")
        else:
            assert below.split()[:3] == (["Day", "Eng.", "B"] if english else ["白班", "乙工", "白班"])
            await seen.shows("Who carries what" if english else "值班量")
        await seen.shows("Sun 22 Nov  weekend" if english else "周日 11-22  周末", "08:00–20:00")
        await seen.press("pageup")
        special = ("make-up", "holiday") if english else ("10 班" if size[0] == 80 else "10 调休上班", "国庆节")
        await seen.shows(*special[: 1 if english and size[0] > 80 else 2])
        assert _day(seen) == date(2026, 10, 22)
        assert all(width(line) <= size[0] for line in seen.lines)
        assert "? " in seen.lines[-1]


async def test_moving_reads_only_the_days_shown(
    desk_file: Path, at: object, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[date, date]] = []
    view = roster.view

    def watched(who: Actor, first: date, last: date) -> RosterView:
        asked.append((first, last))
        return view(who, first, last)

    monkeypatch.setattr(roster, "view", watched)
    async with _app(desk_file).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("22 today")
        assert asked == [grid(TODAY)] == [(date(2026, 10, 26), date(2026, 12, 6))]
        await seen.press("right", "down", "left", "up", "home", "end")
        assert (_day(seen), len(asked)) == (date(2026, 11, 30), 1)
        await seen.press("right")
        await seen.shows("December 2026", "Tue 1 Dec")
        await seen.until(lambda: asked[-1] == grid(date(2026, 12, 1)))
        await seen.press("pagedown", "t", "g", *"2027-02", "enter")
        await seen.shows("February 2027", "calendar not known", "Nothing is planned on this day yet.")
        await seen.shows("nothing planned yet")
        await seen.press("w")
        await seen.until(lambda: asked[-1] == (date(2027, 2, 1), date(2027, 2, 7)))
        assert max((last - first).days for first, last in asked) == 41


async def test_week_and_duties(desk_file: Path, at: object, look: Look) -> None:
    async with _app(desk_file, "eng-d").run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("22 today")
        await seen.press("w")
        await seen.shows("November 2026, week 47", "Night  20:00–08:00  Eng. D (you)")
        await seen.press("right", "up", "up")
        await seen.shows("week 48", "Sat 28 Nov  weekend")
        await seen.press("d")
        await seen.shows("December 2026 ─", "duties", "h")
        assert any("tomorrow" in line or "in " in line for line in seen.lines)
        await seen.press("o", *"Eng. B", "enter")
        await seen.until(lambda: seen.app.shown.person == (3, Label("乙工", "Eng. B")))  # type: ignore[union-attr]
        await seen.shows("Month  Week  Eng. B")
        await seen.press("escape")
        await seen.shows("48  23")


@pytest.mark.parametrize(("login", "said"), [("eng-a", "Only the supervisor"), ("reader", "Only the supervisor")])
async def test_who_does_not_plan_reads_why(desk_file: Path, at: object, look: Look, login: str, said: str) -> None:
    async with _app(desk_file, login).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("22 today")
        for key, more in (("p", "plans and publishes the roster."), ("e", "changes the roster."), ("x", "changes")):
            await seen.press(key)
            await seen.shows(said, more)
        await seen.press("enter")
        await seen.shows("Day 08:00–20:00", "Eng. C  Turns in fixed order", "Turn 651")
        await seen.press("escape", "h")
        await seen.shows("Nothing is published yet. esc, then p plans and publishes.")
        await seen.press("escape", "i")
        await seen.shows("Nothing yet. When the roster, a leave or a swap concerns you, it stands here.")


async def test_a_month_is_planned_checked_and_published(desk_file: Path, at: object, look: Look) -> None:
    async with _app(desk_file).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("not published yet")
        await seen.press("p", *["backspace"] * 7, *"soon", "enter")
        await seen.shows("“soon” is not a month. Write 2027-01.")
        await seen.press(*["backspace"] * 4, *"12", "enter")
        await seen.shows("Plan for December 2026", "62 duties at 3 a person need", "62 slots, 744 h")
        await seen.press("right")
        await seen.shows("Stands now", "28 Dec")
        await seen.press("enter")
        await seen.shows("Mon 28 Dec  workday")
        await seen.press("escape", "p", *"9999", "enter")
        await seen.shows("The PIN is wrong.")
        assert "has changed since" not in seen.text, "a wrong PIN changes no roster"
        await seen.press("down", "enter", *"as agreed", "shift+tab", *PIN, "f10")
        await seen.shows("December 2026 published as version 1.", "version 1")
        await seen.press("h")
        await seen.shows("December 2026", "8 shifts", "Chief", "as agreed")
        await seen.press("enter")
        await seen.until(lambda: _day(seen) == date(2026, 12, 1))
    async with _app(desk_file, "eng-b").run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("6 Roster ●1")
        await seen.press("i")
        await seen.shows("Roster 1 Dec to 31 Dec published", "1 new")
        await seen.until(lambda: "●1" not in seen.text)
        await seen.press("enter")
        await seen.until(lambda: _day(seen) == date(2026, 12, 1))


async def test_a_plan_that_was_overtaken_is_made_again(desk_file: Path, at: object, look: Look) -> None:
    async with _app(desk_file).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("not published yet")
        await seen.press("p", "enter")
        await seen.shows("Plan for December 2026")
        slot = (await seen.app.desk.ask(roster.view, date(2026, 12, 1), date(2026, 12, 1))).slots[0]
        assert slot.shift_id is not None
        new = next(each for each in (2, 3, 4, 5) if each != slot.people[0].person_id)
        change = roster.NewChange("add", person_in=new, shift_id=slot.shift_id)
        await seen.app.desk.ask(roster.edit, slot.shift_id, change, reason="two are needed")
        await seen.shows("the roster has changed since: r plans again")
        await seen.press("p", *PIN, "enter")
        await seen.until(lambda: seen.app.shown.page.value == "diff")  # type: ignore[union-attr]
        assert "has changed since" not in seen.lines[2]
        assert not await seen.app.desk.ask(roster.versions)


async def test_a_shift_is_changed_by_hand_and_the_change_taken_back(desk_file: Path, at: object, look: Look) -> None:
    async with _app(desk_file).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("22 today")
        await seen.press("right", "tab", "down", "e")
        await seen.shows("Change Mon 23 Nov, Night", "On now: Eng. A.")
        await seen.press(*"Eng. C", "enter", *"at the dentist", "enter")
        await seen.shows("Mon 23 Nov, Night is changed.", "Eng. C*", "instead of Eng. A (by hand)", "B/C*")
        await seen.press("enter")
        await seen.shows("at the dentist")
        await seen.press("escape", "x", *"he can come", "enter")
        await seen.shows("Change 1 is taken back.")
        await seen.until(lambda: "Eng. C*" not in seen.text)
        await seen.press("x")
        await seen.shows("No change stands on this day.")
        await seen.press("escape", "left", "left", "left", "e")
        await seen.shows("Nothing is planned on this day yet. p plans.")


async def test_what_speaks_against_somebody_is_said_before_it_is_saved(desk_file: Path, at: object, look: Look) -> None:
    async with _app(desk_file).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("22 today")
        await seen.press("right", "tab", "down", "e")
        await seen.shows("Change Mon 23 Nov, Night", "On now: Eng. A.")
        await seen.press(*"Eng. B", "enter")
        await seen.shows("· only 0 h of rest, 11 h are wanted")


async def test_every_place_and_gap_has_its_mark() -> None:
    day = date(2026, 10, 1)

    def place(person: int | None, name: str = "", **more: Any) -> PlaceView:
        return PlaceView(person, name, Label(name), "", START, START + 3600, **more)

    def slot(kind: str, *places: PlaceView) -> SlotView:
        return SlotView(1, day, kind, Label(kind), START, START + 3600, False, places)

    def drawn(cells: int, lines: int, *slots: SlotView, kind: DayKind = DayKind.STATUTORY) -> list[str]:
        names = enumerate(("张伟明", "张小龙", "李娜"), 1)
        people_seen = tuple(PersonLine(number, name, Label(name), ()) for number, name in names)
        view = RosterView(day, day, (DayView(day, kind, Label("国庆节"), slots),), (), None, people_seen)
        found = DayCells(view, 3).draw(day, day, cells, lines)
        return ["".join(cell if isinstance(cell, str) else cell[0] for cell in line) for line in found]

    both = slot("day", place(1, "张伟明"), place(3, "李娜", change_id=7)), slot("night", place(2, "张小龙"))
    assert drawn(10, 2, *both) == [" 1 国庆节", "张伟 李*…"] or drawn(10, 2, *both)[1].endswith("/张小")
    assert drawn(30, 3, *both) == [" 1 国庆节", "day   张伟明 李娜*", "night 张小龙"]
    assert drawn(10, 2, slot("day", place(None, reason=Reason.AWAY)))[1] == "▲"
    assert drawn(10, 2, kind=DayKind.MAKEUP)[0] == " 1 make-up"
    crowd = slot("day", *(place(n % 3 + 1, f"p{n}") for n in range(3)), *(place(10 + n, f"n{n}") for n in range(9)))
    assert width(drawn(10, 2, crowd)[1]) <= 10
    assert "+" in drawn(10, 2, crowd)[1]
    gap = RosterView(day, day, (DayView(TODAY, DayKind.WORKDAY, Label(""), both),), (Gap(START, START + 60),), None, ())
    assert any(cell[0].strip() == "▲" for cell in DayCells(gap, 0).draw(TODAY, TODAY, 10, 2)[0])


def test_short_names_are_never_alike() -> None:
    engineers = Names({n: Label("", f"Eng. {letter}") for n, letter in enumerate("ABC")})
    assert [engineers.name(n, 0) for n in range(3)] == ["Eng. A", "Eng. B", "Eng. C"]
    assert [engineers.name(n, 1) for n in range(3)] == ["A", "B", "C"]
    mixed = Names({1: Label("", "Anna Smith"), 2: Label("", "Andrew Stone"), 3: Label("", "Anna Smith")})
    assert mixed.name(1, 2) == mixed.name(3, 2) != mixed.name(2, 2)
    chinese = Names({1: Label("张伟明"), 2: Label("张小龙"), 3: Label("李娜")})
    assert [chinese.name(n, 2) for n in (1, 2, 3)] == ["张伟", "张小", "李"]


def test_days_as_people_type_them() -> None:
    assert read_day("12-24", "day", TODAY) == date(2026, 12, 24)
    assert read_day("01-15", "day", TODAY) == date(2027, 1, 15)
    assert read_day("2027-01", "day", TODAY) == date(2027, 1, 1)
    assert read_day("2027年1月15日", "day", TODAY) == date(2027, 1, 15)
    assert read_day("１２－２４", "day", TODAY) == date(2026, 12, 24)
    assert read_day("明天", "day", TODAY) == date(2026, 11, 23)
    assert read_month("1", "month", TODAY) == date(2027, 1, 1)
    assert read_month("12月", "month", TODAY) == date(2026, 12, 1)
    assert read_year("2027", "year") == date(2027, 1, 1)
    for wrong in ("13-40", "2027-13", "soon", "", "02-30"):
        with pytest.raises(Invalid):
            read_day(wrong, "day", TODAY)
    assert month_after(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert month_after(date(2026, 1, 31), -2) == date(2025, 11, 30)
    assert span_words(date(2026, 12, 1), date(2026, 12, 31)) == "December 2026"
    assert span_words(date(2027, 1, 1), date(2027, 12, 31)) == "the year 2027"


def test_own_duties_say_what_is_not_published_yet() -> None:
    place = PlaceView(1, "eng-a", Label("甲工", "Eng. A"), "", 0, 43200)
    days = [date(2026, 11, 30), date(2026, 12, 1)]
    slots = [SlotView(at, day, "day", Label("白班", "Day"), 0, 43200, False, (place,)) for at, day in enumerate(days)]
    months = [date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1)]
    known = Facts()

    def said(until: date | None) -> list[str]:
        return [str(part.count) + part.empty for part in duty_sections(slots, {}, 1, months, 0, known, until)]

    held = said(date(2026, 11, 30))
    assert [("not published yet" in text, "Not published yet." in text) for text in held] == [
        (False, False),
        (True, True),
        (False, True),
    ]
    assert "published to 1 Dec" not in "".join(said(date(2026, 12, 31)))
    assert not any("published" in text for text in said(None)[:2])


def test_of_a_shared_shift_ones_own_part_is_now() -> None:
    halves = [
        PlaceView(1, "eng-a", Label("甲工", "Eng. A"), "", 0, 21600, whole=False),
        PlaceView(2, "eng-b", Label("乙工", "Eng. B"), "", 21600, 43200, whole=False),
    ]
    slot = SlotView(1, TODAY, "day", Label("白班", "Day"), 0, 43200, False, tuple(halves))

    def said(person: int, now: int) -> str:
        (section,) = duty_sections([slot], {}, person, [TODAY.replace(day=1)], now, Facts())
        return "".join(str(cell[0]) for cell in section.rows[0].right)

    assert (said(1, 3600), said(1, 30000)) == ("now", "")
    assert (said(2, 3600), said(2, 30000)) == ("in 5h00", "now")


async def test_the_shift_screen_leads_to_the_notices(desk_file: Path, at: object, look: Look) -> None:
    engine.connect(str(desk_file))
    chief = people.identify("chief")
    proposal = roster.propose(chief, date(2026, 12, 1), date(2026, 12, 31))
    roster.publish(chief, PIN, date(2026, 12, 1), date(2026, 12, 31), "", proposal.token)
    engine.disconnect()
    async with DeskApp(str(desk_file), login="eng-b", lang="en").run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("● 1 notice for you", "6 Roster ●1")
        seen.app.shown.query_one("#next").move_to(("notices", None, 0))  # type: ignore[union-attr, attr-defined]
        await seen.press("enter")
        await seen.shows("Roster 1 Dec to 31 Dec published")
        await seen.press("escape")
        await seen.until(lambda: "notice for you" not in seen.text)
