"""What was published: every version of the roster with its days, who signed it, and what changed."""

from __future__ import annotations

from operator import attrgetter
from typing import ClassVar

from textual import on
from textual.app import ComposeResult

from dutydesk.domain import clock
from dutydesk.domain.errors import NotFound
from dutydesk.domain.words import N_
from dutydesk.locale import _, ngettext, pick, times
from dutydesk.services import roster
from dutydesk.services.roster_views import VersionLine
from dutydesk.ui import marks
from dutydesk.ui.actions.roster import show_day
from dutydesk.ui.commands import Command
from dutydesk.ui.screens.base import DeskScreen
from dutydesk.ui.screens.roster_words import span_words
from dutydesk.ui.widgets.paint import Cell
from dutydesk.ui.widgets.records import Column, Listed, RecordList

_key = attrgetter("id")


def _changed(line: VersionLine) -> str:
    return ngettext("{n} shift", "{n} shifts", line.changed)


def _open(line: VersionLine) -> Cell:
    missing = line.empty + line.gaps
    return (f"{marks.LATE} {ngettext('{n} not filled', '{n} not filled', missing)}", "warning") if missing else ""


def _note(line: VersionLine) -> Cell | None:
    return (line.note, "muted") if line.note else None


class RosterVersionsScreen(DeskScreen):
    """Every publication, the newest first; enter goes to its days."""

    place: ClassVar[str] = "roster"
    subjects: ClassVar[frozenset[str]] = frozenset({"roster"})
    commands: ClassVar[list[Command]] = [
        Command("versions.open", "enter", N_("Its days"), "open", N_("Go to the days of this version."), True),
    ]

    def compose_body(self) -> ComposeResult:
        """Yield the list."""
        yield RecordList(
            (
                Column("number", N_("Version"), 7, right=True),
                Column("days", N_("Days"), 24, value=lambda line: span_words(line.first, line.last)),
                Column("changed", N_("Changed"), 10, value=_changed, right=True),
                Column("open", "", None, value=_open),
                Column("by", N_("By"), 8, value=lambda line: pick(line.published_by) if line.published_by else ""),
                Column("at", N_("Published"), 12, value=lambda line: times.when(line.published_at, clock.now())),
            ),
            key=_key,
            note=_note,
            empty=N_("Nothing is published yet. esc, then p plans and publishes."),
            id="versions",
        )

    @property
    def records(self) -> RecordList:
        """The list."""
        return self.query_one(RecordList)

    async def load(self) -> None:
        """Read the publications again."""
        self.records.source = Listed(await self.desk_app.desk.ask(roster.versions), key=_key)
        await self.records.reload()

    @on(RecordList.Selected)
    def _selected(self) -> None:
        self.desk_app.do(self.action_open, opens=True)

    async def action_open(self) -> None:
        """Go to the days of the version."""
        line: VersionLine | None = self.records.row
        if line is None:
            raise NotFound(N_("Nothing is published yet. esc, then p plans and publishes."))
        await show_day(self.desk_app, line.first)

    def copy_text(self) -> str | None:
        """Return the version in one line."""
        line: VersionLine | None = self.records.row
        if line is None:
            return None
        days = span_words(line.first, line.last)
        return _("Version {n}: {days}, published {when}", n=line.number, days=days, when=times.stamp(line.published_at))
