"""Duty pay of a month from what happened, frozen with its rates, and what came later shown beside it (B8)."""

from __future__ import annotations

from datetime import date

import pytest

from dutydesk.domain.allowance import Remark
from dutydesk.domain.calendar import UnknownYear
from dutydesk.domain.errors import Conflict, Invalid, NotFound, Refused
from dutydesk.services import allowance, notices
from dutydesk.services.allowance import MonthSheet
from dutydesk.services.core import SYSTEM, Actor, record
from dutydesk.storage import chain
from dutydesk.storage.models.allowance import AllowanceMonth
from dutydesk.storage.models.attendance import Attendance, CallOut, CorrectionRequest
from dutydesk.storage.models.audit import AuditEntry
from dutydesk.storage.models.people import Person
from dutydesk.storage.models.shift import Assignment, DutyShift
from tests.hostile import BAD
from tests.services.conftest import PIN, Clock, moment

MONTH = "2026-11"
CHECKED = """
name = "ours"
currency = "CNY"
[[rule]]
name = "night"
night = true
per_shift = "200.00"
[[rule]]
name = "day"
per_shift = "100.00"
"""


def signs(day: str, kind: str, login: str, came: str, left: str | None = None) -> None:
    shift = DutyShift.get((DutyShift.day == day) & (DutyShift.kind == kind))
    person = Person.get(Person.login == login)
    for sign, at in (("in", came), ("out", left)):
        if at:
            instant = moment(at)
            row = Attendance.create(shift=shift, person=person, kind=sign, at=instant, entered_at=instant)
            record(SYSTEM, f"attendance.signed_{sign}", row)


@pytest.fixture
def worked(now: Clock, chief: Actor) -> Clock:
    """Eng. A was there on Sunday, Eng. B came half an hour late for the night; everybody else never came."""
    signs("2026-11-22", "day", "eng-a", "2026-11-22 07:58", "2026-11-22 20:02")
    signs("2026-11-22", "night", "eng-b", "2026-11-22 20:30", "2026-11-23 08:00")
    now.to("2026-12-02 09:00")
    return now


def amounts(sheet: MonthSheet) -> dict[str, int]:
    return {person.login: person.amount for person in sheet.content.people}


def test_the_sheet_pays_what_happened_and_says_why(worked: Clock, chief: Actor) -> None:
    sheet = allowance.sheet(chief, MONTH)
    people = {person.login: person for person in sheet.content.people}
    day = people["eng-a"].lines[0]
    assert (day.rule, day.amount, day.minutes, day.remarks) == ("day-rest", 12000, 720, ())
    night = people["eng-b"].lines[0]
    assert (night.rule, night.amount, night.minutes, night.remarks) == ("night-rest", 17250, 690, (Remark.LATE,))
    absent = [line for person in people.values() for line in person.lines if Remark.ABSENT in line.remarks]
    assert len(absent) == 2 * 9 - 2
    assert not any(line.amount for line in absent)
    assert sheet.content.amount == 29250
    assert [warning.message[:24] for warning in sheet.warnings] == ["The rates are an example"]


def test_a_night_belongs_to_the_day_it_starts(now: Clock, chief: Actor) -> None:
    signs("2026-11-30", "night", planned_on("2026-11-30", "night"), "2026-11-30 20:00", "2026-12-01 08:00")
    now.to("2026-12-01 07:00")
    assert allowance.sheet(chief, MONTH).to_come == 1
    now.to("2026-12-02 09:00")
    line = next(line for person in allowance.sheet(chief, MONTH).content.people for line in person.lines if line.amount)
    assert (line.day, line.rule) == (date(2026, 11, 30), "night-workday")
    assert allowance.sheet(chief, "2026-12").content.amount == 0


def planned_on(day: str, kind: str) -> str:
    shift = DutyShift.get((DutyShift.day == day) & (DutyShift.kind == kind))
    return str(Assignment.get(Assignment.shift == shift).person.login)


