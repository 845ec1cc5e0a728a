"""The desk's own settings: name, zone, policy, language, kind of operator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dutydesk.services.core import SUPERVISORS, Actor, create, reads, record, unguarded, writes
from dutydesk.storage.models.desk import Setting

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

DEFAULTS = {
    "name": "信息科 Duty Desk",
    "name_en": "Duty Desk",
    "zone": "Asia/Shanghai",
    "lang": "zh",
    "policy": "",
    "calendar": "cn",
    "operator": "other",
}


@unguarded
def all_settings() -> dict[str, str]:
    """Return every setting, defaults filled in."""
    return DEFAULTS | dict(Setting.select(Setting.key, Setting.value).tuples())


def desk_zone() -> ZoneInfo:
    """Return the zone that wall times of plans, schedules and numbers are in."""
    from dutydesk.domain.walltime import zone_named  # the first paint does without it

    return zone_named(all_settings()["zone"])


def dated_name(stem: str, ending: str) -> str:
    """Return the name of a file that is made now: `desk-20261122-143200.sqlite`, by the desk's clock."""
    from datetime import datetime

    from dutydesk.domain import clock

    return f"{stem}-{datetime.fromtimestamp(clock.now(), desk_zone()):%Y%m%d-%H%M%S}{ending}"


@reads()
def get(who: Actor, key: str) -> str:  # noqa: ARG001
    """Return one setting."""
    return all_settings()[key]


@writes(SUPERVISORS)
def put(who: Actor, key: str, value: str) -> None:
    """Set one setting; recorded with its old value."""
    old = Setting.get_or_none(Setting.key == key)
    if old is None:
        row = create(Setting, key=key, value=value)
    else:
        Setting.update(value=value, version=Setting.version + 1).where(Setting.id == old.id).execute()
        row = Setting.get_by_id(old.id)
    record(who, "setting.put", row, values={"key": key, "old": old.value if old else None, "new": value})
