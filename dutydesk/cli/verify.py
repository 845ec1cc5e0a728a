"""`dutydesk verify`: recompute the audit chain, all of it or from one entry on."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from dutydesk.cli import common
from dutydesk.domain.words import N_
from dutydesk.locale import _

if TYPE_CHECKING:
    from dutydesk.storage.chain import Progress, Verdict

SHOW_SECONDS = 0.2
"""How often the line of the progress is written anew: a slow terminal does not hold the check up."""


def register(subparsers: common.Groups) -> None:
    """Add the command."""
    about = N_("recompute the audit chain; name the first broken row")
    check = common.add_command(subparsers, "verify", about, run_verify, json=True)
    check.add_argument("--head", metavar=_("DIGEST"), help=_("the head printed on a handover sheet: it must be there"))
    about = _("begin with an entry: its number, a head printed on a sheet, or a day; what was before is not looked at")
    check.add_argument("--since", metavar=_("ENTRY"), help=about)


def run_verify(args: argparse.Namespace) -> int:
    """Recompute the chain; 1 when something does not hold, with its table, its row and what is wrong."""
    from dutydesk.services import operations

    common.open_desk(args)
    with _progress() as progress:
        verdict = operations.verify(head=args.head, since=args.since, progress=progress)
    if args.json:
        common.print_json(_plain(verdict, args.head))
    else:
        _say(verdict, args.head)
    return common.DONE if verdict.broken is None else common.NO


def _plain(verdict: Verdict, head: str | None) -> dict[str, Any]:
    broken = verdict.broken
    fault = {"table": broken.table, "row": broken.key, "fault": _fault(verdict, head)} if broken else None
    return {
        "holds": broken is None,
        "first": verdict.first,
        "entries_not_checked": verdict.first - 1,
        "entries": verdict.entries,
        "rows": verdict.rows,
        "seq": verdict.head_seq,
        "head": verdict.head,
        "broken": fault,
    }


def _say(verdict: Verdict, head: str | None) -> None:
    broken = verdict.broken
    if broken is not None:
        place = {"table": broken.table, "row": broken.key}
        print(_("The chain is broken at {table}, row {row}: {fault}", **place, fault=_fault(verdict, head)))
    else:
        counted = {"entries": verdict.entries, "rows": verdict.rows}
        if verdict.first > 1:
            print(
                _(
                    "The chain holds from entry {first} on: {entries} entries, {rows} rows.",
                    first=verdict.first,
                    **counted,
                )
            )
        else:
            print(_("The chain holds: {entries} entries, {rows} rows.", **counted))
        print(_("Entry {seq}, head {head}", seq=verdict.head_seq, head=verdict.head))
    if verdict.first > 1:
        before = verdict.first - 1
        print(_("Not looked at: entries 1 to {before}, and rows that nobody has written since.", before=before))


def _fault(verdict: Verdict, head: str | None) -> str:
    assert verdict.broken is not None
    return _(verdict.broken.sentence, head=head, first=verdict.first)


@contextmanager
def _progress() -> Iterator[Progress | None]:
    """Show on stderr how far the chain is checked: one line on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield None
        return
    shown_at = 0.0

    def show(table: str, done: int, percent: int) -> None:
        nonlocal shown_at
        if time.monotonic() - shown_at >= SHOW_SECONDS:
            shown_at = time.monotonic()
            text = _("{percent}% · checking {table}: {done}", percent=percent, table=table, done=done)
            print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)

    try:
        yield show
    finally:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
