"""The board of backups: the last good copy of each job, its age, 3-2-1-1-0, and when a restore was practised last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.widgets import Static

from dutydesk.domain import clock
from dutydesk.domain.words import N_
from dutydesk.locale import _, pick, times
from dutydesk.services import backups
from dutydesk.services.backups import JobLine
from dutydesk.ui.commands import Command
from dutydesk.ui.screens import backup_words as words
from dutydesk.ui.screens.base import DeskScreen
from dutydesk.ui.widgets.prose import Prose
from dutydesk.ui.widgets.records import Column, Listed, RecordList


def columns() -> tuple[Column, ...]:
    """Return the columns of the board."""
    return (
        Column("mark", "", 1, value=words.mark_of),
        Column("name", N_("Job"), None, value=lambda job: pick(job.name)),
        Column("good", N_("Last good"), 12, value=lambda job: words.last_good(job, clock.now())),
        Column("size", N_("Size"), 8, right=True, value=words.size_of),
        Column("growth", N_("Growth"), 6, right=True, value=words.growth_of, style=lambda _job: "muted"),
        Column("state", N_("State"), 13, value=words.state_of),
        Column("rule", "32110", 5, value=words.rule_of),
        Column("test", N_("Restore test"), 14, from_width=100, value=lambda job: words.test_of(job, clock.now())),
    )


class BackupsScreen(DeskScreen):
    """Every backup job with its evidence."""

    CSS_PATH = "backups.tcss"
    place: ClassVar[str] = "rounds"
    subjects: ClassVar[frozenset[str]] = frozenset({"backup", "round"})
    commands: ClassVar[list[Command]] = [
        Command(
            "backups.restore",
            "r",
            N_("Restore test"),
            "restore",
            N_("Record a practised restore: when, how long, whether it worked."),
            footer=True,
            why_not="why_not_record",
            opens=True,
        ),
        Command(
            "backups.check",
            "c",
            N_("Check"),
            "check",
            N_("Record a check of the copy outside of a round."),
            footer=True,
            why_not="why_not_record",
            opens=True,
        ),
        Command(
            "backups.tests", "h,enter", N_("Tests"), "tests", N_("Show the restore tests of this job."), opens=True
        ),
        Command("desk.back", "escape", N_("Back"), "back", N_("Go back one step."), footer=True),
    ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.jobs: Sequence[JobLine] = ()

    def compose_body(self) -> ComposeResult:
        """Yield the list and the job under the cursor in full."""
        yield RecordList(columns(), Listed((), key=_key), key=_key, empty=N_("There are no backup jobs."), id="jobs")
        yield Prose("", id="detail", markup=False)

    @property
    def records(self) -> RecordList:
        """The list of jobs."""
        return self.query_one(RecordList)

    @property
    def job(self) -> JobLine | None:
        """The job under the cursor."""
        row: JobLine | None = self.records.row
        return row

    async def load(self) -> None:
        """Read the board; the cursor stays on its job."""
        self.jobs = await self.desk_app.desk.ask(backups.board)
        self.records.source = Listed(self.jobs, key=_key)
        await self.records.reload()
        self.show_detail()

    @on(RecordList.Highlighted)
    def show_detail(self) -> None:
        """Show all that is known of the job under the cursor."""
        job = self.job
        self.query_one("#detail", Static).update(words.detail_of(job, clock.now()) if job else "")
        self.update_frame()

    def relabel(self) -> None:
        """Say the board in the language spoken now."""
        self.records.redraw()
        self.show_detail()

    def on_minute(self) -> None:
        """Copies grow old with the minute."""
        self.request_reload()

    def why_not_record(self) -> str | None:
        """Say why nothing can be recorded."""
        if self.job is None:
            return _("There are no backup jobs.")
        return self.desk_app.why_not_write()

    async def action_restore(self) -> None:
        """Record a practised restore."""
        from dutydesk.ui.actions.rounds import record_restore_test

        if self.job is not None:
            await record_restore_test(self.desk_app, self.job)

    async def action_check(self) -> None:
        """Record a check of the copy outside of a round."""
        from dutydesk.ui.actions.rounds import record_check

        if self.job is not None:
            await record_check(self.desk_app, self.job)

    @on(RecordList.Selected)
    def open_tests(self) -> None:
        """Show the restore tests of the job."""
        self.action_command("backups.tests")

    async def action_tests(self) -> None:
        """Show the restore tests of the job, newest first."""
        job = self.job
        if job is None:
            return
        tests = await self.desk_app.desk.ask(backups.restore_tests, job.id)
        lines = [
            _(
                "{at}  {minutes} min  {worked}  {name}  {note}",
                at=times.stamp(test.at),
                minutes=test.minutes,
                worked=_("worked") if test.worked else _("failed"),
                name=pick(test.person),
                note=test.note,
            )
            for test in tests
        ]
        title = _("Restore tests of {name}", name=pick(job.name))
        await self.desk_app.show_text(title, "\n".join(lines) or _("No restore was tested yet. r records one."))

    def copy_text(self) -> str | None:
        """Return all that is known of the job."""
        return words.detail_of(self.job, clock.now()) if self.job else None


def _key(job: JobLine) -> int:
    return job.id
