"""What people are typing, kept outside the chain: it is not a record until it is saved."""

from __future__ import annotations

import json
from typing import Any

from dutydesk.storage.models.desk import Draft


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
