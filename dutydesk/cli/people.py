"""`dutydesk people add|list|pin|key|channel|disable` and `dutydesk ssh-keys`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from dutydesk.cli import common
from dutydesk.domain.errors import DeskError, Invalid
from dutydesk.domain.words import N_
from dutydesk.locale import _, pick, sentence, times, word

if TYPE_CHECKING:
    from dutydesk.services.channels import ChannelView

ROLES = ("engineer", "supervisor", "reader")


def register(subparsers: common.Groups) -> None:
    """Add the command group, and `ssh-keys` beside it."""
    group = common.add_group(subparsers, "people", N_("who may use the desk: add, list, pin, key, channel, disable"))
    _register_add(group)
    listed = common.add_command(group, "list", N_("the people in their fixed order"), run_list, json=True)
    listed.add_argument("--all", action="store_true", help=_("those disabled too"))
    pin = common.add_command(group, "pin", N_("set your PIN, or as supervisor somebody's"), run_pin)
    pin.add_argument("person", metavar=_("LOGIN"))
    common.add_pin_option(pin)
    key = common.add_command(group, "key", N_("give somebody a public SSH key, or take it away"), run_key)
    key.add_argument("person", metavar=_("LOGIN"))
    key.add_argument("file", metavar=_("FILE"), nargs="?", help=_("the file with the public key; - is stdin"))
    key.add_argument("--remove", action="store_true", help=_("take the key away"))
    disable = common.add_command(group, "disable", N_("take somebody off the desk; his records stay"), run_disable)
    disable.add_argument("person", metavar=_("LOGIN"))
    about = N_("where somebody is told outside the console: set it, take it away, or show what there is")
    channel = common.add_command(group, "channel", about, run_channel, json=True)
    channel.add_argument("person", metavar=_("LOGIN"))
    about = _("a mail address or an Apprise URL; none takes all away, - reads them from stdin, a line each")
    channel.add_argument("address", metavar=_("ADDRESS"), nargs="*", help=about)
    common.add_command(
        subparsers, "ssh-keys", N_("print the authorized_keys lines for everybody with a key"), run_ssh_keys
    )


def _register_add(group: common.Groups) -> None:
    parser = common.add_command(group, "add", N_("add a person at the end of the fixed order"), run_add)
    parser.add_argument("person", metavar=_("LOGIN"))
    parser.add_argument("name", metavar=_("NAME"))
    parser.add_argument("--name-en", metavar=_("NAME"), default="", help=_("the name in English"))
    parser.add_argument("--role", choices=ROLES, default="engineer", help=_("what the person may do"))
    about = _("a post held: specialist, network, system; may be given again")
    parser.add_argument("--post", action="append", metavar=_("POST"), default=[], help=about)
    about = _("the operating-system account that is this person")
    parser.add_argument("--os-user", metavar=_("ACCOUNT"), help=about)
    parser.add_argument("--ssh-key", metavar=_("FILE"), help=_("the person's public SSH key"))
    common.add_pin_option(parser)


def run_add(args: argparse.Namespace) -> int:
    """Add a person; shifts ahead follow. The PIN is read from --pin-file, or set later with `people pin`."""
    from dutydesk.services import people

    who = common.open_desk(args, write=True)
    made = people.add(
        who,
        args.person,
        args.name,
        args.role,
        name_en=args.name_en,
        posts=tuple(args.post),
        pin=common.ask_pin(args) if args.pin_file else None,
        os_user=args.os_user,
        ssh_key=_key(args.ssh_key) if args.ssh_key else None,
    )
    print(_("{login} is added as {role}.", login=made.login, role=word(made.role)))
    if not made.has_pin:
        print(_("{login} has no PIN yet: dutydesk people pin {login}", login=made.login))
    _follow()
    return common.DONE


def _key(name: str) -> str:
    """Return the one key of a file; comments and empty lines are not counted."""
    from dutydesk.storage.text_files import read_input

    text = read_input(name)
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    if len(lines) > 1 and "PRIVATE KEY" not in text:
        raise Invalid(N_("{path} holds {n} lines; a person has one key."), path=name, n=len(lines))
    return text if "PRIVATE KEY" in text else "".join(lines)


def _follow() -> None:
    """Let the shifts that have not begun follow a change of people."""
    from dutydesk.services import people, planning

    planning.extend(people.system_actor(*common.place()))


def run_list(args: argparse.Namespace) -> int:
    """Print the people."""
    from dutydesk.services import people

    who = common.open_desk(args)
    found = people.everyone(who, active_only=not args.all)
    if args.json:
        return common.print_json(found)
    rows = [
        (
            person.login,
            pick(person.label),
            word(person.role),
            " ".join(person.posts),
            _("yes") if person.has_pin else _("no"),
            person.os_user or "",
            "" if person.active else _("disabled"),
        )
        for person in found
    ]
    columns = (_("Login"), _("Name"), _("Role"), _("Posts"), _("PIN"), _("Account"), "")
    return common.print_table(columns, rows, empty=_("Nobody yet."))


def run_pin(args: argparse.Namespace) -> int:
    """Set a PIN."""
    from dutydesk.services import people

    who = common.open_desk(args, write=True)
    people.set_pin(who, args.person, common.ask_new_pin(args, args.person))
    print(_("The PIN of {login} is set.", login=args.person))
    return common.DONE


def run_key(args: argparse.Namespace) -> int:
    """Give somebody a key, or take it away; authorized_keys follows when `ssh-keys` is printed again."""
    from dutydesk.domain.sshkeys import fingerprint
    from dutydesk.services import people

    if args.remove == (args.file is not None):
        raise Invalid(N_("Name the file with the public key, or --remove."), field="file")
    who = common.open_desk(args, write=True)
    person = people.set_key(who, args.person, None if args.remove else _key(args.file))
    if person.ssh_key:
        print(_("{login} has the key {key}.", login=person.login, key=fingerprint(person.ssh_key)))
    else:
        print(_("{login} has no key any more.", login=person.login))
    print(_("It counts once authorized_keys is written anew: dutydesk ssh-keys"))
    return common.DONE


def run_channel(args: argparse.Namespace) -> int:
    """Set or show somebody's channels; an address is never printed."""
    from dutydesk.services import channels

    if not args.address:
        return _show_channels(args, channels.of(common.open_desk(args), args.person))
    who = common.open_desk(args, write=True)
    typed = args.address
    if typed == ["-"]:
        typed = [line.strip() for line in sys.stdin.read(channels.MOST * 4000).splitlines() if line.strip()]
    addresses = () if [each.lower() for each in typed] == ["none"] else tuple(typed)
    found = channels.set_addresses(who, args.person, addresses)
    return _show_channels(args, found)


