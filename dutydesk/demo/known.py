"""What does not change while a past is written: shifts, check points, backup jobs, the rules in force."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from dutydesk.domain.backups import Schedule, parse_schedule
from dutydesk.domain.rounds import CheckPoint
from dutydesk.domain.words import Label
from dutydesk.services import incident_rules, planning, settings
from dutydesk.services.round_rows import point_of
from dutydesk.services.shift_views import facts
from dutydesk.storage.models.backups import BackupJob
from dutydesk.storage.models.people import Person
from dutydesk.storage.models.rounds import CheckItem, Checklist, Equipment
from dutydesk.storage.models.shift import Assignment, DutyShift


@dataclass(frozen=True)
class Shift:
    """A planned shift with the login of who is planned on it; instants are epoch seconds."""

    id: int
    day: str
    kind: str
    starts_at: int
    ends_at: int
    login: str


@dataclass(frozen=True)
class Job:
    """A backup job."""

    id: int
    code: str
    name: Label
    rpo_hours: int
    schedule: Schedule


@dataclass(frozen=True)
class Sheet:
    """A checklist with its items in walking order; limits are kept as they are written."""

    id: int
    code: str
    kind: str
    name: Label
    points: tuple[CheckPoint, ...]
    limits: dict[int, tuple[str, str]]


class Known:
    """The desk as it was made."""

    def __init__(self) -> None:
        chosen = settings.all_settings()
        self.lang = chosen["lang"]
        self.calendar = planning.working_calendar(chosen["calendar"])
        self.attendance = facts().attendance
        self.rules = incident_rules.current()
        self.zone = self.rules.zone
        self.people = {row.login: row for row in Person.select()}
        self.equipment = dict(Equipment.select(Equipment.code, Equipment.id).tuples())
        self.shifts = _shifts()
        self._starts = [shift.starts_at for shift in self.shifts]
        self.sheets = {sheet.id: sheet for sheet in map(_sheet, Checklist.select().order_by(Checklist.id))}
        self.jobs = {
            row.code: Job(row.id, row.code, Label(row.name, row.name_en), row.rpo_hours, parse_schedule(row.schedule))
            for row in BackupJob.select().order_by(BackupJob.id)
        }

    def shift_at(self, instant: int) -> Shift | None:
        """Return the shift that runs at `instant`."""
        place = bisect_right(self._starts, instant) - 1
        return self.shifts[place] if place >= 0 and self.shifts[place].ends_at > instant else None

    def after(self, shift: Shift) -> Shift:
        """Return the shift after this one."""
        return self.shifts[self.shifts.index(shift) + 1]


def _shifts() -> list[Shift]:
    rows = (
        DutyShift.select(
            DutyShift.id, DutyShift.day, DutyShift.kind, DutyShift.starts_at, DutyShift.ends_at, Person.login
        )
        .join(Assignment)
        .join(Person)
        .order_by(DutyShift.starts_at)
        .tuples()
    )
    return [Shift(*row) for row in rows]


def _sheet(checklist: Checklist) -> Sheet:
    items = list(
        CheckItem.select()
        .where((CheckItem.checklist == checklist.id) & CheckItem.active)
        .order_by(CheckItem.ordinal, CheckItem.id)
    )
    return Sheet(
        checklist.id,
        checklist.code,
        checklist.kind,
        Label(checklist.name, checklist.name_en),
        tuple(point_of(item) for item in items),
        {item.id: (item.warning, item.critical) for item in items},
    )
