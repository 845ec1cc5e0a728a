"""Incidents through the services: recorded, worked on, ended, found again."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from dutydesk.domain import clock
from dutydesk.domain.deadlines import EventClass, Grade
from dutydesk.domain.errors import Conflict, Invalid, NotFound, Refused
from dutydesk.domain.incidents import Category, Happened, Kind, Mode, Source, Status, View
from dutydesk.domain.priority import Impact, Priority, Urgency
from dutydesk.services import incidents, log, people, shift_rows
from dutydesk.services.core import Actor
from dutydesk.services.incidents import IncidentView, NewIncident
from dutydesk.storage import chain, engine
from dutydesk.storage.models import AuditEntry, Incident, IncidentEvent
from tests.services.conftest import Clock, moment

HOSTILE = "[red]x[/red] [@click=app.quit]\x1b[2J\u202eabc\x9b31m ‘); drop table incident;--"


def p1(who: Actor, title: str = "Core switch SW1 down", **more: object) -> IncidentView:
    return incidents.open_incident(who, NewIncident(title, impact=Impact.HIGH, urgency=Urgency.HIGH, **more))  # type: ignore[arg-type]


def kinds(seen: IncidentView) -> list[Happened]:
    return [event.kind for event in seen.events]


def test_a_new_incident_has_number_priority_shift_and_timeline(eng_a: Actor, now: Clock) -> None:
    """DOMAIN 6: priority from impact and urgency; event time apart from entry time."""
    began = moment("2026-11-22 14:20")
    seen = p1(eng_a, detail="Floor 3 without network", opened_at=began, source=Source.MONITOR, location="MDF")
    assert seen.number == "INC-261122-1"
    assert seen.priority is Priority.P1
    assert seen.status is Status.OPEN
    assert (seen.opened_at, seen.entered_at) == (began, now.start)
    assert seen.reporter.zh == eng_a.name
    assert Incident.get_by_id(seen.id).shift is not None
    assert kinds(seen) == [Happened.OPENED]
    assert (seen.events[0].at, seen.events[0].entered_at) == (began, now.start)
    assert incidents.open_incident(eng_a, NewIncident("Printer")).number == "INC-261122-2"
    assert incidents.open_incident(eng_a, NewIncident("Printer")).priority is Priority.P3


def test_the_number_is_of_the_day_at_the_desk(eng_a: Actor, now: Clock) -> None:
    now.to("2026-11-23 00:05")
    assert p1(eng_a).number == "INC-261123-1"
    now.to("2026-11-23 23:59")
    for count in range(2, 12):
        assert p1(eng_a).number == f"INC-261123-{count}"


@pytest.mark.commits
def test_numbers_are_unique_under_concurrency(desk: Path, eng_a: Actor, now: Clock) -> None:
    """Four connections open incidents at once; nobody waits in vain and no number comes twice."""
    engine.disconnect()
    numbers: list[str] = []
    failed: list[BaseException] = []
    engine.connect(str(desk))

    def work() -> None:
        try:
            engine.db.connect(reuse_if_open=True)
            for _turn in range(5):
                numbers.append(p1(eng_a).number)
        except BaseException as error:
            failed.append(error)
        finally:
            engine.db.close()

    threads = [threading.Thread(target=work) for _each in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert sorted(numbers, key=lambda text: int(text.rsplit("-", 1)[1])) == [f"INC-261122-{n}" for n in range(1, 21)]


def test_what_is_wrong_names_its_field(eng_a: Actor, now: Clock) -> None:
    for bad, field in (
        (NewIncident("   "), "title"),
        (NewIncident("x" * 201), "title"),
        (NewIncident("x", opened_at=now.start + 3600), "opened_at"),
        (NewIncident("x", caller="y" * 200), "caller"),
        (NewIncident("x", equipment_id=999_999), "equipment"),
        (NewIncident("x", owner_id=999_999), "owner"),
    ):
        with pytest.raises((Invalid, NotFound)) as refused:
            incidents.open_incident(eng_a, bad)
        assert refused.value.field == field
    assert Incident.select().count() == 0


def test_a_reader_may_look_only(eng_a: Actor, reader: Actor) -> None:
    seen = p1(eng_a)
    assert incidents.view(reader, seen.id).title == seen.title
    for attempt in (lambda: p1(reader), lambda: incidents.acknowledge(reader, seen.id)):
        with pytest.raises(Refused):
            attempt()


def test_from_open_to_closed(eng_a: Actor, eng_b: Actor, now: Clock) -> None:
    """A3, A7: acknowledged, dispatched, arrived, done, resolved with the solution, closed."""
    seen = p1(eng_a)
    now.pass_minutes(2)
    seen = incidents.acknowledge(eng_a, seen.id, version=seen.version)
    assert (seen.status, seen.acknowledged_at, seen.owner_id) == (Status.ACKNOWLEDGED, clock.now(), eng_a.person_id)
    now.pass_minutes(3)
    seen = incidents.dispatch(eng_a, seen.id, Mode.ON_SITE, person_id=eng_b.person_id, text="Look at the uplink")
    assert seen.status is Status.IN_PROGRESS
    sent = seen.under_way[0]
    assert (sent.name.zh, sent.mode, sent.sent_at) == (eng_b.name, Mode.ON_SITE, clock.now())
    arrived_at = now.pass_minutes(10)
    seen = incidents.arrived(eng_a, seen.id, sent.id)
    assert seen.dispatches[0].arrived_at == arrived_at
    with pytest.raises(Refused):
        incidents.arrived(eng_a, seen.id, sent.id)
    seen = incidents.done(eng_b, seen.id, sent.id, "Replaced the SFP")
    assert not seen.under_way
    assert seen.dispatches[0].result == "Replaced the SFP"
    now.pass_minutes(1)
    with pytest.raises(Invalid) as refused:
        incidents.resolve(eng_a, seen.id, "  ")
    assert refused.value.field == "solution"
    seen = incidents.resolve(eng_a, seen.id, "SFP of the uplink replaced", version=seen.version)
    assert (seen.status, seen.resolved_at, seen.solution) == (
        Status.RESOLVED,
        clock.now(),
        "SFP of the uplink replaced",
    )
    seen = incidents.close(eng_a, seen.id, version=seen.version)
    assert (seen.status, seen.closed_at) == (Status.CLOSED, clock.now())
    assert kinds(seen) == [
        Happened.OPENED,
        Happened.ACKNOWLEDGED,
        Happened.DISPATCHED,
        Happened.ARRIVED,
        Happened.DONE,
        Happened.RESOLVED,
        Happened.CLOSED,
    ]
    with pytest.raises(Refused):
        incidents.acknowledge(eng_a, seen.id)
    verdict = chain.verify()
    assert verdict.broken is None


def test_a_technician_from_outside_is_sent_by_name(eng_a: Actor) -> None:
    seen = p1(eng_a)
    with pytest.raises(Invalid) as refused:
        incidents.dispatch(eng_a, seen.id, Mode.PHONE)
    assert refused.value.field == "who"
    seen = incidents.dispatch(eng_a, seen.id, Mode.PHONE, name="Vendor hotline")
    assert seen.under_way[0].name.en == "Vendor hotline"
    seen = incidents.dispatch(eng_a, seen.id, Mode.REMOTE, name="eng-b")
    assert seen.under_way[1].name.en == "Eng. B"
    assert seen.acknowledged_at is not None
    assert seen.owner_id == eng_a.person_id


def test_two_acknowledge_at_once_and_one_is_told(eng_a: Actor, eng_b: Actor) -> None:
    seen = p1(eng_a)
    incidents.acknowledge(eng_a, seen.id, version=seen.version)
    with pytest.raises(Refused) as refused:
        incidents.acknowledge(eng_b, seen.id, version=seen.version)
    assert refused.value.sentence == "It is acknowledged already."


def test_texts_meet_and_nothing_is_overwritten(eng_a: Actor, eng_b: Actor) -> None:
    """DESIGN 2, edits meet: a save against an older version shows what stands there."""
    seen = p1(eng_a)
    incidents.edit(eng_b, seen.id, NewIncident("Core switch SW1 dead", category=Category.NETWORK), version=seen.version)
    with pytest.raises(Conflict) as conflict:
        incidents.edit(eng_a, seen.id, NewIncident("SW1 down"), version=seen.version)
    assert conflict.value.theirs["title"] == "Core switch SW1 dead"
    now_there = incidents.view(eng_a, seen.id)
    assert now_there.title == "Core switch SW1 dead"
    assert now_there.events[-1].data["was"] == {"title": "Core switch SW1 down", "category": ""}
    same = NewIncident("Core switch SW1 dead", category=Category.NETWORK)
    assert incidents.edit(eng_a, seen.id, same, version=now_there.version).version == now_there.version


def test_a_note_keeps_event_time_and_entry_time(eng_a: Actor, now: Clock) -> None:
    seen = p1(eng_a)
    at = moment("2026-11-22 14:31")
    seen = incidents.note(eng_a, seen.id, "Vendor called\npart arrives 15:30", at=at)
    noted = next(event for event in seen.events if event.kind is Happened.NOTE)
    assert (noted.at, noted.entered_at, noted.text) == (at, now.start, "Vendor called\npart arrives 15:30")
    with pytest.raises(Invalid):
        incidents.note(eng_a, seen.id, "later", at=now.start + 3600)


def test_priority_changes_with_a_reason(eng_a: Actor) -> None:
    seen = incidents.open_incident(eng_a, NewIncident("HIS slow"))
    with pytest.raises(Invalid) as refused:
        incidents.change_priority(eng_a, seen.id, Impact.HIGH, Urgency.HIGH, " ")
    assert refused.value.field == "reason"
    with pytest.raises(Invalid):
        incidents.change_priority(eng_a, seen.id, Impact.MEDIUM, Urgency.MEDIUM, "same")
    seen = incidents.change_priority(eng_a, seen.id, Impact.HIGH, Urgency.HIGH, "All wards now")
    assert seen.priority is Priority.P1
    assert seen.events[-1].data["from"] == "P3"
    assert shift_rows.open_counts() == {"P1": 1}


def test_owner_next_step_and_follow_up(eng_a: Actor, eng_b: Actor, now: Clock) -> None:
    seen = p1(eng_a)
    until = now.start + 7200
    seen = incidents.plan(eng_a, seen.id, owner_id=eng_b.person_id, next_step="Ask the vendor", follow_up_at=until)
    assert (seen.owner_id, seen.next_step, seen.follow_up_at) == (eng_b.person_id, "Ask the vendor", until)
    assert kinds(seen)[1:] == [Happened.OWNER, Happened.NEXT_STEP, Happened.FOLLOW_UP]
    assert [line.id for line in shift_rows.follow_ups(until + 1)] == [seen.id]
    assert shift_rows.follow_ups(until) == []
    seen = incidents.plan(eng_a, seen.id, follow_up_at=None)
    assert seen.follow_up_at is None
    assert seen.next_step == "Ask the vendor"
    assert shift_rows.follow_ups(until + 1) == []


def test_an_external_user_is_followed_up_until_closed(eng_a: Actor, now: Clock) -> None:
    """B4: answered, tracked and followed up until closed."""
    seen = incidents.open_incident(eng_a, NewIncident("Cannot reach the portal", source=Source.EXTERNAL))
    assert seen.follow_up_at == now.start + 86_400
    incidents.resolve(eng_a, seen.id, "Certificate renewed")
    with pytest.raises(Invalid) as refused:
        incidents.close(eng_a, seen.id)
    assert refused.value.field == "told"
    assert [line.id for line in shift_rows.follow_ups(now.start + 90_000)] == [seen.id]
    seen = incidents.close(eng_a, seen.id, "Called back, works again")
    assert seen.follow_up_at is None
    assert seen.events[-1].text == "Called back, works again"
    assert shift_rows.follow_ups(now.start + 90_000) == []


def test_a_request_closes_with_its_answer(eng_a: Actor) -> None:
    """A4: record the request, answer it, close it."""
    seen = incidents.open_incident(eng_a, NewIncident("New account, Finance", kind=Kind.REQUEST, caller="Ext. 8123"))
    incidents.resolve(eng_a, seen.id, "Account made")
    with pytest.raises(Invalid):
        incidents.close(eng_a, seen.id, " ")
    assert incidents.close(eng_a, seen.id, "Told by phone").status is Status.CLOSED


def test_closing_waits_for_the_handover(eng_a: Actor, eng_c: Actor, now: Clock) -> None:
    """DOMAIN 4: closing is the first action that is held; opening is never refused."""
    seen = p1(eng_a)
    now.to("2026-11-22 20:30")
    assert p1(eng_c, "Another").status is Status.OPEN
    incidents.resolve(eng_c, seen.id, "done")
    with pytest.raises(Refused):
        incidents.close(eng_c, seen.id)


def test_reopen_and_resolve_again(eng_a: Actor, now: Clock) -> None:
    seen = p1(eng_a)
    incidents.resolve(eng_a, seen.id, "Rebooted")
    incidents.close(eng_a, seen.id)
    assert shift_rows.open_counts() == {}
    with pytest.raises(Invalid):
        incidents.reopen(eng_a, seen.id, "")
    now.pass_minutes(5)
    seen = incidents.reopen(eng_a, seen.id, "Down again")
    assert (seen.status, seen.resolved_at, seen.closed_at, seen.reopened) == (Status.ACKNOWLEDGED, None, None, 1)
    assert seen.solution == "Rebooted"
    assert shift_rows.open_counts() == {"P1": 1}
    assert incidents.resolve(eng_a, seen.id, "Power supply replaced").solution == "Power supply replaced"


def test_merge_shows_on_both_timelines(eng_a: Actor) -> None:
    first, second = p1(eng_a, "Core switch down"), p1(eng_a, "Floor 3 no network")
    with pytest.raises(Invalid):
        incidents.merge(eng_a, first.id, first.id)
    with pytest.raises(NotFound) as refused:
        incidents.merge(eng_a, second.id, "INC-261122-99")
    assert refused.value.field == "into"
    target = incidents.merge(eng_a, second.id, first.number.lower())
    assert target.id == first.id
    assert kinds(target)[-1] is Happened.ABSORBED
    merged = incidents.view(eng_a, second.id)
    assert (merged.status, merged.merged_number) == (Status.MERGED, first.number)
    assert kinds(merged)[-1] is Happened.MERGED
    with pytest.raises(Refused):
        incidents.note(eng_a, second.id, "x")
    with pytest.raises(Invalid):
        incidents.merge(eng_a, first.id, second.id)
    assert shift_rows.open_counts() == {"P1": 1}


def test_the_legal_clock_of_a_security_event(eng_a: Actor, now: Clock) -> None:
    """C5, DOMAIN 7: grade III and above, 4 h for any other operator; the report stops the clock."""
    event = NewIncident("Ransomware on PC-17", kind=Kind.SECURITY, security_class=EventClass.MALWARE)
    seen = incidents.open_incident(eng_a, event)
    assert seen.report_due_at is None
    with pytest.raises(Refused):
        incidents.report(eng_a, seen.id, "By phone")
    seen = incidents.classify(eng_a, seen.id, EventClass.MALWARE, Grade.III)
    assert seen.report_due_at == now.start + 4 * 3600
    [line] = shift_rows.reports_due()
    assert (line.id, line.at) == (seen.id, seen.report_due_at)
    incidents.resolve(eng_a, seen.id, "Isolated, restored from backup")
    with pytest.raises(Refused):
        incidents.close(eng_a, seen.id)
    now.pass_minutes(90)
    with pytest.raises(Invalid):
        incidents.report(eng_a, seen.id, " ")
    seen = incidents.report(eng_a, seen.id, "By phone 12387, Eng. A", at=clock.now())
    assert seen.reported_at == clock.now()
    assert shift_rows.reports_due() == []
    assert incidents.close(eng_a, seen.id).status is Status.CLOSED
    seen = incidents.report(eng_a, seen.id, "In writing")
    assert [event.data["report"] for event in seen.events if event.kind is Happened.REPORTED] == ["first", "closing"]
    with pytest.raises(Refused):
        incidents.report(eng_a, seen.id, "By phone")


def test_a_mild_security_event_has_no_clock(eng_a: Actor) -> None:
    event = NewIncident("Spam", kind=Kind.SECURITY, security_class=EventClass.CONTENT, security_grade=Grade.IV)
    assert incidents.open_incident(eng_a, event).report_due_at is None
    fault = p1(eng_a)
    with pytest.raises(Refused):
        incidents.classify(eng_a, fault.id, EventClass.MALWARE, Grade.I)


def test_the_log_holds_what_a_colleague_must_know(eng_a: Actor) -> None:
    quiet = incidents.open_incident(eng_a, NewIncident("Toner empty", urgency=Urgency.LOW))
    incidents.acknowledge(eng_a, quiet.id)
    assert log.tail(eng_a) == []
    loud = p1(eng_a)
    incidents.acknowledge(eng_a, loud.id)
    incidents.note(eng_a, loud.id, "Vendor called")
    incidents.resolve(eng_a, loud.id, "Rebooted")
    lines = log.tail(eng_a)
    assert len(lines) == 2
    assert {line.incident_id for line in lines} == {loud.id}


@pytest.mark.commits
def test_every_write_is_bound_to_the_chain(eng_a: Actor, eng_b: Actor) -> None:
    seen = p1(eng_a)
    incidents.acknowledge(eng_a, seen.id)
    incidents.dispatch(eng_a, seen.id, Mode.REMOTE, person_id=eng_b.person_id)
    actions = [
        row.action for row in AuditEntry.select().where(AuditEntry.subject == "incident").order_by(AuditEntry.seq)
    ]
    assert actions == ["incident.opened", "incident.acknowledged", "incident.dispatched"]
    assert {row.subject_id for row in AuditEntry.select().where(AuditEntry.subject == "incident")} == {seen.id}
    assert chain.verify().broken is None
    event = IncidentEvent.select().first()
    with pytest.raises(Exception, match="append-only"):
        IncidentEvent.update(text="other").where(IncidentEvent.id == event.id).execute()


def test_hostile_text_is_kept_as_text(eng_a: Actor) -> None:
    seen = incidents.open_incident(
        eng_a,
        NewIncident(HOSTILE, detail=HOSTILE, caller=HOSTILE, contact=HOSTILE, location=HOSTILE, next_step=HOSTILE),
    )
    for text in (seen.title, seen.detail, seen.caller, seen.contact, seen.location, seen.next_step):
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "\x9b" not in text
        assert "[red]x[/red] [@click=app.quit]" in text
    assert [line.id for line in incidents.find(eng_a, "drop table")] == [seen.id]


def _page_all(who: Actor, view: View, limit: int, *, back: bool = False) -> list[int]:
    found: list[int] = []
    key = None
    while rows := incidents.page(who, view, key, limit, back=back):
        found = [row.id for row in rows] + found if back else found + [row.id for row in rows]
        key = rows[0].key if back else rows[-1].key
    return found


def test_pages_hold_every_incident_once_in_order(eng_a: Actor, now: Clock) -> None:
    made = []
    for count in range(23):
        impact = list(Impact)[count % 3]
        made.append(incidents.open_incident(eng_a, NewIncident(f"Fault {count}", impact=impact, urgency=impact)))
        if count % 4 == 0:
            now.pass_minutes(1)
    incidents.resolve(eng_a, made[5].id, "x")
    ordered = sorted((row for row in made if row is not made[5]), key=lambda row: (row.priority, row.opened_at, row.id))
    assert _page_all(eng_a, View.OPEN, 4) == [row.id for row in ordered]
    assert _page_all(eng_a, View.OPEN, 4, back=True) == [row.id for row in ordered]
    newest = sorted(made, key=lambda row: (row.opened_at, row.id), reverse=True)
    assert _page_all(eng_a, View.ALL, 5) == [row.id for row in newest]
    assert _page_all(eng_a, View.ALL, 5, back=True) == [row.id for row in newest]


def test_views_and_their_counts(eng_a: Actor, eng_b: Actor) -> None:
    p1(eng_a)
    incidents.open_incident(eng_a, NewIncident("Account", kind=Kind.REQUEST, owner_id=eng_b.person_id))
    incidents.open_incident(eng_a, NewIncident("Scan", kind=Kind.SECURITY, urgency=Urgency.LOW))
    solved = p1(eng_a, "Solved")
    incidents.resolve(eng_a, solved.id, "x")
    assert incidents.counts_by_view(eng_b) == {
        View.OPEN: 3,
        View.MINE: 1,
        View.URGENT: 1,
        View.REQUESTS: 1,
        View.SECURITY: 1,
        View.RESOLVED: 1,
    }
    for view, count in incidents.counts_by_view(eng_b).items():
        assert len(incidents.page(eng_b, view)) == count
    assert len(incidents.page(eng_b, View.ALL)) == 4
    assert incidents.open_lines(eng_a)[0].title == "Core switch SW1 down"


def test_unacknowledged_carries_its_time_out(eng_a: Actor, now: Clock) -> None:
    """The twelve-hour policy: P1 five minutes."""
    seen = p1(eng_a)
    assert incidents.open_lines(eng_a)[0].acknowledge_by == now.start + 300
    incidents.acknowledge(eng_a, seen.id)
    assert incidents.open_lines(eng_a)[0].acknowledge_by is None


def test_found_by_number_word_and_chinese(eng_a: Actor) -> None:
    chinese = incidents.open_incident(eng_a, NewIncident("三楼核心交换机掉线", detail="病区无法上网"))
    english = p1(eng_a)
    incidents.note(eng_a, english.id, "fiber patched")
    assert [line.id for line in incidents.find(eng_a, "交换机")] == [chinese.id]
    assert [line.id for line in incidents.find(eng_a, "病")] == [chinese.id]
    assert [line.id for line in incidents.find(eng_a, "fiber")] == [english.id]
    assert [line.id for line in incidents.find(eng_a, english.number)] == [english.id]
    assert [line.id for line in incidents.find(eng_a, "inc-261122")] == [english.id, chinese.id]
    assert incidents.find(eng_a, '"( *') == []


def test_similar_incidents_bring_their_solution(eng_a: Actor) -> None:
    """A14: a problem's solution is found again while the title is typed."""
    old = p1(eng_a, "Core switch SW1 down after power cut")
    incidents.resolve(eng_a, old.id, "Reload the saved configuration")
    chinese = p1(eng_a, "核心交换机掉线")
    incidents.resolve(eng_a, chinese.id, "重启电源模块")
    p1(eng_a, "Core switch SW1 down, not solved")
    found = incidents.similar(eng_a, "core switch SW1 is down again")
    assert [(one.number, one.solution) for one in found] == [(old.number, "Reload the saved configuration")]
    assert [one.solution for one in incidents.similar(eng_a, "二楼交换机掉线了")] == ["重启电源模块"]
    assert incidents.similar(eng_a, "core switch SW1 down", but=old.id) == []
    assert incidents.similar(eng_a, "") == []
    assert incidents.similar(eng_a, "the a of") == []


def test_equipment_to_choose_from(eng_a: Actor) -> None:
    options = incidents.equipment(eng_a)
    assert options
    seen = p1(eng_a, equipment_id=options[0].id)
    assert seen.equipment == options[0].name


def test_everyone_who_is_disabled_keeps_his_name(eng_a: Actor, eng_b: Actor, chief: Actor) -> None:
    seen = p1(eng_b, owner_id=eng_b.person_id)
    people.disable(chief, "eng-b")
    assert incidents.view(eng_a, seen.id).owner is not None
