"""A small app behind the key gate: two fields, and a key that slowly opens a dialog with a field of its own."""

from __future__ import annotations

import asyncio
import sys

from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from dutydesk.ui.gate import KeyGate


class Dialog(ModalScreen[str]):
    """Asks for one line."""

    def compose(self) -> ComposeResult:
        """Draw the field."""
        yield Input(id="asked")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Answer."""
        event.stop()
        self.dismiss(event.value)


class Plain(App[int]):
    """Textual as it is."""

    BINDINGS = [Binding("f5", "slow", show=False), Binding("x", "count", show=False)]
    counted = 0

    def compose(self) -> ComposeResult:
        """Draw the fields and what they hold."""
        yield Input(id="first")
        yield Input(id="second")
        yield Static(id="said", markup=False)

    def on_mount(self) -> None:
        """Begin in the first field."""
        for field in self.query(Input):
            field.cursor_blink = False
        self.query_one("#first").focus()
        self.say("ready")

    def say(self, asked: str) -> None:
        """Show what every field holds."""
        first, second = (field.value for field in self.screen_stack[0].query(Input))
        self.screen_stack[0].query_one("#said", Static).update(f"[{first}|{second}|{asked}|{self.counted}]")

    def on_input_changed(self) -> None:
        """Show it again."""
        self.say("")

    def on_input_submitted(self) -> None:
        """Enter goes on to the next field."""
        self.screen.focus_next()

    def action_count(self) -> None:
        """Count a letter that no field took."""
        self.counted += 1
        self.say("")

    def action_slow(self) -> None:
        """Open a dialog after a while, as a command that first asks the database does."""
        work = self.open_dialog()
        if isinstance(self, KeyGate):
            self.keys_wait_for(work, opens=True)
        else:
            self.run_worker(work)

    async def open_dialog(self) -> None:
        """Wait, ask, and show the answer."""
        await asyncio.sleep(0.2)
        await self.push_screen(Dialog(), self.say)


class Gated(KeyGate, Plain):
    """Textual with the gate."""


if __name__ == "__main__":
    (Plain if "plain" in sys.argv else Gated)().run(mouse=False)
