"""Call-outs: put down, filled in, put right. Source: REQUIREMENTS B8, C12."""

from __future__ import annotations

from datetime import date

import pytest

from dutydesk.domain.callouts import Called
from dutydesk.domain.errors import DeskError, Invalid, Refused
from dutydesk.services import callouts, incidents, log, notices
from dutydesk.services.core import Actor
from dutydesk.storage import chain
from dutydesk.storage.models.attendance import CallOut
from tests.services.conftest import PIN, Clock, moment

DAY = date(2026, 11, 22)
CALLED = moment("2026-11-22 12:00")
ARRIVED = moment("2026-11-22 12:25")
LEFT = moment("2026-11-22 14:10")


def test_a_call_out_is_put_down_and_filled_in(eng_a: Actor, eng_c: Actor, chief: Actor, now: Clock) -> None:
    made = callouts.put_down(eng_a, eng_c.person_id, Called(CALLED), "core switch down")
    assert (made.open, made.minutes, str(made.entered_by)) == (True, 152, "Eng. A")
    assert notices.mine(eng_c)[0].subject == "callout"
    arrived = callouts.complete(eng_c, made.id, arrived_at=ARRIVED)
    with pytest.raises(Refused, match="meanwhile"):
        callouts.complete(eng_c, made.id, left_at=LEFT)
    done = callouts.complete(eng_c, arrived.id, left_at=LEFT)
    assert (done.minutes, done.open, done.corrected, done.reason) == (130, False, False, "core switch down")
    assert [line.id for line in callouts.between(DAY, DAY)] == [done.id]
    assert CallOut.select().count() == 3
    assert "is done at" in (log.tail(eng_a)[0].message or "")
    assert chain.verify().broken is None
    with pytest.raises(Refused, match="corrected by the supervisor"):
        callouts.complete(eng_c, done.id, left_at=LEFT + 600)


def test_from_an_incident_the_reason_is_its_title(eng_a: Actor, eng_c: Actor) -> None:
    opened = incidents.open_incident(eng_a, incidents.NewIncident("SW1 down"))
    made = callouts.put_down(eng_a, eng_c.person_id, Called(CALLED, on_site=False), incident_id=opened.id)
    assert (made.reason, made.incident_number) == ("SW1 down", opened.number)
    assert [line.id for line in callouts.of_incident(eng_a, opened.id)] == [made.id]
    assert log.tail(eng_a)[0].incident_id == opened.id


def test_the_supervisor_puts_it_right_or_takes_it_back(eng_a: Actor, eng_c: Actor, chief: Actor) -> None:
    made = callouts.put_down(eng_a, eng_c.person_id, Called(CALLED, ARRIVED, LEFT), "core switch down")
    with pytest.raises(DeskError, match="may not"):
        callouts.correct(eng_c, PIN, made.id, Called(CALLED, ARRIVED, LEFT + 60), "more")
    with pytest.raises(Refused, match="wrong"):
        callouts.correct(chief, "0000", made.id, Called(CALLED, ARRIVED, LEFT + 60), "more")
    right = callouts.correct(chief, PIN, made.id, Called(CALLED + 600, ARRIVED, LEFT), "called at 12:10 by the log")
    assert (right.minutes, right.corrected, right.reason) == (120, True, "core switch down")
    assert (right.correction, str(right.approver)) == ("called at 12:10 by the log", "Chief")
    with pytest.raises(Invalid, match="Nothing is different"):
        callouts.correct(chief, PIN, right.id, right.called, "again")
    gone = callouts.cancel(chief, PIN, right.id, "never came")
    assert (gone.cancelled, callouts.between(DAY, DAY)) == (True, [])
    assert [line.id for line in callouts.listed(chief, DAY, DAY)] == [gone.id]
    with pytest.raises(Refused, match="taken back"):
        callouts.cancel(chief, PIN, gone.id, "again")


@pytest.mark.parametrize(
    ("called", "words"),
    [
        (Called(CALLED + 86400), "lies ahead"),
        (Called(CALLED, ARRIVED, on_site=False), "from afar"),
        (Called(CALLED, CALLED - 60), "before the call"),
        (Called(CALLED, None, LEFT), "arrived"),
        (Called(CALLED, ARRIVED, ARRIVED), "not after"),
        (Called(CALLED - 5 * 86400, None, LEFT, on_site=False), "three days"),
    ],
)
def test_times_that_cannot_be_are_refused(eng_a: Actor, eng_c: Actor, called: Called, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        callouts.put_down(eng_a, eng_c.person_id, called, "x")


def test_nobody_is_called_out_on_duty_or_twice_at_once(eng_a: Actor, eng_c: Actor, now: Clock) -> None:
    with pytest.raises(Refused, match="on duty then"):
        callouts.put_down(eng_a, eng_a.person_id, Called(CALLED), "x")
    first = callouts.put_down(eng_a, eng_c.person_id, Called(CALLED, ARRIVED, LEFT), "x")
    with pytest.raises(Refused, match="another call-out"):
        callouts.put_down(eng_a, eng_c.person_id, Called(LEFT - 60, on_site=False), "y")
    assert callouts.put_down(eng_a, eng_c.person_id, Called(LEFT, on_site=False), "y").id != first.id


def test_an_engineer_lists_his_own(eng_a: Actor, eng_b: Actor, eng_c: Actor, chief: Actor) -> None:
    made = callouts.put_down(eng_a, eng_c.person_id, Called(CALLED, ARRIVED, LEFT), "x")
    assert [line.id for line in callouts.listed(eng_c, DAY, DAY)] == [made.id]
    assert callouts.listed(eng_b, DAY, DAY) == []
    assert callouts.view(eng_a, made.id).id == made.id
    with pytest.raises(Refused, match="his own"):
        callouts.view(eng_b, made.id)
    assert [line.id for line in callouts.listed(chief, DAY, DAY, eng_c.person_id)] == [made.id]
