"""Handover lines in the reader's language, for the screen and for the sheet alike."""

from __future__ import annotations

from dutydesk.domain.handover import Block, Colour, Item, SystemState
from dutydesk.domain.incidents import Status as IncidentStatus
from dutydesk.domain.measures import MeasureKind
from dutydesk.domain.words import Label
from dutydesk.locale import _, ngettext, pick, times, word
from dutydesk.locale.lines import render


def title(item: Item) -> str:
    """Return what a line is about: `INC-261122-3 Core switch down`, `UPS-1: Watch`, `Round missed: Room B`."""
    if item.block is Block.NOTES:
        return _("{name}: {value}", name=_(item.message), value=item.title)
    number = item.values.get("number")
    if number:
        return f"{number} {item.title}"
    told = render(item.message, item.values) if item.message else ""
    if item.block is Block.STATE and "state" in item.values:
        told = _("{name}: {state}", name=told, state=word(SystemState(item.values["state"])))
    if item.block is Block.THINGS:
        return _("{name}: {counted} of {expected}", name=told, counted=_counted(item), expected=item.values["expected"])
    return " · ".join(part for part in (told, item.title) if part)


def _counted(item: Item) -> str:
    counted = item.values.get("counted")
    return "?" if counted is None else str(counted)


def owner(item: Item) -> str:
    """Return who has the item, or an empty text."""
    named = item.values.get("owner")
    return pick(Label(named["zh"], named["en"])) if named else ""


def incident(item: Item) -> str:
    """Return the number of the incident that a system's state comes from and that is read back in its place, or ""."""
    covered = item.values.get("covered", "")
    return covered if isinstance(covered, str) else ""


def since(at: int, now: int) -> str:
    """Return since when something is so."""
    return _("since {when}", when=times.when(at, now))


def facts(item: Item, now: int) -> list[str]:
    """Return the short facts beside a line: status, owner, since when, deadline, how often carried."""
    told = []
    if item.subject == "incident":
        told.append(f"{item.values['priority']} {word(IncidentStatus(item.values['status']))}")
    if item.subject == "measure":
        told.append(word(MeasureKind(item.values["kind"])))
    if owner(item):
        told.append(owner(item))
    if incident(item):
        told.append(incident(item))
    if item.since is not None:
        told.append(since(item.since, now))
    if item.deadline is not None:
        told.append(_("until {when}", when=times.when(item.deadline, now)))
    if item.carried:
        told.append(ngettext("carried {n} shift", "carried {n} shifts", item.carried))
    return told


COLOUR_MARKS = {Colour.RED: "!", Colour.YELLOW: "▲", Colour.GREEN: "·"}
"""Red and yellow are told apart without colour."""
