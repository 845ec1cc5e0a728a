"""Leave from asking to the changed roster: covers, answers, decisions, and everything that comes in between."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from dutydesk.domain.errors import Conflict, Invalid, Refused
from dutydesk.domain.leave import CoverStatus, LeaveStatus
from dutydesk.domain.log import Said
from dutydesk.domain.overlay import ChangeKind
from dutydesk.domain.people import Role
from dutydesk.locale.lines import said
from dutydesk.services import (
    covers,
    leave,
    leave_due,
    leave_follow,
    notices,
    people,
    planning,
    roster,
    roster_changes,
    shift,
)
from dutydesk.services.core import SYSTEM, Actor
from dutydesk.services.leave import LeaveView, NewCover, NewLeave
from dutydesk.services.leave_due import WaitKind
from dutydesk.services.roster_views import NewChange
from dutydesk.storage import chain
from dutydesk.storage.engine import db
from dutydesk.storage.models.audit import AuditEntry
from dutydesk.storage.models.shift import Assignment
from tests.services.conftest import PIN, Clock, moment

NIGHT_24, DAY_26 = 6, 9
"""Ids of the two shifts of Eng. A between 24 and 26 November."""


def ask(who: Actor, first: str = "2026-11-24 08:00", last: str = "2026-11-27 08:00", **more: object) -> LeaveView:
    return leave.ask(who, NewLeave("annual", moment(first), moment(last), "family", **more))  # type: ignore[arg-type]


def told(who: Actor) -> list[str]:
    return [said(line.said) for line in notices.mine(who)]


def on(who: Actor, at: str) -> list[str]:
    view = shift.at(who, moment(at))
    assert view is not None
    return [person.login for person in view.assigned]


def agree(view: LeaveView, login: str, duty: int = 0) -> LeaveView:
    """Ask somebody to cover a duty, and let him agree."""
    owner = people.identify(_login(view))
    who = people.identify(login)
    shift_id = view.duties[duty].shift_id
    view = leave.cover(owner, view.line.id, NewCover(shift_id, who.person_id))
    return leave.answer(who, view.duties[duty].standing[0].id, True)


def _login(view: LeaveView) -> str:
    return next(person.login for person in people.everyone(SYSTEM) if person.id == view.line.person_id)


def test_from_asking_to_the_roster(eng_a: Actor, eng_d: Actor, chief: Actor, now: Clock) -> None:
    view = ask(eng_a, "2026-11-24 08:00", "2026-11-25 08:00")
    assert (view.line.number, view.line.status, view.line.open) == ("LV-261122-1", LeaveStatus.ASKED, 1)
    assert [duty.shift_id for duty in view.duties] == [NIGHT_24]
    assert told(chief) == ["Eng. A asks for leave 11-24 08:00 – 11-25 08:00: LV-261122-1."]
    assert [wait.kind for wait in leave_due.waiting_for(eng_a.person_id, "engineer")] == [WaitKind.OPEN]

    first = leave.candidates(eng_a, view.line.id, NIGHT_24)[0]
    assert first.person.login == "eng-d"
    assert [said(each) for each in first.reasons][1] == "12 h rest"
    view = leave.cover(eng_a, view.line.id, NewCover(NIGHT_24, first.person.id))
    assert leave_due.waiting_for(chief.person_id, "supervisor") == []
    assert [wait.kind for wait in leave_due.waiting_for(eng_d.person_id, "engineer")] == [WaitKind.COVER]
    assert leave.view(eng_d, view.line.id).line.asks == (view.duties[0].covers[0].id,)

    view = leave.answer(eng_d, view.duties[0].covers[0].id, True)
    assert (view.line.covered, view.line.waiting, view.line.open) == (1, 0, 0)
    assert told(chief)[0] == "LV-261122-1 of Eng. A: every shift is covered, it waits for your decision."
    assert [wait.kind for wait in leave_due.waiting_for(chief.person_id, "supervisor")] == [WaitKind.LEAVE]
    assert on(eng_a, "2026-11-24 21:00") == ["eng-a"]

    view = leave.approve(chief, PIN, view.line.id, version=view.line.version)
    assert view.line.status is LeaveStatus.APPROVED
    assert on(eng_a, "2026-11-24 21:00") == ["eng-d"]
    assert told(eng_a)[0] == "Your leave 11-24 08:00 – 11-25 08:00 is approved (LV-261122-1)."
    assert "You cover Night 24 Nov" in told(eng_d)[0]
    assert leave_due.waiting_for(chief.person_id, "supervisor") == []
    actions = [row.action for row in AuditEntry.select().where(AuditEntry.subject == "leave").order_by(AuditEntry.seq)]
    assert actions == ["leave.asked", "leave.cover_asked", "leave.cover_agreed", "leave.approved"]
    assert chain.verify().broken is None


def test_planning_knows_who_is_away_and_leaves_the_covered_slots_to_the_change(
    eng_a: Actor, eng_d: Actor, chief: Actor
) -> None:
    view = agree(ask(eng_a, "2026-11-24 08:00", "2026-11-25 08:00"), "eng-d")
    assert leave.away(0, 1 << 40) == []
    leave.approve(chief, PIN, view.line.id)
    assert [(each.login, each.starts_at, each.ends_at) for each in leave.away(0, 1 << 40)] == [
        ("eng-a", moment("2026-11-24 08:00"), moment("2026-11-24 20:00"))
    ]


def test_no_cover_at_all_needs_a_reason_and_leaves_a_flagged_place(eng_a: Actor, chief: Actor) -> None:
    view = ask(eng_a, "2026-11-24 08:00", "2026-11-25 08:00")
    with pytest.raises(Invalid, match="would stay empty") as refused:
        leave.approve(chief, PIN, view.line.id)
    assert refused.value.field == "reason"
    view = leave.approve(chief, PIN, view.line.id, reason="nobody can, I stand by myself")
    assert view.line.decision == "nobody can, I stand by myself"
    row = Assignment.get((Assignment.shift == NIGHT_24) & (Assignment.flag != "withdrawn"))
    assert (row.person_id, row.flag) == (None, "removed")
    assert view.duties[0].open == ((moment("2026-11-24 20:00"), moment("2026-11-25 08:00")),)


def test_an_empty_place_is_filled_after_the_decision(eng_a: Actor, eng_d: Actor, chief: Actor) -> None:
    view = leave.approve(chief, PIN, ask(eng_a, "2026-11-24 08:00", "2026-11-25 08:00").line.id, reason="later")
    with pytest.raises(Refused):
        leave.cover(eng_a, view.line.id, NewCover(NIGHT_24, eng_d.person_id))
    view = leave.cover(chief, view.line.id, NewCover(NIGHT_24, eng_d.person_id))
    leave.answer(eng_d, view.duties[0].standing[0].id, True)
    assert on(eng_a, "2026-11-24 21:00") == ["eng-d"]
    assert leave.view(eng_a, view.line.id).duties[0].open == ()


def test_a_part_of_a_shift(eng_a: Actor, eng_c: Actor, eng_d: Actor, chief: Actor) -> None:
    view = ask(eng_a, "2026-11-26 14:00", "2026-11-26 18:00")
    assert view.line.days is None
    duty = view.duties[0]
    assert (duty.from_at, duty.to_at, duty.whole) == (moment("2026-11-26 14:00"), moment("2026-11-26 18:00"), False)
    half = moment("2026-11-26 16:00")
    view = leave.cover(eng_a, view.line.id, NewCover(DAY_26, eng_c.person_id, to_at=half))
    assert view.duties[0].open == ((half, moment("2026-11-26 18:00")),)
    with pytest.raises(Invalid, match="within the shift"):
        leave.cover(eng_a, view.line.id, NewCover(DAY_26, eng_d.person_id, half, moment("2026-11-26 19:00")))
    view = leave.answer(eng_c, view.duties[0].standing[0].id, True)
    leave.approve(chief, PIN, view.line.id, reason="two hours without a second man")
    parts = [
        (row.person_id, row.from_at, row.to_at)
        for row in Assignment.select()
        .where((Assignment.shift == DAY_26) & (Assignment.flag != "withdrawn"))
        .order_by(Assignment.from_at)
    ]
    assert (eng_c.person_id, moment("2026-11-26 14:00"), half) in parts
    assert (eng_a.person_id, None, moment("2026-11-26 14:00")) in parts
    assert (None, half, moment("2026-11-26 18:00")) in parts


def test_a_substitute_says_no_and_another_is_asked(eng_a: Actor, eng_c: Actor, eng_d: Actor, chief: Actor) -> None:
    view = ask(eng_a, "2026-11-24 08:00", "2026-11-25 08:00", covers=(NewCover(NIGHT_24, eng_d.person_id),))
    cover = view.duties[0].covers[0]
    with pytest.raises(Refused, match="Somebody else is asked"):
        leave.answer(eng_c, cover.id, True)
    view = leave.answer(eng_d, cover.id, False, "my child is ill")
    assert view.duties[0].covers[0].status is CoverStatus.DECLINED
    assert told(eng_a)[0] == ("Eng. D cannot cover Night 24 Nov: my child is ill (LV-261122-1). Ask somebody else.")
    assert view.line.open == 1
    view = leave.cover(eng_a, view.line.id, NewCover(NIGHT_24, eng_c.person_id))
    view = leave.answer(eng_c, view.duties[0].standing[0].id, True)
    assert said(view.duties[0].standing[0].concerns[0]) == "only 0 h of rest, 11 h are wanted"
    with pytest.raises(Invalid, match="too little rest"):
        leave.approve(chief, PIN, view.line.id)
    leave.approve(chief, PIN, view.line.id, reason="he slept in the afternoon")
    assert on(eng_a, "2026-11-24 21:00") == ["eng-c"]


def test_another_substitute_for_the_same_stretch_replaces_the_first(eng_a: Actor, eng_c: Actor, eng_d: Actor) -> None:
    view = ask(eng_a, "2026-11-24 08:00", "2026-11-25 08:00", covers=(NewCover(NIGHT_24, eng_d.person_id),))
    first = view.duties[0].covers[0].id
    view = leave.cover(eng_a, view.line.id, NewCover(NIGHT_24, eng_c.person_id))
    assert [line.person_id for line in view.duties[0].covers] == [eng_c.person_id]
    assert told(eng_d)[0] == "You are no longer asked to cover Night 24 Nov for Eng. A (LV-261122-1)."
    with pytest.raises(Refused, match="no longer asked"):
        leave.answer(eng_d, first, True)
    view = leave.drop_cover(eng_a, view.duties[0].covers[0].id)
    assert view.duties[0].covers == ()


@pytest.mark.parametrize(
    ("login", "sentence"),
    [("eng-a", "covers for himself"), ("eng-b", "is on duty at that time"), ("reader", "not at the desk")],
)
def test_who_cannot_be_there_is_not_asked(eng_a: Actor, chief: Actor, login: str, sentence: str) -> None:
    view = ask(eng_a, "2026-11-26 08:00", "2026-11-27 20:00")
    roster_changes_by_hand(chief, DAY_26, people.identify("eng-b"))
    with pytest.raises(Invalid, match=sentence):
        leave.cover(eng_a, view.line.id, NewCover(DAY_26, people.identify(login).person_id))
    assert login not in [each.person.login for each in leave.candidates(eng_a, view.line.id, DAY_26)]


def roster_changes_by_hand(who: Actor, shift_id: int, person: Actor, out: Actor | None = None) -> None:
    """Add somebody to a shift, or put him in another's place, as an edit of the roster does."""
    kind = ChangeKind.REPLACE if out else ChangeKind.ADD
    new = NewChange(kind, out.person_id if out else None, person.person_id, shift_id, reason="by hand")
    with db.atomic():
        roster_changes.apply_changes(who, [new], "hand")


