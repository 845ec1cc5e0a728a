"""The roster as iCalendar: a person's duties or the whole desk's. Source: RFC 5545.

Times stand in the desk's zone with its VTIMEZONE; an hour that the clocks show twice stands in UTC where the second of
the two is meant, because a local time means the first.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from dutydesk import __version__
from dutydesk.domain import clock
from dutydesk.domain.text import clean
from dutydesk.integrations.files import package
from dutydesk.integrations.zones import timezone
from dutydesk.locale import _, language, pick, times, word
from dutydesk.services.roster_export import Duty, Export


def calendar(export: Export) -> bytes:
    """Return the duties of an export as an iCalendar file."""
    ical = package("icalendar", "calendar")
    zone = ZoneInfo(export.zone)
    book = ical.Calendar()
    book.add("prodid", f"-//Duty Desk//dutydesk {__version__}//{language().upper()}")
    book.add("version", "2.0")
    book.add("method", "PUBLISH")
    book.add("x-wr-calname", _name(export))
    book.add("x-wr-timezone", export.zone)
    stamp = datetime.fromtimestamp(clock.now(), UTC)
    if export.duties:
        starts = [datetime.fromtimestamp(duty.starts_at, zone) for duty in export.duties]
        book.add_component(timezone(zone, min(starts), max(starts)))
    for duty in export.duties:
        book.add_component(_event(ical, duty, export, zone, stamp))
    content: bytes = book.to_ical()
    return content


def _name(export: Export) -> str:
    desk = clean(pick(export.desk))
    if export.person is None:
        return desk
    return _("{name}: duties, {desk}", name=clean(pick(export.person)), desk=desk)


def _event(ical: Any, duty: Duty, export: Export, zone: ZoneInfo, stamp: datetime) -> Any:
    event = ical.Event()
    event.add("uid", duty.uid)
    event.add("sequence", duty.sequence)
    event.add("dtstamp", stamp)
    event.add("last-modified", datetime.fromtimestamp(duty.changed_at, UTC))
    event.add("dtstart", _local(duty.starts_at, zone))
    event.add("dtend", _local(duty.ends_at, zone))
    event.add("summary", _summary(duty, export))
    event.add("description", "\n".join(_description(duty, export)))
    event.add("location", clean(pick(export.facts.place)))
    event.add("status", "CANCELLED" if duty.cancelled else "TENTATIVE" if duty.tentative else "CONFIRMED")
    busy = export.person is not None and not duty.cancelled
    event.add("transp", "OPAQUE" if busy else "TRANSPARENT")
    return event


def _local(at: int, zone: ZoneInfo) -> datetime:
    local = datetime.fromtimestamp(at, zone)
    return datetime.fromtimestamp(at, UTC) if local.fold else local


def _summary(duty: Duty, export: Export) -> str:
    title = clean(pick(duty.title))
    if export.person is None:
        title = _("{shift}: {name}", shift=title, name=clean(pick(duty.label)))
    return _("Cancelled: {what}", what=title) if duty.cancelled else title


def _description(duty: Duty, export: Export) -> list[str]:
    facts = [
        (_("Duty day"), f"{duty.day.isoformat()} {_(times.WEEKDAYS[duty.day.weekday()])}"),
        (_("Kind of day"), word(duty.day_kind) if duty.day_kind else ""),
        (_("Post"), pick(export.facts.post(duty.post)) if duty.post else ""),
        (_("With"), _(", ").join(pick(other) for other in duty.others)),
        (_("Remarks"), "" if duty.whole else _("part of the shift")),
        (_("Desk"), pick(export.desk)),
    ]
    return [_("{name}: {value}", name=name, value=clean(value)) for name, value in facts if value]
