"""`dutydesk notify`: tell people outside the console, once; list what was told; try again what failed."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from dutydesk.cli import common
from dutydesk.domain.errors import Invalid
from dutydesk.domain.words import N_
from dutydesk.locale import _, ngettext, pick, times, word

if TYPE_CHECKING:
    from dutydesk.domain.channels import Outcome, Status
    from dutydesk.services.core import Actor
    from dutydesk.services.delivery import DeliveryLine, Job


def register(subparsers: common.Groups) -> None:
    """Add the command."""
    about = N_("tell people outside the console; list what was told")
    parser = common.add_command(subparsers, "notify", about, run_notify, json=True)
    parser.add_argument("list", metavar="list", nargs="?", choices=("list",), help=_("what was told, to whom and how"))
    parser.add_argument("--deliver", action="store_true", help=_("send what waits, then end; for a timer"))
    parser.add_argument("--troubled", action="store_true", help=_("list only what did not arrive for certain"))
    parser.add_argument("--again", metavar=_("NUMBER"), type=common.number, help=_("try one anew that failed"))
    parser.add_argument("--test", metavar=_("LOGIN"), help=_("tell somebody that this is a test"))


def run_notify(args: argparse.Namespace) -> int:
    """Do the one thing that is asked for."""
    asked = [args.list, args.deliver, args.again is not None, args.test]
    if sum(map(bool, asked)) != 1 or (args.troubled and not args.list):
        raise Invalid(N_("Say one of: list, --deliver, --again NUMBER, --test LOGIN."))
    who = common.open_unattended(args)
    if args.list:
        return _list(args, who)
    if args.deliver:
        return deliver(args, who)
    return _again(args, who) if args.again is not None else _test(args, who)


# Deliver


def deliver(args: argparse.Namespace, who: Actor) -> int:
    """Send what is due; 1 when something did not arrive. A channel that gave trouble is left for the next run."""
    from dutydesk.integrations import notify
    from dutydesk.services import delivery

    if not delivery.prepare(who):
        return common.print_json([]) if args.json else common.DONE
    notify.needed()
    tries = []
    for job, outcome, status in _tries(who, args.config.mail):
        tries.append(
            {
                "delivery": job.id,
                "login": job.login,
                "kind": job.address.kind,
                "status": status,
                "trouble": outcome.trouble,
            }
        )
        if not args.json:
            print(_("{login}, {kind}: {status}", **_told(job, outcome, status)), flush=True)
    if args.json:
        common.print_json(tries)
    return common.DONE if all(tried["trouble"] == "" for tried in tries) else common.NO


def _told(job: Job, outcome: Outcome, status: Status) -> dict[str, str]:
    said = word(status) if outcome.sent else f"{word(status)}{_(', ')}{word(outcome.trouble)}"
    return {"login": job.login, "kind": job.address.kind, "status": said}


def _tries(who: Actor, mail: str) -> Iterator[tuple[Job, Outcome, Status]]:
    """Claim and send one delivery after the other; yield each try."""
    import secrets

    from dutydesk.integrations import notify
    from dutydesk.services import delivery, settings

    chosen, deliverer = settings.all_settings(), secrets.token_hex(8)
    troubled: set[int] = set()
    while (job := delivery.claim(who, deliverer, troubled)) is not None:
        if not delivery.begin(who, job, deliverer):
            continue
        title, body = _message(job, chosen)
        outcome = notify.send(job.address, title, body, mail=mail)
        if not outcome.sent:
            troubled.add(job.channel_id)
        yield job, outcome, delivery.finish(who, job, deliverer, outcome)


def _message(job: Job, desk: dict[str, str]) -> tuple[str, str]:
    """Return title and text in the person's language."""
    from dutydesk.locale import in_language, lines

    name = (desk["name"] if job.lang == "zh" else desk["name_en"]) or desk["name"] or desk["name_en"]
    said = lines.render(job.said.message, job.said.values, lang=job.lang)
    return name, f"{said}\n{in_language(job.lang, N_('Told at the desk {at}'), at=times.stamp(job.at))}"


# Look after it


def _list(args: argparse.Namespace, who: Actor) -> int:
    from dutydesk.services import delivery

    found = delivery.deliveries(who, troubled=args.troubled)
    if args.json:
        return common.print_json(found)
    columns = (_("Number"), _("Time"), _("Name"), _("Channel"), _("State"), _("Message"))
    return common.print_table(columns, [_row(each) for each in found], empty=_("Nothing was told outside the console."))


def _row(each: DeliveryLine) -> tuple[object, ...]:
    from dutydesk.locale import lines

    state = word(each.status) if not each.trouble else f"{word(each.status)}{_(', ')}{word(each.trouble)}"
    return each.id, times.stamp(each.at), pick(each.name), each.kind, state, lines.said(each.said)


def _again(args: argparse.Namespace, who: Actor) -> int:
    from dutydesk.services import delivery

    delivery.again(who, args.again)
    print(_("Delivery {number} is tried again with the next --deliver.", number=args.again))
    return common.DONE


def _test(args: argparse.Namespace, who: Actor) -> int:
    from dutydesk.services import channels

    count = channels.test(who, args.test)
    through = ngettext("{n} channel", "{n} channels", count)
    print(_("A test waits for {login} on {channels}; --deliver sends it.", login=args.test, channels=through))
    return common.DONE
