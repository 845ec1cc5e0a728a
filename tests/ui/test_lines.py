"""The dashboard panel: what it shows, where its cursor stays, and what it sends to the terminal."""

from __future__ import annotations

from typing import Any

import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.containers import Horizontal

from dutydesk.ui import marks
from dutydesk.ui.widgets.lines import LineRow, Lines, Section

SIZES = [(80, 24), (120, 40)]


def incident(number: int, title: str = "Core switch SW1 down", age: str = "0h12") -> LineRow:
    return LineRow([("! ", "error"), f"P1 {title}"], [(age, "muted")], key=number, value=f"INC-{number}")


INCIDENTS = Section("Open incidents", [incident(n) for n in range(1, 4)], count=3, empty="No open incidents.")
MEASURES = Section(
    "临时措施", [LineRow(["UPS-2 转旁路，厂商周五前到场更换电池组并复核负载"], ["3 班"], key="m1")], count=1
)
NOTHING = Section("Next", empty="Nothing due.")


class PanelApp(App[None]):
    def __init__(self, *panels: list[Section]) -> None:
        super().__init__()
        self.panels = [Lines(sections, id=f"panel{number}") for number, sections in enumerate(panels)]
        self.chosen: list[Any] = []
        self.seen: list[Any] = []

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield from self.panels

    def on_lines_chosen(self, message: Lines.Chosen) -> None:
        self.chosen.append((message.control.id, message.row.value))

    def on_lines_highlighted(self, message: Lines.Highlighted) -> None:
        self.seen.append(message.row and message.row.key)


def lines(app: App[None]) -> list[str]:
    """The screen as text, line by line."""
    return [strip.text for strip in app.screen._compositor.render_strips()]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("plain", [False, True], ids=["unicode", "ascii"])
async def test_sections_have_title_rule_count_and_rows(size: tuple[int, int], plain: bool) -> None:
    marks.use_ascii(plain)
    try:
        app = PanelApp([INCIDENTS, MEASURES, NOTHING])
        async with app.run_test(size=size):
            text = lines(app)
            assert all(cell_len(line) == size[0] for line in text)
            assert text[0].startswith(f" Open incidents {marks.RULE * 5}")
            assert text[0].endswith(f"{marks.RULE} 3")
            assert text[1].startswith(f"{marks.CURSOR}! P1 Core switch SW1 down  ")
            assert text[1].endswith(" 0h12")
            assert text[4].strip() == ""
            assert text[5].startswith(" 临时措施 ")
            assert text[6].startswith(" UPS-2 转旁路，")
            assert text[6].endswith(" 3 班")
            assert text[9].rstrip() == " Nothing due."
            assert text[8].rstrip().endswith(marks.RULE)
    finally:
        marks.use_ascii(False)


async def test_long_text_is_cut_before_the_right_edge_of_a_half_screen() -> None:
    app = PanelApp([MEASURES], [INCIDENTS])
    async with app.run_test(size=(80, 24)):
        row = lines(app)[1]
        assert row.startswith(f"{marks.CURSOR}UPS-2 转旁路，厂商周五前到场更")
        assert cell_len(row[: row.index("3 班")]) == 40 - 4
        assert "…" in row


async def test_hostile_text_is_shown_as_text() -> None:
    app = PanelApp([Section("[red]a[/]", [LineRow(["[@click=app.quit]b\x1b[2J\nc"], ["\u202ed"])])])
    async with app.run_test(size=(80, 24)):
        text = lines(app)
        assert text[0].startswith(" [red]a[/] ")
        assert text[1].startswith(" [@click=app.quit]b [2J c ")
        assert text[1].endswith("  d")


