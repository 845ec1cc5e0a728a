"""The line of people who take turns. Source: DOMAIN 2.6, 2.11.

People who join or leave never move whoever is on: the line remembers people, not numbers. Whoever is skipped is owed
the turn and gets the next one that fits; a debt is one turn, however often somebody was skipped meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from dutydesk.domain.planned import Reason

Entry = tuple[str, ...]
"""A person alone, or people who are on together."""

Crew = frozenset[str]
"""Who belongs to the desk."""

Fits = Callable[[Entry], Reason | None]


@dataclass
class Taken:
    """Who takes a turn: entries with what was special about it, who is owed one now, why places stayed empty."""

    entries: list[tuple[Entry, str]] = field(default_factory=list)
    owed: list[tuple[Entry, Reason]] = field(default_factory=list)
    empty: list[Reason] = field(default_factory=list)


class Line:
    """The fixed order at work: everybody once a round, the skipped first when they are free again.

    With `share` (the number of shifts a day) every round after the first exchanges neighbours when the people would
    otherwise always meet the same shift; see `RotationRule.share_shifts`.
    """

    def __init__(self, entries: tuple[Entry, ...], share: int = 0) -> None:
        self.entries = entries
        self.share = share
        self.round = -1
        self.waiting: list[int] = []
        self.known: set[int] = set()
        self.latest = -1
        self.owed: list[int] = []
        self.crew: Crew | None = None
        self.active: list[int] = []

    def following(self, entries: tuple[Entry, ...], share: int) -> Line:
        """Return the line under changed rules: whoever has not been on in this round still goes first."""
        line = Line(entries, share)
        new = {entry: index for index, entry in enumerate(entries)}
        place = {index: new[entry] for index, entry in enumerate(self.entries) if entry in new}
        line.round = self.round
        line.known = {place[index] for index in self.known if index in place}
        line.owed = [place[index] for index in self.owed if index in place]
        line.latest = place.get(self.latest, -1)
        line.waiting = [place[index] for index in self.waiting if index in place]
        if [entry for entry in self.entries if entry in new] != [entry for entry in entries if entry in set(place)]:
            line.waiting.sort()
        return line

    def take(self, count: int, crew: Crew, fits: Fits, holding: Collection[Entry] = ()) -> Taken:
        """Return who takes the next turn of `count` places, beside those who are `holding` it already.

        `crew` is who belongs to the desk now, `fits` says why an entry cannot take the turn (None: it can). Who is
        skipped while another one takes the turn is owed one. Short rest yields only when somebody else is free.
        """
        self._meet(crew)
        before = (self.round, list(self.waiting), set(self.known), self.latest, list(self.owed))
        taken = Taken()
        chosen = [index for index in self.active if self.entries[index] in holding] if holding else []
        count, held = count + len(chosen), len(chosen)
        self._take_owed(count, fits, taken, chosen)
        skipped: dict[int, Reason] = {}
        for _ in range(len(self.active) * 2):
            if len(chosen) == count or len(chosen) + len(skipped) >= len(self.active):
                break
            index = self._next()
            if index in chosen:
                self.owed += [index] if index not in self.owed else []
                continue
            if index in skipped:
                continue
            reason = fits(self.entries[index])
            if reason is None:
                chosen.append(index)
                taken.entries.append((self.entries[index], self._special()))
            else:
                skipped[index] = reason
        self._take_tired(count, chosen, skipped, taken)
        if len(chosen) > held:
            self._remember(skipped, taken)
        else:
            self.round, self.waiting, self.known, self.latest, self.owed = before
        reasons = list(skipped.values())
        taken.empty = [
            reasons[number] if number < len(reasons) else Reason.NOBODY for number in range(count - len(chosen))
        ]
        return taken

    def _meet(self, crew: Crew) -> None:
        """Take note of who belongs to the desk: who left waits no more, who joined waits at their place."""
        if crew is self.crew:
            return
        self.crew = crew
        self.active = [index for index, entry in enumerate(self.entries) if any(login in crew for login in entry)]
        here = set(self.active)
        self.waiting = [index for index in self.waiting if index in here]
        self.owed = [index for index in self.owed if index in here]
        for index in self.active:
            if index not in self.known:
                self.known.add(index)
                if self.round >= 0 and index > self.latest:
                    place = next((at for at, other in enumerate(self.waiting) if other > index), len(self.waiting))
                    self.waiting.insert(place, index)

    def _take_owed(self, count: int, fits: Fits, taken: Taken, chosen: list[int]) -> None:
        for index in list(self.owed):
            if len(chosen) < count and index not in chosen and fits(self.entries[index]) is None:
                self.owed.remove(index)
                chosen.append(index)
                taken.entries.append((self.entries[index], "owed"))

    def _take_tired(self, count: int, chosen: list[int], skipped: dict[int, Reason], taken: Taken) -> None:
        """Take the ones with too short a rest after all when nobody else is there."""
        for index in [index for index, reason in skipped.items() if reason is Reason.REST]:
            if len(chosen) < count:
                del skipped[index]
                chosen.append(index)
                taken.entries.append((self.entries[index], ""))

    def _remember(self, skipped: dict[int, Reason], taken: Taken) -> None:
        for index, reason in skipped.items():
            if reason is not Reason.GONE and index not in self.owed:
                self.owed.append(index)
                taken.owed.append((self.entries[index], reason))

    def _next(self) -> int:
        """Return the next entry of the round; the first of a new round after the last."""
        if not self.waiting:
            self.round += 1
            self.waiting = self._arranged()
            self.known = set(self.active)
        self.latest = self.waiting.pop(0)
        return self.latest

    def _arranged(self) -> list[int]:
        active = self.active
        if not self._exchanges(len(active)):
            return list(active)
        by = self.round % self.share
        blocks = [active[at : at + self.share] for at in range(0, len(active), self.share)]
        return [index for block in blocks for index in block[by:] + block[:by]]

    def _exchanges(self, people: int) -> bool:
        return self.share > 1 and people % self.share == 0 and people >= 2 * self.share

    def _special(self) -> str:
        exchanged = self._exchanges(len(self.known)) and self.round % self.share
        return "shared" if exchanged else ""
