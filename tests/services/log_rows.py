"""Rows that log tests need around a line."""

from __future__ import annotations

from dutydesk.domain import clock
from dutydesk.services.core import Actor, create, record
from dutydesk.storage.engine import db
from dutydesk.storage.models.incidents import Incident


def make_incident(who: Actor, number: str = "INC-1122-3") -> Incident:
    """Insert a bare open incident."""
    with db.atomic():
        row = create(
            Incident,
            number=number,
            kind="fault",
            source="staff",
            title="SW1 down",
            impact="high",
            urgency="high",
            priority="P1",
            status="open",
            reporter=who.person_id,
            opened_at=clock.now(),
            entered_at=clock.now(),
        )
        record(who, "incident.opened", row)
    return row
