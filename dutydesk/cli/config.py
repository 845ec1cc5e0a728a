"""Which desk, who, which language: options first, then the environment, then the config file, then the usual places.

The config file is `dutydesk/config.toml` in the user's configuration folder, with `db`, `login`, `lang`,
`ascii`, `password_file` and `mail`. A file with a password in it is read only when it is its owner's alone.
"""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from typing import Any, NamedTuple

from dutydesk.domain.errors import Invalid, NotFound, Refused
from dutydesk.domain.words import N_
from dutydesk.storage.text_files import is_missing, read_text

LANGUAGES = ("zh", "en")
DRAWN = ("off", "drawing", "all")
NAME = "dutydesk"
PASSWORD_BYTES = 1024


class Config(NamedTuple):
    """What the config file says; empty texts where it says nothing."""

    db: str = ""
    login: str = ""
    lang: str = ""
    ascii: str = ""
    password_file: str = ""
    mail: str = ""


def config_path() -> Path:
    """Return where the config file is looked for; `DUTYDESK_CONFIG` names another one."""
    named = os.environ.get("DUTYDESK_CONFIG", "")
    if named:
        return Path(os.path.expanduser(named))
    return _folder("XDG_CONFIG_HOME", ".config", "user_config_path") / "config.toml"


def usual_db() -> Path:
    """Return where a desk is kept when nobody says another place."""
    return _folder("XDG_DATA_HOME", ".local/share", "user_data_path") / "desk.sqlite"


def _folder(variable: str, below_home: str, elsewhere: str) -> Path:
    """Return a folder of the user; Linux needs no import for it, which `dutydesk now` feels."""
    if sys.platform.startswith("linux"):
        named = os.environ.get(variable, "")
        return (Path(named) if named.startswith("/") else Path.home() / below_home) / NAME
    import platformdirs

    path: Path = getattr(platformdirs, elsewhere)(NAME, appauthor=False)
    return path


def read(path: Path | None = None) -> Config:
    """Read the config file; a missing one is empty. Raises Invalid with the line or the key that is wrong."""
    path = path or config_path()
    if is_missing(path):
        return Config()
    found = _understood(read_text(path), path)
    if _secret(found):
        check_private(path)
    return found


def _understood(text: str, path: Path) -> Config:
    from dutydesk.domain.tables import read_toml

    table = read_toml(text, str(path))
    names = ("db", "login", "lang", "ascii", "password_file", "mail")
    found = Config(*(table.text(name, " ").strip() for name in names))
    if found.lang and found.lang not in LANGUAGES:
        raise Invalid(N_("{path}: the language is zh or en, not {lang}."), path=str(path), lang=found.lang)
    if found.ascii and found.ascii not in DRAWN:
        words = N_("{path}: ascii is one of {choices}, not {value}.")
        raise Invalid(words, path=str(path), choices=", ".join(DRAWN), value=found.ascii)
    table.done()
    return found


def _secret(config: Config) -> bool:
    """Return whether the config file itself holds a password; nothing is imported for a plain path."""
    addresses = [address for address in (config.db, config.mail) if "://" in address or "=" in address]
    if not addresses:
        return False
    from dutydesk.domain.addresses import holds_password

    return any(holds_password(address) for address in addresses)


# Secrets


def check_private(path: Path, state: os.stat_result | None = None) -> None:
    """Refuse a file with a password that somebody else may read, or that belongs to somebody else.

    What systemd hands to a service is private by its folder, whatever its mode says.
    """
    state = state or path.stat()
    given = os.environ.get("CREDENTIALS_DIRECTORY", "")
    if given and Path(given) in path.parents:
        return
    if state.st_uid not in (0, os.geteuid()):
        raise Refused(N_("{path} holds a password and belongs to another account: chown it."), path=str(path))
    if state.st_mode & 0o077:
        raise Refused(N_("{path} holds a password and others may read it: chmod 600 {path}"), path=str(path))


def password_path(config: Config) -> Path | None:
    """Return the file that holds the database's password: `DUTYDESK_PASSWORD_FILE`, else the config file's.

    A relative path in the config file starts in its folder.
    """
    named = os.environ.get("DUTYDESK_PASSWORD_FILE", "")
    if named:
        return Path(os.path.expanduser(named))
    return config_path().parent / Path(os.path.expanduser(config.password_file)) if config.password_file else None


def password(config: Config) -> str | None:
    """Return the password of the database from its file's first line, or None when no file is named.

    Raises a DeskError with a sentence when the file is missing, empty, not a file, or not private. The password is
    never part of a sentence.
    """
    path = password_path(config)
    if path is None:
        return None
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError as error:
        raise NotFound(
            N_("The password cannot be read from {path}: {detail}."),
            path=str(path),
            detail=os.strerror(error.errno or 0),
        ) from None
    with os.fdopen(handle, "rb") as file:
        state = os.fstat(file.fileno())
        if not stat.S_ISREG(state.st_mode):
            raise Invalid(N_("{path} is not a plain file and stays as it is."), path=str(path))
        check_private(path, state)
        line = file.readline(PASSWORD_BYTES + 1).rstrip(b"\r\n")
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    if not text or len(line) > PASSWORD_BYTES:
        raise Invalid(N_("The first line of {path} is no password."), path=str(path))
    return text


# What holds


def target(asked: str | None, config: Config) -> str:
    """Return the database to open: `--db`, `DUTYDESK_DB`, the config file, the user's data folder."""
    return asked or os.environ.get("DUTYDESK_DB", "") or config.db or str(usual_db())


def first_language(asked: str | None, config: Config, environ: Any = os.environ) -> str:
    """Return the language until the desk is open: asked for, configured, or the locale's."""
    if asked or config.lang:
        return asked or config.lang
    spoken = environ.get("LC_ALL") or environ.get("LC_MESSAGES") or environ.get("LANG") or ""
    return "zh" if spoken.lower().startswith("zh") else "en"
