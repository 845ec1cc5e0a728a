"""`dutydesk roster import`."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from dutydesk.cli import common
from dutydesk.domain.words import N_
from dutydesk.locale import _, ngettext

if TYPE_CHECKING:
    from dutydesk.services.roster_import import Comparison
    from dutydesk.services.roster_views import DiffLine


def register_import(group: common.Groups) -> None:
    """Add the command to the group `roster`."""
    parser = common.add_command(
        group, "import", N_("take the roster of a csv or xlsx: people and days, or a list of duties"), run, json=True
    )
    parser.add_argument("file", metavar=_("FILE"), help=_("the csv or xlsx"))
    parser.add_argument("--sheet", default="", metavar=_("NAME"), help=_("the sheet of a workbook, if not the first"))
    parser.add_argument("--month", metavar=_("MONTH"), help=_("the month of days written without one: 2026-11"))
    parser.add_argument("--dry-run", action="store_true", help=_("show what would change, change nothing"))


def run(args: argparse.Namespace) -> int:
    """Import a roster, or show what importing it would change."""
    from pathlib import Path

    from dutydesk.domain import spans
    from dutydesk.integrations import sheet_files
    from dutydesk.locale import sentence
    from dutydesk.services import roster_import

    who = common.open_desk(args, write=True)
    grid = sheet_files.read(args.file, args.sheet)
    month = spans.month(args.month)[0] if args.month else None
    try:
        if args.dry_run:
            found = roster_import.compare(who, grid, month)
        else:
            found = roster_import.take(who, grid, Path(args.file).name, month)
    except roster_import.Faulty as faulty:
        for fault in faulty.faults:
            print(sentence(fault), file=sys.stderr)
        print(_faults(len(faulty.faults)), file=sys.stderr)
        return common.WRONG
    return common.print_json(_plain(found, args.dry_run)) if args.json else _print(found, args.dry_run)


def _faults(count: int) -> str:
    return ngettext(
        "{n} fault in the file; nothing was changed.", "{n} faults in the file; nothing was changed.", count
    )


def _print(found: Comparison, dry: bool) -> int:
    from dutydesk.locale import pick

    if found.diff:
        heads = (_("Date"), _("Duty shift"), _("On now"), _("In the file"))
        rows = [(line.day, pick(line.title), _names(line.before), _names(line.after)) for line in found.diff]
        common.print_table(heads, rows)
    changed = len(found.diff)
    if not changed:
        print(_("Nothing differs: the roster is as the file says."))
    elif dry:
        print(ngettext("{n} shift would change; nothing was.", "{n} shifts would change; nothing was.", changed))
    else:
        print(ngettext("{n} shift changed.", "{n} shifts changed.", changed))
    if found.untouched:
        said = ngettext(
            "{n} shift of these days is not in the file and stays as it is.",
            "{n} shifts of these days are not in the file and stay as they are.",
            found.untouched,
        )
        print(said)
    if found.others:
        print(_("Not read: the sheets {list}.", list=_(", ").join(found.others)))
    return common.DONE


def _names(labels: tuple[Any, ...]) -> str:
    from dutydesk.locale import pick

    return _(", ").join(pick(label) for label in labels) or "–"


def _plain(found: Comparison, dry: bool) -> dict[str, Any]:
    """Return what was found for scripts; the names of its values stay from version to version."""

    def line(each: DiffLine) -> dict[str, Any]:
        return {"day": str(each.day), "shift": each.kind, "before": list(each.before), "after": list(each.after)}

    return {
        "first": str(found.first),
        "last": str(found.last),
        "changed": [line(each) for each in found.diff],
        "same": found.same,
        "untouched": found.untouched,
        "dry_run": dry,
    }
