"""Security events: classes, grades, and the legal clocks that start when one is known. Source: DOMAIN 7.

The clocks are data (`data/legal/cn.toml`): only grade III and above must be reported, the time depends on who operates
the network, and the closing report is due within 30 days after handling ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from dutydesk.domain import walltime
from dutydesk.domain.tables import Table, Words, read_toml
from dutydesk.domain.words import N_, Named


class EventClass(Named):
    """Classes of security events. Source: GB/T 20986-2023."""

    MALWARE = "malware", N_("Malware")
    NETWORK_ATTACK = "network-attack", N_("Network attack")
    DATA_SECURITY = "data-security", N_("Data security")
    CONTENT = "content", N_("Information content")
    EQUIPMENT = "equipment", N_("Equipment or facility failure")
    VIOLATION = "violation", N_("Operation against rules")
    HIDDEN_DANGER = "hidden-danger", N_("Hidden danger")
    ABNORMAL = "abnormal", N_("Abnormal behaviour")
    FORCE_MAJEURE = "force-majeure", N_("Force majeure")
    OTHER = "other", N_("Other security event")


class Grade(Named):
    """Grades of security events, I the most serious. Source: GB/T 20986-2023."""

    I = "I", N_("I especially serious")  # noqa: E741
    II = "II", N_("II serious")
    III = "III", N_("III major")
    IV = "IV", N_("IV general")

    @property
    def rank(self) -> int:
        """Return 1 for grade I up to 4 for grade IV."""
        return list(Grade).index(self) + 1


class Operator(Named):
    """Who runs the network; the time for the first report depends on it."""

    CRITICAL = "critical-infrastructure", N_("Critical information infrastructure")
    CENTRAL = "central-organ", N_("Central Party or state organ")
    OTHER = "other", N_("Other network operator")


class ClockKind(Named):
    """What is due."""

    FIRST_REPORT = "first-report", N_("First report")
    POLICE = "police", N_("Report to the police")
    CLOSING_REPORT = "closing-report", N_("Closing report")


@dataclass(frozen=True)
class FirstReport:
    """How soon an operator reports, in minutes after the event is known, and to whom."""

    minutes: int
    to: Words
    check: bool


@dataclass(frozen=True)
class LegalRules:
    """The reporting rules of a country, as its file says."""

    name: str
    title: Words
    from_grade: Grade
    first_report: Mapping[Operator, FirstReport]
    closing_days: int
    crime_to: Words
    hotline: str
    since: date | None = None


@dataclass(frozen=True)
class LegalClock:
    """One thing the law wants: due at an instant (epoch seconds), to whom, and whether the rule needs a local check.

    `due_at` is None while the clock has not started: the closing report before handling has ended.
    """

    kind: ClockKind
    due_at: int | None
    to: Words
    check: bool = False

    def left(self, now: int) -> int | None:
        """Return the seconds left at `now`, negative when overdue, None while the clock has not started."""
        return None if self.due_at is None else self.due_at - now


def must_report(rules: LegalRules, grade: Grade) -> bool:
    """Whether an event of this grade must be reported at all."""
    return grade.rank <= rules.from_grade.rank


def clocks(
    rules: LegalRules,
    grade: Grade,
    operator: Operator,
    known_at: int,
    *,
    handled_at: int | None = None,
    suspected_crime: bool = False,
    zone: ZoneInfo | None = None,
) -> tuple[LegalClock, ...]:
    """Return the clocks of a security event in the order they are due.

    `known_at` is when the event was found, `handled_at` when handling ended (epoch seconds). A suspected crime is
    reported at once, whatever the grade. The closing report is due at the end of the last day, counted in `zone`, or
    exactly so many times 24 hours later without one.
    """
    found: list[LegalClock] = []
    if suspected_crime:
        found.append(LegalClock(ClockKind.POLICE, known_at, rules.crime_to))
    if must_report(rules, grade):
        first = rules.first_report[operator]
        found.append(LegalClock(ClockKind.FIRST_REPORT, known_at + first.minutes * 60, first.to, first.check))
        closing = None if handled_at is None else _days_after(handled_at, rules.closing_days, zone)
        found.append(LegalClock(ClockKind.CLOSING_REPORT, closing, first.to, first.check))
    return tuple(found)


def _days_after(instant: int, days: int, zone: ZoneInfo | None) -> int:
    if zone is None:
        return instant + days * walltime.DAY
    last = walltime.local_day(instant, zone) + timedelta(days=days)
    return walltime.at(last, walltime.DAY, zone)


def read_rules(text: str, source: str = "legal") -> LegalRules:
    """Read the reporting rules from TOML; raise Invalid naming the table and key."""
    table = read_toml(text, source)
    reports = table.table("first_report")
    first_report = {operator: _first_report(reports, operator) for operator in Operator}
    reports.done()
    rules = LegalRules(
        name=table.text("name"),
        title=table.words("title", table.text("name")),
        from_grade=Grade(table.choice("from_grade", [grade.value for grade in Grade])),
        first_report=first_report,
        closing_days=table.table("closing_report").whole("days", least=1),
        crime_to=table.table("crime").words("to", "police"),
        hotline=table.table("hotline").text("number", "-"),
        since=table.day("since") if table.has("since") else None,
    )
    table.table("grades")
    table.done()
    return rules


def _first_report(reports: Table, operator: Operator) -> FirstReport:
    table = reports.as_table(operator.value, reports.raw(operator.value), f"{reports.where}.{operator.value}")
    report = FirstReport(table.whole("minutes", least=1), table.words("to", ""), table.yes("check", False))
    table.done()
    return report
