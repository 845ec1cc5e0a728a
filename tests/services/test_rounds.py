"""Rounds: made for each shift, walked by one or two people, finished, missed. REQUIREMENTS A3, C3, C6."""

from __future__ import annotations

import json
from datetime import date

import pytest

from dutydesk.domain.errors import Conflict, Invalid, Refused
from dutydesk.domain.rounds import Found, RoundState
from dutydesk.services import checklists, core, log, round_rows, rounds, shift_rows
from dutydesk.services.core import SYSTEM, Actor
from dutydesk.storage import chain
from dutydesk.storage.models.audit import AuditEntry
from dutydesk.storage.models.rounds import CheckItem, Equipment, Round, RoundAnswer
from tests.services.conftest import Clock, moment


def the_round(code: str = "room-a", at: str = "2026-11-22 14:00") -> int:
    rows = rounds.rounds_and_checklists().where(Round.due_at == moment(at))
    return next(row.id for row in rows if row.checklist.code == code)


def items(who: Actor, round_id: int) -> dict[str, int]:
    return {each.point.code: each.point.id for each in rounds.sheet(who, round_id).items}


def walk(who: Actor, round_id: int, *, leave: tuple[str, ...] = ()) -> None:
    """Answer everything that is asked as normal, except the codes to leave."""
    normal = {"ups1-load": 61, "ups1-battery": 96, "temperature": 22.4, "humidity": 50, "noise": 60, "gas": 4.2}
    choices = {"door": "locked", "ac": "cooling", "fire": "normal"}
    for each in rounds.sheet(who, round_id).items:
        code, item = each.point.code, each.point.id
        if code in leave or each.point.condition or not each.point.in_service:
            continue
        if code in normal:
            rounds.answer(who, round_id, item, number=normal[code])
        elif code in choices:
            rounds.answer(who, round_id, item, text=choices[code])
        else:
            rounds.answer(who, round_id, item, Found.OK)


