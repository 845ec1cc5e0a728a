"""Search in the order of time: nothing missed, nothing twice, whatever the density."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from dutydesk.storage import dated_search, engine, migrate
from dutydesk.storage.engine import db

DAY = 86_400
NOW = 1_795_329_120


@pytest.fixture
def records(tmp_path: Path) -> Iterator[dict[int, tuple[str, int]]]:
    """Index 400 records over three years; some words are in nearly all of them, some in one."""
    engine.connect(str(tmp_path / "desk.sqlite"), create=True)
    migrate.migrate()
    chance = random.Random(7)
    made = {}
    with db.atomic():
        for number in range(1, 401):
            at = NOW - chance.randrange(3 * 365 * DAY)
            text = f"巡检 room{number % 7} {'打印机' if number % 50 == 0 else 'ups'} n{number}"
            made[number] = (text, at)
            marks = ["even"] if number % 2 == 0 else []
            dated_search.index("log", number, text, at=at, marks=marks)
            dated_search.index("other", number, text, at=at)
    yield made
    engine.disconnect()


@pytest.mark.parametrize("few", [1, 10, 300])
@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("query", ["巡检", "检", "room3", "打印 ups", "印机", "n77", "no such", "'\"*"])
def test_a_walk_finds_all_in_the_order_of_time(
    records: dict[int, tuple[str, int]], monkeypatch: pytest.MonkeyPatch, few: int, newest_first: bool, query: str
) -> None:
    monkeypatch.setattr(dated_search, "FEW", few)
    spans = list(dated_search.walk(query, "log", first=NOW - 4 * 365 * DAY, last=NOW, newest_first=newest_first))
    found = [number for span in spans for number in span]
    words = query.split()
    wanted = {number for number, (text, _at) in records.items() if all(_in(word, text) for word in words)}
    if query == "'\"*":
        wanted = set()
    assert sorted(found) == sorted(wanted)
    edges = [(min(records[n][1] for n in span), max(records[n][1] for n in span)) for span in spans]
    for before, after in pairwise(edges):
        assert before[0] > after[1] if newest_first else before[1] < after[0]


def _in(word: str, text: str) -> bool:
    if word.isascii():
        return any(each.startswith(word) for each in text.split())
    return word in text


def test_marks_narrow_and_bounds_cut(records: dict[int, tuple[str, int]]) -> None:
    even = [n for span in dated_search.walk("巡检", "log", first=0, last=NOW, marks=["even"]) for n in span]
    assert sorted(even) == [n for n in records if n % 2 == 0]
    first, last = NOW - 400 * DAY, NOW - 200 * DAY
    inside = {n for n, (_text, at) in records.items() if first <= at <= last}
    found = {n for span in dated_search.walk("巡检", "log", first=first, last=last) for n in span}
    assert inside <= found


def test_what_is_dropped_is_found_no_more(records: dict[int, tuple[str, int]]) -> None:
    dated_search.drop("log", 77)
    assert not list(dated_search.walk("n77", "log", first=0, last=NOW))
    assert list(dated_search.walk("n77", "other", first=0, last=NOW)) == [[77]]


def test_nobody_searches_for_the_tokens_of_the_index(records: dict[int, tuple[str, int]]) -> None:
    for query in ("\ue000log0x3", "\ue001logeven", "log0x"):
        assert not list(dated_search.walk(query, "log", first=0, last=NOW))
