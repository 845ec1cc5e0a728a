"""Lines that only move: a list that goes on by a line is moved by the terminal, and one line of it is written.

The terminal moves whole lines between two margins, which every terminal can since the VT100 (terminfo: csr). What else
stands in those lines, another panel or a scroll bar, is repaired afterwards like everything that differs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from operator import is_not
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from dutydesk.ui.ink import Cell

    Row = list[Cell | None]

FARTHEST = 4
"""Lines that a move goes at most: a page is another text, not the same one moved."""
LEAST_CHANGE = 160
"""Cells that differ at least before a move is looked for."""
LEAST_GAIN = 60
"""Cells that a move spares at least; the move itself takes about half as many bytes."""


class Move(NamedTuple):
    """The lines from `top` to before `bottom` go up by `by`, or down when it is negative."""

    top: int
    bottom: int
    by: int

    def sequence(self) -> str:
        """Return what makes the terminal do it; its cursor is in the upper left corner afterwards."""
        margins = f"\x1b[{self.top + 1};{self.bottom}r"
        if self.by > 0:
            return f"{margins}\x1b[{self.bottom}H{chr(10) * self.by}\x1b[r\x1b[H"
        return f"{margins}\x1b[{self.top + 1}H" + "\x1bM" * -self.by + "\x1b[r\x1b[H"

    def done(self, rows: list[Row]) -> list[Row]:
        """Return the rows after it; the lines that came in are not known."""
        moved = list(rows)
        fresh: list[Row] = [[None] * len(rows[0]) for _ in range(abs(self.by))]
        if self.by > 0:
            moved[self.top : self.bottom] = [*rows[self.top + self.by : self.bottom], *fresh]
        else:
            moved[self.top : self.bottom] = [*fresh, *rows[self.top : self.bottom + self.by]]
        return moved


def find(rows: Sequence[Row], wanted: Mapping[int, Row]) -> Move | None:
    """Return the move that spares most of what would have to be written to make `rows` what is wanted, if any does."""
    costs = [_differing(row, wanted[y]) if y in wanted else 0 for y, row in enumerate(rows)]
    if sum(costs) < LEAST_CHANGE:
        return None
    best: tuple[int, Move | None] = (LEAST_GAIN, None)
    for by in _steps():
        gains = [
            costs[y] - _differing(rows[y + by], wanted.get(y, row)) if 0 <= y + by < len(rows) else -len(row)
            for y, row in enumerate(rows)
        ]
        gain, begin, end = _best_stretch(gains)
        if gain <= best[0]:
            continue
        move = Move(begin, end + by, by) if by > 0 else Move(begin + by, end, by)
        come_in = range(end, end + by) if by > 0 else range(begin + by, begin)
        gain -= sum(len(rows[y]) - costs[y] for y in come_in)
        if gain > best[0]:
            best = (gain, move)
    return best[1]


def _steps() -> Iterator[int]:
    for step in range(1, FARTHEST + 1):
        yield step
        yield -step


def _differing(one: Row, other: Row) -> int:
    return sum(map(is_not, one, other))


def _best_stretch(gains: Sequence[int]) -> tuple[int, int, int]:
    """Return the stretch of neighbours with the greatest sum: the sum, its begin, and where it has ended."""
    best, begin, end = 0, 0, 0
    here, since = 0, 0
    for at, gain in enumerate(gains):
        if here <= 0:
            here, since = 0, at
        here += gain
        if here > best:
            best, begin, end = here, since, at + 1
    return best, begin, end
