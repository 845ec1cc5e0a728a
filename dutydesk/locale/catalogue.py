"""A compiled catalogue that is searched where it lies: reading all of it would cost every start some milliseconds.

The format is gettext's (`GNU gettext manual`, "The Format of GNU MO Files"); our own files are sorted by message, and
anything else is refused.
"""

from __future__ import annotations

import struct
from pathlib import Path

MAGIC = 0x950412DE


class Catalogue:
    """The translations of one `.mo` file; what was asked for once is remembered."""

    def __init__(self, path: Path) -> None:
        self._bytes = path.read_bytes()
        magic, _revision, self._count, self._keys, self._values = struct.unpack_from("<5I", self._bytes)
        if magic != MAGIC:
            raise ValueError(f"{path} is no little-endian catalogue")
        self._known: dict[str, str] = {}

    def gettext(self, message: str) -> str:
        """Return the translation, or the message itself."""
        return self._find(message) or message

    def ngettext(self, one: str, many: str, count: int) -> str:
        """Return the translation by number; Chinese has one form for all of them."""
        return self._find(one) or (one if count == 1 else many)

    def _find(self, message: str) -> str | None:
        found = self._known.get(message)
        if found is None and (found := self._search(message.encode(errors="replace"))) is not None:
            self._known[message] = found
        return found

    def _search(self, wanted: bytes) -> str | None:
        low, high = 0, self._count
        while low < high:
            middle = (low + high) // 2
            if self._at(self._keys, middle) < wanted:
                low = middle + 1
            else:
                high = middle
        if low == self._count or self._at(self._keys, low) != wanted:
            return None
        return self._at(self._values, low).decode()

    def _at(self, table: int, place: int) -> bytes:
        """Return a message or a translation; of several plural forms the first."""
        length, offset = struct.unpack_from("<2I", self._bytes, table + 8 * place)
        return self._bytes[offset : offset + length].partition(b"\0")[0]
