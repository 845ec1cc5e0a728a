"""The roster as iCalendar, read back by two readers that are not ours: icalendar, and dateutil for the zones."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
from dateutil.tz import tzical

from dutydesk import locale
from dutydesk.domain.shift import Facts
from dutydesk.domain.words import Label
from dutydesk.integrations.roster_ics import calendar
from dutydesk.integrations.zones import timezone
from dutydesk.services import desk as desks
from dutydesk.services import policy, roster, roster_export
from dutydesk.services.core import Actor
from dutydesk.services.roster_export import Duty, Export
from dutydesk.services.roster_views import NewChange
from dutydesk.storage.models.shift import DutyShift
from tests.services.conftest import PIN, moment

FIRST, LAST = date(2026, 11, 22), date(2026, 12, 5)


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    locale.use("en")
    yield
    locale.use("en")


def events(content: bytes) -> dict[str, Any]:
    return {str(event["uid"]): event for event in icalendar.Calendar.from_ical(content).walk("VEVENT")}


@pytest.mark.parametrize("name", ["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Africa/Casablanca"])
def test_a_strict_reader_knows_every_hour_of_the_year(name: str) -> None:
    zone = ZoneInfo(name)
    text = timezone(zone, datetime(2026, 1, 1), datetime(2026, 12, 31)).to_ical().decode()
    read = tzical(io.StringIO(text)).get(name)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    while at.year == 2026:
        assert at.astimezone(zone).replace(tzinfo=None) == at.astimezone(read).replace(tzinfo=None), at
        at += timedelta(hours=1)


def test_shifts_over_both_changes_of_berlin_last_as_long_as_they_do() -> None:
    zone = ZoneInfo("Europe/Berlin")

    def duty(uid: str, begin: int, end: int) -> Duty:
        day = datetime.fromtimestamp(begin, zone).date()
        return Duty(uid, 1, begin, "a", Label("甲", "A"), day, Label("夜班", "Night"), begin, end, whole=False)

    spring, autumn = (int(datetime(2026, *day, 22, tzinfo=zone).timestamp()) for day in ((3, 28), (10, 24)))
    second = int(datetime(2026, 10, 25, 2, 30, tzinfo=zone, fold=1).timestamp())
    spans = {"s": (spring, spring + 7 * 3600), "a": (autumn, autumn + 9 * 3600), "half": (second, autumn + 9 * 3600)}
    export = Export(
        Label("台", "Desk"), zone.key, Facts(), FIRST, LAST, (), tuple(duty(k, *v) for k, v in spans.items())
    )
    content = calendar(export)
    found = events(content)
    for uid, (begin, end) in spans.items():
        assert found[uid]["dtstart"].dt.timestamp() == begin, uid
        assert found[uid]["dtend"].dt.timestamp() == end, uid
    assert found["s"]["dtend"].dt.replace(tzinfo=None) == datetime(2026, 3, 29, 6)
    assert found["half"]["dtstart"].params.get("tzid") is None
    assert content.count(b"BEGIN:VTIMEZONE") == 1
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))


def _publish(chief: Actor) -> None:
    proposal = roster.propose(chief, FIRST, LAST)
    roster.publish(chief, PIN, FIRST, LAST, "known", proposal.token)


def _shift(day: str, kind: str) -> int:
    found: int = DutyShift.get((DutyShift.day == day) & (DutyShift.kind == kind)).id
    return found


def test_a_duty_keeps_its_uid_and_its_sequence_grows_with_every_change(
    chief: Actor, eng_a: Actor, eng_c: Actor
) -> None:
    def mine(login: str = "eng-a") -> dict[str, Any]:
        return events(calendar(roster_export.export(chief, FIRST, LAST, login)))

    _publish(chief)
    first = mine()
    _publish(chief)
    again = mine()
    assert [(uid, each["sequence"]) for uid, each in first.items()] == [
        (uid, each["sequence"]) for uid, each in again.items()
    ]
    assert len(first) == len(roster.duties(chief, eng_a.person_id, FIRST, LAST)) == 7

    slot = next(slot for slot in roster.duties(chief, eng_a.person_id, FIRST, LAST) if slot.day == date(2026, 11, 24))
    uid = next(uid for uid in first if uid.startswith(f"2026-11-24-{slot.kind}-eng-a@"))
    middle = (slot.starts_at + 4 * 3600, slot.starts_at + 6 * 3600)
    change = NewChange(
        "replace", person_out=eng_a.person_id, person_in=eng_c.person_id, from_at=middle[0], to_at=middle[1]
    )
    number = roster.edit(chief, slot.shift_id or 0, change, reason="dentist")
    parts = mine()
    assert set(parts) == {*first, uid.replace("eng-a@", "eng-a-2@")}
    assert parts[uid]["sequence"] > first[uid]["sequence"]
    assert parts[uid]["dtend"].dt.timestamp() == middle[0]
    assert "part of the shift" in parts[uid]["description"]
    cover = events(calendar(roster_export.export(chief, FIRST, LAST, "eng-c")))[uid.replace("eng-a", "eng-c")]
    assert (cover["dtstart"].dt.timestamp(), cover["dtend"].dt.timestamp()) == middle

    roster.withdraw(chief, number, "went another day")
    whole = mine()
    assert whole[uid]["status"] == "CONFIRMED"
    assert whole[uid]["dtend"].dt.timestamp() == slot.ends_at
    assert whole[uid.replace("eng-a@", "eng-a-2@")]["status"] == "CANCELLED"
    gone = events(calendar(roster_export.export(chief, FIRST, LAST, "eng-c")))[uid.replace("eng-a", "eng-c")]
    assert gone["status"] == "CANCELLED"
    assert gone["sequence"] > cover["sequence"]


def test_a_shift_that_a_publication_took_away_is_cancelled(chief: Actor, eng_a: Actor) -> None:
    _publish(chief)
    before = events(calendar(roster_export.export(chief, FIRST, LAST)))
    policy.adopt(chief, *desks.policy_text("weekly-team"), date(2026, 11, 30))
    _publish(chief)
    after = events(calendar(roster_export.export(chief, FIRST, LAST)))
    assert set(before) <= set(after)
    nights = [event for uid, event in after.items() if "-night-" in uid and uid >= "2026-11-30"]
    assert len(nights) == 6
    assert all(event["status"] == "CANCELLED" for event in nights)
    assert nights[0]["dtstart"].dt.timestamp() == moment("2026-11-30 20:00")
    assert all(event["status"] == "CONFIRMED" for uid, event in after.items() if uid < "2026-11-30")
