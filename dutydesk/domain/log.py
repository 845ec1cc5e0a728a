"""The shift log: kinds of lines, what a line says in everybody's language, and which lines come late."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from dutydesk.domain.errors import Invalid
from dutydesk.domain.text import clean, within
from dutydesk.domain.words import N_, Label, Named

TEXT_LIMIT = 1000
"""Characters of one line; what needs more belongs into an incident."""
REASON_LIMIT = 300
CLOCK_SLACK = 300
"""Seconds that an event may lie ahead: consoles and wall clocks differ by that much."""
LONG_AGO = 366 * 86_400
"""Seconds after which what is written down as having happened is a slip of the fingers: 1999 for 19:59."""


class LogKind(Named):
    """What a line is about. The kinds that people choose from are in `WRITABLE`; the program writes the others."""

    NOTE = "note", N_("Note")
    REQUEST = "request", N_("Request")
    ASSISTANCE = "assistance", N_("Assistance")
    CHANGE = "change", N_("Change")
    VISITOR = "visitor", N_("Visitor")
    SECURITY = "security", N_("Security")
    PROJECT = "project", N_("Project")
    ROUND = "round", N_("Round")
    BACKUP = "backup", N_("Backup")
    INCIDENT = "incident", N_("Incident")
    MEASURE = "measure", N_("Measure")
    ATTENDANCE = "attendance", N_("Attendance")
    HANDOVER = "handover", N_("Handover")
    ROSTER = "roster", N_("Roster")
    SYSTEM = "system", N_("System")


WRITABLE = (
    LogKind.NOTE,
    LogKind.REQUEST,
    LogKind.ASSISTANCE,
    LogKind.CHANGE,
    LogKind.VISITOR,
    LogKind.SECURITY,
    LogKind.PROJECT,
    LogKind.SYSTEM,
)


class Said(NamedTuple):
    """A sentence that each reader gets in his own language: a catalogue message and the values of its places."""

    message: str
    values: Mapping[str, Any] = {}


def moment_value(at: int) -> dict[str, int]:
    """Return an instant (epoch seconds) as a value that is read as a time of the desk's day."""
    return {"at": at}


def plain(values: Mapping[str, object]) -> dict[str, Any]:
    """Return values as plain JSON: a member of a closed set as its word, a name in both languages."""
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: object) -> Any:
    if isinstance(value, Named):
        return {"word": value.label}
    if isinstance(value, Label):
        return {"zh": value.zh, "en": value.en}
    return value


def kind_of(kind: LogKind | str) -> LogKind:
    """Return the kind a person chose; raise Invalid for one that does not exist or that only the program writes."""
    try:
        chosen = LogKind(kind)
    except ValueError:
        chosen = None  # type: ignore[assignment]
    if chosen not in WRITABLE:
        raise Invalid(
            N_("There is no kind of line “{kind}”; there are: {kinds}."),
            field="kind",
            kind=str(kind),
            kinds=", ".join(member.value for member in WRITABLE),
        )
    return chosen


def line_of(text: str) -> str:
    """Return the cleaned text of a line; raise Invalid when it is empty or too long."""
    text = clean(text)
    if not text:
        raise Invalid(N_("A line needs some text."), field="text")
    return within(text, "text", limit=TEXT_LIMIT)


def check_event(event_at: int, now: int) -> None:
    """Refuse an event that lies ahead, or more than a year back: the log holds what has happened."""
    if event_at > now + CLOCK_SLACK:
        raise Invalid(N_("The log holds what has happened; this time lies ahead."), field="event_at")
    check_recent(event_at, now, "event_at")


def check_happened(at: int, now: int, field: str) -> None:
    """Refuse an instant that lies ahead, or more than a year back."""
    if at > now + CLOCK_SLACK:
        raise Invalid(N_("That is still to come."), field=field)
    check_recent(at, now, field)


def check_recent(at: int, now: int, field: str) -> None:
    """Refuse an instant more than a year back."""
    if at < now - LONG_AGO:
        raise Invalid(N_("That is more than a year ago."), field=field)


def is_late(event_at: int, *, open_from: int | None, cut_off: int | None) -> bool:
    """Whether an event is entered after the handover it belonged to was signed.

    `open_from` is the start of the shift that is to be handed over next, `cut_off` the instant its handover was
    frozen, if it was. Such a line goes into the next handover as a late entry. Source: DOMAIN 4.
    """
    if cut_off is not None:
        return event_at <= cut_off
    return open_from is not None and event_at < open_from
