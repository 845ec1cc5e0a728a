"""Call-outs: somebody is called in, or helps from afar, outside his shift. Source: REQUIREMENTS B8, C11."""

from __future__ import annotations

from dataclasses import dataclass

from dutydesk.domain.errors import Invalid
from dutydesk.domain.words import N_

REASON_LIMIT = 300
LONGEST = 3 * 86400
"""Seconds that a call-out may last."""


@dataclass(frozen=True)
class Called:
    """What is put down: when called, arrived and left (epoch seconds); from afar there is no arrival."""

    called_at: int
    arrived_at: int | None = None
    left_at: int | None = None
    on_site: bool = True

    @property
    def begins_at(self) -> int:
        """Return from when on time counts: from the call."""
        return self.called_at

    def minutes(self) -> int | None:
        """Return the whole minutes from the call to the leaving, None while it lasts."""
        return None if self.left_at is None else (self.left_at - self.called_at) // 60

    def overlaps(self, other: Called, now: int) -> bool:
        """Whether both share time; one that lasts goes on until now."""
        mine, theirs = self.left_at or max(now, self.called_at + 1), other.left_at or max(now, other.called_at + 1)
        return self.called_at < theirs and other.called_at < mine


def check(called: Called, now: int) -> None:
    """Refuse times that cannot be: ahead, or not one after the other."""
    for name, at in (("called_at", called.called_at), ("arrived_at", called.arrived_at), ("left_at", called.left_at)):
        if at is not None and at > now:
            raise Invalid(N_("A call-out tells what has happened; this time lies ahead."), field=name)
    if not called.on_site and called.arrived_at is not None:
        raise Invalid(N_("Who helps from afar does not arrive; leave the arrival empty."), field="arrived_at")
    if called.arrived_at is not None and called.arrived_at < called.called_at:
        raise Invalid(N_("The arrival is before the call."), field="arrived_at")
    if called.left_at is None:
        return
    if called.on_site and called.arrived_at is None:
        raise Invalid(N_("Say as well when the person arrived."), field="arrived_at")
    if called.left_at <= max(called.called_at, called.arrived_at or 0):
        raise Invalid(N_("The end is not after the beginning."), field="left_at")
    if called.left_at - called.called_at > LONGEST:
        raise Invalid(N_("A call-out of more than three days is no call-out; plan a duty."), field="left_at")


def only_completes(before: Called, now: Called) -> bool:
    """Whether only what was still open is filled in: arriving, leaving."""
    same = (before.called_at, before.on_site) == (now.called_at, now.on_site)
    arrived = before.arrived_at in (None, now.arrived_at)
    return same and arrived and before.left_at in (None, now.left_at)
