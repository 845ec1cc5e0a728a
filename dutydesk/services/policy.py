"""The duty policy of the desk: another one is adopted from a day on; what has begun or passed keeps its own.

Source: DOMAIN 2.7, DESIGN 6.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from dutydesk.domain import clock
from dutydesk.domain.errors import Invalid, Refused
from dutydesk.domain.policy import read_policy
from dutydesk.domain.shift import Facts
from dutydesk.domain.walltime import local_day
from dutydesk.domain.words import N_
from dutydesk.services import planning, settings
from dutydesk.services.core import SUPERVISORS, Actor, create, reads, record, writes
from dutydesk.storage import models


@dataclass(frozen=True)
class PolicyLine:
    """A policy of the desk and the day it comes into force; `in_force` is the one that counts today."""

    name: str
    effective: date
    made_at: int
    in_force: bool


@reads()
def versions(who: Actor) -> list[PolicyLine]:  # noqa: ARG001
    """Return the policies of the desk, the newest effective day first."""
    table = models.Policy
    rows = table.select(table.name, table.effective_from, table.made_at).order_by(table.effective_from, table.id)
    today = local_day(clock.now(), settings.desk_zone()).isoformat()
    stored = list(rows.tuples())
    current = max((at for at, row in enumerate(stored) if row[1] <= today), default=0)
    return [
        PolicyLine(name, date.fromisoformat(effective), made_at, at == current)
        for at, (name, effective, made_at) in reversed(list(enumerate(stored)))
    ]


@writes(SUPERVISORS)
def adopt(who: Actor, text: str, source: str, effective: date) -> PolicyLine:
    """Adopt a policy (TOML) from a day on, tomorrow at the earliest; `source` names the file in errors.

    Shifts that nobody has published follow at once; what is published stays until those days are published again.
    Raises Invalid with the line that is wrong, or when the policy counts by another calendar than the desk.
    """
    policy, calendar = read_policy(text, source), settings.all_settings()["calendar"]
    if effective <= local_day(clock.now(), settings.desk_zone()):
        raise Refused(N_("A policy comes into force tomorrow at the earliest: what has begun never changes."))
    if policy.calendar != calendar:
        raise Invalid(
            N_("{where} counts by the calendar “{name}”; this desk's is “{calendar}”."),
            where=source,
            name=policy.calendar,
            calendar=calendar,
        )
    row = create(models.Policy, name=policy.name, text=text, effective_from=effective.isoformat(), made_at=clock.now())
    record(who, "policy.adopted", row, values={"name": policy.name, "from": effective.isoformat()})
    planning.extend(who)
    return PolicyLine(policy.name, effective, row.made_at, False)


def refresh_facts(who: Actor) -> None:
    """Bring what is kept beside the policy to the one in force; names of every policy stay known."""
    from dutydesk.services.desk import facts_of

    chosen = settings.all_settings()
    wanted = facts_of(planning.adopted())
    for _effective, policy in planning.policies():
        other = facts_of(policy)
        wanted = wanted._replace(
            titles={**other.titles, **wanted.titles},
            posts={**other.posts, **wanted.posts},
            rules={**other.rules, **wanted.rules},
        )
    if Facts.from_json(chosen.get("policy_facts", "")) != wanted:
        settings.put(who, "policy_facts", wanted.to_json())
        settings.put(who, "policy", planning.adopted().name)
