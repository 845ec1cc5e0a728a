"""The incidents' screens: the list, one incident, the form from anywhere, every step from the keyboard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.containers import VerticalScroll

from dutydesk.domain.deadlines import EventClass, Grade
from dutydesk.domain.incidents import Category, Happened, Kind, Mode, Source, Status, View
from dutydesk.domain.priority import Impact, Priority, Urgency
from dutydesk.services import drafts, incidents, people
from dutydesk.services.core import Actor
from dutydesk.services.incidents import NewIncident
from dutydesk.storage import engine
from dutydesk.ui.actions.incidents import new_incident
from dutydesk.ui.app import DeskApp
from dutydesk.ui.places import PLACES
from dutydesk.ui.screens.incident import IncidentScreen
from dutydesk.ui.screens.incidents import IncidentsScreen
from dutydesk.ui.widgets.entry import EntryLine
from tests.ui.conftest import LANGUAGES, SIZES, START, Seen

HOSTILE = "[red]x[/red] [@click=app.quit]q[/] {title} %s \\ 🧯 " + "网" * 40
MINUTE = 60
EDITED_EN = ("What happened before: ", "Place before: (empty)", "Place before: Room B", "Category before: Network",
             "Equipment before: HIS database server 1")  # fmt: skip
EDITED_ZH = ("地点原为：（空）", "地点原为：Room B", "类别原为：网络", "设备原为：HIS 数据库服务器 1")


class IncidentsApp(DeskApp):
    """The console that begins at the incidents."""

    places = tuple(place for place in PLACES if place.name in ("incidents", "log"))


def _open(who: Actor, title: str, **more: Any) -> incidents.IncidentView:
    return incidents.open_incident(who, NewIncident(title, **more))


@pytest.fixture
def filled(desk_file: Path, at: Callable[[int], None]) -> Path:
    """Fill the desk: one of each priority, a request, a security event, one solved before, one to close."""
    engine.connect(str(desk_file))
    who, other = people.identify("eng-a"), people.identify("eng-b")
    at(START - 300 * MINUTE)
    old = _open(who, "Core switch SW1 down after a power cut", impact=Impact.HIGH, urgency=Urgency.HIGH)
    incidents.resolve(who, old.id, "Reload the saved configuration")
    incidents.close(who, old.id)
    at(START - 160 * MINUTE)
    printer = _open(who, "HIS打印机无法打印，病区5", owner_id=other.person_id)
    incidents.acknowledge(other, printer.id)
    _open(who, "New account, Finance", kind=Kind.REQUEST, impact=Impact.LOW, urgency=Urgency.LOW)
    at(START - 60 * MINUTE)
    portal = _open(who, "Portal certificate expired", source=Source.EXTERNAL, caller="Insurance bureau")
    incidents.resolve(who, portal.id, "Certificate renewed")
    at(START - 45 * MINUTE)
    _open(who, "Ransomware note on PC-17", kind=Kind.SECURITY, urgency=Urgency.HIGH,
          security_class=EventClass.MALWARE, security_grade=Grade.III)  # fmt: skip
    at(START - 12 * MINUTE)
    _open(who, "Core switch SW1 down", impact=Impact.HIGH, urgency=Urgency.HIGH, source=Source.MONITOR,
          detail="Floor 3 without network", opened_at=START - 14 * MINUTE)  # fmt: skip
    at(START)
    engine.disconnect()
    return desk_file


def _app(path: Path, lang: str = "en", login: str = "eng-a") -> IncidentsApp:
    return IncidentsApp(str(path), login=login, lang=lang)


def _list(seen: Seen) -> IncidentsScreen:
    assert isinstance(seen.app.screen, IncidentsScreen)
    return seen.app.screen


def _one(seen: Seen) -> IncidentScreen:
    assert isinstance(seen.app.screen, IncidentScreen)
    return seen.app.screen


async def _opened(seen: Seen) -> IncidentScreen:
    """Open the incident under the cursor and wait until it is read."""
    await seen.press("enter")
    await seen.until(lambda: isinstance(seen.app.screen, IncidentScreen) and _one(seen).seen is not None)
    return _one(seen)


async def _status(seen: Seen, status: Status) -> None:
    await seen.until(lambda: isinstance(seen.app.screen, IncidentScreen))
    await seen.until(lambda: (shown := _one(seen).seen) is not None and shown.status is status)


# The list


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("size", SIZES)
async def test_what_burns_comes_first(
    filled: Path, look: Callable[..., Seen], size: tuple[int, int], lang: str
) -> None:
    async with _app(filled, lang).run_test(size=size) as pilot:
        seen = look(pilot)
        await seen.shows("Core switch SW1 down", "! P1", "0h14")
        titles = ("Core switch SW1 down", "Ransomware", "HIS打印机", "New account")
        rows = [next(line for line in seen.lines if title[:6] in line) for title in titles]
        places = [seen.lines.index(row) for row in rows]
        assert places == sorted(places)
        assert "Portal" not in seen.text
        assert ("▲ 已 12 分钟 未确认" if lang == "zh" else "▲ not acknowledged 12 min") in seen.text
        assert ("须在 3h15 内上报" if lang == "zh" else "legal report within 3h15") in seen.text
        assert ("O 未结 4" if lang == "zh" else "O Open now 4") in seen.text
        if size[0] >= 110:
            await seen.shows("Floor 3")
        await seen.press("f2")
        await seen.shows("O Open now 4" if lang == "zh" else "O 未结 4")


@pytest.mark.parametrize("size", SIZES)
async def test_one_key_a_filter(filled: Path, look: Callable[..., Seen], size: tuple[int, int]) -> None:
    async with _app(filled, login="eng-b").run_test(size=size) as pilot:
        seen = look(pilot)
        await seen.shows("Core switch")
        for key, view, shown, hidden in (
            ("M", View.MINE, "HIS打印机", "New account"),
            ("P", View.URGENT, "Ransomware", "HIS打印机"),
            ("R", View.REQUESTS, "New account", "Ransomware"),
            ("S", View.SECURITY, "Ransomware", "New account"),
            ("C", View.RESOLVED, "Portal certificate", "Ransomware"),
            ("A", View.ALL, "261122-1", "nothing"),
            ("O", View.OPEN, "Core switch", "Portal"),
        ):
            await seen.press(key)
            await seen.until(lambda view=view: _list(seen).view is view)
            await seen.shows(shown)
            assert hidden not in "\n".join(line[:70] for line in seen.lines)
        await seen.press("left")
        await seen.until(lambda: _list(seen).view is View.ALL)
        await seen.press("escape")
        await seen.until(lambda: _list(seen).view is View.OPEN)


@pytest.mark.parametrize("lang", LANGUAGES)
async def test_found_while_typing(filled: Path, look: Callable[..., Seen], lang: str) -> None:
    async with _app(filled, lang).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("Ransomware")
        await seen.press("slash", *"switch")
        await seen.until(lambda: len(_list(seen).records.rows) == 2)
        await seen.press("enter")
        await seen.shows("2 个事件包含“switch”" if lang == "zh" else "2 incidents hold “switch”")
        await seen.press("slash", *["backspace"] * 6, "病", "区")
        await seen.until(lambda: [row.title for row in _list(seen).records.rows] == ["HIS打印机无法打印，病区5"])
        await seen.press("escape")
        await seen.until(lambda: len(_list(seen).records.rows) == 4)


async def test_an_empty_desk_says_what_to_do(desk_file: Path, at: object, look: Callable[..., Seen]) -> None:
    async with _app(desk_file).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("No open incidents. n opens one.")
        await seen.press("a")
        await seen.shows("No incident is selected.")


async def test_acknowledge_from_the_list_and_be_told_the_second_time(filled: Path, look: Callable[..., Seen]) -> None:
    async with _app(filled).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("▲ not acknowledged 12 min")
        await seen.press("a")
        await seen.shows("INC-261122-6 acknowledged.")
        await seen.until(lambda: "not acknowledged 12 min" not in seen.text)
        await seen.press("a")
        await seen.shows("It is acknowledged already.")
        await seen.press("c")
        await seen.shows("It is not resolved yet; r resolves it.")


async def test_a_reader_may_look_only(filled: Path, look: Callable[..., Seen]) -> None:
    async with _app(filled, login="reader").run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("Core switch SW1 down")
        await seen.press("a")
        await seen.shows("Readers may look, not write.")
        await _opened(seen)
        await seen.press("m")
        await seen.shows("Readers may look, not write.")


# The form


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("size", SIZES)
async def test_a_p1_is_on_record_in_a_few_keys(
    desk_file: Path, at: object, look: Callable[..., Seen], size: tuple[int, int], lang: str
) -> None:
    """SCREENS 7: n, the title, two letters, f10."""
    async with _app(desk_file, lang).run_test(size=size) as pilot:
        seen = look(pilot)
        await seen.shows("n 新建" if lang == "zh" else "n opens one")
        await seen.press("n", *"UPS-1 on battery", "enter")
        await seen.press("1", "enter", "1")
        await seen.shows("! P1 紧急" if lang == "zh" else "! P1 critical")
        await seen.press("f10")
        await seen.until(lambda: isinstance(seen.app.screen, IncidentScreen))
        await seen.shows("INC-261122-1", "UPS-1 on battery")
        await _status(seen, Status.OPEN)
        shown = _one(seen).seen
        assert shown is not None
        assert (shown.priority, shown.kind) == (Priority.P1, Kind.FAULT)
        await seen.press("a")
        await _status(seen, Status.ACKNOWLEDGED)


async def test_a_request_asks_who_called(desk_file: Path, at: object, look: Callable[..., Seen]) -> None:
    """What a fault keeps folded stands in sight where somebody waits for an answer."""
    async with _app(desk_file, "en").run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("n opens one")
        await seen.press("n", *"New account", "enter", "3", "enter", "3", "enter")
        await seen.shows("More ▸  Source, Caller, Contact, Began")
        await seen.press("2")
        await seen.shows("Caller ", "Contact ", "More ▸  Began")
        await seen.press("enter", "2", "enter", *"Dr. A", "enter", *"5551", "enter")
        await seen.until(lambda: isinstance(seen.app.screen, IncidentScreen))
        await _status(seen, Status.OPEN)
        shown = _one(seen).seen
        assert shown is not None
        assert (shown.kind, shown.source) == (Kind.REQUEST, Source.EXTERNAL)
        assert (shown.caller, shown.contact) == ("Dr. A", "5551")
        await seen.press("w")
        await seen.shows("Owner ", "Eng. A  eng-a")
        assert "reader" not in seen.text.casefold()
        lines = [line for line in seen.lines if "eng-" in line]
        assert "eng-a" in lines[0]


async def test_the_palette_names_what_it_does(filled: Path, look: Callable[..., Seen]) -> None:
    async with _app(filled).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("Core switch")
        await seen.press("3", "ctrl+p", *"p1+")
        await seen.shows("▸ P1+P2")


async def test_solutions_stand_below_the_title(filled: Path, look: Callable[..., Seen]) -> None:
    """A14: the same trouble's solution is found while the title is typed."""
    async with _app(filled).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("Core switch")
        await seen.press("n", *"switch SW1")
        await seen.shows("· INC-261122-1 Core switch SW1 down")
        await seen.press("f4")
        await seen.shows("Reload the saved configuration")


