"""The marks that go with a state, so that colour is never the only sign; ASCII where the terminal needs it.

Read them as attributes at display time (`marks.LATE`): `use_ascii` changes them for the whole process.
Source: SCREENS, principle 2.
"""

from __future__ import annotations

import os
import sys

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
_ascii = False


def use_ascii(wanted: bool) -> None:
    """Draw marks in ASCII from now on, or in Unicode."""
    global _ascii
    _ascii = wanted
    globals().update(_PLAIN if wanted else _RICH)


def is_ascii() -> bool:
    """Return whether marks are drawn in ASCII now."""
    return _ascii


def wants_ascii(environ: dict[str, str] | None = None) -> bool:
    """Return whether this terminal needs ASCII marks.

    `DUTYDESK_ASCII` decides (`0` says no); else the Linux console and a locale that names another encoding
    than UTF-8 do. An unset locale and `C` do not: Python runs in UTF-8 mode there.
    """
    env = dict(os.environ) if environ is None else environ
    asked = env.get("DUTYDESK_ASCII", "")
    if asked:
        return asked not in ("0", "no", "false")
    if env.get("TERM") in ("linux", "vt100", "vt220", "dumb"):
        return True
    named = env.get("LC_ALL") or env.get("LC_CTYPE") or env.get("LANG") or ""
    encoding = named.partition(".")[2].partition("@")[0].lower().replace("-", "")
    return bool(encoding) and encoding != "utf8"


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


if sys.platform != "win32":
    use_ascii(wants_ascii())
