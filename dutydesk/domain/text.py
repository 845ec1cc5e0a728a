"""User text is data: cleaned once where it enters, measured and cut in terminal cells."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from dutydesk.domain.errors import Invalid
from dutydesk.domain.words import N_

CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\u2028\u2029]"
)
"""Characters that steer a terminal or hide text: C0, C1, bidi controls, zero width, lone surrogates."""

JOINERS = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200d\u3164\ufe00-\ufe0f\uffa0\U0001f3fb-\U0001f3ff"
    "\U000e0000-\U000e01ef]"
)
"""Characters that change others or show nothing: joiners, variation selectors, skin tones, tags, fillers. Terminals do
not agree on how wide they make a text."""
UNSAFE = re.compile(f"{CONTROL.pattern}|{JOINERS.pattern}")
"""Both: what no screen and no printed line holds, whatever stands in a record."""

_ESCAPES = re.compile("\x1b\\[[0-?]*[ -/]*[@-~]|\x1b\\][^\x07\x1b]*(?:\x07|\x1b\\\\)?|\x1b[ -/]*[0-~]")
_OPENING = "（《「『【〔“‘〈"
_CLOSING = "，。、；：！？）》」』】〕”’〉…％"
_WIDE = (
    "\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6"
    "\U0001f300-\U0001faff\U00020000-\U0003fffd"
)
EMPTY = N_("This must not be empty.")
TITLE_LENGTH = 200
TEXT_LENGTH = 20_000


def clean(text: str, *, multiline: bool = False) -> str:
    """Return `text` without terminal control, as NFC; one line unless `multiline`.

    Whole escape sequences go, then single control characters; tabs become a space. What stays is
    shown as it was typed, markup and all.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    text = _ESCAPES.sub("", text)
    text = JOINERS.sub("", CONTROL.sub("", text))
    if not multiline:
        text = " ".join(text.split("\n"))
    return unicodedata.normalize("NFC", text).strip()


def required(text: str, field: str, *, limit: int = TITLE_LENGTH, multiline: bool = False) -> str:
    """Return the cleaned text or raise Invalid when it is empty or longer than `limit` characters."""
    text = clean(text, multiline=multiline)
    if not text:
        raise Invalid(EMPTY, field=field)
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


@cache
def _unbroken() -> re.Pattern[str]:
    """Return what stays on one line: a word, or one wide character, with the punctuation that belongs to it.

    Compiled when something is wrapped first: it takes as long as a tenth of `dutydesk now`.
    """
    word = rf"[{_WIDE}]|[^\s{_OPENING}{_CLOSING}{_WIDE}]+|[{_CLOSING}]"
    return re.compile(rf"[{_OPENING}]*(?:{word})[{_CLOSING}]*|[{_OPENING}]+")


def breaks(line: str, cells: int) -> list[tuple[int, int]]:
    """Return where one line of text is divided so that each part takes at most `cells`: begin and end of the parts.

    Chinese breaks between any two characters, other words at spaces; no part begins with closing punctuation or ends
    with opening one, and spaces at a break belong to neither part. A word that is too long by itself is divided.
    """
    cells = max(2, cells)
    parts: list[tuple[int, int]] = []
    begin = end = used = 0
    for found in _unbroken().finditer(line):
        needs = width(line[end : found.end()])
        if used + needs <= cells:
            used += needs
        else:
            if end > begin:
                parts.append((begin, end))
            begin, used = found.start(), 0
            for place in range(begin, found.end()):
                step = char_width(line[place])
                if used + step > cells:
                    parts.append((begin, place))
                    begin, used = place, 0
                used += step
        end = found.end()
    return [*parts, (begin, end)]


def wrap(text: str, cells: int) -> list[str]:
    """Return `text` in lines of at most `cells` terminal cells; see `breaks`."""
    return [line[begin:end] for line in text.split("\n") for begin, end in breaks(line, cells)]
