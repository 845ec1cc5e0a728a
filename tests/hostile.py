"""Text that wants to be more than text, what must be left of it, and what may stand in no record and on no screen."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dutydesk.storage import engine
from dutydesk.storage.models import TABLES

BAD = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\ufff9-\ufffb\ud800-\udfff\U0001f3fb-\U0001f3ff\U000e0000-\U000e007f]"
)
"""What may stand in no record and on no screen: written down apart from the program's own list."""

TEXTS: dict[str, tuple[str, str]] = {
    "markup": ("[red]x[/]", "[red]x[/]"),
    "action": ("[@click=app.quit]y[/]", "[@click=app.quit]y[/]"),
    "closing": ("[/]", "[/]"),
    "clear": ("a\x1b[2Jz", "az"),
    "title": ("\x1b]0;owned\x07told", "told"),
    "device": ("\x1bPq#0\x1b\\d", "q#0d"),
    "c1": ("c\x9b2J\x85e", "c2Je"),
    "bidi": ("\u202elive\u2066x\u200f", "livex"),
    "zero width": ("a\u200bb\ufeffc\u2060d\u200ce\u00adf", "abcdef"),
    "fillers": ("f\u3164g\uffa0h\u180ei", "fghi"),
    "nul": ("n\x00m\x7f", "nm"),
    "surrogate": ("s\udc80t", "st"),
    "family": ("👩‍👩‍👧 ⚠️ 👍🏽", "👩👩👧 ⚠ 👍"),
    "lines": ("one\r\ntwo\tthree\x0bfour\u2028five", "one two threefourfive"),
    "braces": ("{name} {0} %s %(x)s $error \\", "{name} {0} %s %(x)s $error \\"),
    "html": ("<script>alert('1')</script>&amp;", "<script>alert('1')</script>&amp;"),
    "table": ("a | b\n# c `d`", "a | b # c `d`"),
    "formula": ("=1+1", "=1+1"),
    "rare": ("𠮷野家 e\u0301\u0323", "𠮷野家 ẹ́"),
}
"""By what it tries: what is typed, and what stands in the record (with runs of blanks as one)."""
NOTHING = {"empty": "", "spaces": "  \t ", "invisible": "\u200b\x1b[2J\u202e\ufeff\u3164"}
TOO_MUCH = {"paste": "机房 [red] \x1b[2J abc\n" * 6_000, "word": "ж" * 100_000}
EVERYTHING = " ".join(typed for typed, _kept in TEXTS.values())


def bundles(limit: int) -> list[tuple[str, list[str]]]:
    """Return the hostile texts in few lines of at most `limit` characters, each with what is kept of it."""
    made: list[tuple[str, list[str]]] = []
    for typed, kept in TEXTS.values():
        if made and len(made[-1][0]) + len(typed) < limit:
            made[-1] = (f"{made[-1][0]} {typed}", [*made[-1][1], kept])
        else:
            made.append((typed, [kept]))
    return made


def plain(text: str) -> str:
    """Return a text with every run of blanks as one."""
    return " ".join(text.split())


POISON = "!\x1b[2J\x9b\u202e\u200b[/]\x07"
"""What an older program might have left in a record."""


def columns(target: str) -> Iterator[tuple[str, str, list[str]]]:
    """Yield table, column and what stands in it for every column of a desk that holds text; drafts are as typed."""
    if engine.sqlite_path(target) is None:
        yield from _columns_of_models()
        return
    path = Path(target)
    database = engine.peewee.sqlite3.connect(str(path))  # type: ignore[attr-defined]
    database.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
    tables = [name for (name,) in database.execute("select name from sqlite_master where type = 'table'")]
    for table in tables:
        if table.startswith(("sqlite_", "search", "dated")) or table == "draft":
            continue
        for info in database.execute(f'pragma table_info("{table}")').fetchall():
            held = [value for (value,) in database.execute(f'select "{info[1]}" from "{table}"')]
            texts = [value for value in held if isinstance(value, str)]
            if texts:
                yield table, info[1], texts
    database.close()


def _columns_of_models() -> Iterator[tuple[str, str, list[str]]]:
    for table in TABLES:
        meta = table._meta  # type: ignore[attr-defined]
        for field in meta.sorted_fields:
            held = [] if meta.table_name == "draft" else [value for (value,) in list(table.select(field).tuples())]
            texts = [value for value in held if isinstance(value, str)]
            if texts:
                yield meta.table_name, field.column_name, texts


def inside(text: str) -> Iterator[str]:
    """Yield a text, or the texts inside of it where it is JSON."""
    try:
        value = json.loads(text)
    except ValueError:
        value = text
    yield from _strings(value)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _strings(key)
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)


def dirty(target: str) -> list[tuple[str, str, str]]:
    """Return what stands in a desk and steers a terminal or hides text, with its table and column."""
    return [
        (table, column, text)
        for table, column, texts in columns(target)
        for held in texts
        for text in inside(held)
        if BAD.search(text)
    ]
