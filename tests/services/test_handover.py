"""The handover: fills itself, is frozen, read back, accepted or returned, sealed; the duty waits for acceptance."""

from __future__ import annotations

import json

import pytest

from dutydesk.domain.errors import Invalid, Refused
from dutydesk.domain.handover import Block, Colour, Item, Status, SystemState, Written, check_complete, incident_colour
from dutydesk.domain.log import LogKind
from dutydesk.domain.measures import MeasureKind
from dutydesk.domain.priority import Impact, Urgency
from dutydesk.domain.text import width
from dutydesk.integrations.handover_sheet import render
from dutydesk.locale import handover as words
from dutydesk.locale.due import due_text
from dutydesk.services import attendance, handover, handover_duty, incidents, log, measures
from dutydesk.services.core import Actor
from dutydesk.services.handover import HandoverView
from dutydesk.services.shift_live import DueKind, live
from dutydesk.storage import chain
from dutydesk.storage.engine import db
from dutydesk.storage.models.handover import HandoverSheet, Thing
from dutydesk.storage.models.log import LogEntry
from dutydesk.storage.models.shift import Assignment, DutyShift
from tests.services.conftest import PIN, Clock

pytestmark = pytest.mark.usefixtures("desk")


@pytest.fixture
def staffed(eng_a: Actor, eng_b: Actor, now: Clock) -> tuple[Actor, Actor]:
    """Put Eng. A on the day shift that runs and Eng. B on the night after it, A signed in."""
    day, night = DutyShift.select().order_by(DutyShift.starts_at).limit(2)
    day = DutyShift.select().where(DutyShift.starts_at <= now.start, DutyShift.ends_at > now.start).get()
    night = DutyShift.select().where(DutyShift.starts_at >= day.ends_at).order_by(DutyShift.starts_at).first()
    Assignment.update(person=eng_a.person_id).where(Assignment.shift == day).execute()
    Assignment.update(person=eng_b.person_id).where(Assignment.shift == night).execute()
    attendance.sign_in(eng_a, PIN)
    return eng_a, eng_b


def counts() -> dict[str, int]:
    return {f"thing:{thing.code}": thing.expected for thing in Thing.select()}


def steps(draft: handover.Draft | None) -> dict[str, str]:
    assert draft is not None
    return {item.key: f"step for {item.key}" for item in draft.items if item.step_required}


def p1(who: Actor, title: str = "Core switch SW1 down") -> incidents.IncidentView:
    return incidents.open_incident(who, incidents.NewIncident(title=title, impact=Impact.HIGH, urgency=Urgency.HIGH))


def prepared(who: Actor, **written: object) -> HandoverView:
    draft = handover.draft(who)
    return handover.prepare(who, PIN, Written(steps=steps(draft), counts=counts(), **written))  # type: ignore[arg-type]


def read_all(who: Actor, view: HandoverView) -> HandoverView:
    for frozen in view.unanswered:
        view = handover.read_back(who, view.line.id or 0, frozen.id, f"I know about {frozen.item.key}")
    return view


def take_over(who: Actor, now: Clock, view: HandoverView) -> HandoverView:
    now.to("2026-11-22 20:12")
    if who.person_id not in attendance.signed_in(view.line.to_shift.id if view.line.to_shift else 0):
        attendance.sign_in(who, PIN)
    return handover.accept(who, PIN, read_all(who, view).line.id or 0)


def test_the_draft_holds_every_open_item(staffed: tuple[Actor, Actor], now: Clock) -> None:
    a, _b = staffed
    p1(a)
    measures.open_measure(a, measures.NewMeasure(kind=MeasureKind.BYPASS, title="UPS-2 on bypass"))
    log.write(a, "Vendor Li in room A", kind=LogKind.VISITOR)
    draft = handover.draft(a)
    assert draft is not None
    by_block = {block: [item for item in draft.items if item.block is block] for block in Block}
    assert [item.title for item in by_block[Block.ACTIONS] if item.subject == "incident"] == ["Core switch SW1 down"]
    assert [item.title for item in by_block[Block.MEASURES]] == ["UPS-2 on bypass"]
    assert "Vendor Li in room A" in [item.title for item in by_block[Block.SUMMARY]]
    assert len(by_block[Block.THINGS]) == Thing.select().count() > 0
    assert draft.suggested is Colour.RED


