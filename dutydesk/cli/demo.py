"""`dutydesk demo`: a desk with a plausible past to look around in, thrown away at the end."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from dutydesk.cli import common
from dutydesk.domain.errors import Invalid
from dutydesk.domain.words import N_
from dutydesk.locale import _

if TYPE_CHECKING:
    from dutydesk.demo.make import Spec

MOST_DAYS = 400


def register(subparsers: common.Groups) -> None:
    """Add the command."""
    about = N_("a throw-away desk filled with a plausible past, then the console")
    parser = common.add_command(subparsers, "demo", about, run)
    parser.add_argument("--days", type=common.number, default=90, metavar="N", help=_("how long the past is, 90 days"))
    parser.add_argument("--seed", type=common.number, default=1, metavar="N", help=_("another past for every number"))
    parser.add_argument("--no-console", action="store_true", help=_("only make the desk that --db names"))


def run(args: argparse.Namespace) -> int:
    """Make the desk, then open the console on it; a file named with --db is kept."""
    if not 1 <= args.days <= MOST_DAYS:
        raise Invalid(N_("--days is between 1 and {most}."), field="days", most=MOST_DAYS)
    if args.no_console and not args.db:
        raise Invalid(N_("Name a file with --db: without the console nothing would be left of the desk."), field="db")
    if not args.no_console:
        from dutydesk.ui.terminal import refusal

        reason = refusal()
        if reason:
            print(reason, file=sys.stderr)
            return common.WRONG
    common.give_password(args, args.db or "")
    server = args.db if args.db and _is_server(args.db) else ""
    if server:
        _require_empty(server)
    with _place(args.db) as path:
        _make(path, args)
        where = _brought(path, server) if server else str(path)
        if args.no_console:
            print(_("Made the demonstration desk {path}. Everybody's PIN is {pin}.", path=_shown(where), pin=_pin()))
            return common.DONE
        return _console(where, args)


def _pin() -> str:
    from dutydesk.demo import PIN

    return PIN


@contextmanager
def _place(named: str | None) -> Iterator[Path]:
    """Yield the file to make: the one that was named, else one in a folder that goes away at the end."""
    if named and not _is_server(named):
        yield _file(named)
        return
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(prefix="dutydesk-demo-", ignore_cleanup_errors=True) as folder, _leaving_cleanly():
        yield Path(folder) / "desk.sqlite"


def _is_server(named: str) -> bool:
    from dutydesk.storage import engine

    return engine.sqlite_path(named) is None


def _file(named: str) -> Path:
    from dutydesk.storage import engine

    path = engine.sqlite_path(named)
    assert path is not None
    return path


def _require_empty(address: str) -> None:
    """Look at the server before the past is written, which takes its time."""
    from dutydesk.services import copying

    copying.require_empty(address)


def _brought(path: Path, address: str) -> str:
    """Bring the desk that was made in a file into an empty database on a server."""
    from dutydesk.services import copying

    copying.copy_desk(str(path), address)
    return address


def _shown(where: str) -> str:
    from dutydesk.storage import engine

    return engine.masked(where)


@contextmanager
def _leaving_cleanly() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end the program in the usual way, so that nothing is left behind."""

    def leave(number: int, _frame: object) -> None:
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, leave) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _make(path: Path, args: argparse.Namespace) -> None:
    from dutydesk.demo import make
    from dutydesk.storage import engine

    existed = path.exists()
    try:
        with _progress(args.days) as progress:
            make.fill(path, _spec(args), progress=progress)
    except BaseException:
        engine.disconnect()
        if not existed:
            for ending in ("", "-wal", "-shm", "-journal", ".lock"):
                Path(f"{path}{ending}").unlink(missing_ok=True)
        raise
    engine.disconnect()


def _spec(args: argparse.Namespace) -> Spec:
    from dutydesk.demo.make import Spec

    return Spec(args.days, args.seed, _lang(args))


def _lang(args: argparse.Namespace) -> str:
    """Return the language of the desk and its texts: asked for, configured, English where the locale is, or Chinese."""
    spoken = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return args.lang or args.config.lang or ("en" if spoken.lower().startswith("en") else "zh")


@contextmanager
def _progress(days: int) -> Iterator[Callable[[float], None]]:
    """Show on stderr how far the past is written: one line on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield _say_nothing
        return

    def show(done: float) -> None:
        text = _("Writing {days} days of duty: {done} %", days=days, done=round(done * 100))
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)

    show(0)
    try:
        yield show
    finally:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def _say_nothing(_done: float) -> None:
    """Nobody watches."""


def _console(where: str, args: argparse.Namespace) -> int:
    from dutydesk.demo import LOGIN, PIN
    from dutydesk.ui.demo import run_demo

    return run_demo(where, LOGIN, PIN, _lang(args), args.theme)
