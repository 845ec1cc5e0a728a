"""How evenly duties are shared: hours, nights, weekends and statutory days by person, and one score with its formula.

A fair share is what each of those who may take a kind of place would carry if all of them carried the same, by the
days they were at the desk. What comes in one turn (a week, a month) is not taken apart, so a share is rounded to whole
turns down and up; of somebody who is a turn or more away from his share, what lies outside these bounds would have to
move to somebody else:

    moved    = the larger of: sum of what lies above the upper bounds, sum of what lies below the lower bounds
    evenness = 1 - moved / total                               for hours, nights, weekends and statutory days
    fairness = 0.4 hours + 0.2 nights + 0.2 weekends + 0.2 statutory days
    score    = 100 * filled places / all places * fairness

A measure that nobody carries anything of is even. Source: DOMAIN 2.11, 3; issue "The roster", 8.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from dutydesk.domain.calendar import DayKind, WorkCalendar
from dutydesk.domain.words import N_, Named

if TYPE_CHECKING:
    from dutydesk.domain.planned import Slot
    from dutydesk.domain.policy import Policy
    from dutydesk.domain.rules import Member


class Measured(Named):
    """What is shared."""

    HOURS = "hours", N_("Hours")
    NIGHTS = "nights", N_("Nights")
    WEEKENDS = "weekends", N_("Weekends")
    STATUTORY = "statutory", N_("Statutory days")


WEIGHTS: Mapping[Measured, int] = {
    Measured.HOURS: 40,
    Measured.NIGHTS: 20,
    Measured.WEEKENDS: 20,
    Measured.STATUTORY: 20,
}
"""Hundredths of the score."""
ANY_POST = ""


@dataclass(frozen=True)
class Place:
    """One place on a shift or on a part of it; `login` is "" where it stayed empty.

    `turn` names the turn of a rotation that it is a part of, None for a turn of its own. `minutes` are real ones,
    `share` is the part of the shift, 1 for all of it.
    """

    login: str
    minutes: int
    day_kind: DayKind
    night: bool = False
    post: str = ANY_POST
    turn: Hashable = None
    share: float = 1.0

    def of(self, measured: Measured) -> float:
        """Return what this place adds to a measure: minutes, or a duty (a part of a shift is a part of a duty)."""
        if measured is Measured.HOURS:
            return self.minutes
        counts = {
            Measured.NIGHTS: self.night,
            Measured.WEEKENDS: self.day_kind in (DayKind.WEEKEND, DayKind.BRIDGE),
            Measured.STATUTORY: self.day_kind is DayKind.STATUTORY,
        }
        return self.share if counts[measured] else 0.0


@dataclass(frozen=True)
class Sharer:
    """Somebody who takes turns: the posts he may take ("" for places that ask for none), his days at the desk."""

    login: str
    posts: frozenset[str] = frozenset({ANY_POST})
    days: int = 1


@dataclass(frozen=True)
class Load:
    """What one person carries; the five kinds of day are counted apart. `minutes` are real ones."""

    duties: float = 0
    minutes: int = 0
    nights: float = 0
    kinds: Mapping[DayKind, float] = field(default_factory=dict)

    @property
    def weekends(self) -> float:
        """Weekend days and days off in lieu."""
        return self.kinds.get(DayKind.WEEKEND, 0) + self.kinds.get(DayKind.BRIDGE, 0)

    @property
    def statutory(self) -> float:
        """Statutory holidays."""
        return self.kinds.get(DayKind.STATUTORY, 0)

    def of(self, measured: Measured) -> float:
        """Return one of the measures; hours in minutes."""
        values = {
            Measured.HOURS: float(self.minutes),
            Measured.NIGHTS: self.nights,
            Measured.WEEKENDS: self.weekends,
            Measured.STATUTORY: self.statutory,
        }
        return values[measured]


@dataclass(frozen=True)
class Carried:
    """What one person carries of one measure against his fair share and its bounds in whole turns; hours in minutes."""

    login: str
    measured: Measured
    has: float
    share: float
    low: float
    high: float
    step: float = 1

    @property
    def over(self) -> float:
        """How much more than the upper bound; negative: how much less than the lower one; 0 less than a turn away."""
        if abs(self.has - self.share) < self.step - 1e-6:
            return 0.0
        return self.has - self.high if self.has > self.high else min(0.0, self.has - self.low)


@dataclass(frozen=True)
class Evenness:
    """One measure over all people: how much there is, how much would have to move, and the evenness from 0 to 1."""

    measured: Measured
    total: float
    moved: float
    people: tuple[Carried, ...]

    @property
    def value(self) -> float:
        """The evenness."""
        return 1.0 if self.total <= 0 else max(0.0, 1 - self.moved / self.total)

    @property
    def percent(self) -> int:
        """The evenness in whole percent, as it is shown everywhere; 100 only where nothing would have to move."""
        return 100 if self.value >= 1 - 1e-9 else min(99, round(100 * self.value))


@dataclass(frozen=True)
class Quality:
    """The score of a roster from 0 to 100 with everything that it is made of."""

    places: float
    filled: float
    measures: tuple[Evenness, ...]

    @property
    def coverage(self) -> float:
        """Filled places by all places, 1 where there are none."""
        return self.filled / self.places if self.places else 1.0

    @property
    def fairness(self) -> float:
        """The weighted mean of the measures."""
        return sum(each.value * WEIGHTS[each.measured] for each in self.measures) / sum(WEIGHTS.values())

    @property
    def score(self) -> int:
        """The score; it is rounded down, so that 100 means that nothing is wrong."""
        return int(100 * self.coverage * self.fairness + 1e-9)

    @property
    def uneven(self) -> tuple[Carried, ...]:
        """Who carries more or less than his share in whole turns, the farthest off first."""
        found = [person for each in self.measures for person in each.people if person.over]
        return tuple(sorted(found, key=lambda each: (-abs(each.over) / (each.share or 1), each.login)))


def loads(places: Iterable[Place]) -> dict[str, Load]:
    """Return what each person carries; parts of shifts add up to whole ones."""
    sums: dict[str, dict[Any, float]] = {}
    for place in places:
        if not place.login:
            continue
        mine = sums.setdefault(place.login, {})
        mine["minutes"] = mine.get("minutes", 0) + place.minutes
        mine["duties"] = mine.get("duties", 0) + place.share
        mine["nights"] = mine.get("nights", 0) + (place.share if place.night else 0)
        mine[place.day_kind] = mine.get(place.day_kind, 0) + place.share
    return {
        login: Load(
            _whole(mine["duties"]),
            int(mine["minutes"]),
            _whole(mine["nights"]),
            {kind: _whole(mine[kind]) for kind in DayKind if kind in mine},
        )
        for login, mine in sums.items()
    }


def _whole(value: float) -> float:
    """Return a sum of parts without the dust of fractions."""
    near = round(value, 4)
    return int(near) if near == int(near) else near


def quality(places: Iterable[Place], sharers: Sequence[Sharer]) -> Quality:
    """Return the score of a roster, planned or worked, and what it is made of. Pure; see the module for the formula."""
    listed = list(places)
    carried = loads(listed)
    known = {sharer.login for sharer in sharers}
    others = [
        Sharer(login, frozenset({place.post for place in listed if place.login == login}))
        for login in sorted(set(carried) - known)
    ]
    everyone = [*sharers, *others]
    measures = tuple(_evenness(measured, listed, everyone, carried) for measured in Measured)
    filled = _whole(sum(place.share for place in listed if place.login))
    return Quality(_whole(sum(place.share for place in listed)), filled, measures)


def of_slots(slots: Iterable[Slot], calendar: WorkCalendar, nights: Collection[str]) -> list[Place]:
    """Return the places of a plan; `nights` are the kinds of shift that are night shifts."""
    places: list[Place] = []
    for slot in slots:
        kind, night = calendar.kind(slot.day), slot.kind in nights
        whole = max(1, slot.ends_at - slot.starts_at)
        parts: list[tuple[str, str, Hashable, int | None, int | None]] = [
            (each.login, each.post, (each.why.rule, each.why.turn) if each.why.turn else None, each.from_at, each.to_at)
            for each in slot.assigned
        ]
        parts += [("", each.post, None, each.from_at, each.to_at) for each in slot.missing]
        for login, post, turn, begin, end in parts:
            seconds = (end or slot.ends_at) - (begin or slot.starts_at)
            places.append(Place(login, seconds // 60, kind, night, post, turn, seconds / whole))
    return places


def sharers(policy: Policy, members: Sequence[Member], first: date, last: date) -> list[Sharer]:
    """Return who takes turns by the policy between `first` and `last`, with the posts and the days at the desk."""
    held = {member.login: set(member.posts) for member in members}
    posts: dict[str, set[str]] = {}
    for rule in policy.rotations:
        for post, order in rule.orders.items():
            for login in (login for group in order.people(members) for login in group):
                asked = {post} if post else (set(rule.need) & held[login] or set(rule.need) or {ANY_POST})
                posts.setdefault(login, set()).update(asked)
    found: list[Sharer] = []
    for member in members:
        begin, end = max(first, member.since or first), min(last, member.until or last)
        days = (end - begin).days + 1
        if member.login in posts and days > 0:
            found.append(Sharer(member.login, frozenset(posts[member.login]), days))
    return found


def _evenness(
    measured: Measured, places: Sequence[Place], sharers: Sequence[Sharer], carried: Mapping[str, Load]
) -> Evenness:
    by_post: dict[str, float] = {}
    turns: dict[Hashable, float] = {}
    for number, place in enumerate(places):
        amount = place.of(measured) if place.login else 0
        if amount:
            by_post[place.post] = by_post.get(place.post, 0) + amount
            turn = (place.login, number if place.turn is None else place.turn)
            turns[turn] = turns.get(turn, 0) + amount
    step = max(turns.values(), default=1)
    shares = _shares(by_post, sharers)
    people = tuple(
        Carried(
            sharer.login,
            measured,
            carried.get(sharer.login, Load()).of(measured),
            shares[sharer.login],
            *_bounds(shares[sharer.login], step),
            step,
        )
        for sharer in sharers
    )
    above = sum(person.over for person in people if person.over > 0)
    below = -sum(person.over for person in people if person.over < 0)
    return Evenness(measured, sum(by_post.values()), max(above, below), people)


def _shares(by_post: Mapping[str, float], sharers: Sequence[Sharer]) -> dict[str, float]:
    """Divide the amount of each post among those who may take it, by their days at the desk."""
    shares = {sharer.login: 0.0 for sharer in sharers}
    for post, amount in by_post.items():
        able = [sharer for sharer in sharers if post in sharer.posts] or list(sharers)
        days = sum(sharer.days for sharer in able)
        for sharer in able:
            shares[sharer.login] += amount * sharer.days / days if days else amount / len(able)
    return shares


def _bounds(share: float, step: float) -> tuple[float, float]:
    """Return the share rounded to whole turns, down and up."""
    turns = share / step
    near = round(turns, 6)
    low = int(near)
    return low * step, (low if near == low else low + 1) * step
