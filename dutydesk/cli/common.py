"""What every command shares: options, opening the desk, who acts, tables, JSON, PINs."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO

from dutydesk.domain.errors import DeskError, Invalid, NotFound, Refused
from dutydesk.domain.words import N_
from dutydesk.locale import _

if TYPE_CHECKING:
    from dutydesk.cli.config import Config
    from dutydesk.services.core import Actor

LONGEST_LINE = 10_000
"""Characters that are read of a line that may be anything, also an endless one."""
DONE, NO, WRONG = 0, 1, 2
"""Exit codes: done; the answer is no; wrong use or refused."""
Run = Callable[[argparse.Namespace], int]
Groups = Any
"""What `register` gets: the subparsers of the program."""
_INSTANTS = {"at", "now", "since", "until", "deadline", "cut_off", "from", "to"}
_HIDDEN = {"key", "version"}


# Commands


def add_group(subparsers: Groups, name: str, help: str) -> Groups:
    """Add a command with commands below it; returns what `add_command` adds to."""
    parser = subparsers.add_parser(name, help=_(help), description=_(help), add_help=False)
    shared_options(parser, default=argparse.SUPPRESS)
    return parser.add_subparsers(dest=f"{name}_command", metavar=_("COMMAND"), required=True)


def add_command(subparsers: Groups, name: str, help: str, run: Run, *, json: bool = False) -> argparse.ArgumentParser:
    """Add a command that calls `run`; with `json` it takes `--json`."""
    parser: argparse.ArgumentParser = subparsers.add_parser(name, help=_(help), description=_(help), add_help=False)
    shared_options(parser, default=argparse.SUPPRESS)
    if json:
        parser.add_argument("--json", action="store_true", help=_("print JSON for scripts"))
    parser.set_defaults(run=run, parser=parser)
    return parser


def shared_options(parser: argparse.ArgumentParser, *, default: Any = None) -> None:
    """Add the options that every command takes, before or after its name."""
    parser.add_argument("-h", "--help", action="help", help=_("show this help"))
    parser.add_argument("--db", metavar=_("DESK"), default=default, help=_("the desk's database: a path or an address"))
    parser.add_argument("--login", metavar=_("LOGIN"), default=default, help=_("act as this person"))
    parser.add_argument("--lang", choices=("zh", "en"), default=default, help=_("language: zh or en"))


def number(text: str) -> int:
    """Read a whole number of an option; one that no database holds is refused like any other text."""
    try:
        value = int(text)
    except ValueError:
        value = 1 << 31
    if abs(value) >= 1 << 31:
        raise argparse.ArgumentTypeError(_("“{text}” is not a whole number", text=text))
    return value


# The desk


def target(args: argparse.Namespace) -> str:
    """Return the database that the options, the environment or the config file name; a server's with its password.

    Raises a DeskError when the file with the password cannot be used.
    """
    from dutydesk.cli import config

    where = config.target(args.db, _config(args))
    give_password(args, where)
    return where


def give_password(args: argparse.Namespace, *addresses: str) -> None:
    """Let the engine know the password from its file, when one of the addresses is a server's."""
    if any("://" in address and not address.startswith("sqlite:") for address in addresses):
        from dutydesk.cli import config
        from dutydesk.storage import engine

        engine.use_password(config.password(_config(args)))


def _config(args: argparse.Namespace) -> Config:
    from dutydesk.cli import config

    found: Config | None = getattr(args, "config", None)
    return found or config.read()


def open_desk(args: argparse.Namespace, *, write: bool = False) -> Actor:
    """Open the desk, check its schema, speak the person's language, and return who acts.

    The person is `--login`, the login of the config file, or the one this account is mapped to. A command that only
    reads does without; with `write` somebody must be known. Raises DeskError with a sentence.
    """
    where = target(args)
    from dutydesk.storage.driver import load_peewee

    load_peewee()
    from dutydesk.locale import times
    from dutydesk.services import people, settings
    from dutydesk.storage import engine, migrate

    engine.connect(where)
    migrate.require_current()
    chosen = settings.all_settings()
    times.use_zone(chosen["zone"])
    who = _identify(args)
    _speak(args, people.preferences(who).get("lang", "") if who.person_id else "", chosen["lang"])
    if write and not who.person_id:
        raise Refused(N_("Who are you? Name yourself with --login, or have this account mapped to your login."))
    return who