async def test_the_cursor_passes_rows_without_a_key_and_enter_opens() -> None:
    more = Section("Log", [LineRow(["14:31"]), incident(9), LineRow(["14:20"]), incident(10)])
    app = PanelApp([NOTHING, INCIDENTS, more])
    async with app.run_test(size=(80, 24)) as pilot:
        panel = app.panels[0]
        stops = [panel.key]
        for key in ("down", "j", "down", "down", "down", "up", "k", "G", "home", "pagedown", "g"):
            await pilot.press(key)
            stops.append(panel.key)
        assert stops == [1, 2, 3, 9, 10, 10, 9, 3, 10, 1, 10, 1]
        await pilot.press("down", "enter")
        assert app.chosen == [("panel0", "INC-2")]
        await pilot.click(Lines, offset=(5, 6), times=2)
        assert app.chosen[-1] == ("panel0", "INC-3")


async def test_the_cursor_stays_on_its_key_over_updates() -> None:
    app = PanelApp([INCIDENTS])
    async with app.run_test(size=(80, 24)) as pilot:
        panel = app.panels[0]
        await pilot.press("down")
        panel.show([Section("Open incidents", [incident(n) for n in (7, 8, 2, 3)], count=4)])
        assert panel.key == 2
        panel.show([Section("Open incidents", [incident(n) for n in (7, 8, 3)], count=3)])
        assert panel.key == 3
        panel.show([Section("Open incidents", empty="No open incidents.")])
        assert panel.row is None
        await pilot.press("down", "enter")
        assert app.chosen == []
        assert app.seen == [2, 3, None]
        assert panel.move_to(5) is False


async def test_a_panel_without_choices_is_passed_by_tab() -> None:
    app = PanelApp([NOTHING], [INCIDENTS], [MEASURES])
    async with app.run_test(size=(120, 24)) as pilot:
        assert app.focused is app.panels[1]
        await pilot.press("tab")
        assert app.focused is app.panels[2]
        await pilot.press("tab")
        assert app.focused is app.panels[1]


@pytest.mark.parametrize("height", [2, 3, 5, 9])
async def test_a_low_panel_scrolls_and_says_how_much_is_below(height: int) -> None:
    app = PanelApp([Section("Open incidents", [incident(n, f"number {n}") for n in range(1, 31)], count=30)])
    async with app.run_test(size=(80, height)) as pilot:
        for number in range(1, 31):
            text = lines(app)
            assert any(line.startswith(marks.CURSOR) and f"number {number} " in line for line in text), number
            more = [line.strip() for line in text if "more ↓" in line]
            last_shown = 30 if not more else 30 - int(more[0].split()[0])
            assert sum("number" in line for line in text) <= height
            assert f"number {last_shown} " in text[-1 if not more else -2] or height == 2
            await pilot.press("down")
        await pilot.press("home")
        assert "Open incidents" in lines(app)[0] or height == 2


async def test_rows_beyond_the_limit_are_counted() -> None:
    app = PanelApp([Section("Open incidents", [incident(n) for n in range(1, 8)], count=7, most=3), NOTHING])
    async with app.run_test(size=(80, 24)):
        assert lines(app)[4].rstrip() == " 4 more"


async def test_auto_height_follows_the_rows() -> None:
    app = PanelApp([INCIDENTS])
    async with app.run_test(size=(80, 24)) as pilot:
        panel = app.panels[0]
        panel.styles.height = "auto"
        await pilot.pause()
        assert panel.size.height == 4
        panel.show([INCIDENTS, MEASURES])
        await pilot.pause()
        assert panel.size.height == 7


async def test_only_changed_lines_are_repainted(monkeypatch: pytest.MonkeyPatch) -> None:
    app = PanelApp([INCIDENTS, MEASURES])
    async with app.run_test(size=(80, 24)) as pilot:
        panel = app.panels[0]
        await pilot.pause()
        painted: list[list[int]] = []
        plain = panel._set_dirty
        monkeypatch.setattr(
            panel, "_set_dirty", lambda *given: (painted.append([region.y for region in given]), plain(*given))
        )
        panel.show([Section(**vars(INCIDENTS)), MEASURES])
        assert painted == []
        aged = [incident(1), incident(2, age="0h13"), incident(3)]
        panel.show([Section("Open incidents", aged, count=3, empty="No open incidents."), MEASURES])
        assert painted == [[2]]
        await pilot.press("down")
        assert painted == [[2], [1, 2]]
