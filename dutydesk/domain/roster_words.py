"""How shifts are written on a paper roster: a letter or character for each kind, and what people write for none."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping

from dutydesk.domain.words import Label

NOBODY = frozenset({"", "-", "–", "—", "/", "off", "rest", "休", "休息", "无", "x", "×", "0", "."})
"""Words in a cell that mean: no duty."""
PART = "*"
"""Mark behind a letter: on for a part of the shift only."""
TOGETHER = " "
"""Between the letters of two shifts on one day."""
NOT_FILLED = Label("空缺", "Not filled")
"""Name of the row that holds the places nobody has."""


def base(kind: str) -> str:
    """Return the key of a shift in the policy; an hourly turn's later pieces carry a number behind a dot."""
    return kind.partition(".")[0]


def letters(titles: Mapping[str, str]) -> dict[str, str]:
    """Return for each shift kind the shortest begin of its title that no other title has; the title itself at most.

    Two kinds of the same title are told apart by their keys.
    """
    found: dict[str, str] = {}
    for kind, title in titles.items():
        others = [folded(other) for key, other in titles.items() if key != kind]
        if folded(title) in others or not title:
            found[kind] = kind
            continue
        sizes = range(1, len(title) + 1)
        size = next(
            (size for size in sizes if not any(other.startswith(folded(title[:size])) for other in others)), len(title)
        )
        found[kind] = title[:size]
    return found


def folded(text: str) -> str:
    """Return a word as it is compared: full-width letters like plain ones, capitals like small ones, no spaces."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def vocabulary(titles: Mapping[str, Label]) -> dict[str, frozenset[str]]:
    """Return every word that names shifts (key, title, letter in both languages) with the kinds it may mean."""
    words: dict[str, set[str]] = {}
    chinese = letters({kind: label.zh or label.en for kind, label in titles.items()})
    english = letters({kind: label.en or label.zh for kind, label in titles.items()})
    for kind, label in titles.items():
        own: Iterable[str] = (kind, label.zh, label.en, chinese[kind], english[kind])
        for word in own:
            if word:
                words.setdefault(folded(word), set()).add(kind)
    return {word: frozenset(kinds) for word, kinds in words.items()}
