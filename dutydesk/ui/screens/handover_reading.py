"""The incoming engineer's part, and what everybody else sees: the lines with the receiver's own words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dutydesk.domain import clock
from dutydesk.domain.errors import DeskError
from dutydesk.domain.handover import Status
from dutydesk.locale import _, sentence
from dutydesk.services import handover
from dutydesk.services.handover import FrozenItem, Standing
from dutydesk.ui.forms.drafts import DraftKeeper
from dutydesk.ui.screens.handover_rows import Row, frozen_rows

if TYPE_CHECKING:
    from dutydesk.ui.screens.handover import HandoverScreen


class Reading:
    """The read-back: every red and yellow item is answered before acceptance. Without a right to answer, a look."""

    def __init__(self, screen: HandoverScreen, standing: Standing) -> None:
        self.screen = screen
        self.standing = standing
        self.key = (standing.line.id, standing.line.revision)
        self.words: dict[str, str] = {}
        form = f"readback-{standing.line.id}-{standing.line.revision}"
        self.keeper = DraftKeeper(screen.desk_app.desk, form, self._kept, self._said)

    def _kept(self) -> dict[str, Any]:
        return {key: text for key, text in self.words.items() if text}

    def _said(self, error: DeskError | None) -> None:
        if error is not None:
            self.screen.say(sentence(error), "error")

    async def restore(self) -> bool:
        """Take up words that were typed and not entered."""
        found = await self.keeper.find() if self.answering else None
        if found is not None:
            self.words = {key: str(text) for key, text in found.data.items()}
        return found is not None

    def close(self) -> None:
        """Write what is open."""
        self.keeper.close()

    def take(self, standing: Standing) -> None:
        """Take what was read anew."""
        self.standing = standing

    @property
    def answering(self) -> bool:
        """Whether this person reads the items back."""
        writes = self.screen.desk_app.why_not_write() is None
        return self.standing.view is not None and self.standing.part == "incoming" and writes

    @property
    def place(self) -> tuple[Any, ...]:
        """What the list shows; another place begins at its top."""
        return ("read", *self.key, self.standing.line.status is Status.DRAFT)

    def _frozen(self) -> list[FrozenItem]:
        if self.standing.view is not None:
            return list(self.standing.view.items)
        items = self.standing.draft.items if self.standing.draft else ()
        return [FrozenItem(place, item) for place, item in enumerate(items)]

    def rows(self) -> list[Row]:
        """Return every line by block."""
        return frozen_rows(self._frozen(), clock.now(), self.words, answering=self.answering)

    def head(self) -> tuple[list[tuple[str, int]], int, str]:
        """Return what is left to answer, or who is awaited."""
        if not self.answering or self.standing.view is None:
            return [], -1, self.screen.waiting_for()
        needed = [line for line in self.standing.view.items if line.item.answer_required]
        done = len(needed) - len(self.standing.view.unanswered)
        about = _("Answer each red and yellow item in your own words, then a accepts.")
        steps = [(_("Read back: {done} of {needed}", done=done, needed=len(needed)), len(needed) - done)]
        return steps, 0, about

    def first(self, rows: list[Row]) -> Row | None:
        """Return the first item without an answer."""
        open_rows = (row for row in rows if row.label and row.frozen and not row.frozen.words)
        return next(open_rows, rows[0] if rows else None)

    def following(self, row: Row, rows: list[Row]) -> Row | None:
        """Return the next item without an answer."""
        keys = [each.key for each in rows]
        rest = rows[keys.index(row.key) + 1 :] if row.key in keys else rows
        return next((each for each in rest if each.label and each.frozen and not each.frozen.words), None)

    def footer(self) -> tuple[str, ...]:
        """Return the commands for the footer."""
        if self.answering:
            return ("handover.write", "handover.accept", "handover.return", "handover.sealed")
        return ("handover.relief", "handover.sealed", "handover.measures")

    def typed(self, row: Row) -> str:
        """Return what stands in the line for a row."""
        return row.text

    def type(self, row: Row, text: str) -> None:
        """Keep what is typed."""
        self.words[row.key] = text
        self.keeper.touch()

    async def enter(self, row: Row, text: str) -> bool:
        """Record the answer to an item; False when it was refused and must be corrected."""
        if row.frozen is None or self.standing.line.id is None:
            return False
        try:
            await self.screen.desk_app.desk.ask(handover.read_back, self.standing.line.id, row.frozen.id, text)
        except DeskError as error:
            self.screen.say(sentence(error), "warning")
            return False
        self.words.pop(row.key, None)
        self.keeper.touch()
        return True
