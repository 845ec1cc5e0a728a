"""What the doctor says of the files around a desk: configuration, password, keys; and of the packages it needs."""

from __future__ import annotations

import argparse
import os
import stat
import sys
from collections.abc import Iterator
from importlib.util import find_spec

from dutydesk.cli import config
from dutydesk.domain.addresses import holds_password
from dutydesk.domain.errors import DeskError
from dutydesk.domain.words import N_
from dutydesk.services.doctor_said import Finding, Said

EXTRAS = {"excel": "openpyxl", "calendar": "icalendar", "notify": "apprise", "postgres": "psycopg"}
"""Extras with the package that tells whether each is there."""


def setup(args: argparse.Namespace) -> Iterator[Finding]:
    """Yield what this account and this program are set up with."""
    yield _config()
    yield from _password(args)
    yield _keys()
    yield _extras(config.target(args.db, args.config))


def _finding(key: str, title: str, found: str, advice: str | None = None, **values: object) -> Finding:
    return Finding(key, title, advice is None, Said(found, values), None if advice is None else Said(advice, values))


def _config() -> Finding:
    """One that holds a password and is not private was refused before; what others may write decides who acts."""
    path, title = config.config_path(), N_("Config file")
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return _finding("config", title, N_("none; options, environment and the usual places hold"))
    advice = N_("Others may change it, and with it who acts at which desk: chmod go-w {path}") if mode & 0o022 else None
    return _finding("config", title, "{path}, {mode}", advice, path=path, mode=f"{mode:04o}")


def _password(args: argparse.Namespace) -> Iterator[Finding]:
    title = N_("Password")
    if args.db and holds_password(args.db):
        advice = N_("Put it into a private file and name that: password_file = … in the config file.")
        yield _finding("password", title, N_("on the command line, where everybody on this machine sees it"), advice)
        return
    try:
        found = config.password(args.config)
    except DeskError as error:
        private = Said(N_("The database cannot be reached without it: a file of this account alone, mode 600."))
        yield Finding("password", title, False, Said(error.sentence, error.values), private)
        return
    if found is not None:
        path = config.password_path(args.config)
        yield _finding("password", title, N_("read from {path}, which is private"), path=path)
    elif holds_password(os.environ.get("DUTYDESK_DB", "")):
        yield _finding("password", title, N_("in DUTYDESK_DB; a file is safer: DUTYDESK_PASSWORD_FILE"))
    elif holds_password(args.config.db):
        yield _finding("password", title, N_("in the config file, which is private"))


def _keys() -> Finding:
    from dutydesk.ui import keymap

    title = N_("Own keys")
    keys, wrong = keymap.read()
    if wrong:
        advice = N_("The console uses the usual keys for what it cannot take.")
        return _finding("keys", title, "{fault}", advice, fault=wrong[0])
    if not keys:
        return _finding("keys", title, N_("none; the usual keys hold"))
    return _finding("keys", title, N_("{count} in {path}"), count=len(keys), path=keymap.keys_file())


def _extras(target: str) -> Finding:
    there = [name for name, package in EXTRAS.items() if _there(package)]
    lacking = [name for name in _needed(target) if name not in there]
    advice = N_("Needed here and not installed: pip install 'dutydesk[{lacking}]'") if lacking else None
    found = ", ".join(there) or "-"
    return _finding("extras", N_("Extras"), N_("there: {there}"), advice, there=found, lacking=",".join(lacking))


def _there(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ValueError:  # hidden on purpose
        return package in sys.modules and sys.modules[package] is not None


def _needed(target: str) -> Iterator[str]:
    """Yield the extras without which something at this desk does not work; the others are asked for when used."""
    from peewee import PeeweeException

    from dutydesk.services.doctor_care import anybody_told_outside

    if "://" in target and not target.startswith("sqlite:"):
        yield "postgres"
    try:
        if anybody_told_outside():
            yield "notify"
    except (DeskError, PeeweeException, AttributeError):  # no desk is open, or an old one
        return
