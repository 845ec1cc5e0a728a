"""The supervisor's office: publications of the roster, call-outs, corrections, duty pay."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from dutydesk.demo.duty import LATE
from dutydesk.demo.known import Shift
from dutydesk.demo.world import DAY, HOUR, MINUTE, World, material
from dutydesk.domain import clock, walltime
from dutydesk.domain.callouts import Called
from dutydesk.services import allowance, callouts, corrections, notices, planning, roster
from dutydesk.storage.models.roster import Notice

CHIEF = "chief"
PUBLISHES = 25
"""Day of the month on which the next month is published."""
FREEZES = 2
"""Day of the month on which the pay of the last month is frozen."""
READ_BEFORE = (64, 33, 12, 1)
"""Days before now on which everybody reads what he was told."""
CALLED_BEFORE = (61, 44, 26, 9, 2)
"""Days before now on which somebody was called in."""
APART = 14 * HOUR
"""Seconds between a call-out and the next duty of the one who is called, on both sides."""


def month_of(day: date, ahead: int = 0) -> date:
    """Return the first day of a month, `ahead` months after that of `day`."""
    number = day.year * 12 + day.month - 1 + ahead
    return date(number // 12, number % 12 + 1, 1)


def publish(world: World, first: date, last: date) -> None:
    """Publish some days as the supervisor; what the check finds is known."""
    chief = world.who(CHIEF)
    proposal = world.writer.other(roster.propose, chief, first, last)
    world.writer.other(
        roster.publish, chief, "", first, last, world.text(material("office")["publish"]), proposal.token
    )


class Office:
    """What the supervisor and the office do over the months."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.texts = material("office")
        self.engineers = sorted(login for login, row in world.known.people.items() if row.role == "engineer")
        self._plan_months()
        for number, days in enumerate(CALLED_BEFORE):
            self._call(number, world.now - days * DAY)
        self._plan_corrections()
        for days in READ_BEFORE:
            self._on(world.now - days * DAY - 2 * HOUR, self._read)

    def _on(self, instant: int, act: Callable[..., None], *args: Any) -> None:
        """Let something happen, unless it would have been before the desk was made."""
        if instant > self.world.begin + 3 * HOUR:
            self.world.at(instant, act, *args)

    def _plan_months(self) -> None:
        """On the 25th the next month is published, on the 2nd the pay of the last one is frozen."""
        zone = self.world.known.zone
        month = month_of(walltime.local_day(self.world.begin, zone))
        while month <= walltime.local_day(self.world.now, zone):
            day = month.replace(day=PUBLISHES)
            self._on(walltime.at(day, 16 * HOUR + 20 * MINUTE, zone), self._publish, month_of(month, 1))
            self._on(
                walltime.at(month.replace(day=2), 10 * HOUR + 12 * MINUTE, zone), self._freeze, month_of(month, -1)
            )
            month = month_of(month, 1)

    def _publish(self, month: date) -> None:
        last = month_of(month, 1) - timedelta(days=1)
        self.world.writer.settle()
        if planning.published_until() < last.isoformat():
            publish(self.world, month, last)

    def _freeze(self, month: date) -> None:
        if not self.world.known.calendar.knows(month.year):
            return
        chief, name = self.world.who(CHIEF), f"{month:%Y-%m}"
        sheet = self.world.writer.other(allowance.sheet, chief, name)
        if sheet.content.people:
            self.world.writer.other(allowance.freeze, chief, "", name)

    # Call-outs

    def _call(self, number: int, around: int) -> None:
        chance = self.world.rng("called", number)
        at = around - around % HOUR + chance.randint(-5, 5) * HOUR + chance.randint(3, 55) * MINUTE
        shift = self.world.known.shift_at(at)
        if shift is None or shift.starts_at + 2 * HOUR > at or shift.ends_at - 4 * HOUR < at:
            at = (shift.starts_at if shift else at) + 5 * HOUR
        login = self._free(at)
        if login:
            self._on(at + 4 * MINUTE, self._put_down, number, login, at)

    def _free(self, at: int) -> str:
        """Return an engineer whose duties are far from an instant, "" when there is none."""
        near = {
            shift.login for shift in self.world.known.shifts if shift.starts_at - APART < at < shift.ends_at + APART
        }
        free = [login for login in self.engineers if login not in near]
        return self.world.rng("free", at).choice(free) if free else ""

    def _put_down(self, number: int, login: str, at: int) -> None:
        world, told = self.world, self.texts["called"][number % len(self.texts["called"])]
        person = world.known.people[login].id
        called = Called(at, on_site=not told.get("from_afar", False))
        line = world.writer.other(callouts.put_down, world.who(), person, called, world.text(told["reason"]))
        chance = world.rng("called", number, "end")
        arrived = at + chance.randint(25, 50) * MINUTE
        left = arrived + chance.randint(50, 130) * MINUTE
        world.at(left + 3 * MINUTE, self._complete, line.id, arrived if called.on_site else None, left)

    def _complete(self, callout_id: int, arrived_at: int | None, left_at: int) -> None:
        who = self.world.who()
        self.world.writer.other(callouts.complete, who, callout_id, arrived_at=arrived_at, left_at=left_at)

    # Corrections

    def _plan_corrections(self) -> None:
        """Of the late arrivals, one of the last month is put right after its pay was frozen, and the newest waits."""
        world = self.world
        late = [shift for shift in self._came_late() if shift.starts_at + 5 * HOUR < world.now]
        if not late:
            return
        newest = late[-1]
        self._on(newest.starts_at + 4 * HOUR, self._ask, newest, 0)
        zone = world.known.zone
        this = month_of(walltime.local_day(world.now, zone))
        before = [shift for shift in late[:-1] if shift.day < this.isoformat()]
        if before:
            asked = walltime.at(this.replace(day=4), 9 * HOUR + 40 * MINUTE, zone)
            self._on(max(asked, before[-1].ends_at + HOUR), self._ask, before[-1], 1)

    def _came_late(self) -> list[Shift]:
        """Return the shifts whose people came late; what else they did is told in `duty`."""
        world = self.world
        found = []
        for shift in world.known.shifts[1:]:
            chance = world.rng("duty", shift.id)
            if shift.ends_at < world.now and chance.random() < LATE and chance.randint(7, 26) > 9:
                found.append(shift)
        return found

    def _ask(self, shift: Shift, number: int) -> None:
        world = self.world
        who, reason = world.who(shift.login), world.text(self.texts["late"][number])
        came = shift.starts_at - 6 * MINUTE
        line = world.writer.other(corrections.ask, who, shift.id, reason, came_at=came)
        if number:
            world.at(clock.now() + DAY, self._approve, line.id)

    def _approve(self, request_id: int) -> None:
        world = self.world
        note = world.text(self.texts["correction_note"])
        world.writer.other(corrections.approve, world.who(CHIEF), "", request_id, note)

    # Notices

    def _read(self) -> None:
        """Everybody reads what he was told until now."""
        world = self.world
        world.writer.settle()
        waiting = Notice.select(Notice.person, Notice.id).where(Notice.seen_at.is_null()).order_by(Notice.id).tuples()
        newest = dict(waiting)
        for login in sorted(world.known.people):
            up_to = newest.get(world.known.people[login].id)
            if up_to:
                world.writer.other(notices.seen, world.who(login), up_to)