def test_missing_steps_and_counts_refuse_the_signature(staffed: tuple[Actor, Actor]) -> None:
    a, _b = staffed
    p1(a)
    with pytest.raises(Refused, match="next step"):
        handover.prepare(a, PIN, Written(counts=counts()))
    with pytest.raises(Refused, match="not counted"):
        handover.prepare(a, PIN, Written(steps=steps(handover.draft(a))))
    short = counts() | {"thing:duty-phone": 0}
    with pytest.raises(Refused, match="next step or a reason"):
        handover.prepare(a, PIN, Written(steps=steps(handover.draft(a)), counts=short))


def test_only_the_outgoing_shift_prepares_and_a_wrong_pin_changes_nothing(staffed: tuple[Actor, Actor]) -> None:
    a, b = staffed
    with pytest.raises(Refused, match="outgoing shift"):
        prepared(b)
    with pytest.raises(Refused, match="PIN"):
        handover.prepare(a, "0000", Written(counts=counts()))
    assert handover.lines(a) == []


def test_from_draft_to_seal(staffed: tuple[Actor, Actor], now: Clock) -> None:
    a, b = staffed
    incident = p1(a)
    now.to("2026-11-22 19:50")
    view = prepared(a, notes={"planned": "UPS maintenance 23:00"})
    assert view.line.status is Status.PREPARED
    assert view.line.state is Colour.RED
    with pytest.raises(Refused, match="somebody else"):
        handover.accept(a, PIN, view.line.id or 0)
    attendance.sign_in(b, PIN)
    with pytest.raises(Refused, match="not read back"):
        handover.accept(b, PIN, view.line.id or 0)
    sealed = take_over(b, now, view)
    assert sealed.line.status is Status.SEALED
    assert sealed.line.accepted_by is not None
    red = next(line for line in sealed.items if line.item.subject == "incident")
    assert red.words == f"I know about incident:{incident.id}"
    assert handover_duty.carried("incident", [incident.id]) == {incident.id: 1}
    assert incidents.view(b, incident.id).next_step == f"step for incident:{incident.id}"
    verdict = chain.verify(expect_head=sealed.chain_head)
    assert verdict.broken is None
    sheet = HandoverSheet.get()
    assert chain.digest(sheet.content) == sealed.digest
    assert json.loads(sheet.content)["handover"]["number"] == sealed.line.number


def test_the_first_action_waits_for_acceptance(staffed: tuple[Actor, Actor], now: Clock, eng_c: Actor) -> None:
    a, b = staffed
    incident = p1(a)
    now.to("2026-11-22 19:50")
    view = prepared(a)
    now.to("2026-11-22 20:10")
    attendance.sign_in(b, PIN)
    with pytest.raises(Refused, match="First accept the handover"):
        handover.gate(b)
    handover.gate(a)
    p1(b, "Second fault")
    take_over(b, now, view)
    now.to("2026-11-22 20:20")
    handover.gate(b)
    handover.gate(eng_c)
    assert incidents.view(b, incident.id).number


def test_facts_after_the_cut_off_go_into_the_next_handover(staffed: tuple[Actor, Actor], now: Clock) -> None:
    a, b = staffed
    now.to("2026-11-22 19:50")
    view = prepared(a)
    now.to("2026-11-22 19:53")
    log.write(a, "Firewall rule 12 changed", kind=LogKind.CHANGE)
    assert "Firewall rule 12 changed" not in [line.item.title for line in view.items]
    take_over(b, now, view)
    now.to("2026-11-22 23:00")
    draft = handover.draft(b)
    assert draft is not None
    assert draft.line.from_shift.kind == "night"
    assert "Firewall rule 12 changed" in [item.title for item in draft.items]


def test_a_late_entry_is_read_back(staffed: tuple[Actor, Actor], now: Clock) -> None:
    a, b = staffed
    now.to("2026-11-22 19:50")
    take_over(b, now, prepared(a))
    now.to("2026-11-22 22:00")
    line = log.write(a, "Forgot: key lent", event_at=now.start)
    log.correct(a, line.id, "Forgot: key lent to the cleaner", "to whom")
    draft = handover.draft(b)
    assert draft is not None
    late = [item for item in draft.items if item.key.startswith("late:")]
    assert [item.title for item in late] == ["Forgot: key lent to the cleaner"]
    assert late[0].answer_required


