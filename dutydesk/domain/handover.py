"""The handover: what it holds, its colours, its steps from draft to seal.

Source: DOMAIN 4 (I-PASS, HSE shift handover: prepared by the outgoing, cross-checked by the incoming in own words).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dutydesk.domain.errors import Refused
from dutydesk.domain.words import N_, Named


class Block(Named):
    """A part of the handover, in the order it is spoken."""

    STATE = "state", N_("State")
    SUMMARY = "summary", N_("Summary")
    ACTIONS = "actions", N_("Actions")
    MEASURES = "measures", N_("Temporary measures")
    THINGS = "things", N_("Things counted")
    NOTES = "notes", N_("Notes")
    PEOPLE = "people", N_("People")


class Colour(Named):
    """How much an item needs the receiver: red and yellow must be read back."""

    RED = "red", N_("Red")
    YELLOW = "yellow", N_("Yellow")
    GREEN = "green", N_("Green")


class SystemState(Named):
    """The state of one system."""

    STABLE = "stable", N_("Stable")
    WATCH = "watch", N_("Watch")
    UNSTABLE = "unstable", N_("Unstable")


class Status(Named):
    """Where a handover stands."""

    DRAFT = "draft", N_("Being prepared")
    PREPARED = "prepared", N_("Prepared, waiting for the incoming")
    READ = "read", N_("Read back, waiting for acceptance")
    RETURNED = "returned", N_("Returned")
    SEALED = "sealed", N_("Sealed")


class Step(Named):
    """What somebody does with a handover."""

    PREPARE = "prepare", N_("Prepare")
    READ_BACK = "read_back", N_("Read back")
    ACCEPT = "accept", N_("Accept")
    RETURN = "return", N_("Return")
    RELIEVE = "relieve", N_("Emergency relief")


class Note(Named):
    """The free notes of the outgoing."""

    PLANNED = "planned", N_("Planned work")
    PROJECTS = "projects", N_("Progress of projects")
    IF_THEN = "if_then", N_("If … then …")
    OTHER = "other", N_("Anything else")


_OPEN = (Status.DRAFT, Status.RETURNED)
_ALLOWED: dict[Step, tuple[Status, ...]] = {
    Step.PREPARE: _OPEN,
    Step.READ_BACK: (Status.PREPARED, Status.READ),
    Step.ACCEPT: (Status.PREPARED, Status.READ),
    Step.RETURN: (Status.PREPARED, Status.READ),
    Step.RELIEVE: (Status.DRAFT, Status.RETURNED, Status.PREPARED, Status.READ),
}
_REASONS: dict[Status, str] = {
    Status.DRAFT: N_("The outgoing engineer has not prepared this handover yet."),
    Status.RETURNED: N_("This handover was returned; the outgoing engineer prepares it again first."),
    Status.PREPARED: N_("This handover is prepared and frozen; it waits for the incoming engineer."),
    Status.READ: N_("This handover is prepared and frozen; it waits for the incoming engineer."),
    Status.SEALED: N_("This handover is sealed; later facts go into the next one as a late entry."),
}


def check_step(status: Status, step: Step) -> None:
    """Refuse a step that does not follow from the status, with the reason."""
    if status not in _ALLOWED[step]:
        raise Refused(_REASONS[status])


@dataclass(frozen=True)
class Item:
    """One line of a handover.

    `title` is what people wrote; `message` with `values` is a line that the program wrote, read by everybody in
    his own language; `values["owner"]` is the owner's name in both. `key` names the item in what the outgoing types.
    Times are epoch seconds.
    """

    block: Block
    colour: Colour
    key: str
    title: str = ""
    message: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    subject: str = ""
    subject_id: int | None = None
    next_step: str = ""
    since: int | None = None
    deadline: int | None = None
    carried: int = 0
    step_required: bool = False
    answer_required: bool = False


@dataclass(frozen=True)
class Written:
    """What the outgoing engineer types into the wizard; keys are those of the items."""

    state: Colour | None = None
    steps: Mapping[str, str] = field(default_factory=dict)
    systems: Mapping[str, SystemState] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)


SYSTEM_COLOURS = {
    SystemState.STABLE: Colour.GREEN,
    SystemState.WATCH: Colour.YELLOW,
    SystemState.UNSTABLE: Colour.RED,
}
_WEIGHT = {Colour.GREEN: 0, Colour.YELLOW: 1, Colour.RED: 2}
LONG_CARRIED = 3
"""Sealed handovers after which even a small open item is shown yellow."""


def incident_colour(priority: str, carried: int, overdue: bool) -> Colour:
    """Return the colour of an open incident: P1 and P2 red, P3 yellow, P4 green until it drags on."""
    if priority in ("P1", "P2"):
        return Colour.RED
    if priority == "P3" or overdue or carried >= LONG_CARRIED:
        return Colour.YELLOW
    return Colour.GREEN


def worst(colours: Iterable[Colour]) -> Colour:
    """Return the worst colour; green when there is none."""
    return max(colours, key=_WEIGHT.__getitem__, default=Colour.GREEN)


def without_step(items: Iterable[Item]) -> list[Item]:
    """Return the items whose next step (or reason) must still be written."""
    return [item for item in items if item.step_required and not item.next_step.strip()]


def uncounted(items: Iterable[Item]) -> list[Item]:
    """Return the things that nobody has counted yet."""
    return [item for item in items if item.block is Block.THINGS and item.values.get("counted") is None]


def check_complete(items: Iterable[Item]) -> None:
    """Refuse to prepare while a next step is missing or a thing is not counted; the sentence gives the numbers."""
    items = list(items)
    missing, things = without_step(items), uncounted(items)
    if missing:
        raise Refused(
            N_("{count} items still need a next step or a reason, first {title}."),
            count=len(missing),
            title=missing[0].title or missing[0].values.get("number", missing[0].key),
        )
    if things:
        raise Refused(N_("{count} things are not counted yet."), count=len(things))
