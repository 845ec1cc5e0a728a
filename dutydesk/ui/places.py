"""The numbered screens: their key, their title, and the module that is imported when one is first shown."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from dutydesk.domain.words import N_

if TYPE_CHECKING:
    from dutydesk.ui.screens.base import DeskScreen


class Place(NamedTuple):
    """A numbered screen; `name` is also the name of its module under `ui/screens`."""

    key: str
    name: str
    title: str

    @property
    def class_name(self) -> str:
        """Return the name of the screen's class, `ShiftScreen` for `shift`."""
        return f"{self.name.title()}Screen"

    def make(self) -> DeskScreen:
        """Import the screen's module and return a new screen."""
        module = import_module(f"dutydesk.ui.screens.{self.name}")
        screen: DeskScreen = getattr(module, self.class_name)()
        return screen


PLACES: tuple[Place, ...] = (
    Place("1", "shift", N_("Shift")),
    Place("2", "rounds", N_("Rounds")),
    Place("3", "incidents", N_("Incidents")),
    Place("4", "log", N_("Log")),
    Place("5", "handover", N_("Handover")),
    Place("6", "roster", N_("Roster")),
    Place("8", "charts", N_("Charts")),
    Place("9", "office", N_("Office")),
)
