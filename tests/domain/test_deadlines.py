"""Legal clocks of security events (DOMAIN 7)."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from dutydesk.domain.deadlines import (
    ClockKind,
    EventClass,
    Grade,
    LegalRules,
    Operator,
    clocks,
    must_report,
    read_rules,
)
from dutydesk.domain.errors import Invalid
from dutydesk.storage.shipped import data_path

ZONE = ZoneInfo("Asia/Shanghai")
KNOWN = int(datetime(2026, 11, 22, 14, 0, tzinfo=ZONE).timestamp())
TEXT = data_path("legal", "cn.toml").read_text("utf-8")


@pytest.fixture(scope="module")
def rules() -> LegalRules:
    return read_rules(TEXT, "cn.toml")


@pytest.mark.parametrize(("operator", "hours"), [(Operator.CRITICAL, 1), (Operator.CENTRAL, 2), (Operator.OTHER, 4)])
@pytest.mark.parametrize("grade", [Grade.I, Grade.II, Grade.III])
def test_the_first_report(rules: LegalRules, operator: Operator, hours: int, grade: Grade) -> None:
    first, closing = clocks(rules, grade, operator, KNOWN)
    assert (first.kind, first.due_at) == (ClockKind.FIRST_REPORT, KNOWN + hours * 3600)
    assert first.left(KNOWN + 3600 * (hours + 1)) == -3600
    assert (closing.kind, closing.due_at, closing.left(KNOWN)) == (ClockKind.CLOSING_REPORT, None, None)


def test_grade_four_need_not_be_reported(rules: LegalRules) -> None:
    assert not must_report(rules, Grade.IV)
    assert clocks(rules, Grade.IV, Operator.OTHER, KNOWN) == ()


def test_a_suspected_crime_goes_to_the_police_at_once_whatever_the_grade(rules: LegalRules) -> None:
    (police,) = clocks(rules, Grade.IV, Operator.OTHER, KNOWN, suspected_crime=True)
    assert (police.kind, police.due_at, police.to.text("zh")) == (ClockKind.POLICE, KNOWN, "公安机关")


def test_the_closing_report_is_due_within_30_days_after_handling(rules: LegalRules) -> None:
    handled = int(datetime(2026, 11, 23, 9, 0, tzinfo=ZONE).timestamp())
    closing = clocks(rules, Grade.III, Operator.OTHER, KNOWN, handled_at=handled, zone=ZONE)[-1]
    assert closing.due_at == int(datetime(2026, 12, 24, 0, 0, tzinfo=ZONE).timestamp())
    plain = clocks(rules, Grade.III, Operator.OTHER, KNOWN, handled_at=handled)[-1]
    assert plain.due_at == handled + 30 * 86400


def test_what_needs_a_local_check_is_marked(rules: LegalRules) -> None:
    assert [rules.first_report[operator].check for operator in Operator] == [True, True, False]
    assert rules.hotline == "12387"
    assert len(EventClass) == 10


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("minutes = 240", 'minutes = "4 h"', "minutes"),
        ('from_grade = "III"', 'from_grade = "V"', "from_grade"),
        ("[first_report.other]", "[first_report.others]", "other"),
        ("days = 30", "", "days is missing"),
    ],
)
def test_a_wrong_file_says_where(old: str, new: str, says: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_rules(TEXT.replace(old, new), "cn.toml")
    assert says in str(refused.value)
