"""A desk from one database into another: from a file to a server and back, and a server's desk into a file as backup.

Source: DESIGN 2, 5.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from dutydesk.domain.errors import Invalid, Refused
from dutydesk.domain.words import N_
from dutydesk.services import operations
from dutydesk.services.core import unguarded
from dutydesk.services.operations import Copied
from dutydesk.storage import backup as copies
from dutydesk.storage import engine, migrate, transfer
from dutydesk.storage.backup import Inside
from dutydesk.storage.transfer import Moved, bring

Progress = Callable[[str, int], None]


@unguarded
def copy_desk(source: str, target: str, *, progress: Progress | None = None) -> Moved:
    """Bring the whole desk at `source` into the empty database or the new file at `target`; both stay.

    Refused while consoles are open on the source: what is written there afterwards would not be in the copy. Raises
    StorageTrouble when the target holds something already or the chain does not hold; then nothing is left of the copy.
    """
    if _place(source) == _place(target):
        raise Invalid(N_("A desk is not copied onto itself."), field="to")
    open_here = operations.consoles(source)
    if open_here:
        raise Refused(
            N_("Consoles are open on this desk: {people}. They must be left first."), people=", ".join(open_here)
        )
    path = engine.sqlite_path(target)
    return bring(source, target, progress=progress) if path is None else into_file(source, path, progress=progress)


@unguarded
def require_empty(target: str) -> None:
    """Raise StorageTrouble unless the database at an address can be reached and is empty."""
    transfer.require_empty(target)
    engine.disconnect()


def _place(target: str) -> str:
    path = engine.sqlite_path(target)
    return str(path.resolve()) if path is not None else target


@unguarded
def into_file(source: str, path: Path, *, progress: Progress | None = None) -> Moved:
    """Write the desk at `source`, as it is at this instant, into a new file; people may go on working meanwhile.

    The file appears under its name only when it is whole and its chain holds.
    """
    operations.require_free(path)
    try:
        with copies.whole(path) as part:
            moved = bring(source, str(part), progress=progress)
            copies.settle(part)
    except OSError as error:
        raise operations.unwritable(path, error) from error
    finally:
        operations.discard_file(Path(f"{path}.part"))
    return moved


@unguarded
def backup(source: str, path: Path, *, progress: Progress | None = None) -> Copied:
    """Write the desk on a server into a new file, as `operations.backup` does with a file; none is open afterwards."""
    moved = into_file(source, path, progress=progress)
    inside = Inside(path.stat().st_size, migrate.newest(), moved.seq, moved.head)
    return Copied(path, inside, rows=moved.rows)
