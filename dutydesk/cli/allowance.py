"""`dutydesk allowance rates|freeze|difference|revisions`; the sheet itself is `dutydesk report allowance`."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dutydesk.cli import common
from dutydesk.domain.errors import Invalid, NotFound
from dutydesk.domain.words import N_
from dutydesk.locale import _

if TYPE_CHECKING:
    from dutydesk.services.allowance import Difference, RatesLine


def register(subparsers: common.Groups) -> None:
    """Add the command group."""
    group = common.add_group(subparsers, "allowance", N_("duty pay: rates, freezing a month, what differs"))
    rates = common.add_command(
        group, "rates", N_("list the rates, or put a file of them in force"), run_rates, json=True
    )
    rates.add_argument("file", nargs="?", metavar=_("FILE"), help=_("rates as TOML; - reads them from the input"))
    rates.add_argument("--from", dest="since", metavar=_("DAY"), help=_("first day they are in force"))
    rates.add_argument("--print", action="store_true", help=_("print the text of the rates in force now"))
    freeze = common.add_command(group, "freeze", N_("freeze a month with its rates"), run_freeze, json=True)
    freeze.add_argument("month", metavar=_("MONTH"))
    freeze.add_argument("--reason", default="", metavar=_("TEXT"), help=_("why; a new revision needs it"))
    freeze.add_argument("--fresh", action="store_true", help=_("with the rates set since it was frozen"))
    freeze.add_argument("--unfinished", action="store_true", help=_("though the month is not over"))
    common.add_pin_option(freeze)
    differs = common.add_command(group, "difference", N_("what working a month out again changes"), run_difference)
    differs.add_argument("--json", action="store_true", help=_("print JSON for scripts"))
    differs.add_argument("month", metavar=_("MONTH"))
    differs.add_argument("--fresh", action="store_true", help=_("with the rates set since it was frozen"))
    listed = common.add_command(group, "revisions", N_("every time a month was frozen"), run_revisions, json=True)
    listed.add_argument("month", metavar=_("MONTH"))


def run_rates(args: argparse.Namespace) -> int:
    """List the rates, print those in force, or put new ones in force."""
    from dutydesk.services import allowance

    if args.file:
        return _set_rates(args)
    lines = allowance.rates(common.open_desk(args))
    if args.print:
        now = _in_force(lines)
        if now is None:
            raise NotFound(N_("No rates are in force today."))
        print(now.text)
        return common.DONE
    if args.json:
        return common.print_json([_plain(line) for line in lines])
    return _print_rates(lines)


def _set_rates(args: argparse.Namespace) -> int:
    from dutydesk.services import allowance

    if not args.since:
        raise Invalid(N_("Say from which day on: --from 2026-12-01."), field="from")
    text, name = _read(args.file)
    who = common.open_desk(args, write=True)
    line = allowance.set_rates(who, text, _day(args.since), source=name)
    if args.json:
        return common.print_json(_plain(line))
    print(_("The rates are in force from {day}.", day=line.since.isoformat()))
    return common.DONE


def _read(name: str) -> tuple[str, str]:
    from dutydesk.storage.text_files import read_input

    return read_input(name), name if name == "-" else Path(name).name


def _in_force(lines: list[RatesLine]) -> RatesLine | None:
    from dutydesk.domain import clock
    from dutydesk.locale import times

    today = times.local(clock.now()).date()
    return next((line for line in lines if line.since <= today), None)


def _print_rates(lines: list[RatesLine]) -> int:
    from dutydesk.locale import pick

    rows = [
        (line.since.isoformat(), line.name, pick(line.title), line.currency, _("an example") if line.example else "")
        for line in lines
    ]
    heads = (_("In force from"), _("Short name"), _("Rates"), _("Currency"), "")
    return common.print_table(heads, rows, empty=_("This desk has no rates yet."))


def _plain(line: RatesLine) -> dict[str, Any]:
    kept = {"since": line.since.isoformat(), "name": line.name, "title": line.title, "currency": line.currency}
    return {**kept, "example": line.example, "text": line.text}


def run_freeze(args: argparse.Namespace) -> int:
    """Freeze a month."""
    from dutydesk.services import allowance

    who = common.open_desk(args, write=True)
    sheet = allowance.freeze(
        who, common.ask_pin(args), args.month, reason=args.reason, fresh=args.fresh, unfinished=args.unfinished
    )
    frozen = sheet.frozen
    assert frozen is not None
    if args.json:
        return common.print_json({"month": sheet.month, **_frozen(frozen)})
    print(_("{month} is frozen, revision {n}.", month=sheet.month, n=frozen.revision))
    return common.DONE


def _frozen(line: Any) -> dict[str, Any]:
    plain = asdict(line)
    return plain | {"frozen_by": line.frozen_by}


def run_difference(args: argparse.Namespace) -> int:
    """Say what differs; exit code 1 when something does."""
    from dutydesk.integrations import pay_tables
    from dutydesk.services import allowance

    who = common.open_desk(args)
    found = allowance.difference(who, args.month, fresh=args.fresh)
    if args.json:
        common.print_json(_changes(found))
    elif not found.people:
        print(_("Nothing differs from what is frozen; {month} stays as it is.", month=found.month))
    else:
        table = pay_tables.difference_table(found)
        rows = [["" if cell is None else str(cell) for cell in row] for row in (*table.rows, table.totals)]
        common.print_table([column.title for column in table.columns], rows)
    return common.NO if found.people else common.DONE


def _changes(found: Difference) -> dict[str, Any]:
    return {
        "month": found.month,
        "revision": found.frozen.revision,
        "currency": found.currency,
        "decimals": found.decimals,
        "before": found.before,
        "after": found.after,
        "people": [
            {
                "login": person.login,
                "name": person.label,
                "before": person.before,
                "after": person.after,
                "lines": [
                    {
                        name: side.plain() if side else None
                        for name, side in (("before", each.before), ("after", each.after))
                    }
                    for each in person.lines
                ],
            }
            for person in found.people
        ],
    }


def run_revisions(args: argparse.Namespace) -> int:
    """List every time a month was frozen, the newest first."""
    from dutydesk.locale import allowance as words
    from dutydesk.locale import pick, times
    from dutydesk.services import allowance

    who = common.open_desk(args)
    lines = allowance.revisions(who, args.month)
    if args.json:
        return common.print_json([_frozen(line) for line in lines])
    rows = [
        (
            line.revision,
            times.stamp(line.frozen_at),
            pick(line.frozen_by),
            words.money(line.amount, line.decimals),
            line.digest[:16],
            line.reason,
        )
        for line in lines
    ]
    heads = (_("Revision"), _("Frozen"), _("By"), _("Amount"), _("Digest"), _("Why"))
    return common.print_table(heads, rows, empty=_("The duty pay of {month} is not frozen yet.", month=args.month))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Invalid(N_("“{text}” is no day. Write it as 2026-12-01."), field="from", text=text) from None
