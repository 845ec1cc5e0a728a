"""Rounds for the journal: started, answered item by item, finished; backup copies with them. See `by_journal`."""

from __future__ import annotations

from dataclasses import dataclass, field

from dutydesk.demo.journal import Journal
from dutydesk.demo.journal_log import LogPages
from dutydesk.demo.known import Known
from dutydesk.demo.writer import Given
from dutydesk.domain import backups as backup_rules
from dutydesk.domain import clock
from dutydesk.domain import rounds as rules
from dutydesk.domain.backups import Copy
from dutydesk.domain.checklists import ChecklistKind
from dutydesk.domain.log import LogKind
from dutydesk.domain.rounds import CheckPoint, Found, ItemKind, RoundStatus
from dutydesk.services.core import Actor
from dutydesk.storage.models.backups import BackupCheck
from dutydesk.storage.models.rounds import Round, RoundAnswer


@dataclass
class _Answer:
    """What the rules need of an answer that was given in this round."""

    id: int
    found: Found
    text: str | None
    note: str | None


@dataclass
class _Walk:
    """A round under way: the newest answer by item, when the last one was given, how many there were."""

    last_at: int
    answers: dict[str, _Answer] = field(default_factory=dict)
    steps: int = 0


class RoundPages(LogPages):
    """Rounds, one answer a row."""

    known: Known
    journal: Journal

    def begin_rounds(self) -> None:
        """Know the size of each job's newest copy, with the round that found it."""
        self._walks: dict[int, _Walk] = {}
        self._sizes: dict[int, list[tuple[int, int]]] = {}

    def start_round(self, who: Actor, round_id: int) -> None:
        """Start a round."""
        now = clock.now()
        row = self.journal.get(Round, round_id)
        self.journal.change(row, status=RoundStatus.STARTED.value, started_at=now, started_by=who.person_id)
        self.journal.record(who, "round.started", row)
        self._walks[round_id] = _Walk(now)

    def answer(self, who: Actor, round_id: int, given: Given) -> int:
        """Answer an item; returns the answer's id."""
        walk, row = self._walks[round_id], self.journal.get(Round, round_id)
        sheet = self.known.sheets[row["checklist"]]
        point = next(each for each in sheet.points if each.id == given.item_id)
        found, figure = self._judged(point, given, round_id)
        now = clock.now()
        warning, critical = sheet.limits[point.id]
        before = walk.answers.get(point.code)
        walk.steps += 1
        stored = self.journal.create(
            RoundAnswer,
            round=round_id,
            item=point.id,
            person=who.person_id,
            at=now,
            verdict=found.value,
            number=figure,
            text=given.text,
            note=given.note,
            warning=warning or None,
            critical=critical or None,
            gap=now - walk.last_at,
            step=walk.steps,
            corrects=before.id if before else None,
        )
        values = {
            "item": point.code,
            "found": found.value,
            "number": figure,
            "text": given.text,
            "note": given.note,
        }
        said = {key: value for key, value in values.items() if value is not None}
        self.journal.record(who, "round.answered", stored, values=said, subject="sheet", subject_id=round_id)
        walk.last_at = now
        walk.answers[point.code] = _Answer(stored.id, found, given.text, given.note)
        if point.job:
            self._keep_copy(who, point, round_id, stored.id, found, given)
        return stored.id

    def _judged(self, point: CheckPoint, given: Given, round_id: int) -> tuple[Found, float | None]:
        if given.found is Found.SKIPPED:
            return Found.SKIPPED, None
        if point.kind is ItemKind.BACKUP and given.found is not Found.ABNORMAL:
            copy = given.copy or Copy(None)
            job = self.known.jobs[point.job]
            found = backup_rules.judge(
                copy,
                now=clock.now(),
                rpo_hours=job.rpo_hours,
                previous_size=self._previous_size(job.id, round_id),
                limits=point.limits,
            )
            return found, None if copy.size is None else float(copy.size)
        found_text = given.found
        if point.kind is ItemKind.TEXT and found_text is None and given.text:
            found_text = Found.OK
        return point.judge(found_text, given.number, given.text), given.number

    def _previous_size(self, job_id: int, round_id: int) -> int | None:
        sizes = [size for of, size in self._sizes.get(job_id, ()) if of != round_id]
        return sizes[-1] if sizes else None

    def _keep_copy(
        self, who: Actor, point: CheckPoint, round_id: int, answer_id: int, found: Found, given: Given
    ) -> None:
        job, copy = self.known.jobs[point.job], given.copy or Copy(None)
        stored = self.journal.create(
            BackupCheck,
            job=job.id,
            answer=answer_id,
            person=who.person_id,
            at=clock.now(),
            verdict=found.value,
            last_good_at=copy.last_good_at,
            size=copy.size,
            verified=copy.verified and found is not Found.ABNORMAL,
            note=given.note,
        )
        values = {"job": job.code, "found": found.value, "last_good_at": copy.last_good_at, "size": copy.size}
        self.journal.record(who, "backup.checked", stored, values=values, subject_id=job.id)
        if copy.size is not None and found is not Found.ABNORMAL:
            self._sizes[job.id] = [*self._sizes.get(job.id, [])[-2:], (round_id, copy.size)]

    def finish_round(self, who: Actor, round_id: int) -> None:
        """Close a round; the log gets a line."""
        row, walk, now = self.journal.get(Round, round_id), self._walks.pop(round_id), clock.now()
        sheet = self.known.sheets[row["checklist"]]
        done = rules.progress(sheet.points, walk.answers)
        self.journal.change(row, status=RoundStatus.FINISHED.value, finished_at=now, finished_by=who.person_id)
        values = {
            "abnormal": done.abnormal,
            "skipped": done.skipped,
            "answered": done.answered,
            "late": now >= row["late_at"],
        }
        self.journal.record(who, "round.finished", row, values=values)
        kind = LogKind.BACKUP if sheet.kind == ChecklistKind.BACKUP.value else LogKind.ROUND
        told = {"name": sheet.name, "abnormal": done.abnormal, "skipped": done.skipped}
        self.add_line(who, kind, _finished(done), told)


def _finished(done: rules.Progress) -> str:
    if done.abnormal and done.skipped:
        return "Round “{name}” finished: {abnormal} abnormal, {skipped} skipped"
    if done.abnormal:
        return "Round “{name}” finished: {abnormal} abnormal"
    if done.skipped:
        return "Round “{name}” finished: {skipped} skipped, the rest normal"
    return "Round “{name}” finished, all normal"
