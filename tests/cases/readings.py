"""Readings, states, performance data, exit codes and priorities, asked of `limits`, `exits` and `priority`."""

from __future__ import annotations

from typing import Any

from dutydesk.domain import exits
from dutydesk.domain.errors import Invalid
from dutydesk.domain.exits import Ending
from dutydesk.domain.limits import Number, Range, parse_limits, parse_perfdata, parse_range, verdict_of
from dutydesk.domain.priority import Impact, Urgency, matrix, priority
from tests.cases.collected import Case, Fields
from tests.cases.kinds import Answer, NotSayable, check


def number(text: str) -> Number:
    """Return a number that is written as a key of a table."""
    try:
        return int(text)
    except ValueError:
        return float(text)


@check("threshold_range")
def threshold_range(case: Case) -> Answer:
    """A range as plugins write it: its ends, and which values raise the alert."""
    try:
        read = parse_range(case.given["range"])
    except Invalid:
        return {"valid": False, "start": None, "end": None, "inside": False, "alerts": {}}
    asked = case.expect.get("alerts") or {}
    return {
        "valid": True,
        "start": read.start,
        "end": read.end,
        "inside": read.inside,
        "alerts": {value: read.alerts(number(value)) for value in asked},
    }


@check("threshold_status")
def threshold_status(case: Case) -> Answer:
    """A value against a warning and a critical range, as an exit code."""
    try:
        limits = parse_limits(case.given.get("warn"), case.given.get("crit"))
    except Invalid:
        return {"error": True, "exit_code": verdict_of("unknown").exit_code}
    return {"error": False, "exit_code": limits.judge(case.given["value"]).exit_code}


@check("state_name")
def state_name(case: Case) -> Answer:
    """A state as a word or a number in any case; all ways to write it must read the same."""
    codes: set[int | None] = set()
    for text in (case.given["text"], *case.given.get("also", ())):
        try:
            codes.add(verdict_of(str(text)).exit_code)
        except Invalid:
            codes.add(None)
    return {"exit_code": codes.pop() if len(codes) == 1 else sorted(map(str, codes)), "error": codes == {None}}


def as_written(range_: Range | None) -> Any:
    """Return a limit as the case files write it: a number where a number stands for the range, else its text."""
    if range_ is None:
        return None
    plain = not range_.inside and range_.start == 0 and range_.end is not None
    return range_.end if plain else str(range_)


@check("perfdata")
def perfdata(case: Case) -> Answer:
    """Performance data; what cannot be read must be kept as it was written."""
    text = case.given
    read = parse_perfdata(text)
    answer: dict[str, Any] = {
        "count": len(read.metrics),
        "values": {metric.label: metric.value for metric in read.metrics},
        "invalid": not read.metrics and " ".join(read.malformed) == text.strip() != "",
    }
    if len(read.metrics) == 1:
        (metric,) = read.metrics
        answer |= {
            "unit": metric.unit,
            "warn": as_written(metric.warning),
            "crit": as_written(metric.critical),
            "min": metric.minimum,
            "max": metric.maximum,
        }
    return answer


ENDINGS = {
    "ok": Ending.OK,
    "warning": Ending.WARNING,
    "error": Ending.FAILED,
    "failed": Ending.FAILED,
    "failure": Ending.FAILED,
    "fatal": Ending.FAILED,
    "incomplete": Ending.INCOMPLETE,
    "partial": Ending.INCOMPLETE,
    "source_unreadable": Ending.INCOMPLETE,
    "repo_missing": Ending.NO_REPOSITORY,
    "locked": Ending.LOCKED,
    "lock_failed": Ending.LOCKED,
    "repo_locked": Ending.LOCKED,
    "wrong_password": Ending.WRONG_PASSWORD,
    "interrupted": Ending.INTERRUPTED,
    "cancelled": Ending.INTERRUPTED,
    "signal": Ending.SIGNAL,
}
"""The words of the cases for how a program ended, and ours."""


def ended(case: Case, ending: Ending) -> Answer:
    """Return an ending in the word that the case uses for it."""
    word = str(case.expect.get("result"))
    if word not in ENDINGS:
        raise NotSayable(f"no ending is called “{word}”")
    return {"result": word if ENDINGS[word] is ending else ending.value}


@check("restic_rc")
def restic_rc(case: Case) -> Answer:
    """How restic ended."""
    return ended(case, exits.restic(case.given))


@check("borg_rc")
def borg_rc(case: Case) -> Answer:
    """How borg ended."""
    return ended(case, exits.borg(case.given))


@check("priority_matrix_3x3")
def priority_matrix(case: Case) -> Answer:
    """Impact, then urgency; a matrix read from the case must be taken, and ours must say the same."""
    if case.given["key"] != "impact then urgency, H/M/L":
        raise NotSayable(f"the key is “{case.given['key']}”")
    asked = dict(case.expect) if isinstance(case.expect, Fields) else {}
    matrix(asked)
    return {cell: priority(Impact(cell[0]), Urgency(cell[1])).value for cell in asked}