def test_the_substitute_is_no_longer_free_when_it_is_decided(
    eng_a: Actor, eng_d: Actor, chief: Actor, now: Clock
) -> None:
    view = agree(ask(eng_a, "2026-11-24 08:00", "2026-11-25 08:00"), "eng-d")
    roster_changes_by_hand(chief, NIGHT_24, eng_d)
    with pytest.raises(Refused, match=r"Eng\. D is on duty at that time\. Ask somebody else first"):
        leave.approve(chief, PIN, view.line.id)
    with db.atomic():
        leave_follow.roster_changed(chief)
    view = leave.view(eng_a, view.line.id)
    assert (view.duties[0].standing, view.line.open) == ((), 1)
    assert told(eng_a)[0] == (
        "The roster has changed: Eng. D is on duty at that time (Night 24 Nov, LV-261122-1). Ask somebody else."
    )


def test_an_edit_that_takes_the_shift_away_makes_the_cover_needless(
    eng_a: Actor, eng_c: Actor, eng_d: Actor, chief: Actor
) -> None:
    view = agree(ask(eng_a, "2026-11-24 08:00", "2026-11-25 08:00"), "eng-d")
    roster_changes_by_hand(chief, NIGHT_24, eng_c, out=eng_a)
    with pytest.raises(Refused, match="the roster has changed since"):
        leave.approve(chief, PIN, view.line.id)
    with db.atomic():
        leave_follow.roster_changed(chief)
    view = leave.view(eng_a, view.line.id)
    assert view.duties == ()
    assert leave.approve(chief, PIN, view.line.id).line.status is LeaveStatus.APPROVED


