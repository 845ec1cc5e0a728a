"""How many incidents, when, of what and how fast (key 8): charts with their numbers beside them."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from dutydesk.domain.stats import RANGES, step_for
from dutydesk.domain.words import N_
from dutydesk.locale import _, ngettext, word
from dutydesk.services import stats
from dutydesk.services.stats import Stats
from dutydesk.ui import marks
from dutydesk.ui.commands import Command
from dutydesk.ui.screens.base import DeskScreen
from dutydesk.ui.screens.charts_views import ChartKind, columns, rows, specs
from dutydesk.ui.widgets.chart import Chart
from dutydesk.ui.widgets.records import Listed, RecordList
from dutydesk.ui.widgets.steps import Head, StepsHead

KINDS = tuple(ChartKind)


class ChartsScreen(DeskScreen):
    """One chart at a time over 7, 30, 90 or 365 days."""

    CSS_PATH: ClassVar[Any] = "charts.tcss"
    AUTO_FOCUS: ClassVar[str | None] = "#numbers"
    place: ClassVar[str] = "charts"
    subjects: ClassVar[frozenset[str]] = frozenset({"incident"})
    commands: ClassVar[list[Command]] = [
        Command("charts.next", "right,tab", N_("Next chart"), "turn(1)", footer=True),
        Command("charts.previous", "left,shift+tab", N_("Previous chart"), "turn(-1)"),
        Command("charts.longer", "r", N_("Longer range"), "span(1)", N_("7, 30, 90, 365 days."), footer=True),
        Command("charts.shorter", "e", N_("Shorter range"), "span(-1)", footer=True),
        Command("charts.days", "d", N_("By day"), "take('days')"),
        Command("charts.heat", "h", N_("Weekday × hour"), "take('heat')"),
        Command("charts.category", "c", N_("By category"), "take('category')"),
        Command("charts.speed", "f", N_("How fast"), "take('speed')"),
        Command("charts.people", "p", N_("By person and shift"), "take('people')"),
    ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = ChartKind.DAYS
        self.days = RANGES[1]
        self.stats: Stats | None = None

    def compose_body(self) -> ComposeResult:
        """Yield the head, the pictures and the table."""
        yield StepsHead(id="head")
        with Horizontal(id="charts"):
            with Vertical(id="pictures"):
                yield Chart(id="first", empty=self.nothing)
                yield Chart(id="second", empty=self.nothing)
            yield RecordList(columns(self.kind), key=lambda row: row.key, section=lambda row: row.section, id="numbers")

    def nothing(self) -> str:
        """Say what an empty chart means."""
        return ngettext("No incidents in the last day.", "No incidents in the last {n} days.", self.days)

    async def load(self) -> None:
        """Read the numbers of the range."""
        self.stats = await self.desk_app.desk.ask(stats.incidents, self.days)
        await self.show_chart()

    async def show_chart(self) -> None:
        """Draw the chart in view and its table."""
        if self.stats is None:
            return
        first, second = specs(self.kind, self.stats)
        self.set_class(second is not None, "-two")
        self.query_one("#first", Chart).show(first)
        self.query_one("#second", Chart).show(second)
        table = self.query_one(RecordList)
        table.columns = columns(self.kind)
        await table.show(Listed(rows(self.kind, self.stats), key=lambda row: row.key))
        self._show_head(self.stats)

    def _show_head(self, found: Stats) -> None:
        steps = [(word(kind), 0) for kind in KINDS]
        title = ngettext("Incidents, last day", "Incidents, last {n} days", self.days)
        width = word(step_for(self.days)) if self.kind is ChartKind.DAYS else ""
        status = f"{found.total} {self._change(found)}".strip()
        self.query_one(StepsHead).show(
            Head(f"{title} {width}".rstrip(), (status, "accent"), steps, KINDS.index(self.kind))
        )

    def _change(self, found: Stats) -> str:
        if not found.before:
            return ""
        percent = round((found.total - found.before) * 100 / found.before)
        sign = "+" if percent > 0 else ""
        return _("{mark} {percent} % against the time before", mark=marks.DOT, percent=f"{sign}{percent}")

    def relabel(self) -> None:
        """The specs hold words: they are made again when the screen loads."""

    async def action_turn(self, by: int) -> None:
        """Show the next or the previous chart."""
        self.kind = KINDS[(KINDS.index(self.kind) + by) % len(KINDS)]
        await self.show_chart()

    async def action_take(self, kind: str) -> None:
        """Show one chart."""
        self.kind = ChartKind(kind)
        await self.show_chart()

    async def action_span(self, by: int) -> None:
        """Show a longer or shorter range."""
        self.days = RANGES[max(0, min(RANGES.index(self.days) + by, len(RANGES) - 1))]
        await self.load()

    def copy_text(self) -> str | None:
        """Return the table as tab-separated text."""
        if self.stats is None:
            return None
        return "\n".join("\t".join((row.name, *row.cells)) for row in rows(self.kind, self.stats))
