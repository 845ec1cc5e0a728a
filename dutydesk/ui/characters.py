"""Which characters a terminal can show, and what stands for those it cannot.

Three ways to draw: everything in UTF-8; lines and marks in ASCII with every letter as it is; ASCII alone. A locale that
names another encoding than UTF-8 gets that encoding, in both directions. Source: DESIGN 4, docs/OPERATIONS.
"""

from __future__ import annotations

import codecs
import os
import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from dutydesk.domain.text import char_width

UTF8 = "utf-8"
_FONTLESS = frozenset({"linux"})
"""Terminals whose font has no Chinese characters: the text console of a machine."""
_OLD = frozenset({"", "vt52", "vt100", "vt102", "vt220", "vt320", "ansi", "cons25", "unknown", "network", "dialup"})
"""Terminals whose line drawing nobody can rely on, and names that say nothing."""
_PYTHONS_OWN = ("C.UTF-8", "C.utf8")
_UNSAFE_CODECS = ("utf", "iso2022", "hz", "punycode", "idna", "unicode", "raw", "rot", "base", "hex", "quopri", "uu")
"""Codecs of Python that are no encoding of a terminal, or one in which ASCII may mean something else."""


class Draw(StrEnum):
    """What a person may ask for: `--ascii`, `DUTYDESK_ASCII`, or `ascii` in the config file."""

    EVERYTHING = "off"
    LINES = "drawing"
    ASCII = "all"


_SAID = {
    **dict.fromkeys(("0", "no", "false", "off"), Draw.EVERYTHING),
    **dict.fromkeys(("1", "yes", "true", "on", "drawing"), Draw.LINES),
    "all": Draw.ASCII,
}


class Characters(NamedTuple):
    """What a terminal can show: `plain` draws lines and marks in ASCII, `encoding` is written, `typed` is read."""

    plain: bool = False
    encoding: str = UTF8
    typed: str = UTF8

    @property
    def chinese(self) -> bool:
        """Whether Chinese can be shown."""
        return _fits("值", self.encoding)


EVERYTHING = Characters()


def asked(environ: Mapping[str, str]) -> Draw | None:
    """Return what was asked for; a word that means nothing asks for lines in ASCII."""
    said = environ.get("DUTYDESK_ASCII", "").strip().lower()
    return _SAID.get(said, Draw.LINES) if said else None


def of_terminal(environ: Mapping[str, str]) -> Characters:
    """Return what the terminal of an environment can show.

    An unset locale, `C` and `POSIX` say nothing about a terminal: over SSH they are what is left when the client sends
    none, and the terminal there speaks UTF-8. A locale that names another encoding does say something.
    """
    wanted = asked(environ)
    if wanted is Draw.EVERYTHING:
        return EVERYTHING
    spoken = _encoding(environ)
    term = environ.get("TERM", "").lower()
    if wanted is Draw.ASCII or term in _FONTLESS:
        return Characters(plain=True, encoding="ascii", typed=spoken)
    return Characters(wanted is Draw.LINES or term in _OLD or spoken != UTF8, spoken, spoken)


def _encoding(environ: Mapping[str, str]) -> str:
    """Return the encoding that the locale names; ASCII when it names one that is not known here.

    Python itself sets LC_CTYPE to C.UTF-8 where the locale that is named is not installed on this machine.
    """
    kind = environ.get("LC_CTYPE", "")
    named = (
        environ.get("LC_ALL") or (environ.get("LANG") if kind in _PYTHONS_OWN else kind) or environ.get("LANG") or ""
    )
    charset = named.partition(".")[2].partition("@")[0].lower()
    if not charset or charset.replace("-", "").replace("_", "") == "utf8":
        return UTF8
    try:
        found = codecs.lookup(charset).name
    except LookupError:
        return "ascii"
    return "ascii" if found.replace("_", "").replace("-", "").startswith(_UNSAFE_CODECS) else found


def here() -> Characters:
    """Return what the terminal of this process can show."""
    return of_terminal(os.environ)


# What stands for what


_PAIRS = (
    "─- ━- ┄- ┅- ┈- ┉- ╌- ╍- ═- ╴- ╶- ╸- ╺- ╼- ╾- │| ┃| ┆| ┇| ┊| ┋| ╎| ╏| ║| ╵| ╷| ╹| ╻| ╽| ╿| ▏| ▎| ▍| ▌| ▕| ▐| "
    "▁_ ▂. ▃, ▄- ▅= ▆+ ▇* ▔~ ▀~ ░. ▒: ●* ○o ◉* ◎o ◆* ◇o ■# □o ▪# ▫o ▲^ △^ ▴^ ▵^ ▼v ▽v ▾v ▿v ▶> ▷> ▸> ▹> ◀< ◁< ◂< ◃< "
    "★* ☆* ←< ↑^ →> ↓v ↔- ↕| ↖\\ ↗/ ↘\\ ↙/ ⇐< ⇑^ ⇒> ⇓v ✓v ✔v ✗x ✘x ×x ·- •* ∙* …~ ‐- ‑- ‒- –- —- ―- −- "
    "‘' ’' ‚' ‛' ′' "
    '“" ”" „" ‟" ″" ‹< ›> «< »> °o ºo ±+ ¦| ¬- ÷/ ℃C ℉F №# §S ©C ®R ≤< ≥> ≠! ≈~ √V µu'
)
"""What stands for what a screen is drawn with, one cell for one cell."""
DRAWN = (
    dict.fromkeys(range(9472, 9600), "+")
    | dict.fromkeys(range(9600, 9632), "#")
    | dict.fromkeys(range(10241, 10496), ".")
    | {0x2800: " ", 0xA0: " ", 0x202F: " "}
    | {ord(pair[0]): pair[1] for pair in _PAIRS.split()}
)


def shown(text: str, characters: Characters) -> str:
    """Return a text as a terminal can show it, in as many cells as it took."""
    if text.isascii() or characters is EVERYTHING or characters == EVERYTHING:
        return text
    if characters.plain:
        text = text.translate(DRAWN)
    if text.isascii() or characters.encoding == UTF8:
        return text
    return "".join(char if char.isascii() else _standing_for(char, characters.encoding) for char in text)


@cache
def _standing_for(char: str, encoding: str) -> str:
    """Return a character, or what stands for it in an encoding that lacks it: its plain form, else `?`."""
    if _fits(char, encoding):
        return char
    cells = char_width(char)
    plain = "".join(each for each in unicodedata.normalize("NFKD", char) if each.isascii() and each.isprintable())
    return plain.ljust(cells) if 0 < len(plain) <= cells else "?" * cells


def _fits(char: str, encoding: str) -> bool:
    try:
        char.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