def test_an_edit_of_the_roster_tells_at_once_whom_it_leaves_without_a_cover(
    eng_a: Actor, eng_d: Actor, chief: Actor
) -> None:
    view = agree(ask(eng_a, "2026-11-24 08:00", "2026-11-25 08:00"), "eng-d")
    change = NewChange(ChangeKind.ADD, person_in=eng_d.person_id)
    roster.edit(chief, NIGHT_24, change, reason="two are needed that night")
    assert leave.view(eng_a, view.line.id).line.open == 1
    assert told(eng_a)[0].startswith("The roster has changed: Eng. D is on duty at that time")
    assert [wait.kind for wait in leave_due.waiting_for(eng_a.person_id, "engineer")] == [WaitKind.OPEN]


def test_who_goes_on_leave_himself_no_longer_covers(eng_a: Actor, eng_d: Actor, chief: Actor) -> None:
    view = agree(ask(eng_a, "2026-11-24 08:00", "2026-11-25 08:00"), "eng-d")
    his = ask(eng_d, "2026-11-24 18:00", "2026-11-25 08:00")
    leave.approve(chief, PIN, his.line.id, reason="none of his shifts")
    assert leave.view(eng_a, view.line.id).line.open == 1
    assert told(eng_a)[0].startswith("The roster has changed: Eng. D is on leave at that time")


