"""Seating people on one slot: who has the turn, who stands in, which place stays empty, and why.

The rules are told in `rotation`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from dutydesk.domain.ledger import Ledger
from dutydesk.domain.planned import Assigned, Flag, Missing, Note, Reason, Why, Worked
from dutydesk.domain.rules import ANY_POST, Member, OverCap, RotationRule
from dutydesk.domain.turns import Entry, Line, TurnCounter
from dutydesk.domain.words import N_

_STANDS_IN = {
    Reason.AWAY: N_("Turn {turn}: stands in for {login}, who is away."),
    Reason.BUSY: N_("Turn {turn}: stands in for {login}, who is on duty elsewhere at that time."),
    Reason.CAP: N_("Turn {turn}: stands in for {login}, who has reached the monthly cap."),
    Reason.GONE: N_("Turn {turn}: stands in for {login}, who is not at the desk."),
}


@dataclass(frozen=True)
class Frame:
    """A slot before anybody is on it: start and end in wall-clock seconds after the midnight of `day`."""

    day: date
    kind: str
    start: int
    end: int
    night: bool
    part: int = 0


@dataclass
class Turning:
    """One rotation at work: its turns, a line for each post, and who has the turn now."""

    rule: RotationRule
    counter: TurnCounter
    lines: dict[str, Line]
    turn: int = 0
    holders: dict[str, list[tuple[Entry, str]]] = field(default_factory=dict)
    empty: dict[str, list[Reason]] = field(default_factory=dict)

    @property
    def overlapping(self) -> bool:
        """Whether somebody stands in the lines of two posts."""
        logins = [login for line in self.lines.values() for entry in line.entries for login in entry]
        return len(logins) != len(set(logins))


class Seats:
    """The places one rotation fills on one slot."""

    def __init__(
        self,
        ledger: Ledger,
        members: Mapping[str, Member],
        turning: Turning,
        frame: Frame,
        starts_at: int,
        ends_at: int,
        turn: int,
    ) -> None:
        self.ledger = ledger
        self.members = members
        self.turning = turning
        self.rule = turning.rule
        self.frame = frame
        self.starts_at = starts_at
        self.ends_at = ends_at
        self.turn = turn
        self.assigned: list[Assigned] = []
        self.missing: list[Missing] = []

    def fill(self) -> None:
        """Give the turn to the next in line when it begins, then seat its holders on this slot."""
        if self.turning.turn != self.turn:
            self.turning.turn = self.turn
            self._next_turn()
        for post in self.turning.lines:
            self._give_turn(post)
            for reason in self.turning.empty.get(post, ()):
                self.missing.append(Missing(post, reason, self.rule.name))
            for entry, special in self.turning.holders.get(post, ()):
                self._seat_entry(post, entry, special)
        if not self.rule.by_post:
            self._check_posts()

    def _next_turn(self) -> None:
        self.turning.holders, self.turning.empty = {}, {}

    def _open(self, post: str) -> bool:
        """Whether the turn must be given out: it begins, or it could not be given before."""
        return not self.turning.holders.get(post)

    def _give_turn(self, post: str) -> None:
        """Fill the turn when it is open; who left the desk in the middle of it is followed by the next in line."""
        before = self.turning.holders.get(post, [])
        staying = [held for held in before if self._present(held[0])]
        if before and len(staying) == len(before):
            return
        count = self.rule.need[post] if self.rule.by_post else self.rule.together
        fits = self._for_post(post, count) if self.rule.by_post and self.turning.overlapping else self._entry_obstacle
        taken = self.turning.lines[post].take(count - len(staying), self._present, fits)
        self.turning.holders[post] = [*staying, *taken.entries]
        self.turning.empty[post] = taken.empty

    def _for_post(self, post: str, count: int) -> Callable[[Entry], Reason | None]:
        """Return the obstacles of people with several posts: whoever another post cannot do without waits."""
        later = list(self.turning.lines)[list(self.turning.lines).index(post) + 1 :]
        places = [other for other in later if self._open(other) for _ in range(self.rule.need[other])]
        free = {
            other: [
                login
                for entry in self.turning.lines[other].entries
                for login in entry
                if self._hard_obstacle(login) is None
            ]
            for other in (post, *later)
        }
        taken: list[str] = []

        def fits(entry: Entry) -> Reason | None:
            obstacle = self._entry_obstacle(entry)
            if obstacle is None:
                left = [post] * (count - len(taken) - 1)
                best = len(match(_without(free, taken), [*places, *left, post]))
                if 1 + len(match(_without(free, [*taken, *entry]), [*places, *left])) < best:
                    return Reason.NEEDED
                taken.extend(entry)
            return obstacle

        return fits

    def _present(self, entry: Entry) -> bool:
        return any(self.members[login].at_desk(self.frame.day) for login in entry)

    def _entry_obstacle(self, entry: Entry) -> Reason | None:
        """Return why nobody of the entry can take the turn now; rest counts only for people alone."""
        reasons = [self._obstacle(login) for login in entry]
        free = [reason for reason in reasons if reason is None or (reason is Reason.REST and len(entry) > 1)]
        return None if free else reasons[0]

    def _obstacle(self, login: str) -> Reason | None:
        if self.ledger.rested(login, self.starts_at):
            return self._hard_obstacle(login)
        return self._hard_obstacle(login) or Reason.REST

    def _hard_obstacle(self, login: str) -> Reason | None:
        if not self.members[login].at_desk(self.frame.day):
            return Reason.GONE
        if (
            self.rule.over_cap is OverCap.FLAG
            and self.rule.cap_per_month is not None
            and self.ledger.month_count(login, self.frame.day) >= self.rule.cap_per_month
        ):
            return Reason.CAP
        return self.ledger.hard(login, self.starts_at, self.ends_at)

    def _seat_entry(self, post: str, entry: Entry, special: str) -> None:
        for login in entry:
            obstacle = self._hard_obstacle(login)
            if obstacle is None:
                self._seat(login, post, special)
            elif len(entry) > 1:
                self.missing.append(Missing(post, obstacle, self.rule.name))
            elif stand_in := self._stand_in(post):
                self._seat(stand_in, post, "", instead_of=login, reason=obstacle)
            else:
                self.missing.append(Missing(post, obstacle, self.rule.name))

    def _stand_in(self, post: str) -> str | None:
        """Return who takes this one slot instead: the least loaded who is free and rested, first in the order."""
        taking = {login for held in self.turning.holders.values() for entry, _ in held for login in entry}
        free = [
            (self.ledger.total[login], place, login)
            for place, entry in enumerate(self.turning.lines[post].entries)
            for login in entry
            if len(entry) == 1 and login not in taking and self._obstacle(login) is None
        ]
        return min(free)[2] if free else None

    def _seat(self, login: str, post: str, special: str, instead_of: str = "", reason: Reason | None = None) -> None:
        duty = Worked(login, self.frame.day, self.starts_at, self.ends_at, self.frame.night)
        warnings = self.ledger.warnings(duty)
        notes = [self._turn_note(special, instead_of, reason)]
        flags = [Flag.STAND_IN] if instead_of else []
        cap = self.rule.cap_per_month
        count = self.ledger.month_count(login, self.frame.day) + 1
        if cap is not None and count > cap:
            flags.append(Flag.OVER_CAP)
            notes.append(Note(N_("Duty {count} of the month; the cap is {cap}."), {"count": count, "cap": cap}))
        flags += [flag for flag, _ in warnings]
        notes += [note for _, note in warnings]
        self.ledger.add(duty)
        why = Why(self.rule.name, self.turn, tuple(notes))
        self.assigned.append(Assigned(login, post, why, tuple(flags)))

    def _turn_note(self, special: str, instead_of: str, reason: Reason | None) -> Note:
        values = {"turn": self.turn}
        if instead_of and reason:
            return Note(_STANDS_IN.get(reason, _STANDS_IN[Reason.AWAY]), {"turn": self.turn, "login": instead_of})
        if special == "owed":
            return Note(N_("Turn {turn}: owed from a turn that was skipped."), values)
        if special == "shared":
            return Note(
                N_("Turn {turn}: next in the order, exchanged with a neighbour so that shifts are shared."), values
            )
        return Note(N_("Turn {turn}: next in the fixed order."), values)

    def _check_posts(self) -> None:
        """Match the people of the slot to the posts it needs; a post nobody holds is missing."""
        if not self.rule.need or not self.assigned:
            self.missing += [
                Missing(post, Reason.NO_POST, self.rule.name)
                for post, count in self.rule.need.items()
                for _ in range(count)
            ]
            return
        places = [post for post, count in self.rule.need.items() for _ in range(count)]
        holding = {
            post: [assigned.login for assigned in self.assigned if post in self.members[assigned.login].posts]
            for post in self.rule.need
        }
        held = match(holding, places)
        posts = {login: places[at] for login, at in held.items()}
        self.assigned = [replace(each, post=posts.get(each.login, ANY_POST)) for each in self.assigned]
        filled = set(held.values())
        self.missing += [
            Missing(post, Reason.NO_POST, self.rule.name) for at, post in enumerate(places) if at not in filled
        ]


def _without(free: Mapping[str, list[str]], used: Collection[str]) -> dict[str, list[str]]:
    return {post: [login for login in logins if login not in used] for post, logins in free.items()}


def match(free: Mapping[str, Sequence[str]], places: Sequence[str]) -> dict[str, int]:
    """Return login -> index in `places` so that as many places as possible are filled (augmenting paths).

    `free` says who could take a place of each post.
    """
    seated: dict[str, int] = {}

    def seat(at: int, tried: set[str]) -> bool:
        for login in free[places[at]]:
            if login not in tried:
                tried.add(login)
                if login not in seated or seat(seated[login], tried):
                    seated[login] = at
                    return True
        return False

    for at in range(len(places)):
        seat(at, set())
    return seated
