"""Duty pay: each duty and each call-out of a month, the rule that paid it, and how its amount came about.

What counts is what happened: minutes that were worked, nothing for who was absent unless the rule says so, a shift in
parts split by time. A night belongs to the day it starts. Amounts are whole minor units (fen, cents).
Source: REQUIREMENTS B8, DOMAIN 3.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from dutydesk.domain.calendar import DayKind
from dutydesk.domain.rates import Event, Happening, Rates, RatesFrom, Share, Unit, in_force
from dutydesk.domain.words import N_, Label, Named

HOUR = 60
"""Minutes."""


class Remark(Named):
    """What else is to be said about an amount."""

    ABSENT = "absent", N_("absent")
    PART = "part", N_("a part of the shift")
    LATE = "late", N_("came late")
    EARLY = "early", N_("left early")
    AWAY = "away", N_("not there all the time")
    UNSIGNED = "unsigned", N_("not signed out, counted to the end")
    CORRECTED = "corrected", N_("corrected record")
    COVERS = "covers", N_("covers for somebody")
    EXTRA = "extra", N_("not planned")
    NO_RULE = "no-rule", N_("no rule covers it")
    NO_RATES = "no-rates", N_("no rates in force that day")
    OPEN = "open", N_("the call-out has no end yet")
    LEAST = "least", N_("counted as the least time of the rule")


_DOUBTFUL = frozenset({Remark.UNSIGNED, Remark.NO_RULE, Remark.NO_RATES, Remark.OPEN})
"""Remarks that somebody should look into before the month is frozen."""


@dataclass(frozen=True)
class Duty:
    """One person on one shift, or on a part of it, as it happened. Instants are epoch seconds.

    `starts_at` and `ends_at` bound the part, `shift_starts_at` and `shift_ends_at` the whole shift. `worked` is in
    minutes; `in_order` says that coming and going were within the grace of the policy, `grace` how many minutes that
    is. `extra` is somebody who helped without being planned and without standing in for anybody.
    """

    login: str
    shift_id: int
    day: date
    kind: str
    day_kind: DayKind
    shift_starts_at: int
    shift_ends_at: int
    starts_at: int
    ends_at: int
    night: bool = False
    post: str = ""
    worked: int = 0
    came: bool = True
    in_order: bool = True
    grace: int = 0
    extra: bool = False
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True)
class Call:
    """One call-out as it happened; `left_at` None while it lasts. Instants are epoch seconds."""

    login: str
    day: date
    day_kind: DayKind
    called_at: int
    left_at: int | None
    on_site: bool = True
    night: bool = False
    corrected: bool = False


@dataclass(frozen=True)
class PayLine:
    """One amount and everything it came from; `rule` is "" where no rule covers.

    `rate` is what the rule pays for one `unit`; `minutes` of `of_minutes` count. `key` tells the lines of one person
    apart, and stays when the month is worked out again.
    """

    login: str
    key: str
    event: Event
    day: date
    day_kind: DayKind
    kind: str
    starts_at: int
    ends_at: int
    rule: str
    title: Label
    unit: Unit | None
    rate: int
    minutes: int
    of_minutes: int
    amount: int
    once: bool = False
    remarks: tuple[Remark, ...] = ()

    @property
    def doubtful(self) -> bool:
        """Whether somebody should look into it before the month is frozen."""
        return bool(_DOUBTFUL & set(self.remarks))

    def plain(self) -> dict[str, Any]:
        """Return the line as plain JSON values."""
        return {
            "login": self.login,
            "key": self.key,
            "event": self.event.value,
            "day": self.day.isoformat(),
            "day_kind": self.day_kind.value,
            "kind": self.kind,
            "starts_at": self.starts_at,
            "ends_at": self.ends_at,
            "rule": self.rule,
            "title": [self.title.zh, self.title.en],
            "unit": self.unit.value if self.unit else None,
            "rate": self.rate,
            "minutes": self.minutes,
            "of_minutes": self.of_minutes,
            "amount": self.amount,
            "once": self.once,
            "remarks": [remark.value for remark in self.remarks],
        }

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> PayLine:
        """Return the line that `plain` gave."""
        zh, en = data["title"]
        read = {
            "event": Event(data["event"]),
            "day": date.fromisoformat(data["day"]),
            "day_kind": DayKind(data["day_kind"]),
            "title": Label(zh, en),
            "unit": Unit(data["unit"]) if data["unit"] else None,
            "remarks": tuple(Remark(remark) for remark in data["remarks"]),
        }
        return cls(**{**data, **read})


@dataclass(frozen=True)
class PersonPay:
    """What one person gets for a month, with the lines it is the sum of."""

    login: str
    label: Label
    lines: tuple[PayLine, ...]

    @property
    def amount(self) -> int:
        """The sum, in minor units."""
        return sum(line.amount for line in self.lines)

    @property
    def duties(self) -> int:
        """How many duties were paid or not paid, absences included."""
        return sum(line.event is Event.DUTY for line in self.lines)

    @property
    def calls(self) -> int:
        """How many call-outs there were."""
        return sum(line.event is Event.CALL_OUT for line in self.lines)

    @property
    def call_amount(self) -> int:
        """The part of the sum that is for call-outs."""
        return sum(line.amount for line in self.lines if line.event is Event.CALL_OUT)

    @property
    def minutes(self) -> int:
        """The minutes that counted."""
        return sum(line.minutes for line in self.lines)

    @property
    def doubtful(self) -> int:
        """How many lines somebody should look into."""
        return sum(line.doubtful for line in self.lines)


@dataclass(frozen=True)
class Content:
    """The whole sheet of a month as it is computed and frozen."""

    currency: str
    decimals: int
    people: tuple[PersonPay, ...] = field(default=())

    @property
    def amount(self) -> int:
        """The sum of the month, in minor units."""
        return sum(person.amount for person in self.people)

    def plain(self) -> dict[str, Any]:
        """Return the sheet as plain JSON values."""
        return {
            "currency": self.currency,
            "decimals": self.decimals,
            "people": [
                {
                    "login": person.login,
                    "label": [person.label.zh, person.label.en],
                    "amount": person.amount,
                    "lines": [line.plain() for line in person.lines],
                }
                for person in self.people
            ],
            "amount": self.amount,
        }

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Content:
        """Return the sheet that `plain` gave."""
        people = tuple(
            PersonPay(each["login"], Label(*each["label"]), tuple(PayLine.of(line) for line in each["lines"]))
            for each in data["people"]
        )
        return cls(data["currency"], data["decimals"], people)


def rounded(amount: int, part: int, whole: int) -> int:
    """Return `amount * part / whole` in whole minor units, a half rounded up; 0 when there is no whole."""
    return (2 * amount * part + whole) // (2 * whole) if whole > 0 else 0


def pay_duty(duty: Duty, tables: Sequence[RatesFrom]) -> PayLine:
    """Return the line of a duty by the rates of its day.

    A rate for a shift is split by time: the amounts of the parts of one shift add up to the rate, to the last cent.
    """
    happening = Happening(
        Event.DUTY, duty.day, duty.day_kind, duty.kind.partition(".")[0], duty.night, duty.post, duty.extra
    )
    rates = in_force(tables, duty.day)
    rule = rates.rule_for(happening) if rates else None
    whole = max(0, duty.shift_ends_at - duty.shift_starts_at) // 60
    part = max(0, duty.ends_at - duty.starts_at) // 60
    remarks = list(duty.remarks)
    if rule is None:
        remarks.append(Remark.NO_RULE if rates else Remark.NO_RATES)
    counted = _counted(duty, part, planned=rule is not None and rule.share is Share.PLANNED)
    if not duty.came:
        counted = part if rule is not None and rule.absent_paid else 0
    elif counted < part and not duty.extra and not {Remark.LATE, Remark.EARLY} & set(remarks):
        remarks.append(Remark.AWAY)
    amount = 0
    if rule is not None and rule.unit is Unit.HOUR:
        amount = rounded(rule.rate, counted, HOUR)
    elif rule is not None:
        before = max(0, duty.starts_at - duty.shift_starts_at) // 60
        amount = rounded(rule.rate, before + counted, whole) - rounded(rule.rate, before, whole)
    return PayLine(
        duty.login,
        f"duty-{duty.shift_id}-{duty.starts_at}",
        Event.DUTY,
        duty.day,
        duty.day_kind,
        duty.kind,
        duty.starts_at,
        duty.ends_at,
        rule.name if rule else "",
        Label(rule.title.text("zh"), rule.title.text("en")) if rule else Label(""),
        rule.unit if rule else None,
        rule.rate if rule else 0,
        counted,
        whole,
        amount,
        bool(rule and rule.dates),
        tuple(remarks),
    )


def _counted(duty: Duty, part: int, *, planned: bool) -> int:
    """Return the minutes of the part that count: all of them within the grace, else those that were worked."""
    if duty.extra:
        return min(part, duty.worked)
    if planned or (duty.in_order and duty.worked + duty.grace >= part):
        return part
    return min(part, duty.worked)


def pay_call(call: Call, tables: Sequence[RatesFrom]) -> PayLine:
    """Return the line of a call-out by the rates of its day: per call, or by the hour from the call until leaving."""
    rates = in_force(tables, call.day)
    rule = (
        rates.rule_for(Happening(Event.CALL_OUT, call.day, call.day_kind, night=call.night, on_site=call.on_site))
        if rates
        else None
    )
    remarks = [Remark.CORRECTED] if call.corrected else []
    worked = max(0, (call.left_at or call.called_at) - call.called_at) // 60
    counted, amount = worked, 0
    if rule is None:
        remarks.append(Remark.NO_RULE if rates else Remark.NO_RATES)
    elif rule.unit is Unit.CALL:
        amount = rule.rate
    elif call.left_at is None:
        remarks.append(Remark.OPEN)
    else:
        counted = max(worked, rule.least_minutes)
        remarks += [Remark.LEAST] if counted > worked else []
        amount = rounded(rule.rate, counted, HOUR)
    return PayLine(
        call.login,
        f"call-{call.called_at}",
        Event.CALL_OUT,
        call.day,
        call.day_kind,
        "",
        call.called_at,
        call.left_at or call.called_at,
        rule.name if rule else "",
        Label(rule.title.text("zh"), rule.title.text("en")) if rule else Label(""),
        rule.unit if rule else None,
        rule.rate if rule else 0,
        counted,
        worked,
        amount,
        bool(rule and rule.dates),
        tuple(remarks),
    )


def is_night(rates: Rates, local_seconds: int) -> bool:
    """Whether a call at `local_seconds` after midnight is one at night."""
    return rates.night.covers(local_seconds)


def content(
    duties: Iterable[Duty],
    calls: Iterable[Call],
    tables: Sequence[RatesFrom],
    people: Sequence[tuple[str, Label]],
    *,
    currency: str = "",
    decimals: int = 2,
) -> Content:
    """Return the sheet: people in the order given, each with his lines by time; who has none is left out."""
    lines = [pay_duty(duty, tables) for duty in duties] + [pay_call(call, tables) for call in calls]
    lines.sort(key=lambda line: (line.day, line.starts_at, line.key))
    by_login: dict[str, list[PayLine]] = {}
    for line in lines:
        by_login.setdefault(line.login, []).append(line)
    found = tuple(PersonPay(login, label, tuple(by_login[login])) for login, label in people if login in by_login)
    return Content(currency, decimals, found)


# What changed against what was frozen


@dataclass(frozen=True)
class ChangedLine:
    """One line before and after; None where it was not, or is no more."""

    before: PayLine | None
    after: PayLine | None

    @property
    def by(self) -> int:
        """How much more is paid now, in minor units."""
        return (self.after.amount if self.after else 0) - (self.before.amount if self.before else 0)


@dataclass(frozen=True)
class ChangedPerson:
    """One person whose sheet differs: the sums, and the lines that are not the same."""

    login: str
    label: Label
    before: int
    after: int
    lines: tuple[ChangedLine, ...]


def difference(before: Content, after: Content) -> tuple[ChangedPerson, ...]:
    """Return who is paid differently, or by other rules, than in the sheet `before`."""
    old, new = ({person.login: person for person in sheet.people} for sheet in (before, after))
    changed: list[ChangedPerson] = []
    for login in dict.fromkeys((*old, *new)):
        was, now = old.get(login), new.get(login)
        was_lines = {line.key: line for line in was.lines} if was else {}
        now_lines = {line.key: line for line in now.lines} if now else {}
        lines = tuple(
            ChangedLine(was_lines.get(key), now_lines.get(key))
            for key in sorted({*was_lines, *now_lines}, key=lambda key: _place(was_lines.get(key) or now_lines[key]))
            if was_lines.get(key) != now_lines.get(key)
        )
        label = (now or was).label  # type: ignore[union-attr]
        if lines:
            sums = was.amount if was else 0, now.amount if now else 0
            changed.append(ChangedPerson(login, label, *sums, lines))
    return tuple(changed)


def _place(line: PayLine) -> tuple[date, int, str]:
    return line.day, line.starts_at, line.key
