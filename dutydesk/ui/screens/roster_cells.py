"""A day of the calendar as lines of cells: its number and kind, who is on, what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from dutydesk.domain.calendar import DayKind
from dutydesk.domain.text import fit, width
from dutydesk.domain.words import Label
from dutydesk.locale import _, pick, word
from dutydesk.services.roster_views import DayView, PlaceView, RosterView, SlotView
from dutydesk.ui import marks
from dutydesk.ui.screens import roster_words as words
from dutydesk.ui.screens.roster_names import LEVELS, Names
from dutydesk.ui.widgets.paint import Cell, cells_width

ROOMY = 15
"""Cells of a day from which the shift's name stands before who is on it."""


class DayCells:
    """Draws the days of a roster into cells; names are as long as most days allow, and shorter on fuller ones.

    With `differs`, shifts by day and kind, those are marked; without it those that were changed after planning.
    """

    def __init__(self, view: RosterView, me: int, differs: Iterable[tuple[date, str]] | None = None) -> None:
        self.days: Mapping[date, DayView] = {day.day: day for day in view.days}
        self._gaps = words.gap_days(view.gaps)
        self._me = me
        self._differs = None if differs is None else set(differs)
        people = {person.person_id: person.label for person in view.people}
        people |= {place.person_id or 0: place.label for slot in view.slots for place in slot.people}
        self.names = Names(people)
        self._levels: dict[tuple[int, int], int] = {}
        self._title_cells = min(5, max((width(pick(slot.title)) for slot in view.slots), default=0))

    def draw(self, day: date, month: date, cells: int, lines: int) -> list[list[Cell]]:
        """Return a day as lines of cells: its number and kind, then who is on; outside `month` all is muted."""
        known = self.days.get(day)
        outside = (day.year, day.month) != (month.year, month.month)
        drawn = [self._head(day, known, cells, outside)]
        if known is not None and lines > 1:
            level = self._level(cells, lines)
            drawn += self._body(known, cells, lines - 1, level)
        return [_muted(line) for line in drawn] if outside else drawn

    def _head(self, day: date, known: DayView | None, cells: int, outside: bool) -> list[Cell]:
        here = day == words.today()
        kind = known.kind if known else None
        off = kind is not None and not kind.working
        number: Cell = (f"{day.day:>2}", "bold $accent" if here else "muted" if off else "strong")
        tail: list[Cell] = [(f" {marks.LATE}", "error")] if day in self._gaps and not outside else []
        room = cells - 3 - cells_width(tail)
        said = next((text for text in _kinds(known, here) if width(text) <= room), "")
        style = "accent" if here else words.KIND_STYLES.get(kind, "") if kind else ""
        return [number, " ", (said, style), *tail]

    def _groups(self, day: DayView, lines: int) -> list[tuple[Sequence[SlotView], bool]]:
        """Return what stands on each line of a day, and whether the name of the shift stands before it."""
        slots = day.slots
        apart = [[slot] for slot in (slots if len(slots) <= lines else slots[: lines - 1])]
        if len(slots) > lines:
            apart.append(list(slots[lines - 1 :]))
        return [(group, len(slots) > 1 and len(apart) > 1) for group in apart]

    def _body(self, day: DayView, cells: int, lines: int, level: int) -> list[list[Cell]]:
        return [self._slots(group, cells, level, titled=titled) for group, titled in self._groups(day, lines)]

    def _slots(self, slots: Sequence[SlotView], cells: int, level: int, *, titled: bool) -> list[Cell]:
        """Return slots side by side, with the longest names from `level` on that fit."""
        for each in range(level, LEVELS):
            found, whole = self._at_level(slots, cells, each, titled=titled)
            if whole:
                return found
        return found

    def _at_level(self, slots: Sequence[SlotView], cells: int, level: int, *, titled: bool) -> tuple[list[Cell], bool]:
        found: list[Cell] = []
        if titled and len(slots) == 1:
            found.append((self._shift_mark(slots[0].title, cells), "muted"))
        whole = True
        for at, slot in enumerate(slots):
            if at:
                found.append(("/", "muted"))
            people, all_there = self._people(slot, level, cells - cells_width(found))
            found += people
            whole = whole and all_there
        return found, whole and cells_width(found) <= cells

    def _people(self, slot: SlotView, level: int, room: int) -> tuple[list[Cell], bool]:
        """Return who is on a slot, and whether everybody is named; else the rest is counted."""
        people = [self._person(slot, place, level) for place in words.once(slot.places)]
        found: list[Cell] = []
        for at, cell in enumerate(people):
            left = len(people) - at - 1
            needs = cells_width([*found, " ", cell]) + (len(f" +{left}") if left else 0)
            if found and needs > room:
                return [*found, (f" +{left + 1}", "muted")], False
            found += [" ", cell] if found else [cell]
        return found or [(marks.LATE, "error")], True

    def _person(self, slot: SlotView, place: PlaceView, level: int) -> Cell:
        if place.person_id is None:
            return marks.LATE, "error"
        differs = self._differs is not None and (slot.day, slot.kind) in self._differs
        marked = differs or (self._differs is None and place.change_id is not None)
        style = "warning" if differs else "bold $accent" if place.person_id == self._me else ""
        return self.names.name(place.person_id, level) + (words.CHANGED if marked else ""), style

    def _level(self, cells: int, lines: int) -> int:
        """Return how long names are: as long as they fit on four days of five."""
        if (cells, lines) not in self._levels:
            fits = (level for level in range(LEVELS) if self._fits(cells, lines - 1, level))
            self._levels[cells, lines] = next(fits, LEVELS - 1)
        return self._levels[cells, lines]

    def _fits(self, cells: int, lines: int, level: int) -> bool:
        full = [day for day in self.days.values() if day.slots]
        good = sum(
            all(self._at_level(group, cells, level, titled=titled)[1] for group, titled in self._groups(day, lines))
            for day in full
        )
        return good * 5 >= len(full) * 4

    def _shift_mark(self, title: Label, cells: int) -> str:
        if cells >= ROOMY:
            return f"{fit(pick(title), self._title_cells)} "
        return f"{pick(title)[:1]} "


def _muted(line: list[Cell]) -> list[Cell]:
    return [(cell if isinstance(cell, str) else cell[0], "muted") for cell in line]


def _kinds(known: DayView | None, here: bool) -> list[str]:
    """Return words for a day, the fullest first; the first that fits is shown."""
    if known is None or known.kind is None:
        return [_("today")] if here else []
    short = words.SHORT_KINDS.get(known.kind)
    said: list[str] = []
    if known.kind is DayKind.STATUTORY:
        said = [pick(known.title), _(short or "")] if pick(known.title) else [_(short or "")]
    elif known.kind in (DayKind.BRIDGE, DayKind.MAKEUP):
        said = [word(known.kind), _(short or "")]
    if here:
        return [f"{_('today')} {text}" for text in said] + [_("today")]
    return said