def test_rounds_are_made_for_each_shift_once(desk: object, now: Clock, eng_a: Actor) -> None:
    day = rounds.day_list(eng_a, date(2026, 11, 23))
    by_time = [(line.code, (line.due_at - moment("2026-11-23 00:00")) // 3600) for line in day]
    assert ("room-a", 14) in by_time
    assert ("backups", 15) in by_time
    assert len([code for code, _ in by_time if code == "room-a"]) == 6
    shift = Round.get_by_id(day[0].id).shift
    assert rounds.make_rounds(shift) == []
    assert chain.verify().broken is None


def test_the_list_shows_windows_and_states(desk: object, now: Clock, eng_a: Actor) -> None:
    states = {(line.code, line.due_at): line.state for line in rounds.due_list(eng_a)}
    assert states["room-a", moment("2026-11-22 14:00")] is RoundState.LATE
    assert states["backups", moment("2026-11-22 15:00")] is RoundState.AHEAD
    assert states["room-b", moment("2026-11-22 13:00")] is RoundState.LATE
    assert shift_rows.rounds_overdue(now.start) == 2
    now.to("2026-11-22 16:00")
    missed = next(line for line in rounds.due_list(eng_a) if line.due_at == moment("2026-11-22 14:00"))
    assert (missed.state, missed.unexplained) == (RoundState.MISSED, True)


def test_a_night_shift_sees_its_rounds_of_both_days(desk: object, now: Clock, eng_c: Actor) -> None:
    now.to("2026-11-23 01:00")
    due = [line.due_at for line in rounds.due_list(eng_c)]
    assert moment("2026-11-22 22:00") in due
    assert moment("2026-11-23 06:00") in due


def test_a_round_is_walked_and_finished(desk: object, now: Clock, eng_a: Actor) -> None:
    number = the_round()
    line = rounds.start(eng_a, number)
    assert (line.state, line.answered, line.total, line.by.zh) == (RoundState.STARTED, 0, 18, "甲工")  # type: ignore[union-attr]
    assert line.late
    walk(eng_a, number, leave=("dust",))
    with pytest.raises(Refused) as refused:
        rounds.finish(eng_a, number)
    assert "Dust" in str(refused.value)
    rounds.answer(eng_a, number, items(eng_a, number)["dust"], Found.OK)
    done = rounds.finish(eng_a, number)
    assert (done.state, done.answered, done.total, done.abnormal) == (RoundState.FINISHED, 18, 18, 0)
    newest = log.tail(eng_a, limit=1)[0]
    assert newest.message == "Round “{name}” finished, all normal"
    assert newest.values["name"] == {"zh": "A 机房巡检", "en": "Machine room A"}
    with pytest.raises(Refused):
        rounds.answer(eng_a, number, items(eng_a, number)["dust"], Found.OK)
    with pytest.raises(Refused):
        rounds.finish(eng_a, number)
    assert chain.verify().broken is None


def test_optional_items_may_stay_open(desk: object, now: Clock, eng_a: Actor) -> None:
    number = the_round()
    rounds.start(eng_a, number)
    walk(eng_a, number, leave=("noise", "a1-cabling"))
    assert rounds.finish(eng_a, number).answered == 16


def test_an_abnormal_answer_forces_a_note_before_the_end(desk: object, now: Clock, eng_a: Actor) -> None:
    number = the_round()
    rounds.start(eng_a, number)
    walk(eng_a, number)
    load = items(eng_a, number)["ups1-load"]
    written = rounds.answer(eng_a, number, load, number=83)
    assert (written.answer.found, written.answer.note, written.answer.limits.words()) == (Found.WARNING, None, "≤ 80")
    with pytest.raises(Refused) as refused:
        rounds.finish(eng_a, number)
    assert "UPS-1 load" in str(refused.value)
    noted = rounds.add_note(eng_a, number, load, "  two servers moved here\x1b[2J ")
    assert (noted.answer.note, noted.answer.number) == ("two servers moved here", 83)
    assert rounds.finish(eng_a, number).abnormal == 1
    assert log.tail(eng_a, limit=1)[0].values["abnormal"] == 1


def test_an_answer_is_changed_by_a_new_row(desk: object, now: Clock, eng_a: Actor) -> None:
    number = the_round()
    rounds.start(eng_a, number)
    item = items(eng_a, number)["temperature"]
    first = rounds.answer(eng_a, number, item, number=22.4).answer
    now.pass_minutes(1)
    second = rounds.answer(eng_a, number, item, number=24.2).answer
    assert RoundAnswer.get_by_id(second.id).corrects_id == first.id
    assert second.changed
    state = rounds.state(eng_a, number)
    assert state.answers["temperature"].number == 24.2
    assert state.head.answered == 1
    assert [row.gap for row in RoundAnswer.select().order_by(RoundAnswer.id)] == [0, 60]


def test_an_item_is_skipped_with_a_reason_only(desk: object, now: Clock, eng_a: Actor) -> None:
    number = the_round()
    rounds.start(eng_a, number)
    item = items(eng_a, number)["cameras"]
    with pytest.raises(Invalid):
        rounds.skip(eng_a, number, item, "  ")
    rounds.skip(eng_a, number, item, "recorder is being replaced")
    state = rounds.state(eng_a, number)
    assert (state.answers["cameras"].found, state.head.skipped) == (Found.SKIPPED, 1)
    walk(eng_a, number, leave=("cameras",))
    assert rounds.finish(eng_a, number).skipped == 1


def test_conditional_items_come_and_go(desk: object, now: Clock, eng_a: Actor) -> None:
    number = the_round()
    rounds.start(eng_a, number)
    walk(eng_a, number)
    known = items(eng_a, number)
    rounds.answer(eng_a, number, known["ac"], text="alarm", note="AL07, vendor called")
    assert rounds.state(eng_a, number).head.total == 19
    with pytest.raises(Refused) as refused:
        rounds.finish(eng_a, number)
    assert "alarm code" in str(refused.value)
    rounds.answer(eng_a, number, known["ac-alarm"], text="AL07")
    assert rounds.finish(eng_a, number).answered == 19


def test_answers_that_do_not_fit_are_refused(desk: object, now: Clock, eng_a: Actor) -> None:
    number = the_round()
    rounds.start(eng_a, number)
    known = items(eng_a, number)
    for code, values in (
        ("temperature", {"found": Found.OK}),
        ("door", {"text": "ajar"}),
        ("dust", {}),
        ("visitors", {}),
        ("visitors", {"text": "x" * 501}),
    ):
        with pytest.raises(Invalid):
            rounds.answer(eng_a, number, known[code], **values)  # type: ignore[arg-type]
    with pytest.raises(Refused):
        rounds.answer(eng_a, number, known["tape"], Found.OK)
    assert not RoundAnswer.select().exists()


def test_two_people_answer_one_round(desk: object, now: Clock, eng_a: Actor, eng_b: Actor) -> None:
    number = the_round()
    rounds.start(eng_a, number)
    assert rounds.start(eng_b, number).by.zh == "甲工"  # type: ignore[union-attr]
    known = items(eng_a, number)
    rounds.answer(eng_a, number, known["dust"], Found.OK)
    rounds.answer(eng_b, number, known["leak"], Found.OK)
    rounds.answer(eng_b, number, known["dust"], Found.ABNORMAL, note="fluff under AC-1")
    state = rounds.state(eng_a, number)
    assert state.answers["dust"].person.zh == "乙工"
    assert [label.zh for label in state.head.people] == ["甲工", "乙工"]


def test_a_paused_round_goes_on_with_the_next_answer(desk: object, now: Clock, eng_a: Actor, eng_b: Actor) -> None:
    number = the_round()
    rounds.start(eng_a, number)
    rounds.answer(eng_a, number, items(eng_a, number)["leak"], Found.OK)
    assert rounds.pause(eng_a, number).state is RoundState.PAUSED
    rounds.answer(eng_b, number, items(eng_b, number)["dust"], Found.OK)
    assert rounds.state(eng_a, number).head.state is RoundState.STARTED
    rounds.pause(eng_a, number)
    assert rounds.resume(eng_a, number).state is RoundState.STARTED


def test_a_round_left_without_an_answer_is_put_back(desk: object, now: Clock, eng_a: Actor, eng_b: Actor) -> None:
    number = the_round()
    rounds.start(eng_a, number)
    line = rounds.pause(eng_a, number)
    assert (line.started_at, line.by) == (None, None)
    assert line.state not in (RoundState.STARTED, RoundState.PAUSED)
    assert rounds.start(eng_b, number).by.zh == "乙工"  # type: ignore[union-attr]


def test_a_begun_round_of_the_shift_before_waits_for_the_handover(
    desk: object, now: Clock, eng_a: Actor, eng_c: Actor
) -> None:
    number = the_round()
    rounds.start(eng_a, number)
    rounds.answer(eng_a, number, items(eng_a, number)["leak"], Found.OK)
    now.to("2026-11-22 20:10")
    for _state in ("started", "paused"):
        with pytest.raises(Refused) as refused:
            rounds.resume(eng_c, number)
        assert "accept the handover" in str(refused.value)
        with pytest.raises(Refused):
            rounds.answer(eng_c, number, items(eng_c, number)["dust"], Found.OK)
        rounds.pause(eng_a, number)


def test_a_round_starts_in_its_window_only(desk: object, now: Clock, eng_a: Actor) -> None:
    early = the_round(at="2026-11-22 18:00")
    with pytest.raises(Refused) as refused:
        rounds.start(eng_a, early)
    assert "17:30" in str(refused.value)
    now.to("2026-11-22 17:30")
    assert rounds.start(eng_a, early).state is RoundState.STARTED
    with pytest.raises(Refused):
        rounds.start(eng_a, the_round())


def test_the_first_round_of_a_shift_waits_for_the_handover(desk: object, now: Clock, eng_c: Actor) -> None:
    now.to("2026-11-22 22:00")
    with pytest.raises(Refused) as refused:
        rounds.start(eng_c, the_round(at="2026-11-22 22:00"))
    assert "accept the handover" in str(refused.value)


def test_a_round_may_be_finished_late(desk: object, now: Clock, eng_a: Actor) -> None:
    number = the_round()
    rounds.start(eng_a, number)
    now.to("2026-11-22 19:00")
    walk(eng_a, number)
    assert rounds.finish(eng_a, number).late


def test_a_missed_round_is_explained_once(desk: object, now: Clock, eng_a: Actor, eng_b: Actor) -> None:
    number = the_round()
    with pytest.raises(Refused):
        rounds.explain_missed(eng_a, number, "alone with a P1")
    now.to("2026-11-22 16:05")
    with pytest.raises(Invalid):
        rounds.explain_missed(eng_a, number, " ")
    line = rounds.explain_missed(eng_a, number, "alone with a P1")
    assert (line.state, line.reason, line.unexplained) == (RoundState.MISSED, "alone with a P1", False)
    assert log.tail(eng_a, limit=1)[0].values["reason"] == "alone with a P1"
    with pytest.raises(Conflict):
        rounds.explain_missed(eng_b, number, "me too")
    with pytest.raises(Refused):
        rounds.start(eng_a, number)


def test_an_unfinished_round_can_be_given_up_with_a_reason(desk: object, now: Clock, eng_a: Actor) -> None:
    number = the_round()
    rounds.start(eng_a, number)
    rounds.pause(eng_a, number)
    now.to("2026-11-24 09:00")
    assert number in [line.id for line in rounds.due_list(eng_a)], "it does not get lost"
    rounds.explain_missed(eng_a, number, "called away, never came back to it")
    assert number not in [line.id for line in rounds.due_list(eng_a)]


def test_the_sheet_shows_previous_value_and_trend(desk: object, now: Clock, eng_a: Actor) -> None:
    for at, load in (("14:35", 58), ("18:00", 83)):
        now.to(f"2026-11-22 {at}")
        number = the_round(at=f"2026-11-22 {at[:2]}:00")
        item = items(eng_a, number)["ups1-load"]
        rounds.answer(eng_a, number, item, number=load)
    now.to("2026-11-22 22:00")
    sheet = rounds.sheet(eng_a, the_round(at="2026-11-22 22:00"))
    load_item = next(each for each in sheet.items if each.point.code == "ups1-load")
    assert load_item.trend == (58, 83)
    assert load_item.previous is not None
    assert (load_item.previous.number, load_item.previous.found) == (83, Found.WARNING)
    again = rounds.sheet(eng_a, the_round(at="2026-11-22 18:00"))
    assert next(each for each in again.items if each.point.code == "ups1-load").trend == (58,)


def test_a_changed_item_keeps_its_history_and_its_old_limits(desk: object, now: Clock, eng_a: Actor) -> None:
    number = the_round()
    rounds.answer(eng_a, number, items(eng_a, number)["ups1-load"], number=75, note="")
    walk(eng_a, number, leave=("ups1-load",))
    rounds.finish(eng_a, number)
    now.to("2026-11-22 17:40")
    spec = next(each for each in checklists.shipped_checklists() if each.code == "room-a")
    changed = [_replace(each, warning="70") if each.code == "ups1-load" else each for each in spec.items]
    smaller = [each for each in changed if each.code != "noise"]
    with core.db.atomic():
        rows = checklists.bring_checklist(_replace(spec, items=tuple(smaller)))
        core.record(SYSTEM, "checklist.imported", *rows)
    later = the_round(at="2026-11-22 18:00")
    sheet = {each.point.code: each for each in rounds.sheet(eng_a, later).items}
    assert sheet["ups1-load"].trend == (75,)
    assert rounds.answer(eng_a, later, sheet["ups1-load"].point.id, number=75).answer.found is Found.WARNING
    assert "noise" not in sheet
    old = rounds.sheet(eng_a, number)
    assert "noise" in [each.point.code for each in old.items]
    assert old.state.answers["ups1-load"].found is Found.OK
    assert old.state.head.total == 18
    assert chain.verify().broken is None


def _replace(value: object, **changes: object):  # type: ignore[no-untyped-def]
    from dataclasses import replace

    return replace(value, **changes)  # type: ignore[type-var]


def test_importing_again_changes_nothing(desk: object, now: Clock, chief: Actor) -> None:
    before = AuditEntry.select().count()
    assert rounds.import_shipped(chief)["checklists"] == 4
    assert AuditEntry.select().count() == before
    assert CheckItem.select().where(~CheckItem.active).count() == 0


def test_a_thing_goes_out_of_service_and_back(desk: object, now: Clock, eng_a: Actor) -> None:
    number = the_round()
    thing = Equipment.get(Equipment.code == "fire-1")
    rounds.set_in_service(eng_a, thing.id, False, "panel replaced this week")
    assert rounds.state(eng_a, number).head.total == 16
    assert "panel replaced" in log.tail(eng_a, limit=1)[0].values["reason"]
    rounds.set_in_service(eng_a, thing.id, True, "new panel works")
    assert rounds.state(eng_a, number).head.total == 18


def test_a_wrong_clock_is_noticed_and_the_answer_kept(desk: object, now: Clock, eng_a: Actor) -> None:
    number = the_round()
    rounds.start(eng_a, number)
    now.to("2026-11-22 14:20")
    written = rounds.answer(eng_a, number, items(eng_a, number)["dust"], Found.OK)
    assert written.clock_behind == 12 * 60
    assert rounds.state(eng_a, number).clock_behind == 12 * 60


def test_the_pace_is_on_a_finished_sheet(desk: object, now: Clock, eng_a: Actor) -> None:
    number = the_round()
    rounds.start(eng_a, number)
    assert rounds.sheet(eng_a, number).pace is None
    walk(eng_a, number)
    rounds.finish(eng_a, number)
    pace = rounds.sheet(eng_a, number).pace
    assert pace is not None
    assert (pace.answers, pace.quick) == (18, 17)


def test_readers_may_look_and_not_answer(desk: object, now: Clock, reader: Actor, eng_a: Actor) -> None:
    number = the_round()
    assert rounds.due_list(reader)
    with pytest.raises(Refused):
        rounds.start(reader, number)
    with pytest.raises(Refused):
        rounds.answer(reader, number, items(eng_a, number)["dust"], Found.OK)


def test_answers_are_bound_and_hold_what_was_judged(desk: object, now: Clock, eng_a: Actor) -> None:
    number = the_round()
    rounds.answer(eng_a, number, items(eng_a, number)["ups1-load"], number=91, note="moved load")
    entry = AuditEntry.select().where(AuditEntry.action == "round.answered").get()
    assert entry.subject_id == number
    assert json.loads(entry["values"] if isinstance(entry, dict) else entry.values) == {
        "item": "ups1-load",
        "found": "critical",
        "number": 91,
        "note": "moved load",
    }
    row = RoundAnswer.get()
    assert (row.warning, row.critical, row.step) == ("80", "90", 1)


def test_reading_many_rounds_takes_few_queries(desk: object, now: Clock, eng_a: Actor) -> None:
    number = the_round()
    walk(eng_a, number)
    rows = list(rounds.rounds_and_checklists().limit(40))
    counted: list[str] = []
    original = round_rows.RoundAnswer._meta.database.obj.execute_sql  # type: ignore[attr-defined]
    database = round_rows.RoundAnswer._meta.database.obj  # type: ignore[attr-defined]
    database.execute_sql = lambda *args, **more: (counted.append(args[0]), original(*args, **more))[1]
    try:
        rounds.lines_of(rows, now.start)
    finally:
        database.execute_sql = original
    assert len(counted) <= 6


def test_the_handover_counts_an_answer_once_and_knows_its_incident(desk: object, now: Clock, eng_a: Actor) -> None:
    from dutydesk.services import handover_fill, incidents
    from dutydesk.services.incidents import NewIncident

    number = the_round()
    known = items(eng_a, number)
    first = rounds.answer(eng_a, number, known["ups1-load"], number=83).answer
    rounds.add_note(eng_a, number, known["ups1-load"], "two servers moved")
    rounds.answer(eng_a, number, known["fire"], text="fault", note="vendor called")
    lines = handover_fill._abnormal_answers(set(), now.start - 60, now.start + 60)
    assert [line.values["value"] for line in lines] == ["83 %", {"zh": "故障", "en": "Fault"}]
    counted = next(
        line for line in handover_fill._summary(now.start - 60, now.start + 60) if line.key.endswith("rounds")
    )
    assert counted.values["abnormal"] == 2
    incidents.open_incident(eng_a, NewIncident("UPS-1 load", answer_id=first.id))
    lines = handover_fill._abnormal_answers({first.id}, now.start - 60, now.start + 60)
    assert len(lines) == 1
