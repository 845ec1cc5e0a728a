"""Rounds: what an item asks, how an answer is judged, when a round is late or missed, and the pace it was walked at.

Source: DOMAIN 5, REQUIREMENTS C3, C6.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

from dutydesk.domain import walltime
from dutydesk.domain.errors import Invalid
from dutydesk.domain.limits import Limits, Verdict
from dutydesk.domain.words import N_, Label, Named

NO_LIMITS = Limits()
NO_WORDS = Label("")
QUICK_SECONDS = 3
"""An answer given sooner than this after the same person's last one is counted as quick. Nothing is blocked."""


class ItemKind(Named):
    """How an item is answered."""

    CHECK = "check", N_("Ok or abnormal")
    NUMBER = "number", N_("Reading")
    CHOICE = "choice", N_("Choice")
    TEXT = "text", N_("Text")
    BACKUP = "backup", N_("Backup copy")


class Found(Named):
    """What an answer says about its item."""

    OK = "ok", N_("Ok")
    ABNORMAL = "abnormal", N_("Abnormal")
    WARNING = "warning", N_("Warning")
    CRITICAL = "critical", N_("Critical")
    SKIPPED = "skipped", N_("Skipped")

    @property
    def abnormal(self) -> bool:
        """Whether a note is forced and an incident is offered."""
        return self in (Found.ABNORMAL, Found.WARNING, Found.CRITICAL)


class RoundStatus(Named):
    """What is stored about a round."""

    DUE = "due", N_("Due")
    STARTED = "started", N_("Started")
    PAUSED = "paused", N_("Paused")
    FINISHED = "finished", N_("Finished")
    MISSED = "missed", N_("Missed")


class RoundState(Named):
    """How a round stands at a moment: what is stored, and its window."""

    AHEAD = "ahead", N_("Ahead")
    DUE = "due", N_("Due")
    LATE = "late", N_("Late")
    MISSED = "missed", N_("Missed")
    STARTED = "started", N_("Started")
    PAUSED = "paused", N_("Paused")
    FINISHED = "finished", N_("Finished")

    @property
    def open(self) -> bool:
        """Whether somebody still has to walk it, or is walking it."""
        return self not in (RoundState.MISSED, RoundState.FINISHED)


@dataclass(frozen=True)
class Window:
    """The instants of a round: due, late from, missed from when nobody started it (epoch seconds)."""

    due_at: int
    late_at: int
    missed_at: int

    @property
    def opens_at(self) -> int:
        """The earliest start: as long before the due time as lateness begins after it."""
        return self.due_at - (self.late_at - self.due_at)

    def state(self, status: RoundStatus, now: int) -> RoundState:
        """Return how a round with this stored status stands now."""
        if status is not RoundStatus.DUE:
            return RoundState(status.value)
        if now < self.due_at:
            return RoundState.AHEAD
        if now < self.late_at:
            return RoundState.DUE
        return RoundState.LATE if now < self.missed_at else RoundState.MISSED

    def late(self, finished_at: int | None, now: int) -> bool:
        """Whether the round was, or is by now, not finished when its window ended."""
        return (now if finished_at is None else finished_at) >= self.late_at


def due_times(times: Iterable[str], starts_at: int, ends_at: int, zone: ZoneInfo) -> list[int]:
    """Return the instants of the wall `times` ("14:00") from `starts_at` until before `ends_at`, in order."""
    seconds = [walltime.parse_time(text, last="23:59") for text in times]
    day, last = walltime.local_day(starts_at, zone), walltime.local_day(ends_at, zone)
    found: set[int] = set()
    while day <= last:
        found.update(walltime.at(day, second, zone) for second in seconds)
        day += timedelta(days=1)
    return sorted(at for at in found if starts_at <= at < ends_at)


@dataclass(frozen=True)
class Option:
    """One answer of a choice item, and what it says about the item."""

    code: str
    label: Label
    found: Found = Found.OK


@dataclass(frozen=True)
class Condition:
    """`code=value`: the item is asked when the earlier item `code` was answered so."""

    code: str
    value: str

    def holds(self, found: Found | None, choice: str | None) -> bool:
        """Whether an answer (its verdict, its choice) meets the condition; `abnormal` means any abnormal one."""
        if found is None or found is Found.SKIPPED:
            return False
        return self.value in (found.value, choice) or (self.value == Found.ABNORMAL.value and found.abnormal)


def parse_condition(text: str) -> Condition | None:
    """Read `code=value`; empty text is no condition."""
    if not text:
        return None
    code, equals, value = (part.strip() for part in text.partition("="))
    if not (code and equals and value):
        raise Invalid(N_("“{text}” is not a condition. Write it as door=open or load=abnormal."), text=text)
    return Condition(code, value)


