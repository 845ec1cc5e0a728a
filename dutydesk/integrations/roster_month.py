"""A month of the roster as departments print it: people down, days across, in words and letters; no format yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from dutydesk.domain.calendar import DayKind
from dutydesk.domain.roster_words import NOT_FILLED, PART, TOGETHER, base, letters, marks
from dutydesk.locale import _, language, pick, times, word
from dutydesk.services.roster_export import Export
from dutydesk.services.roster_views import DayView, PersonLine, PlaceView, RosterView, SlotView


@dataclass(frozen=True)
class Row:
    """One person's month: the letters of each day, and the totals."""

    name: str
    cells: tuple[str, ...]
    totals: tuple[int | float, ...]


@dataclass(frozen=True)
class Month:
    """The sheet in words; `letters` are (letter, title and hours), `notes` what letters cannot say."""

    name: str
    title: str
    subtitle: str
    days: tuple[DayView, ...]
    totals: tuple[str, ...]
    rows: tuple[Row, ...]
    empty: tuple[str, ...]
    letters: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]


def month(export: Export, view: RosterView) -> Month:
    """Return one month of an export; one person's export holds his row alone."""
    letter = letters_of(export, view)
    people = [each for each in view.people if not export.login or each.login == export.login]
    names = _names(people)
    rows = tuple(
        Row(names[each.person_id], tuple(_cell(day, each.person_id, letter) for day in view.days), _totals(each))
        for each in people
    )
    empty = tuple(_empty(day, letter) for day in view.days)
    return Month(
        f"{view.first:%Y-%m}",
        _("{desk}: duty roster {month}", desk=pick(export.desk), month=month_words(view.first)),
        _published(view),
        view.days,
        (_("Duties"), _("Nights"), _("Weekends"), _("Statutory"), _("Hours")),
        rows,
        empty if any(empty) and not export.login else (),
        _legend(export, view, letter),
        tuple(_notes(export, view)),
    )


def month_words(day: date) -> str:
    """Return the month of a day as a title says it: `November 2026`, `2026年11月`."""
    return f"{day.year}年{day.month}月" if language() == "zh" else f"{day:%B %Y}"


@dataclass(frozen=True)
class Letters:
    """What stands in a cell for a duty: the letter of its shift, or of its post on a desk with one kind of shift."""

    shifts: dict[str, str]
    posts: dict[str, str]

    def of(self, slot: SlotView, place: PlaceView) -> str:
        """Return the letter of one place."""
        return self.posts.get(place.post) or self.shifts[base(slot.kind)]


def letters_of(export: Export, view: RosterView) -> Letters:
    """Return the letters in the language spoken."""
    known = {kind: pick(label) for kind, label in export.facts.titles.items() if kind == base(kind)}
    shifts, posts = marks(known, {key: pick(label) for key, label in export.facts.posts.items()})
    older = {base(slot.kind): pick(slot.title) for slot in view.slots if base(slot.kind) not in known}
    return Letters(letters(known | older) | shifts if older else shifts, posts)


def _names(people: Iterable[PersonLine]) -> dict[int, str]:
    """Return the names people are found by: two of the same name have their login beside it."""
    listed = list(people)
    names = [pick(each.label) for each in listed]
    return {
        each.person_id: _("{name} ({login})", name=name, login=each.login) if names.count(name) > 1 else name
        for each, name in zip(listed, names, strict=True)
    }


def _cell(day: DayView, person_id: int, letter: Letters) -> str:
    found: dict[str, None] = {}
    for slot in day.slots:
        for place in slot.people:
            if place.person_id == person_id:
                found.setdefault(letter.of(slot, place) + ("" if is_whole(slot, place) else PART))
    return TOGETHER.join(found)


def is_whole(slot: SlotView, place: PlaceView) -> bool:
    """Whether a place is for the whole of its shift."""
    return place.whole or (place.from_at, place.to_at) == (slot.starts_at, slot.ends_at)


def _empty(day: DayView, letter: Letters) -> str:
    found = {letter.of(slot, place): None for slot in day.slots for place in slot.places if place.person_id is None}
    return TOGETHER.join(found)


def _totals(line: PersonLine) -> tuple[int | float, ...]:
    hours = round(line.hours, 1)
    return (line.duties, line.nights, line.weekends, line.statutory, int(hours) if hours == int(hours) else hours)


def _published(view: RosterView) -> str:
    if view.version is None:
        return _("Not published yet.")
    made = _(
        "Version {number}, published {when}", number=view.version.number, when=times.stamp(view.version.published_at)
    )
    by = view.version.published_by
    return _("{what} by {name}", what=made, name=pick(by)) if by else made


def _legend(export: Export, view: RosterView, letter: Letters) -> tuple[tuple[str, str], ...]:
    found: dict[str, str] = {}
    for slot in view.slots:
        span = f"{times.hhmm(slot.starts_at)}–{times.hhmm(slot.ends_at)}"
        kind = base(slot.kind)
        found.setdefault(letter.shifts[kind], pick(slot.title) if kind != slot.kind else f"{pick(slot.title)} {span}")
    used = {place.post for slot in view.slots for place in slot.places}
    found |= {letter.posts[key]: pick(export.facts.post(key)) for key in letter.posts if key in used}
    return tuple(found.items())


def _notes(export: Export, view: RosterView) -> Sequence[str]:
    notes = []
    for slot in view.slots:
        parts = [place for place in slot.people if not is_whole(slot, place)]
        if parts and (not export.login or any(place.login == export.login for place in parts)):
            spans = [
                _(
                    "{name} {begin}–{end}",
                    name=pick(each.label),
                    begin=times.hhmm(each.from_at),
                    end=times.hhmm(each.to_at),
                )
                for each in sorted(parts, key=lambda each: each.from_at)
            ]
            day = times.day_of(slot.day.isoformat())
            notes.append(
                _("{mark} {day} {shift}: {who}", mark=PART, day=day, shift=pick(slot.title), who=_(", ").join(spans))
            )
    notes += [
        _("No shift covers {begin} to {end}.", begin=times.stamp(gap.starts_at), end=times.stamp(gap.ends_at))
        for gap in view.gaps
        if not export.login
    ]
    return notes


def kind_words() -> list[tuple[DayKind, str]]:
    """Return every kind of day with its word, for the legend."""
    return [(kind, word(kind)) for kind in DayKind]


def empty_word() -> str:
    """Return the name of the row that holds the places nobody has."""
    return pick(NOT_FILLED)
