"""The roster: shown, proposed, published, changed by hand, explained."""

from __future__ import annotations

from datetime import date

from dutydesk.domain.calendar import DayKind
from dutydesk.domain.words import Label
from dutydesk.locale.lines import said
from dutydesk.services import notices, roster
from dutydesk.services.core import Actor
from dutydesk.services.roster_views import Check, VersionLine
from dutydesk.storage import chain
from dutydesk.storage.models.shift import DutyShift
from tests.services.conftest import PIN


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


DECEMBER = date(2026, 12, 1), date(2026, 12, 31)


def _publish(chief: Actor, first: date, last: date, note: str = "too few people, known") -> VersionLine:
    proposal = roster.propose(chief, first, last)
    return roster.publish(chief, PIN, first, last, note, proposal.token)


def _on(who: Actor, day: str, kind: str) -> list[str]:
    slots = roster.view(who, date.fromisoformat(day), date.fromisoformat(day)).slots
    return [place.login for slot in slots if slot.kind == kind for place in slot.people]


def _shift(day: str, kind: str) -> DutyShift:
    return DutyShift.get((DutyShift.day == day) & (DutyShift.kind == kind))


def test_a_month_is_proposed_checked_and_published(chief: Actor, eng_a: Actor) -> None:
    proposal = roster.propose(chief, *DECEMBER)
    assert len(proposal.view.slots) == 62
    assert proposal.check[0].kind is Check.COVERAGE
    assert said(proposal.check[0].message) == "62 slots, 744 h: 62 places filled, 0 empty, 0 gaps."
    shortage = next(line for line in proposal.check if line.kind is Check.SHORTAGE)
    assert (
        said(shortage.message) == "2026-12, Turns in fixed order: 62 duties at 3 a person need 21 people; there are 4."
    )
    caps = [said(line.message) for line in proposal.check if line.kind is Check.CAP]
    assert len(caps) == 4
    assert "Eng. A: 15 duties in 2026-12; the cap is 3." in caps
    assert proposal.problems == ()
    new = [line for line in proposal.diff if line.new]
    assert {line.day for line in proposal.diff} == {line.day for line in new}

    version = roster.publish(chief, PIN, *DECEMBER, "", proposal.token)
    assert (version.number, version.first, version.last, version.slots) == (1, *DECEMBER, 62)
    assert version.published_by == Label("科主管", "Chief")
    view = roster.view(eng_a, *DECEMBER)
    assert all(day.published for day in view.days)
    assert view.version == version
    assert [slot.places for slot in view.slots] == [slot.places for slot in proposal.view.slots]
    assert roster.propose(chief, *DECEMBER).diff == ()
    assert roster.versions(eng_a) == [version]
    told = notices.mine(eng_a)
    assert len(told) == 1
    assert said(told[0].said).startswith("Roster 1 Dec to 31 Dec published: 15 duties are yours")
    assert chain.verify().broken is None
