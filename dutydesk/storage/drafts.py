"""What people are typing, kept outside the chain: it is not a record until it is saved."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from typing import Any

from dutydesk.storage.models.desk import Draft

APART = "~"
"""What stands between the key of a form and the number of another draft of it: `incident.new~2`."""


def keep(person_id: int, form: str, data: dict[str, Any], at: int) -> None:
    """Keep `data` as the person's draft of `form`, in place of an older one."""
    text = json.dumps(data, ensure_ascii=False)
    Draft.insert(person=person_id, form=form, data=text, updated_at=at).on_conflict(
        conflict_target=[Draft.person, Draft.form], update={Draft.data: text, Draft.updated_at: at}
    ).execute()


def find(person_id: int, form: str) -> tuple[dict[str, Any], int] | None:
    """Return the draft's data and when it was kept, or None."""
    rows = list(
        Draft.select(Draft.data, Draft.updated_at).where((Draft.person == person_id) & (Draft.form == form)).tuples()
    )
    return (json.loads(rows[0][0]), rows[0][1]) if rows else None


def newest(person_id: int, form: str) -> tuple[str, dict[str, Any], int] | None:
    """Return the newest of a form's drafts, those put apart as well: its own key, its data, and when it was kept."""
    apart = (Draft.form > f"{form}{APART}") & (Draft.form < f"{form}{APART}{APART}")
    rows = Draft.select(Draft.form, Draft.data, Draft.updated_at).where(
        (Draft.person == person_id) & ((Draft.form == form) | apart)
    )
    found = list(rows.order_by(Draft.updated_at.desc(), Draft.form).limit(1).tuples())
    return (found[0][0], json.loads(found[0][1]), found[0][2]) if found else None


def others(person_id: int, form: str) -> Iterator[tuple[str, dict[str, Any] | None]]:
    """Yield the keys for other drafts of a form with what is kept under each; the first that is free ends them."""
    for number in count(2):
        found = find(person_id, name := f"{form}{APART}{number}")
        yield name, found[0] if found else None
        if found is None:
            return


def drop(person_id: int, form: str) -> None:
    """Forget the draft."""
    Draft.delete().where((Draft.person == person_id) & (Draft.form == form)).execute()


def forms(person_id: int) -> list[tuple[str, int]]:
    """Return the forms with a draft and when each was kept, newest first."""
    return list(
        Draft.select(Draft.form, Draft.updated_at)
        .where(Draft.person == person_id)
        .order_by(Draft.updated_at.desc())
        .tuples()
    )
