"""Duty pay by month: the sheet, freezing it with its rates, what a recalculation would change, and the rates.

A frozen month is never rewritten: a later revision stands beside it, with its reason. An engineer sees his own pay,
the supervisor everybody's. Source: REQUIREMENTS B8, DOMAIN 3.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from dutydesk.domain import clock
from dutydesk.domain.allowance import ChangedPerson, Content
from dutydesk.domain.allowance import difference as changes
from dutydesk.domain.errors import Conflict, NotFound, Refused
from dutydesk.domain.log import Said
from dutydesk.domain.people import Role
from dutydesk.domain.rates import RatesFrom, read_rates, show_amount
from dutydesk.domain.text import optional, required
from dutydesk.domain.walltime import local_day
from dutydesk.domain.words import N_, Label
from dutydesk.services import notices, settings
from dutydesk.services.allowance_facts import (
    Computed,
    Month,
    StoredRates,
    compute,
    frozen_rates,
    had_duties,
    plain_rates,
    rates_of,
    read_all,
    requests_waiting,
    stored_rates,
)
from dutydesk.services.core import SUPERVISORS, Actor, create, reads, record, signs, writes
from dutydesk.services.shift_views import facts
from dutydesk.storage.chain import canonical
from dutydesk.storage.models.allowance import AllowanceMonth, RateTable
from dutydesk.storage.models.desk import Policy
from dutydesk.storage.models.people import Person
from dutydesk.storage.shipped import data_path

REASON_LIMIT = 300
RATES_LIMIT = 60_000
"""Characters of a table of rates."""


@dataclass(frozen=True)
class RatesLine:
    """A table of rates; `since` is the first day it is in force, `example` one that is not the desk's own yet.

    `id` is 0 for one that was frozen with a month.
    """

    id: int
    since: date
    name: str
    title: Label
    currency: str
    example: bool
    text: str


@dataclass(frozen=True)
class FrozenLine:
    """One revision of a month that was frozen; `amount` is in minor units."""

    revision: int
    frozen_at: int
    frozen_by: Label
    reason: str
    digest: str
    amount: int
    decimals: int


@dataclass(frozen=True)
class MonthSheet:
    """The duty pay of a month.

    `content` is what was frozen, or where nothing was, what comes out now. `digest` stands for what comes out now: to
    freeze it is to sign that. `changed` counts the people for whom it differs from what was frozen. `own` says that
    only the asker's pay is in it. `to_come` counts duties that are not over. `titles` names the kinds of shift.
    """

    month: str
    first: date
    last: date
    content: Content
    rates: tuple[RatesLine, ...]
    frozen: FrozenLine | None
    to_come: int
    over: bool
    changed: int
    digest: str
    own: bool
    warnings: tuple[Said, ...]
    titles: Mapping[str, Label]


@dataclass(frozen=True)
class Difference:
    """What a recalculation changes against the frozen month; sums in minor units, `digest` as in `MonthSheet`.

    `fresh` says that it was done with the rates set since, not with those frozen with the month.
    """

    month: str
    frozen: FrozenLine
    currency: str
    decimals: int
    before: int
    after: int
    people: tuple[ChangedPerson, ...]
    fresh: bool
    digest: str
    titles: Mapping[str, Label]


@reads()
def sheet(who: Actor, month: str) -> MonthSheet:
    """Return the duty pay of a month such as `2026-11`; an engineer gets his own.

    Raises UnknownYear when the calendar does not hold the year.
    """
    return _sheet(who, Month.of(month))


@reads()
def difference(who: Actor, month: str, *, fresh: bool = False) -> Difference:
    """Return what a recalculation changes against the frozen month, with the rates frozen with it or with `fresh` ones.

    Raises NotFound when the month is not frozen.
    """
    span = Month.of(month)
    row = _newest(span)
    if row is None:
        raise NotFound(N_("The duty pay of {month} is not frozen yet."), month=str(span))
    now = compute(span, read_all(_tables(span, row, fresh)))
    before, after = (_seen_by(who, each) for each in (_content(row), now.content))
    return Difference(
        str(span),
        _line(row),
        after.currency or before.currency,
        after.decimals,
        before.amount,
        after.amount,
        changes(before, after),
        fresh,
        _digest(now.content),
        _titles(before, after),
    )


@reads()
def to_freeze(who: Actor) -> str:  # noqa: ARG001
    """Return the month that ended last where it had duties and is not frozen, else an empty text."""
    today = local_day(clock.now(), settings.desk_zone())
    span = Month.of(f"{today.replace(day=1) - timedelta(days=1):%Y-%m}")
    return str(span) if _newest(span) is None and had_duties(span) else ""


@reads()
def revisions(who: Actor, month: str) -> list[FrozenLine]:
    """Return every revision of a month that was frozen, the newest first; amounts of everybody, or of an engineer."""
    rows = AllowanceMonth.select().where(AllowanceMonth.month == str(Month.of(month)))
    found = list(rows.order_by(AllowanceMonth.revision.desc()))
    return [replace(_line(row), amount=_seen_by(who, _content(row)).amount) for row in found]


@signs(SUPERVISORS)
def freeze(
    who: Actor,
    pin: str,  # noqa: ARG001
    month: str,
    *,
    seen: str = "",
    reason: str = "",
    fresh: bool = False,
    unfinished: bool = False,
) -> MonthSheet:
    """Freeze a month with the rates it was worked out by; everybody in it is told his amount.

    `seen` is the digest of what was looked at: raises Conflict when something else comes out now. A month frozen
    before gets a new revision, which needs a reason and a difference; `fresh` takes the rates set since. A month that
    is not over needs `unfinished` and a reason.
    """
    span = Month.of(month)
    before = _newest(span)
    tables = _tables(span, before, fresh)
    now = compute(span, read_all(tables))
    if seen and seen != _digest(now.content):
        raise Conflict(N_("The duty pay of {month} has changed since you looked; look again."), month=str(span))
    _check_month(span, now, tables, unfinished)
    if before is None and _is_over(span, now):
        reason = optional(reason, "reason", limit=REASON_LIMIT, multiline=False)
    else:
        reason = required(reason, "reason", limit=REASON_LIMIT)
    if before is not None and not changes(_content(before), now.content):
        raise Refused(N_("Nothing differs from what is frozen; {month} stays as it is."), month=str(span))
    row = _keep(who, span, now.content, tables, (before.revision if before else 0) + 1, reason)
    _tell(who, span, now.content, _content(before) if before else None)
    values = {"month": str(span), "revision": row.revision, "amount": now.content.amount, "digest": row.digest}
    record(who, "allowance.frozen", row, values={**values, "reason": reason, "unfinished": not _is_over(span, now)})
    return _sheet(who, span)


def _check_month(span: Month, now: Computed, tables: Sequence[StoredRates], unfinished: bool) -> None:
    if not tables:
        raise Refused(N_("No rates are in force in {month}; set them first."), month=str(span))
    if not now.content.people:
        raise Refused(N_("Nothing has happened in {month} that is paid for."), month=str(span))
    if not _is_over(span, now) and not unfinished:
        raise Refused(N_("{month} is not over; duties still to come: {n}."), month=str(span), n=now.to_come)


def _keep(
    who: Actor, span: Month, made: Content, tables: Sequence[StoredRates], revision: int, reason: str
) -> AllowanceMonth:
    rates, kept = canonical(plain_rates(tables)), canonical(made.plain())
    sealed = canonical({"month": str(span), "revision": revision, "rates": rates, "content": kept, "reason": reason})
    return create(
        AllowanceMonth,
        month=str(span),
        revision=revision,
        frozen_by=who.person_id,
        frozen_at=clock.now(),
        rates=rates,
        content=kept,
        digest=hashlib.sha256(sealed.encode()).hexdigest(),
        reason=reason,
    )


def _tell(who: Actor, span: Month, made: Content, before: Content | None) -> None:
    ids = dict(Person.select(Person.login, Person.id).tuples())
    old = {person.login: person.amount for person in before.people} if before else {}
    for person in made.people:
        if before is not None and old.get(person.login) == person.amount:
            continue
        message = N_("Your duty pay of {month} is {amount} {currency}.")
        if before is not None:
            message = N_("Your duty pay of {month} was worked out anew: {amount} {currency}.")
        amount = show_amount(person.amount, made.decimals)
        values = {"month": str(span), "amount": amount, "currency": made.currency}
        notices.tell(who, [ids[person.login]], message, values, subject="allowance")


# Rates


@reads()
def rates(who: Actor) -> list[RatesLine]:  # noqa: ARG001
    """Return every table of rates the desk ever had, the newest first."""
    return [_rates_line(table) for table in reversed(stored_rates())]


@writes(SUPERVISORS)
def set_rates(who: Actor, text: str, effective: date, *, source: str = "rates") -> RatesLine:
    """Put a table of rates in force from a day on; what is frozen keeps its own. Raises Invalid with the place."""
    text = required(text, "text", limit=RATES_LIMIT, multiline=True)
    read = read_rates(text, source)
    row = create(
        RateTable,
        name=read.name,
        text=text,
        effective_from=effective.isoformat(),
        made_at=clock.now(),
        made_by=who.person_id or None,
    )
    values = {"name": read.name, "from": effective.isoformat(), "example": read.example}
    record(who, "allowance.rates", row, values=values)
    return _rates_line(StoredRates(row.id, effective, text, read.name))


@writes(SUPERVISORS)
def import_shipped(who: Actor) -> dict[str, int]:
    """Bring in the shipped example of rates, in force from the month the desk begins in; returns how many rules."""
    if RateTable.select(RateTable.id).exists():
        return {}
    path = data_path("rates", "example.toml")
    begins = Policy.select(Policy.effective_from).order_by(Policy.effective_from).limit(1).scalar()
    since = date.fromisoformat(begins) if begins else local_day(clock.now(), settings.desk_zone())
    text = path.read_text(encoding="utf-8")
    set_rates(who, text, since.replace(day=1), source=path.name)
    read = read_rates(text, path.name)
    return {"rates": len(read.once) + len(read.rules)}


# Reading


def _sheet(who: Actor, span: Month) -> MonthSheet:
    row = _newest(span)
    tables = _tables(span, row, False)
    read = read_all(tables)
    now = compute(span, read)
    frozen = _content(row) if row else None
    shown = _seen_by(who, frozen or now.content)
    changed = len(changes(shown, _seen_by(who, now.content))) if frozen else 0
    found = MonthSheet(
        str(span),
        span.first,
        span.last,
        shown,
        tuple(_rates_line(table, each) for table, each in zip(tables, read, strict=True)),
        replace(_line(row), amount=shown.amount) if row else None,
        now.to_come,
        _is_over(span, now),
        changed,
        _digest(now.content),
        who.role is Role.ENGINEER,
        (),
        _titles(shown),
    )
    return replace(found, warnings=tuple(_warnings(found)))


def _titles(*sheets: Content) -> dict[str, Label]:
    known = facts()
    return {line.kind: known.title(line.kind) for made in sheets for person in made.people for line in person.lines}


def _warnings(found: MonthSheet) -> list[Said]:
    said: list[Said] = []
    if not found.rates:
        said.append(Said(N_("No rates are in force in {month}; set them first."), {"month": found.month}))
    if any(line.example for line in found.rates):
        said.append(Said(N_("The rates are an example: check them and set those of your unit.")))
    if not found.over and not found.frozen:
        values = {"month": found.month, "n": found.to_come}
        said.append(Said(N_("{month} is not over; duties still to come: {n}."), values))
    if not found.own and (asked := requests_waiting(Month(found.first, found.last))):
        said.append(Said(N_("Requests for corrections that wait: {n}."), {"n": asked}))
    if doubtful := sum(person.doubtful for person in found.content.people):
        said.append(Said(N_("Lines to look into: {n}."), {"n": doubtful}))
    if found.changed:
        said.append(Said(N_("Worked out again it differs for people: {n}."), {"n": found.changed}))
    return said


def _tables(span: Month, row: AllowanceMonth | None, fresh: bool) -> list[StoredRates]:
    """Return the rates of a month: those frozen with it, unless `fresh`, else those in force."""
    return frozen_rates(row.rates) if row is not None and not fresh else rates_of(span, stored_rates())


def _is_over(span: Month, now: Computed) -> bool:
    return now.to_come == 0 and local_day(clock.now(), settings.desk_zone()) > span.last


def _newest(span: Month) -> AllowanceMonth | None:
    rows = AllowanceMonth.select().where(AllowanceMonth.month == str(span))
    found: AllowanceMonth | None = rows.order_by(AllowanceMonth.revision.desc()).limit(1).first()
    return found


def _content(row: AllowanceMonth) -> Content:
    return Content.of(json.loads(row.content))


def _seen_by(who: Actor, made: Content) -> Content:
    if who.role is not Role.ENGINEER:
        return made
    return replace(made, people=tuple(person for person in made.people if person.login == who.login))


def _digest(made: Content) -> str:
    return hashlib.sha256(canonical(made.plain()).encode()).hexdigest()


def _line(row: AllowanceMonth) -> FrozenLine:
    by = Label(row.frozen_by.name, row.frozen_by.name_en)
    kept = json.loads(row.content)
    return FrozenLine(row.revision, row.frozen_at, by, row.reason, row.digest, kept["amount"], kept["decimals"])


def _rates_line(table: StoredRates, read: RatesFrom | None = None) -> RatesLine:
    found = read.rates if read else read_rates(table.text, table.name)
    title = Label(found.title.text("zh"), found.title.text("en"))
    return RatesLine(table.id, table.since, found.name, title, found.currency, found.example, table.text)
