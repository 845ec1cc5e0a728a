"""Who is there: what happened as far as it has happened, the plan from then on (DOMAIN 2.8)."""

from __future__ import annotations

from datetime import date

from dutydesk.domain.attendance import Stay
from dutydesk.domain.planned import Assigned, Slot, Why
from dutydesk.domain.presence import Stretch, stretches

DAY = date(2026, 1, 1)
WHY = Why("turns", 1)


def slot(begin: int, end: int, *logins: str) -> Slot:
    return Slot(DAY, "day", begin, end, tuple(Assigned(login, "", WHY) for login in logins))


def test_without_signatures_there_is_only_the_plan() -> None:
    """Shifts of one person that touch are one stretch; parts of a shift are their own."""
    part = Slot(DAY, "night", 200, 300, (Assigned("b", "", WHY, from_at=250),))
    assert stretches([slot(0, 100, "a", "b"), slot(100, 200, "a"), part]) == (
        Stretch("a", 0, 200),
        Stretch("b", 0, 100),
        Stretch("b", 250, 300),
    )


def test_what_happened_wins_up_to_now() -> None:
    """Who came early is there from then on, who did not come is not, and ahead the plan stands."""
    plan = [slot(100, 200, "early", "absent"), slot(200, 300, "next")]
    been = {"early": [Stay(80)], "guest": [Stay(90, 120)], "gone": [Stay(10, 20)]}
    assert stretches(plan, been, 150) == (
        Stretch("gone", 10, 20, True),
        Stretch("early", 80, 200, True),
        Stretch("guest", 90, 120, True),
        Stretch("absent", 150, 200),
        Stretch("next", 200, 300),
    )
    assert [each.login for each in stretches(plan, been, 250)] == ["gone", "early", "guest", "next"]