def test_two_people_share_a_shift_to_the_cent(now: Clock, chief: Actor) -> None:
    shift = DutyShift.get((DutyShift.day == "2026-11-22") & (DutyShift.kind == "day"))
    half = moment("2026-11-22 13:00")
    Assignment.update(to_at=half).where(Assignment.shift == shift).execute()
    Assignment.create(shift=shift, person=Person.get(Person.login == "eng-c"), from_at=half)
    signs("2026-11-22", "day", "eng-a", "2026-11-22 08:00", "2026-11-22 13:00")
    signs("2026-11-22", "day", "eng-c", "2026-11-22 12:58", "2026-11-22 20:00")
    now.to("2026-11-23 07:00")
    paid = amounts(allowance.sheet(chief, MONTH))
    assert (paid["eng-a"], paid["eng-c"]) == (5000, 7000)


def test_call_outs_that_hold_are_paid(worked: Clock, chief: Actor) -> None:
    person, called = Person.get(Person.login == "eng-c"), moment("2026-11-25 23:10")
    usual = {"person": person, "called_at": called, "entered_at": called, "entered_by": person}
    first = CallOut.create(**usual, left_at=called + 3600)
    boss = Person.get(Person.login == "chief")
    CallOut.create(**usual, left_at=called + 5400, corrects=first, reason="left later", approver=boss)
    CallOut.create(**usual | {"called_at": called - 86400}, left_at=called, cancelled=True)
    lines = [line for each in allowance.sheet(chief, MONTH).content.people for line in each.lines if line.amount]
    call = next(line for line in lines if line.login == "eng-c")
    assert (call.rule, call.minutes, call.amount, call.remarks) == ("call-night", 90, 9000, (Remark.CORRECTED,))


def test_an_engineer_sees_his_own_pay(worked: Clock, eng_a: Actor, reader: Actor) -> None:
    sheet = allowance.sheet(eng_a, MONTH)
    assert (list(amounts(sheet)), sheet.own) == (["eng-a"], True)
    assert len(amounts(allowance.sheet(reader, MONTH))) > 1


def test_a_frozen_month_keeps_its_rates_and_tells_everybody(worked: Clock, chief: Actor, eng_a: Actor) -> None:
    seen = allowance.sheet(chief, MONTH)
    frozen = allowance.freeze(chief, PIN, MONTH, seen=seen.digest)
    assert frozen.frozen is not None
    assert (frozen.frozen.revision, frozen.frozen.amount) == (1, 29250)
    told = notices.mine(eng_a)[0].said
    assert (told.values["amount"], told.values["month"]) == ("120.00", MONTH)
    allowance.set_rates(chief, CHECKED, date(2026, 11, 1))
    after = allowance.sheet(chief, MONTH)
    assert (after.content, after.changed, after.rates[0].name) == (seen.content, 0, "example")
    assert allowance.sheet(chief, "2026-12").rates[0].name == "ours"
    entry = AuditEntry.select().where(AuditEntry.action == "allowance.frozen").get()
    assert frozen.frozen.digest in entry.values
    assert chain.verify().broken is None


def test_a_recalculation_shows_the_difference_and_a_revision_needs_its_reason(worked: Clock, chief: Actor) -> None:
    allowance.freeze(chief, PIN, MONTH)
    with pytest.raises(Refused, match="Nothing differs"):
        allowance.freeze(chief, PIN, MONTH, reason="again")
    signs("2026-11-23", "day", planned_on("2026-11-23", "day"), "2026-11-23 08:00", "2026-11-23 20:00")
    found = allowance.difference(chief, MONTH)
    assert (found.before, found.after, len(found.people)) == (29250, 34250, 1)
    line = found.people[0].lines[0]
    assert line.before is not None
    assert (line.before.remarks, line.by) == ((Remark.ABSENT,), 5000)
    sheet = allowance.sheet(chief, MONTH)
    assert (sheet.content.amount, sheet.changed) == (29250, 1)
    with pytest.raises(Invalid, match="must not be empty"):
        allowance.freeze(chief, PIN, MONTH, seen=found.digest)
    again = allowance.freeze(chief, PIN, MONTH, seen=found.digest, reason="a forgotten signature")
    assert again.content.amount == 34250
    assert [(line.revision, line.amount) for line in allowance.revisions(chief, MONTH)] == [(2, 34250), (1, 29250)]
    assert AllowanceMonth.select().count() == 2


def test_fresh_rates_are_taken_only_when_asked(worked: Clock, chief: Actor) -> None:
    allowance.freeze(chief, PIN, MONTH)
    allowance.set_rates(chief, CHECKED, date(2026, 11, 22))
    assert allowance.difference(chief, MONTH).people == ()
    fresh = allowance.difference(chief, MONTH, fresh=True)
    assert (fresh.before, fresh.after) == (29250, 10000 + 19167)
    again = allowance.freeze(chief, PIN, MONTH, fresh=True, seen=fresh.digest, reason="new rates approved")
    assert [line.name for line in again.rates] == ["example", "ours"]


