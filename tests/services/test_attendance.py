"""Signing in and out. Source: REQUIREMENTS C11, C12, B2."""

from __future__ import annotations

import peewee
import pytest

from dutydesk.domain.errors import Refused
from dutydesk.domain.log import LogKind
from dutydesk.domain.shift import DutyState
from dutydesk.services import attendance, log, shift
from dutydesk.services.attendance import Sign
from dutydesk.services.core import Actor
from dutydesk.storage import chain
from dutydesk.storage.engine import db
from dutydesk.storage.models.attendance import Attendance
from dutydesk.storage.models.handover import Handover
from dutydesk.storage.models.shift import Assignment, DutyShift
from tests import server
from tests.services.conftest import PIN, Clock


def person_on(view: shift.ShiftView | None, login: str) -> shift.AssignedView:
    assert view is not None
    return next(person for person in view.assigned if person.login == login)


def sealed(view: shift.ShiftView) -> None:
    """Put a sealed handover in place of the whole ceremony."""
    following = DutyShift.get(DutyShift.starts_at > view.starts_at)
    Handover.create(number="HO-X", from_shift=view.id, to_shift=following, status="sealed", sealed_at=0)


def test_a_planned_person_signs_in_on_time(eng_a: Actor, now: Clock) -> None:
    now.to("2026-11-22 07:55")
    signed = attendance.sign_in(eng_a, PIN)
    assert (signed.sign, signed.late, signed.extra) == (Sign.IN, 0, False)
    me = person_on(shift.view(eng_a, signed.shift.id), "eng-a")
    assert me.state is DutyState.ON
    assert me.signed_at == now.to("2026-11-22 07:55")
    assert attendance.signed_in(signed.shift.id) == {eng_a.person_id}


@pytest.mark.parametrize(("at", "late"), [("08:05", 0), ("08:06", 6), ("09:30", 90)])
def test_late_minutes_count_in_full_beyond_the_grace(eng_a: Actor, now: Clock, at: str, late: int) -> None:
    now.to(f"2026-11-22 {at}")
    assert attendance.offer(eng_a).late == late
    assert attendance.sign_in(eng_a, PIN).late == late
    row = Attendance.select().get()
    assert (row.late_minutes, row.host, row.terminal) == (late, "console", "pts/1")


@pytest.mark.parametrize(
    ("at", "state", "late"),
    [
        ("2026-11-22 07:30", DutyState.EXPECTED, 0),
        ("2026-11-22 08:04", DutyState.EXPECTED, 0),
        ("2026-11-22 08:12", DutyState.MISSING, 12),
        ("2026-11-22 10:30", DutyState.ABSENT, 150),
    ],
)
def test_who_has_not_signed_is_expected_then_missing_then_absent(
    eng_a: Actor, now: Clock, at: str, state: DutyState, late: int
) -> None:
    instant = now.to(at)
    day = shift.at(eng_a, max(instant, now.to("2026-11-22 08:00")))
    now.to(at)
    me = person_on(shift.view(eng_a, day.id if day else 0), "eng-a")
    assert (me.state, me.late_minutes) == (state, late)


def test_the_next_shift_opens_an_hour_before_it_begins(eng_b: Actor, now: Clock) -> None:
    now.to("2026-11-22 18:59")
    assert attendance.offer(eng_b).extra
    now.to("2026-11-22 19:00")
    offer = attendance.offer(eng_b)
    assert (offer.sign, offer.extra, offer.shift.kind) == (Sign.IN, False, "night")
    assert attendance.sign_in(eng_b, PIN).shift.kind == "night"


def test_a_named_shift_that_is_too_early_says_when_it_opens(eng_b: Actor, now: Clock) -> None:
    night = shift.at(eng_b, now.to("2026-11-22 21:00"))
    assert night is not None
    now.to("2026-11-22 14:32")
    with pytest.raises(Refused, match="opens at 11-22 19:00"):
        attendance.sign_in(eng_b, PIN, shift_id=night.id)


def test_a_stranger_signs_in_as_extra_only_when_he_knows(eng_c: Actor, now: Clock) -> None:
    with pytest.raises(Refused, match="not planned"):
        attendance.sign_in(eng_c, PIN)
    signed = attendance.sign_in(eng_c, PIN, extra=True)
    assert (signed.extra, signed.late) == (True, 0)
    me = person_on(shift.current(eng_c), "eng-c")
    assert (me.extra, me.state) == (True, DutyState.ON)
    assert Assignment.select().where(Assignment.flag == "extra").count() == 1


