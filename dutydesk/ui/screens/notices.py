"""Notices: what this person was told, new ones first; what has been read here counts as seen."""

from __future__ import annotations

from operator import attrgetter
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult

from dutydesk.domain import clock
from dutydesk.domain.errors import NotFound
from dutydesk.domain.text import wrap
from dutydesk.domain.words import N_
from dutydesk.locale import ngettext, times
from dutydesk.locale.lines import said
from dutydesk.services import notices
from dutydesk.services.notices import NoticeLine
from dutydesk.ui import marks
from dutydesk.ui.actions.notices import open_notice
from dutydesk.ui.commands import Command
from dutydesk.ui.screens.base import DeskScreen
from dutydesk.ui.widgets.paint import Cell
from dutydesk.ui.widgets.records import Column, Listed, RecordList

_key = attrgetter("id")
WHEN_CELLS = 12
INDENT = 13
"""Cells before the second line of a notice, so that it stands below the first."""


class NoticesScreen(DeskScreen):
    """What you were told; enter goes where it leads."""

    place: ClassVar[str] = "roster"
    subjects: ClassVar[frozenset[str]] = frozenset({"roster", "shift", "leave", "swap", "person"})
    commands: ClassVar[list[Command]] = [
        Command("notices.open", "enter", N_("Open"), "open", N_("Go to the days or the request."), True, opens=True),
    ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._new: set[int] = set()
        self._whose = 0

    def compose_body(self) -> ComposeResult:
        """Yield the list."""
        yield RecordList(
            (
                Column("mark", "", 1, value=self._mark),
                Column("at", N_("When"), WHEN_CELLS, value=lambda line: times.when(line.at, clock.now())),
                Column("said", N_("What you were told"), None, value=lambda line: self._lines(line)[0]),
            ),
            key=_key,
            note=self._rest,
            empty=N_("Nothing yet. When the roster, a leave or a swap concerns you, it stands here."),
            id="notices",
        )

    @property
    def records(self) -> RecordList:
        """The list."""
        return self.query_one(RecordList)

    def _mark(self, line: NoticeLine) -> tuple[str, str]:
        return (marks.ON, "accent") if line.id in self._new else (" ", "")

    def _lines(self, line: NoticeLine) -> list[str]:
        """Return the sentence in lines that fit beside the time."""
        return wrap(said(line.said, base=line.at), max(20, self.app.size.width - WHEN_CELLS - 10)) or [""]

    def _rest(self, line: NoticeLine) -> list[Cell | None] | None:
        """Return what of a long notice does not fit on its line."""
        rest = self._lines(line)[1:]
        found: list[Cell | None] = [(f"{' ' * INDENT}{row}", "muted") for row in rest]
        return found or None

    async def load(self) -> None:
        """Read the notices; those that are shown for the first time are marked, and are seen from now on."""
        who = self.desk_app.who
        if who is not None and who.person_id != self._whose:
            self._whose, self._new = who.person_id, set()
        lines = await self.desk_app.desk.ask(notices.mine)
        unseen = {line.id for line in lines if not line.seen}
        self._new |= unseen
        self.records.source = Listed(lines, key=_key)
        await self.records.reload()
        self.hint(ngettext("{n} new", "{n} new", len(self._new)) if self._new else "")
        if unseen:
            await self.desk_app.desk.ask(notices.seen, max(unseen))
            await self.desk_app.refresh_top()

    @on(RecordList.Selected)
    def _selected(self) -> None:
        self.desk_app.do(self.action_open, opens=True)

    async def action_open(self) -> None:
        """Go where the notice leads."""
        line = self.records.row
        if line is None or not await open_notice(self.desk_app, line):
            raise NotFound(N_("This notice leads nowhere: it says all there is."))

    def copy_text(self) -> str | None:
        """Return the notice."""
        line = self.records.row
        return said(line.said, base=line.at) if line else None