async def test_a_security_event_asks_for_class_and_grade(
    desk_file: Path, at: object, look: Callable[..., Seen]
) -> None:
    async with _app(desk_file).run_test(size=(120, 40)) as pilot:
        seen = look(pilot)
        await seen.shows("n opens one")
        await seen.press("n", *"Malware found", "enter", "enter", "enter")
        assert "Class" not in seen.text
        await seen.press("3")
        await seen.shows("Class", "Grade", "without a grade no clock runs")
        await seen.press("enter", *"malw", "enter", "2")
        await seen.shows("Report to the provincial cyberspace office within 4h00")
        await seen.press("f10")
        await seen.until(lambda: isinstance(seen.app.screen, IncidentScreen))
        await seen.shows("● Report to the provincial cyberspace office within 4h00", "Malware · II")


async def test_what_is_wrong_stands_under_its_field(desk_file: Path, at: object, look: Callable[..., Seen]) -> None:
    async with _app(desk_file).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("n opens one")
        await seen.press("n", "f10")
        await seen.shows("This must not be empty.")
        await seen.press("escape")
        await seen.until(lambda: isinstance(seen.app.screen, IncidentsScreen))


async def test_a_round_fills_the_form_and_goes_on(desk_file: Path, at: object, look: Callable[..., Seen]) -> None:
    """C3: value and limit come along; the person stays where he was."""
    prefill = {
        "title": "UPS-1 load 83 %, limit 80 %",
        "detail": "two servers moved to this feed",
        "source": Source.ROUND,
    }
    async with _app(desk_file).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("n opens one")
        seen.app.do(lambda: new_incident(seen.app, prefill), opens=True)
        await seen.shows("UPS-1 load 83 %, limit 80 %")
        await seen.press("f10")
        await seen.shows("INC-261122-1 recorded, P3 medium.")
        assert isinstance(seen.app.screen, IncidentsScreen)
        made = await seen.app.desk.ask(incidents.view, 1)
        assert (made.source, made.detail) == (Source.ROUND, "two servers moved to this feed")