def test_return_with_a_reason_and_prepare_again(staffed: tuple[Actor, Actor], now: Clock) -> None:
    a, b = staffed
    p1(a)
    now.to("2026-11-22 19:50")
    view = prepared(a)
    answered = read_all(b, view)
    assert answered.line.status is Status.READ
    with pytest.raises(Invalid):
        handover.give_back(b, view.line.id or 0, "   ")
    returned = handover.give_back(b, view.line.id or 0, "Whom do I call at the vendor?")
    assert returned.line.status is Status.RETURNED
    with pytest.raises(Refused, match="returned"):
        handover.accept(b, PIN, view.line.id or 0)
    again = prepared(a)
    assert again.line.revision == 2
    assert len(again.unanswered) == len(view.unanswered)
    assert [line.before for line in again.unanswered] == [f"I know about {line.item.key}" for line in again.unanswered]
    assert take_over(b, now, again).line.status is Status.SEALED


def test_the_live_shift_says_when_a_handover_waits_to_be_accepted(staffed: tuple[Actor, Actor], now: Clock) -> None:
    a, b = staffed
    p1(a)
    now.to("2026-11-22 19:50")

    def told(who: Actor) -> str:
        return next(due_text(due) for due in live(who).due if due.kind is DueKind.HANDOVER)

    assert told(b) == "Handover: Day"
    view = prepared(a)
    assert (told(a), told(b)) == ("Handover to be accepted: Day",) * 2
    read_all(b, view)
    assert told(b) == "Handover to be accepted: Day"
    handover.give_back(b, view.line.id or 0, "Whom do I call at the vendor?")
    assert told(a) == "Handover: Day"
    take_over(b, now, prepared(a))
    assert told(b) == "Handover: Night"


def test_what_was_written_is_there_again_when_it_comes_back(staffed: tuple[Actor, Actor], now: Clock) -> None:
    """Nothing typed is lost: counts, notes, states and the overall state of a returned handover."""
    a, b = staffed
    incidents.open_incident(a, incidents.NewIncident(title="UPS-2 hums", equipment_id=1))
    measures.open_measure(a, measures.NewMeasure(kind=MeasureKind.BYPASS, title="UPS-2 on bypass"))
    now.to("2026-11-22 19:50")
    draft = handover.draft(a)
    assert draft is not None
    bypass = next(item.key for item in draft.items if item.block is Block.MEASURES)
    written = Written(
        state=Colour.YELLOW,
        steps={**steps(draft), "thing:token": "Eng. B has it", bypass: "Eng. C puts it back"},
        systems={"equipment:1": SystemState.UNSTABLE},
        counts=counts() | {"thing:token": 1},
        notes={"planned": "Visitors at 9", "other": "Coffee machine: leaks"},
    )
    view = handover.prepare(a, PIN, written)
    handover.give_back(b, view.line.id or 0, "Which visitors?")
    before = handover.written_before(a, view.line.id or 0)
    assert (before.state, before.systems, before.counts) == (written.state, written.systems, written.counts)
    assert before.notes == written.notes
    assert before.steps == {"thing:token": "Eng. B has it", bypass: "Eng. C puts it back"}
    assert handover.prepare(a, PIN, before).line.revision == 2


def test_a_state_that_differs_from_its_incident_is_read_back(staffed: tuple[Actor, Actor], now: Clock) -> None:
    """A system that its open incident speaks for names it; what the outgoing says otherwise waits for an answer."""
    a, _b = staffed
    number = incidents.open_incident(a, incidents.NewIncident(title="UPS-2 hums", equipment_id=1)).number
    now.to("2026-11-22 19:50")

    def state(**said: SystemState) -> Item:
        systems = {f"equipment:{key[1:]}": value for key, value in said.items()}
        found = handover.draft(a, Written(systems=systems))
        assert found is not None
        return next(item for item in found.items if item.key == "equipment:1")

    assert (state().colour, state().answer_required) == (Colour.YELLOW, False)
    assert words.facts(state(), now.start) == [number]
    assert not state(_1=SystemState.WATCH).answer_required
    assert state(_1=SystemState.UNSTABLE).answer_required
    assert not state(_1=SystemState.STABLE).answer_required


def test_a_measure_cannot_drop_out_before_it_is_closed(staffed: tuple[Actor, Actor], now: Clock) -> None:
    a, b = staffed
    measure = measures.open_measure(a, measures.NewMeasure(kind=MeasureKind.SILENCED, title="TEMP-B muted"))
    now.to("2026-11-22 19:50")
    take_over(b, now, prepared(a))
    now.to("2026-11-22 23:00")
    draft = handover.draft(b)
    assert draft is not None
    carried = [item for item in draft.items if item.block is Block.MEASURES]
    assert [(item.title, item.carried) for item in carried] == [("TEMP-B muted", 1)]
    measures.close_measure(b, measure.line.id, "sensor replaced")
    draft = handover.draft(b)
    assert draft is not None
    assert not [item for item in draft.items if item.block is Block.MEASURES]


