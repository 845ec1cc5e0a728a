"""How the screens of rounds show a round: its mark and its state in the colour of the state."""

from __future__ import annotations

from dutydesk.domain import clock
from dutydesk.domain.rounds import RoundState
from dutydesk.locale import times
from dutydesk.locale.rounds import state_words
from dutydesk.services.round_lines import RoundLine
from dutydesk.ui import marks
from dutydesk.ui.widgets.paint import Cell


def mark_of(line: RoundLine) -> Cell:
    """Return the mark that stands before a round."""
    if line.state is RoundState.FINISHED:
        return (marks.DONE, _tone(line))
    if line.state is RoundState.MISSED:
        return (marks.ABNORMAL, "error" if line.unexplained else "muted")
    if line.state is RoundState.LATE or (line.late and line.state.open):
        return (marks.LATE, "error")
    if line.state in (RoundState.STARTED, RoundState.PAUSED):
        return (marks.ON, "accent")
    return (marks.OFF, "warning") if line.state is RoundState.DUE else (" ", "")


def typed_time(at: int) -> str:
    """Return an instant as somebody would type it today."""
    same_day = times.date(at) == times.date(clock.now())
    return times.hhmm(at) if same_day else times.stamp(at)


def state_of(line: RoundLine, now: int) -> Cell:
    """Return how a round stands, with the style of its state."""
    return (state_words(line, now), _tone(line))


def _tone(line: RoundLine) -> str:
    if line.state is RoundState.FINISHED:
        return "warning" if line.abnormal else ""
    if line.state is RoundState.MISSED:
        return "error" if line.unexplained else "muted"
    if line.state is RoundState.LATE or line.late:
        return "error"
    if line.state in (RoundState.DUE, RoundState.PAUSED):
        return "warning"
    return "accent" if line.state is RoundState.STARTED else "muted"
