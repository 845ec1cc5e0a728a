"""Checklists as TOML: what ships is right, and a mistake is named with its place."""

from __future__ import annotations

import pytest

from dutydesk.domain.checklists import read_checklist, read_rooms
from dutydesk.domain.errors import Invalid
from dutydesk.domain.rounds import Found, ItemKind
from dutydesk.storage.shipped import data_path

HEAD = 'code = "c"\nname = "检查"\n[[place]]\nname = "位置"\n'
ITEM = '[[place.item]]\ncode = "a"\nname = "项"\n'


@pytest.mark.parametrize("name", ["room-a", "room-b", "ups-room", "backups"])
def test_shipped_checklists_hold_together(name: str) -> None:
    spec = read_checklist(data_path("checklists", f"{name}.toml").read_text(encoding="utf-8"), name)
    rooms, equipment = read_rooms(data_path("checklists", "rooms.toml").read_text(encoding="utf-8"), "rooms")
    known = {thing.code for thing in equipment}
    assert {item.equipment for item in spec.items if item.equipment} <= known
    assert all(item.name and item.name_en and item.place_en for item in spec.items), "both languages"
    assert spec.plans
    assert len(rooms) == 3


def test_the_main_room_has_every_kind_of_item() -> None:
    spec = read_checklist(data_path("checklists", "room-a.toml").read_text(encoding="utf-8"), "room-a")
    assert {item.kind for item in spec.items} == {ItemKind.CHECK, ItemKind.NUMBER, ItemKind.CHOICE, ItemKind.TEXT}
    assert any(item.condition for item in spec.items)
    assert any(option.verdict is Found.CRITICAL for item in spec.items for option in item.options)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + ITEM + 'kind = "number"\nwarning = "25:20"\n', "not a range"),
        (HEAD + ITEM + 'condition = "b=ok"\n', "no earlier item"),
        (HEAD + ITEM + ITEM, "used twice"),
        (HEAD + ITEM + 'kind = "choice"\n', "choices must be"),
        (HEAD + ITEM + 'colour = "red"\n', "there is no key colour"),
        (HEAD + ITEM + 'kind = "backup"\njob = "x"\n', "must be one of"),
        (HEAD + '[[plan]]\ntimes = ["25:00"]\n', "not a time of day"),
        (HEAD + '[[plan]]\ntimes = ["08:00"]\nlate_after = 30\nmissed_after = 10\n', "at least 30"),
        (HEAD + "[[place.item]]\n", "code is missing"),
        ("code = \n", "line 1"),
    ],
)
def test_a_mistake_is_named(text: str, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_checklist(text, "c.toml")
    assert said in str(refused.value)
    assert "c.toml" in str(refused.value)


def test_equipment_stands_in_a_room_of_the_file() -> None:
    with pytest.raises(Invalid):
        read_rooms('[[equipment]]\ncode = "x"\nroom = "nowhere"\nname = "x"\nkind = "y"\n', "rooms.toml")
