"""Leave, swaps and changes by hand: one leave that was taken, and what stands open now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from dutydesk.demo import LOGIN
from dutydesk.demo.known import Shift
from dutydesk.demo.office import CHIEF, month_of, publish
from dutydesk.demo.world import DAY, HOUR, MINUTE, World, material
from dutydesk.domain import walltime
from dutydesk.services import leave, roster, swaps
from dutydesk.services.leave import LeaveView, NewCover, NewLeave
from dutydesk.services.roster import ChangeKind, NewChange
from dutydesk.services.swaps import NewSwap

TAKEN_AFTER = 12
"""Days after the desk was made on which a leave was taken."""
SOON = 36 * HOUR
"""Nothing nearer than this, in seconds, is changed: the next people know when they come."""
REST = 20 * HOUR
"""Seconds between two duties that a swap leaves at least."""


def first_morning(world: World) -> None:
    """Publish the first months, and let somebody have leave in them; nobody has come to his shift yet."""
    begin = walltime.local_day(world.begin, world.known.zone)
    more = 1 if begin.day < 15 else 2
    world.move(world.begin + 4 * MINUTE)
    publish(world, begin, month_of(begin, more) - timedelta(days=1))
    wanted = world.begin + TAKEN_AFTER * DAY
    if wanted > world.now - 3 * DAY:
        return
    shift = next(shift for shift in world.known.shifts if shift.starts_at > wanted)
    world.move(world.begin + 11 * MINUTE)
    view = _ask_first(world, _ask(world, shift, "past"), shift, apart=())
    world.move(world.begin + 23 * MINUTE)
    _agree(world, view)
    world.move(world.begin + 31 * MINUTE)
    world.writer.other(leave.approve, world.who(CHIEF), "", view.line.id)


def _ask(world: World, shift: Shift, name: str) -> LeaveView:
    """Ask for leave over the two days around a shift."""
    told = material("office")["leave"][name]
    day = walltime.local_day(shift.starts_at, world.known.zone)
    opening = min(other.starts_at for other in world.known.shifts if other.day == shift.day)
    seconds = opening - walltime.midnight(day, world.known.zone)
    begin, end = (walltime.at(day + timedelta(days=step), seconds, world.known.zone) for step in (0, 2))
    new = NewLeave(told["kind"], begin, end, world.text(told["reason"]))
    view: LeaveView = world.writer.other(leave.ask, world.who(shift.login), new)
    return view


def _ask_first(world: World, view: LeaveView, shift: Shift, apart: tuple[str, ...]) -> LeaveView:
    """Ask the first who could cover each shift of a leave, people of `apart` left out."""
    who = world.who(shift.login)
    for duty in view.duties:
        found = world.writer.other(leave.candidates, who, view.line.id, duty.shift_id)
        chosen = next(each for each in found if each.person.login not in apart)
        view = world.writer.other(leave.cover, who, view.line.id, NewCover(duty.shift_id, chosen.person.id))
    return view


def _agree(world: World, view: LeaveView) -> None:
    """Let everybody who is asked agree."""
    logins = {row.id: login for login, row in world.known.people.items()}
    for duty in view.duties:
        for cover in duty.standing:
            world.writer.other(leave.answer, world.who(logins[cover.person_id]), cover.id, True)


class Absences:
    """What is asked, agreed and decided about the coming days; instants count back from the present."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.texts = material("office")
        self.taken: set[int] = set()
        ahead = [shift for shift in world.known.shifts if shift.starts_at > world.now + SOON]
        self.ahead = ahead[: 6 * len({shift.login for shift in ahead})]
        self._count = 0
        self._plan_leaves()
        self._plan_swaps()
        night = self._take(lambda shift: shift.kind == "night")
        self._at(26 * HOUR, self._add, night)

    def _at(self, ago: int, act: Callable[..., None], *args: Any) -> None:
        """Let something happen so long ago, or on the first day of a desk that is younger; in the order of calls."""
        self._count += 1
        earliest = self.world.begin + 3 * HOUR + self._count * 3 * MINUTE
        self.world.at(max(self.world.now - ago, earliest), act, *args)

    def _take(self, wanted: Callable[[Shift], bool]) -> Shift:
        """Return the next shift that nothing else is about; its neighbours are left alone as well."""
        for place, shift in enumerate(self.ahead):
            if wanted(shift) and shift.id not in self.taken:
                self.taken |= {near.id for near in self.ahead[max(0, place - 3) : place + 4]}
                return shift
        raise AssertionError("five weeks ahead hold shifts enough")

    # Leave

    def _plan_leaves(self) -> None:
        approved = self._take(lambda shift: shift.login != LOGIN)
        waiting = self._take(lambda shift: shift.login not in (LOGIN, approved.login))
        asked = self._take(lambda shift: shift.login not in (LOGIN, approved.login, waiting.login))
        self._at(5 * DAY, self._begin_approved, approved)
        self._at(22 * HOUR, self._begin_waiting, waiting)
        self._at(95 * MINUTE, self._begin_open, asked)

    def _begin_approved(self, shift: Shift) -> None:
        """Two people share the shift of a third; the supervisor has approved it."""
        world, who = self.world, self.world.who(shift.login)
        view = _ask(world, shift, "approved")
        for duty in view.duties:
            middle = (duty.from_at + duty.to_at) // 2
            chosen: list[int] = []
            for span in ((duty.from_at, middle), (middle, duty.to_at)):
                found = world.writer.other(leave.candidates, who, view.line.id, duty.shift_id, *span)
                person = next(
                    each.person
                    for each in found
                    if not each.concerns and each.person.id not in chosen and each.person.role == "engineer"
                )
                chosen.append(person.id)
                view = world.writer.other(leave.cover, who, view.line.id, NewCover(duty.shift_id, person.id, *span))
        self._at(5 * DAY - 3 * HOUR, self._agreed, view)
        self._at(4 * DAY - 2 * HOUR, self._approve_leave, view.line.id)

    def _agreed(self, view: LeaveView) -> None:
        _agree(self.world, view)

    def _approve_leave(self, leave_id: int) -> None:
        self.world.writer.other(leave.approve, self.world.who(CHIEF), "", leave_id)

    def _begin_waiting(self, shift: Shift) -> None:
        """The substitute has agreed; the supervisor has still to decide."""
        view = _ask_first(self.world, _ask(self.world, shift, "waiting"), shift, apart=(CHIEF, LOGIN))
        self._at(20 * HOUR, self._agreed, view)

    def _begin_open(self, shift: Shift) -> None:
        """Whoever sits at the console is asked to cover."""
        world, who = self.world, self.world.who(shift.login)
        view = _ask(world, shift, "open")
        for duty in view.duties:
            found = world.writer.other(leave.candidates, who, view.line.id, duty.shift_id)
            logins = [each.person.login for each in found if each.person.login != CHIEF]
            login = LOGIN if LOGIN in logins else logins[0]
            person = world.known.people[login].id
            view = world.writer.other(leave.cover, who, view.line.id, NewCover(duty.shift_id, person))

    # Swaps

    def _plan_swaps(self) -> None:
        mine, theirs = self._pair(lambda one, other: LOGIN not in (one.login, other.login))
        self._at(4 * DAY, self._swap, mine, theirs, "swap", True)
        mine, theirs = self._pair(lambda one, other: other.login == LOGIN and one.login != LOGIN)
        self._at(4 * HOUR, self._swap, mine, theirs, "swap_open", False)

    def _pair(self, wanted: Callable[[Shift, Shift], bool]) -> tuple[Shift, Shift]:
        """Return two shifts of two people who can exchange them with rest enough."""
        for mine in self.ahead:
            for theirs in self.ahead:
                free = not {mine.id, theirs.id} & self.taken and mine.login != theirs.login
                if free and wanted(mine, theirs) and self._rested(mine, theirs) and self._rested(theirs, mine):
                    self.taken |= {mine.id, theirs.id}
                    return mine, theirs
        raise AssertionError("five weeks ahead hold a pair of duties to exchange")

    def _rested(self, gives: Shift, takes: Shift) -> bool:
        """Whether whoever gives one shift and takes the other has rest before and after it."""
        others = [shift for shift in self.world.known.shifts if shift.login == gives.login and shift.id != gives.id]
        return all(
            other.ends_at + REST <= takes.starts_at or takes.ends_at + REST <= other.starts_at for other in others
        )

    def _swap(self, mine: Shift, theirs: Shift, text: str, settled: bool) -> None:
        world = self.world
        other = world.known.people[theirs.login].id
        new = NewSwap(mine.id, other, theirs.id, world.text(self.texts[text]))
        line = world.writer.other(swaps.ask, world.who(mine.login), new)
        if settled:
            self._at(4 * DAY - 5 * HOUR, self._agree_swap, line.id, theirs.login)
            self._at(3 * DAY - HOUR, self._approve_swap, line.id)

    def _agree_swap(self, swap_id: int, login: str) -> None:
        self.world.writer.other(swaps.answer, self.world.who(login), swap_id, True)

    def _approve_swap(self, swap_id: int) -> None:
        self.world.writer.other(swaps.approve, self.world.who(CHIEF), "", swap_id)

    # By hand

    def _add(self, shift: Shift) -> None:
        """One more person for a night with planned work."""
        world = self.world
        place = world.known.shifts.index(shift)
        near = {other.login for other in world.known.shifts[max(0, place - 2) : place + 3]}
        engineers = sorted(login for login, row in world.known.people.items() if row.role == "engineer")
        login = next(login for login in engineers if login not in near)
        change = NewChange(ChangeKind.ADD, person_in=world.known.people[login].id)
        world.writer.other(roster.edit, world.who(CHIEF), shift.id, change, reason=world.text(self.texts["added"]))
