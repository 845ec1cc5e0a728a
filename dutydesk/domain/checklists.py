"""Rooms, equipment, checklists and backup jobs as they are written in TOML, read with errors that name the place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dutydesk.domain import backups, walltime
from dutydesk.domain.errors import Invalid
from dutydesk.domain.limits import parse_limits
from dutydesk.domain.rounds import Found, ItemKind, parse_condition
from dutydesk.domain.tables import Expected, Table, read_toml
from dutydesk.domain.words import N_, Named


class ChecklistKind(Named):
    """What a round with the checklist looks at."""

    EQUIPMENT = "equipment", N_("Equipment")
    BACKUP = "backup", N_("Backups")


@dataclass(frozen=True)
class RoomSpec:
    """A room; `name` is Chinese."""

    code: str
    name: str
    name_en: str


@dataclass(frozen=True)
class EquipmentSpec:
    """A thing in a room."""

    code: str
    room: str
    rack: str
    name: str
    name_en: str
    kind: str
    in_service: bool


@dataclass(frozen=True)
class OptionSpec:
    """One answer of a choice item."""

    code: str
    name: str
    name_en: str
    verdict: Found


@dataclass(frozen=True)
class ItemSpec:
    """One check point; `equipment` and `job` are codes, `condition` is `code=value`."""

    code: str
    place: str
    place_en: str
    name: str
    name_en: str
    kind: ItemKind
    equipment: str = ""
    unit: str = ""
    warning: str = ""
    critical: str = ""
    options: tuple[OptionSpec, ...] = ()
    required: bool = True
    condition: str = ""
    job: str = ""
    hint: str = ""
    hint_en: str = ""


@dataclass(frozen=True)
class PlanSpec:
    """When a checklist is walked: wall times; late and missed in minutes after them."""

    times: tuple[str, ...]
    late_after: int
    missed_after: int


@dataclass(frozen=True)
class JobSpec:
    """A backup job."""

    code: str
    name: str
    name_en: str
    program: str
    schedule: str
    rpo_hours: int
    copies: int
    media: int
    offsite: bool
    immutable: bool
    restore_test_days: int


@dataclass(frozen=True)
class ChecklistSpec:
    """A whole checklist with its items in walking order, its plans, and the backup jobs it names."""

    code: str
    kind: ChecklistKind
    name: str
    name_en: str
    items: tuple[ItemSpec, ...]
    plans: tuple[PlanSpec, ...]
    jobs: tuple[JobSpec, ...]


def read_rooms(text: str, source: str) -> tuple[tuple[RoomSpec, ...], tuple[EquipmentSpec, ...]]:
    """Read `[[room]]` and `[[equipment]]`; every thing stands in a room of the file."""
    table = read_toml(text, source)
    rooms = tuple(_room(entry) for entry in table.tables("room"))
    equipment = tuple(_equipment(entry, [room.code for room in rooms]) for entry in table.tables("equipment"))
    table.done()
    _once(source, [room.code for room in rooms])
    _once(source, [thing.code for thing in equipment])
    return rooms, equipment


def _room(entry: Table) -> RoomSpec:
    room = RoomSpec(entry.text("code"), entry.text("name"), entry.text("name_en", ""))
    entry.done()
    return room


def _equipment(entry: Table, rooms: list[str]) -> EquipmentSpec:
    thing = EquipmentSpec(
        code=entry.text("code"),
        room=entry.choice("room", rooms),
        rack=entry.text("rack", ""),
        name=entry.text("name"),
        name_en=entry.text("name_en", ""),
        kind=entry.text("kind"),
        in_service=entry.yes("in_service", True),
    )
    entry.done()
    return thing


def read_checklist(text: str, source: str) -> ChecklistSpec:
    """Read a checklist; raise Invalid naming the item whose limits, choices, condition or job do not hold."""
    table = read_toml(text, source)
    jobs = tuple(_job(entry) for entry in table.tables("job"))
    names = {job.code: job for job in jobs}
    items = [
        _item(entry, place, names)
        for place in table.tables("place")
        for entry in (place.tables("item") if place.has("item") else [])
    ]
    for place in table.tables("place"):
        place.text("name"), place.text("name_en", ""), place.items("item")
        place.done()
    spec = ChecklistSpec(
        code=table.text("code"),
        kind=ChecklistKind(table.choice("kind", [kind.value for kind in ChecklistKind], "equipment")),
        name=table.text("name"),
        name_en=table.text("name_en", ""),
        items=tuple(items),
        plans=tuple(_plan(entry) for entry in table.tables("plan")),
        jobs=jobs,
    )
    table.done()
    _once(source, [item.code for item in items])
    _conditions(source, spec.items)
    return spec


def _item(entry: Table, place: Table, jobs: dict[str, JobSpec]) -> ItemSpec:
    kind = ItemKind(entry.choice("kind", [kind.value for kind in ItemKind], "check"))
    job = entry.choice("job", jobs) if kind is ItemKind.BACKUP else ""
    item = ItemSpec(
        code=entry.text("code"),
        place=place.text("name"),
        place_en=place.text("name_en", ""),
        name=entry.text("name", jobs[job].name if job else None),
        name_en=entry.text("name_en", jobs[job].name_en if job else ""),
        kind=kind,
        equipment=entry.text("equipment", ""),
        unit=entry.text("unit", ""),
        warning=entry.text("warning", ""),
        critical=entry.text("critical", ""),
        options=tuple(_option(option) for option in entry.tables("choices")),
        required=entry.yes("required", True),
        condition=entry.text("condition", ""),
        job=job,
        hint=entry.text("hint", ""),
        hint_en=entry.text("hint_en", ""),
    )
    entry.done()
    entry.placed(lambda: (parse_limits(item.warning, item.critical), parse_condition(item.condition)))
    if (kind is ItemKind.CHOICE) != bool(item.options):
        raise entry.wrong("choices", Expected.LIST)
    _once(entry.where, [option.code for option in item.options])
    return item


def _option(entry: Table) -> OptionSpec:
    verdicts = [found.value for found in Found if found is not Found.SKIPPED]
    option = OptionSpec(
        entry.text("code"),
        entry.text("name"),
        entry.text("name_en", ""),
        Found(entry.choice("verdict", verdicts, Found.OK.value)),
    )
    entry.done()
    return option


def _plan(entry: Table) -> PlanSpec:
    plan = PlanSpec(
        times=entry.texts("times"),
        late_after=entry.whole("late_after", 30, least=1),
        missed_after=entry.whole("missed_after", 120, least=1),
    )
    entry.done()
    entry.placed(lambda: [walltime.parse_time(text, last="23:59") for text in plan.times])
    if plan.missed_after < plan.late_after:
        raise Invalid(
            N_("{where}: {key} must be at least {least}."),
            where=entry.where,
            key="missed_after",
            least=plan.late_after,
        )
    return plan


def _job(entry: Table) -> JobSpec:
    job = JobSpec(
        code=entry.text("code"),
        name=entry.text("name"),
        name_en=entry.text("name_en", ""),
        program=entry.text("program", ""),
        schedule=entry.text("schedule", ""),
        rpo_hours=entry.whole("rpo_hours", least=1),
        copies=entry.whole("copies", 1, least=1),
        media=entry.whole("media", 1, least=1),
        offsite=entry.yes("offsite", False),
        immutable=entry.yes("immutable", False),
        restore_test_days=entry.whole("restore_test_days", 90, least=1),
    )
    entry.done()
    entry.placed(lambda: backups.parse_schedule(job.schedule))
    return job


def _once(where: str, codes: Iterable[str]) -> None:
    seen: set[str] = set()
    for code in codes:
        if code in seen:
            raise Invalid(N_("{where}: the code {code} is used twice."), where=where, code=code)
        seen.add(code)


def _conditions(source: str, items: Iterable[ItemSpec]) -> None:
    """A condition names an earlier item and an answer that this item can have."""
    verdicts = {found.value for found in Found if found is not Found.SKIPPED}
    before: dict[str, set[str]] = {}
    for item in items:
        condition = parse_condition(item.condition)
        if condition and condition.value not in before.get(condition.code, set()):
            raise Invalid(
                N_("{where}, item {code}: no earlier item can be answered {condition}."),
                where=source,
                code=item.code,
                condition=item.condition,
            )
        before[item.code] = verdicts | {option.code for option in item.options}