async def test_hostile_text_in_every_field_is_shown_as_text(
    desk_file: Path, at: object, look: Callable[..., Seen]
) -> None:
    engine.connect(str(desk_file))
    who = people.identify("eng-a")
    made = _open(who, HOSTILE, detail=HOSTILE, caller=HOSTILE, contact=HOSTILE, location=HOSTILE, next_step=HOSTILE)
    incidents.note(who, made.id, HOSTILE)
    incidents.dispatch(who, made.id, Mode.ON_SITE, name=HOSTILE, text=HOSTILE)
    incidents.resolve(who, made.id, HOSTILE)
    incidents.reopen(who, made.id, HOSTILE)
    engine.disconnect()
    for size in SIZES:
        async with _app(desk_file).run_test(size=size) as pilot:
            seen = look(pilot)
            await seen.shows("[red]x[/red]")
            await _opened(seen)
            await seen.shows("[@click=app.quit]q[/] {title} %s")
            assert all(len(line) <= size[0] for line in seen.lines)
            await seen.press("f2", "f", "escape", "e")
            await seen.shows("[red]x[/red]")
            await seen.press("escape", "escape")
            await seen.until(lambda seen=seen: isinstance(seen.app.screen, IncidentsScreen))
            assert seen.app.is_running


# One incident


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("size", SIZES)
async def test_from_acknowledged_to_closed(
    filled: Path, look: Callable[..., Seen], at: Callable[[int], None], size: tuple[int, int], lang: str
) -> None:
    """A3, A7: every step from the keyboard, the timeline newest at the bottom."""
    async with _app(filled, lang).run_test(size=size) as pilot:
        seen = look(pilot)
        await seen.shows("Core switch SW1 down")
        await _opened(seen)
        await seen.shows("INC-261122-6", "Floor 3 without network", "已持续 0h14" if lang == "zh" else "running 0h14")
        await seen.shows("14:20 补记" if lang == "zh" else "written 14:20")
        await seen.press("a")
        await _status(seen, Status.ACKNOWLEDGED)
        at(START + 5 * MINUTE)
        await seen.press("m", *"Vendor called", "enter")
        await seen.shows("已记录。" if lang == "zh" else "Noted.", "Vendor called")
        await seen.press("d", *"eng-b", "enter", *"look", "f10")
        await _status(seen, Status.IN_PROGRESS)
        await seen.shows("派出 乙工：现场" if lang == "zh" else "Eng. B sent: On site")
        at(START + 15 * MINUTE)
        await seen.press("v", *"14:40", "enter")
        await seen.shows("乙工 到场" if lang == "zh" else "Eng. B arrived")
        await seen.press("v", *"SFP replaced", "f10")
        await seen.shows("乙工 完成" if lang == "zh" else "Eng. B done")
        await seen.press("r", *"SFP of the uplink replaced", "f10")
        await _status(seen, Status.RESOLVED)
        await seen.press("c")
        await _status(seen, Status.CLOSED)
        shown = _one(seen).seen
        assert shown is not None
        assert [event.kind for event in shown.events][-3:] == [Happened.DONE, Happened.RESOLVED, Happened.CLOSED]
        await seen.until(lambda: (scroll := _one(seen).query_one(VerticalScroll)).scroll_y == scroll.max_scroll_y)
        await seen.press("escape")
        await seen.until(lambda: isinstance(seen.app.screen, IncidentsScreen))
        await seen.until(lambda: all(row.id != shown.id for row in _list(seen).records.rows))


