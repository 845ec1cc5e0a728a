"""The roster as a list: a line for each person on each shift, and for each place that stayed empty."""

from __future__ import annotations

from collections.abc import Iterator

from dutydesk.domain.planned import Flag
from dutydesk.integrations.tables import Column, Table, Value
from dutydesk.locale import _, pick, times, word
from dutydesk.services.roster_export import Export
from dutydesk.services.roster_views import DayView, PlaceView, SlotView

_FLAGS = set(Flag)


def roster_table(export: Export) -> Table:
    """Return the roster as a table that `roster import` reads again; one person's export only holds what is his."""
    columns = (
        Column("day", _("Date"), "yyyy-mm-dd"),
        Column("weekday", _("Weekday")),
        Column("day_kind", _("Kind of day")),
        Column("shift", _("Duty shift")),
        Column("from", _("Begins")),
        Column("to", _("Finishes")),
        Column("post", _("Post")),
        Column("login", _("Login")),
        Column("name", _("Name")),
        Column("note", _("Remarks")),
    )
    rows = tuple(row for view in export.views for day in view.days for row in _day(day, export))
    return Table(_("Duty roster"), columns, rows)


def _day(day: DayView, export: Export) -> Iterator[tuple[Value, ...]]:
    weekday = _(times.WEEKDAYS[day.day.weekday()])
    kind = word(day.kind) if day.kind else ""
    for slot in day.slots:
        for place in slot.places:
            if export.login and place.login != export.login:
                continue
            yield (
                day.day,
                weekday,
                kind,
                pick(slot.title),
                times.stamp(place.from_at),
                times.stamp(place.to_at),
                pick(export.facts.post(place.post)) if place.post else "",
                place.login,
                pick(place.label) if place.person_id is not None else "",
                _note(slot, place),
            )


def _note(slot: SlotView, place: PlaceView) -> str:
    if place.person_id is None:
        return _("not filled: {reason}", reason=word(place.reason)) if place.reason else _("not filled")
    notes = [word(Flag(flag)) for flag in place.flags if flag in _FLAGS]
    if not place.whole or (place.from_at, place.to_at) != (slot.starts_at, slot.ends_at):
        notes.insert(0, _("part of the shift"))
    return _(", ").join(notes)
