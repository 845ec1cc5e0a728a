"""Text files that people name: policies, calendars, rates, lists of people, keys. Whatever is in one, a sentence."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from dutydesk.domain.errors import Invalid, NotFound
from dutydesk.domain.words import N_

MOST_BYTES = 500_000
"""The largest file that is read; the largest one that ships has a twentieth of it."""


def is_missing(path: Path) -> bool:
    """Return whether there is no such file; one that may not be looked at is there."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def read_text(name: str | Path) -> str:
    """Return the text of a UTF-8 file, as an editor of any system leaves it.

    Raises NotFound when it cannot be read, Invalid with the line when it is too large or no UTF-8.
    """
    try:
        with open(os.path.expanduser(name), "rb") as file:  # Path.expanduser fails on `~nobody`
            content = file.read(MOST_BYTES + 1)
    except (OSError, ValueError):
        raise NotFound(N_("{path} cannot be read."), path=str(name), field="file") from None
    return decoded(content, str(name))


def read_input(name: str) -> str:
    """Return the text of a file as `read_text` does, of the input for `-`."""
    if name != "-":
        return read_text(name)
    return decoded(sys.stdin.buffer.read(MOST_BYTES + 1), name)


def decoded(content: bytes, name: str) -> str:
    """Return the text of a file's content; raise Invalid as `read_text` does."""
    if len(content) > MOST_BYTES:
        size = MOST_BYTES // 1000
        raise Invalid(N_("{path} is larger than {kilobytes} kB."), path=name, kilobytes=size, field="file")
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        sentence = N_("{path}, line {line}: this is not UTF-8; save the file as text in UTF-8.")
        raise Invalid(sentence, path=name, line=line, field="file") from None
