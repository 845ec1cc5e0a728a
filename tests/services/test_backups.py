"""Backups: checked in a round, shown on the board, restores practised. REQUIREMENTS C7."""

from __future__ import annotations

import pytest

from dutydesk.domain.backups import Copy, JobState
from dutydesk.domain.due import DueKind
from dutydesk.domain.errors import Invalid, Refused
from dutydesk.domain.rounds import Found
from dutydesk.locale.due import due_when
from dutydesk.services import backups, log, rounds, shift_live
from dutydesk.services.backups import JobLine
from dutydesk.services.core import Actor
from dutydesk.storage import chain
from dutydesk.storage.models.backups import BackupCheck
from dutydesk.storage.models.log import LogEntry
from dutydesk.storage.models.rounds import Round
from tests.services.conftest import Clock, moment

GB = 10**9


def line(who: Actor, code: str) -> JobLine:
    return next(each for each in backups.board(who) if each.code == code)


@pytest.fixture
def check_round(now: Clock, desk: object) -> int:
    """Return the backup check of 15:00, at 15:02."""
    now.to("2026-11-22 15:02")
    rows = rounds.rounds_and_checklists().where(Round.due_at == moment("2026-11-22 15:00"))
    return next(row.id for row in rows if row.checklist.code == "backups")


def item(who: Actor, round_id: int, code: str) -> int:
    return next(each.point.id for each in rounds.sheet(who, round_id).items if each.point.code == code)


def test_a_job_that_was_never_checked_says_so(desk: object, now: Clock, eng_a: Actor) -> None:
    found = line(eng_a, "his-db")
    assert (found.state, found.test_overdue, found.checked_at) == (JobState.NEVER, True, None)
    assert found.expected_at == moment("2026-11-22 01:30")
    assert len(backups.board(eng_a)) == 6


def test_a_copy_is_checked_in_a_round(check_round: int, eng_a: Actor) -> None:
    facts = next(each.job for each in rounds.sheet(eng_a, check_round).items if each.point.code == "his-db")
    assert facts is not None
    assert (facts.expected_at, facts.previous_size) == (moment("2026-11-22 01:30"), None)
    copy = Copy(facts.expected_at, 412 * GB, True)
    written = rounds.answer(eng_a, check_round, item(eng_a, check_round, "his-db"), copy=copy)
    assert (written.answer.found, written.answer.number) == (Found.OK, 412 * GB)
    assert rounds.state(eng_a, check_round).copies["his-db"].copy == copy
    found = line(eng_a, "his-db")
    assert (found.state, found.size, found.last_good_at) == (JobState.GOOD, 412 * GB, facts.expected_at)
    assert chain.verify().broken is None


def test_size_is_judged_against_the_copy_before(check_round: int, now: Clock, eng_a: Actor) -> None:
    job = line(eng_a, "his-db")
    backups.check(eng_a, job.id, Copy(moment("2026-11-21 16:00"), 400 * GB, True))
    number = item(eng_a, check_round, "his-db")
    small = rounds.answer(eng_a, check_round, number, copy=Copy(moment("2026-11-22 01:30"), 300 * GB, True))
    assert small.answer.found is Found.WARNING
    assert round(line(eng_a, "his-db").growth or 0) == -25
    again = rounds.answer(eng_a, check_round, number, copy=Copy(moment("2026-11-22 01:30"), 404 * GB, True))
    assert again.answer.found is Found.OK
    assert line(eng_a, "his-db").growth == 1


def test_an_old_copy_is_critical_and_needs_a_note(check_round: int, eng_a: Actor) -> None:
    number = item(eng_a, check_round, "his-db")
    old = Copy(moment("2026-11-20 01:30"), 400 * GB, True)
    assert rounds.answer(eng_a, check_round, number, copy=old).answer.found is Found.CRITICAL
    rounds.add_note(eng_a, check_round, number, "job hangs on tape change; vendor ticket open")
    found = line(eng_a, "his-db")
    assert (found.state, found.note) == (JobState.OLD, "job hangs on tape change; vendor ticket open")
    assert found.size == 400 * GB