def test_a_plan_made_in_two_halves_knows_who_was_away(eng_a: Actor, chief: Actor) -> None:
    view = ask(eng_a, "2026-12-29 08:00", "2026-12-31 08:00")
    assert view.duties == ()
    leave.approve(chief, PIN, view.line.id)
    first, last = date(2026, 12, 28), date(2026, 12, 31)
    whole = planning.plan(first, last).slots
    assert all("eng-a" not in slot.logins for slot in whole if slot.day in (date(2026, 12, 29), date(2026, 12, 30)))
    assert [slot.logins for slot in planning.plan(last, last).slots] == [slot.logins for slot in whole[-2:]]


def test_two_supervisors_decide_at_once(eng_a: Actor, eng_d: Actor, chief: Actor) -> None:
    people.add(chief, "deputy", "副主管", Role.SUPERVISOR, name_en="Deputy", pin=PIN)
    deputy = people.identify("deputy")
    view = agree(ask(eng_a, "2026-11-24 08:00", "2026-11-25 08:00"), "eng-d")
    leave.approve(chief, PIN, view.line.id, version=view.line.version)
    with pytest.raises(Refused, match="Chief has approved LV-261122-1 already"):
        leave.refuse(deputy, PIN, view.line.id, "no", version=view.line.version)


def test_a_decision_meets_a_cover_that_changed_meanwhile(eng_a: Actor, eng_d: Actor, chief: Actor) -> None:
    view = agree(ask(eng_a, "2026-11-24 08:00", "2026-11-25 08:00"), "eng-d")
    leave.answer(eng_d, view.duties[0].standing[0].id, False, "I changed my mind")
    with pytest.raises(Conflict):
        leave.approve(chief, PIN, view.line.id, reason="as I saw it", version=view.line.version)
    assert leave.view(chief, view.line.id).line.undecided