@dataclass(frozen=True)
class CheckPoint:
    """An item as a round asks it. `place`, `name` and `hint` are the desk's own words in both languages."""

    id: int
    code: str
    place: Label
    name: Label
    kind: ItemKind
    unit: str = ""
    limits: Limits = NO_LIMITS
    options: tuple[Option, ...] = ()
    required: bool = True
    condition: Condition | None = None
    hint: Label = NO_WORDS
    equipment: Label | None = None
    equipment_id: int | None = None
    in_service: bool = True
    job: str = ""

    def option(self, code: str | None) -> Option | None:
        """Return the option with this code, None when there is none."""
        return next((option for option in self.options if option.code == code), None)

    def judge(self, found: Found | None, number: float | None, choice: str | None) -> Found:
        """Return what an answer says: a reading by the limits, a choice by its option, else what the person found.

        `found` ABNORMAL or SKIPPED overrides both: a dead display is abnormal without a reading.
        Raises Invalid with the sentence how the item is answered when the answer does not fit it.
        """
        if found in (Found.ABNORMAL, Found.SKIPPED):
            return found
        if self.kind is ItemKind.NUMBER:
            if number is None:
                raise Invalid(N_("Type the reading, or x when there is none to read."))
            return found_of(self.limits.judge(number))
        if self.kind is ItemKind.CHOICE:
            option = self.option(choice)
            if option is None:
                raise Invalid(N_("Choose one of the answers by its number."))
            return option.found
        if found is None:
            raise Invalid(N_("o means ok, x abnormal."))
        return found


def found_of(verdict: Verdict) -> Found:
    """Return what a verdict by limits says about the item; an unknown one counts as abnormal."""
    return Found.ABNORMAL if verdict is Verdict.UNKNOWN else Found(verdict.value)


class Answered(Protocol):
    """What the rules need of an answer; for a choice `text` is the code of the option."""

    @property
    def found(self) -> Found: ...

    @property
    def text(self) -> str | None: ...

    @property
    def note(self) -> str | None: ...


A = TypeVar("A", bound=Answered)


def asked(points: Iterable[CheckPoint], answers: Mapping[str, Answered]) -> list[CheckPoint]:
    """Return the items to answer, in walking order: in service, and their condition met by an item that is asked.

    `answers` holds the newest answer by item code.
    """
    shown: dict[str, CheckPoint] = {}
    for point in points:
        if not point.in_service:
            continue
        if point.condition:
            before = answers.get(point.condition.code) if point.condition.code in shown else None
            if before is None or not point.condition.holds(before.found, before.text):
                continue
        shown[point.code] = point
    return list(shown.values())


@dataclass(frozen=True)
class Progress:
    """How far a round is, and what stands between it and its end."""

    answered: int
    total: int
    abnormal: int
    skipped: int
    missing: tuple[CheckPoint, ...]
    without_note: tuple[CheckPoint, ...]

    @property
    def can_finish(self) -> bool:
        """Whether every required item is answered and every abnormal one explained."""
        return not (self.missing or self.without_note)


def progress(points: Iterable[CheckPoint], answers: Mapping[str, Answered]) -> Progress:
    """Count the answers of a round and name the required items that are open and the notes that are missing."""
    to_answer = asked(points, answers)
    given = [(point, answers[point.code]) for point in to_answer if point.code in answers]
    return Progress(
        answered=len(given),
        total=len(to_answer),
        abnormal=sum(answer.found.abnormal for _, answer in given),
        skipped=sum(answer.found is Found.SKIPPED for _, answer in given),
        missing=tuple(point for point in to_answer if point.required and point.code not in answers),
        without_note=tuple(point for point, answer in given if answer.found.abnormal and not answer.note),
    )


@dataclass(frozen=True)
class Stroke:
    """One answer as it was given: by whom, when, for which place in walking order.

    `default_kept` says that an offered value was left as it was, `repeats` that it only adds a note to an answer.
    """

    person_id: int
    at: int
    ordinal: int
    default_kept: bool = False
    repeats: bool = False


@dataclass(frozen=True)
class Pace:
    """Signs of how a round was walked; facts for the supervisor, no judgement. Source: DOMAIN 5.

    `seconds` lie between the first and the last answer, `typical_gap` and `shortest_gap` (seconds) between two answers
    of one person, None with fewer than two. `quick` counts gaps below QUICK_SECONDS, `backward` steps against the
    walking order, `defaults` answers left as they were offered, `changed` answers that were given again.
    """

    answers: int = 0
    seconds: int = 0
    typical_gap: int | None = None
    shortest_gap: int | None = None
    quick: int = 0
    backward: int = 0
    defaults: int = 0
    changed: int = 0


def pace(strokes: Sequence[Stroke]) -> Pace:
    """Return the signs of how a round was walked, from its answers in the order they were written."""
    given = [stroke for stroke in strokes if not stroke.repeats]
    if not given:
        return Pace()
    last: dict[int, Stroke] = {}
    seen: set[int] = set()
    gaps: list[int] = []
    backward = changed = 0
    for stroke in given:
        before = last.get(stroke.person_id)
        again = stroke.ordinal in seen
        changed += again
        if before and not again:
            gaps.append(max(0, stroke.at - before.at))
            backward += stroke.ordinal < before.ordinal
        last[stroke.person_id] = stroke
        seen.add(stroke.ordinal)
    return Pace(
        answers=len(seen),
        seconds=max(0, max(stroke.at for stroke in given) - min(stroke.at for stroke in given)),
        typical_gap=round(statistics.median(gaps)) if gaps else None,
        shortest_gap=min(gaps) if gaps else None,
        quick=sum(gap < QUICK_SECONDS for gap in gaps),
        backward=backward,
        defaults=sum(stroke.default_kept for stroke in given),
        changed=changed,
    )


def clock_behind(started_at: int | None, instants: Iterable[int]) -> int:
    """Return by how many seconds the earliest answer lies before the round's start: above 0 a clock is wrong."""
    earliest = min(instants, default=None)
    return 0 if started_at is None or earliest is None else max(0, started_at - earliest)
