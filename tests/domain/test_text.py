"""Lines are broken where a Chinese reader expects it."""

import random

import pytest

from dutydesk.domain.text import breaks, width, wrap


@pytest.mark.parametrize(
    ("text", "cells", "lines"),
    [
        ("", 10, [""]),
        ("one two three", 7, ["one two", "three"]),
        ("有 2 份表单未填完，已保存为草稿。", 16, ["有 2 份表单未填", "完，已保存为草", "稿。"]),
        ("监控 SW1 CPU 98%，三楼以上病区", 20, ["监控 SW1 CPU 98%，三", "楼以上病区"]),
        ("主备切换（已恢复）完成", 10, ["主备切换", "（已恢复）", "完成"]),
        ("三楼断网。", 8, ["三楼断", "网。"]),
        ("INC-261122-10 温度", 8, ["INC-2611", "22-10 温", "度"]),
        ("第一行\n第二行", 20, ["第一行", "第二行"]),
        ("  indented", 20, ["  indented"]),
    ],
)
def test_where_lines_break(text: str, cells: int, lines: list[str]) -> None:
    assert wrap(text, cells) == lines


def test_nothing_is_lost_and_no_line_is_too_long() -> None:
    made = random.Random(22)
    for _ in range(3000):
        text = "".join(made.choices("ab 中文，。（“”)…\u0301-", k=made.randint(0, 40)))
        cells = made.randint(2, 15)
        lines = [text[begin:end] for begin, end in breaks(text, cells)]
        assert all(width(line) <= cells for line in lines)
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")
