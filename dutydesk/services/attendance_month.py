"""The month of attendance: what the supervisor reads, person by person, and what each number is made of.

Source: REQUIREMENTS C11.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date

from dutydesk.domain import clock, spans
from dutydesk.domain.attendance import Arrival, Departure
from dutydesk.domain.people import Role
from dutydesk.domain.walltime import local_day
from dutydesk.domain.words import Label
from dutydesk.services import callouts
from dutydesk.services.attendance_records import DutyRecord, duty_records, whose
from dutydesk.services.core import Actor, reads
from dutydesk.services.settings import desk_zone
from dutydesk.storage.models.attendance import CorrectionRequest
from dutydesk.storage.models.people import Person


@dataclass(frozen=True)
class Counts:
    """What a month of duties adds up to; times in minutes.

    `planned` are the duties of the month, `ahead` of them have not begun. Of the others somebody came `on_time` or
    `late`, or was `absent`, or is `missing` just now; `early` left too soon and `unsigned` did not sign out. `covered`
    were taken over by somebody else and count as no duty; `covering` were taken over from somebody else.
    `call_outs` are those that count, with the minutes of those that are over; `corrected` duties have a signature that
    was put right.
    """

    planned: int = 0
    ahead: int = 0
    on_time: int = 0
    late: int = 0
    late_minutes: int = 0
    early: int = 0
    early_minutes: int = 0
    absent: int = 0
    missing: int = 0
    unsigned: int = 0
    covered: int = 0
    covering: int = 0
    extra: int = 0
    nights: int = 0
    planned_minutes: int = 0
    worked_minutes: int = 0
    overlap_minutes: int = 0
    call_outs: int = 0
    call_out_minutes: int = 0
    corrected: int = 0

    def __add__(self, other: Counts) -> Counts:
        names = [field.name for field in fields(self)]
        return Counts(**{name: getattr(self, name) + getattr(other, name) for name in names})

    @property
    def in_order(self) -> bool:
        """Whether nothing is to be said about the month."""
        return not (self.late or self.early or self.absent or self.missing or self.unsigned)


@dataclass(frozen=True)
class PersonMonth:
    """One person's month; `waiting` counts his requests for corrections that nobody has decided."""

    person_id: int
    login: str
    label: Label
    counts: Counts
    waiting: int = 0


@dataclass(frozen=True)
class MonthSheet:
    """A month of attendance: its days, its people in the desk's order, all of them together."""

    month: str
    first: date
    last: date
    people: tuple[PersonMonth, ...]
    total: Counts


@reads()
def month(who: Actor, month: str) -> MonthSheet:
    """Return the statistics of a month such as `2026-11`; an engineer sees his own line."""
    first, last = spans.month(month)
    only = whose(who, None)
    counts: dict[int, Counts] = {}
    for record in duty_records(first, last, only):
        counts[record.person_id] = counts.get(record.person_id, Counts()) + counted(record)
    for call in callouts.between(first, last, only):
        made = Counts(call_outs=1, call_out_minutes=call.called.minutes() or 0)
        counts[call.person_id] = counts.get(call.person_id, Counts()) + made
    waiting = _waiting()
    lines = tuple(
        PersonMonth(
            row.id, row.login, Label(row.name, row.name_en), counts.get(row.id, Counts()), waiting.get(row.id, 0)
        )
        for row in Person.select().order_by(Person.ordinal, Person.id)
        if row.id in counts or (row.active and row.role == Role.ENGINEER.value and only in (None, row.id))
    )
    return MonthSheet(f"{first:%Y-%m}", first, last, lines, total(line.counts for line in lines))


def counted(record: DutyRecord) -> Counts:
    """Return what one duty adds to a month."""
    judged = record.judged
    if record.covered:
        return Counts(covered=1)
    planned = 0 if record.extra else 1
    return Counts(
        planned=planned,
        ahead=planned if judged.arrival is Arrival.EXPECTED else 0,
        on_time=planned if judged.arrival is Arrival.ON_TIME else 0,
        late=1 if judged.arrival is Arrival.LATE else 0,
        late_minutes=judged.late_minutes,
        early=1 if judged.departure is Departure.EARLY else 0,
        early_minutes=judged.early_minutes,
        absent=1 if judged.arrival is Arrival.ABSENT else 0,
        missing=1 if judged.arrival is Arrival.MISSING else 0,
        unsigned=1 if judged.departure is Departure.UNSIGNED else 0,
        covering=1 if record.covers is not None else 0,
        extra=1 if record.extra else 0,
        nights=planned if record.night else 0,
        planned_minutes=record.planned_minutes,
        worked_minutes=judged.worked_minutes,
        overlap_minutes=record.overlap_minutes,
        corrected=1 if record.corrected else 0,
    )


def total(counts: Iterable[Counts]) -> Counts:
    """Return the sum of several months."""
    return sum(counts, Counts())


def this_month() -> str:
    """Return the month that runs at the desk, as `2026-11`."""
    return f"{local_day(clock.now(), desk_zone()):%Y-%m}"


def _waiting() -> dict[int, int]:
    found: dict[int, int] = {}
    asked = CorrectionRequest.select(CorrectionRequest.person).where(CorrectionRequest.status == "asked")
    for (person_id,) in asked.tuples():
        found[person_id] = found.get(person_id, 0) + 1
    return found
