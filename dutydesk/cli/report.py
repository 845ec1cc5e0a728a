"""`dutydesk report attendance|allowance|fairness|incidents|rounds`."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

from dutydesk.cli import common
from dutydesk.cli.export import add_file, ending
from dutydesk.domain.errors import Invalid
from dutydesk.domain.words import N_
from dutydesk.locale import _

if TYPE_CHECKING:
    from dutydesk.domain.allowance import PersonPay
    from dutydesk.domain.fairness import Load, Quality
    from dutydesk.domain.incidents import Speed
    from dutydesk.integrations.tables import Table
    from dutydesk.services.core import Actor

FORMATS = ("table", "csv", "xlsx", "json")
Found = tuple["Table", "Table | None", Callable[[], dict[str, Any]]]
"""A report: the table of sums, the table of lines if there is one, and how to say it for scripts."""


def register(subparsers: common.Groups) -> None:
    """Add the command group."""
    group = common.add_group(
        subparsers, "report", N_("attendance, duty pay, fairness, incidents and rounds of a month")
    )
    for name, (help_, _make) in _REPORTS.items():
        parser = common.add_command(group, name, help_, run)
        parser.set_defaults(report=name)
        parser.add_argument("--month", metavar=_("MONTH"), help=_("a month such as 2026-11, if not this one"))
        if name == "fairness":
            parser.add_argument("--from", dest="first", metavar=_("DAY"), help=_("first day, in place of a month"))
            parser.add_argument("--to", dest="last", metavar=_("DAY"), help=_("last day"))
        else:
            parser.add_argument("--lines", action="store_true", help=_("each duty, incident or round as a line"))
        parser.add_argument("--format", choices=FORMATS, help=_("table, csv, xlsx or json"))
        add_file(parser, default="-")


def run(args: argparse.Namespace) -> int:
    """Print a report, or write it into a file."""
    from dutydesk.integrations import files, tables

    who = common.open_desk(args)
    form = args.format or ("table" if args.file == files.STDOUT else ending(args.file, FORMATS[1:]))
    if form == "xlsx" and args.file == files.STDOUT:
        raise Invalid(N_("A workbook needs a file: `dutydesk report … --format xlsx FILE`."), field="file")
    sums, lines, plain = _REPORTS[args.report][1](who, args)
    chosen = lines if lines is not None and getattr(args, "lines", False) else sums
    if form == "json":
        content = (common.as_json(plain()) + "\n").encode()
    elif form == "xlsx":
        content = tables.tables_xlsx([sums] if lines is None else [sums, lines])
    elif form == "csv":
        content = tables.table_csv(chosen, mark=args.file != files.STDOUT)
    elif args.file == files.STDOUT:
        return _print(chosen)
    else:
        content = _text(chosen).encode()
    where = files.put(args.file, content, force=args.force)
    if where != files.STDOUT:
        print(_("The report is in {path}.", path=where))
    return common.DONE


def _print(table: Table) -> int:
    print(_text(table), end="")
    return common.DONE


def _text(table: Table) -> str:
    rows = [*table.rows, *([table.totals] if table.totals else ())]
    shown = [["" if value is None else value for value in row] for row in rows]
    drawn = common.table(shown, [column.title for column in table.columns])
    return "\n".join([table.title, drawn, *table.notes]) + "\n"


# What each report is made of


def _month(args: argparse.Namespace) -> str:
    from dutydesk.domain import clock, spans, walltime
    from dutydesk.locale import times

    if args.month:
        return f"{spans.month(args.month)[0]:%Y-%m}"
    return f"{walltime.local_day(clock.now(), times.zone()):%Y-%m}"


def _attendance(who: Actor, args: argparse.Namespace) -> Found:
    from dutydesk.integrations import month_tables
    from dutydesk.services import attendance_month, attendance_records

    sheet = attendance_month.month(who, _month(args))
    records = attendance_records.records(who, sheet.first, sheet.last)

    def plain() -> dict[str, Any]:
        return {
            "month": sheet.month,
            "people": [
                {"login": each.login, "name": each.label, **asdict(each.counts), "waiting": each.waiting}
                for each in sheet.people
            ],
            "total": asdict(sheet.total),
            "duties": [_duty(record) for record in records],
        }

    return month_tables.attendance_table(sheet), month_tables.attendance_lines(sheet.month, records), plain


def _duty(record: Any) -> dict[str, Any]:
    """Return a duty for scripts; instants under these names become UTC ISO times."""
    names = ("login", "kind", "day_kind", "starts_at", "ends_at", "night", "post", "extra", "covers", "covered_by")
    judged = record.judged._asdict()
    found = {name: getattr(record, name) for name in names}
    return {"day": str(record.day), **found, **judged, "corrected": record.corrected, "part": record.part}


def _allowance(who: Actor, args: argparse.Namespace) -> Found:
    from dutydesk.integrations import pay_tables
    from dutydesk.services import allowance

    sheet = allowance.sheet(who, _month(args))

    def plain() -> dict[str, Any]:
        frozen = sheet.frozen
        return {
            "month": sheet.month,
            "frozen": None
            if frozen is None
            else {"revision": frozen.revision, "frozen_at": frozen.frozen_at, "digest": frozen.digest},
            **sheet.content.plain(),
            "people": [_pay(person) for person in sheet.content.people],
        }

    return pay_tables.sheet_table(sheet), pay_tables.lines_table(sheet), plain


def _pay(person: PersonPay) -> dict[str, Any]:
    lines = [line.plain() | {"title": line.title} for line in person.lines]
    return {"login": person.login, "name": person.label, "amount": person.amount, "lines": lines}


def _fairness(who: Actor, args: argparse.Namespace) -> Found:
    from dutydesk.integrations import pay_tables
    from dutydesk.services import fairness

    first, last = _range(args)
    view = fairness.shared(who, first, last)

    def plain() -> dict[str, Any]:
        return {
            "first": str(view.first),
            "last": str(view.last),
            "quality": _quality(view.quality),
            "quality_worked": _quality(view.quality_worked),
            "people": [
                {"login": row.login, "name": row.label, "planned": _load(row.planned), "worked": _load(row.worked)}
                for row in view.rows
            ],
        }

    return pay_tables.fairness_table(view), None, plain


def _range(args: argparse.Namespace) -> tuple[date, date]:
    from dutydesk.domain import spans

    if args.month and (args.first or args.last):
        raise Invalid(N_("Name a month, or days with --from and --to, not both."), field="month")
    first, last = spans.month(_month(args))
    if args.first:
        first = spans.day(args.first, field="from")
        last = spans.whole_month(first)[1]
    return first, spans.day(args.last, field="to") if args.last else last


def _quality(quality: Quality | None) -> dict[str, Any] | None:
    if quality is None:
        return None
    evenness = {each.measured.value: round(each.value, 4) for each in quality.measures}
    return {"score": quality.score, "coverage": round(quality.coverage, 4), "evenness": evenness}


def _load(load: Load | None) -> dict[str, Any] | None:
    if load is None:
        return None
    kinds = {kind.value: count for kind, count in load.kinds.items()}
    return {"duties": load.duties, "minutes": load.minutes, "nights": load.nights, "days": kinds}


def _incidents(who: Actor, args: argparse.Namespace) -> Found:
    from dutydesk.integrations import month_tables
    from dutydesk.services import reports

    found = reports.incidents(who, _month(args))

    def plain() -> dict[str, Any]:
        numbers = found.numbers
        return {
            "month": found.month,
            "total": numbers.total,
            "priorities": {priority: _speed(speed) for priority, speed in numbers.speed.items()},
            "categories": {each.name or "none": each.total for each in numbers.categories},
            "incidents": [common.plain(line) for line in found.lines],
        }

    return month_tables.incidents_table(found), month_tables.incident_lines(found), plain


def _speed(speed: Speed) -> dict[str, Any]:
    means = {"mtta_seconds": speed.mtta, "mttr_seconds": speed.mttr}
    counts = {"incidents": speed.incidents, "acknowledged": speed.acknowledged, "resolved": speed.resolved}
    return counts | {name: None if mean is None else round(mean) for name, mean in means.items()}


def _rounds(who: Actor, args: argparse.Namespace) -> Found:
    from dutydesk.integrations import month_tables
    from dutydesk.services import reports

    found = reports.rounds(who, _month(args))

    def plain() -> dict[str, Any]:
        return {
            "month": found.month,
            "checklists": [common.plain(each) for each in found.checklists],
            "total": {name: value for name, value in asdict(found.total).items() if isinstance(value, int)},
            "rounds": [common.plain(line) for line in found.lines],
        }

    return month_tables.rounds_table(found), month_tables.round_lines(found), plain


_REPORTS: Mapping[str, tuple[str, Callable[[Any, argparse.Namespace], Found]]] = {
    "attendance": (N_("who came, late, left early, was absent; by person"), _attendance),
    "allowance": (N_("the duty pay of a month by person"), _allowance),
    "fairness": (N_("hours, nights, weekends and holidays by person, and the score"), _fairness),
    "incidents": (N_("incidents by priority, with the times to acknowledge and resolve"), _incidents),
    "rounds": (N_("rounds by checklist: finished, late, missed"), _rounds),
}
