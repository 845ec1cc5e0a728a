"""The roster: shown, proposed, published, changed by hand, explained."""

from __future__ import annotations

from datetime import date

from dutydesk.domain.calendar import DayKind
from dutydesk.services import roster
from dutydesk.services.core import Actor


def test_a_month_shows_days_slots_and_people(eng_a: Actor) -> None:
    view = roster.view(eng_a, date(2026, 11, 1), date(2026, 11, 30))
    assert len(view.days) == 30
    assert view.days[0].slots == ()
    sunday = view.days[21]
    assert (sunday.kind, sunday.published) == (DayKind.WEEKEND, False)
    assert [(slot.kind, slot.night, [place.login for place in slot.places]) for slot in sunday.slots] == [
        ("day", False, ["eng-a"]),
        ("night", True, ["eng-b"]),
    ]
    assert view.gaps == ()
    assert view.version is None
    assert sum(line.duties for line in view.people) == 18
    assert sum(line.nights for line in view.people) == 9
    assert sum(line.hours for line in view.people) == 18 * 12
    assert roster.duties(eng_a, eng_a.person_id, date(2026, 11, 22), date(2026, 11, 22)) == [sunday.slots[0]]
