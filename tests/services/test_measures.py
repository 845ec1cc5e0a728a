"""Temporary measures: opened, extended, edited, closed; in force until closed, and through every handover."""

from __future__ import annotations

import pytest

from dutydesk.domain.errors import Conflict, Invalid, NotFound, Refused
from dutydesk.domain.log import LogKind
from dutydesk.domain.measures import MeasureKind
from dutydesk.locale.lines import line_text
from dutydesk.services import log, measures
from dutydesk.services.core import Actor, create, record
from dutydesk.services.measures import NewMeasure
from dutydesk.storage import chain
from dutydesk.storage.engine import db
from dutydesk.storage.models.audit import AuditEntry
from dutydesk.storage.models.handover import Handover, HandoverItem
from dutydesk.storage.models.shift import DutyShift
from tests.services.conftest import Clock, moment
from tests.services.log_rows import make_incident


def _bypass(who: Actor, **more: object) -> measures.MeasureView:
    return measures.open_measure(who, NewMeasure("UPS-2 on bypass", MeasureKind.BYPASS, **more))  # type: ignore[arg-type]


def _told(who: Actor) -> str:
    return line_text(log.tail(who, limit=1)[0])


def test_a_measure_is_in_force_until_closed(eng_a: Actor, eng_b: Actor, now: Clock) -> None:
    view = _bypass(eng_a, detail="waiting for\nthe battery", until=moment("2026-11-22 18:00"))
    line = view.line
    assert (line.number, line.kind, line.since, line.overdue) == (
        "TM-261122-1",
        MeasureKind.BYPASS,
        now.start,
        False,
    )
    assert view.detail == "waiting for\nthe battery"
    assert _told(eng_a) == "Measure TM-261122-1 in force until 18:00 (Bypass): UPS-2 on bypass"
    assert log.tail(eng_a)[0].kind is LogKind.MEASURE
    assert measures.in_force(eng_b) == [line]
    now.to("2026-11-22 18:00")
    assert measures.in_force(eng_b)[0].overdue is True
    done = measures.close_measure(eng_b, line.id, "battery replaced, load on inverter")
    assert done.closed_by is not None
    assert done.closed_by.en == "Eng. B"
    assert _told(eng_b) == "Measure TM-261122-1 closed: UPS-2 on bypass – battery replaced, load on inverter"
    assert measures.in_force(eng_a) == []
    assert [closed.number for closed in measures.closed(eng_a)] == ["TM-261122-1"]
    with pytest.raises(Refused, match="closed already"):
        measures.close_measure(eng_a, line.id, "again")
    assert chain.verify().broken is None
    actions = [row.action for row in AuditEntry.select().where(AuditEntry.subject == "measure")]
    assert actions == ["measure.opened", "measure.closed"]


