"""Duty pay and fairness as tables for reports: csv, spreadsheets, the command line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from dutydesk.domain.allowance import ChangedLine, PayLine
from dutydesk.domain.calendar import DayKind
from dutydesk.domain.fairness import Load
from dutydesk.domain.rates import show_amount
from dutydesk.integrations.tables import Column, Table, Value
from dutydesk.locale import _, pick, times, word
from dutydesk.locale import allowance as words
from dutydesk.locale import fairness as fair_words
from dutydesk.locale.lines import said
from dutydesk.services.allowance import Difference, MonthSheet
from dutydesk.services.fairness import FairnessView


def sheet_table(sheet: MonthSheet) -> Table:
    """Return the month by person."""
    content = sheet.content
    columns = (
        Column("name", _("Name")),
        Column("login", _("Login")),
        Column("duties", _("Duties"), right=True),
        Column("calls", _("Call-outs"), right=True),
        Column("hours", _("Hours"), "0.0", right=True),
        Column("call_amount", _("For call-outs"), _form(content.decimals), right=True),
        Column("amount", _("Amount"), _form(content.decimals), right=True),
    )
    rows = tuple(
        (
            pick(person.label),
            person.login,
            person.duties,
            person.calls,
            _hours(person.minutes),
            _amount(person.call_amount, content.decimals),
            _amount(person.amount, content.decimals),
        )
        for person in content.people
    )
    totals: tuple[Value, ...] = (
        _("Total"),
        "",
        sum(person.duties for person in content.people),
        sum(person.calls for person in content.people),
        _hours(sum(person.minutes for person in content.people)),
        _amount(sum(person.call_amount for person in content.people), content.decimals),
        _amount(content.amount, content.decimals),
    )
    return Table(_title(sheet), columns, rows, totals, _notes(sheet))


def lines_table(sheet: MonthSheet) -> Table:
    """Return the month line by line: each duty and call-out with the rule that made its amount."""
    decimals = sheet.content.decimals
    columns = (
        Column("name", _("Name")),
        Column("login", _("Login")),
        Column("day", _("Date"), "yyyy-mm-dd"),
        Column("day_kind", _("Day kind")),
        Column("what", _("What")),
        Column("time", _("Time")),
        Column("rule", _("Rule")),
        Column("how", _("How")),
        Column("remarks", _("Remarks")),
        Column("amount", _("Amount"), _form(decimals), right=True),
    )
    rows = tuple(
        (pick(person.label), person.login, *_line(line, sheet))
        for person in sheet.content.people
        for line in person.lines
    )
    totals: tuple[Value, ...] = (_("Total"), *[""] * 8, _amount(sheet.content.amount, decimals))
    return Table(_("Duty pay {month}: line by line", month=sheet.month), columns, rows, totals, _notes(sheet))


def difference_table(found: Difference) -> Table:
    """Return what a recalculation changes against the frozen month."""
    form = _form(found.decimals)
    columns = (
        Column("name", _("Name")),
        Column("day", _("Date"), "yyyy-mm-dd"),
        Column("what", _("What")),
        Column("frozen", _("Frozen"), form, right=True),
        Column("now", _("Now"), form, right=True),
        Column("by", _("Difference"), form, right=True),
        Column("why", _("Why")),
    )
    rows = tuple((pick(person.label), *_changed(line, found)) for person in found.people for line in person.lines)
    sums = [_amount(each, found.decimals) for each in (found.before, found.after, found.after - found.before)]
    title = _("Duty pay {month}: difference to revision {n}", month=found.month, n=found.frozen.revision)
    return Table(title, columns, rows, (_("Total"), "", "", *sums, ""))


def fairness_table(view: FairnessView) -> Table:
    """Return who carries how much, planned and worked."""
    kinds = (DayKind.WEEKEND, DayKind.BRIDGE, DayKind.STATUTORY, DayKind.MAKEUP)
    columns = (
        Column("name", _("Name")),
        Column("login", _("Login")),
        Column("duties", _("Duties"), right=True),
        Column("hours", _("Hours"), "0.0", right=True),
        Column("nights", _("Nights"), right=True),
        *(Column(kind.value, _kind_title(kind), right=True) for kind in kinds),
        Column("worked_duties", _("Duties kept"), right=True),
        Column("worked_hours", _("Hours worked"), "0.0", right=True),
        Column("worked_nights", _("Nights kept"), right=True),
    )
    rows = tuple((pick(row.label), row.login, *_load(row.planned, kinds), *_kept(row.worked)) for row in view.rows)
    title = _("Fairness {first} to {last}", first=view.first.isoformat(), last=view.last.isoformat())
    labels = {row.login: row.label for row in view.rows}
    notes = [_("Quality score {score} of 100", score=view.quality.score), fair_words.formula(view.quality)]
    notes += [fair_words.evenness(each) for each in view.quality.measures]
    notes += [fair_words.uneven(each, labels[each.login]) for each in view.quality.uneven if each.login in labels]
    return Table(title, columns, rows, notes=tuple(notes))


def _kind_title(kind: DayKind) -> str:
    return word(kind)[:1].upper() + word(kind)[1:]


def _load(load: Load, kinds: Sequence[DayKind]) -> tuple[Value, ...]:
    return (
        _number(load.duties),
        _hours(load.minutes),
        _number(load.nights),
        *(_number(load.kinds.get(kind, 0)) for kind in kinds),
    )


def _kept(load: Load | None) -> tuple[Value, ...]:
    if load is None:
        return (None, None, None)
    return (_number(load.duties), _hours(load.minutes), _number(load.nights))


def _line(line: PayLine, sheet: MonthSheet) -> tuple[Value, ...]:
    return (
        line.day,
        word(line.day_kind),
        words.what(line, sheet.titles.get(line.kind)),
        words.span(line),
        words.rule(line),
        words.how(line, sheet.content.decimals),
        words.remarks(line),
        _amount(line.amount, sheet.content.decimals),
    )


def _changed(line: ChangedLine, found: Difference) -> tuple[Value, ...]:
    one = line.after or line.before
    day: date | None = one.day if one else None
    what = words.what(one, found.titles.get(one.kind)) if one else ""
    amounts = [_amount(each.amount, found.decimals) if each else None for each in (line.before, line.after)]
    why = words.how(line.after, found.decimals) if line.after else _("no longer there")
    return (day, what, *amounts, _amount(line.by, found.decimals), why)


def _title(sheet: MonthSheet) -> str:
    title = _("Duty pay {month} ({currency})", month=sheet.month, currency=sheet.content.currency)
    return title if sheet.content.currency else _("Duty pay {month}", month=sheet.month)


def _notes(sheet: MonthSheet) -> tuple[str, ...]:
    notes = [said(warning) for warning in sheet.warnings]
    if sheet.frozen is not None:
        notes.insert(0, frozen_words(sheet))
    return tuple(notes)


def frozen_words(sheet: MonthSheet) -> str:
    """Return who froze the month and when, with the digest that stands for it."""
    if sheet.frozen is None:
        return _("not frozen")
    return _(
        "Frozen {when} by {name}, revision {n}, digest {digest}",
        when=times.stamp(sheet.frozen.frozen_at),
        name=pick(sheet.frozen.frozen_by),
        n=sheet.frozen.revision,
        digest=sheet.frozen.digest[:16],
    )


def _form(decimals: int) -> str:
    return "#,##0" + ("." + "0" * decimals if decimals else "")


def _amount(amount: int, decimals: int) -> Decimal:
    return Decimal(show_amount(amount, decimals))


def _hours(minutes: float) -> Decimal:
    return Decimal(f"{minutes / 60:.1f}")


def _number(value: float) -> Value:
    shown = round(value, 1)
    return int(shown) if shown == int(shown) else Decimal(f"{shown:.1f}")
