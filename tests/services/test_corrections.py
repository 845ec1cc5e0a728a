"""Putting attendance right: new records with reason and approver. Source: REQUIREMENTS C11, C12."""

from __future__ import annotations

from datetime import date

import peewee
import pytest

from dutydesk.domain.attendance import Arrival, Departure
from dutydesk.domain.corrections import RequestStatus
from dutydesk.domain.errors import DeskError, Invalid, Refused
from dutydesk.domain.people import Role
from dutydesk.domain.shift import DutyState
from dutydesk.services import attendance, correction_views, corrections, log, notices, people, shift, shift_views
from dutydesk.services.attendance import DutyRecord, duty_records
from dutydesk.services.core import Actor
from dutydesk.services.shift_live import DueKind, live
from dutydesk.storage import chain
from dutydesk.storage.engine import db
from dutydesk.storage.models.attendance import Attendance
from dutydesk.storage.models.audit import AuditEntry
from dutydesk.storage.models.people import Person
from dutydesk.storage.models.shift import DutyShift
from tests.services.conftest import PIN, Clock, moment
from tests.services.test_attendance import person_on

DAY = date(2026, 11, 22)


def of(login: str, kind: str = "day") -> DutyRecord:
    return next(each for each in duty_records(DAY, DAY) if each.login == login and each.kind == kind)


def day_shift() -> DutyShift:
    row: DutyShift = DutyShift.get(DutyShift.day == "2026-11-22", DutyShift.kind == "day")
    return row


def test_who_forgot_to_sign_asks_and_the_supervisor_approves(eng_a: Actor, chief: Actor, now: Clock) -> None:
    now.to("2026-11-22 21:00")
    assert of("eng-a").judged.arrival is Arrival.ABSENT
    asked = corrections.ask(
        eng_a,
        day_shift().id,
        "the console was down",
        came_at=moment("2026-11-22 07:58"),
        left_at=moment("2026-11-22 20:10"),
    )
    assert (asked.status, correction_views.waiting(chief)) == (RequestStatus.ASKED, 1)
    assert of("eng-a").judged.arrival is Arrival.ABSENT
    assert [(line.kind, line.id) for line in live(chief).due if line.kind is DueKind.CORRECTION] == [
        (DueKind.CORRECTION, asked.id)
    ]
    assert not [line for line in live(eng_a).due if line.kind is DueKind.CORRECTION]
    assert "asks to have" in notices.mine(chief)[0].said.message
    done = corrections.approve(chief, PIN, asked.id)
    assert (done.status, correction_views.waiting(chief)) == (RequestStatus.APPROVED, 0)
    record = of("eng-a")
    assert (record.judged.arrival, record.judged.departure, record.corrected) == (
        Arrival.ON_TIME,
        Departure.ON_TIME,
        True,
    )
    lines = correction_views.signatures_of(eng_a, day_shift().id, eng_a.person_id)
    assert [(line.kind, line.added, str(line.approver)) for line in lines] == [
        ("in", True, "Chief"),
        ("out", True, "Chief"),
    ]
    assert lines[0].reason == "the console was down"
    assert "approved your correction" in notices.mine(eng_a)[0].said.message
    assert "put right, came" in (log.tail(chief)[0].message or "")
    assert chain.verify().broken is None


@pytest.mark.commits
def test_a_correction_stands_instead_of_the_signature_and_both_stay(eng_a: Actor, chief: Actor, now: Clock) -> None:
    now.to("2026-11-22 08:40")
    signed = attendance.sign_in(eng_a, PIN)
    assert signed.late == 40
    now.to("2026-11-22 12:00")
    done = corrections.correct(
        chief, PIN, signed.shift.id, eng_a.person_id, "was in the machine room", came_at=moment("2026-11-22 08:12")
    )
    assert of("eng-a").judged.late_minutes == 12
    me = person_on(shift.current(eng_a), "eng-a")
    assert (me.signed_at, me.late_minutes, me.state) == (moment("2026-11-22 08:12"), 12, DutyState.ON)
    before = shift_views.views([day_shift()], now=moment("2026-11-22 08:15"))[0]
    assert person_on(before, "eng-a").signed_in
    first, second = correction_views.signatures_of(chief, signed.shift.id, eng_a.person_id)
    assert (first.id, first.corrected_by, first.standing) == (signed.id, done.signatures[0], False)
    assert (second.corrects, second.reason, str(second.approver)) == (signed.id, "was in the machine room", "Chief")
    entry = AuditEntry.select().where(AuditEntry.action == "attendance.corrected").get()
    assert "was in the machine room" in entry.values
    assert chain.verify().broken is None
    with pytest.raises(peewee.DatabaseError, match="append-only"):
        db.execute_sql("update attendance set void = true")
    with pytest.raises(peewee.IntegrityError):
        Attendance.create(
            shift=signed.shift.id, person=eng_a.person_id, kind="in", at=1, entered_at=1, corrects=signed.id
        )


def test_a_correction_is_corrected_again(eng_a: Actor, chief: Actor, now: Clock) -> None:
    now.to("2026-11-22 08:40")
    signed = attendance.sign_in(eng_a, PIN)
    for at in ("08:12", "08:20"):
        corrections.correct(
            chief, PIN, signed.shift.id, eng_a.person_id, "seen on the door log", came_at=moment(f"2026-11-22 {at}")
        )
    assert of("eng-a").judged.late_minutes == 20
    with pytest.raises(Invalid, match="Nothing is different"):
        corrections.correct(chief, PIN, signed.shift.id, eng_a.person_id, "again", came_at=moment("2026-11-22 08:20"))


