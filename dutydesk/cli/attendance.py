"""`dutydesk attendance list|month|show|requests|ask|withdraw|approve|refuse|correct|void|callout`."""

from __future__ import annotations

import argparse
from datetime import date
from typing import TYPE_CHECKING, Any

from dutydesk.cli import attendance_callouts, common
from dutydesk.domain.errors import Invalid
from dutydesk.domain.words import N_
from dutydesk.locale import _

if TYPE_CHECKING:
    from dutydesk.services.attendance import Counts, DutyRecord
    from dutydesk.services.correction_views import RequestLine, SignatureLine
    from dutydesk.storage.models.shift import DutyShift


def register(subparsers: common.Groups) -> None:
    """Add the command group."""
    told = N_("attendance: duties and months, corrections, call-outs")
    group = common.add_group(subparsers, "attendance", told)
    listed = common.add_command(group, "list", N_("duties, planned and as they were kept"), run_list, json=True)
    _add_span(listed)
    listed.add_argument("--person", metavar=_("LOGIN"), help=_("only this person"))
    month = common.add_command(group, "month", N_("a month by person"), run_month, json=True)
    month.add_argument("month", nargs="?", metavar=_("MONTH"), help=_("2026-11; this month without it"))
    shown = common.add_command(group, "show", N_("every signature of a duty"), run_show, json=True)
    _add_duty(shown, person=True)
    _register_requests(group)
    _register_corrections(group)
    attendance_callouts.register(group)


