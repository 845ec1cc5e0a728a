"""What the desk's policy and settings say about incidents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from dutydesk.domain import clock
from dutydesk.domain.deadlines import ClockKind, Grade, LegalClock, LegalRules, Operator, clocks, read_rules
from dutydesk.domain.incidents import Kind
from dutydesk.domain.priority import DEFAULT_MATRIX, Impact, Matrix, Priority, Urgency
from dutydesk.domain.shift import Facts
from dutydesk.domain.walltime import local_day, zone_named
from dutydesk.services import settings
from dutydesk.services.core import Actor, reads
from dutydesk.storage import models
from dutydesk.storage.shipped import data_path

if TYPE_CHECKING:
    from datetime import date

LAW = "cn"
"""The shipped file with the clocks of the law, `data/legal/cn.toml`."""


@dataclass(frozen=True)
class Rules:
    """Priority matrix, the desk's zone, and the kind of operator it is by law."""

    matrix: Matrix
    zone: ZoneInfo
    operator: Operator

    def priority(self, impact: Impact, urgency: Urgency) -> Priority:
        """Return the priority that follows from impact and urgency."""
        return self.matrix[impact, urgency]

    def clocks(
        self, kind: Kind, grade: Grade | None, known_at: int, handled_at: int | None = None
    ) -> tuple[LegalClock, ...]:
        """Return what the law wants for an incident, known and handled at epoch seconds; mostly nothing."""
        if kind is not Kind.SECURITY or grade is None:
            return ()
        return clocks(_law(), grade, self.operator, known_at, handled_at=handled_at, zone=self.zone)

    def report_due(self, kind: Kind, grade: Grade | None, known_at: int) -> int | None:
        """Return until when the first report must be made; None where the law asks for none."""
        first = [clock for clock in self.clocks(kind, grade, known_at) if clock.kind is ClockKind.FIRST_REPORT]
        return first[0].due_at if first else None


@lru_cache(1)
def _law() -> LegalRules:
    path = data_path("legal", f"{LAW}.toml")
    return read_rules(path.read_text(encoding="utf-8"), path.name)


@lru_cache(2)
def _matrix_of(policy: str) -> Matrix:
    from dutydesk.domain.policy import read_policy

    return read_policy(policy).matrix


def _policy(today: date) -> str | None:
    """Return the text of the policy in force on `today`."""
    newest = list(
        models.Policy.select(models.Policy.text)
        .where(models.Policy.effective_from <= today.isoformat())
        .order_by(models.Policy.effective_from.desc(), models.Policy.id.desc())
        .limit(1)
        .tuples()
    )
    return newest[0][0] if newest else None


def current() -> Rules:
    """Return the rules in force; a desk without a policy has the usual ones."""
    chosen = settings.all_settings()
    zone = zone_named(chosen["zone"])
    policy = _policy(local_day(clock.now(), zone))
    return Rules(
        matrix=_matrix_of(policy) if policy else DEFAULT_MATRIX,
        zone=zone,
        operator=next((each for each in Operator if each.value == chosen["operator"]), Operator.OTHER),
    )


def acknowledge_limits() -> Mapping[Priority, int]:
    """Return the minutes by priority until an incident must be acknowledged."""
    facts = Facts.from_json(settings.all_settings().get("policy_facts", ""))
    return {Priority(rank): minutes for rank, minutes in facts.acknowledge.items()}


@reads()
def rules(who: Actor) -> Rules:  # noqa: ARG001
    """Return the rules in force."""
    return current()
