"""What people are told: a published roster, a leave to cover, a decision; kept until they have seen it.

Source: REQUIREMENTS C9. Messages are catalogue sentences with values, so that everybody reads them in his language.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from dutydesk.domain import clock
from dutydesk.domain.log import Said, plain
from dutydesk.services.core import ANYONE, Actor, reads, record, writes
from dutydesk.storage.models.roster import Notice

LIMIT = 100
"""How many notices are shown at most."""


class NoticeLine(NamedTuple):
    """One thing to know; `subject` and `subject_id` name what it is about. `locale.lines.said` reads it aloud."""

    id: int
    at: int
    said: Said
    subject: str
    subject_id: int | None
    seen: bool


def tell(
    who: Actor,
    people: Iterable[int | None],
    message: str,
    values: Mapping[str, object],
    *,
    subject: str = "",
    subject_id: int | None = None,
) -> None:
    """Tell people something inside the caller's transaction; whoever acts is not told of his own doing.

    `message` is a catalogue message (N_), `values` fill its places as in `log.add`.
    """
    from dutydesk.storage.chain import canonical  # the top line counts notices before the first paint

    now, kept = clock.now(), canonical(plain(values))
    for person in sorted({person for person in people if person and person != who.person_id}):
        Notice.create(
            person=person, at=now, message=message, message_values=kept, subject=subject, subject_id=subject_id
        )


@reads()
def mine(who: Actor, *, unseen: bool = False) -> list[NoticeLine]:
    """Return what this person was told, the newest first; with `unseen` only what he has not seen."""
    rows = Notice.select().where(Notice.person == who.person_id).order_by(Notice.at.desc(), Notice.id.desc())
    if unseen:
        rows = rows.where(Notice.seen_at.is_null())
    return [
        NoticeLine(
            row.id,
            row.at,
            Said(row.message, json.loads(row.message_values)),
            row.subject,
            row.subject_id,
            row.seen_at is not None,
        )
        for row in rows.limit(LIMIT)
    ]


@reads()
def unseen(who: Actor) -> int:
    """Return how many notices wait for this person."""
    return Notice.select().where((Notice.person == who.person_id) & Notice.seen_at.is_null()).count()


@writes(ANYONE)
def seen(who: Actor, up_to: int) -> None:
    """Remember that this person has seen his notices up to the id `up_to`."""
    waiting = (Notice.person == who.person_id) & Notice.seen_at.is_null() & (Notice.id <= up_to)
    if Notice.update(seen_at=clock.now()).where(waiting).execute():
        record(who, "notice.seen", values={"up_to": up_to}, subject_id=who.person_id)
