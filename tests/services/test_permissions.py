"""Every use case has a rule, and the rule is kept: roles that may not are refused before anything happens."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from dutydesk import services
from dutydesk.domain.errors import Refused
from dutydesk.domain.people import Role
from dutydesk.services import core, people
from dutydesk.services.core import Actor
from dutydesk.storage import chain
from dutydesk.storage.models.people import Person
from tests.services.conftest import PIN

INSIDE = {"dutydesk.services.core", "dutydesk.services.incident_steps", "dutydesk.services.leave_steps"}
"""Modules whose functions are the frame of use cases, not use cases."""


def modules() -> list[str]:
    return [f"{services.__name__}.{module.name}" for module in pkgutil.iter_modules(services.__path__)]


def use_cases() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield every public function of the services that takes the one who acts first."""
    for name in modules():
        if name in INSIDE:
            continue
        for function_name, function in inspect.getmembers(importlib.import_module(name), inspect.isfunction):
            if function.__module__ != name or function_name.startswith("_"):
                continue
            yield f"{name}.{function_name}", function


ALL = dict(use_cases())
GUARDED = [name for name in ALL if name in core.RULES]
INTERNAL = {
    "dutydesk.services.attendance_records.whose",
    "dutydesk.services.backups.add_check",
    "dutydesk.services.handover_duty.gate",
    "dutydesk.services.leave_decide.fill",
    "dutydesk.services.leave_follow.roster_changed",
    "dutydesk.services.leave_views.view_of",
    "dutydesk.services.log.add",
    "dutydesk.services.policy.refresh_facts",
    "dutydesk.services.roster_changes.apply_changes",
    "dutydesk.services.roster_changes.withdraw_changes",
    "dutydesk.services.roster_changes.withdraw_one",
    "dutydesk.services.roster_publish.carry_out",
    "dutydesk.services.roster_publish.tell_change",
    "dutydesk.services.roster_publish.tell_withdrawn",
    "dutydesk.services.notices.tell",
    "dutydesk.services.round_lines.begin",
    "dutydesk.services.swap_views.tell",
}
"""Called by other use cases inside their transaction; they take the actor to write in his name."""


def takes_actor(function: Callable[..., Any]) -> bool:
    first = next(iter(inspect.signature(function).parameters.values()), None)
    return first is not None and first.name == "who"


def test_every_use_case_has_a_rule() -> None:
    without = {name for name, function in ALL.items() if takes_actor(function) and name not in core.RULES}
    assert without == INTERNAL


@pytest.mark.parametrize("name", GUARDED)
@pytest.mark.parametrize("role", list(Role))
def test_a_role_that_may_not_is_refused(name: str, role: Role, desk: object, eng_a: Actor) -> None:
    rule = core.RULES[name]
    if role in rule.roles:
        return
    Person.update(role=role.value).where(Person.id == eng_a.person_id).execute()
    who = people.identify("eng-a")
    before = chain.head()
    parameters = list(inspect.signature(ALL[name]).parameters.values())[1:]
    required = [each for each in parameters if each.default is each.empty and each.kind is not each.KEYWORD_ONLY]
    args = [PIN if each.name == "pin" else None for each in required]
    keywords = {each.name: None for each in parameters if each.kind is each.KEYWORD_ONLY and each.default is each.empty}
    with pytest.raises(Refused, match="may not do this"):
        ALL[name](who, *args, **keywords)
    assert chain.head() == before


def test_somebody_disabled_is_refused_at_once(desk: object, eng_a: Actor, chief: Actor) -> None:
    people.disable(chief, "eng-a")
    with pytest.raises(Refused, match="may no longer"):
        people.everyone(eng_a)
