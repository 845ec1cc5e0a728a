"""Log lines: written, added by the program, corrected; late entries, warnings, pages and search."""

from __future__ import annotations

import pytest

from dutydesk import locale
from dutydesk.domain import clock
from dutydesk.domain.errors import Conflict, Invalid, NotFound, Refused
from dutydesk.domain.log import LogKind, moment_value
from dutydesk.domain.words import N_, Label
from dutydesk.locale.lines import line_text, said
from dutydesk.services import log
from dutydesk.services.core import Actor
from dutydesk.storage import chain
from dutydesk.storage.engine import db
from dutydesk.storage.models.log import LogEntry
from tests.services.conftest import Clock, moment


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
