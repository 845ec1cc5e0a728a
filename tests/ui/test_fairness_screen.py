"""The fairness page: a chart beside its table, the score with its formula, ranges."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from dutydesk import locale
from dutydesk.domain.calendar import DayKind
from dutydesk.domain.fairness import Place, Sharer, quality
from dutydesk.domain.words import Label
from dutydesk.ui.screens.fairness_rows import told
from dutydesk.ui.widgets.chart import Chart
from dutydesk.ui.widgets.records import RecordList
from tests.services.test_allowance import planned_on, signs
from tests.ui.conftest import LANGUAGES, SIZES, Seen
from tests.ui.test_allowance_screen import OfficeApp

if TYPE_CHECKING:
    from dutydesk.services.fairness import FairnessView


def _app(path: Path, lang: str = "en", login: str = "chief") -> OfficeApp:
    return OfficeApp(str(path), login=login, lang=lang)


@pytest.mark.parametrize(("size", "lang"), list(zip(SIZES, LANGUAGES, strict=True)))
async def test_chart_table_and_score(
    desk_file: Path, at: object, look: Callable[..., Seen], size: tuple[int, int], lang: str
) -> None:
    async with _app(desk_file, lang).run_test(size=size) as pilot:
        seen = look(pilot)
        await seen.shows({"en": "Fairness", "zh": "公平性"}[lang])
        await seen.press("f")
        await seen.shows("2026-11-01", "2026-11-30", "100 × 18/18", "█")
        view = seen.app.shown.view  # type: ignore[union-attr]
        chart, table = seen.app.shown.query_one(Chart), seen.app.shown.query_one(RecordList)  # type: ignore[union-attr]
        assert [row.login for row in table.rows] == [row.login for row in view.rows]
        assert list(chart._spec.values) == [row.planned.minutes / 60 for row in view.rows]  # type: ignore[union-attr]
        await seen.press("m")
        await seen.until(lambda: list(chart._spec.values) == [row.planned.nights for row in view.rows])  # type: ignore[union-attr]
        await seen.press("w")
        await seen.shows({"en": "Nobody has worked in this range.", "zh": "此范围内无人到岗。"}[lang])


async def test_ranges(desk_file: Path, at: object, look: Callable[..., Seen]) -> None:
    async with _app(desk_file).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("Fairness")
        await seen.press("f")
        await seen.shows("2026-11-01 to 2026-11-30")
        await seen.press("r")
        await seen.shows("2026-10-01 to 2026-12-31")
        await seen.press("r", "r")
        await seen.shows("2026-01-01 to 2026-12-31")
        await seen.press("right")
        await seen.shows("2027-01-01 to 2027-12-31", "does not hold 2027")
        await seen.press("left", "e", "e", "e")
        await seen.shows("2026-01-01 to 2026-01-31", "Nobody is planned in this range.")
        await seen.press("o", "end", *["backspace"] * 5, *"11-22", "tab", "end", *["backspace"] * 5, *"11-21", "f10")
        await seen.shows("The last day is before the first.")
        await seen.press("end", "backspace", "3", "f10")
        await seen.shows("2026-11-22 to 2026-11-23", "100 × 4/4")


def test_who_does_not_fit_is_counted() -> None:
    kind = DayKind.WORKDAY
    turns = [
        Place(login, 720, kind, turn=f"{login}{n}") for login, n in product("abc", range(4)) if (login, n) < ("c", 2)
    ]
    found = quality(turns, [Sharer(login) for login in "abcd"])
    view = cast(
        "FairnessView", SimpleNamespace(rows=[SimpleNamespace(login=each, label=Label(each)) for each in "abcd"])
    )
    locale.use("en")
    assert len(found.uneven) == 3
    assert told(view, found, 2)[-1].endswith(" · 1 more")
    assert "more" not in "".join(told(view, found, 3))


async def test_work_of_others_is_not_shown_to_an_engineer(
    desk_file: Path, at: object, look: Callable[..., Seen]
) -> None:
    async with _app(desk_file, login="eng-a").run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        await seen.shows("Fairness")
        await seen.app.desk.raw(_worked)
        await seen.press("f", "w")
        await seen.shows("Hours that others worked are for the supervisor.")
        assert sum(row.worked is not None for row in seen.app.shown.view.rows) == 1  # type: ignore[union-attr]


def _worked() -> None:
    signs("2026-11-22", "day", planned_on("2026-11-22", "day"), "2026-11-22 07:58")
