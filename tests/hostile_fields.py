"""Every field of the product that takes text, how it is written, and a desk full of hostile text.

`FIELDS` is checked against the services: a use case that gains a text parameter fails the tests until it stands here.
"""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import pkgutil
import typing
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from dutydesk import services
from dutydesk.domain import clock
from dutydesk.domain.deadlines import Grade
from dutydesk.domain.handover import Written
from dutydesk.domain.incidents import Kind, Mode, Source
from dutydesk.domain.priority import Impact, Urgency
from dutydesk.domain.rounds import Found
from dutydesk.services import (
    allowance,
    attendance,
    backups,
    core,
    handover,
    handover_duty,
    incidents,
    log,
    measures,
    people,
    roster,
    round_sheet,
    rounds,
)
from dutydesk.services.core import Actor
from dutydesk.services.incidents import IncidentView, NewIncident
from dutydesk.services.measures import NewMeasure
from dutydesk.storage import engine
from dutydesk.storage.models.backups import BackupJob
from dutydesk.storage.models.handover import Thing
from dutydesk.storage.models.rounds import CheckItem, Equipment, Round
from dutydesk.storage.models.shift import Assignment, DutyShift
from tests import hostile_office
from tests.hostile import EVERYTHING, NOTHING, POISON, bundles
from tests.hostile_office import OFFICE
from tests.services.conftest import PIN, moment

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFCilWWATb3g6ZHc39WlIeKc1yroLsIC34EsOfoWZO/p"
"""A public key; its private half was never kept."""


class World:
    """A desk on which everything can be done: Eng. A on the day shift and signed in, Eng. B on the night after it."""

    def __init__(self) -> None:
        self.a, self.b, self.chief = (self.actor(login) for login in ("eng-a", "eng-b", "chief"))
        day = DutyShift.get((DutyShift.starts_at <= clock.now()) & (DutyShift.ends_at > clock.now()))
        night = DutyShift.select().where(DutyShift.starts_at >= day.ends_at).order_by(DutyShift.starts_at).first()
        for who, shift in ((self.a, day), (self.b, night)):
            Assignment.update(person=who.person_id).where(Assignment.shift == shift).execute()
        attendance.sign_in(self.a, PIN)
        self.count = 0
        self.due_at = clock.now() - 600
        self.signed = self.minute = 0

    @staticmethod
    def actor(login: str) -> Actor:
        """Return a person at a console."""
        return people.identify(login, host="console", terminal="pts/1", console=f"console-{login}")

    def incident(self, **facts: Any) -> IncidentView:
        """Return a new incident."""
        return incidents.open_incident(self.a, NewIncident(**({"title": "Core switch SW1 down"} | facts)))

    def resolved(self, **facts: Any) -> int:
        """Return an incident that is solved."""
        return incidents.resolve(self.a, self.incident(**facts).id, "replaced").id

    def measure(self) -> int:
        """Return a measure in force."""
        return measures.open_measure(self.a, NewMeasure("UPS-2 on bypass")).line.id

    def round(self, kind: str = "check") -> tuple[int, int]:
        """Return a round that is due, and an item of it of a kind."""
        item = CheckItem.get(CheckItem.kind == kind)
        due = Round.get_or_none((Round.checklist == item.checklist_id) & (Round.due_at == self.due_at))
        return (due.id if due else self._planned(item.checklist_id, self.due_at)), item.id

    def _planned(self, checklist_id: int, due_at: int, *, lasts: int = 3600) -> int:
        shift = Round.select().order_by(Round.id).first().shift_id
        late = due_at + lasts // 2
        row = core.create(
            Round, checklist=checklist_id, shift=shift, due_at=due_at, late_at=late, missed_at=due_at + lasts
        )
        core.record(self.a, "round.planned", row)
        return int(row.id)

    def missed(self) -> int:
        """Return a round of before that nobody walked."""
        self.count += 1
        first = CheckItem.select().order_by(CheckItem.id).first()
        return self._planned(first.checklist_id, self.due_at - self.count * 60 - 7200, lasts=2)

    def steps(self, text: str = "goes on") -> dict[str, str]:
        """Return a next step for everything that asks for one."""
        draft = handover.draft(self.a)
        assert draft is not None
        return {item.key: text for item in draft.items if item.step_required}

    def prepared(self, *, steps: str = "goes on", notes: str = "") -> handover.HandoverView:
        """Return the handover, signed by Eng. A; what was prepared before goes back first."""
        standing = handover.standing(self.b)
        if standing is not None and standing.view is not None:
            handover.give_back(self.b, standing.line.id or 0, "once more")
        counted = {f"thing:{thing.code}": thing.expected for thing in Thing.select()}
        said = {"other": notes} if notes else {}
        return handover.prepare(self.a, PIN, Written(steps=self.steps(steps), counts=counted, notes=said))


