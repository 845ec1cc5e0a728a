"""The user's own keys: `keys.toml` in the configuration folder, command ids to keys.

    [keys]
    "desk.incident" = "i"
    "desk.palette" = ["ctrl+k", ":"]

What cannot be taken leaves the command on its own key and is said in a sentence.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dutydesk.domain.errors import DeskError
from dutydesk.locale import _, sentence
from dutydesk.storage.text_files import is_missing, read_text

if TYPE_CHECKING:
    from dutydesk.ui.commands import Command  # the doctor reads this file too, without a console

Keys = dict[str, tuple[str, ...]]


def keys_file() -> Path:
    """Return where the user's own keys stand."""
    from platformdirs import user_config_path

    return user_config_path("dutydesk") / "keys.toml"


def read(path: Path | None = None) -> tuple[Keys, list[str]]:
    """Return the user's keys by command id, and sentences about what could not be understood."""
    path = path or keys_file()
    if is_missing(path):
        return {}, []
    from dutydesk.domain.tables import toml

    try:
        table = toml(read_text(path), path.name).get("keys", {})
    except DeskError as error:
        return {}, [_("{fault} The usual keys are used.", fault=sentence(error))]
    return _understood(table)


def _understood(table: Any) -> tuple[Keys, list[str]]:
    if not isinstance(table, dict):
        return {}, [_("keys.toml: [keys] must be a table of command ids.")]
    keys: Keys = {}
    wrong: list[str] = []
    for name, value in table.items():
        wanted = [value] if isinstance(value, str) else value
        if not isinstance(wanted, list) or not wanted or not all(isinstance(key, str) and key for key in wanted):
            wrong.append(_("keys.toml: {name} needs a key, or a list of keys.", name=name))
            continue
        keys[name] = tuple(wanted)
    return keys, wrong


def resolve(commands: Iterable[Command], wanted: Keys) -> tuple[Keys, list[str]]:
    """Return which of the wanted keys hold for `commands` (that are shown together), and what conflicts.

    A key that another command keeps is not taken from it.
    """
    commands = list(commands)
    taken = {key: command for command in commands if command.id not in wanted for key in command.keys}
    keys: Keys = {}
    wrong: list[str] = []
    for command in commands:
        if command.id not in wanted:
            continue
        free = tuple(key for key in wanted[command.id] if key not in taken)
        wrong.extend(
            _("keys.toml: “{key}” for {name} is the key of {other}.", key=key, name=command.id, other=taken[key].id)
            for key in wanted[command.id]
            if key in taken
        )
        kept = free or tuple(key for key in command.keys if key not in taken)
        taken.update(dict.fromkeys(kept, command))
        if kept:
            keys[command.id] = kept
    return keys, wrong
