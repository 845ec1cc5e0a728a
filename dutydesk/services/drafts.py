"""Drafts of forms and wizards: kept within a second, offered again on whatever terminal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dutydesk.domain import clock
from dutydesk.services.core import ANYONE, Actor, reads, writes
from dutydesk.storage import drafts


@dataclass(frozen=True)
class Draft:
    """What somebody had typed into a form, and when (epoch seconds)."""

    form: str
    data: dict[str, Any]
    updated_at: int


@writes(ANYONE)
def keep(who: Actor, form: str, data: dict[str, Any]) -> None:
    """Keep what is typed; `data` is plain JSON values and never holds a PIN."""
    drafts.keep(who.person_id, form, data, clock.now())


@reads()
def find(who: Actor, form: str) -> Draft | None:
    """Return the person's draft of a form, or None."""
    found = drafts.find(who.person_id, form)
    return Draft(form, *found) if found else None


@writes(ANYONE)
def drop(who: Actor, form: str) -> None:
    """Forget a draft: it was saved, or the person discarded it."""
    drafts.drop(who.person_id, form)


@reads()
def open_forms(who: Actor) -> list[tuple[str, int]]:
    """Return the forms in which the person has a draft, newest first, with the time each was kept."""
    return drafts.forms(who.person_id)
