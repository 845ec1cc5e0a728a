"""`dutydesk backup|restore|migrate|doctor`: looking after the desk's database."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from dutydesk.cli import common
from dutydesk.domain.errors import DeskError, Invalid, Refused
from dutydesk.domain.words import N_
from dutydesk.locale import _, ngettext, sentence

if TYPE_CHECKING:
    from dutydesk.services.operations import Candidate, Copied


def register(subparsers: common.Groups) -> None:
    """Add the commands."""
    copy = common.add_command(subparsers, "backup", N_("copy the desk into a file while people work"), run_backup)
    about = _("the copy; a file that is there is never overwritten")
    copy.add_argument("file", metavar=_("FILE"), nargs="?", help=about)
    copy.add_argument("--into", metavar=_("FOLDER"), help=_("give the copy a name with the time, in this folder"))
    about = _("with --into: remove all but the newest N copies when the new one is whole")
    copy.add_argument("--keep", metavar="N", type=common.number, help=about)
    about = N_("bring the whole desk into another database: a file to a server, or back")
    move = common.add_command(subparsers, "copy", about, run_copy)
    move.add_argument("source", metavar=_("FROM"), help=_("the desk: a path or an address"))
    move.add_argument("to", metavar=_("TO"), help=_("an empty database's address, or a new file"))
    about = N_("put a copy in the desk's place after checking it")
    back = common.add_command(subparsers, "restore", about, run_restore)
    back.add_argument("file", metavar=_("FILE"), help=_("a copy made with backup"))
    back.add_argument("--yes", action="store_true", help=_("replace without asking"))
    common.add_command(subparsers, "migrate", N_("bring the desk to this program's schema"), run_migrate)
    about = N_("check terminal, locale, database, disk and clock")
    common.add_command(subparsers, "doctor", about, run_doctor, json=True)


def run_backup(args: argparse.Namespace) -> int:
    """Copy the desk and say how large the copy is and where its chain ends; the desk notes it."""
    from dutydesk.services import operations
    from dutydesk.storage import engine

    if bool(args.file) == bool(args.into):
        raise Invalid(N_("Name one FILE for the copy, or a folder with --into."), field="file")
    if args.keep is not None and not args.into:
        raise Invalid(N_("--keep belongs to --into."), field="keep")
    where = common.target(args)
    path = engine.sqlite_path(where)
    engine.connect(where)
    common.speak_as_at_desk(args)
    common.who_acts(args)  # a name that is not known is refused before anything is copied
    copy = _file_copy if path is not None else _server_copy(where)
    if args.into:
        stem = path.stem if path is not None else "desk"
        made = operations.backup_into(Path(os.path.expanduser(args.into)), stem, keep=args.keep, copy=copy)
    else:
        made = copy(Path(os.path.expanduser(args.file)))
    _say_copied(made, server=path is None)
    engine.connect(where)
    _note(args, made)
    return common.DONE


def _file_copy(path: Path) -> Copied:
    from dutydesk.services import operations

    with common.progress() as progress:
        return operations.backup(path, progress=progress)


def _server_copy(where: str) -> Callable[[Path], Copied]:
    """Return how the desk on a server is written into a file; restoring it is copying it into an empty database."""
    from dutydesk.services import copying

    def copy(path: Path) -> Copied:
        with common.progress(_("Copying {table}: {done}")) as progress:
            return copying.backup(where, path, progress=progress)

    return copy


def _say_copied(made: Copied, *, server: bool) -> None:
    from dutydesk.domain.backups import show_size

    size, inside = show_size(made.inside.size), made.inside
    if server:
        print(_("{path}: {size}, {rows} rows, the chain holds.", path=made.path, size=size, rows=made.rows))
    else:
        print(_("{path}: {size}, every page checked.", path=made.path, size=size))
    print(_("Entry {seq}, head {head}", seq=inside.seq, head=inside.head))
    for name in made.removed:
        print(_("Removed: {name}", name=name))


def run_copy(args: argparse.Namespace) -> int:
    """Bring the desk into another database and say where its chain ends."""
    from dutydesk.services import copying
    from dutydesk.storage import engine

    common.give_password(args, args.source, args.to)
    with common.progress(_("Copying {table}: {done}")) as progress:
        moved = copying.copy_desk(args.source, args.to, progress=progress)
    target = engine.masked(args.to)
    print(_("The desk is in {target} now: {rows} rows, the chain holds.", target=target, rows=moved.rows))
    print(_("Entry {seq}, head {head}", seq=moved.seq, head=moved.head))
    print(_("The old one stays as it is: name the new one to everybody, then put the old one away."))
    return common.DONE


def _note(args: argparse.Namespace, made: Copied) -> None:
    """Let the desk know of the copy; a copy that it cannot note is a copy all the same."""
    from dutydesk.services import operations

    try:
        operations.note_copy(common.who_acts(args), made)
    except DeskError as error:
        print(_("The copy is whole, but the desk did not note it: {reason}", reason=sentence(error)), file=sys.stderr)


def run_restore(args: argparse.Namespace) -> int:
    """Check a copy, ask, and put it in the desk's place; the desk that was there is kept."""
    from dutydesk.services import operations

    target = operations.sqlite_file(common.target(args))
    _speak_as_at(args, target)
    with common.progress() as progress:
        candidate = operations.check_copy(Path(os.path.expanduser(args.file)), target, progress=progress)
    try:
        if candidate.replaces and not args.yes and not _agreed(candidate):
            print(_("Nothing was replaced."))
            return common.NO
        kept = operations.replace(candidate)
    finally:
        operations.discard(candidate)
    print(_("{path} is restored: {entries} entries, head {head}", path=target, **_chain(candidate)))
    if kept is not None:
        print(_("The desk that was there is kept as {path}.", path=kept))
    return common.DONE


def _speak_as_at(args: argparse.Namespace, target: Path) -> None:
    """Speak the language of the desk that is to be replaced, where it can still be read."""
    from dutydesk.storage import engine

    if target.exists():
        with contextlib.suppress(DeskError):
            engine.connect(str(target))
            common.speak_as_at_desk(args)
        engine.disconnect()


def _chain(candidate: Candidate) -> dict[str, object]:
    return {"entries": candidate.entries, "head": candidate.head}


def _agreed(candidate: Candidate) -> bool:
    if not common.on_terminal():
        raise Refused(N_("There is a desk at {path}; --yes replaces it."), path=str(candidate.target))
    from dutydesk.locale import times

    times.use_zone(candidate.zone)
    at = times.stamp(candidate.newest_at or 0)
    question = N_("Replace the desk at {path} by this copy, whose newest entry is of {at}? [y/N] ")
    print(_(question, path=candidate.target, at=at), end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes", "是", "好")


def run_migrate(args: argparse.Namespace) -> int:
    """Bring the desk to this program's schema and say what ran."""
    from dutydesk.services import operations

    done = operations.bring_up_to_date(common.target(args))
    if not done.steps:
        print(_("Nothing to do: the desk has schema {schema} already.", schema=done.schema))
        return common.DONE
    steps = ngettext("{n} step", "{n} steps", len(done.steps))
    print(_("The desk now has schema {schema} ({steps}).", schema=done.schema, steps=steps))
    if done.kept is not None:
        print(_("The desk as it was is kept as {path}.", path=done.kept))
    return common.DONE


def run_doctor(args: argparse.Namespace) -> int:
    """Examine the console and the desk; 1 when something is wrong."""
    from dutydesk.cli.doctor import report

    return report(args, as_json=args.json)
