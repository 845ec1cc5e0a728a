"""Backups: the board of jobs, the checks of their last good copies, and practised restores."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from dutydesk.domain import backups as rules
from dutydesk.domain import clock
from dutydesk.domain.backups import Copy, Evidence, JobState, Rule
from dutydesk.domain.errors import Invalid, NotFound
from dutydesk.domain.limits import Limits
from dutydesk.domain.log import LogKind, check_happened
from dutydesk.domain.rounds import Found
from dutydesk.domain.text import clean, required, within
from dutydesk.domain.words import N_, Label
from dutydesk.services import core
from dutydesk.services.core import SUPERVISORS, Actor, reads, record, writes
from dutydesk.services.round_rows import point_of
from dutydesk.services.settings import desk_zone
from dutydesk.storage.models.backups import BackupCheck, BackupJob, RestoreTest
from dutydesk.storage.models.base import Row
from dutydesk.storage.models.people import Person
from dutydesk.storage.models.rounds import CheckItem, Round, RoundAnswer

NOTE_LIMIT = 2000
CLOCK_SLACK = 120
"""Seconds that another host's clock may be ahead."""


@dataclass(frozen=True)
class JobFacts:
    """What a backup item of a round shows beside its answer: the job as it was known before the round.

    `expected_at` is the newest instant at which a good copy should exist; sizes are in bytes.
    """

    job_id: int
    program: str
    schedule: str
    rpo_hours: int
    expected_at: int | None
    last_good_at: int | None
    previous_size: int | None

    def judge(self, copy: Copy, now: int, limits: Limits) -> Found:
        """Grade a copy; `limits` bound the change of size in percent."""
        return rules.judge(copy, now=now, rpo_hours=self.rpo_hours, previous_size=self.previous_size, limits=limits)


@dataclass(frozen=True)
class CopyView:
    """What a check found about a copy; `found` ABNORMAL is a failed or missing one."""

    found: Found
    copy: Copy
    at: int


@dataclass(frozen=True)
class TestView:
    """A practised restore: when, how long it took in minutes, whether it worked."""

    id: int
    at: int
    minutes: int
    worked: bool
    note: str
    person: Label


@dataclass(frozen=True)
class JobLine:
    """A job on the board: its evidence, the newest check and the last restore test."""

    id: int
    code: str
    name: Label
    program: str
    schedule: str
    evidence: Evidence
    state: JobState
    rule: Rule
    expected_at: int | None
    checked_at: int | None
    checked_by: Label | None
    size: int | None
    growth: float | None
    note: str
    test: TestView | None
    test_overdue: bool

    @property
    def last_good_at(self) -> int | None:
        """When the last good copy was made."""
        return self.evidence.last_good_at


@writes(SUPERVISORS)
def import_shipped(who: Actor) -> dict[str, int]:
    """Bring in the backup jobs that ship with the product; safe to call again."""
    from dutydesk.services.checklists import shipped_checklists

    specs = [job for spec in shipped_checklists() for job in spec.jobs]
    rows: list[Row] = []
    for ordinal, spec in enumerate(specs):
        values = {name: value for name, value in vars(spec).items() if name != "code"} | {"ordinal": ordinal}
        rows += _put(spec.code, values)
    if rows:
        record(who, "backup.imported", *rows, values={"rows": len(rows)}, subject_id=None)
    return {"jobs": len(specs)}


def _put(code: str, values: dict[str, Any]) -> list[Row]:
    row = BackupJob.get_or_none(BackupJob.code == code)
    if row is None:
        return [core.create(BackupJob, code=code, **values)]
    if all(row.__data__[name] == value for name, value in values.items()):
        return []
    BackupJob.update(**values, version=BackupJob.version + 1).where(BackupJob.id == row.id).execute()
    return [BackupJob.get_by_id(row.id)]


# The board


@reads()
def board(who: Actor) -> list[JobLine]:  # noqa: ARG001
    """Return every job with its evidence, in the order of the desk."""
    return _lines(BackupJob.select().where(BackupJob.active).order_by(BackupJob.ordinal, BackupJob.id))


@reads()
def job(who: Actor, job_id: int) -> JobLine:  # noqa: ARG001
    """Return one job with its evidence."""
    return _lines([core.get(BackupJob, job_id, N_("Backup job"))])[0]


@reads()
def restore_tests(who: Actor, job_id: int, limit: int = 20) -> list[TestView]:  # noqa: ARG001
    """Return the restore tests of a job, newest first."""
    rows = (
        RestoreTest.select(RestoreTest, Person)
        .join(Person)
        .where(RestoreTest.job == job_id)
        .order_by(RestoreTest.at.desc(), RestoreTest.id.desc())
        .limit(limit)
    )
    return [_test(row) for row in rows]


