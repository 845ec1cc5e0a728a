"""What the screens of backups say about a job."""

from __future__ import annotations

from dutydesk.domain import backups as rules
from dutydesk.domain.backups import JobState
from dutydesk.domain.words import N_
from dutydesk.locale import _, ngettext, pick, times, word
from dutydesk.locale.rounds import growth_words
from dutydesk.services.backups import JobLine
from dutydesk.ui import marks
from dutydesk.ui.widgets.lines import LineRow
from dutydesk.ui.widgets.paint import Cell

STYLES = {
    JobState.GOOD: "",
    JobState.UNVERIFIED: "warning",
    JobState.ODD: "warning",
    JobState.OLD: "error",
    JobState.FAILED: "error",
    JobState.NEVER: "warning",
}
PARTS = (N_("3 copies"), N_("2 media"), N_("1 off site"), N_("1 immutable"), N_("0 errors"))


def mark_of(job: JobLine) -> Cell:
    """Return the mark that stands before a job."""
    mark = {JobState.GOOD: marks.DONE, JobState.OLD: marks.ABNORMAL, JobState.FAILED: marks.ABNORMAL}
    return (mark.get(job.state, marks.LATE), STYLES[job.state])


def state_of(job: JobLine) -> Cell:
    """Return how a job stands."""
    return (word(job.state), STYLES[job.state])


def last_good(job: JobLine, now: int) -> str:
    """Return when the last good copy was made."""
    return _("none") if job.last_good_at is None else times.when(job.last_good_at, now)


def size_of(job: JobLine) -> str:
    """Return the size of the newest copy."""
    return "" if job.size is None else rules.show_size(job.size)


def growth_of(job: JobLine) -> str:
    """Return the change of size against the copy before."""
    return "" if job.growth is None else growth_words(job.growth)


def rule_of(job: JobLine) -> str:
    """Return 3-2-1-1-0 with a dash for each part that does not hold."""
    return "".join(digit if holds else marks.SKIPPED for digit, holds in job.rule.parts)


def test_of(job: JobLine, now: int) -> Cell:
    """Return the age of the last restore test."""
    if job.test is None:
        return (_("never tested"), "warning")
    if not job.test.worked:
        return (_("failed {time}", time=times.when(job.test.at, now)), "error")
    days = (now - job.test.at) // 86_400
    words = _("today") if days == 0 else ngettext("{n} day ago", "{n} days ago", days)
    return (words, "warning" if job.test_overdue else "")


def job_row(job: JobLine, now: int) -> LineRow:
    """Return a job as one row of a panel."""
    mark, state = mark_of(job), state_of(job)
    return LineRow([mark, f" {pick(job.name)}"], [(last_good(job, now), "muted"), "  ", state, " "])


def detail_of(job: JobLine, now: int) -> str:
    """Return all that is known of a job, a fact a line."""
    evidence, lines = job.evidence, [pick(job.name)]
    lines.append(_("{program}, expected {schedule}", program=job.program, schedule=job.schedule))
    if job.last_good_at is None:
        lines.append(_("No good copy is known; RPO {n} h.", n=evidence.rpo_hours))
    else:
        age = times.span(now - job.last_good_at)
        at = times.stamp(job.last_good_at)
        lines.append(_("Last good copy {at}, {age} old, RPO {n} h", at=at, age=age, n=evidence.rpo_hours))
    size = " ".join(part for part in (size_of(job), growth_of(job)) if part)
    if size:
        lines.append(_("Size {size}", size=size))
    rule = job.rule.parts
    lines.append(
        "  ".join(
            f"{marks.DONE if holds else marks.ABNORMAL} {_(part)}"
            for part, (_digit, holds) in zip(PARTS, rule, strict=True)
        )
    )
    lines.append(_test_words(job, now))
    if job.checked_at is not None and job.checked_by is not None:
        by, at = pick(job.checked_by), times.when(job.checked_at, now)
        lines.append(_("Checked {at} by {name}: {state}", at=at, name=by, state=word(job.state)))
    if job.note:
        lines.append(_("Note: {note}", note=" ".join(job.note.split())))
    return "\n".join(lines)


def _test_words(job: JobLine, now: int) -> str:
    days = job.evidence.restore_test_days
    if job.test is None:
        return _("No restore was ever tested; one is due every {n} days. r records one.", n=days)
    values = {"at": times.when(job.test.at, now), "minutes": job.test.minutes, "name": pick(job.test.person)}
    said = (
        _("Restore test {at}: worked, {minutes} min, {name}", **values)
        if job.test.worked
        else _("Restore test {at}: failed after {minutes} min, {name}", **values)
    )
    return said if not job.test_overdue else f"{said}  {marks.LATE} {_('one is due every {n} days', n=days)}"
