"""`dutydesk measure list|show|open|extend|close`."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from dutydesk.cli import common
from dutydesk.domain.errors import Invalid, NotFound
from dutydesk.domain.words import N_
from dutydesk.locale import _

if TYPE_CHECKING:
    from dutydesk.services.core import Actor
    from dutydesk.services.measures import MeasureLine, MeasureView

NO_END = ("none", "-", "无")


def register(subparsers: common.Groups) -> None:
    """Add the command group."""
    group = common.add_group(subparsers, "measure", N_("temporary measures: list, open, extend, close"))
    listed = common.add_command(group, "list", N_("measures in force, those past their end first"), run_list, json=True)
    listed.add_argument("--closed", action="store_true", help=_("those closed, the last one first"))
    listed.add_argument("--limit", type=common.number, default=50, metavar="N", help=_("at most so many closed ones"))
    shown = common.add_command(group, "show", N_("one measure"), run_show, json=True)
    shown.add_argument("number", metavar=_("NUMBER"))
    _register_open(group)
    later = common.add_command(group, "extend", N_("set another end"), run_extend, json=True)
    later.add_argument("number", metavar=_("NUMBER"))
    later.add_argument("--until", required=True, metavar=_("TIME"), help=_("+2h, 18:00, “tomorrow 9:00”, or none"))
    later.add_argument("--reason", required=True, metavar=_("TEXT"), help=_("why"))
    close = common.add_command(group, "close", N_("close one: it is back as usual"), run_close, json=True)
    close.add_argument("number", metavar=_("NUMBER"))
    close.add_argument("note", nargs="+", metavar=_("TEXT"), help=_("how it is back"))


def _register_open(group: common.Groups) -> None:
    from dutydesk.domain.measures import MeasureKind

    parser = common.add_command(group, "open", N_("put down a measure"), run_open, json=True)
    parser.add_argument("title", nargs="+", metavar=_("TEXT"))
    parser.add_argument("--kind", required=True, choices=[kind.value for kind in MeasureKind], help=_("what it is"))
    parser.add_argument("--until", metavar=_("TIME"), help=_("+2h, 18:00, “tomorrow 9:00”, or none"))
    parser.add_argument("--since", metavar=_("TIME"), help=_("when it began, if not now"))
    parser.add_argument("--detail", default="", metavar=_("TEXT"), help=_("what else to know"))
    parser.add_argument("--owner", metavar=_("LOGIN"), help=_("who looks after it, if not you"))
    parser.add_argument("--incident", metavar=_("NUMBER"), help=_("the incident it belongs to"))


def run_list(args: argparse.Namespace) -> int:
    """Print measures."""
    from dutydesk.domain import clock
    from dutydesk.locale import ngettext, pick, times, word
    from dutydesk.services import measures

    who = common.open_desk(args)
    lines = measures.closed(who, limit=args.limit) if args.closed else measures.in_force(who)
    if args.json:
        return common.print_json([_as_plain(line) for line in lines])
    now = clock.now()

    def end(line: MeasureLine) -> str:
        if line.closed_at is not None:
            return _("closed {when}", when=times.when(line.closed_at, now))
        if line.until is None:
            return _("no end set")
        when = times.when(line.until, now)
        return _("over since {when}", when=when) if line.overdue else _("until {when}", when=when)

    rows = [
        (
            line.number,
            word(line.kind),
            times.stamp(line.since),
            end(line),
            ngettext("{n} shift", "{n} shifts", line.carried) if line.carried else "",
            pick(line.owner),
            line.title,
        )
        for line in lines
    ]
    heads = (_("Number"), _("Kind"), _("Since"), _("Ends"), _("Carried"), _("By"), _("What"))
    empty = _("No measure was closed.") if args.closed else _("No temporary measure is in force.")
    return common.print_table(heads, rows, empty=empty)


def run_show(args: argparse.Namespace) -> int:
    """Print one measure."""
    from dutydesk.services import measures

    who = common.open_desk(args)
    return _print(args, measures.by_number(who, args.number), "")


def run_open(args: argparse.Namespace) -> int:
    """Put down a measure."""
    from dutydesk.services import measures

    who = common.open_desk(args, write=True)
    new = measures.NewMeasure(
        title=" ".join(args.title),
        kind=args.kind,
        detail=args.detail,
        since=common.moment(args.since, field="since") if args.since else None,
        until=_end(args.until) if args.until else None,
        owner_id=_person(who, args.owner),
        incident_id=_incident(who, args.incident),
    )
    view = measures.open_measure(who, new)
    return _print(args, view, _("{number} is in force and in the next handover.", number=view.line.number))


def run_extend(args: argparse.Namespace) -> int:
    """Set another end."""
    from dutydesk.services import measures

    who = common.open_desk(args, write=True)
    line = measures.by_number(who, args.number).line
    view = measures.extend(who, line.id, _end(args.until), args.reason, version=line.version)
    return _print(args, view, _("{number} has another end.", number=line.number))


def run_close(args: argparse.Namespace) -> int:
    """Close a measure."""
    from dutydesk.services import measures

    who = common.open_desk(args, write=True)
    line = measures.by_number(who, args.number).line
    view = measures.close_measure(who, line.id, " ".join(args.note), version=line.version)
    return _print(args, view, _("{number} is closed.", number=line.number))


def _end(text: str) -> int | None:
    """Read when a measure ends; `none` is no end."""
    if text.strip().lower() in NO_END:
        return None
    from dutydesk.domain import clock
    from dutydesk.domain.moments import moment
    from dutydesk.locale import times

    at = moment(text, now=clock.now(), zone=times.zone(), ahead=True, field="until")
    if at <= clock.now():
        raise Invalid(N_("The end must lie ahead."), field="until")
    return at


def _print(args: argparse.Namespace, view: MeasureView, done: str) -> int:
    if args.json:
        return common.print_json(_as_plain(view.line) | _more(view))
    print(done or "\n".join(_sheet(view)))
    return common.DONE


def _sheet(view: MeasureView) -> list[str]:
    from dutydesk.locale import pick, times, word

    line = view.line
    end = times.stamp(line.until) if line.until is not None else _("no end set")
    facts = [
        (_("Number"), line.number),
        (_("Kind"), word(line.kind)),
        (_("What"), line.title),
        (_("Details"), view.detail),
        (_("Since"), times.stamp(line.since)),
        (_("Ends"), end),
        (_("Looked after by"), pick(line.owner)),
        (_("Incident"), line.incident_number),
        (_("Carried"), str(line.carried)),
        (_("Closed"), times.stamp(line.closed_at) if line.closed_at is not None else ""),
        (_("How it is back"), view.closing_note),
    ]
    return [f"{name}: {value}" for name, value in facts if value]


def _more(view: MeasureView) -> dict[str, Any]:
    return {"detail": view.detail, "closed_by": view.closed_by, "closing_note": view.closing_note or None}


def _as_plain(line: MeasureLine) -> dict[str, Any]:
    """Return a measure for scripts; the names of its values stay from version to version."""
    return {
        "id": line.id,
        "number": line.number,
        "kind": line.kind,
        "title": line.title,
        "since": line.since,
        "until": line.until,
        "overdue": line.overdue,
        "owner": line.owner,
        "carried": line.carried,
        "incident": line.incident_number or None,
        "closed_at": line.closed_at,
    }


def _person(who: Actor, login: str | None) -> int | None:
    if login is None:
        return None
    from dutydesk.services import people

    found = [person.id for person in people.everyone(who) if person.login == login]
    if not found:
        raise NotFound(N_("Nobody has the login {login}."), login=login)
    return found[0]


def _incident(who: Actor, number: str | None) -> int | None:
    if number is None:
        return None
    from dutydesk.services import incidents

    return incidents.by_number(who, number).id