def _lines(jobs: Iterable[BackupJob]) -> list[JobLine]:
    now, zone = clock.now(), desk_zone()
    return [_job_line(row, now, rules.parse_schedule(row.schedule).last(now, zone)) for row in jobs]


def _job_line(row: BackupJob, now: int, expected_at: int | None) -> JobLine:
    checks = list(_checks(row.id).limit(1))
    newest = checks[0] if checks else None
    good_at, sizes = _last_good_at(row.id), _sizes(row.id)
    tests = list(
        RestoreTest.select(RestoreTest, Person)
        .join(Person)
        .where(RestoreTest.job == row.id)
        .order_by(RestoreTest.at.desc(), RestoreTest.id.desc())
        .limit(1)
    )
    test = _test(tests[0]) if tests else None
    evidence = Evidence(
        copies=row.copies,
        media=row.media,
        offsite=row.offsite,
        immutable=row.immutable,
        rpo_hours=row.rpo_hours,
        restore_test_days=row.restore_test_days,
        found=Found(newest.verdict) if newest else None,
        last_good_at=good_at,
        verified=newest.verified if newest else False,
        tested_at=test.at if test else None,
        test_worked=test.worked if test else False,
    )
    return JobLine(
        id=row.id,
        code=row.code,
        name=Label(row.name, row.name_en),
        program=row.program,
        schedule=row.schedule,
        evidence=evidence,
        state=evidence.state(now),
        rule=evidence.rule(now),
        expected_at=expected_at,
        checked_at=newest.at if newest else None,
        checked_by=Label(newest.person.name, newest.person.name_en) if newest else None,
        size=sizes[0] if sizes else None,
        growth=rules.growth(sizes[0], sizes[1]) if len(sizes) > 1 else None,
        note=(newest.note or "") if newest else "",
        test=test,
        test_overdue=evidence.test_overdue(now),
    )


def _checks(job_id: int):  # type: ignore[no-untyped-def]
    return (
        BackupCheck.select(BackupCheck, Person)
        .join(Person)
        .where(BackupCheck.job == job_id)
        .order_by(BackupCheck.at.desc(), BackupCheck.id.desc())
    )


def _last_good_at(job_id: int, *, not_round: int = 0) -> int | None:
    query = _checks(job_id).where(BackupCheck.last_good_at.is_null(False))
    return next((row.last_good_at for row in _outside(query, not_round).limit(1)), None)


def _sizes(job_id: int, *, not_round: int = 0) -> list[int]:
    """Return the sizes of the newest two different copies, newest first; a copy checked twice counts once."""
    query = _checks(job_id).where(BackupCheck.size.is_null(False) & (BackupCheck.verdict != Found.ABNORMAL.value))
    sizes: dict[int | None, int] = {}
    for row in _outside(query, not_round).limit(12):
        sizes.setdefault(row.last_good_at, row.size)
    return list(sizes.values())[:2]


def _outside(query: Any, round_id: int) -> Any:
    if not round_id:
        return query
    own = RoundAnswer.select(RoundAnswer.id).where(RoundAnswer.round == round_id)
    return query.where(BackupCheck.answer.is_null() | BackupCheck.answer.not_in(own))


def _test(row: RestoreTest) -> TestView:
    person = Label(row.person.name, row.person.name_en)
    return TestView(row.id, row.at, row.minutes, row.worked, row.note or "", person)


# On the sheet of a round


def facts_of(job_code: str, row: Round, now: int) -> JobFacts:
    """Return what the sheet of a round shows beside a backup item."""
    found = BackupJob.get_or_none(BackupJob.code == job_code)
    if found is None:
        raise NotFound(N_("There is no backup job {code}."), code=job_code)
    sizes = _sizes(found.id, not_round=row.id)
    return JobFacts(
        job_id=found.id,
        program=found.program,
        schedule=found.schedule,
        rpo_hours=found.rpo_hours,
        expected_at=rules.parse_schedule(found.schedule).last(now, desk_zone()),
        last_good_at=_last_good_at(found.id, not_round=row.id),
        previous_size=sizes[0] if sizes else None,
    )