def test_a_signature_that_never_was_takes_its_sign_out_along(
    eng_a: Actor, eng_c: Actor, chief: Actor, now: Clock
) -> None:
    now.to("2026-11-22 08:00")
    attendance.sign_in(eng_a, PIN)
    signed = attendance.sign_in(eng_c, PIN, extra=True)
    now.to("2026-11-22 09:00")
    attendance.sign_out(eng_c, PIN)
    corrections.void(chief, PIN, signed.id, "somebody else knew the PIN")
    view = shift.current(eng_a)
    assert view is not None
    assert [person.login for person in view.assigned] == ["eng-a"]
    assert not [each for each in duty_records(DAY, DAY) if each.login == "eng-c"]
    assert "took a signature of yours" in notices.mine(eng_c)[0].said.message
    with pytest.raises(Refused, match="does not count"):
        corrections.void(chief, PIN, signed.id, "again")
    assert attendance.sign_in(eng_c, PIN, extra=True).extra
    assert [each.login for each in duty_records(DAY, DAY) if each.extra] == ["eng-c"]


def test_who_is_signed_in_by_mistake_is_not_on_duty_any_more(eng_a: Actor, chief: Actor, now: Clock) -> None:
    signed = attendance.sign_in(eng_a, PIN)
    now.pass_minutes(5)
    corrections.void(chief, PIN, signed.id, "wrong console")
    assert attendance.signed_in(signed.shift.id) == set()
    with pytest.raises(Refused, match="not signed in"):
        attendance.sign_out(eng_a, PIN)
    assert attendance.sign_in(eng_a, PIN).late == 397


@pytest.mark.parametrize(
    ("came", "left", "words"),
    [
        (None, None, "came or left"),
        ("06:30", None, "does not belong"),
        ("20:00", None, "does not belong"),
        ("23:30", None, "lies ahead"),
        (None, "20:00", "say as well"),
        ("12:00", "11:00", "follow one another"),
        ("12:00", "12:00", "same minute"),
    ],
)
def test_times_that_cannot_be_are_refused(
    eng_a: Actor, now: Clock, came: str | None, left: str | None, words: str
) -> None:
    now.to("2026-11-22 22:00")
    at = {name: moment(f"2026-11-22 {text}") for name, text in (("came_at", came), ("left_at", left)) if text}
    with pytest.raises(Invalid, match=words):
        corrections.ask(eng_a, day_shift().id, "forgot", **at)


def test_a_request_waits_once_is_withdrawn_and_refused_with_a_reason(
    eng_a: Actor, eng_b: Actor, chief: Actor, now: Clock
) -> None:
    now.to("2026-11-22 21:00")
    came = moment("2026-11-22 08:00")
    first = corrections.ask(eng_a, day_shift().id, "forgot", came_at=came)
    with pytest.raises(Refused, match="waits already"):
        corrections.ask(eng_a, day_shift().id, "forgot", came_at=came)
    with pytest.raises(Refused, match="Only who asked"):
        corrections.withdraw(eng_b, first.id)
    assert corrections.withdraw(eng_a, first.id).status is RequestStatus.WITHDRAWN
    second = corrections.ask(eng_a, day_shift().id, "forgot", came_at=came)
    with pytest.raises(Invalid):
        corrections.refuse(chief, PIN, second.id, " ")
    with pytest.raises(Refused, match="wrong"):
        corrections.refuse(chief, "0000", second.id, "nobody saw you")
    done = corrections.refuse(chief, PIN, second.id, "nobody saw you")
    assert (done.status, done.decision) == (RequestStatus.REFUSED, "nobody saw you")
    assert of("eng-a").judged.arrival is Arrival.ABSENT
    with pytest.raises(Refused, match="already"):
        corrections.approve(chief, PIN, second.id)
    assert [line.id for line in correction_views.requests(eng_a)] == [second.id, first.id]
    assert correction_views.requests(eng_b) == []
    with pytest.raises(Refused, match="his own"):
        correction_views.request(eng_b, first.id)


def test_an_engineer_decides_nothing(eng_a: Actor, eng_b: Actor, now: Clock) -> None:
    now.to("2026-11-22 21:00")
    asked = corrections.ask(eng_a, day_shift().id, "forgot", came_at=moment("2026-11-22 08:00"))
    for call in (
        lambda: corrections.approve(eng_b, PIN, asked.id),
        lambda: corrections.correct(eng_b, PIN, day_shift().id, eng_a.person_id, "x", came_at=1),
    ):
        with pytest.raises(DeskError, match="may not"):
            call()


def test_nobody_decides_about_himself_while_there_is_another_supervisor(eng_b: Actor, chief: Actor, now: Clock) -> None:
    now.to("2026-11-22 21:00")
    came = moment("2026-11-22 09:00")
    Person.update(role=Role.SUPERVISOR.value).where(Person.id == eng_b.person_id).execute()
    second = people.identify("eng-b")
    asked = corrections.ask(chief, day_shift().id, "helped out", came_at=came, left_at=moment("2026-11-22 11:00"))
    for call in (
        lambda: corrections.approve(chief, PIN, asked.id),
        lambda: corrections.refuse(chief, PIN, asked.id, "no"),
        lambda: corrections.correct(chief, PIN, day_shift().id, chief.person_id, "x", came_at=came),
    ):
        with pytest.raises(Refused, match="another supervisor"):
            call()
    corrections.approve(second, PIN, asked.id)
    record = of("chief")
    assert (record.extra, record.judged.worked_minutes) == (True, 120)


def test_the_only_supervisor_puts_his_own_right(chief: Actor, now: Clock) -> None:
    now.to("2026-11-22 21:00")
    corrections.correct(chief, PIN, day_shift().id, chief.person_id, "helped out", came_at=moment("2026-11-22 09:00"))
    assert of("chief").extra