def _add_span(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--month", metavar=_("MONTH"), help=_("2026-11; this month without it"))
    parser.add_argument("--from", dest="first", metavar=_("DAY"), help=_("from this day on, 2026-11-22"))
    parser.add_argument("--to", dest="last", metavar=_("DAY"), help=_("to this day, included"))


def _add_duty(parser: argparse.ArgumentParser, *, person: bool) -> None:
    if person:
        parser.add_argument("person", metavar=_("LOGIN"))
    parser.add_argument("day", metavar=_("DAY"), help=_("the day on which the shift begins, 2026-11-22"))
    parser.add_argument("shift", metavar=_("SHIFT"), help=_("its kind: day, night"))


def _add_times(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--came", default="", metavar=_("TIME"), help=_("when the person really came, 08:00"))
    parser.add_argument("--left", default="", metavar=_("TIME"), help=_("when the person really left, 20:10"))
    parser.add_argument("--reason", required=True, metavar=_("TEXT"), help=_("why"))


def _register_requests(group: common.Groups) -> None:
    listed = common.add_command(group, "requests", N_("requests for corrections that wait"), run_requests, json=True)
    listed.add_argument("--all", action="store_true", help=_("those decided as well"))
    ask = common.add_command(group, "ask", N_("ask to have your attendance put right"), run_ask, json=True)
    _add_duty(ask, person=False)
    _add_times(ask)
    ask.add_argument("--void", action="store_true", help=_("you were not there; your signatures are wrong"))
    taken = common.add_command(group, "withdraw", N_("take your request back"), run_withdraw, json=True)
    taken.add_argument("request", type=common.number, metavar=_("NUMBER"))
    for name, told, run in (
        ("approve", N_("approve a request, with your PIN"), run_approve),
        ("refuse", N_("refuse a request, with your PIN and a reason"), run_refuse),
    ):
        decide = common.add_command(group, name, told, run, json=True)
        decide.add_argument("request", type=common.number, metavar=_("NUMBER"))
        decide.add_argument("--note", default="", required=name == "refuse", metavar=_("TEXT"), help=_("why"))
        common.add_pin_option(decide)


def _register_corrections(group: common.Groups) -> None:
    right = common.add_command(
        group, "correct", N_("put somebody's attendance right, with your PIN"), run_correct, json=True
    )
    _add_duty(right, person=True)
    _add_times(right)
    common.add_pin_option(right)
    void = common.add_command(group, "void", N_("take a signature back that never was"), run_void, json=True)
    void.add_argument("signature", type=common.number, metavar=_("NUMBER"), help=_("as `attendance show` numbers it"))
    void.add_argument("--reason", required=True, metavar=_("TEXT"), help=_("why"))
    common.add_pin_option(void)


# Reading


def span_of(args: argparse.Namespace) -> tuple[date, date]:
    """Return the days that `--month`, or `--from` and `--to`, name; this month without them."""
    from dutydesk.domain import spans
    from dutydesk.services import attendance_month

    if (args.first or args.last) and args.month:
        raise Invalid(N_("Name a month, or days with --from and --to, not both."))
    first, last = spans.month(args.month or attendance_month.this_month())
    if args.first or args.last:
        first = spans.day(args.first, field="from") if args.first else first
        last = spans.day(args.last, field="to") if args.last else max(last, first)
    if last < first:
        raise Invalid(N_("The last day is before the first."), field="to")
    return first, last


def run_list(args: argparse.Namespace) -> int:
    """Print duties."""
    from dutydesk.locale import attendance as words
    from dutydesk.locale import pick
    from dutydesk.services import attendance
    from dutydesk.services.attendance_records import person_of

    who = common.open_desk(args)
    first, last = span_of(args)
    found = attendance.records(who, first, last, person_of(args.person) if args.person else None)
    if args.json:
        return common.print_json([_duty(record) for record in found])
    rows = [
        (
            record.day.isoformat(),
            pick(record.title),
            pick(record.label),
            words.hours(record),
            words.came(record),
            words.left(record),
            words.worked(record.judged.worked_minutes),
            words.state_words(record),
        )
        for record in found
    ]
    heads = (_("Date"), _("Duty"), _("Person"), _("Duty hours"), _("Came"), _("Left"), _("Worked"), _("State"))
    return common.print_table(heads, rows, empty=_("No duty in these days."))


def _duty(record: DutyRecord) -> dict[str, Any]:
    """Return a duty for scripts; the names of its values stay from version to version."""
    return {
        "day": record.day.isoformat(),
        "shift": record.kind,
        "login": record.login,
        "name": record.label,
        "day_kind": record.day_kind,
        "starts_at": record.starts_at,
        "ends_at": record.ends_at,
        "night": record.night,
        "post": record.post,
        "extra": record.extra,
        "covers": record.covers,
        "covered_by": record.covered_by,
        "came_at": record.stays[0].came_at if record.stays else None,
        "left_at": record.stays[-1].left_at if record.stays else None,
        "arrival": record.judged.arrival,
        "departure": record.judged.departure,
        "late_minutes": record.judged.late_minutes,
        "early_minutes": record.judged.early_minutes,
        "worked_minutes": record.judged.worked_minutes,
        "overlap_minutes": record.overlap_minutes,
        "corrected": record.corrected,
    }


def run_month(args: argparse.Namespace) -> int:
    """Print a month by person."""
    from dutydesk.locale import pick
    from dutydesk.services import attendance, attendance_month

    who = common.open_desk(args)
    sheet = attendance.month(who, args.month or attendance_month.this_month())
    if args.json:
        people = [{"login": line.login, "name": line.label, **common.plain(line.counts)} for line in sheet.people]
        return common.print_json({"month": sheet.month, "people": people, "total": sheet.total})
    rows = [(pick(line.label), *_cells(line.counts)) for line in sheet.people]
    if len(rows) > 1:
        rows.append((_("Total"), *_cells(sheet.total)))
    heads = (
        _("Person"),
        _("Duties"),
        _("On time"),
        _("Came late"),
        _("Left early"),
        _("Absent"),
        _("Unsigned"),
        _("Covered"),
        _("Extra"),
        _("Call-outs"),
        _("Worked"),
    )
    return common.print_table(heads, rows, empty=_("No duty in this month."))


def _cells(counts: Counts) -> tuple[str, ...]:
    from dutydesk.locale import attendance as words

    return (
        str(counts.planned),
        words.number(counts.on_time),
        words.number(counts.late, counts.late_minutes),
        words.number(counts.early, counts.early_minutes),
        words.number(counts.absent),
        words.number(counts.unsigned),
        words.number(counts.covered),
        words.number(counts.extra),
        words.number(counts.call_outs, counts.call_out_minutes),
        words.worked(counts.worked_minutes),
    )


def run_show(args: argparse.Namespace) -> int:
    """Print every signature of a duty."""
    from dutydesk.services import correction_views
    from dutydesk.services.attendance_records import person_of

    who = common.open_desk(args)
    return _print_signatures(args, correction_views.signatures_of(who, _shift(args).id, person_of(args.person)))


def _print_signatures(args: argparse.Namespace, lines: list[SignatureLine]) -> int:
    from dutydesk.locale import attendance as words

    if args.json:
        return common.print_json(lines)
    rows = [(line.id, words.signature(line), words.signed_where(line)) for line in lines]
    return common.print_table((_("Number"), _("Signature"), _("Recorded by")), rows, empty=_("Nobody signed."))


def _shift(args: argparse.Namespace) -> DutyShift:
    from dutydesk.domain import spans
    from dutydesk.services.attendance_records import shift_of

    return shift_of(spans.day(args.day), args.shift)


# Requests


def run_requests(args: argparse.Namespace) -> int:
    """Print requests for corrections."""
    from dutydesk.locale import attendance as words
    from dutydesk.locale import pick, word
    from dutydesk.services import correction_views

    who = common.open_desk(args)
    lines = correction_views.requests(who, open_only=not args.all)
    if args.json:
        return common.print_json([_request(line) for line in lines])
    rows = [
        (line.id, line.day, pick(line.title), pick(line.label), words.wanted(line), word(line.status), line.reason)
        for line in lines
    ]
    heads = (_("Number"), _("Date"), _("Duty"), _("Person"), _("Asks for"), _("State"), _("Reason"))
    return common.print_table(heads, rows, empty=_("No request waits."))


def _request(line: RequestLine) -> dict[str, Any]:
    kept = (
        "id",
        "login",
        "day",
        "came_at",
        "left_at",
        "void",
        "reason",
        "status",
        "asked_at",
        "decided_at",
        "decision",
    )
    return {name: getattr(line, name) for name in kept} | {"name": line.label, "decided_by": line.decided_by}


def _times(args: argparse.Namespace, shift: DutyShift) -> dict[str, int | None]:
    from dutydesk.domain import clock
    from dutydesk.domain.corrections import time_on_shift
    from dutydesk.locale import times

    day, zone, now = date.fromisoformat(shift.day), times.zone(), clock.now()
    return {
        name: time_on_shift(text, day, shift.starts_at, zone, now, field=name)
        for name, text in (("came_at", args.came), ("left_at", args.left))
    }


def run_ask(args: argparse.Namespace) -> int:
    """Ask for a correction."""
    from dutydesk.services import corrections

    who = common.open_desk(args, write=True)
    shift = _shift(args)
    line = corrections.ask(who, shift.id, args.reason, void=args.void, **_times(args, shift))
    return _done(args, line, _("Request {number} waits for the supervisor.", number=line.id))


def run_withdraw(args: argparse.Namespace) -> int:
    """Take a request back."""
    from dutydesk.services import corrections

    who = common.open_desk(args, write=True)
    line = corrections.withdraw(who, args.request)
    return _done(args, line, _("Request {number} is withdrawn.", number=line.id))


def run_approve(args: argparse.Namespace) -> int:
    """Approve a request."""
    from dutydesk.services import corrections

    who = common.open_desk(args, write=True)
    line = corrections.approve(who, common.ask_pin(args), args.request, args.note)
    return _done(args, line, _("Request {number} is approved.", number=line.id))


def run_refuse(args: argparse.Namespace) -> int:
    """Refuse a request."""
    from dutydesk.services import corrections

    who = common.open_desk(args, write=True)
    line = corrections.refuse(who, common.ask_pin(args), args.request, args.note)
    return _done(args, line, _("Request {number} is refused.", number=line.id))


def _done(args: argparse.Namespace, line: RequestLine, done: str) -> int:
    if args.json:
        return common.print_json(_request(line))
    print(done)
    return common.DONE


# Corrections


def run_correct(args: argparse.Namespace) -> int:
    """Put somebody's attendance right."""
    from dutydesk.services import correction_views, corrections
    from dutydesk.services.attendance_records import person_of

    who = common.open_desk(args, write=True)
    shift, person = _shift(args), person_of(args.person)
    corrections.correct(who, common.ask_pin(args), shift.id, person, args.reason, **_times(args, shift))
    return _print_signatures(args, correction_views.signatures_of(who, shift.id, person))


def run_void(args: argparse.Namespace) -> int:
    """Take a signature back."""
    from dutydesk.services import correction_views, corrections

    who = common.open_desk(args, write=True)
    done = corrections.void(who, common.ask_pin(args), args.signature, args.reason)
    return _print_signatures(args, correction_views.signatures_of(who, done.shift_id, done.person_id))
