"""Incidents: when they come, how long they take, and who does what until they are closed."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import Any

from dutydesk.demo.world import DAY, HOUR, MINUTE, World, material
from dutydesk.domain import clock
from dutydesk.domain.incidents import Category, Kind, Mode, Source, answer_needed
from dutydesk.domain.priority import Impact, Priority, Urgency
from dutydesk.domain.rounds import CheckPoint
from dutydesk.services import incidents
from dutydesk.services.incident_new import NewIncident

PER_DAY = 3.9
WEEKDAYS = (1.4, 1.12, 1.0, 1.0, 1.12, 0.5, 0.42)
HOURS = (
    *(0.16, 0.12, 0.1, 0.1, 0.14, 0.25, 0.5, 1.0),
    *(2.3, 2.7, 2.2, 1.6, 0.9, 1.0, 1.8, 1.9),
    *(1.6, 1.3, 0.8, 0.6, 0.55, 0.45, 0.35, 0.25),
)
MONDAY_MORNING, MONTH_END = 1.5, 1.5
QUIET = 9 * HOUR
"""Before the present no P1 or P2 begins by chance: those of the present scene stand out."""
REOPENED, DUPLICATE, LATE_ENTRY = 0.035, 0.015, 0.2
LETTERS = {"high": "H", "medium": "M", "low": "L"}


@dataclass(frozen=True)
class Life:
    """What becomes of an incident: its template, priority, texts, and the place it happened at."""

    template: dict[str, Any]
    priority: Priority
    place: dict[str, str]
    caller: str = ""

    @property
    def needs_answer(self) -> bool:
        """Whether the caller must be told at the end."""
        return answer_needed(Kind(self.template.get("kind", "fault")), Source(self.template.get("source", "staff")))


class Troubles:
    """Every incident of the past that comes by chance, and those that a round finds."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.texts = material("incidents")
        self.from_rounds = material("rounds")["incidents"]
        self.found = material("rounds")["found"]
        at = world.begin + HOUR - world.begin % HOUR
        while at < world.now:
            self._hour(at)
            at += HOUR

    # When

    def rate(self, at: int) -> float:
        """Return how many incidents an hour brings."""
        moment = self.world.local(at)
        load = PER_DAY * WEEKDAYS[moment.weekday()] * HOURS[moment.hour] / sum(HOURS)
        if moment.weekday() == 0 and moment.hour in (8, 9, 10):
            load *= MONDAY_MORNING
        return load * (MONTH_END if self._month_end(at) else 1.0)

    def _month_end(self, at: int) -> bool:
        return self.world.local(at + 2 * DAY).day <= 3

    def _hour(self, at: int) -> None:
        world, chance = self.world, self.world.rng("hour", at)
        left = math.exp(-self.rate(at))
        draw = chance.random()
        while draw > left:
            begin = at + chance.randint(0, HOUR - 1)
            world.at(begin, self._begin, begin)
            draw *= chance.random()

    # What

    def _begin(self, at: int) -> None:
        world, chance = self.world, self.world.rng("incident", at)
        template = self._template(at, chance)
        life = self._life(template, chance)
        if life.priority.urgent and at > world.now - QUIET:
            return
        opened = at - chance.randint(3, 14) * MINUTE if chance.random() < LATE_ENTRY else None
        if opened is not None and opened < world.begin:
            opened = None
        incident_id = world.writer.open_incident(world.who(), self.new(life, opened_at=opened))
        self.live(incident_id, life, chance)
        if life.place and chance.random() < DUPLICATE:
            world.at(at + chance.randint(2, 6) * MINUTE, self._duplicate, incident_id, template)

    def _template(self, at: int, chance: random.Random) -> dict[str, Any]:
        moment = self.world.local(at)
        working = moment.weekday() < 5 and 8 <= moment.hour < 18
        end = self._month_end(at)
        bank = [each for each in self.texts["incident"] if working or each["hours"] == "any"]
        weights = [each["weight"] * (each.get("month_end", 1.0) if end else 1.0) for each in bank]
        return chance.choices(bank, weights)[0]

    def _life(self, template: dict[str, Any], chance: random.Random) -> Life:
        place = chance.choice(self.texts["places"]) if template.get("place") else {}
        caller = self.world.text(chance.choice(self.texts["external"])) if template.get("source") == "external" else ""
        priority = self.world.known.rules.priority(_impact(template), _urgency(template))
        return Life(template, priority, place, caller)

    def new(self, life: Life, *, opened_at: int | None = None, **more: Any) -> NewIncident:
        """Return what is written down when an incident is recorded."""
        template, text = life.template, self.world.text
        place = text(life.place) if life.place else ""
        equipment = template.get("equipment")
        values: dict[str, Any] = {
            "title": text(template["title"]).replace("{place}", place),
            "kind": Kind(template.get("kind", "fault")),
            "impact": _impact(template),
            "urgency": _urgency(template),
            "source": Source(template.get("source", "staff")),
            "detail": text(template["detail"]) if "detail" in template else "",
            "category": Category(template["category"]),
            "opened_at": opened_at,
            "caller": life.caller or place,
            "location": place,
            "equipment_id": self.world.known.equipment[equipment] if equipment else None,
        }
        return NewIncident(**(values | more))

    # From the report to the end

    def live(self, incident_id: int, life: Life, chance: random.Random, *, solved_at: int | None = None) -> None:
        """Plan the steps of an incident that has just been recorded."""
        world, now, template = self.world, clock.now(), life.template
        acknowledged = now + _wait(life.priority, chance, world.local(now).hour)
        solved = solved_at or self._solved_at(now, acknowledged, template, chance)
        solved = max(solved, acknowledged + 4 * MINUTE)
        world.at(acknowledged, self._acknowledge, incident_id)
        span = solved - acknowledged
        steps = [*template.get("notes", [])]
        if chance.random() < template.get("onsite", 0):
            task = self.world.text(template.get("detail", template["title"]))[:80]
            name = self.world.text(self._technician(template))
            world.at(acknowledged + span // 8, self._send, incident_id, name, task, span, template)
        else:
            mode = Mode.PHONE if chance.random() < 0.3 else Mode.REMOTE
            world.at(acknowledged + span // 8, self._start, incident_id, mode)
        for place, note in enumerate(steps):
            world.at(acknowledged + span * (place + 2) // (len(steps) + 3), self._note, incident_id, note)
        world.at(solved, self._resolve, incident_id, world.text(template["solution"]))
        self._plan_end(incident_id, life, solved, chance)

    def _solved_at(self, now: int, acknowledged: int, template: dict[str, Any], chance: random.Random) -> int:
        shortest, longest = template["minutes"]
        solved = max(acknowledged, now) + int(shortest + (longest - shortest) * chance.random() ** 2.2) * MINUTE
        hour = self.world.local(solved).hour
        if template["hours"] == "day" and not 7 <= hour < 21:
            solved += ((33 - hour) % 24) * HOUR + chance.randint(0, 90) * MINUTE
        return solved

    def _plan_end(self, incident_id: int, life: Life, solved: int, chance: random.Random) -> None:
        world = self.world
        soon = life.needs_answer and life.template.get("source") != "external"
        closed = solved + (chance.randint(4, 40) * MINUTE if soon else chance.randint(25, 1100) * MINUTE)
        answer = life.template.get("answer")
        told = world.text(answer) if life.needs_answer and answer else ""
        world.at(closed, self._close, incident_id, told)
        if chance.random() < REOPENED and world.now - closed > 3 * DAY:
            again = closed + chance.randint(40, 900) * MINUTE
            world.at(again, self._reopen, incident_id)
            fixed = again + chance.randint(25, 160) * MINUTE
            world.at(fixed, self._resolve, incident_id, world.text(life.template["solution"]))
            world.at(fixed + chance.randint(30, 300) * MINUTE, self._close, incident_id, told)

    def _technician(self, template: dict[str, Any]) -> dict[str, str]:
        by_category = {"network": 1, "application": 2, "database": 2, "storage": 3, "server": 3, "facility": 4}
        bank: list[dict[str, str]] = self.texts["technicians"]
        return bank[by_category.get(template["category"], 0)]

    def _acknowledge(self, incident_id: int) -> None:
        self.world.writer.acknowledge(self.world.who(), incident_id)

    def _start(self, incident_id: int, mode: Mode) -> None:
        self.world.writer.start(self.world.who(), incident_id, mode)

    def _note(self, incident_id: int, note: dict[str, str]) -> None:
        self.world.writer.note(self.world.who(), incident_id, self.world.text(note))

    def _send(self, incident_id: int, name: str, task: str, span: int, template: dict[str, Any]) -> None:
        world, now = self.world, clock.now()
        sent = world.writer.dispatch(world.who(), incident_id, name, task)
        world.at(now + min(span // 4, 35 * MINUTE), self._arrived, incident_id, sent)
        world.at(now + span * 5 // 6, self._done, incident_id, sent, world.text(template["solution"]))

    def _arrived(self, incident_id: int, dispatch_id: int) -> None:
        self.world.writer.arrived(self.world.who(), incident_id, dispatch_id)

    def _done(self, incident_id: int, dispatch_id: int, result: str) -> None:
        self.world.writer.done(self.world.who(), incident_id, dispatch_id, result)

    def _resolve(self, incident_id: int, solution: str) -> None:
        self.world.writer.resolve(self.world.who(), incident_id, solution)

    def _close(self, incident_id: int, told: str) -> None:
        self.world.writer.close(self.world.who(), incident_id, told)

    def _reopen(self, incident_id: int) -> None:
        reason = self.world.text(self.texts["reopened"])
        self.world.writer.other(incidents.reopen, self.world.who(), incident_id, reason)

    def _duplicate(self, incident_id: int, template: dict[str, Any]) -> None:
        """Somebody else reports the same thing; it goes on in the first one."""
        world, chance = self.world, self.world.rng("duplicate", incident_id)
        again = self.new(self._life(template, chance))
        twin = world.writer.open_incident(world.who(), again)
        world.writer.other(incidents.merge, world.who(), twin, incident_id)

    # Found on a round

    def from_round(self, name: str, point: CheckPoint, answer_id: int, value: object, until: int) -> None:
        """Record what a round found; it ends when the episode ends."""
        world, chance = self.world, self.world.rng("found", answer_id)
        template = {"source": "round", "hours": "any", "minutes": [60, 300], "kind": "fault", **self.from_rounds[name]}
        life = Life(template, world.known.rules.priority(_impact(template), _urgency(template)), {})
        text = ""
        if isinstance(value, float) and point.limits.warning:
            name_here = world.text({"zh": point.name.zh, "en": point.name.en})
            reading = f"{value:g} {point.unit}".strip()
            text = world.text(self.found).format(item=name_here, value=reading, limit=point.limits.warning)
        new = self.new(life, answer_id=answer_id, detail=text)
        incident_id = world.writer.open_incident(world.who(), new)
        self.live(incident_id, life, chance, solved_at=until + chance.randint(5, 50) * MINUTE)


def _impact(template: dict[str, Any]) -> Impact:
    return Impact(LETTERS[template["impact"]])


def _urgency(template: dict[str, Any]) -> Urgency:
    return Urgency(LETTERS[template["urgency"]])


def _wait(priority: Priority, chance: random.Random, hour: int) -> int:
    """Return how long nobody acknowledges, in seconds."""
    longest = {Priority.P1: 5, Priority.P2: 15, Priority.P3: 50, Priority.P4: 170}[priority]
    night = 1.0 if 7 <= hour < 22 or priority.urgent else 1.8
    return 50 + int(longest * MINUTE * night * chance.random() ** 1.8)
