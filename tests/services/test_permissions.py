"""Every use case has a rule, and the rule is kept: roles that may not are refused before anything happens."""

from __future__ import annotations

import importlib
import inspect
import sys
from pathlib import Path

import pytest

from dutydesk.domain.errors import Refused
from dutydesk.domain.people import Role
from dutydesk.services import core, people
from dutydesk.services.core import Actor
from dutydesk.storage import chain
from dutydesk.storage.models.people import Person
from tests import permissions
from tests.services.conftest import PIN

EVERY = permissions.every()
GUARDED = {each.name: each for each in EVERY if each.rule is not None}
S = "dutydesk.services"
INTERNAL = {
    f"{S}.attendance_records.whose",
    f"{S}.backups.add_check",
    f"{S}.core.change",
    f"{S}.core.create",
    f"{S}.core.record",
    f"{S}.handover_duty.gate",
    f"{S}.incident_steps.add_event",
    f"{S}.incident_steps.at_step",
    f"{S}.incident_steps.take_step",
    f"{S}.incident_steps.taken",
    f"{S}.incident_steps.tell_log",
    f"{S}.leave_decide.fill",
    f"{S}.leave_follow.roster_changed",
    f"{S}.leave_steps.drop",
    f"{S}.leave_steps.may_arrange",
    f"{S}.leave_steps.recorded",
    f"{S}.leave_steps.set_cover",
    f"{S}.leave_steps.tell",
    f"{S}.leave_steps.tell_cover",
    f"{S}.leave_steps.tell_when_ready",
    f"{S}.leave_steps.touch",
    f"{S}.leave_views.line_of",
    f"{S}.leave_views.view_of",
    f"{S}.log.add",
    f"{S}.notices.tell",
    f"{S}.policy.refresh_facts",
    f"{S}.roster_changes.apply_changes",
    f"{S}.roster_changes.withdraw_changes",
    f"{S}.roster_changes.withdraw_one",
    f"{S}.roster_publish.carry_out",
    f"{S}.roster_publish.tell_change",
    f"{S}.roster_publish.tell_withdrawn",
    f"{S}.roster_write.follow",
    f"{S}.roster_write.keep",
    f"{S}.roster_write.take_back",
    f"{S}.round_lines.begin",
    f"{S}.rounds.make_rounds",
    f"{S}.swap_views.line_of",
    f"{S}.swap_views.tell",
}
"""Called by use cases inside their transaction; they take the actor to write, or to look, in his name."""
OPEN = {
    f"{S}.archive.continues",
    f"{S}.attendance_month.counted",
    f"{S}.attendance_month.this_month",
    f"{S}.attendance_month.total",
    f"{S}.attendance_records.person_of",
    f"{S}.attendance_records.shift_of",
    f"{S}.calendar.day_kinds",
    f"{S}.core.came_through",
    f"{S}.core.take_changes",
    f"{S}.desk.policy_text",
    f"{S}.desk.read_people",
    f"{S}.handover_duty.signed_in",
    f"{S}.incident_views.equipment_id",
    f"{S}.leave_due.waiting_for",
    f"{S}.operations.discard",
    f"{S}.operations.sqlite_file",
    f"{S}.people.system_actor",
    f"{S}.planning.published_until",
    f"{S}.roster_why.made_by",
    f"{S}.roster_why.names",
    f"{S}.roster_why.sentences",
    f"{S}.settings.dated_name",
    f"{S}.shift_views.facts",
    f"{S}.shift_views.row_at",
    f"{S}.shift_views.views",
}
"""What screens, commands and exports reach without a rule: sums and names of what was read with one, what everybody at
the desk sees (shifts, the calendar), and what belongs to the program itself."""


def test_whoever_acts_or_writes_has_a_rule() -> None:
    assert permissions.unruled(EVERY) == INTERNAL


def test_what_screens_and_commands_reach_has_a_rule() -> None:
    assert permissions.reached() - GUARDED.keys() == OPEN


NEW = """
from dutydesk.services import core
from dutydesk.services.core import Actor, record
from dutydesk.storage.models.log import LogEntry

@core.reads()
def guarded(who: Actor) -> None: ...
def plainly(who): ...
def under_another_name(by: Actor) -> None: ...
def by_keyword(text: str, *, asking: "Actor | None" = None) -> None: ...
def without_anybody(text: str) -> None:
    LogEntry.update(text=text).execute()
def by_record() -> None:
    record(None, "x")
def reads_only(text: str) -> str:
    return text
def _private(who: Actor) -> None: ...

class Room:
    def method(self, who: Actor) -> None: ...
    @classmethod
    def of_class(cls, who: Actor) -> None: ...
    @staticmethod
    def static(actor) -> None: ...
    def writing(self) -> None:
        self.row.save()
"""


@pytest.mark.parametrize("place", ["new.py", "core_more.py", "deep/new.py"])
def test_a_new_function_without_a_rule_is_found(place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever its first parameter is called, in a class or not, in whatever module or folder it is added."""
    path = tmp_path / "added_services" / place
    path.parent.mkdir(parents=True)
    for folder in (tmp_path / "added_services", path.parent):
        (folder / "__init__.py").touch()
    path.write_text(NEW)
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)
    try:
        package = importlib.import_module("added_services")
        found = [each for module in permissions.modules(package) for each in permissions.functions(module)]
        names = {name.rpartition(".")[2] for name in permissions.unruled(found)}
    finally:
        for name in set(sys.modules) - before:
            del sys.modules[name]
        for name in [name for name in core.RULES if name.startswith("added_services")]:
            del core.RULES[name]
    assert names == {
        "plainly",
        "under_another_name",
        "by_keyword",
        "without_anybody",
        "by_record",
        "method",
        "of_class",
        "static",
        "writing",
    }


def test_the_page_says_what_the_code_does() -> None:
    assert permissions.PAGE.read_text(encoding="utf-8") == permissions.page(), "python -m tests.permissions writes it"


REFUSED = [
    (name, role)
    for name, each in GUARDED.items()
    for role in Role
    if each.takes_actor and each.rule is not None and role not in each.rule.roles
]


@pytest.mark.parametrize(("name", "role"), REFUSED)
def test_a_role_that_may_not_is_refused(name: str, role: Role, desk: object, eng_a: Actor) -> None:
    Person.update(role=role.value).where(Person.id == eng_a.person_id).execute()
    who = people.identify("eng-a")
    before = chain.head()
    parameters = list(inspect.signature(GUARDED[name].call).parameters.values())[1:]
    required = [each for each in parameters if each.default is each.empty and each.kind is not each.KEYWORD_ONLY]
    args = [PIN if each.name == "pin" else None for each in required]
    keywords = {each.name: None for each in parameters if each.kind is each.KEYWORD_ONLY and each.default is each.empty}
    with pytest.raises(Refused, match="may not do this"):
        GUARDED[name].call(who, *args, **keywords)
    assert chain.head() == before


def test_somebody_disabled_is_refused_at_once(desk: object, eng_a: Actor, chief: Actor) -> None:
    people.disable(chief, "eng-a")
    with pytest.raises(Refused, match="may no longer"):
        people.everyone(eng_a)
