"""Changes that stand above the rotation: substitutions, additions, removals, of a whole shift or a part of it.

A change holds through every later plan until it is withdrawn, and it acts only where it finds what it is about: a
replacement of X replaces X where X would be on, and nobody else. A later change stands above an earlier one.
Source: DOMAIN 2.8.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from dutydesk.domain.planned import Assigned, Flag, Missing, Note, Reason, Slot, Why
from dutydesk.domain.words import N_, Named

Place = TypeVar("Place", Assigned, Missing)


class ChangeKind(Named):
    """What a change does."""

    REPLACE = "replace", N_("replaces")
    ADD = "add", N_("adds")
    REMOVE = "remove", N_("takes off")


class ChangeSource(Named):
    """Where a change comes from."""

    HAND = "hand", N_("by hand")
    LEAVE = "leave", N_("leave")
    SWAP = "swap", N_("swap")


@dataclass(frozen=True)
class Change:
    """One change of one shift: `out` goes, `into` comes, "" where nobody does.

    `shift_kind` is the key of the published shift (`Slot.key`). `from_at` and `to_at` (epoch seconds) bound a part of
    the shift; None leaves a side open. `source_id` is the number of the leave or the swap.
    """

    id: int
    day: date
    shift_kind: str
    kind: ChangeKind
    out: str = ""
    into: str = ""
    post: str = ""
    from_at: int | None = None
    to_at: int | None = None
    source: ChangeSource = ChangeSource.HAND
    reason: str = ""
    source_id: int | None = None


_REPLACES = {
    ChangeSource.HAND: N_("Change {change}: in the place of {login}, by hand."),
    ChangeSource.LEAVE: N_("Change {change}: covers for {login}, who is on leave."),
    ChangeSource.SWAP: N_("Change {change}: swapped with {login}."),
}
_FOR_PART = N_("On for a part of the shift: change {change}.")
_ADDED = N_("Change {change}: added by hand.")
_REASON = N_("Reason: {reason}")


def apply(slots: Iterable[Slot], changes: Iterable[Change]) -> tuple[Slot, ...]:
    """Return the slots with the changes laid over them, in the order of their numbers; the order of rows is free."""
    return _lay(tuple(slots), changes)[0]


def idle(slots: Iterable[Slot], changes: Iterable[Change]) -> tuple[Change, ...]:
    """Return the changes that find nothing to change, such as the replacement of somebody who is not on any more."""
    return _lay(tuple(slots), changes)[1]


def _lay(slots: tuple[Slot, ...], changes: Iterable[Change]) -> tuple[tuple[Slot, ...], tuple[Change, ...]]:
    by_slot: dict[tuple[date, str], list[Change]] = defaultdict(list)
    for change in sorted(changes, key=lambda change: change.id):
        by_slot[change.day, change.shift_kind].append(change)
    if not by_slot:
        return slots, ()
    unused: list[Change] = []
    result = []
    for slot in slots:
        for change in by_slot.pop((slot.day, slot.key), ()):
            changed = _change(slot, change)
            if changed == slot:
                unused.append(change)
            slot = changed
        result.append(slot)
    unused += [change for left in by_slot.values() for change in left]
    return tuple(result), tuple(sorted(unused, key=lambda change: change.id))


def _change(slot: Slot, change: Change) -> Slot:
    first = slot.starts_at if change.from_at is None else max(change.from_at, slot.starts_at)
    last = slot.ends_at if change.to_at is None else min(change.to_at, slot.ends_at)
    if last <= first:
        return slot
    if change.kind is ChangeKind.ADD:
        return _add(slot, change, first, last)
    assigned: list[Assigned] = []
    missing = list(slot.missing)
    for held in slot.assigned:
        begin, end = slot.span(held)
        low, high = max(begin, first), min(end, last)
        if held.login != change.out or low >= high:
            assigned.append(held)
            continue
        pieces = _pieces(slot, held, [(begin, low), (high, end)], change)
        if change.kind is ChangeKind.REPLACE:
            free = _free(slot, change.into, low, high)
            pieces += [_placed(slot, _substitute(held, change), *part) for part in free]
            left, reason = _minus([(low, high)], free), Reason.BUSY
        else:
            left, reason = [(low, high)], Reason.REMOVED
        assigned += sorted(pieces, key=slot.span)
        if not _extra(held):
            empty = Missing(change.post or held.post, reason, held.why.rule)
            missing += [_placed(slot, empty, *part) for part in left]
    return replace(slot, assigned=_joined(slot, assigned), missing=tuple(missing))


def _add(slot: Slot, change: Change, first: int, last: int) -> Slot:
    """Add the person where he is not on already, first of all to the places of the same post that are empty."""
    free = _free(slot, change.into, first, last)
    if not free:
        return slot
    missing: list[Missing] = []
    left, rule = free, ""
    for empty in slot.missing:
        span = slot.span(empty)
        taken = _common(left, span) if empty.post == change.post else []
        missing += [_placed(slot, empty, *part) for part in _minus([span], taken)] if taken else [empty]
        left, rule = _minus(left, taken), rule or (empty.rule if taken else "")
    notes = (Note(_ADDED, {"change": change.id}), *_reason(change))
    added = Assigned(change.into, change.post, Why(rule, 0, notes, change.id))
    assigned = [*slot.assigned, *(_placed(slot, added, *part) for part in free)]
    return replace(slot, assigned=_joined(slot, assigned), missing=tuple(missing))


def _extra(held: Assigned) -> bool:
    """Whether the person was added above what the rotation wants, so that no place is empty without him."""
    return held.change is not None and not held.why.rule


def _substitute(held: Assigned, change: Change) -> Assigned:
    note = Note(_REPLACES[change.source], {"change": change.id, "login": change.out})
    why = Why(held.why.rule, held.why.turn, (note, *_reason(change)), change.id)
    flags = (Flag.STAND_IN,) if change.source is ChangeSource.LEAVE else ()
    return Assigned(change.into, change.post or held.post, why, flags)


def _reason(change: Change) -> tuple[Note, ...]:
    return (Note(_REASON, {"reason": change.reason}),) if change.reason else ()


def _pieces(slot: Slot, held: Assigned, spans: Sequence[tuple[int, int]], change: Change) -> list[Assigned]:
    """Return what is left of a place beside a change."""
    note = Note(_FOR_PART, {"change": change.id})
    kept = replace(held, why=replace(held.why, notes=(*held.why.notes, note)))
    return [_placed(slot, kept, begin, end) for begin, end in spans if begin < end]


def _placed(slot: Slot, place: Place, begin: int, end: int) -> Place:
    whole_from, whole_to = begin <= slot.starts_at, end >= slot.ends_at
    return replace(place, from_at=None if whole_from else begin, to_at=None if whole_to else end)


def _free(slot: Slot, login: str, first: int, last: int) -> list[tuple[int, int]]:
    """Return the stretches of `first`..`last` on which the person is not on this slot already."""
    return _minus([(first, last)], [slot.span(held) for held in slot.assigned if held.login == login])


def _common(spans: Iterable[tuple[int, int]], other: tuple[int, int]) -> list[tuple[int, int]]:
    both = ((max(begin, other[0]), min(end, other[1])) for begin, end in spans)
    return [(begin, end) for begin, end in both if begin < end]


def _minus(spans: Iterable[tuple[int, int]], taken: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    left = list(spans)
    for low, high in taken:
        cut = [piece for begin, end in left for piece in ((begin, min(end, low)), (max(begin, high), end))]
        left = [(begin, end) for begin, end in dict.fromkeys(cut) if begin < end]
    return sorted(left)


def _joined(slot: Slot, assigned: Sequence[Assigned]) -> tuple[Assigned, ...]:
    """Return the places with neighbouring pieces of the same person on the same post made one.

    A piece in somebody's place and one above what is wanted stay apart: only the first leaves a place empty behind it.
    """
    result: list[Assigned] = []
    for held in assigned:
        at = len(result)
        while touching := [place for place, other in enumerate(result) if _touch(slot, other, held)]:
            at = touching[0]
            other = result.pop(at)
            spans = slot.span(other), slot.span(held)
            kept = max(other, held, key=lambda each: each.change or 0)
            held = _placed(slot, kept, min(begin for begin, _ in spans), max(end for _, end in spans))
        result.insert(at, held)
    return tuple(result)


def _touch(slot: Slot, one: Assigned, other: Assigned) -> bool:
    (begin, end), (low, high) = slot.span(one), slot.span(other)
    same = (one.login, one.post, _extra(one)) == (other.login, other.post, _extra(other))
    return same and (begin == high or end == low)
