"""Archives of the records: made for a period, checked away from the desk, compared with it.

Nothing is ever removed from the desk by it: a chain cannot be cut, and a ten-year desk stays quick. An archive is what
is kept elsewhere. Source: DOMAIN 7 (Cybersecurity Law art. 23), REQUIREMENTS A8, C12.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from dutydesk import __version__
from dutydesk.domain import clock
from dutydesk.domain.errors import DeskError, Invalid, NotFound, Refused, StorageTrouble
from dutydesk.domain.text import clean
from dutydesk.domain.words import N_
from dutydesk.services import settings
from dutydesk.services.core import SUPERVISORS, Actor, reads, record, unguarded, writes
from dutydesk.storage import archive as archives
from dutydesk.storage import archive_check, migrate
from dutydesk.storage import backup as copies
from dutydesk.storage.archive import Counts, Stretch
from dutydesk.storage.archive_check import Checked
from dutydesk.storage.models.audit import AuditEntry

SUBJECT = "archive"
ENDING = ".jsonl.gz"
Progress = Callable[[str, int], None]


@dataclass(frozen=True)
class Period:
    """Which entries: from the instant `since` to before `until`; None leaves a side open. `all` begins at the first
    entry, else one without `since` begins with the first that no archive holds."""

    since: int | None = None
    until: int | None = None
    all: bool = False


@dataclass(frozen=True)
class Made:
    """An archive that was written: its file, size in bytes, stretch of the chain, what it holds."""

    path: Path
    size: int
    part: Stretch
    counts: Counts


@dataclass(frozen=True)
class Kept:
    """An archive as the chain remembers it; `at` is when it was made, `last` its last entry."""

    seq: int
    at: int
    file: str
    first: int
    last: int
    digest: str


@dataclass(frozen=True)
class Belonging:
    """Whether an archive is part of the open desk's chain, and the entry that recorded the making of this very file."""

    belongs: bool
    recorded_by: int | None


# Make


@reads(SUPERVISORS)
def make(who: Actor, path: Path, period: Period, *, progress: Progress | None = None) -> Made:
    """Write the records of a period into a new file and record that in the chain.

    Others go on working; the file appears under its name when it is whole, and goes again when the desk cannot note
    it. Raises Invalid for a name that is taken,
    NotFound when there is nothing to archive, StorageTrouble when it cannot be written.
    """
    _free(path)
    part = _stretch(period)
    try:
        with copies.whole(path) as unfinished:
            with open(unfinished, "r+b") as file:
                counts = archives.write(file, _header(who, part, period), part, progress or _silent)
            size = unfinished.stat().st_size
    except FileExistsError:
        raise _there(path) from None
    except OSError as error:
        raise StorageTrouble(
            N_("{path} cannot be written: {detail}."), path=str(path), detail=os.strerror(error.errno or 0)
        ) from error
    made = Made(path, size, part, counts)
    try:
        _note(who, made, period)
    except DeskError:  # an archive that the desk does not know of would be made again by the next one
        path.unlink(missing_ok=True)
        raise
    return made


def _silent(_table: str, _done: int) -> None:
    """Say nothing about the progress."""


def _free(path: Path) -> None:
    if path.exists():
        raise _there(path)
    if not path.parent.is_dir():
        raise Invalid(N_("There is no folder {path}."), field="file", path=str(path.parent))


def _there(path: Path) -> Invalid:
    return Invalid(N_("{path} is there already; an archive never overwrites a file."), field="file", path=str(path))


def _stretch(period: Period) -> Stretch:
    after = 0 if period.all or period.since is not None else covered()
    part = archives.stretch(period.since, period.until, after)
    if part is None:
        raise NotFound(N_("There is no record in this period that is not archived yet."))
    return part


def _header(who: Actor, part: Stretch, period: Period) -> dict[str, object]:
    chosen = settings.all_settings()
    return {
        "kind": "archive",
        "format": archives.FORMAT,
        "version": archives.VERSION,
        "program": __version__,
        "schema": migrate.newest(),
        "desk": {"name": chosen["name"], "name_en": chosen["name_en"], "zone": chosen["zone"]},
        "made_at": _iso(clock.now()),
        "made_by": who.login,
        "since": _iso(period.since),
        "until": _iso(period.until),
        "first": part.first,
        "last": part.last,
        "head_before": part.head_before,
        "head_after": part.head_after,
    }


def _iso(at: int | None) -> str | None:
    return None if at is None else f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}"


@writes(SUPERVISORS)
def _note(who: Actor, made: Made, period: Period) -> None:
    values = {
        "file": clean(made.path.name),
        "since": period.since,
        "until": period.until,
        "first": made.part.first,
        "last": made.part.last,
        "head": made.part.head_after,
        "digest": made.counts.digest,
    }
    record(who, "archive.made", values=values)


@unguarded
def kept() -> list[Kept]:
    """Return the archives that the chain knows, the newest last."""
    query = AuditEntry.select(AuditEntry.seq, AuditEntry.at, AuditEntry.values).where(AuditEntry.subject == SUBJECT)
    found = [(seq, at, json.loads(values)) for seq, at, values in query.order_by(AuditEntry.seq).tuples()]
    return [Kept(seq, at, held["file"], held["first"], held["last"], held["digest"]) for seq, at, held in found]


def covered() -> int:
    """Return the entry up to which archives hold every entry from the first on: behind it the next one begins."""
    last = 0
    for each in sorted(kept(), key=lambda each: each.first):
        if each.first > last + 1:
            break
        last = max(last, each.last)
    return last


# Check


@unguarded
def check(path: Path, *, progress: Progress | None = None) -> Checked:
    """Recompute all of an archive without the desk; raises Invalid for a file that is none."""
    return archive_check.check(path, progress or _silent)


def continues(earlier: Checked, later: Checked) -> bool:
    """Return whether one archive begins where the other ends."""
    return (earlier.part.last + 1, earlier.part.head_after) == (later.part.first, later.part.head_before)


@unguarded
def belonging(checked: Checked) -> Belonging:
    """Compare an archive with the open desk: both ends must be entries of its chain."""
    part = checked.part
    if part.first < 1 or part.last < part.first:
        raise Refused(N_("The archive names no entries."))
    ends = (archives.digest_at(part.first - 1), archives.digest_at(part.last))
    recorded = [each.seq for each in kept() if each.digest == checked.counts.digest]
    return Belonging(ends == (part.head_before, part.head_after), recorded[0] if recorded else None)
