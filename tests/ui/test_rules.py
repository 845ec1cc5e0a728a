"""Style sheets are read once: another screen costs its own sheet, and other colours come with their own rules."""

from __future__ import annotations

from typing import Any

import pytest
from textual.css import stylesheet as textual_rules

from dutydesk.ui.rules import KeptRules

RED, BLUE = {"ground": "red"}, {"ground": "blue"}
ONE, TWO = "Label { background: $ground; }", "Button { color: $ground; }"


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Begin with nothing known; return the texts that are read."""
    texts: list[str] = []
    parse = textual_rules.parse

    def reading(scope: str, css: str, *args: Any, **options: Any) -> Any:
        texts.append(css)
        return parse(scope, css, *args, **options)

    monkeypatch.setattr(textual_rules, "parse", reading)
    monkeypatch.setattr(KeptRules, "_kept", {})
    return texts


def made(sheet: KeptRules) -> list[str]:
    """Return the rules as text."""
    return [" ".join(rule.css.split()) for rule in sheet.rules]


def test_another_sheet_leaves_the_first_as_it_was_read(read: list[str]) -> None:
    sheet = KeptRules(variables=RED)
    sheet.add_source(ONE, ("one", ""))
    sheet.reparse()
    sheet.add_source(TWO, ("two", ""))
    sheet.reparse()
    assert read == [ONE, TWO]
    assert len(made(sheet)) == 2


def test_other_colours_have_their_own_rules_and_the_first_come_back(read: list[str]) -> None:
    sheet = KeptRules(variables=RED)
    sheet.add_source(ONE, ("one", ""))
    sheet.reparse()
    red = made(sheet)
    sheet.set_variables(BLUE)
    sheet.reparse()
    blue = made(sheet)
    assert red != blue
    sheet.set_variables(RED)
    sheet.reparse()
    assert made(sheet) == red
    assert read == [ONE, ONE]


def test_a_mistake_leaves_the_rules_as_they_were(read: list[str]) -> None:
    sheet = KeptRules(variables=RED)
    sheet.add_source(ONE, ("one", ""))
    sheet.reparse()
    before = made(sheet)
    sheet.add_source("Label { colour-of: red }", ("wrong", ""))
    with pytest.raises(textual_rules.StylesheetParseError):
        sheet.reparse()
    sheet._require_parse = False
    assert made(sheet) == before
