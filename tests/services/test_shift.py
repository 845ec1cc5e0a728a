"""Shifts: which runs, who is on it, what comes next."""

from __future__ import annotations

import time
from datetime import date

import pytest

from dutydesk.domain.errors import DeskError
from dutydesk.domain.priority import Impact, Urgency
from dutydesk.domain.shift import DutyState
from dutydesk.services import attendance, handover_duty, incidents, log, measures, people, planning, shift, shift_rows
from dutydesk.services.core import SYSTEM, Actor
from dutydesk.services.since import SinceKind
from dutydesk.storage import chain
from dutydesk.storage.models.rounds import Round
from dutydesk.storage.models.shift import Assignment, DutyShift
from tests.services.conftest import PIN, Clock, moment


def test_the_running_shift_and_its_neighbours(eng_a: Actor, now: Clock) -> None:
    day = shift.current(eng_a)
    assert day is not None
    assert (day.kind, day.day, day.title.zh, day.title.en) == ("day", "2026-11-22", "白班", "Day")
    assert (day.starts_at, day.ends_at) == (moment("2026-11-22 08:00"), moment("2026-11-22 20:00"))
    assert [person.login for person in day.assigned] == ["eng-a"]
    night = shift.at(eng_a, day.ends_at)
    assert night is not None
    assert (night.kind, [person.login for person in night.assigned]) == ("night", ["eng-b"])
    back = shift.previous_of(eng_a, night.id)
    assert back is not None
    assert back.id == day.id
    assert shift.previous_of(eng_a, day.id) is None


def test_a_shift_begins_inclusive_and_ends_exclusive(eng_a: Actor) -> None:
    before, after = (shift.at(eng_a, moment(f"2026-11-22 {at}")) for at in ("19:59", "20:00"))
    assert before is not None
    assert after is not None
    assert (before.kind, after.kind) == ("day", "night")
    assert shift.at(eng_a, moment("2030-01-01 12:00")) is None


def test_extending_again_changes_nothing(eng_a: Actor) -> None:
    shifts, seq = DutyShift.select().count(), chain.head()[0]
    assert planning.extend(SYSTEM) == 0
    assert (DutyShift.select().count(), chain.head()[0]) == (shifts, seq)
    assert shift.keep_ahead(SYSTEM) == 0


def test_time_passes_and_the_plan_goes_on_where_it_stopped(eng_a: Actor, now: Clock) -> None:
    whole = {(row.day, row.kind): [a.person.login for a in row.assignments] for row in DutyShift.select()}
    now.to("2026-12-05 10:00")
    assert shift.keep_ahead(SYSTEM) > 0
    ahead = planning.plan(date(2026, 11, 22), date(2027, 1, 20))
    planned = {(slot.day.isoformat(), slot.kind): list(slot.logins) for slot in ahead.slots}
    for row in DutyShift.select():
        assert planned[row.day, row.kind] == [a.person.login for a in row.assignments]
    assert whole.items() <= planned.items()


def test_a_new_engineer_joins_the_turns_and_moves_nobody_who_is_on(eng_a: Actor, chief: Actor, now: Clock) -> None:
    now.to("2026-11-25 10:00")
    running = shift.current(chief)
    people.add(chief, "eng-e", "戊工", "engineer", pin=PIN)
    planning.extend(chief)
    assert shift.current(chief) == running
    joined = Assignment.select().join(DutyShift).where(DutyShift.starts_at > moment("2026-11-25 10:00"))
    assert "eng-e" in {row.person.login for row in joined}
    assert chain.verify().broken is None


def test_somebody_disabled_leaves_the_turns(chief: Actor, now: Clock) -> None:
    people.disable(chief, "eng-d")
    planning.extend(chief)
    ahead = Assignment.select().join(DutyShift).where(DutyShift.starts_at > moment("2026-11-23 08:00"))
    assert "eng-d" not in {row.person.login for row in ahead}


def test_an_empty_place_shows_its_reason(chief: Actor) -> None:
    for login in ("eng-a", "eng-b", "eng-c", "eng-d"):
        people.disable(chief, login)
    planning.extend(chief)
    later = shift.at(chief, moment("2026-11-24 12:00"))
    assert later is not None
    assert [(person.state, person.person_id) for person in later.assigned] == [(DutyState.EMPTY, None)]


def test_rounds_are_made_with_the_shifts(eng_a: Actor) -> None:
    day = shift.current(eng_a)
    assert day is not None
    assert Round.select().where(Round.shift == day.id).count() > 0


def test_the_top_line(eng_a: Actor, now: Clock) -> None:
    now.to("2026-11-22 08:10")
    top = shift.top(eng_a)
    assert top.shift is not None
    assert (top.shift.en, top.signed_in, top.handover_due) == ("Day", False, False)
    assert [(person.name.en, person.signed_in, person.late_minutes) for person in top.people] == [("Eng. A", False, 10)]
    attendance.sign_in(eng_a, PIN)
    incidents.open_incident(
        eng_a, incidents.NewIncident(title="Core switch down", impact=Impact.HIGH, urgency=Urgency.HIGH)
    )
    now.to("2026-11-22 19:35")
    top = shift.top(eng_a)
    assert (top.signed_in, top.handover_due, top.p1) == (True, True, 1)
    assert top.overdue_rounds == shift_rows.rounds_overdue(now.to("2026-11-22 19:35"))


