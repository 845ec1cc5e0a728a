"""The change feed: what other terminals have committed since the last look.

SQLite's `data_version` moves when another connection commits; PostgreSQL notifies a connection that listens. Only then
are the new audit entries read. Drafts and signs of life add no entry, and so wake nobody.
"""

from __future__ import annotations

import time

from dutydesk.storage import engine
from dutydesk.storage.engine import db
from dutydesk.storage.models.audit import AuditEntry

Change = tuple[str, int | None]


UNHEARD_SECONDS = 10
"""How long a notification may stay away (a pooler drops them) before the chain is looked at all the same."""


class Feed:
    """Watches one connection; use it on the desk thread only."""

    def __init__(self, since: int | None = None) -> None:
        """Begin at the entry `since`, or at the newest there is."""
        self._listening: object = None
        self._looked_at = 0.0
        self._version = 0
        self._moved()
        self._seq = self._head() if since is None else since

    def poll(self) -> frozenset[Change]:
        """Return the (subject, id) pairs changed by anybody since the last look; empty at rest, for 10 µs."""
        return self.since_last() if self._moved() else frozenset()

    def since_last(self) -> frozenset[Change]:
        """Return what the chain has gained since the last look, own writes included."""
        rows = list(
            AuditEntry.select(AuditEntry.seq, AuditEntry.subject, AuditEntry.subject_id)
            .where(AuditEntry.seq > self._seq)
            .order_by(AuditEntry.seq)
            .tuples()
        )
        if rows:
            self._seq = rows[-1][0]
        return frozenset((subject, key) for _, subject, key in rows)

    def _moved(self) -> bool:
        """Whether another connection may have committed since the last call."""
        if engine.on_postgres():
            return self._notified()
        version = self._data_version()
        moved, self._version = version != self._version, version
        return moved

    def _notified(self) -> bool:
        """Listen on the connection there is; one that was opened anew may have missed news."""
        now = time.monotonic()
        connection = db.connection()
        if connection is not self._listening:
            db.listen()
            self._listening, self._looked_at = connection, now
            return True
        heard = db.heard()
        if heard or now - self._looked_at >= UNHEARD_SECONDS:
            self._looked_at = now
            return True
        return False

    @staticmethod
    def _data_version() -> int:
        version: int = db.execute_sql("pragma data_version").fetchall()[0][0]
        return version

    @staticmethod
    def _head() -> int:
        rows = list(AuditEntry.select(AuditEntry.seq).order_by(AuditEntry.seq.desc()).limit(1).tuples())
        return rows[0][0] if rows else 0
