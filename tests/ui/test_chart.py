"""Charts say what the numbers say: bar lengths and heat cells are read back from the picture and compared."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from dutydesk import locale
from dutydesk.ui.widgets import chart as chart_module
from dutydesk.ui.widgets.chart import Bars, Chart, HeatMap, StackedBars, Trend
from dutydesk.ui.widgets.drawing import build
from dutydesk.ui.widgets.plots import HEAT_LEVELS, Look, heat_level

LOOKS = [Look(), Look(shades=False), Look(ascii=True)]
STYLES = ("error", "warning", "accent", "muted")
WEEK = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
Cells = list[list[tuple[str, str]]]


def picture(spec: object, width: int, height: int, look: Look = LOOKS[0]) -> Cells:
    """The drawing as cells: a wide character takes two, the second one empty."""
    rows = build(spec, width, height, look)  # type: ignore[arg-type]
    assert rows is not None
    assert len(rows) <= height
    grid = []
    for row in rows:
        cells: list[tuple[str, str]] = []
        for text, style in row:
            for char in text:
                cells += [(char, style)] + [("", style)] * (cell_len(char) - 1)
        assert len(cells) <= width
        grid.append(cells)
    assert len({len(cells) for cells in grid}) == 1, "every line has the same width"
    return grid


def canvas(grid: Cells) -> tuple[Cells, list[str]]:
    """The cells right of the value axis above the label axis, and the labels left of it."""
    at = next(x for x, (char, style) in enumerate(grid[0]) if style == "muted" and char and char in "│┤|+")
    body = []
    for row in grid:
        if all(style == "muted" and char in "─┬-+" for char, style in row[at + 1 :]):
            break
        body.append(row)
    return [row[at + 1 :] for row in body], ["".join(char for char, _ in row[:at]).strip() for row in body]


def stacks(grid: Cells, count: int) -> list[dict[str, int]]:
    """The cells of each style in each bar, read from the bottom; checks that bars have no holes."""
    cells, _ = canvas(grid)
    slot = len(cells[0]) // count
    found = []
    for place in range(count):
        column = [row[place * slot] for row in reversed(cells)]
        heights: dict[str, int] = {}
        filled = [style for char, style in column if char.strip()]
        assert all(char.strip() for char, _ in column[: len(filled)]), "a bar stands on the axis and has no holes"
        for style in filled:
            heights[style] = heights.get(style, 0) + 1
        assert filled == sorted(filled, key=STYLES.index), "the series stand in order"
        thick = max(1, slot - 1)
        for row in cells:
            assert len({row[place * slot + step] for step in range(thick)}) == 1, "a bar is a rectangle"
            assert slot == 1 or not row[place * slot + thick][0].strip(), "bars do not touch"
        found.append(heights)
    return found


numbers = st.integers(0, 40) | st.integers(0, 3)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    data=st.lists(st.lists(numbers, min_size=4, max_size=4), min_size=1, max_size=31).filter(
        lambda rows: any(map(any, rows))
    ),
    width=st.integers(70, 130),
    height=st.integers(6, 40),
    look=st.sampled_from(LOOKS),
)
def test_stacked_bars_are_as_long_as_their_numbers(data: list[list[int]], width: int, height: int, look: Look) -> None:
    labels = [f"{day}日" for day in range(1, len(data) + 1)]
    series = {f"P{index + 1}": [row[index] for row in data] for index in range(4)}
    grid = picture(StackedBars(labels, series, styles=STYLES), width, height, look)
    bars = stacks(grid, len(data))
    totals = [sum(row) for row in data]
    heights = [sum(bar.values()) for bar in bars]
    most, tallest = max(totals), max(heights)
    for row, total, bar, tall in zip(data, totals, bars, heights, strict=True):
        needed = sum(value > 0 for value in row)
        assert abs(tall - total / most * tallest) <= 1 or tall == min(needed, tallest)
        parts = [bar.get(style, 0) for style in STYLES]
        assert [part > 0 for part in parts] == [value > 0 for value in row] or tall < needed
        for one, part in zip(row, parts, strict=True):
            assert all(part >= other for less, other in zip(row, parts, strict=True) if less < one)
    _, axis = canvas(grid)
    for up, text in enumerate(reversed(axis), 1):
        if text:
            assert abs(up - float(text) / most * tallest) <= 1, "the axis agrees with the bars"


@pytest.mark.parametrize("height", [5, 6, 8, 12, 24])
def test_small_whole_numbers_get_equal_steps(height: int) -> None:
    grid = picture(StackedBars(["a", "b", "c", "d"], {"P1": [1, 2, 3, 0]}, styles=STYLES), 60, height)
    one, two, three, none = [sum(bar.values()) for bar in stacks(grid, 4)]
    assert none == 0 < one
    assert (two, three) == (2 * one, 3 * one) or height == 5


@pytest.mark.parametrize("height", [4, 5, 8, 10, 11, 12, 20])
@pytest.mark.parametrize("width", [40, 60, 76, 116])
@pytest.mark.parametrize("look", LOOKS)
def test_lying_bars_have_their_own_length_at_any_height(width: int, height: int, look: Look) -> None:
    labels, values = ["网络", "服务器与存储系统的长标签", "Printer", "HIS"], [12, 40, 3, 0]
    grid = picture(Bars(labels, values, horizontal=True), width, height, look)
    cells, names = canvas(grid)
    rows = [(name, row) for name, row in zip(names, cells, strict=True) if name]
    lengths = [sum(char == look.fills[0] for char, _ in row) for _, row in rows]
    said = ["".join(char for char, style in row if style == "plain").strip() for _, row in rows]
    assert said == ["12", "40", "3", "0"]
    assert lengths[3] == 0
    for length, value in zip(lengths, values, strict=True):
        assert abs(length - value / 40 * lengths[1]) <= 0.5 or (length == 1 and value)
    assert [name[:2] for name, _ in rows] == ["网络", "服务", "Pr", "HI"]


@pytest.mark.parametrize("size", [(80, 9), (80, 11), (80, 24), (120, 26), (40, 10), (29, 9)])
@pytest.mark.parametrize("look", LOOKS)
def test_heat_cells_show_their_counts(size: tuple[int, int], look: Look) -> None:
    rows = [[(day * 7 + hour * 5) % 13 if (day + hour) % 3 else 0 for hour in range(24)] for day in range(7)]
    grid = picture(HeatMap(rows, WEEK, [f"{hour:02}" for hour in range(24)]), *size, look)
    cells, names = canvas(grid)
    down, across = len(cells) // 7, len(cells[0]) // 24
    assert len(cells) == 7 * down
    assert len(cells[0]) == 24 * across
    assert [name for name in names if name] == list(WEEK)
    for day in range(7):
        for hour in range(24):
            block = [row[hour * across : (hour + 1) * across] for row in cells[day * down : (day + 1) * down]]
            styles = {style.removeprefix("on-") for row in block for char, style in row if style}
            level = heat_level(rows[day][hour], 12)
            assert styles == {f"heat-{level}"}, (day, hour)
            text = "".join(char for row in block for char, style in row if style.startswith("on-"))
            if not level:
                assert text == ("." if look.ascii else "·")
            elif look.shades and not look.ascii and across >= 3:
                assert text == str(rows[day][hour])
            else:
                assert {char for row in block for char, _ in row} == {look.heat(level)}


def test_heat_levels_rise_with_the_count() -> None:
    levels = [heat_level(value, 40) for value in range(41)]
    assert levels == sorted(levels)
    assert (levels[0], levels[1], levels[40]) == (0, 1, HEAT_LEVELS)
    fills = [Look(shades=False).heat(level) for level in range(HEAT_LEVELS + 1)]
    assert fills == [" ", "░", "░", "▒", "▒", "▓", "▓", "█", "█"]


@pytest.mark.parametrize("height", [6, 9, 14, 24])
@pytest.mark.parametrize("look", LOOKS)
def test_trend_points_stand_at_their_height(height: int, look: Look) -> None:
    values = [0, 10, 25, None, 50, 100, 75]
    grid = picture(Trend(WEEK, {"平均响应": values}), 76, height, look)
    cells, axis = canvas(grid)
    slot = (len(cells[0]) - 1) / 6
    for place, value in enumerate(values):
        column = [row[round(place * slot)][0] for row in reversed(cells)]
        points = [up for up, char in enumerate(column) if char == look.dots[0]]
        assert len(points) == (value is not None)
        assert value is None or abs(points[0] - value / 100 * (len(cells) - 1)) <= 0.5
    gap = [row[round(2 * slot) + 2 : round(4 * slot) - 1] for row in cells]
    assert not any(char.strip() and style == "accent" for row in gap for char, style in row)
    assert axis[-1] == "0"


def test_lines_of_several_series_are_told_apart_without_colour() -> None:
    grid = picture(Trend(WEEK, {"MTTA": [5] * 7, "MTTR": [50] * 7}), 76, 14)
    text = ["".join(char for char, _ in row) for row in grid]
    assert sum("●" in line for line in text) == sum("○" in line for line in text) == 1


@pytest.mark.parametrize(
    "spec",
    [
        StackedBars([f"{n}" for n in range(90)], {"P1": [1] * 90}),
        Bars([f"{n}" for n in range(30)], [1] * 30, horizontal=True),
        HeatMap([[1] * 24] * 7, WEEK, ["0"] * 24),
        Trend(WEEK, {"MTTA": [1] * 7}),
    ],
)
def test_too_little_room_gives_no_picture(spec: object) -> None:
    assert build(spec, 40, 4, Look()) is None  # type: ignore[arg-type]
    assert build(spec, 3, 1, Look()) is None  # type: ignore[arg-type]
    assert build(spec, 120, 40, Look()) is not None  # type: ignore[arg-type]


def test_labels_are_cleaned_and_series_must_fit_them() -> None:
    grid = picture(Bars(["a\x1b[2Jb", "\u202ec\nd", " "], [3, 2, 1], horizontal=True), 60, 6)
    text = "\n".join("".join(char for char, _ in row) for row in grid)
    assert "a [2Jb" in text
    assert "\x1b" not in text
    assert "\u202e" not in text
    with pytest.raises(ValueError, match="2 values for 1 labels"):
        StackedBars(["a"], {"P1": [1, 2]})


def test_figures_are_our_own_and_threads_do_not_meet() -> None:
    import plotext

    specs = [StackedBars(["a", "b"], {"P1": [number, 2]}) for number in range(1, 9)]
    alone = [build.__wrapped__(spec, 60, 10, Look()) for spec in specs]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda spec: build.__wrapped__(spec, 60, 10, Look()), specs * 5))
    assert together == alone * 5
    assert plotext.figure.build().string(colorless=True).strip("\n ┌┐└┘─│") == ""


def test_importing_the_widget_does_not_import_plotext() -> None:
    code = "import sys, dutydesk.ui.widgets.chart; sys.exit('plotext' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


class ChartApp(App[None]):
    def __init__(self, spec: object = None) -> None:
        super().__init__()
        self.chart = Chart(spec)  # type: ignore[arg-type]

    def compose(self) -> ComposeResult:
        yield self.chart


PRIORITIES = StackedBars(
    [f"11-{day:02}" for day in range(1, 31)],
    {f"P{level}": [(day * level) % (2 * level) for day in range(30)] for level in range(1, 5)},
    "每日事件",
)


async def until(pilot: Pilot, condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < end, "condition not met"
        await pilot.pause()


def lines(app: App[None]) -> list[str]:
    return [strip.text for strip in app.screen._compositor.render_strips()]


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (80, 10)])
async def test_a_chart_has_title_legend_and_picture(size: tuple[int, int]) -> None:
    app = ChartApp(PRIORITIES)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.chart.ready)
        text = lines(app)
        assert all(cell_len(line) == size[0] for line in text)
        assert text[0].startswith("每日事件 ")
        assert text[0].endswith("█ P1  ▓ P2  ▒ P3  ░ P4")
        assert "11-01" in text[size[1] - 1]


async def test_a_narrow_chart_puts_the_legend_below_the_title() -> None:
    spec = StackedBars(["a"], {"Network and security": [1], "Servers and storage": [2]}, "Incidents a day by area")
    app = ChartApp(spec)
    async with app.run_test(size=(60, 20)) as pilot:
        await until(pilot, lambda: app.chart.ready)
        assert lines(app)[0].rstrip() == "Incidents a day by area"
        assert lines(app)[1].startswith("█ Network and security  ▓ Servers and storage")


async def test_colours_come_from_the_theme_without_a_new_picture() -> None:
    app = ChartApp(HeatMap([[0, 1], [5, 9]], ["a", "b"], ["c", "d"], "Load"))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.chart.ready)
        built = build.cache_info().misses

        def colours() -> set[object]:
            return {segment.style.bgcolor for strip in app.chart._painted for segment in strip if segment.style}

        dark = colours()
        app.theme = "textual-light"
        await until(pilot, lambda: colours() != dark)
        assert build.cache_info().misses == built
        app.theme = "ansi-dark"
        await until(pilot, lambda: any("░" in line for line in lines(app)))


async def test_the_old_picture_stays_until_the_new_one_is_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    app = ChartApp(PRIORITIES)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.chart.ready)
        before = lines(app)
        gate, plain = threading.Event(), chart_module._build
        monkeypatch.setattr(chart_module, "_build", lambda job: (gate.wait(5), plain(job))[1])
        app.chart.show(Bars(["a"], [3], "Other", horizontal=True))
        await pilot.pause()
        assert lines(app) == before
        assert not app.chart.ready
        gate.set()
        await until(pilot, lambda: app.chart.ready)
        assert lines(app)[0].startswith("Other")


async def test_a_sentence_stands_for_what_cannot_be_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    app = ChartApp(Bars(["a"], [0], "Nothing", horizontal=True))
    async with app.run_test(size=(80, 24)) as pilot:
        assert app.chart.ready
        assert lines(app)[1].rstrip() == "Nothing to draw in this period."
        app.chart.show(StackedBars([str(day) for day in range(365)], {"P1": [1] * 365}, "Year"))
        await until(pilot, lambda: app.chart.ready)
        assert lines(app)[1].rstrip() == "Too little room for this chart; the numbers are in the table."
        try:
            locale.use("zh")
            app.chart.repaint()
            await pilot.pause()
            assert "表" in lines(app)[1]
        finally:
            locale.use("en")

        def broken(_job: object) -> None:
            raise OSError("no kernel")

        monkeypatch.setattr(chart_module, "_build", broken)
        app.chart.show(PRIORITIES)
        await until(pilot, lambda: app.chart.ready)
        assert lines(app)[1].rstrip() == "This chart cannot be drawn here; the numbers are in the table."
