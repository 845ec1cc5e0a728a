"""What the terminal shows, cell by cell, and the shortest way from there to what it ought to show.

Textual 8.2.8 keeps track of the widgets to paint and writes each of their lines whole, every piece with all of its
colours: on a line of 9,600 bit/s a screen takes ten seconds, and one digit of a clock costs its line. Here every paint
is compared with what stands on the terminal: only cells that differ are written, colours only where they change,
blank ends of lines as one erasure. Nobody sees a difference but the line.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from rich.color import ColorSystem
from textual._compositor import ChopsUpdate, LayoutUpdate

from dutydesk.ui import scrolling
from dutydesk.ui.ink import DEFAULT_GROUND, Cell, Ink
from dutydesk.ui.pen import Pen

A_MOVE = 5
"""Bytes of moving over unchanged cells; where writing them again costs no more, they are written again."""
A_LOOK = 8
"""Bytes of a change of colours, or so."""
WORTH_AN_ERASURE = 10
"""Equal blanks inside a line are erased and moved over from here on; that costs as many bytes."""
WORTH_AN_ERASED_END = 4

Row = list[Cell | None]


class Abilities(NamedTuple):
    """What the terminal can: erase to the colour of the ground, erase a number of cells, move lines between margins."""

    erases_in_colour: bool = False
    erases_cells: bool = False
    moves_lines: bool = False

    @classmethod
    def of_terminal(cls) -> Abilities:
        """Return what the terminal's own description says; nothing where there is none."""
        try:
            import curses

            curses.setupterm(os.environ.get("TERM", ""), 2)
            return cls(curses.tigetflag("bce") > 0, bool(curses.tigetstr("ech")), bool(curses.tigetstr("csr")))
        except Exception:
            return cls()


