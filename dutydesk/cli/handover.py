"""`dutydesk handover list|show|sheet|countersign`."""

from __future__ import annotations

import argparse

from dutydesk.cli import common


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command group."""
    group = common.add_group(subparsers, "handover", "handovers: list, show one, print the sheet")
    listed = common.add_command(group, "list", "handovers, newest first", run_list, json=True)
    listed.add_argument("--limit", type=common.number, default=20)
    shown = common.add_command(group, "show", "one handover with every item", run_show, json=True)
    shown.add_argument("number")
    sheet = common.add_command(group, "sheet", "the sheet for print", run_sheet)
    sheet.add_argument("number")
    sheet.add_argument("--format", choices=("text", "md", "html"), default="text")


def run_list(args: argparse.Namespace) -> int:
    """Print handovers, newest first."""
    from dutydesk.locale import _, pick, times, word
    from dutydesk.services import handover

    who = common.open_desk(args)
    lines = handover.lines(who, limit=args.limit)
    if args.json:
        return common.print_json(lines)
    rows = [
        (
            line.number,
            word(line.status),
            word(line.state),
            pick(line.prepared_by) if line.prepared_by else "",
            pick(line.accepted_by) if line.accepted_by else "",
            times.stamp(line.accepted_at) if line.accepted_at else "",
        )
        for line in lines
    ]
    heads = (_("Number"), _("Status"), _("Overall"), _("Outgoing"), _("Incoming"), _("Accepted"))
    return common.print_table(heads, rows, empty=_("No handover yet."))


def run_show(args: argparse.Namespace) -> int:
    """Print one handover as the text sheet, or as JSON."""
    from dutydesk.services import handover

    who = common.open_desk(args)
    view = handover.by_number(who, args.number)
    if args.json:
        return common.print_json(view)
    return _print_sheet(view, "text")


def run_sheet(args: argparse.Namespace) -> int:
    """Print the sheet of a handover in the format asked for."""
    from dutydesk.services import handover

    who = common.open_desk(args)
    return _print_sheet(handover.by_number(who, args.number), args.format)


def _print_sheet(view: object, form: str) -> int:
    from typing import cast

    from dutydesk.domain.words import Label
    from dutydesk.integrations.handover_sheet import render
    from dutydesk.locale import pick
    from dutydesk.services.handover import HandoverView
    from dutydesk.services.settings import all_settings

    settings = all_settings()
    print(render(cast(HandoverView, view), pick(Label(settings["name"], settings["name_en"])), form), end="")
    return 0
