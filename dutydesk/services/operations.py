"""Looking after the desk's database: copy, restore, migrate, verify. Source: DESIGN 2, 5."""

from __future__ import annotations

import glob
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from dataclasses import replace as replace_fields
from datetime import datetime
from pathlib import Path

from dutydesk.domain import clock
from dutydesk.domain.errors import Invalid, NotFound, Refused, StorageTrouble
from dutydesk.domain.text import clean
from dutydesk.domain.walltime import zone_named
from dutydesk.domain.words import N_
from dutydesk.services import people, settings, verification
from dutydesk.services.core import ANYONE, Actor, record, unguarded, writes
from dutydesk.storage import backup as copies
from dutydesk.storage import chain, engine, migrate, pages
from dutydesk.storage.backup import Inside
from dutydesk.storage.chain import Broken, Verdict

Progress = Callable[[str, int], None]
DAY = 86400
COPY = "copy"
"""The subject under which the chain knows copies of the desk; `backup` is what rounds check."""


@dataclass(frozen=True)
class Copied:
    """A copy that was made and looked into; `removed` are older copies beside it that went for it.

    `rows` counts what was read from a server; a file is copied page by page.
    """

    path: Path
    inside: Inside
    removed: tuple[str, ...] = ()
    rows: int = 0


@dataclass(frozen=True)
class Candidate:
    """A checked copy that waits beside the desk to take its place; `replaces` says whether a desk is there.

    `newest_at` is the time of its newest audit entry, `migrated` the schema steps that were made on it, `zone` the
    desk's. `held` keeps others from restoring until it is discarded.
    """

    part: Path
    target: Path
    entries: int
    head: str
    newest_at: int | None
    migrated: tuple[int, ...]
    replaces: bool
    zone: str
    held: ExitStack = field(default_factory=ExitStack, compare=False)


@dataclass(frozen=True)
class Migrated:
    """The schema steps that ran, and where the desk as it was before is kept."""

    steps: tuple[int, ...]
    schema: int
    kept: Path | None


def sqlite_file(target: str) -> Path:
    """Return the file of a desk; a desk on a server is not restored over."""
    path = engine.sqlite_path(target)
    if path is None:
        raise Refused(
            N_("A desk on a server is restored into an empty database: dutydesk copy FILE ADDRESS, then name it here.")
        )
    return path


# Copy


@unguarded
def backup(path: Path, *, progress: Progress | None = None) -> Copied:
    """Copy the open desk into a new file while people work, and check every page, the chain and every row of the copy.

    Raises Invalid when the file is there already or its folder is not, StorageTrouble when it cannot be written, and
    Refused when the desk itself is broken: a bad copy must not take the place of a good one.
    """
    require_free(path)
    try:
        with copies.whole(path) as part:
            copies.copy_open(part)
            inside = copies.look_into(part)
            _require_unbroken(part, progress)
    except OSError as error:
        raise unwritable(path, error) from error
    return Copied(path, inside)


def _require_unbroken(path: Path, progress: Progress | None) -> None:
    """Verify the chain of a copy, which nobody is held up by, and open again what was open.

    One of another schema has columns that this program does not know: before an upgrade its pages must do.
    """
    desk = engine.url()
    try:
        engine.connect(str(path))
        if migrate.current() != migrate.newest():
            return
        broken = chain.verify(progress=chain.counted(progress)).broken
    finally:
        engine.connect(desk)
        for ending in copies.BESIDE:
            Path(f"{path}{ending}").unlink(missing_ok=True)
    if broken is not None:
        raise Refused(
            N_("The chain of the desk is broken at {table} {key}; no copy was made. `dutydesk verify` tells more."),
            table=broken.table,
            key=broken.key,
        )