class Canvas:
    """The cells of the terminal; None where nobody knows what stands there."""

    def __init__(self, abilities: Abilities = Abilities(), colours: ColorSystem | None = None) -> None:
        self.abilities = abilities
        self.ink = Ink(colours or ColorSystem.TRUECOLOR)
        self.width = 0
        self.rows: list[Row] = []
        self._known = False

    def forget(self) -> None:
        """Know nothing any more: a paint of everything writes everything."""
        self._resize(self.width, len(self.rows))

    def paint(self, update: LayoutUpdate | ChopsUpdate, cursor: tuple[int, int] | None = None) -> str:
        """Return what has to be written so that the terminal shows `update`; empty when it does already.

        `cursor` is where the terminal's cursor stands after what was painted before.
        """
        self.ink.tidy()
        wanted = self._whole(update) if isinstance(update, LayoutUpdate) else self._parts(update)
        move = scrolling.find(self.rows, wanted) if self.abilities.moves_lines and self._known else None
        if move is not None:
            wanted |= {y: row for y, row in enumerate(self.rows[move.top : move.bottom], move.top) if y not in wanted}
            self.rows = move.done(self.rows)
            cursor = (0, 0)
        pen = Pen(self.width, cursor if self._known else None)
        for y in sorted(wanted):
            new, old = wanted[y], self.rows[y]
            if new != old:
                self._write_line(pen, y, old, new)
                self.rows[y] = new
        self._known = True
        return (move.sequence() if move is not None else "") + pen.done()

    # --- what is wanted -------------------------------------------------------------------------------------------

    def _whole(self, update: LayoutUpdate) -> dict[int, Row]:
        left, top, width, height = update.region
        if (left, top) == (0, 0) and (width, height) != (self.width, len(self.rows)):
            self._resize(width, height)
        wanted: dict[int, Row] = {}
        for y, strips in enumerate(update.strips, top):
            if y < len(self.rows):
                cells = self.ink.cells_of(strips)
                wanted[y] = self._laid_over(self.rows[y], left, cells, 0, min(len(cells), self.width - left))
        return wanted

    def _parts(self, update: ChopsUpdate) -> dict[int, Row]:
        """Take the cells of the spans out of the pieces of their lines."""
        width = max((ends[-1] for ends in update.chop_ends if ends), default=0)
        if (width, len(update.chops)) != (self.width, len(self.rows)):
            self._resize(width, len(update.chops))
        wanted: dict[int, Row] = {}
        for y, begin, end in update.spans:
            for chop_end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
                left, right = max(begin, x) - x, min(end, chop_end) - x
                if strip is not None and left < right:
                    cells = self.ink.cells_of((strip,))
                    row = wanted.get(y) or self.rows[y]
                    wanted[y] = self._laid_over(row, x, cells, left, min(right, len(cells)))
        return wanted

    def _resize(self, width: int, height: int) -> None:
        self.width = width
        self.rows = [[None] * width for _ in range(height)]
        self._known = False

    def _laid_over(self, row: Row, x: int, cells: list[Cell], left: int, right: int) -> Row:
        """Return a row with `cells[left:right]` over it from `x` on.

        A wide character at an end is taken whole; one that lay there and is cut through leaves a blank.
        """
        while 0 < left < len(cells) and cells[left].part:
            left -= 1
        while right < len(cells) and cells[right].part:
            right += 1
        laid = list(row)
        begin, end = x + left, x + right
        laid[begin:end] = cells[left:right]
        before, after = laid[begin - 1] if begin else None, laid[end] if end < len(laid) else None
        if before is not None and before.second is not None:
            laid[begin - 1] = self.ink.blank(before)
        if after is not None and after.part:
            laid[end] = self.ink.blank(after)
        return laid

    # --- how to get there -----------------------------------------------------------------------------------------

    def _write_line(self, pen: Pen, y: int, old: Row, new: Row) -> None:
        changed = [x for x, (was, now) in enumerate(zip(old, new, strict=True)) if was is not now]
        tail, blank = self._blank_end(new)
        for begin, end in _runs(new, [x for x in changed if x < tail]):
            self._write_run(pen, y, new, begin, end)
        rest = [x for x in changed if x >= tail]
        if blank is not None and rest and len(new) - rest[0] >= WORTH_AN_ERASED_END:
            pen.erase_rest(rest[0], y, blank)
            return
        for begin, end in _runs(new, rest):
            self._write_run(pen, y, new, begin, end)

    def _write_run(self, pen: Pen, y: int, row: Row, begin: int, end: int) -> None:
        """Write the cells from `begin` to `end`; a long stretch of one blank is erased and moved over."""
        cells = [cell for cell in row[begin:end] if cell is not None]
        if not self.abilities.erases_cells or len(cells) < WORTH_AN_ERASURE:
            pen.write(begin, y, cells)
            return
        since = at = 0
        while at < len(cells):
            cell, stop = cells[at], at + 1
            if cell.blank:
                while stop < len(cells) and cells[stop] is cell:
                    stop += 1
                if stop - at >= WORTH_AN_ERASURE and self._erases(cell):
                    if at > since:
                        pen.write(begin + since, y, cells[since:at])
                    pen.erase(begin + at, y, stop - at, cell)
                    since = stop
            at = stop
        if since < len(cells):
            pen.write(begin + since, y, cells[since:])

    def _blank_end(self, row: Row) -> tuple[int, Cell | None]:
        """Return where the blank end of a line begins and its blank; None when there is none that can be erased."""
        last = row[-1] if row else None
        if last is None or not self._erases(last):
            return len(row), None
        at = len(row)
        while at and row[at - 1] is last:
            at -= 1
        return at, last

    def _erases(self, cell: Cell) -> bool:
        """Return whether a cell is a blank that erasing leaves as it should be."""
        return cell.blank and (self.abilities.erases_in_colour or cell.look.ground == DEFAULT_GROUND)


def _runs(row: Row, changed: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Join changed cells into runs over gaps that are not worth a move; what lies in a gap is written again."""
    if not changed:
        return
    begin = last = changed[0]
    for x in changed[1:]:
        if x - last > 1 and (x - last > A_MOVE + 1 or _cost(row[last : x + 1]) > A_MOVE):
            yield begin, last + 1
            begin = x
        last = x
    yield begin, last + 1


def _cost(cells: Row) -> int:
    """Return about how many bytes it takes to write the cells between the first and the last one once more."""
    looks = [cell.look for cell in cells if cell is not None]
    if len(looks) < len(cells):
        return A_MOVE + 1  # what is not known cannot be written
    switches = sum(one is not other for one, other in pairwise(looks)) - (looks[0] is not looks[-1])
    return len(cells) - 2 + A_LOOK * max(0, switches)
