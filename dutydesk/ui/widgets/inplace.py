"""A line of text being typed inside a widget that draws itself: text, caret, and what the keys do to them."""

from __future__ import annotations

from dutydesk.domain.text import char_width, clean, width

_STEPS = {"left": -1, "right": 1, "ctrl+b": -1, "ctrl+f": 1}


class Inplace:
    """One line of text with a caret; `limit` is in characters."""

    def __init__(self, text: str = "", limit: int = 200) -> None:
        self.limit = limit
        self.text = text[:limit]
        self.at = len(self.text)

    def key(self, key: str, character: str | None) -> bool:
        """Do what a key does to the line; False when it means nothing here."""
        if character is not None and len(character) == 1 and character.isprintable():
            self.insert(character)
        elif key in _STEPS:
            self.at = max(0, min(len(self.text), self.at + _STEPS[key]))
        elif key in ("home", "ctrl+a"):
            self.at = 0
        elif key in ("end", "ctrl+e"):
            self.at = len(self.text)
        elif key in ("backspace", "ctrl+h"):
            self._cut(max(0, self.at - 1), self.at)
        elif key in ("delete", "ctrl+d"):
            self._cut(self.at, self.at + 1)
        elif key == "ctrl+w":
            self._cut(len(self.text[: self.at].rstrip().rpartition(" ")[0]), self.at)
        elif key == "ctrl+u":
            self._cut(0, self.at)
        else:
            return False
        return True

    def insert(self, text: str) -> None:
        """Put text in at the caret, as far as there is room; a paste of several lines becomes one."""
        if len(text) > 1:
            text = clean(text)
        text = text[: self.limit - len(self.text)]
        self.text = self.text[: self.at] + text + self.text[self.at :]
        self.at += len(text)

    def _cut(self, start: int, end: int) -> None:
        self.text = self.text[:start] + self.text[end:]
        self.at = start

    def view(self, cells: int) -> tuple[str, str, str]:
        """Return the text before the caret, the character under it (a blank at the end) and the text after it.

        Together they take at most `cells` terminal cells; the caret is always among them.
        """
        under = self.text[self.at : self.at + 1] or " "
        room = max(0, cells - width(under))
        before = _tail(self.text[: self.at], room)
        after = _head(self.text[self.at + 1 :], room - width(before))
        return before, under, after


def _tail(text: str, cells: int) -> str:
    used, start = 0, len(text)
    while start and used + char_width(text[start - 1]) <= cells:
        start -= 1
        used += char_width(text[start])
    return text[start:]


def _head(text: str, cells: int) -> str:
    used = 0
    for place, char in enumerate(text):
        used += char_width(char)
        if used > cells:
            return text[:place]
    return text
