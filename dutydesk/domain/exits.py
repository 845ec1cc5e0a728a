"""How backup programs say how they ended: the exit codes of restic and borg. Source: DOMAIN 5.

A code that nobody wrote down is a failure: a copy that may not be there is not there.
"""

from __future__ import annotations

from dutydesk.domain.limits import Verdict
from dutydesk.domain.words import N_, Named


class Ending(Named):
    """How a backup program ended."""

    OK = "ok", N_("Done")
    WARNING = "warning", N_("Done with warnings")
    INCOMPLETE = "incomplete", N_("Some files could not be read")
    FAILED = "failed", N_("Failed")
    NO_REPOSITORY = "no-repository", N_("There is no repository")
    LOCKED = "locked", N_("The repository is locked")
    WRONG_PASSWORD = "wrong-password", N_("Wrong password of the repository")
    INTERRUPTED = "interrupted", N_("Interrupted")
    SIGNAL = "signal", N_("Stopped by a signal")

    @property
    def verdict(self) -> Verdict:
        """Whether the copy can be trusted: a warning asks to look, everything else but ok is as if there were none."""
        return {Ending.OK: Verdict.OK, Ending.WARNING: Verdict.WARNING, Ending.INCOMPLETE: Verdict.WARNING}.get(
            self, Verdict.CRITICAL
        )


_RESTIC = {
    0: Ending.OK,
    3: Ending.INCOMPLETE,
    10: Ending.NO_REPOSITORY,
    11: Ending.LOCKED,
    12: Ending.WRONG_PASSWORD,
    130: Ending.INTERRUPTED,
}


def restic(code: int) -> Ending:
    """Return how restic ended by its exit code."""
    return _RESTIC.get(code, Ending.FAILED)


def borg(code: int) -> Ending:
    """Return how borg ended: 0 ok, 1 and 100–127 warning, 2 and 3–99 error, 128+N a signal."""
    if code == 0:
        return Ending.OK
    if code == 1 or 100 <= code <= 127:
        return Ending.WARNING
    return Ending.SIGNAL if 128 < code <= 255 else Ending.FAILED
