"""Writes cells to a terminal with as few bytes as it can: moves, colours and erasures only where they are needed."""

from __future__ import annotations

from collections.abc import Sequence

from dutydesk.ui.ink import DEFAULT_GROUND, DEFAULT_INK, ON_BLANKS, Cell, Look

_OFF = {"1": "22", "2": "22", "3": "23", "4": "24", "21": "24", "5": "25", "6": "25", "7": "27", "8": "28", "9": "29"}
_OFF |= {"51": "54", "52": "54", "53": "55"}
"""What takes a mark away again; some take two."""


class Pen:
    """Knows where the terminal's cursor stands and in which colours it writes; begins and ends without colours."""

    def __init__(self, width: int, at: tuple[int, int] | None = None) -> None:
        self._width = width
        self._x, self._y = at if at is not None else (-1, -1)
        self._ink, self._ground = DEFAULT_INK, DEFAULT_GROUND
        self._marks: tuple[str, ...] = ()
        self._look: Look | None = None  # the look that this is exactly; a blank leaves colours that it does not need
        self._written: list[str] = []

    def write(self, x: int, y: int, cells: Sequence[Cell]) -> None:
        """Write cells side by side; the second half of a wide character is there with the first."""
        self._move(x, y)
        written = self._written
        for cell in cells:
            if cell.part:
                continue
            if cell.look is not self._look:
                self._dress(cell)
            written.append(cell.text)
        self._x = x + len(cells)
        if self._x >= self._width:
            self._x = -1  # at the edge terminals do not agree where the cursor stands

    def erase(self, x: int, y: int, cells: int, blank: Cell) -> None:
        """Erase some cells to the ground of `blank`; the cursor stays."""
        self._move(x, y)
        self._dress(blank)
        self._written.append(f"\x1b[{cells}X")

    def erase_rest(self, x: int, y: int, blank: Cell) -> None:
        """Erase the rest of a line to the ground of `blank`."""
        self._move(x, y)
        self._dress(blank)
        self._written.append("\x1b[K")

    def done(self) -> str:
        """Return what was written; the terminal is left without colours."""
        if self._marks or (self._ink, self._ground) != (DEFAULT_INK, DEFAULT_GROUND):
            self._written.append("\x1b[0m")
        return "".join(self._written)

    def _move(self, x: int, y: int) -> None:
        if (x, y) == (self._x, self._y):
            return
        if x == 0 and y == self._y + 1 and self._y >= 0:
            move = "\r\n"
        elif y == self._y and 0 <= self._x < x:
            move = f"\x1b[{x - self._x}C" if x - self._x > 1 else "\x1b[C"
        else:
            move = f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H"
        self._written.append(move)
        self._x, self._y = x, y

    def _dress(self, cell: Cell) -> None:
        look = cell.look
        if cell.blank:
            if look.ground == self._ground and not self._marks:
                return
            ink, marks = self._ink, tuple(mark for mark in self._marks if mark not in ON_BLANKS)
        else:
            ink, marks = look.ink, look.marks
        if (ink, look.ground, marks) == (self._ink, self._ground, self._marks):
            self._look = None if cell.blank else look
            return
        changed, anew = self._changes(ink, look.ground, marks), _anew(ink, look.ground, marks)
        self._written.append(f"\x1b[{min(changed, anew, key=len)}m")
        self._ink, self._ground, self._marks = ink, look.ground, marks
        self._look = None if cell.blank else look

    def _changes(self, ink: str, ground: str, marks: tuple[str, ...]) -> str:
        """Return the codes that lead from the present look to another one."""
        gone = dict.fromkeys(_OFF[mark] for mark in self._marks if mark not in marks)
        codes = [*gone, *(mark for mark in marks if mark not in self._marks or _OFF[mark] in gone)]
        if ink != self._ink:
            codes.append(ink)
        if ground != self._ground:
            codes.append(ground)
        return ";".join(codes)


def _anew(ink: str, ground: str, marks: tuple[str, ...]) -> str:
    """Return the codes of a look after everything was taken away."""
    codes = ["0", *marks]
    if ink != DEFAULT_INK:
        codes.append(ink)
    if ground != DEFAULT_GROUND:
        codes.append(ground)
    return ";".join(codes)
