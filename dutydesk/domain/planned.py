"""What a plan consists of: slots, who is on and why, what is missing, gaps, and how many people are short."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from dutydesk.domain.words import N_, Named


class Flag(Named):
    """What a supervisor should know about one assignment."""

    OVER_CAP = "over-cap", N_("over the monthly cap")
    SHORT_REST = "short-rest", N_("rest too short")
    LONG_SHIFT = "long-shift", N_("shift too long")
    NIGHTS = "nights", N_("too many nights in a row")
    DAYS = "days", N_("too many days in a row")
    STAND_IN = "stand-in", N_("stands in")
    RECOVERY = "recovery", N_("too few free nights after a run of nights")


class Reason(Named):
    """Why somebody could not be put on a slot, or a place on it stayed empty."""

    NOBODY = "nobody", N_("nobody to take turns")
    NO_POST = "no-post", N_("nobody on this turn holds the post")
    CAP = "cap", N_("cap reached")
    AWAY = "away", N_("away")
    BUSY = "busy", N_("already on duty")
    REST = "rest", N_("rest too short")
    NEEDED = "needed", N_("needed for another post")
    GONE = "gone", N_("not at the desk")
    REMOVED = "removed", N_("taken off by a change")


@dataclass(frozen=True)
class Note:
    """One sentence of an explanation: a catalogue message and the values for its places."""

    sentence: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.sentence.format(**self.values)


@dataclass(frozen=True)
class Why:
    """Why a person is on a slot: the rotation's name, its turn (from 1), and the sentences that explain it.

    `change` is the number of the change by which the person came on, None where the rotation itself says so.
    """

    rule: str
    turn: int
    notes: tuple[Note, ...] = ()
    change: int | None = None

    def data(self) -> dict[str, Any]:
        """Return plain data for storage."""
        data: dict[str, Any] = {
            "rule": self.rule,
            "turn": self.turn,
            "notes": [[note.sentence, dict(note.values)] for note in self.notes],
        }
        return data if self.change is None else data | {"change": self.change}

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Why:
        """Return the explanation from what `data()` gave; unknown or missing parts are left empty."""
        notes = tuple(Note(str(sentence), dict(values)) for sentence, values in data.get("notes", []))
        change = data.get("change")
        return cls(str(data.get("rule", "")), int(data.get("turn", 0)), notes, None if change is None else int(change))


@dataclass(frozen=True)
class Assigned:
    """A person on a slot; `post` is "" where the rotation asks for none.

    `from_at` and `to_at` (epoch seconds) bound a part of the slot; None means its start, its end.
    """

    login: str
    post: str
    why: Why
    flags: tuple[Flag, ...] = ()
    from_at: int | None = None
    to_at: int | None = None

    @property
    def change(self) -> int | None:
        """Return the number of the change by which the person came on; None by rotation."""
        return self.why.change


@dataclass(frozen=True)
class Missing:
    """A place on a slot that stayed empty, or the part of it between `from_at` and `to_at` (epoch seconds).

    `login` is who has the turn and cannot be on, "" where nobody has it.
    """

    post: str
    reason: Reason
    rule: str = ""
    from_at: int | None = None
    to_at: int | None = None
    login: str = ""


@dataclass(frozen=True)
class Slot:
    """One shift of one day: `kind` is the shift's key in the policy, `part` counts pieces of hourly turns from 0."""

    day: date
    kind: str
    starts_at: int
    ends_at: int
    assigned: tuple[Assigned, ...] = ()
    missing: tuple[Missing, ...] = ()
    part: int = 0

    @property
    def key(self) -> str:
        """Return the kind as the published roster names it: a later piece carries its number, as in `duty.2`."""
        return f"{self.kind}.{self.part + 1}" if self.part else self.kind

    def span(self, place: Assigned | Missing) -> tuple[int, int]:
        """Return when a place of this slot begins and ends, epoch seconds."""
        return (
            self.starts_at if place.from_at is None else place.from_at,
            self.ends_at if place.to_at is None else place.to_at,
        )

    @property
    def empty(self) -> bool:
        """Whether a rule covers the slot and nobody is on."""
        return not self.assigned

    @property
    def logins(self) -> tuple[str, ...]:
        """Return who is on, each once."""
        return tuple(dict.fromkeys(assigned.login for assigned in self.assigned))


@dataclass(frozen=True)
class Gap:
    """Hours that no rule covers; epoch seconds, end exclusive."""

    starts_at: int
    ends_at: int


@dataclass(frozen=True)
class Shortage:
    """A month whose duties the people cannot cover at the cap: `needed` people, `present` people."""

    month: str
    rule: str
    post: str
    duties: int
    cap: int
    needed: int
    present: int


@dataclass(frozen=True)
class Worked:
    """A duty done or published before the plan begins: it counts for caps and rest, never for the turn.

    Pieces of the same day and the same `kind`, where it is given, are one duty.
    """

    login: str
    day: date
    starts_at: int
    ends_at: int
    night: bool = False
    kind: str = ""


@dataclass(frozen=True)
class Away:
    """A person who cannot be on duty between two instants, such as approved leave; end exclusive."""

    login: str
    starts_at: int
    ends_at: int


@dataclass(frozen=True)
class Plan:
    """A plan from `first` to `last`, both included; slots in order of time."""

    first: date
    last: date
    slots: tuple[Slot, ...]
    gaps: tuple[Gap, ...] = ()
    shortage: tuple[Shortage, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def empty(self) -> tuple[Slot, ...]:
        """Return the slots that a rule covers and nobody is on."""
        return tuple(slot for slot in self.slots if slot.empty)

    @property
    def incomplete(self) -> tuple[Slot, ...]:
        """Return the slots with a place that stayed empty."""
        return tuple(slot for slot in self.slots if slot.missing)

    def on_duty(self, at: int) -> tuple[Slot, ...]:
        """Return the slots that run at the instant `at`."""
        return tuple(slot for slot in self.slots if slot.starts_at <= at < slot.ends_at)

    def duties(self) -> Counter[str]:
        """Return how many slots each person is on."""
        return Counter(login for slot in self.slots for login in slot.logins)

    def flagged(self, flag: Flag) -> list[tuple[Slot, Assigned]]:
        """Return the assignments that carry `flag`."""
        return [(slot, assigned) for slot in self.slots for assigned in slot.assigned if flag in assigned.flags]


def gaps_between(starts_at: int, ends_at: int, covered: Iterable[tuple[int, int]]) -> tuple[Gap, ...]:
    """Return the stretches of `starts_at`..`ends_at` that none of the `covered` spans touches."""
    gaps: list[Gap] = []
    reached = starts_at
    for start, end in sorted(covered):
        if start > reached:
            gaps.append(Gap(reached, min(start, ends_at)))
        reached = max(reached, end)
        if reached >= ends_at:
            break
    if reached < ends_at:
        gaps.append(Gap(reached, ends_at))
    return tuple(gap for gap in gaps if gap.starts_at < gap.ends_at)
