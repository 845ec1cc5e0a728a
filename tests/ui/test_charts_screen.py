"""Key 8: every chart and its numbers, in both languages and sizes."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from dutydesk.storage import engine
from dutydesk.storage.models.incidents import Incident
from dutydesk.storage.models.people import Person
from dutydesk.ui.app import DeskApp
from dutydesk.ui.widgets.chart import Chart
from tests.ui.conftest import LANGUAGES, SIZES, START, Seen


@pytest.fixture
def busy(desk_file: Path, at: Callable[[int], None]) -> Path:
    """Return a desk with 300 incidents in the last 60 days."""
    rng = random.Random(3)
    engine.connect(str(desk_file))
    reporter = Person.get(Person.login == "eng-a").id
    rows = [
        {
            "number": f"X-{place}",
            "kind": "fault",
            "source": "staff",
            "title": "x",
            "category": rng.choice(["network", "server", "terminal"]),
            "impact": "low",
            "urgency": "low",
            "priority": rng.choice(["P1", "P2", "P3", "P4"]),
            "status": "closed",
            "reporter": reporter,
            "owner": reporter,
            "opened_at": (opened := START - rng.randrange(60 * 86400)),
            "entered_at": opened,
            "acknowledged_at": opened + 300,
            "resolved_at": opened + 7200,
        }
        for place in range(300)
    ]
    with engine.db.atomic():
        Incident.insert_many(rows).execute()
    engine.disconnect()
    return desk_file


def drawn(app: DeskApp) -> bool:
    return bool(app.shown) and all(chart.ready for chart in app.shown.query(Chart) if chart.display)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", LANGUAGES)
async def test_every_chart_has_its_numbers(
    busy: Path, look: Callable[..., Seen], size: tuple[int, int], lang: str
) -> None:
    app = DeskApp(str(busy), login="eng-a", lang=lang)
    async with app.run_test(size=size) as pilot:
        seen = look(pilot)
        await seen.until(lambda: app.shown is not None)
        await seen.press("8")
        await seen.until(lambda: getattr(app.shown, "stats", None) is not None)
        total = str(app.shown.stats.total)  # type: ignore[union-attr]
        await seen.shows(total)
        for key in "dhcfp":
            await seen.press(key)
            await seen.until(lambda: drawn(app))
            table = app.shown.query_one("RecordList")  # type: ignore[union-attr]
            assert table.rows  # type: ignore[attr-defined]
            assert any("█" in line or "┤" in line for line in seen.lines)


async def test_the_range_grows_and_shrinks(busy: Path, look: Callable[..., Seen]) -> None:
    app = DeskApp(str(busy), login="eng-a", lang="en")
    async with app.run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.until(lambda: app.shown is not None)
        await seen.press("8")
        await seen.shows("last 30 days")
        await seen.press("r", "r", "r")
        await seen.shows("last 365 days", "by month")
        await seen.press("e", "e", "e", "e")
        await seen.shows("last 7 days")


async def test_an_empty_desk_says_so(desk_file: Path, at: Callable[[int], None], look: Callable[..., Seen]) -> None:
    app = DeskApp(str(desk_file), login="eng-a", lang="en")
    async with app.run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.until(lambda: app.shown is not None)
        await seen.press("8")
        await seen.shows("No incidents in the last 30 days.")
