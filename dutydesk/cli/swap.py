"""`dutydesk swap ask|list|show|answer|approve|refuse|withdraw`."""

from __future__ import annotations

import argparse
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from dutydesk.cli import common
from dutydesk.cli.leave import ANSWERS, add_answer, add_decisions, add_withdraw, person_id, pick_shift
from dutydesk.domain.errors import NotFound
from dutydesk.domain.words import N_
from dutydesk.locale import _

if TYPE_CHECKING:
    from dutydesk.services.core import Actor
    from dutydesk.services.swaps import SwapLine

AHEAD = 366
"""Days ahead in which a duty is looked for."""


def register(subparsers: common.Groups) -> None:
    """Add the command group."""
    group = common.add_group(subparsers, "swap", N_("exchange duties: ask, answer, approve"))
    ask = common.add_command(group, "ask", N_("ask somebody to take a duty, or to exchange one"), run_ask, json=True)
    ask.add_argument("mine", metavar=_("DAY"), help=_("your duty: 12-05, or 12-05:night"))
    ask.add_argument("person", metavar=_("LOGIN"), help=_("who takes it"))
    ask.add_argument("--for", dest="theirs", metavar=_("DAY"), help=_("his duty that you take for it"))
    ask.add_argument("--reason", default="", metavar=_("TEXT"), help=_("why"))
    listed = common.add_command(group, "list", N_("swaps: open ones, then decided ones"), run_list, json=True)
    listed.add_argument("--mine", action="store_true", help=_("only one's own"))
    shown = common.add_command(group, "show", N_("one swap"), run_show, json=True)
    shown.add_argument("number", metavar=_("NUMBER"))
    add_answer(group, N_("say whether you swap"), run_answer)
    add_decisions(group, run_approve, run_refuse)
    add_withdraw(group, N_("take it back"), run_withdraw)


def run_ask(args: argparse.Namespace) -> int:
    """Ask for a swap."""
    from dutydesk.services import swaps

    who = common.open_desk(args, write=True)
    other = person_id(who, args.person)
    mine = _duty(who, who.person_id, args.mine)
    theirs = _duty(who, other, args.theirs) if args.theirs else None
    line = swaps.ask(who, swaps.NewSwap(mine, other, theirs, args.reason))
    return _print(args, line, _("{number} is asked for.", number=line.number))


def _duty(who: Actor, person: int, text: str) -> int:
    """Return the shift of a person's duty that `12-05` or `12-05:night` names."""
    from dutydesk.domain import clock, walltime
    from dutydesk.locale import times
    from dutydesk.services import roster

    today = walltime.local_day(clock.now(), times.zone())
    slots = roster.duties(who, person, today, today + timedelta(days=AHEAD))
    slot: Any = pick_shift(slots, text)
    if slot is None or slot.shift_id is None:
        raise NotFound(N_("There is no duty of that person on “{shift}”."), shift=text)
    return int(slot.shift_id)


def run_list(args: argparse.Namespace) -> int:
    """Print swaps."""
    from dutydesk.locale.leave import swap_state, swap_words
    from dutydesk.services import swaps

    who = common.open_desk(args)
    lines = swaps.lines(who, mine=args.mine)
    if args.json:
        return common.print_json([_as_plain(line) for line in lines])
    rows = [(line.number, swap_words(line), swap_state(line)) for line in lines]
    heads = (_("Number"), _("Swap"), _("State"))
    return common.print_table(heads, rows, empty=_("Nobody has asked for a swap."))


def run_show(args: argparse.Namespace) -> int:
    """Print one swap."""
    from dutydesk.services import swaps

    who = common.open_desk(args)
    return _print(args, swaps.by_number(who, args.number), "")


def run_answer(args: argparse.Namespace) -> int:
    """Say whether one swaps."""
    from dutydesk.services import swaps

    who = common.open_desk(args, write=True)
    line = swaps.by_number(who, args.number)
    agrees = ANSWERS[args.answer]
    line = swaps.answer(who, line.id, agrees, args.reason, version=line.version)
    return _print(args, line, _("You swap.") if agrees else _("You do not swap."))


def run_approve(args: argparse.Namespace) -> int:
    """Approve a swap."""
    from dutydesk.services import swaps

    who = common.open_desk(args, write=True)
    line = swaps.by_number(who, args.number)
    line = swaps.approve(who, common.ask_pin(args), line.id, reason=args.reason, version=line.version)
    return _print(args, line, _("{number} is approved; the roster follows.", number=line.number))


def run_refuse(args: argparse.Namespace) -> int:
    """Refuse a swap."""
    from dutydesk.services import swaps

    who = common.open_desk(args, write=True)
    line = swaps.by_number(who, args.number)
    line = swaps.refuse(who, common.ask_pin(args), line.id, args.reason, version=line.version)
    return _print(args, line, _("{number} is refused.", number=line.number))


def run_withdraw(args: argparse.Namespace) -> int:
    """Withdraw a swap."""
    from dutydesk.services import swaps

    who = common.open_desk(args, write=True)
    line = swaps.by_number(who, args.number)
    line = swaps.withdraw(who, line.id, args.reason, version=line.version)
    return _print(args, line, _("{number} is withdrawn.", number=line.number))


def _print(args: argparse.Namespace, line: SwapLine, done: str) -> int:
    from dutydesk.locale import pick, times
    from dutydesk.locale.leave import swap_against, swap_state, swap_words

    if args.json:
        return common.print_json(_as_plain(line))
    decided = f"{pick(line.decided_by)} {times.stamp(line.decided_at)}" if line.decided_by and line.decided_at else ""
    facts = [
        (_("Number"), line.number),
        (_("Swap"), swap_words(line)),
        (_("Reason"), line.reason),
        (_("State"), swap_state(line)),
        (_("Speaks against it"), swap_against(line)),
        (_("Decided by"), decided),
        (_("Decision"), line.decision),
    ]
    if done:
        print(done)
    print("\n".join(_("{name}: {value}", name=name, value=value) for name, value in facts if value))
    return common.DONE


def _as_plain(line: SwapLine) -> dict[str, Any]:
    """Return a swap for scripts; the names of its values stay from version to version."""
    return {
        "id": line.id,
        "number": line.number,
        "person": line.person,
        "other": line.other,
        "mine": line.mine,
        "theirs": line.theirs,
        "reason": line.reason,
        "status": line.status,
        "asked_at": line.asked_at,
        "decided_by": line.decided_by,
        "decided_at": line.decided_at,
        "decision": line.decision,
    }
