"""`dutydesk archive`: the records of a period in one file that is kept away from the desk; and its check."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from dutydesk.cli import common
from dutydesk.domain.errors import DeskError, Invalid
from dutydesk.domain.words import N_
from dutydesk.locale import _, ngettext

if TYPE_CHECKING:
    from dutydesk.services.archive import Belonging, Made
    from dutydesk.storage.archive_check import Checked

ABOUT = N_("write the records of a period into a file to be kept elsewhere; check one")


def register(subparsers: common.Groups) -> None:
    """Add the command."""
    parser = common.add_command(subparsers, "archive", ABOUT, run_archive, json=True)
    about = _("the archive; a file that is there is never overwritten. With --check several, in their order")
    parser.add_argument("file", metavar=_("FILE"), nargs="*", help=about)
    parser.add_argument("--into", metavar=_("FOLDER"), help=_("give the archive a name with the time, in this folder"))
    about = _("from this day or time on; else from where the archives made so far end")
    parser.add_argument("--since", metavar=_("DATE"), help=about)
    parser.add_argument("--until", metavar=_("DATE"), help=_("to before this day or time; else to the newest record"))
    parser.add_argument("--all", action="store_true", help=_("from the first record on, whatever was archived before"))
    parser.add_argument("--check", action="store_true", help=_("recompute archives; no desk is needed for it"))


def run_archive(args: argparse.Namespace) -> int:
    """Make one archive, or check some."""
    if args.check:
        if not args.file or args.into or args.since or args.until or args.all:
            raise Invalid(N_("--check takes archives and nothing else."), field="file")
        return _check(args)
    if len(args.file) + bool(args.into) != 1:
        raise Invalid(N_("Name one FILE for the archive, or a folder with --into."), field="file")
    if args.all and args.since:
        raise Invalid(N_("--all and --since contradict each other."), field="since")
    return _make(args)


# Make


def _make(args: argparse.Namespace) -> int:
    from dutydesk.services import archive, settings

    who = common.open_unattended(args)
    since = common.first_instant(args.since, field="since") if args.since else None
    until = common.first_instant(args.until, field="until") if args.until else None
    if since is not None and until is not None and until <= since:
        raise Invalid(N_("The period ends before it begins."), field="until")
    path = _folder(args.into) / settings.dated_name(_stem(args), archive.ENDING) if args.into else None
    path = path or Path(os.path.expanduser(args.file[0]))
    with common.progress() as progress:
        made = archive.make(who, path, archive.Period(since, until, args.all), progress=progress)
    return common.print_json(_made(made)) if args.json else _say_made(made)


def _folder(name: str) -> Path:
    folder = Path(os.path.expanduser(name))
    if not folder.is_dir():
        raise Invalid(N_("There is no folder {path}."), field="into", path=name)
    return folder


def _stem(args: argparse.Namespace) -> str:
    where = common.target(args)
    return "desk" if "://" in where and not where.startswith("sqlite:") else Path(where).stem


def _made(made: Made) -> dict[str, object]:
    return {
        "file": str(made.path),
        "size": made.size,
        "first": made.part.first,
        "last": made.part.last,
        "entries": made.counts.entries,
        "rows": made.counts.rows,
        "superseded": made.counts.superseded,
        "head_before": made.part.head_before,
        "head": made.part.head_after,
        "digest": made.counts.digest,
    }


def _say_made(made: Made) -> int:
    from dutydesk.domain.backups import show_size

    counted = {"entries": _entries(made.counts.entries), "rows": made.counts.rows, "size": show_size(made.size)}
    print(_("{path}: {entries} with {rows} rows, {size}.", path=made.path, **counted))
    print(
        _(
            "Entries {first} to {last}, head {head}",
            first=made.part.first,
            last=made.part.last,
            head=made.part.head_after,
        )
    )
    return common.DONE


def _entries(count: int) -> str:
    return ngettext("{n} entry", "{n} entries", count)


# Check


def _check(args: argparse.Namespace) -> int:
    """Recompute the archives one after the other; 1 when one does not hold, follow, or belong."""
    from dutydesk.services import archive

    checked: list[tuple[str, Checked]] = []
    with common.progress() as progress:
        for name in args.file:
            checked.append((name, archive.check(Path(os.path.expanduser(name)), progress=progress)))
    desk = _desk(args)
    found = []
    for at, (name, each) in enumerate(checked):
        follows = archive.continues(checked[at - 1][1], each) if at else None
        belongs = None if desk is not None or each.fault else archive.belonging(each)
        found.append((name, each, follows, belongs))
    well = all(_well(each, follows, belongs) for _name, each, follows, belongs in found)
    if args.json:
        common.print_json({"holds": well, "desk": desk is None, "archives": [_document(*line) for line in found]})
    else:
        for line in found:
            _say(*line)
        if desk is not None:
            print(_("Not compared with a desk: {reason}", reason=desk))
    return common.DONE if well else common.NO


def _desk(args: argparse.Namespace) -> str | None:
    """Open the desk to compare with; return why there is none. One that was asked for must be there."""
    from dutydesk.locale import sentence

    try:
        common.open_desk(args)
    except DeskError as error:
        if args.db:
            raise
        return sentence(error)
    return None


def _well(each: Checked, follows: bool | None, belongs: Belonging | None) -> bool:
    return each.fault is None and follows is not False and (belongs is None or belongs.belongs)


def _document(name: str, each: Checked, follows: bool | None, belongs: Belonging | None) -> dict[str, object]:
    fault = {"line": each.fault.line, "fault": _(each.fault.sentence)} if each.fault else None
    return {
        "file": name,
        "broken": fault,
        "first": each.part.first,
        "last": each.part.last,
        "entries": each.counts.entries,
        "rows": each.counts.rows,
        "superseded": each.counts.superseded,
        "withheld": each.counts.withheld,
        "head_before": each.part.head_before,
        "head": each.part.head_after,
        "digest": each.counts.digest,
        "continues": follows,
        "belongs": belongs.belongs if belongs else None,
        "recorded_by": belongs.recorded_by if belongs else None,
    }


def _say(name: str, each: Checked, follows: bool | None, belongs: Belonging | None) -> None:
    if each.fault:
        print(
            _(
                "{path} does not hold, line {line}: {fault}",
                path=name,
                line=each.fault.line,
                fault=_(each.fault.sentence),
            )
        )
        return
    counted = {"entries": _entries(each.counts.entries), "rows": each.counts.rows}
    print(_("{path} holds: {entries} with {rows} rows.", path=name, **counted))
    print(
        _(
            "Entries {first} to {last}, head {head}",
            first=each.part.first,
            last=each.part.last,
            head=each.part.head_after,
        )
    )
    if follows is not None:
        print(_("It continues the archive before it.") if follows else _("It does not continue the archive before it."))
    if belongs is None:
        return
    if not belongs.belongs:
        print(_("It is not part of this desk's chain."))
    elif belongs.recorded_by is None:
        print(_("It is part of this desk's chain, but the desk knows of no archive with this digest."))
    else:
        print(_("It is part of this desk's chain; entry {seq} records its making.", seq=belongs.recorded_by))
