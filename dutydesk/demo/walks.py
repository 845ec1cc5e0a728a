"""Rounds are walked: mostly in time, some late, a few missed; what is off gets a note, and sometimes an incident."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dutydesk.demo.copies import Copies
from dutydesk.demo.known import Sheet
from dutydesk.demo.readings import Readings
from dutydesk.demo.world import DAY, MINUTE, World, material
from dutydesk.demo.writer import Given
from dutydesk.domain import clock
from dutydesk.domain.rounds import CheckPoint, Found, ItemKind
from dutydesk.services import rounds
from dutydesk.storage.models.rounds import Round

if TYPE_CHECKING:
    from dutydesk.demo.troubles import Troubles

MISSED, LATE, SKIPPED, VISITOR = 0.012, 0.05, 0.02, 0.05
TIDY = 30 * 3600
"""Before the present, in seconds, every round was walked in time; the overdue one stands out."""
UNANSWERED = 0.25
"""How often an item that nobody must answer is left open."""


@dataclass(frozen=True)
class Planned:
    """A round that falls due in the past."""

    id: int
    checklist: int
    due_at: int
    late_at: int
    missed_at: int


class Walks:
    """Every round that fell due since the desk was made."""

    def __init__(self, world: World, readings: Readings, copies: Copies, troubles: Troubles) -> None:
        self.world, self.readings, self.copies, self.troubles = world, readings, copies, troubles
        self.texts = material("rounds")
        self._opened: set[tuple[str, int]] = set()
        rows = (
            Round.select(Round.id, Round.checklist, Round.due_at, Round.late_at, Round.missed_at)
            .where(Round.due_at <= world.now + MINUTE)
            .order_by(Round.due_at, Round.id)
            .tuples()
        )
        planned = [Planned(*row) for row in rows]
        overdue = [each for each in planned if each.late_at <= world.now - 2 * MINUTE]
        left = overdue[-1].id if overdue else 0
        for each in planned:
            if each.id != left:
                self._plan(each)

    def _plan(self, planned: Planned) -> None:
        world, chance = self.world, self.world.rng("walk", planned.id)
        fate = chance.random() if planned.due_at < world.now - TIDY else 1.0
        if fate < MISSED:
            if chance.random() < 0.6:
                world.at(planned.missed_at + chance.randint(4, 50) * MINUTE, self._explain, planned)
            return
        start = planned.due_at + chance.randint(-3, 11) * MINUTE + chance.randint(0, 59)
        if fate < MISSED + LATE:
            start = planned.late_at + chance.randint(1, 28) * MINUTE
        if start > world.begin and start + 16 * MINUTE < world.now:
            world.at(start, self._walk, planned)

    def _explain(self, planned: Planned) -> None:
        if planned.id in self.world.explained:
            return
        self.world.explained.add(planned.id)
        reason = self.world.rng("missed", planned.id).choice(self.texts["missed"])["reason"]
        self.world.writer.other(rounds.explain_missed, self.world.who(), planned.id, self.world.text(reason))

    def _walk(self, planned: Planned) -> None:
        world, chance = self.world, self.world.rng("steps", planned.id)
        sheet = world.known.sheets[planned.checklist]
        login, at = world.holder, clock.now()
        world.writer.start_round(world.who(login), planned.id)
        found: dict[str, tuple[Found, str | None]] = {}
        for point in sheet.points:
            if not point.in_service or not self._asked(point, found):
                continue
            at += self._seconds(point, chance.random())
            if not point.required and chance.random() < UNANSWERED:
                continue
            given = self._given(sheet, point, at, chance.random())
            found[point.code] = self._judge(point, given), given.text
            world.at(at, self._answer, login, planned.id, sheet, point, given)
        world.at(at + chance.randint(8, 30), self._finish, login, planned.id)

    def _asked(self, point: CheckPoint, found: dict[str, tuple[Found, str | None]]) -> bool:
        if point.condition is None:
            return True
        before = found.get(point.condition.code)
        return before is not None and point.condition.holds(*before)

    def _seconds(self, point: CheckPoint, chance: float) -> int:
        usual = {ItemKind.NUMBER: 17, ItemKind.TEXT: 19, ItemKind.BACKUP: 55, ItemKind.CHOICE: 12}
        return 4 + int(usual.get(point.kind, 9) * (0.5 + chance * 1.1))

    def _judge(self, point: CheckPoint, given: Given) -> Found:
        if point.kind is ItemKind.BACKUP or given.found is not None:
            return given.found or Found.OK
        if point.kind is ItemKind.TEXT:
            return Found.OK
        return point.judge(None, given.number, given.text)

    def _given(self, sheet: Sheet, point: CheckPoint, at: int, chance: float) -> Given:
        readings, code = self.readings, point.code
        if point.kind is ItemKind.BACKUP:
            notes = {name: self._note(name) for name in ("failed", "unverified")}
            return self.copies.given(point.id, self.world.known.jobs[point.job], at, notes)
        if not point.required and chance < SKIPPED:
            return Given(point.id, Found.SKIPPED, note=self.world.text(self.texts["skips"][code]))
        if point.kind is ItemKind.NUMBER:
            given = Given(point.id, number=readings.number(sheet.code, code, at))
        elif point.kind is ItemKind.CHOICE:
            given = Given(point.id, text=readings.choice(sheet.code, point, at))
        elif point.kind is ItemKind.TEXT:
            return self._text(point, at, chance)
        else:
            given = Given(point.id, readings.check(sheet.code, code, at))
        return replace(given, note=self._note(code)) if self._judge(point, given).abnormal else given

    def _text(self, point: CheckPoint, at: int, chance: float) -> Given:
        daytime = 8 <= self.world.local(at).hour < 18
        if point.condition is None and not (daytime and chance < VISITOR * 2):
            return Given(point.id, Found.OK)
        return Given(point.id, text=self.world.text(self.texts["answers"][point.code]))

    def _note(self, code: str) -> str:
        return self.world.text(self.texts["notes"].get(code, self.texts["notes"]["default"]))

    def _answer(self, login: str, round_id: int, sheet: Sheet, point: CheckPoint, given: Given) -> None:
        world = self.world
        if point.kind is ItemKind.BACKUP and given.copy is not None and given.note is None:
            given = replace(given, note=self._size_note(point, given))
        answer_id = world.writer.answer(world.who(login), round_id, given)
        at = clock.now()
        episode = self.readings.episode(sheet.code, point.code, at)
        name, end = (episode.incident, episode.end) if episode else ("", 0)
        if point.job and given.found is Found.ABNORMAL:
            name, end = "failed", at + 4 * 3600
        if name and self._judge(point, given).abnormal and (name, end) not in self._opened:
            self._opened.add((name, end))
            value = given.number if given.number is not None else given.text
            world.at(at + 45, self.troubles.from_round, name, point, answer_id, value, end)

    def _size_note(self, point: CheckPoint, given: Given) -> str | None:
        """Return the note for a copy whose size jumped."""
        copy, jumped = given.copy, self.copies.jump_at
        fresh = copy is not None and copy.last_good_at is not None and 0 <= copy.last_good_at - jumped < DAY
        return self._note("size") if point.job == "pacs" and fresh else None

    def _finish(self, login: str, round_id: int) -> None:
        self.world.writer.finish_round(self.world.who(login), round_id)
