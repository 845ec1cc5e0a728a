"""Rates from TOML: the first rule that covers wins, one-off rules before all, money never a float (B8)."""

from __future__ import annotations

from datetime import date

import pytest

from dutydesk.domain.calendar import DayKind
from dutydesk.domain.errors import Invalid
from dutydesk.domain.rates import Event, Happening, RatesFrom, in_force, minor, read_rates, show_amount
from dutydesk.storage.shipped import data_path

HEAD = 'name = "x"\ncurrency = "CNY"\n'
RULE = '[[rule]]\nper_shift = "50.00"\n'


def duty(day: date, kind: DayKind, **more: object) -> Happening:
    return Happening(Event.DUTY, day, kind, **more)  # type: ignore[arg-type]


def shipped() -> str:
    return data_path("rates", "example.toml").read_text(encoding="utf-8")


def test_the_shipped_table_is_plainly_an_example() -> None:
    rates = read_rates(shipped(), "example.toml")
    assert rates.example
    assert "checked locally" in rates.title.text("en")
    assert "核对" in rates.title.text("zh")


@pytest.mark.parametrize(
    ("what", "rule", "rate"),
    [
        (duty(date(2026, 11, 18), DayKind.WORKDAY, shift_kind="day"), "day-workday", 5000),
        (duty(date(2026, 10, 10), DayKind.MAKEUP, shift_kind="day"), "day-workday", 5000),
        (duty(date(2026, 11, 21), DayKind.WEEKEND, shift_kind="day"), "day-rest", 12000),
        (duty(date(2026, 10, 5), DayKind.BRIDGE, shift_kind="night", night=True), "night-rest", 18000),
        (duty(date(2026, 10, 1), DayKind.STATUTORY, shift_kind="night", night=True), "night-statutory", 30000),
        (duty(date(2026, 10, 1), DayKind.STATUTORY, shift_kind="duty", night=True), "duty-statutory", 50000),
        (duty(date(2026, 2, 17), DayKind.STATUTORY, shift_kind="day"), "spring-festival-eve-2026", 40000),
        (duty(date(2026, 11, 18), DayKind.WORKDAY, shift_kind="day", extra=True), "extra", 1000),
        (Happening(Event.CALL_OUT, date(2026, 11, 18), DayKind.WORKDAY, on_site=False), "call-remote", 3000),
        (Happening(Event.CALL_OUT, date(2026, 11, 18), DayKind.WORKDAY, night=True), "call-night", 6000),
        (Happening(Event.CALL_OUT, date(2026, 10, 1), DayKind.STATUTORY, night=True), "call-statutory", 9000),
    ],
)
def test_the_first_rule_that_covers_wins(what: Happening, rule: str, rate: int) -> None:
    found = read_rates(shipped()).rule_for(what)
    assert found is not None
    assert (found.name, found.rate) == (rule, rate)


def test_order_decides_and_nothing_may_cover() -> None:
    text = (
        HEAD + '[[rule]]\nname = "sat"\ndays = ["sat"]\nper_shift = "1"\n[[rule]]\ndays = ["weekend"]\nper_shift = 2\n'
    )
    rates = read_rates(text)
    saturday, sunday, monday = date(2026, 11, 21), date(2026, 11, 22), date(2026, 11, 23)
    assert rates.rule_for(duty(saturday, DayKind.WEEKEND)).rate == 100  # type: ignore[union-attr]
    assert rates.rule_for(duty(sunday, DayKind.WEEKEND)).rate == 200  # type: ignore[union-attr]
    assert rates.rule_for(duty(monday, DayKind.WORKDAY)) is None


def test_posts_and_kinds_of_shift_narrow_a_rule() -> None:
    rates = read_rates(HEAD + '[[rule]]\nposts = ["network"]\nshifts = "night"\nper_hour = "20.50"\n' + RULE)
    day = date(2026, 11, 18)
    assert rates.rule_for(duty(day, DayKind.WORKDAY, shift_kind="night", post="network")).rate == 2050  # type: ignore[union-attr]
    assert rates.rule_for(duty(day, DayKind.WORKDAY, shift_kind="night", post="system")).name == "rule-2"  # type: ignore[union-attr]


def test_of_two_tables_the_one_of_the_day_is_in_force() -> None:
    old, new = read_rates(HEAD + RULE), read_rates(HEAD.replace("x", "y") + RULE)
    tables = [RatesFrom(date(2026, 1, 1), old), RatesFrom(date(2026, 11, 16), new)]
    assert in_force(tables, date(2026, 11, 15)) is old
    assert in_force(tables, date(2026, 11, 16)) is new
    assert in_force(tables, date(2025, 12, 31)) is None
    assert in_force([*tables, RatesFrom(date(2026, 1, 1), new)], date(2026, 2, 1)) is new


@pytest.mark.parametrize(
    ("text", "amount"), [("150", 15000), ("150.5", 15050), ("0.05", 5), ("1.005", None), ("-3", None), ("1,50", None)]
)
def test_amounts_are_read_exactly(text: str, amount: int | None) -> None:
    assert minor(text, 2) == amount


def test_amounts_are_written_exactly() -> None:
    assert [show_amount(each, 2) for each in (5, 12345, -350, 0)] == ["0.05", "123.45", "-3.50", "0.00"]
    assert show_amount(1200, 0) == "1200"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + "[[rule]]\nper_shift = 50.5\n", "per_shift is an amount in quotation marks"),
        (HEAD + "[[rule]]\n", "give one of per_shift, per_hour"),
        (HEAD + '[[rule]]\nper_shift = "1"\nper_hour = "1"\n', "give one of per_shift, per_hour"),
        (HEAD + '[[rule]]\nfor = "call-out"\nper_shift = "1"\n', "give one of per_hour, per_call"),
        (HEAD + '[[rule]]\nper_shift = "1"\ndays = ["holiday"]\n', "days is “holiday” and must be one of"),
        (HEAD + '[[rule]]\nper_shift = "1"\nshift = "day"\n', "there is no key shift"),
        (HEAD + '[[once]]\nper_shift = "1"\n' + RULE, "a one-off rule names its days"),
        (HEAD, "there is no [[rule]] in it"),
        ('name = "x"\ncurrency = "yuan"\n' + RULE, "three capital letters"),
        (HEAD + RULE.replace("]]\n", ']]\nname = "a"\n') * 2, "two rules are named “a”"),
    ],
)
def test_mistakes_are_told_with_their_place(text: str, said: str) -> None:
    with pytest.raises(Invalid, match=r"rates\.toml") as refused:
        read_rates(text, "rates.toml")
    assert said in str(refused.value)
