"""What the panels of the Shift screen say: the live shift as sections of rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from textual.geometry import Size

from dutydesk.domain.due import Due, DueKind, Level
from dutydesk.domain.shift import DutyState, Facts
from dutydesk.domain.text import fit, width
from dutydesk.domain.words import N_
from dutydesk.locale import _, ngettext, pick, times
from dutydesk.locale.due import due_text, due_when
from dutydesk.locale.lines import line_text
from dutydesk.services.shift_live import LiveShift
from dutydesk.services.shift_rows import IncidentRow, LogRow, MeasureRow
from dutydesk.services.shift_views import AssignedView, ShiftView
from dutydesk.services.since import Since, SinceKind, SinceLine
from dutydesk.ui import marks
from dutydesk.ui.widgets.lines import LineRow, Section
from dutydesk.ui.widgets.paint import Cell

STATUS = {"open": N_("new"), "acknowledged": N_("ack"), "progress": N_("working")}
"""Short words for how far an open incident is."""
HALF_DAY = 14 * 3600
NAMES_AT_MOST = 12
LEAST_NEXT = 3
"""Rows of what comes next that stay however much has changed since."""


class Target(NamedTuple):
    """What enter opens: a screen's subject and the record's id, and for a log line its time."""

    subject: str
    id: int | None
    at: int = 0


# What comes next


def next_sections(
    live: LiveShift, since: Since | None, me: int, now: int, size: Size, notices: int = 0
) -> list[Section]:
    """Return what must be done next, and below it what changed since this person was here, for a panel of `size`."""
    warnings = [LineRow([(text, "warning")]) for text in alarms(live, me)]
    changes = since_section(since, now, size.width - 3) if since else None
    below = 1 + len(changes.rows) if changes else 0
    room = max(LEAST_NEXT, size.height - 1 - below)
    told = [told_row(notices)] if notices else []
    rows = [*warnings, *told, *(due_row(line, now, first=at == 0) for at, line in enumerate(live.due))]
    most = room if len(rows) <= room else room - 1
    section = Section(_("To do next"), rows, empty=_nothing_due(live), most=most if changes else None)
    return [section, changes] if changes else [section]


def told_row(notices: int) -> LineRow:
    """Return the row that leads to what this person was told and has not seen."""
    said = ngettext("{n} notice for you", "{n} notices for you", notices)
    target = Target("notices", None)
    return LineRow([(f"{marks.ON} {said}", "accent")], [(_("enter reads"), "muted")], key=target, value=target)


def _nothing_due(live: LiveShift) -> str:
    if not live.planned:
        return ""
    if live.shift is None:
        return _("Nothing is due.")
    return _("Nothing is due until {time}.", time=times.hhmm(live.shift.ends_at))


def alarms(live: LiveShift, me: int) -> list[str]:
    """Return sentences about the people of the shift that somebody must act on."""
    if not live.planned:
        return [_("No shift is planned yet."), _("dutydesk people add LOGIN NAME adds an engineer.")]
    if live.shift is None:
        return [_("No shift runs now.")]
    said: list[str] = []
    now_on = live.shift.at(live.now)
    mine = next((person for person in now_on if person.person_id == me), None)
    if mine is not None and mine.missing_minutes:
        text = _("Late {time}. s signs you in.", time=times.span(mine.missing_minutes * 60))
        said.append(f"{marks.LATE} {text}")
    elif mine is not None and mine.state is DutyState.EXPECTED:
        said.append(f"{marks.OFF} {_('You are not signed in yet. s signs you in.')}")
    elif not live.anybody_on:
        said.append(f"{marks.OFF} {_('Nobody is signed in. s signs you in.')}")
    said += [f"{marks.LATE} {text}" for text in _others(now_on, live.known, me)]
    if live.owed is not None and live.owed.previous and live.owed.holders:
        holders = _(", ").join(pick(person.label) for person in live.owed.holders)
        shift = pick(live.owed.shift.title)
        said.append(f"{marks.LATE} {_('{shift} not handed over: {names}', shift=shift, names=holders)}")
    return said


def _others(now_on: Sequence[AssignedView], known: Facts, me: int) -> list[str]:
    said = []
    anybody = any(person.person_id and not person.extra for person in now_on)
    for person in now_on:
        if person.state is DutyState.EMPTY:
            post = pick(known.post(person.post)) if person.post else ""
            missing = _("One place has nobody.") if anybody else _("Nobody is planned.")
            said.append(_("Nobody is planned as {post}.", post=post) if post else missing)
        elif person.person_id != me and person.missing_minutes:
            said.append(
                _("{name} is missing: {time}", name=pick(person.label), time=times.span(person.missing_minutes * 60))
            )
    return said


def due_row(line: Due, now: int, *, first: bool) -> LineRow:
    """Return one thing to do: when, what, how near."""
    level = line.level(now)
    style = {Level.LATE: "error", Level.NOW: "warning", Level.SOON: "warning", Level.LATER: "muted"}[level]
    mark = {Level.LATE: marks.LATE, Level.NOW: marks.ARROW}.get(level, " ")
    what = "strong" if first else ("" if level is not Level.LATER else "plain")
    left: list[Cell] = [(f"{fit(mark, width(marks.ARROW))} ", style), (f"{clock_time(line.at, now)} ", "muted")]
    left.append((due_text(line), what))
    if line.started and line.kind in (DueKind.ROUND, DueKind.BACKUP):
        left.append((f"  {_('started')}", "muted"))
    key = Target(line.kind.value, line.id, line.at)
    return LineRow(left, [(due_when(line, now), style)], key=key, value=key)


def clock_time(at: int, now: int) -> str:
    """Return `15:00`, with the day where it is not clear which one is meant."""
    return times.hhmm(at) if abs(at - now) < HALF_DAY else times.when(at, now)


# Since you were last here

_COUNTS: dict[SinceKind, Callable[[int], str]] = {
    SinceKind.URGENT: lambda n: ngettext("{n} urgent incident", "{n} urgent incidents", n),
    SinceKind.OPENED: lambda n: ngettext("{n} incident opened", "{n} incidents opened", n),
    SinceKind.RESOLVED: lambda n: ngettext("{n} resolved", "{n} resolved", n),
    SinceKind.MEASURES_OPENED: lambda n: ngettext("{n} new temporary measure", "{n} new temporary measures", n),
    SinceKind.MEASURES_CLOSED: lambda n: ngettext("{n} temporary measure ended", "{n} temporary measures ended", n),
    SinceKind.MISSED: lambda n: ngettext("{n} round missed", "{n} rounds missed", n),
    SinceKind.HANDOVERS: lambda n: ngettext("{n} handover", "{n} handovers", n),
    SinceKind.WRITTEN: lambda n: ngettext("{n} log line", "{n} log lines", n),
}
_NAMED = {
    SinceKind.URGENT: "incident",
    SinceKind.MEASURES_OPENED: "measure",
}


def since_section(since: Since, now: int, cells: int) -> Section:
    """Return what others changed: the important things by name, the rest as counts in lines of `cells`."""
    rows: list[LineRow] = []
    rest: list[str] = []
    for line in since.lines:
        subject = _NAMED.get(line.kind)
        if subject is None:
            rest.append(counted(line))
            continue
        style = "error" if line.kind is SinceKind.URGENT else "warning"
        rows += [
            LineRow([(f"{number}  ", style), title], key=Target(f"since_{subject}", key), value=Target(subject, key))
            for key, number, title in line.named
        ]
        if line.many > len(line.named):
            rest.insert(0, counted(line))
    rows += [LineRow([(text, "plain")]) for text in _wrapped(rest, cells)]
    return Section(_("Since you were last here ({time})", time=times.when(since.at, now)), rows)


def counted(line: SinceLine) -> str:
    """Return `4 incidents resolved`."""
    return _COUNTS[line.kind](line.many)


def _wrapped(parts: Sequence[str], cells: int) -> list[str]:
    """Return the parts as an enumeration, broken between parts where a line of `cells` is full."""
    comma = _(", ")
    lines: list[str] = []
    for at, part in enumerate(parts):
        text = part + comma.rstrip() if at < len(parts) - 1 else part
        joined = f"{lines[-1]}{comma[len(comma.rstrip()) :]}{text}" if lines else text
        if lines and width(joined) <= cells:
            lines[-1] = joined
        else:
            lines.append(text)
    return lines


# What burns


def burning_sections(live: LiveShift, now: int, height: int) -> list[Section]:
    """Return open incidents, temporary measures and the next shift, in `height` lines."""
    coming = [*relief_rows(live.shift, now), *_coming(live.next, now)]
    room = height - 2 - len(coming) - (1 if coming else 0)
    measures = [measure_row(row, now) for row in live.measures]
    kept = min(len(measures) or 1, max(1, room - min(len(live.incidents) or 1, max(2, room // 2))))
    left = max(1, room - kept)
    urgent = "error" if live.p1 else "strong"
    sections = [
        Section(
            _("Open incidents"),
            [incident_row(row, now) for row in live.incidents],
            (str(live.open), urgent) if live.open else "",
            empty=_("No open incidents. n opens one."),
            most=left if len(live.incidents) <= left else max(1, left - 1),
        ),
        Section(
            _("Temporary measures"),
            measures,
            len(measures) or "",
            empty=_("None in force."),
            most=kept if len(measures) <= kept else max(1, kept - 1),
        ),
    ]
    if coming:
        sections.append(Section(_("Next shift"), coming))
    return sections


def incident_row(row: IncidentRow, now: int) -> LineRow:
    """Return one open incident: priority, title, running time, how far."""
    style = {"P1": "error", "P2": "warning"}.get(row.priority, "")
    mark = marks.P1 if row.priority == "P1" else " "
    far = _(STATUS[row.status]) if row.status in STATUS else row.status
    far = fit(far, max(width(_(each)) for each in STATUS.values()))
    late = row.acknowledge_by is not None and now >= row.acknowledge_by
    right: list[Cell] = [
        (times.duration(now - row.opened_at), style or "muted"),
        " ",
        (far, "error" if late else "muted"),
    ]
    key = Target("incident", row.id)
    return LineRow([(f"{mark} {row.priority} ", style), row.title], right, key=key, value=key)


def measure_row(row: MeasureRow, now: int) -> LineRow:
    """Return one measure in force: until when, or since when and through how many handovers."""
    key = Target("measure", row.id)
    if row.until is not None:
        if now >= row.until:
            ended = _("was to end {when}", when=times.when(row.until, now))
            return LineRow([(f"{marks.LATE} ", "error"), row.title], [(ended, "error")], key=key, value=key)
        text = _("until {time}", time=times.when(row.until, now))
        return LineRow(["  ", row.title], [(text, "muted")], key=key, value=key)
    right: list[Cell] = [(_("since {time}", time=short_day(row.since, now)), "muted")]
    if row.carried:
        carried = ngettext("{n} shift", "{n} shifts", row.carried)
        right.append((f" {carried}", "warning" if row.carried >= 3 else "muted"))
    return LineRow(["  ", row.title], right, key=key, value=key)


def short_day(at: int, now: int) -> str:
    """Return `14:20` today, `Fri` in the last days, else `22 Nov`."""
    if times.date(at) == times.date(now):
        return times.hhmm(at)
    return times.weekday(at) if now - at < 6 * 86400 else times.day(at)


def relief_rows(shift: ShiftView | None, now: int) -> list[LineRow]:
    """Return who takes over within the shift that runs, and when."""
    if shift is None:
        return []
    later = [(person.from_at, person) for person in shift.assigned if person.person_id and not person.signed_in]
    found = sorted(((at, person) for at, person in later if at is not None and at > now), key=lambda each: each[0])
    return [
        LineRow([("  ", ""), (f"{clock_time(at, now)} {pick(shift.title)}  ", "muted"), pick(person.label)])
        for at, person in found
    ]


def _coming(shift: ShiftView | None, now: int) -> list[LineRow]:
    if shift is None:
        return []
    names = _(", ").join(pick(person.label) for person in shift.assigned if person.person_id)
    when = clock_time(shift.starts_at, now)
    who: Cell = names if names else (_("nobody planned"), "error")
    return [LineRow([("  ", ""), (f"{when} {pick(shift.title)}  ", "muted"), who])]


# The log


def log_section(live: LiveShift, now: int, most: int) -> Section:
    """Return the log's tail, oldest of it last; columns of time and name stay where they are."""
    lines = live.log[:most]
    names = [_writer(line) for line in lines]
    wide = min(NAMES_AT_MOST, max([width(name) for name in names], default=0))
    clocks = [clock_time(line.event_at, now) for line in lines]
    clock_cells = max([width(text) for text in clocks], default=0)
    rows = [
        log_row(line, fit(clock, clock_cells, right=True), fit(name, wide))
        for line, clock, name in zip(lines, clocks, names, strict=True)
    ]
    return Section(_("Log"), rows, empty=_("The log is empty. l writes the first line."))


def _writer(line: LogRow) -> str:
    return pick(line.person) if line.person else ""


def log_row(line: LogRow, clock: str, name: str) -> LineRow:
    """Return one line of the log: when, who, what, and the incident it belongs to."""
    style = "muted" if line.message else ""
    right: list[Cell] = [(f"{marks.ARROW} {line.incident_number}", "accent")] if line.incident_number else []
    key = Target("log", line.id, line.event_at)
    said = line_text(line)
    return LineRow([(f"{clock} ", "muted"), (f"{name}  ", "muted"), (said, style)], right, key=key, value=key)
