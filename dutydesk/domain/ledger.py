"""Who was on when, while a plan grows: month counts, rest, and runs of nights and days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

from dutydesk.domain.planned import Away, Flag, Note, Reason, Worked
from dutydesk.domain.rules import Rest
from dutydesk.domain.words import N_

HOUR = 3600


class Ledger:
    """The duties of each person so far, in order of time."""

    def __init__(self, rest: Rest, away: Iterable[Away] = (), worked: Iterable[Worked] = ()) -> None:
        self.rest = rest
        self.away: dict[str, list[Away]] = defaultdict(list)
        for leave in away:
            self.away[leave.login].append(leave)
        self.months: dict[tuple[str, int, int], int] = defaultdict(int)
        self.total: dict[str, int] = defaultdict(int)
        self.until: dict[str, int] = {}
        self.runs: dict[tuple[str, str], tuple[date, int]] = {}
        for duty in sorted(worked, key=lambda duty: (duty.starts_at, duty.login)):
            self.add(duty)

    def add(self, duty: Worked) -> None:
        """Count one duty."""
        self.months[duty.login, duty.day.year, duty.day.month] += 1
        self.total[duty.login] += 1
        self.until[duty.login] = max(duty.ends_at, self.until.get(duty.login, duty.ends_at))
        self._extend("day", duty)
        if duty.night:
            self._extend("night", duty)

    def _extend(self, what: str, duty: Worked) -> None:
        self.runs[what, duty.login] = (duty.day, self._run_with(what, duty.login, duty.day))

    def _run_with(self, what: str, login: str, day: date) -> int:
        """Return how long the run of days or nights would be with a duty on `day`."""
        last, length = self.runs.get((what, login), (day - timedelta(days=2), 0))
        if last == day:
            return length
        return length + 1 if last == day - timedelta(days=1) else 1

    def month_count(self, login: str, day: date) -> int:
        """Return the duties in the calendar month of `day`."""
        return self.months.get((login, day.year, day.month), 0)

    def hard(self, login: str, starts_at: int, ends_at: int) -> Reason | None:
        """Return why the person cannot be there at all: on leave, or on another duty at that time."""
        if any(leave.starts_at < ends_at and starts_at < leave.ends_at for leave in self.away.get(login, ())):
            return Reason.AWAY
        return Reason.BUSY if self.until.get(login, starts_at) > starts_at else None

    def rested(self, login: str, starts_at: int) -> bool:
        """Whether the rest since the last duty is long enough."""
        if self.rest.hours_between is None or login not in self.until:
            return True
        return starts_at - self.until[login] >= self.rest.hours_between * HOUR

    def warnings(self, duty: Worked) -> list[tuple[Flag, Note]]:
        """Return what a duty that is about to be added would break, with the numbers. Source: DOMAIN 3."""
        rest, found = self.rest, []
        if not self.rested(duty.login, duty.starts_at):
            hours = (duty.starts_at - self.until[duty.login]) // HOUR
            note = Note(
                N_("Only {hours} h of rest; the policy wants {least} h."),
                {"hours": hours, "least": rest.hours_between},
            )
            found.append((Flag.SHORT_REST, note))
        length = (duty.ends_at - duty.starts_at) / HOUR
        if rest.hours_a_shift is not None and length > rest.hours_a_shift + 1:
            note = Note(
                N_("{hours} h in one duty; the policy allows {most} h."),
                {"hours": round(length), "most": rest.hours_a_shift},
            )
            found.append((Flag.LONG_SHIFT, note))
        nights = self._run_with("night", duty.login, duty.day) if duty.night else 0
        if rest.nights_in_a_row is not None and nights > rest.nights_in_a_row:
            note = Note(
                N_("Night {count} in a row; the policy allows {most}."), {"count": nights, "most": rest.nights_in_a_row}
            )
            found.append((Flag.NIGHTS, note))
        days = self._run_with("day", duty.login, duty.day)
        if rest.days_in_a_row is not None and days > rest.days_in_a_row:
            note = Note(
                N_("Day {count} in a row; the policy allows {most}."), {"count": days, "most": rest.days_in_a_row}
            )
            found.append((Flag.DAYS, note))
        return found
