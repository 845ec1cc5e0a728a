"""Ranges, states, performance data and typed readings (DOMAIN 5; facts restated from the plugins' own test suites)."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dutydesk.domain.errors import Invalid
from dutydesk.domain.limits import (
    Limits,
    Metric,
    Range,
    Verdict,
    parse_limits,
    parse_perfdata,
    parse_range,
    reading,
    verdict_of,
    verdict_of_exit,
)


@pytest.mark.parametrize(
    ("text", "start", "end", "inside"),
    [
        ("6", 0, 6, False),
        ("-7:23", -7, 23, False),
        ("~:-95.99", None, -95.99, False),
        ("10:", 10, None, False),
        ("~:10", None, 10, False),
        ("@10:20", 10, 20, True),
        (":10", 0, 10, False),
        ("@0:657.8210567", 0, 657.8210567, True),
        ("1:1", 1, 1, False),
        ("1:12%%", 1, 12, False),
        ("80 %", 0, 80, False),
        ("12345678901234567890:", 12345678901234567890, None, False),
    ],
)
def test_a_range_is_read_as_the_convention_says(text: str, start: float, end: float, inside: bool) -> None:
    assert parse_range(text) == Range(start, end, inside)


@pytest.mark.parametrize("text", ["", ":", "~", "@", "20:10", "a", "1,5", "10:20:30", "nan", "1e999", "10 :20", "-5"])
def test_what_is_not_a_range_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(Invalid, match="20:25") as refused:
        parse_range(text, field="warning")
    assert refused.value.field == "warning"


@pytest.mark.parametrize(
    ("text", "alerting", "quiet"),
    [
        ("10", [-1, 10.1], [0, 10]),
        ("10:", [9.9], [10, 1e9]),
        ("~:10", [10.1], [-1e9, 10]),
        ("10:20", [9, 21], [10, 20]),
        ("@10:20", [10, 15, 20], [9, 21]),
        ("@0:657.8210567", [32.88, 0, 657.8210567], [-2]),
        ("1:1", [0.5, 5.2], [1]),
        ("12345678901234567890:", [11223344455667788990], [12345678901234567890, 24691357802469135780]),
    ],
)
def test_a_range_alerts(text: str, alerting: list[float], quiet: list[float]) -> None:
    judged = parse_range(text)
    assert all(judged.alerts(value) for value in alerting)
    assert not any(judged.alerts(value) for value in quiet)


@pytest.mark.parametrize(
    ("warning", "critical", "value", "code"),
    [("30", "60", 15.3, 0), ("30", "60", 30.0001, 1), ("30", "60", 69, 2)]
    + [("-10:-2", "-30:20", value, code) for value, code in [(-31, 2), (-29, 1), (-10, 0), (-2, 0), (-1, 1), (21, 2)]],
)
def test_critical_wins_over_warning(warning: str, critical: str, value: float, code: int) -> None:
    assert parse_limits(warning, critical).judge(value).exit_code == code


def test_without_limits_every_reading_is_ok() -> None:
    assert Limits().judge(1e9) is Verdict.OK
    assert not parse_limits("", None)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("20:25", "20–25"),
        ("80", "≤ 80"),
        ("~:10", "≤ 10"),
        ("96:", "≥ 96"),
        ("1:1", "= 1"),
        ("@10:20", "< 10, > 20"),
        ("@~:10", "> 10"),
        ("22.5:24.0", "22.5–24"),
        ("~:", ""),
    ],
)
def test_people_read_what_is_normal(text: str, words: str) -> None:
    assert parse_range(text).words() == words


numbers = st.one_of(st.integers(-(10**6), 10**6), st.floats(-1e6, 1e6, allow_nan=False))


@given(start=st.none() | numbers, end=st.none() | numbers, inside=st.booleans(), value=numbers)
def test_a_written_range_reads_back_and_judges_alike(
    start: float | None, end: float | None, inside: bool, value: float
) -> None:
    if start is not None and end is not None and start > end:
        start, end = end, start
    range_ = Range(start, end, inside)
    again = parse_range(str(range_))
    assert again.alerts(value) == range_.alerts(value)


def test_states_by_word_and_code() -> None:
    assert [verdict_of(word).exit_code for word in ("Ok", "OK", "0", "cRiTIcaL", "2", "warning", "3")] == [
        0, 0, 0, 2, 2, 1, 3,
    ]  # fmt: skip
    with pytest.raises(Invalid):
        verdict_of("fine")
    assert verdict_of_exit(1) is Verdict.WARNING
    assert verdict_of_exit(137) is Verdict.UNKNOWN
    assert verdict_of_exit(-9) is Verdict.UNKNOWN


def test_performance_data() -> None:
    assert parse_perfdata("").metrics == ()
    assert parse_perfdata("'hello world'=123456").value("hello world") == 123456
    assert parse_perfdata("test=123456B").metrics == (Metric("test", 123456, "B"),)
    full = parse_perfdata("load=83%;80;90;0;100").metrics[0]
    assert full == Metric("load", 83, "%", Range(0, 80), Range(0, 90), 0, 100)
    assert parse_perfdata("'it''s'=1.5e-3s").value("it's") == 0.0015
    assert parse_perfdata("x=U").metrics == (Metric("x", None),)
    both = parse_perfdata("test::a=3 b=4")
    assert (both.value("test::a"), both.value("test::b")) == (3, 4)


@pytest.mark.parametrize("piece", ["test=1,23456", "test", "=5", "a=b", "a=1;x", "a=1;;;z", "a=1_0", "'a=1", "a==1"])
def test_malformed_performance_data_is_kept_raw(piece: str) -> None:
    found = parse_perfdata(f"good=1 {piece}")
    assert found.value("good") == 1
    assert found.malformed == (piece,)


@given(st.text(max_size=60))
def test_performance_data_never_fails(text: str) -> None:
    found = parse_perfdata(text)
    assert all(metric.value is None or math.isfinite(metric.value) for metric in found.metrics)


@pytest.mark.parametrize(
    ("text", "value"),
    [("22.4", 22.4), ("２２．４", 22.4), ("-3", -3), ("−3", -3), (" 83 % ", 83), ("83", 83), (".5", 0.5), ("＋7", 7)],
)
def test_a_typed_reading(text: str, value: float) -> None:
    assert reading(text, unit="%" if "%" in text else "") == value


@pytest.mark.parametrize("text", ["-1", "999", "200.1 %"])
def test_no_load_is_999_percent(text: str) -> None:
    """A doubled digit is no reading; an overloaded UPS is one, and so are 999 of anything else."""
    with pytest.raises(Invalid, match="between 0 and 200"):
        reading(text, unit="%")
    assert (reading("105", unit="%"), reading("0", unit="%"), reading("999", unit="V")) == (105, 0, 999)


def test_a_unit_typed_with_the_reading_is_understood() -> None:
    assert reading("22.4℃", unit="°C") == 22.4
    assert reading("22.4 °C", unit="℃") == 22.4


def test_a_decimal_comma_is_refused_with_the_right_way() -> None:
    with pytest.raises(Invalid, match=r"22\.4"):
        reading("22,4")
    with pytest.raises(Invalid, match=r"22\.4"):
        reading("22，4")


@pytest.mark.parametrize("text", ["", "abc", "1e5", "nan", "inf", "1 000", "--3", "1.2.3", "0x10", "9" * 30])
def test_what_is_not_a_reading(text: str) -> None:
    with pytest.raises(Invalid):
        reading(text)
