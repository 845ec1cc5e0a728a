"""Drafts of forms and wizards: kept within a second, offered again on whatever terminal."""

from __future__ import annotations

import json
from collections.abc import Sequence
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


@writes(ANYONE)
def keep_apart(who: Actor, form: str, data: dict[str, Any], mine: Sequence[dict[str, Any]]) -> str:
    """Keep what is typed as `keep` does, but not over what the same person types into this form at another console.

    `mine` is what this console knows of the draft: what it found, and what it has handed in. Another one that stands
    there is left alone. Returns the key under which the draft is kept from here on.
    """
    known = [json.loads(json.dumps(each)) for each in (*mine, data)]
    found = drafts.find(who.person_id, form)
    if found is not None and found[0] not in known:
        others = drafts.others(who.person_id, form.partition(drafts.APART)[0])
        form = next(name for name, held in others if held is None or held in known)
    drafts.keep(who.person_id, form, data, clock.now())
    return form


@reads()
def find(who: Actor, form: str) -> Draft | None:
    """Return the person's draft of a form, or None; of several the newest, `form` is the key it is kept under."""
    found = drafts.newest(who.person_id, form)
    return Draft(*found) if found else None


@writes(ANYONE)
def drop(who: Actor, form: str) -> None:
    """Forget a draft: it was saved, or the person discarded it."""
    drafts.drop(who.person_id, form)


@reads()
def open_forms(who: Actor) -> list[tuple[str, int]]:
    """Return the forms in which the person has a draft, newest first, with the time each was kept."""
    return drafts.forms(who.person_id)
