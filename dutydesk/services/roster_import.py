"""A roster from a sheet becomes the desk's: compared with what stands, every fault by its cell, all of it or nothing.

The sheet speaks for the shifts it names and for no other: a shift that stands nowhere in it stays as it is. What
differs becomes changes by hand above the rotation, which hold through later plans. Source: issue "The roster", 9.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dutydesk import locale
from dutydesk.domain import clock, walltime
from dutydesk.domain.errors import DeskError, Invalid
from dutydesk.domain.grid import Grid
from dutydesk.domain.log import LogKind
from dutydesk.domain.overlay import ChangeKind, ChangeSource
from dutydesk.domain.roster_file import Reading, Wanted, Words, read
from dutydesk.domain.roster_words import base, folded, vocabulary
from dutydesk.domain.text import clean
from dutydesk.domain.words import N_
from dutydesk.services import log, notices, roster, roster_changes, roster_rows, roster_write, settings
from dutydesk.services.core import SUPERVISORS, Actor, reads, writes
from dutydesk.services.roster_rows import Known
from dutydesk.services.roster_views import DiffLine, NewChange, PlaceView, SlotView
from dutydesk.services.shift_views import EXTRA, facts
from dutydesk.storage.models.people import Person

Span = tuple[str, int, int, str]
"""Somebody's login, the instants between which he is on, and his post."""

BESIDE = timedelta(days=2)
"""Days beside those of the sheet whose shifts may overlap with its own."""


class Faulty(Invalid):
    """A sheet that cannot be taken; `faults` are all sentences, each with its cell."""

    def __init__(self, faults: Sequence[DeskError]) -> None:
        super().__init__(N_("The file has {n} faults; nothing was changed."), n=len(faults))
        self.faults = tuple(faults)


@dataclass(frozen=True)
class Comparison:
    """What importing would do: the shifts that differ, how many are the same, and how many the sheet does not name."""

    first: date
    last: date
    diff: tuple[DiffLine, ...]
    same: int
    untouched: int
    others: tuple[str, ...] = ()


@dataclass
class _Target:
    """One shift as the sheet wants it."""

    slot: SlotView
    wanted: list[Wanted] = field(default_factory=list)
    spans: list[tuple[Span, Wanted]] = field(default_factory=list)

    @property
    def held(self) -> list[PlaceView]:
        """Return the places that people hold by plan."""
        return [place for place in self.slot.people if EXTRA not in place.flags]

    def before(self) -> set[Span]:
        """Return who is on now."""
        return {_span(place) for place in self.held}

    def after(self) -> set[Span]:
        """Return who the sheet wants on."""
        return {span for span, _wanted in self.spans}


def _span(place: PlaceView) -> Span:
    return (place.login, place.from_at, place.to_at, place.post)


@reads(SUPERVISORS)
def compare(who: Actor, grid: Grid, month: date | None = None) -> Comparison:  # noqa: ARG001
    """Say what importing a sheet would change; raises Faulty with every fault that it has."""
    return _compared(grid, month)[0]


@writes(SUPERVISORS)
def take(who: Actor, grid: Grid, source: str, month: date | None = None) -> Comparison:
    """Make the desk's roster what a sheet says, as changes by hand; `source` names the file. All of it or nothing."""
    found, targets, people = _compared(grid, month)
    if not found.diff:
        return found
    name = clean(source)[:120]
    reason = locale.in_language(settings.all_settings()["lang"], N_("imported from {file}"), file=name)
    for target in targets:
        made = _changes(target, people, reason)
        if made:
            roster_changes.apply_changes(who, made, ChangeSource.HAND)
    _tell(who, found, name)
    return found


