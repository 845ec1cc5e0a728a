"""Cells and their looks: what Textual's strips are, taken apart, in the colours of one terminal."""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.style import Style
from textual.strip import Strip

DEFAULT_INK, DEFAULT_GROUND = "39", "49"
MARKS = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "21", "51", "52", "53")
"""What a terminal calls Rich's attributes, by their bit."""
ON_BLANKS = frozenset(("4", "5", "6", "7", "9", "21", "51", "52", "53"))
"""Marks that show where there is no character."""
KNOWN_STYLES = 4096
"""Styles that are kept with their looks; those of text that can be selected differ by place and have no end."""


MOST_CELLS = 20_000
"""Cells that are kept; a console that is open for months meets every character in every colour."""


class Look:
    """Colours and marks of a cell as the terminal takes them; one object a look."""

    __slots__ = ("cells", "ground", "ink", "marks", "shows_on_blanks")

    def __init__(self, ink: str = DEFAULT_INK, ground: str = DEFAULT_GROUND, marks: tuple[str, ...] = ()) -> None:
        self.ink, self.ground, self.marks = ink, ground, marks
        self.shows_on_blanks = not ON_BLANKS.isdisjoint(marks)
        self.cells: dict[tuple[str, int], Cell] = {}

    def cell(self, text: str, part: int = 0, wide: bool = False) -> Cell:
        """Return the one cell of this look with `text`."""
        known = self.cells.get((text, part))
        if known is None:
            known = self.cells[text, part] = Cell(text, self, part, wide)
        return known


class Cell:
    """What stands in one cell; the second one of a wide character is `part` 1. Equal cells are one object."""

    __slots__ = ("blank", "look", "part", "text", "wide")

    def __init__(self, text: str, look: Look, part: int, wide: bool) -> None:
        self.text, self.look, self.part, self.wide = text, look, part, wide
        self.blank = text == " " and not look.shows_on_blanks


class Ink:
    """Makes cells of strips. A blank has only a ground, whatever colour a letter would have there."""

    def __init__(self, colours: ColorSystem) -> None:
        self._colours = colours
        self._looks: dict[tuple[str, str, tuple[str, ...]], Look] = {}
        self._of_style: dict[Style | None, Look] = {}

    def tidy(self) -> None:
        """Forget all cells when there are too many; what is painted next is written anew."""
        if sum(len(look.cells) for look in self._looks.values()) > MOST_CELLS:
            self._looks.clear()
            self._of_style.clear()

    def cells_of(self, strips: Iterable[Strip | None]) -> list[Cell]:
        """Return the cells of the strips, one after the other."""
        cells: list[Cell] = []
        for strip in strips:
            for text, style, control in strip or ():
                if not control:
                    self._add(cells, text, self._of_style.get(style) or self._styled(style))
        return cells

    def blank(self, cell: Cell) -> Cell:
        """Return the blank that is left of a cell that was cut through."""
        return self._blank(cell.look)

    def _add(self, cells: list[Cell], text: str, look: Look) -> None:
        known = look.cells
        if text.isascii():
            cells.extend([known.get((character, 0)) or self._cell(character, look) for character in text])
            return
        for character in text:
            size = cell_len(character)
            if size == 0:
                self._join(cells, character, look)
                continue
            cells.append(known.get((character, 0)) or self._cell(character, look, size > 1))
            if size > 1:
                cells.append(look.cell(character, 1, True))

    def _cell(self, character: str, look: Look, wide: bool = False) -> Cell:
        if character == " " and not look.shows_on_blanks:
            blank = look.cells[" ", 0] = self._blank(look)
            return blank
        return look.cell(character, 0, wide)

    def _blank(self, look: Look) -> Cell:
        return self._look(DEFAULT_INK, look.ground, ()).cell(" ")

    def _join(self, cells: list[Cell], mark: str, look: Look) -> None:
        """Put a character without width to the one before it; one that stands alone is nowhere to be seen."""
        if not cells:
            return
        last = cells[-1]
        if last.part:
            cells[-2:] = [last.look.cell(last.text + mark, 0, True), last.look.cell(last.text + mark, 1, True)]
        else:
            cells[-1] = (look if last.blank else last.look).cell(last.text + mark, 0, last.wide)

    def _styled(self, style: Style | None) -> Look:
        if len(self._of_style) >= KNOWN_STYLES:
            self._of_style.clear()
        look = self._of_style[style] = self._look(*self._codes(style))
        return look

    def _codes(self, style: Style | None) -> tuple[str, str, tuple[str, ...]]:
        if style is None:
            return DEFAULT_INK, DEFAULT_GROUND, ()
        ink, ground = DEFAULT_INK, DEFAULT_GROUND
        if style._color is not None:
            ink = ";".join(style._color.downgrade(self._colours).get_ansi_codes())
        if style._bgcolor is not None:
            ground = ";".join(style._bgcolor.downgrade(self._colours).get_ansi_codes(False))
        bits = style._attributes & style._set_attributes
        return ink, ground, tuple(mark for bit, mark in enumerate(MARKS) if bits & (1 << bit))

    def _look(self, ink: str, ground: str, marks: tuple[str, ...]) -> Look:
        look = self._looks.get((ink, ground, marks))
        if look is None:
            look = self._looks[ink, ground, marks] = Look(ink, ground, marks)
        return look
