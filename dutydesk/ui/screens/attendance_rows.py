"""How attendance reads on the screen: columns of a month, of duties, requests and call-outs, and one thing in full."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from dutydesk.domain import clock
from dutydesk.domain.attendance import Arrival
from dutydesk.domain.corrections import RequestStatus
from dutydesk.domain.words import N_
from dutydesk.locale import _, ngettext, pick, times, word
from dutydesk.locale import attendance as words
from dutydesk.services.attendance_month import PersonMonth
from dutydesk.services.attendance_records import DutyRecord
from dutydesk.services.callouts import CallOutLine
from dutydesk.services.correction_views import RequestLine, SignatureLine
from dutydesk.ui import marks
from dutydesk.ui.widgets.columns import Column
from dutydesk.ui.widgets.paint import Cell


def _warn(count: int, minutes: int = 0, style: str = "warning") -> Cell:
    return words.number(count, minutes), style


def month_columns() -> tuple[Column, ...]:
    """Return the columns of a month: a person each."""
    return (
        Column("mark", "", 1, value=_month_mark),
        Column("label", N_("Person"), None, value=lambda line: pick(line.label)),
        Column("planned", N_("Duties"), 6, right=True, value=lambda line: str(line.counts.planned)),
        Column("on_time", N_("On time"), 7, right=True, value=lambda line: words.number(line.counts.on_time)),
        Column(
            "late", N_("Came late"), 9, right=True, value=lambda line: _warn(line.counts.late, line.counts.late_minutes)
        ),
        Column(
            "early",
            N_("Left early"),
            10,
            right=True,
            value=lambda line: _warn(line.counts.early, line.counts.early_minutes),
        ),
        Column("absent", N_("Absent"), 6, right=True, value=lambda line: _warn(line.counts.absent, style="error")),
        Column("unsigned", N_("Unsigned"), 8, right=True, value=lambda line: _warn(line.counts.unsigned)),
        Column("covered", N_("Covered"), 7, True, 100, value=lambda line: words.number(line.counts.covered)),
        Column("extra", N_("Extra"), 6, True, 110, value=lambda line: words.number(line.counts.extra)),
        Column("nights", N_("Nights"), 6, True, 120, value=lambda line: words.number(line.counts.nights)),
        Column(
            "calls",
            N_("Call-outs"),
            9,
            True,
            110,
            value=lambda line: words.number(line.counts.call_outs, line.counts.call_out_minutes),
        ),
        Column("worked", N_("Worked"), 7, right=True, value=lambda line: words.worked(line.counts.worked_minutes)),
    )


def _month_mark(line: PersonMonth) -> Cell:
    if line.counts.absent:
        return marks.ABNORMAL, "error"
    if line.waiting or not line.counts.in_order:
        return marks.LATE, "warning"
    return (marks.DONE if line.counts.on_time else " "), "success"


def month_detail(line: PersonMonth) -> Content:
    """Return a person's month in words."""
    counts = line.counts
    first = _("{name}: {summary}", name=pick(line.label), summary=words.summary(counts))
    parts = [
        ngettext("{n} duty ahead", "{n} duties ahead", counts.ahead) if counts.ahead else "",
        ngettext("{n} night", "{n} nights", counts.nights) if counts.nights else "",
        ngettext("{n} taken over from others", "{n} taken over from others", counts.covering)
        if counts.covering
        else "",
        ngettext("{n} covered by others", "{n} covered by others", counts.covered) if counts.covered else "",
        ngettext("{n} corrected", "{n} corrected", counts.corrected) if counts.corrected else "",
        ngettext("{n} request waits", "{n} requests wait", line.waiting) if line.waiting else "",
    ]
    facts = _(
        "Planned {planned}, worked {worked}, overlap at handovers {overlap}",
        planned=words.worked(counts.planned_minutes) or "0h00",
        worked=words.worked(counts.worked_minutes) or "0h00",
        overlap=times.span(60 * counts.overlap_minutes),
    )
    return _sheet(first, facts, _(", ").join(part for part in parts if part))


def duty_columns() -> tuple[Column, ...]:
    """Return the columns of somebody's duties."""
    return (
        Column("mark", "", 1, value=_duty_mark),
        Column("day", N_("Date"), 10, value=lambda duty: f"{times.day_of(duty.day.isoformat())} {_weekday(duty)}"),
        Column("kind", N_("Duty"), 8, value=lambda duty: pick(duty.title)),
        Column("hours", N_("Duty hours"), 11, value=words.hours),
        Column("came", N_("Came"), 5, value=words.came),
        Column("left", N_("Left"), 5, value=words.left),
        Column("worked", N_("Worked"), 6, right=True, value=lambda duty: words.worked(duty.judged.worked_minutes)),
        Column("day_kind", N_("Day kind"), 16, from_width=110, value=_day_kind, style=lambda _duty: "muted"),
        Column("state", N_("State"), None, value=_duty_state),
    )


def _weekday(duty: DutyRecord) -> str:
    return _(times.WEEKDAYS[duty.day.weekday()])


def _day_kind(duty: DutyRecord) -> str:
    return word(duty.day_kind) if duty.day_kind else ""


def _duty_state(duty: DutyRecord) -> Cell:
    said = words.state(duty)
    worst = next((tone for level in ("error", "warning") for _text, tone in said if tone == level), "")
    return words.state_words(duty), worst or ("muted" if duty.judged.arrival is Arrival.EXPECTED else "")


