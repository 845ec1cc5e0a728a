"""The roster: shown, proposed, published, changed by hand, explained."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date

import pytest

from dutydesk.domain.calendar import DayKind
from dutydesk.domain.errors import Conflict, Invalid, Refused
from dutydesk.domain.words import Label
from dutydesk.locale.lines import line_text, said
from dutydesk.services import attendance, log, notices, people, planning, roster
from dutydesk.services import shift as shift_service
from dutydesk.services.core import Actor
from dutydesk.services.roster_views import Check, NewChange, VersionLine
from dutydesk.storage import chain
from dutydesk.storage.models.rounds import Round
from dutydesk.storage.models.shift import DutyShift
from tests.services.conftest import PIN, Clock, moment


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


def test_who_joins_after_a_publication_moves_nobody_until_the_next(chief: Actor, eng_a: Actor) -> None:
    _publish(chief, *DECEMBER)
    before = roster.view(eng_a, *DECEMBER).slots
    people.add(chief, "eng-e", "戊工", "engineer", pin=PIN)
    planning.extend(chief)
    assert roster.view(eng_a, *DECEMBER).slots == before
    assert "eng-e" not in _on(eng_a, "2026-11-25", "day") + _on(eng_a, "2026-11-25", "night")
    proposal = roster.propose(chief, *DECEMBER)
    assert proposal.diff
    assert not any(line.new for line in proposal.diff)
    roster.publish(chief, PIN, *DECEMBER, "Eng. E joins", proposal.token)
    joined = people.identify("eng-e")
    assert roster.duties(eng_a, joined.person_id, *DECEMBER)
    assert said(notices.mine(joined)[0].said).startswith(
        "Roster 1 Dec to 31 Dec published: 12 duties are yours, 12 new"
    )
    assert roster.versions(eng_a)[0].changed == len(proposal.diff)


def test_of_two_who_publish_at_once_one_is_told(chief: Actor) -> None:
    mine, theirs = roster.propose(chief, *DECEMBER), roster.propose(chief, *DECEMBER)
    assert mine.token == theirs.token
    roster.publish(chief, PIN, *DECEMBER, "", mine.token)
    with pytest.raises(Conflict, match="others since this was proposed"):
        roster.publish(chief, PIN, *DECEMBER, "", theirs.token)
    assert len(roster.versions(chief)) == 1
    late = roster.propose(chief, *DECEMBER)
    people.disable(chief, "eng-d")
    with pytest.raises(Conflict):
        roster.publish(chief, PIN, *DECEMBER, "", late.token)


def test_problems_are_published_only_with_a_reason(chief: Actor) -> None:
    for login in ("eng-a", "eng-b", "eng-c", "eng-d"):
        people.disable(chief, login)
    proposal = roster.propose(chief, *DECEMBER)
    assert said(proposal.problems[0].message) == "Day 1 Dec: nobody is on, nobody to take turns."
    assert said(proposal.problems[-1].message) == "2 more places are empty."
    with pytest.raises(Invalid, match="say in a note"):
        roster.publish(chief, PIN, *DECEMBER, " ", proposal.token)
    version = roster.publish(chief, PIN, *DECEMBER, "a neighbour desk stands in", proposal.token)
    assert (version.empty, version.note) == (62, "a neighbour desk stands in")


def test_what_has_begun_is_never_changed(chief: Actor, eng_a: Actor, now: Clock) -> None:
    month = date(2026, 11, 1), date(2026, 11, 30)
    begun = roster.view(chief, month[0], date(2026, 11, 22)).slots[0]
    people.disable(chief, "eng-a")
    proposal = roster.propose(chief, *month)
    assert proposal.kept == 1
    assert next(slot for slot in proposal.view.slots if slot.day == begun.day).places[0].flags == ("over-cap", "gone")
    roster.publish(chief, PIN, *month, "Eng. A left", proposal.token)
    assert _on(chief, "2026-11-22", "day") == ["eng-a"]
    days = roster.view(chief, date(2026, 11, 23), month[1]).slots
    assert all("eng-a" not in [place.login for place in slot.places] for slot in days)


def test_a_slot_is_changed_by_hand_and_taken_back(chief: Actor, eng_a: Actor, eng_c: Actor, now: Clock) -> None:
    _publish(chief, *DECEMBER)
    shift = _shift("2026-12-01", "day")
    out, was = _on(chief, "2026-12-01", "day")[0], roster.view(chief, date(2026, 12, 1), date(2026, 12, 1)).slots
    assert out == "eng-d"
    change = NewChange("replace", person_out=_id("eng-d"), person_in=eng_c.person_id)
    with pytest.raises(Invalid):
        roster.edit(chief, shift.id, change, reason="")
    with pytest.raises(Refused, match="may not do this"):
        roster.edit(eng_a, shift.id, change, reason="no")
    made = roster.edit(chief, shift.id, change, reason="vendor training")
    assert _on(chief, "2026-12-01", "day") == ["eng-c"]
    assert said(notices.mine(eng_c)[0].said) == (
        "Roster changed: you are on the Day shift 12-01 08:00 to 12-01 20:00. vendor training"
    )
    text = log.page(chief, log.LogFilters())[0]
    assert line_text(text) == (
        "Roster changed: Eng. C instead of Eng. D on the Day shift 12-01 08:00 to 12-01 20:00: vendor training"
    )
    told = [said(sentence) for sentence in roster.why(eng_a, shift.id)[0].sentences]
    assert told[0] == f"Change {made}: in the place of Eng. D, by hand."
    assert told[1:3] == ["Reason: vendor training", f"Change {made} made by Chief, 11-22 14:32."]
    assert "Published by Chief, 11-22 14:32, version 1." in told

    again = roster.propose(chief, *DECEMBER)
    assert again.diff == ()
    assert [place.login for slot in again.view.slots if slot.shift_id == shift.id for place in slot.places] == ["eng-c"]
    assert [line.into for line in roster.changes(eng_a, *DECEMBER)] == [Label("丙工", "Eng. C")]
    roster.withdraw(chief, made, "training put off")
    assert roster.view(chief, date(2026, 12, 1), date(2026, 12, 1)).slots == was
    assert roster.changes(eng_a, *DECEMBER) == []
    assert roster.changes(eng_a, *DECEMBER, withdrawn=True)[0].withdrawn_by == Label("科主管", "Chief")
    with pytest.raises(Refused, match="withdrawn already"):
        roster.withdraw(chief, made, "again")
    assert chain.verify().broken is None


def _id(login: str) -> int:
    return people.identify(login).person_id


def test_changes_stand_above_one_another_and_any_of_them_goes(chief: Actor) -> None:
    shift = _shift("2026-12-01", "day")
    first = roster.edit(chief, shift.id, NewChange("replace", _id("eng-d"), _id("eng-c")), reason="one")
    second = roster.edit(chief, shift.id, NewChange("replace", _id("eng-c"), _id("eng-b")), reason="two")
    added = roster.edit(chief, shift.id, NewChange("add", person_in=_id("eng-d")), reason="three")
    assert _on(chief, "2026-12-01", "day") == ["eng-b", "eng-d"]
    roster.withdraw(chief, added, "enough")
    roster.withdraw(chief, first, "he came after all")
    assert _on(chief, "2026-12-01", "day") == ["eng-d"]
    idle = [line for line in roster.propose(chief, *DECEMBER).check if line.kind is Check.CHANGE]
    assert said(idle[0].message) == f"Change {second} finds nothing to change on the Day shift 1 Dec."
    taken = roster.edit(chief, shift.id, NewChange("remove", _id("eng-d")), reason="four")
    empty = [line for line in roster.check(chief, *DECEMBER) if line.kind is Check.EMPTY]
    assert said(empty[0].message) == "Day 1 Dec: nobody is on, taken off by a change."
    roster.withdraw(chief, taken, "back")
    assert chain.verify().broken is None


def test_a_part_of_a_shift_is_taken_over(chief: Actor, eng_c: Actor, now: Clock) -> None:
    shift = _shift("2026-11-24", "day")
    [out] = _on(chief, "2026-11-24", "day")
    begin, end = moment("2026-11-24 12:00"), moment("2026-11-24 16:00")
    change = NewChange("replace", _id(out), eng_c.person_id, from_at=begin, to_at=end)
    roster.edit(chief, shift.id, change, reason="doctor")
    day = roster.view(chief, date(2026, 11, 24), date(2026, 11, 24))
    places = [(place.login, place.from_at, place.to_at) for place in day.slots[0].places]
    assert sorted(places, key=lambda place: place[1]) == [
        (out, shift.starts_at, begin),
        ("eng-c", begin, end),
        (out, end, shift.ends_at),
    ]
    for wrong in ({"from_at": shift.starts_at - 60}, {"from_at": end, "to_at": begin}):
        with pytest.raises(Invalid, match="within the shift"):
            roster.edit(chief, shift.id, replace(change, **wrong), reason="x")
    now.to("2026-11-24 13:00")
    on = {person.login for person in shift_service.top(chief).people}
    assert on == {"eng-c"}
    now.to("2026-11-24 17:00")
    assert {person.login for person in shift_service.top(chief).people} == {out}


def test_what_cannot_be_changed_is_refused_with_the_reason(chief: Actor, eng_a: Actor, eng_b: Actor) -> None:
    running, night = _shift("2026-11-22", "day"), _shift("2026-11-22", "night")
    on = NewChange("add", person_in=eng_a.person_id)
    with pytest.raises(Refused, match="is on the Day shift 11-22 already"):
        roster.edit(chief, running.id, on, reason="x")
    with pytest.raises(Refused, match=r"Eng\. A is not on the Night shift 11-22"):
        roster.edit(chief, night.id, NewChange("remove", eng_a.person_id), reason="x")
    with pytest.raises(Refused, match="takes no duties"):
        roster.edit(chief, night.id, NewChange("add", person_in=_id("reader")), reason="x")
    attendance.sign_in(eng_a, PIN)
    with pytest.raises(Refused, match="signed for the Day shift 11-22 already"):
        roster.edit(chief, running.id, NewChange("replace", eng_a.person_id, eng_b.person_id), reason="x")
    with pytest.raises(Invalid, match="At most 400 days"):
        roster.view(chief, date(2026, 1, 1), date(2028, 1, 1))


def test_a_year_is_planned_and_published_in_seconds(chief: Actor) -> None:
    started = time.process_time()
    version = _publish(chief, date(2026, 11, 23), date(2026, 12, 31))
    rounds_made = Round.select().count()
    long = roster.propose(chief, date(2026, 12, 1), date(2027, 11, 30))
    assert any(line.kind is Check.CALENDAR for line in long.problems)
    roster.publish(chief, PIN, date(2026, 12, 1), date(2027, 11, 30), "2027 is not announced yet", long.token)
    assert time.process_time() - started < 8
    assert version.slots == 78
    assert len(roster.view(chief, date(2027, 1, 1), date(2027, 11, 30)).slots) == 334 * 2
    assert Round.select().count() == rounds_made