def test_one_who_arrives_sees_what_both_calls_say(eng_a: Actor, eng_b: Actor, now: Clock) -> None:
    """Through a day and a night: before the handover, when it is due, prepared, and owed after the shift."""
    for moment_ in ("2026-11-22 07:20", "2026-11-22 08:10", "2026-11-22 19:35", "2026-11-22 20:10"):
        now.to(moment_)
        assert shift.arriving(eng_a) == (shift.top(eng_a), shift.live(eng_a)), moment_
        assert shift.arriving(eng_b) == (shift.top(eng_b), shift.live(eng_b)), moment_
        if moment_.endswith("08:10"):
            attendance.sign_in(eng_a, PIN)


def test_the_shifts_around_an_instant(eng_a: Actor, now: Clock) -> None:
    now.to("2026-11-22 08:10")
    first = handover_duty.around(moment("2026-11-22 08:10"))
    assert first.running is not None
    assert first.running == first.owed
    assert (first.status, first.coming) == ("", handover_duty.after(first.running))
    assert handover_duty.around(0) == (None, first.running, None, "")
    attendance.sign_in(eng_a, PIN)
    later = handover_duty.around(moment("2026-11-22 20:10"))
    assert (later.running, later.owed) == (first.coming, first.running)


def test_live_lists_what_comes_next_by_time(eng_a: Actor, now: Clock) -> None:
    now.to("2026-11-22 14:32")
    opened = incidents.open_incident(
        eng_a, incidents.NewIncident(title="Core switch down", impact=Impact.HIGH, urgency=Urgency.HIGH)
    )
    measures.open_measure(eng_a, measures.NewMeasure("Alarm muted: TEMP-B", until=moment("2026-11-22 18:00")))
    measures.open_measure(eng_a, measures.NewMeasure("UPS-2 on bypass"))
    live = shift.live(eng_a)
    kinds = [due.kind for due in live.due]
    assert {shift.DueKind.ROUND, shift.DueKind.ACKNOWLEDGE, shift.DueKind.MEASURE, shift.DueKind.HANDOVER} <= set(kinds)
    assert kinds[-1] is shift.DueKind.HANDOVER
    assert [due.at for due in live.due] == sorted(due.at for due in live.due)
    assert live.due[-1].at == moment("2026-11-22 20:00")
    assert [line.number for line in live.incidents] == [opened.number]
    assert (live.p1, live.open, len(live.measures)) == (1, 1, 2)
    assert live.next is not None
    assert live.next.kind == "night"
    assert not live.anybody_on


def test_a_handover_that_is_owed_stays_on_top(eng_a: Actor, eng_b: Actor, now: Clock) -> None:
    attendance.sign_in(eng_a, PIN)
    now.to("2026-11-22 20:30")
    live = shift.live(eng_b)
    assert live.shift is not None
    assert live.owed is not None
    assert (live.shift.kind, live.owed.shift.kind, live.owed.previous) == ("night", "day", True)
    assert [person.login for person in live.owed.holders] == ["eng-a"]
    assert live.anybody_on
    handover = next(due for due in live.due if due.kind is shift.DueKind.HANDOVER)
    assert handover.level(live.now) is shift.Level.LATE


def test_live_brings_back_the_line_that_was_being_typed(eng_a: Actor) -> None:
    from dutydesk.services import drafts

    drafts.keep(eng_a, "log-line", {"text": "SW1: vendor called"})
    assert shift.live(eng_a).draft == "SW1: vendor called"


def test_since_counts_what_others_did(eng_a: Actor, eng_b: Actor, now: Clock) -> None:
    assert shift.since(eng_a) is None
    shift.seen(eng_a)
    assert shift.since(eng_a) is None
    now.pass_minutes(30)
    new = incidents.NewIncident
    incidents.open_incident(eng_b, new(title="Core switch down", impact=Impact.HIGH, urgency=Urgency.HIGH))
    incidents.open_incident(eng_b, new(title="New account", impact=Impact.LOW, urgency=Urgency.LOW))
    incidents.open_incident(eng_a, new(title="My own", impact=Impact.LOW, urgency=Urgency.LOW))
    measures.open_measure(eng_b, measures.NewMeasure("UPS-2 on bypass"))
    log.write(eng_b, "vendor called")
    since = shift.since(eng_a)
    assert since is not None
    counts = {line.kind: line.many for line in since.lines}
    assert counts[SinceKind.URGENT] == 1
    assert counts[SinceKind.OPENED] == 1
    assert counts[SinceKind.MEASURES_OPENED] == 1
    assert counts[SinceKind.WRITTEN] == 1
    urgent = since.lines[0]
    assert urgent.named[0][2] == "Core switch down"
    shift.seen(eng_a)
    assert shift.since(eng_a) is None


def test_live_is_quick(eng_a: Actor) -> None:
    shift.live(eng_a)
    started = time.process_time()
    for _ in range(5):
        shift.live(eng_a)
    assert (time.process_time() - started) / 5 < 0.3


def test_a_reader_reads(reader: Actor) -> None:
    assert shift.live(reader).shift is not None
    with pytest.raises(DeskError):
        planning.extend(reader)
