"""What really happened, duty by duty. Source: REQUIREMENTS C11; DOMAIN 3."""

from __future__ import annotations

from datetime import date

import pytest

from dutydesk.domain.attendance import Arrival, Departure
from dutydesk.domain.calendar import DayKind
from dutydesk.domain.errors import Refused
from dutydesk.services import attendance
from dutydesk.services.attendance import DutyRecord, duty_records
from dutydesk.services.core import Actor
from dutydesk.storage.models.roster import RosterChange
from dutydesk.storage.models.shift import Assignment, DutyShift
from tests.services.conftest import PIN, Clock, moment
from tests.services.test_attendance import sealed

DAY = date(2026, 11, 22)


def of(login: str, kind: str = "day", day: date = DAY) -> DutyRecord:
    return next(each for each in duty_records(day, day) if each.login == login and each.kind == kind)


def test_a_duty_that_went_as_planned(eng_a: Actor, now: Clock) -> None:
    came = now.to("2026-11-22 07:58")
    signed = attendance.sign_in(eng_a, PIN)
    sealed(signed.shift)
    left = now.to("2026-11-22 20:06")
    attendance.sign_out(eng_a, PIN)
    record = of("eng-a")
    assert (record.judged.arrival, record.judged.departure) == (Arrival.ON_TIME, Departure.ON_TIME)
    assert record.judged.worked_minutes == 12 * 60 + 6
    assert (record.stays[0].came_at, record.stays[0].left_at) == (came, left)
    assert (record.day_kind, record.night, record.extra, record.corrected) == (DayKind.WEEKEND, False, False, False)
    assert of("eng-b", "night").night


def test_time_away_is_not_worked(eng_a: Actor, eng_c: Actor, now: Clock) -> None:
    now.to("2026-11-22 08:00")
    attendance.sign_in(eng_a, PIN)
    now.to("2026-11-22 09:00")
    attendance.sign_in(eng_c, PIN, extra=True)
    now.to("2026-11-22 10:00")
    attendance.sign_out(eng_a, PIN)
    now.to("2026-11-22 11:00")
    attendance.sign_in(eng_a, PIN)
    now.to("2026-11-22 12:30")
    record = of("eng-a")
    assert (record.judged.worked_minutes, record.judged.late_minutes) == (2 * 60 + 90, 0)
    extra = of("eng-c")
    assert (extra.extra, extra.planned_minutes) == (True, 0)
    assert (extra.judged.arrival, extra.judged.worked_minutes) == (Arrival.ON_TIME, 210)


def test_nobody_came_and_nobody_signed_out(eng_b: Actor, now: Clock) -> None:
    now.to("2026-11-22 20:20")
    attendance.sign_in(eng_b, PIN)
    now.to("2026-11-23 11:00")
    assert of("eng-a").judged.arrival is Arrival.ABSENT
    night = of("eng-b", "night")
    assert (night.judged.arrival, night.judged.late_minutes) == (Arrival.LATE, 20)
    assert night.judged.departure is Departure.UNSIGNED
    assert night.judged.worked_minutes == 11 * 60 + 40


def test_overlap_counts_the_minutes_of_both_shifts_together(eng_a: Actor, eng_b: Actor, now: Clock) -> None:
    now.to("2026-11-22 08:00")
    signed = attendance.sign_in(eng_a, PIN)
    sealed(signed.shift)
    now.to("2026-11-22 19:41")
    attendance.sign_in(eng_b, PIN)
    now.to("2026-11-22 20:09")
    attendance.sign_out(eng_a, PIN)
    now.to("2026-11-22 22:00")
    assert of("eng-a").overlap_minutes == 28
    assert of("eng-b", "night").overlap_minutes == 0


