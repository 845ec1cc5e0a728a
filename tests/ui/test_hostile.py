"""Hostile text on every screen, in every form and in every line to type into: it is text, and the layout holds.

The forms are listed from the code: one that is not opened here fails the tests.
"""

from __future__ import annotations

import ast
import asyncio
import shutil
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from textual import events
from textual.keys import key_to_character
from textual.widgets import Input, TextArea

from dutydesk.domain import clock, text
from dutydesk.domain.incidents import Kind, Mode, Source
from dutydesk.domain.rounds import Found
from dutydesk.services import (
    allowance,
    attendance,
    backups,
    incidents,
    log,
    measures,
    roster,
    round_sheet,
    rounds,
    shift_views,
)
from dutydesk.services import people as people
from dutydesk.storage import chain, engine
from dutydesk.storage.models.backups import BackupJob
from dutydesk.storage.models.rounds import CheckItem
from dutydesk.ui.app import DeskApp
from dutydesk.ui.forms.screen import FormScreen
from dutydesk.ui.forms.spec import Pick, Text
from dutydesk.ui.screens.base import DeskScreen
from tests.hostile import BAD, EVERYTHING, TOO_MUCH, bundles, dirty
from tests.hostile_fields import FIELDS, World, fill, poison
from tests.services.conftest import PIN, make_desk, moment
from tests.ui.conftest import START, Seen
from tests.ui.hostile_absences import ABSENCES, BY_PERSON, RIGHT, absences

UI = Path(__file__).resolve().parents[2] / "dutydesk" / "ui"
BOTH = pytest.mark.parametrize(("size", "lang"), [((80, 24), "zh"), ((120, 40), "en")])
LATER = moment("2026-11-22 20:30")


async def press(seen: Seen, *keys: str) -> None:
    """Press keys one after the other; wait until each is worked on and what it shows is read."""
    for key in keys:
        seen.app.post_message(events.Key(key, key_to_character(key)))
        await settled(seen)


async def paste(seen: Seen, pasted: str) -> None:
    """Paste a text."""
    seen.app.post_message(events.Paste(pasted))
    await settled(seen)


async def settled(seen: Seen) -> None:
    """Wait until nothing is under way that keys wait for."""
    await seen.app._hop(seen.app)
    while not seen.app.keys_quiet:
        await asyncio.sleep(0.002)
    if isinstance(seen.app.screen, DeskScreen):
        await seen.app.screen.loaded()
    await seen.app._hop(seen.app.screen)


def check(seen: Seen) -> None:
    """Check that every line on the screen is as wide as the screen and steers no terminal, and that nothing blinks."""
    strips = seen.app.screen._compositor.render_strips()
    assert len(strips) == seen.app.size.height
    for strip in strips:
        line = "".join(segment.text for segment in strip)
        assert not BAD.search(line), repr(line)
        assert cell_len(line) == text.width(line) == seen.app.size.width, repr(line)
    assert not [field for field in seen.app.screen.query(Input) if field.cursor_blink]
    assert not [field for field in seen.app.screen.query(TextArea) if field.cursor_blink]
    assert seen.app.is_running


# Desks full of it


@pytest.fixture(scope="module")
def own_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a desk whose first shifts are those of Eng. A and Eng. B."""
    path = tmp_path_factory.mktemp("hostile") / "desk.sqlite"
    make_desk(path)
    return path


@contextmanager
def opened(path: Path, at: int = START) -> Iterator[World]:
    """Open a desk to write on it before the console does."""
    engine.connect(str(path))
    with clock.frozen(at):
        yield World()
    engine.disconnect()


@pytest.fixture(scope="module")
def prepared_desk(own_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a desk full of hostile text whose handover waits for its read-back, spoilt by an older program besides."""
    path = tmp_path_factory.mktemp("hostile") / "prepared.sqlite"
    shutil.copy(own_template, path)
    with opened(path) as world:
        fill(world)
    poison(path)
    return path