def _show_channels(args: argparse.Namespace, found: list[ChannelView]) -> int:
    if args.json:
        return common.print_json(found)
    rows = [(each.kind, times.stamp(each.made_at)) for each in found]
    empty = _("{login} is told in the console only.", login=args.person)
    return common.print_table((_("Channel"), _("Since")), rows, empty=empty)


def run_disable(args: argparse.Namespace) -> int:
    """Take somebody off the desk; shifts ahead follow."""
    from dutydesk.services import people

    who = common.open_desk(args, write=True)
    gone = people.disable(who, args.person)
    _follow()
    print(_("{login} may no longer use this desk.", login=gone.login))
    return common.DONE


def run_ssh_keys(args: argparse.Namespace) -> int:
    """Print one line for authorized_keys a key: it opens the console as that person and nothing else."""
    from dutydesk.domain.sshkeys import line
    from dutydesk.services import people
    from dutydesk.storage import engine

    who = common.open_desk(args)
    target = common.target(args)
    where = engine.masked(target) if "://" in target else str(Path(os.path.expanduser(target)).resolve())
    keyed = [person for person in people.everyone(who) if person.ssh_key]
    if not keyed:
        print(_("Nobody has a key; people key LOGIN FILE gives one."), file=sys.stderr)
        return common.NO
    code = common.DONE
    for person in keyed:
        try:
            print(line([*_program(), "--db", where, "--login", person.login], person.ssh_key or ""))
        except DeskError as error:
            print(f"{person.login}: {sentence(error)}", file=sys.stderr)
            code = common.NO
    return code


def _program() -> list[str]:
    """Return the program as sshd calls it: this Python by its full path, which takes nothing from the environment.

    What a client sends along (`PYTHONPATH`, `PYTHONSTARTUP`) would otherwise decide what is run.
    """
    return [sys.executable, "-I", "-m", "dutydesk"]
