"""A terminal screen as SVG, every character in its cell.

Rich and Textual stretch a run of text to its number of characters, so that Chinese drifts out of its columns. Here a
wide character takes two cells, block and line characters are drawn as shapes that meet, and no font is fetched from
anywhere. Both browsers and librsvg draw it so: the one goes by `textLength`, the other by the fonts' own widths.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from xml.sax.saxutils import escape

from rich.cells import cell_len
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from rich.terminal_theme import TerminalTheme

CELL, LINE, FONT, WIDE_FONT = 12, 25, 20, 22
PAD = 14
SPACE = "http://www.w3.org/2000/svg"
FAMILY = (
    "Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', 'Sarasa Mono SC', 'Noto Sans Mono CJK SC', "
    "'Source Han Mono SC', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', monospace"
)
"""Fonts whose letters are six tenths as wide as high come first, then those with Chinese."""
DARK = "#14181c #cd504b #6eaa6e #c8a046 #5a8cc8 #a06eb4 #50a0aa #c8ccd0"
BRIGHT = "#6e767e #f0736a #7fbf7f #e0b04c #7fb4e6 #be8cd2 #6ec8d2 #f0f2f4"


def _triplets(colours: str) -> list[tuple[int, int, int]]:
    """Return `#rrggbb …` as numbers."""
    return [(one[0], one[1], one[2]) for one in (bytes.fromhex(colour[1:]) for colour in colours.split())]


ANSI = TerminalTheme((20, 24, 28), (214, 218, 222), _triplets(DARK), _triplets(BRIGHT))
"""What the sixteen colours of a terminal look like, for the theme that leaves them to it."""
SHADES = {"░": 0.25, "▒": 0.5, "▓": 0.75}
EIGHTHS_UP = "▁▂▃▄▅▆▇█"
EIGHTHS_LEFT = "▏▎▍▌▋▊▉"
LINES = {
    "─": "lr",
    "━": "lr",
    "│": "ud",
    "┃": "ud",
    "┌": "rd",
    "┐": "ld",
    "└": "ru",
    "┘": "lu",
    "├": "udr",
    "┤": "udl",
    "┬": "lrd",
    "┴": "lru",
    "┼": "lrud",
    "╭": "rd",
    "╮": "ld",
    "╰": "ru",
    "╯": "lu",
}
"""Line characters and the edges of the cell that they reach from its middle."""
THIN = 1.5
WIDE = f".w{{font-size:{WIDE_FONT}px;letter-spacing:{2 * CELL - WIDE_FONT}px}}"
BLANKS = " \u3000\xa0"


@dataclass(frozen=True)
class Look:
    """How a piece of text is drawn: colours as #rrggbb, and its weight."""

    ink: str
    ground: str
    bold: bool = False
    italic: bool = False
    underline: bool = False
    strike: bool = False

    @property
    def rule(self) -> str:
        """Return the look of the letters as style sheet text."""
        parts = [f"fill:{self.ink}"]
        parts += ["font-weight:bold"] if self.bold else []
        parts += ["font-style:italic"] if self.italic else []
        lines = " ".join(name for name, on in (("underline", self.underline), ("line-through", self.strike)) if on)
        parts += [f"text-decoration:{lines}"] if lines else []
        return ";".join(parts)


@dataclass(frozen=True)
class Run:
    """Characters side by side that look the same and are equally wide; `column` and `cells` in cells of the line."""

    column: int
    text: str
    cells: int
    look: Look

    @property
    def width(self) -> int:
        """Cells that all of it takes."""
        return len(self.text) * self.cells


def draw(lines: Iterable[Iterable[Segment]], columns: int, *, title: str, ink: str, ground: str) -> str:
    """Return the SVG of a screen `columns` cells wide; `ink` and `ground` are the usual colours."""
    plain = Look(ink, ground)
    rules: dict[str, str] = {}
    body: list[str] = []
    rows = 0
    for row, line in enumerate(lines):
        rows = row + 1
        runs = list(_runs(line, plain))
        body.extend(_grounds(runs, row, ground))
        for run in runs:
            body.extend(_letters(run, row, rules))
    width, height = columns * CELL + 2 * PAD, rows * LINE + 2 * PAD
    sheet = "".join(f".{name}{{{rule}}}" for rule, name in rules.items())
    return "\n".join(
        [
            f'<svg xmlns="{SPACE}" viewBox="0 0 {width} {height}" width="{width}" height="{height}">',
            f"<title>{escape(title)}</title>",
            f"<style>text{{font-family:{FAMILY};font-size:{FONT}px}}{WIDE}{sheet}</style>",
            f'<rect width="{width}" height="{height}" rx="10" fill="{ground}"/>',
            f'<g transform="translate({PAD} {PAD})">',
            *body,
            "</g>",
            "</svg>",
            "",
        ]
    )