@pytest.fixture(scope="module")
def sealed_desk(own_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a desk whose handover was taken over with hostile reasons; the next one is being prepared."""
    path = tmp_path_factory.mktemp("hostile") / "sealed.sqlite"
    shutil.copy(own_template, path)
    with opened(path) as world:
        world.incident(title=EVERYTHING[:150], next_step=EVERYTHING)
        measures.open_measure(world.a, measures.NewMeasure(EVERYTHING[:100], detail=EVERYTHING))
        log.write(world.a, EVERYTHING, kind="visitor")
        FIELDS["attendance.sign_out.reason"].write(world, EVERYTHING)
        world.prepared(notes=EVERYTHING)
        FIELDS["handover.relieve.reason"].write(world, EVERYTHING)
    poison(path)
    return path


def own(path: Path, tmp_path: Path) -> str:
    """Return a copy of a desk."""
    copy = tmp_path / "desk.sqlite"
    shutil.copy(path, copy)
    return str(copy)


WALK = [
    *("1", "down", "tab", "down", "tab", "down", "x", "m", "down", "enter", "escape", "down", "escape"),
    *("2", "down", "down", "enter", "down", "down", "down", "e", "escape", "escape", "left", "right"),
    *("b", "down", "enter", "escape", "h", "escape", "escape"),
    *("3", "down", "enter", "down", "pagedown", "end", "escape", "right", "right", "left", "/"),
    *("r", "e", "d", "escape", "escape"),
    *("4", "up", "enter", "escape", "up", "up", "up", "c", "escape", "pageup", "f", "escape", "home", "end"),
    *("5", "down", "enter", "escape", "down", "h", "enter", "pagedown", "escape", "escape"),
    *("6", "right", "enter", "escape", "tab", "down", "enter", "escape", "escape", "w", "down", "right", "left"),
    *("enter", "escape", "d", "down", "pagedown", "pageup", "o", "escape", "h", "escape"),
    *("i", "escape", "r", "escape", "m"),
    *("9", "p", "down", "enter", "right", "escape", "left", "right", "r", "enter", "escape", "escape", "escape"),
    *("9", "f", "m", "w", "r", "left", "right", "escape"),
    *("8", "right", "right", "right", "right", "colon", "o", "n", "e", "escape", "question_mark", "escape", "1"),
]
"""Keys through every screen, list, sheet and dialog."""


@BOTH
async def test_every_screen_of_a_spoilt_desk(
    prepared_desk: Path,
    tmp_path: Path,
    at: Callable[[int], None],
    look: Callable[..., Seen],
    size: tuple[int, int],
    lang: str,
) -> None:
    app = DeskApp(own(prepared_desk, tmp_path), login="eng-b", lang=lang)
    async with app.run_test(size=size) as pilot:
        seen = look(pilot)
        await seen.until(lambda: app.shown is not None and app.shown.is_shown)
        for key in WALK:
            await press(seen, key)
            check(seen)
        assert len(app.screen_stack) == 1


@BOTH
async def test_the_wizard_over_a_spoilt_desk(
    sealed_desk: Path,
    tmp_path: Path,
    at: Callable[[int], None],
    look: Callable[..., Seen],
    size: tuple[int, int],
    lang: str,
) -> None:
    at(LATER)
    app = DeskApp(own(sealed_desk, tmp_path), login="eng-b", lang=lang)
    async with app.run_test(size=size) as pilot:
        seen = look(pilot)
        await press(seen, "5")
        for _step in range(6):
            for key in ("down", "enter", "z", "escape", "greater_than_sign"):
                await press(seen, key)
                check(seen)
        for key in ("h", "down", "enter", "pagedown", "end", "escape", "escape"):
            await press(seen, key)
            check(seen)


async def test_what_was_written_stands_there_as_text(
    own_template: Path, tmp_path: Path, at: Callable[[int], None], look: Callable[..., Seen]
) -> None:
    path = own(own_template, tmp_path)
    with opened(Path(path)) as world:
        seen_as = world.incident(title="[red]x[/] [@click=app.quit]y[/] [/]", detail="\x1b[2J[b]bold[/b] $error").number
        log.write(world.a, "[red]log[/] [/] {name} $error [@click=a.b]z[/]")
        measures.open_measure(world.a, measures.NewMeasure("[red]measure[/] [/]"))
    app = DeskApp(path, login="eng-a", lang="en")
    async with app.run_test(size=(120, 40)) as pilot:
        seen = look(pilot)
        await seen.shows("[red]x[/] [@click=app.quit]y[/] [/]", "[red]log[/] [/] {name} $error [@click=a.b]z[/]")
        await seen.shows("[red]measure[/] [/]")
        for key, texts in (
            ("3", ["[red]x[/] [@click=app.quit]y[/] [/]"]),
            ("enter", ["[red]x[/] [@click=app.quit]y[/] [/]", "[b]bold[/b] $error", seen_as]),
            ("4", ["[red]log[/] [/] {name} $error [@click=a.b]z[/]"]),
            ("m", ["[red]measure[/] [/]"]),
            ("5", []),
            ("greater_than_sign", ["[red]x[/] [@click=app.quit]y[/] [/]"]),
            ("greater_than_sign", ["[red]measure[/] [/]"]),
        ):
            await press(seen, key)
            await seen.shows(*texts)
            check(seen)


# Every form


@dataclass
class Records:
    """What the forms are opened for."""

    incident: int
    security: int
    sent: int
    resolved: int
    external: int
    line: Any
    measure: int
    missed: Any
    item: Any
    job: Any


def records(world: World) -> Records:
    """Make what the forms are opened for, with hostile titles."""
    title = {"title": EVERYTHING[:120]}
    security = incidents.open_incident(
        world.a, incidents.NewIncident(kind=Kind.SECURITY, security_grade=_grade(), **title)
    )
    sent = incidents.dispatch(world.a, world.incident(**title).id, Mode.PHONE, name=EVERYTHING[:100])
    missed = world.missed()
    row, item = world.round()
    round_sheet.answer(world.a, row, item, Found.ABNORMAL, note=EVERYTHING)
    thing = CheckItem.select().where(CheckItem.equipment.is_null(False)).first()
    sheets = [rounds.sheet(world.a, line.id) for line in rounds.due_list(world.a)]
    return Records(
        incident=world.incident(**title, next_step=EVERYTHING).id,
        security=security.id,
        sent=sent.id,
        resolved=world.resolved(**title),
        external=world.resolved(source=Source.EXTERNAL, **title),
        line=log.write(world.a, EVERYTHING),
        measure=measures.open_measure(world.a, measures.NewMeasure(EVERYTHING[:100], detail=EVERYTHING)).line.id,
        missed=next(line for line in rounds.due_list(world.a) if line.id == missed),
        item=next(each for sheet in sheets for each in sheet.items if each.point.code == thing.code),
        job=backups.job(world.a, BackupJob.select().first().id),
    )


def _grade() -> Any:
    from dutydesk.domain.deadlines import Grade

    return Grade.II


Open = Callable[[DeskApp, Records], Awaitable[Any]]


def _on(step: str, record: str = "incident") -> Open:
    """Return how a step with an incident is asked for."""

    async def call(app: DeskApp, known: Records) -> Any:
        from dutydesk.ui.actions import incidents as actions

        return await getattr(actions, step)(app, await app.desk.ask(incidents.view, getattr(known, record)))

    return call


def _in(module: str, name: str, *record: str) -> Open:
    """Return how an action with a record is asked for."""

    async def call(app: DeskApp, known: Records) -> Any:
        from importlib import import_module

        function = getattr(import_module(f"dutydesk.ui.{module}"), name)
        return await function(app, *(getattr(known, each) for each in record))

    return call


async def _leave(app: DeskApp, known: Records) -> Any:
    from dutydesk.ui.actions.attendance import _leave_the_duty

    return await _leave_the_duty(app, await app.desk.ask(attendance.offer))


async def _filter(app: DeskApp, known: Records) -> Any:
    from dutydesk.ui.screens.log_filter import ask_filter

    return await ask_filter(app, log.LogFilters(text=EVERYTHING))


def _taking(name: str) -> Open:
    """Return how the one who takes over is asked for a reason."""

    async def call(app: DeskApp, known: Records) -> Any:
        from dutydesk.ui.screens import handover_taking

        await app.goto("handover")
        return await getattr(handover_taking, name)(app.shown)

    return call


async def _freeze(app: DeskApp, known: Records) -> Any:
    from dutydesk.ui.actions import allowance as actions

    return await actions.freeze(app, await app.desk.ask(allowance.sheet, "2026-11"))


async def _range(app: DeskApp, known: Records) -> Any:
    from dutydesk.ui.screens.fairness import FairnessScreen

    screen = FairnessScreen()
    await app.push_screen(screen)
    await screen.loaded()
    return await screen.action_own()


FORMS: dict[str, Open] = {
    "actions/allowance.py _ask": _freeze,
    "actions/allowance.py set_rates": _in("actions.allowance", "set_rates"),
    "actions/attendance.py _leave_the_duty": _leave,
    "actions/incidents.py new_incident": _in("actions.incidents", "new_incident"),
    "actions/incidents.py note": _on("note"),
    "actions/incidents.py dispatch": _on("dispatch"),
    "actions/incidents.py arrived": _on("arrived", "sent"),
    "actions/incidents.py change_priority": _on("change_priority"),
    "actions/incidents.py plan": _on("plan"),
    "actions/incidents.py edit": _on("edit"),
    "actions/incidents.py classify": _on("classify", "security"),
    "actions/incidents.py report": _on("report", "security"),
    "actions/incidents.py resolve": _on("resolve"),
    "actions/incidents.py close": _on("close", "external"),
    "actions/incidents.py reopen": _on("reopen", "resolved"),
    "actions/incidents.py merge": _on("merge"),
    "actions/log.py write_line": _in("actions.log", "write_line"),
    "actions/log.py correct_line": _in("actions.log", "correct_line", "line"),
    "actions/measures.py open_measure": _in("actions.measures", "open_measure"),
    "actions/measures.py extend_measure": _in("actions.measures", "extend_measure", "measure"),
    "actions/measures.py edit_measure": _in("actions.measures", "edit_measure", "measure"),
    "actions/measures.py close_measure": _in("actions.measures", "close_measure", "measure"),
    "actions/rounds.py explain_missed": _in("actions.rounds", "explain_missed", "missed"),
    "actions/rounds.py change_service": _in("actions.rounds", "change_service", "item"),
    "actions/rounds.py record_restore_test": _in("actions.rounds", "record_restore_test", "job"),
    "actions/rounds.py record_check": _in("actions.rounds", "record_check", "job"),
    "screens/fairness.py action_own": _range,
    "screens/log_filter.py ask_filter": _filter,
    "screens/log_filter.py ask_time": _in("screens.log_filter", "ask_time"),
    "screens/signin.py ask_who": _in("screens.signin", "ask_who"),
}
"""Every form of the console: the function that asks, and how it comes to that."""
TAKING: dict[str, Open] = {
    "screens/handover_taking.py give_back": _taking("give_back"),
    "screens/handover_taking.py relieve": _taking("relieve"),
}
"""Those of the one who takes over."""


async def _slot(app: DeskApp, known: Any) -> Any:
    """Return a shift of tomorrow, with what the forms of the roster want to know."""
    day = date(2026, 11, 23)
    return (await app.desk.ask(roster.view, day, day)).slots[known]


async def _edit_slot(app: DeskApp, known: Any) -> Any:
    from dutydesk.ui.actions.roster import edit_slot

    return await edit_slot(app, await _slot(app, 0), None, await app.desk.raw(shift_views.facts))


async def _withdraw(app: DeskApp, known: Any) -> Any:
    from dutydesk.ui.actions.roster import withdraw

    slot = await _slot(app, 1)
    if not any(place.change_id for place in slot.places):
        out, into = slot.people[0].person_id, next(n for n in (2, 3) if n != slot.people[0].person_id)
        change = roster.NewChange("replace", person_out=out, person_in=into)
        await app.desk.ask(roster.edit, slot.shift_id, change, reason=EVERYTHING[:100])
    return await withdraw(app, slot.day, slot)


async def _publish(app: DeskApp, known: Any) -> Any:
    from dutydesk.ui.actions.roster_plan import Planned, publish

    first, last = date(2026, 12, 1), date(2026, 12, 2)
    return await publish(app, Planned(first, last, await app.desk.ask(roster.propose, first, last)))


async def _plan(app: DeskApp, known: Any) -> Any:
    from dutydesk.ui.actions.roster_plan import plan_days

    return await plan_days(app, date(2026, 12, 1))


async def _export(app: DeskApp, known: Any) -> Any:
    from dutydesk.ui.actions.roster_export import export_roster

    return await export_roster(app, date(2026, 12, 1), None)


PLANNING: dict[str, Open] = {
    "actions/roster.py ask_day": _in("actions.roster", "ask_day"),
    "actions/roster.py edit_slot": _edit_slot,
    "actions/roster.py withdraw": _withdraw,
    "actions/roster_plan.py plan_days": _plan,
    "actions/roster_plan.py publish": _publish,
    "actions/roster_export.py export_roster": _export,
}
"""Those of the one who plans."""


def asking() -> Iterator[str]:
    """Yield every function of the console that asks for text."""
    for path in sorted(UI.rglob("*.py")):
        if path.name != "dialogs.py":
            yield from (f"{path.relative_to(UI)} {name}" for name in _asks(ast.parse(path.read_text()), ""))


def _asks(node: ast.AST, function: str) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        named = child.name if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)) else function
        called = child.func.attr if isinstance(child, ast.Call) and isinstance(child.func, ast.Attribute) else ""
        if called in ("ask_form", "ask_line", "ask_area"):
            yield named
        yield from _asks(child, named)


def test_every_form_is_here() -> None:
    assert set(asking()) == set(FORMS) | set(TAKING) | set(PLANNING) | set(ABSENCES)


async def fill_in(seen: Seen) -> None:
    """Paste hostile text into every field of the form in front, one after the other."""
    form = seen.app.screen
    assert isinstance(form, FormScreen)
    form.show_folded()
    pasted = bundles(110)
    for place, row in enumerate(form.rows.values()):
        if row.display and isinstance(row.control, (Input, TextArea)):
            row.control.focus()
            await settled(seen)
            assert seen.app.focused is row.control
            await paste(seen, pasted[place % len(pasted)][0])
    check(seen)


async def leave(seen: Seen) -> None:
    """Leave whatever is in front."""
    for _turn in range(8):
        await seen.until(lambda: not getattr(seen.app.screen, "saving", False))
        if len(seen.app.screen_stack) == 1:
            return
        await press(seen, "escape")
    raise AssertionError(f"a dialog stays in front:\n{seen.text}")


async def ask_all(seen: Seen, forms: dict[str, Open], known: Records | None) -> None:
    """Open every form, fill it with hostile text, save it, leave it."""
    app = seen.app
    await seen.until(lambda: app.shown is not None and app.shown.is_shown)
    for ask in forms.values():
        app.do(lambda ask=ask: ask(app, known), opens=True)  # type: ignore[misc]
        await seen.until(lambda: isinstance(app.screen, FormScreen) and app.focused)
        await fill_in(seen)
        await press(seen, "f10")
        await seen.until(lambda: not getattr(app.screen, "saving", False))
        check(seen)
        await leave(seen)


async def test_every_form_takes_hostile_text(
    own_template: Path, tmp_path: Path, at: Callable[[int], None], look: Callable[..., Seen]
) -> None:
    path = own(own_template, tmp_path)
    with opened(Path(path)) as world:
        known = records(world)
    app = DeskApp(path, login="eng-a", lang="zh")
    async with app.run_test(size=(80, 24)) as pilot:
        await ask_all(look(pilot), FORMS, known)
    clean(path)


async def test_every_form_of_the_one_who_takes_over(
    own_template: Path, tmp_path: Path, at: Callable[[int], None], look: Callable[..., Seen]
) -> None:
    path = own(own_template, tmp_path)
    with opened(Path(path)) as world:
        world.incident(title=EVERYTHING[:150])
        world.prepared(notes=EVERYTHING)
        with clock.frozen(LATER):
            attendance.sign_in(world.b, PIN)
    at(LATER)
    app = DeskApp(path, login="eng-b", lang="en")
    async with app.run_test(size=(120, 40)) as pilot:
        await ask_all(look(pilot), TAKING, None)
    clean(path)


async def test_every_form_of_the_one_who_plans(
    own_template: Path,
    tmp_path: Path,
    at: Callable[[int], None],
    look: Callable[..., Seen],
) -> None:
    path = own(own_template, tmp_path)
    app = DeskApp(path, login="chief", lang="zh")
    async with app.run_test(size=(80, 24)) as pilot:
        await ask_all(look(pilot), PLANNING, None)
    clean(path)


async def choose_first(seen: Seen) -> FormScreen:
    """Take the first choice of every question before the form; return the form."""
    app = seen.app
    while True:
        await seen.until(lambda: isinstance(app.screen, FormScreen) and app.focused)
        form = app.screen
        assert isinstance(form, FormScreen)
        if [type(row.spec) for row in form.rows.values()] != [Pick]:
            return form
        check(seen)
        await press(seen, "enter")
        await seen.until(lambda form=form: app.screen is not form)  # type: ignore[misc]


def put_right(form: FormScreen, raws: dict[str, Any]) -> None:
    """Put `raws` into those of the fields that the form has."""
    for name in form.rows.keys() & raws.keys():
        form.rows[name].show_raw(raws[name])
        form.state.type(name, raws[name])


async def save_all(seen: Seen, form: FormScreen) -> None:
    """Fill a form with hostile text and save it; once more with the other fields right where it takes not only text."""
    taken = {name: form.state.raws[name] for name, row in form.rows.items() if not isinstance(row.spec, Text)} | RIGHT
    await fill_in(seen)
    for raws in ({"pin": PIN}, taken):
        if seen.app.screen is form:
            put_right(form, raws)
            await press(seen, "f10")
            await seen.until(lambda: seen.app.screen is not form or not form.saving)
            check(seen)
    await seen.until(lambda: seen.app.screen is not form)


@pytest.mark.parametrize("login", BY_PERSON)
async def test_every_form_of_leave_swaps_and_call_outs(
    own_template: Path, tmp_path: Path, at: Callable[[int], None], look: Callable[..., Seen], login: str
) -> None:
    path = own(own_template, tmp_path)
    with opened(Path(path)) as world:
        known = absences(world)
    app = DeskApp(path, login=login, lang="zh")
    async with app.run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.until(lambda: app.shown is not None and app.shown.is_shown)
        for ask in BY_PERSON[login].values():
            app.do(lambda ask=ask: ask(app, known), opens=True)  # type: ignore[misc]
            await save_all(seen, await choose_first(seen))
            check(seen)
            await leave(seen)
    clean(path)


def clean(path: str) -> None:
    """Check that the desk holds nothing that steers a terminal, and that its chain holds."""
    engine.connect(path)
    assert chain.verify().broken is None
    assert dirty(str(path)) == []
    engine.disconnect()


# Every line to type into


LINES: dict[str, tuple[list[str], list[str]]] = {
    "log line": (["1", "l"], ["enter"]),
    "find in incidents": (["3", "slash"], ["enter", "escape", "escape"]),
    "find in the log": (["4", "slash"], ["enter", "escape", "escape"]),
    "go to": (["1", "colon"], ["down", "escape"]),
    "next step of the handover": (["5", "greater_than_sign", "enter"], ["enter", "escape"]),
    "note of the handover": (["5", *["greater_than_sign"] * 4, "enter"], ["enter", "escape"]),
    "skip on a round": (["2", "enter", "minus"], ["enter", "escape"]),
    "note on a round": (["2", "enter", "x"], ["enter", "escape"]),
}
"""Lines that are no form: the keys that open them, and the keys that take or leave what was typed."""


async def test_every_line_takes_hostile_text(
    own_template: Path, tmp_path: Path, at: Callable[[int], None], look: Callable[..., Seen]
) -> None:
    path = own(own_template, tmp_path)
    with opened(Path(path)) as world:
        records(world)
    app = DeskApp(path, login="eng-a", lang="en")
    async with app.run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.until(lambda: app.shown is not None and app.shown.is_shown)
        for before, after in LINES.values():
            for pasted in (EVERYTHING, TOO_MUCH["paste"], " \x1b[2J\u202e\udc80 "):
                await press(seen, *before)
                begin = time.process_time()
                await paste(seen, pasted)
                assert time.process_time() - begin < 4
                await press(seen, "a")
                check(seen)
                await press(seen, *after)
                check(seen)
                await leave(seen)
    clean(path)