async def test_keys_that_are_not_allowed_say_why(filled: Path, look: Callable[..., Seen]) -> None:
    async with _app(filled).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("Core switch")
        await _opened(seen)
        for key, why in (
            ("c", "It is not resolved yet; r resolves it."),
            ("o", "It is still open."),
            ("v", "Nobody is under way; d sends somebody."),
            ("t", "Only a security event is reported."),
            ("k", "Only a security event has a class and a grade."),
        ):
            await seen.press(key)
            await seen.shows(why)


async def test_a_note_is_kept_as_a_draft(filled: Path, look: Callable[..., Seen]) -> None:
    """D4: what is typed into the line is offered again."""
    async with _app(filled).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("Core switch")
        screen = await _opened(seen)
        await seen.press("m", *"half a sen")
        who = seen.app.who
        assert who is not None
        key = f"incident.line:{screen.incident_id}"

        async def kept() -> Any:
            return await seen.app.desk.ask(drafts.find, key)

        await seen.press("escape")
        assert (await kept()).data == {"text": "half a sen"}
    async with _app(filled).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("Core switch")
        screen = await _opened(seen)
        await seen.press("m")
        await seen.until(lambda: screen.query_one(EntryLine).text == "half a sen")
        await seen.press(*"tence", "enter")
        await seen.shows("Noted.", "half a sentence")
        assert await seen.app.desk.ask(drafts.find, key) is None


