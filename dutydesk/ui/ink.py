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
        self.cells = Cells(self)


class Cell:
    """What stands in one cell; equal cells are one object. `second` is the other half of a wide character."""

    __slots__ = ("blank", "look", "part", "second", "text")

    def __init__(self, text: str, look: Look, *, part: int = 0, wide: bool = False) -> None:
        self.text, self.look, self.part = text, look, part
        self.blank = text == " " and not look.shows_on_blanks
        self.second = Cell(text, look, part=1) if wide else None


class Cells(dict[str, Cell]):
    """The cells of one look by what stands in them; made when they are first asked for."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look

    def __missing__(self, text: str) -> Cell:
        cell = self[text] = Cell(text, self._look, wide=cell_len(text) > 1)
        return cell


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
                if control:
                    continue
                look = self._of_style.get(style) or self._styled(style)
                if text.isascii():
                    cells.extend(map(look.cells.__getitem__, text))
                else:
                    self._add(cells, text, look)
        return cells

    def blank(self, cell: Cell) -> Cell:
        """Return the blank that is left of a cell that was cut through."""
        return self._look(DEFAULT_INK, cell.look.ground, ()).cells[" "]

    def _add(self, cells: list[Cell], text: str, look: Look) -> None:
        known = look.cells
        for character in text:
            cell = known.get(character)
            if cell is None:
                if cell_len(character) == 0:
                    self._join(cells, character, look)
                    continue
                cell = known[character]
            cells.append(cell)
            if cell.second is not None:
                cells.append(cell.second)

    def _join(self, cells: list[Cell], mark: str, look: Look) -> None:
        """Put a character without width to the one before it; one that stands alone is nowhere to be seen."""
        if not cells:
            return
        last = cells[-1]
        joined = (look if last.blank else last.look).cells[last.text + mark]
        if last.part and joined.second is not None:
            cells[-2:] = [joined, joined.second]
        elif not last.part and joined.second is None:
            cells[-1] = joined

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
        """Return the one object of a look; the blank in it is that of its ground, where only the ground is seen."""
        look = self._looks.get((ink, ground, marks))
        if look is None:
            look = self._looks[ink, ground, marks] = Look(ink, ground, marks)
            if not look.shows_on_blanks and (ink, marks) != (DEFAULT_INK, ()):
                look.cells[" "] = self._look(DEFAULT_INK, ground, ()).cells[" "]
        return look
