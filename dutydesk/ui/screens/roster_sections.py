"""The roster as rows to choose from: one day with its places, a week, one person's duties, what everybody carries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from dutydesk.domain.calendar import DayKind
from dutydesk.domain.shift import Facts
from dutydesk.domain.text import fit, width
from dutydesk.domain.words import N_, Label
from dutydesk.locale import _, pick, times, word
from dutydesk.services.absences import Absence
from dutydesk.services.roster_views import ChangeLine, DayView, PlaceView, RosterView, SlotView
from dutydesk.ui import marks
from dutydesk.ui.screens import roster_words as words
from dutydesk.ui.widgets.lines import LineRow, Section
from dutydesk.ui.widgets.paint import Cell

DAY_CELLS = 11
KIND_CELLS = 9
HOURS_CELLS = 13
COUNT_CELLS = 7
LOAD_HEADS = (N_("Duties"), N_("Nights"), N_("Wkend"), N_("Stat."), N_("Hours"))
Kinds = Mapping[date, tuple[DayKind | None, Label]]


class At(NamedTuple):
    """What a row stands for: a slot by day and kind, and the place in it where one is meant."""

    day: date
    kind: str
    place: int = 0


def title_cells(slots: Iterable[SlotView]) -> int:
    """Return the cells that the names of the shifts take."""
    return max((width(pick(slot.title)) for slot in slots), default=0) + 2


@dataclass(frozen=True)
class Around:
    """What a day is read with: words of the policy, who looks, the changes, and whether anything is published."""

    known: Facts
    me: int = 0
    changes: Mapping[int, ChangeLine] = field(default_factory=dict)
    absences: Sequence[Absence] = ()
    published: bool = False


def day_sections(view: RosterView, day: DayView | None, around: Around) -> list[Section]:
    """Return one day: every place of every slot, and hours that nobody covers."""
    if day is None:
        return [Section("", empty="")]
    said = words.day_words(day)
    if around.published and not day.published and day.slots:
        said.append(_("not published yet"))
    rows = [row for slot in day.slots for row in _slot_rows(slot, around, title_cells(day.slots))]
    for gap in words.gaps_of(view.gaps, day.day):
        span = f"{times.hhmm(gap.starts_at)}{marks.DASH}{times.hhmm(gap.ends_at)}"
        rows.append(LineRow([(f"{marks.LATE} {_('{hours} no rule covers these hours', hours=span)}", "error")]))
    gone = words.absent_on(around.absences, day.day)
    if gone:
        rows.append(LineRow([(_("On leave: {names}", names=_(", ").join(gone)), "muted")]))
    title = f"{words.long_day(day.day)}  {f' {marks.DOT} '.join(said)}"
    return [Section(title, rows, empty=_("Nothing is planned on this day yet."))]


def _slot_rows(slot: SlotView, around: Around, cells: int) -> list[LineRow]:
    head: list[Cell] = [(fit(pick(slot.title), cells), ""), (fit(words.hours(slot), HOURS_CELLS), "muted")]
    blank: list[Cell] = [" " * (cells + HOURS_CELLS)]
    rows = []
    for at, place in enumerate(slot.places):
        left = [*(blank if at else head), *words.place_cells(place, around.known, around.me)]
        rows.append(LineRow(left, _remarks(place, around.changes), key=At(slot.day, slot.kind, at), value=slot))
    if not slot.places:
        nobody: Cell = (f"{marks.LATE} {_('nobody planned')}", "error")
        rows.append(LineRow([*head, nobody], key=At(slot.day, slot.kind), value=slot))
    return rows


def _remarks(place: PlaceView, changes: Mapping[int, ChangeLine]) -> list[Cell]:
    """Return what stands beside a place: whom somebody stands in for, and what a supervisor should know."""
    change = changes.get(place.change_id or 0)
    said = words.flag_words(place)
    if change is not None:
        source = word(change.source)
        out = pick(change.out) if change.out else ""
        by = _("instead of {name} ({source})", name=out, source=source) if out else _("added ({source})", source=source)
        said = _("{first}, {then}", first=by, then=said) if said else by
    return [(said, "muted")] if said else []


# --- a week ---------------------------------------------------------------------------------------------------------


def week_sections(view: RosterView, known: Facts, me: int, today: date) -> list[Section]:
    """Return the slots of a week, a row each; the day stands before its first one."""
    cells = title_cells(view.slots)
    rows: list[LineRow] = []
    for day in view.days:
        for at, slot in enumerate(day.slots):
            rows.append(_week_row(day, slot, cells, known, me, first=at == 0, today=day.day == today))
        if not day.slots:
            rows.append(LineRow([*_day_cells(day, first=True, today=day.day == today), (marks.DASH, "muted")]))
    empty = _("Nothing is planned in this week yet.")
    return [Section("", rows if view.slots else (), empty=empty)]


def _week_row(day: DayView, slot: SlotView, cells: int, known: Facts, me: int, *, first: bool, today: bool) -> LineRow:
    left: list[Cell] = _day_cells(day, first=first, today=today)
    left += [fit(pick(slot.title), cells), (fit(words.hours(slot), HOURS_CELLS), "muted")]
    for at, place in enumerate(slot.places):
        left += ["   "] if at else []
        left += words.place_cells(place, known, me)
    if not slot.places:
        left.append((f"{marks.LATE} {_('nobody planned')}", "error"))
    return LineRow(left, key=At(slot.day, slot.kind), value=slot)


def _day_cells(day: DayView, *, first: bool, today: bool) -> list[Cell]:
    if not first:
        return [" " * (DAY_CELLS + KIND_CELLS)]
    off = day.kind is not None and not day.kind.working
    style = "bold $accent" if today else "muted" if off else "strong"
    said = _("today") if today else words.kind_words(day.kind, KIND_CELLS - 1)
    kind = "accent" if today else words.KIND_STYLES.get(day.kind, "") if day.kind else ""
    return [(fit(words.short_day(day.day), DAY_CELLS), style), (fit(said, KIND_CELLS), kind)]


# --- one person -----------------------------------------------------------------------------------------------------


def duty_sections(
    slots: Sequence[SlotView],
    kinds: Kinds,
    person_id: int,
    months: Sequence[date],
    now: int,
    known: Facts,
    until: date | None = None,
) -> list[Section]:
    """Return one person's duties by months, with what each month comes to; the next duty says how soon it is.

    `until` is the last day that is published; what is planned after it may still change, and its month says so.
    """
    cells = title_cells(slots)
    coming = next((slot for slot in slots if any(place.from_at > now for place in _own(slot, person_id))), None)
    sections = []
    for month in months:
        own = [slot for slot in slots if (slot.day.year, slot.day.month) == (month.year, month.month)]
        carried = {person_id: Counter[str]()}
        for slot in own:
            words.count(carried, slot, kinds.get(slot.day, (None, Label("")))[0])
        rows = [_duty_row(slot, kinds, person_id, cells, now, known, coming=slot is coming) for slot in own]
        count: Cell = (words.carried_words(carried[person_id]), "muted") if own else ""
        open_ended = until is not None and max([month, *(slot.day for slot in own)]) > until
        if own and until is not None and open_ended:
            held = words.published_to(until) if until >= month else _("not published yet")
            count = _("{first}, {then}", first=held, then=words.carried_words(carried[person_id])), "warning"
        empty = _("Not published yet.") if open_ended else _("No duty.")
        sections.append(Section(words.month_title(month), rows, count, empty=empty))
    return sections


def _own(slot: SlotView, person_id: int) -> list[PlaceView]:
    return [place for place in slot.people if place.person_id == person_id]


def _duty_row(
    slot: SlotView, kinds: Kinds, person_id: int, cells: int, now: int, known: Facts, *, coming: bool
) -> LineRow:
    kind = kinds.get(slot.day, (None, Label("")))[0]
    past = slot.ends_at <= now
    said = words.kind_words(kind, KIND_CELLS - 1)
    left: list[Cell] = [
        (fit(words.short_day(slot.day), DAY_CELLS), "muted" if past else "strong"),
        (fit(said, KIND_CELLS), "muted" if past else words.KIND_STYLES.get(kind, "") if kind else ""),
        (fit(pick(slot.title), cells), "muted" if past else ""),
        (fit(words.hours(slot), HOURS_CELLS), "muted"),
    ]
    own = _own(slot, person_id)
    for place in own:
        if not place.whole:
            left.append((f"{times.hhmm(place.from_at)}{marks.DASH}{times.hhmm(place.to_at)} ", "warning"))
        if place.post:
            left.append((f"{pick(known.post(place.post))} ", "muted"))
    others = [pick(place.label) for place in slot.people if place.person_id != person_id]
    if others:
        left.append((_("with {names}", names=_(", ").join(dict.fromkeys(others))), "muted"))
    if any(place.change_id is not None for place in own):
        left.append((f" {words.CHANGED} {_('changed')}", "warning"))
    return LineRow(left, _soon(slot, own, now, coming), key=At(slot.day, slot.kind), value=slot)


def _soon(slot: SlotView, own: Sequence[PlaceView], now: int, coming: bool) -> list[Cell]:
    """Return how near the duty is; of a shift that is shared, one's own part counts."""
    if any(place.from_at <= now < place.to_at for place in own):
        return [(_("now"), "accent")]
    starts_at = min((place.from_at for place in own if place.from_at > now), default=slot.starts_at)
    if not coming:
        return []
    days = (slot.day - words.today()).days
    if days <= 0:
        return [(_("in {time}", time=times.span(starts_at - now)), "accent")]
    return [(_("tomorrow") if days == 1 else _("in {n} days", n=days), "accent")]


# --- everybody ------------------------------------------------------------------------------------------------------


def load_section(view: RosterView, month: date, me: int) -> Section:
    """Return what each person carries in a month, the most first."""
    carried = words.carried(view, month)
    people = sorted(view.people, key=lambda person: -carried[person.person_id]["duties"])
    heads = "".join(fit(_(head), COUNT_CELLS, right=True) for head in LOAD_HEADS)
    rows = [LineRow([""], [(heads, "muted")])]
    for person in people:
        line = carried[person.person_id]
        style = "bold $accent" if person.person_id == me else ""
        rows.append(
            LineRow([(pick(person.label), style)], [(_load_words(line), "muted" if not line["duties"] else "")])
        )
    empty = _("Nobody takes turns yet. dutydesk people add LOGIN NAME adds an engineer.")
    return Section(_("Who carries what"), rows if people else (), words.month_title(month), empty)


def _load_words(line: Counter[str]) -> str:
    cells = [str(line[name]) for name in ("duties", "nights", "weekends", "statutory")]
    return "".join(f"{cell:>{COUNT_CELLS}}" for cell in [*cells, f"{line['seconds'] / 3600:.10g}"])
