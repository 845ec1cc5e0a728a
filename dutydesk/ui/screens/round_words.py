"""What the screens of rounds say: how a round stands, how it was walked, what its end is called."""

from __future__ import annotations

from dutydesk.domain import clock
from dutydesk.domain.rounds import Pace, RoundState
from dutydesk.locale import _, ngettext, pick, times
from dutydesk.services.round_lines import RoundLine
from dutydesk.ui import marks
from dutydesk.ui.widgets.paint import Cell


def mark_of(line: RoundLine) -> Cell:
    """Return the mark that stands before a round."""
    if line.state is RoundState.FINISHED:
        return (marks.DONE, "error" if line.abnormal else "")
    if line.state is RoundState.MISSED:
        return (marks.ABNORMAL, "error" if line.unexplained else "muted")
    if line.state is RoundState.LATE or (line.late and line.state.open):
        return (marks.LATE, "error")
    if line.state in (RoundState.STARTED, RoundState.PAUSED):
        return (marks.ON, "accent")
    return (marks.OFF, "warning") if line.state is RoundState.DUE else (" ", "")


def state_of(line: RoundLine, now: int) -> Cell:
    """Return how a round stands, in a few words: `late 32 min`, `finished 14:34, 1 abnormal`, `in 28 min`."""
    if line.state is RoundState.FINISHED:
        return _finished(line)
    if line.state is RoundState.MISSED:
        if line.reason:
            return (_("missed: {reason}", reason=line.reason), "muted")
        return (_("missed, nobody has said why"), "error")
    if line.state is RoundState.AHEAD:
        return (_("in {time}", time=span(line.due_at - now)), "muted")
    if line.state is RoundState.LATE:
        return (_("late {time}", time=span(now - line.due_at)), "error")
    if line.state is RoundState.DUE:
        return (_("due, {time} left", time=span(line.late_at - now)), "warning")
    return _walking(line, now)


def _finished(line: RoundLine) -> Cell:
    time = times.hhmm(line.finished_at or 0)
    if line.abnormal:
        words = ngettext("finished {time}, {n} abnormal", "finished {time}, {n} abnormal", line.abnormal, time=time)
        return (words, "warning")
    if line.skipped:
        return (ngettext("finished {time}, {n} skipped", "finished {time}, {n} skipped", line.skipped, time=time), "")
    return (_("finished {time}, late", time=time) if line.late else _("finished {time}", time=time), "")


def _walking(line: RoundLine, now: int) -> Cell:
    values = {"answered": line.answered, "total": line.total}
    if line.late:
        late = span(now - line.due_at)
        if line.state is RoundState.PAUSED:
            return (_("paused {answered} of {total}, late {time}", time=late, **values), "error")
        return (_("{answered} of {total}, late {time}", time=late, **values), "error")
    if line.state is RoundState.PAUSED:
        return (_("paused {answered} of {total}", **values), "warning")
    return (_("{answered} of {total}", **values), "accent")


def span(seconds: int) -> str:
    """Return a length of time: minutes below an hour, `2h14` beyond."""
    minutes = max(0, seconds) // 60
    return _("{n} min", n=minutes) if minutes < 60 else times.duration(seconds)


def people_of(line: RoundLine) -> str:
    """Return who walks or walked a round."""
    people = line.people or ((line.by,) if line.by else ())
    return ", ".join(pick(person) for person in people)


def typed_time(at: int) -> str:
    """Return an instant as somebody would type it today."""
    same_day = times.date(at) == times.date(clock.now())
    return times.hhmm(at) if same_day else times.stamp(at)


def finished_words(name: str, abnormal: int) -> str:
    """Return what is said when a round is closed."""
    if not abnormal:
        return _("{name} finished, all normal.", name=name)
    return ngettext("{name} finished, {n} abnormal.", "{name} finished, {n} abnormal.", abnormal, name=name)


def pace_words(pace: Pace) -> tuple[str, ...]:
    """Return how a round was walked, as plain facts."""
    facts = [
        ngettext(
            "{n} answer in {minutes} min {seconds} s",
            "{n} answers in {minutes} min {seconds} s",
            pace.answers,
            minutes=pace.seconds // 60,
            seconds=pace.seconds % 60,
        )
    ]
    if pace.typical_gap is not None:
        facts.append(
            _("Typically {typical} s apart, at least {least} s", typical=pace.typical_gap, least=pace.shortest_gap)
        )
    if pace.quick:
        facts.append(
            ngettext(
                "{n} answer within 3 seconds of the one before",
                "{n} answers within 3 seconds of the one before",
                pace.quick,
            )
        )
    if pace.backward:
        facts.append(
            ngettext("{n} step against the walking order", "{n} steps against the walking order", pace.backward)
        )
    if pace.defaults:
        facts.append(
            ngettext("{n} offered value left as it was", "{n} offered values left as they were", pace.defaults)
        )
    if pace.changed:
        facts.append(ngettext("{n} answer given again", "{n} answers given again", pace.changed))
    return tuple(facts)
