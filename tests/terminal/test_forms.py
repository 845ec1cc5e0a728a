"""Forms in a real terminal: keys typed faster than the screen answers, a killed process, a paste, little output."""

from __future__ import annotations

import time
from collections.abc import Callable

from tests.terminal.harness import Terminal

Open = Callable[..., Terminal]


def test_keys_written_at_once_fill_the_form_in_order(console: Open) -> None:
    """`n`, a title, corrections, tabs and digits in one read: each lands where a slow typist would have put it."""
    opened = console()
    opened.write("nabcd\x7f\x7fX\x1b[D\x1b[DY\t1\t2")
    text = opened.wait_for(lambda text: "aYbX" in text and "● High" in text)
    assert "aYbX" in text


def test_killed_without_warning_offers_every_character_older_than_a_second(console: Open) -> None:
    """kill -9 in the middle of the form; the next console has it all."""
    opened = console()
    opened.write("nCore switch SW1 [red] 机房A\t1\t1\t2")
    opened.wait_for("机房A")
    time.sleep(1.0)
    opened.kill9()
    again = console()
    again.write("n")
    again.wait_for(lambda text: "restored" in text and "Core switch SW1 [red] 机房A" in text)


def test_a_key_in_a_field_repaints_little(console: Open) -> None:
    """Over a slow line a letter must not cost a screen."""
    opened = console()
    opened.write("nabc")
    opened.wait_for("abc")
    opened.wait_until_quiet(0.6)
    before = len(opened.raw)
    opened.write("d")
    opened.wait_for("abcd")
    opened.wait_until_quiet(0.2)
    assert len(opened.raw) - before < 2_500
    before = len(opened.raw)
    opened.write("\t")
    opened.wait_until_quiet(0.4)
    assert len(opened.raw) - before < 5_000


def test_a_bracketed_paste_goes_into_the_field_whole(console: Open) -> None:
    """A paste of several lines with markup and an escape sequence is one line of text."""
    opened = console()
    opened.write("n")
    opened.wait_for("f10")
    opened.write("\x1b[200~one \x1b[31m[red]\rtwo 机房\x1b[201~")
    opened.wait_for("one [red] two 机房")
