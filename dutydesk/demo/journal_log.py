"""Log lines for the journal. See `by_journal`."""

from __future__ import annotations

from collections.abc import Mapping

from dutydesk.demo.journal import Journal, Kept
from dutydesk.demo.known import Known, Shift
from dutydesk.domain import clock
from dutydesk.domain.log import LogKind, is_late, plain
from dutydesk.locale.lines import render
from dutydesk.services.core import Actor
from dutydesk.storage import dated_search
from dutydesk.storage.chain import canonical
from dutydesk.storage.models.handover import Handover
from dutydesk.storage.models.log import LogEntry


class LogPages:
    """Lines that people and the program write; which shift is to be handed over next decides which come late."""

    known: Known
    journal: Journal
    duty: Shift
    cut_off: int | None = None

    def begin_log(self) -> None:
        """Find out which shift is to be handed over next."""
        sealed = {key for (key,) in Handover.select(Handover.from_shift).where(Handover.status == "sealed").tuples()}
        self.duty = next(shift for shift in self.known.shifts if shift.id not in sealed)
        frozen = Handover.get_or_none(Handover.from_shift == self.duty.id)
        self.cut_off = frozen.cut_off if frozen is not None and frozen.status in ("prepared", "read") else None

    def log(self, who: Actor, text: str, kind: LogKind) -> None:
        """Write a line about now."""
        now = clock.now()
        late = is_late(now, open_from=self.duty.starts_at, cut_off=self.cut_off)
        shift = self.known.shift_at(now)
        row = self.journal.create(
            LogEntry,
            shift=shift.id if shift else None,
            person=who.person_id,
            kind=kind.value,
            text=text,
            event_at=now,
            entered_at=now,
            late=late,
        )
        self.journal.record(who, "log.written", row, values={"kind": kind.value, "event_at": now, "late": late})
        self._index_line(row, text)

    def add_line(
        self,
        who: Actor,
        kind: LogKind,
        message: str,
        values: Mapping[str, object],
        *,
        incident_id: int | None = None,
        event_at: int | None = None,
        shift_id: int | None = None,
    ) -> None:
        """Add a line of the program."""
        now = clock.now()
        at = now if event_at is None else event_at
        wire = plain(values)
        shift = None if shift_id else self._shift_for(at, now)
        text = render(message, wire, lang=self.known.lang, base=at)
        row = self.journal.create(
            LogEntry,
            shift=shift_id or (shift.id if shift else None),
            person=who.person_id or None,
            kind=kind.value,
            text=text,
            message=message,
            message_values=canonical(wire),
            event_at=at,
            entered_at=now,
            incident_id=incident_id,
        )
        self.journal.record(who, "log.added", row, values={"kind": kind.value, "event_at": at})
        every = (text, render(message, wire, lang="en", base=at), render(message, wire, lang="zh", base=at))
        self._index_line(row, " ".join(dict.fromkeys(every)))

    def _shift_for(self, at: int, now: int) -> Shift | None:
        current = self.known.shift_at(now)
        return current if current and current.starts_at <= at < current.ends_at else self.known.shift_at(at)

    def _index_line(self, row: Kept, text: str) -> None:
        marks = [f"kind{row['kind']}", *([f"person{row['person']}"] if row["person"] else [])]
        self.journal.index("log", row.id, dated_search.dated("log", text, at=row["event_at"], marks=marks))
