"""The tables, one file a subject; a console that starts imports only those it asks.

`models.Person` finds any table by name, importing all of them when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dutydesk.storage.models.every import *  # noqa: F403


def __getattr__(name: str) -> Any:
    if name.startswith("__") or name == "every":
        raise AttributeError(name)
    from dutydesk.storage.models import every

    return getattr(every, name)