@unguarded
def backup_into(folder: Path, stem: str, *, keep: int | None = None, copy: Callable[[Path], Copied] = backup) -> Copied:
    """Copy the open desk into a folder under a name with the time; with `keep` only the newest that many stay.

    `copy` makes it: `copying.backup` does for a desk on a server. Copies are removed only when the new one is whole;
    other files in the folder are left alone.
    """
    if not folder.is_dir():
        raise Invalid(N_("There is no folder {path}."), field="into", path=str(folder))
    if keep is not None and keep < 1:
        raise Invalid(N_("At least one copy is kept."), field="keep")
    made = copy(folder / settings.dated_name(stem, ".sqlite"))
    return made if keep is None else replace_fields(made, removed=tuple(_prune(made.path, stem, keep)))


def _prune(made: Path, stem: str, keep: int) -> Iterator[str]:
    """Remove all but the newest copies, and what a copy that was cut off left a day ago; yield the names."""
    dated = re.compile(rf"{re.escape(stem)}-\d{{8}}-\d{{6}}\.sqlite")
    copies_there = sorted((path for path in made.parent.iterdir() if dated.fullmatch(path.name)), reverse=True)
    kept = [made, *(path for path in copies_there if path != made)][:keep]
    for path in copies_there:
        if path not in kept:
            path.unlink(missing_ok=True)
            yield path.name
    for path in made.parent.glob(f"{glob.escape(stem)}-*.sqlite.part"):
        if path.stat().st_mtime < time.time() - DAY:
            path.unlink(missing_ok=True)


@writes(ANYONE)
def note_copy(who: Actor, copied: Copied) -> None:
    """Record in the chain that a copy was made, so that a desk without any is noticed.

    Raises StorageTrouble on a desk of another schema: a copy is made before an upgrade too.
    """
    migrate.require_current()
    inside = copied.inside
    values = {"file": clean(copied.path.name), "size": inside.size, "seq": inside.seq, "head": inside.head}
    record(who, "backup.made", subject=COPY, values=values | {"removed": [clean(name) for name in copied.removed]})


def require_free(path: Path) -> None:
    """Raise Invalid unless `path` can be a new file: its name is text and free, its folder is there."""
    try:
        str(path).encode()
    except UnicodeEncodeError:  # SQLite opens files by names that are text
        raise Invalid(N_("The name of a copy must be text in UTF-8."), field="file") from None
    if path.exists():
        raise Invalid(N_("{path} is there already; a copy never overwrites a file."), field="file", path=str(path))
    if not path.parent.is_dir():
        raise Invalid(N_("There is no folder {path}."), field="file", path=str(path.parent))


def unwritable(path: Path, error: OSError) -> StorageTrouble:
    """Return what the system says of a file that cannot be written."""
    detail = os.strerror(error.errno or 0)
    return StorageTrouble(N_("{path} cannot be written: {detail}."), path=str(path), detail=detail)


# Restore


@unguarded
def check_copy(source: Path, target: Path, *, progress: Progress | None = None) -> Candidate:
    """Bring a copy beside the desk, with this program's schema, and check all of it; the desk stays as it is.

    Raises a DeskError with the reason when it cannot take the desk's place.
    """
    if not source.is_file():
        raise NotFound(N_("There is no file {path}."), field="file", path=str(source))
    if source.resolve() == target.resolve():
        raise Invalid(N_("{path} is the desk itself."), field="file", path=str(source))
    part = Path(f"{target}.restoring")
    with ExitStack() as held:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            held.enter_context(copies.turn(target.parent))
            held.callback(discard_file, part)
            held.callback(engine.disconnect)
            discard_file(part)
            copies.copy_file(source, part)
            candidate = _checked(part, target, progress)
        except OSError as error:
            raise unwritable(part, error) from error
        return replace_fields(candidate, held=held.pop_all())


