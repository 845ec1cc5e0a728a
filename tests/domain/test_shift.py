"""What of a policy is kept at hand, and how people stand to a shift."""

from __future__ import annotations

from dutydesk.domain.attendance import AttendanceRule, judge
from dutydesk.domain.shift import DutyState, Facts, kind_word, minutes_over, state_of
from dutydesk.domain.words import Label

START, END = 1_000_000_000, 1_000_000_000 + 12 * 3600


def test_facts_survive_being_stored() -> None:
    facts = Facts(
        titles={"day": Label("白班", "Day")},
        posts={"network": Label("网络管理员", "Network administrator")},
        rules={"turns": Label("固定顺序轮值", "Turns in fixed order")},
        attendance=AttendanceRule(10, 0, 30, 60),
        acknowledge={"P1": 3},
        handover_prepare=45,
        place=Label("值班室", "Duty room"),
    )
    assert Facts.from_json(facts.to_json()) == facts


def test_facts_of_an_older_desk_have_the_usual_minutes() -> None:
    assert Facts.from_json("") == Facts.from_json("{}") == Facts()


def test_names_of_shifts_and_posts() -> None:
    facts = Facts(titles={"day": Label("白班", "Day")})
    assert facts.title("day").en == "Day"
    assert facts.title("day.2").en == "Day"
    assert str(facts.title("dawn")) == str(facts.post("dawn")) == "dawn"
    assert (kind_word("night"), kind_word("dawn")) == ("Night", "dawn")


def test_how_people_stand() -> None:
    rule = AttendanceRule()

    def state(now: int, signed: int | None = None, last: str | None = None) -> DutyState:
        return state_of(judge(rule, START, END, signed, None, now), last)

    assert state(START - 60) is DutyState.EXPECTED
    assert state(START + 6 * 60) is DutyState.MISSING
    assert state(START + 3 * 3600) is DutyState.ABSENT
    assert state(START + 60, START, "in") is DutyState.ON
    assert state(END + 60, START, "out") is DutyState.LEFT


def test_missing_minutes_end_with_the_shift() -> None:
    assert [minutes_over(START, END, START + seconds) for seconds in (-60, 0, 725, 13 * 3600)] == [0, 0, 12, 720]
