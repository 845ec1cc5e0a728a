"""How rosters are named and read on the command line: days, slots, people."""

from __future__ import annotations

import argparse
from contextlib import suppress
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from dutydesk.domain.errors import Invalid, NotFound
from dutydesk.domain.words import N_
from dutydesk.locale import _

if TYPE_CHECKING:
    from dutydesk.services.core import Actor
    from dutydesk.services.roster_views import DayView, PlaceView, SlotView

DAYS = 14
"""Days that are shown when only the first is named."""


def add_days(parser: argparse.ArgumentParser) -> None:
    """Add the options that name days."""
    parser.add_argument("--month", metavar=_("MONTH"), help=_("a month: 2026-11"))
    parser.add_argument("--from", dest="first", metavar=_("DAY"), help=_("first day: 2026-11-22"))
    parser.add_argument("--to", dest="last", metavar=_("DAY"), help=_("last day"))


def day_words(day: DayView) -> str:
    """Return a day with weekday, kind and holiday: `2026-10-01 Thu  statutory holiday  National Day`."""
    from dutydesk.locale import pick, times, word

    weekday = _(times.WEEKDAYS[day.day.weekday()])
    return "  ".join(
        part for part in (f"{day.day} {weekday}", word(day.kind) if day.kind else "", pick(day.title)) if part
    )


def names_of(slot: SlotView) -> set[str]:
    """Return what a shift may be called on a command line: its key in the policy, its title in either language."""
    return {name.casefold() for name in (slot.kind, slot.title.zh, slot.title.en) if name}


def slot_row(slot: SlotView) -> tuple[str, str, str]:
    """Return the cells of a slot: shift, hours, who is on."""
    from dutydesk.locale import pick, times

    hours = f"{times.hhmm(slot.starts_at)}–{times.hhmm(slot.ends_at)}"
    return pick(slot.title), hours, _(", ").join(place_words(place) for place in slot.places)


def place_words(place: PlaceView) -> str:
    """Return who holds a place, for how long where it is a part, or why nobody does."""
    from dutydesk.locale import pick, times, word

    name = pick(place.label)
    if place.person_id is None:
        name = _("nobody: {reason}", reason=word(place.reason)) if place.reason else _("nobody")
    if not place.whole:
        name = f"{name} {times.hhmm(place.from_at)}–{times.hhmm(place.to_at)}"
    return name


def slot_plain(slot: SlotView) -> dict[str, Any]:
    """Return a slot for scripts."""
    from dutydesk.locale import times

    return {
        "day": slot.day.isoformat(),
        "shift": slot.kind,
        "starts_at": times.iso(slot.starts_at),
        "ends_at": times.iso(slot.ends_at),
        "night": slot.night,
        "people": [
            {
                "login": place.login or None,
                "post": place.post,
                "from": times.iso(place.from_at),
                "to": times.iso(place.to_at),
                "flags": list(place.flags),
                "reason": place.reason,
                "change": place.change_id,
            }
            for place in slot.places
        ],
    }


def today() -> date:
    """Return the day it is at the desk."""
    from dutydesk.domain import clock, walltime
    from dutydesk.locale import times

    return walltime.local_day(clock.now(), times.zone())


def this_month() -> tuple[date, date]:
    """Return the first and the last day of this month."""
    from dutydesk.domain import spans

    return spans.whole_month(today())


def plan_days(args: argparse.Namespace) -> tuple[date, date]:
    """Return the days to plan: those named, or next month."""
    from dutydesk.domain import spans

    return days(args, *spans.whole_month(this_month()[1] + timedelta(days=1)))


def days(args: argparse.Namespace, first: date, last: date) -> tuple[date, date]:
    """Return the days that the options name, else `first` to `last`."""
    from dutydesk.domain import spans

    if args.month:
        return spans.month(args.month)
    if args.first:
        first = day_named(args.first, "first")
        last = max(last, first + timedelta(days=DAYS - 1)) if not args.last else last
    if args.last:
        last = day_named(args.last, "last")
    return first, last


def day_named(text: str, field: str) -> date:
    """Read a day as people type it: 2026-11-22, tomorrow, or 11-22, which is the nearest one."""
    from dutydesk.domain import clock, spans, walltime
    from dutydesk.domain.moments import moment
    from dutydesk.locale import times

    try:
        return spans.day(text, field=field)
    except Invalid as error:
        now, found = clock.now(), []
        for ahead in (False, True):
            with suppress(Invalid):
                found.append(moment(f"{text} 00:00", now=now, zone=times.zone(), ahead=ahead))
        if not found:
            raise error from None
    return walltime.local_day(min(found, key=lambda at: abs(at - now)), times.zone())


def person_named(who: Actor, login: str) -> int:
    """Return the id of the person with a login; raise NotFound."""
    from dutydesk.services import people

    found = next((each.id for each in people.everyone(who, active_only=False) if each.login == login), None)
    if found is None:
        raise NotFound(N_("Nobody has the login {login}."), field="login", login=login)
    return found
