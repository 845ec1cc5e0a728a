"""The long list: what a person sees and keeps under the cursor, on few rows and on a million."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from rich.color import ColorSystem
from textual import events
from textual._compositor import CompositorUpdate
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from dutydesk import locale
from dutydesk.domain.errors import DeskError
from dutydesk.ui import marks
from dutydesk.ui.widgets.columns import lay_out, row_cells
from dutydesk.ui.widgets.records import Column, Listed, Paged, RecordList

SIZES = [(80, 24), (120, 40)]
TITLES = (
    "Core switch SW1 down",
    "核心交换机宕机，三楼病区无网络，已联系厂商到场更换引擎板，预计一小时",
    "HIS slow at month end",
)


@dataclass(frozen=True)
class Row:
    key: int
    title: str
    owner: str = "甲工"
    place: str = ""


COLUMNS = [
    Column("number", "Number", 8, right=True, value=lambda row: str(row.key)),
    Column("title", "Title", None, style=lambda row: "error" if row.key % 10 == 0 else None),
    Column("owner", "Owner", 8),
    Column("place", "Place", 12, from_width=100),
]


class Book:
    """Rows in ascending order of key, newest first when read as a list of negative keys; counts its reads."""

    def __init__(self, keys: range | list[int]) -> None:
        self.rows = {key: Row(key, TITLES[key % 3]) for key in keys}
        self.reads: list[tuple[Any, int, bool]] = []
        self.gate: asyncio.Event | None = None

    async def fetch(self, key: int | None, limit: int, back: bool) -> list[Row]:
        self.reads.append((key, limit, back))
        if self.gate:
            await self.gate.wait()
        ordered = sorted(self.rows.values(), key=lambda row: row.key)
        if back:
            return [row for row in ordered if key is None or row.key < key][-limit:]
        return [row for row in ordered if key is None or row.key > key][:limit]


class ListApp(App[None]):
    CSS = "Screen { layout: vertical; }"

    def __init__(self, source: Any, **options: Any) -> None:
        super().__init__()
        self.list = RecordList(COLUMNS, source, empty="No open incidents. n opens one.", **options)
        self.seen: list[Any] = []
        self.opened: list[Any] = []

    def compose(self) -> ComposeResult:
        yield self.list

    def on_mount(self) -> None:
        self.run_worker(self.list.reload())

    def on_record_list_highlighted(self, message: RecordList.Highlighted) -> None:
        self.seen.append(message.row and message.row.key)

    def on_record_list_selected(self, message: RecordList.Selected) -> None:
        self.opened.append(message.row.key)


@asynccontextmanager
async def shown(source: Any, size: tuple[int, int] = (80, 24), **options: Any) -> AsyncIterator[tuple[ListApp, Pilot]]:
    app = ListApp(source, **options)
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        yield app, pilot


async def until(pilot: Pilot, condition: Callable[[], bool]) -> None:
    """Wait for a condition; fail after five seconds."""
    end = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < end, "condition not met"
        await pilot.pause()


async def settled(pilot: Pilot) -> None:
    records = pilot.app.query_one(RecordList)
    await until(pilot, lambda: records._loaded and not records._loading and not records._steps)


def lines(app: App[None]) -> list[str]:
    """The screen as text, line by line."""
    return [strip.text for strip in app.screen._compositor.render_strips()]


def cursor_line(app: App[None]) -> int:
    return next(y for y, line in enumerate(lines(app)) if line.startswith(marks.CURSOR))


@pytest.fixture(params=[False, True], ids=["unicode", "ascii"])
def each_marks(request: pytest.FixtureRequest) -> Iterator[None]:
    marks.use_ascii(request.param)
    yield
    marks.use_ascii(False)


@pytest.mark.parametrize("size", SIZES)
async def test_columns_stand_where_the_width_says(size: tuple[int, int], each_marks: None) -> None:
    async with shown(Listed([Row(n, TITLES[n % 3], place="Machine room A") for n in range(1, 9)]), size) as (app, _):
        shown_lines = lines(app)
        assert all(cell_len(line) == size[0] for line in shown_lines)
        assert ("Place" in shown_lines[0]) == (size[0] >= 100)
        owner = cell_len(shown_lines[0][: shown_lines[0].index("Owner")])
        for line in shown_lines[1:9]:
            assert cell_len(line[: line.index("甲工")]) == owner
        assert shown_lines[1].startswith(f"{marks.CURSOR}        1  核心交换机")
        assert ("预计一小时" in shown_lines[1]) == (size[0] >= 100)


def test_a_column_lends_what_it_does_not_need() -> None:
    """A long title goes on into the free cells behind it, and never into what stands there; other rows stay as wide."""
    columns = (Column("title", "", None), Column("owner", "", 12, right=True, lends=True))
    layout = lay_out(columns, 34, 80)
    long = "核心交换机主控告警三楼以上病区"
    for title, owner in [
        (long, "甲工"),
        (long, ""),
        (long, "a name that is too long"),
        ("short", "甲工"),
        ("a" * 90, "b"),
    ]:
        cells = row_cells(layout, Row(1, title, owner=owner))
        assert cell_len("".join(text for text, _style in cells)) == 32
    assert row_cells(layout, Row(1, long, owner="甲工"))[0][0].rstrip() == "核心交换机主控告警三楼以…"
    assert row_cells(layout, Row(1, long, owner=""))[0][0].startswith(long)
    assert row_cells(layout, Row(1, "short", owner="甲工"))[2][0] == " " * 8 + "甲工"


async def test_hostile_text_stays_text_and_one_line() -> None:
    rows = [Row(1, "[red]x[/] [@click=app.quit]y"), Row(2, "a\x1b[2Jb\nc\td\u202ee"), Row(3, "👩‍💻 ⚠️ é" * 20)]
    async with shown(Listed(rows)) as (app, _):
        text = lines(app)
        assert "[red]x[/] [@click=app.quit]y" in text[1]
        assert "a [2Jb c d e" in text[2]
        assert all(cell_len(line) == 80 for line in text)
        assert [line.index("甲") > 0 for line in text[1:4]] == [True] * 3


async def test_empty_list_says_what_to_do() -> None:
    async with shown(Listed([])) as (app, _):
        assert lines(app)[1].rstrip() == "  No open incidents. n opens one."
        assert app.list.row is None


async def test_nothing_is_said_before_the_first_read() -> None:
    book = Book([])
    book.gate = asyncio.Event()
    app = ListApp(Paged(book.fetch))
    app.call_later(app.list.redraw)
    async with app.run_test(size=(80, 24)) as pilot:
        assert lines(app)[1].strip() == ""
        book.gate.set()
        await settled(pilot)
        assert "No open incidents" in lines(app)[1]


@pytest.mark.parametrize("size", SIZES)
async def test_keys_reach_every_row_in_both_directions(size: tuple[int, int]) -> None:
    book = Book(range(1, 1001))
    async with shown(Paged(book.fetch), size, limit=50) as (app, pilot):
        for key, wanted in [("down", 2), ("j", 3), ("k", 2), ("up", 1), ("up", 1), ("G", 1000), ("home", 1)]:
            await pilot.press(key)
            await settled(pilot)
            assert app.list.key == wanted, key
        page = size[1] - 2
        walked = 1
        while app.list.key != 1000:
            await pilot.press("pagedown")
            await settled(pilot)
            walked = min(1000, walked + page)
            assert app.list.key == walked
        await pilot.press("end")
        for _ in range(999):
            app.list.action_cursor_up()
        await settled(pilot)
        assert app.list.key == 1
        await until(pilot, lambda: app.seen[-1] == 1)
        await pilot.press("down", "enter")
        assert app.opened == [2]


async def test_every_row_is_seen_once_while_walking() -> None:
    book = Book(range(1, 421))
    async with shown(Paged(book.fetch), limit=40) as (app, pilot):
        app.seen.clear()
        for _ in range(419):
            app.list.action_cursor_down()
            await settled(pilot)
        await until(pilot, lambda: len(app.seen) >= 419)
        assert app.seen == list(range(2, 421))
        assert len(app.list.rows) <= 40 + 2 * 46


async def test_a_terminal_taller_than_a_page_comes_to_rest() -> None:
    book = Book(range(1, 1001))
    async with shown(Paged(book.fetch), (80, 120), limit=20) as (app, pilot):
        await app.list.goto(500)
        await settled(pilot)
        reads = len(book.reads)
        for _ in range(10):
            await pilot.pause()
        assert len(book.reads) == reads


async def test_keys_that_outrun_the_database_are_done_in_order() -> None:
    book = Book(range(1, 10_001))
    async with shown(Paged(book.fetch)) as (app, pilot):
        book.gate = asyncio.Event()
        await pilot.press("end", "up", "up", "enter", "pageup")
        assert app.list.key == 1
        book.gate.set()
        await settled(pilot)
        assert app.opened == [9998]
        assert app.list.key == 9998 - 22


async def test_the_next_page_is_there_before_the_cursor() -> None:
    book = Book(range(1, 10_001))
    async with shown(Paged(book.fetch), limit=200) as (app, pilot):
        for _ in range(60):
            await pilot.press("pagedown")
            assert app.list.rows[-1].key > app.list.key, "a key had to wait"
        assert len(app.list.rows) <= 600
        assert max(limit for _, limit, _ in book.reads) <= 201


@pytest.mark.parametrize("size", SIZES)
async def test_reload_keeps_the_row_and_its_line(size: tuple[int, int]) -> None:
    book = Book(range(1, 1001))
    async with shown(Paged(book.fetch), size) as (app, pilot):
        for _ in range(70):
            app.list.action_cursor_down()
        await pilot.pause()
        key, line = app.list.key, cursor_line(app)
        before = lines(app)
        book.rows |= {n: Row(n, "new") for n in (-2, -1, 0)}
        await app.list.reload()
        await pilot.pause()
        assert (app.list.key, cursor_line(app)) == (key, line)
        assert lines(app)[1:] == before[1:]
        assert lines(app)[0].rstrip().endswith("3 new ↑")
        await pilot.press("home")
        await settled(pilot)
        assert app.list.key == -2
        assert "new ↑" not in lines(app)[0]


async def test_new_rows_wait_above_when_the_cursor_is_not_at_the_top() -> None:
    book = Book(range(1, 301))
    async with shown(Paged(book.fetch)) as (app, pilot):
        await pilot.press("down", "down")
        book.rows[0] = Row(0, "new")
        await app.list.reload()
        await pilot.pause()
        assert (app.list.key, cursor_line(app)) == (3, 3)
        assert lines(app)[0].rstrip().endswith("1 new ↑")
        await pilot.press("up", "up", "up")
        assert app.list.key == 0
        assert "new" not in lines(app)[0]


async def test_new_rows_far_above_are_counted_to_a_limit() -> None:
    book = Book(range(1, 5001))
    async with shown(Paged(book.fetch)) as (app, pilot):
        await pilot.press("end")
        await settled(pilot)
        book.rows |= {-n: Row(-n, "new") for n in range(500)}
        await app.list.reload()
        await pilot.pause()
        assert app.list.key == 5000
        assert lines(app)[0].rstrip().endswith("99 new ↑")


async def test_an_untouched_list_follows_its_top_and_a_touched_one_its_row() -> None:
    book = Book(range(1, 101))
    async with shown(Paged(book.fetch)) as (app, pilot):
        book.rows[0] = Row(0, "new")
        await app.list.reload()
        assert app.list.key == 0
        await pilot.press("down", "up")
        book.rows[-1] = Row(-1, "newer")
        await app.list.reload()
        await pilot.pause()
        assert (app.list.key, cursor_line(app)) == (0, 2)


async def test_a_row_that_went_leaves_the_cursor_on_its_follower() -> None:
    book = Book(range(1, 101))
    async with shown(Paged(book.fetch)) as (app, pilot):
        await pilot.press(*["down"] * 9)
        del book.rows[10]
        await app.list.reload()
        assert app.list.key == 11
        book.rows.clear()
        await app.list.reload()
        await pilot.pause()
        assert app.list.row is None
        assert app.seen[-1] is None
        assert "No open incidents" in lines(app)[1]


async def test_a_row_that_went_from_a_long_list_in_memory_leaves_its_neighbours() -> None:
    rows = [Row(n, f"row {n}") for n in range(1, 1001)]
    async with shown(Listed(rows)) as (app, _):
        await app.list.goto(700)
        app.list.source = Listed([row for row in rows if row.key != 700])
        await app.list.reload()
        assert app.list.key == 701


async def test_a_row_that_moved_stays_selected() -> None:
    rows = [Row(n, f"row {n}", owner=str(n)) for n in range(1, 20)]
    async with shown(Listed(rows), ident=lambda row: row.owner) as (app, pilot):
        await pilot.press("down", "down")
        moved = [row for row in rows if row.key != 3] + [replace(rows[2], key=99)]
        app.list.source = Listed(moved)
        await app.list.reload()
        assert app.list.row.owner == "3"
        assert app.list.key == 99


async def test_highlighted_comes_again_when_the_row_under_the_cursor_changed() -> None:
    rows = [Row(1, "a"), Row(2, "b")]
    async with shown(Listed(rows)) as (app, pilot):
        await app.list.reload()
        await pilot.pause()
        assert app.seen == [1]
        assert app.list.put(replace(rows[0], title="changed"))
        await pilot.pause()
        assert app.seen == [1, 1]
        assert "changed" in lines(app)[1]
        assert not app.list.put(Row(7, "not here"))


async def test_show_and_goto_open_anywhere() -> None:
    book, other = Book(range(1, 5001)), Book(range(10_000, 10_010))
    async with shown(Paged(book.fetch)) as (app, pilot):
        await app.list.goto(2500)
        await pilot.pause()
        assert app.list.key == 2500
        assert 5 < cursor_line(app) < 18
        await app.list.show(Paged(other.fetch))
        await pilot.pause()
        assert app.list.key == 10_000
        assert "new" not in lines(app)[0]
        await app.list.show(Paged(book.fetch), 4999)
        assert app.list.key == 4999


async def test_a_slow_answer_to_an_old_filter_is_dropped() -> None:
    slow, fast = Book(range(1, 100)), Book(range(500, 600))
    async with shown(Paged(fast.fetch)) as (app, _pilot):
        slow.gate = asyncio.Event()
        late = asyncio.create_task(app.list.show(Paged(slow.fetch)))
        await asyncio.sleep(0)
        await app.list.show(Paged(fast.fetch))
        slow.gate.set()
        await late
        assert app.list.key == 500


async def test_sections_and_notes_are_lines_that_the_cursor_passes() -> None:
    rows = [Row(n, f"item {n}", place="Rack A1" if n < 4 else "Rack A2") for n in range(1, 7)]
    note = {2: ["Note: two servers moved", None]}
    async with shown(Listed(rows), section=lambda row: row.place, note=lambda row: note.get(row.key)) as (app, pilot):
        text = [line.strip() for line in lines(app)]
        assert text[1] == "Rack A1"
        assert text[4] == "Note: two servers moved"
        assert text[6] == "Rack A2"
        stops = []
        for _ in rows:
            stops.append(cursor_line(app))
            await pilot.press("down")
        assert stops == [2, 3, 5, 7, 8, 9]


@pytest.mark.parametrize("height", [3, 5, 7])
async def test_small_windows_show_the_section_of_the_cursor_when_going_up(height: int) -> None:
    rows = [Row(n, f"item {n}", place=f"Rack {n // 3}") for n in range(30)]
    async with shown(Listed(rows), (80, height), section=lambda row: row.place) as (app, pilot):
        await pilot.press("end")
        await settled(pilot)
        assert cursor_line(app) == height - 1
        await pilot.press("home")
        await settled(pilot)
        assert lines(app)[1].strip() == "Rack 0"
        assert cursor_line(app) == 2


async def test_mouse_selects_opens_and_scrolls() -> None:
    async with shown(Listed([Row(n, f"item {n}") for n in range(1, 100)])) as (app, pilot):
        await pilot.click(RecordList, offset=(10, 4))
        assert app.list.key == 4
        await pilot.click(RecordList, offset=(10, 6), times=2)
        assert app.opened == [6]
        await pilot._post_mouse_events([events.MouseScrollDown], RecordList, (5, 5))
        await pilot.pause()
        assert lines(app)[1].split()[0] == "4"
        assert app.list.key == 6


async def test_a_refusal_is_a_sentence() -> None:
    class Broken(Book):
        async def fetch(self, key: int | None, limit: int, back: bool) -> list[Row]:
            if back:
                raise DeskError("The database is busy.")
            return await super().fetch(key, limit, back)

    async with shown(Paged(Broken(range(1, 2000)).fetch)) as (app, pilot):
        await pilot.press("end", "down")
        await until(pilot, lambda: bool(app._notifications))
        await pilot.press("down")
        assert app.list.key in (2, 3)
        assert [note.message for note in app._notifications] == ["The database is busy."]


async def test_titles_and_the_empty_sentence_change_language() -> None:
    async with shown(Listed([])) as (app, pilot):
        try:
            locale.use("zh")
            app.list.redraw()
            await pilot.pause()
            assert "New" not in lines(app)[0]
        finally:
            locale.use("en")


class Wire:
    """Renders what the app sends to a terminal with 16 million colours, and counts it."""

    def __init__(self, app: App[None]) -> None:
        self.bytes = 0
        self.painted = asyncio.Event()
        app.console._color_system = ColorSystem.TRUECOLOR
        self._console = app.console
        app._display = self._take  # type: ignore[method-assign]

    def _take(self, _screen: Any, update: Any) -> None:
        if isinstance(update, CompositorUpdate):
            self.bytes += len(update.render_segments(self._console).encode())
            self.painted.set()

    async def key(self, app: App[None], key: str) -> float:
        """Send a key and return the seconds until the terminal had its answer."""
        self.painted.clear()
        start = time.perf_counter()
        app.post_message(events.Key(key, None))
        await asyncio.wait_for(self.painted.wait(), 5)
        return time.perf_counter() - start


@pytest.mark.parametrize("size", SIZES)
async def test_a_down_key_repaints_two_lines(size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    async with shown(Paged(Book(range(1, 5001)).fetch), size) as (app, pilot):
        app.list.focus()
        await pilot.pause()
        await pilot.press("down", "down")
        regions: list[Any] = []
        plain = app.list._set_dirty
        monkeypatch.setattr(app.list, "_set_dirty", lambda *given: (regions.append(given), plain(*given)))
        await pilot.press("down")
        await pilot.pause()
        assert [[(region.y, region.height) for region in given] for given in regions] == [[(3, 1), (4, 1)]]
        regions.clear()
        await app.list.reload()
        await pilot.pause()
        assert regions == []
        wire = Wire(app)
        await pilot.press("down")
        await pilot.pause()
        assert 0 < wire.bytes < 2000


class Shelf:
    """A million rows in an SQLite file, read by key."""

    def __init__(self, path: Path, count: int) -> None:
        self.db = sqlite3.connect(path, check_same_thread=False)
        self.db.execute("PRAGMA synchronous = OFF")
        self.db.execute("CREATE TABLE log (id INTEGER PRIMARY KEY, title TEXT, owner TEXT)")
        rows = ((n, TITLES[n % 3], "甲工") for n in range(count))
        with self.db:
            self.db.executemany("INSERT INTO log VALUES (?, ?, ?)", rows)
        self.reads: list[int] = []

    async def fetch(self, key: int | None, limit: int, back: bool) -> list[Row]:
        return await asyncio.to_thread(self._read, key, limit, back)

    def _read(self, key: int | None, limit: int, back: bool) -> list[Row]:
        where = "1" if key is None else f"id {'<' if back else '>'} {key}"
        query = f"SELECT id, title, owner FROM log WHERE {where} ORDER BY id {'DESC' if back else ''} LIMIT {limit}"
        rows = [Row(*values) for values in self.db.execute(query)]
        self.reads.append(len(rows))
        return rows[::-1] if back else rows


async def work_a_key(shelf: Shelf) -> dict[str, float]:
    """Return the processor seconds of opening the list and of each kind of key in it."""
    app = ListApp(Paged(shelf.fetch))
    work: dict[str, float] = {}
    busy = time.process_time()
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        work["open"] = time.process_time() - busy
        app.list.focus()
        await pilot.pause()
        wire = Wire(app)
        for keys in (["down"] * 60, ["pagedown"] * 60, ["end"], ["up"] * 60, ["pageup"] * 60, ["home"]):
            busy = time.process_time()
            for key in keys:
                await wire.key(app, key)
            work[keys[0]] = (time.process_time() - busy) / len(keys)
        await settled(pilot)
        assert app.list.key == 0
        assert max(shelf.reads) <= 201
        assert len(app.list.rows) <= 600
    shelf.db.close()
    return work


async def test_a_million_rows_cost_a_key_no_more_than_a_few(tmp_path: Path) -> None:
    """What a key costs does not grow with the table; how much it is in milliseconds stands in the bench."""
    few = await work_a_key(Shelf(tmp_path / "few.db", 5_000))
    many = await work_a_key(Shelf(tmp_path / "many.db", 1_000_000))
    assert many.pop("open") < 1, "opening reads a page, not a table"
    for key, work in many.items():
        assert work <= 2 * few[key] + 0.02, (key, work, few[key])