def _cover(eng_a: Actor, eng_c: Actor, from_at: int | None) -> None:
    """Let Eng. C stand in for Eng. A on the day shift, from an instant on or for all of it."""
    shift = DutyShift.get(DutyShift.day == "2026-11-22", DutyShift.kind == "day")
    change = RosterChange.create(
        day="2026-11-22",
        shift_kind="day",
        kind="replace",
        person_out=eng_a.person_id,
        person_in=eng_c.person_id,
        from_at=from_at,
        source="leave",
        source_id=1,
        made_at=0,
    )
    mine = Assignment.get(Assignment.shift == shift.id, Assignment.person == eng_a.person_id)
    why = f'{{"rule": "r", "turn": 1, "change": {change.id}}}'
    if from_at is None:
        Assignment.update(person=eng_c.person_id, why=why).where(Assignment.id == mine.id).execute()
    else:
        Assignment.update(to_at=from_at).where(Assignment.id == mine.id).execute()
        Assignment.create(shift=shift.id, person=eng_c.person_id, from_at=from_at, why=why)


def test_who_is_covered_had_no_duty(eng_a: Actor, eng_c: Actor, now: Clock) -> None:
    _cover(eng_a, eng_c, None)
    now.to("2026-11-22 08:10")
    attendance.sign_in(eng_c, PIN)
    now.to("2026-11-23 12:00")
    away, on = of("eng-a"), of("eng-c")
    assert away.covered
    assert (away.planned_minutes, away.judged.in_order) == (0, True)
    assert away.covered_by is not None
    assert on.covers is not None
    assert (away.covered_by.en, on.covers.en, on.judged.late_minutes) == ("Eng. C", "Eng. A", 10)


def test_two_who_share_a_shift_of_somebody_both_stand_in_for_him(eng_a: Actor, eng_c: Actor, eng_d: Actor) -> None:
    _cover(eng_a, eng_c, None)
    first = Assignment.get(Assignment.person == eng_c.person_id, Assignment.why.contains('"change"'))
    noon = moment("2026-11-22 14:00")
    change = RosterChange.get()
    other = RosterChange.create(**{**change.__data__, "id": None, "person_in": eng_d.person_id})
    Assignment.update(to_at=noon).where(Assignment.id == first.id).execute()
    why = f'{{"rule": "r", "turn": 1, "change": {other.id}}}'
    Assignment.create(shift=first.shift_id, person=eng_d.person_id, from_at=noon, why=why)
    away = of("eng-a").covered_by
    assert away is not None
    assert away.en == "Eng. C, Eng. D"
    assert [of(login).covers for login in ("eng-c", "eng-d")] == [of("eng-a").label] * 2


def test_each_part_of_a_shift_is_judged_by_its_own_bounds(eng_a: Actor, eng_c: Actor, now: Clock) -> None:
    noon = moment("2026-11-22 14:00")
    _cover(eng_a, eng_c, noon)
    now.to("2026-11-22 07:55")
    attendance.sign_in(eng_a, PIN)
    now.to("2026-11-22 13:59")
    offer = attendance.offer(eng_c)
    assert not offer.extra
    attendance.sign_in(eng_c, PIN)
    now.to("2026-11-22 14:02")
    assert attendance.sign_out(eng_a, PIN).early == 0
    now.to("2026-11-22 15:00")
    mine, theirs = of("eng-a"), of("eng-c")
    assert (mine.ends_at, theirs.starts_at, mine.part) == (noon, noon, True)
    assert (mine.judged.departure, mine.judged.worked_minutes) == (Departure.ON_TIME, 6 * 60)
    assert (theirs.judged.arrival, theirs.judged.late_minutes) == (Arrival.ON_TIME, 0)
    assert mine.covered_by is not None
    assert theirs.covers is not None


def test_a_part_is_late_from_its_own_beginning(eng_a: Actor, eng_c: Actor, now: Clock) -> None:
    _cover(eng_a, eng_c, moment("2026-11-22 14:00"))
    now.to("2026-11-22 14:20")
    assert attendance.offer(eng_c).late == 20
    assert attendance.sign_in(eng_c, PIN).late == 20
    assert of("eng-c").judged.late_minutes == 20


def test_an_engineer_sees_his_own_and_the_supervisor_everybodys(eng_a: Actor, eng_b: Actor, chief: Actor) -> None:
    assert {each.login for each in attendance.records(eng_a, DAY, DAY)} == {"eng-a"}
    with pytest.raises(Refused, match="his own"):
        attendance.records(eng_a, DAY, DAY, eng_b.person_id)
    assert {each.login for each in attendance.records(chief, DAY, DAY)} == {"eng-a", "eng-b"}
