"""Rates of duty pay as data: one-off rules for named days, then ordered rules; the first that covers wins.

Money is whole minor units (fen, cents), read from text such as `"150.00"`; a decimal fraction is never a float.
Source: REQUIREMENTS B8, DOMAIN 3.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from dutydesk.domain.calendar import WEEKDAY_KEYS, DayKind
from dutydesk.domain.errors import Invalid
from dutydesk.domain.rules import EVERY_DAY, MASKS, DayMask
from dutydesk.domain.tables import Expected, Table, Words, read_toml
from dutydesk.domain.walltime import Window, window
from dutydesk.domain.words import N_, Named

_AMOUNT = re.compile(r"(\d{1,9})(?:\.(\d+))?")
_CURRENCY = re.compile(r"[A-Z]{3}")


class Event(Named):
    """What is paid for."""

    DUTY = "duty", N_("Duty")
    CALL_OUT = "call-out", N_("Call-out")


class Unit(Named):
    """What a rate is an amount for."""

    SHIFT = "per_shift", N_("a shift")
    HOUR = "per_hour", N_("an hour")
    CALL = "per_call", N_("a call")


class Share(Named):
    """Which minutes of a shift count."""

    WORKED = "worked", N_("the time worked")
    PLANNED = "planned", N_("the time planned, for whoever came")


@dataclass(frozen=True)
class Happening:
    """What a rule is asked about: a duty or a call-out with the day it belongs to.

    `night` says that the shift is a night shift, or that the call came within the hours of the night.
    """

    event: Event
    day: date
    day_kind: DayKind
    shift_kind: str = ""
    night: bool = False
    post: str = ""
    extra: bool = False
    on_site: bool = True


@dataclass(frozen=True)
class RateRule:
    """One rule: what it covers, and what it pays in minor units of the currency.

    `dates` makes it a one-off rule for named days. None and empty sets ask for nothing. `absent_paid` pays people
    who did not come. `least_minutes` is the least time that a call-out by the hour counts for.
    """

    name: str
    title: Words
    event: Event
    unit: Unit
    rate: int
    dates: frozenset[date] = frozenset()
    days: DayMask = EVERY_DAY
    shifts: frozenset[str] = frozenset()
    posts: frozenset[str] = frozenset()
    night: bool | None = None
    extra: bool = False
    on_site: bool | None = None
    share: Share = Share.WORKED
    absent_paid: bool = False
    least_minutes: int = 0

    def covers(self, what: Happening) -> bool:
        """Whether this rule is about `what`."""
        return (
            self.event is what.event
            and self.extra == what.extra
            and (not self.dates or what.day in self.dates)
            and _on(self.days, what)
            and (not self.shifts or what.shift_kind in self.shifts)
            and (not self.posts or what.post in self.posts)
            and self.night in (None, what.night)
            and self.on_site in (None, what.on_site)
        )


def _on(days: DayMask, what: Happening) -> bool:
    return days.all_days or what.day.weekday() in days.weekdays or what.day_kind in days.kinds


@dataclass(frozen=True)
class Rates:
    """A whole table of rates; `example` marks one that the desk has not made its own.

    `night` are the hours in which a call counts as one at night.
    """

    name: str
    title: Words
    currency: str
    decimals: int
    once: tuple[RateRule, ...]
    rules: tuple[RateRule, ...]
    example: bool = False
    night: Window = field(default_factory=lambda: window("22:00", "06:00"))

    def rule_for(self, what: Happening) -> RateRule | None:
        """Return the rule that pays `what`: one-off rules first, then the others, each in their order; or None."""
        return next((rule for rule in (*self.once, *self.rules) if rule.covers(what)), None)


@dataclass(frozen=True)
class RatesFrom:
    """A table of rates and the day from which on it is in force."""

    since: date
    rates: Rates


def in_force(tables: Sequence[RatesFrom], day: date) -> Rates | None:
    """Return the rates of `day`; of two that begin on one day the later in `tables`, and None before the first."""
    found: RatesFrom | None = None
    for table in tables:
        if table.since <= day and (found is None or table.since >= found.since):
            found = table
    return found.rates if found else None


def minor(text: str, decimals: int) -> int | None:
    """Return `"150.50"` as minor units, None when it is no amount with at most `decimals` places."""
    found = _AMOUNT.fullmatch(text.strip())
    places = (found[2] or "") if found else ""
    if found is None or len(places) > decimals:
        return None
    return int(found[1]) * 10**decimals + int(places.ljust(decimals, "0") or 0)


def show_amount(amount: int, decimals: int) -> str:
    """Return minor units as a plain decimal number: `1250.00`, `-3.50`."""
    if not decimals:
        return str(amount)
    whole, part = divmod(abs(amount), 10**decimals)
    return f"{'-' if amount < 0 else ''}{whole}.{part:0{decimals}d}"


def read_rates(text: str, source: str = "rates") -> Rates:
    """Read a table of rates from TOML; `source` names the file in errors. Raises Invalid with a sentence to act on."""
    table = read_toml(text, source)
    name = table.text("name")
    currency = table.text("currency")
    if not _CURRENCY.fullmatch(currency):
        raise Invalid(N_("{where}: currency is three capital letters such as CNY."), where=source)
    decimals = table.whole("decimals", 2)
    if decimals > 4:
        raise Invalid(N_("{where}: an amount has at most four decimals."), where=source)
    once = tuple(_rule(entry, decimals, f"once-{number}", True) for number, entry in _numbered(table, "once"))
    rules = tuple(_rule(entry, decimals, f"rule-{number}", False) for number, entry in _numbered(table, "rule"))
    names = [rule.name for rule in (*once, *rules)]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise Invalid(N_("{where}: two rules are named “{name}”."), where=source, name=twice[0])
    if not rules:
        raise Invalid(N_("{where}: there is no [[rule]] in it."), where=source)
    rates = Rates(
        name,
        table.words("title", name),
        currency,
        decimals,
        once,
        rules,
        table.yes("example", False),
        _night(table.table("night")),
    )
    table.done()
    return rates


def _numbered(table: Table, key: str) -> Iterable[tuple[int, Table]]:
    return enumerate(table.tables(key), start=1)


def _night(table: Table) -> Window:
    start, end = table.text("from", "22:00"), table.text("to", "06:00")
    found = table.placed(lambda: window(start, end, field="night"))
    table.done()
    return found


def _rule(table: Table, decimals: int, usual: str, once: bool) -> RateRule:
    name = table.text("name", usual)
    event = Event(table.choice("for", [event.value for event in Event], Event.DUTY.value))
    unit = _unit(table, event)
    duty = event is Event.DUTY
    rule = RateRule(
        name=name,
        title=table.words("title", name),
        event=event,
        unit=unit,
        rate=_amount(table, unit.value, decimals),
        dates=_dates(table) if once else frozenset(),
        days=EVERY_DAY if once else _mask(table),
        shifts=frozenset(table.texts("shifts")) if duty else frozenset(),
        posts=frozenset(table.texts("posts")) if duty else frozenset(),
        night=table.yes("night", False) if table.has("night") else None,
        extra=table.yes("extra", False) if duty else False,
        on_site=table.yes("on_site", True) if not duty and table.has("on_site") else None,
        share=Share(table.choice("share", [share.value for share in Share], Share.WORKED.value))
        if duty
        else Share.WORKED,
        absent_paid=table.yes("absent_paid", False) if duty else False,
        least_minutes=table.whole("least_minutes", 0) if unit is Unit.HOUR and not duty else 0,
    )
    table.done()
    return rule


def _unit(table: Table, event: Event) -> Unit:
    allowed = [unit for unit in Unit if unit is not (Unit.CALL if event is Event.DUTY else Unit.SHIFT)]
    given = [unit for unit in allowed if table.has(unit.value)]
    if len(given) != 1:
        raise Invalid(
            N_("{where}: give one of {choices}."),
            where=table.where,
            choices=", ".join(unit.value for unit in allowed),
        )
    return given[0]


def _amount(table: Table, key: str, decimals: int) -> int:
    value = table.raw(key)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    amount = minor(value, decimals) if isinstance(value, str) else None
    if amount is None:
        example = show_amount(15 * 10 ** (decimals + 1), decimals)
        raise Invalid(
            N_('{where}: {key} is an amount in quotation marks such as "{example}".'),
            where=table.where,
            key=key,
            example=example,
        )
    return amount


def _dates(table: Table) -> frozenset[date]:
    days = {table.as_day("days", value) for value in table.items("days")}
    if table.has("from") or table.has("to"):
        first, last = table.day("from"), table.day("to")
        if last < first:
            raise Invalid(N_("{where}: “to” is before “from”."), where=table.where)
        days |= {first + timedelta(days=step) for step in range(min(366, (last - first).days + 1))}
    if not days:
        raise Invalid(N_("{where}: a one-off rule names its days."), where=table.where)
    return frozenset(days)


def _mask(table: Table) -> DayMask:
    words = table.texts("days", ("all",))
    found = DayMask()
    kinds = {kind.value: kind for kind in DayKind}
    for word in words:
        if word not in MASKS and word not in WEEKDAY_KEYS and word not in kinds:
            raise Invalid(
                N_("{where}: {key} is “{value}” and must be one of {choices}."),
                where=table.where,
                key="days",
                value=word,
                choices=", ".join((*MASKS, *WEEKDAY_KEYS, *kinds)),
            )
        named = MASKS.get(word, DayMask())
        weekdays = frozenset({WEEKDAY_KEYS.index(word)} if word in WEEKDAY_KEYS else ())
        own = frozenset({kinds[word]} if word in kinds else ())
        found = DayMask(
            weekdays=found.weekdays | weekdays,
            kinds=found.kinds | named.kinds | own,
            all_days=found.all_days or named.all_days,
        )
    if not words:
        raise table.wrong("days", Expected.TEXTS)
    return found
