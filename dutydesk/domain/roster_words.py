"""How shifts are written on a paper roster: a letter or character for each kind, and what people write for none."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

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


def marks(titles: Mapping[str, str], posts: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the letters of the shift kinds, and those of the posts.

    On a desk with one kind of shift the post says more than the shift, so that there it stands in the sheet; with
    several kinds the posts have no letters.
    """
    if len(titles) != 1:
        return letters(titles), {}
    both = letters(
        {f"shift {kind}": title for kind, title in titles.items()}
        | {f"post {key}": title for key, title in posts.items()}
    )
    found = [
        {key.partition(" ")[2]: letter for key, letter in both.items() if key.startswith(what)}
        for what in ("shift", "post")
    ]
    return found[0], found[1]


def folded(text: str) -> str:
    """Return a word as it is compared: full-width letters like plain ones, capitals like small ones, no spaces."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def vocabulary(
    titles: Mapping[str, Label], posts: Mapping[str, Label]
) -> tuple[dict[str, frozenset[str]], dict[str, frozenset[str]]]:
    """Return every word (key, title, letter in both languages) for shifts with the kinds it may mean, and for posts."""
    chinese = marks(
        {key: label.zh or label.en for key, label in titles.items()}, {k: v.zh or v.en for k, v in posts.items()}
    )
    english = marks(
        {key: label.en or label.zh for key, label in titles.items()}, {k: v.en or v.zh for k, v in posts.items()}
    )
    return _words(titles, chinese[0], english[0]), _words(posts, chinese[1], english[1])


def _words(named: Mapping[str, Label], *short: Mapping[str, str]) -> dict[str, frozenset[str]]:
    words: dict[str, set[str]] = {}
    for key, label in named.items():
        for word in (key, label.zh, label.en, *(each.get(key, "") for each in short)):
            if word:
                words.setdefault(folded(word), set()).add(key)
    return {word: frozenset(keys) for word, keys in words.items()}
