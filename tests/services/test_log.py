"""Log lines: written, added by the program, corrected; late entries, warnings, pages and search."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dutydesk import locale
from dutydesk.domain import clock
from dutydesk.domain.errors import Conflict, Invalid, NotFound, Refused
from dutydesk.domain.log import LogKind, moment_value
from dutydesk.domain.words import N_, Label
from dutydesk.locale.lines import line_text, said
from dutydesk.services import log
from dutydesk.services.core import Actor, create, record
from dutydesk.storage import chain, dated_search
from dutydesk.storage.engine import db
from dutydesk.storage.models.handover import Handover
from dutydesk.storage.models.log import LogEntry
from dutydesk.storage.models.shift import Assignment, DutyShift
from tests.services.conftest import Clock, moment
from tests.services.log_rows import make_incident


def test_a_line_is_kept_with_event_time_and_entry_time(eng_a: Actor, now: Clock) -> None:
    line = log.write(eng_a, "  SW1 \x1b[31munreachable\x1b[0m ", event_at=moment("2026-11-22 14:20"))
    assert (line.text, line.kind, line.event_at, line.entered_at) == (
        "SW1 unreachable",
        LogKind.NOTE,
        moment("2026-11-22 14:20"),
        now.start,
    )
    assert line.person == Label("甲工", "Eng. A")
    assert (line.shift_day, line.shift_kind, line.late) == ("2026-11-22", "day", False)
    assert log.tail(eng_a)[0] == log.get(eng_a, line.id)
    assert chain.verify().broken is None


@pytest.mark.parametrize("text", ["", "   ", "\u200b\x1b[0m", "\n"])
def test_an_empty_line_is_refused(eng_a: Actor, text: str) -> None:
    with pytest.raises(Invalid) as refused:
        log.write(eng_a, text)
    assert refused.value.field == "text"


def test_a_line_has_a_limit(eng_a: Actor) -> None:
    with pytest.raises(Invalid, match="100000 characters, 1000 at most"):
        log.write(eng_a, "长" * 100_000)


def test_hostile_text_stays_as_typed(eng_a: Actor) -> None:
    line = log.write(eng_a, "[red]x[/] [@click=app.quit]q[/] {name} %s =1+1\n\u202eabc")
    assert line.text == "[red]x[/] [@click=app.quit]q[/] {name} %s =1+1 abc"
    assert line_text(line) == line.text


def test_readers_write_nothing(reader: Actor) -> None:
    with pytest.raises(Refused):
        log.write(reader, "x")


def test_people_choose_kinds_that_are_theirs(eng_a: Actor) -> None:
    assert log.write(eng_a, "x", kind="assistance").kind is LogKind.ASSISTANCE
    for kind in ("handover", "nonsense"):
        with pytest.raises(Invalid) as refused:
            log.write(eng_a, "x", kind=kind)
        assert refused.value.field == "kind"


def test_an_event_ahead_or_an_unknown_incident_is_refused(eng_a: Actor, now: Clock) -> None:
    assert log.write(eng_a, "clocks differ", event_at=now.start + 300).late is False
    with pytest.raises(Invalid, match="lies ahead"):
        log.write(eng_a, "x", event_at=now.start + 301)
    with pytest.raises(Invalid, match="more than a year ago"):
        log.write(eng_a, "x", event_at=moment("1999-01-01 00:00"))
    with pytest.raises(NotFound):
        log.write(eng_a, "x", incident_id=77)


def test_the_program_speaks_everybodys_language(eng_a: Actor, now: Clock) -> None:
    with db.atomic():
        log.add(
            eng_a,
            LogKind.MEASURE,
            N_("Measure"),
            {"kind": LogKind.MEASURE, "who": Label("甲工", "Eng. A"), "until": moment_value(now.start)},
        )
    line = log.tail(eng_a)[0]
    assert (line.text, line.message) == ("临时措施", "Measure")
    try:
        locale.use("zh")
        assert line_text(line) == "临时措施"
    finally:
        locale.use("en")
    assert line_text(line) == "Measure"
    assert [found.id for found in log.page(eng_a, log.LogFilters(text="measure"))] == [line.id]
    assert [found.id for found in log.page(eng_a, log.LogFilters(text="措"))] == [line.id]


# Corrections


def test_a_correction_keeps_what_stood(eng_a: Actor, eng_b: Actor, now: Clock) -> None:
    first = log.write(eng_a, "SW1 down", event_at=moment("2026-11-22 14:20"), kind="change")
    now.pass_minutes(5)
    second = log.correct(eng_b, first.id, "SW2 down", "wrong switch")
    assert (second.corrects, second.event_at, second.kind, second.reason) == (
        first.id,
        first.event_at,
        LogKind.CHANGE,
        "wrong switch",
    )
    assert second.entered_at == first.entered_at + 300
    now.pass_minutes(1)
    third = log.correct(eng_a, second.id, "SW2 and SW3 down", "more", event_at=moment("2026-11-22 14:18"))
    assert third.event_at == moment("2026-11-22 14:18")
    assert [line.id for line in log.page(eng_a)][:1] == [third.id]
    assert not {first.id, second.id} & {line.id for line in log.page(eng_a)}
    for line_id in (first.id, second.id, third.id):
        assert [line.text for line in log.history(eng_a, line_id)] == ["SW2 and SW3 down", "SW2 down", "SW1 down"]
    assert LogEntry.get_by_id(first.id).text == "SW1 down"
    assert chain.verify().broken is None


def test_a_line_is_corrected_once(eng_a: Actor, eng_b: Actor) -> None:
    first = log.write(eng_a, "SW1 down")
    log.correct(eng_a, first.id, "SW2 down", "wrong switch")
    with pytest.raises(Conflict) as met:
        log.correct(eng_b, first.id, "SW3 down", "wrong switch")
    assert met.value.theirs["text"] == "SW2 down"


def test_a_correction_needs_a_reason_and_a_difference(eng_a: Actor) -> None:
    line = log.write(eng_a, "SW1 down")
    with pytest.raises(Invalid) as refused:
        log.correct(eng_a, line.id, "SW2 down", " ")
    assert refused.value.field == "reason"
    with pytest.raises(Invalid, match="Nothing is different"):
        log.correct(eng_a, line.id, "SW1 down", "why not")
    with pytest.raises(NotFound):
        log.correct(eng_a, 999, "x", "y")


def test_what_the_program_wrote_is_not_corrected_here(eng_a: Actor) -> None:
    with db.atomic():
        line_id = log.add(eng_a, LogKind.ROUND, "Round {name} finished.", {"name": "A"})
    with pytest.raises(Invalid, match="program wrote"):
        log.correct(eng_a, line_id, "x", "y")


def test_an_old_text_is_found_no_more(eng_a: Actor) -> None:
    line = log.write(eng_a, "交换机断电")
    newer = log.correct(eng_a, line.id, "路由器断电", "看错了")
    assert log.page(eng_a, log.LogFilters(text="交换机")) == []
    assert [found.id for found in log.page(eng_a, log.LogFilters(text="由"))] == [newer.id]


# Late entries and warnings


def _hand_over(who: Actor, day: str, kind: str, cut_off: int, status: str = "sealed") -> None:
    shift = DutyShift.get((DutyShift.day == day) & (DutyShift.kind == kind))
    after = DutyShift.select().where(DutyShift.starts_at >= shift.ends_at).order_by(DutyShift.starts_at).first()
    with db.atomic():
        row = create(
            Handover, number=f"HO-{day}-{kind}", from_shift=shift, to_shift=after, status=status, cut_off=cut_off
        )
        record(who, "handover.sealed", row)


def test_a_line_into_a_shift_handed_over_comes_late(eng_a: Actor, chief: Actor, now: Clock) -> None:
    _hand_over(eng_a, "2026-11-22", "day", moment("2026-11-22 19:55"))
    now.to("2026-11-22 21:10")
    line = log.write(chief, "UPS alarm at noon", event_at=moment("2026-11-22 12:05"))
    assert (line.late, line.shift_kind) == (True, "day")
    assert line.warning is not None
    assert said(line.warning) == (
        "This belongs to the day shift 22 Nov, handed over; it goes into the next handover as a late entry."
    )
    assert log.write(chief, "now").late is False
    assert log.warning(chief, moment("2026-11-22 21:05")) is None


def test_after_the_cut_off_nothing_slips_past_the_sheet(eng_a: Actor, chief: Actor, now: Clock) -> None:
    now.to("2026-11-22 19:58")
    _hand_over(eng_a, "2026-11-22", "day", moment("2026-11-22 19:50"), "prepared")
    assert log.write(chief, "before it was signed", event_at=moment("2026-11-22 19:49")).late is True
    assert log.write(chief, "after it was signed", event_at=moment("2026-11-22 19:51")).late is False


def test_a_shift_not_handed_over_yet_takes_its_lines(eng_a: Actor, chief: Actor, now: Clock) -> None:
    now.to("2026-11-22 20:10")
    line = log.write(chief, "still ours", event_at=moment("2026-11-22 19:40"))
    assert (line.late, line.shift_kind) == (False, "day")
    warning = said(line.warning or pytest.fail("no warning"))
    assert warning.startswith("This belongs to the day shift 22 Nov, still open;")


def test_somebody_off_duty_is_told(eng_a: Actor, eng_b: Actor, eng_c: Actor, eng_d: Actor, now: Clock) -> None:
    on = {
        person
        for (person,) in Assignment.select(Assignment.person)
        .join(DutyShift)
        .where((DutyShift.day == "2026-11-22") & (DutyShift.kind == "day"))
        .tuples()
    }
    for who in (eng_a, eng_b, eng_c, eng_d):
        told = log.warning(who)
        assert (told is None) == (who.person_id in on), who.login
    off = next(who for who in (eng_a, eng_b, eng_c, eng_d) if who.person_id not in on)
    line = log.write(off, "passing by")
    assert said(line.warning or pytest.fail("no warning")).startswith("You are not on the day shift 22 Nov;")


def test_an_event_before_all_shifts_is_kept(eng_a: Actor) -> None:
    line = log.write(eng_a, "long ago", event_at=moment("2026-01-01 10:00"))
    assert (line.shift_id, line.event_at, line.late) == (None, moment("2026-01-01 10:00"), True)
    assert said(line.warning or pytest.fail("no warning")).startswith("No shift covers that time;")


# Pages


def _keys(lines: list[log.LogLine]) -> list[tuple[int, int]]:
    return [line.key for line in lines]


@pytest.fixture
def many(eng_a: Actor, eng_b: Actor, now: Clock) -> list[log.LogLine]:
    """Write 60 lines over ten days, some at the same instant and some out of order; newest first."""
    start = moment("2026-11-12 08:00")
    written = []
    for number in range(60):
        at = start + (number * 37 % 60) // 2 * 28_000
        who = eng_b if number % 5 == 0 else eng_a
        kind = "visitor" if number % 7 == 0 else "note"
        written.append(
            log.write(who, f"巡视 line {number} {'打印机' if number % 3 else '机房'}", event_at=at, kind=kind)
        )
    stored = [log.get(eng_a, line.id) for line in written]
    return sorted(stored, key=lambda line: line.key, reverse=True)


@pytest.mark.parametrize("text", ["", "巡视"])
@pytest.mark.parametrize("limit", [1, 7, 100])
def test_pages_meet_without_gap_both_ways(
    eng_a: Actor, many: list[log.LogLine], text: str, limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dated_search, "FEW", 5)
    filters = log.LogFilters(text=text, until=moment("2026-11-22 08:00"))
    seen: list[log.LogLine] = []
    key = None
    while rows := log.page(eng_a, filters, key, limit):
        seen += rows
        key = rows[-1].key
    assert _keys(seen) == _keys([line for line in many if line.event_at < moment("2026-11-22 08:00")])
    back: list[log.LogLine] = []
    key = None
    while rows := log.page(eng_a, filters, key, limit, back=True):
        back = rows + back
        key = rows[0].key
    assert _keys(back) == _keys(seen)


def test_filters_narrow(eng_a: Actor, eng_b: Actor, many: list[log.LogLine]) -> None:
    def found(**filters: object) -> set[int]:
        return {line.id for line in log.page(eng_a, log.LogFilters(**filters), limit=1000)}  # type: ignore[arg-type]

    def expected(test: Callable[[log.LogLine], bool]) -> set[int]:
        return {line.id for line in many if test(line)}

    assert found(kind=LogKind.VISITOR) == expected(lambda line: line.kind is LogKind.VISITOR)
    assert found(person_id=eng_b.person_id) == expected(lambda line: line.person_id == eng_b.person_id)
    assert found(text="机") == expected(lambda line: "机" in line.text)
    assert found(text="打印机 line") == expected(lambda line: "打印机" in line.text)
    assert found(text="机印") == set()
    assert found(text="机房", kind=LogKind.VISITOR, person_id=eng_b.person_id) == expected(
        lambda line: "机房" in line.text and line.kind is LogKind.VISITOR and line.person_id == eng_b.person_id
    )
    since, until = moment("2026-11-14 00:00"), moment("2026-11-15 00:00")
    assert found(since=since, until=until) == expected(lambda line: since <= line.event_at < until)
    assert found(since=since, until=until, text="机") == expected(
        lambda line: since <= line.event_at < until and "机" in line.text
    )
    assert found(text='"*-^(') == set()
    assert found(text="nothing like it") == set()


def test_lines_of_an_incident(eng_a: Actor) -> None:
    incident = make_incident(eng_a)
    line = log.write(eng_a, "vendor called", incident_id=incident.id)
    log.write(eng_a, "something else")
    assert log.page(eng_a, log.LogFilters(incident_id=incident.id)) == [line]
    assert log.tail(eng_a)[1].incident_number == incident.number


@pytest.mark.files
@pytest.mark.parametrize(
    ("filters", "index"),
    [
        ({}, "event_at"),
        ({"kind": LogKind.VISITOR}, "kind_event_at"),
        ({"person_id": 2}, "person_id_event_at"),
        ({"shift_id": 1}, "shift_id_event_at"),
    ],
)
def test_a_page_is_read_from_an_index_in_order(eng_a: Actor, filters: dict[str, object], index: str) -> None:
    seen: list[tuple[str, tuple[object, ...]]] = []
    execute = db.obj.execute_sql

    def spy(sql: str, params: tuple[object, ...] | None = None, **more: object) -> object:
        if "log_entry" in sql and "ORDER BY" in sql:
            seen.append((sql, params or ()))
        return execute(sql, params, **more)

    db.obj.execute_sql = spy
    try:
        for back in (False, True):
            log.page(eng_a, log.LogFilters(**filters), (clock.now(), 5), back=back)  # type: ignore[arg-type]
    finally:
        db.obj.execute_sql = execute
    assert len(seen) == 2
    for sql, params in seen:
        plan = " / ".join(row[-1] for row in execute(f"explain query plan {sql}", params).fetchall())
        assert f"USING INDEX logentry_{index}" in plan.replace("log_entry", "logentry"), plan
        assert "TEMP B-TREE" not in plan, plan
