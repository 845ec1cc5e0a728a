"""`dutydesk init`: make a desk."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from dutydesk.cli import common
from dutydesk.domain.errors import Invalid
from dutydesk.domain.words import N_
from dutydesk.locale import _, ngettext

if TYPE_CHECKING:
    from dutydesk.services.core import Actor
    from dutydesk.services.desk import InitResult, InitSpec, NewPerson

_LEFT_BEHIND = ("", "-wal", "-shm", "-journal", ".lock")


def register(subparsers: common.Groups) -> None:
    """Add the command."""
    parser = common.add_command(subparsers, "init", N_("make a desk from a duty policy"), run)
    about = _("twelve-hour, weekly-team, split-cycle, or a TOML file of your own")
    parser.add_argument("--policy", required=True, metavar=_("POLICY"), help=about)
    parser.add_argument("--zone", metavar=_("ZONE"), default="", help=_("time zone of the desk, Asia/Shanghai"))
    parser.add_argument("--name", metavar=_("NAME"), default="", help=_("name of the desk"))
    parser.add_argument("--people", metavar=_("FILE"), help=_("TOML file with the people of the desk"))
    about = _("your name, as supervisor, when there is no file of people")
    parser.add_argument("--supervisor", metavar=_("NAME"), help=about)
    common.add_pin_option(parser)


def run(args: argparse.Namespace) -> int:
    """Make the desk and say what it holds; nothing stays of one that could not be made."""
    from dutydesk.services import desk as desks
    from dutydesk.storage import engine, migrate

    where = common.target(args)
    path = engine.sqlite_path(where)
    fresh = path is not None and not path.exists()
    try:
        spec = _spec(args)
        engine.connect(where, create=True)
        migrate.migrate()
        made = desks.init(_maker(), spec)
    except BaseException:
        engine.disconnect()
        if fresh and path is not None:
            _remove(path)
        raise
    _say(made, where, spec)
    return common.DONE


def _maker() -> Actor:
    from dutydesk.services import people

    return people.system_actor(*common.place())


def _remove(path: Path) -> None:
    for ending in _LEFT_BEHIND:
        Path(f"{path}{ending}").unlink(missing_ok=True)


def _spec(args: argparse.Namespace) -> InitSpec:
    from dutydesk import locale
    from dutydesk.services.desk import InitSpec

    lang = args.lang or args.config.lang or locale.language()
    return InitSpec(policy=args.policy, zone=args.zone, lang=lang, name=args.name, people=tuple(_people(args)))


def _people(args: argparse.Namespace) -> list[NewPerson]:
    """Return the people of the file, or the supervisor who makes the desk, with the account he works under."""
    from dutydesk.domain.people import Role
    from dutydesk.services.desk import NewPerson, read_people
    from dutydesk.storage.text_files import read_text

    if args.people:
        found = list(read_people(read_text(args.people), args.people))
        if not any(person.role is Role.SUPERVISOR for person in found):
            raise Invalid(N_("{where}: a desk needs a supervisor; nobody there has that role."), where=args.people)
        return found
    login = args.login or common.account()
    name = args.supervisor or _asked(_("Your name, as supervisor of the desk: ")) or login
    pin = common.ask_new_pin(args, login) if args.pin_file or common.on_terminal() else None
    return [NewPerson(login, name, Role.SUPERVISOR, pin=pin, os_user=common.account() or None)]


def _asked(question: str) -> str:
    if not common.on_terminal():
        return ""
    print(question, end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip()


def _say(made: InitResult, where: str, spec: InitSpec) -> None:
    from dutydesk.storage import engine

    print(
        _(
            "Made the desk {path}: policy {policy}, zone {zone}.",
            path=engine.masked(where),
            policy=made.policy,
            zone=made.zone,
        )
    )
    people = ngettext("{n} person", "{n} people", made.people)
    print(_("{people}, {shifts} shifts planned.", people=people, shifts=made.shifts))
    words = {
        "rooms": N_("rooms"),
        "equipment": N_("pieces of equipment"),
        "checklists": N_("checklists"),
        "jobs": N_("backup jobs"),
        "things": N_("things to count"),
        "rates": N_("rules of duty pay, an example to be checked"),
    }
    for key, word in words.items():
        if made.counts.get(key):
            print(f"{made.counts[key]:>6}  {_(word)}")
    for short in made.shortage if any(person.role == "engineer" for person in spec.people) else ():
        sentence = N_("{month}: {duties} duties at {cap} a month need {needed} people, there are {present}.")
        print(_(sentence, **{name: getattr(short, name) for name in ("month", "duties", "cap", "needed", "present")}))
    if len(spec.people) == 1:
        print(_("Add the engineers: dutydesk people add LOGIN NAME"))
    for person in spec.people:
        if person.pin is None:
            print(_("{login} has no PIN yet: dutydesk people pin {login}", login=person.login))
