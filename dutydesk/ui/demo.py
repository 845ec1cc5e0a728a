"""The console on a demonstration desk: it says the PIN and how to look around."""

from __future__ import annotations

import sys

from textual.content import Content

from dutydesk.locale import _
from dutydesk.ui import marks
from dutydesk.ui.app import DeskApp
from dutydesk.ui.arrival import import_storage
from dutydesk.ui.characters import shown
from dutydesk.ui.screens.base import DeskScreen
from dutydesk.ui.screens.help import HelpScreen
from dutydesk.ui.terminal import prepare, wants_mouse


def welcome(pin: str) -> str:
    """Return the sentence that greets."""
    return _("A demonstration: everybody's PIN is {pin}. ? shows the keys, digits change the screen.", pin=pin)


def tour(pin: str) -> list[str]:
    """Return what is worth a look, a line each."""
    return [
        _("You are Eng. A, on duty and signed in; a P1 waits. Nothing here is real."),
        _("Every signature asks for the PIN: it is {pin} for everybody.", pin=pin),
        _("2: the overdue round, one key an answer. 3: the P1, where d sends somebody and r resolves."),
        _("5: the handover fills itself; the earlier ones are sealed and can be read."),
        _("8: the incidents as charts. f2: Chinese and English, f3: colours."),
    ]


class TourScreen(HelpScreen):
    """The keys, after a few lines about the demonstration."""

    def __init__(self, behind: DeskScreen, pin: str) -> None:
        self.pin = pin
        super().__init__(behind)

    def _sheet(self) -> Content:
        lines = [(f"{_('Demonstration')}\n", "bold"), *((f"  {line}\n", "") for line in tour(self.pin)), ("\n", "")]
        return Content.assemble(*lines, super()._sheet())


class DemoApp(DeskApp):
    """The console with a greeting; `pin` is everybody's PIN."""

    pin = ""

    async def on_mount(self) -> None:
        """Greet when the first screen has settled."""
        self.call_after_refresh(self._greet)

    def _greet(self) -> None:
        shown = self.shown
        if isinstance(shown, DeskScreen):
            self.run_worker(self._greet_on(shown), exit_on_error=False)

    async def _greet_on(self, screen: DeskScreen) -> None:
        await screen.loaded()
        self.say(welcome(self.pin))

    async def action_help(self) -> None:
        """Show the tour and every key of the screen in front."""
        if self.shown is not None:
            await self.ask_screen(TourScreen(self.shown, self.pin))


def run_demo(path: str, login: str, pin: str, lang: str | None, theme: str | None) -> int:
    """Run the console for `login` until the person leaves; returns the exit code."""
    prepare()
    import_storage()
    app = DemoApp(path, login, lang, theme)
    app.pin = pin
    app.run(mouse=wants_mouse())
    if app.farewell:
        print(shown(app.farewell, marks.characters()), file=sys.stderr)
    return app.return_code or 0
