"""`dutydesk`: the console, or one command. A command's module is imported when it is asked for, textual never."""

from __future__ import annotations

import argparse
import gc
import os
import re
import sys
from collections.abc import Sequence
from contextlib import nullcontext, redirect_stdout
from importlib import import_module
from typing import Any, NoReturn

from dutydesk import __version__, locale
from dutydesk.cli import common, config
from dutydesk.domain.errors import DeskError, StorageTrouble
from dutydesk.domain.text import EMPTY, clean, width
from dutydesk.domain.words import N_
from dutydesk.locale import _, sentence

COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("demo", N_("a throw-away desk filled with a plausible past, then the console")),
    "init": ("desk", N_("make a desk from a duty policy")),
    "people": ("people", N_("who may use the desk: add, list, pin, key, channel, disable")),
    "now": ("now", N_("who is on duty and why; what is due")),
    "roster": ("roster", N_("the roster: show, plan, check, publish, change, explain")),
    "log": ("log", N_("write a line into the shift log, or list it")),
    "measure": ("measures", N_("temporary measures: list, open, extend, close")),
    "incident": ("incidents", N_("open, list, show and work on incidents")),
    "round": ("rounds", N_("rounds: list, show")),
    "handover": ("handover", N_("handovers: list, show one, print the sheet")),
    "attendance": ("attendance", N_("duties as they were kept, months, corrections, call-outs")),
    "leave": ("leave", N_("leave with its covers: ask, answer, approve")),
    "swap": ("swap", N_("exchange duties: ask, answer, approve")),
    "export": ("export", N_("write the roster into a file: calendar, month sheet or list")),
    "allowance": ("allowance", N_("duty pay: rates, freezing a month, what differs")),
    "report": ("report", N_("attendance, duty pay, fairness, incidents and rounds of a month")),
    "notify": ("notify", N_("tell people outside the console; list what was told")),
    "backup": ("operations", N_("copy the desk into a file while people work")),
    "copy": ("operations", N_("bring the whole desk into another database: a file to a server, or back")),
    "archive": ("archive", N_("write the records of a period into a file to be kept elsewhere; check one")),
    "restore": ("operations", N_("put a copy in the desk's place after checking it")),
    "migrate": ("operations", N_("bring the desk to this program's schema")),
    "verify": ("verify", N_("recompute the audit chain; name the first broken row")),
    "doctor": ("operations", N_("check terminal, locale, database, disk and clock")),
    "ssh-keys": ("people", N_("print the authorized_keys lines for everybody with a key")),
}
"""Commands with the module of `dutydesk.cli` that adds them, and what they do."""
GARBAGE = 50_000
"""Objects made before garbage is looked for; Python's own number is 700."""
_VALUED = ("--db", "--login", "--lang", "--theme", "--ascii")


class Parser(argparse.ArgumentParser):
    """Says what is wrong with the words typed in one line, not under a page of usage."""

    def error(self, message: str) -> NoReturn:
        """Leave with one sentence and exit code 2."""
        words = {"program": self.prog, "fault": clean(message)}
        self.exit(common.WRONG, _("{program}: {fault}; `{program} --help` shows what it takes.", **words) + "\n")

    def _get_formatter(self) -> argparse.HelpFormatter:
        """Every option that is added asks for one; with a width it does not import shutil and three compressors."""
        return Formatter(prog=self.prog, width=_columns())


class Formatter(argparse.HelpFormatter):
    """Lines the columns up by cells: a Chinese character takes two."""

    def _format_action(self, action: argparse.Action) -> str:
        """Take away the blanks that are too many behind a wide name."""
        text = super()._format_action(action)
        name = self._format_action_invocation(action)
        wide = width(name) - len(name)
        return text.replace(f"{name}{' ' * (wide + 2)}", f"{name}  ", 1) if wide else text

    def format_help(self) -> str:
        """Write the headings with the colon of the language."""
        return re.sub(r"^(\S+):$", _("{heading}:", heading=r"\1"), super().format_help(), flags=re.M)


def _columns() -> int:
    try:
        return int(os.environ.get("COLUMNS") or os.get_terminal_size().columns) - 2
    except (OSError, ValueError):
        return 78


