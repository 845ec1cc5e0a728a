"""The marks that go with a state, so that colour is never the only sign; ASCII where the terminal needs it.

Read them as attributes at display time (`marks.LATE`): `use` changes them for the whole process.
Source: SCREENS, principle 2.
"""

from __future__ import annotations

from dutydesk.ui.characters import Characters, here

ON = "●"
OFF = "○"
LATE = "▲"
P1 = "!"
DONE = "✓"
ABNORMAL = "✗"
SKIPPED = "–"
CURSOR = "▸"
ARROW = "→"
RULE = "─"
BAR = "│"
FULL = "▓"
EMPTY = "░"
DOT = "·"
CUT = "…"
DASH = "–"
SPARK = "▁▂▃▄▅▆▇"

_PLAIN = {
    "ON": "*",
    "OFF": "o",
    "LATE": "^",
    "P1": "!",
    "DONE": "v",
    "ABNORMAL": "x",
    "SKIPPED": "-",
    "CURSOR": ">",
    "ARROW": "->",
    "RULE": "-",
    "BAR": "|",
    "FULL": "#",
    "EMPTY": ".",
    "DOT": "-",
    "CUT": "~",
    "DASH": "-",
    "SPARK": "_.,-=+*",
}
_RICH = {name: globals()[name] for name in _PLAIN}
_now = Characters()


def use(characters: Characters) -> None:
    """Draw with the characters of a terminal from now on."""
    global _now
    _now = characters
    globals().update(_PLAIN if characters.plain else _RICH)


def use_ascii(wanted: bool) -> None:
    """Draw marks and lines in ASCII from now on, or in Unicode; letters stay as they are."""
    use(Characters(plain=wanted))


def characters() -> Characters:
    """Return what the terminal in use can show."""
    return _now


def is_ascii() -> bool:
    """Return whether marks are drawn in ASCII now."""
    return _now.plain


def priority(level: int) -> str:
    """Return the mark that stands before a priority: `!` for P1, a space for the others."""
    return P1 if level == 1 else " "


def progress(done: int, total: int, cells: int) -> str:
    """Return a bar of `cells` cells, `▓▓▓░░░`."""
    filled = 0 if total <= 0 else min(cells, done * cells // total)
    return FULL * filled + EMPTY * (cells - filled)


def spark(values: list[float], cells: int = 5) -> str:
    """Return the last `cells` values as a small trend, `▂▂▃▃▇`; flat when all are equal."""
    shown = values[-cells:]
    if not shown:
        return ""
    low, span = min(shown), max(shown) - min(shown)
    top = len(SPARK) - 1
    return "".join(SPARK[top // 2 if not span else round((value - low) / span * top)] for value in shown)


use(here())