def _compared(grid: Grid, month: date | None) -> tuple[Comparison, list[_Target], dict[str, Known]]:
    people = roster_rows.people()
    reading = read(grid, _words(people), month)
    if not reading.wanted:
        raise _faulty(reading) or Invalid(N_("The file names nobody on any shift."))
    days = [wanted.day for wanted in reading.wanted]
    first, last = min(days), max(days)
    roster.check_range(first, last)
    slots = roster_rows.published(max(first, date.min + BESIDE) - BESIDE, min(last, date.max - BESIDE) + BESIDE)
    targets = _targets(reading, [slot for slot in slots if first <= slot.day <= last])
    _check_people(reading, people)
    differing = [target for target in targets if target.before() != target.after()]
    _check_settled(reading, differing)
    _check_once(reading, differing, slots)
    faulty = _faulty(reading)
    if faulty:
        raise faulty
    named = {wanted.day for wanted in reading.wanted}
    untouched = sum(slot.day in named for slot in slots) - len(targets)
    diff = tuple(_line(target, people) for target in differing)
    return Comparison(first, last, diff, len(targets) - len(diff), untouched, grid.others), differing, people


def _faulty(reading: Reading) -> Faulty | None:
    return Faulty(reading.faults) if reading.faults else None


# What the sheet's words mean


def _words(people: dict[str, Known]) -> Words:
    known = facts()
    names: dict[str, set[str]] = {}
    for person in people.values():
        label = person.label
        both = {f"{name}({person.login})" for name in (label.zh, label.en) if name}
        for word in {person.login, label.zh, label.en} | both:
            if word:
                names.setdefault(folded(word), set()).add(person.login)
    titles = {key: label for key, label in known.titles.items() if key == base(key)}
    shifts, posts = vocabulary(titles, known.posts)
    only = next(iter(titles)) if len(titles) == 1 else ""
    cells = [*titles.values(), *(known.posts.values() if only else ())]
    shown = locale._(", ").join(locale.pick(label) for label in cells)
    return Words(shifts, {word: frozenset(logins) for word, logins in names.items()}, posts, only, shown)


def _targets(reading: Reading, slots: Iterable[SlotView]) -> list[_Target]:
    """Put what the sheet says to the shifts of the roster; note what finds none."""
    found: dict[tuple[date, str], list[_Target]] = {}
    for slot in slots:
        found.setdefault((slot.day, base(slot.kind)), []).append(_Target(slot))
    zone = settings.desk_zone()
    for wanted in reading.wanted:
        target = _one(reading, wanted, found.get((wanted.day, wanted.kind), []), zone)
        if target is not None:
            target.wanted.append(wanted)
            _place(reading, target, wanted, zone)
    return [target for targets in found.values() for target in targets if target.wanted]


def _one(reading: Reading, wanted: Wanted, targets: list[_Target], zone: ZoneInfo) -> _Target | None:
    """Return the shift that is meant; of the pieces of an hourly turn the one that begins when the line says."""
    title = facts().title(wanted.kind)
    if not targets:
        reading.fault(
            N_("{cell}: the roster has no {shift} shift on {day}; plan and publish it first."),
            wanted.cell,
            shift=title,
            day=wanted.day,
        )
        return None
    if len(targets) == 1:
        return targets[0]
    for target in targets:
        begin = _instant(wanted.begin, target.slot, zone)
        if begin is not None and target.slot.starts_at <= begin < target.slot.ends_at:
            return target
    reading.fault(
        N_("{cell}: the {shift} shift of {day} has several turns; write a list with begin and end of each."),
        wanted.cell,
        shift=title,
        day=wanted.day,
    )
    return None


