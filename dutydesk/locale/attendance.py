"""Attendance in the words of the desk: how a duty was kept, what a signature says, how long a month was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dutydesk.domain.attendance import Arrival, Departure
from dutydesk.domain.words import Label
from dutydesk.locale import _, ngettext, pick, times, word

if TYPE_CHECKING:
    from dutydesk.services.attendance_month import Counts
    from dutydesk.services.attendance_records import DutyRecord
    from dutydesk.services.callouts import CallOutLine
    from dutydesk.services.correction_views import RequestLine, SignatureLine

Said = tuple[str, str]
"""Words and how urgent they are: error, warning, muted or nothing."""
_ARRIVED = {Arrival.ABSENT: "error", Arrival.MISSING: "warning", Arrival.EXPECTED: "muted", Arrival.ON_TIME: ""}


def state(record: DutyRecord) -> list[Said]:
    """Return how a duty was kept, what weighs most first."""
    judged = record.judged
    if record.covered:
        return [(_("covered by {name}", name=_name(record.covered_by)), "muted")]
    said: list[Said] = []
    if judged.arrival is Arrival.LATE:
        said.append((_("late {n} min", n=judged.late_minutes), "warning"))
    elif not record.extra:
        said.append((word(judged.arrival), _ARRIVED[judged.arrival]))
    if judged.departure is Departure.OPEN and record.stays:
        said.append((word(judged.departure), ""))
    elif judged.departure is Departure.EARLY:
        said.append((_("left {n} min early", n=judged.early_minutes), "warning"))
    elif judged.departure is Departure.UNSIGNED:
        said.append((word(judged.departure), "warning"))
    if record.extra:
        said.append((_("extra"), "muted"))
    if record.covers is not None:
        said.append((_("instead of {name}", name=pick(record.covers)), "muted"))
    if record.covered_by is not None:
        said.append((_("rest covered by {name}", name=pick(record.covered_by)), "muted"))
    if record.corrected:
        said.append((_("corrected"), "muted"))
    return said


def state_words(record: DutyRecord) -> str:
    """Return how a duty was kept, in one line."""
    return _(", ").join(text for text, _tone in state(record))


def came(record: DutyRecord) -> str:
    """Return when somebody came, empty when he did not."""
    return times.hhmm(record.stays[0].came_at) if record.stays else ""


def left(record: DutyRecord) -> str:
    """Return when somebody left, empty while he is there."""
    left_at = record.stays[-1].left_at if record.stays else None
    return "" if left_at is None else times.hhmm(left_at)


def hours(record: DutyRecord) -> str:
    """Return the planned hours of a duty or of its part."""
    return f"{times.hhmm(record.starts_at)}–{times.hhmm(record.ends_at)}"


def worked(minutes: int) -> str:
    """Return minutes as hours and minutes, empty for none."""
    return f"{minutes // 60}h{minutes % 60:02d}" if minutes else ""


def number(count: int, minutes: int = 0) -> str:
    """Return a count, with its minutes where there are any; empty for none."""
    if not count:
        return ""
    return f"{count} ({minutes})" if minutes else str(count)


def signature(line: SignatureLine) -> str:
    """Return what a signature says and what became of it."""
    kind = _("in") if line.kind == "in" else _("out")
    text = _("{kind} {time}", kind=kind, time=times.stamp(line.at))
    if line.void:
        text = _("taken back: {signature}", signature=text)
    elif line.added:
        text = _("added: {signature}", signature=text)
    elif line.corrects is not None:
        text = _("corrected to: {signature}", signature=text)
    if line.corrected_by is not None:
        text = _("{signature}, does not count any more", signature=text)
    return text


def signed_where(line: SignatureLine) -> str:
    """Return who or what stands behind a signature: approver and reason, else the console."""
    if line.approver is not None:
        return _(
            "{name}, {when}: {reason}", name=pick(line.approver), when=times.stamp(line.entered_at), reason=line.reason
        )
    return " ".join(part for part in (line.host, line.terminal, line.reason) if part)


def wanted(line: RequestLine) -> str:
    """Return what a request asks for."""
    if line.void:
        return _("was not there")
    if line.came_at is not None and line.left_at is not None:
        return _("came {came}, left {left}", came=times.hhmm(line.came_at), left=times.hhmm(line.left_at))
    if line.came_at is not None:
        return _("came {came}", came=times.hhmm(line.came_at))
    return _("left {left}", left=times.hhmm(line.left_at or 0))


def call_span(line: CallOutLine) -> str:
    """Return how far a call-out is: since when, or from when to when."""
    called = line.called
    if line.cancelled:
        return _("taken back")
    if called.left_at is not None:
        return f"{times.hhmm(called.called_at)}–{times.hhmm(called.left_at)}"
    if called.arrived_at is not None:
        return _("arrived {time}", time=times.hhmm(called.arrived_at))
    return _("called {time}", time=times.hhmm(called.called_at))


def summary(counts: Counts) -> str:
    """Return a month in one line: what is to be said about it, or that all was in order."""
    parts = [
        ngettext("{n} came late", "{n} came late", counts.late) if counts.late else "",
        ngettext("{n} left early", "{n} left early", counts.early) if counts.early else "",
        ngettext("{n} absent", "{n} absent", counts.absent) if counts.absent else "",
        ngettext("{n} not signed out", "{n} not signed out", counts.unsigned) if counts.unsigned else "",
    ]
    return _(", ").join(part for part in parts if part) or _("all in order")


def _name(label: Label | None) -> str:
    return pick(label) if label is not None else "–"
