"""The outgoing engineer's part: six steps over what the records say, and what is typed into them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dutydesk.domain import clock
from dutydesk.domain.handover import Block, Colour, Item, Status, SystemState, Written
from dutydesk.locale import _, sentence, times, word
from dutydesk.services.handover import NEXT_STEP_LIMIT, Standing, written_before
from dutydesk.ui.forms.drafts import DraftKeeper
from dutydesk.ui.screens.handover_rows import (
    EXPLAINED,
    Row,
    WizardStep,
    asking_where,
    half_written,
    needs,
    next_state,
    prepare_rows,
    sign_rows,
)

if TYPE_CHECKING:
    from dutydesk.ui.screens.handover import HandoverScreen

STEPS = tuple(WizardStep)
LARGEST_COUNT = 9999
WHERE = "/where"
"""Ends the key of a half written line that tells where a thing is that is short."""


class Preparing:
    """The wizard. `written` is what the outgoing entered; it is a draft until the signature.

    `typing` holds the lines that were left half written: nobody signs for them until they are entered or emptied.
    """

    def __init__(self, screen: HandoverScreen, standing: Standing) -> None:
        self.screen = screen
        self.standing = standing
        self.shift_id = standing.line.from_shift.id
        self.written = Written()
        self.typing: dict[str, str] = {}
        self.step = STEPS[0]
        self.keeper = DraftKeeper(screen.desk_app.desk, f"handover-{self.shift_id}", self._kept, self._said)

    # --- what is typed ----------------------------------------------------------------------------------------------

    def _kept(self) -> dict[str, Any]:
        written = self.written
        kept: dict[str, Any] = {
            "state": written.state.value if written.state else None,
            "steps": dict(written.steps),
            "systems": {key: state.value for key, state in written.systems.items()},
            "counts": dict(written.counts),
            "notes": dict(written.notes),
            "typing": dict(self.typing),
        }
        return {**kept, "step": self.step.value} if any(kept.values()) else {}

    def _said(self, error: Any) -> None:
        if error is not None:
            self.screen.say(sentence(error), "error")

    async def restore(self) -> bool:
        """Take up the draft, or what was written before the handover came back; returns whether there was any."""
        found = await self.keeper.find()
        if found is None:
            line = self.standing.line
            if line.status is not Status.RETURNED or line.id is None:
                return False
            self.written = await self.screen.desk_app.desk.ask(written_before, line.id)
            return True
        data = found.data
        self.written = Written(
            state=Colour(data["state"]) if data.get("state") else None,
            steps=data.get("steps", {}),
            systems={key: SystemState(value) for key, value in data.get("systems", {}).items()},
            counts=data.get("counts", {}),
            notes=data.get("notes", {}),
        )
        self.typing = {str(slot): str(text) for slot, text in data.get("typing", {}).items()}
        self.step = WizardStep(data.get("step", STEPS[0].value))
        when = times.when(found.updated_at, clock.now())
        self.screen.say(_("Your draft from {when} is here again.", when=when))
        return True

    def close(self) -> None:
        """Write what is open."""
        self.keeper.close()

    def take(self, standing: Standing) -> None:
        """Take what was read anew."""
        self.standing = standing

    # --- showing ----------------------------------------------------------------------------------------------------

    @property
    def items(self) -> tuple[Item, ...]:
        """The lines as they stand now."""
        return self.standing.draft.items if self.standing.draft else ()

    @property
    def place(self) -> tuple[Any, ...]:
        """What the list shows; another place begins at its top."""
        return ("prepare", self.shift_id, self.step)

    def rows(self) -> list[Row]:
        """Return the rows of the present step."""
        if self.step is WizardStep.SIGN:
            suggested = self.standing.draft.suggested if self.standing.draft else Colour.GREEN
            return sign_rows(self.written.state or suggested, suggested, self.missing())
        return self._rows_of(self.step)

    def _rows_of(self, step: WizardStep) -> list[Row]:
        rows = prepare_rows(step, self.items, dict(self.written.notes), clock.now())
        return [half_written(row, self._half(row)) for row in rows]

    def _half(self, row: Row) -> str | None:
        short = asking_where(row)
        return self.typing.get(row.key) or (self.typing.get(_slot(short)) if short is not None else None)

    def missing(self) -> list[tuple[WizardStep, Row]]:
        """Return what must still be filled before the signature, and in which step; half written lines as well."""
        must = (WizardStep.ACTIONS, WizardStep.THINGS)
        steps = (step for step in STEPS if step is not WizardStep.SIGN)
        return [
            (step, row) for step in steps for row in self._rows_of(step) if row.half or (step in must and needs(row))
        ]

    def head(self) -> tuple[list[tuple[str, int]], int, str]:
        """Return the steps with how much each still needs, the present one, and what it is about."""
        missing = [step for step, _row in self.missing()]
        steps = [(word(step), missing.count(step)) for step in STEPS]
        about = _(EXPLAINED[self.step])
        line = self.standing.line
        if line.status is Status.RETURNED:
            about = _("Returned: {reason}", reason=line.return_reason)
        return steps, STEPS.index(self.step), about

    def first(self, rows: list[Row]) -> Row | None:
        """Return the row to begin on: the first that needs something."""
        missing = (row for row in rows if needs(row) or (self.step is WizardStep.SIGN and _leads_on(row)))
        return next(missing, rows[0] if rows else None)

    def following(self, row: Row, rows: list[Row]) -> Row | None:
        """Return the next row that needs something, else the next row."""
        keys = [each.key for each in rows]
        at = keys.index(row.key) if row.key in keys else -1
        if at >= 0 and needs(rows[at]):
            return rows[at]
        rest = rows[at + 1 :]
        return next((each for each in rest if needs(each)), rest[0] if rest else None)

    def footer(self) -> tuple[str, ...]:
        """Return the commands for the footer."""
        if self.step is WizardStep.SIGN:
            return ("handover.sign", "handover.ok", "handover.watch", "handover.unstable", "handover.backward")
        if self.step is WizardStep.STATE:
            return ("handover.forward", "handover.ok", "handover.watch", "handover.unstable")
        if self.step is WizardStep.THINGS:
            return ("handover.ok", "handover.write", "handover.forward", "handover.backward")
        return ("handover.write", "handover.forward", "handover.backward", "handover.sign")

    # --- typing and marking -----------------------------------------------------------------------------------------

    def go(self, by: int) -> None:
        """Go to another step; the ends are ends."""
        place = STEPS.index(self.step) + by
        self.step = STEPS[max(0, min(place, len(STEPS) - 1))]
        self.keeper.touch()

    async def show_missing(self) -> None:
        """Go to the last step, where what is missing is listed."""
        self.step = WizardStep.SIGN
        await self.screen.show_rows()
        first = self.first(self.rows())
        if first is not None:
            self.screen.records.move_to(first.key)

    async def jump(self, row: Row) -> bool:
        """Go where a missing thing is, from the list on the last step."""
        if self.step is not WizardStep.SIGN or not _leads_on(row):
            return False
        step, _slash, key = row.key.partition("/")
        self.step = WizardStep(step)
        await self.screen.show_rows()
        self.screen.records.move_to(key)
        return True

    def typed(self, row: Row) -> str:
        """Return what stands in the line for a row."""
        return self.typing.get(_slot(row), row.text)

    def asked_next(self, row: Row, rows: list[Row]) -> Row | None:
        """Return what is asked at once after a line was taken: where the thing is that is short."""
        if row.where:
            return None
        return next((asking_where(each) for each in rows if each.key == row.key), None)

    def type(self, row: Row, text: str) -> None:
        """Keep what is typed for a row until it is entered; a line that is emptied or as it was is given up."""
        if text.strip() and text != row.text:
            self.typing[_slot(row)] = text
        else:
            self.typing.pop(_slot(row), None)
        self.keeper.touch()

    def _take(self, row: Row, text: str) -> None:
        written = self.written
        if row.item is None:
            self.written = replace(written, notes={**written.notes, row.key: text})
        elif _counts(row):
            counted = _count(text)
            if counted is not None:
                self.written = replace(written, counts={**written.counts, row.key: counted})
        else:
            self.written = replace(written, steps={**written.steps, row.key: text})

    async def enter(self, row: Row, text: str) -> bool:
        """Take the line; False when it cannot be taken and must be corrected."""
        if _counts(row):
            known = row.item is not None and row.item.values.get("counted") is not None
            if _count(text) is None and (text.strip() or not known):
                self.screen.say(_("Type a number from 0 to {largest}.", largest=LARGEST_COUNT), "warning")
                return False
        elif row.item is not None and len(text) > NEXT_STEP_LIMIT:
            said = _("Too long: {length} characters, {limit} at most.", length=len(text), limit=NEXT_STEP_LIMIT)
            self.screen.say(said, "warning")
            return False
        self._take(row, text)
        self._let_go(row)
        return True

    def _let_go(self, row: Row) -> None:
        self.typing.pop(_slot(row), None)
        self.keeper.touch()

    def mark(self, row: Row, key: str) -> bool:
        """Set the state of a system or of the whole, or take the expected count; False when the row has none."""
        state, colour = next_state(key)
        written = self.written
        if self.step is WizardStep.SIGN:
            self.written = replace(written, state=colour)
        elif row.item is None:
            return False
        elif row.item.block is Block.THINGS and key == "o":
            self.written = replace(written, counts={**written.counts, row.key: row.item.values["expected"]})
            self._let_go(row)
        elif row.item.block is Block.STATE and row.item.subject == "equipment":
            self.written = replace(written, systems={**written.systems, row.key: state})
        else:
            return False
        self.keeper.touch()
        return True


def _leads_on(row: Row) -> bool:
    """Whether enter on a row of the last step goes to what is missing."""
    return "/" in row.key


def _slot(row: Row) -> str:
    return f"{row.key}{WHERE}" if row.where else row.key


def _counts(row: Row) -> bool:
    return row.item is not None and row.item.block is Block.THINGS and not row.where


def _count(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isdecimal() and int(text) <= LARGEST_COUNT else None