def _place(reading: Reading, target: _Target, wanted: Wanted, zone: ZoneInfo) -> None:
    slot = target.slot
    if wanted.part:
        mine = [
            _span(place) for place in target.held if place.login == wanted.login and wanted.post in ("", place.post)
        ]
        if not mine:
            reading.fault(
                N_("{cell}: which part of the shift? Write a list with begin and end of each part."), wanted.cell
            )
        target.spans += [(span, wanted) for span in mine]
        return
    begin = slot.starts_at if wanted.begin is None else _instant(wanted.begin, slot, zone)
    end = slot.ends_at if wanted.end is None else _instant(wanted.end, slot, zone, end=True)
    if begin is None or end is None or not slot.starts_at <= begin < end <= slot.ends_at:
        reading.fault(N_("{cell}: begin and end do not lie within the shift, one after the other."), wanted.cell)
        return
    if any(login == wanted.login and low < end and begin < high for (login, low, high, _post), _cell in target.spans):
        reading.fault(N_("{cell}: “{login}” stands twice on this shift."), wanted.cell, login=wanted.login)
        return
    post = wanted.post or _post_now(target, wanted.login, begin, end)
    target.spans.append(((wanted.login, begin, end, post), wanted))


def _post_now(target: _Target, login: str, begin: int, end: int) -> str:
    """Return the post of somebody who is on just so already; "" lets the change find one."""
    spans = (_span(place) for place in target.held)
    return next((post for name, low, high, post in spans if (name, low, high) == (login, begin, end)), "")


def _instant(moment: datetime | time | None, slot: SlotView, zone: ZoneInfo, *, end: bool = False) -> int | None:
    """Return the instant that a line names: a whole moment, or a time of day within the shift."""
    if moment is None or isinstance(moment, datetime):
        return None if moment is None else _at(moment, slot, zone)
    begin = walltime.local(slot.starts_at, zone).date()
    for day in (begin, begin + timedelta(days=1)):
        at = _at(datetime.combine(day, moment), slot, zone)
        if slot.starts_at <= at <= slot.ends_at and not (end and at == slot.starts_at):
            return at
    return None


def _at(local: datetime, slot: SlotView, zone: ZoneInfo) -> int:
    """Return the instant of a local time; in an hour that comes twice, where the shift begins or ends is meant."""
    for edge in (slot.starts_at, slot.ends_at):
        if walltime.local(edge, zone).replace(tzinfo=None, fold=0) == local:
            return edge
    return walltime.instant(local, zone)


# What is refused


def _check_people(reading: Reading, people: dict[str, Known]) -> None:
    """Note people who take no duties: those who left, and those who only read."""
    readers = {login for (login,) in Person.select(Person.login).where(Person.role == "reader").tuples()}
    told: set[str] = set()
    for wanted in reading.wanted:
        person = people[wanted.login]
        if wanted.login not in told and (not person.active or wanted.login in readers):
            told.add(wanted.login)
            reading.fault(N_("{cell}: {name} takes no duties at this desk."), wanted.cell, name=person.label)


def _check_settled(reading: Reading, targets: Iterable[_Target]) -> None:
    """Note shifts that differ and may not change any more: begun, or signed for."""
    now = clock.now()
    for target in targets:
        slot = target.slot
        if slot.starts_at <= now or roster_write.signed(slot.shift_id or 0):
            on = locale._(", ").join(locale.pick(place.label) for place in target.held)
            reading.fault(
                N_("{cell}: the {shift} shift of {day} has begun or is signed for; {people} stays on it."),
                target.wanted[0].cell,
                shift=slot.title,
                day=slot.day,
                people=on or "–",
            )


def _check_once(reading: Reading, differing: Sequence[_Target], slots: Iterable[SlotView]) -> None:
    """Note people who would be on two shifts at once."""
    changed = {target.slot.shift_id for target in differing}
    spans: dict[str, list[tuple[int, int, SlotView, str]]] = {}
    for slot in slots:
        for place in slot.people if slot.shift_id not in changed else ():
            spans.setdefault(place.login, []).append((place.from_at, place.to_at, slot, ""))
    for target in differing:
        for (login, begin, end, _post), wanted in target.spans:
            spans.setdefault(login, []).append((begin, end, target.slot, wanted.cell))
    for login, listed in spans.items():
        for at, (begin, end, slot, cell) in enumerate(listed):
            for low, high, other, other_cell in listed[at + 1 :]:
                if low < end and begin < high and (cell or other_cell):
                    reading.fault(
                        N_("{cell}: {login} would be on the {shift} shift of {day} at the same time."),
                        other_cell or cell,
                        login=login,
                        shift=slot.title if other_cell else other.title,
                        day=slot.day if other_cell else other.day,
                    )


