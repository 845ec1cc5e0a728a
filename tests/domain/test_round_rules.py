"""Windows, judging, conditions and pace of rounds. Source: DOMAIN 5."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

import pytest

from dutydesk.domain.errors import Invalid
from dutydesk.domain.limits import parse_limits
from dutydesk.domain.rounds import (
    CheckPoint,
    Condition,
    Found,
    ItemKind,
    Option,
    RoundState,
    RoundStatus,
    Stroke,
    Window,
    asked,
    clock_behind,
    due_times,
    pace,
    parse_condition,
    progress,
)
from dutydesk.domain.words import Label

ZONE = ZoneInfo("Asia/Shanghai")
WINDOW = Window(due_at=10_000, late_at=11_800, missed_at=17_200)


@dataclass
class Given:
    found: Found
    text: str | None = None
    note: str | None = None


def point(code: str, kind: ItemKind = ItemKind.CHECK, **more: object) -> CheckPoint:
    return CheckPoint(1, code, Label("位置"), Label(code), kind, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("now", "state"),
    [
        (9_999, RoundState.AHEAD),
        (10_000, RoundState.DUE),
        (11_799, RoundState.DUE),
        (11_800, RoundState.LATE),
        (17_199, RoundState.LATE),
        (17_200, RoundState.MISSED),
    ],
)
def test_a_round_nobody_started_moves_through_its_window(now: int, state: RoundState) -> None:
    assert WINDOW.state(RoundStatus.DUE, now) is state


def test_a_started_round_is_never_missed_but_can_be_late() -> None:
    assert WINDOW.state(RoundStatus.STARTED, 99_999) is RoundState.STARTED
    assert not WINDOW.late(None, 11_799)
    assert WINDOW.late(None, 11_800)
    assert not WINDOW.late(11_000, 99_999)
    assert WINDOW.opens_at == 8_200


def test_due_times_belong_to_the_shift_whose_hours_hold_them() -> None:
    night = (1_795_262_400, 1_795_262_400 + 12 * 3600)  # 22 Nov 2026 00:00 UTC = 08:00 at the desk
    times = ["02:00", "08:00", "14:00", "20:00"]
    assert [at - night[0] for at in due_times(times, *night, ZONE)] == [0, 6 * 3600]
    assert [at - night[1] for at in due_times(times, night[1], night[1] + 12 * 3600, ZONE)] == [0, 6 * 3600]


def test_a_reading_is_judged_by_its_limits() -> None:
    load = point("load", ItemKind.NUMBER, limits=parse_limits("80", "90"))
    assert load.judge(None, 61, None) is Found.OK
    assert load.judge(None, 83, None) is Found.WARNING
    assert load.judge(None, 90.5, None) is Found.CRITICAL
    assert load.judge(Found.ABNORMAL, None, None) is Found.ABNORMAL
    with pytest.raises(Invalid):
        load.judge(Found.OK, None, None)


def test_a_choice_says_what_its_option_says() -> None:
    door = point(
        "door",
        ItemKind.CHOICE,
        options=(Option("locked", Label("锁")), Option("open", Label("开"), Found.ABNORMAL)),
    )
    assert door.judge(None, None, "locked") is Found.OK
    assert door.judge(None, None, "open") is Found.ABNORMAL
    with pytest.raises(Invalid):
        door.judge(Found.OK, None, "ajar")


def test_conditional_items_are_asked_when_the_earlier_answer_holds() -> None:
    points = [
        point("ac"),
        point("ac-code", condition=Condition("ac", "abnormal")),
        point("ac-part", condition=Condition("ac-code", "ok")),
        point("tape", in_service=False),
    ]
    assert [each.code for each in asked(points, {})] == ["ac"]
    answers = {"ac": Given(Found.CRITICAL)}
    assert [each.code for each in asked(points, answers)] == ["ac", "ac-code"]
    answers = {"ac": Given(Found.OK), "ac-code": Given(Found.OK)}
    assert [each.code for each in asked(points, answers)] == ["ac"], "a hidden item hides what hangs on it"
    assert [each.code for each in asked(points, {"ac": Given(Found.SKIPPED)})] == ["ac"]


def test_a_condition_is_read_or_refused() -> None:
    assert parse_condition("ac = alarm") == Condition("ac", "alarm")
    assert parse_condition("") is None
    with pytest.raises(Invalid):
        parse_condition("ac")


def test_progress_names_what_stands_in_the_way() -> None:
    points = [point("a"), point("b"), point("c", required=False)]
    done = progress(points, {"a": Given(Found.ABNORMAL)})
    assert (done.answered, done.total, done.abnormal, done.can_finish) == (1, 3, 1, False)
    assert [each.code for each in done.missing] == ["b"]
    assert [each.code for each in done.without_note] == ["a"]
    done = progress(points, {"a": Given(Found.ABNORMAL, note="dust"), "b": Given(Found.SKIPPED)})
    assert (done.skipped, done.can_finish) == (1, True)


def test_the_pace_shows_how_a_round_was_walked() -> None:
    assert pace([]).answers == 0
    strokes = [
        Stroke(1, 100, 0),
        Stroke(2, 101, 5),
        Stroke(1, 101, 1),
        Stroke(1, 160, 3),
        Stroke(1, 200, 2, default_kept=True),
        Stroke(1, 230, 2, repeats=True),
        Stroke(1, 240, 0),
    ]
    found = pace(strokes)
    assert (found.answers, found.seconds) == (5, 140)
    assert (found.quick, found.shortest_gap, found.typical_gap) == (1, 1, 40), "gaps are one person's own"
    assert (found.backward, found.defaults, found.changed) == (1, 1, 1)


def test_an_answer_before_the_start_means_a_wrong_clock() -> None:
    assert clock_behind(1000, [880, 1100]) == 120
    assert clock_behind(1000, [1000]) == 0
    assert clock_behind(None, []) == 0
