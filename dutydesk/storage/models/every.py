"""Every table, for who needs them all: the chain, the guards, the schema. Importing this imports all subjects."""

from __future__ import annotations

from dutydesk.storage.models.allowance import AllowanceMonth, RateTable
from dutydesk.storage.models.attendance import Attendance, CallOut, CorrectionRequest
from dutydesk.storage.models.audit import AuditBinding, AuditEntry
from dutydesk.storage.models.backups import BackupCheck, BackupJob, RestoreTest
from dutydesk.storage.models.base import Row
from dutydesk.storage.models.delivery import Channel, Delivery
from dutydesk.storage.models.desk import CalendarDay, Draft, Policy, SearchDoc, Setting
from dutydesk.storage.models.handover import Handover, HandoverAnswer, HandoverItem, HandoverSheet, Thing
from dutydesk.storage.models.incidents import Dispatch, Incident, IncidentEvent
from dutydesk.storage.models.leave import Leave, LeaveCover, Swap
from dutydesk.storage.models.log import LogEntry
from dutydesk.storage.models.measures import Measure
from dutydesk.storage.models.people import Person, PinTry, Preference, Presence
from dutydesk.storage.models.roster import Notice, RosterChange, RosterVersion
from dutydesk.storage.models.rounds import CheckItem, Checklist, Equipment, Room, Round, RoundAnswer, RoundPlan
from dutydesk.storage.models.shift import Assignment, DutyShift

TABLES: tuple[type[Row], ...] = (
    AuditEntry,
    AuditBinding,
    Setting,
    Policy,
    CalendarDay,
    Draft,
    SearchDoc,
    Person,
    PinTry,
    Preference,
    Presence,
    DutyShift,
    Assignment,
    Attendance,
    LogEntry,
    Room,
    Equipment,
    Checklist,
    CheckItem,
    RoundPlan,
    Round,
    RoundAnswer,
    BackupJob,
    BackupCheck,
    RestoreTest,
    Incident,
    IncidentEvent,
    Dispatch,
    Measure,
    Thing,
    Handover,
    HandoverItem,
    HandoverAnswer,
    HandoverSheet,
    RosterVersion,
    RosterChange,
    Notice,
    Leave,
    LeaveCover,
    Swap,
    CorrectionRequest,
    CallOut,
    RateTable,
    AllowanceMonth,
    Channel,
    Delivery,
)
BOUND: tuple[type[Row], ...] = tuple(table for table in TABLES if table.bound)
APPEND_ONLY: tuple[type[Row], ...] = tuple(table for table in TABLES if table.append_only)
