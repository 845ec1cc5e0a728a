"""Rounds (key 2): the rounds of the day with windows and state, and how the backups stand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.widgets import Static

from dutydesk.domain import clock
from dutydesk.domain.backups import JobState
from dutydesk.domain.rounds import RoundState
from dutydesk.domain.words import N_
from dutydesk.locale import _, ngettext, pick, times
from dutydesk.locale.rounds import people_of, state_words
from dutydesk.services import backups, rounds
from dutydesk.services.backups import JobLine
from dutydesk.services.rounds import RoundLine
from dutydesk.ui.commands import Command
from dutydesk.ui.screens.backup_words import job_row
from dutydesk.ui.screens.base import DeskScreen
from dutydesk.ui.screens.round_words import mark_of, state_of
from dutydesk.ui.widgets.lines import Lines, Section
from dutydesk.ui.widgets.records import Column, Listed, RecordList

WIDE = 110
TALL = 32
LISTED_BACKUPS = 4
"""Jobs that are shown beside the rounds where there is little room: those that are not good."""


def columns() -> tuple[Column, ...]:
    """Return the columns of the list."""
    return (
        Column("due", N_("Due"), 10, value=lambda line: times.when(line.due_at, clock.now())),
        Column("mark", "", 1, value=mark_of),
        Column("name", N_("Round"), None, value=lambda line: pick(line.checklist)),
        Column("state", N_("State"), 34, value=lambda line: state_of(line, clock.now())),
        Column("people", N_("Who"), 16, from_width=150, value=people_of, style=lambda _line: "muted"),
    )


class RoundsScreen(DeskScreen):
    """Today's rounds; other days with left and right."""

    CSS_PATH = "rounds.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]
    place: ClassVar[str] = "rounds"
    subjects: ClassVar[frozenset[str]] = frozenset({"round", "sheet", "backup", "shift", "checklist", "equipment"})
    commands: ClassVar[list[Command]] = [
        Command("rounds.open", "enter", N_("Open"), "open", N_("Open the round; a due one is started."), opens=True),
        Command(
            "rounds.explain",
            "e",
            N_("Why missed"),
            "explain",
            N_("Say why a round was missed."),
            why_not="why_not_explain",
            opens=True,
        ),
        Command("rounds.backups", "b", N_("Backups"), "backups", N_("The board of backup jobs."), opens=True),
        Command("rounds.before", "left", N_("Day before"), "day(-1)", N_("Show the rounds of the day before.")),
        Command("rounds.after", "right", N_("Day after"), "day(1)", N_("Show the rounds of the day after.")),
        Command("rounds.today", "t", N_("Today"), "today", N_("Show the rounds of today.")),
    ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.day: date | None = None
        self.lines: Sequence[RoundLine] = ()
        self.jobs: Sequence[JobLine] = ()
        self._shown_day: object = None

    def compose_body(self) -> ComposeResult:
        """Yield the day's title, the list and the backups."""
        yield Static("", id="day", markup=False)
        yield RecordList(
            columns(),
            Listed((), key=_key),
            key=_key,
            empty=self.empty_words,
            section=self._section,
            tone=lambda line: "muted" if line.state is RoundState.AHEAD else None,
            id="rounds",
        )
        yield Lines(id="jobs")

    @property
    def records(self) -> RecordList:
        """The list of rounds."""
        return self.query_one("#rounds", RecordList)

    @property
    def line(self) -> RoundLine | None:
        """The round under the cursor."""
        row: RoundLine | None = self.records.row
        return row

    # --- loading ----------------------------------------------------------------------------------------------------

    async def load(self) -> None:
        """Read the rounds and the backups; the cursor stays on its round, and begins on the next one to walk."""
        desk = self.desk_app.desk
        day = self.day
        self.lines = await (desk.ask(rounds.due_list) if day is None else desk.ask(rounds.day_list, day))
        self.jobs = await desk.ask(backups.board)
        source = Listed(self.lines, key=_key)
        if (day, True) != self._shown_day:
            self._shown_day = (day, True)
            await self.records.show(source, self._next_key())
        else:
            self.records.source = source
            await self.records.reload()
        self._show_around()

    def _next_key(self) -> Any:
        """Return where the cursor begins: the round that is walked or late, else the next one."""
        walking = [line for line in self.lines if line.state in (RoundState.STARTED, RoundState.PAUSED)]
        waiting = [line for line in self.lines if line.state in (RoundState.LATE, RoundState.DUE, RoundState.AHEAD)]
        chosen = next(iter(walking or waiting or self.lines), None)
        return _key(chosen) if chosen else None

    def _show_around(self) -> None:
        self.query_one("#day", Static).update(self._day_words())
        self.query_one(Lines).show([self._jobs_section()])

    def _day_words(self) -> str:
        now = clock.now()
        day = self.day or times.local(now).date()
        name = _("Today") if self.day is None else times.day_of(day.isoformat())
        late = sum(line.state is RoundState.LATE or (line.late and line.state.open) for line in self.lines)
        missed = sum(line.unexplained for line in self.lines)
        parts = [name, ngettext("{n} round", "{n} rounds", len(self.lines))]
        parts += [_("{n} late", n=late)] if late else []
        parts += [_("{n} missed without a reason", n=missed)] if missed else []
        return " " + "   ".join(parts)

    def _section(self, line: RoundLine) -> str:
        today = times.local(clock.now()).date()
        old = self.day is None and times.local(line.due_at).date() < today and not self._of_this_shift(line)
        return _("Left over") if old else ""

    def _of_this_shift(self, line: RoundLine) -> bool:
        top = self.desk_app.top
        return top is not None and top.starts_at <= line.due_at < top.ends_at

    def _jobs_section(self) -> Section:
        good = sum(job.state is JobState.GOOD for job in self.jobs)
        count = _("{good} of {total} good", good=good, total=len(self.jobs))
        roomy = self.size.height >= TALL
        shown = [job for job in self.jobs if roomy or job.state is not JobState.GOOD]
        rows = [job_row(job, clock.now()) for job in shown]
        empty = _("Every copy is good.") if self.jobs else _("There are no backup jobs.")
        return Section(_("Backups"), rows, count, empty, most=None if roomy else LISTED_BACKUPS)

    def empty_words(self) -> str:
        """Say what an empty list means."""
        return _("No round is planned on this day.")

    def relabel(self) -> None:
        """Say the list in the language spoken now."""
        self.records.redraw()
        self._show_around()

    def on_minute(self) -> None:
        """Windows open and close with the minute."""
        self.request_reload()

    def on_resize(self) -> None:
        """Show as many jobs as there is room for."""
        if self.is_mounted and self.jobs:
            self.query_one(Lines).show([self._jobs_section()])

    # --- commands ---------------------------------------------------------------------------------------------------

    def footer_commands(self) -> list[Command]:
        """Return the keys that fit the round under the cursor."""
        line = self.line
        wanted = ["rounds.open", "rounds.backups", "rounds.before", "desk.incident", "desk.log"]
        if line is not None and self._can_explain(line):
            wanted.insert(1, "rounds.explain")
        if self.day is not None:
            wanted[wanted.index("rounds.before")] = "rounds.today"
        known = {command.id: command for command in self.all_commands}
        return [known[name] for name in wanted]

    @on(RecordList.Highlighted, "#rounds")
    def show_keys(self) -> None:
        """Show the keys for another round."""
        self.update_frame()

    @on(RecordList.Selected, "#rounds")
    def open_selected(self) -> None:
        """Open the round under the cursor."""
        self.action_command("rounds.open")

    async def action_open(self) -> None:
        """Open the sheet of the round; a due one is started by it."""
        line = self.line
        if line is None:
            return
        from dutydesk.ui.actions.rounds import open_round

        await open_round(self.desk_app, line.id)

    @staticmethod
    def _can_explain(line: RoundLine) -> bool:
        over = line.missed_at <= clock.now()
        return over and (line.unexplained or line.state in (RoundState.STARTED, RoundState.PAUSED))

    def why_not_explain(self) -> str | None:
        """Say why there is nothing to explain."""
        line = self.line
        if line is None:
            return self.empty_words()
        if not self._can_explain(line):
            return _("This round is not missed.") if not line.reason else _("The reason is given already.")
        return self.desk_app.why_not_write()

    async def action_explain(self) -> None:
        """Say why the round was missed."""
        from dutydesk.ui.actions.rounds import explain_missed

        if self.line is not None:
            await explain_missed(self.desk_app, self.line)

    async def action_backups(self) -> None:
        """Show the board of backups."""
        from dutydesk.ui.screens.backups import BackupsScreen

        await self.app.push_screen(BackupsScreen())

    async def action_day(self, by: int) -> None:
        """Show the day before or after."""
        today = times.local(clock.now()).date()
        day = (self.day or today) + timedelta(days=by)
        await self._go(None if day == today else day)

    async def action_today(self) -> None:
        """Show today again."""
        await self._go(None)

    async def _go(self, day: date | None) -> None:
        self.day = day
        self.request_reload()
        await self.loaded()

    def copy_text(self) -> str | None:
        """Return the round with its state."""
        line = self.line
        if line is None:
            return None
        said = _("{name}: {value}", name=pick(line.checklist), value=state_words(line, clock.now()))
        return f"{times.stamp(line.due_at)} {said}"


def _key(line: RoundLine) -> tuple[int, int]:
    return line.due_at, line.id
