"""`dutydesk leave ask|list|show|cover|answer|approve|refuse|withdraw`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dutydesk.cli import common
from dutydesk.domain.errors import Invalid, NotFound, Refused
from dutydesk.domain.words import N_
from dutydesk.locale import _

if TYPE_CHECKING:
    from dutydesk.services.core import Actor
    from dutydesk.services.leave import DutyLine, LeaveLine, LeaveView, NewCover

BEST = "best"
ANSWERS = {"yes": True, "y": True, "是": True, "同意": True, "no": False, "n": False, "否": False, "不同意": False}


def register(subparsers: common.Groups) -> None:
    """Add the command group."""
    group = common.add_group(subparsers, "leave", N_("leave with its covers: ask, answer, approve"))
    _register_ask(group)
    listed = common.add_command(group, "list", N_("leaves: to decide, ahead, past"), run_list, json=True)
    listed.add_argument("--mine", action="store_true", help=_("only one's own"))
    shown = common.add_command(group, "show", N_("one leave with its shifts and covers"), run_show, json=True)
    shown.add_argument("number", metavar=_("NUMBER"))
    cover = common.add_command(group, "cover", N_("who could cover, or ask somebody to"), run_cover, json=True)
    cover.add_argument("number", metavar=_("NUMBER"))
    cover.add_argument("shift", nargs="?", metavar=_("DAY"), help=_("the shift: 12-05, or 12-05:night"))
    cover.add_argument("person", nargs="?", metavar=_("LOGIN"), help=_("who is asked; without: who could be"))
    cover.add_argument("--from", dest="first", metavar=_("TIME"), help=_("from then on only"))
    cover.add_argument("--to", dest="last", metavar=_("TIME"), help=_("until then only"))
    add_answer(group, N_("say whether you cover"), run_answer)
    add_decisions(group, run_approve, run_refuse)
    add_withdraw(group, N_("take it back; an approved one is cancelled"), run_withdraw)


def add_answer(group: common.Groups, help: str, run: common.Run) -> None:
    """Add `answer NUMBER yes|no`."""
    parser = common.add_command(group, "answer", help, run, json=True)
    parser.add_argument("number", metavar=_("NUMBER"))
    parser.add_argument("answer", choices=sorted(ANSWERS), metavar=_("yes|no"))
    parser.add_argument("--reason", default="", metavar=_("TEXT"), help=_("why not"))


def add_decisions(group: common.Groups, approve: common.Run, refuse: common.Run) -> None:
    """Add `approve NUMBER` and `refuse NUMBER`, both with the PIN."""
    for name, help_, run, required in (
        ("approve", N_("approve with your PIN; the roster follows"), approve, False),
        ("refuse", N_("refuse with your PIN and a reason"), refuse, True),
    ):
        parser = common.add_command(group, name, help_, run, json=True)
        parser.add_argument("number", metavar=_("NUMBER"))
        parser.add_argument("--reason", default="", required=required, metavar=_("TEXT"), help=_("why"))
        common.add_pin_option(parser)


def add_withdraw(group: common.Groups, help: str, run: common.Run) -> None:
    """Add `withdraw NUMBER`."""
    parser = common.add_command(group, "withdraw", help, run, json=True)
    parser.add_argument("number", metavar=_("NUMBER"))
    parser.add_argument("--reason", default="", metavar=_("TEXT"), help=_("why"))


def _register_ask(group: common.Groups) -> None:
    from dutydesk.domain.leave import LeaveKind

    parser = common.add_command(group, "ask", N_("ask for leave"), run_ask, json=True)
    parser.add_argument("first", metavar=_("FROM"), help=_("12-05 is the whole duty day; 12-05 14:00 a time"))
    parser.add_argument("last", metavar=_("TO"), help=_("the last day, or a time"))
    parser.add_argument("--reason", required=True, metavar=_("TEXT"), help=_("why"))
    parser.add_argument("--kind", choices=[kind.value for kind in LeaveKind], default=LeaveKind.ANNUAL.value)
    parser.add_argument("--for", dest="person", metavar=_("LOGIN"), help=_("in whose name, as a supervisor"))
    parser.add_argument(
        "--cover",
        action="append",
        default=[],
        metavar=_("DAY=LOGIN"),
        help=_("whom to ask: 12-05:night=LOGIN, or “best” for the first in the order of each shift"),
    )


def run_ask(args: argparse.Namespace) -> int:
    """Ask for leave."""
    from dutydesk.services import leave

    who = common.open_desk(args, write=True)
    opening = leave.opening(who)
    new = leave.NewLeave(
        kind=args.kind,
        starts_at=_boundary(args.first, opening, last=False),
        ends_at=_boundary(args.last, opening, last=True),
        reason=args.reason,
        person_id=person_id(who, args.person) if args.person else None,
    )
    view = leave.ask(who, new)
    for wanted in args.cover:
        view = _ask_all(who, view) if wanted == BEST else _ask_one(who, view, wanted)
    return _print(args, view, _("{number} is asked for.", number=view.line.number))


def _boundary(text: str, opening: int, *, last: bool) -> int:
    from dutydesk.domain import clock
    from dutydesk.domain.leave import boundary
    from dutydesk.locale import times

    field = "ends_at" if last else "starts_at"
    return boundary(text, opening=opening, last=last, now=clock.now(), zone=times.zone(), field=field)


def _ask_all(who: Actor, view: LeaveView) -> LeaveView:
    """Ask the first in the order for each shift that is open."""
    from dutydesk.services import leave

    for duty in view.duties:
        for begin, end in duty.open:
            found = leave.candidates(who, view.line.id, duty.shift_id, begin, end)
            if found:
                new = leave.NewCover(duty.shift_id, found[0].person.id, begin, end)
                view = leave.cover(who, view.line.id, new)
    return view


def _ask_one(who: Actor, view: LeaveView, wanted: str) -> LeaveView:
    from dutydesk.services import leave

    shift, equals, login = wanted.rpartition("=")
    if not equals:
        raise Invalid(N_("Write a cover as 12-05=LOGIN, or 12-05:night=LOGIN."), field="cover")
    return leave.cover(who, view.line.id, leave.NewCover(_duty(view, shift).shift_id, person_id(who, login)))


def _duty(view: LeaveView, text: str) -> DutyLine:
    """Return the duty of a leave that `12-05` or `12-05:night` names."""
    chosen = pick_shift(view.duties, text)
    if chosen is None:
        raise NotFound(N_("{number} touches no shift “{shift}”."), number=view.line.number, shift=text)
    return chosen


def pick_shift(duties: Sequence[Any], text: str) -> Any:
    """Return the one of `duties` that a day, or a day with the kind of a shift behind a colon, names."""
    from dutydesk.domain import clock, moments, walltime
    from dutydesk.locale import times

    day_text, _colon, kind = text.partition(":")
    now, zone = clock.now(), times.zone()
    day = walltime.local_day(moments.moment(f"{day_text} 00:00", now=now, zone=zone, ahead=True), zone).isoformat()
    found = [each for each in duties if str(each.day) == day and (not kind or each.kind == kind)]
    if len(found) > 1:
        raise Refused(N_("There are several shifts on {day}; write {day}:{kind}."), day=day, kind=found[0].kind)
    return found[0] if found else None


def run_list(args: argparse.Namespace) -> int:
    """Print leaves."""
    from dutydesk.locale import pick, word
    from dutydesk.locale.leave import covers_words, leave_state, leave_when
    from dutydesk.services import leave

    who = common.open_desk(args)
    lines = leave.lines(who, mine=args.mine)
    if args.json:
        return common.print_json([_as_plain(line) for line in lines])
    rows = [
        (line.number, pick(line.person), word(line.kind), leave_when(line), leave_state(line), covers_words(line))
        for line in lines
    ]
    heads = (_("Number"), _("Who"), _("Kind"), _("When"), _("State"), _("Covers"))
    return common.print_table(heads, rows, empty=_("Nobody has asked for leave."))


def run_show(args: argparse.Namespace) -> int:
    """Print one leave."""
    from dutydesk.services import leave

    who = common.open_desk(args)
    return _print(args, leave.by_number(who, args.number), "")


def run_cover(args: argparse.Namespace) -> int:
    """Print who could cover, or ask somebody."""
    from dutydesk.services import leave

    who = common.open_desk(args, write=bool(args.person))
    view = leave.by_number(who, args.number)
    duties = [_duty(view, args.shift)] if args.shift else [duty for duty in view.duties if duty.open]
    if not args.person:
        return _print_candidates(args, who, view, duties)
    new = _new_cover(who, args, duties[0])
    view = leave.cover(who, view.line.id, new)
    return _print(args, view, _("{name} is asked to cover.", name=args.person))


def _new_cover(who: Actor, args: argparse.Namespace, duty: DutyLine) -> NewCover:
    from dutydesk.services.leave import NewCover

    bounds = [_within(text, duty) if text else None for text in (args.first, args.last)]
    return NewCover(duty.shift_id, person_id(who, args.person), *bounds)


def _within(text: str, duty: DutyLine) -> int:
    """Read a time of a shift: `23:00` is the one that lies within it."""
    from dutydesk.domain import clock, moments
    from dutydesk.locale import times

    if ":" in text and len(text) <= 5:
        at = moments.moment(f"{times.date(duty.starts_at)} {text}", now=clock.now(), zone=times.zone(), ahead=True)
        return at if at >= duty.from_at else at + 86400
    return moments.moment(text, now=clock.now(), zone=times.zone(), ahead=True)


def _print_candidates(args: argparse.Namespace, who: Actor, view: LeaveView, duties: list[DutyLine]) -> int:
    from dutydesk.locale import pick
    from dutydesk.locale.leave import duty_words, reasons
    from dutydesk.services import leave

    found = [(duty, leave.candidates(who, view.line.id, duty.shift_id)) for duty in duties]
    if args.json:
        plain = [{"shift": duty.shift_id, "day": duty.day, "kind": duty.kind, "people": each} for duty, each in found]
        return common.print_json(plain)
    rows = [
        (duty_words(duty), place, each.person.login, pick(each.person.label), reasons(each.reasons))
        for duty, people in found
        for place, each in enumerate(people, start=1)
    ]
    heads = (_("Shift"), "", _("Login"), _("Name"), _("Why"))
    return common.print_table(heads, rows, empty=_("Nobody is free, or nothing is open."))


def run_answer(args: argparse.Namespace) -> int:
    """Say whether one covers."""
    from dutydesk.services import leave

    who = common.open_desk(args, write=True)
    view = leave.by_number(who, args.number)
    mine = [cover for duty in view.duties for cover in duty.standing if cover.person_id == who.person_id]
    if not mine:
        raise Refused(N_("{number} asks nothing of you."), number=view.line.number)
    agrees = ANSWERS[args.answer]
    for cover in mine:
        view = leave.answer(who, cover.id, agrees, args.reason)
    done = _("You cover for {name}.") if agrees else _("You do not cover for {name}.")
    from dutydesk.locale import pick

    return _print(args, view, done.format(name=pick(view.line.person)))


def run_approve(args: argparse.Namespace) -> int:
    """Approve a leave."""
    from dutydesk.services import leave

    who = common.open_desk(args, write=True)
    line = leave.by_number(who, args.number).line
    view = leave.approve(who, common.ask_pin(args), line.id, reason=args.reason, version=line.version)
    return _print(args, view, _("{number} is approved; the roster follows.", number=line.number))


def run_refuse(args: argparse.Namespace) -> int:
    """Refuse a leave."""
    from dutydesk.services import leave

    who = common.open_desk(args, write=True)
    line = leave.by_number(who, args.number).line
    view = leave.refuse(who, common.ask_pin(args), line.id, args.reason, version=line.version)
    return _print(args, view, _("{number} is refused.", number=line.number))


def run_withdraw(args: argparse.Namespace) -> int:
    """Withdraw a leave, or cancel an approved one."""
    from dutydesk.domain.leave import LeaveStatus
    from dutydesk.services import leave

    who = common.open_desk(args, write=True)
    line = leave.by_number(who, args.number).line
    if line.status is LeaveStatus.APPROVED:
        view = leave.cancel(who, line.id, args.reason)
        return _print(args, view, _("{number} is cancelled; the roster follows.", number=line.number))
    return _print(args, leave.withdraw(who, line.id, args.reason), _("{number} is withdrawn.", number=line.number))


def _print(args: argparse.Namespace, view: LeaveView, done: str) -> int:
    if args.json:
        return common.print_json(_as_plain(view.line) | {"duties": view.duties})
    if done:
        print(done)
    print("\n".join(_sheet(view)))
    return common.DONE


def _sheet(view: LeaveView) -> list[str]:
    from dutydesk.locale import pick, times, word
    from dutydesk.locale.leave import against, cover_words, duty_words, fixed_words, hours, leave_state, leave_when

    line = view.line
    decided = f"{pick(line.decided_by)} {times.stamp(line.decided_at)}" if line.decided_by and line.decided_at else ""
    facts = [
        (_("Number"), line.number),
        (_("Who"), pick(line.person)),
        (_("Kind"), word(line.kind)),
        (_("When"), leave_when(line)),
        (_("Reason"), line.reason),
        (_("State"), leave_state(line)),
        (_("Decided by"), decided),
        (_("Decision"), line.decision),
    ]
    told = [_("{name}: {value}", name=name, value=value) for name, value in facts if value]
    for duty in view.duties:
        told.append(duty_words(duty))
        if duty.fixed:
            told.append(f"  {fixed_words(duty)}")
        for cover in duty.covers:
            text = against(cover)
            told.append(f"  {cover_words(cover, duty)}" + (f" ({text})" if text else ""))
        told += [f"  {hours(*span)} {_('nobody asked')}" for span in duty.open]
    return told


def _as_plain(line: LeaveLine) -> dict[str, Any]:
    """Return a leave for scripts; the names of its values stay from version to version."""
    return {
        "id": line.id,
        "number": line.number,
        "person": line.person,
        "kind": line.kind,
        "starts_at": line.starts_at,
        "ends_at": line.ends_at,
        "reason": line.reason,
        "status": line.status,
        "asked_at": line.asked_at,
        "decided_by": line.decided_by,
        "decided_at": line.decided_at,
        "decision": line.decision,
        "shifts": line.duties,
        "covered": line.covered,
        "waiting": line.waiting,
        "open": line.open,
    }


def person_id(who: Actor, login: str) -> int:
    """Return the id of the person with a login."""
    from dutydesk.services import people

    found = [person.id for person in people.everyone(who) if person.login == login]
    if not found:
        raise NotFound(N_("Nobody has the login {login}."), login=login)
    return found[0]
