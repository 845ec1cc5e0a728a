"""What duty pay counts from: the duties and call-outs of a month as they happened, and the rates of its days."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from dutydesk.domain import walltime
from dutydesk.domain.allowance import Call, Content, Duty, Remark, content, is_night
from dutydesk.domain.attendance import Arrival, Departure
from dutydesk.domain.calendar import DayKind, UnknownYear
from dutydesk.domain.corrections import RequestStatus
from dutydesk.domain.errors import Invalid, Refused
from dutydesk.domain.rates import RatesFrom, in_force, read_rates
from dutydesk.domain.words import N_, Label
from dutydesk.services import callouts, settings
from dutydesk.services.attendance_records import Book, DutyRecord, duty_records
from dutydesk.storage.models.allowance import RateTable
from dutydesk.storage.models.attendance import CorrectionRequest
from dutydesk.storage.models.people import Person
from dutydesk.storage.models.shift import DutyShift

CAME = (Arrival.ON_TIME, Arrival.LATE)
_REMARKS = {Arrival.ABSENT: Remark.ABSENT, Arrival.LATE: Remark.LATE}


@dataclass(frozen=True)
class Month:
    """A month of the desk: its first and last day."""

    first: date
    last: date

    def __str__(self) -> str:
        return f"{self.first:%Y-%m}"

    @classmethod
    def of(cls, text: str) -> Month:
        """Read `2026-11`; raise Invalid with the form to write."""
        try:
            first = date.fromisoformat(f"{text.strip()}-01")
        except ValueError:
            raise Invalid(
                N_("“{text}” is no month. Write it as 2026-11."), field="month", text=text.strip()[:20]
            ) from None
        return cls(first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1))


@dataclass(frozen=True)
class StoredRates:
    """A table of rates as it is kept: its text, and the first day it is in force."""

    id: int
    since: date
    text: str
    name: str


def stored_rates() -> list[StoredRates]:
    """Return every table of rates the desk ever had, by the day it is in force from, a later one of that day last."""
    rows = RateTable.select(RateTable.id, RateTable.effective_from, RateTable.text, RateTable.name).order_by(
        RateTable.effective_from, RateTable.id
    )
    return [StoredRates(row_id, date.fromisoformat(since), text, name) for row_id, since, text, name in rows.tuples()]


def rates_of(month: Month, tables: Iterable[StoredRates]) -> list[StoredRates]:
    """Return those of `tables` that are in force on any day of the month."""
    ahead = [table for table in tables if table.since <= month.last]
    before = [table for table in ahead if table.since <= month.first][-1:]
    return before + [table for table in ahead if table.since > month.first]


def read_all(tables: Iterable[StoredRates]) -> list[RatesFrom]:
    """Read tables of rates; raise Refused where one month would be paid in two currencies."""
    found = [RatesFrom(table.since, read_rates(table.text, table.name)) for table in tables]
    if len({(table.rates.currency, table.rates.decimals) for table in found}) > 1:
        raise Refused(N_("The rates of this month are in two currencies; give the new ones from the first of a month."))
    return found


@dataclass(frozen=True)
class Computed:
    """A month as it comes out now; `to_come` counts the duties that are not over."""

    content: Content
    to_come: int


def compute(month: Month, tables: list[RatesFrom]) -> Computed:
    """Work out a month by the given rates; raise UnknownYear when the calendar does not hold its year."""
    book = Book()
    day_kind(book, month.first)
    records = [record for record in duty_records(month.first, month.last) if not record.covered]
    over = [record for record in records if record.ends_at <= book.now]
    shifts = bounds({record.shift_id for record in over})
    made = content(
        [_duty(record, shifts[record.shift_id], book) for record in over],
        _calls(month, tables, book),
        tables,
        _people(),
        currency=tables[0].rates.currency if tables else "",
        decimals=tables[0].rates.decimals if tables else 2,
    )
    return Computed(made, len(records) - len(over))


def day_kind(book: Book, day: date) -> DayKind:
    """Return which kind a day was; raise UnknownYear, or Refused on a desk without a policy."""
    kind = book.day_kind(day)
    if kind is not None:
        return kind
    policy = book.policy(day)
    if policy is None:
        raise Refused(N_("This desk has no duty policy yet. `dutydesk init` gives it one."))
    raise UnknownYear(
        N_("The calendar “{name}” does not hold {year} yet. Import that year from a file."),
        name=policy.calendar,
        year=day.year,
    )


def bounds(shift_ids: set[int]) -> dict[int, tuple[int, int]]:
    """Return start and end (epoch seconds) of shifts by their ids."""
    rows = DutyShift.select(DutyShift.id, DutyShift.starts_at, DutyShift.ends_at)
    return {row[0]: (row[1], row[2]) for row in rows.where(DutyShift.id.in_(shift_ids)).tuples()}


def _people() -> list[tuple[str, Label]]:
    rows = Person.select(Person.login, Person.name, Person.name_en).order_by(Person.ordinal, Person.id)
    return [(row[0], Label(row[1], row[2])) for row in rows.tuples()]


def requests_waiting(month: Month) -> int:
    """Return how many requests to put the attendance of a month right nobody has decided."""
    days = DutyShift.day.between(month.first.isoformat(), month.last.isoformat())
    asked = CorrectionRequest.status == RequestStatus.ASKED.value
    return CorrectionRequest.select().join(DutyShift).where(days & asked).count()


def had_duties(month: Month) -> bool:
    """Whether any shift of the month stands in the roster."""
    days = DutyShift.day.between(month.first.isoformat(), month.last.isoformat())
    return DutyShift.select(DutyShift.id).where(days).exists()


def _duty(record: DutyRecord, bounds: tuple[int, int], book: Book) -> Duty:
    rule = book.rule(record.day)
    return Duty(
        login=record.login,
        shift_id=record.shift_id,
        day=record.day,
        kind=record.kind,
        day_kind=day_kind(book, record.day),
        shift_starts_at=bounds[0],
        shift_ends_at=bounds[1],
        starts_at=record.starts_at,
        ends_at=record.ends_at,
        night=record.night,
        post=record.post,
        worked=record.judged.worked_minutes,
        came=record.judged.arrival in CAME,
        in_order=record.judged.in_order or record.judged.departure is Departure.UNSIGNED,
        grace=rule.late_grace + rule.early_grace,
        extra=record.extra,
        remarks=_remarks(record),
    )


def _remarks(record: DutyRecord) -> tuple[Remark, ...]:
    judged = record.judged
    said = {
        _REMARKS.get(judged.arrival): True,
        Remark.EARLY: judged.departure is Departure.EARLY,
        Remark.UNSIGNED: judged.departure is Departure.UNSIGNED,
        Remark.PART: record.part,
        Remark.COVERS: record.covers is not None,
        Remark.EXTRA: record.extra,
        Remark.CORRECTED: record.corrected,
    }
    return tuple(remark for remark, holds in said.items() if remark is not None and holds)


def _calls(month: Month, tables: list[RatesFrom], book: Book) -> list[Call]:
    """Return the call-outs of a month that hold: neither corrected by a later record nor cancelled."""
    zone = settings.desk_zone()
    found: list[Call] = []
    for line in callouts.between(month.first, month.last):
        local = walltime.local(line.called.called_at, zone)
        rates = in_force(tables, local.date())
        found.append(
            Call(
                line.login,
                local.date(),
                day_kind(book, local.date()),
                line.called.called_at,
                line.called.left_at,
                line.called.on_site,
                bool(rates and is_night(rates, local.hour * 3600 + local.minute * 60)),
                line.corrected,
            )
        )
    return found


def frozen_rates(text: str) -> list[StoredRates]:
    """Return the tables of rates that were frozen with a month."""
    return [StoredRates(0, date.fromisoformat(each["since"]), each["text"], each["name"]) for each in json.loads(text)]


def plain_rates(tables: Iterable[StoredRates]) -> list[dict[str, str]]:
    """Return tables of rates as they are frozen with a month."""
    return [{"since": table.since.isoformat(), "text": table.text, "name": table.name} for table in tables]
