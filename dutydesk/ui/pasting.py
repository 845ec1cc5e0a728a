"""A paste is one piece of text, whatever stands in it.

Textual 8.2.8 ends a bracketed paste at the first escape character inside it: what follows comes as keys, which save
forms and run commands, and the beginning comes after it. Here an escape character inside a paste passes as another
one, and is put back into the text, where cleaning knows it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from textual import events
from textual._xterm_parser import XTermParser
from textual.message import Message

ESCAPE = "\x1b"
BEGIN, END = "\x1b[200~", "\x1b[201~"
STAND_IN = "\x1c"


class WholePastes(XTermParser):
    """Reads the terminal as `XTermParser` does, a paste in one piece."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._inside = False
        self._before = ""
        self._held = ""

    def feed(self, data: str) -> Iterable[Message]:
        """Yield what `data` means; nothing when the rest of an end mark is still to come."""
        calm = self._calm(self._held + data) if data else ""
        if calm or not data:
            for event in super().feed(calm):
                if isinstance(event, events.Paste):
                    event.text = event.text.replace(STAND_IN, ESCAPE)
                yield event

    def _calm(self, data: str) -> str:
        """Return `data` with the escape characters inside pastes replaced."""
        self._held, told = "", ""
        while data:
            piece, data = self._inner(data) if self._inside else self._outer(data)
            told += piece
        return told

    def _outer(self, data: str) -> tuple[str, str]:
        """Return what comes up to the begin of a paste, and the rest; a begin mark may come in two reads."""
        seen = self._before + data
        place = seen.find(BEGIN)
        self._inside = place >= 0
        self._before = "" if self._inside else seen[1 - len(BEGIN) :]
        taken = place + len(BEGIN) - (len(seen) - len(data)) if self._inside else len(data)
        return data[:taken], data[taken:]

    def _inner(self, data: str) -> tuple[str, str]:
        """Return what comes up to the end of the paste, and the rest; what may be an end mark is held back."""
        place = data.find(END)
        if place >= 0:
            self._inside = False
            return data[:place].replace(ESCAPE, STAND_IN) + END, data[place + len(END) :]
        open_end = next((size for size in range(len(END) - 1, 0, -1) if data.endswith(END[:size])), 0)
        self._held = data[len(data) - open_end :]
        return data[: len(data) - open_end].replace(ESCAPE, STAND_IN), ""


def keep_pastes_whole() -> None:
    """Have the driver of this process read the terminal this way."""
    from textual.drivers import linux_driver

    linux_driver.XTermParser = WholePastes  # type: ignore[misc]
