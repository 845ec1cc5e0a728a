"""Files that an export writes: whole or not at all, never over another one unasked; and the packages they need."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from dutydesk.domain.errors import Invalid, NotFound, Refused
from dutydesk.domain.words import N_

STDOUT = "-"
"""The file name that means: print it."""


def put(target: str, content: bytes, *, force: bool = False) -> str:
    """Write `content` to the file `target`, or to stdout for `-`; returns the whole path, or `-`.

    The file appears under its name only when it is whole. Raises Refused when something has that name already and
    `force` is not set; with it, what stood there stays until the new file is complete.
    """
    if target == STDOUT:
        _print(content)
        return STDOUT
    path = Path(os.path.realpath(os.path.expanduser(target)))
    check_free(path, force=force)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with open(part, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        _name(part, path, force)
    finally:
        part.unlink(missing_ok=True)
    return str(path)


def check_free(path: Path, *, force: bool = False) -> None:
    """Refuse a place where no file can be written: before the work is done, not after it."""
    if path.is_dir():
        raise Invalid(N_("{path} is a folder; name a file."), path=str(path), field="file")
    if not path.parent.is_dir():
        raise NotFound(N_("There is no folder {path}."), path=str(path.parent), field="file")
    if path.exists() and not path.is_file():
        raise Refused(N_("{path} is not a plain file and stays as it is."), path=str(path), field="file")
    if path.exists() and not force:
        raise _there(path)


def _there(path: Path) -> Refused:
    return Refused(N_("{path} is already there. Take another name, or --force to replace it."), path=str(path))


def _name(part: Path, path: Path, force: bool) -> None:
    if force:
        os.replace(part, path)
        return
    try:
        os.link(part, path)
    except FileExistsError:
        raise _there(path) from None
    except OSError:  # a file system without links
        if path.exists():
            raise _there(path) from None
        os.replace(part, path)


def _print(content: bytes) -> None:
    if b"\0" in content and sys.stdout.isatty():
        raise Refused(N_("This is no text for a terminal; name a file."), field="file")
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    with suppress(ValueError):
        sys.stdout.buffer.flush()


def package(name: str, extra: str) -> Any:
    """Import a package of an extra; raise Refused with how to install it when it is missing."""
    try:
        return import_module(name)
    except ImportError:
        raise Refused(
            N_("This needs the package {package}; install it with: pip install 'dutydesk[{extra}]'"),
            package=name.partition(".")[0],
            extra=extra,
        ) from None
