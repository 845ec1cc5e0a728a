"""Which desk, who, which language: options first, then the environment, then the config file, then the usual places.

The config file is `dutydesk/config.toml` in the user's configuration folder, with `db`, `login` and `lang`.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, NamedTuple

from dutydesk.domain.errors import Invalid
from dutydesk.domain.words import N_

LANGUAGES = ("zh", "en")
NAME = "dutydesk"


class Config(NamedTuple):
    """What the config file says; empty texts where it says nothing."""

    db: str = ""
    login: str = ""
    lang: str = ""


def config_path() -> Path:
    """Return where the config file is looked for; `DUTYDESK_CONFIG` names another one."""
    named = os.environ.get("DUTYDESK_CONFIG", "")
    if named:
        return Path(named).expanduser()
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
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Config()
    except (OSError, UnicodeDecodeError):
        raise Invalid(N_("{path} cannot be read."), path=str(path)) from None
    from dutydesk.domain.tables import read_toml

    table = read_toml(text, str(path))
    found = Config(table.text("db", " ").strip(), table.text("login", " ").strip(), table.text("lang", " ").strip())
    if found.lang and found.lang not in LANGUAGES:
        raise Invalid(N_("{path}: the language is zh or en, not {lang}."), path=str(path), lang=found.lang)
    table.done()
    return found


def target(asked: str | None, config: Config) -> str:
    """Return the database to open: `--db`, `DUTYDESK_DB`, the config file, the user's data folder."""
    return asked or os.environ.get("DUTYDESK_DB", "") or config.db or str(usual_db())


def first_language(asked: str | None, config: Config, environ: Any = os.environ) -> str:
    """Return the language until the desk is open: asked for, configured, or the locale's."""
    if asked or config.lang:
        return asked or config.lang
    spoken = environ.get("LC_ALL") or environ.get("LC_MESSAGES") or environ.get("LANG") or ""
    return "zh" if spoken.lower().startswith("zh") else "en"
