"""What is pasted comes as one text, however it is cut by the line and whatever stands in it."""

from __future__ import annotations

import pytest
from textual import events

from dutydesk.ui.pasting import WholePastes

PASTED = "abc\x1b[31mred\x07\r\x1bOP end"


def meant(*reads: str) -> list[str]:
    """Return keys, and pastes in brackets."""
    parser = WholePastes()
    found = [event for read in reads for event in parser.feed(read)]
    return [f"<{event.text}>" if isinstance(event, events.Paste) else getattr(event, "key", "") for event in found]


def test_an_escape_inside_a_paste_is_text() -> None:
    assert meant(f"x\x1b[200~{PASTED}\x1b[201~y\r") == ["x", f"<{PASTED}>", "y", "enter"]


@pytest.mark.parametrize("text", ["", "\x1b", "\x1b[201", "\x1b\x1b[2", "机房\n二楼"])
def test_marks_and_half_marks(text: str) -> None:
    assert meant(f"\x1b[200~{text}\x1b[201~", "z") == ([f"<{text}>"] if text else ["<>"]) + ["z"]


@pytest.mark.parametrize("place", range(1, 35))
def test_cut_anywhere(place: int) -> None:
    """A slow line brings a paste in pieces."""
    whole = f"x\x1b[200~{PASTED}\x1b[201~y"
    assert meant(whole[:place], whole[place:]) == ["x", f"<{PASTED}>", "y"]
    assert meant(*whole) == ["x", f"<{PASTED}>", "y"]


def test_keys_stay_keys() -> None:
    keys = meant("a\x1b[21~\x1b[A\x1b[201~b", "\r")
    assert keys[0] == "a"
    assert "f10" in keys
    assert "up" in keys
    assert keys[-2:] == ["b", "enter"]
