"""`dutydesk incident open|list|show|note|ack|start|dispatch|resolve|close|reopen|merge`."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from dutydesk.cli import common
from dutydesk.domain.errors import Invalid, NotFound
from dutydesk.domain.incidents import Category, Kind, Mode, Source, View
from dutydesk.domain.priority import Impact, Urgency
from dutydesk.domain.words import N_, Named
from dutydesk.locale import _

if TYPE_CHECKING:
    from dutydesk.services.core import Actor
    from dutydesk.services.incidents import IncidentLine, IncidentView

PAGE = 500
LEVELS = {"H": "high", "M": "medium", "L": "low"}


def register(subparsers: common.Groups) -> None:
    """Add the command group."""
    group = common.add_group(subparsers, "incident", N_("open, list, show and work on incidents"))
    _register_open(group)
    _register_list(group)
    _one(group, "show", N_("one incident with its timeline"), run_show)
    noted = _one(group, "note", N_("add a note to the timeline"), run_note)
    noted.add_argument("text", nargs="+", metavar=_("TEXT"))
    noted.add_argument("--at", metavar=_("TIME"), help=_("when it happened: 14:20, -20, “yesterday 22:10”"))
    _one(group, "ack", N_("acknowledge: somebody takes care"), run_ack)
    begun = _one(group, "start", N_("begin to work on it"), run_start)
    begun.add_argument("--mode", choices=[mode.value for mode in Mode], default=Mode.REMOTE.value, help=_("how"))
    _register_dispatch(group)
    solved = _one(group, "resolve", N_("write down what solved it"), run_resolve)
    solved.add_argument("solution", nargs="+", metavar=_("TEXT"), help=_("what solved it"))
    solved.add_argument("--at", metavar=_("TIME"), help=_("when it was solved, if not now"))
    closed = _one(group, "close", N_("close what is resolved"), run_close)
    closed.add_argument("--told", default="", metavar=_("TEXT"), help=_("what the caller was told"))
    again = _one(group, "reopen", N_("take it up again"), run_reopen)
    again.add_argument("--reason", required=True, metavar=_("TEXT"), help=_("why"))
    merged = _one(group, "merge", N_("go on with another incident"), run_merge)
    merged.add_argument("into", metavar=_("NUMBER"), help=_("the incident that goes on"))


def _one(group: common.Groups, name: str, help: str, run: common.Run) -> argparse.ArgumentParser:
    """Add a command about one incident."""
    parser = common.add_command(group, name, help, run, json=True)
    parser.add_argument("number", metavar=_("NUMBER"), help=_("its number, with or without INC-"))
    return parser


def _register_open(group: common.Groups) -> None:
    parser = common.add_command(group, "open", N_("record an incident"), run_open, json=True)
    parser.add_argument("title", nargs="+", metavar=_("TEXT"), help=_("what happened"))
    for name in ("impact", "urgency"):
        parser.add_argument(f"--{name}", choices=[*LEVELS.values()], default="medium", help=_("medium unless given"))
    _add_choice(parser, "kind", Kind, Kind.FAULT)
    _add_choice(parser, "source", Source, Source.STAFF)
    _add_choice(parser, "category", Category, None)
    parser.add_argument("--at", metavar=_("TIME"), help=_("when it began, if not now"))
    for name in ("detail", "caller", "contact", "location"):
        parser.add_argument(f"--{name}", default="", metavar=_("TEXT"))
    parser.add_argument("--equipment", metavar=_("CODE"), help=_("the equipment it is about"))
    parser.add_argument("--owner", metavar=_("LOGIN"), help=_("who has it"))
    parser.add_argument("--follow-up", metavar=_("TIME"), help=_("when it is followed up: +2h, “tomorrow 9:00”"))
    parser.add_argument("--class", dest="security_class", metavar=_("CLASS"), help=_("class of a security event"))
    parser.add_argument("--grade", metavar="I…IV", help=_("grade of a security event"))


def _add_choice(parser: argparse.ArgumentParser, name: str, members: type[Named], default: Named | None) -> None:
    values = [member.value for member in members]
    parser.add_argument(f"--{name}", choices=values, default=default.value if default else None)


def _register_list(group: common.Groups) -> None:
    parser = common.add_command(group, "list", N_("what is open, most urgent first"), run_list, json=True)
    parser.add_argument("--show", choices=[view.value for view in View], default=View.OPEN.value, help=_("which ones"))
    parser.add_argument("--search", metavar=_("TEXT"), help=_("those that hold every word of it, newest first"))
    parser.add_argument("--limit", type=common.number, default=50, metavar="N", help=_("at most so many; 0 for all"))


def _register_dispatch(group: common.Groups) -> None:
    parser = _one(group, "dispatch", N_("send somebody, or say that he arrived or is done"), run_dispatch)
    parser.add_argument("who", metavar=_("WHO"), help=_("a login, or the name of somebody from outside"))
    parser.add_argument("--mode", choices=[mode.value for mode in Mode], default=Mode.ON_SITE.value, help=_("how"))
    parser.add_argument("--task", default="", metavar=_("TEXT"), help=_("what to do there"))
    parser.add_argument("--at", metavar=_("TIME"), help=_("when, if not now"))
    step = parser.add_mutually_exclusive_group()
    step.add_argument("--arrived", action="store_true", help=_("who was sent has arrived"))
    step.add_argument("--done", metavar=_("RESULT"), help=_("who was sent is done; the result"))


# Recording and reading


def run_open(args: argparse.Namespace) -> int:
    """Record an incident and print its number."""
    from dutydesk.services import incidents

    who = common.open_desk(args, write=True)
    return _show(args, incidents.open_incident(who, _new(who, args)))


def _new(who: Actor, args: argparse.Namespace) -> Any:
    from dutydesk.domain.deadlines import EventClass, Grade
    from dutydesk.services.incidents import NewIncident

    levels = {word: letter for letter, word in LEVELS.items()}
    return NewIncident(
        title=" ".join(args.title),
        kind=Kind(args.kind),
        impact=Impact(levels[args.impact]),
        urgency=Urgency(levels[args.urgency]),
        source=Source(args.source),
        detail=args.detail,
        category=Category(args.category) if args.category else None,
        opened_at=common.moment(args.at) if args.at else None,
        caller=args.caller,
        contact=args.contact,
        location=args.location,
        equipment_id=_equipment(args.equipment),
        owner_id=_person(who, args.owner),
        follow_up_at=_ahead(args.follow_up),
        security_class=_member(EventClass, args.security_class, "class"),
        security_grade=_member(Grade, args.grade, "grade"),
    )


def _member(members: Any, value: str | None, field: str) -> Any:
    if value is None:
        return None
    found = next((member for member in members if member.value.casefold() == value.casefold()), None)
    if found is None:
        known = ", ".join(member.value for member in members)
        raise Invalid(N_("There is no {value}; there are: {known}."), field=field, value=value, known=known)
    return found


def _equipment(code: str | None) -> int | None:
    if code is None:
        return None
    from dutydesk.services.incidents import equipment_id

    return equipment_id(code)


def _person(who: Actor, login: str | None) -> int | None:
    if login is None:
        return None
    from dutydesk.services import people

    found = [person.id for person in people.everyone(who) if person.login == login]
    if not found:
        raise NotFound(N_("Nobody has the login {login}."), login=login)
    return found[0]


def _ahead(text: str | None) -> int | None:
    if text is None:
        return None
    from dutydesk.domain import clock
    from dutydesk.domain.moments import moment
    from dutydesk.locale import times

    return moment(text, now=clock.now(), zone=times.zone(), ahead=True, field="follow_up_at")


def run_list(args: argparse.Namespace) -> int:
    """Print incidents."""
    from dutydesk.domain import clock
    from dutydesk.locale import pick, times, word
    from dutydesk.locale.incidents import not_acknowledged, running

    who = common.open_desk(args)
    lines = _lines(who, args)
    if args.json:
        return common.print_json([_line_as_plain(line) for line in lines])
    now = clock.now()
    rows = [
        (
            line.priority.value,
            line.number,
            times.stamp(line.opened_at),
            running(line, now),
            not_acknowledged(line, now) or word(line.status),
            pick(line.owner) if line.owner else "",
            line.title,
        )
        for line in lines
    ]
    heads = ("P", _("Number"), _("Began"), _("Time"), _("Status"), _("Owner"), _("What"))
    return common.print_table(heads, rows, empty=_("No such incident."))


def _lines(who: Actor, args: argparse.Namespace) -> list[IncidentLine]:
    from dutydesk.services import incidents

    if args.search:
        return incidents.find(who, args.search, args.limit if args.limit > 0 else PAGE)
    lines: list[IncidentLine] = []
    while args.limit <= 0 or len(lines) < args.limit:
        asked = PAGE if args.limit <= 0 else min(PAGE, args.limit - len(lines))
        page = incidents.page(who, View(args.show), lines[-1].key if lines else None, asked)
        lines += page
        if len(page) < asked:
            break
    return lines


def run_show(args: argparse.Namespace) -> int:
    """Print one incident."""
    from dutydesk.services import incidents

    who = common.open_desk(args)
    seen = incidents.by_number(who, args.number)
    if args.json:
        return common.print_json(_as_plain(seen))
    _print_whole(seen)
    return common.DONE


def _print_whole(seen: IncidentView) -> None:
    from dutydesk.domain import clock
    from dutydesk.locale import pick, times, word
    from dutydesk.locale.incidents import clock_text, event_text, event_title, not_acknowledged, running

    now = clock.now()
    head = [seen.number, seen.priority.value, word(seen.status), running(seen, now), not_acknowledged(seen, now)]
    print("  ".join(head).rstrip())
    print(seen.title)
    owner = pick(seen.owner) if seen.owner else _("nobody")
    facts = [
        (_("Kind"), word(seen.kind)),
        (_("Source"), word(seen.source)),
        (_("Equipment"), pick(seen.equipment) if seen.equipment else ""),
        (_("Place"), seen.location),
        (_("Caller"), "  ".join(text for text in (seen.caller, seen.contact) if text)),
        (_("Owner"), owner),
        (_("Next step"), seen.next_step),
        (_("Follow up"), times.stamp(seen.follow_up_at) if seen.follow_up_at else ""),
        (_("Solution"), seen.solution),
    ]
    for label, text in facts:
        if text:
            print(f"{label}: {text}")
    for each in seen.clocks:
        print(clock_text(each, now))
    print()
    for event in seen.events:
        name = pick(event.person) if event.person else ""
        print(f"{times.stamp(event.at)}  {name}  {event_title(event, now)}")
        for line in event_text(event).splitlines():
            print(f"    {line}")


# Steps


def _id(who: Actor, args: argparse.Namespace) -> int:
    from dutydesk.services import incidents

    return incidents.by_number(who, args.number).id


def _show(args: argparse.Namespace, seen: IncidentView) -> int:
    """Print what came of a step: the whole incident as JSON, or one line."""
    from dutydesk.locale import word

    if args.json:
        return common.print_json(_as_plain(seen))
    print(f"{seen.number}  {seen.priority.value}  {word(seen.status)}  {seen.title}")
    return common.DONE


def run_note(args: argparse.Namespace) -> int:
    """Add a note."""
    from dutydesk.services import incidents

    who = common.open_desk(args, write=True)
    at = common.moment(args.at) if args.at else None
    return _show(args, incidents.note(who, _id(who, args), " ".join(args.text), at=at))


def run_ack(args: argparse.Namespace) -> int:
    """Acknowledge."""
    from dutydesk.services import incidents

    who = common.open_desk(args, write=True)
    return _show(args, incidents.acknowledge(who, _id(who, args)))


def run_start(args: argparse.Namespace) -> int:
    """Begin to work on it."""
    from dutydesk.services import incidents

    who = common.open_desk(args, write=True)
    return _show(args, incidents.start(who, _id(who, args), mode=Mode(args.mode)))


def run_dispatch(args: argparse.Namespace) -> int:
    """Send somebody, or record that who was sent arrived or is done."""
    from dutydesk.services import incidents, people

    who = common.open_desk(args, write=True)
    at = common.moment(args.at) if args.at else None
    person = next((each for each in people.everyone(who) if each.login == args.who), None)
    if args.arrived or args.done is not None:
        return _show(args, _under_way(who, args, person.id if person else None, at))
    named: dict[str, Any] = {"person_id": person.id} if person else {"name": args.who}
    seen = incidents.dispatch(who, _id(who, args), Mode(args.mode), sent_at=at, text=args.task, **named)
    return _show(args, seen)


def _under_way(who: Actor, args: argparse.Namespace, person_id: int | None, at: int | None) -> IncidentView:
    from dutydesk.services import incidents

    seen = incidents.by_number(who, args.number)
    for sent in seen.under_way:
        if sent.person_id == person_id if person_id else sent.name.zh == args.who:
            if args.arrived:
                return incidents.arrived(who, seen.id, sent.id, at=at)
            return incidents.done(who, seen.id, sent.id, args.done, at=at)
    raise NotFound(N_("{who} is not under way to {number}."), who=args.who, number=seen.number)


def run_resolve(args: argparse.Namespace) -> int:
    """Write down what solved it."""
    from dutydesk.services import incidents

    who = common.open_desk(args, write=True)
    at = common.moment(args.at) if args.at else None
    return _show(args, incidents.resolve(who, _id(who, args), " ".join(args.solution), at=at))


def run_close(args: argparse.Namespace) -> int:
    """Close it."""
    from dutydesk.services import incidents

    who = common.open_desk(args, write=True)
    return _show(args, incidents.close(who, _id(who, args), args.told))


def run_reopen(args: argparse.Namespace) -> int:
    """Take it up again."""
    from dutydesk.services import incidents

    who = common.open_desk(args, write=True)
    return _show(args, incidents.reopen(who, _id(who, args), args.reason))


def run_merge(args: argparse.Namespace) -> int:
    """Go on with another incident; prints that one."""
    from dutydesk.services import incidents

    who = common.open_desk(args, write=True)
    seen = incidents.merge(who, _id(who, args), args.into)
    print(_("{number} merged into {into}.", number=args.number.upper(), into=seen.number), file=sys.stderr)
    return _show(args, seen)


# For scripts


def _line_as_plain(line: IncidentLine) -> dict[str, Any]:
    """Return a row for scripts; the names of its values stay from version to version."""
    from dutydesk.locale.times import iso

    return {
        "id": line.id,
        "number": line.number,
        "kind": line.kind,
        "source": line.source,
        "priority": line.priority,
        "title": line.title,
        "status": line.status,
        "opened_at": line.opened_at,
        "entered_at": line.entered_at,
        "acknowledge_by": iso(line.acknowledge_by),
        "acknowledged_at": line.acknowledged_at,
        "resolved_at": line.resolved_at,
        "closed_at": line.closed_at,
        "follow_up_at": line.follow_up_at,
        "report_due_at": line.report_due_at,
        "reported_at": line.reported_at,
        "owner": line.owner,
        "location": line.location,
        "next_step": line.next_step,
    }


def _as_plain(seen: IncidentView) -> dict[str, Any]:
    """Return an incident for scripts, its timeline in the language spoken beside the codes."""
    from dutydesk.domain import clock
    from dutydesk.locale.incidents import event_title
    from dutydesk.locale.times import iso

    plain = common.plain(seen)
    plain["acknowledge_by"] = iso(seen.acknowledge_by)
    for event, shown in zip(seen.events, plain["events"], strict=True):
        shown["said"] = event_title(event, clock.now())
    return dict(plain)