# Changes


def _changes(target: _Target, people: dict[str, Known], reason: str) -> list[NewChange]:
    """Return the changes that make a shift what the sheet wants: replacements first, then who goes, then who comes."""
    slot, ids = target.slot, {login: person.id for login, person in people.items()}
    after = target.after()
    going = [place for place in target.held if _span(place) not in after]
    before = target.before()
    coming = [span for span, _wanted in target.spans if span not in before]
    made: list[NewChange] = []
    on = {place.login for place in target.held}
    for place in list(going):
        match = _substitute(place, [span for span in coming if span[0] not in on], people)
        if match is not None:
            going.remove(place)
            coming.remove(match)
            made.append(_change(ChangeKind.REPLACE, slot, reason, _span(place), ids, match[0], match[3]))
    made += [_change(ChangeKind.REMOVE, slot, reason, _span(place), ids) for place in going]
    free = [place.post for place in slot.places if place.person_id is None] + [place.post for place in going]
    for login, begin, end, wished in coming:
        post = wished or next((each for each in free if each in people[login].posts), free[0] if free else "")
        if post in free:
            free.remove(post)
        made.append(_change(ChangeKind.ADD, slot, reason, ("", begin, end, ""), ids, login, post))
    return made


def _substitute(place: PlaceView, coming: Sequence[Span], people: dict[str, Known]) -> Span | None:
    """Return who takes exactly this place: one who holds the post before any other."""
    same = [span for span in coming if span[1:3] == (place.from_at, place.to_at) and span[3] in ("", place.post)]
    return min(same, key=lambda span: place.post not in people[span[0]].posts, default=None)


def _change(
    kind: ChangeKind, slot: SlotView, reason: str, span: Span, ids: dict[str, int], into: str = "", post: str = ""
) -> NewChange:
    out, begin, end, _post = span
    return NewChange(
        kind,
        person_out=ids[out] if out else None,
        person_in=ids[into] if into else None,
        shift_id=slot.shift_id,
        post=post,
        from_at=None if begin == slot.starts_at else begin,
        to_at=None if end == slot.ends_at else end,
        reason=reason,
    )


def _line(target: _Target, people: dict[str, Known]) -> DiffLine:
    slot = target.slot
    before = {place.login: place.label for place in target.held}
    after = {span[0]: people[span[0]].label for span, _wanted in target.spans}
    return DiffLine(
        slot.day,
        slot.kind,
        slot.title,
        tuple(before.values()),
        tuple(after.values()),
        slot.starts_at,
        tuple(people[login].id for login in before if login not in after),
        tuple(people[login].id for login in after if login not in before),
    )


def _tell(who: Actor, found: Comparison, name: str) -> None:
    """Tell everybody whose duties changed once, and write it into the log."""
    counts: dict[int, list[int]] = {}
    for line in found.diff:
        for side, people in enumerate((line.into, line.out)):
            for person in people:
                counts.setdefault(person, [0, 0])[side] += 1
    for person, (into, out) in counts.items():
        values = {"file": name, "into": into, "out": out}
        message = N_("Roster imported from {file}: {into} duties are new for you, {out} are no longer yours.")
        notices.tell(who, [person], message, values, subject="roster")
    log.add(
        who,
        LogKind.ROSTER,
        N_("Roster imported from {file}: {n} shifts changed between {first} and {last}."),
        {
            "file": name,
            "n": len(found.diff),
            "first": {"day": found.first.isoformat()},
            "last": {"day": found.last.isoformat()},
        },
    )