def test_what_changed_since_it_was_looked_at_is_not_signed(worked: Clock, chief: Actor) -> None:
    seen = allowance.sheet(chief, MONTH).digest
    signs("2026-11-23", "day", planned_on("2026-11-23", "day"), "2026-11-23 08:00", "2026-11-23 20:00")
    with pytest.raises(Conflict, match="look again"):
        allowance.freeze(chief, PIN, MONTH, seen=seen)


def test_a_month_that_is_not_over_warns(now: Clock, chief: Actor) -> None:
    signs("2026-11-22", "day", "eng-a", "2026-11-22 07:58", "2026-11-22 20:02")
    now.to("2026-11-22 20:10")
    sheet = allowance.sheet(chief, MONTH)
    assert (sheet.over, sheet.to_come) == (False, 17)
    with pytest.raises(Refused, match="not over; duties still to come: 17"):
        allowance.freeze(chief, PIN, MONTH)
    with pytest.raises(Invalid, match="must not be empty"):
        allowance.freeze(chief, PIN, MONTH, unfinished=True)
    assert allowance.freeze(chief, PIN, MONTH, unfinished=True, reason="books close early").frozen


def test_what_cannot_be_worked_out_is_said(now: Clock, chief: Actor) -> None:
    with pytest.raises(UnknownYear, match="does not hold 2027"):
        allowance.sheet(chief, "2027-01")
    with pytest.raises(Invalid, match="is no month"):
        allowance.sheet(chief, "2026-13")
    with pytest.raises(NotFound, match="is not frozen yet"):
        allowance.difference(chief, MONTH)
    with pytest.raises(Refused, match="Nothing has happened in 2026-12"):
        allowance.freeze(chief, PIN, "2026-12")
    with pytest.raises(Invalid, match=r"rates\.toml, \[\[rule\]\] 1: give one of"):
        allowance.set_rates(chief, 'name = "x"\ncurrency = "CNY"\n[[rule]]\n', date(2026, 11, 1), source="rates.toml")
    allowance.set_rates(chief, CHECKED.replace("CNY", "EUR"), date(2026, 11, 10))
    with pytest.raises(Refused, match="two currencies"):
        allowance.sheet(chief, MONTH)


def test_days_before_the_first_rates_say_so(now: Clock, chief: Actor) -> None:
    assert allowance.sheet(chief, "2026-09").warnings[0].message.startswith("No rates are in force")


def test_what_waits_is_told_before_a_month_is_frozen(worked: Clock, chief: Actor, eng_a: Actor) -> None:
    assert allowance.to_freeze(chief) == MONTH
    shift = DutyShift.get((DutyShift.day == "2026-11-24") & (DutyShift.kind == "day"))
    request = CorrectionRequest.create(
        shift=shift, person=eng_a.person_id, reason="the PIN failed", asked_at=moment("2026-12-01 09:00")
    )
    record(SYSTEM, "correction.asked", request)
    warned = {warning.message: warning.values for warning in allowance.sheet(chief, MONTH).warnings}
    assert warned["Requests for corrections that wait: {n}."] == {"n": 1}
    allowance.freeze(chief, PIN, MONTH)
    assert allowance.to_freeze(chief) == ""


def test_a_file_of_rates_steers_no_terminal(worked: Clock, chief: Actor) -> None:
    hostile = CHECKED.replace('name = "day"', 'name = "day"\ntitle = "Day \\u001b[2J[red]\\u202e"')
    line = allowance.set_rates(chief, f"# \x1b[2J\u202eours\r\n{hostile}", date(2026, 11, 1))
    assert not BAD.search(line.text)
    sheet = allowance.sheet(chief, MONTH)
    titles = {paid.title.en for person in sheet.content.people for paid in person.lines}
    assert titles == {"Day [red]", "night"}
    with pytest.raises(Invalid, match="Too long"):
        allowance.set_rates(chief, "#" * 70_000, date(2026, 11, 1))
    with pytest.raises(Invalid, match="must not be empty"):
        allowance.set_rates(chief, " \n\x1b[2J", date(2026, 11, 1))
