"""`dutydesk attendance callout list|add|done|correct|cancel`."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from dutydesk.cli import common
from dutydesk.domain.words import N_
from dutydesk.locale import _

if TYPE_CHECKING:
    from dutydesk.services.callouts import CallOutLine


def register(group: common.Groups) -> None:
    """Add the commands below `attendance`."""
    calls = common.add_group(group, "callout", N_("call-outs: list, add, done, correct, cancel"))
    listed = common.add_command(calls, "list", N_("call-outs of a month or of some days"), run_list, json=True)
    listed.add_argument("--month", metavar=_("MONTH"), help=_("2026-11; this month without it"))
    listed.add_argument("--from", dest="first", metavar=_("DAY"), help=_("from this day on, 2026-11-22"))
    listed.add_argument("--to", dest="last", metavar=_("DAY"), help=_("to this day, included"))
    listed.add_argument("--person", metavar=_("LOGIN"), help=_("only this person"))
    added = common.add_command(calls, "add", N_("put down that somebody was called in"), run_add, json=True)
    added.add_argument("person", metavar=_("LOGIN"))
    added.add_argument("reason", nargs="*", metavar=_("TEXT"), help=_("why; with an incident its title by default"))
    _add_times(added)
    added.add_argument("--incident", metavar=_("NUMBER"), help=_("the incident it belongs to"))
    done = common.add_command(calls, "done", N_("fill in when the person arrived and left"), run_done, json=True)
    done.add_argument("call", type=common.number, metavar=_("NUMBER"))
    done.add_argument("--arrived", metavar=_("TIME"), help=_("when the person arrived"))
    done.add_argument("--left", metavar=_("TIME"), help=_("when the person left, or was done"))
    right = common.add_command(calls, "correct", N_("put a call-out right, with your PIN"), run_correct, json=True)
    right.add_argument("call", type=common.number, metavar=_("NUMBER"))
    _add_times(right)
    right.add_argument("--reason", required=True, metavar=_("TEXT"), help=_("why"))
    common.add_pin_option(right)
    cancel = common.add_command(calls, "cancel", N_("take a call-out back that never was"), run_cancel, json=True)
    cancel.add_argument("call", type=common.number, metavar=_("NUMBER"))
    cancel.add_argument("--reason", required=True, metavar=_("TEXT"), help=_("why"))
    common.add_pin_option(cancel)


def _add_times(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--called", metavar=_("TIME"), help=_("when the person was called, now without it"))
    parser.add_argument("--arrived", metavar=_("TIME"), help=_("when the person arrived"))
    parser.add_argument("--left", metavar=_("TIME"), help=_("when the person left, or was done"))
    parser.add_argument("--remote", action="store_true", help=_("helped from afar, without coming"))


def run_list(args: argparse.Namespace) -> int:
    """Print call-outs."""
    from dutydesk.cli.attendance import span_of
    from dutydesk.services import callouts
    from dutydesk.services.attendance_records import person_of

    who = common.open_desk(args)
    found = callouts.listed(who, *span_of(args), person_of(args.person) if args.person else None)
    return _print(args, found)


def _print(args: argparse.Namespace, lines: list[CallOutLine]) -> int:
    from dutydesk.locale import attendance as words
    from dutydesk.locale import pick, times

    if args.json:
        return common.print_json([_plain(line) for line in lines])
    rows = [
        (
            line.id,
            times.date(line.called.called_at),
            pick(line.label),
            words.call_span(line),
            words.worked(line.called.minutes() or 0),
            _("on site") if line.called.on_site else _("from afar"),
            line.incident_number,
            line.correction or line.reason,
        )
        for line in lines
    ]
    heads = (_("Number"), _("Date"), _("Person"), _("Time"), _("Took"), _("How"), _("Incident"), _("Reason"))
    return common.print_table(heads, rows, empty=_("No call-out in these days."))


def _plain(line: CallOutLine) -> dict[str, Any]:
    """Return a call-out for scripts; the names of its values stay from version to version."""
    return {
        "id": line.id,
        "login": line.login,
        "name": line.label,
        "called_at": line.called.called_at,
        "arrived_at": line.called.arrived_at,
        "left_at": line.called.left_at,
        "on_site": line.called.on_site,
        "minutes": line.called.minutes(),
        "incident": line.incident_number or None,
        "reason": line.reason,
        "correction": line.correction or None,
        "approver": line.approver,
        "cancelled": line.cancelled,
    }


def _moment(text: str | None, field: str) -> int | None:
    return common.moment(text, field=field) if text else None


def run_add(args: argparse.Namespace) -> int:
    """Put a call-out down."""
    from dutydesk.domain import clock
    from dutydesk.domain.callouts import Called
    from dutydesk.services import callouts, incidents
    from dutydesk.services.attendance_records import person_of

    who = common.open_desk(args, write=True)
    called = Called(
        _moment(args.called, "called_at") or clock.now(),
        _moment(args.arrived, "arrived_at"),
        _moment(args.left, "left_at"),
        not args.remote,
    )
    incident = incidents.by_number(who, args.incident).id if args.incident else None
    made = callouts.put_down(who, person_of(args.person), called, " ".join(args.reason), incident_id=incident)
    return _print(args, [made])


def run_done(args: argparse.Namespace) -> int:
    """Fill in arrival and end."""
    from dutydesk.services import callouts

    who = common.open_desk(args, write=True)
    arrived, left = _moment(args.arrived, "arrived_at"), _moment(args.left, "left_at")
    return _print(args, [callouts.complete(who, args.call, arrived_at=arrived, left_at=left)])


def run_correct(args: argparse.Namespace) -> int:
    """Put a call-out right; what is not named stays."""
    from dutydesk.domain.callouts import Called
    from dutydesk.services import callouts

    who = common.open_desk(args, write=True)
    old = callouts.view(who, args.call).called
    on_site = old.on_site and not args.remote
    arrived = _moment(args.arrived, "arrived_at") or (old.arrived_at if on_site else None)
    called = Called(
        _moment(args.called, "called_at") or old.called_at,
        arrived,
        _moment(args.left, "left_at") or old.left_at,
        on_site,
    )
    return _print(args, [callouts.correct(who, common.ask_pin(args), args.call, called, args.reason)])


def run_cancel(args: argparse.Namespace) -> int:
    """Take a call-out back."""
    from dutydesk.services import callouts

    who = common.open_desk(args, write=True)
    return _print(args, [callouts.cancel(who, common.ask_pin(args), args.call, args.reason)])
