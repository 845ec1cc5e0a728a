"""Who is there from when to when: what happened as far as it has happened, the plan from then on. Source: DOMAIN 2.8.

A person who signed in is there whatever the plan says, and one who did not is not; ahead of now there is only the plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from dutydesk.domain.attendance import Stay
from dutydesk.domain.planned import Slot

Span = tuple[int, int]


@dataclass(frozen=True)
class Stretch:
    """One person from an instant to another (epoch seconds, end exclusive); `signed` when it began with a sign-in."""

    login: str
    starts_at: int
    ends_at: int
    signed: bool = False


def stretches(
    slots: Iterable[Slot], been: Mapping[str, Sequence[Stay]] | None = None, now: int | None = None
) -> tuple[Stretch, ...]:
    """Return who is there, in order of time and then of login; stretches of one person that touch are one.

    `slots` are the plan with its changes, `been` the stays of each person, up to `now`. Without `been` there is only
    the plan.
    """
    planned: dict[str, list[Span]] = {}
    for slot in slots:
        for held in slot.assigned:
            planned.setdefault(held.login, []).append(slot.span(held))
    found: list[Stretch] = []
    for login in {*planned, *(been or ())}:
        mine = planned.get(login, [])
        if been is None or now is None:
            found += [Stretch(login, begin, end) for begin, end in joined(mine)]
            continue
        happened = [
            (stay.came_at, now if stay.left_at is None else min(stay.left_at, now))
            for stay in been.get(login, ())
            if stay.came_at <= now
        ]
        ahead = [(max(begin, now), end) for begin, end in mine if end > now]
        found += [
            Stretch(login, begin, end, any(begin == came for came, _ in happened))
            for begin, end in joined([*happened, *ahead])
        ]
    return tuple(sorted(found, key=lambda each: (each.starts_at, each.login, each.ends_at)))


def joined(spans: Iterable[Span]) -> list[Span]:
    """Return spans in order of time with those that touch or overlap made one; empty ones are left out."""
    result: list[Span] = []
    for begin, end in sorted(spans):
        if result and begin <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        elif begin < end:
            result.append((begin, end))
    return result
