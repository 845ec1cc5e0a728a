"""What a terminal can show, and that nothing else is drawn: in ASCII every screen, form and dialog."""

from __future__ import annotations

import shutil
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.cells import cell_len

from dutydesk.domain import clock
from dutydesk.domain.text import width
from dutydesk.storage import engine
from dutydesk.ui import characters, marks
from dutydesk.ui.app import DeskApp
from dutydesk.ui.characters import UTF8, Characters, shown
from tests.hostile import EVERYTHING
from tests.hostile_fields import World, fill
from tests.services.conftest import make_desk
from tests.ui.conftest import START, Seen

PLAIN = Characters(plain=True)
BARE = Characters(plain=True, encoding="ascii", typed=UTF8)


@pytest.mark.parametrize(
    ("env", "wanted"),
    [
        ({"TERM": "xterm-256color", "LANG": "zh_CN.UTF-8"}, Characters()),
        ({"TERM": "screen", "LANG": "zh_CN.utf8"}, Characters()),
        ({"TERM": "tmux-256color"}, Characters()),
        ({"TERM": "xterm-256color", "LANG": "C"}, Characters()),
        ({"TERM": "xterm-256color", "LC_ALL": "POSIX"}, Characters()),
        ({"TERM": "vt100", "LANG": "C.UTF-8"}, PLAIN),
        ({"TERM": "vt220"}, PLAIN),
        ({"TERM": "unknown"}, PLAIN),
        ({"LANG": "C.UTF-8"}, PLAIN),
        ({"TERM": "linux", "LANG": "zh_CN.UTF-8"}, BARE),
        ({"TERM": "xterm", "LANG": "zh_CN.GBK"}, Characters(True, "gbk", "gbk")),
        ({"TERM": "xterm", "LC_ALL": "zh_CN.GB18030", "LANG": "C.UTF-8"}, Characters(True, "gb18030", "gb18030")),
        ({"TERM": "xterm", "LANG": "en_US.ISO-8859-1"}, Characters(True, "iso8859-1", "iso8859-1")),
        ({"TERM": "xterm", "LANG": "de_DE.ISO-8859-15@euro"}, Characters(True, "iso8859-15", "iso8859-15")),
        ({"TERM": "xterm", "LANG": "zh_CN.GBK", "LC_CTYPE": "C.UTF-8"}, Characters(True, "gbk", "gbk")),
        ({"TERM": "xterm", "LANG": "x.no-such-thing"}, Characters(True, "ascii", "ascii")),
        ({"TERM": "xterm", "LANG": "ja_JP.ISO-2022-JP"}, Characters(True, "ascii", "ascii")),
        ({"TERM": "xterm", "LANG": "x.UTF-7"}, Characters(True, "ascii", "ascii")),
        ({"TERM": "linux", "DUTYDESK_ASCII": "off"}, Characters()),
        ({"TERM": "xterm", "LANG": "zh_CN.GBK", "DUTYDESK_ASCII": "0"}, Characters()),
        ({"TERM": "xterm", "DUTYDESK_ASCII": "drawing"}, PLAIN),
        ({"TERM": "xterm", "DUTYDESK_ASCII": "all"}, BARE),
    ],
)
def test_what_a_terminal_can_show(env: dict[str, str], wanted: Characters) -> None:
    """By its name, by the encoding of its locale, and as the person says."""
    assert characters.of_terminal(env) == wanted


def test_where_chinese_is_spoken() -> None:
    """UTF-8 and the encodings of China, nowhere else."""
    assert [Characters(True, each).chinese for each in (UTF8, "gbk", "gb2312", "big5", "ascii", "latin-1")] == [
        *([True] * 4),
        *([False] * 2),
    ]


@pytest.mark.parametrize("encoding", [UTF8, "gbk", "latin-1", "ascii"])
def test_what_stands_for_what_takes_as_many_cells(encoding: str) -> None:
    """Every character of the planes in use: as wide as before, and one that the terminal has."""
    everything = [chr(code) for code in (*range(0x20, 0x3400), *range(0x4E00, 0xA000, 97), *range(0xF900, 0x20000, 7))]
    for char in everything:
        if cell_len(char) != width(char) or unicodedata.category(char) in ("Cc", "Cf", "Mn", "Me", "Mc", "Cn"):
            continue
        told = shown(char, Characters(True, encoding))
        assert told.encode(encoding)
        assert cell_len(told) == width(told) == width(char), repr(char)
    assert shown("“23.5 ℃” · 值 …", Characters(True, "ascii")) == '"23.5 C" - ?? ~'
    assert shown("“23.5 ℃” · 值 …", PLAIN) == '"23.5 C" - 值 ~'


@pytest.fixture(scope="module")
def full_desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a desk with something of everything on it."""
    path = tmp_path_factory.mktemp("ascii") / "full.sqlite"
    make_desk(path)
    engine.connect(str(path))
    with clock.frozen(START):
        fill(World())
    engine.disconnect()
    return path


ROUND = [
    *("1", "2", "enter", "escape", "b", "escape", "3", "enter", "escape", "n", "escape", "4", "m", "escape"),
    *("5", "greater_than_sign", "greater_than_sign", "h", "escape", "escape", "6", "w", "d", "o", "escape", "i"),
    *("escape", "r", "escape", "m", "p", "escape", "8", "h", "c", "f", "p", "9", "a", "escape", "p", "enter"),
    *("escape", "escape", "9", "f", "escape", "question_mark", "escape", "colon", "escape", "ctrl+c", "escape"),
]
"""Keys to every numbered screen and to what lies behind it."""


@pytest.mark.parametrize(("now", "lang", "size"), [(BARE, "en", (80, 24)), (PLAIN, "zh", (120, 40))])
async def test_nothing_else_is_drawn(
    full_desk: Path,
    tmp_path: Path,
    at: Callable[[int], None],
    look: Callable[..., Seen],
    now: Characters,
    lang: str,
    size: tuple[int, int],
) -> None:
    """All of it in ASCII; where letters stay as they are, Chinese in cells that no terminal draws another width."""
    marks.use(now)
    desk = Path(shutil.copy(full_desk, tmp_path / "desk.sqlite"))
    app = DeskApp(str(desk), login="chief", lang=lang)
    async with app.run_test(size=size) as pilot:
        seen = look(pilot)
        await seen.until(lambda: app.shown is not None and app.shown.is_shown)
        places = set()
        for key in ROUND:
            await seen.press(key)
            places.add(type(app.screen).__name__)
            odd = {char for line in seen.lines for char in line if not char.isascii()}
            if now is PLAIN:
                odd = {char for char in odd if unicodedata.east_asian_width(char) not in ("W", "F")}
                odd -= set(EVERYTHING)
            assert not odd, (key, app.screen, odd, seen.text)
        assert len(places) > 20, places
        assert app.lang == ("zh" if now.chinese and lang == "zh" else "en")


async def test_chinese_is_not_spoken_where_it_cannot_be_shown(
    desk_file: Path, at: Callable[[int], None], look: Callable[..., Seen]
) -> None:
    """The desk speaks English, says why, and says it again to f2; what the person likes stays as it was."""
    marks.use(BARE)
    app = DeskApp(str(desk_file), login="eng-a", lang="zh")
    async with app.run_test(size=(120, 40)) as pilot:
        seen = look(pilot)
        await seen.shows("This terminal shows no Chinese: it needs UTF-8 (LANG=C.UTF-8) and a font; see --ascii.")
        await seen.press("2")
        await seen.shows("Rounds")
        await seen.press("f2")
        await seen.shows("This terminal shows no Chinese")
        assert app.lang == "en"