async def test_priority_owner_and_next_step(filled: Path, look: Callable[..., Seen]) -> None:
    async with _app(filled).run_test(size=(120, 40)) as pilot:
        seen = look(pilot)
        await seen.shows("Core switch")
        await _opened(seen)
        await seen.press("p", "3")
        await seen.shows("P3 medium")
        await seen.press("tab", "tab", *"only one room", "f10")
        await seen.shows("Priority P1, now P3", "only one room")
        await seen.press("p", "2", "tab", "2", "tab", "f10")
        await seen.shows("This must not be empty.")
        await seen.press(*"a whole ward", "f10")
        await seen.shows("Judged anew, P3 as before", "a whole ward")
        await seen.press("w", *"eng-b", "enter", *"Ask the vendor", "enter", *"+2h", "f10")
        await seen.shows("Owner: Eng. B", "Next step Ask the vendor", "Follow up 16:32")


async def test_two_people_correct_one_incident(filled: Path, look: Callable[..., Seen]) -> None:
    """DESIGN 2: edits meet, both texts are shown."""
    async with _app(filled).run_test(size=(120, 40)) as pilot:
        seen = look(pilot)
        await seen.shows("Core switch")
        screen = await _opened(seen)
        await seen.press("e", "end", *" again")
        other = await seen.app.desk.raw(people.identify, "eng-b")
        theirs = NewIncident("SW1 dead", detail="Floor 3 without network")
        await seen.app.desk.raw(incidents.edit, other, screen.incident_id, theirs, version=1)
        await seen.press("f10")
        await seen.shows("SW1 dead", "Core switch SW1 down again")
        now = await seen.app.desk.ask(incidents.view, screen.incident_id)
        assert now.title == "SW1 dead"
        await seen.press("m")
        await seen.shows("Core switch SW1 down again", "before: SW1 dead")
        kept = await seen.app.desk.ask(incidents.view, screen.incident_id)
        assert (kept.detail, kept.kind, kept.impact) == (now.detail, now.kind, now.impact)


