"""What else a past holds: log lines with corrections, temporary measures, restore tests, security events."""

from __future__ import annotations

from typing import Any

from dutydesk.demo.known import Shift
from dutydesk.demo.troubles import Life, Troubles
from dutydesk.demo.world import DAY, HOUR, MINUTE, World, material
from dutydesk.domain import clock
from dutydesk.domain.deadlines import EventClass, Grade
from dutydesk.domain.incidents import Kind, Mode
from dutydesk.domain.log import LogKind
from dutydesk.domain.priority import Priority
from dutydesk.services import backups, incidents, log, measures
from dutydesk.services.measures import NewMeasure

RESTORES = (
    ("his-db", 82, 74, True),
    ("his-db", 54, 69, True),
    ("his-db", 25, 71, True),
    ("his-wal", 76, 22, True),
    ("his-wal", 47, 25, True),
    ("his-wal", 17, 21, True),
    ("pacs", 61, 185, True),
    ("files", 58, 40, False),
    ("files", 57, 52, True),
    ("vm", 66, 96, True),
)
"""Job, days before now, minutes, whether it worked. The network configurations were never tried: the board says so."""
CORRECTED_BEFORE = (64, 31, 6)


class Talk:
    """Everything that is not a round, a handover or an incident by chance."""

    def __init__(self, world: World, troubles: Troubles) -> None:
        self.world, self.troubles = world, troubles
        self.lines = material("log")
        scene = material("scene")
        for shift in world.known.shifts:
            if shift.starts_at < world.now:
                self._plan_lines(shift)
        for days, correction in zip(CORRECTED_BEFORE, self.lines["correction"], strict=True):
            world.at(self._office_hour(days, 15), self._write_wrong, correction)
        for measure in scene["measure"]:
            self._from(self._office_hour(measure["days"], 14), self._open, measure)
        for job, days, minutes, worked in RESTORES:
            self._from(self._office_hour(days, 10), self._restore, job, minutes, worked)
        for event in scene["security"]:
            self._from(self._office_hour(event["days"], 11), self._security, event)

    def _from(self, at: int, act: Any, *args: Any) -> None:
        if at > self.world.begin + HOUR:
            self.world.at(at, act, *args)

    def _office_hour(self, days: int, hour: int) -> int:
        """Return an instant about `days` before now, at `hour` o'clock of that day, a minute by chance."""
        at = self.world.now - days * DAY
        at += (hour - self.world.local(at).hour) * HOUR
        return at + self.world.rng("office", days, hour).randint(-30, 29) * MINUTE

    # The log

    def _plan_lines(self, shift: Shift) -> None:
        world, chance = self.world, self.world.rng("lines", shift.id)
        moment = world.local(shift.starts_at)
        working = moment.weekday() < 5 and moment.hour < 12
        for _ in range(chance.randint(2, 5) if working else chance.randint(0, 2)):
            at = chance.randint(shift.starts_at + 30 * MINUTE, shift.ends_at - 40 * MINUTE)
            self._from(at, self._line, at)

    def _line(self, at: int) -> None:
        world, chance = self.world, self.world.rng("line", at)
        moment = world.local(at)
        now = "day" if 8 <= moment.hour < 18 and moment.weekday() < 5 else "night"
        bank = [each for each in self.lines["line"] if each["hours"] in ("any", now)]
        line = chance.choices(bank, [each["weight"] for each in bank])[0]
        world.writer.log(world.who(), world.text(line["text"]), LogKind(line["kind"]))

    def _write_wrong(self, correction: dict[str, Any]) -> None:
        world = self.world
        if clock.now() < world.begin + HOUR:
            return
        line = world.writer.other(log.write, world.who(), world.text(correction["before"]), kind=LogKind.CHANGE)
        world.at(clock.now() + 12 * MINUTE, self._correct, line.id, correction)

    def _correct(self, line_id: int, correction: dict[str, Any]) -> None:
        text, reason = self.world.text(correction["after"]), self.world.text(correction["reason"])
        self.world.writer.other(log.correct, self.world.who(), line_id, text, reason)

    # Measures and restores

    def _open(self, measure: dict[str, Any]) -> None:
        world, text = self.world, self.world.text
        end = clock.now() + measure["hours"] * HOUR
        new = NewMeasure(text(measure["title"]), measure["kind"], text(measure["detail"]), until=end)
        view = world.writer.other(measures.open_measure, world.who(), new)
        longer = measure.get("extend")
        if longer:
            world.at(end - 5 * HOUR, self._extend, view.line.id, end + longer["hours"] * HOUR, text(longer["reason"]))
            end += longer["hours"] * HOUR
        world.at(end - 70 * MINUTE, self._close, view.line.id, text(measure["close"]))

    def _extend(self, measure_id: int, until: int, reason: str) -> None:
        self.world.writer.other(measures.extend, self.world.who(), measure_id, until, reason)

    def _close(self, measure_id: int, note: str) -> None:
        self.world.writer.other(measures.close_measure, self.world.who(), measure_id, note)

    def _restore(self, code: str, minutes: int, worked: bool) -> None:
        world = self.world
        note = "" if worked else world.text(self.lines["restore_failed"])
        world.writer.other(
            backups.restore_test,
            world.who(),
            world.known.jobs[code].id,
            at=clock.now() - minutes * MINUTE,
            minutes=minutes,
            worked=worked,
            note=note,
        )

    # Security

    def _security(self, event: dict[str, Any]) -> None:
        """A security event of the past: isolated, reported where the law asks for it, solved."""
        world, now = self.world, clock.now()
        template = {**event, "category": "security", "kind": "security", "source": "monitor"}
        life = Life(template, Priority.P2, {})
        more: dict[str, Any] = {"security_class": EventClass(event["class"]), "security_grade": Grade(event["grade"])}
        key = world.writer.open_incident(world.who(), self.troubles.new(life, kind=Kind.SECURITY, **more))
        world.at(now + 4 * MINUTE, self.troubles._acknowledge, key)
        world.at(now + 9 * MINUTE, self.troubles._start, key, Mode.REMOTE)
        for place, note in enumerate(event["notes"]):
            world.at(now + (35 + 80 * place) * MINUTE, self.troubles._note, key, note)
        if "report" in event:
            world.at(now + 118 * MINUTE, self._report, key, event["report"])
        world.at(now + 30 * HOUR, self.troubles._resolve, key, world.text(event["solution"]))
        if "closing" in event:
            world.at(now + 5 * DAY, self._report, key, event["closing"])
        world.at(now + 5 * DAY + HOUR, self.troubles._close, key, "")

    def _report(self, incident_id: int, text: dict[str, str]) -> None:
        self.world.writer.other(incidents.report, self.world.who(), incident_id, self.world.text(text))
