"""The scenario written down through the journal: the rows and audit entries that the services would leave.

Only what happens hundreds of times in a past is here; everything else goes through the services. A test writes the
same days both ways and compares every table.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dutydesk.demo.journal import Journal
from dutydesk.demo.journal_handovers import HandoverPages
from dutydesk.demo.journal_incidents import IncidentPages
from dutydesk.demo.journal_log import LogPages
from dutydesk.demo.journal_rounds import RoundPages
from dutydesk.demo.known import Known, Shift
from dutydesk.demo.writer import inner
from dutydesk.domain import clock
from dutydesk.domain.attendance import judge
from dutydesk.domain.log import LogKind
from dutydesk.domain.words import Label
from dutydesk.services.core import Actor
from dutydesk.storage.models.attendance import Attendance


class ByJournal(HandoverPages, IncidentPages, RoundPages, LogPages):
    """Writes through the journal."""

    def __init__(self, known: Known) -> None:
        self.known = known
        self.journal = Journal()
        self.begin_log()
        self.begin_rounds()

    def sign_in(self, who: Actor, shift_id: int) -> None:
        """Sign in to a shift that the person is planned on."""
        shift = self._shift(shift_id)
        now = clock.now()
        late = judge(self.known.attendance, shift.starts_at, shift.ends_at, now, None, now).late_minutes
        row = self._sign(who, shift, "in", late=late)
        self.journal.record(who, "attendance.signed_in", row, values={"shift": shift.id, "late": late, "extra": False})
        sentence = "{name} signed in, {minutes} minutes late." if late else "{name} signed in."
        self._tell(who, shift, sentence, late)

    def sign_out(self, who: Actor, shift_id: int) -> None:
        """Sign out of the shift one is on; its handover is sealed."""
        shift = self._shift(shift_id)
        now = clock.now()
        early = judge(self.known.attendance, shift.starts_at, shift.ends_at, shift.starts_at, now, now).early_minutes
        row = self._sign(who, shift, "out", early=early)
        values = {"shift": shift.id, "early": early, "before_handover": False, "reason": ""}
        self.journal.record(who, "attendance.signed_out", row, values=values)
        sentence = "{name} signed out, {minutes} minutes early." if early else "{name} signed out."
        self._tell(who, shift, sentence, early)

    def _shift(self, shift_id: int) -> Shift:
        return next(shift for shift in self.known.shifts if shift.id == shift_id)

    def _sign(self, who: Actor, shift: Shift, kind: str, *, late: int = 0, early: int = 0) -> Any:
        return self.journal.create(
            Attendance,
            shift=shift.id,
            person=who.person_id,
            kind=kind,
            at=clock.now(),
            entered_at=clock.now(),
            late_minutes=late,
            early_minutes=early,
            host=who.host,
            terminal=who.terminal,
        )

    def _tell(self, who: Actor, shift: Shift, sentence: str, minutes: int) -> None:
        values: dict[str, object] = {"name": Label(who.name, who.name_en)}
        if minutes:
            values["minutes"] = minutes
        self.add_line(who, LogKind.ATTENDANCE, sentence, values, shift_id=shift.id)

    def other(self, use_case: Callable[..., Any], who: Actor, *args: Any, **kwargs: Any) -> Any:
        """Call any other use case through its service."""
        self.settle()
        answer = inner(use_case)(who, *args, **kwargs)
        self.journal.resume()
        self.begin_log()
        return answer

    def settle(self) -> None:
        """Store what waits."""
        self.journal.forget()