def test_nobody_decides_about_himself_while_another_could(chief: Actor) -> None:
    people.add(chief, "deputy", "副主管", Role.SUPERVISOR, name_en="Deputy", pin=PIN)
    deputy = people.identify("deputy")
    mine = ask(chief)
    with pytest.raises(Refused, match="ask Deputy"):
        leave.approve(chief, PIN, mine.line.id)
    assert leave_due.waiting_for(chief.person_id, "supervisor") == []
    assert [wait.number for wait in leave_due.waiting_for(deputy.person_id, "supervisor")] == [mine.line.number]
    people.disable(chief, "deputy")
    with pytest.raises(Invalid, match="nobody else can"):
        leave.approve(chief, PIN, mine.line.id)
    assert leave.approve(chief, PIN, mine.line.id, reason="there is only me").line.status is LeaveStatus.APPROVED


def test_a_leave_is_withdrawn_before_and_cancelled_after_the_decision(
    eng_a: Actor, eng_b: Actor, eng_d: Actor, chief: Actor
) -> None:
    view = agree(ask(eng_a, "2026-11-24 08:00", "2026-11-25 08:00"), "eng-d")
    with pytest.raises(Refused, match="only he or a supervisor"):
        leave.withdraw(eng_b, view.line.id)
    with pytest.raises(Refused, match="withdraw it"):
        leave.cancel(eng_a, view.line.id, "no")
    assert leave.withdraw(eng_a, view.line.id).line.status is LeaveStatus.WITHDRAWN
    assert "stays his" in told(eng_d)[0]
    with pytest.raises(Refused, match="was withdrawn"):
        leave.approve(chief, PIN, view.line.id)

    view = agree(ask(eng_a, "2026-11-24 08:00", "2026-11-25 08:00"), "eng-d")
    leave.approve(chief, PIN, view.line.id)
    assert on(eng_a, "2026-11-24 21:00") == ["eng-d"]
    with pytest.raises(Refused, match="has approved"):
        leave.withdraw(eng_a, view.line.id)
    view = leave.cancel(eng_a, view.line.id, "the trip is off")
    assert view.line.status is LeaveStatus.CANCELLED
    assert on(eng_a, "2026-11-24 21:00") == ["eng-a"]
    assert "you no longer cover Night 24 Nov" in told(eng_d)[0]
    assert told(chief)[0] == "LV-261122-2 of Eng. A was cancelled: the trip is off"
    assert leave.away(0, 1 << 40) == []


def test_a_leave_that_has_begun_ends_now_and_what_was_covered_stays(
    eng_a: Actor, eng_c: Actor, eng_d: Actor, chief: Actor, now: Clock
) -> None:
    view = agree(agree(ask(eng_a), "eng-d", 0), "eng-c", 1)
    leave.approve(chief, PIN, view.line.id)
    now.to("2026-11-25 10:00")
    view = leave.cancel(eng_a, view.line.id, "well again")
    assert (view.line.status, view.line.ends_at) == (LeaveStatus.APPROVED, moment("2026-11-25 10:00"))
    assert on(eng_a, "2026-11-24 21:00") == ["eng-d"]
    assert on(eng_a, "2026-11-26 10:00") == ["eng-a"]
    assert len(told(eng_d)) == 2


def test_refused_with_a_reason(eng_a: Actor, eng_d: Actor, chief: Actor) -> None:
    view = agree(ask(eng_a, "2026-11-24 08:00", "2026-11-25 08:00"), "eng-d")
    with pytest.raises(Invalid):
        leave.refuse(chief, PIN, view.line.id, "  ")
    with pytest.raises(Refused, match="PIN is wrong"):
        leave.refuse(chief, "1111", view.line.id, "audit week")
    view = leave.refuse(chief, PIN, view.line.id, "audit week")
    assert (view.line.status, view.line.decision) == (LeaveStatus.REFUSED, "audit week")
    assert told(eng_a)[0] == "Your leave 11-24 08:00 – 11-25 08:00 is refused (LV-261122-1): audit week"
    assert "stays his" in told(eng_d)[0]
    assert on(eng_a, "2026-11-24 21:00") == ["eng-a"]