@pytest.mark.parametrize(("lang", "said"), [("en", EDITED_EN), ("zh", EDITED_ZH)])
async def test_a_correction_shows_all_that_stood_there(
    filled: Path, look: Callable[..., Seen], lang: str, said: tuple[str, ...]
) -> None:
    """Whatever field: what it was, in words; one that was empty says so."""
    app = IncidentsApp(str(filled), login="eng-a", lang=lang)
    async with app.run_test(size=(120, 40)) as pilot:
        seen = look(pilot)
        await seen.shows("SW1")
        screen = await _opened(seen)
        old = await app.desk.ask(incidents.view, screen.incident_id)
        place = NewIncident(old.title, detail=old.detail, location="Room B", category=Category.NETWORK, equipment_id=1)
        await app.desk.ask(incidents.edit, old.id, place, version=old.version)
        later = NewIncident("SW1 dead", detail=old.detail, location="Room C", category=Category.SERVER, equipment_id=2)
        await app.desk.ask(incidents.edit, old.id, later, version=old.version + 1)
        await seen.shows(*said)


async def test_a_note_is_kept_however_its_screen_ends(filled: Path, look: Callable[..., Seen]) -> None:
    """Another screen is asked for while the last letters of a note are not written yet."""
    async with _app(filled).run_test(size=(120, 40)) as pilot:
        seen = look(pilot)
        await seen.shows("Core switch")
        screen = await _opened(seen)
        key = f"incident.line:{screen.incident_id}"
        await seen.press("m", *"vendor called")
        await seen.app.goto("log")
        await seen.until(lambda: not screen.is_attached)
        for _ in range(200):
            kept = await seen.app.desk.ask(drafts.find, key)
            if kept is not None and kept.data["text"] == "vendor called":
                break
            await pilot.pause(0.01)
        assert kept is not None
        assert kept.data["text"] == "vendor called"


async def test_owners_meet_by_name_and_only_when_they_differ(filled: Path, look: Callable[..., Seen]) -> None:
    """The conflict says who, not a number; saving mine twice over contests no owner that nobody changed."""
    async with _app(filled).run_test(size=(120, 40)) as pilot:
        seen = look(pilot)
        await seen.shows("Core switch")
        screen = await _opened(seen)
        ask = seen.app.desk
        other = await ask.raw(people.identify, "eng-b")

        async def meanwhile(**change: Any) -> None:
            await ask.raw(incidents.plan, other, screen.incident_id, **change)

        await meanwhile(owner_id=other.person_id, next_step="")
        await seen.until(lambda: screen.seen is not None and screen.seen.owner is not None)
        await seen.press("w", "tab", *"mine", "escape")
        await meanwhile(next_step="theirs")
        await seen.until(lambda: screen.seen is not None and screen.seen.next_step == "theirs")
        await seen.press("w")
        await seen.shows("mine")
        await seen.press("f10")
        await seen.shows("theirs", "mine", "What you typed")
        await meanwhile(next_step="once more")
        await seen.press("m")
        await seen.shows("once more", "mine", "What you typed")
        contests = [each.field.name for each in seen.app.screen.contests]  # type: ignore[attr-defined]
        assert contests == ["next_step"]
        await seen.press("m")
        await seen.until(
            lambda: seen.app.screen is screen and screen.seen is not None and screen.seen.next_step == "mine"
        )
        await seen.press("w", *["backspace"] * 8, *"eng-c", "enter")
        await meanwhile(owner_id=(await ask.raw(people.identify, "eng-d")).person_id)
        await seen.press("f10")
        await seen.shows("What you typed", "Eng. C", "Eng. D")