def test_numbers_count_by_local_day(eng_a: Actor, now: Clock) -> None:
    numbers = [_bypass(eng_a).line.number for _ in range(11)]
    assert numbers[0] == "TM-261122-1"
    assert numbers[-1] == "TM-261122-11"
    now.to("2026-11-23 00:10")
    assert _bypass(eng_a).line.number == "TM-261123-1"
    assert _bypass(eng_a, since=moment("2026-11-22 23:50")).line.number == "TM-261122-12"


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"title": "  "}, "title"),
        ({"title": "长" * 121}, "title"),
        ({"kind": "nonsense"}, "kind"),
        ({"since": 1795329120 + 301}, "since"),
        ({"until": 1795329120 - 60}, "until"),
        ({"owner_id": 999}, "owner_id"),
        ({"detail": "x" * 2001}, "detail"),
    ],
)
def test_what_cannot_be_taken_is_refused_at_its_field(eng_a: Actor, more: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        measures.open_measure(eng_a, NewMeasure(**({"title": "t"} | more)))  # type: ignore[arg-type]
    assert refused.value.field == field
    assert measures.in_force(eng_a) == []


def test_readers_and_unknown_incidents_are_refused(eng_a: Actor, reader: Actor) -> None:
    with pytest.raises(Refused):
        _bypass(reader)
    with pytest.raises(NotFound):
        _bypass(eng_a, incident_id=5)


def test_another_end_needs_a_reason_and_lies_ahead(eng_a: Actor, now: Clock) -> None:
    line = _bypass(eng_a, until=moment("2026-11-22 18:00")).line
    with pytest.raises(Invalid) as refused:
        measures.extend(eng_a, line.id, moment("2026-11-23 09:00"), " ")
    assert refused.value.field == "reason"
    with pytest.raises(Invalid) as refused:
        measures.extend(eng_a, line.id, now.start, "late part")
    assert refused.value.field == "until"
    view = measures.extend(eng_a, line.id, moment("2026-11-23 09:00"), "the part comes tomorrow")
    assert view.line.until == moment("2026-11-23 09:00")
    assert _told(eng_a) == "Measure TM-261122-1 extended to 11-23 09:00: UPS-2 on bypass – the part comes tomorrow"
    measures.extend(eng_a, line.id, None, "nobody knows")
    assert _told(eng_a) == "Measure TM-261122-1 now without an end: UPS-2 on bypass – nobody knows"


def test_edits_meet(eng_a: Actor, eng_b: Actor) -> None:
    line = _bypass(eng_a).line
    measures.edit(eng_b, line.id, NewMeasure("UPS-2 on manual bypass", "bypass", owner_id=eng_b.person_id), version=1)
    with pytest.raises(Conflict) as met:
        measures.edit(eng_a, line.id, NewMeasure("UPS-2 bypass", "bypass"), version=1)
    assert met.value.theirs["title"] == "UPS-2 on manual bypass"
    view = measures.view(eng_a, line.id)
    assert (view.line.title, view.owner_id, view.line.version) == ("UPS-2 on manual bypass", eng_b.person_id, 2)
    with pytest.raises(Conflict):
        measures.close_measure(eng_a, line.id, "done", version=1)


def test_those_past_their_end_come_first(eng_a: Actor, now: Clock) -> None:
    _bypass(eng_a)
    soon = _bypass(eng_a, until=moment("2026-11-22 16:00")).line.number
    later = _bypass(eng_a, until=moment("2026-11-22 18:00")).line.number
    now.to("2026-11-22 17:00")
    assert [line.number for line in measures.in_force(eng_a)] == [soon, later, "TM-261122-1"]
    assert measures.by_number(eng_a, soon.lower()).line.overdue is True


def test_a_measure_names_its_incident(eng_a: Actor, now: Clock) -> None:
    incident = make_incident(eng_a)
    line = _bypass(eng_a, incident_id=incident.id).line
    assert line.incident_number == incident.number
    assert log.tail(eng_a)[0].incident_number == incident.number


def test_sealed_handovers_are_counted(eng_a: Actor, now: Clock) -> None:
    line = _bypass(eng_a).line
    first = DutyShift.select().order_by(DutyShift.starts_at).first()
    following = list(DutyShift.select().where(DutyShift.starts_at > first.starts_at).order_by(DutyShift.starts_at))
    steps = zip([first, *following], following, ("sealed", "sealed", "read"), strict=False)
    with db.atomic():
        for number, (shift, after, status) in enumerate(steps):
            handover = create(
                Handover, number=f"HO-{number}", from_shift=shift, to_shift=after, status=status, revision=1
            )
            item = create(
                HandoverItem,
                handover=handover,
                revision=1,
                ordinal=0,
                block="measures",
                colour="yellow",
                subject="measure",
                subject_id=line.id,
                title=line.title,
            )
            record(eng_a, "handover.sealed", handover, item)
    assert measures.in_force(eng_a)[0].carried == 2
    assert measures.view(eng_a, line.id).line.carried == 2
