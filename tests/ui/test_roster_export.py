"""The roster written into a file from the console."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dutydesk.domain.errors import Invalid
from dutydesk.integrations import exports
from dutydesk.ui.app import DeskApp
from dutydesk.ui.places import PLACES
from tests.ui.conftest import Seen

Look = Callable[..., Seen]


class RosterApp(DeskApp):
    """The console that begins at the roster."""

    places = tuple(place for place in PLACES if place.name == "roster")


@pytest.mark.parametrize("lang", ["en", "zh"])
async def test_the_month_is_written_and_said_where(
    desk_file: Path, at: object, look: Look, lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(exports.FOLDER, raising=False)
    async with RosterApp(str(desk_file), login="eng-a", lang=lang).run_test(size=(80, 24)) as pilot:
        seen = look(pilot)
        english = lang == "en"
        await seen.shows("November 2026" if english else "2026年11月")
        await seen.press("f")
        await seen.shows("Export the roster of 2026-11" if english else "导出 2026-11 排班", "roster-2026-11")
        await seen.press("f10")
        await seen.until(lambda: bool(seen.app._notifications))
        written = desk_file.parent / "exports" / "roster-2026-11.xlsx"
        assert written.read_bytes().startswith(b"PK")
        await seen.press("f")
        await seen.shows("roster-2026-11")
        await seen.press("f10")
        await seen.shows("already there" if english else "已存在")


@pytest.mark.parametrize("name", ["../desk", "/etc/x", ".hidden", "a/b", "", "a\x00b/..", "-rf"])
def test_a_name_leads_nowhere_else(tmp_path: Path, name: str) -> None:
    with pytest.raises(Invalid):
        exports.keep(b"x", tmp_path / "exports", name, "csv")
    assert not list(tmp_path.rglob("*.csv"))


def test_no_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "roster.csv").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Invalid, match="already there"):
        exports.keep(b"x", tmp_path, "roster", "csv")
    assert not (tmp_path / "elsewhere").exists()
