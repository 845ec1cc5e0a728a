"""How writers of a desk's file take turns.

SQLite's own waiting looks again ever more rarely, up to ten times a second, so that whoever comes last is served first
and somebody who has waited for a second waits on: under twenty writers some gave up after five seconds while others had
written a hundred times. Here, whoever has waited longer looks more often.
"""

from __future__ import annotations

import time
from typing import Any

import peewee

FIRST_LOOK = 0.016
"""Seconds until a writer that finds the desk taken looks again; each further look comes sooner."""
SOONER = 0.8
LAST_LOOK = 0.0015
"""The shortest time between two looks, in seconds."""


class File(peewee.SqliteDatabase):
    """A desk's file; those who want to write wait their turn in `begin`, as long as its `busy_timeout` says."""

    def begin(self, lock_type: Any = None) -> None:
        """Begin a transaction of a writer. Raises peewee.OperationalError when the desk stays taken for too long."""
        connection = self.connection()
        patience = connection.execute("pragma busy_timeout").fetchone()[0]
        connection.execute("pragma busy_timeout = 0")
        try:
            self._begin_within(patience / 1000, lock_type)
        finally:
            connection.execute(f"pragma busy_timeout = {patience}")

    def _begin_within(self, seconds: float, lock_type: Any) -> None:
        end, pause = time.monotonic() + seconds, FIRST_LOOK
        while True:
            try:
                super().begin(lock_type)
                return
            except peewee.OperationalError as error:
                left = end - time.monotonic()
                if "locked" not in str(error) or left <= 0:
                    raise
            time.sleep(min(left, pause * (0.5 + time.monotonic_ns() % 1000 / 1000)))
            pause = max(LAST_LOOK, pause * SOONER)
