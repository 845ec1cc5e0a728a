"""People come and go: signing in and out, and the handover between two shifts."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Any

from dutydesk.demo.known import Shift
from dutydesk.demo.world import DAY, HOUR, MINUTE, World, material
from dutydesk.demo.writer import Prepared
from dutydesk.domain import clock
from dutydesk.domain.handover import Block, Colour, Item, Written
from dutydesk.services import attendance, handover
from dutydesk.services.since import seen

LATE = 0.07
LOOKED = 12 * DAY
"""For how long back it is remembered, in seconds, when somebody last looked at the desk."""
SHORT = 0.012
"""How often a thing is missing when things are counted."""
RETURNED_BEFORE = (53, 21, 2)
"""Days before now around which a handover was returned and prepared again."""
RELIEF_BEFORE = 30
"""Days before now around which somebody did not come, and another took over in an emergency."""


class Duty:
    """Who is on, and how the duty goes from one to the next."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.texts = material("handover")
        shifts = [shift for shift in world.known.shifts if shift.starts_at <= world.now]
        self.present = shifts[-1]
        self._returned = {self._around(shifts, days).id for days in RETURNED_BEFORE if len(shifts) > 2 * days + 3}
        self._relief = self._around(shifts, RELIEF_BEFORE).id if len(shifts) > 2 * RELIEF_BEFORE + 3 else 0
        self._prepared: dict[int, Prepared] = {}
        world.at(shifts[0].starts_at - 9 * MINUTE, self._first, shifts[0])
        for earlier, shift in pairwise(shifts):
            self._plan(earlier, shift)
        following = world.known.after(self.present)
        world.at(following.starts_at - 11 * MINUTE, self._come, following)

    def _around(self, shifts: list[Shift], days: int) -> Shift:
        wanted = self.world.now - days * DAY
        return min(shifts[1:-1], key=lambda shift: abs(shift.starts_at - wanted))

    def _first(self, shift: Shift) -> None:
        self.world.holder = shift.login
        self._come(shift)

    def _come(self, shift: Shift) -> None:
        self.world.writer.sign_in(self.world.who(shift.login), shift.id)

    def _plan(self, earlier: Shift, shift: Shift) -> None:
        world, chance = self.world, self.world.rng("duty", shift.id)
        if shift.id == self._relief:
            world.at(shift.starts_at + 24 * MINUTE, self._leave_before)
            world.at(shift.starts_at + 25 * MINUTE, self._relieve, shift)
            return
        quiet = shift is self.present
        late = not quiet and chance.random() < LATE
        come = shift.starts_at + (chance.randint(7, 26) if late else -chance.randint(14, 24)) * MINUTE
        prepare = shift.starts_at - chance.randint(9, 12) * MINUTE
        world.at(come, self._come, shift)
        world.at(prepare, self._prepare, earlier)
        first_words = max(come, prepare) + chance.randint(40, 80)
        returned = shift.id in self._returned
        world.at(first_words, self._give_back if returned else self._read, earlier, shift)

    # The usual way

    def _prepare(self, earlier: Shift) -> None:
        self._prepared[earlier.id] = self.world.writer.prepare(self.world.who(), self._compose)

    def _compose(self, items: tuple[Item, ...]) -> Written:
        chance = self.world.rng("written", self.world.holder, len(items), items[-1].key, clock.now())
        steps: dict[str, str] = {}
        counts: dict[str, int] = {}
        for item in items:
            if item.block is Block.THINGS:
                self._count(item, chance, counts, steps)
            elif item.step_required and not item.next_step:
                steps[item.key] = self._step(item, chance)
            if item.subject == "round" and item.subject_id is not None and item.step_required:
                self.world.explained.add(item.subject_id)
        return Written(steps=steps, counts=counts, notes=self._notes(chance))

    def _count(self, item: Item, chance: random.Random, counts: dict[str, int], steps: dict[str, str]) -> None:
        short = item.values["expected"] > 1 and chance.random() < SHORT
        counts[item.key] = item.values["expected"] - short
        if short:
            steps[item.key] = self.world.text(self.texts["short"])

    def _step(self, item: Item, chance: random.Random) -> str:
        if item.subject == "round":
            bank = self.texts["missed"]
        else:
            bank = self.texts["urgent_steps" if item.colour is Colour.RED else "steps"]
        return self.world.text(chance.choice(bank))

    def _notes(self, chance: random.Random) -> dict[str, str]:
        often = {"planned": 0.35, "projects": 0.2, "if_then": 0.3, "other": 0.06}
        return {
            note: self.world.text(chance.choice(self.texts["notes"][note]))
            for note, share in often.items()
            if chance.random() < share
        }

    def _read(self, earlier: Shift, shift: Shift) -> None:
        """Read back line by line, then accept."""
        world, prepared = self.world, self._prepared[earlier.id]
        chance = world.rng("read", shift.id)
        at = clock.now()
        for key, item in prepared.to_answer:
            world.at(at, self._say, shift, prepared, key, self._words(item, chance))
            at += chance.randint(6, 14)
        world.at(at + chance.randint(8, 20), self._accept, earlier, shift)

    def _say(self, shift: Shift, prepared: Prepared, key: int, words: str) -> None:
        self.world.writer.read_back(self.world.who(shift.login), prepared, key, words)

    def _words(self, item: Item, chance: random.Random) -> str:
        bank = {"incident": "incident", "measure": "measure", "round": "reading", "backup_job": "backup"}.get(
            item.subject, "other"
        )
        if item.subject == "incident" and item.colour is Colour.RED:
            bank = "urgent"
        if item.subject == "round" and item.block is Block.ACTIONS:
            bank = "round"
        words = self.world.text(chance.choice(self.texts["words"][bank]))
        return words.replace("{number}", str(item.values.get("number", "")))

    def _accept(self, earlier: Shift, shift: Shift) -> None:
        world = self.world
        leaving = world.holder
        world.writer.accept(world.who(shift.login), self._prepared[earlier.id])
        world.holder = shift.login
        chance = world.rng("leave", shift.id)
        after = max(clock.now() + 40, shift.starts_at + chance.randint(-3, 9) * MINUTE)
        world.at(after, self._leave, leaving, earlier)

    def _leave(self, login: str, shift: Shift) -> None:
        world = self.world
        world.writer.sign_out(world.who(login), shift.id)
        if world.now - clock.now() < LOOKED:
            world.writer.other(seen, world.who(login))

    # Returned, and an emergency

    def _give_back(self, earlier: Shift, shift: Shift) -> None:
        world, prepared = self.world, self._prepared[earlier.id]
        chance = world.rng("back", shift.id)
        reason = world.text(chance.choice(self.texts["returned"])["reason"])
        for key, item in prepared.to_answer[:1]:
            self._say(shift, prepared, key, self._words(item, chance))
        world.writer.other(handover.give_back, world.who(shift.login), prepared.id, reason)
        again = clock.now() + chance.randint(2, 4) * MINUTE
        world.at(again, self._prepare, earlier)
        world.at(again + 50, self._read, earlier, shift)

    def _leave_before(self) -> None:
        reason = self.world.text(self.texts["relief"]["leaving"])
        self.world.writer.other(attendance.sign_out, self.world.who(), "", reason=reason)

    def _relieve(self, shift: Shift) -> None:
        """Somebody else comes and takes over alone; the supervisor countersigns."""
        world = self.world
        around = [other.login for other in world.known.shifts if abs(other.starts_at - shift.starts_at) <= DAY]
        engineers = sorted(login for login, row in world.known.people.items() if row.role == "engineer")
        helper = next(login for login in engineers if login not in around)
        world.writer.other(attendance.sign_in, world.who(helper), "", shift_id=shift.id, extra=True)
        reason = world.text(self.texts["relief"]["reason"])
        view: Any = world.writer.other(handover.relieve, world.who(helper), "", reason)
        world.holder = helper
        signed = shift.starts_at + (2 * HOUR if world.local(shift.starts_at).hour < 12 else 13 * HOUR)
        world.at(signed, self._countersign, view.line.id)

    def _countersign(self, handover_id: int) -> None:
        self.world.writer.other(handover.countersign, self.world.who("chief"), "", handover_id)
