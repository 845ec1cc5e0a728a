"""Schedules, sizes, copies and the 3-2-1-1-0 rule. Source: DOMAIN 5, REQUIREMENTS C7."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from dutydesk.domain.backups import (
    Copy,
    Evidence,
    JobState,
    growth,
    judge,
    parse_schedule,
    show_size,
    size_of,
)
from dutydesk.domain.errors import Invalid
from dutydesk.domain.limits import Limits, parse_limits
from dutydesk.domain.rounds import Found

ZONE = ZoneInfo("Asia/Shanghai")
NOW = int(datetime(2026, 11, 22, 15, 0, tzinfo=ZONE).timestamp())
"""A Sunday."""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("01:30", "2026-11-22 01:30"),
        ("16:00", "2026-11-21 16:00"),
        ("00:00 06:00 12:00 18:00", "2026-11-22 12:00"),
        ("sun 04:00", "2026-11-22 04:00"),
        ("mon,sat 23:00", "2026-11-21 23:00"),
        ("sun 15:30", "2026-11-15 15:30"),
    ],
)
def test_the_expected_copy_is_the_newest_one_before_now(text: str, expected: str) -> None:
    at = parse_schedule(text).last(NOW, ZONE)
    assert at is not None
    assert datetime.fromtimestamp(at, ZONE).strftime("%Y-%m-%d %H:%M") == expected


def test_a_job_without_a_schedule_expects_nothing() -> None:
    assert parse_schedule("").last(NOW, ZONE) is None


@pytest.mark.parametrize("text", ["daily", "sun", "noday 04:00", "25:00"])
def test_a_schedule_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        parse_schedule(text)


@pytest.mark.parametrize(
    ("typed", "size"),
    [("120", 120 * 10**9), ("1.5 TB", 15 * 10**11), ("800MB", 8 * 10**8), ("12 k", 12_000), ("512B", 512)],
)
def test_sizes_are_read(typed: str, size: int) -> None:
    assert size_of(typed) == size


@pytest.mark.parametrize("typed", ["", "big", "1.2.3", "-5", "9" * 40, "0", "0 GB", "0.0001 k"])
def test_what_is_no_size_is_refused(typed: str) -> None:
    with pytest.raises(Invalid):
        size_of(typed)


def test_sizes_are_shown_short() -> None:
    assert [show_size(size) for size in (0, 999, 1_500, 412_000_000_000, 1_850_000_000_000, 999_600_000)] == [
        "0 B",
        "999 B",
        "1.5 kB",
        "412 GB",
        "1.85 TB",
        "1 GB",
    ]


def test_a_copy_is_judged_by_age_size_and_verification() -> None:
    limits = parse_limits("-10:25", "-50:100")

    def grade(copy: Copy) -> Found:
        return judge(copy, now=NOW, rpo_hours=24, previous_size=100, limits=limits)

    assert grade(Copy(NOW - 3600, 104, True)) is Found.OK
    assert grade(Copy(NOW - 25 * 3600, 104, True)) is Found.CRITICAL
    assert grade(Copy(None, 104, True)) is Found.CRITICAL
    assert grade(Copy(NOW - 3600, 85, True)) is Found.WARNING
    assert grade(Copy(NOW - 3600, 40, True)) is Found.CRITICAL
    assert grade(Copy(NOW - 3600, 104, False)) is Found.WARNING
    assert grade(Copy(NOW - 3600, None, True)) is Found.OK
    assert judge(Copy(NOW, 5, True), now=NOW, rpo_hours=1, previous_size=None, limits=Limits()) is Found.OK


def test_growth_needs_two_sizes() -> None:
    assert growth(110, 100) == 10
    assert growth(None, 100) is None
    assert growth(110, None) is None
    assert growth(110, 0) is None


def evidence(**more: object) -> Evidence:
    values: dict[str, object] = {
        "copies": 3,
        "media": 2,
        "offsite": True,
        "immutable": True,
        "rpo_hours": 24,
        "restore_test_days": 30,
        "found": Found.OK,
        "last_good_at": NOW - 3600,
        "verified": True,
        "tested_at": NOW - 86400,
        "test_worked": True,
    }
    return Evidence(**(values | more))  # type: ignore[arg-type]


def test_the_board_says_the_worst_that_is_true() -> None:
    assert evidence().state(NOW) is JobState.GOOD
    assert evidence(found=None).state(NOW) is JobState.NEVER
    assert evidence(found=Found.ABNORMAL).state(NOW) is JobState.FAILED
    assert evidence().state(NOW + 86400) is JobState.OLD
    assert evidence(verified=False, found=Found.WARNING).state(NOW) is JobState.UNVERIFIED
    assert evidence(found=Found.WARNING).state(NOW) is JobState.ODD


def test_the_rule_of_3_2_1_1_0() -> None:
    assert evidence().rule(NOW).holds
    assert evidence().rule(NOW).parts == (("3", True), ("2", True), ("1", True), ("1", True), ("0", True))
    assert not evidence(copies=2).rule(NOW).copies
    assert not evidence(tested_at=None).rule(NOW).no_errors
    assert evidence(tested_at=None).test_overdue(NOW)
    assert evidence().test_overdue(NOW + 40 * 86400)
    assert not evidence().test_overdue(NOW)
