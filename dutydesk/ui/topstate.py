"""What the top line says, as plain values: read on the desk thread before Textual is there."""

from __future__ import annotations

from typing import NamedTuple

from dutydesk.domain.words import Label


class OnDuty(NamedTuple):
    """A person on duty, and whether he has signed in; `late` are the minutes he is missing by now."""

    name: Label
    signed_in: bool
    late: int = 0


class TopState(NamedTuple):
    """What the top line says; instants are epoch seconds."""

    desk: Label = Label("")
    shift: Label | None = None
    starts_at: int = 0
    ends_at: int = 0
    people: tuple[OnDuty, ...] = ()
    p1: int = 0
    p2: int = 0
    overdue_rounds: int = 0
    signed_in: bool = False
    handover_due: bool = False
    notices: int = 0
