"""Only what differs is sent, and the terminal shows the same as if everything had been."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from dutydesk.ui.canvas import Abilities, Canvas
from tests.ui.shown import Shown, whole

RED = Style(color="red")
WIDTH, HEIGHT = 24, 4
ABILITIES = [Abilities(), Abilities(True, False), Abilities(True, True), Abilities(True, True, True)]


def strip(*parts: tuple[str, Style | None]) -> Strip:
    return Strip([Segment(text, style) for text, style in parts])


def screen(*lines: Strip, width: int = WIDTH) -> LayoutUpdate:
    return LayoutUpdate([[line] for line in lines], Region(0, 0, width, len(lines)))


def test_a_span_is_written_at_its_place_and_no_more() -> None:
    chops: Any = [{0: strip(("left panel", None)), 10: strip(("甲工 14:32", None))}]
    assert Canvas().paint(ChopsUpdate(chops, [(0, 18, 19)], [[10, 20]])) == "\x1b[1;19H3"
    assert Canvas().paint(ChopsUpdate([{0: strip((" 信息科值班", None))}], [(0, 2, 8)], [[11]])) == "\x1b[1;2H信息科值"
    assert Canvas().paint(ChopsUpdate(chops, [(0, 5, 14)], [[10, 20]])) == "\x1b[1;6Hpanel甲工"


def test_what_is_not_known_is_not_written() -> None:
    """Two changes close to each other in a line of which nothing is known: each goes to its place."""
    chops: Any = [{0: strip(("0123456789", None))}]
    for able in ABILITIES:
        assert Canvas(able).paint(ChopsUpdate(chops, [(0, 1, 3), (0, 5, 6)], [[10]])) == "\x1b[1;2H12\x1b[2C5"


def test_what_stands_there_is_not_sent_again() -> None:
    canvas = Canvas(Abilities(True, True))
    before = screen(strip(("late 32 min  ", RED), ("甲工" + " " * 7, None)))
    assert canvas.paint(before) == "\x1b[1H\x1b[31mlate 32 min  \x1b[0m甲工\x1b[K"
    assert canvas.paint(before) == ""
    after = screen(strip(("late 33 min  ", RED), ("甲工" + " " * 7, None)))
    assert canvas.paint(after, (6, 0)) == "\x1b[31m3\x1b[0m"
    canvas.forget()
    assert canvas.paint(after) == "\x1b[1H\x1b[31mlate 33 min  \x1b[0m甲工\x1b[K"


def test_a_blank_has_no_colour_but_its_ground() -> None:
    """Letters that go leave blanks: whatever colour they had is not worth a byte."""
    canvas = Canvas(Abilities(True, True))
    canvas.paint(screen(strip(("ab", None), (" " * 22, RED))))
    assert canvas.paint(screen(strip(("ab", None), (" " * 22, Style(color="blue", bold=True))))) == ""
    assert canvas.paint(screen(strip(("ab", None), (" " * 22, Style(underline=True))))) != ""


def test_the_colours_are_those_the_terminal_has() -> None:
    blue = Style(color="#5fafff", bold=True)
    line = screen(strip(("x" * WIDTH, blue)))
    written = [Canvas(colours=colours).paint(line).partition("x")[0] for colours in ColorSystem if colours < 4]
    assert written == ["\x1b[1H\x1b[1;96m", "\x1b[1H\x1b[1;38;5;75m", "\x1b[1H\x1b[1;38;2;95;175;255m"]


def test_what_is_compared_with_is_whole_even_after_another_terminal_showed_it() -> None:
    """Rich keeps the codes that a style had on the first terminal; consoles of one process share their styles."""
    ground = Style(bgcolor="#1b2026")
    assert ground.render("x", color_system=ColorSystem.STANDARD) == "\x1b[40mx\x1b[0m"
    assert whole([strip(("x", ground))]).cells()[0][0][2] == "1b2026"


def words(n: int) -> str:
    """Return something to read that is another for each number."""
    return "".join(chr(97 + (n * n * 7 + n * place * 5) % 26) for place in range(14))


def numbered(first: int, count: int = 12, *, mark: int = -1) -> LayoutUpdate:
    """Return a list with a title and a foot, one of whose lines is marked, beside a bar that does not move."""
    lines = [strip((f"title{'':19}", RED))]
    lines += [
        strip((f"{'▸' if n == mark else ' '}{n:04} {'交换机'[n % 3]} {words(n)}", None), ("│", RED))
        for n in range(first, first + count)
    ]
    return screen(*(line.adjust_cell_length(WIDTH) for line in [*lines, strip(("foot" + " " * 20, None))]))


@pytest.mark.parametrize("by", [1, -1, 3, -4])
def test_a_list_that_goes_on_is_moved(by: int) -> None:
    """The terminal moves its lines, the new ones are written; without a terminal that can, all of them are."""
    sizes = {}
    for able in (True, False):
        canvas, shown = Canvas(Abilities(True, True, able)), Shown(WIDTH, 14)
        shown.feed(canvas.paint(numbered(100, mark=104)))
        text = canvas.paint(numbered(100 + by, mark=104 + by), (0, 0))
        sizes[able] = len(text)
        shown.feed(text)
        assert bool(re.search(r"\x1b\[\d+;\d+r", text)) is able
        assert shown.cells() == whole([next(iter(line)) for line in numbered(100 + by, mark=104 + by).strips]).cells()
        assert canvas.paint(numbered(100 + by, mark=104 + by)) == ""
    assert sizes[True] < sizes[False] * (0.5 + 0.1 * abs(by))


def test_a_console_that_is_open_for_months_keeps_few_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dutydesk.ui.ink.MOST_CELLS", 60)
    canvas, shown = Canvas(Abilities(True, True)), Shown(WIDTH, HEIGHT)
    for first in range(0x4E00, 0x4E00 + 40 * 12, 40):
        lines = [
            strip(("".join(map(chr, range(first + y * 9, first + y * 9 + 9))), RED)).adjust_cell_length(WIDTH)
            for y in range(HEIGHT)
        ]
        shown.feed(canvas.paint(screen(*lines)))
        assert shown.cells() == whole(lines).cells()
        assert sum(len(look.cells) for look in canvas.ink._looks.values()) < 160


# Whatever is painted after whatever: the terminal shows the same as one that everything was sent to.

CHARACTERS = st.sampled_from("a  b甲工—é\U00020bb7")
STYLES = st.builds(
    Style,
    color=st.sampled_from([None, "red", "#5fafff", "default"]),
    bgcolor=st.sampled_from([None, "blue", "#202830"]),
    bold=st.booleans(),
    reverse=st.booleans(),
    underline=st.booleans(),
    dim=st.booleans(),
)
PIECES = st.lists(st.tuples(st.text(CHARACTERS, min_size=1, max_size=12), STYLES), min_size=1, max_size=6)
LINES = PIECES.map(lambda parts: strip(*parts).adjust_cell_length(WIDTH))
SCREENS = st.lists(LINES, min_size=HEIGHT, max_size=HEIGHT)
SPANS = st.tuples(st.integers(0, HEIGHT - 1), st.integers(0, WIDTH - 1), st.integers(1, WIDTH))


@settings(max_examples=50, deadline=None)
@given(st.lists(SCREENS, min_size=1, max_size=4), st.sampled_from(ABILITIES))
def test_screens_after_each_other(screens: list[list[Strip]], abilities: Abilities) -> None:
    canvas, shown = Canvas(abilities), Shown(WIDTH, HEIGHT)
    for lines in screens:
        shown.feed(canvas.paint(screen(*lines)))
        assert shown.cells() == whole(lines).cells()


@settings(max_examples=40, deadline=None)
@given(st.lists(LINES, min_size=24, max_size=24), st.lists(st.integers(0, 12), min_size=2, max_size=5))
def test_a_window_that_moves_over_lines(lines: list[Strip], places: list[int]) -> None:
    canvas, shown = Canvas(Abilities(True, True, True)), Shown(WIDTH, 12)
    for first in places:
        view = [lines[0], *lines[first + 1 : first + 11], lines[-1]]
        shown.feed(canvas.paint(screen(*view)))
        assert shown.cells() == whole(view).cells()


@settings(max_examples=50, deadline=None)
@given(SCREENS, SCREENS, st.lists(SPANS, min_size=1, max_size=4), st.sampled_from(ABILITIES))
def test_parts_after_a_whole(
    before: list[Strip], after: list[Strip], spans: list[tuple[int, int, int]], abilities: Abilities
) -> None:
    """Of a span everything shows that was sent; a wide character that it cuts through is a blank, never a half."""
    canvas, shown = Canvas(abilities), Shown(WIDTH, HEIGHT)
    shown.feed(canvas.paint(screen(*before)))
    cut = [(y, min(begin, end), max(begin, end)) for y, begin, end in spans]
    shown.feed(canvas.paint(ChopsUpdate([{0: line} for line in after], cut, [[WIDTH] for _ in after])))
    wanted = whole(after).cells()
    for y, begin, end in cut:
        assert shown.cells()[y][begin:end] == wanted[y][begin:end]
    shown.feed(canvas.paint(screen(*after)))
    assert shown.cells() == wanted
