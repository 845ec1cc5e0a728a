"""Temporary measures: what stands in for the usual until it is taken back. Source: DOMAIN 4, 8.3."""

from __future__ import annotations

from dutydesk.domain.errors import Invalid
from dutydesk.domain.words import N_, Named

TITLE_LIMIT = 120
DETAIL_LIMIT = 2000
NOTE_LIMIT = 300
CLOCK_SLACK = 300
"""Seconds that a start may lie ahead of the console's clock."""


class MeasureKind(Named):
    """What was set aside for a while."""

    BYPASS = "bypass", N_("Bypass")
    SILENCED = "silenced", N_("Silenced alarm")
    DISABLED = "disabled", N_("Disabled job")
    LENT = "lent", N_("Lent key")
    TEMPORARY = "temporary", N_("Temporary account or rule")
    OTHER = "other", N_("Other")


def kind_of(kind: MeasureKind | str) -> MeasureKind:
    """Return the kind; raise Invalid for one that does not exist."""
    try:
        return MeasureKind(kind)
    except ValueError:
        raise Invalid(
            N_("There is no kind of measure “{kind}”; there are: {kinds}."),
            field="kind",
            kind=str(kind),
            kinds=", ".join(member.value for member in MeasureKind),
        ) from None


def check_times(since: int, until: int | None, now: int) -> None:
    """Refuse a measure that begins ahead, or that ends before it begins. Instants are epoch seconds."""
    if since > now + CLOCK_SLACK:
        raise Invalid(
            N_("A measure is put down once it is in force; this time lies ahead. Planned work goes into the handover."),
            field="since",
        )
    if until is not None and until <= since:
        raise Invalid(N_("It must end after it began."), field="until")


def is_overdue(until: int | None, now: int) -> bool:
    """Whether a measure in force has passed the end that was set for it."""
    return until is not None and until <= now
