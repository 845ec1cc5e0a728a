"""Keys that arrive in one read keep their order, in a real pseudo-terminal (Pilot never shows it)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.terminal.harness import Terminal

APP = str(Path(__file__).with_name("key_app.py"))
BACKSPACE, TAB, SHIFT_TAB, ENTER, LEFT, F5 = "\x7f", "\t", "\x1b[Z", "\r", "\x1b[D", "\x1b[15~"
Start = Callable[..., Terminal]

CASES = {
    "backspace": (f"abcd{BACKSPACE}{BACKSPACE}X", "[abX|||0]"),
    "arrow": (f"abcd{LEFT}{LEFT}X", "[abXcd|||0]"),
    "tab": (f"one{TAB}two", "[one|two||0]"),
    "enter that moves on": (f"one{ENTER}two{BACKSPACE}", "[one|tw||0]"),
    "there and back": (f"a{TAB}b{SHIFT_TAB}{LEFT}c", "[ca|b||0]"),
    "Chinese": (f"值班{BACKSPACE}守{TAB}巡检", "[值守|巡检||0]"),
    "dialog": (f"{F5}xyz{BACKSPACE}{ENTER}", "[||xy|0]"),
    "dialog and on": (f"one{F5}x{ENTER}two", "[onetwo|||0]"),
    "paste then key": (f"\x1b[200~pasted\x1b[201~{BACKSPACE}!", "[paste!|||0]"),
}


def said(keys: str, start: Start, *args: str) -> Terminal:
    """Start the app, type everything at once."""
    terminal = start(APP, *args)
    terminal.wait_for("ready")
    terminal.wait_until_quiet(0.1)
    terminal.write(keys)
    return terminal


@pytest.mark.parametrize("name", CASES)
def test_keys_keep_their_order(terminal: Start, name: str) -> None:
    """What is typed at once has the effect it would have one key at a time."""
    keys, wanted = CASES[name]
    said(keys, terminal).wait_for(wanted, timeout=5)


def test_textual_alone_loses_the_order(terminal: Start) -> None:
    """The gate is still needed: without it the same keys end differently. When this fails, take the gate out."""
    shown = said(CASES["backspace"][0], terminal, "plain")
    shown.wait_until_quiet(0.3)
    assert "[abX|" not in shown.text()


def test_many_keys(terminal: Start) -> None:
    """Two hundred words with corrections, as fast as the line brings them."""
    shown = said("".join(f"wrong{BACKSPACE * 5}{n % 10}" for n in range(60)), terminal)
    shown.wait_for("[" + "0123456789" * 6 + "|", timeout=10)
