"""`dutydesk people add|list|pin|disable` and `dutydesk ssh-keys`."""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path

from dutydesk.cli import common
from dutydesk.domain.errors import NotFound
from dutydesk.domain.words import N_
from dutydesk.locale import _, pick, word

ROLES = ("engineer", "supervisor", "reader")


def register(subparsers: common.Groups) -> None:
    """Add the command group, and `ssh-keys` beside it."""
    group = common.add_group(subparsers, "people", N_("who may use the desk: add, list, pin, disable"))
    _register_add(group)
    listed = common.add_command(group, "list", N_("the people in their fixed order"), run_list, json=True)
    listed.add_argument("--all", action="store_true", help=_("those disabled too"))
    pin = common.add_command(group, "pin", N_("set your PIN, or as supervisor somebody's"), run_pin)
    pin.add_argument("person", metavar=_("LOGIN"))
    common.add_pin_option(pin)
    disable = common.add_command(group, "disable", N_("take somebody off the desk; his records stay"), run_disable)
    disable.add_argument("person", metavar=_("LOGIN"))
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
    try:
        return Path(name).expanduser().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise NotFound(N_("{path} cannot be read."), path=name) from None


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
    from dutydesk.services import people
    from dutydesk.storage import engine

    who = common.open_desk(args)
    target = common.target(args)
    where = engine.masked(target) if "://" in target else str(Path(target).expanduser().resolve())
    keyed = [person for person in people.everyone(who) if person.ssh_key]
    if not keyed:
        print(_("Nobody has a key; people add --ssh-key FILE gives one."), file=sys.stderr)
        return common.NO
    for person in keyed:
        command = shlex.join([_program(), "--db", where, "--login", person.login])
        escaped = command.replace("\\", "\\\\").replace('"', '\\"')
        print(f'restrict,pty,command="{escaped}" {person.ssh_key}')
    return common.DONE


def _program() -> str:
    """Return the program as sshd calls it: the installed script beside this interpreter, with its full path."""
    beside = Path(sys.executable).with_name("dutydesk")
    return str(beside) if beside.exists() else str(Path(sys.argv[0]).resolve())
