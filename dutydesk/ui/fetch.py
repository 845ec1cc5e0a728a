"""What any key may open, imported while the console rests: on a thread of its own, a few milliseconds at a time.

A screen is imported when it is first shown, so that the start is quick. Forms, the palette and the keys of incident,
log line and sign-in work everywhere: the first of them would keep the next key waiting for a tenth of a second.
"""

from __future__ import annotations

import contextlib
import pkgutil
import threading
from collections.abc import Callable, Iterator
from importlib import import_module

FORMS = "dutydesk.ui.forms"
ANYWHERE = (
    "dutydesk.ui.screens.palette",
    "dutydesk.ui.screens.help",
    "dutydesk.ui.actions.incidents",
    "dutydesk.ui.actions.log",
    "dutydesk.ui.actions.attendance",
)
"""Together with the forms some 4 MB."""


def modules_of(package: str) -> Iterator[str]:
    """Yield the names of the modules in a package."""
    for module in pkgutil.iter_modules(import_module(package).__path__, f"{package}."):
        yield module.name


def fetch_later(done: Callable[[], None]) -> None:
    """Import it on a thread; `done` is called there afterwards. Nothing waits for it, least of all the end."""

    def work() -> None:
        """A module that is broken says so when it is used."""
        with contextlib.suppress(Exception):
            for name in (*modules_of(FORMS), *ANYWHERE):
                import_module(name)
        done()

    threading.Thread(target=work, name="fetch", daemon=True).start()
