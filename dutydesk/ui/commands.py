"""Commands: what a key does, once. Bindings, footer, palette, help and the user's own keys are made from them.

A screen lists its own in `commands`; those that work anywhere are in `ANYWHERE`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from textual.binding import Binding

from dutydesk.domain.words import N_
from dutydesk.locale import _
from dutydesk.ui import marks

if TYPE_CHECKING:
    from collections.abc import Mapping


class Command(NamedTuple):
    """One thing a person can do.

    `key` may name several, separated by commas; the first one is shown. `action` is the name of the method without
    `action_`, with arguments if it takes any (`answer('ok')`); it is looked up on the screen, then on the app.
    `why_not` names a method that returns None or the sentence why the command cannot be used now.
    `opens` says that the command opens something to type into: keys typed meanwhile wait for it.
    """

    id: str
    key: str
    title: str
    action: str
    help: str = ""
    footer: bool = False
    why_not: str | None = None
    opens: bool = False
    priority: bool = False
    hidden: bool = False

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the keys as they stand in the code."""
        return tuple(key.strip() for key in self.key.split(","))


ANYWHERE: tuple[Command, ...] = (
    Command(
        "desk.incident",
        "n",
        N_("Incident"),
        "new_incident",
        N_("Report a new incident."),
        footer=True,
        why_not="why_not_write",
        opens=True,
    ),
    Command(
        "desk.log",
        "l",
        N_("Log"),
        "write_line",
        N_("Write a line into the shift log."),
        footer=True,
        why_not="why_not_write",
        opens=True,
    ),
    Command(
        "desk.sign",
        "s",
        N_("Sign in or out"),
        "sign_in_or_out",
        N_("Sign in to the shift, or out of it."),
        footer=True,
        why_not="why_not_write",
        opens=True,
    ),
    Command("desk.find", "/", N_("Find"), "find", N_("Find in this list."), opens=True),
    Command("desk.palette", ":,ctrl+p", N_("Go to"), "palette", N_("Go to anything by name."), opens=True),
    Command("desk.copy", "y", N_("Copy"), "copy", N_("Copy what is selected to your clipboard.")),
    Command("desk.help", "?,f1", N_("Keys"), "help", N_("Show all keys of this screen.")),
    Command("desk.back", "escape", N_("Back"), "back", N_("Go back one step.")),
    Command("desk.language", "f2", N_("中文 / English"), "next_language", N_("Switch the language."), priority=True),
    Command("desk.theme", "f3", N_("Colours"), "next_theme", N_("Switch the colours."), priority=True),
    Command(
        "desk.person",
        "f4",
        N_("Somebody else"),
        "other_person",
        N_("Let somebody else take this console."),
        opens=True,
    ),
    Command("desk.redraw", "ctrl+l", N_("Draw again"), "redraw", N_("Draw the whole screen again."), priority=True),
    Command("desk.quit", "q", N_("Quit"), "quit", N_("Leave the console; drafts are kept."), opens=True),
    Command("desk.interrupt", "ctrl+c", N_("Quit"), "ask_quit", opens=True, priority=True, hidden=True),
)

_NAMES = {
    "question_mark": "?",
    "slash": "/",
    "colon": ":",
    "minus": "-",
    "plus": "+",
    "full_stop": ".",
    "comma": ",",
    "greater_than_sign": ">",
    "less_than_sign": "<",
    "escape": "esc",
    "enter": N_("enter"),
    "space": N_("space"),
    "tab": "tab",
    "up": "↑",
    "left": "←",
    "right": "→",
    "down": "↓",
    "pageup": "pgup",
    "pagedown": "pgdn",
}
_ARROWS = "↑←→↓"


def shown_key(key: str) -> str:
    """Return a key as people read it on the screen: `?`, `esc`, `F2`."""
    if len(key) > 1 and key[0] == "f" and key[1:].isdigit():
        return key.upper()
    name = _NAMES.get(key)
    if name and name in _ARROWS and marks.is_ascii():
        return key  # `<` and `>` are keys of their own
    return _(name) if name else key


def bindings(commands: Iterable[Command], keymap: Mapping[str, tuple[str, ...]]) -> list[Binding]:
    """Return the Textual bindings of `commands`, with the user's own keys where `keymap` has them."""
    return [
        Binding(
            ",".join(keymap.get(command.id, command.keys)),
            f"command({command.id!r})",
            id=command.id,
            show=False,
            priority=command.priority,
        )
        for command in commands
    ]
