"""Search finds one and two Chinese characters as well as words, and no query breaks it. Source: DESIGN 2."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dutydesk.storage import search

TEXTS = {
    1: "核心交换机 SW1 主控告警，三楼以上丢包",
    2: "存储阵列 1 块硬盘预警",
    3: "UPS-2 on bypass, rectifier alarm",
    4: "电话：0571-8888 分机 12，张三（外单位）",
    5: "Core switch SW1 replaced; 100% fine",
    6: "机房温度 26.5 ℃，AC-1 报 AL07",
}
HOSTILE = (
    '"', "'", '""', "*", "-", "NOT", "AND OR NOT", "NEAR(a b)", "body:SW1", "SW1 OR", "(", ")", "()", "^SW1", "+",
    "SW1*", "a\x00b", "\ue000log0x40", "\ue002log", ";drop table search_text", "%", "_", "\\", "{}", "[", "search_text",
    "' or 1=1 --", "。，！", "　", "\u202e", "😀", "-SW1", "a" * 5000, "汉" * 2000,
)  # fmt: skip


@pytest.fixture
def found(desk: Path) -> None:
    """Index a few texts."""
    for key, text in TEXTS.items():
        search.index("probe", key, text)


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("交", [1]),
        ("盘", [2]),
        ("交换", [1]),
        ("换交", []),
        ("核心交换机", [1]),
        ("硬盘 预警", [2]),
        ("硬盘 交换", []),
        ("sw1", [5, 1]),
        ("SW1 主控", [1]),
        ("rectif", [3]),
        ("UPS-2", [3]),
        ("bypass ups", [3]),
        ("0571", [4]),
        ("张三", [4]),
        ("26.5", [6]),
        ("AL07", [6]),
        ("", []),
        ("   ", []),
        ("！？", []),
        ("nothing", []),
    ],
)
def test_what_is_found(query: str, keys: list[int], found: None) -> None:
    assert search.find(query, "probe") == keys


def test_subjects_do_not_mix(found: None) -> None:
    search.index("other", 1, TEXTS[1])
    assert search.find("交换机", "probe") == [1]
    assert search.find("交换机", "other") == [1]
    assert search.find("交换机", "prob") == []


def test_a_new_text_takes_the_place_of_the_old(found: None) -> None:
    search.index("probe", 1, "路由器")
    assert search.find("交换机", "probe") == []
    assert search.find("路由器", "probe") == [1]


def test_pages_go_on_after_a_record(desk: Path) -> None:
    for key in range(1, 31):
        search.index("probe", key, f"同一句话 {key}")
    first = search.find("同一句话", "probe", limit=10)
    assert first == list(range(30, 20, -1))
    assert search.find("同一句话", "probe", limit=10, before=first[-1]) == list(range(20, 10, -1))


@pytest.mark.parametrize("query", HOSTILE, ids=range(len(HOSTILE)))
def test_no_query_breaks_it(query: str, found: None) -> None:
    for key in search.find(query, "probe"):
        assert key in TEXTS


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=40))
def test_any_text_is_a_query(found: None, query: str) -> None:
    assert all(key in TEXTS for key in search.find(query, "probe"))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(sorted(TEXTS)), st.data())
def test_a_piece_of_a_chinese_text_finds_it(found: None, key: int, data: st.DataObject) -> None:
    runs = [run for run in "".join(char if "\u4e00" <= char <= "\u9fff" else " " for char in TEXTS[key]).split() if run]
    if not runs:
        return
    run = data.draw(st.sampled_from(runs))
    start = data.draw(st.integers(0, len(run) - 1))
    end = data.draw(st.integers(start + 1, len(run)))
    assert key in search.find(run[start:end], "probe")
