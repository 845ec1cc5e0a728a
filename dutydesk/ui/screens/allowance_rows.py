"""How duty pay reads on screens: the people of a month, one person's lines, what a recalculation changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from dutydesk.domain.allowance import ChangedPerson, PayLine, PersonPay
from dutydesk.domain.words import N_, Label
from dutydesk.locale import _, ngettext, pick, times, word
from dutydesk.locale import allowance as words
from dutydesk.services.allowance import Difference, MonthSheet, RatesLine
from dutydesk.ui import marks
from dutydesk.ui.widgets.paint import Cell
from dutydesk.ui.widgets.records import Column

WIDE = 110
"""Cells of a terminal from which a person's lines stand beside the list of people."""


def people_columns(decimals: int) -> tuple[Column, ...]:
    """Return the columns of the month by person."""
    return (
        Column("name", N_("Name"), None, value=lambda person: pick(person.label)),
        Column("look", "", 9, value=_to_look_into),
        Column("duties", N_("Duties"), 6, right=True),
        Column("calls", N_("Call-outs"), 9, right=True, value=lambda person: str(person.calls or "")),
        Column("hours", N_("Hours"), 7, right=True, value=lambda person: words.hours(person.minutes)),
        Column("amount", N_("Amount"), 12, right=True, value=lambda person: words.money(person.amount, decimals)),
    )


def _to_look_into(person: PersonPay) -> Cell:
    return (f"{marks.LATE} {person.doubtful}", "warning") if person.doubtful else ""


def day(when: date) -> str:
    """Return a day with its weekday: `22 Nov Sun`, `11-22 周日`."""
    return f"{times.day_of(when.isoformat())} {_(times.WEEKDAYS[when.weekday()])}"


@dataclass(frozen=True)
class LineColumns:
    """The columns of one person's lines; `titles` names the kinds of shift."""

    decimals: int
    titles: Mapping[str, Label]

    def columns(self) -> tuple[Column, ...]:
        """Return the columns: when, what, by which rule, how much."""
        return (
            Column("day", N_("Date"), 10, value=lambda line: day(line.day)),
            Column("kind", N_("Day kind"), 17, from_width=100, value=lambda line: (word(line.day_kind), "muted")),
            Column("what", N_("What"), 8, value=self._what),
            Column("time", N_("Time"), 11, value=lambda line: (words.span(line), "muted")),
            Column("rule", N_("Rule"), None, value=self._rule),
            Column("amount", N_("Amount"), 10, right=True, value=self._amount),
        )

    def _what(self, line: PayLine) -> str:
        return words.what(line, self.titles.get(line.kind))

    def _rule(self, line: PayLine) -> Cell:
        return (words.rule(line), "" if line.rule else "warning")

    def _amount(self, line: PayLine) -> Cell:
        return (words.money(line.amount, self.decimals), "" if line.amount else "muted")

    def note(self, line: PayLine) -> list[Cell | None]:
        """Return how the amount came about, below the rule that made it."""
        said = words.how(line, self.decimals)
        remarks = words.remarks(line)
        return [(f"{said} {marks.DOT} {remarks}" if remarks else said, "warning" if line.doubtful else "muted")]


@dataclass(frozen=True)
class Change:
    """One line of a difference, with the person it is about."""

    key: str
    person: ChangedPerson
    before: PayLine | None
    after: PayLine | None
    by: int

    @property
    def line(self) -> PayLine:
        """The line as it is now, or as it was."""
        found = self.after or self.before
        assert found is not None
        return found


def changes(found: Difference) -> list[Change]:
    """Return the lines of a difference, person by person."""
    return [
        Change(f"{person.login}/{(line.after or line.before).key}", person, line.before, line.after, line.by)  # type: ignore[union-attr]
        for person in found.people
        for line in person.lines
    ]


@dataclass(frozen=True)
class ChangeColumns:
    """The columns of a difference."""

    found: Difference

    def columns(self) -> tuple[Column, ...]:
        """Return the columns: when, what, frozen, now, the difference."""
        return (
            Column("day", N_("Date"), 10, value=lambda change: day(change.line.day)),
            Column("what", N_("What"), None, value=self._what),
            Column("before", N_("Frozen"), 11, right=True, value=lambda change: self._money(change.before)),
            Column("after", N_("Now"), 11, right=True, value=lambda change: self._money(change.after)),
            Column("by", N_("Difference"), 11, right=True, value=self._by),
        )

    def _what(self, change: Change) -> str:
        return words.what(change.line, self.found.titles.get(change.line.kind))

    def _money(self, line: PayLine | None) -> str:
        return words.money(line.amount, self.found.decimals) if line else marks.DASH

    def _by(self, change: Change) -> Cell:
        return (words.signed(change.by, self.found.decimals), "warning")

    def section(self, change: Change) -> str:
        """Return the person with his sums."""
        person, decimals = change.person, self.found.decimals
        return _(
            "{name}: {before} becomes {after}",
            name=pick(person.label),
            before=words.money(person.before, decimals),
            after=words.money(person.after, decimals),
        )

    def note(self, change: Change) -> list[Cell | None]:
        """Return how the amount came about before and comes about now; the rule stands once where it is the same."""
        before, after = change.before, change.after
        same = before is not None and after is not None and words.rule(before) == words.rule(after)
        sides = [self._side(before, rule=True), self._side(after, rule=not same)]
        return [(sides[0], "muted"), (f"{marks.ARROW} {sides[1]}", "muted")]

    def _side(self, line: PayLine | None, *, rule: bool) -> str:
        if line is None:
            return _("not there")
        said = [words.rule(line) if rule else "", words.how(line, self.found.decimals), words.remarks(line)]
        return f" {marks.DOT} ".join(part for part in said if part)


def title(sheet: MonthSheet) -> str:
    """Return what a sheet is: the month, and whether it is frozen."""
    values: dict[str, Any] = {"month": sheet.month}
    if sheet.frozen is None:
        return _("Duty pay {month}, not frozen", **values)
    values |= {"n": sheet.frozen.revision, "name": pick(sheet.frozen.frozen_by)}
    return _("Duty pay {month}, frozen by {name}, revision {n}", **values)


def total(sheet: MonthSheet) -> str:
    """Return the sum of a sheet."""
    content = sheet.content
    return f"{words.money(content.amount, content.decimals)} {content.currency}".strip()


def rates_names(sheet: MonthSheet) -> str:
    """Return the names of the rates that a sheet was worked out by."""
    return _(", ").join(pick(line.title) for line in sheet.rates)


def rates_columns() -> tuple[Column, ...]:
    """Return the columns of the tables of rates."""
    return (
        Column("since", N_("In force from"), 13, value=lambda line: line.since.isoformat()),
        Column("title", N_("Rates"), None, value=lambda line: pick(line.title)),
        Column("example", "", 12, value=_example),
        Column("currency", N_("Currency"), 8),
    )


def _example(line: RatesLine) -> Cell:
    return (f"{marks.LATE} {_('an example')}", "warning") if line.example else ""


def counted(people: int) -> str:
    """Return how many people are on a sheet."""
    return ngettext("{n} person", "{n} people", people)