def open_unattended(args: argparse.Namespace) -> Actor:
    """Open the desk for work that a timer does too, and return who acts: the person, else the program itself.

    A timer is no person and has no PIN. The account that owns the desk's file can copy all of it anyway, so it needs
    no name; what it does is recorded as the program's. Another account must name a person.
    """
    who = open_desk(args)
    if who.person_id:
        return who
    from dutydesk.services import people
    from dutydesk.storage import engine

    path = engine.sqlite_path(target(args))
    if path is not None and os.geteuid() not in (0, path.stat().st_uid):
        raise Refused(N_("Without a name only the account that owns {path} may do this."), path=str(path))
    return people.system_actor(*place())


def speak_as_at_desk(args: argparse.Namespace) -> None:
    """Speak the language of the person or the desk as far as the open desk can tell; a broken one cannot."""
    from dutydesk.services import people, settings
    from dutydesk.storage import engine

    if engine.db.obj is None:
        return
    try:
        chosen = settings.all_settings()
        who = _identify(args)
        _speak(args, people.preferences(who).get("lang", "") if who.person_id else "", chosen["lang"])
    except (*engine.ERRORS, engine.peewee.PeeweeException, DeskError, LookupError, ValueError):
        return


def _identify(args: argparse.Namespace) -> Actor:
    from dutydesk.domain.people import Role
    from dutydesk.services import people
    from dutydesk.services.core import Actor

    host, terminal = place()
    login = args.login or _config(args).login or people.login_of(account())
    if login:
        return people.identify(login, host=host, terminal=terminal)
    return Actor(0, "", "", Role.READER, host, terminal)


def who_acts(args: argparse.Namespace) -> Actor:
    """Return the person known here on a desk that is open, whatever its schema; else the program itself.

    Raises NotFound for a `--login` that nobody has.
    """
    import peewee

    from dutydesk.services import people

    try:
        who = _identify(args)
    except NotFound:
        if args.login:
            raise
        who = None
    except (DeskError, peewee.DatabaseError):
        who = None
    return who if who is not None and who.person_id else people.system_actor(*place())


def _speak(args: argparse.Namespace, liked: str, desk: str) -> None:
    from dutydesk import locale

    locale.use(args.lang or _config(args).lang or liked or desk)


def account() -> str:
    """Return the operating-system user of this process, or an empty text."""
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return ""


def place() -> tuple[str, str]:
    """Return host (the client's address under SSH) and terminal of this process."""
    client = os.environ.get("SSH_CONNECTION", "").split()
    try:
        terminal = os.ttyname(0)
    except OSError:
        terminal = ""
    return client[0] if client else os.uname().nodename, terminal


# PINs


def add_pin_option(parser: argparse.ArgumentParser) -> None:
    """Add `--pin-file` to a command that signs or sets a PIN."""
    parser.add_argument(
        "--pin-file", metavar=_("FILE"), help=_("read the PIN from the first line of a file; - is stdin")
    )


def ask_pin(args: argparse.Namespace, question: str = "") -> str:
    """Return the PIN of a signature: from `--pin-file`, else typed on the terminal without showing."""
    return _pin_from_file(args.pin_file) if args.pin_file else _typed(question or _("PIN: "))


def ask_new_pin(args: argparse.Namespace, login: str) -> str:
    """Return a new PIN: from `--pin-file`, else typed twice. Raises Invalid when the two differ."""
    if args.pin_file:
        return _pin_from_file(args.pin_file)
    pin = _typed(_("New PIN for {login}: ", login=login))
    if _typed(_("Once more: ")) != pin:
        raise Invalid(N_("The two PINs differ; nothing was changed."), field="pin")
    return pin