Write = Callable[[World, str], object]


@dataclasses.dataclass(frozen=True)
class Field:
    """A parameter that takes text: where it is kept (`table.column`), and how a person writes it.

    `empty` says that nothing may be written; `once` that it can be written only once on a desk.
    """

    kept: str
    write: Write
    empty: bool = False
    once: bool = False

    def texts(self) -> list[tuple[str, list[str]]]:
        """Return what to write, each with what must stand in the record afterwards."""
        made = bundles(40 if self.kept.startswith("person.") else 110)
        return made[:1] if self.once else made


def _added(world: World, reason: str) -> int:
    """Add somebody to a shift ahead; what was added before goes first."""
    ahead = DutyShift.get((DutyShift.day == "2026-12-10") & (DutyShift.kind == "day"))
    for standing in roster.changes(world.chief, date(2026, 12, 10), date(2026, 12, 10)):
        roster.withdraw(world.chief, standing.id, "over")
    free = next(each for each in (world.a, world.b) if each.person_id not in handover_duty.planned(ahead))
    return roster.edit(world.chief, ahead.id, roster.NewChange("add", person_in=free.person_id), reason=reason)


def _published(world: World, note: str) -> object:
    day = date(2026, 12, 20)
    return roster.publish(world.chief, PIN, day, day, note, roster.propose(world.chief, day, day).token)


def _named(world: World) -> str:
    world.count += 1
    return f"person-{world.count}"


def _add(world: World, **facts: Any) -> object:
    return people.add(world.chief, _named(world), facts.pop("name", "Eng. X"), "engineer", **facts)


def _keyed(text: str) -> str:
    """Return a public key with the text as its comment; nothing where the text is nothing."""
    return text if text in NOTHING.values() else f"{KEY} {text}"


def _new(name: str) -> Write:
    return lambda world, text: world.incident(**{name: text})


def _edit(name: str) -> Write:
    def write(world: World, text: str) -> object:
        seen = world.incident()
        return incidents.edit(world.a, seen.id, NewIncident(**({"title": "x"} | {name: text})), version=seen.version)

    return write


def _dispatch(world: World, text: str) -> object:
    seen = incidents.dispatch(world.a, world.incident().id, Mode.ON_SITE, name="Vendor")
    return incidents.done(world.a, seen.id, seen.dispatches[-1].id, text)


def _extend(world: World, text: str) -> object:
    return measures.extend(world.a, world.measure(), clock.now() + 3600, text)


def _edit_measure(**facts: Any) -> Any:
    def write(world: World, text: str) -> object:
        key = world.measure()
        version = measures.view(world.a, key).line.version
        values = {name: text if value is None else value for name, value in facts.items()}
        return measures.edit(world.a, key, NewMeasure(**values), version=version)

    return write


def _noted(world: World, text: str) -> object:
    row, item = world.round()
    round_sheet.answer(world.a, row, item, Found.ABNORMAL)
    return round_sheet.add_note(world.a, row, item, text)


def _service(world: World, text: str) -> object:
    thing = Equipment.select().first()
    return rounds.set_in_service(world.chief, thing.id, not thing.in_service, text)


def _restore(world: World, text: str) -> object:
    job = BackupJob.select().first()
    return backups.restore_test(world.a, job.id, at=clock.now() - 600, minutes=5, worked=False, note=text)


def _words(world: World, text: str) -> object:
    view = world.prepared()
    return handover.read_back(world.b, view.line.id or 0, view.items[0].id, text)


