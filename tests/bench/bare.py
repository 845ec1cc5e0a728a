"""The least that Textual can be: one Static. What start and memory are measured against."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import Static


class Bare(App[None]):
    """One line of text."""

    def compose(self) -> ComposeResult:
        """Draw it."""
        yield Static("bare paint")


if __name__ == "__main__":
    Bare().run()