def test_emergency_relief_is_countersigned_by_the_supervisor(
    staffed: tuple[Actor, Actor], now: Clock, chief: Actor
) -> None:
    _a, b = staffed
    now.to("2026-11-22 20:05")
    with pytest.raises(Refused, match="Sign in"):
        handover.relieve(b, PIN, "Eng. A taken ill")
    attendance.sign_in(b, PIN)
    view = handover.relieve(b, PIN, "Eng. A taken ill")
    assert view.line.relief
    assert view.line.prepared_by is None
    assert "nobody (emergency relief)" in render(view, "Desk", "text")
    told = [line.message for line in LogEntry.select().where(LogEntry.kind == LogKind.HANDOVER.value)]
    assert told == ["Handover {number} taken over alone and sealed."]
    handover.gate(b)
    with pytest.raises(Refused, match="supervisor"):
        handover.countersign(b, PIN, view.line.id or 0)
    waiting = [(line.id, line.number) for line in live(chief).due if line.kind is DueKind.COUNTERSIGN]
    assert waiting == [(view.line.id, view.line.number)]
    assert not [line for line in live(b).due if line.kind is DueKind.COUNTERSIGN]
    signed = handover.countersign(chief, PIN, view.line.id or 0)
    assert signed.line.countersigned
    assert not [line for line in live(chief).due if line.kind is DueKind.COUNTERSIGN]
    with pytest.raises(Refused, match="already"):
        handover.countersign(chief, PIN, view.line.id or 0)
    assert chain.verify().broken is None


def test_states_and_short_counts_change_colours(staffed: tuple[Actor, Actor]) -> None:
    a, _b = staffed
    draft = handover.draft(a, Written(counts=counts() | {"thing:token": 1}, systems={"stable": SystemState.WATCH}))
    assert draft is not None
    things = {item.key: item for item in draft.items if item.block is Block.THINGS}
    assert things["thing:token"].colour is Colour.YELLOW
    assert things["thing:token"].step_required
    assert things["thing:duty-phone"].colour is Colour.GREEN


@pytest.mark.parametrize("form", ["text", "md", "html"])
def test_the_sheet_holds_the_head_and_shows_hostile_text_as_text(
    staffed: tuple[Actor, Actor], now: Clock, form: str
) -> None:
    a, b = staffed
    p1(a, "<script>alert(1)</script> [red]x[/] \x1b[2J| *bold*")
    now.to("2026-11-22 19:50")
    view = take_over(b, now, prepared(a))
    sheet = render(view, "Duty Desk", form)
    assert view.chain_head in sheet
    assert "\x1b" not in sheet
    assert view.line.number in sheet.replace("\\", "")
    if form == "html":
        assert "<script>" not in sheet
        assert "&lt;script&gt;" in sheet
    if form == "md":
        assert "\\*bold\\*" in sheet
        assert f"# Handover {view.line.number}" in sheet
    if form == "text":
        assert sheet.count("______________________________") == 2
        narrow = render(view, "Duty Desk", form, cells=60)
        assert max(width(line) for line in narrow.splitlines()) <= 60


@pytest.mark.commits
def test_sealed_rows_cannot_be_changed(staffed: tuple[Actor, Actor], now: Clock) -> None:
    a, b = staffed
    now.to("2026-11-22 19:50")
    take_over(b, now, prepared(a))
    for table in ("handover_sheet", "handover_item"):
        with pytest.raises(Exception, match="append-only"):
            db.execute_sql(f"update {table} set id = id + 1000")
        with pytest.raises(Exception, match="append-only"):
            db.execute_sql(f"delete from {table}")


def test_colours_and_completeness_of_items() -> None:
    assert incident_colour("P2", 0, False) is Colour.RED
    assert incident_colour("P3", 0, False) is Colour.YELLOW
    assert incident_colour("P4", 0, False) is Colour.GREEN
    assert incident_colour("P4", 3, False) is Colour.YELLOW
    assert incident_colour("P4", 0, True) is Colour.YELLOW
    check_complete([Item(Block.ACTIONS, Colour.RED, "x", next_step="do", step_required=True)])
