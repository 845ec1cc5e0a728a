"""What is done with the roster: planning, changing a slot, taking a change back, explaining, going to a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from textual.content import Content

from dutydesk.domain import clock
from dutydesk.domain.errors import NotFound, Refused
from dutydesk.domain.overlay import ChangeKind, ChangeSource
from dutydesk.domain.people import Role
from dutydesk.domain.shift import Facts
from dutydesk.domain.words import N_, Label
from dutydesk.locale import _, pick, times, word
from dutydesk.locale.lines import said
from dutydesk.services import people, roster
from dutydesk.services.roster_views import ChangeLine, DayView, NewChange, PlaceView, SlotView, WhyLine
from dutydesk.ui import marks
from dutydesk.ui.forms.spec import Choice, Field, FormSpec, Moment, Option, Pick, Text
from dutydesk.ui.screens import roster_words as words

if TYPE_CHECKING:
    from dutydesk.ui.app import DeskApp

REASON_LIMIT = 200


async def ask_day(app: DeskApp) -> date | None:
    """Ask for a day or a month to go to; None when the person left."""
    from dutydesk.ui.actions.roster_days import read_day

    async def save(values: Mapping[str, Any]) -> date:
        return read_day(values["day"], "day", words.today())

    field = Text("day", N_("Date"), required=True, limit=20, placeholder=N_("12-24, 2027-01, 2027-01-15"))
    day: date | None = await app.ask_form(FormSpec(None, N_("Go to day"), [field], save_label=N_("Go")), {}, save)
    return day


async def choose_person(app: DeskApp) -> tuple[int, Label] | None:
    """Let somebody of the desk be chosen; None when the person left."""
    everyone = [person for person in await app.desk.ask(people.everyone) if person.role is not Role.READER]
    options = [Option(person.id, person.label) for person in everyone]
    chosen = await app.choose(N_("Whose duties"), options)
    return next(((person.id, person.label) for person in everyone if person.id == chosen), None)


async def choose_slot(app: DeskApp, day: DayView | None) -> SlotView | None:
    """Let one of the slots of a day be chosen that have not ended; the only one is taken at once."""
    slots = [slot for slot in (day.slots if day else ()) if slot.ends_at > clock.now()]
    if len(slots) < 2:
        return slots[0] if slots else None
    options = [(slot, f"{pick(slot.title)} {words.hours(slot)}  {words.people_words(slot)}") for slot in slots]
    slot: SlotView | None = await app.choose(N_("Which shift"), options)
    return slot


# --- why ------------------------------------------------------------------------------------------------------------


async def show_why(app: DeskApp, day: date, slots: Sequence[SlotView], known: Facts) -> None:
    """Say why each one of these slots is on."""
    parts: list[Content] = []
    for slot in slots:
        if slot.shift_id is None:
            continue
        lines = await app.desk.ask(roster.why, slot.shift_id)
        parts.append(_why_slot(slot, lines, known))
    if not parts:
        raise NotFound(N_("Nothing is planned on this day yet."))
    await app.show_text(words.long_day(day), Content("\n\n").join(parts))


def _why_slot(slot: SlotView, lines: Sequence[WhyLine], known: Facts) -> Content:
    parts = [Content.styled(f"{pick(slot.title)} {words.hours(slot)}", "bold")]
    for line in lines:
        name = pick(line.label) or _("nobody")
        post = f"  {pick(known.post(line.post))}" if line.post else ""
        rule = f"  {pick(line.rule)}" if line.turn else ""
        parts.append(Content.assemble((name, "$accent"), (f"{post}{rule}", "$text-muted")))
        parts += [Content(f"  {said(sentence)}") for sentence in line.sentences]
    return Content("\n").join(parts)


# --- changing one slot ----------------------------------------------------------------------------------------------


async def edit_slot(app: DeskApp, slot: SlotView, place: PlaceView | None, known: Facts) -> int | None:
    """Ask what changes on a slot and why, and change it; None when the person left."""
    if slot.shift_id is None or slot.ends_at <= clock.now():
        raise Refused(N_("What has passed never changes."))
    shift_id = slot.shift_id

    async def save(values: Mapping[str, Any]) -> int:
        change = NewChange(
            values["kind"],
            person_out=values["out"],
            person_in=values["into"],
            shift_id=shift_id,
            post=values.get("post") or _post_of(slot, values["out"]),
            from_at=values["from_at"],
            to_at=values["to_at"],
        )
        return await app.desk.ask(roster.edit, shift_id, change, reason=values["reason"])

    spec = FormSpec(
        f"roster.edit:{shift_id}",
        N_("Change {day}, {shift}"),
        _edit_fields(app, slot, known),
        more=_part_fields(),
        hint=N_("On now: {names}. The change holds through every later plan, and everybody concerned is told."),
        words={"day": words.long_day(slot.day), "shift": pick(slot.title), "names": words.people_words(slot)},
    )
    made: int | None = await app.ask_form(spec, _edit_initial(slot, place), save)
    if made is not None:
        app.say(_("{day}, {shift} is changed.", day=words.long_day(slot.day), shift=pick(slot.title)), "done")
    return made


def _edit_initial(slot: SlotView, place: PlaceView | None) -> dict[str, Any]:
    held = [each.person_id for each in slot.people]
    out = place.person_id if place is not None and place.person_id is not None else held[0] if held else None
    empty = not held or (place is not None and place.person_id is None)
    return {
        "kind": ChangeKind.ADD if empty else ChangeKind.REPLACE,
        "out": out,
        "post": place.post if place is not None and empty else None,
    }


def _post_of(slot: SlotView, person_id: int | None) -> str:
    return next((place.post for place in slot.people if place.person_id == person_id), "")


def _edit_fields(app: DeskApp, slot: SlotView, known: Facts) -> list[Field]:
    held = {place.person_id: place for place in slot.people}
    kinds = [(ChangeKind.ADD, N_("One more comes"))]
    fields: list[Field] = []
    if held:
        kinds = [(ChangeKind.REPLACE, N_("Somebody else comes")), *kinds, (ChangeKind.REMOVE, N_("Somebody goes"))]
        on = [Option(person_id, place.label) for person_id, place in held.items()]
        fields.append(Choice("out", N_("Who goes"), on, required=True, shown_when=lambda v: _kind(v) != "add"))
    fields.insert(0, Choice("kind", N_("What"), kinds, required=True))
    candidates, against = _who_could_come(app, slot)
    fields.append(
        Pick(
            "into",
            N_("Who comes"),
            candidates,
            required=True,
            mark_first=True,
            watch=against,
            shown_when=lambda v: _kind(v) != "remove",
        )
    )
    if known.posts:
        posts = [Option(key, label) for key, label in known.posts.items()]
        fields.append(Choice("post", N_("As"), posts, shown_when=lambda v: _kind(v) == "add"))
    fields.append(Text("reason", N_("Why"), required=True, limit=REASON_LIMIT))
    return fields


def _kind(values: Mapping[str, Any]) -> str:
    return str(values.get("kind") or "replace")


def _who_could_come(app: DeskApp, slot: SlotView) -> tuple[Any, Any]:
    """Return two callables: who could come, the best first, then the others; and what speaks against the chosen one."""
    from dutydesk.services import covers

    on = {place.person_id for place in slot.people}
    out = next((place.person_id for place in slot.people), None)
    concerns: dict[int, str] = {}

    async def candidates() -> list[Option]:
        ranked = await app.desk.ask(covers.propose, slot.shift_id or 0, instead_of=out)
        free = [each for each in ranked if each.person.id not in on]
        found = [
            Option(each.person.id, each.person.label, _(", ").join(said(one) for one in each.concerns or each.reasons))
            for each in free
        ]
        concerns.update((option.value, option.note) for option, each in zip(found, free, strict=True) if each.concerns)
        known = {option.value for option in found} | on
        for person in await app.desk.ask(people.everyone):
            if person.active and person.role is not Role.READER and person.id not in known:
                note = word(person.role) if person.role is Role.SUPERVISOR else _("not free at that time")
                found.append(Option(person.id, person.label, note))
                if person.role is not Role.SUPERVISOR:
                    concerns[person.id] = note
        return found

    async def against(values: Mapping[str, Any]) -> list[str]:
        text = concerns.get(values.get("into") or 0)
        return [text] if text else []

    return candidates, against


def _part_fields() -> list[Field]:
    hours = N_("empty: the whole shift")
    return [
        Moment("from_at", N_("Only from"), ahead=True, strict=False, help=hours),
        Moment("to_at", N_("Only until"), ahead=True, strict=False, help=hours),
    ]


# --- taking a change back -------------------------------------------------------------------------------------------


async def withdraw(app: DeskApp, day: date, slot: SlotView | None) -> bool:
    """Let a change of a day be chosen, ask why it is taken back, and do so."""
    changes = await app.desk.ask(roster.changes, day, day)
    if slot is not None:
        changes = [change for change in changes if change.shift_kind == slot.kind]
    if not changes:
        raise NotFound(N_("No change stands on this day."))
    change: ChangeLine | None = changes[0]
    if len(changes) > 1:
        change = await app.choose(N_("Which change"), [(each, change_words(each)) for each in changes])
    if change is None:
        return False
    if change.source is not ChangeSource.HAND:
        raise Refused(N_("This change comes from a {source}: take that back instead."), source=change.source)
    change_id = change.id

    async def save(values: Mapping[str, Any]) -> bool:
        await app.desk.ask(roster.withdraw, change_id, values["reason"])
        return True

    spec = FormSpec(
        f"roster.withdraw:{change_id}",
        N_("Take change {number} back"),
        [Text("reason", N_("Why"), required=True, limit=REASON_LIMIT)],
        hint=N_("{change}. The shift is again what it was planned to be, and everybody concerned is told."),
        save_label=N_("Take back"),
        words={"number": change_id, "change": change_words(change)},
    )
    done = await app.ask_form(spec, {}, save)
    if done:
        app.say(_("Change {number} is taken back.", number=change_id), "done")
    return bool(done)


def change_words(change: ChangeLine) -> str:
    """Return a change in one line: `Eng. C replaces Eng. A (by hand): at the dentist`."""
    out, into = (pick(label) if label else "" for label in (change.out, change.into))
    if change.kind is ChangeKind.REPLACE:
        what = _("{into} instead of {out}", into=into, out=out)
    elif change.kind is ChangeKind.ADD:
        what = _("{into} comes as well", into=into)
    else:
        what = _("{out} goes", out=out)
    if change.from_at is not None or change.to_at is not None:
        begin = times.hhmm(change.from_at) if change.from_at is not None else ""
        end = times.hhmm(change.to_at) if change.to_at is not None else ""
        what = f"{what} {begin}{marks.DASH}{end}"
    return _("{what} ({source}): {reason}", what=what, source=word(change.source), reason=change.reason)


# --- planning and history -------------------------------------------------------------------------------------------


async def plan(app: DeskApp, day: date) -> None:
    """Ask which days to plan, and show the plan before it is published."""
    from dutydesk.ui.actions.roster_plan import plan_days

    await plan_days(app, day)


async def show_versions(app: DeskApp) -> None:
    """Show what was published, the newest first."""
    from dutydesk.ui.screens.roster_versions import RosterVersionsScreen

    await app.push_screen(RosterVersionsScreen())


async def show_day(app: DeskApp, day: date) -> None:
    """Go to a day of the roster from wherever one is."""
    await app.goto("roster")
    screen: Any = app.shown
    screen.go_to(day)
