"""Bring rooms, equipment and checklists from TOML into the desk; what is there already is brought up to date.

A changed item is a new row beside the retired old one, so that past answers keep the limits they were judged by.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dutydesk.domain import clock
from dutydesk.domain.checklists import (
    ChecklistSpec,
    EquipmentSpec,
    ItemSpec,
    PlanSpec,
    RoomSpec,
    read_checklist,
    read_rooms,
)
from dutydesk.domain.errors import Invalid, NotFound
from dutydesk.domain.words import N_
from dutydesk.services.core import create
from dutydesk.storage.models.base import Row
from dutydesk.storage.models.rounds import CheckItem, Checklist, Equipment, Room, RoundPlan
from dutydesk.storage.shipped import data_path

FOLDER = "checklists"
ROOMS_FILE = "rooms.toml"


def shipped_rooms() -> tuple[tuple[RoomSpec, ...], tuple[EquipmentSpec, ...]]:
    """Return the rooms and the equipment that ship with the product."""
    return read_rooms(_text(data_path(FOLDER, ROOMS_FILE)), ROOMS_FILE)


def shipped_checklists() -> Iterator[ChecklistSpec]:
    """Yield the checklists that ship with the product: every file of the folder that has places."""
    for path in sorted(data_path(FOLDER).glob("*.toml")):
        text = _text(path)
        if "[[place]]" in text:
            yield read_checklist(text, path.name)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise NotFound(N_("{path} cannot be read."), path=str(path)) from None


def bring_rooms(rooms: tuple[RoomSpec, ...], equipment: tuple[EquipmentSpec, ...]) -> list[Row]:
    """Add or rename rooms and equipment; returns the rows that changed. What is out of service here stays so."""
    changed: list[Row] = []
    for ordinal, room in enumerate(rooms):
        changed += _put(Room, room.code, name=room.name, name_en=room.name_en, ordinal=ordinal)
    ids = dict(Room.select(Room.code, Room.id).tuples())
    known = {row.code: row for row in Equipment.select()}
    for thing in equipment:
        values: dict[str, Any] = {
            "room": ids[thing.room],
            "rack": thing.rack,
            "name": thing.name,
            "name_en": thing.name_en,
            "kind": thing.kind,
        }
        if thing.code not in known:
            values["in_service"] = thing.in_service
        changed += _put(Equipment, thing.code, **values)
    return changed


def _put(table: Any, code: str, **values: Any) -> list[Row]:
    """Insert the row with `code`, or change what differs; returns it as stored, or nothing when it was so already."""
    row = table.get_or_none(table.code == code)
    if row is None:
        return [create(table, code=code, **values)]
    if all(row.__data__[name] == value for name, value in values.items()):
        return []
    versioned = {"version": table.version + 1} if hasattr(table, "version") else {}
    table.update(**values, **versioned).where(table.id == row.id).execute()
    return [table.get_by_id(row.id)]


def bring_checklist(spec: ChecklistSpec) -> list[Row]:
    """Add a checklist or bring it up to date; returns the rows that changed."""
    changed = _put(Checklist, spec.code, kind=spec.kind.value, name=spec.name, name_en=spec.name_en)
    checklist = Checklist.get(Checklist.code == spec.code)
    return [*changed, *_items(checklist, spec.items), *_plans(checklist, spec.plans)]


def _items(checklist: Checklist, specs: tuple[ItemSpec, ...]) -> list[Row]:
    equipment = dict(Equipment.select(Equipment.code, Equipment.id).tuples())
    here = CheckItem.select().where((CheckItem.checklist == checklist.id) & CheckItem.active)
    before = {row.code: row for row in here}
    made_at = clock.now() if before else None
    changed: list[Row] = []
    for ordinal, spec in enumerate(specs):
        if spec.equipment and spec.equipment not in equipment:
            raise Invalid(
                N_("{where}, item {code}: there is no equipment {equipment}."),
                where=checklist.code,
                code=spec.code,
                equipment=spec.equipment,
            )
        values = _values(spec) | {"ordinal": ordinal, "equipment": equipment.get(spec.equipment)}
        old = before.pop(spec.code, None)
        if old is not None and all(old.__data__[name] == value for name, value in values.items()):
            continue
        if old is not None:
            changed.append(_retire(old))
        changed.append(create(CheckItem, checklist=checklist.id, made_at=made_at, **values))
    return changed + [_retire(row) for row in before.values()]


def _retire(item: CheckItem) -> CheckItem:
    CheckItem.update(active=False, retired_at=clock.now(), version=CheckItem.version + 1).where(
        CheckItem.id == item.id
    ).execute()
    retired: CheckItem = CheckItem.get_by_id(item.id)
    return retired


def _values(spec: ItemSpec) -> dict[str, Any]:
    options = [
        {"code": each.code, "name": each.name, "name_en": each.name_en, "verdict": each.verdict.value}
        for each in spec.options
    ]
    return {
        "code": spec.code,
        "place": spec.place,
        "place_en": spec.place_en,
        "name": spec.name,
        "name_en": spec.name_en,
        "kind": spec.kind.value,
        "unit": spec.unit,
        "warning": spec.warning,
        "critical": spec.critical,
        "choices": json.dumps(options, ensure_ascii=False),
        "required": spec.required,
        "condition": spec.condition,
        "job": spec.job,
        "hint": spec.hint,
        "hint_en": spec.hint_en,
    }


def _plans(checklist: Checklist, specs: tuple[PlanSpec, ...]) -> list[Row]:
    """Keep the plans that are the same, retire the others; rounds made already stay as they are."""
    here = list(RoundPlan.select().where((RoundPlan.checklist == checklist.id) & RoundPlan.active))
    wanted = [(json.dumps(spec.times), spec.late_after, spec.missed_after) for spec in specs]
    changed: list[Row] = []
    for row in here:
        values = (row.times, row.late_after, row.missed_after)
        if values in wanted:
            wanted.remove(values)
            continue
        RoundPlan.update(active=False, version=RoundPlan.version + 1).where(RoundPlan.id == row.id).execute()
        changed.append(RoundPlan.get_by_id(row.id))
    return changed + [
        create(RoundPlan, checklist=checklist.id, times=times, late_after=late, missed_after=missed)
        for times, late, missed in wanted
    ]
