"""Desks that many tests begin from: made once in a run, by whichever worker needs one first."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

_folder: list[Path] = []


def keep_in(folder: Path) -> None:
    """Say where the desks of this run are kept, the same folder for every worker."""
    _folder[:] = [folder]


def made_once(name: str, make: Callable[[Path], object]) -> Path:
    """Return the file that `make` made; it is called once in a run and gets the path to make it at."""
    kept = _folder[0] / f"{name}.sqlite"
    with (_folder[0] / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            part = _folder[0] / f"{name}.{os.getpid()}.part"
            make(part)
            part.rename(kept)
    return kept