def _runs(line: Iterable[Segment], plain: Look) -> Iterator[Run]:
    column = 0
    held: Run | None = None
    for segment in line:
        if segment.control:
            continue
        look = _look(segment.style, plain)
        for character in segment.text:
            cells = cell_len(character)
            if not cells:
                continue
            if held and held.look == look and held.cells == cells and held.column + held.width == column:
                held = Run(held.column, held.text + character, cells, look)
            else:
                if held:
                    yield held
                held = Run(column, character, cells, look)
            column += cells
    if held:
        yield held


def _look(style: Style | None, plain: Look) -> Look:
    if style is None:
        return plain
    ink, ground = _hex(style.color, plain.ink), _hex(style.bgcolor, plain.ground)
    if style.reverse:
        ink, ground = ground, ink
    if style.dim:
        ink = _between(ink, ground)
    return Look(ink, ground, bool(style.bold), bool(style.italic), bool(style.underline), bool(style.strike))


def _hex(color: Color | None, usual: str) -> str:
    if color is None or color.is_default:
        return usual
    return color.get_truecolor(ANSI).hex


def _between(one: str, other: str) -> str:
    pairs = zip(bytes.fromhex(one[1:]), bytes.fromhex(other[1:]), strict=True)
    return "#" + "".join(f"{(2 * a + b) // 3:02x}" for a, b in pairs)


def _grounds(runs: Iterable[Run], row: int, usual: str) -> Iterator[str]:
    """Yield the coloured grounds; neighbours of one colour are one shape."""
    begin, end, colour = 0, 0, usual
    for run in [*runs, Run(10_000, "", 0, Look(usual, usual))]:
        if run.look.ground == colour and run.column == end:
            end += run.width
            continue
        if colour != usual:
            yield _rect(begin * CELL, row * LINE, (end - begin) * CELL, LINE, colour)
        begin, end, colour = run.column, run.column + run.width, run.look.ground


def _letters(run: Run, row: int, rules: dict[str, str]) -> Iterator[str]:
    """Yield shapes and texts of a run; a text goes over single blanks only, so that none can drift far."""
    held, begin = "", 0
    for place, character in enumerate(run.text):
        blank = character in BLANKS
        end = blank and (not held or run.text[place + 1 : place + 2] in ("", *BLANKS))
        alone = not blank and not _is_letter(character)
        if alone or end:
            yield from _text(held, begin, run, row, rules)
            held = ""
            yield from (_symbol(character, place, run, row, rules) if alone else ())
        else:
            begin = begin if held else place
            held += " " if blank else character
    yield from _text(held, begin, run, row, rules)


def _is_letter(character: str) -> bool:
    """Whether the usual fonts have it and its neighbours may stand in one text with it; symbols stand alone."""
    return character < "\u0250" or cell_len(character) == 2


def _symbol(character: str, place: int, run: Run, row: int, rules: dict[str, str]) -> Iterator[str]:
    shape = _shape(character, (run.column + place * run.cells) * CELL, row * LINE, run.look.ink)
    if shape:
        yield shape
    else:
        yield from _text(character, place, run, row, rules)


def _text(text: str, place: int, run: Run, row: int, rules: dict[str, str]) -> Iterator[str]:
    text = text.rstrip()
    if not text:
        return
    wide = run.cells == 2
    name = rules.setdefault(run.look.rule, f"s{len(rules)}") + (" w" if wide else "")
    begin = (run.column + place * run.cells) * CELL + (wide * (2 * CELL - WIDE_FONT) / 2)
    length = f' textLength="{len(text) * run.cells * CELL}"' if len(text) > 1 else ""
    yield f'<text class="{name}" x="{begin:g}"{length} y="{row * LINE + FONT - 1}">{escape(text)}</text>'


def _shape(character: str, x: float, y: float, colour: str) -> str:
    """Return a block or line character as shapes that fill their part of the cell, or nothing for a letter."""
    if character in SHADES:
        return _rect(x, y, CELL, LINE, colour, SHADES[character])
    if character in EIGHTHS_UP:
        high = LINE * (EIGHTHS_UP.index(character) + 1) / 8
        return _rect(x, y + LINE - high, CELL, high, colour)
    if character in EIGHTHS_LEFT:
        return _rect(x, y, CELL * (EIGHTHS_LEFT.index(character) + 1) / 8, LINE, colour)
    if character == "▀":
        return _rect(x, y, CELL, LINE / 2, colour)
    if character == "▐":
        return _rect(x + CELL / 2, y, CELL / 2, LINE, colour)
    return "".join(_line(edge, x, y, colour, character in "━┃") for edge in LINES.get(character, ""))


def _line(edge: str, x: float, y: float, colour: str, thick: bool) -> str:
    wide = THIN * 2 if thick else THIN
    across, down = x + (CELL - wide) / 2, y + (LINE - wide) / 2
    if edge in "lr":
        return _rect(x if edge == "l" else across, down, (CELL + wide) / 2, wide, colour)
    return _rect(across, y if edge == "u" else down, wide, (LINE + wide) / 2, colour)


def _rect(x: float, y: float, width: float, height: float, colour: str, opacity: float = 1) -> str:
    seen = f' fill-opacity="{opacity:g}"' if opacity < 1 else ""
    return f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" fill="{colour}"{seen}/>'
