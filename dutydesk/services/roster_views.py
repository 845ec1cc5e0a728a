"""The roster as screens, commands and exports read it: days, slots, places, people, versions, proposals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from dutydesk.domain.calendar import DayKind
from dutydesk.domain.log import Said
from dutydesk.domain.overlay import ChangeKind, ChangeSource
from dutydesk.domain.planned import Gap, Reason
from dutydesk.domain.words import N_, Label, Named


@dataclass(frozen=True)
class PlaceView:
    """A person on a slot, or a place that stayed empty (`person_id` None, why in `reason`).

    `from_at` and `to_at` (epoch seconds) bound what of the slot he is on for. `flags` are codes of `planned.Flag`,
    "extra" for who came unplanned and "gone" for who is not at the desk any more. `why` is what `planned.Why.data()`
    gave, as JSON; `change_id` the change by which he is on.
    """

    person_id: int | None
    login: str
    label: Label
    post: str
    from_at: int
    to_at: int
    flags: tuple[str, ...] = ()
    reason: Reason | None = None
    why: str = "{}"
    change_id: int | None = None
    whole: bool = True


@dataclass(frozen=True)
class SlotView:
    """One shift of one day; `shift_id` is None while it is only proposed. Instants are epoch seconds, end exclusive."""

    shift_id: int | None
    day: date
    kind: str
    title: Label
    starts_at: int
    ends_at: int
    night: bool
    places: tuple[PlaceView, ...]

    @property
    def people(self) -> tuple[PlaceView, ...]:
        """Return the places that somebody holds."""
        return tuple(place for place in self.places if place.person_id is not None)

    @property
    def empty(self) -> bool:
        """Whether a rule covers the slot and nobody is on."""
        return not self.people


@dataclass(frozen=True)
class DayView:
    """One day with its slots; `kind` is None in a year whose calendar is not known, `title` the holiday's name.

    `published` says whether a publication holds the day; until then its slots follow people and policy.
    """

    day: date
    kind: DayKind | None
    title: Label
    slots: tuple[SlotView, ...]
    published: bool = False


@dataclass(frozen=True)
class VersionLine:
    """One publication; `changed` counts the slots that differ from what stood there before."""

    id: int
    number: int
    first: date
    last: date
    published_at: int
    published_by: Label | None
    note: str
    slots: int = 0
    changed: int = 0
    empty: int = 0
    gaps: int = 0


@dataclass(frozen=True)
class PersonLine:
    """What one person carries in the days shown; `hours` are real elapsed hours."""

    person_id: int
    login: str
    label: Label
    posts: tuple[str, ...]
    duties: int = 0
    nights: int = 0
    weekends: int = 0
    statutory: int = 0
    hours: float = 0.0


@dataclass(frozen=True)
class RosterView:
    """The roster from `first` to `last`, both included; `version` is the newest publication that touches it."""

    first: date
    last: date
    days: tuple[DayView, ...]
    gaps: tuple[Gap, ...]
    version: VersionLine | None
    people: tuple[PersonLine, ...]

    @property
    def slots(self) -> tuple[SlotView, ...]:
        """Return every slot in order of time."""
        return tuple(slot for day in self.days for slot in day.slots)


class Check(Named):
    """What a line of the check is about."""

    COVERAGE = "coverage", N_("Coverage")
    GAP = "gap", N_("Gap")
    EMPTY = "empty", N_("Empty slot")
    SHORTAGE = "shortage", N_("Too few people")
    CAP = "cap", N_("Cap")
    REST = "rest", N_("Rest")
    FATIGUE = "fatigue", N_("Fatigue")
    CHANGE = "change", N_("Change")
    CALENDAR = "calendar", N_("Calendar")
    PEOPLE = "people", N_("People")
    FAIRNESS = "fairness", N_("Fairness")


class Severity(Named):
    """How much a line of the check matters."""

    FACT = "fact", N_("fact")
    WARNING = "warning", N_("warning")
    PROBLEM = "problem", N_("problem")


@dataclass(frozen=True)
class CheckLine:
    """One line of the check, said in the reader's language by `locale.lines.said`; `day` is where to look, if anywhere.

    `shift_kind` names the slot of that day, `login` the person, "" where none is meant.
    """

    kind: Check
    severity: Severity
    day: date | None
    message: Said
    shift_kind: str = ""
    login: str = ""


@dataclass(frozen=True)
class DiffLine:
    """One slot that publishing changes: who was on before, who is after; empty tuples for a slot that is new or goes.

    `out` and `into` are the people whose duties change.
    """

    day: date
    kind: str
    title: Label
    before: tuple[Label, ...]
    after: tuple[Label, ...]
    starts_at: int
    out: tuple[int, ...] = ()
    into: tuple[int, ...] = ()
    new: bool = False


@dataclass(frozen=True)
class Proposal:
    """What publishing would do: the roster as it would stand, its check, the difference to what stands now.

    `token` stands for the state it was made from; publishing with it is refused when that state is another meanwhile.
    `kept` counts the slots that have begun or are signed for, and stay as they are.
    """

    view: RosterView
    check: tuple[CheckLine, ...]
    diff: tuple[DiffLine, ...]
    token: str
    kept: int = 0

    @property
    def problems(self) -> tuple[CheckLine, ...]:
        """Return the lines that need somebody before the roster is good."""
        return tuple(line for line in self.check if line.severity is Severity.PROBLEM)


@dataclass(frozen=True)
class NewChange:
    """A change to make: the shift by `shift_id`, or by `day` and `shift_kind` where it is not published yet.

    replace: `person_out` goes and `person_in` comes; add: `person_in`; remove: `person_out`. `from_at` and `to_at`
    (epoch seconds) bound a part of the shift.
    """

    kind: ChangeKind | str
    person_out: int | None = None
    person_in: int | None = None
    shift_id: int | None = None
    day: date | None = None
    shift_kind: str = ""
    post: str = ""
    from_at: int | None = None
    to_at: int | None = None
    reason: str = ""


@dataclass(frozen=True)
class ChangeLine:
    """A change as lists show it; withdrawn ones stay readable."""

    id: int
    day: date
    shift_kind: str
    kind: ChangeKind
    out: Label | None
    into: Label | None
    post: str
    from_at: int | None
    to_at: int | None
    source: ChangeSource
    source_id: int | None
    reason: str
    made_by: Label | None
    made_at: int
    withdrawn_by: Label | None = None
    withdrawn_at: int | None = None


@dataclass(frozen=True)
class WhyLine:
    """Why one place of a slot is as it is: whose place, and sentences that `locale.lines.said` reads aloud.

    `rule` is the rotation's name and `turn` its turn (from 1), 0 where no rotation put him there.
    """

    person_id: int | None
    label: Label
    post: str
    rule: Label
    turn: int
    sentences: tuple[Said, ...]
    change_id: int | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
