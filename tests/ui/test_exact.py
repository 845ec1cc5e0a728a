"""Only changed cells are painted: spans cut at both ends, wide characters never halved."""

from __future__ import annotations

import io

import pytest
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate
from textual.strip import Strip

from dutydesk.ui.exact import ExactUpdate, exact
from dutydesk.ui.widgets.paint import changed_cells

RED = Style(color="red")


def strip(*parts: tuple[str, Style | None]) -> Strip:
    return Strip([Segment(text, style) for text, style in parts])


@pytest.mark.parametrize(
    ("old", "new", "cells"),
    [
        ("late 32 min", "late 33 min", (6, 1)),
        ("late 39 min", "late 40 min", (5, 2)),
        ("还有 9 分钟", "还有 8 分钟", (5, 1)),
        ("甲工  来", "乙工  来", (0, 2)),
        ("甲工", "甲人", (2, 2)),
        ("ab甲", "abcd", (2, 2)),
        ("same", "same", None),
        ("short", "longer", (0, 6)),
    ],
)
def test_what_differs_between_two_drawings(old: str, new: str, cells: tuple[int, int] | None) -> None:
    found = changed_cells(strip((old, None)), strip((new, None)), 4)
    assert found == (None if cells is None else (cells[0], 4, cells[1], 1))


def test_a_colour_alone_differs_too() -> None:
    assert changed_cells(strip(("ab", None), ("cd", None)), strip(("ab", None), ("cd", RED)), 0) == (2, 0, 2, 1)


def test_a_span_is_written_at_its_place_and_no_more() -> None:
    console = Console(file=io.StringIO(), color_system=None)
    chops = [{0: strip(("left panel", None)), 10: strip(("甲工 14:32", None))}]
    update = exact(ChopsUpdate(chops, [(0, 19, 20)], [[10, 20]]))
    assert isinstance(update, ExactUpdate)
    assert update.render_segments(console) == "\x1b[1;20H2"
    halved = ExactUpdate([{0: strip((" 信息科值班", None))}], [(0, 2, 8)], [[11]])
    assert halved.render_segments(console) == "\x1b[1;2H信息科值"
    both = ExactUpdate(chops, [(0, 5, 14)], [[10, 20]])
    assert both.render_segments(console) == "\x1b[1;6Hpanel\x1b[1;11H甲工"
