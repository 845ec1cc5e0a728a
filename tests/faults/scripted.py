"""A scripted shift through the services that goes on and on, whoever killed it before.

Every action is announced, done, and confirmed with what must stand in the desk from then on: the rows it wrote by
their content, and the head of the chain. The script holds nothing in memory that it needs: begun again on the same
desk it reads from the desk where it stands.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from dutydesk.domain import clock
from dutydesk.domain.backups import Copy
from dutydesk.domain.handover import Status, Written
from dutydesk.domain.rounds import CheckPoint, Found, ItemKind, RoundState
from dutydesk.services import (
    attendance,
    handover,
    handover_duty,
    incidents,
    log,
    measures,
    people,
    planning,
    round_sheet,
    rounds,
    shift,
)
from dutydesk.services.core import SYSTEM, Actor
from dutydesk.services.round_lines import RoundLine
from dutydesk.storage import chain, engine
from dutydesk.storage.engine import db
from dutydesk.storage.models.attendance import Attendance
from dutydesk.storage.models.handover import HandoverAnswer, HandoverItem, HandoverSheet, Thing
from dutydesk.storage.models.incidents import IncidentEvent
from dutydesk.storage.models.people import Person
from dutydesk.storage.models.rounds import RoundAnswer
from dutydesk.storage.models.shift import DutyShift
from tests.services.conftest import PIN, START

Fact = tuple[str, int, dict[str, Any]]
"""A row that was confirmed: its table, its id, and what stands in some of its columns."""
LEAVE = 600
"""Seconds before the end of a shift from which its handover is prepared."""


@dataclass(frozen=True)
class Confirmed:
    """One action that came back from the service: its name, the head of the chain then, the rows it wrote."""

    action: str
    head: tuple[int, str]
    facts: tuple[Fact, ...]

    @classmethod
    def from_line(cls, line: str) -> Confirmed:
        """Read what the script said."""
        said = json.loads(line)
        seq, digest = said["head"]
        return cls(said["action"], (seq, digest), tuple((table, key, values) for table, key, values in said["facts"]))


class Script:
    """The people of one desk at work; `say` hears each confirmed action as one line."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        newest = db.execute_sql("select max(at) from audit_entry").fetchall()[0][0]
        self._now = max(START, newest) + 1
        clock.use(lambda: self._now)
        self._count = chain.head()[0]

    def go_on(self) -> None:
        """Work through shift after shift, for ever."""
        while True:
            if DutyShift.select().where(DutyShift.starts_at > self._now).count() < 3:
                planning.extend(SYSTEM)
            self._one_shift()

    def jump(self, seconds: int) -> None:
        """Set the clock forward or back."""
        self._now += seconds

    def _did(self, action: str, *facts: Fact) -> None:
        """Confirm an action; a minute passes."""
        self._say(json.dumps({"action": action, "head": chain.head(), "facts": facts}, ensure_ascii=False))
        self._now += 60

    def _text(self, what: str) -> str:
        """Return a text that stands nowhere else."""
        self._count += 1
        return f"{what} 第{self._count}次 “{self._now}”"

    def _one_shift(self) -> None:
        now = shift.current(SYSTEM)
        assert now is not None
        row = DutyShift.get_by_id(now.id)
        who = self._of(row)
        self._begin(row, who)
        for step in (self._log, self._incident, self._measure, self._round):
            if self._now < row.ends_at - 2 * LEAVE:
                step(who)
        self._now = max(self._now, row.ends_at - LEAVE)
        self._prepare(who)
        self._now = max(self._now, row.ends_at + 60)

    @staticmethod
    def _of(row: DutyShift) -> Actor:
        planned = sorted(handover_duty.planned_at(row, row.starts_at))
        login = Person.get_by_id(planned[0]).login
        return people.identify(login, host="console", terminal="pts/1", console=f"console-{login}")

    # Coming and going

    def _begin(self, row: DutyShift, who: Actor) -> None:
        """Sign in, take over, and let the one before sign out."""
        if who.person_id not in handover_duty.signed_in(row.id):
            signed = attendance.sign_in(who, PIN)
            self._did("sign in", self._signed(signed.id))
        earlier = handover_duty.before(row)
        if earlier is None:
            return
        outgoing = self._of(earlier)
        if not handover_duty.is_sealed(earlier) and handover_duty.must_be_accepted(earlier, row):
            self._take_over(who, outgoing)
        if outgoing.person_id != who.person_id and outgoing.person_id in handover_duty.signed_in(earlier.id):
            signed = attendance.sign_out(outgoing, PIN)
            self._did("sign out", self._signed(signed.id))

    @staticmethod
    def _signed(row_id: int) -> Fact:
        row = Attendance.get_by_id(row_id)
        return ("attendance", row_id, {"kind": row.kind, "at": row.at, "person_id": row.person_id})

    def _prepare(self, who: Actor) -> None:
        standing = handover.standing(who)
        if standing is None or standing.part != "outgoing" or standing.view is not None:
            return
        draft = handover.draft(who)
        assert draft is not None
        steps = {item.key: self._text("next") for item in draft.items if item.step_required}
        counts = {f"thing:{thing.code}": thing.expected for thing in Thing.select()}
        view = handover.prepare(who, PIN, Written(steps=steps, counts=counts, notes={"other": self._text("note")}))
        row_id = view.line.id or 0
        items = HandoverItem.select().where(HandoverItem.handover == row_id).order_by(HandoverItem.id)
        facts = [("handover_item", item.id, {"title": item.title, "next_step": item.next_step}) for item in items]
        self._did("prepare", *facts)

    def _take_over(self, who: Actor, outgoing: Actor) -> None:
        standing = handover.standing(who)
        if standing is not None and standing.view is None:
            self._prepare(outgoing)
            standing = handover.standing(who)
        view = standing.view if standing is not None else None
        if view is None:
            return
        row_id = view.line.id or 0
        if view.line.status is Status.PREPARED:
            for item in view.unanswered:
                words = self._text("understood")
                handover.read_back(who, row_id, item.id, words)
                newest = HandoverAnswer.select().order_by(HandoverAnswer.id.desc()).first()
                self._did("read back", ("handover_answer", newest.id, {"words": words, "item_id": item.id}))
        sealed = handover.accept(who, PIN, row_id)
        sheet = HandoverSheet.get(HandoverSheet.handover == row_id)
        self._did("accept", ("handover_sheet", sheet.id, {"digest": sealed.digest, "chain_head": sealed.chain_head}))

    # The work

    def _log(self, who: Actor) -> None:
        text = self._text("Vendor 李工 in room A")
        line = log.write(who, text)
        self._did("log", ("log_entry", line.id, {"text": text}))
        better = self._text("Vendor 李工 in room B")
        corrected = log.correct(who, line.id, better, "room")
        self._did("correct", ("log_entry", corrected.id, {"text": better}), ("log_entry", line.id, {"text": text}))

    def _incident(self, who: Actor) -> None:
        title = self._text("Core switch SW1 down")
        incident = incidents.open_incident(who, incidents.NewIncident(title=title)).id
        self._did("open", ("incident", incident, {"title": title}), *self._events(incident))
        incidents.acknowledge(who, incident)
        self._did("acknowledge", *self._events(incident))
        text = self._text("called the vendor")
        incidents.note(who, incident, text)
        self._did("note", *self._events(incident))
        solution = self._text("line card replaced")
        incidents.resolve(who, incident, solution)
        self._did("resolve", ("incident", incident, {"solution": solution}), *self._events(incident))
        incidents.close(who, incident, self._text("told"))
        self._did("close", ("incident", incident, {"status": "closed"}), *self._events(incident))

    @staticmethod
    def _events(incident: int) -> Iterator[Fact]:
        for row in IncidentEvent.select().where(IncidentEvent.incident == incident):
            yield "incident_event", row.id, {"kind": row.kind, "text": row.text, "at": row.at}

    def _measure(self, who: Actor) -> None:
        title = self._text("UPS-2 on bypass")
        measure = measures.open_measure(who, measures.NewMeasure(title)).line.id
        self._did("measure", ("measure", measure, {"title": title}))
        measures.extend(who, measure, self._now + 7200, self._text("part is late"))
        self._did("extend", ("measure", measure, {"until": self._until(measure)}))
        note = self._text("sensor replaced")
        measures.close_measure(who, measure, note)
        self._did("end of measure", ("measure", measure, {"closing_note": note, "closed_at": self._now}))

    @staticmethod
    def _until(measure: int) -> int | None:
        until: int | None = db.execute_sql(f"select until from measure where id = {measure}").fetchall()[0][0]
        return until

    def _round(self, who: Actor) -> None:
        """Walk the first round that may be walked now; one that somebody left half done is gone on with."""
        line = next((each for each in rounds.due_list(who) if each.state.open and self._in(each)), None)
        if line is None:
            return
        rounds.start(who, line.id)
        self._did("start", ("round", line.id, {"started_at": round_sheet.sheet(who, line.id).state.head.started_at}))
        sheet = round_sheet.sheet(who, line.id)
        for item in sheet.items:
            if item.point.code not in sheet.state.answers and item.point.in_service:
                self._answer(who, line.id, item.point)
        rounds.finish(who, line.id)
        self._did("finish", ("round", line.id, {"status": "finished"}))

    def _in(self, line: RoundLine) -> bool:
        """Whether a round may be walked now: within its window, or begun already."""
        begun = line.state in (RoundState.STARTED, RoundState.PAUSED)
        return begun or line.window.opens_at <= self._now < line.missed_at

    def _answer(self, who: Actor, round_id: int, point: CheckPoint) -> None:
        note = self._text("seen")
        given: dict[str, Any] = {
            ItemKind.CHECK: {"found": Found.OK},
            ItemKind.TEXT: {"text": self._text("nothing to note")},
            ItemKind.CHOICE: {"text": point.options[0].code if point.options else ""},
            ItemKind.BACKUP: {"copy": Copy(self._now - 3600, 10**9, True)},
        }.get(point.kind, {"number": 22.0})
        round_sheet.answer(who, round_id, point.id, note=note, **given)
        newest = RoundAnswer.select().where(RoundAnswer.round == round_id).order_by(RoundAnswer.id.desc()).first()
        self._did("answer", ("round_answer", newest.id, {"note": note, "item_id": point.id}))


