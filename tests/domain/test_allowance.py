"""What each duty and call-out pays, and why: from what happened, to the last cent (B8)."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from dutydesk.domain.allowance import Call, Content, Duty, Remark, content, difference, pay_call, pay_duty, rounded
from dutydesk.domain.calendar import DayKind
from dutydesk.domain.rates import RatesFrom, Unit, read_rates
from dutydesk.domain.words import Label

DAY = date(2026, 11, 18)
HOUR = 3600
TEXT = """
name = "x"
currency = "CNY"
[[rule]]
name = "night"
night = true
per_shift = "100.00"
[[rule]]
name = "standby"
shifts = "standby"
absent_paid = true
per_shift = "30.00"
[[rule]]
name = "flat"
shifts = "flat"
share = "planned"
per_shift = "70.00"
[[rule]]
name = "hourly"
shifts = "day"
per_hour = "10.01"
[[rule]]
name = "extra"
extra = true
per_hour = "6.00"
[[rule]]
name = "phone"
for = "call-out"
on_site = false
per_call = "30.00"
[[rule]]
name = "call"
for = "call-out"
per_hour = "45.00"
least_minutes = 60
"""
TABLES = [RatesFrom(date(2026, 1, 1), read_rates(TEXT))]
NIGHT = Duty("a", 1, DAY, "night", DayKind.WORKDAY, 0, 12 * HOUR, 0, 12 * HOUR, night=True, worked=720, grace=10)
DAYTIME = replace(NIGHT, kind="day", night=False)
CALL = Call("a", DAY, DayKind.WORKDAY, called_at=0, left_at=90 * 60)


def test_a_whole_shift_pays_its_rate() -> None:
    line = pay_duty(NIGHT, TABLES)
    assert (line.rule, line.unit, line.rate, line.minutes, line.of_minutes) == ("night", Unit.SHIFT, 10000, 720, 720)
    assert line.amount == 10000
    assert not line.remarks


def test_who_is_absent_gets_nothing_unless_the_rule_says_so() -> None:
    gone = replace(NIGHT, came=False, worked=0, in_order=False, remarks=(Remark.ABSENT,))
    line = pay_duty(gone, TABLES)
    assert (line.rule, line.amount, line.minutes, line.remarks) == ("night", 0, 0, (Remark.ABSENT,))
    assert pay_duty(replace(gone, kind="standby", night=False), TABLES).amount == 3000


def test_minutes_within_the_grace_cost_nothing_and_beyond_it_what_is_missing() -> None:
    assert pay_duty(replace(NIGHT, worked=711), TABLES).amount == 10000
    late = pay_duty(replace(NIGHT, worked=690, in_order=False, remarks=(Remark.LATE,)), TABLES)
    assert (late.amount, late.minutes) == (rounded(10000, 690, 720), 690)
    assert pay_duty(replace(NIGHT, worked=690, in_order=False, kind="flat", night=False), TABLES).amount == 7000
    assert pay_duty(replace(NIGHT, worked=800), TABLES).amount == 10000


def test_by_the_hour_real_minutes_count_and_halves_are_rounded_up() -> None:
    assert pay_duty(DAYTIME, TABLES).amount == 12012
    short = pay_duty(replace(DAYTIME, worked=333, in_order=False), TABLES)
    assert short.amount == rounded(1001, 333, 60) == 5556
    assert rounded(5, 1, 2) == 3


@given(st.lists(st.integers(1, 300), min_size=1, max_size=6), st.integers(0, 99_999))
def test_the_parts_of_a_shift_add_up_to_its_rate(parts: list[int], rate: int) -> None:
    tables = [RatesFrom(date(2026, 1, 1), read_rates(f'name="x"\ncurrency="CNY"\n[[rule]]\nper_shift="{rate}"\n'))]
    whole, begin, total = sum(parts) * 60, 0, 0
    for minutes in parts:
        part = replace(
            NIGHT, shift_ends_at=whole, starts_at=begin, ends_at=begin + minutes * 60, worked=minutes, grace=0
        )
        total += pay_duty(part, tables).amount
        begin += minutes * 60
    assert total == rate * 100


def test_an_extra_is_paid_by_the_rule_for_extras_only() -> None:
    line = pay_duty(replace(DAYTIME, extra=True, worked=130, remarks=(Remark.EXTRA,)), TABLES)
    assert (line.rule, line.amount) == ("extra", 1300)
    without = [RatesFrom(date(2026, 1, 1), read_rates('name="x"\ncurrency="CNY"\n[[rule]]\nper_shift="5"\n'))]
    line = pay_duty(replace(DAYTIME, extra=True, worked=130), without)
    assert (line.rule, line.amount, line.doubtful) == ("", 0, True)


def test_call_outs_by_call_and_by_the_hour() -> None:
    line = pay_call(CALL, TABLES)
    assert (line.rule, line.minutes, line.amount) == ("call", 90, 6750)
    short = pay_call(replace(CALL, left_at=20 * 60), TABLES)
    assert (short.minutes, short.amount, short.remarks) == (60, 4500, (Remark.LEAST,))
    assert pay_call(replace(CALL, on_site=False), TABLES).amount == 3000
    lasting = pay_call(replace(CALL, left_at=None), TABLES)
    assert (lasting.amount, lasting.remarks, lasting.doubtful) == (0, (Remark.OPEN,), True)


def test_a_day_without_rates_says_so() -> None:
    line = pay_duty(replace(NIGHT, day=date(2025, 12, 31)), TABLES)
    assert (line.amount, line.remarks) == (0, (Remark.NO_RATES,))


def sheet(*duties: Duty) -> Content:
    return content(duties, [CALL], TABLES, [("a", Label("甲", "A")), ("b", Label("乙", "B"))], currency="CNY")


def test_the_sheet_survives_being_frozen() -> None:
    made = sheet(NIGHT, replace(DAYTIME, login="b", shift_id=2))
    again = Content.of(json.loads(json.dumps(made.plain())))
    assert again == made
    assert [person.amount for person in again.people] == [16750, 12012]
    assert again.amount == 28762


def test_the_difference_names_people_and_lines() -> None:
    before = sheet(NIGHT, replace(DAYTIME, shift_id=2))
    assert difference(before, before) == ()
    after = sheet(replace(NIGHT, worked=600, in_order=False), replace(DAYTIME, shift_id=2, login="b"))
    changed = {person.login: person for person in difference(before, after)}
    assert (changed["a"].before, changed["a"].after) == (28762, 15083)
    assert [(line.by, line.after is None) for line in changed["a"].lines] == [(-1667, False), (-12012, True)]
    assert [line.before for line in changed["b"].lines] == [None]
