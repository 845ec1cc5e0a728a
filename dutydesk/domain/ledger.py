"""Who was on when, while a plan grows: who is free, who is rested, who has reached a cap."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from dutydesk.domain.fatigue import Found, Trail, trails_of
from dutydesk.domain.planned import Away, Reason, Worked
from dutydesk.domain.rules import Rest


class Ledger:
    """The duties of each person so far, in order of time."""

    def __init__(self, rest: Rest, zone: ZoneInfo, away: Iterable[Away] = ()) -> None:
        self.rest = rest
        self.zone = zone
        self.away: dict[str, list[Away]] = defaultdict(list)
        for leave in away:
            self.away[leave.login].append(leave)
        self.trails: dict[str, Trail] = defaultdict(Trail)

    def restart(self, worked: Iterable[Worked] = ()) -> None:
        """Forget what was counted and count `worked` instead."""
        self.trails = trails_of(worked)

    def end_by(self, instant: int) -> None:
        """Let no duty so far reach beyond `instant` (epoch seconds), where a plan is cut."""
        for trail in self.trails.values():
            if trail.until is not None and trail.until > instant:
                trail.until = instant

    def add(self, duty: Worked) -> None:
        """Count one duty."""
        self.trails[duty.login].add(duty)

    def hard(self, login: str, starts_at: int, ends_at: int) -> Reason | None:
        """Return why the person cannot be there at all: on leave, or on another duty at that time."""
        if (leaves := self.away.get(login)) and any(
            leave.starts_at < ends_at and starts_at < leave.ends_at for leave in leaves
        ):
            return Reason.AWAY
        until = self.trails[login].until
        if until is not None and until > starts_at:
            return Reason.BUSY
        return None

    def rested(self, login: str, starts_at: int) -> bool:
        """Whether the rest since the last duty is long enough."""
        return self.trails[login].rested(self.rest, starts_at)

    def warnings(self, duty: Worked, cap: int | None) -> list[Found]:
        """Return what a duty that is about to be added breaks, with the numbers."""
        return self.trails[duty.login].warnings(duty, self.rest, self.zone, cap)