def work(target: str, say: Callable[[str], None]) -> None:
    """Open the desk and work until somebody kills this process."""
    engine.connect(target)
    Script(say).go_on()


def missing(facts: Iterator[Fact]) -> list[Fact]:
    """Return the confirmed rows that the open desk does not hold as they were confirmed."""
    lost = []
    for table, key, values in facts:
        columns = ", ".join(f'"{name}"' for name in values)
        found = db.execute_sql(f'select {columns} from "{table}" where id = {key}').fetchall()
        if [tuple(row) for row in found] != [tuple(values.values())]:
            lost.append((table, key, values))
    return lost


HALF: dict[str, str] = {
    "an incident without its first event": "select id from incident where id not in (select incident_id from "
    "incident_event)",
    "a closed incident whose timeline does not say so": "select id from incident where status = 'closed' and id not in "
    "(select incident_id from incident_event where kind = 'closed')",
    "a handover that is signed and has no lines": "select id from handover where prepared_at is not null and id not in "
    "(select handover_id from handover_item)",
    "a sealed handover without its sheet": "select id from handover where sealed_at is not null and id not in "
    "(select handover_id from handover_sheet)",
    "a sheet without its seal": "select handover_id from handover_sheet where handover_id not in "
    "(select id from handover where sealed_at is not null)",
    "a round that is answered and was not started": "select round_id from round_answer where round_id not in "
    "(select id from round where started_at is not null)",
}
"""What one transaction writes together, and so must never stand there alone."""
