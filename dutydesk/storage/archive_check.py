"""An archive looked at without the desk: every entry, row and line recomputed, in memory that does not grow with it."""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dutydesk.domain.errors import Invalid, NotFound
from dutydesk.domain.words import N_
from dutydesk.storage import chain
from dutydesk.storage.archive import FORMAT, PAGE, VERSION, Counts, Stretch, Tell, end_of, entry_digest
from dutydesk.storage.chain import canonical

LONGEST = 64 << 20
"""Bytes of one line at most: a file made to fill the memory is refused."""


@dataclass(frozen=True)
class Fault:
    """The first line that does not hold, and what is wrong with it."""

    line: int
    sentence: str


@dataclass(frozen=True)
class Checked:
    """What an archive says of itself and what it holds; `fault` is the first thing that does not hold."""

    header: dict[str, Any]
    part: Stretch
    counts: Counts
    fault: Fault | None = None


class _Wrong(Exception):
    """A line does not hold."""


def check(path: Path, tell: Tell) -> Checked:
    """Recompute an archive. Raises NotFound without the file and Invalid for a file that is no archive."""
    if not path.is_file():
        raise NotFound(N_("There is no file {path}."), field="file", path=str(path))
    lines = _lines(path)
    first, header, part = _header(path, lines)
    reader = _Reader(part)
    reader.take(first)
    number = 1
    try:
        for number, line in lines:
            reader.take(line)
            if number % PAGE == 0:
                tell(path.name, reader.counts.entries)
        number += 1
        reader.finish()
    except _Wrong as wrong:
        return Checked(header, part, reader.counts, Fault(number, str(wrong)))
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        return Checked(header, part, reader.counts, Fault(number, N_("The line is not understood.")))
    return Checked(header, part, reader.counts)


def _header(path: Path, lines: Iterator[tuple[int, bytes]]) -> tuple[bytes, dict[str, Any], Stretch]:
    """Return the first line, what it says, and the stretch it promises."""
    try:
        _number, line = next(lines)
        header = json.loads(line)
        if header["kind"] != "archive" or header["format"] != FORMAT:
            raise ValueError
        version = int(header["version"])
        part = Stretch(int(header["first"]), int(header["last"]), str(header["head_before"]), str(header["head_after"]))
    except (_Wrong, StopIteration, KeyError, TypeError, ValueError, RecursionError):
        raise Invalid(N_("{path} is no archive of a desk."), field="file", path=str(path)) from None
    if version > VERSION:
        raise Invalid(
            N_("{path} has format {version}, this program knows {known}: update the program."),
            path=str(path),
            version=version,
            known=VERSION,
        )
    return line, header, part


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield the lines with their numbers; raise _Wrong where the file is cut off or damaged."""
    number = 0
    try:
        with gzip.open(path, "rb") as file:
            while line := file.readline(LONGEST + 1):
                number += 1
                if len(line) > LONGEST:
                    raise _Wrong(N_("The line is not understood."))
                yield number, line
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise _Wrong(N_("The file is cut off or damaged here.")) from None


class _Reader:
    """Takes one line after the other."""

    def __init__(self, part: Stretch) -> None:
        self.part = part
        self.counts = Counts()
        self._seq, self._head = part.first - 1, part.head_before
        self._digest = hashlib.sha256()
        self._ended = False

    def take(self, line: bytes) -> None:
        """Check a line and all that it holds."""
        document = json.loads(line)
        kind = document["kind"]
        if self._ended:
            raise _Wrong(N_("There is something behind the last line."))
        if kind == "end":
            return self._end(document)
        if kind == "entry":
            self._entry(document)
        elif kind not in ("archive", "person"):
            raise _Wrong(N_("The line is not understood."))
        self._digest.update(line)
        return None

    def _entry(self, document: dict[str, Any]) -> None:
        rows = document["rows"]
        bound = [[row["table"], row["id"], row["digest"]] for row in rows]
        entry = document | {"values": canonical(document["values"]), "rows": canonical(bound)}
        if entry["seq"] != self._seq + 1:
            raise _Wrong(N_("Entries are missing before this one."))
        if entry["previous"] != self._head:
            raise _Wrong(N_("It does not follow from the entry before it."))
        if entry["digest"] != entry_digest(entry):
            raise _Wrong(N_("Its content was changed."))
        self._seq, self._head = entry["seq"], entry["digest"]
        self.counts.entries += 1
        for row in rows:
            self._row(row)

    def _row(self, row: dict[str, Any]) -> None:
        self.counts.rows += 1
        if "content" in row:
            self._content(row["table"], row, row["digest"])
            return
        self.counts.superseded += 1
        if "now" in row:
            self._content(row["table"], row["now"], row["now"]["digest"])

    def _content(self, table: str, row: dict[str, Any], digest: str) -> None:
        """A row of which something is withheld cannot be recomputed; the seal of the whole file covers it."""
        if row.get("withheld"):
            self.counts.withheld += 1
        elif chain.row_digest(table, row["content"].items()) != digest:
            raise _Wrong(N_("The row was changed."))

    def _end(self, document: dict[str, Any]) -> None:
        self._ended = True
        self.counts.digest = self._digest.hexdigest()
        if (self._seq, self._head) != (self.part.last, self.part.head_after):
            raise _Wrong(N_("Entries are missing before this one."))
        if document != end_of(self.counts, self.part):
            raise _Wrong(N_("The seal does not fit: a line was changed, added or left out."))

    def finish(self) -> None:
        """Refuse a file without its last line."""
        if not self._ended:
            raise _Wrong(N_("The file is cut off or damaged here."))
