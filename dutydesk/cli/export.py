"""`dutydesk export roster`."""

from __future__ import annotations

import argparse
from datetime import date, timedelta

from dutydesk.cli import common
from dutydesk.domain.errors import Invalid
from dutydesk.domain.words import N_
from dutydesk.locale import _

FORMATS = ("ics", "xlsx", "csv")
AHEAD = 365
"""Days ahead that a calendar holds when no end is named."""


def register(subparsers: common.Groups) -> None:
    """Add the command group."""
    group = common.add_group(subparsers, "export", N_("write the roster into a file: calendar, month sheet or list"))
    parser = common.add_command(group, "roster", N_("the published roster as ics, xlsx or csv"), run_roster)
    parser.add_argument("--format", choices=FORMATS, help=_("ics, xlsx or csv; else what the file's name ends with"))
    parser.add_argument("--person", metavar=_("LOGIN"), default="", help=_("this person's duties alone"))
    parser.add_argument("--month", metavar=_("MONTH"), help=_("a month: 2026-11"))
    parser.add_argument("--from", dest="first", metavar=_("DAY"), help=_("first day, if not this month's"))
    parser.add_argument("--to", dest="last", metavar=_("DAY"), help=_("last day"))
    add_file(parser)


def add_file(parser: argparse.ArgumentParser, *, default: str | None = None) -> None:
    """Add the file that is written, and `--force`."""
    parser.add_argument(
        "file", nargs="?" if default else None, default=default, metavar=_("FILE"), help=_("the file; - prints it")
    )
    parser.add_argument("--force", action="store_true", help=_("replace a file that is there"))


def run_roster(args: argparse.Namespace) -> int:
    """Write the roster."""
    from dutydesk.integrations import files
    from dutydesk.integrations.exports import render
    from dutydesk.services import roster_export

    who = common.open_desk(args)
    form = args.format or ending(args.file, FORMATS)
    first, last = _days(args, form)
    content = render(roster_export.export(who, first, last, args.person), form)
    if args.file == files.STDOUT and form == "csv":
        content = content.removeprefix(b"\xef\xbb\xbf")  # the mark is for Excel; a pipe does not want it
    where = files.put(args.file, content, force=args.force)
    if where != files.STDOUT:
        print(_("The roster of {first} to {last} is in {path}.", first=first, last=last, path=where))
    return common.DONE


def ending(name: str, formats: tuple[str, ...]) -> str:
    """Return the format that a file's name ends with; raise Invalid when it is none of them."""
    found = name.rpartition(".")[2].lower()
    if found in formats and "." in name:
        return found
    raise Invalid(N_("Which format? Name it with --format: {list}."), field="format", list=", ".join(formats))


def _days(args: argparse.Namespace, form: str) -> tuple[date, date]:
    from dutydesk.domain import clock, spans, walltime
    from dutydesk.locale import times

    if args.month and (args.first or args.last):
        raise Invalid(N_("Name a month, or days with --from and --to, not both."), field="month")
    if args.month:
        return spans.month(args.month)
    today = walltime.local_day(clock.now(), times.zone())
    first = spans.day(args.first, field="from") if args.first else today.replace(day=1)
    if args.last:
        return first, spans.day(args.last, field="to")
    return first, first + timedelta(days=AHEAD) if form == "ics" else spans.whole_month(first)[1]
