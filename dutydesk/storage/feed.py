"""The change feed: what other terminals have committed since the last look.

SQLite's `data_version` moves when another connection commits; only then are the new audit entries read. Drafts and
signs of life move it too, add no entry, and so wake nobody.
"""

from __future__ import annotations

from dutydesk.storage.engine import db
from dutydesk.storage.models.audit import AuditEntry

Change = tuple[str, int | None]


class Feed:
    """Watches one connection; use it on the desk thread only."""

    def __init__(self) -> None:
        self._version = self._data_version()
        self._seq = self._head()

    def poll(self) -> frozenset[Change]:
        """Return the (subject, id) pairs changed by anybody since the last look; empty at rest, for 10 µs."""
        version = self._data_version()
        if version == self._version:
            return frozenset()
        self._version = version
        return self.since_last()

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

    @staticmethod
    def _data_version() -> int:
        version: int = db.execute_sql("pragma data_version").fetchall()[0][0]
        return version

    @staticmethod
    def _head() -> int:
        rows = list(AuditEntry.select(AuditEntry.seq).order_by(AuditEntry.seq.desc()).limit(1).tuples())
        return rows[0][0] if rows else 0
