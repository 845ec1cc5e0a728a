"""`dutydesk log TEXT` writes a line, `dutydesk log list` lists them."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from dutydesk.cli import common
from dutydesk.domain.errors import Invalid
from dutydesk.domain.words import N_
from dutydesk.locale import _

if TYPE_CHECKING:
    from dutydesk.services.core import Actor
    from dutydesk.services.log import LogFilters, LogLine

PAGE = 500
_USAGE = (
    'dutydesk log "TEXT" [--at TIME] [--kind KIND] [--incident NUMBER]\n'
    "       dutydesk log list [--search TEXT] [--from DAY] [--to DAY] [--kind KIND] [--person LOGIN] [--json]"
)
_ONLY_LIST = ("search", "since", "until", "person", "limit")
_ONLY_WRITE = ("at",)


def register(subparsers: common.Groups) -> None:
    """Add the command: a text is written, the word `list` alone lists."""
    parser = common.add_command(subparsers, "log", N_("write a line into the shift log, or list it"), run, json=True)
    parser.usage = _USAGE
    parser.add_argument("text", nargs="+", metavar=_("TEXT"), help=_("the line to write; `list` lists the log"))
    parser.add_argument("--kind", metavar=_("KIND"), help=_("what it is about: note, request, assistance, change …"))
    parser.add_argument("--incident", metavar=_("NUMBER"), help=_("the incident it belongs to"))
    write = parser.add_argument_group(_("writing"))
    write.add_argument("--at", metavar=_("TIME"), help=_("when it happened: 14:20, -20, “yesterday 22:10”"))
    listing = parser.add_argument_group(_("listing"))
    listing.add_argument("--search", metavar=_("TEXT"), help=_("lines that hold every word of it"))
    listing.add_argument("--from", dest="since", metavar=_("DAY"), help=_("from this day or time on"))
    listing.add_argument("--to", dest="until", metavar=_("DAY"), help=_("until this day or time, included"))
    listing.add_argument("--person", metavar=_("LOGIN"), help=_("lines of one person"))
    listing.add_argument(
        "--limit", type=common.number, metavar="N", help=_("at most so many, newest first; 50 unless given")
    )


def run(args: argparse.Namespace) -> int:
    """Write a line, or list lines."""
    if args.text == ["list"]:
        _refuse(args, _ONLY_WRITE, N_("{option} goes with a line to write, not with `list`."))
        return run_list(args)
    _refuse(args, _ONLY_LIST, N_("{option} goes with `dutydesk log list`."))
    return run_write(args)


def _refuse(args: argparse.Namespace, names: tuple[str, ...], sentence: str) -> None:
    options = {"since": "--from", "until": "--to"}
    for name in names:
        if getattr(args, name) is not None:
            raise Invalid(sentence, option=options.get(name, f"--{name}"))


def run_write(args: argparse.Namespace) -> int:
    """Write one line; what the writer should know goes to stderr."""
    import sys

    from dutydesk.locale import times
    from dutydesk.locale.lines import said
    from dutydesk.services import log

    who = common.open_desk(args, write=True)
    line = log.write(
        who,
        " ".join(args.text),
        kind=args.kind or "note",
        event_at=common.moment(args.at) if args.at else None,
        incident_id=_incident(who, args.incident),
    )
    if line.warning is not None:
        print(said(line.warning), file=sys.stderr)
    if args.json:
        return common.print_json(_as_plain(line))
    print(_("Written into the log at {time}.", time=times.stamp(line.event_at)))
    return common.DONE


def run_list(args: argparse.Namespace) -> int:
    """Print lines, newest first."""
    from dutydesk.locale import pick, times, word
    from dutydesk.locale.lines import line_text

    who = common.open_desk(args)
    lines = _lines(who, _filters(who, args), 50 if args.limit is None else args.limit)
    if args.json:
        return common.print_json([_as_plain(line) for line in lines])
    rows = [
        (
            times.stamp(line.event_at),
            pick(line.person) if line.person else "",
            word(line.kind),
            line.incident_number,
            _marked(line, line_text(line)),
        )
        for line in lines
    ]
    heads = (_("Time"), _("Person"), _("Kind"), _("Incident"), _("What"))
    return common.print_table(heads, rows, empty=_("No such line."))


def _marked(line: LogLine, text: str) -> str:
    remarks = [_("late entry")] if line.late else []
    remarks += [_("corrected")] if line.corrected else []
    return f"[{_(', ').join(remarks)}] {text}" if remarks else text


def _lines(who: Actor, filters: LogFilters, limit: int) -> list[LogLine]:
    """Return at most `limit` lines, read a page at a time; 0 and less are all."""
    from dutydesk.services import log

    lines: list[LogLine] = []
    while limit <= 0 or len(lines) < limit:
        asked = PAGE if limit <= 0 else min(PAGE, limit - len(lines))
        page = log.page(who, filters, lines[-1].key if lines else None, asked)
        lines += page
        if len(page) < asked:
            break
    return lines


def _filters(who: Actor, args: argparse.Namespace) -> LogFilters:
    from dutydesk.domain import clock
    from dutydesk.domain.days import day_span, last_instant
    from dutydesk.domain.log import LogKind
    from dutydesk.locale import times
    from dutydesk.services.log import LogFilters

    if args.kind is not None and args.kind not in set(LogKind):
        raise Invalid(
            N_("There is no kind of line “{kind}”; there are: {kinds}."), kind=args.kind, kinds=", ".join(LogKind)
        )
    now, zone = clock.now(), times.zone()
    return LogFilters(
        kind=LogKind(args.kind) if args.kind else None,
        person_id=_person(who, args.person),
        incident_id=_incident(who, args.incident),
        since=_first(args.since, day_span, now, zone) if args.since else None,
        until=last_instant(args.until, now=now, zone=zone, field="to") + 60 if args.until else None,
        text=args.search or "",
    )


def _first(text: str, day_span: Any, now: int, zone: Any) -> int:
    """Return the instant to begin at: the time that is written, or the beginning of the day."""
    try:
        return common.moment(text, field="from")
    except Invalid:
        first: int = day_span(text, now=now, zone=zone, field="from")[0]
        return first


def _person(who: Actor, login: str | None) -> int | None:
    if login is None:
        return None
    from dutydesk.domain.errors import NotFound
    from dutydesk.services import people

    found = [person.id for person in people.everyone(who, active_only=False) if person.login == login]
    if not found:
        raise NotFound(N_("Nobody has the login {login}."), login=login)
    return found[0]


def _incident(who: Actor, number: str | None) -> int | None:
    if number is None:
        return None
    from dutydesk.services import incidents

    return incidents.by_number(who, number).id


def _as_plain(line: LogLine) -> dict[str, Any]:
    """Return a line for scripts; the names of its values stay from version to version."""
    from dutydesk.locale.lines import line_text

    return {
        "id": line.id,
        "event_at": line.event_at,
        "entered_at": line.entered_at,
        "kind": line.kind,
        "text": line_text(line),
        "person": line.person,
        "shift": {"day": line.shift_day, "kind": line.shift_kind} if line.shift_id else None,
        "late": line.late,
        "incident": line.incident_number or None,
        "corrects": line.corrects,
        "reason": line.reason or None,
    }