def test_an_extra_comes_back_without_a_second_place(eng_c: Actor, now: Clock) -> None:
    attendance.sign_in(eng_c, PIN, extra=True)
    attendance.sign_out(eng_c, PIN, reason="only looked in")
    now.pass_minutes(10)
    attendance.sign_in(eng_c, PIN, extra=True)
    assert Assignment.select().where(Assignment.flag == "extra").count() == 1


def test_nobody_signs_in_twice(eng_a: Actor) -> None:
    signed = attendance.sign_in(eng_a, PIN)
    with pytest.raises(Refused, match="already"):
        attendance.sign_in(eng_a, PIN)
    with pytest.raises(Refused, match="already"):
        attendance.sign_in(eng_a, PIN, shift_id=signed.shift.id)


def test_a_wrong_pin_signs_nothing(eng_a: Actor) -> None:
    with pytest.raises(Refused, match="wrong"):
        attendance.sign_in(eng_a, "9999")
    assert not Attendance.select().exists()


def test_a_reader_does_not_sign(reader: Actor) -> None:
    with pytest.raises(Refused):
        attendance.sign_in(reader, PIN, extra=True)


def test_the_last_one_gives_a_reason_before_the_handover_is_accepted(eng_a: Actor, now: Clock) -> None:
    attendance.sign_in(eng_a, PIN)
    now.to("2026-11-22 20:10")
    offer = attendance.offer(eng_a)
    assert (offer.sign, offer.holds_duty) == (Sign.OUT, True)
    with pytest.raises(Refused) as refused:
        attendance.sign_out(eng_a, PIN)
    assert refused.value.field == "reason"
    signed = attendance.sign_out(eng_a, PIN, reason="ambulance")
    assert signed.early == 0
    row = Attendance.select().order_by(Attendance.id.desc()).get()
    assert (row.kind, row.reason) == ("out", "ambulance")
    line = log.tail(eng_a)[0]
    assert line.kind is LogKind.ATTENDANCE
    assert "before the handover" in (line.message or "")


def test_with_somebody_else_of_the_shift_there_no_reason_is_asked(eng_a: Actor, eng_c: Actor) -> None:
    attendance.sign_in(eng_a, PIN)
    attendance.sign_in(eng_c, PIN, extra=True)
    assert attendance.sign_out(eng_c, PIN).sign is Sign.OUT


def test_after_acceptance_one_simply_leaves(eng_a: Actor, now: Clock) -> None:
    signed = attendance.sign_in(eng_a, PIN)
    sealed(signed.shift)
    now.to("2026-11-22 20:10")
    assert not attendance.offer(eng_a).holds_duty
    out = attendance.sign_out(eng_a, PIN)
    assert person_on(out.shift, "eng-a").state is DutyState.LEFT


def test_leaving_early_is_recorded(eng_a: Actor, now: Clock) -> None:
    signed = attendance.sign_in(eng_a, PIN)
    sealed(signed.shift)
    now.to("2026-11-22 19:30")
    assert attendance.offer(eng_a).early == 30
    assert attendance.sign_out(eng_a, PIN).early == 30
    me = person_on(shift.current(eng_a), "eng-a")
    assert me.early_minutes == 30


def test_signing_out_without_being_signed_in_is_refused(eng_a: Actor) -> None:
    with pytest.raises(Refused, match="not signed in"):
        attendance.sign_out(eng_a, PIN)


@pytest.mark.commits
def test_signatures_are_append_only_and_in_the_chain(eng_a: Actor) -> None:
    signed = attendance.sign_in(eng_a, PIN)
    assert chain.verify().broken is None
    for statement in ("update attendance set late_minutes = 0", "delete from attendance"):
        with pytest.raises(peewee.DatabaseError, match="append-only"):
            db.execute_sql(statement)
    server.drop_trigger("attendance_no_update", "attendance")
    db.execute_sql("update attendance set at = at - 600")
    broken = chain.verify().broken
    assert broken is not None
    assert (broken.table, broken.key) == ("attendance", signed.id)


def test_a_corrected_signature_no_longer_counts(eng_a: Actor, chief: Actor, now: Clock) -> None:
    now.to("2026-11-22 09:00")
    signed = attendance.sign_in(eng_a, PIN)
    Attendance.create(
        shift=signed.shift.id,
        person=eng_a.person_id,
        kind="in",
        at=signed.shift.starts_at,
        entered_at=signed.at,
        corrects=signed.id,
        reason="was in the machine room",
        approver=chief.person_id,
    )
    me = person_on(shift.current(eng_a), "eng-a")
    assert (me.signed_at, me.late_minutes) == (signed.shift.starts_at, 0)