def copies_of(round_id: int) -> dict[str, CopyView]:
    """Return the newest check of each backup item of a round, by item code."""
    rows = (
        BackupCheck.select(
            CheckItem.code,
            BackupCheck.verdict,
            BackupCheck.last_good_at,
            BackupCheck.size,
            BackupCheck.verified,
            BackupCheck.at,
        )
        .join(RoundAnswer, on=(BackupCheck.answer == RoundAnswer.id))
        .join(CheckItem, on=(RoundAnswer.item == CheckItem.id))
        .where(RoundAnswer.round == round_id)
        .order_by(BackupCheck.id)
        .tuples()
    )
    return {
        code: CopyView(Found(verdict), Copy(good_at, size, verified), at)
        for code, verdict, good_at, size, verified, at in rows
    }


def add_check(who: Actor, job_code: str, answer: RoundAnswer, copy: Copy | None) -> CopyView:
    """Keep the check that an answer of a round made, inside the caller's transaction."""
    row = BackupJob.get(BackupJob.code == job_code)
    found = Found(answer.verdict)
    return _keep(who, row, found, copy or Copy(None), answer.note, answer.id)


def _keep(who: Actor, row: BackupJob, found: Found, copy: Copy, note: str | None, answer_id: int | None) -> CopyView:
    now = clock.now()
    if copy.last_good_at is not None and copy.last_good_at > now + CLOCK_SLACK:
        raise Invalid(N_("A copy cannot be from later than now."), field="last_good_at")
    stored = core.create(
        BackupCheck,
        job=row.id,
        answer=answer_id,
        person=who.person_id,
        at=now,
        verdict=found.value,
        last_good_at=copy.last_good_at,
        size=copy.size,
        verified=copy.verified and found is not Found.ABNORMAL,
        note=note,
    )
    values = {"job": row.code, "found": found.value, "last_good_at": copy.last_good_at, "size": copy.size}
    record(who, "backup.checked", stored, values=values, subject_id=row.id)
    return CopyView(found, Copy(stored.last_good_at, stored.size, stored.verified), now)


# Outside of a round


@writes()
def check(
    who: Actor,
    job_id: int,
    copy: Copy | None,
    *,
    note: str = "",
    limits: Limits | None = None,
) -> JobLine:
    """Record a check of a job's last good copy outside of a round; without `copy` it failed or is missing.

    A check that is not good needs a note.
    """
    row = core.get(BackupJob, job_id, N_("Backup job"))
    now, sizes = clock.now(), _sizes(row.id)
    found = Found.ABNORMAL
    if copy is not None:
        found = rules.judge(
            copy,
            now=now,
            rpo_hours=row.rpo_hours,
            previous_size=sizes[0] if sizes else None,
            limits=limits or _size_limits(row.code),
        )
    text = within(clean(note, multiline=True), "note", limit=NOTE_LIMIT)
    if found.abnormal and not text:
        raise Invalid(N_("Write what is wrong and what you did."), field="note")
    _keep(who, row, found, copy or Copy(None), text or None, None)
    if found.abnormal:
        from dutydesk.services import log

        name = Label(row.name, row.name_en)
        log.add(who, LogKind.BACKUP, N_("Backup “{name}” checked, not good: {note}"), {"name": name, "note": text})
    return _lines([row])[0]


def _size_limits(job_code: str) -> Limits:
    item = CheckItem.get_or_none((CheckItem.job == job_code) & CheckItem.active)
    return point_of(item).limits if item else Limits()


@writes()
def restore_test(who: Actor, job_id: int, *, at: int, minutes: int, worked: bool, note: str = "") -> JobLine:
    """Record a practised restore: when (epoch seconds), how long in minutes, whether it worked; goes into the log.

    One that did not work needs a note. Source: REQUIREMENTS C7.
    """
    from dutydesk.services import log

    row, now = core.get(BackupJob, job_id, N_("Backup job")), clock.now()
    check_happened(at, now, "at")
    if not 0 <= minutes <= 100_000:
        raise Invalid(N_("Write how many minutes the restore took."), field="minutes")
    text = within(clean(note, multiline=True), "note", limit=NOTE_LIMIT)
    if not worked:
        text = required(text, "note", limit=NOTE_LIMIT, multiline=True)
    stored = core.create(
        RestoreTest,
        job=row.id,
        person=who.person_id,
        at=at,
        entered_at=now,
        minutes=minutes,
        worked=worked,
        note=text or None,
    )
    values = {"job": row.code, "at": at, "minutes": minutes, "worked": worked}
    record(who, "backup.restore_test", stored, values=values, subject_id=row.id)
    message = (
        N_("Restore test of “{name}” worked, {minutes} min")
        if worked
        else N_("Restore test of “{name}” failed after {minutes} min: {note}")
    )
    log.add(who, LogKind.BACKUP, message, {"name": Label(row.name, row.name_en), "minutes": minutes, "note": text})
    return _lines([row])[0]
