"""What the handover screen lists: rows for each step of the wizard, for the read-back, and what is still missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from dutydesk.domain.handover import SYSTEM_COLOURS, Block, Colour, Item, Note, SystemState
from dutydesk.domain.words import N_, Named
from dutydesk.locale import _, ngettext, pick, times, word
from dutydesk.locale import handover as words
from dutydesk.services.handover_views import FrozenItem
from dutydesk.ui import marks
from dutydesk.ui.widgets.paint import Cell
from dutydesk.ui.widgets.records import Column


class WizardStep(Named):
    """A step of the wizard."""

    STATE = "state", N_("State")
    ACTIONS = "actions", N_("Actions")
    MEASURES = "measures", N_("Measures")
    THINGS = "things", N_("Things")
    NOTES = "notes", N_("Notes")
    SIGN = "sign", N_("Sign")


EXPLAINED = {
    WizardStep.STATE: N_("How the systems stand, and what happened in this shift"),
    WizardStep.ACTIONS: N_("What is open, who has it, what comes next"),
    WizardStep.MEASURES: N_("Temporary measures in force; they go on into every handover until closed"),
    WizardStep.THINGS: N_("Keys, phones, tokens: count them, o takes the expected number"),
    WizardStep.NOTES: N_("What else the next shift must know"),
    WizardStep.SIGN: N_("Overall state, then your signature freezes everything"),
}
BLOCKS = {
    WizardStep.STATE: (Block.STATE, Block.SUMMARY, Block.PEOPLE),
    WizardStep.ACTIONS: (Block.ACTIONS,),
    WizardStep.MEASURES: (Block.MEASURES,),
    WizardStep.THINGS: (Block.THINGS,),
}
NOTE_HINTS = {
    Note.PLANNED: N_("maintenance windows, visitors, deliveries"),
    Note.PROJECTS: N_("key projects: what is done, what is next"),
    Note.IF_THEN: N_("if X happens, then do Y and call Z"),
    Note.OTHER: N_("anything that does not fit above"),
}
TONES = {Colour.RED: "error", Colour.YELLOW: "warning", Colour.GREEN: ""}


@dataclass(frozen=True)
class Row:
    """One line of the list; `item` or `frozen` is what it stands for, `note` the smaller line below.

    `where` says that the line being typed tells where a thing is that is short, `half` that its line was left half
    written.
    """

    key: str
    colour: Colour
    title: str
    facts: str = ""
    more: str = ""
    section: str = ""
    note: Cell | list[Cell | None] | None = None
    item: Item | None = None
    frozen: FrozenItem | None = None
    label: str = ""
    text: str = ""
    where: bool = False
    half: bool = False

    @property
    def editable(self) -> bool:
        """Return whether enter opens a line to type into."""
        return bool(self.label)


def columns(facts: bool) -> tuple[Column, ...]:
    """Return the columns of the list, with owner, time and how often carried where lines have such facts."""
    mark = Column("mark", "", 2, value=lambda row: (_mark(row.colour), TONES[row.colour]))
    title = Column("title", N_("What"), None)
    if not facts:
        return (mark, title)
    return (
        mark,
        title,
        Column("facts", "", 26, style=lambda _row: "muted", right=True, lends=True),
        Column("more", "", 30, from_width=110, style=lambda _row: "muted", right=True),
    )


def _mark(colour: Colour) -> str:
    return {Colour.RED: marks.P1, Colour.YELLOW: marks.LATE, Colour.GREEN: marks.DOT}[colour]


def _facts(item: Item, now: int) -> tuple[str, str]:
    """Return the few facts that fit 80 columns, and the rest for wide terminals."""
    first = [said for said in (words.owner(item), words.incident(item)) if said]
    if item.carried:
        first.append(ngettext("carried {n} shift", "carried {n} shifts", item.carried))
    elif item.since is not None:
        first.append(times.when(item.since, now))
    since = "" if item.since is None or item.carried else words.since(item.since, now)
    rest = [fact for fact in words.facts(item, now) if fact not in (*first, since)]
    return " · ".join(first), " · ".join(rest)


def prepare_rows(step: WizardStep, items: Sequence[Item], notes: dict[str, str], now: int) -> list[Row]:
    """Return the rows of a step while the handover is prepared."""
    if step is WizardStep.NOTES:
        return [_note_row(note, notes.get(note.value, "")) for note in Note]
    if step is WizardStep.SIGN:
        return []
    listed = [item for item in items if item.block in BLOCKS[step]]
    many = step is WizardStep.STATE
    return [_item_row(item, now, word(item.block) if many else "") for item in listed]


def _item_row(item: Item, now: int, section: str) -> Row:
    facts, more = _facts(item, now)
    label, text = "", ""
    note: Cell | None = None
    if item.block is Block.THINGS:
        counted = item.values.get("counted")
        label = _("Counted")
        if counted is None:
            note = (_("not counted yet"), "warning")
        elif item.step_required:
            where = item.next_step or _("required")
            note = (_("Where is it? {text}", text=where), "muted" if item.next_step else "warning")
    elif item.block in (Block.ACTIONS, Block.MEASURES):
        missed = bool(item.values.get("missed"))
        label, text = (_("Reason") if missed else _("Next step")), item.next_step
        note = _step_note(label, item)
    notes = [ends(item, now), note]
    return Row(item.key, item.colour, words.title(item), facts, more, section, notes, item, None, label, text)


def asking_where(row: Row) -> Row | None:
    """Return the row as it asks where a thing is that is short; None for every other row."""
    item = row.item
    if item is None or item.block is not Block.THINGS or not item.step_required:
        return None
    return replace(row, label=_("Where is it?"), text=item.next_step, where=True)


def half_written(row: Row, text: str | None) -> Row:
    """Return the row with what stands in its line and was not entered yet, if there is any."""
    if text is None:
        return row
    above = row.note[:-1] if isinstance(row.note, list) else []
    return replace(row, note=[*above, _half(text)], half=True)


def _half(text: str) -> Cell:
    return (_("Half written: {text} (enter goes on)", text=text), "warning")


def ends(item: Item, now: int) -> Cell | None:
    """Return until when a temporary measure holds, or that its end has passed."""
    if item.block is not Block.MEASURES or item.deadline is None:
        return None
    when = times.when(item.deadline, now)
    if item.deadline < now:
        return (_("was to end {when}", when=when), "error")
    return (_("until {when}", when=when), "muted")


def _step_note(label: str, item: Item) -> Cell | None:
    if item.next_step:
        return (_("{name}: {value}", name=label, value=item.next_step), "plain")
    if item.step_required:
        return (_("{label}: required", label=label), "warning")
    return None


def _note_row(note: Note, text: str) -> Row:
    below: Cell = (text, "plain") if text else (_(NOTE_HINTS[note]), "muted")
    return Row(note.value, Colour.GREEN, word(note), note=below, label=word(note), text=text)


def sign_rows(state: Colour, suggested: Colour, missing: Sequence[tuple[WizardStep, Row]]) -> list[Row]:
    """Return the rows of the last step: the overall state, then what is missing and where."""
    said = _("Overall state: {state}", state=word(state))
    hint = "" if state is suggested else _("the lines say {state}", state=word(suggested))
    keys = _("o green, w yellow, x red")
    rows = [Row("state", state, f"{said} {hint}".rstrip(), note=(keys, "muted"))]
    rows += [
        Row(
            f"{step.value}/{row.key}",
            Colour.YELLOW,
            _("{name}: {value}", name=word(step), value=row.title),
            section=_("Still missing"),
            note=row.note,
        )
        for step, row in missing
    ]
    if not missing:
        rows.append(
            Row("ready", Colour.GREEN, _("Everything is there. p signs with your PIN and freezes the handover."))
        )
    return rows


def needs(row: Row) -> bool:
    """Return whether a row must still be filled before the handover can be signed."""
    item = row.item
    if row.half:
        return True
    if item is None:
        return False
    if item.block is Block.THINGS and item.values.get("counted") is None:
        return True
    return item.step_required and not item.next_step.strip()


def frozen_rows(frozen: Sequence[FrozenItem], now: int, typed: dict[str, str], *, answering: bool) -> list[Row]:
    """Return the rows of a prepared handover; with `answering` each red and yellow one has a line to fill."""
    return [_frozen_row(line, now, typed, answering) for line in frozen]


def _frozen_row(line: FrozenItem, now: int, typed: dict[str, str], answering: bool) -> Row:
    item = line.item
    facts, more = _facts(item, now)
    key = str(line.id)
    label = _("In your words") if answering and item.answer_required else ""
    note: Cell | None = None
    if line.words:
        by = pick(line.answered_by) if line.answered_by else ""
        note = (f"{marks.DONE} {_('{name}: {value}', name=by, value=line.words)}", "success")
    elif item.answer_required:
        note = (_("In your words: …"), "warning" if answering else "muted")
    text = typed.get(key, line.words or line.before)
    half = answering and key in typed and text.strip() not in ("", line.words or "")
    if half:
        note = _half(text)
    step = f"{marks.ARROW} {item.next_step}" if item.next_step else None
    return Row(
        key,
        item.colour,
        words.title(item),
        facts,
        more,
        word(item.block),
        [ends(item, now), step, note],
        item,
        line,
        label,
        text,
        half=half,
    )


def next_state(pressed: str) -> tuple[SystemState, Colour]:
    """Return the state of a system, and its colour, for the keys o, w and x."""
    state = {"o": SystemState.STABLE, "w": SystemState.WATCH, "x": SystemState.UNSTABLE}[pressed]
    return state, SYSTEM_COLOURS[state]
