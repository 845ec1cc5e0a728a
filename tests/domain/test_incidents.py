"""Rules of incidents: steps, time-outs, averages."""

from __future__ import annotations

import pytest

from dutydesk.domain.errors import Refused
from dutydesk.domain.incidents import (
    ALLOWED,
    Facts,
    Kind,
    Source,
    Status,
    Step,
    Times,
    acknowledge_by,
    answer_needed,
    check_step,
    number,
    speed,
    why_not,
)
from dutydesk.domain.priority import Priority


@pytest.mark.parametrize("step", Step)
@pytest.mark.parametrize("status", Status)
def test_every_step_from_every_status_is_allowed_or_says_why(step: Step, status: Status) -> None:
    facts = Facts(status, Kind.SECURITY, reportable=True, under_way=1)
    sentence = why_not(step, facts)
    if status not in ALLOWED[step]:
        assert sentence
        assert sentence.endswith(".")
    elif step is not Step.CLOSE:
        assert sentence is None


def test_a_merged_incident_takes_no_step() -> None:
    for step in Step:
        with pytest.raises(Refused):
            check_step(step, Facts(Status.MERGED))


def test_the_life_of_an_incident() -> None:
    assert why_not(Step.ACKNOWLEDGE, Facts(Status.OPEN)) is None
    assert why_not(Step.ACKNOWLEDGE, Facts(Status.ACKNOWLEDGED)) == "It is acknowledged already."
    assert why_not(Step.CLOSE, Facts(Status.IN_PROGRESS)) == "It is not resolved yet; r resolves it."
    assert why_not(Step.REOPEN, Facts(Status.OPEN)) == "It is still open."
    assert why_not(Step.RESOLVE, Facts(Status.CLOSED)) == "It is closed; o reopens it."


def test_nobody_arrives_who_was_not_sent() -> None:
    assert why_not(Step.ARRIVE, Facts(Status.IN_PROGRESS)) == "Nobody is under way; d sends somebody."
    assert why_not(Step.ARRIVE, Facts(Status.IN_PROGRESS, under_way=1)) is None


def test_a_security_event_is_closed_after_its_report_only() -> None:
    event = Facts(Status.RESOLVED, Kind.SECURITY, reportable=True)
    assert why_not(Step.CLOSE, event) is not None
    assert why_not(Step.CLOSE, Facts(Status.RESOLVED, Kind.SECURITY, reportable=True, reported=True)) is None
    assert why_not(Step.REPORT, Facts(Status.OPEN, Kind.SECURITY)) is not None
    assert why_not(Step.REPORT, Facts(Status.OPEN, Kind.FAULT)) is not None
    assert why_not(Step.REPORT, Facts(Status.OPEN, Kind.SECURITY, reportable=True)) is None
    assert why_not(Step.REPORT, Facts(Status.OPEN, Kind.SECURITY, reportable=True, reported=True)) is not None
    assert why_not(Step.REPORT, Facts(Status.CLOSED, Kind.SECURITY, reportable=True, reported=True)) is None


def test_the_time_out_of_an_acknowledgement_runs_from_the_entry() -> None:
    limits = {Priority.P1: 5, Priority.P2: 15}
    assert acknowledge_by(Priority.P1, 1000, None, limits) == 1000 + 300
    assert acknowledge_by(Priority.P2, 1000, None, limits) == 1000 + 900
    assert acknowledge_by(Priority.P1, 1000, 1100, limits) is None
    assert acknowledge_by(Priority.P4, 1000, None, limits) is None


def test_means_leave_the_unacknowledged_out_and_count_them() -> None:
    found = speed([Times(0, 60, 600), Times(0, 120, None), Times(0), Times(1000, 900, 1600)])
    assert (found.incidents, found.acknowledged, found.unacknowledged) == (4, 3, 1)
    assert found.mtta == 60
    assert found.mttr == 600
    assert found.unresolved == 2
    empty = speed([])
    assert (empty.mtta, empty.mttr) == (None, None)


def test_who_is_told_before_it_closes() -> None:
    assert answer_needed(Kind.REQUEST, Source.STAFF)
    assert answer_needed(Kind.FAULT, Source.EXTERNAL)
    assert not answer_needed(Kind.FAULT, Source.STAFF)


def test_number() -> None:
    assert number("261122", 3) == "INC-261122-3"