def _relieve(world: World, text: str) -> object:
    with clock.frozen(moment("2026-11-22 20:20")):
        if world.b.person_id not in attendance.signed_in(handover.standing(world.b).line.to_shift.id):  # type: ignore[union-attr]
            attendance.sign_in(world.b, PIN)
        return handover.relieve(world.b, PIN, text)


def _leave(world: World, text: str) -> object:
    if world.a.person_id not in attendance.signed_in(handover.standing(world.a).line.from_shift.id):  # type: ignore[union-attr]
        attendance.sign_in(world.a, PIN)
    return attendance.sign_out(world.a, PIN, reason=text)


RATES = 'name = "ours"\ncurrency = "CNY"\n[[rule]]\nper_shift = "{amount}.00"\n'


def _freeze(world: World, text: str) -> object:
    """Freeze a month anew, by rates that differ from those before."""
    world.count += 1
    allowance.set_rates(world.chief, RATES.format(amount=world.count), date(2026, 11, 1))
    with clock.frozen(moment("2026-11-23 09:00")):
        return allowance.freeze(world.chief, PIN, "2026-11", reason=text, fresh=True, unfinished=True)


FIELDS: dict[str, Field] = {
    "allowance.freeze.reason": Field("allowance_month.reason", _freeze),
    "attendance.sign_out.reason": Field("attendance.reason", _leave),
    "backups.check.note": Field(
        "backup_check.note", lambda world, text: backups.check(world.a, BackupJob.select().first().id, None, note=text)
    ),
    "backups.restore_test.note": Field("restore_test.note", _restore),
    "handover.give_back.reason": Field(
        "handover.return_reason",
        lambda world, text: handover.give_back(world.b, world.prepared().line.id or 0, text),
    ),
    "handover.prepare.written.steps": Field(
        "handover_item.next_step", lambda world, text: world.incident() and world.prepared(steps=text)
    ),
    "handover.prepare.written.notes": Field(
        "handover_item.title", lambda world, text: world.prepared(notes=text), empty=True
    ),
    "handover.read_back.words": Field("handover_answer.words", _words),
    "handover.relieve.reason": Field("handover.relief_reason", _relieve, once=True),
    "incident_end.close.told": Field(
        "incident_event.text",
        lambda world, text: incidents.close(world.a, world.resolved(source=Source.EXTERNAL), text),
    ),
    "incident_end.reopen.reason": Field(
        "incident_event.text", lambda world, text: incidents.reopen(world.a, world.resolved(), text)
    ),
    "incident_end.resolve.solution": Field(
        "incident.solution", lambda world, text: incidents.resolve(world.a, world.incident().id, text)
    ),
    "incident_facts.change_priority.reason": Field(
        "incident_event.text",
        lambda world, text: incidents.change_priority(world.a, world.incident().id, Impact.HIGH, Urgency.HIGH, text),
    ),
    "incident_facts.edit.new.title": Field("incident.title", _edit("title")),
    "incident_facts.edit.new.detail": Field("incident.detail", _edit("detail"), empty=True),
    "incident_facts.edit.new.caller": Field("incident.caller", _edit("caller"), empty=True),
    "incident_facts.edit.new.contact": Field("incident.contact", _edit("contact"), empty=True),
    "incident_facts.edit.new.location": Field("incident.location", _edit("location"), empty=True),
    "incident_facts.plan.next_step": Field(
        "incident.next_step",
        lambda world, text: incidents.plan(world.a, world.incident().id, next_step=text),
        empty=True,
    ),
    "incident_facts.report.text": Field(
        "incident_event.text",
        lambda world, text: incidents.report(
            world.a, world.incident(kind=Kind.SECURITY, security_grade=Grade.II).id, text
        ),
    ),
    "incident_new.open_incident.new.title": Field("incident.title", _new("title")),
    "incident_new.open_incident.new.detail": Field("incident.detail", _new("detail"), empty=True),
    "incident_new.open_incident.new.caller": Field("incident.caller", _new("caller"), empty=True),
    "incident_new.open_incident.new.contact": Field("incident.contact", _new("contact"), empty=True),
    "incident_new.open_incident.new.location": Field("incident.location", _new("location"), empty=True),
    "incident_new.open_incident.new.next_step": Field("incident.next_step", _new("next_step"), empty=True),
    "incident_work.dispatch.name": Field(
        "dispatch.who", lambda world, text: incidents.dispatch(world.a, world.incident().id, Mode.PHONE, name=text)
    ),
    "incident_work.dispatch.text": Field(
        "incident_event.text",
        lambda world, text: incidents.dispatch(world.a, world.incident().id, Mode.PHONE, name="Vendor", text=text),
        empty=True,
    ),
    "incident_work.done.result": Field("dispatch.result", _dispatch),
    "incident_work.note.text": Field(
        "incident_event.text", lambda world, text: incidents.note(world.a, world.incident().id, text)
    ),
    "log.correct.text": Field(
        "log_entry.text", lambda world, text: log.correct(world.a, log.write(world.a, "visiter").id, text, "a slip")
    ),
    "log.correct.reason": Field(
        "log_entry.reason", lambda world, text: log.correct(world.a, log.write(world.a, "visiter").id, "visitor", text)
    ),
    "log.write.text": Field("log_entry.text", lambda world, text: log.write(world.a, text)),
    "measures.close_measure.note": Field(
        "measure.closing_note", lambda world, text: measures.close_measure(world.a, world.measure(), text)
    ),
    "measures.edit.new.title": Field("measure.title", _edit_measure(title=None)),
    "measures.edit.new.detail": Field("measure.detail", _edit_measure(title="x", detail=None), empty=True),
    "measures.extend.reason": Field("log_entry.text", _extend),
    "measures.open_measure.new.title": Field(
        "measure.title", lambda world, text: measures.open_measure(world.a, NewMeasure(text))
    ),
    "measures.open_measure.new.detail": Field(
        "measure.detail", lambda world, text: measures.open_measure(world.a, NewMeasure("x", detail=text)), empty=True
    ),
    "people.add.name": Field("person.name", lambda world, text: _add(world, name=text)),
    "people.add.name_en": Field("person.name_en", lambda world, text: _add(world, name_en=text), empty=True),
    "people.add.os_user": Field("person.os_user", lambda world, text: _add(world, os_user=text), empty=True),
    "people.add.ssh_key": Field("person.ssh_key", lambda world, text: _add(world, ssh_key=_keyed(text)), empty=True),
    "people.set_key.ssh_key": Field(
        "person.ssh_key", lambda world, text: people.set_key(world.chief, "eng-b", _keyed(text)), empty=True
    ),
    "round_sheet.add_note.note": Field("round_answer.note", _noted),
    "round_sheet.answer.text": Field(
        "round_answer.text", lambda world, text: round_sheet.answer(world.a, *world.round("text"), text=text)
    ),
    "round_sheet.answer.note": Field(
        "round_answer.note",
        lambda world, text: round_sheet.answer(world.a, *world.round(), Found.ABNORMAL, note=text),
        empty=True,
    ),
    "round_sheet.skip.reason": Field(
        "round_answer.note", lambda world, text: round_sheet.skip(world.a, *world.round(), text)
    ),
    "roster.edit.reason": Field("roster_change.reason", _added),
    "roster.publish.note": Field("roster_version.note", _published, empty=True),
    "roster.withdraw.reason": Field(
        "log_entry.text", lambda world, text: roster.withdraw(world.chief, _added(world, "x"), text)
    ),
    "rounds.explain_missed.reason": Field(
        "round.reason", lambda world, text: rounds.explain_missed(world.a, world.missed(), text)
    ),
    "rounds.set_in_service.reason": Field("log_entry.text", _service),
}
FIELDS |= {name: Field(kept, write, empty) for name, (kept, write, empty) in OFFICE.items()}
"""Every text that people write, by the use case and the parameter that takes it."""
NOT_FREE = {
    "allowance.freeze.month",
    "allowance.freeze.pin",
    "allowance.freeze.seen",
    "allowance.set_rates.source",
    "allowance.set_rates.text",
    "attendance.sign_in.pin",
    "attendance.sign_out.pin",
    "calendar.import_calendar.source",
    "calendar.import_calendar.text",
    "desk.init.spec.lang",
    "desk.init.spec.name",
    "desk.init.spec.name_en",
    "desk.init.spec.policy",
    "desk.init.spec.zone",
    "desk.keep_calendar.calendar.name",
    "drafts.drop.form",
    "drafts.keep.data",
    "drafts.keep.form",
    "drafts.keep_apart.data",
    "drafts.keep_apart.form",
    "drafts.keep_apart.mine",
    "handover.accept.pin",
    "handover.countersign.pin",
    "handover.prepare.pin",
    "handover.prepare.written.counts",
    "handover.prepare.written.systems",
    "handover.relieve.pin",
    "incident_end.merge.into",
    "incident_facts.edit.new.next_step",
    "log.correct.kind",
    "log.write.kind",
    "measures.edit.new.kind",
    "measures.open_measure.new.kind",
    "people.add.login",
    "people.add.pin",
    "people.add.posts",
    "people.add.role",
    "people.disable.login",
    "people.prefer.key",
    "people.prefer.value",
    "people.set_key.login",
    "people.set_pin.login",
    "people.set_pin.pin",
    "policy.adopt.source",
    "policy.adopt.text",
    "roster.edit.change.kind",
    "roster.edit.change.post",
    "roster.edit.change.reason",
    "roster.edit.change.shift_kind",
    "roster.publish.pin",
    "roster.publish.token",
    "settings.put.key",
    "settings.put.value",
}
NOT_FREE |= hostile_office.NOT_FREE
"""Texts that are compared, looked up or made by the program, and kept by no record; the desk's own name is tested
where desks are made."""


