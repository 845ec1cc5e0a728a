"""Opening a round, explaining a missed one, incidents from an item, checks of copies and restore tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dutydesk.domain import backups as rules
from dutydesk.domain import clock
from dutydesk.domain.backups import Copy
from dutydesk.domain.errors import Invalid
from dutydesk.domain.people import Role
from dutydesk.domain.rounds import ItemKind
from dutydesk.domain.words import N_
from dutydesk.locale import _, pick, times
from dutydesk.locale import rounds as words
from dutydesk.services import backups, rounds
from dutydesk.services.backups import JobLine
from dutydesk.services.round_rows import AnswerView
from dutydesk.services.round_sheet import SheetItem
from dutydesk.services.rounds import RoundLine
from dutydesk.ui import marks
from dutydesk.ui.forms.spec import Area, Check, FormSpec, Moment, Number, Said, Text, Values

if TYPE_CHECKING:
    from dutydesk.ui.app import DeskApp


async def open_round(app: DeskApp, round_id: int) -> None:
    """Show the sheet of a round; one that can be walked is started, or gone on with, by this.

    A missed one whose reason nobody has given asks for it instead: there is nothing else left to do with it.
    """
    from dutydesk.ui.screens.round_sheet import RoundSheetScreen

    head = (await app.desk.ask(rounds.state, round_id)).head
    if head.unexplained and app.why_not_write() is None:
        await explain_missed(app, head)
        return
    if head.state.open and app.who is not None and app.who.role is not Role.READER:
        await app.desk.ask(rounds.start, round_id)
    screen = RoundSheetScreen(round_id)
    await app.push_screen(screen)
    await screen.loaded()


async def explain_missed(app: DeskApp, line: RoundLine) -> bool:
    """Ask why a round was missed; returns whether the person said it."""

    async def save(values: Mapping[str, Any]) -> RoundLine:
        return await app.desk.ask(rounds.explain_missed, line.id, values["reason"])

    spec = FormSpec(
        f"round.missed:{line.id}",
        N_("Why was {name} missed?"),
        [Text("reason", N_("Reason"), required=True, limit=rounds.REASON_LIMIT)],
        hint=N_("Due {time}. The reason goes into the log and the handover."),
        words={"name": pick(line.checklist), "time": times.when(line.due_at, clock.now())},
    )
    done = await app.ask_form(spec, {}, save)
    if done is not None:
        app.say(_("The reason is in the log."), "done")
    return done is not None


async def incident_from_item(app: DeskApp, head: RoundLine, item: SheetItem, answer: AnswerView | None) -> Any:
    """Open the incident form with what the item says: value, limit, equipment, place and the answer itself.

    An item without a thing of its own ("Temperature") names the round too: every room has one.
    """
    from dutydesk.domain.incidents import Source
    from dutydesk.ui.actions.incidents import new_incident

    title, place = incident_title(item, answer), pick(item.point.place)
    if item.point.equipment is None:
        title, place = (f"{pick(head.checklist)} {marks.DOT} {each}" for each in (title, place))
    return await new_incident(
        app,
        {
            "title": title,
            "detail": incident_detail(item, answer),
            "source": Source.ROUND,
            "location": place,
            "equipment": item.point.equipment_id,
            "answer_id": answer.id if answer else None,
        },
    )


def incident_title(item: SheetItem, answer: AnswerView | None) -> str:
    """Return the title of an incident from an item: `UPS-1 load 83 % warning (normal ≤ 80)`."""
    point = item.point
    name = pick(point.name)
    if answer is None:
        return name
    value = words.value_words(point, answer.found, answer.number, answer.text)
    normal = words.normal_words(answer.limits, wide=False)
    if normal and point.kind is ItemKind.NUMBER and answer.found.abnormal:
        return _("{name}: {value} (normal {normal})", name=name, value=value, normal=normal)
    return _("{name}: {value}", name=name, value=value)


def incident_detail(item: SheetItem, answer: AnswerView | None) -> str:
    """Return the facts of the item as the first lines of an incident."""
    point, lines = item.point, []
    if point.equipment is not None:
        lines.append(_("Equipment: {name}", name=pick(point.equipment)))
    if answer is not None and answer.note:
        lines.append(answer.note)
    if item.previous is not None:
        value = words.previous_words(point, item.previous)
        lines.append(_("Before: {value} ({time})", value=value, time=times.stamp(item.previous.at)))
    return "\n".join(lines)


async def change_service(app: DeskApp, item: SheetItem) -> bool:
    """Ask why a thing goes out of service, or comes back; returns whether it did."""
    point = item.point
    to = not point.in_service
    title = N_("{name} is back in service") if to else N_("Take {name} out of service")

    async def save(values: Mapping[str, Any]) -> bool:
        await app.desk.ask(rounds.set_in_service, point.equipment_id or 0, to, values["reason"])
        return True

    spec = FormSpec(
        None,
        title,
        [Text("reason", N_("Reason"), required=True, limit=rounds.REASON_LIMIT)],
        hint=N_("Rounds ask for it again.") if to else N_("Rounds leave it out until it is back; its history stays."),
        words={"name": pick(point.equipment) if point.equipment else pick(point.name)},
    )
    return bool(await app.ask_form(spec, {}, save))


# Backups


async def record_restore_test(app: DeskApp, job: JobLine) -> bool:
    """Ask for a practised restore of a job; returns whether it was recorded."""

    async def save(values: Mapping[str, Any]) -> JobLine:
        return await app.desk.ask(
            backups.restore_test,
            job.id,
            at=values["at"],
            minutes=values["minutes"],
            worked=values["worked"],
            note=values["note"],
        )

    spec = FormSpec(
        f"restore:{job.id}",
        N_("Restore test of {name}"),
        [
            Moment("at", N_("When"), required=True, default=clock.now),
            Number("minutes", N_("How long"), unit=_("min"), required=True, whole=True, low=0, high=100_000),
            Check("worked", N_("Did it work"), required=True),
            Area(
                "note", N_("Remark"), limit=backups.NOTE_LIMIT, help=N_("What was restored, where to, what went wrong")
            ),
        ],
        words={"name": pick(job.name)},
    )
    done = await app.ask_form(spec, {}, save)
    if done is not None:
        app.say(_("The restore test is recorded and in the log."), "done")
    return done is not None


async def record_check(app: DeskApp, job: JobLine) -> bool:
    """Ask what a check of a job's copy found, outside of a round; returns whether it was recorded."""

    async def save(values: Mapping[str, Any]) -> JobLine:
        copy = Copy(values["at"], _size(values["size"]), bool(values["verified"])) if values["there"] else None
        return await app.desk.ask(backups.check, job.id, copy, note=values["note"])

    def there(values: Values) -> bool:
        return bool(values["there"])

    def grown(values: Values) -> Said | None:
        try:
            size = _size(values["size"])
        except Invalid:
            return None
        change = rules.growth(size, job.size)
        return None if change is None else Said(_("{change} against the last", change=words.growth_words(change)))

    spec = FormSpec(
        f"backup-check:{job.id}",
        N_("Check of {name}"),
        [
            Check("there", N_("Is a good copy there"), required=True),
            Moment("at", N_("Copy of"), required=True, shown_when=there),
            Text("size", N_("Size"), limit=30, shown_when=there, live=grown, help=N_("120 (GB), 1.5 TB, 800 MB")),
            Check("verified", N_("Verified"), required=True, shown_when=there),
            Area("note", N_("Remark"), limit=backups.NOTE_LIMIT, help=N_("Needed when it is not good")),
        ],
        words={"name": pick(job.name)},
    )
    done = await app.ask_form(spec, {"at": job.expected_at}, save)
    if done is not None:
        app.say(_("The check is recorded."), "done")
    return done is not None


def _size(text: str | None) -> int | None:
    return rules.size_of(text, field="size") if text and text.strip() else None
