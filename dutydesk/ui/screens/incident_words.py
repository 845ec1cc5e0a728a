"""How one incident reads on the screen: its head, its facts, who was sent, its timeline, what was like it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual.content import Content

from dutydesk.domain.incidents import Happened, Mode, Status
from dutydesk.domain.priority import Priority
from dutydesk.domain.text import fit
from dutydesk.locale import _, ngettext, pick, times, word
from dutydesk.locale.incidents import clock_text, event_text, event_title, not_acknowledged, running
from dutydesk.services.incidents import DispatchView, EventView, IncidentLine, IncidentView, Similar
from dutydesk.ui import marks
from dutydesk.ui.widgets.prose import flowing

MUTED = "$text-muted"
SOON = 3600
"""Seconds before a clock of the law ends from which it is red."""
NAME_CELLS = 8
NAMED_FROM = 50
"""Cells of a timeline from which names stand in a column of their own."""
LATER = 60
"""Seconds by which entry and event must differ before both times are shown."""
STYLES = {Priority.P1: "bold $error", Priority.P2: "$warning", Priority.P3: "", Priority.P4: MUTED}
Part = Content | tuple[str, str] | str


def rank(incident: IncidentLine | IncidentView) -> tuple[str, str]:
    """Return the priority with its mark, and its style."""
    style = STYLES[incident.priority] if incident.ended_at is None else MUTED
    return f"{marks.priority(incident.priority.rank)} {incident.priority.value}", style


def status(incident: IncidentLine | IncidentView) -> tuple[str, str]:
    """Return the status as a word, and its style."""
    style = {Status.OPEN: "$warning", Status.RESOLVED: "$success"}.get(incident.status, MUTED)
    return word(incident.status), "" if incident.status is Status.IN_PROGRESS else style


def joined(parts: Iterable[Part], between: str = "   ") -> Content:
    """Return the parts that are there on one line."""
    shown: list[Part] = []
    for part in parts:
        if part if isinstance(part, str | Content) else part[0]:
            shown += [between, part] if shown else [part]
    return Content.assemble(*shown)


def head(seen: IncidentView, now: int) -> Content:
    """Return what must be seen first: priority, number, title, status, and every clock."""
    text, style = status(seen)
    known = joined([rank(seen), seen.number, (text, style), _running(seen, now), *_alarms(seen, now)])
    return Content("\n").join([known, Content.styled(seen.title, "bold")])


def _running(seen: IncidentView, now: int) -> tuple[str, str]:
    time = running(seen, now)
    if seen.ended_at is None:
        return _("running {time}", time=time), MUTED
    return _("took {time}", time=time), MUTED


def _alarms(seen: IncidentView, now: int) -> list[Part]:
    late = not_acknowledged(seen, now)
    found: list[Part] = [(f"{marks.LATE} {late}", "bold $error")] if late else []
    if seen.merged_number:
        found.append((_("goes on as {number}", number=seen.merged_number), "$accent"))
    if seen.follow_up_at is not None and seen.follow_up_at <= now:
        found.append((f"{marks.LATE} {_('follow up now')}", "$warning"))
    return found


def legal(seen: IncidentView, now: int) -> list[Content]:
    """Return a line for each clock of the law that still matters."""
    lines = []
    facts = seen.facts
    for place, clock in enumerate(seen.clocks):
        first = place == 0
        if (first and facts.reported) or (not first and (not facts.reported or facts.finished)):
            continue
        left = clock.left(now)
        urgent = left is not None and left < SOON
        mark = marks.LATE if left is not None and left < 0 else marks.ON
        check = f" {_('(check locally)')}" if clock.check else ""
        lines.append(Content.styled(f"{mark} {clock_text(clock, now)}{check}", "bold $error" if urgent else "$warning"))
    return lines


def facts(seen: IncidentView, now: int) -> list[Content]:
    """Return what is known beside title and details, a line each; what is not known takes no line."""
    kinds = [word(seen.kind), word(seen.source), word(seen.category) if seen.category else ""]
    if seen.security_class:
        kinds.append(word(seen.security_class))
    if seen.security_grade:
        kinds.append(word(seen.security_grade))
    place = [pick(seen.equipment) if seen.equipment else "", seen.location]
    owner = pick(seen.owner) if seen.owner else _("nobody")
    lines = [
        Content.styled(f" {marks.DOT} ".join(text for text in kinds if text), MUTED),
        _fact(_("Where"), f" {marks.DOT} ".join(text for text in place if text)),
        _fact(_("Caller"), "  ".join(text for text in (seen.caller, seen.contact) if text)),
        _fact(_("Owner"), owner, "" if seen.owner else "$warning"),
        _fact(_("Next step"), seen.next_step),
        _fact(_("Follow up"), times.when(seen.follow_up_at, now) if seen.follow_up_at else ""),
    ]
    return [line for line in lines if line]


def _fact(label: str, text: str, style: str = "") -> Content:
    return Content.assemble((f"{label} ", MUTED), (text, style)) if text else Content("")


def sent(seen: IncidentView, now: int) -> list[Content]:
    """Return a line for everybody who was sent: how, and how far they are."""
    return [_one_sent(each, now) for each in seen.dispatches]


def _one_sent(each: DispatchView, now: int) -> Content:
    steps = [_("sent {time}", time=times.when(each.sent_at, now))]
    if each.arrived_at is not None:
        steps.append(_("arrived {time}", time=times.when(each.arrived_at, now)))
    if each.done_at is not None:
        steps.append(_("done {time}", time=times.when(each.done_at, now)))
    mark = marks.DONE if each.done_at is not None else marks.ON
    waiting = each.under_way and each.mode is Mode.ON_SITE and each.arrived_at is None
    style = "$warning" if waiting else MUTED if each.done_at is not None else ""
    return Content.assemble(
        (f"{mark} {pick(each.name)}", style), (f"  {word(each.mode)}  {f' {marks.DOT} '.join(steps)}", MUTED)
    )


def rule(title: str, cells: int, count: str = "") -> Content:
    """Return a title with a rule behind it."""
    tail = f" {count}" if count else ""
    room = max(0, cells - Content(title).cell_length - len(tail) - 1)
    return Content.assemble((title, "bold $accent"), (f" {marks.RULE * room}", MUTED), tail)


def timeline(events: Sequence[EventView], now: int, cells: int) -> Content:
    """Return the entries, oldest first, `cells` wide: when it was, who, what; below it what a person wrote."""
    lines: list[Content] = []
    day = ""
    for event in events:
        today = times.date(event.at)
        if today != day and (day or today != times.date(now)):
            lines.append(Content.styled(f"{times.weekday(event.at)} {times.day(event.at)}", MUTED))
        day = today
        lines += _entry(event, now, cells)
    return Content("\n").join(lines)


def _entry(event: EventView, now: int, cells: int) -> list[Content]:
    name = pick(event.person) if event.person else marks.DASH
    beside = cells >= NAMED_FROM
    gutter = f"{times.hhmm(event.at)}  {fit(name, NAME_CELLS)}  " if beside else f"{times.hhmm(event.at)}  "
    indent = " " * Content(gutter).cell_length
    room = max(16, cells - len(indent))
    later = ""
    if event.entered_at - event.at >= LATER:
        later = _("written {time}", time=times.when(event.entered_at, now))
    text, noted = event_text(event), event.kind is Happened.NOTE
    said = joined([text if noted else event_title(event, now), ("" if beside else name, MUTED), (later, MUTED)], "  ")
    body = flowing(said, room)
    if text and not noted:
        body += [line.stylize(MUTED) for line in flowing(Content(text), room)]
    first = Content.assemble((gutter, MUTED), body[0] if body else "")
    return [first, *(Content(indent) + line for line in body[1:])]


def alike(found: Sequence[Similar], *, full: bool = False) -> list[Content]:
    """Return earlier incidents with their solution; `full` for reading, else the first line of each."""
    lines: list[Content] = []
    for one in found:
        solution = one.solution if full else one.solution.splitlines()[0]
        date = times.date(one.opened_at)
        lines.append(Content.assemble((f"{one.number}  {one.title}", "bold" if full else ""), (f"  {date}", MUTED)))
        lines.append(Content.styled(solution, "" if full else MUTED))
        if full:
            lines.append(Content(""))
    return lines


def alike_line(found: Sequence[Similar], key: str) -> Content:
    """Return one line that says how many were like it, and the key that reads them."""
    if not found:
        return Content("")
    many = ngettext("{n} solved incident is like this one", "{n} solved incidents are like this one", len(found))
    return Content.assemble((f"{marks.DOT} {many}  ", MUTED), (key, "bold $accent"), (f" {_('reads')}", MUTED))


def as_text(seen: IncidentView, now: int) -> str:
    """Return an incident as it would be quoted: what `y` copies."""
    parts = [seen.number, seen.priority.value, seen.title, word(seen.status), running(seen, now)]
    said = f" {marks.DOT} ".join(parts)
    return f"{said}\n{_('Next step')}: {seen.next_step}" if seen.next_step else said
