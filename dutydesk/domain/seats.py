"""Seating people on one slot: who has the turn, who stands in, which place stays empty, and why.

The rules are told in `rotation`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from dutydesk.domain.fatigue import Trail, duty_kind, month_number
from dutydesk.domain.frames import Frame
from dutydesk.domain.ledger import Ledger
from dutydesk.domain.line import Crew, Entry, Fits, Line
from dutydesk.domain.planned import Assigned, Flag, Missing, Note, Reason, Why, Worked
from dutydesk.domain.rules import ANY_POST, Member, OverCap, RotationRule
from dutydesk.domain.temporary import TemporaryList
from dutydesk.domain.turns import TurnCounter
from dutydesk.domain.words import N_

_STANDS_IN = {
    Reason.AWAY: N_("Turn {turn}: stands in for {login}, who is away."),
    Reason.BUSY: N_("Turn {turn}: stands in for {login}, who is on duty elsewhere at that time."),
    Reason.CAP: N_("Turn {turn}: stands in for {login}, who has reached the monthly cap."),
    Reason.GONE: N_("Turn {turn}: stands in for {login}, who is not at the desk."),
}
_OWED = {
    Reason.AWAY: N_("{login} is away and is owed the turn."),
    Reason.BUSY: N_("{login} is on duty elsewhere at that time and is owed the turn."),
    Reason.CAP: N_("{login} has reached the monthly cap and is owed the turn."),
    Reason.REST: N_("{login} has not had enough rest and is owed the turn."),
    Reason.NEEDED: N_("{login} is needed for another post and is owed the turn."),
}
_LISTED = N_("On the temporary list “{list}”.")
_TURNS = {
    "": N_("Turn {turn}: next in the fixed order."),
    "owed": N_("Turn {turn}: owed from a turn that was skipped."),
    "shared": N_("Turn {turn}: next in the order, exchanged with a neighbour so that shifts are shared."),
}
TURNS_KEPT = 4
"""Turns of one rotation that may run beside each other."""


@dataclass(frozen=True)
class Held:
    """Who holds a turn, what was special about it, and who is owed one because of it."""

    entry: Entry
    special: str
    owed: tuple[Note, ...] = ()


@dataclass
class Holding:
    """One turn given out: for each post who holds it, and the reasons for places that nobody could take."""

    held: dict[str, list[Held]] = field(default_factory=dict)
    empty: dict[str, list[Reason]] = field(default_factory=dict)


class Turning:
    """One rotation at work: its turns, a line for each post, and who holds the turns that run now."""

    def __init__(self, rule: RotationRule, counter: TurnCounter, lines: dict[str, Line]) -> None:
        self.rule = rule
        self.counter = counter
        self.lines = lines
        self.turns: dict[int, Holding] = {}
        logins = [login for line in lines.values() for entry in line.entries for login in entry]
        self.overlapping = len(logins) != len(set(logins))

    def holding(self, turn: int) -> Holding:
        """Return who holds `turn`; a turn that begins is held by nobody yet."""
        if turn not in self.turns:
            self.turns[turn] = Holding()
            if len(self.turns) > TURNS_KEPT:
                del self.turns[next(iter(self.turns))]
        return self.turns[turn]


class Seats:
    """The places that one rotation, or one temporary list, fills on one slot."""

    def __init__(
        self, ledger: Ledger, members: Mapping[str, Member], crew: Crew, frame: Frame, span: tuple[int, int]
    ) -> None:
        self.ledger = ledger
        self.members = members
        self.crew = crew
        self.frame = frame
        self.starts_at, self.ends_at = span
        self.assigned: list[Assigned] = []
        self.missing: list[Missing] = []

    def _put(self, login: str, post: str, why: Why, flags: tuple[Flag, ...] = (), cap: int | None = None) -> None:
        kind = duty_kind(self.frame.kind, why.rule, why.turn)
        duty = Worked(login, self.frame.day, self.starts_at, self.ends_at, self.frame.night, kind)
        if found := self.ledger.warnings(duty, cap):
            why = replace(why, notes=why.notes + tuple(note for _, note in found))
            flags += tuple(flag for flag, _ in found)
        self.ledger.add(duty)
        self.assigned.append(Assigned(login, post, why, flags))


class ListSeats(Seats):
    """The places of one shift of a temporary list."""

    def fill(self, listed: TemporaryList) -> None:
        """Seat the people whom the list names; a list that names nobody leaves the slot empty and says so."""
        people = listed.days[self.frame.day][self.frame.kind]
        for login, post in people:
            gone = login not in self.crew
            reason = Reason.GONE if gone else self.ledger.hard(login, self.starts_at, self.ends_at)
            if reason is None:
                self._put(login, post, Why(listed.name, 0, (Note(_LISTED, {"list": listed.name}),)))
            else:
                self.missing.append(Missing(post, reason, listed.name, login=login))
        if not people:
            self.missing.append(Missing(ANY_POST, Reason.NOBODY, listed.name))


class TurnSeats(Seats):
    """The places of one rotation on one slot."""

    def fill(self, turning: Turning, turn: int) -> None:
        """Give the turn to the next in line when it begins, then seat its holders on this slot."""
        self.turning, self.rule, self.turn = turning, turning.rule, turn
        self.holding = turning.holding(turn)
        self.month = month_number(self.frame.day)
        self.kind = duty_kind(self.frame.kind, self.rule.name, turn)
        self.hard_cap = self.rule.cap_per_month if self.rule.over_cap is OverCap.FLAG else None
        for post in turning.lines:
            self._give_turn(post)
            for reason in self.holding.empty.get(post, ()):
                self.missing.append(Missing(post, reason, self.rule.name))
            for held in self.holding.held.get(post, ()):
                self._seat_entry(post, held)
        if not self.rule.by_post:
            self._check_posts()

    def _give_turn(self, post: str) -> None:
        """Fill the turn where it is open; who left the desk in the middle of it is followed by the next in line."""
        count = self.rule.need[post] if self.rule.by_post else self.rule.together
        before = self.holding.held.get(post, [])
        staying = [held for held in before if self._present(held.entry)]
        if len(staying) == count:
            return
        wanted = count - len(staying)
        fits = self._for_post(post, wanted) if self.turning.overlapping else self._entry_obstacle
        taken = self.turning.lines[post].take(wanted, self.crew, fits, [held.entry for held in staying])
        owed = tuple(
            Note(_OWED[reason], {"login": ", ".join(entry)}) for entry, reason in taken.owed if reason in _OWED
        )
        fresh = [Held(entry, special, owed) for entry, special in taken.entries]
        self.holding.held[post] = [*staying, *fresh]
        self.holding.empty[post] = taken.empty

    def _for_post(self, post: str, count: int) -> Fits:
        """Return the obstacles of people with several posts: whoever another post cannot do without waits."""
        posts = list(self.turning.lines)
        later = [other for other in posts[posts.index(post) + 1 :] if not self.holding.held.get(other)]
        others = {
            login for other, held in self.holding.held.items() if other != post for each in held for login in each.entry
        }
        places = [other for other in later for _ in range(self.rule.need[other])]

        def obstacle(entry: Entry) -> Reason | None:
            return Reason.NEEDED if others.intersection(entry) else self._entry_obstacle(entry)

        if all(self._plenty(other, others, len(places) + count) for other in (post, *later)):
            return obstacle
        free = {other: list(self._free(other, others)) for other in (post, *later)}
        taken: list[str] = []

        def fits(entry: Entry) -> Reason | None:
            reason = obstacle(entry)
            if reason is None:
                left = [post] * (count - len(taken) - 1)
                best = len(match(_without(free, taken), [*places, *left, post]))
                if 1 + len(match(_without(free, [*taken, *entry]), [*places, *left])) < best:
                    return Reason.NEEDED
                taken.extend(entry)
            return reason

        return fits

    def _plenty(self, post: str, others: Collection[str], wanted: int) -> bool:
        """Whether so many could take the post that no choice can leave a place empty."""
        return any(number >= wanted for number, _ in enumerate(self._free(post, others), start=1))

    def _free(self, post: str, others: Collection[str]) -> Iterable[str]:
        for entry in self.turning.lines[post].entries:
            for login in entry:
                if login not in others and self._hard_obstacle(login) is None:
                    yield login

    def _present(self, entry: Entry) -> bool:
        return any(login in self.crew for login in entry)

    def _entry_obstacle(self, entry: Entry) -> Reason | None:
        """Return why nobody of the entry can take the turn now; rest counts only for people alone."""
        if len(entry) == 1:
            return self._obstacle(entry[0])
        reasons = [self._obstacle(login) for login in entry]
        return None if any(reason is None or reason is Reason.REST for reason in reasons) else reasons[0]

    def _obstacle(self, login: str) -> Reason | None:
        hard = self._hard_obstacle(login)
        return hard or (None if self.ledger.rested(login, self.starts_at) else Reason.REST)

    def _hard_obstacle(self, login: str) -> Reason | None:
        if login not in self.crew:
            return Reason.GONE
        if self.hard_cap is not None:
            trail = self.ledger.trails[login]
            if trail.months.get(self.month, 0) >= self.hard_cap and not self._goes_on(trail):
                return Reason.CAP
        return self.ledger.hard(login, self.starts_at, self.ends_at)

    def _goes_on(self, trail: Trail) -> bool:
        """Whether the person is on this very duty already, in an earlier piece of it."""
        return trail.last is not None and trail.last.day == self.frame.day and trail.last.kind == self.kind

    def _seat_entry(self, post: str, held: Held) -> None:
        for login in held.entry:
            obstacle = self._hard_obstacle(login)
            stand_in = self._stand_in(post) if obstacle and len(held.entry) == 1 else None
            if obstacle is None:
                self._seat(login, post, Note(_TURNS[held.special], {"turn": self.turn}), *held.owed)
            elif stand_in is not None:
                sentence = _STANDS_IN.get(obstacle, _STANDS_IN[Reason.AWAY])
                self._seat(stand_in, post, Note(sentence, {"turn": self.turn, "login": login}), stands_in=True)
            else:
                self.missing.append(Missing(post, obstacle, self.rule.name, login=login))

    def _stand_in(self, post: str) -> str | None:
        """Return who takes this one slot instead: the least loaded who is free and rested, first in the order."""
        taking = {login for held in self.holding.held.values() for each in held for login in each.entry}
        trails = self.ledger.trails
        singles = (entry[0] for entry in self.turning.lines[post].entries if len(entry) == 1)
        for login in sorted(singles, key=lambda login: trails[login].total):
            if login not in taking and self._obstacle(login) is None:
                return login
        return None

    def _seat(self, login: str, post: str, *notes: Note, stands_in: bool = False) -> None:
        flags = (Flag.STAND_IN,) if stands_in else ()
        self._put(login, post, Why(self.rule.name, self.turn, notes), flags, self.rule.cap_per_month)

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