def program() -> int:
    """Run as a process of its own: next to nothing that a short command makes is garbage, so little is looked for.

    At Python's usual threshold a fifth of `dutydesk now` goes into looking, and a tenth at its end.
    """
    gc.set_threshold(GARBAGE)
    code = main()
    gc.freeze()
    return code


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; returns the exit code: 0 done, 1 the answer is no, 2 wrong use or refused."""
    words = list(sys.argv[1:] if argv is None else argv)
    args = argparse.Namespace()
    _print_anything()
    try:
        settings = config.read()
        locale.use(config.first_language(_option(words, "--lang"), settings))
        _translate_argparse()
        parser = _parser(_command(words))
        args, unknown = parser.parse_known_args(words)
        if unknown:
            getattr(args, "parser", parser).error(_("unrecognized arguments: %s") % " ".join(unknown))
        args.config = settings
        return _run(args)
    except DeskError as error:
        print(_complaint(error, args), file=sys.stderr)
        return common.WRONG
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return 130
    except BrokenPipeError:
        sys.stdout = None  # type: ignore[assignment]
        return common.DONE
    except Exception as error:
        return _trouble(error) or _defect(error)


def _complaint(error: DeskError, args: argparse.Namespace) -> str:
    """Return what a refusal says; a sentence that only a form field gives its meaning names the option."""
    option, parser = f"--{error.field}", getattr(args, "parser", None)
    if error.sentence == EMPTY and parser is not None and option in parser.format_usage():
        return _("{option}: {sentence}", option=option, sentence=sentence(error))
    return sentence(error)


def _print_anything() -> None:
    """Let a stream whose encoding lacks a character show its code; a Chinese name must not end a command."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _trouble(error: Exception) -> int:
    """Say what the disk or the database refused; 0 when the error is none of theirs."""
    found: DeskError | None = None
    if isinstance(error, OSError):
        what = error.strerror or str(error)
        detail = f"{error.filename}: {what}" if error.filename else what
        found = StorageTrouble(N_("The system refused: {detail}"), detail=detail)
    elif (engine := sys.modules.get("dutydesk.storage.engine")) and isinstance(error, engine.ERRORS):
        found = engine.trouble(error)
    if found is None:
        return 0
    print(sentence(found), file=sys.stderr)
    return common.WRONG


def _defect(error: Exception) -> int:
    """Note a defect in a file and say so: nobody at a desk should read a traceback."""
    from dutydesk.ui.terminal import note_defect

    path = note_defect(error)
    print(_("Something went wrong inside the program; it is noted in {path}.", path=path), file=sys.stderr)
    return common.WRONG


def _hand_on(args: argparse.Namespace) -> None:
    """Let the console find what was asked for before its modules are imported: where the environment says it."""
    drawn = args.ascii or os.environ.get("DUTYDESK_ASCII") or args.config.ascii
    if drawn:
        os.environ["DUTYDESK_ASCII"] = drawn


def _run(args: argparse.Namespace) -> int:
    _hand_on(args)
    if getattr(args, "run", None) is None:
        return _console(args)
    try:
        with redirect_stdout(common.Guarded(sys.stdout)) if sys.stdout else nullcontext():  # type: ignore[type-var]
            code: int = args.run(args)
        if sys.stdout is not None:
            sys.stdout.flush()
        return code
    finally:
        if "dutydesk.storage.engine" in sys.modules:
            from dutydesk.storage import opened

            opened.close()


def _console(args: argparse.Namespace) -> int:
    """Open the console; what it needs is imported now."""
    from dutydesk.ui.terminal import run_console

    return run_console(
        common.target(args), args.login or args.config.login or None, args.lang or args.config.lang or None, args.theme
    )


def _command(words: Sequence[str]) -> str | None:
    """Return the first word that is neither an option nor its value."""
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word in _VALUED:
            skip = True
        elif not word.startswith("-"):
            return word
    return None


def _option(words: Sequence[str], name: str) -> str | None:
    """Return the value of an option before the parser is there; only what the parser will accept counts."""
    for at, word in enumerate(words):
        value = word.partition("=")[2] if word.startswith(f"{name}=") else words[at + 1 : at + 2]
        if (word == name or word.startswith(f"{name}=")) and value:
            found = value if isinstance(value, str) else value[0]
            return found if found in config.LANGUAGES else None
    return None


def _parser(command: str | None) -> argparse.ArgumentParser:
    parser = Parser(
        prog="dutydesk",
        description=_("The duty desk of an IT department, full screen on a terminal. Without a command: the console."),
        add_help=False,
        allow_abbrev=False,
    )
    common.shared_options(parser)
    parser.add_argument("--version", action="version", version=f"dutydesk {__version__}", help=_("print the version"))
    parser.add_argument("--theme", metavar=_("NAME"), help=_("colours of the console"))
    about = _("what the console draws in ASCII: off, drawing (lines and marks), all (letters too)")
    parser.add_argument("--ascii", choices=config.DRAWN, metavar=_("WHAT"), help=about)
    subparsers = parser.add_subparsers(dest="command", metavar=_("COMMAND"))
    if command in COMMANDS:
        _register(subparsers, COMMANDS[command][0])
    else:
        for name, (_module, help_) in COMMANDS.items():
            subparsers.add_parser(name, help=_(help_), add_help=False)
    return parser


def _register(subparsers: Any, module: str) -> None:
    import_module(f"dutydesk.cli.{module}").register(subparsers)


def _translate_argparse() -> None:
    """Let argparse's own words come from our catalogue too."""
    argparse._ = locale._  # type: ignore[attr-defined]
    argparse.ngettext = _argparse_ngettext  # type: ignore[attr-defined]


def _argparse_ngettext(one: str, many: str, count: int) -> str:
    return _(one if count == 1 else many)


if __name__ == "__main__":
    sys.exit(program())