def text_parameters() -> Iterator[str]:
    """Yield every text that a writing use case takes, as `module.function.parameter[.field]`."""
    for module in pkgutil.iter_modules(services.__path__):
        importlib.import_module(f"{services.__name__}.{module.name}")
    for name, rule in sorted(core.RULES.items()):
        if not rule.writes or not name.startswith(f"{services.__name__}."):
            continue
        module_name, _dot, function = name.rpartition(".")
        hints = typing.get_type_hints(inspect.unwrap(getattr(importlib.import_module(module_name), function)))
        short = name.removeprefix(f"{services.__name__}.")
        for parameter, hint in hints.items():
            if parameter == "return" or hint is Actor:
                continue
            inside = typing.get_type_hints(hint) if dataclasses.is_dataclass(hint) else {"": hint}
            for field, kind in inside.items():
                if "str" in str(kind):
                    yield f"{short}.{parameter}.{field}".rstrip(".")


def fill(world: World) -> None:
    """Write hostile text into every field; the handover waits for its read-back at the end."""
    for name, field in FIELDS.items():
        if not field.once and name != "attendance.sign_out.reason":
            for typed, _kept in field.texts()[:2]:
                field.write(world, typed)
    view = world.prepared(steps=bundles(110)[0][0], notes=EVERYTHING)
    handover.read_back(world.b, view.line.id or 0, view.items[0].id, EVERYTHING)


def poison(path: Path) -> None:
    """Put raw control characters behind every text that people read, as an older program might have left them."""
    engine.disconnect()
    database = engine.peewee.sqlite3.connect(str(path))  # type: ignore[attr-defined]
    for (name,) in database.execute("select name from sqlite_master where type = 'trigger'").fetchall():
        database.execute(f'drop trigger "{name}"')
    kept = {field.kept for field in FIELDS.values()} - {"person.os_user"}
    shown = {"room.name", "room.name_en", "equipment.name", "equipment.name_en", "checklist.name", "checklist.name_en"}
    shown |= {"check_item.name", "check_item.name_en", "check_item.place", "check_item.hint", "check_item.unit"}
    shown |= {"backup_job.name", "backup_job.name_en", "thing.name", "thing.name_en", "person.name_en"}
    for place in sorted(kept | shown):
        table, _dot, column = place.partition(".")
        database.execute(f"update {table} set {column} = {column} || ? where {column} is not null", (POISON,))
    database.execute("update log_entry set message = null")
    database.commit()
    database.close()