@contextmanager
def progress(words: str = "") -> Iterator[Callable[[str, int], None] | None]:
    """Show on stderr how far the chain is checked, or what `words` say: one line on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield None
        return

    def show(table: str, done: int) -> None:
        text = (words or _("Checking {table}: {done}")).format(table=table, done=done)
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)

    try:
        yield show
    finally:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def on_terminal() -> bool:
    """Whether somebody can be asked."""
    return os.isatty(0) and os.isatty(2)


def _typed(question: str) -> str:
    if not on_terminal():
        raise Refused(N_("A PIN is typed on a terminal, or read with --pin-file."), field="pin")
    from getpass import getpass

    try:
        return getpass(question)
    except (EOFError, UnicodeDecodeError):
        print(file=sys.stderr)
        raise Refused(N_("No PIN was typed."), field="pin") from None


def _pin_from_file(name: str) -> str:
    try:
        if name == "-":
            return sys.stdin.readline(LONGEST_LINE).rstrip("\r\n")
        with open(name, encoding="utf-8-sig") as file:
            return file.readline(LONGEST_LINE).rstrip("\r\n")
    except (OSError, ValueError):
        raise NotFound(N_("{path} cannot be read."), path=name) from None


# What is printed


class Guarded:
    """A stream that prints no character that steers a terminal, whatever stands in a record."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write `text` without such characters."""
        from dutydesk.domain.text import UNSAFE

        self._stream.write(UNSAFE.sub("", text))
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def table(rows: Sequence[Sequence[object]], columns: Sequence[str]) -> str:
    """Return rows as a table with aligned columns; a column of numbers stands to the right."""
    from dutydesk.domain.text import clean, fit, width

    texts = [[clean(str(cell)) for cell in row] for row in rows]
    widths = [max(width(cell) for cell in column) for column in zip(columns, *texts, strict=True)]
    right = [bool(texts) and all(_is_number(row[at]) for row in texts) for at in range(len(columns))]

    def line(cells: Sequence[str]) -> str:
        fitted = (fit(cell, widths[at], right=right[at]) for at, cell in enumerate(cells))
        return "  ".join(fitted).rstrip()

    return "\n".join([line(columns), *(line(row) for row in texts)])


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).lstrip("-").isdigit() or text == ""


def print_table(columns: Sequence[str], rows: Sequence[Sequence[object]], *, empty: str = "") -> int:
    """Print rows as a table, or the sentence `empty`; returns DONE."""
    if rows or not empty:
        print(table(rows, columns))
    else:
        print(empty)
    return DONE


def print_json(value: object) -> int:
    """Print a value as JSON; returns DONE."""
    print(as_json(value))
    return DONE


def as_json(value: object) -> str:
    """Return a value as JSON text: dataclasses by field, instants as UTC ISO 8601, closed sets by code.

    Chinese stands as it is; what would steer the terminal of somebody who looks at it is written as an escape.
    """
    import json

    from dutydesk.domain.text import UNSAFE

    text = json.dumps(plain(value), ensure_ascii=False, indent=2)
    return UNSAFE.sub(lambda found: json.dumps(found[0])[1:-1], text)


def plain(value: Any, name: str = "") -> Any:
    """Return a value as plain JSON values; whole numbers under the name of an instant are times."""
    from dataclasses import fields, is_dataclass
    from enum import Enum

    if isinstance(value, Enum):
        return value.value
    if isinstance(value, int) and not isinstance(value, bool) and (name.endswith("_at") or name in _INSTANTS):
        from dutydesk.locale.times import iso

        return iso(value)
    if is_dataclass(value) and not isinstance(value, type):
        shown = [field.name for field in fields(value) if field.name not in _HIDDEN]
        return {each: plain(getattr(value, each), each) for each in shown}
    if hasattr(value, "_asdict"):
        return {each: plain(item, each) for each, item in value._asdict().items() if each not in _HIDDEN}
    if isinstance(value, Mapping):
        return {str(key): plain(item, str(key)) for key, item in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted(plain(item) for item in value)
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        return [plain(item) for item in value]
    return value if value is None or isinstance(value, (str, int, float, bool)) else str(value)


def first_instant(text: str, *, field: str) -> int:
    """Read a day or a time that was typed as epoch seconds; of a day alone, its first instant."""
    from dutydesk.domain import clock
    from dutydesk.domain.days import day_span
    from dutydesk.locale import times

    try:
        return moment(text, field=field)
    except Invalid:
        return day_span(text, now=clock.now(), zone=times.zone(), field=field)[0]


def moment(text: str, *, field: str = "at") -> int:
    """Read a time that was typed (`2026-11-22 14:30`, `14:30`, `yesterday 8:00`) as epoch seconds."""
    from dutydesk.domain import clock
    from dutydesk.domain.moments import moment as read
    from dutydesk.locale import times

    return read(text, now=clock.now(), zone=times.zone(), field=field)
