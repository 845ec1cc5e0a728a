"""How the roster reads: days and their kinds, slots and who is on them, what each person carries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta

from dutydesk.domain import clock
from dutydesk.domain.calendar import DayKind
from dutydesk.domain.planned import Flag, Gap, Reason
from dutydesk.domain.shift import Facts
from dutydesk.domain.text import width
from dutydesk.domain.words import N_
from dutydesk.locale import _, ngettext, pick, times, word
from dutydesk.services.absences import Absence
from dutydesk.services.roster_views import DayView, PlaceView, RosterView, SlotView
from dutydesk.ui import marks
from dutydesk.ui.widgets.paint import Cell

CHANGED = "*"
"""Stands after a name that a change put there."""
MONTHS = (
    N_("January"),
    N_("February"),
    N_("March"),
    N_("April"),
    N_("May"),
    N_("June"),
    N_("July"),
    N_("August"),
    N_("September"),
    N_("October"),
    N_("November"),
    N_("December"),
)
SHORT_KINDS = {
    DayKind.STATUTORY: N_("holiday"),
    DayKind.BRIDGE: N_("off"),
    DayKind.MAKEUP: N_("make-up"),
    DayKind.WEEKEND: N_("weekend"),
}
"""Words for the kinds of day that are no plain workday, where there is little room."""
KIND_STYLES = {
    DayKind.STATUTORY: "accent",
    DayKind.BRIDGE: "muted",
    DayKind.MAKEUP: "warning",
    DayKind.WEEKEND: "muted",
}
FLAG_WORDS = {flag.value: flag.label for flag in Flag} | {
    "extra": N_("came unplanned"),
    "gone": N_("no longer at the desk"),
}


def today() -> date:
    """Return the day it is at the desk."""
    return times.local(clock.now()).date()


def month_title(day: date) -> str:
    """Return `November 2026`, `2026年11月`."""
    return _("{month} {year}", month=_(MONTHS[day.month - 1]), year=day.year)


def short_day(day: date) -> str:
    """Return `Mon 23 Nov`, `周一 11-23`, without a year."""
    return f"{_(times.WEEKDAYS[day.weekday()])} {times.day_of(day.isoformat())}"


def long_day(day: date) -> str:
    """Return a day as titles name it, with the year where it is another one."""
    return short_day(day) if day.year == today().year else f"{_(times.WEEKDAYS[day.weekday()])} {day.isoformat()}"


def day_words(view: DayView) -> list[str]:
    """Return what there is to say about a day: its kind, the holiday, that nothing is published."""
    said = [word(view.kind) if view.kind is not None else _("calendar not known")]
    if pick(view.title):
        said.append(pick(view.title))
    return said


def kind_words(kind: DayKind | None, cells: int) -> str:
    """Return the word for a day that is no plain workday, the short one where the full one does not fit."""
    if kind not in SHORT_KINDS or kind is None:
        return ""
    return word(kind) if width(word(kind)) <= cells else _(SHORT_KINDS[kind])


def hours(slot: SlotView) -> str:
    """Return `20:00–08:00`."""
    return f"{times.hhmm(slot.starts_at)}{marks.DASH}{times.hhmm(slot.ends_at)}"


def gap_days(gaps: Iterable[Gap]) -> set[date]:
    """Return the days on which hours are covered by no rule."""
    found: set[date] = set()
    for gap in gaps:
        day, last = times.local(gap.starts_at).date(), times.local(gap.ends_at - 1).date()
        while day <= last:
            found.add(day)
            day += timedelta(days=1)
    return found


def begin_of(day: date) -> int:
    """Return midnight at the desk, epoch seconds."""
    return int(datetime.combine(day, time(), times.zone()).timestamp())


def gaps_of(gaps: Iterable[Gap], day: date) -> list[Gap]:
    """Return the gaps that touch a day."""
    begin, end = begin_of(day), begin_of(day + timedelta(days=1))
    return [gap for gap in gaps if gap.starts_at < end and gap.ends_at > begin]


def absent_on(absences: Iterable[Absence], day: date) -> list[str]:
    """Return the names of those who are on leave on a day."""
    begin, end = begin_of(day), begin_of(day + timedelta(days=1))
    gone = [pick(each.label) for each in absences if each.starts_at < end and each.ends_at > begin]
    return list(dict.fromkeys(gone))


def empty_places(slots: Iterable[SlotView]) -> int:
    """Return how many places of the slots nobody holds."""
    return sum(place.person_id is None for slot in slots for place in slot.places) + sum(
        not slot.places for slot in slots
    )


# --- one day, a week, a person --------------------------------------------------------------------------------------


def once(places: Sequence[PlaceView]) -> list[PlaceView]:
    """Return the places with each person once: he may be on for two parts of a shift, or for two posts."""
    found: dict[object, PlaceView] = {}
    for at, place in enumerate(places):
        found.setdefault(at if place.person_id is None else f"p{place.person_id}", place)
    return list(found.values())


def place_cells(place: PlaceView, known: Facts, me: int) -> list[Cell]:
    """Return who holds a place, as what and when; an empty one says why."""
    found: list[Cell] = []
    if place.person_id is None:
        found.append((f"{marks.LATE} {nobody_words(place)}", "error"))
    else:
        mine = place.person_id == me
        name = pick(place.label) + (CHANGED if place.change_id is not None else "")
        found.append((name, "bold $accent" if mine else ""))
        found += [(f" {_('(you)')}", "accent")] if mine else []
    if place.post:
        found.append((f" {pick(known.post(place.post))}", "muted"))
    if not place.whole:
        found.append((f"  {times.hhmm(place.from_at)}{marks.DASH}{times.hhmm(place.to_at)}", "warning"))
    return found


def nobody_words(place: PlaceView) -> str:
    """Return why nobody holds a place."""
    if place.reason is None:
        return _("nobody planned")
    if place.reason is Reason.NOBODY:
        return word(place.reason)
    return _("nobody: {reason}", reason=word(place.reason))


def flag_words(place: PlaceView) -> str:
    """Return what a supervisor should know about a place, in words."""
    return _(", ").join(_(FLAG_WORDS[flag]) for flag in place.flags if flag in FLAG_WORDS)


def people_words(slot: SlotView) -> str:
    """Return who is on a slot, as one text."""
    names = [pick(place.label) for place in once(slot.places) if place.person_id is not None]
    return _(", ").join(names) if names else _("nobody")


def carried(view: RosterView, month: date) -> dict[int, Counter[str]]:
    """Return what each person carries in the month of `month`: duties, nights, weekend and statutory days, seconds."""
    found: dict[int, Counter[str]] = {person.person_id: Counter() for person in view.people}
    for day in view.days:
        if (day.day.year, day.day.month) != (month.year, month.month):
            continue
        for slot in day.slots:
            count(found, slot, day.kind)
    return found


def count(found: dict[int, Counter[str]], slot: SlotView, kind: DayKind | None) -> None:
    """Add one slot to what its people carry."""
    for place in once(slot.people):
        line = found.setdefault(place.person_id or 0, Counter())
        line["duties"] += 1
        line["nights"] += slot.night
        line["weekends"] += kind is DayKind.WEEKEND
        line["statutory"] += kind is DayKind.STATUTORY
    for place in slot.people:
        found[place.person_id or 0]["seconds"] += place.to_at - place.from_at


def carried_words(line: Counter[str]) -> str:
    """Return `5 duties, 2 nights, 1 weekend day, 60 h`."""
    said = [ngettext("{n} duty", "{n} duties", line["duties"])]
    if line["nights"]:
        said.append(ngettext("{n} night", "{n} nights", line["nights"]))
    if line["weekends"]:
        said.append(ngettext("{n} weekend day", "{n} weekend days", line["weekends"]))
    if line["statutory"]:
        said.append(ngettext("{n} statutory day", "{n} statutory days", line["statutory"]))
    if line["seconds"]:
        said.append(_("{n} h", n=f"{line['seconds'] / 3600:.10g}"))
    return _(", ").join(said)


# --- how it stands --------------------------------------------------------------------------------------------------


def state_of(view: RosterView, month: date | None) -> list[Cell]:
    """Return what somebody should know about the days shown, of `month` only where it is given."""
    days = [day for day in view.days if month is None or (day.day.year, day.day.month) == (month.year, month.month)]
    slots = [slot for day in days for slot in day.slots]
    empty, gaps = empty_places(slots), len(gap_days(view.gaps) & {day.day for day in days})
    found: list[Cell] = []
    if empty:
        text = ngettext("{n} place empty", "{n} places empty", empty)
        found += [(f"{marks.LATE} {text}", "error"), "  "]
    if gaps:
        text = ngettext("{n} day with a gap", "{n} days with gaps", gaps)
        found += [(f"{marks.LATE} {text}", "error"), "  "]
    return [*found, _published_words(view, days)]


def _published_words(view: RosterView, days: Sequence[DayView]) -> Cell:
    ahead = [day for day in days if day.day >= today()]
    if ahead and not any(day.slots for day in ahead):
        return _("nothing planned yet"), "warning"
    held = [day.published for day in ahead or days]
    if not ahead and not all(held):
        return "", ""
    if view.version is None or not any(held):
        return _("not published yet"), "warning"
    if all(held):
        return _("version {n}", n=view.version.number), "muted"
    last = max(day.day for day in days if day.published)
    return published_to(last), "warning"


def published_to(last: date) -> str:
    """Return that days are published up to one of them."""
    return _("published to {day}", day=times.day_of(last.isoformat()))


def legend(view: RosterView, lines: int) -> str:
    """Return what the marks mean that are in sight; `lines` of the calendar for the slots of a day, 0 without it."""
    if not view.people:
        return _("Nobody takes turns yet. dutydesk people add LOGIN NAME adds an engineer.")
    places = [place for slot in view.slots for place in slot.places]
    fullest = max((day.slots for day in view.days), key=len, default=())
    said = [" / ".join(pick(slot.title) for slot in fullest)] if lines and len(fullest) > lines else []
    if any(place.change_id is not None for place in places):
        said.append(_("{mark} changed after planning", mark=CHANGED))
    if lines and (empty_places(view.slots) or view.gaps):
        said.append(_("{mark} nobody", mark=marks.LATE))
    return "   ".join(said)


def span_words(first: date, last: date) -> str:
    """Return days as people call them: a month, a year, else from one to the other."""
    after = last + timedelta(days=1)
    if first.day == 1 and after == date(first.year + first.month // 12, first.month % 12 + 1, 1):
        return month_title(first)
    if (first.month, first.day, last.month, last.day, first.year) == (1, 1, 12, 31, last.year):
        return _("the year {year}", year=first.year)
    return _("{first} to {last}", first=first.isoformat(), last=last.isoformat())