def _checked(part: Path, target: Path, progress: Progress | None) -> Candidate:
    copies.look_into(part)
    engine.connect(str(part))
    steps = tuple(migrate.migrate(copy_first=False))
    verdict = chain.verify(progress=chain.counted(progress))
    if verdict.broken is not None:
        raise Refused(
            N_("The chain of the copy is broken at {table} {key}; nothing was replaced."),
            table=verdict.broken.table,
            key=verdict.broken.key,
        )
    rows = engine.db.execute_sql("select at from audit_entry order by seq desc limit 1").fetchall()
    zone = settings.all_settings()["zone"]
    engine.disconnect()
    copies.forget_consoles(part)
    newest = rows[0][0] if rows else None
    return Candidate(part, target, verdict.entries, verdict.head, newest, steps, target.exists(), zone)


def discard_file(part: Path) -> None:
    """Take away a file that was being made, with what SQLite and a migration keep beside it."""
    for ending in ("", ".lock", *copies.BESIDE):
        Path(f"{part}{ending}").unlink(missing_ok=True)


def discard(candidate: Candidate) -> None:
    """Forget a copy that was checked, and let others restore."""
    candidate.held.close()


@unguarded
def consoles(target: Path | str) -> list[str]:
    """Return the logins with a living console on the desk; a desk that cannot be read has none."""
    try:
        engine.connect(str(target))
        return people.living()
    except (StorageTrouble, *engine.ERRORS):
        return []
    finally:
        engine.disconnect()


@unguarded
def replace(candidate: Candidate) -> Path | None:
    """Put a checked copy in the desk's place; returns where the desk that was there is kept.

    Refused while somebody has a console open on it: what is written there would be lost.
    """
    target = candidate.target
    if not target.exists():
        copies.put_in_place(candidate.part, target, target)
        discard_file(candidate.part)
        return None
    open_here = consoles(target)
    if open_here:
        raise Refused(
            N_("Consoles are open on this desk: {people}. They must be left first."), people=", ".join(open_here)
        )
    kept = copies.free_name(target, datetime.fromtimestamp(clock.now(), zone_named(candidate.zone)))
    copies.put_in_place(candidate.part, target, kept)
    discard_file(candidate.part)
    return kept


# Migrate, verify


@unguarded
def bring_up_to_date(target: str) -> Migrated:
    """Bring the desk at `target` to this program's schema; the file as it was is kept beside it."""
    engine.connect(target)
    have = migrate.current()
    if have == 0:
        migrate.require_current()
    steps = tuple(migrate.migrate())
    path = engine.sqlite_path(target)
    kept = Path(f"{path}.before-{have + 1}") if steps and path is not None else None
    return Migrated(steps, migrate.newest(), kept)


@unguarded
def verify(*, head: str | None = None, since: str | None = None, progress: chain.Progress | None = None) -> Verdict:
    """Recompute the audit chain and every bound row of the open desk; `head` must be part of the chain.

    `since` is the entry to begin with (see `verification.beginning`): what was before is not looked at. Others go on
    working. Without WAL one long look would hold them up, so it is taken only to confirm a fault. Raises Invalid for
    what no head can be, and for a head that is older than what is looked at.
    """
    if head is not None and not verification.is_digest(head):
        raise Invalid(
            N_("“{head}” is no head of a chain: it has 64 hexadecimal digits; 8 of them are enough."),
            field="head",
            head=head,
        )
    wanted = head.lower() if head else None
    first = verification.beginning(since) if since is not None else 1
    if wanted is not None and first > 1:
        verification.require_after(wanted, first)
    if not engine.on_postgres() and engine.journal_mode() != "wal":
        verdict = _verified(wanted, first, progress)
        if verdict.broken is None:
            return verdict
    with engine.snapshot():
        return _verified(wanted, first, progress)


def _verified(head: str | None, first: int, progress: chain.Progress | None) -> Verdict:
    """Verify the chain; where a page of the file cannot be read, that is the first row that does not hold."""
    try:
        return chain.verify(expect_head=head, first=first, progress=progress)
    except engine.ERRORS:
        found = pages.first_unreadable()
        if found is None:
            raise
        broken = Broken(*found, N_("It cannot be read: the file is damaged there. Restore a backup."))
        return Verdict(0, 0, 0, "", broken, first)