def test_somebody_is_ill_in_the_middle_of_his_shift(eng_a: Actor, eng_d: Actor, chief: Actor, now: Clock) -> None:
    view = leave.ask(chief, NewLeave("sick", now.start, moment("2026-11-23 08:00"), "fever", person_id=eng_a.person_id))
    assert told(eng_a) == ["Leave 11-22 14:32 – 11-23 08:00 was asked for in your name: LV-261122-1."]
    duty = view.duties[0]
    assert (duty.from_at, duty.to_at, duty.fixed) == (now.start, moment("2026-11-22 20:00"), False)
    view = leave.cover(chief, view.line.id, NewCover(duty.shift_id, eng_d.person_id))
    leave.answer(eng_d, view.duties[0].standing[0].id, True)
    now.pass_minutes(10)
    leave.approve(chief, PIN, view.line.id)
    assert on(eng_a, "2026-11-22 15:00") == ["eng-a", "eng-d"]
    row = Assignment.get((Assignment.shift == duty.shift_id) & (Assignment.person == eng_a.person_id))
    assert (row.from_at, row.to_at) == (None, now.start)


def test_a_shift_that_is_signed_for_stays_as_it_is(eng_a: Actor, eng_d: Actor, chief: Actor, now: Clock) -> None:
    from dutydesk.services import attendance

    attendance.sign_in(eng_a, PIN)
    view = ask(eng_a, "2026-11-22 14:32", "2026-11-23 08:00")
    assert view.duties[0].fixed
    assert (view.line.open, view.line.duties, view.line.fixed) == (0, 0, 1)
    assert leave_due.waiting_for(eng_a.person_id, "engineer") == []
    with pytest.raises(Refused, match="signs in as an extra"):
        leave.cover(eng_a, view.line.id, NewCover(view.duties[0].shift_id, eng_d.person_id))
    assert leave.approve(chief, PIN, view.line.id).line.status is LeaveStatus.APPROVED
    assert on(eng_a, "2026-11-22 15:00") == ["eng-a"]


def test_two_leaves_at_once_and_leave_for_others_are_refused(eng_a: Actor, eng_b: Actor) -> None:
    ask(eng_a)
    with pytest.raises(Invalid, match="LV-261122-1 in that time already"):
        ask(eng_a, "2026-11-26 08:00", "2026-11-28 08:00")
    with pytest.raises(Refused, match="Only a supervisor"):
        ask(eng_b, person_id=eng_a.person_id)


def test_the_reason_is_for_those_concerned(eng_a: Actor, eng_b: Actor, eng_d: Actor, chief: Actor) -> None:
    view = ask(eng_a, covers=(NewCover(NIGHT_24, eng_d.person_id),))
    reasons = [leave.view(who, view.line.id).line.reason for who in (eng_a, eng_d, chief, eng_b)]
    assert reasons == ["family", "family", "family", ""]


def test_a_promise_keeps_others_from_asking(eng_a: Actor, eng_b: Actor, eng_d: Actor, chief: Actor) -> None:
    agree(ask(eng_a, "2026-11-24 08:00", "2026-11-25 08:00"), "eng-d")
    field = covers.Fields().of((moment("2026-11-24 22:00"), moment("2026-11-25 02:00")))
    trouble = field.obstacle(eng_d.person_id, (moment("2026-11-24 22:00"), moment("2026-11-25 02:00")))
    assert trouble == Said("covers for somebody else at that time")


def test_who_does_not_answer_is_reminded_once_a_day(
    eng_a: Actor, eng_d: Actor, chief: Actor, now: Clock, desk: Path
) -> None:
    ask(eng_a, "2026-11-28 08:00", "2026-12-02 08:00")
    view = leave.lines(eng_a)[0]
    duty = leave.view(eng_a, view.id).duties[0]
    first = leave.candidates(eng_a, view.id, duty.shift_id)[0]
    leave.cover(eng_a, view.id, NewCover(duty.shift_id, first.person.id))
    substitute = people.identify(first.person.login)
    assert leave_follow.remind(SYSTEM) == 0
    now.to("2026-11-23 15:00")
    assert leave_follow.remind(SYSTEM) >= 1
    assert told(substitute)[0] == "You have not answered yet whether you cover for Eng. A (LV-261122-1)."
    assert leave_follow.remind(SYSTEM) == 0
    now.to("2026-11-24 15:01")
    assert leave_follow.remind(SYSTEM) >= 1
    assert chain.verify().broken is None
