"""Making a desk."""

from __future__ import annotations

from pathlib import Path

import pytest

from dutydesk.domain.errors import Refused
from dutydesk.services import desk as desks
from dutydesk.services import people, settings
from dutydesk.services.core import Actor
from dutydesk.storage import chain
from dutydesk.storage.models.shift import DutyShift


def test_a_new_desk_holds_policy_people_and_shifts(desk: Path, eng_a: Actor) -> None:
    found = settings.all_settings()
    assert (found["policy"], found["zone"], found["calendar"]) == ("twelve-hour", "Asia/Shanghai", "cn")
    assert {person.login for person in people.everyone(eng_a)} == {
        "chief",
        "eng-a",
        "eng-b",
        "eng-c",
        "eng-d",
        "reader",
    }
    assert DutyShift.select().count() >= 70
    assert chain.verify().broken is None


def test_a_desk_is_made_once(desk: Path, chief: Actor) -> None:
    with pytest.raises(Refused):
        desks.init(chief, desks.InitSpec("twelve-hour"))