def _duty_mark(duty: DutyRecord) -> Cell:
    judged = duty.judged
    if judged.arrival is Arrival.ABSENT:
        return marks.ABNORMAL, "error"
    if duty.covered:
        return marks.SKIPPED, "muted"
    if judged.arrival is Arrival.EXPECTED:
        return marks.OFF, "muted"
    return (marks.DONE, "success") if judged.in_order else (marks.LATE, "warning")


def duty_detail(duty: DutyRecord, lines: Sequence[SignatureLine]) -> Content:
    """Return a duty in full: how it was kept, and every signature with what became of it."""
    head = _(
        "{shift} {day}, planned {hours}: {state}",
        shift=pick(duty.title),
        day=times.day_of(duty.day.isoformat()),
        hours=words.hours(duty),
        state=words.state_words(duty),
    )
    if duty.overlap_minutes:
        head = _(
            "{head}; {overlap} together with the next shift", head=head, overlap=times.span(60 * duty.overlap_minutes)
        )
    signed = [f"{words.signature(line)}  {words.signed_where(line)}".rstrip() for line in lines]
    return _sheet(head, *(signed or [_("Nobody signed.")]))


def request_columns() -> tuple[Column, ...]:
    """Return the columns of requests."""
    return (
        Column("mark", "", 1, value=_request_mark),
        Column("label", N_("Person"), 10, value=lambda line: pick(line.label)),
        Column("day", N_("Date"), 7, value=lambda line: times.day_of(line.day)),
        Column("title", N_("Duty"), 8, value=lambda line: pick(line.title)),
        Column("wanted", N_("Asks for"), 24, value=words.wanted),
        Column("reason", N_("Reason"), None),
        Column("state", N_("State"), 9, from_width=100, value=lambda line: word(line.status)),
    )


def _request_mark(line: RequestLine) -> Cell:
    known = {
        RequestStatus.ASKED: (marks.LATE, "warning"),
        RequestStatus.APPROVED: (marks.DONE, "success"),
        RequestStatus.REFUSED: (marks.ABNORMAL, "error"),
    }
    return known.get(line.status, (marks.SKIPPED, "muted"))


def request_group(line: RequestLine) -> str:
    """Return the section a request stands in."""
    return _("Waiting") if line.status is RequestStatus.ASKED else _("Decided")


def request_detail(line: RequestLine) -> Content:
    """Return a request in full."""
    now = clock.now()
    head = _(
        "{name}, {shift} {day}: {wanted}",
        name=pick(line.label),
        shift=pick(line.title),
        day=times.day_of(line.day),
        wanted=words.wanted(line),
    )
    asked = _("Asked {when}: {reason}", when=times.when(line.asked_at, now), reason=line.reason)
    decided = ""
    if line.decided_by is not None and line.decided_at is not None:
        decided = _(
            "{state} by {name}, {when}",
            state=word(line.status),
            name=pick(line.decided_by),
            when=times.when(line.decided_at, now),
        )
    return _sheet(head, asked, decided, line.decision)


def call_columns() -> tuple[Column, ...]:
    """Return the columns of call-outs."""
    return (
        Column("mark", "", 1, value=_call_mark),
        Column("day", N_("Date"), 7, value=lambda line: times.day(line.called.called_at)),
        Column("label", N_("Person"), 10, value=lambda line: pick(line.label)),
        Column("span", N_("Time"), 13, value=words.call_span),
        Column("took", N_("Took"), 6, right=True, value=lambda line: words.worked(line.called.minutes() or 0)),
        Column("how", N_("How"), 9, value=lambda line: _("on site") if line.called.on_site else _("from afar")),
        Column("incident_number", N_("Incident"), 13, from_width=100),
        Column("reason", N_("Why"), None),
    )


def _call_mark(line: CallOutLine) -> Cell:
    if line.cancelled:
        return marks.SKIPPED, "muted"
    return (marks.ON, "warning") if line.open else (marks.DONE, "success")


def call_detail(line: CallOutLine) -> Content:
    """Return a call-out in full."""
    now, called = clock.now(), line.called
    facts = [_("called {time}", time=times.when(called.called_at, now))]
    facts += [_("arrived {time}", time=times.when(called.arrived_at, now))] if called.arrived_at else []
    facts += [_("left {left}", left=times.when(called.left_at, now))] if called.left_at else []
    by = _("Put down by {name}, {when}", name=pick(line.entered_by), when=times.when(line.entered_at, now))
    right = ""
    if line.approver is not None:
        right = _("Put right by {name}: {reason}", name=pick(line.approver), reason=line.correction)
        if line.cancelled:
            right = _("Taken back by {name}: {reason}", name=pick(line.approver), reason=line.correction)
        by = ""
    head = _("{name}: {value}", name=pick(line.label), value=_(", ").join(facts))
    more = f"{marks.ARROW} {line.incident_number}" if line.incident_number else ""
    return _sheet(head, line.reason, by, right, more)


def _sheet(head: str, *lines: str) -> Content:
    """Return a first line and what is said below it; empty lines are left out."""
    rest = [Content.styled(line, "$text-muted") for line in lines if line]
    return Content("\n").join([Content.styled(head, "bold"), *rest])