async def test_two_people_judge_one_incident(filled: Path, look: Callable[..., Seen]) -> None:
    """What the other one chose is taken as the form knows it."""
    async with _app(filled).run_test(size=(120, 40)) as pilot:
        seen = look(pilot)
        await seen.shows("Core switch")
        screen = await _opened(seen)
        await seen.press("p", "3")
        await seen.shows("P3 medium")
        other = await seen.app.desk.raw(people.identify, "eng-b")
        change = incidents.change_priority
        await seen.app.desk.raw(change, other, screen.incident_id, Impact.MEDIUM, Urgency.LOW, "calm", version=1)
        await seen.press("tab", "tab", *"only one room", "f10")
        await seen.shows("Somebody else changed this")
        await seen.press("m")
        await seen.shows("Owner", "only one room")
        now = await seen.app.desk.ask(incidents.view, screen.incident_id)
        assert (now.impact, now.urgency) == (Impact.LOW, Urgency.LOW)


async def test_a_request_asks_what_the_caller_was_told(filled: Path, look: Callable[..., Seen]) -> None:
    async with _app(filled).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("Core switch")
        await seen.press("C")
        await seen.shows("Portal certificate")
        await seen.press("c")
        await seen.shows("The caller was told")
        await seen.press(*"Works again", "f10")
        await seen.shows("Nothing waits to be closed.")


async def test_reopen_and_merge(filled: Path, look: Callable[..., Seen]) -> None:
    async with _app(filled).run_test(size=(120, 40)) as pilot:
        seen = look(pilot)
        await seen.shows("Core switch")
        await seen.press("C")
        await seen.shows("Portal certificate")
        await _opened(seen)
        await seen.press("o", *"still broken", "f10")
        await _status(seen, Status.ACKNOWLEDGED)
        await seen.press("g", *"HIS", "down", "enter", "f10")
        await seen.shows("INC-261122-4 merged into this one", "HIS打印机无法打印，病区5")
        assert _one(seen).incident_id == 2


async def test_the_report_stops_the_legal_clock(filled: Path, look: Callable[..., Seen]) -> None:
    """C5: the first report comes filled with what is known."""
    async with _app(filled).run_test(size=(120, 40)) as pilot:
        seen = look(pilot)
        await seen.press("S")
        await seen.shows("Ransomware")
        await _opened(seen)
        await seen.shows("● Report to the provincial cyberspace office within 3h15")
        await seen.press("t")
        await seen.shows("First report of INC-261122-5", "What happened: Ransomware note on PC-17", "Type: Malware")
        await seen.press("f10")
        await seen.shows("within 3h15", "This must not be empty.")
        await seen.press(*"duty office, by phone", "f10")
        await seen.shows("First report made", "Reported to: duty office, by phone")
        await seen.until(lambda: "within 3h15" not in seen.text)


async def test_similar_ones_are_read_with_one_key(filled: Path, look: Callable[..., Seen]) -> None:
    async with _app(filled).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("Core switch")
        await _opened(seen)
        await seen.shows("1 solved incident is like this one")
        await seen.press("f")
        await seen.shows("INC-261122-1", "Reload the saved configuration")


async def test_another_terminal_changes_it_in_view(filled: Path, look: Callable[..., Seen]) -> None:
    """D5: a commit from elsewhere shows without a key."""
    async with _app(filled).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("Core switch")
        screen = await _opened(seen)
        other = await seen.app.desk.raw(people.identify, "eng-b")
        await seen.app.desk.raw(incidents.note, other, screen.incident_id, "seen from elsewhere")
        await seen.shows("seen from elsewhere")


async def test_long_texts_wrap_and_scroll(filled: Path, look: Callable[..., Seen]) -> None:
    engine.connect(str(filled))
    who = people.identify("eng-a")
    for count in range(30):
        incidents.note(who, 6, f"note {count} " + "很长的记录 " * 20)
    engine.disconnect()
    async with _app(filled).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("Core switch")
        await _opened(seen)
        await seen.shows("note 29")
        await seen.press("home")
        await seen.shows("Floor 3 without network")
        await pilot.resize_terminal(120, 40)
        await seen.shows("note 29")
