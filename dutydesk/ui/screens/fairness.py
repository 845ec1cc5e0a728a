"""How evenly duties are shared (office): a chart and a table by person, and the score with its formula."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from operator import attrgetter
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal

from dutydesk.domain import clock
from dutydesk.domain.errors import DeskError, Invalid
from dutydesk.domain.fairness import Measured, Quality
from dutydesk.domain.words import N_
from dutydesk.locale import _, pick, sentence, times, word
from dutydesk.services import fairness
from dutydesk.services.fairness import FairnessView
from dutydesk.ui.commands import Command
from dutydesk.ui.forms.spec import FormSpec, Text
from dutydesk.ui.screens.base import DeskScreen
from dutydesk.ui.screens.fairness_rows import Length, Side, chart, columns, load_of, span_at, told
from dutydesk.ui.widgets.chart import Chart
from dutydesk.ui.widgets.prose import Prose
from dutydesk.ui.widgets.records import Listed, RecordList
from dutydesk.ui.widgets.steps import Head, StepsHead

MEASURES = tuple(Measured)
LENGTHS = tuple(Length)
WIDE = 110
_key = attrgetter("login")


class FairnessScreen(DeskScreen):
    """One measure at a time over a month, a quarter, half a year, a year, or days of one's own."""

    CSS_PATH: ClassVar[Any] = "fairness.tcss"
    AUTO_FOCUS: ClassVar[str | None] = "#loads"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]
    place: ClassVar[str] = "office"
    subjects: ClassVar[frozenset[str]] = frozenset({"roster", "shift", "attendance", "correction", "leave", "swap"})
    commands: ClassVar[list[Command]] = [
        Command("fairness.next", "m", N_("Next measure"), "turn(1)", N_("Hours, nights, weekends."), footer=True),
        Command("fairness.previous", "M", N_("Measure before"), "turn(-1)"),
        Command(
            "fairness.longer", "r", N_("Longer range"), "longer(1)", N_("Month, quarter, half, year."), footer=True
        ),
        Command("fairness.shorter", "e", N_("Shorter range"), "longer(-1)"),
        Command("fairness.side", "w", N_("Planned or worked"), "side", N_("Draw the plan or the work."), footer=True),
        Command("fairness.own", "o", N_("Own range"), "own", N_("Any days."), footer=True, opens=True),
        Command("fairness.before", "left", N_("Range before"), "move(-1)"),
        Command("fairness.after", "right", N_("Range after"), "move(1)"),
    ]

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.measured, self.side = Measured.HOURS, Side.PLANNED
        self.length = Length.MONTH
        self.first, self.last = span_at(times.local(clock.now()).date(), self.length)
        self.view: FairnessView | None = None

    def compose_body(self) -> ComposeResult:
        """Yield the head, the picture beside the table, and the score."""
        yield StepsHead(id="head")
        with Horizontal(id="sides"):
            yield Chart(id="picture", empty=self.nothing)
            yield RecordList(columns(self.side, self.measured), key=_key, empty=self.nothing, id="loads")
        yield Prose("", id="told", markup=False)

    def nothing(self) -> str:
        """Say what an empty page means."""
        if self.view is None:
            return ""
        if self.side is Side.WORKED:
            return _("Nobody has worked in this range.")
        return _("Nobody is planned in this range.")

    async def load(self) -> None:
        """Count the range again."""
        asked = self.first, self.last
        try:
            view = await self.desk_app.desk.ask(fairness.shared, *asked)
        except DeskError as error:
            if asked == (self.first, self.last):
                await self._show_trouble(sentence(error))
            return
        if asked == (self.first, self.last):
            self.view = view
            await self._show()

    async def _show_trouble(self, why: str) -> None:
        self.view = None
        self._show_head("")
        self.query_one(Chart).show(None)
        await self.query_one(RecordList).show(Listed((), key=_key))
        self.query_one("#told", Prose).update(why)

    @property
    def quality(self) -> Quality | None:
        """The score of the side in view."""
        if self.view is None:
            return None
        return self.view.quality if self.side is Side.PLANNED else self.view.quality_worked

    async def _show(self) -> None:
        view, quality = self.view, self.quality
        if view is None:
            return
        self.query_one(Chart).show(chart(view, self.measured, self.side))
        table = self.query_one(RecordList)
        table.columns = columns(self.side, self.measured)
        await table.show(Listed(view.rows, key=_key))
        if quality is None:
            text = _("Hours that others worked are for the supervisor.")
            text = text if self.desk_app.who and any(row.worked is None for row in view.rows) else self.nothing()
        else:
            text = "\n".join(told(view, quality, 6 if self.has_class("-wide") else 2))
        self.query_one("#told", Prose).update(text)
        self._show_head(_("Score {score} of 100", score=quality.score) if quality else "")

    def _show_head(self, score: str) -> None:
        values = {"first": self.first.isoformat(), "last": self.last.isoformat(), "side": word(self.side)}
        title = _("Fairness {first} to {last}, {side}", **values)
        steps = [(word(measured), 0) for measured in MEASURES]
        self.query_one(StepsHead).show(Head(title, (score, "accent"), steps, MEASURES.index(self.measured)))

    # --- steps ------------------------------------------------------------------------------------------------------

    async def action_turn(self, by: int) -> None:
        """Draw the next measure, or the one before."""
        self.measured = MEASURES[(MEASURES.index(self.measured) + by) % len(MEASURES)]
        await self._show()

    async def action_side(self) -> None:
        """Draw what was worked instead of what was planned, or the other way round."""
        self.side = Side.WORKED if self.side is Side.PLANNED else Side.PLANNED
        await self._show()

    async def action_longer(self, by: int) -> None:
        """Take a longer or shorter range around the same days."""
        self.length = LENGTHS[max(0, min(LENGTHS.index(self.length) + by, len(LENGTHS) - 1))]
        await self._take(*span_at(self.first, self.length))

    async def action_move(self, by: int) -> None:
        """Go to the range before, or after."""
        await self._take(*span_at(self.first, self.length, by))

    async def _take(self, first: date, last: date) -> None:
        self.first, self.last = first, last
        self.request_reload()
        await self.loaded()

    async def action_own(self) -> None:
        """Ask for the days."""

        async def save(values: Mapping[str, Any]) -> tuple[date, date]:
            days = _day(values["first"], "first"), _day(values["last"], "last")
            if days[1] < days[0]:
                raise Invalid(N_("The last day is before the first."), field="last")
            return days

        spec = FormSpec(
            None,
            N_("Range of days"),
            [
                Text("first", N_("First day"), required=True, limit=10, placeholder=N_("2026-11-01")),
                Text("last", N_("Last day"), required=True, limit=10, placeholder=N_("2026-11-30")),
            ],
            save_label=N_("Show"),
        )
        initial = {"first": self.first.isoformat(), "last": self.last.isoformat()}
        days: tuple[date, date] | None = await self.desk_app.ask_form(spec, initial, save)
        if days is not None:
            await self._take(*days)

    def copy_text(self) -> str | None:
        """Return the table as tab-separated text."""
        if self.view is None:
            return None
        return "\n".join(
            "\t".join((pick(row.label), *(f"{load.of(measured):g}" for measured in MEASURES)))
            for row in self.view.rows
            if (load := load_of(row, self.side)) is not None
        )


def _day(text: str, field: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Invalid(N_("“{text}” is no day. Write it as 2026-12-01."), field=field, text=text) from None
