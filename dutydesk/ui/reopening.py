"""What the desk thread does when the desk it had opened is no longer there: keep it, let go, open what is there now."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from dutydesk.domain.errors import DeskError, DeskReplaced, StorageTrouble
from dutydesk.domain.words import N_

if TYPE_CHECKING:
    from dutydesk.services.core import Actor
    from dutydesk.services.reopening import Reopened

Stamp = tuple[int, int, int]
"""What a file looks like from outside: inode, time and size."""


class Reopening:
    """One desk that was replaced, from the moment that was noticed until another one is open.

    `error` is what every question is answered with meanwhile. Used on the desk thread only.
    """

    def __init__(self, target: str, error: DeskError) -> None:
        from dutydesk.storage import engine, opened

        self.target = target
        self.error = error
        self.kept: Path | None = None
        self._path = engine.sqlite_path(target)
        self._head = opened.seen().head
        self._let_go = False
        self._last: Stamp | None = None
        self._refused: Stamp | None = None

    def attempt(self, who: Actor | None) -> Reopened | None:
        """Go one step further; returns what is open then. Call it again after a moment while it returns None."""
        if not self._let_go and not self._keep():
            return None
        if self._path is not None and not self._at_rest():
            return None
        from dutydesk.services import reopening

        try:
            return replace(reopening.reopen(self.target, who, self._head), kept=self.kept)
        except DeskError as error:
            self._refused = self._last
            self.error = StorageTrouble(
                N_("The desk's file was replaced, and what stands there now cannot be opened: {reason}"), reason=error
            )
        return None

    def _keep(self) -> bool:
        """Keep the old desk; while that fails, for want of room perhaps, the connection is not given up."""
        from dutydesk.services import reopening

        try:
            self.kept = reopening.keep()
        except (DeskError, OSError) as error:
            reason = error if isinstance(error, DeskError) else (error.strerror or str(error))
            self.error = StorageTrouble(
                N_("The desk's file was replaced, and what it held cannot be kept: {reason}"), reason=reason
            )
            return False
        self._let_go = True
        return True

    def _at_rest(self) -> bool:
        """Whether a file stands there that nobody has touched since the last look, nor refused as it is."""
        assert self._path is not None
        try:
            found = self._path.stat()
        except OSError:
            from dutydesk.storage.opened import GONE

            self.error, self._last = DeskReplaced(GONE), None
            return False
        stamp = (found.st_ino, found.st_mtime_ns, found.st_size)
        rests, self._last = stamp == self._last, stamp
        return rests and stamp != self._refused