def test_a_failed_copy_keeps_the_last_good_one(check_round: int, eng_a: Actor) -> None:
    job = line(eng_a, "pacs")
    backups.check(eng_a, job.id, Copy(moment("2026-11-22 03:00"), 900 * GB, True))
    number = item(eng_a, check_round, "pacs")
    rounds.answer(eng_a, check_round, number, Found.ABNORMAL, note="repository locked")
    found = line(eng_a, "pacs")
    assert (found.state, found.last_good_at, found.size) == (JobState.FAILED, moment("2026-11-22 03:00"), 900 * GB)


def test_a_backup_item_wants_a_copy(check_round: int, eng_a: Actor) -> None:
    number = item(eng_a, check_round, "files")
    with pytest.raises(Invalid):
        rounds.answer(eng_a, check_round, number, Found.OK)
    with pytest.raises(Invalid):
        rounds.answer(eng_a, check_round, number, copy=Copy(moment("2026-11-23 01:00"), 1, True))
    assert not BackupCheck.select().exists()


def test_a_check_outside_of_a_round_needs_a_note_when_bad(desk: object, now: Clock, eng_a: Actor) -> None:
    job = line(eng_a, "files")
    with pytest.raises(Invalid):
        backups.check(eng_a, job.id, None)
    assert backups.check(eng_a, job.id, None, note="disk full").state is JobState.FAILED
    good = backups.check(eng_a, job.id, Copy(moment("2026-11-22 02:00"), 5 * GB, False), note="checksum job broken")
    assert good.state is JobState.UNVERIFIED


def test_a_copy_that_is_not_good_stands_first_until_one_is(desk: object, now: Clock, eng_a: Actor) -> None:
    job = line(eng_a, "his-db").id
    backups.check(eng_a, job, None, note="log says: no space left")
    later = now.to("2026-11-22 17:32")
    due = [each for each in shift_live.live(eng_a).due if each.kind is DueKind.COPY]
    assert [(each.id, each.at) for each in due] == [(job, later - 3 * 3600)]
    assert due_when(due[0], later) == "for 3h00"
    assert any("no space left" in row.text for row in LogEntry.select())
    backups.check(eng_a, job, Copy(later - 600, 10**9, True))
    assert not [each for each in shift_live.live(eng_a).due if each.kind is DueKind.COPY]


def test_restores_are_practised_and_timed(desk: object, now: Clock, eng_a: Actor) -> None:
    job = line(eng_a, "netconf")
    with pytest.raises(Invalid):
        backups.restore_test(eng_a, job.id, at=now.start + 3600, minutes=5, worked=True)
    with pytest.raises(Invalid):
        backups.restore_test(eng_a, job.id, at=now.start, minutes=5, worked=False)
    backups.restore_test(eng_a, job.id, at=now.start - 3600, minutes=7, worked=False, note="key missing")
    assert line(eng_a, "netconf").test_overdue
    backups.restore_test(eng_a, job.id, at=now.start, minutes=12, worked=True)
    found = line(eng_a, "netconf")
    assert not found.test_overdue
    assert (found.test.minutes, found.test.worked) == (12, True)  # type: ignore[union-attr]
    assert [each.minutes for each in backups.restore_tests(eng_a, job.id)] == [12, 7]
    assert log.tail(eng_a, limit=1)[0].message == "Restore test of “{name}” worked, {minutes} min"
    assert chain.verify().broken is None


def test_the_rule_holds_when_copy_and_restore_are_good(desk: object, now: Clock, eng_a: Actor) -> None:
    job = line(eng_a, "his-db")
    backups.check(eng_a, job.id, Copy(moment("2026-11-22 01:30"), GB, True))
    assert [good for _, good in line(eng_a, "his-db").rule.parts] == [True, True, True, True, False]
    backups.restore_test(eng_a, job.id, at=now.start, minutes=30, worked=True)
    assert line(eng_a, "his-db").rule.holds
    assert not line(eng_a, "vm").rule.copies


def test_readers_do_not_write(desk: object, now: Clock, reader: Actor) -> None:
    job = line(reader, "vm")
    with pytest.raises(Refused):
        backups.restore_test(reader, job.id, at=now.start, minutes=1, worked=True)
    with pytest.raises(Refused):
        backups.check(reader, job.id, None, note="x")
