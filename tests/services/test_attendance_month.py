"""The month of attendance. Source: REQUIREMENTS C11."""

from __future__ import annotations

from datetime import date

import pytest

from dutydesk.domain.callouts import Called
from dutydesk.domain.errors import Invalid
from dutydesk.services import attendance, callouts, corrections
from dutydesk.services.attendance import Counts
from dutydesk.services.attendance_records import duty_records
from dutydesk.services.core import Actor
from dutydesk.storage.models.desk import Policy
from dutydesk.storage.models.shift import DutyShift
from tests.services.conftest import PIN, Clock, moment
from tests.services.test_attendance import sealed


def counts_of(who: Actor, login: str) -> Counts:
    sheet = attendance.month(who, "2026-11")
    return next(line.counts for line in sheet.people if line.login == login)


def test_a_month_adds_up_from_its_duties(eng_a: Actor, eng_b: Actor, eng_c: Actor, chief: Actor, now: Clock) -> None:
    now.to("2026-11-22 08:20")
    day = attendance.sign_in(eng_a, PIN)
    sealed(day.shift)
    callouts.put_down(eng_a, eng_c.person_id, Called(moment("2026-11-22 08:00"), on_site=False), "VPN")
    now.to("2026-11-22 19:50")
    attendance.sign_in(eng_b, PIN)
    now.to("2026-11-22 20:00")
    attendance.sign_out(eng_a, PIN)
    now.to("2026-11-23 06:30")
    attendance.sign_out(eng_b, PIN, reason="ill")
    now.to("2026-11-23 20:00")
    a, b = counts_of(chief, "eng-a"), counts_of(chief, "eng-b")
    assert (a.late, a.late_minutes, a.early, a.overlap_minutes, a.worked_minutes) == (1, 20, 0, 10, 700)
    assert (b.on_time, b.early, b.early_minutes, b.nights >= 1) == (1, 1, 90, True)
    sheet = attendance.month(chief, "2026-11")
    assert [line.login for line in sheet.people] == ["eng-c", "eng-d", "eng-a", "eng-b"]
    assert (sheet.total.call_outs, sheet.total.call_out_minutes) == (1, 0)
    assert sheet.total.planned == len([each for each in duty_records(sheet.first, sheet.last) if not each.extra])
    assert sheet.total.planned == sheet.total.ahead + sheet.total.on_time + sheet.total.late + sheet.total.absent
    assert (sheet.first, sheet.last) == (date(2026, 11, 1), date(2026, 11, 30))


def test_a_correction_changes_the_month_and_is_counted(eng_a: Actor, chief: Actor, now: Clock) -> None:
    now.to("2026-11-22 20:00")
    assert counts_of(chief, "eng-a").absent == 1
    shift = DutyShift.get(DutyShift.day == "2026-11-22", DutyShift.kind == "day")
    corrections.correct(
        chief, PIN, shift.id, eng_a.person_id, "was there", came_at=shift.starts_at, left_at=shift.starts_at + 11 * 3600
    )
    found = counts_of(chief, "eng-a")
    assert (found.absent, found.on_time, found.early_minutes, found.corrected) == (0, 1, 60, 1)


def test_an_engineer_sees_his_own_line_and_what_he_asked_for(eng_a: Actor, eng_b: Actor, now: Clock) -> None:
    now.to("2026-11-22 20:00")
    shift = DutyShift.get(DutyShift.day == "2026-11-22", DutyShift.kind == "day")
    corrections.ask(eng_a, shift.id, "forgot", came_at=shift.starts_at)
    assert [(line.login, line.waiting) for line in attendance.month(eng_a, "2026-11").people] == [("eng-a", 1)]
    assert [line.login for line in attendance.month(eng_b, "2026-11").people] == ["eng-b"]


def test_minutes_of_grace_are_those_of_the_policy_of_the_day(eng_a: Actor, chief: Actor, now: Clock) -> None:
    now.to("2026-11-22 08:08")
    attendance.sign_in(eng_a, PIN)
    assert counts_of(chief, "eng-a").late == 1
    old = Policy.get()
    kinder = old.text.replace("late_grace_minutes = 5", "late_grace_minutes = 10")
    assert kinder != old.text
    Policy.create(name=old.name, text=kinder, effective_from="2026-11-23", made_at=0)
    assert counts_of(chief, "eng-a").late == 1
    Policy.update(effective_from="2026-11-22").where(Policy.text == kinder).execute()
    assert (counts_of(chief, "eng-a").late, counts_of(chief, "eng-a").on_time) == (0, 1)


def test_a_month_is_named_as_people_write_it(chief: Actor) -> None:
    assert attendance.month(chief, "2026年11月").month == "2026-11"
    with pytest.raises(Invalid):
        attendance.month(chief, "november")
