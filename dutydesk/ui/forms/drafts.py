"""Drafts: what is typed is on disk within a second, in order, the last state only."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from dutydesk.domain import clock
from dutydesk.domain.errors import ConnectionLost, DeskError
from dutydesk.services import drafts
from dutydesk.ui.forms.spare import Spare

if TYPE_CHECKING:
    from dutydesk.ui.desk import Desk

QUIET_SECONDS = 0.3
"""Without a key for this long, the draft is written."""
LATEST_SECONDS = 0.7
"""While somebody types on and on, it is written this often."""
AGAIN_SECONDS = 5.0
"""After trouble, it is tried again this often."""
SPARE_SECONDS = 0.5
"""A draft that a server has not taken for this long is kept on this machine meanwhile."""
HANDED = 20
"""States of a draft that may be on their way to the desk at once."""


class DraftKeeper:
    """Keeps one form's draft through the desk thread.

    `read` returns the draft as it stands, empty when there is nothing to keep. `said` hears the trouble when it could
    not be kept, and None when it is kept again. With `apart`, what the same person types into the same form at another
    console is a draft of its own; `key` follows the one that is kept here. Source: REQUIREMENTS D4.
    """

    def __init__(
        self,
        desk: Desk,
        key: str,
        read: Callable[[], dict[str, Any]],
        said: Callable[[DeskError | None], None],
        *,
        apart: bool = False,
    ) -> None:
        self._apart = apart
        self._mine: list[dict[str, Any]] = []
        self.desk = desk
        self.key = key
        self.read = read
        self.said = said
        self.stored = False
        self._spare = Spare(desk.target, desk.who.login, key) if desk.far and desk.who else None
        self._spared = False
        self._spare_data: dict[str, Any] = {}
        self._waited: asyncio.TimerHandle | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._since: float | None = None
        self._writing = False
        self._troubled = False
        self._closed = False

    async def find(self, mine: Callable[[dict[str, Any]], bool] | None = None) -> drafts.Draft | None:
        """Return the draft that is kept, if any: in the database, or a newer one on this machine.

        One that `mine` disowns is none: another console goes on with it.
        """
        here = self._spare.find() if self._spare else None
        try:
            found = await self.desk.ask(drafts.find, self.key)
        except ConnectionLost:
            if here is None:
                raise
            found = None
        if here is not None:
            self._spared = True
            found = here if found is None or here.updated_at >= found.updated_at else found
        if found is not None and mine is not None and not mine(found.data):
            found = None
        self.stored = found is not None
        if found is not None and self._apart and found is not here:
            self.key, self._mine = found.form, [found.data]
        return found

    def touch(self) -> None:
        """Note that something was typed."""
        if self._closed:
            return
        now = asyncio.get_running_loop().time()
        if self._since is None:
            self._since = now
        self._in(max(0.0, min(QUIET_SECONDS, self._since + LATEST_SECONDS - now)))

    def flush(self) -> None:
        """Hand what is not written yet to the desk thread now."""
        if self._since is not None and not self._closed:
            self._write()

    async def drop(self) -> None:
        """Forget the draft, and what was still to be written."""
        self._stop()
        self._forget_spare()
        while self._apart and self._writing:  # only then is it known under which key it is kept
            await asyncio.sleep(0.01)
        if self.stored:
            await self.desk.ask(drafts.drop, self.key)
            self.stored, self._mine = False, []

    def close(self) -> None:
        """Write what is open and take no more."""
        self.flush()
        self._stop()
        self._closed = True

    @property
    def pending(self) -> bool:
        """Whether something typed is not on its way to the disk yet."""
        return self._since is not None

    def _in(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, self._due)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._since = None

    def _due(self) -> None:
        if self._writing:
            self._spare_meanwhile()
            self._in(0.05)
        else:
            self._write()

    def _write(self) -> None:
        self._stop()
        data = self.read()
        if not data and not self.stored:
            return
        self._writing = True
        if data:
            self.stored = True
            self._spare_soon(data)
            self._hand_in(data)
        else:
            self.stored = False
            self.desk.run(drafts.drop, self.key, done=self._kept, failed=self._failed)

    def _hand_in(self, data: dict[str, Any]) -> None:
        if not self._apart:
            self.desk.run(drafts.keep, self.key, data, done=self._kept, failed=self._failed)
            return

        def kept(key: str) -> None:
            self.key = key
            self._kept(key)

        self.desk.run(drafts.keep_apart, self.key, data, tuple(self._mine), done=kept, failed=self._failed)
        self._mine = [*self._mine, data][-HANDED:]

    def _spare_soon(self, data: dict[str, Any]) -> None:
        """Keep it on this machine if the server takes its time; at once when it is known to be away."""
        if self._spare is None:
            return
        at = clock.now()
        if self.desk.online:
            self._waited = asyncio.get_running_loop().call_later(SPARE_SECONDS, self._keep_spare, data, at)
        else:
            self._keep_spare(data, at)

    def _spare_meanwhile(self) -> None:
        """Keep what was typed since, while an earlier state still waits for the server."""
        if self._spare is not None and not self.desk.online:
            self._keep_spare(self.read(), clock.now())

    def _keep_spare(self, data: dict[str, Any], at: int) -> None:
        self._waited = None
        if self._spare is None or (self._spared and data == self._spare_data):
            return
        try:
            self._spare.keep(data, at)
            self._spared, self._spare_data = True, data
        except OSError:
            self._spared = False

    def _forget_spare(self) -> None:
        if self._waited is not None:
            self._waited.cancel()
            self._waited = None
        if self._spared and self._spare is not None:
            self._spare.drop()
            self._spared = False

    def _kept(self, _answer: object) -> None:
        self._writing = False
        if not self.pending:
            self._forget_spare()
        if self._troubled:
            self._troubled = False
            self.said(None)

    def _failed(self, error: DeskError) -> None:
        self._writing = False
        self._troubled = True
        if self.stored and not self._closed:
            self._since = asyncio.get_running_loop().time()
            self._in(AGAIN_SECONDS)
            if not (isinstance(error, ConnectionLost) and self._spared):
                self.said(error)
