"""Backup copies: when each was made, how large it was, and the nights on which one failed."""

from __future__ import annotations

from dutydesk.demo.known import Job
from dutydesk.demo.world import DAY, HOUR, MINUTE, World
from dutydesk.demo.writer import Given
from dutydesk.domain.backups import Copy
from dutydesk.domain.rounds import Found

GB, MB, TB = 10**9, 10**6, 10**12
_JOBS = {
    "his-db": (412 * GB, 0.0011, 0.004, 47),
    "his-wal": (6 * GB, 0.0, 0.16, 6),
    "pacs": (18.4 * TB, 0.0024, 0.001, 112),
    "files": (2.6 * TB, 0.0007, 0.003, 84),
    "vm": (3.1 * TB, 0.0005, 0.01, 176),
    "netconf": (48 * MB, 0.0002, 0.02, 3),
}
"""First size in bytes, growth a day, scatter, minutes that a run takes."""
FAILED_BEFORE = 11
"""Days before now when the file server's backup failed."""
JUMP_BEFORE = 27
"""Days before now when an archive came in and the image store grew at once."""
JUMP = 1.24
UNVERIFIED = 0.012


class Copies:
    """What the evening's backups left behind."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.failed_at = world.now - FAILED_BEFORE * DAY
        self.jump_at = world.now - JUMP_BEFORE * DAY

    def given(self, item_id: int, job: Job, at: int, notes: dict[str, str]) -> Given:
        """Return the answer of a check at an instant; `notes` by what is wrong with a copy."""
        made = self._made(job, at)
        if job.code == "files" and 0 <= self.failed_at - made < DAY:
            if at - made < 7 * HOUR:
                return Given(item_id, Found.ABNORMAL, note=notes["failed"])
            made += 7 * HOUR
        verified = self.world.rng("verified", job.code, made).random() >= UNVERIFIED
        copy = Copy(made, self._size(job.code, made), verified)
        return Given(item_id, copy=copy, note=None if verified else notes["unverified"])

    def _made(self, job: Job, at: int) -> int:
        minutes = _JOBS[job.code][3]
        expected = job.schedule.last(at, self.world.known.zone)
        if expected is not None and expected + minutes * MINUTE > at:
            expected = job.schedule.last(expected - 1, self.world.known.zone)
        if expected is None:
            raise AssertionError(f"{job.code} has no schedule")
        scatter = self.world.rng("run", job.code, expected).randint(-4, 9)
        return min(at, expected + max(1, minutes + scatter) * MINUTE)

    def _size(self, code: str, made: int) -> int:
        first, growth, scatter, _minutes = _JOBS[code]
        days = (made - self.world.begin) / DAY
        size = first * (1 + growth * days) * (1 + self.world.rng("size", code, made).gauss(0, scatter) / 2)
        if code == "pacs" and made >= self.jump_at:
            size *= JUMP
        return int(size)
