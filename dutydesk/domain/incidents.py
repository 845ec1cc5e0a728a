"""Incidents: kinds, sources, categories, the steps from open to closed, and how fast the desk is.

Source: REQUIREMENTS A3-A5, A7, B3-B5, C4; DOMAIN 6.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import mean

from dutydesk.domain.errors import Refused
from dutydesk.domain.priority import Priority
from dutydesk.domain.words import N_, Named


class Kind(Named):
    """What the incident is."""

    FAULT = "fault", N_("Fault")
    REQUEST = "request", N_("Request")
    SECURITY = "security", N_("Security event")
    PROJECT = "project", N_("Project support")


class Source(Named):
    """Where the desk knows it from."""

    STAFF = "staff", N_("Staff")
    EXTERNAL = "external", N_("External user")
    MONITOR = "monitor", N_("Monitoring")
    ROUND = "round", N_("Round")


class Category(Named):
    """What it is about, for the statistics."""

    NETWORK = "network", N_("Network")
    SERVER = "server", N_("Servers and virtual machines")
    STORAGE = "storage", N_("Storage and backup")
    DATABASE = "database", N_("Databases")
    APPLICATION = "application", N_("Applications")
    TERMINAL = "terminal", N_("Computers and printers")
    FACILITY = "facility", N_("Power, cooling, room")
    ACCOUNT = "account", N_("Accounts and rights")
    SECURITY = "security", N_("Information security")
    OTHER = "other", N_("Something else")


class Status(Named):
    """Where an incident stands."""

    OPEN = "open", N_("open")
    ACKNOWLEDGED = "acknowledged", N_("acknowledged")
    IN_PROGRESS = "progress", N_("in progress")
    RESOLVED = "resolved", N_("resolved")
    CLOSED = "closed", N_("closed")
    MERGED = "merged", N_("merged")


class Mode(Named):
    """How somebody works on it. Source: REQUIREMENTS C4."""

    REMOTE = "remote", N_("Remote")
    PHONE = "phone", N_("By phone")
    ON_SITE = "onsite", N_("On site")


class Happened(Named):
    """What one entry of the timeline says."""

    OPENED = "opened", N_("Opened")
    ACKNOWLEDGED = "acknowledged", N_("Acknowledged")
    STARTED = "started", N_("Work started")
    NOTE = "note", N_("Note")
    DISPATCHED = "dispatched", N_("Sent")
    ARRIVED = "arrived", N_("Arrived")
    DONE = "done", N_("Task done")
    PRIORITY = "priority", N_("Priority changed")
    OWNER = "owner", N_("Owner changed")
    NEXT_STEP = "next_step", N_("Next step")
    FOLLOW_UP = "follow_up", N_("Follow-up")
    CLASSIFIED = "classified", N_("Classified")
    REPORTED = "reported", N_("Report made")
    EDITED = "edited", N_("Facts changed")
    RESOLVED = "resolved", N_("Resolved")
    CLOSED = "closed", N_("Incident closed")
    REOPENED = "reopened", N_("Reopened")
    MERGED = "merged", N_("Merged")
    ABSORBED = "absorbed", N_("Took over another")


class Step(Named):
    """What somebody does with an incident."""

    ACKNOWLEDGE = "acknowledge", N_("Acknowledge")
    START = "start", N_("Start work")
    NOTE = "note", N_("Note")
    DISPATCH = "dispatch", N_("Send")
    ARRIVE = "arrive", N_("Arrived, done")
    PRIORITY = "priority", N_("Priority")
    ASSIGN = "assign", N_("Owner, next step")
    CLASSIFY = "classify", N_("Classify")
    REPORT = "report", N_("Report made")
    EDIT = "edit", N_("Correct")
    RESOLVE = "resolve", N_("Resolve")
    CLOSE = "close", N_("Close")
    REOPEN = "reopen", N_("Reopen")
    MERGE = "merge", N_("Merge")


class Report(Named):
    """Which report of a security event was made to the office in charge."""

    FIRST = "first", N_("First report")
    CLOSING = "closing", N_("Closing report")


class View(Named):
    """Which incidents a list shows."""

    OPEN = "open", N_("Open now")
    MINE = "mine", N_("Mine")
    URGENT = "urgent", N_("P1+P2")
    REQUESTS = "requests", N_("Requests")
    SECURITY = "security", N_("Security")
    RESOLVED = "resolved", N_("Solved")
    ALL = "all", N_("History")


UNRESOLVED = frozenset({Status.OPEN, Status.ACKNOWLEDGED, Status.IN_PROGRESS})
_LIVE = UNRESOLVED | {Status.RESOLVED}
_EVER = _LIVE | {Status.CLOSED}

ALLOWED: Mapping[Step, frozenset[Status]] = {
    Step.ACKNOWLEDGE: frozenset({Status.OPEN}),
    Step.START: frozenset({Status.OPEN, Status.ACKNOWLEDGED}),
    Step.NOTE: _EVER,
    Step.DISPATCH: UNRESOLVED,
    Step.ARRIVE: _LIVE,
    Step.PRIORITY: UNRESOLVED,
    Step.ASSIGN: _LIVE,
    Step.CLASSIFY: _EVER,
    Step.REPORT: _EVER,
    Step.EDIT: _LIVE,
    Step.RESOLVE: UNRESOLVED,
    Step.CLOSE: frozenset({Status.RESOLVED}),
    Step.REOPEN: frozenset({Status.RESOLVED, Status.CLOSED}),
    Step.MERGE: _LIVE,
}
"""From which status a step may be taken."""

_TOO_LATE = {
    Status.ACKNOWLEDGED: N_("It is acknowledged already."),
    Status.IN_PROGRESS: N_("Work on it has started already."),
    Status.RESOLVED: N_("It is resolved; o reopens it."),
    Status.CLOSED: N_("It is closed; o reopens it."),
    Status.MERGED: N_("It was merged into another incident; go on there."),
}


@dataclass(frozen=True)
class Facts:
    """What decides which steps are allowed.

    `reportable`: the law wants a report (DOMAIN 7); `reported`, `finished`: the first and the closing one are made.
    `under_way` counts the people who were sent and are not done.
    """

    status: Status
    kind: Kind = Kind.FAULT
    reportable: bool = False
    reported: bool = False
    finished: bool = False
    under_way: int = 0


def why_not(step: Step, facts: Facts) -> str | None:
    """Return None when the step may be taken now, else the sentence that says why not."""
    if facts.status not in ALLOWED[step]:
        return _wrong_status(step, facts.status)
    if step is Step.ARRIVE and not facts.under_way:
        return N_("Nobody is under way; d sends somebody.")
    if step is Step.CLASSIFY and facts.kind is not Kind.SECURITY:
        return N_("Only a security event has a class and a grade.")
    if step is Step.REPORT:
        return _no_report(facts)
    if step is Step.CLOSE and facts.reportable and not facts.reported:
        return N_("The report to the office in charge is still to be made; t records it.")
    return None


def _wrong_status(step: Step, status: Status) -> str:
    if step is Step.CLOSE and status in UNRESOLVED:
        return N_("It is not resolved yet; r resolves it.")
    if step is Step.REOPEN and status in UNRESOLVED:
        return N_("It is still open.")
    if step is Step.CLOSE and status is Status.CLOSED:
        return N_("It is closed already.")
    if step is Step.RESOLVE and status is Status.RESOLVED:
        return N_("It is resolved already.")
    return _TOO_LATE[status]


def _no_report(facts: Facts) -> str | None:
    if facts.kind is not Kind.SECURITY:
        return N_("Only a security event is reported.")
    if not facts.reportable:
        return N_("Only grade III and above is reported; k sets the grade.")
    if facts.finished:
        return N_("Both reports are made.")
    if facts.reported and facts.status in UNRESOLVED:
        return N_("The first report is made; the closing report follows when it is resolved.")
    return None


def check_step(step: Step, facts: Facts) -> None:
    """Raise Refused with the reason when the step may not be taken now."""
    sentence = why_not(step, facts)
    if sentence:
        raise Refused(sentence)


def next_report(facts: Facts) -> Report:
    """Return which report is the next to be made."""
    return Report.CLOSING if facts.reported else Report.FIRST


def answer_needed(kind: Kind, source: Source) -> bool:
    """Return whether closing asks what the caller was told. Source: REQUIREMENTS A4, B4."""
    return kind is Kind.REQUEST or source is Source.EXTERNAL


# Acknowledgement


def acknowledge_by(
    priority: Priority,
    entered_at: int,
    acknowledged_at: int | None,
    limits: Mapping[Priority, int],
) -> int | None:
    """Return until when (epoch seconds) it must be acknowledged; None when it is, or when `limits` (minutes) set none.

    The time-out runs from the entry: nobody can acknowledge what is not on record.
    """
    minutes = limits.get(priority)
    return None if acknowledged_at is not None or minutes is None else entered_at + 60 * minutes


# How fast the desk is


@dataclass(frozen=True)
class Times:
    """The instants of one incident that the averages are made of."""

    opened_at: int
    acknowledged_at: int | None = None
    resolved_at: int | None = None


@dataclass(frozen=True)
class Speed:
    """Means in seconds (None where there is nothing to average), with the counts behind them."""

    incidents: int
    acknowledged: int
    resolved: int
    mtta: float | None
    mttr: float | None

    @property
    def unacknowledged(self) -> int:
        """How many nobody has acknowledged; they are no part of the mean and are shown apart."""
        return self.incidents - self.acknowledged

    @property
    def unresolved(self) -> int:
        """How many are not resolved."""
        return self.incidents - self.resolved


def speed(times: Iterable[Times]) -> Speed:
    """Return MTTA (opened to first acknowledgement) and MTTR (opened to resolved) of incidents.

    An instant before the opening (typed so afterwards) counts as zero. Source: DOMAIN 6.
    """
    rows = list(times)
    answered = [max(0, row.acknowledged_at - row.opened_at) for row in rows if row.acknowledged_at is not None]
    resolved = [max(0, row.resolved_at - row.opened_at) for row in rows if row.resolved_at is not None]
    return Speed(
        len(rows),
        len(answered),
        len(resolved),
        mean(answered) if answered else None,
        mean(resolved) if resolved else None,
    )


def number(day: str, count: int) -> str:
    """Return the number of an incident: `INC-261122-3` from the day `261122` and its place on that day."""
    return f"INC-{day}-{count}"
