"""User text is data: cleaned once where it enters, measured and cut in terminal cells."""

from __future__ import annotations

import re
import unicodedata

from dutydesk.domain.errors import Invalid
from dutydesk.domain.words import N_

CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\u2028\u2029]"
)
"""Characters that steer a terminal or hide text: C0, C1, bidi controls, zero width, lone surrogates."""

_JOINERS = re.compile("[\u200d\ufe0e\ufe0f\U000e0001-\U000e007f]")
_ESCAPES = re.compile("\x1b\\[[0-?]*[ -/]*[@-~]|\x1b\\][^\x07\x1b]*(?:\x07|\x1b\\\\)?|\x1b[ -/]*[0-~]")
TITLE_LENGTH = 200
TEXT_LENGTH = 20_000


def clean(text: str, *, multiline: bool = False) -> str:
    """Return `text` without terminal control, as NFC; one line unless `multiline`.

    Whole escape sequences go, then single control characters; tabs become a space. What stays is
    shown as it was typed, markup and all.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    text = _ESCAPES.sub("", text)
    text = _JOINERS.sub("", CONTROL.sub("", text))
    if not multiline:
        text = " ".join(text.split("\n"))
    return unicodedata.normalize("NFC", text).strip()


def required(text: str, field: str, *, limit: int = TITLE_LENGTH, multiline: bool = False) -> str:
    """Return the cleaned text or raise Invalid when it is empty or longer than `limit` characters."""
    text = clean(text, multiline=multiline)
    if not text:
        raise Invalid(N_("This must not be empty."), field=field)
    return within(text, field, limit=limit)


def optional(text: str | None, field: str, *, limit: int = TEXT_LENGTH, multiline: bool = True) -> str:
    """Return the cleaned text, which may be empty; raise Invalid when it is too long."""
    return within(clean(text or "", multiline=multiline), field, limit=limit)


def within(text: str, field: str, *, limit: int) -> str:
    """Return `text`, or raise Invalid when it is longer than `limit` characters."""
    if len(text) > limit:
        raise Invalid(N_("Too long: {length} characters, {limit} at most."), field=field, length=len(text), limit=limit)
    return text


def char_width(char: str) -> int:
    """Return how many terminal cells one character takes: 0, 1 or 2."""
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1


def width(text: str) -> int:
    """Return how many terminal cells `text` takes."""
    if text.isascii():
        return len(text)
    return sum(char_width(char) for char in text)


def cut(text: str, cells: int, *, mark: str = "…") -> str:
    """Cut `text` to `cells` terminal cells at a character, with `mark` where something is missing."""
    if width(text) <= cells:
        return text
    room = cells - width(mark)
    if room < 0:
        return ""
    taken: list[str] = []
    used = 0
    for char in text:
        used += char_width(char)
        if used > room:
            break
        taken.append(char)
    return "".join(taken) + mark


def fit(text: str, cells: int, *, right: bool = False) -> str:
    """Cut or pad `text` to exactly `cells` terminal cells; `right` aligns it to the right."""
    text = cut(text, cells)
    pad = " " * (cells - width(text))
    return pad + text if right else text + pad
